//! Filter lists in the syntax of Adblock Plus, as the user saved them. None is part of the program, and
//! they are consulted only where nothing better is known: a list says that something should be blocked, and
//! hardly ever what it is for.

use std::{fmt, fmt::Write as _, sync::OnceLock};

use adblock::{
    Engine, FilterSet,
    lists::{ParseOptions, RuleTypes},
    request::Request,
    url_parser::{ResolvesDomain, set_domain_resolver},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::model::{Basis, Category, Classification, Confidence, SourceId};

/// More than any list has; the longest that are published have about 10 MiB.
pub const MOST_BYTES: usize = 50 << 20;

/// What is known about a list besides its rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListAbout {
    /// What the user calls it.
    pub name: String,
    /// The address or file it comes from.
    pub from: String,
    /// Day on which it was downloaded or copied from there, `YYYY-MM-DD`.
    pub date: String,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// Size of its text.
    pub bytes: usize,
    /// The title in its header.
    pub title: Option<String>,
    /// The version, or else the day of the last change, as its header has it.
    pub version: Option<String>,
    /// The licence, as its header has it.
    pub licence: Option<String>,
}

impl ListAbout {
    /// The version that its header states, in words.
    pub fn version(&self) -> &str {
        self.version.as_deref().unwrap_or("of no stated version")
    }

    /// The licence that its header states, in words.
    pub fn licence(&self) -> &str {
        self.licence.as_deref().unwrap_or("not stated")
    }
}

/// Why something is no filter list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAList {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It has more than [`MOST_BYTES`].
    #[error("it is longer than 50 MiB")]
    TooLong,
    /// It is HTML.
    #[error("it is a web page and no filter list")]
    Page,
    /// It is not UTF-8.
    #[error("it is no text")]
    NotText,
    /// Its header does not say that it is one.
    #[error("it does not begin like a filter list, with `[Adblock Plus 2.0]` or `! Title:`")]
    NoHeader,
    /// Nothing in it is about requests.
    #[error("it has no rule about requests")]
    NoRules,
}

/// Reads the header of a list.
///
/// # Errors
/// If they are no filter list.
pub fn about(name: &str, from: &str, date: &str, bytes: &[u8]) -> Result<ListAbout, NotAList> {
    if bytes.len() > MOST_BYTES {
        return Err(NotAList::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| NotAList::NotText)?;
    let text = text.trim_start_matches('\u{feff}');
    match text.trim_start().chars().next() {
        None => return Err(NotAList::Empty),
        Some('<') => return Err(NotAList::Page),
        Some(_) if text.contains('\0') => return Err(NotAList::NotText),
        Some(_) => (),
    }
    let title = header(text, &["title"]);
    let declared = text.trim_start().get(..8).is_some_and(|it| it.eq_ignore_ascii_case("[adblock"));
    if title.is_none() && !declared {
        return Err(NotAList::NoHeader);
    }
    if !text.lines().any(is_about_requests) {
        return Err(NotAList::NoRules);
    }
    Ok(ListAbout {
        name: name.to_owned(),
        from: from.to_owned(),
        date: date.to_owned(),
        sha256: sha256(bytes),
        bytes: bytes.len(),
        title,
        version: header(text, &["version", "last modified"]),
        licence: header(text, &["licence", "license"]),
    })
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The value of one of `keys` in the comments at the beginning of a list, the first key first.
fn header(text: &str, keys: &[&str]) -> Option<String> {
    const LINES: usize = 60;
    const LETTERS: usize = 200;
    keys.iter().find_map(|key| {
        text.lines().take(LINES).find_map(|line| {
            let (said, value) = line.trim_start().strip_prefix('!')?.split_once(':')?;
            let value: String = value.trim().chars().take(LETTERS).collect();
            (said.trim().eq_ignore_ascii_case(key) && !value.is_empty()).then_some(value)
        })
    })
}

/// Whether a line is a rule about requests, and not a comment or a rule about the look of pages.
fn is_about_requests(line: &str) -> bool {
    let line = line.trim();
    let looks = ["##", "#@#", "#?#", "#$#", "#%#"].iter().any(|it| line.contains(it));
    !line.is_empty() && !line.starts_with(['!', '[', '#']) && !looks
}

/// A list, compiled.
pub struct FilterList {
    about: ListAbout,
    engine: Engine,
}

impl fmt::Debug for FilterList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterList").field("about", &self.about).finish_non_exhaustive()
    }
}

