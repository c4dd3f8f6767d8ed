//! # `missing-reject-option`
//!
//! ## What it finds
//! A consent banner that offers a way to accept and none to refuse, on any of its layers. A bar that can only be dismissed,
//! names nothing that could be refused, and stands on a site that uses nothing that needs consent asks for nothing.
//!
//! ## Why it matters
//! Consent is worth something only if the visitor could have said no. The ICO and the European
//! authorities look at this first. A refusal that exists but takes a detour is `harder-reject`.
//!
//! ## How to fix it
//! Put a button that refuses beside the one that accepts: same layer, same kind of control, same
//! size and contrast.
//!
//! ## When it stays open
//! If the banner or one of its controls was not understood, if it differed from pass to pass, if what
//! lies behind its settings could not be operated, or if a pass is missing.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2 (consent)
//! - ePrivacy Directive 2002/58/EC, article 5(3), first sentence (consent)
//! - UK GDPR, articles 4(11) and 7
//! - EDPB, report of the Cookie Banner Taskforce, 17 January 2023
//! - ICO, action on the top 1,000 sites, 4 December 2025: refusing as easy as accepting

use super::missing_banner;
use crate::{
    audit::{Findings, Policy, Rule, Severity, banner_evidence, phrases},
    model::{Banner, Choice, Evidence, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "missing-reject-option",
    severity: Severity::High,
    summary: "no way to refuse on any layer of the banner",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("missing_reject_option.rs"),
    check,
};

fn check(
    evidence: &Evidence,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Result<(), Undecided> {
    let banner = banner_evidence::banner(evidence)?;
    if banner.rejects() {
        return Ok(());
    }
    let Some(text) = banner.one_sided() else {
        return Err(Undecided::NotApplicable(
            "the banner offers no way to accept either".to_owned(),
        ));
    };
    let reject = evidence.pass(Pass::Reject)?;
    match &reject.choice {
        Choice::Made { .. } => Ok(()),
        // That nothing refuses is known of the banner that this pass saw.
        Choice::Unavailable { why } if matches!(reject.banner, Banner::Found { .. }) => {
            banner.not_understood(u8::MAX)?;
            banner.asks(|| missing_banner::needs_consent(evidence, policy))?;
            let mut finding = findings
                .draft(
                    Subject::Banner(evidence.site.clone()),
                    "the banner offers a way to accept but none to refuse",
                )
                .cite(format!("the banner reads: {}", phrases::short(text)))
                .cite(why.clone())
                .advice(
                    "Put a button that refuses beside the one that accepts, of the same kind, size and \
                     contrast",
                );
            finding.passes.push(Pass::Reject);
            finding.pages.extend(reject.visits.first().map(|visit| visit.url.clone()));
            findings.report(finding);
            Ok(())
        }
        Choice::Unavailable { .. } => Err(Undecided::Unclear(
            "the banner was seen in some passes and not in the one that refuses".to_owned(),
        )),
        Choice::Failed { why } => Err(Undecided::incomplete(Pass::Reject, why)),
        Choice::NotAsked => Err(Undecided::NotRun(Pass::Reject)),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn accept_without_reject_on_any_layer() {
        let case =
            "none\n banner accept\nreject unavailable\n banner accept\naccept\n banner accept";
        check(
            &RULE,
            case,
            "violated\nhigh shop.test: the banner offers a way to accept but none to refuse",
        );
        says(&RULE, case, "the banner reads: We use cookies");
        check(&RULE, "none\nreject\naccept", "satisfied");
    }

    #[test]
    fn what_was_not_understood_may_refuse() {
        let case = |control: &str| {
            format!(
                "none\n banner accept\n {control}\nreject unavailable\n banner accept\naccept\n banner accept"
            )
        };
        for (control, what) in [
            ("unknown Rather_not", "`Rather not`"),
            ("unknown Weiter_ohne kind=link leads=page", "`Weiter ohne`"),
            ("unknown Only_today layer=2", "`Only today`"),
            ("unknown _ kind=link", "a link without words"),
        ] {
            check(
                &RULE,
                &case(control),
                &format!("open: what {what} of the banner does was not understood"),
            );
        }
        check(
            &RULE,
            &case(
                "control More meaning=settings\n unknown Our_policy leads=policy\n unknown A_partner leads=elsewhere",
            ),
            "violated\nhigh shop.test: the banner offers a way to accept but none to refuse",
        );
    }

    #[test]
    fn a_link_to_a_notice_without_choices_refuses_nothing() {
        let case = |claim: &str| {
            format!(
                "none\n banner accept\n unknown Read_on kind=link leads=page address=https://shop.test/cookies#top\nreject unavailable\n banner accept\naccept\n banner accept\nnotice{claim}"
            )
        };
        check(
            &RULE,
            &case(""),
            "violated\nhigh shop.test: the banner offers a way to accept but none to refuse",
        );
        check(
            &RULE,
            &case("\n claim control-present Choose_here."),
            "open: what `Read on` of the banner does was not understood",
        );
    }

    #[test]
    fn a_bar_that_only_informs_asks_for_nothing() {
        let bar = "banner accept\n control Hide_this meaning=acknowledge";
        let case = |more: &str, notice: &str| {
            format!(
                "none\n {bar}\n sid shop.test essential\n{more}reject unavailable\n {bar}\naccept\n {bar}{notice}"
            )
        };
        check(
            &RULE,
            &case("", ""),
            "not applicable: the banner only informs, and nothing was seen that needs consent, so that there is nothing to refuse",
        );
        let violated =
            "violated\nhigh shop.test: the banner offers a way to accept but none to refuse";
        for more in [
            " _fbp shop.test marketing\n",
            " host ads.test marketing\n",
            " control Fine meaning=accept\n",
            " option Counting\n",
        ] {
            check(&RULE, &case(more, ""), violated);
        }
        check(
            &RULE,
            &case(" x9 shop.test unknown\n", ""),
            "open: no source knows the purpose of these things: cookie x9",
        );
        check(
            &RULE,
            &case("", "\nnotice\n declare visits category=performance"),
            "open: the banner can only be dismissed, and nothing was seen that needs consent, but the notice declares `visits`, which does",
        );
        check(&RULE, &case("", "").replace("banner accept", "banner accept says=Agree?"), violated);
    }

    #[test]
    fn a_refusal_behind_the_settings_is_one() {
        check(
            &RULE,
            "none\n banner accept\nreject\n banner accept\naccept\n banner accept",
            "satisfied",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\naccept", "open: the reject pass was not run");
        check(&RULE, "none\n banner accept", "open: the reject pass was not run");
        check(
            &RULE,
            "none\n banner accept\nreject failed\n banner accept\naccept\n banner accept",
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(
            &RULE,
            "none\n banner doubtful\nreject failed\n banner absent\naccept failed\n banner absent",
            "open: something may be a consent banner: a box in an unknown language",
        );
    }

    #[test]
    fn a_banner_that_was_seen_needs_no_working_button() {
        check(&RULE, "none\nreject failed\naccept failed", "satisfied");
    }

    #[test]
    fn passes_that_disagree_leave_it_open() {
        let open = "open: a way to refuse was seen on the banner in some passes and not in others";
        check(&RULE, "none\n banner accept\nreject\naccept", open);
    }

    #[test]
    fn without_a_banner_there_is_nothing_to_refuse() {
        check(
            &RULE,
            "none\n banner absent\nreject unavailable\n banner absent\naccept unavailable\n banner absent",
            "not applicable: there is no consent banner",
        );
        check(
            &RULE,
            "none\n banner other\nreject\n banner other\naccept\n banner other",
            "not applicable: the banner offers no way to accept either",
        );
    }
}
