//! What a notice claims beyond its declarations: that nobody is identified, that nothing is set without
//! consent, which services it uses. The closed list of kinds is that of `crumbcheck/notice/1`.
//!
//! A page is read sentence by sentence. `frames.rs` says which classes of words stand in a sentence, in which
//! clause and under which negation (the words are data, `words.toml`); a kind of claim is a pattern over that
//! (`patterns.toml`). A sentence that leads to a list is read together with each of its items.

mod frames;
mod lexicon;
mod patterns;
mod providers;
mod relations;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;

use super::{
    category,
    headings::{COOKIE, SERVICE},
    names,
    page::{Block, Page, Paragraph},
    text::regex,
};
use crate::model::{Category, Claim, ClaimKind, Declaration};

use self::frames::Frame;

/// A piece of the page that can hold a claim.
struct Piece<'a> {
    text: &'a str,
    /// The heading over it.
    section: Option<&'a str>,
    heading: bool,
    /// The sentence that leads to the list of which it is an item.
    intro: Option<&'a str>,
}

impl Piece<'_> {
    /// The piece as a sentence, together with what leads to it.
    fn sentence(&self) -> String {
        static ADDRESS: LazyLock<Regex> = LazyLock::new(|| regex(r"\bhttps?://\S+"));
        let own = ADDRESS.replace_all(self.text, " ").replace(['’', '‘', '`'], "'");
        match self.intro {
            // Only what denies or limits governs its items.
            Some(intro) if GOVERNS.is_match(intro) => {
                let intro = intro.trim_end_matches([':', ' ', '-', '–', '…']);
                format!("{} {own}", intro.replace(['’', '‘', '`'], "'"))
            }
            _ => own,
        }
    }
}

/// Headings over explanations of what cookies are.
static WHAT_ARE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\W*(?:what (?:is|are) (?:a |an )?(?:\w+ )?cookies?\b|what(?:['’]s| is) a cookie|about cookies\W*$|beth yw [cg]wcis?)",
    )
});

/// "A banner is a message …": what something is in general.
static DEFINES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\W*an? (?:\w+[ -]){1,3}(?:is|are|means) (?:an?|any|some|small|tiny|simply|just)\b|^\W*an? (?:\w+[ -]){1,3}(?:explains|describes|tells|says) (?:what|how|you|people)\b|^\W*(?:third|first)[- ]party cookies\W+are\b|\bcookies are called\b",
    )
});

/// Denials and limits that hold for each item of the list that they lead to.
static GOVERNS: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(?:not|never|no|none|only|without|dim|ddim|nid|ni|yn unig)\b|n['’]t\b")
});

/// A line that gives a property of one cookie, as cells of tables do.
static PROPERTY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\W*(?:purpose|name|expir\w+|type|duration|provider|domain|host|description|lifetime|contains?|contents?|values?|cynnwys|gwerth|pwrpas|diben|enw|dod i ben|math|darparwr|table caption)s?\s*[:–-]",
    )
});

/// What the page claims, in its order, each claim once.
pub(super) fn read(page: &Page, declarations: &[Declaration]) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let mut said: BTreeSet<(ClaimKind, Vec<Category>, String)> = BTreeSet::new();
    let mut keep = |claims: &mut Vec<Claim>, claim: Claim| {
        // Each service has a page of its own to lead to.
        let led = Some(claim.quote.as_str()).filter(|_| claim.kind == ClaimKind::LinkOut);
        let service = led.and_then(|it| SERVICE.find(it)).map(|it| it.as_str());
        let provider = claim.provider.as_deref().or(service).unwrap_or_default().to_lowercase();
        if said.insert((claim.kind, claim.categories.clone(), provider)) {
            claims.push(claim);
        }
    };
    let named: BTreeSet<Category> = declarations.iter().filter_map(|it| it.category).collect();
    let own = providers::own_name(page);
    let details: BTreeSet<&str> = declarations
        .iter()
        .filter_map(|it| it.purpose.as_deref().map(|purpose| (it, purpose)))
        .filter(|(it, purpose)| !purpose.contains(it.as_written.as_str()))
        .map(|(_, purpose)| purpose)
        .collect();
    let links = page.links.iter().take(MOST_LINKS).map(|it| it.text.as_str());
    let controls: Vec<&str> = links.filter(|it| is_control(it)).collect();
    let mut pieces = pieces(page);
    // What one cookie is for is no claim about the site.
    pieces.retain(|it| it.heading || !details.contains(it.text));
    let mut next = 0;
    while let Some(piece) = pieces.get(next) {
        let at = next;
        next += 1;
        // What an introduction and all its items say of categories is one claim.
        let items = pieces[next..]
            .iter()
            .take_while(|it| it.intro == Some(piece.text))
            .map(|it| it.text)
            .collect::<Vec<_>>();
        if !items.is_empty()
            && let Some(claim) = of_list(piece, &items, &own)
        {
            keep(&mut claims, claim);
        }
        for claim in of_piece(piece, &own) {
            keep(&mut claims, claim);
        }
        // "You can <a>change your preferences</a>."
        if controls.iter().any(|it| piece.text.contains(it)) {
            let claim = Claim {
                kind: ClaimKind::ControlPresent,
                categories: Vec::new(),
                provider: None,
                quote: piece.text.to_owned(),
            };
            keep(&mut claims, claim);
        }
        // "Marketing cookies", and below: "We do not use any."
        let denied = piece.heading
            && pieces[at + 1..]
                .iter()
                .take_while(|it| !it.heading)
                .take(3)
                .any(|it| DENIES.is_match(it.text));
        for category in unnamed(piece, &named, &own).into_iter().filter(|_| !denied) {
            let claim = Claim {
                kind: ClaimKind::UsesCategory,
                categories: vec![category],
                provider: None,
                quote: piece.text.to_owned(),
            };
            keep(&mut claims, claim);
        }
    }
    claims
}

