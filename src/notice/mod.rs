//! Reads a published cookie notice: what it declares, and what could not be read in it.
//!
//! Pure: text in, [`Notice`] out. Nothing on the page is run, fetched or followed, and no text,
//! however broken or hostile, makes the reading fail.

mod banner;
mod category;
mod claims;
mod columns;
mod declare;
mod dom;
mod find;
#[cfg(test)]
mod fixture_tests;
mod grid;
mod headings;
mod html;
mod language;
mod lifetime;
mod list;
mod matching;
mod metadata;
mod name_lines;
mod names;
mod nesting;
mod numbers;
mod page;
mod plain_text;
mod prose;
mod purpose;
#[cfg(test)]
mod readings_tests;
mod retired;
mod style;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod text_tables;
mod unread;
mod visibility;

use std::{
    collections::{BTreeMap, HashSet},
    sync::LazyLock,
};

use regex::Regex;
#[cfg(test)]
use url::Url;

pub use find::{Candidate, PageLink, find};
pub use lifetime::lifetime;
pub use matching::generalise;
pub use names::patterns;

use crate::model::{
    Claim, ClaimKind, Declaration, Notice, NoticeProblem, NoticeProblemKind, WrittenLifetime,
};

use self::{
    headings::Headings,
    page::{Block, Page},
    text::regex,
};

/// The most of a page that is read, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// Reads a notice from HTML or plain text. `source` says where it came from.
pub fn read(source: &str, content: &str) -> Notice {
    read_page(source, content, true)
}

/// As [`read`], with what a browser found in the page that no visitor can see, as HTML.
pub fn read_with_unseen(source: &str, content: &str, unseen: &str) -> Notice {
    let mut notice = read(source, content);
    if notice.is_notice && !unseen.is_empty() {
        let page = read_as_page(nesting::shallow(upto(unseen, LONGEST))).0;
        let hidden = hidden_declarations(&page, &notice);
        notice.hidden.extend(hidden);
    }
    notice
}

/// As [`read`], without its claims: enough to tell whether a page is a notice, and much quicker.
pub fn skim(source: &str, content: &str) -> Notice {
    read_page(source, content, false)
}

fn read_page(source: &str, content: &str, with_claims: bool) -> Notice {
    let mut problems = Vec::new();
    let whole = content;
    let content = upto(content, LONGEST);
    if content.len() < whole.len() {
        problems.push(problem(
            NoticeProblemKind::InputTruncated,
            format!(
                "the page has {} bytes; only the first {} were read",
                whole.len(),
                content.len()
            ),
        ));
    }
    let shallow = nesting::shallow(content);
    if shallow.len() < content.len() {
        let message =
            format!("the page nests too deep; only its first {} bytes were read", shallow.len());
        problems.push(problem(NoticeProblemKind::InputTruncated, message));
    }
    let (page, hidden) = read_as_page(shallow);
    let (mut declarations, retired) = declarations(&page, &page.title, &mut problems);
    problems.extend(names::without_floods(&mut declarations));
    let is_notice = metadata::is_notice(&page, &declarations);
    let claims =
        if is_notice && with_claims { claims::read(&page, &declarations) } else { Vec::new() };
    all_end_with_the_session(&claims, &mut declarations);
    if is_notice {
        problems.extend(metadata::mixed_language(&page.text));
        problems.extend(doubts(&declarations, &page.text));
    } else {
        declarations.clear();
        problems.retain(|it: &NoticeProblem| it.kind == NoticeProblemKind::InputTruncated);
    }
    let mut notice = Notice {
        schema: Notice::SCHEMA.to_owned(),
        source: source.to_owned(),
        language: language::of(&page.text).to_owned(),
        is_notice,
        declarations,
        hidden: Vec::new(),
        claims,
        links: if is_notice { metadata::links(&page.links) } else { Vec::new() },
        reviewed: metadata::reviewed(&page),
        problems,
        also: Vec::new(),
        retired,
        text: page.text,
    };
    if is_notice {
        if let Some(page) = hidden {
            notice.hidden = hidden_declarations(&page, &notice);
        }
        notice.problems.extend(unread::names(&notice));
        fold_repeated(&mut notice.problems);
    }
    notice
}

