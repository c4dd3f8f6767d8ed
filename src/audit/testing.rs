//! The one place where rule tests touch the API. Cases are written as text:
//!
//! ```text
//! none                                  a pass; what was seen in it follows
//!   _ga shop.test performance sent-to=x.test   a cookie: name or `(nameless)`, domain, category; `plain` is not `Secure`,
//!                                       `consent-only` needs consent whatever is declared, `or=marketing` may be
//!                                       that instead; `held` was
//!                                       still there, `sent` was carried by a request, and neither set again
//!   local:seen https://shop.test unknown   a storage item: kind and key, origin, category
//!   host tag.test marketing org=Tag     a host: name, category; also `alias=NAME`, `alias=?`
//!   script https://x.test/a.js canvas,keys to=x.test along=y.test through=z.test recorder sends-keys in-fields
//!                                       a script and what it did
//!   frame https://x.test/a               a document that the page shows in a frame
//!   unwatched                           what scripts did was not seen
//!   disclosed x.test marketing address=/a as=dl   what a host received: `address`, `words` or `event`
//!   shared _ga .shop.test to=x.test as=cid   a cookie's identifier that was sent to a host
//!   banner accept says=Hello            what the banner's first layer offers, and says; also
//!                                       `banner absent`, `banner doubtful`
//!   control Accept meaning=accept size=120x40 font=16 contrast=7 kind=link layer=2
//!                                       a control of the banner
//!   option Analytics checked fixed says-no kind=radio layer=2   a box, switch or answer of it
//!   unknown Later kind=link leads=policy address=URL layer=2
//!                                       a control of it that was not understood
//!   walled covered=100                  it keeps the page out of reach, so many percent of what the page says
//!   choice reject pressed=A,B asked-again=URL proof unknown=C   a choice that was tried, and what was not
//!                                       understood on the page
//!   signal tcf granted=a,b denied=c     what an interface said after that choice
//!   second-look banner                  what a second visitor saw: `banner`, `none`, `failed`
//!   compared                            visitors whose browser does not name us were compared; also `compared failed=WHY`
//!   only-here cookie _ga shop.test marketing   what only they were given: `cookie`, `storage` or `host -`
//!   gap the browser went away            something that could not be observed
//!   visit /a failed                     a further page; without `failed` it was observed
//! law uk performance=statistical        by what it is judged; `uk` unless it says so
//! reject failed                         how the choice went: `failed`, `unavailable`, or it was made
//!   --- refused                         what the visitor has chosen from here on; `unknown` if a press
//!                                       was not proved
//! notice                                what the notice says; also `notice missing`,
//!                                       `notice unreadable`, `notice unreadable by-us`,
//!                                       `notice not-sought`, `notice other`
//!   declare _ga* category=performance life=1y
//!   claim no-category We_use_none. categories=marketing provider=Google
//!   text Words that stand on the page.
//!   hide _gid                           what it declares where nobody can see it
//!   also URL                            data that belongs to it
//!   problem truncated
//!   reviewed 2024-02                    its date; also `source URL` and `link URL`
//!   looked 2026-11                      when it was read
//!   found guess                         how it was found; also `found given`
//!   translation cy declare _ga          what another language says; also `translation unreadable`
//! ```
//!
//! Words after the fixed ones are `key=value`, with `_` for a space in a value. Both sites are
//! `shop.test` unless a domain says otherwise.

mod behaviour;
mod notice;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use behaviour::{add_script, disclosure, identifier};
use notice::{is_around, read_notice, read_setting, read_state};

use super::{Outcome, Policy, Rule, attribution::Attribution};
use crate::model::{
    Alias, Banner, Basis, Category, Choice, ChoiceFacts, Classification, Confidence, Consent,
    ConsentSignal, ControlFacts, CookieKey, Evidence, EvidenceParts, Gap, Host, Law, LeadsTo,
    Lifetime, Notice, NoticeState, ObservedCookie, ObservedHost, ObservedStorage, OnlyHere,
    OptionFacts, Pass, PassEvidence, Pressed, Proof, SameSite, SecondLook, SecondVisitor, SetBy,
    SetKind, Sighting, SightingKind, SourceId, StorageKey, StorageKind, UnknownControl, Via, Visit,
    VisitStatus, site,
};

