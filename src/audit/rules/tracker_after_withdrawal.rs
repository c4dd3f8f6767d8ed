//! # `tracker-after-withdrawal`
//!
//! ## What it finds
//! A third-party host that measures or follows people and is contacted after the visitor has
//! withdrawn consent through the site's own control.
//!
//! ## Why it matters
//! Withdrawal has to have an effect from then on. Each request shows the tracker that this person
//! is on this page now.
//!
//! ## How to fix it
//! Have whatever loads the tracker read the choice on every page load, and load nothing once it
//! says no.
//!
//! ## When it stays open
//! If nothing could be accepted, or if the withdrawal could not be proved. If the site has no
//! control to withdraw with, see `missing-withdrawal-control`.
//!
//! ## References
//! - UK GDPR, article 7(3)
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2 (consent) and 5 (statistics, with objection)
//! - ePrivacy Directive 2002/58/EC, article 5(3), first sentence (consent); EDPB Guidelines 2/2023 on
//!   its technical scope

use crate::{
    audit::{
        Findings, Policy, Rule, Severity,
        consent_checks::{self, ConsentPhase},
        legal_basis::OpenQuestions,
    },
    model::{Evidence, Pass, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "tracker-after-withdrawal",
    severity: Severity::High,
    summary: "tracker contacted after withdrawal",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7"],
    needs: &Pass::DEFAULT,
    notice_edit: None,
    source: include_str!("tracker_after_withdrawal.rs"),
    check,
};

fn check(
    evidence: &Evidence,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Result<(), Undecided> {
    let mut open_questions = OpenQuestions::default();
    evidence.after_withdrawal(|seen| {
        open_questions = consent_checks::trackers(
            evidence,
            policy,
            seen,
            ConsentPhase::AfterWithdrawal,
            findings,
        );
    })?;
    open_questions.settle(evidence, policy, "hosts contacted after withdrawal")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn is_still_contacted() {
        check(
            &RULE,
            "withdraw\n --- granted\n host ads.test marketing\n --- withdrawn\n host stats.test performance",
            "violated\nhigh stats.test: the performance host stats.test is contacted after withdrawal",
        );
        check(
            &RULE,
            "withdraw\n --- granted\n host ads.test marketing\n --- withdrawn",
            "satisfied",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\naccept", "open: the withdraw pass was not run");
        check(&RULE, "withdraw unavailable", "not applicable: the button was not there");
    }
}
