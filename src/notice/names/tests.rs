//! What is a name of a cookie and what is a word, and how several names in one cell are told apart.

use super::*;
use crate::audit::testing::notice;

#[test]
fn what_looks_like_a_name_and_what_like_a_word() {
    for name in [
        "_ga",
        "ai_user",
        "CourseSession",
        "PHPSESSID",
        "a1",
        "id{x}",
        "x[1]",
        "x#",
        "x*",
        "<id>",
        "ABC",
        "AB-CDE",
        "a-b-c",
        "(_ga),",
        "\"_ga\"",
        "_ga;",
        "a_b.c",
    ] {
        assert!(looks_like_name(name), "{name}");
    }
    for word in [
        "",
        "a",
        "1",
        "12",
        "1st",
        "cookie",
        "Cookie",
        "word.",
        "me_too@x.test",
        "YouTube",
        "youtube",
        "AB",
        "ABc",
        "AB-CD",
        "a-b",
        "well-known",
        "report.pdf",
        "my_report.PDF",
        "www.example.com",
        "_",
        "__",
        "e_g.",
        "two words",
        "https://x_y",
        "NHS",
    ] {
        assert!(!looks_like_name(word), "{word}");
    }
}

#[test]
fn what_can_only_be_a_name_even_in_running_text() {
    for name in ["_ga", "ai_user", "PHPSESSID", "ABCDEF", "ABCDE1", "[ABCDEF]", "_ga_*"] {
        assert!(is_surely_a_name(name), "{name}");
    }
    for word in [
        "_a",
        "_1",
        "ABCDE",
        "ABCD12",
        "CourseSession",
        "a1",
        "a-b-c",
        "ads/_ga",
        "_ga=1",
        "x_y@z",
        "ABCDEf",
    ] {
        assert!(!is_surely_a_name(word), "{word}");
    }
}

#[test]
fn a_token_is_what_browsers_take_for_a_name() {
    for token in ["a", "_ga", "***", "!#$%&'a", "a:b", "[a]", "a/b", "a\u{200b}b", "1"] {
        assert!(is_token(token), "{token}");
    }
    assert!(is_token(&"a".repeat(128)) && !is_token(&"a".repeat(129)));
    for text in ["", "a b", "a;b", "a,b", "a(b)", "é", "---", "…", "https://a.test"] {
        assert!(!is_token(text), "{text}");
    }
}

#[test]
fn what_cannot_be_seen_is_hidden() {
    for it in [
        '\u{1}', '\u{7f}', '\u{ad}', '\u{200b}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2060}',
        '\u{2069}', '\u{feff}', '\u{180e}',
    ] {
        assert!(is_hidden(it), "{it:?}");
    }
    for it in ['a', ' ', '\t', '\n', 'é', '\u{a0}', '\u{2010}', '\u{2030}', '\u{206a}'] {
        assert!(!is_hidden(it), "{it:?}");
    }
}

#[test]
fn a_pattern_that_matches_anything_declares_nothing() {
    for (name, expected) in [
        ("***", &[][..]),
        ("*a", &[]),
        ("--", &[]),
        ("a", &["a"]),
        ("ab*", &["ab*"]),
        ("a1*", &["a1*"]),
        ("\"_ga\",", &["_ga"]),
        ("_ga, or similar cookies", &["_ga*"]),
        ("sid followed by 32 random characters", &["sid*"]),
        ("sid, plus a unique number", &["sid*"]),
        ("_ga ac ati", &["_ga*"]),
    ] {
        assert_eq!(patterns(name), expected, "{name}");
    }
}

#[test]
fn a_shorthand_replaces_the_end_of_the_first_name() {
    for (text, names) in [
        ("abcd/e", Some(&["abcd", "abce"][..])),
        ("abcd/ef", Some(&["abcd", "abef"])),
        ("abcd/e/f1", Some(&["abcd", "abce", "abf1"])),
        ("abcd", None),
        ("abc/d", None),
        ("abcd/efg", None),
        ("abcd/", None),
        ("abcd/-", None),
        ("abcd/e/fgh", None),
        ("ébcd/e", None),
    ] {
        let names = names.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(shorthand(text), names, "{text}");
    }
}

