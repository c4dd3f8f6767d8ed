//! Published cookie notices: text in, [`Notice`] out.
//!
//! Reading never fails. What could not be read is among the notice's problems, and the whole visible
//! text stays with it, so that nothing that stands on the page is ever taken for unsaid.

mod category;
mod columns;
mod context;
mod declare;
mod facts;
mod find;
mod html;
mod language;
mod lifetime;
mod names;
mod plain;
mod provider;
mod record;
mod table;
mod text;

pub use find::{Candidate, PageLink, find};
pub use lifetime::lifetime;
pub use names::{generalise, patterns};

use crate::model::{Notice, NoticeProblem, NoticeProblemKind};
use html::{Block, Page};

/// What is longer is cut off. The longest real notice we know has less than a tenth of it.
const MAX_INPUT: usize = 8 * 1024 * 1024;

/// Reads a notice. `content` is HTML or plain text.
pub fn read(source: &str, content: &str) -> Notice {
    let mut problems = Vec::new();
    let mut end = content.len().min(MAX_INPUT);
    while !content.is_char_boundary(end) {
        end -= 1;
    }
    if end < content.len() {
        problems.push(problem(
            NoticeProblemKind::InputTruncated,
            format!("only the first {end} of {} bytes were read", content.len()),
        ));
    }
    let page = if plain::is_html(content) {
        html::parse(&content[..end])
    } else {
        plain::parse(&content[..end])
    };
    let (language, foreign) = language::of(&runs(&page), page.lang.as_deref());
    if let Some(foreign) = foreign {
        problems.push(problem(
            NoticeProblemKind::MixedLanguage,
            format!("in another language than the rest: “{}”", text::excerpt(foreign)),
        ));
    }
    let mut declarations = declare::all(&page, &mut problems);
    // A page that lists cookies with purposes and lifetimes is a notice whatever its title.
    let is_notice = !declarations.is_empty() || facts::is_notice(&page);
    if is_notice && declarations.is_empty() {
        problems.push(problem(
            NoticeProblemKind::CookiesNotNamed,
            "the notice names no cookie that we could read".to_owned(),
        ));
    }
    if !is_notice {
        declarations.clear();
    }
    Notice {
        schema: Notice::SCHEMA.to_owned(),
        source: source.to_owned(),
        is_notice,
        declarations,
        claims: Vec::new(),
        links: facts::links(&page, &language),
        language,
        reviewed: facts::reviewed(&page.text),
        problems,
        text: page.text,
    }
}

fn problem(kind: NoticeProblemKind, message: String) -> NoticeProblem {
    NoticeProblem { kind, message }
}

/// The page's runs of text, tables included, frame left out unless there is nothing else.
fn runs(page: &Page) -> Vec<&str> {
    let text = |frame: bool| -> Vec<&str> {
        let mut out = Vec::new();
        for block in &page.blocks {
            match block {
                Block::Heading { text, .. } | Block::Term(text) | Block::Detail(text) => {
                    out.push(text.as_str())
                }
                Block::Text(run) | Block::Item(run) if frame || !run.frame => {
                    out.push(run.text.as_str())
                }
                Block::Table(table) => {
                    out.extend(table.rows.iter().flatten().map(|cell| cell.raw.as_str()));
                }
                _ => {}
            }
        }
        out
    };
    let main = text(false);
    if main.is_empty() { text(true) } else { main }
}

#[cfg(test)]
mod tests;
