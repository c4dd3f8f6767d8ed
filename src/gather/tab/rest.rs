//! Whether a page is done: what is outstanding and how long it was watched, and what follows from that. No browser and
//! no clock: the same answer for the same facts.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use crate::recording::{Outstanding, OutstandingKind, WatchEnd};

/// How long nothing must have happened on a page that has nothing outstanding.
pub(in crate::gather) const STILL: Duration = Duration::from_millis(200);

/// How long nothing new must have happened on a page that always has something outstanding.
pub(super) const QUIET: Duration = Duration::from_millis(700);

/// How long past its time a page that never becomes idle is watched.
const PATIENCE_WITH_PAGE: Duration = Duration::from_secs(6);

/// What is set as a page arrives is known a moment later: a timer of just the longest time is one that is waited for.
const SLACK: Duration = Duration::from_millis(500);

/// What is due sooner than this after a page arrived is waited for on every page.
const ALWAYS: Duration = Duration::from_secs(4);

/// Something that is outstanding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gather) struct Pending {
    pub(in crate::gather) kind: OutstandingKind,
    /// When it will happen; `None` if nobody can say, or if it may happen at any time.
    pub(in crate::gather) due: Option<Instant>,
    /// How long it was set for.
    pub(in crate::gather) delay: Option<Duration>,
    /// Who set it.
    pub(in crate::gather) script: Option<String>,
}

/// A timer by who set it and for how long: the same on every page that has the script.
pub(in crate::gather) type TimerKey = (String, Duration);

/// How long a page is watched.
#[derive(Clone, Debug)]
pub(in crate::gather) struct WatchPlan {
    /// When the watch began.
    pub(in crate::gather) begun: Instant,
    /// A page is watched no shorter than this.
    pub(in crate::gather) least: Duration,
    /// How long a page is watched that cannot be proved to be done.
    pub(in crate::gather) full: Duration,
    /// What is due later than this is not waited for.
    pub(in crate::gather) horizon: Duration,
    /// When the watch ends whatever happens.
    pub(in crate::gather) most: Duration,
    /// How long nothing must have happened.
    pub(in crate::gather) still: Duration,
    /// Timers that fired before in this pass and only sent something.
    pub(in crate::gather) known: BTreeSet<TimerKey>,
}

/// What is known of a page at one moment.
#[derive(Clone, Debug)]
pub(in crate::gather) struct Facts {
    /// When it was asked.
    pub(in crate::gather) now: Instant,
    /// What is outstanding in all of its frames.
    pub(in crate::gather) pending: Vec<Pending>,
    /// How long nothing at all has happened.
    pub(in crate::gather) still: Duration,
    /// How long nothing has happened that it does not do all the time.
    pub(in crate::gather) quiet: Duration,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gather) enum Decision {
    /// Nothing more comes by itself, or nothing that is waited for.
    Rest,
    /// To look again then at the latest.
    WaitUntil(Instant, Why),
    /// It cannot be proved that the page is done, and it was watched as long as such pages are.
    Limit,
}

/// What a page is waited for because of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gather) enum Why {
    /// The shortest watch is not over.
    Least,
    /// Something is due.
    Due(OutstandingKind),
    /// Something happened a moment ago.
    Still,
    /// Something is outstanding that has no time.
    Outstanding(OutstandingKind),
}

impl WatchPlan {
    /// A watch that waits for nothing that is due later than `horizon`, and for nothing longer than `most`.
    pub(in crate::gather) const fn brief(
        begun: Instant,
        horizon: Duration,
        most: Duration,
    ) -> Self {
        let least = Duration::ZERO;
        Self { begun, least, full: least, horizon, most, still: STILL, known: BTreeSet::new() }
    }

    /// Whether something is due in time to be waited for.
    pub(in crate::gather) fn waits_for(&self, pending: &Pending) -> bool {
        // A watch that waits for nothing has no last moment either.
        let slack = if self.horizon >= ALWAYS { SLACK } else { Duration::ZERO };
        pending.due.is_some_and(|due| due <= self.begun + self.horizon + slack)
            && !self.knows(pending)
    }

    /// Whether something is waited for that the shortest watch of any page would not have seen.
    pub(in crate::gather) fn is_late(&self, pending: &Pending) -> bool {
        self.waits_for(pending) && pending.due.is_some_and(|due| due > self.begun + ALWAYS)
    }

