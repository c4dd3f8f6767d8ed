//! What events mean to the readers. The one place that lists every kind of event: a new one does not compile until it
//! is given a meaning here.

use crate::recording::{
    Call, CallFrame, CookieApi, CookieStatus, EventKind, SentCookie, StorageItem,
};

/// What an event means.
pub(super) enum Meaning<'a> {
    /// A host was contacted.
    Contact(Contact<'a>),
    /// A request carried cookies.
    CookiesSent { host: &'a str, cookies: &'a [SentCookie] },
    /// A response set a cookie.
    SetCookie {
        url: &'a str,
        header: &'a str,
        partition: Option<&'a str>,
        status: &'a CookieStatus,
    },
    /// A script set or removed a cookie.
    ScriptCookie {
        api: &'a CookieApi,
        frame: &'a str,
        header: &'a str,
        stuck: bool,
        stack: &'a [CallFrame],
    },
    /// A script wrote a storage item.
    StorageSet { item: &'a StorageItem, frame: &'a str, stack: &'a [CallFrame] },
    /// A script read or listened to something.
    Call { call: &'a Call, frame: &'a str, stack: &'a [CallFrame] },
    /// Nothing that evidence is made of: how a request went, and what pages did that visitors would have noticed.
    Nothing,
}

/// A request, or a connection that was opened.
pub(super) struct Contact<'a> {
    pub(super) url: &'a str,
    /// What was requested, in the field's words.
    pub(super) kind: &'a str,
    pub(super) channel: ContactKind<'a>,
    /// The document on whose behalf it was made; empty if that is not known.
    pub(super) document: &'a str,
    /// The script calls that led to it, innermost first.
    pub(super) initiators: &'a [CallFrame],
}

/// By which protocol a host was contacted.
pub(super) enum ContactKind<'a> {
    Request { method: &'a str, referrer: Option<&'a str>, body: Option<&'a str> },
    WebSocket,
    WebTransport,
}

impl<'a> Meaning<'a> {
    pub(super) fn new(event: &'a EventKind) -> Self {
        match event {
            EventKind::Request {
                url, method, kind, document, initiators, referrer, body, ..
            } => Self::Contact(Contact {
                url,
                kind: name_of(kind),
                channel: ContactKind::Request {
                    method,
                    referrer: referrer.as_deref(),
                    body: body.as_deref(),
                },
                document,
                initiators,
            }),
            EventKind::WebSocket { url, initiators, .. } => Self::Contact(Contact {
                url,
                kind: "websocket",
                channel: ContactKind::WebSocket,
                document: "",
                initiators,
            }),
            EventKind::WebTransport { url, initiators, .. } => Self::Contact(Contact {
                url,
                kind: "webtransport",
                channel: ContactKind::WebTransport,
                document: "",
                initiators,
            }),
            EventKind::RequestCookies { host, sent, .. } => {
                Self::CookiesSent { host, cookies: sent }
            }
            EventKind::SetCookie { url, header, partition, status, .. } => {
                Self::SetCookie { url, header, partition: partition.as_deref(), status }
            }
            EventKind::ScriptCookie { api, frame, header, stuck, stack } => {
                Self::ScriptCookie { api, frame, header, stuck: *stuck, stack }
            }
            EventKind::StorageSet { item, frame, stack } => Self::StorageSet { item, frame, stack },
            EventKind::Call { call, frame, stack } => Self::Call { call, frame, stack },
            EventKind::Response { .. }
            | EventKind::Failed { .. }
            | EventKind::Target { .. }
            | EventKind::PopupRefused { .. }
            | EventKind::Dialog { .. }
            | EventKind::Download { .. }
            | EventKind::Crashed => Self::Nothing,
        }
    }

    /// The contact, if it is one.
    pub(super) fn contact(event: &'a EventKind) -> Option<Contact<'a>> {
        match Self::new(event) {
            Self::Contact(contact) => Some(contact),
            _ => None,
        }
    }
}

/// The field's words for what the browser calls otherwise.
fn name_of(kind: &str) -> &str {
    match kind {
        "ping" => "beacon",
        "xhr" | "fetch" => "fetch",
        kind => kind,
    }
}
