//! Fetches pages of the target's own site without a browser, and of no other.

use std::time::Duration;

use url::Url;

use super::{
    fetch::{Fetched, Fetcher},
    off_the_runtime,
    page_browser::PageBrowser,
};
use crate::{
    consent::Words,
    gather::{error::GatherError, links, settings::Settings},
    model::site,
    notice,
    recording::NoticePage,
};

/// A page that takes longer than this is not waited for: none of them is what the scan is about.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// Fetches pages of the target's own site.
pub(super) struct OwnSite<'a> {
    pub(super) settings: &'a Settings,
    pub(super) words: &'a Words,
    pub(super) fetcher: &'a Fetcher,
    /// Reads what only shows with its scripts.
    pub(super) browser: &'a PageBrowser<'a>,
    pub(super) site: Option<String>,
}

impl OwnSite<'_> {
    /// A page as it was served, with what its frames hold.
    pub(super) async fn page(&self, url: &Url) -> Result<NoticePage, String> {
        let fetched = self.fetched(url).await?;
        let longest = self.settings.timeout.min(LONGEST);
        let content = self.fetcher.content_with_frames(&fetched, longest).await;
        let content = content.map_err(|error| error.to_string())?;
        Ok(NoticePage { url: fetched.url.to_string(), content, ..NoticePage::default() })
    }

    /// What an address serves, as text.
    pub(super) async fn text(&self, url: &Url) -> Result<String, String> {
        let fetched = self.fetched(url).await?;
        Ok(String::from_utf8_lossy(&fetched.bytes).into_owned())
    }

    /// Fetches a page of the target's own site, if doing so does nothing but show it. Another site, which a sitemap or a
    /// link may name, is not even contacted.
    async fn fetched(&self, url: &Url) -> Result<Fetched, String> {
        self.may_show(url)?;
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

    /// Whether opening an address does nothing but show a page of the site; if not, why.
    pub(super) fn may_show(&self, url: &Url) -> Result<(), String> {
        if site::of_url(url) != self.site {
            return Err(format!("it is on another site, {url}"));
        }
        if links::deed_of_address(self.words, url).is_some() {
            return Err("its address reads like an action".to_owned());
        }
        Ok(())
    }

    /// Where a page links to notices, best first.
    pub(super) async fn notice_links(&self, at: &Url, page: &NoticePage) -> Vec<Url> {
        let (at, page, words) = (at.clone(), page.clone(), self.words.clone());
        let find = move || {
            let links = links::that_only_show(&words, &at, &notice::page_links(&page.content));
            notice::find(&at, &links).into_iter().map(|it| it.url).collect()
        };
        off_the_runtime(find).await
    }
}
