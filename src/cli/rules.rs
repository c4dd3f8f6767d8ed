use std::fmt::Write as _;

use super::{Failure, args::RulesArgs, print};
use crate::{audit::rules::ALL, exit::Exit};

/// `crumbcheck rules`.
pub(super) fn rules(args: &RulesArgs) -> Result<Exit, Failure> {
    let mut text = String::new();
    match &args.id {
        None => {
            let width = ALL.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
            for rule in ALL {
                let _ =
                    writeln!(text, "{:width$}  {:13}  {}", rule.id, rule.severity, rule.summary);
            }
        }
        Some(id) => {
            let rule = ALL.iter().find(|rule| rule.id == id).ok_or_else(|| {
                Failure::usage(format!("there is no rule `{id}`"), "`crumbcheck rules` lists them")
            })?;
            let _ = writeln!(text, "{}\n\nSeverity: {}", rule.manual(), rule.severity);
            let _ = writeln!(text, "Tags: {}", rule.tags.join(", "));
        }
    }
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}
