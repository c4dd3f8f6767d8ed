//! crumbcheck compares what a website does before consent, after refusing and after accepting with what its cookie
//! notice says.
//!
//! ```text
//! ScanJob ─gather→ Recording ─interpret→ Evidence ─audit→ [Verdict] ─report→ terminal, JSON, HTML
//! ```
//!
//! [`pipeline`] is the way in: it scans a target and judges a recording. Only [`gather`] uses the browser and the
//! network. [`interpret`], [`audit`] and [`report`] are pure: the same recording gives the same report, byte for byte,
//! with no browser on the machine.

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
pub mod pipeline;
pub mod recording;
pub mod report;
