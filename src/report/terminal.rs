//! For people at a terminal: the result first, then fixes, most severe first.

use std::io;

use anstyle::{AnsiColor, Style as Look};

use super::{
    format::{Format, Place, Style},
    headline::{Tone, headline},
    model::{OutcomeName, PassOutcome, Report},
    phrases::{self, plural},
    remediation::{self, Attribution, Group},
    text_layout::Page,
};
use crate::{
    audit::{Finding, Severity},
    model::Confidence,
};

pub(super) const FORMAT: Format = Format {
    name: "terminal",
    extension: "txt",
    head_lists_parts: false,
    head: |_, targets| Ok(if targets == 0 { NO_TARGETS } else { "" }.to_owned()),
    part,
    tail: |_| "",
};

const PLAIN: Look = Look::new();
const BOLD: Look = Look::new().bold();
const FAINT: Look = Look::new().dimmed();

/// Width of the labels of the summary and of a finding.
const LABEL: usize = 12;

const NO_TARGETS: &str = "Nothing was observed: no target was scanned.\n";

fn part(report: &Report, place: Place, style: Style) -> io::Result<String> {
    let mut text = Vec::new();
    let mut page = Page::new(&mut text, style);
    if place.before > 0 {
        page.blank()?;
        page.blank()?;
    }
    summary(&mut page, report)?;
    fixes(&mut page, report)?;
    undecided(&mut page, report)?;
    problems(&mut page, report)?;
    other_rules(&mut page, report)?;
    String::from_utf8(text).map_err(io::Error::other)
}

fn summary(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let scan = &report.scan;
    page.text(0, &scan.target, BOLD)?;
    if scan.final_url != scan.target {
        page.text(0, &format!("redirected to {}", scan.final_url), FAINT)?;
    }
    page.text(
        0,
        &format!(
            "{}, {} s, {}, {} {}",
            phrases::time(&scan.started),
            scan.duration_ms.div_ceil(1000),
            phrases::profile(scan),
            report.tool.name,
            report.tool.version
        ),
        FAINT,
    )?;
    page.blank()?;

    let (tone, result) = headline(report);
    let code = report.exit_code;
    let result = format!("{result} (exit {code}: {})", phrases::exit_meaning(code));
    page.entry(0, "Result", LABEL, BOLD, &result, look_of(tone))?;

    let standing: Vec<_> = phrases::unwaived(report).collect();
    let severities = phrases::by_severity(&standing);
    if !severities.is_empty() {
        page.entry(0, "Findings", LABEL, BOLD, &severities, PLAIN)?;
    }
    let waived = report.findings.len() - standing.len();
    if waived > 0 {
        page.entry(0, "Waived", LABEL, BOLD, &plural(waived, "finding"), PLAIN)?;
    }
    let open = phrases::with_outcome(report, OutcomeName::Open);
    let rules = plural(report.verdicts.len(), "rule");
    let undecided = match (open, phrases::violated_in_part(report)) {
        (0, 0) => "none".to_owned(),
        (0, part) => format!("{part} of {rules} in part: there may be more findings"),
        (open, 0) => format!("{open} of {rules}"),
        (open, part) => format!("{open} of {rules}, and {part} more in part"),
    };
    page.entry(0, "Undecided", LABEL, BOLD, &undecided, PLAIN)?;

    for (n, pass) in report.passes.iter().enumerate() {
        let how = phrases::choice(pass);
        let line = format!(
            "{}, {} of {} observed{}{how}",
            phrases::pass_outcome(pass.outcome),
            phrases::pages_observed(pass),
            plural(pass.pages.len(), "page"),
            if how.is_empty() { "" } else { ": " },
        );
        let title = if n == 0 { "Passes" } else { "" };
        let label = format!("{title:LABEL$}{}", pass.pass);
        let look = if pass.outcome == PassOutcome::Failed { BOLD } else { PLAIN };
        page.entry(0, &label, LABEL + 9, BOLD, &line, look)?;
    }
    let notice = match &report.notice {
        Some(notice) => format!(
            "{}: {}, {}{}",
            notice.source,
            plural(notice.declarations.len(), "declaration"),
            plural(notice.claims.len(), "claim"),
            notice.reviewed.as_ref().map_or(String::new(), |it| format!(", reviewed {it}"))
        ),
        None => "none was read, so nothing could be compared with it".to_owned(),
    };
    page.entry(0, "Notice", LABEL, BOLD, &notice, PLAIN)?;
    if let Some(bases) = phrases::bases(scan) {
        page.entry(0, "Relies on", LABEL, BOLD, &bases, PLAIN)?;
    }
    if phrases::observed(report) {
        let seen = format!(
            "{}, {} and {} on {}",
            plural(report.cookies.len(), "cookie"),
            plural(report.storage.len(), "storage item"),
            plural(report.hosts.len(), "host"),
            phrases::coverage(report)
        );
        page.entry(0, "Observed", LABEL, BOLD, &seen, PLAIN)?;
    }
    Ok(())
}

