//! Where and when things were seen, each place once.

use std::collections::{BTreeMap, BTreeSet};

use super::{choice_times::ChoiceTimes, events::Meaning, initiators::Initiators};
use crate::{
    model::{Consent, Pass, Sighting, site},
    recording::{JarCookie, PassRecording},
};

/// A pass, and what every reader of it looks up again and again.
pub(super) struct PassContext<'a> {
    pub(super) recording: &'a PassRecording,
    pub(super) initiators: Initiators<'a>,
    choice_times: ChoiceTimes,
    /// For each visit, the first visit to the same page.
    pages: Vec<usize>,
    /// Cookies of all checkpoints by name and domain as jars write it, in the order of the checkpoints, each with
    /// the moment of its own.
    jars: BTreeMap<(&'a str, &'a str), Vec<(u64, &'a JarCookie)>>,
    /// Hosts that were contacted, by what they may have set.
    answers: BTreeMap<String, Answer<'a>>,
}

/// What is known of a host's answers.
struct Answer<'a> {
    /// The first address of it that was requested.
    url: &'a str,
    /// Whether a document came from it, whose scripts may have set anything.
    document: bool,
}

impl<'a> PassContext<'a> {
    pub(super) fn new(recording: &'a PassRecording) -> Self {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let visits = recording.visits.iter().enumerate();
        let pages = visits.map(|(at, it)| *first.entry(it.url.as_str()).or_insert(at)).collect();
        let mut jars: BTreeMap<_, Vec<(u64, &JarCookie)>> = BTreeMap::new();
        for checkpoint in &recording.checkpoints {
            for cookie in &checkpoint.jar {
                let key = (cookie.name.as_str(), cookie.domain.as_str());
                jars.entry(key).or_default().push((checkpoint.at, cookie));
            }
        }
        let mut answers: BTreeMap<String, Answer<'_>> = BTreeMap::new();
        for event in &recording.events {
            let Some(contact) = Meaning::contact(&event.kind) else { continue };
            let Some(host) = site::host_of(contact.url) else { continue };
            let answer =
                answers.entry(host).or_insert(Answer { url: contact.url, document: false });
            answer.document |= contact.kind == "document";
        }
        Self {
            recording,
            initiators: Initiators::new(recording),
            choice_times: ChoiceTimes::new(recording),
            pages,
            jars,
            answers,
        }
    }

    /// The cookie that is in a jar after `at`, as the first that `is` the one.
    pub(super) fn jar_after(
        &self,
        at: u64,
        name: &str,
        domain: &str,
        is: impl Fn(&JarCookie) -> bool,
    ) -> Option<&'a JarCookie> {
        let cookies = self.jars.get(&(name, domain))?;
        let from = cookies.partition_point(|(moment, _)| *moment < at);
        cookies[from..].iter().map(|(_, cookie)| *cookie).find(|cookie| is(cookie))
    }

    /// The address whose answer must have set a cookie of `host`, if no script can have: no document came from it.
    pub(super) fn only_answer(&self, host: &str) -> Option<&'a str> {
        self.answers.get(host).filter(|it| !it.document).map(|it| it.url)
    }
}

/// Where something was seen: once for each pass, consent and page.
#[derive(Clone, Default)]
pub(super) struct Sightings {
    list: Vec<Sighting>,
    known: BTreeSet<(Pass, Consent, usize)>,
}

impl Sightings {
    /// Adds a moment of a visit.
    pub(super) fn add(&mut self, pass: &PassContext<'_>, at: u64, visit: usize) {
        let consent = pass.choice_times.consent_at(at);
        let page = pass.pages.get(visit).copied();
        if !self.known.insert((pass.recording.pass, consent, page.unwrap_or(usize::MAX))) {
            return;
        }
        let url = page.and_then(|at| pass.recording.visits.get(at));
        self.list.push(Sighting {
            pass: pass.recording.pass,
            consent,
            page: url.map_or(String::new(), |visit| visit.url.clone()),
            at_end: false,
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether it was seen in a pass.
    pub(super) fn has(&self, pass: Pass) -> bool {
        self.list.iter().rev().any(|it| it.pass == pass)
    }

    /// Marks the sightings of one pass as of something that was still there when it ended.
    pub(super) fn mark_at_end(&mut self, pass: Pass) {
        for sighting in self.list.iter_mut().filter(|it| it.pass == pass) {
            sighting.at_end = true;
        }
    }

    pub(super) fn as_slice(&self) -> &[Sighting] {
        &self.list
    }

    pub(super) fn into_vec(self) -> Vec<Sighting> {
        self.list
    }
}
