//! The services and other providers that a sentence names.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;

use super::{
    super::{
        headings::SERVICE,
        page::{Block, Page},
        text::regex,
    },
    lexicon,
};

/// The services and other providers that a sentence names, with their places.
pub(super) fn providers(sentence: &str, own: &str) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for it in SERVICE.find_iter(sentence) {
        if sentence[it.start()..].starts_with(|it: char| it.is_uppercase())
            || !it.as_str().contains(' ') && it.as_str() != "bing"
        {
            found.push((it.as_str().to_owned(), it.start()));
        }
    }
    let own = own.to_lowercase();
    for (name, at) in capitalised(sentence) {
        let overlaps =
            found.iter().any(|(it, from)| *from < at + name.len() && at < from + it.len());
        let lower = name.to_lowercase();
        let ours = lower.split(' ').any(|it| ORGANISATIONS.contains(&it));
        if overlaps || ours || own.contains(&lower) || lower.len() < 3 {
            continue;
        }
        found.push((name, at));
    }
    found.sort_by_key(|it| it.1);
    found
}

/// What the site calls itself: its words name no service. A name that the page says again and again is its own, if it is
/// that of no service.
pub(super) fn own_name(page: &Page) -> String {
    const OFTEN: usize = 5;
    let heading = page.blocks.iter().find_map(|it| match it {
        Block::Heading { level: 1, text } => Some(text.as_str()),
        _ => None,
    });
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for block in page.blocks.iter().take(400) {
        let Block::Text(it) = block else { continue };
        for (name, _) in providers(&it.text, "") {
            if name.contains(' ') && !SERVICE.is_match(&name) && !is_owner(&name) {
                *times.entry(name).or_default() += 1;
            }
        }
    }
    let own: Vec<String> = times.into_iter().filter(|it| it.1 >= OFTEN).map(|it| it.0).collect();
    format!("{} · {} · {}", page.title, heading.unwrap_or_default(), own.join(" · "))
}

/// Capitalised words that name no provider.
const NOBODY: &[&str] = &[
    "we",
    "i",
    "the",
    "a",
    "an",
    "our",
    "your",
    "this",
    "these",
    "they",
    "it",
    "you",
    "if",
    "when",
    "cookie",
    "cookies",
    "javascript",
    "welsh",
    "english",
    "cymraeg",
    "ip",
    "uk",
    "eu",
    "gdpr",
    "pecr",
    "regulations",
    "act",
    "data",
    "protection",
    "privacy",
    "european",
    "united",
    "kingdom",
    "states",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "council",
    "consent",
    "mode",
    "html",
    "https",
    "tls",
    "ssl",
    "id",
    "chrome",
    "firefox",
    "safari",
    "edge",
    "internet",
    "explorer",
    "opera",
    "information",
    "commissioner",
    "office",
    "ireland",
    "california",
    "america",
    "europe",
    "wales",
    "england",
    "mis",
    "mai",
    "mawrth",
    "ebrill",
    "mehefin",
    "gorffennaf",
    "awst",
    "medi",
    "hydref",
    "tachwedd",
    "rhagfyr",
    "ionawr",
    "chwefror",
    "policy",
    "notice",
    "page",
    "settings",
    "preferences",
    "banner",
    "form",
    "service",
    "services",
    "website",
    "site",
    "web",
    "inc",
    "llc",
    "ltd",
    "limited",
    "google llc",
    "no",
    "yes",
    "all",
    "only",
    "other",
    "some",
    "any",
    "for",
    "by",
    "with",
    "to",
    "in",
    "on",
    "at",
    "of",
    "and",
    "or",
    "from",
    "each",
    "mozilla",
    "word",
    "windows",
    "ministry",
    "department",
    "justice",
    "weinyddiaeth",
    "gyfiawnder",
    "llywodraeth",
    "government",
    "gov.uk",
    "majesty",
    "agency",
    "authority",
    "police",
    "nhs",
    "adran",
    "swyddfa",
    "license",
    "licence",
    "article",
    "tuesdays",
    "sul",
    "sunday",
    "monday",
    "spam",
    "necessary",
    "essential",
    "accept",
    "reject",
    "analytics",
    "marketing",
    "session",
    "performance",
    "functional",
    "advertising",
    "strictly",
    "third",
    "party",
    "parties",
    "first",
    "gov",
    "secure",
    "officer",
    "union",
    "rights",
    "right",
    "victims",
    "victim",
    "portability",
    "constable",
    "chief",
    "application",
    "applications",
    "trackers",
    "tracker",
    "owner",
    "user",
    "users",
    "personal",
    "leave",
    "out",
    "opt",
    "accept",
    "welsh",
    "meta platforms",
    "services",
    "sites",
    "httponly",
    "samesite",
    "modd",
    "caniatâd",
    "facebook's",
    "cookiebot's",
    "crown",
    "copyright",
];

