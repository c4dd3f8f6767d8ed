use std::collections::{BTreeMap, BTreeSet};

use super::{
    context::Context,
    events::{ContactKind, Meaning},
    initiators::Initiators,
    sightings::{PassContext, Sightings},
};
use crate::{
    model::{Host, ObservedScript, ScriptUrl, Technique, TechniqueCall, VisitStatus, site},
    recording::{Call, CallFrame},
};

/// A page that measures fewer fonts than this is looking for those it needs.
const MANY_FONTS: usize = 6;

/// Every script that read or listened to something telling, in order of address.
pub(super) fn observed(reader: &Context<'_>) -> Vec<ObservedScript> {
    let mut scripts: BTreeMap<String, Draft> = BTreeMap::new();
    for pass in &reader.passes {
        read(reader, pass, &mut scripts);
    }
    // A script that measured a few fonts only did nothing worth telling.
    scripts.retain(|_, it| !it.script.techniques.is_empty());
    scripts
        .into_values()
        .map(|it| ObservedScript { seen: it.seen.into_vec(), ..it.script })
        .collect()
}

/// Why it is not known what scripts did, if it is not: an older version recorded nothing of it, a browser may not lend
/// the means, and a page may do more than is written down.
pub(super) fn unwatched(reader: &Context<'_>) -> Option<String> {
    for pass in &reader.recording.passes {
        let mut watched = false;
        for event in &pass.events {
            match Meaning::new(&event.kind) {
                Meaning::Call { call: Call::WatchingEnded, frame, .. } => {
                    return Some(format!("scripts of {frame} did more than is recorded"));
                }
                Meaning::Call { call: Call::Watching, .. } => watched = true,
                _ => (),
            }
        }
        let seen = pass.visits.iter().any(|it| it.status == VisitStatus::Ok);
        if seen && !watched {
            return Some(format!("what scripts did was not watched in the {} pass", pass.pass));
        }
    }
    None
}

/// What is known of a script so far.
struct Draft {
    script: ObservedScript,
    seen: Sightings,
}

fn read(reader: &Context<'_>, pass: &PassContext<'_>, scripts: &mut BTreeMap<String, Draft>) {
    let initiators = &pass.initiators;
    let sends = sends(reader, pass);
    let mut fonts: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for event in &pass.recording.events {
        let Meaning::Call { call, frame, stack } = Meaning::new(&event.kind) else { continue };
        let (script, line) = responsible(reader, initiators, stack, frame);
        let technique = match call {
            Call::Fonts(font) => {
                let fonts = fonts.entry(script.clone()).or_default();
                fonts.insert(font);
                if fonts.len() < MANY_FONTS {
                    continue;
                }
                Technique::Fonts
            }
            Call::Canvas => Technique::Canvas,
            Call::Webgl(asked) if speaks_of_hardware(asked) => Technique::Webgl,
            Call::Audio => Technique::Audio,
            Call::Webrtc => Technique::Webrtc,
            Call::ClientHints(_) => Technique::ClientHints,
            Call::Hardware(_) => Technique::Hardware,
            Call::PageChanges { text: true } => Technique::PageChanges,
            Call::Listens { event, .. } => match event.as_str() {
                "keydown" | "keyup" | "keypress" => Technique::Keys,
                "input" | "beforeinput" | "change" | "paste" | "copy" => Technique::Fields,
                _ => Technique::Pointer,
            },
            Call::Watching
            | Call::WatchingEnded
            | Call::Webgl(_)
            | Call::PageChanges { text: false }
            | Call::Other { .. } => continue,
        };
        let host = site::host_of(&script).unwrap_or_default();
        let draft = scripts.entry(script.clone()).or_insert_with(|| Draft {
            seen: Sightings::default(),
            script: ObservedScript {
                party: site::party(&host, &reader.site),
                recorder: reader.knowledge.records(&host),
                chain: initiators.by_script(stack, frame).chain,
                url: ScriptUrl::new(script.clone()),
                host: Host::new(&host),
                techniques: BTreeMap::new(),
                sends_to: Vec::new(),
                seen: Vec::new(),
            },
        });
        draft.seen.add(pass, event.at, event.visit);
        let known = &mut draft.script;
        known
            .techniques
            .entry(technique)
            .or_insert_with(|| TechniqueCall { line, detail: call.detail() });
        for host in sends.get(&script).into_iter().flatten() {
            if !known.sends_to.contains(host) {
                known.sends_to.push(host.clone());
                known.sends_to.sort();
            }
        }
    }
}

/// The script that a call is owed to: the innermost that is no library's, or the innermost.
pub(super) fn responsible(
    reader: &Context<'_>,
    initiators: &Initiators<'_>,
    stack: &[CallFrame],
    frame: &str,
) -> (String, u64) {
    let served = |call: &CallFrame| (initiators.served(&call.url).to_owned(), call.line);
    let mut calls = stack.iter().map(served).filter(|(url, _)| url.starts_with("http"));
    let innermost = calls.clone().next();
    let own = calls.find(|(url, _)| !reader.knowledge.is_library(url));
    own.or(innermost).unwrap_or_else(|| (frame.to_owned(), 0))
}

/// Hosts that each script sent something to.
fn sends(reader: &Context<'_>, pass: &PassContext<'_>) -> BTreeMap<String, BTreeSet<Host>> {
    let mut sends: BTreeMap<String, BTreeSet<Host>> = BTreeMap::new();
    for event in &pass.recording.events {
        let Some(contact) = Meaning::contact(&event.kind) else { continue };
        let sends_something = match contact.channel {
            ContactKind::Request { method, .. } => {
                method == "POST" || matches!(contact.kind, "beacon" | "fetch")
            }
            ContactKind::WebSocket | ContactKind::WebTransport => true,
        };
        if !sends_something || contact.initiators.is_empty() {
            continue;
        }
        let Some(host) = site::host_of(contact.url) else { continue };
        let (script, _) = responsible(reader, &pass.initiators, contact.initiators, "");
        sends.entry(script).or_default().insert(Host::new(&host));
    }
    sends
}

/// Names of `getExtension` and numbers of `getParameter` (`WEBGL_debug_renderer_info`, Khronos registry).
fn speaks_of_hardware(detail: &str) -> bool {
    matches!(detail, "WEBGL_debug_renderer_info" | "37445" | "37446" | "7936" | "7937")
}
