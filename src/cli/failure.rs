use std::error::Error;

use crate::exit::Exit;

/// Why a command cannot do its work.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    /// What happened, and why, in one line.
    pub(super) message: String,
    /// What the user can do about it; may be empty.
    pub(super) help: String,
}

impl Failure {
    pub(super) fn new(exit: Exit, error: &dyn Error, help: impl Into<String>) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            let next_text = next.to_string();
            if !message.contains(&next_text) {
                message = format!("{message}: {next_text}");
            }
            cause = next.source();
        }
        Self { exit, message: message.replace('\n', " "), help: help.into() }
    }

    pub(super) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), help: help.into() }
    }
}
