//! # `cookie-before-consent`
//!
//! ## What it finds
//! A cookie that needs consent and is set before the visitor has made a choice.
//!
//! ## Why it matters
//! Storing anything that no exemption covers needs the visitor's agreement first. On a site that
//! people in danger visit, a cookie that names the visit is also something that others can find.
//!
//! ## How to fix it
//! Load the script that sets the cookie only after the visitor has agreed: in a tag manager, put
//! the tag behind the consent trigger; in a page template, move the script behind the choice.
//!
//! ## When it stays open
//! A cookie whose purpose no source knows is neither a violation nor innocent. Declare it in the
//! notice, or classify it yourself, and the rule can decide.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003, regulation 6 and Schedule A1
//! - ePrivacy Directive 2002/58/EC, article 5(3)

use crate::{
    audit::{Findings, Rule, Severity, SubjectKind},
    model::{Case, Category, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "cookie-before-consent",
    severity: Severity::High,
    summary: "cookie set before the visitor made a choice",
    tags: &["pecr-6", "eprivacy-5-3"],
    source: include_str!("cookie_before_consent.rs"),
    check,
};

fn check(case: &Case, findings: &mut Findings) -> Result<(), Undecided> {
    let mut unknown = Vec::new();
    case.before_choice(|seen| {
        for (cookie, at) in seen.cookies().filter(|(cookie, _)| cookie.blocked.is_none()) {
            let category = cookie.class.category;
            if category == Category::Unknown {
                unknown.push(cookie.key.name.clone());
            }
            if category.needs_consent() {
                let name = &cookie.key.name;
                findings.report(
                    findings
                        .draft(
                            SubjectKind::Cookie,
                            cookie.key.to_string(),
                            format!("the {category} cookie {name} is set before any choice"),
                        )
                        .seen(&at)
                        .cite(super::setter(&cookie.set_by))
                        .cite(super::basis(&cookie.class))
                        .advice(format!("Set {name} only after the visitor has agreed")),
                );
            }
        }
    })?;
    super::none_unknown("cookies set before any choice", &unknown)
}
