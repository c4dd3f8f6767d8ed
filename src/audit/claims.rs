//! Checks each claim of a notice against the evidence of all passes.
//!
//! A claim is held only if everything it is about was observed. What no visit can show, such as what a
//! provider does with data, is not testable.

mod self_contradiction;

use super::{banner_evidence, declaration_match::Declarations, phrases};
use crate::model::{
    Category, Choice, Claim, ClaimKind, Evidence as Case, Notice, Observations as Slice,
    ObservedCookie, ObservedHost, Party, Pass, Proof, Sighting, Translation, Undecided, site,
};

/// What the evidence says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing that was seen speaks against it, and everything it is about was looked at.
    Held,
    /// Something that was seen does.
    Contradicted,
    /// It could not be tested.
    NotTestable,
    /// The notice itself says otherwise elsewhere.
    SelfContradicted,
}

impl Standing {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Contradicted => "contradicted",
            Self::NotTestable => "not-testable",
            Self::SelfContradicted => "self-contradicted",
        }
    }
}

/// A claim's standing, and what says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// How it stands.
    pub standing: Standing,
    /// What says so, in one sentence.
    pub evidence: String,
    /// Where what speaks against it was seen.
    pub seen: Vec<Sighting>,
    /// Whether it could have been tested if more had been seen or known.
    pub lacks: bool,
}

/// How a claim of the notice stands.
pub fn judge(case: &Case, notice: &Notice, claim: &Claim) -> Judged {
    if let Some(other) = self_contradiction::contradiction(notice, claim) {
        return Judged {
            standing: Standing::SelfContradicted,
            evidence: format!("the notice also says: {}", phrases::short(&other)),
            seen: Vec::new(),
            lacks: false,
        };
    }
    let in_categories = |category: Category| claim.categories.contains(&category);
    match claim.kind {
        ClaimKind::NoCategory => everywhere(case, in_categories),
        ClaimKind::OnlyCategories => everywhere(case, |category| {
            category != Category::Unknown && !claim.categories.contains(&category)
        }),
        ClaimKind::ConsentRequired => {
            both(|| before(case, in_categories), || after_refusing(case, in_categories))
        }
        ClaimKind::BlockedOnRefusal => after_refusing(case, in_categories),
        ClaimKind::ConsentBeforeSet => before(case, Category::needs_consent),
        ClaimKind::AllSession => {
            cookies_that(case, "lives on after the browser is closed", |cookie| {
                cookie.party == Party::First && !cookie.lifetime.session
            })
        }
        ClaimKind::SecureTransport => cookies_that(case, "may travel unencrypted", |cookie| {
            cookie.party == Party::First && !cookie.secure
        }),
        ClaimKind::FirstPartyOnly => {
            cookies_that(case, "is another site's", |cookie| cookie.party == Party::Third)
        }
        ClaimKind::Exhaustive => {
            let declarations = Declarations::new(notice);
            cookies_that(case, "is not in the notice", |cookie| {
                declarations.declared(&cookie.key.name, &cookie.key.domain).is_none()
            })
        }
        ClaimKind::ServiceSetsNothing => match &claim.provider {
            Some(provider) => cookies_that(case, &format!("is of {provider}"), |cookie| {
                cookie_is_run_by(provider, cookie)
            }),
            None => untestable("the notice names no service"),
        },
        ClaimKind::NoThirdPartyDisclosure => hosts_that(case, |host| host.class.category.tracks()),
        ClaimKind::IpNotShared => hosts_that(case, |_| true),
        ClaimKind::NamedService => named(case, claim.provider.as_deref().unwrap_or_default()),
        ClaimKind::RefusalPossible => choice(case, Pass::Reject, "refusing"),
        ClaimKind::WithdrawalPossible | ClaimKind::ControlPresent => {
            choice(case, Pass::Withdraw, "withdrawing")
        }
        ClaimKind::ProviderDoesNotShare => match &claim.provider {
            Some(provider) => does_not_share(case, provider),
            None => untestable("the notice does not say who"),
        },
        ClaimKind::NotIdentifying => not_identifying(case),
        ClaimKind::EssentialWithoutConsent => essential_unasked(case),
        ClaimKind::ConsentMode => consent_mode(case),
        ClaimKind::Bilingual => other_languages(case),
        ClaimKind::NonExhaustive
        | ClaimKind::UsesCategory
        | ClaimKind::Count
        | ClaimKind::ReviewDate
        | ClaimKind::LinkOut
        | ClaimKind::OptOutLink
        | ClaimKind::ConditionalSet
        | ClaimKind::ImpliedConsent => {
            untestable("it says something about the notice or its wording that visits do not show")
        }
        ClaimKind::RandomValue | ClaimKind::NoPersonalData => {
            untestable("recordings hold no values, so what the values say was not checked")
        }
        ClaimKind::ProviderMayShare | ClaimKind::ThirdPartySetsMore => {
            untestable("it allows something, so that nothing seen can contradict it")
        }
        ClaimKind::IpMasked => {
            untestable("it is about what others do with data, which no visit shows")
        }
    }
}

