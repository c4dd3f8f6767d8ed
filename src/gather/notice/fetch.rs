//! Fetches pages without a browser: for `crumbcheck notice URL`, for a notice that another site publishes, and for what
//! belongs to a notice. Nothing on the page is run.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Client, Proxy, Response, header, redirect::Policy};
use tokio::sync::OnceCell;
use url::{Host, Position, Url};

use super::{documents::DocumentError, embedded, off_the_runtime};
use crate::{
    gather::{
        addresses,
        error::GatherError,
        network::Network,
        secrets::{self, SiteSecrets},
        settings::DocumentReader,
    },
    model::site,
    recording::{Fetch, NoticeFailure, NoticePage, redact::Redactor},
};

/// As browsers have it.
const MOST_REDIRECTS: u32 = 20;

/// Longer than any notice; what comes after is not read.
const MOST_BYTES: usize = 8 << 20;

/// A notice that is fetched and read once, by whoever needs it first.
type SharedNotice = Arc<OnceCell<Result<NoticePage, NoticeFailure>>>;

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

/// Fetches pages without a browser, the way the user's settings say, and keeps a list of every request.
///
/// It works for one target, and checks every request, redirects included: whether the target's secrets go with it, and
/// whether a public target leads to an address inside a network. Clones share what they have fetched.
#[derive(Clone, Debug)]
pub struct Fetcher {
    target: Url,
    network: Network,
    secrets: SiteSecrets,
    user_agent: String,
    document_reader: DocumentReader,
    fetches: Arc<Mutex<Vec<Fetch>>>,
    /// Whether the target itself is inside a network, once that has mattered.
    target_is_private: Arc<OnceCell<bool>>,
    /// Notices fetched so far, by address.
    notices: Arc<Mutex<BTreeMap<Url, SharedNotice>>>,
}

impl Fetcher {
    /// A fetcher that has made no request yet, and sends no secrets.
    pub fn new(target: &Url, network: Network, user_agent: &str) -> Self {
        Self {
            target: target.clone(),
            network,
            secrets: SiteSecrets::default(),
            user_agent: user_agent.to_owned(),
            document_reader: DocumentReader::default(),
            fetches: Arc::default(),
            target_is_private: Arc::default(),
            notices: Arc::default(),
        }
    }

    /// Documents are read by `reader`.
    #[must_use]
    pub fn with_document_reader(self, reader: DocumentReader) -> Self {
        Self { document_reader: reader, ..self }
    }

    /// The same with what the user gave for the target's site. Of a target in clear text it is found out first, without
    /// it, whether the site is reached by https; then it is sent encrypted only. Also returned for the browser.
    pub async fn with_secrets(
        self,
        secrets: SiteSecrets,
        timeout: Duration,
    ) -> (Self, SiteSecrets) {
        if !secrets.would_go_in_clear_text() {
            return (Self { secrets: secrets.clone(), ..self }, secrets);
        }
        let encrypted = secrets.clone().only_encrypted();
        let careful = Self { secrets: encrypted.clone(), ..self };
        if careful.leads_to_https(timeout).await {
            return (careful, encrypted);
        }
        (Self { secrets: secrets.clone(), ..careful }, secrets)
    }

    /// Whether the target leads to https of its own site, by redirects or by the page itself. So does one that does not
    /// answer, as far as anybody knows.
    async fn leads_to_https(&self, timeout: Duration) -> bool {
        let before = self.lock().len();
        let Ok(fetched) = self.fetch_at_most(&self.target, timeout, 1 << 16).await else {
            return true;
        };
        let mut met: Vec<String> =
            self.lock().iter().skip(before).map(|it| it.url.clone()).collect();
        met.extend(secrets::moves_to_https(&String::from_utf8_lossy(&fetched.bytes)));
        met.iter().filter(|it| it.starts_with("https:")).any(|it| match Url::parse(it) {
            Ok(url) => site::of_url(&url) == site::of_url(&self.target),
            // Nothing but the scheme: the script adds its own host.
            Err(_) => true,
        })
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
        match tokio::time::timeout(timeout, self.follow_redirects(url, most)).await {
            Ok(result) => result,
            Err(_) => Err(failed(url, format!("no whole answer within {} s", timeout.as_secs()))),
        }
    }