impl FilterList {
    /// The list of that text.
    pub fn new(about: ListAbout, text: String) -> Self {
        // It is set once for the whole process; a second attempt is handed back, which is as good.
        let _ = set_domain_resolver(Box::new(PublicSuffixes));
        // With `true`, the engine remembers how each rule is written.
        let mut set = FilterSet::new(true);
        let rule_types = RuleTypes::NetworkOnly;
        set.add_filter_list(text, ParseOptions { rule_types, ..ParseOptions::default() });
        Self { about, engine: Engine::new_with_filter_set(set) }
    }

    /// What is known about it.
    pub const fn about(&self) -> &ListAbout {
        &self.about
    }

    /// What it says about a request of that kind that the page at `page` makes; `None` if no rule matches, or
    /// one that makes an exception.
    pub(super) fn classify(&self, url: &str, page: &str, kind: &str) -> Option<Classification> {
        let kind = match kind {
            "fetch" => "xhr",
            // A document of another site is a frame: what is opened in the window itself is the site.
            "document" => "sub_frame",
            kind => kind,
        };
        let request = Request::new(url, page, kind, "get").ok()?;
        let found = self.engine.check_network_request(&request);
        let rule = found.filter.filter(|_| found.exception.is_none())?;
        let rule = rule.raw_line.unwrap_or_else(|| "an unquoted rule".to_owned());
        let title = self.about.title.as_deref().unwrap_or(&self.about.name);
        let fact = load().iter().find(|it| it.title.eq_ignore_ascii_case(title));
        let category = fact.map_or(Category::Unknown, |it| it.category);
        let why = match fact {
            Some(it) => format!("{} <{}>, written {}", it.says, it.source, it.written),
            None => "which does not say what it is for".to_owned(),
        };
        Some(Classification {
            category,
            basis: Basis {
                source: SourceId::FilterList,
                entry: format!("`{rule}` in {title}, as of {}, {why}", self.about.date),
                confidence: Confidence::Low,
            },
            organisation: None,
            consent_only: false,
            or: None,
        })
    }
}

/// A row of `data/lists.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListFact {
    title: String,
    category: Category,
    says: String,
    source: String,
    written: String,
}

/// Registrable domains by the public suffix list that everything else here goes by.
struct PublicSuffixes;

impl ResolvesDomain for PublicSuffixes {
    fn get_host_domain(&self, host: &str) -> (usize, usize) {
        let domain = psl::domain_str(host).or_else(|| psl::suffix_str(host)).unwrap_or(host);
        (host.len() - domain.len(), host.len())
    }
}

/// The embedded rows, read once.
fn load() -> &'static [ListFact] {
    static FACTS: OnceLock<Vec<ListFact>> = OnceLock::new();
    FACTS.get_or_init(|| {
        #[derive(Deserialize)]
        struct File {
            lists: Vec<ListFact>,
        }
        let file: File = toml::from_str(include_str!("data/lists.toml"))
            .expect("lists.toml is part of the program and read by its tests");
        file.lists
    })
}

#[cfg(test)]
mod tests {
    use super::super::Knowledge;
    use super::*;

    const TEXT: &str = "[Adblock Plus 2.0]\n! Title: EasyPrivacy\n! Version: 202611240800\n\
        ! Licence: https://easylist.to/pages/licence.html\n! a comment\nexample.test##.box\n\
        ||tracker.test^$third-party\n/collect?$xmlhttprequest\n@@||tracker.test/allowed.js\n\
        ||www.google-analytics.com^\n";

    fn list(text: &str) -> FilterList {
        let about = about("mine", "mine.txt", "2026-11-25", text.as_bytes()).unwrap();
        FilterList::new(about, text.to_owned())
    }

    fn classified(text: &str, url: &str, kind: &str) -> Classification {
        let knowledge = Knowledge::embedded().with_lists(vec![list(text)]);
        knowledge.request_of("https://shop.test/", url, kind)
    }

    #[test]
    fn what_a_header_does_not_state_is_said_in_words() {
        let about = super::ListAbout {
            name: "mine".to_owned(),
            from: "mine.txt".to_owned(),
            date: "2026-01-01".to_owned(),
            sha256: String::new(),
            bytes: 0,
            title: None,
            version: None,
            licence: None,
        };
        assert_eq!((about.version(), about.licence()), ("of no stated version", "not stated"));
        let stated = super::ListAbout {
            version: Some("7".to_owned()),
            licence: Some("MIT".to_owned()),
            ..about.clone()
        };
        assert_eq!((stated.version(), stated.licence()), ("7", "MIT"));
        let list = super::FilterList::new(about, "||ads.test^".to_owned());
        assert!(format!("{list:?}").contains("mine.txt"));
    }

