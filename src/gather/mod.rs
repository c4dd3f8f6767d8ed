//! Visits a site with a real browser and records what happens. The only stage that touches the
//! outside world.

mod arrival;
mod browser;
mod cdp;
mod checkpoint;
mod choice;
mod commands;
pub mod document;
mod error;
mod fetch;
mod links;
mod log;
mod messages;
mod names;
mod network;
mod nodes;
mod notice_more;
mod notice_search;
mod page;
mod pass;
mod preflight;
mod recorder;
mod second_look;
mod secrets;
mod signals;
mod supervisor;

use std::{
    collections::BTreeSet,
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;
use url::Url;

pub use browser::find as find_browser;
pub use error::GatherError;
pub use fetch::{Fetched, Fetcher};
pub use network::{Network, Route};
pub use secrets::{Credentials, SiteSecrets};

use self::pass::{Outcome, Scan};
use crate::{
    consent::{Recipe, Words},
    model::{Pass, Via, VisitStatus},
    recording::{
        BROKEN_OFF, BROWSER, BROWSER_GONE, EventKind, FORMAT, NoticeFailure, NoticeRecording,
        Problem, Recording, Target, Vantage, redact::Redactor,
    },
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
    /// How long a page is watched at least after it has arrived.
    pub settle: Duration,
    /// The browser's executable.
    pub chrome: Option<PathBuf>,
    /// Flags for the browser, as they are.
    pub chrome_flags: Vec<String>,
    /// The connection.
    pub network: Network,
    /// What the user gave for the target's own site.
    pub credentials: Credentials,
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
        /// Its name.
        name: String,
        /// Its text.
        content: String,
    },
}

/// The size of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewport {
    /// 1366 by 900.
    Desktop,
    /// 390 by 844, as a phone.
    Mobile,
}

/// Hears what each pass is doing.
#[derive(Clone)]
pub struct Tell(Arc<Hear>);

/// What hears it.
type Hear = dyn Fn(Pass, &str) + Send + Sync;

/// A recording, and why it says nothing about the site if it does not.
#[derive(Debug)]
pub struct Gathered {
    /// What was seen.
    pub recording: Recording,
    /// Why the scan did not complete.
    pub failure: Option<GatherError>,
}

impl Tell {
    /// Calls `hear` with the pass and what it is doing.
    pub fn new(hear: impl Fn(Pass, &str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }
}

impl std::ops::Deref for Tell {
    type Target = Hear;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tell")
    }
}

/// Scans `target`: every pass in a browser context of its own, side by side in one browser. If the browser goes away,
/// what it left unfinished is done once more in another.
///
/// Once `stop` is true the browser is ended, and what was collected until then is returned.
///
/// # Errors
/// If the browser does not start. Anything that happens later is in what is returned, together with what was
/// collected until then.
pub async fn gather(
    target: &Url,
    mut settings: Settings,
    tell: Tell,
    stop: watch::Receiver<bool>,
) -> Result<Gathered, GatherError> {
    let started = jiff::Timestamp::now();
    let begun = Instant::now();
    let path = browser::find(settings.chrome.as_deref())?;
    let version = browser::version(&path).await?;
    let user_agent =
        settings.user_agent.clone().unwrap_or_else(|| user_agent(&version, settings.viewport));
    let recipes = settings.recipes.iter().cloned().chain(Recipe::all()).collect();
    let words = Words::all();
    // From here on they exist only as secrets of this target.
    let secrets = SiteSecrets::new(target, std::mem::take(&mut settings.credentials));
    let fetcher = Fetcher::new(settings.network.clone(), secrets.clone(), user_agent.clone());
    let scan = Scan { target: target.clone(), settings, words, recipes, tell, secrets, fetcher };
    let scan = Arc::new(scan);
    let ended = supervisor::run(&path, &user_agent, &scan, stop.clone()).await?;
    let (gone, unreadable) = (ended.gone, ended.unreadable);

    let settings = &scan.settings;
    let vantage = Vantage {
        browser: ended.product,
        headless_shell: ended.headless_shell,
        user_agent,
        webdriver: None,
        third_party_cookies: ended.third_party_cookies,
        locale: settings.locale.clone(),
        viewport: settings.viewport.name().to_owned(),
        timeout_ms: millis(settings.timeout),
        settle_ms: millis(settings.settle),
        insecure: settings.network.insecure,
        values_kept: matches!(settings.redactor, Redactor::Keep),
    };
    let mut gathered = assemble(&scan, vantage, ended.outcomes, gone);
    let stopped = ended.stopped || !complete(&mut gathered.recording, &scan, stop).await;
    if stopped {
        gathered.failure = Some(GatherError::BrokenOff);
    }
    gathered.recording.fetches = scan.fetcher.take_fetches(&scan.settings.redactor);
    gathered.recording.started = started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    gathered.recording.duration_ms = millis(begun.elapsed());
    if gone || stopped {
        gathered.recording.problems.push(Problem {
            place: BROWSER.to_owned(),
            message: if stopped { BROKEN_OFF } else { BROWSER_GONE }.to_owned(),
            gap: true,
        });
    }
    gathered.recording.problems.extend(ended.problem.map(|message| Problem {
        place: BROWSER.to_owned(),
        message,
        gap: true,
    }));
    if unreadable > 0 {
        gathered.recording.problems.push(Problem {
            place: BROWSER.to_owned(),
            message: format!("{unreadable} messages of the browser could not be read"),
            gap: true,
        });
    }
    Ok(gathered)
}

