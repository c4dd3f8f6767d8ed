use std::collections::{BTreeMap, BTreeSet};

use super::{
    classifier_traits,
    context::Context,
    events::Meaning,
    sightings::{PassContext, Sightings},
};
use crate::{
    classify::{Shape, Traits},
    model::{ObservedStorage, Party, SetBy, SetKind, StorageKey, StorageKind, site},
    recording::{Moment, StorageItem},
};

struct Draft {
    set_by: SetBy,
    seen: Sightings,
    shape: Option<Shape>,
}

impl Draft {
    fn new(reader: &Context<'_>, item: &StorageItem) -> Self {
        let length = classifier_traits::length(reader, &item.value);
        let shape = length.and_then(|length| Shape::of(length, None));
        Self { set_by: SetBy::unknown(), seen: Sightings::default(), shape }
    }
}

/// Every storage item of every pass, in order of origin, kind and key.
pub(super) fn observed(reader: &Context<'_>) -> Vec<ObservedStorage> {
    let mut drafts: BTreeMap<StorageKey, Draft> = BTreeMap::new();
    for pass in &reader.passes {
        read_writes(reader, pass, &mut drafts);
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
                host: &classifier_traits::host(reader, &host, &draft.set_by),
                third_party: party == Party::Third,
                long_lived: key.kind == StorageKind::Local,
                // Only of cookies are the parts kept by which they would be known again.
                sent_elsewhere: false,
                loaded_by_tracker: classifier_traits::loaded_by_tracker(reader, &draft.set_by),
                only_after_agreeing: classifier_traits::only_after_agreeing(
                    reader,
                    draft.seen.as_slice(),
                ),
                shape: draft.shape,
            };
            ObservedStorage {
                party,
                class: reader.or_notice(class, &key.key, traits),
                set_by: draft.set_by,
                seen: draft.seen.into_vec(),
                key,
            }
        })
        .collect()
}

fn read_writes(
    reader: &Context<'_>,
    pass: &PassContext<'_>,
    drafts: &mut BTreeMap<StorageKey, Draft>,
) {
    for event in &pass.recording.events {
        let Meaning::StorageSet { item, frame, stack } = Meaning::new(&event.kind) else {
            continue;
        };
        let Some(key) = key(item) else { continue };
        let draft = drafts.entry(key).or_insert_with(|| Draft::new(reader, item));
        // The same write is reported twice: by the hook with its stack, and by the browser without.
        if draft.set_by.kind == SetKind::Unknown && !stack.is_empty() {
            draft.set_by = pass.initiators.by_script(stack, frame);
        }
        draft.seen.add(pass, event.at, event.visit);
    }
}

fn read_checkpoints(
    reader: &Context<'_>,
    pass: &PassContext<'_>,
    drafts: &mut BTreeMap<StorageKey, Draft>,
) {
    // After the page was left there is no frame whose storage could be read.
    let pages = || pass.recording.checkpoints.iter().filter(|it| it.name != Moment::Left);
    for checkpoint in pages() {
        for item in &checkpoint.storage {
            let Some(key) = key(item) else { continue };
            let draft = drafts.entry(key).or_insert_with(|| Draft::new(reader, item));
            if !draft.seen.has(pass.recording.pass) {
                draft.seen.add(pass, checkpoint.at, checkpoint.visit);
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
            draft.seen.mark_at_end(pass.recording.pass);
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
