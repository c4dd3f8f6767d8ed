//! # `form-field-capture`
//!
//! ## What it finds
//! A script of another site that listens to keys, or to what is typed or chosen in fields.
//!
//! ## Why it matters
//! What somebody types into a form they may never send; a listener has it all the same. A visitor who
//! writes down what was done to them tells it to whoever listens.
//!
//! ## How to fix it
//! Remove the script from pages with forms, or switch off its field and form tracking. A service that
//! needs the field, such as a search, should be named in the notice.
//!
//! ## ConsentPhase it stays open
//! If pages could not be observed in the passes that leave the banner alone, refuse and accept, or
//! were not watched, as in recordings of older versions. Nothing is
//! ever typed by a scan, so whether what was heard is sent on is not seen.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1)
//! - UK GDPR, articles 5(1)(a) and (c), and 9

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases, script_checks},
    model::{Confidence, Evidence, Party, Pass, Technique, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "form-field-capture",
    severity: Severity::Medium,
    summary: "another site's script listens to what visitors type",
    tags: &["pecr-6", "gdpr-5"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("form_field_capture.rs"),
    check,
};

const fn listens(technique: Technique) -> bool {
    matches!(technique, Technique::Keys | Technique::Fields)
}

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    evidence.behaviour(|seen| {
        for (script, at) in seen.scripts() {
            let deeds = script_checks::deeds(script, listens);
            if script.party == Party::First || deeds.is_empty() {
                continue;
            }
            let what = deeds.join(" and ");
            let finding =
                script_checks::finding(findings, (script, &at), &what, Severity::Medium, listens)
                    .confidence(Confidence::Medium);
            findings.report(finding.advice(format!(
                "Keep {} off pages with forms, or switch off its tracking of fields",
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
    fn the_sites_own_scripts_may_listen_and_others_may_not() {
        check(
            &RULE,
            "
            none
              script https://ads.test/t.js fields,keys page=/report
              script https://shop.test/app.js fields
              script https://ads.test/m.js pointer
            reject
            accept
            ",
            "
            violated
            medium https://ads.test/t.js: the script https://ads.test/t.js listens to keys and listens to what is typed in fields before any choice on /report
            ",
        );
        check(&RULE, "none\nreject\naccept", "satisfied");
        check(&RULE, "none\n unwatched\nreject\naccept", "open: scripts were not watched");
    }
}
