//! Cookies that a notice says the site no longer uses: they are named, and not declared.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;

use super::text::regex;
use crate::model::Declaration;

/// A heading, caption or lead-in over cookies of the past.
static OVER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\bno longer (?:use|used|uses|set|sets|in use|place|placed|store|stored|active|have|needed|current)\b|\b(?:not|n['’]t)\b[^.]{0,25}\bany ?more\b|\b(?:previously|formerly|once|historically) (?:use|used|set|placed|stored|in use)\b|\b(?:we|(?:web)?site|service|they|also|council|trust) used to (?:use|set|place|store)\b|\bused to be (?:set|used|placed|stored|here)\b|\ba (?:dynnwyd|ddilëwyd|ddiddymwyd)\b|\b(?:retired|discontinued|withdrawn|decommissioned|legacy|obsolete|former|historic(?:al)?|past|old|superseded|deprecated|removed|deleted|previous|earlier) (?:\w+ ){0,2}(?:cookies?|trackers?|tags)\b|\b(?:old|previous|former|earlier) (?:\w+ )?(?:web ?)?sites?\b|\bcookies? (?:that |which |we |we['’]ve |we have |have been |were |has been |was |now |since )*(?:removed|retired|stopped using|dropped|withdrawn|discontinued|switched off|phased out)\b|\bstopped (?:using|setting)\b|\b(?:until|up to|before|pre-?) ?(?:\w+ )?(?:19|20)\d\d\b|\b(?:nid|nad|ni|ddim|dim)\b[^.]{0,50}\b(?:bellach|mwyach)\b|\bbellach (?:ddim|heb|wedi['’]u)\b|\b(?:cwcis|gwefan|safle|wefan) (?:blaenorol|flaenorol)|\b(?:hen|blaenorol) (?:gwcis|wefan|safle)\b|(?:ddefnyddi\w+|osod\w*) (?:gynt|o['’]r blaen|yn flaenorol)\b|\b[dr]h?oddwyd y gorau|rhoi['’]r gorau i|\b(?:tan|hyd at|hyd|cyn) (?:\w+ )?(?:19|20)\d\d\b|wedi (?:cael )?eu (?:tynnu|dileu|diddymu)|wedi['’]u (?:tynnu|dileu|diddymu)",
    )
});
/// A clause that says that something was used, and is not now.
static PAST: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\bno longer\b[^.;]{0,30}\b(?:use|used|uses|set|sets|in use|place|placed|store|stored|active|needed|current|run|runs|exists?|present)\b|\b(?:not|n['’]t)\b[^.;]{0,30}\b(?:use|used|set|sets|stored?|placed?|exists?)\b[^.;]{0,25}\bany ?more\b|\b(?:previously|formerly|once|historically) (?:use|used|set|placed|stored|in use)\b|\b(?:we|(?:web)?site|service|they|also|council|trust) used to (?:use|set|place|store)\b|\bused to be (?:set|used|placed|stored|here)\b|\b(?:has|have|was|were) (?:now |since |all |both |then |also |been |now been |since been )*(?:removed|retired|withdrawn|discontinued|decommissioned|switched off|turned off|phased out|taken off|dropped|deleted from)\b|\bwe (?:have |['’]ve )?(?:now |since )?(?:removed|retired|dropped|stopped|switched off|phased out)\b|\bstopped (?:using|setting|placing)\b|^\W*(?:until|up to|before) (?:\w+ ){0,3}(?:19|20)\d\d\b|\b(?:was|were|used|set|placed|had)\b[^.;]{0,40}\b(?:until|up to|before) (?:\w+ ){0,2}(?:19|20)\d\d\b|\b(?:that|this|it|they) (?:has|have) (?:now )?(?:stopped|ended|ceased)\b|\b(?:nid|nad|ni|ddim|dim)\b[^.;]{0,60}\b(?:bellach|mwyach)\b|\bbellach (?:ddim|heb)\b|^\W*(?:tan|hyd at|hyd|cyn) (?:\p{L}+ ){0,3}(?:19|20)\d\d\b|(?:ddefnyddiwyd|osodwyd|defnyddid|gosodid) [^.;]{0,30}(?:gynt|tan|hyd)\b|\b(?:arferai|arferem|arfer)\b[^.;]{0,30}\b(?:gosod|osod|defnyddio|ddefnyddio)|wedi (?:cael )?(?:ei|eu) (?:t[hy]\w*nnu|dileu|ddileu|diddymu|ddiddymu|dynnu)|wedi['’][iu] (?:d?tynnu|ddileu|dileu|diddymu|dynnu)|rhoi['’]r gorau i",
    )
});
/// A cell that says no more than that a cookie is gone.
static CELL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\W*(?:now |since )?(?:retired|removed|withdrawn|discontinued|decommissioned|no longer (?:in use|used|set|active)|not (?:in use|used|set) any ?more|not in use|inactive|obsolete|legacy|switched off|deprecated|ddim ar waith|ddim yn cael ei (?:ddefnyddio|osod)(?: bellach| mwyach)?|heb ei ddefnyddio|wedi['’]i (?:dynnu|ddileu)|dilëwyd|segur)(?:[ ,]+(?:in|on|since|from|yn|ym|ers)?\W*(?:\w+ ){0,2}(?:19|20)\d\d)?\W*$",
    )
});
/// Where one clause ends and the next speaks of something else.
static CLAUSE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i);|,? but |,? instead(?: of)?[ ,]|,? and (?:we )?now |,? and (?:we|it|they|the site) |,? which (?:has |have )?(?:replaced|replaces|took over from|superseded) |,? to replace |,? in place of |,? ond ",
    )
});

