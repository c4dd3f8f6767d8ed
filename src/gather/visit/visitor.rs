//! A visitor: goes from page to page in one tab, and keeps what was seen at each.

use std::{collections::BTreeSet, time::Instant};

use tokio::sync::oneshot;

use super::{context::ScanContext, outcome::VisitOutcome};
use crate::{
    gather::{
        cdp::connection::CdpError,
        progress::{PassStep, ScanEvent},
        settings::Settings,
        tab::{
            checkpoint,
            page::{LoadState, Tab},
            rest::TimerKey,
            watch::Watched,
        },
    },
    model::{Pass, StorageKind, VisitStatus},
    recording::{
        Checkpoint, Event, IdleResult, Moment, Problem, ProblemKind, VisitKind, VisitRecording,
        WatchEnd,
    },
};

/// What is added in events to the numbers of pages that a second tab opens, so that they differ from those of the first.
pub(in crate::gather) const BESIDE: usize = 1_000_000;

/// What a visitor has seen until a choice was made, as far as it matters in another tab.
#[derive(Debug)]
pub(in crate::gather) struct SeenSoFar {
    /// Pages that were opened.
    pub(in crate::gather) visits: Vec<VisitRecording>,
    only_sent: BTreeSet<TimerKey>,
}

/// A visitor on the way.
#[derive(Debug)]
pub(in crate::gather) struct Visitor<'a> {
    pub(in crate::gather) scan: &'a ScanContext,
    pub(in crate::gather) pass: Pass,
    pub(in crate::gather) tab: Tab,
    /// Pages in the order in which they were opened.
    pub(in crate::gather) visits: Vec<VisitRecording>,
    pub(in crate::gather) checkpoints: Vec<Checkpoint>,
    pub(in crate::gather) problems: Vec<Problem>,
    /// Whether the page that is open no longer answers.
    hangs: bool,
    /// Timers that were waited for on a page of this pass since the last choice, and only sent something.
    only_sent: BTreeSet<TimerKey>,
    /// The index of the page that is open.
    open: usize,
    /// Is sent what has been seen so far once the choice has been made, if another tab would know of it.
    chosen: Option<oneshot::Sender<SeenSoFar>>,
    /// What is added to the numbers of pages in events.
    offset: usize,
    /// Where pages of a second tab stood among those of that tab, and where they stand now.
    taken_in: Option<(usize, usize)>,
    /// Icons that were fetched: a browser does not fetch them for each page again.
    icons: BTreeSet<String>,
}

impl<'a> Visitor<'a> {
    pub(in crate::gather) const fn new(scan: &'a ScanContext, pass: Pass, tab: Tab) -> Self {
        Self {
            scan,
            pass,
            tab,
            visits: Vec::new(),
            checkpoints: Vec::new(),
            problems: Vec::new(),
            hangs: false,
            only_sent: BTreeSet::new(),
            open: 0,
            chosen: None,
            offset: 0,
            taken_in: None,
            icons: BTreeSet::new(),
        }
    }

    /// The same visitor in a second tab. [`Self::take_in`] adds what is seen there.
    pub(in crate::gather) fn beside(
        scan: &'a ScanContext,
        pass: Pass,
        tab: Tab,
        seen: SeenSoFar,
    ) -> Self {
        let SeenSoFar { visits, only_sent } = seen;
        // None of those is open there.
        let open = visits.len();
        Self { open, visits, only_sent, offset: BESIDE, ..Self::new(scan, pass, tab) }
    }

    /// Adds what was seen in a second tab from its page `first` on.
    pub(in crate::gather) fn take_in(&mut self, other: Self, first: usize) {
        let now = self.visits.len();
        let moved = |visit: usize| if visit < first { visit } else { visit - first + now };
        self.visits.extend(
            other
                .visits
                .into_iter()
                .skip(first)
                .map(|it| VisitRecording { retried_as: it.retried_as.map(moved), ..it }),
        );
        self.checkpoints.extend(
            other.checkpoints.into_iter().map(|it| Checkpoint { visit: moved(it.visit), ..it }),
        );
        self.checkpoints.sort_by_key(|it| it.at);
        for problem in other.problems {
            self.add_problem(Problem { visit: problem.visit.map(moved), ..problem });
        }
        self.taken_in = Some((first, now));
    }

    /// Gives events and problems of a second tab the numbers that their pages have now.
    pub(in crate::gather) fn renumber(&self, events: &mut [Event], problems: &mut [Problem]) {
        let numbers = events.iter_mut().map(|it| &mut it.visit);
        let numbers = numbers.chain(problems.iter_mut().filter_map(|it| it.visit.as_mut()));
        for number in numbers.filter(|it| **it >= BESIDE) {
            let visit = *number - BESIDE;
            *number = match self.taken_in {
                Some((first, now)) if visit >= first => visit - first + now,
                // It opened nothing.
                _ => self.open,
            };
        }
    }

