use std::collections::{BTreeMap, BTreeSet};

use super::{
    context::Context,
    events::{Contact, Meaning},
    initiators::Initiators,
    sightings::Sightings,
};
use crate::model::{
    Alias, Basis, Category, Classification, Confidence, Host, ObservedHost, Party, SourceId, site,
};

struct Draft {
    class: Classification,
    requests: u32,
    kinds: BTreeSet<String>,
    initiators: BTreeSet<String>,
    example: String,
    seen: Sightings,
}

/// Every host that was contacted in any pass, first party first, then in order.
pub(super) fn observed(reader: &Context<'_>) -> Vec<ObservedHost> {
    let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
    let mut aliases: BTreeMap<String, (Alias, Option<Classification>)> = BTreeMap::new();
    for pass in &reader.passes {
        for event in &pass.recording.events {
            let Some(contact) = Meaning::contact(&event.kind) else { continue };
            let (url, kind) = (contact.url, contact.kind);
            let Some(host) = site::host_of(url) else { continue };
            let alias = aliases.entry(host.clone()).or_insert_with(|| resolve_cname(reader, &host));
            let class = match alias {
                (Alias::Tracker { .. }, Some(class)) => class.clone(),
                _ => classify(reader, url, &host, contact.document, kind),
            };
            let draft = drafts.entry(host).or_insert_with(|| Draft {
                class: class.clone(),
                requests: 0,
                kinds: BTreeSet::new(),
                initiators: BTreeSet::new(),
                example: url.to_string(),
                seen: Sightings::default(),
            });
            // One host may serve a widget and a pixel: what it is for is the most that it does, and
            // the request that shows it is the example.
            if weight(class.category) > weight(draft.class.category) {
                draft.class = class;
                draft.example = url.to_string();
            }
            draft.requests = draft.requests.saturating_add(1);
            draft.kinds.insert(kind.to_owned());
            draft.initiators.extend(initiator(&pass.initiators, &contact));
            draft.seen.add(pass, event.at, event.visit);
        }
    }
    let mut hosts: Vec<ObservedHost> = drafts
        .into_iter()
        .map(|(host, draft)| ObservedHost {
            site: site::of_host(&host),
            party: site::party(&host, &reader.site),
            class: draft.class,
            requests: draft.requests,
            kinds: draft.kinds.into_iter().collect(),
            initiators: draft.initiators.into_iter().collect(),
            example: draft.example,
            seen: draft.seen.into_vec(),
            alias: aliases.remove(&host).map_or(Alias::None, |it| it.0),
            host: Host::new(&host),
        })
        .collect();
    hosts.sort_by(|a, b| (a.party, &a.host).cmp(&(b.party, &b.host)));
    hosts
}

/// What the name of a host leads to, with what that is for if it tracks.
fn resolve_cname(reader: &Context<'_>, host: &str) -> (Alias, Option<Classification>) {
    let own = site::party(host, &reader.site) == Party::First;
    if !own || host.parse::<std::net::IpAddr>().is_ok() {
        return (Alias::None, None);
    }
    let Some(lookup) = reader.recording.names.iter().find(|it| it.host == host) else {
        let visits = reader.recording.passes.iter().flat_map(|pass| &pass.visits);
        let is_page = [&reader.recording.target.url]
            .into_iter()
            .chain(visits.flat_map(|visit| [&visit.url, &visit.asked]))
            .any(|url| site::host_of(url).as_deref() == Some(host));
        let why = "it was not looked up";
        return (if is_page { Alias::None } else { Alias::Unknown(why.to_owned()) }, None);
    };
    if let Some(why) = &lookup.problem {
        return (Alias::Unknown(why.clone()), None);
    }
    let outside = lookup.aliases.iter().filter(|it| site::of_host(it) != reader.site);
    let outside: Vec<(&String, Classification)> =
        outside.map(|it| (it, reader.knowledge.host(it))).collect();
    let tracker = outside.iter().find(|(_, class)| class.category.tracks()).cloned();
    match (tracker, outside.last()) {
        // Those that serve what others put there are known; who is not may be anybody.
        (None, Some((to, _)))
            if outside.iter().all(|(name, class)| {
                class.category == Category::Unknown && !reader.knowledge.is_hosting(name)
            }) =>
        {
            let why = format!("it is a CNAME for {to}, whose purpose no source knows");
            (Alias::Unknown(why), None)
        }
        (None, _) => (Alias::None, None),
        (Some((to, mut class)), _) => {
            class.basis.entry = format!("{host} is a CNAME for {to}: {}", class.basis.entry);
            (Alias::Tracker { to: to.clone(), chain: lookup.aliases.clone() }, Some(class))
        }
    }
}

fn classify(
    reader: &Context<'_>,
    url: &str,
    host: &str,
    document: &str,
    kind: &str,
) -> Classification {
    let first = site::party(host, &reader.site) == Party::First;
    let class =
        if first { reader.knowledge.request(url) } else { reader.request(url, document, kind) };
    if class.category == Category::Unknown && first {
        return Classification {
            category: Category::Essential,
            basis: Basis {
                source: SourceId::Target,
                entry: format!("{host} belongs to the site itself"),
                confidence: Confidence::High,
            },
            organisation: None,
            consent_only: false,
            or: None,
        };
    }
    class
}

const fn weight(category: Category) -> u8 {
    match category {
        Category::Unknown => 0,
        Category::Essential => 1,
        Category::Functional => 2,
        Category::Performance => 3,
        Category::Marketing => 4,
    }
}

fn initiator(initiators: &Initiators<'_>, contact: &Contact<'_>) -> Option<String> {
    let script =
        contact.initiators.iter().map(|call| call.url.as_str()).find(|it| it.contains(':'));
    let script = initiators.served(script.unwrap_or(contact.document));
    Some(script).filter(|it| !it.is_empty() && *it != contact.url).map(str::to_owned)
}
