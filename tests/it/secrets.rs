//! What the user gave for the target's own site reaches that site, encrypted if the target is, and nobody else:
//! the real program runs against a server that plays every host and keeps what each was sent.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

use crate::support::{Run, crumbcheck, turn};

/// A request as a host got it.
#[derive(Clone, Debug)]
struct Sent {
    secure: bool,
    host: String,
    path: String,
    /// Whether a browser sent it: it says what for (Fetch Metadata).
    by_browser: bool,
    /// Whether it carried any secret.
    secret: bool,
    /// Whether it carried all of them.
    whole: bool,
}

/// Status, headers and body of an answer.
type Answer = (u16, Vec<String>, String);

/// What a host answers at a path, over TLS or not.
type Play = fn(host: &str, path: &str, secure: bool) -> Answer;

struct Stage {
    port: u16,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Stage {
    /// Plays every host on one port of the loopback interface, with and without TLS.
    fn open(play: Play) -> Self {
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

    /// Runs the program with every host led here and both kinds of secrets given.
    fn run(&self, args: &[&str]) -> Run {
        let route = format!("::127.0.0.1:{}", self.port);
        let mut all: Vec<&str> = args.to_vec();
        all.extend(["--connect-to", &route, "--insecure", "--timeout", "10s"]);
        all.extend(["--header", "X-Staging: open-sesame", "--basic-auth", "ann:b:c"]);
        crumbcheck(&all.iter().map(|&it| it.to_owned()).collect::<Vec<_>>())
    }

    fn scan(&self, target: &str, args: &[&str]) -> Run {
        let _turn = turn("secrets");
        let mut all = vec!["scan", target, "--no-progress", "--report", "json"];
        all.extend(["--passes", "none", "--settle", "500ms"]);
        all.extend(args);
        let run = self.run(&all);
        assert!(run.json.is_some(), "{}", run.stderr);
        run
    }

    fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Asserts that requests to `own`, over the given schemes, carried the secrets, and that nothing else did.
    fn only(&self, own: &str, clear_text: bool) {
        let sent = self.sent();
        let is_own = |it: &Sent| it.host.ends_with(own) && (it.secure || clear_text);
        let leaks: Vec<_> = sent.iter().filter(|it| it.secret && !is_own(it)).collect();
        assert!(leaks.is_empty(), "secrets were sent to {leaks:#?}");
        let lacks: Vec<_> = sent.iter().filter(|it| is_own(it) && !it.whole).collect();
        assert!(lacks.is_empty(), "secrets were not sent to {lacks:#?}");
        assert!(sent.iter().any(is_own), "{own} was never contacted");
    }

    /// Asserts that the server got a request, so that a case cannot pass because nothing happened.
    fn got(&self, secure: bool, host: &str, path: &str) {
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
    let header = lower.contains("open-sesame");
    // "ann:b:c", lower case as all of the head is.
    let password = lower.contains("authorization: basic yw5uomi6yw==");
    let (secret, whole) = (header || lower.contains("authorization:"), header && password);
    let (status, headers, body) = play(&host, path, secure);
    let by_browser = lower.contains("\r\nsec-fetch-mode: ");
    let path = path.to_owned();
    kept.lock().unwrap().push(Sent { secure, host, path, by_browser, secret, whole });
    let headers = headers.iter().fold(String::new(), |all, it| all + it + "\r\n");
    let _ = write!(
        stream,
        "HTTP/1.1 {status} x\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.flush();
}

fn html(body: &str) -> Answer {
    let page =
        format!("<!doctype html><html lang=en><title>Page</title><body>{body}</body></html>");
    (200, vec!["content-type: text/html".to_owned()], page)
}

fn xml(body: &str) -> Answer {
    (200, vec!["content-type: application/xml".to_owned()], body.to_owned())
}

fn redirect(to: &str) -> Answer {
    (302, vec![format!("location: {to}")], String::new())
}

fn not_found() -> Answer {
    (404, vec!["content-type: text/html".to_owned()], "<h1>Not found</h1>".to_owned())
}

const NOTICE: &str = "<h1>Cookies</h1><p>This site uses one cookie.</p><h2>Essential cookies</h2><table>\
    <tr><th>Name<th>Purpose<th>Expires<tr><td>sid<td>Keeps your place<td>1 day</table>";

#[test]
fn the_browser_sends_them_to_the_own_site_and_scheme_only() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html(
            // The address of the page in that of a pixel, as trackers have it, matches what the browser is told to
            // hold requests by.
            "<h1>Welcome</h1><img src='https://pixel.example/p.gif?of=https://www.own.example/page' alt=''>\
             <img src='https://own.example.pixel.example/q.gif' alt=''><img src=/jump.gif alt=''>\
             <script src='https://static.own.example/own.js'></script>\
             <iframe src='https://frame.example/?of=https://www.own.example:443/'></iframe>",
        ),
        ("www.own.example", "/jump.gif") => redirect("https://landed.example/jump.gif"),
        ("www.own.example", "/away") => redirect("https://away.example/landed"),
        ("www.own.example", "/down") => redirect("http://www.own.example/plain"),
        ("frame.example" | "away.example", _) => {
            html("<h1>Elsewhere</h1><img src='https://www.own.example/back.gif' alt=''>")
        }
        (_, "/plain") => html("<h1>Plain</h1><p>Words."),
        _ => not_found(),
    });
    stage.scan(
        "https://www.own.example/",
        &["--page", "/away", "--page", "/down", "--page", "http://sub.own.example/plain"],
    );
    stage.only("own.example", false);
    stage.got(true, "pixel.example", "/p.gif?of=https://www.own.example/page");
    stage.got(true, "own.example.pixel.example", "/q.gif");
    stage.got(true, "landed.example", "/jump.gif");
    stage.got(true, "static.own.example", "/own.js");
    stage.got(true, "frame.example", "/?of=https://www.own.example:443/");
    stage.got(true, "www.own.example", "/back.gif");
    stage.got(true, "away.example", "/landed");
    stage.got(false, "www.own.example", "/plain");
    stage.got(false, "sub.own.example", "/plain");
}

#[test]
fn a_foreign_notice_and_the_list_of_a_consent_manager_get_none() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html(
            "<h1>Welcome</h1><script src='https://consent.cookiebot.com/1/cc.js'></script>\
             <script src='https://cdn.cookielaw.org/consent/1/2/en.json'></script>\
             <a href='https://policies.vendor.example/cookies'>Cookie policy</a>",
        ),
        ("policies.vendor.example", "/cookies") => redirect("https://moved.vendor.example/cookies"),
        ("moved.vendor.example", "/cookies") => html(NOTICE),
        _ => not_found(),
    });
    let run = stage.scan("https://www.own.example/", &[]);
    stage.only("own.example", false);
    stage.got(true, "policies.vendor.example", "/cookies");
    stage.got(true, "moved.vendor.example", "/cookies");
    for host in ["consent.cookiebot.com", "cdn.cookielaw.org"] {
        let ours = stage.sent().iter().filter(|it| it.host == host && !it.by_browser).count();
        assert_eq!(ours, 1, "{host} was not fetched outside the browser");
    }
    assert!(run.stdout.contains("moved.vendor.example"), "the foreign notice was not read");
}

