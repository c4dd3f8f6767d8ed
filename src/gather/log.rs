use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher as _},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, futures::OwnedNotified};

use crate::recording::{CallFrame, Event, EventKind, ProblemKind, redact::Redactor};

/// How many events of a pass are kept: a page may ask for something without end, and a scan's memory is bounded by
/// this. An event takes a quarter of a KiB and the address that it names.
const MOST_EVENTS: usize = 200_000;

/// How many writes by scripts are kept among them: a script can write a hundred thousand times in a second, and each
/// carries its stack.
const MOST_WRITES: usize = 20_000;

/// The events of one pass, in the order the browser told us about them.
///
/// The browser's messages are handled one after the other. All that is done there is to note the
/// time and keep the event; what it means is decided later, by `interpret`.
#[derive(Clone, Debug)]
pub(super) struct PassLog {
    started: Instant,
    began: jiff::Timestamp,
    redactor: Redactor,
    inner: Arc<Mutex<Inner>>,
    changed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Inner {
    events: Vec<Event>,
    /// How many of them are writes by scripts.
    writes: usize,
    visit: usize,
    last_activity: Option<Instant>,
    in_flight: BTreeMap<String, Instant>,
    /// What is known of the hops of each request, until all of it is.
    hops: HashMap<String, Hops>,
    /// Events whose address is known only once all hops are: place, request, hop.
    unplaced: Vec<(usize, String, usize)>,
    document: Document,
    /// Session and frame of the page that this pass looks at.
    page: (String, String),
    crashed: bool,
    gaps: BTreeSet<(ProblemKind, String)>,
    shared: Shared,
    /// How often the page that is open has done each thing.
    done: HashMap<u64, (u32, Instant)>,
}

/// The hops of one request.
#[derive(Debug, Default)]
struct Hops {
    /// Their addresses, in order, as far as they were announced.
    urls: Vec<String>,
    /// How many have told the cookies that they sent.
    sent: usize,
    /// How many have told the cookies that they received.
    received: usize,
}

/// How far the main document of the page has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    /// Request that brings it.
    pub(super) request: String,
    /// Its address so far.
    pub(super) url: String,
    /// Status of its final response.
    pub(super) status: Option<u16>,
    /// Its media type.
    pub(super) mime: String,
    /// Headers of its final response, names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    /// Whether all of it has arrived.
    pub(super) finished: bool,
    /// What the browser says if it did not.
    pub(super) error: Option<String>,
    /// Whether it has been parsed.
    pub(super) parsed: bool,
    /// When it and all it embeds had loaded.
    pub(super) loaded: Option<Instant>,
    /// The document before it, which stays if this one is never shown, as a download is not.
    pub(super) previous: Option<Box<Self>>,
}

impl PassLog {
    /// An empty log whose clock starts now.
    pub(super) fn new(redactor: Redactor) -> Self {
        Self {
            started: Instant::now(),
            began: jiff::Timestamp::now(),
            redactor,
            inner: Arc::default(),
            changed: Arc::default(),
        }
    }

