//! The Open Cookie Database (<https://github.com/jkwakman/Open-Cookie-Database>), projected by
//! `build/open_cookie_database.rs`.
//!
//! It holds names from many sites, some of which many sites use for something else (`token`), and
//! wildcards as short as `_s`. A name that could be anybody's counts only where its domain matches.

use std::collections::BTreeSet;

use super::{
    facts::{CookieFacts, is_within},
    pattern_index::PatternIndex,
    sources,
    tokens::{self, Tokens},
};
use crate::model::{Basis, Category, Classification, Confidence, SourceId};

/// Words that many sites use for things of their own, as whole names or as what a wildcard starts
/// with; compared without case.
const GENERIC: &[&str] = &[
    "__bid",
    "__pid",
    "_ab",
    "_csrf",
    "_curtime",
    "_device_id",
    "_experiment",
    "_guid",
    "_landing_page",
    "_orig_referrer",
    "_pid",
    "_routing_id",
    "_secure_session_id",
    "_sess",
    "_sid",
    "_tracking_consent",
    "_vercel_",
    "actionsethistory",
    "activeview",
    "api_token",
    "app_ts",
    "audience",
    "audit",
    "auid",
    "auth-token",
    "auth_token",
    "autocomplete",
    "blurtime",
    "callback",
    "cart",
    "cart_currency",
    "cart_ts",
    "checkout_session_token",
    "color_mode",
    "comp",
    "componentstyle",
    "componenttype",
    "cookiepreferences",
    "cookies-analytics",
    "cookies-functional",
    "cookies-marketing",
    "country",
    "currency",
    "data-",
    "device_id",
    "devicepixelratio",
    "disco",
    "discount_code",
    "done_redirects",
    "drift_",
    "europe",
    "expid_",
    "focustime",
    "fonts-loaded",
    "form_key",
    "frontend",
    "functionalcookie",
    "gdpr",
    "gdpr_status",
    "geoip",
    "guest-view",
    "guest_id",
    "hash",
    "hideidentitydialog",
    "html-classes",
    "identity-state-",
    "inst",
    "is_gdpr",
    "isfirstsession",
    "js_ver",
    "keep_alive",
    "l_page",
    "lang",
    "language",
    "lantern",
    "lastlist",
    "locale",
    "localization",
    "login",
    "login_redirect",
    "m_user",
    "opt_out",
    "optout",
    "pagereferrer",
    "partner-",
    "pdid",
    "phpmyadmin",
    "pluto",
    "pref",
    "preferredlanguage",
    "presence",
    "previous_step",
    "prism_",
    "product_data_storage",
    "querystring",
    "recently_compared_product",
    "recently_viewed_product",
    "recs",
    "recs-",
    "redirectionwarning",
    "ref-",
    "referrer_url",
    "remember_me",
    "renderid",
    "searchterm",
    "sess",
    "session",
    "session_id",
    "sessionid",
    "sharing_",
    "showcomments",
    "sidebarpinned",
    "sitereferrer",
    "ssid",
    "store",
    "store_language",
    "store_notice",
    "sync",
    "test",
    "token",
    "tokens",
    "trac_session",
    "uids",
    "unique_id",
    "user",
    "user_session",
    "userlang",
    "usersync",
    "utm_key",
    "uuid",
    "version",
    "viewer",
    "visitor",
    "visitor-id",
    "visitor_id",
    "visitorstatus",
    "welcome-",
    "wires",
];

/// Letters a wildcard must have of its own, before its star.
const SHORTEST_STEM: usize = 4;

/// From this length on a wildcard may end in the middle of a word.
const TELLING_STEM: usize = 8;

#[derive(Debug)]
struct Row {
    pattern: &'static str,
    category: &'static str,
    platform: &'static str,
    domains: Vec<&'static str>,
    /// Whether our facts have the same wildcard and say what its star stands for.
    superseded: bool,
}

impl Row {
    fn is_at(&self, host: &str) -> bool {
        self.domains.iter().any(|domain| is_within(host, domain))
    }

