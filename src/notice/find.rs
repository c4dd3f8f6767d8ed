//! Which links of a page may lead to its cookie notice.

use std::collections::BTreeSet;

use url::Url;

use super::category::is_cookie_word;
use super::text::{bare, fold, run_together, words};
use crate::model::site;

/// A link as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLink {
    /// Its visible text.
    pub text: String,
    /// Its address as written.
    pub href: String,
}

/// A page that may be the notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is, without fragment.
    pub url: Url,
    /// The text of the link.
    pub text: String,
}

/// How much a link looks like one to the cookie notice; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// `Cookies`, `Cookie policy`: the text is about the notice and nothing else.
    NamesNotice,
    /// Cookies are named in the text.
    SpeaksOfCookies,
    /// Cookies are named in the path only.
    LeadsToCookies,
    /// A form to change settings, on which the notice often stands too.
    Settings,
    /// `Privacy notice`.
    NamesPrivacy,
    /// Privacy or data protection in text or path.
    SpeaksOfPrivacy,
}

/// Guides and policies of others, which many sites link to and which describe no site.
const GUIDES: [&str; 12] = [
    "aboutcookies.org",
    "allaboutcookies.org",
    "aboutcookies.com",
    "ico.org.uk",
    "google.com",
    "youronlinechoices.com",
    "youronlinechoices.eu",
    "networkadvertising.org",
    "microsoft.com",
    "mozilla.org",
    "apple.com",
    "cookiepedia.co.uk",
];

/// Links of the page at `base` that may lead to its cookie notice, best first.
pub fn find(base: &Url, links: &[PageLink]) -> Vec<Candidate> {
    let home = site::of_url(base);
    let mut found: Vec<(bool, Rank, usize, Candidate)> = Vec::new();
    for (at, link) in links.iter().enumerate() {
        let Some(mut url) = address(base, &link.href) else { continue };
        url.set_fragment(None);
        if is_action(&link.text, &url) {
            continue;
        }
        let Some(rank) = rank(&link.text, &url) else { continue };
        let elsewhere = site::of_url(&url) != home;
        if elsewhere && is_guide(&url) {
            continue;
        }
        let candidate = Candidate { url, text: run_together(&link.text) };
        found.push((elsewhere, rank, at, candidate));
    }
    found.sort_by_key(|(elsewhere, rank, at, _)| (*elsewhere, *rank, *at));
    let mut seen = BTreeSet::new();
    found
        .into_iter()
        .map(|(.., candidate)| candidate)
        .filter(|candidate| seen.insert(candidate.url.to_string()))
        .collect()
}

