use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{Reader, around, mark_at_end, pass::Loaders, sight};
use crate::{
    classify::{Shape, Traits},
    model::{
        Classification, CookieKey, Lifetime, ObservedCookie, Party, SameSite, SetBy,
        SharedIdentifier, Sighting,
        set_cookie::{Origin, SetCookie},
        site,
    },
    recording::{CookieStatus, Event, EventKind, JarCookie, PassRecording},
};

/// What is known of a cookie so far.
struct Draft {
    set_by: SetBy,
    lifetime: Lifetime,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
    seen: Vec<Sighting>,
    attempts: Vec<Sighting>,
    blocked: Option<String>,
    value: Option<String>,
    shape: Option<Shape>,
}

/// A write of a cookie, by a response or a script, as far as its text tells.
struct Write<'a> {
    name: String,
    /// Domain without a leading dot.
    domain: String,
    host_only: bool,
    path: Option<String>,
    partitioned: bool,
    /// `None` if it ends with the session.
    seconds: Option<i64>,
    same_site: SameSite,
    secure: bool,
    http_only: bool,
    event: &'a Event,
}

/// Every cookie of every pass, in order of domain, name, path and partition.
pub(super) fn observed(reader: &Reader<'_>, shared: &[SharedIdentifier]) -> Vec<ObservedCookie> {
    let mut drafts: BTreeMap<CookieKey, Draft> = BTreeMap::new();
    for (pass, loaders) in &reader.passes {
        read_writes(reader, pass, loaders, &mut drafts);
        read_jars(reader, pass, loaders, &mut drafts);
    }
    let sent = sent_to(&reader.recording.passes);
    let shared: BTreeSet<&str> = shared.iter().map(|it| it.cookie.as_str()).collect();
    let mut cookies: Vec<ObservedCookie> = drafts
        .into_iter()
        .map(|(key, draft)| {
            let domain = written(&key);
            let hosts = sent.get(&(key.name.as_str(), domain.as_str(), key.path.as_str()));
            let sent_to: Vec<String> = hosts.into_iter().flatten().cloned().collect();
            let class = classify(reader, &key, &draft, &shared);
            // A cookie that was stored even once is no mere attempt.
            let (seen, blocked) = if draft.seen.is_empty() {
                (draft.attempts, draft.blocked)
            } else {
                (draft.seen, None)
            };
            ObservedCookie {
                party: site::party(&key.domain, &reader.site),
                class,
                set_by: draft.set_by,
                lifetime: draft.lifetime,
                secure: draft.secure,
                http_only: draft.http_only,
                same_site: draft.same_site,
                seen,
                sent_to,
                blocked,
                value: draft.value,
                key,
            }
        })
        .collect();
    cookies.sort_by(|a, b| order(&a.key).cmp(&order(&b.key)));
    cookies
}

fn order(key: &CookieKey) -> (&str, &str, &str, &Option<String>, bool) {
    (&key.domain, &key.name, &key.path, &key.partition, key.host_only)
}

/// The domain as jars write it.
fn written(key: &CookieKey) -> String {
    if key.host_only { key.domain.clone() } else { format!(".{}", key.domain) }
}

/// What a cookie is for; `shared` are those whose identifiers were sent to another site than their own.
fn classify(
    reader: &Reader<'_>,
    key: &CookieKey,
    draft: &Draft,
    shared: &BTreeSet<&str>,
) -> Classification {
    const LONG: i64 = 30 * 86_400;
    let set_by = &draft.set_by;
    let by = set_by.url.as_deref();
    let class = reader.knowledge.cookie(&key.name, &key.domain, by, &set_by.chain);
    let lasts = draft.lifetime.requested_seconds.or(draft.lifetime.seconds);
    let third_party = site::party(&key.domain, &reader.site) == Party::Third;
    let traits = Traits {
        host: &around::host(reader, &key.domain, set_by),
        third_party,
        long_lived: lasts.is_some_and(|it| it > LONG),
        sent_elsewhere: shared.contains(format!("{}@{}", key.name, written(key)).as_str()),
        loaded_by_tracker: around::loaded_by_tracker(reader, set_by),
        only_after_agreeing: around::only_after_agreeing(reader, &draft.seen),
        shape: draft.shape,
    };
    reader.or_notice(class, &key.name, traits)
}

