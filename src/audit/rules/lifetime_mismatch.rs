//! # `lifetime-mismatch`
//!
//! ## What it finds
//! A cookie that the site asks the browser to keep for much longer or shorter than the notice says:
//! by at least a day and more than one and a half times (for lifetimes under a day, by at least an
//! hour); or until the browser is closed where the notice gives a duration, and the reverse.
//!
//! The rule compares what the site asks for. Chromium keeps no cookie for more than 400 days, so a
//! notice that says "2 years" about a cookie set for two years is right.
//!
//! ## Why it matters
//! How long something stays on the device is part of what visitors must know before they consent.
//! People who share a device plan by it.
//!
//! ## How to fix it
//! Correct the notice, or set the cookie for as long as the notice says. Many notices copied "2
//! years" from elsewhere.
//!
//! ## When it stays open
//! If it is only known that the browser kept a cookie for the longest time it allows, and not what
//! the site asked for. While a pass is incomplete, declared cookies may have gone unseen.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 2 (clear
//!   and comprehensive information)
//! - Court of Justice of the European Union, C-673/17 (Planet49): duration
//! - RFC 6265bis, section 5.5: user agents limit cookies to 400 days

use crate::{
    audit::{Findings, Policy, Rule, Severity, consent_checks, phrases},
    model::{
        DeclaredLifetime, Evidence, Lifetime, NoticeEdit, Pass, Subject, Undecided, WrittenLifetime,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "lifetime-mismatch",
    severity: Severity::Low,
    summary: "cookie lifetime differs from the declared one",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-13"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::ChangeRow),
    source: include_str!("lifetime_mismatch.rs"),
    check,
};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// 400 days, the longest that Chromium keeps a cookie.
const CAP: u64 = 400 * DAY;

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    if notice.declarations.iter().all(|it| it.lifetime.kind == WrittenLifetime::Absent) {
        return Err(Undecided::NotApplicable("the notice gives no lifetimes".to_owned()));
    }
    let mut unsure = Vec::new();
    let declarations = findings.attribution.declarations(notice);
    evidence.everywhere(|seen| {
        for (cookie, at) in seen.cookies().filter(|(it, _)| consent_checks::stored(it).is_some()) {
            let name = &cookie.key.name;
            let found = declarations.declared(name, &cookie.key.domain);
            let Some(declaration) = found.and_then(|it| it.declaration) else { continue };
            let severity = match compare(actual(&cookie.lifetime), &declaration.lifetime) {
                Comparison::Agrees => continue,
                Comparison::Unsure => {
                    unsure.push(name.clone());
                    continue;
                }
                Comparison::Longer => Severity::Medium,
                Comparison::Differs => RULE.severity,
            };
            let lives = phrases::lifetime(&cookie.lifetime).unwrap_or_default();
            let said = declaration.lifetime.as_written.as_deref().unwrap_or_default();
            let message = format!(
                "the {} lasts {}{lives}, but the notice says '{}'",
                phrases::cookie(cookie),
                if cookie.lifetime.session { "" } else { "for " },
                phrases::short(said)
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
                        "Write '{lives}' in the row for {}, or set the cookie for as long as the \
                         row says",
                        phrases::short(&declaration.as_written)
                    )),
            );
        }
    })?;
    if unsure.is_empty() {
        return Ok(());
    }
    Err(Undecided::Unclear(format!(
        "the requested lifetime of these cookies is not known: {}",
        phrases::list(&unsure, 5)
    )))
}

/// How long a cookie was asked to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Actual {
    Session,
    Exactly(u64),
    AtLeast(u64),
    Unknown,
}

