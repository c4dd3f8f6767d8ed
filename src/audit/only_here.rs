//! What only visitors were given whose browser does not name this program: no rule about what happens before a choice is
//! satisfied by the visitors of the scan alone.

use std::collections::BTreeSet;

use super::phrases;
use crate::model::{Category, Evidence, OnlyHere, OnlyHereKind, Party, Pass, Undecided, site};

/// Every kind.
pub(super) const KINDS: &[OnlyHereKind] =
    &[OnlyHereKind::Cookie, OnlyHereKind::Storage, OnlyHereKind::Host];

/// What none of the scan's visitors was given before a choice, in any pass.
pub(super) fn only_here(evidence: &Evidence) -> Vec<&OnlyHere> {
    let Ok(of_pass) = evidence.pass(Pass::None) else { return Vec::new() };
    let Some(second) = &of_pass.second_visitor else { return Vec::new() };
    let mut seen = BTreeSet::new();
    // What is missing of the other passes could only shorten the list.
    let _ = evidence.before_choice(|before| {
        let cookies = before.cookies_and_attempts();
        seen.extend(cookies.map(|(it, _)| (it.key.name.clone(), it.key.domain.clone())));
        let items = before.storage_and_probes();
        seen.extend(items.map(|(it, _)| (it.key.key.clone(), it.key.origin.clone())));
        seen.extend(before.hosts().map(|(it, _)| (String::new(), it.host.to_string())));
    });
    let given = second.only_here.iter();
    given.filter(|it| !seen.contains(&(it.name.clone(), it.place.clone()))).collect()
}

/// That others than the scan's visitors were given nothing of one of these kinds that needs consent, or may.
pub(super) fn none_that_needs_consent(
    evidence: &Evidence,
    kinds: &[OnlyHereKind],
) -> Result<(), Undecided> {
    none_that_is(evidence, kinds, Category::needs_consent)
}

/// The same for what `is` of some category, or may be.
pub(super) fn none_that_is(
    evidence: &Evidence,
    kinds: &[OnlyHereKind],
    is: impl Fn(Category) -> bool,
) -> Result<(), Undecided> {
    let given = only_here(evidence).into_iter();
    let given = given.filter(|it| kinds.contains(&it.kind) && may_be(evidence, it, &is));
    let names: Vec<String> = given.map(name).collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(Undecided::Unclear(format!(
        "before any choice, visitors whose browser does not name this program are given {}; the scan was not",
        phrases::list(&names, 3)
    )))
}

fn may_be(evidence: &Evidence, it: &OnlyHere, is: impl Fn(Category) -> bool) -> bool {
    match (it.kind, it.category) {
        // Other sites serve fonts and maps: only those that track are contacted with consent.
        (OnlyHereKind::Host, category) => {
            site::party(&it.place, &evidence.site) == Party::Third
                && category.is_none_or(|it| it.tracks() && is(it))
        }
        (OnlyHereKind::Cookie | OnlyHereKind::Storage, category) => category.is_none_or(is),
    }
}

/// What it is, in words.
pub(super) fn name(it: &OnlyHere) -> String {
    match it.kind {
        OnlyHereKind::Cookie => format!("the cookie `{}` of {}", it.name, it.place),
        OnlyHereKind::Storage => format!("the storage item `{}` of {}", it.name, it.place),
        OnlyHereKind::Host => format!("requests to {}", it.place),
    }
}

#[cfg(test)]
mod tests {
    use crate::audit::{Outcome, rules, testing};

    const RULES: [&str; 4] = [
        "cookie-before-consent",
        "storage-before-consent",
        "tracker-before-consent",
        "missing-banner",
    ];

    /// Which of the rules are satisfied, of a site without a banner whose other visitors are given `lines`.
    fn satisfied(lines: &str) -> Vec<&'static str> {
        let none = " banner absent\n sid shop.test essential";
        let case = format!(
            "none\n{none}\n compared\n{lines}\nreject unavailable\n{none}\naccept unavailable\n{none}"
        );
        let case = testing::Case::new(&case);
        let rules = RULES.into_iter().filter(|id| {
            let rule = rules::ALL.iter().find(|it| it.id == *id).unwrap();
            match case.judge(rule) {
                Outcome::Satisfied => true,
                Outcome::Open(why) => {
                    assert!(why.to_string().contains("does not name this program"), "{why}");
                    false
                }
                other => panic!("{id}: {other:?}"),
            }
        });
        rules.collect()
    }

    #[test]
    fn what_others_are_given_before_a_choice_clears_nobody() {
        let [cookie, storage, tracker, banner] = RULES;
        for (lines, clear) in [
            ("", vec![cookie, storage, tracker, banner]),
            (" only-here cookie _ga shop.test performance", vec![storage, tracker]),
            (" only-here cookie lang shop.test functional", vec![storage, tracker]),
            (" only-here cookie x9 shop.test -", vec![storage, tracker]),
            (" only-here cookie csrf shop.test essential", vec![cookie, storage, tracker, banner]),
            (" only-here storage v https://shop.test marketing", vec![cookie, tracker]),
            (" only-here host - tag.test marketing", vec![cookie, storage]),
            (" only-here host - x.test -", vec![cookie, storage]),
            (" only-here host - fonts.test functional", vec![cookie, storage, tracker, banner]),
            (" only-here host - cdn.shop.test -", vec![cookie, storage, tracker, banner]),
        ] {
            assert_eq!(satisfied(lines), clear, "{lines}");
        }
    }

    #[test]
    fn nor_does_it_let_a_claim_stand() {
        let case = |given: &str| {
            format!(
                "none\n compared\n{given}\nreject\naccept\nnotice\n claim no-category We_use_none. categories=marketing"
            )
        };
        let rule = rules::ALL.iter().find(|it| it.id == "contradicted-claim").unwrap();
        testing::check(rule, &case(""), "satisfied");
        testing::check(rule, &case(" only-here cookie _ga shop.test performance"), "satisfied");
        testing::check(
            rule,
            &case(" only-here cookie _fbp shop.test marketing"),
            "open: \"We use none.\": before any choice, visitors whose browser does not name this program are given the cookie `_fbp` of shop.test; the scan was not",
        );
    }
}
