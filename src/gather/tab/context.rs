//! A browser context: a visitor's own cookie jar, and the tabs that share it.

use std::{sync::Arc, time::Duration};

use headless_chrome::protocol::cdp::SystemInfo;

use super::page::{Limits, Tab};
use crate::gather::{
    cdp::connection::CdpError,
    record::{event_log::EventLog, recorder::Recorder, sessions::ContextOptions},
};

/// How long the browser may take to list its processes.
const ANSWER: Duration = Duration::from_secs(5);

/// A browser context with its log.
#[derive(Debug)]
pub(in crate::gather) struct BrowserContext {
    recorder: Arc<Recorder>,
    id: String,
    limits: Limits,
    /// What happens in it.
    pub(in crate::gather) log: EventLog,
}

impl BrowserContext {
    /// Opens a fresh one.
    pub(in crate::gather) async fn open(
        recorder: &Arc<Recorder>,
        log: EventLog,
        limits: Limits,
        options: ContextOptions,
    ) -> Result<Self, CdpError> {
        let id = recorder.open_context(log.clone(), options).await?;
        Ok(Self { recorder: Arc::clone(recorder), id, limits, log })
    }

    /// Opens a tab; what happens in it before its first visit begins belongs to `visit`.
    pub(in crate::gather) async fn open_tab(&self, visit: usize) -> Result<Tab, CdpError> {
        let state = self.recorder.open_tab(&self.id, visit).await?;
        Ok(Tab::new(&self.recorder, &self.id, &self.log, state, self.limits))
    }

    /// Closes a tab.
    pub(in crate::gather) async fn close_tab(&self, tab: &Tab) {
        self.recorder.close_tab(&self.id, &tab.state).await;
    }

    /// The process of the browser that holds the cookie jars; none if it holds them itself.
    pub(in crate::gather) async fn network_process(&self) -> Result<Option<u64>, CdpError> {
        let command = SystemInfo::GetProcessInfo(None);
        let answer = self.recorder.cdp().send("", &command, ANSWER).await?;
        let processes = answer["processInfo"].as_array();
        let network =
            processes.into_iter().flatten().find(|it| it["type"] == "network.mojom.NetworkService");
        Ok(network.and_then(|it| it["id"].as_u64()))
    }

    /// Throws it away with everything that was stored in it.
    pub(in crate::gather) async fn dispose(self) {
        self.recorder.dispose(&self.id).await;
    }
}
