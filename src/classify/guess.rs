//! What a name nobody knows is probably for: a few plain reasons, added up.
//!
//! It only ever accuses. Performance or marketing is said with low confidence and with the reasons; that
//! something is essential, or needs no consent, is for somebody to know, and never follows from a name.
//! The words and their weights are in `data/tokens.toml`, which says how they were come by; the weights of what
//! is seen around a name are here, and were set by hand.

use super::words::{Says, Words};
use crate::model::{Basis, Category, Classification, Confidence, SourceId};

/// What can be seen of a cookie or storage item beside its name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traits<'a> {
    /// Host of another site that keeps it or whose script wrote it; empty if there is none.
    pub host: &'a str,
    /// It belongs to another site than the one that was opened.
    pub third_party: bool,
    /// It lives longer than thirty days.
    pub long_lived: bool,
    /// It, or an identifier in it, was sent to another site than its own.
    pub sent_elsewhere: bool,
    /// What loaded the script that wrote it counts visitors, advertises, or runs the scripts of those who do.
    pub loaded_by_tracker: bool,
    /// It was seen only where the visitor had agreed, so the site itself takes it for optional.
    pub only_after_agreeing: bool,
    /// What its value looks like, if that shows.
    pub shape: Option<Shape>,
}

/// What a value looks like: as much as a digest, its length and the digests of its parts tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One or two characters: a switch or a small number.
    Flag,
    /// As long as a time in seconds or milliseconds, and without an identifier.
    Time,
    /// Long, with at least one part that could tell browsers apart.
    Identifier,
    /// None of these.
    Other,
}

impl Shape {
    /// The shape of a value of `length` characters, by whether it `identifies`: has a part with digits that is long
    /// enough to tell browsers apart, and is no time; `None` if that was not looked at.
    pub const fn of(length: usize, identifies: Option<bool>) -> Option<Self> {
        /// Half of a UUID; nobody types so much.
        const LONG: usize = 16;
        match (length, identifies) {
            (0, _) => None,
            (1 | 2, _) => Some(Self::Flag),
            (10 | 13, Some(false)) => Some(Self::Time),
            (LONG.., Some(true)) => Some(Self::Identifier),
            (_, Some(_)) => Some(Self::Other),
            (_, None) => None,
        }
    }
}

/// What the words of a name must come to before what is seen around it counts.
const NAMED: i32 = 2;
/// One reason, however strong, is never enough: it is one word of a stranger's.
const REASONS: usize = 2;

/// How much something says for performance and for marketing, and what it is.
struct Reason {
    performance: i32,
    marketing: i32,
    what: String,
}

impl Reason {
    fn of(&self, category: Category) -> i32 {
        if category == Category::Marketing { self.marketing } else { self.performance }
    }
}

/// The category that the name and the traits of something unknown speak for, with the reasons; `None` if
/// they do not say enough.
pub fn guess(name: &str, traits: Traits<'_>) -> Option<Classification> {
    guess_with(Words::held(), name, traits)
}

/// [`guess`], with another table of words: what to fit one with.
pub fn guess_with(words: &Words, name: &str, traits: Traits<'_>) -> Option<Classification> {
    let found = words.of_name(name);
    if found.iter().any(|&row| words.rows()[row].says == Says::Never) {
        return None;
    }
    let reason = |row: usize, whose: &str| {
        let word = &words.rows()[row];
        let (performance, marketing) = match word.says {
            Says::For(Category::Performance) => (word.weight, 0),
            Says::For(_) => (0, word.weight),
            Says::Against | Says::Never => (word.weight, word.weight),
        };
        Reason { performance, marketing, what: format!("{whose} has `{}`", word.bare()) }
    };
    let mut reasons: Vec<Reason> = found.into_iter().map(|row| reason(row, "the name")).collect();
    let sum = |reasons: &[Reason], category| reasons.iter().map(|it| it.of(category)).sum::<i32>();
    let spoken = |reasons: &[Reason], category| {
        reasons.iter().map(|it| it.of(category)).filter(|weight| *weight > 0).sum::<i32>()
    };
    // What stands around a name makes it likelier, but says nothing where the name does not.
    let named = [Category::Performance, Category::Marketing]
        .map(|category| (category, spoken(&reasons, category) >= NAMED));
    if named.iter().all(|(_, is)| !is) {
        return None;
    }
    reasons.extend(words.of_host(traits.host).into_iter().map(|row| reason(row, "its host")));
    reasons.extend(around(traits));
    let performance = sum(&reasons, Category::Performance);
    let marketing = sum(&reasons, Category::Marketing);
    let (category, score) = if marketing > performance {
        (Category::Marketing, marketing)
    } else {
        (Category::Performance, performance)
    };
    let speaking = reasons.iter().filter(|it| it.of(category) > 0).count();
    if score < words.enough
        || (marketing - performance).abs() < words.apart
        || speaking < REASONS
        || !named.contains(&(category, true))
    {
        return None;
    }
    let told: Vec<String> = reasons
        .iter()
        .filter(|it| it.of(category) != 0)
        .map(|it| format!("{} ({:+})", it.what, it.of(category)))
        .collect();
    let entry = format!(
        "nobody knows it; {category} scores {score}, {} are enough: {}",
        words.enough,
        told.join(", ")
    );
    Some(Classification {
        category,
        basis: Basis { source: SourceId::Scorer, entry, confidence: Confidence::Low },
        organisation: None,
        consent_only: false,
    })
}