    /// Whether a wildcard that covers the name says enough to be trusted.
    fn is_telling(&self, name: &str, host: &str) -> bool {
        let stem = self.pattern.trim_end_matches('*');
        let last = stem.chars().next_back().is_some_and(|it| it.is_ascii_alphabetic());
        let next = name[stem.len()..].chars().next().is_some_and(|it| it.is_ascii_alphanumeric());
        // `_gat` is not the beginning of `_gather` or `_gat2_form`.
        let within_a_word = last && next;
        // `JSESSIONID*` does not stand for `JSESSIONID_analytics`.
        let tokens = Tokens::embedded();
        let follows = !category(self.category).tracks()
            && tokens.speaks_of_following(&tokens::split(&name[stem.len()..]));
        stem.len() >= SHORTEST_STEM
            && (self.domains.is_empty() || self.is_at(host) || travels(name))
            && !self.superseded
            && !follows
            && !is_generic(stem)
            && (stem.len() >= TELLING_STEM || !within_a_word)
    }
}

/// The rows and how to find them.
#[derive(Debug)]
pub(super) struct OpenCookieDatabase {
    rows: Vec<Row>,
    names: PatternIndex,
}

impl OpenCookieDatabase {
    /// The rows that are part of the program, as far as our facts leave them their patterns.
    pub(super) fn embedded(facts: &CookieFacts) -> Self {
        Self::parse(include_str!(concat!(env!("OUT_DIR"), "/open-cookie-database.tsv")), facts)
    }

    fn parse(text: &'static str, facts: &CookieFacts) -> Self {
        let rows: Vec<Row> = text
            .lines()
            .filter_map(row)
            .map(|row| Row { superseded: facts.limits(row.pattern), ..row })
            .collect();
        let names = PatternIndex::new(rows.iter().map(|row| row.pattern));
        Self { rows, names }
    }

    /// What the database says about a cookie, whose `host` may be empty if nobody said where it is kept; `Err` with a
    /// sentence if it says two things at once.
    pub(super) fn cookie(&self, name: &str, host: &str) -> Result<Classification, Option<String>> {
        let exact = self.rows_at(self.names.exact(name).iter().copied());
        let here: Vec<&Row> = exact.iter().copied().filter(|row| row.is_at(host)).collect();
        if !here.is_empty() {
            return unanimous(name, &here, Confidence::High);
        }
        if !exact.is_empty() && !is_generic(name) && name.len() >= SHORTEST_STEM {
            let (anywhere, elsewhere): (Vec<&Row>, Vec<&Row>) =
                exact.into_iter().partition(|row| row.domains.is_empty());
            if !anywhere.is_empty() {
                return unanimous(name, &anywhere, Confidence::Medium);
            }
            return if travels(name) || host.is_empty() {
                unanimous(name, &elsewhere, Confidence::Low)
            } else {
                Err(None)
            };
        }
        let wild = self.rows_at(self.names.wild(name));
        let telling: Vec<&Row> =
            wild.into_iter().filter(|row| row.is_telling(name, host)).collect();
        let Some(longest) = telling.first().map(|row| row.pattern) else { return Err(None) };
        let best: Vec<&Row> = telling.into_iter().filter(|row| row.pattern == longest).collect();
        let long = longest.len() > TELLING_STEM;
        unanimous(name, &best, if long { Confidence::Medium } else { Confidence::Low })
    }

    fn rows_at(&self, places: impl Iterator<Item = usize>) -> Vec<&Row> {
        places.map(|place| &self.rows[place]).collect()
    }
}

/// The category that all rows give. Which of two different ones is right cannot be known here.
fn unanimous(
    name: &str,
    rows: &[&Row],
    confidence: Confidence,
) -> Result<Classification, Option<String>> {
    let categories: BTreeSet<Category> = rows.iter().map(|row| category(row.category)).collect();
    let date = sources::date_of("Open Cookie Database");
    let entry = |row: &&Row| format!("{}: {} ({})", row.platform, row.pattern, row.category);
    let entries = rows.iter().map(entry).collect::<Vec<_>>().join("; ");
    let Some(&category) = categories.first().filter(|_| categories.len() == 1) else {
        return Err(Some(format!(
            "Open Cookie Database {date} gives more than one category for `{name}`: {entries}"
        )));
    };
    // Its other headings only say what a cookie is not.
    let confidence = if category.tracks() { confidence } else { Confidence::Low };
    Ok(Classification {
        category,
        basis: Basis {
            source: SourceId::OpenCookieDatabase,
            entry: format!("Open Cookie Database {date}, {entries}"),
            confidence,
        },
        organisation: rows.first().map(|row| row.platform.to_owned()),
        consent_only: false,
        or: None,
    })
}

