//! What a row of a notice says in passing of whether something needs consent.

use super::{Category, CategoryBasis, Declaration};

/// How an item is kept by whoever said no. A purpose may say of anything what happens to it after a refusal, so that only
/// these forms count.
const ONLY_ON: &[&str] = &[
    "only if you ",
    "only when you ",
    "only once you ",
    "only after you ",
    "set if you ",
    "set when you ",
    "set once you ",
    "set after you ",
    "stored if you ",
    "stored when you ",
    "kept if you ",
    "kept when you ",
    "remembers that you ",
    "records that you ",
    "remember that you ",
    "records your ",
    "remembers your ",
    "remember your ",
    "stores your ",
    "dim ond os ",
    "dim ond pan ",
    "cofio eich bod ",
    "cofio nad ",
];

/// What the visitor does, within a few letters after one of [`ONLY_ON`].
const SAYS_NO: &[&str] = &[
    "object",
    "opt out",
    "opt-out",
    "opted out",
    "refus",
    "declin",
    "withdr",
    "say no",
    "said no",
    "do not want",
    "don't want",
    "gwrthwyneb",
    "gwrthod",
    "optio allan",
    "dymuno",
    "am gael eich",
];

/// How far apart the two are at most.
const NEAR: usize = 24;

impl Declaration {
    /// Whether the item keeps that a visitor said no: it is there only for those who did, at their request, and nobody is
    /// asked for consent because of it.
    pub fn keeps_an_objection(&self) -> bool {
        self.cells().any(|text| {
            ONLY_ON.iter().any(|start| {
                text.match_indices(start).any(|(at, _)| {
                    let after = &text[at + start.len()..];
                    let near =
                        after.char_indices().nth(NEAR).map_or(after, |(end, _)| &after[..end]);
                    let clause = near.split(['.', ';']).next().unwrap_or_default();
                    SAYS_NO.iter().any(|what| clause.contains(what))
                })
            })
        })
    }

    /// What the notice says the item is for: its category, or that its purpose calls it strictly necessary, which goes
    /// before what we read out of the purpose.
    pub fn said_category(&self) -> Option<Category> {
        let inferred = self.category_basis == Some(CategoryBasis::Inferred);
        let is_said = self.category.is_some_and(|it| it != Category::Unknown) && !inferred;
        if !is_said && self.says_strictly_necessary() {
            return Some(Category::Essential);
        }
        self.category
    }

    fn says_strictly_necessary(&self) -> bool {
        const NECESSARY: &[&str] = &[
            "strictly necessary",
            "strictly essential",
            "strictly required",
            "(essential)",
            "(necessary)",
            "absolutely necessary",
            "cwbl angenrheidiol",
            "hollol angenrheidiol",
            "cwbl hanfodol",
            "hollol hanfodol",
            "(hanfodol)",
            "(angenrheidiol)",
        ];
        const NOT: &[&str] =
            &["not ", "non-", "n't ", "nid ", "ddim yn ", "nad ", "than ", "beyond "];
        let Some(purpose) = self.purpose.as_ref().map(|it| plain(it)) else { return false };
        NECESSARY.iter().any(|words| {
            purpose.match_indices(words).any(|(at, _)| {
                let before = purpose[..at].trim_end_matches(['(', '[']);
                let from = before.char_indices().rev().nth(16).map_or(0, |(from, _)| from);
                !NOT.iter().any(|word| before[from..].contains(word))
            })
        })
    }

    /// What the row says, in lower case.
    fn cells(&self) -> impl Iterator<Item = String> {
        let cells = [
            self.purpose.as_ref(),
            self.section.as_ref(),
            self.lifetime.as_written.as_ref(),
            Some(&self.as_written),
        ];
        cells.into_iter().flatten().map(|it| plain(it))
    }
}

fn plain(text: &str) -> String {
    text.to_lowercase().replace('\u{2019}', "'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CategoryBasis, DeclaredLifetime};

    fn row(purpose: &str) -> Declaration {
        Declaration {
            as_written: "x".to_owned(),
            patterns: vec!["x".to_owned()],
            provider: None,
            domain: None,
            purpose: Some(purpose.to_owned()),
            category: None,
            category_basis: None,
            section: None,
            lifetime: DeclaredLifetime::absent(),
        }
    }

    #[test]
    fn what_keeps_an_objection_is_there_for_those_who_made_one() {
        for (purpose, objection) in [
            ("Local storage, only if you object: remembers that you want no counting", true),
            ("Set when you opt out of statistics", true),
            ("Remembers that you do not want to be counted", true),
            ("Records your objection", true),
            ("Dim ond os byddwch yn gwrthwynebu", true),
            ("Counts visits, unless you object", false),
            ("Counts visits. If you refuse it is not set", false),
            ("Only if you agree. You can refuse", false),
            ("Set when you log in", false),
            ("Remembers your language", false),
        ] {
            assert_eq!(row(purpose).keeps_an_objection(), objection, "{purpose}");
        }
        let section = Some("Only if you object".to_owned());
        assert!(Declaration { section, ..row("Stops the counting") }.keeps_an_objection());
    }

    #[test]
    fn a_purpose_may_call_it_strictly_necessary() {
        for (purpose, necessary) in [
            ("Keeps the visit together (strictly necessary)", true),
            ("Balances the load. Strictly necessary.", true),
            ("Counts requests (essential)", true),
            ("Cwbl angenrheidiol", true),
            ("Not strictly necessary", false),
            ("This is not (strictly necessary)", false),
            ("More than strictly necessary", false),
            ("Keeps the visit together", false),
        ] {
            let said = row(purpose).said_category();
            assert_eq!(said == Some(Category::Essential), necessary, "{purpose}");
        }
        let of = |basis| Declaration {
            category: Some(Category::Performance),
            category_basis: Some(basis),
            ..row("Counts requests (strictly necessary)")
        };
        // What we read out of the purpose gives way; what a cell or a heading says does not.
        assert_eq!(of(CategoryBasis::Inferred).said_category(), Some(Category::Essential));
        assert_eq!(of(CategoryBasis::Stated).said_category(), Some(Category::Performance));
        assert_eq!(of(CategoryBasis::Section).said_category(), Some(Category::Performance));
    }
}
