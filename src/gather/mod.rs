//! Visits a site with a real browser and records what happens. The only stage that touches the
//! outside world.

mod addresses;
mod browser;
mod cdp;
mod choice;
mod error;
mod links;
mod network;
mod notice;
mod progress;
mod record;
mod scan;
mod secrets;
mod settings;
mod tab;
mod visit;

pub use browser::process::find as find_browser;
pub use error::GatherError;
pub use network::{Network, Route};
pub use notice::{
    documents,
    fetch::{Fetched, Fetcher},
    page_browser::read_notice,
};
pub use progress::{PassStep, ProgressSink, ScanEvent};
pub use scan::{Browsers, Gathered, gather};
pub use secrets::{Credentials, SiteSecrets, without_login};
pub use settings::{DocumentReader, NoticeSource, Settings};

pub use crate::recording::Viewport;
