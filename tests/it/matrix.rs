//! Scans `fixtures/capture` with the real program and a real browser, and holds what it says against
//! `fixtures/capture.toml`: every way of setting, sending and storing, one line each.
//!
//! `make matrix` prints the table, of three runs in a row.

#![allow(clippy::print_stdout, reason = "the table is what it is run for")]

use std::{collections::BTreeMap, env, fmt::Write as _};

use crumbcheck::{
    model::NamePattern,
    recording::Recording,
    report::model::{CookieReport, HostReport, Report, StorageReport},
};
use serde::Deserialize;

use crate::support;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    /// Registrable domain of what is asked, by place.
    bases: BTreeMap<String, String>,
    /// Host of the page that asks and stores, by place.
    hosts: BTreeMap<String, String>,
    request: Vec<Channel>,
    cookie: Vec<Kept>,
    storage: Vec<Kept>,
    recorded: Vec<Recorded>,
    finding: Vec<Finding>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finding {
    what: String,
    rule: String,
    subject: String,
    citation: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Channel {
    name: String,
    what: String,
    kind: String,
    by: String,
    places: Option<Vec<String>>,
    cookie: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    #[serde(default)]
    name: String,
    /// `NAME@DOMAIN` of one that is not in every place.
    id: Option<String>,
    what: String,
    kind: Option<String>,
    set_by: String,
    by: Option<String>,
    chain: Option<Vec<String>>,
    partition: Option<String>,
    blocked: Option<String>,
    page: Option<String>,
    places: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    what: String,
    event: String,
    url: String,
}

/// One line of the table: what, where, and what is wrong with it if something is.
type Line = (String, String, Result<(), String>);

#[test]
fn everything_that_a_page_can_do_is_seen_and_attributed() {
    // Most of the time of both is waiting.
    let _turn = support::turn("late");
    let runs = env::var("CRUMBCHECK_RUNS").ok().and_then(|it| it.parse().ok()).unwrap_or(1);
    let text =
        std::fs::read_to_string(support::fixtures().join("capture.toml")).expect("the matrix");
    let matrix: Matrix = toml::from_str(&text).expect("a valid matrix");
    let site = support::fixture("capture");
    let mut failed = 0;
    for run in 1..=runs {
        let came = support::scan(&site, &["--passes", "none"]);
        let report = came.json.clone().unwrap_or_else(|| panic!("no report: {}", came.stderr));
        let report: Report = serde_json::from_value(report).expect("a report");
        let recording = came.recording.as_ref().expect("a recording");
        if let Ok(kept) = env::var("CRUMBCHECK_KEEP") {
            std::fs::write(kept, serde_json::to_string(recording).expect("JSON")).expect("a file");
        }
        let lines = matrix.check(&report, recording);
        let wrong = lines.iter().filter(|it| it.2.is_err()).count();
        println!("{}", table(run, &lines));
        println!("run {run} of {runs}: {} of {} lines seen", lines.len() - wrong, lines.len());
        let unlike = support::mismatches(&site.expect, &came);
        for it in &unlike {
            println!("server log: {it}");
        }
        failed += wrong + unlike.len();
    }
    assert_eq!(failed, 0, "what is missing is above");
}

fn table(run: usize, lines: &[Line]) -> String {
    let mut text = format!("run {run}\n{:<46} {:<8} seen as expected\n", "what", "where");
    for (what, place, seen) in lines {
        let seen = seen.as_ref().map_or_else(|why| format!("NO: {why}"), |()| "yes".to_owned());
        let _ = writeln!(text, "{what:<46} {place:<8} {seen}");
    }
    text
}

impl Matrix {
    fn check(&self, report: &Report, recording: &Recording) -> Vec<Line> {
        let mut lines = Vec::new();
        let places = |some: &Option<Vec<String>>, all: &BTreeMap<String, String>| {
            some.clone().unwrap_or_else(|| all.keys().cloned().collect())
        };
        for it in &self.request {
            for place in places(&it.places, &self.bases) {
                let host = format!("{}.{}", it.name, self.bases[&place]);
                let seen = channel(it, &host, report);
                lines.push((it.what.clone(), place, seen));
            }
        }
        for it in &self.cookie {
            if let Some((name, domain)) = it.id.as_deref().and_then(|id| id.split_once('@')) {
                lines.push((
                    it.what.clone(),
                    "-".to_owned(),
                    cookie(it, name, domain, None, report),
                ));
                continue;
            }
            for place in places(&it.places, &self.hosts) {
                let name = format!("{place}_{}", it.name);
                let seen = cookie(it, &name, &self.hosts[&place], Some(&place), report);
                lines.push((it.what.clone(), place, seen));
            }
        }
        for it in &self.storage {
            for place in places(&it.places, &self.hosts) {
                let origin = format!("https://{}", self.hosts[&place]);
                let seen = storage(it, &format!("{place}_{}", it.name), &origin, &place, report);
                lines.push((it.what.clone(), place, seen));
            }
        }
        for it in &self.finding {
            lines.push((it.what.clone(), "-".to_owned(), finding(it, report)));
        }
        for it in &self.recorded {
            lines.push((it.what.clone(), "-".to_owned(), recorded(it, recording)));
        }
        lines
    }
}

fn channel(wanted: &Channel, host: &str, report: &Report) -> Result<(), String> {
    let seen: &HostReport =
        report.hosts.iter().find(|it| it.host == host).ok_or(format!("no host {host}"))?;
    if !seen.kinds.contains(&wanted.kind) {
        return Err(format!("{host} is {:?}, not {}", seen.kinds, wanted.kind));
    }
    if !seen.initiators.iter().any(|it| ends(it, &wanted.by)) {
        return Err(format!("{host} is asked by {:?}, not {}", seen.initiators, wanted.by));
    }
    unchosen(seen.seen.iter().map(|it| (word(&it.pass), word(&it.consent))))?;
    if wanted.cookie == Some(false) {
        return Ok(());
    }
    let cookie = report.cookies.iter().find(|it| it.name == "seen" && it.domain == host);
    let cookie = cookie.ok_or(format!("no cookie of {host}"))?;
    let by = cookie.set_by.url.as_deref().unwrap_or_default();
    if word(&cookie.set_by.kind) != "http" || !by.contains(host) {
        return Err(format!("the cookie is set by {:?}", cookie.set_by));
    }
    Ok(())
}

fn cookie(
    wanted: &Kept,
    name: &str,
    domain: &str,
    place: Option<&str>,
    report: &Report,
) -> Result<(), String> {
    let named = report.cookies.iter().filter(|it| it.name == name);
    let fits = |it: &&CookieReport| {
        (it.domain == domain || wanted.blocked.is_some())
            && wanted.partition.as_ref().is_none_or(|key| it.partition.as_ref() == Some(key))
    };
    let seen = named.clone().find(fits);
    let seen = seen.ok_or_else(|| {
        let others: Vec<_> = named.map(|it| (&it.domain, &it.partition)).collect();
        format!("no {name} of {domain}, but {others:?}")
    })?;
    match (&wanted.blocked, &seen.blocked) {
        (None, Some(why)) => return Err(format!("{name} counts as refused: {why}")),
        (Some(_), None) => return Err(format!("{name} does not count as refused")),
        (Some(wanted), Some(why)) if !NamePattern::new(wanted.as_str()).matches(why) => {
            return Err(format!("{name} is refused for {why}"));
        }
        _ => (),
    }
    written(
        wanted,
        &word(&seen.set_by.kind),
        seen.set_by.url.as_deref(),
        &seen.set_by.chain,
        place,
    )?;
    if let Some(page) = &wanted.page
        && !seen.seen.iter().any(|it| ends(&it.page, page))
    {
        return Err(format!("{name} is not seen on {page}: {:?}", seen.seen));
    }
    unchosen(seen.seen.iter().map(|it| (word(&it.pass), word(&it.consent))))
}

fn storage(
    wanted: &Kept,
    key: &str,
    origin: &str,
    place: &str,
    report: &Report,
) -> Result<(), String> {
    let fits = |it: &&StorageReport| {
        it.key == key && it.origin == origin && Some(word(&it.kind)) == wanted.kind
    };
    let seen = report.storage.iter().find(fits).ok_or(format!("no {key} of {origin}"))?;
    let by = &seen.set_by;
    written(wanted, &word(&by.kind), by.url.as_deref(), &by.chain, Some(place))?;
    unchosen(seen.seen.iter().map(|it| (word(&it.pass), word(&it.consent))))
}

/// Whether the right script or answer wrote it. The frame loads its scripts itself.
fn written(
    wanted: &Kept,
    kind: &str,
    url: Option<&str>,
    chain: &[String],
    place: Option<&str>,
) -> Result<(), String> {
    if kind != wanted.set_by {
        return Err(format!("set by {kind} {url:?}, not {}", wanted.set_by));
    }
    if let Some(by) = &wanted.by
        && !url.is_some_and(|url| ends(url, by))
    {
        return Err(format!("set by {url:?}, not {by}"));
    }
    let Some(expected) = &wanted.chain else { return Ok(()) };
    let frame = ["www.orchard-capture.example/", "frame.capture-far.example/frame.html"];
    let expected: Vec<&str> = match place {
        Some("frame") => {
            frame.into_iter().chain(expected.iter().skip(2).map(String::as_str)).collect()
        }
        _ => expected.iter().map(String::as_str).collect(),
    };
    let right = chain.len() == expected.len()
        && chain.iter().zip(&expected).all(|(seen, wanted)| ends(seen, wanted));
    if right { Ok(()) } else { Err(format!("loaded by {chain:?}, not {expected:?}")) }
}

fn finding(wanted: &Finding, report: &Report) -> Result<(), String> {
    let matches = |pattern: &str, text: &str| NamePattern::new(pattern).matches(text);
    let of_rule = report.findings.iter().filter(|it| it.rule == wanted.rule);
    let seen = of_rule.clone().find(|it| matches(&wanted.subject, &it.subject.to_string()));
    let seen = seen.ok_or_else(|| {
        let others: Vec<String> = of_rule.map(|it| it.subject.to_string()).collect();
        format!("no {} {}, but {others:?}", wanted.rule, wanted.subject)
    })?;
    if seen.citations.iter().any(|it| matches(&wanted.citation, it)) {
        Ok(())
    } else {
        Err(format!("{} does not cite {}: {:?}", wanted.rule, wanted.citation, seen.citations))
    }
}

fn recorded(wanted: &Recorded, recording: &Recording) -> Result<(), String> {
    let url = NamePattern::new(wanted.url.as_str());
    let seen = recording.passes.iter().flat_map(|it| &it.events).any(|event| {
        let event = serde_json::to_value(event).expect("events are JSON");
        event["event"] == wanted.event.as_str()
            && event["url"].as_str().is_some_and(|it| url.matches(it))
    });
    if seen { Ok(()) } else { Err(format!("no {} of {}", wanted.event, wanted.url)) }
}

fn unchosen(seen: impl Iterator<Item = (String, String)>) -> Result<(), String> {
    let seen: Vec<_> = seen.collect();
    let right = !seen.is_empty() && seen.iter().all(|it| it.0 == "none" && it.1 == "unset");
    if right { Ok(()) } else { Err(format!("seen in {seen:?}")) }
}

fn ends(text: &str, end: &str) -> bool {
    let text = text.strip_prefix("https://").unwrap_or(text);
    NamePattern::new(end).matches(text)
}

fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|it| it.as_str().map(str::to_owned))
        .unwrap_or_default()
}
