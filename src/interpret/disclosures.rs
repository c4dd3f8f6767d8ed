use std::collections::BTreeMap;

use url::Url;

use super::{
    context::Context,
    events::{Contact, ContactKind, Meaning},
    initiators::Initiators,
    parameters::parameters,
    scripts::sender,
    sightings::{PassContext, Sightings},
};
use crate::{
    classify::{Protocol, page_topic},
    model::{Channel, CodePlace, Disclosure, DisclosureKind, Host, Party, ScriptUrl, site},
    recording::VisitRecording,
};

/// A shorter title is a word that could be anybody's.
const LEAST_TITLE: usize = 8;

/// Everything about visits that other sites received, in order of host and kind.
pub(super) fn observed(reader: &Context<'_>) -> Vec<Disclosure> {
    let mut found: BTreeMap<(String, DisclosureKind), Draft> = BTreeMap::new();
    for pass in &reader.passes {
        read(reader, pass, &mut found);
    }
    found.into_values().map(|it| Disclosure { seen: it.seen.into_vec(), ..it.disclosure }).collect()
}

/// What is known of a disclosure so far.
struct Draft {
    disclosure: Disclosure,
    seen: Sightings,
}

fn read(
    reader: &Context<'_>,
    pass: &PassContext<'_>,
    found: &mut BTreeMap<(String, DisclosureKind), Draft>,
) {
    for event in &pass.recording.events {
        let Some(contact) = Meaning::contact(&event.kind) else { continue };
        let Some(host) = site::host_of(contact.url) else { continue };
        if site::party(&host, &reader.site) == Party::First {
            continue;
        }
        let visit = pass.recording.visits.get(event.visit);
        for (kind, text, channel) in disclosures(reader, &host, &contact, visit) {
            let class = reader.request(contact.url, contact.document, contact.kind);
            let sent = |text: String| Disclosure {
                host: Host::new(&host),
                category: class.category,
                organisation: class.organisation.clone(),
                kind,
                subject: page_topic(&text),
                text,
                channel: channel.clone(),
                example: contact.url.to_owned(),
                script: script(reader, &pass.initiators, &contact),
                chain: pass.initiators.by_script(contact.initiators, contact.document).chain,
                seen: Vec::new(),
            };
            let known = found.entry((host.clone(), kind)).or_insert_with(|| Draft {
                disclosure: sent(text.clone()),
                seen: Sightings::default(),
            });
            // What names a subject says more than what does not.
            if known.disclosure.subject.is_none() && page_topic(&text).is_some() {
                known.disclosure = sent(text);
            }
            known.seen.add(pass, event.at, event.visit);
        }
    }
}

pub(super) fn script(
    reader: &Context<'_>,
    initiators: &Initiators<'_>,
    contact: &Contact<'_>,
) -> Option<CodePlace> {
    if contact.initiators.is_empty() {
        return None;
    }
    let host = site::host_of(contact.url).unwrap_or_default();
    let (script, line) = sender(reader, initiators, contact.initiators, contact.document, &host);
    Some(CodePlace { script: ScriptUrl::new(script), line: Some(line).filter(|it| *it > 0) })
}

/// What one request disclosed: the sort, the text, and in which part of the request.
fn disclosures(
    reader: &Context<'_>,
    host: &str,
    contact: &Contact<'_>,
    visit: Option<&VisitRecording>,
) -> Vec<(DisclosureKind, String, Channel)> {
    let (referrer, body) = match contact.channel {
        ContactKind::Request { referrer, body, .. } => (referrer, body),
        ContactKind::WebSocket | ContactKind::WebTransport => (None, None),
    };
    let mut found = Vec::new();
    if let Some(path) = referrer.and_then(|it| page(reader, it)) {
        found.push((DisclosureKind::Address, path, Channel::Referrer));
    }
    let protocol = Protocol::for_host(host);
    let path = visit.and_then(|it| page(reader, &it.url));
    // The title of the start page says which site it is, and no more.
    let title = visit.map_or("", |it| it.title.trim());
    for (channel, value) in parameters(contact.url, body) {
        let name = channel.name();
        if let Some(path) = page(reader, &value).or_else(|| path.clone().filter(|it| *it == value))
        {
            found.push((DisclosureKind::Address, path, channel));
        } else if protocol.is_some_and(|it| it.is_event(name, &value)) {
            found.push((DisclosureKind::Event, value, channel));
        } else if !is_digest(&value)
            && (path.is_some() || value != title)
            && (protocol.is_some_and(|it| it.has_words(name))
                || title.len() >= LEAST_TITLE && value.contains(title))
        {
            found.push((DisclosureKind::Words, value, channel));
        }
    }
    found.retain(|(_, text, _)| !text.trim().is_empty());
    found
}

/// The path of a page of the site, if `text` is the address of one other than its start page.
fn page(reader: &Context<'_>, text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|it| matches!(it.scheme(), "http" | "https"))?;
    let own = site::of_url(&url).as_deref() == Some(reader.site.as_str());
    (own && url.path() != "/" && !is_file(url.path())).then(|| url.path().to_owned())
}

/// Style sheets and scripts have a referrer too, which says nothing of the page.
fn is_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.rsplit_once('.').is_some_and(|(_, end)| {
        matches!(
            end,
            "css" | "js" | "mjs" | "svg" | "png" | "jpg" | "gif" | "woff2" | "woff" | "json"
        )
    })
}

fn is_digest(value: &str) -> bool {
    value.strip_prefix('~').is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
}
