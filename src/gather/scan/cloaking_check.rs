//! Whether the site hides its banner from this program: looks once more, by a visitor whose browser does not name it.

use std::sync::Arc;

use crate::{
    gather::{
        choice::detect::{self, LATE},
        record::{event_log::EventLog, recorder::Recorder, sessions::ContextOptions},
        tab::{context::BrowserContext, page::LoadState},
        visit::{context::ScanContext, outcome::VisitOutcome},
    },
    model::SecondLook,
    recording::{BannerRecording, Event},
};

/// Opens the start page in a context of its own and looks for a banner; nothing is pressed. A page that was
/// there and did not answer is opened once more.
pub(super) async fn check(
    recorder: &Arc<Recorder>,
    scan: &ScanContext,
) -> (SecondLook, Vec<Event>) {
    let mut events = Vec::new();
    let (mut seen, silent) = once(recorder, scan, &mut events).await;
    if silent {
        seen = once(recorder, scan, &mut events).await.0;
    }
    (seen, events)
}

/// What was seen, and whether the page was there and did not answer.
async fn once(
    recorder: &Arc<Recorder>,
    scan: &ScanContext,
    events: &mut Vec<Event>,
) -> (SecondLook, bool) {
    let user_agent = ordinary(recorder.user_agent());
    let mut seen = SecondLook { user_agent: user_agent.clone(), banner: None, problem: None };
    if user_agent == recorder.user_agent() {
        // The first look was one of an ordinary browser already.
        return (seen, false);
    }
    let log = EventLog::new(scan.settings.redactor.clone());
    let options = ContextOptions { user_agent: Some(user_agent), ..ContextOptions::default() };
    let browser = match BrowserContext::open(recorder, log, scan.limits(), options).await {
        Ok(browser) => browser,
        Err(error) => {
            seen.problem = Some(error.to_string());
            return (seen, false);
        }
    };
    let tab = match browser.open_tab(0).await {
        Ok(tab) => tab,
        Err(error) => {
            browser.dispose().await;
            seen.problem = Some(error.to_string());
            return (seen, false);
        }
    };
    let mut silent = false;
    match tab.go(scan.target.as_str(), 0).await {
        LoadState::Loaded | LoadState::Partly => {
            match detect::wait_for_banner(&tab, &scan.words, LATE).await {
                Ok((BannerRecording::Found { text, .. }, _)) => seen.banner = Some(text),
                Ok(_) => (),
                Err(error) => {
                    silent = true;
                    seen.problem = Some(error.to_string());
                }
            }
        }
        other => {
            let seconds = scan.settings.timeout.as_secs();
            let outcome = VisitOutcome::of_load(&other, &tab.state.document(), seconds);
            seen.problem = outcome.and_then(|it| it.problem);
        }
    }
    tab.leave().await;
    events.extend(browser.log.close());
    browser.dispose().await;
    (seen, silent)
}

/// The same browser without our name.
fn ordinary(user_agent: &str) -> String {
    let ours = format!(" crumbcheck/{}", env!("CARGO_PKG_VERSION"));
    user_agent.replace(&ours, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_browser_has_our_name_for_it_left_out() {
        let ours = format!("Mozilla/5.0 Chrome/1 crumbcheck/{}", env!("CARGO_PKG_VERSION"));
        assert_eq!(ordinary(&ours), "Mozilla/5.0 Chrome/1");
        assert_eq!(ordinary("Mozilla/5.0"), "Mozilla/5.0");
    }
}
