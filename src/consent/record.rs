//! Reads what a site stored of a choice: which purposes it says are granted and which denied. What cannot be read says nothing.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde_json::Value;

use super::Words;
use crate::model::StoredChoice;

/// Whether a record says no to at least as many purposes as there were, and yes to none.
pub fn refuses(record: &StoredChoice, purposes: usize) -> bool {
    let denies = record.denies_all || record.denied.len() >= purposes.max(1);
    record.granted.is_empty() && denies
}

/// Keys beyond these are not read.
const MOST: usize = 400;

/// Reads the value of a cookie or a storage item; `name` is what it is called.
pub fn read_record(words: &Words, name: &str, value: &str) -> Option<StoredChoice> {
    if value.len() > 20_000 {
        return None;
    }
    let mut text = value.trim().to_owned();
    for _ in 0..3 {
        let decoded = percent_decoded(&text);
        if decoded == text {
            break;
        }
        text = decoded;
    }
    let mut says = StoredChoice::default();
    if !read_text(words, name, &text, &mut says) {
        let decoded = from_base64(&text)?;
        if !read_text(words, name, &decoded, &mut says) {
            return None;
        }
    }
    for list in [&mut says.granted, &mut says.denied] {
        list.sort();
        list.dedup();
    }
    let said = says.denies_all || !says.granted.is_empty() || !says.denied.is_empty();
    said.then_some(says)
}

fn read_text(words: &Words, name: &str, text: &str, says: &mut StoredChoice) -> bool {
    if let Ok(value) = serde_json::from_str::<Value>(text)
        && (value.is_object() || value.is_array())
    {
        walk(words, name, &value, says, 0);
        return true;
    }
    let text = text.trim_matches('"');
    if let Some(yes) = answer(text) {
        // One word is an answer where the name says that the item is one.
        if is_record(name) {
            if yes {
                says.granted.push(name.to_owned());
            } else {
                says.denies_all = true;
            }
            return true;
        }
        return false;
    }
    let pairs: Vec<(&str, &str)> = text
        .split(['&', ';', '|', ',', ' '])
        .filter_map(|part| part.split_once(['=', ':']))
        .map(|(key, value)| (key.trim_matches(is_quote), value.trim_matches(is_quote)))
        .collect();
    for (key, value) in pairs.iter().take(MOST) {
        note(words, key, answer(value), says);
    }
    if pairs.is_empty() && is_record(name) {
        // A list of what is agreed to: "necessary", or "necessary,analytics".
        let parts: Vec<&str> =
            text.split(['|', ',', ';', '.', '+', ' ']).filter(|it| !it.is_empty()).collect();
        let named = |part: &&str| words.is_needed(part) || is_purpose(words, part);
        if !parts.is_empty() && parts.iter().all(named) {
            let optional = parts.iter().filter(|it| is_purpose(words, it));
            says.granted.extend(optional.map(|it| (*it).to_owned()));
            says.denies_all = says.granted.is_empty();
        }
    }
    says.denies_all || !says.granted.is_empty() || !says.denied.is_empty()
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '{' | '}' | '[' | ']') || c.is_whitespace()
}

fn walk(words: &Words, name: &str, value: &Value, says: &mut StoredChoice, depth: usize) {
    if depth > 6 || says.granted.len() + says.denied.len() > MOST {
        return;
    }
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::Object(_) | Value::Array(_) => walk(words, key, value, says, depth + 1),
                    Value::Bool(yes) => note(words, key, Some(*yes), says),
                    Value::Number(number) => {
                        let yes = match number.as_u64() {
                            Some(0) => Some(false),
                            Some(1) => Some(true),
                            _ => None,
                        };
                        note(words, key, yes, says);
                    }
                    Value::String(text) => note(words, key, answer(text), says),
                    Value::Null => (),
                }
            }
        }
        Value::Array(items) => {
            // Lists of names: those agreed to, or those refused.
            let listed = items.iter().filter_map(Value::as_str).filter(|it| is_purpose(words, it));
            let listed = listed.map(str::to_owned);
            match list_of(name) {
                Some(true) => says.granted.extend(listed),
                Some(false) => says.denied.extend(listed),
                None => {
                    for item in items {
                        walk(words, name, item, says, depth + 1);
                    }
                }
            }
        }
        _ => (),
    }
}

/// Whether a list of that name holds what is agreed to, or what is refused.
fn list_of(name: &str) -> Option<bool> {
    let name = name.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|it| name.contains(it));
    if has(&["reject", "denied", "deny", "refus", "declin", "disabled", "blocked", "disallow"]) {
        return Some(false);
    }
    has(&["accept", "allow", "grant", "consent", "enabled", "categories", "purposes", "level"])
        .then_some(true)
}

fn note(words: &Words, key: &str, yes: Option<bool>, says: &mut StoredChoice) {
    // "blockAnalytics": its yes is a no, or not; such a key says nothing.
    let inverted = [
        "block", "den", "reject", "refus", "disable", "optout", "opt_out", "opt-out", "no_", "no-",
        "not", "hide", "skip",
    ];
    let lower = key.to_lowercase();
    if !is_purpose(words, key) || inverted.iter().any(|it| lower.starts_with(it) && lower != *it) {
        return;
    }
    match yes {
        Some(true) => says.granted.push(key.to_owned()),
        Some(false) => says.denied.push(key.to_owned()),
        None => (),
    }
}

