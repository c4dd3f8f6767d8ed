//! Names as notices write them, and the patterns they stand for.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;

use crate::model::{Declaration, NoticeProblem, NoticeProblemKind};

use super::text::{looks_like_host, regex};

/// What a browser takes for a name is shorter than this in every notice we have read.
const LONGEST: usize = 128;

static REPEAT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\s*[\[(]\s*[x×]\s*\d+\s*[\])]\s*$"));
/// A bracket that only says there is more.
static MORE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\s*[(\[][^()\[\]]*\b(?:plus|followed|further|several|characters?|digits?|random|suffix|ending|nodau)\b[^()\[\]]*[)\]]",
    )
});
/// "and similar": there are more of the same beginning.
static SIMILAR: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)[\s,]+(?:(?:and|or)\s+(?:similar|others?|the like|so on)(?:\s+(?:cookies?|ones|names?))?|etc\.?|a(?:c)?\s+(?:ati|rhai tebyg))\s*$",
    )
});
/// A bracket apart from the name explains it.
static ASIDE: LazyLock<Regex> = LazyLock::new(|| regex(r"\s+\([^()]*\)"));
/// "x followed by 32 characters": words that stand for the rest of a name.
static REST: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)[\s,]+(?:(?:and|then|which is|is)\s+)?(?:followed by|plus|then|with|and)\s+(?:(?:a|an|the|some|your|its|up to|\d+|random|unique|long|several|more|further|other)\s+){0,4}(?:random|unique|characters?|digits?|numbers?|letters?|string|id|identifier|suffix|code|hash)\b[^,;]*$",
    )
});
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\[[^\[\]]*\]|\{+[^{}]*\}+|<[^<>]*>|\([^()]*\)|#+|x{4,}|X{4,}|n{4,}|N{4,}|…|\.{3,}|\*+")
});
static STARS: LazyLock<Regex> = LazyLock::new(|| regex(r"\*{2,}"));
static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\s*[,;|]\s+|[,;|]|\s+(?:and|or|a|ac|neu|&|\+)\s+|\s+[/–]\s+|\s+-\s+")
});
static PLACEHOLDER_WITH_SPACE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>|\([^()]*\)"));

/// Characters that cannot be seen and that no name has: controls, zero-width ones and direction
/// overrides (Unicode categories Cc and Cf as far as they occur in pages).
pub(super) fn is_hidden(it: char) -> bool {
    (it.is_control() && !it.is_whitespace())
        || matches!(it, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{180e}')
}

/// The globs that a written name stands for; normally one, and none for no name at all.
pub fn patterns(as_written: &str) -> Vec<String> {
    let clean: String = as_written.chars().filter(|&it| !is_hidden(it)).collect();
    let clean = REPEAT.replace(clean.trim(), "");
    let clean = SIMILAR.replace(&clean, "*");
    let clean = REST.replace(&clean, "*");
    let clean = MORE.replace_all(&clean, "*");
    let clean = ASIDE.replace_all(&clean, "");
    let clean = PLACEHOLDER.replace_all(&clean, "*");
    let clean: String = clean
        .chars()
        .filter(|it| !it.is_whitespace())
        .collect::<String>()
        .trim_matches(['"', '\'', '`', '“', '”', '‘', '’', ',', ';', ':'])
        .to_owned();
    let clean = STARS.replace_all(&clean, "*").into_owned();
    // What would match any name declares nothing.
    let own = clean.chars().filter(|it| it.is_alphanumeric()).count();
    if own == 0 || clean.contains('*') && own < 2 {
        return Vec::new();
    }
    shorthand(&clean).unwrap_or_else(|| vec![clean])
}

/// A pattern with hardly more characters of its own than `_ga_*` matches what it does not mean.
const SHORT: usize = 5;
/// So many short patterns are written to match everything together.
const MOST_SHORT: usize = 40;

fn own_length(pattern: &str) -> usize {
    pattern.chars().filter(|it| *it != '*').count()
}

/// Whether a pattern has hardly anything of its own.
pub(super) fn is_short(pattern: &str) -> bool {
    pattern.contains('*') && own_length(pattern) <= SHORT
}

/// Drops the declarations of patterns for so many short beginnings that together they would cover nearly any name.
pub(super) fn without_floods(declarations: &mut Vec<Declaration>) -> Option<NoticeProblem> {
    let patterns = declarations.iter().flat_map(|it| &it.patterns);
    let short: BTreeSet<&String> = patterns.filter(|it| is_short(it)).collect();
    if short.len() <= MOST_SHORT {
        return None;
    }
    let message = format!(
        "{} patterns such as {} would cover nearly any name; they declare nothing",
        short.len(),
        short.iter().take(3).map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
    );
    declarations.retain(|it| !it.patterns.iter().any(|it| is_short(it)));
    Some(NoticeProblem { kind: NoticeProblemKind::TooManyPatterns, message })
}

/// `__utma/b/c`: what follows the first replaces its end.
fn shorthand(text: &str) -> Option<Vec<String>> {
    let (first, rest) = text.split_once('/')?;
    let rest: Vec<&str> = rest.split('/').collect();
    let short =
        |it: &&str| (1..=2).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_alphanumeric());
    if first.len() < 4 || !first.is_ascii() || !rest.iter().all(short) {
        return None;
    }
    let others = rest.iter().map(|end| format!("{}{end}", &first[..first.len() - end.len()]));
    Some(std::iter::once(first.to_owned()).chain(others).collect())
}

