//! What the documents quote of the program is what the program says, and what they point at exists.

use std::{env, fs, path::Path};

use crumbcheck::{audit::rules, cli};
use regex::Regex;

#[test]
fn the_readme_quotes_the_program() {
    let old = document("README.md");
    let mut new = old.clone();
    for (marker, text) in [
        ("crumbcheck --help", cli::usage()),
        ("crumbcheck scan --help", cli::scan_usage()),
        ("crumbcheck rules", list_of_rules()),
        ("sample", sample()),
    ] {
        new = replaced(&new, marker, &text);
    }
    if env::var_os("UPDATE_README").is_some() {
        fs::write(path("README.md"), &new).expect("README.md can be written");
    } else {
        assert_eq!(old, new, "README.md is out of date; `make readme` writes it");
    }
}

/// Rules that the sample report and the text speak of, in documents for people who cannot look.
#[test]
fn documents_speak_of_rules_that_exist() {
    let finding = Regex::new(r"(?m)^ +(?:high|medium|low|info) +([a-z-]+): ").expect("a pattern");
    let readme = document("README.md");
    let named: Vec<&str> =
        finding.captures_iter(&readme).map(|it| it.extract::<1>().1[0]).collect();
    assert!(!named.is_empty(), "no finding in the sample report");
    for id in named {
        assert!(rules::ALL.iter().any(|rule| rule.id == id), "README.md: there is no rule `{id}`");
    }
}

#[test]
fn documents_point_at_files_that_exist() {
    let link = Regex::new(r"\]\(([^)#:]+)(?:#[^)]*)?\)").expect("a pattern");
    let quoted = Regex::new(r"`((?:src|tests|build|fixtures|schemas)/[A-Za-z0-9_./-]*)`")
        .expect("a pattern");
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = document(name);
        for pattern in [&link, &quoted] {
            for (_, [target]) in pattern.captures_iter(&text).map(|it| it.extract()) {
                assert!(path(target).exists(), "{name} points at {target}");
            }
        }
    }
}

/// The invariants name the tests that hold them.
#[test]
fn the_architecture_names_tests_that_exist() {
    let text = document("ARCHITECTURE.md");
    let (_, invariants) = text.split_once("\n## Invariants\n").expect("a section of invariants");
    let invariants = invariants.split("\n## ").next().unwrap_or_default();
    let mut code = String::new();
    for folder in ["src", "tests"] {
        gather(&path(folder), &mut code);
    }
    let name = Regex::new("`([a-z0-9]+(?:_[a-z0-9]+){2,})`").expect("a pattern");
    let mut named = 0;
    for (_, [test]) in name.captures_iter(invariants).map(|it| it.extract()) {
        named += 1;
        assert!(
            code.contains(&format!("fn {test}(")),
            "ARCHITECTURE.md: there is no test `{test}`"
        );
    }
    assert!(named > 10, "only {named} tests are named");
}

/// The tool says what was held and where it looked; so do its documents.
#[test]
fn documents_pronounce_on_nobody() {
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = document(name).to_lowercase();
        for word in ["compliant", "illegal", "unlawful"] {
            assert!(!text.contains(word), "{name} says {word}");
        }
    }
}

/// `text` with what stands in the fence after `<!-- marker -->` replaced by `content`.
fn replaced(text: &str, marker: &str, content: &str) -> String {
    let opening = format!("<!-- {marker} -->\n```text");
    let (before, rest) = text.split_once(&opening).unwrap_or_else(|| {
        panic!("README.md has no fence marked <!-- {marker} -->");
    });
    let (_, after) = rest.split_once("\n```\n").expect("the fence is closed");
    // Help pads some lines; a document does not.
    let content = content.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    format!("{before}{opening}\n{}\n```\n{after}", content.trim_end())
}

fn list_of_rules() -> String {
    let width = rules::ALL.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let lines = rules::ALL.iter().map(|rule| {
        let severity = rule.severity.to_string();
        format!("{:width$}  {severity:13}  {}", rule.id, rule.summary)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The sample report, shortened.
fn sample() -> String {
    const FINDINGS: &[&str] =
        &["cookie-before-consent", "tracker-after-reject", "undeclared-cookie"];

    let text = document("fixtures/reports/support-site.txt");
    let lines: Vec<&str> = text.lines().collect();
    let starts = |start: &str| {
        let found = lines.iter().position(|line| line.starts_with(start));
        found.unwrap_or_else(|| panic!("the sample report has no line that starts with `{start}`"))
    };
    let between = |from: &str, to: &str| &lines[starts(from)..starts(to)];
    let mut sample = vec![lines[0], "…"];
    sample.extend(between("Passes", "            withdraw"));
    sample.extend(["…", "", "Fixes, most severe first", ""]);
    let first = between("1. ", "2. ");
    let is_finding = |line: &str| line.starts_with("    ") && !line.starts_with("     ");
    // Its heading, which may be long, and how many findings it has.
    let heading = first.iter().skip(1).position(|line| is_finding(line)).unwrap_or_default() + 2;
    sample.extend(&first[..heading]);
    for rule in FINDINGS {
        let of_rule = format!(" {rule}: ");
        let at = first.iter().position(|line| line.contains(&of_rule));
        let at = at.unwrap_or_else(|| panic!("the first fix of the sample report has no {rule}"));
        sample.push(first[at]);
        sample.extend(first[at + 1..].iter().take_while(|line| !is_finding(line)));
    }
    sample.extend(["    …", "", lines[starts("2. ")], "    …", ""]);
    let undecided = &lines[starts("Could not be decided")..];
    let rules = undecided.iter().position(|line| line.starts_with("        ")).unwrap_or_default();
    sample.extend(&undecided[..=rules]);
    sample.join("\n").trim_end().to_owned()
}

fn gather(folder: &Path, code: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable entry").path();
        if path.is_dir() {
            gather(&path, code);
        } else if path.extension().is_some_and(|it| it == "rs") {
            code.push_str(&fs::read_to_string(&path).expect("readable source"));
        }
    }
}

fn document(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
