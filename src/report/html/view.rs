//! A report as the HTML template needs it: every phrase chosen, only the layout left to decide.

use serde::Serialize;

use super::{
    banner::BannerView,
    index::{Index, Reference},
    notice::NoticeView,
};
use crate::{
    audit::Finding,
    model::{Basis, Category, Confidence, Host, Party, Sighting, Subject, SubjectKind},
    report::{
        consent_columns::{self, Column},
        headline::{Tone, headline},
        model::{
            CookieReport, Declared, HostReport, OutcomeName, PassOutcome, PassReport, Report,
            StorageReport,
        },
        phrases::{self, plural},
        remediation::{self, Attribution},
    },
};

/// One target of a document.
#[derive(Debug, Serialize)]
pub(super) struct Target {
    id: String,
    site: String,
    facts: Vec<(&'static str, String)>,
    address: String,
    final_url: Option<String>,
    when: String,
    tone: &'static str,
    headline: String,
    exit_code: u8,
    exit_meaning: &'static str,
    counts: Vec<(&'static str, usize)>,
    open_count: usize,
    part_count: usize,
    question_count: usize,
    seen: Option<String>,
    passes: Vec<PassView>,
    groups: Vec<GroupView>,
    waived: Vec<FindingView>,
    columns: Vec<&'static str>,
    cookies: Vec<Item>,
    storage: Vec<Item>,
    hosts: Vec<Item>,
    notice: Option<NoticeView>,
    open: Vec<OpenView>,
    held: Vec<String>,
    looked_at: String,
    not_applicable: Vec<(String, String)>,
    banner: Option<BannerView>,
    problems: Vec<(String, String)>,
    data: Vec<DataView>,
}

#[derive(Debug, Serialize)]
struct PassView {
    pass: &'static str,
    title: &'static str,
    outcome: &'static str,
    failed: bool,
    how: String,
    observed: usize,
    pages: Vec<PageView>,
}

#[derive(Debug, Serialize)]
struct PageView {
    url: String,
    status: &'static str,
    http: String,
    settled: String,
    problem: String,
}

#[derive(Debug, Serialize)]
struct GroupView {
    id: String,
    lead: String,
    what: String,
    severity: &'static str,
    size: String,
    findings: Vec<FindingView>,
}

#[derive(Debug, Serialize)]
struct FindingView {
    id: String,
    rule: String,
    severity: &'static str,
    confidence: &'static str,
    kind: &'static str,
    subject: String,
    message: String,
    advice: String,
    by: Option<String>,
    passes: Vec<&'static str>,
    pages: Vec<String>,
    citations: Vec<String>,
    fingerprint: String,
    waived: Option<String>,
}

impl FindingView {
    /// What a finding is called in links, by its fingerprint and its subject.
    fn link(&self) -> ((&str, &str), &str) {
        ((&self.fingerprint, &self.subject), &self.id)
    }
}

/// A cookie, storage item or host.
#[derive(Debug, Serialize)]
struct Item {
    name: String,
    place: String,
    marks: Vec<String>,
    category: &'static str,
    unknown: bool,
    basis: String,
    cells: Vec<(bool, String)>,
    by: String,
    lifetime: String,
    declared: Option<String>,
    findings: Vec<Reference>,
}

#[derive(Debug, Serialize)]
struct OpenView {
    why: String,
    rules: Vec<String>,
}

#[derive(Debug, Serialize)]
struct DataView {
    source: String,
    version: String,
    date: String,
    licence: String,
}

impl Target {
    /// What the template needs of a report; `id` is what the target is called in links.
    pub(super) fn new(id: &str, report: &Report) -> Self {
        let doers = Attribution::new(report);
        let groups = group_views(id, report, &doers);
        let waived: Vec<_> = report
            .findings
            .iter()
            .filter(|it| it.waived.is_some())
            .enumerate()
            .map(|(n, finding)| finding_view(format!("{id}-waived-{}", n + 1), &doers, finding))
            .collect();
        let views = groups.iter().flat_map(|it: &GroupView| &it.findings).chain(&waived);
        let index = Index::new(report, &views.map(FindingView::link).collect());
        let columns = consent_columns::columns(report);
        let (tone, result) = headline(report);
        let scan = &report.scan;
        Self {
            site: scan.site.clone(),
            facts: facts(report),
            address: scan.target.clone(),
            final_url: (scan.final_url != scan.target).then(|| scan.final_url.clone()),
            when: phrases::time(&scan.started),
            tone: match tone {
                Tone::Found => "found",
                Tone::Unsure => "unsure",
                Tone::Quiet => "quiet",
            },
            headline: result,
            exit_code: report.exit_code,
            exit_meaning: phrases::exit_meaning(report.exit_code),
            counts: phrases::SEVERITIES
                .iter()
                .map(|&severity| {
                    let n = phrases::unwaived(report).filter(|it| it.severity == severity).count();
                    (severity.name(), n)
                })
                .collect(),
            open_count: phrases::with_outcome(report, OutcomeName::Open),
            part_count: phrases::violated_in_part(report),
            question_count: report.verdicts.len(),
            seen: phrases::observed(report).then(|| {
                format!(
                    "{}, {} and {}",
                    plural(report.cookies.len(), "cookie"),
                    plural(report.storage.len(), "storage item"),
                    plural(report.hosts.len(), "host")
                )
            }),
            passes: report.passes.iter().map(pass_view).collect(),
            cookies: cookies(report, &columns, &index),
            storage: storage(report, &columns, &index),
            hosts: report.hosts.iter().map(|it| host(it, &columns, &index)).collect(),
            columns: columns.iter().map(|it| it.title()).collect(),
            notice: NoticeView::new(report, &columns, &index),
            open: open(report),
            held: with_outcome(report, OutcomeName::Satisfied).map(|(rule, _)| rule).collect(),
            looked_at: phrases::coverage(report),
            not_applicable: with_outcome(report, OutcomeName::NotApplicable).collect(),
            banner: BannerView::new(report),
            problems: report
                .problems
                .iter()
                .map(|it| (it.place.clone(), it.message.clone()))
                .collect(),
            data: report
                .tool
                .data
                .iter()
                .map(|it| DataView {
                    source: it.source.clone(),
                    version: it.version.clone(),
                    date: it.date.clone(),
                    licence: it.licence.clone(),
                })
                .collect(),
            id: id.to_owned(),
            groups,
            waived,
        }
    }
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let scan = &report.scan;
    let webdriver = match scan.webdriver {
        Some(true) => "visible to pages (navigator.webdriver)",
        Some(false) => "hidden from pages",
        None => "not known",
    };
    let mut facts = vec![
        ("Tool", format!("{} {}", report.tool.name, report.tool.version)),
        ("Law", phrases::law(scan)),
        ("Browser", scan.browser.clone()),
        ("User agent", scan.user_agent.clone()),
        ("Automation", webdriver.to_owned()),
        ("Third-party cookies", scan.third_party_cookies.clone()),
        ("Duration", format!("{} s", scan.duration_ms.div_ceil(1000))),
        ("Scan", scan.id.clone()),
    ];
    if let Some(bases) = phrases::bases(scan) {
        facts.insert(2, ("Site relies on", bases));
    }
    facts
}

fn pass_view(pass: &PassReport) -> PassView {
    PassView {
        pass: pass.pass.name(),
        title: phrases::pass_title(pass.pass),
        outcome: phrases::pass_outcome(pass.outcome),
        failed: pass.outcome == PassOutcome::Failed,
        how: phrases::choice(pass),
        observed: phrases::pages_observed(pass),
        pages: pass
            .pages
            .iter()
            .map(|page| PageView {
                url: page.url.clone(),
                status: phrases::visit_status(page.status),
                http: page.http_status.map_or("none".to_owned(), |it| it.to_string()),
                settled: format!("{} ms", page.settled_ms),
                problem: page.problem.clone().unwrap_or_default(),
            })
            .collect(),
    }
}

fn group_views(id: &str, report: &Report, doers: &Attribution<'_>) -> Vec<GroupView> {
    let mut finding = 0;
    remediation::groups(report)
        .into_iter()
        .enumerate()
        .map(|(n, group)| GroupView {
            id: format!("{id}-fix-{}", n + 1),
            lead: group.lead.to_owned(),
            what: group.object.to_owned(),
            severity: group.severity.name(),
            size: plural(group.findings.len(), "finding"),
            findings: group
                .findings
                .into_iter()
                .map(|it| {
                    finding += 1;
                    finding_view(format!("{id}-finding-{finding}"), doers, it)
                })
                .collect(),
        })
        .collect()
}

fn finding_view(id: String, doers: &Attribution<'_>, finding: &Finding) -> FindingView {
    FindingView {
        id,
        rule: finding.rule.clone(),
        severity: finding.severity.name(),
        confidence: match finding.confidence {
            Confidence::High => "sure",
            Confidence::Medium => "likely",
            Confidence::Low => "a hint",
        },
        kind: kind(finding.subject.kind()),
        subject: finding.subject.to_string(),
        message: finding.message.clone(),
        advice: finding.advice.clone(),
        by: doers.phrase(&finding.subject),
        passes: finding.passes.iter().map(|it| it.name()).collect(),
        pages: finding.pages.clone(),
        citations: finding.citations.clone(),
        fingerprint: finding.fingerprint.clone(),
        waived: finding.waived.clone(),
    }
}

const fn kind(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Cookie => "cookie",
        SubjectKind::Storage => "storage item",
        SubjectKind::Host => "host",
        SubjectKind::Declaration => "declaration",
        SubjectKind::Claim => "claim",
        SubjectKind::Banner => "banner",
        SubjectKind::Notice => "notice",
        SubjectKind::Page => "page",
        SubjectKind::Site => "site",
    }
}

fn basis(basis: &Basis) -> String {
    format!("{}: {} ({} confidence)", basis.source, basis.entry, basis.confidence.name())
}

fn cells(columns: &[Column], seen: &[Sighting]) -> Vec<(bool, String)> {
    columns.iter().map(|column| column.cell(seen)).collect()
}

fn written(declared: Option<&Declared>) -> Option<String> {
    declared.map(|it| it.as_written.clone())
}

const fn party(party: Party) -> &'static str {
    match party {
        Party::First => "first party",
        Party::Third => "third party",
    }
}

