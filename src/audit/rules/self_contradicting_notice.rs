//! # `self-contradicting-notice`
//!
//! ## What it finds
//! Two sentences of the notice that cannot both be true: no marketing cookies, and a row for one; a
//! provider that may not share the data, and may.
//!
//! ## Why it matters
//! Nobody knows which of the two to believe, and neither will the person who changes the site next.
//!
//! ## How to fix it
//! Delete the one that is wrong. The finding quotes both.
//!
//! ## When it stays open
//! If there is no notice to read.
//!
//! ## References
//! - UK GDPR, articles 5(1)(a) and 12(1): transparency, plain language

use crate::{
    audit::{Findings, Policy, Rule, Severity, claims, phrases},
    model::{Confidence, Evidence, NoticeEdit, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "self-contradicting-notice",
    severity: Severity::Medium,
    summary: "notice contradicts itself",
    tags: &["gdpr-5", "gdpr-12"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::ChangeRow),
    source: include_str!("self_contradicting_notice.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    for claim in &notice.claims {
        if let Some(other) = claims::contradiction(evidence, notice, claim) {
            let finding = findings
                .draft(
                    Subject::Claim(claim.quote.clone()),
                    format!("the notice contradicts itself: \"{}\"", phrases::short(&claim.quote)),
                )
                .confidence(Confidence::Medium)
                .cite(format!("the notice also says: {}", phrases::short(&other)))
                .cite(phrases::notice_citation(notice))
                .advice("Delete the one that is wrong");
            findings.report(finding);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn none_and_yet_one() {
        let case = "none\nreject\naccept\nnotice\n declare _fbp category=marketing\n claim no-category We_use_no_marketing. categories=marketing";
        check(
            &RULE,
            case,
            "violated\nmedium We use no marketing.: the notice contradicts itself: \"We use no marketing.\"",
        );
        says(&RULE, case, "the notice is https://shop.test/cookies");
    }

    #[test]
    fn may_and_may_not() {
        check(
            &RULE,
            "notice\n claim provider-does-not-share Google_may_not. provider=Google\n claim provider-may-share Google_may. provider=Google",
            "violated\nmedium Google may not.: the notice contradicts itself: \"Google may not.\"",
        );
    }

    #[test]
    fn without_a_notice_it_is_open() {
        check(&RULE, "none", "open: nobody looked for a notice");
        check(&RULE, "notice\n declare _ga category=performance", "satisfied");
    }
}
