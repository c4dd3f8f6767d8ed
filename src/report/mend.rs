//! Puts findings together by what has to be edited to mend them.
//!
//! One script that is loaded too early shows up as a dozen findings; whoever mends the site sees
//! one thing to do. Grouping changes no finding and leaves none out.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{
    model::{CookieReport, Report, StorageReport},
    words,
};
use crate::{
    audit::{Finding, Severity, Subject, SubjectKind},
    model::{Category, Party, SetBy, SetKind, site},
};

/// Findings that one edit mends.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// What to do, in our words.
    pub(super) lead: String,
    /// What to do it to, in the site's; may be empty.
    pub(super) what: String,
    /// The worst of its findings.
    pub(super) severity: Severity,
    /// In the order of the report.
    pub(super) findings: Vec<&'a Finding>,
}

/// The place of an edit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A script, by its address without query.
    Script(String),
    /// A script that is part of the page itself.
    Inline,
    /// Whatever the pages load from a host.
    Host(String),
    /// The banner.
    Banner,
    /// The published notice.
    Notice,
    /// A thing by itself.
    Subject(Subject),
}

/// The findings that nobody waived, grouped, worst group first.
pub(super) fn groups(report: &Report) -> Vec<Group<'_>> {
    let site = Site::of(report);
    // A script or host has to be edited if anything it did is wrong by itself; what is merely not
    // declared or declared wrongly can be mended in the notice.
    let to_edit: BTreeSet<Place> = words::standing(report)
        .filter(|finding| !about_declaring(finding))
        .filter_map(|finding| site.agent(&finding.subject))
        .collect();

    let mut groups: Vec<(Place, Vec<&Finding>)> = Vec::new();
    let mut known: BTreeMap<Place, usize> = BTreeMap::new();
    for finding in words::standing(report) {
        let place = site.place(finding, &to_edit);
        let at = *known.entry(place.clone()).or_insert_with(|| {
            groups.push((place, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(finding);
    }
    let mut groups: Vec<_> = groups
        .into_iter()
        .filter_map(|(place, findings)| {
            let severity = findings.iter().map(|it| it.severity).max()?;
            let (lead, what) = site.edit(&place, &findings);
            Some(Group { lead, what, severity, findings })
        })
        .collect();
    // Stable: within one severity the order of the report stays.
    groups.sort_by_key(|group| Reverse(group.severity));
    groups
}

/// Who did what, by the names that findings have for it. Made once for a report: a page can keep thousands of items.
pub(super) struct Doers<'a> {
    report: &'a Report,
    set: BTreeMap<Subject, (Category, &'a SetBy)>,
}

impl<'a> Doers<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let subject = |kind, id| Subject { kind, id };
        let cookies = report
            .cookies
            .iter()
            .map(|it| (subject(SubjectKind::Cookie, cookie_id(it)), (it.category, &it.set_by)));
        let storage = report
            .storage
            .iter()
            .map(|it| (subject(SubjectKind::Storage, storage_id(it)), (it.category, &it.set_by)));
        Self { report, set: cookies.chain(storage).collect() }
    }

    /// Who did what a finding is about, as a phrase; `None` if that is no one's doing.
    pub(super) fn phrase(&self, subject: &Subject) -> Option<String> {
        if subject.kind == SubjectKind::Host {
            let host = self.report.hosts.iter().find(|it| it.host == subject.id)?;
            let all = &host.initiators;
            let shown: Vec<_> = all.iter().take(3).map(String::as_str).collect();
            let more = match all.len().saturating_sub(shown.len()) {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            return (!shown.is_empty()).then(|| format!("asked for by {}{more}", shown.join(", ")));
        }
        let (_, set_by) = self.set.get(subject)?;
        Some(match set_by.kind {
            SetKind::Unknown => words::set_by(set_by),
            _ => format!("set by {}", words::set_by(set_by)),
        })
    }
}

/// The name of a cookie as findings call it.
pub(super) fn cookie_id(cookie: &CookieReport) -> String {
    let mut id = format!("{}@{}", cookie.name, cookie.domain);
    if cookie.path != "/" {
        id.push_str(&cookie.path);
    }
    if let Some(partition) = &cookie.partition {
        let _ = write!(id, " (partition {partition})");
    }
    id
}

/// The name of a storage item as findings call it.
pub(super) fn storage_id(item: &StorageReport) -> String {
    format!("{}:{}@{}", item.kind.name(), item.key, item.origin)
}

/// Whether a finding says no more than that the notice and the site differ.
fn about_declaring(finding: &Finding) -> bool {
    matches!(
        finding.subject.kind,
        SubjectKind::Declaration | SubjectKind::Claim | SubjectKind::Notice
    ) || finding.rule.starts_with("undeclared-")
        || finding.rule.ends_with("-mismatch")
}

/// What a report knows of who does what on a site.
struct Site<'a> {
    report: &'a Report,
    doers: Doers<'a>,
    /// Addresses of the pages that were opened.
    pages: BTreeSet<&'a str>,
    /// Scripts that wrote or asked for something, by the host that serves them.
    scripts: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Site<'a> {
    fn of(report: &'a Report) -> Self {
        let pages: BTreeSet<_> = report
            .passes
            .iter()
            .flat_map(|pass| &pass.pages)
            .map(|page| bare(&page.url))
            .chain([bare(&report.scan.target), bare(&report.scan.final_url)])
            .collect();
        let setters = report
            .cookies
            .iter()
            .map(|it| &it.set_by)
            .chain(report.storage.iter().map(|it| &it.set_by))
            .filter(|it| it.kind == SetKind::Script)
            .filter_map(|it| it.url.as_deref());
        let initiators = report.hosts.iter().flat_map(|it| &it.initiators).map(String::as_str);
        let mut scripts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for url in setters.chain(initiators).map(bare).filter(|url| !pages.contains(url)) {
            if let Some(host) = site::host_of(url) {
                scripts.entry(host).or_default().insert(url.to_owned());
            }
        }
        Self { report, doers: Doers::of(report), pages, scripts }
    }

    fn place(&self, finding: &Finding, to_edit: &BTreeSet<Place>) -> Place {
        let subject = &finding.subject;
        match subject.kind {
            SubjectKind::Banner => return Place::Banner,
            SubjectKind::Declaration | SubjectKind::Claim | SubjectKind::Notice => {
                return Place::Notice;
            }
            _ => (),
        }
        match self.agent(subject) {
            Some(agent) if to_edit.contains(&agent) => agent,
            _ if about_declaring(finding) => Place::Notice,
            _ => Place::Subject(subject.clone()),
        }
    }

    /// The script or host whose doing a subject is, if the visitor did not need it.
    fn agent(&self, subject: &Subject) -> Option<Place> {
        if subject.kind == SubjectKind::Host {
            return Some(self.of_host(&subject.id));
        }
        let &(category, set_by) = self.doers.set.get(subject)?;
        // Nobody mends the session cookie of a form by taking the form's script away.
        if category == Category::Essential {
            return None;
        }
        let url = set_by.url.as_deref()?;
        match set_by.kind {
            SetKind::Script => Some(self.script(url)),
            SetKind::Http => {
                let host = site::host_of(url)?;
                let third = site::party(&host, &self.report.scan.site) == Party::Third;
                third.then(|| self.of_host(&host))
            }
            SetKind::Unknown => None,
        }
    }

    fn script(&self, url: &str) -> Place {
        let url = bare(url);
        if self.pages.contains(url) { Place::Inline } else { Place::Script(url.to_owned()) }
    }

    /// Why a host is contacted: it serves a script of the site, or a script asks for it, or the
    /// pages load something from it.
    fn of_host(&self, name: &str) -> Place {
        if let Some(scripts) = self.scripts.get(name)
            && let (1, Some(script)) = (scripts.len(), scripts.first())
        {
            return Place::Script(script.clone());
        }
        let asked = self.report.hosts.iter().find(|it| it.host == name).and_then(|host| {
            let by: BTreeSet<_> = host
                .initiators
                .iter()
                .map(|url| bare(url))
                .filter(|url| !self.pages.contains(url))
                .collect();
            match (by.len(), by.first()) {
                (1, Some(script)) => Some(Place::Script((*script).to_owned())),
                _ => None,
            }
        });
        asked.unwrap_or_else(|| Place::Host(name.to_owned()))
    }

    fn edit(&self, place: &Place, findings: &[&Finding]) -> (String, String) {
        let (lead, what) = match place {
            Place::Script(url) => ("Remove or gate the script", self.in_full(url)),
            Place::Inline => ("Remove or gate the script written into the page", String::new()),
            Place::Host(host) => ("Remove or gate what the pages load from", host.clone()),
            Place::Banner => ("Mend the consent banner", String::new()),
            Place::Notice => ("Correct the cookie notice", String::new()),
            Place::Subject(subject) => {
                let advice = findings.iter().map(|it| it.advice.as_str()).find(|it| !it.is_empty());
                match advice {
                    Some(advice) => return (advice.to_owned(), String::new()),
                    None => ("Look into", subject.id.clone()),
                }
            }
        };
        (lead.to_owned(), what)
    }

    /// The address of a script as it was loaded: its query may say whose it is.
    fn in_full(&self, url: &str) -> String {
        let loaded: BTreeSet<&str> = self
            .report
            .cookies
            .iter()
            .map(|it| &it.set_by)
            .chain(self.report.storage.iter().map(|it| &it.set_by))
            .filter_map(|it| it.url.as_deref())
            .chain(self.report.hosts.iter().flat_map(|it| &it.initiators).map(String::as_str))
            .filter(|full| bare(full) == url)
            .collect();
        match (loaded.len(), loaded.first()) {
            (1, Some(full)) => (*full).to_owned(),
            _ => url.to_owned(),
        }
    }
}

/// An address without query and fragment, and without the line and column of a script.
fn bare(url: &str) -> &str {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let mut url = &url[..end];
    for _ in 0..2 {
        match url.rsplit_once(':') {
            Some((rest, n)) if rest.contains("//") && rest.matches('/').count() > 2 => {
                if n.is_empty() || !n.bytes().all(|byte| byte.is_ascii_digit()) {
                    break;
                }
                url = rest;
            }
            _ => break,
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::{super::testing, *};

    fn edits(report: &Report) -> Vec<String> {
        groups(report)
            .iter()
            .map(|group| format!("{} {} ({})", group.lead, group.what, group.findings.len()))
            .collect()
    }

    #[test]
    fn one_script_is_one_fix() {
        let report = testing::flagship();
        let groups = groups(&report);
        let pixel = groups.iter().find(|it| it.what.contains("fbevents.js")).unwrap();
        let subjects: Vec<_> = pixel.findings.iter().map(|it| it.subject.id.as_str()).collect();
        for id in ["_fbp@.marlowshire-victims.example", "www.facebook.com", "connect.facebook.net"] {
            assert!(subjects.contains(&id), "{id} of {subjects:?}");
        }
    }

    #[test]
    fn what_the_notice_alone_gets_wrong_is_mended_in_the_notice() {
        let report = testing::flagship();
        let groups = groups(&report);
        let notice = groups.iter().find(|it| it.lead.contains("notice")).unwrap();
        let rules: Vec<_> = notice.findings.iter().map(|it| it.rule.as_str()).collect();
        assert!(rules.contains(&"stale-declaration"), "{rules:?}");
        assert!(rules.contains(&"contradicted-claim"), "{rules:?}");
    }

    #[test]
    fn a_session_cookie_is_not_mended_by_removing_its_script() {
        let report = testing::flagship();
        for group in groups(&report) {
            if group.findings.iter().any(|it| it.subject.id.starts_with("wcn_session")) {
                assert!(!group.lead.contains("Remove"), "{group:#?}");
            }
        }
    }

    #[test]
    fn no_finding_is_lost_and_worst_comes_first() {
        let report = testing::flagship();
        let groups = groups(&report);
        let grouped: usize = groups.iter().map(|it| it.findings.len()).sum();
        assert_eq!(grouped, words::standing(&report).count());
        assert!(groups.is_sorted_by(|a, b| a.severity >= b.severity), "{:?}", edits(&report));
    }

    #[test]
    fn a_waived_finding_asks_for_no_edit() {
        let mut report = testing::flagship();
        for finding in &mut report.findings {
            finding.waived = Some("known".to_owned());
        }
        assert!(groups(&report).is_empty());
    }

    #[test]
    fn addresses_are_compared_without_query_line_and_column() {
        for (url, expected) in [
            ("https://a.test/x.js?id=1#f", "https://a.test/x.js"),
            ("https://a.test/x.js:12:345", "https://a.test/x.js"),
            ("https://a.test/x.js:12", "https://a.test/x.js"),
            ("https://a.test:8443", "https://a.test:8443"),
            ("https://a.test:8443/x.js", "https://a.test:8443/x.js"),
            ("https://a.test/a:b", "https://a.test/a:b"),
        ] {
            assert_eq!(bare(url), expected);
        }
    }
}
