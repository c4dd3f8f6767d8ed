//! What the user gave for the target's own site reaches that site, encrypted if the target is, and nobody else, and is
//! written nowhere: the real program runs against a server that plays every host.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::fs;

use crate::support::{
    crumbcheck,
    stage::{NOTICE, Play, Sent, Stage, html, not_found, redirect, xml},
};

/// Runs the program with every host led to the stage and both kinds of secrets given.
fn run(stage: &Stage, args: &[&str]) -> crate::support::Run {
    let secrets = ["--header", "X-Staging: open-sesame", "--basic-auth", "ann:b:c"];
    stage.run(&[args, &secrets[..]].concat())
}

fn scan(stage: &Stage, target: &str, args: &[&str]) -> crate::support::Run {
    let secrets = ["--header", "X-Staging: open-sesame", "--basic-auth", "ann:b:c"];
    stage.scan(target, &[&["--passes", "none"], args, &secrets[..]].concat())
}

/// Asserts that requests to `own`, over the given schemes, carried the secrets, and that nothing else did.
fn only(stage: &Stage, own: &str, clear_text: bool) {
    let sent = stage.sent();
    let is_own = |it: &Sent| it.host.ends_with(own) && (it.secure || clear_text);
    let header = |it: &Sent| it.head.contains("open-sesame");
    // "ann:b:c", lower case as all of the head is.
    let password = |it: &Sent| it.head.contains("authorization: basic yw5uomi6yw==");
    let any = |it: &Sent| header(it) || it.head.contains("authorization:");
    let leaks: Vec<_> = sent.iter().filter(|it| any(it) && !is_own(it)).collect();
    assert!(leaks.is_empty(), "secrets were sent to {leaks:#?}");
    let lacks: Vec<_> =
        sent.iter().filter(|it| is_own(it) && !(header(it) && password(it))).collect();
    assert!(lacks.is_empty(), "secrets were not sent to {lacks:#?}");
    assert!(sent.iter().any(is_own), "{own} was never contacted");
}

#[test]
fn the_browser_sends_them_to_the_own_site_and_scheme_only() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html(
            // The address of the page in that of a pixel, as trackers have it, matches what the browser is told to
            // hold requests by.
            "<h1>Welcome</h1><img src='https://pixel.example/p.gif?of=https://www.own.example/page' alt=''>\
             <img src='https://own.example.pixel.example/q.gif' alt=''><img src=/jump.gif alt=''>\
             <script src='https://static.own.example/own.js'></script>\
             <iframe src='https://frame.example/?of=https://www.own.example:443/'></iframe>",
        ),
        ("www.own.example", "/jump.gif") => redirect("https://landed.example/jump.gif"),
        ("www.own.example", "/away") => redirect("https://away.example/landed"),
        ("www.own.example", "/down") => redirect("http://www.own.example/plain"),
        ("frame.example" | "away.example", _) => {
            html("<h1>Elsewhere</h1><img src='https://www.own.example/back.gif' alt=''>")
        }
        (_, "/plain") => html("<h1>Plain</h1><p>Words."),
        _ => not_found(),
    });
    scan(
        &stage,
        "https://www.own.example/",
        &["--page", "/away", "--page", "/down", "--page", "http://sub.own.example/plain"],
    );
    only(&stage, "own.example", false);
    stage.got(true, "pixel.example", "/p.gif?of=https://www.own.example/page");
    stage.got(true, "own.example.pixel.example", "/q.gif");
    stage.got(true, "landed.example", "/jump.gif");
    stage.got(true, "static.own.example", "/own.js");
    stage.got(true, "frame.example", "/?of=https://www.own.example:443/");
    stage.got(true, "www.own.example", "/back.gif");
    stage.got(true, "away.example", "/landed");
    stage.got(false, "www.own.example", "/plain");
    stage.got(false, "sub.own.example", "/plain");
}

