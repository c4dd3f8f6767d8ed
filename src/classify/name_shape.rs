//! Records of a cookie choice and settings of a page, recognised by the shape of an unknown name.
//!
//! A name alone excuses nothing: such an item is called functional, with low confidence, so that a person knows
//! where to look, and the notice and what was observed go before it. The words are in `data/shapes.toml`.

use std::{collections::HashSet, sync::OnceLock};

use serde::Deserialize;

use super::tokens;
use crate::model::{Basis, Category, Classification, Confidence, SourceId};

/// The words as the file has them.
pub(super) const TEXT: &str = include_str!("data/shapes.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shapes {
    never: Vec<String>,
    about_cookies: HashSet<String>,
    record: HashSet<String>,
    consent: HashSet<String>,
    beside_consent: HashSet<String>,
    setting: Vec<String>,
    shown: HashSet<String>,
    closed: HashSet<String>,
}

/// What the shape of a name that no source knows says about the item.
pub(super) fn by_shape(name: &str) -> Option<Classification> {
    let words = tokens::split(name);
    let shapes = shapes();
    let (kind, found) = shapes.choice(&words).or_else(|| shapes.setting(&words))?;
    Some(Classification {
        category: Category::Functional,
        basis: Basis {
            source: SourceId::NameShape,
            entry: format!("no source knows it; the name reads like {kind}: it contains {found}"),
            confidence: Confidence::Low,
        },
        organisation: None,
        consent_only: false,
        or: None,
    })
}

impl Shapes {
    /// The record of a choice about cookies, or of a message about them.
    fn choice(&self, words: &[String]) -> Option<(&'static str, String)> {
        const KIND: &str = "the record of a choice about cookies";
        let consents = |word: &String| self.consent.contains(word);
        let about = |word: &String| self.about_cookies.contains(word);
        if let Some(consent) = words.iter().find(|word| consents(word)) {
            let plain = |word: &&String| consents(word) || is_number(word);
            let known = |word: &String| {
                about(word) || self.record.contains(word) || self.beside_consent.contains(word)
            };
            // One word may be the site's own name.
            let strange: Vec<&String> =
                words.iter().filter(|word| !plain(word) && !known(word)).collect();
            let others = || words.iter().filter(|word| !plain(word));
            let other =
                others().find(|word| about(word)).or_else(|| others().find(|word| known(word)))?;
            let harmless = strange.len() <= 1 && !self.forbids(words);
            return harmless.then(|| (KIND, format!("`{consent}` and `{other}`")));
        }
        let cookies = words.iter().find(|word| about(word))?;
        let record = words.iter().find(|word| self.record.contains(*word))?;
        (!self.forbids(words)).then(|| (KIND, format!("`{cookies}` and `{record}`")))
    }

    /// A setting of the page, or that something was seen or closed.
    fn setting(&self, words: &[String]) -> Option<(&'static str, String)> {
        let speaks = tokens::Tokens::embedded().speaks_of_following(words);
        if speaks || self.forbids(words) {
            return None;
        }
        if let Some(setting) = self.setting.iter().find(|it| has_in_sequence(words, it)) {
            return Some(("a setting of the page", format!("`{setting}`")));
        }
        let shown = words.iter().find(|word| self.shown.contains(*word))?;
        let closed = words.iter().find(|word| self.closed.contains(*word))?;
        Some(("a note that something was shown", format!("`{shown}` and `{closed}`")))
    }

    fn forbids(&self, words: &[String]) -> bool {
        self.never.iter().any(|it| has_in_sequence(words, it))
    }
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|it| it.is_ascii_digit())
}

/// Whether `words` has the words of `text`, one after the other.
fn has_in_sequence(words: &[String], text: &str) -> bool {
    let count = text.split(' ').count();
    words.windows(count).any(|some| some.iter().map(String::as_str).eq(text.split(' ')))
}

fn shapes() -> &'static Shapes {
    static SHAPES: OnceLock<Shapes> = OnceLock::new();
    SHAPES.get_or_init(|| {
        toml::from_str(TEXT).expect("the words are part of the program and read by its tests")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_and_settings_are_recognised() {
        for (name, part) in [
            ("my_site_cookie_consent", "`consent` and `cookie`"),
            ("TrustCookiePreferences", "`cookie` and `preferences`"),
            ("seen_cookie_message_v2", "`cookie` and `seen`"),
            ("consent_marketing", "`consent` and `marketing`"),
            ("hasAcceptedCookiePolicy", "`cookie` and `accepted`"),
            ("dewis_cwcis_policy", "`cwcis` and `policy`"),
            ("site_lang", "`lang`"),
            ("PK_LangPreference", "`lang`"),
            ("text_size", "`text size`"),
            ("dismissed-alerts-7", "`dismissed`"),
            ("hide_survey_banner", "`survey` and `hide`"),
            ("has_seen_welcome", "`welcome` and `seen`"),
        ] {
            let class = by_shape(name).unwrap_or_else(|| panic!("{name}"));
            assert!(class.basis.entry.contains(part), "{name}: {}", class.basis.entry);
            assert_eq!(class.category, Category::Functional);
            assert_eq!(class.basis.confidence, Confidence::Low);
        }
    }

    /// What recognises or follows somebody is no setting, whatever else its name has.
    #[test]
    fn traps_stay_unknown() {
        for name in [
            "_gat2_form",
            "JSESSIONID_analytics",
            "cookie_consent_uid",
            "consentless_ad_id",
            "cookie",
            "consent",
            "cookie_id",
            "lang_tracker",
            "language_analytics",
            "theme_visitor",
            "banner_click_campaign",
            "seen_ads",
            "popup_shown_retarget",
            "consent_banner_pixel",
            "my_strange_partner_consent",
            "store_noticeboard",
            "userlanguage",
            "",
        ] {
            assert_eq!(by_shape(name), None, "{name}");
        }
    }
}
