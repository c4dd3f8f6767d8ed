//! Scans a site: the passes, and what is requested outside the browser, put together into one recording.

mod browsers;
mod cloaking_check;
mod pass;
mod supervisor;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;
use url::Url;

pub use self::browsers::Browsers;
use self::pass::PassOutcome;
use crate::{
    consent::{Recipe, Words},
    gather::{
        browser::process,
        error::GatherError,
        notice::{cname, documents::cmp, fetch::Fetcher, page_browser::PageBrowser, related},
        progress::{ProgressSink, ScanEvent},
        secrets::SiteSecrets,
        settings::{NoticeSource, Settings, stop_requested},
        visit::context::ScanContext,
    },
    model::VisitStatus,
    recording::{
        EventKind, FORMAT, NoticeFailure, NoticeRecording, NoticeTranslation, Problem, ProblemKind,
        Recording, Target, Vantage, redact::Redactor,
    },
};

/// The place of problems that concern the browser as a whole.
const BROWSER: &str = "browser";

/// A recording, and why it says nothing about the site if it does not.
#[derive(Debug)]
pub struct Gathered {
    /// What was seen.
    pub recording: Recording,
    /// Why the scan did not complete.
    pub failure: Option<GatherError>,
}

/// Scans `target`: every pass in a browser context of its own, side by side in one browser of `browsers`, which other scans
/// may use too. If the browser goes away, the passes that it left unfinished are retried in another.
///
/// Once `stop` is true the scan lets go of the browser, and what was collected until then is returned.
///
/// # Errors
/// If the browser does not start. Anything that happens later is in what is returned, together with what was
/// collected until then.
pub async fn gather(
    target: &Url,
    mut settings: Settings,
    browsers: &Browsers,
    progress: ProgressSink,
    stop: watch::Receiver<bool>,
) -> Result<Gathered, GatherError> {
    let started = jiff::Timestamp::now();
    let begun = Instant::now();
    let path = process::find(settings.chrome.as_deref())?;
    let own_recipes = settings.recipes.clone();
    let lists = tokio::task::spawn_blocking(move || {
        (own_recipes.into_iter().chain(Recipe::all()).collect(), Words::all())
    });
    let version = process::version(&path).await?;
    let user_agent = settings.user_agent_of(&version);
    let (recipes, words) =
        lists.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    // From here on they exist only as secrets of this target.
    let (target, secrets) = SiteSecrets::bind(target, std::mem::take(&mut settings.credentials));
    settings.cut_logins();
    let (stop, ran_out) = with_deadline(stop, settings.max_time);
    let fetcher = Fetcher::new(&target, settings.network.clone(), &user_agent)
        .with_document_reader(settings.document_reader.clone());
    let (fetcher, secrets) = fetcher.with_secrets(secrets, settings.timeout).await;
    let stop_reading = stop.clone();
    let scan = ScanContext { target, settings, words, recipes, progress, secrets, stop_reading };
    let scan = Arc::new(scan);
    let ended = supervisor::run(browsers, &path, &user_agent, &scan, &fetcher, stop.clone()).await;
    browsers.end_scan().await;
    let ended = ended?;
    let (gone, unreadable) = (ended.gone, ended.unreadable);

    let settings = &scan.settings;
    let called = user_agent.clone();
    let vantage = Vantage {
        browser: ended.product,
        headless_shell: ended.headless_shell,
        user_agent,
        webdriver: None,
        third_party_cookies: ended.third_party_cookies,
        locale: settings.locale.clone(),
        viewport: settings.viewport,
        timeout_ms: millis(settings.timeout),
        settle_ms: millis(scan.limits().full()),
        patience_ms: Some(millis(settings.patience)),
        insecure: settings.network.insecure,
        values_kept: matches!(settings.redactor, Redactor::Keep),
    };
    let mut gathered = assemble(&scan, vantage, ended.outcomes, gone);
    let browser = PageBrowser::new(path, &called, &scan, &fetcher);
    let stopped =
        ended.stopped || !complete(&mut gathered.recording, &scan, &fetcher, &browser, stop).await;
    let max_time = scan.settings.max_time;
    let ran_out = stopped && ran_out.load(Ordering::Relaxed);
    if ran_out {
        gathered.failure = Some(GatherError::OutOfTime(max_time));
    } else if stopped {
        gathered.failure = Some(GatherError::BrokenOff);
    }
    browser.close().await;
    redact_addresses(&mut gathered.recording.notice, &scan.settings.redactor);
    gathered.recording.fetches = fetcher.take_fetches(&scan.settings.redactor);
    gathered.recording.started = started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    gathered.recording.duration_ms = millis(begun.elapsed());
    let mut gap = |kind, message: String| {
        gathered.recording.problems.push(Problem::gap(BROWSER, kind, message));
    };
    if ran_out {
        let seconds = max_time.as_secs();
        gap(
            ProblemKind::Interrupted,
            format!("the scan was ended after {seconds} s, by `--max-time`"),
        );
    } else if stopped {
        gap(ProblemKind::Interrupted, "the scan was interrupted".to_owned());
    } else if gone {
        gap(ProblemKind::BrowserGone, "the browser went away".to_owned());
    }
    if let Some(why) = ended.problem {
        gap(ProblemKind::Other, why);
    }
    if unreadable > 0 {
        let message = format!("{unreadable} messages of the browser could not be read");
        gap(ProblemKind::MessagesLost, message);
    }
    Ok(gathered)
}

