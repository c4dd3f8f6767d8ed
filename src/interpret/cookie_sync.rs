use std::collections::{BTreeMap, BTreeSet};

use super::{
    context::Context,
    disclosures,
    events::{ContactKind, Meaning},
    jar_keys,
    parameters::parameters,
    sightings::{PassContext, Sightings},
};
use crate::{
    model::{CookieKey, Host, SharedIdentifier, site},
    recording::{JarCookie, PassRecording},
};

/// Every identifier of a cookie that was sent to another site, in order of cookie and host.
pub(super) fn observed(reader: &Context<'_>) -> Vec<SharedIdentifier> {
    let mut shared: BTreeMap<(CookieKey, String), Draft> = BTreeMap::new();
    for pass in &reader.passes {
        read(reader, pass, &mut shared);
    }
    shared
        .into_values()
        .map(|it| SharedIdentifier { seen: it.seen.into_vec(), ..it.shared })
        .collect()
}

/// What is known of a shared identifier so far.
struct Draft {
    shared: SharedIdentifier,
    seen: Sightings,
}

fn read(
    reader: &Context<'_>,
    pass: &PassContext<'_>,
    shared: &mut BTreeMap<(CookieKey, String), Draft>,
) {
    let held = cookies_by_identifier(reader, pass.recording);
    if held.is_empty() {
        return;
    }
    for event in &pass.recording.events {
        let Some(contact) = Meaning::contact(&event.kind) else { continue };
        let body = match contact.channel {
            ContactKind::Request { body, .. } => body,
            ContactKind::WebSocket | ContactKind::WebTransport => None,
        };
        let Some(host) = site::host_of(contact.url) else { continue };
        let to = site::of_host(&host);
        for (channel, value) in parameters(contact.url, body) {
            let Some(cookies) = held.get(value.as_str()) else { continue };
            for cookie in cookies {
                let key = jar_keys::jar_key(cookie);
                if site::of_host(&key.domain) == to {
                    continue;
                }
                let draft = shared.entry((key.clone(), host.clone())).or_insert_with(|| Draft {
                    shared: SharedIdentifier {
                        cookie: key,
                        host: Host::new(&host),
                        channel: channel.clone(),
                        example: contact.url.to_owned(),
                        script: disclosures::script(reader, &pass.initiators, &contact),
                        seen: Vec::new(),
                    },
                    seen: Sightings::default(),
                });
                draft.seen.add(pass, event.at, event.visit);
            }
        }
    }
}

/// The cookies of a pass by what could identify a browser in them. What several visitors were given is the number of an
/// account or of a version, unless the cookie is known to follow visitors: two of our visitors share a browser.
fn cookies_by_identifier<'a>(
    reader: &Context<'_>,
    pass: &'a PassRecording,
) -> BTreeMap<&'a str, Vec<&'a JarCookie>> {
    let mut held: BTreeMap<&str, Vec<&JarCookie>> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for cookie in pass.checkpoints.iter().flat_map(|it| &it.jar) {
        let follows =
            || reader.knowledge.cookie(&cookie.name, &cookie.domain, None, &[]).category.tracks();
        for part in &cookie.parts {
            if reader.identifiers.is_common(part) && !follows() {
                continue;
            }
            if known.insert((part, jar_keys::jar_key(cookie))) {
                held.entry(part).or_default().push(cookie);
            }
        }
    }
    held
}
