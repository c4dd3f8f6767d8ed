//! Checks each claim of a notice against the evidence of all passes.
//!
//! A claim is held only if everything it is about was observed. What no visit can show, such as what a
//! provider does with data, is not testable.

mod providers;
mod self_contradiction;
#[cfg(test)]
mod tests;
mod wording;

use std::collections::BTreeMap;

use providers::{cookie_is_run_by, host_is_run_by};
pub(super) use self_contradiction::contradiction;

use super::{
    banner_evidence,
    declaration_match::{self, Declarations},
    phrases, undeclared,
};
use crate::model::{
    Banner, Category, Choice, Claim, ClaimKind, Classification, Confidence, Evidence as Case,
    Notice, Observations as Slice, ObservedCookie, ObservedHost, Party, Pass, PassEvidence, Proof,
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
    /// How sure that is.
    pub confidence: Confidence,
}

impl Judged {
    fn new(standing: Standing, evidence: impl Into<String>) -> Self {
        Self {
            standing,
            evidence: evidence.into(),
            seen: Vec::new(),
            lacks: false,
            confidence: Confidence::High,
        }
    }
}

/// How every claim of the notice stands, in its order. A notice may say the same a thousand times: what does not depend on
/// the words of a sentence is looked up once.
pub fn judge_all(case: &Case, notice: &Notice) -> Vec<Judged> {
    let mut known: BTreeMap<_, Judged> = BTreeMap::new();
    let judge = |claim: &Claim| {
        if let Some(other) = contradiction(case, notice, claim) {
            let evidence = format!("the notice also says: {}", phrases::short(&other));
            return Judged::new(Standing::SelfContradicted, evidence);
        }
        if banner_evidence::is_label(case, &claim.quote) {
            return untestable("the label of something to press promises nothing");
        }
        if claim.kind == ClaimKind::ControlPresent && !wording::is_promise(notice, &claim.quote) {
            return untestable("a label, or what a row says a cookie is for, promises nothing");
        }
        let wording =
            (wording::is_conditional(&claim.quote), wording::is_about_cookies(&claim.quote));
        let key = (claim.kind, claim.categories.clone(), claim.provider.clone(), wording);
        let judged = known.entry(key).or_insert_with(|| judge_by_kind(case, notice, claim)).clone();
        if judged.standing == Standing::Contradicted && wording::is_turned(&claim.quote) {
            return untestable("its wording may turn what it says into the opposite");
        }
        judged
    };
    notice.claims.iter().map(judge).collect()
}

fn judge_by_kind(case: &Case, notice: &Notice, claim: &Claim) -> Judged {
    let in_categories = |category: Category| claim.categories.contains(&category);
    let conditional = wording::is_conditional(&claim.quote);
    match claim.kind {
        ClaimKind::NoCategory if conditional => unasked(case, in_categories),
        ClaimKind::NoCategory => everywhere(case, in_categories),
        ClaimKind::OnlyCategories if conditional => {
            unasked(case, |category| !claim.categories.contains(&category))
        }
        ClaimKind::OnlyCategories => {
            everywhere(case, |category| !claim.categories.contains(&category))
        }
        ClaimKind::ConsentRequired => unasked(case, in_categories),
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
            first_party_only(case, wording::is_about_cookies(&claim.quote))
        }
        ClaimKind::Exhaustive => exhaustive(case, notice),
        ClaimKind::ServiceSetsNothing => match &claim.provider {
            Some(provider) => cookies_that(case, &format!("is of {provider}"), |cookie| {
                cookie_is_run_by(provider, cookie)
            }),
            None => untestable("the notice names no service"),
        },
        ClaimKind::NoThirdPartyDisclosure => nothing_shared(case),
        ClaimKind::IpNotShared => hosts_that(case, |host| {
            host.class.category.tracks() || host.class.category == Category::Functional
        }),
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
    Judged::new(Standing::NotTestable, why)
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
    /// The highest confidence that one of the things is what it is said to be.
    confidence: Option<Confidence>,
}

impl Against {
    fn add(&mut self, thing: String, at: &[&Sighting]) {
        self.add_with(Confidence::High, thing, at);
    }

    fn add_with(&mut self, confidence: Confidence, thing: String, at: &[&Sighting]) {
        self.things.push(thing);
        self.seen.extend(at.iter().map(|it| (*it).clone()));
        self.confidence = self.confidence.max(Some(confidence));
    }

