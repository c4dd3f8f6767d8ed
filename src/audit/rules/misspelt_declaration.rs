//! # `misspelt-declaration`
//!
//! ## What it finds
//! Something that the site stores and that the notice declares under a name that is nearly right:
//! `Crsf-token` for `Csrf-token`, `_utma` for `__utma`, `ASP.NET_SessionID` for
//! `ASP.NET_SessionId`.
//!
//! Two names count as the same if they differ in letter case, in underscores at the start or in
//! separators; in one letter too many or too few; in two letters that changed places; or, from
//! eight letters on, in one other letter. Digits distinguish names of a series and always count,
//! names of fewer than four letters are not guessed at, and a declared name that was seen as
//! written stays what it is.
//!
//! ## Why it matters
//! People who look for the name in the browser do not find it, and a program that compares reports
//! lists one mistake twice.
//!
//! ## How to fix it
//! Write the name as the browser has it.
//!
//! ## When it stays open
//! While a pass is incomplete there may be more, and without a notice there is nothing to compare.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 2 (clear
//!   information)
//! - RFC 6265bis, section 5.7: every letter of a cookie's name and its case counts

use crate::{
    audit::{Findings, Policy, Rule, Severity, consent_checks, declaration_match, phrases},
    model::{Confidence, Evidence, NoticeEdit, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "misspelt-declaration",
    severity: Severity::Low,
    summary: "declared name differs slightly from the real one",
    tags: &["pecr-a1-2"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::ChangeRow),
    source: include_str!("misspelt_declaration.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    if notice.declarations.is_empty() {
        return Err(Undecided::NotApplicable("the notice names no cookies".to_owned()));
    }
    let declarations = findings.attribution.declarations(notice);
    evidence.everywhere(|seen| {
        let names = declaration_match::names_seen(seen);
        let cookies = seen
            .cookies()
            .filter(|(cookie, _)| consent_checks::stored(cookie).is_some())
            .map(|(it, at)| (it.key.name.as_str(), phrases::cookie(it), &it.set_by, at));
        let items =
            seen.storage().map(|(it, at)| (it.key.key.as_str(), phrases::item(it), &it.set_by, at));
        for (name, what, set_by, at) in cookies.chain(items) {
            let Some(meant) = declarations.mistyped(name, &names) else { continue };
            let (name, written) = (phrases::short(name), phrases::short(&meant.as_written));
            let message = format!("the {what} is in the notice as {written}");
            let finding = findings
                .draft(Subject::Declaration(meant.as_written.clone()), message)
                .confidence(Confidence::Medium)
                .seen(&at)
                .cite(phrases::row(meant))
                .cite(phrases::setter_citation(set_by))
                .cite(phrases::notice_citation(notice))
                .advice(format!("Write {name} instead of {written} in the notice"));
            findings.report(finding);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn a_slip_of_the_pen_is_called_one() {
        let case = "
            none
              Csrf-token shop.test essential
            reject
            accept
            notice
              declare Crsf-token
        ";
        check(
            &RULE,
            case,
            "violated\nlow Crsf-token: the cookie Csrf-token is in the notice as Crsf-token",
        );
        says(&RULE, case, "Write Csrf-token instead of Crsf-token in the notice");
        check(
            &RULE,
            "none\n local:themeChoice https://shop.test functional\nreject\naccept\nnotice\n declare theme_choice",
            "violated\nlow theme_choice: the local storage item themeChoice is in the notice as theme_choice",
        );
    }

    #[test]
    fn names_that_are_right_are_no_slips() {
        check(
            &RULE,
            "none\n _gat shop.test performance\n _gac shop.test marketing\nreject\naccept\nnotice\n declare _gat",
            "satisfied",
        );
        check(&RULE, "none\nreject\naccept\nnotice", "not applicable: the notice names no cookies");
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\nnotice\n declare sid", "open: the reject pass was not run");
        check(&RULE, "none\nreject\naccept\nnotice missing", "open: no cookie notice was found");
    }
}
