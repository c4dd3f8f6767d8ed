//! One visit to the site in a browser context of its own.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;
use url::Url;

use super::{
    Settings, Tell,
    arrival::{self, Judged},
    cdp::CdpError,
    checkpoint,
    choice::{self, Bridge, Found},
    fetch::Fetcher,
    links, notice_search,
    page::{Arrival, Page, Rest},
    recorder::Recorder,
    second_look,
    secrets::SiteSecrets,
};
use crate::{
    consent::{Recipe, Words},
    model::{ChoiceFacts, Pass, SecondLook, Via, VisitStatus},
    notice::PageLink,
    recording::{
        BROWSER_GONE, BannerRecording, Checkpoint, Event, Interaction, NoticeRecording,
        PassRecording, Picture, Problem, VisitKind, VisitRecording,
    },
};

/// How long after a page has arrived its banner may come.
pub(super) const LATE: Duration = Duration::from_millis(6500);

/// What every pass of a scan shares.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) target: Url,
    pub(super) settings: Settings,
    pub(super) words: Words,
    pub(super) recipes: Vec<Recipe>,
    pub(super) tell: Tell,
    /// What may go to the target's own site and nowhere else.
    pub(super) secrets: SiteSecrets,
    /// Makes the requests outside the browser.
    pub(super) fetcher: Fetcher,
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

/// What is recorded if a page took its renderer with it.
const CRASHED: &str = "the page crashed its renderer";

/// What is recorded if the process that holds the cookie jars died. The browser starts another and says nothing, but
/// what scripts had set is gone from the jar.
const JAR_LOST: &str = "the browser's network process died, and cookies with it";

impl Outcome {
    /// What died under it, if something did, so that another attempt may see more.
    pub(super) fn died(&self) -> Option<&'static str> {
        [BROWSER_GONE, CRASHED, JAR_LOST].into_iter().find(|why| {
            self.start.problem.as_deref() == Some(why)
                || self.recording.problems.iter().any(|it| it.message == *why)
        })
    }

    /// The second attempt, unless it failed too and had seen less; either way what happened is told.
    pub(super) fn or_better(self, why: &str, mut second: Self) -> Self {
        let place = format!("pass {}", second.recording.pass);
        if second.start.status == VisitStatus::Ok && second.died().is_none() {
            let message =
                format!("{why}; the pass was made again, and that attempt is what counts");
            second.recording.problems.push(Problem { place, message, gap: false });
            return second;
        }
        let more = self.recording.events.len() > second.recording.events.len();
        let mut kept = if more { self } else { second };
        let message = format!("{why}, and a second attempt failed too");
        kept.recording.problems.push(Problem { place, message, gap: true });
        kept
    }
}

/// A pass under way.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) scan: &'a Scan,
    pub(super) pass: Pass,
    pub(super) page: &'a Page,
    /// Autoconsent, where it may be used.
    pub(super) bridge: Option<Bridge>,
    pub(super) choices: Vec<ChoiceFacts>,
    pub(super) pictures: Vec<Picture>,
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
    let log = super::log::PassLog::new(settings.redactor.clone());
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
        Err(CdpError::Closed(_)) => return never_began(pass, BROWSER_GONE),
        Err(error) => return never_began(pass, &error.to_string()),
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
        (Ok(before), Ok(after)) => (before != after).then(|| JAR_LOST.to_owned()),
        (Err(CdpError::Closed(_)), _) | (_, Err(CdpError::Closed(_))) => {
            Some(BROWSER_GONE.to_owned())
        }
        (Err(why), _) | (_, Err(why)) => {
            Some(format!("whether cookies were lost is not known: {why}"))
        }
    };
    let told = |it: &Problem| Some(&it.message) == lost.as_ref();
    if !outcome.recording.problems.iter().any(told) {
        outcome.recording.problems.extend(lost.map(|message| Problem {
            place: place.clone(),
            message,
            gap: true,
        }));
    }
    outcome.recording.problems.extend(page.log.gaps().into_iter().map(|message| Problem {
        place: place.clone(),
        message,
        gap: true,
    }));
    (scan.tell)(pass, "done");
    page.dispose().await;
    outcome
}

