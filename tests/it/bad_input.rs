//! What goes wrong, through the real program: one clear line, the code of the table, and never a
//! result that reads as clean.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use crumbcheck::demo::{Site, SiteServer};
use serde_json::Value;

use crate::support::{self, Run, crumbcheck};

const HOST: &str = "www.bad.example";

/// A page with a notice, so that only what a case is about can be missing.
fn page(inside: &str) -> String {
    format!(
        "<!doctype html><html lang=en><title>Page</title><body><h1>Welcome</h1><p>Words.</p>{inside}\
         <footer><a href=/cookies>Cookies</a></footer></body></html>"
    )
}

fn site() -> Site {
    const NOTICE: &str = "<!doctype html><html lang=en><title>Cookies</title><body><h1>Cookies</h1>\
        <p>This site uses one cookie.</p><h2>Essential cookies</h2><table><tr><th>Name<th>Purpose<th>Expires\
        <tr><td>sid<td>Keeps your place<td>When you close your browser</table></body></html>";
    const SITE: &str = r#"
start = "https://www.bad.example/"

[[route]]
host = "www.bad.example"
path = "/forbidden"
status = 403
body = "<h1>Forbidden</h1>"

[[route]]
host = "www.bad.example"
path = "/broken"
status = 500
body = "<h1>Broken</h1>"

[[route]]
host = "www.bad.example"
path = "/locked"
status = 401
headers = ["www-authenticate: Basic realm=staging"]
body = "<h1>Who are you?</h1>"

[[route]]
host = "www.bad.example"
path = "/challenge"
status = 403
headers = ["cf-mitigated: challenge"]
body = "<title>Just a moment...</title><p>Checking that you are human."

[[route]]
host = "www.bad.example"
path = "/circle"
loop = true

[[route]]
host = "www.bad.example"
path = "/silent"
hang = true

[[route]]
host = "www.bad.example"
path = "/endless"
hang = "body"
body = "<!doctype html><title>Endless</title><p>This goes on and on and on and on and on."

[[route]]
host = "www.bad.example"
path = "/never.gif"
hang = true

[[route]]
host = "www.bad.example"
path = "/file.bin"
headers = ["content-disposition: attachment; filename=file.bin"]
body = "binary"

[[route]]
host = "www.bad.example"
path = "/poll"
body = "{}"

[[route]]
host = "www.bad.example"
path = "/*.html"
headers = ["set-cookie: sid=supersecretvalue123; Path=/; Secure; HttpOnly"]

[[route]]
host = "www.bad.example"
path = "/guide.pdf"
headers = ["content-type: application/pdf"]
body = "%PDF-1.7"

[expect]
exit = 3
"#;
    let pages = [
        ("index.html", page("")),
        ("cookies.html", NOTICE.to_owned()),
        ("data.json", "{}".to_owned()),
        ("empty.html", String::new()),
        ("stuck.html", page("<script>for (;;) {}</script>")),
        (
            "stuck-later.html",
            page(
                "<script>addEventListener('load', () => setTimeout(() => { for (;;) {} }, 100))</script>",
            ),
        ),
        (
            "polls.html",
            page("<script>setInterval(() => fetch('/poll' + Math.random()), 150)</script>"),
        ),
        (
            "dialogs.html",
            page(
                "<script>alert('a'); confirm('b'); addEventListener('beforeunload', (e) => { e.preventDefault(); e.returnValue = 'c'; })</script>",
            ),
        ),
        (
            "download.html",
            page("<script>setTimeout(() => { location.href = '/file.bin' }, 50)</script>"),
        ),
        ("slow-image.html", page("<img src=/never.gif alt=''>")),
        (
            "pdf-notice.html",
            "<!doctype html><title>P</title><p>Words.<a href=/guide.pdf>Cookie policy</a>"
                .to_owned(),
        ),
    ];
    let mut files: Vec<(String, Vec<u8>)> = pages
        .into_iter()
        .map(|(name, text)| (format!("{HOST}/{name}"), text.into_bytes()))
        .collect();
    files.push(("site.toml".to_owned(), SITE.as_bytes().to_vec()));
    Site::from_files("bad", files, vec![("routes.toml".to_owned(), b"route = []".to_vec())])
        .unwrap()
}

fn scan(server: &SiteServer, url: &str, more: &[&str]) -> Run {
    let _turn = support::turn("bad input");
    let route = format!("{HOST}{}", server.connect_to());
    let mut args = vec!["scan", url, "--connect-to", &route, "--no-progress", "--report", "json"];
    args.extend(["--settle", "600ms", "--timeout", "5s"]);
    args.extend(more);
    crumbcheck(&args.iter().map(|&it| it.to_owned()).collect::<Vec<_>>())
}

