use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{
    classifier_traits,
    context::{Context, by_behaviour},
    disguise,
    events::Meaning,
    jar_keys::jar_key,
    payments, random_names, receivers,
    sightings::{PassContext, Sightings},
};
use crate::{
    classify::{Shape, Traits},
    model::{
        Classification, CookieKey, Lifetime, ObservedCookie, Party, Pass, SameSite, SetBy,
        SharedIdentifier,
        set_cookie::{Origin, Refusal, SetCookie},
        site,
    },
    recording::{CookieApi, CookieStatus, JarCookie, PassRecording},
};

/// What a script removes within so many milliseconds was written to see whether that works; what is there for longer was
/// kept, and read or sent, however it went.
const PROBED: u64 = 1000;

/// What is known of a cookie so far.
struct Draft {
    set_by: SetBy,
    lifetime: Lifetime,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
    seen: Sightings,
    attempts: Sightings,
    blocked: Option<String>,
    value: Option<String>,
    shape: Option<Shape>,
    /// The script that wrote it and did not remove it yet, and when.
    written_by: Option<(String, u64)>,
    /// Whether it was more than a probe.
    stayed: bool,
}

/// A write of a cookie, by a response or a script, as far as its text says.
struct Write {
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
    /// Address of the response or frame.
    from: String,
    /// The partition that the browser names.
    partition: Option<String>,
    /// When it was made.
    at: u64,
    /// Why browsers refuse it, as far as its text says.
    refusal: Option<Refusal>,
}

/// Every cookie of every pass, in order of domain, name, path and partition.
pub(super) fn observed(reader: &Context<'_>, shared: &[SharedIdentifier]) -> Vec<ObservedCookie> {
    let mut drafts: BTreeMap<CookieKey, Draft> = BTreeMap::new();
    for pass in &reader.passes {
        read_writes(reader, pass, &mut drafts);
        read_jars(reader, pass, &mut drafts);
    }
    let sent = sent_to(&reader.recording.passes);
    let (drafts, names) = merged(drafts);
    let followed = shared.iter().filter(|it| receivers::is_receiver(reader, &it.host));
    let followed: BTreeSet<&CookieKey> = followed.map(|it| &it.cookie).collect();
    let shared: BTreeSet<&CookieKey> = shared.iter().map(|it| &it.cookie).collect();
    let mut cookies: Vec<ObservedCookie> = drafts
        .into_iter()
        .map(|(key, draft)| {
            let domain = written(&key);
            let own = [key.name.clone()];
            let names = names.get(&key).map_or(&own[..], Vec::as_slice);
            let hosts = names
                .iter()
                .filter_map(|name| sent.get(&(name.as_str(), domain.as_str(), key.path.as_str())));
            let sent_to: BTreeSet<String> = hosts.flatten().cloned().collect();
            let sent_to: Vec<String> = sent_to.into_iter().collect();
            let class = classify(reader, &key, &draft, (&shared, &followed));
            let probe = !draft.stayed && !shared.contains(&key);
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
                seen: seen.into_vec(),
                sent_to,
                blocked,
                probe,
                value: draft.value,
                key,
            }
        })
        .collect();
    cookies.sort_by(|a, b| order(&a.key).cmp(&order(&b.key)));
    cookies
}

/// The same with cookies that differ in a random part of their names as one, under a pattern; and the names of these.
fn merged(
    drafts: BTreeMap<CookieKey, Draft>,
) -> (BTreeMap<CookieKey, Draft>, BTreeMap<CookieKey, Vec<String>>) {
    let nameless = |key: &CookieKey| CookieKey { name: String::new(), ..key.clone() };
    let mut places: BTreeMap<CookieKey, Vec<(&str, BTreeSet<Pass>)>> = BTreeMap::new();
    for (key, draft) in &drafts {
        let mut passes = draft.seen.passes();
        passes.extend(draft.attempts.passes());
        places.entry(nameless(key)).or_default().push((&key.name, passes));
    }
    let mut patterns: BTreeMap<CookieKey, String> = BTreeMap::new();
    for (place, names) in places {
        for (name, pattern) in random_names::patterns(names) {
            patterns.insert(CookieKey { name: name.to_owned(), ..place.clone() }, pattern);
        }
    }
    let mut merged: BTreeMap<CookieKey, Draft> = BTreeMap::new();
    let mut all: BTreeMap<CookieKey, Vec<String>> = BTreeMap::new();
    for (mut key, draft) in drafts {
        if let Some(pattern) = patterns.remove(&key) {
            let name = std::mem::replace(&mut key.name, pattern);
            all.entry(key.clone()).or_default().push(name);
        }
        match merged.get_mut(&key) {
            None => {
                merged.insert(key, draft);
            }
            Some(known) => {
                known.stayed |= draft.stayed;
                known.seen.absorb(draft.seen);
                known.attempts.absorb(draft.attempts);
                known.secure &= draft.secure;
                known.http_only &= draft.http_only;
            }
        }
    }
    (merged, all)
}

