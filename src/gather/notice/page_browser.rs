//! Reads notices in a browser of its own, as the visitor of a scan does: for `crumbcheck notice URL`, and for another
//! language of the notice, which may be drawn by scripts. Each page is opened in a fresh context, and nothing is pressed.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use tokio::sync::{OnceCell, watch};
use url::{Position, Url};

use super::{fetch::Fetcher, search};
use crate::{
    consent::Words,
    gather::{
        browser::process::{self, Browser},
        cdp::connection::Cdp,
        error::GatherError,
        progress::ProgressSink,
        record::{
            event_log::EventLog,
            recorder::{Hub, Recorder, Setup},
            sessions::ContextOptions,
        },
        secrets::SiteSecrets,
        settings::Settings,
        tab::context::BrowserContext,
        visit::{context::ScanContext, visitor::Visitor},
    },
    model::Pass,
    recording::{Event, EventKind, Fetch, NoticeFailure, NoticePage, redact::Redactor},
};

/// A browser that starts when the first page is read, and ends when this is closed or dropped.
#[derive(Debug)]
pub(in crate::gather) struct PageBrowser<'a> {
    path: PathBuf,
    user_agent: String,
    scan: &'a ScanContext,
    fetcher: &'a Fetcher,
    running: OnceCell<Running>,
}

#[derive(Debug)]
struct Running {
    browser: Browser,
    cdp: Cdp,
    recorder: Arc<Recorder>,
}

impl<'a> PageBrowser<'a> {
    /// A browser that has not started yet.
    pub(in crate::gather) fn new(
        path: PathBuf,
        user_agent: &str,
        scan: &'a ScanContext,
        fetcher: &'a Fetcher,
    ) -> Self {
        let user_agent = user_agent.to_owned();
        Self { path, user_agent, scan, fetcher, running: OnceCell::new() }
    }

    /// What a visitor can read at `url`: the page, or the part or route of it that the address names.
    pub(in crate::gather) async fn read(&self, url: &Url) -> Result<NoticePage, NoticeFailure> {
        let failed = |why: String| NoticeFailure::Unreadable { url: url.to_string(), why };
        let running = self.running.get_or_try_init(|| self.start()).await;
        let running = running.map_err(|error| failed(error.to_string()))?;
        // Nothing of it is kept but what was requested, which is redacted with the other requests.
        let log = EventLog::new(Redactor::Keep);
        let limits = self.scan.limits();
        let browser =
            BrowserContext::open(&running.recorder, log, limits, ContextOptions::default())
                .await
                .map_err(|error| failed(error.to_string()))?;
        let read = match browser.open_tab(0).await {
            Ok(tab) => {
                let mut visitor = Visitor::new(self.scan, Pass::None, tab);
                let read = search::open(&mut visitor, self.fetcher, url).await;
                visitor.tab.leave().await;
                read.map(|it| it.page)
            }
            Err(error) => Err(failed(error.to_string())),
        };
        self.fetcher.note(requests(&browser.log.close()));
        browser.dispose().await;
        read
    }

    /// Ends the browser in an orderly way, if it was started.
    pub(in crate::gather) async fn close(self) {
        if let Some(Running { browser, cdp, .. }) = self.running.into_inner() {
            browser.close(&cdp).await;
        }
    }

    async fn start(&self) -> Result<Running, GatherError> {
        let settings = &self.scan.settings;
        let refuses_private = self.fetcher.refuses_private().await;
        let flags = settings.browser_flags(&self.user_agent, refuses_private);
        let (browser, cdp, events) = Browser::launch(&self.path, &flags)?;
        let setup = Setup {
            user_agent: self.user_agent.clone(),
            languages: settings.languages(),
            viewport: settings.window(),
            refuses_private: refuses_private.then(|| settings.network.clone()),
        };
        match Hub::start(cdp.clone(), events, setup).await {
            Ok((hub, _)) => {
                let scan = self.scan;
                let recorder = hub.for_scan(scan.secrets.clone(), scan.stop_reading.clone());
                Ok(Running { browser, cdp, recorder })
            }
            Err(_) => Err(browser.ended()),
        }
    }
}

/// The notice at `url` as a visitor reads it, and whether its scripts ran: they do not if no browser is installed, and none
/// are needed for a document.
///
/// # Errors
/// If there is no page that can be read, or the browser that the user named does not start.
pub async fn read_notice(
    url: &Url,
    mut settings: Settings,
) -> Result<(NoticePage, bool), GatherError> {
    let (target, secrets) = SiteSecrets::bind(url, std::mem::take(&mut settings.credentials));
    let path = match process::find(settings.chrome.as_deref()) {
        Err(GatherError::NoBrowser) => None,
        found => Some(found?),
    };
    let user_agent = match &path {
        Some(path) => settings.user_agent_of(&process::version(path).await?),
        None => concat!("crumbcheck/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let longest = settings.timeout;
    let fetcher = Fetcher::new(&target, settings.network.clone(), &user_agent)
        .with_document_reader(settings.document_reader.clone());
    let (fetcher, secrets) = fetcher.with_secrets(secrets, longest).await;
    let unreadable = |failure: NoticeFailure| GatherError::Fetch {
        url: target[..Position::AfterPath].to_owned(),
        why: failure.why().to_owned(),
    };
    let Some(path) = path else {
        return Ok((fetcher.notice(&target, longest).await.map_err(unreadable)?, false));
    };
    let (_, stop_reading) = watch::channel(false);
    let scan = ScanContext {
        target: target.clone(),
        settings,
        words: Words::all(),
        recipes: Vec::new(),
        progress: ProgressSink::silent(),
        secrets,
        stop_reading,
    };
    let browser = PageBrowser::new(path, &user_agent, &scan, &fetcher);
    let read = browser.read(&target).await;
    browser.close().await;
    Ok((read.map_err(unreadable)?, true))
}

/// What a browser requested, with the status of each answer that came over the network.
fn requests(events: &[Event]) -> Vec<Fetch> {
    let mut statuses = BTreeMap::new();
    for event in events {
        if let EventKind::Response { id, url, status, cached: false, .. } = &event.kind {
            statuses.insert((id, url), *status);
        }
    }
    let requests = events.iter().filter_map(|event| match &event.kind {
        EventKind::Request { id, url, .. } => {
            Some(Fetch { url: url.to_string(), status: statuses.get(&(id, url)).copied() })
        }
        _ => None,
    });
    requests.collect()
}
