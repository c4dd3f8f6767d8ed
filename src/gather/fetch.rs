//! Fetches one page without a browser: for `crumbcheck notice URL`, and for a notice that another
//! site publishes. Nothing on the page is run.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Client, Proxy, Response, header, redirect::Policy};
use url::{Host, Url};

use super::{
    document::{self, DocumentError},
    error::GatherError,
    network::Network,
    secrets::SiteSecrets,
};
use crate::recording::{Fetch, redact::Redactor};

/// As browsers have it.
const MOST_REDIRECTS: u32 = 20;

/// More than any notice has; what comes after is not read.
const MOST_BYTES: usize = 8 << 20;

/// A page as it was served.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Address after redirects.
    pub url: Url,
    /// HTTP status.
    pub status: u16,
    /// Media type without parameters, lower case.
    pub mime: String,
    /// The body, cut at 8 MiB unless more was asked for.
    pub bytes: Vec<u8>,
}

/// Every request that was made outside the browser. Clones share it.
#[derive(Clone, Debug, Default)]
struct Fetches(Arc<Mutex<Vec<Fetch>>>);

impl Fetches {
    fn note(&self, url: &Url, status: Option<u16>) {
        // A panic elsewhere cannot leave a list half-written.
        let mut fetches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        fetches.push(Fetch { url: url.to_string(), status });
    }

    fn take(&self, redactor: &Redactor) -> Vec<Fetch> {
        let mut taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for fetch in &mut taken {
            fetch.url = redactor.url(&fetch.url);
        }
        taken
    }
}

impl Fetched {
    /// The page or document as HTML or text.
    ///
    /// # Errors
    /// If it is neither.
    pub fn content(&self) -> Result<String, DocumentError> {
        // A document says by how it begins what it is; of anything else its media type has to say that
        // it is text.
        let is_text = self.mime.is_empty()
            || self.mime.starts_with("text/")
            || self.mime == "application/xhtml+xml"
            || self.mime == "application/octet-stream";
        let is_document = self.bytes.starts_with(b"%PDF-") || self.bytes.starts_with(b"PK\x03\x04");
        if !is_text && !is_document {
            return Err(DocumentError::Unknown);
        }
        let name = if self.mime == "text/markdown" { "page.md" } else { self.url.path() };
        document::content(name, &self.bytes)
    }
}

/// Fetches pages without a browser, the way the user's settings say, and keeps a list of every request. It holds the
/// secrets of one target and decides about each request, redirects included, whether they go with it.
#[derive(Clone, Debug)]
pub struct Fetcher {
    network: Network,
    secrets: SiteSecrets,
    user_agent: String,
    fetches: Fetches,
}

impl Fetcher {
    /// A fetcher that has made no request yet.
    pub fn new(network: Network, secrets: SiteSecrets, user_agent: impl Into<String>) -> Self {
        Self { network, secrets, user_agent: user_agent.into(), fetches: Fetches::default() }
    }

    /// Fetches a page; what is beyond 8 MiB is not read.
    ///
    /// # Errors
    /// If there is no answer within `timeout`.
    pub async fn fetch(&self, url: &Url, timeout: Duration) -> Result<Fetched, GatherError> {
        self.fetch_at_most(url, timeout, MOST_BYTES).await
    }

    /// Fetches a page; what is beyond `most` bytes is not read.
    ///
    /// # Errors
    /// If there is no answer within `timeout`.
    pub async fn fetch_at_most(
        &self,
        url: &Url,
        timeout: Duration,
        most: usize,
    ) -> Result<Fetched, GatherError> {
        let failed = |why: String| GatherError::Fetch { url: url.to_string(), why };
        match tokio::time::timeout(timeout, self.follow(url, most)).await {
            Ok(result) => result,
            Err(_) => Err(failed(format!("no whole answer within {} s", timeout.as_secs()))),
        }
    }

    /// Follows redirects to the page itself.
    async fn follow(&self, url: &Url, most: usize) -> Result<Fetched, GatherError> {
        let mut at = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = request(&at, &self.network, &self.secrets, &self.user_agent).await;
            self.fetches.note(&at, response.as_ref().ok().map(|it| it.status().as_u16()));
            let response = response?;
            let status = response.status();
            let next = response
                .headers()
                .get(header::LOCATION)
                .filter(|_| status.is_redirection())
                .and_then(|to| at.join(to.to_str().ok()?).ok());
            if let Some(next) = next {
                at = next;
                continue;
            }
            return read(at, response, most).await;
        }
        Err(GatherError::Fetch { url: url.to_string(), why: "it redirects in a circle".to_owned() })
    }

    /// Takes the requests made so far, in order, with identifiers in addresses digested.
    pub(super) fn take_fetches(&self, redactor: &Redactor) -> Vec<Fetch> {
        self.fetches.take(redactor)
    }
}

/// Makes one request; a redirect is an answer.
async fn request(
    at: &Url,
    network: &Network,
    secrets: &SiteSecrets,
    user_agent: &str,
) -> Result<Response, GatherError> {
    let failed = |why: String| GatherError::Fetch { url: at.to_string(), why };
    let (Some(host), Some(port)) = (at.host_str(), at.port_or_known_default()) else {
        return Err(failed("it names no host".to_owned()));
    };
    if !matches!(at.scheme(), "http" | "https") {
        return Err(failed(format!("pages are fetched over http and https, not {}", at.scheme())));
    }
    let mut client = Client::builder()
        .user_agent(user_agent)
        .redirect(Policy::none())
        .no_proxy()
        .danger_accept_invalid_certs(network.insecure);
    if let Some(proxy) = &network.proxy {
        client = client.proxy(Proxy::all(proxy).map_err(GatherError::Client)?);
    }
    let (to_host, to_port) = network.destination(host, port);
    let mut request_url = at.clone();
    if to_port != port {
        // The client takes the port to connect to from the address; the `Host` header keeps ours.
        let _ = request_url.set_port(Some(to_port));
    }
    if to_host != host {
        let address =
            resolve(&to_host, to_port).await.map_err(|error| failed(error.to_string()))?;
        if at.host().is_some_and(|host| matches!(host, Host::Domain(_))) {
            client = client.resolve(host, address);
        } else {
            let _ = request_url.set_ip_host(address.ip());
        }
    }
    let client = client.build().map_err(GatherError::Client)?;
    let mut request = client.get(request_url);
    if to_port != port || to_host != host {
        let host = match at.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        request = request.header(header::HOST, host);
    }
    for (name, value) in secrets.headers_for(at) {
        request = request.header(name, value);
    }
    request.send().await.map_err(|error| failed(reason(&error)))
}

async fn resolve(host: &str, port: u16) -> std::io::Result<SocketAddr> {
    let host = host.trim_matches(['[', ']']);
    let mut addresses = tokio::net::lookup_host((host, port)).await?;
    addresses.next().ok_or_else(|| std::io::Error::other(format!("{host} has no address")))
}

async fn read(url: Url, mut response: Response, most: usize) -> Result<Fetched, GatherError> {
    let status = response.status().as_u16();
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mime = content_type.split(';').next().unwrap_or_default().trim().to_owned();
    let mut bytes = Vec::new();
    loop {
        let chunk = response
            .chunk()
            .await
            .map_err(|error| GatherError::Fetch { url: url.to_string(), why: reason(&error) })?;
        let Some(chunk) = chunk else { break };
        bytes.extend_from_slice(&chunk);
        if bytes.len() > most {
            bytes.truncate(most);
            break;
        }
    }
    Ok(Fetched { url, status, mime, bytes })
}

/// The innermost cause: the outer ones say no more than that a request failed.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
