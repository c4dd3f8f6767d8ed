//! Plain text into the same shapes as HTML.

use std::sync::LazyLock;

use regex::Regex;

use super::html::{Block, Cell, Page, Table, Text};
use super::text::run_together;

/// A heading has few words and no stop.
const MAX_HEADING_WORDS: usize = 9;

/// Whether a text is HTML rather than plain text.
pub(super) fn is_html(content: &str) -> bool {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)<(!doctype html|!--|/?(html|head|body|main|article|section|div|span|p|h[1-6]|table|tr|td|th|ul|ol|li|dl|a|br|form|script|style|template|meta|title)\b)",
        )
        .expect("a pattern of ours")
    });
    TAG.is_match(content)
}

/// Reads plain text: one block for each line.
pub(super) fn parse(content: &str) -> Page {
    let mut page = Page::default();
    let mut lines = content.trim_start_matches('\u{feff}').lines().peekable();
    // A stored copy may say in its first line where it comes from.
    if lines.peek().is_some_and(|line| line.starts_with("address: http")) {
        lines.next();
    }
    page.text = run_together(&lines.clone().collect::<Vec<_>>().join(" "));
    let lines: Vec<&str> = lines.collect();
    let mut at = 0;
    while at < lines.len() {
        if let Some((table, taken)) = table(&lines[at..]) {
            page.blocks.push(Block::Table(table));
            at += taken;
            continue;
        }
        let line = lines[at].trim();
        at += 1;
        if line.is_empty() {
            continue;
        }
        let marked = line.trim_start_matches('#');
        let bullet = line
            .strip_prefix(['•', '·', '*', '-', '–', '◦', 'o'])
            .filter(|rest| rest.starts_with(' '));
        let run = |text: &str| Text { text: run_together(text), bold: false, frame: false };
        let block = if marked.len() < line.len() && marked.starts_with(' ') {
            let level = u8::try_from(line.len() - marked.len()).unwrap_or(6).min(6);
            Block::Heading { level, text: run_together(marked) }
        } else if let Some(rest) = bullet {
            Block::Item(run(rest))
        } else if is_heading(line) {
            Block::Heading { level: 2, text: run_together(line) }
        } else {
            Block::Text(run(line))
        };
        page.blocks.push(block);
    }
    page
}

fn is_heading(line: &str) -> bool {
    line.split_whitespace().count() <= MAX_HEADING_WORDS
        && !line.ends_with(['.', ',', ';', ':'])
        && line.contains(char::is_alphabetic)
        // A line that is one odd word is more likely a name.
        && !super::names::is_surely_name(line)
        && !line.contains(": ")
}

/// Lines that make a table: cells between tabs, or between bars as in Markdown.
fn table(lines: &[&str]) -> Option<(Table, usize)> {
    let first = lines.first()?;
    let separator = ['\t', '|'].into_iter().find(|&separator| has_cells(first, separator))?;
    let taken = lines.iter().take_while(|line| has_cells(line, separator)).count();
    if taken < 2 {
        return None;
    }
    let rows = lines[..taken]
        .iter()
        // The rule between titles and rows.
        .filter(|line| line.chars().any(char::is_alphanumeric))
        .map(|line| {
            let line = line.trim_matches(' ');
            let line = if separator == '|' { line.trim_matches('|') } else { line };
            let cell = |text: &str| Cell {
                raw: text.replace('`', ""),
                colspan: 1,
                rowspan: 1,
                ..Cell::default()
            };
            line.split(separator).map(cell).collect()
        })
        .collect();
    Some((Table { caption: String::new(), rows }, taken))
}

fn has_cells(line: &str, separator: char) -> bool {
    let line = if separator == '|' { line.trim().trim_matches('|') } else { line };
    line.contains(separator)
}
