//! Matches what was observed to what a notice declares.

use crate::{
    model::{Declaration, NamePattern, Notice, Observations, site},
    notice::generalise,
};

pub use super::{
    declarations::Declarations,
    third_party_match::{third_party_named, third_party_service},
};

/// A place in a notice that declares an observed name.
#[derive(Clone, Debug)]
pub struct Match<'a> {
    /// How it does so.
    pub how: How,
    /// The declaration; `None` if the name only stands in the text.
    pub declaration: Option<&'a Declaration>,
    /// The words of the notice.
    pub as_written: &'a str,
}

/// How a notice declares a name, the surest way first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// By this very name.
    Exact,
    /// By a pattern that it matches.
    Pattern,
    /// By the name another visitor got: `_ga_Z2RHWQ33HY` for `_ga_PK75TN8S2W`.
    Instance,
    /// No declaration carries it, but the text speaks of it.
    Mentioned,
}

/// Where the text of `notice` speaks of `name`, though no declaration has it.
pub(super) fn mentioned<'a>(notice: &'a Notice, name: &str) -> Option<Match<'a>> {
    // A name that the notice gives as one of the past is no declaration.
    let retired = notice.retired.iter().any(|it| NamePattern::new(it.as_str()).matches(name));
    if retired {
        return None;
    }
    let as_written = mention(&notice.text, name)?;
    Some(Match { how: How::Mentioned, declaration: None, as_written })
}

/// The order in which declarations of a name at `domain` are preferred, the least first.
pub(super) fn rank(
    declaration: &Declaration,
    domain: &str,
    how: How,
    letters: usize,
) -> impl Ord + Copy + use<> {
    let fit = domain_fit(declaration, domain);
    (fit == Fit::Other, how, usize::MAX - letters, fit)
}

/// Whether and how `declaration` stands for `name`, and by how many letters of its own.
pub(super) fn covers(declaration: &Declaration, name: &str) -> Option<(How, usize)> {
    const LETTERS: usize = 2;

    let by_pattern = |pattern: &String| {
        if pattern == name {
            return Some((How::Exact, name.len()));
        }
        let letters = pattern.bytes().filter(|&byte| byte != b'*').count();
        if letters < LETTERS {
            return None;
        }
        if pattern.contains('*') {
            let matches = NamePattern::new(pattern.as_str()).matches(name);
            return matches.then_some((How::Pattern, letters));
        }
        let general = generalise(pattern)?;
        let letters = general.bytes().filter(|&byte| byte != b'*').count();
        let matches = letters >= LETTERS && NamePattern::new(general).matches(name);
        matches.then_some((How::Instance, letters))
    };
    let found = declaration.patterns.iter().filter_map(by_pattern);
    found.min_by_key(|&(how, letters)| (how, usize::MAX - letters))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Same,
    Unsaid,
    Other,
}

fn domain_fit(declaration: &Declaration, domain: &str) -> Fit {
    let Some(written) = declaration.domain.as_deref().and_then(host_in) else { return Fit::Unsaid };
    if site::of_host(&written) == site::of_host(domain) { Fit::Same } else { Fit::Other }
}

/// The host that a notice means by what it writes in a column of domains; `None` for words such as
/// "this site".
fn host_in(written: &str) -> Option<String> {
    let host = written.trim().split("://").last()?.split(['/', ':']).next()?.trim_matches('.');
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    (plain && host.contains('.')).then(|| host.to_ascii_lowercase())
}

/// The place at which `text` speaks of the cookie `name`, letter by letter and as a whole word.
///
/// A name that is also an ordinary word (`session`, `lang`) is only taken to be spoken of where it
/// stands beside the word "cookie" or in quotation marks.
fn mention<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let part = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-');
    if !name.contains(part) {
        return None;
    }
    let telling = name.contains(|it: char| !it.is_alphabetic())
        || name.chars().skip(1).any(char::is_uppercase);
    text.match_indices(name).map(|(at, _)| (at, at + name.len())).find_map(|(from, to)| {
        let (before, after) = (&text[..from], &text[to..]);
        let mut next = after.chars();
        let ends = match next.next() {
            // A dot may end the sentence or go on with the name: `a` is not `a.sig`.
            Some('.') => !next.next().is_some_and(part),
            Some(it) => !part(it),
            None => true,
        };
        let starts = match before.chars().next_back() {
            Some('.') => false,
            Some(it) => !part(it),
            None => true,
        };
        (starts && ends && (telling || beside_cookie(before, after))).then(|| &text[from..to])
    })
}

fn beside_cookie(before: &str, after: &str) -> bool {
    const QUOTES: &[char] = &['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'];
    let quoted = before.ends_with(QUOTES) && after.starts_with(QUOTES);
    let is_cookie = |word: Option<&str>| {
        let word = word.unwrap_or_default().trim_matches(|it: char| !it.is_alphanumeric());
        ["cookie", "cwci"].iter().any(|it| word.eq_ignore_ascii_case(it))
    };
    quoted
        || is_cookie(before.split_whitespace().next_back())
        || is_cookie(after.split_whitespace().next())
}

