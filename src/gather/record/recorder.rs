//! Attaches to every page, frame and worker before it runs, and hands its events to the log of the context, put down
//! to the tab that they belong to.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use headless_chrome::protocol::cdp::{DOMStorage, Page, Runtime};
use serde_json::Value;
use tokio::sync::{Notify, mpsc, watch};
use url::Url;

use super::{
    event_log::{EventLog, Source},
    outstanding::{DocumentLedger, OpenThings},
    sessions::{ContextOptions, ContextState, Found, Session, Sessions},
    signals::{cookies, documents, requests, scripts, storage, text},
    tab_state::TabState,
    worlds::{WorldEvent, WorldScript},
};
use crate::{
    gather::{
        addresses,
        cdp::{
            commands,
            connection::{Cdp, CdpError, CdpEvent},
        },
        network::Network,
        secrets::SiteSecrets,
    },
    recording::{EventKind, OutstandingKind, ProblemKind},
};

/// How long the browser may take over a command that no page can delay.
const PROMPT: Duration = Duration::from_secs(20);

/// What one scan sees of a browser: it opens contexts and tabs. Others may have theirs in the same browser.
#[derive(Debug)]
pub(in crate::gather) struct Recorder {
    /// Ends when the scan is to stop, whether or not the browser does.
    cdp: Cdp,
    /// Headers that go to the site of the scan's target.
    secrets: SiteSecrets,
    hub: Arc<Hub>,
}

/// Hands events to logs. There is one for each browser.
#[derive(Debug)]
pub(in crate::gather) struct Hub {
    cdp: Cdp,
    setup: Setup,
    /// Name of the binding that the hook reports through, drawn for each browser.
    binding: String,
    state: Mutex<Sessions>,
    attached: Notify,
    /// Held while a tab is opened, so that a page which attaches meanwhile is known to be that of this tab.
    opening: tokio::sync::Mutex<()>,
}

/// What every page is set up with.
#[derive(Clone, Debug)]
pub(in crate::gather) struct Setup {
    /// What the browser calls itself.
    pub(in crate::gather) user_agent: String,
    /// The value of `Accept-Language`.
    pub(in crate::gather) languages: String,
    /// Width and height in CSS pixels, and whether it is a phone.
    pub(in crate::gather) viewport: (u32, u32, bool),
    /// Where the user leads hosts, if no other address inside a network may be contacted.
    pub(in crate::gather) refuses_private: Option<Network>,
}

type Answer = Pin<Box<dyn Future<Output = Result<Value, CdpError>> + Send>>;

impl Hub {
    /// Starts to listen; also returns events of pages that it opened for nobody, as long as somebody takes them.
    pub(in crate::gather) async fn start(
        cdp: Cdp,
        mut events: mpsc::Receiver<CdpEvent>,
        setup: Setup,
    ) -> Result<(Arc<Self>, mpsc::Receiver<CdpEvent>), CdpError> {
        /// More than a page of ours ever causes.
        const MOST_WAITING: usize = 256;
        let hub = Arc::new(Self {
            cdp: cdp.clone(),
            setup,
            binding: random_name(),
            state: Mutex::new(Sessions::new()),
            attached: Notify::new(),
            opening: tokio::sync::Mutex::new(()),
        });
        let listener = Arc::clone(&hub);
        let (other, others) = mpsc::channel(MOST_WAITING);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if !listener.receive(&event) {
                    // Nobody may want them.
                    let _ = other.try_send(event);
                }
            }
            // Whoever waits for a page must learn that none will come.
            listener.attached.notify_waiters();
        });
        cdp.send("", &commands::discover_targets(), PROMPT).await?;
        // Attached through its tab, a page that is prerendered is recorded too.
        let filter = [("page", true), ("browser", true)];
        cdp.send("", &commands::auto_attach(&filter), PROMPT).await?;
        Ok((hub, others))
    }

    /// What a scan with these secrets sees of the browser, until `stop` becomes true.
    pub(in crate::gather) fn for_scan(
        self: &Arc<Self>,
        secrets: SiteSecrets,
        stop: watch::Receiver<bool>,
    ) -> Arc<Recorder> {
        let cdp = self.cdp.until(stop);
        Arc::new(Recorder { cdp, secrets, hub: Arc::clone(self) })
    }
}

impl Recorder {
    /// The connection.
    pub(in crate::gather) const fn cdp(&self) -> &Cdp {
        &self.cdp
    }

    /// What the browser calls itself.
    pub(in crate::gather) fn user_agent(&self) -> &str {
        &self.hub.setup.user_agent
    }

