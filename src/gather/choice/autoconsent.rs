//! Drives DuckDuckGo's autoconsent (<https://github.com/duckduckgo/autoconsent>, MPL-2.0), which is
//! embedded as published and runs in an isolated world of every frame.
//!
//! It finds banners and knows which of their elements to press; it presses nothing itself. Each
//! click it asks for is handed to us, looked at, and made with a real pointer. Its rules may not
//! call a platform's programming interface to choose: a visitor has no such thing.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use regex::Regex;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use crate::{
    consent::settings::Sheet,
    gather::{
        cdp::{commands, connection::Cdp},
        record::{
            recorder::random_name,
            worlds::{WorldEvent, WorldScript},
        },
        tab::page::Tab,
    },
};

/// The name of its world. Pages cannot see it.
const WORLD: &str = "autoconsent";

/// How long its scripts wait for an answer to a question about the page's own world.
const ANSWER: Duration = Duration::from_millis(900);

/// What goes before the bundle: messages as text, and clicks as messages.
const SHIM: &str = "window.autoconsentSendMessage = (message) => Promise.resolve(BINDING(JSON.stringify(message)));
window.autoconsentPressed = [];
HTMLElement.prototype.click = function () {
    const index = window.autoconsentPressed.push(this) - 1;
    BINDING(JSON.stringify({ type: 'press', index }));
};
";

/// What the bundle calls its messages: that a banner is open, and how a choice ended.
const POPUP_FOUND: &str = "popupFound";
const OPT_OUT_RESULT: &str = "optOutResult";
const OPT_IN_RESULT: &str = "optInResult";

/// How many events may wait for it.
const MOST_WAITING: usize = 4096;

/// The script for a context in which it runs, and the events to start it with.
pub(in crate::gather) fn world_script() -> (WorldScript, mpsc::Receiver<WorldEvent>) {
    let (events, receiver) = mpsc::channel(MOST_WAITING);
    let binding = random_name();
    let source = script(&binding).into();
    (WorldScript { world: WORLD, binding, source, events }, receiver)
}

/// Its source for new documents, with the binding that it reports through.
fn script(binding: &str) -> String {
    let bundle = include_str!(concat!(env!("OUT_DIR"), "/autoconsent.js"));
    format!("{}{bundle}", SHIM.replace("BINDING", binding))
}

/// The channel of messages to and from autoconsent during one pass.
#[derive(Clone, Debug)]
pub(in crate::gather) struct AutoconsentSession {
    cdp: Cdp,
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    /// Frames by session and number of their world, ours or the page's own.
    ours: BTreeMap<(String, u64), String>,
    own: BTreeMap<(String, String), u64>,
    main_frame: String,
    refuse: bool,
    /// Banners that ask, in the order they were found.
    popups: Vec<Popup>,
    /// Whether it is choosing; while it does, its questions are not answered.
    choosing: bool,
    presses: VecDeque<Press>,
    ended: Option<ChoiceEnded>,
}

/// A banner that it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Popup {
    /// The name of the rule.
    pub(super) cmp: String,
    session: String,
    world: u64,
}

/// A click that it asks for.
#[derive(Clone, Debug)]
pub(super) struct Press {
    session: String,
    world: u64,
    index: u64,
}

/// How a choice that it made ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChoiceEnded {
    /// Whether it says that it worked.
    pub(super) succeeded: bool,
}

