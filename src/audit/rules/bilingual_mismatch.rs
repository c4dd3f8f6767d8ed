//! # `bilingual-mismatch`
//!
//! ## What it finds
//! Two language versions of the notice that do not declare the same: a cookie that only one of them
//! names, or a different lifetime or category for the same name.
//!
//! ## Why it matters
//! In Wales the law gives the Welsh text the same standing. If two versions differ, one is wrong,
//! and people who read that one are misinformed.
//!
//! ## How to fix it
//! Make both versions state the same facts, and change them together from now on.
//!
//! ## When it stays open
//! If the notice links to another language version that could not be read as a notice.
//!
//! ## References
//! - Welsh Language (Wales) Measure 2011, and the Welsh Language Standards under it: the Welsh language
//!   is to be treated no less favourably than the English language
//! - UK GDPR, article 12(1)

use std::collections::BTreeMap;

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases, undeclared},
    model::{
        Category, Declaration, Evidence, Notice, Pass, Subject, Translation, Undecided,
        WrittenLifetime,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "bilingual-mismatch",
    severity: Severity::Medium,
    summary: "language versions of the notice declare different things",
    tags: &["gdpr-12"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("bilingual_mismatch.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    let translations = &evidence.notice_setting().translations;
    if translations.is_empty() {
        return Err(Undecided::NotApplicable(
            "the notice was found in one language only".to_owned(),
        ));
    }
    let mut unread = None;
    for translation in translations {
        match translation {
            Translation::Unreadable { url, why } => {
                unread.get_or_insert_with(|| format!("the translation at {url}: {why}"));
            }
            Translation::Read(other) => {
                compare(notice, other, findings);
                undeclared::read_whole(other)?;
            }
        }
    }
    undeclared::read_whole(notice)?;
    unread.map_or(Ok(()), |why| Err(Undecided::NoNotice(why)))
}

fn compare(one: &Notice, other: &Notice, findings: &mut Findings<'_>) {
    let (left, right) = (by_pattern(one), by_pattern(other));
    let only = |here: &BTreeMap<&str, &Declaration>, there: &BTreeMap<&str, &Declaration>| {
        let missing = here.keys().filter(|it| !there.contains_key(*it));
        missing.map(|it| (*it).to_owned()).collect::<Vec<String>>()
    };
    let mut differences = Vec::new();
    for (names, language, place) in [
        (only(&left, &right), &one.language, &one.source),
        (only(&right, &left), &other.language, &other.source),
    ] {
        if !names.is_empty() {
            differences.push(format!(
                "only the {} text ({place}) declares {}",
                called(language),
                phrases::list(&names, 5)
            ));
        }
    }
    for (name, here) in &left {
        let Some(there) = right.get(name) else { continue };
        if lifetimes_differ(here, there) {
            let said = |it: &Declaration| {
                phrases::short(it.lifetime.as_written.as_deref().unwrap_or("nothing"))
            };
            differences.push(format!(
                "for {} one says '{}' and the other '{}'",
                phrases::short(name),
                said(here),
                said(there)
            ));
        } else if let Some((a, b)) = categories_differ(here, there) {
            differences
                .push(format!("for {} one says {a} and the other {b}", phrases::short(name)));
        }
    }
    let Some(first) = differences.first() else { return };
    let more = match differences.len() {
        1 => String::new(),
        number => format!(" (and {} more differences)", number - 1),
    };
    let message = format!(
        "the {} and {} notices differ: {first}{more}",
        called(&one.language),
        called(&other.language)
    );
    let finding = findings
        .draft(Subject::Notice(other.source.clone()), message)
        .advice("Make both versions state the same facts, and change them together from now on");
    findings.report(differences.iter().take(20).fold(finding, |it, line| it.cite(line.clone())));
}

/// Declarations by what they stand for; of the same twice, the first.
fn by_pattern(notice: &Notice) -> BTreeMap<&str, &Declaration> {
    let mut found = BTreeMap::new();
    for declaration in &notice.declarations {
        for pattern in &declaration.patterns {
            found.entry(pattern.as_str()).or_insert(declaration);
        }
    }
    found
}

/// What only one of them says, or says in words that we do not read, is no difference of facts.
fn lifetimes_differ(one: &Declaration, other: &Declaration) -> bool {
    use WrittenLifetime::{Absent, Duration, Event, Session, Unreadable};
    let (a, b) = (&one.lifetime, &other.lifetime);
    if [a.kind, b.kind].iter().any(|it| matches!(it, Unreadable | Absent | Event)) {
        return false;
    }
    match (a.kind, b.kind) {
        (Duration, Duration) => a.seconds != b.seconds,
        (Session, Duration) | (Duration, Session) => true,
        (x, y) if x == y => a.seconds != b.seconds || a.max_seconds != b.max_seconds,
        // "2 hours" and "2 hours or when you close your browser": the figure decides.
        _ => a.seconds.is_some() && b.seconds.is_some() && a.seconds != b.seconds,
    }
}

fn categories_differ(one: &Declaration, other: &Declaration) -> Option<(Category, Category)> {
    use crate::model::CategoryBasis::Inferred;
    let said = |it: &Declaration| it.category.filter(|_| it.category_basis != Some(Inferred));
    let (a, b) = (said(one)?, said(other)?);
    (a != b).then_some((a, b))
}

fn called(language: &str) -> &str {
    match language {
        "en" => "English",
        "cy" => "Welsh",
        other => other,
    }
}

#[cfg(test)]
mod lifetimes {
    use super::lifetimes_differ;
    use crate::audit::testing::notice;

    #[test]
    fn lifetimes_differ_by_their_figures() {
        let differ = |one: &str, other: &str| {
            let rows =
                notice(&format!("declare a life={one}\ndeclare b life={other}")).declarations;
            let answers =
                [lifetimes_differ(&rows[0], &rows[1]), lifetimes_differ(&rows[1], &rows[0])];
            assert_eq!(answers[0], answers[1], "{one}, {other}");
            answers[0]
        };
        for (one, other) in [
            ("2h", "3h"),
            ("session", "2h"),
            ("1y..2y", "1y..3y"),
            ("1y..2y", "2y..2y"),
            ("session/2h", "3h"),
            ("session/2h", "session/3h"),
            ("1y..2y", "2y"),
        ] {
            assert!(differ(one, other), "{one}, {other}");
        }
        for (one, other) in [
            ("2h", "2h"),
            ("session", "session"),
            ("persistent", "persistent"),
            ("session/2h", "2h"),
            ("session/2h", "session"),
            ("persistent", "2h"),
            ("1y..2y", "1y"),
            ("unreadable", "2h"),
            ("event", "session"),
        ] {
            assert!(!differ(one, other), "{one}, {other}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn what_only_one_of_two_declares() {
        let case = "notice\n declare sid life=session\n declare _ga life=2y\n translation cy declare sid life=session";
        check(
            &RULE,
            case,
            "violated\nmedium https://shop.test/cy: the English and Welsh notices differ: only the English text (https://shop.test/cookies) declares _ga",
        );
        says(
            &RULE,
            case,
            "Make both versions state the same facts, and change them together from now on",
        );
    }

    #[test]
    fn other_facts_for_the_same_name() {
        check(
            &RULE,
            "notice\n declare _ga life=2y\n translation cy declare _ga life=1y",
            "violated\nmedium https://shop.test/cy: the English and Welsh notices differ: for _ga one says '2y' and the other '1y'",
        );
        check(
            &RULE,
            "notice\n declare _ga category=performance\n translation cy declare _ga category=essential",
            "violated\nmedium https://shop.test/cy: the English and Welsh notices differ: for _ga one says performance and the other essential",
        );
        check(&RULE, "notice\n declare _ga life=2y\n translation cy declare _ga", "satisfied");
    }

    #[test]
    fn what_could_not_be_read_is_open() {
        check(
            &RULE,
            "notice\n declare _ga\n translation unreadable",
            "open: the translation at https://shop.test/cy: the server answers 500",
        );
        check(
            &RULE,
            "notice\n declare _ga",
            "not applicable: the notice was found in one language only",
        );
        check(&RULE, "none", "open: nobody looked for a notice");
    }
}
