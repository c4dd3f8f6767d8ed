//! What in the wording of a claim says that it is not to be taken as it stands.

use crate::model::Notice;

/// Beginnings and phrases that turn a sentence, or put it into another time.
const TURNS: &[&str] = &[
    "not all",
    "not every",
    "none of this",
    "would be wrong",
    "not true",
    "not the case",
    "is false",
    "no longer",
    "had we",
    "were we to",
    "should we ",
    "used to",
    "might ",
    "would ",
    "no way to",
    "nid pob",
    "nid yw pob",
    "nid yw'n wir",
    "ddim bellach",
    "mwyach",
    "oni bai am",
];

/// What makes a sentence one about visitors who did not agree.
const CONDITIONS: &[&str] = &[
    "unless",
    "until",
    "without your",
    "without consent",
    "if you ",
    "before you",
    "only when you",
    "only after",
    "with your consent",
    "with your permission",
    "oni bai",
    "nes i",
    "hyd nes",
    "heb eich",
    "os byddwch",
    "os ydych",
    "cyn i chi",
    "gyda'ch",
];

/// Whether words around a claim may turn it into its opposite.
pub(super) fn is_turned(quote: &str) -> bool {
    has(quote, TURNS)
}

/// Whether it speaks only of visitors who have not agreed.
pub(super) fn is_conditional(quote: &str) -> bool {
    has(quote, CONDITIONS)
}

/// Whether a sentence speaks of cookies, and not of whatever is stored.
pub(super) fn is_about_cookies(quote: &str) -> bool {
    has(quote, &["cookie", "cwci", "gwci", "chwci", "briwsion"])
}

/// Whether what reads like a control is a sentence that promises one: neither what a row says that a cookie is for, nor
/// the labels of links in a row ("Cookie policy Cookie preferences").
pub(super) fn is_promise(notice: &Notice, quote: &str) -> bool {
    let plain = |text: &str| {
        let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
    };
    let said = plain(quote);
    let of_row = notice
        .declarations
        .iter()
        .filter_map(|it| it.purpose.as_deref())
        .any(|purpose| plain(purpose).contains(&said));
    !of_row && !is_label(quote, &said)
}

/// Whether words are no sentence: few, without an end, and neither speaking to anybody nor of what somebody does.
fn is_label(quote: &str, plain: &str) -> bool {
    const MOST: usize = 10;
    const SPEAKS: &[&str] = &[
        "you",
        "your",
        "we",
        "our",
        "us",
        "i",
        "my",
        "can",
        "may",
        "will",
        "is",
        "are",
        "has",
        "have",
        "there",
        "use",
        "using",
        "click",
        "press",
        "select",
        "choose",
        "visit",
        "open",
        "go",
        "chi",
        "eich",
        "ch",
        "ni",
        "ein",
        "gallwch",
        "gallu",
        "cliciwch",
        "dewiswch",
        "defnyddiwch",
        "mae",
        "ewch",
    ];
    let ended = quote.trim_end().ends_with(['.', '!', '?', ':', ';']);
    let words: Vec<&str> = plain.split(' ').collect();
    !ended && words.len() <= MOST && !words.iter().any(|word| SPEAKS.contains(word))
}

fn has(quote: &str, phrases: &[&str]) -> bool {
    let text = format!(" {} ", quote.to_lowercase().replace('\u{2019}', "'"));
    phrases.iter().any(|phrase| {
        text.match_indices(phrase).any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::testing::notice;

    #[test]
    fn a_sentence_that_is_turned_is_not_taken_as_it_stands() {
        for (quote, turned) in [
            ("Not all of our cookies are deleted when you close your browser.", true),
            ("It would be wrong to say that we use only essential cookies.", true),
            ("Had we used marketing cookies, they would be listed.", true),
            ("Hotjar is no longer used.", true),
            ("Nid yw pob un o'n cwcis yn dod i ben.", true),
            ("We do not use marketing cookies.", false),
            ("All our cookies are session cookies.", false),
            ("We never share your data with third parties.", false),
        ] {
            assert_eq!(is_turned(quote), turned, "{quote}");
        }
    }

    #[test]
    fn a_label_and_the_purpose_of_a_row_promise_no_control() {
        let notice = notice("declare choice purpose=Stores_your_cookie_consent_preferences");
        for (quote, promises) in [
            ("Cookie policy Cookie preferences", false),
            ("Privacy | Cookie settings", false),
            ("Polisi cwcis Dewisiadau cwcis", false),
            ("Stores your cookie consent preferences", false),
            ("You can change your cookie preferences", true),
            ("Change your mind under 'Cookie settings' at the bottom of every page.", true),
            ("Use the cookie banner to choose", true),
            ("Gallwch newid eich dewisiadau", true),
            ("Cookie settings: here is where choices are made.", true),
        ] {
            assert_eq!(is_promise(&notice, quote), promises, "{quote}");
        }
    }

    #[test]
    fn a_condition_limits_a_sentence_to_those_who_did_not_agree() {
        for (quote, conditional) in [
            ("We do not use marketing cookies unless you agree.", true),
            ("No analytics cookies are set without your consent.", true),
            ("We do not use marketing cookies.", false),
            ("Dim ond cwcis hanfodol a ddefnyddir oni bai i chi gytuno.", true),
        ] {
            assert_eq!(is_conditional(quote), conditional, "{quote}");
        }
    }
}