/// Whether a heading, or what leads to a list or table, says that what follows is of the past.
pub(super) fn leads(text: &str) -> bool {
    // "Cookies removed when you close the browser" are of today.
    let ends_later = |rest: &str| {
        ["when", "after", "once", "at", "if", "as", "upon", "pan", "ar"]
            .contains(&rest.split_whitespace().next().unwrap_or_default())
    };
    text.split_whitespace().count() <= 24
        && (CELL.is_match(text) || OVER.find_iter(text).any(|it| !ends_later(&text[it.end()..])))
}

/// Whether a sentence says that the cookie of this name is no longer used.
pub(super) fn says(sentence: &str, name: &str) -> bool {
    if !PAST.is_match(sentence) && !REPLACED.is_match(sentence) {
        return false;
    }
    if let Some(found) = EXCHANGED.captures(sentence) {
        let old = found.name("old").or(found.name("was")).map_or("", |it| it.as_str());
        return old.contains(name);
    }
    let mut from = 0;
    let mut signs: Vec<(usize, usize, bool)> = CLAUSE
        .find_iter(sentence)
        .map(|it| {
            let replaces = REPLACED.is_match(&format!("{} ", it.as_str()));
            (it.start(), it.end(), replaces)
        })
        .collect();
    signs.push((sentence.len(), sentence.len(), false));
    let mut replaced = false;
    for (start, end, replaces) in signs {
        let clause = &sentence[from..start];
        if clause.contains(name) && (replaced || PAST.is_match(clause)) {
            return true;
        }
        (from, replaced) = (end, replaces);
    }
    false
}

/// "We replaced x with y", "x was replaced by y".
static EXCHANGED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\breplac(?:ed|ing) (?P<old>[^.;]{1,80}?) (?:by|with) |(?P<was>[^.;]{1,80}?) (?:was|were|has been|have been) (?:replaced|superseded) (?:by|with) ",
    )
});
/// What comes after has been replaced.
static REPLACED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:replaced|replaces|took over from|superseded|to replace|in place of|instead of)\b",
    )
});