/// "X is an analytics service provided by Y": what is described, which is used here.
pub(super) fn described(sentence: &str) -> Option<String> {
    static IS: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^(?P<name>[A-Z][\w.&'-]*(?: (?:[A-Z(][\w.&')-]*|for|of))*) is an? [^.,;]{0,60}\b(?:service|tool|plugin|plug-in|widget|platform|system)\b[^.;]{0,20}\b(?:provided|offered|supplied|run|operated) by\b",
        )
    });
    IS.captures(sentence).map(|it| it["name"].to_owned())
}

/// Whether a name is, or begins with, that of a large company.
pub(super) fn is_owner(name: &str) -> bool {
    let first = name.split(' ').next().unwrap_or_default();
    OWNERS.contains(&first.trim_end_matches("'s"))
}

/// What services are called after whose they are.
const GENERIC: &[&str] = &["Forms", "Analytics", "Maps", "Insights", "Notify", "Pay", "Fonts"];

/// Companies whose services begin with their name.
const OWNERS: &[&str] = &["Google", "Microsoft", "Adobe", "Apple", "Amazon", "Meta"];

/// What the site's own organisation is called after.
const ORGANISATIONS: &[&str] = &[
    "hospital",
    "council",
    "trust",
    "university",
    "police",
    "college",
    "school",
    "museum",
    "library",
    "board",
    "borough",
    "county",
    "city",
    "constabulary",
    "association",
    "society",
    "club",
    "charity",
    "foundation",
    "commission",
    "commissioner",
    "committee",
    "parliament",
    "senedd",
    "bwrdd",
    "cyngor",
    "prifysgol",
    "heddlu",
    "ymddiriedolaeth",
    "ysbyty",
    "llyfrgell",
    "coleg",
    "ysgol",
    "amgueddfa",
];

/// Runs of words with capital letters that may name somebody: not the first word of a sentence, unless it
/// looks like a name by itself.
fn capitalised(sentence: &str) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    let mut run: Option<(usize, usize)> = None;
    let mut at = 0;
    let mut number = 0;
    for word in sentence.split_inclusive(' ') {
        let bare = word.trim_matches(|it: char| !it.is_alphanumeric());
        let bare = bare.strip_suffix("'s").or_else(|| bare.strip_suffix("’s")).unwrap_or(bare);
        let start = word.find(bare).map_or(at, |it| at + it);
        let lower = bare.to_lowercase();
        let inner = bare.chars().skip(1).any(char::is_uppercase);
        let named = bare.starts_with(char::is_uppercase)
            && bare.chars().all(|it| it.is_alphanumeric() || it == '.')
            && !NOBODY.contains(&lower.as_str())
            && (number > 0 || inner)
            && bare.len() > 2
            // Abbreviations name things more often than services.
            && bare.chars().filter(|it| it.is_lowercase()).count() >= 2;
        // `Simple Analytics`, `MOJ Forms`: such words go on a name, and begin none.
        let goes_on = run.is_some()
            && matches!(
                lower.as_str(),
                "analytics" | "forms" | "maps" | "tag" | "manager" | "insights" | "ads"
            );
        let named = named || goes_on;
        number += 1;
        at += word.len();
        let ends = word.trim_end().ends_with([',', '.', ';', ')', ':']);
        if word.trim_end().ends_with([':', '-', '–', '.', '•', '"', '“']) {
            number = 0;
        }
        match (&mut run, named) {
            (Some((_, end)), true) => *end = start + bare.len(),
            (None, true) => run = Some((start, start + bare.len())),
            (Some(_), false) => {
                // "the National Police Council" is no service.
                let organisation =
                    bare.starts_with(char::is_uppercase) && ORGANISATIONS.contains(&lower.as_str());
                if let Some((from, to)) = run.take().filter(|_| !organisation) {
                    found.push((sentence[from..to].to_owned(), from));
                }
            }
            (None, false) => (),
        }
        if ends && let Some((from, to)) = run.take() {
            found.push((sentence[from..to].to_owned(), from));
        }
    }
    if let Some((from, to)) = run {
        found.push((sentence[from..to].to_owned(), from));
    }
    // "Google Fonts", "GOV.UK Forms" are called whole.
    for (name, at) in &mut found {
        let before = sentence[..*at].trim_end();
        let owner = before.rsplit(' ').next().unwrap_or_default();
        let goes_before = GENERIC.contains(&name.as_str())
            && owner.chars().filter(|it| it.is_uppercase()).count() >= 2
            || OWNERS.contains(&owner);
        if goes_before && before.len() + 1 == *at {
            *name = format!("{owner} {name}");
            *at -= owner.len() + 1;
        }
    }
    let first = subject(sentence).filter(|_| !found.iter().any(|it| it.1 == 0));
    found.extend(first);
    found
}

