//! The parameters by which receivers of data are sent events and text, and words that name the topic of a page:
//! `data/protocols.toml`.

use std::{collections::BTreeSet, sync::OnceLock};

use serde::Deserialize;

use super::facts::is_within;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    protocols: Vec<Protocol>,
    subjects: BTreeSet<String>,
}

/// The parameters of one receiver.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    host: String,
    event: Vec<String>,
    usual: Vec<String>,
    words: Vec<String>,
    #[allow(dead_code, reason = "it is there for whoever reads or checks the rows")]
    source: String,
}

impl Protocol {
    /// The parameters that `host` is documented to take.
    pub fn for_host(host: &str) -> Option<&'static Self> {
        load().protocols.iter().find(|it| is_within(host, it.host.trim_start_matches("*.")))
    }

    /// Whether `parameter` with this value says what the visitor did, beyond opening a page.
    pub fn is_event(&self, parameter: &str, value: &str) -> bool {
        self.event.iter().any(|it| it == parameter) && !self.usual.iter().any(|it| it == value)
    }

    /// Whether `parameter` carries text of the page.
    pub fn has_words(&self, parameter: &str) -> bool {
        self.words.iter().any(|it| it == parameter)
    }
}

/// The first word of `text` that names the topic of a page, if one does.
pub fn page_topic(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    // `/report-a-crime` and "Report a crime" alike.
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
    let pairs = words.windows(2).map(|it| it.join("-"));
    let mut names = words.iter().map(|&it| it.to_owned()).chain(pairs);
    names.find(|it| load().subjects.contains(it))
}

fn load() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    // A test reads it; what does not parse there never ships.
    DATA.get_or_init(|| toml::from_str(include_str!("data/protocols.toml")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_read() {
        assert!(load().protocols.len() >= 10 && load().subjects.len() >= 50);
        assert!(load().protocols.iter().all(|it| it.source.starts_with("https://")));
    }

    #[test]
    fn opening_a_page_is_no_event() {
        let meta = Protocol::for_host("www.facebook.com").unwrap();
        assert!(meta.is_event("ev", "SubscribedButtonClick") && !meta.is_event("ev", "PageView"));
        assert!(meta.has_words("cd[buttonText]") && !meta.has_words("dl"));
        assert!(Protocol::for_host("facebook.com.evil.test").is_none());
    }

    #[test]
    fn topics_are_whole_words() {
        assert_eq!(page_topic("/report-a-crime").as_deref(), Some("report"));
        assert_eq!(page_topic("Support after forced marriage").as_deref(), Some("forced-marriage"));
        assert_eq!(page_topic("/reporter/drapes"), None);
        assert_eq!(page_topic("/cy/cam-drin-domestig").as_deref(), Some("cam-drin"));
    }
}