fn upto(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&it| text.is_char_boundary(it));
    &text[..end.unwrap_or(0)]
}

/// What a page declares, and the names of what it says is no longer used.
fn declarations(
    page: &Page,
    title: &str,
    problems: &mut Vec<NoticeProblem>,
) -> (Vec<Declaration>, Vec<String>) {
    let mut declarations = Vec::new();
    let mut over = Headings::new(title);
    let mut lists = list::Reader::default();
    let alike = alike(&page.blocks);
    let mut gone = Vec::new();
    for (at, block) in page.blocks.iter().enumerate() {
        lists.alike = alike.contains(&at);
        over.leave_items(block);
        let before = declarations.len();
        if let Block::Table(grid) = block {
            gone.extend(table::read(grid, &over, &mut declarations, problems));
            lists.block(block, &over, &mut declarations);
            if declarations.len() == before && !grid.holds_tables {
                for row in &grid.rows {
                    lists.cells(&grid.row_text(row), &over, &mut declarations);
                }
            }
        } else {
            lists.block(block, &over, &mut declarations);
        }
        if declarations.len() > before && over.is_past() {
            lists.retire(before..declarations.len());
        }
        over.pass(block);
    }
    gone.extend(lists.finish(&mut declarations));
    let gone = retired::only_gone(&gone, &declarations);
    (declarations, gone)
}

/// The items of lists in which every item is one word before a sign, and one of the words is surely a name: then the
/// others are names too.
fn alike(blocks: &[Block]) -> HashSet<usize> {
    static ITEM: LazyLock<Regex> =
        LazyLock::new(|| regex(r"^[-*•·\s]*[`“]?(?P<name>[^\s:]{2,60})[`”]?(?: ?:| [–—-]) \S"));
    let name = |block: &Block| match block {
        Block::Text(it) if it.is_item() => {
            Some(ITEM.captures(&it.text).map(|it| it["name"].to_owned()))
        }
        _ => None,
    };
    let mut found = HashSet::new();
    let mut run: Vec<usize> = Vec::new();
    let (mut whole, mut sure) = (true, false);
    for (at, block) in blocks.iter().map(Some).chain([None]).enumerate() {
        if let Some(name) = block.and_then(name) {
            run.push(at);
            sure |= name.as_deref().is_some_and(names::is_surely_a_name);
            // "Note: …" is a word of the text.
            whole &= name.is_some_and(|it| {
                names::is_token(&it)
                    && (names::looks_like_name(&it) || it.starts_with(char::is_lowercase))
            });
            continue;
        }
        if whole && sure && run.len() > 1 {
            found.extend(run.iter().copied());
        }
        run.clear();
        (whole, sure) = (true, false);
    }
    found
}

/// What is declared where no visitor can see it, and nowhere else.
fn hidden_declarations(page: &Page, notice: &Notice) -> Vec<Declaration> {
    let (mut found, _) = declarations(page, "Cookies", &mut Vec::new());
    names::without_floods(&mut found);
    let said = |pattern: &String| {
        let mut all = notice.declarations.iter().chain(&notice.hidden);
        all.any(|it| it.patterns.contains(pattern))
    };
    found.retain(|it| !it.patterns.iter().all(said));
    found.truncate(MOST_HIDDEN);
    found
}

/// More hidden declarations than these prove nothing more.
const MOST_HIDDEN: usize = 500;

/// Problems of one kind beyond this many are one line.
const MOST_ALIKE: usize = 50;

/// A thousand rows with the same mistake are one mistake.
fn fold_repeated(problems: &mut Vec<NoticeProblem>) {
    let mut times: BTreeMap<NoticeProblemKind, usize> = BTreeMap::new();
    problems.retain(|it| {
        let times = times.entry(it.kind).or_default();
        *times += 1;
        *times <= MOST_ALIKE
    });
    for (kind, times) in times.into_iter().filter(|it| it.1 > MOST_ALIKE) {
        problems.push(problem(kind, format!("and {} more of the same kind", times - MOST_ALIKE)));
    }
}

