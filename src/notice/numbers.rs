//! Numbers written as words, in English and Welsh, and halves, as figures.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::text::regex;

/// English numbers below a hundred that are one word.
const ENGLISH: &[(&str, u32)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fourty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

/// Welsh numbers that are one word, with their mutations and the forms before nouns.
const WELSH: &[(&str, u32)] = &[
    ("un", 1),
    ("dau", 2),
    ("ddau", 2),
    ("dwy", 2),
    ("ddwy", 2),
    ("tri", 3),
    ("dri", 3),
    ("thri", 3),
    ("tair", 3),
    ("dair", 3),
    ("thair", 3),
    ("pedwar", 4),
    ("bedwar", 4),
    ("phedwar", 4),
    ("pedair", 4),
    ("bedair", 4),
    ("phedair", 4),
    ("pump", 5),
    ("pum", 5),
    ("bump", 5),
    ("bum", 5),
    ("phump", 5),
    ("phum", 5),
    ("chwech", 6),
    ("chwe", 6),
    ("saith", 7),
    ("wyth", 8),
    ("naw", 9),
    ("deg", 10),
    ("ddeg", 10),
    ("deng", 10),
    ("ddeng", 10),
    ("deuddeg", 12),
    ("ddeuddeg", 12),
    ("deuddeng", 12),
    ("pymtheg", 15),
    ("bymtheg", 15),
    ("pymtheng", 15),
    ("deunaw", 18),
    ("ddeunaw", 18),
    ("ugain", 20),
    ("hugain", 20),
    ("deugain", 40),
    ("ddeugain", 40),
    ("trigain", 60),
    ("drigain", 60),
    ("cant", 100),
    ("gant", 100),
    ("chant", 100),
];

fn value(list: &[(&str, u32)], word: &str) -> Option<u32> {
    list.iter().find(|(name, _)| *name == word).map(|it| it.1)
}

/// `text`, in lower case, with its number words as figures: `twenty-eight days` is `28 days`.
pub(super) fn in_figures(text: &str) -> String {
    static WORD: LazyLock<Regex> = LazyLock::new(|| regex(r"[\p{L}']+"));
    let words: Vec<(usize, usize)> =
        WORD.find_iter(text).map(|it| (it.start(), it.end())).collect();
    let mut out = String::with_capacity(text.len());
    let (mut from, mut next) = (0, 0);
    while let Some(&(start, _)) = words.get(next) {
        let run = run(text, &words[next..]);
        let Some((number, taken)) = english(&run).or_else(|| welsh(&run)) else {
            next += 1;
            continue;
        };
        out.push_str(&text[from..start]);
        out.push_str(&number.to_string());
        from = words[next + taken - 1].1;
        next += taken;
    }
    out.push_str(&text[from..]);
    one_of_a_unit(&halves(&out))
}

/// `am flwyddyn` is one year, and `a couple of days` two: Welsh has no word for "a".
fn one_of_a_unit(text: &str) -> String {
    static WELSH: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"\b(am|para|bara|pharhau|hyd at|ymhen|o fewn|ar ôl|am gyfnod o) (blwyddyn|flwyddyn|mis|fis|pythefnos|bythefnos|wythnos|diwrnod|ddiwrnod|awr|munud|funud)\b",
        )
    });
    static COUPLE: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(?:a )?couple of\b"));
    let text = WELSH.replace_all(text, "$1 1 $2");
    COUPLE.replace_all(&text, "2").into_owned()
}

/// The words that follow one another with nothing but a blank or a hyphen between them.
fn run<'a>(text: &'a str, words: &[(usize, usize)]) -> Vec<&'a str> {
    let mut run = Vec::new();
    let mut end = None;
    for &(start, stop) in words.iter().take(9) {
        let joined = end.is_none_or(|end: usize| {
            text.get(end..start).is_some_and(|it| matches!(it, " " | "-" | " - " | "\u{a0}"))
        });
        if !joined {
            break;
        }
        run.push(&text[start..stop]);
        end = Some(stop);
    }
    run
}

/// The number at the start of `words`, and how many of them it takes.
fn english(words: &[&str]) -> Option<(u32, usize)> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let below_hundred = |at: usize| {
        let first = value(ENGLISH, word(at))?;
        let second = value(ENGLISH, word(at + 1)).filter(|it| *it < 10);
        match second {
            Some(second) if first >= 20 => Some((first + second, 2)),
            _ => Some((first, 1)),
        }
    };
    let hundreds = match (word(0), word(1)) {
        ("a", "hundred") => Some(1),
        (first, "hundred") => value(ENGLISH, first),
        _ => None,
    };
    let Some(hundreds) = hundreds else { return below_hundred(0) };
    let after = if word(2) == "and" { 3 } else { 2 };
    match below_hundred(after) {
        Some((rest, taken)) => Some((hundreds * 100 + rest, after + taken)),
        None => Some((hundreds * 100, 2)),
    }
}

