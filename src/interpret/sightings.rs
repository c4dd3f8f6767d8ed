//! Where and when things were seen, each place once.

use std::collections::{BTreeMap, BTreeSet};

use super::{choice_times::ChoiceTimes, events::Meaning, initiators::Initiators};
use crate::{
    model::{Consent, Pass, Sighting, SightingKind, site},
    recording::{JarCookie, PassRecording},
};

/// A pass, and what every reader of it looks up again and again.
pub(super) struct PassContext<'a> {
    pub(super) recording: &'a PassRecording,
    pub(super) initiators: Initiators<'a>,
    choice_times: ChoiceTimes,
    /// For each consent, the moments of the checkpoints under it, in order.
    checkpoints: BTreeMap<Consent, Vec<u64>>,
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
        let choice_times = ChoiceTimes::new(recording);
        let mut checkpoints: BTreeMap<Consent, Vec<u64>> = BTreeMap::new();
        for checkpoint in &recording.checkpoints {
            let consent = choice_times.consent_at(checkpoint.at);
            checkpoints.entry(consent).or_default().push(checkpoint.at);
        }
        Self {
            recording,
            initiators: Initiators::new(recording),
            choice_times,
            checkpoints,
            pages,
            jars,
            answers,
        }
    }

    /// From when on what a checkpoint holds was kept under the consent of the moment `at`. A site may need a page load
    /// after the choice to clear up: where there is a later checkpoint, the one right after the choice does not count.
    fn kept_from(&self, at: u64) -> Option<u64> {
        let moments = self.checkpoints.get(&self.choice_times.consent_at(at))?;
        moments.get(1).or(moments.first()).copied()
    }

    /// From when on a request to another site that carries a cookie was made under the consent of the moment `at`: the
    /// request that reports the choice carries what the choice is about to delete.
    fn sent_from(&self, at: u64) -> Option<u64> {
        self.checkpoints.get(&self.choice_times.consent_at(at))?.first().copied()
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
    /// Adds a moment of a visit at which it was written or used.
    pub(super) fn add(&mut self, pass: &PassContext<'_>, at: u64, visit: usize) {
        self.add_as(SightingKind::Set, pass, at, visit);
    }

    /// Adds the checkpoint at `at`, which holds it, if nothing else was seen of it under the consent of that moment.
    pub(super) fn add_held(&mut self, pass: &PassContext<'_>, at: u64, visit: usize) {
        if !self.has(pass.recording.pass) {
            self.add(pass, at, visit);
        } else if pass.kept_from(at).is_some_and(|from| from <= at) && !self.has_at(pass, at) {
            self.add_as(SightingKind::Held, pass, at, visit);
        }
    }

    /// Adds a request that carried it, if it was not written under the consent of that moment. The site's own
    /// answer to a page load may clear it up, so a request to the site itself counts from the next checkpoint on.
    pub(super) fn add_sent(&mut self, pass: &PassContext<'_>, at: u64, visit: usize, own: bool) {
        let from = if own { pass.kept_from(at) } else { pass.sent_from(at) };
        let has = self.has(pass.recording.pass);
        if !has || from.is_none_or(|from| at <= from) {
            return;
        }
        let (consent, of_pass) = (pass.choice_times.consent_at(at), pass.recording.pass);
        let known = self.list.iter_mut().rev();
        let mut known = known.filter(|it| it.pass == of_pass && it.consent == consent).peekable();
        if known.peek().is_none() {
            self.add_as(SightingKind::Sent, pass, at, visit);
        } else if let Some(held) = known.find(|it| it.kind == SightingKind::Held) {
            held.kind = SightingKind::Sent;
        }
    }

    fn add_as(&mut self, kind: SightingKind, pass: &PassContext<'_>, at: u64, visit: usize) {
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
            kind,
        });
    }

    /// Adds those of another name for the same item.
    pub(super) fn absorb(&mut self, other: Self) {
        for it in other.list {
            let same = |known: &&mut Sighting| {
                (known.pass, known.consent, &known.page) == (it.pass, it.consent, &it.page)
            };
            match self.list.iter_mut().find(same) {
                Some(known) => {
                    known.at_end |= it.at_end;
                    known.kind = known.kind.max(it.kind);
                }
                None => self.list.push(it),
            }
        }
        self.known.extend(other.known);
        self.list.sort_by_key(|it| it.pass);
    }

    /// The passes in which it was seen.
    pub(super) fn passes(&self) -> BTreeSet<Pass> {
        self.list.iter().map(|it| it.pass).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether it was seen in a pass.
    pub(super) fn has(&self, pass: Pass) -> bool {
        self.list.iter().rev().any(|it| it.pass == pass)
    }

    /// Whether it was seen in a pass under the consent of the moment `at`.
    fn has_at(&self, pass: &PassContext<'_>, at: u64) -> bool {
        let (consent, pass) = (pass.choice_times.consent_at(at), pass.recording.pass);
        self.list.iter().rev().any(|it| it.pass == pass && it.consent == consent)
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
