//! What becomes of the browser, and of what was collected, when something dies. Only processes that
//! a test started are touched: they are known by the folder for temporary files they were given.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use crumbcheck::demo::{Site, SiteServer};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::{self, Turn};

const PATIENCE: Duration = Duration::from_secs(60);

/// A scan under way, of a site that never comes to rest.
struct Scan {
    server: SiteServer,
    home: TempDir,
    child: Child,
    _turn: Turn,
}

impl Scan {
    fn start() -> Self {
        Self::start_on("https://www.restless.example/", site(), &["--settle", "4s"])
    }

    fn start_on(start: &str, site: Site, more: &[&str]) -> Self {
        let turn = support::turn("processes");
        let server = SiteServer::start(site).unwrap();
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("tmp")).unwrap();
        let child = Self::command_for(start, home.path(), &server).args(more).spawn().unwrap();
        Self { server, home, child, _turn: turn }
    }

    fn command(home: &Path, server: &SiteServer) -> Command {
        Self::command_for("https://www.restless.example/", home, server)
    }

    fn command_for(start: &str, home: &Path, server: &SiteServer) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crumbcheck"));
        command
            .args(["scan", start, "--insecure", "--no-progress"])
            .args(["--connect-to", &server.connect_to(), "--report", "json"])
            .args(["--record", "scan.json"])
            .current_dir(home)
            .env("TMPDIR", home.join("tmp"))
            .stdin(Stdio::null())
            .stdout(fs::File::create(home.join("out")).unwrap())
            .stderr(fs::File::create(home.join("err")).unwrap());
        command
    }

    fn tmp(&self) -> PathBuf {
        self.home.path().join("tmp")
    }

    fn said(&self) -> String {
        fs::read_to_string(self.home.path().join("err")).unwrap()
    }

    /// Processes of this scan's browser whose command line `is`: the one that has the profile, and
    /// all that go back to it.
    fn browsers(&self, is: impl Fn(&str) -> bool) -> Vec<Pid> {
        let mark = format!("--user-data-dir={}", self.tmp().display());
        let mut known: Vec<(i32, i32, String)> = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(id) = entry.file_name().to_string_lossy().parse() else { continue };
            let Ok(line) = fs::read(entry.path().join("cmdline")) else { continue };
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
            let after_name: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
            // A process that has ended and waits to be noticed is none.
            if after_name[0] != "Z" {
                let line = String::from_utf8_lossy(&line).replace('\0', " ");
                known.push((id, after_name[1].parse().unwrap(), line));
            }
        }
        let mut ours: Vec<i32> =
            known.iter().filter(|it| it.2.contains(&mark)).map(|it| it.0).collect();
        let mut at = 0;
        while at < ours.len() {
            let parent = ours[at];
            ours.extend(known.iter().filter(|it| it.1 == parent).map(|it| it.0));
            at += 1;
        }
        ours.sort_unstable();
        ours.dedup();
        known
            .iter()
            .filter(|it| ours.contains(&it.0) && is(&it.2))
            .filter_map(|it| Pid::from_raw(it.0))
            .collect()
    }

    /// Waits until the passes look at their pages.
    fn wait_until_busy(&self) {
        let started = Instant::now();
        while self.browsers(|line| line.contains("--type=renderer")).is_empty() {
            assert!(started.elapsed() < PATIENCE, "no browser: {}", self.said());
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_secs(3));
    }

    fn end(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "it does not end: {}", self.said());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills every browser that it starts until it ends.
    fn end_without_browser(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            assert!(started.elapsed() < PATIENCE, "it does not end: {}", self.said());
            for browser in self.browsers(|line| !line.contains("--type=")) {
                // One may have ended by itself meanwhile.
                let _ = kill_process(browser, Signal::KILL);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn wait_until_no_browser(&self) {
        let started = Instant::now();
        while !self.browsers(|_| true).is_empty() {
            assert!(started.elapsed() < Duration::from_secs(10), "a browser stays");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn profiles(&self) -> usize {
        let entries = fs::read_dir(self.tmp()).unwrap();
        entries
            .filter(|it| {
                let name = it.as_ref().unwrap().file_name();
                name.to_string_lossy().starts_with("crumbcheck-profile-")
            })
            .count()
    }

    fn nothing_is_left(&self) {
        self.wait_until_no_browser();
        let left: Vec<_> = fs::read_dir(self.tmp()).unwrap().map(|it| it.unwrap().path()).collect();
        assert!(left.is_empty(), "{left:?}");
    }

    fn audit(&self) -> (Option<i32>, serde_json::Value) {
        let output = Command::new(env!("CARGO_BIN_EXE_crumbcheck"))
            .args(["audit", "scan.json", "--report", "json"])
            .current_dir(self.home.path())
            .output()
            .unwrap();
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
    }
}

fn site() -> Site {
    const PAGE: &str = "<!doctype html><html lang=en><title>R</title><h1>Restless</h1><p>Words.</p>\
        <script>document.cookie = 'seen=1'; setInterval(() => fetch('/poll' + Math.random()), 100)</script>";
    let site = "start = 'https://www.restless.example/'\n[[route]]\nhost = 'www.restless.example'\n\
        path = '/poll*'\nbody = '{}'\n[expect]\nexit = 3\n";
    let files = vec![
        ("site.toml".to_owned(), site.as_bytes().to_vec()),
        ("www.restless.example/index.html".to_owned(), PAGE.as_bytes().to_vec()),
    ];
    Site::from_files("restless", files, vec![("routes.toml".to_owned(), b"route = []".to_vec())])
        .unwrap()
}

#[test]
fn a_browser_that_is_killed_takes_nothing_with_it_that_was_collected() {
    let mut scan = Scan::start();
    scan.wait_until_busy();
    // The one that takes its place dies too.
    assert_eq!(scan.end_without_browser().code(), Some(3), "{}", scan.said());
    assert!(scan.said().contains("error: the browser went away"), "{}", scan.said());
    assert!(scan.said().contains("help: "), "{}", scan.said());
    scan.nothing_is_left();
    let (code, report) = scan.audit();
    assert_eq!(code, Some(3));
    assert!(report["hosts"].as_array().is_some_and(|hosts| !hosts.is_empty()), "{report}");
    let verdicts = report["verdicts"].as_array().unwrap();
    assert!(verdicts.iter().all(|it| it["outcome"] != "satisfied"), "{report}");
}

/// Kills every renderer that there is now.
fn kill_renderers(scan: &Scan) {
    for renderer in scan.browsers(|line| line.contains("--type=renderer")) {
        // One may have ended by itself meanwhile.
        let _ = kill_process(renderer, Signal::KILL);
    }
}

#[test]
fn a_page_whose_renderer_dies_is_no_clean_page() {
    let mut scan = Scan::start();
    scan.wait_until_busy();
    // The second attempt of each pass dies too.
    let ended = loop {
        kill_renderers(&scan);
        if let Some(status) = scan.child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(ended.code(), Some(3), "{}", scan.said());
    assert!(scan.said().contains("error: https://www.restless.example/"), "{}", scan.said());
    scan.nothing_is_left();
    let (_, report) = scan.audit();
    let told = report["problems"].to_string();
    assert!(told.contains("a second attempt failed too"), "{told}");
    let kept = report["hosts"].as_array().is_some_and(|hosts| !hosts.is_empty());
    assert!(kept, "what the first attempt saw is lost");
}

#[test]
fn a_pass_whose_renderer_dies_once_is_retried() {
    let mut scan = Scan::start();
    scan.wait_until_busy();
    kill_renderers(&scan);
    // Something is found or left open, but the site was seen.
    let code = scan.end().code();
    assert!(matches!(code, Some(1 | 4)), "{code:?}: {}", scan.said());
    scan.nothing_is_left();
    let (_, report) = scan.audit();
    let problems = report["problems"].as_array().unwrap();
    let again = |it: &serde_json::Value| it["message"].as_str().unwrap().contains("retried");
    assert!(problems.iter().any(again), "{problems:?}");
    let passes = report["passes"].as_array().unwrap();
    assert!(passes.iter().all(|it| it["pages"][0]["status"] == "ok"), "{passes:?}");
}

#[test]
fn a_network_process_that_dies_takes_cookies_with_it_and_that_is_told() {
    let start = "https://www.slow-site.example/";
    let mut scan =
        Scan::start_on(start, slow_once_agreed(), &["--settle", "6s", "--passes", "none"]);
    scan.wait_until_busy();
    let network = scan.browsers(|line| line.contains("network.mojom.NetworkService"));
    assert!(!network.is_empty(), "the browser has no such process");
    // The one that draws, if there is one, may die too: nothing that counts is lost with it.
    let draws = scan.browsers(|line| line.contains("--type=gpu-process"));
    for id in network.into_iter().chain(draws) {
        kill_process(id, Signal::KILL).unwrap();
    }
    let code = scan.end().code();
    assert!(matches!(code, Some(1 | 4)), "{code:?}: {}", scan.said());
    scan.nothing_is_left();
    let (_, report) = scan.audit();
    let problems = report["problems"].as_array().unwrap();
    let told = |it: &serde_json::Value| {
        let message = it["message"].as_str().unwrap();
        message.contains("network process died") && message.contains("retried")
    };
    assert!(problems.iter().any(told), "{problems:?}");
    let cookies = report["cookies"].to_string();
    assert!(cookies.contains("\"seen\""), "{cookies}");
}

/// Milliseconds after the start at which the browser is killed, or as soon after as there is one.
const MOMENTS: [u64; 10] = [0, 300, 600, 1000, 1500, 2000, 2500, 3200, 4000, 5000];

#[test]
fn a_browser_killed_at_any_moment_is_never_a_clean_site() {
    let failures: Vec<String> = std::thread::scope(|scope| {
        // Two at a time, as many as the machines that this runs on have cores.
        let halves = [0, 1].map(|half| {
            let some = MOMENTS.into_iter().skip(half).step_by(2);
            scope.spawn(move || some.filter_map(killed_at).collect::<Vec<_>>())
        });
        halves.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{failures:#?}");
}

/// What is wrong after the browser was killed at that moment, if something is.
fn killed_at(moment: u64) -> Option<String> {
    let (start, args) =
        ("https://www.slow-site.example/", ["--settle", "2s", "--passes", "none,reject"]);
    let mut scan = Scan::start_on(start, slow_once_agreed(), &args);
    let started = Instant::now();
    std::thread::sleep(Duration::from_millis(moment));
    loop {
        let browser = scan.browsers(|line| !line.contains("--type="));
        if !browser.is_empty() || scan.child.try_wait().unwrap().is_some() {
            for process in browser {
                let _ = kill_process(process, Signal::KILL);
            }
            break;
        }
        assert!(started.elapsed() < PATIENCE, "no browser: {}", scan.said());
        std::thread::sleep(Duration::from_millis(20));
    }
    let code = scan.end().code();
    scan.nothing_is_left();
    let wrong =
        |why: String| Some(format!("killed at {moment} ms, exit {code:?}: {why}: {}", scan.said()));
    // A browser that dies while it starts is one that does not start; nothing was seen.
    if !scan.home.path().join("scan.json").exists() {
        return if code == Some(3) { None } else { wrong("no recording".to_owned()) };
    }
    // Later another takes its place, and every pass that was under way is retried and says so.
    let (_, report) = scan.audit();
    let passes = report["passes"].as_array().unwrap();
    let again = report["problems"]
        .to_string()
        .matches("the browser went away; the pass was retried")
        .count();
    let seen = passes.iter().all(|it| it["outcome"] == "done" && it["pages"][0]["status"] == "ok");
    let told = report["cookies"].to_string().contains("\"seen\"");
    if code == Some(1) && passes.len() == 2 && again > 0 && seen && told {
        None
    } else {
        wrong(format!("{again} passes retried, cookie told: {told}, {passes:?}"))
    }
}

/// A site whose pages take eight seconds once the visitor has agreed.
fn slow_once_agreed() -> Site {
    const PAGE: &str = "<!doctype html><html lang=en><title>S</title><h1>Slow</h1>\
        <div id=b role=region aria-label=Cookies hidden><p>We use cookies to count visits.</p>\
        <button onclick=pick('yes')>Accept cookies</button> <button onclick=pick('no')>Reject cookies</button></div>\
        <script>document.cookie = 'seen=1'; const said = /answer=/.test(document.cookie); b.hidden = said;\
        function pick(it) { document.cookie = 'answer=' + it + '; max-age=99999; path=/'; b.hidden = true }\
        if (said) document.write('<script src=https://slow.example/x.js><' + '/script>')</script>";
    let site = "start = 'https://www.slow-site.example/'\n[[route]]\nhost = 'slow.example'\n\
        path = '/x.js'\nbody = '0'\ndelay_ms = 8000\n[expect]\nexit = 3\n";
    let files = vec![
        ("site.toml".to_owned(), site.as_bytes().to_vec()),
        ("www.slow-site.example/index.html".to_owned(), PAGE.as_bytes().to_vec()),
    ];
    Site::from_files("slow", files, vec![("routes.toml".to_owned(), b"route = []".to_vec())])
        .unwrap()
}

#[test]
fn a_pass_that_had_finished_when_the_browser_died_is_kept_whole() {
    let start = "https://www.slow-site.example/";
    let mut scan = Scan::start_on(
        start,
        slow_once_agreed(),
        &["--settle", "500ms", "--passes", "none,accept"],
    );
    let started = Instant::now();
    while scan.server.log().iter().all(|hit| hit.host != "slow.example") {
        assert!(started.elapsed() < PATIENCE, "nobody agreed: {}", scan.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    // The pass that leaves the banner alone needs three seconds in all; the other waits for its page for eight.
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(scan.end_without_browser().code(), Some(3), "{}", scan.said());
    scan.nothing_is_left();
    let (_, report) = scan.audit();
    assert_eq!(report["passes"][1]["outcome"], "failed", "the scan was over");
    let pass = &report["passes"][0];
    assert_eq!(pass["outcome"], "done", "{pass}");
    assert!(pass["pages"].as_array().unwrap().iter().all(|it| it["status"] == "ok"), "{pass}");
}

#[test]
fn breaking_it_off_ends_the_browser_first() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut scan = Scan::start();
        scan.wait_until_busy();
        let told = Instant::now();
        let id = Pid::from_child(&scan.child);
        kill_process(id, signal).unwrap();
        assert_eq!(scan.end().code(), Some(130), "{}", scan.said());
        assert!(told.elapsed() < Duration::from_secs(10));
        scan.nothing_is_left();
        // What was seen is kept, and no rule is satisfied by it.
        let (code, report) = scan.audit();
        assert_eq!(code, Some(3), "{}", scan.said());
        assert!(report["hosts"].as_array().is_some_and(|hosts| !hosts.is_empty()), "{report}");
        let verdicts = report["verdicts"].as_array().unwrap();
        assert!(verdicts.iter().all(|it| it["outcome"] != "satisfied"), "{report}");
        let told = report["problems"].to_string();
        assert!(told.contains("the scan was interrupted"), "{told}");
    }
}

#[test]
fn the_browser_ends_even_if_we_are_killed_and_the_next_run_cleans_up() {
    let mut scan = Scan::start();
    scan.wait_until_busy();
    kill_process(Pid::from_child(&scan.child), Signal::KILL).unwrap();
    scan.end();
    scan.wait_until_no_browser();
    assert_eq!(scan.profiles(), 1);
    let server = SiteServer::start(site()).unwrap();
    scan.child = Scan::command(scan.home.path(), &server)
        .args(["--settle", "500ms", "--passes", "none"])
        .spawn()
        .unwrap();
    scan.end();
    scan.nothing_is_left();
}

/// What was written of one target is whole and stays, whatever becomes of the next.
#[test]
fn killed_at_the_second_target_the_report_on_the_first_is_there() {
    let report = "json=reports.json";
    let again = "https://www.restless.example/index.html";
    let mut scan = Scan::start_on(
        "https://www.restless.example/",
        site(),
        &["--settle", "500ms", "--passes", "none", "--jobs", "1", "--report", report, again],
    );
    let path = scan.home.path().join("reports.json");
    let started = Instant::now();
    while !path.exists() {
        assert!(started.elapsed() < PATIENCE, "no report: {}", scan.said());
        std::thread::sleep(Duration::from_millis(20));
    }
    kill_process(Pid::from_child(&scan.child), Signal::KILL).unwrap();
    assert_eq!(scan.end().code(), None, "it had ended before");
    scan.wait_until_no_browser();
    let reports: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(reports.as_array().map(Vec::len), Some(1), "{reports}");
    assert!(scan.home.path().join("scan.json").exists());
    assert!(!scan.home.path().join("scan-2.json").exists());
}

/// A page that is opened after the start page, which shows a banner, and takes three seconds.
fn with_a_slow_page() -> Site {
    const PAGE: &str = "<!doctype html><html lang=en><title>S</title><h1>Start</h1>\
        <div role=region aria-label=Cookies><p>We use cookies to count visits.</p>\
        <button>Accept cookies</button> <button>Reject cookies</button></div><script>document.cookie = 'seen=1'</script>";
    const OTHER: &str = "<!doctype html><html lang=en><title>O</title><h1>Other</h1>\
        <script>document.cookie = 'other=1'</script><script src=/slow.js></script>";
    let site = "start = 'https://www.slow-page.example/'\n[[route]]\nhost = 'www.slow-page.example'\n\
        path = '/slow.js'\nbody = '0'\ndelay_ms = 3000\n[expect]\nexit = 1\n";
    let files = vec![
        ("site.toml".to_owned(), site.as_bytes().to_vec()),
        ("www.slow-page.example/index.html".to_owned(), PAGE.as_bytes().to_vec()),
        ("www.slow-page.example/other.html".to_owned(), OTHER.as_bytes().to_vec()),
    ];
    Site::from_files("slow-page", files, vec![("routes.toml".to_owned(), b"route = []".to_vec())])
        .unwrap()
}

#[test]
fn a_further_page_whose_renderer_dies_is_retried_by_itself() {
    let args = ["--settle", "500ms", "--passes", "none", "--page", "/other"];
    let mut scan = Scan::start_on("https://www.slow-page.example/", with_a_slow_page(), &args);
    let started = Instant::now();
    while scan.server.log().iter().all(|hit| hit.path != "/slow.js") {
        assert!(started.elapsed() < PATIENCE, "no other page: {}", scan.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    kill_renderers(&scan);
    let code = scan.end().code();
    assert!(matches!(code, Some(1 | 4)), "{code:?}: {}", scan.said());
    scan.nothing_is_left();
    let recording = fs::read(scan.home.path().join("scan.json")).unwrap();
    let recording = crumbcheck::recording::read(&*recording).unwrap();
    let pass = &recording.passes[0];
    let visits: Vec<_> = pass
        .visits
        .iter()
        .map(|it| (it.status == crumbcheck::model::VisitStatus::Ok, it.retried_as))
        .collect();
    assert_eq!(visits, [(true, None), (false, Some(2)), (true, None)], "{:?}", pass.problems);
    // What is said of it is said of that page alone, and the pass was not retried.
    let retried: Vec<_> = pass.problems.iter().map(|it| (it.kind, it.visit, it.gap)).collect();
    assert_eq!(retried, [(crumbcheck::recording::ProblemKind::Retried, Some(1), false)]);
    let starts = scan.server.log().iter().filter(|hit| hit.path == "/").count();
    assert_eq!(starts, 2, "once by the pass, and once by the visitor that it is compared with");
}