    /// The page or document as HTML or text.
    ///
    /// # Errors
    /// If it is neither.
    pub async fn content(&self, fetched: &Fetched) -> Result<String, DocumentError> {
        // A document says what it is by how it begins; anything else must be called text by its media type.
        let is_text = fetched.mime.is_empty()
            || fetched.mime.starts_with("text/")
            || fetched.mime == "application/xhtml+xml"
            || fetched.mime == "application/octet-stream";
        if !is_text && !super::documents::is_document(&fetched.bytes) {
            return Err(DocumentError::Unknown);
        }
        let name = if fetched.mime == "text/markdown" { "page.md" } else { fetched.url.path() };
        self.document_reader.read(name, fetched.bytes.clone()).await
    }

    /// A page or document as [`Self::content`] has it, with what its frames hold.
    ///
    /// # Errors
    /// If the page is neither HTML nor text nor a document that is read. A frame that is none adds nothing.
    pub async fn content_with_frames(
        &self,
        fetched: &Fetched,
        timeout: Duration,
    ) -> Result<String, DocumentError> {
        let mut content = self.content(fetched).await?;
        let is_html =
            ["<iframe", "<frame", "<object", "<embed"].iter().any(|it| content.contains(it));
        if !is_html {
            return Ok(content);
        }
        let (at, page) = (fetched.url.clone(), content.clone());
        for url in off_the_runtime(move || embedded::frames(&at, &page)).await {
            let Ok(frame) = self.fetch(&url, timeout).await else { continue };
            if frame.status >= 400 {
                continue;
            }
            let Ok(shown) = self.content(&frame).await else { continue };
            let text = shown.to_lowercase();
            // Most frames are maps, films and advertisements.
            if text.contains("cookie") || text.contains("cwci") {
                content =
                    off_the_runtime(move || embedded::with_frame(&content, &url, &shown)).await;
            }
        }
        Ok(content)
    }

    /// The notice at an address. All passes of a scan share it: it is fetched and read once, unless it could not be
    /// fetched.
    pub(super) async fn notice(
        &self,
        url: &Url,
        timeout: Duration,
    ) -> Result<NoticePage, NoticeFailure> {
        let cell = {
            let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(notices.entry(url.clone()).or_default())
        };
        let unreadable = |why: String| NoticeFailure::Unreadable { url: url.to_string(), why };
        let read = async || {
            let fetched =
                self.fetch(url, timeout).await.map_err(|error| unreadable(error.to_string()))?;
            if fetched.status >= 400 {
                let why = format!("the server answers {}", fetched.status);
                return Ok(Err(super::search::refused(Some(fetched.status), url.to_string(), why)));
            }
            Ok(match self.content_with_frames(&fetched, timeout).await {
                Ok(content) => {
                    let url = fetched.url.to_string();
                    Ok(NoticePage { url, content, ..NoticePage::default() })
                }
                Err(error) => {
                    let mime = &fetched.mime;
                    Err(unreadable(format!("the answer is {mime} and could not be read: {error}")))
                }
            })
        };
        cell.get_or_try_init(read).await?.clone()
    }

    /// Adds requests that a browser made for the same purpose.
    pub(super) fn note(&self, requests: Vec<Fetch>) {
        self.lock().extend(requests);
    }

