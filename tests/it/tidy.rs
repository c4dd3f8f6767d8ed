//! Invariants of the source tree that the compiler does not check.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crumbcheck::audit::rules;
use regex::Regex;

use crate::{imports, support::files_under};

/// Which modules each module may use. A stage never knows the stages after it.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("recording", &["model"]),
    ("consent", &["model"]),
    ("notice", &["model"]),
    ("classify", &["model"]),
    ("gather", &["model", "recording", "consent", "notice"]),
    ("interpret", &["model", "recording", "classify", "notice"]),
    ("audit", &["model", "notice"]),
    ("report", &["model", "audit"]),
    ("draft", &["model", "notice", "classify", "audit"]),
    ("exit", &["audit"]),
    (
        "pipeline",
        &[
            "model",
            "recording",
            "classify",
            "gather",
            "interpret",
            "audit",
            "report",
            "draft",
            "exit",
        ],
    ),
    ("demo", &["model", "report"]),
    (
        "cli",
        &[
            "model",
            "recording",
            "consent",
            "notice",
            "classify",
            "gather",
            "interpret",
            "audit",
            "report",
            "draft",
            "exit",
            "pipeline",
            "demo",
        ],
    ),
];

/// Files that may use more than their module: where a report is put together, all the rest meets.
const FILE_MAY_USE: &[(&str, &[&str])] =
    &[("src/report/build.rs", &["recording", "classify", "notice", "interpret"])];

/// Files that may name the crate whose types are our commands to the browser.
const KNOW_THE_BROWSER: &[&str] = &[
    "src/gather/browser/preflight.rs",
    "src/gather/browser/process.rs",
    "src/gather/cdp/commands.rs",
    "src/gather/cdp/connection.rs",
    "src/gather/record/recorder.rs",
    "src/gather/scan/browsers.rs",
    "src/gather/tab/context.rs",
    "src/gather/tab/input.rs",
    "src/gather/tab/page.rs",
    "src/gather/tab/person.rs",
];

/// Who may name what reaches out of the process.
const REACH: &[(&str, &[&str])] = &[
    ("reqwest", &["gather", "cli"]),
    ("tokio", &["gather", "cli", "demo"]),
    ("fs", &["gather", "cli", "demo"]),
    ("File::open", &["gather", "cli", "demo"]),
    ("File::create", &["gather", "cli", "demo"]),
    ("env::var", &["gather", "cli", "demo"]),
    ("env::var_os", &["gather", "cli", "demo"]),
    ("TcpStream", &["gather", "cli", "demo"]),
    ("TcpListener", &["gather", "cli", "demo"]),
    ("UdpSocket", &["gather", "cli", "demo"]),
    ("ToSocketAddrs", &["gather", "cli", "demo"]),
    ("rand", &["gather", "cli", "demo"]),
    ("SystemTime", &["gather", "cli", "demo"]),
    ("Instant::now", &["gather", "cli", "demo"]),
    ("Timestamp::now", &["gather", "cli", "demo"]),
    ("Zoned::now", &["gather", "cli", "demo"]),
    ("thread", &["gather", "cli", "demo"]),
    ("process::Command", &["gather", "cli", "demo"]),
    ("stdin", &["cli"]),
    ("stdout", &["cli"]),
    ("stderr", &["cli"]),
    ("print!", &["cli"]),
    ("println!", &["cli"]),
    ("eprint!", &["cli"]),
    ("eprintln!", &["cli"]),
    ("dbg!", &[]),
];

/// Words of [`REACH`] that are harmless in one file: the browser is a process of ours, and its output goes into
/// nothing but an error; a scan has a signal that stops it, and a salt of its own.
const REACH_EXCEPT: &[(&str, &str)] = &[
    ("src/pipeline/scan.rs", "tokio"),
    ("src/pipeline/scan.rs", "rand"),
    ("src/gather/browser/process.rs", "stdin"),
    ("src/gather/browser/process.rs", "stdout"),
    ("src/gather/browser/process.rs", "stderr"),
    // The process that reads documents is ours too.
    ("src/gather/notice/documents/reader.rs", "stdin"),
    ("src/gather/notice/documents/reader.rs", "stdout"),
    ("src/gather/notice/documents/reader.rs", "stderr"),
];

/// What ties a file to one machine or to one way of working on it. Put together here, so that this
/// file does not hold them.
const PLACES: &[&str] = &[concat!("/wo", "rk/"), concat!("../sh", "ared"), concat!("/tmp/", "h-")];

const LONGEST: usize = 600;

