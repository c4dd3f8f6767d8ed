//! How people are told: the words that the formats for people share.

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
    report.passes.iter().any(|pass| pages_seen(pass) > 0)
}

/// How many pages of a pass were observed.
pub(super) fn pages_seen(pass: &PassReport) -> usize {
    pass.pages.iter().filter(|page| page.status == VisitStatus::Ok).count()
}

/// The profile that a site was judged by, and since when its law has been in force.
pub(super) fn profile(scan: &Scan) -> String {
    format!("profile {} (in force since {})", scan.profile, scan.law.in_force)
}

/// The same with where it stands.
pub(super) fn law(scan: &Scan) -> String {
    let law = &scan.law;
    format!("{}: {}, <{}>, as of {}", profile(scan), law.title, law.source, law.written)
}

/// What the site is said to rely on in place of consent; `None` if nothing was said.
pub(super) fn bases(scan: &Scan) -> Option<String> {
    let declared = &scan.law.bases;
    let said =
        |it: &BasisReport| format!("{} for {} ({})", it.exemption, it.category, it.paragraph);
    let list = declared.iter().map(said).collect::<Vec<_>>().join("; ");
    (!declared.is_empty()).then(|| format!("{list}: as declared, which excuses nothing by itself"))
}

/// Findings that nobody decided to tolerate, in order.
pub(super) fn standing(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| finding.waived.is_none())
}

/// How many questions have findings for an answer but may have more, as evidence was missing.
pub(super) fn answered_in_part(report: &Report) -> usize {
    let verdicts = report.verdicts.iter();
    verdicts.filter(|it| it.outcome == OutcomeName::Violated && it.why.is_some()).count()
}

/// How many verdicts have an outcome.
pub(super) fn answered(report: &Report, outcome: OutcomeName) -> usize {
    report.verdicts.iter().filter(|verdict| verdict.outcome == outcome).count()
}

/// What an observation of this scan is limited to.
pub(super) fn looked_at(report: &Report) -> String {
    let mut pages: Vec<_> = report
        .passes
        .iter()
        .flat_map(|pass| &pass.pages)
        .filter(|page| page.status == VisitStatus::Ok)
        .map(|page| &page.url)
        .collect();
    pages.sort_unstable();
    pages.dedup();
    let passes = report.passes.iter().filter(|pass| pages_seen(pass) > 0).count();
    format!(
        "{}, {} and {}",
        plural(pages.len(), "page"),
        plural(passes, "pass"),
        plural(usize::try_from(report.scan.visits).unwrap_or(usize::MAX), "visit")
    )
}

/// What an exit code says.
pub(super) const fn exit_meaning(code: u8) -> &'static str {
    match code {
        0 => "nothing at or above the level that fails a run",
        1 => "at least one finding at or above the level that fails a run",
        2 => "usage or settings were wrong and nothing was scanned",
        3 => "the scan did not complete and says nothing about the site",
        4 => "no finding that fails a run, but something could not be decided",
        130 => "interrupted",
        _ => "not a code of this tool",
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

/// A length of time as people say it, rounded down to one unit.
pub(super) fn span(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const YEAR: i64 = 365 * DAY;
    // A site that sets "two days from now" is a second late by the time the browser counts.
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

/// How long a cookie was asked to live, and how long it does.
pub(super) fn lifetime(lifetime: &Lifetime) -> String {
    match (lifetime.session, lifetime.requested_seconds, lifetime.seconds) {
        (true, ..) => "session".to_owned(),
        (_, Some(asked), Some(held)) if span(asked) == span(held) => span(held),
        (_, Some(asked), Some(held)) => {
            format!("asked {}, held {}", span(asked), span(held))
        }
        (_, Some(asked), None) => format!("asked {}", span(asked)),
        (_, None, Some(held)) => format!("held {}", span(held)),
        (_, None, None) => "not known".to_owned(),
    }
}

/// Who wrote something, as a phrase.
pub(super) fn set_by(set_by: &SetBy) -> String {
    let through = match set_by.chain.as_slice() {
        [] => String::new(),
        chain => format!(", loaded through {}", chain.join(" → ")),
    };
    match (set_by.kind, &set_by.url) {
        (SetKind::Http, Some(url)) => format!("the response from {url}{through}"),
        (SetKind::Script, Some(url)) => format!("the script {url}{through}"),
        (SetKind::Http, None) => "a response that was not seen".to_owned(),
        (SetKind::Script, None) => format!("a script of unknown address{through}"),
        (SetKind::Unknown, _) => "nobody was seen setting it".to_owned(),
    }
}

/// What a pass does, as a heading.
pub(super) const fn pass_title(pass: Pass) -> &'static str {
    match pass {
        Pass::None => "Before any choice",
        Pass::Reject => "After refusing",
        Pass::Accept => "After accepting",
        Pass::Withdraw => "After withdrawing",
    }
}

/// How a pass went, in one word or two.
pub(super) const fn pass_outcome(outcome: PassOutcome) -> &'static str {
    match outcome {
        PassOutcome::Done => "done",
        PassOutcome::Unavailable => "not offered",
        PassOutcome::Failed => "failed",
    }
}