    /// Adds a thing of a known category if that `is` of some sort. A guess contradicts nobody.
    fn weigh(
        &mut self,
        class: &Classification,
        what: String,
        at: &[&Sighting],
        is: impl Fn(Category) -> bool,
    ) {
        let sure = class.basis.confidence;
        if class.is_open() {
            self.unknown.push(what);
        } else if is(class.category) {
            // One product may serve another purpose that the claim does not deny.
            if sure > Confidence::Low && !class.may_be_other(&is) {
                self.add_with(sure, format!("{} {what}", class.category), at);
            } else {
                self.unknown.push(what);
            }
        }
    }

    /// Looks through cookies, storage and other sites' hosts for what `is` of some category.
    fn look(&mut self, slice: Slice<'_>, is: impl Fn(Category) -> bool) {
        for (cookie, at) in slice.cookies() {
            self.weigh(&cookie.class, phrases::cookie(cookie), &at, &is);
        }
        for (item, at) in slice.storage() {
            self.weigh(&item.class, phrases::item(item), &at, &is);
        }
        for (host, at) in slice.hosts().filter(|(host, _)| host.party == Party::Third) {
            // A host that is only functional serves fonts and maps: no cookie of that category.
            self.weigh(&host.class, format!("host {}", host.host), &at, |category| {
                category.tracks() && is(category)
            });
        }
    }

    /// Looks through other sites' hosts for those that are some way.
    fn look_at_hosts(&mut self, slice: Slice<'_>, is: impl Fn(&ObservedHost) -> bool) {
        for (host, at) in slice.hosts().filter(|(host, _)| host.party == Party::Third) {
            if host.class.category == Category::Unknown || is(host) && !is_sure(host) {
                self.unknown.push(format!("host {}", host.host));
            } else if is(host) {
                let sure = host.class.basis.confidence;
                self.add_with(sure, format!("a request to {}", host.host), &at);
            }
        }
    }