/// Says what is wrong with a run that should have failed with `code` and `words`.
fn fails_with(run: &Run, code: i32, words: &[&str]) -> Result<(), String> {
    let told =
        |why: &str| Err(format!("{why}\nexit {:?}\n{}\n{}", run.code, run.stderr, run.stdout));
    if run.code != Some(code) {
        return told("another exit code");
    }
    if !run.stderr.starts_with("error: ") || !run.stderr.contains("\nhelp: ") {
        return told("no error and help");
    }
    if run.stderr.lines().count() != 2 {
        return told("more than one line, and one of help");
    }
    for word in words {
        if !run.stderr.contains(word) {
            return told(&format!("does not say `{word}`"));
        }
    }
    if !run.left_behind.is_empty() {
        return told("left something behind");
    }
    if let Some(report) = &run.json {
        if report["exit_code"] != code {
            return told("the report has another exit code");
        }
        let satisfied =
            report["verdicts"].as_array().unwrap().iter().filter(|it| it["outcome"] == "satisfied");
        if satisfied.count() > 0 {
            return told("a rule is satisfied although nothing was observed");
        }
    }
    Ok(())
}

/// A name, and what finds out whether it holds.
type Case<'a> = (&'a str, Box<dyn Fn() -> Result<(), String> + Send + Sync + 'a>);

