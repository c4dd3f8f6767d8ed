//! Cookies told of in lists: a name followed by labelled lines, or a name and what it is for in one
//! list item or definition.

use super::columns::{self, Column};
use super::context::Context;
use super::html::Block;
use super::names;
use super::table::Row;

/// How many labelled lines may follow a name.
const MAX_LABELS: usize = 12;

/// Reads a record or item that begins at the first block, and says how many blocks it took.
pub(super) fn read(blocks: &[Block], context: &Context<'_>) -> Option<(Vec<Row>, usize)> {
    labelled(blocks).or_else(|| defined(blocks, context)).or_else(|| item(blocks, context))
}

fn text(block: &Block) -> Option<&str> {
    match block {
        Block::Heading { text, .. } | Block::Term(text) | Block::Detail(text) => Some(text),
        Block::Text(run) | Block::Item(run) if !run.frame => Some(&run.text),
        _ => None,
    }
}

/// A line such as `Purpose: counts visits`.
fn label(text: &str) -> Option<(Column, &str)> {
    let (key, value) = text.split_once([':', '–'])?;
    if key.split_whitespace().count() > 5 {
        return None;
    }
    let column = columns::of_title(key.trim())?;
    let value = value.trim();
    (!value.is_empty()).then_some((column, value))
}

/// A name on a line of its own, then at least one labelled line of purpose or lifetime.
fn labelled(blocks: &[Block]) -> Option<(Vec<Row>, usize)> {
    let first = text(blocks.first()?)?;
    let (names_text, mut taken) = match label(first) {
        Some((Column::Name, value)) => (value, 1),
        Some(_) => return None,
        None => (first.trim_end_matches(':'), 1),
    };
    if names_text.split_whitespace().count() > 8 {
        return None;
    }
    let mut row = Row::default();
    let mut says = false;
    while let Some((column, value)) =
        blocks.get(taken).filter(|_| taken <= MAX_LABELS).and_then(text).and_then(label)
    {
        if column == Column::Name {
            break;
        }
        fill(&mut row, column, value);
        says |= matches!(column, Column::Purpose | Column::Lifetime);
        taken += 1;
    }
    if !says {
        return None;
    }
    row.names = names::split(&[names_text.to_owned()], &[]);
    row.hidden = names::holds_hidden(names_text);
    // Words with a space in between are a title: "Our purpose: …" follows many of these.
    (!row.names.is_empty()).then(|| (vec![row], taken))
}

fn fill(row: &mut Row, column: Column, value: &str) {
    let lines = || Some(vec![value.to_owned()]);
    match column {
        Column::Purpose => row.purpose = row.purpose.take().or_else(lines),
        Column::Lifetime => row.lifetime = row.lifetime.take().or_else(lines),
        Column::Provider => row.provider = Some(value.to_owned()),
        Column::Domain => row.domain = Some(value.to_owned()),
        Column::Category => row.category = Some(value.to_owned()),
        Column::Label => row.label = Some(value.to_owned()),
        Column::Name => {}
    }
}

/// A term that can only be names, and what is said of it.
fn defined(blocks: &[Block], context: &Context<'_>) -> Option<(Vec<Row>, usize)> {
    let Block::Term(term) = blocks.first()? else { return None };
    let names = names::split(std::slice::from_ref(term), &[]);
    if names.is_empty() || !names.iter().all(|name| names::is_surely_name(name)) {
        return None;
    }
    let details: Vec<&str> = blocks[1..]
        .iter()
        .map_while(|block| match block {
            Block::Detail(text) => Some(text.as_str()),
            _ => None,
        })
        .take(MAX_LABELS)
        .collect();
    if details.is_empty() || !context.speaks_of_cookies() {
        return None;
    }
    let taken = 1 + details.len();
    let mut row = Row { names, hidden: names::holds_hidden(term), ..Row::default() };
    let mut purpose = Vec::new();
    for detail in details {
        match label(detail) {
            Some((column, value)) => fill(&mut row, column, value),
            None => purpose.push(detail.to_owned()),
        }
    }
    if !purpose.is_empty() {
        row.purpose = Some(purpose);
    }
    Some((vec![row], taken))
}

/// A list item such as `_ga: counts visitors` or `_ga – counts visitors`.
fn item(blocks: &[Block], context: &Context<'_>) -> Option<(Vec<Row>, usize)> {
    let Block::Item(run) = blocks.first()? else { return None };
    if run.frame || !context.speaks_of_cookies() {
        return None;
    }
    let cut = [": ", " - ", " – ", " — "];
    let (at, mark) = cut.iter().filter_map(|mark| Some((run.text.find(mark)?, mark))).min()?;
    let (head, purpose) = (&run.text[..at], run.text[at + mark.len()..].trim());
    let names = names::split(&[head.to_owned()], &[]);
    let is_sure = !names.is_empty()
        && names.iter().all(|name| names::is_surely_name(name))
        && head.split_whitespace().count() <= 2 * names.len();
    (is_sure && !purpose.is_empty()).then(|| {
        let row = Row {
            names,
            purpose: Some(vec![purpose.to_owned()]),
            hidden: names::holds_hidden(head),
            ..Row::default()
        };
        (vec![row], 1)
    })
}
