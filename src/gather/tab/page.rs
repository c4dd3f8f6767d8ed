//! One tab: going somewhere, scrolling, evaluating in the page.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use headless_chrome::protocol::cdp::{DOM, Page};
use serde_json::Value;

use super::shadow_roots::{self, ClosedRoot};
use crate::gather::{
    cdp::{
        commands,
        connection::{Cdp, CdpError},
    },
    record::{event_log::EventLog, recorder::Recorder, tab_state::TabState},
};

/// How long a page may take to answer.
pub(super) const ANSWER: Duration = Duration::from_secs(5);

/// A larger document is not searched for closed shadow roots: the browser would send all of it, at about 300 bytes
/// an element, and more than once.
const MOST_ELEMENTS: f64 = 60_000.0;

/// Why the closed shadow roots of a document are not known.
#[derive(Debug, thiserror::Error)]
pub(in crate::gather) enum RootsError {
    /// It was not searched.
    #[error("the document has more than 60,000 elements")]
    TooLarge,
    /// The browser or the page did not answer.
    #[error(transparent)]
    Cdp(#[from] CdpError),
}

/// How long a page may take to go.
const DEPARTURE: Duration = Duration::from_secs(2);

/// How long pages may take, and how long they are watched.
#[derive(Clone, Copy, Debug)]
pub(in crate::gather) struct Limits {
    /// How long a page may take to arrive.
    pub(in crate::gather) timeout: Duration,
    /// How long a page is watched at least after it has arrived, if the user says so.
    pub(in crate::gather) settle: Option<Duration>,
    /// How long what is due later is waited for at most.
    pub(in crate::gather) patience: Duration,
}

/// A tab of a browser context.
#[derive(Debug)]
pub(in crate::gather) struct Tab {
    pub(super) recorder: Arc<Recorder>,
    /// The log of its context.
    pub(in crate::gather) log: EventLog,
    /// The browser's name for its context.
    pub(in crate::gather) context: String,
    /// What is known of it.
    pub(in crate::gather) state: TabState,
    session: String,
    pub(super) limits: Limits,
}

/// How far a navigation came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gather) enum LoadState {
    /// The document is there, and everything it embeds.
    Loaded,
    /// The document is there; something it embeds never came.
    Partly,
    /// There was no answer, or not all of it, in time.
    TimedOut,
    /// The browser says why not, such as `net::ERR_NAME_NOT_RESOLVED`.
    Failed(String),
    /// The renderer died.
    Crashed,
    /// The browser is gone.
    Gone,
}

impl Tab {
    pub(super) fn new(
        recorder: &Arc<Recorder>,
        context: &str,
        log: &EventLog,
        state: TabState,
        limits: Limits,
    ) -> Self {
        let (recorder, context, log) = (Arc::clone(recorder), context.to_owned(), log.clone());
        let session = state.session();
        Self { recorder, log, context, state, session, limits }
    }

    /// The page's own session.
    pub(in crate::gather) fn session(&self) -> &str {
        &self.session
    }

    /// The connection.
    pub(in crate::gather) fn cdp(&self) -> &Cdp {
        self.recorder.cdp()
    }

    /// Sessions that hold frames of this tab, its page's own first; those of pages that it prerenders, and of windows
    /// that it opened, are among them.
    pub(in crate::gather) fn frame_sessions(&self) -> Vec<String> {
        self.recorder.frame_sessions(&self.context, &self.state)
    }

    /// Goes to `url` and waits until it is there. What happens in the tab from now on belongs to `visit`.
    pub(in crate::gather) async fn go(&self, url: &str, visit: usize) -> LoadState {
        if !self.state.document().url.is_empty() && !self.state.is_crashed() {
            self.depart().await;
        }
        self.state.begin_visit(visit);
        let begun = Instant::now();
        let answer =
            self.cdp().send(&self.session, &commands::navigate(url), self.limits.timeout).await;
        let state = match answer {
            Err(CdpError::Closed(_)) => return LoadState::Gone,
            Err(CdpError::TimedOut(..)) => LoadState::TimedOut,
            Err(CdpError::Refused(_, error)) => return LoadState::Failed(error),
            Ok(answer) => match answer["errorText"].as_str() {
                Some(error) if !error.is_empty() => return LoadState::Failed(error.to_owned()),
                _ => self.await_document(begun).await,
            },
        };
        if matches!(state, LoadState::TimedOut | LoadState::Partly) {
            self.cdp().fire(&self.session, &Page::StopLoading(None));
        }
        state
    }

