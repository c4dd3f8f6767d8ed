//! Answers for every host of a [`Site`] on one loopback port, over HTTPS and plain HTTP.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fmt, io, net,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    thread::JoinHandle,
    time::Duration,
};

use hyper::{
    Request, Response, StatusCode,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    header::{self, HeaderName, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::PrivateKeyDer,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    sync::oneshot,
};
use tokio_rustls::TlsAcceptor;

use super::{
    names,
    site::{Answer, Hang, Route, Site},
    socket,
};

/// The first byte of a TLS handshake (RFC 8446 section 5.1); no HTTP request starts with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// A running server. It stops when dropped.
#[derive(Debug)]
pub struct SiteServer {
    port: u16,
    name_server: net::SocketAddr,
    log: Arc<Mutex<Vec<Hit>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// One request the server got, whether or not it had an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Whether it came over TLS.
    pub secure: bool,
    /// Host it was meant for, without port.
    pub host: String,
    /// Path, without query.
    pub path: String,
    /// Query, without the question mark.
    pub query: String,
    /// Method.
    pub method: String,
    /// The `Cookie` header; empty if there was none.
    pub cookie: String,
    /// The `Referer` header; empty if there was none.
    pub referer: String,
    /// Whether the browser fetched it as the script of a service worker, as it does again by itself to
    /// see whether there is a newer one (Service Workers, section 5: `Service-Worker: script`).
    pub service_worker: bool,
    /// The `Set-Cookie` headers of the answer.
    pub set_cookie: Vec<String>,
}

impl SiteServer {
    /// Starts to serve `site` on a free port, in a thread of its own, so that callers need no
    /// runtime.
    pub fn start(site: Site) -> io::Result<Self> {
        let listener = net::TcpListener::bind((net::Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let names = names::bind()?;
        let name_server = names.local_addr()?;
        let acceptor = TlsAcceptor::from(Arc::new(tls()?));
        let log = Arc::new(Mutex::new(Vec::new()));
        let state = Arc::new(State { site, log: Arc::clone(&log) });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("demo-site".to_owned()).spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                let Ok(names) = UdpSocket::from_std(names) else { return };
                let site = Arc::clone(&state);
                tokio::select! {
                    () = listen(listener, acceptor, state) => {}
                    () = names::answer(names, &site.site.aliases) => {}
                    _ = stopped => {}
                }
            });
            // Answers that hang on purpose end here too, with the runtime.
        })?;
        Ok(Self { port, name_server, log, stop: Some(stop), thread: Some(thread) })
    }

    /// The port on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The value of `--connect-to` with which a scan reaches the site instead of the internet.
    pub fn connect_to(&self) -> String {
        format!("::127.0.0.1:{}", self.port)
    }

    /// The address of the DNS server that has the site's CNAMEs.
    pub const fn name_server(&self) -> net::SocketAddr {
        self.name_server
    }

    /// Every request so far, in the order they came.
    pub fn log(&self) -> Vec<Hit> {
        lock(&self.log).clone()
    }
}

impl Drop for SiteServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // If nobody listens the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct State {
    site: Site,
    log: Arc<Mutex<Vec<Hit>>>,
}

fn lock(log: &Mutex<Vec<Hit>>) -> MutexGuard<'_, Vec<Hit>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, acceptor: TlsAcceptor, state: Arc<State>) {
    loop {
        // A connection that cannot be taken is the client's loss, not the server's end. Where there
        // are too many, waiting lets some go.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        tokio::spawn(serve(stream, acceptor.clone(), Arc::clone(&state)));
    }
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, state: Arc<State>) {
    let mut first = [0];
    let secure = match stream.peek(&mut first).await {
        Ok(1) => first[0] == TLS_HANDSHAKE,
        _ => return,
    };
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(request, Arc::clone(&state), secure));
    // Clients hang up whenever they like; there is nobody to tell.
    if secure {
        if let Ok(stream) = acceptor.accept(stream).await {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            let _ = connection.with_upgrades().await;
        }
    } else {
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let _ = connection.with_upgrades().await;
    }
}

async fn answer(
    mut request: Request<Incoming>,
    state: Arc<State>,
    secure: bool,
) -> Result<Response<Content>, Infallible> {
    let host = host(&request);
    let path = request.uri().path().to_owned();
    let route = state.site.route(&host, &path);
    let headers: &[_] = route.map_or(&[], |route| &route.headers);
    lock(&state.log).push(Hit {
        secure,
        path: path.clone(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        method: request.method().to_string(),
        cookie: text(request.headers().get(header::COOKIE)),
        referer: text(request.headers().get(header::REFERER)),
        service_worker: request.headers().get("service-worker").is_some_and(|it| it == "script"),
        set_cookie: headers
            .iter()
            .filter(|(name, _)| name == header::SET_COOKIE)
            .map(|(_, value)| text(Some(value)))
            .collect(),
        host: host.clone(),
    });
    if let Some(route) = route {
        tokio::time::sleep(route.delay).await;
        if route.hang == Some(Hang::Before) {
            std::future::pending::<()>().await;
        }
    }
    let mut response = match route.map(|route| &route.answer) {
        None => served(&state.site, &host, &path),
        Some(Answer::Files) => match state.site.file(&host, &path) {
            // A route may be all there is to an address, such as that of a beacon.
            None if route.is_some_and(|it| it.status.is_some()) => {
                Response::new(Content::whole(b""))
            }
            _ => served(&state.site, &host, &path),
        },
        Some(Answer::File(name)) => served(&state.site, &host, name),
        Some(Answer::Text(body)) => typed(content_type(&path), body.as_bytes()),
        Some(Answer::Redirect(to)) => redirect(to),
        Some(Answer::Loop) => redirect(&path),
        Some(Answer::Echo) => upgrade(&mut request),
    };
    dress(&mut response, headers, route);
    // RFC 9110, section 13.1.2: what the browser has already is not sent again.
    let held = request.headers().get(header::IF_NONE_MATCH);
    if held.is_some() && held == response.headers().get(header::ETAG) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Content::whole(b"");
    }
    Ok(response)
}

