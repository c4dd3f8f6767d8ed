//! # `session-replay`
//!
//! ## What it finds
//! Third-party scripts that observe every change of the page, follow the pointer and what is scrolled or
//! typed, and send out what they see; or one of a service that is known to record visits. Scripts of one
//! organisation count together: one may watch and another send. A script that observes changes in order
//! to count clicks is no recorder.
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

use std::collections::BTreeSet;

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases, script_checks},
    model::{
        Category, Confidence, Evidence, Host, ObservedScript, Party, Pass, Sighting, Technique,
        Undecided, records,
    },
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
        Technique::PageChanges
            | Technique::Pointer
            | Technique::Scroll
            | Technique::Keys
            | Technique::Fields
    )
}

/// What a script takes down and where that goes, if it is a recording.
struct Recording {
    receivers: Vec<Host>,
    confidence: Confidence,
}

/// Whether what scripts do is recording, by what was seen alone: those of one organisation do it together.
/// `is_outside` says of a host whether it is another site's that may follow visitors.
fn recording(
    script: &ObservedScript,
    others: &[(&ObservedScript, Vec<&Sighting>)],
    is_outside: impl Fn(&Host) -> bool,
) -> Option<Recording> {
    if !script.techniques.contains_key(&Technique::PageChanges) {
        return None;
    }
    match script.party {
        Party::Third => {
            let family = || others.iter().map(|(it, _)| it).filter(|it| it.owner == script.owner);
            if !records(|technique| family().any(|it| it.techniques.contains_key(&technique))) {
                return None;
            }
            let by_family = [&script.sends_to[..], &script.sends_along].concat();
            let (receivers, confidence) = match (by_family.is_empty(), &script.sends_through[..]) {
                (false, _) => (by_family, Confidence::High),
                (true, []) => return None,
                (true, through) => (through.to_vec(), Confidence::Medium),
            };
            Some(Recording { receivers, confidence })
        }
        // A site may host the recorder itself; an application that follows its page does less, or keeps it to itself.
        Party::First => {
            let does = |technique: &Technique| script.techniques.contains_key(technique);
            let all = [Technique::Pointer, Technique::Scroll, Technique::Fields].iter().all(does);
            let sent = script.sends_to.iter().chain(&script.sends_along);
            let receivers: Vec<Host> = sent.filter(|it| is_outside(it)).cloned().collect();
            (all && !receivers.is_empty())
                .then_some(Recording { receivers, confidence: Confidence::Medium })
        }
    }
}

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    evidence.behaviour(|seen| {
        let scripts: Vec<_> = seen.scripts().collect();
        let outside: BTreeSet<&Host> = seen
            .hosts()
            .map(|(host, _)| host)
            .filter(|it| it.party == Party::Third)
            .filter(|it| it.class.category.tracks() || it.class.category == Category::Unknown)
            .map(|it| &it.host)
            .collect();
        for (script, at) in &scripts {
            let recording = recording(script, &scripts, |host| outside.contains(host));
            if recording.is_none() && !script.recorder {
                continue;
            }
            let actions = script_checks::actions(script, follows).join(", ");
            let what = match &recording {
                Some(it) => format!("{actions} and sends to {}", phrases::list(&it.receivers, 3)),
                None => format!("of {} belongs to a service that records visits", script.host),
            };
            let confidence = recording.map_or(Confidence::Medium, |it| it.confidence);
            let finding =
                script_checks::finding(findings, (script, at), &what, Severity::High, follows)
                    .confidence(confidence);
            let name = phrases::short(script.url.as_str());
            findings.report(finding.advice(if script_checks::is_gated(at) {
                format!("Take {name} off pages where people seek help; elsewhere mask all fields and texts, and state in the notice that visits are recorded")
            } else {
                format!("Remove {name} from pages where people seek help; elsewhere load it only after consent, with all fields masked")
            }));
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
              script https://rec.test/r.js page-changes,pointer,scroll to=in.rec.test page=/report
              script https://shop.test/app.js page-changes,keys to=shop.test
              script https://seen.test/l.js pointer to=seen.test
              script https://static.hotjar.com/h.js hardware recorder
            reject
            accept
            ",
            "
            violated
            high https://rec.test/r.js: the script https://rec.test/r.js observes every change of the page, follows the pointer, follows scrolling and sends to in.rec.test before any choice on /report
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

    #[test]
    fn one_file_may_watch_and_another_send() {
        check(
            &RULE,
            "
            none
              script https://cdn.rec.test/watch.js page-changes along=in.rec.test
              script https://cdn.rec.test/move.js pointer,fields to=in.rec.test
              script https://files.test/rrweb.js page-changes,pointer,scroll,fields through=in.rec.test
            reject
            accept
            ",
            "
            violated
            high https://cdn.rec.test/watch.js: the script https://cdn.rec.test/watch.js observes every change of the page and sends to in.rec.test before any choice
            high https://files.test/rrweb.js: the script https://files.test/rrweb.js observes every change of the page, follows the pointer, follows scrolling, listens to what is typed in fields and sends to in.rec.test before any choice
            ",
        );
    }

    #[test]
    fn a_site_may_host_the_recorder_itself() {
        let case = |did: &str, host: &str| {
            format!(
                "none\n host in.rec.test {host}\n script https://shop.test/r.js {did} to=in.rec.test\nreject\naccept"
            )
        };
        let all = "page-changes,pointer,scroll,fields";
        check(
            &RULE,
            &case(all, "unknown"),
            "violated\nhigh https://shop.test/r.js: the script https://shop.test/r.js observes every change of the page, follows the pointer, follows scrolling, listens to what is typed in fields and sends to in.rec.test before any choice",
        );
        check(&RULE, &case("page-changes,pointer,scroll", "unknown"), "satisfied");
        check(&RULE, &case(all, "functional"), "satisfied");
    }

    #[test]
    fn what_counts_clicks_is_no_recorder() {
        for did in [
            "page-changes",
            "page-changes,fields",
            "page-changes,scroll,fields",
            "pointer,scroll,fields",
        ] {
            let case = format!(
                "none\n script https://count.test/c.js {did} to=in.count.test\nreject\naccept"
            );
            check(&RULE, &case, "satisfied");
        }
    }
}
