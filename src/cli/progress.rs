use std::{collections::BTreeMap, io::IsTerminal as _, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::{
    gather::{PassStep, ProgressSink, ScanEvent},
    model::Pass,
};

/// A progress line for each pass on standard error, if that is a terminal and the user wants it.
pub(super) fn lines(target: &str, passes: &[Pass], wanted: bool) -> (MultiProgress, ProgressSink) {
    let all = MultiProgress::new();
    if !wanted || !std::io::stderr().is_terminal() {
        return (all, ProgressSink::silent());
    }
    let style = ProgressStyle::with_template("{spinner} {prefix:7} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let lines: BTreeMap<Pass, ProgressBar> = passes
        .iter()
        .map(|&pass| {
            let line = all.add(ProgressBar::new_spinner().with_style(style.clone()));
            line.set_prefix(pass.name());
            line.set_message(format!("starting on {target}"));
            line.enable_steady_tick(Duration::from_millis(120));
            (pass, line)
        })
        .collect();
    let progress = ProgressSink::new(move |event| {
        let (pass, message) = match event {
            ScanEvent::BrowserStarted { .. } | ScanEvent::FetchingNotices => return,
            ScanEvent::Step { pass, step } => (pass, describe(step)),
            ScanEvent::PassRetried { pass, .. } => (pass, "starting again".to_owned()),
            ScanEvent::PageRetried { pass, path } => (pass, format!("opening {path} again")),
            ScanEvent::PassEnded { pass } => (pass, "done".to_owned()),
        };
        if let Some(line) = lines.get(pass) {
            line.set_message(message);
        }
    });
    (all, progress)
}

fn describe(step: &PassStep) -> String {
    match step {
        PassStep::OpeningStart => "opening the start page".to_owned(),
        PassStep::WatchingStart => "watching the start page".to_owned(),
        PassStep::Choosing(choice) => format!("choosing to {choice}"),
        PassStep::WatchingChoice => "watching what the choice changes".to_owned(),
        PassStep::ReopeningStart => "opening the start page again".to_owned(),
        PassStep::OpeningPage { path } => format!("opening {path}"),
        PassStep::SeekingWithdrawal => "looking for a way to withdraw".to_owned(),
        PassStep::ReadingNotice => "reading the notice".to_owned(),
        PassStep::Leaving => "leaving".to_owned(),
    }
}
