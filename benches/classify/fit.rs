//! How the tokens of the name scorer got their weights, and its threshold.
//!
//! A word is listed, for performance or for marketing, with a weight by hand: how much likelier the category is
//! than all others where a name has the word, as a power of two. The fit counts at how many vendors of the fitting
//! half that was so and at how many not, adds the hand's weight as if it had been seen at [`STRENGTH`] vendors,
//! and rounds the logarithm of the odds. Each vendor counts once, however many names it has.

use std::{collections::BTreeSet, fs, path::Path};

use crumbcheck::classify::{self, Token, TokenRole, Tokens};

use crate::rows::{self, Row};

/// How many vendors the weight by hand is worth. Chosen with the threshold, see [`search`].
const STRENGTH: f64 = 32.0;

/// The precision that the threshold has to reach at vendors whose names were left out of the weights. It was 0.93
/// at first; that came out below 0.9 in the half held out.
const ASKED: f64 = 0.95;

/// Computes every weight again, writes it into the table, and prints how well which threshold does.
pub(crate) fn write() {
    let (fitting, held_out) = rows::halves();
    let words = Tokens::embedded();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/classify/data/tokens.toml");
    let mut text = fs::read_to_string(&path).expect("tokens.toml");
    let weights = weights(words, &fitting, STRENGTH, None);
    for (word, weight) in words.rows().iter().zip(weights) {
        if matches!(word.role, TokenRole::For(_)) {
            let row = |weight: i32| format!("[\"{}\", {}, {weight}]", word.text, word.hand);
            text = text.replace(&row(word.weight), &row(weight));
        }
    }
    fs::write(&path, text).expect("tokens.toml can be written");
    println!("{} names to fit to, {} held out\n", fitting.len(), held_out.len());
    search(words, &fitting);
}

/// The rows whose weight in the table is not what the fit gives.
pub(crate) fn stale(words: &Tokens, fitting: &[Row]) -> Vec<String> {
    let weights = weights(words, fitting, STRENGTH, None);
    let rows = words.rows().iter().zip(weights);
    rows.filter(|(word, weight)| word.weight != *weight)
        .map(|(word, weight)| format!("`{}` should weigh {weight}; FIT=1 writes it", word.text))
        .collect()
}

/// How the threshold is chosen: of the strengths, thresholds and distances that are [`ASKED`] precise at vendors
/// left out, the one that is right most often.
fn search(words: &Tokens, fitting: &[Row]) {
    println!("  strength  enough  apart   right  wrong  precision at vendors left out");
    for strength in [8.0, 16.0, 32.0] {
        for enough in 3..=6 {
            for apart in 1..=3 {
                let tried = Tried { strength, enough, apart };
                let (right, wrong) = left_out(words, fitting, &tried);
                let precision = crate::ratio(right, right + wrong);
                let mark = if precision >= ASKED { " *" } else { "" };
                println!(
                    "  {strength:>8}  {enough:>6}  {apart:>5}   {right:>5}  {wrong:>5}  {precision:.3}{mark}"
                );
            }
        }
    }
}

struct Tried {
    strength: f64,
    enough: i32,
    apart: i32,
}

/// The precision of the table's own threshold at vendors left out.
pub(crate) fn precision_left_out(words: &Tokens, fitting: &[Row]) -> f64 {
    let own = Tried { strength: STRENGTH, enough: words.enough, apart: words.apart };
    let (right, wrong) = left_out(words, fitting, &own);
    crate::ratio(right, right + wrong)
}

/// How often the scorer is right and wrong about the names of each vendor, weighed by all the others.
fn left_out(words: &Tokens, fitting: &[Row], tried: &Tried) -> (usize, usize) {
    let vendors: BTreeSet<&str> = fitting.iter().map(|it| it.vendor.as_str()).collect();
    let (mut right, mut wrong) = (0, 0);
    for vendor in vendors {
        let weights = weights(words, fitting, tried.strength, Some(vendor));
        let mut words = words.with_weights(|at, _| weights[at]);
        (words.enough, words.apart) = (tried.enough, tried.apart);
        for row in fitting.iter().filter(|it| it.vendor == vendor) {
            match classify::score_name_with(&words, &row.name, row.traits()) {
                Some(said) if said.category == row.category => right += 1,
                Some(_) => wrong += 1,
                None => (),
            }
        }
    }
    (right, wrong)
}

/// A weight for each row of the table; of what does not speak for a category, its own.
fn weights(words: &Tokens, rows: &[Row], strength: f64, without: Option<&str>) -> Vec<i32> {
    let mut seen: Vec<[BTreeSet<&str>; 2]> = vec![Default::default(); words.rows().len()];
    for row in rows.iter().filter(|it| Some(it.vendor.as_str()) != without) {
        let found = words.in_name(&row.name);
        // A name that is never scored says nothing about its other tokens.
        if found.iter().any(|&at| words.rows()[at].role == TokenRole::Never) {
            continue;
        }
        for at in found.into_iter().chain(words.in_host(row.traits().host)) {
            let is_right = words.rows()[at].role == TokenRole::For(row.category);
            seen[at][usize::from(!is_right)].insert(&row.vendor);
        }
    }
    let weigh = |(word, [right, wrong]): (&Token, &[BTreeSet<&str>; 2])| match word.role {
        TokenRole::For(_) => weight(word.hand, strength, right.len(), wrong.len()),
        TokenRole::Against | TokenRole::Never => word.weight,
    };
    words.rows().iter().zip(&seen).map(weigh).collect()
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a few vendors, and the logarithm of their odds"
)]
fn weight(hand: i32, strength: f64, right: usize, wrong: usize) -> i32 {
    let odds = 2f64.powi(hand);
    let likely = odds / (1.0 + odds);
    let (right, wrong) = (right as f64, wrong as f64);
    ((right + strength * likely) / (wrong + strength * (1.0 - likely))).log2().round() as i32
}
