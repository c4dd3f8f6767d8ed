//! Operates every fixture banner several times and prints what came of it, beside what autoconsent
//! alone achieves: `make banners`.
//!
//! `CRUMBCHECK_RUNS` is how often (5), `CRUMBCHECK_WORKERS` how many at a time (1, as times mean
//! little on a busy machine), `CRUMBCHECK_BANNERS` which ones.

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

#[path = "../tests/it/support/mod.rs"]
mod support;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    thread,
};

use crumbcheck::{demo::Site, report::model::PassOutcome};
use serde_json::Value;
use support::banners;

/// What came of the runs of one banner.
#[derive(Debug, Default)]
struct Tally {
    runs: usize,
    detected: usize,
    /// By choice.
    choices: BTreeMap<&'static str, Choice>,
    /// Runs in which a visitor who refuses pressed what reads like agreement.
    betrayed: usize,
    /// Choices that autoconsent alone made with full proof.
    alone: BTreeMap<&'static str, usize>,
}

#[derive(Debug, Default)]
struct Choice {
    done: usize,
    unavailable: usize,
    failed: usize,
    full_proof: usize,
    via: String,
    clicks: u64,
    /// Milliseconds from the banner being visible until it was gone and the choice stored.
    chosen: Vec<u64>,
    /// The same until it had also held after a reload and on a second page, each watched meanwhile.
    proved: Vec<u64>,
}

fn main() {
    let number = |name: &str, usual: usize| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    // `cargo bench` passes a flag of its own that means nothing here.
    let (runs, workers) = (number("CRUMBCHECK_RUNS", 5), number("CRUMBCHECK_WORKERS", 1));
    let sites = banners::all();
    let tallies: Mutex<BTreeMap<String, Tally>> = Mutex::default();
    let mut jobs: Vec<(&Site, bool)> = Vec::new();
    for site in &sites {
        jobs.push((site, true));
        jobs.extend(std::iter::repeat_n((site, false), runs));
    }
    let queue = Mutex::new(jobs);
    thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let Some((site, alone)) = next else { break };
                    run(site, alone, &tallies);
                }
            });
        }
    });
    let tallies = tallies.into_inner().unwrap_or_else(PoisonError::into_inner);
    print(&sites, &tallies);
}

fn run(site: &Site, alone: bool, tallies: &Mutex<BTreeMap<String, Tally>>) {
    let run = if alone {
        banners::choose(site, "reject,accept", &["--consent-by", "autoconsent"])
    } else {
        banners::choose(site, banners::ALL, &[])
    };
    let mut tallies = tallies.lock().unwrap_or_else(PoisonError::into_inner);
    let tally = tallies.entry(site.name.clone()).or_default();
    let Some(report) = &run.json else {
        println!("{}: no report: {}", site.name, run.stderr.trim());
        tally.runs += usize::from(!alone);
        return;
    };
    if alone {
        for name in ["accept", "reject"] {
            let done = banners::pass(report, name).is_some_and(|pass| pass["outcome"] == "done");
            *tally.alone.entry(name).or_default() += usize::from(done);
        }
        return;
    }
    tally.runs += 1;
    tally.betrayed += usize::from(!banners::pressed_to_agree(report).is_empty());
    let seen = banners::pass(report, "accept").is_some_and(|pass| !pass["banner"].is_null());
    tally.detected += usize::from(seen);
    for name in banners::CHOICES {
        if let Some(pass) = banners::pass(report, name) {
            tally.choices.entry(name).or_default().add(pass);
        }
    }
}

impl Choice {
    fn add(&mut self, pass: &Value) {
        match pass["outcome"].as_str() {
            Some("done") => self.done += 1,
            Some("unavailable") => self.unavailable += 1,
            _ => self.failed += 1,
        }
        if pass["outcome"] != "done" {
            return;
        }
        self.full_proof += usize::from(pass["proof"].as_array().is_some_and(|it| it.len() == 3));
        pass["via"].as_str().unwrap_or_default().clone_into(&mut self.via);
        self.clicks = pass["clicks"].as_u64().unwrap_or_default();
        let choice = &pass["choice"];
        let since = |field: &str| {
            Some(choice[field].as_u64()?.saturating_sub(choice["visible_ms"].as_u64()?))
        };
        self.chosen.extend(since("chosen_ms"));
        self.proved.extend(since("proved_ms"));
    }

