use std::{collections::BTreeMap, io::IsTerminal as _, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::{
    gather::{PassStep, ProgressSink, ScanEvent},
    model::Pass,
};

/// Progress on standard error, if that is a terminal and the user wants it.
pub(super) struct Progress {
    all: MultiProgress,
    is_shown: bool,
}

/// The lines of one scan, one for each pass.
pub(super) struct Lines(BTreeMap<Pass, ProgressBar>);

impl Progress {
    pub(super) fn new(is_wanted: bool) -> Self {
        let is_shown = is_wanted && std::io::stderr().is_terminal();
        Self { all: MultiProgress::new(), is_shown }
    }

    /// Lines for a scan of `target`, which they name if it is one of `several`.
    pub(super) fn lines(&self, target: &str, passes: &[Pass], several: bool) -> Lines {
        if !self.is_shown {
            return Lines(BTreeMap::new());
        }
        let style = ProgressStyle::with_template("{spinner} {prefix} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let line = |&pass: &Pass| {
            let line = self.all.add(ProgressBar::new_spinner().with_style(style.clone()));
            let name = pass.name();
            line.set_prefix(if several {
                format!("{target} {name:8}")
            } else {
                format!("{name:8}")
            });
            line.set_message(format!("starting on {target}"));
            line.enable_steady_tick(Duration::from_millis(120));
            (pass, line)
        };
        Lines(passes.iter().map(line).collect())
    }
}

impl Lines {
    /// What shows on them what a scan does.
    pub(super) fn sink(&self) -> ProgressSink {
        if self.0.is_empty() {
            return ProgressSink::silent();
        }
        let lines = self.0.clone();
        ProgressSink::new(move |event| {
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
        })
    }

    /// Takes them away.
    pub(super) fn clear(&self) {
        for line in self.0.values() {
            line.finish_and_clear();
        }
    }
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
