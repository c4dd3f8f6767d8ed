use std::collections::{BTreeMap, BTreeSet};

use super::{
    context::Context,
    events::{ContactKind, Meaning},
    initiators::Initiators,
    parameters::parameters,
    sightings::{PassContext, Sightings},
};
use crate::{
    model::{Host, ObservedScript, Party, ScriptUrl, Technique, TechniqueCall, VisitStatus, site},
    recording::{Call, CallFrame},
};

/// A page that measures fewer fonts than this is looking for those it needs.
const MANY_FONTS: usize = 6;

/// Every script that read or listened to something telling, in order of address.
pub(super) fn observed(reader: &Context<'_>) -> Vec<ObservedScript> {
    let mut scripts: BTreeMap<String, Draft> = BTreeMap::new();
    let mut sent = Sent::default();
    for pass in &reader.passes {
        read(reader, pass, &mut scripts);
        sent.read(reader, pass);
    }
    // A script that measured a few fonts only did nothing worth telling.
    scripts.retain(|_, it| !it.script.techniques.is_empty());
    scripts.into_values().map(|it| it.finished(reader, &sent)).collect()
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
    /// Scripts of others that called it while it did what it did.
    callers: BTreeSet<String>,
}

impl Draft {
    fn finished(self, reader: &Context<'_>, sent: &Sent) -> ObservedScript {
        let mut script = self.script;
        let is_outside = |it: &&Host| site::party(it, &reader.site) == Party::Third;
        let mut sends_to: BTreeSet<Host> = BTreeSet::new();
        sends_to.extend(sent.by_script.get(script.url.as_str()).into_iter().flatten().cloned());
        let mut along: BTreeSet<Host> = BTreeSet::new();
        along.extend(sent.by_owner.get(&script.owner).into_iter().flatten().cloned());
        along.retain(|it| !sends_to.contains(it));
        script.sends_keys = sent.keys_by_owner.contains(&script.owner);
        let by_callers = self.callers.iter().filter_map(|it| sent.by_script.get(it)).flatten();
        let mut through: BTreeSet<Host> = by_callers.filter(is_outside).cloned().collect();
        through.retain(|it| !sends_to.contains(it) && !along.contains(it));
        script.sends_through = through.into_iter().collect();
        script.sends_along = along.into_iter().collect();
        script.sends_to = sends_to.into_iter().collect();
        script.seen = self.seen.into_vec();
        script
    }
}

/// Who sent something to which hosts. A recorder may watch in one script and send by another of the same organisation.
#[derive(Default)]
struct Sent {
    by_script: BTreeMap<String, BTreeSet<Host>>,
    by_owner: BTreeMap<String, BTreeSet<Host>>,
    /// Those who sent on which key was pressed.
    keys_by_owner: BTreeSet<String>,
}

impl Sent {
    fn read(&mut self, reader: &Context<'_>, pass: &PassContext<'_>) {
        for event in &pass.recording.events {
            let Some(contact) = Meaning::contact(&event.kind) else { continue };
            let body = match contact.channel {
                ContactKind::Request { body, .. } => body,
                ContactKind::WebSocket | ContactKind::WebTransport => None,
            };
            let sends_something = match contact.channel {
                ContactKind::Request { method, .. } => {
                    method == "POST"
                        || matches!(contact.kind, "beacon" | "fetch")
                        || contact.kind == "image" && contact.url.contains('?')
                }
                ContactKind::WebSocket | ContactKind::WebTransport => true,
            };
            if !sends_something || contact.initiators.is_empty() {
                continue;
            }
            let Some(host) = site::host_of(contact.url) else { continue };
            let (script, _) = sender(reader, &pass.initiators, contact.initiators, "", &host);
            let owner = owner_of(reader, &site::host_of(&script).unwrap_or_default());
            let parameters = parameters(contact.url, body);
            if parameters.iter().any(|(_, value)| names_a_key(value)) {
                self.keys_by_owner.insert(owner.clone());
            }
            self.by_owner.entry(owner).or_default().insert(Host::new(&host));
            self.by_script.entry(script).or_default().insert(Host::new(&host));
        }
    }
}

