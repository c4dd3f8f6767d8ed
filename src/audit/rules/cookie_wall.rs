//! # `cookie-wall`
//!
//! ## What it finds
//! A banner that blocks the page and offers no way to refuse: accept, pay or leave.
//!
//! ## Why it matters
//! Consent that is the price of entry is not freely given. For a service that people in distress
//! need, it is a closed door.
//!
//! ## How to fix it
//! Let visitors refuse as easily as they accept, or let them read the page without answering.
//!
//! ## When it stays open
//! If the banner could not be operated or a control of it was not understood, so that it is not known whether it can be
//! refused; or if it was not measured how much of the page can be reached. A short page with empty space around it is
//! no wall.
//!
//! ## References
//! - UK GDPR, article 7(4) and recital 42: freely given
//! - ICO, guidance on "consent or pay", January 2025
//! - EDPB, opinion 08/2024 on consent or pay

use crate::{
    audit::{Findings, Policy, Rule, Severity, banner_evidence},
    model::{Choice, Evidence, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "cookie-wall",
    severity: Severity::High,
    summary: "page unusable unless the visitor accepts",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("cookie_wall.rs"),
    check,
};

/// Of how much of the page's own content, in percent, a wall leaves nothing to reach.
const NEARLY_ALL: u8 = 90;

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let banner = banner_evidence::banner(evidence)?;
    let Some((pass, _)) = banner.facts().find(|(_, facts)| facts.walled) else { return Ok(()) };
    if banner.rejects() {
        return Ok(());
    }
    let reject = evidence.pass(Pass::Reject)?;
    match &reject.choice {
        Choice::Unavailable { why } => {
            match banner.facts().filter_map(|(_, facts)| facts.covered).max() {
                None => {
                    return Err(Undecided::Unclear(
                        "how much of the page the banner keeps out of reach was not measured"
                            .to_owned(),
                    ));
                }
                Some(percent) if percent < NEARLY_ALL => return Ok(()),
                Some(_) => (),
            }
            evidence.banner_was_sought(Pass::Reject, reject)?;
            banner.not_understood(u8::MAX)?;
            let mut finding = findings
                .draft(
                    Subject::Banner(evidence.site.clone()),
                    "the page cannot be used without accepting",
                )
                .cite("the banner covers the page or prevents scrolling".to_owned())
                .cite(why.clone())
                .advice("Offer a way to refuse on the banner, or let visitors read the page without answering");
            finding.passes.extend([pass, Pass::Reject]);
            finding.passes.sort_unstable();
            finding.passes.dedup();
            finding.pages.extend(reject.visits.first().map(|visit| visit.url.clone()));
            findings.report(finding);
            Ok(())
        }
        Choice::Made { .. } => Ok(()),
        Choice::Failed { why } => Err(Undecided::incomplete(Pass::Reject, why)),
        Choice::NotAsked => Err(Undecided::NotRun(Pass::Reject)),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn out_of_reach_and_nothing_refuses() {
        check(
            &RULE,
            "none\n banner accept\n walled covered=100\nreject unavailable\n banner accept\n walled covered=100\naccept\n banner accept",
            "violated\nhigh shop.test: the page cannot be used without accepting",
        );
    }

    #[test]
    fn a_wall_with_a_door_is_none() {
        check(
            &RULE,
            "none\n walled covered=100\nreject\n walled covered=100\naccept\n walled",
            "satisfied",
        );
        check(
            &RULE,
            "none\n banner accept\nreject unavailable\n banner accept\naccept\n banner accept",
            "satisfied",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(
            &RULE,
            "none\n banner accept\n walled covered=100\nreject failed\n banner accept\naccept\n banner accept",
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(
            &RULE,
            "none\n banner accept\n walled covered=100\n unknown Later\nreject unavailable\n banner accept\naccept\n banner accept",
            "open: what `Later` of the banner does was not understood",
        );
    }
}
