//! Cookies that sentences name in passing: "the `x` cookie", "a cookie called x", "cookies (x)".

use std::sync::LazyLock;

use regex::Regex;

use crate::model::WrittenLifetime;

use super::{category, headings::COOKIE, lifetime::lifetime, names, text::regex};

/// A name in a sentence.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    /// The sentence that names it.
    pub(super) sentence: String,
    /// That sentence and all that follows it in its paragraph.
    pub(super) rest: String,
    /// That sentence and those that go on about "it", before another name.
    pub(super) about: String,
}

/// A name, in quotation marks or without.
const NAME: &str = r#"["'“‘`(]*(?P<name>[^\s"'”’`,;()]+)"#;

/// The names in a paragraph. What is no name for sure must be called one.
pub(super) fn names(text: &str, about_cookies: bool, codes: &[String]) -> Vec<Named> {
    static CALLED: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        [
            r"(?i)\b(?:cookies?|[cg]h?wcis?)\s+(?:(?:that|which) (?:is|are) |sydd |wedi'i |o’r |o'r )?(?:called|named|known as|with the name|under the name|enw|a elwir yn|yn cael ei alw’n|o'r enw|o’r enw)\s+",
            r"(?i)\b(?:whose|its|the) names? (?:is|are)\s+",
            r"(?i)\bunder the name\s+",
            r"(?i)\bcookies? \((?:named |called )?",
        ]
        .iter()
        .map(|it| regex(&format!("{it}{NAME}")))
        .collect()
    });
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r#"["“‘`'](?P<name>[A-Za-z_][\w.:<>\[\]*-]{2,60})["”’`'] (?:cookie|is an? (?:\w+ )?cookie)"#,
        )
    });
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut keep = |at: usize, name: &str| {
        let name = name.trim_end_matches(['.', ':', ')', '!', '?', '”', '"']);
        if names::is_token(name) && !found.iter().any(|(_, it)| it == name) {
            found.push((at, name.to_owned()));
        }
    };
    for called in CALLED.iter() {
        for it in called.captures_iter(text).filter_map(|it| it.name("name")) {
            let quoted = text[..it.start()].ends_with(['"', '“', '‘', '`', '\'']);
            let looks = names::looks_like_name(it.as_str()) || it.as_str().contains(['-', '_']);
            let lower =
                it.as_str().chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
            // "cookies (always on)": a bracket with several words explains.
            let alone =
                !text[..it.start()].trim_end_matches(['"', '“', '\'', '‘', '`']).ends_with('(')
                    || text[it.end()..].starts_with([')', '"', '”', '\'', '’', '`', ',']);
            if quoted || looks || lower && alone && !is_word(it.as_str()) {
                keep(it.start(), it.as_str());
            }
        }
    }
    for it in QUOTED.captures_iter(text).filter_map(|it| it.name("name")) {
        let name = it.as_str();
        let plain = is_word(name) || category::named(name).is_some();
        if names::looks_like_name(name) || name.contains(['-', '_']) || !plain && name.len() < 20 {
            keep(it.start(), name);
        }
    }
    let speaks = about_cookies || COOKIE.is_match(text);
    marked(text, codes, speaks, &mut keep);
    if speaks {
        let mut at = 0;
        for word in text.split_whitespace() {
            let start = text[at..].find(word).map_or(at, |it| it + at);
            at = start + word.len();
            let bare = word.trim_matches(|it: char| ",;:.()!?\"“”‘’'`".contains(it));
            if names::is_surely_a_name(bare) && bare.contains('_') {
                keep(start, bare);
            }
        }
    }
    found.sort();
    let starts: Vec<usize> = found.iter().map(|it| sentence_at(text, it.0).0).collect();
    found
        .into_iter()
        .enumerate()
        .map(|(number, (at, name))| {
            let (from, to) = sentence_at(text, at);
            let until = starts[number..].iter().find(|it| **it > from).map_or(text.len(), |it| *it);
            let mut about = text[from..to].trim().to_owned();
            for next in text[to.min(until)..until].split_inclusive(". ") {
                if !goes_on(next) {
                    break;
                }
                about.push(' ');
                about.push_str(next.trim());
            }
            // "x_ and a random number"
            let more = names::is_continued(&text[at + name.len()..to]) && !name.contains('*');
            Named {
                name: if more { format!("{name}*") } else { name },
                sentence: text[from..to].trim().to_owned(),
                rest: text[from..].trim().to_owned(),
                about,
            }
        })
        .collect()
}

