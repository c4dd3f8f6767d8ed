//! What became of a visit, in words for people.

use serde_json::Value;

use crate::{
    gather::{
        record::tab_state::Document,
        tab::page::{LoadState, Tab},
    },
    model::VisitStatus,
    recording::ProblemKind,
};

/// What became of a visit, and what to do about it if the page could not be observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gather) struct VisitOutcome {
    pub(in crate::gather) status: VisitStatus,
    /// What to know about it.
    pub(in crate::gather) problem: Option<String>,
    /// What the user can do about it.
    pub(in crate::gather) help: &'static str,
    /// Whether its scripts no longer let it answer.
    pub(in crate::gather) hangs: bool,
    /// What died, if something did.
    pub(in crate::gather) died: Option<ProblemKind>,
}

impl VisitOutcome {
    const fn ok(problem: Option<String>) -> Self {
        Self { status: VisitStatus::Ok, problem, help: "", hangs: false, died: None }
    }

    /// The page is there, all of it or without something that it embeds.
    pub(in crate::gather) fn arrived(is_partial: bool) -> Self {
        let missing = "something that the page embeds never finished loading";
        Self::ok(is_partial.then(|| missing.to_owned()))
    }

    /// The browser went away.
    pub(in crate::gather) fn gone() -> Self {
        let died = Some(ProblemKind::BrowserGone);
        Self { died, ..Self::not(VisitStatus::Failed, "the browser went away", HELP_GONE) }
    }

    /// The page's renderer died.
    pub(in crate::gather) fn crashed() -> Self {
        let died = Some(ProblemKind::RendererCrashed);
        Self { died, ..Self::not(VisitStatus::Failed, "the page crashed its renderer", HELP_CRASH) }
    }

    pub(in crate::gather) fn not(
        status: VisitStatus,
        why: impl Into<String>,
        help: &'static str,
    ) -> Self {
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

/// Text that the source of such pages has. Some of it stands in other pages of a protected site too.
const CHALLENGE_MARKS: &[&str] = &[
    "_cf_chl_opt",
    "/orchestrate/chl_page",
    "cf-challenge-running",
    "_incapsula_resource",
    "captcha-delivery.com",
    "px-captcha",
    "awswafintegration",
    "challenge.js?",
    "id=\"challenge-form\"",
];

const HELP_CHALLENGE: &str = "have the scanner let through (its user agent names crumbcheck), or scan a staging site that has no such check";
const HELP_SLOW: &str = "raise `--timeout` if the site is slow";
pub(in crate::gather) const HELP_GONE: &str =
    "scan again; if it happens again, look whether the machine ran out of memory";
const HELP_CRASH: &str =
    "scan again; if it happens again, the page may need more memory than the machine has";

impl VisitOutcome {
    /// Why a page did not load; `None` if it did.
    pub(in crate::gather) fn of_load(
        state: &LoadState,
        document: &Document,
        seconds: u64,
    ) -> Option<Self> {
        let not = |status, why: String, help| Some(Self::not(status, why, help));
        match state {
            LoadState::Loaded | LoadState::Partly => None,
            LoadState::TimedOut => not(
                VisitStatus::Timeout,
                match document.status {
                    Some(_) => format!("the answer began but did not end within {seconds} s"),
                    None => format!("no answer within {seconds} s"),
                },
                HELP_SLOW,
            ),
            LoadState::Crashed => Some(Self::crashed()),
            LoadState::Gone => Some(Self::gone()),
            LoadState::Failed(error) => {
                let (status, why, help) = words_for(error, document);
                not(status, why, help)
            }
        }
    }

    /// Judges a page that has arrived and was watched.
    pub(in crate::gather) async fn of_page(tab: &Tab, is_partial: bool) -> Self {
        use VisitStatus::{Challenge, HttpError, NotHtml};
        let document = &tab.state.document();
        let looked = tab
        .evaluate("(() => {
            // What a visitor can go on with: links to other pages of the site, and fields that are not the check's own.
            const check = '[id*=captcha i],[class*=captcha i],[class*=turnstile i],[id*=challenge i],[class*=challenge i]';
            const goesOn = (it) => it.localName !== 'a' || it.origin === location.origin && it.pathname !== location.pathname;
            const own = [...document.querySelectorAll('a[href],input:not([type=hidden]),textarea,select')]
                .filter((it) => goesOn(it) && it.checkVisibility({ visibilityProperty: true }) && !it.closest(check));
            return { own: own.length, title: document.title, source: document.documentElement.outerHTML.slice(0, 200000).toLowerCase(), size: document.documentElement.outerHTML.length, things: document.body ? document.body.querySelectorAll(':not(script):not(style):not(noscript):not(link):not(template)').length : 0, words: document.body ? document.body.innerText.trim().length : 0 };
        })()")
        .await;
        let looked = looked.unwrap_or(Value::Null);
        if is_challenge(document, &looked) {
            let status = document.status.map_or(String::new(), |status| format!(" ({status})"));
            let why = format!("the server asks for proof of a human visitor{status}");
            return Self::not(Challenge, why, HELP_CHALLENGE);
        }
        if let Some(status) = document.status.filter(|status| *status >= 400) {
            return match status {
                401 => Self::not(HttpError, "it asks for a password (401)", HELP_PASSWORD),
                _ => Self::not(
                    HttpError,
                    format!("the server answers {status}"),
                    "check the address; a page for errors says nothing about the site",
                ),
            };
        }
        let html = matches!(document.mime.as_str(), "text/html" | "application/xhtml+xml" | "");
        if !html {
            let why = format!("the answer is {} and not a page", document.mime);
            return Self::not(NotHtml, why, "give the address of a page");
        }
        if looked.is_null() {
            // It hangs after it loaded: the network was watched all the same.
            let why = "the page no longer answers: a script runs without end".to_owned();
            return Self { hangs: true, ..Self::ok(Some(why)) };
        }
        if looked["things"] == 0 && looked["words"] == 0 {
            return Self::not(
                NotHtml,
                "the page is empty",
                "check the address; an empty page says nothing about the site",
            );
        }
        Self::arrived(is_partial)
    }
}

fn words_for(error: &str, document: &Document) -> (VisitStatus, String, &'static str) {
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
            "fix the certificate; for a staging site with a certificate of its own, give `--insecure`",
        ),
        _ => (
            Failed,
            format!("it could not be opened ({code})"),
            "open the address in a browser to see why",
        ),
    }
}

