//! # `session-replay`
//!
//! ## What it finds
//! A third-party script that observes every change of the page, follows the pointer, keys or
//! fields, and sends out what it sees; or one of a service that is known to record visits.
//!
//! ## Why it matters
//! Such a recording shows what a visitor read, where they stopped, and what they typed and deleted.
//! On a page for victims that is the most private thing a site can pass on.
//!
//! ## How to fix it
//! Remove the recorder from pages where people seek help. Elsewhere load it only after consent,
//! with every field and text masked, and name it in the notice.
//!
//! ## When it stays open
//! If pages could not be observed in the no-choice, reject or accept pass, or if scripts were not
//! watched, as in recordings of older versions. What the visitor consented to is reported as
//! informational only.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1); Schedule A1,
//!   paragraphs 2 and 5: a recording of one visit is no statistical purpose
//! - UK GDPR, articles 5(1)(c) and 9

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases, script_checks},
    model::{Confidence, Evidence, ObservedScript, Party, Pass, Technique, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "session-replay",
    severity: Severity::High,
    summary: "visits are recorded for replay",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-5"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("session_replay.rs"),
    check,
};

const fn follows(technique: Technique) -> bool {
    matches!(
        technique,
        Technique::PageChanges | Technique::Pointer | Technique::Keys | Technique::Fields
    )
}

/// Whether what it does is recording, by what was seen of it alone.
fn records(script: &ObservedScript) -> bool {
    let does = |technique| script.techniques.contains_key(&technique);
    let input = does(Technique::Pointer) || does(Technique::Keys) || does(Technique::Fields);
    script.party == Party::Third
        && does(Technique::PageChanges)
        && input
        && !script.sends_to.is_empty()
}

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    evidence.behaviour(|seen| {
        for (script, at) in seen.scripts() {
            let seen_to = records(script);
            if !seen_to && !script.recorder {
                continue;
            }
            let actions = script_checks::actions(script, follows).join(", ");
            let what = if seen_to {
                format!("{actions} and sends to {}", phrases::list(&script.sends_to, 3))
            } else {
                format!("of {} belongs to a service that records visits", script.host)
            };
            let finding =
                script_checks::finding(findings, (script, &at), &what, Severity::High, follows)
                    .confidence(if seen_to { Confidence::High } else { Confidence::Medium });
            findings.report(finding.advice(format!(
                "Remove {} from pages where people seek help; elsewhere load it only after consent, with all fields masked",
                phrases::short(script.url.as_str())
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn changes_input_and_a_way_out_make_a_recording() {
        check(
            &RULE,
            "
            none
              script https://rec.test/r.js page-changes,pointer to=in.rec.test page=/report
              script https://shop.test/app.js page-changes,keys to=shop.test
              script https://seen.test/l.js pointer to=seen.test
              script https://static.hotjar.com/h.js hardware recorder
            reject
            accept
            ",
            "
            violated
            high https://rec.test/r.js: the script https://rec.test/r.js observes every change of the page, follows the pointer and sends to in.rec.test before any choice on /report
            high https://static.hotjar.com/h.js: the script https://static.hotjar.com/h.js of static.hotjar.com belongs to a service that records visits before any choice
            ",
        );
        // What an unproved press chose is not known: it may have been agreed to.
        check(
            &RULE,
            "none\nreject failed\n --- unknown\n script https://static.hotjar.com/h.js hardware recorder\naccept",
            "
            violated
            informational https://static.hotjar.com/h.js: the script https://static.hotjar.com/h.js of static.hotjar.com belongs to a service that records visits
            but the reject pass is incomplete: the button was stuck
            ",
        );
        check(&RULE, "none\nreject\naccept", "satisfied");
        check(&RULE, "none\n unwatched\nreject\naccept", "open: scripts were not watched");
    }
}
