//! # `storage-after-reject`
//!
//! ## What it finds
//! Something in the browser's storage (local storage, session storage, databases, caches) that
//! needs consent and is written after refusal, or was written before and is still there.
//!
//! What another site keeps there is reported as informational if it is not written again: only its
//! owner can delete it.
//!
//! ## Why it matters
//! A refusal covers everything stored on the visitor's device, not only cookies. Storage has no
//! expiry date: what is left there stays until somebody clears it.
//!
//! ## How to fix it
//! Have whatever writes it read the choice on every page. Have the script that stores the choice
//! remove what is there: `localStorage.removeItem`, `indexedDB.deleteDatabase`, `caches.delete`.
//!
//! ## When it stays open
//! If the banner could not be operated, or if it could not be proved that the refusal was
//! registered. If the site offers no way to refuse, see `missing-reject-option`.
//!
//! A declared legal basis (`--basis`) makes no difference here: where the law allows statistics or
//! appearance without consent, it requires a way to object, and this one did not work.
//!
//! ## References
//! - UK GDPR, article 7(3) and (4)
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
    id: "storage-after-reject",
    severity: Severity::High,
    summary: "browser storage written or still there after refusal",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7", "eprivacy-5-3"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("storage_after_reject.rs"),
    check,
};

fn check(
    evidence: &Evidence,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Result<(), Undecided> {
    let mut open_questions = OpenQuestions::default();
    evidence.after_refusal(|seen| {
        open_questions =
            consent_checks::storage(evidence, policy, seen, ConsentPhase::AfterRefusal, findings);
    })?;
    open_questions.settle(evidence, policy, "storage items written or still there after refusal")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn written_or_still_there() {
        let case = "
            reject
              local:_hjid       https://shop.test performance
              indexeddb:adstore https://ads.test  marketing
              local:gone        https://shop.test marketing
              --- refused
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
            medium local:_hjid@https://shop.test: the performance local storage item _hjid is still in the browser after refusal
            informational indexeddb:adstore@https://ads.test: the marketing IndexedDB database adstore of https://ads.test is still in the browser after refusal
            high local:late@https://shop.test: the marketing local storage item late is written after refusal
            ",
        );
        says(
            &RULE,
            case,
            "Delete _hjid on refusal: remove the item by the script that stores the choice",
        );
    }

    #[test]
    fn what_was_cleared_is_gone() {
        check(&RULE, "reject\n local:v https://shop.test marketing\n --- refused", "satisfied");
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\naccept", "open: the reject pass was not run");
        check(
            &RULE,
            "reject failed\n local:v https://shop.test marketing",
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(
            &RULE,
            "reject\n --- refused\n local:x9 https://shop.test unknown",
            "open: no source knows the purpose of these storage items written or still there after refusal: x9",
        );
    }
}
