//! After a choice the notice is read in a second tab while the first tab proves the choice, unless a second tab would not know
//! of the choice; either way each page has its own events.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use crumbcheck::{
    demo::Site,
    recording::{EventKind, PassRecording, VisitKind, VisitRecording},
};

use crate::support;

/// A banner that keeps the choice in `store`, and three pages that each request a picture of their own.
fn site(store: &str) -> Site {
    let (read, write) = match store {
        "cookie" => (
            "/answer=/.test(document.cookie)",
            "document.cookie = 'answer=' + it + '; max-age=31536000; path=/; secure'",
        ),
        _ => ("sessionStorage.answer", "sessionStorage.setItem('answer', it)"),
    };
    let host = "www.beside.example";
    let mut files = Vec::new();
    for name in ["index", "about", "cookies"] {
        let page = format!(
            "<!doctype html><html lang=en><title>{name}</title><h1>Cookies</h1>\
             <div id=b role=region aria-label=Cookies><p>We use cookies to count visits.</p>\
             <button onclick=\"pick('yes')\">Accept cookies</button> <button onclick=\"pick('no')\">Reject cookies</button></div>\
             <script>b.hidden = Boolean({read}); function pick(it) {{ {write}; b.hidden = true }}\
             setTimeout(() => {{ new Image().src = '/{name}.gif' }}, 120)</script>\
             <table><tr><th>Name</th><th>Purpose</th><th>Expires</th></tr><tr><td>answer</td><td>Keeps your choice</td><td>1 year</td></tr></table>\
             <a href=/about>About us</a> <a href=/cookies>Cookies</a></html>"
        );
        files.push((format!("{host}/{name}.html"), page.into_bytes()));
    }
    let toml = format!(
        "start = 'https://{host}/'\n[expect]\nexit = 1\n[[route]]\nhost = '{host}'\npath = '/*.gif'\nstatus = 204\n"
    );
    files.push(("site.toml".to_owned(), toml.into_bytes()));
    let shared = vec![("routes.toml".to_owned(), b"route = []".to_vec())];
    Site::from_files("beside", files, shared).unwrap()
}

fn visit(pass: &PassRecording, kind: VisitKind) -> (usize, &VisitRecording) {
    let mut visits = pass.visits.iter().enumerate();
    visits.find(|(_, it)| it.kind == kind).unwrap_or_else(|| panic!("no {kind:?}"))
}

#[test]
fn the_notice_is_read_beside_the_proof_only_where_a_second_tab_knows_of_the_choice() {
    let _turn = support::turn("beside");
    for (store, is_known) in [("cookie", true), ("session", false)] {
        let run = support::scan(&site(store), &["--passes", "reject,accept"]);
        let recording = run.recording.unwrap_or_else(|| panic!("{}", run.stderr));
        let report = run.json.unwrap();
        for pass in &recording.passes {
            let name = pass.pass.to_string();
            let told = support::banners::pass(&report, &name).unwrap();
            assert_eq!(told["outcome"], "done", "{store} {name}: {}", told["why"]);
            let (_, reload) = visit(pass, VisitKind::Reload);
            let (notice_at, notice) = visit(pass, VisitKind::Notice);
            let is_beside = notice.at < reload.at + reload.settled_ms;
            assert_eq!(is_beside, is_known, "{store} {name}: {:?}", pass.visits);
            // Which page each picture was requested by, and that no page has the number of another tab.
            for event in &pass.events {
                let visit = pass.visits.get(event.visit);
                let visit = visit.unwrap_or_else(|| panic!("{store}: no visit {}", event.visit));
                let EventKind::Request { url, .. } = &event.kind else { continue };
                let Some(page) = url.strip_suffix(".gif") else { continue };
                let asked = visit.asked.trim_end_matches('/');
                let asked = if asked.ends_with(".example") { "index" } else { asked };
                assert!(page.ends_with(asked.rsplit('/').next().unwrap()), "{page} by {asked}");
            }
            let requests = pass.events.iter().filter(|it| {
                it.visit == notice_at
                    && matches!(&it.kind, EventKind::Request { url, .. } if url.ends_with("cookies.gif"))
            });
            assert_eq!(requests.count(), 1, "{store} {name}: the notice's picture");
            // What was read beside is read as well.
            assert!(recording.notice.page.is_some(), "{store}: no notice");
            assert!(pass.checkpoints.is_sorted_by_key(|it| it.at), "{store} {name}");
        }
    }
}
