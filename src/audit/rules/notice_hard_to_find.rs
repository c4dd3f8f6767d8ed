//! # `notice-hard-to-find`
//!
//! ## What it finds
//! A notice to which no link of the start page leads: it was found only because its address is a
//! common one, or because the sitemap lists it.
//!
//! ## Why it matters
//! Nobody guesses addresses. A notice that visitors cannot find informs nobody.
//!
//! ## How to fix it
//! Link to the notice from every page, usually in the footer under "Cookies", and from the banner.
//!
//! ## When it stays open
//! If no notice was found, or if the user named it: then nobody looked for a link.
//!
//! ## References
//! - UK GDPR, article 12(1): easily accessible
//! - Information Commissioner's Office, Guide to PECR, Cookies: prominence of the information

use crate::{
    audit::{Findings, Policy, Rule, Severity},
    model::{Evidence, NoticeFound, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "notice-hard-to-find",
    severity: Severity::Medium,
    summary: "no link leads to the notice",
    tags: &["gdpr-12", "pecr-a1-2"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("notice_hard_to_find.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    match &evidence.notice_setting().found {
        NoticeFound::Link => Ok(()),
        NoticeFound::Given => Err(Undecided::NotApplicable(
            "the user named the notice, so that nobody looked for a link".to_owned(),
        )),
        NoticeFound::Guess { how } => {
            let finding = findings
                .draft(
                    Subject::Notice(notice.source.clone()),
                    format!("no link on the start page leads to the notice at {}", notice.source),
                )
                .cite(how.clone())
                .advice("Link to the notice from every page, such as in the footer, and from the banner");
            findings.report(finding);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn a_notice_at_the_end_of_a_guess() {
        check(
            &RULE,
            "notice\n found guess",
            "violated\nmedium https://shop.test/cookies: no link on the start page leads to the notice at https://shop.test/cookies",
        );
        says(&RULE, "notice\n found guess", "many sites have it there");
    }

    #[test]
    fn linked_named_or_not_found() {
        check(&RULE, "notice", "satisfied");
        check(
            &RULE,
            "notice\n found given",
            "not applicable: the user named the notice, so that nobody looked for a link",
        );
        check(&RULE, "none\nnotice missing", "open: no cookie notice was found");
    }
}