/// Whether a text goes on with words that stand for the rest of a name.
pub(super) fn is_continued(after: &str) -> bool {
    let after = after.trim_start_matches(['"', '”', '’', '\'', '`', ')']);
    let part = after.split([',', ';', '.', '(']).next().unwrap_or_default();
    REST.find(part).is_some_and(|it| it.start() == 0)
}

/// The names in the lines of a cell that stands under a heading for names, each as written.
pub(super) fn split(lines: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    for line in lines {
        // A line in brackets below a name explains it.
        if !names.is_empty() && line.starts_with('(') && line.ends_with(')') {
            continue;
        }
        let before = names.len();
        let rest = REST.find(line).filter(|it| !line[..it.start()].trim().contains(' '));
        let (similar, line) = match rest.or_else(|| SIMILAR.find(line)) {
            Some(found) => (&line[found.start()..], &line[..found.start()]),
            None => ("", line.as_str()),
        };
        if let Some(found) = in_bracket(line.trim()) {
            names.extend(found);
            continue;
        }
        // Placeholders may hold separators of their own.
        let (line, kept) = keep_placeholders(line);
        for piece in SEPARATOR.split(&line) {
            for name in piece_names(piece) {
                let name = restore_placeholders(&name, &kept);
                let name = name.trim().to_owned();
                if !name.is_empty() && !no_name(&name) {
                    names.push(name);
                }
            }
        }
        // It belongs to the last of them.
        if names.len() > before
            && let Some(last) = names.last_mut()
        {
            last.push_str(similar.trim_end());
        }
    }
    names
}

/// Stands for the first placeholder while a line is split, the next character for the second and
/// so on; private use, so not in a name.
const KEPT: u32 = 0xe000;
const MOST_KEPT: u32 = 0x1000;

fn is_kept(it: char) -> bool {
    (KEPT..KEPT + MOST_KEPT).contains(&u32::from(it))
}

fn keep_placeholders(line: &str) -> (String, Vec<String>) {
    let line: String = line.chars().filter(|&it| !is_kept(it)).collect();
    let mut kept: Vec<String> = Vec::new();
    let replaced = PLACEHOLDER_WITH_SPACE.replace_all(&line, |found: &regex::Captures<'_>| {
        let stand_in = u32::try_from(kept.len()).ok().filter(|&it| it < MOST_KEPT);
        let Some(stand_in) = stand_in.and_then(|it| char::from_u32(KEPT + it)) else {
            return found[0].to_owned();
        };
        kept.push(found[0].to_owned());
        stand_in.to_string()
    });
    (replaced.into_owned(), kept)
}

fn restore_placeholders(piece: &str, kept: &[String]) -> String {
    let mut out = String::new();
    for it in piece.chars() {
        let index = if is_kept(it) { usize::try_from(u32::from(it) - KEPT).ok() } else { None };
        match index.and_then(|it| kept.get(it)) {
            Some(placeholder) => out.push_str(placeholder),
            None => out.push(it),
        }
    }
    out
}

