//! Puts findings together by where they are fixed.
//!
//! One script that is loaded too early shows up as a dozen findings; whoever fixes the site sees one thing to do.
//! Grouping changes no finding and leaves none out.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Severity};
use crate::model::{Host, NoticeEdit, Remedy, Subject};

/// Findings that one change fixes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemedyGroup {
    /// The change.
    #[serde(flatten)]
    pub remedy: Remedy,
    /// The change in words, up to what it is made to.
    pub lead: String,
    /// What it is made to, such as the address of a script; may be empty.
    pub object: String,
    /// The highest severity of its findings.
    pub severity: Severity,
    /// Its findings, by their places in the report's `findings`.
    pub findings: Vec<usize>,
}

/// What makes findings one group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Script(String),
    Inline,
    Host(Host),
    Banner,
    Notice,
    Alone(Subject),
}

/// The findings that nobody waived, grouped, most severe group first.
pub fn remedies(findings: &[Finding]) -> Vec<RemedyGroup> {
    let standing = || findings.iter().enumerate().filter(|(_, it)| it.waived.is_none());
    // What has to be done anyway may settle more than it is done for.
    let needed: BTreeSet<Key> =
        standing().map(|(_, it)| key(&it.remedy, &it.subject)).filter(is_gate).collect();
    let mut groups: Vec<RemedyGroup> = Vec::new();
    let mut known: BTreeMap<Key, usize> = BTreeMap::new();
    for (place, finding) in standing() {
        let other = finding.settled_by.as_ref().map(|it| (it, key(it, &finding.subject)));
        let (remedy, key) = other
            .filter(|(_, key)| needed.contains(key))
            .unwrap_or_else(|| (&finding.remedy, key(&finding.remedy, &finding.subject)));
        let at = *known.entry(key).or_insert_with(|| {
            let (lead, object) = words(remedy, finding);
            groups.push(RemedyGroup {
                remedy: remedy.clone(),
                lead,
                object,
                severity: finding.severity,
                findings: Vec::new(),
            });
            groups.len() - 1
        });
        groups[at].severity = groups[at].severity.max(finding.severity);
        groups[at].findings.push(place);
    }
    // Stable: within one severity the order of the report stays.
    groups.sort_by_key(|group| Reverse(group.severity));
    groups
}

fn key(remedy: &Remedy, subject: &Subject) -> Key {
    match remedy {
        Remedy::GateScript { script } => Key::Script(script.bare().to_owned()),
        Remedy::GateInline => Key::Inline,
        Remedy::GateHost { host } => Key::Host(host.clone()),
        Remedy::FixBanner => Key::Banner,
        Remedy::EditNotice { .. } => Key::Notice,
        Remedy::Server | Remedy::Investigate => Key::Alone(subject.clone()),
    }
}

const fn is_gate(key: &Key) -> bool {
    matches!(key, Key::Script(_) | Key::Inline | Key::Host(_))
}