    /// Receives what was seen so far once the choice has been made and the page after it was watched. Nothing comes if the
    /// choice failed, or if something is kept in the tab alone, so that another would not know of it.
    pub(in crate::gather) fn await_choice(&mut self) -> oneshot::Receiver<SeenSoFar> {
        let (chosen, receiver) = oneshot::channel();
        self.chosen = Some(chosen);
        receiver
    }

    /// The choice was made: what it did is in the last checkpoint.
    pub(in crate::gather) fn has_chosen(&mut self) {
        let in_tab_alone = self
            .last_checkpoint()
            .is_none_or(|it| it.storage.iter().any(|it| it.store == StorageKind::Session));
        if let Some(chosen) = self.chosen.take()
            && !in_tab_alone
        {
            // Nobody may want to know.
            let _ = chosen
                .send(SeenSoFar { visits: self.visits.clone(), only_sent: self.only_sent.clone() });
        }
    }

    /// There will be no choice any more.
    pub(in crate::gather) fn end_choice(&mut self) {
        self.chosen = None;
    }

    /// Goes on in another tab of the same context, and returns the one before.
    pub(in crate::gather) fn change_tab(&mut self, tab: Tab) -> Tab {
        self.hangs = false;
        std::mem::replace(&mut self.tab, tab)
    }

    /// The index of the page that is open in the tab.
    pub(in crate::gather) const fn last_visit(&self) -> usize {
        self.open
    }

