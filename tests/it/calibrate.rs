//! Of what was said with high, medium and low confidence, how much was right: for each rule, over everything whose truth is
//! written down.
//!
//! The stored recordings of fixture sites are judged in every run. `make calibrate` also scans every fixture site, and
//! `CASES=DIR` adds a folder of cases: `NAME/report.json`, the report of a scan, beside `NAME/expect.json` with `never` and
//! `must`, each `RULE` or `RULE:WORDS` of the subject or the message, and `most`, the most findings of a rule.

#![allow(clippy::print_stdout, reason = "the table is what it is run for")]

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use crumbcheck::{
    audit::{Finding, Policy, Severity},
    classify::Knowledge,
    demo::Expect,
    model::{Confidence, NamePattern},
    pipeline, recording,
    report::model::Report,
};
use serde::Deserialize;

use crate::support;

/// What is written down of the truth of one site.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Truth {
    must: Vec<String>,
    never: Vec<String>,
    most: BTreeMap<String, usize>,
    /// Whether the two above are patterns of `rule subject`, as fixture sites have them.
    #[serde(skip)]
    patterns: bool,
}

impl Truth {
    fn of_site(expect: &Expect) -> Self {
        let (must, never) = (expect.findings.clone(), expect.absent.clone());
        Self { must, never, most: BTreeMap::new(), patterns: true }
    }

    fn is_about(&self, wanted: &str, finding: &Finding) -> bool {
        if self.patterns {
            let name = format!("{} {}", finding.rule, finding.subject);
            let (rule, whole) = (finding.rule == wanted, NamePattern::new(wanted).matches(&name));
            return rule || whole;
        }
        let (rule, words) = wanted.split_once(':').unwrap_or((wanted, ""));
        finding.rule == rule && format!("{} {}", finding.subject, finding.message).contains(words)
    }

    /// Whether a finding is right; `None` if nothing is written down about it.
    fn judge(&self, finding: &Finding, of_its_rule: usize) -> Option<bool> {
        let any = |list: &[String]| list.iter().any(|it| self.is_about(it, finding));
        if any(&self.never) || self.most.get(&finding.rule).is_some_and(|most| of_its_rule > *most)
        {
            return Some(false);
        }
        any(&self.must).then_some(true)
    }
}

/// How often something was right and wrong, and how often that is not written down.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    right: usize,
    wrong: usize,
    unsaid: usize,
}

/// Counts by rule and confidence, and what was wrong.
#[derive(Debug, Default)]
struct Calibration {
    rules: BTreeMap<String, BTreeMap<Confidence, Count>>,
    missed: BTreeMap<String, usize>,
    wrong: Vec<(Confidence, Severity, String)>,
}

impl Calibration {
    fn add(&mut self, site: &str, truth: &Truth, findings: &[Finding]) {
        for finding in findings {
            let of_its_rule = findings.iter().filter(|it| it.rule == finding.rule).count();
            let rule = self.rules.entry(finding.rule.clone()).or_default();
            let count = rule.entry(finding.confidence).or_default();
            match truth.judge(finding, of_its_rule) {
                Some(true) => count.right += 1,
                None => count.unsaid += 1,
                Some(false) => {
                    count.wrong += 1;
                    let what = format!(
                        "{site}: {} {}: {}",
                        finding.rule, finding.subject, finding.message
                    );
                    self.wrong.push((finding.confidence, finding.severity, what));
                }
            }
        }
        for wanted in &truth.must {
            if !findings.iter().any(|it| truth.is_about(wanted, it)) {
                let rule = wanted.split([' ', ':']).next().unwrap_or_default();
                *self.missed.entry(rule.to_owned()).or_default() += 1;
            }
        }
    }

