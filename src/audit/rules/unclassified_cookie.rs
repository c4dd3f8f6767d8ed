//! # `unclassified-cookie`
//!
//! ## What it finds
//! A cookie whose purpose no source knows: not the data we carry, not the host that set it, not the
//! site's own notice. A purpose that only the name suggests (`scorer`) counts as unknown.
//!
//! ## Why it matters
//! Nobody can say whether such a cookie needs consent. Until somebody does, other rules stay open.
//!
//! ## How to fix it
//! Find out what sets it. If the site needs it, declare it in the notice under the right heading;
//! if nobody can say what it is for, remove what sets it.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1:
//!   each exception depends on the purpose

use crate::{
    audit::{Findings, Policy, Rule, Severity, consent_checks, phrases},
    model::{Category, Evidence, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "unclassified-cookie",
    severity: Severity::Informational,
    summary: "cookie of unknown purpose",
    tags: &["pecr-6"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("unclassified_cookie.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let declarations = evidence.notice().ok().map(|it| findings.attribution.declarations(it));
    // Its words say what it is for, though not whether that needs consent.
    let has_purpose = |name: &str, domain: &str| {
        let declared = declarations.as_ref().and_then(|it| it.declared(name, domain));
        let row = declared.and_then(|it| it.declaration);
        row.is_some_and(|it| it.purpose.as_ref().is_some_and(|text| !text.trim().is_empty()))
    };
    evidence.everywhere(|seen| {
        for (cookie, at) in seen.cookies() {
            // What only the scorer says is a guess: a person should still look.
            let known =
                cookie.class.category != Category::Unknown && !cookie.class.basis.source.is_guess();
            let (key, guess) = (&cookie.key, cookie.class.basis.source.is_guess());
            let said = !guess && has_purpose(&key.name, &key.domain);
            if known || said || consent_checks::stored(cookie).is_none() {
                continue;
            }
            let message = format!("no source knows the purpose of the {}", phrases::cookie(cookie));
            let name = phrases::name(&cookie.key.name);
            findings.report(
                findings
                    .draft(Subject::Cookie(cookie.key.clone()), message)
                    .settled_by(findings.attribution.gate_of_setter(&cookie.class, &cookie.set_by))
                    .seen(&at)
                    .cite(phrases::setter_citation(&cookie.set_by))
                    .cite(phrases::basis_citation(&cookie.class))
                    .advice(format!(
                        "Find out what sets {name} and declare its purpose in the notice, or remove it"
                    )),
            );
        }
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn a_cookie_without_a_name_is_called_that() {
        let case = "none\n (nameless) shop.test unknown\nreject\naccept";
        check(
            &RULE,
            case,
            "violated\ninformational @shop.test: no source knows the purpose of the cookie without a name",
        );
        says(
            &RULE,
            case,
            "Find out what sets the one without a name and declare its purpose in the notice, or remove it",
        );
    }

    #[test]
    fn one_finding_per_cookie() {
        check(
            &RULE,
            "
            none
              x9  shop.test unknown
              _ga shop.test performance
              own shop.test essential basis=notice
            reject
              x9  shop.test unknown
            accept
              y8  ads.test unknown
            ",
            "
            violated
            informational x9@shop.test: no source knows the purpose of the cookie x9
            informational y8@ads.test: no source knows the purpose of the cookie y8 of ads.test
            ",
        );
        check(&RULE, "none\n _ga shop.test performance\nreject\naccept", "satisfied");
    }

    #[test]
    fn a_row_that_gives_a_purpose_says_what_a_cookie_is_for() {
        let seen = "none\n x9 shop.test unknown\nreject\naccept\nnotice\n declare x9";
        check(&RULE, &format!("{seen} purpose=Keeps_your_place"), "satisfied");
        check(
            &RULE,
            seen,
            "violated\ninformational x9@shop.test: no source knows the purpose of the cookie x9",
        );
        check(
            &RULE,
            "none\n ad_x shop.test marketing basis=scorer sure=low\nreject\naccept\nnotice\n declare ad_x purpose=Keeps_your_place",
            "violated\ninformational ad_x@shop.test: no source knows the purpose of the cookie ad_x",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\nreject", "open: the accept pass was not run");
        check(
            &RULE,
            "none\nreject\naccept failed",
            "open: the accept pass is incomplete: the button was stuck",
        );
    }
}
