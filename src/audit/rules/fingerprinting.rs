//! # `fingerprinting`
//!
//! ## What it finds
//! A script that reads two or more of the things by which one browser can be told from all others: a
//! drawing, the fonts, the graphics hardware, sound, a WebRTC connection.
//!
//! ## Why it matters
//! Who reads these knows the visitor again without storing anything, and no clearing of cookies
//! helps. Reading what a device tells is covered by the same regulation as storing something on it.
//!
//! ## How to fix it
//! Load the script only after the visitor has agreed, or do without it. Protection against fraud and
//! robots may do this for a visitor's own safety: then say so in the notice.
//!
//! ## ConsentPhase it stays open
//! If pages could not be observed in the passes that leave the banner alone, refuse and accept, or
//! were not watched, as in recordings of older versions. What the
//! visitor has agreed to is told as worth knowing only. Workers are not watched.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1): gaining access
//!   to information stored in the terminal equipment; Schedule A1, paragraph 4
//! - European Data Protection Board, Guidelines 2/2023 on the technical scope of article 5(3)

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases, script_checks},
    model::{Evidence, Pass, Technique, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "fingerprinting",
    severity: Severity::High,
    summary: "script reads what tells this browser from all others",
    tags: &["pecr-6", "pecr-a1-2", "eprivacy-5-3"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("fingerprinting.rs"),
    check,
};

/// What is read beside them is told too.
const fn reads(technique: Technique) -> bool {
    technique.identifies() || matches!(technique, Technique::ClientHints | Technique::Hardware)
}

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    evidence.behaviour(|seen| {
        for (script, at) in seen.scripts() {
            if script.techniques.keys().filter(|it| it.identifies()).count() < 2 {
                continue;
            }
            let deeds = script_checks::deeds(script, reads).join(", ");
            let finding =
                script_checks::finding(findings, (script, &at), &deeds, Severity::High, reads);
            findings.report(finding.advice(format!(
                "Load {} only after the visitor has agreed, or remove it",
                phrases::short(script.url.as_str())
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn two_ways_make_a_fingerprint_and_one_does_not() {
        let case = "
            none
              script https://fp.test/a.js canvas,audio,hardware
              script https://chart.test/c.js canvas
            reject
            accept
        ";
        check(
            &RULE,
            case,
            "
            violated
            high https://fp.test/a.js: the script https://fp.test/a.js reads back a drawing, renders silent sound, asks for processors, memory or plugins before any choice
            ",
        );
        says(&RULE, case, "renders silent sound at https://fp.test/a.js, line 7");
    }

    #[test]
    fn what_was_agreed_to_is_worth_knowing() {
        check(
            &RULE,
            "
            none
            reject
            accept
              --- granted
              script https://fp.test/a.js canvas,webgl page=/x
            ",
            "
            violated
            informational https://fp.test/a.js: the script https://fp.test/a.js reads back a drawing, asks for the graphics hardware on /x
            ",
        );
        check(&RULE, "none\nreject\naccept", "satisfied");
        check(&RULE, "none\n unwatched\nreject\naccept", "open: scripts were not watched");
        check(
            &RULE,
            "none\nreject failed\naccept",
            "open: the reject pass is incomplete: the button was stuck",
        );
    }
}
