//! When something really happened. Messages of the browser are read later than what they report, by milliseconds or,
//! on a busy machine, by seconds; where the browser or the page says when it was, that counts.

use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use crate::gather::cdp::connection::{CdpEvent, Moment};

/// A message that claims to be older than this is not believed.
const OLDEST: Duration = Duration::from_secs(60);

/// The clock of the browser's protocol (`Network.MonotonicTime`): seconds from a moment that nobody knows. Of all
/// messages that have been read, the one that came fastest says how it relates to ours; the error is how long that
/// one took.
#[derive(Debug)]
pub(super) struct BrowserClock {
    base: Instant,
    /// Our seconds since `base` less the browser's, at the fastest message so far.
    offset: Option<f64>,
}

impl BrowserClock {
    pub(super) fn new() -> Self {
        Self { base: Instant::now(), offset: None }
    }

    /// When an event happened: as the browser says, or else when it was read.
    pub(super) fn moment_of(&mut self, event: &CdpEvent) -> Instant {
        let timed = matches!(
            event.method.as_str(),
            "Network.requestWillBeSent" | "Network.responseReceived" | "Network.loadingFailed"
        );
        let claimed = event.params["timestamp"].as_f64().filter(|_| timed);
        claimed.map_or(event.read.instant, |at| self.convert(at, event.read))
    }

    /// When the headers of a response arrived, by the timing that the browser gives with it.
    pub(super) fn headers_of(&self, response: &Value, read: Moment) -> Option<Instant> {
        let timing = &response["timing"];
        let ends = timing["receiveHeadersEnd"].as_f64().filter(|it| *it > 0.0)?;
        let at = timing["requestTime"].as_f64()? + ends / 1000.0;
        self.offset.map(|offset| self.instant(at + offset, read.instant))
    }

    fn convert(&mut self, at: f64, read: Moment) -> Instant {
        let ours = read.instant.saturating_duration_since(self.base).as_secs_f64();
        let offset = self.offset.map_or(ours - at, |known| known.min(ours - at));
        self.offset = Some(offset);
        self.instant(at + offset, read.instant)
    }

    fn instant(&self, seconds: f64, read: Instant) -> Instant {
        let since = Duration::try_from_secs_f64(seconds).ok();
        let at = since.and_then(|since| self.base.checked_add(since));
        at.map_or(read, |at| believable(at, read))
    }
}

/// When something happened that a page's own clock has timed, in milliseconds since 1970.
pub(super) fn page_moment(milliseconds: f64, read: Moment) -> Instant {
    let since = Duration::try_from_secs_f64(milliseconds / 1000.0).ok();
    let at = since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
    let age = at.and_then(|at| read.wall.duration_since(at).ok());
    let at = age.and_then(|age| read.instant.checked_sub(age));
    at.map_or(read.instant, |at| believable(at, read.instant))
}

fn believable(at: Instant, read: Instant) -> Instant {
    if at <= read && read.duration_since(at) <= OLDEST { at } else { read }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(timestamp: f64, read: Instant) -> CdpEvent {
        let read = Moment { instant: read, wall: SystemTime::now() };
        CdpEvent {
            session: String::new(),
            read,
            method: "Network.requestWillBeSent".to_owned(),
            params: serde_json::json!({ "timestamp": timestamp }),
        }
    }

    #[test]
    fn a_message_that_waited_has_the_time_that_the_browser_gives() {
        let mut clock = BrowserClock::new();
        let begun = clock.base + Duration::from_secs(10);
        let fast = begun + Duration::from_millis(1);
        assert_eq!(clock.moment_of(&event(5000.0, fast)), fast);
        // A second later, and read two seconds after that.
        let late = begun + Duration::from_secs(3);
        let moment = clock.moment_of(&event(5001.0, late));
        let wrong = moment.duration_since(begun + Duration::from_secs(1));
        assert!(wrong <= Duration::from_micros(1100), "{wrong:?}");
        // Times that cannot be are not believed.
        assert_eq!(clock.moment_of(&event(1.0, late)), late);
    }

    #[test]
    fn a_page_that_says_when_is_believed_within_reason() {
        let read = Moment::now();
        let now = read.wall.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64() * 1000.0;
        let moment = page_moment(now - 250.0, read);
        let age = read.instant.duration_since(moment).as_secs_f64();
        assert!((age - 0.25).abs() < 0.001, "{age}");
        for nonsense in [now + 5000.0, 0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(page_moment(nonsense, read), read.instant, "{nonsense}");
        }
    }
}