fn fixes(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let groups = remediation::groups(report);
    let doers = Attribution::new(report);
    if !groups.is_empty() {
        heading(page, "Fixes, most severe first")?;
    }
    for (n, group) in groups.iter().enumerate() {
        page.blank()?;
        let number = format!("{}.", n + 1);
        let edit = format!("{} {}", group.lead, group.object);
        page.entry(0, &number, 4, BOLD, &edit, BOLD)?;
        let kind = format!("{}, {}", group.severity, plural(group.findings.len(), "finding"));
        page.text(4, &kind, look(group.severity))?;
        group_findings(page, &doers, group)?;
    }
    let waived: Vec<_> = report.findings.iter().filter(|it| it.waived.is_some()).collect();
    if !waived.is_empty() {
        heading(page, "Waived")?;
    }
    for finding in waived {
        let why = finding.waived.as_deref().unwrap_or_default();
        let text = format!("{} {}: {why}", finding.rule, finding.subject);
        page.entry(4, "-", 2, PLAIN, &text, PLAIN)?;
    }
    Ok(())
}

fn group_findings(
    page: &mut Page<'_>,
    doers: &Attribution<'_>,
    group: &Group<'_>,
) -> io::Result<()> {
    let mut before = (String::new(), String::new());
    for &finding in &group.findings {
        let text = format!("{}: {}{}", finding.rule, finding.message, sure(finding.confidence));
        let label = short(finding.severity);
        page.entry(4, label, LABEL, look(finding.severity), &text, PLAIN)?;
        page.entry(4, "", LABEL, PLAIN, &finding.subject.to_string(), BOLD)?;
        let now = (doers.phrase(&finding.subject).unwrap_or_default(), place(finding));
        for fact in facts(&before, &now) {
            page.entry(4, "", LABEL, PLAIN, &fact, FAINT)?;
        }
        if !finding.advice.is_empty() && finding.advice != group.lead {
            page.entry(4, "", LABEL, PLAIN, &format!("→ {}", finding.advice), PLAIN)?;
        }
        before = now;
    }
    Ok(())
}

/// Who caused a finding and where it was seen, shortened if the finding above says the same.
fn facts(before: &(String, String), now: &(String, String)) -> Vec<String> {
    let same_by = !now.0.is_empty() && now.0 == before.0;
    let same_at = !now.1.is_empty() && now.1 == before.1;
    match (same_by, same_at) {
        (true, true) => vec!["same cause, same pages".to_owned()],
        (true, false) => vec!["same cause".to_owned(), now.1.clone()],
        (false, true) => vec![now.0.clone(), "same pages".to_owned()],
        (false, false) => vec![now.0.clone(), now.1.clone()],
    }
    .into_iter()
    .filter(|fact| !fact.is_empty())
    .collect()
}

/// The mark of a finding that is not certain.
const fn sure(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "",
        Confidence::Medium => " (likely)",
        Confidence::Low => " (a hint)",
    }
}

