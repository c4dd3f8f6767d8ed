//! Waiting for a page: asks every document what it has outstanding, and waits for what is to come.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::{
    page::{Limits, Tab},
    rest::{self, Decision, Facts, Pending, QUIET, STILL, TimerKey, WatchPlan},
};
use crate::{
    gather::{
        cdp::commands,
        record::{
            outstanding::{DocumentLedger, DocumentTimer},
            signals::scripts,
        },
    },
    recording::{IdleResult, OutstandingKind, Watch, WatchEnd, redact::Redactor},
};

/// How long a request is waited for before it counts as one that never ends.
const PATIENCE: Duration = Duration::from_secs(3);

/// How much of the time of a page that is not proved to be done is left when it is scrolled: what that causes ends
/// meanwhile.
const SCROLLING: Duration = Duration::from_millis(1100);

/// How long nothing must have happened on a page before it is scrolled.
const FIRST_STILL: Duration = Duration::from_millis(60);

/// What is due sooner than this after a page arrived is waited for before it is scrolled.
const FIRST_HORIZON: Duration = Duration::from_millis(300);

/// How long a document may take to say what it has outstanding.
const ANSWER: Duration = Duration::from_secs(3);

/// A page with more documents counts as one that is never done.
const MOST_DOCUMENTS: usize = 100;

/// A page is looked at again at least this often: what is outstanding may be called off.
const LOOK: Duration = Duration::from_millis(500);

/// How long a page is watched after what was caused on it, where nobody waits for what it does later.
const BRIEFLY: Duration = Duration::from_millis(2800);

/// How a watch went.
#[derive(Debug)]
pub(in crate::gather) struct Watched {
    /// Whether the page became idle.
    pub(in crate::gather) idle: IdleResult,
    /// What stands in the recording.
    pub(in crate::gather) watch: Watch,
    /// Timers that were waited for and only sent something.
    pub(in crate::gather) only_sent: BTreeSet<TimerKey>,
}

impl Limits {
    /// A page is watched no shorter than this.
    fn least(&self) -> Duration {
        self.settle.unwrap_or_default()
    }

    /// How long a page is watched that cannot be proved to be done.
    pub(in crate::gather) fn full(&self) -> Duration {
        /// Long enough for what most pages do.
        const FULL: Duration = Duration::from_secs(4);
        self.settle.unwrap_or(FULL)
    }

    /// What is due later than this is not waited for. What a visitor sees first, and what a choice sets going, is waited
    /// for longest.
    fn horizon(&self, is_start: bool) -> Duration {
        if is_start { self.patience } else { self.patience * 2 / 5 }
    }
}

impl Tab {
    /// Waits until a page that has been watched since `begun` has come to rest for the first time, but for what is due
    /// later.
    pub(in crate::gather) async fn first_idle(&self, begun: Instant) -> IdleResult {
        let full = self.limits.full();
        let plan = WatchPlan {
            begun,
            least: self.limits.least().saturating_sub(SCROLLING),
            full: full.saturating_sub(SCROLLING),
            horizon: FIRST_HORIZON,
            most: rest::most_of(full).max(begun.elapsed() + QUIET * 4),
            still: FIRST_STILL,
            known: BTreeSet::new(),
        };
        self.wait_by(&plan).await.idle
    }

    /// Waits until a page that has been watched since `begun` is done, or was watched for long enough. What scrolling
    /// caused counts.
    pub(in crate::gather) async fn final_rest(
        &self,
        begun: Instant,
        is_start: bool,
        known: &BTreeSet<TimerKey>,
    ) -> Watched {
        let full = self.limits.full();
        let passed = begun.elapsed();
        let plan = WatchPlan {
            begun,
            least: self.limits.least().max(passed + STILL),
            full,
            horizon: self.limits.horizon(is_start),
            most: rest::most_of(full).max(passed + QUIET * 4),
            still: STILL,
            known: known.clone(),
        };
        self.wait_by(&plan).await
    }

    /// Waits until what was just caused has ended, and for nothing that is due more than a second later.
    pub(in crate::gather) async fn settle_briefly(&self) -> Watched {
        let plan = WatchPlan::brief(Instant::now(), Duration::from_secs(1), BRIEFLY);
        self.wait_by(&plan).await
    }

