//! # `storage-after-withdrawal`
//!
//! ## What it finds
//! Something in the browser's storage (local storage, session storage, databases, caches) that
//! needs consent and is written after withdrawal, or was written before and is still there.
//!
//! What another site keeps there is reported as informational if it is not written again: only its
//! owner can delete it.
//!
//! ## Why it matters
//! Consent can be withdrawn at any time, and as easily as it was given. Storage has no expiry date:
//! what is left there stays until somebody clears it.
//!
//! ## How to fix it
//! Load no more of what writes it. Have the script that stores the choice
//! remove what is there: `localStorage.removeItem`, `indexedDB.deleteDatabase`, `caches.delete`.
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
    id: "storage-after-withdrawal",
    severity: Severity::Medium,
    summary: "browser storage written or still there after withdrawal",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7"],
    needs: &Pass::DEFAULT,
    notice_edit: None,
    source: include_str!("storage_after_withdrawal.rs"),
    check,
};

fn check(
    evidence: &Evidence,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Result<(), Undecided> {
    let mut open_questions = OpenQuestions::default();
    evidence.after_withdrawal(|seen| {
        open_questions = consent_checks::storage(
            evidence,
            policy,
            seen,
            ConsentPhase::AfterWithdrawal,
            findings,
        );
    })?;
    open_questions.settle(evidence, policy, "storage items written or still there after withdrawal")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn written_or_still_there() {
        let case = "
            withdraw
              local:_hjid       https://shop.test performance
              indexeddb:adstore https://ads.test  marketing
              local:gone        https://shop.test marketing
              --- withdrawn
              local:_hjid       https://shop.test performance held
              indexeddb:adstore https://ads.test  marketing held
              local:late        https://shop.test marketing
              session:step      https://shop.test essential
            ";
        check(
            &RULE,
            case,
            "
            violated
            medium local:_hjid@https://shop.test: the performance local storage item _hjid is still in the browser after withdrawal
            informational indexeddb:adstore@https://ads.test: the marketing IndexedDB database adstore of https://ads.test is still in the browser after withdrawal
            medium local:late@https://shop.test: the marketing local storage item late is written after withdrawal
            ",
        );
        says(
            &RULE,
            case,
            "Delete _hjid on withdrawal: remove the item by the script that stores the choice",
        );
    }

    #[test]
    fn what_was_cleared_is_gone() {
        check(&RULE, "withdraw\n local:v https://shop.test marketing\n --- withdrawn", "satisfied");
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\naccept", "open: the withdraw pass was not run");
        check(
            &RULE,
            "withdraw failed\n local:v https://shop.test marketing",
            "open: the withdraw pass is incomplete: the button was stuck",
        );
        check(
            &RULE,
            "withdraw\n --- withdrawn\n local:x9 https://shop.test unknown",
            "open: no source knows the purpose of these storage items written or still there after withdrawal: x9",
        );
    }
}
