//! What the rules about the banner have in common: the banner as the passes saw it, and the choices
//! that were made with it.

use super::phrases;
use crate::model::{
    Banner, BannerFacts, Choice, ChoiceFacts, ControlFacts, Evidence, Pass, PassEvidence, Undecided,
};

/// The banner, as each pass that found it saw it.
pub(super) struct BannerEvidence<'a> {
    evidence: &'a Evidence,
    seen: Vec<SeenBanner<'a>>,
    /// Whether somebody refused with one press, whatever was made of the banner.
    refused_at_once: bool,
}

/// The banner as one pass saw it.
struct SeenBanner<'a> {
    pass: Pass,
    text: &'a str,
    /// Whether its first layer offers a way to accept, and one to refuse.
    accept: bool,
    reject: bool,
    facts: &'a BannerFacts,
}

/// The banner of a site; or why nothing can be said of it.
pub(super) fn banner(evidence: &Evidence) -> Result<BannerEvidence<'_>, Undecided> {
    let passes: Vec<(Pass, &PassEvidence)> =
        Pass::DEFAULT.into_iter().filter_map(|it| Some((it, evidence.pass(it).ok()?))).collect();
    let seen: Vec<_> = passes
        .iter()
        .filter_map(|(pass, of_pass)| match &of_pass.banner {
            Banner::Found { text, accept, reject, facts } => {
                Some(SeenBanner { pass: *pass, text, accept: *accept, reject: *reject, facts })
            }
            Banner::Absent | Banner::Doubtful { .. } => None,
        })
        .collect();
    // A banner that differs from pass to pass is seen only if every pass was run.
    let every = || -> Result<(), Undecided> {
        for pass in Pass::BASIC {
            evidence.pass(pass)?;
        }
        Ok(())
    };
    if seen.is_empty() {
        every()?;
        for (_, of_pass) in &passes {
            if let Banner::Doubtful { why } = &of_pass.banner {
                return Err(Undecided::Unclear(format!(
                    "something may be a consent banner: {why}"
                )));
            }
        }
        if let Some(look) = passes.iter().find_map(|(_, it)| it.second_look.as_ref())
            && look.banner.is_some()
        {
            return Err(Undecided::Unclear(
                "a consent banner was seen only by a browser that did not identify this program"
                    .to_owned(),
            ));
        }
        // A banner may stand on the page that did not answer.
        evidence.everywhere(|_| ())?;
        return Err(Undecided::NotApplicable("there is no consent banner".to_owned()));
    }
    let mut sides: Vec<bool> = seen.iter().map(|it| it.reject).collect();
    sides.dedup();
    if sides.len() > 1 {
        return Err(Undecided::Unclear(
            "a way to refuse was seen on the banner in some passes and not in others".to_owned(),
        ));
    }
    every()?;
    let reject = evidence.pass(Pass::Reject)?;
    let clicks = choice(reject, Pass::Reject).map(clicks);
    let made = matches!(reject.choice, Choice::Made { .. });
    Ok(BannerEvidence { evidence, seen, refused_at_once: made && clicks == Some(1) })
}

impl<'a> BannerEvidence<'a> {
    /// Whether the first layer offers a way to refuse.
    pub(super) fn rejects(&self) -> bool {
        self.refused_at_once || self.seen.iter().any(|it| it.reject)
    }

    /// Its text, if the first layer offers a way to accept and none to refuse.
    pub(super) fn one_sided(&self) -> Option<&'a str> {
        self.seen.iter().find(|it| it.accept && !it.reject).map(|it| it.text)
    }

    /// What was found out about it, pass by pass.
    pub(super) fn facts(&self) -> impl Iterator<Item = (Pass, &'a BannerFacts)> {
        self.seen.iter().map(|it| (it.pass, it.facts))
    }

    /// What may do what nothing else of the banner does: everything that can be pressed and was not understood, on the
    /// layers up to `layer`.
    pub(super) fn not_understood(&self, layer: u8) -> Result<(), Undecided> {
        are_understood(self.evidence, self.facts().map(|(_, facts)| facts), layer)
    }

    /// The control of the first layer that means `meaning`, as the first pass that has one saw it.
    pub(super) fn control(&self, meaning: &str) -> Option<&'a ControlFacts> {
        self.facts()
            .flat_map(|(_, facts)| &facts.controls)
            .find(|it| it.layer == 1 && it.meaning.as_deref() == Some(meaning))
    }
}

/// That the banner of a pass was found by every visit that looked for it, and that everything in it was understood.
pub(super) fn is_understood(evidence: &Evidence, of_pass: &PassEvidence) -> Result<(), Undecided> {
    match &of_pass.banner {
        Banner::Found { facts, .. } => are_understood(evidence, [&**facts], u8::MAX),
        Banner::Doubtful { why } => {
            Err(Undecided::Unclear(format!("something may be a consent banner: {why}")))
        }
        Banner::Absent => {
            evidence.missed_by_a_visit().map_or(Ok(()), |why| Err(Undecided::Unclear(why)))
        }
    }
}

fn are_understood<'a>(
    evidence: &Evidence,
    banners: impl IntoIterator<Item = &'a BannerFacts>,
    layer: u8,
) -> Result<(), Undecided> {
    let mut labels: Vec<String> = Vec::new();
    for facts in banners {
        // What has an entry among those not understood is judged by it: it says where the control leads.
        let is_judged =
            |it: &ControlFacts| facts.not_understood.iter().any(|other| other.label == it.label);
        let named = facts
            .controls
            .iter()
            .filter(|it| it.meaning.is_none() && it.layer <= layer && !is_judged(it));
        labels.extend(named.map(|it| label(&it.label, &it.kind)));
        let unknown = facts.not_understood.iter().filter(|it| it.layer <= layer);
        let unknown = unknown.filter(|it| evidence.may_choose(it));
        labels.extend(unknown.map(|it| label(&it.label, &it.kind)));
    }
    not_understood(&labels, "of the banner")
}

/// That nothing outside the banner may make the choice for all that is known.
pub(super) fn controls_are_understood(
    evidence: &Evidence,
    choice: &ChoiceFacts,
) -> Result<(), Undecided> {
    let unknown = choice.not_understood.iter().filter(|it| evidence.may_choose(it));
    let labels: Vec<String> = unknown.map(|it| label(&it.label, &it.kind)).collect();
    not_understood(&labels, "on the page")
}

fn not_understood(labels: &[String], place: &str) -> Result<(), Undecided> {
    if labels.is_empty() {
        return Ok(());
    }
    let labels = phrases::list(labels, 3);
    Err(Undecided::Unclear(format!("what {labels} {place} does was not understood")))
}

/// What a control is called.
fn label(label: &str, kind: &str) -> String {
    match (label.trim(), kind) {
        ("", "" | "other") => "a control without words".to_owned(),
        ("", kind) => format!("a {kind} without words"),
        (label, _) => format!("`{}`", phrases::short(label)),
    }
}

/// The choice of that kind that a pass made or tried.
pub(super) fn choice(evidence: &PassEvidence, kind: Pass) -> Option<&ChoiceFacts> {
    evidence.choices.iter().find(|it| it.choice == kind)
}

/// How many controls had to be pressed.
pub(super) fn clicks(choice: &ChoiceFacts) -> usize {
    choice.steps().len()
}

#[cfg(test)]
mod cases;
