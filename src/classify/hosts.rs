//! Who is at a host and what for: our own `data/hosts-1.toml` and `data/hosts-2.toml`, then third-party-web
//! (<https://github.com/patrickhulce/third-party-web>), projected by `build/third_party_web.rs`.

use std::{collections::BTreeMap, iter};

use serde::Deserialize;
use url::Url;

use super::{
    facts::{CookieFact, high},
    same_site, sources,
};
use crate::model::{Basis, Category, Classification, Confidence, SourceId, site};

/// Our own rows, in two files because people read each of them.
pub(super) const TEXTS: [&str; 2] =
    [include_str!("data/hosts-1.toml"), include_str!("data/hosts-2.toml")];

/// A row of one of these files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostFact {
    pub(super) host: String,
    pub(super) category: Category,
    pub(super) role: Option<Role>,
    #[serde(default = "high")]
    pub(super) confidence: Confidence,
    pub(super) by: String,
    pub(super) does: String,
    pub(super) source: String,
    pub(super) written: String,
}

/// Why a host says less than others of what is stored at or from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Role {
    /// Serves what others wrote.
    Library,
    /// Asks for the visitor's choice: what it stores may be the record of that.
    Consent,
    /// Whole sites live there.
    Platform,
    /// Runs what others chose.
    TagManager,
    /// Records what visitors do on a page, to be played back.
    Recorder,
}

/// A row of third-party-web.
#[derive(Debug)]
struct Entity {
    category: &'static str,
    name: &'static str,
    company: &'static str,
}

/// What is known of a host.
#[derive(Clone, Debug)]
pub(super) struct Known<'a> {
    category: Category,
    role: Option<Role>,
    confidence: Confidence,
    source: SourceId,
    entry: String,
    organisation: &'a str,
    does: Option<&'a str>,
}

impl<'a> Known<'a> {
    fn from_fact(fact: &'a HostFact) -> Self {
        Self {
            category: fact.category,
            role: fact.role,
            confidence: fact.confidence,
            source: SourceId::Facts,
            entry: format!(
                "facts on hosts, {} ({}): {} <{}>, written {}",
                fact.host, fact.by, fact.does, fact.source, fact.written
            ),
            organisation: &fact.by,
            does: Some(&fact.does),
        }
    }

    fn from_entity(pattern: &str, entity: &'a Entity) -> Self {
        let (category, confidence, role) = judge(entity.category);
        let version = sources::version_of("third-party-web");
        Self {
            category,
            role,
            confidence,
            source: SourceId::ThirdPartyWeb,
            entry: format!(
                "third-party-web {version}, {}: {pattern} ({})",
                entity.name, entity.category
            ),
            organisation: entity.company,
            does: None,
        }
    }

    /// What it does, in a sentence, if our facts say so.
    pub(super) const fn does(&self) -> Option<&'a str> {
        self.does
    }

    /// Whether it serves what others wrote.
    pub(super) fn is_library(&self) -> bool {
        self.role == Some(Role::Library)
    }

    /// Whether it records what visitors do, to be played back.
    pub(super) fn records(&self) -> bool {
        self.role == Some(Role::Recorder)
    }

    /// Whether it asks for the visitor's choice.
    pub(super) fn asks_for_consent(&self) -> bool {
        self.role == Some(Role::Consent)
    }

    /// Whether it measures or follows people.
    pub(super) const fn tracks(&self) -> bool {
        self.category.tracks()
    }

    /// Whether what comes from it may be anybody's.
    pub(super) fn runs_others(&self) -> bool {
        self.role == Some(Role::TagManager)
    }

    /// Whether an item of an unknown name is for what its host is for.
    pub(super) fn speaks_for_items(&self) -> bool {
        self.tracks() || self.role.is_none()
    }

    /// What that says about an item that a script or response of this host wrote.
    pub(super) fn as_setter(&self) -> Classification {
        let sure = self.tracks() && !self.runs_others() && self.confidence > Confidence::Low;
        let confidence = if sure { Confidence::Medium } else { Confidence::Low };
        self.at_second_hand("written by a known host", confidence, SourceId::SetterScript)
    }

    /// What that says about an item whose writer was loaded by a script of this host.
    pub(super) fn as_loader(&self) -> Classification {
        let how = "written by a script that a known host loaded";
        self.at_second_hand(how, Confidence::Low, SourceId::SetterScript)
    }

    /// What that says about an item kept at this host.
    pub(super) fn as_owner(&self) -> Classification {
        let confidence = self.confidence.min(Confidence::Medium);
        self.at_second_hand("kept at a known host", confidence, self.source)
    }

    /// What that says about an item that would be essential elsewhere: a session with a tracker is
    /// nothing a visitor asked for.
    pub(super) fn despite(&self, name: &str, fact: &CookieFact) -> Classification {
        let confidence = self.confidence.min(Confidence::Medium);
        let how =
            format!("`{name}` is a name of {}, but here it belongs to a host that tracks", fact.by);
        self.at_second_hand(&how, confidence, self.source)
    }

    fn at_second_hand(
        &self,
        how: &str,
        confidence: Confidence,
        source: SourceId,
    ) -> Classification {
        Classification {
            category: self.category,
            basis: Basis { source, entry: format!("{how}: {}", self.entry), confidence },
            organisation: Some(self.organisation.to_owned()),
            consent_only: self.records(),
            or: None,
        }
    }
}

