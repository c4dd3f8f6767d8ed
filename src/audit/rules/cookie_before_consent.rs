//! # `cookie-before-consent`
//!
//! ## What it finds
//! A cookie that needs consent and is set before the visitor has made a choice.
//!
//! ## Why it matters
//! Storing anything that no exemption covers needs the visitor's consent first. On a site that
//! people in danger visit, a cookie that names the visit is also something that others can find.
//!
//! ## How to fix it
//! Load the script that sets the cookie only after consent: in a tag manager, put the tag behind
//! the consent trigger; in a page template, move the script behind the choice.
//!
//! Since February 2026 the law of the United Kingdom exempts statistics about how your own service
//! is used, and adapting how it looks, if you inform visitors clearly and give them a simple and
//! free way to object. If you rely on that, say so in the notice, and to the scan with `--basis
//! performance=statistical` or `--basis functional=appearance`. The European Union as a whole has
//! no such exemption.
//!
//! ## When it stays open
//! A cookie whose purpose no source knows is neither a violation nor innocent. Declare it in the
//! notice, or classify it yourself, and the rule can decide. It also stays open if a page could not
//! be observed in the no-choice pass.
//!
//! If the site declares another legal basis (`--basis performance=statistical`), a scan cannot
//! verify it: the answer is "basis not verifiable", with what was seen and what a person has to
//! check. What contradicts the basis is still a finding: a cookie that the notice does not declare,
//! or for which our facts accept nothing but consent.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1); Schedule A1,
//!   paragraph 2 (consent), 3 (transmission), 4 (strictly necessary), 5 (statistics) and 6 (appearance)
//! - ePrivacy Directive 2002/58/EC, article 5(3), first sentence (consent) and second (exemptions)
//! - Article 29 Working Party, Opinion 04/2012 (WP194): criteria A and B, and section 4.3, by which
//!   statistics are not exempt

use crate::{
    audit::{
        Findings, Policy, Rule, Severity,
        consent_checks::{self, ConsentPhase},
        legal_basis::OpenQuestions,
    },
    model::{Evidence, Pass, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "cookie-before-consent",
    severity: Severity::High,
    summary: "cookie set before any choice",
    tags: &["pecr-6", "pecr-a1-2", "eprivacy-5-3"],
    needs: &[Pass::None],
    notice_edit: None,
    source: include_str!("cookie_before_consent.rs"),
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
            consent_checks::cookies(evidence, policy, seen, ConsentPhase::BeforeChoice, findings);
    })?;
    open_questions.settle(evidence, policy, "cookies set before any choice")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn only_what_needs_consent() {
        check(
            &RULE,
            "
            none
              _ga    .shop.test  performance
              basket shop.test   essential
              lang   shop.test   functional
            ",
            "
            violated
            high _ga@.shop.test: the performance cookie _ga is set before any choice
            high lang@shop.test: the functional cookie lang is set before any choice
            ",
        );
        check(&RULE, "none\n basket shop.test essential", "satisfied");
    }

    #[test]
    fn before_the_click_counts_in_every_pass() {
        check(
            &RULE,
            "
            none
            accept
              _fbp shop.test marketing
              --- granted
              _ga  shop.test performance
            ",
            "
            violated
            high _fbp@shop.test: the marketing cookie _fbp is set before any choice
            ",
        );
    }

    #[test]
    fn an_unseen_page_is_not_a_clean_one() {
        check(&RULE, "accept", "open: the no-choice pass was not run");
        check(
            &RULE,
            "none\n gap /a did not answer",
            "open: the no-choice pass is incomplete: /a did not answer",
        );
        check(
            &RULE,
            "
            none
              gap /a did not answer
              _fbp shop.test marketing
            ",
            "
            violated
            high _fbp@shop.test: the marketing cookie _fbp is set before any choice
            but the no-choice pass is incomplete: /a did not answer
            ",
        );
    }

    #[test]
    fn a_failed_choice_in_another_pass_takes_nothing_away() {
        check(
            &RULE,
            "
            none
            reject failed
              _fbp shop.test marketing
            ",
            "
            violated
            high _fbp@shop.test: the marketing cookie _fbp is set before any choice
            ",
        );
    }

    #[test]
    fn unknown_is_neither_guilty_nor_innocent() {
        check(
            &RULE,
            "none\n x9 shop.test unknown",
            "open: no source knows the purpose of these cookies set before any choice: x9",
        );
    }

    #[test]
    fn the_notice_decides_where_nobody_else_knows() {
        check(&RULE, "none\n x9 shop.test essential basis=notice", "satisfied");
        check(
            &RULE,
            "none\n x9 shop.test performance basis=notice",
            "
            violated
            high x9@shop.test: the performance cookie x9 is set before any choice
            ",
        );
    }

    #[test]
    fn says_where_it_comes_from_and_what_to_move() {
        let case = "
            none
              _fbp .shop.test marketing script=https://tag.test/p.js through=https://gtm.test/a page=/report
            notice
              declare _fbp category=marketing life=90d section=Marketing_cookies
        ";
        check(
            &RULE,
            case,
            "
            violated
            high _fbp@.shop.test: the marketing cookie _fbp is set before any choice on /report by a script from tag.test
            ",
        );
        for line in [
            "Move the script https://tag.test/p.js, which https://gtm.test/a loads, behind the \
             consent check, or remove it from /report",
            "set by the script https://tag.test/p.js, loaded through https://gtm.test/a",
            "facts says marketing: a row",
            "the notice says: _fbp | 90d (under 'Marketing cookies')",
        ] {
            says(&RULE, case, line);
        }
    }

    #[test]
    fn advice_calls_neither_a_page_nor_a_frame_a_script() {
        for (setter, advice) in [
            (
                "script=https://shop.test/map",
                "Move the script in the page that sets a1 behind the consent check",
            ),
            ("script=https://video.test/e", "Load the frame from video.test only after consent"),
            (
                "script=https://t.test/a.js through=https://video.test/e",
                "Move the script https://t.test/a.js, which the frame from video.test loads, behind the \
                 consent check",
            ),
            (
                "script=https://t.test/a.js through=https://shop.test/map",
                "Move the script https://t.test/a.js behind the consent check",
            ),
        ] {
            let case = format!(
                "none\n visit /map\n frame https://video.test/e\n a1 shop.test marketing {setter}"
            );
            says(&RULE, &case, advice);
        }
    }

    #[test]
    fn each_setter_has_its_own_edit() {
        for (setter, edit) in [
            ("http=https://www.shop.test/", "Have www.shop.test set a1 only after consent"),
            (
                "script=https://shop.test/",
                "Move the script in the page that sets a1 behind the consent check",
            ),
            ("", "Set a1 only after consent"),
        ] {
            says(&RULE, &format!("none\n a1 shop.test marketing {setter}"), edit);
        }
        says(
            &RULE,
            "none\n a1 ads.test marketing http=https://ads.test/p",
            "Load what comes from ads.test only after consent",
        );
    }

    #[test]
    fn what_no_browser_would_store_is_not_stored() {
        check(&RULE, "none\n _fbp shop.test marketing blocked=InvalidDomain", "satisfied");
    }

    #[test]
    fn what_only_this_browser_refuses_counts() {
        check(
            &RULE,
            "none\n uid ads.test marketing blocked=UserPreferences",
            "
            violated
            high uid@ads.test: the marketing cookie uid of ads.test is offered to the browser before any choice
            ",
        );
    }
}