/// Adds what the route says to what the answer is anyway.
fn dress(
    response: &mut Response<Content>,
    headers: &[(HeaderName, HeaderValue)],
    route: Option<&Route>,
) {
    // A scan makes several visits; what one of them fetched must not hide from the next.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, _) in headers {
        response.headers_mut().remove(name);
    }
    for (name, value) in headers {
        response.headers_mut().append(name, value.clone());
    }
    let Some(route) = route else { return };
    if let Some(status) = route.status {
        *response.status_mut() = status;
    }
    match route.hang {
        Some(Hang::AfterHeaders) => response.body_mut().hang_after(0),
        Some(Hang::InBody) => {
            let half = response.body().data.len() / 2;
            response.body_mut().hang_after(half);
        }
        Some(Hang::Before) | None => {}
    }
}

fn served(site: &Site, host: &str, path: &str) -> Response<Content> {
    if let Some((name, content)) = site.file(host, path) {
        return typed(content_type(name), content);
    }
    let why = format!("nothing is served at {host}{path}\n");
    let mut response = typed("text/plain; charset=utf-8", why.as_bytes());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn typed(content_type: &'static str, body: &[u8]) -> Response<Content> {
    let mut response = Response::new(Content::whole(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn redirect(to: &str) -> Response<Content> {
    let mut response = Response::new(Content::whole(b""));
    *response.status_mut() = StatusCode::FOUND;
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

/// Answers the handshake and leaves the connection to an echo (RFC 6455 section 4.2.2).
fn upgrade(request: &mut Request<Incoming>) -> Response<Content> {
    let mut response = Response::new(Content::whole(b""));
    let Some(key) = request.headers().get(header::SEC_WEBSOCKET_KEY) else {
        *response.status_mut() = StatusCode::UPGRADE_REQUIRED;
        return response;
    };
    let accept = socket::accept_key(&text(Some(key)));
    let upgrading = hyper::upgrade::on(request);
    tokio::spawn(async move {
        if let Ok(stream) = upgrading.await {
            let _ = socket::echo(TokioIo::new(stream)).await;
        }
    });
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

/// The host a request is meant for, lower case, without port.
fn host(request: &Request<Incoming>) -> String {
    let host = text(request.headers().get(header::HOST)).to_ascii_lowercase();
    host.rsplit_once(':').map_or(host.as_str(), |(host, _)| host).to_owned()
}

fn text(value: Option<&HeaderValue>) -> String {
    value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("gif") => "image/gif",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "text/html; charset=utf-8",
    }
}

/// A body that ends, or one that stops without ending.
#[derive(Debug)]
struct Content {
    data: Bytes,
    hangs: bool,
}

impl Content {
    fn whole(data: &[u8]) -> Self {
        Self { data: Bytes::copy_from_slice(data), hangs: false }
    }

    fn hang_after(&mut self, length: usize) {
        self.data.truncate(length);
        self.hangs = true;
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.data.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.data)))));
        }
        // Nothing will ever wake this again, which is the point of it.
        if self.hangs { Poll::Pending } else { Poll::Ready(None) }
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_empty() && !self.hangs
    }

    fn size_hint(&self) -> SizeHint {
        if self.hangs { SizeHint::new() } else { SizeHint::with_exact(self.data.len() as u64) }
    }
}

fn tls() -> io::Result<ServerConfig> {
    let certificates = Certificates::new()?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Makes a self-signed certificate for every name it is asked for. Nothing of it touches the disk.
struct Certificates {
    key: KeyPair,
    made: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    fn new() -> io::Result<Self> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificates = Self { key, made: Mutex::default() };
        certificates.make("localhost").map_err(io::Error::other)?;
        Ok(certificates)
    }

    fn make(&self, name: &str) -> Result<CertifiedKey, Box<dyn std::error::Error + Send + Sync>> {
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&self.key)?;
        let key = PrivateKeyDer::try_from(self.key.serialize_der())?;
        let key = ring::sign::any_supported_type(&key)?;
        Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().unwrap_or("localhost").to_ascii_lowercase();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certificate) = made.get(&name) {
            return Some(Arc::clone(certificate));
        }
        let certificate = Arc::new(self.make(&name).ok()?);
        made.insert(name, Arc::clone(&certificate));
        Some(certificate)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
