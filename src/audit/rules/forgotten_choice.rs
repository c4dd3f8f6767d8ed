//! # `forgotten-choice`
//!
//! ## What it finds
//! A banner that asks again after the visitor has chosen: after a reload, or on the next page.
//!
//! ## Why it matters
//! People who refuse and are asked again on every page will accept in the end. That is no free
//! choice, and for everybody else it is a nuisance.
//!
//! ## How to fix it
//! Store a refusal as you store a consent, for all pages of the site (`path=/`) and for as long;
//! the GOV.UK Design System keeps both for a year.
//!
//! ## When it stays open
//! If the choice could not be made, or was not stored at all, so that there was nothing to forget.
//!
//! ## References
//! - UK GDPR, articles 4(11) and 7
//! - EDPB, guidelines 05/2020 on consent, paragraph 87 and following; guidelines 03/2022 on deceptive
//!   design patterns: continuous prompting

use crate::{
    audit::{Findings, Policy, Rule, Severity, banner_evidence},
    model::{Choice, Evidence, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "forgotten-choice",
    severity: Severity::Medium,
    summary: "banner asks again after a choice",
    tags: &["pecr-6", "gdpr-7"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("forgotten_choice.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    banner_evidence::banner(evidence)?;
    let mut undecided = None;
    let mut held = false;
    for (pass, what) in [(Pass::Reject, "refused"), (Pass::Accept, "accepted")] {
        let of_pass = evidence.pass(pass)?;
        let again = banner_evidence::choice(of_pass, pass).and_then(|it| it.asked_again.as_deref());
        if let Some(url) = again {
            let mut finding = findings
                .draft(
                    Subject::Choice(pass),
                    format!("the banner asks again after the visitor has {what}"),
                )
                .cite(format!("it asked again on {url}"))
                .advice(
                    "Store the choice for every page of the site, and do not ask while it is there",
                );
            finding.passes.push(pass);
            finding.pages.push(url.to_owned());
            findings.report(finding);
            continue;
        }
        match &of_pass.choice {
            Choice::Made { .. } => held = true,
            Choice::Unavailable { why } => match evidence.banner_was_sought(pass, of_pass) {
                Ok(()) => {
                    undecided.get_or_insert(Undecided::NotApplicable(why.clone()));
                }
                Err(missed) => undecided = Some(missed),
            },
            Choice::Failed { why } => {
                undecided = Some(Undecided::incomplete(pass, why));
            }
            Choice::NotAsked => undecided = Some(Undecided::NotRun(pass)),
        }
    }
    match undecided {
        // What is not offered cannot be forgotten; the other choice was kept.
        Some(Undecided::NotApplicable(_)) if held => Ok(()),
        Some(why) => Err(why),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn asked_again() {
        check(
            &RULE,
            "none\nreject failed\n choice reject asked-again=https://shop.test/b\naccept",
            "violated\nmedium reject: the banner asks again after the visitor has refused",
        );
        check(&RULE, "none\nreject\naccept", "satisfied");
        check(
            &RULE,
            "none\n banner accept\nreject unavailable\n banner accept\naccept\n banner accept",
            "satisfied",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(
            &RULE,
            "none\nreject failed\naccept",
            "open: the reject pass is incomplete: the button was stuck",
        );
    }
}
