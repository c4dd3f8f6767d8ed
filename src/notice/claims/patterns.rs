//! Kinds of claim as patterns over frames.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::ClaimKind;

use super::frames::{self, Frame, Polarity};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: Vec<RawKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKind {
    kind: ClaimKind,
    any: Vec<String>,
    unless: Vec<String>,
}

/// Classes of words, one of which must be there.
#[derive(Debug)]
struct Term {
    classes: Vec<String>,
    polarity: Polarity,
    /// Must not be there.
    absent: bool,
}

/// Terms that stand in one clause, and terms that stand anywhere in the sentence.
#[derive(Debug)]
struct Pattern {
    clause: Vec<Term>,
    sentence: Vec<Term>,
}

#[derive(Debug)]
struct Wanted {
    claim: ClaimKind,
    any: Vec<Pattern>,
    unless: Vec<Pattern>,
}

static KINDS: LazyLock<Vec<Wanted>> = LazyLock::new(|| {
    #[allow(clippy::expect_used, reason = "the file is embedded and read by a test")]
    parse(include_str!("patterns.toml")).expect("the embedded patterns are valid")
});

fn parse(text: &str) -> Result<Vec<Wanted>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let patterns = |list: &[String]| list.iter().map(|it| pattern(it)).collect::<Result<_, _>>();
    file.kind
        .iter()
        .map(|raw| {
            Ok(Wanted { claim: raw.kind, any: patterns(&raw.any)?, unless: patterns(&raw.unless)? })
        })
        .collect()
}

fn pattern(text: &str) -> Result<Pattern, String> {
    let (clause, sentence) = text.split_once('&').unwrap_or((text, ""));
    let terms = |part: &str| {
        part.split([' ', '&']).filter(|it| !it.is_empty()).map(term).collect::<Result<Vec<_>, _>>()
    };
    let (mut clause, mut sentence) = (terms(clause)?, terms(sentence)?);
    // What is nowhere is in no clause either.
    let absent = clause.extract_if(.., |it| it.absent);
    sentence.extend(absent);
    Ok(Pattern { clause, sentence })
}

fn term(text: &str) -> Result<Term, String> {
    let sign = text.chars().next().unwrap_or_default();
    let polarity = match sign {
        '+' => Polarity::Affirmed,
        '-' => Polarity::Negated,
        _ => Polarity::Either,
    };
    let names = text.trim_start_matches(['+', '-', '!']);
    let classes: Vec<String> = names.split('|').map(str::to_owned).collect();
    match classes.iter().find(|it| !frames::is_class(it)) {
        Some(unknown) => Err(format!("no class of words is called {unknown:?} (in {text:?})")),
        None => Ok(Term { classes, polarity, absent: sign == '!' }),
    }
}

impl Pattern {
    fn fits(&self, frame: &Frame) -> bool {
        let holds = |it: &Term, clause: Option<usize>| {
            frame.has(&it.classes, it.polarity, clause) != it.absent
        };
        self.sentence.iter().all(|it| holds(it, None))
            && (self.clause.is_empty()
                || (0..frame.clauses())
                    .any(|clause| self.clause.iter().all(|it| holds(it, Some(clause)))))
    }
}

/// The kinds of claim that a sentence makes.
pub(super) fn kinds(frame: &Frame) -> Vec<ClaimKind> {
    KINDS
        .iter()
        .filter(|it| {
            it.any.iter().any(|it| it.fits(frame)) && !it.unless.iter().any(|it| it.fits(frame))
        })
        .map(|it| it.claim)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_patterns_of_known_classes() {
        let kinds = parse(include_str!("patterns.toml")).unwrap();
        let missing: Vec<_> = ClaimKind::ALL
            .iter()
            .filter(|it| !matches!(it, ClaimKind::UsesCategory | ClaimKind::NamedService))
            .filter(|it| !kinds.iter().any(|kind| kind.claim == **it))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_kind_or_class_that_does_not_exist_is_an_error() {
        assert!(parse("[[kind]]\nkind = \"no-such-kind\"\nany = []\nunless = []").is_err());
        let unknown = "[[kind]]\nkind = \"count\"\nany = [\"no_such_class\"]\nunless = []";
        assert!(parse(unknown).is_err());
    }
}
