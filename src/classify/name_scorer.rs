//! What an unknown name is probably for: a sum of plain reasons.
//!
//! The scorer only ever accuses. It says performance or marketing, with low confidence and with its reasons; that
//! something is essential, or needs no consent, has to be known, and never follows from a name.
//! The tokens and their weights are in `data/tokens.toml`, which says where they come from; the weights of
//! what is observed around a name are here, and were set by hand.

use super::tokens::{TokenRole, Tokens};
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
    /// What loaded the script that wrote it counts visitors, advertises, or loads scripts that do.
    pub loaded_by_tracker: bool,
    /// It was observed only after consent, so the site itself treats it as optional.
    pub only_after_agreeing: bool,
    /// What its value looks like, if that shows.
    pub shape: Option<Shape>,
}

/// What a value looks like, as far as its digest, its length and the digests of its parts show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One or two characters: a switch or a small number.
    Flag,
    /// As long as a time in seconds or milliseconds, and without an identifier.
    Time,
    /// Long, with at least one part that can identify a browser.
    Identifier,
    /// None of these.
    Other,
}

impl Shape {
    /// The shape of a value of `length` characters, by whether it `identifies`: has a part with digits that is long
    /// enough to identify a browser, and is no time; `None` if that is not known.
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

/// What the tokens of a name must add up to before what is observed around it counts.
const NAMED: i32 = 2;
/// One reason, however strong, is never enough: it is one word that a stranger chose.
const REASONS: usize = 2;

/// How much something speaks for performance and for marketing, and what it is.
struct Reason {
    performance: i32,
    marketing: i32,
    what: String,
}

impl Reason {
    fn weight(&self, category: Category) -> i32 {
        if category == Category::Marketing { self.marketing } else { self.performance }
    }
}

/// The category that the name and the traits of something unknown suggest, with the reasons; `None` if
/// they do not suggest enough.
pub fn score_name(name: &str, traits: Traits<'_>) -> Option<Classification> {
    score_name_with(Tokens::embedded(), name, traits)
}

/// [`score_name`] with another table of tokens, for fitting one.
pub fn score_name_with(tokens: &Tokens, name: &str, traits: Traits<'_>) -> Option<Classification> {
    let found = tokens.in_name(name);
    if found.iter().any(|&row| tokens.rows()[row].role == TokenRole::Never) {
        return None;
    }
    let reason = |row: usize, whose: &str| {
        let token = &tokens.rows()[row];
        let (performance, marketing) = match token.role {
            TokenRole::For(Category::Performance) => (token.weight, 0),
            TokenRole::For(_) => (0, token.weight),
            TokenRole::Against | TokenRole::Never => (token.weight, token.weight),
        };
        Reason { performance, marketing, what: format!("{whose} contains `{}`", token.bare()) }
    };
    let mut reasons: Vec<Reason> = found.into_iter().map(|row| reason(row, "the name")).collect();
    let sum =
        |reasons: &[Reason], category| reasons.iter().map(|it| it.weight(category)).sum::<i32>();
    let spoken = |reasons: &[Reason], category| {
        reasons.iter().map(|it| it.weight(category)).filter(|weight| *weight > 0).sum::<i32>()
    };
    // What is observed around a name supports what the name says, and says nothing by itself.
    let named = [Category::Performance, Category::Marketing]
        .map(|category| (category, spoken(&reasons, category) >= NAMED));
    if named.iter().all(|(_, is)| !is) {
        return None;
    }
    reasons.extend(tokens.in_host(traits.host).into_iter().map(|row| reason(row, "its host")));
    reasons.extend(observed_reasons(traits));
    let performance = sum(&reasons, Category::Performance);
    let marketing = sum(&reasons, Category::Marketing);
    let (category, score) = if marketing > performance {
        (Category::Marketing, marketing)
    } else {
        (Category::Performance, performance)
    };
    let speaking = reasons.iter().filter(|it| it.weight(category) > 0).count();
    if score < tokens.enough
        || (marketing - performance).abs() < tokens.apart
        || speaking < REASONS
        || !named.contains(&(category, true))
    {
        return None;
    }
    let listed: Vec<String> = reasons
        .iter()
        .filter(|it| it.weight(category) != 0)
        .map(|it| format!("{} ({:+})", it.what, it.weight(category)))
        .collect();
    let entry = format!(
        "no source knows it; {category} scores {score} (threshold {}): {}",
        tokens.enough,
        listed.join(", ")
    );
    Some(Classification {
        category,
        basis: Basis { source: SourceId::Scorer, entry, confidence: Confidence::Low },
        organisation: None,
        consent_only: false,
        or: None,
    })
}

/// What is observed around a name, as reasons.
fn observed_reasons(traits: Traits<'_>) -> impl Iterator<Item = Reason> {
    let shape = |it| traits.shape == Some(it);
    [
        (traits.third_party, 0, 1, "it belongs to another site"),
        (traits.long_lived, 1, 1, "it lives longer than 30 days"),
        (traits.sent_elsewhere, 1, 1, "it is sent to another site"),
        (traits.loaded_by_tracker, 1, 1, "a script that counts or advertises loaded its script"),
        (traits.only_after_agreeing, 1, 1, "it is set only after consent"),
        (shape(Shape::Identifier), 1, 1, "its value can identify a browser"),
        (shape(Shape::Time), 1, 0, "its value may be a time"),
        // A value that identifies nobody can still count.
        (shape(Shape::Flag), 0, -1, "its value cannot identify a browser"),
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

    fn scored(name: &str, traits: Traits<'_>) -> Option<Category> {
        score_name(name, traits).map(|it| it.category)
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
            assert_eq!(scored(name, lasting), category, "{name}");
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
            assert_eq!(scored(name, ALL), None, "{name}");
        }
    }

    #[test]
    fn one_reason_is_never_enough() {
        assert_eq!(scored("telemetry", Traits::default()), None);
        assert_eq!(
            scored("telemetry", Traits { long_lived: true, ..Traits::default() }),
            Some(Category::Performance)
        );
    }

    #[test]
    fn what_is_around_a_name_says_nothing_by_itself() {
        assert!(score_name("x7f", ALL).is_none(), "nor does all of it together");
        let traits = Traits {
            third_party: true,
            long_lived: true,
            sent_elsewhere: true,
            ..Traits::default()
        };
        let said = score_name("author_tracking_id", traits).unwrap();
        assert_eq!(said.category, Category::Marketing);
        assert_eq!(said.basis.confidence, Confidence::Low);
        assert_eq!(
            said.basis.entry,
            "no source knows it; marketing scores 7 (threshold 5): the name contains `tracking` (+2), the name \
             contains `tracking id` (+2), it belongs to another site (+1), it lives longer than 30 days (+1), it \
             is sent to another site (+1)"
        );
    }

    /// A recording keeps no values; what it keeps must do.
    #[test]
    fn shapes_follow_from_lengths_and_parts() {
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
        assert!(
            score_name("retarget_pool", count)
                .unwrap()
                .basis
                .entry
                .contains("identify a browser (-1)")
        );
    }
}
