//! # `undeclared-third-party`
//!
//! ## What it finds
//! A third party that the site's pages contact, and that the notice names neither by its host, nor
//! by its name, nor by the organisation behind it. Several hosts of one organisation are one
//! finding.
//!
//! ## Why it matters
//! Each of them learns that somebody opened the page, from which address and with which browser.
//! Visitors must be informed who receives such data. "Google" does not inform them about videos.
//!
//! ## How to fix it
//! Name the third party and its purpose in the notice, or stop loading things from it: the site can
//! serve fonts and libraries itself, and videos can wait for a click.
//!
//! ## When it stays open
//! Without a notice that could be read there is nothing to compare with, and while a pass is
//! incomplete hosts may have gone unseen.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1); Schedule A1,
//!   paragraph 2 (clear and comprehensive information)
//! - UK GDPR, article 13(1)(e): recipients
//! - Court of Justice of the European Union, C-673/17 (Planet49): access of others

use std::cmp::Reverse;

use crate::{
    audit::{Findings, Policy, Rule, Severity, declaration_match, phrases, undeclared},
    model::{
        Category, Confidence, Evidence, NoticeEdit, Observations, ObservedHost, Party, Pass,
        Sighting, Subject, Undecided,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "undeclared-third-party",
    severity: Severity::Medium,
    summary: "third party missing from the cookie notice",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-13"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::AddRow),
    source: include_str!("undeclared_third_party.rs"),
    check,
};

/// Hosts of one organisation, or of one site, each with where it was contacted.
type Group<'a> = Vec<(&'a ObservedHost, Vec<&'a Sighting>)>;

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    undeclared::read_whole(notice)?;
    evidence.everywhere(|seen| {
        for group in groups(seen) {
            if group
                .iter()
                .any(|(host, _)| declaration_match::third_party_named(notice, host).is_some())
            {
                continue;
            }
            let Some((host, _)) = group.iter().max_by_key(|(host, _)| telling(host)) else {
                continue;
            };
            let at: Vec<&Sighting> = group.iter().flat_map(|(_, at)| at.iter().copied()).collect();
            let category = worst(&group);
            let of_it = || group.iter().filter(|(host, _)| host.class.category == category);
            let is_hint = of_it().all(|(host, _)| host.class.basis.confidence == Confidence::Low);
            let by = declaration_match::third_party_service(host);
            let who = if by == host.site {
                format!("host {}", host.host)
            } else {
                format!("host {} ({})", host.host, phrases::short(by))
            };
            let message = format!(
                "the {}{who} is contacted{} but the notice does not name it",
                phrases::category_prefix(category),
                phrases::page_suffix(&at)
            );
            let name = if by == host.site { host.host.as_str() } else { by };
            let mut finding = findings
                .draft(Subject::Host(host.host.clone()), message)
                .severity(match category {
                    Category::Marketing | Category::Performance if is_hint => Severity::Medium,
                    Category::Marketing | Category::Performance => Severity::High,
                    Category::Essential | Category::Functional => Severity::Low,
                    Category::Unknown => Severity::Medium,
                })
                // Names take many forms; the notice may use one that we do not know.
                .confidence(Confidence::Medium)
                .settled_by(Some(findings.attribution.gate_of_host(&host.host)))
                .seen(&at)
                .cite(phrases::request_citation("requested", &host.example))
                .cite(phrases::basis_citation(&host.class))
                .advice(format!(
                    "Name {} and its purpose in the notice, or stop loading things from it",
                    phrases::short(name)
                ));
            for (sibling, _) in group.iter().filter(|(it, _)| it.host != host.host) {
                finding =
                    finding.cite(phrases::request_citation("also requested", &sibling.example));
            }
            findings.report(finding.cite(phrases::notice_citation(notice)));
        }
    })
}

