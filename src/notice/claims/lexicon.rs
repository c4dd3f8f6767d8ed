//! The classes of words of `words.toml`, and the words of a sentence.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::Deserialize;

/// The words of a class, by language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    en: BTreeMap<String, Vec<String>>,
    cy: BTreeMap<String, Vec<String>>,
}

/// One entry of a class: its words, each in the forms that it may take, of which the last may have any ending.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) words: Vec<Vec<String>>,
    pub(super) any_ending: bool,
    pub(super) class: usize,
    /// It may only stand in a Welsh sentence: mutated words look like English ones.
    pub(super) welsh: bool,
}

/// All entries, by the first letters of their first word.
struct Lexicon {
    classes: Vec<String>,
    entries: BTreeMap<String, Vec<Entry>>,
}

/// Letters by which entries are found.
const KEY: usize = 2;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    #[allow(clippy::expect_used, reason = "the file is embedded and read by a test")]
    lexicon(include_str!("words.toml")).expect("the embedded words are valid")
});

fn lexicon(text: &str) -> Result<Lexicon, String> {
    let words: Words = toml::from_str(text).map_err(|error| error.to_string())?;
    let classes: Vec<String> = words.en.keys().cloned().collect();
    if let Some(unknown) = words.cy.keys().find(|it| !classes.contains(it)) {
        return Err(format!("the class {unknown} has no English words"));
    }
    let mut entries: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    let mut add = |words: Vec<Vec<String>>, any_ending: bool, class: usize, welsh: bool| {
        let keys: BTreeSet<String> =
            words[0].iter().map(|it| it.chars().take(KEY).collect()).collect();
        for key in keys {
            let words = words.clone();
            entries.entry(key).or_default().push(Entry { words, any_ending, class, welsh });
        }
    };
    for (language, lists) in [("en", &words.en), ("cy", &words.cy)] {
        for (class, list) in lists {
            let class = classes.iter().position(|it| it == class).unwrap_or_default();
            for entry in list {
                let any_ending = entry.ends_with('*');
                let parts: Vec<String> =
                    tokens(entry.trim_end_matches('*')).into_iter().map(|it| it.text).collect();
                if parts.is_empty() {
                    return Err(format!("an entry of a class is empty: {entry:?}"));
                }
                let welsh = language == "cy";
                let forms = |word: String| {
                    let mut forms = if welsh { mutations(&word) } else { Vec::new() };
                    forms.push(word);
                    forms
                };
                add(parts.into_iter().map(forms).collect(), any_ending, class, welsh);
            }
        }
    }
    // The longest match comes first.
    for list in entries.values_mut() {
        list.sort_by_key(|it| std::cmp::Reverse(it.words.len()));
    }
    Ok(Lexicon { classes, entries })
}

/// The forms that a Welsh word takes after others.
fn mutations(word: &str) -> Vec<String> {
    const CHANGES: &[(&str, &[&str])] = &[
        ("ll", &["l"]),
        ("rh", &["r"]),
        ("ca", &["ga", "cha", "ngha"]),
        ("c", &["g", "ch", "ngh"]),
        ("p", &["b", "ph", "mh"]),
        ("t", &["d", "th", "nh"]),
        ("g", &["", "ng"]),
        ("b", &["f", "m"]),
        ("d", &["dd", "n"]),
        ("m", &["f"]),
    ];
    if word.chars().count() < 3 || word.starts_with("ch") || word.starts_with("th") {
        return Vec::new();
    }
    // "ei hanfon": an h before a vowel, after "her" and "their".
    if word.starts_with(['a', 'e', 'i', 'o', 'u', 'w', 'y', 'â', 'ê', 'ô']) {
        return vec![format!("h{word}")];
    }
    let change = CHANGES.iter().find(|(from, _)| word.starts_with(from));
    let Some((from, to)) = change else { return Vec::new() };
    to.iter().map(|to| format!("{to}{}", &word[from.len()..])).collect()
}

