//! The command line, and the only code that prints.

mod args;
mod audit;
mod classify;
mod data;
mod demo;
mod input;
mod lists;
mod notice;
mod output;
mod progress;
mod rules;
mod runtime;
mod scan;
mod settings;

use std::{error::Error, io::Write as _, process::ExitCode};

use clap::{CommandFactory as _, Parser as _};
use serde::Serialize;

use self::args::{Cli, Command};
use crate::{exit::Exit, report::json_safe};

/// Why a command cannot do its work.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    /// What happened, and why, in one line.
    message: String,
    help: String,
}

impl Failure {
    fn new(exit: Exit, error: &dyn Error, help: impl Into<String>) -> Self {
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

    fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), help: help.into() }
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // An error means that one is there already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let done = match cli.command {
        Command::Scan(args) => scan::scan(&args),
        Command::Audit(args) => audit::audit(&args),
        Command::Notice(args) => notice::notice(&args),
        Command::Rules(args) => rules::rules(&args),
        Command::Classify(args) => classify::classify(&args),
        Command::Data(args) => data::data(&args),
        Command::Demo(args) => demo::demo(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "crumbcheck", &mut script);
            print(&script).map(|()| Exit::Clean)
        }
    };
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => {
            print_error(&failure).into()
        }
    }
}

/// The help of the whole program, as the README shows it.
pub fn usage() -> String {
    let mut command = Cli::command().term_width(100);
    command.render_long_help().to_string()
}

/// The help of `crumbcheck scan`, as the README shows it.
pub fn scan_usage() -> String {
    let mut command = Cli::command().term_width(100);
    command.build();
    command
        .find_subcommand_mut("scan")
        .map(|scan| scan.clone().term_width(100).render_help().to_string())
        .unwrap_or_default()
}

/// A value as JSON for standard output.
fn json(value: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::new(Exit::Failed, &error, "this is a bug in crumbcheck; please report it")
    })?;
    Ok(json_safe(&json) + "\n")
}

/// Writes to standard output; a reader that has gone away is no error of ours.
fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Failed, &error, "check where standard output goes"))
        }
        _ => Ok(()),
    }
}

/// Prints what happened and what the user can do about it; returns what the program exits with because of it.
fn print_error(failure: &Failure) -> Exit {
    let mut err = std::io::stderr().lock();
    let message = crate::report::terminal_safe(&failure.message);
    // There is nowhere left to say that this failed.
    let _ = writeln!(err, "error: {message}");
    if !failure.help.is_empty() {
        let _ = writeln!(err, "help: {}", failure.help);
    }
    failure.exit
}

/// Prints all of `failures`; returns the worst of their exit codes.
fn print_errors(failures: &[Failure]) -> Exit {
    failures.iter().map(print_error).max().unwrap_or(Exit::Clean)
}

/// A line on standard error about something that does not stop the work.
fn warn(message: &str) {
    let _ =
        writeln!(std::io::stderr().lock(), "warning: {}", crate::report::terminal_safe(message));
}