fn address(base: &Url, href: &str) -> Option<Url> {
    let href = href.trim();
    if href.is_empty() {
        return None;
    }
    let url = base.join(href).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn is_guide(url: &Url) -> bool {
    site::of_url(url).is_some_and(|host| GUIDES.contains(&host.as_str()))
}

/// Links that do something rather than lead somewhere: following them would leave the site, end a
/// session, or make a choice.
fn is_action(text: &str, url: &Url) -> bool {
    const DOES: [&str; 22] = [
        "quickexit",
        "quickescape",
        "exitsite",
        "exitthispage",
        "leavesite",
        "leavethissite",
        "hidethispage",
        "gadaelysafle",
        "gadaelydudalen",
        "logout",
        "logoff",
        "signout",
        "allgofnodi",
        "acceptall",
        "acceptcookies",
        "rejectcookies",
        "rejectall",
        "acceptadditional",
        "rejectadditional",
        "hidecookie",
        "hidethismessage",
        "derbyncwcis",
    ];
    let text = bare(text);
    let path = bare(url.path());
    if DOES.iter().any(|does| text.contains(does) || path.contains(does)) {
        return true;
    }
    // Where a banner's form or link sends the choice.
    url.query_pairs().any(|(key, value)| {
        let pair = bare(&format!("{key}{value}"));
        DOES.iter().any(|does| pair.contains(does))
            || matches!(&*key, "action" | "accept" | "reject")
    })
}

fn rank(text: &str, url: &Url) -> Option<Rank> {
    let folded = fold(text);
    let said = words(text);
    let path = fold(url.path());
    let steps: Vec<&str> = path.split(|c: char| !c.is_alphanumeric()).collect();
    let text_has_cookie = said.iter().any(|word| is_cookie_word(word));
    let path_has_cookie = steps.iter().any(|step| {
        is_cookie_word(step)
            || (step.starts_with("cookie") && step.len() < 30)
            || step.starts_with("cwci")
    });
    let is_settings =
        ["settings", "preferences", "manage", "change", "choose", "gosodiadau", "rheoli"]
            .iter()
            .any(|word| said.iter().any(|said| said == word));
    // A news story about cookies has a long title.
    let is_short = said.len() <= 8;
    if text_has_cookie && is_short {
        if is_settings && !folded.contains("policy") && !folded.contains("notice") {
            return Some(Rank::Settings);
        }
        let plain = said.iter().all(|word| {
            is_cookie_word(word)
                || matches!(
                    word.as_str(),
                    "policy"
                        | "notice"
                        | "statement"
                        | "our"
                        | "the"
                        | "use"
                        | "of"
                        | "and"
                        | "privacy"
                        | "information"
                        | "about"
                        | "details"
                        | "page"
                        | "on"
                        | "this"
                        | "site"
                        | "website"
                        | "polisi"
                        | "hysbysiad"
                        | "datganiad"
                        | "a"
                        | "phreifatrwydd"
                        | "preifatrwydd"
                        | "ein"
                        | "y"
                        | "yr"
                        | "wybodaeth"
                        | "gwybodaeth"
                        | "am"
                        | "how"
                        | "we"
                        | "list"
                        | "terms"
                        | "legal"
                )
        });
        return Some(if plain { Rank::NamesNotice } else { Rank::SpeaksOfCookies });
    }
    if path_has_cookie && is_short {
        return Some(Rank::LeadsToCookies);
    }
    let is_privacy = |word: &str| {
        word == "privacy" || word.ends_with("preifatrwydd") || word.ends_with("phreifatrwydd")
    };
    let protects = folded.contains("data protection")
        || folded.contains("diogelu data")
        || path.contains("data-protection");
    if is_short && said.iter().any(|word| is_privacy(word)) {
        let names = ["policy", "notice", "statement", "hysbysiad", "polisi", "datganiad"]
            .iter()
            .any(|word| said.iter().any(|said| said == word))
            || said.len() == 1;
        return Some(if names { Rank::NamesPrivacy } else { Rank::SpeaksOfPrivacy });
    }
    (is_short && (protects || steps.iter().any(|step| is_privacy(step))))
        .then_some(Rank::SpeaksOfPrivacy)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses found, given `text -> href` lines.
    fn found(links: &str) -> Vec<String> {
        let links: Vec<PageLink> = links
            .lines()
            .filter_map(|line| line.trim().split_once(" -> "))
            .map(|(text, href)| PageLink { text: text.to_owned(), href: href.to_owned() })
            .collect();
        let base = Url::parse("https://www.force.police.uk/home/").unwrap();
        find(&base, &links).into_iter().map(|candidate| candidate.url.to_string()).collect()
    }

    #[test]
    fn the_cookie_notice_comes_before_privacy_and_the_own_site_before_others() {
        assert_eq!(
            found(
                "Privacy notice -> /privacy
                 How cookies work -> https://example.org/cookies
                 Data protection -> /dp
                 Manage cookies -> /cookie-settings
                 Contact -> /contact
                 Cookies -> ../cookies/#list
                 Legal -> /legal/cookie-policy"
            ),
            [
                "https://www.force.police.uk/cookies/",
                "https://www.force.police.uk/legal/cookie-policy",
                "https://www.force.police.uk/cookie-settings",
                "https://www.force.police.uk/privacy",
                "https://www.force.police.uk/dp",
                "https://example.org/cookies",
            ]
        );
    }

    #[test]
    fn welsh_words_count() {
        assert_eq!(
            found("Hysbysiad preifatrwydd -> /cy/p\nPolisi cwcis -> /cy/c"),
            ["https://www.force.police.uk/cy/c", "https://www.force.police.uk/cy/p"]
        );
    }

    #[test]
    fn actions_guides_and_other_schemes_are_left_out() {
        assert_eq!(
            found(
                "Accept all cookies -> /cookies/accept-all
                 Cookies -> javascript:void(0)
                 Cookies -> mailto:cookies@force.police.uk
                 Quick exit cookies -> https://www.google.com/
                 Log out of cookies -> /logout
                 Cookies -> /cookies?action=accept
                 About cookies -> https://www.aboutcookies.org/
                 Cookies guidance -> https://ico.org.uk/cookies"
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn one_page_is_listed_once() {
        assert_eq!(
            found("Cookies -> /cookies#a\nCookie policy -> /cookies#b\nCookies -> /cookies"),
            ["https://www.force.police.uk/cookies"]
        );
    }
}
