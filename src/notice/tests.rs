//! Tests of the reading; `fixture_tests.rs` reads the notices in `fixtures/notices`.

use std::time::Instant;

use super::*;
use crate::model::{DeclaredLifetime, WrittenLifetime};

fn life(it: &DeclaredLifetime) -> String {
    let kind = serde_json::to_value(it.kind).unwrap().as_str().unwrap().to_owned();
    let numbers = [it.seconds, it.max_seconds].into_iter().flatten().map(|it| format!(" {it}"));
    kind + &numbers.collect::<String>() + if it.sliding { " sliding" } else { "" }
}

#[test]
fn lifetimes() {
    for (text, expected) in [
        ("", "absent"),
        ("-", "absent"),
        ("2 years", "duration 63072000"),
        ("1 hour 30 minutes", "duration 5400"),
        ("1 year and 1 day", "duration 31622400"),
        ("12-24 months", "range 31104000 62208000"),
        ("30 seconds to 1 year", "range 30 31536000"),
        ("1 year (365 days)", "duration 31536000"),
        ("up to 1,825 days", "duration 157680000"),
        ("an hour", "duration 3600"),
        ("Half an hour", "duration 1800"),
        ("12-month", "duration 31104000"),
        ("30 minutes and reset again to 30 minutes on activity", "duration 1800 sliding"),
        ("2 hours rolling", "duration 7200 sliding"),
        ("60 minutes or when you close your browser", "session-or-duration 3600"),
        ("Session", "session"),
        ("when you log out or close the browser", "session"),
        ("for the length of your visit", "session"),
        ("30 minutes after the session ends", "duration 1800"),
        ("End of webchat session", "event"),
        ("Midnight", "event"),
        ("Varies", "event"),
        ("No expiry", "persistent"),
        ("Persistent", "persistent"),
        ("Persistent, 90 days", "duration 7776000"),
        ("Immediately", "instant 0"),
        ("a few seconds", "instant 0"),
        ("Expires in 2096 years", "unreadable"),
        ("9999999999999999999999 years", "unreadable"),
        ("31 December 2037", "unreadable"),
        ("banana", "unreadable"),
        ("tri mis", "duration 7776000"),
        ("3 oed", "duration 94608000"),
        ("blwyddyn", "duration 31536000"),
        ("un mis ar ddeg", "duration 28512000"),
        ("rhwng 1 mis a 2 flynedd", "range 2592000 63072000"),
        ("60 munud neu pan rydych yn cau eich porwr", "session-or-duration 3600"),
        ("diwedd y sesiwn", "session"),
        ("hanner nos", "event"),
        ("byth yn dod i ben", "persistent"),
        ("2 Jahre", "duration 63072000"),
        ("bis zum Schließen des Browsers", "session"),
        ("Sitzung", "session"),
        ("ein Jahr", "duration 31536000"),
        ("13 mois", "duration 33696000"),
        ("1 an", "duration 31536000"),
        ("à la fermeture du navigateur", "session"),
        ("30 minutos", "duration 1800"),
        ("hasta cerrar el navegador", "session"),
        ("dos años", "duration 63072000"),
        ("6 mesi", "duration 15552000"),
        ("24 ore", "duration 86400"),
        ("alla chiusura del browser", "session"),
        ("2 jaar", "duration 63072000"),
        ("90 dagen", "duration 7776000"),
        ("bij het sluiten van de browser", "session"),
        ("12 miesięcy", "duration 31104000"),
        ("30 dni", "duration 2592000"),
        ("po zamknięciu przeglądarki", "session"),
        ("1 ano", "duration 31536000"),
        ("ao fechar o navegador", "session"),
        ("unbegrenzt", "persistent"),
        ("1 bis 2 Jahre", "range 31536000 63072000"),
    ] {
        assert_eq!(life(&lifetime(text)), expected, "`{text}`");
    }
    assert_eq!(lifetime("-").as_written.as_deref(), Some("-"));
    assert_eq!(lifetime(" ").as_written, None);
}

#[test]
fn names_become_patterns() {
    for (name, expected) in [
        ("_ga", &["_ga"][..]),
        ("__ utma", &["__utma"]),
        ("_ga_[random number]", &["_ga_*"]),
        ("incap_ses_{ID}", &["incap_ses_*"]),
        ("_hjSession_<site>", &["_hjSession_*"]),
        ("AMCVS_###AdobeOrg", &["AMCVS_*AdobeOrg"]),
        ("_ga_XXXXXXXX", &["_ga_*"]),
        ("wp-settings-…", &["wp-settings-*"]),
        ("SSESS (plus several further characters)", &["SSESS*"]),
        ("_ga and similar", &["_ga*"]),
        ("_hj, etc.", &["_hj*"]),
        ("name [x2]", &["name"]),
        ("_ga (Google Analytics)", &["_ga"]),
        ("__utma/b/c", &["__utma", "__utmb", "__utmc"]),
        ("_ga_Z2RHWQ33HY", &["_ga_Z2RHWQ33HY"]),
        ("a\u{200b}b\u{202e}c", &["abc"]),
        ("ab[one]{two}", &["ab*"]),
        (" ", &[]),
    ] {
        assert_eq!(patterns(name), expected, "`{name}`");
    }
}

