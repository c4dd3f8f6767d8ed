//! The conditions under which a site may keep something without consent, by maker and legal ground, from
//! `data/conditions.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use super::facts::Why;

/// The rows.
pub(super) const TEXT: &str = include_str!("data/conditions.toml");

/// The conditions under which what a product keeps can rest on a legal ground other than consent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Who made it, as our facts name them.
    pub(super) by: String,
    pub(super) why: Why,
    /// The conditions, in English.
    pub text: String,
    /// The same in Welsh.
    pub cy: String,
    /// Where the product is documented.
    pub source: String,
    /// Month in which the row was written.
    pub written: String,
}

impl Condition {
    /// The legal ground, such as `statistical`.
    pub const fn ground(&self) -> &'static str {
        self.why.name()
    }
}

/// The rows about a maker, in the order of the file.
pub(super) fn own(by: &str) -> impl Iterator<Item = &'static Condition> {
    load().iter().filter(move |row| row.by == by)
}

/// The row for a legal ground where there is none about the maker.
pub(super) fn general(why: Why) -> Option<&'static Condition> {
    own(GENERAL).find(|row| row.why == why)
}

/// The maker in rows that are about nobody in particular.
pub(super) const GENERAL: &str = "any maker";

pub(super) fn load() -> &'static [Condition] {
    #[derive(Deserialize)]
    struct File {
        conditions: Vec<Condition>,
    }

    static ROWS: OnceLock<Vec<Condition>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let file: File =
            toml::from_str(TEXT).expect("the rows are part of the program and read by its tests");
        file.conditions
    })
}
