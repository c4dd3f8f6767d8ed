//! Attaches to every page, frame and worker before it runs, and hands what they tell to the log of
//! the pass they belong to.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use headless_chrome::protocol::cdp::{DOMStorage, Page, Runtime};
use serde_json::Value;
use tokio::sync::{Notify, mpsc};
use url::Url;

use super::{
    cdp::{Cdp, CdpError, CdpEvent},
    choice::{self, Heard},
    commands,
    log::PassLog,
    secrets::SiteSecrets,
    signals::{cookies, documents, requests, scripts, storage, text},
};
use crate::recording::{EventKind, ProblemKind};

/// How long the browser may take over a command that no page can delay.
const PROMPT: Duration = Duration::from_secs(20);

/// Hands events to logs. There is one for each browser.
#[derive(Debug)]
pub(super) struct Recorder {
    cdp: Cdp,
    setup: Setup,
    state: Mutex<State>,
    attached: Notify,
}

/// What every page is set up with.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    /// Name of the binding that the hook reports through.
    pub(super) binding: String,
    /// The hook's source.
    pub(super) hook: String,
    /// Name of the binding that autoconsent reports through.
    pub(super) consent_binding: String,
    /// Autoconsent's source.
    pub(super) consent: String,
    /// What pages are told the browser is.
    pub(super) user_agent: String,
    /// The value of `Accept-Language`.
    pub(super) languages: String,
    /// Width and height in CSS pixels, and whether it is a phone.
    pub(super) viewport: (u32, u32, bool),
    /// Headers that go to the target's own site.
    pub(super) secrets: SiteSecrets,
}

#[derive(Debug, Default)]
struct State {
    sessions: HashMap<String, Session>,
    /// By browser context.
    logs: HashMap<String, PassLog>,
    /// Who drives autoconsent in a browser context, where somebody does.
    bridges: HashMap<String, mpsc::UnboundedSender<Heard>>,
    /// What browsers contexts call themselves that are not as all others.
    names: HashMap<String, String>,
    /// Sessions of pages that are ready, by target.
    pages: HashMap<String, String>,
}

#[derive(Clone, Debug)]
struct Session {
    context: String,
    kind: String,
    target: String,
    /// As events name it.
    name: String,
}

type Answer = Pin<Box<dyn Future<Output = Result<Value, CdpError>> + Send>>;