/// Becomes true when `stop` does, or after `longest`; and whether it was the latter.
fn with_deadline(
    mut stop: watch::Receiver<bool>,
    longest: Duration,
) -> (watch::Receiver<bool>, Arc<AtomicBool>) {
    let (ends, ended) = watch::channel(false);
    let ran_out = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&ran_out);
    tokio::spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(longest) => noted.store(true, Ordering::Relaxed),
            () = stop_requested(&mut stop) => (),
            // The scan is over.
            () = ends.closed() => return,
        }
        // Nobody waits for it any more if this fails.
        let _ = ends.send(true);
    });
    (ended, ran_out)
}

/// Digests what addresses in the notice's recording hold besides the names of pages.
fn redact_addresses(notice: &mut NoticeRecording, redactor: &Redactor) {
    let redact = |url: &mut String| {
        // The name of a file is none.
        if url.contains("://") {
            *url = redactor.url(url);
        }
    };
    notice.candidates.iter_mut().for_each(|it| redact(&mut it.url));
    notice.page.iter_mut().chain(&mut notice.more).for_each(|it| redact(&mut it.url));
    for translation in &mut notice.translations {
        match translation {
            NoticeTranslation::Page(page) => redact(&mut page.url),
            NoticeTranslation::Unreadable { url, .. } => redact(url),
        }
    }
    if let Some(NoticeFailure::Gone { url, .. } | NoticeFailure::Unreadable { url, .. }) =
        &mut notice.problem
    {
        redact(url);
    }
}

/// Adds what is fetched outside the browser; false if the user stopped it.
async fn complete(
    recording: &mut Recording,
    scan: &ScanContext,
    fetcher: &Fetcher,
    browser: &PageBrowser<'_>,
    mut stop: watch::Receiver<bool>,
) -> bool {
    scan.progress.send(&ScanEvent::FetchingNotices);
    let (target, settings) = (&scan.target, &scan.settings);
    let loaded = loaded(recording);
    let mut notice = std::mem::take(&mut recording.notice);
    let more =
        related::complete(&mut notice, target, &loaded, settings, &scan.words, fetcher, browser);
    let names = cname::look_up(recording, target, &settings.network);
    let done = tokio::select! {
        ((), names) = async { tokio::join!(more, names) } => Some(names),
        () = stop_requested(&mut stop) => None,
    };
    recording.notice = notice;
    let is_complete = done.is_some();
    recording.names = done.unwrap_or_default();
    is_complete
}

/// The lists of consent managers that were requested in any pass, each once.
fn loaded(recording: &Recording) -> BTreeSet<Url> {
    let events = recording.passes.iter().flat_map(|pass| &pass.events);
    events
        .filter_map(|event| match &event.kind {
            EventKind::Request { url, .. } => Url::parse(url).ok(),
            _ => None,
        })
        .filter(cmp::is_list)
        .collect()
}

fn assemble(
    scan: &ScanContext,
    mut vantage: Vantage,
    outcomes: Vec<PassOutcome>,
    gone: bool,
) -> Gathered {
    vantage.webdriver = outcomes.iter().find_map(|outcome| outcome.webdriver);
    let redactor = &scan.settings.redactor;
    let failure = match outcomes.iter().find(|outcome| outcome.start.status != VisitStatus::Ok) {
        _ if gone => Some(GatherError::BrowserGone),
        // One pass that saw the site is enough to say something; what the others miss is open.
        Some(first) if outcomes.iter().all(|it| it.start.status != VisitStatus::Ok) => {
            Some(GatherError::NotObserved {
                url: redactor.url(scan.target.as_str()),
                why: first.start.problem.clone().unwrap_or_default(),
                help: first.start.help,
            })
        }
        _ => None,
    };
    let target = Target {
        url: redactor.url(scan.target.as_str()),
        pages: scan
            .settings
            .pages
            .iter()
            .map(|it| shown_page(&scan.target, it, redactor))
            .collect(),
        notice: scan.settings.notice.as_ref().map(|source| match source {
            NoticeSource::Url(url) => redactor.url(url.as_str()),
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

/// A page as the user named it, without what its query holds.
fn shown_page(target: &Url, page: &str, redactor: &Redactor) -> String {
    match (page.contains("://"), page.split_once('?')) {
        (true, _) => redactor.url(page),
        (false, None) => page.to_owned(),
        (false, Some((path, _))) => {
            let whole = target.join(page).map(|url| redactor.url(url.as_str())).unwrap_or_default();
            let query = whole.split_once('?').map(|it| it.1).unwrap_or_default();
            format!("{path}?{query}")
        }
    }
}

fn millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}
