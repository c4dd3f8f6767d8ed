//! # `missing-purpose`
//!
//! ## What it finds
//! Declared cookies for which the notice does not say what they are for.
//!
//! ## Why it matters
//! A name alone says nothing to visitors. The purpose is the first thing they have to know before
//! they can consent, or accept that they were not asked.
//!
//! ## How to fix it
//! Add to each row, in a few plain words, what the cookie does for the visitor or for you.
//!
//! ## When it stays open
//! If only part of the notice could be read.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 2: clear and
//!   comprehensive information about the purposes
//! - UK GDPR, article 13(1)(c)

use crate::{
    audit::{Findings, Policy, Rule, Severity, undeclared},
    model::{Evidence, Pass, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "missing-purpose",
    severity: Severity::Low,
    summary: "notice does not say what cookies are for",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-13"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("missing_purpose.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    undeclared::report_rows_that(
        notice,
        findings,
        |it| it.purpose.is_none(),
        "does not say what",
        "are for",
        "Add to each row what it is for",
    )?;
    undeclared::read_whole(notice)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn one_finding_names_them_all() {
        check(
            &RULE,
            "notice\n declare sid purpose=Keeps_you_signed_in\n declare _ga",
            "violated\nlow https://shop.test/cookies: the notice does not say what 1 of 2 things it declares are for: _ga",
        );
        check(&RULE, "notice\n declare sid purpose=Keeps_you_signed_in", "satisfied");
    }

    #[test]
    fn without_a_whole_notice_it_is_open() {
        check(&RULE, "none", "open: nobody looked for a notice");
        check(&RULE, "none\nnotice", "not applicable: the notice names no cookies");
        check(
            &RULE,
            "notice\n declare sid purpose=x\n problem truncated",
            "open: only part of the notice at https://shop.test/cookies was read: it is too long",
        );
    }
}
