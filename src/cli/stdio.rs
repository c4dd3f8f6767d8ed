//! Standard output and standard error.

use std::io::{self, Write as _};

use serde::Serialize;

use super::failure::Failure;
use crate::{
    exit::Exit,
    report::{json_safe, terminal_safe},
};

/// A value as JSON for standard output.
pub(super) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::new(Exit::Failed, &error, "this is a bug in crumbcheck; please report it")
    })?;
    Ok(json_safe(&json) + "\n")
}

/// Writes to standard output; a reader that has gone away is no error of ours.
pub(super) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Failed, &error, "check where standard output goes"))
        }
        _ => Ok(()),
    }
}

/// Prints what happened and what the user can do about it; returns what the program exits with because of it.
pub(super) fn print_error(failure: &Failure) -> Exit {
    let mut err = io::stderr().lock();
    let message = terminal_safe(&failure.message);
    // There is nowhere left to say that this failed.
    let _ = writeln!(err, "error: {message}");
    if !failure.help.is_empty() {
        let _ = writeln!(err, "help: {}", terminal_safe(&failure.help));
    }
    failure.exit
}

/// Prints all of `failures`; returns the worst of their exit codes.
pub(super) fn print_errors(failures: &[Failure]) -> Exit {
    failures.iter().map(print_error).max().unwrap_or(Exit::Clean)
}

/// A line on standard error about something that does not stop the work.
pub(super) fn warn(message: &str) {
    let _ = writeln!(io::stderr().lock(), "warning: {}", terminal_safe(message));
}
