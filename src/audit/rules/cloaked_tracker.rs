//! # `cloaked-tracker`
//!
//! ## What it finds
//! A first-party host that is a `CNAME` for a company that measures or follows people.
//!
//! ## Why it matters
//! To the browser such a host is the site itself: it receives the site's cookies, including those
//! of signed-in people, and settings against third parties do not apply to it. The notice does not
//! show visitors who is behind it.
//!
//! ## How to fix it
//! Remove the `CNAME` record, or contact the host only after consent, and name the company behind
//! it in the notice.
//!
//! ## When it stays open
//! If the name of a first-party host could not be resolved, as with `--connect-to` and no
//! `--dns-server`, or is a `CNAME` for somebody whose purpose no source knows; and in recordings of
//! older versions. Hosts of the pages themselves are not resolved: most sites are served by another
//! company under their own name. A tracker to which the site's own server forwards requests leaves
//! no trace in the DNS and is not seen.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1)
//! - UK GDPR, article 13(1)(e): recipients
//! - RFC 1034, section 3.6.2: aliases and canonical names

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases, script_checks},
    model::{Alias, Evidence, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "cloaked-tracker",
    severity: Severity::High,
    summary: "tracker behind a first-party host name",
    tags: &["pecr-6", "gdpr-13", "eprivacy-5-3"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("cloaked_tracker.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let mut unknown = Vec::new();
    let complete = evidence.everywhere(|seen| {
        for (host, at) in seen.hosts() {
            let (to, chain) = match &host.alias {
                Alias::Tracker { to, chain } => (to, chain),
                Alias::Unknown(why) => {
                    unknown.push((host.host.clone(), why.clone()));
                    continue;
                }
                Alias::None => continue,
            };
            let of = match &host.class.organisation {
                Some(organisation) => format!(", of {}", phrases::short(organisation)),
                None => String::new(),
            };
            let message = format!(
                "{} is a CNAME for {to}{of}, a {} host, and is contacted{}{}",
                host.host,
                host.class.category,
                script_checks::consent_suffix(&at),
                phrases::page_suffix(&at)
            );
            findings.report(
                findings
                    .draft(Subject::Host(host.host.clone()), message)
                    .severity(script_checks::severity(&at, Severity::High))
                    .confidence(host.class.basis.confidence)
                    .seen(&at)
                    .cite(format!("CNAME chain: {} → {}", host.host, chain.join(" → ")))
                    .cite(phrases::basis_citation(&host.class))
                    .cite(phrases::request_citation("requested", &host.example))
                    .advice(if script_checks::is_gated(&at) {
                        format!("Name {to} in the notice as the one behind {}", host.host)
                    } else {
                        format!(
                            "Remove the CNAME record {}, or contact it only after consent and name {to} in the notice",
                            host.host
                        )
                    }),
            );
        }
    });
    complete?;
    match unknown.first() {
        None => Ok(()),
        Some((host, why)) => Err(Undecided::Unclear(format!(
            "the CNAME of {host} is not known: {why}{}",
            match unknown.len() {
                1 => String::new(),
                more => format!("; and {} more", more - 1),
            }
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn a_tracker_behind_a_first_party_name_is_found_with_its_cname_chain() {
        check(
            &RULE,
            "
            none
              host stats.shop.test performance org=Adobe alias=shop.sc.omtrdc.net
              host img.shop.test essential
              host ads.test marketing
            reject
            accept
            ",
            "
            violated
            high stats.shop.test: stats.shop.test is a CNAME for shop.sc.omtrdc.net, of Adobe, a performance host, and is contacted before any choice
            ",
        );
    }

    #[test]
    fn what_was_agreed_to_is_worth_knowing() {
        check(
            &RULE,
            "none\nreject\naccept\n --- granted\n host m.shop.test marketing alias=t.test",
            "
            violated
            informational m.shop.test: m.shop.test is a CNAME for t.test, a marketing host, and is contacted
            ",
        );
    }

    #[test]
    fn a_name_that_was_not_looked_up_leaves_it_open() {
        check(
            &RULE,
            "none\n host img.shop.test essential alias=?\nreject\naccept",
            "open: the CNAME of img.shop.test is not known: it was not looked up",
        );
        check(&RULE, "none\n host img.shop.test essential\nreject\naccept", "satisfied");
        check(
            &RULE,
            "none\n host img.shop.test essential\naccept",
            "open: the reject pass was not run",
        );
    }
}
