//! Visits a site with a real browser and records what happens. The only stage that touches the
//! outside world.

mod browser;
mod cdp;
mod choice;
pub mod document;
mod error;
mod fetch;
mod links;
mod names;
mod network;
mod notice_more;
mod notice_search;
mod progress;
mod record;
mod scan;
mod secrets;
mod settings;
mod tab;
mod visit;

pub use browser::process::find as find_browser;
pub use error::GatherError;
pub use fetch::{Fetched, Fetcher};
pub use network::{Network, Route};
pub use progress::{PassStep, ProgressSink, ScanEvent};
pub use scan::{Gathered, gather};
pub use secrets::{Credentials, SiteSecrets};
pub use settings::{NoticeSource, Settings};

pub use crate::recording::Viewport;
