//! Declarations out of what a text says of a name.

use crate::model::{CategoryBasis, Declaration, DeclaredLifetime, WrittenLifetime};

use super::{
    category,
    columns::Role,
    headings::Headings,
    lifetime::{in_prose, in_text, lifetime},
    name_lines::{alone, is_plain_token, is_sure},
    names,
};

/// "x, which lasts for a year, and y, which lasts for a day": what is said from a name on to the next.
pub(super) fn own_part(sentence: &str, name: &str, names: &[String]) -> Option<DeclaredLifetime> {
    // A name may begin another: `visit`, `visitor`.
    let place = |text: &str, name: &str| {
        text.match_indices(name).map(|it| it.0).find(|at| {
            let after = text[at + name.len()..].chars().next();
            !after.is_some_and(|it| it.is_alphanumeric() || it == '_')
        })
    };
    let from = place(sentence, name)? + name.len();
    let rest = &sentence[from..];
    let next = names.iter().filter(|it| *it != name).filter_map(|it| place(rest, it)).min();
    let end = next.unwrap_or(rest.len());
    in_prose(&rest[..end]).filter(|_| names.len() > 1)
}

/// Drops what sentences said in passing of cookies that are declared elsewhere, and what is no longer used; returns the
/// names of the latter.
pub(super) fn settle(
    in_passing: &[usize],
    retired: &[usize],
    declarations: &mut Vec<Declaration>,
) -> Vec<String> {
    let mut gone: Vec<String> = Vec::new();
    let declared: Vec<String> = declarations
        .iter()
        .enumerate()
        .filter(|(at, _)| !in_passing.contains(at) && !retired.contains(at))
        .flat_map(|(_, it)| it.patterns.clone())
        .collect();
    let mut said: Vec<String> = Vec::new();
    let mut at = 0;
    declarations.retain(|it| {
        at += 1;
        if retired.contains(&(at - 1)) {
            gone.extend(it.patterns.iter().cloned());
            return false;
        }
        if !in_passing.contains(&(at - 1)) {
            return true;
        }
        let known = |pattern: &String| declared.contains(pattern) || said.contains(pattern);
        let new = !it.patterns.iter().any(known);
        said.extend(it.patterns.iter().cloned());
        new
    });
    gone
}

/// Items under `Cookie name`, then under `Expires` and under `Purpose`, each saying its name.
pub(super) fn under_role(
    role: Role,
    item: &str,
    context: &Headings,
    out: &mut Vec<Declaration>,
) -> bool {
    if role == Role::Name {
        let names = alone(item);
        let all_names =
            !names.is_empty() && names.iter().all(|it| is_plain_token(it) || is_sure(it));
        if all_names {
            out.extend(names.iter().map(|name| declare(name, None, context)));
        }
        return all_names;
    }
    let words: Vec<&str> =
        item.split_whitespace().map(|it| it.trim_matches([',', '.', ':', ';', '(', ')'])).collect();
    let Some(at) = out.iter().rposition(|it| words.contains(&it.as_written.as_str())) else {
        return false;
    };
    let declaration = &mut out[at];
    match role {
        Role::Lifetime => {
            declaration.lifetime = lifetime(&item.replacen(&declaration.as_written, " ", 1));
        }
        Role::Purpose => {
            declaration.purpose = Some(item.to_owned());
            infer(declaration, item);
        }
        _ => return false,
    }
    true
}

/// What a purpose lets us infer, where nothing is said.
pub(super) fn infer(declaration: &mut Declaration, purpose: &str) {
    let stated = declaration.category_basis.is_some_and(|it| it != CategoryBasis::Inferred);
    if !stated {
        declaration.category = category::inferred(purpose);
        declaration.category_basis = declaration.category.map(|_| CategoryBasis::Inferred);
    }
}

/// The time that a text ends on; a purpose may speak of time too ("counts visits in a day, 24 hours").
fn last_time(text: &str) -> DeclaredLifetime {
    let parts = [", ", "; ", " (", " – ", " - ", ". ", " for "];
    let at = parts.iter().filter_map(|sign| text.rfind(sign).map(|at| at + sign.len())).max();
    let tail = at.map(|at| lifetime(&text[at..]));
    let clear = |it: &DeclaredLifetime| {
        matches!(
            it.kind,
            WrittenLifetime::Duration | WrittenLifetime::SessionOrDuration | WrittenLifetime::Range
        )
    };
    // "…. Session."
    let whole = |it: &DeclaredLifetime| {
        matches!(it.kind, WrittenLifetime::Session | WrittenLifetime::Persistent)
            && it.as_written.as_ref().is_some_and(|it| it.split(' ').count() <= 2)
    };
    tail.filter(|it| clear(it) || whole(it)).unwrap_or_else(|| {
        Some(lifetime(text)).filter(clear).unwrap_or_else(DeclaredLifetime::absent)
    })
}

/// A declaration of what a text names, with what is said of it.
pub(super) fn declare(name: &str, rest: Option<&str>, context: &Headings) -> Declaration {
    let section = context.category(&[]);
    let inferred = rest.and_then(category::inferred);
    let category = section.or(inferred);
    let basis = if section.is_some() { CategoryBasis::Section } else { CategoryBasis::Inferred };
    // What an item says of time it says in passing: only a clear statement counts.
    let whole = rest.filter(|it| it.split_whitespace().count() <= 6).map(lifetime).filter(|it| {
        matches!(
            it.kind,
            WrittenLifetime::Session
                | WrittenLifetime::Duration
                | WrittenLifetime::SessionOrDuration
                | WrittenLifetime::Range
        )
    });
    let life = rest
        .and_then(in_text)
        .or(whole)
        .or_else(|| rest.map(last_time).filter(|it| it.kind != WrittenLifetime::Absent));
    Declaration {
        as_written: name.to_owned(),
        patterns: names::patterns(name),
        provider: context.provider(None, None),
        domain: None,
        purpose: rest.map(str::to_owned),
        category,
        category_basis: category.map(|_| basis),
        section: context.section(),
        lifetime: life.unwrap_or_else(DeclaredLifetime::absent),
    }
}
