//! The edits that lead from the published notice to one that is true.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Draft, Language, Row, notice_draft::general};
use crate::{
    audit::{Outcome, Verdict},
    model::{Declaration, Evidence, Notice, NoticeEdit, Subject, Translation, Undecided},
};

/// One change to the published notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// What to do.
    pub kind: EditKind,
    /// The row it is about, as the notice writes it or will.
    pub name: String,
    /// Where, if it is clear: a heading of the notice.
    pub section: Option<String>,
    /// What the notice says now.
    pub from: Option<String>,
    /// What it should say.
    pub to: Option<String>,
    /// Why, in one sentence.
    pub why: String,
    /// The rule that found it.
    pub rule: String,
}

/// What to do to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EditKind {
    /// Write it.
    Add,
    /// Write it otherwise.
    Change,
    /// Take it out.
    Remove,
}

/// The edits that what was found asks for, and what could not be decided.
///
/// # Errors
/// If there is no notice to edit.
pub fn edits(
    evidence: &Evidence,
    verdicts: &[Verdict],
    draft: &Draft,
) -> Result<(Vec<Edit>, Vec<String>), Undecided> {
    let notice = evidence.notice()?;
    let mut edits = Vec::new();
    let mut open = BTreeSet::new();
    for verdict in verdicts {
        let id = verdict.rule.id;
        let kind = match verdict.rule.notice_edit {
            Some(NoticeEdit::AddRow) => EditKind::Add,
            Some(NoticeEdit::ChangeRow) => EditKind::Change,
            Some(NoticeEdit::RemoveRow) => EditKind::Remove,
            Some(NoticeEdit::Revise | NoticeEdit::Publish) | None => continue,
        };
        let (findings, incomplete) = match &verdict.outcome {
            Outcome::Violated { findings, incomplete } => {
                (findings.as_slice(), incomplete.as_ref())
            }
            Outcome::Open(why) => (&[][..], Some(why)),
            Outcome::Satisfied | Outcome::NotApplicable(_) => continue,
        };
        open.extend(incomplete.map(|why| format!("{id}: {why}")));
        for finding in findings {
            let name = match &finding.subject {
                Subject::Cookie(key) => key.name.clone(),
                Subject::Storage(key) => key.key.clone(),
                other => other.to_string(),
            };
            let row = (kind == EditKind::Add).then(|| find(draft, &name)).flatten();
            let declared = notice
                .declarations
                .iter()
                .find(|it| it.as_written == name || it.covers(&name) || it.covers(&general(&name)));
            let category = row.map(|(category, _)| category);
            let section = match kind {
                EditKind::Add => notice
                    .declarations
                    .iter()
                    .find(|it| it.category.is_some() && it.category == category)
                    .and_then(|it| it.section.clone()),
                _ => declared.and_then(|it| it.section.clone()),
            };
            let said = declared.map(|it| {
                let cells = [&it.purpose, &it.lifetime.as_written];
                let cells = cells.into_iter().flatten().cloned();
                std::iter::once(it.as_written.clone()).chain(cells).collect::<Vec<_>>().join(" | ")
            });
            let edit = Edit {
                kind,
                name: row.map_or_else(|| name.clone(), |(_, row)| row.name.clone()),
                section,
                from: said.filter(|_| kind != EditKind::Add),
                to: match kind {
                    EditKind::Add => row.map(|(_, row)| in_words(row, draft.language)),
                    EditKind::Change => Some(finding.advice.clone()),
                    EditKind::Remove => None,
                },
                why: finding.message.clone(),
                rule: id.to_owned(),
            };
            // One row of the draft may stand for several cookies.
            let known = edits
                .iter()
                .any(|it: &Edit| it.kind == edit.kind && it.name == edit.name && it.to == edit.to);
            if !known {
                edits.push(edit);
            }
        }
    }
    for translation in &evidence.notice_setting().translations {
        match translation {
            Translation::Read(other) => edits.extend(missing_rows(notice, other)),
            Translation::Unreadable { url, why } => {
                open.insert(format!("the notice in another language at {url}: {why}"));
            }
        }
    }
    edits.sort_by_key(|it| it.kind);
    Ok((edits, open.into_iter().collect()))
}

