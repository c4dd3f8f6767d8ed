//! One file per rule. To add a rule, write the file and name it twice below.

mod cookie_before_consent;

use super::Rule;
use crate::model::{Classification, SetBy, SetKind, Undecided};

/// Every rule, in the order reports list them.
pub static ALL: &[&Rule] = &[&cookie_before_consent::RULE];

/// Who wrote something, as a citation.
fn setter(set_by: &SetBy) -> String {
    let through = match set_by.chain.as_slice() {
        [] => String::new(),
        chain => format!(", loaded through {}", chain.join(" → ")),
    };
    match (set_by.kind, &set_by.url) {
        (SetKind::Http, Some(url)) => format!("set by the response from {url}{through}"),
        (SetKind::Script, Some(url)) => format!("set by the script {url}{through}"),
        _ => "found in the browser; nobody was seen setting it".to_owned(),
    }
}

/// Who says what something is for, as a citation.
fn basis(class: &Classification) -> String {
    format!("{} says {}: {}", class.basis.source, class.category, class.basis.entry)
}

/// Turns things of unknown purpose into an open question: not known to be bad is not good.
fn none_unknown(what: &str, names: &[String]) -> Result<(), Undecided> {
    match names {
        [] => Ok(()),
        names => {
            let shown = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            let more = if names.len() > 5 {
                format!(" and {} more", names.len() - 5)
            } else {
                String::new()
            };
            Err(Undecided::Unclear(format!(
                "no source knows what these {what} are for: {shown}{more}"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::ALL;

    /// A rule's file name is its id, and no file is left out of [`ALL`].
    #[test]
    fn every_file_is_registered() {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/audit/rules");
        let files: BTreeSet<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| Some(name.strip_suffix(".rs")?.replace('_', "-")))
            .filter(|name| name != "mod")
            .collect();
        let ids: BTreeSet<String> = ALL.iter().map(|rule| rule.id.to_owned()).collect();
        assert_eq!(files, ids);
    }

    #[test]
    fn every_rule_has_a_manual() {
        for rule in ALL {
            for heading in
                ["## What it finds", "## Why it matters", "## How to fix it", "## References"]
            {
                assert!(rule.manual().contains(heading), "{}: {heading}", rule.id);
            }
        }
    }
}