/// More links than these are not looked at for controls.
const MOST_LINKS: usize = 1_000;

/// Whether the text of a link is that of a button of the consent tool.
fn is_control(text: &str) -> bool {
    if text.len() > 80 {
        return false;
    }
    let frame = frames::read(text, &[]);
    frame.any("save_control") && !frame.any("browser") && !frame.any("browser_help")
}

/// The claim about categories that an introduction and its items make together.
fn of_list(intro: &Piece<'_>, items: &[&str], own: &str) -> Option<Claim> {
    let mut kinds = BTreeSet::new();
    let mut categories: Vec<Category> = Vec::new();
    for item in items {
        let piece = Piece { text: item, intro: Some(intro.text), ..*intro };
        let frame = frame(&piece, own);
        kinds.extend(
            patterns::kinds(&frame)
                .into_iter()
                .filter(|it| matches!(it, ClaimKind::NoCategory | ClaimKind::OnlyCategories)),
        );
        categories.extend(frame.categories.iter().map(|it| it.0));
    }
    let kind = kinds.into_iter().next()?;
    if kind == ClaimKind::NoCategory {
        categories.retain(|it| *it != Category::Essential);
    }
    categories.sort();
    categories.dedup();
    (!categories.is_empty()).then(|| Claim {
        kind,
        categories,
        provider: None,
        quote: intro.text.to_owned(),
    })
}

fn frame(piece: &Piece<'_>, own: &str) -> Frame {
    let sentence = piece.sentence();
    frames::read(&sentence, &providers::providers(&sentence, own))
}

