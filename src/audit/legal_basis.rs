//! What the site bases on something else than consent. Its word excuses nothing: what contradicts the basis counts as
//! if none were declared, and a person has to check the rest.

use super::{Policy, phrases, undeclared};
use crate::model::{
    Category, Classification, Consent, Evidence, Exemption, Notice, NoticeState, Sighting, Sign,
    Undecided,
};

/// Whether a declared legal basis covers something that would need consent.
pub(super) enum BasisCheck {
    /// No basis is declared for it.
    OnConsent,
    /// One is declared and does not cover it; why, as a citation.
    Contradicted(String),
    /// One is declared, and nothing that was seen contradicts it.
    OnBasis(ReliesOn),
}

/// Something for which the site relies on something else than consent.
pub(super) struct ReliesOn {
    category: Category,
    name: String,
    /// Why it is not known whether the notice declares it; `None` if it does.
    undeclared: Option<String>,
    /// Whether it was seen after refusal, and after withdrawal.
    refused: bool,
    withdrawn: bool,
}

/// What a rule could not settle.
#[derive(Default)]
pub(super) struct OpenQuestions {
    /// Names of things whose purpose nobody knows.
    pub(super) unknown: Vec<String>,
    /// Things that stand on a declared basis.
    pub(super) relied: Vec<ReliesOn>,
}

/// What the declared bases make of the thing called `name`; `declares` says whether a notice does.
pub(super) fn check_basis(
    evidence: &Evidence,
    policy: &Policy,
    class: &Classification,
    name: &str,
    seen: &[Sighting],
    declares: impl FnOnce(&Notice) -> bool,
) -> BasisCheck {
    let Some(exemption) = policy.law.declared(class) else { return BasisCheck::OnConsent };
    let but = |what: &str| {
        let relies = relies(exemption, class.category);
        BasisCheck::Contradicted(format!("{relies}, but {what}"))
    };
    if class.consent_only {
        return but("our facts say that nothing but consent covers it");
    }
    let undeclared = match evidence.notice() {
        _ if exemption.conditions.iter().all(|it| it.sign != Some(Sign::Notice)) => None,
        Ok(notice) if declares(notice) => None,
        // What is missing from a part is not missing from the whole.
        Ok(notice) => match undeclared::read_whole(notice) {
            Ok(()) => return but("the notice does not declare it"),
            Err(why) => Some(why.to_string()),
        },
        Err(_) if matches!(evidence.notice_state(), NoticeState::Missing { .. }) => {
            return but("there is no notice that declares it");
        }
        Err(why) => Some(why.to_string()),
    };
    let under = |consent| seen.iter().any(|it| it.consent == consent);
    BasisCheck::OnBasis(ReliesOn {
        category: class.category,
        name: name.to_owned(),
        undeclared,
        refused: under(Consent::Refused),
        withdrawn: under(Consent::Withdrawn),
    })
}

impl OpenQuestions {
    /// Turns what could not be settled about these `what` into an open question: neither not being
    /// known to be bad nor a site's word is good.
    pub(super) fn settle(
        &self,
        evidence: &Evidence,
        policy: &Policy,
        what: &str,
    ) -> Result<(), Undecided> {
        let unknown = phrases::none_unknown(what, &self.unknown).err().map(|it| it.to_string());
        let questions: Vec<String> =
            unknown.into_iter().chain(self.questions(evidence, policy)).collect();
        if questions.is_empty() {
            return Ok(());
        }
        Err(Undecided::Unclear(questions.join("; and ")))
    }

    /// What a person has to find out, one for each basis.
    fn questions(&self, evidence: &Evidence, policy: &Policy) -> impl Iterator<Item = String> {
        policy.law.bases().iter().filter_map(|&(category, exemption)| {
            let relied: Vec<&ReliesOn> =
                self.relied.iter().filter(|it| it.category == category).collect();
            (!relied.is_empty()).then(|| question(evidence, category, exemption, &relied))
        })
    }
}

fn question(
    evidence: &Evidence,
    category: Category,
    exemption: &Exemption,
    relied: &[&ReliesOn],
) -> String {
    let names: Vec<String> = relied.iter().map(|it| it.name.clone()).collect();
    let conditions: Vec<String> = exemption
        .conditions
        .iter()
        .map(|condition| {
            let seen = match condition.sign {
                Some(Sign::Notice) => format!(" ({})", declared_in_notice(relied)),
                Some(Sign::Objection) => format!(" ({})", objection(evidence, relied)),
                None => String::new(),
            };
            format!("that {}{seen}", condition.text)
        })
        .collect();
    format!(
        "basis not verifiable: {} ({}); check by hand {}",
        relies(exemption, category),
        phrases::list(&names, 5),
        conditions.join(", ")
    )
}

