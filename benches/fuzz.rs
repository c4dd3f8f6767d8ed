//! Reads broken notices and documents for as long as it is told (`FUZZ_SECONDS`, one minute without), and
//! says how many, and which took longest. A panic ends it with the input that caused it, in a file.
//!
//! The inputs are the fixture notices with pieces cut, doubled, swapped and replaced, with tags and
//! characters that have made readers stumble put in anywhere. The seed is printed and can be given
//! (`FUZZ_SEED`), so a run can be had again.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints what it measured")]

use std::{
    env, fs,
    panic::{self, AssertUnwindSafe},
    path::Path,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use crumbcheck::{gather::documents, notice};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// Pieces that are put in.
const PIECES: &[&str] = &[
    "<table>",
    "</table>",
    "<tr>",
    "<td rowspan=65535>",
    "<td colspan=1000>",
    "<th>",
    "<wbr>",
    "<li>",
    "<dl>",
    "<dt>",
    "<template>",
    "<script>",
    "<!--",
    "-->",
    "<svg>",
    "<math>",
    "<select><option>",
    "\u{202e}",
    "\u{200b}",
    "\0",
    "\u{feff}",
    "&#x200b;",
    "&lt;",
    "_ga_*",
    "****",
    "[[[[",
    "{{{{",
    "((((",
    "____",
    "99999999999999999999 years",
    "1e309 days",
    "half an hour",
    "cookie",
    "cwcis",
    "We use cookies. ",
    "é",
    "İ",
    "ﬀ",
    "\u{10ffff}",
    "a\u{301}",
    "<h1>",
    "<p>",
    "<b>",
    ": ",
    " – ",
    "/",
    "|",
    ",",
];

/// A reading that takes longer than this is as bad as a panic.
const LONGEST: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    // `cargo test` runs benches too, to see that they start.
    if env::args().any(|it| it == "--test") {
        return ExitCode::SUCCESS;
    }
    let seconds = env::var("FUZZ_SECONDS").ok().and_then(|it| it.parse().ok()).unwrap_or(60);
    let seed: u64 =
        env::var("FUZZ_SEED").ok().and_then(|it| it.parse().ok()).unwrap_or_else(rand::random);
    let until = Instant::now() + Duration::from_secs(seconds);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/notices");
    let mut corpus: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .expect("the fixture notices")
        .filter_map(|it| {
            let path = it.ok()?.path();
            let name = path.file_name()?.to_str()?.to_owned();
            let expected = path.extension().is_some_and(|it| it == "json");
            (!expected).then(|| Some((name, fs::read(&path).ok()?)))?
        })
        .collect();
    corpus.sort();
    large();
    println!("{} notices to break, seed {seed}, {seconds} s", corpus.len());
    let corpus = &corpus;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<Result<(u64, Duration), ()>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|number| scope.spawn(move || work(corpus, seed + number as u64, until)))
            .collect();
        workers.into_iter().map(|it| it.join().unwrap_or(Err(()))).collect()
    });
    let read: u64 = results.iter().flatten().map(|it| it.0).sum();
    let slowest = results.iter().flatten().map(|it| it.1).max().unwrap_or_default();
    println!("{read} read, the slowest in {slowest:?}");
    if results.iter().any(Result::is_err) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// How long a notice of 5,000 rows and two megabytes takes.
fn large() {
    let words =
        "It counts how many people come to see us and what they then do on our pages. ".repeat(5);
    let row = format!("<tr><td>_cookie_number</td><td>{words}</td><td>2 years</td></tr>");
    let page = format!(
        "<h1>Cookies</h1><table><tr><th>Name</th><th>Purpose</th><th>Expires</th></tr>{}</table>",
        row.repeat(5_000)
    );
    // The first reading makes the patterns ready.
    let started = Instant::now();
    notice::read("small", "<h1>Cookies</h1><p>We use cookies.</p>");
    let first = started.elapsed();
    let started = Instant::now();
    let read = notice::read("large", &page);
    println!(
        "a small notice, the first of all: {first:?}; one of {} rows and {} KiB: {:?}",
        read.declarations.len(),
        page.len() / 1024,
        started.elapsed()
    );
}

fn work(corpus: &[(String, Vec<u8>)], seed: u64, until: Instant) -> Result<(u64, Duration), ()> {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut count, mut slowest) = (0, Duration::ZERO);
    while Instant::now() < until {
        let (name, bytes) = broken(corpus, &mut random);
        let started = Instant::now();
        let read = panic::catch_unwind(AssertUnwindSafe(|| {
            // An error is an answer.
            if let Ok(content) = documents::content(&name, &bytes) {
                let notice = notice::read(&name, &content);
                let _ = notice::page_links(&content);
                for declaration in &notice.declarations {
                    for pattern in &declaration.patterns {
                        let _ = notice::generalise(pattern);
                    }
                }
                let json = serde_json::to_string(&notice).expect("a notice is JSON");
                assert!(json.len() < 64 << 20, "{} bytes out of {}", json.len(), content.len());
            }
        }));
        let took = started.elapsed();
        slowest = slowest.max(took);
        if read.is_err() || took > LONGEST {
            let file = env::temp_dir().join(format!("crumbcheck-fuzz-{seed}-{count}"));
            let kept = fs::write(&file, &bytes).is_ok();
            let what = if read.is_err() { "panic" } else { "too slow" };
            eprintln!("{what}: {name}, {took:?}, kept in {} ({kept})", file.display());
            return Err(());
        }
        count += 1;
    }
    Ok((count, slowest))
}

/// A notice out of the corpus after some accidents.
fn broken(corpus: &[(String, Vec<u8>)], random: &mut StdRng) -> (String, Vec<u8>) {
    let (name, bytes) = &corpus[random.random_range(0..corpus.len())];
    let mut bytes = bytes.clone();
    for _ in 0..random.random_range(1..12) {
        let len = bytes.len();
        let at = random.random_range(0..=len);
        let to = (at + random.random_range(0..200)).min(len);
        match random.random_range(0..8) {
            0 => drop(bytes.drain(at..to)),
            1 => {
                let piece = bytes[at..to].to_vec();
                let times = random.random_range(1..40);
                bytes.splice(at..at, piece.repeat(times));
            }
            2 => {
                let (_, other) = &corpus[random.random_range(0..corpus.len())];
                let from = random.random_range(0..=other.len());
                let end = (from + random.random_range(0..2000)).min(other.len());
                bytes.splice(at..to, other[from..end].iter().copied());
            }
            3 => {
                for byte in &mut bytes[at..to] {
                    if random.random_bool(0.1) {
                        *byte = random.random();
                    }
                }
            }
            4 => bytes[at..to].reverse(),
            _ => {
                let piece = PIECES[random.random_range(0..PIECES.len())];
                let times = if random.random_bool(0.05) { 500 } else { 1 };
                bytes.splice(at..at, piece.repeat(times).into_bytes());
            }
        }
    }
    (name.clone(), bytes)
}
