//! A page as a reader sees it: its text, headings, paragraphs, tables and links in order.

use std::sync::LazyLock;

use ego_tree::{NodeRef, iter::Edge};
use regex::Regex;
use scraper::{Html, Node};

use super::{
    flat,
    grid::{self, Grid},
};

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

/// Reads HTML, or plain text where there are no tags.
pub(super) fn read(content: &str) -> Page {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        super::regex(
            r"(?i)<(?:!doctype|html|head|body|div|p|table|h[1-6]|ul|ol|dl|main|section|article|span|a|br)\b[^>]*>",
        )
    });
    if TAG.is_match(content) { read_html(content) } else { read_text(content) }
}

fn read_text(content: &str) -> Page {
    static HEADING: LazyLock<Regex> =
        LazyLock::new(|| super::regex(r"(?i)\b(?:cookies|[cg]wcis)\b"));
    // The address that a stored copy opens with is no text of the page.
    let content = match content.split_once('\n') {
        Some((first, rest)) if first.starts_with("address: ") => rest,
        _ => content,
    };
    let mut page = Page { text: run_together(content), ..Page::default() };
    let lines: Vec<&str> = content.lines().collect();
    let mut next = 0;
    while let Some(line) = lines.get(next) {
        next += 1;
        let line = run_together(line);
        if line.is_empty() {
            continue;
        }
        if let Some((grid, taken)) = flat::read(&lines[next - 1..]) {
            page.blocks.push(Block::Table(grid));
            next += taken - 1;
            continue;
        }
        let item = line.starts_with(['-', '*', '•', '·']);
        let short =
            !item && line.chars().count() <= 60 && !line.ends_with(['.', ',', ':', ';', '!']);
        page.blocks.push(match page.blocks.is_empty() {
            // Text has no headings, but it opens with one, and a short line about cookies is one.
            true if short => Block::Heading { level: 1, text: line },
            false if short && HEADING.is_match(&line) => Block::Heading { level: 7, text: line },
            _ => Block::Text { text: line, item },
        });
    }
    page
}

fn read_html(content: &str) -> Page {
    let html = Html::parse_document(content);
    let mut reader = Reader::default();
    // Depth of what is not shown, and of tables that are read whole.
    let (mut unseen, mut tabled, mut depth) = (0_usize, 0_usize, 0_usize);
    for edge in html.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) => {
                    let name = element.name();
                    if name == "title" && reader.page.title.is_empty() {
                        reader.page.title = visible_text(node);
                    }
                    if is_unseen(name) {
                        unseen += 1;
                    }
                    if unseen > 0 {
                        continue;
                    }
                    if name == "table" {
                        depth += 1;
                        reader.flush(false);
                        let read = grid::read(node, depth);
                        if tabled > 0 || !read.holds_tables {
                            tabled += 1;
                        }
                        reader.page.blocks.push(Block::Table(read));
                    }
                    if let ("a", Some(href)) = (name, element.attr("href")) {
                        reader.page.links.push(Anchor {
                            text: visible_text(node),
                            href: href.trim().to_owned(),
                            language: element.attr("hreflang").map(str::to_owned),
                        });
                    }
                    reader.open(name);
                }
                Node::Text(text) if unseen == 0 => reader.push(text, tabled > 0),
                _ => {}
            },
            Edge::Close(node) => {
                let Node::Element(element) = node.value() else { continue };
                let name = element.name();
                if is_unseen(name) {
                    unseen -= 1;
                    continue;
                }
                if unseen == 0 {
                    reader.close(name);
                    if name == "table" {
                        depth = depth.saturating_sub(1);
                        tabled = tabled.saturating_sub(1);
                    }
                }
            }
        }
    }
    reader.flush(false);
    reader.page.text = run_together(&reader.text);
    reader.page
}

static COUNTED: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"^\p{L}+(?: \p{L}+){0,2} ?\(\d{1,3}\)$"));

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
}

impl Reader {
    fn open(&mut self, name: &str) {
        if breaks(name) {
            // `<b>Title</b><br>` at the start of a paragraph is a heading.
            if name == "br" && self.heading.is_none() && !self.is_bold() {
                self.paragraph.push(' ');
            } else if self.heading.is_none() {
                self.flush(false);
            }
            self.text.push(' ');
        }
        match name {
            "b" | "strong" => self.bold_depth += 1,
            "li" => self.in_item += 1,
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
        match name {
            "b" | "strong" => self.bold_depth = self.bold_depth.saturating_sub(1),
            "li" => self.in_item = self.in_item.saturating_sub(1),
            _ => {}
        }
    }

    fn push(&mut self, text: &str, in_table: bool) {
        self.text.push_str(text);
        if in_table {
            return;
        }
        self.paragraph.push_str(text);
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
        let text = run_together(&std::mem::take(&mut self.paragraph));
        self.bold = 0;
        let level = if ends_heading { self.heading.take() } else { self.heading };
        if text.is_empty() {
            return;
        }
        self.page.blocks.push(match level {
            Some(level) => Block::Heading { level, text },
            None if bold && text.chars().count() <= 120 => Block::Heading { level: 7, text },
            // So consent managers head the list of a category: "Necessary (2)".
            None if COUNTED.is_match(&text) => Block::Heading { level: 7, text },
            None => Block::Text { text, item: self.in_item > 0 },
        });
    }
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        b"summary" | b"legend" | b"dt" => Some(7),
        _ => None,
    }
}

/// Elements whose text no visitor sees.
pub(super) fn is_unseen(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "template" | "noscript" | "head" | "svg" | "iframe" | "textarea"
    )
}

/// Elements that end a line. Everything else, `wbr` too, leaves no trace in the text.
pub(super) fn breaks(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "br"
            | "button"
            | "caption"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figure"
            | "figcaption"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "label"
            | "legend"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// The visible text below a node, in one line.
pub(super) fn visible_text(node: NodeRef<'_, Node>) -> String {
    lines(node, &|_| false).join(" ")
}

/// The visible text below a node, line by line, without the elements that `skip` names.
pub(super) fn lines(
    node: NodeRef<'_, Node>,
    skip: &dyn Fn(&scraper::node::Element) -> bool,
) -> Vec<String> {
    enum Step<'a> {
        Enter(NodeRef<'a, Node>),
        Break,
    }
    let (mut lines, mut line) = (Vec::new(), String::new());
    let mut steps: Vec<Step<'_>> = node.children().rev().map(Step::Enter).collect();
    let mut end = |line: &mut String| {
        let text = run_together(line);
        line.clear();
        if !text.is_empty() {
            lines.push(text);
        }
    };
    while let Some(step) = steps.pop() {
        match step {
            Step::Break => end(&mut line),
            Step::Enter(node) => match node.value() {
                Node::Text(text) => line.push_str(text),
                Node::Element(element) if !is_unseen(element.name()) && !skip(element) => {
                    if breaks(element.name()) {
                        end(&mut line);
                        steps.push(Step::Break);
                    }
                    steps.extend(node.children().rev().map(Step::Enter));
                }
                _ => {}
            },
        }
    }
    end(&mut line);
    lines
}

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
