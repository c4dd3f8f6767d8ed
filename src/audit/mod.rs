//! Puts every rule's question to the [`Evidence`], under the [`Policy`] that the user set.

mod attribution;
mod banner_evidence;
pub mod claims;
mod consent_checks;
pub mod declaration_match;
mod declarations;
mod finding;
mod findings;
mod fingerprint;
mod legal_basis;
#[cfg(test)]
mod monotonicity;
mod name_words;
mod phrases;
mod policy;
mod remedies;
mod rule;
pub mod rules;
mod script_checks;
mod severity;
#[cfg(test)]
pub(crate) mod testing;
mod third_party_match;
mod undeclared;

pub(crate) use consent_checks::stored;
pub use finding::Finding;
pub use findings::Findings;
pub use policy::{Policy, Threshold};
pub use remedies::{RemedyGroup, remedies};
pub use rule::{Outcome, Rule, Verdict};
pub use severity::Severity;

use crate::model::Evidence;
use attribution::Attribution;

/// The verdict of every rule, in the order reports list them.
pub fn audit(evidence: &Evidence, policy: &Policy) -> Vec<Verdict> {
    let evidence = evidence.overridden(&policy.overrides);
    let attribution = Attribution::new(&evidence);
    rules::ALL.iter().map(|rule| rule.judge(&evidence, policy, &attribution)).collect()
}
