//! Rows and records into declarations.

use std::collections::BTreeMap;

use super::category;
use super::context::{self, Context};
use super::html::{Block, Page};
use super::lifetime::{self, lifetime};
use super::names;
use super::problem;
use super::provider;
use super::record;
use super::table::{self, Reading, Row};
use super::text::{excerpt, fold, run_together, sentences};
use crate::model::{
    Category, CategoryBasis, Declaration, DeclaredLifetime, NoticeProblem, NoticeProblemKind,
    WrittenLifetime,
};

/// More cookies than this nobody declares; a hostile page may try.
const MAX_DECLARATIONS: usize = 50_000;
/// A notice with a thousand faults needs no list of them all.
const MAX_PROBLEMS: usize = 500;

/// All declarations of a page, in document order.
pub(super) fn all(page: &Page, problems: &mut Vec<NoticeProblem>) -> Vec<Declaration> {
    let mut out = Vec::new();
    let mut context = Context::default();
    let mut at = 0;
    while at < page.blocks.len() && out.len() < MAX_DECLARATIONS {
        let block = &page.blocks[at];
        if let Block::Table(table) = block {
            read_table(table, &context, page, &mut out, problems);
        } else if let Some((rows, taken)) = record::read(&page.blocks[at..], &context) {
            for row in &rows {
                declare(row, "", &context, &mut out, problems);
            }
            at += taken;
            continue;
        }
        context.pass(block);
        at += 1;
    }
    out.truncate(MAX_DECLARATIONS);
    fill_in_lifetimes(page, &mut out);
    report(&out, problems);
    problems.truncate(MAX_PROBLEMS);
    out
}

fn read_table(
    table: &super::html::Table,
    context: &Context<'_>,
    page: &Page,
    out: &mut Vec<Declaration>,
    problems: &mut Vec<NoticeProblem>,
) {
    let about_cookies = super::columns::speaks_of_cookies(&table.caption)
        || context.speaks_of_cookies()
        || super::columns::speaks_of_cookies(&page.title);
    match table::read(table) {
        Reading::Cookies { rows, certain } => {
            // Without a word on cookies the names themselves must show what the table is about.
            let all = rows.iter().flat_map(|row| &row.names);
            let (sure, count) = all.fold((0, 0), |(sure, count), name| {
                (sure + usize::from(names::is_surely_name(name)), count + 1)
            });
            if (about_cookies && (certain || sure > 0)) || (count > 0 && sure * 2 > count) {
                for row in &rows {
                    declare(row, &table.caption, context, out, problems);
                }
            }
        }
        Reading::NotUnderstood if about_cookies => {
            let first = table.rows.first().map(|row| {
                row.iter().map(|cell| run_together(&cell.raw)).collect::<Vec<_>>().join(" | ")
            });
            problems.push(problem(
                NoticeProblemKind::TableNotUnderstood,
                format!(
                    "a table may list cookies, but what its columns hold is not clear: “{}”",
                    excerpt(&first.unwrap_or_default())
                ),
            ));
        }
        Reading::NotUnderstood | Reading::Other => {}
    }
}

/// Adds what a row declares.
fn declare(
    row: &Row,
    caption: &str,
    context: &Context<'_>,
    out: &mut Vec<Declaration>,
    problems: &mut Vec<NoticeProblem>,
) {
    let lifetimes = shares(&row.names, row.lifetime.as_deref());
    let purposes = shares(&row.names, row.purpose.as_deref());
    for ((name, lifetime_text), purpose) in row.names.iter().zip(lifetimes).zip(purposes) {
        let patterns = names::patterns(name);
        if patterns.is_empty() {
            continue;
        }
        if row.hidden {
            problems.push(problem(
                NoticeProblemKind::HiddenCharacter,
                format!("the name `{}` held characters that are not seen", excerpt(name)),
            ));
        }
        let said = purpose.as_deref().unwrap_or_default();
        let (category, category_basis) = categorise(row, caption, context, said, name);
        out.push(Declaration {
            patterns,
            provider: who(row, caption, context, said),
            domain: row.domain.clone(),
            category,
            category_basis,
            section: context
                .section()
                .or(Some(caption))
                .filter(|section| !section.is_empty())
                .map(str::to_owned),
            lifetime: life(lifetime_text.as_deref(), row, said, context),
            purpose,
            as_written: name.clone(),
        });
    }
}

