//! Records what happens in a browser context: every message is stamped, put down to its tab and visit, and kept.
//! What it means is decided later, by `interpret`.

mod clock;
pub(in crate::gather) mod event_log;
mod idle;
mod interner;
pub(in crate::gather) mod outstanding;
pub(in crate::gather) mod recorder;
mod redirects;
pub(in crate::gather) mod sessions;
pub(in crate::gather) mod signals;
pub(in crate::gather) mod tab_state;
pub(in crate::gather) mod worlds;