/// Whether a sentence goes on about what was named before and says that it is gone.
pub(super) fn goes_on(sentence: &str) -> bool {
    static IT: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)^\W*(?:it|they|that|this|these|both|the cookies?|mae['’]n|maent|maen nhw)\b|\b(?:it|them|this|these|it all)\W*$|\b(?:it|them|this|these) (?:in|on|off)\b",
        )
    });
    IT.is_match(sentence) && PAST.is_match(sentence)
}

/// Whether a cell of its row says that a cookie is gone.
pub(super) fn cell(text: &str) -> bool {
    CELL.is_match(text) || text.split_inclusive(['.', ';']).take(6).any(|it| in_short(it.trim()))
}

fn in_short(sentence: &str) -> bool {
    let words = sentence.split_whitespace().count();
    words <= 3 && CELL.is_match(sentence) || words <= 12 && GONE.is_match(sentence)
}

/// A short sentence about the cookie of the row.
static GONE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\W*(?:it |this |this cookie |this one |the cookie |we |cookie )?(?:is |was |has been |have )?(?:now )?(?:no longer (?:in use|used|set|placed|stored)|stopped (?:using|setting) (?:it|this)|(?:removed|retired|discontinued|switched off|withdrawn) (?:in|on|since) (?:\w+ ){0,2}(?:19|20)\d\d|not (?:in use|used|set) any ?more)|\b(?:ddim|ni|nid)\b[^.]{0,40}\b(?:mwyach|bellach)\b",
    )
});

/// The names that were given as gone and are not declared besides.
pub(super) fn only_gone(gone: &[String], declarations: &[Declaration]) -> Vec<String> {
    let declared: BTreeSet<&str> =
        declarations.iter().flat_map(|it| &it.patterns).map(String::as_str).collect();
    let mut left: Vec<String> =
        gone.iter().filter(|it| !declared.contains(it.as_str())).cloned().collect();
    left.sort();
    left.dedup();
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_the_past_are_known_and_those_of_today_are_not() {
        for text in [
            "Cookies we no longer use",
            "Previously used cookies",
            "Cookies on our old website",
            "Cookies used until 2024",
            "Cookies that have been removed",
            "Discontinued",
            "Cwcis nad ydym yn eu defnyddio bellach",
            "Hen gwcis",
            "Cwcis sydd wedi'u tynnu",
        ] {
            assert!(leads(text), "{text}");
        }
        for text in [
            "Essential cookies",
            "Cookies used to remember your settings",
            "Cookies removed when you close the browser",
            "Cookies set before you choose",
            "Cwcis hanfodol",
        ] {
            assert!(!leads(text), "{text}");
        }
    }

    #[test]
    fn a_sentence_says_which_of_its_names_is_gone() {
        for (sentence, name, gone) in [
            ("Until 2023 the site also set x_old.", "x_old", true),
            ("We no longer use x_old and now set y_new.", "x_old", true),
            ("We no longer use x_old and now set y_new.", "y_new", false),
            ("We replaced x_old with y_new.", "x_old", true),
            ("We replaced x_old with y_new.", "y_new", false),
            ("x_old was replaced by y_new in spring.", "x_old", true),
            ("Nid yw x_old yn cael ei osod mwyach.", "x_old", true),
            ("y_new is removed when you close the browser.", "y_new", false),
            ("y_new is used to store whether you have previously visited.", "y_new", false),
        ] {
            assert_eq!(says(sentence, name), gone, "{sentence}: {name}");
        }
    }

    #[test]
    fn a_cell_says_that_its_cookie_is_gone() {
        for (text, gone) in [
            ("Retired", true),
            ("Removed in March 2024", true),
            ("Counted clicks. No longer set.", true),
            ("Wedi'i dynnu", true),
            ("Removed when the browser is closed", false),
            ("Remembers that the message was closed, so that it is no longer shown", false),
            ("Active", false),
        ] {
            assert_eq!(cell(text), gone, "{text}");
        }
    }
}