fn read_writes(
    reader: &Reader<'_>,
    pass: &PassRecording,
    loaders: &Loaders<'_>,
    drafts: &mut BTreeMap<CookieKey, Draft>,
) {
    for event in &pass.events {
        let (write, set_by, refused) = match &event.kind {
            EventKind::SetCookie { url, header, status, .. } => {
                let refused = match status {
                    CookieStatus::Stored => None,
                    CookieStatus::Blocked(reasons) => Some(reasons.join(", ")),
                };
                (read(reader, header, url, event), loaders.by_response(url), refused)
            }
            EventKind::ScriptCookie { api, frame, header, stuck, stack } => {
                if api == "cookieStore.delete" {
                    continue;
                }
                let refused = (!stuck).then(|| "the browser did not keep it".to_owned());
                (read(reader, header, frame, event), loaders.by_script(stack, frame), refused)
            }
            _ => continue,
        };
        let Some(write) = write else { continue };
        // A lifetime that is over when it begins is how a cookie is removed.
        if write.seconds.is_some_and(|seconds| seconds <= 0) {
            continue;
        }
        let held = held(pass, &write);
        let is_script = matches!(event.kind, EventKind::ScriptCookie { .. });
        // Scripts try one domain after the other, up to those that everyone shares; only what the
        // browser could have kept under this very name and domain is a cookie.
        if held.is_none() && is_script && !write.host_only && site::is_public_suffix(&write.domain)
        {
            continue;
        }
        // Read back under another path the first look can miss what the jar has.
        let refused = if is_script && held.is_some() { None } else { refused };
        let key = key_of(reader, &write, held);
        let draft = drafts.entry(key).or_insert_with(|| Draft {
            set_by: set_by.clone(),
            lifetime: Lifetime {
                session: write.seconds.is_none(),
                seconds: held.map_or(write.seconds, |it| it.expires_in).map(rounded),
                requested_seconds: write.seconds.map(rounded),
            },
            secure: write.secure || held.is_some_and(|it| it.secure),
            http_only: write.http_only,
            same_site: write.same_site,
            seen: Vec::new(),
            attempts: Vec::new(),
            blocked: None,
            value: None,
            shape: None,
        });
        match refused {
            None => {
                if draft.seen.is_empty() {
                    draft.set_by = set_by;
                }
                sight(&mut draft.seen, pass, event.at, event.visit);
            }
            Some(why) => {
                draft.blocked.get_or_insert(why);
                sight(&mut draft.attempts, pass, event.at, event.visit);
            }
        }
    }
}

/// Cookies that are in the jar although nobody was seen writing them, and which are there at the end.
fn read_jars(
    reader: &Reader<'_>,
    pass: &PassRecording,
    loaders: &Loaders<'_>,
    drafts: &mut BTreeMap<CookieKey, Draft>,
) {
    for checkpoint in &pass.checkpoints {
        for held in &checkpoint.jar {
            let draft = drafts.entry(jar_key(held)).or_insert_with(|| Draft {
                set_by: by_elimination(pass, loaders, held),
                lifetime: Lifetime {
                    session: held.expires_in.is_none(),
                    seconds: held.expires_in.map(rounded),
                    requested_seconds: None,
                },
                secure: held.secure,
                http_only: held.http_only,
                same_site: same_site(held.same_site.as_deref()),
                seen: Vec::new(),
                attempts: Vec::new(),
                blocked: None,
                value: None,
                shape: None,
            });
            draft.shape = draft.shape.or_else(|| {
                let length = around::length(reader, &held.value)?;
                Shape::of(length, Some(!held.parts.is_empty()))
            });
            if reader.recording.vantage.values_kept {
                draft.value.get_or_insert_with(|| held.value.clone());
            }
            if draft.seen.iter().all(|it| it.pass != pass.pass) {
                sight(&mut draft.seen, pass, checkpoint.at, checkpoint.visit);
            }
        }
    }
    for held in pass.checkpoints.last().iter().flat_map(|last| &last.jar) {
        if let Some(draft) = drafts.get_mut(&jar_key(held)) {
            mark_at_end(&mut draft.seen, pass.pass);
        }
    }
}

/// Who must have written a cookie that nobody was seen writing: the browser does not tell what the handshake of
/// a WebSocket, or an answer to a shared worker, sets. A host that was asked for something, and of which no
/// script could run because no document came from it, can only have done it by its answer.
fn by_elimination(pass: &PassRecording, loaders: &Loaders<'_>, held: &JarCookie) -> SetBy {
    if held.domain.starts_with('.') {
        return SetBy::unknown();
    }
    let mut answered = None;
    for event in &pass.events {
        let (url, kind) = match &event.kind {
            EventKind::Request { url, kind, .. } => (url, &**kind),
            EventKind::WebSocket { url, .. } => (url, "websocket"),
            _ => continue,
        };
        if site::host_of(url).as_deref() != Some(held.domain.as_str()) {
            continue;
        }
        if kind == "document" {
            return SetBy::unknown();
        }
        answered.get_or_insert(url);
    }
    answered.map_or_else(SetBy::unknown, |url| loaders.by_response(url))
}

