//! What the rules about consent have in common: cookies, storage and trackers at a time when nothing optional may be
//! used.

use std::fmt::Write as _;

use super::{
    Finding, Findings, Policy, Severity,
    attribution::CodeHome,
    declaration_match::{self, Declarations},
    legal_basis::{self, BasisCheck, OpenQuestions},
    phrases,
};
use crate::model::{
    Category, Citation, Classification, Confidence, Evidence, Notice, Observations, ObservedCookie,
    ObservedHost, Party, Remedy, SetBy, SetKind, Sighting, SightingKind, Subject, site,
};

/// The part of a visit that a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConsentPhase {
    /// Nothing was chosen yet.
    BeforeChoice,
    /// The visitor had refused.
    AfterRefusal,
    /// The visitor had withdrawn consent.
    AfterWithdrawal,
}

/// How `cookie` comes to the visitor's browser; `None` if no browser would store it.
pub(crate) fn stored(cookie: &ObservedCookie) -> Option<&'static str> {
    match &cookie.blocked {
        None => Some("is set"),
        Some(_) if cookie.is_kept_somewhere() => Some("is offered to the browser"),
        Some(_) => None,
    }
}

/// Reports cookies that need consent; returns those that may.
pub(super) fn cookies(
    evidence: &Evidence,
    policy: &Policy,
    seen: Observations<'_>,
    when: ConsentPhase,
    findings: &mut Findings<'_>,
) -> OpenQuestions {
    let mut open_questions = OpenQuestions::default();
    let declarations = evidence.notice().ok().map(|it| findings.attribution.declarations(it));
    let names = declaration_match::names_seen(seen);
    for (cookie, at) in seen.cookies() {
        let (Some(is_set), category) = (stored(cookie), cookie.class.category) else { continue };
        if cookie.class.is_open() {
            open_questions.unknown.push(cookie.key.name.clone());
            continue;
        }
        if !category.needs_consent() {
            continue;
        }
        let (key, set_by) = (&cookie.key, &cookie.set_by);
        let basis =
            when.check_basis(evidence, policy, &cookie.class, &key.name, &cookie.seen, |_| {
                declared(declarations.as_ref(), (&key.name, &key.domain), &names)
            });
        let but = match basis {
            BasisCheck::OnConsent => None,
            BasisCheck::Contradicted(why) => Some(Citation::from(why)),
            BasisCheck::OnBasis(relied) => {
                open_questions.relied.push(relied);
                continue;
            }
        };
        let trace = when.trace(&at);
        let is_there = match trace {
            SightingKind::Set => is_set,
            SightingKind::Sent => "is still there and sent",
            SightingKind::Held => "is still there",
        };
        let message = format!(
            "the {category} {} {is_there} {}{}{}",
            phrases::cookie(cookie),
            when.words(),
            phrases::page_suffix(&at),
            phrases::setter_suffix(set_by, &key.domain),
        );
        let advice = if trace == SightingKind::Set {
            advice(findings, when, set_by, (&key.name, cookie.party), &at)
        } else {
            let delete = "set it again with an age of zero and the same domain and path";
            advice_to_clear(when, &key.name, cookie.party, &key.domain, delete)
        };
        let finding = findings.draft(Subject::Cookie(key.clone()), message).advice(advice);
        let finding = less_severe(finding, trace, cookie.party);
        let found = declarations.as_ref().and_then(|it| it.declared(&key.name, &key.domain));
        let finding = complete(finding, &cookie.class, set_by, found.as_ref(), &at)
            .remedy(remedy(findings, &cookie.class, set_by, cookie.party))
            .cite_some(but);
        findings.report(match &cookie.blocked {
            Some(why) => finding.cite(format!("this browser did not store it: {why}")),
            None => finding,
        });
    }
    open_questions
}

