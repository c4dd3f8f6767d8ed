//! # `ignored-consent-signal`
//!
//! ## What it finds
//! A consent interface of the page, such as the IAB's TCF or Google's consent mode, that still says
//! "granted" after refusal or withdrawal.
//!
//! ## Why it matters
//! Every tag on the page acts on this signal. If it does not carry the refusal, the button on the
//! banner is decoration.
//!
//! ## How to fix it
//! Have the banner set the signal by the visitor's choice, before any tag reads it; start from
//! "denied".
//!
//! ## When it stays open
//! If the refusal could not be made or proved. If the page has no such interface, the rule does not
//! apply.
//!
//! ## References
//! - IAB Europe, Transparency & Consent Framework, policies and technical specification 2.2
//! - IAB Tech Lab, Global Privacy Platform
//! - Google, consent mode: <https://developers.google.com/tag-platform/security/guides/consent>
//! - UK GDPR, article 7(3)

use crate::{
    audit::{Findings, Policy, Rule, Severity, banner_evidence, phrases},
    model::{Choice, Evidence, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "ignored-consent-signal",
    severity: Severity::High,
    summary: "consent signal contradicts the visitor's choice",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("ignored_consent_signal.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let (mut asked_any, mut failed) = (false, None);
    for (pass, what) in [(Pass::Reject, "refused"), (Pass::Withdraw, "withdrawn consent")] {
        // Withdrawing is an extra; what it would have shown is not missed where it was not run.
        let of_pass = match (evidence.pass(pass), pass) {
            (Ok(of_pass), _) => of_pass,
            (Err(why), Pass::Reject) => return Err(why),
            (Err(_), _) => continue,
        };
        if let Choice::Failed { why } = &of_pass.choice {
            failed.get_or_insert(Undecided::incomplete(pass, why));
        }
        let Some(choice) = banner_evidence::choice(of_pass, pass) else { continue };
        if !matches!(of_pass.choice, Choice::Made { .. }) {
            continue;
        }
        for signal in &choice.signals {
            asked_any = true;
            if signal.granted.is_empty() {
                continue;
            }
            let mut finding = findings
                .draft(
                    Subject::ConsentSignal { source: signal.source.clone(), after: pass },
                    format!(
                        "the signal {} still grants {} after the visitor has {what}",
                        signal.source,
                        phrases::list(&signal.granted, 4)
                    ),
                )
                .cite(format!("granted: {}", phrases::list(&signal.granted, 12)))
                .advice(format!(
                    "Have the banner set {} to denied on refusal, before any tag reads it",
                    signal.source
                ));
            if !signal.denied.is_empty() {
                finding = finding.cite(format!("denied: {}", phrases::list(&signal.denied, 12)));
            }
            finding.passes.push(pass);
            finding.pages.extend(of_pass.visits.first().map(|visit| visit.url.clone()));
            findings.report(finding);
        }
    }
    let reject = evidence.pass(Pass::Reject)?;
    if let Some(why) = failed {
        return Err(why);
    }
    match &reject.choice {
        Choice::Failed { why } => Err(Undecided::incomplete(Pass::Reject, why)),
        Choice::Unavailable { why } => {
            evidence.banner_was_sought(Pass::Reject, reject)?;
            Err(Undecided::NotApplicable(why.clone()))
        }
        Choice::NotAsked => Err(Undecided::NotRun(Pass::Reject)),
        Choice::Made { .. } if !asked_any => {
            Err(Undecided::NotApplicable("the page has no consent interface".to_owned()))
        }
        Choice::Made { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn still_granted_after_refusing() {
        check(
            &RULE,
            "none\nreject\n choice reject\n signal google-consent-mode granted=ad_storage denied=analytics_storage\naccept",
            "violated\nhigh google-consent-mode after reject: the signal google-consent-mode still grants ad storage after the visitor has refused",
        );
        check(
            &RULE,
            "none\nreject\n choice reject\n signal tcf denied=purpose_1\naccept",
            "satisfied",
        );
    }

    #[test]
    fn still_granted_after_withdrawing() {
        check(
            &RULE,
            "none\nreject\n choice reject\n signal tcf denied=purpose_1\naccept\nwithdraw\n choice withdraw\n signal tcf granted=purpose_1",
            "violated\nhigh tcf after withdraw: the signal tcf still grants purpose 1 after the visitor has withdrawn consent",
        );
    }

    #[test]
    fn without_a_signal_or_a_refusal() {
        check(
            &RULE,
            "none\nreject\n choice reject\naccept",
            "not applicable: the page has no consent interface",
        );
        check(
            &RULE,
            "none\nreject failed\naccept",
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(&RULE, "none\naccept", "open: the reject pass was not run");
    }
}
