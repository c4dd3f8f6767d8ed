//! What a notice says of itself: whether it is one, when it was reviewed, where it leads.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::{Declaration, Link, LinkKind, NoticeProblem, NoticeProblemKind};

use super::{
    language,
    page::{Anchor, Block, Page},
    text::{looks_like_host, regex},
};

static COOKIE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bcookies?\b|\b(?:c|g|ch)wcis?\b"));
static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\bcookies?\b|\b(?:c|g|ch)wcis?\b|\bprivacy\b|preifatrwydd|data protection|diogelu data|fair processing|tracking",
    )
});
/// What the heading of a page about cookies is, and of a recipe is not.
static CALLED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\W*(?:our |use of |how we use |about )?(?:website )?(?:cookies?|[cg]wcis)(?:\W*$| (?:policy|notice|statement|on|and|ar)\b)",
    )
});
/// A banner asks; a notice tells.
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^(?:accept|reject|allow|hide|view|manage|can we|may we|your cookie choices|tell us)\b|\?$|cookies on |\bderbyn\b|\bgwrthod\b",
    )
});
static TELLS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:we|this (?:web)?site|this service|our (?:web)?site)\b[^.]{0,60}\b(?:use|uses|set|sets|store|stores|collect|collects|process|share|put|place)\b|cookies? (?:is|are) (?:small|a small|a text|files?|pieces?)|\brydym yn (?:defnyddio|casglu|storio)|\bffeiliau? (?:bach|testun)|\bni(?:d ydym|'n) (?:yn )?defnyddio",
    )
});

static STORED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)cookie|\b(?:c|g|ch)wcis?\b|\bdata\b|\bddata\b|information|gwybodaeth|wybodaeth|personal|track|storage|files?\b|ffeil|\bIP\b|analytics|visit",
    )
});

pub(super) fn speaks_of_cookies(text: &str) -> bool {
    COOKIE.is_match(text)
}

/// Whether the page tells visitors what the site stores, tracks or shares. A page with a banner,
/// or with a link to a notice, does not.
pub(super) fn is_notice(page: &Page, declarations: &[Declaration]) -> bool {
    if declarations.len() >= 2 {
        return true;
    }
    let title = TITLE.is_match(&page.title);
    let heading = page.blocks.iter().any(|block| match block {
        Block::Heading { level, text } => {
            *level <= 3 && TITLE.is_match(text) && !ASKS.is_match(text)
        }
        _ => false,
    });
    let plain = page.blocks.iter().take(8).any(|block| match block {
        Block::Text(it) if !it.is_item() => {
            let text = &it.text;
            text.chars().count() < 60 && TITLE.is_match(text) && !ASKS.is_match(text)
        }
        _ => false,
    });
    if !declarations.is_empty() {
        return (title || heading || plain) && !is_about_baking(&page.text);
    }
    let told = page
        .blocks
        .iter()
        .filter(|block| {
            // "We use a telephone for interviews" says nothing of what is stored.
            matches!(block, Block::Text(it) if TELLS.is_match(&it.text) && STORED.is_match(&it.text))
        })
        .count();
    let mentions = COOKIE.find_iter(&page.text).take(20).count();
    // A page that is called so says so.
    let called = page.blocks.iter().any(|block| match block {
        Block::Heading { level: 1, text } => CALLED.is_match(text),
        _ => false,
    });
    let speaks = page.blocks.iter().any(|block| match block {
        Block::Text(it) => it.text.split_whitespace().count() >= 6,
        _ => false,
    });
    called && title && speaks
        || (title || heading) && told >= 1
        || plain && told >= 2
        || mentions >= 6 && told >= 2
}

/// Whether a page about cookies is about those that one eats.
fn is_about_baking(text: &str) -> bool {
    static BAKING: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)\b(?:bak(?:e|ed|ing|ery)|oven|flour|sugar|butter|oats?|dough|recipes?|tray|biscuits?|chocolate|pobi|blawd|siwgr|menyn|rysáit)\b",
        )
    });
    static STORED: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?i)\b(?:browsers?|devices?|website|porwr|dyfais|gwefan)\b"));
    let baking = BAKING.find_iter(text).take(20).count();
    baking >= 2 && baking > STORED.find_iter(text).take(20).count()
}

