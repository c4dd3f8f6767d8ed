//! # `missing-withdrawal-control`
//!
//! ## What it finds
//! A site on which consent cannot be withdrawn: the scan found no link, icon or settings page for
//! it on the start page or on the cookies pages.
//!
//! ## Why it matters
//! Withdrawing must be as easy as consenting, and visitors must be able to find where. The
//! browser's own settings are no answer: nobody knows which cookie it was.
//!
//! ## How to fix it
//! Put "Cookie settings" at the foot of every page, or radio buttons with "Save cookie settings" on
//! the cookies page, as GOV.UK services do. Let it open what the banner offered, and remove on
//! withdrawal what needed consent.
//!
//! ## When it stays open
//! If nothing could be accepted that would have to be withdrawn, or if there is a control that the
//! scan could not operate.
//!
//! ## References
//! - UK GDPR, article 7(3): as easy to withdraw as to give consent
//! - EDPB, report of the Cookie Banner Taskforce, 17 January 2023: no withdrawal icon
//! - GOV.UK Design System, cookies page

use super::missing_banner;
use crate::{
    audit::{Findings, Policy, Rule, Severity, banner_evidence},
    model::{Choice, Confidence, Evidence, Pass, Proof, Remedy, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "missing-withdrawal-control",
    severity: Severity::Medium,
    summary: "no control to withdraw consent",
    tags: &["pecr-6", "gdpr-7"],
    needs: &Pass::DEFAULT,
    notice_edit: None,
    source: include_str!("missing_withdrawal_control.rs"),
    check,
};

fn check(
    evidence: &Evidence,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Result<(), Undecided> {
    let of_pass = evidence.pass(Pass::Withdraw)?;
    let accepted = banner_evidence::choice(of_pass, Pass::Accept)
        .is_some_and(|it| it.proof.contains(&Proof::PersistsAfterReload));
    match &of_pass.choice {
        Choice::Made { .. } => Ok(()),
        Choice::Unavailable { why } if accepted => {
            if let Some(tried) = banner_evidence::choice(of_pass, Pass::Withdraw) {
                banner_evidence::controls_are_understood(evidence, tried)?;
            }
            // Who has only read that nothing is asked has agreed to nothing.
            if let Ok(banner) = banner_evidence::banner(evidence) {
                banner.asks(|| missing_banner::needs_consent(evidence, policy))?;
            }
            let mut finding = findings
                .draft(
                    Subject::Site(evidence.site.clone()),
                    "the site has no control to withdraw consent",
                )
                .remedy(Remedy::FixBanner)
                // A scan does not open every page.
                .confidence(Confidence::Medium)
                .cite(why.clone())
                .advice(
                    "Put \"Cookie settings\" at the foot of every page, or a form with a save button \
                     on the cookies page",
                );
            finding.passes.push(Pass::Withdraw);
            for visit in &of_pass.visits {
                if !finding.pages.contains(&visit.url) {
                    finding.pages.push(visit.url.clone());
                }
            }
            findings.report(finding);
            Ok(())
        }
        Choice::Unavailable { why } => {
            evidence.banner_was_sought(Pass::Withdraw, of_pass)?;
            Err(Undecided::NotApplicable(why.clone()))
        }
        Choice::Failed { why } => Err(Undecided::incomplete(Pass::Withdraw, why)),
        Choice::NotAsked => Err(Undecided::NotRun(Pass::Withdraw)),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn accepted_and_no_way_back() {
        check(
            &RULE,
            "withdraw unavailable\n choice accept proof",
            "violated\nmedium shop.test: the site has no control to withdraw consent",
        );
        check(&RULE, "withdraw\n choice accept proof\n choice withdraw proof", "satisfied");
    }

    #[test]
    fn nothing_accepted_nothing_to_take_back() {
        check(&RULE, "withdraw unavailable", "not applicable: the button was not there");
    }

    #[test]
    fn what_was_not_understood_may_withdraw() {
        let case = |more: &str| {
            format!("none\nwithdraw unavailable\n choice accept proof\n choice withdraw {more}")
        };
        check(
            &RULE,
            &case("unknown=Look_again"),
            "open: what `Look again` on the page does was not understood",
        );
        check(
            &RULE,
            &case(""),
            "violated\nmedium shop.test: the site has no control to withdraw consent",
        );
    }

    #[test]
    fn who_dismissed_what_only_informs_has_nothing_to_take_back() {
        let bar = "banner accept\n control Hide_this meaning=acknowledge";
        let case = |more: &str| {
            format!(
                "none\n {bar}\n{more}reject unavailable\n {bar}\naccept\n {bar}\nwithdraw unavailable\n {bar}\n choice accept proof"
            )
        };
        check(
            &RULE,
            &case(""),
            "not applicable: the banner only informs, and nothing was seen that needs consent, so that there is nothing to refuse",
        );
        check(
            &RULE,
            &case(" _fbp shop.test marketing\n"),
            "violated\nmedium shop.test: the site has no control to withdraw consent",
        );
    }

    #[test]
    fn a_banner_that_was_missed_leaves_it_open() {
        check(
            &RULE,
            "none\nwithdraw unavailable\n banner absent",
            "open: the withdraw pass is incomplete: it found no banner, and the no-choice pass found one",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\nreject\naccept", "open: the withdraw pass was not run");
        check(
            &RULE,
            "withdraw failed\n choice accept proof",
            "open: the withdraw pass is incomplete: the button was stuck",
        );
    }
}
