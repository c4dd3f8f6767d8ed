//! Puts every rule's question to the [`Evidence`], under the [`Policy`] that the user set.

mod absent;
mod asked;
mod behaviour;
mod breach;
pub mod claims;
pub mod diff;
mod named;
#[cfg(test)]
mod never_green;
mod policy;
mod reliance;
pub mod rules;
#[cfg(test)]
pub(crate) mod testing;
mod verdict;
mod wording;

pub(crate) use breach::stored;
pub use policy::{Policy, Threshold};
pub use verdict::{Finding, Findings, Outcome, Severity, Subject, SubjectKind, Verdict};

use crate::model::{Evidence, Undecided};

/// One question we ask of every site, as data: a rule has no state and no constructor.
#[derive(Debug)]
pub struct Rule {
    /// Stable kebab-case name, a noun phrase in the failing state.
    pub id: &'static str,
    /// How much a violation matters, unless a finding says otherwise.
    pub severity: Severity,
    /// What a violation is called in one line.
    pub summary: &'static str,
    /// The law it goes back to, such as `pecr-6`.
    pub tags: &'static [&'static str],
    /// The rule's own source file, whose header is the rule's manual page.
    pub(crate) source: &'static str,
    /// Looks for violations.
    pub(crate) check: fn(&Evidence, &Policy, &mut Findings) -> Result<(), Undecided>,
}

/// The verdict of every rule, in the order reports list them.
pub fn audit(evidence: &Evidence, policy: &Policy) -> Vec<Verdict> {
    let evidence = evidence.overridden(&policy.overrides);
    rules::ALL.iter().map(|rule| rule.judge(&evidence, policy)).collect()
}

impl Rule {
    fn judge(&'static self, evidence: &Evidence, policy: &Policy) -> Verdict {
        let mut findings = Findings::of(self);
        let checked = (self.check)(evidence, policy, &mut findings);
        let findings = findings.into_vec();
        let outcome = match checked {
            // What was found stands, even if the rule then ran out of evidence.
            Ok(()) if !findings.is_empty() => Outcome::Violated { findings, but: None },
            Err(why) if !findings.is_empty() => Outcome::Violated { findings, but: Some(why) },
            Ok(()) => Outcome::Satisfied,
            Err(Undecided::NotApplicable(why)) => Outcome::NotApplicable(why),
            Err(why) => Outcome::Open(why),
        };
        Verdict { rule: self, outcome }
    }

    /// The manual page: the `//!` lines that open the rule's source file.
    pub fn manual(&self) -> String {
        self.source
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n")
    }
}