fn order(key: &CookieKey) -> (&str, &str, &str, &Option<String>, bool) {
    (&key.domain, &key.name, &key.path, &key.partition, key.host_only)
}

/// The domain as jars write it.
fn written(key: &CookieKey) -> String {
    if key.host_only { key.domain.clone() } else { format!(".{}", key.domain) }
}

/// What a cookie is for; `shared` are those whose identifiers were sent to another site than their own, and `followed`
/// those of them that somebody received who may follow visitors by them.
fn classify(
    reader: &Context<'_>,
    key: &CookieKey,
    draft: &Draft,
    (shared, followed): (&BTreeSet<&CookieKey>, &BTreeSet<&CookieKey>),
) -> Classification {
    const LONG: i64 = 30 * 86_400;
    let set_by = &draft.set_by;
    let by = set_by.url.as_deref();
    let class = reader.knowledge.cookie(&key.name, &key.domain, by, &set_by.chain);
    let lasts = draft.lifetime.requested_seconds.or(draft.lifetime.seconds);
    let long_lived = lasts.is_some_and(|it| it > LONG);
    let traits = (long_lived, followed.contains(key));
    let found = || reader.tracking.cookie(key);
    let doubt = disguise::doubt(reader, key, (&class, set_by), traits)
        .or_else(|| payments::doubt(reader, (&key.name, &key.domain), &class));
    if let Some(doubt) = doubt {
        return match found() {
            Some(mut found) => {
                found.basis.entry = format!("{}; {}", doubt.basis.entry, found.basis.entry);
                found
            }
            None => doubt,
        };
    }
    // What is sent to another site than its own is more than a record.
    if class.is_open()
        && !shared.contains(key)
        && let Some(record) = reader.record.cookie(key)
    {
        return record;
    }
    let third_party = site::party(&key.domain, &reader.site) == Party::Third;
    let traits = Traits {
        host: &classifier_traits::host(reader, &key.domain, set_by),
        third_party,
        long_lived,
        sent_elsewhere: shared.contains(key),
        loaded_by_tracker: classifier_traits::loaded_by_tracker(reader, set_by),
        only_after_agreeing: classifier_traits::only_after_agreeing(reader, draft.seen.as_slice()),
        shape: draft.shape,
    };
    let is_record = reader.record.is_candidate(key) && !shared.contains(key);
    let other = reader.or_notice(class.clone(), &key.name, (!is_record).then_some(traits));
    by_behaviour(found(), (&class, &other)).unwrap_or(other)
}

