//! The result of a scan in one sentence.

use super::{
    model::{OutcomeName, PassOutcome, Report},
    phrases::{coverage, observed, pages_observed, plural, unwaived, with_outcome},
    remediation,
};

/// How good the result is, at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Something was found.
    Found,
    /// Too little is known.
    Unsure,
    /// Nothing was found in what was looked at.
    Quiet,
}

/// The result in one sentence, and how good it is.
pub(super) fn headline(report: &Report) -> (Tone, String) {
    let found = unwaived(report).count();
    let open = with_outcome(report, OutcomeName::Open);
    let waived = report.findings.len() - found;
    let undecided = match open {
        0 => String::new(),
        n => format!("; {} could not be decided", plural(n, "rule")),
    };
    if !observed(report) {
        return (
            Tone::Unsure,
            "Nothing was observed: this scan says nothing about the site".to_owned(),
        );
    }
    if report.exit_code == 3 {
        let so_far = match found {
            0 => "no findings so far".to_owned(),
            n => format!("{} so far", plural(n, "finding")),
        };
        return (Tone::Unsure, format!("The scan did not complete: {so_far}{undecided}"));
    }
    if found > 0 {
        let fixes = plural(remediation::groups(report).len(), "fix");
        return (Tone::Found, format!("{}, {fixes}{undecided}", plural(found, "finding")));
    }
    if open > 0 || !observed_all(report) {
        return (Tone::Unsure, format!("No findings in what could be observed{undecided}"));
    }
    let tolerated = match waived {
        0 => String::new(),
        n => format!(" beside {} with a waiver", plural(n, "finding")),
    };
    (Tone::Quiet, format!("No findings{tolerated} on {}", coverage(report)))
}

/// Whether every page of every pass was observed.
fn observed_all(report: &Report) -> bool {
    report.problems.is_empty()
        && report
            .passes
            .iter()
            .all(|it| it.outcome != PassOutcome::Failed && pages_observed(it) == it.pages.len())
}

#[cfg(test)]
mod tests {
    use super::{super::testing, *};
    use crate::model::VisitStatus;

    #[test]
    fn the_result_is_never_better_than_the_evidence() {
        let tone = |report: &Report| headline(report).0;
        assert_eq!(tone(&testing::flagship()), Tone::Found);
        assert_eq!(tone(&testing::clean()), Tone::Quiet);
        assert_eq!(tone(&testing::unreachable()), Tone::Unsure);

        // Even if whoever made the report says 0.
        let mut report = testing::unreachable();
        report.exit_code = 0;
        assert_eq!(tone(&report), Tone::Unsure);

        let mut report = testing::clean();
        report.passes[1].outcome = PassOutcome::Failed;
        assert_eq!(tone(&report), Tone::Unsure);

        let mut report = testing::clean();
        report.verdicts[0].outcome = OutcomeName::Open;
        assert_eq!(tone(&report), Tone::Unsure);

        let mut report = testing::clean();
        report.passes[0].pages[1].status = VisitStatus::Timeout;
        assert_eq!(tone(&report), Tone::Unsure);

        let mut report = testing::clean();
        report.problems = testing::unreachable().problems;
        assert_eq!(tone(&report), Tone::Unsure);

        let mut report = testing::clean();
        report.exit_code = 3;
        assert_eq!(tone(&report), Tone::Unsure);
    }
}
