//! DuckDuckGo's autoconsent: the bundle as it is, and its rules without what only people read.

use serde_json::Value;

/// The rules that a scan can use: cosmetic ones hide a banner, which is no choice.
pub(crate) fn project(text: &str) -> crate::Result<String> {
    let mut file: Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
    let rules = file["autoconsent"].as_array_mut().ok_or("it has no list `autoconsent`")?;
    rules.retain(|rule| rule["cosmetic"] != true);
    for rule in rules.iter_mut() {
        if let Some(rule) = rule.as_object_mut() {
            for field in ["vendorUrl", "_metadata", "prehideSelectors", "test"] {
                rule.remove(field);
            }
        }
    }
    serde_json::to_string(&rules).map_err(|why| why.to_string())
}

/// The bundle, unmodified.
pub(crate) fn bundle(text: &str) -> crate::Result<String> {
    if text.contains("autoconsentReceiveMessage") {
        Ok(text.to_owned())
    } else {
        Err("it does not define autoconsentReceiveMessage".to_owned())
    }
}
