//! Reads HTML as a reader sees it: its text, headings, paragraphs, tables and links in order.

use std::{collections::HashSet, sync::LazyLock};

use ego_tree::{NodeRef, iter::Edge};
use regex::Regex;
use scraper::{Html, Node};

use super::{
    banner,
    dom::{breaks, is_unseen, visible_text},
    grid,
    page::{Anchor, BOLD, Block, LEGEND, Page, Paragraph, TERM},
    text::{regex, run_together},
    visibility::{self, Hidden},
};

/// Reads HTML: what a visitor can see, and apart from it what is in the page and no visitor can see.
pub(super) fn read(content: &str) -> (Page, Option<Page>) {
    let html = Html::parse_document(content);
    let hidden = visibility::hidden(&html);
    let mut reader = Reader::default();
    reader.below(html.tree.root(), &hidden);
    let seen = reader.finish();
    if hidden.is_empty() {
        return (seen, None);
    }
    let mut reader = Reader::default();
    reader.page.title.clone_from(&seen.title);
    let mut tables = HashSet::new();
    for node in html.tree.root().descendants().filter(|it| hidden.has(*it)) {
        // A row says little without the titles of its table.
        let table = node
            .ancestors()
            .find(|it| matches!(it.value(), Node::Element(it) if grid::is_table(it)));
        match table {
            Some(table) if !tables.insert(table.id()) => {}
            _ => reader.below(table.unwrap_or(node), &Hidden::default()),
        }
        reader.flush(false);
        // What is hidden in one place is not about what is hidden in another.
        reader.page.blocks.push(Block::Heading { level: 1, text: "Cookies".to_owned() });
    }
    (seen, Some(reader.finish()))
}

static COUNTED: LazyLock<Regex> = LazyLock::new(|| regex(r"^\p{L}+(?: \p{L}+){0,2} ?\(\d{1,3}\)$"));

/// Roles of what stands apart in a table or list.
const CELL: &[&str] =
    &["cell", "gridcell", "columnheader", "rowheader", "row", "listitem", "heading"];

/// Collects the running text into blocks.
#[derive(Default)]
struct Reader {
    page: Page,
    text: String,
    paragraph: String,
    /// Characters of the paragraph that are bold, and how deep in bold elements we are.
    bold: usize,
    bold_depth: usize,
    heading: Option<u8>,
    in_item: usize,
    /// What the paragraph begins with in bold or as code, and how deep in such elements we are.
    lead: String,
    lead_depth: usize,
    /// How deep in the summary of a part that opens.
    summary_depth: usize,
    /// The first element in the line of the paragraph, and how deep in it we are.
    first: Option<String>,
    first_depth: usize,
    /// What the paragraph sets as code, and how deep in such elements we are.
    codes: Vec<String>,
    code_depth: usize,
    /// The numbers of the items that are open, and how many there were.
    items: Vec<usize>,
    counted: usize,
}

/// The end of a line inside a paragraph; no page's text holds it.
const LINE: char = '\u{2028}';

