//! Lifetimes as notices write them, in English and Welsh.

use std::sync::LazyLock;

use regex::Regex;

use super::text::{fold, is_hidden, run_together};
use crate::model::{DeclaredLifetime, WrittenLifetime};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
/// Notices count months and years roughly; so do we, the same way for every notice.
const MONTH: u64 = 30 * DAY;
const YEAR: u64 = 365 * DAY;
/// Nobody means more than this.
const ABSURD: f64 = (100 * YEAR) as f64;
/// A lifetime is a phrase. What is longer is read no further.
const MAX_LENGTH: usize = 600;

/// Reads what a notice says of how long a cookie lives.
pub fn lifetime(text: &str) -> DeclaredLifetime {
    let visible: String = text.chars().filter(|&c| !is_hidden(c)).take(MAX_LENGTH).collect();
    let written = run_together(&visible);
    let folded = fold(&written);
    let said = folded.trim_matches([' ', '.', ',', ';', ':']);
    if is_absent(said) {
        let as_written = (!written.is_empty()).then_some(written);
        return DeclaredLifetime { as_written, ..DeclaredLifetime::absent() };
    }
    let found = lengths(said);
    let of = |kind, seconds, max_seconds| DeclaredLifetime {
        kind,
        as_written: Some(written.clone()),
        seconds,
        max_seconds,
        sliding: matches!(
            kind,
            WrittenLifetime::Duration | WrittenLifetime::SessionOrDuration | WrittenLifetime::Range
        ) && SLIDING.is_match(said),
    };
    if found.iter().any(|&length| length > ABSURD) {
        return of(WrittenLifetime::Unreadable, None, None);
    }
    let mut found: Vec<u64> = found.into_iter().map(whole).collect();
    let session = ends_with_session(said);
    // "30 minutes and reset again to 30 minutes" is one length.
    found.dedup();
    match found[..] {
        [] if session => of(WrittenLifetime::Session, None, None),
        [] if NO_END.is_match(said) => of(WrittenLifetime::Persistent, None, None),
        [] if INSTANT.is_match(said) => of(WrittenLifetime::Instant, Some(0), None),
        [] if EVENT.is_match(said) => of(WrittenLifetime::Event, None, None),
        [] => of(WrittenLifetime::Unreadable, None, None),
        [0] if !session => of(WrittenLifetime::Instant, Some(0), None),
        _ if session => {
            // Either end may come first; the longest length is what the cookie may reach.
            of(WrittenLifetime::SessionOrDuration, found.iter().max().copied(), None)
        }
        [one] => of(WrittenLifetime::Duration, Some(one), None),
        [first, ..] if !ALTERNATIVES.is_match(said) => {
            // The rest explains: "2 years (730 days)", "1 day, was 7 days".
            of(WrittenLifetime::Duration, Some(first), None)
        }
        _ => {
            let (least, most) = (found.iter().min().copied(), found.iter().max().copied());
            of(WrittenLifetime::Range, least, most)
        }
    }
}

/// Whether a text gives a length of more than a hundred years.
pub(super) fn is_absurd(text: &str) -> bool {
    let head: String = text.chars().take(MAX_LENGTH).collect();
    lengths(&fold(&head)).iter().any(|&length| length > ABSURD)
}

/// The unit a column's title gives, as in `Expiry (days)`.
pub(super) fn unit_in(title: &str) -> Option<&'static str> {
    let title = fold(title);
    UNITS.iter().find_map(|&(unit, _)| {
        // Only whole plural words: a title such as "minimum" names no unit.
        (unit.len() > 3 && title.split(|c: char| !c.is_alphabetic()).any(|word| word == unit))
            .then_some(unit)
    })
}

fn is_absent(said: &str) -> bool {
    matches!(
        said,
        "" | "-"
            | "--"
            | "–"
            | "—"
            | "n/a"
            | "na"
            | "not applicable"
            | "not stated"
            | "amherthnasol"
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked against ABSURD"
)]
fn whole(seconds: f64) -> u64 {
    seconds.round() as u64
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours")
}

