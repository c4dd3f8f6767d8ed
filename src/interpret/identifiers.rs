//! What identifies a visitor, by digests alone: every pass is a visitor of its own, so a value that is another in
//! each of them, of one shape, and is kept for weeks identifies a browser, whatever it is called.

use std::collections::{BTreeMap, BTreeSet};

use super::jar_keys;
use crate::{
    model::{CookieKey, Pass, StorageKey, StorageKind},
    recording::{JarCookie, Moment, Recording, StorageItem},
};

/// What is kept for less than this is gone before most visitors come back.
pub(super) const WEEKS: i64 = 14 * 86_400;
/// How much the lengths of an identifier may differ: a random number may begin with zeros.
const SLACK: usize = 3;
/// The lengths of the parts of a point in time as ISO 8601 writes it, with and without milliseconds, and with escapes.
const POINTS_IN_TIME: &[&[usize]] =
    &[&[24, 19, 16, 10], &[20, 15, 12], &[28, 23, 20, 14, 9], &[24, 19, 16]];

/// The items that hold an identifier of the visitor, each with how many visitors were compared and the digests by which it
/// can be recognised elsewhere.
#[derive(Default)]
pub(super) struct Identifiers {
    pub(super) cookies: BTreeMap<CookieKey, Identifier>,
    pub(super) storage: BTreeMap<StorageKey, Identifier>,
    /// Parts of values that several visitors got.
    common: BTreeSet<String>,
}

/// An identifier in a cookie or a storage item.
pub(super) struct Identifier {
    /// How many visitors were given one, each another.
    pub(super) visitors: usize,
    /// Its digests, of all visitors.
    pub(super) parts: BTreeSet<String>,
}

/// What one visitor was given under one name.
#[derive(Default)]
struct Given<'a> {
    /// The visits in which each part of the value was held.
    parts: BTreeMap<&'a str, BTreeSet<usize>>,
    /// The visits in which the item was held.
    visits: BTreeSet<usize>,
    lengths: BTreeSet<usize>,
    /// Lengths of the parts, as the first look found them.
    outline: Vec<usize>,
    is_short_lived: bool,
}

type Visitors<'a> = BTreeMap<Pass, Given<'a>>;

impl Identifiers {
    pub(super) fn find(recording: &Recording) -> Self {
        let kept = recording.vantage.values_kept;
        let mut cookies: BTreeMap<CookieKey, Visitors<'_>> = BTreeMap::new();
        let mut storage: BTreeMap<StorageKey, Visitors<'_>> = BTreeMap::new();
        for pass in &recording.passes {
            for checkpoint in &pass.checkpoints {
                for it in &checkpoint.jar {
                    let given = cookies.entry(jar_keys::jar_key(it)).or_default();
                    given.entry(pass.pass).or_default().add_cookie(kept, checkpoint.visit, it);
                }
                for it in checkpoint.storage.iter().filter(|_| checkpoint.name != Moment::Left) {
                    let key = StorageKey {
                        origin: it.origin.clone(),
                        kind: it.store,
                        key: it.key.clone(),
                    };
                    let given = storage.entry(key).or_default().entry(pass.pass).or_default();
                    given.add_item(kept, checkpoint.visit, it);
                }
            }
        }
        let mut common = BTreeSet::new();
        for visitors in cookies.values().chain(storage.values()) {
            let mut once = BTreeSet::new();
            for part in visitors.values().flat_map(|it| it.parts.keys()) {
                if !once.insert(*part) {
                    common.insert((*part).to_owned());
                }
            }
        }
        let cookies = cookies.into_iter().filter_map(|(key, it)| Some((key, identifier(&it)?)));
        let storage = storage.into_iter().filter_map(|(key, it)| Some((key, identifier(&it)?)));
        Self { cookies: cookies.collect(), storage: storage.collect(), common }
    }

    /// Whether several visitors were given this part of a value, so that it identifies none of them.
    pub(super) fn is_common(&self, part: &str) -> bool {
        self.common.contains(part)
    }
}

impl<'a> Given<'a> {
    fn add_cookie(&mut self, kept: bool, visit: usize, cookie: &'a JarCookie) {
        self.is_short_lived |= cookie.expires_in.is_none_or(|it| it < WEEKS);
        self.add(kept, visit, &cookie.value, &cookie.parts);
    }

    fn add_item(&mut self, kept: bool, visit: usize, item: &'a StorageItem) {
        self.is_short_lived |= item.store != StorageKind::Local;
        self.add(kept, visit, &item.value, &item.parts);
    }

    fn add(&mut self, kept: bool, visit: usize, value: &'a str, parts: &'a [String]) {
        let length = |it: &str| jar_keys::length(kept, it);
        self.visits.insert(visit);
        self.lengths.extend(length(value));
        if self.outline.is_empty() {
            self.outline = parts.iter().filter_map(|it| length(it)).collect();
        }
        for part in parts {
            self.parts.entry(part).or_default().insert(visit);
        }
    }

