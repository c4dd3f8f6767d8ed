//! Who receives what identifies visitors: identifiers in cookies and storage items, fingerprints, recordings.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    context::Context,
    events::{ContactKind, Meaning},
    identifiers, jar_keys,
    parameters::parameters,
    tracking::{Found, Tracking, is_silent},
};
use crate::model::{
    Category, CookieKey, ObservedScript, Party, Pass, SharedIdentifier, StorageKey, site,
};

/// What follows from the identifiers that were found and from where they were sent.
pub(super) fn find(
    reader: &Context<'_>,
    shared: &[SharedIdentifier],
    scripts: &[ObservedScript],
) -> Tracking {
    let mut found = Tracking::default();
    add_cookies(&mut found, reader, shared);
    add_storage(&mut found, reader);
    add_scripts(&mut found, reader, scripts);
    found
}

fn add_cookies(found: &mut Tracking, reader: &Context<'_>, shared: &[SharedIdentifier]) {
    let mut receivers: BTreeMap<&CookieKey, BTreeSet<&str>> = BTreeMap::new();
    for it in shared {
        receivers.entry(&it.cookie).or_default().insert(it.host.as_str());
    }
    let sent = cookie_receivers(reader);
    for (key, identifier) in &reader.identifiers.cookies {
        if reader.record.may_be(key) {
            continue;
        }
        let own = site::party(&key.domain, &reader.site) == Party::First;
        let elsewhere = receivers.get(key).into_iter().flatten().copied();
        let mut hosts: BTreeSet<&str> = elsewhere.filter(|it| is_receiver(reader, it)).collect();
        let keepers = sent.get(key).into_iter().flatten().map(String::as_str);
        let keepers: BTreeSet<&str> =
            keepers.filter(|it| !own && is_receiver(reader, it)).collect();
        if own && hosts.is_empty() || !own && keepers.is_empty() && hosts.is_empty() {
            continue;
        }
        let name = format!("`{}` of {}", key.name, key.domain);
        for host in &hosts {
            let category = if own { Category::Performance } else { Category::Marketing };
            found.add_host(host, category, format!("it receives the identifier in {name}"));
        }
        for host in &keepers {
            let reason = format!("it recognises visitors by the identifier in its own {name}");
            found.add_host(host, Category::Performance, reason);
        }
        let is_synced = !hosts.is_empty();
        hosts.extend(keepers);
        // Who is sent the identifiers of another site follows visitors from one to the other.
        let category = if own || !is_synced { served(reader, &hosts) } else { Category::Marketing };
        let reasons = [reason(identifier.visitors, &hosts)].into();
        found.cookies.insert(key.clone(), Found { category, reasons });
    }
    for (key, hosts) in receivers {
        let hosts: BTreeSet<&str> =
            hosts.into_iter().filter(|it| is_receiver(reader, it)).collect();
        if let Some(host) = hosts.first()
            && !reader.identifiers.cookies.contains_key(key)
            && given_for_refusing(reader, key)
        {
            let reason = format!(
                "only who refuses is given it, it is no part of the record of the choice, it is kept for weeks, and its \
                 value is sent to {host}"
            );
            let category = served(reader, &hosts);
            found.cookies.insert(key.clone(), Found { category, reasons: [reason].into() });
        }
    }
}

/// Whether a cookie of the site's own holds a long value for weeks, the same on every page, that only the visitor who
/// refused was given, so that it can be compared with no other's; and something else is the record of the choice.
fn given_for_refusing(reader: &Context<'_>, key: &CookieKey) -> bool {
    const LONG: usize = 16;
    let is_own = site::party(&key.domain, &reader.site) == Party::First;
    if !is_own || !reader.record.is_apart_from(key) {
        return false;
    }
    let kept = reader.recording.vantage.values_kept;
    let (mut compared, mut held, mut values) = (BTreeSet::new(), 0, BTreeSet::new());
    for pass in &reader.recording.passes {
        compared.insert(pass.pass);
        let jars = pass.checkpoints.iter().flat_map(|it| &it.jar);
        for cookie in jars.filter(|it| jar_keys::jar_key(it) == *key) {
            let is_long = jar_keys::length(kept, &cookie.value).is_some_and(|it| it >= LONG);
            let lasts = cookie.expires_in.is_some_and(|it| it >= identifiers::WEEKS);
            if pass.pass != Pass::Reject || !is_long || !lasts {
                return false;
            }
            held += 1;
            values.insert(&cookie.value);
        }
    }
    let others = [Pass::None, Pass::Accept].iter().all(|it| compared.contains(it));
    others && held > 1 && values.len() == 1
}

