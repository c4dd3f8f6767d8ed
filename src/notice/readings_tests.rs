//! Holds what is read in each sentence of `fixtures/claims` against what was read in it before.
//!
//! `tests/it/claims.rs` says how many of them are read rightly; this says which, so that no word or pattern changes what
//! another sentence is read as without being seen. `UPDATE_READINGS=1 cargo test --lib notice::readings_tests::` writes
//! the file again; look at the difference before you keep it.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::Path};

use super::read;

/// What is written around each sentence, and read as nothing that counts here.
const FRAME: &str = "We use cookies to run the site.";

/// The claims that one sentence makes in a notice.
fn claims(sentence: &str) -> String {
    let page = format!("<title>Cookies</title><h1>Cookies</h1><p>{FRAME}</p><p>{sentence}</p>");
    let claims = read("x", &page).claims;
    let ours = claims.iter().filter(|it| it.quote != FRAME && it.quote != "Cookies");
    let said = ours.map(|it| {
        let about: Vec<&str> = it.categories.iter().map(|it| it.name()).collect();
        let by = it.provider.as_ref().map(|it| format!("by {it}")).unwrap_or_default();
        // Which part of the sentence is quoted, if it is not the whole of it.
        let part = if it.quote == sentence { String::new() } else { format!("\"{}\"", it.quote) };
        let words = [it.kind.name(), &about.join(","), &by, &part];
        words.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
    });
    said.collect::<Vec<_>>().join("; ")
}

#[test]
fn every_sentence_is_read_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claims");
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "toml") {
            let file: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
            files.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), file);
        }
    }
    let mut read = String::new();
    for (name, file) in &files {
        for language in ["en", "cy"] {
            writeln!(read, "# {name}, {language}").unwrap();
            for line in file[language].as_array().unwrap() {
                let line = line.as_str().unwrap();
                let sentence = line.split(" => ").next().unwrap_or(line);
                writeln!(read, "{sentence} => {}", claims(sentence)).unwrap();
            }
        }
    }
    let beside = folder.with_file_name("readings").join("claims.txt");
    if env::var_os("UPDATE_READINGS").is_some() {
        fs::write(&beside, &read).unwrap();
    }
    let expected = fs::read_to_string(&beside).unwrap_or_default();
    let new: Vec<&str> =
        read.lines().filter(|line| !expected.lines().any(|it| it == *line)).collect();
    assert!(read == expected, "now:\n{}", new.join("\n"));
}
