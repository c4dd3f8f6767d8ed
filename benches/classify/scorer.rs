//! How often the name scorer is right, used as if no source knew the names.

use std::{collections::BTreeMap, fs, path::Path, time::Instant};

use crumbcheck::{
    classify::{self, Knowledge, Shape, Tokens, Traits},
    model::Category,
};
use serde::Deserialize;

use crate::{fit, rows};

/// What was measured, to be compared with bounds.
pub(crate) struct Measured {
    /// On what, and the part of what it said that was right.
    pub(crate) precisions: Vec<(&'static str, f64)>,
    /// How long ten thousand names took.
    pub(crate) seconds: f64,
    /// Tokens whose weights are not those of the fit.
    pub(crate) stale: Vec<String>,
}

const TIMES: usize = 10_000;

#[derive(Deserialize)]
struct Unknown {
    unknown: Vec<Item>,
}

/// A row of `unknown.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    name: String,
    category: Category,
    #[serde(default)]
    third_party: bool,
    #[serde(default)]
    lifetime_days: u32,
    value_length: usize,
    alphabet: Alphabet,
    #[serde(default)]
    timestamp_like: bool,
    #[serde(default)]
    sent_elsewhere: bool,
    set_by_category: Option<Category>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Alphabet {
    Digits,
    Hex,
    Base64,
    Words,
    Json,
    Other,
}

impl Item {
    fn traits(&self) -> Traits<'static> {
        let identifies = match self.alphabet {
            Alphabet::Digits | Alphabet::Hex | Alphabet::Base64 => self.value_length >= 8,
            Alphabet::Words | Alphabet::Json | Alphabet::Other => false,
        };
        // A time beside other things is one of several parts, and does not show.
        let is_time = self.timestamp_like && matches!(self.value_length, 10 | 13);
        Traits {
            third_party: self.third_party,
            long_lived: self.lifetime_days > 30,
            sent_elsewhere: self.sent_elsewhere,
            loaded_by_tracker: self.set_by_category.is_some_and(Category::tracks),
            shape: Shape::of(self.value_length, Some(identifies && !is_time)),
            ..Traits::default()
        }
    }
}

/// Prints a table for each set of names, and gives what the bounds are about.
pub(crate) fn measure() -> Measured {
    let words = Tokens::embedded();
    let (fitting, held_out) = rows::halves();
    println!("\nthe scorer, as if no source knew the names");
    println!(
        "  {} words and rows of words; {} and {} apart are enough",
        words.rows().len(),
        words.enough,
        words.apart
    );
    let left_out = fit::precision_left_out(words, &fitting);
    println!(
        "  precision in the fitting half, each vendor by the weights of all others: {left_out:.3}"
    );

    let of_rows = |rows: &[rows::Row]| {
        Confusion::of(rows.iter().map(|it| (it.name.as_str(), it.category, it.traits())))
    };
    // Whoever reads the names it was wrong about can no longer hold them out: they are not printed.
    of_rows(&fitting).print("Open Cookie Database, the half that it was fitted to");
    let held_out = of_rows(&held_out);
    held_out.print(
        "Open Cookie Database, the half held out, which has no vendor and no name of the other",
    );

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/labels");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a table of labels");
    let unknown: Unknown = toml::from_str(&read("unknown.toml")).expect("labels of unknown names");
    let items = unknown.unknown.iter();
    let invented = Confusion::of(items.map(|it| (it.name.as_str(), it.category, it.traits())));
    invented.print("unknown.toml: invented names of sites' own, with what a scan sees of them");
    invented.print_wrong();

    let started = Instant::now();
    for it in unknown.unknown.iter().cycle().take(TIMES) {
        std::hint::black_box(classify::score_name(&it.name, it.traits()));
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("    {TIMES} names in {:.1} ms", seconds * 1000.0);

    let knowledge = Knowledge::embedded();
    for table in ["names.toml", "second/names.toml"] {
        let table_of: crate::Names = toml::from_str(&read(table)).expect("labels of names");
        let all = table_of.names.iter();
        let said = Confusion::of(all.map(|it| (it.name.as_str(), it.category, Traits::default())));
        said.print(&format!("{table}: known names, and nothing but the names"));
        said.print_wrong();
        let unknown = table_of.names.iter().filter(|it| {
            knowledge.cookie(&it.name, &it.domain, None, &[]).category == Category::Unknown
        });
        println!("    names that no source knows: {}", unknown.count());
    }
    Measured {
        precisions: vec![
            ("the half held out", held_out.precision()),
            ("unknown.toml", invented.precision()),
        ],
        seconds,
        stale: fit::stale(words, &fitting),
    }
}

/// How often which label got which answer, and about what it was wrong.
#[derive(Default)]
struct Confusion {
    table: BTreeMap<(Category, Category), usize>,
    wrong: Vec<String>,
}

impl Confusion {
    fn of<'a>(asked: impl Iterator<Item = (&'a str, Category, Traits<'a>)>) -> Self {
        let mut confusion = Self::default();
        for (name, labelled, traits) in asked {
            let said = classify::score_name(name, traits);
            let category = said.as_ref().map_or(Category::Unknown, |it| it.category);
            *confusion.table.entry((labelled, category)).or_default() += 1;
            if let Some(said) = said.filter(|it| it.category != labelled) {
                confusion.wrong.push(format!("{name}, labelled {labelled}: {}", said.basis.entry));
            }
        }
        confusion
    }

    fn count(&self, fits: impl Fn(Category, Category) -> bool) -> usize {
        self.table.iter().filter(|((a, b), _)| fits(*a, *b)).map(|(_, count)| count).sum()
    }

    /// Of what it said, the part that was right.
    fn precision(&self) -> f64 {
        let right = self.count(|labelled, said| labelled == said);
        crate::ratio(right, self.count(|_, said| said != Category::Unknown))
    }

    fn print(&self, of: &str) {
        println!("\n  {of}\n    labelled -> said");
        for ((labelled, said), count) in &self.table {
            println!("    {labelled:<12} -> {said:<12} {count}");
        }
        for class in [Category::Performance, Category::Marketing] {
            let right = self.count(|labelled, said| labelled == class && said == class);
            let said = self.count(|_, said| said == class);
            let labelled = self.count(|labelled, _| labelled == class);
            println!(
                "    {class:<12} precision {:.3} ({right} of {said}), recall {:.3} (of {labelled})",
                crate::ratio(right, said),
                crate::ratio(right, labelled)
            );
        }
        let spoke = self.count(|_, said| said != Category::Unknown);
        let tracks = self.count(|labelled, _| labelled.tracks());
        let found = self.count(|labelled, said| labelled.tracks() && said != Category::Unknown);
        let accused = self.count(|labelled, said| !labelled.tracks() && said != Category::Unknown);
        println!(
            "    precision {:.3} of the {spoke} that it speaks of; it speaks of {:.3} of what follows people, \
             and of {accused} that do not",
            self.precision(),
            crate::ratio(found, tracks)
        );
    }

    fn print_wrong(&self) {
        for wrong in &self.wrong {
            println!("    wrong: {wrong}");
        }
    }
}
