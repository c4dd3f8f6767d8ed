//! A second look at a site that showed no banner, by a visitor whose browser does not name this
//! program: some sites hide their banner from what does not look like a person.

use std::sync::Arc;

use super::pass::{LATE, Scan};
use crate::{
    gather::{
        arrival, choice,
        log::PassLog,
        page::{Arrival, Page},
        recorder::Recorder,
    },
    model::SecondLook,
    recording::{BannerRecording, Event},
};

/// Opens the start page in a context of its own and looks for a banner; nothing is pressed. A page that was
/// there and did not answer is opened once more.
pub(super) async fn look(recorder: &Arc<Recorder>, scan: &Scan) -> (SecondLook, Vec<Event>) {
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
    scan: &Scan,
    events: &mut Vec<Event>,
) -> (SecondLook, bool) {
    let user_agent = ordinary(recorder.user_agent());
    let mut seen = SecondLook { user_agent: user_agent.clone(), banner: None, problem: None };
    if user_agent == recorder.user_agent() {
        // The first look was one of an ordinary browser already.
        return (seen, false);
    }
    let settings = &scan.settings;
    let log = PassLog::new(settings.redactor.clone());
    let times = (settings.timeout, settings.settle);
    let page = match Page::open(recorder, log, times, None, Some(user_agent)).await {
        Ok(page) => page,
        Err(error) => {
            seen.problem = Some(error.to_string());
            return (seen, false);
        }
    };
    let mut silent = false;
    match page.go(scan.target.as_str(), 0).await {
        Arrival::Loaded | Arrival::Partly => match choice::wait(&page, &scan.words, LATE).await {
            Ok((BannerRecording::Found { text, .. }, _)) => seen.banner = Some(text),
            Ok(_) => (),
            Err(error) => {
                silent = true;
                seen.problem = Some(error.to_string());
            }
        },
        other => {
            let seconds = settings.timeout.as_secs();
            let failed = arrival::of_arrival(&other, &page.log.document(), seconds);
            seen.problem = failed.and_then(|it| it.problem);
        }
    }
    page.leave().await;
    events.extend(page.log.close());
    page.dispose().await;
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
