//! # `storage-before-consent`
//!
//! ## What it finds
//! Something that needs consent and is written to the browser's storage (local storage, session
//! storage, databases, caches) before the visitor has made a choice.
//!
//! ## Why it matters
//! The rules cover everything stored on the visitor's device, not only cookies. Storage has no
//! expiry date: what is written there stays until somebody clears it.
//!
//! ## How to fix it
//! Load the script that writes it only after consent. Tags moved from cookies to storage need the
//! same consent check as before.
//!
//! ## When it stays open
//! An item whose purpose no source knows is neither a violation nor innocent. Declare it in the
//! notice, or classify it yourself, and the rule can decide.
//!
//! If the site declares another legal basis (`--basis performance=statistical`), a scan cannot
//! verify it: the answer is "basis not verifiable", with what was seen and what a person has to
//! check. What contradicts the basis is still a finding: an item that the notice does not declare,
//! or for which our facts accept nothing but consent.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1); Schedule A1,
//!   paragraph 2 (consent), 3 (transmission), 4 (strictly necessary), 5 (statistics) and 6 (appearance)
//! - ICO guidance on the use of storage and access technologies, 29 April 2026
//! - ePrivacy Directive 2002/58/EC, article 5(3), first sentence (consent) and second (exemptions)
//! - Article 29 Working Party, Opinion 04/2012 (WP194): criteria A and B

use crate::{
    audit::{
        Findings, Policy, Rule, Severity,
        consent_checks::{self, ConsentPhase},
        legal_basis::OpenQuestions,
    },
    model::{Evidence, Pass, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "storage-before-consent",
    severity: Severity::High,
    summary: "browser storage written before any choice",
    tags: &["pecr-6", "pecr-a1-2", "eprivacy-5-3"],
    needs: &[Pass::None],
    notice_edit: None,
    source: include_str!("storage_before_consent.rs"),
    check,
};

fn check(
    evidence: &Evidence,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Result<(), Undecided> {
    let mut open_questions = OpenQuestions::default();
    evidence.before_choice(|seen| {
        open_questions =
            consent_checks::storage(evidence, policy, seen, ConsentPhase::BeforeChoice, findings);
    })?;
    open_questions.settle(evidence, policy, "storage items written before any choice")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn every_kind_of_storage_counts() {
        check(
            &RULE,
            "
            none
              local:_hjid       https://shop.test  performance
              indexeddb:adstore https://ads.test   marketing
              session:step      https://shop.test  essential
            ",
            "
            violated
            high local:_hjid@https://shop.test: the performance local storage item _hjid is written before any choice
            high indexeddb:adstore@https://ads.test: the marketing IndexedDB database adstore of https://ads.test is written before any choice
            ",
        );
    }

    #[test]
    fn cookies_are_another_rules() {
        check(&RULE, "none\n _fbp shop.test marketing", "satisfied");
    }

    #[test]
    fn an_unseen_page_is_not_a_clean_one() {
        check(&RULE, "reject", "open: the no-choice pass was not run");
        check(&RULE, "none\n gap /a hung", "open: the no-choice pass is incomplete: /a hung");
        check(&RULE, "none\nreject failed\n local:seen https://shop.test essential", "satisfied");
    }

    #[test]
    fn unknown_is_neither_guilty_nor_innocent() {
        check(
            &RULE,
            "none\n local:x9 https://shop.test unknown",
            "open: no source knows the purpose of these storage items written before any choice: x9",
        );
    }

    #[test]
    fn says_what_to_move() {
        says(
            &RULE,
            "none\n local:v https://shop.test marketing script=https://tag.test/v.js page=/jobs",
            "Move the script https://tag.test/v.js behind the consent check, or remove it from /jobs",
        );
    }
}
