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
    /// A heading, or what stands for one: level 7 is bold text alone in its paragraph.
    Heading {
        level: u8,
        text: String,
    },
    Text {
        text: String,
        item: bool,
    },
    Table(Grid),
}

#[derive(Debug)]
pub(super) struct Anchor {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) language: Option<String>,
}
