//! Sites that would have the program do what a visitor did not ask for: links that act, and documents that take all memory.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{net::TcpListener, time::Instant};

use crate::support::{
    crumbcheck,
    stage::{NOTICE, Stage, html, not_found, redirect},
};

/// A banner without scripts: its buttons are links, and so is the way to its notice.
const LINK_BANNER: &str = "<div role=region aria-label='About cookies' style='background:#eee;padding:1em'>\
    <h2>Cookies here</h2><p>We would like to count visits with a cookie, if you let us.</p>\
    <a role=button href=/cookies/accept>Accept cookies</a> <a role=button href=/cookies/reject>Reject cookies</a></div>";

#[test]
fn a_choice_that_is_a_link_is_never_opened_as_a_notice() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html(&format!(
            "{LINK_BANNER}<h1>Welcome</h1><p>Words.</p><footer><a href=/help/crumbs>Cookies</a></footer>"
        )),
        ("www.own.example", "/cookies/accept") => redirect("/?accepted"),
        ("www.own.example", "/cookies/reject") => redirect("/?rejected"),
        ("www.own.example", "/help/crumbs") => html(NOTICE),
        _ => not_found(),
    });
    let run = stage.scan("https://www.own.example/", &["--passes", "none"]);
    stage.got(true, "www.own.example", "/help/crumbs");
    let chosen: Vec<_> =
        stage.sent().into_iter().filter(|it| it.path.starts_with("/cookies/")).collect();
    assert!(chosen.is_empty(), "a choice was made: {chosen:#?}");
    assert!(run.stdout.contains("/help/crumbs"), "the notice was not found");
}

#[test]
fn links_that_act_are_followed_by_nobody() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html(
            "<h1>Welcome</h1><a href='/member/close?sure=1'>About us</a> <a href=/sign-off>Cookie policy</a>\
             <a href=/about>About</a><div style='position:fixed;bottom:0;width:100%;padding:2em;background:#eee'>\
             <h2>Cookies</h2><p>We use cookies on this site.</p><button onclick=\"document.cookie='cookie_choice=yes;max-age=9999999';this.parentElement.remove()\">Accept all cookies</button>\
             <a href='/profile/deactivate?sure=1'>Reject all cookies</a>\
             <a href=/exit-now>Leave this site and reject cookies</a> <a href=/session/end>Cookie settings</a></div>",
        ),
        _ => not_found(),
    });
    stage.scan("https://www.own.example/", &["--passes", "none,reject,accept,withdraw"]);
    let acts = ["/member/", "/sign-off", "/profile/", "/exit-now", "/session/"];
    let done: Vec<_> = stage
        .sent()
        .into_iter()
        .filter(|it| acts.iter().any(|act| it.path.starts_with(act)))
        .collect();
    assert!(done.is_empty(), "links that act were followed: {done:#?}");
    // The banner was operated all the same.
    assert!(stage.sent().iter().any(|it| it.head.contains("cookie_choice=yes")), "nobody accepted");
}

/// A page that has its visitors' browsers ask for what is on their machine and in their network, in every way there is.
const INWARD: &str = "<!doctype html><html lang=en><title>x</title><h1>Welcome</h1><p>Words.</p><script>
    const port = new URLSearchParams(location.search).get('port');
    const at = (host) => `http://${host}:${port}/secret`;
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '0.0.0.0', 'sub.localhost']) {
        new Image().src = at(host);
        fetch(at(host), { mode: 'no-cors' }).catch(() => 0);
    }
    const add = (name, more) => document.body.append(Object.assign(document.createElement(name), more));
    add('iframe', { src: at('127.0.0.1') });
    add('script', { src: '/redirect?' + port });
    navigator.sendBeacon(at('127.0.0.1'), 'x');
    try { new WebSocket(`ws://127.0.0.1:${port}/socket`); } catch {}
    new Worker(URL.createObjectURL(new Blob([`fetch('${at('127.0.0.1')}', { mode: 'no-cors' }).catch(() => 0)`])));
    new Image().src = 'http://169.254.169.254/latest/meta-data/';
    addEventListener('pagehide', () => navigator.sendBeacon(at('127.0.0.1'), 'bye'));
    if (location.search.includes('goes')) setTimeout(() => { location.href = at('127.0.0.1'); }, 300);
</script>";

