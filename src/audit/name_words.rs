//! Words in the text of a notice that stand for names of cookies and that no declaration took: there the reading may have
//! missed a row, whatever the page is made of.

use std::collections::BTreeSet;

use crate::{
    model::{NamePattern, Notice},
    notice,
};

/// Beyond these, words are not compared.
const MOST: usize = 400;
/// A word with fewer characters of its own stands for too much.
const OWN: usize = 3;
/// A word with hardly more characters of its own, and so many of them.
const SHORT: usize = 5;
const MOST_SHORT: usize = 40;
const LONGEST: usize = 80;
/// How far after its start a bracket may end that stands for a part of a name.
const BRACKET: usize = 40;

/// A word, and the names that it stands for.
#[derive(Debug)]
pub(super) struct NameWord {
    pub(super) written: String,
    pub(super) pattern: NamePattern,
    /// How many characters it has of its own.
    own: usize,
}

impl NameWord {
    fn is_short(&self) -> bool {
        self.own <= SHORT
    }
}

/// The words of the notice that stand for more names than the one they write. Whole names are found in the text itself.
pub(super) fn name_words(notice: &Notice) -> Vec<NameWord> {
    let mut known = BTreeSet::new();
    let words = words(&notice.text).map(bare).filter(|word| is_telling(word));
    let mut found: Vec<NameWord> =
        words.filter(|word| known.insert(*word)).filter_map(name_word).take(MOST).collect();
    // So many short ones are written to stand for everything.
    if found.iter().filter(|it| it.is_short()).count() > MOST_SHORT {
        found.retain(|it| !it.is_short());
    }
    found
}

fn name_word(word: &str) -> Option<NameWord> {
    let pattern = notice::patterns(word).into_iter().find_map(|pattern| {
        if pattern.contains('*') { Some(pattern) } else { notice::generalise(&pattern) }
    })?;
    let own = pattern.chars().filter(|it| *it != '*').count();
    (own >= OWN).then(|| NameWord {
        written: word.to_owned(),
        pattern: NamePattern::new(pattern),
        own,
    })
}

/// The words of a text. A bracket within a word may hold spaces: `_ga_<container id>`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let (mut end, mut within) = (rest.len(), 0);
        for (at, it) in rest.char_indices().filter(|(at, _)| *at > 0) {
            if at < within {
                continue;
            }
            if it.is_whitespace() {
                end = at;
                break;
            }
            let close = match it {
                '[' => ']',
                '<' => '>',
                '{' => '}',
                '(' => ')',
                _ => continue,
            };
            let ends = rest[at..].char_indices().take(BRACKET).find(|(_, it)| *it == close);
            within = ends.map_or(within, |(length, _)| at + length);
        }
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// A word without what stands around it in a sentence. Dots and brackets may belong to it.
fn bare(word: &str) -> &str {
    const AROUND: &[char] = &[',', ';', ':', '!', '?', '"', '“', '”', '‘', '’', '\'', '`', '/'];
    let word = word.trim_matches(AROUND);
    let word = if word.ends_with("...") { word } else { word.trim_end_matches('.') };
    let word = word.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or(word);
    let balanced = word.matches('(').count() == word.matches(')').count();
    if balanced { word } else { word.trim_matches(['(', ')', ',', '.']) }
}

/// Whether a word is no word of a sentence with a star for a footnote: names have something in them that words have not.
fn is_telling(word: &str) -> bool {
    let stands_for_more =
        word.contains(['*', '[', '<', '{', '(', '#', '…']) || word.contains("...");
    let placed = stands_for_more
        || word.contains("xxxx")
        || word.contains("XXXX")
        || word.contains("NNNN")
        || word.bytes().any(|it| it.is_ascii_digit());
    let own = word.split(['*', '[', '<', '{', '(', '#', '…']).next().unwrap_or_default();
    let named = own.contains(['_', '-', '.'])
        || own.chars().skip(1).any(char::is_uppercase) && own.chars().any(char::is_lowercase);
    placed
        && named
        && word.len() <= LONGEST
        && !word.contains("://")
        && !word.contains(['@', '%', '&', '?', '='])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::testing::notice;

    /// The word of the text that stands for `name`.
    fn found(text: &str, name: &str) -> Option<String> {
        let notice = notice(&format!("text {text}"));
        let mut words = name_words(&notice).into_iter();
        words.find(|it| it.pattern.matches(name)).map(|it| it.written)
    }

    #[test]
    fn a_flood_of_short_words_stands_for_nothing() {
        let few = "_ab* and _long_name_*";
        assert!(found(few, "_abc").is_some());
        let flood: Vec<String> =
            ('a'..='z').flat_map(|it| [format!("_{it}a*"), format!("_{it}b*")]).collect();
        let flood = format!("{few} {}", flood.join(" "));
        assert_eq!(found(&flood, "_abc"), None);
        assert!(found(&flood, "_long_name_7").is_some());
    }

    #[test]
    fn a_word_may_stand_for_a_name() {
        for (text, name, word) in [
            ("Name _pk_id.* Retention 13 months", "_pk_id.5.77aa", Some("_pk_id.*")),
            ("We set _pk_ses.*, which ends soon.", "_pk_ses.5.77aa", Some("_pk_ses.*")),
            ("It is called _ga_<container id>.", "_ga_9XKQ2PL71M", Some("_ga_<container id>")),
            ("(wp-settings-[user])", "wp-settings-7", Some("wp-settings-[user]")),
            ("_hjSession_{site id}", "_hjSession_881", Some("_hjSession_{site id}")),
            ("visid_incap_...", "visid_incap_33", Some("visid_incap_...")),
            ("mtm_XXXXXX is kept", "mtm_91QQ", Some("mtm_XXXXXX")),
            // The name that another visitor got.
            ("_pk_id.1.3b9e is kept", "_pk_id.5.77aa", Some("_pk_id.1.3b9e")),
            ("_pk_id.* Retention", "_pk_ref.5.77aa", None),
            ("Marked with a star* are cookies.", "star_a", None),
            ("Words [in brackets] and (others)", "Words_a", None),
            ("All * of them, and _*", "_fbp", None),
            ("https://shop.test/a_* and me_*@shop.test", "a_b", None),
            ("", "a", None),
        ] {
            assert_eq!(found(text, name).as_deref(), word, "{text}: {name}");
        }
    }
}
