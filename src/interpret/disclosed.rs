use std::collections::BTreeMap;

use url::Url;

use super::{Reader, behaviour::responsible, hosts, pass::Loaders, shared::parameters, sight};
use crate::{
    classify::{Protocol, page_topic},
    model::{Disclosure, Party, Told, site},
    recording::{CallFrame, EventKind, PassRecording, VisitRecording},
};

/// A shorter title is a word that could be anybody's.
const LEAST_TITLE: usize = 8;

/// Everything that other sites were told of visits, in order of host and kind.
pub(super) fn observed(reader: &Reader<'_>) -> Vec<Disclosure> {
    let mut found: BTreeMap<(String, Told), Disclosure> = BTreeMap::new();
    for (pass, loaders) in &reader.passes {
        read(reader, pass, loaders, &mut found);
    }
    found.into_values().collect()
}

fn read(
    reader: &Reader<'_>,
    pass: &PassRecording,
    loaders: &Loaders<'_>,
    found: &mut BTreeMap<(String, Told), Disclosure>,
) {
    for event in &pass.events {
        let (url, initiators, document, referrer, body) = match &event.kind {
            EventKind::Request { url, initiators, document, referrer, body, .. } => {
                (url, &**initiators, &**document, referrer.as_deref(), body.as_deref())
            }
            EventKind::WebSocket { url, initiators, .. } => (url, &**initiators, "", None, None),
            _ => continue,
        };
        let Some(host) = site::host_of(url) else { continue };
        if site::party(&host, &reader.site) == Party::First {
            continue;
        }
        let kind = match &event.kind {
            EventKind::Request { kind, .. } => hosts::name_of(kind),
            _ => "websocket",
        };
        let visit = pass.visits.get(event.visit);
        for (told, text, by_way_of) in told(reader, &host, url, referrer, body, visit) {
            let class = reader.request(url, document, kind);
            let sent = |text: String| Disclosure {
                host: host.clone(),
                category: class.category,
                organisation: class.organisation.clone(),
                told,
                subject: page_topic(&text),
                text,
                by_way_of: by_way_of.clone(),
                example: url.to_string(),
                script: script(reader, loaders, initiators, document),
                chain: loaders.by_script(initiators, document).chain,
                seen: Vec::new(),
            };
            let known = found.entry((host.clone(), told)).or_insert_with(|| sent(text.clone()));
            // What names a subject says more than what does not.
            if known.subject.is_none() && page_topic(&text).is_some() {
                let seen = std::mem::take(&mut known.seen);
                *known = Disclosure { seen, ..sent(text) };
            }
            sight(&mut known.seen, pass, event.at, event.visit);
        }
    }
}

fn script(
    reader: &Reader<'_>,
    loaders: &Loaders<'_>,
    initiators: &[CallFrame],
    document: &str,
) -> Option<String> {
    if initiators.is_empty() {
        return None;
    }
    let (script, line) = responsible(reader, loaders, initiators, document);
    Some(if line == 0 { script } else { format!("{script}, line {line}") })
}

/// What one request told: the sort, the text, and by what means.
fn told(
    reader: &Reader<'_>,
    host: &str,
    url: &str,
    referrer: Option<&str>,
    body: Option<&str>,
    visit: Option<&VisitRecording>,
) -> Vec<(Told, String, String)> {
    let mut found = Vec::new();
    if let Some(path) = referrer.and_then(|it| page(reader, it)) {
        found.push((Told::Address, path, "the Referer header".to_owned()));
    }
    let protocol = Protocol::for_host(host);
    let path = visit.and_then(|it| page(reader, &it.url));
    // The title of the start page says which site it is, and no more.
    let title = visit.map_or("", |it| it.title.trim());
    for (way, value) in parameters(url, body) {
        let name = way.split('`').nth(1).unwrap_or_default();
        if let Some(path) = page(reader, &value).or_else(|| path.clone().filter(|it| *it == value))
        {
            found.push((Told::Address, path, way));
        } else if protocol.is_some_and(|it| it.is_event(name, &value)) {
            found.push((Told::Event, value, way));
        } else if !is_digest(&value)
            && (path.is_some() || value != title)
            && (protocol.is_some_and(|it| it.has_words(name))
                || title.len() >= LEAST_TITLE && value.contains(title))
        {
            found.push((Told::Words, value, way));
        }
    }
    found.retain(|(_, text, _)| !text.trim().is_empty());
    found
}

/// The path of a page of the site, if `text` is the address of one other than its start page.
fn page(reader: &Reader<'_>, text: &str) -> Option<String> {
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
