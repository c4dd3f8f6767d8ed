//! Values that sites store of a choice, one form at a time.

use std::sync::LazyLock;

use super::*;

/// Reading the word lists takes longer than all that is done with them.
static WORDS: LazyLock<Words> = LazyLock::new(Words::all);

/// Names with a yes, names with a no, and whether everything is denied.
fn says(name: &str, value: &str) -> Option<(Vec<String>, Vec<String>, bool)> {
    let says = read_record(&WORDS, name, value)?;
    Some((says.granted, says.denied, says.denies_all))
}

#[track_caller]
fn reads(name: &str, value: &str, granted: &[&str], denied: &[&str]) {
    let list = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    assert_eq!(says(name, value), Some((list(granted), list(denied), false)), "{name}={value}");
}

#[track_caller]
fn denies_all(name: &str, value: &str) {
    assert_eq!(says(name, value), Some((vec![], vec![], true)), "{name}={value}");
}

#[track_caller]
fn silent(name: &str, value: &str) {
    assert_eq!(says(name, value), None, "{name}={value}");
}

#[test]
fn values_are_decoded_as_often_as_they_were_encoded_up_to_three_times() {
    for value in [
        "analytics=0",
        "analytics%3D0",
        "analytics%253D0",
        "analytics%25253D0",
        "%61nalytics=0",
        "  analytics=0 ",
    ] {
        reads("choice", value, &[], &["analytics"]);
    }
    silent("choice", "x=1&analytics%2525253D0");
    // What only looks like a code stays as it is.
    for value in
        ["analytics=0&x=%", "analytics=0&x=%4", "analytics=0&x=%zz", "analytics=0&x=100%25"]
    {
        reads("choice", value, &[], &["analytics"]);
    }
    assert_eq!(percent_decoded("%C3%A9t%c3%a9 %4%zz%"), "été %4%zz%");
}

#[test]
fn values_in_base64_are_read_in_both_alphabets() {
    // {"analytics":false}, padded and not.
    reads("choice", "eyJhbmFseXRpY3MiOmZhbHNlfQ==", &[], &["analytics"]);
    reads("choice", "eyJhbmFseXRpY3MiOmZhbHNlfQ", &[], &["analytics"]);
    // analytics=0&x=>>> and analytics=0&x=??? hold a letter of each alphabet's own.
    reads("choice", "YW5hbHl0aWNzPTAmeD0+Pj4", &[], &["analytics"]);
    reads("choice", "YW5hbHl0aWNzPTAmeD0-Pj4", &[], &["analytics"]);
    reads("choice", "YW5hbHl0aWNzPTAmeD0_Pz8", &[], &["analytics"]);
    assert_eq!(from_base64("YWRzPTA").as_deref(), None, "seven letters are no record");
    assert_eq!(from_base64("YWRzPTAx").as_deref(), Some("ads=01"));
    assert_eq!(from_base64("YWRzPTAK"), None, "it holds a control character");
    assert_eq!(from_base64("not base64!"), None);
}

#[test]
fn what_is_too_long_to_be_a_record_is_not_read() {
    let value = |length: usize| format!("analytics=0&x={}", "y".repeat(length - 14));
    reads("choice", &value(20_000), &[], &["analytics"]);
    silent("choice", &value(20_001));
}

#[test]
fn names_count_once_and_in_order() {
    reads(
        "choice",
        r#"{"b":{"marketing":true,"analytics":true},"a":{"analytics":true,"ads":false},"c":{"ads":false}}"#,
        &["analytics", "marketing"],
        &["ads"],
    );
}