fn relies(exemption: &Exemption, category: Category) -> String {
    format!("the site relies on `{}` ({}) for {category}", exemption.name, exemption.paragraph)
}

fn declared_in_notice(relied: &[&ReliesOn]) -> String {
    match relied.iter().find_map(|it| it.undeclared.as_ref()) {
        None => "the notice names it".to_owned(),
        Some(why) => format!("not known: {why}"),
    }
}

/// What was seen of a means of objecting: a scan tries two, refusing and withdrawing.
fn objection(evidence: &Evidence, relied: &[&ReliesOn]) -> String {
    let (mut refused, mut withdrew) = (false, false);
    let refusal = evidence.after_refusal(|_| refused = true);
    let withdrawal = evidence.after_withdrawal(|_| withdrew = true);
    let still = |seen: fn(&ReliesOn) -> bool| {
        let names: Vec<String> =
            relied.iter().filter(|it| seen(it)).map(|it| it.name.clone()).collect();
        (!names.is_empty()).then(|| phrases::list(&names, 5))
    };
    match (still(|it| it.refused), still(|it| it.withdrawn)) {
        (Some(names), _) if refused => format!("still there after refusal: {names}"),
        (_, Some(names)) if withdrew => {
            format!("still there after withdrawal: {names}")
        }
        _ => match (refusal, withdrawal) {
            (Ok(()), _) => "gone after refusal".to_owned(),
            (_, Ok(())) => "gone after withdrawal".to_owned(),
            (Err(why), _) => format!("not seen: {why}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Outcome, Rule, rules,
        testing::{self, check, says},
    };

    fn rule(id: &str) -> &'static Rule {
        rules::ALL.iter().find(|it| it.id == id).unwrap()
    }

    /// A site that counts visitors before they chose, and stops when they refuse.
    const COUNTS: &str = "
        none
          banner accept reject
          stat .shop.test performance
        reject
          stat .shop.test performance
          --- refused
        notice
          declare stat category=performance
    ";

    const PURPOSE: &str = "that its sole purpose is to improve the service by figures about how it is used, \
         and not about who uses it, that nothing is shared but with those who help to improve the service, \
         and none of them uses it for purposes of their own";

    fn statistical(what: &str, notice: &str, objection: &str) -> String {
        format!(
            "open: basis not verifiable: the site relies on `statistical` (Schedule A1, paragraph 5) for performance \
             ({what}); check by hand that visitors get clear information about its purpose ({notice}), \
             that they can object simply and free of charge ({objection}), {PURPOSE}"
        )
    }

    #[test]
    fn one_case_under_each_profile_and_basis() {
        let rule = rule("cookie-before-consent");
        let violated = "
            violated
            high stat@.shop.test: the performance cookie stat is set before any choice
        ";
        for law in
            ["", "law uk", "law eu", "law eu performance=consent", "law uk performance=consent"]
        {
            check(rule, &format!("{law}\n{COUNTS}"), violated);
        }
        // For other things than these.
        check(rule, &format!("law uk functional=appearance\n{COUNTS}"), violated);
        check(
            rule,
            &format!("law uk performance=statistical\n{COUNTS}"),
            &statistical("stat", "the notice names it", "gone after refusal"),
        );
    }

    #[test]
    fn storage_and_hosts_stand_on_a_basis_too() {
        check(
            rule("storage-before-consent"),
            "
            law uk functional=appearance
            none
              local:theme https://shop.test functional
            notice
              declare theme
            ",
            "open: basis not verifiable: the site relies on `appearance` (Schedule A1, paragraph 6) for functional \
             (theme); check by hand that visitors get clear information about its purpose (the notice names it), \
             that they can object simply and free of charge (not seen: the reject pass was not run), \
             that its sole purpose is how the site looks or works on the visitor's device",
        );
        check(
            rule("tracker-before-consent"),
            "
            law uk performance=statistical
            none
              host stats.test performance org=Statsy
            reject
              --- refused
              host stats.test performance org=Statsy
            notice
              text We count visits with Statsy.
            ",
            &statistical(
                "stats.test",
                "the notice names it",
                "still there after refusal: stats.test",
            ),
        );
    }

    #[test]
    fn marketing_is_excused_by_nothing() {
        for law in [
            "law uk performance=statistical functional=appearance",
            "law uk performance=statistical functional=appearance marketing=consent",
            "law uk performance=statistical",
            "law uk functional=appearance",
            "law eu performance=consent functional=consent marketing=consent",
        ] {
            for (id, thing, finding) in [
                (
                    "cookie-before-consent",
                    "_fbp shop.test marketing",
                    "_fbp@shop.test: the marketing cookie _fbp is set before any choice",
                ),
                (
                    "storage-before-consent",
                    "local:_fbp https://shop.test marketing",
                    "local:_fbp@https://shop.test: the marketing local storage item _fbp is written before any choice",
                ),
                (
                    "tracker-before-consent",
                    "host ads.test marketing",
                    "ads.test: the marketing host ads.test is contacted before any choice",
                ),
            ] {
                let case =
                    format!("{law}\nnone\n {thing}\nnotice\n declare _fbp provider=ads.test");
                check(rule(id), &case, &format!("violated\nhigh {finding}"));
            }
        }
    }

    #[test]
    fn what_the_notice_does_not_declare_contradicts_the_basis() {
        let rule = rule("cookie-before-consent");
        let of = |notice: &str| {
            format!("law uk performance=statistical\nnone\n stat shop.test performance\n{notice}")
        };
        for (notice, why) in [
            ("notice\n declare other", "the notice does not declare it"),
            ("notice missing", "there is no notice that declares it"),
        ] {
            check(
                rule,
                &of(notice),
                "
                violated
                high stat@shop.test: the performance cookie stat is set before any choice
                ",
            );
            says(
                rule,
                &of(notice),
                &format!(
                    "the site relies on `statistical` (Schedule A1, paragraph 5) for performance, but {why}"
                ),
            );
        }
        // What could not be read may tell of it.
        for (notice, why) in [
            (
                "notice unreadable",
                "not known: the notice at https://shop.test/cookies could not be read: the server answered 503",
            ),
            (
                "notice\n declare other\n problem truncated",
                "not known: only part of the notice at https://shop.test/cookies was read: it is too long",
            ),
        ] {
            let open = statistical("stat", why, "not seen: the reject pass was not run");
            check(rule, &of(notice), &open);
        }
    }

    #[test]
    fn an_undeclared_host_is_a_likely_finding() {
        let case = "
            law uk performance=statistical
            none
              host stats.test performance
            notice
              declare other
            ";
        let rule = rule("tracker-before-consent");
        let Outcome::Violated { findings, .. } = testing::judge(rule, case) else {
            panic!("a host that the notice does not name is excused");
        };
        assert_eq!(findings[0].confidence, crate::model::Confidence::Medium);
    }

    #[test]
    fn a_fact_that_says_consent_is_never_excused() {
        let case = format!("law uk performance=statistical\n{COUNTS}")
            .replace("stat .shop.test performance", "stat .shop.test performance consent-only");
        let rule = rule("cookie-before-consent");
        check(
            rule,
            &case,
            "
            violated
            high stat@.shop.test: the performance cookie stat is set before any choice
            ",
        );
        says(
            rule,
            &case,
            "the site relies on `statistical` (Schedule A1, paragraph 5) for performance, but our facts say that \
             nothing but consent covers it",
        );
    }

    #[test]
    fn an_objection_that_does_not_work_is_still_found() {
        let case = "
            law uk performance=statistical
            reject
              --- refused
              stat shop.test performance
            notice
              declare stat
        ";
        check(
            rule("cookie-after-reject"),
            case,
            "
            violated
            high stat@shop.test: the performance cookie stat is set after refusal
            ",
        );
    }

    #[test]
    fn what_nobody_knows_is_said_beside_the_basis() {
        let case = "
            law uk performance=statistical
            none
              x9   shop.test unknown
              stat shop.test performance
            withdraw
              --- withdrawn
            notice
              declare stat
        ";
        let open = statistical("stat", "the notice names it", "gone after withdrawal");
        let open = open.replace("open: ", "");
        check(
            rule("cookie-before-consent"),
            case,
            &format!(
                "open: no source knows the purpose of these cookies set before any choice: x9; and {open}"
            ),
        );
    }

    #[test]
    fn no_banner_is_needed_for_what_may_not_need_consent() {
        let case = "
            law uk performance=statistical
            none
              banner absent
              stat shop.test performance
            reject unavailable
              banner absent
            accept unavailable
              banner absent
            notice
              declare stat
        ";
        let rule = rule("missing-banner");
        check(
            rule,
            case,
            &statistical("stat", "the notice names it", "not seen: the button was not there"),
        );
        check(
            rule,
            &case.replace("law uk performance=statistical", "law eu"),
            "
            violated
            high shop.test: the site never asks for consent although it uses performance cookie stat
            ",
        );
    }
}
