//! What is seen around a cookie or storage item that nobody knows: what its name is weighed with.

use super::{context::Context, jar_keys};
use crate::model::{Consent, Party, Pass, SetBy, Sighting, site};

/// The host of another site that has to do with it: that keeps it, or else that wrote it; empty if none has.
pub(super) fn host(reader: &Context<'_>, owner: &str, set_by: &SetBy) -> String {
    let third = |host: &String| site::party(host, &reader.site) == Party::Third;
    let writer = || set_by.url.as_deref().and_then(site::host_of).filter(third);
    Some(owner.to_owned()).filter(third).or_else(writer).unwrap_or_default()
}

/// Whether what loaded the script that wrote it is for counting or advertising, a tag manager included.
pub(super) fn loaded_by_tracker(reader: &Context<'_>, set_by: &SetBy) -> bool {
    set_by.chain.iter().any(|url| reader.knowledge.request(url).category.tracks())
}

/// Whether it was seen where the visitor had agreed, and nowhere else although it was looked for elsewhere.
pub(super) fn only_after_agreeing(reader: &Context<'_>, seen: &[Sighting]) -> bool {
    let looked = |pass: Pass| {
        reader.recording.passes.iter().any(|it| it.pass == pass && !it.checkpoints.is_empty())
    };
    seen.iter().any(|it| it.consent == Consent::Granted)
        && seen.iter().all(|it| matches!(it.consent, Consent::Granted | Consent::Withdrawn))
        && looked(Pass::None)
        && looked(Pass::Reject)
}

/// How many characters a value has, as it is in the recording; `None` of what no digest says it of.
pub(super) fn length(reader: &Context<'_>, value: &str) -> Option<usize> {
    jar_keys::length(reader.recording.vantage.values_kept, value)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{classify::Knowledge, interpret::interpret, recording::Recording};

    const SITE: &str = "https://www.shop.test/";
    const SCRIPT: &str = "https://ads.small.test/x.js";
    const MANAGER: &str = "https://www.googletagmanager.com/gtm.js?id=GTM-1";

    fn pass(name: &str, interaction: &Value, events: &Value, jar: &Value) -> Value {
        let visit = json!({ "kind": "start", "asked": SITE, "url": SITE, "status": "ok",
            "http_status": 200, "at": 0, "settled_ms": 9, "stopped": "quiet", "title": "", "problem": null });
        json!({ "pass": name, "banner": { "state": "absent" }, "interaction": interaction,
            "visits": [visit], "events": events, "problems": [],
            "checkpoints": [{ "at": 900, "visit": 0, "name": "left", "jar": jar, "storage": [] }] })
    }

    fn request(url: &str, by: &str) -> Value {
        json!({ "at": 600, "visit": 0, "target": "page", "event": "request", "id": url, "url": url,
            "method": "GET", "kind": "script", "document": SITE, "initiated_by": "script",
            "initiators": [{ "url": by, "line": 1, "function": "" }], "redirected_from": null })
    }

    /// What is said of a cookie that a visitor gets who agrees, in a scan of these other passes.
    fn basis(others: &[&str]) -> String {
        let done = json!({ "state": "done", "at": 500, "via": "heuristic", "steps": ["Accept"],
            "proof": ["banner-gone"] });
        let written = json!({ "at": 700, "visit": 0, "target": "page", "event": "script-cookie",
            "api": "document.cookie", "frame": SITE, "header": "advert_visitor=~36:aa; max-age=63072000",
            "stuck": true, "stack": [{ "url": SCRIPT, "line": 2, "function": "go" }] });
        let sent = request("https://other.test/?who=%7E36%3Aaa", SCRIPT);
        let held = json!([{ "name": "advert_visitor", "domain": "www.shop.test", "path": "/",
            "value": "~36:aa", "parts": ["~36:aa"], "expires_in": 63_072_000, "secure": true,
            "http_only": false, "same_site": null, "partition": null }]);
        let mut passes: Vec<Value> = others
            .iter()
            .map(|name| pass(name, &json!({ "state": "none" }), &json!([]), &json!([])))
            .collect();
        let events = json!([request(MANAGER, SITE), request(SCRIPT, MANAGER), written, sent]);
        passes.push(pass("accept", &done, &events, &held));
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
        let case = interpret(&recording, &Knowledge::embedded());
        let mut basis = String::new();
        let _ = case.everywhere(|seen| {
            basis = seen.cookies().next().unwrap().0.class.basis.entry.clone();
        });
        basis
    }

    #[test]
    fn everything_that_is_seen_around_a_name_is_weighed() {
        let basis = basis(&["none", "reject"]);
        for reason in [
            "the name contains `advert`",
            "its host contains `ads`",
            "it lives longer than 30 days",
            "it is sent to another site",
            "a script that counts or advertises loaded its script",
            "it is set only after consent",
            "its value can identify a browser",
        ] {
            assert!(basis.contains(reason), "{reason} is not in: {basis}");
        }
        assert!(!basis.contains("it is another site's"), "{basis}");
    }

    /// Who did not look does not know that it is set only for those who agree.
    #[test]
    fn agreeing_counts_only_where_the_others_were_looked_at() {
        for others in [&["none"][..], &["reject"], &[]] {
            let basis = basis(others);
            assert!(
                basis.contains("advert") && !basis.contains("only after consent"),
                "{others:?}: {basis}"
            );
        }
    }
}
