//! The tokens that names of cookies and storage items consist of, and what each says about their purpose.
//!
//! The tokens are in `data/tokens.toml`, which says how they were weighted. A row is a word (`visitor`), several
//! words in sequence (`page view`), or part of a longer word (`*retarget*`); with `@` before it, it is about the
//! host and not about the name.

use std::{
    collections::{HashMap, HashSet},
    sync::OnceLock,
};

use serde::Deserialize;

use crate::model::Category;

/// What a row of the table does to a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRole {
    /// A name that contains it is never scored, whatever else it contains.
    Never,
    /// It speaks against anything that follows people.
    Against,
    /// It speaks for performance or marketing.
    For(Category),
}

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Token {
    /// As it is written there.
    pub text: String,
    /// What it does.
    pub role: TokenRole,
    /// The weight that was set by hand.
    pub hand: i32,
    /// The weight that counts: by hand, and fitted.
    pub weight: i32,
}

impl Token {
    /// Whether it is about the host and not about the name.
    pub fn is_about_hosts(&self) -> bool {
        self.text.starts_with('@')
    }

    /// Without the marks that say where it is looked for.
    pub fn bare(&self) -> &str {
        self.text.trim_start_matches('@').trim_matches('*')
    }
}

/// The table, indexed.
#[derive(Clone, Debug)]
pub struct Tokens {
    rows: Vec<Token>,
    /// The least that the reasons for a category must come to.
    pub enough: i32,
    /// How far it must be ahead of the other category.
    pub apart: i32,
    names: Index,
    hosts: Index,
    /// Single words, by which words written together are separated.
    known: HashSet<String>,
}

/// Where to look for the rows of names, or of hosts.
#[derive(Clone, Debug, Default)]
struct Index {
    /// Rows by their first word, with the words that have to follow.
    first: HashMap<String, Vec<(Vec<String>, usize)>>,
    /// What may stand within a word.
    within: Vec<(String, usize)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    enough: i32,
    apart: i32,
    never: Vec<String>,
    against: Vec<(String, i32)>,
    performance: Vec<(String, i32, i32)>,
    marketing: Vec<(String, i32, i32)>,
    plain: Vec<String>,
}

fn file() -> File {
    toml::from_str(include_str!("data/tokens.toml"))
        .expect("tokens.toml is part of the program and read by its tests")
}

/// Tokens shorter than this are not looked for in what is run together: `ad` is in `shadow`.
const LEAST: usize = 3;
/// A longer run of letters is not one that somebody wrote as words.
const LONGEST_RUN: usize = 40;
/// The longest word that is looked for in it.
const LONGEST_WORD: usize = 16;

impl Tokens {
    /// The table that is part of the program.
    pub fn embedded() -> &'static Self {
        static TOKENS: OnceLock<Tokens> = OnceLock::new();
        TOKENS.get_or_init(|| Self::new(file()))
    }

    fn new(file: File) -> Self {
        let mut rows = Vec::new();
        let row = |text, role, hand, weight| Token { text, role, hand, weight };
        rows.extend(file.never.into_iter().map(|text| row(text, TokenRole::Never, 0, 0)));
        rows.extend(
            file.against.into_iter().map(|(text, by)| row(text, TokenRole::Against, by, by)),
        );
        let lists =
            [(Category::Performance, file.performance), (Category::Marketing, file.marketing)];
        for (category, list) in lists {
            rows.extend(
                list.into_iter()
                    .map(|(text, by, fitted)| row(text, TokenRole::For(category), by, fitted)),
            );
        }
        let mut known: HashSet<String> = file.plain.into_iter().collect();
        let (mut names, mut hosts) = (Index::default(), Index::default());
        for (at, token) in rows.iter().enumerate() {
            let index = if token.is_about_hosts() { &mut hosts } else { &mut names };
            if token.text.ends_with('*') {
                index.within.push((token.bare().to_owned(), at));
                continue;
            }
            let mut parts = token.bare().split(' ').map(str::to_owned);
            let first = parts.next().unwrap_or_default();
            let rest: Vec<String> = parts.collect();
            if rest.is_empty() && !token.is_about_hosts() {
                known.insert(first.clone());
            }
            index.first.entry(first).or_default().push((rest, at));
        }
        Self { rows, enough: file.enough, apart: file.apart, names, hosts, known }
    }

    /// Every row, in the order of the file.
    pub fn rows(&self) -> &[Token] {
        &self.rows
    }

    /// The same with other weights, by the place of a row and the row.
    #[must_use]
    pub fn with_weights(&self, weight: impl Fn(usize, &Token) -> i32) -> Self {
        let mut tokens = self.clone();
        for (at, token) in tokens.rows.iter_mut().enumerate() {
            token.weight = weight(at, token);
        }
        tokens
    }

    /// The rows that a name contains, each once, in the order of the name.
    pub fn in_name(&self, name: &str) -> Vec<usize> {
        let words: Vec<String> =
            split(name).into_iter().flat_map(|it| self.split_run(it)).collect();
        self.names.find(&words, |word| self.known.contains(word))
    }

    /// The rows that a host contains.
    pub fn in_host(&self, host: &str) -> Vec<usize> {
        // Nobody chooses the ending.
        let (chosen, _) = host.trim_matches('.').rsplit_once('.').unwrap_or_default();
        self.hosts.find(&split(chosen), |word| self.known.contains(word))
    }

    /// Whether one of these words speaks for performance or marketing.
    pub(super) fn speaks_of_following(&self, words: &[String]) -> bool {
        let found = self.names.find(words, |word| self.known.contains(word));
        found.into_iter().any(|row| matches!(self.rows[row].role, TokenRole::For(_)))
    }

    /// A run of letters as the fewest known words that it wholly consists of; as it is if it does not.
    fn split_run(&self, run: String) -> Vec<String> {
        if self.known.contains(&run) || !(2 * LEAST..=LONGEST_RUN).contains(&run.len()) {
            return vec![run];
        }
        // How many words lead up to each place, and where the last of them begins.
        let mut ways: Vec<Option<(usize, usize)>> = vec![None; run.len() + 1];
        ways[0] = Some((0, 0));
        for from in 0..run.len() {
            let Some((count, _)) = ways[from] else { continue };
            for to in from + 2..=run.len().min(from + LONGEST_WORD) {
                let word = &run[from..to];
                let counts = word.len() >= LEAST || (word == "id" && to == run.len());
                let fewer = ways[to].is_none_or(|(other, _)| count + 1 < other);
                if counts && fewer && self.known.contains(word) {
                    ways[to] = Some((count + 1, from));
                }
            }
        }
        let mut words = Vec::new();
        let mut to = run.len();
        while to > 0 {
            let Some((_, from)) = ways[to] else { return vec![run] };
            words.push(run[from..to].to_owned());
            to = from;
        }
        words.reverse();
        words
    }
}

