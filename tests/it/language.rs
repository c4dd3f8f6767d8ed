//! One word for one thing: words that were given up stay given up, in code, messages and documents.

use std::{collections::BTreeSet, fs, path::Path};

use regex::Regex;

use crate::support::files_under;

/// A word that was given up, as a pattern, and what to say.
const GIVEN_UP: &[(&str, &str)] = &[
    (r"mend|mends|mended|mending|put right", "fix"),
    (
        r"whom|told|tells",
        "who is sent something, to whom it is disclosed, who receives it; or: says, reports, shows",
    ),
    (r"in truth|cloaked names?|name system", "CNAME, DNS"),
    (r"tells? browsers apart|told apart from all", "fingerprinting"),
    (r"sends? identifiers? on|identifiers? (?:is|are) sent on", "cookie syncing"),
    (r"hops?", "redirect, redirect chain"),
    (r"at rest|to rest", "network idle, settled"),
    (r"anew|likewise|as ever|of which|lest", "(rewrite the sentence)"),
    (r"none pass", "no-choice pass"),
    (r"breach|breaches|breached", "consent check, violation"),
    (r"reliance", "legal basis"),
    (r"words? on (?:the|its|their|a) buttons?|words? of (?:the )?buttons?", "button text"),
    (r"made again", "retried"),
    (r"has agreed|have agreed|choice stands", "after consent, after refusal, after withdrawal"),
    (r"stands? on consent|relied on in place of consent", "legal basis"),
    (r"asks? (?:a|the) hosts?|hosts? (?:is|are) asked|asked for by", "contacts, requests"),
    (r"broken off|broke off|breaks? off|breaking it off", "interrupted"),
];

/// Files and folders in which some of these words are still there.
const NOT_YET: &[&str] = &[
    "src/audit/",
    "src/classify/",
    "src/gather/",
    "src/notice/",
    "src/recording/",
    "src/cli/scan.rs",
];

/// What is read by people who work on the project or use it; data and fixtures have words of others.
const READ: &[&str] = &["src", "README.md", "ARCHITECTURE.md", "CHANGELOG.md"];
const EXTENSIONS: &[&str] = &["rs", "js", "jinja", "html", "md"];

#[test]
fn words_that_were_given_up_are_gone() {
    let mut wrong = Vec::new();
    let mut still: BTreeSet<&str> = BTreeSet::new();
    for (path, text) in documents() {
        let found = given_up(&text);
        match NOT_YET.iter().find(|it| path.starts_with(**it)) {
            Some(place) if !found.is_empty() => drop(still.insert(place)),
            Some(_) => (),
            None => wrong.extend(found.into_iter().map(|it| format!("{path}:{it}"))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let clean: Vec<_> = NOT_YET.iter().filter(|it| !still.contains(**it)).collect();
    assert!(clean.is_empty(), "nothing is left in {clean:?}: take it off the list");
}

#[test]
fn a_word_that_was_given_up_is_found_wherever_it_stands() {
    for text in [
        "/// What has to be mended.",
        "let to_mend = 1;",
        "struct ToldApart;",
        "\"the none pass is missing\"",
        "which was made\n    /// again",
    ] {
        assert_eq!(given_up(text).len(), 1, "{text}");
    }
    for text in ["fn recommended() {}", "amend", "shop", "the untold story", "latest"] {
        assert!(given_up(text).is_empty(), "{text}: {:?}", given_up(text));
    }
}

/// Every word of [`GIVEN_UP`] in a text, with its line and what to say.
fn given_up(text: &str) -> Vec<String> {
    let marks = Regex::new(r"(?m)^[ \t]*//[/!]?").expect("a valid pattern");
    let joints = Regex::new(r"([a-z0-9])([A-Z])").expect("a valid pattern");
    // Comments without their marks, and identifiers as words; no line is lost or added.
    let text = marks.replace_all(text, " ");
    let text = joints.replace_all(&text, "$1 $2").replace('_', " ").to_lowercase();
    let mut found = Vec::new();
    for (words, instead) in GIVEN_UP {
        let words = words.replace(' ', r"\s+");
        let pattern = Regex::new(&format!(r"\b(?:{words})\b")).expect("a valid pattern");
        for word in pattern.find_iter(&text) {
            let line = text[..word.start()].matches('\n').count() + 1;
            let word = word.as_str().split_whitespace().collect::<Vec<_>>().join(" ");
            found.push(format!("{line}: `{word}`, say: {instead}"));
        }
    }
    found
}

/// A document without what it quotes of the program; no line is lost.
fn without_quotations(text: &str) -> String {
    let mut quoted = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.starts_with("```") {
            quoted = line == "```text";
        } else if !quoted {
            kept.push_str(line);
        }
        kept.push('\n');
    }
    kept
}

fn documents() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    READ.iter()
        .flat_map(|it| files_under(&root.join(it)))
        .filter(|path| {
            path.extension().and_then(|it| it.to_str()).is_some_and(|it| EXTENSIONS.contains(&it))
        })
        .map(|path| {
            let name = path.strip_prefix(root).expect("below the project's folder").display();
            let text = fs::read_to_string(&path).expect("a readable file");
            (name.to_string(), without_quotations(&text))
        })
        .collect()
}
