//! What came before a choice and what came after it: the recording, the server's log and the page's own clock agree,
//! on a machine that is busy with something else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crumbcheck::{
    demo::Site,
    model::Pass,
    recording::{EventKind, PassRecording},
};

use crate::support::{self, Run};

/// A page that writes a cookie and requests an image every 10 ms until a button of its banner is pressed, and then
/// tells the server how often it did, and when the press was.
const PAGE: &str = "<!doctype html><html lang=en><title>Ticks</title><h1>Ticks</h1>\
    <div id=b role=region aria-label=Cookies><p>We use cookies to count visits.</p>\
    <button onclick=pick('yes')>Accept cookies</button> <button onclick=pick('no')>Reject cookies</button></div>\
    <script>let n = 0, timer;\
    if (/answer=/.test(document.cookie)) { b.hidden = true } else { timer = setInterval(() => {\
        n += 1; document.cookie = 'tick=' + n + '; path=/'; new Image().src = '/tick.gif?n=' + n }, 10) }\
    function pick(it) { const at = performance.timeOrigin + performance.now(); clearInterval(timer);\
        document.cookie = 'answer=' + it + '; max-age=99999; path=/'; b.hidden = true;\
        fetch('/chosen.txt?ticks=' + n + '&at=' + at) }</script>";

/// What the page said of its press: how many ticks came before, and the time in milliseconds since 1970.
struct Said {
    ticks: usize,
    at: f64,
}

#[test]
fn what_came_before_the_press_is_dated_before_it_under_load() {
    let _turn = support::turn("moments");
    let busy = Arc::new(AtomicBool::new(true));
    let cores = thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let load: Vec<_> = (0..2 * cores)
        .map(|_| {
            let busy = Arc::clone(&busy);
            thread::spawn(move || while busy.load(Ordering::Relaxed) {})
        })
        .collect();
    let run = support::scan(&site(), &["--passes", "reject,accept", "--keep-values"]);
    busy.store(false, Ordering::Relaxed);
    for thread in load {
        thread.join().expect("a thread that only counts");
    }
    let recording = run.recording.as_ref().unwrap_or_else(|| panic!("{}", run.stderr));
    for pass in &recording.passes {
        assert!(pass.choices.iter().any(|it| it.at.is_some()), "{}: nothing pressed", pass.pass);
        agrees(pass, &said(&run, pass.pass));
    }
    // What the server saw of the ticks is no more than what the page says it did.
    let ticks: usize = [Pass::Reject, Pass::Accept].map(|it| said(&run, it).ticks).iter().sum();
    let served = run.hits.iter().filter(|hit| hit.path == "/tick.gif").count();
    assert!(ticks > 20 && served <= ticks && served > 20, "{served} of {ticks} ticks");
}

/// Holds the recording of a pass against what its page said.
fn agrees(pass: &PassRecording, said: &Said) {
    let chosen = pass.choices.iter().find_map(|it| it.at).expect("checked before");
    let started: jiff::Timestamp = pass.started.as_ref().expect("a time").parse().expect("a time");
    let (mut ticks, mut late, mut answers) = (0, Vec::new(), Vec::new());
    for event in &pass.events {
        match &event.kind {
            EventKind::ScriptCookie { header, .. } if header.starts_with("tick=") => {
                ticks += 1;
                late.extend((event.at >= chosen).then_some(("cookie", event.at)));
            }
            EventKind::Request { url, .. } if url.contains("/tick.gif") => {
                late.extend((event.at >= chosen).then_some(("request", event.at)));
            }
            EventKind::ScriptCookie { header, .. } if header.starts_with("answer=") => {
                answers.push(event.at);
            }
            EventKind::Request { url, .. } if url.contains("/chosen.txt") => answers.push(event.at),
            _ => (),
        }
    }
    assert_eq!(ticks, said.ticks, "{}: cookies that the page says it wrote", pass.pass);
    assert_eq!(answers.len(), 2, "{}", pass.pass);
    assert!(answers.iter().all(|at| *at >= chosen), "{}: {answers:?} before {chosen}", pass.pass);
    let clicked = said.at - f64::from(u32::try_from(chosen).expect("a short scan"));
    let apart = clicked - started.as_duration().as_secs_f64() * 1000.0;
    if pass.pass == Pass::Accept {
        // Who accepts has agreed as soon as the button goes down, which is a moment before the click.
        assert!((-50.0..500.0).contains(&apart), "the page's clock is {apart} ms apart");
        assert!(late.len() < 50, "{late:?} after {chosen}");
    } else {
        // On a busy machine the page may be interrupted between our listener and its own.
        assert!(apart.abs() < 50.0, "{}: the page's clock is {apart} ms apart", pass.pass);
        assert!(late.is_empty(), "{}: {late:?} after {chosen}", pass.pass);
    }
}

fn said(run: &Run, pass: Pass) -> Said {
    let answer = if pass == Pass::Accept { "answer=yes" } else { "answer=no" };
    let hit = run
        .hits
        .iter()
        .find(|hit| hit.path == "/chosen.txt" && hit.cookie.contains(answer))
        .unwrap_or_else(|| panic!("{pass}: nothing was chosen: {}", run.stderr));
    let value = |name: &str| {
        let pairs = hit.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|it| it.0 == name).map(|it| it.1).expect("a parameter of the page")
    };
    Said {
        ticks: value("ticks").parse().expect("a number"),
        at: value("at").parse().expect("a number"),
    }
}

fn site() -> Site {
    let site = "start = 'https://www.ticking.example/'\n\
        [[route]]\nhost = 'www.ticking.example'\npath = '/tick.gif'\nbody = 'x'\n\
        [[route]]\nhost = 'www.ticking.example'\npath = '/chosen.txt'\nbody = 'ok'\n[expect]\nexit = 1\n";
    let files = vec![
        ("site.toml".to_owned(), site.as_bytes().to_vec()),
        ("www.ticking.example/index.html".to_owned(), PAGE.as_bytes().to_vec()),
    ];
    let shared = vec![("routes.toml".to_owned(), b"route = []".to_vec())];
    Site::from_files("ticking", files, shared).expect("a site")
}
