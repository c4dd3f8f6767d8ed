//! Tables that say little, or say it in passing.

use super::*;
use crate::notice::read;

#[test]
fn a_cell_may_say_a_lifetime_in_passing() {
    const YEAR: u64 = 365 * 86_400;
    for (text, seconds) in [
        ("Counts visits, 2 years", Some(2 * YEAR)),
        ("Counts visits – 2 full years", Some(2 * YEAR)),
        ("It expires after 2 years.", Some(2 * YEAR)),
        ("Counts visits, those of 2 years ago now", None),
        ("Counts visits, persistent", None),
        ("Counts visits, blue", None),
        ("Counts visits", None),
    ] {
        assert_eq!(in_passing(text).and_then(|it| it.seconds), seconds, "{text}");
    }
    assert_eq!(in_passing("Keeps a basket, session").unwrap().kind, WrittenLifetime::Session);
}

#[test]
fn a_table_whose_names_are_none_is_a_problem_unless_it_says_that_there_are_none() {
    let problems = |name: &str| {
        let page = format!(
            "<title>Cookies</title><h1>Cookies</h1><p>We use these cookies on our site:</p>\
             <table><tr><th>Cookie name</th><th>Purpose</th></tr><tr><td>{name}</td><td>It counts visits</td></tr></table>"
        );
        let notice = read("x", &page);
        assert!(notice.declarations.is_empty(), "{name}");
        notice.problems.iter().filter(|it| it.kind == NoticeProblemKind::TableNotUnderstood).count()
    };
    for none in ["None", "No cookies", "n/a", "Nil", "Dim", "-", "Not applicable"] {
        assert_eq!(problems(none), 0, "{none}");
    }
    assert_eq!(problems("the big blue one over there"), 1);
}
