//! # `tracker-before-consent`
//!
//! ## What it finds
//! A request to a third-party host that measures or follows people, made before the visitor has
//! made a choice.
//!
//! ## Why it matters
//! The request alone discloses to that host which page was open, from which address and with which
//! browser, even if no cookie is set. On a page about reporting an offence that is already more
//! than the visitor agreed to disclose.
//!
//! ## How to fix it
//! Load the script or image only after consent, or remove it from pages that do not need it. A
//! request that carries "no consent yet" still contacts the host.
//!
//! ## When it stays open
//! A host whose purpose no source knows is neither a tracker nor innocent.
//!
//! If the site declares another legal basis (`--basis performance=statistical`), a scan cannot
//! verify it: the answer is "basis not verifiable", with what was seen and what a person has to
//! check. What contradicts the basis is still a finding: a host that the notice does not declare,
//! or for which our facts accept nothing but consent.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1), which includes
//!   having others store or read; Schedule A1, paragraph 2 (consent) and 5 (statistics)
//! - ICO guidance on the use of storage and access technologies, 29 April 2026: pixels, scripts and
//!   tags
//! - ePrivacy Directive 2002/58/EC, article 5(3), first sentence (consent); EDPB Guidelines 2/2023 on
//!   its technical scope
//! - Article 29 Working Party, Opinion 04/2012 (WP194), sections 4.2 and 4.3: neither advertising nor
//!   statistics are exempt

use crate::{
    audit::{
        Findings, Policy, Rule, Severity,
        consent_checks::{self, ConsentPhase},
        legal_basis::OpenQuestions,
    },
    model::{Evidence, Pass, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "tracker-before-consent",
    severity: Severity::High,
    summary: "tracker contacted before any choice",
    tags: &["pecr-6", "pecr-a1-2", "eprivacy-5-3"],
    needs: &[Pass::None],
    notice_edit: None,
    source: include_str!("tracker_before_consent.rs"),
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
            consent_checks::trackers(evidence, policy, seen, ConsentPhase::BeforeChoice, findings);
    })?;
    open_questions.settle(evidence, policy, "hosts contacted before any choice")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn advice_calls_neither_a_page_nor_a_frame_a_script() {
        for (lines, advice) in [
            (
                " host tag.test marketing by=https://shop.test/map",
                "Move the tag in the page's own HTML that loads from tag.test behind the consent check",
            ),
            (
                " host tag.test marketing by=https://shop.test/",
                "Move the tag in the page's own HTML that loads from tag.test behind the consent check",
            ),
            (
                " frame https://video.test/e\n host img.test marketing by=https://video.test/e",
                "Load the frame from video.test only after consent",
            ),
            (
                " frame https://video.test/e\n host video.test marketing by=https://shop.test/",
                "Load the frame from video.test only after consent",
            ),
            (
                " frame https://www.shop.test/inner\n host tag.test marketing by=https://www.shop.test/inner",
                "Move the tag in the page's own HTML that loads from tag.test behind the consent check",
            ),
            (
                " host tag.test marketing by=https://gtm.test/a.js",
                "Move the script https://gtm.test/a.js behind the consent check",
            ),
        ] {
            says(&RULE, &format!("none\n visit /map\n{lines}\n host x.test unknown"), advice);
        }
    }

    #[test]
    fn only_other_sites_hosts_that_track() {
        check(
            &RULE,
            "
            none
              host shop.test        unknown
              host stats.shop.test  performance
              host fonts.test       functional
              host www.facebook.com marketing org=Meta page=/report
            ",
            "
            violated
            high www.facebook.com: the marketing host www.facebook.com (Meta) is contacted before any choice on /report
            ",
        );
        check(&RULE, "none\n host fonts.test functional", "satisfied");
    }

    #[test]
    fn after_the_click_is_not_before_it() {
        check(
            &RULE,
            "
            none
            accept
              --- granted
              host ads.test marketing
            ",
            "satisfied",
        );
    }

    #[test]
    fn unknown_hosts_leave_it_open() {
        check(
            &RULE,
            "none\n host x.test unknown",
            "open: no source knows the purpose of these hosts contacted before any choice: x.test",
        );
        check(&RULE, "none\n host x.shop.test unknown", "satisfied");
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "accept\n --- granted", "open: the no-choice pass was not run");
        check(&RULE, "none\n gap /a hung", "open: the no-choice pass is incomplete: /a hung");
        check(
            &RULE,
            "reject failed\n host ads.test marketing",
            "
            violated
            high ads.test: the marketing host ads.test is contacted before any choice
            but the no-choice pass was not run
            ",
        );
    }

    #[test]
    fn says_who_asks() {
        let case = "none\n host ads.test marketing by=https://gtm.test/a.js page=/report";
        for line in [
            "Move the script https://gtm.test/a.js behind the consent check, or remove it from /report",
            "requested https://ads.test/x",
            "requested by https://gtm.test/a.js",
        ] {
            says(&RULE, case, line);
        }
        says(
            &RULE,
            "none\n host ads.test marketing",
            "Load what comes from ads.test only after consent",
        );
    }
}