/// Reports storage items that need consent; returns those that may.
pub(super) fn storage(
    evidence: &Evidence,
    policy: &Policy,
    seen: Observations<'_>,
    when: ConsentPhase,
    findings: &mut Findings<'_>,
) -> OpenQuestions {
    let mut open_questions = OpenQuestions::default();
    let declarations = evidence.notice().ok().map(|it| findings.attribution.declarations(it));
    let names = declaration_match::names_seen(seen);
    for (item, at) in seen.storage() {
        let category = item.class.category;
        if item.class.is_open() {
            open_questions.unknown.push(item.key.key.clone());
            continue;
        }
        if !category.needs_consent() {
            continue;
        }
        let (key, set_by) = (&item.key, &item.set_by);
        let owner = site::host_of(&key.origin).unwrap_or_default();
        let basis = when.check_basis(evidence, policy, &item.class, &key.key, &item.seen, |_| {
            declared(declarations.as_ref(), (&key.key, &owner), &names)
        });
        let but = match basis {
            BasisCheck::OnConsent => None,
            BasisCheck::Contradicted(why) => Some(Citation::from(why)),
            BasisCheck::OnBasis(relied) => {
                open_questions.relied.push(relied);
                continue;
            }
        };
        let trace = when.trace(&at);
        let is_there =
            if trace == SightingKind::Set { "is written" } else { "is still in the browser" };
        let message = format!(
            "the {category} {} {is_there} {}{}{}",
            phrases::item(item),
            when.words(),
            phrases::page_suffix(&at),
            phrases::setter_suffix(set_by, &owner),
        );
        let advice = if trace == SightingKind::Set {
            advice(findings, when, set_by, (&key.key, item.party), &at)
        } else {
            let delete = "remove the item by the script that stores the choice";
            advice_to_clear(when, &key.key, item.party, &owner, delete)
        };
        let finding = findings.draft(Subject::Storage(key.clone()), message).advice(advice);
        let finding = less_severe(finding, trace, item.party);
        let found = declarations.as_ref().and_then(|it| it.declared(&key.key, &owner));
        let finding = complete(finding, &item.class, set_by, found.as_ref(), &at)
            .remedy(remedy(findings, &item.class, set_by, item.party))
            .cite_some(but);
        findings.report(finding);
    }
    open_questions
}

/// Reports third-party hosts that measure or follow people; returns those that may.
pub(super) fn trackers(
    evidence: &Evidence,
    policy: &Policy,
    seen: Observations<'_>,
    when: ConsentPhase,
    findings: &mut Findings<'_>,
) -> OpenQuestions {
    let mut open_questions = OpenQuestions::default();
    for (host, at) in seen.hosts().filter(|(host, _)| host.is_outside()) {
        let category = host.class.category;
        if category == Category::Unknown {
            open_questions.unknown.push(host.host.to_string());
        }
        if !category.tracks() {
            continue;
        }
        let basis =
            when.check_basis(evidence, policy, &host.class, &host.host, &host.seen, |notice| {
                declaration_match::third_party_named(notice, host).is_some()
            });
        let but = match basis {
            BasisCheck::OnConsent => None,
            BasisCheck::Contradicted(why) => Some(Citation::from(why)),
            BasisCheck::OnBasis(relied) => {
                open_questions.relied.push(relied);
                continue;
            }
        };
        let of = match &host.class.organisation {
            Some(organisation) => format!(" ({})", phrases::short(organisation)),
            None => String::new(),
        };
        let (name, page) = (&host.host, phrases::only_page(&at));
        let message = format!(
            "the {category} host {name}{of} is contacted {}{}",
            when.words(),
            phrases::page_suffix(&at)
        );
        let edit = advice_on_host(findings, when, host);
        let mut finding = findings
            .draft(Subject::Host(name.clone()), message)
            .confidence(host.class.basis.confidence)
            .seen(&at)
            .cite(phrases::request_citation("requested", &host.example));
        // Names take many forms; the notice may use one that we do not know.
        if but.is_some() {
            finding = finding.confidence(host.class.basis.confidence.min(Confidence::Medium));
        }
        for url in host.initiators.iter().take(3) {
            finding = finding.cite(format!("requested by {url}"));
        }
        findings.report(
            finding
                .cite(phrases::basis_citation(&host.class))
                .cite_some(but)
                .advice(or_remove(edit, page.as_deref())),
        );
    }
    open_questions
}

