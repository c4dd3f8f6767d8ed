//! How long a page was watched, why the watch ended, and what was still to come.

use serde::{Deserialize, Serialize};

/// One watch of a page: after it arrived, or after something was pressed on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// When it began, in milliseconds from the start of the pass.
    pub at: u64,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// Why it ended.
    pub ended: WatchEnd,
    /// What was outstanding then, each sort of thing once for each script.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outstanding: Vec<Outstanding>,
}

/// Why a watch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WatchEnd {
    /// Nothing was outstanding in any frame, and nothing happened: nothing can come by itself.
    Rest,
    /// The same but for what is due later than was waited for.
    Due,
    /// Something was outstanding that may go on for ever, and the time for such pages was up.
    Limit,
    /// The page died.
    Failed,
}

/// Something by which a page may still do something by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Outstanding {
    /// What it is.
    pub kind: OutstandingKind,
    /// How long it was set for, or the time between two firings of what comes back, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Who set it: address and line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// Whether it fired on an earlier page of the pass and only sent something, so that it was not waited for again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
}

/// The sorts of things that may be outstanding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutstandingKind {
    /// A timer that is due once.
    Timer,
    /// An interval, or a timer that what it calls sets again.
    Interval,
    /// Animation frames are asked for again and again.
    AnimationFrames,
    /// An idle moment is waited for.
    IdleMoment,
    /// An animation or transition that ends.
    Animation,
    /// Sound or video that plays.
    Media,
    /// A request that has not ended.
    Request,
    /// A stream of events from a server.
    EventSource,
    /// An open WebSocket.
    WebSocket,
    /// An open WebTransport.
    WebTransport,
    /// A peer connection.
    WebRtc,
    /// A worker of any sort.
    Worker,
    /// The page goes elsewhere by itself.
    Refresh,
    /// Work that the browser does for the page, such as encryption.
    Work,
    /// A document or font that is loading.
    Loading,
    /// A document that did not answer.
    Unanswered,
    /// More than is kept count of.
    Untracked,
}

impl Watch {
    /// What to say of what was not waited for, if there was something that will come: `a timer of 30 s was not waited for`.
    pub fn not_waited_for(&self) -> Option<String> {
        let due = |it: &&Outstanding| {
            if it.known {
                return false;
            }
            matches!(
                it.kind,
                OutstandingKind::Timer | OutstandingKind::Animation | OutstandingKind::Refresh
            ) || it.kind == OutstandingKind::Interval && self.ended == WatchEnd::Due
        };
        let mut what: Vec<String> = self
            .outstanding
            .iter()
            .filter(due)
            .map(|it| {
                let name = match it.kind {
                    OutstandingKind::Animation => "an animation",
                    OutstandingKind::Refresh => "a reload by itself",
                    OutstandingKind::Interval => "an interval",
                    _ => "a timer",
                };
                let after = if it.kind == OutstandingKind::Refresh { "after" } else { "of" };
                it.delay_ms.map_or(name.to_owned(), |ms| format!("{name} {after} {}", time(ms)))
            })
            .collect();
        what.dedup();
        let more = what.len().saturating_sub(3);
        what.truncate(3);
        let verb = if what.len() + more > 1 { "were" } else { "was" };
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!what.is_empty()).then(|| format!("{}{more} {verb} not waited for", what.join(", ")))
    }
}

fn time(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..120_000 if ms.is_multiple_of(1000) => format!("{} s", ms / 1000),
        1000..120_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} min", ms / 60_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(ended: WatchEnd, kinds: &[(OutstandingKind, Option<u64>)]) -> Watch {
        let outstanding = kinds
            .iter()
            .map(|&(kind, delay_ms)| Outstanding { kind, delay_ms, script: None, known: false })
            .collect();
        Watch { at: 0, ms: 1, ended, outstanding }
    }

    #[test]
    fn what_was_not_waited_for_is_named_with_its_time() {
        use OutstandingKind::{Interval, Refresh, Timer, WebSocket};
        let said = |ended, kinds| watch(ended, kinds).not_waited_for();
        assert_eq!(said(WatchEnd::Rest, &[]), None);
        assert_eq!(said(WatchEnd::Limit, &[(WebSocket, None)]), None);
        assert_eq!(
            said(WatchEnd::Due, &[(Timer, Some(30_000))]).as_deref(),
            Some("a timer of 30 s was not waited for")
        );
        assert_eq!(
            said(
                WatchEnd::Due,
                &[(Timer, Some(7500)), (Interval, Some(1_200_000)), (Refresh, Some(60_000))]
            )
            .as_deref(),
            Some(
                "a timer of 7.5 s, an interval of 20 min, a reload by itself after 60 s were not waited for"
            )
        );
    }
}
