//! What a scan costs beside a bare client of the browser that only navigates: `make bench`.
//!
//! (a) is the bare client that loads the start page; (b) is the bare client that loads the same pages as the scan in as many
//! contexts and watches none; (c) is the scan. Medians of `CRUMBCHECK_RUNS` (5) runs, taking turns. Then, of the last
//! scan, where the time of each pass went, as its recording says. Then one page of 5,000 to 50,000 requests, to see how
//! time and memory grow (`CRUMBCHECK_REQUESTS=5000,50000`; empty leaves it out). `CRUMBCHECK_BINARY` names another build to measure in place of this
//! one, to compare the two.

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod bare;
mod sites;
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
    recording::{self, PassRecording, Recording, VisitKind, VisitRecording, WatchEnd},
};
use sites::{heavy, light, many, never_idle, no_banner, prompt, typical};
use usage::Usage;

/// Passes that are measured together.
const PASSES: [(&str, &str); 2] =
    [("three", "none,reject,accept"), ("four", "none,reject,accept,withdraw")];

fn main() {
    if env::args().any(|it| it == "--test") {
        return;
    }
    let runs = env::var("CRUMBCHECK_RUNS").ok().and_then(|it| it.parse().ok()).unwrap_or(5);
    println!(
        "{:<12} {:<6} {:>8} {:>8} {:>8} {:>7} {:>7} {:>9} {:>9} {:>9} {:>10} {:>8}",
        "site",
        "passes",
        "(a) s",
        "(b) s",
        "(c) s",
        "(c)/(a)",
        "(c)/(b)",
        "(a) CPU",
        "(b) CPU",
        "(c) CPU",
        "ours of it",
        "our MiB"
    );
    let only = env::var("CRUMBCHECK_SITES").unwrap_or_default();
    for site in [light(), prompt(), typical(), heavy(), never_idle(), no_banner()] {
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
    for (name, passes) in PASSES {
        let (mut start, mut bare, mut ours) = (Vec::new(), Vec::new(), Vec::new());
        let mut last = None;
        for _ in 0..runs {
            let server = SiteServer::start(site.clone()).expect("a free port");
            let (usage, recording, _) = scan(site, &server, &["--passes", passes]);
            ours.push(usage);
            let contexts: Vec<Vec<Stop>> =
                recording.passes.iter().map(|pass| stops(&pass.visits)).collect();
            let flags = flags(&server);
            let browser = find_browser(None).expect("a browser");
            let run = |contexts: &[Vec<Stop>]| {
                bare::run(&browser, &flags, contexts).expect("the bare client runs")
            };
            bare.push(run(&contexts));
            start.push(run(&[vec![Stop { url: site.start.to_string(), dwell: Duration::ZERO }]]));
            let wall = ours.last().map_or(0.0, |it| it.wall);
            last = Some((recording, wall));
        }
        let of = |all: &[Usage], what: fn(&Usage) -> f64| median(all.iter().map(what).collect());
        let wall = |all: &[Usage]| of(all, |it| it.wall);
        let cpu = |all: &[Usage]| of(all, |it| it.own_cpu + it.others_cpu);
        println!(
            "{:<12} {name:<6} {:>8.2} {:>8.2} {:>8.2} {:>7.2} {:>7.2} {:>9.2} {:>9.2} {:>9.2} {:>10.2} {:>8.0}",
            site.name,
            wall(&start),
            wall(&bare),
            wall(&ours),
            wall(&ours) / wall(&start),
            wall(&ours) / wall(&bare),
            cpu(&start),
            cpu(&bare),
            cpu(&ours),
            of(&ours, |it| it.own_cpu),
            of(&ours, |it| it.own_peak),
        );
        let Some((recording, wall)) = last else { continue };
        for pass in &recording.passes {
            println!("{:<12} {}", "", spent(pass));
        }
        println!("{:<12} {}", "", around(&recording, wall));
    }
}

/// How much time went before and after the passes, in milliseconds.
fn around(recording: &Recording, wall: f64) -> String {
    let ends = recording.passes.iter().filter_map(|it| it.checkpoints.last());
    let longest = ends.map(|it| it.at).max().unwrap_or(0);
    let duration = recording.duration_ms;
    format!(
        "around    {:>6} ms: browser, notice and names {}, judging and writing {:.0}",
        (wall * 1000.0).round() - f64::from(u32::try_from(longest).unwrap_or(u32::MAX)),
        duration.saturating_sub(longest),
        wall * 1000.0 - f64::from(u32::try_from(duration).unwrap_or(u32::MAX)),
    )
}

/// Where the time of a pass went, in milliseconds. What a second tab did meanwhile is summed up by itself.
fn spent(pass: &PassRecording) -> String {
    let is_beside = |it: &&VisitRecording| {
        let goes_on = |other: &VisitRecording| {
            other.at < it.at && it.at < other.at.saturating_add(other.settled_ms)
        };
        it.kind == VisitKind::Notice && pass.visits.iter().any(goes_on)
    };
    let whole = pass.checkpoints.last().map_or(0, |it| it.at);
    let beside: u64 = pass.visits.iter().filter(is_beside).map(|it| it.settled_ms).sum();
    let in_first = || pass.visits.iter().filter(|it| !is_beside(it));
    let load: u64 = in_first().filter_map(|it| it.loaded_ms).sum();
    let time_of = |proved: bool| -> u64 {
        let is_proved = |end: WatchEnd| matches!(end, WatchEnd::Rest | WatchEnd::Due);
        let watches = in_first().flat_map(|it| &it.watches);
        watches.filter(|it| is_proved(it.ended) == proved).map(|it| it.ms).sum()
    };
    let choice: u64 = pass
        .choices
        .iter()
        .map(|it| it.chosen_ms.or(it.at).unwrap_or(0).saturating_sub(it.visible_ms.unwrap_or(0)))
        .sum();
    let known = load + time_of(true) + time_of(false) + choice;
    format!(
        "{:<9} {whole:>6} ms, {} pages: load {load}, proof of rest {}, watch that was not proved {}, choice {choice}, other {}, second tab meanwhile {beside}",
        pass.pass.to_string(),
        pass.visits.len(),
        time_of(true),
        time_of(false),
        whole.saturating_sub(known),
    )
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
    visits.iter().map(|it| Stop { url: it.asked.clone(), dwell: Duration::ZERO }).collect()
}

fn scan(site: &Site, server: &SiteServer, args: &[&str]) -> (Usage, Recording, u64) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let record: PathBuf = home.path().join("recording.json");
    let started = Instant::now();
    let program = env::var("CRUMBCHECK_BINARY");
    let mut child = Command::new(program.as_deref().unwrap_or(env!("CARGO_BIN_EXE_crumbcheck")))
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
    if let Ok(kept) = env::var("CRUMBCHECK_KEEP") {
        fs::write(kept, &bytes).expect("a file");
    }
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
