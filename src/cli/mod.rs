//! The command line, and the only code that prints.

mod args;
mod audit;
mod classify;
mod credentials;
mod data;
mod demo;
mod failure;
mod input;
mod lists;
mod notice;
mod notice_view;
mod output;
mod progress;
mod rules;
mod runtime;
mod scan;
mod secret_value;
mod settings;
mod stdio;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use self::{
    args::{Cli, Command},
    failure::Failure,
    stdio::{json, print, print_error, print_errors, warn},
};
use crate::exit::Exit;

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
        Command::ReadDocument { name } => input::document(&name),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "crumbcheck", &mut script);
            print(&script).map(|()| Exit::Clean)
        }
    };
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => print_error(&failure).into(),
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
