//! Where a page is in other languages: what its head and its links say of that, and where sites have their Welsh pages.

use std::sync::LazyLock;

use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use crate::recording::NoticePage;

/// A page in another language, as the page itself or the habit of sites has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// Its address; with a fragment if that is a route of a program.
    pub(super) url: Url,
    /// Its language, as the first part of a language tag.
    pub(super) language: String,
}

/// What links to other languages say, and whole words of it mean.
const NAMES: &[(&str, &str)] = &[
    ("cymraeg", "cy"),
    ("gymraeg", "cy"),
    ("welsh", "cy"),
    ("cym", "cy"),
    ("cy", "cy"),
    ("english", "en"),
    ("saesneg", "en"),
    ("eng", "en"),
    ("en", "en"),
    ("gaeilge", "ga"),
    ("gàidhlig", "gd"),
    ("deutsch", "de"),
    ("de", "de"),
    ("français", "fr"),
    ("fr", "fr"),
    ("español", "es"),
    ("es", "es"),
    ("italiano", "it"),
    ("it", "it"),
    ("nederlands", "nl"),
    ("nl", "nl"),
    ("polski", "pl"),
    ("pl", "pl"),
    ("português", "pt"),
    ("pt", "pt"),
];

/// What stands beside the name of a language in a link that changes to it.
const BESIDE: &[&str] = &[
    "switch",
    "change",
    "view",
    "read",
    "see",
    "show",
    "this",
    "page",
    "website",
    "site",
    "in",
    "into",
    "to",
    "version",
    "language",
    "the",
    "newid",
    "i'r",
    "i’r",
    "gweld",
    "gweler",
    "darllen",
    "dudalen",
    "hon",
    "y",
    "yr",
    "yn",
    "fersiwn",
    "iaith",
    "ir",
    "wefan",
    "ewch",
    "go",
    "also",
    "available",
];

/// Where a page says that it is in other languages than `own`: by `hreflang` in its head and at its links, by `lang` at
/// links, and by links and lists that name a language. One address for each language, in the order of the page.
pub(super) fn versions(at: &Url, page: &NoticePage, own: &str) -> Vec<Version> {
    let mut found: Vec<Version> = Vec::new();
    for html in [&page.content, &page.unseen] {
        let html = Html::parse_document(html);
        let Ok(ways) = Selector::parse("link[hreflang], a[href], option[value]") else { continue };
        for element in html.select(&ways) {
            let Some(language) = language_of(element) else { continue };
            let target = element.attr("href").or_else(|| element.attr("value")).unwrap_or_default();
            let target = target.trim();
            // The value of an option is an address only if it looks like one.
            if element.value().name() == "option" && !target.starts_with(['/', 'h', '?', '#']) {
                continue;
            }
            let Some(mut url) = at.join(target).ok() else { continue };
            let is_route = url.fragment().is_some_and(|it| it.starts_with(['/', '!']));
            if !is_route {
                url.set_fragment(None);
            }
            let is_new = found.iter().all(|it| it.language != language && it.url != url);
            if language != own && is_new && is_elsewhere(at, &url) && is_page(&url) {
                found.push(Version { url, language });
            }
        }
    }
    found
}

