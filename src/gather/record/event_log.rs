//! The events of one browser context, in the order in which they happened.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{interner::Interner, redirects::RedirectChains, tab_state::TabState};
use crate::{
    gather::cdp::connection::Moment,
    recording::{Event, EventKind, Problem, ProblemKind, redact::Redactor},
};

/// How many events are kept: a page may request something without end, and a scan's memory is bounded by this. An
/// event takes a quarter of a KiB and the address that it names.
const MOST_EVENTS: usize = 200_000;

/// How many writes by scripts are kept among them: a script can write a hundred thousand times in a second, and each
/// carries its stack.
const MOST_WRITES: usize = 20_000;

/// The log of one context. Clones share it.
///
/// The browser's messages are handled one after the other. All that is done there is to note the time and keep the
/// event; what it means is decided later, by `interpret`.
#[derive(Clone, Debug)]
pub(in crate::gather) struct EventLog {
    started: Instant,
    began: jiff::Timestamp,
    redactor: Redactor,
    inner: Arc<Mutex<Inner>>,
}

/// Where and when something happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    /// When.
    pub(super) at: Instant,
    /// The page, frame or worker, as events name it.
    pub(super) name: &'a str,
    /// The tab it belongs to.
    pub(super) tab: &'a TabState,
}

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<Entry>,
    /// How many of them are writes by scripts.
    writes: usize,
    redirects: RedirectChains,
    gaps: Vec<Problem>,
    interner: Interner,
    /// Moments that part what came before from what came after: microseconds.
    boundaries: Vec<u64>,
}

/// An event with its exact time.
#[derive(Debug)]
struct Entry {
    /// From the start of the pass.
    micros: u64,
    event: Event,
}

impl EventLog {
    /// An empty log whose clock starts now.
    pub(in crate::gather) fn new(redactor: Redactor) -> Self {
        let Moment { instant, wall } = Moment::now();
        let began = jiff::Timestamp::try_from(wall).unwrap_or_default();
        Self { started: instant, began, redactor, inner: Arc::default() }
    }