/// Asserts that `rule`, asked about `case`, answers `expected`: the outcome, then one line
/// `severity subject: message` for each finding, then what was missing.
#[track_caller]
pub(crate) fn check(rule: &'static Rule, case: &str, expected: &str) {
    assert_eq!(answer(rule, case), unindent(expected));
}

/// Asserts that among the findings of `rule` about `case` there is one line of advice or citation
/// that reads `line`.
#[track_caller]
pub(crate) fn says(rule: &'static Rule, case: &str, line: &str) {
    let Outcome::Violated { findings, .. } = judge(rule, case) else {
        panic!("{} is not violated", rule.id);
    };
    let said: Vec<String> =
        findings.into_iter().flat_map(|it| [vec![it.advice], it.citations].concat()).collect();
    assert!(said.iter().any(|it| it == line), "{line:?} is not in {said:#?}");
}

/// How `rule` judges `case`.
pub(crate) fn judge(rule: &'static Rule, case: &str) -> Outcome {
    Case::new(case).judge(rule)
}

/// A case that several rules judge.
pub(crate) struct Case {
    evidence: Evidence,
    policy: Policy,
    attribution: Attribution,
}

impl Case {
    pub(crate) fn new(text: &str) -> Self {
        let (evidence, policy) = parse(text);
        Self { attribution: Attribution::new(&evidence), evidence, policy }
    }

    pub(crate) fn judge(&self, rule: &'static Rule) -> Outcome {
        rule.judge(&self.evidence, &self.policy, &self.attribution).outcome
    }
}

/// What `rule` answers about `case`, in the notation of [`check`].
fn answer(rule: &'static Rule, case: &str) -> String {
    let mut answer = String::new();
    match judge(rule, case) {
        Outcome::Satisfied => answer.push_str("satisfied"),
        Outcome::NotApplicable(why) => write!(answer, "not applicable: {why}").unwrap(),
        Outcome::Open(why) => write!(answer, "open: {why}").unwrap(),
        Outcome::Violated { findings, incomplete } => {
            answer.push_str("violated");
            for it in findings {
                let (severity, id) = (it.severity, &it.subject);
                write!(answer, "\n{severity} {id}: {}", it.message).unwrap();
            }
            if let Some(why) = incomplete {
                write!(answer, "\nbut {why}").unwrap();
            }
        }
    }
    answer
}

/// A host as it was observed in the first pass.
pub(crate) fn host(name: &str, organisation: Option<&str>) -> ObservedHost {
    let mut hosts = Vec::new();
    let org = organisation.map(|it| format!("org={}", it.replace(' ', "_")));
    let line = format!("{name} unknown {}", org.unwrap_or_default());
    let words: Vec<&str> = line.split_whitespace().collect();
    add_host(&mut hosts, &words, sighting(Pass::None, Consent::Unset, None));
    hosts.remove(0)
}

/// A notice, by the lines that follow `notice`.
pub(crate) fn notice(text: &str) -> Notice {
    read_notice(&unindent(text).lines().collect::<Vec<_>>())
}

