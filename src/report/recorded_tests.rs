//! Holds what every stored recording is reported as, against what it was.
//!
//! `UPDATE_REPORTS=1 cargo test --lib report::` writes the files of `fixtures/reports/recorded/` again; look at the
//! difference before you keep it.

use std::{collections::BTreeSet, env, fs, path::Path};

use super::{testing, testing::judged};
use crate::audit::Policy;

#[test]
fn every_stored_recording_is_reported_as_it_was() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(fixtures.join("recordings/v1")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let stem = name.strip_suffix(".json").filter(|it| !it.ends_with(".verdicts"));
        names.extend(stem.map(str::to_owned));
    }
    assert!(names.len() > 15, "{names:?}");
    let mut differ = Vec::new();
    for name in names {
        let path = fixtures.join(format!("reports/recorded/{name}.txt"));
        let report = judged(&name, &Policy::default());
        let text = testing::written(super::format("terminal").unwrap(), &[report]);
        if env::var_os("UPDATE_REPORTS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != text {
            differ.push(name);
        }
    }
    assert!(
        differ.is_empty(),
        "{differ:?} differ; look at the change, and if it is meant write them again with \
         `UPDATE_REPORTS=1 cargo test --lib report::`"
    );
}