fn untestable(why: &str) -> Judged {
    let evidence = why.to_owned();
    Judged { standing: Standing::NotTestable, evidence, seen: Vec::new(), lacks: false }
}

/// Not testable because something is missing.
fn lacking(why: &str) -> Judged {
    Judged { lacks: true, ..untestable(why) }
}

/// What was found against a claim while a part of the evidence was looked through.
#[derive(Default)]
struct Against {
    things: Vec<String>,
    unknown: Vec<String>,
    seen: Vec<Sighting>,
}

impl Against {
    fn add(&mut self, thing: String, at: &[&Sighting]) {
        self.things.push(thing);
        self.seen.extend(at.iter().map(|it| (*it).clone()));
    }

    /// Looks through cookies, storage and other sites' hosts for what `is` of some category.
    fn look(&mut self, slice: Slice<'_>, is: impl Fn(Category) -> bool) {
        for (cookie, at) in slice.cookies() {
            match cookie.class.category {
                Category::Unknown => self.unknown.push(phrases::cookie(cookie)),
                category if is(category) => {
                    self.add(format!("{category} {}", phrases::cookie(cookie)), &at);
                }
                _ => (),
            }
        }
        for (item, at) in slice.storage() {
            match item.class.category {
                Category::Unknown => self.unknown.push(phrases::item(item)),
                category if is(category) => {
                    self.add(format!("{category} {}", phrases::item(item)), &at);
                }
                _ => (),
            }
        }
        for (host, at) in slice.hosts().filter(|(host, _)| host.party == Party::Third) {
            match host.class.category {
                Category::Unknown => self.unknown.push(format!("host {}", host.host)),
                // A host that is only functional serves fonts and maps: no cookie of that category.
                category if category.tracks() && is(category) => {
                    self.add(format!("{category} host {}", host.host), &at);
                }
                _ => (),
            }
        }
    }

    fn judged(self, case: &Case, when: &str, complete: Result<(), Undecided>) -> Judged {
        if !self.things.is_empty() {
            let evidence = format!("seen {when}: {}", phrases::list(&self.things, 4));
            let standing = Standing::Contradicted;
            return Judged { standing, evidence, seen: self.seen, lacks: false };
        }
        match complete {
            // What is not offered cannot be tried, and nothing is missing.
            Err(Undecided::NotApplicable(why)) => untestable(&why),
            Err(why) => lacking(&why.to_string()),
            Ok(()) if !self.unknown.is_empty() => lacking(&format!(
                "no source knows what these are for: {}",
                phrases::list(&self.unknown, 4)
            )),
            Ok(()) => held(case),
        }
    }
}

fn held(case: &Case) -> Judged {
    Judged {
        standing: Standing::Held,
        evidence: format!(
            "nothing against it was seen on {} opened, in {}",
            phrases::pages_opened(case),
            match Pass::BASIC.into_iter().filter(|pass| case.pass(*pass).is_ok()).count() {
                1 => "one visit".to_owned(),
                visits => format!("{visits} visits"),
            }
        ),
        seen: Vec::new(),
        lacks: false,
    }
}

/// Nothing that `is` of some category in any pass.
fn everywhere(case: &Case, is: impl Fn(Category) -> bool) -> Judged {
    let mut against = Against::default();
    let complete = case.everywhere(|slice| against.look(slice, is));
    against.judged(case, "in the passes", complete)
}

/// Nothing that `is` of some category before any choice.
fn before(case: &Case, is: impl Fn(Category) -> bool) -> Judged {
    let mut against = Against::default();
    let complete = case.before_choice(|slice| against.look(slice, is));
    against.judged(case, "before any choice", complete)
}

/// Nothing that `is` of some category after a proved refusal.
fn after_refusing(case: &Case, is: impl Fn(Category) -> bool) -> Judged {
    let mut against = Against::default();
    let complete = case.after_refusal(|slice| against.look(slice, is));
    against.judged(case, "after refusing", complete)
}

/// The worse of two: contradicted, then not testable.
fn both(one: impl FnOnce() -> Judged, other: impl FnOnce() -> Judged) -> Judged {
    let one = one();
    if one.standing == Standing::Contradicted {
        return one;
    }
    let other = other();
    match other.standing {
        Standing::Held => one,
        _ => other,
    }
}