/// Runs cases three at a time and tells everything that is wrong with any.
fn all(cases: &[Case<'_>]) {
    let queue = Mutex::new(cases.iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some((name, case)) = next else { return };
                    if let Err(why) = case() {
                        wrong.lock().unwrap().push(format!("{name}: {why}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_cannot_be_observed_is_one_clear_line_and_no_verdict() {
    let server = Arc::new(SiteServer::start(site()).unwrap());
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = format!("https://127.0.0.1:{closed}/");
    let at = |path: &str| format!("https://{HOST}{path}");
    let table: Vec<(&str, String, Vec<&str>)> = vec![
        ("unknown host", "https://nowhere.invalid/".to_owned(), vec!["no such host", "--resolve"]),
        ("refused port", refused, vec!["refused"]),
        ("403", at("/forbidden"), vec!["403"]),
        ("404", at("/nothing-here"), vec!["404"]),
        ("500", at("/broken"), vec!["500"]),
        ("password", at("/locked"), vec!["401", "--basic-auth"]),
        ("redirect loop", at("/circle"), vec!["circle"]),
        ("not HTML", at("/data.json"), vec!["json"]),
        ("download", at("/file.bin"), vec!["download"]),
        ("empty page", at("/empty.html"), vec!["empty"]),
        ("challenge", at("/challenge"), vec!["human"]),
        ("no answer", at("/silent"), vec!["no answer within 5 s", "--timeout"]),
        ("endless answer", at("/endless"), vec!["did not end"]),
        ("script loop", at("/stuck.html"), vec!["within 5 s"]),
    ];
    let cases: Vec<Case<'_>> = table
        .into_iter()
        .map(|(name, url, words)| {
            let server = Arc::clone(&server);
            // One pass tells as much as four.
            let args = ["--insecure", "--passes", "none"];
            let case = move || fails_with(&scan(&server, &url, &args), 3, &words);
            (name, Box::new(case) as Box<dyn Fn() -> _ + Send + Sync>)
        })
        .collect();
    all(&cases);
}

#[test]
fn a_certificate_that_is_not_in_order_is_not_passed_over() {
    let server = SiteServer::start(site()).unwrap();
    let run = scan(&server, &format!("https://{HOST}/"), &[]);
    fails_with(&run, 3, &["certificate", "--insecure"]).unwrap();
}

/// The page is there: the scan goes on and says what happened.
#[test]
fn what_can_be_observed_all_the_same_is_scanned() {
    let server = Arc::new(SiteServer::start(site()).unwrap());
    // Page, what is told, and whether evidence is missing, so that the result is open.
    let table = [
        ("/polls.html", "never became idle", false),
        ("/dialogs.html", "dialog", false),
        ("/slow-image.html", "never finished loading", false),
        ("/download.html", "download", false),
        ("/stuck-later.html", "no longer answers", true),
    ];
    let cases: Vec<Case<'_>> = table
        .into_iter()
        .map(|(path, told, open)| {
            let server = Arc::clone(&server);
            let case = move || {
                let run = scan(&server, &format!("https://{HOST}{path}"), &["--insecure"]);
                let Some(report) = &run.json else {
                    return Err(format!("no report: {}", run.stderr));
                };
                let problems = report["problems"].to_string();
                let seen = format!("exit {:?}, {problems}\n{}", run.code, report["verdicts"]);
                if !problems.contains(told) {
                    return Err(format!("does not tell `{told}`: {seen}"));
                }
                if report["passes"][0]["pages"][0]["status"] != "ok" {
                    return Err(format!("the page was not observed: {seen}"));
                }
                match run.code {
                    Some(4) if open => Ok(()),
                    Some(0) if !open => Ok(()),
                    _ => Err(format!("another exit code: {seen}")),
                }
            };
            (path, Box::new(case) as Box<dyn Fn() -> _ + Send + Sync>)
        })
        .collect();
    all(&cases);
}

#[test]
fn a_notice_that_cannot_be_read_leaves_its_rules_open() {
    let server = SiteServer::start(site()).unwrap();
    let run = scan(&server, &format!("https://{HOST}/pdf-notice.html"), &["--insecure"]);
    let report = run.json.expect("a report");
    let of = |rule: &str| -> Value {
        let verdicts = report["verdicts"].as_array().unwrap();
        verdicts.iter().find(|it| it["rule"] == rule).unwrap()["outcome"].clone()
    };
    assert_eq!(of("undeclared-cookie"), "open");
    assert_ne!(of("missing-notice"), "satisfied");
    assert_ne!(run.code, Some(0));
}

/// The command line was right: what went wrong is between here and the server.
#[test]
fn a_notice_that_cannot_be_fetched_is_no_wrong_usage() {
    let server = SiteServer::start(site()).unwrap();
    let route = format!("{HOST}{}", server.connect_to());
    for (path, words) in
        [("/nothing-here", "404"), ("/broken", "500"), ("/guide.pdf", "application/pdf")]
    {
        let url = format!("https://{HOST}{path}");
        let args = ["notice", &url, "--connect-to", &route, "--insecure"].map(str::to_owned);
        fails_with(&crumbcheck(&args), 3, &[words]).unwrap_or_else(|why| panic!("{path}: {why}"));
    }
}

#[test]
fn wrong_usage_is_told_before_anything_is_scanned() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let torn = file("torn.json", "{\"format\": 1, \"passes\": [");
    let newer = file("newer.json", "{\"format\": 2}");
    let binary = file("binary.html", "a\0b");
    let target = "https://www.bad.example/";
    let cases: Vec<(i32, Vec<&str>, &str)> = vec![
        (2, vec!["audit", &torn], "not a crumbcheck recording"),
        (2, vec!["audit", &newer], "format 2"),
        (2, vec!["audit", "/nowhere/at/all.json"], "could not be read"),
        (2, vec!["scan", target, "--notice", "/nowhere/notice.html"], "could not be read"),
        (2, vec!["scan", target, "--notice", &binary], "neither a page nor a document"),
        (2, vec!["notice", "/nowhere/notice.html"], "could not be read"),
        (2, vec!["rules", "no-such-rule"], "no rule"),
        (2, vec!["scan", target, "--profile", "us"], "the profiles are uk and eu"),
        (2, vec!["scan", target, "--basis", "marketing=statistical"], "performance=statistical"),
        (2, vec!["demo", "--basis", "statistical"], "CATEGORY=EXEMPTION"),
        (
            2,
            vec!["audit", &torn, "--profile", "eu", "--basis", "performance=statistical"],
            "accepted are functional=consent, performance=consent and marketing=consent",
        ),
        (3, vec!["notice", "http://127.0.0.1:9/"], "127.0.0.1:9"),
        (2, vec!["scan", target, "--report", "html=/nowhere/at/all.html"], "cannot write"),
        (3, vec!["scan", target, "--chrome", "/bin/false"], "false"),
        (2, vec!["scan", target, "--chrome", "/nowhere/chrome"], "could not start"),
    ];
    for (code, args, words) in cases {
        let run = crumbcheck(&args.iter().map(|&it| it.to_owned()).collect::<Vec<_>>());
        fails_with(&run, code, &[words]).unwrap_or_else(|why| panic!("{args:?}: {why}"));
        assert_eq!(run.stdout, "", "{args:?}");
    }
    for args in [
        vec!["scan"],
        vec!["scan", "ftp://a.example"],
        vec!["scan", target, "--passes", "perhaps"],
        vec!["scan", target, "--report", "papyrus"],
        vec!["scan", target, "--fail-on", "grave"],
        vec!["scan", target, "--resolve", "a.example:443"],
        vec!["scan", target, "--settle", "soon"],
    ] {
        let run = crumbcheck(&args.iter().map(|&it| it.to_owned()).collect::<Vec<_>>());
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args:?}: {}", run.stderr);
        assert!(run.stderr.starts_with("error: "), "{args:?}: {}", run.stderr);
    }
}

/// One plain server that keeps the heads of what it is asked.
fn heads() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || answer(stream.unwrap(), port, &kept));
        }
    });
    (port, heads)
}

