//! DuckDuckGo's autoconsent: its bundle and its rules, both as they are published.

/// The bundle, unmodified.
pub(crate) fn bundle(text: &str) -> crate::Result<String> {
    if text.contains("autoconsentReceiveMessage") {
        Ok(text.to_owned())
    } else {
        Err("it does not define autoconsentReceiveMessage".to_owned())
    }
}

/// The rules, unmodified.
pub(crate) fn rules(text: &str) -> crate::Result<String> {
    let file: serde_json::Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
    match file["autoconsent"].as_array() {
        Some(rules) if !rules.is_empty() => Ok(text.to_owned()),
        _ => Err("it has no list `autoconsent`".to_owned()),
    }
}
