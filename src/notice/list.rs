//! Declarations out of lists: an item that is a name, a sign, and what the cookie is for; and the
//! name on a line of its own over items `Purpose: …` and `Expiry: …`.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::{CategoryBasis, Declaration, DeclaredLifetime, WrittenLifetime};

use super::{
    category,
    columns::{self, Role},
    headings::Headings,
    lifetime::lifetime,
    names,
    page::Block,
    text::regex,
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
        context: &Headings,
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
        if let Some((name, rest)) = name_and_rest(bare, item && context.leads_to_cookies()) {
            // Text has no items; there a line that begins with a name is one.
            if item || (context.is_about_cookies() && text.chars().count() < 160) {
                declarations.push(declare(&name, Some(rest), context));
                return;
            }
        }
        if let Some(names) = bare.split_once(':').filter(|(label, _)| {
            columns::role(label) == Some(Role::Name) && label.split_whitespace().count() <= 3
        }) {
            self.names = alone(names.1.trim());
            return;
        }
        if !item {
            in_prose(text, context, declarations);
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
        context: &Headings,
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
        context: &Headings,
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

/// Cookies that sentences name: "we use a cookie called x to keep your place".
fn in_prose(text: &str, context: &Headings, declarations: &mut Vec<Declaration>) {
    static CALLED: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r#"(?i)\b(?:cookies?|[cg]wcis?)\s+(?:(?:that|which) (?:is|are) )?(?:called|named|o'r enw|a elwir yn|o’r enw)\s+["'“‘`]*(?P<name>[^\s"'”’`,;]+)"#,
        )
    });
    let mut found: Vec<(usize, String)> = CALLED
        .captures_iter(text)
        .filter_map(|it| it.name("name"))
        .map(|it| (it.start(), it.as_str().trim_end_matches(['.', ':', ')']).to_owned()))
        .filter(|(_, name)| names::is_token(name))
        .collect();
    found.dedup_by(|a, b| a.1 == b.1);
    let only = found.len() == 1;
    for (at, name) in found {
        let from = text[..at].rfind(". ").map_or(0, |it| it + 2);
        let to = text[at..].find(". ").map_or(text.len(), |it| at + it + 1);
        let sentence = text[from..to].trim();
        let mut declaration = declare(&name, Some(sentence), context);
        // What follows is still about it, if it is the only one.
        let of = if only { &text[from..] } else { sentence };
        let ends = lifetime(of);
        if declaration.lifetime.kind == WrittenLifetime::Absent
            && matches!(
                ends.kind,
                WrittenLifetime::Session
                    | WrittenLifetime::Duration
                    | WrittenLifetime::SessionOrDuration
                    | WrittenLifetime::Range
            )
            && (ends.kind != WrittenLifetime::Session || CLOSES.is_match(of))
        {
            declaration.lifetime = ends;
        }
        declarations.push(declaration);
    }
}

/// A session is only meant where something closes: the word stands in many purposes.
static CLOSES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)clos\w*[^.;]{0,40}brows|brows\w*[^.;]{0,30}clos|end of (?:the |your )?session|(?:cau|gau)[^.;]{0,40}porwr",
    )
});

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
fn name_and_rest(item: &str, is_cookie: bool) -> Option<(String, &str)> {
    let at = [": ", " - ", " – ", " — "]
        .iter()
        .filter_map(|sign| item.find(sign).map(|at| (at, sign.len())))
        .min()?;
    let (name, rest) = (item[..at.0].trim(), item[at.0 + at.1..].trim());
    let name = name.trim_matches(['"', '“', '”', '\'']);
    let token = is_cookie && name.contains(['-', '.', '_']) && names::is_token(name);
    ((names::looks_like_name(name) || token) && !name.contains(' ') && !rest.is_empty())
        .then(|| (name.to_owned(), rest))
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
    tail.filter(clear).unwrap_or_else(|| lifetime(text))
}

fn declare(name: &str, rest: Option<&str>, context: &Headings) -> Declaration {
    let section = context.category(&[]);
    let inferred = rest.and_then(category::inferred);
    let category = section.or(inferred);
    let basis = if section.is_some() { CategoryBasis::Section } else { CategoryBasis::Inferred };
    // What an item says of time it says in passing: only a clear statement counts.
    let life = rest.map(last_time).filter(|it| {
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
