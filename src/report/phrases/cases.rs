//! What the formats for people say, phrase by phrase.

use super::*;
use crate::report::testing;

#[test]
fn durations_change_their_unit_where_it_is_whole() {
    for (seconds, said) in [
        (0, "ends at once"),
        (58, "58 seconds"),
        (59, "1 minute"),
        (60, "1 minute"),
        (118, "1 minute"),
        (3599, "1 hour"),
        (3600, "1 hour"),
        (7200, "2 hours"),
        (86_398, "23 hours"),
        (172_800, "2 days"),
        (31_536_000, "365 days"),
        (63_071_999, "2 years"),
        (94_608_000, "3 years"),
    ] {
        assert_eq!(duration(seconds), said, "{seconds}");
    }
}

#[test]
fn a_lifetime_says_what_was_requested_and_what_was_kept() {
    let said = |session, requested_seconds, seconds| {
        lifetime(&Lifetime { session, seconds, requested_seconds })
    };
    assert_eq!(said(true, None, None), "session");
    assert_eq!(said(false, Some(60), Some(60)), "1 minute");
    assert_eq!(said(false, Some(120), Some(60)), "requested 2 minutes, kept 1 minute");
    assert_eq!(said(false, Some(60), None), "requested 1 minute");
    assert_eq!(said(false, None, Some(60)), "kept 1 minute");
    assert_eq!(said(false, None, None), "not known");
}

#[test]
fn who_set_something_is_a_phrase() {
    let said = |kind, url: Option<&str>, chain: &[&str]| {
        let chain = chain.iter().map(|it| (*it).to_owned()).collect();
        set_by(&SetBy { kind, url: url.map(str::to_owned), chain })
    };
    let url = Some("https://a.test/x");
    assert_eq!(said(SetKind::Http, url, &[]), "the response from https://a.test/x");
    assert_eq!(said(SetKind::Script, url, &[]), "the script https://a.test/x");
    assert_eq!(
        said(SetKind::Script, url, &["b", "c"]),
        "the script https://a.test/x, loaded through b → c"
    );
    assert_eq!(
        said(SetKind::Http, url, &["b"]),
        "the response from https://a.test/x, loaded through b"
    );
    assert_eq!(said(SetKind::Http, None, &[]), "a response that was not observed");
    assert_eq!(
        said(SetKind::Script, None, &["b"]),
        "a script with an unknown address, loaded through b"
    );
    assert_eq!(said(SetKind::Unknown, url, &[]), "setter not observed");
}

#[test]
fn a_choice_says_how_it_was_made_and_how_that_is_known() {
    let report = testing::flagship();
    let pass = |via, clicks, cmp: Option<&str>, proof: &[Proof], outcome, why: Option<&str>| {
        choice(&PassReport {
            via,
            clicks,
            cmp: cmp.map(str::to_owned),
            proof: proof.to_vec(),
            outcome,
            why: why.map(str::to_owned),
            ..report.passes[0].clone()
        })
    };
    use PassOutcome::{Done, Failed};
    assert_eq!(pass(Via::None, 0, None, &[], Done, None), "");
    assert_eq!(
        pass(Via::Recipe, 2, Some("Bar"), &[Proof::BannerGone, Proof::ConsentStored], Done, None),
        "2 clicks, with a recipe for this banner; banner of Bar; verified: the banner went away, \
         the choice was stored"
    );
    assert_eq!(
        pass(Via::Autoconsent, 1, None, &[Proof::PersistsAfterReload], Done, None),
        "1 click, with autoconsent; verified: it was kept after a reload"
    );
    assert_eq!(
        pass(Via::Heuristic, 1, None, &[], Done, Some("why")),
        "1 click, matched by button text; not verified; why"
    );
    assert_eq!(pass(Via::None, 0, None, &[], Failed, Some("why")), "why");
    assert_eq!(
        pass(Via::Heuristic, 1, None, &[], Failed, Some("why")),
        "1 click, matched by button text; why"
    );
}

