//! # `harder-reject`
//!
//! ## What it finds
//! A banner on which refusing takes more than accepting: more clicks, a link where accepting has a
//! button, smaller letters, a much smaller control, or much less contrast.
//!
//! ## Why it matters
//! Refusing must be as easy as accepting. Most people never take a detour, or find a control beside
//! a bright button; that is what the ICO tests as "reject as easy as accept".
//!
//! ## How to fix it
//! Put both on the first layer, as the same kind of control, in the same size and contrast. The
//! buttons of the GOV.UK Design System's banner are an example.
//!
//! ## When it stays open
//! If a pass is missing, or if the choices could not be made, so that their clicks could not be
//! counted; if a control of the first layer was not understood, which may refuse at once. If there is no way to refuse at all, see `missing-reject-option`.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2 (consent)
//! - ePrivacy Directive 2002/58/EC, article 5(3), first sentence (consent)
//! - UK GDPR, articles 4(11) and 7
//! - EDPB, report of the Cookie Banner Taskforce, 17 January 2023: link instead of button, deceptive
//!   colours and contrast
//! - ICO, action on the top 1,000 sites, 4 December 2025
//! - WCAG 2.2, success criterion 1.4.3 (contrast as it is measured here)

use crate::{
    audit::{Findings, Policy, Rule, Severity, banner_evidence, phrases},
    model::{Choice, ControlFacts, Evidence, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "harder-reject",
    severity: Severity::Medium,
    summary: "refusing takes more than accepting",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("harder_reject.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let banner = banner_evidence::banner(evidence)?;
    let reject = evidence.pass(Pass::Reject)?;
    let accept = evidence.pass(Pass::Accept)?;
    if let Choice::Unavailable { why } = &reject.choice {
        evidence.banner_was_sought(Pass::Reject, reject)?;
        return Err(Undecided::NotApplicable(why.clone()));
    }
    let mut harder = Vec::new();
    // What was not understood may refuse at once.
    let detour = if banner.rejects() { Ok(()) } else { banner.not_understood(1) };
    let clicks =
        |of_pass, kind| banner_evidence::choice(of_pass, kind).map(banner_evidence::clicks);
    let made = |of_pass: &crate::model::PassEvidence| matches!(of_pass.choice, Choice::Made { .. });
    if let (true, true, Some(to_refuse), Some(to_accept)) =
        (made(reject), made(accept), clicks(reject, Pass::Reject), clicks(accept, Pass::Accept))
    {
        if to_refuse > to_accept && detour.is_ok() {
            harder.push(format!("refusing takes {to_refuse} clicks, accepting {to_accept}"));
        }
    } else if !banner.rejects() && banner.one_sided().is_some() && detour.is_ok() {
        harder.push("the first layer offers a way to accept and none to refuse".to_owned());
    }
    if let (Some(yes), Some(no)) = (banner.control("accept"), banner.control("reject")) {
        harder.extend(compare(yes, no));
    }
    if !harder.is_empty() {
        let mut finding = findings
            .draft(
                Subject::Banner(evidence.site.clone()),
                format!("refusing is harder than accepting: {}", harder.join("; ")),
            )
            .advice(
                "Offer both on the first layer, as the same kind of control, in the same size and \
                 contrast",
            );
        for control in [banner.control("accept"), banner.control("reject")].into_iter().flatten() {
            finding = finding.cite(describe(control));
        }
        for (name, of_pass, kind) in
            [("refusing", reject, Pass::Reject), ("accepting", accept, Pass::Accept)]
        {
            if let Some(choice) = banner_evidence::choice(of_pass, kind) {
                let steps: Vec<&str> =
                    choice.pressed.iter().map(|pressed| pressed.label.as_str()).collect();
                finding = finding.cite(format!("{name}: {}", phrases::short(&steps.join(" → "))));
            }
        }
        finding.passes.extend([Pass::Reject, Pass::Accept]);
        finding.pages.extend(reject.visits.first().map(|visit| visit.url.clone()));
        findings.report(finding);
        return detour;
    }
    for (pass, of_pass) in [(Pass::Reject, reject), (Pass::Accept, accept)] {
        if let Choice::Failed { why } = &of_pass.choice {
            return Err(Undecided::incomplete(pass, why));
        }
    }
    detour
}

/// In what the control that refuses stands behind the one that accepts.
fn compare(yes: &ControlFacts, no: &ControlFacts) -> Vec<String> {
    let mut behind = Vec::new();
    let button = |it: &ControlFacts| matches!(it.kind.as_str(), "button" | "submit");
    if button(yes) && !button(no) {
        behind.push("accepting is a button, refusing is not".to_owned());
    }
    if yes.font_px > 0.0 && no.font_px > 0.0 && no.font_px < yes.font_px * 0.8 {
        behind.push(format!(
            "its letters are {:.0} pixels high, those of accepting {:.0}",
            no.font_px, yes.font_px
        ));
    }
    let area = |it: &ControlFacts| f64::from(it.size.0) * f64::from(it.size.1);
    // Labels differ in length; a third of the area is more than that.
    if area(no) > 0.0 && area(no) * 3.0 < area(yes) {
        behind.push(format!(
            "it measures {} by {} pixels, accepting {} by {}",
            no.size.0, no.size.1, yes.size.0, yes.size.1
        ));
    }
    if let (Some(yes), Some(no)) = (yes.contrast, no.contrast)
        && no < 4.5
        && no * 1.5 < yes
    {
        behind.push(format!("its contrast is {no}:1, that of accepting {yes}:1"));
    }
    behind
}

fn describe(control: &ControlFacts) -> String {
    let contrast =
        control.contrast.map_or("contrast not known".to_owned(), |it| format!("contrast {it}:1"));
    format!(
        "`{}`: {}, {} by {} pixels, letters of {:.0} pixels, {contrast}",
        phrases::short(&control.label),
        control.kind,
        control.size.0,
        control.size.1,
        control.font_px,
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    const EQUAL: &str = "
        control Accept meaning=accept size=120x40 font=16 contrast=7
        control Reject meaning=reject size=118x40 font=16 contrast=7";

    fn case(controls: &str, reject: &str) -> String {
        format!(
            "none\n{controls}\nreject\n{controls}\n choice reject {reject}\naccept\n{controls}\n choice accept pressed=Accept"
        )
    }

    #[test]
    fn equal_buttons_are_fine() {
        check(&RULE, &case(EQUAL, "pressed=Reject"), "satisfied");
    }

    #[test]
    fn more_clicks() {
        let controls =
            "banner accept\n control Accept meaning=accept size=120x40 font=16 contrast=7";
        check(
            &RULE,
            &case(controls, "pressed=Settings,Reject_all"),
            "violated\nmedium shop.test: refusing is harder than accepting: refusing takes 2 clicks, accepting 1",
        );
        says(
            &RULE,
            &case(controls, "pressed=Settings,Reject_all"),
            "refusing: Settings → Reject all",
        );
        // Pressed again because its handler was late.
        check(&RULE, &case(EQUAL, "pressed=Reject,Reject"), "satisfied");
    }

    #[test]
    fn less_to_see() {
        for (no, what) in [
            ("kind=link size=118x40 font=16 contrast=7", "accepting is a button, refusing is not"),
            (
                "size=118x40 font=11 contrast=7",
                "its letters are 11 pixels high, those of accepting 16",
            ),
            ("size=40x20 font=16 contrast=7", "it measures 40 by 20 pixels, accepting 120 by 40"),
            ("size=118x40 font=16 contrast=2.1", "its contrast is 2.1:1, that of accepting 7:1"),
        ] {
            let controls = format!(
                "control Accept meaning=accept size=120x40 font=16 contrast=7\n control Reject meaning=reject {no}"
            );
            check(
                &RULE,
                &case(&controls, "pressed=Reject"),
                &format!("violated\nmedium shop.test: refusing is harder than accepting: {what}"),
            );
        }
    }

    #[test]
    fn what_was_not_understood_may_refuse_at_once() {
        let controls = |more: &str| {
            format!(
                "banner accept\n control Accept meaning=accept size=120x40 font=16 contrast=7\n unknown Rather_not{more}"
            )
        };
        check(
            &RULE,
            &case(&controls(""), "pressed=Settings,Reject_all"),
            "open: what `Rather not` of the banner does was not understood",
        );
        check(
            &RULE,
            &case(&controls(" layer=2"), "pressed=Settings,Reject_all"),
            "violated\nmedium shop.test: refusing is harder than accepting: refusing takes 2 clicks, accepting 1",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\naccept", "open: the reject pass was not run");
        check(
            &RULE,
            "none\nreject failed\naccept",
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(
            &RULE,
            "none\n banner accept\nreject unavailable\n banner accept\naccept\n banner accept",
            "not applicable: the button was not there",
        );
    }
}
