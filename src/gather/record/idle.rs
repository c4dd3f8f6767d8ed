//! Whether a page still does something new.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher as _},
    time::{Duration, Instant},
};

use crate::recording::EventKind;

/// How often a page may do the same and count as idle all the same: a page that polls every second does so for as
/// long as it is open.
const ROUTINE: u32 = 8;

/// What is repeated within this time is one burst and no routine: pages request one address for many things at once.
const BURST: Duration = Duration::from_millis(50);

/// How many different things a page may do before it counts as never idle.
const MOST_REMEMBERED: usize = 200_000;

/// Watches one page for news.
#[derive(Debug, Default)]
pub(super) struct IdleDetector {
    last_activity: Option<Instant>,
    in_flight: BTreeMap<String, Instant>,
    /// How often the page has done each thing, and when last.
    done: HashMap<u64, (u32, Instant)>,
}

impl IdleDetector {
    /// Starts over for another page.
    pub(super) fn reset(&mut self) {
        *self = Self { last_activity: Some(Instant::now()), ..Self::default() };
    }

    /// Notes an event.
    pub(super) fn note(&mut self, kind: &EventKind) {
        if let Some(what) = activity(kind)
            && self.is_news(what)
        {
            self.last_activity = Some(Instant::now());
        }
    }

    /// Notes that a request is under way.
    pub(super) fn begin(&mut self, request: &str, url: &str) {
        // A response whose body no script reads stays under way for ever.
        if self.is_news(hash_of(("request", before_query(url)))) {
            self.in_flight.insert(request.to_owned(), Instant::now());
        }
    }

    /// Notes that a request has ended.
    pub(super) fn end(&mut self, request: &str) {
        self.in_flight.remove(request);
    }

    /// How long nothing that matters has happened, if no request that began within `patience` is under way; one that
    /// takes longer is a long poll and is not waited for.
    pub(super) fn quiet_for(&self, patience: Duration) -> Duration {
        if self.in_flight.values().any(|since| since.elapsed() < patience) {
            return Duration::ZERO;
        }
        self.last_activity.map_or(Duration::MAX, |last| last.elapsed())
    }

    /// Whether this is more than what the page does all the time.
    fn is_news(&mut self, what: u64) -> bool {
        if self.done.len() >= MOST_REMEMBERED {
            return true;
        }
        let now = Instant::now();
        let (times, last) = self.done.entry(what).or_insert((1, now));
        if now.duration_since(*last) >= BURST {
            (*times, *last) = (times.saturating_add(1), now);
        }
        *times <= ROUTINE
    }
}

/// What a page that is not idle does, the same number for the same thing; `None` for anything else. Responses and
/// failures do not count: they follow from requests that did.
fn activity(kind: &EventKind) -> Option<u64> {
    let name = |header: &str| header.split('=').next().unwrap_or_default().to_owned();
    let (sort, what) = match kind {
        EventKind::Request { url, method, .. } => (&**method, before_query(url).to_owned()),
        EventKind::SetCookie { url, header, .. } => {
            ("cookie", format!("{} {}", before_query(url), name(header)))
        }
        EventKind::ScriptCookie { header, .. } => ("script", name(header)),
        EventKind::StorageSet { item, .. } => ("item", format!("{} {}", item.origin, item.key)),
        EventKind::WebSocket { url, .. } => ("socket", before_query(url).to_owned()),
        EventKind::Target { url, .. } => ("target", before_query(url).to_owned()),
        EventKind::RequestCookies { .. }
        | EventKind::Response { .. }
        | EventKind::Failed { .. }
        | EventKind::Call { .. }
        | EventKind::WebTransport { .. }
        | EventKind::PopupRefused { .. }
        | EventKind::Dialog { .. }
        | EventKind::Download { .. }
        | EventKind::Crashed => return None,
    };
    Some(hash_of((sort, what)))
}

fn before_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn hash_of(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_does_all_the_time_does_not_keep_it_from_being_idle() {
        let mut idle = IdleDetector::default();
        idle.reset();
        let socket = |path: &str| EventKind::WebSocket {
            id: String::new(),
            url: format!("wss://a.test/{path}?{:?}", Instant::now()).into(),
            initiators: [].into(),
        };
        for _ in 0..2 * ROUTINE {
            let before = idle.last_activity;
            idle.note(&socket("burst"));
            assert_ne!(idle.last_activity, before, "a burst is no routine");
        }
        for _ in 0..ROUTINE {
            idle.note(&socket("poll"));
            std::thread::sleep(BURST);
        }
        let before = idle.last_activity;
        idle.note(&socket("poll"));
        assert_eq!(idle.last_activity, before, "the ninth time is no news");
        idle.note(&socket("other"));
        assert_ne!(idle.last_activity, before, "another address is");
    }

    #[test]
    fn a_long_poll_is_not_waited_for() {
        let mut idle = IdleDetector::default();
        idle.reset();
        idle.begin("1", "https://a.test/poll");
        assert_eq!(idle.quiet_for(Duration::from_secs(60)), Duration::ZERO);
        assert!(idle.quiet_for(Duration::ZERO) < Duration::from_secs(60));
    }
}
