//! # `contradicted-claim`
//!
//! ## What it finds
//! A sentence of the notice that the scan contradicts: "we do not use marketing cookies" beside a
//! marketing cookie, "blocked if you refuse" beside one set after refusal, "all of them expire when
//! you close your browser" beside one that persists.
//!
//! ## Why it matters
//! A notice is a promise. People who read it act on it, and in a service for victims many do.
//! Whether or not the law allows what happens, it is not what the notice says.
//!
//! ## How to fix it
//! Change what the site does, or change the sentence. The finding quotes it and says what was seen
//! where.
//!
//! ## When it stays open
//! If there is no notice to check. Sentences are read by a program: a finding is one of medium confidence at most, and a
//! sentence whose wording may turn it into its opposite is not held against what was seen. A claim that cannot be tested from outside, such as what a
//! provider does with data, is listed as such in the report and is no finding.
//!
//! ## References
//! - UK GDPR, articles 5(1)(a), 12(1) and 13: transparency
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2: clear and comprehensive information
//! - Court of Justice of the European Union, C-673/17 (Planet49), 1 October 2019

use crate::{
    audit::{
        Findings, Policy, Rule, Severity,
        claims::{self, Standing},
        phrases,
    },
    model::{ClaimKind, Confidence, Evidence, NoticeEdit, Pass, Subject, Undecided},
};