/// Reads the notation.
pub(crate) fn parse(text: &str) -> (Evidence, Policy) {
    let text = unindent(text);
    let mut lines = text.lines().peekable();
    let (mut cookies, mut storage, mut hosts) = (Vec::new(), Vec::new(), Vec::new());
    let mut state = NoticeState::NotSought { why: "nobody looked for a notice".to_owned() };
    let (mut scripts, mut disclosures, mut shared) = (Vec::new(), Vec::new(), Vec::new());
    let (mut unwatched, mut frames) = (None, BTreeSet::new());
    let mut setting = read_setting(&[]);
    let (mut passes, mut policy) = (BTreeMap::new(), Policy::default());
    while let Some(heading) = lines.next() {
        let mut body = Vec::new();
        while let Some(line) = lines.next_if(|line| !is_heading(line)) {
            body.push(line);
        }
        let (word, rest) = heading.split_once(' ').unwrap_or((heading, ""));
        if word == "law" {
            let words: Vec<&str> = rest.split(' ').collect();
            policy.law = Law::read(words[0], &words[1..]).unwrap();
            continue;
        }
        if word == "notice" {
            let (around, body): (Vec<&str>, Vec<&str>) =
                body.into_iter().partition(|line| is_around(line));
            state = read_state(rest, &body);
            setting = read_setting(&around);
            continue;
        }
        let pass: Pass = word.parse().unwrap();
        let mut evidence = evidence(pass, rest);
        let mut consent = Consent::Unset;
        for line in body {
            let words: Vec<&str> = line.split_whitespace().collect();
            let page = value(&words, "page");
            let mut seen = sighting(pass, consent, page.as_deref());
            if words.contains(&"held") {
                seen.kind = SightingKind::Held;
            } else if words.contains(&"sent") {
                seen.kind = SightingKind::Sent;
            }
            match words[..] {
                ["---", "refused"] => consent = Consent::Refused,
                ["---", "granted"] => consent = Consent::Granted,
                ["---", "withdrawn"] => consent = Consent::Withdrawn,
                ["---", "unknown"] => consent = Consent::Unknown,
                ["control" | "option" | "walled" | "unknown", ..] => {
                    add_facts(&mut evidence.banner, &words);
                }
                ["choice" | "signal" | "second-look" | "compared" | "only-here", ..] => {
                    add_choice(&mut evidence, &words);
                }
                ["gap", ..] => {
                    evidence.gaps.push(Gap { why: line["gap ".len()..].to_owned(), visit: None });
                }
                ["visit", path, ..] => add_visit(&mut evidence, path, &words),
                ["banner", ..] => evidence.banner = banner(&words[1..]),
                ["script", ..] => add_script(&mut scripts, &words, seen),
                ["frame", url] => {
                    frames.insert(url.to_owned());
                }
                ["unwatched"] => unwatched = Some("scripts were not watched".to_owned()),
                ["disclosed", ..] => disclosures.push(disclosure(&words, seen)),
                ["shared", ..] => shared.push(identifier(&words, seen)),
                ["host", ..] => add_host(&mut hosts, &words[1..], seen),
                [_, origin, ..] if origin.contains("://") => {
                    add_storage(&mut storage, &words, seen);
                }
                _ => add_cookie(&mut cookies, &words, seen),
            }
        }
        passes.insert(pass, evidence);
    }
    let parts = EvidenceParts {
        passes,
        cookies,
        storage,
        hosts,
        scripts,
        disclosures,
        shared,
        frames,
        unwatched,
        notice: state,
        notice_setting: setting,
    };
    return (Evidence::new("shop.test".to_owned(), parts), policy);

    fn is_heading(line: &str) -> bool {
        let word = line.split(' ').next().unwrap_or_default();
        matches!(word, "none" | "reject" | "accept" | "withdraw" | "notice" | "law")
    }
}

fn evidence(pass: Pass, choice: &str) -> PassEvidence {
    let why = |word: &str| format!("the button was {word}");
    let choice = match (choice, pass) {
        ("", Pass::None) => Choice::NotAsked,
        ("", _) => {
            let proof = vec![Proof::BannerGone, Proof::ConsentStored];
            Choice::Made { via: Via::Recipe, clicks: 2, proof }
        }
        ("one-click", _) => Choice::Made { via: Via::Heuristic, clicks: 1, proof: Vec::new() },
        ("failed", _) => Choice::Failed { why: why("stuck") },
        ("unavailable", _) => Choice::Unavailable { why: why("not there") },
        (other, _) => panic!("unknown choice `{other}`"),
    };
    let banner = Banner::Found {
        text: "We use cookies".to_owned(),
        accept: true,
        reject: true,
        facts: Box::default(),
    };
    let visits = vec![Visit {
        url: "https://shop.test/".to_owned(),
        status: VisitStatus::Ok,
        http_status: Some(200),
        settled_ms: 1000,
        problem: None,
        gestures: Vec::new(),
    }];
    PassEvidence {
        choice,
        banner,
        visits,
        gaps: Vec::new(),
        choices: Vec::new(),
        second_look: None,
        second_visitor: None,
    }
}

