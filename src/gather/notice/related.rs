//! What belongs to the notice beyond its own page: the notice where no link leads to it, further pages that declare
//! something, the lists of consent managers, and other languages. All of it is fetched without a browser, once for all
//! passes, and but for the lists from the target's own site only.

use std::{collections::BTreeSet, path::Path, time::Duration};

use url::Url;

use super::{
    documents::cmp,
    fetch::{Fetched, Fetcher},
    off_the_runtime, skim,
};
use crate::{
    consent::Words,
    gather::{error::GatherError, links, settings::Settings},
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

/// Fetches pages of the target's own site.
struct OwnSite<'a> {
    settings: &'a Settings,
    words: &'a Words,
    fetcher: &'a Fetcher,
    site: Option<String>,
}

/// Completes what the passes found of the notice.
pub(in crate::gather) async fn complete(
    recording: &mut NoticeRecording,
    target: &Url,
    lists: &BTreeSet<Url>,
    settings: &Settings,
    words: &Words,
    fetcher: &Fetcher,
) {
    let own = OwnSite { settings, words, fetcher, site: site::of_url(target) };
    if settings.notice.is_some() {
        recording.found = NoticeFound::Given;
    }
    // What the start page shows itself could not be read: it may be at an address of its own too.
    let is_unseen = recording.page.is_none()
        && !recording.candidates.is_empty()
        && matches!(recording.problem, Some(NoticeFailure::NotSought { .. }));
    if is_missing(recording) || is_unseen {
        try_usual_addresses(recording, target, &own).await;
    }
    add_lists(recording, lists, &own).await;
    let Some(page) = recording.page.clone() else { return };
    // A notice from a file has no neighbours.
    let Ok(at) = Url::parse(&page.url) else { return };
    if site::of_url(&at) != own.site {
        return;
    }
    let main = skim(&page).await;
    add_further_pages(recording, &at, &page, &main, &own).await;
    add_translations(recording, &at, &page, &main, &own).await;
}

/// Whether no link led to a notice.
fn is_missing(recording: &NoticeRecording) -> bool {
    recording.page.is_none() && matches!(recording.problem, Some(NoticeFailure::NotLinked { .. }))
}

/// Adds the lists that consent managers loaded on the site's pages; they are fetched once more.
async fn add_lists(recording: &mut NoticeRecording, lists: &BTreeSet<Url>, own: &OwnSite<'_>) {
    for url in lists.iter().take(MOST_MORE) {
        let longest = own.settings.timeout.min(LONGEST);
        let Ok(fetched) = own.fetcher.fetch(url, longest).await else { continue };
        if fetched.status >= 400 {
            continue;
        }
        let list = url.clone();
        let read = move || cmp::page(&list, &String::from_utf8_lossy(&fetched.bytes));
        let Some(content) = off_the_runtime(read).await else { continue };
        let page = NoticePage { url: url.to_string(), content, ..NoticePage::default() };
        // Where there is no page, the settings of the banner are what visitors can read.
        if is_missing(recording) {
            recording.page = Some(page);
            recording.problem = None;
        } else {
            recording.more.push(page);
        }
    }
}

/// Tries the usual addresses, and those that the sitemap lists.
async fn try_usual_addresses(recording: &mut NoticeRecording, target: &Url, own: &OwnSite<'_>) {
    let usual = USUAL.iter().filter_map(|path| target.join(path).ok());
    let mut addresses: Vec<(Url, String)> =
        usual.map(|url| (url, "many sites have it at this address".to_owned())).collect();
    for url in addresses_in_sitemap(target, own).await {
        addresses.push((url, "the sitemap lists it".to_owned()));
    }
    let mut best: Option<(NoticePage, String)> = None;
    for (url, how) in addresses {
        let Ok(page) = own.page(&url).await else { continue };
        let read = skim(&page).await;
        if !read.is_notice {
            continue;
        }
        if read.declarations.is_empty() {
            best.get_or_insert((page, how));
            continue;
        }
        best = Some((page, how));
        break;
    }
    if let Some((page, how)) = best {
        recording.page = Some(page);
        recording.problem = None;
        recording.found = NoticeFound::Guess { how };
    }
}

