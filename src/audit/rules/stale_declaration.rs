//! # `stale-declaration`
//!
//! ## What it finds
//! Something that the notice declares and that no page set in any pass.
//!
//! ## Why it matters
//! People do not trust a list that nobody maintains. Left-over rows also hide what is missing,
//! because the list looks complete.
//!
//! ## How to fix it
//! Remove the row, or find out why the item is no longer set. A row about something that needs a
//! condition that a scan does not meet, such as signing in, is reported as informational.
//!
//! ## When it stays open
//! Only if every pass was complete can anything be called unused. If nothing could be accepted,
//! what needs consent had no chance to appear. So it does if an ordinary word stands as the name of many entries: it may
//! be the label of a field.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 2 (clear
//!   information)

use std::collections::BTreeSet;

use crate::{
    audit::{
        Findings, Policy, Rule, Severity,
        declaration_match::{self, Declarations},
        phrases, undeclared,
    },
    model::{
        Category, Choice, Confidence, Declaration, Evidence, Notice, NoticeEdit, Pass, Subject,
        Undecided,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "stale-declaration",
    severity: Severity::Low,
    summary: "declared but never set",
    tags: &["pecr-a1-2"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::RemoveRow),
    source: include_str!("stale_declaration.rs"),
    check,
};

/// More findings than this are one: the list is of a platform, and not of the site.
const MOST: usize = 60;

/// Beginnings of words for a condition that a scan does not meet: signing in, answering,
/// buying, watching; in English and Welsh.
const CONDITIONS: &[&str] = &[
    "account",
    "apply",
    "application",
    "arolwg",
    "basket",
    "book",
    "cart",
    "chat",
    "checkout",
    "clos",
    "contrast",
    "dismiss",
    "donat",
    "feedback",
    "ffurflen",
    "form",
    "forms",
    "loggedin",
    "login",
    "logon",
    "hid",
    "hidden",
    "hide",
    "mewngofnod",
    "newsletter",
    "payment",
    "play",
    "popup",
    "questionnaire",
    "signed",
    "signin",
    "survey",
    "video",
    "watch",
];

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    if notice.declarations.is_empty() {
        return Err(Undecided::NotApplicable("the notice names no cookies".to_owned()));
    }
    let mut names = Vec::new();
    evidence.everywhere(|seen| names = declaration_match::names_seen(seen))?;
    let accepted = matches!(evidence.pass(Pass::Accept)?.choice, Choice::Made { .. });
    let mut unsure = Vec::new();
    let seen = places_seen(notice, &findings.attribution.declarations(notice), &names);
    let mut labels = undeclared::labels(notice);
    let unseen = (0..notice.declarations.len()).filter(|place| !seen.contains(place));
    let unseen: Vec<&Declaration> = unseen.map(|place| &notice.declarations[place]).collect();
    labels.retain(|label| unseen.iter().any(|it| it.as_written == *label));
    let stale: Vec<&Declaration> =
        unseen.into_iter().filter(|it| !labels.contains(it.as_written.as_str())).collect();
    if accepted && stale.len() > MOST {
        report_flood(evidence, notice, &stale, findings);
        return Ok(());
    }
    for declaration in stale {
        let name = phrases::short(&declaration.as_written);
        // Without an agreement only what needs none could have shown itself.
        let objects = declaration.keeps_an_objection();
        if !accepted && !objects && declaration.category != Some(Category::Essential) {
            unsure.push(name);
            continue;
        }
        let condition = if objects { Some("objecting".to_owned()) } else { condition(declaration) };
        let message = format!(
            "{name} is in the notice but was not set on {} opened",
            phrases::pages_opened(evidence)
        );
        let finding = findings
            .draft(Subject::Declaration(declaration.as_written.clone()), message)
            // Not every page was opened, nor everything done that a visitor can do.
            .confidence(Confidence::Medium)
            .cite(phrases::row(declaration))
            .cite(phrases::notice_citation(notice));
        findings.report(match condition {
            Some(word) => finding
                .severity(Severity::Informational)
                .confidence(Confidence::Low)
                .cite(format!("its row mentions '{word}', which a scan does not do"))
                .advice(format!("Check by hand that {name} is still set; if not, remove its row")),
            None => finding.advice(format!(
                "Remove the row for {name} from the notice, or check why it is no longer set"
            )),
        });
    }
    if unsure.is_empty() {
        return undeclared::none_labels(&labels);
    }
    Err(Undecided::Unclear(format!(
        "nothing could be accepted, so these had no chance to appear: {}",
        phrases::list(&unsure, 5)
    )))
}

