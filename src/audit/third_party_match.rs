//! Whether a notice names a third party. Two people can call one service by many names, so this asks
//! for the host, its site, what the site is called, and who runs it.

use crate::model::{Notice, ObservedHost, site};

/// How far apart, in bytes, two words can stand and still be read together.
const NEAR: usize = 60;

/// A service with hosts of many sites or names of its own.
struct Service {
    /// What to call it.
    name: &'static str,
    /// Registrable domains up to the first dot.
    labels: &'static [&'static str],
    /// What sources call it, lower case.
    organisations: &'static [&'static str],
    /// Words that name it, lower case. `google+analytics`: both words, near each other.
    words: &'static [&'static str],
}

/// Google's and Meta's services: each has hosts under other names, and a notice that names the
/// company has not named all of its services.
const SERVICES: &[Service] = &[
    Service {
        name: "Google Analytics",
        labels: &["google-analytics"],
        organisations: &["google analytics"],
        words: &["google+analytics", "universal analytics", "ga4"],
    },
    // It also serves gtag.js, the script of Google Analytics.
    Service {
        name: "Google Tag Manager",
        labels: &["googletagmanager"],
        organisations: &["google tag manager"],
        words: &["tag manager", "gtm", "google+analytics"],
    },
    Service {
        name: "Google Ads",
        labels: &["doubleclick", "googlesyndication", "googleadservices", "2mdn"],
        organisations: &["google ads", "google doubleclick", "google/doubleclick ads"],
        words: &["doubleclick", "google+ads", "google+adsense", "google+advertising", "adwords"],
    },
    Service {
        name: "YouTube",
        labels: &["youtube", "youtube-nocookie", "ytimg", "googlevideo"],
        organisations: &["youtube"],
        words: &["youtube", "you tube"],
    },
    Service {
        name: "Meta",
        labels: &["facebook", "fbcdn", "instagram", "cdninstagram"],
        organisations: &["meta", "meta pixel", "facebook", "instagram"],
        words: &["facebook", "instagram", "meta platforms", "meta pixel", "Meta"],
    },
    Service {
        name: "X",
        labels: &["twitter", "twimg", "ads-twitter"],
        organisations: &["x", "twitter"],
        words: &["twitter", "x corp"],
    },
];

/// Labels and names that are also ordinary words: they name someone only with a capital letter.
const ORDINARY: &[&str] = &[
    "analytics",
    "apple",
    "assets",
    "clarity",
    "cloud",
    "content",
    "count",
    "drift",
    "events",
    "fonts",
    "forms",
    "heap",
    "hub",
    "live",
    "maps",
    "media",
    "meta",
    "optimise",
    "optimize",
    "police",
    "segment",
    "sentry",
    "service",
    "services",
    "statistics",
    "static",
    "stats",
    "stripe",
    "survey",
    "tags",
    "track",
    "tracking",
    "video",
    "videos",
];

/// The words of `notice` that name `host`, its site or who runs it; `None` if there are none.
///
/// "Google" alone names none of the services above, only hosts about which no more is known.
pub fn third_party_named(notice: &Notice, host: &ObservedHost) -> Option<String> {
    let rows = notice.declarations.iter().map(|it| {
        let parts = [&it.provider, &it.domain, &it.section, &it.purpose];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ")
    });
    let places: Vec<String> = std::iter::once(notice.text.clone()).chain(rows).collect();
    let places: Vec<(String, String)> =
        places.into_iter().map(|text| (text.to_ascii_lowercase(), text)).collect();
    let names = names(host);
    // The surest name first, wherever it stands.
    names.iter().find_map(|name| places.iter().find_map(|(lower, place)| find(place, lower, name)))
}

/// What the service behind `host` is called: hosts of one service are one third party.
pub fn third_party_service(host: &ObservedHost) -> &str {
    service(host)
        .map(|it| it.name)
        .or(host.class.organisation.as_deref())
        .unwrap_or(host.site.as_str())
}

fn service(host: &ObservedHost) -> Option<&'static Service> {
    let organisation = host.class.organisation.as_deref().unwrap_or_default().to_ascii_lowercase();
    let label = label(host);
    SERVICES
        .iter()
        .find(|it| it.labels.contains(&label.as_str()))
        .or_else(|| SERVICES.iter().find(|it| it.organisations.contains(&organisation.as_str())))
}

