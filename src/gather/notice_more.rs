//! What belongs to the notice beyond its own page: the notice where no link leads to it, further pages
//! that declare something, and its other languages. All of it is fetched without a browser, once for
//! all passes, from the target's own site only.

use std::{collections::BTreeSet, path::Path, time::Duration};

use url::Url;

use super::{
    document::cmp,
    error::GatherError,
    fetch::{Fetched, Fetcher},
    settings::Settings,
};
use crate::{
    model::{LinkKind, Notice, NoticeFound, site},
    notice::{self, PageLink},
    recording::{NoticeFailure, NoticePage, NoticeRecording, NoticeTranslation},
};

/// Addresses at which many sites have their notice, likeliest first.
const USUAL: &[&str] = &[
    "/cookies",
    "/cookie-policy",
    "/cookies-policy",
    "/cookie-notice",
    "/help/cookies",
    "/cookies/",
    "/privacy",
    "/privacy-policy",
    "/privacy-notice",
    "/privacy-and-cookies",
    "/cwcis",
    "/cy/cwcis",
    "/polisi-cwcis",
    "/preifatrwydd",
    "/datenschutz",
    "/politique-de-confidentialite",
    "/politica-de-cookies",
    "/privacyverklaring",
];
/// Pages besides the notice that are read.
const MOST_MORE: usize = 4;
/// Languages besides the notice's own.
const MOST_LANGUAGES: usize = 4;
/// A page that takes longer than this is not waited for: none of them is what the scan is about.
const LONGEST: Duration = Duration::from_secs(10);

/// Who asks, and how.
struct Asker<'a> {
    settings: &'a Settings,
    fetcher: &'a Fetcher,
    home: Option<String>,
}

/// Completes what the passes found of the notice.
pub(super) async fn complete(
    recording: &mut NoticeRecording,
    target: &Url,
    loaded: &BTreeSet<Url>,
    settings: &Settings,
    fetcher: &Fetcher,
) {
    let asker = Asker { settings, fetcher, home: site::of_url(target) };
    if settings.notice.is_some() {
        recording.found = NoticeFound::Given;
    }
    if recording.page.is_none()
        && matches!(recording.problem, Some(NoticeFailure::NotLinked { .. }))
    {
        guess(recording, target, &asker).await;
    }
    lists(recording, loaded, &asker).await;
    let Some(page) = recording.page.clone() else { return };
    // A notice out of a file has no neighbours.
    let Ok(at) = Url::parse(&page.url) else { return };
    if site::of_url(&at) != asker.home {
        return;
    }
    let main = notice::skim(&page.url, &page.content);
    further(recording, &at, &page, &main, &asker).await;
    languages(recording, &at, &page, &main, &asker).await;
}

/// The lists that consent managers loaded on the site's pages, fetched once more.
async fn lists(recording: &mut NoticeRecording, loaded: &BTreeSet<Url>, asker: &Asker<'_>) {
    for url in loaded.iter().take(MOST_MORE) {
        let longest = asker.settings.timeout.min(LONGEST);
        let Ok(fetched) = asker.fetcher.fetch(url, longest).await else { continue };
        let body = String::from_utf8_lossy(&fetched.bytes);
        let Some(content) = cmp::page(url, &body).filter(|_| fetched.status < 400) else {
            continue;
        };
        let page = NoticePage { url: url.to_string(), content };
        // Where there is no page the settings of the banner are what visitors are told.
        if recording.page.is_none()
            && matches!(recording.problem, Some(NoticeFailure::NotLinked { .. }))
        {
            recording.page = Some(page);
            recording.problem = None;
        } else {
            recording.more.push(page);
        }
    }
}

