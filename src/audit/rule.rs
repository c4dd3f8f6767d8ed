use super::{Finding, Findings, Policy, Severity, attribution::Attribution};
use crate::model::{Evidence, NoticeEdit, Pass, Undecided};

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
    /// The passes that it judges by: without one of them it is never satisfied.
    pub needs: &'static [Pass],
    /// How a notice has to be changed because of its findings, if that is how they are fixed.
    pub notice_edit: Option<NoticeEdit>,
    /// The rule's own source file, whose header is the rule's manual page.
    pub(crate) source: &'static str,
    /// Looks for violations.
    pub(crate) check: fn(&Evidence, &Policy, &mut Findings<'_>) -> Result<(), Undecided>,
}

/// A rule's answer for one site. Every rule gives exactly one.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The rule that was asked.
    pub rule: &'static Rule,
    /// Its answer.
    pub outcome: Outcome,
}

/// The four answers a rule can give; SARIF calls them pass, fail, open and notApplicable.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The evidence shows the rule is kept.
    Satisfied,
    /// The evidence shows it is not.
    Violated {
        /// At least one.
        findings: Vec<Finding>,
        /// Why there may be more: evidence that the rule lacked.
        incomplete: Option<Undecided>,
    },
    /// The evidence needed to tell is absent.
    Open(Undecided),
    /// The question does not arise.
    NotApplicable(String),
}

impl Rule {
    pub(super) fn judge(
        &'static self,
        evidence: &Evidence,
        policy: &Policy,
        attribution: &Attribution,
    ) -> Verdict {
        let mut findings = Findings::new(self.id, self.severity, self.notice_edit, attribution);
        let checked = (self.check)(evidence, policy, &mut findings);
        let findings = findings.into_vec();
        let outcome = match checked {
            // What was found stands, even if the rule then ran out of evidence.
            Ok(()) if !findings.is_empty() => Outcome::Violated { findings, incomplete: None },
            Err(why) if !findings.is_empty() => {
                Outcome::Violated { findings, incomplete: Some(why) }
            }
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
