use std::{collections::BTreeSet, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Rule, attribution::Attribution, fingerprint};
use crate::model::{Citation, Confidence, NoticeEdit, Pass, Remedy, Sighting, Subject, Undecided};

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
    /// The change that would fix it, as one sentence.
    pub advice: String,
    /// Where it is fixed.
    pub remedy: Remedy,
    /// Another change that settles it too, where that has to be made anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<Remedy>,
    /// Where it was seen and who says so: responses, scripts with line, rows of the notice, sources.
    pub citations: Vec<String>,
    /// The same citations in their parts, in the same order.
    pub cited: Vec<Citation>,
    /// The same for the same rule and subject in every scan; what differs from visitor to visitor in names, such
    /// as the end of `_ga_AB12CD34`, makes no difference to it.
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

    /// Sets where it is fixed, if that is not where such subjects are fixed.
    #[must_use]
    pub fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = remedy;
        self
    }

    /// Sets what settles it too, where that has to be done anyway.
    #[must_use]
    pub fn settled_by(mut self, remedy: Option<Remedy>) -> Self {
        self.settled_by = remedy;
        self
    }

    /// Adds a place where it was seen, or a source; the same one only once.
    #[must_use]
    pub fn cite(mut self, citation: impl Into<Citation>) -> Self {
        let citation = citation.into();
        if !self.cited.contains(&citation) {
            self.citations.push(citation.to_string());
            self.cited.push(citation);
        }
        self
    }

    /// The same if there is one.
    #[must_use]
    pub fn cite_some(self, citation: Option<Citation>) -> Self {
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
pub struct Findings<'a> {
    rule: &'static Rule,
    /// Whose doing things are.
    pub(super) by: &'a Attribution,
    list: Vec<Finding>,
    subjects: BTreeSet<Subject>,
}

impl<'a> Findings<'a> {
    pub(super) const fn new(rule: &'static Rule, by: &'a Attribution) -> Self {
        Self { rule, by, list: Vec::new(), subjects: BTreeSet::new() }
    }

    /// A finding about `subject`, to be completed and handed to [`Self::report`].
    pub fn draft(&self, subject: Subject, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.rule.id.to_owned(),
            severity: self.rule.severity,
            confidence: Confidence::High,
            fingerprint: fingerprint::of(self.rule.id, &subject),
            remedy: self.usual_remedy(&subject),
            settled_by: None,
            subject,
            passes: Vec::new(),
            pages: Vec::new(),
            message: message.into(),
            advice: String::new(),
            citations: Vec::new(),
            cited: Vec::new(),
            waived: None,
        }
    }

    /// Where such a subject is fixed, unless the rule knows better.
    fn usual_remedy(&self, subject: &Subject) -> Remedy {
        if let Some(edit) = self.rule.notice_edit {
            return Remedy::EditNotice { edit };
        }
        match subject {
            Subject::Script(url) => self.by.script(url.as_str()),
            Subject::Host(host) | Subject::Disclosure { to: host, .. } => self.by.host(host),
            Subject::Banner(_)
            | Subject::Choice(_)
            | Subject::BannerOption(_)
            | Subject::ConsentSignal { .. } => Remedy::FixBanner,
            Subject::Declaration(_) | Subject::Claim(_) | Subject::Notice(_) => {
                Remedy::EditNotice { edit: NoticeEdit::Revise }
            }
            Subject::Cookie(_)
            | Subject::Storage(_)
            | Subject::SharedId { .. }
            | Subject::Page(_)
            | Subject::Site(_) => Remedy::Investigate,
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
