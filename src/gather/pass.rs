//! One visit to the site in a browser context of its own.

use std::{collections::BTreeSet, sync::Arc};

use url::Url;

use super::{
    Settings, Tell,
    arrival::{self, Judged},
    banner::{self, Found},
    checkpoint, notice_search,
    page::{Arrival, Page, Rest},
    recorder::Recorder,
};
use crate::{
    consent::Words,
    model::{Pass, Proof, Via, VisitStatus, site},
    recording::{
        BROWSER_GONE, BannerRecording, Checkpoint, Interaction, NoticeRecording, PassRecording,
        Problem, VisitKind, VisitRecording,
    },
};

/// What every pass of a scan shares.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) target: Url,
    pub(super) settings: Settings,
    pub(super) words: Words,
    pub(super) tell: Tell,
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

/// A pass under way.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) scan: &'a Scan,
    pub(super) pass: Pass,
    pub(super) page: &'a Page,
    visits: Vec<VisitRecording>,
    checkpoints: Vec<Checkpoint>,
    problems: Vec<Problem>,
    /// Whether the page that is open no longer answers.
    hangs: bool,
}

/// Runs one pass; whatever happens, what was seen until then is in the outcome.
pub(super) async fn run(recorder: &Arc<Recorder>, scan: &Scan, pass: Pass) -> Outcome {
    let settings = &scan.settings;
    let log = super::log::PassLog::new(settings.redactor.clone());
    let page = Page::open(recorder, log, settings.timeout, settings.settle).await;
    let page = match page {
        Ok(page) => page,
        Err(error) => return never_began(pass, &error.to_string()),
    };
    let mut run = Run {
        scan,
        pass,
        page: &page,
        visits: Vec::new(),
        checkpoints: Vec::new(),
        problems: Vec::new(),
        hangs: false,
    };
    let mut outcome = run.all().await;
    outcome.recording.events = page.log.close();
    let place = format!("pass {pass}");
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
            webdriver =
                self.page.ask_page("navigator.webdriver").await.ok().and_then(|it| it.as_bool());
            if start.status == VisitStatus::Ok {
                let links = notice_search::links(self.page).await;
                if self.pass != Pass::None {
                    interaction = self.choose(visit, &banner, found).await;
                }
                notice = notice_search::search(self, links).await;
                self.further_pages().await;
                self.end().await;
            }
        }
        let place = format!("pass {}", self.pass);
        for problem in &mut self.problems {
            problem.place.clone_from(&place);
        }
        let recording = PassRecording {
            pass: self.pass,
            banner,
            interaction,
            choices: Vec::new(),
            second_look: None,
            pictures: Vec::new(),
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
        let words = &self.scan.words;
        self.say("watching the start page");
        let looked = if self.pass == Pass::None {
            let rest = self.page.settle().await;
            let looked = banner::look(self.page, words).await;
            self.scroll_and_finish(visit, rest, start).await;
            looked
        } else {
            let looked = banner::wait(self.page, words, self.scan.settings.settle).await;
            if matches!(looked, Ok((_, Some(_)))) {
                let rest = self.page.settle_briefly().await;
                self.finish(visit, rest, start).await;
            } else {
                // Nothing will be pressed: this visitor sees what one sees who presses nothing.
                let rest = self.page.settle().await;
                self.scroll_and_finish(visit, rest, start).await;
            }
            looked
        };
        self.checkpoint(visit, "settled").await;
        looked.unwrap_or_else(|error| {
            let why = format!("the page could not be searched for a banner: {error}");
            self.problem(why.clone(), true);
            (BannerRecording::Doubtful { why }, None)
        })
    }

    /// Makes the pass's choice and proves it.
    async fn choose(
        &mut self,
        visit: usize,
        banner: &BannerRecording,
        found: Option<Found>,
    ) -> Interaction {
        let Some(found) = found else {
            return match banner {
                BannerRecording::Absent => {
                    Interaction::Unavailable { why: "the site shows no banner".to_owned() }
                }
                BannerRecording::Doubtful { why } => failed(why, "find the banner", None),
                _ => failed("the banner could not be searched for", "find the banner", None),
            };
        };
        let offer = &found.offer;
        let control = match self.pass {
            Pass::Reject => offer.reject,
            _ => offer.accept.or(offer.acknowledge),
        };
        let Some(control) = control else {
            return match (self.pass, offer.settings) {
                (Pass::Reject, Some(settings)) => failed(
                    &format!(
                        "the first layer offers no way to refuse, and what lies behind `{}` was not operated",
                        found.label(settings)
                    ),
                    "find the button that refuses",
                    None,
                ),
                (Pass::Reject, None) => Interaction::Unavailable {
                    why: "the banner offers no way to refuse".to_owned(),
                },
                _ => Interaction::Unavailable {
                    why: "the banner offers no way to accept".to_owned(),
                },
            };
        };
        self.press_and_prove(visit, &found, control).await
    }

    async fn press_and_prove(
        &mut self,
        visit: usize,
        found: &Found,
        control: usize,
    ) -> Interaction {
        const LIMIT: std::time::Duration = std::time::Duration::from_secs(3);

        let label = found.label(control).to_owned();
        let step = format!("press `{label}`");
        self.say("pressing the button");
        let before = self.checkpoints.last().cloned();
        let mut pressed_at = None;
        let mut steps = Vec::new();
        let mut gone = false;
        // Handlers may be bound late. The second try presses the same button, never another.
        for _ in 0..2 {
            let aimed = match banner::wait(self.page, &self.scan.words, LIMIT).await {
                Ok((_, Some(again))) => again.same(found, control).map(|at| (again, at)),
                _ => None,
            };
            let Some((again, at)) = aimed else {
                // It went away after all, or is another one now.
                gone = pressed_at.is_some();
                break;
            };
            let now = self.page.log.now();
            if let Err(why) = banner::press(self.page, &again, at).await {
                return failed(&why, &step, pressed_at);
            }
            pressed_at = pressed_at.or(Some(now));
            steps.push(label.clone());
            gone = banner::gone(self.page, &self.scan.words, LIMIT).await;
            if gone {
                break;
            }
        }
        let Some(at) = pressed_at else {
            return failed("the banner went away before it could be pressed", &step, None);
        };

        self.say("watching what the choice changes");
        if self.page.settle().await == Rest::Dead {
            self.problem("the page died after the choice".to_owned(), true);
        } else {
            self.scroll().await;
        }
        self.page.settle_briefly().await;
        self.checkpoint(visit, "chosen").await;
        let stored = match (&before, self.checkpoints.last()) {
            (Some(before), Some(after)) => changes(before, after, &self.scan.target),
            _ => BTreeSet::new(),
        };
        let came_back = self.reload().await;
        let kept = self.checkpoints.last().is_some_and(|last| {
            let now = items(last, &self.scan.target);
            stored.iter().any(|(name, _)| now.iter().any(|(there, _)| there == name))
        });

        let mut proof = Vec::new();
        proof.extend(gone.then_some(Proof::BannerGone));
        proof.extend((!stored.is_empty()).then_some(Proof::ConsentStored));
        proof.extend((came_back == Ok(false) && kept).then_some(Proof::PersistsAfterReload));
        let why = match (gone, stored.is_empty(), came_back) {
            (false, ..) => format!("`{label}` was pressed, and the banner stayed"),
            (_, true, _) => {
                format!("`{label}` was pressed and the banner went, but nothing was stored")
            }
            (_, _, Err(why)) => why,
            (_, _, Ok(true)) => {
                format!("`{label}` was pressed, but after a reload the banner asked again")
            }
            _ if !kept => "what was stored by the choice was gone after a reload".to_owned(),
            _ => return Interaction::Done { at, via: Via::Heuristic, steps, proof },
        };
        failed(&why, &step, Some(at))
    }

    /// Opens the start page again; says whether the banner asks again.
    async fn reload(&mut self) -> Result<bool, String> {
        self.say("opening the start page again");
        let url = self.scan.target.to_string();
        let (visit, judged) = self.open(VisitKind::Reload, &url).await;
        let asks = match judged.status {
            VisitStatus::Ok => banner::look(self.page, &self.scan.words)
                .await
                .map(|(_, found)| found.is_some())
                .map_err(|error| format!("after a reload the page could not be searched: {error}")),
            _ => Err("the start page could not be opened again".to_owned()),
        };
        self.checkpoint(visit, "reloaded").await;
        asks
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
            let rest = self.page.settle().await;
            self.scroll_and_finish(visit, rest, &mut judged).await;
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

    async fn scroll_and_finish(&mut self, visit: usize, mut rest: Rest, judged: &mut Judged) {
        if rest != Rest::Dead {
            self.scroll().await;
            let after = self.page.settle_briefly().await;
            if rest == Rest::Quiet {
                rest = after;
            }
        }
        self.finish(visit, rest, judged).await;
    }

    /// Scrolls through the page; what is loaded on sight is not seen if that fails.
    async fn scroll(&mut self) {
        if let Err(why) = self.page.scroll().await {
            self.problem(format!("the page could not be scrolled to its end: {why}"), true);
        }
    }

    /// Judges a page that has been watched, and writes down how the visit went.
    async fn finish(&mut self, visit: usize, rest: Rest, judged: &mut Judged) {
        let document = self.page.log.document();
        let partly = judged.problem.take();
        *judged = if self.page.cdp().is_closed() {
            self.problem(BROWSER_GONE.to_owned(), true);
            Judged::not(VisitStatus::Failed, BROWSER_GONE, arrival::HELP_GONE)
        } else if self.page.log.crashed() {
            self.problem("the page crashed its renderer".to_owned(), true);
            let why = "the page crashed its renderer";
            Judged::not(VisitStatus::Failed, why, arrival::HELP_CRASH)
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

/// What the target's own site has stored, by name and with its value's digest.
fn items(checkpoint: &Checkpoint, target: &Url) -> BTreeSet<(String, String)> {
    let own = site::of_url(target).unwrap_or_default();
    let cookies = checkpoint
        .jar
        .iter()
        .filter(|it| site::of_host(&it.domain) == own)
        .map(|it| (format!("cookie {} {} {}", it.name, it.domain, it.path), it.value.clone()));
    let storage = checkpoint
        .storage
        .iter()
        .filter(|it| site::host_of(&it.origin).is_some_and(|host| site::of_host(&host) == own))
        .map(|it| (format!("{} {} {}", it.store.name(), it.key, it.origin), it.value.clone()));
    cookies.chain(storage).collect()
}

/// What is new or different in `after`.
fn changes(before: &Checkpoint, after: &Checkpoint, target: &Url) -> BTreeSet<(String, String)> {
    let before = items(before, target);
    items(after, target).difference(&before).cloned().collect()
}
