//! Scans every site under `fixtures/sites` with the real program and a real browser, and holds what
//! it says against what the site's `site.toml` expects and what the site's server saw.
//!
//! `CRUMBCHECK_SITES=clean,storage cargo test --test it sites::` looks at those two alone.

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    thread,
};

use crumbcheck::{
    demo::{Expect, Hit},
    recording::Recording,
};
use regex::Regex;
use serde_json::{Value, json};

use crate::support::{self, Run};

/// Scans at a time: each has a browser of its own with several pages open.
const WORKERS: usize = 4;

#[test]
fn every_site_is_judged_as_its_file_says() {
    let only = env::var("CRUMBCHECK_SITES").ok();
    let mut sites = support::all_sites();
    if let Some(only) = &only {
        sites.retain(|site| only.split(',').any(|name| name == site.name));
    }
    assert!(!sites.is_empty(), "no site to scan");
    let _turn = support::turn("sites");
    let count = sites.len();
    let queue = Mutex::new(sites);
    let wrong = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let Some(site) = next else { break };
                    let run = support::scan(&site, &[]);
                    let mut found = support::mismatches(&site.expect, &run);
                    found.extend(run.json.as_ref().and_then(against_the_schema));
                    if !found.is_empty() {
                        let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                        wrong.insert(site.name.clone(), found);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    let text = wrong.iter().fold(String::new(), |mut text, (site, found)| {
        let _ = write!(text, "\n{site}\n  - {}\n", found.join("\n  - "));
        text
    });
    assert!(wrong.is_empty(), "{} of {count} sites are not as expected:\n{text}", wrong.len());
}

/// What the published schema says against a report, if anything.
fn against_the_schema(report: &Value) -> Option<String> {
    let schema = include_str!("../../schemas/report-1.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("the published schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the published schema is a schema");
    validator.validate(report).err().map(|error| format!("the report breaks its schema: {error}"))
}

/// The notice that `crumbcheck notice draft` writes of a scan, put where the site's own was, leaves nothing
/// undeclared, nothing stale and no wrong lifetime.
#[test]
fn a_draft_in_place_of_the_notice_mends_it() {
    const HOST: &str = "www.marlowshire-victims.example";
    const MENDED: &[&str] = &[
        "undeclared-cookie",
        "undeclared-storage",
        "undeclared-third-party",
        "stale-declaration",
        "lifetime-mismatch",
    ];
    if env::var("CRUMBCHECK_SITES").is_ok_and(|only| !only.contains("flagship")) {
        return;
    }
    let outcome = |report: &Value, rule: &str| {
        let verdicts = report["verdicts"].as_array().expect("verdicts");
        let verdict = verdicts.iter().find(|it| it["rule"] == rule).expect("every rule answers");
        (verdict["outcome"].clone(), verdict["why"].clone())
    };
    let _turn = support::turn("sites");
    let kept = tempfile::tempdir().expect("a temporary folder");
    let recording = kept.path().join("scan.json").display().to_string();
    let site = support::site("flagship");
    let passes = ["--passes", "none,reject,accept"];
    let before = support::scan(&site, &[&passes[..], &["--record", &recording]].concat());
    let report = before.json.as_ref().expect("a report");
    for rule in MENDED {
        assert_eq!(outcome(report, rule).0, "violated", "{rule} has nothing to mend");
    }

    let arguments = ["notice", "draft", &recording].map(str::to_owned);
    let draft = support::crumbcheck(&arguments);
    assert_eq!(draft.code, Some(0), "{}", draft.stderr);
    let between = |text: &str, from: &str| -> (String, String, String) {
        let (head, rest) = text.split_once(from).expect("a page with a main part");
        let (main, tail) = rest.split_once("</main>").expect("it ends");
        (head.to_owned(), main.to_owned(), tail.to_owned())
    };
    let (_, main, _) = between(&draft.stdout, "<main>");
    let own = site.content(HOST, "/cookies.html").expect("the notice").to_vec();
    let (head, _, tail) = between(&String::from_utf8_lossy(&own), "<main id=\"main\">");
    let page = format!("{head}<main id=\"main\">{main}</main>{tail}");
    let mended = site.clone().with_file(HOST, "/cookies.html", page.into_bytes());
    let after = support::scan(&mended, &passes);
    let report = after.json.as_ref().expect("a report");
    for rule in MENDED {
        let findings: Vec<_> = report["findings"].as_array().expect("findings").iter().collect();
        let left: Vec<_> = findings.iter().filter(|it| it["rule"] == *rule).collect();
        assert_eq!(
            outcome(report, rule).0,
            "satisfied",
            "{:?}\n{left:#?}",
            outcome(report, rule).1
        );
    }

    // The edits say the same in other words.
    let diff = support::crumbcheck(&["notice", "diff", &recording].map(str::to_owned));
    assert_eq!(diff.code, Some(0), "{}", diff.stderr);
    for line in ["+ _fbp | ", "- exit_survey_2021 | ", "~ _ga | "] {
        assert!(diff.stdout.contains(line), "{line} is not in\n{}", diff.stdout);
    }
}

/// Every address in a site's files is one that its server answers for, so that a page that is
/// opened outside a scan too asks nobody for anything. The ways out are the exception.
#[test]
fn sites_need_nothing_from_the_internet() {
    const WAYS_OUT: &[&str] = &["www.bbc.co.uk"];
    let address = Regex::new(r"(?:https|http|wss)://([a-z0-9.-]+)").expect("a valid pattern");
    for site in support::all_sites() {
        let hosts = site.hosts();
        for (name, text) in support::texts(&site) {
            for (_, [host]) in address.captures_iter(&text).map(|found| found.extract()) {
                assert!(
                    hosts.contains(&host) || WAYS_OUT.contains(&host),
                    "{}: {name} speaks of {host}",
                    site.name
                );
            }
        }
    }
}

#[test]
fn sites_expect_something() {
    for site in support::all_sites() {
        assert_ne!(site.expect, Expect::default(), "{}", site.name);
    }
}

// What follows tests the harness itself: a check that cannot fail is worth nothing.

fn report() -> Value {
    let seen = |pass: &str, consent: &str| json!({ "pass": pass, "consent": consent, "page": "https://www.shop.test/", "at_end": true });
    let basis = json!({ "source": "facts", "entry": "_ga", "confidence": "high" });
    json!({
        "schema": "crumbcheck/report/1",
        "tool": { "name": "crumbcheck", "version": "0.1.0", "data": [] },
        "scan": {
            "id": "1", "started": "2026-11-25T00:00:00Z", "duration_ms": 1,
            "target": "https://www.shop.test/", "final_url": "https://www.shop.test/",
            "site": "shop.test", "profile": "uk", "browser": "Chromium", "user_agent": "Mozilla",
            "webdriver": false, "third_party_cookies": "allowed", "visits": 1
        },
        "passes": [{
            "pass": "reject", "outcome": "done", "via": "heuristic", "cmp": null, "clicks": 1,
            "proof": ["banner-gone"], "why": null, "pages": []
        }],
        "cookies": [{
            "name": "_ga", "domain": ".shop.test", "path": "/", "partition": null,
            "host_only": false, "party": "first", "category": "performance", "basis": basis,
            "set_by": { "kind": "script", "url": "https://t.test/ga.js", "chain": [] },
            "lifetime": { "session": false, "seconds": 1, "requested_seconds": 1 },
            "secure": false, "http_only": false, "same_site": "unset",
            "seen": [seen("none", "unset"), seen("reject", "refused")],
            "sent_to": [], "blocked": null, "declared": null
        }],
        "storage": [],
        "hosts": [{
            "host": "t.test", "site": "t.test", "organisation": null, "party": "third",
            "category": "performance", "basis": basis, "requests": 1, "kinds": ["script"],
            "cloaked_as": null, "initiators": [], "seen": [seen("none", "unset")],
            "declared": null
        }],
        "notice": null,
        "verdicts": [
            { "rule": "undeclared-cookie", "outcome": "violated", "why": null },
            { "rule": "cookie-after-reject", "outcome": "open", "why": "no banner" }
        ],
        "findings": [{
            "rule": "undeclared-cookie", "severity": "high", "confidence": "high",
            "subject": {
                "kind": "cookie", "type": "cookie", "id": "_ga@.shop.test",
                "cookie": {
                    "name": "_ga", "domain": "shop.test", "path": "/", "partition": null, "host_only": false
                }
            },
            "passes": ["none"], "pages": [], "message": "not declared", "advice": "",
            "remedy": { "action": "investigate" }, "citations": [], "cited": [],
            "fingerprint": "0", "waived": null
        }],
        "problems": [],
        "exit_code": 1
    })
}

fn hit(host: &str, path: &str) -> Hit {
    Hit {
        secure: true,
        host: host.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        method: "GET".to_owned(),
        cookie: String::new(),
        referer: String::new(),
        service_worker: false,
        set_cookie: Vec::new(),
    }
}

fn run(report: Option<Value>) -> Run {
    Run {
        code: Some(1),
        stdout: String::new(),
        stderr: String::new(),
        json: report,
        hits: vec![hit("t.test", "/ga.js")],
        recording: None,
        left_behind: Vec::new(),
    }
}

fn check(expect: &str, run: &Run) -> Vec<String> {
    support::mismatches(&toml::from_str(expect).expect("valid expectations"), run)
}

#[test]
fn what_is_as_expected_passes() {
    let expect = r#"
        exit = 1
        findings = ["undeclared-cookie", "undeclared-cookie _ga@.shop.test", "undeclared-cookie _g*"]
        absent = ["undeclared-cookie _fbp*", "undeclared", "missing-banner"]
        exact_findings = true
        open = ["cookie-after-reject"]
        requested = ["t.test/*.js"]
        never_requested = ["t.test/*.png"]
        cookie = [{ name = "_ga", domain = ".shop.test", category = "performance", party = "first", set_by = "script", partitioned = false, passes = ["reject", "none"], consents = ["unset", "refused"], declared = false }]
        host = [{ host = "t.test", category = "performance", party = "third", passes = ["none"], consents = ["unset"], declared = false }]
        pass = [{ pass = "reject", outcome = "done", via = "heuristic", proof = ["banner-gone"] }]
    "#;
    assert_eq!(check(expect, &run(Some(report()))), Vec::<String>::new());
}

#[test]
fn each_expectation_can_fail() {
    for (expect, told) in [
        ("exit = 0", "exit code Some(1), not one of [0]"),
        ("exit = [3, 4]", "exit code Some(1), not one of [3, 4]"),
        (
            r#"findings = ["undeclared-cookie _gid@.shop.test"]"#,
            "no finding undeclared-cookie _gid@.shop.test; of that rule there are: undeclared-cookie _ga@.shop.test",
        ),
        (
            r#"findings = ["missing-banner"]"#,
            "no finding missing-banner; of that rule there are: none",
        ),
        (
            r#"absent = ["undeclared-cookie _ga*"]"#,
            "finding undeclared-cookie _ga@.shop.test: not declared",
        ),
        (
            r#"absent = ["undeclared-cookie"]"#,
            "finding undeclared-cookie _ga@.shop.test: not declared",
        ),
        ("exact_findings = true", "further finding undeclared-cookie _ga@.shop.test: not declared"),
        (
            r#"open = ["undeclared-cookie"]"#,
            "undeclared-cookie is violated, not open (no reason given)",
        ),
        (
            r#"satisfied = ["cookie-after-reject"]"#,
            "cookie-after-reject is open, not satisfied (no banner)",
        ),
        (r#"not_applicable = ["no-such-rule"]"#, "no verdict for no-such-rule"),
        (r#"requested = ["t.test/tr"]"#, "t.test/tr was never asked for; asked for: t.test/ga.js"),
        (r#"never_requested = ["t.test/*"]"#, "t.test/ga.js was asked for"),
        (
            r#"cookie = [{ name = "sid" }]"#,
            "no cookie sid of any domain; there are: _ga of .shop.test",
        ),
        (
            r#"cookie = [{ name = "_ga", domain = "shop.test" }]"#,
            "no cookie _ga of shop.test; there are: _ga of .shop.test",
        ),
        (
            r#"cookie = [{ name = "_ga", partitioned = true }]"#,
            "no cookie _ga of any domain; there are: _ga of .shop.test",
        ),
        (
            r#"cookie = [{ name = "_ga", category = "marketing" }]"#,
            "cookie _ga of .shop.test: category is performance, not marketing",
        ),
        (
            r#"cookie = [{ name = "_ga", set_by = "http" }]"#,
            "cookie _ga of .shop.test: set_by is script, not http",
        ),
        (
            r#"cookie = [{ name = "_ga", declared = true }]"#,
            "cookie _ga of .shop.test: declared is no, not yes",
        ),
        (
            r#"cookie = [{ name = "_ga", passes = ["none"] }]"#,
            "cookie _ga of .shop.test: passes is none, reject, not none",
        ),
        (
            r#"cookie = [{ name = "_ga", consents = ["granted"] }]"#,
            "cookie _ga of .shop.test: consents is refused, unset, not granted",
        ),
        (r#"host = [{ host = "u.test" }]"#, "no host u.test; there are: t.test"),
        (
            r#"host = [{ host = "t.test", party = "first" }]"#,
            "host t.test: party is third, not first",
        ),
        (r#"pass = [{ pass = "accept" }]"#, "no pass accept"),
        (
            r#"pass = [{ pass = "reject", outcome = "failed" }]"#,
            "pass reject (no reason given): outcome is done, not failed",
        ),
        (
            r#"pass = [{ pass = "reject", proof = ["consent-stored"] }]"#,
            "pass reject (no reason given): proof is banner-gone, without consent-stored",
        ),
    ] {
        assert_eq!(check(expect, &run(Some(report()))), [told], "{expect}");
    }
}

#[test]
fn what_only_the_server_saw_is_told() {
    let mut run = run(Some(report()));
    run.hits[0].host = "hidden.test".to_owned();
    run.hits[0].set_cookie = vec!["uid=1; Path=/".to_owned()];
    assert_eq!(
        check("", &run),
        [
            "hidden.test was contacted, and the report does not say so",
            "the cookie uid was set, and the report does not say so",
        ]
    );
    // Chromium calls home; no page did.
    run.hits[0].host = "update.googleapis.com".to_owned();
    run.hits[0].set_cookie.clear();
    assert_eq!(check("", &run), Vec::<String>::new());
}

#[test]
fn a_run_without_a_report_is_told_unless_it_could_not_scan() {
    assert_eq!(check("exit = 1", &run(None)), ["no report was printed, but \"\""]);
    let mut failed = run(None);
    failed.code = Some(3);
    failed.stderr = "error: no browser\n".to_owned();
    assert_eq!(check("exit = [3, 4]", &failed), Vec::<String>::new());
    assert_eq!(
        check("exit = 0", &failed),
        [
            "exit code Some(3), not one of [0]",
            "no report was printed, but \"\"",
            "on stderr: error: no browser",
        ]
    );
}

#[test]
fn a_report_that_contradicts_itself_is_told() {
    let mut run = run(Some(report()));
    run.code = Some(0);
    run.left_behind = vec!["profile-1".to_owned()];
    assert_eq!(
        check("", &run),
        ["profile-1 was left in the folder for temporary files", "the report gives 1 as exit code",]
    );
    assert_eq!(
        check("", &Run { json: Some(json!({ "schema": 1 })), left_behind: Vec::new(), ..run })
            .len(),
        1
    );
}

/// A recording of requests for these addresses, each answered.
fn asked_for(urls: &[&str]) -> Recording {
    let events: Vec<Value> = urls
        .iter()
        .enumerate()
        .flat_map(|(at, url)| {
            let id = at.to_string();
            [
                json!({ "at": 1, "visit": 0, "target": "page", "event": "request", "id": id, "url": url,
                    "method": "GET", "kind": "image", "document": "", "initiated_by": "parser",
                    "initiators": [], "redirected_from": null }),
                json!({ "at": 2, "visit": 0, "target": "page", "event": "response", "id": id, "url": url,
                    "status": 200, "mime": "image/gif", "cached": false, "remote": null }),
            ]
        })
        .collect();
    serde_json::from_value(json!({
        "format": 1, "tool": "crumbcheck test", "started": "2026-11-01T12:00:00Z", "duration_ms": 1,
        "target": { "url": "https://shop.test/", "pages": [], "notice": null },
        "vantage": { "browser": "", "headless_shell": true, "user_agent": "", "webdriver": false,
            "third_party_cookies": "allowed", "locale": "en-GB", "viewport": "desktop",
            "timeout_ms": 1, "settle_ms": 1, "insecure": false, "values_kept": false },
        "passes": [{ "pass": "none", "banner": { "state": "absent" },
            "interaction": { "state": "none" }, "visits": [], "events": events, "problems": [],
            "checkpoints": [] }],
        "notice": { "candidates": [], "page": null, "problem": null },
        "problems": [],
    }))
    .expect("a recording")
}

#[test]
fn a_request_that_is_missing_or_invented_is_told() {
    let hits = [hit("shop.test", "/a.gif"), hit("t.test", "/tr")];
    let (own, other) = ("https://shop.test/a.gif?1", "https://t.test/tr");
    let differences = |urls: &[&str]| support::differences(&asked_for(urls), &hits, &["own.test"]);
    assert_eq!(differences(&[own, other]), Vec::<String>::new());
    assert_eq!(differences(&[own]), ["GET t.test/tr: the server saw 1, recorded are 0"]);
    assert_eq!(
        differences(&[own, own, other]),
        ["GET shop.test/a.gif: the server saw 1, answered 2"]
    );
    // What the browser asks for by itself is known by more than its name.
    let mut background = hit("own.test", "/");
    let told =
        |hit: &Hit| support::differences(&asked_for(&[]), std::slice::from_ref(hit), &["own.test"]);
    assert_eq!(told(&background), Vec::<String>::new());
    background.cookie = "sid=1".to_owned();
    assert_eq!(told(&background).len(), 1);
}
