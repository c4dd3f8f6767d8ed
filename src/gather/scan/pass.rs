//! One visit to the site in a browser context of its own.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::mpsc;
use url::Url;

use super::cloaking_check;
use crate::{
    consent::{Recipe, Words},
    gather::{
        arrival::{self, Judged},
        cdp::CdpError,
        checkpoint,
        choice::{self, Bridge, Found},
        links,
        log::PassLog,
        notice::{fetch::Fetcher, search},
        page::{Arrival, Page},
        progress::{PassStep, ProgressSink, ScanEvent},
        recorder::Recorder,
        secrets::SiteSecrets,
        settings::Settings,
    },
    model::{ChoiceFacts, Pass, SecondLook, Via, VisitStatus},
    notice::PageLink,
    recording::{
        BannerRecording, Checkpoint, Event, IdleResult, Interaction, Moment, NoticeRecording,
        PassRecording, Picture, Problem, ProblemKind, VisitKind, VisitRecording,
    },
};

/// How long after a page has arrived its banner may come.
pub(in crate::gather) const LATE: Duration = Duration::from_millis(6500);

/// What every pass of a scan shares.
#[derive(Debug)]
pub(in crate::gather) struct Scan {
    pub(in crate::gather) target: Url,
    pub(in crate::gather) settings: Settings,
    pub(in crate::gather) words: Words,
    pub(in crate::gather) recipes: Vec<Recipe>,
    pub(in crate::gather) progress: ProgressSink,
    /// Headers that may go to the target's own site and nowhere else.
    pub(in crate::gather) secrets: SiteSecrets,
    /// Makes the requests outside the browser.
    pub(in crate::gather) fetcher: Fetcher,
}

/// What came of a pass.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) recording: PassRecording,
    pub(super) notice: NoticeRecording,
    pub(super) webdriver: Option<bool>,
    /// What became of the start page.
    pub(super) start: Judged,
}

/// What is recorded if the process that holds the cookie jars died. The browser starts another and says nothing, but
/// what scripts had set is gone from the jar.
const JAR_LOST: &str = "the browser's network process died, and cookies with it";

impl Outcome {
    /// What died under it, if something did, so that another attempt may see more.
    pub(super) fn died(&self) -> Option<ProblemKind> {
        let deaths: BTreeSet<ProblemKind> = self
            .recording
            .problems
            .iter()
            .filter(|it| it.gap)
            .map(|it| it.kind)
            .chain(self.start.died)
            .filter(|kind| kind.is_death())
            .collect();
        deaths.into_iter().next()
    }

    /// The second attempt, unless it failed too and had seen less; either way what happened is told.
    pub(super) fn or_better(self, died: ProblemKind, mut second: Self) -> Self {
        let place = format!("pass {}", second.recording.pass);
        let why = name_of_death(died);
        if second.start.status == VisitStatus::Ok && second.died().is_none() {
            let message = format!("{why}; the pass was retried, and the retry is what counts");
            second.recording.problems.push(Problem::remark(place, ProblemKind::Retried, message));
            return second;
        }
        let more = self.recording.events.len() > second.recording.events.len();
        let mut kept = if more { self } else { second };
        let message = format!("{why}, and a second attempt failed too");
        kept.recording.problems.push(Problem::gap(place, ProblemKind::RetryFailed, message));
        kept
    }
}

/// What died, as the sentence begins.
fn name_of_death(died: ProblemKind) -> &'static str {
    match died {
        ProblemKind::BrowserGone => "the browser went away",
        ProblemKind::JarLost => JAR_LOST,
        _ => "the page crashed its renderer",
    }
}

/// A pass under way.
#[derive(Debug)]
pub(in crate::gather) struct Run<'a> {
    pub(in crate::gather) scan: &'a Scan,
    pub(in crate::gather) pass: Pass,
    pub(in crate::gather) page: &'a Page,
    /// Autoconsent, where it may be used.
    pub(in crate::gather) bridge: Option<Bridge>,
    pub(in crate::gather) choices: Vec<ChoiceFacts>,
    pub(in crate::gather) pictures: Vec<Picture>,
    /// Links of the start page.
    links: Vec<PageLink>,
    /// Looks at the site as another visitor, where this one sees no banner.
    second: Option<tokio::task::JoinHandle<(SecondLook, Vec<Event>)>>,
    again: (&'a Arc<Recorder>, &'a Arc<Scan>),
    visits: Vec<VisitRecording>,
    checkpoints: Vec<Checkpoint>,
    problems: Vec<Problem>,
    /// Whether the page that is open no longer answers.
    hangs: bool,
}