/// One finding for a list that is not about this site: nobody checks a thousand rows one by one.
fn report_flood(
    evidence: &Evidence,
    notice: &Notice,
    stale: &[&Declaration],
    findings: &mut Findings<'_>,
) {
    let names: Vec<&str> = stale.iter().map(|it| it.as_written.as_str()).collect();
    let message = format!(
        "{} of {} things that the notice declares were not set on {} opened: {}",
        stale.len(),
        notice.declarations.len(),
        phrases::pages_opened(evidence),
        phrases::list(&names, 5)
    );
    let finding = findings
        .draft(Subject::Notice(notice.source.clone()), message)
        .confidence(Confidence::Medium)
        .cite(phrases::notice_citation(notice))
        .advice("Keep only the rows for what the site sets, and say on which pages and conditions");
    findings.report(stale.iter().take(20).fold(finding, |it, row| it.cite(phrases::row(row))));
}

/// The places of the declarations that one of `names` is meant by. A slip of the pen in a declaration is
/// reported once, as `misspelt-declaration`.
fn places_seen(
    notice: &Notice,
    declarations: &Declarations<'_>,
    names: &[String],
) -> BTreeSet<usize> {
    let mut seen: BTreeSet<usize> = declarations.named(names).into_keys().collect();
    for meant in names.iter().filter_map(|name| declarations.mistyped(name, names)) {
        let same = |(_, it): &(usize, &Declaration)| *it == meant;
        seen.extend(notice.declarations.iter().enumerate().filter(same).map(|(place, _)| place));
    }
    seen
}

/// The word in a row that says on what condition its cookie is set.
fn condition(declaration: &Declaration) -> Option<String> {
    let parts = [
        Some(&declaration.as_written),
        declaration.purpose.as_ref(),
        declaration.section.as_ref(),
        declaration.lifetime.as_written.as_ref(),
    ];
    let text = parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(" ").to_lowercase();
    for phrase in ["sign in", "log in", "log on", "signing in", "logging in", "sign out", "log out"]
    {
        if text.contains(phrase) {
            return Some(phrase.to_owned());
        }
    }
    let words = text.split(|it: char| !it.is_alphanumeric());
    words.into_iter().find(|word| is_condition(word)).map(str::to_owned)
}

