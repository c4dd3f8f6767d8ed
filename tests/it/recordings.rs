//! Reads every stored recording of every format version, and holds what the rules make of it against the file beside it.
//!
//! `UPDATE_VERDICTS=1 cargo test --test it recordings::` writes those files again, for when a rule was meant to change.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fs::{self, File},
    path::PathBuf,
};

use crumbcheck::{
    audit::Policy,
    classify::Knowledge,
    pipeline,
    recording::{self, BannerRecording, Recording},
    report::model::{OutcomeName, PassOutcome, Report},
};
use serde::Serialize;

use crate::support::fixtures;

/// What the rules make of a recording.
#[derive(Serialize)]
struct Judged {
    exit_code: u8,
    cookies: BTreeSet<String>,
    storage: BTreeSet<String>,
    hosts: BTreeSet<String>,
    declarations: Option<usize>,
    verdicts: BTreeMap<String, OutcomeName>,
    findings: BTreeSet<String>,
}

/// Every stored recording, by its path.
fn stored() -> BTreeMap<PathBuf, Recording> {
    let mut all = BTreeMap::new();
    for version in fs::read_dir(fixtures().join("recordings")).expect("stored recordings") {
        let folder = version.expect("a readable entry").path();
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if !path.to_string_lossy().ends_with(".verdicts.json") {
                let file = File::open(&path).expect("a readable file");
                let read = recording::read(file);
                let read = read.unwrap_or_else(|why| panic!("{}: {why}", path.display()));
                all.insert(path, read);
            }
        }
    }
    assert!(!all.is_empty(), "no stored recording");
    all
}

fn judge(recording: &Recording) -> Report {
    pipeline::judge(recording, &Knowledge::embedded(), &Policy::default())
}

#[test]
fn every_stored_recording_means_what_it_meant() {
    for (path, recording) in stored() {
        let report = judge(&recording);
        let judged = Judged {
            exit_code: report.exit_code,
            cookies: report.cookies.iter().map(|it| format!("{} {}", it.name, it.domain)).collect(),
            storage: report.storage.iter().map(|it| format!("{} {}", it.key, it.origin)).collect(),
            hosts: report.hosts.iter().map(|it| it.host.clone()).collect(),
            declarations: report.notice.as_ref().map(|it| it.declarations.len()),
            verdicts: report.verdicts.iter().map(|it| (it.rule.clone(), it.outcome)).collect(),
            findings: report
                .findings
                .iter()
                .map(|it| format!("{} {}", it.rule, it.subject))
                .collect(),
        };
        let judged = serde_json::to_string_pretty(&judged).expect("JSON") + "\n";
        let file = path.with_extension("verdicts.json");
        if env::var_os("UPDATE_VERDICTS").is_some() {
            fs::write(&file, &judged).expect("a file that can be written");
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        let differences: Vec<&str> =
            judged.lines().filter(|line| !expected.lines().any(|it| it == *line)).collect();
        assert!(judged == expected, "{}: now {differences:#?}", path.display());
    }
}

/// What is written again loses nothing that was read.
#[test]
fn a_stored_recording_can_be_written_again() {
    for (path, recording) in stored() {
        let mut written = Vec::new();
        recording::write(&recording, &mut written).expect("memory");
        let again = recording::read(written.as_slice()).expect("a recording");
        assert!(recording == again, "{}", path.display());
    }
}

/// A reader that no longer understands one of these would otherwise go unnoticed.
#[test]
fn stored_recordings_are_of_every_kind() {
    let all = stored();
    let reports: Vec<Report> = all.values().map(judge).collect();
    let codes: BTreeSet<u8> = reports.iter().map(|it| it.exit_code).collect();
    assert_eq!(codes, BTreeSet::from([0, 1, 3, 4]));
    let passes = || reports.iter().flat_map(|it| &it.passes);
    for outcome in [PassOutcome::Done, PassOutcome::Unavailable, PassOutcome::Failed] {
        assert!(passes().any(|it| it.outcome == outcome), "no pass is {outcome:?}");
    }
    for rule in crumbcheck::audit::rules::ALL {
        let decided = reports.iter().flat_map(|it| &it.verdicts).any(|it| {
            it.rule == rule.id
                && matches!(it.outcome, OutcomeName::Violated | OutcomeName::Satisfied)
        });
        assert!(decided || UNDECIDED.contains(&rule.id), "{} is decided in none", rule.id);
    }
    let banners = || all.values().flat_map(|it| &it.passes).map(|it| &it.banner);
    assert!(banners().any(|it| matches!(it, BannerRecording::Found { .. })));
    assert!(banners().any(|it| matches!(it, BannerRecording::Absent)));
}

/// Rules that none of the recorded sites gives occasion for.
const UNDECIDED: &[&str] = &["party-mismatch"];
