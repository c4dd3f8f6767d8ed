//! When something was observed: before a choice, after refusal, after consent, after withdrawal.

use std::collections::BTreeSet;

use super::{
    model::{CookieReport, PassOutcome, Report},
    phrases,
};
use crate::model::{Consent, Pass, Sighting};

/// One column of a table of observations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pass: Pass,
    /// Why nothing could be observed, if so: an empty cell must not read as "it was not there".
    missing: Option<&'static str>,
    /// How many pages could not be observed.
    unobserved: usize,
}

/// The columns of a report. The first three are always there, whichever passes ran.
pub(super) fn columns(report: &Report) -> Vec<Column> {
    let mut columns: Vec<_> = Pass::BASIC.iter().map(|&pass| column(report, pass)).collect();
    if report.passes.iter().any(|it| it.pass == Pass::Withdraw) {
        columns.push(column(report, Pass::Withdraw));
    }
    columns
}

fn column(report: &Report, pass: Pass) -> Column {
    let passes: Vec<_> = report.passes.iter().filter(|it| it.pass == pass).collect();
    let missing = if passes.is_empty() {
        Some("not run")
    } else {
        passes.iter().find_map(|it| match it.outcome {
            PassOutcome::Failed => Some("not known"),
            PassOutcome::Unavailable if pass != Pass::None => Some("not offered"),
            _ if phrases::pages_observed(it) == 0 => Some("not known"),
            _ => None,
        })
    };
    let unobserved = passes.iter().map(|it| it.pages.len() - phrases::pages_observed(it)).sum();
    Column { pass, missing, unobserved }
}

impl Column {
    /// Its heading.
    pub(super) const fn title(self) -> &'static str {
        phrases::pass_title(self.pass)
    }

    /// Why nothing could be observed, if so.
    pub(super) const fn missing(self) -> Option<&'static str> {
        self.missing
    }

    /// Whether the column is about the moment of this sighting.
    fn covers(self, seen: &Sighting) -> bool {
        match self.pass {
            // Every pass shows what happens before its choice.
            Pass::None => seen.consent == Consent::Unset,
            Pass::Reject => seen.pass == self.pass && seen.consent == Consent::Refused,
            Pass::Accept => seen.pass == self.pass && seen.consent == Consent::Granted,
            Pass::Withdraw => seen.pass == self.pass && seen.consent == Consent::Withdrawn,
        }
    }

    /// The text for something with these sightings, and whether it was seen.
    pub(super) fn cell(self, sightings: &[Sighting]) -> (bool, String) {
        let here: Vec<_> = sightings.iter().filter(|seen| self.covers(seen)).collect();
        let pages: BTreeSet<_> = here.iter().map(|seen| &seen.page).collect();
        match (pages.len(), self.missing) {
            (0, Some(missing)) => (false, missing.to_owned()),
            (0, None) if self.unobserved > 0 => {
                let pages = phrases::plural(self.unobserved, "page");
                (false, format!("not seen, but {pages} could not be observed"))
            }
            (0, None) => (false, "not seen".to_owned()),
            (n, _) => (true, format!("on {}", phrases::plural(n, "page"))),
        }
    }

    /// The text for a cookie: one that the browser refused was attempted, not stored.
    pub(super) fn cell_of_cookie(self, cookie: &CookieReport) -> (bool, String) {
        match self.cell(&cookie.seen) {
            (true, text) if cookie.blocked.is_some() => (true, format!("attempted {text}")),
            cell => cell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing, *};
    use crate::model::VisitStatus;

    fn row(report: &Report, name: &str) -> Vec<String> {
        let cookie = report.cookies.iter().find(|it| it.name == name).unwrap();
        columns(report).iter().map(|column| column.cell(&cookie.seen).1).collect()
    }

    #[test]
    fn what_comes_before_the_click_counts_as_before_the_choice() {
        assert_eq!(row(&testing::flagship(), "_gid")[..2], ["on 1 page", "on 1 page"]);
    }

    #[test]
    fn a_pass_that_failed_is_not_known_rather_than_empty() {
        let mut report = testing::failed();
        for cookie in &mut report.cookies {
            cookie.seen.retain(|seen| seen.pass != Pass::Accept);
        }
        assert_eq!(row(&report, "sid")[2], "not known");
        report.passes.retain(|it| it.pass != Pass::Accept);
        assert_eq!(row(&report, "sid")[2], "not run");
    }

    #[test]
    fn a_pass_without_pages_is_not_known_either() {
        let mut report = testing::refused();
        report.passes[1].pages.clear();
        for cookie in &mut report.cookies {
            cookie.seen.retain(|seen| seen.pass != Pass::Reject);
        }
        assert_eq!(row(&report, "cookies_policy")[1], "not known");
    }

    #[test]
    fn a_page_that_was_not_observed_may_have_held_it() {
        let mut report = testing::refused();
        report.passes[0].pages[1].status = VisitStatus::Timeout;
        let row = row(&report, "_ga");
        assert_eq!(row[0], "not seen, but 1 page could not be observed");
        assert_eq!(row[1], "not seen");
    }
}
