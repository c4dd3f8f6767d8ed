//! Lines that are names, labels with values, or names with what they are for.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::{Category, DeclaredLifetime, WrittenLifetime};

use super::{
    category,
    columns::{self, Role},
    headings::COOKIE,
    lifetime::lifetime,
    names,
    text::regex,
};

/// `Purpose: spreads the load`, `Expires – 1 month` and the like.
pub(super) fn labelled(text: &str) -> Option<(Role, &str)> {
    let signs = [":", " – ", " — ", " - "];
    let (at, length) = signs
        .iter()
        .filter_map(|sign| text.find(sign).map(|at| (at, sign.len())))
        .min_by_key(|it| it.0)?;
    let (name, value) = (text[..at].trim(), text[at + length..].trim());
    let role = label(name)?;
    (!value.is_empty()).then_some((role, value))
}

/// What a short label says that its value is.
pub(super) fn label(text: &str) -> Option<Role> {
    let text = text.trim_end_matches([':', '?', ' ']);
    if text.is_empty() || text.split_whitespace().count() > 4 {
        return None;
    }
    columns::role(text).filter(|it| *it != Role::Other)
}

/// A plain word, or several joined by hyphens, that may be called so: not one of a text.
pub(super) fn is_plain_token(text: &str) -> bool {
    names::is_token(text)
        && text.len() >= 2
        && (names::looks_like_name(text)
            || text.contains(['-', '.', ':'])
            || text.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()))
}

/// Whether a word is written as products are: `OpenSearch`.
pub(super) fn is_product(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
        && name.chars().all(char::is_alphabetic)
        && name.contains(char::is_lowercase)
}

pub(super) fn is_sure(name: &str) -> bool {
    names::is_surely_a_name(name)
        || names::looks_like_name(name) && name.contains(['*', '[', '<', '{', '#'])
}

/// A line that is nothing but names, perhaps after what they are called among people, with a lifetime in
/// brackets at most.
pub(super) fn only_names(line: &str) -> (Vec<String>, Option<DeclaredLifetime>) {
    let (bare, until) = without_lifetime(line);
    let line = match bare.rsplit_once(": ") {
        Some((title, names))
            if title.split(' ').count() <= 6
                && !title.contains('.')
                && label(title).is_none_or(|it| it == Role::Name)
                && (label(title) == Some(Role::Name)
                    || alone(names).iter().all(|it| names::looks_like_name(it))) =>
        {
            names
        }
        _ => bare,
    };
    let line = line.trim_matches(['"', '“', '”', '\'', '‘', '’', '`', ':', ' ']);
    let line = if line.ends_with("..") { line } else { line.trim_end_matches('.') };
    (alone(line), until)
}

/// `csrftoken Essential`: a category after a name, taken off.
pub(super) fn without_category(line: &str) -> (&str, Option<Category>) {
    let Some((name, last)) = line.split_once(' ') else { return (line, None) };
    match category::named(last) {
        Some(category)
            if last.split(' ').count() <= 3 && is_plain_token(name) && !is_product(name) =>
        {
            (name, Some(category))
        }
        _ => (line, None),
    }
}

/// `_ga (2 years)`: a bracket at the end that is a lifetime, taken off.
fn without_lifetime(line: &str) -> (&str, Option<DeclaredLifetime>) {
    static BRACKET: LazyLock<Regex> = LazyLock::new(|| regex(r"\s*\(([^()]*)\)\s*:?$"));
    let Some(found) = BRACKET.captures(line) else { return (line, None) };
    let said = lifetime(&found[1]);
    let clear = matches!(
        said.kind,
        WrittenLifetime::Session
            | WrittenLifetime::Duration
            | WrittenLifetime::SessionOrDuration
            | WrittenLifetime::Range
            | WrittenLifetime::Persistent
    );
    if clear {
        (&line[..found.get(0).map_or(0, |it| it.start())], Some(said))
    } else {
        (line, None)
    }
}

/// A line that is nothing but names.
pub(super) fn alone(line: &str) -> Vec<String> {
    // Plain words may be names too, but only the items below them show that; so each stands alone.
    let words = line
        .split_whitespace()
        .filter(|it| {
            !matches!(
                *it,
                "and" | "or" | "a" | "ac" | "neu" | "&" | "/" | "cookie" | "cookies" | "the"
            )
        })
        .count();
    let names = names::split(&[line.to_owned()]);
    // "LITTLE FENTON PARISH": words that are shouted, one after another.
    let capitals = |it: &str| it.len() > 1 && it.chars().all(|it| it.is_uppercase() || it == '-');
    let shouted = words > 1
        && !line.contains([',', ';', '/', '|'])
        && line.split_whitespace().filter(|it| capitals(it)).count() * 2 > words;
    if shouted {
        return Vec::new();
    }
    if names.len() >= words && names.len() <= 20 { names } else { Vec::new() }
}

