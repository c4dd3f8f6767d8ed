//! A server that plays every host on one port, with and without TLS, and keeps what each was sent.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

use super::{Run, crumbcheck, turn};

/// A request as a host got it.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) secure: bool,
    pub(crate) host: String,
    pub(crate) path: String,
    /// Everything before the body, lower case.
    pub(crate) head: String,
}

impl Sent {
    /// Whether a browser sent it: it says what for (Fetch Metadata).
    pub(crate) fn by_browser(&self) -> bool {
        self.head.contains("\r\nsec-fetch-mode: ")
    }
}

/// Status, headers and body of an answer.
pub(crate) type Answer = (u16, Vec<String>, String);

/// What a host answers at a path, over TLS or not.
pub(crate) type Play = fn(host: &str, path: &str, secure: bool) -> Answer;

/// A server that plays every host.
pub(crate) struct Stage {
    port: u16,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Stage {
    /// Plays every host on one port of the loopback interface, with and without TLS.
    pub(crate) fn open(play: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let (kept, tls) = (Arc::clone(&sent), tls());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, tls) = (Arc::clone(&kept), Arc::clone(&tls));
                std::thread::spawn(move || serve(stream.unwrap(), &tls, play, &kept));
            }
        });
        Self { port, sent }
    }

    /// Runs the program with every host led here.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let route = format!("::127.0.0.1:{}", self.port);
        let mut all: Vec<&str> = args.to_vec();
        all.extend(["--connect-to", &route, "--insecure", "--timeout", "10s"]);
        crumbcheck(&all.iter().map(|&it| it.to_owned()).collect::<Vec<_>>())
    }

    pub(crate) fn scan(&self, target: &str, args: &[&str]) -> Run {
        let _turn = turn("stage");
        let mut all = vec!["scan", target, "--no-progress", "--report", "json"];
        all.extend(["--settle", "500ms"]);
        all.extend(args);
        let run = self.run(&all);
        assert!(run.json.is_some() && run.code != Some(3), "{}\n{}", run.stderr, run.stdout);
        run
    }

    /// Scans with only `hosts` led here, so that the rest is where it is.
    pub(crate) fn scan_only(&self, target: &str, hosts: &[&str], args: &[&str]) -> Run {
        let _turn = turn("stage");
        let mut all = vec!["scan", target, "--no-progress", "--report", "json", "--insecure"];
        all.extend(["--settle", "500ms"]);
        let routes: Vec<String> =
            hosts.iter().map(|host| format!("{host}::127.0.0.1:{}", self.port)).collect();
        all.extend(routes.iter().flat_map(|route| ["--connect-to", route.as_str()]));
        all.extend(args);
        crumbcheck(&all.iter().map(|&it| it.to_owned()).collect::<Vec<_>>())
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Asserts that the server got a request, so that a case cannot pass because nothing happened.
    pub(crate) fn got(&self, secure: bool, host: &str, path: &str) {
        let is_it = |it: &Sent| it.secure == secure && it.host == host && it.path.starts_with(path);
        assert!(self.sent().iter().any(is_it), "{host}{path} was not fetched: {:#?}", self.sent());
    }
}

fn tls() -> Arc<ServerConfig> {
    let pair = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["own.example".to_owned()]).unwrap();
    let certificate = params.self_signed(&pair).unwrap();
    let key = PrivateKeyDer::try_from(pair.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Arc::new(config)
}

fn serve(stream: TcpStream, tls: &Arc<ServerConfig>, play: Play, kept: &Mutex<Vec<Sent>>) {
    let mut first = [0];
    // The first byte of a TLS handshake (RFC 8446, section 5.1).
    match stream.peek(&mut first) {
        Ok(1) if first[0] == 0x16 => {
            let connection = ServerConnection::new(Arc::clone(tls)).unwrap();
            answer(StreamOwned::new(connection, stream), true, play, kept);
        }
        Ok(1) => answer(stream, false, play, kept),
        _ => (),
    }
}

fn answer(mut stream: impl Read + Write, secure: bool, play: Play, kept: &Mutex<Vec<Sent>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let Some(path) = head.split(' ').nth(1) else { return };
    let lower = head.to_lowercase();
    let host = lower.split("\r\nhost: ").nth(1).and_then(|it| it.split("\r\n").next());
    let host = host.unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
    let (status, headers, body) = play(&host, path, secure);
    let path = path.to_owned();
    kept.lock().unwrap().push(Sent { secure, host, path, head: lower });
    let headers = headers.iter().fold(String::new(), |all, it| all + it + "\r\n");
    let _ = write!(
        stream,
        "HTTP/1.1 {status} x\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.flush();
}

pub(crate) fn html(body: &str) -> Answer {
    let page =
        format!("<!doctype html><html lang=en><title>Page</title><body>{body}</body></html>");
    (200, vec!["content-type: text/html".to_owned()], page)
}

pub(crate) fn xml(body: &str) -> Answer {
    (200, vec!["content-type: application/xml".to_owned()], body.to_owned())
}

pub(crate) fn redirect(to: &str) -> Answer {
    (302, vec![format!("location: {to}")], String::new())
}

pub(crate) fn not_found() -> Answer {
    (404, vec!["content-type: text/html".to_owned()], "<h1>Not found</h1>".to_owned())
}

/// A notice that declares one cookie.
pub(crate) const NOTICE: &str = "<h1>Cookies</h1><p>This site uses one cookie.</p><h2>Essential cookies</h2><table>\
    <tr><th>Name<th>Purpose<th>Expires<tr><td>sid<td>Keeps your place<td>1 day</table>";