/// Pages that `sitemap.xml` lists and that may be the notice.
async fn addresses_in_sitemap(target: &Url, own: &OwnSite<'_>) -> Vec<Url> {
    let Ok(sitemap) = target.join("/sitemap.xml") else { return Vec::new() };
    let mut texts = Vec::new();
    if let Ok(text) = own.text(&sitemap).await {
        // A sitemap may list sitemaps; the first few are enough to find a page that every site has.
        let inner = listed_addresses(&text).filter(|it| is_sitemap(it));
        for inner in inner.filter_map(|it| Url::parse(&it).ok()).take(3) {
            texts.extend(own.text(&inner).await.ok());
        }
        texts.push(text);
    }
    let links: Vec<PageLink> = texts
        .iter()
        .flat_map(|text| listed_addresses(text))
        .filter(|it| !is_sitemap(it))
        .map(|href| PageLink { text: String::new(), href })
        .collect();
    let links = links::that_only_show(own.words, target, &links);
    notice::find(target, &links).into_iter().map(|it| it.url).take(5).collect()
}

fn is_sitemap(address: &str) -> bool {
    Path::new(address).extension().is_some_and(|it| it == "xml")
}

/// The addresses in a sitemap (sitemaps.org, `loc`).
fn listed_addresses(sitemap: &str) -> impl Iterator<Item = String> {
    let parts = sitemap.split("<loc>").skip(1).take(50_000);
    parts.filter_map(|it| Some(it.split_once("</loc>")?.0.trim().replace("&amp;", "&")))
}

