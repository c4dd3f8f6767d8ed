//! What the rules about undeclared things, and about what rows lack, have in common.

use std::collections::{BTreeMap, BTreeSet};

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

/// An observed name with the word of the notice that may declare it.
pub(super) fn as_written(name: &str, word: &str) -> String {
    format!("{} (`{}`)", phrases::name(name), phrases::short(word))
}

/// Turns what may be declared all the same into an open question.
pub(super) fn none_unsure(unsure: &[String]) -> Result<(), Undecided> {
    if unsure.is_empty() {
        return Ok(());
    }
    Err(Undecided::Unclear(format!(
        "these may be declared where the notice was not understood: {}",
        phrases::list(unsure, 5)
    )))
}

/// So many entries of one name are no entries of one thing.
const REPEATED: usize = 3;

/// What stands as a name of many entries and is an ordinary word: the label of a field, such as "Expiration", that was
/// taken for a name.
pub(super) fn labels(notice: &Notice) -> BTreeSet<&str> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for declaration in &notice.declarations {
        *times.entry(declaration.as_written.as_str()).or_default() += 1;
    }
    let is_word = |name: &str| {
        let small = |word: &str| word.chars().skip(1).all(char::is_lowercase);
        name.chars().all(|it| it.is_alphabetic() || it.is_whitespace())
            && name.split_whitespace().all(small)
    };
    times
        .into_iter()
        .filter(|(name, times)| *times >= REPEATED && is_word(name))
        .map(|it| it.0)
        .collect()
}

/// Turns labels into an open question: where they stand, names were not understood.
pub(super) fn none_labels(labels: &BTreeSet<&str>) -> Result<(), Undecided> {
    if labels.is_empty() {
        return Ok(());
    }
    let labels: Vec<&str> = labels.iter().copied().collect();
    Err(Undecided::Unclear(format!(
        "these stand as the names of many entries of the notice, and may be labels: {}",
        phrases::list(&labels, 5)
    )))
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
    let labels = labels(notice);
    let declared: Vec<&Declaration> =
        notice.declarations.iter().filter(|it| !labels.contains(it.as_written.as_str())).collect();
    let rows: Vec<&Declaration> = declared.iter().copied().filter(|it| lack(it)).collect();
    if rows.is_empty() {
        return none_labels(&labels);
    }
    let names: Vec<String> = rows.iter().map(|it| it.as_written.clone()).collect();
    let message = format!(
        "the notice {says} {} of {} things it declares {verb}: {}",
        rows.len(),
        declared.len(),
        phrases::list(&names, 5)
    );
    let finding = findings
        .draft(Subject::Notice(notice.source.clone()), message)
        .confidence(Confidence::Medium)
        .advice(advice);
    findings.report(rows.iter().take(20).fold(finding, |it, row| it.cite(phrases::row(row))));
    none_labels(&labels)
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
    let (mut sections, labels) = (BTreeMap::<&str, usize>::new(), labels(notice));
    for declaration in notice.declarations.iter().filter(|it| it.category == Some(category)) {
        let is_label = labels.contains(declaration.as_written.as_str());
        if let Some(section) = declaration.section.as_ref().filter(|_| !is_label) {
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
    fn a_word_that_many_entries_have_for_a_name_is_a_label() {
        let notice = notice(
            "
            declare Expiration
            declare Expiration
            declare _ga
            declare Expiration
            declare _ga
            declare _ga
            declare session
            declare session
            declare sessionId
            declare sessionId
            declare sessionId
            ",
        );
        assert_eq!(labels(&notice).into_iter().collect::<Vec<_>>(), ["Expiration"]);
    }

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
