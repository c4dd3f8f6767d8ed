//! What the words of a notice say a cookie is for, in English and Welsh.

use std::sync::LazyLock;

use regex::Regex;

use super::text::regex;

use crate::model::Category;

/// What sounds like a category and is not one: the choice, the page and the negation.
static BESIDE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"performance of (?:an?|the|our|this|your)\b|(?:your |the |our |change |manage |of |save |update )*(?:cookies?|consent|privacy|browser) (?:settings|preferences|choices)|(?:your|change|manage|update|save) (?:settings|preferences)|(?:gosodiadau|dewisiadau) (?:eich )?(?:cwcis?|gwcis?|porwr)",
    )
});
static NEGATED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"non-?\s?essential|not (?:strictly )?(?:essential|necessary|required|needed)|unnecessary|nad (?:ydynt|ydyn|yw|oes)[^.]{0,20}(?:hanfodol|angenrheidiol)|ddim yn (?:hanfodol|angenrheidiol)|anhanfodol",
    )
});
static ESSENTIAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bessential|\bnecessary|\brequired\b|\bneeded (?:to|for|by)|\bneed(?:s)? to (?:work|run)|make (?:our |the |this |your )?(?:web)?(?:site|service)s? (?:to )?(?:work|run)|essentials\b|hanfodol|angenrheidiol|gwneud i(?:'r| ein)? (?:gwasanaeth|(?:wefan|gwefan|safle)) (?:weithio|gweithio)",
    )
});
static FUNCTIONAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bfunctional\b|\bfunctionality(?: cookies?)?\W*$|\bfunctionality cookies|\bpreferences?\b|\bsettings?\b|\bpersonali[sz]ation|remembers? (?:your|my) (?:settings|preferences|choices)|\bswyddogaethol|\bgweithredol\b|\bn?gosodiadau\b|\bdewisiadau\b|\bffafriaethau",
    )
});
static PERFORMANCE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bperformance\b|\banalytics?\b|\banalytical\b|\bstatistic|\bmeasur(?:e|es|ing|ement)\b|\bmatomo\b|\bpiwik\b|\bdadansodd|\bddadansodd|\bperfformiad|\bberfformiad|\bmesur\b|\bfesur\b|\bystadegau|\bystadegol",
    )
});
static MARKETING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bmarketing\b|\badvertis|\btargeting\b|\btargeted\b|\bcampaigns?\b|\bretargeting\b|\bads\b|\bmarchnata\b|\bfarchnata\b|\bhysbyseb|\btargedu\b|\bymgyrch",
    )
});

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

/// Cookies that remember settings are functional, though the settings are not those of cookies.
static REMEMBERED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bremember\w* (?:\w+ ){0,2}(?:settings|preferences|choices)|cofio(?:'ch|'r| eich| fy| y)? (?:n?gosodiadau|dewisiadau|newisiadau)",
    )
});

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

static FOR_ADVERTISING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\badvert|\bretarget|\bmarketing\b|\bad (?:delivery|campaign|click)|\bads\b|hysbyseb|marchnata",
    )
});
static FOR_COUNTING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bcount(?:s|ed|ing|er)?\b|\bmeasur|\bstatistic|analytics|\bhow (?:many|often|much|people|you|users|visitors|our)\b|which (?:of (?:our|the) )?pages|(?:most|least) (?:popular|visited|used)|pages (?:are|is) popular|number of (?:visit|people|user|time)|visited (?:before|the site|our)|distinguish (?:unique )?(?:users|visitors)|identif(?:y|ies) (?:unique )?(?:users|visitors)|(?:throttle|limit)[^.]{0,20}request|request rate|rate (?:at which|of) (?:page|requests)|cyfradd|track[^.]{0,30}(?:visit|usage|behaviour|page)|page ?views|\banalys\w+ (?:\w+ ){0,3}(?:traffic|use|usage|visits)|\bcyfrif\b|\bgyfrif\b|\bmesur\b|\bfesur\b|faint o bobl|ystadeg|dadansodd|ymweld (?:o|â'r safle)'?r? ?blaen|wedi ymweld",
    )
});
static FOR_MEMORY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:rememb|sav|stor|record|keep|know|show|indicat|determin|check|tell|let|used (?:to|when)|set (?:when|if|once)|whether|if you)\w*[^.]*(?:choice|prefer|consent|setting|language|banner|message|dismiss|seen|accept|agree|notice|closed|minimi[sz]|complet|survey|poll|font|colour|theme|landing page|cookie policy|popup|pop-up|answer|selection)|preferred language|\blanguage (?:selected|preference|choice|you)|cookie (?:consent|preference|settings)|(?:cofio|storio|cadw|gadw|dangos|gwybod|gwelodd|gweld|weld|gwyb|cofnodi|dweud|arbed)\w*[^.]*(?:dewis|gosodiad|gosodiadau|iaith|neges|derbyn|caniatâ|caniatad|arolwg|faner|baner|cwcis|cytuno)|caniatâd (?:cwci|gwci)",
    )
});
static FOR_WORKING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bsession|\bsign(?:ed|s|ing)?[ -]?(?:in|on)\b|\blog(?:ged|s|ging)?[ -]?(?:in|on)\b|\blogin|\bsecur|\bload[ -]?balanc|\bcsrf|cross[- ]site|forgery|authentic|\bfraud|\bfirewall|\bsame server|\bddos|\bbots?\b|malicious|progress|your (?:answers|application|details|information)|\bsesiwn|mewngofnodi|\bdiogel|\bcynnydd|symud ymlaen|locked|gwybodaeth (?:rydych|a roddwch)",
    )
});

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

/// The category that a purpose lets us infer where the notice says nothing; `None` in doubt.
pub(super) fn inferred(purpose: &str) -> Option<Category> {
    let text = plain(purpose);
    if FOR_ADVERTISING.is_match(&text) {
        return (!FOR_COUNTING.is_match(&text)).then_some(Category::Marketing);
    }
    // Pop-ups about surveys are remembered, whoever counts the answers.
    let memory = FOR_MEMORY.is_match(&text);
    match (FOR_COUNTING.is_match(&text), memory, FOR_WORKING.is_match(&text)) {
        (true, _, _) => Some(Category::Performance),
        (false, true, _) => Some(Category::Functional),
        (false, false, true) => Some(Category::Essential),
        _ => None,
    }
}

/// In lower case with plain apostrophes, and without measures that measure nothing.
fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace(['’', '‘'], "'").replace("work better", "improve");
    if !text.contains("measure") {
        return text;
    }
    text.replace("security measure", "security")
        .replace("safety measure", "safety")
        .replace("protective measure", "security")
        .replace("a measure to", "a way to")
}