fn add_visit(evidence: &mut PassEvidence, path: &str, words: &[&str]) {
    let url = format!("https://shop.test{path}");
    let failed = words.contains(&"failed");
    if failed {
        let why = format!("{url} did not answer");
        evidence.gaps.push(Gap { why, visit: Some(evidence.visits.len()) });
    }
    evidence.visits.push(Visit {
        url,
        status: if failed { VisitStatus::Timeout } else { VisitStatus::Ok },
        http_status: (!failed).then_some(200),
        settled_ms: 1000,
        problem: None,
        gestures: Vec::new(),
    });
}

fn banner(words: &[&str]) -> Banner {
    match words {
        ["absent"] => Banner::Absent,
        ["doubtful"] => Banner::Doubtful { why: "a box in an unknown language".to_owned() },
        words => Banner::Found {
            text: value(words, "says").unwrap_or_else(|| "We use cookies".to_owned()),
            accept: words.contains(&"accept"),
            reject: words.contains(&"reject"),
            facts: Box::default(),
        },
    }
}

fn add_facts(banner: &mut Banner, words: &[&str]) {
    let Banner::Found { facts, .. } = banner else { panic!("no banner to know more of") };
    let number = |key: &str| value(words, key).and_then(|it| it.parse::<f64>().ok());
    let layer = value(words, "layer").map_or(1, |it| it.parse().unwrap());
    let kind = |usual: &str| value(words, "kind").unwrap_or_else(|| usual.to_owned());
    match words {
        ["walled", ..] => {
            facts.walled = true;
            facts.covered = value(words, "covered").map(|it| it.parse().unwrap());
        }
        ["unknown", label, ..] => {
            facts.not_understood.push(UnknownControl { layer, ..unknown_control(label, words) });
        }
        ["control", label, ..] => {
            let size = value(words, "size").unwrap_or_else(|| "0x0".to_owned());
            let (width, height) = size.split_once('x').unwrap();
            facts.controls.push(ControlFacts {
                label: label.replace('_', " "),
                meaning: value(words, "meaning"),
                kind: kind("button"),
                layer,
                size: (width.parse().unwrap(), height.parse().unwrap()),
                font_px: number("font").unwrap_or_default(),
                contrast: number("contrast"),
                ..ControlFacts::default()
            });
        }
        ["option", label, ..] => facts.options.push(OptionFacts {
            label: label.replace('_', " "),
            kind: kind("checkbox"),
            checked: words.contains(&"checked"),
            fixed: words.contains(&"fixed"),
            says_no: words.contains(&"says-no"),
            layer,
        }),
        _ => panic!("cannot read {words:?}"),
    }
}

fn unknown_control(label: &str, words: &[&str]) -> UnknownControl {
    UnknownControl {
        label: label.replace('_', " "),
        kind: value(words, "kind").unwrap_or_else(|| "button".to_owned()),
        leads_to: match value(words, "leads").as_deref() {
            None => LeadsTo::Here,
            Some("page") => LeadsTo::Page,
            Some("policy") => LeadsTo::Policy,
            Some("elsewhere") => LeadsTo::OtherSite,
            Some(other) => panic!("nothing leads to `{other}`"),
        },
        address: value(words, "address"),
        layer: 1,
        ..UnknownControl::default()
    }
}

