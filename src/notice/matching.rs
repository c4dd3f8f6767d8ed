//! What a name has in common with the names other visitors get, and whether a text has it.

use std::sync::LazyLock;

use regex::Regex;

use super::{names, text::regex};

/// Shortest part of a name that still says whose it is.
const STEM: usize = 3;

/// Makes an instance's name general: `_ga_Z2RHWQ33HY` stands for `_ga_*`. `None` if nothing in
/// the name looks like an identifier, or too little would be left to recognise it by.
pub fn generalise(name: &str) -> Option<String> {
    static UA: LazyLock<Regex> = LazyLock::new(|| regex(r"UA-[\dX*]+-[\dX*]+"));
    if name.is_empty() || name.len() > 512 || !name.is_ascii() {
        return None;
    }
    let whole = UA.replace(name, "*").into_owned();
    let stem_and_rest = split_hash(&whole).unwrap_or(whole);
    // Parts between separators, from the first identifier to the end of the last one.
    let parts: Vec<(usize, &str)> = parts(&stem_and_rest);
    let first = parts.iter().find(|(_, part)| part.contains('*') || identifier(part))?;
    let at = first.0 + first.1.find('*').unwrap_or(0);
    let tail = parts.iter().rev().take_while(|(from, part)| {
        *from > first.0 && !identifier(part) && !part.contains('*') && part.len() > 4
    });
    let keep: Vec<&(usize, &str)> = tail.collect();
    let stem = &stem_and_rest[..at];
    let end = keep.last().map_or("", |(from, _)| &stem_and_rest[from - 1..]);
    if stem.trim_matches(['_', '-', '.']).is_empty() || stem.len() < STEM {
        return None;
    }
    let general = format!("{stem}*{end}");
    (general != name).then_some(general)
}

/// `SSESS` and 32 hexadecimal digits run into each other.
fn split_hash(name: &str) -> Option<String> {
    static HASH: LazyLock<Regex> = LazyLock::new(|| regex(r"^(.*?)[0-9a-f]{32,64}$"));
    let stem = HASH.captures(name)?.get(1)?.as_str();
    (!stem.is_empty()).then(|| format!("{stem}*"))
}

fn parts(name: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, it) in name.char_indices() {
        if matches!(it, '_' | '-' | '.' | ':' | '/' | '=') {
            parts.push((from, &name[from..at]));
            from = at + 1;
        }
    }
    parts.push((from, &name[from..]));
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

/// A number, a hexadecimal string, or capitals and digits mixed: not a word, nor `v2`.
fn identifier(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let upper = part.bytes().filter(u8::is_ascii_uppercase).count();
    let hex = part.bytes().all(|it| it.is_ascii_hexdigit());
    let alphanumeric = part.bytes().all(|it| it.is_ascii_alphanumeric());
    let all_digits = digits == part.len();
    alphanumeric
        && (all_digits
            || (hex && digits > 0 && part.len() >= 4)
            || (digits > 0 && part.len() >= 8 && digits + upper == part.len())
            || (digits >= 3 && part.len() >= 8))
}

/// Whether `name` stands in a text as a whole word.
pub(super) fn stands_in(text: &str, name: &str) -> bool {
    // A name such as `id` or `a` says nothing when found in prose.
    if name.len() < 4 && !names::looks_like_name(name) {
        return false;
    }
    let part_of_word = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.');
    let mut from = 0;
    while let Some(at) = text[from..].find(name).map(|it| it + from) {
        let end = at + name.len();
        let before = text[..at].chars().next_back().is_some_and(part_of_word);
        let mut after = text[end..].chars();
        let next = after.next();
        // A full stop that ends the sentence is no part of the name.
        let joined = next.is_some_and(|it| {
            if it == '.' {
                after.next().is_some_and(char::is_alphanumeric)
            } else {
                part_of_word(it)
            }
        });
        if !before && !joined {
            return true;
        }
        from = at + text[at..].chars().next().map_or(1, char::len_utf8);
    }
    false
}

#[cfg(test)]
mod tests;
