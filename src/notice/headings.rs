//! What stands over a table: headings, and the sentence that leads to it.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::{Category, DeclaredLifetime};

use super::{
    category,
    lifetime::in_prose,
    page::{Block, LEGEND, TERM},
    retired,
    text::regex,
};

/// The headings that hold at a place in the page, and the paragraph just before it.
#[derive(Debug, Default)]
pub(super) struct Headings {
    title: String,
    /// Outermost first.
    over: Vec<(u8, String)>,
    /// The last paragraphs since the last heading or table, the nearest last.
    before: Vec<String>,
    /// The items of outer lists that a place stands in, outermost first, with their depth.
    items: Vec<(usize, String)>,
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

static NEGATED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:do|does|did|are|is|will|can)(?: not|n['’]t)\b|\bcannot\b|\bnever\b|\bno\b|\b(?:ni|nid|nad)\b|\bddim\b",
    )
});
/// What a form asks.
static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)^\W*(?:do|can|may|would|are|is it|should|a|ydych|hoffech|allwn)\b.*\?\W*$")
});
/// A sentence about the cookies of its section, or about what they are used for.
static OF_THESE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:these|following|this (?:service|site|website) uses|we use|below)\b[^.]{0,60}\bcookies?\b|\bthey are\b|\b[cg]wcis\b[^.]{0,20}\bhyn\b|canlynol",
    )
});
/// Words for all of what follows, and for a part of it.
static OF_ALL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\W*(?:all|each|every|these|they|data|items?|both|session cookies|(?:the|our) (?:following )?cookies|(?:mae['’]r|y) [cg]wcis|maen nhw|maent)\b",
    )
});
static OF_SOME: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\b(?:some|most|may|other|others|usually|many)\b|\brhai\b"));

impl Headings {
    pub(super) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    /// Leaves the items that a block does not stand in.
    pub(super) fn leave_items(&mut self, block: &Block) {
        let depth = if let Block::Text(it) = block { it.depth } else { 0 };
        self.items.retain(|(held, _)| *held < depth);
    }

    /// Takes note of a block that has been passed.
    pub(super) fn pass(&mut self, block: &Block) {
        if let Block::Text(it) = block
            && it.is_item()
            && it.text.chars().count() < 200
        {
            self.items.push((it.depth, it.text.clone()));
        }
        match block {
            Block::Heading { level, text } => {
                self.over.retain(|(held, _)| held < level);
                self.over.push((*level, text.clone()));
                if *level != TERM {
                    self.before.clear();
                }
            }
            Block::Text(it) if !it.is_item() && self.over.last().is_none_or(|it| it.0 != TERM) => {
                if self.before.len() >= 4 {
                    self.before.remove(0);
                }
                self.before.push(it.text.clone());
            }
            Block::Text(_) => {}
            Block::Table(_) => self.before.clear(),
            // The question of a form is about its own fields.
            Block::FormEnd => {
                self.over.retain(|(level, text)| *level != LEGEND && !QUESTION.is_match(text));
            }
        }
    }

    /// Whether what stands over a place says that it is about cookies of the past.
    pub(super) fn is_past(&self) -> bool {
        let headings = self.over.iter().filter(|it| it.0 > 1).map(|(_, it)| it.as_str());
        let items = self.items.iter().map(|(_, it)| it.as_str());
        headings.chain(items).chain(self.leading()).any(retired::leads)
    }

    pub(super) fn section(&self) -> Option<String> {
        let headings = self.over.iter().rev();
        headings.filter(|(level, _)| *level < TERM).map(|(_, text)| text.clone()).next()
    }

    /// Whether what stands over a place is about cookies. The title of a page about privacy and
    /// cookies decides nothing: its tables may be about either.
    pub(super) fn is_about_cookies(&self) -> bool {
        let headings = self.over.iter().map(|(_, it)| it.as_str());
        let mut over =
            headings.chain([self.title.as_str()]).chain(self.before.last().map(String::as_str));
        over.any(|it| COOKIE.is_match(it) && !PRIVACY.is_match(it))
    }

    /// Whether the sentence just before leads to a list of cookies.
    pub(super) fn leads_to_cookies(&self) -> bool {
        self.leading().is_some_and(|it| COOKIE.is_match(it))
    }

    /// Whether the sentence just before leads to a list of something else: settings, say.
    pub(super) fn leads_elsewhere(&self) -> bool {
        let other = |it: &str| it.trim_end().ends_with(':') && !OF_THESE.is_match(it);
        self.leading().is_some_and(|it| !COOKIE.is_match(it) && other(it))
    }

    /// The category that the nearest of what stands over a place names; nearer labels come first
    /// in `nearer`. One that names several ends the search.
    pub(super) fn category(&self, nearer: &[Option<&str>]) -> Option<Category> {
        let leading = self.leading();
        let headings = || self.over.iter().rev().map(|(_, it)| it.as_str());
        let items = self.items.iter().rev().map(|(_, it)| it.as_str());
        let over = nearer.iter().copied().flatten().chain(items).chain(leading).chain(headings());
        for text in over {
            // "Cookies we cannot do without" denies nothing.
            if category::is_about_category(text)
                && (!NEGATED.is_match(text) || category::named(text) == Some(Category::Essential))
            {
                return category::named(text);
            }
        }
        // "Counting visitors": what the cookies of a section are for.
        let short = |it: &&str| it.split(' ').count() <= 9 && !it.ends_with(['.', '?']);
        let purpose = headings().filter(short).filter(|it| !NEGATED.is_match(it)).find_map(|it| {
            category::inferred(it)
                .filter(|it| matches!(it, Category::Performance | Category::Marketing))
        });
        if purpose.is_some() {
            return purpose;
        }
        // Then what the paragraphs before say of the cookies that follow.
        let before = self.before.iter().rev().flat_map(|it| it.split(". "));
        before.filter(|it| OF_THESE.is_match(it) && !NEGATED.is_match(it)).find_map(category::named)
    }

    /// The lifetime that the paragraphs before give to all that follows.
    pub(super) fn lifetime(&self) -> Option<DeclaredLifetime> {
        let before = self.before.iter().rev().flat_map(|it| it.split(". "));
        before.filter(|it| OF_ALL.is_match(it) && !OF_SOME.is_match(it)).find_map(in_prose)
    }

    /// The service that is named over a place.
    pub(super) fn provider(&self, caption: Option<&str>, group: Option<&str>) -> Option<String> {
        let headings = self.over.iter().rev().map(|(_, it)| it.as_str());
        let over = group.into_iter().chain(caption).chain(self.leading()).chain(headings);
        over.filter_map(|it| SERVICE.find(it)).map(|it| it.as_str().to_owned()).next()
    }

    fn leading(&self) -> Option<&str> {
        let before = self.before.last()?;
        let last = before.rsplit(". ").next()?;
        (LEADS.is_match(last) && last.chars().count() < 200).then_some(last)
    }
}
