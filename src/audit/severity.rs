use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a violation matters, mildest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; not a violation.
    Informational,
    /// Untidy, easily fixed.
    Low,
    /// Likely violation.
    Medium,
    /// Clear violation.
    High,
}

impl Severity {
    /// The name used on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Informational, Self::Low, Self::Medium, Self::High]
            .into_iter()
            .find(|it| it.name() == text)
            .ok_or_else(|| {
                format!(
                    "unknown level `{text}`; the levels are informational, low, medium and high"
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Severity;

    #[test]
    fn levels_are_read_by_their_names() {
        for level in [Severity::Informational, Severity::Low, Severity::Medium, Severity::High] {
            assert_eq!(level.name().parse(), Ok(level));
        }
        let why = "severe".parse::<Severity>().unwrap_err();
        assert_eq!(
            why,
            "unknown level `severe`; the levels are informational, low, medium and high"
        );
    }
}
