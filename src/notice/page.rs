//! A page as a reader sees it, whatever format it came in.

use super::grid::Grid;

/// What a page holds, without anything that a reader does not see.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The whole visible text, white space run together.
    pub(super) text: String,
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
    pub(super) links: Vec<Anchor>,
}

#[derive(Debug)]
pub(super) enum Block {
    Heading {
        level: u8,
        text: String,
    },
    Text(Paragraph),
    Table(Grid),
    /// A form or a group of its fields ends: what headed it no longer holds.
    FormEnd,
}

/// The level of bold text that stands alone in its paragraph.
pub(super) const BOLD: u8 = 7;
/// The level of a `dt`.
pub(super) const TERM: u8 = 8;
/// The level of a `legend`.
pub(super) const LEGEND: u8 = 9;

/// A paragraph, or an item of a list.
#[derive(Debug, Default)]
pub(super) struct Paragraph {
    /// White space run together.
    pub(super) text: String,
    /// How deep it stands in lists: 0 for a paragraph.
    pub(super) depth: usize,
    /// The text parted at `<br>`, if it has any.
    pub(super) lines: Vec<String>,
    /// Bold text or code that it begins with.
    pub(super) lead: Option<String>,
    /// The first element in its line, apart from what follows it.
    pub(super) first: Option<String>,
    /// What is set as code in it.
    pub(super) codes: Vec<String>,
    /// The number of the item that it stands in; 0 for none.
    pub(super) item: usize,
}

impl Paragraph {
    pub(super) fn is_item(&self) -> bool {
        self.depth > 0
    }
}

#[derive(Debug)]
pub(super) struct Anchor {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) language: Option<String>,
}
