//! Compares the knowledge with labelled tables (`fixtures/labels`), beside the Open Cookie Database alone and
//! third-party-web alone, and measures how long ten thousand look-ups of each take.
//!
//! `LABELS=DIR` names another folder with tables of the same form. With `FIT=1` it computes the weights of the name
//! scorer's tokens again and writes them into the table. Exits with 1 if a bound that the project sets itself is
//! missed: they are at the end.

#![allow(clippy::print_stdout, reason = "a bench prints its tables")]

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use crumbcheck::{classify::Knowledge, model::Category};
use serde::Deserialize;

#[path = "classify/fit.rs"]
mod fit;
#[path = "classify/rows.rs"]
mod rows;
#[path = "classify/scorer.rs"]
mod scorer;

#[derive(Deserialize)]
struct Names {
    names: Vec<Label>,
}

#[derive(Deserialize)]
struct Hosts {
    hosts: Vec<HostLabel>,
}

#[derive(Deserialize)]
struct Label {
    name: String,
    #[serde(default)]
    domain: String,
    category: Category,
}

#[derive(Deserialize)]
struct HostLabel {
    host: String,
    category: Category,
}

const CLASSES: [Category; 4] =
    [Category::Essential, Category::Functional, Category::Performance, Category::Marketing];

fn main() -> ExitCode {
    if env::args().any(|it| it == "--test") {
        return ExitCode::SUCCESS;
    }
    if env::var_os("FIT").is_some() {
        fit::write();
        return ExitCode::SUCCESS;
    }
    let folder = env::var_os("LABELS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/labels"),
        PathBuf::from,
    );
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a table of labels");
    let names: Names = toml::from_str(&read("names.toml")).expect("labels of names");
    let hosts: Hosts = toml::from_str(&read("hosts.toml")).expect("labels of hosts");
    let knowledge = Knowledge::embedded();

    let score = |answers: Vec<(Category, Category)>| Score::of(&answers);
    let of_names = |ask: &dyn Fn(&Label) -> Category| {
        score(names.names.iter().map(|it| (it.category, ask(it))).collect())
    };
    let of_hosts = |ask: &dyn Fn(&HostLabel) -> Category| {
        score(hosts.hosts.iter().map(|it| (it.category, ask(it))).collect())
    };
    let ours = of_names(&|it| knowledge.cookie(&it.name, &it.domain, None, &[]).category);
    let database =
        of_names(&|it| knowledge.cookie_by_open_cookie_database(&it.name, &it.domain).category);
    let ours_of_hosts = of_hosts(&|it| knowledge.host(&it.host).category);
    let listed = of_hosts(&|it| knowledge.host_by_third_party_web(&it.host).category);

    println!("names: {} labelled", names.names.len());
    ours.print("crumbcheck");
    database.print("Open Cookie Database alone");
    println!("\nhosts: {} labelled", hosts.hosts.len());
    ours_of_hosts.print("crumbcheck");
    listed.print("third-party-web alone");

    let mut wrong = Vec::new();
    for it in &names.names {
        let got = knowledge.cookie(&it.name, &it.domain, None, &[]).category;
        if got != it.category {
            wrong.push(format!("  {}@{}: {} labelled {}", it.name, it.domain, got, it.category));
        }
    }
    for it in &hosts.hosts {
        let got = knowledge.host(&it.host).category;
        if got != it.category {
            wrong.push(format!("  {}: {} labelled {}", it.host, got, it.category));
        }
    }
    println!("\nanswered otherwise than labelled: {}", wrong.len());
    println!("{}", wrong.join("\n"));

    let scorer = scorer::measure();
    time(&knowledge, &names.names, &hosts.hosts);

    // The bounds.
    let mut missed = Vec::new();
    let mut bound = |what: &str, value: f64, least: f64| {
        if value < least {
            missed.push(format!("{what} is {value:.3}, below {least}"));
        }
    };
    bound("accuracy on known names", ours.accuracy_of_known(), 0.97);
    bound("accuracy on known hosts", ours_of_hosts.accuracy_of_known(), 0.97);
    for class in CLASSES {
        if ours.labelled(class) > 0 {
            bound(&format!("recall of {class} names"), ours.recall(class), 0.93);
        }
    }
    for (what, precision) in &scorer.precisions {
        bound(&format!("precision of the scorer on {what}"), *precision, 0.9);
    }
    if scorer.seconds >= 0.1 {
        missed.push(format!("the scorer took {:.3} s for ten thousand names", scorer.seconds));
    }
    missed.extend(scorer.stale);
    let excused = ours.excused() + ours_of_hosts.excused();
    if excused > 0 {
        missed.push(format!("{excused} performance or marketing items are called essential"));
    }
    if missed.is_empty() {
        println!("\nevery bound is met");
        return ExitCode::SUCCESS;
    }
    println!("missed: {}", missed.join("\nmissed: "));
    ExitCode::FAILURE
}

fn time(knowledge: &Knowledge, names: &[Label], hosts: &[HostLabel]) {
    const TIMES: usize = 10_000;
    let started = Instant::now();
    for it in names.iter().cycle().take(TIMES) {
        std::hint::black_box(knowledge.cookie(&it.name, &it.domain, None, &[]));
    }
    let of_names = started.elapsed();
    let started = Instant::now();
    for it in hosts.iter().cycle().take(TIMES) {
        std::hint::black_box(knowledge.host(&it.host));
    }
    println!("\n{TIMES} names in {of_names:?}, {TIMES} hosts in {:?}", started.elapsed());
}

/// How often which label got which answer.
struct Score(BTreeMap<(Category, Category), usize>);

impl Score {
    fn of(answers: &[(Category, Category)]) -> Self {
        let mut table = BTreeMap::new();
        for pair in answers {
            *table.entry(*pair).or_default() += 1;
        }
        Self(table)
    }

    fn count(&self, fits: impl Fn(Category, Category) -> bool) -> usize {
        self.0.iter().filter(|((a, b), _)| fits(*a, *b)).map(|(_, count)| count).sum()
    }

    fn labelled(&self, class: Category) -> usize {
        self.count(|labelled, _| labelled == class)
    }

    fn recall(&self, class: Category) -> f64 {
        let right = self.count(|labelled, said| labelled == class && said == class);
        ratio(right, self.labelled(class))
    }

    fn accuracy_of_known(&self) -> f64 {
        let known = self.count(|_, said| said != Category::Unknown);
        ratio(self.count(|labelled, said| labelled == said), known)
    }

    /// Items that follow people and are called essential.
    fn excused(&self) -> usize {
        self.count(|labelled, said| {
            said == Category::Essential
                && matches!(labelled, Category::Performance | Category::Marketing)
        })
    }

    fn print(&self, who: &str) {
        let all = self.count(|_, _| true);
        let unknown = self.count(|_, said| said == Category::Unknown);
        println!(
            "  {who}: accuracy {:.3} of all, {:.3} of known; unknown {:.3}; excused {}",
            ratio(self.count(|labelled, said| labelled == said), all),
            self.accuracy_of_known(),
            ratio(unknown, all),
            self.excused()
        );
        for class in CLASSES {
            let said = self.count(|_, said| said == class);
            let right = self.count(|labelled, said| labelled == class && said == class);
            println!(
                "    {class:<12} precision {:.3}, recall {:.3} ({} labelled)",
                ratio(right, said),
                self.recall(class),
                self.labelled(class)
            );
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a few hundred")]
fn ratio(part: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { part as f64 / of as f64 }
}
