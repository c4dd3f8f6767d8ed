//! What a cookie, a storage item or a host is for, and who says so.
//!
//! [`Knowledge`] consults its sources in the order of how well they know: our facts (`data/*.toml`), the Open Cookie
//! Database, then the host of the script that wrote the item, then the item's own host, and last the shape of its
//! name. The user's filter lists are consulted for requests that no other source knows. If none of them knows, the
//! answer is [`Category::Unknown`].
//!
//! Only the user and our facts can say that something is essential. The Open Cookie Database files
//! under "Functional" whatever is neither analytics nor marketing, and third-party-web speaks of
//! hosts, not of what a visitor asked for.

mod conditions;
mod facts;
mod hosts;
mod lists;
mod name_scorer;
mod name_shape;
mod open_cookie_database;
mod pattern_index;
mod payments;
mod protocols;
#[cfg(test)]
mod row_tests;
mod sources;
#[cfg(test)]
mod tests;
mod tokens;

pub use crate::model::Override;
pub use conditions::Condition;
pub use lists::{FilterList, ListAbout, MOST_BYTES, NotAList, about as about_list, sha256};
pub use name_scorer::{Shape, Traits, score_name, score_name_with};
pub use payments::{is_payment_frame, is_payment_path};
pub use protocols::{Protocol, page_topic};
pub use sources::{EmbeddedData, Source, data_sources, embedded_data};
pub use tokens::{Token, TokenRole, Tokens};

use std::sync::{Arc, OnceLock};

use crate::model::{Category, Classification, SourceId, site};
use facts::{CookieFacts, Only, Why};
use hosts::{Hosts, Known};
use open_cookie_database::OpenCookieDatabase;

/// What is known of cookies, storage items and hosts before a site is looked at. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Knowledge {
    tables: Arc<Tables>,
    lists: Arc<[FilterList]>,
    overrides: Arc<[Override]>,
}

/// The tables, which the program embeds and tests may make smaller.
#[derive(Debug)]
struct Tables {
    facts: CookieFacts,
    hosts: Hosts,
    database: OpenCookieDatabase,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self::embedded()
    }
}

impl Knowledge {
    /// The tables that are part of the program, which are read the first time somebody needs them.
    pub fn embedded() -> Self {
        static TABLES: OnceLock<Arc<Tables>> = OnceLock::new();
        let tables = TABLES.get_or_init(|| {
            let facts = CookieFacts::embedded();
            let database = OpenCookieDatabase::embedded(&facts);
            Arc::new(Tables { facts, hosts: Hosts::embedded(), database })
        });
        Self { tables: Arc::clone(tables), lists: Arc::default(), overrides: Arc::default() }
    }

    /// The same with the user's filter lists, which are consulted last and in their order.
    #[must_use]
    pub fn with_lists(self, lists: Vec<FilterList>) -> Self {
        Self { lists: lists.into(), ..self }
    }

    /// The same with the user's own word on some names. Of several overrides for a name the first counts.
    #[must_use]
    pub fn with_overrides(self, overrides: Vec<Override>) -> Self {
        Self { overrides: overrides.into(), ..self }
    }

    /// The user's filter lists.
    pub fn lists(&self) -> &[FilterList] {
        &self.lists
    }

    /// What a cookie is for: its `name`, the `domain` it is kept for, the address of the script or
    /// response that wrote it, and what loaded that script, outermost first.
    pub fn cookie(
        &self,
        name: &str,
        domain: &str,
        set_by: Option<&str>,
        chain: &[String],
    ) -> Classification {
        self.item(name, &normal_host(domain), set_by, chain)
            .unwrap_or_else(|why| unknown(&format!("the cookie `{name}`"), why))
    }

    /// What a storage item is for: as [`Self::cookie`], with the `origin` that owns it.
    pub fn storage(
        &self,
        key: &str,
        origin: &str,
        set_by: Option<&str>,
        chain: &[String],
    ) -> Classification {
        let host = site::host_of(origin).unwrap_or_else(|| normal_host(origin));
        self.item(key, &host, set_by, chain)
            .unwrap_or_else(|why| unknown(&format!("the storage item `{key}`"), why))
    }

    /// What a host is for.
    pub fn host(&self, host: &str) -> Classification {
        let host = normal_host(host);
        self.tables
            .hosts
            .host(&host)
            .map_or_else(|| Classification::unknown(&format!("the host {host}")), Known::into)
    }

    /// Whether whole sites of others live at `host`, so that it says nothing about what is there.
    pub fn is_hosting(&self, host: &str) -> bool {
        self.tables.hosts.is_hosting(&normal_host(host))
    }

    /// What our facts say a cookie or storage item does, in an English sentence.
    pub fn purpose(&self, name: &str, host: &str) -> Option<&str> {
        self.tables.facts.find(name, &normal_host(host)).map(|fact| fact.purpose.as_str())
    }

    /// Whether a cookie or storage item is essential only to somebody who pays, by the fact that `class` rests on.
    pub fn is_only_for_payments(&self, name: &str, host: &str, class: &Classification) -> bool {
        let fact = self.tables.facts.find(name, &normal_host(host));
        class.basis.source == SourceId::Facts
            && fact.is_some_and(|it| it.only == Some(Only::Payments))
    }

