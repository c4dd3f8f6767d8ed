//! Every integration test in one binary, so that the library is linked once.
//!
//! `cargo test --test it sites::` runs the tests of one module.

mod bad_input;
mod banners;
mod beside;
mod calibrate;
mod claims;
mod gates;
mod hostile;
mod imports;
mod jobs;
mod language;
mod late;
mod lists;
mod matrix;
mod moments;
mod notices;
mod outputs;
mod processes;
mod readme;
mod recordings;
mod secrets;
mod set_cookie;
mod sites;
mod support;
mod tidy;
mod unnoticed;
mod waits;
