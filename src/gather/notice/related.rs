//! What belongs to the notice beyond its own page: the notice where no link leads to it, further pages that declare
//! something, the lists of consent managers, and other languages. All of it is fetched once for all passes; without a
//! browser and, but for the lists, from the target's own site only, where `translations` does not say otherwise.

use std::{collections::BTreeSet, path::Path};

use url::Url;

use super::{
    documents::cmp,
    fetch::Fetcher,
    off_the_runtime,
    own_site::{LONGEST, OwnSite},
    page_browser::PageBrowser,
    skim, translations,
};
use crate::{
    consent::Words,
    gather::{links, settings::Settings},
    model::{LinkKind, Notice, NoticeFound, site},
    notice::{self, PageLink},
    recording::{NoticeFailure, NoticePage, NoticeRecording},
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

/// Completes what the passes found of the notice.
pub(in crate::gather) async fn complete(
    recording: &mut NoticeRecording,
    target: &Url,
    lists: &BTreeSet<Url>,
    settings: &Settings,
    words: &Words,
    fetcher: &Fetcher,
    browser: &PageBrowser<'_>,
) {
    let own = OwnSite { settings, words, fetcher, browser, site: site::of_url(target) };
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
    translations::add(recording, &at, &page, &main, &own).await;
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
