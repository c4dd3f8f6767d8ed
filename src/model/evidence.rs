use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Host, SetBy, Sighting};

/// What something is for, by the four names cookie notices use.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Needed for what the visitor asked for; exempt from consent.
    Essential,
    /// Remembers a choice the visitor made, or brings content they asked to see.
    Functional,
    /// Measures how the site is used.
    Performance,
    /// Follows the visitor to advertise to them.
    Marketing,
    /// Nobody we trust says. Neither innocent nor guilty.
    Unknown,
}

impl Category {
    /// Whether storing it is known to need the visitor's prior agreement. [`Self::Unknown`] is
    /// not known to, which is not the same as knowing that it does not.
    pub const fn needs_consent(self) -> bool {
        matches!(self, Self::Functional | Self::Performance | Self::Marketing)
    }

    /// Whether it measures or follows people.
    pub const fn tracks(self) -> bool {
        matches!(self, Self::Performance | Self::Marketing)
    }

    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Essential => "essential",
            Self::Functional => "functional",
            Self::Performance => "performance",
            Self::Marketing => "marketing",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How sure a statement is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A hint.
    Low,
    /// Likely.
    Medium,
    /// Documented.
    High,
}

impl Confidence {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// The sources a category can come from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SourceId {
    /// The user, on the command line.
    Config,
    /// Our own table of cookies and hosts.
    Facts,
    /// The Open Cookie Database.
    OpenCookieDatabase,
    /// The list of third-party hosts, third-party-web.
    ThirdPartyWeb,
    /// The known host of the script or response that wrote it, or of what loaded that script.
    SetterScript,
    /// A filter list of the user's.
    FilterList,
    /// The site's own notice, used only where no other source knows.
    Notice,
    /// The words in the name and what was observed around it.
    Scorer,
    /// The shape of the name, which reads like a setting or a choice about cookies.
    NameShape,
    /// The proof of a choice: what the choice stored.
    Choice,
    /// What was observed of it: what identifies a visitor is kept for weeks and sent to another site, or is received.
    Behaviour,
    /// The target: a host of the site itself that no other source knows.
    Target,
    /// No source knows.
    None,
}

impl SourceId {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Facts => "facts",
            Self::OpenCookieDatabase => "open-cookie-database",
            Self::ThirdPartyWeb => "third-party-web",
            Self::SetterScript => "setter-script",
            Self::FilterList => "filter-list",
            Self::Notice => "notice",
            Self::Scorer => "scorer",
            Self::NameShape => "name-shape",
            Self::Choice => "choice",
            Self::Behaviour => "behaviour",
            Self::Target => "target",
            Self::None => "none",
        }
    }

    /// Whether a category from this source is a guess, which a person should still check.
    pub const fn is_guess(self) -> bool {
        matches!(self, Self::Scorer | Self::NameShape)
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Who says what something is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Basis {
    /// The source.
    pub source: SourceId,
    /// The entry of the source that matched, so that a person can look it up.
    pub entry: String,
    /// How far the source can be trusted here.
    pub confidence: Confidence,
}

/// A category and who assigned it. There is never one without the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// What it is for.
    pub category: Category,
    /// Who says so.
    pub basis: Basis,
    /// Who runs it, as the source of the basis names them.
    pub organisation: Option<String>,
    /// Whether a source knows that nothing but consent covers it, whatever its site relies on.
    pub consent_only: bool,
    /// Another category that it may as well be for all that the source knows: the same product serves both, and which
    /// of them the site uses it for does not show.
    pub or: Option<Category>,
}

impl Classification {
    /// Whether it may be of another category than its own that is no such `category`.
    pub fn may_be_other(&self, is: impl Fn(Category) -> bool) -> bool {
        self.or.is_some_and(|other| !is(other))
    }

    /// Whether it is not known whether the thing needs consent: no source knows it, or only its name reads like a setting,
    /// which accuses nobody.
    pub fn is_open(&self) -> bool {
        self.category == Category::Unknown
            || (self.basis.source.is_guess() && !self.category.tracks())
    }

