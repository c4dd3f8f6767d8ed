//! Reads a recording as a case. Pure: the same recording always gives the same case.

mod around;
mod behaviour;
mod cookies;
mod disclosed;
mod hosts;
mod pass;
mod shared;
mod storage;
#[cfg(test)]
mod tests;

use pass::Loaders;
use url::Url;

use crate::{
    classify::{self, Knowledge, Traits},
    model::{
        Basis, Case, Category, Choice, Classification, Confidence, Consent, Notice, NoticeSetting,
        NoticeState, Pass, PassEvidence, Sighting, SourceId, Translation, Visit, VisitStatus, site,
    },
    notice,
    recording::{
        Interaction, NoticeFailure, NoticePage, NoticeTranslation, PassRecording, Recording,
        VisitKind,
    },
};

/// After how many months without a review a notice counts as old, unless the user says otherwise.
pub const REVIEW_MONTHS: u16 = 12;

/// The case a recording makes.
///
/// There is no failing: a recording that is half there is half a case, and the gaps say so.
pub fn interpret(recording: &Recording, knowledge: &Knowledge) -> Case {
    let site = final_url(recording).and_then(|url| site::of_url(&url)).unwrap_or_default();
    let mut case = Case::new(site.clone(), notice_state(recording));
    case.set_notice(notice_setting(recording));
    let notice = case.notice().ok().cloned();
    let passes = recording.passes.iter().map(|pass| (pass, Loaders::of(pass))).collect();
    let reader = Reader { recording, passes, knowledge, site, notice };
    let shared = shared::observed(&reader);
    let cookies = cookies::observed(&reader, &shared);
    case.observe(cookies, storage::observed(&reader), hosts::observed(&reader));
    case.observe_behaviour(
        behaviour::observed(&reader),
        disclosed::observed(&reader),
        shared,
        behaviour::unwatched(&reader),
    );
    for it in &recording.passes {
        case.insert(it.pass, evidence(recording, it));
    }
    case
}

/// The address that the target's start page ended up at, if a pass saw it; else the target's own.
pub fn final_url(recording: &Recording) -> Option<Url> {
    let seen = recording
        .passes
        .iter()
        .flat_map(|pass| &pass.visits)
        .find(|visit| visit.kind == VisitKind::Start && visit.status == VisitStatus::Ok)
        .and_then(|visit| Url::parse(&visit.url).ok());
    seen.or_else(|| Url::parse(&recording.target.url).ok())
}

/// What every reader of a recording needs.
struct Reader<'a> {
    recording: &'a Recording,
    /// Its passes, each with what loaded the scripts of it.
    passes: Vec<(&'a PassRecording, Loaders<'a>)>,
    knowledge: &'a Knowledge,
    site: String,
    notice: Option<Notice>,
}

impl Reader<'_> {
    /// What a request to another site is for; `document` is what asked, as far as that is known.
    fn request(&self, url: &str, document: &str, kind: &str) -> Classification {
        if document.is_empty() {
            return self.knowledge.request_of(&format!("https://{}/", self.site), url, kind);
        }
        self.knowledge.request_of(document, url, kind)
    }

    /// The site's own word on something nobody else knows, if it has one.
    ///
    /// A name that speaks for following people is not excused by it.
    fn or_notice(&self, class: Classification, name: &str, traits: Traits) -> Classification {
        // The notice and the scorer go before the shape of a name.
        if !class.is_open() {
            return class;
        }
        let guess = classify::score_name(name, traits);
        let declared = self.notice.iter().flat_map(|notice| &notice.declarations).find(|it| {
            it.covers(name) && it.category.is_some_and(|category| category != Category::Unknown)
        });
        match declared.and_then(|it| Some((it, it.category?))) {
            Some((_, category)) if !category.tracks() && guess.is_some() => guess.unwrap_or(class),
            Some((declaration, category)) => Classification {
                category,
                basis: Basis {
                    source: SourceId::Notice,
                    entry: format!(
                        "only the site's own notice says so, of `{}`",
                        declaration.as_written
                    ),
                    confidence: Confidence::Low,
                },
                organisation: None,
                consent_only: false,
            },
            None => guess.unwrap_or(class),
        }
    }
}

/// What the site had been told at a moment of a pass.
fn consent_at(pass: &PassRecording, at: u64) -> Consent {
    if let Some(consent) = consent_by_choices(pass, at) {
        return consent;
    }
    let chosen = match &pass.interaction {
        Interaction::Done { at, .. } => Some(*at),
        // Nothing was proved; but what follows the click is no longer what a visitor gets who has
        // pressed nothing. Rules about choices do not look at a pass whose choice failed.
        Interaction::Failed { pressed_at, .. } => *pressed_at,
        Interaction::None | Interaction::Unavailable { .. } => None,
    };
    match (pass.pass, chosen) {
        (Pass::Reject, Some(chosen)) if chosen <= at => Consent::Refused,
        (Pass::Accept | Pass::Withdraw, Some(chosen)) if chosen <= at => Consent::Granted,
        _ => Consent::Unset,
    }
}

