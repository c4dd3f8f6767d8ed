use std::fmt::Write as _;

use serde::Serialize;

use super::{
    Failure,
    args::{ClassifyArgs, TextOrJson},
    print,
};
use crate::{
    classify::Classifier,
    exit::Exit,
    model::{Basis, Category},
};

#[derive(Serialize)]
struct Answer<'a> {
    query: &'a str,
    category: Category,
    basis: Basis,
    organisation: Option<String>,
}

/// `crumbcheck classify`.
pub(super) fn classify(args: &ClassifyArgs) -> Result<Exit, Failure> {
    let classifier = Classifier::new(Vec::new());
    let answers: Vec<Answer<'_>> = args
        .queries
        .iter()
        .map(|query| {
            let (name, domain) = query.rsplit_once('@').unwrap_or((query, ""));
            let class = classifier.cookie(name, domain, None, &[]);
            Answer {
                query,
                category: class.category,
                basis: class.basis,
                organisation: class.organisation,
            }
        })
        .collect();
    let mut text = String::new();
    match args.format {
        TextOrJson::Json => {
            text = serde_json::to_string_pretty(&answers)
                .map_err(|error| Failure::new(Exit::Failed, &error, ""))?;
            text.push('\n');
        }
        TextOrJson::Terminal => {
            for answer in &answers {
                let query = crate::report::terminal_safe(answer.query);
                let _ = writeln!(text, "{query}: {}", answer.category);
                let basis = &answer.basis;
                let _ = writeln!(
                    text,
                    "  {} ({}, {} confidence)",
                    crate::report::terminal_safe(&basis.entry),
                    basis.source,
                    basis.confidence.name()
                );
                if let Some(organisation) = &answer.organisation {
                    let _ = writeln!(text, "  run by {organisation}");
                }
            }
        }
    }
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}