#[test]
fn a_pattern_is_short_if_it_has_hardly_anything_of_its_own() {
    for (pattern, short) in
        [("_ga_*", true), ("abcde*", true), ("*abcde", true), ("abcdef*", false), ("abcde", false)]
    {
        assert_eq!(is_short(pattern), short, "{pattern}");
    }
}

#[test]
fn so_many_short_patterns_that_they_match_anything_declare_nothing() {
    let declared = |short: usize| {
        let rows: Vec<String> = (0..short).map(|it| format!("declare a{it}*")).collect();
        notice(&format!("{}\ndeclare a1*\ndeclare a_long_name*\ndeclare _ga", rows.join("\n")))
            .declarations
    };
    let mut few = declared(40);
    assert_eq!(without_floods(&mut few), None);
    assert_eq!(few.len(), 43);
    let mut many = declared(41);
    let problem = without_floods(&mut many).unwrap();
    assert_eq!(problem.kind, NoticeProblemKind::TooManyPatterns);
    assert_eq!(
        problem.message,
        "41 patterns such as `a0*`, `a1*`, `a10*` would cover nearly any name; they declare nothing"
    );
    let left: Vec<&str> = many.iter().map(|it| it.as_written.as_str()).collect();
    assert_eq!(left, ["a_long_name*", "_ga"]);
}

#[test]
fn a_cell_of_names_is_taken_apart() {
    for (lines, names) in [
        (&["_ga"][..], &["_ga"][..]),
        (&["_ga, _gid"], &["_ga", "_gid"]),
        (&["_ga;_gid|_gat"], &["_ga", "_gid", "_gat"]),
        (&["_ga and _gid & _gat"], &["_ga", "_gid", "_gat"]),
        (&["_ga - _gid / _gat"], &["_ga", "_gid", "_gat"]),
        (&["_ga a _gid neu _gat"], &["_ga", "_gid", "_gat"]),
        (&["_ga", "_gid"], &["_ga", "_gid"]),
        // What explains a name is none.
        (&["_ga", "(for statistics)"], &["_ga"]),
        (&["_ga", "(for statistics", "_gid"], &["_ga", "_gid"]),
        (&["This is _ga here"], &["_ga"]),
        (&["Visitor ID: _ab"], &["_ab"]),
        (&["Session cookie (sid_1)"], &["sid_1"]),
        (&["Session cookies (sid_1, sid_2)"], &["sid_1", "sid_2"]),
        (&["The cookie _ga"], &["_ga"]),
        (&["\"_ga\""], &["_ga"]),
        // More of the same belongs to the last of them.
        (&["_ga and similar"], &["_ga and similar"]),
        (&["_ga, _gid and similar"], &["_ga", "_gid and similar"]),
        (&["sid followed by 32 characters"], &["sid followed by 32 characters"]),
        (&["and similar"], &[]),
        // Brackets and braces may hold what parts names elsewhere.
        (&["_ga[a, b]"], &["_ga[a, b]"]),
        (&["_ga_{a or b}, _gid"], &["_ga_{a or b}", "_gid"]),
        (&["_ga [random number]"], &["_ga [random number]"]),
        (&["__ utma"], &["__ utma"]),
        (&["ASP.NET Session"], &["ASP.NET Session"]),
        (&["a_1/a_1.sig"], &["a_1", "a_1.sig"]),
        (&["ab/ab.sig"], &["ab", "ab.sig"]),
        (&["__utma/b/c"], &["__utma/b/c"]),
        (&["ads/ga-audiences"], &["ads/ga-audiences"]),
        // A cookie may be called just that.
        (&["cookie"], &["cookie"]),
        (&["cookies"], &["cookies"]),
        (&["the cookie"], &[]),
        (&["None"], &[]),
        (&["n/a"], &[]),
        (&["Google"], &[]),
        (&["various, unknown"], &[]),
        (&[""], &[]),
    ] {
        let lines: Vec<String> = lines.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(split(&lines), names, "{lines:?}");
    }
}
