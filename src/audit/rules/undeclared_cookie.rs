//! # `undeclared-cookie`
//!
//! ## What it finds
//! A cookie that the site sets, itself or through others, and that its cookie notice does not
//! mention. A name that differs slightly from a declared one is `misspelt-declaration`.
//!
//! ## Why it matters
//! Consent has to be informed: visitors cannot consent to what they do not know about. People who
//! share a device may need to know what a visit leaves on it.
//!
//! ## How to fix it
//! Add the cookie to the notice, with its purpose and how long it lasts, or stop setting it.
//!
//! ## When it stays open
//! Without a notice that could be read there is nothing to compare with, and while a pass is
//! incomplete cookies may have gone unseen. So it does if a word of the notice stands for the cookie, such as `_pk_id.*`,
//! and the notice was not understood there.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 2 (clear
//!   and comprehensive information), 5 and 6 (clear information)
//! - Court of Justice of the European Union, C-673/17 (Planet49): duration and access of others

use crate::{
    audit::{
        Findings, Policy, Rule, Severity, consent_checks, declaration_match, phrases, undeclared,
    },
    model::{Evidence, NoticeEdit, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "undeclared-cookie",
    severity: Severity::Medium,
    summary: "cookie missing from the cookie notice",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-13"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::AddRow),
    source: include_str!("undeclared_cookie.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    undeclared::read_whole(notice)?;
    let declarations = findings.attribution.declarations(notice);
    let mut unsure = Vec::new();
    evidence.everywhere(|seen| {
        let names = declaration_match::names_seen(seen);
        for (cookie, at) in seen.cookies() {
            let (name, category) = (&cookie.key.name, cookie.class.category);
            if consent_checks::stored(cookie).is_none()
                || declarations.knows(name, &cookie.key.domain, &names)
            {
                continue;
            }
            if let Some(word) = declarations.not_understood(name) {
                unsure.push(undeclared::as_written(name, word));
                continue;
            }
            let what =
                format!("the {}{}", phrases::category_prefix(category), phrases::cookie(cookie));
            let message = format!(
                "{what} is set{}{} but is not in the notice",
                phrases::page_suffix(&at),
                phrases::setter_suffix(&cookie.set_by, &cookie.key.domain)
            );
            let lifetime = phrases::lifetime(&cookie.lifetime);
            let finding = findings
                .draft(Subject::Cookie(cookie.key.clone()), message)
                .severity(undeclared::severity(&cookie.class))
                .settled_by(findings.attribution.gate_of_setter(&cookie.class, &cookie.set_by))
                .seen(&at)
                .cite(phrases::setter_citation(&cookie.set_by))
                .cite(phrases::basis_citation(&cookie.class))
                .cite(phrases::notice_citation(notice))
                .advice(undeclared::add_row(notice, name, category, lifetime.as_deref()));
            findings.report(finding);
        }
    })?;
    undeclared::none_unsure(&unsure)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn patterns_cover_generated_names() {
        check(
            &RULE,
            "
            none
            reject
              _fbp     shop.test marketing
            accept
              _ga_AB12 shop.test performance
              _fbp     shop.test marketing
              sid      shop.test essential
              x9       ads.test  unknown
            notice
              declare _ga_*
            ",
            "
            violated
            high _fbp@shop.test: the marketing cookie _fbp is set but is not in the notice
            medium sid@shop.test: the essential cookie sid is set but is not in the notice
            medium x9@ads.test: the cookie x9 of ads.test is set but is not in the notice
            ",
        );
    }

    #[test]
    fn whatever_is_declared_or_spoken_of_is_fine() {
        check(
            &RULE,
            "
            none
              _ga_PK75TN8S2W shop.test performance
              _fbp           shop.test marketing
              bad            shop.test marketing blocked=InvalidDomain
            reject
            accept
            notice
              declare _ga_Z2RHWQ33HY
              text Facebook sets _fbp.
            ",
            "satisfied",
        );
    }

    #[test]
    fn what_stands_where_the_notice_was_not_understood_is_open() {
        let notice = "notice
              declare sid
              text Name Expiration Function _pk_id.* 13 months Counts visits";
        check(
            &RULE,
            &format!("none\n _pk_id.5.77aa shop.test performance\nreject\naccept\n{notice}"),
            "open: these may be declared where the notice was not understood: _pk_id.5.77aa (`_pk_id.*`)",
        );
        check(
            &RULE,
            &format!(
                "none\n _pk_id.5.77aa shop.test performance\n _pk_ref.5.77aa shop.test performance\nreject\naccept\n{notice}"
            ),
            "
            violated
            high _pk_ref.5.77aa@shop.test: the performance cookie _pk_ref.5.77aa is set but is not in the notice
            but these may be declared where the notice was not understood: _pk_id.5.77aa (`_pk_id.*`)
            ",
        );
    }

    #[test]
    fn an_ordinary_word_in_the_text_declares_nothing() {
        check(
            &RULE,
            "
            none
              session shop.test essential
            reject
            accept
            notice
              text It ends with your session.
            ",
            "
            violated
            medium session@shop.test: the essential cookie session is set but is not in the notice
            ",
        );
    }

    #[test]
    fn a_slip_of_the_pen_is_another_rules_finding() {
        let case =
            "none\n Csrf-token shop.test essential\nreject\naccept\nnotice\n declare Crsf-token";
        check(&RULE, case, "satisfied");
    }

    #[test]
    fn partial_evidence_never_satisfies() {
        check(
            &RULE,
            "accept\n _ga shop.test performance\nnotice\n declare _ga",
            "open: the no-choice pass was not run",
        );
        check(
            &RULE,
            "none\nreject failed\naccept\nnotice\n declare _ga",
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(
            &RULE,
            "
            none
              gap /a hung
              _ga shop.test performance
            notice
              declare _gid
            ",
            "
            violated
            high _ga@shop.test: the performance cookie _ga is set but is not in the notice
            but the no-choice pass is incomplete: /a hung
            ",
        );
    }

    #[test]
    fn without_a_notice_nothing_is_decided() {
        for (notice, why) in [
            ("missing", "no cookie notice was found"),
            (
                "unreadable",
                "the notice at https://shop.test/cookies could not be read: the server answered 503",
            ),
            ("not-sought", "the server answered 503"),
            ("other", "the page at https://shop.test/cookies does not read like a cookie notice"),
        ] {
            let case = format!("none\n _ga shop.test performance\nreject\naccept\nnotice {notice}");
            check(&RULE, &case, &format!("open: {why}"));
        }
    }

    #[test]
    fn what_half_a_notice_lacks_may_be_in_the_other_half() {
        check(
            &RULE,
            "none\n _ga shop.test performance\nreject\naccept\nnotice\n problem truncated",
            "open: only part of the notice at https://shop.test/cookies was read: it is too long",
        );
    }

    #[test]
    fn says_which_row_to_add_where() {
        let notice = "notice\n declare x category=marketing section=Marketing_cookies";
        for (life, words) in [("90d", "90 days"), ("session", "until the browser is closed")] {
            says(
                &RULE,
                &format!("none\n _fbp shop.test marketing life={life}\nreject\naccept\n{notice}"),
                &format!(
                    "Add a row for _fbp to 'Marketing cookies' with its purpose and how long it \
                     lasts ({words}), or stop setting it"
                ),
            );
        }
    }
}