    /// Takes the requests made so far, in order, with identifiers in addresses digested.
    pub(in crate::gather) fn take_fetches(&self, redactor: &Redactor) -> Vec<Fetch> {
        let mut taken = std::mem::take(&mut *self.lock());
        for fetch in &mut taken {
            fetch.url = redactor.url(&fetch.url);
        }
        taken
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fetch>> {
        // A panic elsewhere cannot leave a list half-written.
        self.fetches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn follow_redirects(&self, url: &Url, most: usize) -> Result<Fetched, GatherError> {
        let mut at = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.request(&at).await;
            let status = response.as_ref().ok().map(|it| it.status().as_u16());
            self.lock().push(Fetch { url: at.to_string(), status });
            let response = response?;
            let next = response
                .headers()
                .get(header::LOCATION)
                .filter(|_| response.status().is_redirection())
                .and_then(|to| at.join(to.to_str().ok()?).ok());
            if let Some(next) = next {
                at = next;
                continue;
            }
            return read_body(at, response, most).await;
        }
        Err(failed(url, "it redirects in a circle".to_owned()))
    }

    /// Makes one request; a redirect is an answer.
    async fn request(&self, at: &Url) -> Result<Response, GatherError> {
        let (Some(host), Some(port)) = (at.host_str(), at.port_or_known_default()) else {
            return Err(failed(at, "it names no host".to_owned()));
        };
        if !matches!(at.scheme(), "http" | "https") {
            let why = format!("pages are fetched over http and https, not {}", at.scheme());
            return Err(failed(at, why));
        }
        let mut client = Client::builder()
            .user_agent(&self.user_agent)
            .redirect(Policy::none())
            .no_proxy()
            .danger_accept_invalid_certs(self.network.insecure);
        if let Some(proxy) = &self.network.proxy {
            client = client.proxy(Proxy::all(proxy).map_err(GatherError::Client)?);
        }
        let (to_host, to_port) = self.network.destination(host, port);
        let mut request_url = at.clone();
        if to_port != port {
            // The client takes the port to connect to from the address; the `Host` header keeps ours.
            let _ = request_url.set_port(Some(to_port));
        }
        let routed = to_host != host;
        let addresses = self.permitted_addresses(at, (&to_host, to_port), routed).await?;
        if let Some(first) = addresses.first() {
            if at.host().is_some_and(|host| matches!(host, Host::Domain(_))) {
                // The addresses that were checked, so that the name cannot lead elsewhere a moment later.
                client = client.resolve_to_addrs(host, &addresses);
            } else {
                let _ = request_url.set_ip_host(first.ip());
            }
        }
        let client = client.build().map_err(GatherError::Client)?;
        let mut request = client.get(request_url);
        if to_port != port || routed {
            let host = match at.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            };
            request = request.header(header::HOST, host);
        }
        for (name, value) in self.secrets.headers_for(at) {
            request = request.header(name, value);
        }
        request.send().await.map_err(|error| failed(at, reason(&error)))
    }

    /// Where to connect to, if the target may have us go there. Empty if a proxy resolves the name.
    async fn permitted_addresses(
        &self,
        at: &Url,
        (host, port): (&str, u16),
        routed: bool,
    ) -> Result<Vec<SocketAddr>, GatherError> {
        let addresses = if self.network.proxy.is_none() {
            addresses::resolve(host, port).await.map_err(|error| failed(at, error.to_string()))?
        } else {
            // The proxy resolves names; addresses and names of this machine need no resolving.
            addresses::own_machine(host).map(|ip| SocketAddr::new(ip, port)).into_iter().collect()
        };
        let private = addresses.iter().map(SocketAddr::ip).find(|ip| !addresses::is_public(*ip));
        if let Some(address) = private {
            // Where the user leads a host is the user's choice.
            if !routed && self.refuses_private().await {
                return Err(GatherError::PrivateAddress { url: before_query(at), address });
            }
        }
        Ok(if self.network.proxy.is_none() { addresses } else { Vec::new() })
    }

    /// Whether addresses inside a network are refused: the user does not allow them, and the target is not there itself.
    pub(in crate::gather) async fn refuses_private(&self) -> bool {
        !self.network.allow_private && !self.target_is_private().await
    }

    /// Whether the target is inside a network, so that its pages may be there too. Where the user leads a public name is
    /// no reason to let its pages lead elsewhere.
    async fn target_is_private(&self) -> bool {
        let look_up = async || {
            let port = self.target.port_or_known_default().unwrap_or(443);
            let Some(host) = self.target.host_str() else { return false };
            if let Some(ip) = addresses::own_machine(host) {
                return !addresses::is_public(ip);
            }
            let (to_host, _) = self.network.destination(host, port);
            if self.network.proxy.is_some() || to_host != host {
                return false;
            }
            let found = addresses::resolve(host, port).await.unwrap_or_default();
            found.iter().any(|it| !addresses::is_public(it.ip()))
        };
        *self.target_is_private.get_or_init(look_up).await
    }
}

