//! What is known of one tab: where it is, what its main document has come to, and whether its page is idle.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, futures::OwnedNotified};

use super::{
    idle::IdleDetector,
    outstanding::{OpenNow, OpenThings},
};
use crate::recording::EventKind;

/// One tab. Clones share it.
#[derive(Clone, Debug)]
pub(in crate::gather) struct TabState {
    inner: Arc<Mutex<Inner>>,
    changed: Arc<Notify>,
}

#[derive(Debug)]
struct Inner {
    /// The session of its page, once there is one.
    session: String,
    /// The target of its page, which is the name of its main frame too.
    target: String,
    /// The visits that were begun in it, each with its moment. Before the first, the first counts.
    visits: Vec<(Instant, usize)>,
    first_visit: usize,
    document: Document,
    is_crashed: bool,
    idle: IdleDetector,
    open: OpenThings,
    /// Presses that the page has felt.
    presses: Vec<PagePress>,
}

/// A press by pointer or key that a page has felt, by the page's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gather) struct PagePress {
    pub(in crate::gather) at: Instant,
    pub(in crate::gather) kind: PressKind,
}

/// Whether a press begins or was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gather) enum PressKind {
    /// The pointer or the key went down.
    Down,
    /// It was a click.
    Click,
}

/// How far the main document of a page has come.
#[derive(Clone, Debug, Default)]
pub(in crate::gather) struct Document {
    /// Request that brings it.
    pub(in crate::gather) request: String,
    /// Its address so far.
    pub(in crate::gather) url: String,
    /// Status of its final response.
    pub(in crate::gather) status: Option<u16>,
    /// Its media type.
    pub(in crate::gather) mime: String,
    /// Headers of its final response, names in lower case.
    pub(in crate::gather) headers: BTreeMap<String, String>,
    /// What the browser says if it did not arrive.
    pub(in crate::gather) error: Option<String>,
    /// Whether it has been parsed.
    pub(in crate::gather) parsed: bool,
    /// Whether it and all it embeds have loaded.
    pub(in crate::gather) loaded: bool,
    /// The document before it, which stays if this one is never shown, as a download is not.
    pub(in crate::gather) previous: Option<Box<Self>>,
}

impl TabState {
    /// A tab that is about to be opened for `visit`.
    pub(super) fn new(visit: usize) -> Self {
        let inner = Inner {
            session: String::new(),
            target: String::new(),
            visits: Vec::new(),
            first_visit: visit,
            document: Document::default(),
            is_crashed: false,
            idle: IdleDetector::default(),
            open: OpenThings::default(),
            presses: Vec::new(),
        };
        Self { inner: Arc::new(Mutex::new(inner)), changed: Arc::default() }
    }

    /// Whether this is that tab.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// From now on the tab belongs to `visit`.
    pub(in crate::gather) fn begin_visit(&self, visit: usize) {
        let mut inner = self.lock();
        inner.visits.push((Instant::now(), visit));
        inner.document = Document::default();
        inner.is_crashed = false;
        inner.idle.reset();
        inner.open.reset();
        inner.presses.clear();
    }

    /// The visit that something belongs to which happened then.
    pub(super) fn visit_at(&self, at: Instant) -> usize {
        let inner = self.lock();
        let begun = inner.visits.iter().rev().find(|(begun, _)| *begun <= at);
        begun.or(inner.visits.first()).map_or(inner.first_visit, |it| it.1)
    }

    /// Says which session and target are the page's own.
    pub(super) fn set_page(&self, session: &str, target: &str) {
        let mut inner = self.lock();
        inner.session = session.to_owned();
        inner.target = target.to_owned();
    }

    /// The page's own session.
    pub(in crate::gather) fn session(&self) -> String {
        self.lock().session.clone()
    }

    /// The page's main frame.
    pub(in crate::gather) fn main_frame(&self) -> String {
        self.lock().target.clone()
    }

    /// Whether this is the page's own session.
    pub(super) fn is_page(&self, session: &str) -> bool {
        self.lock().session == session
    }