    #[test]
    fn a_header_is_read() {
        let about = list(TEXT).about;
        assert_eq!(about.title.as_deref(), Some("EasyPrivacy"));
        assert_eq!(about.version.as_deref(), Some("202611240800"));
        assert_eq!(about.licence.as_deref(), Some("https://easylist.to/pages/licence.html"));
        assert_eq!((about.bytes, about.sha256.len()), (TEXT.len(), 64));
        let bare = list("! Title: Mine\n! License: MIT\n! Last modified: today\n||a.test^").about;
        assert_eq!(bare.licence.as_deref(), Some("MIT"));
        assert_eq!(bare.version.as_deref(), Some("today"));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for (text, why) in [
            ("", NotAList::Empty),
            (" \n\u{feff}\n", NotAList::NoHeader),
            ("\n  <!doctype html><p>Not found", NotAList::Page),
            ("Once upon a time\nthere was a page.", NotAList::NoHeader),
            ("||a.test^", NotAList::NoHeader),
            ("! Title: Mine\na\0b", NotAList::NotText),
            ("! Title: Mine\n! nothing\n\nexample.test##.box\n", NotAList::NoRules),
        ] {
            assert_eq!(about("x", "x", "2026-11-25", text.as_bytes()), Err(why), "{text:?}");
        }
        assert_eq!(about("x", "x", "2026-11-25", b"\xff\xfe|"), Err(NotAList::NotText));
        let long = vec![b'!'; MOST_BYTES + 1];
        assert_eq!(about("x", "x", "2026-11-25", &long), Err(NotAList::TooLong));
    }

    #[test]
    fn a_rule_speaks_where_nobody_else_knows() {
        let class = classified(TEXT, "https://tracker.test/t.js", "script");
        assert_eq!(class.category, Category::Performance);
        assert_eq!(
            (class.basis.source, class.basis.confidence),
            (SourceId::FilterList, Confidence::Low)
        );
        for part in ["||tracker.test^$third-party", "EasyPrivacy", "2026-11-25"] {
            assert!(class.basis.entry.contains(part), "{part} in {}", class.basis.entry);
        }
        // An option of a rule counts: the same address asked for as an image is another matter.
        let by = |kind: &str| classified(TEXT, "https://x.test/collect?id=1", kind).category;
        assert_eq!((by("fetch"), by("image")), (Category::Performance, Category::Unknown));
    }

    #[test]
    fn an_exception_is_no_rule() {
        let class = classified(TEXT, "https://tracker.test/allowed.js", "script");
        assert_eq!((class.category, class.basis.source), (Category::Unknown, SourceId::None));
    }

    #[test]
    fn a_list_overrides_nothing_that_is_known() {
        let url = "https://www.google-analytics.com/collect?v=2";
        let known = Knowledge::embedded().request(url);
        assert_ne!(known.category, Category::Unknown);
        assert_eq!(classified(TEXT, url, "fetch"), known);
        let list = TEXT.replace("EasyPrivacy", "EasyList");
        assert_eq!(classified(&list, url, "fetch"), known);
    }

    #[test]
    fn only_what_a_list_is_for_makes_a_category() {
        let of = |title: &str| {
            let class = classified(
                &TEXT.replace("EasyPrivacy", title),
                "https://tracker.test/t.js",
                "script",
            );
            (class.category, class.basis.source)
        };
        assert_eq!(of("EasyList"), (Category::Marketing, SourceId::FilterList));
        // A list of annoyances says nothing of why a thing is there.
        assert_eq!(of("EasyList Cookie List"), (Category::Unknown, SourceId::FilterList));
    }

    #[test]
    fn list_rows_are_complete() {
        for row in load() {
            assert!(row.category.tracks(), "{}", row.title);
            assert!(row.source.starts_with("https://") && row.written.len() == 7, "{}", row.title);
        }
    }

    #[test]
    fn hostile_rules_and_addresses_do_no_harm() {
        let text = format!(
            "! Title: \u{1b}[2J{}\n||a.test^$domain={}\n/(a+)+$/\n",
            "x".repeat(9000),
            "~".repeat(9000)
        );
        for url in [
            "",
            "a",
            "https://",
            "https://a.test/\u{0}",
            &format!("https://b.test/{}", "a".repeat(5000)),
        ] {
            let _ = classified(&text, url, "script");
        }
    }
}
