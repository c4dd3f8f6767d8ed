//! What of a banner was understood.

use super::*;
use crate::audit::testing;

/// Why the banner of the reject pass is not understood, if it is not.
fn unclear(lines: &str) -> Option<String> {
    let lines = lines.replace(';', "\n ");
    let (evidence, _) =
        testing::parse(&format!("none\n banner accept\nreject unavailable\n {lines}"));
    let of_pass = evidence.pass(Pass::Reject).unwrap();
    is_understood(&evidence, of_pass).err().map(|it| it.to_string())
}

#[test]
fn a_control_whose_meaning_is_not_known_leaves_a_banner_unclear() {
    assert_eq!(unclear("banner accept;control Accept meaning=accept"), None);
    assert_eq!(
        unclear("banner accept;control Later").as_deref(),
        Some("what `Later` of the banner does was not understood")
    );
    assert_eq!(
        unclear("banner accept;control Later layer=3").as_deref(),
        Some("what `Later` of the banner does was not understood")
    );
    // What was looked into is judged by where it leads.
    assert_eq!(unclear("banner accept;control Later;unknown Later kind=link leads=policy"), None);
    assert_eq!(
        unclear("banner accept;control Later;unknown Sooner kind=link leads=policy").as_deref(),
        Some("what `Later` of the banner does was not understood")
    );
    assert_eq!(
        unclear("banner doubtful").as_deref(),
        Some("something may be a consent banner: a box in an unknown language")
    );
}

#[test]
fn controls_are_called_by_their_words_or_their_kind() {
    assert_eq!(label(" Later ", "button"), "`Later`");
    assert_eq!(label("", "button"), "a button without words");
    assert_eq!(label(" ", "other"), "a control without words");
    assert_eq!(label("", ""), "a control without words");
}