/// The third-party hosts, those of one service together, in the order in which they come.
fn groups(seen: Observations<'_>) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (host, at) in seen.hosts().filter(|(host, _)| host.party == Party::Third) {
        let service = declaration_match::third_party_service(host);
        match groups
            .iter_mut()
            .find(|it| declaration_match::third_party_service(it[0].0) == service)
        {
            Some(group) => group.push((host, at)),
            None => groups.push(vec![(host, at)]),
        }
    }
    groups
}

/// How much it says about the visit: something sent back says more than a library fetched.
fn telling(host: &ObservedHost) -> (u8, u8, u32, Reverse<&str>) {
    let kind = |kind: &String| match kind.to_ascii_lowercase().as_str() {
        "beacon" | "ping" | "websocket" => 5,
        "document" | "frame" | "iframe" => 4,
        "xhr" | "fetch" | "eventsource" => 3,
        "image" => 2,
        "script" => 1,
        _ => 0,
    };
    let kind = host.kinds.iter().map(kind).max().unwrap_or_default();
    // Names last, so that among equals the same host speaks in every scan.
    (weight(host.class.category), kind, host.requests, Reverse(host.host.as_str()))
}

/// The category that matters most among hosts of one service.
fn worst(group: &Group<'_>) -> Category {
    let categories = group.iter().map(|(host, _)| host.class.category);
    categories.max_by_key(|it| weight(*it)).unwrap_or(Category::Unknown)
}

const fn weight(category: Category) -> u8 {
    match category {
        Category::Essential => 0,
        Category::Functional => 1,
        Category::Unknown => 2,
        Category::Performance => 3,
        Category::Marketing => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn severity_goes_by_what_it_does() {
        check(
            &RULE,
            "
            none
              host shop.test       unknown
              host cdn.shop.test   unknown
              host px.ads.test     marketing org=Adsy
              host fonts.test      functional
            reject
              host x.test          unknown page=/report
            accept
            notice
            ",
            "
            violated
            high px.ads.test: the marketing host px.ads.test (Adsy) is contacted but the notice does not name it
            low fonts.test: the functional host fonts.test is contacted but the notice does not name it
            medium x.test: the host x.test is contacted on /report but the notice does not name it
            ",
        );
    }

    #[test]
    fn who_is_named_is_declared() {
        check(
            &RULE,
            "
            none
              host www.google-analytics.com performance org=Google_Analytics
              host script.hotjar.com        performance org=Hotjar
            reject
            accept
            notice
              declare _hjid provider=Hotjar
              text We use Google Analytics.
            ",
            "satisfied",
        );
        check(
            &RULE,
            "
            none
              host i.ytimg.com functional org=YouTube
            reject
            accept
            notice
              text We use Google.
            ",
            "
            violated
            low i.ytimg.com: the functional host i.ytimg.com (YouTube) is contacted but the notice does not name it
            ",
        );
    }

    #[test]
    fn hosts_of_one_organisation_are_one_finding_about_the_most_telling() {
        let case = "
            none
              host connect.facebook.net marketing org=Meta_pixel kind=script
              host www.facebook.com     marketing org=Meta       kind=image
            reject
            accept
            notice
        ";
        check(
            &RULE,
            case,
            "
            violated
            high www.facebook.com: the marketing host www.facebook.com (Meta) is contacted but the notice does not name it
            ",
        );
        for line in [
            "requested https://www.facebook.com/x",
            "also requested https://connect.facebook.net/x",
            "Name Meta and its purpose in the notice, or stop loading things from it",
        ] {
            says(&RULE, case, line);
        }
    }

    #[test]
    fn partial_evidence_never_satisfies() {
        check(&RULE, "none\naccept\nnotice", "open: the reject pass was not run");
        check(
            &RULE,
            "none\nreject failed\naccept\nnotice",
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(
            &RULE,
            "none\n host a.test unknown\nreject\naccept\nnotice missing",
            "open: no cookie notice was found",
        );
        check(
            &RULE,
            "none\n host a.test unknown\nreject\naccept\nnotice\n problem truncated",
            "open: only part of the notice at https://shop.test/cookies was read: it is too long",
        );
    }
}
