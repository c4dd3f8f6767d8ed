//! With a real browser, against a server of this machine.

use std::sync::Arc;

use super::{
    checkpoint,
    context::BrowserContext,
    page::{Limits, LoadState, Tab},
};
use crate::{
    demo::{Site, SiteServer},
    gather::{
        browser::process::{self, Browser},
        cdp::connection::Cdp,
        record::{
            event_log::EventLog,
            recorder::{Hub, Recorder, Setup},
            sessions::ContextOptions,
        },
        secrets::SiteSecrets,
    },
    recording::{Event, EventKind, Moment, redact::Redactor},
};

/// Two sites whose pages write, request, embed a frame and go on for a while.
fn sites() -> Site {
    const PAGE: &str = "<!doctype html><html lang=en><title>NAME</title><h1>NAME</h1><iframe src=/frame.html></iframe>\
        <script>localStorage.setItem('NAME', '1'); let n = 0;\
        const timer = setInterval(() => { n += 1; document.cookie = 'NAME' + n + '=1; path=/'; fetch('/poll?n=' + n);\
            if (n === 15) clearInterval(timer) }, 60);</script><img src=/slow.gif>";
    const FRAME: &str =
        "<!doctype html><title>F</title><script>document.cookie = 'NAMEframe=1'</script>";
    let mut files = Vec::new();
    let mut site = "start = 'https://www.one.example/'\n".to_owned();
    for name in ["one", "two"] {
        for (path, text) in [("index.html", PAGE), ("frame.html", FRAME)] {
            let text = text.replace("NAME", name).into_bytes();
            files.push((format!("www.{name}.example/{path}"), text));
        }
        site += &format!(
            "[[route]]\nhost = 'www.{name}.example'\npath = '/slow.gif'\nbody = 'x'\ndelay_ms = 900\n\
             [[route]]\nhost = 'www.{name}.example'\npath = '/poll'\nbody = '{{}}'\n"
        );
    }
    site += "[expect]\nexit = 1\n";
    files.push(("site.toml".to_owned(), site.into_bytes()));
    Site::from_files("tabs", files, vec![("routes.toml".to_owned(), b"route = []".to_vec())])
        .unwrap()
}

struct Started {
    browser: Browser,
    cdp: Cdp,
    context: BrowserContext,
    _server: SiteServer,
}

async fn start() -> Started {
    let server = SiteServer::start(sites()).unwrap();
    let path = process::find(None).unwrap();
    let flags = [
        format!("--host-resolver-rules=MAP * 127.0.0.1:{}", server.port()),
        "--ignore-certificate-errors".to_owned(),
    ];
    let (browser, cdp, events) = Browser::launch(&path, &flags).unwrap();
    let setup = Setup {
        user_agent: "Mozilla/5.0 test".to_owned(),
        languages: "en-GB,en".to_owned(),
        viewport: (1366, 900, false),
        refuses_private: None,
    };
    let (hub, _) = Hub::start(cdp.clone(), events, setup).await.unwrap();
    let never = tokio::sync::watch::channel(false).1;
    let recorder: Arc<Recorder> = hub.for_scan(SiteSecrets::default(), never);
    let second = std::time::Duration::from_secs(1);
    let limits = Limits { timeout: 20 * second, settle: Some(second), patience: second };
    let log = EventLog::new(Redactor::Keep);
    let context =
        BrowserContext::open(&recorder, log, limits, ContextOptions::default()).await.unwrap();
    Started { browser, cdp, context, _server: server }
}

/// What an event says that only one of the two sites can have caused.
fn names(event: &Event) -> String {
    match &event.kind {
        EventKind::Request { url, .. } | EventKind::Response { url, .. } => url.to_string(),
        EventKind::ScriptCookie { header, .. } => header.clone(),
        EventKind::StorageSet { item, .. } => item.origin.clone(),
        _ => String::new(),
    }
}

async fn visit(tab: &Tab, url: &str, visit: usize) {
    assert_eq!(tab.go(url, visit).await, LoadState::Loaded, "{url}");
    let known = std::collections::BTreeSet::new();
    tab.final_rest(std::time::Instant::now(), true, &known).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_of_one_context_load_at_once_and_each_event_is_put_down_to_its_own() {
    let started = start().await;
    let context = &started.context;
    let one = context.open_tab(0).await.unwrap();
    let two = context.open_tab(1).await.unwrap();
    tokio::join!(
        visit(&one, "https://www.one.example/", 0),
        visit(&two, "https://www.two.example/", 1),
    );
    // Each knows its own document and its own frames.
    assert_eq!(one.state.document().url, "https://www.one.example/");
    assert_eq!(two.state.document().url, "https://www.two.example/");
    let shared: Vec<String> =
        one.frame_sessions().into_iter().filter(|it| two.frame_sessions().contains(it)).collect();
    assert!(shared.is_empty() && !one.frame_sessions().is_empty(), "{shared:?}");
    // A checkpoint has the jar of both and the storage of its own tab.
    let (checkpoint, problems) = checkpoint::read(&two, 1, Moment::Page).await;
    assert!(problems.is_empty(), "{problems:?}");
    let origins: Vec<&str> = checkpoint.storage.iter().map(|it| it.origin.as_str()).collect();
    assert_eq!(origins, ["https://www.two.example"]);
    assert!(checkpoint.jar.iter().any(|it| it.name == "one1"), "the jar is that of the context");
    // One that dies takes nothing of the other with it.
    two.end_renderer().await;
    for _ in 0..100 {
        if two.state.is_crashed() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(two.state.is_crashed() && !one.state.is_crashed());
    visit(&one, "https://www.one.example/?again", 2).await;

    let events = context.log.close();
    let mut counts = [[0_usize; 3]; 2];
    for event in &events {
        let text = names(event);
        for (site, name) in ["one", "two"].into_iter().enumerate() {
            if text.contains(&format!("www.{name}.example")) || text.starts_with(name) {
                counts[site][event.visit] += 1;
            }
        }
    }
    let [ones, twos] = counts;
    assert!(ones[0] > 30 && twos[1] > 30 && ones[2] > 30, "{counts:?}");
    assert_eq!((ones[1], twos[0], twos[2]), (0, 0, 0), "{counts:?}");
    // They did load at once.
    let times = |visit: usize| {
        let all = || events.iter().filter(move |it| it.visit == visit && !names(it).is_empty());
        (all().map(|it| it.at).min().unwrap(), all().map(|it| it.at).max().unwrap())
    };
    let ((first, _), (second, end)) = (times(1), times(0));
    assert!(
        first < end && second < times(1).1,
        "one after the other: {:?} {:?}",
        times(0),
        times(1)
    );
    started.context.dispose().await;
    started.browser.close(&started.cdp).await;
}
