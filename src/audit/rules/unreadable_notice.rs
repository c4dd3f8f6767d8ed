//! # `unreadable-notice`
//!
//! ## What it finds
//! A link to a cookie notice that leads to none that can be read: the server answers with an error,
//! the page is empty without a certain browser, or it is about something else.
//!
//! ## Why it matters
//! A notice that visitors cannot open informs nobody. If a program cannot read it, neither can a
//! screen reader, in many cases.
//!
//! ## How to fix it
//! Open the address without being signed in. Publish the notice as an ordinary page of text and
//! tables.
//!
//! ## When it stays open
//! If the notice was read, but parts of it were not understood, or if it was not read although no server refused it: its
//! words may be in a frame or a picture, the document may be of a kind that is not read, or the server may have taken
//! the scan for a robot. That may be our fault.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 2 (clear
//!   and comprehensive information)
//! - UK GDPR, article 12(1): in an intelligible and easily accessible form

use crate::{
    audit::{Findings, Policy, Rule, Severity},
    model::{Confidence, Evidence, NoticeProblemKind, NoticeState, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "unreadable-notice",
    severity: Severity::Medium,
    summary: "cookie notice cannot be read",
    tags: &["pecr-a1-2", "gdpr-12"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("unreadable_notice.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    match evidence.notice_state() {
        NoticeState::Read(notice) if notice.is_notice => {
            let ours = |kind| {
                matches!(
                    kind,
                    NoticeProblemKind::InputTruncated
                        | NoticeProblemKind::TableNotUnderstood
                        | NoticeProblemKind::NamesNotUnderstood
                )
            };
            match notice.problems.iter().find(|it| ours(it.kind)) {
                None => Ok(()),
                Some(problem) => Err(Undecided::Unclear(format!(
                    "part of the notice at {} was not understood: {}",
                    notice.source, problem.message
                ))),
            }
        }
        NoticeState::Read(notice) => {
            findings.report(
                findings
                    .draft(
                        Subject::Notice(notice.source.clone()),
                        "the page that is linked as the cookie notice does not say what the site \
                         stores",
                    )
                    .confidence(Confidence::Medium)
                    .cite(format!("read {}", notice.source))
                    .advice(
                        "List on that page what the site stores, what for and for how long, or link \
                         to the page that does",
                    ),
            );
            Ok(())
        }
        NoticeState::Unreadable { url, why, by_us: true } => {
            Err(Undecided::Unclear(format!("the notice at {url} was not read: {why}")))
        }
        NoticeState::Unreadable { url, why, by_us: false } => {
            findings.report(
                findings
                    .draft(
                        Subject::Notice(url.clone()),
                        format!("the cookie notice could not be read: {why}"),
                    )
                    .cite(format!("tried {url}"))
                    .advice(format!(
                        "Open {url} without being signed in, and publish it as an ordinary page of text"
                    )),
            );
            Ok(())
        }
        NoticeState::Missing { .. } => {
            Err(Undecided::NotApplicable("no cookie notice was found".to_owned()))
        }
        NoticeState::NotSought { why } => Err(Undecided::NoNotice(why.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn a_notice_behind_an_error() {
        let case = "notice unreadable";
        check(
            &RULE,
            case,
            "
            violated
            medium https://shop.test/cookies: the cookie notice could not be read: the server answered 503
            ",
        );
        says(
            &RULE,
            case,
            "Open https://shop.test/cookies without being signed in, and publish it as an ordinary page of \
             text",
        );
    }

    #[test]
    fn a_page_about_something_else() {
        check(
            &RULE,
            "notice other\n text We sell shoes.",
            "
            violated
            medium https://shop.test/cookies: the page that is linked as the cookie notice does not say what the site stores
            ",
        );
    }

    #[test]
    fn a_notice_that_was_read() {
        check(&RULE, "notice\n declare _ga", "satisfied");
    }

    #[test]
    fn what_we_did_not_understand_is_not_the_sites_fault() {
        check(
            &RULE,
            "notice\n problem table",
            "open: part of the notice at https://shop.test/cookies was not understood: it is too long",
        );
        check(
            &RULE,
            "notice unreadable by-us",
            "open: the notice at https://shop.test/cookies was not read: the server answered 503",
        );
        check(&RULE, "notice not-sought", "open: the server answered 503");
    }

    #[test]
    fn none_at_all_is_another_rules() {
        check(&RULE, "notice missing", "not applicable: no cookie notice was found");
    }
}
