//! Finds the site's published notice by its links, and keeps its text.

use serde::Deserialize;
use url::Url;

use super::{fetch::Fetcher, skim};
use crate::{
    consent::Words,
    gather::{
        links, progress::PassStep, settings::NoticeSource, tab::page::Tab, visit::visitor::Visitor,
    },
    model::{VisitStatus, site},
    notice::{self, PageLink},
    recording::{
        Moment, NoticeFailure, NoticeLink, NoticePage, NoticeRecording, ProblemKind, VisitKind,
    },
};

/// How many links are followed before the best of them is taken.
const MOST: usize = 3;

/// The links of the page that is open, or why they could not be read. Of those in its banner only the ones that say that
/// they lead to a notice: the others are its controls, whatever they say.
pub(in crate::gather) async fn links(tab: &Tab, words: &Words) -> Result<Vec<PageLink>, String> {
    #[derive(Deserialize)]
    struct FoundLink {
        text: String,
        href: String,
        banner: bool,
    }

    // Links in footers that are folded away count; a visitor can find them.
    const LINKS: &str = include_str!("links.js");
    let answer = tab.evaluate(LINKS).await.map_err(|error| error.to_string())?;
    let found: Vec<FoundLink> =
        serde_json::from_value(answer).map_err(|error| error.to_string())?;
    Ok(found
        .into_iter()
        .filter(|link| !link.banner || words.is_notice_link(&link.text))
        .map(|link| PageLink { text: link.text, href: link.href })
        .collect())
}

/// Opens what may be the notice, best first, until one of them is.
pub(in crate::gather) async fn search(
    visitor: &mut Visitor<'_>,
    fetcher: &Fetcher,
    links: Result<Vec<PageLink>, String>,
) -> NoticeRecording {
    let mut recording = NoticeRecording::default();
    let candidates: Vec<Url> = match &visitor.scan.settings.notice {
        Some(NoticeSource::File { name, content }) => {
            recording.page = Some(NoticePage { url: name.clone(), content: content.clone() });
            return recording;
        }
        Some(NoticeSource::Url(url)) => vec![url.clone()],
        None => match links {
            Ok(links) => {
                let (target, words) = (&visitor.scan.target, &visitor.scan.words);
                let found = notice::find(target, &links::that_only_show(words, target, &links));
                recording.candidates = found
                    .iter()
                    .take(10)
                    .map(|it| NoticeLink { text: it.text.clone(), url: it.url.to_string() })
                    .collect();
                found.into_iter().map(|it| it.url).collect()
            }
            Err(why) => {
                let why = format!("the links of the start page could not be read: {why}");
                recording.problem = Some(NoticeFailure::NotSought { why });
                return recording;
            }
        },
    };
    if candidates.is_empty() {
        let why = "no link of the start page speaks of cookies or privacy".to_owned();
        recording.problem = Some(NoticeFailure::NotLinked { why });
        return recording;
    }
    let mut second_best: Option<NoticePage> = None;
    for url in candidates.iter().take(MOST) {
        visitor.say(PassStep::ReadingNotice);
        match open(visitor, fetcher, url).await {
            Ok(page) => {
                let read = skim(&page).await;
                if read.is_notice && !read.declarations.is_empty() {
                    recording.page = Some(page);
                    recording.problem = None;
                    return recording;
                }
                // A privacy notice that names no cookie still beats a page about something else.
                if second_best.is_none() || read.is_notice {
                    second_best = second_best.filter(|_| !read.is_notice).or(Some(page));
                }
            }
            Err(failure) => {
                recording.problem.get_or_insert(failure);
            }
        }
    }
    if second_best.is_some() {
        recording.problem = None;
    }
    recording.page = second_best;
    recording
}

async fn open(
    visitor: &mut Visitor<'_>,
    fetcher: &Fetcher,
    url: &Url,
) -> Result<NoticePage, NoticeFailure> {
    if site::of_url(url) != site::of_url(&visitor.scan.target) {
        // What another site's page sets is not what the target sets, so no browser opens it.
        return fetcher.notice(url, visitor.scan.settings.timeout).await;
    }
    let (visit, outcome) = visitor.open(VisitKind::Notice, url.as_str()).await;
    let why = outcome.problem.clone().unwrap_or_default();
    let url_text = url.to_string();
    match outcome.status {
        VisitStatus::Ok => {
            visitor.checkpoint(visit, Moment::Notice).await;
            let content = visitor.tab.evaluate("document.documentElement.outerHTML").await;
            match content.as_ref().ok().and_then(|it| it.as_str()) {
                Some(content) => {
                    let url = visitor.tab.state.document().url;
                    Ok(NoticePage { url, content: content.to_owned() })
                }
                None => Err(NoticeFailure::Unreadable {
                    url: url_text,
                    why: "the page does not answer".to_owned(),
                }),
            }
        }
        VisitStatus::HttpError => Err(refused(visitor.tab.state.document().status, url_text, why)),
        // A document, which the browser would only offer to save.
        VisitStatus::NotHtml => fetcher.notice(url, visitor.scan.settings.timeout).await,
        VisitStatus::Failed | VisitStatus::Timeout | VisitStatus::Challenge => {
            visitor.visit_gap(
                visit,
                ProblemKind::PageNotObserved,
                format!("{url} could not be observed: {why}"),
            );
            Err(NoticeFailure::Unreadable { url: url_text, why })
        }
    }
}

/// "Not found" and "gone" say that there is none; any other error does not.
pub(super) fn refused(status: Option<u16>, url: String, why: String) -> NoticeFailure {
    match status {
        Some(404 | 410) => NoticeFailure::Gone { url, why },
        _ => NoticeFailure::Unreadable { url, why },
    }
}
