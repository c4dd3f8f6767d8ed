//! What the words of a notice say a cookie is for, in English and Welsh.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    purpose::{FOR_ADVERTISING, FOR_COUNTING},
    text::regex,
};

use crate::model::Category;

/// What sounds like a category and is not one: the choice, the page and the negation.
static BESIDE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"performance of (?:an?|the|our|this|your)\b|(?:your |the |our |change |manage |of |save |update )*(?:cookies?|consent|privacy|browser) (?:settings|preferences|choices)|(?:your|change|manage|update|save) (?:settings|preferences)|(?:gosodiadau|dewisiadau) (?:eich )?(?:cwcis?|gwcis?|porwr)",
    )
});
static NEGATED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"non-?\s?(?:essential|necessary)|\ban-?(?:hanfodol|angenrheidiol)|not (?:strictly )?(?:essential|necessary|required|needed)|unnecessary|nad (?:ydynt|ydyn|yw|oes)[^.]{0,20}(?:hanfodol|angenrheidiol)|ddim yn (?:hanfodol|angenrheidiol)|anhanfodol",
    )
});
static ESSENTIAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bessential|\bnecessary|\brequired\b|\bneeded (?:to|for|by)|\b(?:strictly|really|absolutely|truly) needed|\bneed(?:s)? to (?:work|run)|\bmandatory\b|\bindispensable\b|\b(?:core|basic|technical|operational|vital) cookies|(?:not|n't|never) (?:be able to )?(?:do|manage|work|run) without|make (?:our |the |this |your )?(?:web)?(?:site|service)s? (?:to )?(?:work|run)|essentials\b|hanfodol|angenrheidiol|na (?:ellir|allwn|all)[^.]{0,30}hebdd|\bcwcis (?:technegol|craidd|gorfodol)|gwneud i(?:'r| ein)? (?:gwasanaeth|(?:wefan|gwefan|safle)) (?:weithio|gweithio)",
    )
});
static FUNCTIONAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bfunctional\b|\bfunctionality(?: cookies?)?\W*$|\bfunctionality cookies|\bpreferences?\b|\bsettings?\b|\bpersonali[sz]ation|\b(?:comfort|convenience|usability|customi[sz]ation) cookies|remembers? (?:your|my) (?:settings|preferences|choices)|\bswyddogaethol|\bgweithredol\b|\bn?gosodiadau\b|\bdewisiadau\b|\b[fph]*hoffterau\b|\bhwylustod|\bcyfleustra|\bpersonoli\b|\bffafriaethau",
    )
});
static PERFORMANCE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bperformance\b|\banalytics?\b|\banalytical\b|\bstatistic|\bmeasur(?:e|es|ing|ements?)\b|\b(?:web|usage|traffic|visitor) (?:metrics|insights?|monitoring|statistics)|\bmatomo\b|\bpiwik\b|\bdadansodd|\bddadansodd|\bperfformiad|\bberfformiad|\bmesur\b|\bfesur\b|\bystadeg",
    )
});
static MARKETING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bmarketing\b|\badvertis|\btargeting\b|\btargeted\b|\bcampaigns?\b|\bre-?(?:targeting|marketing)\b|\bads\b|\bpromotional\b|\bbehavioural advert|\bmarchnata\b|\bfarchnata\b|\bhysbyseb|\b[dt]h?argedu\b|\bymgyrch|\bhyrwyddo\b",
    )
});

pub(super) use super::purpose::inferred;

/// The category that a heading, caption, cell or sentence names; `None` too if it names several.
pub(super) fn named(text: &str) -> Option<Category> {
    let text = plain(text);
    let text = BESIDE.replace_all(&text, " ");
    let text = NEGATED.replace_all(&text, " ");
    let hits = [
        (Category::Essential, &ESSENTIAL),
        (Category::Functional, &FUNCTIONAL),
        (Category::Performance, &PERFORMANCE),
        (Category::Marketing, &MARKETING),
    ];
    let mut found =
        hits.iter().filter(|(_, words)| words.is_match(&text)).map(|(category, _)| *category);
    match (found.next(), found.next()) {
        (one, None) => one,
        // "Performance and analytics" is one; "marketing and communications preferences" is two.
        _ => None,
    }
}

/// Every category that a sentence names.
pub(super) fn all_named(text: &str) -> Vec<Category> {
    let text = plain(text);
    let text = BESIDE.replace_all(&text, " ");
    let text = NEGATED.replace_all(&text, " ");
    [
        (Category::Essential, &ESSENTIAL),
        (Category::Functional, &FUNCTIONAL),
        (Category::Performance, &PERFORMANCE),
        (Category::Marketing, &MARKETING),
    ]
    .into_iter()
    .filter(|(_, words)| words.is_match(&text))
    .map(|(category, _)| category)
    .collect()
}