/// Whether a value says which key was pressed (UI Events, `key` and `code` of a keyboard event), of those that write nothing.
fn names_a_key(value: &str) -> bool {
    const KEYS: &[&str] = &[
        "Shift",
        "ShiftLeft",
        "ShiftRight",
        "Control",
        "ControlLeft",
        "ControlRight",
        "CapsLock",
        "ArrowDown",
        "ArrowUp",
        "PageDown",
        "PageUp",
        "Escape",
        "ScrollLock",
        "NumLock",
        "AltLeft",
    ];
    let mut words = value.split(|it: char| !it.is_alphanumeric());
    value.len() <= 200 && words.any(|it| KEYS.contains(&it))
}

/// Who is behind a host: the organisation that runs it, if that is known and what is there is its own.
fn owner_of(reader: &Context<'_>, host: &str) -> String {
    let url = format!("https://{host}/");
    if reader.knowledge.is_library(&url) || reader.knowledge.is_hosting(host) {
        return host.to_owned();
    }
    let known = || reader.knowledge.host(host).organisation;
    let own = site::party(host, &reader.site) == Party::First;
    if own { None } else { known() }.unwrap_or_else(|| site::of_host(host))
}

fn read(reader: &Context<'_>, pass: &PassContext<'_>, scripts: &mut BTreeMap<String, Draft>) {
    let initiators = &pass.initiators;
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
            Call::Listens { event, on } => match event.as_str() {
                "keydown" | "keyup" | "keypress" => Technique::Keys,
                // Boxes and lists say that they changed to whoever draws them.
                "change" if !hears_all_fields(on) => continue,
                "input" | "beforeinput" | "change" | "paste" | "copy" => Technique::Fields,
                "scroll" => Technique::Scroll,
                _ => Technique::Pointer,
            },
            Call::Watching
            | Call::WatchingEnded
            | Call::Webgl(_)
            | Call::PageChanges { text: false }
            | Call::Other { .. } => continue,
        };
        let host = site::host_of(&script).unwrap_or_default();
        let owner = owner_of(reader, &host);
        let others = callers(reader, initiators, stack, &owner);
        let draft = scripts.entry(script.clone()).or_insert_with(|| Draft {
            seen: Sightings::default(),
            callers: BTreeSet::new(),
            script: ObservedScript {
                party: site::party(&host, &reader.site),
                recorder: reader.knowledge.records(&host),
                chain: initiators.by_script(stack, frame).chain,
                url: ScriptUrl::new(script.clone()),
                host: Host::new(&host),
                techniques: BTreeMap::new(),
                sends_to: Vec::new(),
                sends_along: Vec::new(),
                sends_through: Vec::new(),
                owner,
                keys_in_fields: false,
                sends_keys: false,
                seen: Vec::new(),
            },
        });
        draft.seen.add(pass, event.at, event.visit);
        draft.callers.extend(others);
        let known = &mut draft.script;
        if let Call::Listens { on, .. } = call {
            known.keys_in_fields |= technique == Technique::Keys && is_field(on);
        }
        known
            .techniques
            .entry(technique)
            .or_insert_with(|| TechniqueCall { line, detail: call.detail() });
    }
}

/// Whether a listener there hears of what is chosen in every field of a page, or of what is written in one.
fn hears_all_fields(on: &str) -> bool {
    matches!(on, "" | "window" | "document" | "body" | "html" | "form" | "textarea")
}

/// Whether an element is one that visitors write into.
fn is_field(on: &str) -> bool {
    matches!(on, "input" | "textarea" | "form")
}

/// Scripts of other owners that called the one that a call is owed to.
fn callers(
    reader: &Context<'_>,
    initiators: &Initiators<'_>,
    stack: &[CallFrame],
    owner: &str,
) -> BTreeSet<String> {
    let served = stack.iter().map(|call| initiators.served(&call.url));
    let scripts = served.filter(|it| it.starts_with("http") && !reader.knowledge.is_library(it));
    let others = scripts
        .filter(|it| site::host_of(it).is_some_and(|host| owner_of(reader, &host) != *owner));
    others.map(str::to_owned).collect()
}

