//! What a notice says against itself.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;

use crate::{
    audit::{phrases, undeclared},
    model::{Category, CategoryBasis, Claim, ClaimKind, Declaration, Evidence, Notice},
};

/// A sentence of the notice that says personal data are collected.
fn collects_personal_data(text: &str, quote: &str) -> Option<String> {
    #[allow(clippy::expect_used, reason = "the pattern is a constant, and a test uses it")]
    static COLLECTS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\b(?:collect|gather|record|log|stor|casglu|gasglu|cofnodi)\w*\b[^.?!]{0,200}\b(?:your ip address|ip addresses|your e-?mail|your name|your location|your postcode|your telephone|your phone|cyfeiriad ip|eich enw|eich e-?bost)",
        )
        .expect("a pattern of our own")
    });
    let negated = ["not ", "n't ", "never ", "no ", "nid ", "ddim "];
    COLLECTS.find_iter(text).find_map(|found| {
        let from = text[..found.start()].rfind(['.', '?', '!']).map_or(0, |at| at + 1);
        let to =
            text[found.end()..].find(['.', '?', '!']).map_or(text.len(), |at| found.end() + at);
        let sentence = text[from..to].trim();
        let before = text[from..found.start()].to_lowercase();
        let denies = negated.iter().any(|it| before.contains(it));
        // What a form or a server keeps is not what cookies hold.
        let beside = about_cookies(quote) && !about_cookies(sentence);
        (!denies && !beside && !quote.contains(sentence) && !sentence.contains(quote))
            .then(|| sentence.to_owned())
    })
}

fn about_cookies(text: &str) -> bool {
    let text = text.to_lowercase();
    ["cookie", "cwci", "briwsion"].iter().any(|it| text.contains(it))
}

/// How many kinds, or how many cookies, the notice goes on to describe, if that is more than it says.
fn outnumbers(evidence: &Evidence, notice: &Notice, quote: &str) -> Option<String> {
    const NUMBERS: &[(&str, usize)] = &[
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("un", 1),
        ("dau", 2),
        ("ddau", 2),
        ("dwy", 2),
        ("tri", 3),
        ("thri", 3),
        ("pedwar", 4),
        ("pum", 5),
    ];
    let text = quote.to_lowercase();
    let words: Vec<&str> = text.split(|it: char| !it.is_alphanumeric()).collect();
    // Kinds by how long they last, or by who sets them, are counted otherwise than kinds by purpose.
    let other = ["session", "persistent", "permanent", "temporary", "first", "third", "sesiwn"];
    // Those of one purpose or provider are not all of them.
    let part = ["for", "by", "from", "with", "to", "of these", "each", "gan", "ar gyfer"];
    if words.iter().any(|it| other.contains(it) || part.contains(it)) {
        return None;
    }
    let number = words.iter().find_map(|word| {
        NUMBERS.iter().find(|(name, _)| name == word).map(|it| it.1).or_else(|| word.parse().ok())
    })?;
    let kinds = ["type", "types", "kind", "kinds", "sort", "sorts", "categories", "fath", "math"];
    if words.iter().any(|it| kinds.contains(it)) {
        let mut kinds_named: Vec<Category> = Vec::new();
        for category in cookie_rows(evidence, notice).into_iter().filter_map(stated) {
            if !kinds_named.contains(&category) {
                kinds_named.push(category);
            }
        }
        let names: Vec<String> = kinds_named.iter().map(ToString::to_string).collect();
        return (kinds_named.len() > number).then(|| {
            format!("it declares cookies of {} kinds: {}", kinds_named.len(), names.join(", "))
        });
    }
    let rows = cookie_rows(evidence, notice);
    // One that is described twice is one.
    let declared = rows.iter().map(|it| &it.as_written).collect::<BTreeSet<_>>().len();
    (declared > number && words.iter().any(|it| it.starts_with("cookie")))
        .then(|| format!("it declares {declared} cookies"))
}