/// Every category that a sentence names, or says cookies of by what they are for, with the place.
pub(super) fn placed(text: &str) -> Vec<(Category, usize)> {
    // As long as the text, so that places in one are places in the other.
    let mut lower = String::with_capacity(text.len());
    let mut back: Vec<usize> = Vec::with_capacity(text.len());
    for (at, it) in text.char_indices() {
        let it = if matches!(it, '’' | '‘') { '\'' } else { it };
        for small in it.to_lowercase() {
            lower.push(small);
            back.resize(lower.len(), at);
        }
    }
    let blank = |it: &regex::Captures<'_>| " ".repeat(it[0].len());
    let remembered = REMEMBERED.replace_all(&lower, |it: &regex::Captures<'_>| {
        format!("{:width$}", "functional", width = it[0].len())
    });
    let clean = BESIDE.replace_all(&remembered, blank).into_owned();
    let clean = NEGATED.replace_all(&clean, blank).into_owned();
    let clean =
        clean.replace("security measure", "security        ").replace("work better", "improve    ");
    let place = |at: usize| back.get(at).copied().unwrap_or(0);
    let mut found = Vec::new();
    for (category, words) in [
        (Category::Essential, &ESSENTIAL),
        (Category::Functional, &FUNCTIONAL),
        (Category::Performance, &PERFORMANCE),
        (Category::Marketing, &MARKETING),
    ] {
        if let Some(it) = words.find(&clean) {
            found.push((category, place(it.start())));
        }
    }
    // "to remember your settings and to count visits": two purposes.
    let remembers = found.len() == 1 && remembered != lower;
    if remembers && let Some(it) = COUNTS_TOO.find(&clean) {
        found.push((Category::Performance, place(it.start())));
    }
    if found.is_empty() {
        for (category, words) in
            [(Category::Marketing, &FOR_ADVERTISING), (Category::Performance, &FOR_COUNTING)]
        {
            if let Some(it) = words.find(&clean) {
                found.push((category, place(it.start())));
                break;
            }
        }
    }
    found
}

static COUNTS_TOO: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?:and|or|to) (?:to )?(?:count|measure)\b|\b(?:a|ac|i) (?:gyfrif|fesur|i gyfrif|i fesur)\b",
    )
});
/// Cookies that remember settings are functional, though the settings are not those of cookies.
static REMEMBERED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?:remember|recall|sav|stor|keep)\w* (?:\w+ ){0,2}(?:settings|preferences|choices|language)|[cg]h?ofio(?:'ch|'r| eich| fy| y)? (?:n?gosodiadau|dewisiadau|newisiadau|dewis|iaith)",
    )
});

/// The category that a cell of a column of categories names: there a word says more than in a sentence.
pub(super) fn in_column(text: &str) -> Option<Category> {
    static WIDER: LazyLock<[(Category, Regex); 4]> = LazyLock::new(|| {
        [
            (
                Category::Essential,
                r"\b(?:core|basics?|technical|operation(?:al)?|system|security|vital|compulsory|always on|technegol|craidd|diogelwch|gorfodol)\b",
            ),
            (
                Category::Functional,
                r"\b(?:comfort|convenience|experience|enhanced?|enhancements?|usability|personal(?:ised|ized)|customi[sz]ation|features?|profiad|hwylustod|cysur)\b",
            ),
            (
                Category::Performance,
                r"\b(?:insights?|metrics|stats|monitoring|improvements?|usage|reporting|counting|traffic|audience|defnydd|gwella|cyfrif)\b",
            ),
            (Category::Marketing, r"\b(?:promotions?|adverts?|sponsors?|profiling|hyrwyddo)\b"),
        ]
        .map(|(category, words)| (category, regex(words)))
    });
    named(text).or_else(|| {
        let text = plain(text);
        if NEGATED.is_match(&text) {
            return None;
        }
        let mut found = WIDER.iter().filter(|(_, words)| words.is_match(&text)).map(|it| it.0);
        match (found.next(), found.next()) {
            (one, None) => one,
            _ => None,
        }
    })
}

/// The category that a text about one cookie, or a few, says it is of: "it is strictly necessary", "this analytics
/// cookie", "Functional. Keeps …", "mae'n hanfodol".
pub(super) fn stated(text: &str) -> Option<Category> {
    const KIND: &str = r"(?:strictly |absolutely |purely |technically )?(?:necessary|essential|functional(?:ity)?|preferences?|analytics?|analytical|statistics?|statistical|performance|measurement|marketing|advertising|targeting)";
    const KIND_CY: &str = r"(?:sy'n |yn |[cg]wbl |chwbl |hollol |yn gwbl |yn hollol |sydd yn |sy )*(?:hanfodol|angenrheidiol|ddadansodd\p{L}*|dadansodd\p{L}*|swyddogaethol|perfformiad|berfformiad|ystadeg\p{L}*|marchnata|farchnata|hysbysebu|targedu|dargedu)";
    static STATES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        [
            format!(
                r"\b(?:is|are|as) (?:an? )?(?:(?:classed|classified|treated|regarded|considered) (?:as )?(?:an? )?)?(?P<kind>{KIND})(?: cookies?)?(?:[.,;:)]|$| cookies?\b| (?:for|to|in order)\b)"
            ),
            format!(
                r"\b(?:this|an?|one|our|these|only|as|the|sole|single) (?:one )?(?P<kind>{KIND}) cookies?\b(?: (?P<next>\p{{L}}+))?"
            ),
            format!(r"^\W*(?P<kind>{KIND})(?: cookies?)?[.;–]"),
            r"\bis (?P<kind>(?:needed|required) by)\b".to_owned(),
            format!(r"\b[cg]h?wcis? (?P<kind>{KIND_CY})"),
            format!(r"\bmae(?:'n|n nhw'n|nt yn| hwn yn|'r cwci hwn yn) (?P<kind>{KIND_CY})"),
        ]
        .iter()
        .map(|it| regex(it))
        .collect()
    });
    let text = plain(text);
    STATES.iter().find_map(|it| {
        let found = it.captures(&text)?;
        // The choice about such cookies is none of them.
        let choice = found.name("next").is_some_and(|it| {
            [
                "choice",
                "choices",
                "consent",
                "preference",
                "preferences",
                "setting",
                "settings",
                "banner",
                "message",
            ]
            .contains(&it.as_str())
        });
        if choice { None } else { found.name("kind").and_then(|it| named(it.as_str())) }
    })
}

