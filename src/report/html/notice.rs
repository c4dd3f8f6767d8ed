//! The notice beside what was observed.

use serde::Serialize;

use super::index::{Index, Reference};
use crate::{
    model::{Category, Declaration, Host, Lifetime, Party, Sighting, Subject, SubjectKind},
    report::{
        consent_columns::Column,
        model::{ClaimReport, Declared, Report},
        phrases, remediation,
    },
};

#[derive(Debug, Serialize)]
pub(super) struct NoticeView {
    source: String,
    /// For the `lang` attribute of quotations; empty if what was read is no language code.
    language: String,
    is_notice: bool,
    reviewed: Option<String>,
    rows: Vec<Row>,
    undeclared: Vec<Row>,
    claims: Vec<ClaimView>,
    links: Vec<String>,
    problems: Vec<String>,
}

/// What the notice says on the left, what was observed on the right. At least one side has something.
#[derive(Debug, Serialize)]
struct Row {
    written: Option<String>,
    says: Vec<String>,
    seen: Vec<Seen>,
    /// What to say if nothing was seen: how far it was looked for.
    unseen: String,
    findings: Vec<Reference>,
}

#[derive(Debug, Serialize)]
struct Seen {
    name: String,
    facts: String,
}

#[derive(Debug, Serialize)]
struct ClaimView {
    quote: String,
    kind: String,
    verdict: String,
    evidence: String,
    findings: Vec<Reference>,
}

/// A cookie, storage item or third-party host, as this table needs it.
struct Observed<'a> {
    subject: Subject,
    what: &'static str,
    category: Category,
    party: Party,
    lifetime: Option<&'a Lifetime>,
    seen: &'a [Sighting],
    stored: bool,
    declared: Option<&'a Declared>,
}

impl NoticeView {
    pub(super) fn new(report: &Report, columns: &[Column], index: &Index) -> Option<Self> {
        let notice = report.notice.as_ref()?;
        let observed = observed(report);
        let language = &notice.language;
        let is_code = language.len() == 2 && language.bytes().all(|it| it.is_ascii_lowercase());
        Some(Self {
            source: notice.source.clone(),
            language: if is_code { language.clone() } else { String::new() },
            is_notice: notice.is_notice,
            reviewed: notice.reviewed.clone(),
            rows: notice
                .declarations
                .iter()
                .map(|it| declared(it, &observed, columns, index))
                .collect(),
            undeclared: observed
                .iter()
                .filter(|it| it.declared.is_none())
                // The site itself need not be named among those it shares with.
                .filter(|it| it.subject.kind() != SubjectKind::Host || it.party == Party::Third)
                .map(|it| Row {
                    written: None,
                    says: Vec::new(),
                    seen: vec![seen(it, columns)],
                    unseen: String::new(),
                    findings: index.about(&it.subject),
                })
                .collect(),
            claims: notice.claims.iter().map(|it| claim(it, index)).collect(),
            links: notice.links.iter().map(|it| it.url.clone()).collect(),
            problems: notice.problems.iter().map(|it| it.message.clone()).collect(),
        })
    }
}

fn observed(report: &Report) -> Vec<Observed<'_>> {
    let cookies = report.cookies.iter().map(|it| Observed {
        subject: remediation::cookie_subject(it),
        what: "cookie",
        category: it.category,
        party: it.party,
        lifetime: Some(&it.lifetime),
        seen: &it.seen,
        stored: it.blocked.is_none(),
        declared: it.declared.as_ref(),
    });
    let storage = report.storage.iter().map(|it| Observed {
        subject: remediation::storage_subject(it),
        what: "storage item",
        category: it.category,
        party: it.party,
        lifetime: None,
        seen: &it.seen,
        stored: true,
        declared: it.declared.as_ref(),
    });
    let hosts = report.hosts.iter().map(|it| Observed {
        subject: Subject::Host(Host::new(&it.host)),
        what: "host",
        category: it.category,
        party: it.party,
        lifetime: None,
        seen: &it.seen,
        stored: true,
        declared: it.declared.as_ref(),
    });
    cookies.chain(storage).chain(hosts).collect()
}