    fn judged(self, case: &Case, when: &str, complete: Result<(), Undecided>) -> Judged {
        if !self.things.is_empty() {
            let evidence = format!("seen {when}: {}", phrases::list(&self.things, 4));
            return Judged {
                seen: self.seen,
                confidence: self.confidence.unwrap_or(Confidence::High),
                ..Judged::new(Standing::Contradicted, evidence)
            };
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
    let evidence = format!(
        "nothing against it was seen on {} opened, in {}",
        phrases::pages_opened(case),
        match Pass::BASIC.into_iter().filter(|pass| case.pass(*pass).is_ok()).count() {
            1 => "one visit".to_owned(),
            visits => format!("{visits} visits"),
        }
    );
    Judged::new(Standing::Held, evidence)
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

/// Nothing that `is` of some category before a choice, nor after a proved refusal.
fn unasked(case: &Case, is: impl Fn(Category) -> bool) -> Judged {
    both(|| before(case, &is), || after_refusing(case, &is))
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

/// No cookie that the notice does not name.
fn exhaustive(case: &Case, notice: &Notice) -> Judged {
    let declarations = Declarations::new(notice);
    let (mut names, mut unsure, mut against) = (Vec::new(), Vec::new(), Against::default());
    let _ = case.everywhere(|slice| names = declaration_match::names_seen(slice));
    let complete = case.everywhere(|slice| {
        for (cookie, at) in slice.cookies() {
            if declarations.knows(&cookie.key.name, &cookie.key.domain, &names) {
                continue;
            }
            let what = format!("the {} is not in the notice", phrases::cookie(cookie));
            // What was not understood may name it.
            match declarations.not_understood(&cookie.key.name) {
                Some(word) => unsure.push(undeclared::as_written(&cookie.key.name, word)),
                None => against.add(what, &at),
            }
        }
    });
    let complete = complete.and_then(|()| undeclared::none_unsure(&unsure));
    against.judged(case, "in the passes", complete)
}

/// Nothing that another site keeps: no cookie, and no storage item either unless the sentence is about cookies.
fn first_party_only(case: &Case, about_cookies: bool) -> Judged {
    let mut against = Against::default();
    let complete = case.everywhere(|slice| {
        for (cookie, at) in slice.cookies().filter(|(it, _)| it.party == Party::Third) {
            against.add(format!("the {} is another site's", phrases::cookie(cookie)), &at);
        }
        let items = slice.storage().filter(|(it, _)| it.party == Party::Third && !about_cookies);
        for (item, at) in items {
            against.add(format!("the {} is another site's", phrases::item(item)), &at);
        }
    });
    against.judged(case, "in the passes", complete)
}

/// No other site's host that is some way.
fn hosts_that(case: &Case, is: impl Fn(&ObservedHost) -> bool) -> Judged {
    let mut against = Against::default();
    let complete = case.everywhere(|slice| against.look_at_hosts(slice, is));
    against.judged(case, "in the passes", complete)
}

/// No identifier, and no visit, that somebody of another site received who measures or follows people.
fn nothing_shared(case: &Case) -> Judged {
    let mut against = Against::default();
    let complete = case.everywhere(|slice| {
        let follows = |host: &str| {
            let mut hosts = slice.hosts().map(|(host, _)| host);
            hosts.any(|it| it.host.as_str() == host && it.class.category.tracks() && is_sure(it))
        };
        for (shared, at) in slice.shared() {
            let outside = site::party(&shared.host, &case.site) == Party::Third;
            if outside && follows(&shared.host) {
                let name = phrases::name(&shared.cookie.name);
                let what = format!("the identifier in {name} sent to {}", shared.host);
                against.add(what, &at);
            }
        }
        against.look_at_hosts(slice, |host| host.class.category.tracks());
    });
    against.judged(case, "in the passes", complete)
}

fn is_sure(host: &ObservedHost) -> bool {
    host.class.basis.confidence > Confidence::Low
}

/// What a provider does with data shows only where it advertises.
fn does_not_share(case: &Case, provider: &str) -> Judged {
    let mut against = Against::default();
    // Whether anything is missing does not matter: nothing seen proves the claim.
    let _ = case.everywhere(|slice| {
        for (host, at) in slice.hosts().filter(|(host, _)| host.party == Party::Third) {
            let class = &host.class;
            let advertises = class.category == Category::Marketing && is_sure(host);
            if advertises && host_is_run_by(provider, host) {
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
                elsewhere.filter(|_| is_known_to_track(&cookie.class) && !cookie.lifetime.session)
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

fn is_known_to_track(class: &Classification) -> bool {
    class.category.tracks() && class.basis.confidence > Confidence::Low
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
        _ if !met.is_empty() => Judged::new(
            Standing::Held,
            format!("set before any choice: {}", phrases::list(&met, 4)),
        ),
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
        Some(source) => {
            Judged::new(Standing::Held, format!("the page's {source} said what was chosen"))
        }
        None => untestable("no signal of it was seen after a choice"),
    }
}

/// Whether the notice was met in another language.
fn other_languages(case: &Case) -> Judged {
    let mut unread = None;
    for translation in &case.notice_setting().translations {
        match translation {
            Translation::Read(notice) => {
                return Judged::new(Standing::Held, format!("it was read at {}", notice.source));
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
    Judged::new(Standing::Held, format!("met: {}", phrases::list(&met, 4)))
}

/// That nothing was missed or not understood that may be the choice which the notice offers.
fn all_understood(case: &Case, evidence: &PassEvidence, pass: Pass) -> Result<(), Undecided> {
    banner_evidence::is_understood(case, evidence)?;
    if let Some(tried) = banner_evidence::choice(evidence, pass) {
        banner_evidence::controls_are_understood(case, tried)?;
    }
    // The choice may be offered where a scan does not look, such as in the browser's settings.
    match (&evidence.banner, pass) {
        (Banner::Absent, Pass::Reject) => {
            Err(Undecided::Unclear("no banner was seen that could offer it".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Whether a choice that the notice offers could be made.
fn choice(case: &Case, pass: Pass, what: &str) -> Judged {
    let evidence = match case.pass(pass) {
        Ok(evidence) => evidence,
        Err(why) => return lacking(&why.to_string()),
    };
    if matches!(evidence.choice, Choice::Unavailable { .. })
        && let Err(why) = all_understood(case, evidence, pass)
    {
        return lacking(&why.to_string());
    }
    let accepted = pass != Pass::Withdraw
        || evidence
            .choices
            .iter()
            .any(|it| it.choice == Pass::Accept && it.proof.contains(&Proof::PersistsAfterReload));
    match &evidence.choice {
        Choice::Made { .. } => {
            Judged::new(Standing::Held, format!("{what} was done and proved in one visit"))
        }
        Choice::Unavailable { why } if accepted => Judged::new(Standing::Contradicted, why.clone()),
        Choice::Unavailable { why } => untestable(why),
        Choice::Failed { why } => lacking(why),
        Choice::NotAsked => untestable("no choice was tried"),
    }
}