/// No cookie that is some way.
fn cookies_that(case: &Case, what: &str, is: impl Fn(&ObservedCookie) -> bool) -> Judged {
    let mut against = Against::default();
    let complete = case.everywhere(|slice| {
        for (cookie, at) in slice.cookies().filter(|(cookie, _)| is(cookie)) {
            against.add(format!("the {} {what}", phrases::cookie(cookie)), &at);
        }
    });
    against.judged(case, "in the passes", complete)
}

/// No other site's host that is some way.
fn hosts_that(case: &Case, is: impl Fn(&ObservedHost) -> bool) -> Judged {
    let mut against = Against::default();
    let complete = case.everywhere(|slice| {
        for (host, at) in slice.hosts().filter(|(host, _)| host.party == Party::Third && is(host)) {
            against.add(format!("a request to {}", host.host), &at);
        }
    });
    against.judged(case, "in the passes", complete)
}

/// What a provider does with data shows only where it advertises.
fn does_not_share(case: &Case, provider: &str) -> Judged {
    let mut against = Against::default();
    // Whether anything is missing does not matter: nothing seen proves the claim.
    let _ = case.everywhere(|slice| {
        for (host, at) in slice.hosts().filter(|(host, _)| host.party == Party::Third) {
            let class = &host.class;
            if class.category == Category::Marketing && host_is_run_by(provider, host) {
                against.add(format!("a request to {}, which serves advertising", host.host), &at);
            }
        }
    });
    if against.things.is_empty() {
        return untestable("it is about what others do with data, which no visit shows");
    }
    against.judged(case, "in the passes", Ok(()))
}

/// A cookie that outlives the visit and is sent to another site tells that site who comes back.
fn not_identifying(case: &Case) -> Judged {
    let mut against = Against::default();
    let _ = case.everywhere(|slice| {
        for (cookie, at) in slice.cookies() {
            let elsewhere =
                cookie.sent_to.iter().find(|host| site::party(host, &case.site) == Party::Third);
            if let Some(host) =
                elsewhere.filter(|_| cookie.class.category.tracks() && !cookie.lifetime.session)
            {
                let lives = phrases::lifetime(&cookie.lifetime).unwrap_or_default();
                against.add(
                    format!(
                        "the {} lives for {lives} and is sent to {host}",
                        phrases::cookie(cookie)
                    ),
                    &at,
                );
            }
        }
    });
    if against.things.is_empty() {
        return untestable("values are not kept, so that what they tell was not looked at");
    }
    against.judged(case, "in the passes", Ok(()))
}

/// Whether essential things are there before anything was chosen.
fn essential_unasked(case: &Case) -> Judged {
    let mut met = Vec::new();
    let complete = case.before_choice(|slice| {
        let essential = |category| category == Category::Essential;
        met.extend(
            slice
                .cookies()
                .filter(|(it, _)| essential(it.class.category))
                .map(|(it, _)| phrases::cookie(it)),
        );
        met.extend(
            slice
                .storage()
                .filter(|(it, _)| essential(it.class.category))
                .map(|(it, _)| phrases::item(it)),
        );
    });
    match complete {
        _ if !met.is_empty() => Judged {
            standing: Standing::Held,
            evidence: format!("set before any choice: {}", phrases::list(&met, 4)),
            seen: Vec::new(),
            lacks: false,
        },
        Err(why) => lacking(&why.to_string()),
        Ok(()) => untestable("nothing essential was set before a choice"),
    }
}

/// Whether the page told Google's consent mode anything.
fn consent_mode(case: &Case) -> Judged {
    let told = Pass::DEFAULT.iter().filter_map(|pass| case.pass(*pass).ok()).find_map(|pass| {
        let signals = pass.choices.iter().flat_map(|it| &it.signals);
        signals.map(|it| &it.source).find(|it| it.contains("consent-mode")).cloned()
    });
    match told {
        Some(source) => Judged {
            standing: Standing::Held,
            evidence: format!("the page's {source} said what was chosen"),
            seen: Vec::new(),
            lacks: false,
        },
        None => untestable("no signal of it was seen after a choice"),
    }
}

/// Whether the notice was met in another language.
fn other_languages(case: &Case) -> Judged {
    let mut unread = None;
    for translation in &case.notice_setting().translations {
        match translation {
            Translation::Read(notice) => {
                return Judged {
                    standing: Standing::Held,
                    evidence: format!("it was read at {}", notice.source),
                    seen: Vec::new(),
                    lacks: false,
                };
            }
            Translation::Unreadable { url, why } => {
                unread.get_or_insert_with(|| format!("{url}: {why}"));
            }
        }
    }
    match unread {
        Some(why) => lacking(&why),
        None => untestable("no link of the notice leads to it in another language"),
    }
}

