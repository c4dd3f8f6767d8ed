//! Finds the site's published notice, with its other pages and languages, and fetches without a browser whatever is not
//! a page of the site. It stands above the visits, which it opens pages with, and knows nothing of passes in general.

pub(in crate::gather) mod cname;
pub mod documents;
mod embedded;
pub(in crate::gather) mod fetch;
mod languages;
mod own_site;
pub(in crate::gather) mod page_browser;
pub(in crate::gather) mod related;
mod rendered;
pub(in crate::gather) mod search;
mod translations;

use std::panic;

use tokio::sync::watch;

use crate::{gather::settings::stop_requested, model::Notice, notice, recording::NoticePage};

/// What a page declares, briefly. Large pages take seconds to read, and the same threads read the browser's events.
async fn skim(page: &NoticePage) -> Notice {
    let page = page.clone();
    off_the_runtime(move || notice::skim(&page.url, &page.content)).await
}

/// The same, unless the scan is to stop before it is done. The thread that reads goes on to no purpose, and ends with the
/// process.
async fn skim_until(page: &NoticePage, stop: &watch::Receiver<bool>) -> Option<Notice> {
    let mut stop = stop.clone();
    tokio::select! {
        read = skim(page) => Some(read),
        () = stop_requested(&mut stop) => None,
    }
}

/// Runs work that computes for long on a thread that reads no events.
async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            // Only a runtime that shuts down cancels it, and nobody is left to wait for the answer.
            Err(_) => std::future::pending().await,
        },
    }
}
