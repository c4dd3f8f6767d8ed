//! Makes a pass's choice the way a visitor does, and proves it.
//!
//! Three ways, in this order: a recipe that was written for the banner, autoconsent, and our own
//! reading of roles, words and places. Every press is made with a real pointer on an element that
//! was found by hit-testing, and a visitor who refuses never presses what reads like agreement.

pub(in crate::gather) mod autoconsent;
mod by_autoconsent;
mod by_heuristic;
mod by_recipe;
mod by_settings;
mod consent_apis;
pub(in crate::gather) mod detect;
pub(in crate::gather) mod detected;
mod doubt;
pub(in crate::gather) mod driver;
mod frames;
pub(in crate::gather) mod make;
mod verify;
mod withdraw;
