//! A draft as a page and as Markdown.

use std::{fmt::Write as _, io};

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, value::Serde};
use serde::Serialize;

use super::{Draft, Row, Section, Service};
use crate::model::Category;

const TEMPLATE: &str = include_str!("notice.html.jinja");

/// A section with everything in words.
#[derive(Serialize)]
struct Table {
    heading: &'static str,
    introduction: &'static str,
    rows: Vec<[String; 4]>,
}

/// The draft as an HTML page without styles, to be put into the site's own.
///
/// # Errors
/// If the template fails, which a test would show.
pub fn html(draft: &Draft) -> io::Result<String> {
    let words = draft.language.words();
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.add_template("notice", TEMPLATE).map_err(io::Error::other)?;
    let tables: Vec<Table> = draft.sections.iter().map(|it| table(draft, it)).collect();
    let services: Vec<String> = draft.services.iter().map(|it| service(draft, it)).collect();
    let context = context! {
        language => draft.language.code(),
        title => words.title,
        introduction => words.introduction,
        columns => [words.name, words.purpose, words.expires, words.set_by],
        tables => minijinja::Value::from(Serde(&tables)),
        change_heading => words.change,
        change => change(draft),
        services_heading => words.services,
        services_introduction => words.services_introduction,
        services,
        reviewed => reviewed(draft),
        lacks_heading => words.lacks,
        lacks => draft.lacks.iter().map(|it| clean(it)).collect::<Vec<_>>(),
    };
    env.get_template("notice").and_then(|it| it.render(context)).map_err(io::Error::other)
}

/// The draft as Markdown with tables.
pub fn markdown(draft: &Draft) -> String {
    let words = draft.language.words();
    let mut text = format!("# {}\n\n", words.title);
    for why in &draft.lacks {
        let _ = writeln!(text, "> {}: {}\n", words.lacks, cell(why));
    }
    for paragraph in words.introduction {
        let _ = writeln!(text, "{paragraph}\n");
    }
    for section in &draft.sections {
        let table = table(draft, section);
        let _ = writeln!(text, "## {}\n", table.heading);
        if !table.introduction.is_empty() {
            let _ = writeln!(text, "{}\n", table.introduction);
        }
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |\n|---|---|---|---|",
            words.name, words.purpose, words.expires, words.set_by
        );
        for row in &table.rows {
            let cells: Vec<String> = row.iter().map(|it| cell(it)).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text.push('\n');
    }
    if let Some(change) = change(draft) {
        let _ = writeln!(text, "## {}\n\n{}\n", words.change, cell(&change));
    }
    if !draft.services.is_empty() {
        let _ = writeln!(text, "## {}\n\n{}\n", words.services, words.services_introduction);
        for it in &draft.services {
            let _ = writeln!(text, "- {}", cell(&service(draft, it)));
        }
        text.push('\n');
    }
    if let Some(reviewed) = reviewed(draft) {
        let _ = writeln!(text, "{reviewed}");
    }
    text
}

/// How visitors change their choice, if there is one to change.
fn change(draft: &Draft) -> Option<String> {
    let words = draft.language.words();
    let asks = draft.sections.iter().any(|it| it.category != Category::Essential);
    asks.then(|| match &draft.withdraw_by {
        Some(label) => format!("{} \"{}\". {}", words.change_by, clean(label), words.clear),
        None => format!("{} {}", words.change_somehow, words.clear),
    })
}

fn table(draft: &Draft, section: &Section) -> Table {
    let words = draft.language.words();
    let introduction = match (section.category, section.only_if_agreed) {
        (Category::Essential, _) => words.always_on,
        (_, Some(true)) => words.only_if_agreed,
        (_, Some(false)) => words.set_anyway,
        (_, None) => "",
    };
    Table {
        heading: words.heading(section.category),
        introduction,
        rows: section.rows.iter().map(|it| cells(draft, it)).collect(),
    }
}

fn cells(draft: &Draft, row: &Row) -> [String; 4] {
    let words = draft.language.words();
    let name = match &row.storage {
        Some(storage) => format!("{} ({storage})", row.name),
        None => row.name.clone(),
    };
    let or = |text: &Option<String>, otherwise: &str| {
        text.clone().unwrap_or_else(|| otherwise.to_owned())
    };
    [
        name,
        or(&row.purpose, words.purpose_needed),
        or(&row.expires, words.expiry_needed),
        row.set_by.clone(),
    ]
    .map(|it| clean(&it))
}

fn service(draft: &Draft, service: &Service) -> String {
    let words = draft.language.words();
    let mut line = service.hosts.join(", ");
    if let Some(organisation) = &service.organisation {
        let _ = write!(line, ", {} {organisation}", words.run_by);
    }
    if let Some(purpose) = &service.purpose {
        let _ = write!(line, ". {purpose}");
    }
    clean(&line)
}

fn reviewed(draft: &Draft) -> Option<String> {
    let month = draft.reviewed.as_deref().and_then(|it| draft.language.month(it))?;
    Some(format!("{} {month}.", draft.language.words().reviewed))
}

/// Without what nobody can see or what turns text round: names are a stranger's.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|&it| {
            !it.is_control()
                && !matches!(it, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        })
        .collect()
}

/// A cell of a Markdown table in which nothing is Markdown.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in clean(text).chars() {
        match it {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(it);
            }
            it => out.push(it),
        }
    }
    out
}