#[test]
fn what_a_site_map_or_a_redirect_names_gets_none() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html("<h1>Welcome</h1><p>Words and more words."),
        ("www.own.example", "/sitemap.xml") => {
            xml("<sitemapindex><sitemap><loc>https://thief.example/map.xml</loc></sitemap>\
             <sitemap><loc>http://www.own.example/plain-map.xml</loc></sitemap>\
             <sitemap><loc>https://127.0.0.1/map.xml</loc></sitemap></sitemapindex>")
        }
        ("www.own.example", "/plain-map.xml") => {
            xml("<urlset><url><loc>https://thief.example/cookies</loc></url>\
             <url><loc>http://www.own.example/our-cookies</loc></url></urlset>")
        }
        ("www.own.example", "/cookies") => redirect("https://thief.example/cookies"),
        ("www.own.example", "/privacy") => redirect("http://www.own.example/plain-privacy"),
        _ => not_found(),
    });
    stage.scan("https://www.own.example/", &[]);
    stage.only("own.example", false);
    stage.got(true, "www.own.example", "/sitemap.xml");
    stage.got(false, "www.own.example", "/plain-map.xml");
    stage.got(false, "www.own.example", "/our-cookies");
    stage.got(false, "www.own.example", "/plain-privacy");
    // Where a redirect leads is fetched; a host that the map names is not even contacted.
    stage.got(true, "thief.example", "/cookies");
    let sent = stage.sent();
    assert!(!sent.iter().any(|it| it.path == "/map.xml"), "a map of another host was fetched");
}

#[test]
fn a_target_in_clear_text_gets_them_over_both_schemes() {
    let stage = Stage::open(|host, path, secure| match (host, path, secure) {
        ("www.own.example", "/", false) => redirect("https://www.own.example/"),
        ("www.own.example", "/", true) => {
            html("<h1>Welcome</h1><img src='https://pixel.example/p.gif' alt=''>")
        }
        _ => not_found(),
    });
    stage.scan("http://www.own.example/", &[]);
    stage.only("own.example", true);
    stage.got(false, "www.own.example", "/");
    stage.got(true, "www.own.example", "/");
    stage.got(true, "pixel.example", "/p.gif");
}

#[test]
fn the_target_of_the_notice_command_is_its_address() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/cookies") => redirect("http://www.own.example/plain"),
        ("www.own.example", "/plain") => redirect("https://vendor.example/cookies"),
        ("vendor.example", "/cookies") => redirect("https://own.example/notice"),
        ("own.example", "/notice") => html(NOTICE),
        _ => not_found(),
    });
    let run = stage.run(&["notice", "https://www.own.example/cookies"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    stage.only("own.example", false);
    stage.got(false, "www.own.example", "/plain");
    stage.got(true, "vendor.example", "/cookies");
    stage.got(true, "own.example", "/notice");
}

#[test]
fn lists_of_several_sites_are_not_fetched_with_secrets() {
    let stage = Stage::open(|_, _, _| not_found());
    let run = stage.run(&[
        "data",
        "update",
        "--list",
        "one=https://one.example/list.txt",
        "--list",
        "two=https://two.example/list.txt",
    ]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(stage.sent().is_empty(), "{:?}", stage.sent());
}
