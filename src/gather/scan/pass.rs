//! One pass: what a visitor does in a browser context of its own, in which order.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use tokio::{sync::oneshot, task::JoinHandle};
use url::Url;

use super::cloaking_check::{self, Look};
use crate::{
    gather::{
        cdp::connection::CdpError,
        choice::{
            autoconsent::{self, AutoconsentSession},
            detect::{self, LATE},
            detected::DetectedBanner,
            driver::{ChoiceMade, ChoiceRequest},
            make,
        },
        links,
        notice::{
            fetch::Fetcher,
            search::{self, WaysOn},
        },
        progress::{PassStep, ScanEvent},
        record::{event_log::EventLog, recorder::Recorder, sessions::ContextOptions},
        tab::{context::BrowserContext, page::Tab},
        visit::{
            context::ScanContext,
            outcome::{HELP_GONE, VisitOutcome},
            visitor::{BESIDE, SeenSoFar, Visitor},
        },
    },
    model::{ChoiceFacts, Pass, Via, VisitStatus},
    notice::PageLink,
    recording::{
        BannerRecording, Interaction, Moment, NoticeRecording, PassRecording, Picture, Problem,
        ProblemKind, VisitKind,
    },
};

/// What every pass needs: the browser's recorder, what the scan is about, and who fetches outside the browser.
#[derive(Clone, Debug)]
pub(super) struct PassContext {
    pub(super) recorder: Arc<Recorder>,
    pub(super) scan: Arc<ScanContext>,
    pub(super) fetcher: Fetcher,
}

/// What came of a pass.
#[derive(Debug)]
pub(super) struct PassOutcome {
    pub(super) recording: PassRecording,
    pub(super) notice: NoticeRecording,
    pub(super) webdriver: Option<bool>,
    /// What became of the start page.
    pub(super) start: VisitOutcome,
}

impl PassOutcome {
    /// What died under the pass, so that another attempt may see more. A further page whose renderer died was retried
    /// by itself, and is not among this.
    pub(super) fn died(&self) -> Option<ProblemKind> {
        let problems = self.recording.problems.iter().filter(|it| it.gap);
        let deaths: BTreeSet<ProblemKind> =
            problems.map(|it| it.kind).filter(|kind| kind.is_death()).collect();
        deaths.into_iter().next()
    }

    /// The retry, unless it failed too and had seen less; either way what happened is a problem of the pass.
    pub(super) fn or_better(self, died: ProblemKind, mut retry: Self) -> Self {
        let place = place(retry.recording.pass);
        let why = sentence(died);
        if retry.start.status == VisitStatus::Ok && retry.died().is_none() {
            let message = format!("{why}; the pass was retried, and the retry is what counts");
            retry.recording.problems.push(Problem::remark(place, ProblemKind::Retried, message));
            return retry;
        }
        let saw_more = self.recording.events.len() > retry.recording.events.len();
        let mut kept = if saw_more { self } else { retry };
        let message = format!("{why}, and a second attempt failed too");
        kept.recording.problems.push(Problem::gap(place, ProblemKind::RetryFailed, message));
        kept
    }
}

fn place(pass: Pass) -> String {
    format!("pass {pass}")
}

/// What died, in words.
fn sentence(died: ProblemKind) -> &'static str {
    match died {
        ProblemKind::BrowserGone => "the browser went away",
        // The browser starts another and does not report it, but what scripts had set is gone from the jar.
        ProblemKind::JarLost => "the browser's network process died, and cookies with it",
        _ => "the page crashed its renderer",
    }
}

/// A pass under way.
#[derive(Debug)]
struct PassRun<'a> {
    pass: Pass,
    context: &'a PassContext,
    browser: &'a BrowserContext,
    visitor: Visitor<'a>,
    /// Autoconsent, where it may be used.
    autoconsent: Option<AutoconsentSession>,
    choices: Vec<ChoiceFacts>,
    pictures: Vec<Picture>,
    /// Links of the start page.
    links: Vec<PageLink>,
    /// Looks at the site as another visitor.
    second_look: Option<JoinHandle<Look>>,
}