/// Whether a service that the notice names was met.
fn named(case: &Case, provider: &str) -> Judged {
    let mut met = Vec::new();
    // What is not met may be met on another page; that is no evidence either way.
    let _ = case.everywhere(|slice| {
        for (host, _) in slice.hosts().filter(|(host, _)| host.party == Party::Third) {
            if host_is_run_by(provider, host) {
                met.push(format!("host {}", host.host));
            }
        }
        for (cookie, _) in slice.cookies() {
            if cookie_is_run_by(provider, cookie) {
                met.push(phrases::cookie(cookie));
            }
        }
    });
    if met.is_empty() {
        return untestable("none of the service's hosts or cookies was seen on the pages visited");
    }
    Judged {
        standing: Standing::Held,
        evidence: format!("met: {}", phrases::list(&met, 4)),
        seen: Vec::new(),
        lacks: false,
    }
}

/// Whether a host is run by the provider that a notice names.
fn host_is_run_by(provider: &str, host: &ObservedHost) -> bool {
    is_called(provider, host.class.organisation.as_deref(), &host.site)
}

/// Whether a cookie is the provider's that a notice names.
fn cookie_is_run_by(provider: &str, cookie: &ObservedCookie) -> bool {
    // A cookie on the site's own domain says nothing of the site's own name.
    let domain = match cookie.party {
        Party::Third => site::of_host(&cookie.key.domain),
        Party::First => String::new(),
    };
    is_called(provider, cookie.class.organisation.as_deref(), &domain)
}

/// Whether a notice's `provider` is the organisation, or the name of the site before its first dot.
///
/// "Google" alone is all of Google; "Google Analytics" is not reCAPTCHA, nor Google as such.
fn is_called(provider: &str, organisation: Option<&str>, site: &str) -> bool {
    const LEGAL: &[&str] = &["inc", "llc", "ltd", "limited", "plc", "gmbh", "corporation", "the"];
    let words = |text: &str| -> Vec<String> {
        let text = text.to_lowercase();
        let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
        words.filter(|it| !LEGAL.contains(it)).map(str::to_owned).collect()
    };
    let provider = words(provider);
    if provider.concat().len() < 3 {
        return false;
    }
    let organisation = words(organisation.unwrap_or_default());
    let label = site.split('.').next().unwrap_or_default().to_lowercase();
    provider.iter().all(|it| organisation.contains(it)) || provider.concat() == label
}

/// Whether a choice that the notice offers could be made.
fn choice(case: &Case, pass: Pass, what: &str) -> Judged {
    let evidence = match case.pass(pass) {
        Ok(evidence) => evidence,
        Err(why) => return lacking(&why.to_string()),
    };
    // What was missed or not understood may be the choice that the notice offers.
    if matches!(evidence.choice, Choice::Unavailable { .. })
        && let Err(why) = banner_evidence::is_understood(case, evidence)
    {
        return lacking(&why.to_string());
    }
    let accepted = pass != Pass::Withdraw
        || evidence
            .choices
            .iter()
            .any(|it| it.choice == Pass::Accept && it.proof.contains(&Proof::PersistsAfterReload));
    match &evidence.choice {
        Choice::Made { .. } => Judged {
            standing: Standing::Held,
            evidence: format!("{what} was done and proved in one visit"),
            seen: Vec::new(),
            lacks: false,
        },
        Choice::Unavailable { why } if accepted => Judged {
            standing: Standing::Contradicted,
            evidence: why.clone(),
            seen: Vec::new(),
            lacks: false,
        },
        Choice::Unavailable { why } => untestable(why),
        Choice::Failed { why } => lacking(why),
        Choice::NotAsked => untestable("no choice was tried"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_called;

    #[test]
    fn a_provider_is_recognised_by_organisation_and_site_and_by_nothing_else() {
        for (provider, organisation, site, is) in [
            ("Google", Some("Google Analytics"), "google-analytics.com", true),
            ("Google Analytics", Some("Google"), "gstatic.com", false),
            ("Google Analytics", Some("Google reCAPTCHA"), "google.com", false),
            ("Hotjar Ltd", Some("Hotjar"), "hotjar.com", true),
            ("YouTube", None, "youtube.com", true),
            ("Analytics", None, "shop.test", false),
            ("X", Some("X"), "x.com", false),
            ("Meta", Some("Metabase"), "metabase.com", false),
        ] {
            assert_eq!(is_called(provider, organisation, site), is, "{provider}, {organisation:?}");
        }
    }
}