/// What is seen around a name, as reasons.
fn around(traits: Traits<'_>) -> impl Iterator<Item = Reason> {
    let shape = |it| traits.shape == Some(it);
    [
        (traits.third_party, 0, 1, "it is another site's"),
        (traits.long_lived, 1, 1, "it lives longer than 30 days"),
        (traits.sent_elsewhere, 1, 1, "it is sent to another site"),
        (traits.loaded_by_tracker, 1, 1, "its script was loaded by one that counts or advertises"),
        (traits.only_after_agreeing, 1, 1, "it is set only for visitors who agree"),
        (shape(Shape::Identifier), 1, 1, "its value could tell browsers apart"),
        (shape(Shape::Time), 1, 0, "its value may be a time"),
        // What cannot tell anybody from anybody can still count.
        (shape(Shape::Flag), 0, -1, "its value cannot tell browsers apart"),
    ]
    .into_iter()
    .filter(|(is, ..)| *is)
    .map(|(_, performance, marketing, what)| Reason {
        performance,
        marketing,
        what: what.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that speaks against a thing.
    const ALL: Traits<'static> = Traits {
        host: "ads.tracking.example",
        third_party: true,
        long_lived: true,
        sent_elsewhere: true,
        loaded_by_tracker: true,
        only_after_agreeing: true,
        shape: Some(Shape::Identifier),
    };

    fn of(name: &str, traits: Traits<'_>) -> Option<Category> {
        guess(name, traits).map(|it| it.category)
    }

    #[test]
    fn names_that_say_what_they_are() {
        let lasting = Traits { long_lived: true, ..Traits::default() };
        for (name, category) in [
            ("site_analytics_id", Some(Category::Performance)),
            ("pageviews_today", Some(Category::Performance)),
            ("heatmap-sample", Some(Category::Performance)),
            ("ad_campaign", Some(Category::Marketing)),
            ("retargeting_uid", Some(Category::Marketing)),
            ("csrf_ads", None),
            ("session", None),
            ("language", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(of(name, lasting), category, "{name}");
        }
    }

    /// Whatever the name, the answer is an accusation or none.
    #[test]
    fn nothing_is_excused() {
        for name in [
            "csrf_token",
            "auth_session",
            "cookie_consent",
            "analytics_consent",
            "marketing_cookies_allowed",
            "tracking-optout",
            "lang",
            "basket",
            "JSESSIONID",
        ] {
            assert_eq!(of(name, ALL), None, "{name}");
        }
    }

    #[test]
    fn one_reason_is_never_enough() {
        assert_eq!(of("telemetry", Traits::default()), None);
        assert_eq!(
            of("telemetry", Traits { long_lived: true, ..Traits::default() }),
            Some(Category::Performance)
        );
    }

    #[test]
    fn what_is_around_a_name_says_nothing_by_itself() {
        assert!(guess("x7f", ALL).is_none(), "nor does all of it together");
        let traits = Traits {
            third_party: true,
            long_lived: true,
            sent_elsewhere: true,
            ..Traits::default()
        };
        let told = guess("author_tracking_id", traits).unwrap();
        assert_eq!(told.category, Category::Marketing);
        assert_eq!(told.basis.confidence, Confidence::Low);
        assert_eq!(
            told.basis.entry,
            "nobody knows it; marketing scores 7, 5 are enough: the name has `tracking` (+2), the name has \
             `tracking id` (+2), it is another site's (+1), it lives longer than 30 days (+1), it is sent to \
             another site (+1)"
        );
    }

    /// A recording keeps no values; what it keeps must do.
    #[test]
    fn shapes_are_told_by_lengths_and_parts() {
        for (length, identifies, shape) in [
            (0, Some(false), None),
            (1, None, Some(Shape::Flag)),
            (13, Some(false), Some(Shape::Time)),
            (13, Some(true), Some(Shape::Other)),
            (13, None, None),
            (36, Some(true), Some(Shape::Identifier)),
            (36, Some(false), Some(Shape::Other)),
            (36, None, None),
        ] {
            assert_eq!(Shape::of(length, identifies), shape, "{length} {identifies:?}");
        }
        let count = Traits { shape: Some(Shape::Flag), ..ALL };
        assert!(guess("retarget_pool", count).unwrap().basis.entry.contains("apart (-1)"));
    }
}
