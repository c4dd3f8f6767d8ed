//! Puts every rule's question to the [`Evidence`], under the [`Policy`] that the user set.

mod absent;
mod asked;
mod attribution;
mod behaviour;
mod breach;
pub mod claims;
pub mod diff;
mod fingerprint;
mod named;
#[cfg(test)]
mod never_green;
mod policy;
mod reliance;
mod remedies;
mod rule;
pub mod rules;
#[cfg(test)]
pub(crate) mod testing;
mod verdict;
mod wording;

pub(crate) use breach::stored;
pub use policy::{Policy, Threshold};
pub use remedies::{RemedyGroup, remedies};
pub use rule::Rule;
pub use verdict::{Finding, Findings, Outcome, Severity, Verdict};

use crate::model::Evidence;
use attribution::Attribution;

/// The verdict of every rule, in the order reports list them.
pub fn audit(evidence: &Evidence, policy: &Policy) -> Vec<Verdict> {
    let evidence = evidence.overridden(&policy.overrides);
    let by = Attribution::new(&evidence);
    rules::ALL.iter().map(|rule| rule.judge(&evidence, policy, &by)).collect()
}
