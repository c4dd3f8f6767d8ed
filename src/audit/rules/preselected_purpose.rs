//! # `preselected-purpose`
//!
//! ## What it finds
//! A box, switch or answer in the banner's settings that is for something optional and is on before
//! the visitor has touched it.
//!
//! ## Why it matters
//! Consent is an action. Nobody consented to what was ticked beforehand, and saving the settings
//! unread then accepts everything.
//!
//! ## How to fix it
//! Let every optional purpose be off until the visitor switches it on. In the forms of GOV.UK
//! services no answer is selected, or the visitor's own earlier one.
//!
//! ## When it stays open
//! If the banner leads to settings that no pass opened.
//!
//! ## References
//! - Court of Justice of the European Union, C-673/17 (Planet49), 1 October 2019
//! - UK GDPR, article 4(11) and recital 32
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2 (consent)
//! - ePrivacy Directive 2002/58/EC, article 5(3), first sentence (consent)
//! - EDPB, report of the Cookie Banner Taskforce, 17 January 2023: boxes ticked beforehand

use crate::{
    audit::{Findings, Policy, Rule, Severity, banner_evidence, phrases},
    model::{Evidence, OptionFacts, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "preselected-purpose",
    severity: Severity::Medium,
    summary: "optional purpose switched on by default",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-4-11"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("preselected_purpose.rs"),
    check,
};

/// Beginnings and parts of labels of what cannot be refused.
const NEEDED: &[&str] = &[
    "necessary",
    "essential",
    "required",
    "mandatory",
    "always",
    "hanfodol",
    "angenrheidiol",
    "notwendig",
    "erforderlich",
    "essenz",
    "nécessaire",
    "essentiel",
    "indispensable",
    "necesari",
    "esencial",
    "necessari",
    "essenzial",
    "tecnic",
    "noodzakelijk",
    "niezbędn",
    "essenciai",
];

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let banner = banner_evidence::banner(evidence)?;
    let mut looked = false;
    let mut options: Vec<(&OptionFacts, Pass)> = Vec::new();
    let mut leads = None;
    for (pass, facts) in banner.facts() {
        looked |= !facts.options.is_empty() || facts.controls.iter().any(|it| it.layer > 1);
        let settings = facts.controls.iter().find(|it| {
            it.meaning.as_deref() == Some("settings") && it.layer == 1 && it.kind != "link"
        });
        leads = leads.or(settings.map(|it| it.label.as_str()));
        for option in facts.options.iter().filter(|it| preselected(it)) {
            if options.iter().all(|(known, _)| known.label != option.label) {
                options.push((option, pass));
            }
        }
    }
    report(evidence, &options, findings)?;
    match leads {
        Some(label) if !looked => Err(Undecided::Unclear(format!(
            "the settings behind `{}` of the banner were not opened",
            phrases::short(label)
        ))),
        _ => Ok(()),
    }
}

/// One finding for all of them: they are one list, and switched off by one change.
fn report(
    evidence: &Evidence,
    options: &[(&OptionFacts, Pass)],
    findings: &mut Findings<'_>,
) -> Result<(), Undecided> {
    /// More citations than this nobody reads.
    const MOST: usize = 20;
    let labels: Vec<String> =
        options.iter().map(|(it, _)| format!("`{}`", phrases::short(&it.label))).collect();
    let mut finding = match options {
        [] => return Ok(()),
        [(option, _)] => findings
            .draft(
                Subject::BannerOption(option.label.clone()),
                format!("{} is on before the visitor has touched it", labels[0]),
            )
            .cite(format!("layer {} of the banner, a {}", option.layer, option.kind))
            .advice(format!("Switch {} off by default", labels[0])),
        [(option, _), ..] => {
            let mut finding = findings
                .draft(
                    Subject::Banner(evidence.site.clone()),
                    format!(
                        "{} options are on before the visitor has touched them: {}",
                        options.len(),
                        phrases::list(&labels, 5)
                    ),
                )
                .cite(format!("layer {} of the banner, a {}", option.layer, option.kind))
                .advice("Switch every optional purpose off by default");
            for label in labels.iter().take(MOST) {
                finding = finding.cite(format!("on: {label}"));
            }
            finding
        }
    };
    for (_, pass) in options {
        if !finding.passes.contains(pass) {
            finding.passes.push(*pass);
            let visit = evidence.pass(*pass)?.visits.first();
            finding.pages.extend(visit.map(|visit| visit.url.clone()));
        }
    }
    finding.passes.sort_unstable();
    finding.pages.sort();
    finding.pages.dedup();
    findings.report(finding);
    Ok(())
}

fn preselected(option: &OptionFacts) -> bool {
    let label = option.label.to_lowercase();
    let needed = NEEDED.iter().any(|word| label.contains(word)) && !label.starts_with("non");
    // Of a question's answers only a yes presumes anything.
    let answer = label.rsplit(": ").next().unwrap_or_default();
    let says_yes =
        ["yes", "on", "use", "accept", "allow", "enable", "ydw", "ie", "defnyddio", "derbyn"]
            .iter()
            .any(|word| {
                answer
                    .split_whitespace()
                    .next()
                    .is_some_and(|first| first.trim_matches(',') == *word)
            });
    option.checked && !option.fixed && !needed && (option.kind != "radio" || says_yes)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn what_is_ticked_and_optional() {
        check(
            &RULE,
            "none\nreject\n option Analytics_cookies checked layer=2\n option Necessary_cookies checked fixed layer=2\naccept",
            "violated\nmedium Analytics cookies: `Analytics cookies` is on before the visitor has touched it",
        );
        check(&RULE, "none\nreject\n option Analytics layer=2\naccept", "satisfied");
        let many: Vec<String> =
            (1..=40).map(|at| format!("\n option Partner_{at} checked layer=2")).collect();
        let many = many.concat();
        check(
            &RULE,
            &format!("none\nreject{many}\naccept{many}"),
            "violated\nmedium shop.test: 40 options are on before the visitor has touched them: `Partner 1`, `Partner 2`, `Partner 3`, `Partner 4`, `Partner 5` and 35 more",
        );
        check(
            &RULE,
            "none\nreject\n option Strictly_necessary checked layer=2\naccept",
            "satisfied",
        );
    }

    #[test]
    fn of_answers_only_a_yes() {
        let case = |label: &str| {
            format!("none\nreject\n option {label} checked kind=radio layer=2\naccept")
        };
        check(&RULE, &case("Count_visits?:_No"), "satisfied");
        check(
            &RULE,
            &case("Count_visits?:_Yes"),
            "violated\nmedium Count visits?: Yes: `Count visits?: Yes` is on before the visitor has touched it",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(
            &RULE,
            "none\nreject\n control Cookie_settings meaning=settings\naccept",
            "open: the settings behind `Cookie settings` of the banner were not opened",
        );
        check(&RULE, "none\naccept", "open: the reject pass was not run");
    }
}
