use std::collections::{BTreeMap, BTreeSet};

use super::{Reader, around, mark_at_end, pass::Loaders, sight};
use crate::{
    classify::{Shape, Traits},
    model::{ObservedStorage, Party, SetBy, SetKind, Sighting, StorageKey, StorageKind, site},
    recording::{EventKind, PassRecording, StorageItem},
};

struct Draft {
    set_by: SetBy,
    seen: Vec<Sighting>,
    shape: Option<Shape>,
}

impl Draft {
    fn new(reader: &Reader<'_>, item: &StorageItem) -> Self {
        let length = around::length(reader, &item.value);
        let shape = length.and_then(|length| Shape::of(length, None));
        Self { set_by: SetBy::unknown(), seen: Vec::new(), shape }
    }
}

/// Every storage item of every pass, in order of origin, kind and key.
pub(super) fn observed(reader: &Reader<'_>) -> Vec<ObservedStorage> {
    let mut drafts: BTreeMap<StorageKey, Draft> = BTreeMap::new();
    for (pass, loaders) in &reader.passes {
        read_writes(reader, pass, loaders, &mut drafts);
        read_checkpoints(reader, pass, &mut drafts);
    }
    drafts
        .into_iter()
        .map(|(key, draft)| {
            let by = draft.set_by.url.as_deref();
            let chain = &draft.set_by.chain;
            let class = reader.knowledge.storage(&key.key, &key.origin, by, chain);
            let host = site::host_of(&key.origin).unwrap_or_default();
            let party = site::party(&host, &reader.site);
            let traits = Traits {
                host: &around::host(reader, &host, &draft.set_by),
                third_party: party == Party::Third,
                long_lived: key.kind == StorageKind::Local,
                // Only of cookies are the parts kept by which they would be known again.
                sent_elsewhere: false,
                loaded_by_tracker: around::loaded_by_tracker(reader, &draft.set_by),
                only_after_agreeing: around::only_after_agreeing(reader, &draft.seen),
                shape: draft.shape,
            };
            ObservedStorage {
                party,
                class: reader.or_notice(class, &key.key, traits),
                set_by: draft.set_by,
                seen: draft.seen,
                key,
            }
        })
        .collect()
}

fn read_writes(
    reader: &Reader<'_>,
    pass: &PassRecording,
    loaders: &Loaders<'_>,
    drafts: &mut BTreeMap<StorageKey, Draft>,
) {
    for event in &pass.events {
        let EventKind::StorageSet { item, frame, stack } = &event.kind else { continue };
        let Some(key) = key(item) else { continue };
        let draft = drafts.entry(key).or_insert_with(|| Draft::new(reader, item));
        // The same write is told twice: by the hook with its stack, and by the browser without.
        if draft.set_by.kind == SetKind::Unknown && !stack.is_empty() {
            draft.set_by = loaders.by_script(stack, frame);
        }
        sight(&mut draft.seen, pass, event.at, event.visit);
    }
}

fn read_checkpoints(
    reader: &Reader<'_>,
    pass: &PassRecording,
    drafts: &mut BTreeMap<StorageKey, Draft>,
) {
    // After the page was left there is no frame whose storage could be read.
    let pages = || pass.checkpoints.iter().filter(|it| it.name != "left");
    for checkpoint in pages() {
        for item in &checkpoint.storage {
            let Some(key) = key(item) else { continue };
            let draft = drafts.entry(key).or_insert_with(|| Draft::new(reader, item));
            if draft.seen.iter().all(|it| it.pass != pass.pass) {
                sight(&mut draft.seen, pass, checkpoint.at, checkpoint.visit);
            }
        }
    }
    // Storage can be read only while a frame of its origin is open: the last such moment counts.
    let mut last: BTreeMap<&str, BTreeSet<StorageKey>> = BTreeMap::new();
    for checkpoint in pages() {
        let mut now: BTreeMap<&str, BTreeSet<StorageKey>> = BTreeMap::new();
        for item in &checkpoint.storage {
            now.entry(&item.origin).or_default().extend(key(item));
        }
        last.append(&mut now);
    }
    for (key, draft) in drafts.iter_mut() {
        if last.get(key.origin.as_str()).is_some_and(|there| there.contains(key)) {
            mark_at_end(&mut draft.seen, pass.pass);
        }
    }
}

fn key(item: &StorageItem) -> Option<StorageKey> {
    item.origin.starts_with("http").then(|| StorageKey {
        origin: item.origin.clone(),
        kind: item.store,
        key: item.key.clone(),
    })
}
