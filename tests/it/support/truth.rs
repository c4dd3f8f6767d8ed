//! Holds a recording against what the site's server was asked for, both ways: nothing that the server saw
//! may be missing, and nothing may be recorded that it never saw.

use std::collections::{BTreeMap, BTreeSet};

use crumbcheck::{
    demo::Hit,
    recording::{Event, EventKind, Recording},
};
use url::Url;

/// Host, path and method of a request.
type Key = (String, String, String);

/// How often something was asked for, at least and at most: of a request that failed nobody knows
/// whether it was sent before it did.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    least: usize,
    most: usize,
}

/// Everything on which the two do not agree.
pub(crate) fn differences(
    recording: &Recording,
    hits: &[Hit],
    browsers_own: &[&str],
) -> Vec<String> {
    let mut recorded = recorded(recording);
    let mut seen: BTreeMap<Key, usize> = BTreeMap::new();
    for hit in hits {
        let key = (hit.host.clone(), hit.path.clone(), hit.method.clone());
        // Known by what they are, and not by their name alone: no page asked for them.
        let anonymous = hit.referer.is_empty() && hit.cookie.is_empty();
        if browsers_own.contains(&hit.host.as_str()) && anonymous && !recorded.contains_key(&key) {
            continue;
        }
        // The browser looks by itself whether a worker's script has changed. That it belongs to a worker
        // has to be in the recording.
        if hit.service_worker
            && let Some(count) = recorded.get_mut(&key)
        {
            count.most += 1;
        }
        *seen.entry(key).or_default() += 1;
    }
    let mut wrong = Vec::new();
    let keys: BTreeSet<&Key> = recorded.keys().chain(seen.keys()).collect();
    for key in keys {
        let count = recorded.get(key).copied().unwrap_or_default();
        let seen = seen.get(key).copied().unwrap_or_default();
        let (host, path, method) = key;
        if seen > count.most {
            let most = count.most;
            wrong
                .push(format!("{method} {host}{path}: the server saw {seen}, recorded are {most}"));
        }
        if seen < count.least {
            let least = count.least;
            wrong.push(format!("{method} {host}{path}: the server saw {seen}, answered {least}"));
        }
    }
    wrong
}

fn recorded(recording: &Recording) -> BTreeMap<Key, Count> {
    let mut recorded = BTreeMap::new();
    for pass in &recording.passes {
        add(&mut recorded, &pass.events);
        add(&mut recorded, &pass.second_look_events);
    }
    for fetch in &recording.fetches {
        if let Some(key) = key(&fetch.url, "GET") {
            let count = recorded.entry(key).or_default();
            count.most += 1;
            count.least += usize::from(fetch.status.is_some());
        }
    }
    recorded
}

fn add(recorded: &mut BTreeMap<Key, Count>, events: &[Event]) {
    // What was answered, and by whom: an answer out of a cache was not asked of the server.
    let mut answers: BTreeMap<(&str, &str), Vec<bool>> = BTreeMap::new();
    for event in events {
        if let EventKind::Response { id, url, cached, .. } = &event.kind {
            answers.entry((id, url)).or_default().push(*cached);
        }
    }
    for event in events {
        let (id, url, method) = match &event.kind {
            EventKind::Request { id, url, method, .. } => (&**id, url, &**method),
            EventKind::WebSocket { id, url, .. } => (id.as_str(), url, "GET"),
            _ => continue,
        };
        let Some(key) = key(url, method) else { continue };
        let mut answer = None;
        if let Some(left) = answers.get_mut(&(id, &**url))
            && !left.is_empty()
        {
            answer = Some(left.remove(0));
        }
        let count: &mut Count = recorded.entry(key).or_default();
        match answer {
            Some(true) => (),
            Some(false) => {
                count.least += 1;
                count.most += 1;
            }
            None => count.most += 1,
        }
    }
}

fn key(url: &str, method: &str) -> Option<Key> {
    let url = Url::parse(url).ok()?;
    let asked = matches!(url.scheme(), "http" | "https" | "ws" | "wss");
    let host = url.host_str().filter(|_| asked)?;
    Some((host.to_owned(), url.path().to_owned(), method.to_owned()))
}
