use std::{collections::BTreeSet, fmt, fmt::Write as _, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Rule;
use crate::model::{Confidence, Pass, Sighting, Undecided};

/// How much a violation matters, mildest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; not a breach.
    Informational,
    /// Untidy, easily put right.
    Low,
    /// Likely breach.
    Medium,
    /// Clear breach.
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
        but: Option<Undecided>,
    },
    /// The evidence needed to tell is absent.
    Open(Undecided),
    /// The question does not arise.
    NotApplicable(String),
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// What sort of thing.
    pub kind: SubjectKind,
    /// Which, as reports print it.
    pub id: String,
}

/// The sorts of thing a finding can be about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// A cookie.
    Cookie,
    /// A storage item.
    Storage,
    /// A host.
    Host,
    /// A declaration of the notice.
    Declaration,
    /// A claim of the notice.
    Claim,
    /// The banner.
    Banner,
    /// The notice.
    Notice,
    /// A page.
    Page,
    /// The site as a whole.
    Site,
}

/// One thing on the site that violates one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What it is about.
    pub subject: Subject,
    /// Passes it was seen in, in order.
    pub passes: Vec<Pass>,
    /// Pages it was seen on, in order, each once.
    pub pages: Vec<String>,
    /// One sentence in plain words, without a final stop.
    pub message: String,
    /// The edit that would mend it, as one sentence.
    pub advice: String,
    /// Where it was seen and who says so: responses, scripts with line, rows of the notice, sources.
    pub citations: Vec<String>,
    /// The same for the same rule and subject in every scan.
    pub fingerprint: String,
    /// Why it is tolerated, if it is.
    pub waived: Option<String>,
}

impl Finding {
    /// Sets the severity where this one matters more or less than the rule's usual.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Sets how sure it is; without it, high.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Sets the edit that would mend it.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// Adds a place where it was seen, or a source; the same one only once.
    #[must_use]
    pub fn cite(mut self, citation: impl Into<String>) -> Self {
        let citation = citation.into();
        if !self.citations.contains(&citation) {
            self.citations.push(citation);
        }
        self
    }

    /// The same if there is one.
    #[must_use]
    pub fn cite_some(self, citation: Option<String>) -> Self {
        match citation {
            Some(citation) => self.cite(citation),
            None => self,
        }
    }

    /// Adds the passes and pages of `sightings`, each once.
    #[must_use]
    pub fn seen(mut self, sightings: &[&Sighting]) -> Self {
        for sighting in sightings {
            if !self.passes.contains(&sighting.pass) {
                self.passes.push(sighting.pass);
            }
            if !self.pages.contains(&sighting.page) {
                self.pages.push(sighting.page.clone());
            }
        }
        self.passes.sort_unstable();
        self
    }
}

/// Where a rule puts its findings: in order, at most one per subject.
#[derive(Debug)]
pub struct Findings {
    rule: &'static Rule,
    list: Vec<Finding>,
    subjects: BTreeSet<Subject>,
}

impl Findings {
    pub(super) const fn of(rule: &'static Rule) -> Self {
        Self { rule, list: Vec::new(), subjects: BTreeSet::new() }
    }

    /// A finding about `id`, to be completed and handed to [`Self::report`].
    pub fn draft(
        &self,
        kind: SubjectKind,
        id: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        let id = id.into();
        Finding {
            rule: self.rule.id.to_owned(),
            severity: self.rule.severity,
            confidence: Confidence::High,
            fingerprint: fingerprint(self.rule.id, kind, &id),
            subject: Subject { kind, id },
            passes: Vec::new(),
            pages: Vec::new(),
            message: message.into(),
            advice: String::new(),
            citations: Vec::new(),
            waived: None,
        }
    }

    /// Keeps a finding, unless its subject has been reported already.
    pub fn report(&mut self, finding: Finding) {
        if self.subjects.insert(finding.subject.clone()) {
            self.list.push(finding);
        }
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.list
    }
}

/// 16 hex digits that stay the same as long as the rule's name and the subject do.
fn fingerprint(rule: &str, kind: SubjectKind, id: &str) -> String {
    let digest = Sha256::digest(format!("{rule}\n{kind:?}\n{id}"));
    digest[..8].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
