//! Turns verdicts into documents. A format is a name and a function; it decides nothing.

pub mod model;

pub use model::Report;