    /// When the pass began, RFC 3339 in UTC with milliseconds.
    pub(super) fn started(&self) -> String {
        self.began.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// Milliseconds since the pass began.
    pub(super) fn now(&self) -> u64 {
        self.started.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
    }

    /// How values are to be written.
    pub(super) const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Keeps `kind`, stamped with the present moment.
    pub(super) fn push(&self, target: &str, kind: EventKind) {
        self.keep(target, kind);
    }

    /// The same, and says at which place it is kept.
    fn keep(&self, target: &str, kind: EventKind) -> Option<usize> {
        let at = self.now();
        let mut inner = self.lock();
        if let Some(what) = activity(&kind)
            && inner.is_news(what)
        {
            inner.last_activity = Some(Instant::now());
        }
        if inner.events.len() >= MOST_EVENTS {
            let message = format!("recording stopped after {MOST_EVENTS} events in this pass");
            inner.gaps.insert((ProblemKind::TooMuch, message));
            return None;
        }
        if matches!(kind, EventKind::ScriptCookie { .. } | EventKind::StorageSet { .. }) {
            if inner.writes >= MOST_WRITES {
                let message = format!(
                    "recording of cookie and storage writes stopped after {MOST_WRITES} writes in this pass"
                );
                inner.gaps.insert((ProblemKind::TooMuch, message));
                return None;
            }
            inner.writes += 1;
        }
        let visit = inner.visit;
        let target = inner.shared.text(target.into());
        let kind = inner.shared.event(kind);
        inner.events.push(Event { at, visit, target, kind });
        Some(inner.events.len() - 1)
    }

    /// Keeps an event whose address is that of a hop that may not have been announced yet.
    pub(super) fn push_for_hop(&self, target: &str, request: &str, hop: usize, kind: EventKind) {
        let Some(place) = self.keep(target, kind) else { return };
        let mut inner = self.lock();
        if !inner.place(place, request, hop, &self.redactor) {
            inner.unplaced.push((place, request.to_owned(), hop));
        }
    }

    /// Notes that a hop of a request was announced.
    pub(super) fn announce_hop(&self, request: &str, url: &str) {
        let mut inner = self.lock();
        // Nothing is kept any more whose address would be needed.
        if inner.events.len() < MOST_EVENTS {
            inner.hops.entry(request.to_owned()).or_default().urls.push(url.to_owned());
        }
        // An answer whose body no script reads stays on its way for ever.
        if inner.is_news(number_of(("hop", before_query(url)))) {
            inner.in_flight.insert(request.to_owned(), Instant::now());
        }
    }

    /// The hop whose sent cookies are told now.
    pub(super) fn next_sent(&self, request: &str) -> usize {
        let mut inner = self.lock();
        let hops = inner.hops.entry(request.to_owned()).or_default();
        hops.sent += 1;
        hops.sent - 1
    }

    /// The hop whose received cookies are told now.
    pub(super) fn next_received(&self, request: &str) -> usize {
        let mut inner = self.lock();
        let hops = inner.hops.entry(request.to_owned()).or_default();
        hops.received += 1;
        hops.received - 1
    }

    /// Notes that a request has ended. What was needed of its hops is forgotten once all of them have told all.
    pub(super) fn land(&self, request: &str) {
        let mut inner = self.lock();
        inner.in_flight.remove(request);
        let is_told = inner
            .hops
            .get(request)
            .is_some_and(|it| it.sent == it.urls.len() && it.received == it.urls.len());
        if !is_told {
            return;
        }
        for (place, of, hop) in mem::take(&mut inner.unplaced) {
            if of != request || !inner.place(place, &of, hop, &self.redactor) {
                inner.unplaced.push((place, of, hop));
            }
        }
        inner.hops.remove(request);
    }

    /// Which page of the pass everything from now on belongs to.
    pub(super) fn begin_visit(&self, visit: usize) {
        let mut inner = self.lock();
        inner.visit = visit;
        inner.document = Document::default();
        inner.done.clear();
        inner.crashed = false;
        inner.in_flight.clear();
        inner.last_activity = Some(Instant::now());
    }

    /// Says which session and frame are the page's own.
    pub(super) fn set_page(&self, session: &str, frame: &str) {
        self.lock().page = (session.to_owned(), frame.to_owned());
    }

    /// Whether this is the page's own session.
    pub(super) fn is_page(&self, session: &str) -> bool {
        self.lock().page.0 == session
    }

    /// Whether this is the page's main frame.
    pub(super) fn is_main_frame(&self, frame: &str) -> bool {
        self.lock().page.1 == frame
    }

    /// What is known of the main document.
    pub(super) fn document(&self) -> Document {
        self.lock().document.clone()
    }

    /// Notes something about the main document.
    pub(super) fn note(&self, change: impl FnOnce(&mut Document)) {
        change(&mut self.lock().document);
        self.changed.notify_waiters();
    }

    /// Becomes ready when the main document has come further, or its renderer died.
    pub(super) fn changed(&self) -> OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
    }

    /// The page's main frame.
    pub(super) fn main_frame(&self) -> String {
        self.lock().page.1.clone()
    }

