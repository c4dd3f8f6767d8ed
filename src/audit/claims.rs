//! Holds each claim of a notice against the evidence of all passes.
//!
//! Held is said only of what was looked at completely, and in how many pages and visits; what cannot
//! be seen from outside, such as what a provider does with data, is not testable.

mod itself;

use super::{diff, wording};
use crate::model::{
    Category, Choice, Claim, Evidence as Case, Notice, Observations as Slice, Party, Pass, Proof,
    Sighting, Translation, Undecided, site,
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
    if let Some(other) = itself::against_itself(notice, claim) {
        return Judged {
            standing: Standing::SelfContradicted,
            evidence: format!("the notice also says: {}", wording::short(&other)),
            seen: Vec::new(),
            lacks: false,
        };
    }
    let in_categories = |category: Category| claim.categories.contains(&category);
    match claim.kind.as_str() {
        "no-category" => everywhere(case, in_categories),
        "only-categories" => everywhere(case, |category| {
            category != Category::Unknown && !claim.categories.contains(&category)
        }),
        "consent-required" => {
            both(|| before(case, in_categories), || after_refusing(case, in_categories))
        }
        "blocked-on-refusal" => after_refusing(case, in_categories),
        "consent-before-set" => before(case, Category::needs_consent),
        "all-session" => cookies_that(case, "lives on after the browser is closed", |cookie| {
            cookie.party == Party::First && !cookie.lifetime.session
        }),
        "secure-transport" => cookies_that(case, "may travel unencrypted", |cookie| {
            cookie.party == Party::First && !cookie.secure
        }),
        "first-party-only" => {
            cookies_that(case, "is another site's", |cookie| cookie.party == Party::Third)
        }
        "exhaustive" => cookies_that(case, "is not in the notice", |cookie| {
            diff::declared(notice, &cookie.key.name, &cookie.key.domain).is_none()
        }),
        "service-sets-nothing" => match &claim.provider {
            Some(provider) => cookies_that(case, &format!("is of {provider}"), |cookie| {
                is_of(provider, cookie.class.organisation.as_deref(), &cookie.class.basis.entry)
            }),
            None => untestable("the notice names no service"),
        },
        "no-third-party-disclosure" => hosts_that(case, |host| host.class.category.tracks()),
        "ip-not-shared" => hosts_that(case, |_| true),
        "named-service" => named(case, claim.provider.as_deref().unwrap_or_default()),
        "refusal-possible" => choice(case, Pass::Reject, "refusing"),
        "withdrawal-possible" | "control-present" => choice(case, Pass::Withdraw, "withdrawing"),
        "provider-does-not-share" => match &claim.provider {
            Some(provider) => does_not_share(case, provider),
            None => untestable("the notice does not say who"),
        },
        "not-identifying" => not_identifying(case),
        "essential-without-consent" => unasked(case),
        "consent-mode" => consent_mode(case),
        "bilingual" => other_languages(case),
        "non-exhaustive" | "uses-category" | "count" | "review-date" | "link-out"
        | "opt-out-link" | "conditional-set" | "implied-consent" => {
            untestable("it says something about the notice or its wording that visits do not show")
        }
        "random-value" | "no-personal-data" => {
            untestable("values are not kept, so that what they hold was not looked at")
        }
        _ => untestable("it is about what others do with data, which no visit shows"),
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
                Category::Unknown => self.unknown.push(wording::cookie(cookie)),
                category if is(category) => {
                    self.add(format!("{category} {}", wording::cookie(cookie)), &at);
                }
                _ => (),
            }
        }
        for (item, at) in slice.storage() {
            match item.class.category {
                Category::Unknown => self.unknown.push(wording::item(item)),
                category if is(category) => {
                    self.add(format!("{category} {}", wording::item(item)), &at);
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
            let evidence = format!("seen {when}: {}", wording::list(&self.things, 4));
            let standing = Standing::Contradicted;
            return Judged { standing, evidence, seen: self.seen, lacks: false };
        }
        match complete {
            // What is not offered cannot be tried, and nothing is missing.
            Err(Undecided::NotApplicable(why)) => untestable(&why),
            Err(why) => lacking(&why.to_string()),
            Ok(()) if !self.unknown.is_empty() => lacking(&format!(
                "no source knows what these are for: {}",
                wording::list(&self.unknown, 4)
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
            wording::pages_opened(case),
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
fn cookies_that(
    case: &Case,
    what: &str,
    is: impl Fn(&crate::model::ObservedCookie) -> bool,
) -> Judged {
    let mut against = Against::default();
    let complete = case.everywhere(|slice| {
        for (cookie, at) in slice.cookies().filter(|(cookie, _)| is(cookie)) {
            against.add(format!("the {} {what}", wording::cookie(cookie)), &at);
        }
    });
    against.judged(case, "in the passes", complete)
}

/// No other site's host that is some way.
fn hosts_that(case: &Case, is: impl Fn(&crate::model::ObservedHost) -> bool) -> Judged {
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
            if class.category == Category::Marketing
                && is_of(provider, class.organisation.as_deref(), &class.basis.entry)
            {
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
                let lives = wording::lifetime(&cookie.lifetime).unwrap_or_default();
                against.add(
                    format!(
                        "the {} lives for {lives} and is sent to {host}",
                        wording::cookie(cookie)
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
fn unasked(case: &Case) -> Judged {
    let mut met = Vec::new();
    let complete = case.before_choice(|slice| {
        let essential = |category| category == Category::Essential;
        met.extend(
            slice
                .cookies()
                .filter(|(it, _)| essential(it.class.category))
                .map(|(it, _)| wording::cookie(it)),
        );
        met.extend(
            slice
                .storage()
                .filter(|(it, _)| essential(it.class.category))
                .map(|(it, _)| wording::item(it)),
        );
    });
    match complete {
        _ if !met.is_empty() => Judged {
            standing: Standing::Held,
            evidence: format!("set before any choice: {}", wording::list(&met, 4)),
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
            if is_of(provider, host.class.organisation.as_deref(), &host.class.basis.entry) {
                met.push(format!("host {}", host.host));
            }
        }
        for (cookie, _) in slice.cookies() {
            if is_of(provider, cookie.class.organisation.as_deref(), &cookie.class.basis.entry) {
                met.push(wording::cookie(cookie));
            }
        }
    });
    if met.is_empty() {
        return untestable("the service was not met on the pages that were opened");
    }
    Judged {
        standing: Standing::Held,
        evidence: format!("met: {}", wording::list(&met, 4)),
        seen: Vec::new(),
        lacks: false,
    }
}

/// Whether something is run by who a notice calls `provider`.
fn is_of(provider: &str, organisation: Option<&str>, entry: &str) -> bool {
    let provider = provider.to_lowercase();
    let Some(first) = provider.split_whitespace().next().filter(|it| it.len() > 2) else {
        return false;
    };
    let said = format!("{} {entry}", organisation.unwrap_or_default()).to_lowercase();
    // "Google" alone is all of Google; "Google Analytics" is not reCAPTCHA.
    match provider.split_once(' ') {
        Some((_, rest)) => said.contains(first) && said.contains(rest),
        None => said.contains(first),
    }
}

/// Whether a choice that the notice offers could be made.
fn choice(case: &Case, pass: Pass, what: &str) -> Judged {
    let evidence = match case.pass(pass) {
        Ok(evidence) => evidence,
        Err(why) => return lacking(&why.to_string()),
    };
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