    /// Such as `5/5`, `none 5/5` where the site offers no such choice, with what failed.
    fn words(&self, runs: usize) -> String {
        match (self.done, self.unavailable, self.failed) {
            (0, 0, failed) => format!("failed {failed}/{runs}"),
            (0, none, 0) => format!("none {none}/{runs}"),
            (done, _, _) if self.full_proof == done => format!("{done}/{runs}"),
            (done, _, _) => format!("{done}/{runs}, proof {}", self.full_proof),
        }
    }
}

fn print(sites: &[Site], tallies: &BTreeMap<String, Tally>) {
    println!(
        "{:24} {:>8} {:>11} {:>11} {:>11}  {:17} {:6} {:>13} {:>15} | alone: yes no",
        "banner",
        "detected",
        "accepted",
        "refused",
        "withdrawn",
        "via",
        "clicks",
        "chosen ms",
        "held ms"
    );
    println!(
        "{:24} {:>8} {:>11} {:>11} {:>11}  {:17} {:6} {:>13} {:>15} |",
        "", "", "", "", "", "accept/reject/wd", "a/r/w", "median worst", "median worst"
    );
    let mut wrong = Vec::new();
    let mut sums: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for site in sites {
        let Some(tally) = tallies.get(&site.name) else { continue };
        let truth = banners::truth(site);
        let runs = tally.runs;
        let words: Vec<String> = banners::CHOICES
            .iter()
            .map(|name| tally.choices.get(name).map_or("-".to_owned(), |it| it.words(runs)))
            .collect();
        let by = |what: fn(&Choice) -> String| {
            let parts: Vec<String> = banners::CHOICES
                .iter()
                .map(|it| tally.choices.get(it).map_or("-".to_owned(), what))
                .collect();
            parts.join("/")
        };
        let all = |what: fn(&Choice) -> &Vec<u64>| {
            // How long withdrawing takes depends on where the control is; it is not a banner's time.
            let times = ["accept", "reject"].iter().filter_map(|it| tally.choices.get(it));
            let mut times: Vec<u64> = times.flat_map(|it| what(it).iter().copied()).collect();
            times.sort_unstable();
            match (times.get(times.len() / 2), times.last()) {
                (Some(median), Some(worst)) => format!("{median} {worst}"),
                _ => "-".to_owned(),
            }
        };
        let alone = |name| tally.alone.get(name).copied().unwrap_or_default();
        println!(
            "{:24} {:>8} {:>11} {:>11} {:>11}  {:17} {:6} {:>13} {:>15} | {:>10} {:>2}",
            site.name,
            format!("{}/{runs}", tally.detected),
            words[0],
            words[1],
            words[2],
            by(|it| it.via.get(..4).unwrap_or("-").to_owned()),
            by(|it| it.clicks.to_string()),
            all(|it| &it.chosen),
            all(|it| &it.proved),
            if alone("accept") > 0 { "yes" } else { "no" },
            if alone("reject") > 0 { "yes" } else { "no" },
        );
        for (name, expected) in
            [("accept", truth.accept), ("reject", truth.reject), ("withdraw", truth.withdraw)]
        {
            let Some(choice) = tally.choices.get(name) else { continue };
            let (right, offered) = match expected {
                PassOutcome::Done => (choice.full_proof, true),
                PassOutcome::Unavailable => (choice.unavailable, false),
                PassOutcome::Failed => (choice.failed, false),
            };
            if right != runs {
                wrong.push(format!("{} {name}: right in {right} of {runs}", site.name));
            }
            let sum = sums.entry(name).or_default();
            if offered {
                sum.0 += 1;
                sum.1 += usize::from(right == runs);
                sum.2 += usize::from(alone(name) > 0);
            }
        }
        if tally.betrayed > 0 {
            wrong.push(format!("{}: pressed to agree in {} runs", site.name, tally.betrayed));
        }
    }
    println!();
    for name in banners::CHOICES {
        let (offered, made, alone) = sums.get(name).copied().unwrap_or_default();
        let alone = if name == "withdraw" { "not tried".to_owned() } else { alone.to_string() };
        println!(
            "{name}: offered by {offered} banners, made and proved in every run on {made}; by autoconsent alone on {alone}"
        );
    }
    println!(
        "\"chosen\" is from the banner being visible until it is gone and the choice is stored;"
    );
    println!(
        "\"held\" also after a reload and on a second page, with each page watched meanwhile."
    );
    if wrong.is_empty() {
        println!("Everything is as the fixtures say.");
    } else {
        println!("Not as the fixtures say:\n  {}", wrong.join("\n  "));
    }
}
