//! What a page can see of being watched, and what it does for browsers with windows.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use crate::support::stage::{Answer, NOTICE, Stage, html, not_found};

/// Looks for properties of `window` that no browser has, and for functions that do not show as native ones: of every
/// interface, getters and setters among them. Sends home what it found.
const LOOKS: &str = r#"<!doctype html><title>Looks</title><h1>Looks</h1><p>Words that a page has.</p>
<script>
  const odd = [];
  const native = /^function (get |set )?[\w$.\[\] -]+\(\) \{ \[native code\] \}$/;
  const shows = (where, it) => {
    if (typeof it === "function" && !/^class /.test(`${it}`) && !native.test(`${it}`)) odd.push(where);
  };
  const mine = ["odd", "native", "shows", "own", "looks"];
  for (const name of Reflect.ownKeys(window)) {
    if (typeof name === "symbol" || mine.includes(name)) continue;
    if (/^_|\d{4}|[0-9a-f]{8}|crumb|hook|cdc/i.test(name)) odd.push(`window.${name}`);
    const { value, get, set } = Object.getOwnPropertyDescriptor(window, name);
    for (const it of [value, get, set]) shows(name, it);
    const proto = /^[A-Z]/.test(name) && typeof value === "function" ? value.prototype : null;
    for (const own of proto ? Reflect.ownKeys(proto) : []) {
      const { value, get, set } = Object.getOwnPropertyDescriptor(proto, own);
      for (const it of [value, get, set]) shows(`${name}.${String(own)}`, it);
    }
  }
  for (const it of [chrome.csi, chrome.loadTimes, navigator.plugins.item]) shows("stand-in", it);
  document.cookie = "seen=1; Max-Age=99999";
  document.cookie = "gone=1"; document.cookie = "gone=; Max-Age=0";
  localStorage.setItem("kept", "1");
  new Image().src = `/found?${odd.length}-${encodeURIComponent(odd.slice(0, 20).join(","))}`;
</script>"#;

#[test]
fn a_page_sees_no_property_and_no_function_of_ours() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html(LOOKS),
        _ => not_found(),
    });
    let run = stage.scan("https://www.own.example/", &["--passes", "none"]);
    let sent = stage.sent();
    let found: Vec<&str> =
        sent.iter().map(|it| it.path.as_str()).filter(|it| it.starts_with("/found?")).collect();
    assert!(!found.is_empty() && found.iter().all(|it| *it == "/found?0-"), "{found:?}");
    // What it wrote was seen all the same, with who wrote it.
    let report = run.json.unwrap();
    let cookies = report["cookies"].as_array().unwrap();
    let seen = cookies.iter().find(|it| it["name"] == "seen").expect("the cookie");
    assert!(seen.to_string().contains(r#""script""#), "{seen}");
    assert!(cookies.iter().any(|it| it["name"] == "gone"), "{cookies:#?}");
    assert!(report["storage"].to_string().contains("kept"), "{}", report["storage"]);
}

#[test]
fn what_a_page_replaces_does_not_hide_what_it_writes() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html(
            "<title>Own</title><h1>Own</h1><p>Words that a page has.</p><script>
            Error.prepareStackTrace = () => ({}); Array.prototype[Symbol.iterator] = null;
            String.prototype.split = String.prototype.trim = null;
            Array.prototype.slice = Array.prototype.join = Array.prototype.includes = null;
            document.cookie = 'behind=1; Max-Age=99999'; localStorage.setItem('beneath', '1');
            </script>",
        ),
        _ => not_found(),
    });
    let run = stage.scan("https://www.own.example/", &["--passes", "none"]);
    let report = run.json.unwrap();
    for (list, name) in [("cookies", "behind"), ("storage", "beneath")] {
        let items = report[list].as_array().unwrap();
        let item = items.iter().map(ToString::to_string).find(|it| it.contains(name)).unwrap();
        assert!(item.contains(r#""script""#), "{item}");
    }
}

fn icon(name: &str) -> Answer {
    let cookie = format!("set-cookie: {name}=4f1d2c3b; Max-Age=31536000; Secure; SameSite=None");
    (200, vec!["content-type: image/x-icon".to_owned(), cookie], String::new())
}

/// A browser with windows asks for icons, and sites know it.
#[test]
fn the_icons_of_a_page_are_fetched_once_in_each_pass() {
    let stage = Stage::open(|host, path, _| match (host, path) {
        ("www.own.example", "/") => html(
            "<title>Icons</title><link rel='shortcut icon' href='https://icons.vendor.example/i.png'>\
             <link rel=icon media=print href=/print.ico><link rel=apple-touch-icon href=/touch.png>\
             <link rel=icon href='http://127.0.0.1:9/inside.ico'>\
             <h1>Icons</h1><p>Words that a page has.</p><a href=/cookies>Cookies</a>",
        ),
        ("www.own.example", "/cookies") => html(NOTICE),
        ("icons.vendor.example", "/i.png") => icon("vendor_icon"),
        ("www.own.example", "/favicon.ico") => icon("usual_icon"),
        _ => not_found(),
    });
    let hosts = ["www.own.example", "icons.vendor.example"];
    let run = stage.scan_only("https://www.own.example/", &hosts, &["--passes", "none"]);
    let report = run.json.unwrap();
    let cookies = report["cookies"].to_string();
    for name in ["vendor_icon", "usual_icon"] {
        assert!(cookies.contains(name), "{name}: {cookies}");
    }
    let times = |path: &str| {
        let by_us = stage.sent().into_iter().filter(|it| it.path == path);
        by_us.filter(|it| it.head.contains("crumbcheck/")).count()
    };
    assert_eq!(times("/i.png"), 1, "{:?}", stage.sent());
    // The notice names none.
    assert_eq!(times("/favicon.ico"), 1, "{:?}", stage.sent());
    assert_eq!(times("/print.ico") + times("/touch.png"), 0, "{:?}", stage.sent());
    let text = report.to_string();
    assert!(text.contains("which is inside a network"), "the address was not refused: {text}");
}

/// What a program draws, at a route of it and in a shadow root, is what visitors read.
#[test]
fn the_notice_at_an_address_is_read_with_what_scripts_draw() {
    let stage = Stage::open(|host, path, _| {
        match (host, path) {
        ("www.own.example", "/") => html(
            "<title>Own</title><div id=app>Loading</div><script>
            const rows = '<table><tr><th>Name<th>Purpose<th>Expires<tr><td>own_tab<td>Keeps your tab<td>1 month</table>';
            const draw = () => {
                app.innerHTML = location.hash === '#/cookies'
                    ? '<h1>Cookies</h1><p>This site keeps small files on your device. We use these cookies:</p><x-list></x-list>'
                    : '<h1>Welcome</h1>';
                for (const it of document.querySelectorAll('x-list')) it.attachShadow({ mode: 'closed' }).innerHTML = rows;
            };
            onhashchange = draw;
            setTimeout(draw, 200);
            </script>",
        ),
        _ => not_found(),
    }
    });
    let run = stage.run(&["notice", "https://www.own.example/#/cookies", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let notice = run.json.expect("a notice");
    assert_eq!(notice["declarations"][0]["patterns"][0], "own_tab", "{notice}");
    assert_eq!(notice["source"], "https://www.own.example/#/cookies");
    let gone = stage.run(&["notice", "https://www.own.example/nowhere"]);
    assert_eq!(gone.code, Some(3), "{}", gone.stdout);
    assert!(gone.stderr.contains("404"), "{}", gone.stderr);
}