/// The edit that keeps a host from being contacted: of the script that contacts it, or else of the frame, or of the page.
fn advice_on_host(findings: &Findings<'_>, when: ConsentPhase, host: &ObservedHost) -> String {
    let name = &host.host;
    let home = |url: &String| findings.attribution.home(url);
    let script = host.initiators.iter().find(|url| home(url) == CodeHome::Script);
    let frame = host.initiators.iter().find_map(|url| match home(url) {
        CodeHome::Frame(host) => Some(host),
        CodeHome::Page | CodeHome::Script => None,
    });
    let frame = frame.or_else(|| findings.attribution.is_framed(name).then(|| name.clone()));
    let before = when == ConsentPhase::BeforeChoice;
    let allowed = when.allowed();
    match (script, frame) {
        (Some(url), _) if before => {
            format!("Move the script {} behind the consent check", phrases::short(url))
        }
        (Some(url), _) => format!("Run the script {} {allowed}", phrases::short(url)),
        (None, Some(frame)) => format!("Load the frame from {frame} {allowed}"),
        (None, None) if host.initiators.is_empty() => {
            format!("Load what comes from {name} {allowed}")
        }
        (None, None) => {
            let tag = format!("the tag in the page's own HTML that loads from {name}");
            if before {
                format!("Move {tag} behind the consent check")
            } else {
                format!("Run {tag} {allowed}")
            }
        }
    }
}

/// Whether a notice declares a name, if only under one that differs slightly or in words that were not understood.
pub(super) fn declared(
    declarations: Option<&Declarations<'_>>,
    (name, domain): (&str, &str),
    names: &[String],
) -> bool {
    declarations
        .is_some_and(|it| it.knows(name, domain, names) || it.not_understood(name).is_some())
}

impl ConsentPhase {
    /// Whether a declared basis covers something. After refusal none does: refusing is how a visitor objects.
    fn check_basis(
        self,
        evidence: &Evidence,
        policy: &Policy,
        class: &Classification,
        name: &str,
        seen: &[Sighting],
        declares: impl FnOnce(&Notice) -> bool,
    ) -> BasisCheck {
        match self {
            Self::BeforeChoice => {
                legal_basis::check_basis(evidence, policy, class, name, seen, declares)
            }
            Self::AfterRefusal | Self::AfterWithdrawal => BasisCheck::OnConsent,
        }
    }

    /// The most that was seen of something in this part of a visit. Before a choice everything was set.
    fn trace(self, at: &[&Sighting]) -> SightingKind {
        match self {
            Self::BeforeChoice => SightingKind::Set,
            Self::AfterRefusal | Self::AfterWithdrawal => {
                at.iter().map(|it| it.kind).max().unwrap_or_default()
            }
        }
    }

    /// When something may be loaded.
    const fn allowed(self) -> &'static str {
        match self {
            Self::BeforeChoice => "only after consent",
            Self::AfterRefusal | Self::AfterWithdrawal => "only if the visitor's choice allows it",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::BeforeChoice => "before any choice",
            Self::AfterRefusal => "after refusal",
            Self::AfterWithdrawal => "after withdrawal",
        }
    }
}

fn complete(
    finding: Finding,
    class: &Classification,
    set_by: &SetBy,
    declared: Option<&declaration_match::Match<'_>>,
    at: &[&Sighting],
) -> Finding {
    let finding = finding
        .confidence(class.basis.confidence)
        .seen(at)
        .cite(phrases::setter_citation(set_by))
        .cite(phrases::basis_citation(class));
    match declared {
        Some(found) => finding.cite(phrases::match_citation(found)),
        None => finding,
    }
}