/// The script that a call is owed to: the innermost that is no library's, or the innermost. Who puts a function of its
/// own in place of the browser's is called by everybody, and did not ask for anything.
pub(super) fn responsible(
    reader: &Context<'_>,
    initiators: &Initiators<'_>,
    stack: &[CallFrame],
    frame: &str,
) -> (String, u64) {
    let calls = served_calls(initiators, stack);
    let own: Vec<&Served<'_>> =
        calls.iter().filter(|it| !reader.knowledge.is_library(it.url)).collect();
    let mut rest = own.as_slice();
    while let [first, ..] = rest {
        let run = rest.iter().take_while(|it| it.url == first.url).count();
        if run == rest.len() || !is_wrapper(rest[run - 1].function) {
            break;
        }
        rest = &rest[run..];
    }
    let found = rest.first().copied().or(calls.first());
    found.map_or_else(|| (frame.to_owned(), 0), |it| (it.url.to_owned(), it.line))
}

/// The script that sent something to `host`: the innermost of the receiver's own, or else as of any call.
pub(super) fn sender(
    reader: &Context<'_>,
    initiators: &Initiators<'_>,
    stack: &[CallFrame],
    frame: &str,
    host: &str,
) -> (String, u64) {
    let receiver = owner_of(reader, host);
    let is_own = |it: &Served<'_>| {
        !reader.knowledge.is_library(it.url)
            && site::host_of(it.url).is_some_and(|host| owner_of(reader, &host) == receiver)
    };
    let calls = served_calls(initiators, stack);
    match calls.iter().find(|it| is_own(it)) {
        Some(own) => (own.url.to_owned(), own.line),
        None => responsible(reader, initiators, stack, frame),
    }
}

/// A call of a script that a server sent.
struct Served<'a> {
    url: &'a str,
    line: u64,
    function: &'a str,
}

fn served_calls<'a>(initiators: &'a Initiators<'_>, stack: &'a [CallFrame]) -> Vec<Served<'a>> {
    let calls = stack.iter().map(|call| Served {
        url: initiators.served(&call.url),
        line: call.line,
        function: &call.function,
    });
    calls.filter(|it| it.url.starts_with("http")).collect()
}

/// Whether a function has the name of one of the browser's by which others send or listen.
fn is_wrapper(function: &str) -> bool {
    let last = function.rsplit('.').next().unwrap_or_default();
    matches!(last, "fetch" | "sendBeacon" | "addEventListener")
        || matches!(function, "XMLHttpRequest.send" | "XMLHttpRequest.open")
}

/// Names of `getExtension` and numbers of `getParameter` (`WEBGL_debug_renderer_info`, Khronos registry).
fn speaks_of_hardware(detail: &str) -> bool {
    matches!(detail, "WEBGL_debug_renderer_info" | "37445" | "37446" | "7936" | "7937")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_above_the_fields_hears_all_of_them() {
        for on in ["", "window", "document", "body", "html", "form", "textarea"] {
            assert!(super::hears_all_fields(on), "{on}");
        }
        for on in ["input", "select", "div"] {
            assert!(!super::hears_all_fields(on), "{on}");
        }
        for (on, field) in
            [("input", true), ("textarea", true), ("form", true), ("document", false)]
        {
            assert_eq!(super::is_field(on), field, "{on}");
        }
    }

    #[test]
    fn what_stands_in_for_the_browsers_own_functions() {
        for (function, is) in [
            ("window.fetch", true),
            ("fetch", true),
            ("EventTarget.addEventListener", true),
            ("XMLHttpRequest.send", true),
            ("Queue.send", false),
            ("flush", false),
            ("", false),
        ] {
            assert_eq!(is_wrapper(function), is, "{function}");
        }
    }

    #[test]
    fn a_key_is_named_as_a_word_of_its_own() {
        for (value, is) in [
            ("Shift", true),
            ("Tab,Shift", true),
            ("ArrowDown 200", true),
            ("Shifts", false),
            ("Home", false),
            ("", false),
        ] {
            assert_eq!(names_a_key(value), is, "{value}");
        }
    }
}
