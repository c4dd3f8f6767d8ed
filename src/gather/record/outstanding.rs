//! What of a page's doings has begun and not ended: as the browser's events say, and as the hook says of each document
//! (`ledger.js`).

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::Value;

use crate::recording::{Call, EventKind, OutstandingKind};

/// How many things may be open before no more are remembered, and the page counts as one that is never done.
const MOST: usize = 20_000;

/// How long after its time a page may take to begin to go elsewhere.
const OVERDUE: Duration = Duration::from_secs(1);

/// What the browser's events say of one page: requests and connections that are open, pages that will be left, and when
/// anything happened last.
#[derive(Debug, Default)]
pub(super) struct OpenThings {
    /// By session and the browser's name for it.
    open: HashMap<(String, String), (OutstandingKind, Instant)>,
    /// Navigations that pages scheduled, by frame.
    refreshes: HashMap<String, (Instant, Duration)>,
    last_event: Option<Instant>,
    effects: u64,
    hears_pointer: bool,
    overflow: bool,
}

/// What is open at one moment.
#[derive(Clone, Debug, Default)]
pub(in crate::gather) struct OpenNow {
    /// Requests and connections, each with its age.
    pub(in crate::gather) open: Vec<(OutstandingKind, Duration)>,
    /// When a page goes elsewhere by itself, and how long it waits for that.
    pub(in crate::gather) refreshes: Vec<(Instant, Duration)>,
    /// How long nothing at all has happened.
    pub(in crate::gather) quiet: Duration,
    /// How often something happened by which a page may do more from then on.
    pub(in crate::gather) effects: u64,
    /// Whether a script of the page listens to the pointer, or may for all that is known.
    pub(in crate::gather) hears_pointer: bool,
}

impl OpenThings {
    /// Starts over for another page.
    pub(super) fn reset(&mut self) {
        *self = Self { last_event: Some(Instant::now()), ..Self::default() };
    }

    /// Something began.
    pub(super) fn begin(&mut self, session: &str, id: &str, kind: OutstandingKind) {
        self.touch();
        if self.open.len() >= MOST {
            self.overflow = true;
            return;
        }
        let key = (session.to_owned(), id.to_owned());
        self.open.entry(key).or_insert((kind, Instant::now()));
    }

    /// Something ended; a frame's document begins in one session and may end in another.
    pub(super) fn end(&mut self, session: &str, id: &str) {
        self.touch();
        if self.open.remove(&(session.to_owned(), id.to_owned())).is_none() {
            self.open.retain(|(_, other), _| other != id);
        }
    }

    /// A session is gone, and with it what it would have reported.
    pub(super) fn end_session(&mut self, session: &str) {
        self.open.retain(|(other, _), _| other != session);
    }

    /// A frame goes elsewhere after `delay`, or no longer does.
    pub(super) fn schedule(&mut self, frame: &str, delay: Option<Duration>) {
        self.touch();
        match delay {
            Some(delay) if self.refreshes.len() < MOST => {
                self.refreshes.insert(frame.to_owned(), (Instant::now() + delay, delay));
            }
            _ => drop(self.refreshes.remove(frame)),
        }
    }

    /// Something happened.
    pub(super) fn note(&mut self, kind: &EventKind) {
        self.touch();
        let has_effect = match kind {
            EventKind::Request { kind, .. } => matches!(&**kind, "document" | "script"),
            EventKind::SetCookie { .. }
            | EventKind::ScriptCookie { .. }
            | EventKind::StorageSet { .. }
            | EventKind::Target { .. }
            | EventKind::WebSocket { .. }
            | EventKind::WebTransport { .. } => true,
            _ => false,
        };
        self.effects += u64::from(has_effect);
        self.hears_pointer |= match kind {
            EventKind::Call { call: Call::Listens { event, .. }, .. } => event.ends_with("move"),
            EventKind::Call { call: Call::WatchingEnded, .. } => true,
            _ => false,
        };
    }

