//! Scores the reading of claims on the paraphrases of `fixtures/claims`: for each kind how many of its
//! sentences are read as such, and on how many sentences that claim nothing something is read.
//!
//! Even lines were there while the words and patterns were made; odd lines were held out and scored at the end.
//! `make claims-score` prints the table.

#![allow(clippy::print_stdout, reason = "the table is what `make claims-score` is for")]

use std::{fs, path::Path};

use crumbcheck::{model::ClaimKind, notice};

/// What is written in a file of `fixtures/claims`.
struct Sentences {
    kind: Option<ClaimKind>,
    /// Language, number of the line, sentence, and the categories or provider that it names.
    lines: Vec<(&'static str, usize, String, String)>,
}

fn sentences() -> Vec<Sentences> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claims");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the folder of paraphrases")
        .map(|it| it.expect("an entry").path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let file: toml::Table =
                fs::read_to_string(&path).expect("a file").parse().expect("TOML");
            let kind =
                file.get("kind").map(|it| it.clone().try_into::<ClaimKind>().expect("a kind"));
            let mut lines = Vec::new();
            for language in ["en", "cy"] {
                for (number, line) in
                    file[language].as_array().expect("sentences").iter().enumerate()
                {
                    let line = line.as_str().expect("a sentence");
                    let (text, key) = line.split_once(" => ").unwrap_or((line, ""));
                    lines.push((language, number, text.to_owned(), key.to_owned()));
                }
            }
            Sentences { kind, lines }
        })
        .collect()
}

/// Kinds with what they are about, of the claims that one sentence makes in a notice.
fn claims(sentence: &str) -> Vec<(ClaimKind, String)> {
    const FRAME: &str = "We use cookies to run the site.";
    let page = format!("<title>Cookies</title><h1>Cookies</h1><p>{FRAME}</p><p>{sentence}</p>");
    notice::read("x", &page)
        .claims
        .into_iter()
        .filter(|it| it.quote != FRAME && it.quote != "Cookies")
        .map(|it| {
            let about: Vec<&str> = it.categories.iter().map(|it| it.name()).collect();
            (it.kind, about.join(", ") + it.provider.as_deref().unwrap_or_default())
        })
        .collect()
}

#[test]
fn paraphrases_are_read_and_what_claims_nothing_is_not() {
    // Right, all and other claims, for each half and language; then false alarms and all.
    let mut sums = [[[0_usize; 3]; 2]; 2];
    let mut alarms = [[0_usize; 2]; 2];
    let mut kinds = 0;
    for file in sentences() {
        let mut row = [[[0_usize; 3]; 2]; 2];
        for (language, number, text, key) in &file.lines {
            let (half, language) = (number % 2, usize::from(*language == "cy"));
            let found = claims(text);
            let Some(kind) = file.kind else {
                alarms[half][0] += usize::from(!found.is_empty());
                alarms[half][1] += 1;
                continue;
            };
            let about = |it: &str| it.to_lowercase().contains(&key.to_lowercase());
            let hit = found.iter().any(|(it, what)| *it == kind && about(what));
            row[half][language][0] += usize::from(hit);
            row[half][language][1] += 1;
            row[half][language][2] += found.iter().filter(|(it, _)| *it != kind).count();
        }
        let Some(kind) = file.kind else { continue };
        kinds += 1;
        let cell = |it: [usize; 3]| format!("{} of {}", it[0], it[1]);
        println!(
            "{:28} developed on: en {}, cy {}; held out: en {}, cy {}",
            kind.name(),
            cell(row[0][0]),
            cell(row[0][1]),
            cell(row[1][0]),
            cell(row[1][1])
        );
        for half in 0..2 {
            for language in 0..2 {
                for column in 0..3 {
                    sums[half][language][column] += row[half][language][column];
                }
            }
        }
    }
    let share = |part: usize, whole: usize| (part * 1000).checked_div(whole).unwrap_or(0);
    for (half, name) in ["developed on", "held out"].iter().enumerate() {
        let [en, cy] = sums[half];
        println!(
            "{name}: en {} of {}, cy {} of {}; {} other claims; {} of {} false alarms",
            en[0],
            en[1],
            cy[0],
            cy[1],
            en[2] + cy[2],
            alarms[half][0],
            alarms[half][1]
        );
        let recall = share(en[0] + cy[0], en[1] + cy[1]);
        assert!(recall >= LEAST[half], "{name}: {recall} of a thousand");
        let wrong = share(alarms[half][0], alarms[half][1]);
        assert!(wrong <= MOST_ALARMS[half], "{name}: {wrong} of a thousand");
    }
    assert_eq!(kinds, ClaimKind::ALL.len());
}

/// Of a thousand paraphrases so many are read, in each half.
const LEAST: [usize; 2] = [970, 600];
/// Of a thousand sentences that claim nothing so many may be misread.
const MOST_ALARMS: [usize; 2] = [20, 80];
