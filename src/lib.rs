//! crumbcheck: what a site stores and whom it tells, against what its cookie notice says.
//!
//! ```text
//! Target ─gather→ Recording ─interpret→ Case ─audit→ [Verdict] ─report→ terminal, JSON, HTML
//! ```
//!
//! Only [`gather`] talks to the browser and the network. [`interpret`] and [`audit`] are pure: the
//! same recording gives the same verdicts, byte for byte, with no browser on the machine.

pub mod audit;
pub mod classify;
pub mod cli;
pub mod consent;
pub mod demo;
pub mod draft;
pub mod exit;
pub mod gather;
pub mod interpret;
pub mod model;
pub mod notice;
pub mod recording;
pub mod report;
