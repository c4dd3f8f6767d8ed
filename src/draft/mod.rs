//! Writes the notice that would be true of what a scan saw, and the edits that lead from the published
//! one to it.
//!
//! The shape is that of GOV.UK's cookies page: a table for each category with name, purpose and expiry,
//! and who sets each (<https://design-system.service.gov.uk/patterns/cookies-page/>).

mod edit;
mod language;
mod notice_draft;
mod write;

use std::collections::{BTreeMap, BTreeSet};

pub use edit::{Edit, EditKind, edits};
pub use language::Language;
use notice_draft::general;
pub use notice_draft::{Draft, Row, Section, Service};
pub use write::{html, markdown};

use crate::{
    audit::{self, Policy, declaration_match::Declarations},
    classify::Knowledge,
    model::{
        Category, Choice, Classification, Consent, Evidence, ObservedCookie, ObservedStorage,
        Party, Pass, Sighting, StorageKind, Undecided,
    },
};

/// The order of sections; what nobody knows comes last.
const ORDER: [Category; 5] = [
    Category::Essential,
    Category::Functional,
    Category::Performance,
    Category::Marketing,
    Category::Unknown,
];

/// A thing; several may become one row.
struct Thing {
    category: Category,
    name: String,
    storage: Option<StorageKind>,
    purpose: Option<String>,
    set_by: String,
    /// `None` in the list: ends with the session.
    lengths: BTreeSet<Option<u64>>,
    unknown_length: bool,
    asked: Asked,
}

/// Whether something waited for an agreement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Waited,
    DidNotWait,
}

/// The notice that would be true of what was seen.
pub fn draft(
    evidence: &Evidence,
    policy: &Policy,
    knowledge: &Knowledge,
    language: Language,
    reviewed: Option<String>,
) -> Draft {
    let evidence = evidence.overridden(&policy.overrides);
    let mut things: Vec<Thing> = Vec::new();
    let mut services: BTreeMap<String, Service> = BTreeMap::new();
    // The site's own words come first, where they are in this language.
    let notice = evidence.notice().ok().filter(|it| it.language == language.code());
    let declarations = notice.map(Declarations::new);
    let own = |name: &str, domain: &str| {
        declarations.as_ref()?.declared(name, domain)?.declaration?.purpose.clone()
    };
    let whole = evidence.everywhere(|seen| {
        for (cookie, at) in seen.cookies().filter(|(cookie, _)| audit::stored(cookie).is_some()) {
            let mut thing = cookie_thing(cookie, &at, knowledge, language);
            thing.purpose = own(&cookie.key.name, &cookie.key.domain).or(thing.purpose);
            keep(&mut things, thing);
        }
        for (item, at) in seen.storage() {
            let mut thing = storage_thing(item, &at, knowledge, language);
            thing.purpose = own(&item.key.key, "").or(thing.purpose);
            keep(&mut things, thing);
        }
        for (host, _) in seen.hosts().filter(|(host, _)| host.party == Party::Third) {
            let organisation = host.class.organisation.clone();
            let key = organisation.clone().unwrap_or_else(|| host.host.to_string());
            let service = services.entry(key).or_insert_with(|| Service {
                organisation,
                hosts: Vec::new(),
                purpose: knowledge.host_purpose(&host.host).and_then(|it| language.purpose(it)),
            });
            service.hosts.push(host.host.to_string());
        }
    });
    let lacks: Vec<String> = whole.err().iter().map(Undecided::to_string).collect();
    let asked = evidence.pass(Pass::Reject).is_ok() && lacks.is_empty();
    let mut sections = Vec::new();
    for category in ORDER {
        let mut of: Vec<&Thing> = things.iter().filter(|it| it.category == category).collect();
        if of.is_empty() {
            continue;
        }
        of.sort_by(|a, b| (&a.name, &a.set_by).cmp(&(&b.name, &b.set_by)));
        let waited = of.iter().all(|it| it.asked == Asked::Waited);
        sections.push(Section {
            category,
            only_if_agreed: if waited { asked.then_some(true) } else { Some(false) },
            rows: of.into_iter().map(|it| row(it, language)).collect(),
        });
    }
    let mut services: Vec<Service> = services.into_values().collect();
    for service in &mut services {
        service.hosts.sort();
        service.hosts.dedup();
    }
    Draft {
        schema: Draft::SCHEMA,
        language,
        site: evidence.site.clone(),
        reviewed,
        sections,
        services,
        withdraw_by: withdrawn_by(&evidence),
        lacks,
    }
}

/// What the control says by which the visitor who withdrew consent began, if that was proved.
fn withdrawn_by(evidence: &Evidence) -> Option<String> {
    let of_pass = evidence.pass(Pass::Withdraw).ok()?;
    let made = matches!(of_pass.choice, Choice::Made { .. });
    let choice = of_pass.choices.iter().find(|it| it.choice == Pass::Withdraw && made)?;
    let first = choice.steps().first().map(|label| (*label).trim().to_owned())?;
    Some(first).filter(|it| !it.is_empty() && it.chars().count() <= 60)
}