fn read_writes(
    reader: &Context<'_>,
    pass: &PassContext<'_>,
    drafts: &mut BTreeMap<CookieKey, Draft>,
) {
    for event in &pass.recording.events {
        let meaning = Meaning::new(&event.kind);
        let is_script = matches!(meaning, Meaning::ScriptCookie { .. });
        let (write, set_by, refused) = match meaning {
            Meaning::SetCookie { url, header, partition, status } => {
                let refused = match status {
                    CookieStatus::Stored => None,
                    CookieStatus::Blocked(reasons) => Some(reasons.join(", ")),
                };
                let write = read(reader, pass.recording, header, false, (url, partition), event.at);
                (write, pass.initiators.by_response(url), refused)
            }
            Meaning::ScriptCookie { api, frame, header, stuck, stack } => {
                let is_removal = *api == CookieApi::StoreDelete;
                let refused = (!stuck).then(|| "the browser did not keep it".to_owned());
                let mut write = read(reader, pass.recording, header, true, (frame, None), event.at);
                if let Some(write) = write.as_mut().filter(|_| is_removal) {
                    write.seconds = Some(0);
                }
                (write, pass.initiators.by_script(stack, frame), refused)
            }
            _ => continue,
        };
        let Some(write) = write else { continue };
        // A lifetime that is over when it begins is how a cookie is removed.
        if write.seconds.is_some_and(|seconds| seconds <= 0) {
            if is_script && set_by.url.is_some() {
                let known = drafts_of(drafts, &write.name, &write.domain, write.host_only);
                for (_, draft) in known {
                    let by_it = |(by, _): &mut (String, u64)| set_by.url.as_ref() == Some(by);
                    if let Some((_, at)) = draft.written_by.take_if(by_it) {
                        draft.stayed |= event.at.saturating_sub(at) > PROBED;
                    }
                }
            }
            continue;
        }
        let held = written_cookie(pass, &write);
        // Scripts try one domain after the other, up to those that everyone shares; only what the
        // browser could have kept under this very name and domain is a cookie.
        if held.is_none() && is_script && !write.host_only && site::is_public_suffix(&write.domain)
        {
            continue;
        }
        // Read back under another path the first look can miss what the jar has.
        let refused = if is_script && held.is_some() { None } else { refused };
        // The browser does not report every refusal.
        let refused = match write.refusal {
            Some(why) if held.is_none() => refused.or_else(|| Some(why.to_string())),
            _ => refused,
        };
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
            seen: Sightings::default(),
            attempts: Sightings::default(),
            blocked: None,
            value: None,
            shape: None,
            written_by: None,
            stayed: false,
        });
        draft.stayed |= !is_script;
        let by = set_by.url.clone().unwrap_or_default();
        draft.written_by = match draft.written_by.take() {
            Some((known, at)) if known == by => Some((known, at)),
            _ => Some((by, event.at)),
        };
        match refused {
            None => {
                if draft.seen.is_empty() {
                    draft.set_by = set_by;
                }
                draft.seen.add(pass, event.at, event.visit);
            }
            Some(why) => {
                draft.blocked.get_or_insert(why);
                draft.attempts.add(pass, event.at, event.visit);
            }
        }
    }
    for draft in drafts.values_mut() {
        draft.stayed |= draft.written_by.take().is_some();
    }
}

/// Those of a name and domain, whatever their path.
fn drafts_of<'a>(
    drafts: &'a mut BTreeMap<CookieKey, Draft>,
    name: &'a str,
    domain: &'a str,
    host_only: bool,
) -> impl Iterator<Item = (&'a CookieKey, &'a mut Draft)> {
    let first = CookieKey {
        name: name.to_owned(),
        domain: domain.to_owned(),
        path: String::new(),
        partition: None,
        host_only: false,
    };
    let known = drafts.range_mut(first..);
    let known = known.take_while(move |(key, _)| key.name == name && key.domain == domain);
    known.filter(move |(key, _)| key.host_only == host_only)
}

/// Cookies that requests carried, which says that they were still there.
fn read_sent(
    reader: &Context<'_>,
    pass: &PassContext<'_>,
    drafts: &mut BTreeMap<CookieKey, Draft>,
) {
    for event in &pass.recording.events {
        let Meaning::CookiesSent { host, cookies } = Meaning::new(&event.kind) else { continue };
        let own = site::party(host, &reader.site) == Party::First;
        for cookie in cookies {
            let domain = cookie.domain.trim_start_matches('.').to_ascii_lowercase();
            let host_only = !cookie.domain.starts_with('.');
            for (key, draft) in drafts_of(drafts, &cookie.name, &domain, host_only) {
                if key.path == cookie.path {
                    draft.stayed = true;
                    draft.seen.add_sent(pass, event.at, event.visit, own);
                }
            }
        }
    }
}

/// Cookies that are in the jar although nobody was seen writing them, and which are there at the end.
fn read_jars(
    reader: &Context<'_>,
    pass: &PassContext<'_>,
    drafts: &mut BTreeMap<CookieKey, Draft>,
) {
    for checkpoint in &pass.recording.checkpoints {
        for held in &checkpoint.jar {
            let draft = drafts.entry(jar_key(held)).or_insert_with(|| Draft {
                set_by: by_elimination(pass, held),
                lifetime: Lifetime {
                    session: held.expires_in.is_none(),
                    seconds: held.expires_in.map(rounded),
                    requested_seconds: None,
                },
                secure: held.secure,
                http_only: held.http_only,
                same_site: same_site(held.same_site.as_deref()),
                seen: Sightings::default(),
                attempts: Sightings::default(),
                blocked: None,
                value: None,
                shape: None,
                written_by: None,
                stayed: true,
            });
            draft.stayed = true;
            draft.shape = draft.shape.or_else(|| {
                let length = classifier_traits::length(reader, &held.value)?;
                Shape::of(length, Some(!held.parts.is_empty()))
            });
            if reader.recording.vantage.values_kept {
                draft.value.get_or_insert_with(|| held.value.clone());
            }
            draft.seen.add_held(pass, checkpoint.at, checkpoint.visit);
        }
    }
    read_sent(reader, pass, drafts);
    for held in pass.recording.checkpoints.last().iter().flat_map(|last| &last.jar) {
        if let Some(draft) = drafts.get_mut(&jar_key(held)) {
            draft.seen.mark_at_end(pass.recording.pass);
        }
    }
}

