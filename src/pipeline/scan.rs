use std::time::Duration;

use tokio::sync::watch;
use url::Url;

use crate::{
    gather::{
        self, Browsers, Credentials, DocumentReader, GatherError, Gathered, Network, ProgressSink,
        Settings,
    },
    model::{Pass, Via},
    recording::{Viewport, redact::Redactor},
};

/// Everything that a scan of one target needs.
#[derive(Clone, Debug)]
pub struct ScanJob {
    /// The address to start at.
    pub target: Url,
    /// How the site is to be looked at.
    pub settings: Settings,
}

impl ScanJob {
    /// A scan of `target` as `crumbcheck scan` does it without options.
    pub fn new(target: Url) -> Self {
        let settings = Settings {
            passes: Pass::DEFAULT.to_vec(),
            pages: Vec::new(),
            notice: None,
            timeout: Duration::from_secs(30),
            settle: None,
            patience: Duration::from_secs(15),
            max_time: Duration::from_secs(30 * 60),
            chrome: None,
            chrome_flags: Vec::new(),
            network: Network::default(),
            credentials: Credentials::default(),
            document_reader: DocumentReader::default(),
            user_agent: None,
            locale: "en-GB".to_owned(),
            viewport: Viewport::Desktop,
            consent_by: Via::DEFAULT.to_vec(),
            recipes: Vec::new(),
            redactor: Redactor::Digest { salt: rand::random() },
        };
        Self { target, settings }
    }
}

/// Opens the target in a real browser, once for each pass, and records what happens.
///
/// Once `stop` is true the browser is ended, and what was seen until then is returned.
///
/// # Errors
/// If the browser does not start. Whatever goes wrong later is part of what is returned, together with what was seen
/// until then.
pub async fn scan(
    job: &ScanJob,
    progress: ProgressSink,
    stop: watch::Receiver<bool>,
) -> Result<Gathered, GatherError> {
    let browsers = Browsers::for_scans(1);
    let scanned = scan_in(&browsers, job, progress, stop).await;
    browsers.close().await;
    scanned
}

/// The same in a browser that other scans may use at the same time. Whoever made `browsers` closes them.
///
/// # Errors
/// As for [`scan`].
pub async fn scan_in(
    browsers: &Browsers,
    job: &ScanJob,
    progress: ProgressSink,
    stop: watch::Receiver<bool>,
) -> Result<Gathered, GatherError> {
    gather::gather(&job.target, job.settings.clone(), browsers, progress, stop).await
}