fn actual(lifetime: &Lifetime) -> Actual {
    if lifetime.session {
        return Actual::Session;
    }
    let length = |seconds: i64| u64::try_from(seconds).ok();
    match (lifetime.requested_seconds.and_then(length), lifetime.seconds.and_then(length)) {
        (Some(asked), _) => Actual::Exactly(asked),
        // Less a day: the clock ran on between setting it and reading it.
        (None, Some(kept)) if kept >= CAP - DAY => Actual::AtLeast(kept),
        (None, Some(kept)) => Actual::Exactly(kept),
        (None, None) => Actual::Unknown,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    /// As far as they can be compared.
    Agrees,
    /// It lives longer than declared.
    Longer,
    /// It lives shorter than declared, or in another way.
    Differs,
    /// What is known fits, but not enough is.
    Unsure,
}

fn compare(actual: Actual, declared: &DeclaredLifetime) -> Comparison {
    use Comparison::{Agrees, Differs, Longer, Unsure};
    let shortest = declared.seconds;
    let longest = declared.max_seconds.or(shortest);
    match (declared.kind, actual) {
        (
            WrittenLifetime::Instant
            | WrittenLifetime::Event
            | WrittenLifetime::Absent
            | WrittenLifetime::Unreadable,
            _,
        )
        | (WrittenLifetime::Session | WrittenLifetime::SessionOrDuration, Actual::Session)
        | (WrittenLifetime::Persistent, Actual::Exactly(_) | Actual::AtLeast(_)) => Agrees,
        (_, Actual::Unknown) => Unsure,
        (WrittenLifetime::Session, Actual::Exactly(length) | Actual::AtLeast(length)) => {
            // A session on the server is often a short time in the cookie.
            if length > DAY { Longer } else { Differs }
        }
        (
            WrittenLifetime::Persistent | WrittenLifetime::Duration | WrittenLifetime::Range,
            Actual::Session,
        ) => Differs,
        (
            WrittenLifetime::Duration | WrittenLifetime::SessionOrDuration | WrittenLifetime::Range,
            Actual::Exactly(length) | Actual::AtLeast(length),
        ) => {
            let (Some(shortest), Some(longest)) = (shortest, longest) else { return Agrees };
            if length > longest && differ(length, longest) {
                Longer
            } else if matches!(actual, Actual::AtLeast(_)) {
                Unsure
            } else if length < shortest && differ(length, shortest) {
                Differs
            } else {
                Agrees
            }
        }
    }
}

/// Whether two lengths are further apart than rounding and the calendar explain.
fn differ(actual: u64, declared: u64) -> bool {
    let least = if declared < DAY { HOUR } else { DAY };
    let (short, long) = (actual.min(declared), actual.max(declared));
    long - short >= least && u128::from(long) * 2 > u128::from(short) * 3
}

#[cfg(test)]
mod tests {
    use super::{CAP, RULE};
    use crate::audit::testing::{check, says};

    /// What the rule says of one cookie: `""` for satisfied, else severity and what it lives.
    #[track_caller]
    fn one(life: &str, declared: &str, expected: &str) {
        let case = format!(
            "none\n a1 shop.test essential life={life}\nreject\naccept\nnotice\n declare a1 \
             life={declared}\n declare other life=1d"
        );
        let expected = match expected.split_once(' ') {
            None => expected.to_owned(),
            Some((severity, lives)) => format!(
                "violated\n{severity} a1@shop.test: the cookie a1 lasts {lives}, but the \
                 notice says '{declared}'"
            ),
        };
        check(&RULE, &case, &expected);
    }

    #[test]
    fn lengths_of_days() {
        one("2y", "1y", "medium for 2 years");
        one("2y", "2y", "satisfied");
        one("90d", "89d", "satisfied");
        one("90d", "2y", "low for 90 days");
        one("15d", "10d", "satisfied");
        one("16d", "10d", "medium for 16 days");
        one("10d", "15d", "satisfied");
        one("9d", "15d", "low for 9 days");
        one("47h", "1d", "satisfied");
        one("48h", "1d", "medium for 2 days");
    }

    #[test]
    fn lengths_under_a_day() {
        one("30m", "10m", "satisfied");
        one("71m", "10m", "medium for 71 minutes");
        one("3h", "2h", "satisfied");
        one("4h", "2h", "medium for 4 hours");
        one("1y", "1m", "medium for 1 year");
    }

    #[test]
    fn sessions() {
        one("session", "session", "satisfied");
        one("session", "1y", "low until the browser is closed");
        one("session", "persistent", "low until the browser is closed");
        one("session", "1d..1y", "low until the browser is closed");
        one("2y", "session", "medium for 2 years");
        one("30m", "session", "low for 30 minutes");
    }

    #[test]
    fn statements_of_other_kinds() {
        one("session", "session/1y", "satisfied");
        one("1y", "session/1y", "satisfied");
        one("2y", "session/1y", "medium for 2 years");
        one("5y", "persistent", "satisfied");
        for said in ["event", "instant", "unreadable"] {
            one("2y", said, "satisfied");
            one("session", said, "satisfied");
        }
        one("30s", "30s..1y", "satisfied");
        one("1y", "30s..1y", "satisfied");
        one("2y", "30s..1y", "medium for 2 years");
        one("1d", "30d..1y", "low for 1 day");
    }

    #[test]
    fn a_capped_lifetime_contradicts_nothing_longer() {
        let open = "open: the requested lifetime of these cookies is not known: a1";
        let case = |declared: &str| {
            format!(
                "none\n a1 shop.test essential kept={CAP}s\nreject\naccept\nnotice\n declare a1 \
                 life={declared}"
            )
        };
        check(&RULE, &case("2y"), open);
        check(&RULE, &case("1y"), open);
        check(&RULE, &case("persistent"), "satisfied");
        check(
            &RULE,
            &case("90d"),
            "
            violated
            medium a1@shop.test: the cookie a1 lasts for 400 days, but the notice says '90d'
            ",
        );
        check(
            &RULE,
            "none\n a1 shop.test essential kept=30d\nreject\naccept\nnotice\n declare a1 life=2y",
            "
            violated
            low a1@shop.test: the cookie a1 lasts for 30 days, but the notice says '2y'
            ",
        );
    }

    #[test]
    fn nothing_to_compare_with() {
        check(
            &RULE,
            "none\n a1 shop.test essential\nreject\naccept\nnotice\n declare a1",
            "not applicable: the notice gives no lifetimes",
        );
    }

    #[test]
    fn partial_evidence_never_satisfies() {
        let notice = "notice\n declare a1 life=1y";
        check(&RULE, &format!("none\naccept\n{notice}"), "open: the reject pass was not run");
        check(
            &RULE,
            &format!("none\nreject failed\naccept\n{notice}"),
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(&RULE, "none\nreject\naccept\nnotice missing", "open: no cookie notice was found");
    }

    #[test]
    fn says_what_to_write() {
        let case = "none\n _ga shop.test performance life=2y\nreject\naccept\nnotice\n declare _ga life=1y";
        says(
            &RULE,
            case,
            "Write '2 years' in the row for _ga, or set the cookie for as long as the row says",
        );
        says(&RULE, case, "the notice says: _ga | 1y");
    }
}