/// Runs one pass; whatever happens, what was seen until then is in the outcome.
pub(super) async fn run(recorder: &Arc<Recorder>, scan: &Arc<Scan>, pass: Pass) -> Outcome {
    let settings = &scan.settings;
    let log = PassLog::new(settings.redactor.clone());
    let drives = pass != Pass::None && settings.consent_by.contains(&Via::Autoconsent);
    let (tell, heard) = mpsc::unbounded_channel();
    let page = Page::open(
        recorder,
        log,
        (settings.timeout, settings.settle),
        drives.then_some(tell),
        None,
    );
    let page = match page.await {
        Ok(page) => page,
        Err(CdpError::Closed(_)) => return never_began(pass, Judged::gone()),
        Err(error) => {
            let judged = Judged::not(VisitStatus::Failed, error.to_string(), arrival::HELP_GONE);
            return never_began(pass, judged);
        }
    };
    let bridge = drives.then(|| {
        let bridge = Bridge::start(page.cdp().clone(), heard, pass == Pass::Reject);
        bridge.set_main_frame(&page.log.main_frame());
        bridge
    });
    let mut run = Run {
        scan,
        pass,
        page: &page,
        bridge,
        choices: Vec::new(),
        pictures: Vec::new(),
        links: Vec::new(),
        second: None,
        again: (recorder, scan),
        visits: Vec::new(),
        checkpoints: Vec::new(),
        problems: Vec::new(),
        hangs: false,
    };
    let network = page.network_process().await;
    let mut outcome = run.all().await;
    outcome.recording.events = page.log.close();
    let place = format!("pass {pass}");
    let lost = match (network, page.network_process().await) {
        (Ok(before), Ok(after)) => {
            (before != after).then(|| Problem::gap(&place, ProblemKind::JarLost, JAR_LOST))
        }
        (Err(CdpError::Closed(_)), _) | (_, Err(CdpError::Closed(_))) => {
            let kind = ProblemKind::BrowserGone;
            Some(Problem::gap(&place, kind, name_of_death(kind)))
        }
        (Err(why), _) | (_, Err(why)) => {
            let message = format!("whether cookies were lost is not known: {why}");
            Some(Problem::gap(&place, ProblemKind::JarUnknown, message))
        }
    };
    let problems = &mut outcome.recording.problems;
    if let Some(lost) = lost
        && !problems.iter().any(|it| it.kind == lost.kind)
    {
        problems.push(lost);
    }
    problems.extend(
        page.log.gaps().into_iter().map(|(kind, message)| Problem::gap(&place, kind, message)),
    );
    scan.progress.send(&ScanEvent::PassEnded { pass });
    page.dispose().await;
    outcome
}

