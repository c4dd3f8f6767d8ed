//! From a target to its report: what the command line does, for whoever builds on crumbcheck.
//!
//! ```text
//! ScanJob ─scan→ Recording ─judge→ Report
//! ```
//!
//! [`scan`] needs a browser and the network, and takes as long as a visitor would. [`judge`] needs neither: the same
//! recording under the same policy gives the same report, byte for byte, now or in a year.
//!
//! Judging a recording that `crumbcheck scan --record` wrote:
//!
//! ```
//! use std::fs::File;
//!
//! use crumbcheck::{audit::Policy, classify::Knowledge, pipeline, recording};
//!
//! let recording = recording::read(File::open("fixtures/recordings/v1/flagship.json")?)?;
//! let knowledge = Knowledge::embedded();
//! let report = pipeline::judge(&recording, &knowledge, &Policy::default());
//!
//! assert_eq!(report.exit_code, 1);
//! assert!(report.findings.iter().any(|it| it.rule == "cookie-before-consent"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Scanning a site, which needs Chromium:
//!
//! ```no_run
//! use crumbcheck::{audit::Policy, classify::Knowledge, gather::ProgressSink, pipeline};
//! use tokio::sync::watch;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let job = pipeline::ScanJob::new("https://www.example.org/".parse()?);
//! let progress = ProgressSink::new(|event| println!("{event:?}"));
//! // Sending `true` stops the scan, which then returns what it saw until then.
//! let (_stop, stopped) = watch::channel(false);
//!
//! let scanned = pipeline::scan(&job, progress, stopped).await?;
//! let knowledge = Knowledge::embedded();
//! let report = pipeline::judge(&scanned.recording, &knowledge, &Policy::default());
//! println!("{} findings", report.findings.len());
//! # Ok(())
//! # }
//! ```

mod judge;
mod scan;

pub use judge::{NoticeEdits, draft, judge, notice_edits};
pub use scan::{ScanJob, scan, scan_in};

pub use crate::gather::{
    Browsers, GatherError, Gathered, PassStep, ProgressSink, ScanEvent, Settings,
};
