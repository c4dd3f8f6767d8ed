//! Visits of pages: what a scan is about, how a visitor goes from page to page, and what became of each.

pub(in crate::gather) mod context;
pub(in crate::gather) mod outcome;
pub(in crate::gather) mod visitor;