    /// Opens a fresh browser context, everything in which goes to `log`; returns the browser's name for it.
    pub(in crate::gather) async fn open_context(
        &self,
        log: EventLog,
        options: ContextOptions,
    ) -> Result<String, CdpError> {
        let answer = self.cdp.send("", &commands::create_context(), PROMPT).await?;
        let id = text(&answer["browserContextId"]);
        let state = ContextState::new(log, options, self.secrets.clone());
        self.hub.lock().contexts.insert(id.clone(), state);
        self.cdp.send("", &commands::deny_downloads(&id), PROMPT).await?;
        Ok(id)
    }

    /// Opens a tab with an empty page. What happens before its first visit begins belongs to `visit`.
    pub(in crate::gather) async fn open_tab(
        &self,
        context: &str,
        visit: usize,
    ) -> Result<TabState, CdpError> {
        let tab = TabState::new(visit);
        let alone = self.hub.opening.lock().await;
        self.hub.with_context(context, |it| {
            it.opening = Some(tab.clone());
            if it.tabs.is_empty() {
                it.main = tab.clone();
            }
        });
        let answer = self.cdp.send("", &commands::create_page(context), PROMPT).await?;
        let target = text(&answer["targetId"]);
        self.hub.with_context(context, |it| {
            // A window that a page opened meanwhile may have been taken for it.
            it.tabs.retain(|known, other| *known == target || !other.is(&tab));
            it.tabs.insert(target.clone(), tab.clone());
            it.opening = None;
        });
        drop(alone);
        let ready = async {
            loop {
                let changed = self.hub.attached.notified();
                let session = self.hub.with_context(context, |it| it.ready.get(&target).cloned());
                if let Some(session) = session.flatten() {
                    return Some(session);
                }
                if self.cdp.is_closed() {
                    return None;
                }
                tokio::select! {
                    () = changed => (),
                    () = self.cdp.closed() => (),
                }
            }
        };
        match tokio::time::timeout(PROMPT, ready).await {
            Ok(Some(session)) => {
                // The main frame's id is the target's.
                tab.set_page(&session, &target);
                Ok(tab)
            }
            Ok(None) => Err(CdpError::Closed("Target.attachedToTarget")),
            Err(_) => Err(CdpError::TimedOut("Target.attachedToTarget", PROMPT)),
        }
    }

    /// Closes a tab; the context and its jar stay.
    pub(in crate::gather) async fn close_tab(&self, context: &str, tab: &TabState) {
        let target = tab.main_frame();
        // A tab whose browser is gone is closed already.
        let _ = self.cdp.send("", &commands::close_target(&target), PROMPT).await;
        self.hub.with_context(context, |it| {
            it.tabs.retain(|_, other| !other.is(tab));
            it.ready.remove(&target);
            if it.main.is(tab)
                && let Some(other) = it.tabs.values().next()
            {
                it.main = other.clone();
            }
        });
    }

    /// Throws a context away, everything that was stored in it, and everything that is known of it.
    pub(in crate::gather) async fn dispose(&self, context: &str) {
        // If the browser is gone there is nothing to throw away.
        let dispose = commands::dispose_context(context);
        let _ = self.hub.cdp.send("", &dispose, PROMPT).await;
        self.hub.lock().forget(context);
    }

    /// Sessions that hold frames of a tab, its page's own first; those of pages that it prerenders, and of windows
    /// that it opened, are among them.
    pub(in crate::gather) fn frame_sessions(&self, context: &str, tab: &TabState) -> Vec<String> {
        self.hub.lock().frame_sessions(context, tab)
    }

    /// The worlds of the scripts of all documents of a tab, each with its session; and how many workers it has.
    pub(in crate::gather) fn documents(
        &self,
        context: &str,
        tab: &TabState,
    ) -> (Vec<(String, u32)>, usize) {
        self.hub.lock().documents(context, tab)
    }

    /// What to ask a document's own world to learn what it has outstanding.
    pub(in crate::gather) fn ledger_question(&self) -> String {
        DocumentLedger::question(&self.hub.binding)
    }
}

