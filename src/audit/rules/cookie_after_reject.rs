//! # `cookie-after-reject`
//!
//! ## What it finds
//! A cookie that needs consent and is set after refusal, or was set before and is still there.
//!
//! A cookie of another site's that is still there and is sent to nobody is reported as
//! informational: only its owner can delete it.
//!
//! ## Why it matters
//! A refusal that changes nothing is not a choice. This is one of the three things the ICO checks
//! first when it tests sites.
//!
//! ## How to fix it
//! Check that whatever sets the cookie reads the visitor's choice on every page, not only on the
//! one with the banner, and that the banner passes on a refusal as well as a consent. Delete the
//! site's own cookies that are still there; stop the requests to those who set others.
//!
//! ## When it stays open
//! If the banner could not be operated, or if it could not be proved that the refusal was
//! registered: then nothing that follows says anything about a refusal. If the site offers no way
//! to refuse, this rule does not apply: see `missing-reject-option`.
//!
//! A declared legal basis (`--basis`) makes no difference here: where the law allows statistics or
//! appearance without consent, it requires a way to object, and this one did not work.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2 (consent); for statistics and appearance, paragraphs 5 and 6 (objection)
//! - UK GDPR, article 7(3) and (4)
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
    id: "cookie-after-reject",
    severity: Severity::High,
    summary: "cookie set or still there after refusal",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7", "eprivacy-5-3"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("cookie_after_reject.rs"),
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
            consent_checks::cookies(evidence, policy, seen, ConsentPhase::AfterRefusal, findings);
    })?;
    open_questions.settle(evidence, policy, "cookies set or still there after refusal")
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
              early shop.test marketing
              --- refused
              late  shop.test marketing
              prefs shop.test essential
            ",
            "
            violated
            high late@shop.test: the marketing cookie late is set after refusal
            ",
        );
        check(&RULE, "reject\n early shop.test marketing\n --- refused", "satisfied");
    }

    #[test]
    fn what_is_still_there_counts() {
        let case = "
            reject
              _ga  shop.test marketing
              uid  ads.test  marketing
              idle ads.test  marketing
              pref shop.test essential
              --- refused
              _ga  shop.test marketing held
              uid  ads.test  marketing sent
              idle ads.test  marketing held
              pref shop.test essential held
            ";
        check(
            &RULE,
            case,
            "
            violated
            medium _ga@shop.test: the marketing cookie _ga is still there after refusal
            high uid@ads.test: the marketing cookie uid of ads.test is still there and sent after refusal
            informational idle@ads.test: the marketing cookie idle of ads.test is still there after refusal
            ",
        );
        let own =
            "Delete _ga on refusal: set it again with an age of zero and the same domain and path";
        says(&RULE, case, own);
        let other = "Request nothing from ads.test once the visitor has refused, since only ads.test can delete uid";
        says(&RULE, case, other);
        check(
            &RULE,
            "reject\n x9 shop.test unknown\n --- refused\n x9 shop.test unknown held",
            "open: no source knows the purpose of these cookies set or still there after refusal: x9",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\naccept", "open: the reject pass was not run");
        check(
            &RULE,
            "reject\n gap /a hung\n --- refused",
            "open: the reject pass is incomplete: /a hung",
        );
    }

    #[test]
    fn a_failed_click_is_no_refusal() {
        check(
            &RULE,
            "reject failed\n _fbp shop.test marketing",
            "open: the reject pass is incomplete: the button was stuck",
        );
    }

    #[test]
    fn without_a_way_to_refuse_nobody_refused() {
        check(
            &RULE,
            "reject unavailable\n _fbp shop.test marketing",
            "not applicable: the button was not there",
        );
    }

    #[test]
    fn unknown_is_neither_guilty_nor_innocent() {
        check(
            &RULE,
            "reject\n --- refused\n x9 shop.test unknown",
            "open: no source knows the purpose of these cookies set or still there after refusal: x9",
        );
    }

    #[test]
    fn says_what_has_to_read_the_choice() {
        says(
            &RULE,
            "reject\n --- refused\n _fbp shop.test marketing script=https://tag.test/p.js",
            "Run the script https://tag.test/p.js only if the visitor's choice allows it",
        );
        says(
            &RULE,
            "reject\n --- refused\n _fbp shop.test marketing http=https://shop.test/",
            "Have shop.test set _fbp only if the visitor's choice allows it",
        );
    }
}
