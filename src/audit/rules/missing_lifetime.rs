//! # `missing-lifetime`
//!
//! ## What it finds
//! Declared cookies for which the notice does not say how long they last.
//!
//! ## Why it matters
//! How long something stays on a device is part of what visitors must be informed about. People who
//! share a device with somebody they fear need to know.
//!
//! ## How to fix it
//! Add to each row how long it lasts: "when you close your browser", "13 months".
//!
//! ## When it stays open
//! If the notice says something about time that could not be read.
//!
//! ## References
//! - Court of Justice of the European Union, C-673/17 (Planet49), paragraphs 75 to 81: duration
//! - UK GDPR, article 13(2)(a)
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 2

use crate::{
    audit::{Findings, Policy, Rule, Severity, undeclared},
    model::{Evidence, Pass, Undecided, WrittenLifetime},
};

pub(super) static RULE: Rule = Rule {
    id: "missing-lifetime",
    severity: Severity::Low,
    summary: "notice does not say how long cookies last",
    tags: &["pecr-a1-2", "gdpr-13"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("missing_lifetime.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    undeclared::report_rows_that(
        notice,
        findings,
        |it| it.lifetime.kind == WrittenLifetime::Absent,
        "does not say how long",
        "last",
        "Add to each row how long it lasts",
    )?;
    let unreadable: Vec<&str> = notice
        .declarations
        .iter()
        .filter(|it| it.lifetime.kind == WrittenLifetime::Unreadable)
        .map(|it| it.as_written.as_str())
        .collect();
    match unreadable.first() {
        None => undeclared::read_whole(notice),
        Some(first) => Err(Undecided::Unclear(format!(
            "the lifetime in {} of the notice's rows could not be read, the first of them for {first}",
            unreadable.len()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn one_finding_names_them_all() {
        let case = "notice\n declare sid life=session\n declare _ga\n declare _gid";
        check(
            &RULE,
            case,
            "violated\nlow https://shop.test/cookies: the notice does not say how long 2 of 3 things it declares last: _ga, _gid",
        );
        says(&RULE, case, "Add to each row how long it lasts");
    }

    #[test]
    fn what_cannot_be_read_is_open() {
        check(&RULE, "notice\n declare sid life=session", "satisfied");
        check(
            &RULE,
            "notice\n declare sid life=unreadable",
            "open: the lifetime in 1 of the notice's rows could not be read, the first of them for sid",
        );
        check(&RULE, "none\nnotice", "not applicable: the notice names no cookies");
        check(&RULE, "none", "open: nobody looked for a notice");
    }
}
