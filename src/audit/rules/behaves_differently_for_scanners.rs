//! # `behaves-differently-for-scanners`
//!
//! ## What it finds
//! A site that stores something, or contacts another site, for visitors whose browser does not name this program, and not
//! for the visitors of the scan. The start page was opened by both sorts several times, before any choice; what only one
//! of several visitors was given, or was seen before a choice in any pass, is left out.
//!
//! ## Why it matters
//! Whoever tests the site sees another site than its visitors do, so that a clean result says nothing about what they get.
//! What is listed happens to visitors before they could choose.
//!
//! ## How to fix it
//! Treat every browser alike. To scan the site as visitors see it, pass the name of an ordinary browser to `--user-agent`.
//!
//! ## Severity
//! Low if nothing of it is known to measure, follow or advertise: sites vary from visit to visit.
//!
//! ## When it stays open
//! If the visits of the other browser failed, or those of the scan did.
//!
//! ## References
//! - UK PECR, regulation 6: <https://www.legislation.gov.uk/uksi/2003/2426/regulation/6>

use std::collections::BTreeSet;

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases},
    model::{Category, Confidence, Evidence, OnlyHere, OnlyHereKind, Pass, Subject, Undecided},
};

/// How many things a finding names.
const MOST: usize = 12;

pub(super) static RULE: Rule = Rule {
    id: "behaves-differently-for-scanners",
    severity: Severity::High,
    summary: "visitors are given what a scan is not",
    tags: &["scan"],
    needs: &[Pass::None],
    notice_edit: None,
    source: include_str!("behaves_differently_for_scanners.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let of_pass = evidence.pass(Pass::None)?;
    let Some(second) = &of_pass.second_visitor else {
        evidence.before_choice(|_| ())?;
        return Err(Undecided::NotApplicable(
            "no visitor with another browser was compared".to_owned(),
        ));
    };
    if let Some(why) = &second.problem {
        return Err(Undecided::Unclear(format!("visits by another browser failed: {why}")));
    }
    let mut seen = BTreeSet::new();
    // What is missing of the other passes could only shorten the list.
    let missing = evidence.before_choice(|before| {
        let cookies = before.cookies_and_attempts();
        seen.extend(cookies.map(|(it, _)| (it.key.name.clone(), it.key.domain.clone())));
        let items = before.storage_and_probes();
        seen.extend(items.map(|(it, _)| (it.key.key.clone(), it.key.origin.clone())));
        seen.extend(before.hosts().map(|(it, _)| (String::new(), it.host.to_string())));
    });
    let only_here: Vec<&OnlyHere> = second
        .only_here
        .iter()
        .filter(|it| !seen.contains(&(it.name.clone(), it.place.clone())))
        .collect();
    if only_here.is_empty() {
        return missing;
    }
    let tracks =
        |it: &&&OnlyHere| matches!(it.category, Some(Category::Performance | Category::Marketing));
    let tracking: Vec<&&OnlyHere> = only_here.iter().filter(tracks).collect();
    let named: Vec<String> = if tracking.is_empty() {
        only_here.iter().map(|it| name(it)).collect()
    } else {
        tracking.iter().map(|it| name(it)).collect()
    };
    let listed = phrases::list(&named, 3);
    let mut finding = findings
        .draft(
            Subject::Site(evidence.site.clone()),
            format!(
                "before any choice, visitors whose browser does not name this program are given {listed}; the scan was not"
            ),
        )
        .severity(if tracking.is_empty() { Severity::Low } else { Severity::High })
        .confidence(Confidence::Medium)
        .cite(format!(
            "seen by each of {} visitors with the user agent {}",
            second.visitors, second.user_agent
        ))
        .advice("Treat browsers that name a scanner as all others");
    for it in only_here.iter().take(MOST) {
        finding = finding.cite(match it.category {
            Some(category) => format!("{}, which is {category}", name(it)),
            None => name(it),
        });
    }
    finding.passes.push(Pass::None);
    finding.pages.extend(of_pass.visits.first().map(|visit| visit.url.clone()));
    findings.report(finding);
    Ok(())
}

fn name(it: &OnlyHere) -> String {
    match it.kind {
        OnlyHereKind::Cookie => format!("the cookie `{}` of {}", it.name, it.place),
        OnlyHereKind::Storage => format!("the storage item `{}` of {}", it.name, it.place),
        OnlyHereKind::Host => format!("requests to {}", it.place),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn what_only_others_are_given() {
        check(
            &RULE,
            "none\n compared\n only-here cookie _ga shop.test performance\n only-here host - tag.test marketing\n only-here storage theme https://shop.test -",
            "violated\nhigh shop.test: before any choice, visitors whose browser does not name this program are given the cookie `_ga` of shop.test, requests to tag.test; the scan was not",
        );
        check(
            &RULE,
            "none\n compared\n only-here cookie ab shop.test -",
            "violated\nlow shop.test: before any choice, visitors whose browser does not name this program are given the cookie `ab` of shop.test; the scan was not",
        );
    }

    #[test]
    fn what_any_pass_was_given_before_its_choice_is_no_difference() {
        check(
            &RULE,
            "none\n compared\n only-here host - tag.test marketing\nreject\n host tag.test marketing\n --- refused",
            "satisfied",
        );
        // After a choice is another matter.
        check(
            &RULE,
            "none\n compared\n only-here host - tag.test marketing\naccept\n --- granted\n host tag.test marketing",
            "violated\nhigh shop.test: before any choice, visitors whose browser does not name this program are given requests to tag.test; the scan was not",
        );
    }

    #[test]
    fn missing_evidence_clears_nobody() {
        check(&RULE, "none\n compared", "satisfied");
        check(&RULE, "none", "not applicable: no visitor with another browser was compared");
        check(
            &RULE,
            "none\n compared failed=it_did_not_load",
            "open: visits by another browser failed: it did not load",
        );
        check(&RULE, "reject", "open: the no-choice pass was not run");
        check(
            &RULE,
            "none\n compared\n gap the server answers 403",
            "open: the no-choice pass is incomplete: the server answers 403",
        );
    }
}