impl From<Known<'_>> for Classification {
    fn from(known: Known<'_>) -> Self {
        Self {
            // Whatever a site relies on: a recording of one visit is no figure about all of them.
            consent_only: known.records(),
            or: None,
            category: known.category,
            basis: Basis { source: known.source, entry: known.entry, confidence: known.confidence },
            organisation: Some(known.organisation.to_owned()),
        }
    }
}

/// The headings of third-party-web in our words. None is [`Category::Essential`]: it knows hosts,
/// not what a visitor asked for. The role says whether a cookie of an unknown name is for what its
/// host is for, which holds of those who sell one thing.
fn judge(theirs: &str) -> (Category, Confidence, Option<Role>) {
    match theirs {
        "ad" | "marketing" | "social" => (Category::Marketing, Confidence::Medium, None),
        "analytics" => (Category::Performance, Confidence::Medium, None),
        // It runs before it knows what the visitor chose, and runs what others chose.
        "tag-manager" => (Category::Performance, Confidence::Low, Some(Role::TagManager)),
        "customer-success" | "video" => (Category::Functional, Confidence::Medium, None),
        "consent-provider" => (Category::Functional, Confidence::Medium, Some(Role::Consent)),
        "cdn" | "content" | "hosting" | "other" | "utility" => {
            (Category::Functional, Confidence::Low, Some(Role::Library))
        }
        _ => (Category::Unknown, Confidence::Low, Some(Role::Library)),
    }
}

/// Both tables and how to find their rows.
#[derive(Debug)]
pub(super) struct Hosts {
    rows: Vec<HostFact>,
    /// Places in `rows` by the pattern of the host; the longest path first.
    facts: BTreeMap<String, Vec<usize>>,
    entities: BTreeMap<&'static str, Entity>,
    /// Domains under which whole sites of others live.
    hosting: Vec<String>,
}

impl Hosts {
    /// The rows that are part of the program.
    pub(super) fn embedded() -> Self {
        let entities = include_str!(concat!(env!("OUT_DIR"), "/third-party-web.tsv"));
        Self::parse(&TEXTS, entities)
            .expect("the rows are part of the program and read by its tests")
    }