/// A word of a sentence in lower case, and what stood before it.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    /// Where it begins in the sentence.
    pub(super) start: usize,
    /// A sign that parts clauses stood before it.
    pub(super) parted: bool,
    /// A comma stood before it.
    pub(super) comma: bool,
}

/// The words of a text; `n't` is `not`, and what an apostrophe joins stands apart.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let (mut parted, mut comma) = (false, false);
    let mut start = None;
    let mut push = |from: usize, to: usize, parted: &mut bool, comma: &mut bool| {
        let word = text[from..to].to_lowercase();
        let (word, negated) = match word.strip_suffix("n't").or_else(|| word.strip_suffix("n’t"))
        {
            Some("ca") => ("can".to_owned(), true),
            Some("wo") => ("will".to_owned(), true),
            Some(rest) => (rest.to_owned(), true),
            None => (word, false),
        };
        let (word, negated) =
            if word == "cannot" { ("can".to_owned(), true) } else { (word, negated) };
        for (number, part) in word.split(['\'', '’']).filter(|it| !it.is_empty()).enumerate() {
            found.push(Token {
                text: part.to_owned(),
                start: from,
                parted: *parted && number == 0,
                comma: *comma && number == 0,
            });
        }
        if negated {
            found.push(Token { text: "not".to_owned(), start: from, parted: false, comma: false });
        }
        (*parted, *comma) = (false, false);
    };
    for (at, it) in text.char_indices() {
        if it.is_alphanumeric() || matches!(it, '\'' | '’') && start.is_some() {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            push(from, at, &mut parted, &mut comma);
        }
        // The dots of `example.org` part nothing.
        let inside = it == '.'
            && text[at + 1..].starts_with(char::is_alphanumeric)
            && text[..at].ends_with(char::is_alphanumeric);
        parted |= matches!(it, ';' | ':' | '–' | '—' | '.' | '(' | ')' | '!' | '?') && !inside;
        comma |= it == ',';
    }
    if let Some(from) = start {
        push(from, text.len(), &mut parted, &mut comma);
    }
    found
}

/// The entries that may begin with a word.
pub(super) fn entries(word: &str) -> &'static [Entry] {
    let key: String = word.chars().take(KEY).collect();
    LEXICON.entries.get(&key).map_or(&[], Vec::as_slice)
}

/// Whether a word is an entry of some class by itself.
pub(super) fn knows(word: &str) -> bool {
    entries(word).iter().any(|it| it.words.len() == 1 && it.words[0].iter().any(|it| it == word))
}

/// The number of a class.
pub(super) fn class(name: &str) -> Option<usize> {
    LEXICON.classes.iter().position(|it| it == name)
}

/// Whether a class has this name.
pub(super) fn is(class: usize, name: &str) -> bool {
    LEXICON.classes.get(class).is_some_and(|it| it == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_valid() {
        let read = lexicon(include_str!("words.toml"));
        assert!(read.is_ok(), "{:?}", read.err());
    }

    #[test]
    fn welsh_words_mutate() {
        for (word, mutated) in [
            ("cwcis", &["gwcis", "chwcis", "nghwcis"][..]),
            ("caniatâd", &["ganiatâd", "chaniatâd", "nghaniatâd"]),
            ("gosod", &["osod", "ngosod"]),
            ("defnyddio", &["ddefnyddio", "nefnyddio"]),
            ("llythrennau", &["lythrennau"]),
            ("anfon", &["hanfon"]),
        ] {
            assert_eq!(mutations(word), mutated, "{word}");
        }
    }

    #[test]
    fn a_negation_in_a_word_stands_apart() {
        let words = |text: &str| tokens(text).into_iter().map(|it| it.text).collect::<Vec<_>>();
        assert_eq!(
            words("We don't, can’t and won't."),
            ["we", "do", "not", "can", "not", "and", "will", "not"]
        );
        assert_eq!(words("mae'n defnyddio'r"), ["mae", "n", "defnyddio", "r"]);
    }
}