fn categorise(
    row: &Row,
    caption: &str,
    context: &Context<'_>,
    purpose: &str,
    name: &str,
) -> (Option<Category>, Option<CategoryBasis>) {
    let of_title = |title: &Option<String>| title.as_deref().and_then(category::of_title);
    let stated = || row.category.as_deref().and_then(category::of_cell);
    let section = || {
        of_title(&row.group)
            .or_else(|| of_title(&row.label))
            .or_else(|| category::of_title(caption))
            .or_else(|| context.category())
    };
    let inferred = || {
        category::inferred(purpose, name)
            .or_else(|| row.group.as_deref().and_then(|group| category::inferred(group, "")))
            .or_else(|| context.suggested())
    };
    let with = |basis| move |category| (Some(category), Some(basis));
    stated()
        .map(with(CategoryBasis::Stated))
        .or_else(|| section().map(with(CategoryBasis::Section)))
        .or_else(|| inferred().map(with(CategoryBasis::Inferred)))
        .unwrap_or((None, None))
}

fn who(row: &Row, caption: &str, context: &Context<'_>, purpose: &str) -> Option<String> {
    let named = |text: &Option<String>| text.as_deref().and_then(provider::named_in);
    row.provider
        .clone()
        .or_else(|| named(&row.label))
        .or_else(|| named(&row.group))
        .or_else(|| provider::in_purpose(purpose))
        .or_else(|| provider::named_in(caption))
        .or_else(|| context.provider())
}

/// The lifetime a row gives: its cell, its type, or what its purpose says of it.
fn life(cell: Option<&str>, row: &Row, purpose: &str, context: &Context<'_>) -> DeclaredLifetime {
    let said = lifetime(cell.unwrap_or_default());
    if said.kind != WrittenLifetime::Absent {
        return said;
    }
    // Types such as "Session" and "Persistent" say how long as well.
    let by_type = row.category.as_deref().map(lifetime).filter(|found| {
        !matches!(
            found.kind,
            WrittenLifetime::Absent | WrittenLifetime::Unreadable | WrittenLifetime::Event
        )
    });
    by_type.or_else(|| in_purpose(purpose)).or_else(|| context.lifetime()).unwrap_or(said)
}

/// A lifetime in the words of a purpose: "… and is removed when the browser is closed".
fn in_purpose(purpose: &str) -> Option<DeclaredLifetime> {
    const END: [&str; 12] = [
        "expire",
        "delete",
        "removed",
        "lasts ",
        "last for",
        "cleared",
        "kept for",
        "stored for",
        "erased",
        "dod i ben",
        "dileu",
        "tynnu",
    ];
    for sentence in sentences(purpose) {
        // Of a clause rather than the whole sentence, which may give other lengths of time.
        let clauses = sentence.split([',', ';']).flat_map(|it| it.split(" and "));
        for clause in clauses {
            let folded = fold(clause);
            if !END.iter().any(|end| folded.contains(end)) {
                continue;
            }
            let found = lifetime(clause);
            if matches!(
                found.kind,
                WrittenLifetime::Session
                    | WrittenLifetime::Duration
                    | WrittenLifetime::SessionOrDuration
            ) {
                return Some(found);
            }
        }
    }
    None
}

/// Each name's share of a cell: its own part where the cell says which is which, else all of it.
fn shares(names: &[String], lines: Option<&[String]>) -> Vec<Option<String>> {
    let Some(lines) = lines else { return vec![None; names.len()] };
    let whole = lines.join(" ");
    if names.len() > 1 {
        if let Some(shares) = by_name(names, &whole) {
            return shares.into_iter().map(Some).collect();
        }
        if lines.len() == names.len() {
            return lines.iter().cloned().map(Some).collect();
        }
        let parts: Vec<&str> = whole.split([',', ';', '/']).map(str::trim).collect();
        let is_length = |part: &&str| {
            !matches!(lifetime(part).kind, WrittenLifetime::Unreadable | WrittenLifetime::Absent)
        };
        if parts.len() == names.len() && parts.iter().all(is_length) {
            return parts.into_iter().map(|part| Some(part.to_owned())).collect();
        }
    }
    vec![Some(whole); names.len()]
}