fn cookie_thing(
    cookie: &ObservedCookie,
    at: &[&Sighting],
    knowledge: &Knowledge,
    language: Language,
) -> Thing {
    let length = cookie.lifetime.requested_seconds.or(cookie.lifetime.seconds);
    let length = length.and_then(|it| u64::try_from(it).ok());
    let known = cookie.lifetime.session || length.is_some();
    let lasts = if cookie.lifetime.session { None } else { length };
    Thing {
        category: cookie.class.category,
        name: general(&cookie.key.name),
        storage: None,
        purpose: knowledge
            .purpose(&cookie.key.name, &cookie.key.domain)
            .and_then(|it| language.purpose(it)),
        set_by: owner(cookie.party, &cookie.class, &cookie.key.domain, language),
        lengths: if known { BTreeSet::from([lasts]) } else { BTreeSet::new() },
        unknown_length: !known,
        asked: asked(at),
    }
}

fn storage_thing(
    item: &ObservedStorage,
    at: &[&Sighting],
    knowledge: &Knowledge,
    language: Language,
) -> Thing {
    let host = crate::model::site::host_of(&item.key.origin).unwrap_or_default();
    Thing {
        category: item.class.category,
        name: general(&item.key.key),
        storage: Some(item.key.kind),
        purpose: knowledge.purpose(&item.key.key, &host).and_then(|it| language.purpose(it)),
        set_by: owner(item.party, &item.class, &host, language),
        lengths: BTreeSet::new(),
        unknown_length: false,
        asked: asked(at),
    }
}

/// "This site", or the organisation and the site it keeps the thing at. Who wrote the framework that a site runs, or the
/// banner that it shows, sets nothing there.
fn owner(party: Party, class: &Classification, host: &str, language: Language) -> String {
    let is_own = party == Party::First && !class.category.tracks();
    let organisation = class.organisation.as_deref().filter(|_| !is_own);
    match (party, organisation) {
        (Party::First, None) => language.words().this_site.to_owned(),
        (Party::First, Some(organisation)) => {
            format!("{}, {organisation}", language.words().this_site)
        }
        (Party::Third, None) => host.to_owned(),
        (Party::Third, Some(organisation)) => format!("{organisation}, {host}"),
    }
}

/// What was there before a choice, or after refusing, did not wait for an agreement.
fn asked(at: &[&Sighting]) -> Asked {
    let early = |it: &&Sighting| {
        it.consent == Consent::Unset || (it.pass == Pass::Reject && it.consent == Consent::Refused)
    };
    if at.iter().any(early) { Asked::DidNotWait } else { Asked::Waited }
}

fn keep(things: &mut Vec<Thing>, thing: Thing) {
    let same = things.iter_mut().find(|it| {
        it.name == thing.name
            && it.category == thing.category
            && it.storage == thing.storage
            && it.set_by == thing.set_by
    });
    match same {
        Some(known) => {
            known.lengths.extend(thing.lengths);
            known.unknown_length |= thing.unknown_length;
            if thing.asked == Asked::DidNotWait {
                known.asked = Asked::DidNotWait;
            }
        }
        None => things.push(thing),
    }
}

