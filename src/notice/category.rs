//! What a notice says its cookies are for.

use std::sync::LazyLock;

use regex::Regex;

use super::text::{fold, sentences};
use crate::model::Category;

/// The category that a heading, caption or other title states, if it states exactly one.
pub(super) fn of_title(title: &str) -> Option<Category> {
    let title = without_denials(&fold(&title.chars().take(300).collect::<String>()));
    only(TITLES.iter().filter(|(_, words)| words.is_match(&title)).map(|(category, _)| *category))
}

/// The category that a cell under a title such as "Category" or "Type" states.
pub(super) fn of_cell(cell: &str) -> Option<Category> {
    let folded = fold(&cell.chars().take(300).collect::<String>());
    match folded.trim_matches(|c: char| !c.is_alphanumeric()) {
        "settings" | "preferences" | "preference" | "gosodiadau" | "dewisiadau" => {
            Some(Category::Functional)
        }
        "security" | "diogelwch" => Some(Category::Essential),
        "ads" | "ad" => Some(Category::Marketing),
        _ => of_title(cell),
    }
}

/// The category that an introduction gives the cookies after it, as in "we use an essential cookie".
///
/// Only words close to the word cookie count: an introduction speaks of much else.
pub(super) fn of_introduction(text: &str) -> Option<Category> {
    const BEFORE: usize = 4;
    const AFTER: usize = 3;
    let mut found = Vec::new();
    for sentence in sentences(text) {
        let folded = fold(sentence);
        let words: Vec<&str> = folded.split(' ').collect();
        for (at, word) in words.iter().enumerate() {
            if !is_cookie_word(word) {
                continue;
            }
            let near = &words[at.saturating_sub(BEFORE)..words.len().min(at + AFTER + 1)];
            found.extend(of_title(&near.join(" ")));
        }
    }
    only(found.into_iter())
}

/// The category that a purpose, or a name, suggests where the notice says nothing.
pub(super) fn inferred(purpose: &str, name: &str) -> Option<Category> {
    let purpose = fold(&purpose.chars().take(1000).collect::<String>());
    let by_purpose = PURPOSES.iter().find(|(_, words)| words.is_match(&purpose));
    by_purpose.map(|(category, _)| *category).or_else(|| {
        static SESSION: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)sess(ion|id|$|_)|csrf|xsrf|^__host-auth|awsalb"));
        SESSION.is_match(name).then_some(Category::Essential)
    })
}

/// Whether a word speaks of cookies, in English or Welsh with its mutations.
pub(super) fn is_cookie_word(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    ["cookie", "cwci", "gwci", "chwci", "nghwci"].iter().any(|stem| {
        word.strip_prefix(stem).is_some_and(|rest| matches!(rest, "" | "s" | "'s" | "au" | "’s"))
    })
}

fn only(mut categories: impl Iterator<Item = Category>) -> Option<Category> {
    let first = categories.next()?;
    categories.all(|category| category == first).then_some(first)
}

fn without_denials(title: &str) -> String {
    static DENIALS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\bnon[- ]?(essential|necessary)|\bnot (strictly |absolutely )?(essential|necessary|required)|\bunnecessary|\b(nad|nid) ydynt yn (hanfodol|angenrheidiol)|\b(an|di)hanfodol|\bperformance survey|\b(harolwg|arolwg) perfformiad",
        )
    });
    DENIALS.replace_all(title, " ").into_owned()
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours")
}

