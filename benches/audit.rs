//! How long it takes to read a notice of 10 to 10,000 rows, and to judge a site with 150 cookies by it. Both grow with the
//! number of rows and no faster; exits with 1 if judging does.

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

use std::{env, fmt::Write as _, process::ExitCode, time::Instant};

use crumbcheck::{
    audit::{Outcome, Policy, audit},
    classify::Knowledge,
    interpret::interpret,
    recording::Recording,
};
use serde_json::{Value, json};

const COOKIES: usize = 150;
const ROWS: [usize; 4] = [10, 100, 1_000, 10_000];
const SITE: &str = "https://www.shop.test/";

fn main() -> ExitCode {
    if env::args().any(|it| it == "--test") {
        return ExitCode::SUCCESS;
    }
    let knowledge = Knowledge::embedded();
    // The tables are read the first time somebody needs them.
    audit(&interpret(&recording(10), &knowledge), &Policy::default());
    println!("{:>8} {:>12} {:>12} {:>10}", "rows", "read (ms)", "judge (ms)", "findings");
    let mut times = Vec::new();
    for rows in ROWS {
        let recording = recording(rows);
        let start = Instant::now();
        let evidence = interpret(&recording, &knowledge);
        let reading = start.elapsed();
        let read = evidence.notice().map(|it| it.declarations.len());
        assert_eq!(read, Ok(rows), "every row is read");
        let start = Instant::now();
        let verdicts = audit(&evidence, &Policy::default());
        let judging = start.elapsed();
        let findings: usize = verdicts
            .iter()
            .map(|it| match &it.outcome {
                Outcome::Violated { findings, .. } => findings.len(),
                _ => 0,
            })
            .sum();
        println!(
            "{rows:>8} {:>12} {:>12} {findings:>10}",
            reading.as_millis(),
            judging.as_millis(),
        );
        times.push(judging.as_secs_f64());
    }
    let (thousand, ten_thousand) = (times[2], times[3]);
    if ten_thousand > 25.0 * thousand.max(0.01) {
        println!("judging grows faster than the notice");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// A notice with so many rows, some of them patterns and instances.
fn page(rows: usize) -> String {
    let mut text = "<html lang=en><title>Cookies</title><h1>Cookies</h1><p>This page lists the cookies that we use.</p>\
        <table><tr><th>Name</th><th>Purpose</th><th>Expires</th></tr>"
        .to_owned();
    for at in 0..rows {
        let name = match at % 5 {
            0 => format!("part_{at}_*"),
            1 => format!("_ga_Z2RHWQ{at:05}"),
            _ => format!("item_{at}_name"),
        };
        let _ = write!(
            text,
            "<tr><td>{name}</td><td>Keeps your place in list {at}</td><td>{} days</td></tr>",
            at % 300 + 1
        );
    }
    text + "</table></html>"
}

/// A recording of three passes over a site with so many rows in its notice.
fn recording(rows: usize) -> Recording {
    let jar: Vec<Value> = (0..COOKIES)
        .map(|at| {
            let name = if at % 2 == 0 { format!("item_{at}_name") } else { format!("other_{at}") };
            json!({ "name": name, "domain": "www.shop.test", "path": "/", "value": "~9:ab", "expires_in": 86_400,
                "secure": true, "http_only": false, "same_site": null, "partition": null })
        })
        .collect();
    let visit = json!({ "kind": "start", "asked": SITE, "url": SITE, "status": "ok", "http_status": 200, "at": 0,
        "settled_ms": 9, "stopped": "quiet", "title": "", "problem": null });
    let passes: Vec<Value> = ["none", "reject", "accept"]
        .iter()
        .map(|pass| {
            json!({ "pass": pass, "banner": { "state": "absent" }, "interaction": { "state": "none" },
                "visits": [visit], "events": [], "problems": [],
                "checkpoints": [{ "at": 900, "visit": 0, "name": "settled", "jar": jar, "storage": [] }] })
        })
        .collect();
    serde_json::from_value(json!({
        "format": 1, "tool": "crumbcheck bench", "started": "2026-11-01T12:00:00Z", "duration_ms": 1,
        "target": { "url": SITE, "pages": [], "notice": null },
        "vantage": { "browser": "", "headless_shell": true, "user_agent": "", "webdriver": false,
            "third_party_cookies": "allowed", "locale": "en-GB", "viewport": "desktop",
            "timeout_ms": 1, "settle_ms": 1, "insecure": false, "values_kept": false },
        "passes": passes,
        "notice": { "candidates": [], "problem": null,
            "page": { "url": "https://www.shop.test/cookies", "content": page(rows) } },
        "problems": [],
    }))
    .expect("a recording")
}
