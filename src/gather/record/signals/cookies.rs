//! Cookies that requests carry and responses set, and the jar.

use serde_json::Value;

use super::text;
use crate::{
    gather::record::event_log::{EventLog, Source},
    recording::{CookieStatus, EventKind, JarCookie, SentCookie, redact::Redactor},
};

/// `Network.requestWillBeSentExtraInfo`: the cookies a request really carried.
pub(in crate::gather::record) fn sent(log: &EventLog, source: Source<'_>, params: &Value) {
    let id = text(&params["requestId"]);
    let redirect = log.next_sent(&id);
    let sent: Vec<SentCookie> = params["associatedCookies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|it| it["blockedReasons"].as_array().is_none_or(Vec::is_empty))
        .map(|it| SentCookie {
            name: text(&it["cookie"]["name"]),
            domain: text(&it["cookie"]["domain"]),
            path: text(&it["cookie"]["path"]),
        })
        .collect();
    if !sent.is_empty() {
        let kind = EventKind::RequestCookies { id: id.as_str().into(), host: "".into(), sent };
        log.push_for_redirect(source, &id, redirect, kind);
    }
}

/// `Network.responseReceivedExtraInfo`: every `Set-Cookie` line, those the browser refused included.
pub(in crate::gather::record) fn received(log: &EventLog, source: Source<'_>, params: &Value) {
    let id = text(&params["requestId"]);
    let redirect = log.next_received(&id);
    let partition = params["cookiePartitionKey"]["topLevelSite"].as_str();
    let lines = params["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .flat_map(|(_, value)| value.as_str().unwrap_or_default().split('\n'));
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let reasons: Vec<String> = params["blockedCookies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|blocked| blocked["cookieLine"].as_str() == Some(line))
            .flat_map(|blocked| blocked["blockedReasons"].as_array().into_iter().flatten())
            .map(text)
            .collect();
        let kind = EventKind::SetCookie {
            id: id.clone(),
            url: String::new(),
            header: log.redactor().header(line),
            partition: partition.map(str::to_owned),
            status: match reasons.as_slice() {
                [] => CookieStatus::Stored,
                _ => CookieStatus::Blocked(reasons),
            },
        };
        log.push_for_redirect(source, &id, redirect, kind);
    }
}

/// The jar as `Storage.getCookies` gives it; `now` in seconds since 1970.
pub(in crate::gather) fn jar(answer: &Value, now: f64, redactor: &Redactor) -> Vec<JarCookie> {
    let mut jar: Vec<JarCookie> = answer["cookies"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|cookie| JarCookie {
            name: text(&cookie["name"]),
            domain: text(&cookie["domain"]),
            path: text(&cookie["path"]),
            value: redactor.value(cookie["value"].as_str().unwrap_or_default()),
            parts: redactor.parts(cookie["value"].as_str().unwrap_or_default()),
            expires_in: cookie["expires"]
                .as_f64()
                .filter(|_| cookie["session"] != true)
                .map(|expires| whole_seconds(expires - now)),
            secure: cookie["secure"] == true,
            http_only: cookie["httpOnly"] == true,
            same_site: cookie["sameSite"].as_str().map(str::to_owned),
            partition: cookie["partitionKey"]["topLevelSite"]
                .as_str()
                .or_else(|| cookie["partitionKey"].as_str())
                .map(str::to_owned),
        })
        .collect();
    jar.sort_by(|a, b| {
        (&a.domain, &a.path, &a.name, &a.partition).cmp(&(
            &b.domain,
            &b.path,
            &b.name,
            &b.partition,
        ))
    });
    jar
}

/// The browser caps lifetimes at 400 days, so the number always fits.
#[allow(clippy::cast_possible_truncation, reason = "capped by the browser")]
fn whole_seconds(seconds: f64) -> i64 {
    seconds.round() as i64
}
