//! Lengths, colours and rules of style sheets, and what they hide.

use super::*;
use crate::notice::read;

#[test]
fn every_unit_of_length_is_read() {
    for (value, pixels) in [
        ("2px", Some(2.0)),
        ("2pt", Some(2.66)),
        ("2em", Some(32.0)),
        ("-2rem", Some(-32.0)),
        ("2vw", Some(20.0)),
        ("2vh", Some(20.0)),
        (".5px", Some(0.5)),
        ("+1px", Some(1.0)),
        ("0", Some(0.0)),
        ("0%", Some(0.0)),
        ("-100%", Some(-1000.0)),
        ("-200%", Some(-2000.0)),
        ("-99%", None),
        ("100%", None),
        ("2", None),
        ("auto", None),
        ("2ch", None),
        ("", None),
    ] {
        assert_eq!(length(value), pixels, "{value}");
    }
}

#[test]
fn colours_are_read_in_numbers_and_by_name() {
    for (value, color_of) in [
        ("#102030", Some([16, 32, 48])),
        ("#102030ff", Some([16, 32, 48])),
        ("#123", Some([17, 34, 51])),
        ("#123f", Some([17, 34, 51])),
        (" #123 url(x)", Some([17, 34, 51])),
        ("#12345", None),
        ("#1", None),
        ("#xyz", None),
        ("#éé", None),
        ("rgb(1, 2, 300)", Some([1, 2, 255])),
        ("rgb(1 2 3 / 0.9)", Some([1, 2, 3])),
        ("rgba(1, 2, 3, 1)", Some([1, 2, 3])),
        ("rgba(1, 2, 3, 0.89)", None),
        ("rgb(1, 2)", None),
        ("white", Some([255, 255, 255])),
        ("black", Some([0, 0, 0])),
        ("ivory", Some([254, 252, 250])),
        ("whitesmoke", Some([245, 245, 245])),
        ("red", Some([255, 0, 0])),
        ("grey", Some([128, 128, 128])),
        ("silver", Some([192, 192, 192])),
        ("rebeccapurple", None),
    ] {
        assert_eq!(color(value), color_of, "{value}");
    }
}

#[test]
fn what_is_clipped_to_nothing_is_clipped_away() {
    for value in ["rect(0 0 0 0)", "rect(1px, 1px, 1px, 1px)", "rect(0,0,0,0)"] {
        assert!(is_clipped_away(value), "{value}");
    }
    for value in ["rect(0 0 0)", "rect(0 0 0 2px)", "rect(0 0 0 -1px)", "auto", "rect(0 0 0 auto)"]
    {
        assert!(!is_clipped_away(value), "{value}");
    }
}

/// Names that are declared for everybody to see, and names that nobody sees, in a page with this head and these rows.
fn seen(head: &str, body: &str) -> (Vec<String>, Vec<String>) {
    let page = format!(
        "<title>Cookies</title>{head}<h1>Cookies</h1><p>We use these cookies on our site:</p>{body}"
    );
    let notice = read("x", &page);
    let names =
        |list: &[crate::model::Declaration]| list.iter().map(|it| it.as_written.clone()).collect();
    (names(&notice.declarations), names(&notice.hidden))
}

const ROWS: &str = "<table><tr><th>Cookie</th><th>Purpose</th></tr>\
    <tr><td>_seen</td><td>It counts visits</td></tr>\
    <tr class=x><td>_other</td><td>It counts visits too</td></tr></table>";

#[track_caller]
fn hides(head: &str, hidden: bool) {
    let (declared, unseen) = seen(head, ROWS);
    let (all, none): (&[&str], &[&str]) = (&["_seen", "_other"], &[]);
    let expected = if hidden { (&all[..1], &all[1..]) } else { (all, none) };
    assert_eq!(
        (&declared[..], &unseen[..]),
        (
            &expected.0.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..],
            &expected.1.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..],
        ),
        "{head}"
    );
}

#[test]
fn a_rule_hides_what_it_is_about_on_a_screen() {
    hides("<style>.x { display: none }</style>", true);
    hides("<style media=screen>.x { display: none }</style>", true);
    hides("<style media=all>.x { display: none }</style>", true);
    hides("<style media=print>.x { display: none }</style>", false);
    hides("<style>.x:hover { display: none }</style>", false);
    hides("<style>.x::before { display: none }</style>", false);
    hides("<style>tr.x:not(.y) { display: none }</style>", true);
    hides("<style>tr:nth-child(3) { display: none }</style>", true);
    hides("<style>.y { display: none }</style>", false);
    // The one that weighs more counts, or the one that comes later.
    hides("<style>.x { display: none } .x { display: table-row }</style>", false);
    hides("<style>.x[class] { display: none } .x { display: table-row }</style>", true);
    hides("<style>.x { display: none !important } tr.x { display: table-row }</style>", true);
}

#[test]
fn a_part_is_hidden_in_many_ways_and_others_only_look_so() {
    let part = |style: &str| {
        let row = "<table><tr><th>Cookie</th><th>Purpose</th></tr><tr><td>_one</td><td>It counts visits</td></tr></table>";
        let (declared, hidden) = seen("", &format!("<div style=\"{style}\">{row}</div>"));
        assert_eq!(declared.len() + hidden.len(), 1, "{style}");
        !hidden.is_empty()
    };
    for style in [
        "display: none",
        "visibility: hidden",
        "opacity: 0",
        "opacity: 0.04",
        "content-visibility: hidden",
        "font-size: 0",
        "font-size: 1px",
        "text-indent: -500px",
        "overflow: hidden; height: 1px",
        "overflow: clip; width: 0",
        "overflow-y: hidden; max-height: 0px",
        "position: absolute; clip: rect(0 0 0 0)",
        "clip-path: inset(50%)",
        "clip-path: inset(100%)",
        "transform: scale( 0 )",
        "position: absolute; left: -500px",
        "position: fixed; top: -9999px",
        "margin-left: -500px",
    ] {
        assert!(part(style), "{style}");
    }
    for style in [
        "display: block",
        "visibility: visible",
        "opacity: 0.05",
        "font-size: 2px",
        "text-indent: -499px",
        "text-indent: 500px",
        "overflow: hidden; height: 2px",
        "height: 1px",
        "overflow: visible; height: 1px",
        "clip: rect(0 0 0 0)",
        "position: relative; left: -500px",
        "position: absolute; left: -499px",
        "position: absolute; left: 500px",
        "margin-left: -499px",
        "transform: scale(1)",
        "clip-path: inset(10%)",
    ] {
        assert!(!part(style), "{style}");
    }
}