/// The same where the pass made two choices.
fn consent_by_choices(pass: &PassRecording, at: u64) -> Option<Consent> {
    if pass.pass != Pass::Withdraw {
        return None;
    }
    let pressed = |choice| {
        let facts = pass.choices.iter().find(|it| it.choice == choice)?;
        facts.at.or_else(|| facts.pressed.first().map(|it| it.at))
    };
    match (pressed(Pass::Accept), pressed(Pass::Withdraw)) {
        (_, Some(withdrawn)) if withdrawn <= at => Some(Consent::Withdrawn),
        (Some(granted), _) if granted <= at => Some(Consent::Granted),
        _ => Some(Consent::Unset),
    }
}

/// Adds where something was seen, once for each pass, consent and page.
fn sight(seen: &mut Vec<Sighting>, pass: &PassRecording, at: u64, visit: usize) {
    let sighting = Sighting {
        pass: pass.pass,
        consent: consent_at(pass, at),
        page: pass.visits.get(visit).map_or(String::new(), |visit| visit.url.clone()),
        at_end: false,
    };
    if !seen.contains(&sighting) {
        seen.push(sighting);
    }
}

/// Marks the sightings of one pass as of something that was still there when it ended.
fn mark_at_end(seen: &mut [Sighting], pass: Pass) {
    for sighting in seen.iter_mut().filter(|it| it.pass == pass) {
        sighting.at_end = true;
    }
}

fn evidence(recording: &Recording, pass: &PassRecording) -> PassEvidence {
    // What went wrong with the browser as a whole is missing from every pass.
    let problems = pass.problems.iter().chain(&recording.problems);
    let mut gaps: Vec<String> = problems.filter(|it| it.gap).map(|it| it.message.clone()).collect();
    let needed = |kind| matches!(kind, VisitKind::Start | VisitKind::Reload);
    for visit in pass.visits.iter().filter(|it| needed(it.kind) && it.status != VisitStatus::Ok) {
        let why = visit.problem.as_deref().unwrap_or("it did not load");
        gaps.push(format!("{} could not be observed: {why}", visit.url));
    }
    if pass.visits.is_empty() {
        gaps.push("no page was opened".to_owned());
    }
    PassEvidence {
        choice: match &pass.interaction {
            Interaction::None => Choice::NotAsked,
            Interaction::Done { via, steps, proof, .. } => Choice::Made {
                via: *via,
                clicks: steps.len().try_into().unwrap_or(u32::MAX),
                proof: proof.clone(),
            },
            Interaction::Unavailable { why } => Choice::Unavailable { why: why.clone() },
            Interaction::Failed { why, .. } => Choice::Failed { why: why.clone() },
        },
        banner: pass.banner.meant(),
        visits: pass
            .visits
            .iter()
            .map(|visit| Visit {
                url: visit.url.clone(),
                status: visit.status,
                http_status: visit.http_status,
                settled_ms: visit.settled_ms,
                problem: visit.problem.clone(),
            })
            .collect(),
        gaps,
        choices: pass.choices.clone(),
        second_look: pass.second_look.clone(),
    }
}

fn notice_setting(recording: &Recording) -> NoticeSetting {
    let translation = |it: &NoticeTranslation| match it {
        NoticeTranslation::Page(page) => {
            let read = notice::read(&page.url, &page.content);
            if read.is_notice {
                Translation::Read(Box::new(read))
            } else {
                let why = "it does not read like a cookie notice".to_owned();
                Translation::Unreadable { url: page.url.clone(), why }
            }
        }
        NoticeTranslation::Unreadable { url, why } => {
            Translation::Unreadable { url: url.clone(), why: why.clone() }
        }
    };
    let looked = recording.started.split('-').collect::<Vec<_>>();
    let looked = match looked[..] {
        [year, month, ..] => year.parse().ok().zip(month.parse().ok()),
        _ => None,
    };
    NoticeSetting {
        found: recording.notice.found.clone(),
        translations: recording.notice.translations.iter().map(translation).collect(),
        looked,
        review_months: REVIEW_MONTHS,
    }
}

fn notice_state(recording: &Recording) -> NoticeState {
    if let Some(page) = &recording.notice.page {
        let read = |it: &NoticePage| notice::read(&it.url, &it.content);
        let more = recording.notice.more.iter().map(read).collect();
        return NoticeState::Read(Box::new(notice::joined(read(page), more)));
    }
    match &recording.notice.problem {
        Some(NoticeFailure::NotLinked { why }) => NoticeState::Missing { why: why.clone() },
        Some(NoticeFailure::Gone { url, why }) => {
            NoticeState::Missing { why: format!("the notice should be at {url}, but {why}") }
        }
        Some(NoticeFailure::Unreadable { url, why }) => {
            NoticeState::Unreadable { url: url.clone(), why: why.clone() }
        }
        Some(NoticeFailure::NotSought { why }) => NoticeState::NotSought { why: why.clone() },
        None => NoticeState::NotSought { why: "the notice was not looked for".to_owned() },
    }
}
