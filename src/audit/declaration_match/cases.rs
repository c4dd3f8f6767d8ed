//! What a declaration stands for, what a text speaks of, and what is a slip of the pen.

use super::*;
use crate::audit::testing::notice;

fn declaration(line: &str, patterns: &[&str]) -> Declaration {
    let mut row = notice(&format!("declare x {line}")).declarations.remove(0);
    row.patterns = patterns.iter().map(|it| (*it).to_owned()).collect();
    row
}

#[test]
fn a_declaration_covers_a_name_by_the_surest_of_its_patterns() {
    for (patterns, name, how) in [
        (&["_ga"][..], "_ga", Some((How::Exact, 3))),
        (&["_ga*", "_ga"], "_ga", Some((How::Exact, 3))),
        (&["_ga*", "_ga_*"], "_ga_X1", Some((How::Pattern, 4))),
        (&["_ga_*", "_ga*"], "_ga_X1", Some((How::Pattern, 4))),
        (&["ab*"], "abc", Some((How::Pattern, 2))),
        (&["_ga_Z2RHWQ33HY"], "_ga_PK75TN8S2W", Some((How::Instance, 4))),
        (&["_ga_Z2RHWQ33HY", "_ga_*"], "_ga_PK75TN8S2W", Some((How::Pattern, 4))),
        (&["*a"], "ba", None),
        (&["_ga*"], "_gid", None),
        (&["_ga_Z2RHWQ33HY"], "_gid", None),
        (&["sid"], "sids", None),
        (&[], "sid", None),
    ] {
        assert_eq!(covers(&declaration("", patterns), name), how, "{patterns:?} for {name}");
    }
    // A plain name of one letter is a name.
    assert_eq!(covers(&declaration("", &["a"]), "a"), Some((How::Exact, 1)));
}

#[test]
fn a_column_of_domains_names_a_host_or_says_nothing() {
    for (written, host) in [
        ("video.test", Some("video.test")),
        ("https://www.video.test/a/b", Some("www.video.test")),
        (" video.test:8080 ", Some("video.test")),
        (".video.test.", Some("video.test")),
        ("VIDEO.test", Some("video.test")),
        ("a_b-c.test", Some("a_b-c.test")),
        ("this site", None),
        ("localhost", None),
        ("our sites, video.test", None),
        ("é.test", None),
        ("", None),
    ] {
        assert_eq!(host_in(written).as_deref(), host, "{written}");
    }
    let fit = |line: &str| domain_fit(&declaration(line, &["x"]), "www.shop.test");
    assert_eq!(fit("domain=shop.test"), Fit::Same);
    assert_eq!(fit("domain=cdn.shop.test"), Fit::Same);
    assert_eq!(fit("domain=video.test"), Fit::Other);
    assert_eq!(fit("domain=this_site"), Fit::Unsaid);
    assert_eq!(fit(""), Fit::Unsaid);
}

#[test]
fn of_two_declarations_one_of_the_same_domain_goes_first_then_the_surer_then_the_longer() {
    let of = |line: &str, how, letters| rank(&declaration(line, &["x"]), "shop.test", how, letters);
    assert!(of("", How::Pattern, 2) < of("domain=video.test", How::Exact, 9));
    assert!(of("", How::Exact, 2) < of("", How::Pattern, 9));
    assert!(of("", How::Pattern, 3) < of("domain=shop.test", How::Pattern, 2));
    assert!(of("domain=shop.test", How::Exact, 2) < of("", How::Exact, 2));
}

#[test]
fn a_text_speaks_of_a_name_that_stands_alone() {
    for (text, name) in [
        ("a1", "a1"),
        ("We set a1.", "a1"),
        ("We set a1. It counts", "a1"),
        ("We set (a1), too", "a1"),
        ("ba1 and a1", "a1"),
        ("the sessionId of it", "sessionId"),
        ("the session cookie", "session"),
        ("the SESSION Cookie", "SESSION"),
        ("a cwci: session", "session"),
        ("our cookie, session", "session"),
        ("called 'session' here", "session"),
        ("called \u{201c}session\u{201d} here", "session"),
    ] {
        assert_eq!(mention(text, name), Some(name), "{text}: {name}");
    }
    for (text, name) in [
        ("ba1", "a1"),
        ("a12", "a1"),
        ("a1-b", "a1"),
        ("x_a1", "a1"),
        ("www.a1", "a1"),
        ("a1.js", "a1"),
        ("the session ends", "session"),
        ("the session cookies", "session"),
        ("called 'session here", "session"),
        ("called session' here", "session"),
        ("the Session ends", "Session"),
        ("", "a1"),
        ("  ", " "),
        ("...", "."),
    ] {
        assert_eq!(mention(text, name), None, "{text}: {name}");
    }
}

#[test]
fn a_slip_of_the_pen_is_one_letter_and_no_digit() {
    for (written, name) in [
        // Letter case, underscores at the start, separators.
        ("abcd", "ABCD"),
        ("__ga_*", "_ga_X1"),
        ("ga_*", "_ga_X1"),
        ("session.id", "session_id"),
        ("session id", "sessionid"),
        // One letter too many or too few.
        ("abcde", "abcdef"),
        ("sesion_id", "session_id"),
        ("abcDE", "abXcde"),
        // Two that changed places.
        ("abdce", "abcde"),
        ("_fpb", "_fbp"),
        ("abDCe", "abCDe"),
        // Another one, in a long name.
        ("sessiins", "sessions"),
        ("sessiona_id", "sessionx_id"),
        ("session_abc", "session_xbc"),
        ("sessiOns_id", "sessiEns_ID"),
    ] {
        assert!(slip(written, name), "{written} for {name}");
        assert!(slip(name, written) || written.contains('*'), "{name} for {written}");
    }
    for (written, name) in [
        ("abc", "ABC"),
        ("a_b_", "a-b-"),
        ("abcd", "abcde"),
        ("abcde", "ab1cde"),
        ("abcdef", "ab12def"),
        ("ab12", "ab21"),
        ("abcdef", "abxdyf"),
        ("sessoon", "session"),
        ("xession_id", "session_id"),
        ("session+id", "session_id"),
        ("session_a_id", "session_b_id"),
        ("sessions", "sessiont"),
        ("sessiin", "sessions"),
        ("session1_id", "session2_id"),
        ("sessionx_id", "session2_id"),
        ("______sid_1", "sid_1"),
        ("gb_*", "_ga_X1"),
        ("_a*", "ab"),
        ("_*x2", "ax2"),
        ("_ga_*", "_gat_X1"),
        ("same_name", "same_name"),
        ("één", "twee"),
    ] {
        assert!(!slip(written, name), "{written} for {name}");
    }
    // Letters of several bytes are letters.
    assert!(slip("sessión_id", "sessiónn_id"));
}

#[test]
fn names_that_cannot_be_a_slip_apart_are_told_quickly() {
    let near = |one: &str, other: &str| is_near(one.as_bytes(), other.as_bytes());
    for (one, other) in [
        ("abcdef", "abcdef"),
        ("____abcd", "abcd"),
        ("abcdef", "abcde"),
        ("abdcef", "abcdef"),
        ("abXdef", "ABcDEF"),
        ("é", "e"),
    ] {
        assert!(near(one, other) && near(other, one), "{one}, {other}");
    }
    for (one, other) in
        [("_____abcd", "abcd"), ("abcdef", "abcd"), ("abcdef", "abxyzf"), ("abcdef", "uvwxyz")]
    {
        assert!(!near(one, other) && !near(other, one), "{one}, {other}");
    }
}
