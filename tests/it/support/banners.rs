//! Scans fixture banners and reads how the choices went.

use std::fs;

use crumbcheck::{
    demo::{BannerExpectation, Site},
    report::model::PassOutcome,
};
use serde_json::Value;

use super::{Run, fixtures, scan};

/// Makes every button of a page inert, whatever library bound it and whenever: what a visitor does
/// never reaches a handler.
pub(crate) const INERT: &str = "for (const kind of ['click', 'pointerdown', 'pointerup', 'mousedown', 'mouseup', 'touchstart', 'touchend', 'keydown', 'keyup', 'keypress', 'change', 'input', 'submit']) addEventListener(kind, (event) => { event.stopImmediatePropagation(); event.preventDefault(); }, true);";

/// The choices of a banner in the order of the table.
pub(crate) const CHOICES: [&str; 3] = ["accept", "reject", "withdraw"];

/// Every site under `fixtures/banners`, by name; `CRUMBCHECK_BANNERS=a,b` looks at those alone.
pub(crate) fn all() -> Vec<Site> {
    let only = std::env::var("CRUMBCHECK_BANNERS").ok();
    let root = fixtures().join("banners");
    let mut names: Vec<_> = fs::read_dir(&root)
        .expect("fixtures/banners")
        .map(|entry| entry.expect("readable entry"))
        .filter(|entry| entry.path().is_dir() && entry.file_name() != "common")
        .map(|entry| entry.file_name().into_string().expect("plain name"))
        .filter(|name| only.as_deref().is_none_or(|only| only.split(',').any(|it| it == name)))
        .collect();
    names.sort();
    names
        .iter()
        .map(|name| {
            Site::from_dir(&root.join(name), &fixtures().join("hosts")).unwrap_or_else(|why| {
                let cause = std::error::Error::source(&why).map(ToString::to_string);
                panic!("{why}: {}", cause.unwrap_or_default())
            })
        })
        .collect()
}

/// What is true of a site's banner.
pub(crate) fn truth(site: &Site) -> &BannerExpectation {
    site.expect.banner.as_ref().unwrap_or_else(|| panic!("{} says nothing of it", site.name))
}

/// All the passes that choose.
pub(crate) const ALL: &str = "reject,accept,withdraw";

/// Enough of them to see every choice: who withdraws has accepted before.
pub(crate) const ENOUGH: &str = "reject,withdraw";

/// Runs passes that choose, watching each page no longer than a moment.
pub(crate) fn choose(site: &Site, passes: &str, args: &[&str]) -> Run {
    let mut all = vec!["--passes", passes];
    all.extend(args);
    scan(site, &all)
}

/// One pass of a report.
pub(crate) fn pass<'a>(report: &'a Value, name: &str) -> Option<&'a Value> {
    report["passes"].as_array()?.iter().find(|pass| pass["pass"] == name)
}

/// What is wrong with a run, held against what is true of the banner.
pub(crate) fn mismatches(site: &Site, run: &Run) -> Vec<String> {
    let Some(report) = &run.json else {
        return vec![format!("no report, exit {:?}: {}", run.code, run.stderr.trim())];
    };
    let truth = truth(site);
    let mut wrong = pressed_to_agree(report);
    for (name, expected) in
        [("accept", truth.accept), ("reject", truth.reject), ("withdraw", truth.withdraw)]
    {
        if name == "accept" && pass(report, name).is_none() {
            wrong.extend(accepted_on_the_way(report, expected));
            continue;
        }
        let Some(pass) = pass(report, name) else {
            wrong.push(format!("{name}: no such pass"));
            continue;
        };
        let expected = serde_json::to_value(expected).expect("a name");
        let outcome = &pass["outcome"];
        if *outcome != expected {
            wrong.push(format!(
                "{name}: {outcome} and not {expected}: {} DBG {} {}",
                pass["why"], pass["choice"]["pressed"], pass["banner"]["controls"]
            ));
        }
        if *outcome == "done" && pass["proof"].as_array().map_or(0, Vec::len) != 3 {
            wrong.push(format!("{name}: done with no more proof than {}", pass["proof"]));
        }
        // Where one way of choosing fails, the next takes its place: without this nobody would notice.
        let via = truth.via.map(|via| serde_json::to_value(via).expect("a name"));
        if name == "reject" && via.as_ref().is_some_and(|via| pass["via"] != *via) {
            wrong.push(format!(
                "{name}: chosen by {} and not by {}",
                pass["via"],
                via.unwrap_or_default()
            ));
        }
        if name == "reject" && pass["banner"].is_null() == truth.detected {
            wrong.push(format!("{name}: the banner was found: {}", !truth.detected));
        }
    }
    wrong
}

/// What is wrong with how the withdraw pass accepted.
fn accepted_on_the_way(report: &Value, expected: PassOutcome) -> Option<String> {
    let withdraw = pass(report, "withdraw")?;
    let choices = withdraw["earlier_choices"].as_array()?;
    let accepted = choices.iter().find(|it| it["choice"] == "accept");
    let proof = accepted.map_or(0, |it| it["proof"].as_array().map_or(0, Vec::len));
    let done = proof == 3;
    (done != (expected == PassOutcome::Done))
        .then(|| format!("accept on the way to withdraw: {proof} proofs: {}", withdraw["why"]))
}

/// Presses of a visitor who refuses that read like agreement. There must be none.
pub(crate) fn pressed_to_agree(report: &Value) -> Vec<String> {
    let refusals = ["reject", "withdraw"].iter().filter_map(|name| pass(report, name));
    refusals
        .flat_map(|pass| pass["choice"]["pressed"].as_array().into_iter().flatten())
        .filter(|pressed| pressed["meaning"] == "accept")
        .map(|pressed| format!("a visitor who refuses pressed {}", pressed["label"]))
        .collect()
}
