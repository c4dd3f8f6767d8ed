//! The Open Cookie Database (<https://github.com/jkwakman/Open-Cookie-Database>): name, domains,
//! category and platform of each cookie. Descriptions, lifetimes and links are left behind.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{Result, line};

#[derive(Deserialize)]
struct Row {
    category: String,
    cookie: String,
    domain: String,
    #[serde(rename = "wildcardMatch")]
    wildcard: String,
}

/// Lines of pattern, category, platform and domains; sorted, each once.
pub(crate) fn project(text: &str) -> Result<String> {
    let platforms: BTreeMap<String, Vec<Row>> =
        serde_json::from_str(text).map_err(|why| why.to_string())?;
    let mut lines = BTreeSet::new();
    for (platform, rows) in &platforms {
        for row in rows {
            // Some rows mark a wildcard in the flag and some in the name.
            let stem = row.cookie.trim().trim_end_matches('*');
            if stem.is_empty() {
                continue;
            }
            let wild = row.wildcard == "1" || row.cookie.trim().ends_with('*');
            let pattern = format!("{stem}{}", if wild { "*" } else { "" });
            lines.insert(line(&[&pattern, &row.category, platform, &domains(&row.domain)]));
        }
    }
    if lines.is_empty() {
        return Err("it has no rows".to_owned());
    }
    Ok(lines.into_iter().collect())
}

/// The domains in a field written for people, such as `google-analytics.com (3rd party) or `.
fn domains(field: &str) -> String {
    let is_domain = |word: &&str| {
        word.contains('.')
            && word.chars().all(|char| char.is_ascii_alphanumeric() || ".-".contains(char))
    };
    field
        .split(|char: char| char.is_whitespace() || ",()\u{200b}".contains(char))
        .map(|word| word.trim_start_matches('.'))
        .filter(is_domain)
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join(" ")
}
