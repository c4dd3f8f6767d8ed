//! What the program waits for by the clock alone. Everything else waits for something that it can see.

use std::{collections::BTreeMap, fs, path::Path};

use crate::support::files_under;

/// Every sleep that is left in what is not a test: where, how many there, and why nothing better is to be had.
const SLEEPS: &[(&str, usize, &str)] = &[
    (
        "src/demo/server.rs",
        2,
        "a fixture site answers as late as its file says, and polls a thread for its end",
    ),
    ("src/demo/socket.rs", 1, "a fixture's socket answers as late as the page asks it to"),
    (
        "src/cli/scan.rs",
        1,
        "after the user wanted to stop, judging what was seen gets a fixed time",
    ),
    (
        "src/gather/browser/profile.rs",
        1,
        "nobody reports that a process of the browser has let go of a file",
    ),
    (
        "src/gather/choice/by_heuristic.rs",
        1,
        "the time between two looks at a page that is not done",
    ),
    (
        "src/gather/choice/by_settings.rs",
        3,
        "what was opened, switched or chosen by keys is drawn a moment later, with nothing outstanding meanwhile",
    ),
    ("src/gather/choice/by_recipe.rs", 1, "the time between two looks at a page that is not done"),
    (
        "src/gather/choice/detect.rs",
        3,
        "the time between two looks at a page that is not done, and at a banner that has to stay the same",
    ),
    ("src/gather/choice/driver.rs", 1, "the time between two looks at a banner that was pressed"),
    (
        "src/gather/choice/verify.rs",
        1,
        "the time between two readings of what is stored, on a page that is not done",
    ),
    ("src/gather/scan/mod.rs", 1, "the limit of a scan, which the user sets by the clock"),
    (
        "src/gather/tab/input.rs",
        1,
        "pages that listen to the pointer leave out what follows within a fifth of a second; others feel a movement a frame",
    ),
    (
        "src/gather/tab/page.rs",
        1,
        "the limit of a wait for a document: whatever happens to it ends the wait",
    ),
    (
        "src/gather/tab/person.rs",
        2,
        "pages that listen to the pointer do not feel movements that follow each other at once",
    ),
    (
        "src/gather/tab/watch.rs",
        1,
        "until something is due that the page has outstanding, or may have been called off",
    ),
];

#[test]
fn every_sleep_that_is_left_has_its_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    for path in files_under(&root.join("src")) {
        let name = path.strip_prefix(root).expect("below it").display().to_string();
        if path.extension().is_none_or(|it| it != "rs") || name.ends_with("/tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let sleeps = code.matches("sleep(").count();
        if sleeps > 0 {
            found.insert(name, sleeps);
        }
    }
    let listed: BTreeMap<String, usize> =
        SLEEPS.iter().map(|(file, count, _)| ((*file).to_owned(), *count)).collect();
    assert_eq!(
        found, listed,
        "a wait by the clock came or went; say here why nothing can be seen instead"
    );
    for (file, _, why) in SLEEPS {
        assert!(why.len() > 20, "{file} gives no reason");
    }
}
