//! Whether a notice names who runs a host.

use crate::model::{Notice, ObservedHost};

/// Words that many hosts' names share and that name nobody.
const GENERIC: &[&str] = &[
    "analytics",
    "static",
    "cdn",
    "assets",
    "media",
    "content",
    "images",
    "tag",
    "tags",
    "track",
    "tracking",
    "ads",
    "widgets",
    "widget",
    "api",
    "connect",
    "secure",
    "cloud",
    "data",
    "stats",
    "fonts",
    "video",
    "maps",
    "script",
    "scripts",
    "account",
    "accounts",
    "service",
    "services",
];

/// Names under which notices speak of a site's owner: the site's label, and what people call it.
const ALIASES: &[(&str, &[&str])] = &[
    ("facebook", &["facebook", "meta"]),
    ("facebook.net", &["facebook", "meta"]),
    ("fbcdn.net", &["facebook", "meta"]),
    ("google-analytics.com", &["google analytics", "google-analytics", "ga4"]),
    ("googletagmanager.com", &["google tag manager", "googletagmanager", "google analytics"]),
    ("doubleclick.net", &["doubleclick", "google ads", "google advertising", "google marketing"]),
    ("googleadservices.com", &["google ads", "google advertising"]),
    ("youtube.com", &["youtube"]),
    ("youtube-nocookie.com", &["youtube"]),
    ("ytimg.com", &["youtube"]),
    ("googlevideo.com", &["youtube"]),
    ("clarity.ms", &["microsoft clarity", "clarity"]),
    ("hotjar.com", &["hotjar"]),
    ("twitter.com", &["twitter", "x (formerly twitter)"]),
    ("t.co", &["twitter"]),
    ("gstatic.com", &["google fonts", "recaptcha", "gstatic"]),
    ("googleapis.com", &["google fonts", "google maps", "googleapis"]),
];

/// The words with which the notice names this host, its site, or who runs it.
///
/// Whole words count, in any case. The organisation's name counts as data has it; its first word
/// alone does not, since "Google" names neither YouTube nor Google Analytics.
pub fn third_party_named(notice: &Notice, host: &ObservedHost) -> Option<String> {
    let text = notice.text.to_lowercase();
    let declared: Vec<String> = notice
        .declarations
        .iter()
        .flat_map(|it| [it.provider.as_deref(), it.domain.as_deref()])
        .flatten()
        .map(str::to_lowercase)
        .collect();
    let named = |word: &str| {
        word.len() >= 3
            && (has_word(&text, word) || declared.iter().any(|declared| has_word(declared, word)))
    };
    let mut words: Vec<String> = vec![host.host.to_lowercase(), host.site.to_lowercase()];
    words.extend(
        ALIASES
            .iter()
            .filter(|(site, _)| *site == host.site)
            .flat_map(|(_, names)| names.iter().map(|&name| name.to_owned())),
    );
    words.extend(host.class.organisation.iter().map(|it| it.to_lowercase()));
    let label = host.site.split('.').next().unwrap_or_default().to_lowercase();
    if label.len() >= 4 && !GENERIC.contains(&label.as_str()) {
        words.push(label.replace('-', " "));
        words.push(label);
    }
    words.into_iter().find(|word| named(word))
}

/// Whether `word` stands in `text` with nothing of a word on either side.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !part(before) && !part(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Classification, Party};

    fn named(text: &str, host: &str, organisation: Option<&str>) -> Option<String> {
        let notice = Notice {
            schema: String::new(),
            source: String::new(),
            language: "en".to_owned(),
            is_notice: true,
            declarations: Vec::new(),
            claims: Vec::new(),
            links: Vec::new(),
            reviewed: None,
            problems: Vec::new(),
            text: text.to_owned(),
        };
        let class = Classification {
            organisation: organisation.map(str::to_owned),
            ..Classification::unknown(host)
        };
        let host = ObservedHost {
            site: crate::model::site::of_host(host),
            host: host.to_owned(),
            party: Party::Third,
            class,
            requests: 1,
            kinds: Vec::new(),
            initiators: Vec::new(),
            example: String::new(),
            seen: Vec::new(),
        };
        third_party_named(&notice, &host)
    }

    #[test]
    fn a_service_is_named_by_what_people_call_it() {
        for (text, host, organisation, is) in [
            ("We count visits with Google Analytics.", "www.google-analytics.com", None, true),
            ("We use Google services.", "www.google-analytics.com", Some("Google"), true),
            ("We use Google.", "www.youtube.com", None, false),
            ("Videos come from YouTube.", "i.ytimg.com", None, true),
            ("The Meta Pixel tells us which advert worked.", "connect.facebook.net", None, true),
            ("Metadata is kept.", "connect.facebook.net", None, false),
            ("Help comes from Reciteme.", "cdn.reciteme.com", None, true),
            ("Our cdn is fast.", "cdn.test", None, false),
        ] {
            assert_eq!(named(text, host, organisation).is_some(), is, "{host} in {text}");
        }
    }
}