fn add_choice(evidence: &mut PassEvidence, words: &[&str]) {
    let list = |key: &str| -> Vec<String> {
        value(words, key).map_or_else(Vec::new, |it| it.split(',').map(str::to_owned).collect())
    };
    match words {
        ["choice", choice, ..] => evidence.choices.push(ChoiceFacts {
            choice: choice.parse().unwrap(),
            via: Via::Heuristic,
            cmp: None,
            pressed: list("pressed")
                .into_iter()
                .map(|label| Pressed {
                    at: 0,
                    label,
                    meaning: None,
                    kind: "button".to_owned(),
                    layer: 1,
                })
                .collect(),
            at: Some(0),
            visible_ms: None,
            chosen_ms: None,
            proved_ms: None,
            proof: if words.contains(&"proof") {
                vec![Proof::BannerGone, Proof::ConsentStored, Proof::PersistsAfterReload]
            } else {
                Vec::new()
            },
            stored: Vec::new(),
            asked_again: value(words, "asked-again"),
            signals: Vec::new(),
            not_understood: list("unknown").iter().map(|it| unknown_control(it, &[])).collect(),
            doubts: Vec::new(),
            record: None,
        }),
        ["signal", source, ..] => {
            let (granted, denied) = (list("granted"), list("denied"));
            let signal = ConsentSignal { source: (*source).to_owned(), granted, denied };
            evidence.choices.last_mut().unwrap().signals.push(signal);
        }
        ["second-look", what] => {
            evidence.second_look = Some(SecondLook {
                user_agent: "Mozilla/5.0".to_owned(),
                banner: (*what == "banner").then(|| "We use cookies".to_owned()),
                problem: (*what == "failed").then(|| "it did not load".to_owned()),
            });
        }
        ["compared", ..] => {
            let problem = value(words, "failed");
            let user_agent = "Mozilla/5.0".to_owned();
            evidence.second_visitor =
                Some(SecondVisitor { user_agent, visitors: 3, only_here: Vec::new(), problem });
        }
        ["only-here", kind, name, place, category] => {
            evidence.second_visitor.as_mut().unwrap().only_here.push(OnlyHere {
                kind: written(kind),
                name: name.trim_matches('-').to_owned(),
                place: (*place).to_owned(),
                category: written(category),
            });
        }
        _ => panic!("cannot read {words:?}"),
    }
}

/// What a word of a recording means; `-` is nothing.
fn written<T: serde::de::DeserializeOwned>(word: &str) -> T {
    let value = if word == "-" { serde_json::Value::Null } else { word.into() };
    serde_json::from_value(value).unwrap()
}

fn sighting(pass: Pass, consent: Consent, page: Option<&str>) -> Sighting {
    let page = format!("https://shop.test{}", page.unwrap_or("/"));
    Sighting { pass, consent, page, at_end: true, kind: SightingKind::Set }
}

fn add_cookie(cookies: &mut Vec<ObservedCookie>, words: &[&str], seen: Sighting) {
    let [name, domain, category, ..] = words[..] else { panic!("cannot read {words:?}") };
    let host = domain.trim_start_matches('.');
    let key = CookieKey {
        name: if name == "(nameless)" { String::new() } else { name.to_owned() },
        domain: host.to_owned(),
        path: "/".to_owned(),
        partition: None,
        host_only: !domain.starts_with('.'),
    };
    if let Some(known) = cookies.iter_mut().find(|it| it.key == key) {
        known.seen.push(seen);
        return;
    }
    let asked = value(words, "life").map_or(31_536_000, |it| seconds(&it));
    let kept = value(words, "kept").map(|it| seconds(&it));
    let session = value(words, "life").as_deref() == Some("session");
    cookies.push(ObservedCookie {
        party: site::party(host, "shop.test"),
        class: class(category, words),
        set_by: set_by(words),
        lifetime: Lifetime {
            session,
            seconds: (!session).then(|| kept.unwrap_or(asked)),
            requested_seconds: (!session && kept.is_none()).then_some(asked),
        },
        secure: !words.contains(&"plain"),
        http_only: false,
        same_site: SameSite::Lax,
        seen: vec![seen],
        sent_to: value(words, "sent-to").into_iter().collect(),
        blocked: value(words, "blocked"),
        probe: words.contains(&"probe"),
        value: None,
        key,
    });
}