/// Tries the usual addresses, and what the site's map lists.
async fn guess(recording: &mut NoticeRecording, target: &Url, asker: &Asker<'_>) {
    let usual = USUAL.iter().filter_map(|path| target.join(path).ok());
    let mut tried: Vec<(Url, String)> =
        usual.map(|url| (url, "many sites have it at this address".to_owned())).collect();
    for url in from_map(target, asker).await {
        tried.push((url, "the site's map lists it".to_owned()));
    }
    let mut second_best: Option<(NoticePage, String)> = None;
    for (url, how) in tried {
        let Ok(page) = asker.page(&url).await else { continue };
        let read = notice::skim(&page.url, &page.content);
        if !read.is_notice {
            continue;
        }
        if read.declarations.is_empty() {
            second_best.get_or_insert((page, how));
            continue;
        }
        second_best = Some((page, how));
        break;
    }
    if let Some((page, how)) = second_best {
        recording.page = Some(page);
        recording.problem = None;
        recording.found = NoticeFound::Guess { how };
    }
}

/// Pages that `sitemap.xml` lists and that may be the notice.
async fn from_map(target: &Url, asker: &Asker<'_>) -> Vec<Url> {
    let Ok(map) = target.join("/sitemap.xml") else { return Vec::new() };
    let mut texts = Vec::new();
    if let Ok(text) = asker.text(&map).await {
        // A map of maps: the first few are enough to find a page that every site has.
        let maps = places(&text).filter(|it| is_map(it));
        for inner in maps.filter_map(|it| Url::parse(&it).ok()).take(3) {
            texts.extend(asker.text(&inner).await.ok());
        }
        texts.push(text);
    }
    let links: Vec<PageLink> = texts
        .iter()
        .flat_map(|text| places(text))
        .filter(|it| !is_map(it))
        .map(|href| PageLink { text: String::new(), href })
        .collect();
    notice::find(target, &links).into_iter().map(|it| it.url).take(5).collect()
}

fn is_map(address: &str) -> bool {
    Path::new(address).extension().is_some_and(|it| it == "xml")
}

/// The addresses in a map (sitemaps.org, `loc`).
fn places(map: &str) -> impl Iterator<Item = String> {
    let parts = map.split("<loc>").skip(1).take(50_000);
    parts.filter_map(|it| Some(it.split_once("</loc>")?.0.trim().replace("&amp;", "&")))
}

/// Pages of the site that the notice or the start page links to and that declare more.
async fn further(
    recording: &mut NoticeRecording,
    at: &Url,
    page: &NoticePage,
    main: &Notice,
    asker: &Asker<'_>,
) {
    let linked = notice::find(at, &notice::page_links(&page.content)).into_iter().map(|it| it.url);
    let settings = main.links.iter().filter(|it| it.kind == LinkKind::Settings);
    let settings = settings.filter_map(|it| at.join(&it.url).ok());
    let from_start = recording.candidates.iter();
    let from_start = from_start.filter_map(|it| Url::parse(it.rsplit_once(" -> ")?.1).ok());
    let mut urls: Vec<Url> = Vec::new();
    for mut url in settings.chain(from_start).chain(linked) {
        url.set_fragment(None);
        let own = site::of_url(&url) == asker.home && url.path() != at.path();
        if own && matches!(url.scheme(), "http" | "https") && !urls.contains(&url) {
            urls.push(url);
        }
    }
    let mut known: Vec<String> =
        main.declarations.iter().flat_map(|it| it.patterns.iter().cloned()).collect();
    for url in urls.iter().take(MOST_MORE) {
        let Ok(more) = asker.page(url).await else { continue };
        let read = notice::skim(&more.url, &more.content);
        let new = read.declarations.iter().flat_map(|it| &it.patterns);
        let new: Vec<String> = new.filter(|it| !known.contains(it)).cloned().collect();
        // The same page by another address, or in another language, adds nothing.
        let same = more.url == page.url || read.language != main.language;
        if !read.is_notice || new.is_empty() || same {
            continue;
        }
        known.extend(new);
        recording.more.push(more);
    }
}

