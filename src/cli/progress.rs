use std::{collections::BTreeMap, io::IsTerminal as _, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::{gather::Tell, model::Pass};

/// A live line for each pass on standard error, if that is a terminal and the user wants it.
pub(super) fn lines(target: &str, passes: &[Pass], wanted: bool) -> (MultiProgress, Tell) {
    let all = MultiProgress::new();
    if !wanted || !std::io::stderr().is_terminal() {
        return (all, Tell::new(|_, _| ()));
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
    let tell = Tell::new(move |pass, what| {
        if let Some(line) = lines.get(&pass) {
            line.set_message(what.to_owned());
        }
    });
    (all, tell)
}
