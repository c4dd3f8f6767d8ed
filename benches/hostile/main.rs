//! Scans pages that are made to break scanners, with the real program and a real browser: `make hostile`.
//!
//! Each site has a start page, further pages, a notice and a banner, all put together at random from `pages.rs`.
//! `CRUMBCHECK_PAGES` is how many pages (100), five to a site; `CRUMBCHECK_WORKERS` how many sites at a time (2);
//! `CRUMBCHECK_SEED` makes a run again, and with `CRUMBCHECK_PAGES=5` one site of it. A scan must end within
//! `LONGEST`, in a report or in one clear error, with nothing of the page in what a terminal would obey, and leave
//! no process and no profile. What did not is kept in a folder that is named.
//!
//! Before that come the pages of `worst.rs`, each of which is too much in one way; `CRUMBCHECK_WORST` is a word of
//! those to look at, and `none` leaves them out.

#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

mod bombs;
mod pages;
#[path = "../speed/usage.rs"]
#[allow(dead_code, reason = "the other bench tells more of it")]
mod usage;
mod worst;

use std::{
    env,
    fs::{self, File},
    net::TcpListener,
    path::Path,
    process::{Command, ExitCode, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crumbcheck::demo::{Site, SiteServer};
use usage::{Usage, Watcher};

/// Longest that a scan of five such pages in two passes may take.
const LONGEST: Duration = Duration::from_secs(240);

/// Pages of one site.
const PAGES: u64 = 5;

#[derive(Default)]
struct Tally {
    reports: usize,
    errors: usize,
    /// In seconds.
    slowest: f64,
    /// Most memory of ours, in MiB, and of what the program started: the browser, and what reads documents.
    largest: f64,
    others: f64,
    /// Seed and what was wrong.
    wrong: Vec<(u64, String)>,
}

fn main() -> ExitCode {
    if env::args().any(|it| it == "--test") {
        return ExitCode::SUCCESS;
    }
    let number = |name: &str, usual: u64| {
        env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (pages, workers) = (number("CRUMBCHECK_PAGES", 100), number("CRUMBCHECK_WORKERS", 2));
    let first = number("CRUMBCHECK_SEED", u64::from(rand::random::<u32>()));
    let (mut wrong, mut largest, mut others) = (0, 0.0_f64, 0.0_f64);
    let which = env::var("CRUMBCHECK_WORST").unwrap_or_default();
    if which != "none" {
        println!(
            "{:<40} {:>7} {:>8} {:>10}  ended in",
            "what a page is too much of", "s", "our MiB", "others MiB"
        );
        for (what, site) in worst::sites().filter(|(what, _)| what.contains(&which)) {
            let (judged, usage) = scan(&site, what, "20s");
            wrong += usize::from(judged.is_err());
            largest = largest.max(usage.own_peak);
            others = others.max(usage.others_peak);
            let ended = match judged {
                Ok(true) => "a report".to_owned(),
                Ok(false) => "a clear error".to_owned(),
                Err(why) => format!("WRONG: {why}"),
            };
            println!(
                "{what:<40} {:>7.1} {:>8.0} {:>10.0}  {ended}",
                usage.wall, usage.own_peak, usage.others_peak
            );
        }
    }
    let sites = pages.div_ceil(PAGES);
    // Whoever connects here was led into the network.
    let inside = TcpListener::bind("127.0.0.1:0").expect("a free port");
    inside.set_nonblocking(true).expect("a listener that does not wait");
    let inward = inside.local_addr().expect("a bound listener").port();
    println!("{sites} sites of {PAGES} pages, from CRUMBCHECK_SEED={first}");
    let next = AtomicU64::new(0);
    let tally: Mutex<Tally> = Mutex::default();
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= sites {
                        break;
                    }
                    let seed = first + at;
                    let (judged, usage) =
                        scan(&pages::site(seed, PAGES, inward), &seed.to_string(), "3s");
                    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                    tally.slowest = tally.slowest.max(usage.wall);
                    tally.largest = tally.largest.max(usage.own_peak);
                    tally.others = tally.others.max(usage.others_peak);
                    match judged {
                        Ok(true) => tally.reports += 1,
                        Ok(false) => tally.errors += 1,
                        Err(why) => tally.wrong.push((seed, why)),
                    }
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!(
        "{} pages in {} s: {} reports, {} clear errors, {} wrong; the slowest site took {:.1} s, and none took more than {:.0} MiB of ours and {:.0} MiB of browser and readers",
        sites * PAGES,
        started.elapsed().as_secs(),
        tally.reports,
        tally.errors,
        tally.wrong.len(),
        tally.slowest,
        tally.largest,
        tally.others,
    );
    println!(
        "most memory of all: {:.0} MiB of ours, {:.0} MiB of browser and readers",
        tally.largest.max(largest),
        tally.others.max(others),
    );
    for (seed, why) in &tally.wrong {
        println!("CRUMBCHECK_SEED={seed} CRUMBCHECK_PAGES={PAGES}: {why}");
    }
    let reached = inside.incoming().take_while(Result::is_ok).count();
    if reached > 0 {
        println!("WRONG: {reached} connections went into the network");
    }
    if wrong + tally.wrong.len() + reached == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Scans a site; whether it ended in a report (true) or a clear error (false), or what is wrong with how it ended.
fn scan(site: &Site, name: &str, timeout: &str) -> (Result<bool, String>, Usage) {
    let server = SiteServer::start(site.clone()).expect("a free port");
    let home = tempfile::tempdir().expect("a temporary folder");
    let temporary = home.path().join("tmp");
    fs::create_dir(&temporary).expect("a new folder");
    let started = Instant::now();
    let mut child = command(site, &server, home.path())
        .args(["--timeout", timeout])
        .spawn()
        .expect("the program starts");
    let mut watcher = Watcher::new(child.id());
    let status = loop {
        watcher.look();
        match child.try_wait().expect("a child to wait for") {
            Some(status) => break Some(status),
            None if started.elapsed() > LONGEST => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => thread::sleep(Duration::from_millis(100)),
        }
    };
    let usage = watcher.usage(started);
    let read = |name: &str| fs::read(home.path().join(name)).unwrap_or_default();
    let (out, err) = (read("out"), read("err"));
    let left: Vec<_> = fs::read_dir(&temporary).into_iter().flatten().flatten().collect();
    let acted: Vec<String> =
        server.log().into_iter().map(|it| it.path).filter(|it| it.starts_with("/gate/")).collect();
    let judged = match status {
        Some(_) if !acted.is_empty() => Err(format!("links that act were followed: {acted:?}")),
        None => Err(format!("it did not end in {} s", LONGEST.as_secs())),
        Some(_) if !left.is_empty() => Err(format!("{left:?} is left")),
        Some(status) => judge(status.code(), &out, &err).and_then(|reported| {
            let whole =
                |name: &str| serde_json::from_slice::<serde_json::Value>(&read(name)).is_ok();
            if whole("report.json") && whole("scan.json") {
                Ok(reported)
            } else {
                Err("the report or the recording is not whole".to_owned())
            }
        }),
    };
    if let Err(why) = &judged {
        let kept = env::temp_dir().join(format!("crumbcheck-hostile-{}", name.replace(' ', "-")));
        let _ = fs::create_dir_all(&kept);
        let _ = fs::write(kept.join("out"), &out);
        let _ = fs::write(kept.join("err"), &err);
        println!("wrong: {name}: {why}; see {}", kept.display());
    }
    (judged, usage)
}

fn command(site: &Site, server: &SiteServer, home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crumbcheck"));
    command
        .args([
            "scan",
            site.start.as_str(),
            "--insecure",
            "--no-progress",
            "--passes",
            "none,reject",
        ])
        .args(["--dns-server", &server.name_server().to_string()])
        .args(["--settle", "300ms"])
        .args([
            "--report",
            "terminal",
            "--report",
            "json=report.json",
            "--report",
            "html=report.html",
        ])
        .args(["--record", "scan.json"])
        .current_dir(home)
        .env("HOME", home)
        .env("TMPDIR", home.join("tmp"))
        .stdin(Stdio::null())
        .stdout(File::create(home.join("out")).expect("a new file"))
        .stderr(File::create(home.join("err")).expect("a new file"));
    if site.name == "hostile" {
        for host in pages::hosts() {
            command.args(["--connect-to", &format!("{host}::127.0.0.1:{}", server.port())]);
        }
    } else {
        command.args(["--connect-to", &server.connect_to()]);
    }
    for page in &site.pages {
        command.args(["--page", page]);
    }
    command
}

/// Whether a scan ended in a report (true) or in a clear error (false), or what is wrong with how it ended.
fn judge(code: Option<i32>, out: &[u8], err: &[u8]) -> Result<bool, String> {
    let (out, err) = (String::from_utf8_lossy(out), String::from_utf8_lossy(err));
    if err.contains("panicked") || out.contains("panicked at") {
        return Err("it panicked".to_owned());
    }
    let obeyed = |it: char| {
        it.is_control() && it != '\n'
            || matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if out.contains(obeyed) || err.contains(obeyed) {
        return Err("something that a terminal obeys is in what it says".to_owned());
    }
    match code {
        // No hostile site is a clean one: each sets a cookie that its notice does not name.
        Some(0) => Err("exit status 0: the site passed for clean".to_owned()),
        Some(1 | 4) if out.is_empty() => Err("there is no report".to_owned()),
        Some(1 | 4) => Ok(true),
        Some(3) => {
            let lines = err.lines().filter(|it| it.starts_with("error: ")).count();
            if lines == 1 && err.contains("help: ") {
                Ok(false)
            } else {
                Err(format!("{lines} errors are told: {err}"))
            }
        }
        code => Err(format!("exit status {code:?}: {err}")),
    }
}
