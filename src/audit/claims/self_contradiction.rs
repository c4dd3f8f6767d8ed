//! What a notice says against itself.

use std::sync::LazyLock;

use regex::Regex;

use crate::{
    audit::phrases,
    model::{Category, Claim, ClaimKind, Notice},
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
        (!denies && !quote.contains(sentence) && !sentence.contains(quote))
            .then(|| sentence.to_owned())
    })
}

/// How many kinds, or how many cookies, the notice goes on to describe, if that is more than it says.
fn outnumbers(notice: &Notice, quote: &str) -> Option<String> {
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
    if words.iter().any(|it| other.contains(it)) {
        return None;
    }
    let number = words.iter().find_map(|word| {
        NUMBERS.iter().find(|(name, _)| name == word).map(|it| it.1).or_else(|| word.parse().ok())
    })?;
    let kinds = ["type", "types", "kind", "kinds", "sort", "sorts", "categories", "fath", "math"];
    if words.iter().any(|it| kinds.contains(it)) {
        let mut kinds_named: Vec<Category> = Vec::new();
        for category in notice.declarations.iter().filter_map(|it| it.category) {
            if !kinds_named.contains(&category) {
                kinds_named.push(category);
            }
        }
        let names: Vec<String> = kinds_named.iter().map(ToString::to_string).collect();
        return (kinds_named.len() > number).then(|| {
            format!("it declares cookies of {} kinds: {}", kinds_named.len(), names.join(", "))
        });
    }
    let declared = notice.declarations.len();
    (declared > number && words.iter().any(|it| it.starts_with("cookie")))
        .then(|| format!("it declares {declared} cookies"))
}

/// Words of the notice that say the opposite of a claim, if there are any.
pub(super) fn contradiction(notice: &Notice, claim: &Claim) -> Option<String> {
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
            it.categories.iter().any(|category| claim.categories.contains(category))
        })
        .or_else(|| {
            let declared = notice.declarations.iter().find(|it| {
                it.category.is_some_and(|category| claim.categories.contains(&category))
            })?;
            Some(phrases::row(declared).to_string())
        }),
        ClaimKind::ProviderDoesNotShare => says(ClaimKind::ProviderMayShare, &same_provider),
        ClaimKind::Exhaustive => says(ClaimKind::NonExhaustive, &|it| it.quote != claim.quote),
        ClaimKind::Count => outnumbers(notice, &claim.quote),
        ClaimKind::NoPersonalData => collects_personal_data(&notice.text, &claim.quote),
        ClaimKind::ServiceSetsNothing => {
            let provider = claim.provider.as_deref()?.to_lowercase();
            let declared = notice.declarations.iter().find(|it| {
                [&it.provider, &it.section]
                    .into_iter()
                    .flatten()
                    .any(|text| text.to_lowercase().contains(&provider))
            })?;
            Some(phrases::row(declared).to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::testing::notice;

    #[test]
    fn a_count_that_the_rows_outdo() {
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
        ] {
            assert_eq!(outnumbers(&notice, quote).is_some(), found, "{quote}");
        }
    }

    #[test]
    fn personal_data_that_are_collected_after_all() {
        let claim = "We do not collect any personal data";
        for (text, found) in [
            ("We use cookies to collect things such as your browser and your IP address.", true),
            ("We never collect your IP address or your name.", false),
            ("We tell you how to hide your IP address.", false),
            ("Rydym yn casglu gwybodaeth fel eich cyfeiriad IP.", true),
        ] {
            assert_eq!(
                collects_personal_data(&format!("{claim}. {text}"), claim).is_some(),
                found,
                "{text}"
            );
        }
    }
}
