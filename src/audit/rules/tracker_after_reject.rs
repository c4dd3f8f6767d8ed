//! # `tracker-after-reject`
//!
//! ## What it finds
//! A request to a third-party host that measures or follows people, made although the visitor
//! refused.
//!
//! ## Why it matters
//! Somebody who says no does not expect another company to learn about the next page. A tag that
//! stops setting cookies but still reports each page has not stopped.
//!
//! ## How to fix it
//! Do not load the tag at all after refusal. Check this on every page, not only on the one with the
//! banner.
//!
//! ## When it stays open
//! If the banner could not be operated, or if it could not be proved that the refusal was
//! registered: then nothing that follows says anything about a refusal. A host whose purpose no
//! source knows is neither a tracker nor innocent.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2 (consent) and 5 (statistics, with objection)
//! - UK GDPR, article 7(3) and (4)
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
    id: "tracker-after-reject",
    severity: Severity::High,
    summary: "tracker contacted after refusal",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7", "eprivacy-5-3"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("tracker_after_reject.rs"),
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
            consent_checks::trackers(evidence, policy, seen, ConsentPhase::AfterRefusal, findings);
    })?;
    open_questions.settle(evidence, policy, "hosts contacted after refusal")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn counts_from_the_click() {
        check(
            &RULE,
            "
            reject
              host early.test marketing
              --- refused
              host late.test  performance org=Late
              host fonts.test functional
            ",
            "
            violated
            high late.test: the performance host late.test (Late) is contacted after refusal
            ",
        );
        check(&RULE, "reject\n host early.test marketing\n --- refused", "satisfied");
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\naccept", "open: the reject pass was not run");
        check(
            &RULE,
            "reject failed\n host ads.test marketing",
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(
            &RULE,
            "reject\n --- refused\n host x.test unknown",
            "open: no source knows the purpose of these hosts contacted after refusal: x.test",
        );
    }

    #[test]
    fn without_a_way_to_refuse_nobody_refused() {
        check(
            &RULE,
            "reject unavailable\n host ads.test marketing",
            "not applicable: the button was not there",
        );
    }

    #[test]
    fn says_what_must_not_run() {
        says(
            &RULE,
            "reject\n --- refused\n host ads.test marketing by=https://ads.test/a.js",
            "Run the script https://ads.test/a.js only if the visitor's choice allows it",
        );
    }
}
