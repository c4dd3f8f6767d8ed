//! What a notice claims beyond its declarations: that nobody is identified, that nothing is set without
//! consent, whom it uses. The closed list of kinds is that of `crumbcheck/notice/1`.
//!
//! The wordings are data, one file for each language; this reads a page sentence by sentence and says
//! each claim once.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::{
    category,
    headings::SERVICE,
    page::{Block, Page, Paragraph},
    text::regex,
};
use crate::model::{Category, Claim, ClaimKind, Declaration};

/// Names of providers are told by their capital letters; everything else may be written anyhow.
const NAME: &str = r"(?-i:[A-Z][\w.]*(?: (?:[A-Z][\w.]*|of))*)";

/// The wordings, by language.
const FILES: &[(&str, &str)] =
    &[("en", include_str!("claims/en.toml")), ("cy", include_str!("claims/cy.toml"))];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    claim: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    kind: ClaimKind,
    any: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
}

struct Rule {
    kind: ClaimKind,
    any: Vec<Regex>,
    unless: Vec<Regex>,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    #[allow(clippy::expect_used, reason = "the files are embedded and read by a test")]
    FILES
        .iter()
        .flat_map(|(_, text)| parse(text).expect("the embedded wordings are valid"))
        .collect()
});

fn parse(text: &str) -> Result<Vec<Rule>, String> {
    let service = SERVICE.as_str().trim_start_matches("(?i)").replace(r"\b", "");
    let compile = |pattern: &String| {
        let pattern = pattern.replace("SERVICE", &service).replace("NAME", NAME);
        let pattern = pattern.replace(r"\w", super::text::LETTER);
        RegexBuilder::new(&pattern)
            .case_insensitive(true)
            .build()
            .map_err(|error| error.to_string())
    };
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    file.claim
        .iter()
        .map(|raw| {
            Ok(Rule {
                kind: raw.kind,
                any: raw.any.iter().map(compile).collect::<Result<_, _>>()?,
                unless: raw.unless.iter().map(compile).collect::<Result<_, _>>()?,
            })
        })
        .collect()
}

/// A piece of the page that can hold a claim, and the heading over it.
struct Piece<'a> {
    text: &'a str,
    section: Option<&'a str>,
    heading: bool,
}

/// What the page claims, in its order, each claim once.
pub(super) fn read(page: &Page, declarations: &[Declaration]) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let mut said: BTreeSet<(ClaimKind, Vec<Category>, String)> = BTreeSet::new();
    let mut keep = |claim: Claim| {
        let provider = claim.provider.as_deref().unwrap_or_default().to_lowercase();
        if said.insert((claim.kind, claim.categories.clone(), provider)) {
            claims.push(claim);
        }
    };
    let named: BTreeSet<Category> = declarations.iter().filter_map(|it| it.category).collect();
    let pieces = pieces(page);
    for (at, piece) in pieces.iter().enumerate() {
        // Wordings are written with the plain apostrophe.
        let plain = piece.text.replace(['’', '‘', '`'], "'");
        for rule in RULES.iter() {
            let found = rule.any.iter().find_map(|it| it.captures(&plain));
            let Some(found) = found else { continue };
            if rule.unless.iter().any(|it| it.is_match(&plain)) {
                continue;
            }
            let provider = rule
                .kind
                .has_provider()
                .then(|| provider(found.name("who").map(|it| it.as_str()), &plain))
                .flatten();
            if rule.kind == ClaimKind::NamedService && provider.is_none() {
                continue;
            }
            let claim = |categories: Vec<Category>| Claim {
                kind: rule.kind,
                categories,
                provider: provider.clone(),
                quote: piece.text.to_owned(),
            };
            if rule.kind == ClaimKind::NamedService {
                // A sentence may name several.
                let named = SERVICE.find_iter(&plain).map(|it| it.as_str().to_owned());
                let mut services: Vec<String> = provider.iter().cloned().collect();
                for service in named {
                    let known = |it: &String| {
                        let (it, service) = (it.to_lowercase(), service.to_lowercase());
                        it.contains(&service) || service.contains(&it)
                    };
                    if !services.iter().any(known) {
                        services.push(service);
                    }
                }
                for service in services {
                    keep(Claim { provider: Some(service), ..claim(Vec::new()) });
                }
                continue;
            }
            if !rule.kind.has_categories() {
                keep(claim(Vec::new()));
                continue;
            }
            let categories = categories(rule.kind, piece);
            match rule.kind {
                _ if categories.is_empty() => (),
                // One claim for each.
                ClaimKind::ConsentRequired => {
                    for category in categories {
                        keep(claim(vec![category]));
                    }
                }
                _ => keep(claim(categories)),
            }
        }
        // "Marketing cookies", and below: "We do not use any."
        let denied = piece.heading
            && pieces[at + 1..]
                .iter()
                .take_while(|it| !it.heading)
                .take(3)
                .any(|it| DENIES.is_match(it.text));
        for category in unnamed(piece, &named).into_iter().filter(|_| !denied) {
            keep(Claim {
                kind: ClaimKind::UsesCategory,
                categories: vec![category],
                provider: None,
                quote: piece.text.to_owned(),
            });
        }
    }
    claims
}

