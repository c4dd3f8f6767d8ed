//! Storage, databases and caches.

use serde_json::Value;

use super::text;
use crate::{
    gather::record::event_log::{EventLog, Source},
    model::StorageKind,
    recording::{EventKind, StorageItem, redact::Redactor},
};

/// `DOMStorage.domStorageItemAdded` and `…Updated`: writes that no hook sees, such as
/// `localStorage.name = value`, are among them.
pub(in crate::gather::record) fn written(log: &EventLog, source: Source<'_>, params: &Value) {
    let id = &params["storageId"];
    let origin = origin_of(id["storageKey"].as_str().or(id["securityOrigin"].as_str()));
    log.push(
        source,
        EventKind::StorageSet {
            item: StorageItem {
                origin,
                store: if id["isLocalStorage"] == true {
                    StorageKind::Local
                } else {
                    StorageKind::Session
                },
                key: text(&params["key"]),
                value: log.redactor().value(params["newValue"].as_str().unwrap_or_default()),
                parts: Vec::new(),
            },
            frame: String::new(),
            stack: Vec::new(),
        },
    );
}

/// Items as `DOMStorage.getDOMStorageItems` gives them.
pub(in crate::gather) fn items(
    answer: &Value,
    key: &str,
    store: StorageKind,
    redactor: &Redactor,
) -> Vec<StorageItem> {
    answer["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| StorageItem {
            origin: origin_of(Some(key)),
            store,
            key: text(&entry[0]),
            value: redactor.value(entry[1].as_str().unwrap_or_default()),
            parts: redactor.item_parts(entry[1].as_str().unwrap_or_default()),
        })
        .collect()
}

/// Names of databases, or of caches, as the browser gives them.
pub(in crate::gather) fn names(answer: &Value, key: &str, store: StorageKind) -> Vec<StorageItem> {
    let (list, name) = match store {
        StorageKind::Cache => (&answer["caches"], Some("cacheName")),
        _ => (&answer["databaseNames"], None),
    };
    list.as_array()
        .into_iter()
        .flatten()
        .map(|entry| StorageItem {
            origin: origin_of(Some(key)),
            store,
            key: text(name.map_or(entry, |name| &entry[name])),
            value: String::new(),
            parts: Vec::new(),
        })
        .collect()
}

/// The origin in a storage key: `https://a.test/` alone, or followed by `^` and its partition.
fn origin_of(key: Option<&str>) -> String {
    let key = key.unwrap_or_default();
    key.split('^').next().unwrap_or_default().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::origin_of;

    #[test]
    fn a_partitioned_key_names_the_owner() {
        assert_eq!(origin_of(Some("https://b.test/^0https://a.test")), "https://b.test");
        assert_eq!(origin_of(Some("https://a.test/")), "https://a.test");
    }
}