    /// Waits a moment for what was just caused: until it has ended, and is drawn.
    pub(super) async fn calm_down(&self) {
        let plan = WatchPlan {
            still: FIRST_STILL,
            ..WatchPlan::brief(Instant::now(), LOOK, Duration::from_secs(1))
        };
        self.wait_by(&plan).await;
    }

    /// Waits until what a page sends as it goes has gone.
    pub(super) async fn settle_after_leaving(&self) {
        self.wait_by(&WatchPlan::brief(Instant::now(), Duration::ZERO, STILL * 10)).await;
    }

    /// Whether nothing will happen on the page by itself within `time` from now. One look; the page is not waited for.
    pub(in crate::gather) async fn is_done_for(&self, time: Duration) -> bool {
        let plan = WatchPlan::brief(Instant::now(), time, Duration::MAX);
        let facts = self.facts(false).await;
        rest::decide(&plan, &facts) == Decision::Rest
    }

    async fn wait_by(&self, plan: &WatchPlan) -> Watched {
        let at = self.log.now();
        let mut late: BTreeMap<TimerKey, Instant> = BTreeMap::new();
        let mut effects = 0;
        let end = loop {
            if self.cdp().is_closed() || self.state.is_crashed() {
                break None;
            }
            let must_ask = plan.begun.elapsed() >= plan.full.max(QUIET);
            let facts = self.facts(must_ask).await;
            for pending in facts.pending.iter().filter(|it| plan.is_late(it)) {
                if let (Some(key), Some(due)) = (pending.key(), pending.due) {
                    late.insert(key, due);
                }
            }
            if late.values().all(|due| facts.now < *due) {
                effects = self.state.open_now().effects;
            }
            let decision = rest::decide(plan, &facts);
            let Decision::WaitUntil(until, _) = decision else { break Some((decision, facts)) };
            let wait = until.saturating_duration_since(Instant::now()).min(LOOK);
            tokio::select! {
                () = tokio::time::sleep(wait) => (),
                () = self.cdp().closed() => (),
            }
        };
        let ms = self.log.now().saturating_sub(at);
        let Some((decision, facts)) = end else {
            let watch = Watch { at, ms, ended: WatchEnd::Failed, outstanding: Vec::new() };
            return Watched { idle: IdleResult::Failed, watch, only_sent: BTreeSet::new() };
        };
        let outstanding = plan.outstanding(&facts);
        let watch = Watch { at, ms, ended: rest::end_of(decision, &facts), outstanding };
        let idle = if decision == Decision::Rest || facts.quiet >= QUIET {
            IdleResult::Quiet
        } else {
            IdleResult::Limit
        };
        let changed = self.state.open_now().effects != effects;
        let only_sent = late.into_keys().filter(|_| !changed).collect();
        Watched { idle, watch, only_sent }
    }

    /// What is known of the page now. Its documents are asked only where their answer can matter: while it loads, they
    /// have better things to do. `must_ask` asks them all the same.
    async fn facts(&self, must_ask: bool) -> Facts {
        let open = self.state.open_now();
        let quiet = self.state.quiet_for(PATIENCE);
        let mut pending: Vec<Pending> =
            open.open.iter().map(|(kind, _)| Pending::untimed(*kind)).collect();
        pending.extend(open.refreshes.iter().map(|&(due, delay)| Pending {
            due: Some(due),
            delay: Some(delay),
            ..Pending::untimed(OutstandingKind::Refresh)
        }));
        let document = self.state.document();
        if !document.url.is_empty() && document.error.is_none() && !document.loaded {
            pending.push(Pending::untimed(OutstandingKind::Loading));
        }
        let mut still = open.quiet;
        let is_busy = pending.iter().any(|it| it.due.is_none());
        if must_ask || !is_busy && still >= FIRST_STILL {
            still = still.min(self.ask_documents(&mut pending).await);
            // What came while they were asked is known now.
            still = still.min(self.state.open_now().quiet);
        } else if !is_busy {
            // Not asked, so nothing is proved.
            still = still.min(FIRST_STILL / 2);
        }
        pending.sort_by_key(|it| (it.kind, it.due));
        Facts { now: Instant::now(), pending, still, quiet }
    }