/// Folders in which import circles of more than two files are still allowed. None may be added.
const STILL_TANGLED: &[&str] = &[];

/// Layers of `src/gather/`, each of which may use those before it. What is neither a folder nor a file called so
/// belongs to no layer: [`BELOW_THE_LAYERS`].
const LAYERS: &[&str] = &["cdp", "browser", "record", "tab", "visit", "choice", "notice", "scan"];

/// Files of `src/gather/` that every layer may use, and that use no layer.
const BELOW_THE_LAYERS: &[&str] =
    &["addresses", "error", "links", "network", "progress", "secrets", "settings"];

const MANUAL: &[&str] =
    &["## What it finds", "## Why it matters", "## How to fix it", "## References"];

#[test]
fn every_module_has_its_place() {
    let listed: BTreeSet<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    let there: BTreeSet<String> =
        sources().into_keys().map(|file| module_of(&file).to_owned()).collect();
    let there: BTreeSet<&str> = there.iter().map(String::as_str).collect();
    assert_eq!(listed, &there - &BTreeSet::from(["lib", "main"]));
}

#[test]
fn modules_only_use_what_they_may() {
    let mut wrong = Vec::new();
    for (file, text) in shipped_sources() {
        let module = module_of(&file);
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else { continue };
        let more = FILE_MAY_USE.iter().find(|(name, _)| *name == file).map_or(&[][..], |it| it.1);
        for used in modules_used(&text) {
            if used != module && !allowed.contains(&&*used) && !more.contains(&&*used) {
                wrong.push(format!("{file} uses `crate::{used}`, which `{module}` may not"));
            }
        }
        if reaches_the_root(&file, &text) {
            wrong.push(format!("{file} leaves its module by `super`; say `crate::` instead"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The code map says what [`MAY_USE`] says.
#[test]
fn the_code_map_tells_who_uses_whom() {
    let text = read(&root().join("ARCHITECTURE.md"));
    for (module, allowed) in MAY_USE {
        let row = text
            .lines()
            .find(|line| {
                [format!("| `src/{module}/` |"), format!("| `src/{module}.rs` |")]
                    .iter()
                    .any(|start| line.starts_with(start))
            })
            .unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for `{module}`"));
        let said = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap_or_default().trim();
        let said: Vec<&str> = match said {
            "nothing" => Vec::new(),
            "all" => MAY_USE.iter().map(|it| it.0).filter(|it| it != module).collect(),
            list => list.split(", ").collect(),
        };
        let said: BTreeSet<&str> = said.into_iter().collect();
        assert_eq!(said, allowed.iter().copied().collect(), "what `{module}` may use");
    }
}

#[test]
fn only_a_few_files_know_the_browser() {
    let naming: BTreeSet<String> = shipped_sources()
        .into_iter()
        .filter(|(_, text)| names(text, "headless_chrome"))
        .map(|(file, _)| file)
        .collect();
    let naming: BTreeSet<&str> = naming.iter().map(String::as_str).collect();
    assert_eq!(naming, KNOW_THE_BROWSER.iter().copied().collect());
}

#[test]
fn what_judges_reaches_nothing_and_only_cli_prints() {
    let mut wrong = Vec::new();
    for (file, text) in shipped_sources() {
        for (word, allowed) in REACH {
            if names(&text, word)
                && !allowed.contains(&module_of(&file))
                && !REACH_EXCEPT.contains(&(file.as_str(), word))
            {
                wrong.push(format!("{file} names `{word}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two files may belong together; more than two that import each other in a circle can only be read all at once.
#[test]
fn no_circle_of_imports_has_more_than_two_files() {
    let imports = imports::imports(&sources(), "src/lib.rs");
    // If nothing were understood, nothing would be wrong.
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 500, "{imports:#?}");
    assert!(imports["src/report/terminal.rs"].contains("src/report/text_layout.rs"));
    let circles = imports::circles(&imports);
    let tangled = |circle: &BTreeSet<String>| {
        STILL_TANGLED.iter().any(|folder| circle.iter().all(|file| file.starts_with(folder)))
    };
    let wrong: Vec<_> = circles.iter().filter(|it| it.len() > 2 && !tangled(it)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let untangled: Vec<_> = STILL_TANGLED
        .iter()
        .filter(|folder| {
            !circles
                .iter()
                .any(|it| it.len() > 2 && it.iter().all(|file| file.starts_with(**folder)))
        })
        .collect();
    assert!(untangled.is_empty(), "{untangled:?} are tangled no more: take them off the list");
}

/// A layer of `gather` uses those below it and nothing else.
#[test]
fn layers_of_gather_use_those_below_them() {
    if STILL_TANGLED.contains(&"src/gather/") {
        return;
    }
    let wrong = upward(&imports::imports(&sources(), "src/lib.rs"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_upward_import_is_found() {
    let file = |name: &str| format!("src/gather/{name}");
    let imports = [
        ("tab/page.rs", "browser/process.rs"),
        ("tab/mod.rs", "visit/mod.rs"),
        ("error.rs", "scan/pass.rs"),
        ("scan/mod.rs", "error.rs"),
    ];
    let imports =
        imports.into_iter().map(|(from, to)| (file(from), BTreeSet::from([file(to)]))).collect();
    assert_eq!(
        upward(&imports),
        [
            "src/gather/error.rs uses src/gather/scan/pass.rs",
            "src/gather/tab/mod.rs uses src/gather/visit/mod.rs"
        ]
    );
}

/// Imports of a layer of `gather` from a layer above it.
fn upward(imports: &imports::Imports) -> Vec<String> {
    let mut wrong = Vec::new();
    for (file, used) in imports {
        for other in used {
            if let (Some(from), Some(to)) = (layer(file), layer(other))
                && from < to
            {
                wrong.push(format!("{file} uses {other}"));
            }
        }
    }
    wrong
}

/// The place of a file of `gather` among the layers, 0 for what is below all of them.
fn layer(file: &str) -> Option<usize> {
    let below = file.strip_prefix("src/gather/")?;
    let name = below.split(['/', '.']).next()?;
    if BELOW_THE_LAYERS.contains(&name) {
        return Some(0);
    }
    LAYERS.iter().position(|layer| *layer == name).map(|at| at + 1)
}

/// A message that names a command names one that there is.
#[test]
fn commands_that_are_named_exist() {
    let makefile = read(&root().join("Makefile"));
    let targets: BTreeSet<&str> = makefile
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .collect();
    let command = Regex::new(r"`make ([a-z-]+)").expect("a valid pattern");
    let mut named = 0;
    for path in tracked() {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        for (_, [target]) in command.captures_iter(&text).map(|it| it.extract()) {
            named += 1;
            assert!(targets.contains(target), "{} names `make {target}`", path.display());
        }
    }
    assert!(named > 5, "only {named} commands are named");
}

#[test]
fn files_stay_readable_in_one_sitting() {
    let mut wrong = Vec::new();
    for top in ["src", "tests", "build", "build.rs"] {
        for path in files_under(&root().join(top)) {
            let lines = read(&path).lines().count();
            if path.extension().is_some_and(|it| it == "rs") && lines > LONGEST {
                wrong.push(format!("{} has {lines} lines", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_file_is_its_manual() {
    let ids: BTreeSet<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
    let mut seen = 0;
    for path in files_under(&root().join("src/audit/rules")) {
        let name = path.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
        if name == "mod" {
            continue;
        }
        seen += 1;
        let id = name.replace('_', "-");
        assert!(ids.contains(&*id), "{id} is in no list of rules");
        let text = read(&path);
        assert!(text.starts_with(&format!("//! # `{id}`\n")), "{id}: the title of its manual");
        for heading in MANUAL {
            let after = text.split_once(&format!("//! {heading}\n")).map(|(_, after)| after);
            let said = after.and_then(|after| after.lines().next()).unwrap_or_default();
            assert!(said.len() > "//! ".len() + 10, "{id} says nothing under {heading}");
        }
    }
    assert_eq!(seen, ids.len());
}

#[test]
fn nothing_is_tied_to_one_machine() {
    let mut wrong = Vec::new();
    for path in tracked() {
        let Ok(bytes) = fs::read(root().join(&path)) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        for place in PLACES.iter().filter(|place| text.contains(**place)) {
            wrong.push(format!("{} speaks of {place}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fixture_site_says_what_it_is() {
    let mut sites = BTreeMap::new();
    for path in tracked() {
        let mut parts = path.iter().filter_map(|part| part.to_str());
        if (parts.next(), parts.next()) != (Some("fixtures"), Some("sites")) {
            continue;
        }
        let (Some(site), Some(next)) = (parts.next(), parts.next()) else { continue };
        *sites.entry(site.to_owned()).or_insert(false) |= next == "site.toml";
    }
    assert!(!sites.is_empty(), "no fixture site");
    let without: Vec<&String> = sites.iter().filter(|(_, has)| !**has).map(|it| it.0).collect();
    assert!(without.is_empty(), "no site.toml in {without:?}");
}

/// A check that cannot fail is worth nothing.
#[test]
fn the_reader_of_sources_reads() {
    let text = "\
use std::fs;
use crate::{
    audit::{Finding, model::Fake},
    model,
};
// crate::cli in a comment
fn f() { crate::notice::read(); \"a\".find('\\''); }
#[cfg(test)]
mod tests {
    use crate::gather;
}
";
    let used: Vec<String> = modules_used(&shipped(text)).into_iter().collect();
    assert_eq!(used, ["audit", "model", "notice"]);
    assert!(names("use tokio::net;", "tokio") && !names("use tokio_rustls::T;", "tokio"));
    assert!(names("x.println!()", "println!") && !names("eprintln!()", "println!"));
    assert!(reaches_the_root("src/exit.rs", "use super::audit;"));
    assert!(reaches_the_root("src/a/b.rs", "use super::super::audit;"));
    assert!(!reaches_the_root("src/a/b.rs", "use super::c;"));
    assert!(reaches_the_root("src/a/mod.rs", "use super::c;"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// What belongs to the project, relative to its folder.
fn tracked() -> Vec<PathBuf> {
    const NOT_OURS: &[&str] = &[".git", "target", "node_modules", "reports"];

    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    if let Ok(listed) = listed.as_ref().map(|it| String::from_utf8_lossy(&it.stdout))
        && !listed.is_empty()
    {
        return listed.split_terminator('\0').map(PathBuf::from).collect();
    }
    // Not a clone but a copy, or no git on this machine.
    fs::read_dir(root())
        .expect("the project's folder")
        .map(|entry| entry.expect("readable entry").path())
        .filter(|path| !NOT_OURS.iter().any(|name| path.ends_with(name)))
        .flat_map(|path| files_under(&path))
        .filter_map(|path| path.strip_prefix(root()).map(Path::to_owned).ok())
        .collect()
}

/// Every source file of the library and the program, by its path in the project.
fn sources() -> BTreeMap<String, String> {
    files_under(&root().join("src"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .map(|path| {
            let name = path.strip_prefix(root()).expect("below the project's folder");
            (name.to_str().expect("a plain name").to_owned(), read(&path))
        })
        .collect()
}

/// What is shipped of [`sources`]: neither comments nor tests, and no file that is all tests.
fn shipped_sources() -> BTreeMap<String, String> {
    let all = sources();
    let tests: BTreeSet<String> = all
        .iter()
        .flat_map(|(file, text)| test_modules(text).map(|name| child(file, &name)))
        .collect();
    all.into_iter()
        .filter(|(file, _)| {
            let stem = file.trim_end_matches(".rs").trim_end_matches("/mod");
            !tests.iter().any(|test| stem == test || stem.starts_with(&format!("{test}/")))
        })
        .map(|(file, text)| (file, shipped(&text)))
        .collect()
}

/// Modules in files of their own that are there for tests only.
fn test_modules(text: &str) -> impl Iterator<Item = String> {
    text.split("#[cfg(test)]\n").skip(1).filter_map(|after| {
        let (declared, _) = after.split_once('\n')?;
        let (_, name) = declared.split_once("mod ")?;
        name.strip_suffix(';').map(str::to_owned)
    })
}

/// Where the module `name` of `file` is, without an extension.
fn child(file: &str, name: &str) -> String {
    let stem = file.trim_end_matches(".rs");
    let folder = stem.strip_suffix("/mod").unwrap_or(stem);
    format!("{folder}/{name}")
}

/// The part of a source file that is neither comment nor test.
fn shipped(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn module_of(file: &str) -> &str {
    let below = file.strip_prefix("src/").unwrap_or(file);
    below.split(['/', '.']).next().unwrap_or(below)
}

/// Whether `word` stands in `text` as a whole.
fn names(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

/// Whether a path goes up by `super` as far as the crate itself.
fn reaches_the_root(file: &str, text: &str) -> bool {
    let below = file.strip_prefix("src/").unwrap_or(file).trim_end_matches(".rs");
    let depth = below.trim_end_matches("/mod").split('/').count();
    text.contains(&"super::".repeat(depth))
}

/// The top-level modules named after `crate::`, alone or in a group.
fn modules_used(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        // Not the end of another name, such as `$crate::` or `my_crate::`.
        if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            used.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = true;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && c.is_alphabetic() => {
                    used.insert(word(&group[at..]));
                    start = false;
                }
                _ => (),
            }
        }
    }
    return used;

    fn word(text: &str) -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    }
}
