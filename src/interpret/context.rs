use super::sightings::PassContext;
use crate::{
    classify::{self, Knowledge, Traits},
    model::{Basis, Category, Classification, Confidence, Notice, SourceId},
    recording::Recording,
};

/// What every reader of a recording needs.
pub(super) struct Context<'a> {
    pub(super) recording: &'a Recording,
    pub(super) passes: Vec<PassContext<'a>>,
    pub(super) knowledge: &'a Knowledge,
    pub(super) site: String,
    pub(super) notice: Option<Notice>,
}

impl Context<'_> {
    /// What a request to another site is for; `document` is what asked, as far as that is known.
    pub(super) fn request(&self, url: &str, document: &str, kind: &str) -> Classification {
        if document.is_empty() {
            return self.knowledge.request_of(&format!("https://{}/", self.site), url, kind);
        }
        self.knowledge.request_of(document, url, kind)
    }

    /// The site's own word on something nobody else knows, if it has one.
    ///
    /// A name that speaks for following people is not excused by it.
    pub(super) fn or_notice(
        &self,
        class: Classification,
        name: &str,
        traits: Traits,
    ) -> Classification {
        // The notice and the scorer go before the shape of a name.
        if !class.is_open() {
            return class;
        }
        let guess = classify::score_name(name, traits);
        let declared = self.notice.iter().flat_map(|notice| &notice.declarations).find(|it| {
            it.covers(name) && it.category.is_some_and(|category| category != Category::Unknown)
        });
        match declared.and_then(|it| Some((it, it.category?))) {
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
            },
            None => guess.unwrap_or(class),
        }
    }
}
