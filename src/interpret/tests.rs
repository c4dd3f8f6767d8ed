mod merged;

use serde_json::{Value, json};

use super::interpret;
use crate::{
    classify::Knowledge,
    model::{
        Alias, Category, Evidence, Observations, ObservedCookie, Pass, SameSite, SetKind, Sighting,
        SourceId, Undecided,
    },
    recording::{NameLookup, Problem, ProblemKind, Recording, VisitKind, VisitRecording},
};

pub(super) const SITE: &str = "https://www.shop.test/";

/// A recording of one pass with these events and this last jar.
pub(super) fn recording(pass: &str, interaction: &Value, events: &Value, jar: &Value) -> Recording {
    let visit = json!({ "kind": "start", "asked": SITE, "url": SITE, "status": "ok",
        "http_status": 200, "at": 0, "settled_ms": 9, "stopped": "quiet", "title": "", "problem": null });
    serde_json::from_value(json!({
        "format": 1, "tool": "crumbcheck test", "started": "2026-11-01T12:00:00Z", "duration_ms": 1,
        "target": { "url": SITE, "pages": [], "notice": null },
        "vantage": { "browser": "", "headless_shell": true, "user_agent": "", "webdriver": false,
            "third_party_cookies": "allowed", "locale": "en-GB", "viewport": "desktop",
            "timeout_ms": 1, "settle_ms": 1, "insecure": false, "values_kept": false },
        "passes": [{ "pass": pass, "banner": { "state": "absent" }, "interaction": interaction,
            "visits": [visit], "events": events, "problems": [],
            "checkpoints": [{ "at": 900, "visit": 0, "name": "left", "jar": jar, "storage": [] }] }],
        "notice": { "candidates": [], "page": null, "problem": null },
        "problems": [],
    }))
    .unwrap()
}

fn case(pass: &str, interaction: &Value, events: &Value, jar: &Value) -> Evidence {
    interpret(&recording(pass, interaction, events, jar), &Knowledge::embedded())
}

fn set(at: u64, header: &str, status: &Value) -> Value {
    json!({ "at": at, "visit": 0, "target": "page", "event": "set-cookie", "id": "1", "url": SITE,
        "header": header, "partition": null, "status": status })
}

fn script(at: u64, header: &str, stuck: bool) -> Value {
    json!({ "at": at, "visit": 0, "target": "page", "event": "script-cookie",
        "api": "document.cookie", "frame": SITE, "header": header, "stuck": stuck,
        "stack": [{ "url": "https://cdn.test/tag.js", "line": 2, "function": "go" }] })
}

fn held(name: &str, domain: &str) -> Value {
    json!({ "name": name, "domain": domain, "path": "/", "value": "~1:00", "expires_in": null,
        "secure": true, "http_only": false, "same_site": null, "partition": null })
}

/// Every cookie as `name@domain consent,consent`.
fn cookies(case: &Evidence) -> Vec<String> {
    let mut lines = Vec::new();
    let _ = case.everywhere(|seen| {
        for (cookie, at) in seen.cookies() {
            let consents: Vec<&str> = at.iter().map(|it| it.consent.name()).collect();
            lines.push(format!("{} {}", cookie.key, consents.join(",")));
        }
    });
    lines
}

#[test]
fn consent_changes_at_the_click() {
    let done = json!({ "state": "done", "at": 500, "via": "heuristic", "steps": ["Reject"],
        "proof": ["banner-gone"] });
    let events =
        json!([set(499, "early=1", &json!("stored")), set(500, "late=1", &json!("stored"))]);
    let case = case("reject", &done, &events, &json!([]));
    assert_eq!(cookies(&case), ["early@www.shop.test unset", "late@www.shop.test refused"]);
}

#[test]
fn what_follows_an_unproved_click_is_no_evidence_of_a_refusal_nor_of_before() {
    let failed = json!({ "state": "failed", "why": "the banner stayed", "step": "press", "pressed_at": 500 });
    let events = json!([set(600, "late=1", &json!("stored"))]);
    let case = case("reject", &failed, &events, &json!([]));
    let mut before = 0;
    let _ = case.before_choice(|seen| before = seen.cookies().count());
    assert_eq!(before, 0);
    let mut after = 0;
    let refusal = case.after_refusal(|seen| after = seen.cookies().count());
    assert_eq!(after, 0);
    assert!(matches!(refusal, Err(Undecided::Incomplete { pass: Pass::Reject, .. })));
}

