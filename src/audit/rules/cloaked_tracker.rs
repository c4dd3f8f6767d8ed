//! # `cloaked-tracker`
//!
//! ## What it finds
//! A host that carries the site's own name and leads, by an alias in the name system (`CNAME`), to a company
//! that measures or follows people.
//!
//! ## Why it matters
//! To the browser such a host is the site itself: it gets the site's cookies, those of people who are signed
//! in among them, and what visitors chose against third parties does not touch it. Visitors who read the
//! notice do not learn who is behind it.
//!
//! ## How to fix it
//! Take the alias out of the zone, or let the host be asked only after the visitor has agreed, and name the
//! company behind it in the notice.
//!
//! ## ConsentPhase it stays open
//! If the name of a host of the site's own could not be looked up, as with `--connect-to` and no
//! `--dns-server`, or leads to somebody of whom nobody knows what they do, and in recordings of older versions. The hosts of the pages themselves are not asked
//! about: most sites are served by somebody else under their own name. A tracker that the site's own server
//! passes requests on to leaves no trace in the name system and is not seen.
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
    summary: "a tracker goes by a name of the site's own",
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
                "{} looks like the site's own and is in truth {to}{of}, a {} host; it is asked{}{}",
                host.host,
                host.class.category,
                script_checks::moment(&at),
                phrases::place(&at)
            );
            findings.report(
                findings
                    .draft(Subject::Host(host.host.clone()), message)
                    .severity(script_checks::severity(&at, Severity::High))
                    .confidence(host.class.basis.confidence)
                    .seen(&at)
                    .cite(format!("in the name system {} → {}", host.host, chain.join(" → ")))
                    .cite(phrases::basis(&host.class))
                    .cite(phrases::request("requested", &host.example))
                    .advice(format!(
                        "Take the alias {} out of the zone, or let it be asked only after the visitor has agreed and name {to} in the notice",
                        host.host
                    )),
            );
        }
    });
    complete?;
    match unknown.first() {
        None => Ok(()),
        Some((host, why)) => Err(Undecided::Unclear(format!(
            "what the name {host} leads to is not known: {why}{}",
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
    fn a_tracker_behind_a_name_of_the_site_is_told_with_the_chain() {
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
            high stats.shop.test: stats.shop.test looks like the site's own and is in truth shop.sc.omtrdc.net, of Adobe, a performance host; it is asked before any choice
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
            informational m.shop.test: m.shop.test looks like the site's own and is in truth t.test, a marketing host; it is asked
            ",
        );
    }

    #[test]
    fn a_name_that_was_not_looked_up_leaves_it_open() {
        check(
            &RULE,
            "none\n host img.shop.test essential alias=?\nreject\naccept",
            "open: what the name img.shop.test leads to is not known: it was not looked up",
        );
        check(&RULE, "none\n host img.shop.test essential\nreject\naccept", "satisfied");
        check(
            &RULE,
            "none\n host img.shop.test essential\naccept",
            "open: the reject pass was not run",
        );
    }
}