    pub(in crate::gather) fn last_checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoints.last()
    }

    /// Opens a page, watches it until it is idle, scrolls through it, and judges what it is.
    pub(in crate::gather) async fn open(
        &mut self,
        kind: VisitKind,
        url: &str,
    ) -> (usize, VisitOutcome) {
        let (visit, mut outcome) = self.arrive(kind, url).await;
        if outcome.status == VisitStatus::Ok {
            if self.is_named(url) {
                // What the user asked for is watched as if nothing were known.
                self.only_sent.clear();
            }
            let idle = self.watch(kind == VisitKind::Start).await;
            self.finish(visit, idle, &mut outcome).await;
        }
        (visit, outcome)
    }

    /// The page that is open, if it is that of `url`, was watched, and nothing has been pressed on it: to open it again would
    /// show nothing new.
    pub(in crate::gather) fn is_at(&self, url: &str) -> Option<usize> {
        let visit = self.visits.get(self.open)?;
        let asked = self.tab.log.redactor().url(url);
        let is_watched = visit.watches.iter().any(|it| it.ended != WatchEnd::Failed);
        let is_it = visit.asked == asked && visit.status == VisitStatus::Ok && is_watched;
        (is_it && !self.hangs && !self.tab.state.is_crashed() && !self.tab.state.was_clicked())
            .then_some(self.open)
    }

    /// Whether a page is one of those that the user named.
    fn is_named(&self, url: &str) -> bool {
        let Settings { pages, .. } = &self.scan.settings;
        let target = &self.scan.target;
        pages.iter().filter_map(|page| target.join(page).ok()).any(|page| page.as_str() == url)
    }

    /// Opens a page and waits only until it is idle.
    pub(in crate::gather) async fn open_briefly(
        &mut self,
        kind: VisitKind,
        url: &str,
    ) -> (usize, VisitOutcome) {
        let (visit, mut outcome) = self.arrive(kind, url).await;
        if outcome.status == VisitStatus::Ok {
            self.be_a_person().await;
            let idle = self.settle_briefly().await;
            self.finish(visit, idle, &mut outcome).await;
        }
        (visit, outcome)
    }

    /// Opens a page and waits until it is there.
    pub(in crate::gather) async fn arrive(
        &mut self,
        kind: VisitKind,
        url: &str,
    ) -> (usize, VisitOutcome) {
        if self.hangs {
            self.tab.end_renderer().await;
            self.hangs = false;
        }
        let visit = self.visits.len();
        self.open = visit;
        let redactor = self.tab.log.redactor();
        self.visits.push(VisitRecording {
            kind,
            asked: redactor.url(url),
            url: redactor.url(url),
            status: VisitStatus::Ok,
            http_status: None,
            at: self.tab.log.now(),
            settled_ms: 0,
            stopped: IdleResult::Failed,
            title: String::new(),
            problem: None,
            retried_as: None,
            loaded_ms: None,
            watches: Vec::new(),
            gestures: Vec::new(),
        });
        let state = self.tab.go(url, self.offset + visit).await;
        let document = self.tab.state.document();
        let seconds = self.scan.settings.timeout.as_secs();
        let outcome = VisitOutcome::of_load(&state, &document, seconds)
            .unwrap_or_else(|| VisitOutcome::arrived(state == LoadState::Partly));
        if let Some(seen) = self.visits.get_mut(visit) {
            seen.loaded_ms = Some(self.tab.log.now().saturating_sub(seen.at));
        }
        self.note(visit, &outcome);
        (visit, outcome)
    }

    /// Watches the page until it is done, and scrolls through it on the way. `is_start`: it is the start page before the
    /// choice or just after it, which is waited for longest.
    pub(in crate::gather) async fn watch(&mut self, is_start: bool) -> IdleResult {
        let begun = Instant::now();
        let idle = self.tab.first_idle(begun).await;
        self.end_watch(idle, begun, is_start).await
    }

    /// Watches what was just chosen. What timers did before says nothing of what they do now.
    pub(in crate::gather) async fn watch_choice(&mut self) -> IdleResult {
        self.only_sent.clear();
        self.watch(true).await
    }

    /// The second half of [`Self::watch`]; `idle` is how the first ended.
    pub(in crate::gather) async fn end_watch(
        &mut self,
        idle: IdleResult,
        begun: Instant,
        is_start: bool,
    ) -> IdleResult {
        if idle == IdleResult::Failed {
            return idle;
        }
        self.scroll().await;
        self.be_a_person().await;
        let height = self.tab.height().await;
        let mut after = self.tab.final_rest(begun, is_start, &self.only_sent).await;
        // What came late may have to be scrolled into view too.
        if after.watch.ended != WatchEnd::Failed && self.tab.height().await != height {
            self.scroll().await;
            after = self.tab.final_rest(begun, is_start, &self.only_sent).await;
        }
        let after = self.keep_watch(after, begun);
        if idle == IdleResult::Quiet || after == IdleResult::Failed { after } else { idle }
    }

    /// Waits until what was just caused has ended, and for nothing that is due later.
    pub(in crate::gather) async fn settle_briefly(&mut self) -> IdleResult {
        let begun = Instant::now();
        let watched = self.tab.settle_briefly().await;
        self.keep_watch(watched, begun)
    }

    async fn scroll(&mut self) {
        // What is loaded on sight is not seen if this fails.
        if let Err(why) = self.tab.scroll().await {
            let message = format!("the page could not be scrolled to its end: {why}");
            self.visit_gap(self.last_visit(), ProblemKind::NotScrolled, message);
        }
    }

    /// Writes down how a watch that began at `begun` went.
    fn keep_watch(&mut self, watched: Watched, begun: Instant) -> IdleResult {
        let Watched { idle, mut watch, only_sent } = watched;
        self.only_sent.extend(only_sent);
        let ms = begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        watch.at = (watch.at + watch.ms).saturating_sub(ms);
        watch.ms = ms;
        if let Some(visit) = self.visits.get_mut(self.open) {
            visit.watches.push(watch);
        }
        idle
    }

    /// Does what people do on a page without wanting anything from it: tags of many sites wait for that. The key is
    /// pressed once on each page: pressed three times it leaves some sites at once. The page's icons, which a window would
    /// show, are fetched.
    pub(in crate::gather) async fn be_a_person(&mut self) {
        let visit = self.last_visit();
        let is_first = self.visits.get(visit).is_some_and(|it| it.gestures.is_empty());
        let (_, _, is_phone) = self.scan.settings.window();
        let mut done = self.tab.be_a_person(is_first, is_phone).await;
        if matches!(done, Err(CdpError::Refused(..))) {
            // The page was exchanged for another meanwhile.
            done = self.tab.be_a_person(is_first, is_phone).await;
        }
        match done {
            Ok(done) => {
                if let Some(seen) = self.visits.get_mut(visit) {
                    seen.gestures.extend(done);
                    seen.gestures.sort_unstable();
                    seen.gestures.dedup();
                }
                self.fetch_icons().await;
            }
            // A browser that is gone is a problem of its own.
            Err(CdpError::Closed(_)) => (),
            Err(why) => {
                let message = format!("what waits for a movement or a key was not seen: {why}");
                self.visit_gap(visit, ProblemKind::NotMoved, message);
            }
        }
    }

    async fn fetch_icons(&mut self) {
        match self.tab.fetch_icons(&mut self.icons).await {
            // The page was exchanged meanwhile, and the one that took its place has icons of its own; or nothing is left.
            Ok(()) | Err(CdpError::Refused(..) | CdpError::Closed(_)) => (),
            Err(why) => {
                let message = format!("the page's icons were not fetched: {why}");
                self.visit_gap(self.last_visit(), ProblemKind::Other, message);
            }
        }
    }

    /// Judges a page that has been watched, and writes down how the visit went.
    pub(in crate::gather) async fn finish(
        &mut self,
        visit: usize,
        idle: IdleResult,
        outcome: &mut VisitOutcome,
    ) {
        let is_partial = outcome.problem.is_some();
        *outcome = if self.tab.cdp().is_closed() {
            VisitOutcome::gone()
        } else if self.tab.state.is_crashed() {
            VisitOutcome::crashed()
        } else {
            VisitOutcome::of_page(&self.tab, is_partial).await
        };
        if outcome.hangs {
            self.hangs = true;
            let message = "the page no longer answers: a script runs without end".to_owned();
            self.visit_gap(visit, ProblemKind::PageHangs, message);
        }
        if idle == IdleResult::Limit
            && outcome.status == VisitStatus::Ok
            && outcome.problem.is_none()
        {
            outcome.problem =
                Some("the page never became idle; it was watched to the limit".to_owned());
        }
        let title = self.tab.evaluate("document.title.slice(0, 200)").await.ok();
        if let Some(seen) = self.visits.get_mut(visit) {
            seen.stopped = idle;
            seen.title = title.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default();
            seen.settled_ms = self.tab.log.now().saturating_sub(seen.at);
        }
        self.note(visit, outcome);
    }

    /// Writes down what became of a visit. What died is a problem of the pass, unless whoever opened the page limits
    /// it to that page.
    fn note(&mut self, visit: usize, outcome: &VisitOutcome) {
        let document = self.tab.state.document();
        let redactor = self.tab.log.redactor();
        if let Some(seen) = self.visits.get_mut(visit) {
            seen.status = outcome.status;
            seen.http_status = document.status;
            seen.problem.clone_from(&outcome.problem);
            if !document.url.is_empty() {
                seen.url = redactor.url(&document.url);
            }
        }
        if let Some(died) = outcome.died {
            let message = outcome.problem.clone().unwrap_or_default();
            self.add_problem(Problem::gap("", died, message).on_visit(visit));
        }
    }

    /// A visit whose renderer died was retried as another, which is the one that counts. The pass need not be retried.
    pub(in crate::gather) fn was_retried(&mut self, first: usize, retry: usize) {
        let crashed = |it: &Problem, visit| {
            it.visit == Some(visit) && it.kind == ProblemKind::RendererCrashed
        };
        self.problems.retain(|it| !crashed(it, first));
        if let Some(problem) = self.problems.iter_mut().find(|it| crashed(it, retry)) {
            problem.kind = ProblemKind::RetryFailed;
            problem.message.push_str(", and a second attempt failed too");
        }
        let Some(visit) = self.visits.get_mut(first) else { return };
        visit.retried_as = Some(retry);
        let message = format!(
            "{} crashed its renderer; the page was retried, and the retry is what counts",
            visit.asked
        );
        self.problems.push(Problem::remark("", ProblemKind::Retried, message).on_visit(first));
    }

    /// Reads jar and storage, and keeps them.
    pub(in crate::gather) async fn checkpoint(&mut self, visit: usize, moment: Moment) {
        let (checkpoint, problems) = checkpoint::read(&self.tab, visit, moment).await;
        self.checkpoints.push(checkpoint);
        self.problems.extend(problems);
    }

    /// Reads jar and storage for the choice, and does not keep them.
    pub(in crate::gather) async fn read_storage(&self, visit: usize) -> Checkpoint {
        checkpoint::read(&self.tab, visit, Moment::Choosing).await.0
    }

    /// Evidence of the whole pass is missing.
    pub(in crate::gather) fn gap(&mut self, kind: ProblemKind, message: String) {
        self.add_problem(Problem::gap("", kind, message));
    }

    /// Evidence of one page is missing.
    pub(in crate::gather) fn visit_gap(
        &mut self,
        visit: usize,
        kind: ProblemKind,
        message: String,
    ) {
        self.add_problem(Problem::gap("", kind, message).on_visit(visit));
    }

    /// Adds a problem, once.
    pub(in crate::gather) fn add_problem(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Says what the pass does now.
    pub(in crate::gather) fn say(&self, step: PassStep) {
        self.scan.progress.send(&ScanEvent::Step { pass: self.pass, step });
    }
}
