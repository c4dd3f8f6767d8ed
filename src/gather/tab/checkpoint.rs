//! What is stored at one moment: the cookie jar of the context, and the storage of every frame of a tab.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;

use super::page::Tab;
use crate::{
    gather::{
        cdp::{commands, connection::CdpError},
        record::signals::{cookies, storage},
    },
    model::StorageKind,
    recording::{Checkpoint, Moment, Problem, ProblemKind, StorageItem},
};

/// How long the browser may take. A page that hangs cannot delay the jar, but it can its storage.
const LIMIT: Duration = Duration::from_secs(4);

/// How many items of storage are kept; a page can make a hundred thousand in a second.
const MOST_ITEMS: usize = 5_000;

/// Reads the jar and the storage, and says what could not be read.
pub(in crate::gather) async fn read(
    tab: &Tab,
    visit: usize,
    moment: Moment,
) -> (Checkpoint, Vec<Problem>) {
    let mut problems = Vec::new();
    // The jar is that of the whole pass; storage is that of the page that is open.
    let mut problem = |visit: Option<usize>, what: &str, why: &dyn std::fmt::Display| {
        let message = format!("{what} could not be read at `{moment}`: {why}");
        let problem = Problem::gap("", ProblemKind::CheckpointIncomplete, message);
        problems.push(Problem { visit, ..problem });
    };
    let redactor = tab.log.redactor();
    let at = tab.log.now();
    let jar = match tab.cdp().send("", &commands::jar(&tab.context), LIMIT).await {
        Ok(answer) => cookies::jar(&answer, now(), redactor),
        Err(why) => {
            problem(None, "the cookie jar", &why);
            Vec::new()
        }
    };
    let mut items = BTreeSet::new();
    for session in tab.frame_sessions() {
        let tree = tab.cdp().send(&session, &commands::frame_tree(), LIMIT).await;
        let frames = match tree {
            Ok(tree) => frames(&tree["frameTree"]),
            Err(why) => {
                problem(Some(visit), "storage", &why);
                continue;
            }
        };
        let mut keys = BTreeSet::new();
        for frame in frames {
            let answer = tab.cdp().send(&session, &commands::storage_key(&frame), LIMIT).await;
            match answer {
                // A frame without an origin, such as a sandboxed one, has no storage to read.
                Err(CdpError::Refused(..)) => (),
                Err(why) => problem(Some(visit), "storage", &why),
                Ok(answer) => {
                    let key = answer["storageKey"].as_str();
                    keys.extend(key.filter(|key| key.starts_with("http")).map(str::to_owned));
                }
            }
        }
        for key in keys {
            let (found, failure) = storage_of(tab, &session, &key).await;
            let room = MOST_ITEMS.saturating_sub(items.len());
            if found.len() > room {
                problem(
                    Some(visit),
                    "all storage",
                    &format!("there are more than {MOST_ITEMS} items"),
                );
            }
            items.extend(found.into_iter().take(room));
            if let Some(why) = failure {
                problem(Some(visit), "storage", &why);
            }
        }
    }
    let storage: Vec<StorageItem> = items.into_iter().collect();
    (Checkpoint { at, visit, name: moment, jar, storage }, problems)
}

/// What one origin keeps, and why some of it could not be read if so.
async fn storage_of(tab: &Tab, session: &str, key: &str) -> (Vec<StorageItem>, Option<CdpError>) {
    let redactor = tab.log.redactor();
    let cdp = tab.cdp();
    let (local, session_items) = tokio::join!(
        cdp.send(session, &commands::dom_storage(key, true), LIMIT),
        cdp.send(session, &commands::dom_storage(key, false), LIMIT),
    );
    let (databases, caches) = tokio::join!(
        cdp.send(session, &commands::databases(key), LIMIT),
        cdp.send(session, &commands::caches(key), LIMIT),
    );
    let mut items = Vec::new();
    let mut failure = None;
    for (answer, store) in [
        (local, StorageKind::Local),
        (session_items, StorageKind::Session),
        (databases, StorageKind::Indexeddb),
        (caches, StorageKind::Cache),
    ] {
        match (answer, store) {
            // The origin keeps nothing of that sort.
            (Err(CdpError::Refused(..)), _) => (),
            (Err(why), _) => failure = Some(why),
            (Ok(answer), StorageKind::Local | StorageKind::Session) => {
                items.extend(storage::items(&answer, key, store, redactor));
            }
            (Ok(answer), _) => {
                items.extend(storage::names(&answer, key, store));
            }
        }
    }
    (items, failure)
}

fn frames(tree: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![tree];
    while let Some(tree) = open.pop() {
        found.extend(tree["frame"]["id"].as_str().map(str::to_owned));
        open.extend(tree["childFrames"].as_array().into_iter().flatten());
    }
    found
}

/// Seconds since 1970, as the browser counts when cookies end.
fn now() -> f64 {
    jiff::Timestamp::now().as_duration().as_secs_f64()
}
