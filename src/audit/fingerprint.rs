//! What identifies a finding, in this scan and the next: baselines and history stand on it. It is made
//! of names that are part of the formats, never of Rust's, and so stays what it is when code is renamed.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    model::{CookieKey, Subject},
    notice::generalise,
};

/// 16 hex digits that stay the same as long as the rule and what it is about do.
pub(super) fn fingerprint(rule: &str, subject: &Subject) -> String {
    let mut text = format!("{rule}\n{}", name(subject.variant()));
    for part in parts(subject) {
        text.push('\n');
        text.push_str(&part);
    }
    let digest = Sha256::digest(text);
    digest[..8].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What identifies a subject among its sort; what differs between visitors and releases is `*`.
fn parts(subject: &Subject) -> Vec<String> {
    match subject {
        Subject::Cookie(key) => cookie(key),
        Subject::Storage(key) => {
            vec![key.origin.clone(), name(key.kind), general(&key.key)]
        }
        Subject::Host(host) => vec![host.to_string()],
        Subject::Script(url) => vec![general_path(url.bare())],
        Subject::Disclosure { to, kind } => vec![to.to_string(), name(kind)],
        Subject::SharedId { cookie: key, to } => {
            let mut parts = cookie(key);
            parts.push(to.to_string());
            parts
        }
        Subject::Choice(pass) => vec![name(pass)],
        Subject::ConsentSignal { source, after } => vec![source.clone(), name(after)],
        Subject::Declaration(text)
        | Subject::Claim(text)
        | Subject::Banner(text)
        | Subject::BannerOption(text)
        | Subject::Notice(text)
        | Subject::Page(text)
        | Subject::Site(text) => vec![text.clone()],
    }
}

fn cookie(key: &CookieKey) -> Vec<String> {
    let domain = if key.host_only { key.domain.clone() } else { format!(".{}", key.domain) };
    let mut parts = vec![general(&key.name), domain, key.path.clone()];
    parts.extend(key.partition.clone());
    parts
}

/// `_ga_*` for `_ga_AB12CD34`.
fn general(name: &str) -> String {
    generalise(name).unwrap_or_else(|| name.to_owned())
}

/// `https://a.test/js/main.*.js` for `https://a.test/js/main.8f3c21d0.js`: a build's digest changes with each release.
fn general_path(url: &str) -> String {
    let (folder, file) = url.rsplit_once('/').unwrap_or(("", url));
    let (stem, end) = file.rsplit_once('.').unwrap_or((file, ""));
    let stem = general(stem);
    if end.is_empty() { format!("{folder}/{stem}") } else { format!("{folder}/{stem}.{end}") }
}

/// The name of a value in the formats.
fn name(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DisclosureKind, Host, Pass, ScriptUrl, StorageKey, StorageKind};

    fn cookie(name: &str) -> Subject {
        Subject::Cookie(key(name))
    }

    fn key(name: &str) -> CookieKey {
        CookieKey {
            name: name.to_owned(),
            domain: "shop.test".to_owned(),
            path: "/".to_owned(),
            partition: None,
            host_only: false,
        }
    }

    /// If this fails, every baseline that was ever kept forgets its findings.
    #[test]
    fn fingerprints_are_what_they_were() {
        let storage = StorageKey {
            origin: "https://shop.test".to_owned(),
            kind: StorageKind::Indexeddb,
            key: "seen".to_owned(),
        };
        let to = || Host::new("www.x.test");
        let text = |text: &str| text.to_owned();
        for (subject, golden) in [
            (cookie("_ga"), "af876ffcd3cfe0a4"),
            (Subject::Storage(storage), "b35420e1dfc8b9fa"),
            (Subject::Host(to()), "1fde400294f63c7f"),
            (Subject::Script(ScriptUrl::new("https://x.test/a.js?v=1")), "de53a0dd15b29547"),
            (Subject::Disclosure { to: to(), kind: DisclosureKind::Address }, "1f96954a75fe1621"),
            (Subject::SharedId { cookie: key("_ga"), to: to() }, "628796d68f928922"),
            (Subject::Declaration(text("_ga*")), "18e971e1d7a6f12c"),
            (Subject::Claim(text("None.")), "c715587bb591cbe1"),
            (Subject::Banner(text("shop.test")), "73a6cf513819ff61"),
            (Subject::Choice(Pass::Reject), "e6472266b9dfd190"),
            (Subject::BannerOption(text("Analytics")), "3da72e9f5e91404d"),
            (
                Subject::ConsentSignal { source: text("tcf"), after: Pass::Reject },
                "bf43bbcc8ae18e44",
            ),
            (Subject::Notice(text("https://shop.test/c")), "588ec5f9bd717ece"),
            (Subject::Page(text("https://shop.test/a")), "a37d76a15346797e"),
            (Subject::Site(text("shop.test")), "79989d5bf719c197"),
        ] {
            assert_eq!(fingerprint("a-rule", &subject), golden, "{subject:?}");
        }
    }

    #[test]
    fn what_differs_between_visitors_and_releases_makes_no_other_finding() {
        let one = fingerprint("a-rule", &cookie("_ga_AB12CD34"));
        assert_eq!(one, fingerprint("a-rule", &cookie("_ga_ZX98YW76")));
        assert_ne!(one, fingerprint("a-rule", &cookie("_ga")));
        assert_ne!(one, fingerprint("another-rule", &cookie("_ga_AB12CD34")));
        let script = |url: &str| fingerprint("a-rule", &Subject::Script(ScriptUrl::new(url)));
        assert_eq!(
            script("https://x.test/js/main.8f3c21d0.js"),
            script("https://x.test/js/main.00b1a2c3.js?v=2")
        );
        assert_ne!(script("https://x.test/js/main.js"), script("https://x.test/js/other.js"));
    }

    #[test]
    fn things_of_another_sort_or_place_are_other_findings() {
        let host_only = Subject::Cookie(CookieKey { host_only: true, ..key("_ga") });
        let shared = Subject::SharedId { cookie: key("_ga"), to: Host::new("x.test") };
        assert_ne!(fingerprint("a-rule", &cookie("_ga")), fingerprint("a-rule", &host_only));
        assert_ne!(fingerprint("a-rule", &cookie("_ga")), fingerprint("a-rule", &shared));
    }
}
