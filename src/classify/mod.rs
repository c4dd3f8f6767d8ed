//! What a cookie, a storage item or a host is for, and who says so.
//!
//! Sources are asked in the order of how well they know: the user's own overrides, our facts
//! (`data/*.toml`), the Open Cookie Database, then the host of the script that wrote the item, then
//! the item's own host. The user's filter lists are asked of requests that nobody knows. Where none of them knows, the answer is [`Category::Unknown`].
//!
//! Only the user and our facts can say that something is essential. The Open Cookie Database files
//! under "Functional" whatever is neither analytics nor marketing, and third-party-web speaks of
//! hosts, not of what a visitor asked for.

mod conditions;
mod facts;
mod guess;
mod hosts;
mod lists;
mod names;
mod open_cookie_database;
mod protocols;
mod sources;
#[cfg(test)]
mod tests;
mod words;

pub use conditions::{Condition, conditions};
pub use guess::{Shape, Traits, guess, guess_with};
pub use lists::{FilterList, ListAbout, MOST_BYTES, NotAList, about as about_list, sha256};
pub use protocols::{Protocol, subject};
pub use sources::{Held, Source, data_sources, held};
pub use words::{Says, Word, Words};

use std::sync::Arc;

pub use crate::model::Override;
use crate::model::{Category, Classification, site};
use facts::Why;
use hosts::Known;

/// Says what things are for.
#[derive(Clone, Debug)]
pub struct Classifier {
    overrides: Vec<Override>,
    lists: Arc<[FilterList]>,
}

impl Classifier {
    /// Reads the embedded data if nobody has yet. Of several overrides for a name the first counts.
    pub fn new(overrides: Vec<Override>) -> Self {
        facts::load();
        hosts::load();
        open_cookie_database::load();
        Self { overrides, lists: Arc::default() }
    }

    /// The same with the user's filter lists, which are asked last and in their order.
    #[must_use]
    pub fn with_lists(self, lists: Vec<FilterList>) -> Self {
        Self { lists: lists.into(), ..self }
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
        self.item(name, &clean(domain), set_by, chain)
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
        let host = site::host_of(origin).unwrap_or_else(|| clean(origin));
        self.item(key, &host, set_by, chain)
            .unwrap_or_else(|why| unknown(&format!("the storage item `{key}`"), why))
    }

    /// What a host is for.
    pub fn host(&self, host: &str) -> Classification {
        let host = clean(host);
        hosts::host(&host)
            .map_or_else(|| Classification::unknown(&format!("the host {host}")), Known::into)
    }

    /// Whether whole sites of others live at `host`, so that it says nothing of what is there.
    #[allow(clippy::unused_self, reason = "a classifier shows that the data has been read")]
    pub fn is_hosting(&self, host: &str) -> bool {
        hosts::is_hosting(&clean(host))
    }

    /// What our facts say a cookie or storage item does, in an English sentence.
    #[allow(clippy::unused_self, reason = "a classifier shows that the data has been read")]
    pub fn purpose(&self, name: &str, host: &str) -> Option<&'static str> {
        facts::cookie(name, &clean(host)).map(|fact| fact.purpose.as_str())
    }

    /// What our facts say a host does, in an English sentence.
    #[allow(clippy::unused_self, reason = "a classifier shows that the data has been read")]
    pub fn host_purpose(&self, host: &str) -> Option<&'static str> {
        hosts::host(&clean(host)).and_then(|known| known.does())
    }

    /// Whether whoever is at `host` records what visitors do on a page, to be played back.
    #[allow(clippy::unused_self, reason = "a classifier shows that the data has been read")]
    pub fn records(&self, host: &str) -> bool {
        hosts::host(&clean(host)).is_some_and(|known| known.records())
    }

    /// Whether what is at `url` was written by others than those who serve it.
    #[allow(clippy::unused_self, reason = "a classifier shows that the data has been read")]
    pub fn is_library(&self, url: &str) -> bool {
        hosts::address(url).is_some_and(|known| known.is_library())
    }

    /// What a request is for: by the path where that tells more than the host.
    pub fn request(&self, url: &str) -> Classification {
        match (hosts::address(url), site::host_of(url)) {
            (Some(known), _) => known.into(),
            (None, Some(host)) => self.host(&host),
            // `data:`, `blob:` and the like never leave the browser.
            (None, None) => Classification::unknown("an address without a host"),
        }
    }

    /// What a request of that kind is for that the page at `page` makes: as [`Self::request`], or else as
    /// the user's filter lists have it.
    pub fn request_of(&self, page: &str, url: &str, kind: &str) -> Classification {
        let class = self.request(url);
        if class.category != Category::Unknown {
            return class;
        }
        self.lists.iter().find_map(|list| list.says(url, page, kind)).unwrap_or(class)
    }

    /// `Err` says why nothing is known, if there is more to say than that.
    fn item(
        &self,
        name: &str,
        host: &str,
        set_by: Option<&str>,
        chain: &[String],
    ) -> Result<Classification, Option<String>> {
        if let Some(over) = self.overrides.iter().find(|over| over.covers(name, host)) {
            return Ok(over.classification());
        }
        let own = hosts::host(host);
        let setter = set_by.and_then(|url| outsider(url, host));
        if let Some(fact) = facts::cookie(name, host) {
            let doubt = match fact.why {
                // A row for one domain knows who is there.
                _ if fact.category != Category::Essential || fact.domain.is_some() => None,
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
        let why = match open_cookie_database::cookie(name, host) {
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
            .filter_map(|url| outsider(url, host))
            .find(|known| known.tracks() && !known.runs_others())
            .map(|known| known.as_loader())
            .ok_or(why)
    }
}

/// What the Open Cookie Database alone says of a name: what to measure ours against.
pub fn by_open_cookie_database(name: &str, host: &str) -> Classification {
    open_cookie_database::cookie(name, &clean(host))
        .unwrap_or_else(|why| unknown(&format!("the cookie `{name}`"), why))
}

/// What third-party-web alone says of a host: what to measure ours against.
pub fn by_third_party_web(host: &str) -> Classification {
    let host = clean(host);
    hosts::listed(&host)
        .map_or_else(|| Classification::unknown(&format!("the host {host}")), Known::into)
}

/// What is known of the host of `url`, unless it is of the same site as `host`.
fn outsider(url: &str, host: &str) -> Option<Known> {
    if same_site(&site::host_of(url)?, host) { None } else { hosts::address(url) }
}

fn same_site(one: &str, other: &str) -> bool {
    site::of_host(one) == site::of_host(other)
}

fn clean(host: &str) -> String {
    host.trim_matches('.').to_ascii_lowercase()
}

fn unknown(query: &str, why: Option<String>) -> Classification {
    let mut class = Classification::unknown(query);
    if let Some(why) = why {
        class.basis.entry = why;
    }
    class
}
