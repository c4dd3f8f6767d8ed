//! # `vague-pattern`
//!
//! ## What it finds
//! A declared name with a gap in it that could stand for almost anything: fewer than three letters
//! of its own (`_g*`), no beginning (`*_id`), or "and similar" after it; and one that matched items
//! of different purposes or from different organisations on this site.
//!
//! How names with gaps are read: `[…]`, `{…}`, `<…>`, `#`, `…`, `*`, four or more `x` or `n` in a
//! row and words such as "plus several further characters" stand for any run of characters;
//! everything else has to be there, letter by letter. A name that another visitor got, such as
//! `_ga_Z2RHWQ33HY`, stands for `_ga_*`. A pattern with fewer than two letters of its own declares
//! nothing.
//!
//! ## Why it matters
//! A row that covers everything informs about nothing, and hides what is new.
//!
//! ## How to fix it
//! Write the fixed part of the name in full and mark only what changes: `_ga_<container>`.
//!
//! ## When it stays open
//! While a pass is incomplete a pattern may match more than was seen.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 2: clear and
//!   comprehensive information

use std::collections::BTreeSet;

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases},
    model::{Category, Confidence, Declaration, Evidence, NoticeEdit, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "vague-pattern",
    severity: Severity::Low,
    summary: "declared name stands for too much",
    tags: &["pecr-a1-2"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::ChangeRow),
    source: include_str!("vague_pattern.rs"),
    check,
};

/// More findings than this are one.
const MOST: usize = 20;

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    let open = |it: &&Declaration| it.patterns.iter().any(|pattern| pattern.contains('*'));
    let patterns: Vec<&Declaration> = notice.declarations.iter().filter(open).collect();
    if patterns.is_empty() {
        return Err(Undecided::NotApplicable("the notice declares no name with a gap".to_owned()));
    }
    let vague: Vec<(&Declaration, &str)> =
        patterns.iter().filter_map(|it| Some((*it, by_its_letters(it)?))).collect();
    if vague.len() > MOST {
        let names: Vec<&str> = vague.iter().map(|(it, _)| it.as_written.as_str()).collect();
        let message = format!(
            "{} of {} patterns in the notice say next to nothing: {}",
            vague.len(),
            patterns.len(),
            phrases::list(&names, 5)
        );
        findings.report(
            findings
                .draft(Subject::Notice(notice.source.clone()), message)
                .cite(phrases::notice_citation(notice))
                .advice("Write the fixed part of each name in full and mark only what changes"),
        );
        return Ok(());
    }
    for (declaration, why) in vague {
        let written = phrases::short(&declaration.as_written);
        let finding = findings
            .draft(
                Subject::Declaration(declaration.as_written.clone()),
                format!("the notice declares {written}, {why}"),
            )
            .cite(phrases::row(declaration))
            .advice(format!(
                "Write the fixed part of {written} in full and mark only what changes"
            ));
        findings.report(finding);
    }
    let declarations = findings.attribution.declarations(notice);
    evidence.everywhere(|seen| {
        let names: Vec<String> =
            seen.cookies().map(|(cookie, _)| cookie.key.name.clone()).collect();
        for (place, fitting) in declarations.named(&names) {
            let declaration = &notice.declarations[place];
            if !open(&declaration) {
                continue;
            }
            let mut names = Vec::new();
            let mut kinds: BTreeSet<Category> = BTreeSet::new();
            let mut owners: BTreeSet<&str> = BTreeSet::new();
            let mut places = Vec::new();
            for (cookie, at) in seen.cookies() {
                if !fitting.contains(&cookie.key.name.as_str()) {
                    continue;
                }
                names.push(cookie.key.name.clone());
                kinds.extend(Some(cookie.class.category).filter(|it| *it != Category::Unknown));
                owners.extend(cookie.class.organisation.as_deref());
                places.extend(at);
            }
            if kinds.len() < 2 && owners.len() < 2 {
                continue;
            }
            let written = phrases::short(&declaration.as_written);
            let finding = findings
                .draft(
                    Subject::Declaration(declaration.as_written.clone()),
                    format!(
                        "the notice declares {written}, which matches cookies of different kinds: {}",
                        phrases::list(&names, 5)
                    ),
                )
                .confidence(Confidence::Medium)
                .seen(&places)
                .cite(phrases::row(declaration))
                .advice(format!("Give each of the cookies that {written} stands for its own row"));
            findings.report(finding);
        }
    })
}

/// What is wrong with a pattern as it is written.
fn by_its_letters(declaration: &Declaration) -> Option<&'static str> {
    let written = declaration.as_written.to_lowercase();
    // Whole words: "AspNetCore" says nothing of others.
    let spaced = format!(" {} ", written.replace(|it: char| !it.is_alphanumeric(), " "));
    let says = |words: &&str| spaced.contains(&format!(" {words} "));
    if ["similar", "and other", "and others", "etc", "a rhai tebyg", "ac ati"].iter().any(says) {
        return Some("which does not say what else");
    }
    let pattern = declaration.patterns.iter().find(|it| it.contains('*'))?;
    let letters = pattern.bytes().filter(u8::is_ascii_alphanumeric).count();
    match () {
        () if letters < 3 && !pattern.trim_start_matches('_').contains(['_', '-', '.']) => {
            Some("which could stand for almost anything")
        }
        () if pattern.starts_with('*') => Some("which does not say how the name begins"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn a_flood_is_one_finding() {
        let rows: Vec<String> =
            (b'a'..=b'z').map(|it| format!("\n declare {}*", char::from(it))).collect();
        let rows = rows.concat();
        check(
            &RULE,
            &format!("none\nreject\naccept\nnotice{rows}"),
            "violated\nlow https://shop.test/cookies: 26 of 26 patterns in the notice say next to nothing: a*, b*, c*, d*, e* and 21 more",
        );
    }

    #[test]
    fn too_few_letters_or_no_beginning() {
        check(
            &RULE,
            "none\nreject\naccept\nnotice\n declare _g*\n declare *_id\n declare _ga_*\n declare sid",
            "violated\nlow _g*: the notice declares _g*, which could stand for almost anything\nlow *_id: the notice declares *_id, which does not say how the name begins",
        );
    }

    #[test]
    fn only_whole_words_say_that_there_is_more() {
        check(
            &RULE,
            "none\nreject\naccept\nnotice\n declare .AspNetCore.Session.*\n declare fetcher_*\n declare dissimilar_*",
            "satisfied",
        );
        check(
            &RULE,
            "none\nreject\naccept\nnotice\n declare _hj*,etc.",
            "violated\nlow _hj*,etc.: the notice declares _hj*,etc., which does not say what else",
        );
    }

    #[test]
    fn different_things_in_one_row() {
        check(
            &RULE,
            "none\n app_session shop.test essential\n app_ads shop.test marketing\nreject\naccept\nnotice\n declare app_*",
            "violated\nlow app_*: the notice declares app_*, which matches cookies of different kinds: app_session, app_ads",
        );
        check(
            &RULE,
            "none\n _ga_1 shop.test performance\n _ga_2 shop.test performance\nreject\naccept\nnotice\n declare _ga_*",
            "satisfied",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\nnotice\n declare _ga_*", "open: the reject pass was not run");
        check(
            &RULE,
            "none\nnotice\n declare sid",
            "not applicable: the notice declares no name with a gap",
        );
        check(&RULE, "none", "open: nobody looked for a notice");
    }
}
