//! Finds the site's published notice by its links and controls, and keeps its text.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use super::{fetch::Fetcher, rendered, skim_until};
use crate::{
    consent::Words,
    gather::{
        links,
        progress::PassStep,
        secrets::percent_decoded,
        settings::NoticeSource,
        tab::page::Tab,
        visit::{outcome::VisitOutcome, visitor::Visitor},
    },
    model::{VisitStatus, site},
    notice::{self, PageLink},
    recording::{
        Moment, NoticeFailure, NoticeLink, NoticePage, NoticeRecording, Problem, ProblemKind,
        VisitKind,
    },
};

/// How many links are followed before the best of them is taken.
const MOST: usize = 3;

/// What of the page that is open leads elsewhere, or shows more of the page.
#[derive(Clone, Debug, Default)]
pub(in crate::gather) struct WaysOn {
    /// Its links. Of those in its banner only the ones that say that they lead to a notice: the others are its controls,
    /// whatever they say.
    pub(in crate::gather) links: Vec<PageLink>,
    /// What buttons say that are about cookies or privacy, and choose nothing.
    controls: Vec<String>,
}

/// The links and controls of the page that is open, or why they could not be read.
pub(in crate::gather) async fn ways_on(tab: &Tab, words: &Words) -> Result<WaysOn, String> {
    #[derive(Deserialize)]
    struct FoundLink {
        text: String,
        /// What screen readers and tooltips say of it.
        label: String,
        href: String,
        banner: bool,
        acts: bool,
    }

    #[derive(Deserialize)]
    struct Found {
        links: Vec<FoundLink>,
        controls: Vec<String>,
    }

    // Links in footers that are folded away count; a visitor can find them.
    const LINKS: &str = include_str!("links.js");
    let answer = tab.evaluate(LINKS).await.map_err(|error| error.to_string())?;
    let found: Found = serde_json::from_value(answer).map_err(|error| error.to_string())?;
    let links = found
        .links
        .into_iter()
        .filter(|link| !link.banner || words.is_notice_link(&link.text))
        .filter(|link| !link.acts && !links::acts_by_text(words, &link.label))
        .map(|link| PageLink { text: link.text, href: link.href })
        .collect();
    let mut controls = found.controls;
    // Many a button says nothing but "Cookies": that may be the banner's settings, or the notice.
    let may_show = |text: &str| {
        let plain = text.trim().to_lowercase();
        words.meaning(text).is_none()
            || words.is_notice_link(text)
            || ["cookies", "cwcis", "privacy", "preifatrwydd"].contains(&plain.as_str())
    };
    controls.retain(|text| may_show(text) && !links::acts_by_text(words, text));
    Ok(WaysOn { links, controls })
}

/// A page or a part of one that may be the notice.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    text: String,
    /// With the fragment, if it is a part of the start page or a route of it.
    url: Url,
    /// Whether it is a part or a route of the start page.
    in_start_page: bool,
}

/// What was opened in the search for the notice.
#[derive(Debug)]
pub(super) struct OpenedPage {
    pub(super) page: NoticePage,
    /// Whether the page has the part that the link names; true for a link to a whole page.
    has_part: bool,
}

/// What may be the notice among the links of the start page, best first: other pages, and parts and routes of the start
/// page itself. Links that do more than show something are none.
fn candidates(words: &Words, start: &[Url], links: &[PageLink]) -> Vec<Candidate> {
    let Some(target) = start.first() else { return Vec::new() };
    let (as_pages, parts) = parts_as_pages(words, start, links);
    let shown = links::that_only_show(words, target, &as_pages);
    let found = notice::find(target, &shown).into_iter();
    found
        .map(|it| match parts.get(&it.url) {
            Some(part) => Candidate { text: it.text, url: part.clone(), in_start_page: true },
            None => Candidate { text: it.text, url: it.url, in_start_page: false },
        })
        .collect()
}