    /// Notes that something may have happened without our being told.
    pub(super) fn gap(&self, kind: ProblemKind, what: String) {
        self.lock().gaps.insert((kind, what));
    }

    /// Takes what may have been missed.
    pub(super) fn gaps(&self) -> BTreeSet<(ProblemKind, String)> {
        mem::take(&mut self.lock().gaps)
    }

    /// Notes that the page's renderer died.
    pub(super) fn crash(&self) {
        self.lock().crashed = true;
        self.changed.notify_waiters();
    }

    /// Whether the page's renderer died.
    pub(super) fn crashed(&self) -> bool {
        self.lock().crashed
    }

    /// How long nothing that matters has happened, if nothing that began within `patience` is
    /// still on its way; a request that takes longer is a long poll and is not waited for.
    pub(super) fn quiet_for(&self, patience: Duration) -> Duration {
        let inner = self.lock();
        if inner.in_flight.values().any(|since| since.elapsed() < patience) {
            return Duration::ZERO;
        }
        inner.last_activity.map_or(Duration::MAX, |last| last.elapsed())
    }

    /// Takes the events, every hop's address filled in.
    pub(super) fn close(&self) -> Vec<Event> {
        let mut inner = self.lock();
        for (place, request, hop) in mem::take(&mut inner.unplaced) {
            // What has no hop of its own belongs to the last that was announced.
            let urls = inner.hops.get(&request).map(|it| &it.urls);
            let address = urls.and_then(|it| it.get(hop).or_else(|| it.last())).cloned();
            if let Some(address) = address {
                inner.fill(place, &address, &self.redactor);
            }
        }
        inner.hops.clear();
        inner.shared = Shared::default();
        let mut events = mem::take(&mut inner.events);
        events.shrink_to_fit();
        events
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere cannot leave a list of events half-written.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What events say, each once: a page of thousands of requests says most of it thousands of times.
#[derive(Debug, Default)]
struct Shared {
    texts: HashSet<Arc<str>>,
    stacks: HashSet<Arc<[CallFrame]>>,
}

impl Shared {
    fn text(&mut self, text: Arc<str>) -> Arc<str> {
        if let Some(known) = self.texts.get(&text) {
            return Arc::clone(known);
        }
        self.texts.insert(Arc::clone(&text));
        text
    }

    fn stack(&mut self, stack: Arc<[CallFrame]>) -> Arc<[CallFrame]> {
        if let Some(known) = self.stacks.get(&stack) {
            return Arc::clone(known);
        }
        self.stacks.insert(Arc::clone(&stack));
        stack
    }

    fn event(&mut self, kind: EventKind) -> EventKind {
        match kind {
            EventKind::Request {
                id,
                url,
                method,
                kind,
                document,
                initiated_by,
                initiators,
                redirected_from,
                referrer,
                body,
            } => EventKind::Request {
                id: self.text(id),
                url: self.text(url),
                method: self.text(method),
                kind: self.text(kind),
                document: self.text(document),
                initiated_by: self.text(initiated_by),
                initiators: self.stack(initiators),
                redirected_from: redirected_from.map(|it| self.text(it)),
                referrer: referrer.map(|it| self.text(it)),
                body,
            },
            EventKind::RequestCookies { id, host, sent } => {
                EventKind::RequestCookies { id: self.text(id), host: self.text(host), sent }
            }
            EventKind::Response { id, url, status, mime, cached, remote } => EventKind::Response {
                id: self.text(id),
                url: self.text(url),
                status,
                mime: self.text(mime),
                cached,
                remote: remote.map(|it| self.text(it)),
            },
            EventKind::Failed { id, error } => {
                EventKind::Failed { id: self.text(id), error: self.text(error) }
            }
            kind => kind,
        }
    }
}

/// How often a page may do the same before it is at rest all the same: what asks every second whether there is
/// something new does so for as long as it is open.
const ROUTINE: u32 = 8;

/// What is done again within this time is one burst and no routine: pages ask one address for many things at once.
const BURST: Duration = Duration::from_millis(50);

impl Inner {
    /// Fills in the address of a hop where an event needs it; false if it is not known.
    fn place(&mut self, place: usize, request: &str, hop: usize, redactor: &Redactor) -> bool {
        let address = self.hops.get(request).and_then(|it| it.urls.get(hop));
        let Some(address) = address.cloned() else { return false };
        self.fill(place, &address, redactor);
        true
    }

    fn fill(&mut self, place: usize, address: &str, redactor: &Redactor) {
        match self.events.get_mut(place).map(|event| &mut event.kind) {
            Some(EventKind::SetCookie { url, .. }) => *url = redactor.url(address),
            Some(EventKind::RequestCookies { host, .. }) => {
                *host = crate::model::site::host_of(address).unwrap_or_default().into();
            }
            _ => (),
        }
    }

    /// Whether this is more than what the page does all the time.
    fn is_news(&mut self, what: u64) -> bool {
        // Of a page that does ever new things without end no more is remembered than of its events.
        if self.done.len() >= MOST_EVENTS {
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

/// What a page that is not at rest does, the same number for the same thing; `None` for anything else. Answers and
/// failures are not counted: they follow from requests that were.
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
        _ => return None,
    };
    Some(number_of((sort, what)))
}

fn before_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn number_of(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{CookieApi, CookieStatus};

    #[test]
    fn cookies_of_a_redirect_belong_to_the_hop_that_set_them() {
        let log = PassLog::new(Redactor::Keep);
        for hop in 0..2 {
            assert_eq!(log.next_received("7"), hop);
            let kind = EventKind::SetCookie {
                id: "7".to_owned(),
                url: String::new(),
                header: format!("s{hop}=1"),
                partition: None,
                status: CookieStatus::Stored,
            };
            log.push_for_hop("page", "7", hop, kind);
        }
        // The browser may announce hops after it has told their cookies.
        log.announce_hop("7", "https://a.test/1");
        log.announce_hop("7", "https://b.test/2");
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
    fn what_a_page_does_all_the_time_does_not_keep_it_from_rest() {
        let log = PassLog::new(Redactor::Keep);
        log.begin_visit(0);
        let ask = |path: &str| EventKind::WebSocket {
            id: String::new(),
            url: format!("wss://a.test/{path}?{:?}", Instant::now()).into(),
            initiators: [].into(),
        };
        // When it was last known to do something.
        let active = || log.lock().last_activity;
        for _ in 0..2 * ROUTINE {
            let before = active();
            log.push("page", ask("burst"));
            assert_ne!(active(), before, "a burst is no routine");
        }
        for _ in 0..ROUTINE {
            log.push("page", ask("poll"));
            std::thread::sleep(BURST);
        }
        let before = active();
        log.push("page", ask("poll"));
        assert_eq!(active(), before, "the ninth time is no news");
        log.push("page", ask("other"));
        assert_ne!(active(), before, "another address is");
    }

    #[test]
    fn writes_without_end_are_bounded_and_leave_room_for_the_rest() {
        let log = PassLog::new(Redactor::Keep);
        let write = || EventKind::ScriptCookie {
            api: CookieApi::Document,
            frame: String::new(),
            header: "a=1".to_owned(),
            stuck: true,
            stack: Vec::new(),
        };
        for _ in 0..MOST_WRITES {
            log.push("page", write());
        }
        assert!(log.gaps().is_empty());
        log.push("page", write());
        log.push("page", EventKind::Crashed);
        let gaps = log.gaps();
        assert!(gaps.iter().any(|it| it.1.contains("writes stopped")), "{gaps:?}");
        let events = log.close();
        assert_eq!(events.len(), MOST_WRITES + 1);
        assert_eq!(events.last().map(|it| &it.kind), Some(&EventKind::Crashed));
    }

    #[test]
    fn a_long_poll_is_not_waited_for() {
        let log = PassLog::new(Redactor::Keep);
        log.begin_visit(0);
        log.announce_hop("1", "https://a.test/poll");
        assert_eq!(log.quiet_for(Duration::from_secs(60)), Duration::ZERO);
        assert!(log.quiet_for(Duration::ZERO) < Duration::from_secs(60));
    }
}
