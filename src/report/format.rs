use std::io::{self, Write};

use super::model::Report;

/// A way to write reports down.
///
/// A document is a head, one part for each report, and a tail: it can be written report by report as scans end,
/// and is whole whenever its tail is there.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Of the files it writes, without a dot.
    pub extension: &'static str,
    /// Whether the head lists the parts, and so is known only when all of them are.
    pub head_lists_parts: bool,
    pub(super) head: fn(&[Entry], usize) -> io::Result<String>,
    pub(super) part: fn(&Report, Place, Style) -> io::Result<String>,
    pub(super) tail: fn(Place) -> &'static str,
}

/// Where a report stands in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How many reports come before it.
    pub before: usize,
    /// How many targets there are, whether or not their scans have ended.
    pub targets: usize,
}

/// What the head of a document says of one of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The scanned site.
    pub(super) site: String,
    /// The address that was given.
    pub(super) address: String,
    /// The result in one sentence.
    pub(super) headline: String,
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

impl Format {
    /// What stands before the parts of a document on `targets` targets. `entries` has those whose scans have ended.
    pub fn head(&self, entries: &[Entry], targets: usize) -> io::Result<String> {
        (self.head)(entries, targets)
    }

    /// One report, with what sets it apart from the report before it.
    pub fn part(&self, report: &Report, place: Place, style: Style) -> io::Result<String> {
        (self.part)(report, place, style)
    }

    /// What ends a document that has `place.before` parts.
    pub fn tail(&self, place: Place) -> &'static str {
        (self.tail)(place)
    }

    /// The whole document on `reports`, one for each target, in the order given.
    pub fn write(&self, reports: &[Report], out: &mut dyn Write, style: Style) -> io::Result<()> {
        let targets = reports.len();
        let entries: Vec<Entry> = reports.iter().map(Entry::new).collect();
        out.write_all(self.head(&entries, targets)?.as_bytes())?;
        for (before, report) in reports.iter().enumerate() {
            out.write_all(self.part(report, Place { before, targets }, style)?.as_bytes())?;
        }
        out.write_all(self.tail(Place { before: targets, targets }).as_bytes())
    }
}

impl Entry {
    /// What the head of a document says of `report`.
    pub fn new(report: &Report) -> Self {
        Self {
            site: report.scan.site.clone(),
            address: report.scan.target.clone(),
            headline: super::headline::headline(report).1,
        }
    }
}

/// A format whose documents cannot be made.
#[cfg(test)]
pub(crate) static FAILING: Format = Format {
    name: "failing",
    extension: "txt",
    head_lists_parts: true,
    head: |_, _| Err(io::Error::other("no such template")),
    part: |_, _, _| Ok(String::new()),
    tail: |_| "",
};
