//! # `party-mismatch`
//!
//! ## What it finds
//! A cookie that the notice lists as first-party, by its heading or its domain, and that belongs to
//! another site; or one that it lists as third-party and that belongs to the site itself.
//!
//! ## Why it matters
//! The party decides who can read the cookie and where it follows the visitor. A third-party cookie
//! is seen on every site that loads things from there.
//!
//! ## How to fix it
//! Move the row under the right heading, or put the right domain in it. A cookie that a third
//! party's script stores under the site's own name is first-party: name the third party beside it.
//!
//! ## When it stays open
//! Without a notice that could be read there is nothing to compare with, and while a pass is
//! incomplete cookies may have gone unseen.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1); Schedule A1,
//!   paragraph 2 (clear and comprehensive information)
//! - UK GDPR, article 13(1)(e): recipients

use crate::{
    audit::{Findings, Policy, Rule, Severity, consent_checks, phrases},
    model::{Declaration, Evidence, NoticeEdit, Party, Pass, Subject, Undecided, site},
};

pub(super) static RULE: Rule = Rule {
    id: "party-mismatch",
    severity: Severity::Medium,
    summary: "cookie belongs to another party than declared",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-13"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::Revise),
    source: include_str!("party_mismatch.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    if notice.declarations.iter().all(|it| said(it, &evidence.site).is_none()) {
        return Err(Undecided::NotApplicable(
            "the notice does not say whose cookies they are".to_owned(),
        ));
    }
    let declarations = findings.attribution.declarations(notice);
    evidence.everywhere(|seen| {
        for (cookie, at) in seen.cookies().filter(|(it, _)| consent_checks::stored(it).is_some()) {
            let (name, domain) = (&cookie.key.name, &cookie.key.domain);
            let found = declarations.declared(name, domain);
            let Some(declaration) = found.and_then(|it| it.declaration) else { continue };
            let severity = match (said(declaration, &evidence.site), cookie.party) {
                (Some(Party::First), Party::Third) => Severity::Medium,
                // Many notices mean by it whose script it is.
                (Some(Party::Third), Party::First) => Severity::Informational,
                _ => continue,
            };
            let (kept, listed) = match cookie.party {
                Party::Third => (format!("a cookie of {domain}"), "first-party"),
                Party::First => ("a first-party cookie".to_owned(), "third-party"),
            };
            let message = format!(
                "the {} is {kept}, but the notice lists it as {listed}",
                phrases::cookie(cookie)
            );
            findings.report(
                findings
                    .draft(Subject::Cookie(cookie.key.clone()), message)
                    .severity(severity)
                    .settled_by(findings.attribution.gate_of_setter(&cookie.class, &cookie.set_by))
                    .seen(&at)
                    .cite(phrases::row(declaration))
                    .cite(phrases::setter_citation(&cookie.set_by))
                    .advice(format!(
                        "State in the row for {} that it belongs to {domain}",
                        phrases::short(&declaration.as_written)
                    )),
            );
        }
    })
}

/// Whose cookie the notice says it is: by the domain in its row, or else by its heading.
fn said(declaration: &Declaration, own: &str) -> Option<Party> {
    let domain = declaration.domain.as_deref().map(|it| it.trim().trim_start_matches('.'));
    if let Some(domain) = domain.filter(|it| it.contains('.') && !it.contains(' ')) {
        return Some(site::party(&domain.to_lowercase(), own));
    }
    let heading = declaration.section.as_deref()?.to_lowercase().replace('-', " ");
    let speaks = |words: &[&str]| words.iter().any(|it| heading.contains(it));
    let first = speaks(&["first party", "parti cyntaf", "our own cookies"]);
    let third = speaks(&["third party", "third parties", "trydydd parti"]);
    // "First- and third-party cookies" is about both.
    let (one, other) = (speaks(&["first", "cyntaf"]), speaks(&["third", "trydydd"]));
    if one && other {
        return None;
    }
    match (first, third) {
        (true, false) => Some(Party::First),
        (false, true) => Some(Party::Third),
        _ => None,
    }
}

#[cfg(test)]
mod parties {
    use super::said;
    use crate::{audit::testing::notice, model::Party};

    #[test]
    fn a_domain_says_whose_a_cookie_is_or_else_the_heading_does() {
        for (line, party) in [
            ("domain=ads.test", Some(Party::Third)),
            ("domain=.shop.test", Some(Party::First)),
            ("domain=ADS.test section=First-party_cookies", Some(Party::Third)),
            ("domain=this_site section=Third-party_cookies", Some(Party::Third)),
            ("domain=see_ads.test_for_more section=First-party_cookies", Some(Party::First)),
            ("domain=ours section=First-party_cookies", Some(Party::First)),
            ("section=First-_and_third-party_cookies", None),
            ("section=Statistics", None),
            ("", None),
        ] {
            let declared = notice(&format!("declare x {line}"));
            assert_eq!(said(&declared.declarations[0], "shop.test"), party, "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn the_heading_says_whose_it_is() {
        check(
            &RULE,
            "
            none
              uid  ads.test   marketing
              _ga  .shop.test performance
              sid  shop.test  essential
            reject
            accept
            notice
              declare uid section=First-party_cookies
              declare _ga section=Third_party_cookies
              declare sid section=First-party_cookies
            ",
            "
            violated
            medium uid@ads.test: the cookie uid of ads.test is a cookie of ads.test, but the notice lists it as first-party
            informational _ga@.shop.test: the cookie _ga is a first-party cookie, but the notice lists it as third-party
            ",
        );
    }

    #[test]
    fn a_notice_that_does_not_say_is_not_asked() {
        check(
            &RULE,
            "none\n uid ads.test marketing\nreject\naccept\nnotice\n declare uid section=Cookies",
            "not applicable: the notice does not say whose cookies they are",
        );
        let right = "none\n sid shop.test essential\nreject\naccept\nnotice\n declare sid section=First-party_cookies";
        check(&RULE, right, "satisfied");
        check(
            &RULE,
            "none\n sid shop.test essential\naccept\nnotice\n declare sid section=First-party_cookies",
            "open: the reject pass was not run",
        );
        check(&RULE, "none\nreject\naccept\nnotice missing", "open: no cookie notice was found");
    }
}