fn add_storage(storage: &mut Vec<ObservedStorage>, words: &[&str], seen: Sighting) {
    let [item, origin, category, ..] = words[..] else { panic!("cannot read {words:?}") };
    let (kind, name) = item.split_once(':').unwrap();
    let kind = match kind {
        "local" => StorageKind::Local,
        "session" => StorageKind::Session,
        "indexeddb" => StorageKind::Indexeddb,
        "cache" => StorageKind::Cache,
        "opfs" => StorageKind::Opfs,
        _ => panic!("unknown kind of storage `{kind}`"),
    };
    let key = StorageKey { origin: origin.to_owned(), kind, key: name.to_owned() };
    if let Some(known) = storage.iter_mut().find(|it| it.key == key) {
        known.seen.push(seen);
        return;
    }
    storage.push(ObservedStorage {
        party: site::party(&site::host_of(origin).unwrap(), "shop.test"),
        class: class(category, words),
        set_by: set_by(words),
        seen: vec![seen],
        probe: words.contains(&"probe"),
        key,
    });
}

fn add_host(hosts: &mut Vec<ObservedHost>, words: &[&str], seen: Sighting) {
    let [name, category, ..] = words[..] else { panic!("cannot read {words:?}") };
    if let Some(known) = hosts.iter_mut().find(|it| it.host.as_str() == name) {
        known.requests += 1;
        known.seen.push(seen);
        return;
    }
    hosts.push(ObservedHost {
        host: Host::new(name),
        site: site::of_host(name),
        party: site::party(name, "shop.test"),
        class: class(category, words),
        requests: 1,
        kinds: vec![value(words, "kind").unwrap_or_else(|| "script".to_owned())],
        initiators: value(words, "by").into_iter().collect(),
        example: format!("https://{name}/x"),
        seen: vec![seen],
        alias: match value(words, "alias") {
            None => Alias::None,
            Some(it) if it == "?" => Alias::Unknown("it was not looked up".to_owned()),
            Some(to) => Alias::Tracker { chain: vec![to.clone()], to },
        },
    });
}

fn class(category: &str, words: &[&str]) -> Classification {
    let confidence = match value(words, "sure").as_deref() {
        Some("low") => Confidence::Low,
        Some("medium") => Confidence::Medium,
        _ => Confidence::High,
    };
    let source = match value(words, "basis").as_deref() {
        None => SourceId::Facts,
        Some("notice") => SourceId::Notice,
        Some("scorer") => SourceId::Scorer,
        Some(other) => panic!("no source is written `{other}`"),
    };
    let basis = Basis { source, entry: "a row".to_owned(), confidence };
    let organisation = value(words, "org");
    let consent_only = words.contains(&"consent-only");
    let or = value(words, "or").map(|it| read_category(&it));
    Classification { category: read_category(category), basis, organisation, consent_only, or }
}

fn set_by(words: &[&str]) -> SetBy {
    let chain = value(words, "through").into_iter().collect();
    match (value(words, "script"), value(words, "http")) {
        (url @ Some(_), _) => SetBy { kind: SetKind::Script, url, chain },
        (None, url @ Some(_)) => SetBy { kind: SetKind::Http, url, chain },
        (None, None) => SetBy::unknown(),
    }
}

fn read_category(word: &str) -> Category {
    match word {
        "essential" => Category::Essential,
        "functional" => Category::Functional,
        "performance" => Category::Performance,
        "marketing" => Category::Marketing,
        "unknown" => Category::Unknown,
        _ => panic!("unknown category `{word}`"),
    }
}

/// `90d`, `2y`, `30m`, `5s`; a month is not written.
fn seconds(text: &str) -> i64 {
    if text == "session" {
        return 0;
    }
    let (number, unit) = text.split_at(text.len() - 1);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "y" => 365 * 86_400,
        _ => panic!("unknown unit in `{text}`"),
    };
    number.parse::<i64>().unwrap() * unit
}

fn value(words: &[&str], key: &str) -> Option<String> {
    let (_, value) = words.iter().filter_map(|it| it.split_once('=')).find(|(it, _)| *it == key)?;
    Some(value.replace('_', " "))
}

fn unindent(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    lines.join("\n")
}
