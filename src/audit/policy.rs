use super::Severity;
use crate::model::{Law, Override};

/// What the user decides about a judgement, apart from what was seen: the same evidence under another policy is
/// another judgement of the same site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The law, and on what the site says it relies under it.
    pub law: Law,
    /// After how many months without a review a notice counts as old.
    pub review_months: u16,
    /// What cookies and storage items are for, against every source; of several for one thing the first counts.
    pub overrides: Vec<Override>,
    /// Which findings make a caller's job fail.
    pub threshold: Threshold,
}

/// The law of the United Kingdom, consent as the only basis, and every finding of low severity or above counts.
impl Default for Policy {
    fn default() -> Self {
        Self {
            law: Law::default(),
            review_months: Self::REVIEW_MONTHS,
            overrides: Vec::new(),
            threshold: Threshold { fail_on: Some(Severity::Low), allow_open: false },
        }
    }
}

impl Policy {
    /// After how many months without a review a notice counts as old, unless the user says otherwise.
    pub const REVIEW_MONTHS: u16 = 12;
}

/// What makes a caller's job fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Findings from this severity up; `None` for none at all.
    pub fail_on: Option<Severity>,
    /// Whether what could not be decided is let pass.
    pub allow_open: bool,
}