/// Words in titles. "Cookie settings" and "Your preferences" are titles of forms, so settings and
/// preferences count only where they qualify cookies.
static TITLES: LazyLock<Vec<(Category, Regex)>> = LazyLock::new(|| {
    [
        (
            Category::Essential,
            r"\b(essential|necessary|required)\b|\b(make|makes|keep|run|needed)\b.{0,30}\b(site|website|service|services|app)s?\b.{0,20}\b(work|works|working|run|runs|function|going)\b|\bneeded (to run|for|by) (the|this|our)\b|\b(hanfodol|angenrheidiol|gofynnol)\b|\bgwneud i.{0,30}\b(weithio|gweithio)\b",
        ),
        (
            Category::Functional,
            r"\b(functional|functionality)\b|\b(remember|remembers|remembering|save|saves|store)\b.{0,40}\b(settings?|preferences?|choices?)\b|\b(settings?|preferences?) cookies?\b|\b(swyddogaethol|ymarferoldeb|gweithredol)\b|\bcofio.{0,40}\b(gosodiadau|dewisiadau|dewisiad)\b|\b(cwcis|gwcis) (gosodiadau|dewisiadau)\b",
        ),
        (
            Category::Performance,
            r"\b(performance|analytics?|analytical|statistics?|statistical)\b|\bmeasur(e|es|ing|ement)\b|\b(matomo|piwik|microsoft clarity|plausible|siteimprove|webtrends)\b|\b(dadansoddol|ddadansoddol|dadansoddeg|ddadansoddeg|dadansoddi|perfformiad|berfformiad|ystadegau|ystadegol|mesur|fesur)\b",
        ),
        (
            Category::Marketing,
            r"\b(marketing|advertising|advertisements?|adverts?|advertisers?|targeting|targeted|campaigns?|remarketing|retargeting)\b|\bad(s|vertising)? cookies?\b|\b(marchnata|farchnata|hysbysebu|hysbysebion|hysbysebion|targedu|dargedu|ymgyrch|ymgyrchoedd)\b",
        ),
    ]
    .map(|(category, words)| (category, pattern(words)))
    .into()
});

