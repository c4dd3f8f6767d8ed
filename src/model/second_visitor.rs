//! What a site does to browsers that do not name this program, and not to ours.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Category;

/// What visitors were given before any choice whose browser does not name this program, and the visitors of the scan were
/// not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondVisitor {
    /// What their browser called itself.
    pub user_agent: String,
    /// How many of them there were. What only one of several was given may be chance, and is not listed.
    pub visitors: u32,
    /// What each of them was given and none of ours.
    pub only_here: Vec<OnlyHere>,
    /// Why nothing can be compared, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A thing that only one sort of visitor was given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct OnlyHere {
    /// What it is.
    pub kind: OnlyHereKind,
    /// Name of the cookie, key of the item; empty for a host.
    pub name: String,
    /// Domain of the cookie, origin of the item, or the host.
    pub place: String,
    /// What it is for, if a source knows. Recordings do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
}

/// The sorts of thing that are compared.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum OnlyHereKind {
    /// A cookie in the jar.
    Cookie,
    /// A storage item.
    Storage,
    /// A host of another site that was contacted.
    Host,
}

impl fmt::Display for OnlyHere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, place, .. } = self;
        match self.kind {
            OnlyHereKind::Cookie => write!(f, "the cookie `{name}` of {place}"),
            OnlyHereKind::Storage => write!(f, "the storage item `{name}` of {place}"),
            OnlyHereKind::Host => write!(f, "requests to {place}"),
        }
    }
}