/// Reports a text of which a good part is in another language.
pub(super) fn mixed_language(text: &str) -> Option<NoticeProblem> {
    let (english, welsh) = language::counts(text);
    let (less, more) = (english.min(welsh), english.max(welsh));
    (less > 30 && less * 4 > more).then(|| NoticeProblem {
        kind: NoticeProblemKind::MixedLanguage,
        message: format!("{english} small words of English and {welsh} of Welsh"),
    })
}

const MONTHS: &[(&str, u8)] = &[
    ("jan", 1),
    ("feb", 2),
    ("mar", 3),
    ("apr", 4),
    ("may", 5),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
    ("ionawr", 1),
    ("chwefror", 2),
    ("mawrth", 3),
    ("ebrill", 4),
    ("mai", 5),
    ("mehefin", 6),
    ("gorffennaf", 7),
    ("awst", 8),
    ("medi", 9),
    ("hydref", 10),
    ("tachwedd", 11),
    ("rhagfyr", 12),
];

/// `YYYY-MM` of the latest date of review or update.
pub(super) fn reviewed(page: &Page) -> Option<String> {
    static DATED: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)(?:updated|reviewed|revised|modified|amended|effective|published|version|last (?:update|review|change)|diweddarwyd|ddiweddaru|adolygwyd|adolygu|diwygiwyd|newidiwyd|gwiriwyd|mewn grym|brought up to date|checked|adopted)[^.;|]{0,40}?(?:(?P<iso>20\d\d)-(?P<isom>\d\d)(?:-\d\d)?|\b\d{1,2}[/.](?P<numm>\d{1,2})[/.](?P<numy>20\d\d)|(?P<month>[a-z]{3,10}),?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?(?P<year>20\d\d))",
        )
    });
    let mut latest: Option<String> = None;
    for found in DATED.captures_iter(&page.text).take(50) {
        let text = |name: &str| found.name(name).map(|it| it.as_str());
        let (year, month) = if let (Some(year), Some(month)) = (text("iso"), text("isom")) {
            (year, month.parse().ok())
        } else if let (Some(year), Some(month)) = (text("numy"), text("numm")) {
            (year, month.parse().ok())
        } else if let (Some(year), Some(month)) = (text("year"), text("month")) {
            let month = month.to_lowercase();
            // Welsh names whole, English ones by their first three letters.
            let whole = MONTHS.iter().find(|(name, _)| *name == month);
            let short = || MONTHS.iter().take(12).find(|(name, _)| month.starts_with(name));
            (year, whole.or_else(short).map(|it| it.1))
        } else {
            continue;
        };
        let Some(month) = month.filter(|it| (1..=12).contains(it)) else { continue };
        let date = format!("{year}-{month:02}");
        if latest.as_ref().is_none_or(|it| *it < date) {
            latest = Some(date);
        }
    }
    latest
}

/// Where the links of a notice lead, as far as that can be told.
pub(super) fn links(anchors: &[Anchor]) -> Vec<Link> {
    static OPT_OUT: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?i)opt[ -]?out|gaoptout|dewis peidio"));
    static SETTINGS: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)(?:cookie|cwcis?|consent)[ _/-]?(?:settings|preferences|choices)|(?:change|manage|update) (?:your|my) (?:cookie|settings|preferences)|gosodiadau (?:cwcis|cookies)",
        )
    });
    static NOTICE: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?i)cookie|privacy|cwcis|preifatrwydd"));
    let mut links: Vec<Link> = Vec::new();
    for anchor in anchors {
        let both = format!("{} {}", anchor.text, anchor.href);
        let language = anchor.language.as_deref().map(str::to_lowercase);
        let translation = language.is_some_and(|it| it.len() >= 2)
            || matches!(anchor.text.to_lowercase().as_str(), "cymraeg" | "english" | "saesneg");
        let elsewhere = anchor
            .href
            .split("://")
            .nth(1)
            .and_then(|it| it.split(['/', '?', '#', ':']).next())
            .is_some_and(looks_like_host);
        let kind = match () {
            () if translation => LinkKind::Translation,
            () if OPT_OUT.is_match(&both) => LinkKind::OptOut,
            () if SETTINGS.is_match(&both) => LinkKind::Settings,
            () if elsewhere && NOTICE.is_match(&both) => LinkKind::ThirdPartyNotice,
            () => continue,
        };
        let link = Link { kind, url: anchor.href.clone() };
        if links.len() < 500 && !links.contains(&link) {
            links.push(link);
        }
    }
    links
}