    /// What is open now.
    pub(super) fn now(&self) -> OpenNow {
        let mut open: Vec<_> =
            self.open.values().map(|(kind, since)| (*kind, since.elapsed())).collect();
        if self.overflow {
            open.push((OutstandingKind::Untracked, Duration::ZERO));
        }
        OpenNow {
            open,
            // One that should have gone a while ago does not go: what it leads to may be no page.
            refreshes: self
                .refreshes
                .values()
                .filter(|(due, _)| due.elapsed() < OVERDUE)
                .copied()
                .collect(),
            quiet: self.last_event.map_or(Duration::MAX, |last| last.elapsed()),
            effects: self.effects,
            hears_pointer: self.hears_pointer,
        }
    }

    /// Something happened that is no event of the recording.
    pub(super) fn touch(&mut self) {
        self.last_event = Some(Instant::now());
    }
}

/// What the hook says that a document has outstanding. All times are milliseconds by the page's own clock.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct DocumentLedger {
    /// Timers that will be due once more.
    pub(in crate::gather) due: Vec<DocumentTimer>,
    /// The shortest time between two firings of what comes back for ever; 0 if nothing does.
    pub(in crate::gather) every: f64,
    /// Whether animation frames were asked for again and again.
    pub(in crate::gather) frames: bool,
    /// Whether an idle moment is waited for.
    pub(in crate::gather) idles: bool,
    /// Whether something plays.
    pub(in crate::gather) media: bool,
    /// Whether a peer connection was used.
    pub(in crate::gather) rtc: bool,
    /// Whether it could not keep up.
    pub(in crate::gather) lost: bool,
    /// Whether a timer of a few milliseconds is not over.
    pub(in crate::gather) soon: bool,
    /// How long work that the browser does for the page may still take.
    pub(in crate::gather) job: f64,
    /// How long nothing was asked for.
    pub(in crate::gather) since: f64,
    /// Animations that end, each with how long it still takes and takes in all.
    pub(in crate::gather) animations: Vec<DocumentTimer>,
    /// Whether it, or a font, is still loading.
    pub(in crate::gather) loading: bool,
}

/// A timer of a document.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct DocumentTimer {
    /// How long until it is due.
    pub(in crate::gather) left: f64,
    /// How long it was set for.
    pub(in crate::gather) delay: f64,
    /// The time between its firings if it is an interval, or 0.
    pub(in crate::gather) every: f64,
    /// The stack of who set it.
    pub(in crate::gather) stack: String,
}

impl DocumentLedger {
    /// What a document that has no hook answers, because nothing can run in it.
    const NONE: &'static str = "none";

    /// The question to a document's own world.
    pub(in crate::gather) fn question(binding: &str) -> String {
        format!(
            "typeof {binding} === 'function' ? {binding}(1) : location.protocol === 'chrome-error:' ? '{}' : null",
            Self::NONE
        )
    }

    /// Reads the answer; `None` if it is none.
    pub(in crate::gather) fn read(answer: Value) -> Option<Self> {
        if answer == Self::NONE {
            return Some(Self { since: f64::MAX, ..Self::default() });
        }
        answer.is_object().then(|| serde_json::from_value(answer).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_in_one_session_may_end_in_another_or_with_its_session() {
        let mut things = OpenThings::default();
        things.reset();
        things.begin("page", "1", OutstandingKind::Request);
        things.begin("page", "2", OutstandingKind::WebSocket);
        things.begin("frame", "3", OutstandingKind::Request);
        things.end("frame", "1");
        let kinds: Vec<_> = things.now().open.iter().map(|it| it.0).collect();
        assert_eq!(kinds.len(), 2);
        things.end_session("frame");
        assert_eq!(things.now().open[0].0, OutstandingKind::WebSocket);
        things.end("page", "2");
        assert!(things.now().open.is_empty());
    }

    #[test]
    fn a_document_that_does_not_say_is_not_one_with_nothing_outstanding() {
        assert_eq!(DocumentLedger::read(Value::Null), None);
        assert_eq!(DocumentLedger::read(serde_json::json!({ "due": 3 })), None);
        let none = DocumentLedger::read("none".into()).unwrap();
        assert!(none.due.is_empty() && none.since > 1e12);
        let said = serde_json::json!({ "due": [{ "left": 20.5, "delay": 1000, "every": 0, "stack": "" }], "since": 4 });
        assert_eq!(DocumentLedger::read(said).unwrap().due.len(), 1);
    }
}