/// As [`english`], for the two ways in which Welsh counts.
fn welsh(words: &[&str]) -> Option<(u32, usize)> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let number = |at: usize| value(WELSH, word(at));
    if (word(0), number(1)) == ("hanner", Some(100)) {
        return Some((50, 2));
    }
    // `can diwrnod`: the short form only where a noun of time follows.
    let short = matches!(word(0), "can" | "gan" | "chan")
        && ["diwrnod", "munud", "eiliad", "mlynedd", "niwrnod", "wythnos", "mis", "awr"]
            .contains(&word(1));
    if short {
        return Some((100, 1));
    }
    let below_hundred = |at: usize| -> Option<(u32, usize)> {
        let first = number(at).filter(|it| *it < 100)?;
        match number(at + 1) {
            // `dau ddeg wyth`
            Some(10) if first < 10 => {
                let ones = number(at + 2).filter(|it| *it < 10);
                Some((first * 10 + ones.unwrap_or(0), if ones.is_some() { 3 } else { 2 }))
            }
            // `pedwar ugain`
            Some(20) if (2..=4).contains(&first) => Some((first * 20, 2)),
            // `wyth ar hugain`
            _ if word(at + 1) == "ar" => match number(at + 2) {
                Some(over @ (10 | 15 | 20 | 40)) if first < 20 => Some((first + over, 3)),
                _ => Some((first, 1)),
            },
            _ => Some((first, 1)),
        }
    };
    let (hundreds, taken) = match (number(0)?, number(1)) {
        (100, _) => (100, 1),
        (first, Some(100)) if first < 10 => (first * 100, 2),
        _ => return below_hundred(0),
    };
    if matches!(word(taken), "a" | "ac" | "ag")
        && let Some((rest, more)) = below_hundred(taken + 1)
    {
        return Some((hundreds + rest, taken + 1 + more));
    }
    Some((hundreds, taken))
}

/// `2 and a half years`, `a year and a half`, `1½`, `1,5` and `90 (90)` as decimal numbers.
fn halves(text: &str) -> String {
    const UNIT: &str = "hours?|days?|weeks?|months?|years?|awr|diwrnod|wythnos|mis|fis|blwyddyn|flwyddyn|mlynedd|flynedd";
    static SIGN: LazyLock<Regex> = LazyLock::new(|| regex(r"(\d+)?\s*(?:½|\b1/2\b)"));
    static AND_HALF: LazyLock<Regex> = LazyLock::new(|| regex(r"(\d+) (?:and a half|a hanner)\b"));
    static UNIT_AND_HALF: LazyLock<Regex> = LazyLock::new(|| {
        regex(&format!(r"(?:\b(\d+|an?)\s+)?\b({UNIT}) (?:and a half|a hanner)\b"))
    });
    static COMMA: LazyLock<Regex> = LazyLock::new(|| regex(r"(\d),(\d{1,2})\b"));
    static TWICE: LazyLock<Regex> = LazyLock::new(|| regex(r"(\d+)\s*\(\s*(\d+)\s*\)"));
    let whole = |it: &Captures<'_>| it.get(1).map_or("0", |it| it.as_str()).to_owned();
    let text = SIGN.replace_all(text, |it: &Captures<'_>| format!("{}.5", whole(it)));
    let text = AND_HALF.replace_all(&text, "$1.5");
    let text = UNIT_AND_HALF.replace_all(&text, |it: &Captures<'_>| {
        let number = it.get(1).map_or("1", |it| it.as_str());
        let number = if number.starts_with('a') { "1" } else { number };
        format!("{number}.5 {}", &it[2])
    });
    let text = COMMA.replace_all(&text, "$1.$2");
    let text =
        TWICE.replace_all(
            &text,
            |it: &Captures<'_>| {
                if it[1] == it[2] { it[1].to_owned() } else { it[0].to_owned() }
            },
        );
    text.into_owned()
}

#[cfg(test)]
mod tests {
    use super::in_figures;

    #[test]
    fn number_words_become_figures() {
        for (words, figures) in [
            ("twenty one days", "21 days"),
            ("twenty-eight days", "28 days"),
            ("one hundred and twenty days", "120 days"),
            ("a hundred days", "100 days"),
            ("nine hundred and ninety-nine days", "999 days"),
            ("two and a half years", "2.5 years"),
            ("a year and a half", "1.5 year"),
            ("1½ years", "1.5 years"),
            ("½ hour", "0.5 hour"),
            ("1,5 years", "1.5 years"),
            ("1,825 days", "1,825 days"),
            ("ninety (90) days", "90 days"),
            ("one or two years", "1 or 2 years"),
            ("dau ddeg wyth diwrnod", "28 diwrnod"),
            ("wyth ar hugain", "28"),
            ("un deg tri mis", "13 mis"),
            ("naw deg diwrnod", "90 diwrnod"),
            ("pedwar ugain", "80"),
            ("cant ac ugain diwrnod", "120 diwrnod"),
            ("dau gant", "200"),
            ("blwyddyn a hanner", "1.5 blwyddyn"),
            ("deg ar hugain", "30"),
            ("un ar bymtheg", "16"),
            ("hanner cant", "50"),
            ("mae'n para am flwyddyn", "mae'n para am 1 flwyddyn"),
            ("cedwir am flwyddyn a hanner", "cedwir am 1.5 flwyddyn"),
            ("o fewn wythnos", "o fewn 1 wythnos"),
            ("a couple of days", "2 days"),
            ("session", "session"),
        ] {
            assert_eq!(in_figures(words), figures, "{words}");
        }
    }
}
