//! What every pass of a scan shares.

use url::Url;

use crate::{
    consent::{Recipe, Words},
    gather::{progress::ProgressSink, secrets::SiteSecrets, settings::Settings, tab::page::Limits},
};

/// What every pass of a scan shares.
#[derive(Debug)]
pub(in crate::gather) struct ScanContext {
    pub(in crate::gather) target: Url,
    pub(in crate::gather) settings: Settings,
    /// What button text means.
    pub(in crate::gather) words: Words,
    /// The user's recipes before those that come with the program.
    pub(in crate::gather) recipes: Vec<Recipe>,
    pub(in crate::gather) progress: ProgressSink,
    /// Headers that may go to the target's own site and nowhere else.
    pub(in crate::gather) secrets: SiteSecrets,
}

impl ScanContext {
    /// How long pages may take, and how long they are watched.
    pub(in crate::gather) const fn limits(&self) -> Limits {
        let Settings { timeout, settle, patience, .. } = self.settings;
        Limits { timeout, settle, patience }
    }
}