/// The declarations of cookies: what the notice says is kept in another place, or what was seen in another place alone, is
/// none.
fn cookie_rows<'a>(evidence: &Evidence, notice: &'a Notice) -> Vec<&'a Declaration> {
    let (mut cookies, mut items) = (BTreeSet::new(), BTreeSet::new());
    // What is missing can only leave a row among the cookies.
    let _ = evidence.everywhere(|seen| {
        cookies.extend(seen.cookies_and_attempts().map(|(it, _)| it.key.name.clone()));
        items.extend(seen.storage_and_probes().map(|(it, _)| it.key.key.clone()));
    });
    let labels = undeclared::labels(notice);
    let covers_one =
        |row: &Declaration, names: &BTreeSet<String>| names.iter().any(|name| row.covers(name));
    let rows = notice.declarations.iter();
    rows.filter(|row| {
        !labels.contains(row.as_written.as_str())
            && !names_storage(row)
            && (covers_one(row, &cookies) || !covers_one(row, &items))
    })
    .collect()
}

/// Whether a row says that the thing is kept in the browser's storage.
fn names_storage(row: &Declaration) -> bool {
    const PLACES: &[&str] = &[
        "local storage",
        "localstorage",
        "session storage",
        "sessionstorage",
        "web storage",
        "browser storage",
        "html5 storage",
        "html storage",
        "indexeddb",
        "indexed db",
        "cache storage",
        "storfa leol",
        "storio lleol",
        "storfa'r sesiwn",
        "storfa'r porwr",
    ];
    let cells = [
        Some(&row.as_written),
        row.purpose.as_ref(),
        row.section.as_ref(),
        row.lifetime.as_written.as_ref(),
        row.provider.as_ref(),
    ];
    let says = |cell: &String| {
        let text = cell.to_lowercase().replace('\u{2019}', "'").replace(['_', '-'], " ");
        // "Cookies and local storage" heads both.
        !about_cookies(&text) && PLACES.iter().any(|place| text.contains(place))
    };
    cells.into_iter().flatten().any(says)
}

/// Whether two quotes are two sentences, and not one that was read twice.
fn is_another(one: &str, other: &str) -> bool {
    !one.contains(other) && !other.contains(one)
}

/// The category that a row states. One that we read out of its purpose contradicts nobody.
fn stated(declaration: &Declaration) -> Option<Category> {
    let is_stated = declaration.category_basis == Some(CategoryBasis::Stated);
    declaration.category.filter(|it| is_stated && *it != Category::Unknown)
}