/// Where sites have the Welsh twin of an English page, and the other way round. Only of a site that shows that it has
/// Welsh pages: others are not bothered with guesses.
pub(super) fn twins(at: &Url, page: &NoticePage, own: &str) -> Vec<Version> {
    static SPEAKS_WELSH: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?i)\b[cg]ymraeg\b|\bwelsh (?:version|language)\b|lang=["']?cy\b|["'/]cy["'/]"#,
        )
        .ok()
    });
    let host = at.host_str().unwrap_or_default();
    let is_welsh = [".wales", ".cymru"].iter().any(|end| host.ends_with(end));
    let speaks = |text: &str| SPEAKS_WELSH.as_ref().is_some_and(|it| it.is_match(text));
    let path = at.path();
    let (other, paths) = match own {
        "en" if is_welsh || speaks(&page.content) || speaks(&page.unseen) => {
            let plain = ["/en/", "/en-gb/", "/en-GB/", "/eng/", "/english/"];
            let plain = plain.iter().find_map(|it| path.strip_prefix(it));
            let plain = plain.unwrap_or_else(|| path.trim_start_matches('/'));
            ("cy", vec![format!("/cy/{plain}"), "/cy/cwcis".to_owned()])
        }
        "cy" => {
            let plain = ["/cy/", "/cy-gb/", "/cy-GB/", "/cym/", "/cymraeg/"];
            match plain.iter().find_map(|it| path.strip_prefix(it)) {
                Some(plain) => ("en", vec![format!("/{plain}"), format!("/en/{plain}")]),
                None => ("en", vec!["/cookies".to_owned()]),
            }
        }
        _ => return Vec::new(),
    };
    let urls = paths.iter().filter_map(|it| at.join(it).ok()).filter(|url| url.path() != path);
    let versions = urls.map(|url| Version { url, language: other.to_owned() });
    let mut found: Vec<Version> = Vec::new();
    for version in versions {
        if !found.contains(&version) {
            found.push(version);
        }
    }
    found
}

/// The language that something says it leads to.
fn language_of(element: ElementRef<'_>) -> Option<String> {
    let tag = |name| element.attr(name).and_then(primary);
    if element.value().name() == "link" {
        let rel = element.attr("rel").unwrap_or_default().to_lowercase();
        // What has a type is a feed or a document.
        let is_page = rel.split_whitespace().any(|it| it == "alternate")
            && element.attr("type").is_none_or(|it| it.contains("html"));
        return tag("hreflang").filter(|_| is_page);
    }
    let text: String = element.text().collect::<Vec<_>>().join(" ").to_lowercase();
    let is_short = text.chars().count() <= 60;
    let said = |it: &str| named(it).filter(|_| is_short);
    let mut labels = ["aria-label", "title"].into_iter().filter_map(|it| element.attr(it));
    tag("hreflang")
        .or_else(|| said(&text))
        .or_else(|| labels.find_map(|it| named(&it.to_lowercase())))
        .or_else(|| {
            let inner = element.descendants().filter_map(ElementRef::wrap);
            let mut tags = inner.filter_map(|it| it.attr("lang").and_then(primary));
            tags.next().filter(|_| is_short && !text.trim().is_empty())
        })
}

/// The language that a text names, if it says nothing else than to change to it.
fn named(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || "()[]|/,.:–—-".contains(c));
    let mut found = None;
    for word in words.filter(|it| !it.is_empty()) {
        let language = NAMES.iter().find(|(name, _)| *name == word).map(|it| it.1);
        match language {
            // "Cymraeg (Welsh)" is one language by two names; "English / Cymraeg" is two.
            Some(language) if found.is_none_or(|it| it == language) => found = Some(language),
            None if BESIDE.contains(&word) => (),
            _ => return None,
        }
    }
    found.map(str::to_owned)
}

/// The language itself, of a tag such as `cy-GB`.
fn primary(tag: &str) -> Option<String> {
    let first = tag.trim().split(['-', '_']).next().unwrap_or_default().to_lowercase();
    // `x-default` is none.
    (first.len() >= 2 && first.chars().all(|c| c.is_ascii_lowercase())).then_some(first)
}

fn is_page(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.host_str().is_some()
}