fn row(thing: &Thing, language: Language) -> Row {
    let words = language.words();
    let expires = match thing.storage {
        Some(StorageKind::Session) => Some(words.tab_closed.to_owned()),
        Some(
            StorageKind::Local | StorageKind::Indexeddb | StorageKind::Cache | StorageKind::Opfs,
        ) => Some(words.until_cleared.to_owned()),
        None if thing.unknown_length => None,
        None => language.lengths(&thing.lengths),
    };
    Row {
        name: thing.name.clone(),
        storage: thing.storage.map(|kind| words.storage(kind).to_owned()),
        purpose: thing.purpose.clone(),
        expires,
        set_by: thing.set_by.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audit::{self, testing},
        model::{NoticeEdit, NoticeState, WrittenLifetime},
        notice,
    };

    const SEEN: &str = "
        none
          sid            shop.test    essential   life=session
          _fbp           .shop.test   marketing   life=90d org=Meta
          local:theme    https://shop.test functional
          host www.facebook.com marketing org=Meta
        reject
          sid            shop.test    essential   life=session
          _fbp           .shop.test   marketing   life=90d org=Meta
          --- refused
        accept
          --- granted
          _ga_PK75TN8S2W .shop.test   performance life=2y org=Google_Analytics
          uid            ads.test     unknown     life=30m
          bad            shop.test    marketing blocked=InvalidDomain
          session:tab    https://ads.test unknown
          host ads.test unknown
    ";

    fn of(text: &str, language: Language) -> Draft {
        let (evidence, policy) = testing::parse(text);
        draft(&evidence, &policy, &Knowledge::embedded(), language, Some("2026-11".to_owned()))
    }

    #[test]
    fn sections_rows_and_services() {
        let draft = of(SEEN, Language::English);
        let lines: Vec<String> = draft
            .sections
            .iter()
            .flat_map(|section| {
                section.rows.iter().map(move |row| {
                    format!(
                        "{} {:?} {} | {} | {}",
                        section.category.name(),
                        section.only_if_agreed,
                        row.name,
                        row.expires.as_deref().unwrap_or("?"),
                        row.set_by
                    )
                })
            })
            .collect();
        assert_eq!(
            lines,
            [
                "essential Some(false) sid | When you close your browser | This site",
                "functional Some(false) theme | Until it is cleared | This site",
                "performance Some(true) _ga_* | 2 years | This site, Google Analytics",
                "marketing Some(false) _fbp | 90 days | This site, Meta",
                "unknown Some(true) tab | When you close the tab | ads.test",
                "unknown Some(true) uid | 30 minutes | ads.test",
            ]
        );
        let services: Vec<String> = draft.services.iter().map(|it| it.hosts.join(" ")).collect();
        assert_eq!(services, ["www.facebook.com", "ads.test"]);
        assert_eq!(draft.lacks, Vec::<String>::new());
    }

    /// In either language and every format the draft, read as a notice, leaves the rules about
    /// differences nothing to find.
    #[test]
    fn a_draft_in_place_of_the_notice_fixes_it() {
        for language in [Language::English, Language::Welsh] {
            let draft = of(SEEN, language);
            let page = html(&draft).unwrap();
            let read = notice::read("https://shop.test/cookies", &page);
            assert!(read.is_notice, "{page}");
            assert_eq!(read.language, language.code(), "{page}");
            let unread: Vec<_> = read
                .declarations
                .iter()
                .filter(|it| it.lifetime.kind == WrittenLifetime::Unreadable)
                .map(|it| (&it.as_written, &it.lifetime.as_written))
                .collect();
            assert!(unread.is_empty(), "{unread:?}");
            let (evidence, policy) = testing::parse(SEEN);
            let evidence = evidence.with_notice(NoticeState::Read(Box::new(read)));
            for verdict in audit::audit(&evidence, &policy) {
                let id = verdict.rule.id;
                let about_rows = matches!(
                    verdict.rule.notice_edit,
                    Some(NoticeEdit::AddRow | NoticeEdit::RemoveRow)
                );
                if !about_rows && !["lifetime-mismatch", "misspelt-declaration"].contains(&id) {
                    continue;
                }
                assert!(
                    matches!(verdict.outcome, audit::Outcome::Satisfied),
                    "{id} {language:?}: {:?}\n{page}",
                    verdict.outcome
                );
            }
        }
    }

    #[test]
    fn the_sites_own_words_come_first() {
        let seen = format!("{SEEN}\nnotice\n declare sid purpose=Holds_your_place\n declare _fbp");
        let purpose = |language, name: &str| {
            let draft = of(&seen, language);
            let mut rows = draft.sections.into_iter().flat_map(|it| it.rows);
            rows.find(|it| it.name == name).unwrap().purpose
        };
        assert_eq!(purpose(Language::English, "sid").as_deref(), Some("Holds your place"));
        assert_eq!(purpose(Language::Welsh, "sid"), None);
        assert!(purpose(Language::English, "_fbp").unwrap().contains("Facebook"));
    }

    #[test]
    fn who_wrote_a_framework_sets_nothing() {
        let seen = "none\n PHPSESSID shop.test essential org=PHP\n cookies_policy shop.test essential org=GOV.UK\n _ga .shop.test performance org=Google_Analytics\nreject\naccept";
        let draft = of(seen, Language::English);
        let rows: Vec<String> = draft
            .sections
            .iter()
            .flat_map(|it| &it.rows)
            .map(|row| format!("{} {}", row.name, row.set_by))
            .collect();
        assert_eq!(
            rows,
            ["PHPSESSID This site", "cookies_policy This site", "_ga This site, Google Analytics"]
        );
    }

    #[test]
    fn a_draft_says_how_to_change_ones_mind() {
        let seen = "none\n _ga .shop.test performance\nreject\naccept\nwithdraw\n choice withdraw pressed=Cookie_settings,Reject";
        for (language, words) in [
            (Language::English, "On any page of this site, choose \"Cookie settings\"."),
            (Language::Welsh, "dewiswch \"Cookie settings\"."),
        ] {
            let draft = of(seen, language);
            assert!(markdown(&draft).contains(words), "{}", markdown(&draft));
        }
        let draft = of("none\n _ga .shop.test performance\nreject\naccept", Language::English);
        assert!(html(&draft).unwrap().contains("[say how visitors change their choice"));
        let draft = of("none\n sid .shop.test essential\nreject\naccept", Language::English);
        assert!(!markdown(&draft).contains("Changing your choice"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let draft = of("none\n sid shop.test essential", Language::English);
        assert_eq!(draft.lacks, ["the reject pass was not run"]);
        assert!(html(&draft).unwrap().contains("the reject pass was not run"));
        assert!(markdown(&draft).contains("the reject pass was not run"));
    }

    #[test]
    fn hostile_names_stay_inert() {
        let draft = of(
            "none\n <script>alert(1)</script> shop.test unknown\n |x|]( shop.test unknown\nreject\naccept",
            Language::English,
        );
        let page = html(&draft).unwrap();
        assert!(!page.contains("<script"), "{page}");
        let text = markdown(&draft);
        assert!(!text.contains("<script") && !text.contains("| |x|"), "{text}");
    }
}