#[test]
fn removing_a_cookie_is_not_setting_it() {
    let none = json!({ "state": "none" });
    let events = json!([
        set(1, "a=; Max-Age=0", &json!("stored")),
        script(2, "b=; expires=Thu, 01 Jan 1970 00:00:00 GMT", false)
    ]);
    assert!(cookies(&case("none", &none, &events, &json!([]))).is_empty());
}

#[test]
fn a_cookie_set_and_deleted_was_there_all_the_same() {
    let none = json!({ "state": "none" });
    let events = json!([script(2, "gone=1; path=/", true), script(3, "gone=; max-age=0", false)]);
    let case = case("none", &none, &events, &json!([]));
    let listed = |seen: Observations<'_>| -> Vec<(String, bool)> {
        seen.cookies_and_attempts().map(|(it, _)| (it.key.to_string(), it.probe)).collect()
    };
    let mut list = Vec::new();
    let _ = case.everywhere(|seen| list = listed(seen));
    assert_eq!(list, [("gone@www.shop.test".to_owned(), true)]);
}

/// What one script writes and removes tries out the browser. What another removes, what a response sets, what a request
/// carries and what a checkpoint holds was there.
#[test]
fn only_what_its_own_script_removes_at_once_is_a_probe() {
    let by = |at: u64, header: &str, url: &str| {
        let mut event = script(at, header, true);
        event["stack"][0]["url"] = json!(url);
        event
    };
    let (tag, cleaner) = ("https://cdn.test/tag.js", "https://cdn.test/cleaner.js");
    let over = |name: &str| format!("{name}=; path=/; max-age=0");
    let events = json!([
        by(1, "probe=1; path=/", tag),
        by(2, &over("probe"), tag),
        by(3, "probe=1; path=/", tag),
        by(4, &over("probe"), tag),
        by(1, "cleaned=1; path=/", tag),
        by(2, &over("cleaned"), cleaner),
        by(1, "twice=1; path=/", tag),
        by(2, &over("twice"), tag),
        by(3, "twice=1; path=/", tag),
        by(1, "sent=1; path=/", tag),
        carried(2, "www.shop.test", "sent", "www.shop.test"),
        by(3, &over("sent"), tag),
        set(1, "answered=1; path=/", &json!("stored")),
        by(2, &over("answered"), tag),
        by(1, "held=1; path=/", tag),
        by(2, &over("held"), tag),
        by(1, "wiped=1; path=/", tag),
        by(2500, &over("wiped"), tag),
    ]);
    let none = json!({ "state": "none" });
    let case = case("none", &none, &events, &json!([held("held", "www.shop.test")]));
    let names: Vec<String> =
        cookies(&case).iter().map(|it| it.split('@').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["answered", "cleaned", "held", "sent", "twice", "wiped"]);
}

#[test]
fn a_storage_item_that_is_gone_at_the_next_checkpoint_of_its_page_is_a_probe() {
    let written = |key: &str, value: &str, origin: &str| {
        json!({ "at": 100, "visit": 0, "target": "page", "event": "storage-set", "frame": SITE,
            "origin": origin, "store": "local", "key": key, "value": value,
            "stack": [{ "url": SITE, "line": 1, "function": "" }] })
    };
    let own = SITE.trim_end_matches('/');
    let mut opened = written("__idb_test__", "", own);
    opened["store"] = json!("indexeddb");
    let events = json!([
        written("dmn_chk_1", "~1:00", own),
        opened.clone(),
        written("kept", "~1:00", own),
        written("long", "~400:00", own),
        // Nobody looked into the storage of the frame.
        written("framed", "~1:00", "https://ads.test"),
    ]);
    let mut recording = recording("none", &json!({ "state": "none" }), &events, &json!([]));
    recording.passes[0].checkpoints =
        serde_json::from_value(json!([checkpoint(400, "settled", &[], &["kept"])])).unwrap();
    let names = |recording: &Recording| -> Vec<String> {
        sightings(recording).iter().map(|it| it.split(':').next().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&recording), ["framed", "kept", "long"]);
    // Without a checkpoint after it nothing is known.
    recording.passes[0].checkpoints[0].at = 50;
    assert_eq!(names(&recording), ["framed", "dmn_chk_1", "kept", "long", "__idb_test__"]);
}