/// Runs one pass; whatever happens, what was seen until then is in the outcome.
pub(super) async fn run(context: &PassContext, pass: Pass) -> PassOutcome {
    let scan = &context.scan;
    let log = EventLog::new(scan.settings.redactor.clone());
    let started = log.started();
    let chooses = pass != Pass::None && scan.settings.consent_by.contains(&Via::Autoconsent);
    let (world_script, worlds) = chooses.then(autoconsent::world_script).unzip();
    let options = ContextOptions { world_script, ..ContextOptions::default() };
    let opened = async {
        let browser = BrowserContext::open(&context.recorder, log, scan.limits(), options).await?;
        let tab = browser.open_tab(0).await?;
        Ok::<(BrowserContext, Tab), CdpError>((browser, tab))
    };
    let (browser, tab) = match opened.await {
        Ok(opened) => opened,
        Err(CdpError::Closed(_)) => return never_began(pass, started, VisitOutcome::gone()),
        Err(error) => {
            let outcome = VisitOutcome::not(VisitStatus::Failed, error.to_string(), HELP_GONE);
            return never_began(pass, started, outcome);
        }
    };
    let autoconsent = worlds.map(|worlds| {
        let cdp = context.recorder.cdp().clone();
        let session = AutoconsentSession::start(cdp, worlds, pass == Pass::Reject);
        session.set_main_frame(&tab.state.main_frame());
        session
    });
    let mut run = PassRun {
        pass,
        context,
        browser: &browser,
        visitor: Visitor::new(scan, pass, tab),
        autoconsent,
        choices: Vec::new(),
        pictures: Vec::new(),
        links: Vec::new(),
        second_look: None,
    };
    let network = browser.network_process().await;
    let mut outcome = Box::pin(run.all(started)).await;
    let second_look = run.second_look.take();
    outcome.recording.events = browser.log.close();
    let mut gaps = browser.log.take_gaps();
    run.visitor.renumber(&mut outcome.recording.events, &mut gaps);
    if let Some(look) = second_look {
        // A panic of ours must not pass for a site that treats everybody alike.
        let look = look.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Look::default(),
        });
        let compared =
            cloaking_check::compare(&context.recorder, scan, look, &mut outcome.recording);
        Box::pin(compared).await;
    }
    let problems = &mut outcome.recording.problems;
    if let Some(lost) = jar_problem(network, browser.network_process().await)
        && !problems.iter().any(|it| it.kind == lost.kind)
    {
        problems.push(lost);
    }
    problems.append(&mut gaps);
    problems.extend(browser.log.take_gaps());
    for problem in problems {
        problem.place = place(pass);
    }
    scan.progress.send(&ScanEvent::PassEnded { pass });
    // Nothing of it is needed any more; a browser that ends meanwhile throws it away too.
    tokio::spawn(browser.dispose());
    outcome
}

/// Whether the process that holds the cookie jar is still the same at the end.
fn jar_problem(
    before: Result<Option<u64>, CdpError>,
    after: Result<Option<u64>, CdpError>,
) -> Option<Problem> {
    let gap = |kind| Problem::gap("", kind, sentence(kind));
    match (before, after) {
        (Ok(before), Ok(after)) => (before != after).then(|| gap(ProblemKind::JarLost)),
        (Err(CdpError::Closed(_)), _) | (_, Err(CdpError::Closed(_))) => {
            Some(gap(ProblemKind::BrowserGone))
        }
        (Err(why), _) | (_, Err(why)) => {
            let message = format!("whether cookies were lost is not known: {why}");
            Some(Problem::gap("", ProblemKind::JarUnknown, message))
        }
    }
}

