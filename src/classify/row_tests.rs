//! What every row of our own data must be.

use super::{
    facts::{CookieFact, Rest, Why},
    *,
};
use crate::model::Confidence;
use Category::{Essential, Functional, Marketing, Performance, Unknown};

const SITE: &str = "www.gwent.police.uk";

#[test]
fn no_host_is_essential() {
    for fact in Knowledge::embedded().tables.hosts.rows() {
        assert_ne!(fact.category, Essential, "{}", fact.host);
    }
}

#[test]
fn host_rows_are_sorted_unique_and_complete() {
    let knowledge = Knowledge::embedded();
    let rows = knowledge.tables.hosts.rows();
    assert!(rows.len() >= 60);
    for pair in rows.windows(2) {
        assert!(pair[0].host < pair[1].host, "{} and {}", pair[0].host, pair[1].host);
    }
    for row in rows {
        let host = row.host.strip_prefix("*.").unwrap_or(&row.host);
        assert!(!host.contains('*') && host.contains('.'), "{}", row.host);
        assert_eq!(row.host, row.host.trim_end_matches('/'));
        let (host, _) = host.split_once('/').unwrap_or((host, ""));
        assert_eq!(host, host.to_ascii_lowercase(), "hosts are compared in lower case");
        assert!(row.category != Unknown, "{}", row.host);
        assert!(is_sentence(&row.does) && !row.by.is_empty(), "{}", row.host);
        assert!(is_source(&row.source) && is_month(&row.written), "{}", row.host);
    }
}

#[test]
fn cookie_rows_are_sorted_unique_and_complete() {
    let facts = CookieFacts::embedded();
    let rows = facts.rows();
    assert!(rows.len() >= 1200);
    fn key(row: &CookieFact) -> (&str, &str) {
        (row.name.as_str(), row.domain.as_deref().unwrap_or_default())
    }
    for pair in rows.windows(2) {
        assert!(key(&pair[0]) < key(&pair[1]), "{:?} and {:?}", key(&pair[0]), key(&pair[1]));
    }
    for row in rows {
        let name = &row.name;
        assert!(row.only.is_none() || row.why == Why::StrictlyNecessary, "{name}");
        // What may be exempt is never in doubt with what is not.
        assert!(
            row.or.is_none_or(|or| or != row.category
                && or.needs_consent()
                && row.why == Why::Consent),
            "{name}"
        );
        assert!(!name.is_empty() && !name.starts_with('*') && name.trim() == name, "`{name}`");
        assert_ne!(row.category, Unknown, "{name}");
        assert!(is_sentence(&row.purpose) && !row.by.is_empty(), "{name}");
        assert!(is_source(&row.source) && is_month(&row.written), "{name}");
        let lives = row.lifetime.as_deref();
        assert!(lives.is_none_or(is_length), "{name}: {lives:?}");
        assert_eq!(row.rest.is_some(), row.rest.is_some() && name.ends_with('*'), "{name}");
    }
}

/// "2 years", "1 day" or "until the browser is closed".
fn is_length(text: &str) -> bool {
    const UNITS: [&str; 6] = ["minute", "hour", "day", "week", "month", "year"];
    let is_one = |number: &str, unit: &str| {
        let one = unit.strip_suffix('s').unwrap_or(unit);
        UNITS.contains(&one) && (number == "1") == (unit == one) && number.parse::<u32>().is_ok()
    };
    text == "until the browser is closed"
        || text.split_once(' ').is_some_and(|(number, unit)| is_one(number, unit))
}

#[test]
fn a_category_agrees_with_why_a_thing_is_kept() {
    for row in CookieFacts::embedded().rows() {
        let expected: &[Category] = match row.why {
            Why::StrictlyNecessary | Why::Communication | Why::ConsentRecord => &[Essential],
            Why::Appearance => &[Functional],
            Why::Statistical => &[Performance],
            Why::Consent => &[Functional, Performance, Marketing],
        };
        assert!(expected.contains(&row.category), "{}: {:?}", row.name, row.why);
    }
}