impl Hub {
    /// Handles an event; false if it is of a page that nobody opened through a [`Recorder`].
    fn receive(self: &Arc<Self>, event: &CdpEvent) -> bool {
        let params = &event.params;
        match event.method.as_str() {
            "Target.attachedToTarget" => {
                self.attach(event);
                return true;
            }
            "Target.detachedFromTarget" => {
                let session = params["sessionId"].as_str().unwrap_or_default();
                if let Some(tab) = self.lock().end_session(session) {
                    tab.note_open(|it| it.end_session(session));
                }
                return true;
            }
            _ => (),
        }
        let Some(origin) = self.origin_of(event) else { return false };
        let Origin { session, log, tab, at, headers_at } = &origin;
        let source = Source { at: *at, name: &session.name, tab };
        let is_page = tab.is_page(&event.session);
        match event.method.as_str() {
            "Network.requestWillBeSent" => {
                documents::begins(tab, params);
                requests::begins(tab, &event.session, params);
                requests::sent(log, source, params, *headers_at);
            }
            "Network.requestWillBeSentExtraInfo" => cookies::sent(log, source, params),
            "Network.responseReceived" => requests::answered(log, source, params, *headers_at),
            "Network.responseReceivedExtraInfo" => cookies::received(log, source, params),
            "Network.loadingFinished" => {
                requests::finished(log, source, params);
                requests::ends(tab, &event.session, params);
            }
            "Network.loadingFailed" => {
                requests::failed(log, source, params);
                requests::ends(tab, &event.session, params);
            }
            "Network.webTransportCreated" => {
                requests::connects(tab, &event.session, params, OutstandingKind::WebTransport);
                requests::web_transport(log, source, params);
            }
            "Network.webSocketCreated" => {
                let asked = params["url"].as_str().unwrap_or_default();
                if self.is_refused(asked) {
                    requests::refused(log, source, asked);
                }
                requests::connects(tab, &event.session, params, OutstandingKind::WebSocket);
                requests::web_socket(log, source, params);
            }
            "Network.webSocketClosed" | "Network.webTransportClosed" => {
                requests::ends(tab, &event.session, params);
            }
            "Page.frameScheduledNavigation" | "Page.frameClearedScheduledNavigation" => {
                documents::scheduled(tab, params);
            }
            "DOMStorage.domStorageItemAdded" | "DOMStorage.domStorageItemUpdated" => {
                storage::written(log, source, params);
            }
            "Runtime.bindingCalled" if params["name"] == self.binding.as_str() => {
                let payload = params["payload"].as_str().unwrap_or_default();
                scripts::hooked(log, source, event.read, payload);
            }
            "Runtime.bindingCalled"
            | "Runtime.executionContextCreated"
            | "Runtime.executionContextDestroyed"
            | "Runtime.executionContextsCleared" => {
                if event.method != "Runtime.bindingCalled" {
                    self.lock().note_world(&event.session, &event.method, params);
                    tab.note_open(OpenThings::touch);
                }
                self.hand_on(&session.context, event);
            }
            "Page.domContentEventFired" if is_page => documents::parsed(tab),
            "Page.loadEventFired" if is_page => documents::loaded(tab),
            "Page.javascriptDialogOpening" => {
                let accept = documents::dialog(log, source, params);
                self.cdp.fire(&event.session, &commands::answer_dialog(accept));
            }
            "Page.downloadWillBegin" => documents::download(log, source, params),
            "Inspector.targetCrashed" => {
                log.push(source, EventKind::Crashed);
                if is_page {
                    tab.crash();
                }
            }
            "Fetch.requestPaused" => self.decide(event, origin),
            _ => (),
        }
        true
    }

    /// Lets a request that is held go on, or refuses it.
    fn decide(self: &Arc<Self>, event: &CdpEvent, origin: Origin) {
        let (hub, params, held) = (Arc::clone(self), event.params.clone(), &event.session);
        let context = origin.session.context.clone();
        let asked = text(&params["request"]["url"]);
        let refuse = move |hub: &Self, held: &str, request: &str| {
            let Origin { session, log, tab, at, .. } = &origin;
            requests::refused(log, Source { at: *at, name: &session.name, tab }, &asked);
            hub.cdp.fire(held, &commands::refuse(request));
        };
        let request = text(&params["requestId"]);
        if self.is_refused(params["request"]["url"].as_str().unwrap_or_default()) {
            refuse(self, held, &request);
        } else if let Some((host, port)) = self.to_be_resolved(&params) {
            let held = held.clone();
            tokio::spawn(async move {
                if addresses::leads_inside(&host, port).await {
                    refuse(&hub, &held, &request);
                } else {
                    hub.pass_on(&context, &held, &params);
                }
            });
        } else {
            self.pass_on(&context, held, &params);
        }
    }