/// The notice in the languages that it links to.
async fn languages(
    recording: &mut NoticeRecording,
    at: &Url,
    page: &NoticePage,
    main: &Notice,
    asker: &Asker<'_>,
) {
    let linked = main.links.iter().filter(|it| it.kind == LinkKind::Translation);
    let linked = linked.filter_map(|it| at.join(&it.url).ok());
    let from_start = recording.candidates.iter();
    let from_start = from_start.filter_map(|it| {
        let (text, url) = it.rsplit_once(" -> ")?;
        let text = text.to_lowercase();
        let welsh = ["cwci", "preifatrwydd"].iter().any(|it| text.contains(it));
        (welsh && main.language == "en").then(|| Url::parse(url).ok()).flatten()
    });
    let mut urls: Vec<Url> = Vec::new();
    for mut url in linked.chain(from_start) {
        url.set_fragment(None);
        let same = url.path() == at.path() && url.query() == at.query() && url.host() == at.host();
        if site::of_url(&url) == asker.home && !same && !urls.contains(&url) {
            urls.push(url);
        }
    }
    for url in urls.into_iter().take(MOST_LANGUAGES) {
        match translation(&url, main, asker).await {
            Ok(Some(found)) if found.url != page.url => {
                let known = recording
                    .translations
                    .iter()
                    .any(|it| matches!(it, NoticeTranslation::Page(page) if page.url == found.url));
                if !known {
                    recording.translations.push(NoticeTranslation::Page(found));
                }
            }
            Ok(_) => (),
            Err(why) => recording
                .translations
                .push(NoticeTranslation::Unreadable { url: url.to_string(), why }),
        }
    }
}

/// The page at `url`, or the notice that it links to: a switch of language often leads to the start page.
/// `None` if it is in the same language after all.
async fn translation(
    url: &Url,
    main: &Notice,
    asker: &Asker<'_>,
) -> Result<Option<NoticePage>, String> {
    let page = asker.page(url).await?;
    let read = notice::skim(&page.url, &page.content);
    if read.language == main.language {
        return Ok(None);
    }
    if read.is_notice {
        return Ok(Some(page));
    }
    let at = Url::parse(&page.url).map_err(|error| error.to_string())?;
    for candidate in notice::find(&at, &notice::page_links(&page.content)).into_iter().take(2) {
        if site::of_url(&candidate.url) != asker.home {
            continue;
        }
        let Ok(page) = asker.page(&candidate.url).await else { continue };
        let read = notice::skim(&page.url, &page.content);
        if read.is_notice && read.language != main.language {
            return Ok(Some(page));
        }
    }
    Err("it does not read like a cookie notice, nor does it link to one".to_owned())
}

impl Asker<'_> {
    async fn page(&self, url: &Url) -> Result<NoticePage, String> {
        let fetched = self.fetched(url).await?;
        let content = fetched.content().map_err(|error| error.to_string())?;
        Ok(NoticePage { url: fetched.url.to_string(), content })
    }

    async fn text(&self, url: &Url) -> Result<String, String> {
        let fetched = self.fetched(url).await?;
        Ok(String::from_utf8_lossy(&fetched.bytes).into_owned())
    }

    /// A page of the target's own site; another site, which a map or a link may name, is not even asked.
    async fn fetched(&self, url: &Url) -> Result<Fetched, String> {
        if site::of_url(url) != self.home {
            return Err(format!("it is on another site, {url}"));
        }
        let longest = self.settings.timeout.min(LONGEST);
        let fetched = self
            .fetcher
            .fetch(url, longest)
            .await
            .map_err(|error: GatherError| error.to_string())?;
        if site::of_url(&fetched.url) != self.home {
            return Err(format!("it leads to another site, {}", fetched.url));
        }
        if fetched.status >= 400 {
            return Err(format!("the server answers {}", fetched.status));
        }
        Ok(fetched)
    }
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn a_map_is_a_list_of_addresses() {
        let map = "<urlset><url><loc> https://a.test/cookies?a=1&amp;b=2 </loc></url><url><loc>https://a.test/x</loc></url><loc>open";
        let found: Vec<String> = places(map).collect();
        assert_eq!(found, ["https://a.test/cookies?a=1&b=2", "https://a.test/x"]);
        assert_eq!(places("<html>").count(), 0);
    }
}
