use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{
    classifier_traits,
    context::{Context, by_behaviour},
    events::Meaning,
    payments, random_names,
    sightings::{PassContext, Sightings},
};
use crate::{
    classify::{Shape, Traits},
    model::{ObservedStorage, Party, Pass, SetBy, SetKind, StorageKey, StorageKind, site},
    recording::{Moment, StorageItem},
};

/// How long the value of a probe or a lock is at most: a number, a time, or a number for each tab.
const LONGEST_PROBE: usize = 36;

struct Draft {
    set_by: SetBy,
    seen: Sightings,
    shape: Option<Shape>,
    /// Whether it was more than a probe or a lock, or that is not known.
    stayed: bool,
}

impl Draft {
    fn new(reader: &Context<'_>, item: &StorageItem) -> Self {
        let length = classifier_traits::length(reader, &item.value);
        let shape = length.and_then(|length| Shape::of(length, None));
        Self { set_by: SetBy::unknown(), seen: Sightings::default(), shape, stayed: false }
    }
}

/// Every storage item of every pass, in order of origin, kind and key.
pub(super) fn observed(reader: &Context<'_>) -> Vec<ObservedStorage> {
    let mut drafts: BTreeMap<StorageKey, Draft> = BTreeMap::new();
    for pass in &reader.passes {
        read_writes(reader, pass, &mut drafts);
        read_checkpoints(reader, pass, &mut drafts);
    }
    merged(drafts)
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
            let doubt = payments::doubt(reader, (&key.key, &host), &class);
            ObservedStorage {
                party,
                class: match (doubt, reader.record.item(&key)) {
                    (Some(doubt), _) => doubt,
                    (None, Some(record)) if class.is_open() => record,
                    _ => {
                        let traits = (!reader.record.is_candidate_item(&key)).then_some(traits);
                        let other = reader.or_notice(class.clone(), &key.key, traits);
                        let found = reader.tracking.item(&key);
                        by_behaviour(found, (&class, &other)).unwrap_or(other)
                    }
                },
                set_by: draft.set_by,
                seen: draft.seen.into_vec(),
                probe: !draft.stayed,
                key,
            }
        })
        .collect()
}

/// The same with items that differ in a random part of their names as one, under a pattern.
fn merged(drafts: BTreeMap<StorageKey, Draft>) -> BTreeMap<StorageKey, Draft> {
    type Names<'a> = Vec<(&'a str, BTreeSet<Pass>)>;
    let mut places: BTreeMap<(&str, StorageKind), Names<'_>> = BTreeMap::new();
    for (key, draft) in &drafts {
        let place = places.entry((&key.origin, key.kind)).or_default();
        place.push((&key.key, draft.seen.passes()));
    }
    let mut patterns: BTreeMap<StorageKey, String> = BTreeMap::new();
    for ((origin, kind), names) in places {
        for (name, pattern) in random_names::patterns(names) {
            let (origin, key) = (origin.to_owned(), name.to_owned());
            patterns.insert(StorageKey { origin, kind, key }, pattern);
        }
    }
    let mut merged: BTreeMap<StorageKey, Draft> = BTreeMap::new();
    for (mut key, draft) in drafts {
        if let Some(pattern) = patterns.remove(&key) {
            key.key = pattern;
        }
        match merged.get_mut(&key) {
            None => {
                merged.insert(key, draft);
            }
            Some(known) => {
                if known.set_by.kind == SetKind::Unknown {
                    known.set_by = draft.set_by;
                }
                known.stayed |= draft.stayed;
                known.seen.absorb(draft.seen);
            }
        }
    }
    merged
}

fn read_writes(
    reader: &Context<'_>,
    pass: &PassContext<'_>,
    drafts: &mut BTreeMap<StorageKey, Draft>,
) {
    let origin = |url: &str| Url::parse(url).ok().map(|it| it.origin().ascii_serialization());
    let origins: Vec<_> = pass.recording.visits.iter().map(|it| origin(&it.url)).collect();
    for event in &pass.recording.events {
        let Meaning::StorageSet { item, frame, stack } = Meaning::new(&event.kind) else {
            continue;
        };
        let Some(key) = key(item) else { continue };
        let draft = drafts.entry(key).or_insert_with(|| Draft::new(reader, item));
        // The same write is reported twice: by the hook with its frame and, unless the page hides it, the stack; and by the
        // browser without either.
        let is_by_hook = !stack.is_empty() || !frame.is_empty();
        if draft.set_by.kind == SetKind::Unknown && is_by_hook {
            draft.set_by = pass.initiators.by_script(stack, frame);
        }
        draft.seen.add(pass, event.at, event.visit);
        // Whether it was gone again is known only if the page that kept it was looked at after that.
        let is_own = origins.get(event.visit).is_some_and(|it| it.as_ref() == Some(&item.origin));
        let looked_at = pass
            .recording
            .checkpoints
            .iter()
            .any(|it| it.visit == event.visit && it.at >= event.at && it.name != Moment::Left);
        // Of databases and caches the names are recorded and not what is in them.
        let short = classifier_traits::length(reader, &item.value)
            .is_some_and(|length| length <= LONGEST_PROBE);
        draft.stayed |= !(is_own && looked_at && short);
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
            draft.stayed = true;
            draft.seen.add_held(pass, checkpoint.at, checkpoint.visit);
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
