//! Words that look like names of cookies and that no declaration took: where the reading may have missed something.

use std::collections::{BTreeSet, HashSet};

use crate::model::{Declaration, NamePattern, Notice, NoticeProblem, NoticeProblemKind};

use super::names;

/// So many are named; the rest is counted.
const MOST_NAMED: usize = 12;
/// Beyond these, names with placeholders are not searched for what would cover a word.
const MOST_PATTERNS: usize = 400;

/// What consent managers call the kinds of storage.
const KINDS: &[&str] = &[
    "http_cookie",
    "html_local_storage",
    "html_session_storage",
    "local_storage",
    "session_storage",
    "server_cookie",
    "pixel_tracker",
    "indexed_db",
    "first_party",
    "third_party",
    "google_analytics",
];

/// The words, as one problem.
pub(super) fn names(notice: &Notice) -> Option<NoticeProblem> {
    let retired: HashSet<&str> = notice.retired.iter().map(String::as_str).collect();
    let all = || notice.declarations.iter().chain(&notice.hidden);
    let said: HashSet<&str> = all().flat_map(written).collect();
    let patterns: Vec<NamePattern> = all()
        .flat_map(|it| &it.patterns)
        .filter(|it| it.contains('*'))
        .take(MOST_PATTERNS)
        .map(|it| NamePattern::new(it.as_str()))
        .collect();
    let mut found: Vec<&str> = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for word in notice.text.split_whitespace() {
        let bare = bare(word);
        if !bare.contains('_') || !seen.insert(bare) || !is_name(bare) {
            continue;
        }
        if !said.contains(bare)
            && !retired.contains(bare)
            && !patterns.iter().any(|it| it.matches(bare))
        {
            found.push(bare);
        }
    }
    if found.is_empty() {
        return None;
    }
    let shown: Vec<String> = found.iter().take(MOST_NAMED).map(|it| format!("`{it}`")).collect();
    let more = found.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!(
        "{}{more} may be names of cookies, and were not understood as declared",
        shown.join(", ")
    );
    Some(NoticeProblem { kind: NoticeProblemKind::NamesNotUnderstood, message })
}

/// The name as it is written, in whole and in parts, and what it stands for.
fn written(declaration: &Declaration) -> impl Iterator<Item = &str> {
    let parts = declaration.as_written.split_whitespace().map(bare);
    let patterns = declaration.patterns.iter().map(String::as_str);
    patterns.chain(parts).chain([declaration.as_written.as_str()])
}

fn bare(word: &str) -> &str {
    word.trim_matches(|it: char| ",;:.()!?\"“”‘’'`/".contains(it))
}

/// Whether a word is surely a name; the parts of addresses and of campaign links are none.
fn is_name(word: &str) -> bool {
    names::is_surely_a_name(word)
        && word.len() <= 80
        && !word.contains("://")
        && !names::is_short(word)
        && !word.starts_with("utm_")
        && !KINDS.contains(&word.to_ascii_lowercase().as_str())
        && !word.contains(['/', '&', '?', '%'])
}