impl AutoconsentSession {
    /// Listens to what the recorder hands on, until the pass is over.
    pub(in crate::gather) fn start(
        cdp: Cdp,
        mut events: mpsc::Receiver<WorldEvent>,
        refuse: bool,
    ) -> Self {
        let state = State { refuse, ..State::default() };
        let session =
            Self { cdp, state: Arc::new(Mutex::new(state)), changed: Arc::new(Notify::new()) };
        let listener = session.clone();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                listener.receive(event);
                listener.changed.notify_waiters();
            }
        });
        session
    }

    /// Says which frame is the page's own; rules for whole pages are for it alone.
    pub(in crate::gather) fn set_main_frame(&self, frame: &str) {
        self.lock().main_frame = frame.to_owned();
    }

    /// The first banner that it found and that is still there.
    pub(super) fn popup(&self) -> Option<Popup> {
        self.lock().popups.first().cloned()
    }

    /// Lets it choose. [`Self::next`] returns the clicks that it asks for and how it ended.
    pub(super) fn choose(&self, popup: &Popup, refuse: bool) {
        {
            let mut state = self.lock();
            state.choosing = true;
            state.ended = None;
            state.presses.clear();
        }
        let kind = if refuse { "optOut" } else { "optIn" };
        self.send(&popup.session, popup.world, &json!({ "type": kind }));
    }

    /// The next click that it asks for, or how it ended; `None` if neither comes in time.
    pub(super) async fn next(&self, limit: Duration) -> Option<Result<Press, ChoiceEnded>> {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                {
                    let mut state = self.lock();
                    if let Some(press) = state.presses.pop_front() {
                        return Ok(press);
                    }
                    if let Some(ended) = state.ended.take() {
                        return Err(ended);
                    }
                }
                changed.await;
            }
        };
        tokio::time::timeout(limit, wait).await.ok()
    }

    /// Lets it answer no more questions and forget what it was doing.
    pub(super) fn stop(&self) {
        self.lock().choosing = false;
    }

    fn receive(&self, event: WorldEvent) {
        match event {
            WorldEvent::Created { session, world, frame, name } => {
                let mut state = self.lock();
                match name.as_deref() {
                    None => {
                        state.own.insert((session, frame), world);
                    }
                    Some(WORLD) => {
                        state.ours.insert((session, world), frame);
                    }
                    Some(_) => (),
                }
            }
            WorldEvent::Destroyed { session, world } => {
                let mut state = self.lock();
                state.popups.retain(|it| it.session != session || it.world != world);
                state.own.retain(|(known, _), own| *known != session || *own != world);
                state.ours.remove(&(session, world));
            }
            WorldEvent::Cleared { session } => {
                let mut state = self.lock();
                state.popups.retain(|it| it.session != session);
                state.own.retain(|(known, _), _| *known != session);
                state.ours.retain(|(known, _), _| *known != session);
            }
            WorldEvent::BindingCalled { session, world, payload } => {
                // A page cannot speak through the binding: it exists in our world alone.
                if let Ok(message) = serde_json::from_str::<Value>(&payload) {
                    self.said(&session, world, &message);
                }
            }
        }
    }

    fn said(&self, session: &str, world: u64, message: &Value) {
        let name = || message["cmp"].as_str().unwrap_or_default().to_owned();
        match message["type"].as_str().unwrap_or_default() {
            "init" => self.answer_init(session, world, message["url"].as_str().unwrap_or_default()),
            "eval" => self.answer_eval(session, world, message),
            "visualDelay" => self.send(session, world, &json!({ "type": "visualDelayResp" })),
            POPUP_FOUND => {
                let popup = Popup { cmp: name(), session: session.to_owned(), world };
                let mut state = self.lock();
                if !state.popups.contains(&popup) {
                    state.popups.push(popup);
                }
            }
            "press" => {
                let index = message["index"].as_u64().unwrap_or_default();
                let press = Press { session: session.to_owned(), world, index };
                self.lock().presses.push_back(press);
            }
            OPT_OUT_RESULT | OPT_IN_RESULT => {
                self.lock().ended = Some(ChoiceEnded { succeeded: message["result"] == true });
            }
            _ => (),
        }
    }

    fn answer_init(&self, session: &str, world: u64, url: &str) {
        let (refuse, main) = {
            let state = self.lock();
            let frame = state.ours.get(&(session.to_owned(), world));
            (state.refuse, frame.is_none_or(|frame| *frame == state.main_frame))
        };
        let config = json!({
            "enabled": true, "autoAction": null, "disabledCmps": [], "enablePrehide": false,
            "enableCosmeticRules": false, "enableGeneratedRules": true,
            "enableHeuristicDetection": false, "detectRetries": 12, "isMainWorld": false,
            "prehideTimeout": 1000, "visualTest": false,
            // Its heuristic cannot accept.
            "heuristicMode": if refuse { "reject" } else { "off" },
            "logs": { "lifecycle": false, "rulesteps": false, "detectionsteps": false,
                      "evals": false, "errors": false, "messages": false, "waits": false },
        });
        let rules = Rules::all().for_page(url, main);
        let answer =
            json!({ "type": "initResp", "config": config, "rules": { "autoconsent": rules } });
        self.send(session, world, &answer);
    }

    /// Finding a banner may look into the page's own world. Choosing may not: what a rule does there
    /// no visitor could do.
    fn answer_eval(&self, session: &str, world: u64, message: &Value) {
        let id = message["id"].clone();
        let own = {
            let state = self.lock();
            let frame = state.ours.get(&(session.to_owned(), world)).cloned().unwrap_or_default();
            state.own.get(&(session.to_owned(), frame)).copied().filter(|_| !state.choosing)
        };
        let (Some(own), Some(code)) =
            (own.and_then(|own| u32::try_from(own).ok()), message["code"].as_str())
        else {
            self.send(session, world, &json!({ "type": "evalResp", "id": id, "result": false }));
            return;
        };
        let (autoconsent, session) = (self.clone(), session.to_owned());
        let asked = self.cdp.send(&session, &commands::evaluate(code, Some(own)), ANSWER);
        tokio::spawn(async move {
            let answer = asked.await.map(|answer| answer["result"]["value"].clone());
            let result = answer.unwrap_or(Value::Bool(false));
            let response = json!({ "type": "evalResp", "id": id, "result": result });
            autoconsent.send(&session, world, &response);
        });
    }

    fn send(&self, session: &str, world: u64, message: &Value) {
        let Ok(world) = u32::try_from(world) else { return };
        let call = format!("void autoconsentReceiveMessage({message})");
        self.cdp.fire(session, &commands::evaluate(&call, Some(world)));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere cannot leave a table half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Press {
    /// The frame that the element is in.
    pub(super) fn frame(&self, autoconsent: &AutoconsentSession) -> Option<String> {
        autoconsent.lock().ours.get(&(self.session.clone(), self.world)).cloned()
    }

    /// The settings that the element would save, as they stand.
    pub(super) async fn sheet(&self, tab: &Tab) -> Option<Sheet> {
        let reader = include_str!("sheet.js").trim_end();
        let sheet = self.evaluate(tab, &format!("{reader}; finder.sheet(0)")).await?;
        serde_json::from_value(sheet).ok()
    }

    /// Calls a method of the finder on the element, in the world of autoconsent.
    pub(super) async fn evaluate(&self, tab: &Tab, expression: &str) -> Option<Value> {
        let world = u32::try_from(self.world).ok()?;
        let finder = include_str!("finder.js").trim_end();
        let index = self.index;
        let ask = format!(
            "{finder}; finder.controls = [window.autoconsentPressed[{index}]]; {expression}"
        );
        tab.evaluate_in(&self.session, &ask, Some(world)).await.ok()
    }
}

/// The embedded rules.
struct Rules(Vec<Rule>);

struct Rule {
    /// Pages that it is for; `None` for all.
    pages: Option<Regex>,
    main: bool,
    frame: bool,
    text: Value,
}

impl Rules {
    fn all() -> &'static Self {
        static RULES: LazyLock<Rules> = LazyLock::new(|| {
            let text = include_str!(concat!(env!("OUT_DIR"), "/autoconsent-rules.json"));
            Rules::parse(text)
        });
        &RULES
    }

    fn parse(text: &str) -> Self {
        let mut file: Value = serde_json::from_str(text).unwrap_or_default();
        let rules = match file["autoconsent"].take() {
            Value::Array(rules) => rules,
            _ => Vec::new(),
        };
        let rules = rules
            .into_iter()
            // A cosmetic rule hides the banner, which is no choice.
            .filter(|rule| rule["cosmetic"] != true)
            .map(|rule| {
                let context = &rule["runContext"];
                Rule {
                    // A pattern that only JavaScript understands is left to the bundle to try.
                    pages: context["urlPattern"].as_str().and_then(|it| Regex::new(it).ok()),
                    main: context["main"].as_bool().unwrap_or(true),
                    frame: context["frame"].as_bool().unwrap_or(false),
                    text: rule,
                }
            })
            .collect();
        Self(rules)
    }

    /// The rules for a page, or for a frame in one.
    fn for_page(&self, url: &str, main: bool) -> Vec<&Value> {
        self.0
            .iter()
            .filter(|rule| if main { rule.main } else { rule.frame })
            .filter(|rule| rule.pages.as_ref().is_none_or(|pages| pages.is_match(url)))
            .map(|rule| &rule.text)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_for_pages_or_frames_and_none_only_hides() {
        let rules = Rules::all();
        assert!(rules.0.len() > 500, "{}", rules.0.len());
        assert!(rules.0.iter().all(|rule| rule.text["cosmetic"] != true));
        let names = |url, main| {
            let rules = rules.for_page(url, main);
            rules.iter().filter_map(|rule| rule["name"].as_str()).collect::<Vec<_>>()
        };
        let here = names("https://www.example.gov.uk/", true);
        assert!(here.contains(&"gov.uk"), "{here:?}");
        assert!(here.len() < 400, "{} rules for one page", here.len());
        assert!(names("https://www.example.gov.uk/", false).len() < here.len());
    }

    #[test]
    fn the_bundle_reports_a_banner_by_the_message_that_is_listened_to() {
        let bundle = include_str!(concat!(env!("OUT_DIR"), "/autoconsent.js"));
        for kind in [POPUP_FOUND, OPT_OUT_RESULT, OPT_IN_RESULT] {
            assert!(bundle.contains(&format!("type: \"{kind}\"")), "{kind}");
        }
    }

    #[test]
    fn the_script_reports_through_the_binding_alone() {
        let script = script("__b");
        assert!(script.starts_with("window.autoconsentSendMessage"));
        assert!(script.contains("__b(JSON.stringify(message))") && !script.contains("BINDING"));
    }
}