fn add_storage(found: &mut Tracking, reader: &Context<'_>) {
    let mut owners: BTreeMap<&str, Vec<&StorageKey>> = BTreeMap::new();
    for (key, identifier) in &reader.identifiers.storage {
        for part in &identifier.parts {
            owners.entry(part).or_default().push(key);
        }
    }
    if owners.is_empty() {
        return;
    }
    let mut receivers: BTreeMap<&StorageKey, BTreeSet<String>> = BTreeMap::new();
    for event in reader.passes.iter().flat_map(|pass| &pass.recording.events) {
        let Some(contact) = Meaning::contact(&event.kind) else { continue };
        let Some(host) = site::host_of(contact.url) else { continue };
        if !is_receiver(reader, &host) {
            continue;
        }
        let body = match contact.channel {
            ContactKind::Request { body, .. } => body,
            ContactKind::WebSocket | ContactKind::WebTransport => None,
        };
        for (_, value) in parameters(contact.url, body) {
            for key in owners.get(value.as_str()).into_iter().flatten() {
                receivers.entry(key).or_default().insert(host.clone());
            }
        }
    }
    for (key, hosts) in receivers {
        if reader.record.may_be_item(key) {
            continue;
        }
        let owner = site::host_of(&key.origin).unwrap_or_default();
        let own = site::party(&owner, &reader.site) == Party::First;
        let hosts: BTreeSet<&str> = hosts.iter().map(String::as_str).collect();
        let stays = hosts.iter().all(|it| site::of_host(it) == site::of_host(&owner));
        let category = if own || stays { served(reader, &hosts) } else { Category::Marketing };
        for host in &hosts {
            let what = format!("it receives the identifier in `{}` of {}", key.key, key.origin);
            found.add_host(host, category, what);
        }
        let visitors = reader.identifiers.storage.get(key).map_or(2, |it| it.visitors);
        let reasons = [reason(visitors, &hosts)].into();
        found.storage.insert(key.clone(), Found { category, reasons });
    }
}

fn add_scripts(found: &mut Tracking, reader: &Context<'_>, scripts: &[ObservedScript]) {
    // What the site's own scripts send may be anything.
    for script in scripts.iter().filter(|it| it.party == Party::Third) {
        let what = if script.fingerprints() {
            "a fingerprint of the browser"
        } else if script.records() {
            "a recording of the visit"
        } else {
            continue;
        };
        // What others of the same owner send may be something else, unless it stays with the owner.
        let along = script.sends_along.iter().filter(|it| site::of_host(it) == script.owner);
        let hosts = script.sends_to.iter().chain(along);
        for host in hosts.filter(|it| is_receiver(reader, it)) {
            let name = script.url.bare();
            let reason = format!("the script {name} sends to it, which takes {what}");
            found.add_host(host, Category::Performance, reason);
        }
    }
}

/// Whether a host of another site that is sent an identifier follows visitors by it for all that is known: those who
/// keep choices, take payments or answer questions need one for that.
pub(super) fn is_receiver(reader: &Context<'_>, host: &str) -> bool {
    let class = reader.knowledge.host(host);
    site::party(host, &reader.site) == Party::Third
        && (class.category.tracks() || is_silent(&class))
        && !reader.knowledge.asks_for_consent(host)
}

/// The hosts of its own site that each cookie of another site was sent to, or whose answer set it.
fn cookie_receivers(reader: &Context<'_>) -> BTreeMap<CookieKey, BTreeSet<String>> {
    let mut by_name: BTreeMap<(&str, &str), Vec<&CookieKey>> = BTreeMap::new();
    for key in reader.identifiers.cookies.keys() {
        if site::party(&key.domain, &reader.site) == Party::Third {
            by_name.entry((&key.name, &key.domain)).or_default().push(key);
        }
    }
    let mut receivers: BTreeMap<CookieKey, BTreeSet<String>> = BTreeMap::new();
    let mut add = |name: &str, domain: &str, host: String| {
        let domain = domain.trim_start_matches('.');
        for key in by_name.get(&(name, domain)).into_iter().flatten() {
            receivers.entry((*key).clone()).or_default().insert(host.clone());
        }
    };
    for event in reader.passes.iter().flat_map(|pass| &pass.recording.events) {
        match Meaning::new(&event.kind) {
            Meaning::CookiesSent { host, cookies } => {
                for cookie in cookies {
                    add(&cookie.name, &cookie.domain, host.to_owned());
                }
            }
            Meaning::SetCookie { url, header, .. } => {
                let Some(host) = site::host_of(url) else { continue };
                let name = header.split(['=', ';']).next().unwrap_or_default().trim().to_owned();
                let scope = host.clone();
                let parents = std::iter::successors(Some(scope.as_str()), |it| {
                    it.split_once('.').map(|(_, rest)| rest)
                });
                for domain in parents {
                    add(&name, domain, host.clone());
                }
            }
            _ => (),
        }
    }
    receivers
}

