//! # `identifier-sync`
//!
//! ## What it finds
//! An identifier that is stored in a cookie and was sent to another site than the one that stores
//! it, in the address or the body of a request (cookie syncing).
//!
//! ## Why it matters
//! A company that receives the identifier in somebody else's cookie can follow the same person
//! under it, although browsers keep the cookies of two sites separate. A first-party cookie becomes
//! one of theirs.
//!
//! ## How to fix it
//! Load the script that sends it only after consent, and state in the notice who receives what.
//!
//! ## When it stays open
//! If pages could not be observed in the no-choice, reject or accept pass, or if scripts were not
//! watched, as in recordings of older versions. Values are compared by their digests, so an
//! identifier that is sent in another encoding is not seen. What the visitor consented to is
//! reported as informational only.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1); Schedule A1,
//!   paragraph 5: statistics for one's own service only
//! - UK GDPR, article 13(1)(e): recipients

use std::collections::BTreeMap;

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases, script_checks},
    model::{Category, Classification, Evidence, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "identifier-sync",
    severity: Severity::High,
    summary: "cookie identifier sent to another site",
    tags: &["pecr-6", "pecr-a1-5", "gdpr-13", "eprivacy-5-3"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("identifier_sync.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    evidence.behaviour(|seen| {
        let classes: BTreeMap<&str, &Classification> =
            seen.hosts().map(|(host, _)| (host.host.as_str(), &host.class)).collect();
        for (shared, at) in seen.shared() {
            let severity = severity(classes.get(shared.host.as_str()).copied());
            let name = phrases::name(&shared.cookie.name);
            let message = format!(
                "the identifier in the cookie {name} of {} is sent to {}{}{}",
                shared.cookie.domain,
                shared.host,
                script_checks::consent_suffix(&at),
                phrases::page_suffix(&at)
            );
            let subject =
                Subject::SharedId { cookie: shared.cookie.clone(), to: shared.host.clone() };
            let what = format!("sent as {} of", shared.channel);
            let mut finding = findings
                .draft(subject, message)
                .severity(script_checks::severity(&at, severity))
                .remedy(script_checks::sender(findings, shared.script.as_ref(), &shared.host))
                .seen(&at)
                .cite(phrases::request_citation(what, &shared.example))
                .advice(if script_checks::is_gated(&at) {
                    format!("State in the notice that {name} is shared with {}", shared.host)
                } else {
                    format!(
                        "Contact {} only after consent, and state in the notice that {name} is shared with it",
                        shared.host
                    )
                });
            if let Some(script) = &shared.script {
                finding = finding.cite(script_checks::sent_by(script));
            }
            findings.report(finding);
        }
    })
}

/// How much it matters before consent, by what the receiver is for: who answers questions or takes payments may need to
/// know a visit, and who is unknown may be one of these.
fn severity(receiver: Option<&Classification>) -> Severity {
    match receiver.map(|it| it.category) {
        Some(Category::Essential | Category::Functional) => Severity::Low,
        Some(Category::Unknown) => Severity::Medium,
        Some(Category::Performance | Category::Marketing) | None => Severity::High,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn it_matters_who_receives_it() {
        for (category, severity) in [
            ("functional", "low"),
            ("unknown", "medium"),
            ("performance", "high"),
            ("marketing", "high"),
        ] {
            let case = format!(
                "none\n host in.test {category}\n shared sid .shop.test to=in.test as=s\nreject\naccept"
            );
            check(
                &RULE,
                &case,
                &format!(
                    "violated\n{severity} sid@.shop.test to in.test: the identifier in the cookie sid of shop.test is sent to in.test before any choice"
                ),
            );
        }
    }

    #[test]
    fn what_goes_to_another_site_is_reported_with_its_channel() {
        let case = "
            none
              shared _ga .shop.test to=www.google-analytics.com as=cid
            reject
            accept
              --- granted
              shared _fbp .shop.test to=www.facebook.com as=fbp
        ";
        check(
            &RULE,
            case,
            "
            violated
            high _ga@.shop.test to www.google-analytics.com: the identifier in the cookie _ga of shop.test is sent to www.google-analytics.com before any choice
            informational _fbp@.shop.test to www.facebook.com: the identifier in the cookie _fbp of shop.test is sent to www.facebook.com
            ",
        );
        says(&RULE, case, "sent as the parameter `cid` of https://www.google-analytics.com/x");
        check(&RULE, "none\nreject\naccept", "satisfied");
        check(&RULE, "none\n unwatched\nreject\naccept", "open: scripts were not watched");
        check(&RULE, "none\naccept", "open: the reject pass was not run");
    }
}