/// What to do, in our words, and what to do it to, in the site's.
fn words(remedy: &Remedy, finding: &Finding) -> (String, String) {
    let (lead, object) = match remedy {
        Remedy::GateScript { script } => ("Remove or gate the script", script.to_string()),
        Remedy::GateInline => ("Remove or gate the script written into the page", String::new()),
        Remedy::GateHost { host } => ("Remove or gate what the pages load from", host.to_string()),
        Remedy::FixBanner => ("Fix the consent banner", String::new()),
        Remedy::EditNotice { edit: NoticeEdit::Publish } => {
            ("Publish a cookie notice", String::new())
        }
        Remedy::EditNotice { .. } => ("Correct the cookie notice", String::new()),
        Remedy::Server | Remedy::Investigate if finding.advice.is_empty() => {
            ("Investigate", finding.subject.to_string())
        }
        Remedy::Server | Remedy::Investigate => (finding.advice.as_str(), String::new()),
    };
    (lead.to_owned(), object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Outcome, audit, testing};

    /// The groups that a site's findings make, each as its words and its findings.
    fn groups(case: &str) -> Vec<String> {
        let (evidence, policy) = testing::parse(case);
        let findings: Vec<Finding> = audit(&evidence, &policy)
            .into_iter()
            .flat_map(|it| match it.outcome {
                Outcome::Violated { findings, .. } => findings,
                _ => Vec::new(),
            })
            .collect();
        let groups = remedies(&findings);
        let grouped: usize = groups.iter().map(|it| it.findings.len()).sum();
        assert_eq!(grouped, findings.len(), "a finding is lost, or in two groups");
        assert!(groups.is_sorted_by(|a, b| a.severity >= b.severity));
        let line = |it: &RemedyGroup| {
            let of: Vec<String> = it
                .findings
                .iter()
                .map(|at| format!("{} {}", findings[*at].rule, findings[*at].subject))
                .collect();
            format!("{} {}: {}", it.lead, it.object, of.join(", "))
        };
        groups.iter().map(line).collect()
    }

    #[track_caller]
    fn has(groups: &[String], lead: &str, finding: &str) {
        let found = groups.iter().any(|it| it.starts_with(lead) && it.contains(finding));
        assert!(found, "no group {lead} with {finding} in {groups:#?}");
    }

    const PIXEL: &str = "
        none
          _fbp .shop.test marketing script=https://connect.facebook.net/p.js?id=1
          sid shop.test essential http=https://shop.test/ plain
          host connect.facebook.net marketing by=https://shop.test/
          host www.facebook.com marketing by=https://connect.facebook.net/p.js?id=1
          disclosed www.facebook.com marketing address=/report as=dl
          shared _fbp .shop.test to=www.facebook.com as=fbp
          script https://connect.facebook.net/p.js?id=1 canvas,audio
        reject
          --- refused
        accept
          --- granted
        notice
          declare sid purpose=Signs_in life=1y
          declare gone life=1y purpose=Nothing
          ";

    #[test]
    fn a_frame_is_gated_as_what_the_pages_load() {
        let groups = groups(
            "
            none
              frame https://video.test/e
              host video.test marketing by=https://shop.test/
              host img.test marketing by=https://video.test/e
              seen video.test marketing script=https://video.test/e
            reject
              --- refused
            accept
              --- granted
            ",
        );
        let frame = "Remove or gate what the pages load from video.test";
        for finding in [
            "tracker-before-consent img.test",
            "tracker-before-consent video.test",
            "cookie-before-consent seen@video.test",
        ] {
            has(&groups, frame, finding);
        }
        assert!(
            groups.iter().all(|it| !it.contains("the script https://video.test")),
            "{groups:#?}"
        );
    }

    #[test]
    fn what_one_script_does_is_one_thing_to_fix() {
        let groups = groups(PIXEL);
        let script = "Remove or gate the script https://connect.facebook.net/p.js?id=1";
        for finding in [
            "cookie-before-consent _fbp@.shop.test",
            "tracker-before-consent connect.facebook.net",
            "tracker-before-consent www.facebook.com",
            "visit-disclosed-to-third-party www.facebook.com: the address of the page",
            "identifier-sync _fbp@.shop.test to www.facebook.com",
            "fingerprinting https://connect.facebook.net/p.js?id=1",
            // They are not in the notice either; removing the script settles that too.
            "undeclared-cookie _fbp@.shop.test",
            "undeclared-third-party connect.facebook.net",
        ] {
            has(&groups, script, finding);
        }
        assert!(!groups.iter().any(|it| it.contains("load from www.facebook.com")), "{groups:#?}");
    }

    #[test]
    fn what_only_the_notice_gets_wrong_is_fixed_in_the_notice() {
        has(&groups(PIXEL), "Correct the cookie notice", "stale-declaration gone");
        let undeclared = "
            none
              sid shop.test essential script=https://shop.test/a.js
            reject
            accept
            notice
              declare other
        ";
        has(&groups(undeclared), "Correct the cookie notice", "undeclared-cookie sid@shop.test");
    }

    #[test]
    fn a_session_cookie_is_not_fixed_by_removing_its_script() {
        let groups = groups(PIXEL);
        has(&groups, "Add Secure and HttpOnly where sid is set", "insecure-cookie sid@shop.test");
    }

    #[test]
    fn what_is_gated_as_it_should_be_is_not_to_be_gated() {
        let gated = "
            none
            reject
              --- refused
            accept
              --- granted
              script https://fp.test/a.js canvas,audio
              shared _ga .shop.test to=www.google-analytics.com as=cid
            notice
        ";
        let groups = groups(gated);
        assert!(!groups.iter().any(|it| it.starts_with("Remove or gate")), "{groups:#?}");
        has(&groups, "State in the notice that https://fp.test/a.js recognises", "fingerprinting");
        has(&groups, "State in the notice that _ga is shared with", "identifier-sync");
    }

    #[test]
    fn a_banner_that_is_not_there_is_not_to_be_fixed() {
        let groups = groups(
            "none\n banner absent\n _fbp shop.test marketing\nreject unavailable\n banner absent\naccept unavailable\n banner absent",
        );
        assert!(!groups.iter().any(|it| it.starts_with("Fix the consent banner")), "{groups:#?}");
        has(&groups, "Remove what needs consent, or ask for it", "missing-banner");
    }

    #[test]
    fn a_finding_that_is_waived_asks_for_no_change() {
        let (evidence, policy) = testing::parse("none\n _fbp shop.test marketing");
        let mut findings: Vec<Finding> = Vec::new();
        for verdict in audit(&evidence, &policy) {
            if let Outcome::Violated { findings: of, .. } = verdict.outcome {
                findings.extend(of);
            }
        }
        assert!(!remedies(&findings).is_empty());
        for finding in &mut findings {
            finding.waived = Some("known".to_owned());
        }
        assert_eq!(remedies(&findings), []);
    }
}