/// What one sentence claims.
fn of_piece(piece: &Piece<'_>, own: &str) -> Vec<Claim> {
    let frame = frame(piece, own);
    let mut claims = Vec::new();
    // How cookies work in general, and what one cookie is for, is no claim about this site.
    let general = piece.section.is_some_and(|it| WHAT_ARE.is_match(it))
        && !frame.any("we")
        && (frame.any("cookie") || frame.any("these"));
    let states_nothing = ["explain", "doubted", "hypothetical"].iter().any(|it| frame.any(it))
        || frame.any("browser_help") && !frame.any("if_unchanged")
        || DEFINES.is_match(piece.text);
    if states_nothing || general || PROPERTY.is_match(piece.text) {
        return claims;
    }
    // "One cookie is set, namely x" is about all that there are.
    let before = [" sef ", " namely "].iter().filter_map(|it| piece.text.find(it)).min();
    let of_one = piece.text[..before.unwrap_or(piece.text.len())].split_whitespace().any(|it| {
        names::is_surely_a_name(it.trim_matches(|it: char| ",;:.()\"“”‘’'".contains(it)))
    });
    let claim = |kind, categories, provider| Claim {
        kind,
        categories,
        provider,
        quote: piece.text.to_owned(),
    };
    // The one that is named in most words: "Google offers an add-on for Google Analytics".
    let first = frame.providers.first().map(|(first, _)| {
        let longer = frame.providers.iter().find(|(it, _)| it.starts_with(&format!("{first} ")));
        longer.map_or(first, |it| &it.0).clone()
    });
    let mut kinds = patterns::kinds(&frame);
    // "They are placed only if you agree": those of the section, which may be of one category.
    let pronoun = frame.any("these") && !frame.any("cookie") && !frame.any("optional");
    if pronoun && frame.categories.is_empty() && !asked(piece, &frame).is_empty() {
        let waits = kinds.iter_mut().filter(|it| **it == ClaimKind::ConsentBeforeSet);
        waits.for_each(|it| *it = ClaimKind::ConsentRequired);
        kinds.dedup();
    }
    let partly = frame.any("not_all");
    let made = kinds
        .iter()
        .copied()
        .filter(|it| !of_one && allowed(*it, piece, &frame) && !(partly && is_of_all(*it)));
    for kind in made {
        let provider = if kind.has_provider() { first.clone() } else { None };
        match kind {
            ClaimKind::UsesCategory => (),
            ClaimKind::NoCategory | ClaimKind::OnlyCategories if piece.intro.is_some() => (),
            ClaimKind::ConsentRequired => {
                for category in asked(piece, &frame) {
                    claims.push(claim(kind, vec![category], None));
                }
            }
            _ if kind.has_categories() => {
                let categories = match kind {
                    ClaimKind::NoCategory => denied(&frame),
                    ClaimKind::BlockedOnRefusal => asked(piece, &frame),
                    // "only what it needs in order to work"
                    ClaimKind::OnlyCategories
                        if frame.categories.is_empty()
                            && (frame.any("needed_for") || frame.any("need")) =>
                    {
                        vec![Category::Essential]
                    }
                    _ => frame.categories.iter().map(|it| it.0).collect(),
                };
                if !categories.is_empty() {
                    claims.push(claim(kind, categories, None));
                }
            }
            ClaimKind::ServiceSetsNothing | ClaimKind::OptOutLink if provider.is_none() => {}
            // A capital alone makes no provider where the sentence is about somebody else.
            _ if kind.has_provider()
                && provider.as_deref().is_some_and(|it| !is_provider(it, piece.text)) => {}
            _ => claims.push(claim(kind, Vec::new(), provider)),
        }
    }
    if frame.uses_no_cookies() && piece.intro.is_none() {
        let all = vec![
            Category::Essential,
            Category::Functional,
            Category::Performance,
            Category::Marketing,
        ];
        claims.push(claim(ClaimKind::NoCategory, all, None));
    }
    // "They are placed only if you agree" is about the cookies that were named before.
    let first = piece.text.split([' ', '\'', '’']).next().unwrap_or_default().to_lowercase();
    if matches!(first.as_str(), "they" | "these" | "this" | "those" | "it" | "maent" | "byddant") {
        claims.retain(|it| it.kind != ClaimKind::ConsentBeforeSet);
    }
    // What asks about one category waits for nothing else.
    if claims.iter().any(|it| it.kind == ClaimKind::ConsentRequired) && !frame.any("optional") {
        claims.retain(|it| it.kind != ClaimKind::ConsentBeforeSet);
    }
    for service in services(piece, &frame, &kinds) {
        claims.push(claim(ClaimKind::NamedService, Vec::new(), Some(service)));
    }
    claims
}

/// Whether a piece of this sort can make a claim of a kind: a heading states little.
fn allowed(kind: ClaimKind, piece: &Piece<'_>, frame: &Frame) -> bool {
    let quiet = matches!(kind, ClaimKind::ReviewDate | ClaimKind::Bilingual)
        || kind == ClaimKind::ControlPresent
            && ["save_control", "use_control", "label_settings"].iter().any(|it| frame.any(it))
        || kind == ClaimKind::EssentialWithoutConsent && frame.any("always_on")
        || kind == ClaimKind::ConsentRequired && frame.question
        || kind == ClaimKind::Exhaustive && frame.any("whole");
    !piece.heading || quiet || frame.words >= 5 && piece.text.ends_with(['.', ':'])
}

/// Whether a name is one of a service that we know, or what the sentence begins with, or whom it lets do something.
fn is_provider(name: &str, text: &str) -> bool {
    const BEFORE: &[&str] = &[
        "let ", "allow ", "i ", "allan o ", "out of ", "gan ", "chaiff ", "gall ", "mae ", "yw ",
        "by ", "and ", "or ", "with ", "to ", "visit ", "at ", "see ", "from ", "o ", "gyda ",
        "using ", "use ", "of ", "your ", "stops ", "for ",
    ];
    let lower = text.to_lowercase();
    let after = |it: &&str| lower.contains(&format!("{it}{}", name.to_lowercase()));
    SERVICE.is_match(name)
        || providers::is_owner(name)
        || text.trim_start_matches(|it: char| !it.is_alphanumeric()).starts_with(name)
        || BEFORE.iter().any(after)
}

