//! The main language of a text, by the small words that each language cannot do without.

/// English words that are not Welsh ones too.
const ENGLISH: &[&str] = &[
    "the", "and", "of", "to", "is", "are", "you", "your", "we", "our", "this", "that", "for", "it",
    "on", "with", "when", "how", "use", "used", "be", "not", "can", "will", "if",
];
/// Welsh words that are not English ones too; the unmutated and the mutated.
const WELSH: &[&str] = &[
    "yr",
    "y",
    "yn",
    "mae",
    "ac",
    "i'r",
    "eich",
    "ein",
    "chi",
    "rydym",
    "ydych",
    "hyn",
    "hwn",
    "ar",
    "gyfer",
    "gan",
    "o'r",
    "ddefnyddio",
    "defnyddio",
    "wefan",
    "cwcis",
    "gwcis",
    "sut",
    "pan",
    "os",
    "neu",
    "nid",
    "byddwn",
    "gallwch",
    "wedi",
    "ei",
];

/// How many of the small words of each language a text holds.
pub(super) fn counts(text: &str) -> (usize, usize) {
    let (mut english, mut welsh) = (0, 0);
    for word in text.split_whitespace().take(20_000) {
        let word =
            word.trim_matches(|it: char| !it.is_alphanumeric()).to_lowercase().replace('’', "'");
        english += usize::from(ENGLISH.contains(&word.as_str()));
        welsh += usize::from(WELSH.contains(&word.as_str()));
    }
    (english, welsh)
}

/// The main language; the first of two that share the page about equally.
pub(super) fn of(text: &str) -> &'static str {
    let (english, welsh) = counts(text);
    let close = english.min(welsh) * 10 >= english.max(welsh) * 8;
    if close && english + welsh > 0 {
        // Cut where a word begins, about a fifth of the way in.
        let words: Vec<&str> = text.split_whitespace().take(20_000).collect();
        let (english, welsh) = counts(&words[..words.len().div_ceil(5)].join(" "));
        return if welsh > english { "cy" } else { "en" };
    }
    if welsh > english { "cy" } else { "en" }
}
