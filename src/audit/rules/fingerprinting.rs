//! # `fingerprinting`
//!
//! ## What it finds
//! A script that reads two or more of the things that identify a browser: a rendered drawing, the
//! fonts, the graphics hardware, rendered sound, a WebRTC connection.
//!
//! ## Why it matters
//! Such a script recognises the visitor again without storing anything, and clearing cookies does
//! not help. Reading information from a device is covered by the same regulation as storing it
//! there.
//!
//! ## How to fix it
//! Load the script only after consent, or remove it. Protection against fraud and bots may
//! fingerprint for the visitor's own safety: then say so in the notice.
//!
//! ## When it stays open
//! If pages could not be observed in the no-choice, reject or accept pass, or if scripts were not
//! watched, as in recordings of older versions. What the visitor consented to is reported as
//! informational only. Workers are not watched.
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
    summary: "script fingerprints the browser",
    tags: &["pecr-6", "pecr-a1-2", "eprivacy-5-3"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("fingerprinting.rs"),
    check,
};

/// What is read beside them is reported too.
const fn reads(technique: Technique) -> bool {
    technique.identifies() || matches!(technique, Technique::ClientHints | Technique::Hardware)
}

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    evidence.behaviour(|seen| {
        for (script, at) in seen.scripts() {
            if !script.fingerprints() {
                continue;
            }
            let actions = script_checks::actions(script, reads).join(", ");
            let finding =
                script_checks::finding(findings, (script, &at), &actions, Severity::High, reads);
            let name = phrases::short(script.url.as_str());
            findings.report(finding.advice(if script_checks::is_gated(&at) {
                format!("State in the notice that {name} recognises browsers without cookies")
            } else {
                format!("Load {name} only after consent, or remove it")
            }));
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
        says(&RULE, case, "https://fp.test/a.js renders silent sound: line 7");
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