async fn read_body(url: Url, mut response: Response, most: usize) -> Result<Fetched, GatherError> {
    let status = response.status().as_u16();
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mime = content_type.split(';').next().unwrap_or_default().trim().to_owned();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&url, reason(&error)))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > most {
            bytes.truncate(most);
            break;
        }
    }
    Ok(Fetched { url, status, mime, bytes })
}

fn failed(url: &Url, why: String) -> GatherError {
    GatherError::Fetch { url: before_query(url), why }
}

/// What of an address is shown: a query may let its holder in.
fn before_query(url: &Url) -> String {
    url[..Position::AfterPath].to_owned()
}

/// The innermost cause: the outer ones say no more than that a request failed.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetcher(target: &str, network: Network) -> Fetcher {
        let target = Url::parse(target).unwrap();
        Fetcher::new(&target, network, "test")
    }

    /// Whether a fetcher lets itself be led to `url`.
    async fn goes_to(fetcher: &Fetcher, url: &str) -> bool {
        let url = Url::parse(url).unwrap();
        let (host, port) = (url.host_str().unwrap(), url.port_or_known_default().unwrap());
        let (to_host, to_port) = fetcher.network.destination(host, port);
        let routed = to_host != host;
        match fetcher.permitted_addresses(&url, (&to_host, to_port), routed).await {
            Ok(_) => true,
            Err(GatherError::PrivateAddress { .. }) => false,
            Err(other) => panic!("{other}"),
        }
    }

    const INSIDE: [&str; 6] = [
        "http://127.0.0.1/",
        "http://localhost:8080/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://[::ffff:192.168.0.1]/",
    ];

    #[tokio::test]
    async fn a_public_target_leads_to_no_address_inside_a_network() {
        let it = fetcher("https://1.1.1.1/", Network::default());
        for url in INSIDE {
            assert!(!goes_to(&it, url).await, "{url}");
        }
        assert!(goes_to(&it, "https://8.8.8.8/").await);
    }

    #[tokio::test]
    async fn a_proxy_is_not_asked_for_them_either() {
        let proxy = Some("http://127.0.0.1:3128".to_owned());
        let it = fetcher("https://1.1.1.1/", Network { proxy, ..Network::default() });
        for url in INSIDE {
            assert!(!goes_to(&it, url).await, "{url}");
        }
        assert!(goes_to(&it, "https://elsewhere.example/").await, "the proxy resolves names");
    }

    #[tokio::test]
    async fn the_user_can_allow_them() {
        let allowed = Network { allow_private: true, ..Network::default() };
        for it in [
            fetcher("https://1.1.1.1/", allowed),
            fetcher("https://localhost:8443/", Network::default()),
            fetcher("https://10.1.2.3/", Network::default()),
        ] {
            for url in INSIDE {
                assert!(goes_to(&it, url).await, "{url} for {}", it.target);
            }
        }
    }

    #[tokio::test]
    async fn a_public_name_that_the_user_leads_inside_a_network_leads_to_nothing_else_there() {
        let route = crate::gather::Route::resolve("www.own.example:443:127.0.0.1").unwrap();
        let network = Network { routes: vec![route], ..Network::default() };
        let it = fetcher("https://www.own.example/", network);
        assert!(goes_to(&it, "https://www.own.example/cookies").await);
        for url in INSIDE {
            assert!(!goes_to(&it, url).await, "{url}");
        }
    }

    #[tokio::test]
    async fn a_host_that_the_user_leads_somewhere_may_be_there() {
        let route = crate::gather::Route::resolve("vendor.example:443:127.0.0.1").unwrap();
        let network = Network { routes: vec![route], ..Network::default() };
        let it = fetcher("https://1.1.1.1/", network);
        assert!(goes_to(&it, "https://vendor.example/").await);
        assert!(!goes_to(&it, "https://127.0.0.1/").await);
    }
}
