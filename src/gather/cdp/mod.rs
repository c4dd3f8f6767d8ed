//! The connection to the browser: messages, commands and their answers.

pub(in crate::gather) mod commands;
pub(in crate::gather) mod connection;
mod framing;