fn declared(
    declaration: &Declaration,
    observed: &[Observed<'_>],
    columns: &[Column],
    index: &Index,
) -> Row {
    let written = &declaration.as_written;
    let items: Vec<_> = observed
        .iter()
        .filter(|it| it.declared.is_some_and(|it| it.as_written == *written))
        .collect();
    let mut says = vec![
        phrases::declared_category(declaration),
        match &declaration.lifetime.as_written {
            Some(lifetime) => format!("lives: {lifetime}"),
            None => "no lifetime".to_owned(),
        },
    ];
    says.extend(declaration.provider.iter().map(|it| format!("set by {it}")));
    says.extend(declaration.domain.iter().map(|it| format!("domain {it}")));
    says.push(match &declaration.purpose {
        Some(purpose) => purpose.clone(),
        None => "no purpose".to_owned(),
    });
    let mut findings = index.about(&Subject::Declaration(written.to_owned()));
    for item in &items {
        for reference in index.about(&item.subject) {
            if !findings.contains(&reference) {
                findings.push(reference);
            }
        }
    }
    let unlooked: Vec<_> = columns
        .iter()
        .filter_map(|it| it.missing().map(|why| format!("{}: {why}", it.title().to_lowercase())))
        .collect();
    Row {
        written: Some(written.clone()),
        says,
        seen: items.into_iter().map(|it| seen(it, columns)).collect(),
        unseen: match unlooked.as_slice() {
            [] => "not seen in any pass".to_owned(),
            unlooked => format!("not seen ({})", unlooked.join("; ")),
        },
        findings,
    }
}

fn seen(item: &Observed<'_>, columns: &[Column]) -> Seen {
    let category = match item.category {
        Category::Unknown => "purpose not known",
        known => known.name(),
    };
    let party = format!("{} party", item.party.name());
    let mut facts = vec![item.what.to_owned(), category.to_owned(), party];
    facts.extend(item.lifetime.map(phrases::lifetime));
    if !item.stored {
        facts.push("attempted, never stored".to_owned());
    }
    for column in columns {
        let (yes, text) = column.cell(item.seen);
        if yes {
            facts.push(format!("{} {text}", column.title().to_lowercase()));
        }
    }
    Seen { name: item.subject.to_string(), facts: facts.join("; ") }
}

fn claim(claim: &ClaimReport, index: &Index) -> ClaimView {
    ClaimView {
        quote: claim.quote.clone(),
        kind: claim.kind.replace('-', " "),
        verdict: claim.verdict.replace('-', " "),
        evidence: claim.evidence.clone(),
        findings: index.about(&Subject::Claim(claim.quote.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::view::Target, *};
    use crate::report::{model::PassOutcome, testing};

    fn notice(report: &Report) -> serde_json::Value {
        serde_json::to_value(Target::new("t1", report)).unwrap()["notice"].clone()
    }

    #[test]
    fn a_declaration_stands_beside_what_was_seen_of_it() {
        let notice = notice(&testing::flagship());
        let row = &notice["rows"][2];
        assert_eq!(row["written"], "_ga");
        assert_eq!(row["seen"][0]["name"], "_ga@.marlowshire-victims.example");
        let facts = row["seen"][0]["facts"].as_str().unwrap();
        assert!(facts.contains("before any choice on 1 page"), "{facts}");
    }

    #[test]
    fn what_was_not_seen_says_where_nobody_could_look() {
        let mut report = testing::flagship();
        let row = notice(&report)["rows"][4].clone();
        assert_eq!(row["written"], "exit_survey_2021");
        assert_eq!(row["unseen"], "not seen in any pass");
        assert_eq!(row["findings"][0]["rule"], "stale-declaration");
        report.passes[2].outcome = PassOutcome::Failed;
        let row = notice(&report)["rows"][4].clone();
        assert_eq!(row["unseen"], "not seen (after accepting: not known)");
    }

    #[test]
    fn what_is_not_declared_is_listed_but_not_the_site_itself() {
        let notice = notice(&testing::flagship());
        let names: Vec<_> = notice["undeclared"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["seen"][0]["name"].as_str().unwrap())
            .collect();
        assert!(names.contains(&"_gid@.marlowshire-victims.example"), "{names:?}");
        assert!(names.contains(&"connect.facebook.net"), "{names:?}");
        assert!(!names.contains(&"www.marlowshire-victims.example"), "{names:?}");
    }

    #[test]
    fn a_language_is_a_code_or_nothing() {
        let mut report = testing::flagship();
        report.notice.as_mut().unwrap().language = "en\" onclick".into();
        assert_eq!(notice(&report)["language"], "");
    }
}
