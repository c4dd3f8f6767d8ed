//! Which item is the record of the visitor's choice, where no source knows it: what the proof of a refusal says.

use std::collections::{BTreeMap, BTreeSet};

use super::identifiers::Identifiers;
use crate::{
    classify::Knowledge,
    model::{
        Basis, Category, Classification, Confidence, CookieKey, Party, Pass, Proof, SourceId,
        StorageKey, site,
    },
    recording::{Interaction, JarCookie, PassRecording, Recording, StorageItem},
};

/// The record of the choice, as proofs name what a choice stored.
#[derive(Default)]
pub(super) struct ConsentRecord {
    /// The items that it is kept in.
    record: BTreeSet<String>,
    /// What may be the record, as a choice of either kind stored it.
    candidates: BTreeSet<String>,
    /// What may be the record although it holds an identifier, where nothing else is left that could be.
    doubtful: BTreeSet<String>,
    /// Everything that a proved refusal stored.
    stored: BTreeSet<String>,
    /// Whether it is known what the record is.
    is_found: bool,
}

impl ConsentRecord {
    /// The one item of the site's own that the refusal stored, and accepting too if that was proved, of those whose purpose
    /// no source knows; or several whose names begin alike. A refusal that held after a reload is kept somewhere; where a
    /// known item keeps it, or several others may, nothing is concluded. What holds an identifier is the record only where
    /// nothing else can be.
    pub(super) fn find(
        recording: &Recording,
        site: &str,
        knowledge: &Knowledge,
        identifiers: &Identifiers,
    ) -> Self {
        let Some(reject) = recording.passes.iter().find(|it| it.pass == Pass::Reject) else {
            return Self::default();
        };
        let all = stored_by(reject).unwrap_or_default();
        let (mut found, is_known) =
            Self::candidates(recording, site, knowledge, reject, all.clone());
        let names: BTreeSet<String> = identifiers.cookies.keys().map(key_name).collect();
        let items: BTreeSet<String> = identifiers.storage.keys().map(storage_name).collect();
        let is_plain = |it: &&String| !names.contains(*it) && !items.contains(*it);
        let plain: BTreeSet<String> = found.iter().filter(is_plain).cloned().collect();
        let is_left = plain.is_empty() && !is_known;
        let doubtful = if is_left { found.clone() } else { BTreeSet::new() };
        if !plain.is_empty() {
            found = plain;
        }
        let record = match found.len() {
            _ if is_known => BTreeSet::new(),
            1 => found.clone(),
            _ => family(&found),
        };
        let stored = all.into_iter().map(str::to_owned).collect();
        let is_found = is_known || !record.is_empty();
        Self { record, candidates: found, doubtful, stored, is_found }
    }

    /// What the choice may be kept in, and whether a source knows in what it is kept.
    fn candidates<'a>(
        recording: &'a Recording,
        site: &str,
        knowledge: &Knowledge,
        reject: &PassRecording,
        mut stored: BTreeSet<&'a str>,
    ) -> (BTreeSet<String>, bool) {
        let accept = recording.passes.iter().find(|it| it.pass == Pass::Accept);
        if let Some(others) = accept.and_then(stored_by) {
            stored = stored.intersection(&others).copied().collect();
        }
        let is_own = |host: &str| site::party(host, site) == Party::First;
        let (mut found, mut is_known) = (BTreeSet::new(), false);
        for checkpoint in &reject.checkpoints {
            let cookies = checkpoint.jar.iter().map(|it| {
                let class = knowledge.cookie(&it.name, &it.domain, None, &[]);
                (jar_name(it), class, is_own(it.domain.trim_start_matches('.')))
            });
            let items = checkpoint.storage.iter().map(|it| {
                let class = knowledge.storage(&it.key, &it.origin, None, &[]);
                let host = site::host_of(&it.origin).unwrap_or_default();
                (item_name(it), class, is_own(&host))
            });
            for (name, class, own) in cookies.chain(items) {
                if !stored.contains(name.as_str()) {
                    continue;
                }
                is_known |= class.category == Category::Essential;
                if own && class.is_open() {
                    found.insert(name);
                }
            }
        }
        (found, is_known)
    }

    /// Whether the name of a cookie says less than that a choice of either kind stored it.
    pub(super) fn is_candidate(&self, key: &CookieKey) -> bool {
        self.candidates.contains(&key_name(key))
    }

    /// The same of a storage item.
    pub(super) fn is_candidate_item(&self, key: &StorageKey) -> bool {
        self.candidates.contains(&storage_name(key))
    }

    /// Whether a cookie that holds an identifier may be the record all the same.
    pub(super) fn may_be(&self, key: &CookieKey) -> bool {
        self.doubtful.contains(&key_name(key))
    }

    /// The same of a storage item.
    pub(super) fn may_be_item(&self, key: &StorageKey) -> bool {
        self.doubtful.contains(&storage_name(key))
    }

    /// Whether the record is known, and a cookie is no part of it.
    pub(super) fn is_apart_from(&self, key: &CookieKey) -> bool {
        self.is_found && !self.record.contains(&key_name(key)) && !self.is_candidate(key)
    }

    /// Whether a proved refusal stored it.
    pub(super) fn was_stored(&self, key: &CookieKey) -> bool {
        self.stored.contains(&key_name(key))
    }

    /// What is said of a cookie if it is the record.
    pub(super) fn cookie(&self, key: &CookieKey) -> Option<Classification> {
        self.class(&key_name(key))
    }

    /// What is said of a storage item if it is the record.
    pub(super) fn item(&self, key: &StorageKey) -> Option<Classification> {
        self.class(&storage_name(key))
    }

    fn class(&self, name: &str) -> Option<Classification> {
        self.record.contains(name).then(|| Classification {
            category: Category::Essential,
            basis: Basis {
                source: SourceId::Choice,
                entry:
                    if self.record.len() == 1 {
                        "the record of the choice: of what refusing stored it is the only item of the \
                            site's own that no source knows, and the refusal held after a reload"
                            .to_owned()
                    } else {
                        "part of the record of the choice: refusing stored several items whose names \
                            begin alike and that no source knows, and the refusal held after a reload"
                            .to_owned()
                    },
                confidence: Confidence::Medium,
            },
            organisation: None,
            consent_only: false,
            or: None,
        })
    }
}

