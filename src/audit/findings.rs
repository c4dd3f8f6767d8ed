use std::collections::BTreeSet;

use super::{Finding, Severity, attribution::Attribution, fingerprint};
use crate::model::{Confidence, NoticeEdit, Remedy, Subject};

/// Rules whose findings rest on how a notice or a banner was read. On material that nobody had seen, fewer than 99 of 100
/// readings were right (`make calibrate`), so that none of these findings is said with high confidence.
const REST_ON_READING: &[&str] = &[
    "bilingual-mismatch",
    "category-mismatch",
    "contradicted-claim",
    "cookie-wall",
    "harder-reject",
    "lifetime-mismatch",
    "link-out-only",
    "missing-notice",
    "missing-reject-option",
    "missing-withdrawal-control",
    "notice-hard-to-find",
    "party-mismatch",
    "preselected-purpose",
    "self-contradicting-notice",
    "stale-notice",
];

/// Where a rule puts its findings: in order, at most one per subject.
#[derive(Debug)]
pub struct Findings<'a> {
    rule: &'static str,
    severity: Severity,
    notice_edit: Option<NoticeEdit>,
    /// Whose doing things are.
    pub(super) attribution: &'a Attribution,
    list: Vec<Finding>,
    subjects: BTreeSet<Subject>,
}

impl<'a> Findings<'a> {
    /// For the rule of that id, with its usual severity and the edit of the notice that its findings ask for.
    pub(super) const fn new(
        rule: &'static str,
        severity: Severity,
        notice_edit: Option<NoticeEdit>,
        attribution: &'a Attribution,
    ) -> Self {
        Self {
            rule,
            severity,
            notice_edit,
            attribution,
            list: Vec::new(),
            subjects: BTreeSet::new(),
        }
    }

    /// A finding about `subject`, to be completed and handed to [`Self::report`].
    pub fn draft(&self, subject: Subject, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.rule.to_owned(),
            severity: self.severity,
            confidence: Confidence::High,
            fingerprint: fingerprint::fingerprint(self.rule, &subject),
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
        if let Some(edit) = self.notice_edit {
            return Remedy::EditNotice { edit };
        }
        match subject {
            Subject::Script(url) => self.attribution.gate_of_script(url.as_str()),
            Subject::Host(host) | Subject::Disclosure { to: host, .. } => {
                self.attribution.gate_of_host(host)
            }
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
    ///
    /// What happens only after consent, or is only still there, is gated already: its own advice says what to do, and a
    /// gate that is needed for something else settles it too.
    pub fn report(&mut self, mut finding: Finding) {
        if REST_ON_READING.contains(&self.rule) {
            finding.confidence = finding.confidence.min(Confidence::Medium);
        }
        // A hint is no ground for the highest severity.
        if finding.confidence == Confidence::Low {
            finding.severity = finding.severity.min(Severity::Medium);
        }
        if finding.severity == Severity::Informational && finding.remedy.is_gate() {
            finding.settled_by = Some(std::mem::replace(&mut finding.remedy, Remedy::Investigate));
        }
        if self.subjects.insert(finding.subject.clone()) {
            self.list.push(finding);
        }
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Outcome, rules, testing::Case};

    #[test]
    fn rules_that_rest_on_reading_are_rules() {
        for id in REST_ON_READING {
            assert!(rules::ALL.iter().any(|rule| rule.id == *id), "{id}");
        }
    }

    #[test]
    fn what_rests_on_reading_is_never_sure_and_a_hint_never_severe() {
        let case = Case::new(
            "none\n ad_x shop.test marketing sure=low\nreject\naccept\nnotice\n declare ad_x category=essential life=1d\n declare sid",
        );
        let mut said = Vec::new();
        for rule in rules::ALL {
            let Outcome::Violated { findings, .. } = case.judge(rule) else { continue };
            said.extend(findings.into_iter().map(|it| (it.rule, it.confidence, it.severity)));
        }
        assert!(said.iter().any(|it| it.0 == "lifetime-mismatch"), "{said:?}");
        assert!(said.iter().any(|it| it.0 == "cookie-before-consent"), "{said:?}");
        for (rule, confidence, severity) in said {
            assert!(
                !REST_ON_READING.contains(&rule.as_str()) || confidence < Confidence::High,
                "{rule}"
            );
            assert!(confidence > Confidence::Low || severity < Severity::High, "{rule}");
        }
    }
}
