//! Reports to test formats with: those of stored recordings, as the pipeline makes them.

use std::{collections::BTreeSet, fs::File, path::Path};

use serde_json::Value;

use super::{
    format::{Format, Style},
    model::Report,
};
use crate::{audit::Policy, classify::Knowledge, model::Law, pipeline, recording};

/// Markup, a template, a terminal sequence and characters that hide or turn text.
pub(super) const EVIL: &str = "\u{1b}[31m\u{9b}2J\u{7f}<script>alert(1)</script>\"' onload=x {{ 7*7 }}\u{202e}\u{200b}\u{2028}|`";

/// A site whose tags run whatever the visitor chooses, and which relies on more than consent.
pub(super) fn flagship() -> Report {
    let law = Law::read("uk", &["performance=statistical"]).unwrap();
    judged("flagship", &Policy { law, ..Policy::default() })
}

/// A site without a banner where nothing was found.
pub(super) fn clean() -> Report {
    judged("clean-bare", &Policy::default())
}

/// A site where every choice was made, and which keeps to what was chosen.
pub(super) fn refused() -> Report {
    judged("clean", &Policy::default())
}

/// A site that showed nothing but an error page.
pub(super) fn unreachable() -> Report {
    judged("forbidden", &Policy::default())
}

/// A site whose banner could not be operated.
pub(super) fn failed() -> Report {
    judged("inert-banner", &Policy::default())
}

/// A site whose cookies and storage items have names that were chosen to break reports.
pub(super) fn hostile_names() -> Report {
    judged("hostile-names", &Policy::default())
}

/// [`flagship`] with [`EVIL`] at the end of every text that may hold anything.
pub(super) fn hostile() -> Report {
    let report = flagship();
    let mut value = serde_json::to_value(&report).unwrap();
    let mut kinds = BTreeSet::new();
    collect(&value, "", &mut kinds);
    for kind in kinds {
        let mut tried = value.clone();
        spoil(&mut tried, "", &kind);
        // Words that the format itself defines stay.
        if serde_json::from_value::<Report>(tried.clone()).is_ok() {
            value = tried;
        }
    }
    let hostile: Report = serde_json::from_value(value).unwrap();
    Report { schema: report.schema, pictures: report.pictures, ..hostile }
}

/// The report on a stored recording.
pub(super) fn judged(name: &str, policy: &Policy) -> Report {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings/v1");
    let file = File::open(folder.join(format!("{name}.json"))).unwrap();
    pipeline::judge(&recording::read(file).unwrap(), &Knowledge::embedded(), policy)
}

/// What a format makes of reports.
pub(super) fn written(format: &Format, reports: &[Report]) -> String {
    let mut out = Vec::new();
    format.write(reports, &mut out, Style::PLAIN).unwrap();
    String::from_utf8(out).unwrap()
}

/// Kinds of texts, by the keys that lead to them.
fn collect(value: &Value, path: &str, kinds: &mut BTreeSet<String>) {
    match value {
        Value::String(_) => {
            kinds.insert(path.to_owned());
        }
        Value::Array(list) => {
            for it in list {
                collect(it, &format!("{path}[]"), kinds);
            }
        }
        Value::Object(map) => {
            for (key, it) in map {
                collect(it, &format!("{path}.{key}"), kinds);
            }
        }
        _ => (),
    }
}

/// Adds [`EVIL`] to every text of a kind.
fn spoil(value: &mut Value, path: &str, kind: &str) {
    match value {
        Value::String(text) if path == kind => text.push_str(EVIL),
        Value::Array(list) => {
            for it in list {
                spoil(it, &format!("{path}[]"), kind);
            }
        }
        Value::Object(map) => {
            for (key, it) in map {
                spoil(it, &format!("{path}.{key}"), kind);
            }
        }
        _ => (),
    }
}