fn never_began(pass: Pass, started: String, start: VisitOutcome) -> PassOutcome {
    let why = start.problem.clone().unwrap_or_default();
    let kind = start.died.unwrap_or(ProblemKind::PageNotObserved);
    let problem = Problem::gap(place(pass), kind, why.clone());
    PassOutcome {
        recording: PassRecording {
            pass,
            started: Some(started),
            banner: BannerRecording::NotSought,
            interaction: failed(why, "open a page"),
            choices: Vec::new(),
            second_look: None,
            second_look_events: Vec::new(),
            second_visitor: None,
            pictures: Vec::new(),
            visits: Vec::new(),
            events: Vec::new(),
            checkpoints: Vec::new(),
            problems: vec![problem],
        },
        notice: NoticeRecording::default(),
        webdriver: None,
        start,
    }
}

impl PassRun<'_> {
    async fn all(&mut self, started: String) -> PassOutcome {
        let target = self.context.scan.target.to_string();
        self.visitor.say(PassStep::OpeningStart);
        let (visit, mut start) = self.visitor.arrive(VisitKind::Start, &target).await;
        let mut banner = BannerRecording::NotSought;
        let mut interaction = match self.pass {
            Pass::None => Interaction::None,
            _ => failed("the start page could not be observed", "open the start page"),
        };
        let mut notice = NoticeRecording::default();
        let mut webdriver = None;
        if start.status == VisitStatus::Ok {
            let found;
            (banner, found) = self.first_look(visit, &mut start).await;
            let with_settings = found.clone().filter(|_| self.looks_at_settings());
            let is_ok = start.status == VisitStatus::Ok;
            if is_ok && self.pass == Pass::None {
                let (recorder, scan) =
                    (Arc::clone(&self.context.recorder), Arc::clone(&self.context.scan));
                let for_banner = !matches!(banner, BannerRecording::Found { .. });
                let look = async move { cloaking_check::look(&recorder, &scan, for_banner).await };
                self.second_look = Some(tokio::spawn(look));
            }
            let answer = self.visitor.tab.evaluate_in_page("navigator.webdriver").await;
            webdriver = answer.ok().and_then(|it| it.as_bool());
            if is_ok {
                let ways_on = search::ways_on(&self.visitor.tab, &self.visitor.scan.words).await;
                self.links = ways_on.clone().unwrap_or_default().links;
                let mut read = None;
                if self.pass != Pass::None {
                    let told = self.visitor.await_choice();
                    let (context, browser) = (self.context, self.browser);
                    let beside = read_beside(context, browser, self.pass, told, ways_on.clone());
                    let choose = async {
                        let interaction = self.choose(visit, &mut banner, found).await;
                        self.visitor.end_choice();
                        interaction
                    };
                    (interaction, read) = tokio::join!(choose, Box::pin(beside));
                }
                notice = if let Some((other, first, notice)) = read {
                    self.visitor.take_in(other, first);
                    notice
                } else {
                    let fetcher = &self.context.fetcher;
                    Box::pin(search::search(&mut self.visitor, fetcher, ways_on)).await
                };
                self.further_pages().await;
                self.leave().await;
                if let Some(found) = with_settings {
                    self.look_at_settings(&mut banner, found).await;
                }
            }
        }
        let recording = PassRecording {
            pass: self.pass,
            started: Some(started),
            banner,
            interaction,
            choices: std::mem::take(&mut self.choices),
            second_look: None,
            second_look_events: Vec::new(),
            second_visitor: None,
            pictures: std::mem::take(&mut self.pictures),
            visits: std::mem::take(&mut self.visitor.visits),
            events: Vec::new(),
            checkpoints: std::mem::take(&mut self.visitor.checkpoints),
            problems: std::mem::take(&mut self.visitor.problems),
        };
        PassOutcome { recording, notice, webdriver, start }
    }

    /// Watches the start page before anything is pressed, and looks for its banner.
    async fn first_look(
        &mut self,
        visit: usize,
        start: &mut VisitOutcome,
    ) -> (BannerRecording, Option<DetectedBanner>) {
        self.visitor.say(PassStep::WatchingStart);
        let arrived = Instant::now();
        let words = &self.context.scan.words;
        let visitor = &mut self.visitor;
        let looked = if self.pass == Pass::None {
            let idle = visitor.tab.first_idle(arrived).await;
            let looked = detect::detect_banner(&visitor.tab, words).await;
            let idle = visitor.end_watch(idle, arrived, true).await;
            visitor.finish(visit, idle, start).await;
            match looked {
                Ok((banner, found @ Some(_))) => Ok((banner, found)),
                Err(error) => Err(error),
                Ok(_) => self.look_again(arrived).await,
            }
        } else {
            let limit = self.context.scan.limits().full();
            let seen = detect::wait_for_banner(&visitor.tab, words, limit).await;
            if matches!(&seen, Ok((_, Some(_)))) {
                // What was there before the choice is seen, and nothing waits for more but what a movement starts.
                visitor.be_a_person().await;
                let idle = visitor.settle_briefly().await;
                visitor.finish(visit, idle, start).await;
                seen
            } else {
                // Waiting for a banner was watching too.
                let idle = visitor.tab.first_idle(arrived).await;
                let idle = visitor.end_watch(idle, arrived, true).await;
                visitor.finish(visit, idle, start).await;
                self.look_again(arrived).await
            }
        };
        self.visitor.checkpoint(visit, Moment::Settled).await;
        looked.unwrap_or_else(|error| {
            let why = format!("the page could not be searched for a banner: {error}");
            self.visitor.gap(ProblemKind::NotSearched, why.clone());
            (BannerRecording::Doubtful { why }, None)
        })
    }

    /// Looks once more where no banner was seen: some come seconds after the page, or when it is
    /// scrolled.
    async fn look_again(
        &self,
        arrived: Instant,
    ) -> Result<(BannerRecording, Option<DetectedBanner>), CdpError> {
        let left = LATE.saturating_sub(arrived.elapsed());
        detect::wait_for_banner(&self.visitor.tab, &self.context.scan.words, left).await
    }

    /// Makes the pass's choice and proves it.
    async fn choose(
        &mut self,
        visit: usize,
        banner: &mut BannerRecording,
        found: Option<DetectedBanner>,
    ) -> Interaction {
        if self.pass != Pass::Withdraw {
            let request = self.request(self.pass, visit, found);
            let made = Box::pin(make::choose(&mut self.visitor, request, banner)).await;
            return self.keep(made);
        }
        let (visit, found) = self.look_behind(visit, banner, found).await;
        let accept = self.request(Pass::Accept, visit, found);
        let made = Box::pin(make::choose(&mut self.visitor, accept, banner)).await;
        match self.keep(made) {
            Interaction::Done { .. } => {
                let scan = &self.context.scan;
                let pages = links::cookies_pages(&scan.target, &self.links, &scan.words);
                let request = self.request(Pass::Withdraw, self.visitor.last_visit(), None);
                let made = make::withdraw(&mut self.visitor, request, &pages, banner);
                let made = Box::pin(made).await;
                self.keep(made)
            }
            Interaction::Unavailable { why } => Interaction::Unavailable {
                why: format!("nothing was accepted that could be taken back: {why}"),
            },
            Interaction::Failed { why, step, pressed_at } => Interaction::Failed {
                why: format!("accepting, which comes before withdrawing, failed: {why}"),
                step,
                pressed_at,
            },
            Interaction::None => Interaction::None,
        }
    }

    fn request(&self, choice: Pass, visit: usize, banner: Option<DetectedBanner>) -> ChoiceRequest {
        ChoiceRequest {
            choice,
            visit,
            banner,
            autoconsent: self.autoconsent.clone(),
            second_page: self.second_page(),
            // What accepting does is watched in the pass that only accepts.
            is_step: self.pass == Pass::Withdraw && choice == Pass::Accept,
        }
    }

    fn keep(&mut self, made: ChoiceMade) -> Interaction {
        self.choices.push(made.facts);
        self.pictures.extend(made.pictures);
        made.interaction
    }

    /// Looks at what lies behind the banner's settings, and comes back to the banner.
    async fn look_behind(
        &mut self,
        visit: usize,
        banner: &mut BannerRecording,
        found: Option<DetectedBanner>,
    ) -> (usize, Option<DetectedBanner>) {
        let request = self.request(Pass::None, visit, found.clone());
        let Some(made) = make::peek(&mut self.visitor, request, banner).await else {
            return (visit, found);
        };
        let is_pressed = !made.facts.pressed.is_empty();
        self.keep(made);
        if !is_pressed {
            return (visit, found);
        }
        self.come_back().await
    }

    /// Opens the start page once more and looks for its banner.
    async fn come_back(&mut self) -> (usize, Option<DetectedBanner>) {
        let target = self.context.scan.target.to_string();
        let (visit, outcome) = self.visitor.arrive(VisitKind::Page, &target).await;
        if outcome.status != VisitStatus::Ok {
            return (visit, None);
        }
        let again =
            detect::wait_for_banner(&self.visitor.tab, &self.context.scan.words, LATE).await;
        self.visitor.checkpoint(visit, Moment::Settled).await;
        (visit, again.ok().and_then(|(_, found)| found))
    }

    /// Whether this pass has to open the settings of a banner to see how they are before anybody touches them: the pass that
    /// withdraws does it on its way, if it is run, and with fewer passes nothing is said of them.
    fn looks_at_settings(&self) -> bool {
        let passes = &self.context.scan.settings.passes;
        self.pass == Pass::None
            && !passes.contains(&Pass::Withdraw)
            && Pass::BASIC.iter().all(|it| passes.contains(it))
    }

    /// Comes back when everything else was seen, and opens the banner's settings. Whatever follows is evidence of no choice.
    async fn look_at_settings(&mut self, banner: &mut BannerRecording, found: DetectedBanner) {
        if !found.has_settings() {
            return;
        }
        let (visit, again) = self.come_back().await;
        let request = self.request(Pass::None, visit, again);
        if let Some(made) = make::peek(&mut self.visitor, request, banner).await {
            self.keep(made);
        }
    }

    /// A second page on which a choice must hold too, if there is one that may be opened.
    fn second_page(&self) -> Option<Url> {
        let scan = &self.context.scan;
        let mut given = scan.settings.pages.iter().filter_map(|page| scan.target.join(page).ok());
        given
            .find(|url| links::differs(url, &scan.target))
            .or_else(|| links::second_page(&scan.target, &self.links, &scan.words))
    }

    async fn further_pages(&mut self) {
        let scan = Arc::clone(&self.context.scan);
        for page in &scan.settings.pages {
            let Ok(url) = scan.target.join(page) else {
                let message = format!("`{page}` is not an address");
                self.visitor.gap(ProblemKind::PageNotObserved, message);
                continue;
            };
            // A page that this visitor has been to since the choice need not be opened again.
            if self.has_seen(&url) {
                continue;
            }
            self.visitor.say(PassStep::OpeningPage { path: url.path().to_owned() });
            self.further_page(&url).await;
        }
    }

    /// Opens a further page. One whose renderer dies is retried once in a fresh tab: the jar is that of the context,
    /// and the rest of the pass counts as it is.
    async fn further_page(&mut self, url: &Url) {
        let (mut visit, mut outcome) = self.visitor.open(VisitKind::Page, url.as_str()).await;
        if outcome.died == Some(ProblemKind::RendererCrashed)
            && let Ok(tab) = self.browser.open_tab(self.visitor.visits.len()).await
        {
            let path = url.path().to_owned();
            self.context.scan.progress.send(&ScanEvent::PageRetried { pass: self.pass, path });
            let crashed = self.visitor.change_tab(tab);
            self.browser.close_tab(&crashed).await;
            let first = visit;
            (visit, outcome) = self.visitor.open(VisitKind::Page, url.as_str()).await;
            self.visitor.was_retried(first, visit);
        }
        if outcome.status == VisitStatus::Ok {
            self.visitor.checkpoint(visit, Moment::Page).await;
        } else if outcome.died.is_none() {
            let why = outcome.problem.unwrap_or_default();
            let shown = self.visitor.tab.log.redactor().url(url.as_str());
            let message = format!("{shown} could not be observed: {why}");
            self.visitor.visit_gap(visit, ProblemKind::PageNotObserved, message);
        }
    }

    /// Whether a page was observed with the choice, if there is one, already made.
    fn has_seen(&self, url: &Url) -> bool {
        let asked = self.visitor.tab.log.redactor().url(url.as_str());
        let visits = &self.visitor.visits;
        let choice = visits.iter().rposition(|visit| visit.kind == VisitKind::Reload);
        visits
            .iter()
            .skip(choice.unwrap_or(0))
            .any(|visit| visit.status == VisitStatus::Ok && visit.asked == asked)
    }

    async fn leave(&mut self) {
        self.visitor.say(PassStep::Leaving);
        self.visitor.tab.leave().await;
        self.visitor.checkpoint(self.visitor.last_visit(), Moment::Left).await;
    }
}

