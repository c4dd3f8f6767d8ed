//! # `visit-disclosed-to-third-party`
//!
//! ## What it finds
//! A third party that receives which page a visitor read or what they did there: the address of the
//! page, its title, the text of a button, or an event in the receiver's own protocol.
//!
//! ## Why it matters
//! In 2023 a police site sent Meta the fact that a visitor had just clicked to report rape: a
//! recruitment tag ran on every page. A page's address says what its visitor came for, and the
//! receiver can add it to what they know about that person.
//!
//! ## How to fix it
//! Remove the tag from pages where people seek help: limit it, in the tag manager, to the pages of
//! its campaign. Switch off the automatic collection of clicks and titles. Set `Referrer-Policy:
//! strict-origin-when-cross-origin` or stricter, so that no other site receives the address by
//! default.
//!
//! ## When it stays open
//! If pages could not be observed in the no-choice, reject or accept pass, or if scripts were not
//! watched, as in recordings of older versions. A scan opens only the pages it is given (`--pages`)
//! and does not see what others disclose. Encoded content is not understood.
//!
//! ## References
//! - UK GDPR, articles 5(1)(a) to (c), 9 and 13(1)(e)
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1)

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases, script_checks},
    model::{
        Category, Channel, Citation, Disclosure, DisclosureKind, Evidence, Pass, Remedy, Sighting,
        Subject, Undecided,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "visit-disclosed-to-third-party",
    severity: Severity::High,
    summary: "third party receives what the visitor came for",
    tags: &["gdpr-5", "gdpr-9", "pecr-6"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("visit_disclosed_to_third_party.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    evidence.behaviour(|seen| {
        for (sent, at) in seen.disclosures() {
            let who = match &sent.organisation {
                Some(by) => format!("{} ({})", sent.host, phrases::short(by)),
                None => sent.host.to_string(),
            };
            let text = phrases::short(&sent.text);
            let what = match sent.kind {
                DisclosureKind::Address => format!("the page address {text}"),
                DisclosureKind::Words => format!("the words “{text}” of the page"),
                DisclosureKind::Event => format!("the event {text}"),
            };
            // The address of the page on which it was sent says where already.
            let is_place = sent.kind == DisclosureKind::Address
                && phrases::only_page(&at).as_ref() == Some(&text);
            let place = if is_place { String::new() } else { phrases::page_suffix(&at) };
            let message =
                format!("{who} receives {what}{place}{}", script_checks::consent_suffix(&at));
            let subject = Subject::Disclosure { to: sent.host.clone(), kind: sent.kind };
            let sender = script_checks::sender(findings, sent.script.as_ref(), &sent.host);
            let mut finding = findings
                .draft(subject, message)
                .severity(severity(sent, &at))
                .seen(&at)
                .cite(phrases::request_citation(
                    format!("sent as {} of", sent.channel),
                    &sent.example,
                ))
                .advice(advice(sent));
            finding = match sent.channel {
                Channel::Referrer => finding.remedy(Remedy::Server).settled_by(Some(sender)),
                Channel::Query(_) | Channel::Body(_) => finding.remedy(sender),
            };
            if let Some(subject) = &sent.subject {
                finding = finding.cite(format!("“{subject}” names what the page is about"));
            }
            if let Some(script) = &sent.script {
                finding = finding.cite(script_checks::sent_by(script));
            }
            if !sent.chain.is_empty() {
                finding = finding.cite(Citation::LoadedThrough { chain: sent.chain.clone() });
            }
            findings.report(finding);
        }
    })
}

/// A page that names its subject discloses it to anybody; for any other page it matters who receives it, and whether
/// the visitor had consented.
fn severity(sent: &Disclosure, at: &[&Sighting]) -> Severity {
    let agreed = script_checks::may_have_agreed(at);
    let (subject, tracks) = (sent.subject.is_some(), sent.category.tracks());
    match sent.category {
        // Nobody agrees to being advertised to as a victim.
        Category::Marketing if subject => Severity::High,
        Category::Performance | Category::Unknown if subject && !agreed => Severity::High,
        Category::Unknown if subject => Severity::Medium,
        _ if agreed => Severity::Informational,
        _ if subject || tracks => Severity::Medium,
        _ => Severity::Low,
    }
}

fn advice(sent: &Disclosure) -> String {
    if sent.channel == Channel::Referrer {
        return "Send `Referrer-Policy: strict-origin-when-cross-origin`, or stricter, with every page"
            .to_owned();
    }
    match &sent.script {
        Some(place) => format!(
            "Remove the tag that loads {} from pages where people seek help, and switch off its automatic events",
            phrases::short(place.script.as_str())
        ),
        None => {
            format!("Remove what contacts {} from pages where people seek help", sent.host)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn how_grave_a_disclosure_is_depends_on_subject_receiver_and_consent() {
        use crate::audit::{Outcome, Severity, testing};

        let severity = |category: &str, address: &str| {
            let sent = format!("disclosed x.test {category} address=/{address} as=dl");
            let case = format!("none\nreject\naccept\n --- granted\n {sent}");
            match testing::judge(&super::RULE, &case) {
                Outcome::Violated { findings, .. } => Some(findings[0].severity),
                _ => None,
            }
        };
        assert_eq!(severity("marketing", "rape"), Some(Severity::High));
        assert_eq!(severity("unknown", "rape"), Some(Severity::Medium));
        assert_eq!(severity("performance", "rape"), Some(Severity::Informational));
        assert_eq!(severity("performance", "a"), Some(Severity::Informational));
    }

    #[test]
    fn a_page_that_names_its_subject_must_reach_nobody() {
        let case = "
            none
              disclosed www.facebook.com marketing address=/report-rape as=dl org=Meta page=/report-rape
              disclosed www.facebook.com marketing event=SubscribedButtonClick as=ev org=Meta page=/report-rape
              disclosed maps.test functional address=/find-us as=url page=/find-us
            reject
            accept
              --- granted
              disclosed stats.test performance address=/about as=dl page=/about
        ";
        check(
            &RULE,
            case,
            "
            violated
            high www.facebook.com: the address of the page: www.facebook.com (Meta) receives the page address /report-rape before any choice
            medium www.facebook.com: what the visitor did: www.facebook.com (Meta) receives the event SubscribedButtonClick on /report-rape before any choice
            low maps.test: the address of the page: maps.test receives the page address /find-us before any choice
            informational stats.test: the address of the page: stats.test receives the page address /about
            ",
        );
        says(&RULE, case, "sent as the parameter `dl` of https://www.facebook.com/x");
        says(&RULE, case, "“rape” names what the page is about");
    }

    #[test]
    fn agreeing_does_not_make_it_harmless() {
        check(
            &RULE,
            "
            none
            reject
            accept
              --- granted
              disclosed www.facebook.com marketing address=/report-rape as=dl
            ",
            "
            violated
            high www.facebook.com: the address of the page: www.facebook.com receives the page address /report-rape
            ",
        );
        check(&RULE, "none\nreject\naccept", "satisfied");
        check(&RULE, "none\n unwatched\nreject\naccept", "open: scripts were not watched");
        check(&RULE, "none\naccept", "open: the reject pass was not run");
    }
}