/// The scan began at noon, the pass two minutes later: the browser took its time, or the pass was retried.
#[test]
fn a_lifetime_counts_from_the_moment_of_the_write_and_not_from_the_start_of_the_scan() {
    let events = json!([script(1000, "a=1; expires=Sun, 01 Nov 2026 12:12:01 GMT; path=/", true)]);
    let mut recording = recording("none", &json!({ "state": "none" }), &events, &json!([]));
    let seconds = |recording: &Recording| {
        let case = interpret(recording, &Knowledge::embedded());
        let mut seconds = None;
        let _ = case.everywhere(|seen| {
            seconds = seen.cookies().next().unwrap().0.lifetime.requested_seconds;
        });
        seconds
    };
    assert_eq!(seconds(&recording), Some(720), "an old recording does not say when the pass began");
    recording.passes[0].started = Some("2026-11-01T12:02:00.250Z".to_owned());
    assert_eq!(seconds(&recording), Some(600));
}

#[test]
fn what_is_only_in_the_jar_has_no_known_setter() {
    let case =
        case("none", &json!({ "state": "none" }), &json!([]), &json!([held("w", ".shop.test")]));
    assert_eq!(cookies(&case), ["w@.shop.test unset"]);
    let _ = case.everywhere(|seen| {
        let (cookie, at) = seen.cookies().next().unwrap();
        assert_eq!(cookie.set_by.kind, SetKind::Unknown);
        assert!(at[0].at_end);
    });
}

#[test]
fn an_attempt_that_the_browser_refused_is_kept_as_one() {
    let refused = json!({ "blocked": ["SameSiteNoneInsecure"] });
    let events = json!([set(1, "x=1; SameSite=None", &refused)]);
    let case = case("none", &json!({ "state": "none" }), &events, &json!([]));
    let _ = case.everywhere(|seen| {
        let (cookie, _) = seen.cookies_and_attempts().next().unwrap();
        assert_eq!(cookie.blocked.as_deref(), Some("SameSiteNoneInsecure"));
        assert_eq!(seen.cookies().count(), 0, "what no browser stores contradicts nothing");
    });
}

/// Every sighting of cookies and storage items as `name: consent kind, …`.
fn sightings(recording: &Recording) -> Vec<String> {
    let mut lines = Vec::new();
    let line = |name: &str, at: &[&Sighting]| {
        let at: Vec<String> =
            at.iter().map(|it| format!("{} {:?}", it.consent.name(), it.kind)).collect();
        format!("{name}: {}", at.join(", "))
    };
    let _ = interpret(recording, &Knowledge::embedded()).everywhere(|seen| {
        lines.extend(seen.cookies().map(|(it, at)| line(&it.key.name, &at)));
        lines.extend(seen.storage().map(|(it, at)| line(&it.key.key, &at)));
    });
    lines
}

fn checkpoint(at: u64, name: &str, jar: &[Value], storage: &[&str]) -> Value {
    let storage: Vec<Value> = storage
        .iter()
        .map(|key| json!({ "origin": SITE.trim_end_matches('/'), "store": "local", "key": key, "value": "~1:00" }))
        .collect();
    json!({ "at": at, "visit": 0, "name": name, "jar": jar, "storage": storage })
}

fn carried(at: u64, host: &str, name: &str, domain: &str) -> Value {
    json!({ "at": at, "visit": 0, "target": "page", "event": "request-cookies", "id": "1", "host": host,
        "sent": [{ "name": name, "domain": domain, "path": "/" }], "blocked": [] })
}

