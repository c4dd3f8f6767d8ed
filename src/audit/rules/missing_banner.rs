//! # `missing-banner`
//!
//! ## What it finds
//! A site that stores something that needs consent, or contacts trackers, and never asks: no page
//! showed a consent banner.
//!
//! ## Why it matters
//! Without a question there is no agreement. What the site does then happens to every visitor.
//!
//! ## How to fix it
//! Stop storing what needs consent and no banner is needed; that is the better site. Otherwise ask
//! before anything is stored, with refusing as easy as accepting.
//!
//! ## When it stays open
//! If something on the page may be a banner that we did not understand, if pages could not be
//! observed, or if nobody knows what the things stored are for. Also if the site is said to rely on
//! something else than consent for all of them (`--basis`), which a scan cannot verify.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1) and Schedule A1,
//!   paragraph 2 (consent); for statistics and appearance, paragraphs 5 and 6 (information and a
//!   simple means of objecting)
//! - ePrivacy Directive 2002/58/EC, article 5(3), first sentence (consent)
//! - UK GDPR, article 4(11): consent

use crate::{
    audit::{
        Findings, Rule, Severity, SubjectKind, breach, diff,
        reliance::{self, Stands, Unsettled},
        wording,
    },
    model::{
        Banner, Case, Category, Classification, Confidence, Party, Pass, Sighting, Undecided, site,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "missing-banner",
    severity: Severity::High,
    summary: "consent needed and never asked for",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-4-11"],
    source: include_str!("missing_banner.rs"),
    check,
};

fn check(case: &Case, findings: &mut Findings) -> Result<(), Undecided> {
    let banners: Vec<&Banner> =
        Pass::BASIC.into_iter().filter_map(|it| Some(&case.pass(it).ok()?.banner)).collect();
    if banners.iter().any(|it| matches!(it, Banner::Found { .. })) {
        return Ok(());
    }
    let (mut needing, mut at, mut unsettled) = (Vec::new(), Vec::new(), Unsettled::default());
    let mut confidence = Confidence::Low;
    let mut weigh =
        |class: &Classification, what: String, stands, seen: Vec<&Sighting>| match stands {
            _ if class.is_open() => unsettled.unknown.push(what),
            Stands::OnBasis(relied) => unsettled.relied.push(relied),
            Stands::OnConsent | Stands::Contradicted(_) => {
                needing.push(format!("{} {what}", class.category));
                confidence = confidence.max(class.basis.confidence);
                at.extend(seen.into_iter().cloned());
            }
        };
    let may_need = |category: Category| category.needs_consent() || category == Category::Unknown;
    let complete = case.everywhere(|seen| {
        let names = diff::names_seen(seen);
        for (cookie, at) in seen.cookies().filter(|(it, _)| breach::stored(it).is_some()) {
            let (class, key) = (&cookie.class, &cookie.key);
            if may_need(class.category) {
                let stands = reliance::stands(case, class, &key.name, &cookie.seen, |notice| {
                    breach::declared(notice, &key.name, &key.domain, &names)
                });
                weigh(class, wording::cookie(cookie), stands, at);
            }
        }
        for (item, at) in seen.storage() {
            let (class, key) = (&item.class, &item.key);
            if may_need(class.category) {
                let owner = site::host_of(&key.origin).unwrap_or_default();
                let stands = reliance::stands(case, class, &key.key, &item.seen, |notice| {
                    breach::declared(notice, &key.key, &owner, &names)
                });
                weigh(class, wording::item(item), stands, at);
            }
        }
        for (host, at) in seen.hosts().filter(|(host, _)| host.party == Party::Third) {
            let class = &host.class;
            if class.category.tracks() || class.category == Category::Unknown {
                let stands = reliance::stands(case, class, &host.host, &host.seen, |notice| {
                    diff::third_party_named(notice, host).is_some()
                });
                weigh(class, format!("host {}", host.host), stands, at);
            }
        }
    });
    if needing.is_empty() {
        complete?;
        return unsettled.settle(case, "things");
    }
    let doubtful = banners.iter().find_map(|it| match it {
        Banner::Doubtful { why } => Some(why),
        _ => None,
    });
    if let Some(why) = doubtful {
        return Err(Undecided::Unclear(format!("something may be a consent banner: {why}")));
    }
    let look = case.pass(Pass::None).ok().and_then(|it| it.second_look.as_ref());
    if look.is_some_and(|it| it.banner.is_some()) {
        return Err(Undecided::Unclear(
            "a consent banner was seen only by a visitor that did not name this program".to_owned(),
        ));
    }
    // A banner may stand on the page that did not answer.
    case.before_choice(|_| ())?;
    findings.report(
        findings
            .draft(
                SubjectKind::Banner,
                case.site.clone(),
                format!(
                    "the site never asks for consent although it uses {}",
                    needing.first().map(String::as_str).unwrap_or_default()
                ),
            )
            .confidence(confidence)
            .seen(&at.iter().collect::<Vec<_>>())
            .cite(format!("needs consent: {}", wording::list(&needing, 5)))
            .cite(format!("no consent banner was seen on {} opened", wording::pages_opened(case)))
            .advice(
                "Remove what needs consent, or ask for it before anything is stored, with refusing as \
                 easy as accepting",
            ),
    );
    Ok(())
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
            "open: the none pass is incomplete: /a hung",
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
            "open: no source knows what these things are for: cookie x9",
        );
    }
}
