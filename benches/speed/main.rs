//! What a scan costs beside a bare client of the browser that only navigates: `make bench`.
//!
//! Both open the same pages in as many contexts, and watch each for the same time after it has loaded.
//! Medians of `CRUMBCHECK_RUNS` (5) runs, the two taking turns. Then one page of 5,000 to 50,000 requests, to see how
//! time and memory grow (`CRUMBCHECK_REQUESTS=5000,50000`; empty leaves it out).

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod bare;
mod usage;

use std::{
    env, fs,
    fs::File,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use bare::Stop;
use crumbcheck::{
    demo::{Site, SiteServer},
    gather::find_browser,
    recording::{self, Recording},
};
use usage::Usage;

/// The shortest time that a page is watched, as `--settle` has it by itself.
const DWELL: Duration = Duration::from_secs(4);

/// The most that a scan may take beside the bare client.
const RATIO: f64 = 1.25;

fn main() {
    if env::args().any(|it| it == "--test") {
        return;
    }
    let runs = env::var("CRUMBCHECK_RUNS").ok().and_then(|it| it.parse().ok()).unwrap_or(5);
    println!(
        "{:<12} {:>10} {:>10} {:>7} {:>22} {:>10}",
        "site", "bare s", "scan s", "ratio", "our share of the CPU", "our MiB"
    );
    let only = env::var("CRUMBCHECK_SITES").unwrap_or_default();
    for site in [light(), heavy(), never_idle(), no_banner()] {
        if only.is_empty() || only.split(',').any(|it| it == site.name) {
            compare(&site, runs);
        }
    }
    let sizes = env::var("CRUMBCHECK_REQUESTS").unwrap_or("5000,10000,20000,50000".to_owned());
    let sizes: Vec<usize> = sizes.split(',').filter_map(|it| it.parse().ok()).collect();
    if !sizes.is_empty() {
        println!(
            "\n{:>10} {:>10} {:>10} {:>22} {:>10} {:>12}",
            "requests", "recorded", "scan s", "our share of the CPU", "our MiB", "recording MiB"
        );
    }
    for size in sizes {
        grow(size);
    }
}

fn compare(site: &Site, runs: usize) {
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let server = SiteServer::start(site.clone()).expect("a free port");
        let (usage, recording, _) = scan(site, &server, &["--passes", "none,reject,accept"]);
        ours.push(usage);
        let contexts: Vec<Vec<Stop>> =
            recording.passes.iter().map(|pass| stops(&pass.visits)).collect();
        let flags = flags(&server);
        let browser = find_browser(None).expect("a browser");
        bare.push(bare::run(&browser, &flags, &contexts).expect("the bare client runs"));
    }
    let of = |all: &[Usage], what: fn(&Usage) -> f64| median(all.iter().map(what).collect());
    let (bare_wall, our_wall) = (of(&bare, |it| it.wall), of(&ours, |it| it.wall));
    println!(
        "{:<12} {:>10.2} {:>10.2} {:>7.2} {:>21.1}% {:>10.0}{}",
        site.name,
        bare_wall,
        our_wall,
        our_wall / bare_wall,
        100.0 * of(&ours, |it| it.own_cpu / (it.own_cpu + it.others_cpu)),
        of(&ours, |it| it.own_peak),
        if our_wall / bare_wall > RATIO { "  above 1.25" } else { "" },
    );
    println!(
        "{:<12} browser: CPU {:.2} s bare, {:.2} s scanned; memory {:.0} MiB bare, {:.0} MiB scanned",
        "",
        of(&bare, |it| it.others_cpu),
        of(&ours, |it| it.others_cpu),
        of(&bare, |it| it.others_peak),
        of(&ours, |it| it.others_peak),
    );
}

fn grow(requests: usize) {
    let site = many(requests);
    let server = SiteServer::start(site.clone()).expect("a free port");
    let (usage, recording, bytes) =
        scan(&site, &server, &["--passes", "none", "--timeout", "590s"]);
    let recorded = recording.passes[0]
        .events
        .iter()
        .filter(|it| matches!(it.kind, recording::EventKind::Request { .. }));
    println!(
        "{requests:>10} {:>10} {:>10.2} {:>21.1}% {:>10.0} {:>12.1}",
        recorded.count(),
        usage.wall,
        100.0 * usage.own_cpu / (usage.own_cpu + usage.others_cpu),
        usage.own_peak,
        f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX)) / 1024.0,
    );
}

/// What the bare client is to open in place of one pass.
fn stops(visits: &[recording::VisitRecording]) -> Vec<Stop> {
    visits.iter().map(|visit| Stop { url: visit.asked.clone(), dwell: DWELL }).collect()
}

fn scan(site: &Site, server: &SiteServer, args: &[&str]) -> (Usage, Recording, u64) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let record: PathBuf = home.path().join("recording.json");
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_crumbcheck"))
        .args(["scan", site.start.as_str(), "--connect-to", &server.connect_to()])
        .args(["--dns-server", &server.name_server().to_string()])
        .args(["--insecure", "--no-progress", "--report", "json", "--record"])
        .arg(&record)
        .args(args)
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .stdout(File::create(home.path().join("report.json")).expect("a new file"))
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let (status, usage) = usage::watch(&mut child, started);
    assert!(
        matches!(status.code(), Some(0 | 1 | 4)),
        "the scan of {} ended with {status}",
        site.name
    );
    let bytes = fs::read(&record).expect("a recording");
    (usage, recording::read(&bytes[..]).expect("a recording"), bytes.len() as u64)
}