impl Index {
    fn find(&self, words: &[String], known: impl Fn(&str) -> bool) -> Vec<usize> {
        let mut found = Vec::new();
        for (at, word) in words.iter().enumerate() {
            for (rest, row) in self.first.get(word).into_iter().flatten() {
                if words[at + 1..].starts_with(rest) && !found.contains(row) {
                    found.push(*row);
                }
            }
            if !known(word) {
                for (inner, row) in &self.within {
                    if word.contains(inner.as_str()) && !found.contains(row) {
                        found.push(*row);
                    }
                }
            }
        }
        found
    }
}

/// The words of a name, lower case: split at signs, at digits and where a small letter meets a capital.
pub(super) fn split(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut before = ' ';
    for it in name.chars().take(256) {
        let ends = !it.is_ascii_alphanumeric()
            || (it.is_ascii_uppercase() && before.is_ascii_lowercase())
            || (it.is_ascii_digit() != before.is_ascii_digit() && before.is_ascii_alphanumeric());
        if ends && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
        }
        if it.is_ascii_alphanumeric() {
            part.push(it.to_ascii_lowercase());
        }
        before = it;
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn tokens_in(name: &str) -> Vec<&'static str> {
        let tokens = Tokens::embedded();
        tokens.in_name(name).into_iter().map(|row| tokens.rows[row].text.as_str()).collect()
    }

    #[test]
    fn names_come_apart() {
        assert_eq!(split("_myVisitorId2-x.yZ"), ["my", "visitor", "id", "2", "x", "y", "z"]);
        assert_eq!(split("ŵ"), Vec::<String>::new());
    }

    #[test]
    fn words_that_are_run_together_are_found_if_nothing_is_left_over() {
        let apart = |run: &str| Tokens::embedded().split_run(run.to_owned()).join(" ");
        assert_eq!(apart("visitorstats"), "visitor stats");
        assert_eq!(apart("campaignid"), "campaignid", "a row of its own");
        assert_eq!(apart("visitorstatsx"), "visitorstatsx");
        assert_eq!(apart("shadow"), "shadow");
        assert_eq!(apart("statement"), "statement");
        assert_eq!(tokens_in("shadow_adults_statement"), Vec::<&str>::new());
    }

    #[test]
    fn words_in_a_row_and_within_a_word_are_found() {
        assert!(tokens_in("total_page-view").contains(&"page view"));
        assert!(!tokens_in("view_page").contains(&"page view"));
        assert_eq!(tokens_in("PUBRETARGET"), ["*retarget*"]);
        assert_eq!(tokens_in("ads_ads"), ["ads"], "each once");
    }

    #[test]
    fn hosts_have_words_of_their_own() {
        let tokens = Tokens::embedded();
        let of = |host: &str| -> Vec<&str> {
            tokens.in_host(host).into_iter().map(|row| tokens.rows[row].bare()).collect()
        };
        assert_eq!(of("ads.small-vendor.example"), ["ads"]);
        assert_eq!(
            of("analytics.small-vendor.example"),
            ["analytics"],
            "and not what is within it"
        );
        assert_eq!(of("www.gwent.police.uk"), Vec::<&str>::new());
        assert_eq!(of("www.example.ads"), Vec::<&str>::new(), "nobody chooses the ending");
        assert_eq!(of(""), Vec::<&str>::new());
    }

    /// A word that is there twice, or that no name can have, says nothing.
    #[test]
    fn every_row_can_be_found_and_is_there_once() {
        let tokens = Tokens::embedded();
        let mut seen = BTreeSet::new();
        for token in tokens.rows() {
            assert!(seen.insert(&token.text), "{} twice", token.text);
            let bare = token.bare().replace(' ', "_");
            let name = if token.text.ends_with('*') { format!("zq{bare}qz") } else { bare };
            let found = if token.is_about_hosts() {
                tokens.in_host(&format!("{name}.x.example"))
            } else {
                tokens.in_name(&name)
            };
            assert!(found.iter().any(|&row| tokens.rows[row].text == token.text), "{}", token.text);
            match token.role {
                TokenRole::Never => assert!(!token.is_about_hosts(), "{}", token.text),
                TokenRole::Against => assert!(token.weight < 0, "{}", token.text),
                TokenRole::For(category) => {
                    assert!(category.tracks() && (0..=5).contains(&token.hand), "{}", token.text);
                    assert!(token.weight <= token.hand + 1, "{}", token.text);
                }
            }
        }
    }
}
