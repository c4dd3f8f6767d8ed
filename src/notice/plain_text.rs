//! Reads plain text into headings, paragraphs and tables.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    page::{BOLD, Block, Page, Paragraph},
    text::{regex, run_together},
    text_tables,
};

/// Reads text without tags.
pub(super) fn read(content: &str) -> Page {
    static HEADING: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\b(?:cookies|[cg]wcis)\b"));
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
        if let Some((grid, taken)) = text_tables::read(&lines[next - 1..]) {
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
            false if short && HEADING.is_match(&line) => Block::Heading { level: BOLD, text: line },
            _ => Block::Text(Paragraph {
                text: line,
                depth: usize::from(item),
                ..Paragraph::default()
            }),
        });
    }
    page
}