fn never_began(pass: Pass, start: Judged) -> Outcome {
    let why = start.problem.clone().unwrap_or_default();
    let kind = start.died.unwrap_or(ProblemKind::PageNotObserved);
    let problem = Problem::gap(format!("pass {pass}"), kind, why.clone());
    Outcome {
        recording: PassRecording {
            pass,
            started: None,
            banner: BannerRecording::NotSought,
            interaction: Interaction::Failed {
                why,
                step: "open a page".to_owned(),
                pressed_at: None,
            },
            choices: Vec::new(),
            second_look: None,
            second_look_events: Vec::new(),
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

impl Run<'_> {
    async fn all(&mut self) -> Outcome {
        let target = self.scan.target.to_string();
        self.say(PassStep::OpeningStart);
        let (visit, mut start) = self.arrive(VisitKind::Start, &target).await;
        let mut banner = BannerRecording::NotSought;
        let mut interaction = match self.pass {
            Pass::None => Interaction::None,
            _ => failed("the start page could not be observed", "open the start page", None),
        };
        let mut notice = NoticeRecording::default();
        let mut webdriver = None;
        if start.status == VisitStatus::Ok {
            let found;
            (banner, found) = self.first_look(visit, &mut start).await;
            let unasked = !matches!(banner, BannerRecording::Found { .. });
            if self.pass == Pass::None && unasked && start.status == VisitStatus::Ok {
                let (recorder, scan) = (Arc::clone(self.again.0), Arc::clone(self.again.1));
                self.second =
                    Some(tokio::spawn(async move { cloaking_check::look(&recorder, &scan).await }));
            }
            webdriver =
                self.page.ask_page("navigator.webdriver").await.ok().and_then(|it| it.as_bool());
            if start.status == VisitStatus::Ok {
                let links = search::links(self.page, &self.scan.words).await;
                self.links = links.clone().unwrap_or_default();
                if self.pass != Pass::None {
                    interaction = self.choose(visit, &mut banner, found).await;
                }
                notice = search::search(self, links).await;
                self.further_pages().await;
                self.end().await;
            }
        }
        let (second_look, second_look_events) = match self.second.take() {
            // A panic of ours is told like any other failure of the second look.
            Some(second) => {
                let (look, events) = second.await.unwrap_or_else(|error| {
                    let problem = Some(error.to_string());
                    (SecondLook { user_agent: String::new(), banner: None, problem }, Vec::new())
                });
                (Some(look), events)
            }
            None => (None, Vec::new()),
        };
        let place = format!("pass {}", self.pass);
        for problem in &mut self.problems {
            problem.place.clone_from(&place);
        }
        let recording = PassRecording {
            pass: self.pass,
            started: Some(self.page.log.started()),
            banner,
            interaction,
            choices: std::mem::take(&mut self.choices),
            second_look,
            second_look_events,
            pictures: std::mem::take(&mut self.pictures),
            visits: std::mem::take(&mut self.visits),
            events: Vec::new(),
            checkpoints: std::mem::take(&mut self.checkpoints),
            problems: std::mem::take(&mut self.problems),
        };
        Outcome { recording, notice, webdriver, start }
    }

    /// Watches the start page before anything is pressed, and looks for its banner.
    async fn first_look(
        &mut self,
        visit: usize,
        start: &mut Judged,
    ) -> (BannerRecording, Option<Found>) {
        self.say(PassStep::WatchingStart);
        let arrived = std::time::Instant::now();
        let looked = if self.pass == Pass::None {
            let rest = self.page.begin_watch(arrived).await;
            let looked = choice::look(self.page, &self.scan.words).await;
            let rest = self.end_watch(rest, arrived).await;
            self.finish(visit, rest, start).await;
            match looked {
                Ok((banner, found @ Some(_))) => Ok((banner, found)),
                Err(error) => Err(error),
                Ok(_) => self.look_again(arrived).await,
            }
        } else {
            let limit = self.scan.settings.settle;
            let seen = choice::wait(self.page, &self.scan.words, limit).await;
            if matches!(&seen, Ok((_, Some(_)))) {
                // What was there before the choice is seen, and nothing waits for more.
                self.finish(visit, IdleResult::Quiet, start).await;
                seen
            } else {
                // Waiting for a banner was watching too.
                let rest = self.watch_since(arrived).await;
                self.finish(visit, rest, start).await;
                self.look_again(arrived).await
            }
        };
        self.checkpoint(visit, Moment::Settled).await;
        looked.unwrap_or_else(|error| {
            let why = format!("the page could not be searched for a banner: {error}");
            self.gap(ProblemKind::NotSearched, why.clone());
            (BannerRecording::Doubtful { why }, None)
        })
    }

    /// Looks once more where no banner was seen: some come seconds after the page, or when it is
    /// scrolled.
    async fn look_again(
        &self,
        arrived: std::time::Instant,
    ) -> Result<(BannerRecording, Option<Found>), CdpError> {
        let left = LATE.saturating_sub(arrived.elapsed());
        choice::wait(self.page, &self.scan.words, left).await
    }

    /// Makes the pass's choice and proves it.
    async fn choose(
        &mut self,
        visit: usize,
        banner: &mut BannerRecording,
        found: Option<Found>,
    ) -> Interaction {
        if self.pass != Pass::Withdraw {
            return choice::choose(self, visit, banner, found, self.pass).await;
        }
        let (visit, found) = self.look_behind(visit, banner, found).await;
        let accepted = choice::choose(self, visit, banner, found, Pass::Accept).await;
        match accepted {
            Interaction::Done { .. } => {
                let pages = links::cookies_pages(&self.scan.target, &self.links, &self.scan.words);
                let visit = self.visits.len().saturating_sub(1);
                choice::withdraw(self, visit, &pages, banner).await
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

    /// Looks at what lies behind the banner's settings, and comes back to the banner.
    async fn look_behind(
        &mut self,
        visit: usize,
        banner: &mut BannerRecording,
        found: Option<Found>,
    ) -> (usize, Option<Found>) {
        let Some(found) = found else { return (visit, None) };
        if !choice::peek(self, visit, banner, &found).await {
            return (visit, Some(found));
        }
        let target = self.scan.target.to_string();
        let (visit, judged) = self.arrive(VisitKind::Page, &target).await;
        if judged.status != VisitStatus::Ok {
            return (visit, None);
        }
        let again = choice::wait(self.page, &self.scan.words, LATE).await;
        self.checkpoint(visit, Moment::Settled).await;
        (visit, again.ok().and_then(|(_, found)| found))
    }

    /// A second page on which a choice must hold too, if there is one that may be opened.
    pub(in crate::gather) fn second_page(&self) -> Option<Url> {
        let given = self.scan.settings.pages.iter();
        let mut given = given.filter_map(|page| self.scan.target.join(page).ok());
        given
            .find(|url| links::differs(url, &self.scan.target))
            .or_else(|| links::second_page(&self.scan.target, &self.links, &self.scan.words))
    }

    pub(in crate::gather) fn last_checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoints.last()
    }

    /// Takes stock without keeping it.
    pub(in crate::gather) async fn stock(&self, visit: usize) -> Checkpoint {
        checkpoint::take(self.page, visit, Moment::Choosing).await.0
    }

    async fn further_pages(&mut self) {
        for page in &self.scan.settings.pages {
            let Ok(url) = self.scan.target.join(page) else {
                self.gap(ProblemKind::PageNotObserved, format!("`{page}` is not an address"));
                continue;
            };
            // A page that this visitor has been to since the choice need not be opened again.
            if self.has_seen(&url) {
                continue;
            }
            self.say(PassStep::OpeningPage { path: url.path().to_owned() });
            let (visit, judged) = self.open(VisitKind::Page, url.as_str()).await;
            if judged.status == VisitStatus::Ok {
                self.checkpoint(visit, Moment::Page).await;
            } else {
                let why = judged.problem.unwrap_or_default();
                self.page_gap(visit, format!("{url} could not be observed: {why}"));
            }
        }
    }

    /// Whether a page was observed with the choice, if there is one, already made.
    fn has_seen(&self, url: &Url) -> bool {
        let asked = self.page.log.redactor().url(url.as_str());
        let choice = self.visits.iter().rposition(|visit| visit.kind == VisitKind::Reload);
        self.visits
            .iter()
            .skip(choice.unwrap_or(0))
            .any(|visit| visit.status == VisitStatus::Ok && visit.asked == asked)
    }

    async fn end(&mut self) {
        self.say(PassStep::Leaving);
        let visit = self.visits.len().saturating_sub(1);
        self.page.leave().await;
        self.checkpoint(visit, Moment::Left).await;
    }

    /// Opens a page, watches it until it is at rest, scrolls through it, and judges what it is.
    pub(in crate::gather) async fn open(&mut self, kind: VisitKind, url: &str) -> (usize, Judged) {
        let (visit, mut judged) = self.arrive(kind, url).await;
        if judged.status == VisitStatus::Ok {
            let rest = self.watch().await;
            self.finish(visit, rest, &mut judged).await;
        }
        (visit, judged)
    }

    /// Opens a page and waits only until it has come to rest.
    pub(in crate::gather) async fn open_briefly(
        &mut self,
        kind: VisitKind,
        url: &str,
    ) -> (usize, Judged) {
        let (visit, mut judged) = self.arrive(kind, url).await;
        if judged.status == VisitStatus::Ok {
            let rest = self.page.settle_briefly().await;
            self.finish(visit, rest, &mut judged).await;
        }
        (visit, judged)
    }

    /// Opens a page and waits until it is there.
    async fn arrive(&mut self, kind: VisitKind, url: &str) -> (usize, Judged) {
        if self.hangs {
            self.page.end_renderer().await;
            self.hangs = false;
        }
        let visit = self.visits.len();
        let redactor = self.page.log.redactor();
        self.visits.push(VisitRecording {
            kind,
            asked: redactor.url(url),
            url: redactor.url(url),
            status: VisitStatus::Ok,
            http_status: None,
            at: self.page.log.now(),
            settled_ms: 0,
            stopped: IdleResult::Failed,
            title: String::new(),
            problem: None,
        });
        let arrival = self.page.go(url, visit).await;
        let document = self.page.log.document();
        let seconds = self.scan.settings.timeout.as_secs();
        let judged = match arrival::of_arrival(&arrival, &document, seconds) {
            Some(judged) => judged,
            None => Judged::ok(
                (arrival == Arrival::Partly)
                    .then(|| "something that the page embeds never finished loading".to_owned()),
            ),
        };
        self.note(visit, &judged);
        (visit, judged)
    }

    /// Watches the page for the minimum, scrolls through it before that is over, and waits until it is at rest.
    pub(in crate::gather) async fn watch(&mut self) -> IdleResult {
        self.watch_since(std::time::Instant::now()).await
    }

    async fn watch_since(&mut self, begun: std::time::Instant) -> IdleResult {
        let rest = self.page.begin_watch(begun).await;
        self.end_watch(rest, begun).await
    }

    async fn end_watch(&mut self, rest: IdleResult, begun: std::time::Instant) -> IdleResult {
        if rest == IdleResult::Failed {
            return rest;
        }
        // What is loaded on sight is not seen if this fails.
        if let Err(why) = self.page.scroll().await {
            self.gap(
                ProblemKind::NotScrolled,
                format!("the page could not be scrolled to its end: {why}"),
            );
        }
        let after = self.page.end_watch(begun).await;
        if rest == IdleResult::Quiet || after == IdleResult::Failed { after } else { rest }
    }

    /// Judges a page that has been watched, and writes down how the visit went.
    async fn finish(&mut self, visit: usize, rest: IdleResult, judged: &mut Judged) {
        let document = self.page.log.document();
        let partly = judged.problem.take();
        *judged = if self.page.cdp().is_closed() {
            Judged::gone()
        } else if self.page.log.crashed() {
            Judged::crashed()
        } else {
            arrival::of_page(self.page, &document, partly.is_some()).await
        };
        if let Some(died) = judged.died {
            self.gap(died, name_of_death(died).to_owned());
        }
        if judged.hangs {
            self.hangs = true;
            let message = "the page no longer answers: a script runs without end".to_owned();
            self.gap(ProblemKind::PageHangs, message);
        }
        if rest == IdleResult::Limit && judged.status == VisitStatus::Ok && judged.problem.is_none()
        {
            judged.problem =
                Some("the page never came to rest; it was watched to the limit".to_owned());
        }
        let title = self.page.ask("document.title.slice(0, 200)").await.ok();
        if let Some(seen) = self.visits.get_mut(visit) {
            seen.stopped = rest;
            seen.title = title.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default();
            seen.settled_ms = self.page.log.now().saturating_sub(seen.at);
        }
        self.note(visit, judged);
    }

    fn note(&mut self, visit: usize, judged: &Judged) {
        let document = self.page.log.document();
        let redactor = self.page.log.redactor();
        if let Some(seen) = self.visits.get_mut(visit) {
            seen.status = judged.status;
            seen.http_status = document.status;
            seen.problem.clone_from(&judged.problem);
            if !document.url.is_empty() {
                seen.url = redactor.url(&document.url);
            }
        }
    }

    pub(in crate::gather) async fn checkpoint(&mut self, visit: usize, moment: Moment) {
        let (checkpoint, problems) = checkpoint::take(self.page, visit, moment).await;
        self.checkpoints.push(checkpoint);
        self.problems.extend(problems);
    }

    pub(in crate::gather) fn gap(&mut self, kind: ProblemKind, message: String) {
        self.add_problem(Problem::gap("", kind, message));
    }

    /// A page other than the start page could not be observed.
    pub(in crate::gather) fn page_gap(&mut self, visit: usize, message: String) {
        self.add_problem(Problem::gap("", ProblemKind::PageNotObserved, message).on_visit(visit));
    }

    fn add_problem(&mut self, problem: Problem) {
        // Nothing is reported twice.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub(in crate::gather) fn say(&self, step: PassStep) {
        self.scan.progress.send(&ScanEvent::Step { pass: self.pass, step });
    }
}

fn failed(why: &str, step: &str, pressed_at: Option<u64>) -> Interaction {
    Interaction::Failed { why: why.to_owned(), step: step.to_owned(), pressed_at }
}
