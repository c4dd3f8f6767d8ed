//! # `insecure-cookie`
//!
//! ## What it finds
//! A cookie that the site's server sets without `Secure`, or, if it is essential, without
//! `HttpOnly`. A cookie that a script sets without `Secure` is reported as informational.
//!
//! `HttpOnly` is asked for only where no script needs the cookie: the token that a form's script sends
//! back against forged requests, and the record of the choice that the banner reads, are left out.
//!
//! ## Why it matters
//! Without `Secure` the cookie is also sent over connections that anybody on the same network can
//! read; without `HttpOnly` any script on the page can read it and take over a session.
//!
//! ## How to fix it
//! Add `Secure` and `HttpOnly` where the cookie is set. Most frameworks have one setting for both.
//!
//! ## When it stays open
//! If pages could not be observed in the no-choice, reject or accept pass.
//!
//! ## References
//! - UK GDPR, articles 5(1)(f) and 32: security
//! - RFC 6265bis, sections 4.1.2.5 (`Secure`), 4.1.2.6 (`HttpOnly`) and 8.3

use crate::{
    audit::{Findings, Policy, Rule, Severity, consent_checks, phrases},
    model::{Category, Evidence, Party, Pass, Remedy, SetKind, SourceId, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "insecure-cookie",
    severity: Severity::Medium,
    summary: "cookie without the attributes that protect it",
    tags: &["gdpr-5", "gdpr-32"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("insecure_cookie.rs"),
    check,
};

/// Parts of names of cookies that scripts have to read: tokens against forged requests, which a script copies into a
/// header, and what a banner reads to know that it was answered.
const READ_BY_SCRIPTS: &[&str] = &["csrf", "xsrf", "requestverification", "consent", "cookie"];

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    evidence.everywhere(|seen| {
        for (cookie, at) in seen.cookies() {
            // Others' cookies are theirs to fix, and what no browser keeps protects nobody.
            if cookie.party == Party::Third || consent_checks::stored(cookie).is_none() {
                continue;
            }
            let by_server = cookie.set_by.kind == SetKind::Http;
            let essential = cookie.class.category == Category::Essential;
            let name = cookie.key.name.to_ascii_lowercase();
            let read_by_scripts = cookie.class.basis.source == SourceId::Choice
                || READ_BY_SCRIPTS.iter().any(|it| name.contains(it));
            let open_to_scripts = by_server && essential && !cookie.http_only && !read_by_scripts;
            let (missing, severity) = match (cookie.secure, open_to_scripts) {
                (false, true) => ("Secure and HttpOnly", Severity::Medium),
                (false, false) if by_server => ("Secure", Severity::Medium),
                (false, false) => ("Secure", Severity::Informational),
                (true, true) => ("HttpOnly", Severity::Low),
                (true, false) => continue,
            };
            let message = format!(
                "the {}{} is set without {missing}",
                phrases::category_prefix(cookie.class.category),
                phrases::cookie(cookie)
            );
            findings.report(
                findings
                    .draft(Subject::Cookie(cookie.key.clone()), message)
                    .severity(severity)
                    .remedy(Remedy::Server)
                    .settled_by(findings.attribution.gate_of_setter(&cookie.class, &cookie.set_by))
                    .seen(&at)
                    .cite(phrases::setter_citation(&cookie.set_by))
                    .advice(format!(
                        "Add {missing} where {} is set",
                        phrases::name(&cookie.key.name)
                    )),
            );
        }
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn what_a_server_sets_is_its_to_protect() {
        check(
            &RULE,
            "
            none
              sid    shop.test essential   http=https://shop.test/ plain
              sess   shop.test essential   http=https://shop.test/
              XSRF-TOKEN     shop.test essential http=https://shop.test/
              cookies_policy shop.test essential http=https://shop.test/
              csrftoken      shop.test essential http=https://shop.test/ plain
              lang   shop.test functional  http=https://shop.test/ plain
              chosen shop.test essential   script=https://shop.test/a.js plain
              x      ads.test  marketing   http=https://ads.test/ plain
            reject
            accept
            ",
            "
            violated
            medium sid@shop.test: the essential cookie sid is set without Secure and HttpOnly
            low sess@shop.test: the essential cookie sess is set without HttpOnly
            medium csrftoken@shop.test: the essential cookie csrftoken is set without Secure
            medium lang@shop.test: the functional cookie lang is set without Secure
            informational chosen@shop.test: the essential cookie chosen is set without Secure
            ",
        );
        check(&RULE, "none\n sid shop.test essential\nreject\naccept", "satisfied");
        check(&RULE, "none\naccept", "open: the reject pass was not run");
    }
}