/// What the site is called: its registrable domain up to the first dot. A host that is a public
/// suffix's own, or a number, has none.
fn label(host: &ObservedHost) -> String {
    let is_address = host.site.parse::<std::net::IpAddr>().is_ok();
    if is_address || site::is_public_suffix(&host.site) {
        return String::new();
    }
    host.site.split('.').next().unwrap_or_default().to_ascii_lowercase()
}

/// A way in which a notice can name someone.
#[derive(Debug, PartialEq, Eq)]
enum Name {
    /// A host or domain, also as the end of a longer one.
    Host(String),
    /// Words in this order, as whole words.
    Phrase(String),
    /// Words in any order, near the first of them.
    Together(Vec<String>),
}

fn names(host: &ObservedHost) -> Vec<Name> {
    let mut names = vec![Name::Host(host.host.to_string()), Name::Host(host.site.clone())];
    if let Some(service) = service(host) {
        names.extend(service.words.iter().map(|words| {
            if words.contains('+') {
                Name::Together(words.split('+').map(str::to_owned).collect())
            } else {
                Name::Phrase((*words).to_owned())
            }
        }));
        return names;
    }
    if let Some(organisation) = &host.class.organisation {
        let words: Vec<String> = organisation
            .split(|it: char| it.is_whitespace() || matches!(it, '/' | ',' | '(' | ')'))
            .filter(|it| !matches!(*it, "" | "and" | "Inc" | "Inc." | "Ltd" | "LLC" | "Limited"))
            .map(str::to_owned)
            .collect();
        names.push(Name::Phrase(words.join(" ")));
        if words.len() > 1 {
            names.push(Name::Together(words));
        }
    }
    let label = label(host);
    // `google` is the label of services that a notice has to name one by one.
    let company = ["google", "microsoft", "amazon", "adobe"].contains(&label.as_str())
        && host.class.organisation.as_deref().is_some_and(|it| it.contains(' '));
    if label.len() >= 4 && !company {
        if label.contains('-') {
            names.push(Name::Phrase(label.replace('-', " ")));
        }
        names.push(Name::Phrase(label));
    }
    names
}

/// `lower` is the text in lower case: of the same length in bytes, so that places in one are places in the other.
fn find(text: &str, lower: &str, name: &Name) -> Option<String> {
    match name {
        Name::Host(host) => occurrences(lower, host)
            .find(|&(from, to)| {
                let before = lower[..from].chars().next_back();
                let mut after = lower[to..].chars();
                let ends = match after.next() {
                    Some('.') => !after.next().is_some_and(char::is_alphanumeric),
                    Some(it) => !in_host(it),
                    None => true,
                };
                ends && before.is_none_or(|it| it == '.' || !in_host(it))
            })
            .map(|(from, to)| text[from..to].to_owned()),
        Name::Phrase(words) => {
            word(text, lower, words).next().map(|(from, to)| text[from..to].to_owned())
        }
        Name::Together(words) => {
            let (first, rest) = words.split_first()?;
            word(text, lower, first).find_map(|at| {
                let mut span = at;
                for other in rest {
                    let close =
                        |&(from, to): &(usize, usize)| from <= at.1 + NEAR && at.0 <= to + NEAR;
                    let (from, to) = word(text, lower, other).find(close)?;
                    span = (span.0.min(from), span.1.max(to));
                }
                Some(text[span.0..span.1].to_owned())
            })
        }
    }
}

fn in_host(it: char) -> bool {
    it.is_alphanumeric() || it == '-'
}

/// Places at which `words` stand as whole words in `text`; `lower` is its lower case. An
/// ordinary word, or one of our list written with a capital, must be written with one.
fn word<'a>(text: &'a str, lower: &'a str, words: &str) -> impl Iterator<Item = (usize, usize)> {
    let needle = words.to_ascii_lowercase();
    let capital = ORDINARY.contains(&needle.as_str()) || needle.chars().count() < 3;
    let places: Vec<_> = occurrences(lower, &needle)
        .filter(|&(from, to)| {
            let part = |it: char| it.is_alphanumeric() || it == '_';
            !lower[..from].chars().next_back().is_some_and(part)
                && !lower[to..].chars().next().is_some_and(part)
                && (!capital || text[from..].starts_with(char::is_uppercase))
        })
        .collect();
    places.into_iter()
}