/// A sentence that takes back what the heading over it seems to say.
static DENIES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:do|does|are|is)(?: not|n't|n’t)\b[^.]{0,30}\b(?:use|using|set|any)\b|\bno (?:such )?cookies|\b(?:nid|ni)\b[^.]{0,30}defnyddio|\bdim cwcis",
    )
});

/// Categories that the site says it uses cookies of and declares none of.
fn unnamed(piece: &Piece<'_>, named: &BTreeSet<Category>) -> Vec<Category> {
    static USES: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)\b(?:we|(?:web)?site|service|cookies we) (?:also )?(?:use|uses|store|set|place)\b|^\W*(?:\w+ ){0,3}cookies(?: that| which|\W*$)|^\W*[cg]wcis\b|\brydym yn defnyddio\b",
        )
    });
    static NOT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bnot\b|n't\b|\bnid\b|\bddim\b|\?"));
    if !USES.is_match(piece.text) || NOT.is_match(piece.text) {
        return Vec::new();
    }
    let mut categories = if piece.heading {
        category::named(piece.text).into_iter().collect()
    } else {
        category::all_named(piece.text)
    };
    if categories.is_empty() && !piece.heading {
        categories.extend(purpose(piece.text));
    }
    categories.retain(|it| !named.contains(it));
    categories
}

/// The category of what a sentence says cookies are used for.
fn purpose(text: &str) -> Option<Category> {
    text.to_lowercase()
        .contains("cookie")
        .then(|| category::inferred_with(text, "", None))
        .flatten()
}

/// The categories that a sentence speaks of; for a question, those that its heading names too.
fn categories(kind: ClaimKind, piece: &Piece<'_>) -> Vec<Category> {
    if matches!(kind, ClaimKind::NoCategory | ClaimKind::OnlyCategories) {
        return category::all_named(piece.text);
    }
    let own = category::all_named(piece.text);
    if !own.is_empty() {
        // Nobody is asked about the essential ones, whatever else the sentence speaks of.
        let others: Vec<Category> =
            own.iter().copied().filter(|it| *it != Category::Essential).collect();
        return if others.is_empty() { own } else { others };
    }
    let service = SERVICE.is_match(piece.text).then_some(Category::Performance);
    let section = piece.section.and_then(category::named);
    section.or(service).or_else(|| purpose(piece.text)).into_iter().collect()
}

/// Who is meant: a name with a capital letter, or a known service in the sentence.
fn provider(who: Option<&str>, text: &str) -> Option<String> {
    /// Words that begin with a capital and name nobody.
    const NOBODY: &[&str] = &[
        "we",
        "they",
        "it",
        "this",
        "these",
        "the",
        "our",
        "you",
        "your",
        "some",
        "other",
        "others",
        "cookies",
        "cookie",
        "anyone",
        "anybody",
        "if",
        "by",
        "for",
        "javascript",
        "statistic",
        "statistics",
        "necessary",
        "essential",
        "marketing",
        "preference",
        "analytics",
        "functional",
        "performance",
        "session",
        "all",
        "every",
        "no",
        "none",
        "to",
        "and",
        "a",
    ];
    let who = who.map(str::trim).filter(|who| {
        let first = who.split(' ').next().unwrap_or_default();
        first.starts_with(char::is_uppercase) && !NOBODY.contains(&first.to_lowercase().as_str())
    });
    match who {
        Some(who) => Some(who.trim_end_matches(['.', ',', '’', '\'']).to_owned()),
        None => SERVICE.find(text).map(|it| it.as_str().to_owned()),
    }
}

/// The sentences, headings, list items and labels of a page; tables hold none.
fn pieces(page: &Page) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut section = None;
    for block in &page.blocks {
        match block {
            Block::Heading { text, .. } => {
                pieces.push(Piece { text, section, heading: true });
                section = Some(text.as_str());
            }
            Block::Text(Paragraph { text, .. }) => {
                let of = |text| Piece { text, section, heading: false };
                pieces.extend(sentences(text).into_iter().map(of));
            }
            Block::Table(_) | Block::FormEnd => (),
        }
    }
    pieces
}

