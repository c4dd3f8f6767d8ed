//! Operates every banner under `fixtures/banners` with the real program and a real browser, and holds
//! what became of each choice against what is true of the banner.
//!
//! `CRUMBCHECK_BANNERS=govuk,klaro-notice cargo test --test it banners::` looks at those two alone.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    thread,
};

use crumbcheck::demo::Site;

use crate::support::{self, banners, dialogs};

/// Scans at a time: each has a browser of its own with several pages open.
const WORKERS: usize = 4;

/// The same where most of the time is spent waiting for what never happens.
const WAITING_WORKERS: usize = 7;

/// Banners that say what the rules must find are scanned by all passes, and judged by both.
#[test]
fn every_choice_that_a_banner_offers_is_made_and_proved_and_no_other() {
    check(banners::all(), |site| {
        let expect = &site.expect;
        if [&expect.findings, &expect.absent, &expect.never_requested]
            .iter()
            .all(|it| it.is_empty())
        {
            return banners::mismatches(site, &banners::choose(site, banners::ENOUGH, &[]));
        }
        let run = support::scan(site, &[]);
        let mut wrong = banners::mismatches(site, &run);
        wrong.extend(support::mismatches(expect, &run));
        wrong
    });
}

/// Some banner breaks each of these rules, and some keeps it.
#[test]
fn the_rules_about_banners_are_held_against_some() {
    let sites = banners::all();
    let says = |what: fn(&Site) -> usize| sites.iter().map(what).sum::<usize>();
    if std::env::var("CRUMBCHECK_BANNERS").is_err() {
        assert!(says(|it| it.expect.findings.len()) > 0 && says(|it| it.expect.absent.len()) > 0);
    }
}

/// A button that looks right and does nothing must never count as a choice, in any library.
#[test]
fn an_inert_button_is_never_a_choice() {
    let sites = banners::all().into_iter().filter(|site| banners::truth(site).library.is_some());
    let inert = sites.map(|site| site.with_script(banners::INERT)).collect();
    check_with(WAITING_WORKERS, inert, |site| {
        let run = banners::choose(site, "reject,accept", &[]);
        let Some(report) = &run.json else { return vec![run.stderr.trim().to_owned()] };
        let mut wrong = banners::pressed_to_agree(report);
        for name in ["accept", "reject"] {
            let outcome = banners::pass(report, name).map(|pass| pass["outcome"].clone());
            if outcome.as_ref().is_none_or(|outcome| outcome == "done") {
                wrong.push(format!("{name} of an inert banner: {outcome:?}"));
            }
        }
        wrong
    });
}

/// Dialogs at random: a refusal is proved only if it is one, and one that can be understood is made.
/// `CRUMBCHECK_DIALOGS=60` tries more of them (`make dialogs`).
#[test]
fn generated_settings_count_as_refused_only_if_they_are() {
    let count = std::env::var("CRUMBCHECK_DIALOGS").ok().and_then(|it| it.parse().ok());
    let dialogs = dialogs::dialogs(count.unwrap_or(12));
    let clear: BTreeSet<String> =
        dialogs.iter().filter(|it| it.is_clear).map(|it| it.site.name.clone()).collect();
    check(dialogs.into_iter().map(|it| it.site).collect(), |site| {
        let run = banners::choose(site, "reject", &[]);
        let Some(report) = &run.json else { return vec![run.stderr.trim().to_owned()] };
        let mut wrong = banners::pressed_to_agree(report);
        let Some(pass) = banners::pass(report, "reject") else {
            return vec!["no reject pass".to_owned()];
        };
        let cookies = report["cookies"].as_array().into_iter().flatten();
        let agreed = cookies.filter(|it| it["name"] == dialogs::AGREED).count() > 0;
        let outcome = pass["outcome"].as_str().unwrap_or_default();
        if outcome == "unavailable" || (outcome == "done" && agreed) {
            let pressed = &pass["choice"]["pressed"];
            wrong.push(format!("{outcome}, and agreed: {agreed}, after {pressed}"));
        }
        if clear.contains(&site.name) && outcome != "done" {
            wrong.push(format!("{outcome}: {}", pass["why"]));
        }
        wrong
    });
}

/// Looks at every site, some at a time, and tells all that is wrong at once.
fn check(sites: Vec<Site>, look: impl Fn(&Site) -> Vec<String> + Sync) {
    check_with(WORKERS, sites, look);
}

/// The same, so many at a time.
fn check_with(workers: usize, sites: Vec<Site>, look: impl Fn(&Site) -> Vec<String> + Sync) {
    // One test at a time: each keeps the machine busy by itself.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let _turn = support::turn("banners");
    assert!(!sites.is_empty(), "no banner to operate");
    let count = sites.len();
    let queue = Mutex::new(sites);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let Some(site) = next else { break };
                    let found = look(&site);
                    if !found.is_empty() {
                        let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                        wrong.push((site.name, found));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    wrong.sort();
    let text = wrong.iter().fold(String::new(), |mut text, (site, found)| {
        let _ = write!(text, "\n{site}\n  - {}\n", found.join("\n  - "));
        text
    });
    assert!(wrong.is_empty(), "{} of {count} banners are not as they are:\n{text}", wrong.len());
}
