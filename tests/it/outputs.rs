//! What the program writes of stored recordings, and where. Nothing here opens a browser.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::support::{Run, crumbcheck, fixtures};

fn run(args: &[&str]) -> Run {
    crumbcheck(&args.iter().map(|&it| it.to_owned()).collect::<Vec<_>>())
}

fn recording(name: &str) -> String {
    fixtures().join(format!("recordings/v1/{name}.json")).display().to_string()
}

fn texts<'a>(list: &'a Value, key: &str) -> BTreeSet<&'a str> {
    list.as_array().unwrap().iter().filter_map(|it| it[key].as_str()).collect()
}

/// What a notice has to be changed for is what the report on the same recording says, whatever the user decides.
#[test]
fn notice_diff_judges_as_the_report_does() {
    let flagship = recording("flagship");
    for options in [
        &[][..],
        &["--category", "_gid=marketing"],
        &["--profile", "eu"],
        &["--basis", "performance=statistical", "--review-months", "1"],
    ] {
        let audit = run(&[&["audit", &flagship, "--report", "json"], options].concat());
        let report = audit.json.expect("a report");
        let diff = run(&[&["notice", "diff", &flagship, "--format", "json"], options].concat());
        assert_eq!(diff.code, Some(0), "{options:?}: {}", diff.stderr);
        let diff = diff.json.expect("edits");
        let reasons = texts(&diff["edits"], "why");
        assert!(!reasons.is_empty(), "{options:?}");
        let found = texts(&report["findings"], "message");
        assert!(reasons.is_subset(&found), "{options:?}: {:#?}", reasons.difference(&found));
    }
}

#[test]
fn a_recording_that_cannot_be_read_does_not_keep_the_others_from_being_judged() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("reports.json").display().to_string();
    let report = format!("json={out}");
    let missing = folder.path().join("missing.json").display().to_string();
    let (clean, forbidden) = (recording("clean-bare"), recording("forbidden"));
    let done = run(&["audit", &clean, &missing, &forbidden, "--report", &report]);
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert_eq!(done.stderr.matches("error: ").count(), 1, "{}", done.stderr);
    let reports: Value = serde_json::from_str(&fs::read_to_string(&out).unwrap()).unwrap();
    let targets: Vec<_> = reports.as_array().unwrap().iter().map(|it| &it["exit_code"]).collect();
    assert_eq!(targets, [0, 3]);
}

#[test]
fn one_recording_is_an_object_and_several_are_a_list_on_standard_output_too() {
    let clean = recording("clean-bare");
    let one = run(&["audit", &clean, "--report", "json"]).json.unwrap();
    assert_eq!(one["schema"], "crumbcheck/report/1");
    let two = run(&["audit", &clean, &clean, "--report", "json"]).json.unwrap();
    assert_eq!(two.as_array().unwrap(), &[one.clone(), one]);
    let page = run(&["audit", &clean, &clean, "--report", "html"]).stdout;
    assert!(page.contains("Cookie report: 2 targets") && page.ends_with("</html>\n"), "{page}");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_and_the_others_are_written() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report.json");
    let (clean, json) = (recording("clean-bare"), format!("json={}", out.display()));
    let done = run(&["audit", &clean, "--report", "html=/dev/full", "--report", &json]);
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(done.stderr.contains("cannot write /dev/full"), "{}", done.stderr);
    let report: Value = serde_json::from_str(&fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!(report["exit_code"], 0);
}

/// A reader of a pipe gets the whole document, however many reports it has.
#[test]
fn several_reports_go_into_one_named_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|it| it.success()), "no named pipe");
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    let (clean, report) = (recording("clean-bare"), format!("json={}", pipe.display()));
    let done = run(&["audit", &clean, &clean, "--report", &report]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let reports: Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(reports.as_array().map(Vec::len), Some(2));
}