/// Splits a text where a sentence ends.
fn sentences(text: &str) -> Vec<&str> {
    static END: LazyLock<Regex> = LazyLock::new(|| regex(r#"[.!?]["”’)]?\s+(?:[A-Z“"(’]|$)"#));
    let mut sentences = Vec::new();
    let mut start = 0;
    for end in END.find_iter(text) {
        let head = &text[start..=end.start()];
        // An abbreviation ends nothing.
        if head.ends_with("e.g.") || head.ends_with("i.e.") || head.ends_with("etc.") {
            continue;
        }
        sentences.push(head.trim());
        start = end.start() + 1;
    }
    sentences.push(text[start..].trim());
    sentences.retain(|it| it.len() > 3 && it.len() < 600);
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::html;

    #[test]
    fn a_kind_that_does_not_exist_is_an_error() {
        assert!(parse("[[claim]]\nkind = \"no-such-kind\"\nany = [\"x\"]").is_err());
    }

    #[test]
    fn every_file_parses() {
        for (language, text) in FILES {
            assert!(parse(text).is_ok(), "{language}: {:?}", parse(text).err());
        }
    }

    fn claims(html: &str) -> Vec<Claim> {
        read(&html::read(html), &[])
    }

    /// Kinds with their categories and provider, as one line.
    fn told(html: &str) -> Vec<String> {
        claims(html)
            .into_iter()
            .map(|it| {
                let categories: Vec<&str> = it.categories.iter().map(|it| it.name()).collect();
                let mut line = format!("{} {}", it.kind, categories.join(","));
                if let Some(provider) = &it.provider {
                    line = format!("{} by {provider}", line.trim_end());
                }
                line.trim_end().to_owned()
            })
            .collect()
    }

    #[test]
    fn sentences_make_claims() {
        let mut wrong = Vec::new();
        for (sentence, claim) in [
            ("We do not collect any personal information.", "no-personal-data"),
            ("No personal data is held in them.", "no-personal-data"),
            ("They can’t be used to identify you.", "not-identifying"),
            ("All figures are anonymous.", "not-identifying"),
            (
                "We don’t let Google use or share our figures or data.",
                "provider-does-not-share by Google",
            ),
            ("Google may share this information.", "provider-may-share by Google"),
            (
                "We never pass it on, and do not share it with third parties.",
                "no-third-party-disclosure",
            ),
            ("Plausible does not use cookies.", "service-sets-nothing by Plausible"),
            (
                "Videos from YouTube may set cookies of their own.",
                "third-party-sets-more by YouTube",
            ),
            ("We use Matomo to count visits.", "named-service by Matomo"),
            ("We use the Hotjar service to see what is hard to find.", "named-service by Hotjar"),
            ("You can opt out of Google Analytics.", "opt-out-link by Google Analytics"),
            ("The table below lists the cookies we set.", "exhaustive"),
            ("The cookies on this site may include:", "non-exhaustive"),
            ("We use two types of cookie.", "count"),
            ("We do not need your consent for these.", "essential-without-consent"),
            ("They are always on.", "essential-without-consent"),
            ("By using this site you agree to our cookies.", "implied-consent"),
            ("You will see a banner before we set any cookie.", "consent-before-set"),
            ("Can we use analytics cookies?", "consent-required performance"),
            ("If you refuse, marketing cookies are blocked.", "blocked-on-refusal marketing"),
            ("All of them expire when you close your browser.", "all-session"),
            ("IP addresses are anonymised first.", "ip-masked"),
            ("It holds a randomly generated number.", "random-value"),
            ("Your answer is passed on through Consent Mode.", "consent-mode"),
            ("You can change your mind at any time.", "withdrawal-possible"),
            ("You can choose which cookies we may set.", "refusal-possible"),
            ("Last updated: 3 May 2026", "review-date"),
            ("This notice is also available in Welsh.", "bilingual"),
            ("If you take the survey, we set a cookie so as not to ask again.", "conditional-set"),
            ("We only use essential cookies.", "only-categories essential"),
            ("We do not use marketing cookies.", "no-category marketing"),
            ("Nid ydym yn casglu eich gwybodaeth bersonol.", "no-personal-data"),
            ("Ni ellir eu defnyddio i'ch adnabod.", "not-identifying"),
            (
                "Rydym yn defnyddio Google Analytics i gyfrif ymweliadau.",
                "named-service by Google Analytics",
            ),
            ("Nid ydym yn caniatáu i Google rannu'r data.", "provider-does-not-share by Google"),
            ("Drwy ddefnyddio'r wefan hon rydych yn cytuno.", "implied-consent"),
            ("Byddwch yn gweld neges cyn i ni osod cwci.", "consent-before-set"),
            ("Gallwch newid eich meddwl unrhyw bryd.", "withdrawal-possible"),
        ] {
            let found = told(&format!("<p>{sentence}</p>"));
            if !found.iter().any(|it| it == claim) {
                wrong.push(format!("{sentence}: {claim} is not in {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_no_claim_makes_none() {
        for sentence in [
            "Cookies are small files that sites put on your device.",
            "You can find out how to delete cookies in the help of your browser.",
            "We take your privacy seriously.",
            "Call us on any day of the week.",
        ] {
            assert_eq!(told(&format!("<p>{sentence}</p>")), Vec::<String>::new(), "{sentence}");
        }
    }

    #[test]
    fn a_claim_is_said_once_and_quotes_its_own_sentence() {
        let page = "<p>Hello. We do not use marketing cookies. Thank you.</p><p>We don't use marketing cookies.</p>";
        let found = claims(page);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].quote, "We do not use marketing cookies.");
    }

    #[test]
    fn buttons_and_labels_are_controls() {
        assert_eq!(told("<div><button>Save cookie settings</button></div>"), ["control-present"]);
    }

    #[test]
    fn a_category_that_is_named_and_declares_nothing_is_used() {
        assert_eq!(
            told("<h2>Cookies that measure website use</h2><p>Hello.</p>"),
            ["uses-category performance"]
        );
    }
}
