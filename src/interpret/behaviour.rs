use std::collections::{BTreeMap, BTreeSet};

use super::{Reader, pass::Loaders, sight};
use crate::{
    model::{ObservedScript, Technique, VisitStatus, site},
    recording::{CallFrame, EventKind, PassRecording},
};

/// A page that measures fewer fonts than this is looking for those it needs.
const MANY_FONTS: usize = 6;

/// Every script that read or listened to something telling, in order of address.
pub(super) fn observed(reader: &Reader<'_>) -> Vec<ObservedScript> {
    let mut scripts: BTreeMap<String, ObservedScript> = BTreeMap::new();
    for (pass, loaders) in &reader.passes {
        read(reader, pass, loaders, &mut scripts);
    }
    // A script that measured a few fonts only did nothing worth telling.
    scripts.retain(|_, it| !it.techniques.is_empty());
    scripts.into_values().collect()
}

/// Why it is not known what scripts did, if it is not: an older version recorded nothing of it, a browser may not lend
/// the means, and a page may do more than is written down.
pub(super) fn unwatched(reader: &Reader<'_>) -> Option<String> {
    for pass in &reader.recording.passes {
        let mut watched = false;
        for event in &pass.events {
            if let EventKind::Call { api, detail, frame, .. } = &event.kind
                && api == "watching"
            {
                if detail == "full" {
                    return Some(format!("scripts of {frame} did more than is recorded"));
                }
                watched = true;
            }
        }
        let seen = pass.visits.iter().any(|it| it.status == VisitStatus::Ok);
        if seen && !watched {
            return Some(format!("what scripts did was not watched in the {} pass", pass.pass));
        }
    }
    None
}

fn read(
    reader: &Reader<'_>,
    pass: &PassRecording,
    loaders: &Loaders<'_>,
    scripts: &mut BTreeMap<String, ObservedScript>,
) {
    let sends = sends(reader, pass, loaders);
    let mut fonts: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for event in &pass.events {
        let EventKind::Call { api, detail, frame, stack } = &event.kind else { continue };
        let (script, line) = responsible(reader, loaders, stack, frame);
        let technique = match api.as_str() {
            "fonts" => {
                let fonts = fonts.entry(script.clone()).or_default();
                fonts.insert(detail);
                if fonts.len() < MANY_FONTS {
                    continue;
                }
                Technique::Fonts
            }
            "canvas" => Technique::Canvas,
            "webgl" if speaks_of_hardware(detail) => Technique::Webgl,
            "audio" => Technique::Audio,
            "webrtc" => Technique::Webrtc,
            "client-hints" => Technique::ClientHints,
            "hardware" => Technique::Hardware,
            "page-changes" if detail == "text" => Technique::PageChanges,
            "listens" => match detail.split(' ').next().unwrap_or_default() {
                "keydown" | "keyup" | "keypress" => Technique::Keys,
                "input" | "beforeinput" | "change" | "paste" | "copy" => Technique::Fields,
                _ => Technique::Pointer,
            },
            _ => continue,
        };
        let host = site::host_of(&script).unwrap_or_default();
        let known = scripts.entry(script.clone()).or_insert_with(|| ObservedScript {
            party: site::party(&host, &reader.site),
            recorder: reader.knowledge.records(&host),
            chain: loaders.by_script(stack, frame).chain,
            url: script.clone(),
            host,
            techniques: BTreeMap::new(),
            sends_to: Vec::new(),
            seen: Vec::new(),
        });
        known.techniques.entry(technique).or_insert_with(|| match detail.as_str() {
            "" => format!("line {line}"),
            detail => format!("line {line}: {detail}"),
        });
        for host in sends.get(&script).into_iter().flatten() {
            if !known.sends_to.contains(host) {
                known.sends_to.push(host.clone());
                known.sends_to.sort();
            }
        }
        sight(&mut known.seen, pass, event.at, event.visit);
    }
}

/// The script that a call is owed to: the innermost that is no library's, or the innermost.
pub(super) fn responsible(
    reader: &Reader<'_>,
    loaders: &Loaders<'_>,
    stack: &[CallFrame],
    frame: &str,
) -> (String, u64) {
    let served = |call: &CallFrame| (loaders.served(&call.url).to_owned(), call.line);
    let mut calls = stack.iter().map(served).filter(|(url, _)| url.starts_with("http"));
    let innermost = calls.clone().next();
    let own = calls.find(|(url, _)| !reader.knowledge.is_library(url));
    own.or(innermost).unwrap_or_else(|| (frame.to_owned(), 0))
}

/// Hosts that each script sent something to.
fn sends(
    reader: &Reader<'_>,
    pass: &PassRecording,
    loaders: &Loaders<'_>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut sends: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in &pass.events {
        let (url, initiators) = match &event.kind {
            EventKind::Request { url, method, kind, initiators, .. }
                if &**method == "POST" || matches!(&**kind, "ping" | "fetch" | "xhr") =>
            {
                (url, initiators)
            }
            EventKind::WebSocket { url, initiators, .. } => (url, initiators),
            _ => continue,
        };
        if initiators.is_empty() {
            continue;
        }
        let Some(host) = site::host_of(url) else { continue };
        let (script, _) = responsible(reader, loaders, initiators, "");
        sends.entry(script).or_default().insert(host);
    }
    sends
}

/// Names of `getExtension` and numbers of `getParameter` (`WEBGL_debug_renderer_info`, Khronos registry).
fn speaks_of_hardware(detail: &str) -> bool {
    matches!(detail, "WEBGL_debug_renderer_info" | "37445" | "37446" | "7936" | "7937")
}
