//! Runs the passes of a scan side by side in one browser, and retries a pass under which something died, in a fresh
//! context or in a fresh browser.

use std::{path::Path, pin::pin, sync::Arc};

use tokio::{sync::watch, task::JoinSet};

use super::{
    browsers::{Browsers, Launch},
    pass::{self, PassContext, PassOutcome},
};
use crate::{
    gather::{
        error::GatherError, notice::fetch::Fetcher, progress::ScanEvent, record::recorder::Setup,
        settings::stop_requested, visit::context::ScanContext,
    },
    model::Pass,
    recording::{ProblemKind, ThirdPartyCookies},
};

/// What came of the passes of a scan, and in what browser they ran.
#[derive(Debug)]
pub(super) struct BrowserRun {
    /// In the order that was asked for.
    pub(super) outcomes: Vec<PassOutcome>,
    /// What the browser says it is.
    pub(super) product: String,
    /// Whether it is the build without windows.
    pub(super) headless_shell: bool,
    /// Whether a third party's cookie sticks in it.
    pub(super) third_party_cookies: ThirdPartyCookies,
    /// How many of its messages could not be read.
    pub(super) unreadable: u64,
    /// Whether it went away before every pass was over, and so did the one that took its place.
    pub(super) gone: bool,
    /// Whether the user wanted us to stop.
    pub(super) stopped: bool,
    /// Why no other browser took the place of the one that went, if none did.
    pub(super) problem: Option<String>,
}

/// Runs every pass; those that were under way when the browser went are retried in another, which no other scan uses.
///
/// # Errors
/// If the browser does not start. That it went away later is in what is returned.
pub(super) async fn run(
    browsers: &Browsers,
    path: &Path,
    user_agent: &str,
    scan: &Arc<ScanContext>,
    fetcher: &Fetcher,
    stop: watch::Receiver<bool>,
) -> Result<BrowserRun, GatherError> {
    let settings = &scan.settings;
    let refuses_private = fetcher.refuses_private().await;
    let launch = Launch {
        path: path.to_owned(),
        flags: settings.browser_flags(user_agent, refuses_private),
        setup: Setup {
            user_agent: user_agent.to_owned(),
            languages: settings.languages(),
            viewport: settings.window(),
            refuses_private: refuses_private.then(|| settings.network.clone()),
        },
    };
    let context = Context { browsers, launch: &launch, scan, fetcher, stop: &stop };
    let mut ended = context.in_a_browser(&settings.passes, false).await?;
    let lost = ended.lost();
    ended.gone = !lost.is_empty();
    if !ended.gone || ended.stopped {
        return Ok(ended);
    }
    match context.in_a_browser(&lost, true).await {
        Ok(again) => {
            ended.gone = !again.lost().is_empty();
            ended.stopped = again.stopped;
            ended.unreadable += again.unreadable;
            let mut again = again.outcomes.into_iter();
            ended.outcomes = ended
                .outcomes
                .into_iter()
                .map(|first| match first.died() {
                    Some(ProblemKind::BrowserGone) => match again.next() {
                        Some(second) => first.or_better(ProblemKind::BrowserGone, second),
                        None => first,
                    },
                    _ => first,
                })
                .collect();
        }
        Err(why) => ended.problem = Some(format!("no other browser took its place: {why}")),
    }
    Ok(ended)
}

/// What the passes of a scan run with.
struct Context<'a> {
    browsers: &'a Browsers,
    launch: &'a Launch,
    scan: &'a Arc<ScanContext>,
    fetcher: &'a Fetcher,
    stop: &'a watch::Receiver<bool>,
}

impl BrowserRun {
    /// Passes that were not over when the browser went away.
    fn lost(&self) -> Vec<Pass> {
        let lost = self.outcomes.iter().filter(|it| it.died() == Some(ProblemKind::BrowserGone));
        lost.map(|it| it.recording.pass).collect()
    }
}

impl Context<'_> {
    /// `alone`: in a browser that no other scan uses.
    async fn in_a_browser(&self, passes: &[Pass], alone: bool) -> Result<BrowserRun, GatherError> {
        let browser = self.browsers.get(self.launch, alone).await?;
        let unreadable = browser.cdp.unreadable();
        let product = browser.product.clone();
        self.scan.progress.send(&ScanEvent::BrowserStarted { product: product.clone() });
        let (outcomes, stopped) = {
            let recorder = browser.hub.for_scan(self.scan.secrets.clone(), self.stop.clone());
            let (scan, fetcher) = (Arc::clone(self.scan), self.fetcher.clone());
            let context = PassContext { recorder, scan, fetcher };
            let mut passes = pin!(side_by_side(&context, passes));
            let mut stop = self.stop.clone();
            tokio::select! {
                outcomes = &mut passes => (outcomes, false),
                () = stop_requested(&mut stop) => {
                    // Without a browser every pass ends at once, with what it has.
                    browser.kill_if_unshared();
                    (passes.await, true)
                }
            }
        };
        let third_party_cookies = browser.third_party_cookies().await;
        browser.give_back(stopped);
        Ok(BrowserRun {
            outcomes,
            product,
            headless_shell: browser.headless_shell,
            third_party_cookies,
            unreadable: browser.cdp.unreadable() - unreadable,
            gone: false,
            stopped,
            problem: None,
        })
    }
}

/// Runs the passes at the same time and returns their outcomes in the order they were asked for.
async fn side_by_side(context: &PassContext, passes: &[Pass]) -> Vec<PassOutcome> {
    let mut running = JoinSet::new();
    for (place, &pass) in passes.iter().enumerate() {
        let context = context.clone();
        running.spawn(async move {
            let first = pass::run(&context, pass).await;
            match first.died() {
                // Once more in a fresh context; if that dies too, the one that saw more is kept.
                Some(because) if !context.recorder.cdp().is_closed() => {
                    context.scan.progress.send(&ScanEvent::PassRetried { pass, because });
                    let retry = pass::run(&context, pass).await;
                    (place, first.or_better(because, retry))
                }
                _ => (place, first),
            }
        });
    }
    let mut outcomes = Vec::new();
    while let Some(ended) = running.join_next().await {
        match ended {
            Ok(outcome) => outcomes.push(outcome),
            // A panic of ours must not pass for a site without cookies.
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => (),
        }
    }
    outcomes.sort_by_key(|(place, _)| *place);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
