//! Exit codes.

use std::process::ExitCode;

pub use crate::audit::Threshold;
use crate::audit::{Outcome, Severity, Verdict};

/// Documented exit codes, mildest first.
///
/// Scanning several targets exits with the worst of their codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// No finding, and every rule at or above the threshold was decided.
    Clean,
    /// No finding, but a rule at or above the threshold could not be decided.
    Open,
    /// At least one finding at or above the threshold.
    Findings,
    /// The scan did not complete; it says nothing about the site.
    Failed,
    /// The command line is wrong; nothing was scanned.
    Usage,
    /// The user interrupted the scan.
    Interrupted,
}

impl Threshold {
    /// The code for `verdicts`.
    pub fn exit(self, verdicts: &[Verdict]) -> Exit {
        let Some(fail_on) = self.fail_on else { return Exit::Clean };
        verdicts.iter().map(|verdict| self.of(verdict, fail_on)).max().unwrap_or(Exit::Clean)
    }

    fn of(self, verdict: &Verdict, fail_on: Severity) -> Exit {
        match &verdict.outcome {
            Outcome::Violated { findings, .. }
                if findings.iter().any(|it| fail_on <= it.severity && it.waived.is_none()) =>
            {
                Exit::Findings
            }
            // Findings below the threshold do not settle what was left open above it.
            Outcome::Open(_) | Outcome::Violated { incomplete: Some(_), .. }
                if fail_on <= verdict.rule.severity && !self.allow_open =>
            {
                Exit::Open
            }
            _ => Exit::Clean,
        }
    }
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::Open => 4,
            Self::Interrupted => 130,
        }
    }

    /// What a number means; a number that is none of ours means that the scan did not complete.
    pub const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Clean,
            1 => Self::Findings,
            2 => Self::Usage,
            4 => Self::Open,
            130 => Self::Interrupted,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_worst_of_several_targets_counts() {
        use Exit::{Clean, Failed, Findings, Open, Usage};
        assert!(Clean < Open && Open < Findings && Findings < Failed && Failed < Usage);
    }

    #[test]
    fn every_code_means_what_it_is_the_code_of() {
        use Exit::{Clean, Failed, Findings, Interrupted, Open, Usage};
        for exit in [Clean, Open, Findings, Failed, Usage, Interrupted] {
            assert_eq!(Exit::from_code(exit.code()), exit);
        }
        assert_eq!(Exit::from_code(7), Failed);
    }
}
