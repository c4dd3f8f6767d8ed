//! What behaviour says where names are silent: who keeps an identifier of the visitor for weeks and sends it to another
//! site, and who receives identifiers, fingerprints or recordings. `receivers.rs` finds it.
//!
//! It never says that something is essential, and a word of the user, a fact or a published list goes before it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Basis, Category, Classification, Confidence, CookieKey, SourceId, StorageKey};

/// What was concluded from behaviour.
#[derive(Default)]
pub(super) struct Tracking {
    pub(super) cookies: BTreeMap<CookieKey, Found>,
    pub(super) storage: BTreeMap<StorageKey, Found>,
    pub(super) hosts: BTreeMap<String, Found>,
}

/// What something is for by what it does, and why.
pub(super) struct Found {
    pub(super) category: Category,
    pub(super) reasons: BTreeSet<String>,
}

impl Found {
    fn class(&self) -> Classification {
        let reasons: Vec<&str> = self.reasons.iter().take(3).map(String::as_str).collect();
        Classification {
            category: self.category,
            basis: Basis {
                source: SourceId::Behaviour,
                entry: format!("no source knows it, but {}", reasons.join("; ")),
                confidence: Confidence::Medium,
            },
            organisation: None,
            consent_only: false,
            or: None,
        }
    }
}

impl Tracking {
    /// What is said of a cookie that holds an identifier and is sent to another site.
    pub(super) fn cookie(&self, key: &CookieKey) -> Option<Classification> {
        self.cookies.get(key).map(Found::class)
    }

    /// What is said of a storage item that holds an identifier and is sent to another site.
    pub(super) fn item(&self, key: &StorageKey) -> Option<Classification> {
        self.storage.get(key).map(Found::class)
    }

    /// What is said of a host that receives identifiers, fingerprints or recordings.
    pub(super) fn host(&self, host: &str) -> Option<Classification> {
        self.hosts.get(host).map(Found::class)
    }

    /// Notes why a host follows visitors. What it does for advertising counts most.
    pub(super) fn add_host(&mut self, host: &str, category: Category, reason: String) {
        let found = self
            .hosts
            .entry(host.to_owned())
            .or_insert_with(|| Found { category, reasons: BTreeSet::new() });
        if category == Category::Marketing {
            found.category = category;
        }
        found.reasons.insert(reason);
    }
}

/// Whether nothing that is known of a class speaks against what behaviour says: nobody knows the thing, or only that
/// others put files there.
pub(super) fn is_silent(class: &Classification) -> bool {
    let weak = class.basis.confidence == Confidence::Low && !class.category.tracks();
    class.basis.source != SourceId::Config && (class.is_open() || weak)
}
