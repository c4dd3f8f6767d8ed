//! What the rules about undeclared things, and about what rows lack, have in common.

use std::collections::BTreeMap;

use super::{Findings, Severity, phrases};
use crate::model::{
    Category, Classification, Confidence, Declaration, Notice, NoticeProblemKind, Subject,
    Undecided,
};

/// Whether all of the notice was read: what is missing from a part is not missing from the whole.
pub(super) fn read_whole(notice: &Notice) -> Result<(), Undecided> {
    match notice.problems.iter().find(|it| it.kind == NoticeProblemKind::InputTruncated) {
        None => Ok(()),
        Some(problem) => Err(Undecided::NoNotice(format!(
            "only part of the notice at {} was read: {}",
            notice.source, problem.message
        ))),
    }
}

/// One finding about the notice that counts and names the rows which `lack` something, in the words
/// "the notice `says` 2 of 3 things it declares `verb`".
pub(super) fn report_rows_that(
    notice: &Notice,
    findings: &mut Findings<'_>,
    lack: impl Fn(&Declaration) -> bool,
    says: &str,
    verb: &str,
    advice: &str,
) -> Result<(), Undecided> {
    if notice.declarations.is_empty() {
        return Err(Undecided::NotApplicable("the notice names no cookies".to_owned()));
    }
    let rows: Vec<&Declaration> = notice.declarations.iter().filter(|it| lack(it)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = rows.iter().map(|it| it.as_written.clone()).collect();
    let message = format!(
        "the notice {says} {} of {} things it declares {verb}: {}",
        rows.len(),
        notice.declarations.len(),
        phrases::list(&names, 5)
    );
    let finding = findings
        .draft(Subject::Notice(notice.source.clone()), message)
        .confidence(Confidence::Medium)
        .advice(advice);
    findings.report(rows.iter().take(20).fold(finding, |it, row| it.cite(phrases::row(row))));
    Ok(())
}

/// How much it matters that something of this sort is not in the notice. A hint that it tracks makes no difference.
pub(super) fn severity(class: &Classification) -> Severity {
    let tracks = class.category.tracks() && class.basis.confidence > Confidence::Low;
    if tracks { Severity::High } else { Severity::Medium }
}

/// The edit that declares `name`. `lifetime` is how long it lives, in words, if that is known.
pub(super) fn add_row(
    notice: &Notice,
    name: &str,
    category: Category,
    lifetime: Option<&str>,
) -> String {
    let name = phrases::name(name);
    let place = match table(notice, category) {
        Some(section) => format!("to '{}'", phrases::short(section)),
        None => "to the notice".to_owned(),
    };
    let lifetime = lifetime.map(|it| format!(" ({it})")).unwrap_or_default();
    let or = if category.tracks() { ", or stop setting it" } else { "" };
    format!("Add a row for {name} {place} with its purpose and how long it lasts{lifetime}{or}")
}

/// The heading under which most things of `category` are declared.
fn table(notice: &Notice, category: Category) -> Option<&str> {
    let mut sections: BTreeMap<&str, usize> = BTreeMap::new();
    for declaration in notice.declarations.iter().filter(|it| it.category == Some(category)) {
        if let Some(section) = &declaration.section {
            *sections.entry(section).or_default() += 1;
        }
    }
    // The first of equals, whatever `max_by_key` would do.
    let most = sections.values().copied().max()?;
    sections.into_iter().find(|&(_, count)| count == most).map(|(section, _)| section)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::testing::notice;

    #[test]
    fn a_row_goes_where_its_like_are() {
        let notice = notice(
            "
            declare sid category=essential section=Needed
            declare _ga category=performance section=Counting
            declare _gid category=performance section=Counting
            declare old category=performance section=Archive
            ",
        );
        assert_eq!(table(&notice, Category::Performance), Some("Counting"));
        assert_eq!(table(&notice, Category::Marketing), None);
        assert_eq!(
            add_row(&notice, "_gat", Category::Performance, Some("1 minute")),
            "Add a row for _gat to 'Counting' with its purpose and how long it lasts (1 minute), or \
             stop setting it"
        );
    }
}
