//! Which session belongs to which page, tab and context.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{
    clock::BrowserClock, event_log::EventLog, signals::text, tab_state::TabState,
    worlds::WorldScript,
};
use crate::gather::secrets::SiteSecrets;

/// How a context differs from others.
#[derive(Debug, Default)]
pub(in crate::gather) struct ContextOptions {
    /// What the browser calls itself there, if not what it does elsewhere.
    pub(in crate::gather) user_agent: Option<String>,
    /// A script that runs beside its pages.
    pub(in crate::gather) world_script: Option<WorldScript>,
}

/// Every session and context of a browser, and how its clock relates to ours.
#[derive(Debug)]
pub(super) struct Sessions {
    /// By the browser's name for them.
    pub(super) by_id: HashMap<String, Session>,
    /// By the browser's name for them. Nothing of a context is kept anywhere else.
    pub(super) contexts: HashMap<String, ContextState>,
    /// The worlds of the documents' own scripts, by session.
    pub(super) worlds: HashMap<String, BTreeSet<u32>>,
    pub(super) clock: BrowserClock,
}

/// A browser context: its own cookie jar, its own log, its tabs.
#[derive(Debug)]
pub(super) struct ContextState {
    pub(super) log: EventLog,
    pub(super) options: ContextOptions,
    /// By the target of their page, and of the windows that their pages opened.
    pub(super) tabs: HashMap<String, TabState>,
    /// The tab that was opened first of those that are open; what belongs to no tab, such as a service worker, is put down
    /// to it.
    pub(super) main: TabState,
    /// The tab that is being opened and whose page has not attached yet.
    pub(super) opening: Option<TabState>,
    /// Sessions of pages that are ready, by target.
    pub(super) ready: HashMap<String, String>,
    /// Headers that go to the site of the target that the context was opened for, and to no other.
    pub(super) secrets: SiteSecrets,
}

/// A session with a page, a frame, a worker, or a tab.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) context: String,
    parent: String,
    pub(super) kind: String,
    pub(super) target: String,
    /// The target of the page that it is part of; empty if there is none.
    pub(super) page: String,
    /// As events name it.
    pub(super) name: String,
}

/// What a new session's context says of it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) log: EventLog,
    pub(super) tab: TabState,
    /// The script beside its pages.
    pub(super) script: Option<WorldScript>,
    /// What the browser calls itself there, if not what it does elsewhere.
    pub(super) own_name: Option<String>,
    pub(super) secrets: SiteSecrets,
}

impl ContextState {
    pub(super) fn new(log: EventLog, options: ContextOptions, secrets: SiteSecrets) -> Self {
        Self {
            log,
            options,
            tabs: HashMap::new(),
            main: TabState::new(0),
            opening: None,
            ready: HashMap::new(),
            secrets,
        }
    }