    /// Asks every document of the page what it has outstanding, and says how long ago one of them asked for anything.
    async fn ask_documents(&self, pending: &mut Vec<Pending>) -> Duration {
        let (documents, workers) = self.recorder.documents(&self.context, &self.state);
        if workers > 0 {
            pending.push(Pending::untimed(OutstandingKind::Worker));
        }
        if documents.is_empty() || documents.len() > MOST_DOCUMENTS {
            pending.push(Pending::untimed(OutstandingKind::Untracked));
            return Duration::MAX;
        }
        let question = self.recorder.ledger_question();
        let answers: Vec<_> = documents
            .into_iter()
            .map(|(session, world)| {
                self.cdp().send(&session, &commands::evaluate(&question, Some(world)), ANSWER)
            })
            .collect();
        let mut still = Duration::MAX;
        for answer in answers {
            let said = answer.await.ok();
            let ledger = said.and_then(|mut it| DocumentLedger::read(it["result"]["value"].take()));
            match ledger {
                Some(ledger) => {
                    still = still.min(milliseconds(ledger.since));
                    self.add_ledger(&ledger, pending);
                }
                None => pending.push(Pending::untimed(OutstandingKind::Unanswered)),
            }
        }
        still
    }

    fn add_ledger(&self, ledger: &DocumentLedger, pending: &mut Vec<Pending>) {
        let now = Instant::now();
        for timer in &ledger.due {
            let kind =
                if timer.every > 0.0 { OutstandingKind::Interval } else { OutstandingKind::Timer };
            pending.push(Pending {
                kind,
                due: Some(now + milliseconds(timer.left)),
                delay: Some(milliseconds(timer.delay)),
                script: script_of(timer, self.log.redactor()),
            });
        }
        for animation in &ledger.animations {
            pending.push(Pending {
                due: Some(now + milliseconds(animation.left)),
                delay: Some(milliseconds(animation.delay)),
                ..Pending::untimed(OutstandingKind::Animation)
            });
        }
        if ledger.every > 0.0 {
            let delay = Some(milliseconds(ledger.every));
            pending.push(Pending { delay, ..Pending::untimed(OutstandingKind::Interval) });
        }
        for (is_so, kind) in [
            (ledger.frames, OutstandingKind::AnimationFrames),
            (ledger.idles, OutstandingKind::IdleMoment),
            (ledger.media, OutstandingKind::Media),
            (ledger.rtc, OutstandingKind::WebRtc),
            (ledger.lost, OutstandingKind::Untracked),
            (ledger.soon, OutstandingKind::Interval),
            (ledger.job > 0.0, OutstandingKind::Work),
            (ledger.loading, OutstandingKind::Loading),
        ] {
            if is_so {
                pending.push(Pending::untimed(kind));
            }
        }
    }
}

/// Who set a timer: the innermost scripts, each with its line. Our own calls lie on the stack too; they have no address.
fn script_of(timer: &DocumentTimer, redactor: &Redactor) -> Option<String> {
    let mut places: Vec<String> = scripts::stack(&timer.stack, &Redactor::Keep)
        .into_iter()
        .filter(|it| !it.url.is_empty() && !it.url.starts_with('<'))
        .map(|it| format!("{}:{}", redactor.url(&it.url), it.line))
        .collect();
    places.dedup();
    places.truncate(2);
    (!places.is_empty()).then(|| places.join(" < "))
}

/// A page's milliseconds; what is no time is none at all.
fn milliseconds(it: f64) -> Duration {
    const LONGEST: f64 = 1e9;
    Duration::try_from_secs_f64(it.min(LONGEST) / 1000.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_is_known_by_the_scripts_that_set_it_and_never_by_our_own() {
        let stack = "Error\n    at add (<anonymous>:193:51)\n    at Object.timeout (<anonymous>:219:34)\n    at eval (eval at <anonymous> (https://a.test/tag.js:7:10), <anonymous>:1:12)\n    at send (https://a.test/tag.js:7:18)\n    at https://www.test/app.js?id=7:2:1";
        let timer = DocumentTimer { stack: stack.to_owned(), ..DocumentTimer::default() };
        for redactor in [Redactor::Keep, Redactor::Digest { salt: [7; 16] }] {
            let script = script_of(&timer, &redactor).unwrap();
            assert!(
                script.starts_with("https://a.test/tag.js:7 < https://www.test/app.js"),
                "{script}"
            );
        }
        let ours =
            DocumentTimer { stack: "Error\n    at add (<anonymous>:1:2)".to_owned(), ..timer };
        assert_eq!(script_of(&ours, &Redactor::Keep), None);
    }
}
