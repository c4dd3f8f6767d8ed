//! # `missing-notice`
//!
//! ## What it finds
//! A site that stores something or contacts third parties, and that links to no cookie notice.
//!
//! ## Why it matters
//! Whatever a site stores, and whatever exemption it relies on, visitors have to be able to read
//! what it is for and how long it stays.
//!
//! ## How to fix it
//! Publish a page that lists what is stored, for what purpose and for how long, and link to it from
//! every page, usually in the footer under "Cookies". If there is one already, link to it with
//! words that say so, or pass its address to the scan.
//!
//! ## When it stays open
//! If the scan was not able to look, or found something that may be a notice but could not be read.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1); Schedule A1,
//!   paragraph 2 (clear and comprehensive information), 5 and 6 (clear information)
//! - UK GDPR, article 13

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases},
    model::{Confidence, Evidence, NoticeEdit, NoticeState, Party, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "missing-notice",
    severity: Severity::High,
    summary: "no cookie notice",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-13"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::Publish),
    source: include_str!("missing_notice.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let NoticeState::Missing { why } = evidence.notice_state() else {
        return evidence.notice().map(|_| ());
    };
    let (mut reasons, mut examples, mut needs_consent) = (Vec::new(), Vec::new(), false);
    let complete = evidence.everywhere(|seen| {
        for (cookie, at) in seen.cookies() {
            needs_consent |= cookie.class.category.needs_consent();
            examples.extend(at.into_iter().cloned());
            reasons.push(phrases::cookie(cookie));
        }
        for (item, at) in seen.storage() {
            needs_consent |= item.class.category.needs_consent();
            examples.extend(at.into_iter().cloned());
            reasons.push(phrases::item(item));
        }
        for (host, at) in seen.hosts().filter(|(host, _)| host.party == Party::Third) {
            needs_consent |= host.class.category.tracks();
            examples.extend(at.into_iter().cloned());
            reasons.push(format!("host {}", host.host));
        }
    });
    if reasons.is_empty() {
        complete?;
        return Err(Undecided::NotApplicable(
            "nothing was stored and no third party contacted".to_owned(),
        ));
    }
    let severity = if needs_consent { RULE.severity } else { Severity::Medium };
    findings.report(
        findings
            .draft(Subject::Site(evidence.site.clone()), "the site links to no cookie notice")
            .severity(severity)
            // A scan looks through the links of some pages, and knows the words of some languages.
            .confidence(Confidence::Medium)
            .seen(&examples.iter().collect::<Vec<_>>())
            .cite(why.clone())
            .cite(format!("not disclosed to visitors: {}", phrases::list(&reasons, 5)))
            .advice(
                "Publish a page that lists what the site stores, its purpose and how long it lasts, and \
                 link to it from every page",
            ),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn severity_goes_by_what_needed_telling() {
        for (seen, severity) in [
            ("_ga shop.test performance", "high"),
            ("local:v https://shop.test marketing", "high"),
            ("host ads.test marketing", "high"),
            ("sid shop.test essential", "medium"),
            ("host fonts.test functional", "medium"),
        ] {
            check(
                &RULE,
                &format!("none\n {seen}\nnotice missing"),
                &format!("violated\n{severity} shop.test: the site links to no cookie notice"),
            );
        }
    }

    #[test]
    fn says_where_we_looked_and_what_is_missing() {
        let case = "none\n _ga shop.test performance\n host ads.test marketing\nnotice missing";
        says(&RULE, case, "looked at the links of 1 page");
        says(&RULE, case, "not disclosed to visitors: cookie _ga, host ads.test");
    }

    #[test]
    fn a_notice_is_a_notice() {
        check(&RULE, "none\n _ga shop.test performance\nnotice", "satisfied");
    }

    #[test]
    fn what_may_be_there_is_not_missing() {
        for (state, why) in [
            (
                "unreadable",
                "the notice at https://shop.test/cookies could not be read: the server answered 503",
            ),
            ("not-sought", "the server answered 503"),
            ("other", "the page at https://shop.test/cookies does not read like a cookie notice"),
        ] {
            check(
                &RULE,
                &format!("none\n _ga shop.test performance\nreject\naccept\nnotice {state}"),
                &format!("open: {why}"),
            );
        }
    }

    #[test]
    fn a_site_that_stores_nothing_needs_none() {
        check(
            &RULE,
            "none\n host shop.test unknown\nreject\naccept\nnotice missing",
            "not applicable: nothing was stored and no third party contacted",
        );
        check(&RULE, "none\nreject\nnotice missing", "open: the accept pass was not run");
        check(
            &RULE,
            "none\nreject\naccept failed\nnotice missing",
            "open: the accept pass is incomplete: the button was stuck",
        );
    }
}