    /// The tab that a session belongs to.
    pub(super) fn tab_of(&self, session: &Session) -> &TabState {
        self.tabs.get(&session.page).unwrap_or(&self.main)
    }
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self {
            by_id: HashMap::new(),
            contexts: HashMap::new(),
            worlds: HashMap::new(),
            clock: BrowserClock::new(),
        }
    }

    /// Forgets everything of a context.
    pub(super) fn forget(&mut self, context: &str) {
        self.contexts.remove(context);
        self.by_id.retain(|_, session| session.context != context);
        self.worlds.retain(|session, _| self.by_id.contains_key(session));
    }

    /// Forgets a session, and returns the tab that it belonged to.
    pub(super) fn end_session(&mut self, id: &str) -> Option<TabState> {
        self.worlds.remove(id);
        let session = self.by_id.remove(id)?;
        Some(self.contexts.get(&session.context)?.tab_of(&session).clone())
    }

    /// Notes a world that came or went; those beside the documents' own do not count.
    pub(super) fn note_world(&mut self, session: &str, method: &str, params: &Value) {
        let number = |it: &Value| it.as_u64().and_then(|id| u32::try_from(id).ok());
        match method {
            "Runtime.executionContextCreated" => {
                let context = &params["context"];
                if context["auxData"]["isDefault"] == true
                    && let Some(id) = number(&context["id"])
                {
                    self.worlds.entry(session.to_owned()).or_default().insert(id);
                }
            }
            "Runtime.executionContextDestroyed" => {
                if let (Some(worlds), Some(id)) =
                    (self.worlds.get_mut(session), number(&params["executionContextId"]))
                {
                    worlds.remove(&id);
                }
            }
            _ => drop(self.worlds.remove(session)),
        }
    }

    /// The worlds of the scripts of all documents of a tab, each with its session; and how many workers it has.
    pub(super) fn documents(&self, context: &str, tab: &TabState) -> (Vec<(String, u32)>, usize) {
        let sessions = self.frame_sessions(context, tab);
        let worlds = sessions
            .into_iter()
            .flat_map(|session| {
                let worlds = self.worlds.get(&session).into_iter().flatten();
                worlds.map(|world| (session.clone(), *world)).collect::<Vec<_>>()
            })
            .collect();
        let Some(state) = self.contexts.get(context) else { return (worlds, 0) };
        let workers = self
            .by_id
            .values()
            .filter(|it| it.context == context && state.tab_of(it).is(tab))
            .filter(|it| !matches!(&*it.kind, "page" | "iframe" | "tab"))
            .count();
        (worlds, workers)
    }

    /// Sessions that hold frames of a tab, its page's own first.
    pub(super) fn frame_sessions(&self, context: &str, tab: &TabState) -> Vec<String> {
        let Some(state) = self.contexts.get(context) else { return Vec::new() };
        let mut sessions: Vec<String> = self
            .by_id
            .iter()
            .filter(|(_, it)| it.context == context && matches!(&*it.kind, "page" | "iframe"))
            .filter(|(_, it)| state.tab_of(it).is(tab))
            .map(|(session, _)| session.clone())
            .collect();
        sessions.sort_by_key(|it| (!tab.is_page(it), it.clone()));
        sessions
    }

    /// Adds a session, and finds the page, the tab and the context that it belongs to.
    pub(super) fn add_session(
        &mut self,
        id: &str,
        parent: &str,
        info: &Value,
    ) -> (Session, Option<Found>) {
        let (kind, target) = (text(&info["type"]), text(&info["targetId"]));
        let above = self.by_id.get(parent);
        let context = info["browserContextId"]
            .as_str()
            .map_or_else(|| above.map_or_else(String::new, |it| it.context.clone()), str::to_owned);
        let is_prerendered = info["subtype"] == "prerender";
        let opener = info["openerId"].as_str();
        let beside = || {
            let pages = self.by_id.values().filter(|it| it.kind == "page");
            pages.into_iter().find(|it| it.parent == parent).map(|it| it.page.clone())
        };
        let page = match (kind.as_str(), opener) {
            ("tab", _) => None,
            ("page", _) if is_prerendered => beside(),
            ("page", Some(opener)) => {
                let opener = self.by_id.values().find(|it| it.target == opener);
                opener.map(|it| it.page.clone())
            }
            ("page", None) => Some(target.clone()),
            // A worker that attaches through its tab belongs to the page there.
            _ => above.map(|it| it.page.clone()).filter(|it| !it.is_empty()).or_else(beside),
        };
        let page = match page {
            None if kind == "page" => target.clone(),
            page => page.unwrap_or_default(),
        };
        let is_page = kind == "page" && opener.is_none() && !is_prerendered;
        let url = info["url"].as_str().unwrap_or_default();
        let found = self.contexts.get_mut(&context);
        let name = if is_page {
            "page".to_owned()
        } else {
            let url = found.as_ref().map_or(url.to_owned(), |it| it.log.redactor().url(url));
            let kind = match kind.as_str() {
                "page" if is_prerendered => "prerendered",
                "page" => "popup",
                kind => kind,
            };
            format!("{kind} {url}").trim_end().to_owned()
        };
        let session = Session { context, parent: parent.to_owned(), kind, target, page, name };
        let found = found.map(|context| {
            if is_page && !context.tabs.contains_key(&session.page) {
                // The tab that is being opened; or a window whose opener the page has hidden.
                let tab = context.opening.take().unwrap_or_else(|| context.main.clone());
                context.tabs.insert(session.page.clone(), tab);
            }
            let tab = context.tab_of(&session).clone();
            let options = &context.options;
            Found {
                log: context.log.clone(),
                tab,
                script: options.world_script.clone(),
                own_name: options.user_agent.clone(),
                secrets: context.secrets.clone(),
            }
        });
        self.by_id.insert(id.to_owned(), session.clone());
        (session, found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{gather::record::worlds::WorldEvent, recording::redact::Redactor};

    fn info(kind: &str, target: &str, more: &Value) -> Value {
        let mut info = json!({ "type": kind, "targetId": target, "url": "https://a.test/",
            "browserContextId": "C" });
        for (name, value) in more.as_object().into_iter().flatten() {
            info[name] = value.clone();
        }
        info
    }

    #[test]
    fn a_session_belongs_to_the_tab_of_its_page_or_of_the_page_that_opened_it() {
        let mut state = Sessions::new();
        let log = EventLog::new(Redactor::Keep);
        state.contexts.insert(
            "C".to_owned(),
            ContextState::new(log, ContextOptions::default(), SiteSecrets::default()),
        );
        let (one, two) = (TabState::new(0), TabState::new(1));
        let none = json!({});
        for (tab, name) in [(&one, "1"), (&two, "2")] {
            let context = state.contexts.get_mut("C").unwrap();
            (context.opening, context.main) = (Some(tab.clone()), tab.clone());
            state.add_session(&format!("t{name}"), "", &info("tab", &format!("T{name}"), &none));
            let page = info("page", &format!("P{name}"), &none);
            state.add_session(&format!("p{name}"), &format!("t{name}"), &page);
            tab.set_page(&format!("p{name}"), &format!("P{name}"));
        }
        state.add_session("f1", "p1", &info("iframe", "F1", &none));
        state.add_session("w1", "f1", &info("worker", "W1", &none));
        state.add_session("r1", "t1", &info("page", "R1", &json!({ "subtype": "prerender" })));
        state.add_session("tp", "", &info("tab", "TP", &none));
        state.add_session("o1", "tp", &info("page", "O1", &json!({ "openerId": "P1" })));
        state.add_session("s", "", &info("service_worker", "S", &none));
        let tab_of = |session: &str| {
            let context = &state.contexts["C"];
            usize::from(context.tab_of(&state.by_id[session]).is(&two))
        };
        let tabs = ["p1", "p2", "f1", "w1", "r1", "o1", "s"].map(tab_of);
        assert_eq!(tabs, [0, 1, 0, 0, 0, 0, 1]);
        assert_eq!(state.frame_sessions("C", &one), ["p1", "f1", "o1", "r1"]);
        assert_eq!(state.frame_sessions("C", &two), ["p2"]);
    }

    #[test]
    fn of_a_context_that_is_disposed_of_nothing_is_kept() {
        let mut state = Sessions::new();
        let (events, mut receiver) = tokio::sync::mpsc::channel::<WorldEvent>(1);
        let world_script =
            WorldScript { world: "w", binding: String::new(), source: "".into(), events };
        let options =
            ContextOptions { user_agent: Some("x".to_owned()), world_script: Some(world_script) };
        let log = EventLog::new(Redactor::Keep);
        state
            .contexts
            .insert("C".to_owned(), ContextState::new(log, options, SiteSecrets::default()));
        state.add_session("p", "", &info("page", "P", &json!({})));
        state.contexts.get_mut("C").unwrap().ready.insert("P".to_owned(), "p".to_owned());
        state.forget("C");
        assert!(state.by_id.is_empty() && state.contexts.is_empty());
        // Whoever listens to its worlds learns that it is over.
        let closed = matches!(
            receiver.try_recv(),
            Err(tokio::sync::mpsc::error::TryRecvError::Disconnected)
        );
        assert!(closed);
    }
}
