//! What a page does late: by every source of things that happen by themselves, in the page, in a frame and in a frame of
//! another site, something is requested 1, 3, 6, 9, 12 and 20 seconds after the page. A scan sees it, or its recording says
//! that it was not waited for or that it could not be known; nothing is missed in silence.

#![allow(clippy::print_stdout, reason = "the table is what it is run for")]

use std::{
    env,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crumbcheck::{
    demo::Site,
    recording::{EventKind, Outstanding, OutstandingKind, Recording, VisitRecording, WatchEnd},
};

use crate::support;

/// Seconds after the page at which something happens.
const TIMES: [u32; 6] = [1, 3, 6, 9, 12, 20];

/// Where it happens.
const PLACES: [&str; 3] = ["page", "frame", "far"];

/// Scans at a time: they do nothing but wait most of the time.
const WORKERS: usize = 6;

const WWW: &str = "www.late-page.example";
const FAR: &str = "frame.late-far.example";
const SEEN: &str = "seen.late-seen.example";

/// Something by which a page does something later.
struct Source {
    name: &'static str,
    /// Calls `fire(SECONDS)` at each of `times`.
    script: &'static str,
    /// As what a recording names it while it is outstanding.
    kinds: &'static [OutstandingKind],
}

/// What has a time: it is waited for, or named with its time.
const TIMED: [Source; 6] = [
    Source {
        name: "timeout",
        script: "for (const n of times) setTimeout(() => fire(n), n * 1000);",
        kinds: &[OutstandingKind::Timer],
    },
    Source {
        name: "text",
        script: "globalThis.fireNow = fire; for (const n of times) setTimeout('fireNow(' + n + ')', n * 1000);",
        kinds: &[OutstandingKind::Timer],
    },
    Source {
        name: "interval",
        script: "for (const n of times) { const it = setInterval(() => { clearInterval(it); fire(n) }, n * 1000) }",
        kinds: &[OutstandingKind::Interval],
    },
    Source {
        name: "task",
        script: "for (const n of times) scheduler.postTask(() => fire(n), { delay: n * 1000 });",
        kinds: &[OutstandingKind::Timer],
    },
    Source {
        name: "abort",
        script: "for (const n of times) AbortSignal.timeout(n * 1000).addEventListener('abort', () => fire(n));",
        kinds: &[OutstandingKind::Timer],
    },
    Source {
        name: "animation",
        script: "addEventListener('DOMContentLoaded', () => { for (const n of times) { const it = document.createElement('i'); document.body.append(it); \
            it.animate([{ opacity: 0 }, { opacity: 1 }], n * 1000).onfinish = () => fire(n) } });",
        kinds: &[OutstandingKind::Animation],
    },
];

/// What may go on for ever: the recording says that it cannot be known, and what it is.
const ENDLESS: [Source; 10] = [
    Source {
        name: "chain",
        script: "const begun = performance.now(), left = [...times]; (function again() { \
            while (left.length && performance.now() - begun >= left[0] * 1000) fire(left.shift()); setTimeout(again, 250) })();",
        kinds: &[OutstandingKind::Interval],
    },
    Source {
        name: "frames",
        script: "const begun = performance.now(), left = [...times]; (function again() { \
            while (left.length && performance.now() - begun >= left[0] * 1000) fire(left.shift()); requestAnimationFrame(again) })();",
        kinds: &[OutstandingKind::AnimationFrames],
    },
    Source {
        name: "idle",
        script: "const begun = performance.now(), left = [...times]; (function again() { \
            while (left.length && performance.now() - begun >= left[0] * 1000) fire(left.shift()); requestIdleCallback(again) })();",
        kinds: &[OutstandingKind::IdleMoment],
    },
    Source {
        name: "worker",
        script: "const code = `for (const n of [${times}]) setTimeout(() => postMessage(n), n * 1000)`; \
            const it = new Worker(URL.createObjectURL(new Blob([code]))); it.onmessage = (e) => fire(e.data);",
        kinds: &[OutstandingKind::Worker],
    },
    Source {
        name: "answer",
        script: "for (const n of times) fetch(`https://seen.late-seen.example/slow${n}`, { mode: 'no-cors' }).then(() => fire(n));",
        kinds: &[OutstandingKind::Request],
    },
    Source {
        name: "stream",
        script: "for (const n of times) { const it = new EventSource(`https://seen.late-seen.example/stream${n}`); \
            it.onmessage = () => { it.close(); fire(n) } }",
        kinds: &[OutstandingKind::EventSource, OutstandingKind::Request],
    },
    Source {
        name: "socket",
        script: "for (const n of times) { const it = new WebSocket('wss://seen.late-seen.example/socket'); \
            it.onopen = () => it.send(`after ${n * 1000}`); it.onmessage = () => { it.close(); fire(n) } }",
        kinds: &[OutstandingKind::WebSocket],
    },
    // Silence of as many seconds, in a film, which may play by itself if it is mute.
    Source {
        name: "media",
        script: "const bytes = (...numbers) => new Uint8Array(numbers.flatMap((it) => [it, it >> 8, it >> 16, it >> 24])); \
            const silence = (length) => new Blob(['RIFF', bytes(length + 36), 'WAVEfmt ', bytes(16, 0x10001, 8000, 8000, 0x80001), 'data', bytes(length), new Uint8Array(length).fill(128)], { type: 'audio/wav' }); \
            for (const n of times) { const it = document.createElement('video'); it.muted = true; it.src = URL.createObjectURL(silence(n * 8000)); \
            it.onended = () => fire(n); it.play().catch(() => {}) }",
        kinds: &[OutstandingKind::Media],
    },
    // Two ends that answer each other for as long as it takes.
    Source {
        name: "peers",
        script: "const begun = performance.now(), left = [...times]; const [one, two] = [new RTCPeerConnection(), new RTCPeerConnection()]; \
            one.onicecandidate = (e) => two.addIceCandidate(e.candidate); two.onicecandidate = (e) => one.addIceCandidate(e.candidate); \
            two.ondatachannel = (e) => { e.channel.onmessage = () => e.channel.send('pong') }; const channel = one.createDataChannel('c'); \
            channel.onopen = () => setInterval(() => channel.send('ping'), 250); channel.onmessage = () => { \
            while (left.length && performance.now() - begun >= left[0] * 1000) fire(left.shift()) }; \
            (async () => { await one.setLocalDescription(); await two.setRemoteDescription(one.localDescription); \
            await two.setLocalDescription(); await one.setRemoteDescription(two.localDescription) })();",
        kinds: &[OutstandingKind::WebRtc],
    },
    // Nobody answers: what happens when the browser gives up is late too.
    Source {
        name: "transport",
        script: "new WebTransport('https://seen.late-seen.example/transport').ready.catch(() => times.forEach(fire));",
        kinds: &[OutstandingKind::WebTransport],
    },
];

#[test]
fn what_happens_late_is_seen_or_said_to_have_been_left_out() {
    let _turn = support::turn("late");
    let number = |name: &str| env::var(name).ok().and_then(|it| it.parse().ok());
    // `CRUMBCHECK_BUSY=2` keeps two cores busy meanwhile.
    let busy = Arc::new(AtomicBool::new(true));
    let load: Vec<_> = (0..number("CRUMBCHECK_BUSY").unwrap_or(0))
        .map(|_| {
            let busy = Arc::clone(&busy);
            thread::spawn(move || while busy.load(Ordering::Relaxed) {})
        })
        .collect();
    let wrong: String = (0..number("CRUMBCHECK_RUNS").unwrap_or(1)).map(|_| missed()).collect();
    busy.store(false, Ordering::Relaxed);
    for thread in load {
        thread.join().expect("a thread that only counts");
    }
    assert!(wrong.is_empty(), "missed in silence:\n{wrong}");
}

/// Scans everything once, and says what was missed in silence.
fn missed() -> String {
    // On start pages, and on others, where less is waited for.
    let starts = TIMED.iter().map(|it| (it.name, vec![]));
    let others = TIMED.iter().chain(&ENDLESS).map(|it| it.name);
    let others: Vec<&str> = others.chain(["refresh3", "refresh20"]).collect();
    // The last ones are taken first: they take longest.
    let scans: Vec<(&str, Vec<&str>)> =
        starts.chain(others.chunks(5).map(|pages| ("plain", pages.to_vec()))).collect();
    let queue = std::sync::Mutex::new(scans);
    let wrong = std::sync::Mutex::new(String::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("no panic").pop();
                    let Some((start, pages)) = next else { break };
                    let found = scan(start, &pages);
                    wrong.lock().expect("no panic").push_str(&found);
                }
            });
        }
    });
    wrong.into_inner().expect("no panic")
}

