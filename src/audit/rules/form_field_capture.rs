//! # `form-field-capture`
//!
//! ## What it finds
//! A third-party script that listens to what is typed or chosen in fields, or to keys there; or one that
//! sends on which keys are pressed. Keys of the whole page alone also serve shortcuts, dialogs and timers.
//!
//! ## Why it matters
//! Visitors may never send what they type into a form; a listener receives it all the same. A
//! visitor who writes down what was done to them discloses it to every script that listens.
//!
//! ## How to fix it
//! Remove the script from pages with forms, or switch off its field and form tracking. Name a
//! service that needs the field, such as a search, in the notice.
//!
//! ## When it stays open
//! If pages could not be observed in the no-choice, reject or accept pass, or if scripts were not
//! watched, as in recordings of older versions. A scan types nothing into fields, so it cannot see whether
//! what is heard there is sent on; a script that sends nothing at all is reported with low confidence.
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
    summary: "third-party script listens to what visitors type",
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
            let actions = script_checks::actions(script, listens);
            let does = |technique| script.techniques.contains_key(&technique);
            let captures = does(Technique::Fields) || script.keys_in_fields || script.sends_keys;
            if script.party == Party::First || actions.is_empty() || !captures {
                continue;
            }
            let silent = [&script.sends_to, &script.sends_along, &script.sends_through]
                .iter()
                .all(|it| it.is_empty());
            let confidence = if silent { Confidence::Low } else { Confidence::Medium };
            let what = actions.join(" and ");
            let finding =
                script_checks::finding(findings, (script, &at), &what, Severity::Medium, listens)
                    .confidence(confidence);
            findings.report(finding.advice(format!(
                "Remove {} from pages with forms, or switch off its field tracking",
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

    #[test]
    fn keys_of_the_page_are_no_fields_unless_they_are_sent_on() {
        for (what, expected) in [
            ("keys", "satisfied"),
            ("keys,pointer,scroll to=ads.test", "satisfied"),
            (
                "keys sends-keys to=ads.test",
                "violated\nmedium https://ads.test/t.js: the script https://ads.test/t.js listens to keys before any choice",
            ),
            (
                "keys in-fields",
                "violated\nmedium https://ads.test/t.js: the script https://ads.test/t.js listens to keys before any choice",
            ),
        ] {
            let case = format!("none\n script https://ads.test/t.js {what}\nreject\naccept");
            check(&RULE, &case, expected);
        }
    }
}
