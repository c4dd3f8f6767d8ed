//! Which links of a page may be followed for a choice's sake. A link that might do something, or lead
//! away in a hurry, is left alone.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use crate::{consent::Words, model::site, notice::PageLink};

/// Words of links that do things, or that someone in danger leaves by.
static ACTS: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used, reason = "the pattern is fixed and a test uses it")]
    Regex::new(
        r"(?ix) \b(?: log[\s_-]?(?:out|off|in) | sign[\s_-]?(?:out|off|in|up) | exit | escape | leave | hide
        | gadael | delete | remove | unsubscribe | cancel | basket | cart | checkout | pay | donate
        | add | vote | download | print | share | feed | rss | api )\b",
    )
    .expect("a valid pattern")
});

/// Ends of paths that are no pages.
const FILES: &[&str] = &[
    ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".zip", ".csv", ".xml", ".ics",
    ".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".mp3", ".mp4", ".txt", ".json", ".odt",
];

/// Whether two addresses are of different pages.
pub(super) fn differs(url: &Url, other: &Url) -> bool {
    let page = |url: &Url| (url.host_str().map(str::to_owned), url.path().to_owned());
    page(url) != page(other)
}

/// A page of the same host that a visitor could go to next.
pub(super) fn second_page(target: &Url, links: &[PageLink], words: &Words) -> Option<Url> {
    pages(target, links)
        .filter(|(_, text)| !words.is_notice_link(text))
        .map(|(url, _)| url)
        // What is near the start page is more likely to look like it.
        .min_by_key(|url| (url.query().is_some(), url.path().matches('/').count()))
}

/// Pages of the same site that speak of cookies by their link: best first.
pub(super) fn cookies_pages(target: &Url, links: &[PageLink], words: &Words) -> Vec<Url> {
    let mut pages: Vec<(bool, Url)> = pages(target, links)
        .filter(|(_, text)| words.is_notice_link(text) || words.meaning(text).is_some())
        .map(|(url, text)| {
            let cookies = Regex::is_match(&COOKIES, &text) || COOKIES.is_match(url.path());
            (!cookies, url)
        })
        .collect();
    pages.sort_by_key(|(other, _)| *other);
    let mut urls: Vec<Url> = Vec::new();
    for (_, url) in pages {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

static COOKIES: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used, reason = "the pattern is fixed and a test uses it")]
    Regex::new(r"(?i)cookie|cwci|briwsion|galletas|ciastecz").expect("a valid pattern")
});

/// Links to other pages of the target's host that do nothing but show them.
fn pages<'a>(target: &'a Url, links: &'a [PageLink]) -> impl Iterator<Item = (Url, String)> + 'a {
    links.iter().filter_map(|link| {
        let mut url = Url::parse(&link.href).ok()?;
        url.set_fragment(None);
        let same = url.scheme().starts_with("http")
            && site::of_url(&url) == site::of_url(target)
            && url.host_str() == target.host_str();
        let path = url.path().to_lowercase();
        let acts = ACTS.is_match(&link.text)
            || ACTS.is_match(&path.replace(['/', '_', '-'], " "))
            || url.query().is_some_and(|query| ACTS.is_match(query));
        let file = FILES.iter().any(|end| path.ends_with(end));
        (same && !acts && !file && differs(&url, target)).then(|| (url, link.text.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(text: &str, href: &str) -> PageLink {
        PageLink { text: text.to_owned(), href: href.to_owned() }
    }

    #[test]
    fn a_second_page_does_nothing_but_show_itself() {
        let target = Url::parse("https://www.shop.test/").unwrap();
        let links = [
            link("Log out", "https://www.shop.test/logout"),
            link("Leave this site", "https://www.shop.test/go"),
            link("Hide", "https://www.bbc.co.uk/weather"),
            link("Leaflet", "https://www.shop.test/leaflet.pdf"),
            link("Cookies", "https://www.shop.test/cookies"),
            link("Home", "https://www.shop.test/#top"),
            link("Our help", "https://www.shop.test/help/us"),
            link("About", "https://www.shop.test/about"),
        ];
        let words = Words::all();
        let found = second_page(&target, &links, &words).unwrap();
        assert_eq!(found.path(), "/about");
        let cookies = cookies_pages(&target, &links, &words);
        assert_eq!(cookies.len(), 1);
        assert_eq!(cookies[0].path(), "/cookies");
    }
}