fn cookies(report: &Report, columns: &[Column], index: &Index) -> Vec<Item> {
    let cookie = |it: &CookieReport| {
        let mut marks = vec![party(it.party).to_owned()];
        if it.host_only {
            marks.push("this host only".to_owned());
        }
        if it.path != "/" {
            marks.push(format!("path {}", it.path));
        }
        if let Some(partition) = &it.partition {
            marks.push(format!("partition {partition}"));
        }
        marks.push(if it.secure { "Secure" } else { "not Secure" }.to_owned());
        if it.http_only {
            marks.push("HttpOnly".to_owned());
        }
        marks.push(phrases::same_site(it.same_site).to_owned());
        if let Some(why) = &it.blocked {
            marks.push(format!("attempted, never stored: {why}"));
        }
        if let Some(value) = &it.value {
            marks.push(format!("value {value}"));
        }
        Item {
            name: it.name.clone(),
            place: it.domain.clone(),
            marks,
            category: phrases::category(it.category),
            unknown: it.category == Category::Unknown,
            basis: basis(&it.basis),
            cells: columns.iter().map(|at| at.cell_of_cookie(it)).collect(),
            by: phrases::set_by(&it.set_by),
            lifetime: phrases::lifetime(&it.lifetime),
            declared: written(it.declared.as_ref()),
            findings: index.about(&remediation::cookie_subject(it)),
        }
    };
    report.cookies.iter().map(cookie).collect()
}