/// Adds what is asked for outside the browser; false if the user did not want to wait for it.
async fn complete(recording: &mut Recording, scan: &Scan, stop: watch::Receiver<bool>) -> bool {
    let (target, settings) = (&scan.target, &scan.settings);
    let loaded = loaded(recording);
    let mut notice = std::mem::take(&mut recording.notice);
    let more = notice_more::complete(&mut notice, target, &loaded, settings, &scan.fetcher);
    let names = names::look_up(recording, target, &settings.network);
    let done = tokio::select! {
        ((), names) = async { tokio::join!(more, names) } => Some(names),
        () = wanted(stop) => None,
    };
    recording.notice = notice;
    let is_complete = done.is_some();
    recording.names = done.unwrap_or_default();
    is_complete
}

/// Returns once the user wants us to stop.
async fn wanted(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|it| *it).await.is_err() {
        // Nobody can want it any more.
        std::future::pending::<()>().await;
    }
}

/// The lists of consent managers that were asked for in any pass, each once.
fn loaded(recording: &Recording) -> BTreeSet<Url> {
    let events = recording.passes.iter().flat_map(|pass| &pass.events);
    events
        .filter_map(|event| match &event.kind {
            EventKind::Request { url, .. } => Url::parse(url).ok(),
            _ => None,
        })
        .filter(document::cmp::is_list)
        .collect()
}

fn assemble(scan: &Scan, mut vantage: Vantage, outcomes: Vec<Outcome>, gone: bool) -> Gathered {
    vantage.webdriver = outcomes.iter().find_map(|outcome| outcome.webdriver);
    let failure = match outcomes.iter().find(|outcome| outcome.start.status != VisitStatus::Ok) {
        _ if gone => Some(GatherError::BrowserGone),
        // One pass that saw the site is enough to say something; what the others miss is open.
        Some(first) if outcomes.iter().all(|it| it.start.status != VisitStatus::Ok) => {
            Some(GatherError::NotObserved {
                url: scan.target.to_string(),
                why: first.start.problem.clone().unwrap_or_default(),
                help: first.start.help,
            })
        }
        _ => None,
    };
    let target = Target {
        url: scan.target.to_string(),
        pages: scan.settings.pages.clone(),
        notice: scan.settings.notice.as_ref().map(|source| match source {
            NoticeSource::Url(url) => url.to_string(),
            NoticeSource::File { name, .. } => name.clone(),
        }),
    };
    // Every pass looks for the notice; the first that has it is as good as any.
    let notices: Vec<&NoticeRecording> = outcomes.iter().map(|outcome| &outcome.notice).collect();
    let notice = notices
        .iter()
        .find(|notice| notice.page.is_some())
        .or_else(|| notices.iter().find(|notice| notice.problem.is_some()))
        .map_or_else(
            || NoticeRecording {
                problem: Some(NoticeFailure::NotSought {
                    why: "the start page could not be observed".to_owned(),
                }),
                ..NoticeRecording::default()
            },
            |notice| (*notice).clone(),
        );
    let recording = Recording {
        format: FORMAT,
        tool: format!("crumbcheck {}", env!("CARGO_PKG_VERSION")),
        target,
        vantage,
        started: String::new(),
        duration_ms: 0,
        passes: outcomes.into_iter().map(|outcome| outcome.recording).collect(),
        notice,
        fetches: Vec::new(),
        names: Vec::new(),
        problems: Vec::new(),
    };
    Gathered { recording, failure }
}

/// An honest name without the words that make consent libraries hide their banner (`bot`, `crawl`,
/// `spider`): the browser's own, as its window shows it, and ours.
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

fn flags(settings: &Settings, user_agent: &str) -> Vec<String> {
    let mut flags = vec![
        format!("--user-agent={user_agent}"),
        format!("--lang={}", settings.locale),
        format!("--accept-lang={}", settings.locale),
    ];
    let rules = settings.network.resolver_rules();
    if !rules.is_empty() {
        flags.push(format!("--host-resolver-rules={rules}"));
    }
    if settings.network.insecure {
        flags.push("--ignore-certificate-errors".to_owned());
    }
    if let Some(proxy) = &settings.network.proxy {
        flags.push(format!("--proxy-server={proxy}"));
        // Without this the browser goes around the proxy for addresses of this machine.
        flags.push("--proxy-bypass-list=<-loopback>".to_owned());
    }
    flags.extend(settings.chrome_flags.iter().cloned());
    flags
}

fn millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

impl Viewport {
    const fn name(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
        }
    }
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
