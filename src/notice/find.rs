//! Finds, among the links of a page, those that may lead to the cookie notice.

use std::sync::LazyLock;

use regex::Regex;

use super::text::{regex, run_together};
use url::Url;

use crate::model::site;

/// A link as a page has it.
#[derive(Clone, Debug)]
pub struct PageLink {
    /// Its text.
    pub text: String,
    /// Where it leads, as written or made absolute.
    pub href: String,
}

/// A link that may lead to the cookie notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it leads, without a fragment.
    pub url: Url,
    /// The text of the link.
    pub text: String,
}

static COOKIE: LazyLock<Regex> = LazyLock::new(|| regex(r"cookie|\b[cg]h?wcis?\b|\bcwci"));
static POLICY: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"polic|notice|statement|about|details|polisi|datganiad|hysbysiad|\bcookies\b|\bcwcis\b")
});
static CHOICE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"accept|reject|setting|manage|preference|consent|hide|change|gosodiad|derbyn|gwrthod|rheoli",
    )
});
static PRIVACY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"privacy|preifatrwydd|data[ _-]?protection|diogelu[ _-]data"));
/// Following these would end the visit.
static AWAY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"quick[ _-]?(?:exit|escape)|(?:exit|leave|escape)[ _-](?:this|the|site|page|now)|hide[ _-]this[ _-](?:page|site)|log[ _-]?(?:out|off)|sign[ _-]?(?:out|off)|gadael|allgofnodi",
    )
});
/// Sites that explain cookies in general, or the notices of services.
const GENERAL: &[&str] = &[
    "aboutcookies.org",
    "aboutcookies.org.uk",
    "allaboutcookies.org",
    "ico.org.uk",
    "google.com",
    "google.co.uk",
    "youronlinechoices.com",
    "youronlinechoices.eu",
    "youronlinechoices.co.uk",
    "networkadvertising.org",
    "aboutads.info",
    "optout.aboutads.info",
    "wikipedia.org",
    "microsoft.com",
    "mozilla.org",
    "apple.com",
    "opera.com",
    "facebook.com",
    "twitter.com",
    "x.com",
    "youtube.com",
    "linkedin.com",
    "instagram.com",
    "vimeo.com",
    "tiktok.com",
    "internetcookies.org",
    "cookiesandyou.com",
    "gdpr.eu",
    "bbc.co.uk",
    "cookiebot.com",
    "onetrust.com",
    "civicuk.com",
    "hotjar.com",
    "adobe.com",
    "cloudflare.com",
];

/// Links that may lead to the cookie notice, best first: cookies before privacy, this site before others.
pub fn find(base: &Url, links: &[PageLink]) -> Vec<Candidate> {
    let home = site::of_url(base);
    let mut ranked: Vec<((u8, u8, u8), Candidate)> = Vec::new();
    for link in links {
        let Ok(mut url) = base.join(link.href.trim()) else { continue };
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            continue;
        }
        let fragment = url.fragment().unwrap_or_default().to_lowercase();
        url.set_fragment(None);
        let text = link.text.to_lowercase();
        let path = format!("{} {}", url.path(), url.query().unwrap_or_default()).to_lowercase();
        if AWAY.is_match(&text) || AWAY.is_match(&path) {
            continue;
        }
        let there = site::of_url(&url);
        let same_site = there == home;
        if !same_site && there.as_deref().is_some_and(|it| GENERAL.contains(&it)) {
            continue;
        }
        let Some(kind) = kind(&text, &path, &fragment) else { continue };
        // The page itself is no answer unless it was named as such.
        let is_base = {
            let mut start = base.clone();
            start.set_fragment(None);
            start == url
        };
        if is_base
            && !path.contains("cookie")
            && !path.contains("cwci")
            && !path.contains("privacy")
        {
            continue;
        }
        let rank = (kind.0, u8::from(!same_site), kind.1);
        let candidate = Candidate { url, text: run_together(&link.text) };
        match ranked.iter_mut().find(|(_, it)| it.url == candidate.url) {
            Some(known) if known.0 > rank => *known = (rank, candidate),
            Some(_) => {}
            None => ranked.push((rank, candidate)),
        }
    }
    // Stable: links of a rank stay in the order of the page.
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Smaller is better: first what it is about, then how surely.
fn kind(text: &str, path: &str, fragment: &str) -> Option<(u8, u8)> {
    let (in_text, in_path) = (COOKIE.is_match(text), COOKIE.is_match(path));
    if in_text || in_path {
        let sure = match () {
            () if CHOICE.is_match(text) && !POLICY.is_match(text) => 3,
            () if in_text && in_path => 0,
            () if in_text && POLICY.is_match(text) => 1,
            () => 2,
        };
        return Some((0, sure));
    }
    if COOKIE.is_match(fragment) {
        return Some((0, 2));
    }
    let (in_text, in_path) = (PRIVACY.is_match(text), PRIVACY.is_match(path));
    match (in_text, in_path) {
        (true, true) => Some((1, 0)),
        (true, false) => Some((1, 1)),
        (false, true) => Some((1, 2)),
        (false, false) => None,
    }
}
