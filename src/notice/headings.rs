//! What stands over a table: headings, and the sentence that leads to it.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::Category;

use super::{category, page::Block, text::regex};

/// The headings that hold at a place in the page, and the paragraph just before it.
#[derive(Debug, Default)]
pub(super) struct Headings {
    title: String,
    /// Outermost first.
    over: Vec<(u8, String)>,
    /// The last paragraph since the last heading or table.
    before: Option<String>,
}

/// Words for what is stored.
pub(super) static COOKIE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)cookie|\b[cg]wcis?\b|\bchwcis\b|local ?storage|session ?storage"));
static PRIVACY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)privacy|preifatrwydd|data protection|diogelu data"));

/// A paragraph that leads to what comes after it.
static LEADS: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i):\s*$|\bfollowing\b|\bbelow\b|canlyn|\bisod\b|\bthese cookies\b|cwcis hyn")
});

/// Services that notices name in headings. Names of services, so facts of the world.
pub(super) static SERVICE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:google (?:analytics|ads|adwords|tag manager|maps|recaptcha)|re-?captcha|adobe analytics|application insights|microsoft (?:clarity|azure)|cloudflare|hotjar|matomo|piwik|smartsurvey|imperva(?: incapsula)?|incapsula|youtube|vimeo|facebook|meta pixel|linkedin|twitter|tiktok|snapchat|pinterest|siteimprove|silktide|browsealoud|reachdeck|recite ?me|govmetric|crazy egg|zendesk|doubleclick|qualtrics|surveymonkey|addthis|sharethis|typekit|umbraco|dynatrace|new relic|hubspot|mailchimp|eventbrite|stripe|worldpay|civic(?: cookie control)?|cookiebot|onetrust|vwo|optimizely|bing)\b",
    )
});

impl Headings {
    pub(super) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    /// Takes note of a block that has been passed.
    pub(super) fn pass(&mut self, block: &Block) {
        match block {
            Block::Heading { level, text } => {
                self.over.retain(|(held, _)| held < level);
                self.over.push((*level, text.clone()));
                self.before = None;
            }
            Block::Text { text, item: false } => self.before = Some(text.clone()),
            Block::Text { .. } => {}
            Block::Table(_) => self.before = None,
        }
    }

    pub(super) fn section(&self) -> Option<String> {
        self.over.last().map(|(_, text)| text.clone())
    }

    /// Whether what stands over a place is about cookies. The title of a page about privacy and
    /// cookies decides nothing: its tables may be about either.
    pub(super) fn is_about_cookies(&self) -> bool {
        let headings = self.over.iter().map(|(_, it)| it.as_str());
        let mut over = headings.chain([self.title.as_str()]).chain(self.before.as_deref());
        over.any(|it| COOKIE.is_match(it) && !PRIVACY.is_match(it))
    }

    /// Whether the sentence just before leads to a list of cookies.
    pub(super) fn leads_to_cookies(&self) -> bool {
        self.leading().is_some_and(|it| COOKIE.is_match(it))
    }

    /// The category that the nearest of what stands over a place names; nearer labels come first
    /// in `nearer`. One that names several ends the search.
    pub(super) fn category(&self, nearer: &[Option<&str>]) -> Option<Category> {
        let before = self.leading();
        let headings = self.over.iter().rev().map(|(_, it)| it.as_str());
        let over = nearer.iter().copied().flatten().chain(before).chain(headings);
        for text in over {
            if category::is_about_category(text) {
                return category::named(text);
            }
        }
        None
    }

    /// The service that is named over a place.
    pub(super) fn provider(&self, caption: Option<&str>, group: Option<&str>) -> Option<String> {
        let headings = self.over.iter().rev().map(|(_, it)| it.as_str());
        let over = group.into_iter().chain(caption).chain(self.leading()).chain(headings);
        over.filter_map(|it| SERVICE.find(it)).map(|it| it.as_str().to_owned()).next()
    }

    fn leading(&self) -> Option<&str> {
        let before = self.before.as_deref()?;
        let last = before.rsplit(". ").next()?;
        (LEADS.is_match(last) && last.chars().count() < 200).then_some(last)
    }
}