fn never_began(pass: Pass, why: &str) -> Outcome {
    let problem = Problem { place: format!("pass {pass}"), message: why.to_owned(), gap: true };
    Outcome {
        recording: PassRecording {
            pass,
            banner: BannerRecording::NotSought,
            interaction: Interaction::Failed {
                why: why.to_owned(),
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
        start: Judged::not(VisitStatus::Failed, why, arrival::HELP_GONE),
    }
}

impl Run<'_> {
    async fn all(&mut self) -> Outcome {
        let target = self.scan.target.to_string();
        self.say("opening the start page");
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
                    Some(tokio::spawn(async move { second_look::look(&recorder, &scan).await }));
            }
            webdriver =
                self.page.ask_page("navigator.webdriver").await.ok().and_then(|it| it.as_bool());
            if start.status == VisitStatus::Ok {
                let links = notice_search::links(self.page).await;
                self.links = links.clone().unwrap_or_default();
                if self.pass != Pass::None {
                    interaction = self.choose(visit, &mut banner, found).await;
                }
                notice = notice_search::search(self, links).await;
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
        self.say("watching the start page");
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
                self.finish(visit, Rest::Quiet, start).await;
                seen
            } else {
                // Waiting for a banner was watching too.
                let rest = self.watch_since(arrived).await;
                self.finish(visit, rest, start).await;
                self.look_again(arrived).await
            }
        };
        self.checkpoint(visit, "settled").await;
        looked.unwrap_or_else(|error| {
            let why = format!("the page could not be searched for a banner: {error}");
            self.problem(why.clone(), true);
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
        self.checkpoint(visit, "settled").await;
        (visit, again.ok().and_then(|(_, found)| found))
    }

    /// A second page on which a choice must hold too, if there is one that may be opened.
    pub(super) fn second_page(&self) -> Option<Url> {
        let given = self.scan.settings.pages.iter();
        let mut given = given.filter_map(|page| self.scan.target.join(page).ok());
        given
            .find(|url| links::differs(url, &self.scan.target))
            .or_else(|| links::second_page(&self.scan.target, &self.links, &self.scan.words))
    }

    pub(super) fn last_checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoints.last()
    }

    /// Takes stock without keeping it.
    pub(super) async fn stock(&self, visit: usize) -> Checkpoint {
        checkpoint::take(self.page, visit, "choosing").await.0
    }

    async fn further_pages(&mut self) {
        for page in &self.scan.settings.pages {
            let Ok(url) = self.scan.target.join(page) else {
                self.problem(format!("`{page}` is not an address"), true);
                continue;
            };
            // A page that this visitor has been to since the choice need not be opened again.
            if self.has_seen(&url) {
                continue;
            }
            self.say(&format!("opening {}", url.path()));
            let (visit, judged) = self.open(VisitKind::Page, url.as_str()).await;
            if judged.status == VisitStatus::Ok {
                self.checkpoint(visit, "page").await;
            } else {
                let why = judged.problem.unwrap_or_default();
                self.problem(format!("{url} could not be observed: {why}"), true);
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
        self.say("leaving");
        let visit = self.visits.len().saturating_sub(1);
        self.page.leave().await;
        self.checkpoint(visit, "left").await;
    }

    /// Opens a page, watches it until it is at rest, scrolls through it, and judges what it is.
    pub(super) async fn open(&mut self, kind: VisitKind, url: &str) -> (usize, Judged) {
        let (visit, mut judged) = self.arrive(kind, url).await;
        if judged.status == VisitStatus::Ok {
            let rest = self.watch().await;
            self.finish(visit, rest, &mut judged).await;
        }
        (visit, judged)
    }

    /// Opens a page and waits only until it has come to rest.
    pub(super) async fn open_briefly(&mut self, kind: VisitKind, url: &str) -> (usize, Judged) {
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
            stopped: Rest::Dead.name().to_owned(),
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
    pub(super) async fn watch(&mut self) -> Rest {
        self.watch_since(std::time::Instant::now()).await
    }

    async fn watch_since(&mut self, begun: std::time::Instant) -> Rest {
        let rest = self.page.begin_watch(begun).await;
        self.end_watch(rest, begun).await
    }

    async fn end_watch(&mut self, rest: Rest, begun: std::time::Instant) -> Rest {
        if rest == Rest::Dead {
            return rest;
        }
        // What is loaded on sight is not seen if this fails.
        if let Err(why) = self.page.scroll().await {
            self.problem(format!("the page could not be scrolled to its end: {why}"), true);
        }
        let after = self.page.end_watch(begun).await;
        if rest == Rest::Quiet || after == Rest::Dead { after } else { rest }
    }

    /// Judges a page that has been watched, and writes down how the visit went.
    async fn finish(&mut self, visit: usize, rest: Rest, judged: &mut Judged) {
        let document = self.page.log.document();
        let partly = judged.problem.take();
        *judged = if self.page.cdp().is_closed() {
            self.problem(BROWSER_GONE.to_owned(), true);
            Judged::not(VisitStatus::Failed, BROWSER_GONE, arrival::HELP_GONE)
        } else if self.page.log.crashed() {
            self.problem(CRASHED.to_owned(), true);
            Judged::not(VisitStatus::Failed, CRASHED, arrival::HELP_CRASH)
        } else {
            arrival::of_page(self.page, &document, partly.is_some()).await
        };
        if judged.hangs {
            self.hangs = true;
            self.problem("the page no longer answers: a script runs without end".to_owned(), true);
        }
        if rest == Rest::Limit && judged.status == VisitStatus::Ok && judged.problem.is_none() {
            judged.problem =
                Some("the page never came to rest; it was watched to the limit".to_owned());
        }
        let title = self.page.ask("document.title.slice(0, 200)").await.ok();
        if let Some(seen) = self.visits.get_mut(visit) {
            seen.stopped = rest.name().to_owned();
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

    pub(super) async fn checkpoint(&mut self, visit: usize, name: &str) {
        let (checkpoint, problems) = checkpoint::take(self.page, visit, name).await;
        self.checkpoints.push(checkpoint);
        self.problems.extend(problems);
    }

    pub(super) fn problem(&mut self, message: String, gap: bool) {
        if self.problems.iter().all(|problem| problem.message != message) {
            self.problems.push(Problem { place: String::new(), message, gap });
        }
    }

    pub(super) fn say(&self, what: &str) {
        (self.scan.tell)(self.pass, what);
    }
}

fn failed(why: &str, step: &str, pressed_at: Option<u64>) -> Interaction {
    Interaction::Failed { why: why.to_owned(), step: step.to_owned(), pressed_at }
}