    /// Whether a timer fired on an earlier page and need not be waited for again.
    fn knows(&self, pending: &Pending) -> bool {
        pending.due.is_some_and(|due| due > self.begun + ALWAYS)
            && pending.key().is_some_and(|key| self.known.contains(&key))
    }

    /// What of the things that are outstanding at the end stands in the recording.
    pub(in crate::gather) fn outstanding(&self, facts: &Facts) -> Vec<Outstanding> {
        /// More of one page tell nothing more.
        const MOST: usize = 20;
        let all: BTreeSet<Outstanding> = facts
            .pending
            .iter()
            .map(|it| Outstanding {
                kind: it.kind,
                delay_ms: it.delay.map(|it| it.as_millis().try_into().unwrap_or(u64::MAX)),
                script: it.script.clone(),
                known: self.knows(it),
            })
            .collect();
        all.into_iter().take(MOST).collect()
    }
}

impl Pending {
    /// Something that has no time.
    pub(in crate::gather) const fn untimed(kind: OutstandingKind) -> Self {
        Self { kind, due: None, delay: None, script: None }
    }

    /// What it is known by on other pages.
    pub(in crate::gather) fn key(&self) -> Option<TimerKey> {
        Some((self.script.clone()?, self.delay?))
    }
}

/// Whether a page is done.
pub(in crate::gather) fn decide(plan: &WatchPlan, facts: &Facts) -> Decision {
    let watched = facts.now.saturating_duration_since(plan.begun);
    let after = |time: Duration| facts.now + time.max(Duration::from_millis(10));
    // What is always due again a moment later.
    if watched >= plan.most.max(plan.full).max(plan.horizon.saturating_add(ALWAYS)) {
        return Decision::Limit;
    }
    let in_time = facts.pending.iter().filter(|it| plan.waits_for(it));
    if let Some(last) = in_time.max_by_key(|it| it.due)
        && let Some(due) = last.due
    {
        return Decision::WaitUntil(due.max(after(Duration::ZERO)), Why::Due(last.kind));
    }
    let untimed = facts.pending.iter().find(|it| it.due.is_none());
    if let Some(untimed) = untimed {
        let is_over = watched >= plan.full && facts.quiet >= QUIET;
        if is_over || watched >= plan.most.max(plan.full) {
            return Decision::Limit;
        }
        return Decision::WaitUntil(after(STILL / 2), Why::Outstanding(untimed.kind));
    }
    if facts.still < plan.still {
        // A page that does something all the time without asking for anything: it is told what to do.
        if watched >= plan.most.max(plan.full) {
            return Decision::Limit;
        }
        return Decision::WaitUntil(after(plan.still.saturating_sub(facts.still)), Why::Still);
    }
    if watched < plan.least {
        return Decision::WaitUntil(plan.begun + plan.least, Why::Least);
    }
    Decision::Rest
}

/// How a watch ended that ended so.
pub(in crate::gather) fn end_of(decision: Decision, facts: &Facts) -> WatchEnd {
    match decision {
        Decision::Rest if facts.pending.is_empty() => WatchEnd::Rest,
        Decision::Rest => WatchEnd::Due,
        Decision::Limit | Decision::WaitUntil(..) => WatchEnd::Limit,
    }
}