#[test]
fn a_foreign_notice_and_the_list_of_a_consent_manager_get_none() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html(
            "<h1>Welcome</h1><script src='https://consent.cookiebot.com/1/cc.js'></script>\
             <script src='https://cdn.cookielaw.org/consent/1/2/en.json'></script>\
             <a href='https://policies.vendor.example/cookies'>Cookie policy</a>",
        ),
        ("policies.vendor.example", "/cookies") => redirect("https://moved.vendor.example/cookies"),
        ("moved.vendor.example", "/cookies") => html(NOTICE),
        _ => not_found(),
    });
    let run = scan(&stage, "https://www.own.example/", &[]);
    only(&stage, "own.example", false);
    stage.got(true, "policies.vendor.example", "/cookies");
    stage.got(true, "moved.vendor.example", "/cookies");
    for host in ["consent.cookiebot.com", "cdn.cookielaw.org"] {
        let ours = stage.sent().iter().filter(|it| it.host == host && !it.by_browser()).count();
        assert_eq!(ours, 1, "{host} was not fetched outside the browser");
    }
    assert!(run.stdout.contains("moved.vendor.example"), "the foreign notice was not read");
}

#[test]
fn what_a_site_map_or_a_redirect_names_gets_none() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html("<h1>Welcome</h1><p>Words and more words."),
        ("www.own.example", "/sitemap.xml") => {
            xml("<sitemapindex><sitemap><loc>https://thief.example/map.xml</loc></sitemap>\
             <sitemap><loc>http://www.own.example/plain-map.xml</loc></sitemap>\
             <sitemap><loc>https://127.0.0.1/map.xml</loc></sitemap></sitemapindex>")
        }
        ("www.own.example", "/plain-map.xml") => {
            xml("<urlset><url><loc>https://thief.example/cookies</loc></url>\
             <url><loc>http://www.own.example/our-cookies</loc></url></urlset>")
        }
        ("www.own.example", "/cookies") => redirect("https://thief.example/cookies"),
        ("www.own.example", "/privacy") => redirect("http://www.own.example/plain-privacy"),
        _ => not_found(),
    });
    scan(&stage, "https://www.own.example/", &[]);
    only(&stage, "own.example", false);
    stage.got(true, "www.own.example", "/sitemap.xml");
    stage.got(false, "www.own.example", "/plain-map.xml");
    stage.got(false, "www.own.example", "/our-cookies");
    stage.got(false, "www.own.example", "/plain-privacy");
    // Where a redirect leads is fetched; a host that the map names is not even contacted.
    stage.got(true, "thief.example", "/cookies");
    let sent = stage.sent();
    assert!(!sent.iter().any(|it| it.path == "/map.xml"), "a map of another host was fetched");
}

#[test]
fn a_target_in_clear_text_that_leads_to_https_gets_them_encrypted_only() {
    let plays: [Play; 2] = [
        |host, path, secure| match (host, path, secure) {
            ("www.own.example", "/", false) => redirect("https://www.own.example/"),
            ("www.own.example", "/", true) => html(WELCOME),
            _ => not_found(),
        },
        |host, path, secure| match (host, path, secure) {
            ("www.own.example", "/", false) => {
                html("<meta http-equiv=refresh content='0;url=https://www.own.example/'>")
            }
            ("www.own.example", "/", true) => html(WELCOME),
            _ => not_found(),
        },
    ];
    for play in plays {
        let stage = Stage::open(play);
        scan(&stage, "http://www.own.example/", &[]);
        stage.got(false, "www.own.example", "/");
        stage.got(true, "www.own.example", "/");
        stage.got(true, "pixel.example", "/p.gif");
        for it in stage.sent() {
            let carries =
                it.head.contains("open-sesame") && it.head.contains("authorization: basic");
            let may = it.secure && it.host.ends_with("own.example");
            // What finds out where the target leads carries none either.
            assert!(if may { carries || !it.by_browser() } else { !carries }, "{it:#?}");
        }
    }
}

const WELCOME: &str = "<h1>Welcome</h1><img src='https://pixel.example/p.gif' alt=''>";

