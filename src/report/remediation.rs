//! The remedies of a report beside their findings, and who caused what.

use std::collections::BTreeMap;

use super::{
    model::{CookieReport, Report, StorageReport},
    phrases,
};
use crate::{
    audit::{Finding, Severity},
    model::{CookieKey, Host, SetBy, SetKind, StorageKey, Subject},
};

/// Findings that one change fixes.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// What to do, in our words.
    pub(super) lead: &'a str,
    /// What to do it to, in the site's; may be empty.
    pub(super) object: &'a str,
    /// The highest severity of its findings.
    pub(super) severity: Severity,
    /// In the order of the report.
    pub(super) findings: Vec<&'a Finding>,
}

/// The report's remedies, each with its findings.
pub(super) fn groups(report: &Report) -> Vec<Group<'_>> {
    report
        .remedies
        .iter()
        .map(|it| Group {
            lead: &it.lead,
            object: &it.object,
            severity: it.severity,
            findings: it.findings.iter().filter_map(|at| report.findings.get(*at)).collect(),
        })
        .collect()
}

/// Who caused what a finding is about. Made once for a report: a page can keep thousands of items.
pub(super) struct Attribution<'a> {
    report: &'a Report,
    set: BTreeMap<Subject, &'a SetBy>,
}

impl<'a> Attribution<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let cookies = report.cookies.iter().map(|it| (cookie_subject(it), &it.set_by));
        let storage = report.storage.iter().map(|it| (storage_subject(it), &it.set_by));
        Self { report, set: cookies.chain(storage).collect() }
    }

    /// Who caused what a finding is about, as a phrase; `None` if nobody did or nobody was seen.
    pub(super) fn phrase(&self, subject: &Subject) -> Option<String> {
        match subject {
            Subject::Cookie(_) | Subject::Storage(_) => self.setter(subject),
            Subject::SharedId { cookie, .. } => self.setter(&Subject::Cookie(cookie.clone())),
            Subject::Host(host) | Subject::Disclosure { to: host, .. } => self.initiators(host),
            _ => None,
        }
    }

    fn setter(&self, subject: &Subject) -> Option<String> {
        let set_by = self.set.get(subject)?;
        Some(match set_by.kind {
            SetKind::Unknown => phrases::set_by(set_by),
            SetKind::Http | SetKind::Script => format!("set by {}", phrases::set_by(set_by)),
        })
    }

    fn initiators(&self, host: &Host) -> Option<String> {
        let host = self.report.hosts.iter().find(|it| it.host == host.as_str())?;
        let all = &host.initiators;
        let shown: Vec<_> = all.iter().take(3).map(String::as_str).collect();
        let more = match all.len().saturating_sub(shown.len()) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        (!shown.is_empty()).then(|| format!("requested by {}{more}", shown.join(", ")))
    }
}

/// A cookie of a report as findings refer to it.
pub(super) fn cookie_subject(cookie: &CookieReport) -> Subject {
    Subject::Cookie(CookieKey {
        name: cookie.name.clone(),
        domain: cookie.domain.trim_start_matches('.').to_owned(),
        path: cookie.path.clone(),
        partition: cookie.partition.clone(),
        host_only: cookie.host_only,
    })
}

/// A storage item of a report as findings refer to it.
pub(super) fn storage_subject(item: &StorageReport) -> Subject {
    Subject::Storage(StorageKey {
        origin: item.origin.clone(),
        kind: item.kind,
        key: item.key.clone(),
    })
}
