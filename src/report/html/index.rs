//! Links from what was seen to the findings about it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    audit::{Subject, SubjectKind},
    report::model::Report,
};

/// A link to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Reference {
    id: String,
    rule: String,
}

/// Where in a document the findings about a subject are.
pub(super) struct Index(BTreeMap<Subject, Vec<Reference>>);

impl Index {
    /// `ids` has what a finding is called in links, by its fingerprint.
    pub(super) fn new(report: &Report, ids: BTreeMap<&str, &str>) -> Self {
        let mut index: BTreeMap<Subject, Vec<Reference>> = BTreeMap::new();
        for finding in &report.findings {
            if let Some(id) = ids.get(finding.fingerprint.as_str()) {
                let reference = Reference { id: (*id).to_owned(), rule: finding.rule.clone() };
                index.entry(finding.subject.clone()).or_default().push(reference);
            }
        }
        Self(index)
    }

    /// Links to the findings about something.
    pub(super) fn about(&self, kind: SubjectKind, id: &str) -> Vec<Reference> {
        let subject = Subject { kind, id: id.to_owned() };
        self.0.get(&subject).cloned().unwrap_or_default()
    }
}