#[test]
fn what_stays_after_a_choice_was_seen_after_that_choice() {
    let done = json!({ "state": "done", "at": 500, "via": "heuristic", "steps": ["Reject"],
        "proof": ["banner-gone"] });
    let write = |name: &str| script(100, &format!("{name}=1; path=/"), true);
    let host = "www.shop.test";
    let events = json!([
        write("stays"),
        write("deleted"),
        write("cleared_on_load"),
        write("carried"),
        // What reports the choice still carries what its answer deletes.
        carried(510, host, "deleted", host),
        carried(510, "x.ads.test", "uid", ".ads.test"),
        carried(650, host, "cleared_on_load", host),
        carried(950, host, "carried", host),
        carried(650, "x.ads.test", "late", ".ads.test"),
    ]);
    let mut recording = recording("reject", &done, &events, &json!([]));
    let jar = |names: &[&str]| -> Vec<Value> {
        let own = names.iter().map(|it| held(it, host));
        own.collect()
    };
    let before = [
        jar(&["stays", "deleted", "cleared_on_load", "carried"]),
        vec![held("uid", ".ads.test"), held("late", ".ads.test")],
    ]
    .concat();
    let chosen = [jar(&["stays", "cleared_on_load", "carried"]), vec![held("late", ".ads.test")]];
    recording.passes[0].checkpoints = serde_json::from_value(json!([
        checkpoint(400, "settled", &before, &["kept", "wiped"]),
        checkpoint(600, "chosen", &chosen.concat(), &["kept", "wiped"]),
        checkpoint(900, "reloaded", &jar(&["stays"]), &["kept"]),
    ]))
    .unwrap();
    assert_eq!(
        sightings(&recording),
        [
            "late: unset Set, refused Sent",
            "uid: unset Set",
            "carried: unset Set, refused Sent",
            "cleared_on_load: unset Set",
            "deleted: unset Set",
            "stays: unset Set, refused Held",
            "kept: unset Set, refused Held",
            "wiped: unset Set",
        ]
    );
    // Where the page was not loaded again, what the choice left is what it left.
    recording.passes[0].checkpoints.pop();
    let seen = sightings(&recording);
    assert!(seen.contains(&"cleared_on_load: unset Set, refused Sent".to_owned()), "{seen:#?}");
    assert!(seen.contains(&"wiped: unset Set, refused Held".to_owned()), "{seen:#?}");
}

/// The categories of the cookies of a visitor who refuses, where refusing stored these things and proved so much.
fn after_refusing(stored: &[&str], proof: &Value) -> Vec<(String, Category, SourceId)> {
    let done = json!({ "state": "done", "at": 500, "via": "heuristic", "steps": ["Reject"], "proof": proof });
    let jar = json!([
        held("aldermere_ck", "www.shop.test"),
        held("x9", "www.shop.test"),
        held("OptanonConsent", ".shop.test"),
        held("ads9", ".ads.test"),
        held("qqrv_marketing", "www.shop.test"),
        held("qqrv_banner-status", "www.shop.test"),
    ]);
    let mut recording = recording("reject", &done, &json!([]), &jar);
    recording.passes[0].choices = serde_json::from_value(json!([{ "choice": "reject", "via": "heuristic",
        "cmp": null, "pressed": [], "at": 500, "visible_ms": null, "chosen_ms": null, "proved_ms": null,
        "proof": proof, "stored": stored, "asked_again": null, "signals": [] }]))
    .unwrap();
    let mut list = Vec::new();
    let _ = interpret(&recording, &Knowledge::embedded()).everywhere(|seen| {
        let class = |it: &ObservedCookie| (it.class.category, it.class.basis.source);
        list.extend(seen.cookies().map(|(it, _)| (it.key.name.clone(), class(it).0, class(it).1)));
    });
    list.retain(|(.., source)| *source == SourceId::Choice);
    list
}

#[test]
fn the_record_of_a_choice_is_what_the_proof_says_it_is() {
    let proof = json!(["banner-gone", "consent-stored", "persists-after-reload"]);
    let record = "cookie aldermere_ck www.shop.test /";
    let found = [("aldermere_ck".to_owned(), Category::Essential, SourceId::Choice)];
    assert_eq!(after_refusing(&[record], &proof), found);
    // What another site stored is not the site's record.
    assert_eq!(after_refusing(&[record, "cookie ads9 .ads.test /"], &proof), found);
    for (stored, why) in [
        (&[record, "cookie x9 www.shop.test /"][..], "either may be it"),
        (&[record, "cookie OptanonConsent .shop.test /"], "a known item is it"),
        (&["local x9 https://www.shop.test"], "the jar does not hold it"),
        (&[], "nothing was stored"),
    ] {
        assert_eq!(after_refusing(stored, &proof), [], "{why}");
    }
    // One that keeps a choice category by category is kept in several items; its name has no say in what they are for.
    let parts =
        ["cookie qqrv_marketing www.shop.test /", "cookie qqrv_banner-status www.shop.test /"];
    let family = ["qqrv_banner-status", "qqrv_marketing"]
        .map(|name| (name.to_owned(), Category::Essential, SourceId::Choice));
    assert_eq!(after_refusing(&parts, &proof), family);
    assert_eq!(after_refusing(&[parts[0], parts[1], "cookie x9 www.shop.test /"], &proof), family);
    // What did not hold after a reload may be anything.
    assert_eq!(after_refusing(&[record], &json!(["banner-gone", "consent-stored"])), []);
}

