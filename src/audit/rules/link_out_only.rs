//! # `link-out-only`
//!
//! ## What it finds
//! A notice that names no cookie of its own and refers readers to somebody else's notice, or that
//! is itself a page of another site.
//!
//! ## Why it matters
//! Whoever puts a service on a page has to say what it stores there. A provider's notice is about
//! the provider's products, not about this site, and changes without anybody here noticing.
//!
//! ## How to fix it
//! List what this site stores, including what the services on it store, and keep the link for
//! details.
//!
//! ## When it stays open
//! If there is no notice, or if only part of it could be read. A site that stores nothing needs no
//! list.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 2: clear and
//!   comprehensive information
//! - UK GDPR, articles 12(1) and 13

use url::Url;

use crate::{
    audit::{Findings, Policy, Rule, Severity, phrases, undeclared},
    model::{ClaimKind, Evidence, LinkKind, Pass, Subject, Undecided, site},
};

pub(super) static RULE: Rule = Rule {
    id: "link-out-only",
    severity: Severity::Medium,
    summary: "notice only links to somebody else's notice",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-13"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("link_out_only.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    let host = Url::parse(&notice.source).ok().and_then(|url| site::of_url(&url));
    if let Some(other) = host.filter(|it| *it != evidence.site) {
        let finding = findings
            .draft(
                Subject::Notice(notice.source.clone()),
                format!("the notice that the site links to is a page of {other}"),
            )
            .severity(Severity::Low)
            .advice("Publish a notice of the site's own that says what this site stores");
        findings.report(finding);
        return Ok(());
    }
    if !notice.declarations.is_empty() {
        return Ok(());
    }
    let elsewhere = |url: &str| {
        let site = Url::parse(url).ok().and_then(|it| site::of_url(&it));
        site.is_some_and(|it| it != evidence.site)
    };
    let links = notice.links.iter().filter(|it| it.kind == LinkKind::ThirdPartyNotice);
    let links: Vec<String> = links.map(|it| it.url.clone()).filter(|it| elsewhere(it)).collect();
    let words = notice.claims.iter().find(|it| it.kind == ClaimKind::LinkOut);
    undeclared::read_whole(notice)?;
    if links.is_empty() && words.is_none() {
        return Err(Undecided::NotApplicable(
            "the notice names no cookies and refers nobody elsewhere".to_owned(),
        ));
    }
    let mut stored = Vec::new();
    let complete = evidence.everywhere(|seen| {
        stored.extend(seen.cookies().map(|(cookie, _)| phrases::cookie(cookie)));
        stored.extend(seen.storage().map(|(item, _)| phrases::item(item)));
    });
    if stored.is_empty() {
        complete?;
        return Err(Undecided::NotApplicable("nothing was stored".to_owned()));
    }
    let mut finding = findings
        .draft(
            Subject::Notice(notice.source.clone()),
            "the notice names no cookie and refers readers elsewhere",
        )
        .cite(format!("stored on this site: {}", phrases::list(&stored, 5)))
        .advice("List what this site stores, including what the services on it store");
    if let Some(claim) = words {
        finding = finding.cite(format!("the notice says: \"{}\"", phrases::short(&claim.quote)));
    }
    if !links.is_empty() {
        finding = finding.cite(format!("it links to {}", phrases::list(&links, 5)));
    }
    findings.report(finding);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn see_there_for_our_cookies() {
        let case = "none\n _ga shop.test performance\nreject\naccept\nnotice\n claim link-out Google_explains_more.\n link https://policies.google.com/";
        check(
            &RULE,
            case,
            "violated\nmedium https://shop.test/cookies: the notice names no cookie and refers readers elsewhere",
        );
        says(&RULE, case, "it links to https://policies.google.com/");
        says(&RULE, case, "the notice says: \"Google explains more.\"");
    }

    #[test]
    fn somebody_elses_page() {
        check(
            &RULE,
            "notice\n source https://vendor.test/cookies\n declare sid",
            "violated\nlow https://vendor.test/cookies: the notice that the site links to is a page of vendor.test",
        );
    }

    #[test]
    fn a_notice_that_lists_or_need_not() {
        check(&RULE, "notice\n declare sid\n link https://policies.google.com/", "satisfied");
        check(
            &RULE,
            "none\nreject\naccept\nnotice\n link https://policies.google.com/",
            "not applicable: nothing was stored",
        );
        check(
            &RULE,
            "none\nreject\nnotice\n link https://policies.google.com/",
            "open: the accept pass was not run",
        );
        check(
            &RULE,
            "notice",
            "not applicable: the notice names no cookies and refers nobody elsewhere",
        );
        check(&RULE, "none", "open: nobody looked for a notice");
    }
}