/// How a choice was made and what showed it, or why it was not; empty if none was to be made.
pub(super) fn choice(pass: &PassReport) -> String {
    let via = match pass.via {
        Via::None => None,
        Via::Recipe => Some("by a recipe for this banner"),
        Via::Autoconsent => Some("by autoconsent"),
        Via::Heuristic => Some("found by the words on the buttons"),
    };
    let mut parts = Vec::new();
    if let Some(via) = via {
        let clicks = plural(usize::try_from(pass.clicks).unwrap_or(usize::MAX), "click");
        parts.push(format!("{clicks} {via}"));
    }
    if let Some(cmp) = &pass.cmp {
        parts.push(format!("banner by {cmp}"));
    }
    if !pass.proof.is_empty() {
        let proof: Vec<_> = pass.proof.iter().map(|&proof| proof_words(proof)).collect();
        parts.push(format!("proof: {}", proof.join(", ")));
    } else if pass.outcome == PassOutcome::Done && pass.via != Via::None {
        parts.push("no proof that the choice was taken".to_owned());
    }
    parts.extend(pass.why.clone());
    parts.join("; ")
}

const fn proof_words(proof: Proof) -> &'static str {
    match proof {
        Proof::BannerGone => "the banner went away",
        Proof::ConsentStored => "the choice was stored",
        Proof::PersistsAfterReload => "it held after a reload",
    }
}

/// How opening a page went.
pub(super) const fn visit_status(status: VisitStatus) -> &'static str {
    match status {
        VisitStatus::Ok => "observed",
        VisitStatus::HttpError => "error page",
        VisitStatus::Failed => "no answer",
        VisitStatus::Timeout => "timed out",
        VisitStatus::NotHtml => "not a web page",
        VisitStatus::Challenge => "asked for a human",
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

/// What a notice says a declared item is for, and by what.
pub(super) fn declared_category(declaration: &Declaration) -> String {
    let basis = match declaration.category_basis {
        Some(CategoryBasis::Stated) => " (stated)",
        Some(CategoryBasis::Section) => " (by its section)",
        Some(CategoryBasis::Inferred) => " (by its purpose)",
        None => "",
    };
    match declaration.category {
        Some(category) => format!("{category}{basis}"),
        None => "no category".to_owned(),
    }
}

/// A category for people: nobody should take "unknown" for harmless.
pub(super) const fn category(category: Category) -> &'static str {
    match category {
        Category::Unknown => "not known",
        known => known.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_one_unit() {
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
            assert_eq!(span(seconds), said);
        }
    }

    #[test]
    fn a_cap_of_the_browser_is_said() {
        let mut it = Lifetime {
            session: false,
            seconds: Some(34_560_000),
            requested_seconds: Some(63_072_000),
        };
        assert_eq!(lifetime(&it), "asked 2 years, held 400 days");
        it.requested_seconds = None;
        assert_eq!(lifetime(&it), "held 400 days");
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