/// Whether an address is another than that of the page, but for parts of the page.
fn is_elsewhere(at: &Url, url: &Url) -> bool {
    url.fragment().is_some()
        || (url.host(), url.path(), url.query()) != (at.host(), at.path(), at.query())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(content: &str) -> NoticePage {
        NoticePage { content: content.to_owned(), ..NoticePage::default() }
    }

    fn found(content: &str) -> Vec<String> {
        let at = Url::parse("https://www.river.test/cookies").unwrap();
        let found = versions(&at, &page(content), "en").into_iter();
        found
            .map(|it| {
                format!("{} {}", it.language, it.url.as_str().replace("https://www.river.test", ""))
            })
            .collect()
    }

    #[test]
    fn a_page_says_where_it_is_in_other_languages() {
        for (content, version) in [
            (
                r#"<head><link rel="alternate" hreflang="cy-GB" href="/cy/cwcis"></head>"#,
                "cy /cy/cwcis",
            ),
            (r#"<a hreflang="cy" href="/w/17">Fersiwn arall</a>"#, "cy /w/17"),
            (r#"<a href="/cy/" lang="cy">Cymraeg</a>"#, "cy /cy/"),
            (r#"<a href="/cy/"><span lang="cy">Darllenwch hyn</span></a>"#, "cy /cy/"),
            (r#"<a href="?lang=cy">Switch to Welsh</a>"#, "cy /cookies?lang=cy"),
            (r#"<a href="/cy/cookies">Newid i’r Gymraeg</a>"#, "cy /cy/cookies"),
            (r#"<a href="/cy/cookies">Cymraeg (Welsh)</a>"#, "cy /cy/cookies"),
            (r#"<a href="/cy/cookies" title="Cymraeg"><img src=f></a>"#, "cy /cy/cookies"),
            (r#"<a href="/cy/cookies">CY</a>"#, "cy /cy/cookies"),
            (r#"<select><option value="/de/cookies">Deutsch</option></select>"#, "de /de/cookies"),
            (r##"<a href="#/cy/cwcis">Cymraeg</a>"##, "cy /cookies#/cy/cwcis"),
            (
                r#"<a href="https://www.afon.test/cwcis">Cymraeg</a>"#,
                "cy https://www.afon.test/cwcis",
            ),
        ] {
            assert_eq!(found(content), [version], "{content}");
        }
    }

    #[test]
    fn what_leads_to_no_other_language_is_no_version() {
        for content in [
            r#"<link rel="alternate" hreflang="en" href="/en/cookies">"#,
            r#"<link rel="alternate" hreflang="x-default" href="/">"#,
            r#"<link rel="alternate" hreflang="cy" type="application/rss+xml" href="/cy/feed">"#,
            r#"<link rel="stylesheet" hreflang="cy" href="/cy.css">"#,
            r#"<a href="/welsh-language-standards">Welsh language standards</a>"#,
            r#"<a href="/welsh-history">Welsh history</a>"#,
            r#"<a href="/languages">English / Cymraeg</a>"#,
            r##"<a href="#main" lang="cy">Cymraeg</a>"##,
            r#"<a href="/cookies" lang="cy">Cymraeg</a>"#,
            r#"<select><option value="cy">Cymraeg</option></select>"#,
            r#"<a href="mailto:cymraeg@river.test">Cymraeg</a>"#,
        ] {
            assert_eq!(found(content), [] as [&str; 0], "{content}");
        }
    }

    #[test]
    fn a_language_is_looked_for_once() {
        let content =
            r#"<link rel=alternate hreflang=cy href=/cy/cwcis><a href="/cy/">Cymraeg</a>"#;
        assert_eq!(found(content), ["cy /cy/cwcis"]);
    }

    #[test]
    fn the_twin_of_a_page_is_guessed_where_there_is_welsh() {
        let twin = |url: &str, content: &str, own: &str| {
            let at = Url::parse(url).unwrap();
            let found = twins(&at, &page(content), own).into_iter();
            found.map(|it| it.url.path().to_owned()).collect::<Vec<_>>()
        };
        let button = "<button>Cymraeg</button>";
        assert_eq!(twin("https://r.test/cookies", button, "en"), ["/cy/cookies", "/cy/cwcis"]);
        assert_eq!(twin("https://r.test/en/cookies", button, "en"), ["/cy/cookies", "/cy/cwcis"]);
        assert_eq!(twin("https://r.wales/x", "", "en"), ["/cy/x", "/cy/cwcis"]);
        assert_eq!(twin("https://r.test/cy/x", "", "cy"), ["/x", "/en/x"]);
        assert!(twin("https://r.test/cookies", "<p>Welsh cakes</p>", "en").is_empty());
        assert!(twin("https://r.test/de/cookies", button, "de").is_empty());
    }
}