    /// Parts that stay while the visitor goes from page to page, as what changes with every page identifies none.
    fn stable(&self) -> BTreeSet<&'a str> {
        let needed = self.visits.len().min(2);
        self.parts.iter().filter(|(_, at)| at.len() >= needed).map(|(part, _)| *part).collect()
    }
}

/// What identifies the visitors in values of one name, if something does.
fn identifier(visitors: &Visitors<'_>) -> Option<Identifier> {
    if visitors.len() < 2 || visitors.values().any(|it| it.is_short_lived) {
        return None;
    }
    if visitors.values().all(|it| POINTS_IN_TIME.contains(&it.outline.as_slice())) {
        return None;
    }
    let lengths: BTreeSet<usize> = visitors.values().flat_map(|it| &it.lengths).copied().collect();
    if lengths.last()?.abs_diff(*lengths.first()?) > SLACK {
        return None;
    }
    let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
    for part in visitors.values().flat_map(|it| it.parts.keys()) {
        *holders.entry(part).or_default() += 1;
    }
    let mut parts = BTreeSet::new();
    for given in visitors.values() {
        let own: Vec<&str> = given.stable().into_iter().filter(|it| holders[it] == 1).collect();
        if own.is_empty() {
            return None;
        }
        parts.extend(own.into_iter().map(str::to_owned));
    }
    Some(Identifier { visitors: visitors.len(), parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a visitor was given in these visits: digests of the whole value and of its parts.
    fn given<'a>(visits: &[(usize, &'a str)], parts: &'a [Vec<String>]) -> Given<'a> {
        let mut given = Given::default();
        for ((visit, value), parts) in visits.iter().zip(parts) {
            given.add(false, *visit, value, parts);
        }
        given
    }

    fn digests(texts: &[&str]) -> Vec<Vec<String>> {
        texts.iter().map(|it| vec![(*it).to_owned()]).collect()
    }

    /// How many visitors were found to have identifiers, of those with these values in the visits 0 and 1.
    fn found(values: &[[&str; 2]]) -> Option<usize> {
        let parts: Vec<Vec<Vec<String>>> = values.iter().map(|it| digests(it)).collect();
        let passes = [Pass::None, Pass::Reject, Pass::Accept];
        let visitors =
            values.iter().zip(&parts).zip(passes).map(|((values, parts), pass)| {
                (pass, given(&[(0, values[0]), (1, values[1])], parts))
            });
        identifier(&visitors.collect()).map(|it| it.visitors)
    }

    #[test]
    fn a_value_identifies_if_it_is_another_for_each_and_stays() {
        for (values, expected) in [
            (&[["~20:a", "~20:a"], ["~20:b", "~20:b"]][..], Some(2)),
            (&[["~20:a", "~20:a"], ["~20:b", "~20:b"], ["~20:c", "~20:c"]], Some(3)),
            // Two share one.
            (&[["~20:a", "~20:a"], ["~20:b", "~20:b"], ["~20:b", "~20:b"]], None),
            // One visitor alone is compared with nobody.
            (&[["~20:a", "~20:a"]], None),
            // It changes with every page.
            (&[["~20:a", "~20:b"], ["~20:c", "~20:d"]], None),
            (&[["~20:a", "~20:a"], ["~23:b", "~23:b"]], Some(2)),
            (&[["~20:a", "~20:a"], ["~24:b", "~24:b"]], None),
        ] {
            assert_eq!(found(values), expected, "{values:?}");
        }
    }

    #[test]
    fn only_the_part_that_differs_is_the_identifier() {
        let of = |own: &str| vec![vec!["~8:account".to_owned(), own.to_owned()]];
        let (one, other) = (of("~12:a"), of("~12:b"));
        let visitors = BTreeMap::from([
            (Pass::None, given(&[(0, "~21:x")], &one)),
            (Pass::Reject, given(&[(0, "~21:y")], &other)),
        ]);
        let parts = identifier(&visitors).map(|it| it.parts).unwrap_or_default();
        assert_eq!(parts, BTreeSet::from(["~12:a".to_owned(), "~12:b".to_owned()]));
    }

    #[test]
    fn what_does_not_last_identifies_nobody_next_time() {
        let (one, other) = (digests(&["~20:a"]), digests(&["~20:b"]));
        let mut short = given(&[(0, "~20:b")], &other);
        short.is_short_lived = true;
        let visitors =
            BTreeMap::from([(Pass::None, given(&[(0, "~20:a")], &one)), (Pass::Reject, short)]);
        assert!(identifier(&visitors).is_none());
    }
}