    /// Hands what happened in a world on to whoever opened the context, if they want it.
    fn hand_on(&self, context: &str, event: &CdpEvent) {
        let Some(script) = self.with_context(context, |it| it.options.world_script.clone()) else {
            return;
        };
        let Some(script) = script else { return };
        let (session, params) = (event.session.clone(), &event.params);
        let world = params["executionContextId"].as_u64().unwrap_or_default();
        let happened = match event.method.as_str() {
            "Runtime.bindingCalled" if params["name"] == script.binding.as_str() => {
                let payload = text(&params["payload"]);
                Some(WorldEvent::BindingCalled { session, world, payload })
            }
            "Runtime.executionContextCreated" => WorldEvent::created(&session, &params["context"]),
            "Runtime.executionContextDestroyed" => Some(WorldEvent::Destroyed { session, world }),
            "Runtime.executionContextsCleared" => Some(WorldEvent::Cleared { session }),
            _ => None,
        };
        if let Some(happened) = happened {
            // A page that makes worlds faster than anybody can follow has none that are followed.
            let _ = script.events.try_send(happened);
        }
    }

    /// Whether a request goes to an address inside a network where a public site may not lead.
    fn is_refused(&self, url: &str) -> bool {
        let Some(network) = &self.setup.refuses_private else { return false };
        let Ok(url) = Url::parse(url) else { return false };
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return false;
        };
        addresses::is_inside(host) && !network.leads(host, port)
    }

    /// The host and port of a document, if it has to be found out whether its name leads into a network.
    fn to_be_resolved(&self, params: &Value) -> Option<(String, u16)> {
        let network = self.setup.refuses_private.as_ref()?;
        let url = Url::parse(params["request"]["url"].as_str()?).ok()?;
        let (host, port) = (url.domain()?, url.port_or_known_default()?);
        // A proxy resolves names itself.
        let ours = network.proxy.is_none() && !network.leads(host, port);
        (params["resourceType"] == "Document" && ours).then(|| (host.to_owned(), port))
    }

    /// Lets a request go on, with the user's headers if it goes to the target's own site.
    fn pass_on(&self, context: &str, session: &str, params: &Value) {
        let request = text(&params["requestId"]);
        let url = params["request"]["url"].as_str().and_then(|it| Url::parse(it).ok());
        let secrets = url
            .and_then(|url| self.with_context(context, |it| it.secrets.headers_for(&url).to_vec()));
        let secrets = secrets.unwrap_or_default();
        if secrets.is_empty() {
            // The browser's patterns match more addresses than meant.
            self.cdp.fire(session, &commands::go_on(&request, None));
            return;
        }
        let replaced = |name: &str| secrets.iter().any(|(ours, _)| ours.eq_ignore_ascii_case(name));
        let mut headers: Vec<_> = params["request"]["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| !replaced(name))
            .map(|(name, value)| commands::header(name, value.as_str().unwrap_or_default()))
            .collect();
        headers.extend(secrets.iter().map(|(name, value)| commands::header(name, value)));
        self.cdp.fire(session, &commands::go_on(&request, Some(headers)));
    }

    fn attach(self: &Arc<Self>, event: &CdpEvent) {
        let (parent, params) = (&event.session, &event.params);
        let session = text(&params["sessionId"]);
        let info = &params["targetInfo"];
        let (kind, target, url) =
            (text(&info["type"]), text(&info["targetId"]), text(&info["url"]));
        // Chromium's own windows, and a second session for a worker that is already attached, are let
        // go of at once: each worker attaches through its page, its tab and the browser.
        let known = kind.ends_with("_worker")
            && self.lock().by_id.values().any(|other| other.target == target);
        if kind == "browser_ui" || known {
            self.cdp.fire(&session, &Runtime::RunIfWaitingForDebugger(None));
            self.cdp.fire(parent, &commands::detach(&session));
            return;
        }
        let attached = event.read.instant;
        let (added, found) = self.lock().add_session(&session, parent, info);
        if found.is_none() && !added.context.is_empty() {
            // A page that was not opened through a recorder: it is ours, and shows what we wrote.
            self.cdp.fire(&session, &Runtime::RunIfWaitingForDebugger(None));
            return;
        }
        let name = added.name;
        let (mut world_script, mut user_agent) = (None, self.setup.user_agent.clone());
        let mut patterns = Vec::new();
        if let Some(Found { log, tab, script, own_name, secrets }) = &found {
            if kind != "tab" {
                let source = Source { at: attached, name: &name, tab };
                let url = log.redactor().url(&url);
                log.push(source, EventKind::Target { kind: kind.clone(), url });
            }
            world_script.clone_from(script);
            user_agent = own_name.clone().unwrap_or(user_agent);
            patterns = secrets.patterns();
        }

        let answers = self.set_up(&session, &kind, world_script.as_ref(), &user_agent, patterns);
        let hub = Arc::clone(self);
        tokio::spawn(async move {
            for answer in answers {
                // A target that is gone, or too simple for a domain, refuses; the rest still holds.
                // One that does not answer may do what is not recorded.
                if let (Err(CdpError::TimedOut(..)), Some(Found { log, tab, .. })) =
                    (answer.await, &found)
                {
                    let message = format!("{name} was not ready to be watched in time");
                    let source = Source { at: attached, name: &name, tab };
                    log.visit_gap(source, ProblemKind::NotWatched, message);
                }
            }
            if kind == "page" {
                hub.with_context(&added.context, |it| it.ready.insert(target, session));
                hub.attached.notify_waiters();
            }
        });
    }

    /// Sends everything a new target needs before it may run, then lets it run.
    fn set_up(
        &self,
        session: &str,
        kind: &str,
        world_script: Option<&WorldScript>,
        user_agent: &str,
        mut patterns: Vec<String>,
    ) -> Vec<Answer> {
        let cdp = &self.cdp;
        let mut answers: Vec<Answer> = Vec::new();
        macro_rules! send {
            ($command:expr) => {
                answers.push(Box::pin(cdp.send(session, &$command, PROMPT)))
            };
        }
        send!(commands::auto_attach(&[]));
        if kind != "tab" {
            // Without the debugger's stacks a pixel is blamed on the parser and not on its script.
            send!(commands::debugger_enable());
            send!(commands::async_stacks());
            send!(commands::skip_pauses());
            send!(Runtime::Enable(None));
            send!(commands::network_enable());
            let refuses = self.setup.refuses_private.is_some();
            if refuses {
                patterns.extend(addresses::patterns());
            }
            if !patterns.is_empty() {
                // The browser asks no name where it leads before it goes to another page.
                send!(commands::intercept(&patterns, refuses));
            }
        }
        if kind == "page" || kind == "iframe" {
            send!(Page::Enable { enable_file_chooser_opened_event: None });
            send!(DOMStorage::Enable(None));
            send!(commands::add_binding(&self.binding));
            send!(commands::on_new_document(&hook(&self.binding)));
            if let Some(script) = world_script {
                send!(commands::add_binding_to(&script.binding, script.world));
                send!(commands::on_new_document_in(&script.source, script.world));
            }
        }
        if kind == "page" {
            // A popup must not hide the page that we look at.
            send!(commands::focus());
            let (width, height, mobile) = self.setup.viewport;
            send!(commands::metrics(width, height, mobile));
            send!(commands::user_agent(user_agent, &self.setup.languages));
        }
        // No hook in workers: evaluating in one that is paused wedged page loads nine times of nine.
        send!(Runtime::RunIfWaitingForDebugger(None));
        answers
    }

    fn origin_of(&self, event: &CdpEvent) -> Option<Origin> {
        let mut state = self.lock();
        let at = state.clock.moment_of(event);
        let response = match event.method.as_str() {
            "Network.requestWillBeSent" => &event.params["redirectResponse"],
            "Network.responseReceived" => &event.params["response"],
            _ => &Value::Null,
        };
        let headers_at = state.clock.headers_of(response, event.read);
        let session = state.by_id.get(&event.session)?.clone();
        let context = state.contexts.get(&session.context)?;
        let (log, tab) = (context.log.clone(), context.tab_of(&session).clone());
        Some(Origin { session, log, tab, at, headers_at })
    }

    fn with_context<T>(
        &self,
        context: &str,
        change: impl FnOnce(&mut ContextState) -> T,
    ) -> Option<T> {
        self.lock().contexts.get_mut(context).map(change)
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        // A panic elsewhere cannot leave a table half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where an event comes from, and when it happened.
struct Origin {
    session: Session,
    log: EventLog,
    tab: TabState,
    at: Instant,
    /// When the headers of the response arrived that it reports, if it does.
    headers_at: Option<Instant>,
}

/// The hook with its binding's name put in.
fn hook(binding: &str) -> String {
    include_str!("hook.js")
        .replace("LEDGER(", &format!("{}(", include_str!("ledger.js").trim_end()))
        .replace("BINDING", binding)
}

/// A name that no page knows.
pub(in crate::gather) fn random_name() -> String {
    format!("__{:016x}", rand::random::<u64>())
}
