//! Filter lists, through the real program: taken from a file or an address into the user's cache, told of,
//! and asked only where that was asked for. Nothing here opens a browser.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{fs, path::PathBuf, process::Command};

use crumbcheck::demo::{Site, SiteServer};
use serde_json::{Value, json};
use tempfile::TempDir;

const LIST: &str = "[Adblock Plus 2.0]\n! Title: EasyPrivacy\n! Version: 202611240800\n\
    ! Licence: https://easylist.to/pages/licence.html\n||tracker.test^$third-party\n";

/// A user with a folder of their own.
struct User {
    home: TempDir,
}

struct Done {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl User {
    fn new() -> Self {
        Self { home: TempDir::new().unwrap() }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.home.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    fn kept(&self, file: &str) -> PathBuf {
        self.home.path().join("cache/crumbcheck/lists").join(file)
    }

    fn run(&self, args: &[&str]) -> Done {
        let output = Command::new(env!("CARGO_BIN_EXE_crumbcheck"))
            .args(args)
            .current_dir(self.home.path())
            .env("HOME", self.home.path())
            .env("XDG_CACHE_HOME", self.home.path().join("cache"))
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        Done {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn update(&self, list: &str) -> Done {
        self.run(&["data", "update", "--list", list])
    }

    /// What a report on a visit to a host that nobody knows says, and the exit code.
    fn audit(&self, more: &[&str]) -> Value {
        let recording = self.file("scan.json", &serde_json::to_vec(&recording()).unwrap());
        let mut args = vec!["audit", &recording, "--report", "json"];
        args.extend(more);
        let done = self.run(&args);
        serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}", done.stderr))
    }
}

fn recording() -> Value {
    const SITE: &str = "https://www.shop.test/";
    let request = |url: &str, kind: &str| {
        json!({ "at": 9, "visit": 0, "target": "page", "event": "request", "id": url, "url": url,
            "method": "GET", "kind": kind, "document": SITE, "initiated_by": "parser", "initiators": [] })
    };
    json!({
        "format": 1, "tool": "crumbcheck test", "started": "2026-11-01T12:00:00Z", "duration_ms": 1,
        "target": { "url": SITE, "pages": [], "notice": null },
        "vantage": { "browser": "", "headless_shell": true, "user_agent": "", "webdriver": false,
            "third_party_cookies": "allowed", "locale": "en-GB", "viewport": "desktop",
            "timeout_ms": 1, "settle_ms": 1, "insecure": false, "values_kept": false },
        "passes": [{ "pass": "none", "banner": { "state": "absent" }, "interaction": { "state": "none" },
            "visits": [{ "kind": "start", "asked": SITE, "url": SITE, "status": "ok", "http_status": 200,
                "at": 0, "settled_ms": 9, "stopped": "quiet", "title": "", "problem": null }],
            "events": [request("https://tracker.test/t.js", "script"), request("https://other.test/o.js", "script")],
            "problems": [],
            "checkpoints": [{ "at": 900, "visit": 0, "name": "left", "jar": [], "storage": [] }] }],
        "notice": { "candidates": [], "page": null, "problem": null },
        "problems": [],
    })
}

fn verdict<'a>(report: &'a Value, rule: &str) -> &'a str {
    let verdicts = report["verdicts"].as_array().unwrap();
    verdicts.iter().find(|it| it["rule"] == rule).unwrap()["outcome"].as_str().unwrap()
}

fn host<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["hosts"].as_array().unwrap().iter().find(|it| it["host"] == name).unwrap()
}

#[test]
fn a_list_is_kept_with_what_is_known_of_it() {
    let user = User::new();
    let file = user.file("list.txt", LIST.as_bytes());
    let done = user.update(&format!("easyprivacy={file}"));
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
    assert!(done.stdout.contains("https://easylist.to/pages/licence.html"), "{}", done.stdout);
    assert_eq!(fs::read_to_string(user.kept("easyprivacy.txt")).unwrap(), LIST);

    let told = user.run(&["data", "status", "--format", "json"]);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let told = told.as_array().unwrap().iter().find(|it| it["name"] == "easyprivacy").unwrap();
    assert_eq!(told["version"], "202611240800");
    assert_eq!(told["age_days"], 0);
    assert_eq!(told["bytes"], LIST.len());
    assert_eq!(told["sha256"].as_str().unwrap().len(), 64);
    assert!(told["from"].as_str().unwrap().ends_with("/list.txt"));
}

