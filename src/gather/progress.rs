//! What a scan is doing, for whoever shows it to the user.

use std::{fmt, sync::Arc};

use crate::{model::Pass, recording::ProblemKind};

/// Something that a scan began or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanEvent {
    /// The browser runs.
    BrowserStarted {
        /// Its product and version, as it says.
        product: String,
    },
    /// A pass turned to its next step.
    Step {
        /// Which pass.
        pass: Pass,
        /// What it does now.
        step: PassStep,
    },
    /// A pass is retried, because something died under it.
    PassRetried {
        /// Which pass.
        pass: Pass,
        /// What died.
        because: ProblemKind,
    },
    /// A page of a pass is retried, because something died under it.
    PageRetried {
        /// Which pass.
        pass: Pass,
        /// Path of the page.
        path: String,
    },
    /// A pass is over.
    PassEnded {
        /// Which pass.
        pass: Pass,
    },
    /// All passes are over; what is requested outside the browser is being fetched.
    FetchingNotices,
}

/// The steps of a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassStep {
    /// Opens the start page.
    OpeningStart,
    /// Watches the start page before anything is pressed.
    WatchingStart,
    /// Makes a choice.
    Choosing(Pass),
    /// Watches what the choice changes.
    WatchingChoice,
    /// Opens the start page again after the choice.
    ReopeningStart,
    /// Opens a further page.
    OpeningPage {
        /// Its path.
        path: String,
    },
    /// Looks for a control that withdraws consent.
    SeekingWithdrawal,
    /// Opens what may be the notice.
    ReadingNotice,
    /// Leaves the site.
    Leaving,
}

/// Receives the events of a scan. Clones share it.
#[derive(Clone)]
pub struct ProgressSink(Arc<dyn Fn(&ScanEvent) + Send + Sync>);

impl ProgressSink {
    /// Calls `receive` with each event, from whichever thread it happens in.
    pub fn new(receive: impl Fn(&ScanEvent) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    /// Ignores every event.
    pub fn silent() -> Self {
        Self::new(|_| ())
    }

    /// Hands an event on.
    pub fn send(&self, event: &ScanEvent) {
        (self.0)(event);
    }
}

impl fmt::Debug for ProgressSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgressSink")
    }
}