const HELP_PASSWORD: &str = "give the name and password with `--basic-auth NAME:PASSWORD`";

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
    // A page that asks for proof has nothing else on it; a form of the site may ask for one too.
    let alone =
        looked["own"].as_u64().unwrap_or(0) == 0 && looked["words"].as_u64().unwrap_or(0) < 600;
    (small || error) && (marked && (error || titled || alone))
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
            let outcome =
                VisitOutcome::of_load(&LoadState::Failed(error.to_owned()), &document, 30).unwrap();
            assert_ne!(outcome.status, VisitStatus::Ok, "{error}");
            assert!(outcome.problem.is_some() && !outcome.help.is_empty(), "{error}");
        }
        assert_eq!(VisitOutcome::of_load(&LoadState::Loaded, &document, 30), None);
    }

    #[test]
    fn no_way_to_fail_shows_its_name_in_the_code() {
        let document = Document::default();
        for state in [LoadState::TimedOut, LoadState::Crashed, LoadState::Gone] {
            let outcome = VisitOutcome::of_load(&state, &document, 30).unwrap();
            let words = outcome.problem.unwrap();
            assert!(!words.contains(&format!("{state:?}")) && words.contains(' '), "{words}");
        }
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

    #[test]
    fn a_page_of_the_site_with_a_check_in_it_is_a_page_of_the_site() {
        let document = Document { status: Some(200), ..Document::default() };
        let page = |source: &str, own: u64| {
            let looked = serde_json::json!({ "title": "Write to us", "source": source, "size": 5000, "words": 200,
                "own": own });
            is_challenge(&document, &looked)
        };
        let turnstile = "<iframe src=\"https://challenges.cloudflare.com/cdn-cgi/challenge-platform/h/b/turnstile/if/ov2/\">";
        let detection = "<script src=\"/cdn-cgi/challenge-platform/scripts/jsd/main.js\">";
        for source in [turnstile, detection, "<div class=h-captcha>", "<div class=g-recaptcha>"] {
            assert!(!page(source, 3) && !page(source, 0), "{source}");
        }
        // What also stands in pages of protected sites.
        for source in ["<script src=\"/_incapsula_resource?swjiylwa=7\">", "awswafintegration"] {
            assert!(!page(source, 3) && page(source, 0), "{source}");
        }
        assert!(page("window._cf_chl_opt = {}", 0));
    }
}
