//! Visits a site with a real browser and records what happens. The only stage that touches the
//! outside world.

mod addresses;
mod arrival;
mod browser;
mod cdp;
mod checkpoint;
mod choice;
mod commands;
mod error;
mod links;
mod log;
mod messages;
mod network;
mod nodes;
mod notice;
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
pub use network::{Network, Route};
pub use notice::{
    documents::{self, DocumentReader},
    fetch::{Fetched, Fetcher},
};
pub use progress::{PassStep, ProgressSink, ScanEvent};
pub use scan::{Gathered, gather};
pub use secrets::{Credentials, SiteSecrets, without_login};
pub use settings::{NoticeSource, Settings};

pub use crate::recording::Viewport;