impl Recorder {
    /// Starts to listen.
    pub(super) async fn start(
        cdp: Cdp,
        mut events: mpsc::UnboundedReceiver<CdpEvent>,
        setup: Setup,
    ) -> Result<Arc<Self>, CdpError> {
        let recorder = Arc::new(Self {
            cdp: cdp.clone(),
            setup,
            state: Mutex::default(),
            attached: Notify::new(),
        });
        let listener = Arc::clone(&recorder);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                listener.hear(&event);
            }
            // Whoever waits for a page must learn that none will come.
            listener.attached.notify_waiters();
        });
        cdp.send("", &commands::discover_targets(), PROMPT).await?;
        // Attached through its tab, a page that is prerendered is recorded too.
        let filter = [("page", true), ("browser", true)];
        cdp.send("", &commands::auto_attach(&filter), PROMPT).await?;
        Ok(recorder)
    }

    /// The connection.
    pub(super) const fn cdp(&self) -> &Cdp {
        &self.cdp
    }

    /// What pages are told the browser is.
    pub(super) fn user_agent(&self) -> &str {
        &self.setup.user_agent
    }

    /// Opens a fresh browser context with one empty page; everything in it goes to `log`, and with
    /// a `bridge` autoconsent runs in it and speaks through that.
    pub(super) async fn open(
        &self,
        log: PassLog,
        bridge: Option<mpsc::UnboundedSender<Heard>>,
        name: Option<String>,
    ) -> Result<(String, String), CdpError> {
        let context = self.cdp.send("", &commands::create_context(), PROMPT).await?;
        let context = text(&context["browserContextId"]);
        {
            let mut state = self.lock();
            state.logs.insert(context.clone(), log.clone());
            state.bridges.extend(bridge.map(|bridge| (context.clone(), bridge)));
            state.names.extend(name.map(|name| (context.clone(), name)));
        }
        self.cdp.send("", &commands::deny_downloads(&context), PROMPT).await?;
        let target = self.cdp.send("", &commands::create_page(&context), PROMPT).await?;
        let target = text(&target["targetId"]);
        let ready = async {
            loop {
                let changed = self.attached.notified();
                if let Some(session) = self.lock().pages.get(&target).cloned() {
                    return Some(session);
                }
                if self.cdp.is_closed() {
                    return None;
                }
                changed.await;
            }
        };
        match tokio::time::timeout(PROMPT, ready).await {
            Ok(Some(session)) => {
                // The main frame's id is the target's.
                log.set_page(&session, &target);
                Ok((context, session))
            }
            Ok(None) => Err(CdpError::Closed("Target.attachedToTarget")),
            Err(_) => Err(CdpError::TimedOut("Target.attachedToTarget", PROMPT)),
        }
    }

    /// Throws a context away, and everything that was stored in it.
    pub(super) async fn dispose(&self, context: &str) {
        // If the browser is gone there is nothing to throw away.
        let _ = self.cdp.send("", &commands::dispose_context(context), PROMPT).await;
        let mut state = self.lock();
        state.logs.remove(context);
        state.sessions.retain(|_, session| session.context != context);
    }

    /// Sessions that hold frames of a context.
    pub(super) fn frame_sessions(&self, context: &str) -> Vec<String> {
        let state = self.lock();
        let mut sessions: Vec<String> = state
            .sessions
            .iter()
            .filter(|(_, it)| {
                it.context == context && matches!(it.kind.as_str(), "page" | "iframe")
            })
            .map(|(session, _)| session.clone())
            .collect();
        sessions.sort();
        sessions
    }

    fn hear(self: &Arc<Self>, event: &CdpEvent) {
        let params = &event.params;
        if event.method == "Target.attachedToTarget" {
            self.attach(&event.session, params);
            return;
        }
        if event.method == "Target.detachedFromTarget" {
            self.lock().sessions.remove(params["sessionId"].as_str().unwrap_or_default());
            return;
        }
        let Some((session, log)) = self.whose(&event.session) else { return };
        let target = session.name.as_str();
        let is_page = log.is_page(&event.session);
        match event.method.as_str() {
            "Network.requestWillBeSent" => {
                documents::begins(&log, params);
                requests::sent(&log, target, params);
            }
            "Network.requestWillBeSentExtraInfo" => cookies::sent(&log, target, params),
            "Network.responseReceived" => requests::answered(&log, target, params),
            "Network.responseReceivedExtraInfo" => cookies::received(&log, target, params),
            "Network.loadingFinished" => requests::finished(&log, params),
            "Network.loadingFailed" => requests::failed(&log, target, params),
            "Network.webTransportCreated" => requests::web_transport(&log, target, params),
            "Network.webSocketCreated" => requests::web_socket(&log, target, params),
            "DOMStorage.domStorageItemAdded" | "DOMStorage.domStorageItemUpdated" => {
                storage::written(&log, target, params);
            }
            "Runtime.bindingCalled" if params["name"] == self.setup.binding.as_str() => {
                scripts::hooked(&log, target, params["payload"].as_str().unwrap_or_default());
            }
            "Runtime.bindingCalled" if params["name"] == self.setup.consent_binding.as_str() => {
                let world = params["executionContextId"].as_u64().unwrap_or_default();
                let said = text(&params["payload"]);
                self.hand_on(&session.context, Heard::Said(event.session.clone(), world, said));
            }
            "Runtime.executionContextCreated" => {
                if let Some(heard) = choice::world(&event.session, &params["context"]) {
                    self.hand_on(&session.context, heard);
                }
            }
            "Runtime.executionContextDestroyed" => {
                let world = params["executionContextId"].as_u64().unwrap_or_default();
                self.hand_on(&session.context, Heard::Ended(event.session.clone(), world));
            }
            "Runtime.executionContextsCleared" => {
                self.hand_on(&session.context, Heard::Cleared(event.session.clone()));
            }
            "Page.domContentEventFired" if is_page => documents::parsed(&log),
            "Page.loadEventFired" if is_page => documents::loaded(&log),
            "Page.javascriptDialogOpening" => {
                let accept = documents::dialog(&log, target, params);
                self.cdp.fire(&event.session, &commands::answer_dialog(accept));
            }
            "Page.downloadWillBegin" => documents::download(&log, params),
            "Inspector.targetCrashed" => {
                log.push(target, EventKind::Crashed);
                if is_page {
                    log.crash();
                }
            }
            "Fetch.requestPaused" => self.pass_on(&event.session, params),
            _ => (),
        }
    }

    /// Tells whoever drives autoconsent in a context, if somebody does and the pass is not over.
    fn hand_on(&self, context: &str, heard: Heard) {
        if let Some(bridge) = self.lock().bridges.get(context) {
            let _ = bridge.send(heard);
        }
    }

    /// Lets a request go on, with the user's headers if it goes to the target's own site.
    fn pass_on(&self, session: &str, params: &Value) {
        let request = text(&params["requestId"]);
        let url = params["request"]["url"].as_str().and_then(|it| Url::parse(it).ok());
        let secrets = url.as_ref().map_or(&[][..], |url| self.setup.secrets.headers_for(url));
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

    fn attach(self: &Arc<Self>, parent: &str, params: &Value) {
        let session = text(&params["sessionId"]);
        let info = &params["targetInfo"];
        let (kind, target, url) =
            (text(&info["type"]), text(&info["targetId"]), text(&info["url"]));
        // Chromium's own windows, and a second session for a worker that is already held, are let
        // go of at once: each worker attaches through its page, its tab and the browser.
        let known = kind.ends_with("_worker")
            && self.lock().sessions.values().any(|held| held.target == target);
        if kind == "browser_ui" || known {
            self.cdp.fire(&session, &Runtime::RunIfWaitingForDebugger(None));
            self.cdp.fire(parent, &commands::detach(&session));
            return;
        }
        let context = match info["browserContextId"].as_str() {
            Some(context) => context.to_owned(),
            None => self.lock().sessions.get(parent).map_or(String::new(), |it| it.context.clone()),
        };
        let log = self.lock().logs.get(&context).cloned();
        let prerendered = info["subtype"] == "prerender";
        let name = if kind == "page" && info["openerId"].is_null() && !prerendered {
            "page".to_owned()
        } else {
            let url = log.as_ref().map_or(url.clone(), |log| log.redactor().url(&url));
            let kind = match kind.as_str() {
                "page" if prerendered => "prerendered",
                "page" => "popup",
                kind => kind,
            };
            format!("{kind} {url}").trim_end().to_owned()
        };
        if let Some(log) = log.as_ref().filter(|_| kind != "tab") {
            let url = log.redactor().url(&url);
            log.push(&name, EventKind::Target { kind: kind.clone(), url });
        }
        let (consents, user_agent) = {
            let state = self.lock();
            let name = state.names.get(&context).unwrap_or(&self.setup.user_agent).clone();
            (state.bridges.contains_key(&context), name)
        };
        let held =
            Session { context, kind: kind.clone(), target: target.clone(), name: name.clone() };
        self.lock().sessions.insert(session.clone(), held);

        let answers = self.set_up(&session, &kind, consents, &user_agent);
        let recorder = Arc::clone(self);
        tokio::spawn(async move {
            for answer in answers {
                // A target that is gone, or too simple for a domain, refuses; the rest still holds.
                // One that does not answer may do what we are not told of.
                if let (Err(CdpError::TimedOut(..)), Some(log)) = (answer.await, &log) {
                    log.gap(
                        ProblemKind::NotWatched,
                        format!("{name} was not ready to be watched in time"),
                    );
                }
            }
            if kind == "page" {
                recorder.lock().pages.insert(target, session);
                recorder.attached.notify_waiters();
            }
        });
    }

    /// Sends everything a new target needs before it may run, then lets it run.
    fn set_up(&self, session: &str, kind: &str, consents: bool, user_agent: &str) -> Vec<Answer> {
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
            let patterns = self.setup.secrets.patterns();
            if !patterns.is_empty() {
                send!(commands::intercept(&patterns));
            }
        }
        if kind == "page" || kind == "iframe" {
            send!(Page::Enable { enable_file_chooser_opened_event: None });
            send!(DOMStorage::Enable(None));
            send!(commands::add_binding(&self.setup.binding));
            send!(commands::on_new_document(&self.setup.hook));
            if consents {
                send!(commands::add_binding_to(&self.setup.consent_binding, choice::WORLD));
                send!(commands::on_new_document_in(&self.setup.consent, choice::WORLD));
            }
        }
        if kind == "page" {
            // A popup must not hide the page that we look at.
            send!(commands::focus());
            let (width, height, mobile) = self.setup.viewport;
            send!(commands::metrics(width, height, mobile));
            send!(commands::user_agent(user_agent, &self.setup.languages));
        }
        // No hook in workers: evaluating in one that is held wedged page loads nine times of nine.
        send!(Runtime::RunIfWaitingForDebugger(None));
        answers
    }

    fn whose(&self, session: &str) -> Option<(Session, PassLog)> {
        let state = self.lock();
        let session = state.sessions.get(session)?;
        let log = state.logs.get(&session.context)?;
        Some((session.clone(), log.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere cannot leave a table half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hook with its binding's name put in.
pub(super) fn hook(binding: &str) -> String {
    include_str!("hook.js").replace("BINDING", binding)
}
