//! # `category-mismatch`
//!
//! ## What it finds
//! A cookie or storage item that the notice declares in one category while an independent source
//! gives it another purpose.
//!
//! ## Why it matters
//! The category decides whether visitors are asked. A tracker that is declared essential is a
//! tracker that nobody can refuse.
//!
//! ## How to fix it
//! Move the declaration to the category of its real purpose, and ask for consent if that category
//! needs it. If the source is wrong for your site, override the category with `--category`.
//!
//! ## When it stays open
//! While a pass is incomplete, declared items may have gone unseen. If only the notice gives a
//! purpose, there is nothing to compare it with. Some products serve two purposes alike, such as Adobe's identity for
//! analytics and advertising; a notice that names either is right.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 4
//!   (strictly necessary) against paragraphs 2, 5 and 6
//! - EDPB, report of the Cookie Banner Taskforce, 17 January 2023: cookies wrongly called essential

use crate::{
    audit::{Finding, Findings, Policy, Rule, Severity, consent_checks, phrases},
    model::{
        Category, CategoryBasis, Classification, Confidence, Declaration, Evidence, NoticeEdit,
        Pass, Sighting, SourceId, Subject, Undecided, site,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "category-mismatch",
    severity: Severity::Medium,
    summary: "declared in another category than its purpose",
    tags: &["pecr-6", "pecr-a1-4", "eprivacy-5-3"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::ChangeRow),
    source: include_str!("category_mismatch.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    if notice.declarations.iter().all(|it| it.category.is_none()) {
        return Err(Undecided::NotApplicable("the notice gives no categories".to_owned()));
    }
    let declarations = findings.attribution.declarations(notice);
    evidence.everywhere(|seen| {
        for (cookie, at) in seen.cookies().filter(|(it, _)| consent_checks::stored(it).is_some()) {
            let (key, what) = (&cookie.key, phrases::cookie(cookie));
            let declared = declarations.declared(&key.name, &key.domain);
            let declaration = declared.and_then(|it| it.declaration);
            let draft = |message: String, findings: &Findings<'_>| {
                findings.draft(Subject::Cookie(key.clone()), message)
            };
            if let Some(it) = compare(declaration, &cookie.class, &what, &at, findings, draft) {
                let gate = findings.attribution.gate_of_setter(&cookie.class, &cookie.set_by);
                findings.report(it.settled_by(gate).cite(phrases::setter_citation(&cookie.set_by)));
            }
        }
        for (item, at) in seen.storage() {
            let (key, what) = (&item.key, phrases::item(item));
            let owner = site::host_of(&key.origin).unwrap_or_default();
            let declared = declarations.declared(&key.key, &owner);
            let declaration = declared.and_then(|it| it.declaration);
            let draft = |message: String, findings: &Findings<'_>| {
                findings.draft(Subject::Storage(key.clone()), message)
            };
            if let Some(it) = compare(declaration, &item.class, &what, &at, findings, draft) {
                let gate = findings.attribution.gate_of_setter(&item.class, &item.set_by);
                findings.report(it.settled_by(gate).cite(phrases::setter_citation(&item.set_by)));
            }
        }
    })
}