    /// What is said of something that no source knows.
    pub fn unknown(query: &str) -> Self {
        Self {
            category: Category::Unknown,
            basis: Basis {
                source: SourceId::None,
                entry: format!("no source knows {query}"),
                confidence: Confidence::Low,
            },
            organisation: None,
            consent_only: false,
            or: None,
        }
    }
}

/// Whether something belongs to the site being visited, by registrable domain (eTLD+1).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// Same site as the target.
    First,
    /// Any other site.
    Third,
}

impl Party {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Third => "third",
        }
    }
}

/// Where in the browser an item that is not a cookie is kept.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum StorageKind {
    /// `localStorage`.
    Local,
    /// `sessionStorage`.
    Session,
    /// An `IndexedDB` database, by its name.
    Indexeddb,
    /// A Cache Storage cache, by its name.
    Cache,
    /// A file or folder of the origin private file system (File System standard), by its name.
    Opfs,
}

impl StorageKind {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Session => "session",
            Self::Indexeddb => "indexeddb",
            Self::Cache => "cache",
            Self::Opfs => "opfs",
        }
    }
}

/// What makes a storage item one and the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct StorageKey {
    /// Origin that owns it, such as `https://example.org`.
    pub origin: String,
    /// Where it is kept.
    pub kind: StorageKind,
    /// Its key, or the name of the database or cache.
    pub key: String,
}

impl fmt::Display for StorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}@{}", self.kind.name(), self.key, self.origin)
    }
}

/// A storage item as it was observed, over all passes.
#[derive(Clone, Debug)]
pub struct ObservedStorage {
    /// What makes it one and the same.
    pub key: StorageKey,
    /// Whose it is, relative to the target.
    pub party: Party,
    /// What it is for and who says so.
    pub class: Classification,
    /// Who wrote it first.
    pub set_by: SetBy,
    /// Where it was written, found or still there, in order.
    pub seen: Vec<Sighting>,
    /// Whether it only tried out what the browser does, or was a lock: something short was written and gone again before
    /// the next checkpoint on the page, each time.
    pub probe: bool,
}

/// A host that was contacted, over all passes.
#[derive(Clone, Debug)]
pub struct ObservedHost {
    /// Its name.
    pub host: Host,
    /// Its registrable domain.
    pub site: String,
    /// Whose it is, relative to the target.
    pub party: Party,
    /// What it is for and who says so.
    pub class: Classification,
    /// How many requests went to it.
    pub requests: u32,
    /// What was asked of it: `document`, `script`, `image`, `beacon`, `websocket` and so on, sorted.
    pub kinds: Vec<String>,
    /// Scripts or pages that caused the requests, sorted.
    pub initiators: Vec<String>,
    /// One address that was asked for, with identifiers digested, as evidence.
    pub example: String,
    /// Where it was contacted, in order.
    pub seen: Vec<Sighting>,
    /// What its name leads to, if it is one of the site's own.
    pub alias: Alias,
}

/// What the CNAME records of a host lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alias {
    /// To nobody who tracks; or it is not asked, as of other sites' hosts and those of pages.
    None,
    /// To somebody who measures or follows people.
    Tracker {
        /// The name by which they are known.
        to: String,
        /// Every name on the way, that one among them.
        chain: Vec<String>,
    },
    /// It could not be looked up, for this reason.
    Unknown(String),
}

impl ObservedHost {
    /// Whether it is another site's, by its name or by its CNAME.
    pub fn is_outside(&self) -> bool {
        self.party == Party::Third || matches!(self.alias, Alias::Tracker { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::SourceId;

    /// Reports and recordings of earlier versions name them as text.
    #[test]
    fn sources_keep_their_names() {
        for name in [
            "config",
            "facts",
            "open-cookie-database",
            "third-party-web",
            "setter-script",
            "filter-list",
            "notice",
            "scorer",
            "name-shape",
            "choice",
            "behaviour",
            "target",
            "none",
        ] {
            let source: SourceId = serde_json::from_value(name.into()).unwrap();
            assert_eq!(source.name(), name);
            assert_eq!(serde_json::to_value(source).unwrap(), name);
        }
    }
}