fn answer(mut stream: TcpStream, port: u16, kept: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    if head.is_empty() {
        return;
    }
    let body = page(&format!(
        "<img src='http://third.example:{port}/p.gif' alt=''><img src=/own.gif alt=''>"
    ));
    kept.lock().unwrap().push(head);
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nset-cookie: sid=supersecretvalue123; Path=/\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
}

#[test]
fn headers_and_passwords_go_to_the_target_site_and_to_nobody_else() {
    let _turn = support::turn("bad input");
    let (port, heads) = heads();
    let start = format!("http://www.own.example:{port}/");
    let args = [
        "scan",
        &start,
        "--resolve",
        "*::127.0.0.1",
        "--settle",
        "500ms",
        "--no-progress",
        "--report",
        "json",
        "--header",
        "X-Staging: open-sesame",
        "--basic-auth",
        "ann:b:c",
        "--locale",
        "cy-GB",
        "--user-agent",
        "Quiet Browser 1",
    ];
    let run = crumbcheck(&args.map(str::to_owned));
    let report = run.json.as_ref().unwrap_or_else(|| panic!("{}", run.stderr));
    assert_eq!(report["scan"]["user_agent"], "Quiet Browser 1");
    let heads = heads.lock().unwrap();
    let (mut own, mut third) = (0, 0);
    for head in heads.iter() {
        let tells = head.contains("x-staging: open-sesame");
        // "ann:b:c", lower case as all of the head is.
        let password = head.contains("authorization: basic yw5uomi6yw==");
        if head.contains("host: third.example") {
            third += 1;
            assert!(!tells && !head.contains("authorization"), "{head}");
        } else {
            own += 1;
            if own == 1 {
                // It finds out whether the target leads to https, and says nothing yet.
                assert!(!tells && !password && head.contains("quiet browser 1"), "{head}");
                continue;
            }
            assert!(tells && password, "{head}");
        }
        assert!(
            head.contains("quiet browser 1") && head.contains("accept-language: cy-gb"),
            "{head}"
        );
    }
    assert!(own >= 6 && third >= 3, "{own} own, {third} third");
    assert!(!run.stdout.contains("supersecretvalue123"));
}

#[test]
fn a_recording_is_judged_the_same_again_without_a_browser() {
    let server = SiteServer::start(site()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let recording = dir.path().join("scan.json").display().to_string();
    let run = scan(
        &server,
        &format!("https://{HOST}/polls.html"),
        &["--insecure", "--record", &recording],
    );
    let first = run.json.expect("a report");
    let again = || {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_crumbcheck"))
            .args(["audit", &recording, "--report", "json"])
            .env("PATH", "/nowhere")
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = again();
    assert_eq!(again(), (code, text.clone()));
    assert_eq!(code, run.code);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), first);
    let kept = fs::read_to_string(&recording).unwrap();
    assert!(!kept.contains("supersecretvalue"), "a value was kept");
}

#[test]
fn without_a_browser_the_way_to_one_is_told() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_crumbcheck"))
        .args(["scan", "https://www.bad.example/", "--no-progress"])
        .env("PATH", "/nowhere")
        .env_remove("CHROME")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("no Chrome or Chromium found") && said.contains("--chrome"), "{said}");
}

#[test]
fn a_recording_that_cannot_be_written_costs_neither_the_report_nor_later_targets() {
    let server = SiteServer::start(site()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let recording = dir.path().join("scan.json");
    // A device that is always full.
    std::os::unix::fs::symlink("/dev/full", &recording).unwrap();
    let recording = recording.display().to_string();
    let (url, again) = (format!("https://{HOST}/slow-image.html"), format!("https://{HOST}/"));
    let args = ["--insecure", "--passes", "none", "--record", &recording, &again];
    let run = scan(&server, &url, &args);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("cannot write"), "{}", run.stderr);
    let reports = run.json.expect("reports");
    // One pass leaves rules open; what counts is that both targets were scanned and reported.
    let codes: Vec<&Value> =
        reports.as_array().unwrap().iter().map(|it| &it["exit_code"]).collect();
    assert_eq!(codes, [4, 4], "{}", run.stderr);
    assert!(dir.path().join("scan-2.json").exists());
}
