//! # `missing-reject-option`
//!
//! ## What it finds
//! A consent banner whose first layer offers a way to accept and none to refuse.
//!
//! ## Why it matters
//! Refusing must be as easy as accepting. A refusal that takes a detour through settings is one
//! that most people never reach; the ICO and the European authorities look at this first.
//!
//! ## How to fix it
//! Put a button that refuses beside the one that accepts: same layer, same kind of control, same
//! size and contrast.
//!
//! ## When it stays open
//! If the banner was not understood, was seen differently in different passes, or if a pass is
//! missing.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2 (consent)
//! - UK GDPR, articles 4(11) and 7
//! - EDPB, report of the Cookie Banner Taskforce, 17 January 2023: no reject button on the first
//!   layer
//! - ICO, action on the top 1,000 sites, 4 December 2025: refusing as easy as accepting

use crate::{
    audit::{Findings, Rule, Severity, SubjectKind, wording},
    model::{Banner, Case, Choice, Pass, Undecided, Via},
};

pub(super) static RULE: Rule = Rule {
    id: "missing-reject-option",
    severity: Severity::High,
    summary: "no way to refuse on the first layer of the banner",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-7"],
    source: include_str!("missing_reject_option.rs"),
    check,
};

fn check(case: &Case, findings: &mut Findings) -> Result<(), Undecided> {
    let passes: Vec<_> =
        Pass::BASIC.into_iter().filter_map(|it| Some((it, case.pass(it).ok()?))).collect();
    let (mut one_sided, mut fair, mut other) = (Vec::new(), false, None);
    for (pass, evidence) in &passes {
        match &evidence.banner {
            Banner::Found { text, accept: true, reject: false, .. } => {
                one_sided.push((*pass, text))
            }
            Banner::Found { reject: true, .. } => fair = true,
            Banner::Found { .. } => {
                other.get_or_insert("the banner offers no way to accept either".to_owned());
            }
            Banner::Absent | Banner::Doubtful { .. } => {}
        }
        // Who refused with one click found a way on the first layer, whatever we made of it.
        fair |= *pass == Pass::Reject
            && matches!(evidence.choice, Choice::Made { via: Via::Heuristic, clicks: 1, .. });
    }
    match (one_sided.first(), fair) {
        (Some(_), true) => {
            return Err(Undecided::Unclear(
                "a way to refuse was seen on the banner in some passes and not in others"
                    .to_owned(),
            ));
        }
        (Some((_, text)), false) => {
            let mut finding = findings
                .draft(
                    SubjectKind::Banner,
                    case.site.clone(),
                    "the first layer of the banner offers a way to accept but none to refuse",
                )
                .cite(format!("the banner reads: {}", wording::short(text)))
                .advice(
                    "Put a button that refuses beside the one that accepts, of the same kind, size and \
                     contrast",
                );
            finding.passes.extend(one_sided.iter().map(|(pass, _)| *pass));
            if let Some(visit) = passes.iter().find_map(|(_, it)| it.visits.first()) {
                finding.pages.push(visit.url.clone());
            }
            findings.report(finding);
        }
        (None, _) => {}
    }
    // A banner that differs from pass to pass is seen only if every pass was run.
    for pass in Pass::BASIC {
        case.pass(pass)?;
    }
    if !one_sided.is_empty() || fair {
        return Ok(());
    }
    for (_, evidence) in &passes {
        if let Banner::Doubtful { why } = &evidence.banner {
            return Err(Undecided::Unclear(format!("something may be a consent banner: {why}")));
        }
    }
    if let Some(why) = other {
        return Err(Undecided::NotApplicable(why));
    }
    // A banner may stand on the page that did not answer.
    case.everywhere(|_| ())?;
    Err(Undecided::NotApplicable("there is no consent banner".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    const ONE_SIDED: &str =
        "high shop.test: the first layer of the banner offers a way to accept but none to refuse";

    #[test]
    fn accept_without_reject() {
        let case = "
            none
              banner accept
            reject unavailable
              banner accept
            accept
              banner accept
        ";
        check(&RULE, case, &format!("violated\n{ONE_SIDED}"));
        says(&RULE, case, "the banner reads: We use cookies");
        check(&RULE, "none\nreject\naccept", "satisfied");
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\naccept", "open: the reject pass was not run");
        check(
            &RULE,
            "none\n banner accept",
            &format!("violated\n{ONE_SIDED}\nbut the reject pass was not run"),
        );
        check(
            &RULE,
            "none\n banner doubtful\nreject failed\n banner absent\naccept failed\n banner absent",
            "open: something may be a consent banner: a box in an unknown language",
        );
        check(
            &RULE,
            "none\n banner absent\nreject failed\n banner absent\naccept unavailable\n banner absent",
            "open: the reject pass is incomplete: the button was stuck",
        );
    }

    #[test]
    fn a_banner_that_was_seen_needs_no_working_button() {
        check(&RULE, "none\nreject failed\naccept failed", "satisfied");
    }

    #[test]
    fn passes_that_disagree_leave_it_open() {
        let open = "open: a way to refuse was seen on the banner in some passes and not in others";
        check(&RULE, "none\n banner accept\nreject\naccept", open);
        check(
            &RULE,
            "none\n banner accept\nreject one-click\n banner accept\naccept\n banner accept",
            open,
        );
    }

    #[test]
    fn without_a_banner_there_is_nothing_to_refuse() {
        check(
            &RULE,
            "
            none
              banner absent
            reject unavailable
              banner absent
            accept unavailable
              banner absent
            ",
            "not applicable: there is no consent banner",
        );
        check(
            &RULE,
            "none\n banner other\nreject\n banner other\naccept\n banner other",
            "not applicable: the banner offers no way to accept either",
        );
    }
}