/// Adds pages of the site that the notice or the start page links to and that declare more.
async fn add_further_pages(
    recording: &mut NoticeRecording,
    at: &Url,
    page: &NoticePage,
    main: &Notice,
    own: &OwnSite<'_>,
) {
    let linked = own.notice_links(at, page).await;
    let settings = main.links.iter().filter(|it| it.kind == LinkKind::Settings);
    let settings = settings.filter_map(|it| at.join(&it.url).ok());
    let from_start = recording.candidates.iter().filter_map(|it| Url::parse(&it.url).ok());
    let mut urls: Vec<Url> = Vec::new();
    for mut url in settings.chain(from_start).chain(linked) {
        url.set_fragment(None);
        let is_own = site::of_url(&url) == own.site && url.path() != at.path();
        if is_own && matches!(url.scheme(), "http" | "https") && !urls.contains(&url) {
            urls.push(url);
        }
    }
    let mut known: Vec<String> =
        main.declarations.iter().flat_map(|it| it.patterns.iter().cloned()).collect();
    for url in urls.iter().take(MOST_MORE) {
        let Ok(more) = own.page(url).await else { continue };
        let read = skim(&more).await;
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

/// Adds the notice in the languages that it links to.
async fn add_translations(
    recording: &mut NoticeRecording,
    at: &Url,
    page: &NoticePage,
    main: &Notice,
    own: &OwnSite<'_>,
) {
    let linked = main.links.iter().filter(|it| it.kind == LinkKind::Translation);
    let linked = linked.filter_map(|it| at.join(&it.url).ok());
    let from_start = recording.candidates.iter().filter_map(|it| {
        let text = it.text.to_lowercase();
        let is_welsh = ["cwci", "preifatrwydd"].iter().any(|it| text.contains(it));
        (is_welsh && main.language == "en").then(|| Url::parse(&it.url).ok()).flatten()
    });
    let mut urls: Vec<Url> = Vec::new();
    for mut url in linked.chain(from_start) {
        url.set_fragment(None);
        let same = url.path() == at.path() && url.query() == at.query() && url.host() == at.host();
        if site::of_url(&url) == own.site && !same && !urls.contains(&url) {
            urls.push(url);
        }
    }
    for url in urls.into_iter().take(MOST_LANGUAGES) {
        match translation(&url, main, own).await {
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

/// The page at `url`, or the notice that it links to: a switch of language often leads to the start page, whose banner
/// reads like a notice and declares nothing. `None` if it is in the same language after all.
async fn translation(
    url: &Url,
    main: &Notice,
    own: &OwnSite<'_>,
) -> Result<Option<NoticePage>, String> {
    let page = own.page(url).await?;
    let read = skim(&page).await;
    if read.language == main.language {
        return Ok(None);
    }
    if read.is_notice && !read.declarations.is_empty() {
        return Ok(Some(page));
    }
    let at = Url::parse(&page.url).map_err(|error| error.to_string())?;
    let linked = own.notice_links(&at, &page).await;
    for candidate in linked.iter().filter(|it| site::of_url(it) == own.site).take(2) {
        let Ok(page) = own.page(candidate).await else { continue };
        let read = skim(&page).await;
        if read.is_notice && read.language != main.language {
            return Ok(Some(page));
        }
    }
    // A notice that declares nothing in its own language need not in another.
    if read.is_notice && main.declarations.is_empty() {
        return Ok(Some(page));
    }
    Err("it does not read like a cookie notice, nor does it link to one".to_owned())
}

impl OwnSite<'_> {
    async fn page(&self, url: &Url) -> Result<NoticePage, String> {
        let fetched = self.fetched(url).await?;
        let longest = self.settings.timeout.min(LONGEST);
        let content = self.fetcher.content_with_frames(&fetched, longest).await;
        let content = content.map_err(|error| error.to_string())?;
        Ok(NoticePage { url: fetched.url.to_string(), content, ..NoticePage::default() })
    }

    async fn text(&self, url: &Url) -> Result<String, String> {
        let fetched = self.fetched(url).await?;
        Ok(String::from_utf8_lossy(&fetched.bytes).into_owned())
    }

    /// Fetches a page of the target's own site, if doing so does nothing but show it. Another site, which a sitemap or a
    /// link may name, is not even contacted.
    async fn fetched(&self, url: &Url) -> Result<Fetched, String> {
        if site::of_url(url) != self.site {
            return Err(format!("it is on another site, {url}"));
        }
        if links::deed_of_address(self.words, url).is_some() {
            return Err("its address reads like an action".to_owned());
        }
        let longest = self.settings.timeout.min(LONGEST);
        let fetched = self
            .fetcher
            .fetch(url, longest)
            .await
            .map_err(|error: GatherError| error.to_string())?;
        if site::of_url(&fetched.url) != self.site {
            return Err(format!("it leads to another site, {}", fetched.url));
        }
        if fetched.status >= 400 {
            return Err(format!("the server answers {}", fetched.status));
        }
        Ok(fetched)
    }

    /// Where a page links to notices, best first.
    async fn notice_links(&self, at: &Url, page: &NoticePage) -> Vec<Url> {
        let (at, page, words) = (at.clone(), page.clone(), self.words.clone());
        let find = move || {
            let links = links::that_only_show(&words, &at, &notice::page_links(&page.content));
            notice::find(&at, &links).into_iter().map(|it| it.url).collect()
        };
        off_the_runtime(find).await
    }
}

#[cfg(test)]
mod tests {
    use super::listed_addresses;

    #[test]
    fn a_map_is_a_list_of_addresses() {
        let map = "<urlset><url><loc> https://a.test/cookies?a=1&amp;b=2 </loc></url><url><loc>https://a.test/x</loc></url><loc>open";
        let found: Vec<String> = listed_addresses(map).collect();
        assert_eq!(found, ["https://a.test/cookies?a=1&b=2", "https://a.test/x"]);
        assert_eq!(listed_addresses("<html>").count(), 0);
    }
}