#[test]
fn instances_become_general() {
    for (name, expected) in [
        ("_ga_Z2RHWQ33HY", Some("_ga_*")),
        ("_gat_UA-12345-1", Some("_gat_*")),
        ("SSESS9b7243f0e1d2c3b4a5968778695a4b3c", Some("SSESS*")),
        ("_hjSession_1234567", Some("_hjSession_*")),
        ("_pk_id.3.1fff", Some("_pk_id.*")),
        ("_ga", None),
        ("_vwo_uuid_v2", None),
        ("session_id", None),
        ("PHPSESSID", None),
        ("a_1234567", None),
        ("1234567", None),
        ("git-cookie-preferences-v1", None),
    ] {
        assert_eq!(generalise(name).as_deref(), expected, "`{name}`");
    }
}

#[test]
fn candidates_come_best_first_and_never_end_the_visit() {
    let link = |text: &str, href: &str| PageLink { text: text.to_owned(), href: href.to_owned() };
    let base = Url::parse("https://www.gwent.police.uk/").unwrap();
    let found = find(
        &base,
        &[
            link("Privacy notice", "/privacy"),
            link("How to manage cookies", "https://www.aboutcookies.org/"),
            link("Cookies", "https://elsewhere.example/cookies"),
            link("Cookies", "/cookies#top"),
            link("Cookie policy", "/cookies"),
            link("Cwcis", "/cy/cwcis"),
            link("Quick exit", "/cookies-exit"),
            link("Log out", "/privacy/logout"),
            link("Cookies", "javascript:void(0)"),
            link("News", "/news"),
            link("Preifatrwydd", "/cy/preifatrwydd"),
        ],
    );
    let urls: Vec<&str> = found.iter().map(|it| it.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "https://www.gwent.police.uk/cookies",
            "https://www.gwent.police.uk/cy/cwcis",
            "https://elsewhere.example/cookies",
            "https://www.gwent.police.uk/privacy",
            "https://www.gwent.police.uk/cy/preifatrwydd",
        ]
    );
}

#[test]
fn odd_pages_do_not_stop_the_reading() {
    for content in [
        "",
        "<",
        "<table>",
        "<table><tr><td rowspan=99999999 colspan=99999999>a",
        "\0\0",
        "<!-- cookies",
        "<table><tr><th>Cookie</th><th>Expires</th></tr><tr></tr><tr><td></td></tr></table>",
    ] {
        let notice = read("x", content);
        assert!(notice.declarations.is_empty(), "`{content}`");
    }
    let deep = "<table><tr><td>".repeat(3_000) + "cookie";
    read("x", &deep);
    for tag in ["<div>", "<b id=1><p>", "<x>"] {
        let started = Instant::now();
        let notice = read("x", &tag.repeat(100_000));
        assert!(started.elapsed().as_secs() < 20, "{tag}: {:?}", started.elapsed());
        assert!(
            notice.problems.iter().any(|it| it.kind == NoticeProblemKind::InputTruncated),
            "{tag}"
        );
    }
}

#[test]
fn a_long_notice_is_read_in_good_time_and_one_too_long_is_cut() {
    let row = "<tr><td>_cookie_number_one</td><td>It counts how many people come to see us and what they then do on our pages, at length, to fill the row with words enough that five thousand of them take up two megabytes of page or thereabouts, which is what we want. It counts how many people come to see us and what they then do on our pages, at length, to fill the row with words.</td><td>2 years</td></tr>";
    let page = format!(
        "<h1>Cookies</h1><table><tr><th>Name</th><th>Purpose</th><th>Expires</th></tr>{}</table>",
        row.repeat(5_000)
    );
    let started = Instant::now();
    let notice = read("x", &page);
    assert_eq!(notice.declarations.len(), 5_000);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    let notice = read("x", &format!("<p>{}</p>", "é".repeat(2_200_000)));
    assert!(notice.problems.iter().any(|it| it.kind == NoticeProblemKind::InputTruncated));
}

#[test]
fn the_text_is_what_a_reader_sees() {
    let notice = read(
        "x",
        "<title>T</title><style>s{}</style><p>One<wbr>two\n <b>three</b></p><noscript>no</noscript><!-- c --><td>four<br>five",
    );
    assert_eq!(notice.text, "Onetwo three four five");
    assert_eq!(lifetime("x").kind, WrittenLifetime::Unreadable);
}