/// How long a page is watched at most that never becomes idle, where it is watched for `full` otherwise.
pub(in crate::gather) fn most_of(full: Duration) -> Duration {
    full + PATIENCE_WITH_PAGE
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn plan(begun: Instant) -> WatchPlan {
        let full = 4 * SECOND;
        WatchPlan {
            begun,
            least: Duration::ZERO,
            full,
            horizon: 15 * SECOND,
            most: most_of(full),
            still: STILL,
            known: BTreeSet::new(),
        }
    }

    /// What is known `watched` after a page was there that has been still for as long as it takes.
    fn facts(begun: Instant, watched: Duration, pending: Vec<Pending>) -> Facts {
        Facts { now: begun + watched, pending, still: SECOND, quiet: SECOND }
    }

    fn timer(due: Instant, delay: Duration) -> Pending {
        let script = Some("https://a.test/a.js:1".to_owned());
        Pending {
            due: Some(due),
            delay: Some(delay),
            script,
            ..Pending::untimed(OutstandingKind::Timer)
        }
    }

    #[test]
    fn a_page_with_nothing_outstanding_is_done_once_it_is_still() {
        let begun = Instant::now();
        let still = facts(begun, SECOND, Vec::new());
        assert_eq!(decide(&plan(begun), &still), Decision::Rest);
        assert_eq!(end_of(Decision::Rest, &still), WatchEnd::Rest);
        let moved = Facts { still: STILL / 2, ..still };
        assert_eq!(
            decide(&plan(begun), &moved),
            Decision::WaitUntil(moved.now + STILL / 2, Why::Still)
        );
    }

    #[test]
    fn what_is_due_in_time_is_waited_for_and_what_is_due_later_is_told() {
        let begun = Instant::now();
        let due = begun + 12 * SECOND;
        let known = facts(begun, SECOND, vec![timer(due, 12 * SECOND)]);
        let kind = OutstandingKind::Timer;
        assert_eq!(decide(&plan(begun), &known), Decision::WaitUntil(due, Why::Due(kind)));
        let elsewhere = WatchPlan { horizon: 6 * SECOND, ..plan(begun) };
        assert_eq!(decide(&elsewhere, &known), Decision::Rest);
        assert_eq!(end_of(Decision::Rest, &known), WatchEnd::Due);
        let kept = elsewhere.outstanding(&known);
        assert_eq!((kept.len(), kept[0].delay_ms, kept[0].known), (1, Some(12_000), false));
    }

    #[test]
    fn what_may_go_on_for_ever_is_watched_as_long_as_such_pages_are_and_proves_nothing() {
        let begun = Instant::now();
        let socket = vec![Pending::untimed(OutstandingKind::WebSocket)];
        let early = facts(begun, 3 * SECOND, socket.clone());
        assert!(matches!(
            decide(&plan(begun), &early),
            Decision::WaitUntil(_, Why::Outstanding(OutstandingKind::WebSocket))
        ));
        let over = facts(begun, 4 * SECOND, socket.clone());
        assert_eq!(decide(&plan(begun), &over), Decision::Limit);
        // Something new happened a moment ago.
        let busy = Facts { quiet: SECOND / 10, ..facts(begun, 5 * SECOND, socket.clone()) };
        assert!(matches!(decide(&plan(begun), &busy), Decision::WaitUntil(..)));
        let long = Facts { quiet: SECOND / 10, ..facts(begun, 10 * SECOND, socket) };
        assert_eq!(decide(&plan(begun), &long), Decision::Limit);
        assert_eq!(end_of(Decision::Limit, &long), WatchEnd::Limit);
    }

    #[test]
    fn a_timer_is_waited_for_beside_what_never_ends() {
        let begun = Instant::now();
        let due = begun + 9 * SECOND;
        let pending = vec![Pending::untimed(OutstandingKind::WebSocket), timer(due, 9 * SECOND)];
        let over = facts(begun, 5 * SECOND, pending);
        assert!(
            matches!(decide(&plan(begun), &over), Decision::WaitUntil(until, _) if until == due)
        );
    }

    #[test]
    fn the_least_holds_for_a_page_that_is_done() {
        let begun = Instant::now();
        let patient = WatchPlan { least: 3 * SECOND, ..plan(begun) };
        let done = facts(begun, SECOND, Vec::new());
        assert_eq!(decide(&patient, &done), Decision::WaitUntil(begun + 3 * SECOND, Why::Least));
    }

    #[test]
    fn a_timer_that_only_sent_something_is_not_waited_for_again_unless_every_watch_would_see_it() {
        let begun = Instant::now();
        let known = BTreeSet::from([("https://a.test/a.js:1".to_owned(), 5 * SECOND)]);
        let plan = WatchPlan { known, ..plan(begun) };
        let late = facts(begun, SECOND, vec![timer(begun + 5 * SECOND, 5 * SECOND)]);
        assert_eq!(decide(&plan, &late), Decision::Rest);
        assert!(plan.outstanding(&late)[0].known);
        let soon = facts(begun, SECOND, vec![timer(begun + 3 * SECOND, 5 * SECOND)]);
        assert!(matches!(decide(&plan, &soon), Decision::WaitUntil(..)));
        let other = facts(begun, SECOND, vec![timer(begun + 5 * SECOND, 6 * SECOND)]);
        assert!(matches!(decide(&plan, &other), Decision::WaitUntil(..)));
    }
}