/// What the hosts that an identifier of the site's own is sent to are for: to measure, unless one of them advertises.
fn served(reader: &Context<'_>, hosts: &BTreeSet<&str>) -> Category {
    let advertises = |host: &&str| reader.knowledge.host(host).category == Category::Marketing;
    if hosts.iter().any(advertises) { Category::Marketing } else { Category::Performance }
}

fn reason(visitors: usize, hosts: &BTreeSet<&str>) -> String {
    let receiver = hosts.first().copied().unwrap_or_default();
    format!(
        "it identifies the visitor: its value was another for each of {visitors} visitors and of one shape, it is kept for \
         weeks, and it is sent to {receiver}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{
        classify::Knowledge,
        interpret::interpret,
        model::{Category, Confidence, SourceId},
        recording::Recording,
    };

    const SITE: &str = "https://www.shop.test/";
    const YEAR: i64 = 31_536_000;

    /// What three visitors were given and sent: `jar`, `storage` and `events` say so of the one with that number.
    struct Visitors<'a> {
        jar: &'a dyn Fn(usize) -> Value,
        storage: &'a dyn Fn(usize) -> Value,
        events: &'a dyn Fn(usize) -> Value,
    }

    impl Visitors<'_> {
        /// Category, source and confidence of everything, as `name category source confidence`.
        fn said(&self) -> Vec<String> {
            let none = json!({ "state": "none" });
            let passes: Vec<Value> = ["none", "reject", "accept"]
                .iter()
                .enumerate()
                .map(|(at, name)| {
                    let visit = |url: &str| json!({ "kind": "start", "asked": url, "url": url, "status": "ok",
                        "http_status": 200, "at": 0, "settled_ms": 9, "stopped": "quiet", "title": "", "problem": null });
                    let look = |visit: usize, moment: &str| json!({ "at": 900 + visit, "visit": visit, "name": moment,
                        "jar": (self.jar)(at), "storage": (self.storage)(at) });
                    json!({ "pass": name, "banner": { "state": "absent" }, "interaction": none,
                        "visits": [visit(SITE), visit("https://www.shop.test/about")],
                        "events": (self.events)(at), "problems": [],
                        "checkpoints": [look(0, "settled"), look(1, "page")] })
                })
                .collect();
            let recording: Recording = serde_json::from_value(json!({
                "format": 1, "tool": "crumbcheck test", "started": "2026-11-01T12:00:00Z", "duration_ms": 1,
                "target": { "url": SITE, "pages": [], "notice": null },
                "vantage": { "browser": "", "headless_shell": true, "user_agent": "", "webdriver": false,
                    "third_party_cookies": "allowed", "locale": "en-GB", "viewport": "desktop",
                    "timeout_ms": 1, "settle_ms": 1, "insecure": false, "values_kept": false },
                "passes": passes,
                "notice": { "candidates": [], "page": null, "problem": null }, "problems": [],
            }))
            .unwrap();
            let mut said = Vec::new();
            let evidence = interpret(&recording, &Knowledge::embedded());
            let _ = evidence.everywhere(|seen| {
                let classes = seen
                    .cookies()
                    .map(|(it, _)| (it.key.name.clone(), it.class.clone()))
                    .chain(seen.storage().map(|(it, _)| (it.key.key.clone(), it.class.clone())))
                    .chain(seen.hosts().map(|(it, _)| (it.host.to_string(), it.class.clone())));
                for (name, class) in classes {
                    let (source, confidence) = (class.basis.source, class.basis.confidence);
                    if class.category == Category::Unknown {
                        said.push(format!("{name} unknown"));
                    } else {
                        said.push(format!(
                            "{name} {} {source} {}",
                            class.category,
                            confidence.name()
                        ));
                    }
                    assert!(
                        source != SourceId::Behaviour || confidence == Confidence::Medium,
                        "{name}"
                    );
                }
            });
            said
        }
    }

    fn cookie(name: &str, domain: &str, values: &[&str], lives: Option<i64>) -> Value {
        json!({ "name": name, "domain": domain, "path": "/", "value": values[0], "parts": values,
            "expires_in": lives, "secure": true, "http_only": false, "same_site": null, "partition": null })
    }

    fn request(url: &str) -> Value {
        json!({ "at": 600, "visit": 0, "target": "page", "event": "request", "id": url, "url": url,
            "method": "GET", "kind": "image", "document": SITE, "initiated_by": "script",
            "initiators": [], "redirected_from": null })
    }

    fn id(visitor: usize) -> String {
        format!("~36:a{visitor}")
    }

    fn nothing(_: usize) -> Value {
        json!([])
    }

    /// A cookie of the site with these values, sent to a host.
    fn of_the_site(
        name: &str,
        values: &dyn Fn(usize) -> Vec<String>,
        lives: Option<i64>,
        host: &str,
    ) -> Vec<String> {
        let jar = |at: usize| {
            let values = values(at);
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            json!([cookie(name, ".shop.test", &values, lives)])
        };
        let events = |at: usize| {
            let value = &values(at)[0];
            json!([request(&format!("https://{host}/p?u={}", value.replace(':', "%3A")))])
        };
        Visitors { jar: &jar, storage: &nothing, events: &events }.said()
    }

    #[test]
    fn an_identifier_that_is_kept_for_weeks_and_sent_to_another_site_follows_visitors() {
        let said = of_the_site("zz_q", &|at| vec![id(at)], Some(YEAR), "in.nobody.test");
        assert_eq!(
            said,
            ["zz_q performance behaviour medium", "in.nobody.test performance behaviour medium"]
        );
        // Who advertises wants it for that.
        let said = of_the_site("zz_q", &|at| vec![id(at)], Some(YEAR), "ib.adnxs.com");
        assert_eq!(said[0], "zz_q marketing behaviour medium");
    }

    #[test]
    fn what_lacks_one_of_these_signs_stays_unknown() {
        type Case<'a> = (&'a str, &'a dyn Fn(usize) -> Vec<String>, Option<i64>, &'a str);
        let each = |at: usize| vec![id(at)];
        let same = |_: usize| vec![id(7)];
        let growing = |at: usize| vec![format!("~{}:a{at}", 20 * (at + 1))];
        let time = |at: usize| [24, 19, 16, 10].map(|n| format!("~{n}:t{at}")).to_vec();
        let cases: [Case<'_>; 6] = [
            ("the same for all", &same, Some(YEAR), "in.nobody.test"),
            ("of no shape", &growing, Some(YEAR), "in.nobody.test"),
            ("a point in time", &time, Some(YEAR), "in.nobody.test"),
            ("for this visit only", &each, None, "in.nobody.test"),
            ("for a day", &each, Some(86_400), "in.nobody.test"),
            ("sent to who keeps choices", &each, Some(YEAR), "geolocation.onetrust.com"),
        ];
        for (what, values, lives, host) in cases {
            let said = of_the_site("zz_q", values, lives, host);
            assert_eq!(said[0], "zz_q unknown", "{what}");
            assert!(!said[1].contains("behaviour"), "{what}: {said:?}");
        }
        let jar = |at: usize| json!([cookie("zz_q", ".shop.test", &[&id(at)], Some(YEAR))]);
        let said = Visitors { jar: &jar, storage: &nothing, events: &nothing }.said();
        assert_eq!(said, ["zz_q unknown"], "sent to nobody");
    }

    #[test]
    fn a_fact_goes_before_behaviour() {
        let said =
            of_the_site("PHPSESSID", &|at| vec![id(at)], Some(YEAR), "www.youtube-nocookie.com");
        assert!(!said[0].contains("behaviour"), "{said:?}");
        let said = of_the_site("_ga", &|at| vec![id(at)], Some(YEAR), "in.nobody.test");
        assert_eq!(said[0], "_ga performance facts high");
    }

    #[test]
    fn another_sites_own_identifier_is_enough() {
        let jar = |at: usize| json!([cookie("q", ".nobody.test", &[&id(at)], Some(YEAR))]);
        let events = |_: usize| {
            json!([
                request("https://in.nobody.test/p"),
                { "at": 601, "visit": 0, "target": "page", "event": "request-cookies", "id": "1", "host": "in.nobody.test",
                  "sent": [{ "name": "q", "domain": ".nobody.test", "path": "/" }] },
                request("https://other.nobody.test/s"),
            ])
        };
        let said = Visitors { jar: &jar, storage: &nothing, events: &events }.said();
        assert_eq!(
            said,
            [
                "q performance behaviour medium",
                "in.nobody.test performance behaviour medium",
                "other.nobody.test unknown"
            ]
        );
    }

    #[test]
    fn an_identifier_in_a_storage_item_is_found_by_its_parts() {
        let storage = |at: usize| {
            json!([{ "origin": "https://www.shop.test", "store": "local", "key": "zz_state",
                "value": format!("~90:s{at}"), "parts": [id(at)] }])
        };
        let events = |at: usize| {
            json!([request(&format!("https://in.nobody.test/p?u={}", id(at).replace(':', "%3A")))])
        };
        let said = Visitors { jar: &nothing, storage: &storage, events: &events }.said();
        assert_eq!(
            said,
            [
                "zz_state performance behaviour medium",
                "in.nobody.test performance behaviour medium"
            ]
        );
    }
}
