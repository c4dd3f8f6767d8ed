//! One tab of a browser context: going somewhere, waiting until the page is done, evaluating in it, pressing, and
//! reading what is stored.

pub(in crate::gather) mod checkpoint;
pub(in crate::gather) mod context;
mod icons;
pub(in crate::gather) mod input;
pub(in crate::gather) mod page;
mod person;
pub(in crate::gather) mod rest;
pub(in crate::gather) mod shadow_roots;
#[cfg(test)]
mod tests;
pub(in crate::gather) mod watch;
