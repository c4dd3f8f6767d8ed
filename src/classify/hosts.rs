//! Who is at a host and what for: our own `data/hosts.toml`, then third-party-web
//! (<https://github.com/patrickhulce/third-party-web>), projected by `build/third_party_web.rs`.

use std::{collections::BTreeMap, iter, sync::OnceLock};

use serde::Deserialize;
use url::Url;

use super::{
    facts::{CookieFact, high},
    sources,
};
use crate::model::{Basis, Category, Classification, Confidence, SourceId};

/// A row of `data/hosts.toml`.
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

/// Where whole sites of others live, by what those who run them document. What is there is not known by it, so these
/// are no rows of `hosts.toml`; but a site whose name leads there is merely served from there.
const HOSTING: &[&str] = &[
    "acquia-sites.com",
    "awsglobalaccelerator.com",
    "azurewebsites.net",
    "b-cdn.net",
    "cdn.cloudflare.net",
    "cloudapp.azure.com",
    "cloudapp.net",
    "edgesuite.net",
    "github.io",
    "herokudns.com",
    "impervadns.net",
    "incapdns.net",
    "kxcdn.com",
    "netlify.app",
    "pantheonsite.io",
    "trafficmanager.net",
    "vercel-dns.com",
    "wpengine.com",
];

/// Whether whole sites of others live at `host`.
pub(super) fn is_hosting(host: &str) -> bool {
    HOSTING.iter().any(|it| host.strip_suffix(it).is_some_and(|rest| rest.ends_with('.')))
}

/// A row of third-party-web.
struct Entity {
    category: &'static str,
    name: &'static str,
    company: &'static str,
}

/// What is known of a host.
#[derive(Clone, Debug)]
pub(super) struct Known {
    category: Category,
    role: Option<Role>,
    confidence: Confidence,
    source: SourceId,
    entry: String,
    organisation: &'static str,
    does: Option<&'static str>,
}

impl Known {
    fn of_fact(fact: &'static HostFact) -> Self {
        Self {
            category: fact.category,
            role: fact.role,
            confidence: fact.confidence,
            source: SourceId::Facts,
            entry: format!(
                "hosts.toml, {} ({}): {} <{}>, written {}",
                fact.host, fact.by, fact.does, fact.source, fact.written
            ),
            organisation: &fact.by,
            does: Some(&fact.does),
        }
    }

    fn of_entity(pattern: &str, entity: &'static Entity) -> Self {
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
    pub(super) const fn does(&self) -> Option<&'static str> {
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

    /// What that says of an item a script or response of this host wrote.
    pub(super) fn as_setter(&self) -> Classification {
        let sure = self.tracks() && !self.runs_others() && self.confidence > Confidence::Low;
        let confidence = if sure { Confidence::Medium } else { Confidence::Low };
        self.at_second_hand("written by a host that is known", confidence, SourceId::SetterScript)
    }

    /// What that says of an item a script wrote which a script of this host had loaded.
    pub(super) fn as_loader(&self) -> Classification {
        let told = "written by a script loaded from a host that is known";
        self.at_second_hand(told, Confidence::Low, SourceId::SetterScript)
    }

    /// What that says of an item kept at this host.
    pub(super) fn as_owner(&self) -> Classification {
        let confidence = self.confidence.min(Confidence::Medium);
        self.at_second_hand("kept at a host that is known", confidence, self.source)
    }

    /// What that says of an item that would be essential elsewhere: a session with a tracker is
    /// nothing a visitor asked for.
    pub(super) fn despite(&self, name: &str, fact: &CookieFact) -> Classification {
        let confidence = self.confidence.min(Confidence::Medium);
        let told = format!("`{name}` of {}, but of a host that tracks", fact.by);
        self.at_second_hand(&told, confidence, self.source)
    }

    fn at_second_hand(
        &self,
        told: &str,
        confidence: Confidence,
        source: SourceId,
    ) -> Classification {
        Classification {
            category: self.category,
            basis: Basis { source, entry: format!("{told}: {}", self.entry), confidence },
            organisation: Some(self.organisation.to_owned()),
            consent_only: self.records(),
        }
    }
}

impl From<Known> for Classification {
    fn from(known: Known) -> Self {
        Self {
            // Whatever a site relies on: a recording of one visit is no figure about all of them.
            consent_only: known.records(),
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

/// What is known of a host, in lower case.
pub(super) fn host(host: &str) -> Option<Known> {
    known(host, "/")
}

/// What is known of an address: by its path where that tells more than its host.
pub(super) fn address(url: &str) -> Option<Known> {
    let url = Url::parse(url).ok()?;
    known(url.host_str()?, url.path())
}

fn known(host: &str, path: &str) -> Option<Known> {
    let hosts = load();
    for pattern in patterns(host) {
        let rows = hosts.facts.get(pattern.as_str()).map_or(&[][..], Vec::as_slice);
        if let Some(fact) = rows.iter().find(|fact| fact.is_about(path)) {
            return Some(Known::of_fact(fact));
        }
    }
    listed(host)
}

/// What third-party-web alone knows of a host.
pub(super) fn listed(host: &str) -> Option<Known> {
    let hosts = load();
    patterns(host).find_map(|pattern| {
        hosts.entities.get(pattern.as_str()).map(|entity| Known::of_entity(&pattern, entity))
    })
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

/// Both tables.
pub(super) struct Hosts {
    /// By the pattern of the host; the longest path first.
    facts: BTreeMap<&'static str, Vec<&'static HostFact>>,
    entities: BTreeMap<&'static str, Entity>,
}

/// The embedded rows, read once.
pub(super) fn load() -> &'static Hosts {
    static HOSTS: OnceLock<Hosts> = OnceLock::new();
    HOSTS.get_or_init(|| {
        let mut facts: BTreeMap<&str, Vec<&HostFact>> = BTreeMap::new();
        for fact in rows() {
            facts.entry(fact.parts().0).or_default().push(fact);
        }
        for rows in facts.values_mut() {
            rows.sort_by_key(|fact| std::cmp::Reverse(fact.parts().1.len()));
        }
        let text = include_str!(concat!(env!("OUT_DIR"), "/third-party-web.tsv"));
        Hosts { facts, entities: text.lines().filter_map(entity).collect() }
    })
}

/// Our own rows, in the order of the file.
pub(super) fn rows() -> &'static [HostFact] {
    static ROWS: OnceLock<Vec<HostFact>> = OnceLock::new();
    ROWS.get_or_init(|| {
        #[derive(Deserialize)]
        struct File {
            hosts: Vec<HostFact>,
        }
        let file: File = toml::from_str(include_str!("data/hosts.toml"))
            .expect("hosts.toml is part of the program and read by its tests");
        file.hosts
    })
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
        let pixel = address("https://www.facebook.com/tr?id=1&ev=PageView").expect("a row of ours");
        assert!(pixel.entry.starts_with("hosts.toml, www.facebook.com/tr "), "{}", pixel.entry);
        let page = address("https://www.facebook.com/travel").expect("a row of ours");
        assert!(page.entry.starts_with("hosts.toml, *.facebook.com "), "{}", page.entry);
    }
}