/// Where a finding was seen.
fn place(finding: &Finding) -> String {
    let passes: Vec<_> = finding.passes.iter().map(|it| it.name()).collect();
    let passes = match passes.as_slice() {
        [] => None,
        [pass] => Some(format!("pass {pass}")),
        passes => Some(format!("passes {}", passes.join(", "))),
    };
    let pages = match finding.pages.as_slice() {
        [] => None,
        [page] => Some(format!("on {page}")),
        [page, more @ ..] => Some(format!("on {page} and {}", plural(more.len(), "more page"))),
    };
    [passes, pages].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn undecided(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    // A violated rule that ran out of evidence may have more to say.
    let open: Vec<_> = report
        .verdicts
        .iter()
        .filter(|it| match it.outcome {
            OutcomeName::Open => true,
            OutcomeName::Violated => it.why.is_some(),
            OutcomeName::Satisfied | OutcomeName::NotApplicable => false,
        })
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    heading(page, "Could not be decided")?;
    // One missing pass leaves many rules open; its reason is printed once.
    for (n, verdict) in open.iter().enumerate() {
        if open[..n].iter().any(|it| it.why == verdict.why) {
            continue;
        }
        let rules: Vec<_> = open
            .iter()
            .filter(|it| it.why == verdict.why)
            .map(|it| match it.outcome {
                OutcomeName::Violated => format!("{} (there may be more findings)", it.rule),
                _ => it.rule.clone(),
            })
            .collect();
        page.text(4, verdict.why.as_deref().unwrap_or("no reason given"), PLAIN)?;
        page.text(8, &rules.join(", "), FAINT)?;
    }
    Ok(())
}

fn problems(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    if !report.problems.is_empty() {
        heading(page, "Problems during the scan")?;
    }
    for problem in &report.problems {
        let text = format!("{}: {}", problem.place, problem.message);
        page.entry(4, "-", 2, PLAIN, &text, PLAIN)?;
    }
    Ok(())
}

fn other_rules(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let rules = |outcome| {
        let all: Vec<_> = report.verdicts.iter().filter(|it| it.outcome == outcome).collect();
        let names: Vec<_> = all.iter().map(|it| it.rule.as_str()).collect();
        (names.len(), names.join(", "))
    };
    let (n, names) = rules(OutcomeName::NotApplicable);
    let not_applicable = (n > 0).then(|| format!("{n} not applicable: {names}"));
    let (n, names) = rules(OutcomeName::Satisfied);
    // Whatever a verdict says, no rule is satisfied if nothing was observed.
    let satisfied = (n > 0 && phrases::observed(report)).then(|| {
        format!("{} satisfied on {}: {names}", plural(n, "rule"), phrases::coverage(report))
    });
    if satisfied.is_some() || not_applicable.is_some() {
        page.blank()?;
    }
    for text in [satisfied, not_applicable].into_iter().flatten() {
        page.text(0, &text, FAINT)?;
    }
    Ok(())
}

fn heading(page: &mut Page<'_>, text: &str) -> io::Result<()> {
    page.blank()?;
    page.text(0, text, BOLD.underline())
}

/// A severity, short enough for a label.
const fn short(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "info",
        other => other.name(),
    }
}

const fn look(severity: Severity) -> Look {
    match severity {
        Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Informational => FAINT,
    }
}

const fn look_of(tone: Tone) -> Look {
    match tone {
        Tone::Found => AnsiColor::Red.on_default().bold(),
        Tone::Unsure => AnsiColor::Yellow.on_default().bold(),
        // Not green: pages that were not opened may do anything.
        Tone::Quiet => BOLD,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use unicode_width::UnicodeWidthStr as _;

    use super::{super::testing, *};

    fn written(reports: &[Report], style: Style) -> String {
        let mut out = Vec::new();
        FORMAT.write(reports, &mut out, style).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_parts_come_in_the_order_a_person_needs_them() {
        let mut report = testing::flagship();
        report.problems = testing::unreachable().problems;
        let text = written(&[report], Style::PLAIN);
        let mut last = 0;
        for part in [
            "Result",
            "Undecided",
            "Passes",
            "Notice",
            "Fixes, most severe first",
            "Could not be decided",
            "Problems during the scan",
            "satisfied on",
            "not applicable",
        ] {
            let at = text[last..].find(part).unwrap_or_else(|| panic!("{part} in {text}"));
            last += at;
        }
    }

    #[test]
    fn lines_keep_to_the_width() {
        for width in [40, 72, 100] {
            for report in [testing::flagship(), testing::hostile()] {
                for line in written(&[report], Style { colour: false, width }).lines() {
                    assert!(line.width() <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn colour_changes_no_word() {
        let plain = written(&[testing::flagship()], Style { colour: false, width: 80 });
        let colour = written(&[testing::flagship()], Style { colour: true, width: 80 });
        assert!(colour.contains("\x1b[31m"));
        let mut bare = String::new();
        let mut rest = colour.as_str();
        while let Some((before, after)) = rest.split_once('\x1b') {
            bare.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        bare.push_str(rest);
        assert_eq!(bare, plain);
    }

    #[test]
    fn one_missing_pass_is_reported_once() {
        let report = testing::unreachable();
        let text = written(std::slice::from_ref(&report), Style { colour: false, width: 110 });
        let reasons: BTreeSet<&str> =
            report.verdicts.iter().filter_map(|it| it.why.as_deref()).collect();
        assert!(report.verdicts.len() > 5 * reasons.len());
        for reason in reasons {
            // As much of it as stands on one line.
            let start = format!("    {}", reason.chars().take(40).collect::<String>());
            let printed = text.lines().filter(|line| line.starts_with(&start)).count();
            assert_eq!(printed, 1, "{reason}: {text}");
        }
    }

    #[test]
    fn no_targets_do_not_read_as_clean() {
        assert!(written(&[], Style::PLAIN).starts_with("Nothing was observed"));
    }

    #[test]
    fn a_satisfied_rule_says_on_how_many_pages() {
        let text = written(&[testing::refused()], Style::PLAIN);
        assert!(text.contains("rules satisfied on 3 pages in 4 passes"), "{text}");
    }
}
