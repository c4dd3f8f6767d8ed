//! What became of opening a page, in words for people.

use serde_json::Value;

use super::{
    log::Document,
    page::{Arrival, Page},
};
use crate::{model::VisitStatus, recording::ProblemKind};

/// What became of a page, and what to do about it if it could not be observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) status: VisitStatus,
    /// What to know about it.
    pub(super) problem: Option<String>,
    /// What the user can do about it.
    pub(super) help: &'static str,
    /// Whether its scripts no longer let it answer.
    pub(super) hangs: bool,
    /// What died, if something did.
    pub(super) died: Option<ProblemKind>,
}

impl Judged {
    pub(super) const fn ok(problem: Option<String>) -> Self {
        Self { status: VisitStatus::Ok, problem, help: "", hangs: false, died: None }
    }

    /// The browser went away.
    pub(super) fn gone() -> Self {
        let died = Some(ProblemKind::BrowserGone);
        Self { died, ..Self::not(VisitStatus::Failed, "the browser went away", HELP_GONE) }
    }

    /// The page's renderer died.
    pub(super) fn crashed() -> Self {
        let died = Some(ProblemKind::RendererCrashed);
        Self { died, ..Self::not(VisitStatus::Failed, "the page crashed its renderer", HELP_CRASH) }
    }

    pub(super) fn not(status: VisitStatus, why: impl Into<String>, help: &'static str) -> Self {
        Self { status, problem: Some(why.into()), help, hangs: false, died: None }
    }
}

/// Titles of pages that ask for proof of a human, as their makers show them.
const CHALLENGE_TITLES: &[&str] = &[
    "just a moment...",
    "attention required! | cloudflare",
    "access denied",
    "pardon our interruption",
    "human verification",
    "please verify you are a human",
    "are you a robot?",
    "ddos-guard",
    "one moment, please...",
    "checking your browser",
];

/// What stands in the source of such pages and nowhere else.
const CHALLENGE_MARKS: &[&str] = &[
    "/cdn-cgi/challenge-platform/",
    "_incapsula_resource",
    "captcha-delivery.com",
    "px-captcha",
    "awswafintegration",
    "challenge.js?",
    "id=\"challenge-form\"",
];

const HELP_CHALLENGE: &str = "have the scanner let through (its user agent names crumbcheck), or scan a staging site that has no such check";
const HELP_SLOW: &str = "raise `--timeout` if the site is slow";
pub(super) const HELP_GONE: &str =
    "scan again; if it happens again, look whether the machine ran out of memory";
const HELP_CRASH: &str =
    "scan again; if it happens again, the page may need more memory than the machine has";

/// Whether the browser's own words say that the page is there, and if not, why in ours.
pub(super) fn of_arrival(arrival: &Arrival, document: &Document, seconds: u64) -> Option<Judged> {
    let not = |status, why: String, help| Some(Judged::not(status, why, help));
    match arrival {
        Arrival::Loaded | Arrival::Partly => None,
        Arrival::TimedOut => not(
            VisitStatus::Timeout,
            match document.status {
                Some(_) => format!("the answer began but did not end within {seconds} s"),
                None => format!("no answer within {seconds} s"),
            },
            HELP_SLOW,
        ),
        Arrival::Crashed => Some(Judged::crashed()),
        Arrival::Gone => Some(Judged::gone()),
        Arrival::Failed(error) => {
            let (status, why, help) = of_error(error, document);
            not(status, why, help)
        }
    }
}

fn of_error(error: &str, document: &Document) -> (VisitStatus, String, &'static str) {
    use VisitStatus::{Failed, NotHtml};
    let code = error.trim_start_matches("net::");
    match code {
        "ERR_NAME_NOT_RESOLVED" | "ERR_NAME_RESOLUTION_FAILED" | "ERR_DNS_TIMED_OUT" => (
            Failed,
            "there is no such host".to_owned(),
            "check the spelling, or say where the host is with `--resolve HOST:PORT:ADDR`",
        ),
        "ERR_CONNECTION_REFUSED" => (
            Failed,
            "the connection was refused".to_owned(),
            "check that the server runs and listens on that port",
        ),
        "ERR_TOO_MANY_REDIRECTS" => (
            Failed,
            "it redirects in a circle".to_owned(),
            "open it in a private window; a site that needs a cookie to leave the circle cannot be scanned",
        ),
        "ERR_PROXY_CONNECTION_FAILED" | "ERR_TUNNEL_CONNECTION_FAILED" => {
            (Failed, "the proxy did not let us through".to_owned(), "check `--proxy`")
        }
        "ERR_INVALID_AUTH_CREDENTIALS" | "ERR_INVALID_RESPONSE" if document.status == Some(401) => {
            (VisitStatus::HttpError, "it asks for a password (401)".to_owned(), HELP_PASSWORD)
        }
        // A download, or an answer without a body such as 204.
        "ERR_ABORTED" => (
            NotHtml,
            "the answer is a download, or nothing at all, and not a page".to_owned(),
            "give the address of a page",
        ),
        "ERR_EMPTY_RESPONSE"
        | "ERR_CONNECTION_RESET"
        | "ERR_CONNECTION_CLOSED"
        | "ERR_INVALID_HTTP_RESPONSE"
        | "ERR_HTTP2_PROTOCOL_ERROR" => (
            Failed,
            format!("the server broke off without a usable answer ({code})"),
            "check that the address has the right scheme and port",
        ),
        "ERR_TIMED_OUT" | "ERR_CONNECTION_TIMED_OUT" => {
            (VisitStatus::Timeout, "the connection timed out".to_owned(), HELP_SLOW)
        }
        _ if code.starts_with("ERR_CERT") || code.starts_with("ERR_SSL") => (
            Failed,
            format!("its certificate or encryption is not in order ({code})"),
            "mend the certificate; for a staging site with one of its own, give `--insecure`",
        ),
        _ => (
            Failed,
            format!("it could not be opened ({code})"),
            "open the address in a browser to see why",
        ),
    }
}

