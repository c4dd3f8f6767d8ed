//! The icons of a page. A browser with windows fetches them to show them in its tabs, and a site may set cookies by them;
//! the one without windows fetches none.

use std::collections::BTreeSet;

use super::page::Tab;
use crate::gather::{cdp::connection::CdpError, record::signals::requests::ICON_SCRIPT};

/// More icons than this no browser wants.
const MOST: usize = 4;

/// The addresses of a page's icons: those that it names and that fit the window, or the one that browsers try then.
const NAMED: &str = "(() => {
    const links = [...document.querySelectorAll('link[rel~=icon i][href]')];
    const fitting = links.filter((link) => !link.media || matchMedia(link.media).matches).map((link) => link.href);
    const usual = links.length || !/^https?:$/.test(location.protocol) ? [] : [`${location.origin}/favicon.ico`];
    return [...fitting, ...usual].filter((url) => /^https?:/.test(url));
})()";

impl Tab {
    /// Loads the icons of the page that are not among `known`, as images of the page, and adds them. What they answer is
    /// recorded like every other response; it is not waited for here.
    pub(in crate::gather) async fn fetch_icons(
        &self,
        known: &mut BTreeSet<String>,
    ) -> Result<(), CdpError> {
        let found = self.evaluate(NAMED).await?;
        let found = found.as_array().into_iter().flatten().filter_map(|it| it.as_str());
        let fresh: Vec<&str> = found.filter(|it| !known.contains(*it)).take(MOST).collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let urls = serde_json::Value::from(fresh.clone());
        let script = &*ICON_SCRIPT;
        // In a world of its own: the page's `Image` may be another.
        let load = format!(
            "for (const url of {urls}) {{ new Image().src = url; }}\n//# sourceURL={script}"
        );
        self.evaluate(&load).await?;
        known.extend(fresh.into_iter().map(str::to_owned));
        Ok(())
    }
}
