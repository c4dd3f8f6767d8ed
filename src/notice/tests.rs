//! Whole notices: each page in `fixtures/notices` against what is expected of it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::read;

#[test]
fn fixtures_read_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/notices");
    let mut count = 0;
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|it| it == "json")) {
        let expected: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let page = ["html", "txt"].map(|kind| path.with_extension(kind));
        let page = page.iter().find(|page| page.exists()).expect("a notice beside its expectation");
        assert_eq!(found(&fs::read_to_string(page).unwrap()), expected, "{}", path.display());
        count += 1;
    }
    assert!(count >= 12, "only {count} fixtures");
    let pages = paths.len() - count;
    assert_eq!(pages, count, "every notice has its expectation");
}

/// What is compared of a notice.
fn found(content: &str) -> Value {
    let notice = read("fixture", content);
    let declarations: Vec<Value> = notice
        .declarations
        .iter()
        .map(|it| {
            let mut lifetime = json!({ "kind": it.lifetime.kind });
            if let Some(seconds) = it.lifetime.seconds {
                lifetime["seconds"] = json!(seconds);
            }
            if let Some(seconds) = it.lifetime.max_seconds {
                lifetime["max_seconds"] = json!(seconds);
            }
            if it.lifetime.sliding {
                lifetime["sliding"] = json!(true);
            }
            json!({
                "patterns": it.patterns,
                "category": it.category,
                "lifetime": lifetime,
            })
        })
        .collect();
    let mut problems: Vec<Value> = notice.problems.iter().map(|it| json!(it.kind)).collect();
    problems.dedup();
    json!({
        "language": notice.language,
        "is_notice": notice.is_notice,
        "reviewed": notice.reviewed,
        "declarations": declarations,
        "problems": problems,
    })
}
