//! Several sites in one scan: they share a browser, and neither what one of them does nor that one cannot be scanned shows in
//! the reports on the others.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path};

use crumbcheck::{
    demo::{Site, SiteServer},
    gather::find_browser,
};
use serde_json::Value;

use crate::support;

/// Sites of three origins that are alike but for their names, and one that never answers.
const NAMES: [&str; 3] = ["one", "two", "three"];
const MUTE: &str = "https://www.jobs-mute.example/";

fn sites() -> Site {
    let mut files = Vec::new();
    let mut toml = "start = 'https://www.jobs-one.example/'\n[expect]\nexit = 1\n\
        [[route]]\nhost = 'www.jobs-mute.example'\npath = '/'\nhang = true\n"
        .to_owned();
    for name in NAMES {
        let host = format!("www.jobs-{name}.example");
        let page = format!(
            "<!doctype html><html lang=en><title>{name}</title><h1>{name}</h1>\
             <div id=b role=region aria-label=Cookies><p>We use cookies to count visits.</p>\
             <button onclick=\"pick('yes')\">Accept cookies</button> <button onclick=\"pick('no')\">Reject cookies</button></div>\
             <script>b.hidden = /answer=/.test(document.cookie); document.cookie = 'early_{name}=1; max-age=31536000; path=/; secure';\
             function pick(it) {{ document.cookie = 'answer=' + it + '; max-age=31536000; path=/; secure'; b.hidden = true }}</script>\
             <img src=https://pixel.jobs-{name}-far.example/i.gif alt=''><a href=/about>About</a></html>"
        );
        files.push((format!("{host}/index.html"), page.clone().into_bytes()));
        files.push((format!("{host}/about.html"), page.into_bytes()));
        toml += &format!(
            "[[route]]\nhost = 'pixel.jobs-{name}-far.example'\npath = '*'\nstatus = 204\n\
             headers = ['set-cookie: far_{name}=1; Max-Age=31536000; Secure; SameSite=None']\n"
        );
    }
    files.push(("site.toml".to_owned(), toml.into_bytes()));
    let shared = vec![("routes.toml".to_owned(), b"route = []".to_vec())];
    Site::from_files("jobs", files, shared).unwrap()
}

/// A browser that writes a line into `starts` each time it is started, but for being asked for its version.
fn counted_browser(folder: &Path, starts: &Path) -> String {
    let browser = find_browser(None).unwrap();
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] || echo started >> '{}'\nexec '{}' \"$@\"\n",
        starts.display(),
        browser.display()
    );
    let path = folder.join("chromium-headless-counted");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// What a report says was stored and who was contacted.
fn names(report: &Value) -> BTreeSet<&str> {
    let all = |list: &str, key: &'static str| {
        report[list].as_array().unwrap().iter().filter_map(move |it| it[key].as_str()).collect()
    };
    let (cookies, hosts): (BTreeSet<&str>, BTreeSet<&str>) =
        (all("cookies", "name"), all("hosts", "host"));
    cookies.union(&hosts).copied().collect()
}

#[test]
fn several_sites_share_a_browser_and_nothing_else() {
    let _turn = support::turn("jobs");
    let server = SiteServer::start(sites()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (reports, starts) = (folder.path().join("reports/"), folder.path().join("starts"));
    let all = folder.path().join("all.json");
    fs::create_dir(&reports).unwrap();
    let mut args = vec!["scan".to_owned()];
    args.extend(NAMES.map(|name| format!("https://www.jobs-{name}.example/")));
    // In the middle of the others.
    args.insert(2, MUTE.to_owned());
    args.extend(
        ["--jobs", "4", "--passes", "none,reject", "--timeout", "12s", "--insecure"]
            .map(str::to_owned),
    );
    args.extend(["--no-progress".to_owned(), "--connect-to".to_owned(), server.connect_to()]);
    args.extend(["--dns-server".to_owned(), server.name_server().to_string()]);
    args.extend(["--chrome".to_owned(), counted_browser(folder.path(), &starts)]);
    args.extend(["--report".to_owned(), format!("json={}", reports.display())]);
    args.extend(["--report".to_owned(), format!("json={}", all.display())]);
    let run = support::crumbcheck(&args);
    // One site could not be seen, which is worse than findings.
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert_eq!(run.stderr.matches("error: ").count(), 1, "{}", run.stderr);
    assert_eq!(fs::read_to_string(&starts).unwrap().lines().count(), 1, "browsers were started");
    assert!(run.left_behind.is_empty(), "{:?}", run.left_behind);

    for name in NAMES {
        let path =
            format!("{}/www.jobs-{name}.example.json", folder.path().join("reports").display());
        let report: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let expected: BTreeSet<String> = [
            format!("early_{name}"),
            "answer".to_owned(),
            format!("far_{name}"),
            format!("www.jobs-{name}.example"),
            format!("pixel.jobs-{name}-far.example"),
        ]
        .into();
        let found: BTreeSet<String> = names(&report).into_iter().map(str::to_owned).collect();
        assert!(expected.is_subset(&found), "{name}: {found:?}");
        let others = NAMES.iter().filter(|it| **it != name);
        for other in others {
            assert!(found.iter().all(|it| !it.contains(other)), "{name}: {found:?}");
        }
        let reject = support::banners::pass(&report, "reject").unwrap();
        assert_eq!(reject["outcome"], "done", "{name}: {}", reject["why"]);
    }

    // In the order of the targets, whichever ended first.
    let together: Value = serde_json::from_str(&fs::read_to_string(&all).unwrap()).unwrap();
    let targets: Vec<&str> = together
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["scan"]["target"].as_str().unwrap())
        .collect();
    let [one, two, three] = NAMES.map(|name| format!("https://www.jobs-{name}.example/"));
    assert_eq!(targets, [&one, MUTE, &two, &three]);
}
