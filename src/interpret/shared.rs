use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{Reader, behaviour::responsible, cookies, pass::Loaders, sight};
use crate::{
    model::{Channel, CodePlace, CookieKey, Host, ScriptUrl, SharedIdentifier, site},
    recording::{EventKind, JarCookie, PassRecording},
};

/// Every identifier of a cookie that was sent to another site, in order of cookie and host.
pub(super) fn observed(reader: &Reader<'_>) -> Vec<SharedIdentifier> {
    let mut shared: BTreeMap<(CookieKey, String), SharedIdentifier> = BTreeMap::new();
    for (pass, loaders) in &reader.passes {
        read(reader, pass, loaders, &mut shared);
    }
    shared.into_values().collect()
}

fn read(
    reader: &Reader<'_>,
    pass: &PassRecording,
    loaders: &Loaders<'_>,
    shared: &mut BTreeMap<(CookieKey, String), SharedIdentifier>,
) {
    let held = held(pass);
    if held.is_empty() {
        return;
    }
    for event in &pass.events {
        let EventKind::Request { url, initiators, body, document, .. } = &event.kind else {
            continue;
        };
        let Some(host) = site::host_of(url) else { continue };
        let to = site::of_host(&host);
        for (channel, value) in parameters(url, body.as_deref()) {
            let Some(cookies) = held.get(value.as_str()) else { continue };
            for cookie in cookies {
                let domain = cookie.domain.trim_start_matches('.');
                if site::of_host(domain) == to {
                    continue;
                }
                let script = (!initiators.is_empty())
                    .then(|| responsible(reader, loaders, initiators, document))
                    .map(|(script, line)| CodePlace {
                        script: ScriptUrl::new(script),
                        line: Some(line),
                    });
                let key = cookies::jar_key(cookie);
                let known =
                    shared.entry((key.clone(), host.clone())).or_insert_with(|| SharedIdentifier {
                        cookie: key,
                        host: Host::new(&host),
                        channel: channel.clone(),
                        example: url.to_string(),
                        script,
                        seen: Vec::new(),
                    });
                sight(&mut known.seen, pass, event.at, event.visit);
            }
        }
    }
}

/// The cookies of a pass by what could identify a browser in them.
fn held(pass: &PassRecording) -> BTreeMap<&str, Vec<&JarCookie>> {
    let mut held: BTreeMap<&str, Vec<&JarCookie>> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for cookie in pass.checkpoints.iter().flat_map(|it| &it.jar) {
        for part in &cookie.parts {
            if known.insert((part, cookies::jar_key(cookie))) {
                held.entry(part).or_default().push(cookie);
            }
        }
    }
    held
}

/// Names and values of a query, and of what was sent along.
pub(super) fn parameters(url: &str, body: Option<&str>) -> Vec<(Channel, String)> {
    let mut found = Vec::new();
    if let Ok(url) = Url::parse(url) {
        let pairs = url.query_pairs().into_owned();
        found.extend(pairs.map(|(name, value)| (Channel::Query(name), value)));
    }
    let pairs = url::form_urlencoded::parse(body.unwrap_or_default().as_bytes()).into_owned();
    found.extend(pairs.map(|(name, value)| (Channel::Body(name), value)));
    found
}
