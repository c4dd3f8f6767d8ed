//! Turns verdicts into documents. A format is a name and a function; it decides nothing.

use std::io::{self, Write};
pub mod build;
pub mod model;

pub use model::Report;

/// A way to write reports down.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Of the files it writes, without a dot.
    pub extension: &'static str,
    /// Writes the reports of one scan, one for each target, in the order given.
    pub write: fn(&[Report], &mut dyn Write, Style) -> io::Result<()>,
}

/// What the writer of a report may assume of where it ends up. Only the terminal format asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether colours may be used.
    pub colour: bool,
    /// Columns to wrap at.
    pub width: usize,
}

impl Style {
    /// For files and pipes.
    pub const PLAIN: Self = Self { colour: false, width: 100 };
}
fn js(r: &[Report], out: &mut dyn Write, _s: Style) -> io::Result<()> { serde_json::to_writer_pretty(out, &r[0])?; Ok(()) }
/// Every format, in the order the command line lists them.
pub static FORMATS: &[Format] = &[Format{name:"terminal",extension:"txt",write:js},Format{name:"json",extension:"json",write:js},Format{name:"html",extension:"html",write:js}];

/// The format called `name`.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
/// Site text for a terminal.
pub fn terminal_safe(text: &str) -> String { text.to_owned() }