/// `_ga: counts visitors`, `_ga and _gat – count visitors`, `_ga (2 years): counts visitors`, or a bold name
/// before its sentence; the names must look like some.
pub(super) fn names_and_rest<'a>(
    item: &'a str,
    lead: Option<&str>,
    listed: bool,
    alike: bool,
) -> Option<(Vec<String>, Option<DeclaredLifetime>, &'a str)> {
    let signs = |it: char| it.is_whitespace() || ":-–—=".contains(it);
    let good = |name: &String| {
        names::looks_like_name(name)
            || listed && (name.contains(['-', '.', '_']) || alike) && names::is_token(name)
    };
    if let Some(lead) = lead
        && let Some(rest) = item.strip_prefix(lead)
    {
        let (names, life) = only_names(lead);
        let mut rest = rest.trim_start_matches(signs);
        let mut life = life;
        if life.is_none()
            && let Some((bracket, after)) = rest.strip_prefix('(').and_then(|it| it.split_once(')'))
            && matches!(
                lifetime(bracket).kind,
                WrittenLifetime::Duration | WrittenLifetime::Session
            )
        {
            life = Some(lifetime(bracket));
            rest = after.trim_start_matches(signs);
        }
        // What lasts for a time that is said beside it is stored.
        let lasts = life.is_some() && listed && names.iter().all(|it| names::is_token(it));
        let sure = names.iter().all(|it| is_sure(it) || good(it) && item.len() < 400) || lasts;
        if !names.is_empty() && sure && !rest.is_empty() && (names.iter().all(good) || lasts) {
            return Some((names, life, rest));
        }
    }
    let at = [": ", " - ", " – ", " — ", " = "]
        .iter()
        .filter_map(|sign| item.find(sign).map(|at| (at, sign.len())))
        .min()?;
    let (name, rest) = (item[..at.0].trim(), item[at.0 + at.1..].trim());
    let (name, life) = without_lifetime(name);
    let name = name.trim_matches(['"', '“', '”', '\'']);
    let names = alone(name);
    (!names.is_empty() && names.iter().all(good) && !rest.is_empty()).then_some((names, life, rest))
}

/// A name, and the lifetime in the bracket after it.
pub(super) type Named = (String, Option<DeclaredLifetime>);

/// `Analytics cookies: _ga, _gid and _gat (1 minute).`: what they are called together, and the names.
pub(super) fn titled_names(line: &str) -> Option<(&str, Vec<Named>)> {
    static PART: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?P<name>[^\s,;()]+)(?:\s*\((?P<life>[^()]*)\))?(?:\s*[,;]\s*(?:and\s+|ac?\s+)?|\s+(?:and|ac?)\s+|\s*$)",
        )
    });
    let (title, rest) = line.split_once(": ")?;
    if title.split(' ').count() > 6 || !COOKIE.is_match(title) {
        return None;
    }
    // `Cookie name: x` is a label.
    if label(title).is_some() && category::named(title).is_none() {
        return None;
    }
    let rest = rest.trim().trim_end_matches('.');
    let mut found = Vec::new();
    let mut end = 0;
    for part in PART.captures_iter(rest) {
        let whole = part.get(0)?;
        if whole.start() != end {
            return None;
        }
        end = whole.end();
        let name = part.name("name")?.as_str().trim_matches(['"', '“', '”', '`']);
        let until = part.name("life").map(|it| lifetime(it.as_str()));
        if !names::is_token(name) {
            return None;
        }
        found.push((name.to_owned(), until));
    }
    let sure = found.iter().filter(|it| names::looks_like_name(&it.0)).count();
    (end == rest.len() && sure > 0 && sure * 2 >= found.len()).then_some((title, found))
}

/// `Purpose: …` as [`labelled`], or a label that is an element of its own: `<span>Purpose</span> …`.
pub(super) fn labelled_or_first<'a>(bare: &'a str, first: Option<&str>) -> Option<(Role, &'a str)> {
    labelled(bare).or_else(|| {
        let first = first?;
        let role = label(first)?;
        let value = bare.strip_prefix(first)?.trim_start_matches([':', ' ', '-', '–']);
        // "Cookies are small files": a word of the sentence.
        let goes_on = value.starts_with(char::is_lowercase) && value.split(' ').count() > 3;
        (!value.is_empty() && !goes_on).then_some((role, value))
    })
}