/// The clock starts again on activity. Mere "inactivity" does not say that.
static SLIDING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(rolling|sliding|reset|resets|renew\w*|refresh\w*|restart\w*|extend\w*|starts? again|prolong\w*)\b|\b(from|since|after) (your|the|their|a user's|last|most recent)? ?(last|latest|most recent) (visit|activity|use|interaction|request|page view)|\beach time you\b|\bevery time you\b|\badnewyddu\b|\bailosod\b|\bailddechrau\b",
    )
});

static ALTERNATIVES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(to|or|between|and|depending|neu|rhwng|hyd at|i)\b|[-–—/]"));

static NO_END: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(no|without( an?)?|not have an?) (expir\w*|end|limit)|\b(never|does not|doesn't|do not|don't|not|won't|will not) (be )?(ever )?(expire|end)|^never\b|\b(persist[ae]nt|permanent|permanently|indefinite|indefinitely|unlimited|forever|perpetual|eternal)\b|\buntil .*\b(delete|clear|remove|deleted|cleared|removed)\b|^persists?$|\b(byth|parhaol|parhaus|am gyfnod amhenodol)\b|\bdim (dyddiad )?(dod i ben|terfyn)",
    )
});

static INSTANT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(instant|instantly|immediate|immediately|straight ?away|right away|at once|(a )?few seconds|several seconds|ar unwaith|yn syth|ychydig eiliadau)\b",
    )
});

static EVENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(midnight|variable|varies|vary|various|varying|depend|depends|depending|dependent|until|once|when|whenever|after|upon|end of|as long as|on (completion|submission|sign|log)\w*|log(ged)? ?out|sign(ed)? ?out|canol nos|amrywio|amrywiol|dibynnu|dibynnol|pan|hyd nes|nes|unwaith|ar ôl|diwedd)\b",
    )
});

/// `browser` or the site's window, and a word for closing it, in either order.
static BROWSER_CLOSED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(clos\w*|shut\w*|quit\w*|exit\w*|end|ends|ended|leav\w*|terminat\w*|restart\w*)\b.{0,60}\b(browser|browsing|tab|window|site|website|page)\b|\b(browser|browsing|tab|window)\b.{0,60}\b(clos\w*|shut\w*|quit\w*|exit\w*|ends?|ended)\b|\b(cau|gau|chau|nghau)\b.{0,40}\b(porwr|borwr|phorwr)|\b(porwr|borwr|phorwr)\b.{0,40}\b(cau|gau|chau|nghau)\b|^(\w+ )?visit$|\b(end|length|duration|course|rest) of (\w+ ){0,2}visit\b|\b(hyd|diwedd|parhad) (\w+ )?ymweliad\b|\bnon-?persistent\b|\bwhile (you|your browser)\b.{0,40}\b(open|site|website)\b|\bsesiwn\b",
    )
});