/// Links with those into the start page (`#cookies`, `#/legal/cookies`) written as if each part were a page of its own, so
/// that all are judged and ranked alike; and what each of these addresses stands for.
fn parts_as_pages(
    words: &Words,
    start: &[Url],
    links: &[PageLink],
) -> (Vec<PageLink>, BTreeMap<Url, Url>) {
    let part_of = |link: &PageLink| {
        let url = Url::parse(&link.href).ok()?;
        let name = url.fragment()?.trim_start_matches(['!', '/']).to_owned();
        let is_here = start.iter().any(|it| !links::differs(&url, it));
        let mut as_page = url.clone();
        as_page.set_fragment(None);
        as_page.set_query(None);
        as_page.set_path(&format!("/{name}"));
        (is_here && !name.is_empty()).then_some((as_page, url))
    };
    let mut parts = BTreeMap::new();
    let mut written = Vec::new();
    for link in links {
        let Some((as_page, url)) = part_of(link) else {
            written.push(link.clone());
            continue;
        };
        // A control that opens the banner's settings is often written as a link to a part.
        let is_control = words.meaning(&link.text).is_some() && !words.is_notice_link(&link.text);
        let is_taken = links.iter().any(|it| it.href.split('#').next() == Some(as_page.as_str()));
        if !is_control && !is_taken {
            written.push(PageLink { text: link.text.clone(), href: as_page.to_string() });
            parts.entry(as_page).or_insert(url);
        }
    }
    (written, parts)
}

