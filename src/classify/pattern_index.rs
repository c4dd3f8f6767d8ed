//! An index of rows by name or pattern, so that a look-up does not try them all.

use std::collections::BTreeMap;

use crate::model::NamePattern;

/// Finds the rows of a table by the names they are about.
#[derive(Debug, Default)]
pub(super) struct PatternIndex {
    exact: BTreeMap<String, Vec<usize>>,
    /// By the first byte of the pattern; what starts with a star is under the star.
    wild: BTreeMap<u8, Vec<(NamePattern, usize)>>,
}

impl PatternIndex {
    /// The rows `0..` of a table whose patterns are given in order.
    pub(super) fn new<'a>(patterns: impl Iterator<Item = &'a str>) -> Self {
        let mut index = Self::default();
        for (row, pattern) in patterns.enumerate() {
            if pattern.contains('*') {
                let first = pattern.as_bytes()[0];
                index.wild.entry(first).or_default().push((NamePattern::new(pattern), row));
            } else {
                index.exact.entry(pattern.to_owned()).or_default().push(row);
            }
        }
        // The pattern that says most comes first; the sort is stable, so then the order given.
        for rows in index.wild.values_mut() {
            rows.sort_by_key(|(pattern, _)| std::cmp::Reverse(literal(pattern.as_str())));
        }
        index
    }

    /// Rows that give this very name.
    pub(super) fn exact(&self, name: &str) -> &[usize] {
        self.exact.get(name).map_or(&[], Vec::as_slice)
    }

    /// Rows whose pattern covers the name, those with the most letters of their own first.
    pub(super) fn wild(&self, name: &str) -> impl Iterator<Item = usize> {
        let under = |byte: u8| self.wild.get(&byte).map_or(&[][..], Vec::as_slice);
        let first = name.bytes().next().map_or(&[][..], under);
        first
            .iter()
            .chain(under(b'*'))
            .filter(move |(pattern, _)| pattern.matches(name))
            .map(|(_, row)| *row)
    }

    /// Rows that give this very pattern.
    pub(super) fn pattern(&self, pattern: &str) -> impl Iterator<Item = usize> {
        let under = |byte: u8| self.wild.get(&byte).map_or(&[][..], Vec::as_slice);
        let first = pattern.bytes().next().map_or(&[][..], under);
        first.iter().filter(move |(own, _)| own.as_str() == pattern).map(|(_, row)| *row)
    }
}

/// How many characters of a pattern are its own.
pub(super) fn literal(pattern: &str) -> usize {
    pattern.chars().filter(|&char| char != '*').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_telling_pattern_comes_first() {
        let index = PatternIndex::new(["ab*", "abcd*", "abc", "*bcd", "abc*"].into_iter());
        assert_eq!(index.exact("abc"), [2]);
        assert!(index.exact("abcd").is_empty());
        assert_eq!(index.wild("abcd").collect::<Vec<_>>(), [1, 4, 0, 3]);
        assert_eq!(index.wild("zbcd").collect::<Vec<_>>(), [3]);
        assert_eq!(index.wild("").count(), 0);
    }
}
