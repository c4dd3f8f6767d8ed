//! Requests and their responses.

use std::{collections::BTreeMap, sync::LazyLock, time::Instant};

use serde_json::Value;
use url::{Position, Url};

use super::{call_frames, text};
use crate::{
    gather::record::{
        event_log::{EventLog, Source},
        tab_state::TabState,
    },
    recording::{EventKind, OutstandingKind, ProblemKind},
};

/// The name of the script that loads the icons of pages, so that these requests are known. No page knows it.
pub(in crate::gather) static ICON_SCRIPT: LazyLock<String> =
    LazyLock::new(|| format!("icons:{:016x}", rand::random::<u64>()));

/// `Network.requestWillBeSent`: there is one for every redirect of a chain. `answered_at` is when the headers of the
/// response before it arrived.
pub(in crate::gather::record) fn sent(
    log: &EventLog,
    source: Source<'_>,
    params: &Value,
    answered_at: Option<Instant>,
) {
    let redactor = log.redactor();
    let id = text(&params["requestId"]);
    let url = text(&params["request"]["url"]);
    // What a script carries within itself counts for what it does, not as something that was requested.
    if url.starts_with("about:") || url.starts_with("data:") && params["type"] != "Script" {
        return;
    }
    let redirected = params["redirectResponse"]["url"].as_str();
    if let Some(from) = redirected {
        response_of(log, source, &id, &params["redirectResponse"], from, false);
        log.answered(&id, answered_at);
    }
    log.announce(source.tab, &id, &url);
    let initiator = &params["initiator"];
    let is_icon = initiator["stack"]["callFrames"][0]["url"] == ICON_SCRIPT.as_str();
    let mut initiators =
        if is_icon { Vec::new() } else { call_frames(&initiator["stack"], redactor) };
    if initiators.is_empty()
        && !is_icon
        && let Some(url) = initiator["url"].as_str()
    {
        initiators.push(crate::recording::CallFrame {
            url: redactor.url(url),
            line: initiator["lineNumber"].as_f64().map_or(0, line_number),
            function: String::new(),
        });
    }
    log.push(
        source,
        EventKind::Request {
            id: id.into(),
            url: redactor.url(&url).into(),
            method: text(&params["request"]["method"]).into(),
            kind: if is_icon {
                "icon".into()
            } else {
                params["type"].as_str().unwrap_or("other").to_ascii_lowercase().into()
            },
            document: redactor.url(params["documentURL"].as_str().unwrap_or_default()).into(),
            initiated_by: if is_icon { "other".into() } else { text(&initiator["type"]).into() },
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

/// `Network.responseReceived`; `at` is when its headers arrived.
pub(in crate::gather::record) fn answered(
    log: &EventLog,
    source: Source<'_>,
    params: &Value,
    at: Option<Instant>,
) {
    let id = text(&params["requestId"]);
    let url = text(&params["response"]["url"]);
    response_of(log, source, &id, &params["response"], &url, params["type"] == "Prefetch");
    log.answered(&id, at);
    let is_main = params["type"] == "Document"
        && source.tab.is_main_frame(params["frameId"].as_str().unwrap_or_default());
    if is_main {
        let response = &params["response"];
        source.tab.note_document(|document| {
            document.request = id;
            document.url = url;
            document.status = status(response);
            document.mime = text(&response["mimeType"]);
            document.headers = headers(response);
        });
    }
}

/// `Network.loadingFinished`.
pub(in crate::gather::record) fn finished(log: &EventLog, source: Source<'_>, params: &Value) {
    let id = text(&params["requestId"]);
    log.end_request(source.tab, &id);
}

/// `Network.loadingFailed`.
pub(in crate::gather::record) fn failed(log: &EventLog, source: Source<'_>, params: &Value) {
    let id = text(&params["requestId"]);
    log.end_request(source.tab, &id);
    let error = text(&params["errorText"]);
    if is_refused_by_browser(params) {
        refused(log, source, &log.address_of(&id).unwrap_or_default());
    }
    source.tab.note_document(|document| {
        if document.request == id {
            match document.previous.take() {
                // It turned out to be a download, or nothing: the page stays where it was.
                Some(previous) if error == "net::ERR_ABORTED" => *document = *previous,
                _ => document.error = Some(error.clone()),
            }
        }
    });
    log.push(source, EventKind::Failed { id: id.into(), error: error.into() });
}

/// Whether the browser refused to let a page of the public internet reach into the network.
fn is_refused_by_browser(params: &Value) -> bool {
    let names =
        [&params["errorText"], &params["corsErrorStatus"]["corsError"], &params["blockedReason"]];
    names.into_iter().filter_map(Value::as_str).any(|it| {
        let plain = it.replace('_', "").to_ascii_lowercase();
        plain.contains("localnetworkaccess") || plain.contains("privatenetworkaccess")
    })
}

/// A request to an address inside a network, which was not made.
pub(in crate::gather::record) fn refused(log: &EventLog, source: Source<'_>, url: &str) {
    // Its path may hold what names the visitor, and says nothing more.
    let host = Url::parse(url).ok().map(|url| url[..Position::BeforePath].to_owned());
    let host = host.unwrap_or_else(|| "an address".to_owned());
    let message = format!(
        "a page asked for {host}, which is inside a network; it was refused, and `--allow-private` would allow it"
    );
    log.remark(source, ProblemKind::PrivateAddress, message);
}

/// `Network.requestWillBeSent`: from here until [`ends`] the page has something outstanding. What it carries within
/// itself takes no time.
pub(in crate::gather::record) fn begins(tab: &TabState, session: &str, params: &Value) {
    let url = params["request"]["url"].as_str().unwrap_or_default();
    if url.starts_with("about:") || url.starts_with("data:") {
        return;
    }
    let kind = match params["type"].as_str() {
        Some("EventSource") => OutstandingKind::EventSource,
        _ => OutstandingKind::Request,
    };
    tab.note_open(|it| it.begin(session, &text(&params["requestId"]), kind));
}

/// A connection was opened.
pub(in crate::gather::record) fn connects(
    tab: &TabState,
    session: &str,
    params: &Value,
    kind: OutstandingKind,
) {
    tab.note_open(|it| it.begin(session, &id_of(params), kind));
}

/// A request or a connection ended.
pub(in crate::gather::record) fn ends(tab: &TabState, session: &str, params: &Value) {
    tab.note_open(|it| it.end(session, &id_of(params)));
}

fn id_of(params: &Value) -> String {
    text(params["requestId"].as_str().map_or(&params["transportId"], |_| &params["requestId"]))
}

/// `Network.webSocketCreated`.
pub(in crate::gather::record) fn web_socket(log: &EventLog, source: Source<'_>, params: &Value) {
    let redactor = log.redactor();
    log.push(
        source,
        EventKind::WebSocket {
            id: text(&params["requestId"]),
            url: redactor.url(params["url"].as_str().unwrap_or_default()).into(),
            initiators: call_frames(&params["initiator"]["stack"], redactor).into(),
        },
    );
}

/// `Network.webTransportCreated`.
pub(in crate::gather::record) fn web_transport(log: &EventLog, source: Source<'_>, params: &Value) {
    let redactor = log.redactor();
    log.push(
        source,
        EventKind::WebTransport {
            id: text(&params["transportId"]),
            url: redactor.url(params["url"].as_str().unwrap_or_default()).into(),
            initiators: call_frames(&params["initiator"]["stack"], redactor).into(),
        },
    );
}

fn response_of(
    log: &EventLog,
    source: Source<'_>,
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
        source,
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