/// Opens what may be the notice, best first, until one of them is.
pub(in crate::gather) async fn search(
    visitor: &mut Visitor<'_>,
    fetcher: &Fetcher,
    ways_on: Result<WaysOn, String>,
) -> NoticeRecording {
    let mut recording = NoticeRecording::default();
    let candidates: Vec<Candidate> = match &visitor.scan.settings.notice {
        Some(NoticeSource::File { name, content }) => {
            let (url, content) = (name.clone(), content.clone());
            recording.page = Some(NoticePage { url, content, ..NoticePage::default() });
            return recording;
        }
        Some(NoticeSource::Url(url)) => {
            vec![Candidate { text: String::new(), url: url.clone(), in_start_page: false }]
        }
        None => match ways_on {
            Ok(WaysOn { links, controls }) => {
                let mut start = vec![visitor.scan.target.clone()];
                start.extend(visitor.visits.first().and_then(|it| Url::parse(&it.url).ok()));
                let mut found = candidates(&visitor.scan.words, &start, &links);
                if let Some(text) = controls.into_iter().next().filter(|_| found.is_empty()) {
                    // What a button opens is in the page, as long as nobody has to fetch it.
                    found.push(Candidate { text, url: start[0].clone(), in_start_page: true });
                }
                recording.candidates = found
                    .iter()
                    .take(10)
                    .map(|it| NoticeLink { text: it.text.clone(), url: it.url.to_string() })
                    .collect();
                found
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
    let mut unreadable: Option<NoticeFailure> = None;
    for candidate in candidates.iter().take(MOST) {
        visitor.say(PassStep::ReadingNotice);
        match open(visitor, fetcher, &candidate.url).await {
            Ok(OpenedPage { page, has_part }) => {
                let Some(read) = skim_until(&page, &visitor.scan.stop_reading).await else {
                    // What was opened is kept, and judged by whoever reads the recording.
                    recording.page.get_or_insert(page);
                    return recording;
                };
                if read.is_notice && !read.declarations.is_empty() {
                    recording.page = Some(page);
                    recording.problem = None;
                    return recording;
                }
                let is_part = candidate.url.fragment().is_some() && has_part;
                if candidate.in_start_page && !(read.is_notice && is_part) {
                    // The start page is no notice because something in it leads nowhere that we can see.
                    let why = format!(
                        "what \"{}\" on the start page shows could not be read as a notice",
                        candidate.text
                    );
                    recording.problem.get_or_insert(NoticeFailure::NotSought { why });
                    continue;
                }
                // A privacy notice that names no cookie still beats a page about something else.
                if second_best.is_none() || read.is_notice {
                    second_best = second_best.filter(|_| !read.is_notice).or(Some(page));
                }
            }
            Err(failure) => {
                let is_unreadable = matches!(failure, NoticeFailure::Unreadable { .. });
                if is_unreadable && is_the_notice(&visitor.scan.words, candidate) {
                    unreadable.get_or_insert_with(|| failure.clone());
                }
                recording.problem.get_or_insert(failure);
            }
        }
    }
    // What declares nothing does not stand in for a cookie notice that could not be read.
    if unreadable.is_some() {
        recording.problem = unreadable;
        return recording;
    }
    if second_best.is_some() {
        recording.problem = None;
    }
    recording.page = second_best;
    recording
}

/// Whether the link says that it leads to the cookie notice, and nothing else.
fn is_the_notice(words: &Words, candidate: &Candidate) -> bool {
    words.is_notice_link(&candidate.text) && links::is_about_cookies(&candidate.text)
}

/// Opens a page or a part of one, and reads it.
pub(super) async fn open(
    visitor: &mut Visitor<'_>,
    fetcher: &Fetcher,
    url: &Url,
) -> Result<OpenedPage, NoticeFailure> {
    if site::of_url(url) != site::of_url(&visitor.scan.target) {
        // What another site's page sets is not what the target sets, so no browser opens it.
        let page = fetcher.notice(url, visitor.scan.settings.timeout).await?;
        return Ok(OpenedPage { page, has_part: true });
    }
    let (visit, outcome) = match visitor.is_at(url.as_str()) {
        Some(visit) => (visit, VisitOutcome::arrived(false)),
        None => visitor.open(VisitKind::Notice, url.as_str()).await,
    };
    let why = outcome.problem.clone().unwrap_or_default();
    let url_text = url.to_string();
    match outcome.status {
        VisitStatus::Ok => {
            visitor.checkpoint(visit, Moment::Notice).await;
            if asks_to_sign_in(visitor, url).await {
                let why = "it asks visitors to sign in".to_owned();
                return Err(NoticeFailure::Unreadable { url: url_text, why });
            }
            read_page(visitor, visit, url).await.ok_or_else(|| NoticeFailure::Unreadable {
                url: url_text,
                why: "the page does not answer".to_owned(),
            })
        }
        VisitStatus::HttpError => Err(refused(visitor.tab.state.document().status, url_text, why)),
        // A document, which the browser would only offer to save.
        VisitStatus::NotHtml => {
            let page = fetcher.notice(url, visitor.scan.settings.timeout).await?;
            Ok(OpenedPage { page, has_part: true })
        }
        VisitStatus::Failed | VisitStatus::Timeout | VisitStatus::Challenge => {
            let shown = visitor.tab.log.redactor().url(url.as_str());
            visitor.visit_gap(
                visit,
                ProblemKind::PageNotObserved,
                format!("{shown} could not be observed: {why}"),
            );
            Err(NoticeFailure::Unreadable { url: url_text, why })
        }
    }
}

/// Whether a page for signing in came in place of the one at `url`: it is short, has a field for a name or password, and
/// no table but those that the field lies in.
async fn asks_to_sign_in(visitor: &Visitor<'_>, url: &Url) -> bool {
    const ASKS: &str = "(() => {
        const fields = [...document.querySelectorAll('input[type=password],input[autocomplete~=username],input[autocomplete~=current-password]')];
        const tells = [...document.querySelectorAll('table,dl')].some((it) => !fields.some((field) => it.contains(field)));
        const isShort = (document.body?.innerText || '').length < 3000;
        return { asks: fields.length > 0 && !tells && isShort, at: location.href };
    })()";
    let Ok(answer) = visitor.tab.evaluate(ASKS).await else { return false };
    // Programs change their address without going anywhere.
    let at = answer["at"].as_str().and_then(|it| Url::parse(it).ok());
    let is_elsewhere =
        at.is_some_and(|at| links::differs(&at, url) || at.fragment() != url.fragment());
    is_elsewhere && answer["asks"] == true
}

/// What can be read on the page that is open, or in the part of it that the fragment of its address names.
async fn read_page(visitor: &mut Visitor<'_>, visit: usize, url: &Url) -> Option<OpenedPage> {
    let part = url.fragment().filter(|it| !it.is_empty());
    let part = part.map(percent_decoded);
    let mut address = visitor.tab.state.document().url;
    let mut read = rendered::read(&visitor.tab, part.as_deref()).await;
    let mut has_part = part.is_some();
    if read.as_ref().is_ok_and(|it| !it.found) {
        // A route of a program, which shows another page at the same address; or a part that is not there.
        has_part = part.as_ref().is_some_and(|it| it.starts_with(['/', '!']));
        read = rendered::read(&visitor.tab, None).await;
    }
    if has_part {
        address = format!("{address}#{}", url.fragment().unwrap_or_default());
    }
    match read {
        Ok(read) => Some(OpenedPage {
            page: NoticePage { url: address, content: read.seen, unseen: read.unseen },
            has_part: has_part || part.is_none(),
        }),
        Err(why) => {
            let content = visitor.tab.evaluate("document.documentElement.outerHTML").await.ok()?;
            let shown = visitor.tab.log.redactor().url(url.as_str());
            let message = format!(
                "what of {shown} visitors can see is not known, so all of it was read: {why}"
            );
            visitor.add_problem(Problem::remark("", ProblemKind::Other, message).on_visit(visit));
            let content = content.as_str()?.to_owned();
            let page = NoticePage { url: address, content, ..NoticePage::default() };
            Some(OpenedPage { page, has_part: part.is_none() })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(links: &[(&str, &str)]) -> Vec<(String, bool)> {
        let start = [Url::parse("https://club.test/home?ref=1").unwrap()];
        let link = |&(text, href): &(&str, &str)| PageLink {
            text: text.to_owned(),
            href: start[0].join(href).unwrap().to_string(),
        };
        let links: Vec<PageLink> = links.iter().map(link).collect();
        let found = candidates(&Words::all(), &start, &links).into_iter();
        found
            .map(|it| (it.url.as_str().replace("https://club.test", ""), it.in_start_page))
            .collect()
    }

    #[test]
    fn parts_and_routes_of_the_start_page_may_be_the_notice() {
        for (text, href) in [
            ("Cookie policy", "#cookie-policy"),
            ("Cookies", "#c"),
            ("Polisi cwcis", "#polisi"),
            ("Cookies", "#/legal/cookies"),
            ("Privacy", "#!/privacy"),
            ("Cookies", "/home#cookies"),
        ] {
            let all = found(&[("Top", "#top"), (text, href)]);
            let there = Url::parse("https://club.test/home?ref=1").unwrap().join(href).unwrap();
            let there = there.as_str().replace("https://club.test", "");
            assert_eq!(all, [(there, true)], "{text} {href}");
        }
    }

    #[test]
    fn neither_controls_nor_parts_that_act_are_candidates() {
        for (text, href) in [
            ("Cookie settings", "#cookie-settings"),
            ("Accept cookies", "#cookies"),
            ("Cookies", "#/cookies/reject"),
            ("Cookies", "#/account/log-out"),
            ("About us", "#about"),
            ("Cookies", "#"),
        ] {
            assert_eq!(found(&[(text, href)]), [], "{text} {href}");
        }
    }

    #[test]
    fn a_page_of_its_own_goes_before_a_part_of_the_same_name() {
        let all = found(&[("Cookies", "#cookies"), ("Cookies", "/cookies#list")]);
        assert_eq!(all, [("/cookies".to_owned(), false)]);
    }
}