/// Whether a lifetime is one that only what is stored has.
fn is_clear(life: &DeclaredLifetime) -> bool {
    matches!(
        life.kind,
        WrittenLifetime::Session
            | WrittenLifetime::Duration
            | WrittenLifetime::SessionOrDuration
            | WrittenLifetime::Range
            | WrittenLifetime::Persistent
    )
}

/// `Trackers duration: x: 1 year; y: 2 years`, or the same without what leads to it: names, each with its lifetime.
pub(super) fn timed_names(text: &str) -> Option<Vec<Named>> {
    static PART: LazyLock<Regex> = LazyLock::new(|| regex(r"\s*;\s*|\s*,\s+|\s*\|\s*"));
    static PAIR: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^(?:and |ac? )?(?P<name>[^\s:()]+)(?:\s*:\s*|\s+[–—-]\s+|\s*=\s*|\s+\()(?P<life>[^()]+)\)?$",
        )
    });
    if text.len() > 600 || !text.contains([':', '–', '-', '(', '=']) {
        return None;
    }
    let (title, rest) = text.split_once(": ").unwrap_or(("", text));
    let led = label(title) == Some(Role::Lifetime);
    let rest = if led { rest } else { text };
    let mut found = Vec::new();
    for part in PART.split(rest.trim_end_matches('.')) {
        let pair = PAIR.captures(part.trim())?;
        let name = pair["name"].trim_matches(['"', '“', '”', '`', '\'', '‘', '’']);
        let life = lifetime(&pair["life"]);
        let short = pair["life"].split(' ').count() <= 6;
        if !names::is_token(name) || !is_clear(&life) || !short {
            return None;
        }
        found.push((name.to_owned(), Some(life)));
    }
    let sure = found.iter().any(|it| names::looks_like_name(&it.0));
    (led && !found.is_empty() || found.len() > 1 && sure).then_some(found)
}

/// `Sign-in (x, y and z, each for a day)`: what something is for, and in the bracket the names and how long they last.
pub(super) fn bracketed_names(line: &str) -> Option<(&str, Vec<Named>)> {
    static PART: LazyLock<Regex> = LazyLock::new(|| regex(r"\s*[,;]\s*|\s+(?:and|a|ac)\s+"));
    let line = line.trim_end_matches('.');
    let (title, bracket) = line.strip_suffix(')')?.rsplit_once(" (")?;
    if title.contains('(') || title.split(' ').count() > 14 {
        return None;
    }
    let mut parts: Vec<(usize, &str)> = Vec::new();
    let mut from = 0;
    for sign in PART.find_iter(bracket) {
        parts.push((from, &bracket[from..sign.start()]));
        from = sign.end();
    }
    parts.push((from, &bracket[from..]));
    let is_name = |it: &str| {
        let bare = it.trim_matches(['"', '“', '”', '`', '\'', '‘', '’']);
        names::is_token(bare) && is_plain_token(bare) && category::named(bare).is_none()
    };
    let count = parts.iter().take_while(|it| is_name(it.1)).count();
    let rest = parts.get(count).map(|it| &bracket[it.0..])?;
    let until = lifetime(rest);
    let tokens: Vec<&str> = parts[..count].iter().map(|it| it.1).collect();
    if tokens.is_empty() || !is_clear(&until) || rest.split(' ').count() > 14 {
        return None;
    }
    // Plain words are names among names, or of one family.
    let sure = tokens.iter().any(|it| names::looks_like_name(it));
    let family =
        tokens.len() > 1 && tokens.iter().all(|it| it.len() > 3 && it.starts_with(tokens[0]));
    let joined = tokens.iter().all(|it| it.contains(['-', '_', '.']));
    (sure || family || joined).then(|| {
        let names = tokens.iter().map(|it| {
            let bare = it.trim_matches(['"', '“', '”', '`', '\'', '‘', '’']);
            (bare.to_owned(), Some(until.clone()))
        });
        (title, names.collect())
    })
}

/// `_ga (2 years) and _gid (24 hours)`: the lifetime in the bracket after a name.
pub(super) fn bracket_after(sentence: &str, name: &str) -> Option<DeclaredLifetime> {
    let (_, after) = sentence.split_once(name)?;
    let after = after.trim_start_matches(['"', '”', '’', '\'', '`', ' ']);
    let (bracket, _) = after.strip_prefix('(')?.split_once(')')?;
    let life = lifetime(bracket);
    let clear = !matches!(
        life.kind,
        WrittenLifetime::Unreadable | WrittenLifetime::Absent | WrittenLifetime::Event
    );
    clear.then_some(life)
}