    fn parse(texts: &[&str], entities: &'static str) -> Result<Self, toml::de::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            hosting: Vec<String>,
            hosts: Vec<HostFact>,
        }
        let (mut hosting, mut rows) = (Vec::new(), Vec::new());
        for text in texts {
            let file: File = toml::from_str(text)?;
            hosting.extend(file.hosting);
            rows.extend(file.hosts);
        }
        let mut facts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, fact) in rows.iter().enumerate() {
            facts.entry(fact.parts().0.to_owned()).or_default().push(place);
        }
        for places in facts.values_mut() {
            places.sort_by_key(|&place| std::cmp::Reverse(rows[place].parts().1.len()));
        }
        Ok(Self { hosting, rows, facts, entities: entities.lines().filter_map(entity).collect() })
    }

    /// Our own rows, in the order of the file.
    #[cfg(test)]
    pub(super) fn rows(&self) -> &[HostFact] {
        &self.rows
    }

    /// Whether whole sites of others live at `host`.
    pub(super) fn is_hosting(&self, host: &str) -> bool {
        let under = |domain: &str| host.strip_suffix(domain).is_some_and(|it| it.ends_with('.'));
        self.hosting.iter().any(|domain| under(domain))
    }

    /// What is known of a host, in lower case.
    pub(super) fn host(&self, host: &str) -> Option<Known<'_>> {
        self.find(host, "/")
    }

    /// What is known of an address: by its path where that says more than its host.
    pub(super) fn address(&self, url: &str) -> Option<Known<'_>> {
        let url = Url::parse(url).ok()?;
        self.find(url.host_str()?, url.path())
    }

    /// What is known of the host of `url`, unless it is of the same site as `host`.
    pub(super) fn outsider(&self, url: &str, host: &str) -> Option<Known<'_>> {
        if same_site(&site::host_of(url)?, host) { None } else { self.address(url) }
    }

    /// What third-party-web alone knows of a host.
    pub(super) fn listed(&self, host: &str) -> Option<Known<'_>> {
        patterns(host).find_map(|pattern| {
            let entity = self.entities.get(pattern.as_str())?;
            Some(Known::from_entity(&pattern, entity))
        })
    }

    fn find(&self, host: &str, path: &str) -> Option<Known<'_>> {
        for pattern in patterns(host) {
            let places = self.facts.get(pattern.as_str()).map_or(&[][..], Vec::as_slice);
            let mut rows = places.iter().map(|&place| &self.rows[place]);
            if let Some(fact) = rows.find(|fact| fact.is_about(path)) {
                return Some(Known::from_fact(fact));
            }
        }
        self.listed(host)
    }
}

/// Every pattern that covers a host, the closest first: `a.b.c`, `*.a.b.c`, `*.b.c`, `*.c`.
fn patterns(host: &str) -> impl Iterator<Item = String> {
    let parents = iter::successors(Some(host), |rest| rest.split_once('.').map(|(_, rest)| rest));
    iter::once(host.to_owned()).chain(parents.map(|parent| format!("*.{parent}")))
}

impl HostFact {
    /// The pattern of the host, and the path that follows it.
    fn parts(&self) -> (&str, &str) {
        self.host.find('/').map_or((&self.host, ""), |at| self.host.split_at(at))
    }

    fn is_about(&self, path: &str) -> bool {
        let (_, start) = self.parts();
        path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

fn entity(line: &'static str) -> Option<(&'static str, Entity)> {
    let mut fields = line.split('\t');
    let pattern = fields.next()?;
    let (category, name, company) = (fields.next()?, fields.next()?, fields.next()?);
    Some((pattern, Entity { category, name, company }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_every_heading_known() {
        let text = include_str!(concat!(env!("OUT_DIR"), "/third-party-web.tsv"));
        let rows: Vec<_> = text.lines().filter_map(entity).collect();
        assert_eq!(rows.len(), text.lines().count());
        assert!(rows.len() > 3_000, "{}", rows.len());
        for (_, entity) in rows {
            assert_ne!(judge(entity.category).0, Category::Unknown, "{}", entity.category);
        }
    }

    #[test]
    fn the_closest_pattern_comes_first() {
        let found: Vec<String> = patterns("a.b.c").collect();
        assert_eq!(found, ["a.b.c", "*.a.b.c", "*.b.c", "*.c"]);
    }

    #[test]
    fn a_path_is_taken_by_whole_segments() {
        let hosts = Hosts::embedded();
        let pixel =
            hosts.address("https://www.facebook.com/tr?id=1&ev=PageView").expect("a row of ours");
        assert!(pixel.entry.starts_with("facts on hosts, www.facebook.com/tr "), "{}", pixel.entry);
        let page = hosts.address("https://www.facebook.com/travel").expect("a row of ours");
        assert!(page.entry.starts_with("facts on hosts, *.facebook.com "), "{}", page.entry);
    }
}