fn is_condition(word: &str) -> bool {
    CONDITIONS.iter().any(|condition| {
        word.strip_prefix(condition).is_some_and(|rest| {
            matches!(rest, "" | "s" | "ed" | "ing" | "io" | "ions" | "ion" | "er")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn a_list_that_is_not_about_the_site_is_one_finding() {
        use crate::audit::{Outcome, testing};

        let found = |rows: usize| {
            let rows: Vec<String> = (0..rows).map(|it| format!(" declare name_of_{it}x")).collect();
            let case = format!("none\nreject\naccept\nnotice\n{}", rows.join("\n"));
            let Outcome::Violated { findings, .. } = testing::judge(&super::RULE, &case) else {
                panic!("not violated");
            };
            findings
        };
        assert_eq!(found(super::MOST).len(), super::MOST);
        let findings = found(super::MOST + 1);
        assert_eq!(findings.len(), 1);
        let begins = "61 of 61 things that the notice declares were not set";
        assert!(findings[0].message.starts_with(begins), "{}", findings[0].message);
        assert_eq!(findings[0].citations.len(), 21);
    }

    #[test]
    fn seen_in_any_pass_is_not_stale() {
        check(
            &RULE,
            "
            none
              sid         shop.test         essential
            reject
              local:theme https://shop.test functional
            accept
              --- granted
              _ga_AB12    shop.test         performance
              bad         ads.test          marketing blocked=UserPreferences
            notice
              declare sid
              declare theme
              declare _ga_*
              declare bad
            ",
            "satisfied",
        );
        check(
            &RULE,
            "none\n _ga_PK75TN8S2W shop.test performance\nreject\naccept\nnotice\n declare _ga_Z2RHWQ33HY",
            "satisfied",
        );
    }

    #[test]
    fn never_set_is_stale() {
        let case = "none\nreject\naccept\nnotice\n declare __utmz category=performance life=1y";
        check(
            &RULE,
            case,
            "
            violated
            low __utmz: __utmz is in the notice but was not set on the one page opened
            ",
        );
        says(
            &RULE,
            case,
            "Remove the row for __utmz from the notice, or check why it is no longer set",
        );
    }

    #[test]
    fn a_condition_that_a_scan_does_not_meet() {
        for row in [
            "exit_survey_2021",
            "tok purpose=Keeps_you_signed_in",
            "cart",
            "yt purpose=Set_when_you_play_a_video",
            "ars purpose=Arolwg",
        ] {
            let name = row.split(' ').next().unwrap();
            check(
                &RULE,
                &format!("none\nreject\naccept\nnotice\n declare {row}"),
                &format!(
                    "violated\ninformational {name}: {name} is in the notice but was not set on the \
                     one page opened"
                ),
            );
        }
        // "information", "platform" and "display" are not conditions.
        check(
            &RULE,
            "none\nreject\naccept\nnotice\n declare a1 purpose=information_platform_display",
            "violated\nlow a1: a1 is in the notice but was not set on the one page opened",
        );
    }

    #[test]
    fn what_keeps_an_objection_needs_no_agreement_to_appear() {
        let case = "none\n banner absent\nreject unavailable\n banner absent\naccept unavailable\n banner absent\nnotice\n declare no-count category=performance inferred purpose=Only_if_you_object:_stops_the_counting";
        check(
            &RULE,
            case,
            "violated\ninformational no-count: no-count is in the notice but was not set on the one page opened",
        );
    }

    #[test]
    fn without_an_agreement_only_the_essential_can_be_stale() {
        check(
            &RULE,
            "
            none
            reject
            accept unavailable
            notice
              declare sid category=essential
              declare _ga category=performance
              declare x9
            ",
            "
            violated
            low sid: sid is in the notice but was not set on the one page opened
            but nothing could be accepted, so these had no chance to appear: _ga, x9
            ",
        );
    }

    #[test]
    fn the_label_of_a_field_is_no_stale_name() {
        let rows = " declare Expiration purpose=13_months\n declare Expiration purpose=30_minutes\n declare Expiration purpose=1_day\n declare old";
        check(
            &RULE,
            &format!("none\nreject\naccept\nnotice\n{rows}"),
            "
            violated
            low old: old is in the notice but was not set on the one page opened
            but these stand as the names of many entries of the notice, and may be labels: Expiration
            ",
        );
        // A name stays one, however often it is declared.
        check(
            &RULE,
            "none\nreject\naccept\nnotice\n declare _old\n declare _old\n declare _old",
            "violated\nlow _old: _old is in the notice but was not set on the one page opened",
        );
    }

    #[test]
    fn a_slip_of_the_pen_is_reported_once() {
        check(
            &RULE,
            "none\n Csrf-token shop.test essential\nreject\naccept\nnotice\n declare Crsf-token",
            "satisfied",
        );
    }

    #[test]
    fn partial_evidence_calls_nothing_stale() {
        let notice = "notice\n declare old";
        check(&RULE, &format!("none\nreject\n{notice}"), "open: the accept pass was not run");
        check(
            &RULE,
            &format!("none\nreject\naccept failed\n{notice}"),
            "open: the accept pass is incomplete: the button was stuck",
        );
        check(
            &RULE,
            &format!("none\n gap /a hung\nreject\naccept\n{notice}"),
            "open: the no-choice pass is incomplete: /a hung",
        );
        check(&RULE, "none\nreject\naccept\nnotice missing", "open: no cookie notice was found");
    }

    #[test]
    fn a_notice_without_names() {
        check(&RULE, "none\nreject\naccept\nnotice", "not applicable: the notice names no cookies");
    }
}