/// The first word, where it is the subject of what services do.
fn subject(sentence: &str) -> Option<(String, usize)> {
    let mut words = sentence.split(' ');
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let first = if matches!(second, "Analytics" | "Forms" | "Maps" | "Insights") {
        sentence.get(..first.len() + 1 + second.len()).unwrap_or(first)
    } else {
        first
    };
    let second = if first.contains(' ') { words.next().unwrap_or_default() } else { second };
    let acts = [
        "may",
        "might",
        "can",
        "could",
        "cannot",
        "must",
        "will",
        "is",
        "does",
        "doesn't",
        "shows",
        "works",
        "stores",
        "sets",
        "leaves",
        "collects",
        "uses",
        "offers",
        "helps",
        "lets",
        "has",
        "never",
        "shares",
        "places",
        "drops",
        "keeps",
        "passes",
        "hands",
        "sends",
        "receives",
        "gives",
        "records",
        "tracks",
        "truncates",
        "anonymises",
        "anonymizes",
        "discards",
        "provides",
        "requires",
        "processes",
        "transfers",
        "discloses",
        "sells",
        "gets",
        "learns",
        "measures",
        "counts",
        "masks",
        "shortens",
        "runs",
        "loads",
        "adds",
        "creates",
        "writes",
        "saves",
        "explains",
        "publishes",
        "allows",
        "makes",
        "gathers",
        "holds",
        "retains",
    ];
    let bare = first.trim_matches(|it: char| !it.is_alphanumeric());
    let nobody = NOBODY.contains(&bare.to_lowercase().as_str()) && !OWNERS.contains(&bare);
    if acts.contains(&second)
        && bare.len() > 2
        && bare.starts_with(char::is_uppercase)
        && !nobody
        && !first_words(&bare.to_lowercase())
    {
        return Some((bare.to_owned(), 0));
    }
    None
}

/// Words that begin sentences and name nobody.
fn first_words(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "that",
        "there",
        "which",
        "who",
        "what",
        "browser",
        "browsers",
        "advertisers",
        "websites",
        "sites",
        "content",
        "nobody",
        "nothing",
        "everyone",
        "anyone",
        "somebody",
        "visitors",
        "users",
        "people",
        "refusing",
        "consent",
        "personal",
        "advertisement",
        "adverts",
        "videos",
        "pages",
        "links",
        "that",
        "here",
        "mae",
        "gall",
        "nid",
        "most",
        "many",
        "one",
        "someone",
        "information",
        "statistics",
        "figures",
        "signing",
        "using",
        "continuing",
        "browsing",
        "google's",
        "permission",
        "he",
        "she",
        "its",
        "their",
        "both",
        "neither",
        "each",
        "everything",
        "part",
        "parts",
        "visiting",
        "embedded",
        "tracking",
        "usage",
        "permission",
        "software",
    ];
    WORDS.contains(&word) || lexicon::knows(word)
}