fn storage(report: &Report, columns: &[Column], index: &Index) -> Vec<Item> {
    let item = |it: &StorageReport| Item {
        name: it.key.clone(),
        place: it.origin.clone(),
        marks: vec![format!("{} storage", it.kind.name()), party(it.party).to_owned()],
        category: phrases::category(it.category),
        unknown: it.category == Category::Unknown,
        basis: basis(&it.basis),
        cells: cells(columns, &it.seen),
        by: phrases::set_by(&it.set_by),
        lifetime: String::new(),
        declared: written(it.declared.as_ref()),
        findings: index.about(&remediation::storage_subject(it)),
    };
    report.storage.iter().map(item).collect()
}

fn host(it: &HostReport, columns: &[Column], index: &Index) -> Item {
    let mut marks = vec![party(it.party).to_owned()];
    marks.extend(it.organisation.iter().map(|name| format!("run by {name}")));
    marks.extend(it.cloaked_as.iter().map(|name| format!("CNAME for {name}")));
    marks.push(plural(usize::try_from(it.requests).unwrap_or(usize::MAX), "request"));
    marks.extend((!it.kinds.is_empty()).then(|| it.kinds.join(", ")));
    Item {
        name: it.host.clone(),
        place: String::new(),
        marks,
        category: phrases::category(it.category),
        unknown: it.category == Category::Unknown,
        basis: basis(&it.basis),
        cells: cells(columns, &it.seen),
        by: it.initiators.join(", "),
        lifetime: String::new(),
        declared: written(it.declared.as_ref()),
        findings: index.about(&Subject::Host(Host::new(&it.host))),
    }
}

/// Open rules, and violated ones that may have more findings, by what was missing: one failed pass leaves many rules
/// open.
fn open(report: &Report) -> Vec<OpenView> {
    let mut open: Vec<OpenView> = Vec::new();
    for verdict in &report.verdicts {
        let rule = match verdict.outcome {
            OutcomeName::Open => verdict.rule.clone(),
            OutcomeName::Violated if verdict.why.is_some() => {
                format!("{} (there may be more findings)", verdict.rule)
            }
            _ => continue,
        };
        let why = verdict.why.clone().unwrap_or_else(|| "no reason given".to_owned());
        match open.iter_mut().find(|it| it.why == why) {
            Some(known) => known.rules.push(rule),
            None => open.push(OpenView { why, rules: vec![rule] }),
        }
    }
    open
}

fn with_outcome(
    report: &Report,
    outcome: OutcomeName,
) -> impl Iterator<Item = (String, String)> + '_ {
    report
        .verdicts
        .iter()
        .filter(move |it| it.outcome == outcome)
        .map(|it| (it.rule.clone(), it.why.clone().unwrap_or_default()))
}
