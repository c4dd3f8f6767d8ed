//! Whether the site treats this program otherwise than visitors: visits it once more by a browser that does not name it,
//! and compares what is stored, who is contacted, and the banner.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    gather::{
        choice::detect::{self, LATE},
        record::{event_log::EventLog, recorder::Recorder, sessions::ContextOptions},
        tab::context::BrowserContext,
        visit::{context::ScanContext, visitor::Visitor},
    },
    model::{OnlyHere, OnlyHereKind, Pass, SecondLook, SecondVisitor, VisitStatus, site},
    recording::{BannerRecording, Checkpoint, Event, EventKind, Moment, PassRecording, VisitKind},
};

/// What a visitor saw who does nothing but look.
#[derive(Debug, Default)]
pub(super) struct Look {
    user_agent: String,
    /// Whether the browser calls itself what it does in the passes.
    is_ours: bool,
    banner: Option<String>,
    problem: Option<String>,
    given: BTreeSet<OnlyHere>,
    events: Vec<Event>,
}

/// Opens the start page in a context of its own, by a browser without our name; nothing is pressed. A page that was
/// there and did not answer is opened once more.
pub(super) async fn look(recorder: &Arc<Recorder>, scan: &ScanContext, for_banner: bool) -> Look {
    let user_agent = ordinary(recorder.user_agent());
    if user_agent == recorder.user_agent() {
        // The scan's own visitors are visitors like any other.
        return Look { user_agent, is_ours: true, ..Look::default() };
    }
    let (mut seen, silent) = once(recorder, scan, &user_agent, for_banner).await;
    if silent {
        let events = std::mem::take(&mut seen.events);
        seen = once(recorder, scan, &user_agent, for_banner).await.0;
        seen.events.splice(..0, events);
    }
    seen
}

/// Adds to a pass without a choice what came of the look beside it. Where that visitor was given something that ours was
/// not, more of both sorts look, so that chance is told from purpose.
pub(super) async fn compare(
    recorder: &Arc<Recorder>,
    scan: &ScanContext,
    first: Look,
    pass: &mut PassRecording,
) {
    if !matches!(pass.banner, BannerRecording::Found { .. }) {
        pass.second_look = Some(SecondLook {
            user_agent: first.user_agent.clone(),
            banner: first.banner,
            problem: first.problem.clone(),
        });
    }
    pass.second_look_events.extend(first.events);
    if first.is_ours {
        return;
    }
    let mut second = SecondVisitor {
        user_agent: first.user_agent.clone(),
        visitors: 1,
        only_here: Vec::new(),
        problem: first.problem,
    };
    let site = site::of_url(&scan.target).unwrap_or_default();
    let mut ours = given(&site, &pass.events, &pass.checkpoints);
    let mut only_here: BTreeSet<OnlyHere> = first.given.difference(&ours).cloned().collect();
    if second.problem.is_none() && !only_here.is_empty() {
        let (one, ours_again, two) = tokio::join!(
            once(recorder, scan, &first.user_agent, false),
            once(recorder, scan, recorder.user_agent(), false),
            once(recorder, scan, &first.user_agent, false),
        );
        ours.extend(ours_again.0.given);
        only_here.retain(|it| !ours.contains(it));
        for (mut look, _) in [one, two] {
            pass.second_look_events.append(&mut look.events);
            if look.problem.is_none() {
                second.visitors += 1;
                only_here.retain(|it| look.given.contains(it));
            }
        }
        pass.second_look_events.extend(ours_again.0.events);
        if second.visitors == 1 && !only_here.is_empty() {
            second.problem =
                Some("a further visit, to tell chance from purpose, failed".to_owned());
            only_here.clear();
        }
    }
    second.only_here = only_here.into_iter().collect();
    pass.second_visitor = Some(second);
}

/// What was seen, and whether the page was there and did not answer.
async fn once(
    recorder: &Arc<Recorder>,
    scan: &ScanContext,
    user_agent: &str,
    for_banner: bool,
) -> (Look, bool) {
    let mut seen = Look { user_agent: user_agent.to_owned(), ..Look::default() };
    let log = EventLog::new(scan.settings.redactor.clone());
    let user_agent = Some(user_agent.to_owned());
    let options = ContextOptions { user_agent, ..ContextOptions::default() };
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
    let mut visitor = Visitor::new(scan, Pass::None, tab);
    let mut silent = false;
    let (visit, outcome) = visitor.open(VisitKind::Start, scan.target.as_str()).await;
    if outcome.status == VisitStatus::Ok {
        if for_banner {
            match detect::wait_for_banner(&visitor.tab, &scan.words, LATE).await {
                Ok((BannerRecording::Found { text, .. }, _)) => seen.banner = Some(text),
                Ok(_) => (),
                Err(error) => {
                    silent = true;
                    seen.problem = Some(error.to_string());
                }
            }
        }
        visitor.checkpoint(visit, Moment::Settled).await;
    } else {
        seen.problem = outcome.problem;
    }
    visitor.tab.leave().await;
    seen.events = browser.log.close();
    browser.dispose().await;
    let site = site::of_url(&scan.target).unwrap_or_default();
    seen.given = given(&site, &seen.events, &visitor.checkpoints);
    (seen, silent)
}

/// What a visitor was given: what was stored, and which other sites were contacted.
fn given(site: &str, events: &[Event], checkpoints: &[Checkpoint]) -> BTreeSet<OnlyHere> {
    let of = |kind, name: &str, place: &str| OnlyHere {
        kind,
        name: name.to_owned(),
        place: place.to_owned(),
        category: None,
    };
    let hosts = events.iter().filter_map(|event| match &event.kind {
        EventKind::Request { url, .. } | EventKind::WebSocket { url, .. } => site::host_of(url),
        _ => None,
    });
    let hosts = hosts.filter(|host| site::of_host(host) != site);
    let mut found: BTreeSet<OnlyHere> =
        hosts.map(|host| of(OnlyHereKind::Host, "", &host)).collect();
    for checkpoint in checkpoints {
        found
            .extend(checkpoint.jar.iter().map(|it| of(OnlyHereKind::Cookie, &it.name, &it.domain)));
        let items = checkpoint.storage.iter();
        found.extend(items.map(|it| of(OnlyHereKind::Storage, &it.key, &it.origin)));
    }
    found
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