fn piece_names(piece: &str) -> Vec<String> {
    // `Visitor ID: _ab`: what stands before the colon is what the cookie is called among people.
    let piece = match piece.rsplit_once(": ") {
        Some((_, name)) if name.split_whitespace().any(looks_like_name) => name,
        _ => piece,
    };
    let piece = piece.trim().trim_matches(['"', '`', '“', '”', '•', '·', ':']).trim();
    let words: Vec<&str> = piece
        .split_whitespace()
        .filter(|word| {
            !matches!(word.to_lowercase().as_str(), "cookie" | "cookies" | "cwci" | "cwcis" | "the")
        })
        .collect();
    match words[..] {
        [] => {
            // A cookie may be called just that.
            let single =
                piece.split_whitespace().count() == 1 && piece.to_lowercase().starts_with("cookie");
            if single { vec![piece.to_owned()] } else { Vec::new() }
        }
        [one] => slashed(one),
        // `_ga […]`: the bracket belongs to it or explains it; `patterns` decides.
        [_, second] if second.chars().all(is_kept) => vec![words.join(" ")],
        // `__ utma`
        [first, second] if first.chars().all(|it| it == '_') && is_token(second) => {
            vec![format!("{first} {second}")]
        }
        _ if is_token(words[0]) && words[0].eq_ignore_ascii_case("asp.net") => {
            vec![words.join(" ")]
        }
        _ => words
            .iter()
            .filter(|word| looks_like_name(word))
            .map(|word| (*word).to_owned())
            .collect(),
    }
}

/// `Session cookie (x)`: what people call it, and its name in a bracket that stands for `kept` text.
fn in_bracket(piece: &str) -> Option<Vec<String>> {
    let (title, bracket) = piece.strip_suffix(')')?.rsplit_once('(')?;
    let words: Vec<&str> = title.split_whitespace().collect();
    let called = words.last().is_some_and(|it| {
        matches!(it.to_lowercase().as_str(), "cookie" | "cookies" | "cwci" | "cwcis")
    });
    let titled = !words.is_empty() && (called || words.iter().all(|it| !looks_like_name(it)));
    let names: Vec<String> = SEPARATOR
        .split(bracket)
        .map(|it| it.trim().trim_matches(['"', '`', '“', '”']).to_owned())
        .filter(|it| !it.is_empty())
        .collect();
    let all = !names.is_empty() && names.iter().all(|it| is_token(it) && looks_like_name(it));
    (titled && all).then_some(names)
}

/// `a/a.sig` are two names, `__utma/b/c` is one shorthand.
fn slashed(token: &str) -> Vec<String> {
    if !token.contains('/') || shorthand(token).is_some() {
        return if is_token(token) { vec![token.to_owned()] } else { Vec::new() };
    }
    let parts: Vec<&str> = token.split('/').filter(|it| is_token(it)).collect();
    // The paths of pixels (`ads/ga-audiences`) are one name.
    let several = parts.iter().all(|it| looks_like_name(it))
        || parts.split_first().is_some_and(|(first, rest)| {
            !rest.is_empty() && rest.iter().all(|it| it.starts_with(first))
        });
    if several { parts.into_iter().map(str::to_owned).collect() } else { vec![token.to_owned()] }
}

/// Names of companies, products and formats that are written as cookies are.
const BRANDS: &[&str] = &[
    "youtube",
    "linkedin",
    "javascript",
    "recaptcha",
    "wordpress",
    "iphone",
    "ipad",
    "github",
    "paypal",
    "doubleclick",
    "tiktok",
    "whatsapp",
    "surveymonkey",
    "browsealoud",
    "reachdeck",
    "govmetric",
    "cookieyes",
    "onetrust",
    "hubspot",
    "mailchimp",
    "addthis",
    "sharethis",
    "webchat",
    "ebay",
    "smartsurvey",
    "macos",
    "ios",
    "yougov",
    "posthog",
    "livechat",
    "typekit",
    "gov.uk",
    "asp.net",
    "mcafee",
    "html",
    "html5",
    "json",
    "https",
    "http",
    "gdpr",
    "pecr",
    "faq",
    "faqs",
    "nhs",
    "ico",
    "pdf",
    "url",
    "urls",
    "usa",
    "crm",
    "cms",
    "api",
    "cdn",
    "csv",
    "opengov",
    "civicuk",
    "quantcast",
    "newrelic",
    "localstorage",
    "sessionstorage",
    "indexeddb",
    "iplayer",
    "itunes",
    "powerbi",
    "arcgis",
    "openstreetmap",
    "cloudfront",
    "sitecore",
    "formstack",
    "jotform",
    "soundcloud",
    "eventbrite",
    "icloud",
    "bbc",
    "dvla",
    "hmrc",
    "dwp",
    "ga4",
    "utm",
    "ai",
    "uk",
    "eu",
    "eea",
    "llc",
    "ltd",
    "inc",
    "plc",
    "ip",
    "ipv4",
    "ipv6",
    "isp",
    "isps",
    "sme",
    "smes",
    "cctv",
    "dpo",
    "foi",
    "ssl",
    "tls",
    "rss",
    "sms",
    "xml",
    "css",
    "php",
    "siteimprove",
    "clickdimensions",
    "adobe",
    "netscape",
    "msn",
    "aws",
    "okay",
    "note",
    "please",
    "important",
];

