//! # `stale-notice`
//!
//! ## What it finds
//! A notice whose latest date of review or update is more than twelve months ago, or as many as
//! `--review-months` says.
//!
//! ## Why it matters
//! Sites change every month. A notice that nobody has reviewed for years is seldom right, and
//! visitors can see the date.
//!
//! ## How to fix it
//! Review the notice, correct what this report finds, and update its date.
//!
//! ## When it stays open
//! Without a notice, or if the date of the scan is not known. A notice without a date is not
//! judged.
//!
//! ## References
//! - UK GDPR, article 5(2): who is responsible must be able to show it
//! - Information Commissioner's Office, Guide to PECR, Cookies: review what you use regularly

use crate::{
    audit::{Findings, Policy, Rule, Severity},
    model::{Evidence, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "stale-notice",
    severity: Severity::Low,
    summary: "notice last reviewed long ago",
    tags: &["gdpr-5"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("stale_notice.rs"),
    check,
};

fn check(
    evidence: &Evidence,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    let Some(reviewed) = &notice.reviewed else {
        return Err(Undecided::NotApplicable("the notice gives no date of review".to_owned()));
    };
    let Some((year, month)) = year_and_month(reviewed) else {
        return Err(Undecided::Unclear(format!("the date {reviewed} could not be read")));
    };
    let Some((this_year, this_month)) = evidence.notice_setting().looked else {
        return Err(Undecided::Unclear("the day of the scan is not known".to_owned()));
    };
    let months = (i32::from(this_year) - year) * 12 + i32::from(this_month) - month;
    if months < 0 {
        let message =
            format!("the notice says that it was reviewed in {reviewed}, a date in the future");
        let finding = findings
            .draft(Subject::Notice(notice.source.clone()), message)
            .advice("Write the date of the last review");
        findings.report(finding);
    } else if months > i32::from(policy.review_months) {
        let finding = findings
            .draft(
                Subject::Notice(notice.source.clone()),
                format!(
                    "the notice was last reviewed in {reviewed}, {months} months before this scan"
                ),
            )
            .cite(format!("notices should be reviewed every {} months", policy.review_months))
            .advice("Review the notice, correct it and update its date");
        findings.report(finding);
    }
    Ok(())
}

/// Reads `YYYY-MM`.
fn year_and_month(text: &str) -> Option<(i32, i32)> {
    let (year, month) = text.split_once('-')?;
    Some((year.parse().ok()?, month.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn old_reviews_and_reviews_to_come() {
        let case = |reviewed: &str| format!("notice\n reviewed {reviewed}\n looked 2026-11");
        check(
            &RULE,
            &case("2024-02"),
            "violated\nlow https://shop.test/cookies: the notice was last reviewed in 2024-02, 33 months before this scan",
        );
        check(
            &RULE,
            &case("2027-01"),
            "violated\nlow https://shop.test/cookies: the notice says that it was reviewed in 2027-01, a date in the future",
        );
        check(&RULE, &case("2025-11"), "satisfied");
        check(
            &RULE,
            &case("2025-10"),
            "violated\nlow https://shop.test/cookies: the notice was last reviewed in 2025-10, 13 months before this scan",
        );
    }

    #[test]
    fn what_is_not_known_is_not_judged() {
        check(&RULE, "notice", "not applicable: the notice gives no date of review");
        check(&RULE, "notice\n reviewed 2020-01", "open: the day of the scan is not known");
        check(
            &RULE,
            "notice\n reviewed soon\n looked 2026-11",
            "open: the date soon could not be read",
        );
        check(&RULE, "none", "open: nobody looked for a notice");
    }
}