#[test]
fn values_of_every_kind_say_yes_or_no() {
    reads("x", r#"{"analytics":1,"marketing":0,"ads":2}"#, &["analytics"], &["marketing"]);
    reads(
        "x",
        r#"{"analytics":"granted","marketing":"denied","ads":"?"}"#,
        &["analytics"],
        &["marketing"],
    );
    reads(
        "x",
        r#"{"analytics":true,"marketing":false,"ads":null}"#,
        &["analytics"],
        &["marketing"],
    );
    reads("x", r#"[{"analytics":true},{"marketing":false}]"#, &["analytics"], &["marketing"]);
    for yes in
        ["true", "YES", "granted", "allow", "accepted", "on", "1", "y", "opt-in", "all", "enabled"]
    {
        reads("x", &format!("analytics={yes}"), &["analytics"], &[]);
    }
    for no in [
        "false", "No", "denied", "reject", "refused", "declined", "off", "0", "n", "optout",
        "none", "disabled", "disallow",
    ] {
        reads("x", &format!("analytics={no}"), &[], &["analytics"]);
    }
    silent("x", "analytics=perhaps");
}

#[test]
fn pairs_are_read_however_they_are_parted() {
    for value in [
        "analytics=0&marketing=1",
        "analytics:0;marketing:1",
        "analytics=0|marketing=1",
        "{'analytics':0,'marketing':1}",
        "[analytics=0 marketing=1]",
    ] {
        reads("x", value, &["marketing"], &["analytics"]);
    }
}

#[test]
fn one_word_is_an_answer_only_where_the_name_says_so() {
    reads("cookie_consent", "yes", &["cookie_consent"], &[]);
    reads("cookie_consent", "\"yes\"", &["cookie_consent"], &[]);
    for name in
        ["consent", "my-choice", "cookies", "GDPR", "privacy_1", "optin", "opt_in", "opt-in"]
    {
        denies_all(name, "no");
    }
    for name in ["visits", "theme", ""] {
        silent(name, "no");
        silent(name, "yes");
    }
}

#[test]
fn a_list_of_words_is_what_was_agreed_to() {
    denies_all("cookie_consent", "necessary");
    for value in [
        "necessary,analytics",
        "necessary|analytics",
        "necessary.analytics",
        "necessary+analytics",
        "analytics necessary",
        "analytics;;",
    ] {
        reads("cookie_consent", value, &["analytics"], &[]);
    }
    // Only where all of it is understood, and only where the name says that it is a record.
    silent("cookie_consent", "necessary,analytics,banana");
    silent("cookie_consent", ",");
    silent("visits", "necessary,analytics");
    // Beside pairs a word says nothing.
    reads("cookie_consent", "necessary,analytics=1", &["analytics"], &[]);
}

#[test]
fn lists_are_read_by_what_they_are_called() {
    for name in [
        "accepted",
        "allowed",
        "granted",
        "consents",
        "enabled",
        "categories",
        "purposes",
        "levels",
    ] {
        reads("x", &format!(r#"{{"{name}":["analytics","necessary"]}}"#), &["analytics"], &[]);
    }
    for name in [
        "rejected",
        "denied",
        "denyList",
        "refused",
        "declined",
        "disabled",
        "blocked",
        "disallowed",
    ] {
        reads("x", &format!(r#"{{"{name}":["analytics","necessary"]}}"#), &[], &["analytics"]);
    }
    // Under another name a list is only what holds more.
    silent("x", r#"{"seen":["analytics"]}"#);
    reads("x", r#"{"seen":[{"analytics":false}]}"#, &[], &["analytics"]);
}

#[test]
fn a_key_whose_yes_may_be_a_no_says_nothing() {
    for key in [
        "blockAnalytics",
        "denyAnalytics",
        "rejectAnalytics",
        "refuseAnalytics",
        "disableAnalytics",
        "optout_analytics",
        "opt_out_analytics",
        "no_analytics",
        "no-analytics",
        "hideAnalytics",
        "skipAnalytics",
    ] {
        silent("x", &format!(r#"{{"{key}":true}}"#));
        silent("x", &format!(r#"{{"{key}":false}}"#));
    }
}

#[test]
fn purposes_are_known_in_every_spelling() {
    for key in [
        "analytics",
        "Analytics",
        "ad_storage",
        "adStorage",
        "ad-storage",
        "ga",
        "stats",
        "count",
        "marketingCookies",
    ] {
        reads("x", &format!(r#"{{"{key}":false}}"#), &[], &[key]);
    }
    for key in ["version", "necessary", "id", "gas", "country"] {
        silent("x", &format!(r#"{{"{key}":false}}"#));
    }
}

#[test]
fn what_is_nested_deeply_or_endlessly_is_read_in_part() {
    let nested = |depth: usize| {
        format!("{}{{\"analytics\":false}}{}", "{\"a\":".repeat(depth), "}".repeat(depth))
    };
    reads("x", &nested(6), &[], &["analytics"]);
    silent("x", &nested(7));
    let pairs = |before: usize| format!("{}analytics=0", "x=0&".repeat(before));
    reads("x", &pairs(MOST - 1), &[], &["analytics"]);
    silent("x", &pairs(MOST));
}

#[test]
fn a_refusal_says_no_to_all_there_was_and_yes_to_none() {
    let says = |granted: usize, denied: usize, denies_all| StoredChoice {
        granted: vec!["a".to_owned(); granted],
        denied: vec!["b".to_owned(); denied],
        denies_all,
    };
    assert!(refuses(&says(0, 2, false), 2));
    assert!(refuses(&says(0, 3, false), 2));
    assert!(!refuses(&says(0, 1, false), 2));
    assert!(!refuses(&says(0, 0, false), 0), "saying nothing refuses nothing");
    assert!(refuses(&says(0, 0, true), 5));
    assert!(!refuses(&says(1, 0, true), 0));
    assert!(!refuses(&says(1, 5, false), 2));
}
