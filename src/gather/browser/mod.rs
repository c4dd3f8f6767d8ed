//! The browser: found, started with a throw-away profile, tried out, and ended.

pub(in crate::gather) mod preflight;
pub(in crate::gather) mod process;
mod profile;
