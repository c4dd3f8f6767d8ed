//! # `overlong-lifetime`
//!
//! ## What it finds
//! A cookie that asks to be kept for more than 400 days, the most that browsers allow.
//!
//! ## Why it matters
//! A cookie should last no longer than its purpose. A lifetime of years was seldom thought about,
//! and a notice that repeats the figure is wrong, because browsers delete the cookie after 400
//! days.
//!
//! ## How to fix it
//! Ask for the time that the purpose needs, and state that time in the notice.
//!
//! ## When it stays open
//! If pages could not be observed in the no-choice, reject or accept pass.
//!
//! ## References
//! - UK GDPR, article 5(1)(e): storage limitation
//! - RFC 6265bis, section 5.5: a limit of 400 days

use crate::{
    audit::{Findings, Policy, Rule, Severity, consent_checks, phrases},
    model::{Evidence, Pass, Remedy, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "overlong-lifetime",
    severity: Severity::Informational,
    summary: "cookie asks for a longer lifetime than browsers allow",
    tags: &["gdpr-5"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("overlong_lifetime.rs"),
    check,
};

/// What browsers give at most, in seconds (RFC 6265bis, section 5.5), and a minute for rounding.
const MOST: i64 = 400 * 86_400 + 60;

/// From here on nobody can have thought of it, in seconds.
const FAR: i64 = 3 * 365 * 86_400;

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    evidence.everywhere(|seen| {
        for (cookie, at) in seen.cookies() {
            let asked = cookie.lifetime.requested_seconds.filter(|it| *it > MOST);
            let Some(asked) = asked.filter(|_| consent_checks::stored(cookie).is_some()) else { continue };
            let length = phrases::duration(asked.unsigned_abs());
            let message = format!(
                "the {}{} asks to be kept for {length}, but browsers delete it after 400 days",
                phrases::category_prefix(cookie.class.category),
                phrases::cookie(cookie)
            );
            let severity =
                if asked > FAR { Severity::Low } else { Severity::Informational };
            findings.report(
                findings
                    .draft(Subject::Cookie(cookie.key.clone()), message)
                    .severity(severity)
                    .remedy(Remedy::Server)
                    .settled_by(findings.attribution.gate_of_setter(&cookie.class, &cookie.set_by))
                    .seen(&at)
                    .cite(phrases::setter_citation(&cookie.set_by))
                    .advice(format!(
                        "Keep {} no longer than needed, 400 days at most, and state that in the notice",
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
    fn four_hundred_days_are_the_limit() {
        check(
            &RULE,
            "
            none
              _ga  .shop.test performance life=2y
              old  shop.test  functional  life=10y
              fine shop.test  functional  life=400d
              sid  shop.test  essential   life=session
            reject
            accept
            ",
            "
            violated
            informational _ga@.shop.test: the performance cookie _ga asks to be kept for 2 years, but browsers delete it after 400 days
            low old@shop.test: the functional cookie old asks to be kept for 10 years, but browsers delete it after 400 days
            ",
        );
        check(&RULE, "none\n a shop.test essential life=1y\nreject\naccept", "satisfied");
        check(&RULE, "none\naccept", "open: the reject pass was not run");
    }
}