/// The category of a cookie of the site's that a script at `url` writes.
fn written_by(url: &str, header: &str) -> Category {
    let mut write = script(1, header, true);
    write["stack"][0]["url"] = json!(url);
    let case = case("none", &json!({ "state": "none" }), &json!([write]), &json!([]));
    let mut category = None;
    let _ = case.everywhere(|seen| category = seen.cookies().next().map(|it| it.0.class.category));
    category.unwrap()
}

#[test]
fn an_essential_name_excuses_nothing_that_anothers_script_keeps() {
    let (session, year) = ("JSESSIONID=1; path=/", "JSESSIONID=1; path=/; max-age=31536000");
    let (tracker, nobody) =
        ("https://connect.facebook.net/x.js", "https://cdn.nobody-knows.test/x.js");
    for (url, header, category) in [
        (SITE, year, Category::Essential),
        (nobody, session, Category::Essential),
        (nobody, year, Category::Unknown),
        (nobody, "cookies_policy=1; path=/; max-age=31536000", Category::Unknown),
        // Whoever advertises keeps what advertises, whatever it is called.
        (tracker, session, Category::Marketing),
        // A consent manager keeps what it is there to keep.
        (
            "https://cdn.cookielaw.org/scripttemplates/otSDKStub.js",
            "OptanonConsent=1; path=/; max-age=31536000",
            Category::Essential,
        ),
    ] {
        assert_eq!(written_by(url, header), category, "{url}: {header}");
    }
}

/// Analytics scripts try one domain after the other, from the shared suffix down.
#[test]
fn a_try_at_a_shared_suffix_is_no_cookie() {
    let events = json!([
        script(1, "_ga=1; domain=.test; path=/; max-age=63072000", false),
        script(2, "_ga=1; domain=.shop.test; path=/; max-age=63072000", true)
    ]);
    let case =
        case("none", &json!({ "state": "none" }), &events, &json!([held("_ga", ".shop.test")]));
    assert_eq!(cookies(&case), ["_ga@.shop.test unset"]);
    let _ = case.everywhere(|seen| {
        let (cookie, _) = seen.cookies().next().unwrap();
        assert_eq!(cookie.lifetime.requested_seconds, Some(63_072_000));
        assert_eq!(cookie.set_by.url.as_deref(), Some("https://cdn.test/tag.js"));
        assert_eq!(cookie.class.category, Category::Performance);
    });
}