/// The first request finds out whether the site is reached by https, and carries none.
#[test]
fn a_target_that_stays_in_clear_text_gets_them_so() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => {
            html("<h1>Welcome</h1><img src='http://pixel.example/p.gif' alt=''>")
        }
        _ => not_found(),
    });
    scan(&stage, "http://www.own.example/", &[]);
    let sent = stage.sent();
    let own: Vec<bool> = sent
        .iter()
        .filter(|it| it.host == "www.own.example" && it.path == "/")
        .map(|it| it.head.contains("x-staging"))
        .collect();
    assert!(own.len() > 1 && !own[0] && own[1..].iter().all(|it| *it), "{own:?}");
    stage.got(false, "pixel.example", "/p.gif");
    assert!(!sent.iter().any(|it| it.host == "pixel.example" && it.head.contains("x-staging")));
}

#[test]
fn the_target_of_the_notice_command_is_its_address() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/cookies") => redirect("http://www.own.example/plain"),
        ("www.own.example", "/plain") => redirect("https://vendor.example/cookies"),
        ("vendor.example", "/cookies") => redirect("https://own.example/notice"),
        ("own.example", "/notice") => html(NOTICE),
        _ => not_found(),
    });
    let run = run(&stage, &["notice", "https://www.own.example/cookies"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    only(&stage, "own.example", false);
    stage.got(false, "www.own.example", "/plain");
    stage.got(true, "vendor.example", "/cookies");
    stage.got(true, "own.example", "/notice");
}

#[test]
fn lists_of_several_sites_are_not_fetched_with_secrets() {
    let stage = Stage::open(|_, _, _| not_found());
    let run = run(
        &stage,
        &[
            "data",
            "update",
            "--list",
            "one=https://one.example/list.txt",
            "--list",
            "two=https://two.example/list.txt",
        ],
    );
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(stage.sent().is_empty(), "{:?}", stage.sent());
}

/// A name and password in the address are used as basic auth, and stand in nothing that is written or shown.
#[test]
fn a_login_in_an_address_is_used_and_shown_nowhere() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => {
            html("<h1>Welcome</h1><img src=/own.gif alt=''><a href=/cookies>Cookies</a>")
        }
        ("www.own.example", "/cookies") => html(NOTICE),
        _ => not_found(),
    });
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let reports = ["terminal", "json", "html"].map(|it| format!("{it}={}", path(it)));
    let recording = path("recording");
    let mut args = vec!["scan", "https://ann:hunter2@www.own.example/", "--settle", "500ms"];
    args.extend(["--passes", "none", "--record", &recording]);
    args.extend(["--page", "https://ann:hunter2@www.own.example/cookies"]);
    for report in &reports {
        args.extend(["--report", report]);
    }
    let run = stage.run(&args);
    // "ann:hunter2", lower case as all of the head is.
    let secret = "authorization: basic yw5uomh1bnrlcji=";
    assert!(stage.sent().iter().all(|it| it.head.contains(secret)), "{:#?}", stage.sent());
    let mut written = format!("{}{}", run.stdout, run.stderr);
    for name in ["terminal", "json", "html", "recording"] {
        let text = fs::read_to_string(path(name)).unwrap();
        assert!(text.contains("www.own.example"), "{name}");
        written.push_str(&text);
    }
    for secret in ["hunter2", "YW5uOmh1bnRlcjI"] {
        assert!(!written.contains(secret), "{secret} was written: {written}");
    }
    let read = stage.run(&["notice", "https://ann:hunter2@www.own.example/cookies"]);
    assert_eq!(read.code, Some(0), "{}", read.stderr);
    assert!(!format!("{}{}", read.stdout, read.stderr).contains("hunter2"));
}

