use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use super::*;

const SITE: &str = r#"
start = "https://www.shop.example/"

[[route]]
host = "www.shop.example"
path = "/"
headers = ["set-cookie: sid=1; HttpOnly", "set-cookie: lang=cy", "x-frame-options: DENY"]

[[route]]
host = "www.shop.example"
path = "/go"
redirect = "https://ads.example/landed"

[[route]]
host = "www.shop.example"
path = "/round"
loop = true

[[route]]
host = "www.shop.example"
path = "/never"
hang = true

[[route]]
host = "www.shop.example"
path = "/headers"
hang = "headers"

[[route]]
host = "www.shop.example"
path = "/half"
body = "0123456789"
hang = "body"

[[route]]
host = "www.shop.example"
path = "/slow"
body = "at last"
status = 503
delay_ms = 200

[[route]]
host = "ads.example"
path = "/collect*"
status = 204

[[route]]
host = "ads.example"
path = "/socket"
websocket = true
"#;

fn start() -> SiteServer {
    let own =
        [("site.toml", SITE), ("www.shop.example/index.html", "home"), ("ads.example/tag.js", "1")];
    let own = own.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let shared = vec![("routes.toml".to_owned(), b"route = []".to_vec())];
    let site = Site::from_files("shop", own.to_vec(), shared).unwrap();
    SiteServer::start(site).unwrap()
}

fn client(server: &SiteServer) -> reqwest::Client {
    let _ = ring::default_provider().install_default();
    let here = SocketAddr::from(([127, 0, 0, 1], server.port()));
    reqwest::Client::builder()
        .no_proxy()
        .tls_danger_accept_invalid_certs(true)
        .redirect(reqwest::redirect::Policy::none())
        .resolve("www.shop.example", here)
        .resolve("ads.example", here)
        .build()
        .unwrap()
}

fn url(server: &SiteServer, rest: &str) -> String {
    let (host, path) = rest.split_once('/').unwrap();
    format!("https://{host}:{}/{path}", server.port())
}

#[tokio::test]
async fn a_file_is_served_with_the_headers_of_its_route() {
    let server = start();
    let response = client(&server).get(url(&server, "www.shop.example/?a=1")).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(response.headers()["x-frame-options"], "DENY");
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().cloned().collect();
    assert_eq!(cookies, ["sid=1; HttpOnly", "lang=cy"]);
    assert_eq!(response.text().await.unwrap(), "home");
    assert_eq!(
        server.log(),
        [Hit {
            secure: true,
            host: "www.shop.example".to_owned(),
            path: "/".to_owned(),
            query: "a=1".to_owned(),
            method: "GET".to_owned(),
            cookie: String::new(),
            referer: String::new(),
            service_worker: false,
            set_cookie: vec!["sid=1; HttpOnly".to_owned(), "lang=cy".to_owned()],
        }]
    );
}

#[tokio::test]
async fn the_host_header_decides() {
    let server = start();
    let client = client(&server);
    let sent = |rest: &'static str| client.get(url(&server, rest)).send();
    assert_eq!(sent("ads.example/tag.js").await.unwrap().status(), 200);
    assert_eq!(sent("www.shop.example/tag.js").await.unwrap().status(), 404);
    let beacon = client
        .post(url(&server, "ads.example/collect/more?x=1"))
        .header("cookie", "uid=7")
        .send()
        .await
        .unwrap();
    assert_eq!(beacon.status(), 204);
    let last = server.log().pop().unwrap();
    assert_eq!((last.method.as_str(), last.cookie.as_str()), ("POST", "uid=7"));
}

#[tokio::test]
async fn each_name_gets_a_certificate_of_its_own() {
    let server = start();
    for name in ["www.shop.example", "ads.example"] {
        let response = client(&server).get(url(&server, &format!("{name}/"))).send().await;
        assert!(response.is_ok(), "{name}");
    }
    let certificates = Certificates::new().unwrap();
    let [a, b] = ["a.example", "b.example"].map(|name| certificates.make(name).unwrap());
    assert_ne!(a.cert, b.cert);
}

#[tokio::test]
async fn plain_http_is_spoken_on_the_same_port() {
    let server = start();
    let plain = url(&server, "www.shop.example/").replace("https", "http");
    let response = client(&server).get(plain).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "home");
    assert!(!server.log()[0].secure);
}

#[tokio::test]
async fn redirects_lead_away_or_in_circles() {
    let server = start();
    for (path, to) in [
        ("www.shop.example/go", "https://ads.example/landed"),
        ("www.shop.example/round", "/round"),
    ] {
        let response = client(&server).get(url(&server, path)).send().await.unwrap();
        assert_eq!(response.status(), 302);
        assert_eq!(response.headers()["location"], to);
    }
}

#[tokio::test]
async fn answers_can_be_late_and_wrong() {
    let server = start();
    let before = std::time::Instant::now();
    let response = client(&server).get(url(&server, "www.shop.example/slow")).send().await.unwrap();
    assert!(before.elapsed() >= Duration::from_millis(200));
    assert_eq!(response.status(), 503);
    assert_eq!(response.text().await.unwrap(), "at last");
}

#[tokio::test]
async fn answers_can_stop_anywhere() {
    let server = start();
    let client = client(&server);
    let patience = Duration::from_millis(300);
    let sent = |path| client.get(url(&server, path)).send();

    assert!(timeout(patience, sent("www.shop.example/never")).await.is_err());
    let headers = timeout(patience, sent("www.shop.example/headers")).await.unwrap().unwrap();
    assert!(timeout(patience, headers.bytes()).await.is_err());
    let mut half = timeout(patience, sent("www.shop.example/half")).await.unwrap().unwrap();
    assert_eq!(half.chunk().await.unwrap().unwrap(), "01234");
    assert!(timeout(patience, half.chunk()).await.is_err());
    // All were asked for, and the server still answers others.
    assert_eq!(server.log().len(), 3);
    assert_eq!(sent("www.shop.example/").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_socket_echoes() {
    let server = start();
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    let handshake = "GET /socket HTTP/1.1\r\nHost: ads.example\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(handshake.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    assert!(answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
    stream.write_all(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']).await.unwrap();
    let mut back = [0; 4];
    stream.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"\x81\x02hi");
}

#[test]
fn dropping_it_stops_it_though_an_answer_hangs() {
    let server = start();
    let port = server.port();
    let mut waiting = net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    io::Write::write_all(&mut waiting, b"GET /never HTTP/1.1\r\nHost: www.shop.example\r\n\r\n")
        .unwrap();
    while server.log().is_empty() {
        std::thread::yield_now();
    }
    drop(server);
    assert!(net::TcpStream::connect(("127.0.0.1", port)).is_err());
}
