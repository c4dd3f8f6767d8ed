//! Small tools for text.

use regex::Regex;

/// White space run together and trimmed.
pub(super) fn run_together(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Whether a word is a host under a public suffix, rather than a name with dots.
pub(super) fn looks_like_host(word: &str) -> bool {
    let word = word.trim_start_matches('.').to_ascii_lowercase();
    psl::suffix(word.as_bytes()).is_some_and(|it| it.is_known())
        && psl::domain_str(&word).is_some()
        && !word.contains('_')
}

/// What `\w` stands for in patterns: letters, digits and signs of Latin scripts. All of Unicode's letters would make
/// every pattern ten times as large, and no wording is in another script.
pub(super) const LETTER: &str = r"[0-9A-Za-z_\u{aa}-\u{24f}]";

/// Compiles a pattern of our own.
#[allow(
    clippy::expect_used,
    reason = "every pattern is a constant of the program, and a test compiles them all"
)]
pub(super) fn regex(pattern: &str) -> Regex {
    Regex::new(&pattern.replace(r"\w", LETTER)).expect("a pattern of our own")
}
