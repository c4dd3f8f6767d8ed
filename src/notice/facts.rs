//! Facts about the page as a whole: whether it is a notice, when it was reviewed, where it leads.

use std::sync::LazyLock;

use regex::Regex;

use super::category::is_cookie_word;
use super::html::{Anchor, Block, Page};
use super::text::{fold, sentences, words};
use crate::model::{Link, LinkKind};

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours")
}

/// Whether the page tells visitors what the site stores, tracks or shares.
///
/// What stands in the frame of the page, banner and footer, says nothing: every page has that.
pub(super) fn is_notice(page: &Page) -> bool {
    let mut titled = is_notice_title(&page.title);
    let (mut sentences_read, mut on_topic, mut cookies) = (0_usize, 0_usize, 0_usize);
    let mut length = 0_usize;
    for block in &page.blocks {
        let text = match block {
            Block::Heading { text, .. } => {
                titled |= is_notice_title(text);
                text
            }
            Block::Text(run) | Block::Item(run) if !run.frame => &run.text,
            Block::Term(text) | Block::Detail(text) => text,
            _ => continue,
        };
        // Enough of any page to know what it is about.
        length += text.len();
        if length > 400_000 {
            break;
        }
        for sentence in sentences(text) {
            let folded = fold(sentence);
            if folded.split(' ').count() < 4 {
                continue;
            }
            sentences_read += 1;
            let says_cookie = folded.split(' ').any(is_cookie_word);
            cookies += usize::from(says_cookie);
            // Baking has cookies too.
            on_topic += usize::from(
                (says_cookie && COMPUTING.is_match(&folded)) || PRIVACY.is_match(&folded),
            );
        }
    }
    if titled {
        return on_topic >= 2 || (on_topic == 1 && sentences_read <= 6);
    }
    // No title that says so: then most of the text must be about it.
    on_topic >= 3 && (on_topic * 3 >= sentences_read || (cookies >= 5 && on_topic >= 5))
}

fn is_notice_title(title: &str) -> bool {
    let title = fold(title);
    (title.len() < 120 && title.split(' ').any(is_cookie_word)) || TITLES.is_match(&title)
}

static TITLES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(privacy|data protection|how we use your (data|information)|tracking technologies|preifatrwydd|phreifatrwydd|diogelu data)\b",
    )
});

static COMPUTING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(we|our|us|you|your|browser|device|computer|website|web site|site|service|session|visit\w*|data|information|file|files|store\w*|analytics|rydym|ein|eich|porwr|dyfais|cyfrifiadur|gwefan|wefan|gwasanaeth|gwybodaeth|ffeil\w*)\b",
    )
});

static PRIVACY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(personal (data|information)|data controller|data protection|ip address(es)?|your (data|information|privacy)|google analytics|gdpr|lawful basis|track(s|ing)? (you|your|users|visitors)|data personol|gwybodaeth bersonol|eich (data|gwybodaeth|preifatrwydd)|cyfeiriad(au)? ip)\b",
    )
});

/// `YYYY-MM` of the latest date at which the notice says it was reviewed or updated.
pub(super) fn reviewed(text: &str) -> Option<String> {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(updated|reviewed|revised|amended|modified|last changed|last review|last update|review date|date of (last )?(review|update)|effective|in force|version|published|diweddarwyd|ddiweddarwyd|diweddaru|diweddariad|adolygwyd|adolygiad|hadolygu|hadolygwyd|diwygiwyd)\b",
        )
    });
    let mut latest: Option<(u16, u8)> = None;
    for said in SAID.find_iter(text).take(500) {
        let before = tail(&text[..said.start()], 12).to_lowercase();
        if before.contains("next") || before.contains("nesaf") || before.contains("be ") {
            continue;
        }
        let after = head(&text[said.end()..], 50);
        // A date close by, in the same sentence.
        if let Some(date) = date(after) {
            latest = latest.max(Some(date));
        }
    }
    latest.map(|(year, month)| format!("{year:04}-{month:02}"))
}

fn head(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(at, _)| &text[..at])
}

fn tail(text: &str, most: usize) -> &str {
    text.char_indices().rev().nth(most - 1).map_or(text, |(at, _)| &text[at..])
}

fn date(text: &str) -> Option<(u16, u8)> {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\D{0,30}?(?:\d{1,2}(?:st|nd|rd|th|ain|af|fed|ydd|eg)?\s+(?:of\s+)?)?\b(\p{L}{3,9})\.?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?((?:19|20)\d\d)\b",
        )
    });
    static FIGURES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^\D{0,30}?(?:(\d{4})-(\d{1,2})(?:-\d{1,2})?|\d{1,2}[./-](\d{1,2})[./-]((?:20|19)?\d\d))\b",
        )
    });
    if let Some(found) = FIGURES.captures(text) {
        let (year, month) = match (found.get(1), found.get(2)) {
            (Some(year), Some(month)) => (year.as_str(), month.as_str()),
            _ => (found.get(4)?.as_str(), found.get(3)?.as_str()),
        };
        let year: u16 = year.parse().ok()?;
        let year = if year < 100 { 2000 + year } else { year };
        let month: u8 = month.parse().ok()?;
        return ((1..=12).contains(&month) && (1994..=2100).contains(&year))
            .then_some((year, month));
    }
    let found = WORDS.captures(text)?;
    Some((found[2].parse().ok()?, month(&found[1])?))
}