/// Of writes that no jar shows, every jar used to be searched for every one: minutes for what takes a second.
#[test]
fn many_writes_and_checkpoints_take_linear_time() {
    let writes: Vec<Value> =
        (0..4000).map(|n| script(n, &format!("fleeting{n}=1; path=/"), true)).collect();
    let jar: Vec<Value> = (0..50).map(|n| held(&format!("kept{n}"), ".shop.test")).collect();
    let none = json!({ "state": "none" });
    let mut recording = recording("none", &none, &json!(writes), &json!(jar));
    let pass = &mut recording.passes[0];
    let checkpoint = pass.checkpoints[0].clone();
    pass.checkpoints.extend(std::iter::repeat_n(checkpoint, 1500));
    for n in 0..500 {
        pass.visits.push(VisitRecording { url: format!("{SITE}{n}"), ..pass.visits[0].clone() });
    }
    for (n, event) in pass.events.iter_mut().enumerate() {
        event.visit = n % 500;
    }
    let started = std::time::Instant::now();
    let evidence = interpret(&recording, &Knowledge::default());
    assert_eq!(cookies(&evidence).len(), 4050);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn a_page_that_could_not_be_opened_is_a_gap() {
    let mut recording = recording("none", &json!({ "state": "none" }), &json!([]), &json!([]));
    recording.passes[0].visits[0].status = crate::model::VisitStatus::Timeout;
    let case = interpret(&recording, &Knowledge::embedded());
    assert!(matches!(case.before_choice(|_| ()), Err(Undecided::Incomplete { .. })));
}

#[test]
fn what_is_missing_from_the_whole_scan_is_missing_from_every_pass() {
    let mut recording = recording("none", &json!({ "state": "none" }), &json!([]), &json!([]));
    recording.problems.push(Problem::gap(
        "browser",
        ProblemKind::MessagesLost,
        "3 messages of the browser could not be read",
    ));
    let case = interpret(&recording, &Knowledge::embedded());
    assert!(matches!(case.before_choice(|_| ()), Err(Undecided::Incomplete { .. })));
}

#[test]
fn a_pass_that_was_not_run_is_missing_evidence() {
    let case = case("none", &json!({ "state": "none" }), &json!([]), &json!([]));
    assert_eq!(case.everywhere(|_| ()), Err(Undecided::NotRun(Pass::Reject)));
    assert_eq!(case.before_choice(|_| ()), Ok(()));
}

#[test]
fn a_page_that_failed_is_missing_for_itself() {
    let mut recording = recording("none", &json!({ "state": "none" }), &json!([]), &json!([]));
    let pass = &mut recording.passes[0];
    let page =
        VisitRecording { kind: VisitKind::Page, url: format!("{SITE}a"), ..pass.visits[0].clone() };
    pass.visits.push(page);
    let gap = |message: &str| Problem::gap("pass none", ProblemKind::PageNotObserved, message);
    pass.problems.push(gap("it did not answer").on_visit(1));
    let why = |recording: &Recording| {
        let evidence = interpret(recording, &Knowledge::default());
        evidence.before_choice(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(why(&recording), "the no-choice pass observed 1 of 2 pages: it did not answer");
    // What concerns the whole pass is said first.
    recording.passes[0].problems.push(gap("the browser went away"));
    assert_eq!(why(&recording), "the no-choice pass is incomplete: the browser went away");
}

/// What a host of the site's own is found to be by its name.
fn leads_to(aliases: &[&str], problem: Option<&str>) -> (Alias, Category) {
    let url = "https://stats.shop.test/x.gif";
    let events = json!([{ "at": 1, "visit": 0, "target": "page", "event": "request", "id": "1",
        "url": url, "method": "GET", "kind": "image", "document": SITE, "initiated_by": "parser",
        "initiators": [], "redirected_from": null }]);
    let mut recording = recording("none", &json!({ "state": "none" }), &events, &json!([]));
    if !aliases.is_empty() || problem.is_some() {
        recording.names = vec![NameLookup {
            host: "stats.shop.test".to_owned(),
            aliases: aliases.iter().map(|it| (*it).to_owned()).collect(),
            problem: problem.map(str::to_owned),
        }];
    }
    let case = interpret(&recording, &Knowledge::embedded());
    let mut found = None;
    let _ = case.everywhere(|seen| {
        let host = seen.hosts().find(|(host, _)| host.host.as_str() == "stats.shop.test");
        found = host.map(|(host, _)| (host.alias.clone(), host.class.category));
    });
    found.unwrap()
}

#[test]
fn a_name_is_followed_to_who_is_behind_it() {
    let (alias, category) = leads_to(&["shop.cdn.shop.test", "shop.sc.omtrdc.net"], None);
    let Alias::Tracker { to, chain } = alias else { panic!("{alias:?}") };
    assert_eq!(
        (to.as_str(), chain.len(), category),
        ("shop.sc.omtrdc.net", 2, Category::Performance)
    );
    // A network that serves what others put there is nobody's tracker.
    assert_eq!(leads_to(&["d1.cloudfront.net"], None), (Alias::None, Category::Essential));
    assert_eq!(leads_to(&["shop.trafficmanager.net"], None), (Alias::None, Category::Essential));
    assert_eq!(leads_to(&["other.shop.test"], None), (Alias::None, Category::Essential));
}

#[test]
fn a_name_that_leads_nowhere_known_excuses_nobody() {
    for (aliases, problem) in [
        (&["x.nobody-knows.test"][..], None),
        (&[][..], Some("no answer")),
        // Older recordings say nothing of names.
        (&[][..], None),
    ] {
        assert!(matches!(leads_to(aliases, problem).0, Alias::Unknown(_)), "{aliases:?}");
    }
}