static SESSION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:\b([\w']+)[ -])?\bsessions?\b"));

/// Whether the cookie ends with the browser or its session.
fn ends_with_session(said: &str) -> bool {
    if BROWSER_CLOSED.is_match(said) {
        return true;
    }
    // A session of something else, a chat or a survey, is an event like any other.
    SESSION.captures_iter(said).any(|found| {
        found.get(1).is_none_or(|before| {
            matches!(
                before.as_str(),
                "browser"
                    | "browsing"
                    | "user"
                    | "user's"
                    | "users"
                    | "web"
                    | "website"
                    | "site"
                    | "http"
                    | "php"
                    | "current"
                    | "this"
                    | "the"
                    | "your"
                    | "their"
                    | "a"
                    | "an"
                    | "of"
                    | "per"
                    | "each"
                    | "single"
                    | "one"
                    | "for"
                    | "only"
                    | "is"
                    | "or"
                    | "and"
                    | "until"
                    | "in"
                    | "on"
                    | "after"
                    | "during"
                    | "visitor"
                    | "internet"
                    | "active"
                    | "your browser's"
                    | "first-party"
                    | "party"
                    | "end"
                    | "when"
                    | "same"
                    | "expires"
                    | "expire"
                    | "at"
                    | "with"
                    | "browser's"
                    | "visit"
                    | "login"
                    | "application"
                    | "temporary"
                    | "by"
            ) || before.as_str().chars().all(|c| c.is_ascii_digit())
        })
    })
}

/// Names of units, singular and plural, with Welsh mutations. `oed` means years of age, and notices
/// have it for years of time.
const UNITS: [(&str, u64); 74] = [
    ("seconds", 1),
    ("second", 1),
    ("secs", 1),
    ("sec", 1),
    ("eiliadau", 1),
    ("eiliad", 1),
    ("minutes", MINUTE),
    ("minute", MINUTE),
    ("mins", MINUTE),
    ("min", MINUTE),
    ("munudau", MINUTE),
    ("munud", MINUTE),
    ("funudau", MINUTE),
    ("funud", MINUTE),
    ("hours", HOUR),
    ("hour", HOUR),
    ("hrs", HOUR),
    ("hr", HOUR),
    ("awr", HOUR),
    ("oriau", HOUR),
    ("days", DAY),
    ("day", DAY),
    ("diwrnodau", DAY),
    ("diwrnod", DAY),
    ("ddiwrnodau", DAY),
    ("ddiwrnod", DAY),
    ("niwrnod", DAY),
    ("dyddiau", DAY),
    ("dydd", DAY),
    ("ddydd", DAY),
    ("weeks", WEEK),
    ("week", WEEK),
    ("wks", WEEK),
    ("wk", WEEK),
    ("wythnosau", WEEK),
    ("wythnos", WEEK),
    ("fortnights", 2 * WEEK),
    ("fortnight", 2 * WEEK),
    ("pythefnos", 2 * WEEK),
    ("bythefnos", 2 * WEEK),
    ("months", MONTH),
    ("month", MONTH),
    ("mths", MONTH),
    ("mth", MONTH),
    ("mos", MONTH),
    ("misoedd", MONTH),
    ("fisoedd", MONTH),
    ("mis", MONTH),
    ("fis", MONTH),
    ("years", YEAR),
    ("year", YEAR),
    ("yrs", YEAR),
    ("yr", YEAR),
    ("blwyddyn", YEAR),
    ("flwyddyn", YEAR),
    ("mlwyddyn", YEAR),
    ("blynedd", YEAR),
    ("flynedd", YEAR),
    ("mlynedd", YEAR),
    ("blynyddoedd", YEAR),
    ("flynyddoedd", YEAR),
    ("mlynyddoedd", YEAR),
    ("blynedd", YEAR),
    ("oed", YEAR),
    // One letter only where it can mean one thing; `m` may be minutes or months.
    ("s", 1),
    ("h", HOUR),
    ("d", DAY),
    ("w", WEEK),
    ("y", YEAR),
    ("ms", 0),
    ("milliseconds", 0),
    ("millisecond", 0),
    ("annual", YEAR),
    ("quarters", 3 * MONTH),
];

fn unit(word: &str) -> Option<u64> {
    UNITS.iter().find(|(name, _)| *name == word).map(|&(_, seconds)| seconds)
}

fn number_word(word: &str) -> Option<f64> {
    Some(match word {
        "half" | "hanner" => 0.5,
        "a" | "an" | "one" | "single" | "un" => 1.0,
        "two" | "couple" | "dau" | "dwy" | "ddau" | "ddwy" => 2.0,
        "three" | "tri" | "tair" | "dri" | "dair" | "thri" => 3.0,
        "four" | "pedwar" | "pedair" | "bedwar" | "bedair" | "phedwar" | "phedair" => 4.0,
        "five" | "pump" | "pum" | "bump" | "bum" | "phum" => 5.0,
        "six" | "chwech" | "chwe" => 6.0,
        "seven" | "saith" => 7.0,
        "eight" | "wyth" => 8.0,
        "nine" | "naw" => 9.0,
        "ten" | "deg" | "deng" | "ddeg" | "ddeng" => 10.0,
        "eleven" => 11.0,
        "twelve" | "deuddeg" | "deuddeng" | "ddeuddeg" | "ddeuddeng" => 12.0,
        "thirteen" => 13.0,
        "fourteen" => 14.0,
        "fifteen" | "pymtheg" | "bymtheg" | "pymtheng" => 15.0,
        "sixteen" => 16.0,
        "seventeen" => 17.0,
        "eighteen" | "deunaw" | "ddeunaw" => 18.0,
        "nineteen" => 19.0,
        "twenty" | "ugain" => 20.0,
        "thirty" => 30.0,
        "forty" => 40.0,
        "fifty" => 50.0,
        "sixty" => 60.0,
        "seventy" => 70.0,
        "eighty" => 80.0,
        "ninety" => 90.0,
        _ => return None,
    })
}

#[derive(Clone, Debug, PartialEq)]
enum Word {
    Number(f64),
    /// `a`, `one` and their like, which are numbers only before a unit.
    Unit(u64),
    /// What may stand between the parts of one length: `1 year, 2 months and a day`.
    Joint,
    /// What stands between two figures of one unit: `30 to 90 days`.
    To,
    Other,
}

/// All lengths of time in a text, in order, in seconds.
fn lengths(said: &str) -> Vec<f64> {
    let words = tokens(&count_before_noun(said));
    let mut out: Vec<f64> = Vec::new();
    // The unit of the part before and whether only joints came since, to add up `1 year 2 months`.
    let mut last: Option<u64> = None;
    let mut at = 0;
    while at < words.len() {
        match (&words[at], words.get(at + 1), words.get(at + 2), words.get(at + 3)) {
            (
                Word::Number(low),
                Some(Word::To),
                Some(Word::Number(high)),
                Some(Word::Unit(unit)),
            ) => {
                out.push(low * float(*unit));
                out.push(high * float(*unit));
                last = None;
                at += 4;
            }
            (Word::Number(count), Some(Word::Unit(unit)), ..) => {
                let length = count * float(*unit);
                match (last, out.last_mut()) {
                    (Some(larger), Some(sum)) if larger > *unit => *sum += length,
                    _ => out.push(length),
                }
                last = Some(*unit);
                at += 2;
            }
            (Word::Joint, ..) => at += 1,
            _ => {
                last = None;
                at += 1;
            }
        }
    }
    out
}

/// Welsh counts around the noun: `un mis ar ddeg` is eleven months, `dau ddiwrnod ar hugain` 22 days.
fn count_before_noun(said: &str) -> String {
    static AROUND: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(\p{L}+) (\p{L}+) ar (ddeg|bymtheg|hugain)\b"));
    AROUND
        .replace_all(said, |found: &regex::Captures<'_>| {
            let more = match &found[3] {
                "ddeg" => 10.0,
                "bymtheg" => 15.0,
                _ => 20.0,
            };
            match number_word(&found[1]) {
                Some(few) => format!("{} {}", few + more, &found[2]),
                None => found[0].to_owned(),
            }
        })
        .into_owned()
}

/// Units that may stand alone for one of them: Welsh has no word for "a".
const ALONE: [&str; 9] =
    ["blwyddyn", "flwyddyn", "mis", "fis", "wythnos", "diwrnod", "awr", "munud", "pythefnos"];

#[expect(clippy::cast_precision_loss, reason = "units are small")]
fn float(unit: u64) -> f64 {
    unit as f64
}

fn tokens(said: &str) -> Vec<Word> {
    static TOKEN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\d+(?:[.,]\d+)*|[\p{L}']+|[-–—]|[,&+]|[^\s\w]"));
    let mut out: Vec<Word> = Vec::new();
    let mut after_number = false;
    let matches: Vec<&str> = TOKEN.find_iter(said).map(|found| found.as_str()).collect();
    for (at, &word) in matches.iter().enumerate() {
        let next = matches.get(at + 1).copied().unwrap_or_default();
        let token = if word.starts_with(|c: char| c.is_ascii_digit()) {
            figure(word).map_or(Word::Other, Word::Number)
        } else if let Some(seconds) = unit(word).filter(|_| word.len() > 1 || after_number) {
            let counted = after_number || matches.len() == 1;
            let vague =
                at > 0 && matches!(matches[at - 1], "sawl" | "ychydig" | "rhai" | "bob" | "y");
            if !after_number && (counted || ALONE.contains(&word)) && !vague {
                out.push(Word::Number(1.0));
                Word::Unit(seconds)
            } else if after_number {
                Word::Unit(seconds)
            } else {
                Word::Other
            }
        } else if let Some(number) = number_word(word) {
            match out.last() {
                // `twenty-four`, `thirty one`; the joint between them was a hyphen.
                Some(Word::Number(tens))
                    if *tens >= 20.0 && tens % 10.0 == 0.0 && number < 10.0 =>
                {
                    let sum = tens + number;
                    out.pop();
                    Word::Number(sum)
                }
                // "half an hour", "hanner awr", "a couple of", "one half"
                Some(Word::Number(half)) if (*half - 0.5).abs() < f64::EPSILON => {
                    out.pop();
                    Word::Number(0.5)
                }
                Some(Word::Number(_)) => {
                    out.pop();
                    Word::Number(number)
                }
                _ => Word::Number(number),
            }
        } else {
            match word {
                // `30-day`, `twenty-four`
                "-" | "–" | "—"
                    if after_number && (unit(next).is_some() || number_word(next).is_some()) =>
                {
                    continue;
                }
                "-" | "–" | "—" | "to" if after_number => Word::To,
                // "2 calendar months", "two whole years", "a couple of days", "30 (thirty) days"
                "calendar" | "whole" | "full" | "of" | "o" | "(" | ")" if after_number => continue,
                "," | "and" | "&" | "+" | "a" | "ac" => Word::Joint,
                _ => Word::Other,
            }
        };
        after_number = matches!(token, Word::Number(_));
        out.push(token);
    }
    out
}

/// `1,000` and `1.000` are a thousand, `1.5` and `1,5` one and a half.
fn figure(word: &str) -> Option<f64> {
    let grouped = |separator: char| {
        let mut parts = word.split(separator);
        parts.next().is_some_and(|first| first.len() <= 3 && first != "0")
            && word.contains(separator)
            && parts.all(|part| part.len() == 3 && part.chars().all(|c| c.is_ascii_digit()))
    };
    if word.len() > 18 {
        return None;
    }
    if grouped(',') {
        word.replace(',', "").parse().ok()
    } else {
        word.replace(',', ".").parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kind seconds max_seconds ~` of a text, blank where there is none.
    fn read(text: &str) -> String {
        let found = lifetime(text);
        let kind = serde_json::to_value(found.kind).unwrap();
        let mut out = kind.as_str().unwrap().to_owned();
        for seconds in [found.seconds, found.max_seconds].into_iter().flatten() {
            out.push_str(&format!(" {seconds}"));
        }
        if found.sliding {
            out.push_str(" ~");
        }
        out
    }

    #[test]
    fn lifetimes_in_english() {
        for (text, expected) in [
            ("2 years", "duration 63072000"),
            ("One year", "duration 31536000"),
            ("a month", "duration 2592000"),
            ("Up to 13 months", "duration 33696000"),
            ("maximum of 90 days", "duration 7776000"),
            ("expires after 20 minutes", "duration 1200"),
            ("24hrs", "duration 86400"),
            ("30-day", "duration 2592000"),
            ("twenty-four hours", "duration 86400"),
            ("half an hour", "duration 1800"),
            ("1.5 years", "duration 47304000"),
            ("1,000 days", "duration 86400000"),
            ("1 year and 1 month", "duration 34128000"),
            ("399 days, 23 hours", "duration 34556400"),
            ("2 years (730 days)", "duration 63072000"),
            ("6 months (180 days)", "duration 15552000"),
            ("Session", "session"),
            ("session cookie", "session"),
            ("End of session", "session"),
            ("At the end of the browsing session", "session"),
            ("When you close your browser", "session"),
            ("When web browser is closed", "session"),
            ("for the length of your visit", "session"),
            ("when you sign out or close your browser", "session"),
            ("This cookie is deleted when you leave the website", "session"),
            ("60 minutes or when you close your browser", "session-or-duration 3600"),
            ("Session (30 minutes)", "session-or-duration 1800"),
            ("30 seconds to 1 year", "range 30 31536000"),
            ("between 30 and 90 days", "range 2592000 7776000"),
            ("30 - 90 days", "range 2592000 7776000"),
            ("1–2 years", "range 31536000 63072000"),
            ("No expiry", "persistent"),
            ("Never expires", "persistent"),
            ("Does not expire", "persistent"),
            ("Persistent", "persistent"),
            ("Persistent, 1 year", "duration 31536000"),
            ("until you clear your browser", "persistent"),
            ("Instantly", "instant 0"),
            ("a few seconds", "instant 0"),
            ("immediately", "instant 0"),
            ("Midnight", "event"),
            ("Variable", "event"),
            ("Depends on the account", "event"),
            ("When you unlock your account", "event"),
            ("End of webchat session", "event"),
            ("When you log out", "event"),
            ("2 hours rolling", "duration 7200 ~"),
            ("30 minutes, reset on activity", "duration 1800 ~"),
            ("30 minutes and reset again to 30 minutes on activity", "duration 1800 ~"),
            ("after 30 minutes of inactivity", "duration 1800"),
            ("", "absent"),
            (" - ", "absent"),
            ("–", "absent"),
            ("N/A", "absent"),
            ("in 2096 years", "unreadable"),
            ("99999999999999999999999 days", "unreadable"),
            ("purple", "unreadable"),
            ("365", "unreadable"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn lifetimes_in_welsh() {
        for (text, expected) in [
            ("2 flynedd", "duration 63072000"),
            ("1 flwyddyn", "duration 31536000"),
            ("blwyddyn", "duration 31536000"),
            ("3 oed", "duration 94608000"),
            ("tri mis", "duration 7776000"),
            ("un mis ar ddeg", "duration 28512000"),
            ("30 munud", "duration 1800"),
            ("24 awr", "duration 86400"),
            ("100 diwrnod", "duration 8640000"),
            ("dwy wythnos", "duration 1209600"),
            ("10 eiliad", "duration 10"),
            ("hanner awr", "duration 1800"),
            ("hyd at 13 mis", "duration 33696000"),
            ("Pan fyddwch yn cau eich porwr", "session"),
            ("Pryd porwr gwe ar gau", "session"),
            ("Diwedd y sesiwn", "session"),
            ("60 munud neu pan rydych yn cau eich porwr", "session-or-duration 3600"),
            ("30 eiliad i 1 flwyddyn", "range 30 31536000"),
            ("Canol nos", "event"),
            ("Byth", "persistent"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn words_are_kept_and_absence_has_none() {
        assert_eq!(lifetime(" Two\n years ").as_written.as_deref(), Some("Two years"));
        assert_eq!(lifetime("").as_written, None);
        assert_eq!(lifetime("-").as_written.as_deref(), Some("-"));
    }

    #[test]
    fn absurd_lengths_are_known_as_such() {
        assert!(is_absurd("Expires in 2096 years"));
        assert!(!is_absurd("10 years"));
        assert!(!is_absurd("purple"));
    }
}
