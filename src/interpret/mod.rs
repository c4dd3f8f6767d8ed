//! Reads a recording as evidence. Pure: the same recording always gives the same evidence.

mod choice_times;
mod classifier_traits;
mod compared_choices;
mod consent_record;
mod context;
mod cookie_sync;
mod cookies;
mod disclosures;
mod disguise;
mod events;
mod hosts;
mod identifiers;
mod initiators;
mod jar_keys;
mod notice_state;
mod parameters;
mod payments;
mod random_names;
mod receivers;
mod scripts;
mod second_visitor;
mod sightings;
mod storage;
#[cfg(test)]
mod tests;
mod tracking;

use std::collections::BTreeSet;

use consent_record::ConsentRecord;
use context::Context;
use events::Meaning;
use identifiers::Identifiers;
use sightings::PassContext;
use tracking::Tracking;
use url::Url;

use crate::{
    classify::Knowledge,
    model::{
        Choice, Evidence, EvidenceParts, Gap, Notice, NoticeSetting, NoticeState, PassEvidence,
        Translation, Visit, VisitStatus, site,
    },
    notice,
    recording::{Interaction, NoticeTranslation, PassRecording, Problem, Recording, VisitKind},
};

/// What a recording shows of its site, with what `knowledge` has on the things in it.
///
/// There is no failing: a recording that is half there is half the evidence, and the gaps say so.
pub fn interpret(recording: &Recording, knowledge: &Knowledge) -> Evidence {
    let compared = compared_choices::compare(recording, knowledge);
    let recording = compared.as_ref().unwrap_or(recording);
    let site = final_url(recording).and_then(|url| site::of_url(&url)).unwrap_or_default();
    let notice_state = notice_state::notice_state(recording, knowledge);
    let notice = match &notice_state {
        NoticeState::Read(notice) if notice.is_notice => Some(Notice::clone(notice)),
        _ => None,
    };
    let passes = recording.passes.iter().map(PassContext::new).collect();
    let identifiers = Identifiers::find(recording);
    let record = ConsentRecord::find(recording, &site, knowledge, &identifiers);
    let mut reader = Context {
        recording,
        record,
        identifiers,
        tracking: Tracking::default(),
        passes,
        knowledge,
        site: site.clone(),
        takes_payments: payments::are_taken(recording),
        notice,
    };
    let shared = cookie_sync::observed(&reader);
    let scripts = scripts::observed(&reader);
    reader.tracking = receivers::find(&reader, &shared, &scripts);
    let parts = EvidenceParts {
        passes: recording
            .passes
            .iter()
            .map(|it| (it.pass, evidence(recording, it, knowledge)))
            .collect(),
        cookies: cookies::observed(&reader, &shared),
        storage: storage::observed(&reader),
        hosts: hosts::observed(&reader),
        scripts,
        disclosures: disclosures::observed(&reader),
        shared,
        frames: frames(recording),
        unwatched: scripts::unwatched(&reader),
        notice: notice_state,
        notice_setting: notice_setting(recording),
    };
    Evidence::new(site, parts)
}

/// Addresses of the documents that were requested and that no pass visited.
fn frames(recording: &Recording) -> BTreeSet<String> {
    let visits = recording.passes.iter().flat_map(|pass| &pass.visits);
    let pages: BTreeSet<&str> =
        visits.flat_map(|it| [it.url.as_str(), it.asked.as_str()]).collect();
    let events = recording.passes.iter().flat_map(|pass| &pass.events);
    let documents = events
        .filter_map(|event| Meaning::contact(&event.kind))
        .filter(|it| it.kind == "document" && !pages.contains(it.url));
    documents.map(|it| it.url.to_owned()).collect()
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

fn evidence(recording: &Recording, pass: &PassRecording, knowledge: &Knowledge) -> PassEvidence {
    // What went wrong with the browser as a whole is missing from every pass.
    let gap = |it: &Problem, visit| Gap { why: it.message.clone(), visit };
    let of_scan = recording.problems.iter().filter(|it| it.gap).map(|it| gap(it, None));
    // Without the start page nothing was seen; other pages are missing for themselves.
    let is_start = |at: &usize| {
        pass.visits
            .get(*at)
            .is_some_and(|it| it.kind == VisitKind::Start && it.status != VisitStatus::Ok)
    };
    let of_pass = pass.problems.iter().filter(|it| it.gap);
    let of_pass = of_pass.map(|it| gap(it, it.visit.filter(|at| !is_start(at))));
    let mut gaps: Vec<Gap> = of_pass.chain(of_scan).collect();
    for (at, visit) in pass.visits.iter().enumerate() {
        let concerns = match visit.kind {
            VisitKind::Start => None,
            VisitKind::Reload => Some(at),
            VisitKind::Notice | VisitKind::Page => continue,
        };
        if visit.status != VisitStatus::Ok {
            let why = visit.problem.as_deref().unwrap_or("it did not load");
            let why = format!("{} could not be observed: {why}", visit.url);
            gaps.push(Gap { why, visit: concerns });
        }
    }
    if pass.visits.is_empty() {
        gaps.push(Gap { why: "no page was opened".to_owned(), visit: None });
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
                problem: visit.note(),
                gestures: visit.gestures.clone(),
            })
            .collect(),
        gaps,
        choices: pass.choices.clone(),
        second_look: pass.second_look.clone(),
        second_visitor: pass.second_visitor.as_ref().map(|it| second_visitor::read(it, knowledge)),
    }
}

fn notice_setting(recording: &Recording) -> NoticeSetting {
    let translation = |it: &NoticeTranslation| match it {
        NoticeTranslation::Page(page) => {
            let read = notice::read(&page.url, &page.content);
            // A start page in another language, with its banner, reads like a notice and is none.
            if read.is_notice && !(read.declarations.is_empty() && read.claims.is_empty()) {
                Translation::Read(Box::new(read))
            } else {
                let why = if read.is_notice {
                    "it declares nothing and claims nothing itself"
                } else {
                    "it does not read like a cookie notice"
                };
                Translation::Unreadable { url: page.url.clone(), why: why.to_owned() }
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
    }
}