/// Every name that was seen, of cookies and of storage items.
pub(super) fn names_seen(slice: Observations<'_>) -> Vec<String> {
    let cookies = slice.cookies_and_attempts().map(|(cookie, _)| cookie.key.name.clone());
    cookies.chain(slice.storage_and_probes().map(|(item, _)| item.key.key.clone())).collect()
}

/// Whether `name` differs from what a declaration has as a slip of the pen would make it differ.
pub(super) fn slip(pattern: &str, name: &str) -> bool {
    if pattern.contains('*') {
        // `ga_*` for `_ga_AB12`.
        let letters = pattern.bytes().filter(u8::is_ascii_alphanumeric).count();
        let bare = name.trim_start_matches('_');
        let stem = pattern.trim_start_matches('_');
        return letters >= 2
            && !stem.starts_with('*')
            && name.len() - bare.len() != pattern.len() - stem.len()
            && NamePattern::new(stem).matches(bare);
    }
    if pattern == name {
        return false;
    }
    if !is_near(pattern.as_bytes(), name.as_bytes()) {
        return false;
    }
    let (one, other): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let length = one.len().min(other.len());
    if length < 4 {
        return false;
    }
    let folded = |text: &str| -> String {
        text.chars().filter(|it| !"_-. ".contains(*it)).flat_map(char::to_lowercase).collect()
    };
    let (left, right) = (folded(pattern), folded(name));
    if left == right && left.chars().count() >= 4 {
        return true;
    }
    let same = |a: &[char], b: &[char]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    let at = short.iter().zip(long.iter()).take_while(|(a, b)| a == b).count();
    // A digit more or less, or another one, is another name of the same series.
    match long.len() - short.len() {
        1 if length >= 5 => !long[at].is_ascii_digit() && same(&short[at..], &long[at + 1..]),
        0 if at + 1 < long.len() => {
            let letters = [short[at], short[at + 1], long[at]];
            if letters.iter().any(char::is_ascii_digit) {
                return false;
            }
            let swapped = short[at] == long[at + 1]
                && short[at + 1] == long[at]
                && same(&short[at + 2..], &long[at + 2..]);
            // The letter that distinguishes `token_a` from `token_b` stands alone in its part.
            let alone =
                at > 0 && !long[at - 1].is_alphanumeric() && !long[at + 1].is_alphanumeric();
            let replaced = length >= 8
                && at > 0
                && !alone
                && short[at].is_alphabetic()
                && long[at].is_alphabetic()
                && same(&short[at + 1..], &long[at + 1..]);
            swapped || replaced
        }
        _ => false,
    }
}

/// Whether two names can be a slip apart at all: quickly, as every declaration is compared with every name.
fn is_near(one: &[u8], other: &[u8]) -> bool {
    /// More marks than this nobody forgets in a name.
    const MARKS: usize = 4;
    fn letters(name: &[u8]) -> impl Iterator<Item = u8> {
        let letters = name.iter().filter(|it| !b"_-. ".contains(it));
        letters.map(u8::to_ascii_lowercase)
    }
    if one.len().abs_diff(other.len()) > MARKS {
        return false;
    }
    if letters(one).eq(letters(other)) || !(one.is_ascii() && other.is_ascii()) {
        return true;
    }
    let same = |(a, b): &(&u8, &u8)| a.eq_ignore_ascii_case(b);
    let ahead = one.iter().zip(other).take_while(same).count();
    let behind = one.iter().rev().zip(other.iter().rev()).take_while(same).count();
    // Two letters that changed places lie between what is the same.
    one.len().abs_diff(other.len()) <= 1 && ahead + behind + 2 >= one.len().max(other.len())
}

#[cfg(test)]
mod cases;

#[cfg(test)]
mod tests {
    #[test]
    fn slips_of_the_pen() {
        for (written, name, slip) in [
            ("Crsf-token", "Csrf-token", true),
            ("_utma1", "__utma1", true),
            ("ASP.NET_SessionID", "ASP.NET_SessionId", true),
            ("_cfduid", "__cfduid", true),
            ("session1", "session2", false),
            ("session", "session2", false),
            ("_gat", "_gac", false),
            ("_gid", "__gid", false),
            ("token_a", "token_b", false),
            ("abcdef", "abcdef", false),
            ("_fpb", "_fbp", true),
            ("_gat", "_gta", true),
            ("cookie-policy", "cookie_policy", true),
            ("ga_*", "_ga_AB12CD", true),
            ("_ga_*", "_ga_AB12CD", false),
            ("_ga_*", "_gat_AB12CD", false),
            ("*", "_ga", false),
            ("session_tokan", "session_token", true),
            ("session_a_id", "session_b_id", false),
            ("cookiesession1", "cookiesession2", false),
        ] {
            assert_eq!(super::slip(written, name), slip, "{written} for {name}");
        }
    }
}
