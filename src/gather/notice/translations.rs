//! The notice in other languages. A page counts as that only if it declares or tells something itself: a switch of
//! language often leads to the start page, whose banner reads like a notice and declares nothing.

use url::Url;

use super::{
    languages::{self, Version},
    off_the_runtime,
    own_site::{LONGEST, OwnSite},
    page_browser::PageBrowser,
};
use crate::{
    model::{Notice, site},
    notice,
    recording::{NoticePage, NoticeRecording, NoticeTranslation},
};

/// Languages besides the notice's own.
const MOST: usize = 4;

/// Adds the notice in the languages that it says it is in, or that its site has.
pub(super) async fn add(
    recording: &mut NoticeRecording,
    at: &Url,
    page: &NoticePage,
    main: &Notice,
    own: &OwnSite<'_>,
) {
    let mut known = versions(recording, at, page, main).await;
    known.truncate(MOST);
    let mut unread = Vec::new();
    for version in &known {
        match translation(&version.url, main, own, false).await {
            Ok(Some(found)) => keep(recording, page, &version.url, found),
            Ok(None) => (),
            Err(why) => unread.push((version, why)),
        }
    }
    let twins = {
        let (at, page, language) = (at.clone(), page.clone(), main.language.clone());
        off_the_runtime(move || languages::twins(&at, &page, &language)).await
    };
    let mut guessed = Vec::new();
    // A guess that fails says nothing.
    if recording.translations.is_empty() {
        for twin in twins.iter().filter(|it| known.iter().all(|other| other.url != it.url)) {
            if let Ok(Some(found)) = translation(&twin.url, main, own, true).await {
                keep(recording, page, &twin.url, found);
                guessed.push(&twin.language);
                break;
            }
        }
    }
    for (version, why) in unread {
        if !guessed.contains(&&version.language) {
            let url = version.url.to_string();
            recording.translations.push(NoticeTranslation::Unreadable { url, why });
        }
    }
}

fn keep(recording: &mut NoticeRecording, main: &NoticePage, asked: &Url, mut found: NoticePage) {
    // A cookie may change the language of a page that stays at its address.
    if found.url == main.url {
        found.url = asked.to_string();
    }
    let is_known = recording
        .translations
        .iter()
        .any(|it| matches!(it, NoticeTranslation::Page(page) if page.url == found.url));
    if !is_known {
        recording.translations.push(NoticeTranslation::Page(found));
    }
}

/// Where the notice and the links to it say that it is in other languages.
async fn versions(
    recording: &NoticeRecording,
    at: &Url,
    page: &NoticePage,
    main: &Notice,
) -> Vec<Version> {
    let mut found = {
        let (at, page, language) = (at.clone(), page.clone(), main.language.clone());
        off_the_runtime(move || languages::versions(&at, &page, &language)).await
    };
    // A start page may link to both.
    let welsh = recording.candidates.iter().find_map(|it| {
        let text = it.text.to_lowercase();
        let is_welsh = ["cwci", "preifatrwydd"].iter().any(|it| text.contains(it));
        let mut url = Url::parse(&it.url).ok().filter(|_| is_welsh && main.language == "en")?;
        url.set_fragment(None);
        (url.path() != at.path()).then_some(url)
    });
    if let Some(url) = welsh
        && found.iter().all(|it| it.url != url)
    {
        found.push(Version { url, language: "cy".to_owned() });
    }
    found
}

/// The notice at `url`, or the one that the page there links to, in another language than `main`; `None` if it is in the
/// same language after all. Where less is declared than by `main`, it is read in a browser too: scripts may draw the rest,
/// and what changes the language may be a cookie.
async fn translation(
    url: &Url,
    main: &Notice,
    own: &OwnSite<'_>,
    is_guess: bool,
) -> Result<Option<NoticePage>, String> {
    let is_own = site::of_url(url) == own.site;
    let mut quick = Ok(None);
    if !is_own {
        let longest = own.settings.timeout.min(LONGEST);
        let page = own.fetcher.notice(url, longest).await.map_err(|it| it.why().to_owned())?;
        quick = examined(page, main, own, None).await;
    } else if url.fragment().is_none() {
        quick = examined(own.page(url).await?, main, own, None).await;
    }
    let declared = quick.as_ref().map_or(0, |it| it.as_ref().map_or(0, |it| it.1));
    let is_whole = matches!(quick, Ok(Some(_))) && declared >= main.declarations.len();
    if is_whole || is_guess || !is_own {
        return Ok(quick?.map(|it| it.0));
    }
    own.may_show(url)?;
    let drawn = match own.browser.read(url).await {
        Ok(page) => examined(page, main, own, Some(own.browser)).await,
        Err(failure) => Err(failure.why().to_owned()),
    };
    match (drawn, quick) {
        (Ok(Some((page, _))), _) | (_, Ok(Some((page, _)))) => Ok(Some(page)),
        (Err(why), Err(_)) => Err(why),
        _ => Ok(None),
    }
}

/// The page, or the notice that it links to, and how much that declares. `None` if it is in the language of `main`.
async fn examined(
    page: NoticePage,
    main: &Notice,
    own: &OwnSite<'_>,
    browser: Option<&PageBrowser<'_>>,
) -> Result<Option<(NoticePage, usize)>, String> {
    let (language, declared, tells) = content_of(&page).await;
    if language == main.language {
        return Ok(None);
    }
    if declared > 0 {
        return Ok(Some((page, declared)));
    }
    let at = Url::parse(&page.url).map_err(|error| error.to_string())?;
    let mut second_best = tells.then_some(page.clone());
    let linked = own.notice_links(&at, &page).await;
    for candidate in linked.iter().filter(|it| site::of_url(it) == own.site).take(2) {
        let read = match browser {
            Some(browser) if own.may_show(candidate).is_ok() => browser.read(candidate).await.ok(),
            _ => own.page(candidate).await.ok(),
        };
        let Some(page) = read else { continue };
        let (language, declared, tells) = content_of(&page).await;
        if language != main.language && declared > 0 {
            return Ok(Some((page, declared)));
        }
        if language != main.language && tells {
            second_best = Some(page);
        }
    }
    match second_best {
        Some(page) => Ok(Some((page, 0))),
        None => Err("it does not read like a cookie notice, nor does it link to one".to_owned()),
    }
}

/// The language of a page, how much it declares, and whether it is a notice that tells something.
async fn content_of(page: &NoticePage) -> (String, usize, bool) {
    let page = page.clone();
    off_the_runtime(move || {
        let read = notice::read(&page.url, &page.content);
        let declared = if read.is_notice { read.declarations.len() } else { 0 };
        (read.language, declared, read.is_notice && !read.claims.is_empty())
    })
    .await
}