/// Whether a claim of this kind is about all cookies, so that "not all of them" is its opposite.
fn is_of_all(kind: ClaimKind) -> bool {
    matches!(
        kind,
        ClaimKind::NoCategory
            | ClaimKind::OnlyCategories
            | ClaimKind::AllSession
            | ClaimKind::Exhaustive
            | ClaimKind::FirstPartyOnly
            | ClaimKind::SecureTransport
            | ClaimKind::NotIdentifying
            | ClaimKind::NoPersonalData
            | ClaimKind::RandomValue
            | ClaimKind::EssentialWithoutConsent
            | ClaimKind::ConsentBeforeSet
    )
}

/// The categories that a sentence says are not set. Essential ones are only named beside them.
fn denied(frame: &Frame) -> Vec<Category> {
    let negated = frame.categories.iter().filter(|it| frame.category_negated(it.1));
    negated.map(|it| it.0).filter(|it| *it != Category::Essential).collect()
}

/// The categories that a sentence makes depend on a choice; those of its heading if it names none.
fn asked(piece: &Piece<'_>, frame: &Frame) -> Vec<Category> {
    let own: Vec<Category> = frame.categories.iter().map(|it| it.0).collect();
    // Nobody is asked about the essential ones, whatever else the sentence speaks of.
    let others: Vec<Category> =
        own.iter().copied().filter(|it| *it != Category::Essential).collect();
    if !own.is_empty() {
        return others;
    }
    if frame.providers.iter().any(|it| counts(&it.0)) {
        return vec![Category::Performance];
    }
    // "We set them only if you agree."
    let pronoun = frame.any("these") || frame.question;
    let section = piece
        .section
        .filter(|_| pronoun)
        .and_then(|it| category::named(it).or_else(|| category::inferred(it)));
    section.filter(|it| *it != Category::Essential).into_iter().collect()
}

/// Whether a service counts visits, by what it is called.
fn counts(provider: &str) -> bool {
    category::named(provider) == Some(Category::Performance)
        || ["hotjar", "matomo", "clarity", "siteimprove", "plausible", "fathom"]
            .iter()
            .any(|it| provider.to_lowercase().contains(it))
}

/// The services that a sentence says the site uses.
fn services(piece: &Piece<'_>, frame: &Frame, kinds: &[ClaimKind]) -> Vec<String> {
    let other = [
        ClaimKind::ReviewDate,
        ClaimKind::OptOutLink,
        ClaimKind::LinkOut,
        ClaimKind::ProviderDoesNotShare,
        ClaimKind::ProviderMayShare,
        ClaimKind::ServiceSetsNothing,
        ClaimKind::ThirdPartySetsMore,
    ];
    // "We use Fathom, and it stores nothing": it is used all the same.
    let used = frame.any("we_use") || frame.providers.iter().any(|it| frame.is_introduced(it.1));
    let made =
        |it: &ClaimKind| other.contains(it) && !(*it == ClaimKind::ServiceSetsNothing && used);
    let shown = frame.any("embed") && !kinds.contains(&ClaimKind::LinkOut);
    // "Hotjar has been removed from this website."
    let gone = frame.any("past");
    if piece.heading || gone || frame.question || !shown && kinds.iter().any(made) {
        return Vec::new();
    }
    if let Some(described) = providers::described(piece.text) {
        return vec![described];
    }
    let served = frame.providers.iter().filter(|(name, at)| {
        let known = SERVICE.is_match(name);
        !frame.category_negated(*at) && (frame.is_introduced(*at) || known && frame.is_used(*at))
    });
    // "Google's reCAPTCHA" is one service.
    let owner = |at: usize| frame.providers.iter().any(|it| it.1 > at && it.1 - at <= 2);
    let known = |name: &str| SERVICE.is_match(name);
    served.filter(|it| known(&it.0) || !owner(it.1)).map(|it| it.0.clone()).collect()
}

/// A sentence that takes back what the heading over it seems to say.
static DENIES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:do|does|are|is)(?: not|n't|n’t)\b[^.]{0,30}\b(?:use|using|set|any)\b|\bno (?:such )?cookies|\b(?:nid|ni)\b[^.]{0,30}defnyddio|\bdim cwcis",
    )
});

