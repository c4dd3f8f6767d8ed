//! What a pipeline takes for a command when it reads its log: text of strangers must not hold one.

use std::sync::LazyLock;

use regex::Regex;

/// Commands of GitHub (`::warning::`, `::set-output name=x::`), Azure Pipelines (`##vso[`, `##[group]`), `TeamCity`
/// (`##teamcity[`) and GitLab (`section_start:`), wherever they stand: lines are wrapped, and some readers look at the
/// whole line.
static COMMANDS: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used, reason = "the pattern is fixed and tests use it")]
    Regex::new(
        r"(?ix) :: [a-z][\w-]* (?: [\x20\t][^\n]*? )? :: | \#\# [a-z]* \[ | section_(?:start|end)\s*: | travis_(?:fold|time)\s*:",
    )
    .expect("a valid pattern")
});

/// The places in `text` at which a command begins: writing the character there in another way breaks it.
pub(super) fn starts(text: &str) -> Vec<usize> {
    if !text.contains(['#', ':']) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut from = 0;
    // One character on, since a command may begin inside what looked like another.
    while let Some(at) = COMMANDS.find_at(text, from).map(|it| it.start()) {
        found.push(at);
        from = at + 1;
    }
    // One that what follows on its line may complete.
    let begins = |at: usize| {
        text[..at].chars().next_back().is_none_or(char::is_whitespace)
            && text[at + 2..].starts_with(|it: char| it.is_ascii_alphabetic())
    };
    found.extend(text.match_indices("::").map(|(at, _)| at).filter(|at| begins(*at)));
    found.sort_unstable();
    found.dedup();
    found
}

/// `text` with the first character of every command written as `write` says.
pub(super) fn broken(text: &str, write: impl Fn(char) -> String) -> String {
    let mut broken = String::with_capacity(text.len());
    let mut done = 0;
    for at in starts(text) {
        broken.push_str(&text[done..at]);
        // All of them begin with a character of one byte.
        broken.extend(text[at..].chars().take(1).map(&write));
        done = at + 1;
    }
    broken.push_str(&text[done..]);
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_wherever_they_stand() {
        for text in [
            "::warning::x",
            "  ::error file=a.js,line=1::x",
            "::add-mask::x",
            "::set-output name=a::b",
            "::set-output name",
            "a ::error file=x",
            "::stop-commands::token",
            "a ::GROUP::x",
            "##vso[task.setvariable variable=a]b",
            "##[error]x",
            "##teamcity[testFailed name='a']",
            "###[x]",
            ":::warning::x",
            "section_start:1:name",
            "section_end : 1",
            "travis_fold:start:x",
        ] {
            let broken = broken(text, |c| format!("<{}>", u32::from(c)));
            assert_ne!(broken, text);
            let parts: Vec<&str> = broken.split(['<', '>']).collect();
            assert!(parts.iter().all(|it| starts(it).is_empty()), "{broken}");
        }
    }

    #[test]
    fn other_text_is_left_alone() {
        for text in [
            "https://shop.test:8443/a?b=c::d",
            "http://[::1]:80/",
            "fe80::1",
            "a: b",
            "# title",
            "## Cookies",
            "G-ABC##",
            "10:20:30",
            "the section starts: here",
            "",
        ] {
            assert_eq!(starts(text), [0_usize; 0], "{text}");
        }
    }
}