/// A wildcard of ours must not do what the short ones of other lists do.
#[test]
fn a_pattern_of_ours_covers_only_what_it_means() {
    for row in CookieFacts::embedded().rows().iter().filter(|row| row.name.contains('*')) {
        let stem = row.name.split('*').next().unwrap_or_default();
        let parted = !stem.ends_with(|char: char| char.is_ascii_alphanumeric());
        let telling = pattern_index::literal(&row.name) >= 4 && (parted || stem.len() >= 8);
        assert!(row.rest.is_some() || telling, "{}", row.name);
    }
    for (rest, yes, no) in [
        (Rest::Hex, "9b7243", "9b72"),
        (Rest::Hex, "d4b5f9_77", "visitor"),
        (Rest::Digits, "123", "12a"),
        (Rest::Word, "4F54BBY2EY", "a-b"),
        (Rest::Capital, "Session", "session"),
    ] {
        let fact = |rest| CookieFact {
            name: "X*".to_owned(),
            rest: Some(rest),
            domain: None,
            category: Essential,
            why: Why::StrictlyNecessary,
            or: None,
            only: None,
            confidence: Confidence::High,
            by: String::new(),
            purpose: String::new(),
            lifetime: None,
            source: String::new(),
            written: String::new(),
        };
        assert!(fact(rest).holds(&format!("X{yes}"), SITE), "{rest:?} {yes}");
        assert!(!fact(rest).holds(&format!("X{no}"), SITE), "{rest:?} {no}");
        assert!(!fact(rest).holds("X", SITE), "{rest:?}");
    }
}

/// Every row that is not under consent says on what terms, in both languages.
#[test]
fn exempt_rows_have_conditions() {
    let facts = CookieFacts::embedded();
    let rows = conditions::load();
    for pair in rows.windows(2) {
        assert!(pair[0].by <= pair[1].by, "{} and {}", pair[0].by, pair[1].by);
    }
    for row in rows {
        assert!(row.text.ends_with('.') && row.cy.ends_with('.'), "{}", row.by);
        assert!(is_source(&row.source) && is_month(&row.written), "{}", row.by);
        let is_general = row.by == conditions::GENERAL;
        assert!(is_general || facts.by_maker(&row.by).next().is_some(), "nobody is {}", row.by);
    }
    let exempt = facts
        .rows()
        .iter()
        .filter(|fact| !matches!(fact.why, facts::Why::Consent | facts::Why::ConsentRecord));
    for fact in exempt {
        let has = Knowledge::embedded().conditions(&fact.by).iter().any(|it| it.why == fact.why);
        assert!(has, "{} of {}", fact.name, fact.by);
    }
    let google = Knowledge::embedded().conditions("Google Analytics");
    assert!(google.iter().any(|it| it.ground() == "statistical" && it.text.contains("Google")));
    let general = Knowledge::embedded().conditions("HMRC");
    assert!(general.iter().all(|it| it.by == conditions::GENERAL) && !general.is_empty());
    assert!(Knowledge::embedded().conditions("nobody").is_empty());
}

#[test]
fn what_is_embedded_stays_small() {
    let sizes = [
        facts::TEXTS.iter().map(|it| it.len()).sum(),
        conditions::TEXT.len(),
        hosts::TEXTS.iter().map(|it| it.len()).sum(),
        include_str!(concat!(env!("OUT_DIR"), "/open-cookie-database.tsv")).len(),
        include_str!(concat!(env!("OUT_DIR"), "/third-party-web.tsv")).len(),
    ];
    assert!(sizes.iter().sum::<usize>() < 1_000_000, "{sizes:?}");
}

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && text.starts_with(char::is_uppercase)
}

fn is_source(text: &str) -> bool {
    // Some public bodies publish their notice without encryption.
    text.starts_with("https://") || text.starts_with("http://")
}

fn is_month(text: &str) -> bool {
    format!("{text}-01").parse::<jiff::civil::Date>().is_ok()
}
