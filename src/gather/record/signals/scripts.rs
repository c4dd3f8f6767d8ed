//! What the hook in every page reports.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize as _;
use serde_json::Value;

use super::text;
use crate::{
    gather::{
        cdp::connection::Moment,
        record::{
            clock::page_moment,
            event_log::{EventLog, Source},
            tab_state::{PagePress, PressKind},
        },
    },
    model::StorageKind,
    recording::{Call, CallFrame, CookieApi, EventKind, StorageItem, redact::Redactor},
};

/// What our hook in the page saw: a write by a script, a press, or a window nobody asked for. The page's own clock says
/// when.
pub(in crate::gather::record) fn hooked(
    log: &EventLog,
    source: Source<'_>,
    read: Moment,
    payload: &str,
) {
    // A page that found the binding's name could send anything; what is not ours is ignored.
    let Ok(reported) = serde_json::from_str::<Value>(payload) else { return };
    let at = reported["when"].as_f64().map_or(source.at, |when| page_moment(when, read));
    let source = Source { at, ..source };
    let redactor = log.redactor();
    let stack = stack(reported["stack"].as_str().unwrap_or_default(), redactor);
    let frame = redactor.url(reported["frame"].as_str().unwrap_or_default());
    let kind = match reported["api"].as_str().unwrap_or_default() {
        "press" => {
            let kind = match reported["key"].as_str() {
                Some("click") => PressKind::Click,
                _ => PressKind::Down,
            };
            source.tab.note_press(PagePress { at, kind });
            return;
        }
        "popup" => EventKind::PopupRefused { url: redactor.url(&text(&reported["key"])) },
        "storage" => EventKind::StorageSet {
            item: StorageItem {
                origin: text(&reported["origin"]),
                store: match reported["store"].as_str() {
                    Some("session") => StorageKind::Session,
                    Some("indexeddb") => StorageKind::Indexeddb,
                    Some("cache") => StorageKind::Cache,
                    Some("opfs") => StorageKind::Opfs,
                    _ => StorageKind::Local,
                },
                key: text(&reported["key"]),
                value: String::new(),
                parts: Vec::new(),
            },
            frame,
            stack,
        },
        "call" => {
            let call = Call::from_texts(text(&reported["key"]), text(&reported["detail"]));
            EventKind::Call { call, frame, stack }
        }
        _ => {
            let Ok(api) = CookieApi::deserialize(&reported["api"]) else { return };
            EventKind::ScriptCookie {
                api,
                frame,
                header: redactor.header(reported["line"].as_str().unwrap_or_default()),
                stuck: reported["stuck"] == true,
                stack,
            }
        }
    };
    log.push(source, kind);
}

/// The calls in the text of an `Error`'s stack, innermost first.
pub(in crate::gather) fn stack(text: &str, redactor: &Redactor) -> Vec<CallFrame> {
    static CALL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\s*at (?:(.*) \()?(.+?):(\d+):\d+\)?$").ok());
    // What was made of a text belongs to the script that made it.
    static MADE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^eval at (.*?) \(([^()\s]+):(\d+):\d+\)").ok());
    let (Some(call), Some(made)) = (CALL.as_ref(), MADE.as_ref()) else { return Vec::new() };
    text.lines()
        .filter_map(|line| {
            let parts = match line.rfind("eval at ") {
                Some(at) => made.captures(&line[at..])?,
                None => call.captures(line)?,
            };
            Some(CallFrame {
                url: redactor.url(parts.get(2)?.as_str()),
                line: parts.get(3)?.as_str().parse().ok()?,
                function: parts.get(1).map_or(String::new(), |it| it.as_str().to_owned()),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::record::tab_state::TabState;

    #[test]
    fn a_stack_names_scripts_innermost_first() {
        let frames = stack(
            "    at setTag (https://cdn.test/tag.js:2:31)\n    at new Tracker (https://cdn.test/tag.js:9:3)\n    at https://www.test/:12:5\n    at <anonymous>",
            &Redactor::Keep,
        );
        let reported: Vec<_> =
            frames.iter().map(|it| (it.function.as_str(), it.url.as_str(), it.line)).collect();
        assert_eq!(
            reported,
            [
                ("setTag", "https://cdn.test/tag.js", 2),
                ("new Tracker", "https://cdn.test/tag.js", 9),
                ("", "https://www.test/", 12)
            ]
        );
    }

    #[test]
    fn what_was_made_of_a_text_is_its_makers() {
        for made in [
            "    at eval (eval at <anonymous> (https://cdn.test/tag.js:18:12), <anonymous>:1:10)",
            "    at f (eval at g (eval at <anonymous> (https://cdn.test/tag.js:18:12), <anonymous>:1:10), <anonymous>:2:1)",
        ] {
            let frames = stack(made, &Redactor::Keep);
            assert_eq!(frames.len(), 1, "{made}");
            assert_eq!((frames[0].url.as_str(), frames[0].line), ("https://cdn.test/tag.js", 18));
        }
    }

    #[test]
    fn what_a_page_makes_up_is_nothing() {
        let (log, tab) = (EventLog::new(Redactor::Keep), TabState::new(0));
        let read = Moment::now();
        let source = Source { at: read.instant, name: "page", tab: &tab };
        for payload in ["", "null", "{}", r#"{"api": ["document.cookie"]}"#, r#"{"api":"x"}"#] {
            hooked(&log, source, read, payload);
        }
        assert!(log.close().is_empty());
    }
}