/// Its headings in our words. None of them is [`Category::Essential`]: "Functional" holds
/// `_hjSessionUser_*` and `YSC` of `YouTube`, and "Necessary" is the vendors' own word.
fn category(theirs: &str) -> Category {
    match theirs {
        "Analytics" => Category::Performance,
        "Marketing" => Category::Marketing,
        "Functional" | "Necessary" | "Personalization" | "Security" => Category::Functional,
        _ => Category::Unknown,
    }
}

/// Whether a name is likely to be the same vendor's away from the domain its row gives. Many rows
/// give the vendor's domain for what its script writes at the site that embeds it, and such names
/// begin with `_` by habit; others (`cookies_accepted`, of Google) are anybody's.
fn travels(name: &str) -> bool {
    name.starts_with('_')
}

fn is_generic(name: &str) -> bool {
    GENERIC.iter().any(|word| word.eq_ignore_ascii_case(name))
}

fn row(line: &'static str) -> Option<Row> {
    let mut fields = line.split('\t');
    let (pattern, category, platform) = (fields.next()?, fields.next()?, fields.next()?);
    let domains = fields.next()?.split_whitespace().collect();
    Some(Row { pattern, category, platform, domains, superseded: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> OpenCookieDatabase {
        OpenCookieDatabase::embedded(&CookieFacts::embedded())
    }

    #[test]
    fn every_row_is_read_and_every_heading_known() {
        let text = include_str!(concat!(env!("OUT_DIR"), "/open-cookie-database.tsv"));
        let database = database();
        assert_eq!(database.rows.len(), text.lines().count());
        assert!(database.rows.len() > 2_000, "{}", database.rows.len());
        for row in &database.rows {
            assert_ne!(category(row.category), Category::Unknown, "{}", row.category);
        }
    }

    #[test]
    fn nothing_it_says_is_essential() {
        let database = database();
        for row in &database.rows {
            let host = row.domains.first().copied().unwrap_or("www.example.org");
            let name = row.pattern.replace('*', "1a");
            if let Ok(class) = database.cookie(&name, host) {
                assert!(class.category.needs_consent(), "{name}");
            }
        }
    }

    #[test]
    fn generic_words_count_only_at_their_domain() {
        let database = database();
        assert_eq!(database.cookie("token", "www.example.org"), Err(None));
        assert_eq!(database.cookie("lang", "www.example.org"), Err(None));
        let lang = database.cookie("lang", "ads.linkedin.com").expect("a row for LinkedIn");
        assert_eq!(lang.basis.confidence, Confidence::Low, "{lang:?}");
    }

    #[test]
    fn a_disagreement_is_reported_and_not_settled() {
        let row = |category, platform| Row {
            pattern: "token",
            category,
            platform,
            domains: Vec::new(),
            superseded: false,
        };
        let (one, other) = (row("Functional", "Xandr"), row("Marketing", "Adform"));
        let why = unanimous("token", &[&one, &other], Confidence::High)
            .expect_err("two headings")
            .expect("a reason");
        let said = "gives more than one category for `token`: \
                    Xandr: token (Functional); Adform: token (Marketing)";
        assert!(why.ends_with(said), "{why}");
        let same = row("Marketing", "Other");
        let class = unanimous("token", &[&other, &same], Confidence::High).expect("one heading");
        assert_eq!(
            (class.category, class.basis.confidence),
            (Category::Marketing, Confidence::High)
        );
    }

    #[test]
    fn an_entry_can_be_looked_up() {
        let class = database().cookie("_gid", "www.example.org").expect("a row for anywhere");
        assert_eq!(
            class.basis.entry,
            format!(
                "Open Cookie Database {}, Google Analytics: _gid (Analytics)",
                sources::date_of("Open Cookie Database")
            )
        );
        assert_eq!(class.basis.source, SourceId::OpenCookieDatabase);
        assert_eq!(class.category, Category::Performance);
    }
}