/// The finding, if the declaration says something else than the source.
fn compare(
    declaration: Option<&Declaration>,
    class: &Classification,
    what: &str,
    at: &[&Sighting],
    findings: &Findings<'_>,
    draft: impl FnOnce(String, &Findings<'_>) -> Finding,
) -> Option<Finding> {
    let declaration = declaration?;
    let (said, serves) = (declaration.category?, class.category);
    // The notice's own word cannot contradict it; nor does it matter which of two purposes of a product it names.
    if class.or == Some(said)
        || class.basis.source == SourceId::Notice
        || serves == Category::Unknown
        || said == serves
    {
        return None;
    }
    let hides = weight(serves) > weight(said);
    let inferred = declaration.category_basis == Some(CategoryBasis::Inferred);
    // We read the category out of the purpose: only "needed" against "tracks" is more than a
    // difference in words.
    if inferred && !(said == Category::Essential && serves.tracks()) {
        return None;
    }
    let confidence = if inferred { Confidence::Low } else { class.basis.confidence };
    // A hint is not enough to call the notice wrong, nor is a notice that is stricter than it
    // would have to be.
    let severity =
        if hides && confidence > Confidence::Low { RULE.severity } else { Severity::Low };
    let message = format!("the {what} is declared as {said} but serves as {serves}");
    let consent = if hides && said == Category::Essential { " and ask for consent" } else { "" };
    Some(
        draft(message, findings)
            .severity(severity)
            .confidence(confidence)
            .seen(at)
            .cite(phrases::basis_citation(class))
            .cite(phrases::row(declaration))
            .advice(format!(
                "Move the row for {} to the {serves} cookies{consent}, or show that it only serves \
                 as {said}",
                phrases::short(&declaration.as_written)
            )),
    )
}

/// How much a category asks of the site.
const fn weight(category: Category) -> u8 {
    match category {
        Category::Essential | Category::Unknown => 0,
        Category::Functional => 1,
        Category::Performance => 2,
        Category::Marketing => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn a_tracker_called_essential() {
        let case = "
            none
              _ga       shop.test         performance
              sid       shop.test         essential
              local:vis https://shop.test marketing
            reject
            accept
            notice
              declare _ga category=essential
              declare sid category=essential
              declare vis category=performance
        ";
        check(
            &RULE,
            case,
            "
            violated
            medium _ga@shop.test: the cookie _ga is declared as essential but serves as performance
            medium local:vis@https://shop.test: the local storage item vis is declared as performance but serves as marketing
            ",
        );
        says(
            &RULE,
            case,
            "Move the row for _ga to the performance cookies and ask for consent, or show that it \
             only serves as essential",
        );
        says(&RULE, case, "facts says performance: a row");
        check(
            &RULE,
            "none\n _ga shop.test performance\nreject\naccept\nnotice\n declare _ga category=performance",
            "satisfied",
        );
    }

    #[test]
    fn a_stricter_notice_matters_less() {
        check(
            &RULE,
            "none\n sid shop.test essential\nreject\naccept\nnotice\n declare sid category=marketing",
            "
            violated
            low sid@shop.test: the cookie sid is declared as marketing but serves as essential
            ",
        );
    }

    #[test]
    fn a_hint_weighs_little() {
        check(
            &RULE,
            "none\n a1 shop.test marketing sure=low\nreject\naccept\nnotice\n declare a1 category=essential",
            "
            violated
            low a1@shop.test: the cookie a1 is declared as essential but serves as marketing
            ",
        );
    }

    #[test]
    fn a_category_that_we_inferred_is_not_the_notices_word() {
        let case = |declared: &str| {
            format!(
                "none\n _ga shop.test performance\nreject\naccept\nnotice\n \
                 declare _ga category={declared} inferred"
            )
        };
        check(&RULE, &case("functional"), "satisfied");
        check(
            &RULE,
            &case("essential"),
            "
            violated
            low _ga@shop.test: the cookie _ga is declared as essential but serves as performance
            ",
        );
    }

    #[test]
    fn either_purpose_of_a_product_is_right() {
        let case = |said: &str| {
            format!(
                "none\n AMCV_1 shop.test marketing or=performance\nreject\naccept\nnotice\n declare AMCV_* category={said}"
            )
        };
        check(&RULE, &case("performance"), "satisfied");
        check(&RULE, &case("marketing"), "satisfied");
        for said in ["functional", "essential"] {
            check(
                &RULE,
                &case(said),
                &format!(
                    "violated\nmedium AMCV_1@shop.test: the cookie AMCV_1 is declared as {said} but serves as marketing"
                ),
            );
        }
    }

    #[test]
    fn nothing_to_compare_with() {
        for cookie in ["x9 shop.test unknown", "x9 shop.test essential basis=notice"] {
            check(
                &RULE,
                &format!("none\n {cookie}\nreject\naccept\nnotice\n declare x9 category=essential"),
                "satisfied",
            );
        }
        check(
            &RULE,
            "none\nreject\naccept\nnotice\n declare x9",
            "not applicable: the notice gives no categories",
        );
    }

    #[test]
    fn partial_evidence_never_satisfies() {
        let notice = "notice\n declare _ga category=essential";
        check(&RULE, &format!("none\naccept\n{notice}"), "open: the reject pass was not run");
        check(
            &RULE,
            &format!("none\nreject failed\naccept\n{notice}"),
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(&RULE, "none\nreject\naccept\nnotice missing", "open: no cookie notice was found");
    }
}