    fn print(&self) {
        println!(
            "{:<32} {:>18} {:>18} {:>18} {:>7}",
            "right/wrong (unsaid)", "high", "medium", "low", "missed"
        );
        let mut all: BTreeMap<Confidence, Count> = BTreeMap::new();
        for (rule, counts) in &self.rules {
            let cell = |confidence| {
                let it = counts.get(&confidence).copied().unwrap_or_default();
                format!("{}/{} ({})", it.right, it.wrong, it.unsaid)
            };
            let missed = self.missed.get(rule).copied().unwrap_or_default();
            println!(
                "{rule:<32} {:>18} {:>18} {:>18} {missed:>7}",
                cell(Confidence::High),
                cell(Confidence::Medium),
                cell(Confidence::Low)
            );
            for (confidence, count) in counts {
                let sum = all.entry(*confidence).or_default();
                sum.right += count.right;
                sum.wrong += count.wrong;
                sum.unsaid += count.unsaid;
            }
        }
        for (confidence, it) in all.iter().rev() {
            #[allow(clippy::cast_precision_loss, reason = "counts are small")]
            let share = it.right as f64 / (it.right + it.wrong).max(1) as f64;
            let name = confidence.name();
            println!(
                "{name}: {} right, {} wrong, {share:.3}; {} not written down",
                it.right, it.wrong, it.unsaid
            );
        }
        for (confidence, severity, what) in &self.wrong {
            println!("wrong with {} confidence ({severity}): {what}", confidence.name());
        }
    }
}

/// The stored recordings of fixture sites, each with what the site's file says.
fn stored() -> Vec<(String, Truth, Report)> {
    let mut found = Vec::new();
    for site in support::all_sites() {
        let path = support::fixtures().join("recordings/v1").join(format!("{}.json", site.name));
        let Ok(file) = fs::File::open(&path) else { continue };
        let read = recording::read(file).expect("a stored recording");
        let report = pipeline::judge(&read, &Knowledge::embedded(), &Policy::default());
        found.push((site.name.clone(), Truth::of_site(&site.expect), report));
    }
    assert!(found.len() > 5, "few stored recordings");
    found
}

/// The cases of a folder whose reports are there.
fn cases(folder: &Path) -> Vec<(String, Truth, Report)> {
    let mut names: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder of cases").flatten().map(|it| it.path()).collect();
    names.sort();
    let read = |path: PathBuf| fs::read_to_string(path).ok();
    let cases = names.into_iter().filter_map(|path| {
        let report = serde_json::from_str(&read(path.join("report.json"))?).expect("a report");
        let truth = serde_json::from_str(&read(path.join("expect.json"))?).expect("an expectation");
        Some((path.file_name()?.to_string_lossy().into_owned(), truth, report))
    });
    cases.collect()
}

#[test]
fn what_is_said_of_stored_recordings_with_high_confidence_is_right() {
    let mut calibration = Calibration::default();
    for (site, truth, report) in stored() {
        calibration.add(&site, &truth, &report.findings);
    }
    let scan_too = env::var_os("CRUMBCHECK_CALIBRATE").is_some();
    if scan_too {
        let _turn = support::turn("sites");
        for site in support::all_sites() {
            let run = support::scan(&site, &[]);
            let report = run.json.and_then(|it| serde_json::from_value::<Report>(it).ok());
            let findings = report.map(|it| it.findings).unwrap_or_default();
            calibration.add(&site.name, &Truth::of_site(&site.expect), &findings);
        }
        if let Some(folder) = env::var_os("CASES") {
            for (name, truth, report) in cases(Path::new(&folder)) {
                calibration.add(&name, &truth, &report.findings);
            }
        }
        calibration.print();
    }
    let sure: Vec<_> = calibration.wrong.iter().filter(|it| it.0 == Confidence::High).collect();
    assert!(sure.is_empty(), "{sure:#?}");
}

#[test]
fn a_finding_is_right_wrong_or_not_written_down() {
    let (_, _, report) = stored().into_iter().find(|it| it.0 == "flagship").expect("the flagship");
    let finding = &report.findings[0];
    let truth = |must: &str, never: &str| Truth {
        must: vec![must.to_owned()],
        never: vec![never.to_owned()],
        ..Truth::default()
    };
    let with_words = format!("{}:{}", finding.rule, finding.subject);
    assert_eq!(truth(&with_words, "none").judge(finding, 1), Some(true));
    assert_eq!(truth("none", &finding.rule).judge(finding, 1), Some(false));
    assert_eq!(truth("none", "none").judge(finding, 1), None);
    let flood = Truth { most: [(finding.rule.clone(), 1)].into(), ..Truth::default() };
    assert_eq!(flood.judge(finding, 2), Some(false));
}