#[test]
fn a_public_site_reaches_nothing_inside_a_network_by_our_browser() {
    let stage =
        Stage::open(|host, path, _| match (host, path.split('?').next().unwrap_or_default()) {
            ("www.own.example", "/" | "/goes") => html(INWARD),
            ("www.own.example", "/redirect") => redirect(&format!(
                "http://127.0.0.1:{}/",
                path.split('?').nth(1).unwrap_or_default()
            )),
            _ => not_found(),
        });
    let inside = TcpListener::bind("0.0.0.0:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    let target = format!("https://www.own.example/?port={port}");
    let goes = format!("https://www.own.example/goes?goes&port={port}");
    let args = ["--passes", "none", "--pages", &goes];
    let run = stage.scan_only(&target, &["www.own.example"], &args);
    assert!(inside.accept().is_err(), "something inside was contacted");
    for host in ["127.0.0.1", "localhost", "169.254.169.254", "0.0.0.0"] {
        let said = format!("a page asked for http://{host}");
        assert!(run.stdout.contains(&said), "{host} is not said to be refused\n{}", run.stdout);
    }
    let args = ["--passes", "none", "--allow-private"];
    stage.scan_only(&target, &["www.own.example"], &args);
    assert!(inside.accept().is_ok(), "`--allow-private` did not allow it");
}

/// A PDF of a few kilobytes or megabytes whose page is `copies` times 258 bytes of drawing commands.
fn bomb(copies: usize) -> Vec<u8> {
    let page = deflated_repetition(b"BT /F 9 Tf\n", *b"(a) Tj\n", copies);
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    let mut object = |pdf: &mut Vec<u8>, body: &[u8]| {
        places.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n", places.len()).as_bytes());
        pdf.extend(body);
        pdf.extend(b"\nendobj\n");
    };
    object(&mut pdf, b"<< /Type /Catalog /Pages 2 0 R >>");
    object(&mut pdf, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    object(
        &mut pdf,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
    );
    let head = format!("<< /Length {} /Filter /FlateDecode >>\nstream\n", page.len());
    object(&mut pdf, &[head.as_bytes(), &page, b"\nendstream"].concat());
    object(&mut pdf, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    let start = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).as_bytes());
    for place in &places {
        pdf.extend(format!("{place:010} 00000 n \n").as_bytes());
    }
    let size = places.len() + 1;
    pdf.extend(
        format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
    );
    pdf
}

/// A start, and seven bytes again and again, deflated: literals once, then the longest match at distance 7 (RFC 1951, section 3.2).
fn deflated_repetition(start: &[u8], word: [u8; 7], copies: usize) -> Vec<u8> {
    let mut bits = Bits(vec![0x78, 0x01], 0);
    // The last block, of fixed codes.
    bits.low_first(0b011, 3);
    for &byte in start.iter().chain(&word) {
        bits.high_first(0x30 + u32::from(byte), 8);
    }
    for _ in 0..copies {
        // Length 258 is code 285, distances 7 and 8 are code 5 with one bit more.
        bits.high_first(0b1100_0101, 8);
        bits.high_first(5, 5);
        bits.low_first(0, 1);
    }
    bits.high_first(0, 7);
    let (mut a, mut b) = (1_u32, 0_u32);
    let repeated = word.iter().cycle().take(7 + 258 * copies);
    for &byte in start.iter().chain(repeated) {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    let mut bytes = bits.0;
    bytes.extend(((b << 16) | a).to_be_bytes());
    bytes
}

/// Bytes, and how many bits of the last are used; 0 is all.
struct Bits(Vec<u8>, u32);

impl Bits {
    fn push(&mut self, bit: bool) {
        if self.1 == 0 {
            self.0.push(0);
        }
        if let Some(last) = self.0.last_mut() {
            *last |= u8::from(bit) << self.1;
        }
        self.1 = (self.1 + 1) % 8;
    }

    fn low_first(&mut self, value: u32, count: u32) {
        (0..count).for_each(|at| self.push(value >> at & 1 == 1));
    }

    fn high_first(&mut self, value: u32, count: u32) {
        (0..count).rev().for_each(|at| self.push(value >> at & 1 == 1));
    }
}

#[test]
fn a_document_that_unpacks_to_gigabytes_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cookies.pdf").display().to_string();
    // A small one is read, so that the next is refused for its size and not for how it is made.
    std::fs::write(&path, bomb(10)).unwrap();
    let run = crumbcheck(&["notice".to_owned(), path.clone()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    std::fs::write(&path, bomb(1_500_000)).unwrap();
    let started = Instant::now();
    let run = crumbcheck(&["notice".to_owned(), path]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("of memory") || run.stderr.contains("20 s"), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
