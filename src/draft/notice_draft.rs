use serde::Serialize;

use super::Language;
use crate::{model::Category, notice::generalise};

/// A notice as it could be published: `crumbcheck/notice-draft/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Always [`Draft::SCHEMA`].
    pub schema: &'static str,
    /// The language it is written in.
    pub language: Language,
    /// Registrable domain of the site it is about.
    pub site: String,
    /// Year and month of the scan, `YYYY-MM`.
    pub reviewed: Option<String>,
    /// A section for each category that was seen.
    pub sections: Vec<Section>,
    /// Other organisations that the site makes the visitor's browser talk to.
    pub services: Vec<Service>,
    /// What the control says by which a visitor withdrew consent, if one did.
    pub withdraw_by: Option<String>,
    /// Why the draft may lack something: evidence that the scan did not get.
    pub lacks: Vec<String>,
}

impl Draft {
    /// The name and number of the format.
    pub const SCHEMA: &'static str = "crumbcheck/notice-draft/1";
}

/// The cookies and storage items of one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// What they are for.
    pub category: Category,
    /// Whether all of them waited for the visitor's agreement; `None` if the scan cannot tell.
    pub only_if_agreed: Option<bool>,
    /// In order of name.
    pub rows: Vec<Row>,
}

/// One cookie or storage item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The name, with `*` for what changes from visitor to visitor.
    pub name: String,
    /// What kind of storage it is in, if it is no cookie, in words.
    pub storage: Option<String>,
    /// What it is for; `None` if no source says so in this language.
    pub purpose: Option<String>,
    /// How long it lasts, in words; `None` if that is not known.
    pub expires: Option<String>,
    /// Who sets it, in words.
    pub set_by: String,
}

/// An organisation's hosts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Who runs them, if that is known.
    pub organisation: Option<String>,
    /// In order.
    pub hosts: Vec<String>,
    /// What they are for, if a source says so in this language.
    pub purpose: Option<String>,
}

/// The name that other visitors see too.
pub(super) fn general(name: &str) -> String {
    generalise(name).unwrap_or_else(|| name.to_owned())
}
