use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;
use crate::model::{Citation, Confidence, Pass, Remedy, Sighting, Subject};

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

    /// Sets the change that would fix it.
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
