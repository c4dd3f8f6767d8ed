//! What is an identifier in a name, and whether a name stands in a text.

use super::*;

#[test]
fn what_differs_from_visitor_to_visitor_becomes_a_star() {
    for (name, general) in [
        // Numbers, hexadecimal strings, capitals and digits mixed.
        ("abc_1", Some("abc_*")),
        ("abc-12ab", Some("abc-*")),
        ("abc.XYZW12QR", Some("abc.*")),
        ("abc:a1b2c3xx", Some("abc:*")),
        ("ab_123", Some("ab_*")),
        // Too short or too much like a word.
        ("abc_1ab", None),
        ("abc_deed", None),
        ("abc_XYZW1QR", None),
        ("abc_XY12ZW3", None),
        ("abc_ABCDEFGH", None),
        ("abc_a1b2cxxx", None),
        ("abc_a1-b2-c3", None),
        // Too little would be left.
        ("a_123", None),
        ("___123", None),
        ("123_abc", None),
        // A word at the end stays, unless it is short or an identifier follows it.
        ("abc_123_session", Some("abc_*_session")),
        ("abc_123_user", Some("abc_*")),
        ("abc_123_session_456", Some("abc_*")),
        ("abc_123_456_session", Some("abc_*_session")),
        ("abc_123_long1_words", Some("abc_*_long1_words")),
        ("abc__123", Some("abc__*")),
        // What is general already.
        ("abc_*", None),
        ("abc_x*y_1", Some("abc_x*")),
        ("abc_UA-123-4", Some("abc_*")),
        ("UA-123-4", None),
        ("", None),
        ("é_123", None),
    ] {
        assert_eq!(generalise(name).as_deref(), general, "{name}");
    }
}

#[test]
fn a_hash_at_the_end_is_no_part_of_the_name() {
    let hash = |length: usize| "0123456789abcdef".repeat(5)[..length].to_owned();
    assert_eq!(generalise(&format!("SSESS{}", hash(32))).as_deref(), Some("SSESS*"));
    assert_eq!(generalise(&format!("SSESS{}", hash(64))).as_deref(), Some("SSESS*"));
    assert_eq!(generalise(&format!("SSESS{}", hash(31))), None);
    assert_eq!(generalise(&hash(32)), None);
}

#[test]
fn a_name_of_any_reasonable_length_is_made_general() {
    let name = |length: usize| format!("abc_{}", &"Z1".repeat(300)[..length - 4]);
    assert_eq!(generalise(&name(512)).as_deref(), Some("abc_*"));
    assert_eq!(generalise(&name(513)), None);
}

#[test]
fn a_name_stands_in_a_text_as_a_whole_word() {
    for (text, name) in [
        ("_ga", "_ga"),
        ("We set _ga here", "_ga"),
        ("We set (_ga), too", "_ga"),
        ("We set _ga.", "_ga"),
        ("We set _ga. It counts", "_ga"),
        ("_gab and _ga", "_ga"),
        ("é_ga or _ga", "_ga"),
        ("the sess cookie", "sess"),
    ] {
        assert!(stands_in(text, name), "{text}: {name}");
    }
    for (text, name) in [
        ("We set _gab", "_ga"),
        ("We set x_ga", "_ga"),
        ("_ga.js is a file", "_ga"),
        ("_ga-2 is set", "_ga"),
        ("x-_ga is set", "_ga"),
        ("", "_ga"),
        // A short word says nothing when it is found in prose.
        ("the id is kept", "id"),
        ("the sid is kept", "sid"),
    ] {
        assert!(!stands_in(text, name), "{text}: {name}");
    }
}
