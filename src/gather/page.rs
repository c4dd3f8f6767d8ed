//! One page of one pass: going somewhere, waiting until it is at rest, asking it things.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use headless_chrome::protocol::cdp::{DOM, Input, Page as PageDomain, SystemInfo};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{
    cdp::{Cdp, CdpError},
    choice::Heard,
    commands,
    log::PassLog,
    nodes::{self, ClosedRoot},
    recorder::Recorder,
};
use crate::recording::IdleResult;

/// How long nothing that matters must have happened for a page to be at rest.
const QUIET: Duration = Duration::from_millis(700);

/// How long a request is waited for before it counts as one that never ends.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long past the minimum a page that never comes to rest is watched.
const PATIENCE_WITH_PAGE: Duration = Duration::from_secs(6);

/// How much of the minimum is left when a page is scrolled: what that causes comes to rest meanwhile.
const SCROLLING: Duration = Duration::from_millis(1100);

/// How long a page may take to answer a question.
const ANSWER: Duration = Duration::from_secs(5);

/// A document of more elements is not searched for closed shadow roots: all of it would be told, at about 300 bytes
/// an element, and more than once.
const MOST_ELEMENTS: f64 = 60_000.0;

/// Why the closed shadow roots of a document are not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum RootsError {
    /// It was not searched.
    #[error("the document has more than 60,000 elements")]
    TooLarge,
    /// The browser or the page did not answer.
    #[error(transparent)]
    Cdp(#[from] CdpError),
}

/// How long a page may take to make way for another.
const DEPARTURE: Duration = Duration::from_secs(2);

/// A page in a browser context of its own.
#[derive(Debug)]
pub(super) struct Page {
    recorder: Arc<Recorder>,
    pub(super) log: PassLog,
    pub(super) context: String,
    session: String,
    /// How long a page may take to arrive.
    timeout: Duration,
    /// How long a page is watched at least after it has arrived.
    dwell: Duration,
}

/// How far a navigation came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
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

impl Page {
    /// Opens a fresh browser context with an empty page.
    pub(super) async fn open(
        recorder: &Arc<Recorder>,
        log: PassLog,
        (timeout, dwell): (Duration, Duration),
        bridge: Option<mpsc::UnboundedSender<Heard>>,
        name: Option<String>,
    ) -> Result<Self, CdpError> {
        let (context, session) = recorder.open(log.clone(), bridge, name).await?;
        Ok(Self { recorder: Arc::clone(recorder), log, context, session, timeout, dwell })
    }

    /// Throws the context away.
    pub(super) async fn dispose(self) {
        self.recorder.dispose(&self.context).await;
    }

    /// The connection.
    pub(super) fn cdp(&self) -> &Cdp {
        self.recorder.cdp()
    }

    /// The process of the browser that holds the cookie jars; none if it holds them itself.
    pub(super) async fn network_process(&self) -> Result<Option<u64>, CdpError> {
        let answer = self.cdp().send("", &SystemInfo::GetProcessInfo(None), ANSWER).await?;
        let processes = answer["processInfo"].as_array();
        let network =
            processes.into_iter().flatten().find(|it| it["type"] == "network.mojom.NetworkService");
        Ok(network.and_then(|it| it["id"].as_u64()))
    }

    /// Sessions that hold frames of this page, its own first; those of pages that are prerendered, and of windows
    /// it opened, are among them.
    pub(super) fn frame_sessions(&self) -> Vec<String> {
        let mut sessions = self.recorder.frame_sessions(&self.context);
        sessions.sort_by_key(|it| *it != self.session);
        sessions
    }

    /// Goes to `url` and waits until it is there. Everything from now on belongs to `visit`.
    pub(super) async fn go(&self, url: &str, visit: usize) -> Arrival {
        if !self.log.document().url.is_empty() && !self.log.crashed() {
            self.depart().await;
        }
        self.log.begin_visit(visit);
        let begun = Instant::now();
        let answer = self.cdp().send(&self.session, &commands::navigate(url), self.timeout).await;
        let arrival = match answer {
            Err(CdpError::Closed(_)) => return Arrival::Gone,
            Err(CdpError::TimedOut(..)) => Arrival::TimedOut,
            Err(CdpError::Refused(_, error)) => return Arrival::Failed(error),
            Ok(answer) => match answer["errorText"].as_str() {
                Some(error) if !error.is_empty() => return Arrival::Failed(error.to_owned()),
                _ => self.arrive(begun).await,
            },
        };
        if matches!(arrival, Arrival::TimedOut | Arrival::Partly) {
            self.cdp().fire(&self.session, &PageDomain::StopLoading(None));
        }
        arrival
    }

