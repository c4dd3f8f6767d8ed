//! What the rules about consent have in common: what was stored, or whom the site told, at a moment
//! when nothing optional should be.

use std::fmt::Write as _;

use super::{
    Finding, Findings, SubjectKind, diff,
    reliance::{self, Stands, Unsettled},
    wording,
};
use crate::model::{
    Case, Category, Classification, Confidence, Notice, ObservedCookie, Party, SetBy, SetKind,
    Sighting, Slice, site,
};

/// The moment a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Nothing was chosen yet.
    BeforeChoice,
    /// The visitor had refused.
    AfterRefusal,
    /// The visitor had taken consent back.
    AfterWithdrawal,
}

/// Reasons of `Network.SetCookieBlockedReason` that are a setting of this browser's and not of the
/// cookie's making: another visitor's browser may store it.
const OUR_BROWSER_ONLY: &[&str] =
    &["UserPreferences", "ThirdPartyPhaseout", "ThirdPartyBlockedInFirstPartySet"];

/// How `cookie` comes to the visitor's browser; `None` if no browser would store it.
pub(crate) fn stored(cookie: &ObservedCookie) -> Option<&'static str> {
    match &cookie.blocked {
        None => Some("is set"),
        Some(why) if OUR_BROWSER_ONLY.iter().any(|it| why.contains(it)) => {
            Some("is offered to the browser")
        }
        Some(_) => None,
    }
}

/// Reports cookies that need consent; returns those of which that is not known.
pub(super) fn cookies(
    case: &Case,
    seen: Slice<'_>,
    when: When,
    findings: &mut Findings,
) -> Unsettled {
    let (mut unsettled, notice) = (Unsettled::default(), case.notice().ok());
    let names = diff::names_seen(seen);
    for (cookie, at) in seen.cookies() {
        let (Some(is_set), category) = (stored(cookie), cookie.class.category) else { continue };
        // What was set while it was allowed may lie there still.
        let is_set =
            if when == When::AfterWithdrawal { "is still there or set again" } else { is_set };
        if cookie.class.is_open() {
            unsettled.unknown.push(cookie.key.name.clone());
            continue;
        }
        if !category.needs_consent() {
            continue;
        }
        let (key, set_by) = (&cookie.key, &cookie.set_by);
        let stands = when.stands(case, &cookie.class, &key.name, &cookie.seen, |notice| {
            declared(notice, &key.name, &key.domain, &names)
        });
        let but = match stands {
            Stands::OnConsent => None,
            Stands::Contradicted(why) => Some(why),
            Stands::OnBasis(relied) => {
                unsettled.relied.push(relied);
                continue;
            }
        };
        let message = format!(
            "the {category} {} {is_set} {}{}{}",
            wording::cookie(cookie),
            when.words(),
            wording::place(&at),
            wording::by(set_by, &key.domain),
        );
        let finding = findings.draft(SubjectKind::Cookie, key.to_string(), message).advice(advice(
            when,
            set_by,
            &key.name,
            cookie.party,
            &at,
        ));
        let found = notice.and_then(|it| diff::declared(it, &key.name, &key.domain));
        let finding = complete(finding, &cookie.class, set_by, found.as_ref(), &at).cite_some(but);
        findings.report(match &cookie.blocked {
            Some(why) => finding.cite(format!("this browser did not store it: {why}")),
            None => finding,
        });
    }
    unsettled
}

/// Reports storage items that need consent; returns those of which that is not known.
pub(super) fn storage(
    case: &Case,
    seen: Slice<'_>,
    when: When,
    findings: &mut Findings,
) -> Unsettled {
    let (mut unsettled, notice) = (Unsettled::default(), case.notice().ok());
    let names = diff::names_seen(seen);
    for (item, at) in seen.storage() {
        let category = item.class.category;
        if item.class.is_open() {
            unsettled.unknown.push(item.key.key.clone());
            continue;
        }
        if !category.needs_consent() {
            continue;
        }
        let (key, set_by) = (&item.key, &item.set_by);
        let owner = site::host_of(&key.origin).unwrap_or_default();
        let stands = when.stands(case, &item.class, &key.key, &item.seen, |notice| {
            declared(notice, &key.key, &owner, &names)
        });
        let but = match stands {
            Stands::OnConsent => None,
            Stands::Contradicted(why) => Some(why),
            Stands::OnBasis(relied) => {
                unsettled.relied.push(relied);
                continue;
            }
        };
        let message = format!(
            "the {category} {} is written {}{}{}",
            wording::item(item),
            when.words(),
            wording::place(&at),
            wording::by(set_by, &owner),
        );
        let finding = findings
            .draft(SubjectKind::Storage, key.to_string(), message)
            .advice(advice(when, set_by, &key.key, item.party, &at));
        let found = notice.and_then(|it| diff::declared(it, &key.key, &owner));
        let finding = complete(finding, &item.class, set_by, found.as_ref(), &at).cite_some(but);
        findings.report(finding);
    }
    unsettled
}