pub(super) static RULE: Rule = Rule {
    id: "contradicted-claim",
    severity: Severity::High,
    summary: "notice claims something that the scan contradicts",
    tags: &["gdpr-5", "gdpr-13", "pecr-6"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::ChangeRow),
    source: include_str!("contradicted_claim.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    let (mut tested, mut lacking) = (false, None);
    for (claim, judged) in notice.claims.iter().zip(claims::judge_all(evidence, notice)) {
        tested |= matches!(judged.standing, Standing::Held | Standing::Contradicted);
        if judged.lacks {
            lacking.get_or_insert_with(|| {
                format!("\"{}\": {}", phrases::short(&claim.quote), judged.evidence)
            });
        }
        if judged.standing != Standing::Contradicted {
            continue;
        }
        let finding = findings
            .draft(
                Subject::Claim(claim.quote.clone()),
                format!(
                    "the notice says \"{}\", but {}",
                    phrases::short(&claim.quote),
                    judged.evidence
                ),
            )
            .severity(severity(claim.kind))
            // Sentences are read by their words; a person has to read them again.
            .confidence(judged.confidence.min(Confidence::Medium))
            .seen(&judged.seen.iter().collect::<Vec<_>>())
            .cite(phrases::notice_citation(notice))
            .cite(judged.evidence.clone())
            .advice("Change what the site does, or correct the sentence");
        findings.report(finding);
    }
    // What could not be observed might contradict more.
    evidence.everywhere(|_| ())?;
    if let Some(why) = lacking {
        return Err(Undecided::Unclear(why));
    }
    if notice.claims.is_empty() || !tested {
        return Err(Undecided::NotApplicable(
            "the notice claims nothing that a scan can test".to_owned(),
        ));
    }
    Ok(())
}

/// A promise about what is stored without consent, or about who receives something, matters more than one about how.
const fn severity(kind: ClaimKind) -> Severity {
    match kind {
        ClaimKind::NoCategory
        | ClaimKind::OnlyCategories
        | ClaimKind::ConsentRequired
        | ClaimKind::BlockedOnRefusal
        | ClaimKind::ConsentBeforeSet
        | ClaimKind::NoThirdPartyDisclosure => Severity::High,
        _ => Severity::Medium,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    fn case(seen: &str, claim: &str) -> String {
        format!("none\n{seen}\nreject\n{seen}\naccept\n{seen}\nnotice\n claim {claim}")
    }

    #[test]
    fn what_is_not_so() {
        check(
            &RULE,
            &case(
                "_fbp shop.test marketing",
                "no-category We_use_no_marketing. categories=marketing",
            ),
            "violated\nhigh We use no marketing.: the notice says \"We use no marketing.\", but seen in the passes: marketing cookie _fbp",
        );
        check(
            &RULE,
            &case("sid shop.test essential life=90d", "all-session All_end_with_the_browser."),
            "violated\nmedium All end with the browser.: the notice says \"All end with the browser.\", but seen in the passes: the cookie sid lives on after the browser is closed",
        );
        says(
            &RULE,
            &case(
                "_fbp shop.test marketing",
                "no-category We_use_no_marketing. categories=marketing",
            ),
            "Change what the site does, or correct the sentence",
        );
    }

    #[test]
    fn what_is_so() {
        check(
            &RULE,
            &case(
                "sid shop.test essential",
                "no-category We_use_no_marketing. categories=marketing",
            ),
            "satisfied",
        );
    }

    #[test]
    fn refusing_counts_from_the_click() {
        let refused = "none\n _fbp shop.test marketing blocked=SameSiteNoneInsecure\nreject\naccept\nnotice\n claim no-category We_use_none. categories=marketing";
        check(&RULE, refused, "satisfied");
        let claim = "blocked-on-refusal Refuse_and_it_is_blocked. categories=marketing";
        check(
            &RULE,
            &format!(
                "none\nreject\n _fbp shop.test marketing\n --- refused\naccept\nnotice\n claim {claim}"
            ),
            "satisfied",
        );
        check(
            &RULE,
            &format!(
                "none\nreject\n --- refused\n _fbp shop.test marketing\naccept\nnotice\n claim {claim}"
            ),
            "violated\nhigh Refuse and it is blocked.: the notice says \"Refuse and it is blocked.\", but seen after refusing: marketing cookie _fbp",
        );
    }

    #[test]
    fn a_label_keeps_nothing_open() {
        let seen = "none\n sid shop.test essential\nreject\naccept\nnotice\n claim no-category We_use_no_marketing. categories=marketing\n claim control-present";
        check(&RULE, &format!("{seen} Cookie_policy_Cookie_preferences"), "satisfied");
        check(
            &RULE,
            &format!("{seen} You_can_change_your_choice_at_any_time."),
            "open: \"You can change your choice at any time.\": the withdraw pass was not run",
        );
        let row = format!(
            "{seen} Keeps_your_cookie_choices\n declare c1 purpose=Keeps_your_cookie_choices"
        );
        check(&RULE, &row, "satisfied");
    }

    #[test]
    fn a_product_that_may_serve_another_purpose_contradicts_nothing() {
        let seen = "AMCV_1 shop.test marketing or=performance";
        let none = |what: &str| format!("no-category We_use_none. categories={what}");
        check(
            &RULE,
            &case(seen, &none("marketing")),
            "open: \"We use none.\": no source knows what these are for: cookie AMCV_1",
        );
        check(
            &RULE,
            &case(seen, &none("marketing,performance")),
            "violated\nhigh We use none.: the notice says \"We use none.\", but seen in the passes: marketing cookie AMCV_1",
        );
    }

    #[test]
    fn what_others_keep_contradicts_a_promise_about_what_is_stored() {
        let seen = "local:yt-id https://www.youtube.com marketing";
        check(
            &RULE,
            &case(seen, "first-party-only Others_store_nothing_on_your_device."),
            "violated\nmedium Others store nothing on your device.: the notice says \"Others store nothing on your device.\", but seen in the passes: the local storage item yt-id of https://www.youtube.com is another site's",
        );
        check(&RULE, &case(seen, "first-party-only All_our_cookies_are_our_own."), "satisfied");
        check(
            &RULE,
            &case(
                "id video.test marketing",
                "first-party-only Others_store_nothing_on_your_device.",
            ),
            "violated\nmedium Others store nothing on your device.: the notice says \"Others store nothing on your device.\", but seen in the passes: the cookie id of video.test is another site's",
        );
    }

    #[test]
    fn a_whole_list_that_was_not_understood_whole_is_open() {
        let list = "exhaustive This_is_all.\n text They are _pk_id.* and sid";
        check(
            &RULE,
            &case("_pk_id.5.77aa shop.test performance", list),
            "open: \"This is all.\": these may be declared where the notice was not understood: _pk_id.5.77aa (`_pk_id.*`)",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(
            &RULE,
            "none\nnotice\n claim no-category None. categories=marketing",
            "open: the reject pass was not run",
        );
        check(&RULE, "none\nreject\naccept", "open: nobody looked for a notice");
        check(
            &RULE,
            "none\nreject\naccept\nnotice",
            "not applicable: the notice claims nothing that a scan can test",
        );
    }
}
