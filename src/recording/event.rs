use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Call;
use crate::model::StorageKind;

/// Something that happened in the browser. Texts and stacks that events have in common are shared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Milliseconds from the start of the pass.
    pub at: u64,
    /// Place in the pass's `visits` of the page that was open.
    pub visit: usize,
    /// Page, frame or worker it happened in: `page`, `frame <address>`, `worker <address>`,
    /// `service-worker <address>`, `popup <address>`, `prerendered <address>` and so on.
    pub target: Arc<str>,
    /// What it was.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// The kinds of event we record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum EventKind {
    /// A request left the browser; every redirect of a chain is one.
    Request {
        /// Unique within the pass; the requests of one redirect chain share it.
        id: Arc<str>,
        /// Address, with identifiers in its query digested.
        url: Arc<str>,
        /// `GET`, `POST` and so on.
        method: Arc<str>,
        /// `document`, `script`, `image`, `ping`, `fetch` and so on, as the browser says.
        kind: Arc<str>,
        /// Document on whose behalf it was made.
        document: Arc<str>,
        /// `parser`, `script`, `preload`, `preflight` or `other`.
        initiated_by: Arc<str>,
        /// The script calls that led to it, innermost first, asynchronous parents included.
        initiators: Arc<[CallFrame]>,
        /// The address that redirected here.
        redirected_from: Option<Arc<str>>,
        /// What the `Referer` header said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        referrer: Option<Arc<str>>,
        /// What was sent along, as pairs of a query; identifiers digested.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Arc<str>>,
    },
    /// What a request carried.
    RequestCookies {
        /// The request.
        id: Arc<str>,
        /// Host it was sent to.
        host: Arc<str>,
        /// Cookies that were sent.
        sent: Vec<SentCookie>,
    },
    /// A response arrived.
    Response {
        /// The request.
        id: Arc<str>,
        /// Address that answered.
        url: Arc<str>,
        /// HTTP status.
        status: u16,
        /// Media type.
        mime: Arc<str>,
        /// Whether it came from a cache or a service worker and not from the network.
        cached: bool,
        /// Address of the machine that answered, if known.
        remote: Option<Arc<str>>,
    },
    /// A request failed.
    Failed {
        /// The request.
        id: Arc<str>,
        /// What the browser says, such as `net::ERR_CONNECTION_REFUSED`.
        error: Arc<str>,
    },
    /// A `Set-Cookie` header, as it was received, value digested.
    SetCookie {
        /// The request.
        id: String,
        /// Address that sent it.
        url: String,
        /// The header's value with the cookie's value digested.
        header: String,
        /// Top-level site of its partition, if the response was partitioned.
        partition: Option<String>,
        /// What the browser made of it.
        status: CookieStatus,
    },
    /// A script assigned to `document.cookie` or called `cookieStore`.
    ScriptCookie {
        /// By which interface.
        api: CookieApi,
        /// Address of the frame.
        frame: String,
        /// What was assigned, in the form of a `Set-Cookie` header, value digested.
        header: String,
        /// Whether it could be read back at once.
        stuck: bool,
        /// The calls that led to it, innermost first.
        stack: Vec<CallFrame>,
    },
    /// A script wrote a storage item, opened a database or a cache.
    StorageSet {
        /// What was written.
        #[serde(flatten)]
        item: StorageItem,
        /// Address of the frame; empty if unknown.
        #[serde(default)]
        frame: String,
        /// The calls that led to it, innermost first; empty if unknown.
        stack: Vec<CallFrame>,
    },
    /// A script read or listened to something by which browsers or their users are recognised.
    Call {
        /// What it called.
        #[serde(flatten)]
        call: Call,
        /// Address of the frame.
        frame: String,
        /// The calls that led to it, innermost first.
        stack: Vec<CallFrame>,
    },
    /// A WebSocket was opened.
    WebSocket {
        /// Unique within the pass.
        id: String,
        /// Address.
        url: Arc<str>,
        /// The script calls that led to it, innermost first.
        initiators: Arc<[CallFrame]>,
    },
    /// A `WebTransport` session was requested; whether it came about is not reported.
    WebTransport {
        /// Unique within the pass.
        id: String,
        /// Address.
        url: Arc<str>,
        /// The script calls that led to it, innermost first.
        initiators: Arc<[CallFrame]>,
    },
    /// A page, frame or worker came into being.
    Target {
        /// `page`, `iframe`, `worker`, `shared_worker`, `service_worker` and so on.
        kind: String,
        /// Address.
        url: String,
    },
    /// A script tried to open a window without the visitor asking; it was refused, as browsers do.
    PopupRefused {
        /// Address it wanted.
        url: String,
    },
    /// The page showed a dialog; it was answered.
    Dialog {
        /// `alert`, `confirm`, `prompt` or `beforeunload`.
        kind: String,
    },
    /// The page started a download; it was refused.
    Download {
        /// Address.
        url: String,
    },
    /// A renderer died.
    Crashed,
}

/// The interfaces by which scripts write cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CookieApi {
    /// An assignment to `document.cookie`.
    #[serde(rename = "document.cookie")]
    Document,
    /// `cookieStore.set`.
    #[serde(rename = "cookieStore.set")]
    StoreSet,
    /// `cookieStore.delete`.
    #[serde(rename = "cookieStore.delete")]
    StoreDelete,
}

/// One call on a stack.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CallFrame {
    /// Address of the script.
    pub url: String,
    /// Line, counted from 1.
    pub line: u64,
    /// Function, empty at top level.
    pub function: String,
}

/// What the browser made of a cookie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CookieStatus {
    /// It was stored.
    Stored,
    /// It was refused, for these reasons, as the browser names them.
    Blocked(Vec<String>),
}

/// A cookie that a request carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCookie {
    /// Name.
    pub name: String,
    /// Domain, with a leading dot unless it goes to this host only.
    pub domain: String,
    /// Path.
    pub path: String,
}

/// A cookie in the jar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JarCookie {
    /// Name.
    pub name: String,
    /// Domain, with a leading dot unless it goes to this host only.
    pub domain: String,
    /// Path.
    pub path: String,
    /// The value, digested unless values are kept.
    pub value: String,
    /// Parts of the value that could identify a browser, digested too: `GA1.1.123.456` is sent elsewhere as
    /// `123.456`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// Seconds until it expires, counted from the checkpoint; `null` for a session cookie.
    pub expires_in: Option<i64>,
    /// The `Secure` attribute.
    pub secure: bool,
    /// The `HttpOnly` attribute.
    pub http_only: bool,
    /// `Strict`, `Lax`, `None`, or absent.
    pub same_site: Option<String>,
    /// Top-level site of its partition.
    pub partition: Option<String>,
}

/// A storage item of one origin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StorageItem {
    /// Origin that owns it.
    pub origin: String,
    /// Where it is kept.
    pub store: StorageKind,
    /// Its key, or the name of the database or cache.
    pub key: String,
    /// The value, digested unless values are kept; empty for databases and caches.
    pub value: String,
    /// Parts of the value that could identify a browser, as of a cookie; only where a checkpoint found the item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
}
