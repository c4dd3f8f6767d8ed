//! # `missing-banner`
//!
//! ## What it finds
//! A site that stores something that needs consent, or contacts trackers, and never asks: no page
//! showed a consent banner.
//!
//! ## Why it matters
//! Without a question there is no consent. What the site does then happens to every visitor.
//!
//! ## How to fix it
//! Stop storing what needs consent and no banner is needed; that is the better site. Otherwise ask
//! before anything is stored, with refusing as easy as accepting.
//!
//! ## When it stays open
//! If something on the page may be a banner that the scan did not understand, if pages could not be
//! observed, or if no source knows the purpose of what is stored. Also if the site declares another
//! legal basis than consent for all of it (`--basis`), which a scan cannot verify.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2 (consent); for statistics and appearance, paragraphs 5 and 6 (information and a
//!   simple means of objecting)
//! - ePrivacy Directive 2002/58/EC, article 5(3), first sentence (consent)
//! - UK GDPR, article 4(11): consent

use crate::{
    audit::{
        Findings, Policy, Rule, Severity, consent_checks,
        declaration_match::{self, Declarations},
        legal_basis::{self, BasisCheck, OpenQuestions},
        phrases,
    },
    model::{
        Banner, Category, Classification, Confidence, Evidence, Observations, Party, Pass, Remedy,
        Sighting, Subject, Undecided, site,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "missing-banner",
    severity: Severity::High,
    summary: "consent needed but never asked for",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-4-11"],
    needs: &Pass::BASIC,
    notice_edit: None,
    source: include_str!("missing_banner.rs"),
    check,
};

fn check(
    evidence: &Evidence,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Result<(), Undecided> {
    let banners: Vec<&Banner> =
        Pass::DEFAULT.into_iter().filter_map(|it| Some(&evidence.pass(it).ok()?.banner)).collect();
    if banners.iter().any(|it| matches!(it, Banner::Found { .. })) {
        return Ok(());
    }
    let mut used = Used::default();
    let complete = evidence.everywhere(|seen| used.add(evidence, policy, seen));
    if used.needing.is_empty() {
        complete?;
        return used.open_questions.settle(evidence, policy, "things");
    }
    let doubtful = banners.iter().find_map(|it| match it {
        Banner::Doubtful { why } => Some(why),
        Banner::Found { .. } | Banner::Absent => None,
    });
    if let Some(why) = doubtful {
        return Err(Undecided::Unclear(format!("something may be a consent banner: {why}")));
    }
    let look = evidence.pass(Pass::None).ok().and_then(|it| it.second_look.as_ref());
    if look.is_some_and(|it| it.banner.is_some()) {
        return Err(Undecided::Unclear(
            "a consent banner was seen only by a browser that did not identify this program"
                .to_owned(),
        ));
    }
    // A banner may stand on the page that did not answer.
    evidence.complete(Pass::None)?;
    // Who speaks of a choice may offer it where the scan did not look.
    let confidence = match evidence.words_of_a_choice() {
        Some(_) => used.confidence.min(Confidence::Medium),
        None => used.confidence,
    };
    let first = used.needing.first().map(String::as_str).unwrap_or_default();
    findings.report(
        findings
            .draft(
                Subject::Banner(evidence.site.clone()),
                format!("the site never asks for consent although it uses {first}"),
            )
            .confidence(confidence)
            .remedy(Remedy::Investigate)
            .seen(&used.seen.iter().collect::<Vec<_>>())
            .cite(format!("needs consent: {}", phrases::list(&used.needing, 5)))
            .cite(format!(
                "no consent banner was seen on {} opened",
                phrases::pages_opened(evidence)
            ))
            .advice(
                "Remove what needs consent, or ask for it before anything is stored, with refusing as \
                 easy as accepting",
            ),
    );
    Ok(())
}

/// Whether anything was seen that needs consent.
pub(super) fn needs_consent(evidence: &Evidence, policy: &Policy) -> Result<bool, Undecided> {
    let mut used = Used::default();
    let complete = evidence.everywhere(|seen| used.add(evidence, policy, seen));
    if !used.needing.is_empty() {
        return Ok(true);
    }
    complete?;
    used.open_questions.settle(evidence, policy, "things").map(|()| false)
}

/// What the site uses that needs consent, or may.
struct Used {
    needing: Vec<String>,
    seen: Vec<Sighting>,
    /// The highest confidence that something needs it.
    confidence: Confidence,
    open_questions: OpenQuestions,
}

impl Default for Used {
    fn default() -> Self {
        Self {
            needing: Vec::new(),
            seen: Vec::new(),
            confidence: Confidence::Low,
            open_questions: OpenQuestions::default(),
        }
    }
}

impl Used {
    fn add(&mut self, evidence: &Evidence, policy: &Policy, seen: Observations<'_>) {
        let names = declaration_match::names_seen(seen);
        let declarations = evidence.notice().ok().map(Declarations::new);
        let declarations = declarations.as_ref();
        for (cookie, at) in seen.cookies().filter(|(it, _)| consent_checks::stored(it).is_some()) {
            let (class, key) = (&cookie.class, &cookie.key);
            if may_need(class.category) {
                let basis = legal_basis::check_basis(
                    evidence,
                    policy,
                    class,
                    &key.name,
                    &cookie.seen,
                    |_| consent_checks::declared(declarations, (&key.name, &key.domain), &names),
                );
                self.weigh(class, phrases::cookie(cookie), basis, at);
            }
        }
        for (item, at) in seen.storage() {
            let (class, key) = (&item.class, &item.key);
            if may_need(class.category) {
                let owner = site::host_of(&key.origin).unwrap_or_default();
                let basis =
                    legal_basis::check_basis(evidence, policy, class, &key.key, &item.seen, |_| {
                        consent_checks::declared(declarations, (&key.key, &owner), &names)
                    });
                self.weigh(class, phrases::item(item), basis, at);
            }
        }
        for (host, at) in seen.hosts().filter(|(host, _)| host.party == Party::Third) {
            let class = &host.class;
            if class.category.tracks() || class.category == Category::Unknown {
                let basis = legal_basis::check_basis(
                    evidence,
                    policy,
                    class,
                    &host.host,
                    &host.seen,
                    |notice| declaration_match::third_party_named(notice, host).is_some(),
                );
                self.weigh(class, format!("host {}", host.host), basis, at);
            }
        }
    }

    fn weigh(
        &mut self,
        class: &Classification,
        what: String,
        basis: BasisCheck,
        seen: Vec<&Sighting>,
    ) {
        match basis {
            _ if class.is_open() => self.open_questions.unknown.push(what),
            BasisCheck::OnBasis(relied) => self.open_questions.relied.push(relied),
            BasisCheck::OnConsent | BasisCheck::Contradicted(_) => {
                self.needing.push(format!("{} {what}", class.category));
                self.confidence = self.confidence.max(class.basis.confidence);
                self.seen.extend(seen.into_iter().cloned());
            }
        }
    }
}

fn may_need(category: Category) -> bool {
    category.needs_consent() || category == Category::Unknown
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn consent_needed_and_never_asked_for() {
        for (seen, what) in [
            ("_fbp shop.test marketing", "marketing cookie _fbp"),
            ("local:v https://shop.test functional", "functional local storage item v"),
            ("host ads.test performance", "performance host ads.test"),
        ] {
            check(
                &RULE,
                &format!("none\n banner absent\n {seen}"),
                &format!(
                    "violated\nhigh shop.test: the site never asks for consent although it uses {what}"
                ),
            );
        }
        says(
            &RULE,
            "none\n banner absent\n _fbp shop.test marketing\n host ads.test marketing",
            "needs consent: marketing cookie _fbp, marketing host ads.test",
        );
    }

    #[test]
    fn a_banner_in_any_pass_is_a_banner() {
        check(&RULE, "none\n _fbp shop.test marketing", "satisfied");
        check(&RULE, "none\n banner absent\n _fbp shop.test marketing\naccept", "satisfied");
    }

    #[test]
    fn nothing_to_ask_about() {
        check(
            &RULE,
            "
            none
              banner absent
              sid shop.test essential
              host fonts.test functional
            reject unavailable
              banner absent
            accept unavailable
              banner absent
            ",
            "satisfied",
        );
    }

    #[test]
    fn what_may_be_a_banner_leaves_it_open() {
        check(
            &RULE,
            "none\n banner doubtful\n _fbp shop.test marketing",
            "open: something may be a consent banner: a box in an unknown language",
        );
    }

    #[test]
    fn an_objection_and_what_is_called_strictly_necessary_need_no_banner() {
        let none = "none\n banner absent\n sid shop.test essential\nreject unavailable\n banner absent\naccept unavailable\n banner absent\nnotice\n";
        for row in [
            "declare no-count category=performance inferred purpose=Only_if_you_object:_stops_the_counting",
            "declare hits category=performance inferred purpose=Counts_requests_(strictly_necessary)",
        ] {
            check(&RULE, &format!("{none}{row}"), "satisfied");
        }
        check(
            &RULE,
            &format!(
                "{none}declare hits category=performance inferred purpose=Counts_visits,_if_you_agree"
            ),
            "open: the reject pass is incomplete: it found no banner, although the notice declares `hits`, which needs consent",
        );
    }

    #[test]
    fn missing_evidence_leaves_it_open() {
        check(&RULE, "none\n banner absent", "open: the reject pass was not run");
        check(
            &RULE,
            "none\n banner absent\nreject failed\n banner absent\naccept\n banner absent",
            "open: the reject pass is incomplete: the button was stuck",
        );
        check(
            &RULE,
            "none\n banner absent\n gap /a hung\n _fbp shop.test marketing",
            "open: the no-choice pass is incomplete: /a hung",
        );
        check(
            &RULE,
            "
            none
              banner absent
              x9 shop.test unknown
            reject unavailable
              banner absent
            accept unavailable
              banner absent
            ",
            "open: no source knows the purpose of these things: cookie x9",
        );
    }
}