#[test]
fn closed_lists_have_words_for_people() {
    let titles = [Pass::None, Pass::Reject, Pass::Accept, Pass::Withdraw].map(pass_title);
    assert_eq!(
        titles,
        ["Before any choice", "After refusing", "After accepting", "After withdrawing"]
    );
    let outcomes = [PassOutcome::Done, PassOutcome::Unavailable, PassOutcome::Failed];
    assert_eq!(outcomes.map(pass_outcome), ["done", "not offered", "failed"]);
    let statuses = [
        (VisitStatus::Ok, "observed"),
        (VisitStatus::HttpError, "error page"),
        (VisitStatus::Failed, "no answer"),
        (VisitStatus::Timeout, "timed out"),
        (VisitStatus::NotHtml, "not a web page"),
        (VisitStatus::Challenge, "bot check"),
    ];
    for (status, said) in statuses {
        assert_eq!(visit_status(status), said);
    }
    let attributes = [SameSite::Strict, SameSite::Lax, SameSite::None, SameSite::Unset];
    assert_eq!(
        attributes.map(same_site),
        ["SameSite=Strict", "SameSite=Lax", "SameSite=None", "no SameSite"]
    );
    assert_eq!(category(Category::Unknown), "not known");
    assert_eq!(category(Category::Marketing), "marketing");
    for (code, words) in [
        (0, "no findings at or above"),
        (1, "at least one finding"),
        (2, "wrong usage"),
        (3, "did not complete"),
        (4, "could not be decided"),
        (130, "interrupted"),
        (99, "unknown exit code"),
    ] {
        assert!(exit_meaning(code).contains(words), "{code}");
    }
}

#[test]
fn a_declared_category_says_where_it_comes_from() {
    let said = |line: &str, basis| {
        let mut row = crate::audit::testing::notice(line).declarations.remove(0);
        row.category_basis = basis;
        declared_category(&row)
    };
    let row = "declare x category=marketing";
    assert_eq!(said(row, Some(CategoryBasis::Stated)), "marketing (stated)");
    assert_eq!(said(row, Some(CategoryBasis::Section)), "marketing (from its section)");
    assert_eq!(said(row, Some(CategoryBasis::Inferred)), "marketing (from its purpose)");
    assert_eq!(said(row, None), "marketing");
    assert_eq!(said("declare x", None), "no category");
}

#[test]
fn words_are_put_into_the_plural() {
    for (n, one, said) in [
        (1, "fix", "1 fix"),
        (2, "fix", "2 fixes"),
        (2, "pass", "2 passes"),
        (0, "page", "0 pages"),
        (1, "page", "1 page"),
    ] {
        assert_eq!(plural(n, one), said);
    }
}

#[test]
fn findings_and_rules_are_counted() {
    let mut report = testing::flagship();
    let all = unwaived(&report).count();
    assert_eq!(all, report.findings.len());
    let findings: Vec<&Finding> = report.findings.iter().collect();
    let said = by_severity(&findings);
    let counts: Vec<String> = SEVERITIES
        .into_iter()
        .map(|severity| (severity, findings.iter().filter(|it| it.severity == severity).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(severity, n)| format!("{n} {severity}"))
        .collect();
    assert_eq!(said, counts.join(", "));
    assert_eq!(by_severity(&[]), "");
    let violated = with_outcome(&report, OutcomeName::Violated);
    assert!(violated > 0 && violated < report.verdicts.len());
    let outcomes = [
        OutcomeName::Satisfied,
        OutcomeName::Violated,
        OutcomeName::Open,
        OutcomeName::NotApplicable,
    ];
    let rules: usize = outcomes.into_iter().map(|it| with_outcome(&report, it)).sum();
    assert_eq!(rules, report.verdicts.len());
    for it in &mut report.verdicts {
        it.why = Some("more may be there".to_owned());
    }
    assert_eq!(violated_in_part(&report), violated);
    for it in &mut report.verdicts {
        it.why = None;
    }
    assert_eq!(violated_in_part(&report), 0);
}

#[test]
fn coverage_counts_each_page_once_and_only_what_was_observed() {
    let mut report = testing::clean();
    let passes = report.passes.len();
    assert!(observed(&report));
    assert_eq!(coverage(&report), format!("2 pages in {}", plural(passes, "pass")));
    for page in report.passes.iter_mut().flat_map(|it| &mut it.pages) {
        page.status = VisitStatus::Timeout;
    }
    assert!(!observed(&report));
    assert_eq!(coverage(&report), "0 pages in 0 passes");
    assert_eq!(report.passes.iter().map(pages_observed).sum::<usize>(), 0);
}