fn occurrences(text: &str, needle: &str) -> impl Iterator<Item = (usize, usize)> {
    let found = if needle.is_empty() { Vec::new() } else { text.match_indices(needle).collect() };
    let length = needle.len();
    found.into_iter().map(|(at, _)| (at, at + length)).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::testing::{host, notice};

    #[track_caller]
    fn named(text: &str, name: &str, organisation: Option<&str>) -> Option<String> {
        third_party_named(&notice(&format!("text {text}")), &host(name, organisation))
    }

    #[test]
    fn a_company_is_not_all_of_its_services() {
        let youtube = ("i.ytimg.com", Some("YouTube"));
        let analytics = ("www.google-analytics.com", Some("Google Analytics"));
        for (text, (host, organisation), there) in [
            ("We use Google.", youtube, false),
            ("We show videos from YouTube.", youtube, true),
            ("We use Google.", analytics, false),
            ("We use Google Analytics.", analytics, true),
            ("Analytics cookies are set by Google.", analytics, true),
            ("google-analytics.com", analytics, true),
            ("Adobe Analytics", analytics, false),
            ("We use Google.", ("www.gstatic.com", Some("Google")), true),
            ("We use Google.", ("www.google.com", Some("Google reCAPTCHA")), false),
            ("We use reCAPTCHA by Google.", ("www.google.com", Some("Google reCAPTCHA")), true),
        ] {
            let found = named(text, host, organisation);
            assert_eq!(found.is_some(), there, "{host} in {text:?}: {found:?}");
        }
    }

    #[test]
    fn names_stand_as_whole_words() {
        for (text, there) in [
            ("We use Hotjar's recordings.", true),
            ("we use HOTJAR", true),
            ("nothotjar and hotjars", false),
            ("see www.hotjar.com/legal", true),
            ("static.hotjar.com", true),
            ("", false),
        ] {
            let found = named(text, "static.hotjar.com", None);
            assert_eq!(found.is_some(), there, "{text:?}: {found:?}");
        }
    }

    #[test]
    fn a_domain_is_not_named_by_a_longer_one() {
        assert_eq!(named("see t.co.uk and t.company", "t.co", None), None);
        assert_eq!(named("links go through t.co.", "t.co", None).as_deref(), Some("t.co"));
        assert_eq!(named("evil-ab.io", "ab.io", None), None);
    }

    #[test]
    fn ordinary_words_need_a_capital() {
        let clarity = |text| named(text, "www.clarity.ms", Some("Microsoft Clarity"));
        assert_eq!(clarity("For clarity we list them."), None);
        assert_eq!(clarity("We use Clarity.").as_deref(), Some("Clarity"));
        let meta = |text| named(text, "www.facebook.com", Some("Meta"));
        assert_eq!(meta("They hold meta data."), None);
        assert_eq!(meta("Set by Meta.").as_deref(), Some("Meta"));
        assert_eq!(meta("the facebook pixel").as_deref(), Some("facebook"));
    }

    #[test]
    fn a_row_can_name_a_provider() {
        let notice = notice("declare _hjid provider=Hotjar");
        let found = third_party_named(&notice, &host("script.hotjar.com", Some("Hotjar")));
        assert_eq!(found.as_deref(), Some("Hotjar"));
    }

    #[test]
    fn words_beyond_ascii_do_not_shift_places() {
        let found = named("İ Σ ŵ – Hotjar", "static.hotjar.com", None);
        assert_eq!(found.as_deref(), Some("Hotjar"));
    }

    #[test]
    fn hosts_of_one_service_are_one_third_party() {
        let one = host("connect.facebook.net", Some("Meta pixel"));
        let other = host("www.facebook.com", Some("Meta"));
        assert_eq!(third_party_service(&one), third_party_service(&other));
        assert_eq!(third_party_service(&host("a.shop.test", None)), "shop.test");
    }
}