const HELP_PASSWORD: &str = "give the name and password with `--basic-auth NAME:PASSWORD`";

/// What a page that has arrived and come to rest is.
pub(super) async fn of_page(page: &Page, document: &Document, partly: bool) -> Judged {
    use VisitStatus::{Challenge, HttpError, NotHtml};
    let looked = page
        .ask("({ title: document.title, source: document.documentElement.outerHTML.slice(0, 200000).toLowerCase(), size: document.documentElement.outerHTML.length, things: document.body ? document.body.querySelectorAll(':not(script):not(style):not(noscript):not(link):not(template)').length : 0, words: document.body ? document.body.innerText.trim().length : 0 })")
        .await;
    let looked = looked.unwrap_or(Value::Null);
    if is_challenge(document, &looked) {
        let status = document.status.map_or(String::new(), |status| format!(" ({status})"));
        let why = format!("the server asks for proof of a human visitor{status}");
        return Judged::not(Challenge, why, HELP_CHALLENGE);
    }
    if let Some(status) = document.status.filter(|status| *status >= 400) {
        return match status {
            401 => Judged::not(HttpError, "it asks for a password (401)", HELP_PASSWORD),
            _ => Judged::not(
                HttpError,
                format!("the server answers {status}"),
                "check the address; a page for errors says nothing about the site",
            ),
        };
    }
    let html = matches!(document.mime.as_str(), "text/html" | "application/xhtml+xml" | "");
    if !html {
        let why = format!("the answer is {} and not a page", document.mime);
        return Judged::not(NotHtml, why, "give the address of a page");
    }
    if looked.is_null() {
        // It hangs after it loaded: the network was watched all the same.
        let why = "the page no longer answers: a script runs without end".to_owned();
        return Judged { hangs: true, ..Judged::ok(Some(why)) };
    }
    if looked["things"] == 0 && looked["words"] == 0 {
        return Judged::not(
            NotHtml,
            "the page is empty",
            "check the address; an empty page says nothing about the site",
        );
    }
    Judged::ok(partly.then(|| "something that the page embeds never finished loading".to_owned()))
}

fn is_challenge(document: &Document, looked: &Value) -> bool {
    let header = |name: &str| document.headers.get(name).map_or("", String::as_str);
    if header("cf-mitigated") == "challenge" || !header("x-amzn-waf-action").is_empty() {
        return true;
    }
    let title = looked["title"].as_str().unwrap_or_default().to_lowercase();
    let source = looked["source"].as_str().unwrap_or_default();
    // A page of some size is content; what follows is said by small ones only, or by errors.
    let small = looked["size"].as_u64().unwrap_or(0) < 60_000;
    let error = document.status.is_some_and(|status| matches!(status, 403 | 405 | 429 | 503));
    let marked = CHALLENGE_MARKS.iter().any(|mark| source.contains(mark));
    let titled = CHALLENGE_TITLES.contains(&title.trim());
    (small || error) && (marked && (error || titled || looked["words"].as_u64().unwrap_or(0) < 600))
        || titled
            && (error || small && looked["words"].as_u64().unwrap_or(0) < 600)
            && title.trim() != "access denied"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_fail_has_words_and_a_way_out() {
        let document = Document::default();
        for error in [
            "net::ERR_NAME_NOT_RESOLVED",
            "net::ERR_CONNECTION_REFUSED",
            "net::ERR_CERT_AUTHORITY_INVALID",
            "net::ERR_TOO_MANY_REDIRECTS",
            "net::ERR_ABORTED",
            "net::ERR_SOMETHING_NEW",
        ] {
            let judged = of_arrival(&Arrival::Failed(error.to_owned()), &document, 30).unwrap();
            assert_ne!(judged.status, VisitStatus::Ok, "{error}");
            assert!(judged.problem.is_some() && !judged.help.is_empty(), "{error}");
        }
        assert_eq!(of_arrival(&Arrival::Loaded, &document, 30), None);
    }

    #[test]
    fn a_page_about_challenges_is_not_one() {
        let document = Document { status: Some(200), ..Document::default() };
        let article = serde_json::json!({ "title": "Access denied: what it means", "source": "px-captcha",
            "size": 90_000, "words": 5000 });
        assert!(!is_challenge(&document, &article));
        let wall = serde_json::json!({ "title": "Just a moment...", "source": "", "size": 4000, "words": 90 });
        assert!(is_challenge(&document, &wall));
    }
}