/// Words of the notice that say the opposite of a claim, if there are any.
pub(in crate::audit) fn contradiction(
    evidence: &Evidence,
    notice: &Notice,
    claim: &Claim,
) -> Option<String> {
    let same_provider = |other: &Claim| match (&claim.provider, &other.provider) {
        (Some(one), Some(two)) => {
            let (one, two) = (one.to_lowercase(), two.to_lowercase());
            one.contains(&two) || two.contains(&one)
        }
        _ => false,
    };
    let says = |kind: ClaimKind, fits: &dyn Fn(&Claim) -> bool| {
        notice.claims.iter().find(|it| it.kind == kind && fits(it)).map(|it| it.quote.clone())
    };
    match claim.kind {
        ClaimKind::NoCategory => says(ClaimKind::UsesCategory, &|it| {
            is_another(&it.quote, &claim.quote)
                && it.categories.iter().any(|category| claim.categories.contains(category))
        })
        .or_else(|| {
            let fits = |category: Category| claim.categories.contains(&category);
            let declared = notice.declarations.iter().find(|it| stated(it).is_some_and(fits))?;
            Some(phrases::row(declared).to_string())
        }),
        ClaimKind::ProviderDoesNotShare => says(ClaimKind::ProviderMayShare, &|it| {
            is_another(&it.quote, &claim.quote) && same_provider(it)
        }),
        ClaimKind::Exhaustive => {
            says(ClaimKind::NonExhaustive, &|it| is_another(&it.quote, &claim.quote))
        }
        ClaimKind::Count => outnumbers(evidence, notice, &claim.quote),
        ClaimKind::NoPersonalData => collects_personal_data(&notice.text, &claim.quote),
        ClaimKind::ServiceSetsNothing => {
            let provider = claim.provider.as_deref()?.to_lowercase();
            let declared = notice.declarations.iter().find(|it| {
                let set_by = it.provider.as_ref().map(|text| text.to_lowercase());
                let under = it.section.as_ref().map(|text| text.to_lowercase());
                // A heading that names others too says nothing of one of them.
                set_by.is_some_and(|text| text.contains(&provider))
                    || under.is_some_and(|text| {
                        text.trim().trim_end_matches("cookies").trim() == provider
                    })
            })?;
            Some(phrases::row(declared).to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::testing::{notice, parse};

    #[test]
    fn a_count_that_the_rows_outdo() {
        let evidence = parse("none").0;
        let notice = notice(
            "declare a1 category=essential\ndeclare b1 category=performance\ndeclare c1 category=marketing",
        );
        for (quote, found) in [
            ("We use two types of cookie.", true),
            ("We use three types of cookie.", false),
            ("We use 2 cookies.", true),
            ("We use three cookies.", false),
            ("There are two types of cookies: session and persistent.", false),
            ("We use cookies.", false),
            ("We use two cookies for statistics.", false),
            ("Two cookies are set by Google.", false),
            ("Rydym yn defnyddio dau gwci.", false),
            ("We use one type of cookie.", true),
            ("We use 3 kinds of cookie.", false),
        ] {
            assert_eq!(outnumbers(&evidence, &notice, quote).is_some(), found, "{quote}");
        }
    }

    #[test]
    fn only_rows_of_cookies_are_counted() {
        let one = "This website sets one cookie.";
        for (rows, seen, found) in [
            ("declare sid\n declare theme", "none", true),
            (
                "declare sid\n declare theme purpose=Local_storage,_only_if_you_choose_a_theme",
                "none",
                false,
            ),
            ("declare sid\n declare theme section=Session_storage", "none", false),
            ("declare sid\n declare theme life=session", "none", true),
            ("declare sid\n declare theme section=Cookies_and_local_storage", "none", true),
            // What the browser keeps elsewhere is no cookie either, whatever the row says.
            (
                "declare sid\n declare theme",
                "none\n local:theme https://shop.test functional",
                false,
            ),
            (
                "declare sid\n declare theme",
                "none\n local:theme https://shop.test functional\n theme shop.test functional",
                true,
            ),
            // The same cookie in two lists is one, and the label of a field is none.
            ("declare sid\n declare sid purpose=Keeps_you_signed_in", "none", false),
            ("declare sid\n declare Expiry\n declare Expiry\n declare Expiry", "none", false),
        ] {
            let evidence = parse(seen).0;
            let said = outnumbers(&evidence, &notice(rows), one);
            assert_eq!(said.is_some(), found, "{rows} {seen}");
        }
        // Nor is the category of what is no cookie a kind of cookie.
        let rows =
            "declare sid category=essential\ndeclare seen category=marketing purpose=Local_storage";
        let evidence = parse("none").0;
        assert_eq!(outnumbers(&evidence, &notice(rows), "We use one type of cookie."), None);
    }

    #[test]
    fn personal_data_that_are_collected_after_all() {
        let claim = "We do not collect any personal data";
        for (text, found) in [
            ("We use cookies to collect things such as your browser and your IP address.", true),
            ("We never collect your IP address or your name.", false),
            ("We tell you how to hide your IP address.", false),
            ("Rydym yn casglu gwybodaeth fel eich cyfeiriad IP.", true),
            ("We store your name. It is safe.", true),
            ("We do not sell data. Our servers record ip addresses.", true),
            ("They can collect many things.", false),
            ("", false),
        ] {
            assert_eq!(
                collects_personal_data(&format!("{claim}. {text}"), claim).is_some(),
                found,
                "{text}"
            );
        }
    }

    #[test]
    fn what_a_form_keeps_is_not_what_cookies_hold() {
        let claim = "Our cookies hold no personal data";
        for (text, found) in [
            ("When you write to us we record your name and your e-mail.", false),
            ("These cookies collect your IP address.", true),
        ] {
            let text = format!("{claim}. {text}");
            assert_eq!(collects_personal_data(&text, claim).is_some(), found, "{text}");
        }
    }

    /// What the notice says against its first claim.
    fn against(text: &str) -> Option<String> {
        let notice = notice(text);
        contradiction(&parse("none").0, &notice, &notice.claims[0])
    }

    #[test]
    fn none_of_a_category_and_yet_some() {
        let none = "claim no-category We_use_none. categories=marketing\n";
        for (more, said) in [
            ("claim uses-category We_advertise. categories=marketing", Some("We advertise.")),
            ("claim uses-category We_count. categories=performance", None),
            ("declare _fbp category=marketing", Some("the notice says: _fbp")),
            ("declare _fbp category=marketing inferred", None),
            ("declare _ga category=performance", None),
            ("declare x", None),
        ] {
            assert_eq!(against(&format!("{none}{more}")).as_deref(), said, "{more}");
        }
        // A sentence is not against itself.
        for same in ["We_use_none.", "use_none", "We_use_none._Not_one."] {
            let same = format!("claim uses-category {same} categories=marketing");
            assert_eq!(against(&format!("{none}{same}")), None, "{same}");
        }
    }

    #[test]
    fn a_provider_that_may_and_may_not() {
        let may_not = "claim provider-does-not-share Google_may_not. provider=Google\n";
        for (more, said) in [
            ("claim provider-may-share Google_may. provider=Google_Inc", Some("Google may.")),
            ("claim provider-may-share Meta_may. provider=Meta", None),
            ("claim provider-may-share They_may.", None),
        ] {
            assert_eq!(against(&format!("{may_not}{more}")).as_deref(), said, "{more}");
        }
    }

    #[test]
    fn a_whole_list_that_is_none() {
        let whole = "claim exhaustive This_is_all.\n";
        let other = "claim non-exhaustive There_may_be_more.";
        assert_eq!(against(&format!("{whole}{other}")).as_deref(), Some("There may be more."));
        assert_eq!(against(&format!("{whole}claim non-exhaustive This_is_all.")), None);
        assert_eq!(against(whole), None);
    }

    #[test]
    fn a_service_that_sets_nothing_and_has_a_row() {
        let nothing = "claim service-sets-nothing Maps_set_none. provider=Google_Maps\n";
        for (more, found) in [
            ("declare NID provider=Google_Maps", true),
            ("declare NID section=Google_Maps_cookies", true),
            ("declare NID section=Videos_and_Google_Maps", false),
            ("declare NID provider=Google", false),
            ("declare NID", false),
        ] {
            assert_eq!(against(&format!("{nothing}{more}")).is_some(), found, "{more}");
        }
        assert_eq!(against("claim service-sets-nothing None.\ndeclare NID provider=Google"), None);
    }

    #[test]
    fn counts_and_denials_are_compared_with_the_rest() {
        let count = "claim count We_use_one_cookie.\ndeclare a1\n";
        assert_eq!(
            against(&format!("{count}declare b1")).as_deref(),
            Some("it declares 2 cookies")
        );
        assert_eq!(against(count), None);
        let none = "claim no-personal-data We_hold_none.\n";
        let said = against(&format!("{none}text Our cookies record your IP address."));
        assert_eq!(said.as_deref(), Some("Our cookies record your IP address"));
        assert_eq!(against(&format!("{none}text Our cookies count visits.")), None);
    }

    #[test]
    fn other_claims_are_not_compared() {
        assert_eq!(against("claim all-session All_end.\ndeclare a category=marketing"), None);
    }
}