/// Whether a heading speaks of categories at all, so that what stands over it no longer counts:
/// "Analytics and marketing", "Non-essential cookies".
pub(super) fn is_about_category(text: &str) -> bool {
    let text = plain(text);
    NEGATED.is_match(&text) || {
        let text = BESIDE.replace_all(&text, " ");
        [&ESSENTIAL, &FUNCTIONAL, &PERFORMANCE, &MARKETING]
            .iter()
            .any(|words| words.is_match(&text))
    }
}

/// As [`inferred`], with what the name and the heading add where the purpose alone says nothing.
pub(super) fn inferred_with(purpose: &str, name: &str, section: Option<&str>) -> Option<Category> {
    static SESSION: LazyLock<Regex> =
        LazyLock::new(|| regex(r"sess(?:ion)?[_-]?(?:id|$)|csrf|xsrf"));
    /// Names that counting services begin theirs with: their session is a visit that is counted.
    const COUNTED: &[&str] = &["_hj", "_ga", "_pk", "_vis", "_vwo", "_cl", "mp_", "ai_"];
    let name = name.to_lowercase();
    let by_name = || {
        let session = SESSION.is_match(&name) && !COUNTED.iter().any(|it| name.starts_with(it));
        session.then_some(Category::Essential)
    };
    // Somebody else's identifier is in doubt, whatever it is called.
    let by_section = || {
        section
            // "Session storage" says where something is kept, not what for.
            .filter(|it| !it.to_lowercase().contains("storage"))
            .and_then(inferred)
            .filter(|it| *it == Category::Essential || *it == Category::Functional)
    };
    inferred(purpose).or_else(by_section).or_else(by_name)
}

/// In lower case with plain apostrophes, and without measures that measure nothing.
pub(super) fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace(['’', '‘'], "'").replace("work better", "improve");
    if !text.contains("measure") {
        return text;
    }
    text.replace("security measure", "security")
        .replace("safety measure", "safety")
        .replace("protective measure", "security")
        .replace("a measure to", "a way to")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_are_verbs_and_what_they_act_on() {
        for (purpose, category) in [
            ("Recalls which column a table was sorted by", Some(Category::Functional)),
            ("Notes that the survey invitation was dismissed", Some(Category::Functional)),
            ("Text size", Some(Category::Functional)),
            ("Lliwiau'r dudalen", Some(Category::Functional)),
            ("Balances the load", Some(Category::Essential)),
            ("Protects the form against forged requests", Some(Category::Essential)),
            ("Tells one reader from another", Some(Category::Performance)),
            ("Yn cyfrif pobl sy'n dod yn ôl", Some(Category::Performance)),
            ("Shows adverts on other sites", Some(Category::Marketing)),
            ("Does its work", None),
        ] {
            assert_eq!(inferred(purpose), category, "{purpose}");
        }
    }

    #[test]
    fn what_is_stated_of_a_cookie_is_not_what_is_said_of_the_choice() {
        for (text, category) in [
            ("It is strictly necessary for paying.", Some(Category::Essential)),
            ("This analytics cookie notes where people came from.", Some(Category::Performance)),
            ("Gosodir un cwci cwbl angenrheidiol, sef x.", Some(Category::Essential)),
            ("Mae'n hanfodol.", Some(Category::Essential)),
            ("Stores the analytics cookies choice.", None),
            ("Keeps your place.", None),
        ] {
            assert_eq!(stated(text), category, "{text}");
        }
    }

    #[test]
    fn a_column_of_categories_may_use_words_of_its_own() {
        for (text, category) in [
            ("Core", Some(Category::Essential)),
            ("Insight", Some(Category::Performance)),
            ("Comfort", Some(Category::Functional)),
            ("Not essential", None),
            ("An essential one", Some(Category::Essential)),
        ] {
            assert_eq!(in_column(text), category, "{text}");
        }
    }
}