/// Scans a start page and further pages, and says what was missed in silence.
fn scan(start: &str, pages: &[&str]) -> String {
    let mut args = vec!["--passes".to_owned(), "none".to_owned()];
    for page in pages {
        args.extend(["--page".to_owned(), format!("/{page}")]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let run = support::scan(&site(start), &args);
    let recording = run.recording.unwrap_or_else(|| panic!("{}", run.stderr));
    let mut wrong = String::new();
    for source in TIMED.iter().chain(&ENDLESS) {
        let path = format!("https://{WWW}/{}", source.name);
        let visits = recording.passes[0].visits.iter().enumerate();
        let is_it = |visit: &VisitRecording| {
            visit.asked == path || start == source.name && visit.asked == format!("https://{WWW}/")
        };
        for (at, visit) in visits.filter(|(_, it)| is_it(it)) {
            for place in PLACES {
                let mut line = format!(
                    "{:<10} {place:<6} {:<6}",
                    source.name,
                    if at == 0 { "start" } else { "other" }
                );
                for n in TIMES {
                    let seen = is_seen(&recording, at, &format!("{}-{place}-{n}.gif", source.name));
                    let said = is_said(visit, source, n);
                    let _ = write!(
                        line,
                        " {n:>2} s {:<6}",
                        if seen {
                            "seen"
                        } else if said {
                            "said"
                        } else {
                            "MISSED"
                        }
                    );
                    // What has a time is waited for as long as the page is: on a start page 15 seconds, elsewhere 6.
                    let in_time = n <= if at == 0 { 12 } else { 3 };
                    let is_timed = TIMED.iter().any(|it| it.name == source.name);
                    if !seen && (!said || is_timed && in_time) {
                        let _ = writeln!(wrong, "{line}: {:?}", visit.watches);
                    }
                }
                println!("{line}");
            }
        }
    }
    for (page, n) in [("refresh3", 3), ("refresh20", 20)] {
        let path = format!("https://{WWW}/{page}");
        let Some((at, visit)) =
            recording.passes[0].visits.iter().enumerate().find(|it| it.1.asked == path)
        else {
            continue;
        };
        let seen = is_seen(&recording, at, &format!("refreshed{n}.gif"));
        let said = outstanding(visit).any(|it| it.kind == OutstandingKind::Refresh);
        println!(
            "refresh    page   other  {n:>2} s {}",
            if seen {
                "seen"
            } else if said {
                "said"
            } else {
                "MISSED"
            }
        );
        if !seen && !said {
            let _ = writeln!(wrong, "{page}: {:?}", visit.watches);
        }
    }
    wrong
}

fn is_seen(recording: &Recording, visit: usize, path: &str) -> bool {
    recording.passes[0].events.iter().any(|event| {
        event.visit == visit
            && matches!(&event.kind, EventKind::Request { url, .. } if url.ends_with(path))
    })
}

fn outstanding(visit: &VisitRecording) -> impl Iterator<Item = &Outstanding> {
    visit.watches.iter().flat_map(|it| &it.outstanding)
}

/// Whether the recording says that something was not waited for: with its time, or as what never ends.
fn is_said(visit: &VisitRecording, source: &Source, n: u32) -> bool {
    let is_limit = visit.watches.iter().any(|it| it.ended == WatchEnd::Limit);
    outstanding(visit).filter(|it| source.kinds.contains(&it.kind)).any(|it| match it.delay_ms {
        Some(delay) if !is_limit => delay == u64::from(n) * 1000,
        _ => true,
    })
}

fn site(start: &str) -> Site {
    let mut files = Vec::new();
    let mut add = |path: String, content: String| files.push((path, content.into_bytes()));
    for source in TIMED.iter().chain(&ENDLESS) {
        for (place, host) in [("page", WWW), ("frame", WWW), ("far", FAR)] {
            let script = format!(
                "(() => {{ const times = {TIMES:?}; const fire = (n) => {{ new Image().src = `https://{SEEN}/{}-{place}-${{n}}.gif` }};\n{} }})();",
                source.name, source.script
            );
            add(format!("{host}/{}-{place}.js", source.name), script);
            let own = format!("<script src=/{}-{place}.js></script>", source.name);
            let frames = if place == "page" {
                format!(
                    "<iframe src=/{0}-frame title=a></iframe><iframe src=https://{FAR}/{0}-far title=b></iframe>",
                    source.name
                )
            } else {
                String::new()
            };
            let page = format!(
                "<!doctype html><html lang=en><title>{0}</title>{own}<body><h1>{0}</h1>{frames}</body></html>",
                source.name
            );
            let name = if place == "page" {
                source.name.to_owned()
            } else {
                format!("{}-{place}", source.name)
            };
            if place == "page" && start == source.name {
                add(format!("{host}/index.html"), page.clone());
            }
            add(format!("{host}/{name}.html"), page);
        }
    }
    for n in [3, 20] {
        add(
            format!("{WWW}/refresh{n}.html"),
            format!(
                "<!doctype html><html lang=en><meta http-equiv=refresh content='{n};url=/refreshed{n}'><title>r</title><h1>r</h1></html>"
            ),
        );
        add(
            format!("{WWW}/refreshed{n}.html"),
            format!(
                "<!doctype html><html lang=en><title>r</title><h1>r</h1><img src=https://{SEEN}/refreshed{n}.gif alt=''></html>"
            ),
        );
    }
    if start == "plain" {
        add(
            format!("{WWW}/index.html"),
            "<!doctype html><html lang=en><title>Plain</title><h1>Plain</h1></html>".to_owned(),
        );
    }
    let mut toml = format!("start = 'https://{WWW}/'\n[expect]\nexit = 0\n");
    for n in TIMES {
        let _ = write!(
            toml,
            "[[route]]\nhost = '{SEEN}'\npath = '/slow{n}'\nbody = 'x'\ndelay_ms = {}\n",
            n * 1000
        );
        let _ = write!(
            toml,
            "[[route]]\nhost = '{SEEN}'\npath = '/stream{n}'\ndelay_ms = {}\nbody = \"data: x\\n\\n\"\nheaders = ['content-type: text/event-stream', 'access-control-allow-origin: *']\n",
            n * 1000
        );
    }
    let _ = write!(toml, "[[route]]\nhost = '{SEEN}'\npath = '/socket'\nwebsocket = true\n");
    let _ = write!(toml, "[[route]]\nhost = '{SEEN}'\npath = '*'\nstatus = 204\n");
    files.push(("site.toml".to_owned(), toml.into_bytes()));
    let shared = vec![("routes.toml".to_owned(), b"route = []".to_vec())];
    Site::from_files("late", files, shared).expect("a site")
}