/// Whether a key names something optional.
fn is_purpose(words: &Words, key: &str) -> bool {
    let mut spaced = String::new();
    let mut last_lower = false;
    for c in key.chars() {
        if c.is_uppercase() && last_lower {
            spaced.push(' ');
        }
        last_lower = c.is_lowercase();
        spaced.push(if c.is_alphanumeric() { c } else { ' ' });
    }
    let plain =
        matches!(spaced.trim(), "ad storage" | "ga" | "stats" | "count" | "usage" | "campaigns");
    plain || words.is_optional(&spaced)
}

/// Whether an item's name says that it keeps an answer, and not only that there was one, as `cookies_preferences_set` does.
fn is_record(name: &str) -> bool {
    const KEEPS: &[&str] =
        &["consent", "choice", "cookie", "gdpr", "privacy", "optin", "opt_in", "opt-in"];
    const THERE_WAS_ONE: &[&str] = &[
        "set", "seen", "shown", "show", "hide", "hidden", "closed", "close", "dismiss", "message",
        "notice", "banner", "popup", "interact", "done", "made", "chosen", "answered", "version",
    ];
    const YES: &[&str] = &["accept", "allow", "agree", "grant", "approv", "optin"];
    let mut spaced = String::new();
    let mut last_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && last_lower {
            spaced.push(' ');
        }
        last_lower = c.is_lowercase();
        spaced.extend(if c.is_alphanumeric() { c.to_lowercase().next() } else { Some(' ') });
    }
    let begins =
        |all: &[&str]| spaced.split(' ').any(|it| all.iter().any(|all| it.starts_with(all)));
    let name = name.to_lowercase();
    KEEPS.iter().any(|it| name.contains(it)) && (!begins(THERE_WAS_ONE) || begins(YES))
}

/// A word that says yes or no.
fn answer(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "granted" | "grant" | "allow" | "allowed" | "accept" | "accepted"
        | "on" | "1" | "y" | "opt-in" | "optin" | "opted-in" | "all" | "enabled" => Some(true),
        "false" | "no" | "denied" | "deny" | "reject" | "rejected" | "refused" | "declined"
        | "off" | "0" | "n" | "opt-out" | "optout" | "opted-out" | "none" | "disabled"
        | "disallow" | "disallowed" => Some(false),
        _ => None,
    }
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|it| u8::from_str_radix(it, 16).ok());
        decoded.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// The text that a value is in base64, if it is one.
fn from_base64(text: &str) -> Option<String> {
    let text = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    if text.len() < 8 {
        return None;
    }
    let bytes = STANDARD_NO_PAD.decode(text).ok()?;
    String::from_utf8(bytes).ok().filter(|it| !it.chars().any(char::is_control))
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod case_tests;

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static WORDS: LazyLock<Words> = LazyLock::new(Words::all);

    fn says(name: &str, value: &str) -> Option<(usize, usize, bool)> {
        let says = read_record(&WORDS, name, value)?;
        Some((says.granted.len(), says.denied.len(), says.denies_all))
    }

    #[test]
    fn records_in_common_forms_are_read() {
        for (name, value, said) in [
            (
                "site_consent",
                r#"{"necessary":true,"analytics":false,"marketing":false}"#,
                (0, 2, false),
            ),
            (
                "site_consent",
                "%7B%22analytics%22%3Atrue%2C%22marketing%22%3Afalse%7D",
                (1, 1, false),
            ),
            (
                "site_consent",
                r#"{"categories":["necessary"],"rejected":["analytics","ads"]}"#,
                (0, 2, false),
            ),
            ("cookie_choice", "analytics=0&advertising=1", (1, 1, false)),
            ("cookie_choice", "statistics:false,marketing:false", (0, 2, false)),
            ("cookie_choice", "necessary", (0, 0, true)),
            ("cookie_choice", "necessary,analytics", (1, 0, false)),
            ("cookie_choice", "rejected", (0, 0, true)),
            ("cookie_choice", "yes", (1, 0, false)),
            ("cookie_notice_accepted", "true", (1, 0, false)),
            (
                "cookies_policy",
                r#"{"essential":true,"settings":false,"usage":false,"campaigns":false}"#,
                (0, 2, false),
            ),
            ("site_consent", "eyJhbmFseXRpY3MiOmZhbHNlfQ==", (0, 1, false)),
        ] {
            assert_eq!(says(name, value), Some(said), "{name}={value}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for (name, value) in [
            ("site_choice", "."),
            ("site_choice", "1700000000"),
            ("visits", "0"),
            ("site_consent", r#"{"version":1,"time":170000}"#),
            ("site_consent", "a8f3e1"),
            ("cookies_preferences_set", "true"),
            ("cookieBannerHidden", "1"),
            ("consent-shown", "yes"),
        ] {
            assert_eq!(says(name, value), None, "{name}={value}");
        }
    }

    #[test]
    fn a_record_of_some_purposes_refuses_no_more_than_those() {
        let words = Words::all();
        let says = read_record(&words, "consent", r#"{"analytics":false}"#).unwrap();
        assert!(refuses(&says, 1) && !refuses(&says, 2));
        let says = read_record(&words, "consent", r#"{"analytics":false,"ads":true}"#).unwrap();
        assert!(!refuses(&says, 1));
    }
}