    async fn arrive(&self, begun: Instant) -> Arrival {
        loop {
            let changed = self.log.changed();
            if self.cdp().is_closed() {
                return Arrival::Gone;
            }
            if self.log.crashed() {
                return Arrival::Crashed;
            }
            let document = self.log.document();
            if document.loaded.is_some() {
                return Arrival::Loaded;
            }
            if let Some(error) = document.error {
                return Arrival::Failed(error);
            }
            let left = self.timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return if document.parsed { Arrival::Partly } else { Arrival::TimedOut };
            }
            tokio::select! {
                () = changed => (),
                () = self.cdp().closed() => (),
                () = tokio::time::sleep(left) => (),
            }
        }
    }

    /// Waits until little of the minimum is left and the page, which has been watched since `begun`, is at rest, or
    /// will not be.
    pub(super) async fn begin_watch(&self, begun: Instant) -> IdleResult {
        let passed = begun.elapsed();
        let minimum = self.dwell.saturating_sub(SCROLLING).saturating_sub(passed);
        let limit = (self.dwell + PATIENCE_WITH_PAGE).saturating_sub(passed).max(QUIET * 4);
        self.rest(minimum, QUIET, limit).await
    }

    /// Waits until the page has been watched for the minimum and is at rest once more, or will not be.
    pub(super) async fn end_watch(&self, begun: Instant) -> IdleResult {
        let (passed, most) = (begun.elapsed(), self.dwell + PATIENCE_WITH_PAGE);
        let left = self.dwell.saturating_sub(passed);
        let limit = most.saturating_sub(passed).max(left + QUIET * 4);
        self.rest(left, QUIET, limit).await
    }

    /// Waits until what was just caused has come to rest, without the minimum.
    pub(super) async fn settle_briefly(&self) -> IdleResult {
        self.rest(Duration::ZERO, QUIET, QUIET * 4).await
    }

    /// The minimum counts from now: a page that is watched was there before.
    async fn rest(&self, minimum: Duration, enough: Duration, limit: Duration) -> IdleResult {
        let begun = Instant::now();
        loop {
            if self.cdp().is_closed() || self.log.crashed() {
                return IdleResult::Failed;
            }
            let passed = begun.elapsed();
            let quiet = self.log.quiet_for(PATIENCE);
            if passed >= minimum && quiet >= enough {
                return IdleResult::Quiet;
            }
            if passed >= limit {
                return IdleResult::Limit;
            }
            // Neither can be true sooner than this; whatever happens meanwhile only puts it off.
            let wait = minimum.saturating_sub(passed).max(enough.saturating_sub(quiet));
            let wait = wait.min(limit.saturating_sub(passed)).max(Duration::from_millis(20));
            tokio::select! {
                () = tokio::time::sleep(wait) => (),
                () = self.cdp().closed() => (),
            }
        }
    }

    /// Scrolls to the end a screen at a time, so that what is loaded on sight is loaded, and back.
    pub(super) async fn scroll(&self) -> Result<(), CdpError> {
        const SCROLL: &str = "(async () => {
            const frame = () => new Promise((done) => { setTimeout(done, 120); requestAnimationFrame(() => requestAnimationFrame(done)); });
            const page = document.scrollingElement || document.documentElement;
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

    /// What `expression` is in a world that shares the page's document but not its scripts.
    pub(super) async fn ask(&self, expression: &str) -> Result<Value, CdpError> {
        let world = self.world().await?;
        self.evaluate(expression, Some(world)).await
    }

    /// What `expression` is among the page's own scripts.
    pub(super) async fn ask_page(&self, expression: &str) -> Result<Value, CdpError> {
        self.evaluate(expression, None).await
    }

    /// The closed shadow roots of all documents of a session.
    pub(super) async fn closed_roots(&self, session: &str) -> Result<Vec<ClosedRoot>, RootsError> {
        const COUNT: &str = "document.getElementsByTagName('*').length";
        let count = self.evaluate_in(session, COUNT, None).await?;
        if count.as_f64().is_some_and(|it| it > MOST_ELEMENTS) {
            return Err(RootsError::TooLarge);
        }
        let enabled = self.cdp().send(session, &DOM::Enable { include_whitespace: None }, ANSWER);
        let nodes = self.cdp().read(session, &commands::all_nodes(), ANSWER);
        // The browser would tell every change of the document from now on.
        self.cdp().fire(session, &DOM::Disable(None));
        enabled.await?;
        Ok(nodes::closed_roots(&nodes.await?))
    }

    async fn evaluate(&self, expression: &str, world: Option<u32>) -> Result<Value, CdpError> {
        self.evaluate_in(&self.session, expression, world).await
    }

    /// The same in a frame's session.
    pub(super) async fn evaluate_in(
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
        let frame = self.log.main_frame();
        let answer =
            self.cdp().send(&self.session, &commands::isolated_world(&frame), ANSWER).await?;
        answer["executionContextId"]
            .as_u64()
            .and_then(|id| id.try_into().ok())
            .ok_or(CdpError::Refused("Page.createIsolatedWorld", "no world".to_owned()))
    }

    /// Presses and releases the left button at a point of the page, as a visitor's mouse does.
    pub(super) async fn press(&self, x: f64, y: f64) -> Result<(), CdpError> {
        use Input::DispatchMouseEventTypeOption::{MouseMoved, MousePressed, MouseReleased};
        let moves = [(MouseMoved, false), (MousePressed, true), (MouseReleased, false)];
        let sent = moves.map(|(kind, down)| {
            self.cdp().send(&self.session, &commands::mouse(kind, x, y, down), ANSWER)
        });
        for answer in sent {
            match answer.await {
                // A click that loads another page may take the answer with it.
                Ok(_) | Err(CdpError::TimedOut(..)) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What the window shows, as a JPEG in base64 at half its size.
    pub(super) async fn picture(&self) -> Result<String, CdpError> {
        let place = self.ask("[scrollX, scrollY, innerWidth, innerHeight]").await?;
        let side = |at: usize| place[at].as_f64().unwrap_or_default();
        let command = commands::picture((side(0), side(1)), (side(2), side(3)), 0.5);
        let answer = self.cdp().send(&self.session, &command, ANSWER).await?;
        Ok(answer["data"].as_str().unwrap_or_default().to_owned())
    }

    /// What is around a point of the window, at its full size.
    pub(super) async fn picture_around(&self, x: f64, y: f64) -> Result<String, CdpError> {
        const SIZE: (f64, f64) = (420.0, 140.0);
        let place = self.ask("[scrollX, scrollY]").await?;
        let start = |at: usize, middle: f64, size: f64| {
            place[at].as_f64().unwrap_or_default() + (middle - size / 2.0).max(0.0)
        };
        let from = (start(0, x, SIZE.0), start(1, y, SIZE.1));
        let command = commands::picture(from, SIZE, 1.0);
        let answer = self.cdp().send(&self.session, &command, ANSWER).await?;
        Ok(answer["data"].as_str().unwrap_or_default().to_owned())
    }

    /// Presses and releases the Enter key, as a visitor who uses no mouse does.
    pub(super) async fn enter(&self) -> Result<(), CdpError> {
        use Input::DispatchKeyEventTypeOption::{KeyDown, KeyUp};
        for kind in [KeyDown, KeyUp] {
            let key = commands::enter(kind);
            match self.cdp().send(&self.session, &key, ANSWER).await {
                Ok(_) | Err(CdpError::TimedOut(..)) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Moves the pointer to the lower and upper edge of the window and leaves it at the lower.
    pub(super) async fn sweep(&self) {
        use Input::DispatchMouseEventTypeOption::MouseMoved;
        let size = self.ask("[innerWidth, innerHeight]").await.unwrap_or_default();
        let (width, height) =
            (size[0].as_f64().unwrap_or(800.0), size[1].as_f64().unwrap_or(600.0));
        // Pages listen now and then, not always.
        for y in [3.0, height / 2.0, height - 3.0, height - 2.0] {
            let command = commands::mouse(MouseMoved, width / 2.0, y, false);
            // A page that does not hear the pointer does not show what it hides from it.
            let _ = self.cdp().send(&self.session, &command, ANSWER).await;
            tokio::time::sleep(Duration::from_millis(230)).await;
        }
    }

    /// Ends a renderer that no longer answers, so that the next page gets a fresh one.
    pub(super) async fn end_renderer(&self) {
        let crash = PageDomain::Crash(None);
        let _ = self.cdp().send(&self.session, &crash, Duration::from_millis(500)).await;
    }

    /// Makes way for another page, so that what this one does as it goes is told, and as its own doing: a
    /// frame whose page is exchanged for one of another site is gone before it could say so.
    async fn depart(&self) {
        // The answers tell nothing: a page that hangs is left by the navigation that follows.
        let command = commands::navigate("about:blank");
        let _ = self.cdp().send(&self.session, &command, DEPARTURE).await;
        let _ = self.cdp().send(&self.session, &commands::evaluate("1", None), DEPARTURE).await;
    }

    /// Leaves the site, so that what it does as it goes is recorded too.
    pub(super) async fn leave(&self) {
        self.depart().await;
        let moment = Duration::from_millis(400);
        self.rest(moment, moment, moment * 5).await;
    }
}
