//! Reads every notice in `fixtures/notices` and holds what comes out against the file beside it.
//!
//! `UPDATE_NOTICES=1 cargo test --lib notice::fixture_tests::` writes those files anew; read the difference before you
//! keep it: they are what a careful person reads in the notice, not what the program does.

use std::{collections::BTreeSet, env, fs, path::Path};

use serde::{Deserialize, Serialize};

use super::read;
use crate::{
    gather::documents,
    model::{Declaration, DeclaredLifetime, Notice, NoticeProblemKind},
};

/// What a fixture is to be read as. A declaration is
/// `pattern, pattern | category basis | lifetime | provider | domain`; what is left out is absent. A claim
/// is `kind categories by provider`.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Expected {
    notice: String,
    language: String,
    is_notice: bool,
    reviewed: Option<String>,
    declarations: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hidden: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    claims: Vec<String>,
    /// Kinds, each once.
    problems: BTreeSet<NoticeProblemKind>,
}

#[test]
fn fixture_notices_are_read_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/notices");
    let update = env::var_os("UPDATE_NOTICES").is_some();
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter(|it| Path::new(it).extension().is_none_or(|it| it != "json"))
        .collect();
    names.sort();
    assert!(names.len() >= 40, "only {} fixtures", names.len());
    let mut wrong = Vec::new();
    for name in &names {
        let content = documents::content(name, &fs::read(folder.join(name)).unwrap()).unwrap();
        let read = told(&read(name, &content));
        let (stem, _) = name.rsplit_once('.').unwrap();
        let beside = folder.join(format!("{stem}.json"));
        if update {
            let text = serde_json::to_string_pretty(&read).unwrap() + "\n";
            fs::write(&beside, text).unwrap();
            continue;
        }
        let expected: Expected = serde_json::from_slice(&fs::read(&beside).unwrap()).unwrap();
        if read != expected {
            wrong.push(format!("{name} is read as {read:#?}\nand not as {expected:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A page about something else declares nothing and claims nothing, whatever it looks like.
#[test]
fn pages_about_something_else_yield_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/notices");
    let mut none = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with("not-") || path.extension().is_none_or(|it| it != "html") {
            continue;
        }
        let read = read(&name, &fs::read_to_string(&path).unwrap());
        if name == "not-understood.html" {
            continue;
        }
        assert!(!read.is_notice, "{name}");
        assert!(read.declarations.is_empty() && read.claims.is_empty(), "{name}: {read:?}");
        none += 1;
    }
    assert!(none >= 4, "only {none} such pages");
}

fn told(notice: &Notice) -> Expected {
    Expected {
        notice: notice.source.clone(),
        language: notice.language.clone(),
        is_notice: notice.is_notice,
        reviewed: notice.reviewed.clone(),
        declarations: notice.declarations.iter().map(declaration).collect(),
        hidden: notice.hidden.iter().map(declaration).collect(),
        claims: notice
            .claims
            .iter()
            .map(|it| {
                let categories: Vec<&str> = it.categories.iter().map(|it| it.name()).collect();
                let by = it.provider.as_ref().map(|it| format!("by {it}")).unwrap_or_default();
                format!("{} {} {by}", it.kind, categories.join(",")).trim_end().to_owned()
            })
            .collect(),
        problems: notice.problems.iter().map(|it| it.kind).collect(),
    }
}

fn declaration(it: &Declaration) -> String {
    assert_eq!(it.category.is_some(), it.category_basis.is_some(), "{}", it.as_written);
    let category = match (it.category, it.category_basis) {
        (Some(category), Some(basis)) => {
            format!("{} {}", category.name(), word(basis))
        }
        _ => "-".to_owned(),
    };
    let mut parts = vec![it.patterns.join(", "), category, life(&it.lifetime)];
    if it.provider.is_some() || it.domain.is_some() {
        parts.push(it.provider.clone().unwrap_or_else(|| "-".to_owned()));
    }
    parts.extend(it.domain.clone());
    parts.join(" | ")
}

fn life(it: &DeclaredLifetime) -> String {
    let kind = word(it.kind);
    let numbers = [it.seconds, it.max_seconds].into_iter().flatten().map(|it| format!(" {it}"));
    kind + &numbers.collect::<String>() + if it.sliding { " sliding" } else { "" }
}

/// A value of a closed list as JSON names it.
fn word(value: impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("a name");
    value.as_str().expect("a name").to_owned()
}