/// Words in purposes, in the order in which they decide: who counts visitors by session counts, who
/// remembers that a message about security was seen remembers.
static PURPOSES: LazyLock<Vec<(Category, Regex)>> = LazyLock::new(|| {
    [
        (
            Category::Marketing,
            r"\b(advertis\w*|adverts?|ads|remarket\w*|retarget\w*|targeted|marketing|ad (campaigns?|clicks?))\b|\b(hysbyseb\w*|marchnata)\b",
        ),
        (
            Category::Functional,
            r"\b(consent|banner|pop-?up|cookie (message|notice|policy|preferences?|settings?|bar|choices?)|cookies (message|policy|preferences?|settings?))\b|\b(accept\w*|agreed|agree|reject\w*|declin\w*)\b.{0,30}\bcookies?\b|\b(remember\w*|sav(e|es|ed|ing)|stor(e|es|ed|ing)|record\w*|keep\w*|know\w*|identif\w*|your)\b.{0,60}\b(settings?|preferences?|preferred|choices?|selections?|selected|language|locale|font|text size|contrast|theme|colour)\b|\b(seen|shown|viewed|dismissed|closed|hidden|minimi[sz]ed?|completed)\b.{0,60}\b(messages?|notices?|alerts?|notifications?|surveys?|pages?|invite|banner)\b|\b(messages?|notices?|alerts?|notifications?|surveys?|invites?)\b.{0,80}\b(again|seen|dismissed|minimised|closed|re-?appear|already)\b|\b(not|n't) (appear|re-?appear|show|shown|display\w*)\b.{0,20}\bagain\b|\b(caniat\w+|baner|dewisiadau|gosodiadau)\b.{0,30}|\b(gweld|welwyd|weld|dangos|ddangos|llenwi|lenwi)\b.{0,60}\b(neges|baner|hysbysiad|arolwg)\b|\b(neges|baner|hysbysiad|arolwg)\b.{0,60}\b(weld|welwyd|gweld|eto|ddiystyru)\b|\biaith\b|\bderbyn.{0,20}cwcis\b",
        ),
        (
            Category::Performance,
            r"\b(count\w*|measur\w*|analytics?|statistic\w*|metrics|how many (people|users|visitors|times)|visited (before|the (site|website|service) before)|been here before|page views?|page requests?|request rate|throttl\w*|unique (visitors?|users?)|distinguish\w* (unique )?(users?|visitors?)|how (you|people|visitors|users|our visitors) (use|used|uses|interact|found|find|got|reach\w*|arriv\w*|came|move|navigate)|traffic (source|sources|came)|website usage|site usage|usage of|improve (the|our|this) (web)?site|monitor performance)\b|\b(cyfrif|gyfrif|mesur|fesur|ymwelwyr unigryw|ystadeg\w*|dadansodd\w*|ymweld.{0,20}o'r blaen|faint o (bobl|dudalennau)|tudalennau.{0,30}(gweld|ymweld))\b|\bcyfradd y ceisiadau\b|\bsut (mae pobl|rydych|yr ydych).{0,30}\bdefnyddio\b",
        ),
        (
            Category::Essential,
            r"\b(sessions?|sign(ed|s|ing)?[- ]?(in|on)|log(ged|s|ging)?[- ]?(in|on)|login|sso|single sign|authenticat\w*|authoris\w*|security|secure\w*|csrf|xsrf|forgery|fraud\w*|malicious|attack\w*|bots?|load[- ]?balanc\w*|spread\w* .{0,30}servers?|same server|shopping basket|basket|checkout|lock(ed)? (out|account)|locked out|progress through|valid source|firewall|protect\w*)\b|\b(sesiwn|diogel\w*|ddiogel\w*|mewngofnod\w*|fewngofnod\w*|cydbwyso llwyth|twyll\w*)\b",
        ),
    ]
    .map(|(category, words)| (category, pattern(words)))
    .into()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_state_one_category_or_none() {
        use Category::{Essential, Functional, Marketing, Performance};
        for (title, category) in [
            ("Strictly necessary cookies", Some(Essential)),
            ("Cookies that make our website work", Some(Essential)),
            ("Non-essential cookies", None),
            ("Cookies that are not strictly necessary", None),
            ("Cookie settings", None),
            ("Your cookie preferences", None),
            ("Settings cookies", Some(Functional)),
            ("Cookies that remember your settings", Some(Functional)),
            ("Functional cookies", Some(Functional)),
            ("Analytics cookies (optional)", Some(Performance)),
            ("Measuring website usage (Google Analytics)", Some(Performance)),
            ("Tracking and performance cookies", Some(Performance)),
            ("Cookies that help with our communications and marketing", Some(Marketing)),
            ("Analytics and marketing cookies", None),
            ("Cwcis hanfodol", Some(Essential)),
            ("Cwcis sy’n cofio’ch gosodiadau", Some(Functional)),
            ("Cwcis dadansoddol (dewisol)", Some(Performance)),
            ("Cwcis marchnata", Some(Marketing)),
            ("Our opening hours", None),
        ] {
            assert_eq!(of_title(title), category, "{title}");
        }
    }

    #[test]
    fn introductions_count_only_near_the_word_cookie() {
        assert_eq!(
            of_introduction("We use an essential cookie to keep your data safe."),
            Some(Category::Essential)
        );
        assert_eq!(of_introduction("Cookies are files. It is essential to eat."), None);
        assert_eq!(of_introduction("We use essential cookies. We use marketing cookies."), None);
    }

    #[test]
    fn purposes_suggest_a_category() {
        use Category::{Essential, Functional, Marketing, Performance};
        for (purpose, name, category) in [
            ("Keeps you signed in", "sid", Some(Essential)),
            ("Spreads visits over several servers", "lb", Some(Essential)),
            ("Remembers your answer to the cookie banner", "seen", Some(Functional)),
            ("Remembers which language you chose", "lang", Some(Functional)),
            ("Counts visitors by session", "_ga", Some(Performance)),
            ("Shows adverts you may like", "ads", Some(Marketing)),
            ("A random value", "app_session", Some(Essential)),
            ("A random value", "vote", None),
            ("Cadw eich caniatâd cwcis", "cwcis", Some(Functional)),
        ] {
            assert_eq!(inferred(purpose, name), category, "{purpose}");
        }
    }
}