    /// When the pass began, RFC 3339 in UTC with milliseconds.
    pub(in crate::gather) fn started(&self) -> String {
        self.began.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// Milliseconds since the pass began.
    pub(in crate::gather) fn now(&self) -> u64 {
        self.micros(Instant::now()) / 1000
    }

    /// The millisecond of a moment that parts what came before from what came after: of events within the same
    /// millisecond, those that came before it are dated one earlier.
    pub(in crate::gather) fn boundary(&self, at: Instant) -> u64 {
        let micros = self.micros(at);
        self.lock().boundaries.push(micros);
        micros / 1000
    }

    /// How values are to be written.
    pub(in crate::gather) const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Keeps an event.
    pub(super) fn push(&self, source: Source<'_>, kind: EventKind) {
        self.keep(source, kind);
    }

    /// The same, and returns its index.
    fn keep(&self, source: Source<'_>, mut kind: EventKind) -> Option<usize> {
        source.tab.note_activity(&kind);
        let visit = source.tab.visit_at(source.at);
        let micros = self.micros(source.at);
        let mut inner = self.lock();
        if inner.entries.len() >= MOST_EVENTS {
            let message = format!("recording stopped after {MOST_EVENTS} events in this pass");
            inner.add_gap(Problem::gap("", ProblemKind::TooMuch, message));
            return None;
        }
        if matches!(kind, EventKind::ScriptCookie { .. } | EventKind::StorageSet { .. }) {
            if inner.writes >= MOST_WRITES {
                let message = format!(
                    "recording of cookie and storage writes stopped after {MOST_WRITES} writes in this pass"
                );
                inner.add_gap(Problem::gap("", ProblemKind::TooMuch, message));
                return None;
            }
            inner.writes += 1;
        }
        let mut target = source.name.into();
        inner.interner.text(&mut target);
        inner.interner.event(&mut kind);
        inner.entries.push(Entry { micros, event: Event { at: 0, visit, target, kind } });
        Some(inner.entries.len() - 1)
    }

    /// Keeps an event whose address is that of a redirect which may not have been announced yet.
    pub(super) fn push_for_redirect(
        &self,
        source: Source<'_>,
        request: &str,
        redirect: usize,
        kind: EventKind,
    ) {
        let arrives = matches!(kind, EventKind::SetCookie { .. });
        let Some(event) = self.keep(source, kind) else { return };
        let mut inner = self.lock();
        if let Some(url) = inner.redirects.url_for(event, request, redirect) {
            inner.fill(event, &url, &self.redactor);
        }
        if arrives && let Some(at) = inner.redirects.time_for(event, request, redirect) {
            inner.happened(event, at);
        }
    }

    /// Notes that a request, or a redirect of one, goes to `url`.
    pub(super) fn announce(&self, tab: &TabState, request: &str, url: &str) {
        tab.begin_request(request, url);
        let mut inner = self.lock();
        // With a full log no event is kept whose address would be needed.
        if inner.entries.len() < MOST_EVENTS {
            inner.redirects.announce(request, url);
        }
    }

    /// Notes when the headers of the next redirect of a request arrived: that is when its cookies were set.
    pub(super) fn answered(&self, request: &str, at: Option<Instant>) {
        let micros = at.map(|at| self.micros(at));
        let mut inner = self.lock();
        if inner.entries.len() >= MOST_EVENTS {
            return;
        }
        for event in inner.redirects.answered(request, micros) {
            if let Some(micros) = micros {
                inner.happened(event, micros);
            }
        }
    }

    /// The redirect whose sent cookies are reported now.
    pub(super) fn next_sent(&self, request: &str) -> usize {
        self.lock().redirects.next_sent(request)
    }

    /// The redirect whose received cookies are reported now.
    pub(super) fn next_received(&self, request: &str) -> usize {
        self.lock().redirects.next_received(request)
    }

    /// Notes that a request has ended.
    pub(super) fn end_request(&self, tab: &TabState, request: &str) {
        tab.end_request(request);
        let mut inner = self.lock();
        for (event, url) in inner.redirects.end(request) {
            inner.fill(event, &url, &self.redactor);
        }
    }

    /// Notes that something may have happened on a page that was not recorded.
    pub(super) fn visit_gap(&self, source: Source<'_>, kind: ProblemKind, message: String) {
        let visit = source.tab.visit_at(source.at);
        self.lock().add_gap(Problem::gap("", kind, message).on_visit(visit));
    }

    /// Notes something that readers should know, once.
    pub(super) fn remark(&self, source: Source<'_>, kind: ProblemKind, message: String) {
        const MOST: usize = 100;
        let visit = source.tab.visit_at(source.at);
        let mut inner = self.lock();
        if inner.gaps.len() < MOST {
            inner.add_gap(Problem::remark("", kind, message).on_visit(visit));
        }
    }

    /// Where a request goes that began a short while ago.
    pub(super) fn address_of(&self, request: &str) -> Option<String> {
        const RECENT: usize = 2000;
        let inner = self.lock();
        inner.entries.iter().rev().take(RECENT).find_map(|entry| match &entry.event.kind {
            EventKind::Request { id, url, .. } if **id == *request => Some(url.to_string()),
            EventKind::WebSocket { id, url, .. } if *id == *request => Some(url.to_string()),
            _ => None,
        })
    }

    /// Takes what may have been missed, of the whole pass or of one page.
    pub(in crate::gather) fn take_gaps(&self) -> Vec<Problem> {
        mem::take(&mut self.lock().gaps)
    }

    /// Takes the events in order of time.
    pub(in crate::gather) fn close(&self) -> Vec<Event> {
        let mut inner = self.lock();
        for (event, url) in inner.redirects.close() {
            inner.fill(event, &url, &self.redactor);
        }
        inner.interner = Interner::default();
        let mut entries = mem::take(&mut inner.entries);
        let boundaries = mem::take(&mut inner.boundaries);
        drop(inner);
        // What happened at the same moment stays in the order in which the browser reported it.
        entries.sort_by_key(|it| it.micros);
        let dated = |Entry { micros, mut event }: Entry| {
            let just_before = |it: &u64| micros < *it && micros / 1000 == *it / 1000;
            event.at = (micros / 1000).saturating_sub(boundaries.iter().any(just_before).into());
            event
        };
        entries.into_iter().map(dated).collect()
    }

    fn micros(&self, at: Instant) -> u64 {
        at.saturating_duration_since(self.started).as_micros().try_into().unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere cannot leave a list of events half-written.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn add_gap(&mut self, gap: Problem) {
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    fn fill(&mut self, event: usize, url: &str, redactor: &Redactor) {
        match self.entries.get_mut(event).map(|it| &mut it.event.kind) {
            Some(EventKind::SetCookie { url: place, .. }) => *place = redactor.url(url),
            Some(EventKind::RequestCookies { host, .. }) => {
                *host = crate::model::site::host_of(url).unwrap_or_default().into();
            }
            _ => (),
        }
    }

    /// Dates an event at the time it really happened; nothing is reported before that.
    fn happened(&mut self, event: usize, micros: u64) {
        if let Some(entry) = self.entries.get_mut(event) {
            entry.micros = entry.micros.min(micros);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::recording::{CookieApi, CookieStatus};

    fn cookie(header: &str) -> EventKind {
        EventKind::SetCookie {
            id: "7".to_owned(),
            url: String::new(),
            header: header.to_owned(),
            partition: None,
            status: CookieStatus::Stored,
        }
    }

    fn write() -> EventKind {
        EventKind::ScriptCookie {
            api: CookieApi::Document,
            frame: String::new(),
            header: "a=1".to_owned(),
            stuck: true,
            stack: Vec::new(),
        }
    }

    fn now(tab: &TabState) -> Source<'_> {
        Source { at: Instant::now(), name: "page", tab }
    }

    #[test]
    fn cookies_of_a_redirect_belong_to_the_response_that_set_them() {
        let (log, tab) = (EventLog::new(Redactor::Keep), TabState::new(0));
        for redirect in 0..2 {
            assert_eq!(log.next_received("7"), redirect);
            log.push_for_redirect(now(&tab), "7", redirect, cookie(&format!("s{redirect}=1")));
        }
        // The browser may announce redirects after it has reported their cookies.
        log.announce(&tab, "7", "https://a.test/1");
        log.announce(&tab, "7", "https://b.test/2");
        let urls: Vec<String> = log
            .close()
            .into_iter()
            .filter_map(|event| match event.kind {
                EventKind::SetCookie { url, .. } => Some(url),
                _ => None,
            })
            .collect();
        assert_eq!(urls, ["https://a.test/1", "https://b.test/2"]);
    }

    #[test]
    fn a_cookie_of_a_response_was_set_when_its_headers_arrived() {
        let (log, tab) = (EventLog::new(Redactor::Keep), TabState::new(0));
        let at = |ms| log.started + Duration::from_millis(ms);
        let read_late = Source { at: at(900), name: "page", tab: &tab };
        for (request, cookies_first) in [("1", true), ("2", false)] {
            log.announce(&tab, request, "https://a.test/");
            if !cookies_first {
                log.answered(request, Some(at(300)));
            }
            log.push_for_redirect(read_late, request, log.next_received(request), cookie("s=1"));
            if cookies_first {
                log.answered(request, Some(at(300)));
            }
        }
        let times: Vec<u64> = log.close().iter().map(|it| it.at).collect();
        assert_eq!(times, [300, 300]);
    }

    #[test]
    fn within_one_millisecond_what_came_before_the_press_is_dated_before_it() {
        let (log, tab) = (EventLog::new(Redactor::Keep), TabState::new(0));
        let at = |micros| log.started + Duration::from_micros(micros);
        let pressed = log.boundary(at(5_500));
        // Reported in another order than it happened in.
        for micros in [5_600, 5_400, 4_900, 5_500] {
            log.push(Source { at: at(micros), name: "page", tab: &tab }, write());
        }
        let times: Vec<u64> = log.close().iter().map(|it| it.at).collect();
        assert_eq!((pressed, times), (5, vec![4, 4, 5, 5]));
    }

    #[test]
    fn writes_without_end_are_bounded_and_leave_room_for_the_rest() {
        let (log, tab) = (EventLog::new(Redactor::Keep), TabState::new(0));
        for _ in 0..MOST_WRITES {
            log.push(now(&tab), write());
        }
        assert!(log.take_gaps().is_empty());
        log.push(now(&tab), write());
        log.push(now(&tab), EventKind::Crashed);
        let gaps = log.take_gaps();
        assert!(
            gaps.iter().all(|it| it.kind == ProblemKind::TooMuch && it.visit.is_none())
                && gaps.len() == 1,
            "{gaps:?}"
        );
        let events = log.close();
        assert_eq!(events.len(), MOST_WRITES + 1);
        assert_eq!(events.last().map(|it| &it.kind), Some(&EventKind::Crashed));
    }
}
