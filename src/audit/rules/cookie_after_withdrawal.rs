//! # `cookie-after-withdrawal`
//!
//! ## What it finds
//! A cookie that needs consent and is still there, or is set again, after the visitor has withdrawn
//! consent through the site's own control.
//!
//! ## Why it matters
//! Withdrawal has to have an effect. A cookie that stays continues to identify the visitor, and is
//! sent with every request.
//!
//! ## How to fix it
//! On withdrawal, remove what needed consent: set the site's own cookies again with an age of zero
//! and the same domain and path, and stop loading whatever sets them. Most consent libraries have a
//! list of cookies to clear.
//!
//! ## When it stays open
//! If nothing could be accepted, or if the withdrawal could not be proved. If the site has no
//! control to withdraw with, see `missing-withdrawal-control`.
//!
//! ## References
//! - UK GDPR, article 7(3)
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2 (consent); for statistics and appearance, paragraphs 5 and 6 (objection)
//! - ePrivacy Directive 2002/58/EC, article 5(3), first sentence (consent)

use crate::{
    audit::{
        Findings, Policy, Rule, Severity,
        consent_checks::{self, ConsentPhase},
        legal_basis::OpenQuestions,
    },
    model::{Evidence, Pass, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "cookie-after-withdrawal",
    severity: Severity::Medium,
    summary: "cookie set or still there after withdrawal",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7"],
    needs: &Pass::DEFAULT,
    notice_edit: None,
    source: include_str!("cookie_after_withdrawal.rs"),
    check,
};

fn check(
    evidence: &Evidence,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Result<(), Undecided> {
    let mut open_questions = OpenQuestions::default();
    evidence.after_withdrawal(|seen| {
        open_questions = consent_checks::cookies(
            evidence,
            policy,
            seen,
            ConsentPhase::AfterWithdrawal,
            findings,
        );
    })?;
    open_questions.settle(evidence, policy, "cookies set or still there after withdrawal")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn what_was_not_understood_may_withdraw() {
        check(
            &RULE,
            "none\nwithdraw unavailable\n choice accept proof\n choice withdraw unknown=Open_it_again",
            "open: the withdraw pass is incomplete: what `Open it again` does was not understood",
        );
        check(
            &RULE,
            "none\nwithdraw unavailable\n unknown I_agree_to_these",
            "open: the withdraw pass is incomplete: what `I agree to these` does was not understood",
        );
        check(
            &RULE,
            "none\nwithdraw unavailable\n unknown Our_policy leads=policy",
            "not applicable: the button was not there",
        );
    }

    #[test]
    fn set_or_still_there() {
        let case = "
            withdraw
              --- granted
              _ga  shop.test performance
              _gid shop.test performance
              idle ads.test  marketing
              --- withdrawn
              _fbp shop.test marketing
              _ga  shop.test performance held
              _gid shop.test performance sent
              idle ads.test  marketing held
              sid  shop.test essential
            ";
        check(
            &RULE,
            case,
            "
            violated
            medium _ga@shop.test: the performance cookie _ga is still there after withdrawal
            medium _gid@shop.test: the performance cookie _gid is still there and sent after withdrawal
            informational idle@ads.test: the marketing cookie idle of ads.test is still there after withdrawal
            medium _fbp@shop.test: the marketing cookie _fbp is set after withdrawal
            ",
        );
        for advice in [
            "Delete _ga on withdrawal: set it again with an age of zero and the same domain and path",
            "Request nothing from ads.test once consent is withdrawn, since only ads.test can delete idle",
            "Remove _fbp on withdrawal, and stop loading what sets it",
        ] {
            says(&RULE, case, advice);
        }
        check(
            &RULE,
            "withdraw\n --- granted\n _ga shop.test performance\n --- withdrawn",
            "satisfied",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\naccept", "open: the withdraw pass was not run");
        check(
            &RULE,
            "withdraw failed\n _ga shop.test performance",
            "open: the withdraw pass is incomplete: the button was stuck",
        );
        check(&RULE, "withdraw unavailable", "not applicable: the button was not there");
    }
}