/// Cuts a text at the names in it: `_ga: 2 years, _gid: 24 hours`.
fn by_name(names: &[String], text: &str) -> Option<Vec<String>> {
    let mut places: Vec<(usize, usize, usize)> = Vec::new();
    for (which, name) in names.iter().enumerate() {
        let at = find_word(text, name)?;
        places.push((at, at + name.len(), which));
    }
    places.sort_unstable();
    let first = places.first()?.0;
    // `2 years (_ga), 1 day (_gid)`: the name comes behind.
    let behind = first > 0 && text[..first].chars().any(char::is_alphanumeric);
    let mut out = vec![String::new(); names.len()];
    for (at, &(from, to, which)) in places.iter().enumerate() {
        let share = if behind {
            let start = if at == 0 { 0 } else { places[at - 1].1 };
            text.get(start..from)
        } else {
            let end = places.get(at + 1).map_or(text.len(), |next| next.0);
            text.get(to..end)
        };
        let trimmed = share?.trim_matches(|c: char| {
            c.is_whitespace()
                || matches!(c, ':' | ',' | ';' | '-' | '–' | '(' | ')' | '•' | '=' | '/')
        });
        let trimmed = trimmed.trim_end_matches(" and").trim_start_matches("and ");
        out[which] = trimmed.to_owned();
    }
    out.iter().all(|share| !share.is_empty()).then_some(out)
}

/// Where a name stands in a text as a word of its own.
fn find_word(text: &str, name: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .map(|(at, _)| at)
        .find(|&at| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}

/// A lifetime said once for the whole notice holds for every declaration that has none of its own.
fn fill_in_lifetimes(page: &Page, declarations: &mut [Declaration]) {
    if declarations.iter().all(|it| it.lifetime.kind != WrittenLifetime::Absent) {
        return;
    }
    let for_all = page.blocks.iter().find_map(|block| match block {
        Block::Text(run) | Block::Item(run) => {
            let folded = fold(&run.text);
            let is_whole = [
                "all cookies",
                "all our cookies",
                "all of our cookies",
                "all of the cookies",
                "pob cwci",
                "they all",
                "set to expire",
            ]
            .iter()
            .any(|all| folded.contains(all));
            is_whole.then(|| context::for_all(&run.text)).flatten()
        }
        _ => None,
    });
    if let Some(for_all) = for_all {
        for declaration in declarations {
            if declaration.lifetime.kind == WrittenLifetime::Absent {
                declaration.lifetime = for_all.clone();
            }
        }
    }
}

/// What is doubtful in the declarations.
fn report(declarations: &[Declaration], problems: &mut Vec<NoticeProblem>) {
    let mut times: BTreeMap<&[String], usize> = BTreeMap::new();
    for declaration in declarations {
        let name = excerpt(&declaration.as_written);
        let seen = times.entry(&declaration.patterns).or_default();
        *seen += 1;
        if *seen == 2 {
            problems.push(problem(
                NoticeProblemKind::DuplicateName,
                format!("`{name}` is declared more than once"),
            ));
        }
        if let (WrittenLifetime::Unreadable, Some(written)) =
            (declaration.lifetime.kind, &declaration.lifetime.as_written)
        {
            let (kind, why) = if lifetime::is_absurd(written) {
                (NoticeProblemKind::LifetimeAbsurd, "is more than a hundred years")
            } else {
                (NoticeProblemKind::LifetimeUnreadable, "could not be read")
            };
            problems.push(problem(
                kind,
                format!("the lifetime of `{name}`, “{}”, {why}", excerpt(written)),
            ));
        }
        if declaration.purpose.as_deref().is_none_or(str::is_empty) {
            problems.push(problem(
                NoticeProblemKind::PurposeMissing,
                format!("the notice gives `{name}` no purpose"),
            ));
        }
        if let Some(meant) = looks_mistyped(&declaration.as_written) {
            problems.push(problem(
                NoticeProblemKind::NameSuspicious,
                format!("`{name}` looks mistyped; `{meant}` is a well-known name"),
            ));
        }
    }
}

/// The well-known name that a name is one slip away from.
fn looks_mistyped(name: &str) -> Option<&'static str> {
    // Names set by Google Analytics (https://developers.google.com/analytics/devguides/collection/analyticsjs/cookie-usage),
    // ASP.NET and PHP, and the ways in which notices get them wrong.
    const SLIPS: [(&str, &str); 12] = [
        ("_utma", "__utma"),
        ("_utmb", "__utmb"),
        ("_utmc", "__utmc"),
        ("_utmt", "__utmt"),
        ("_utmz", "__utmz"),
        ("__ga", "_ga"),
        ("__gid", "_gid"),
        ("__gat", "_gat"),
        ("ga", "_ga"),
        ("gid", "_gid"),
        ("ASP.NET_SessionID", "ASP.NET_SessionId"),
        ("PHPSESSIONID", "PHPSESSID"),
    ];
    if name.starts_with("ga_[") || name.starts_with("ga_<") {
        return Some("_ga_*");
    }
    if name.starts_with("__ ") {
        return Some("__utm*").filter(|_| name.contains("utm"));
    }
    SLIPS.iter().find(|(slip, _)| *slip == name).map(|(_, meant)| *meant)
}
