//! Phrases that the formats for people share.

use super::model::{BasisReport, OutcomeName, PassOutcome, PassReport, Report, Scan};
use crate::{
    audit::{Finding, Severity},
    model::{
        Category, CategoryBasis, Declaration, Lifetime, Pass, Proof, SameSite, SetBy, SetKind, Via,
        VisitStatus,
    },
};

/// The severities, worst first.
pub(super) const SEVERITIES: [Severity; 4] =
    [Severity::High, Severity::Medium, Severity::Low, Severity::Informational];

/// Whether at least one page was observed in at least one pass.
pub(super) fn observed(report: &Report) -> bool {
    report.passes.iter().any(|pass| pages_observed(pass) > 0)
}

/// How many pages of a pass were observed.
pub(super) fn pages_observed(pass: &PassReport) -> usize {
    pass.pages.iter().filter(|page| page.status == VisitStatus::Ok).count()
}

/// The profile that the site was judged by, and the date from which its law applies.
pub(super) fn profile(scan: &Scan) -> String {
    format!("profile {} (in force since {})", scan.profile, scan.law.in_force)
}

/// [`profile`] with the title and address of the law.
pub(super) fn law(scan: &Scan) -> String {
    let law = &scan.law;
    format!("{}: {}, <{}>, as of {}", profile(scan), law.title, law.source, law.written)
}

/// The legal bases that the user declared for the site; `None` if there are none.
pub(super) fn bases(scan: &Scan) -> Option<String> {
    let declared = &scan.law.bases;
    let said =
        |it: &BasisReport| format!("{} for {} ({})", it.exemption, it.category, it.paragraph);
    let list = declared.iter().map(said).collect::<Vec<_>>().join("; ");
    (!declared.is_empty()).then(|| format!("{list}: as declared; not verified"))
}

/// The findings without a waiver, in the order of the report.
pub(super) fn unwaived(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| finding.waived.is_none())
}

/// How many violated rules may have more findings, because evidence was missing.
pub(super) fn violated_in_part(report: &Report) -> usize {
    let verdicts = report.verdicts.iter();
    verdicts.filter(|it| it.outcome == OutcomeName::Violated && it.why.is_some()).count()
}

/// How many rules have this outcome.
pub(super) fn with_outcome(report: &Report, outcome: OutcomeName) -> usize {
    report.verdicts.iter().filter(|verdict| verdict.outcome == outcome).count()
}

/// How many pages were observed in how many passes.
pub(super) fn coverage(report: &Report) -> String {
    let mut pages: Vec<_> = report
        .passes
        .iter()
        .flat_map(|pass| &pass.pages)
        .filter(|page| page.status == VisitStatus::Ok)
        .map(|page| &page.url)
        .collect();
    pages.sort_unstable();
    pages.dedup();
    let passes = report.passes.iter().filter(|pass| pages_observed(pass) > 0).count();
    format!("{} in {}", plural(pages.len(), "page"), plural(passes, "pass"))
}

/// What an exit code means.
pub(super) const fn exit_meaning(code: u8) -> &'static str {
    match code {
        0 => "no findings at or above the severity that fails a run",
        1 => "at least one finding at or above the severity that fails a run",
        2 => "wrong usage; nothing was scanned",
        3 => "the scan did not complete and says nothing about the site",
        4 => "no findings that fail a run, but some rules could not be decided",
        130 => "interrupted",
        _ => "unknown exit code",
    }
}

/// `1 page`, `2 pages`, `2 passes`, `2 fixes`.
pub(super) fn plural(n: usize, one: &str) -> String {
    match (n, one) {
        (1, one) => format!("1 {one}"),
        (n, one) if one.ends_with(['s', 'x']) => format!("{n} {one}es"),
        (n, one) => format!("{n} {one}s"),
    }
}