/// Those of several items whose names begin alike, if all others stand alone: who keeps a choice category by category
/// names the parts after one another.
fn family(found: &BTreeSet<String>) -> BTreeSet<String> {
    const LEAST: usize = 3;
    let mut families: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for item in found {
        let name = item.split(' ').nth(1).unwrap_or_default();
        let stem = name.split(['_', '-', '.', ':']).next().unwrap_or_default();
        if stem.len() >= LEAST && stem.len() < name.len() {
            families.entry(stem).or_default().push(item);
        }
    }
    families.retain(|_, items| items.len() > 1);
    let mut families = families.into_values();
    match (families.next(), families.next()) {
        (Some(only), None) => only.into_iter().cloned().collect(),
        _ => BTreeSet::new(),
    }
}

/// What the choice of a pass stored, if it held after a reload.
fn stored_by(pass: &PassRecording) -> Option<BTreeSet<&str>> {
    if !matches!(pass.interaction, Interaction::Done { .. }) {
        return None;
    }
    let choice = pass.choices.iter().find(|it| it.choice == pass.pass)?;
    let held = choice.proof.contains(&Proof::PersistsAfterReload)
        && choice.proof.contains(&Proof::ConsentStored);
    held.then(|| choice.stored.iter().map(String::as_str).collect())
}

fn key_name(key: &CookieKey) -> String {
    let domain = if key.host_only { key.domain.clone() } else { format!(".{}", key.domain) };
    format!("cookie {} {domain} {}", key.name, key.path)
}

fn storage_name(key: &StorageKey) -> String {
    format!("{} {} {}", key.kind.name(), key.key, key.origin)
}

fn jar_name(cookie: &JarCookie) -> String {
    format!("cookie {} {} {}", cookie.name, cookie.domain, cookie.path)
}

fn item_name(item: &StorageItem) -> String {
    format!("{} {} {}", item.store.name(), item.key, item.origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_items_are_one_record_if_they_alone_are_named_alike() {
        let kept = |names: &[&str]| -> Vec<String> {
            let found = names.iter().map(|it| format!("cookie {it} shop.test /")).collect();
            let name = |it: String| it.split(' ').nth(1).unwrap_or_default().to_owned();
            family(&found).into_iter().map(name).collect()
        };
        assert_eq!(kept(&["abc_x", "abc_y"]), ["abc_x", "abc_y"]);
        assert_eq!(kept(&["abc-x", "abc.y", "abc:z"]), ["abc-x", "abc.y", "abc:z"]);
        assert_eq!(kept(&["abc_x", "abc_y", "other", "one_more"]), ["abc_x", "abc_y"]);
        for none in [
            &["abc_x", "other"][..],
            // Two families, and nothing says which.
            &["abc_x", "abc_y", "xyz_a", "xyz_b"],
            // A stem of two letters says little, and a whole name is no stem.
            &["ab_x", "ab_y"],
            &["site", "sites"],
            &["abc", "abc"],
            &[],
        ] {
            assert_eq!(kept(none), [""; 0], "{none:?}");
        }
    }
}
