//! How far the main document of a tab has come, and what its page asks of the visitor.

use std::time::Duration;

use serde_json::Value;

use super::text;
use crate::{
    gather::record::{
        event_log::{EventLog, Source},
        tab_state::{Document, TabState},
    },
    recording::EventKind,
};

/// `Network.requestWillBeSent` of the main frame's document: a new one begins.
pub(in crate::gather::record) fn begins(tab: &TabState, params: &Value) {
    let is_main = params["type"] == "Document"
        && tab.is_main_frame(params["frameId"].as_str().unwrap_or_default());
    if !is_main {
        return;
    }
    let id = text(&params["requestId"]);
    tab.note_document(|document| {
        // A redirect goes on with the same request; anything else is the page going elsewhere.
        if document.request == id {
            document.url = text(&params["request"]["url"]);
        } else {
            let mut previous = std::mem::take(document);
            previous.previous = None;
            *document = Document {
                url: text(&params["request"]["url"]),
                previous: (!previous.request.is_empty()).then(|| Box::new(previous)),
                request: id,
                ..Default::default()
            };
        }
    });
}

/// `Page.domContentEventFired` of the page's own session.
pub(in crate::gather::record) fn parsed(tab: &TabState) {
    tab.note_document(|document| {
        document.parsed = true;
        // Until the new one is shown, it is the one before that the browser speaks of.
        if let Some(previous) = &mut document.previous {
            previous.parsed = true;
        }
    });
}

/// `Page.loadEventFired` of the page's own session.
pub(in crate::gather::record) fn loaded(tab: &TabState) {
    tab.note_document(|document| {
        document.parsed = true;
        document.loaded = true;
        if let Some(previous) = &mut document.previous {
            previous.parsed = true;
            previous.loaded = true;
        }
    });
}

/// `Page.frameScheduledNavigation` and `Page.frameClearedScheduledNavigation`.
pub(in crate::gather::record) fn scheduled(tab: &TabState, params: &Value) {
    let frame = params["frameId"].as_str().unwrap_or_default();
    let delay = params["delay"].as_f64().and_then(|it| Duration::try_from_secs_f64(it).ok());
    tab.note_open(|it| it.schedule(frame, delay));
}

/// `Page.javascriptDialogOpening`; says whether to accept it.
///
/// Leaving is allowed; anything else is cancelled, as a visitor who reads nothing would.
pub(in crate::gather::record) fn dialog(
    log: &EventLog,
    source: Source<'_>,
    params: &Value,
) -> bool {
    let kind = text(&params["type"]);
    let accept = kind == "beforeunload";
    log.push(source, EventKind::Dialog { kind });
    accept
}

/// `Page.downloadWillBegin`, `Browser.downloadWillBegin`.
pub(in crate::gather::record) fn download(log: &EventLog, source: Source<'_>, params: &Value) {
    let url = log.redactor().url(params["url"].as_str().unwrap_or_default());
    log.push(Source { name: "page", ..source }, EventKind::Download { url });
}