/// Whether a word can only be the name of a cookie, even in running text: letters joined by `_` and the
/// like. Capitals alone may be an abbreviation.
pub(super) fn is_surely_a_name(word: &str) -> bool {
    if !looks_like_name(word) || word.contains('/') || word.contains('@') || word.contains('=') {
        return false;
    }
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let inner = word.trim_matches(['*', '[', ']', '<', '>', '{', '}', '#']);
    letters >= 2
        && (word.contains('_')
            || (inner.len() >= 6
                && inner.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
                && letters >= 5))
}

/// `CourseSession`, `ai_user`: a capital after a small letter.
fn has_inner_capital(word: &str) -> bool {
    word.as_bytes().windows(2).any(|it| it[0].is_ascii_lowercase() && it[1].is_ascii_uppercase())
}

/// What may stand in a cookie's name (RFC 6265bis, token), and the brackets of placeholders.
pub(super) fn is_token(text: &str) -> bool {
    let allowed = |it: char| {
        it.is_ascii_alphanumeric()
            || is_kept(it)
            || is_hidden(it)
            || "!#$%&'*+-.^_`|~:[]{}<>@=/…".contains(it)
    };
    !text.is_empty()
        && text.len() <= LONGEST
        && text.chars().all(allowed)
        && text.chars().any(|it| it.is_ascii_alphanumeric() || it == '*' || is_kept(it))
        && !text.contains("://")
}

/// Whether a word is a cookie's name rather than a word of a language.
pub(super) fn looks_like_name(word: &str) -> bool {
    let word = word.trim_matches([',', ';', ':', '"', '(', ')']);
    if !is_token(word) || word.len() < 2 || word.ends_with('.') || word.contains('@') {
        return false;
    }
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let has = |test: fn(char) -> bool| word.chars().any(test);
    let camel = has_inner_capital(word);
    if BRANDS.contains(&word.to_ascii_lowercase().as_str()) {
        return false;
    }
    let host = word.contains('.') && looks_like_host(word);
    let file = word.rsplit_once('.').is_some_and(|(_, end)| {
        [
            "pdf", "doc", "docx", "xls", "xlsx", "csv", "zip", "jpg", "png", "html", "htm", "ods",
            "odt", "ppt", "pptx",
        ]
        .contains(&end.to_ascii_lowercase().as_str())
    });
    letters > 0
        && !host
        && !file
        && (word.contains('_')
            || camel
            || (has(|it| it.is_ascii_digit()) && !word.starts_with(|it: char| it.is_ascii_digit()))
            || has(|it| "[]{}<>*#".contains(it) || is_kept(it))
            || (word.len() >= 3 && letters == word.len() && !has(|it| it.is_ascii_lowercase()))
            || word.trim_end_matches('.').contains('.')
            || (word.len() >= 6 && word.contains('-') && !has(|it| it.is_ascii_lowercase()))
            || word.matches('-').count() >= 2)
}

/// What stands in a name cell when there is no cookie, or names a service and not a cookie.
fn no_name(text: &str) -> bool {
    let bare: String =
        text.to_lowercase().chars().filter(|it| it.is_alphanumeric() || *it == '/').collect();
    matches!(
        bare.as_str(),
        "" | "no"
            | "none"
            | "n/a"
            | "na"
            | "nil"
            | "dim"
            | "various"
            | "amrywiol"
            | "tbc"
            | "unknown"
            | "name"
            | "enw"
            | "google"
            | "youtube"
            | "facebook"
            | "twitter"
            | "vimeo"
            | "linkedin"
            | "instagram"
            | "hotjar"
            | "tiktok"
            | "pinterest"
    )
}

#[cfg(test)]
mod tests;