#[test]
fn what_is_no_list_is_one_clear_line_and_the_old_one_stays() {
    let user = User::new();
    let good = user.file("list.txt", LIST.as_bytes());
    assert_eq!(user.update(&format!("mine={good}")).code, Some(0));
    let page = user.file("page.html", b"<!doctype html><title>Not found</title>");
    let empty = user.file("empty.txt", b"");
    let mut long = LIST.as_bytes().to_vec();
    long.resize((50 << 20) + 1, b'!');
    let long = user.file("long.txt", &long);
    for (from, code, words) in [
        (page.as_str(), 2, "web page"),
        (empty.as_str(), 2, "empty"),
        (long.as_str(), 2, "50 MiB"),
        ("/nowhere/at/all.txt", 2, "could not be read"),
        ("http://lists.test/list.txt", 2, "https"),
        ("https://127.0.0.1:9/list.txt", 3, "127.0.0.1:9"),
    ] {
        let done = user.update(&format!("mine={from}"));
        assert_eq!(done.code, Some(code), "{from}: {}", done.stderr);
        assert!(done.stderr.contains(words), "{from}: {}", done.stderr);
        assert_eq!(done.stderr.lines().count(), 2, "{from}: {}", done.stderr);
        assert!(done.stdout.is_empty(), "{from}: {}", done.stdout);
        assert_eq!(fs::read_to_string(user.kept("mine.txt")).unwrap(), LIST, "{from}");
    }
    // One that is none keeps the others from being changed too.
    let other = user.file("other.txt", LIST.replace("tracker", "other").as_bytes());
    let done = user.run(&[
        "data",
        "update",
        "--list",
        &format!("mine={other}"),
        "--list",
        &format!("more={page}"),
    ]);
    assert_eq!(done.code, Some(2));
    assert_eq!(fs::read_to_string(user.kept("mine.txt")).unwrap(), LIST);
}

#[test]
fn a_list_comes_over_https() {
    const SITE: &str = "start = \"https://lists.test/\"\n[expect]\nexit = 0\n";
    let files = vec![
        ("site.toml".to_owned(), SITE.as_bytes().to_vec()),
        ("lists.test/index.html".to_owned(), b"<!doctype html><title>Lists</title>".to_vec()),
        ("lists.test/list.txt".to_owned(), LIST.as_bytes().to_vec()),
    ];
    let hosts = vec![("routes.toml".to_owned(), b"route = []".to_vec())];
    let server = SiteServer::start(Site::from_files("lists", files, hosts).unwrap()).unwrap();
    let user = User::new();
    let fetch = |path: &str| {
        let list = format!("easyprivacy=https://lists.test/{path}");
        user.run(&[
            "data",
            "update",
            "--list",
            &list,
            "--insecure",
            "--connect-to",
            &server.connect_to(),
        ])
    };
    let done = fetch("list.txt");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(fs::read_to_string(user.kept("easyprivacy.txt")).unwrap(), LIST);
    let done = fetch("gone.txt");
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(done.stderr.contains("404"), "{}", done.stderr);
    assert_eq!(fetch("").code, Some(2));
}

#[test]
fn a_list_speaks_only_where_it_is_asked() {
    let user = User::new();
    let bare = user.audit(&[]);
    let file = user.file("list.txt", LIST.as_bytes());
    assert_eq!(user.update(&format!("easyprivacy={file}")).code, Some(0));
    // The same recording gives the same report anywhere, whatever is in the cache.
    assert_eq!(user.audit(&[]), bare);
    assert_eq!(verdict(&bare, "tracker-before-consent"), "open");

    let listed = user.audit(&["--filter-lists"]);
    assert_eq!(verdict(&listed, "tracker-before-consent"), "violated");
    let tracker = host(&listed, "tracker.test");
    assert_eq!(tracker["category"], "performance");
    assert_eq!(tracker["basis"]["source"], "filter-list");
    assert_eq!(tracker["basis"]["confidence"], "low");
    assert!(tracker["basis"]["entry"].as_str().unwrap().contains("||tracker.test^$third-party"));
    assert_eq!(host(&listed, "other.test")["category"], "unknown");
    let sources = listed["tool"]["data"].as_array().unwrap();
    let source = sources.iter().find(|it| it["source"] == "filter list easyprivacy").unwrap();
    assert_eq!(source["licence"], "https://easylist.to/pages/licence.html");
    assert_eq!(source["version"], "202611240800");
    let embedded = bare["tool"]["data"].as_array().unwrap().len();
    assert_eq!(sources.len(), embedded + 1);
}

#[test]
fn a_list_that_was_changed_or_is_missing_is_not_asked() {
    let user = User::new();
    let recording = user.file("scan.json", &serde_json::to_vec(&recording()).unwrap());
    let audit = || user.run(&["audit", &recording, "--filter-lists"]);
    let done = audit();
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert!(done.stderr.contains("no filter lists"), "{}", done.stderr);
    let file = user.file("list.txt", LIST.as_bytes());
    assert_eq!(user.update(&format!("easyprivacy={file}")).code, Some(0));
    fs::write(user.kept("easyprivacy.txt"), LIST.replace("tracker", "other")).unwrap();
    let done = audit();
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert!(done.stderr.contains("not that of the download"), "{}", done.stderr);
    assert!(done.stdout.is_empty());
}