fn month(word: &str) -> Option<u8> {
    const MONTHS: [(&str, &str); 12] = [
        ("january", "ionawr"),
        ("february", "chwefror"),
        ("march", "mawrth"),
        ("april", "ebrill"),
        ("may", "mai"),
        ("june", "mehefin"),
        ("july", "gorffennaf"),
        ("august", "awst"),
        ("september", "medi"),
        ("october", "hydref"),
        ("november", "tachwedd"),
        ("december", "rhagfyr"),
    ];
    let word = word.to_lowercase();
    // Welsh months are mutated after "o" and "ym": `Fai`, `Fawrth`, `Dachwedd`.
    let same = |welsh: &str| welsh == word || (word.len() > 2 && welsh.get(1..) == word.get(1..));
    let at = MONTHS.iter().position(|(english, welsh)| {
        (word.len() >= 3 && english.starts_with(&word)) || same(welsh)
    })?;
    u8::try_from(at + 1).ok()
}

/// Where the notice leads, as far as a reader would follow.
pub(super) fn links(page: &Page, language: &str) -> Vec<Link> {
    let mut out: Vec<Link> = Vec::new();
    for anchor in &page.links {
        if let Some(kind) = link_kind(anchor, language) {
            let link = Link { kind, url: anchor.href.trim().to_owned() };
            if !out.contains(&link) {
                out.push(link);
            }
        }
    }
    out
}

fn link_kind(anchor: &Anchor, language: &str) -> Option<LinkKind> {
    let text = fold(&anchor.text);
    let href = anchor.href.trim().to_lowercase();
    if href.is_empty() || href.starts_with('#') || href.starts_with("mailto:") {
        return None;
    }
    let other = if language == "cy" { "en" } else { "cy" };
    let names_other = if other == "cy" { "cymraeg" } else { "english" };
    if anchor.lang.as_deref().is_some_and(|lang| lang.starts_with(other)) || text == names_other {
        return Some(LinkKind::Translation);
    }
    // The opt-outs that British notices link to; the rest says so in its text.
    const OPT_OUTS: [&str; 8] = [
        "gaoptout",
        "optout",
        "opt-out",
        "opt_out",
        "google.com/settings/ads",
        "adssettings.google",
        "networkadvertising.org/choices",
        "youronlinechoices",
    ];
    if OPT_OUTS.iter().any(|it| href.contains(it))
        || text.contains("opt out")
        || text.contains("opt-out")
    {
        return Some(LinkKind::OptOut);
    }
    let speaks = |word: &str| text.contains(word) || href.contains(word);
    let about_cookies = text.split(' ').any(is_cookie_word) || href.contains("cookie");
    let is_web = href.starts_with("http://") || href.starts_with("https://");
    const GUIDES: [&str; 10] = [
        "aboutcookies",
        "allaboutcookies",
        "ico.org.uk",
        "support.",
        "mozilla.org",
        "microsoft.com/en-us/help",
        "apple.com",
        "whatsmybrowser",
        "wikipedia.org",
        "windows.microsoft",
    ];
    if GUIDES.iter().any(|guide| href.contains(guide)) {
        return None;
    }
    let choice = ["settings", "preference", "change your", "manage", "newid eich", "gosodiadau"];
    if !is_web && (about_cookies && choice.iter().any(|it| speaks(it)) || href.contains("cookie_p"))
    {
        return Some(LinkKind::Settings);
    }
    let about =
        about_cookies || speaks("privacy") || words(&text).iter().any(|it| it == "preifatrwydd");
    (is_web && about).then_some(LinkKind::ThirdPartyNotice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::html::parse;

    #[test]
    fn the_latest_review_counts() {
        for (text, date) in [
            ("Last updated 3 May 2026.", Some("2026-05")),
            ("Updated: April 2025", Some("2025-04")),
            ("Published 1 March 2020, last reviewed on 2nd June 2023", Some("2023-06")),
            ("This page was last reviewed: 14/02/2024", Some("2024-02")),
            ("Last modified 2024-11-30", Some("2024-11")),
            ("Diweddarwyd ddiwethaf 4 Mai 2022", Some("2022-05")),
            ("Adolygwyd ym mis Tachwedd 2021", Some("2021-11")),
            ("Next review: May 2030", None),
            ("Copyright 2024", None),
            ("We have updated our 3 offices", None),
        ] {
            assert_eq!(reviewed(text).as_deref(), date, "{text}");
        }
    }

    #[test]
    fn a_banner_is_no_notice() {
        let page = "<title>Parking permits</title>
            <div id='cookie-banner'><h2>Cookies</h2><p>We use cookies on this site to measure how you use it.
            We would like your consent. You can change your cookie settings.</p></div>
            <main><h1>Parking permits</h1><p>Apply for a permit for your street here.</p>
            <p>You need proof of address.</p></main><footer><a href='/cookies'>Cookies</a></footer>";
        assert!(!is_notice(&parse(page)));
    }

    #[test]
    fn a_short_page_about_cookies_is_one() {
        let page =
            "<h1>Cookies</h1><p>We keep one cookie on your computer to remember your basket.</p>";
        assert!(is_notice(&parse(page)));
        let baking = "<h1>Chocolate cookies</h1><p>Mix flour, sugar and butter. Bake the cookies for ten minutes.</p>";
        assert!(!is_notice(&parse(baking)));
    }
}