/// Rows of the notice that its version in another language lacks.
fn missing_rows(notice: &Notice, other: &Notice) -> Vec<Edit> {
    let there: BTreeSet<&String> = other.declarations.iter().flat_map(|it| &it.patterns).collect();
    let lacking = notice.declarations.iter().filter(|it| {
        !it.patterns.is_empty() && !it.patterns.iter().any(|pattern| there.contains(pattern))
    });
    let edit = |it: &Declaration| {
        let cells = [&it.purpose, &it.lifetime.as_written];
        let cells = cells.into_iter().flatten().cloned();
        let row: Vec<String> = std::iter::once(it.as_written.clone()).chain(cells).collect();
        Edit {
            kind: EditKind::Add,
            name: it.as_written.clone(),
            section: None,
            from: None,
            to: Some(row.join(" | ")),
            why: format!(
                "the notice in the language `{}` ({}) does not declare it, and the one in `{}` does",
                other.language, other.source, notice.language
            ),
            rule: "bilingual-mismatch".to_owned(),
        }
    };
    lacking.map(edit).collect()
}

fn find<'a>(draft: &'a Draft, name: &str) -> Option<(crate::model::Category, &'a Row)> {
    let name = general(name);
    draft.sections.iter().find_map(|section| {
        Some((section.category, section.rows.iter().find(|it| it.name == name)?))
    })
}

fn in_words(row: &Row, language: Language) -> String {
    let words = language.words();
    [
        row.name.as_str(),
        row.purpose.as_deref().unwrap_or(words.purpose_needed),
        row.expires.as_deref().unwrap_or(words.expiry_needed),
        row.set_by.as_str(),
    ]
    .join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audit::{audit, testing},
        classify::Knowledge,
        draft::draft,
    };

    fn edits_of(case: &str) -> (Vec<String>, Vec<String>) {
        let (evidence, policy) = testing::parse(case);
        let draft = draft(&evidence, &policy, &Knowledge::embedded(), Language::English, None);
        let (edits, open) = edits(&evidence, &audit(&evidence, &policy), &draft).unwrap();
        let line = |it: Edit| {
            format!(
                "{:?} {} [{}] {} -> {}",
                it.kind,
                it.name,
                it.section.unwrap_or_default(),
                it.from.unwrap_or_default(),
                it.to.unwrap_or_default()
            )
        };
        (edits.into_iter().map(line).collect(), open)
    }

    #[test]
    fn rows_to_add_to_change_and_to_remove() {
        let (edits, open) = edits_of(
            "
            none
              _ga_AB12CD34 shop.test performance life=2y
              sid shop.test essential life=session
            reject
            accept
              --- granted
            notice
              declare sid purpose=Sign_in life=1y category=essential section=Needed
              declare _pk_id category=performance section=Counting
        ",
        );
        assert_eq!(
            edits,
            [
                "Add _ga_* [Counting]  -> _ga_* | Keeps the state of a visit for one property. | 2 years | This site",
                "Change sid [Needed] sid | Sign in | 1y -> Write 'until the browser is closed' in the row for sid, or set the cookie for as long as the row says",
                "Remove _pk_id [Counting] _pk_id -> ",
            ]
        );
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn a_row_has_the_name_of_the_thing_and_not_where_it_is_kept() {
        let (edits, _) = edits_of(
            "
            none
              opfs:index https://shop.test essential
              local:x shop.test essential
            reject
            accept
              --- granted
            notice
              declare other
        ",
        );
        let mut names: Vec<&str> =
            edits.iter().filter_map(|it| it.strip_prefix("Add ")?.split(' ').next()).collect();
        names.sort_unstable();
        // The second is a cookie that is really called so.
        assert_eq!(names, ["index", "local:x"]);
    }

    #[test]
    fn missing_evidence_removes_nothing() {
        let (edits, open) = edits_of("none\nnotice\n declare _pk_id category=performance");
        assert_eq!(edits, Vec::<String>::new());
        assert!(open.iter().any(|it| it.starts_with("stale-declaration: ")), "{open:?}");
    }

    #[test]
    fn without_a_notice_there_is_nothing_to_edit() {
        let (evidence, policy) = testing::parse("none\nnotice missing");
        let draft = draft(&evidence, &policy, &Knowledge::embedded(), Language::English, None);
        assert!(edits(&evidence, &audit(&evidence, &policy), &draft).is_err());
    }
}
