//! What stands over a table or list and speaks for what is in it.

use super::category;
use super::html::Block;
use super::lifetime::lifetime;
use super::provider;
use super::text::{fold, sentences};
use crate::model::{Category, DeclaredLifetime, WrittenLifetime};

/// Where we are on the page.
#[derive(Debug, Default)]
pub(super) struct Context<'a> {
    /// Headings we are under, the outermost first.
    headings: Vec<(u8, &'a str)>,
    /// A run of bold text that serves as a heading.
    title: Option<&'a str>,
    /// What was said since.
    introduction: Vec<&'a str>,
}

/// How many paragraphs back an introduction may begin.
const MAX_INTRODUCTION: usize = 12;

impl<'a> Context<'a> {
    /// Takes note of a block on the way.
    pub(super) fn pass(&mut self, block: &'a Block) {
        match block {
            Block::Heading { level, text } => {
                self.headings.retain(|(above, _)| above < level);
                self.headings.push((*level, text));
                self.title = None;
                self.introduction.clear();
            }
            Block::Text(run) if run.frame => {}
            Block::Text(run) if run.bold && run.text.len() < 150 => {
                self.title = Some(&run.text);
                self.introduction.clear();
            }
            Block::Text(run) | Block::Item(run) => {
                if self.introduction.len() < MAX_INTRODUCTION {
                    self.introduction.push(&run.text);
                }
            }
            Block::Term(text) | Block::Detail(text) => self.introduction.push(text),
            // What was said before a table does not speak for the next one.
            Block::Table(_) => self.introduction.clear(),
        }
    }

    /// The nearest heading.
    pub(super) fn section(&self) -> Option<&'a str> {
        self.headings.last().map(|(_, text)| *text)
    }

    /// All that is said over this place, nearest first.
    pub(super) fn titles(&self) -> impl Iterator<Item = &'a str> {
        self.title.into_iter().chain(self.headings.iter().rev().map(|(_, text)| *text))
    }

    /// The category that headings or introduction give.
    pub(super) fn category(&self) -> Option<Category> {
        self.titles()
            .find_map(category::of_title)
            .or_else(|| category::of_introduction(&self.introduction.join(" ")))
    }

    /// The category that the subject of the section suggests: "Session management and security".
    pub(super) fn suggested(&self) -> Option<Category> {
        let nearest = self.title.or_else(|| self.section()).unwrap_or_default();
        category::inferred(nearest, "")
            .or_else(|| category::inferred(&self.introduction.join(" "), ""))
    }

    /// The service that the section is about.
    pub(super) fn provider(&self) -> Option<String> {
        let nearest = self.title.or_else(|| self.section()).unwrap_or_default();
        provider::named_in(nearest).or_else(|| {
            self.introduction
                .iter()
                .rev()
                .find_map(|text| sentences(text).into_iter().rev().find_map(provider::sets_cookies))
        })
    }

    /// A lifetime said once for all cookies of the section.
    pub(super) fn lifetime(&self) -> Option<DeclaredLifetime> {
        self.introduction.iter().rev().find_map(|text| for_all(text))
    }

    /// Whether anything over this place speaks of cookies.
    pub(super) fn speaks_of_cookies(&self) -> bool {
        self.titles()
            .chain(self.introduction.iter().copied())
            .any(super::columns::speaks_of_cookies)
    }
}

/// The lifetime that a paragraph gives all cookies it speaks of, if it does.
pub(super) fn for_all(text: &str) -> Option<DeclaredLifetime> {
    const ALL: [&str; 12] = [
        "these cookies",
        "all cookies",
        "all of the cookies",
        "all our cookies",
        "all of our cookies",
        "they all",
        "those cookies",
        "cookies are set to",
        "our cookies expire",
        "the cookies we use are",
        "mae'r cwcis hyn",
        "pob cwci",
    ];
    const END: [&str; 14] = [
        "expire",
        "delete",
        "remove",
        "last for",
        "session cookie",
        "end when",
        "erased",
        "kept for",
        "stored for",
        "set to expire",
        "dod i ben",
        "dileu",
        "tynnu",
        "cwcis sesiwn",
    ];
    sentences(text).into_iter().find_map(|sentence| {
        let folded = fold(sentence);
        let is_general =
            ALL.iter().any(|all| folded.contains(all)) || folded.contains("set to expire");
        if !is_general || !END.iter().any(|end| folded.contains(end)) {
            return None;
        }
        Some(lifetime(sentence)).filter(|found| {
            matches!(
                found.kind,
                WrittenLifetime::Session
                    | WrittenLifetime::Duration
                    | WrittenLifetime::SessionOrDuration
            )
        })
    })
}
