//! Links from what was seen to the findings about it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{model::Subject, report::model::Report};

/// A link to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Reference {
    id: String,
    rule: String,
}

/// Where in a document the findings about a subject are.
pub(super) struct Index(BTreeMap<Subject, Vec<Reference>>);

impl Index {
    /// `ids` has what a finding is called in links, by its fingerprint and its subject: two instances of one name
    /// have the same fingerprint.
    pub(super) fn new(report: &Report, ids: &BTreeMap<(&str, &str), &str>) -> Self {
        let mut index: BTreeMap<Subject, Vec<Reference>> = BTreeMap::new();
        for finding in &report.findings {
            let printed = finding.subject.to_string();
            if let Some(id) = ids.get(&(finding.fingerprint.as_str(), printed.as_str())) {
                let reference = Reference { id: (*id).to_owned(), rule: finding.rule.clone() };
                for subject in subjects(&finding.subject) {
                    index.entry(subject).or_default().push(reference.clone());
                }
            }
        }
        Self(index)
    }

    /// Links to the findings about something.
    pub(super) fn about(&self, subject: &Subject) -> Vec<Reference> {
        self.0.get(subject).cloned().unwrap_or_default()
    }
}

/// What a finding is listed under: the row of a host also shows what was sent to it.
fn subjects(subject: &Subject) -> Vec<Subject> {
    let mut subjects = vec![subject.clone()];
    match subject {
        Subject::Disclosure { to, .. } => subjects.push(Subject::Host(to.clone())),
        Subject::SharedId { cookie, to } => {
            subjects.extend([Subject::Cookie(cookie.clone()), Subject::Host(to.clone())]);
        }
        _ => (),
    }
    subjects
}
