//! Declarations out of lists: an item that is a name, a sign, and what the cookie is for; and the
//! name on a line of its own over items `Purpose: …` and `Expiry: …`.

use crate::model::{CategoryBasis, Declaration, DeclaredLifetime, WrittenLifetime};

use super::{
    category,
    columns::{self, Role},
    context::Context,
    html::Block,
    lifetime::lifetime,
    names,
};

/// Remembers the line before, which may be the name that labelled items are about.
#[derive(Debug, Default)]
pub(super) struct Reader {
    names: Vec<String>,
    /// Where the declarations of these names begin.
    open: Option<usize>,
    /// What the heading over a list says that its items are.
    role: Option<Role>,
}

impl Reader {
    /// Reads a heading, paragraph or item.
    pub(super) fn block(
        &mut self,
        block: &Block,
        context: &Context,
        declarations: &mut Vec<Declaration>,
    ) {
        let (text, item) = match block {
            Block::Heading { text, .. } => (text, false),
            Block::Text { text, item } => (text, *item),
            Block::Table(_) => {
                *self = Self::default();
                return;
            }
        };
        let bare = text.trim_start_matches(['-', '*', '•', '·', ' ']);
        if !item {
            self.role = columns::role(bare);
        } else if let Some(role) = self.role
            && Self::under_role(role, bare, context, declarations)
        {
            return;
        }
        if let Some((role, value)) = labelled(bare)
            && (!self.names.is_empty() || self.open.is_some())
        {
            self.detail(role, value, context, declarations);
            return;
        }
        self.open = None;
        self.names = Vec::new();
        if item && let Some((name, rest)) = name_and_rest(bare) {
            declarations.push(declare(&name, Some(rest), context));
            return;
        }
        if bare.chars().count() < 120
            && bare.split_whitespace().count() <= 8
            && !bare.ends_with('.')
        {
            self.names = alone(bare);
            if !context.is_about_cookies() {
                self.names.retain(|it| names::looks_like_name(it));
            }
        }
    }

    /// Items under `Cookie name`, then under `Expires` and under `Purpose`, each saying its name.
    fn under_role(
        role: Role,
        item: &str,
        context: &Context,
        declarations: &mut Vec<Declaration>,
    ) -> bool {
        if role == Role::Name {
            let names = alone(item);
            declarations.extend(names.iter().map(|name| declare(name, None, context)));
            return !names.is_empty();
        }
        let words: Vec<&str> = item
            .split_whitespace()
            .map(|it| it.trim_matches([',', '.', ':', ';', '(', ')']))
            .collect();
        let Some(at) = declarations.iter().rposition(|it| words.contains(&it.as_written.as_str()))
        else {
            return false;
        };
        let declaration = &mut declarations[at];
        match role {
            Role::Lifetime => {
                declaration.lifetime = lifetime(&item.replacen(&declaration.as_written, " ", 1));
            }
            Role::Purpose => {
                declaration.purpose = Some(item.to_owned());
                if declaration.category.is_none() {
                    declaration.category = category::inferred(item);
                    declaration.category_basis =
                        declaration.category.map(|_| CategoryBasis::Inferred);
                }
            }
            _ => return false,
        }
        true
    }

    fn detail(
        &mut self,
        role: Role,
        value: &str,
        context: &Context,
        declarations: &mut Vec<Declaration>,
    ) {
        let from = *self.open.get_or_insert_with(|| {
            let from = declarations.len();
            declarations.extend(self.names.drain(..).map(|name| declare(&name, None, context)));
            from
        });
        for declaration in declarations.iter_mut().skip(from) {
            match role {
                Role::Lifetime => declaration.lifetime = lifetime(value),
                Role::Purpose => {
                    declaration.purpose = Some(value.to_owned());
                    if declaration.category.is_none() {
                        declaration.category = category::inferred(value);
                        declaration.category_basis =
                            declaration.category.map(|_| CategoryBasis::Inferred);
                    }
                }
                Role::Provider => declaration.provider = Some(value.to_owned()),
                Role::Domain => declaration.domain = Some(value.to_owned()),
                Role::Category => {
                    if let Some(stated) = category::named(value) {
                        declaration.category = Some(stated);
                        declaration.category_basis = Some(CategoryBasis::Stated);
                    }
                }
                Role::Name | Role::Other => {}
            }
        }
    }
}

/// `Purpose: spreads the load` and the like.
fn labelled(text: &str) -> Option<(Role, &str)> {
    let (label, value) = text.split_once(':')?;
    let role = columns::role(label).filter(|it| !matches!(it, Role::Name | Role::Other))?;
    (label.split_whitespace().count() <= 4 && !value.trim().is_empty())
        .then(|| (role, value.trim()))
}

/// A line that is nothing but names.
fn alone(line: &str) -> Vec<String> {
    // Plain words may be names too, but only the items below them show that; so each stands alone.
    let words = line
        .split_whitespace()
        .filter(|it| !matches!(*it, "and" | "or" | "a" | "ac" | "neu" | "&" | "/"))
        .count();
    let names = names::split(&[line.to_owned()]);
    if names.len() >= words { names } else { Vec::new() }
}

/// `_ga: counts visitors`, `_ga – counts visitors`; the name must look like one.
fn name_and_rest(item: &str) -> Option<(String, &str)> {
    let at = [": ", " - ", " – ", " — "]
        .iter()
        .filter_map(|sign| item.find(sign).map(|at| (at, sign.len())))
        .min()?;
    let (name, rest) = (item[..at.0].trim(), item[at.0 + at.1..].trim());
    let name = name.trim_matches(['"', '“', '”', '\'']);
    (names::looks_like_name(name) && !name.contains(' ') && !rest.is_empty())
        .then(|| (name.to_owned(), rest))
}

fn declare(name: &str, rest: Option<&str>, context: &Context) -> Declaration {
    let section = context.category(&[]);
    let inferred = rest.and_then(category::inferred);
    let category = section.or(inferred);
    let basis = if section.is_some() { CategoryBasis::Section } else { CategoryBasis::Inferred };
    // What an item says of time it says in passing: only a clear statement counts.
    let life = rest.map(lifetime).filter(|it| {
        matches!(
            it.kind,
            WrittenLifetime::Duration | WrittenLifetime::SessionOrDuration | WrittenLifetime::Range
        )
    });
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