/// Categories that the site says it uses cookies of and declares none of.
fn unnamed(piece: &Piece<'_>, named: &BTreeSet<Category>, own: &str) -> Vec<Category> {
    static USES: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)\b(?:we|(?:web)?site|service|cookies we) (?:also )?(?:use|uses|store|set|place)\b|^\W*(?:\w+ ){0,3}cookies(?: that| which|\W*$)|^\W*[cg]wcis\b|\b(?:rhai|ambell|ein) (?:o['’]n )?[cg]h?wcis?\b|[cg]wcis\b[^.]{0,40}\byn cael eu (?:defnyddio|gosod|storio|rhoi)|\b(?:rydym yn defnyddio|defnyddiwn|defnyddir)\b|\bcookies are (?:also )?(?:used|placed|set)\b|\b(?:some|certain|other|these|our)\b[^.]{0,20}\bcookies? (?:also )?(?:tells?|lets?|allows?|helps?|enables?|shows?|remembers?|measures?|counts?|tracks?|records?)\b",
        )
    });
    static NOT: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)\b(?:not|never|neither|nor|none|no|without|nid|ni|ddim|dim|heb|ask|whether|only|sole|yn unig|unless|before)\b|n['’]t\b|\?",
        )
    });
    let frame = frame(piece, own);
    let says = USES.is_match(piece.text)
        || is_item_of_uses(piece)
        || !piece.heading && patterns::kinds(&frame).contains(&ClaimKind::UsesCategory);
    let states_nothing = [
        "explain",
        "doubted",
        "hypothetical",
        "past",
        "generally",
        "if_agreed",
        "if_refused",
        "how_to",
    ]
    .iter()
    .any(|it| frame.any(it))
        || DEFINES.is_match(piece.text);
    if !says || states_nothing && !piece.heading || NOT.is_match(piece.text) {
        return Vec::new();
    }
    let mut categories = if piece.heading {
        category::named(piece.text).into_iter().collect()
    } else {
        category::all_named(piece.text)
    };
    // What it names goes before what the verbs suggest.
    if categories.is_empty() && !piece.heading {
        let item = is_item_of_uses(piece);
        categories.extend(
            purpose(piece.text).or_else(|| category::inferred(piece.text).filter(|_| item)),
        );
    }
    categories.retain(|it| !named.contains(it));
    categories
}

/// Whether an item says what cookies are used for: "We use cookies for these purposes:" leads to it, or it begins with
/// what a category is called ("Marketing: …") under words about cookies.
fn is_item_of_uses(piece: &Piece<'_>) -> bool {
    static LEADS: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)\b(?:we|(?:web)?site|service)\b[^.]{0,30}\buses? (?:\w+ ){0,2}cookies?\b[^.]{0,60}:\s*$|\bcookies are used (?:to|for)\b[^.]{0,40}:\s*$|\b(?:rydym yn defnyddio|defnyddiwn|defnyddir) [cg]wcis\b[^.]{0,60}:\s*$",
        )
    });
    let Some(intro) = piece.intro else { return false };
    if GOVERNS.is_match(intro) {
        return false;
    }
    let label = piece.text.split_once(':').map(|it| it.0).filter(|it| it.split(' ').count() <= 4);
    let labelled = label.is_some_and(|it| category::named(it).is_some());
    LEADS.is_match(intro) || labelled && COOKIE.is_match(intro)
}

/// The category of what a sentence says cookies are used for.
fn purpose(text: &str) -> Option<Category> {
    // "Session cookies" says how long they last.
    let text = text.replace("session and persistent", "").replace("session cookies", "cookies");
    let text = text.as_str();
    COOKIE.is_match(text).then(|| category::inferred_with(text, "", None)).flatten()
}

/// The sentences, headings, list items and labels of a page; tables hold none.
fn pieces(page: &Page) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut section = None;
    // The sentence that leads to the items that follow.
    let mut intro: Option<&str> = None;
    for block in &page.blocks {
        match block {
            Block::Heading { text, .. } => {
                pieces.push(Piece { text, section, heading: true, intro: None });
                section = Some(text.as_str());
                intro = None;
            }
            Block::Text(it @ Paragraph { text, .. }) => {
                let led = if it.is_item() { intro } else { None };
                let sentences = sentences(text);
                let of = |text| Piece { text, section, heading: false, intro: led };
                pieces.extend(sentences.iter().copied().map(of));
                if !it.is_item() {
                    intro = sentences.last().copied().filter(|it| it.ends_with(':'));
                }
            }
            Block::Table(_) | Block::FormEnd => intro = None,
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
