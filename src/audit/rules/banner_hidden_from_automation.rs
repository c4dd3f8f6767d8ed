//! # `banner-hidden-from-automation`
//!
//! ## What it finds
//! A site that shows its consent banner only to browsers that do not look automated: the scan saw
//! no banner, and a second visit that did not identify this program did.
//!
//! ## Why it matters
//! It is often well meant, so that search engines do not index the banner. But whoever tests the
//! site sees another site than its visitors do. What this scan says about the time after a choice
//! is not what visitors get.
//!
//! ## How to fix it
//! Show the banner to every browser; with vanilla-cookieconsent set `hideFromBots: false`. To scan
//! the site as it is, pass the name of an ordinary browser to `--user-agent`.
//!
//! ## When it stays open
//! If the second visit could not open the page either, or was not made.
//!
//! ## References
//! - vanilla-cookieconsent, `hideFromBots`: <https://cookieconsent.orestbida.com/reference/configuration-reference.html>

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases},
    model::{Banner, Evidence, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "banner-hidden-from-automation",
    severity: Severity::Medium,
    summary: "banner hidden from browsers that identify as automated",
    tags: &["scan"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("banner_hidden_from_automation.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let seen = Pass::DEFAULT
        .into_iter()
        .filter_map(|pass| evidence.pass(pass).ok())
        .any(|it| matches!(it.banner, Banner::Found { .. }));
    if seen {
        return Ok(());
    }
    let of_pass = evidence.pass(Pass::None)?;
    let Some(look) = &of_pass.second_look else {
        return Err(Undecided::Unclear("the site was not visited a second time".to_owned()));
    };
    if let Some(text) = &look.banner {
        let mut finding = findings
            .draft(
                Subject::Banner(evidence.site.clone()),
                "the consent banner is hidden from browsers that identify this program",
            )
            .cite(format!("seen with the user agent {}", look.user_agent))
            .cite(format!("the banner reads: {}", phrases::short(text)))
            .advice("Show the banner to every browser");
        finding.passes.push(Pass::None);
        finding.pages.extend(of_pass.visits.first().map(|visit| visit.url.clone()));
        findings.report(finding);
        return Ok(());
    }
    match &look.problem {
        Some(why) => Err(Undecided::Unclear(format!("the second visit failed: {why}"))),
        // A page that the first visitor could not see may be one that asks.
        None => evidence.before_choice(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn only_the_second_visitor_is_asked() {
        check(
            &RULE,
            "none\n banner absent\n second-look banner\nreject unavailable\n banner absent",
            "violated\nmedium shop.test: the consent banner is hidden from browsers that identify this program",
        );
        check(&RULE, "none\n banner absent\n second-look none", "satisfied");
        check(&RULE, "none", "satisfied");
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(
            &RULE,
            "none\n banner absent\n second-look failed",
            "open: the second visit failed: it did not load",
        );
        check(&RULE, "none\n banner absent", "open: the site was not visited a second time");
        check(&RULE, "reject\n banner absent", "open: the no-choice pass was not run");
        check(
            &RULE,
            "none\n banner absent\n second-look none\n gap the server answers 403",
            "open: the no-choice pass is incomplete: the server answers 403",
        );
    }
}
