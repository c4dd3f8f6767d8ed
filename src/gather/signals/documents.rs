use std::time::Instant;

use serde_json::Value;

use super::text;
use crate::{gather::log::PassLog, recording::EventKind};

/// `Network.requestWillBeSent` of the main frame's document: a new one begins.
pub(in crate::gather) fn begins(log: &PassLog, params: &Value) {
    let is_main = params["type"] == "Document"
        && log.is_main_frame(params["frameId"].as_str().unwrap_or_default());
    if !is_main {
        return;
    }
    let id = text(&params["requestId"]);
    log.note(|document| {
        // A redirect goes on with the same request; anything else is the page going elsewhere.
        if document.request == id {
            document.url = text(&params["request"]["url"]);
        } else {
            let mut previous = std::mem::take(document);
            previous.previous = None;
            *document = crate::gather::log::Document {
                url: text(&params["request"]["url"]),
                previous: (!previous.request.is_empty()).then(|| Box::new(previous)),
                request: id,
                ..Default::default()
            };
        }
    });
}

/// `Page.domContentEventFired` of the page's own session.
pub(in crate::gather) fn parsed(log: &PassLog) {
    log.note(|document| {
        document.parsed = true;
        // Until the new one is shown, it is the one before that the browser speaks of.
        if let Some(previous) = &mut document.previous {
            previous.parsed = true;
        }
    });
}

/// `Page.loadEventFired` of the page's own session.
pub(in crate::gather) fn loaded(log: &PassLog) {
    let now = Some(Instant::now());
    log.note(|document| {
        document.parsed = true;
        document.loaded = now;
        if let Some(previous) = &mut document.previous {
            previous.parsed = true;
            previous.loaded = now;
        }
    });
}

/// `Page.javascriptDialogOpening`; says whether to accept it.
///
/// Leaving is allowed; anything else is cancelled, as a visitor who reads nothing would.
pub(in crate::gather) fn dialog(log: &PassLog, target: &str, params: &Value) -> bool {
    let kind = text(&params["type"]);
    let accept = kind == "beforeunload";
    log.push(target, EventKind::Dialog { kind });
    accept
}

/// `Page.downloadWillBegin`, `Browser.downloadWillBegin`.
pub(in crate::gather) fn download(log: &PassLog, params: &Value) {
    let url = log.redactor().url(params["url"].as_str().unwrap_or_default());
    log.push("page", EventKind::Download { url });
}
