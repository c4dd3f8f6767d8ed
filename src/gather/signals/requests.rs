use std::collections::BTreeMap;

use serde_json::Value;

use super::{call_frames, text};
use crate::{gather::log::PassLog, recording::EventKind};

/// `Network.requestWillBeSent`: every hop of a chain is told by one.
pub(in crate::gather) fn sent(log: &PassLog, target: &str, params: &Value) {
    let redactor = log.redactor();
    let id = text(&params["requestId"]);
    let url = text(&params["request"]["url"]);
    // What a script holds within itself is told for what it does, not as something that was asked for.
    if url.starts_with("about:") || url.starts_with("data:") && params["type"] != "Script" {
        return;
    }
    let redirected = params["redirectResponse"]["url"].as_str();
    if let Some(from) = redirected {
        response_of(log, target, &id, &params["redirectResponse"], from, false);
    }
    log.announce_hop(&id, &url);
    let initiator = &params["initiator"];
    let mut initiators = call_frames(&initiator["stack"], redactor);
    if initiators.is_empty()
        && let Some(url) = initiator["url"].as_str()
    {
        initiators.push(crate::recording::CallFrame {
            url: redactor.url(url),
            line: initiator["lineNumber"].as_f64().map_or(0, line_number),
            function: String::new(),
        });
    }
    log.push(
        target,
        EventKind::Request {
            id: id.into(),
            url: redactor.url(&url).into(),
            method: text(&params["request"]["method"]).into(),
            kind: params["type"].as_str().unwrap_or("other").to_ascii_lowercase().into(),
            document: redactor.url(params["documentURL"].as_str().unwrap_or_default()).into(),
            initiated_by: text(&initiator["type"]).into(),
            initiators: initiators.into(),
            redirected_from: redirected.map(|from| redactor.url(from).into()),
            referrer: params["request"]["headers"]["Referer"]
                .as_str()
                .map(|it| redactor.url(it).into()),
            body: params["request"]["postData"]
                .as_str()
                .and_then(|it| redactor.body(it))
                .map(Into::into),
        },
    );
}

/// `Network.responseReceived`.
pub(in crate::gather) fn answered(log: &PassLog, target: &str, params: &Value) {
    let id = text(&params["requestId"]);
    let url = text(&params["response"]["url"]);
    response_of(log, target, &id, &params["response"], &url, params["type"] == "Prefetch");
    let is_main = params["type"] == "Document"
        && log.is_main_frame(params["frameId"].as_str().unwrap_or_default());
    if is_main {
        let response = &params["response"];
        log.note(|document| {
            document.request = id;
            document.url = url;
            document.status = status(response);
            document.mime = text(&response["mimeType"]);
            document.headers = headers(response);
        });
    }
}

/// `Network.loadingFinished`.
pub(in crate::gather) fn finished(log: &PassLog, params: &Value) {
    let id = text(&params["requestId"]);
    log.land(&id);
    log.note(|document| {
        if document.request == id {
            document.finished = true;
        }
    });
}

/// `Network.loadingFailed`.
pub(in crate::gather) fn failed(log: &PassLog, target: &str, params: &Value) {
    let id = text(&params["requestId"]);
    log.land(&id);
    let error = text(&params["errorText"]);
    log.note(|document| {
        if document.request == id {
            match document.previous.take() {
                // It turned out to be a download, or nothing: the page stays where it was.
                Some(previous) if error == "net::ERR_ABORTED" => *document = *previous,
                _ => document.error = Some(error.clone()),
            }
        }
    });
    log.push(target, EventKind::Failed { id: id.into(), error: error.into() });
}

/// `Network.webSocketCreated`.
pub(in crate::gather) fn web_socket(log: &PassLog, target: &str, params: &Value) {
    let redactor = log.redactor();
    log.push(
        target,
        EventKind::WebSocket {
            id: text(&params["requestId"]),
            url: redactor.url(params["url"].as_str().unwrap_or_default()).into(),
            initiators: call_frames(&params["initiator"]["stack"], redactor).into(),
        },
    );
}

/// `Network.webTransportCreated`.
pub(in crate::gather) fn web_transport(log: &PassLog, target: &str, params: &Value) {
    let redactor = log.redactor();
    log.push(
        target,
        EventKind::WebTransport {
            id: text(&params["transportId"]),
            url: redactor.url(params["url"].as_str().unwrap_or_default()).into(),
            initiators: call_frames(&params["initiator"]["stack"], redactor).into(),
        },
    );
}

fn response_of(
    log: &PassLog,
    target: &str,
    id: &str,
    response: &Value,
    url: &str,
    prefetches: bool,
) {
    // What a prefetch itself brings is said to come from the place it goes to.
    let cached = ["fromDiskCache", "fromServiceWorker", "fromPrefetchCache"]
        .iter()
        .any(|from| response[from] == true && !(prefetches && *from == "fromPrefetchCache"));
    log.push(
        target,
        EventKind::Response {
            id: id.into(),
            url: log.redactor().url(url).into(),
            status: status(response).unwrap_or(0),
            mime: text(&response["mimeType"]).into(),
            cached,
            remote: response["remoteIPAddress"].as_str().map(Into::into),
        },
    );
}

fn status(response: &Value) -> Option<u16> {
    response["status"].as_u64().and_then(|status| status.try_into().ok())
}

fn headers(response: &Value) -> BTreeMap<String, String> {
    response["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.to_ascii_lowercase(), text(value)))
        .collect()
}

/// The browser counts lines from 0, and gives some as floating point numbers.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a line number that does not fit is not one"
)]
fn line_number(line: f64) -> u64 {
    line.max(0.0) as u64 + 1
}
