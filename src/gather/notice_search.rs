//! Finds the site's published notice by its links, and keeps its text.

use serde::Deserialize;
use url::Url;

use super::{
    fetch::Fetcher, progress::PassStep, settings::NoticeSource, tab::page::Tab,
    visit::visitor::Visitor,
};
use crate::{
    model::{VisitStatus, site},
    notice::{self, PageLink},
    recording::{Moment, NoticeFailure, NoticePage, NoticeRecording, ProblemKind, VisitKind},
};

/// How many links are followed before the best of them is taken.
const MOST: usize = 3;

/// The links of the page that is open, or why they could not be had.
pub(super) async fn links(tab: &Tab) -> Result<Vec<PageLink>, String> {
    #[derive(Deserialize)]
    struct Told {
        text: String,
        href: String,
    }

    // Links in footers that are folded away count; a visitor can find them.
    const LINKS: &str = "[...document.querySelectorAll('a[href]')].slice(0, 5000).map((a) => ({ text: (a.textContent || a.getAttribute('aria-label') || a.title || '').replace(/\\s+/g, ' ').trim().slice(0, 200), href: a.href }))";
    let answer = tab.evaluate(LINKS).await.map_err(|error| error.to_string())?;
    let told: Vec<Told> = serde_json::from_value(answer).map_err(|error| error.to_string())?;
    Ok(told.into_iter().map(|link| PageLink { text: link.text, href: link.href }).collect())
}

/// Opens what may be the notice, best first, until one of them is.
pub(super) async fn search(
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
                let found = notice::find(&visitor.scan.target, &links);
                let label = |it: &notice::Candidate| format!("{} -> {}", it.text, it.url);
                recording.candidates = found.iter().take(10).map(label).collect();
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
                let read = notice::skim(&page.url, &page.content);
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
        return elsewhere(visitor, fetcher, url).await;
    }
    let (visit, judged) = visitor.open(VisitKind::Notice, url.as_str()).await;
    let why = judged.problem.clone().unwrap_or_default();
    let url_text = url.to_string();
    match judged.status {
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
        VisitStatus::NotHtml => elsewhere(visitor, fetcher, url).await,
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
fn refused(status: Option<u16>, url: String, why: String) -> NoticeFailure {
    match status {
        Some(404 | 410) => NoticeFailure::Gone { url, why },
        _ => NoticeFailure::Unreadable { url, why },
    }
}

/// Another site's page is read without a browser, because what it sets is not what the target sets; and so
/// are documents, which the browser would only offer to store.
async fn elsewhere(
    visitor: &Visitor<'_>,
    fetcher: &Fetcher,
    url: &Url,
) -> Result<NoticePage, NoticeFailure> {
    let settings = &visitor.scan.settings;
    let unreadable = |why: String| NoticeFailure::Unreadable { url: url.to_string(), why };
    let fetched = fetcher
        .fetch(url, settings.timeout)
        .await
        .map_err(|error| unreadable(error.to_string()))?;
    if fetched.status >= 400 {
        let why = format!("the server answers {}", fetched.status);
        return Err(refused(Some(fetched.status), url.to_string(), why));
    }
    let content = fetched.content().map_err(|error| {
        unreadable(format!("the answer is {} and could not be read: {error}", fetched.mime))
    })?;
    Ok(NoticePage { url: fetched.url.to_string(), content })
}