impl Reader {
    /// Reads a node and all that is in it, but for what is hidden.
    fn below(&mut self, root: NodeRef<'_, Node>, hidden: &Hidden) {
        // Depth of what is not shown, and of tables that are read whole.
        let (mut unseen, mut tabled, mut depth) = (0_usize, 0_usize, 0_usize);
        for edge in root.traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Element(element) => {
                        let name = element.name();
                        if name == "title" && self.page.title.is_empty() {
                            self.page.title = visible_text(node);
                        }
                        if unseen > 0 {
                            // Counted only where it began, so that every end finds its beginning.
                            unseen += 1;
                            continue;
                        }
                        if is_unseen(name) || hidden.has(node) || banner::is_banner(node) {
                            self.flush(false);
                            unseen = 1;
                            continue;
                        }
                        if grid::is_table(element) {
                            depth += 1;
                            self.flush(false);
                            let read = grid::read(node, depth, hidden);
                            if tabled > 0 || !read.holds_tables {
                                tabled += 1;
                            }
                            self.page.blocks.push(Block::Table(read));
                        }
                        if let ("a", Some(href)) = (name, element.attr("href")) {
                            self.page.links.push(Anchor {
                                text: visible_text(node),
                                href: href.trim().to_owned(),
                                language: element.attr("hreflang").map(str::to_owned),
                            });
                        }
                        // Cells that are only called so stand apart too.
                        if element.attr("role").is_some_and(|it| CELL.contains(&it)) {
                            self.text.push(' ');
                        }
                        self.open(name);
                    }
                    Node::Text(text) if unseen == 0 => self.push(text, tabled > 0),
                    _ => {}
                },
                Edge::Close(node) => {
                    let Node::Element(element) = node.value() else { continue };
                    let name = element.name();
                    if unseen > 0 {
                        unseen -= 1;
                        continue;
                    }
                    self.close(name);
                    if grid::is_table(element) {
                        depth = depth.saturating_sub(1);
                        tabled = tabled.saturating_sub(1);
                    }
                }
            }
        }
    }

    fn finish(mut self) -> Page {
        self.flush(false);
        self.page.text = run_together(&self.text);
        self.page
    }

    fn open(&mut self, name: &str) {
        if breaks(name) {
            // `<b>Title</b><br>` at the start of a paragraph is a heading.
            if name == "br" && self.heading.is_none() && !self.is_bold() {
                // Stands for the end of a line until the paragraph ends.
                self.paragraph.push(LINE);
            } else if self.heading.is_none() {
                self.flush(false);
            }
            self.text.push(' ');
        }
        if is_inline(name)
            && self.first.is_none()
            && (self.first_depth > 0 || self.paragraph.trim().is_empty())
        {
            self.first_depth += 1;
        }
        match name {
            "b" | "strong" => {
                self.bold_depth += 1;
                self.lead_depth += 1;
            }
            "summary" => {
                self.flush(false);
                self.heading = heading_level(name);
                self.summary_depth += 1;
            }
            "code" | "kbd" | "samp" => {
                self.lead_depth += 1;
                self.code_depth += 1;
                self.codes.push(String::new());
            }
            "li" => {
                self.in_item += 1;
                self.counted += 1;
                self.items.push(self.counted);
            }
            _ => {
                if let Some(level) = heading_level(name) {
                    self.flush(false);
                    self.heading = Some(level);
                }
            }
        }
    }

    fn close(&mut self, name: &str) {
        if breaks(name) {
            if heading_level(name).is_some() {
                self.flush(true);
            } else if self.heading.is_none() {
                self.flush(false);
            }
            self.text.push(' ');
        }
        if is_inline(name) && self.first_depth > 0 {
            self.first_depth -= 1;
            if self.first_depth == 0 {
                self.first = Some(run_together(&self.paragraph)).filter(|it| !it.is_empty());
            }
        }
        match name {
            "b" | "strong" => {
                self.bold_depth = self.bold_depth.saturating_sub(1);
                self.lead_depth = self.lead_depth.saturating_sub(1);
            }
            "code" | "kbd" | "samp" => {
                self.lead_depth = self.lead_depth.saturating_sub(1);
                self.code_depth = self.code_depth.saturating_sub(1);
            }
            "summary" => self.summary_depth = self.summary_depth.saturating_sub(1),
            "form" | "fieldset" => self.page.blocks.push(Block::FormEnd),
            "li" => {
                self.in_item = self.in_item.saturating_sub(1);
                self.items.pop();
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str, in_table: bool) {
        self.text.push_str(text);
        if in_table {
            return;
        }
        if self.code_depth > 0
            && let Some(code) = self.codes.last_mut()
        {
            code.push_str(text);
        }
        // What is bold from the beginning leads the paragraph.
        if self.lead_depth > 0 && self.lead.len() == self.paragraph.trim().len() {
            if self.paragraph.trim().is_empty() {
                self.paragraph.clear();
            }
            self.lead.push_str(if self.lead.is_empty() { text.trim_start() } else { text });
        }
        self.paragraph.push_str(if self.paragraph.is_empty() { text.trim_start() } else { text });
        if self.bold_depth > 0 {
            self.bold += text.chars().filter(|it| !it.is_whitespace()).count();
        }
    }

    fn is_bold(&self) -> bool {
        let shown = self.paragraph.chars().filter(|it| !it.is_whitespace()).count();
        shown > 0 && self.bold >= shown
    }

    fn flush(&mut self, ends_heading: bool) {
        let bold = self.is_bold();
        let paragraph = std::mem::take(&mut self.paragraph);
        let lead = run_together(&std::mem::take(&mut self.lead));
        let codes = std::mem::take(&mut self.codes);
        let first = self.first.take();
        self.first_depth = 0;
        let mut lines: Vec<String> = Vec::new();
        if paragraph.contains(LINE) {
            lines = paragraph.split(LINE).map(run_together).filter(|it| !it.is_empty()).collect();
        }
        let text = run_together(&paragraph.replace(LINE, " "));
        self.bold = 0;
        let level = if ends_heading { self.heading.take() } else { self.heading };
        if text.is_empty() {
            return;
        }
        self.page.blocks.push(match level {
            Some(level) => Block::Heading { level, text },
            // All that stands in a summary heads what it opens.
            None if (bold || self.summary_depth > 0) && text.chars().count() <= 120 => {
                Block::Heading { level: BOLD, text }
            }
            // So consent managers head the list of a category: "Necessary (2)".
            None if COUNTED.is_match(&text) => Block::Heading { level: BOLD, text },
            None => Block::Text(Paragraph {
                lead: Some(lead).filter(|it| !it.is_empty() && it.len() < text.len()),
                first: first.filter(|it| it.len() < text.len() && it.len() <= 60),
                text,
                depth: self.in_item,
                lines,
                codes,
                item: self.items.last().copied().unwrap_or(0),
            }),
        });
    }
}

/// Elements that stand in a line of text.
fn is_inline(name: &str) -> bool {
    matches!(name, "span" | "b" | "strong" | "em" | "i" | "u" | "small")
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        b"summary" => Some(BOLD),
        b"dt" => Some(TERM),
        b"legend" => Some(LEGEND),
        _ => None,
    }
}
