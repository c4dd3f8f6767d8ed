use super::{
    consent_record::ConsentRecord,
    identifiers::Identifiers,
    sightings::PassContext,
    tracking::{self, Tracking},
};
use crate::{
    classify::{self, Knowledge, Traits},
    model::{Basis, Category, Classification, Confidence, Notice, SourceId, site},
    recording::Recording,
};

/// What every reader of a recording needs.
pub(super) struct Context<'a> {
    pub(super) recording: &'a Recording,
    pub(super) passes: Vec<PassContext<'a>>,
    /// The record of the visitor's choice, where no source knows it.
    pub(super) record: ConsentRecord,
    /// What identifies visitors.
    pub(super) identifiers: Identifiers,
    /// What behaviour says of cookies, storage items and hosts; nothing before it was looked at.
    pub(super) tracking: Tracking,
    pub(super) knowledge: &'a Knowledge,
    pub(super) site: String,
    /// Whether visitors can pay on the pages that were opened.
    pub(super) takes_payments: bool,
    pub(super) notice: Option<Notice>,
}

impl Context<'_> {
    /// What a request to another site is for; `document` is what asked, as far as that is known.
    pub(super) fn request(&self, url: &str, document: &str, kind: &str) -> Classification {
        let own = format!("https://{}/", self.site);
        let page = if document.is_empty() { &own } else { document };
        let class = self.knowledge.request_of(page, url, kind);
        if !tracking::is_silent(&class) {
            return class;
        }
        let host = site::host_of(url);
        host.and_then(|host| self.tracking.host(&host)).unwrap_or(class)
    }

    /// The site's own word on something nobody else knows, if it has one.
    ///
    /// A name that speaks for following people is not excused by it; without `traits` nothing is guessed from the name.
    pub(super) fn or_notice(
        &self,
        class: Classification,
        name: &str,
        traits: Option<Traits>,
    ) -> Classification {
        // The notice and the scorer go before the shape of a name.
        if !class.is_open() {
            return class;
        }
        let guess = traits.and_then(|traits| classify::score_name(name, traits));
        let declared = self.notice.iter().flat_map(|notice| &notice.declarations).find(|it| {
            it.covers(name)
                && it.said_category().is_some_and(|category| category != Category::Unknown)
        });
        match declared.and_then(|it| Some((it, it.said_category()?))) {
            Some((_, category)) if !category.tracks() && guess.is_some() => guess.unwrap_or(class),
            Some((declaration, category)) => Classification {
                category,
                basis: Basis {
                    source: SourceId::Notice,
                    entry: format!(
                        "only the site's own notice says so, of `{}`",
                        declaration.as_written
                    ),
                    confidence: Confidence::Low,
                },
                organisation: None,
                consent_only: false,
                or: None,
            },
            None => guess.unwrap_or(class),
        }
    }
}

/// What behaviour says of something if nothing else says what it is for. Words that speak for a category of tracking
/// say which.
pub(super) fn by_behaviour(
    found: Option<Classification>,
    (class, other): (&Classification, &Classification),
) -> Option<Classification> {
    let mut found = found.filter(|_| tracking::is_silent(class))?;
    if other.category.tracks() {
        found.category = other.category;
    }
    found.organisation = class.organisation.clone();
    Some(found)
}