/// Reads the notice in a second tab while the choice is proved in the first, if a second tab knows of the choice; returns
/// the visitor there and the index of the first page that it opened.
async fn read_beside<'a>(
    context: &'a PassContext,
    browser: &BrowserContext,
    pass: Pass,
    told: oneshot::Receiver<SeenSoFar>,
    ways_on: Result<WaysOn, String>,
) -> Option<(Visitor<'a>, usize, NoticeRecording)> {
    let seen = told.await.ok()?;
    let first = seen.visits.len();
    let tab = browser.open_tab(BESIDE + first).await.ok()?;
    let mut visitor = Visitor::beside(&context.scan, pass, tab, seen);
    let notice = search::search(&mut visitor, &context.fetcher, ways_on).await;
    visitor.tab.leave().await;
    browser.close_tab(&visitor.tab).await;
    Some((visitor, first, notice))
}

fn failed(why: impl Into<String>, step: &str) -> Interaction {
    Interaction::Failed { why: why.into(), step: step.to_owned(), pressed_at: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(problems: Vec<Problem>) -> PassOutcome {
        let start = VisitOutcome::arrived(false);
        let mut outcome = never_began(Pass::None, String::new(), start);
        outcome.recording.problems = problems;
        outcome
    }

    #[test]
    fn what_died_is_known_by_its_kind_and_not_by_a_sentence() {
        let died = |kind, message| outcome(vec![Problem::gap("", kind, message)]).died();
        let crashed = died(ProblemKind::RendererCrashed, "whatever reports may say of it");
        assert_eq!(crashed, Some(ProblemKind::RendererCrashed));
        // A sentence alone is nothing.
        assert_eq!(died(ProblemKind::Other, sentence(ProblemKind::BrowserGone)), None);
        // A page that was retried by itself leaves a gap on that page, and the pass as it is.
        assert_eq!(died(ProblemKind::RetryFailed, "the page crashed its renderer"), None);
        let remark = Problem::remark("", ProblemKind::JarLost, "over and reported");
        assert_eq!(outcome(vec![remark]).died(), None);
    }

    #[test]
    fn a_retry_that_worked_counts_and_says_so_and_one_that_failed_leaves_a_gap() {
        let first = || outcome(vec![Problem::gap("", ProblemKind::JarLost, "x")]);
        let kept = first().or_better(ProblemKind::JarLost, outcome(Vec::new()));
        let kinds: Vec<_> = kept.recording.problems.iter().map(|it| (it.kind, it.gap)).collect();
        assert_eq!(kinds, [(ProblemKind::Retried, false)]);
        let kept = first().or_better(ProblemKind::JarLost, first());
        let kinds: Vec<_> = kept.recording.problems.iter().map(|it| (it.kind, it.gap)).collect();
        assert_eq!(kinds, [(ProblemKind::JarLost, true), (ProblemKind::RetryFailed, true)]);
    }
}