    async fn await_document(&self, begun: Instant) -> LoadState {
        loop {
            let changed = self.state.changed();
            if self.cdp().is_closed() {
                return LoadState::Gone;
            }
            if self.state.is_crashed() {
                return LoadState::Crashed;
            }
            let document = self.state.document();
            if document.loaded {
                return LoadState::Loaded;
            }
            if let Some(error) = document.error {
                return LoadState::Failed(error);
            }
            let left = self.limits.timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return if document.parsed { LoadState::Partly } else { LoadState::TimedOut };
            }
            tokio::select! {
                () = changed => (),
                () = self.cdp().closed() => (),
                () = tokio::time::sleep(left) => (),
            }
        }
    }

    /// Scrolls to the end a screen at a time, so that what is loaded on sight is loaded, and back.
    pub(in crate::gather) async fn scroll(&self) -> Result<(), CdpError> {
        const SCROLL: &str = "(async () => {
            const frame = () => new Promise((done) => { setTimeout(done, 120); requestAnimationFrame(() => requestAnimationFrame(done)); });
            const page = document.scrollingElement || document.documentElement;
            // All of it is in sight.
            if (page && page.scrollTop === 0 && page.scrollHeight <= innerHeight) return true;
            for (let i = 0; i < 40 && page && page.scrollTop + innerHeight < page.scrollHeight - 1; i += 1) {
                const before = page.scrollTop;
                page.scrollBy({ top: innerHeight * 0.9, behavior: 'instant' });
                await frame();
                if (page.scrollTop === before) break;
            }
            await frame();
            if (page) page.scrollTo({ top: 0, behavior: 'instant' });
            return true;
        })()";
        let world = self.world().await?;
        let command = commands::evaluate(SCROLL, Some(world));
        self.cdp().send(&self.session, &command, Duration::from_secs(15)).await.map(drop)
    }

    /// How high the page is; `None` if it does not answer.
    pub(in crate::gather) async fn height(&self) -> Option<u64> {
        let height = "(document.scrollingElement || document.documentElement).scrollHeight";
        self.evaluate(height).await.ok()?.as_u64()
    }

    /// Evaluates in a world that shares the page's document but not its scripts.
    pub(in crate::gather) async fn evaluate(&self, expression: &str) -> Result<Value, CdpError> {
        let world = self.world().await?;
        self.evaluate_in(&self.session, expression, Some(world)).await
    }

    /// Evaluates among the page's own scripts.
    pub(in crate::gather) async fn evaluate_in_page(
        &self,
        expression: &str,
    ) -> Result<Value, CdpError> {
        self.evaluate_in(&self.session, expression, None).await
    }

    /// The closed shadow roots of all documents of a session.
    pub(in crate::gather) async fn closed_roots(
        &self,
        session: &str,
    ) -> Result<Vec<ClosedRoot>, RootsError> {
        const COUNT: &str = "document.getElementsByTagName('*').length";
        let count = self.evaluate_in(session, COUNT, None).await?;
        if count.as_f64().is_some_and(|it| it > MOST_ELEMENTS) {
            return Err(RootsError::TooLarge);
        }
        let enabled = self.cdp().send(session, &DOM::Enable { include_whitespace: None }, ANSWER);
        let nodes = self.cdp().read(session, &commands::all_nodes(), ANSWER);
        // The browser would report every change of the document from now on.
        self.cdp().fire(session, &DOM::Disable(None));
        enabled.await?;
        Ok(shadow_roots::closed_roots(&nodes.await?))
    }

    /// The same in a frame's session.
    pub(in crate::gather) async fn evaluate_in(
        &self,
        session: &str,
        expression: &str,
        world: Option<u32>,
    ) -> Result<Value, CdpError> {
        let command = commands::evaluate(expression, world);
        let mut answer = self.cdp().send(session, &command, ANSWER).await?;
        match answer["exceptionDetails"]["exception"]["description"].as_str() {
            Some(error) => Err(CdpError::Refused("Runtime.evaluate", error.to_owned())),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    async fn world(&self) -> Result<u32, CdpError> {
        let frame = self.state.main_frame();
        let answer =
            self.cdp().send(&self.session, &commands::isolated_world(&frame), ANSWER).await?;
        answer["executionContextId"]
            .as_u64()
            .and_then(|id| id.try_into().ok())
            .ok_or(CdpError::Refused("Page.createIsolatedWorld", "no world".to_owned()))
    }

    /// Ends a renderer that no longer answers, so that the next page gets a fresh one.
    pub(in crate::gather) async fn end_renderer(&self) {
        let crash = Page::Crash(None);
        let _ = self.cdp().send(&self.session, &crash, Duration::from_millis(500)).await;
    }

    /// Goes to an empty page, so that what the page does as it goes is recorded, and as its own doing: a frame whose
    /// page is exchanged for one of another site is gone before it could report it.
    async fn depart(&self) {
        // The answers do not matter: a page that hangs is left by the navigation that follows.
        let command = commands::navigate("about:blank");
        let _ = self.cdp().send(&self.session, &command, DEPARTURE).await;
        let _ = self.cdp().send(&self.session, &commands::evaluate("1", None), DEPARTURE).await;
    }

    /// Leaves the site, so that what it does as it goes is recorded too.
    pub(in crate::gather) async fn leave(&self) {
        self.depart().await;
        self.settle_after_leaving().await;
    }
}
