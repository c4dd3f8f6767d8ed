//! Visits a site with a real browser and records what happens. The only stage that touches the
//! outside world.

mod arrival;
mod browser;
mod cdp;
mod checkpoint;
mod choice;
mod commands;
pub mod document;
mod error;
mod fetch;
mod links;
mod log;
mod messages;
mod names;
mod network;
mod nodes;
mod notice_more;
mod notice_search;
mod page;
mod preflight;
mod progress;
mod recorder;
mod scan;
mod secrets;
mod settings;
mod signals;

pub use browser::find as find_browser;
pub use error::GatherError;
pub use fetch::{Fetched, Fetcher};
pub use network::{Network, Route};
pub use progress::{PassStep, ProgressSink, ScanEvent};
pub use scan::{Gathered, gather};
pub use secrets::{Credentials, SiteSecrets};
pub use settings::{NoticeSource, Settings};

pub use crate::recording::Viewport;
