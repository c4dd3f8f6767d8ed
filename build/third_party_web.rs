//! third-party-web (<https://github.com/patrickhulce/third-party-web>): which hosts belong to whom
//! and what that is for. Products, facades and home pages are left behind.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::{Result, line};

#[derive(Deserialize)]
struct Entity {
    name: String,
    company: Option<String>,
    category: String,
    domains: Vec<String>,
}

/// Lines of host pattern, category, entity and company; sorted, each once.
pub(crate) fn project(text: &str) -> Result<String> {
    let entities: Vec<Entity> = serde_json::from_str(text).map_err(|why| why.to_string())?;
    let mut lines = BTreeSet::new();
    for entity in &entities {
        let company = entity.company.as_deref().unwrap_or(&entity.name);
        for domain in &entity.domains {
            let pattern = domain.to_ascii_lowercase();
            lines.insert(line(&[&pattern, &entity.category, &entity.name, company]));
        }
    }
    if lines.is_empty() {
        return Err("it has no rows".to_owned());
    }
    Ok(lines.into_iter().collect())
}