    /// Whether this is the page's main frame.
    pub(super) fn is_main_frame(&self, frame: &str) -> bool {
        self.lock().target == frame
    }

    /// What is known of the main document.
    pub(in crate::gather) fn document(&self) -> Document {
        self.lock().document.clone()
    }

    /// Notes something about the main document.
    pub(super) fn note_document(&self, change: impl FnOnce(&mut Document)) {
        change(&mut self.lock().document);
        self.changed.notify_waiters();
    }

    /// Becomes ready when the document has come further, the page felt a press, or its renderer died.
    pub(in crate::gather) fn changed(&self) -> OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
    }

    /// Notes that the page's renderer died.
    pub(super) fn crash(&self) {
        self.lock().is_crashed = true;
        self.changed.notify_waiters();
    }

    /// Whether the page's renderer died.
    pub(in crate::gather) fn is_crashed(&self) -> bool {
        self.lock().is_crashed
    }

    /// Notes that the page felt a press.
    pub(super) fn note_press(&self, press: PagePress) {
        /// Presses of one page that anybody may still wait for.
        const MOST: usize = 1000;
        let mut inner = self.lock();
        if inner.presses.len() < MOST {
            inner.presses.push(press);
        }
        drop(inner);
        self.changed.notify_waiters();
    }

    /// Presses that the page has felt since `earliest`.
    pub(in crate::gather) fn presses_since(&self, earliest: Instant) -> Vec<PagePress> {
        self.lock().presses.iter().filter(|it| it.at >= earliest).copied().collect()
    }

    /// Whether the page that is open felt a click.
    pub(in crate::gather) fn was_clicked(&self) -> bool {
        self.lock().presses.iter().any(|it| it.kind == PressKind::Click)
    }

    /// Notes an event of the page.
    pub(super) fn note_activity(&self, kind: &EventKind) {
        let mut inner = self.lock();
        inner.idle.note(kind);
        inner.open.note(kind);
    }

    /// Notes what begins and ends on the page.
    pub(super) fn note_open(&self, change: impl FnOnce(&mut OpenThings)) {
        change(&mut self.lock().open);
    }

    /// What has begun on the page and not ended.
    pub(in crate::gather) fn open_now(&self) -> OpenNow {
        self.lock().open.now()
    }

    /// Notes that a request is under way.
    pub(super) fn begin_request(&self, request: &str, url: &str) {
        self.lock().idle.begin(request, url);
    }

    /// Notes that a request has ended.
    pub(super) fn end_request(&self, request: &str) {
        self.lock().idle.end(request);
    }

    /// How long the page has been idle, not counting requests older than `patience`.
    pub(in crate::gather) fn quiet_for(&self, patience: Duration) -> Duration {
        self.lock().idle.quiet_for(patience)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere cannot leave a table half-written.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_belongs_to_the_visit_of_its_moment_and_not_of_its_reading() {
        let tab = TabState::new(7);
        let before = Instant::now();
        assert_eq!(tab.visit_at(before), 7);
        tab.begin_visit(7);
        let first = Instant::now();
        tab.begin_visit(8);
        assert_eq!(
            (tab.visit_at(before), tab.visit_at(first), tab.visit_at(Instant::now())),
            (7, 7, 8)
        );
    }

    #[test]
    fn what_one_tab_does_says_nothing_of_another() {
        let (one, other) = (TabState::new(0), TabState::new(1));
        one.begin_visit(0);
        other.begin_visit(1);
        one.begin_request("1", "https://a.test/");
        one.crash();
        one.note_document(|it| it.loaded = true);
        assert_eq!(one.quiet_for(Duration::from_secs(60)), Duration::ZERO);
        assert_ne!(other.quiet_for(Duration::from_secs(60)), Duration::ZERO);
        assert!(!other.is_crashed() && !other.document().loaded);
        // A new visit of one does not clear the other.
        other.begin_visit(2);
        assert!(one.is_crashed() && one.document().loaded);
    }
}
