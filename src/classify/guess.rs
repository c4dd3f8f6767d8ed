//! What a name nobody knows is probably for: a few plain reasons, added up.
//!
//! It only ever accuses. Performance or marketing is said with low confidence and with the reasons; that
//! something is essential, or needs no consent, is for somebody to know, and never follows from a name.
//! The words and their weights are in `data/tokens.toml`, which says how they were come by.

use std::{collections::HashMap, fmt::Write as _, sync::OnceLock};

use serde::Deserialize;

use crate::model::{Basis, Category, Classification, Confidence};

/// What can be seen of a cookie or storage item beside its name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traits {
    /// It belongs to another site than the one that was opened.
    pub third_party: bool,
    /// It lives longer than thirty days.
    pub long_lived: bool,
    /// It was sent to another site than its own.
    pub sent_elsewhere: bool,
}

/// The least that all reasons together must come to.
const ENOUGH: i32 = 3;
/// How much further one category must be than the other.
const APART: i32 = 1;

#[derive(Deserialize)]
struct File {
    performance: Vec<(String, i32)>,
    marketing: Vec<(String, i32)>,
    against: Vec<(String, i32)>,
}

#[derive(Clone, Copy)]
struct Weight {
    performance: i32,
    marketing: i32,
}

fn words() -> &'static HashMap<String, Weight> {
    static WORDS: OnceLock<HashMap<String, Weight>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let file: File = toml::from_str(include_str!("data/tokens.toml"))
            .expect("tokens.toml is part of the program and read by its tests");
        let mut words: HashMap<String, Weight> = HashMap::new();
        let mut add = |list: Vec<(String, i32)>, performance: i32, marketing: i32| {
            for (word, weight) in list {
                let of = words.entry(word).or_insert(Weight { performance: 0, marketing: 0 });
                of.performance += weight * performance;
                of.marketing += weight * marketing;
            }
        };
        add(file.performance, 1, 0);
        add(file.marketing, 0, 1);
        add(file.against, 1, 1);
        words
    })
}

/// The category that the name and the traits of something unknown speak for, with the reasons; `None` if
/// they do not say enough.
pub fn guess(name: &str, traits: Traits) -> Option<Classification> {
    let (mut performance, mut marketing) = (0, 0);
    let mut reasons: Vec<(i32, i32, String)> = Vec::new();
    let mut once: Vec<String> = Vec::new();
    for part in parts(name) {
        if let Some(weight) = words().get(&part)
            && !once.contains(&part)
        {
            performance += weight.performance;
            marketing += weight.marketing;
            reasons.push((weight.performance, weight.marketing, format!("the name has `{part}`")));
            once.push(part);
        }
    }
    // What stands around a name makes it likelier, but says nothing where the name does not.
    if performance.max(marketing) >= 2 {
        let mut more = |is: bool, of_performance: i32, of_marketing: i32, why: &str| {
            if is {
                performance += of_performance;
                marketing += of_marketing;
                reasons.push((of_performance, of_marketing, why.to_owned()));
            }
        };
        more(traits.third_party, 0, 1, "it is another site's");
        more(traits.long_lived, 1, 1, "it lives longer than 30 days");
        more(traits.sent_elsewhere, 0, 1, "it is sent to another site");
    }
    let (category, score) = if marketing > performance {
        (Category::Marketing, marketing)
    } else {
        (Category::Performance, performance)
    };
    if score < ENOUGH || (marketing - performance).abs() < APART {
        return None;
    }
    let mut entry = format!("nobody knows it; {category} scores {score}, {ENOUGH} are enough: ");
    let told: Vec<String> = reasons
        .into_iter()
        .filter_map(|(performance, marketing, why)| {
            let weight = if category == Category::Marketing { marketing } else { performance };
            (weight != 0).then(|| format!("{why} ({weight:+})"))
        })
        .collect();
    let _ = write!(entry, "{}", told.join(", "));
    Some(Classification {
        category,
        basis: Basis { source: "scorer".to_owned(), entry, confidence: Confidence::Low },
        organisation: None,
        consent_only: false,
    })
}

/// The words of a name, lower case: parted by signs, by digits and where a small letter meets a capital.
fn parts(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut before = ' ';
    for it in name.chars().take(256) {
        let ends = !it.is_ascii_alphanumeric()
            || (it.is_ascii_uppercase() && before.is_ascii_lowercase())
            || (it.is_ascii_digit() != before.is_ascii_digit() && before.is_ascii_alphanumeric());
        if ends && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
        }
        if it.is_ascii_alphanumeric() {
            part.push(it.to_ascii_lowercase());
        }
        before = it;
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Option<Category> {
        guess(name, Traits::default()).map(|it| it.category)
    }

    #[test]
    fn names_come_apart() {
        assert_eq!(parts("_myVisitorId2-x.yZ"), ["my", "visitor", "id", "2", "x", "y", "z"]);
        assert_eq!(parts("ŵ"), Vec::<String>::new());
    }

    #[test]
    fn names_that_say_what_they_are() {
        for (name, category) in [
            ("site_analytics_id", Some(Category::Performance)),
            ("pageviews_today", Some(Category::Performance)),
            ("ad_campaign", Some(Category::Marketing)),
            ("retargeting_uid", Some(Category::Marketing)),
            ("csrf_ads", None),
            ("session", None),
            ("language", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(of(name), category, "{name}");
        }
    }

    /// Whatever the name, the answer is an accusation or none.
    #[test]
    fn nothing_is_excused() {
        for name in ["csrf_token", "auth_session", "cookie_consent", "lang", "basket", "JSESSIONID"]
        {
            let all = Traits { third_party: true, long_lived: true, sent_elsewhere: true };
            assert_eq!(guess(name, all).map(|it| it.category), None, "{name}");
        }
    }

    #[test]
    fn what_is_around_a_name_says_nothing_by_itself() {
        let all = Traits { third_party: true, long_lived: true, sent_elsewhere: true };
        assert!(guess("x7f", all).is_none());
        let told = guess("author_tracking_id", all).unwrap();
        assert_eq!(told.category, Category::Marketing);
        assert_eq!(told.basis.confidence, Confidence::Low);
        assert_eq!(
            told.basis.entry,
            "nobody knows it; marketing scores 5, 3 are enough: the name has `tracking` (+2), it is \
             another site's (+1), it lives longer than 30 days (+1), it is sent to another site (+1)"
        );
    }
}