/// Who must have written a cookie that nobody was seen writing: the browser does not tell what the handshake of
/// a WebSocket, or an answer to a shared worker, sets. A host that was contacted, and whose
/// scripts could not run because no document came from it, can only have done it by its answer.
fn by_elimination(pass: &PassContext<'_>, held: &JarCookie) -> SetBy {
    let host = Some(held.domain.as_str()).filter(|it| !it.starts_with('.'));
    let answer = host.and_then(|it| pass.only_answer(it));
    answer.map_or_else(SetBy::unknown, |url| pass.initiators.by_response(url))
}

/// Hosts that each cookie, by name, domain as jars write it, and path, was sent to.
fn sent_to(passes: &[PassRecording]) -> BTreeMap<(&str, &str, &str), BTreeSet<String>> {
    let mut sent: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for event in passes.iter().flat_map(|pass: &PassRecording| &pass.events) {
        if let Meaning::CookiesSent { host, cookies } = Meaning::new(&event.kind) {
            for cookie in cookies {
                let key = (cookie.name.as_str(), cookie.domain.as_str(), cookie.path.as_str());
                sent.entry(key).or_default().insert(host.to_string());
            }
        }
    }
    sent
}

/// The cookie in a later jar that this write put there.
fn written_cookie<'a>(pass: &PassContext<'a>, write: &Write) -> Option<&'a JarCookie> {
    let domain = if write.host_only { write.domain.clone() } else { format!(".{}", write.domain) };
    pass.jar_after(write.at, &write.name, &domain, |held| {
        write.path.as_ref().is_none_or(|path| *path == held.path)
            && held.partition.is_some() == write.partitioned
    })
}

fn key_of(reader: &Context<'_>, write: &Write, held: Option<&JarCookie>) -> CookieKey {
    if let Some(held) = held {
        return jar_key(held);
    }
    let partition =
        || write.partition.clone().unwrap_or_else(|| format!("https://{}", reader.site));
    CookieKey {
        name: write.name.clone(),
        domain: write.domain.clone(),
        path: write.path.clone().unwrap_or_else(|| default_path(&write.from)),
        partition: write.partitioned.then(partition),
        host_only: write.host_only,
    }
}

fn read(
    reader: &Context<'_>,
    pass: &PassRecording,
    header: &str,
    by_script: bool,
    (from, partition): (&str, Option<&str>),
    at: u64,
) -> Option<Write> {
    let origin = Origin::new(from, by_script)?;
    let cookie = if by_script { SetCookie::parse(header) } else { SetCookie::from_header(header) };
    // What the browser refused was an attempt all the same, for the domain that it asked for.
    let scope = cookie.scope(&origin);
    let refusal = scope.as_ref().err().copied();
    let (domain, host_only) = match (scope, cookie.asked_domain()) {
        (Ok(scope), _) => (scope.domain, scope.host_only),
        (Err(_), Some(domain)) => (domain, false),
        (Err(_), None) => (site::host_of(from)?, true),
    };
    Some(Write {
        domain,
        host_only,
        path: cookie.asked_path().map(str::to_owned),
        partitioned: cookie.partitioned,
        seconds: cookie.lifetime(written_at(reader, pass, at)?),
        same_site: cookie.same_site,
        secure: cookie.secure,
        http_only: cookie.http_only,
        name: cookie.name,
        from: from.to_owned(),
        refusal,
        partition: partition.map(str::to_owned),
        at,
    })
}

/// When an event happened, in seconds since 1970. Recordings of older versions do not say when a pass began; it was
/// after the scan did.
fn written_at(reader: &Context<'_>, pass: &PassRecording, at: u64) -> Option<i64> {
    let started = pass.started.as_ref().unwrap_or(&reader.recording.started);
    let started: jiff::Timestamp = started.parse().ok()?;
    let at = started.as_millisecond().saturating_add(i64::try_from(at).ok()?);
    Some(at.saturating_add(500).div_euclid(1000))
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
