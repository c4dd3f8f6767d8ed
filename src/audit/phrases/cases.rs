//! How things are called in findings.

use super::*;
use crate::audit::{declaration_match::Declarations, testing};

/// The first cookie of the no-choice pass.
fn seen_cookie(line: &str) -> (ObservedCookie, Sighting) {
    let (evidence, _) = testing::parse(&format!("none\n {line}"));
    let mut found = None;
    let _ = evidence.everywhere(|slice| {
        found = slice.cookies_and_attempts().next().map(|(it, at)| (it.clone(), at[0].clone()));
    });
    found.unwrap()
}

fn seen_item(line: &str) -> ObservedStorage {
    let (evidence, _) = testing::parse(&format!("none\n {line}"));
    let mut found = None;
    let _ = evidence.everywhere(|slice| {
        found = slice.storage_and_probes().next().map(|(it, _)| it.clone());
    });
    found.unwrap()
}

#[test]
fn lengths_are_given_in_the_largest_unit_that_fits() {
    for (seconds, words) in [
        (0, "0 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (149, "2 minutes"),
        (150, "3 minutes"),
        (7199, "120 minutes"),
        (7200, "2 hours"),
        (8999, "2 hours"),
        (9000, "3 hours"),
        (86_399, "24 hours"),
        (86_400, "1 day"),
        (129_599, "1 day"),
        (129_600, "2 days"),
        (364 * 86_400, "364 days"),
        (366 * 86_400, "366 days"),
        (730 * 86_400, "2 years"),
    ] {
        assert_eq!(duration(seconds), words, "{seconds}");
    }
}

#[test]
fn cookies_and_items_are_called_by_kind_name_and_place() {
    let called = |line: &str| cookie(&seen_cookie(line).0);
    assert_eq!(called("_ga shop.test unknown"), "cookie _ga");
    assert_eq!(called("_ga ads.test unknown"), "cookie _ga of ads.test");
    assert_eq!(called("(nameless) shop.test unknown"), "cookie without a name");
    assert_eq!(called("(nameless) ads.test unknown"), "cookie without a name of ads.test");
    for (kind, words) in [
        ("local", "local storage item"),
        ("session", "session storage item"),
        ("indexeddb", "IndexedDB database"),
        ("cache", "browser cache"),
        ("opfs", "file in the browser"),
    ] {
        let own = item(&seen_item(&format!("{kind}:x https://shop.test unknown")));
        assert_eq!(own, format!("{words} x"));
        let other = item(&seen_item(&format!("{kind}:x https://ads.test unknown")));
        assert_eq!(other, format!("{words} x of https://ads.test"));
    }
    assert_eq!(name(""), "the one without a name");
    assert_eq!(name("_ga"), "_ga");
    assert_eq!(category_prefix(Category::Unknown), "");
    assert_eq!(category_prefix(Category::Marketing), "marketing ");
}

#[test]
fn the_page_is_named_if_it_is_one_and_not_the_first() {
    let sighting = |page: &str, kind| Sighting {
        page: format!("https://shop.test{page}"),
        kind,
        ..seen_cookie("x shop.test unknown").1
    };
    let said = |seen: &[(&str, SightingKind)]| {
        let seen: Vec<Sighting> = seen.iter().map(|(page, kind)| sighting(page, *kind)).collect();
        page_suffix(&seen.iter().collect::<Vec<_>>())
    };
    use SightingKind::{Held, Set};
    assert_eq!(said(&[("/a", Set)]), " on /a");
    assert_eq!(said(&[("/a", Set), ("/a", Set)]), " on /a");
    assert_eq!(said(&[("/a", Set), ("/b", Set)]), "");
    assert_eq!(said(&[("/", Set)]), "");
    assert_eq!(said(&[]), "");
    // Where it was written says more than where it was still there.
    assert_eq!(said(&[("/b", Held), ("/a", Set)]), " on /a");
    assert_eq!(said(&[("/a", Held)]), " on /a");
}

#[test]
fn who_wrote_something_is_named_if_it_was_another_site() {
    let said = |kind, url: Option<&str>| {
        let set_by = SetBy { kind, url: url.map(str::to_owned), chain: Vec::new() };
        setter_suffix(&set_by, "www.shop.test")
    };
    let tag = Some("https://cdn.tag.test/a.js");
    assert_eq!(said(SetKind::Script, tag), " by a script from cdn.tag.test");
    assert_eq!(said(SetKind::Http, tag), " by a response from cdn.tag.test");
    assert_eq!(said(SetKind::Unknown, tag), "");
    assert_eq!(said(SetKind::Script, Some("https://cdn.shop.test/a.js")), "");
    assert_eq!(said(SetKind::Script, None), "");
}

#[test]
fn a_row_is_cited_with_its_cells_and_its_heading() {
    for (line, said) in [
        ("declare _ga", "the notice says: _ga"),
        ("declare _ga provider=Google life=2y", "the notice says: _ga | Google | 2y"),
        (
            "declare _ga provider=Google purpose=It_counts life=2y section=Statistics",
            "the notice says: _ga | Google | It counts | 2y (under 'Statistics')",
        ),
        ("declare _ga section=Statistics", "the notice says: _ga (under 'Statistics')"),
    ] {
        let declared = testing::notice(line);
        assert_eq!(row(&declared.declarations[0]).to_string(), said);
    }
    let cited = |notice: &str, name: &str| {
        let notice = testing::notice(notice);
        let found = Declarations::new(&notice).declared(name, "shop.test").unwrap();
        match_citation(&found).to_string()
    };
    assert_eq!(cited("declare _ga", "_ga"), "the notice says: _ga");
    assert_eq!(
        cited("declare _ga_Z2RHWQ33HY", "_ga_PK75TN8S2W"),
        "the notice says: _ga_Z2RHWQ33HY; the name is another visitor's instance"
    );
    assert_eq!(cited("text We set _ga.", "_ga"), "the notice mentions _ga in its text");
}

#[test]
fn a_lifetime_is_what_was_asked_for_or_else_what_was_kept() {
    let said = |session, requested_seconds, seconds| {
        lifetime(&Lifetime { session, seconds, requested_seconds })
    };
    assert_eq!(said(true, Some(60), Some(60)).as_deref(), Some("until the browser is closed"));
    assert_eq!(said(false, Some(86_400), Some(7200)).as_deref(), Some("1 day"));
    assert_eq!(said(false, None, Some(7200)).as_deref(), Some("2 hours"));
    assert_eq!(said(false, None, None), None);
    assert_eq!(said(false, Some(-1), None), None);
}

#[test]
fn things_of_unknown_purpose_leave_a_question_open() {
    assert!(none_unknown("cookies", &[]).is_ok());
    let names = ["a", "b", "c", "d", "e", "f"].map(str::to_owned);
    let why = none_unknown("cookies", &names).unwrap_err().to_string();
    assert_eq!(why, "no source knows the purpose of these cookies: a, b, c, d, e and 1 more");
}

#[test]
fn texts_are_cut_after_a_hundred_and_twenty_letters() {
    assert_eq!(short(&"a".repeat(120)), "a".repeat(120));
    assert_eq!(short(&"a".repeat(121)), format!("{}…", "a".repeat(120)));
}