fn flags(server: &SiteServer) -> Vec<String> {
    let mut flags = vec![
        "--disable-gpu".to_owned(),
        "--disable-background-networking".to_owned(),
        "--ignore-certificate-errors".to_owned(),
        format!("--host-resolver-rules=MAP * 127.0.0.1:{}", server.port()),
    ];
    if rustix::process::geteuid().is_root() {
        flags.push("--no-sandbox".to_owned());
    }
    flags
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

const NOTICE: &str = "<!doctype html><html lang=en><head><title>Cookies</title></head><body><h1>Cookies</h1>\
    <p>We keep one cookie.</p><table><tr><th>Name</th><th>Purpose</th><th>Expires</th></tr>\
    <tr><td>seen</td><td>Remembers that you were here</td><td>1 year</td></tr></table></body></html>";

/// Five requests: a page, its style, its script, a picture, and another site's script.
fn light() -> Site {
    let page = "<!doctype html><html lang=en><head><title>Light</title><link rel=stylesheet href=/s.css>\
        <script src=/a.js></script></head><body><h1>Light</h1><img src=/i.gif alt=''>\
        <script src=https://cdn.light.example/b.js></script><a href=/cookies>Cookies</a>BANNER</body></html>";
    let mut files = vec![
        file("www.light.example/index.html", page.replace("BANNER", BANNER)),
        file("www.light.example/cookies.html", NOTICE),
        file("www.light.example/s.css", "body { font: 16px sans-serif }"),
        file("www.light.example/a.js", "document.cookie = 'seen=1; max-age=31536000; secure';"),
        file("www.light.example/i.gif", PICTURE),
    ];
    files.push(file("cdn.light.example/b.js", "window.loaded = 1;"));
    made("light", files)
}

const BANNER: &str = "<div id=b role=region aria-label=Cookies hidden><p>We use cookies to see how this site is used.</p>\
    <button onclick=\"pick('yes')\">Accept cookies</button> <button onclick=\"pick('no')\">Reject cookies</button></div>\
    <script>b.hidden = /answer=/.test(document.cookie);\
    function pick(it) { document.cookie = 'answer=' + it + '; max-age=31536000; path=/; secure'; b.hidden = true }</script>";

/// One pixel; a picture in SVG is a document to Chromium and takes it far longer.
const PICTURE: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// A page without a banner, which is waited for until it can no longer be expected.
fn no_banner() -> Site {
    let page = "<!doctype html><html lang=en><head><title>No banner</title></head><body><h1>No banner</h1>\
        <a href=/cookies>Cookies</a></body></html>";
    let files = vec![
        file("www.no-banner.example/index.html", page),
        file("www.no-banner.example/cookies.html", NOTICE),
    ];
    made("no-banner", files)
}

/// Four hundred requests from forty hosts.
fn heavy() -> Site {
    let mut page = String::from(
        "<!doctype html><html lang=en><head><title>Heavy</title></head><body><h1>Heavy</h1><a href=/cookies>Cookies</a>",
    );
    let mut files = vec![file("www.heavy.example/cookies.html", NOTICE)];
    for host in 0..40 {
        let name = format!("part{host}.heavy{host}.example");
        let script = format!("document.cookie = 'p{host}=1; max-age=600; secure';");
        files.push(file(&format!("{name}/tag.js"), &script));
        files.push(file(&format!("{name}/i.gif"), PICTURE));
        page.push_str(&format!("<script src=https://{name}/tag.js async></script>"));
        for picture in 0..9 {
            page.push_str(&format!("<img src='https://{name}/i.gif?{picture}' alt=''>"));
        }
    }
    page.push_str(BANNER);
    page.push_str("</body></html>");
    files.push(file("www.heavy.example/index.html", &page));
    made("heavy", files)
}

/// Asks for something five times a second for as long as it is open.
fn never_idle() -> Site {
    let page = "<!doctype html><html lang=en><head><title>Never idle</title></head><body><h1>Never idle</h1>\
        <a href=/cookies>Cookies</a><script>setInterval(() => fetch('/i.gif?' + performance.now()), 200)</script>BANNER</body></html>";
    made(
        "never-idle",
        vec![
            file("www.never-idle.example/index.html", page.replace("BANNER", BANNER)),
            file("www.never-idle.example/cookies.html", NOTICE),
            file("www.never-idle.example/i.gif", PICTURE),
        ],
    )
}

/// A page of many pictures.
fn many(size: usize) -> Site {
    let mut page = String::from(
        "<!doctype html><html lang=en><head><title>Many</title></head><body><a href=/cookies>Cookies</a>",
    );
    for picture in 1..size {
        page.push_str(&format!(
            "<img src='https://p{}.many.example/i.gif?{picture}' alt=''>",
            picture % 20
        ));
    }
    page.push_str("</body></html>");
    let mut files = vec![
        file("www.many.example/index.html", &page),
        file("www.many.example/cookies.html", NOTICE),
    ];
    files.extend((0..20).map(|host| file(&format!("p{host}.many.example/i.gif"), PICTURE)));
    made("many", files)
}

fn file(path: &str, content: impl AsRef<[u8]>) -> (String, Vec<u8>) {
    (path.to_owned(), content.as_ref().to_vec())
}

fn made(name: &str, mut files: Vec<(String, Vec<u8>)>) -> Site {
    files.push(file(
        "site.toml",
        format!("start = 'https://www.{name}.example/'\n[expect]\nexit = 0\n"),
    ));
    Site::from_files(name, files, vec![file("routes.toml", "route = []")]).expect("a site")
}
