//! How a site is to be looked at: what the command line meant, built once.

use std::{path::PathBuf, time::Duration};

use url::Url;

use crate::{
    consent::Recipe,
    gather::{
        network::Network,
        secrets::{Credentials, without_login},
    },
    model::{Pass, Via},
    recording::{Viewport, redact::Redactor},
};

/// How a site is to be looked at.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which passes, in the order they are listed.
    pub passes: Vec<Pass>,
    /// Further pages, as addresses or paths relative to the target.
    pub pages: Vec<String>,
    /// The notice, if the user names it.
    pub notice: Option<NoticeSource>,
    /// How long one page may take to arrive.
    pub timeout: Duration,
    /// How long a page is watched at least after it has arrived; without it, as long as it has something to do that the
    /// scan can see, and four seconds if that cannot be known.
    pub settle: Option<Duration>,
    /// How long what a page does later is waited for at most, on the start page and after a choice; on other pages it is
    /// two fifths of this.
    pub patience: Duration,
    /// The browser's executable.
    pub chrome: Option<PathBuf>,
    /// Flags for the browser, as they are.
    pub chrome_flags: Vec<String>,
    /// The connection.
    pub network: Network,
    /// What the user gave for the target's own site.
    pub credentials: Credentials,
    /// Where notices that are documents are read.
    pub document_reader: DocumentReader,
    /// What the browser calls itself; without it, its own name and ours.
    pub user_agent: Option<String>,
    /// Language asked for, such as `en-GB`.
    pub locale: String,
    /// The size of the window.
    pub viewport: Viewport,
    /// By what means choices may be made, in this order.
    pub consent_by: Vec<Via>,
    /// Recipes of the user's own; they go before those that come with the program.
    pub recipes: Vec<Recipe>,
    /// How values are written down.
    pub redactor: Redactor,
}

/// Where the notice is, if the user names it.
#[derive(Clone, Debug)]
pub enum NoticeSource {
    /// At an address.
    Url(Url),
    /// In a file, already read.
    File {
        /// Its name, without the folders it is in: it stands in the report.
        name: String,
        /// Its text.
        content: String,
    },
}

/// Where documents are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DocumentReader {
    /// In this process and without limits; for documents that one trusts.
    #[default]
    InProcess,
    /// By `PROGRAM read-document NAME`, in a process of its own. It sets limits by [`limit_this_process`](crate::gather::documents::limit_this_process), takes the
    /// document on standard input and prints its text, or prints why there is none and exits with another code than 0.
    Process {
        /// The program, which is this one.
        program: PathBuf,
    },
}

impl Settings {
    /// Cuts names and passwords out of the addresses of pages and notice, which are written down.
    pub(super) fn cut_logins(&mut self) {
        for page in &mut self.pages {
            if let Ok(url) = Url::parse(page) {
                *page = without_login(&url).into();
            }
        }
        if let Some(NoticeSource::Url(url)) = &mut self.notice {
            *url = without_login(url);
        }
    }

    /// What the browser calls itself: an honest name without the words that make consent libraries hide their banner
    /// (`bot`, `crawl`, `spider`). It is the browser's own, as its window shows it, and ours.
    pub(super) fn user_agent_of(&self, version: &str) -> String {
        self.user_agent.clone().unwrap_or_else(|| user_agent(version, self.viewport))
    }

    /// The flags of the command line that starts the browser.
    pub(super) fn browser_flags(&self, user_agent: &str) -> Vec<String> {
        let mut flags = vec![
            format!("--user-agent={user_agent}"),
            format!("--lang={}", self.locale),
            format!("--accept-lang={}", self.locale),
            // The window is larger than what it shows of the page, as a visitor's is.
            format!("--window-size={}", self.outer_size()),
        ];
        let rules = self.network.resolver_rules();
        if !rules.is_empty() {
            flags.push(format!("--host-resolver-rules={rules}"));
        }
        if self.network.insecure {
            flags.push("--ignore-certificate-errors".to_owned());
        }
        if let Some(proxy) = &self.network.proxy {
            flags.push(format!("--proxy-server={proxy}"));
            // Without this the browser goes around the proxy for addresses of this machine.
            flags.push("--proxy-bypass-list=<-loopback>".to_owned());
        }
        flags.extend(self.chrome_flags.iter().cloned());
        flags
    }

    /// `en-GB` asks for `en-GB,en`, as browsers do; the browser itself adds the weights, so that the header has
    /// `en-GB,en;q=0.9` and `navigator.languages` the two.
    pub(super) fn languages(&self) -> String {
        match self.locale.split_once('-') {
            Some((language, _)) => format!("{},{language}", self.locale),
            None => self.locale.clone(),
        }
    }

    fn outer_size(&self) -> String {
        let (width, height, is_phone) = self.window();
        format!("{width},{}", if is_phone { height } else { height + 85 })
    }

    /// Width and height of the window in CSS pixels, and whether it is a phone.
    pub(super) const fn window(&self) -> (u32, u32, bool) {
        match self.viewport {
            Viewport::Desktop => (1366, 900, false),
            Viewport::Mobile => (390, 844, true),
        }
    }
}

fn user_agent(version: &str, viewport: Viewport) -> String {
    let major = version.split('.').next().unwrap_or(version);
    let (system, mobile) = match viewport {
        Viewport::Desktop => ("X11; Linux x86_64", ""),
        Viewport::Mobile => ("Linux; Android 10; K", " Mobile"),
    };
    format!(
        "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0{mobile} Safari/537.36 crumbcheck/{}",
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_hides_no_banner() {
        for viewport in [Viewport::Desktop, Viewport::Mobile] {
            let name = user_agent("156.0.8078.79", viewport).to_lowercase();
            assert!(name.contains("crumbcheck/") && name.contains("chrome/156.0.0.0"), "{name}");
            for word in ["bot", "crawl", "spider", "slurp", "teoma", "headless"] {
                assert!(!name.contains(word), "{word} in {name}");
            }
        }
    }
}