/// The links of a page, as written.
pub fn page_links(content: &str) -> Vec<PageLink> {
    let (page, _) = read_as_page(nesting::shallow(upto(content, LONGEST)));
    page.links.into_iter().map(|it| PageLink { text: it.text, href: it.href }).collect()
}

/// A notice together with the further pages that belong to it: a settings page, a privacy notice. What
/// they say is taken as said by the notice.
pub fn joined(mut notice: Notice, more: Vec<Notice>) -> Notice {
    for page in more.into_iter().filter(|it| it.is_notice) {
        notice.declarations.extend(page.declarations);
        notice.hidden.extend(page.hidden);
        notice.retired.extend(page.retired);
        for claim in page.claims {
            if !notice.claims.iter().any(|it| it.kind == claim.kind && it.quote == claim.quote) {
                notice.claims.push(claim);
            }
        }
        notice.problems.extend(
            page.problems.into_iter().map(|it| NoticeProblem {
                message: format!("{}: {}", page.source, it.message),
                ..it
            }),
        );
        notice.links.extend(page.links);
        notice.reviewed = notice.reviewed.max(page.reviewed);
        notice.text.push(' ');
        notice.text.push_str(&page.text);
        notice.also.push(page.source);
    }
    // What one page hides another may show.
    let declared: HashSet<String> =
        notice.declarations.iter().flat_map(|it| it.patterns.iter().cloned()).collect();
    notice.hidden.retain(|it| !it.patterns.iter().all(|it| declared.contains(it)));
    notice.retired.retain(|it| !declared.contains(it));
    notice
}

/// A lifetime that is said once for all cookies holds for every one that has none of its own.
fn all_end_with_the_session(claims: &[Claim], declarations: &mut [Declaration]) {
    const ALL: &[&str] = &["all", "every", "any", "each", "pob", "holl"];
    let said = claims.iter().find(|it| {
        let first = it.quote.split(' ').next().unwrap_or_default().to_lowercase();
        it.kind == ClaimKind::AllSession && ALL.contains(&first.as_str())
    });
    let Some(said) = said else { return };
    for declaration in declarations {
        let own = &mut declaration.lifetime;
        if own.kind == WrittenLifetime::Absent && own.as_written.is_none() {
            own.kind = WrittenLifetime::Session;
            own.as_written = Some(said.quote.clone());
        }
    }
}

/// What is doubtful about the declarations taken together.
fn doubts(declarations: &[Declaration], text: &str) -> Vec<NoticeProblem> {
    let mut doubts = Vec::new();
    if declarations.is_empty() {
        if metadata::speaks_of_cookies(text) {
            let message = "the notice speaks of cookies and we found none that it names".to_owned();
            doubts.push(problem(NoticeProblemKind::CookiesNotNamed, message));
        }
        return doubts;
    }
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for pattern in declarations.iter().flat_map(|it| &it.patterns) {
        *times.entry(pattern).or_default() += 1;
    }
    for (name, times) in times.into_iter().filter(|(_, times)| *times > 1) {
        let message = format!("`{name}` is declared {times} times");
        doubts.push(problem(NoticeProblemKind::DuplicateName, message));
    }
    doubts
}

fn problem(kind: NoticeProblemKind, message: String) -> NoticeProblem {
    NoticeProblem { kind, message }
}

/// Reads HTML, or plain text where there are no tags; and apart from it what no visitor can see.
fn read_as_page(content: &str) -> (Page, Option<Page>) {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)<(?:!doctype|html|head|body|div|p|table|h[1-6]|ul|ol|dl|main|section|article|span|a|br)\b[^>]*>",
        )
    });
    if TAG.is_match(content) { html::read(content) } else { (plain_text::read(content), None) }
}