/// `5 high, 2 low`; empty if there are none.
pub(super) fn by_severity(findings: &[&Finding]) -> String {
    SEVERITIES
        .iter()
        .filter_map(|&severity| {
            let n = findings.iter().filter(|it| it.severity == severity).count();
            (n > 0).then(|| format!("{n} {severity}"))
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// `2026-03-01 09:30 UTC` of an RFC 3339 time in UTC; anything else as it is.
pub(super) fn time(rfc3339: &str) -> String {
    match (rfc3339.get(..10), rfc3339.get(11..16)) {
        (Some(day), Some(minute)) if rfc3339.ends_with('Z') => format!("{day} {minute} UTC"),
        _ => rfc3339.to_owned(),
    }
}

/// A duration in one unit, rounded down.
pub(super) fn duration(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const YEAR: i64 = 365 * DAY;
    // "Two days from now" is a second less by the time the browser counts.
    let seconds = if seconds % MINUTE == MINUTE - 1 { seconds + 1 } else { seconds };
    let (unit, name) = match seconds {
        ..=0 => return "ends at once".to_owned(),
        s if s >= 2 * YEAR => (YEAR, "year"),
        s if s >= DAY => (DAY, "day"),
        s if s >= HOUR => (HOUR, "hour"),
        s if s >= MINUTE => (MINUTE, "minute"),
        _ => (1, "second"),
    };
    plural(usize::try_from(seconds / unit).unwrap_or(usize::MAX), name)
}

/// The lifetime that a cookie requested, and the one that the browser granted.
pub(super) fn lifetime(lifetime: &Lifetime) -> String {
    match (lifetime.session, lifetime.requested_seconds, lifetime.seconds) {
        (true, ..) => "session".to_owned(),
        (_, Some(requested), Some(kept)) if duration(requested) == duration(kept) => duration(kept),
        (_, Some(requested), Some(kept)) => {
            format!("requested {}, kept {}", duration(requested), duration(kept))
        }
        (_, Some(requested), None) => format!("requested {}", duration(requested)),
        (_, None, Some(kept)) => format!("kept {}", duration(kept)),
        (_, None, None) => "not known".to_owned(),
    }
}

/// The script or response that set something, as a phrase.
pub(super) fn set_by(set_by: &SetBy) -> String {
    let through = match set_by.chain.as_slice() {
        [] => String::new(),
        chain => format!(", loaded through {}", chain.join(" → ")),
    };
    match (set_by.kind, &set_by.url) {
        (SetKind::Http, Some(url)) => format!("the response from {url}{through}"),
        (SetKind::Script, Some(url)) => format!("the script {url}{through}"),
        (SetKind::Http, None) => "a response that was not observed".to_owned(),
        (SetKind::Script, None) => format!("a script with an unknown address{through}"),
        (SetKind::Unknown, _) => "setter not observed".to_owned(),
    }
}

/// The heading of a pass: when its observations were made.
pub(super) const fn pass_title(pass: Pass) -> &'static str {
    match pass {
        Pass::None => "Before any choice",
        Pass::Reject => "After refusing",
        Pass::Accept => "After accepting",
        Pass::Withdraw => "After withdrawing",
    }
}

/// The outcome of a pass, in a word or two.
pub(super) const fn pass_outcome(outcome: PassOutcome) -> &'static str {
    match outcome {
        PassOutcome::Done => "done",
        PassOutcome::Unavailable => "not offered",
        PassOutcome::Failed => "failed",
    }
}

/// How a choice was made and verified, or why it was not; empty for a pass without a choice.
pub(super) fn choice(pass: &PassReport) -> String {
    let via = match pass.via {
        Via::None => None,
        Via::Recipe => Some("with a recipe for this banner"),
        Via::Autoconsent => Some("with autoconsent"),
        Via::Heuristic => Some("matched by button text"),
    };
    let mut parts = Vec::new();
    if let Some(via) = via {
        let clicks = plural(usize::try_from(pass.clicks).unwrap_or(usize::MAX), "click");
        parts.push(format!("{clicks}, {via}"));
    }
    if let Some(cmp) = &pass.cmp {
        parts.push(format!("banner of {cmp}"));
    }
    if !pass.proof.is_empty() {
        let proof: Vec<_> = pass.proof.iter().map(|&proof| verified_by(proof)).collect();
        parts.push(format!("verified: {}", proof.join(", ")));
    } else if pass.outcome == PassOutcome::Done && pass.via != Via::None {
        parts.push("not verified".to_owned());
    }
    parts.extend(pass.why.clone());
    parts.join("; ")
}

const fn verified_by(proof: Proof) -> &'static str {
    match proof {
        Proof::BannerGone => "the banner went away",
        Proof::ConsentStored => "the choice was stored",
        Proof::PersistsAfterReload => "it was kept after a reload",
    }
}

/// The outcome of opening a page.
pub(super) const fn visit_status(status: VisitStatus) -> &'static str {
    match status {
        VisitStatus::Ok => "observed",
        VisitStatus::HttpError => "error page",
        VisitStatus::Failed => "no answer",
        VisitStatus::Timeout => "timed out",
        VisitStatus::NotHtml => "not a web page",
        VisitStatus::Challenge => "bot check",
    }
}

/// The `SameSite` attribute as written.
pub(super) const fn same_site(same_site: SameSite) -> &'static str {
    match same_site {
        SameSite::Strict => "SameSite=Strict",
        SameSite::Lax => "SameSite=Lax",
        SameSite::None => "SameSite=None",
        SameSite::Unset => "no SameSite",
    }
}

/// The category of a declared item, and where the notice says so.
pub(super) fn declared_category(declaration: &Declaration) -> String {
    let basis = match declaration.category_basis {
        Some(CategoryBasis::Stated) => " (stated)",
        Some(CategoryBasis::Section) => " (from its section)",
        Some(CategoryBasis::Inferred) => " (from its purpose)",
        None => "",
    };
    match declaration.category {
        Some(category) => format!("{category}{basis}"),
        None => "no category".to_owned(),
    }
}

/// A category for people: nobody should read "unknown" as harmless.
pub(super) const fn category(category: Category) -> &'static str {
    match category {
        Category::Unknown => "not known",
        known => known.name(),
    }
}

#[cfg(test)]
mod cases;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_one_unit() {
        for (seconds, said) in [
            (-5, "ends at once"),
            (1, "1 second"),
            (1800, "30 minutes"),
            (86_399, "1 day"),
            (86_400, "1 day"),
            (34_560_000, "400 days"),
            (63_072_000, "2 years"),
            (i64::MAX, "292471208677 years"),
        ] {
            assert_eq!(duration(seconds), said);
        }
    }

    #[test]
    fn a_lifetime_that_the_browser_cut_shows_both() {
        let mut it = Lifetime {
            session: false,
            seconds: Some(34_560_000),
            requested_seconds: Some(63_072_000),
        };
        assert_eq!(lifetime(&it), "requested 2 years, kept 400 days");
        it.requested_seconds = None;
        assert_eq!(lifetime(&it), "kept 400 days");
    }

    #[test]
    fn times_of_another_shape_are_left_alone() {
        assert_eq!(time("2026-03-01T09:30:12Z"), "2026-03-01 09:30 UTC");
        assert_eq!(time("2026-03-01T09:30:12+01:00"), "2026-03-01T09:30:12+01:00");
        assert_eq!(time("été"), "été");
    }

    #[test]
    fn plurals() {
        assert_eq!(plural(2, "pass"), "2 passes");
        assert_eq!(plural(0, "page"), "0 pages");
        assert_eq!(plural(2, "day"), "2 days");
    }
}