/// Hosts that each cookie, by name, domain as jars write it, and path, was sent to.
fn sent_to(passes: &[PassRecording]) -> BTreeMap<(&str, &str, &str), BTreeSet<String>> {
    let mut sent: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for event in passes.iter().flat_map(|pass: &PassRecording| &pass.events) {
        if let EventKind::RequestCookies { host, sent: cookies, .. } = &event.kind {
            for cookie in cookies {
                let key = (cookie.name.as_str(), cookie.domain.as_str(), cookie.path.as_str());
                sent.entry(key).or_default().insert(host.to_string());
            }
        }
    }
    sent
}

/// The cookie in a later jar that this write put there.
fn held<'a>(pass: &'a PassRecording, write: &Write<'_>) -> Option<&'a JarCookie> {
    pass.checkpoints.iter().filter(|it| it.at >= write.event.at).find_map(|checkpoint| {
        checkpoint.jar.iter().find(|held| {
            let key = jar_key(held);
            key.name == write.name
                && key.domain == write.domain
                && key.host_only == write.host_only
                && write.path.as_ref().is_none_or(|path| *path == key.path)
                && (key.partition.is_some() == write.partitioned)
        })
    })
}

fn key_of(reader: &Reader<'_>, write: &Write<'_>, held: Option<&JarCookie>) -> CookieKey {
    if let Some(held) = held {
        return jar_key(held);
    }
    let from = match &write.event.kind {
        EventKind::SetCookie { url, .. } => url.as_str(),
        EventKind::ScriptCookie { frame, .. } => frame.as_str(),
        _ => "",
    };
    let partition = match &write.event.kind {
        EventKind::SetCookie { partition: Some(partition), .. } => partition.clone(),
        _ => format!("https://{}", reader.site),
    };
    CookieKey {
        name: write.name.clone(),
        domain: write.domain.clone(),
        path: write.path.clone().unwrap_or_else(|| default_path(from)),
        partition: write.partitioned.then_some(partition),
        host_only: write.host_only,
    }
}

fn jar_key(held: &JarCookie) -> CookieKey {
    CookieKey {
        name: held.name.clone(),
        domain: held.domain.trim_start_matches('.').to_ascii_lowercase(),
        path: held.path.clone(),
        partition: held.partition.clone(),
        host_only: !held.domain.starts_with('.'),
    }
}

fn read<'a>(reader: &Reader<'_>, header: &str, from: &str, event: &'a Event) -> Option<Write<'a>> {
    let by_script = matches!(event.kind, EventKind::ScriptCookie { .. });
    let origin = Origin::new(from, by_script)?;
    let cookie = if by_script { SetCookie::parse(header) } else { SetCookie::from_header(header) };
    // What the browser refused was an attempt all the same, for the domain that it asked for.
    let (domain, host_only) = match (cookie.scope(&origin), cookie.asked_domain()) {
        (Ok(scope), _) => (scope.domain, scope.host_only),
        (Err(_), Some(domain)) => (domain, false),
        (Err(_), None) => (site::host_of(from)?, true),
    };
    Some(Write {
        domain,
        host_only,
        path: cookie.asked_path().map(str::to_owned),
        partitioned: cookie.partitioned,
        seconds: cookie.lifetime(written_at(reader, event)?),
        same_site: cookie.same_site,
        secure: cookie.secure,
        http_only: cookie.http_only,
        name: cookie.name,
        event,
    })
}

/// When an event happened, in seconds since 1970; passes begin a moment after the scan does.
fn written_at(reader: &Reader<'_>, event: &Event) -> Option<i64> {
    let started: jiff::Timestamp = reader.recording.started.parse().ok()?;
    Some(started.as_second() + i64::try_from(event.at / 1000).ok()?)
}

/// Longer times are given to the minute: how long the answer took to arrive is no part of them.
const fn rounded(seconds: i64) -> i64 {
    if seconds < 3600 { seconds } else { seconds.saturating_add(30) / 60 * 60 }
}

fn same_site(text: Option<&str>) -> SameSite {
    match text {
        Some("Strict") => SameSite::Strict,
        Some("Lax") => SameSite::Lax,
        Some("None") => SameSite::None,
        _ => SameSite::Unset,
    }
}

/// RFC 6265 section 5.1.4.
fn default_path(url: &str) -> String {
    let path = Url::parse(url).map(|url| url.path().to_owned()).unwrap_or_default();
    match path.rfind('/') {
        Some(0) | None => "/".to_owned(),
        Some(end) => path[..end].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A site may ask for as long as it likes.
    #[test]
    fn no_length_is_too_long() {
        assert_eq!(rounded(3629), 3600);
        assert_eq!(rounded(i64::MAX), i64::MAX / 60 * 60);
    }

    #[test]
    fn the_default_path_is_that_of_the_folder() {
        for (url, path) in [
            ("https://a.test/", "/"),
            ("https://a.test/x", "/"),
            ("https://a.test/x/y", "/x"),
            ("not an address", "/"),
        ] {
            assert_eq!(default_path(url), path, "{url}");
        }
    }
}