#[test]
fn secrets_in_files_and_tokens_in_an_address_are_used_and_shown_nowhere() {
    let stage =
        Stage::open(|host, path, _| match (host, path.split('?').next().unwrap_or_default()) {
            ("www.own.example", "/") => html("<h1>Welcome</h1><a href=/cookies>Cookies</a>"),
            ("www.own.example", "/cookies") => html(NOTICE),
            _ => not_found(),
        });
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("headers"), "# for staging\nX-Staging: hunter2-header\n").unwrap();
    fs::write(path("login"), "ann:hunter2\n").unwrap();
    let reports = ["terminal", "json", "html"].map(|it| format!("{it}={}", path(it)));
    let (recording, headers, login) =
        (path("recording"), path("headers"), format!("@{}", path("login")));
    let mut args =
        vec!["scan", "https://www.own.example/?preview_token=hunter2", "--settle", "500ms"];
    args.extend(["--passes", "none", "--record", &recording, "--page", "/cookies?key=hunter2"]);
    args.extend(["--header-file", &headers, "--basic-auth", &login]);
    for report in &reports {
        args.extend(["--report", report]);
    }
    let run = stage.run(&args);
    stage.got(true, "www.own.example", "/?preview_token=hunter2");
    for secret in ["authorization: basic yw5uomh1bnrlcji=", "x-staging: hunter2-header"] {
        assert!(stage.sent().iter().all(|it| it.head.contains(secret)), "{:#?}", stage.sent());
    }
    let mut written = format!("{}{}", run.stdout, run.stderr);
    for name in ["terminal", "json", "html", "recording"] {
        written.push_str(&fs::read_to_string(path(name)).unwrap());
    }
    for secret in ["hunter2", "YW5uOmh1bnRlcjI"] {
        assert!(!written.contains(secret), "{secret} was written: {written}");
    }
    let read = stage.run(&["notice", "https://www.own.example/cookies?token=hunter2"]);
    assert_eq!(read.code, Some(0), "{}", read.stderr);
    assert!(!format!("{}{}", read.stdout, read.stderr).contains("hunter2"));
    for args in
        [["--basic-auth-env", "ann:hunter2"], ["--basic-auth", "@"], ["--header-file", "/nowhere"]]
    {
        let mut all = vec!["scan", "https://www.own.example/"];
        all.extend(args);
        let run = stage.run(&all);
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.stderr);
        assert!(!run.stderr.contains("hunter2"), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn a_value_that_is_mistyped_is_not_repeated() {
    for args in [
        ["--basic-auth", "hunter2"],
        ["--header", "hunter2"],
        ["--header", "hunter2 x: y"],
        ["--header", "X-Token: hunter2\u{1}"],
        ["--proxy", "http://ann:hunter2@proxy.example:3128"],
        ["--proxy", "hunter2"],
    ] {
        let all = ["scan", "https://www.own.example/", args[0], args[1]].map(str::to_owned);
        let run = crumbcheck(&all);
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.stderr);
        assert!(
            run.stderr.starts_with("error: ") && run.stderr.contains(args[0]),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("hunter2"), "{args:?}: {}", run.stderr);
    }
    let run = crumbcheck(&["scan".to_owned(), "https://ann:hunter2@:99999/".to_owned()]);
    assert!(run.code == Some(2) && !run.stderr.contains("hunter2"), "{}", run.stderr);
}

#[test]
fn a_report_names_the_file_of_a_notice_and_not_the_folders_it_is_in() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html("<h1>Welcome</h1><p>Words."),
        _ => not_found(),
    });
    let folder = tempfile::Builder::new().prefix("secret-client").tempdir().unwrap();
    let notice = folder.path().join("cookies.html");
    fs::write(&notice, NOTICE).unwrap();
    let recording = folder.path().join("scan.json").display().to_string();
    let notice = notice.display().to_string();
    let args = ["--passes", "none", "--notice", &notice, "--record", &recording];
    let run = stage.scan("https://www.own.example/", &args);
    let written = run.stdout + &fs::read_to_string(recording).unwrap();
    assert!(written.contains("cookies.html") && !written.contains("secret-client"), "{written}");
}