/// Where the sentence around a place begins and ends.
fn sentence_at(text: &str, at: usize) -> (usize, usize) {
    let from = text[..at].rfind(". ").map_or(0, |it| it + 2);
    let to = text[at..].find(". ").map_or(text.len(), |it| at + it + 1);
    (from, to)
}

/// Whether a sentence is still about what the one before it named.
fn goes_on(sentence: &str) -> bool {
    static IT: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)^\W*(?:it|this|the cookie|this cookie|mae['’]n|mae hwn|bydd|caiff|fe['’]i|cedwir|daw|dilëir|nid yw)\b",
        )
    });
    IT.is_match(sentence)
}

/// Names that a text marks: in quotation marks, as code, or by a lifetime in a bracket.
fn marked(text: &str, codes: &[String], speaks: bool, keep: &mut dyn FnMut(usize, &str)) {
    static AFTER: LazyLock<Regex> = LazyLock::new(|| {
        regex(r#"(?i)\b(?:cookies?|[cg]wcis?) ["“‘`](?P<name>[a-z_][\w.:<>\[\]*-]{2,60})["”’`]"#)
    });
    static CODE: LazyLock<Regex> = LazyLock::new(|| regex(r"`(?P<name>[^`\s]{2,60})`"));
    static LASTING: LazyLock<Regex> = LazyLock::new(|| {
        regex(r"(?P<name>[A-Za-z_][\w.:<>\[\]*-]{1,60}) \((?P<life>[^()]{2,60})\)")
    });
    for it in AFTER.captures_iter(text).filter_map(|it| it.name("name")) {
        if !is_word(it.as_str()) && category::named(it.as_str()).is_none() {
            keep(it.start(), it.as_str());
        }
    }
    for code in codes.iter().map(|it| it.trim()).filter(|it| speaks && names::looks_like_name(it)) {
        if let Some(at) = text.find(code) {
            keep(at, code);
        }
    }
    for it in CODE.captures_iter(text).filter_map(|it| it.name("name")).filter(|_| speaks) {
        if names::looks_like_name(it.as_str()) {
            keep(it.start(), it.as_str());
        }
    }
    // `YSC (until you close the browser)`: only what is stored lasts.
    for it in LASTING.captures_iter(text).filter(|_| speaks) {
        let (Some(name), Some(life)) = (it.name("name"), it.name("life")) else { continue };
        let lasts = matches!(
            lifetime(life.as_str()).kind,
            WrittenLifetime::Duration
                | WrittenLifetime::Session
                | WrittenLifetime::SessionOrDuration
                | WrittenLifetime::Persistent
        );
        if lasts && names::looks_like_name(name.as_str()) {
            keep(name.start(), name.as_str());
        }
    }
}

/// Small words that follow "cookies (" or "named" and are no names.
fn is_word(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "and",
        "or",
        "the",
        "a",
        "an",
        "such",
        "like",
        "also",
        "which",
        "that",
        "for",
        "see",
        "including",
        "small",
        "text",
        "files",
        "sometimes",
        "known",
        "as",
        "in",
        "on",
        "by",
        "set",
        "used",
        "first",
        "third",
        "session",
        "persistent",
        "analytics",
        "below",
        "above",
        "essential",
        "these",
        "those",
        "if",
        "when",
        "to",
        "of",
        "not",
        "other",
        "some",
        "any",
        "they",
        "we",
        "you",
        "it",
        "is",
        "are",
        "from",
        "with",
        "strictly",
        "necessary",
        "performance",
        "functional",
        "marketing",
        "advertising",
        "tracking",
        "optional",
        "except",
        "both",
        "only",
        "eg",
        "ie",
        "e.g",
        "i.e",
        "cookies",
        "cookie",
        "yn",
        "sy",
        "sef",
    ];
    WORDS.contains(&word)
}