/// Reports other sites' hosts that measure or follow people; returns those of which that is not known
/// to need consent.
pub(super) fn trackers(
    case: &Case,
    seen: Slice<'_>,
    when: When,
    findings: &mut Findings,
) -> Unsettled {
    let mut unsettled = Unsettled::default();
    for (host, at) in seen.hosts().filter(|(host, _)| host.is_outside()) {
        let category = host.class.category;
        if category == Category::Unknown {
            unsettled.unknown.push(host.host.clone());
        }
        if !category.tracks() {
            continue;
        }
        let stands = when.stands(case, &host.class, &host.host, &host.seen, |notice| {
            diff::third_party_named(notice, host).is_some()
        });
        let but = match stands {
            Stands::OnConsent => None,
            Stands::Contradicted(why) => Some(why),
            Stands::OnBasis(relied) => {
                unsettled.relied.push(relied);
                continue;
            }
        };
        let of = match &host.class.organisation {
            Some(organisation) => format!(" ({})", wording::short(organisation)),
            None => String::new(),
        };
        let (name, page) = (&host.host, wording::only_page(&at));
        let message = format!(
            "the {category} host {name}{of} is contacted {}{}",
            when.words(),
            wording::place(&at)
        );
        // A page that asks by itself cannot be moved; what it embeds can.
        let script = host.initiators.iter().find(|url| at.iter().all(|it| it.page != **url));
        let edit = match (script, when) {
            (Some(url), When::BeforeChoice) => {
                format!("Move the script {} behind the consent check", wording::short(url))
            }
            (None, When::BeforeChoice) => {
                format!("Load what comes from {name} only after the visitor has agreed")
            }
            (Some(url), When::AfterRefusal | When::AfterWithdrawal) => format!(
                "Run the script {} only where the visitor's choice allows it",
                wording::short(url)
            ),
            (None, When::AfterRefusal | When::AfterWithdrawal) => {
                format!("Load what comes from {name} only where the visitor's choice allows it")
            }
        };
        let mut finding = findings
            .draft(SubjectKind::Host, name.clone(), message)
            .confidence(host.class.basis.confidence)
            .seen(&at)
            .cite(format!("asked for {}", host.example));
        // Names take many forms; the notice may use one that we do not know.
        if but.is_some() {
            finding = finding.confidence(host.class.basis.confidence.min(Confidence::Medium));
        }
        for url in host.initiators.iter().take(3) {
            finding = finding.cite(format!("asked by {url}"));
        }
        findings.report(
            finding
                .cite(wording::basis(&host.class))
                .cite_some(but)
                .advice(or_remove(edit, page.as_deref())),
        );
    }
    unsettled
}

/// Whether a notice tells of a name, if only under one that is not quite right.
pub(super) fn declared(notice: &Notice, name: &str, domain: &str, names: &[String]) -> bool {
    diff::declared(notice, name, domain).is_some() || diff::mistyped(notice, name, names).is_some()
}

impl When {
    /// What a declared basis makes of a thing. Once the visitor has refused none covers it: objecting
    /// is what it leaves them.
    fn stands(
        self,
        case: &Case,
        class: &Classification,
        name: &str,
        seen: &[Sighting],
        tells: impl FnOnce(&Notice) -> bool,
    ) -> Stands {
        match self {
            Self::BeforeChoice => reliance::stands(case, class, name, seen, tells),
            Self::AfterRefusal | Self::AfterWithdrawal => Stands::OnConsent,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::BeforeChoice => "before any choice",
            Self::AfterRefusal => "after the visitor refused",
            Self::AfterWithdrawal => "after consent was taken back",
        }
    }
}

fn complete(
    finding: Finding,
    class: &Classification,
    set_by: &SetBy,
    declared: Option<&diff::Match<'_>>,
    at: &[&Sighting],
) -> Finding {
    let finding = finding
        .confidence(class.basis.confidence)
        .seen(at)
        .cite(wording::setter(set_by))
        .cite(wording::basis(class));
    match declared {
        Some(found) => finding.cite(wording::matched(found)),
        None => finding,
    }
}

/// The edit that keeps `name` back until it is allowed.
fn advice(when: When, set_by: &SetBy, name: &str, party: Party, at: &[&Sighting]) -> String {
    let (name, page) = (wording::short(name), wording::only_page(at));
    let allowed = match when {
        When::BeforeChoice => "only after the visitor has agreed",
        When::AfterRefusal => "only where the visitor's choice allows it",
        When::AfterWithdrawal => {
            return format!(
                "Remove {name} when the visitor takes consent back, and stop loading what sets it"
            );
        }
    };
    let host = set_by.url.as_deref().and_then(site::host_of);
    let edit = match (set_by.kind, &set_by.url, host) {
        (SetKind::Script, Some(url), _) => {
            let inline = at.iter().any(|it| it.page == *url);
            let mut script = if inline {
                format!("the script in the page that sets {name}")
            } else {
                format!("the script {}", wording::short(url))
            };
            if let Some(loader) = set_by.chain.last() {
                let _ = write!(script, ", which {} loads,", wording::short(loader));
            }
            match when {
                When::BeforeChoice => format!("Move {script} behind the consent check"),
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