/// How much it matters that something is there: what was only not deleted matters less than what is set, and what another
/// site keeps in the browser is not the site's to delete.
fn less_severe(finding: Finding, trace: SightingKind, party: Party) -> Finding {
    let severity = match (trace, party) {
        (SightingKind::Set, _) | (SightingKind::Sent, Party::Third) => finding.severity,
        (SightingKind::Held, Party::Third) => Severity::Informational,
        (SightingKind::Held | SightingKind::Sent, Party::First) => {
            finding.severity.min(Severity::Medium)
        }
    };
    finding.severity(severity)
}

/// What a site can do about something that was set while it was allowed, or before it was asked: `delete` is how its
/// own is deleted.
fn advice_to_clear(
    when: ConsentPhase,
    name: &str,
    party: Party,
    owner: &str,
    delete: &str,
) -> String {
    let name = phrases::name(name);
    let (once, on) = match when {
        ConsentPhase::AfterWithdrawal => ("once consent is withdrawn", "on withdrawal"),
        _ => ("once the visitor has refused", "on refusal"),
    };
    match party {
        Party::First => format!("Delete {name} {on}: {delete}"),
        Party::Third => {
            format!("Request nothing from {owner} {once}, since only {owner} can delete {name}")
        }
    }
}

/// What has to be gated, or else whose server has to hold back.
fn remedy(findings: &Findings<'_>, class: &Classification, set_by: &SetBy, party: Party) -> Remedy {
    findings.attribution.gate_of_setter(class, set_by).unwrap_or(match (set_by.kind, party) {
        (SetKind::Http, Party::First) => Remedy::Server,
        _ => Remedy::Investigate,
    })
}

/// The edit that keeps `name` back until it is allowed.
fn advice(
    findings: &Findings<'_>,
    when: ConsentPhase,
    set_by: &SetBy,
    (name, party): (&str, Party),
    at: &[&Sighting],
) -> String {
    let (name, page) = (phrases::name(name), phrases::only_page(at));
    if when == ConsentPhase::AfterWithdrawal {
        return format!("Remove {name} on withdrawal, and stop loading what sets it");
    }
    let allowed = when.allowed();
    let host = set_by.url.as_deref().and_then(site::host_of);
    let edit = match (set_by.kind, &set_by.url, host) {
        (SetKind::Script, Some(url), _) => {
            let home = if at.iter().any(|it| it.page == *url) {
                CodeHome::Page
            } else {
                findings.attribution.home(url)
            };
            let framed = matches!(home, CodeHome::Frame(_));
            let mut script = match home {
                CodeHome::Page => format!("the script in the page that sets {name}"),
                CodeHome::Frame(host) => format!("the frame from {host}"),
                CodeHome::Script => format!("the script {}", phrases::short(url)),
            };
            // That a page loads its own scripts goes without saying.
            if let Some(loader) = set_by.chain.last() {
                let _ = match findings.attribution.home(loader) {
                    CodeHome::Page => Ok(()),
                    CodeHome::Frame(host) => write!(script, ", which the frame from {host} loads,"),
                    CodeHome::Script => {
                        write!(script, ", which {} loads,", phrases::short(loader))
                    }
                };
            }
            match when {
                _ if framed => format!("Load {script} {allowed}"),
                ConsentPhase::BeforeChoice => format!("Move {script} behind the consent check"),
                _ => format!("Run {script} {allowed}"),
            }
        }
        (SetKind::Http, _, Some(host)) if party == Party::First => {
            format!("Have {host} set {name} {allowed}")
        }
        (SetKind::Http, _, Some(host)) => format!("Load what comes from {host} {allowed}"),
        _ => format!("Set {name} {allowed}"),
    };
    or_remove(edit, page.as_deref())
}

fn or_remove(edit: String, page: Option<&str>) -> String {
    match page {
        Some(page) => format!("{edit}, or remove it from {page}"),
        None => edit,
    }
}