    /// The conditions under which what a product keeps can rest on a legal ground other than consent: those about its
    /// maker, and the general ones for every ground of its rows that only those cover.
    pub fn conditions(&self, by: &str) -> Vec<&'static Condition> {
        let mut found: Vec<&'static Condition> = conditions::own(by).collect();
        for fact in self.tables.facts.by_maker(by).filter(|fact| fact.why != Why::Consent) {
            if found.iter().all(|row| row.why != fact.why) {
                found.extend(conditions::general(fact.why));
            }
        }
        found
    }

    /// What our facts say a host does, in an English sentence.
    pub fn host_purpose(&self, host: &str) -> Option<&str> {
        self.tables.hosts.host(&normal_host(host)).and_then(|known| known.does())
    }

    /// Whether whoever is at `host` records what visitors do on a page, to be played back.
    pub fn records(&self, host: &str) -> bool {
        self.tables.hosts.host(&normal_host(host)).is_some_and(|known| known.records())
    }

    /// Whether whoever is at `host` asks visitors for their choice and keeps it, whatever else its owner does.
    pub fn asks_for_consent(&self, host: &str) -> bool {
        self.tables.hosts.host(&normal_host(host)).is_some_and(|known| known.asks_for_consent())
    }

    /// Whether what is at `url` was written by others than those who serve it.
    pub fn is_library(&self, url: &str) -> bool {
        self.tables.hosts.address(url).is_some_and(|known| known.is_library())
    }

    /// What a request is for: by the path where that says more than the host.
    pub fn request(&self, url: &str) -> Classification {
        match (self.tables.hosts.address(url), site::host_of(url)) {
            (Some(known), _) => known.into(),
            (None, Some(host)) => self.host(&host),
            // `data:`, `blob:` and the like never leave the browser.
            (None, None) => Classification::unknown("an address without a host"),
        }
    }

    /// What a request of that kind is for that the page at `page` makes: as [`Self::request`], or else by the
    /// user's filter lists.
    pub fn request_of(&self, page: &str, url: &str, kind: &str) -> Classification {
        let class = self.request(url);
        if class.category != Category::Unknown {
            return class;
        }
        self.lists.iter().find_map(|list| list.classify(url, page, kind)).unwrap_or(class)
    }

    /// What the Open Cookie Database alone says about a name: the baseline to measure ours against.
    pub fn cookie_by_open_cookie_database(&self, name: &str, host: &str) -> Classification {
        self.tables
            .database
            .cookie(name, &normal_host(host))
            .unwrap_or_else(|why| unknown(&format!("the cookie `{name}`"), why))
    }

    /// What third-party-web alone says about a host: the baseline to measure ours against.
    pub fn host_by_third_party_web(&self, host: &str) -> Classification {
        let host = normal_host(host);
        self.tables
            .hosts
            .listed(&host)
            .map_or_else(|| Classification::unknown(&format!("the host {host}")), Known::into)
    }

    /// `Err` says why nothing is known, if there is more to say than that.
    fn item(
        &self,
        name: &str,
        host: &str,
        set_by: Option<&str>,
        chain: &[String],
    ) -> Result<Classification, Option<String>> {
        if let Some(said) = self.overrides.iter().find(|said| said.covers(name, host)) {
            return Ok(said.classification());
        }
        let Tables { facts, hosts, database } = &*self.tables;
        let own = hosts.host(host);
        let setter = set_by.and_then(|url| hosts.outsider(url, host));
        if let Some(fact) = facts.find(name, host) {
            let doubt = match fact.why {
                _ if fact.category != Category::Essential || fact.is_for_one_site() => None,
                // Banners are often loaded by those whose tags they gate.
                Why::ConsentRecord => own.as_ref().filter(|known| known.tracks()),
                _ => [&own, &setter]
                    .into_iter()
                    .flatten()
                    .find(|known| known.tracks() && !known.runs_others()),
            };
            return Ok(match doubt {
                None => fact.classification(),
                Some(known) => known.despite(name, fact),
            });
        }
        if let Some(fact) = facts.find_without_host(name).filter(|_| host.is_empty()) {
            return Ok(fact.classification_without_host());
        }
        let why = match database.cookie(name, host) {
            Ok(found) => return Ok(found),
            Err(why) => why,
        };
        if let Some(known) = setter.filter(Known::speaks_for_items) {
            return Ok(known.as_setter());
        }
        if let Some(known) = own.filter(Known::speaks_for_items) {
            return Ok(known.as_owner());
        }
        // A first-party script says nothing, whoever loaded it: a site's own code is often put
        // behind a tag manager.
        let first_party = set_by.and_then(site::host_of).is_some_and(|by| same_site(&by, host));
        let loader = chain.iter().rev().filter(|_| !first_party);
        loader
            .filter_map(|url| hosts.outsider(url, host))
            .find(|known| known.tracks() && !known.runs_others())
            .map(|known| known.as_loader())
            .or_else(|| name_shape::by_shape(name))
            .ok_or(why)
    }
}

fn same_site(one: &str, other: &str) -> bool {
    site::of_host(one) == site::of_host(other)
}

/// A host as the tables write it: lower case, without scheme, port and path, and without dots at either end.
fn normal_host(host: &str) -> String {
    let host = host.trim();
    let host = host.split_once("//").map_or(host, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((before, port)) if !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit()) => {
            // An IPv6 address without brackets has no port.
            if before.contains(':') && !before.ends_with(']') { host } else { before }
        }
        _ => host,
    };
    host.trim_matches('.').to_ascii_lowercase()
}

/// The host that a person means by `text`, in any case, with or without a scheme and a port; `None` if it is no name
/// of a host.
pub fn host_in(text: &str) -> Option<String> {
    let host = normal_host(text);
    site::looks_like_host(&host).then_some(host)
}

fn unknown(query: &str, why: Option<String>) -> Classification {
    let mut class = Classification::unknown(query);
    if let Some(why) = why {
        class.basis.entry = why;
    }
    class
}
