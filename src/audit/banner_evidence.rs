//! What the rules about the banner have in common: the banner as the passes saw it, and the choices
//! that were made with it.

use super::phrases;
use crate::model::{
    Banner, BannerFacts, Category, Choice, ChoiceFacts, ControlFacts, Evidence, Pass, PassEvidence,
    Undecided,
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

    /// That it asks for something. A bar that can only be dismissed and names nothing that could be refused asks for nothing
    /// where nothing was seen that needs consent.
    pub(super) fn asks(
        &self,
        needs_consent: impl FnOnce() -> Result<bool, Undecided>,
    ) -> Result<(), Undecided> {
        if !self.seen.iter().all(|it| is_only_dismissed(it.facts) && !names_optional(it.text)) {
            return Ok(());
        }
        if needs_consent()? {
            return Ok(());
        }
        let needs = |it: &Category| it.needs_consent();
        let rows = self.evidence.notice().ok().map_or(&[][..], |it| &it.declarations);
        if let Some(row) = rows.iter().find(|it| it.category.as_ref().is_some_and(needs)) {
            return Err(Undecided::Unclear(format!(
                "the banner can only be dismissed, and nothing was seen that needs consent, but the notice declares `{}`, \
                 which does",
                row.as_written
            )));
        }
        Err(Undecided::NotApplicable(
            "the banner only informs, and nothing was seen that needs consent, so that there is nothing to refuse"
                .to_owned(),
        ))
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

/// Whether what a banner offers is to dismiss it, and nothing else.
fn is_only_dismissed(facts: &BannerFacts) -> bool {
    let means = |it: &ControlFacts, meaning: &str| it.meaning.as_deref() == Some(meaning);
    let chooses = |it: &ControlFacts| {
        ["accept", "reject", "save", "withdraw"].iter().any(|meaning| means(it, meaning))
    };
    facts.options.is_empty()
        && facts.controls.iter().any(|it| means(it, "acknowledge"))
        && !facts.controls.iter().any(chooses)
}

/// Whether the text of a banner speaks of cookies that could be refused, or of agreeing to them. Parts of words, in English
/// and Welsh; in any other language a banner is not known to inform only.
fn names_optional(text: &str) -> bool {
    const KNOWN: &[&str] = &["cookie", "cwci", "briwsion"];
    const OPTIONAL: &[&str] = &[
        "optional",
        "additional",
        "other cookies",
        "third part",
        "partner",
        "consent",
        "agree",
        "accept",
        "permission",
        "allow",
        "reject",
        "decline",
        "refuse",
        "analy",
        "statistic",
        "measure",
        "count",
        "improve",
        "advert",
        "marketing",
        "personalis",
        "personaliz",
        "cydsyn",
        "cytun",
        "derbyn",
        "gwrthod",
        "ychwanegol",
        "dewisol",
        "caniat",
        "dadansoddi",
        "ystadeg",
        "wella",
        "hysbyseb",
        "marchnata",
    ];
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|it| lower.contains(it));
    has(OPTIONAL) || !has(KNOWN)
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

/// Whether a sentence of the notice is only what a control of the banner says: its markup may stand on the notice's page too.
pub(super) fn is_label(evidence: &Evidence, sentence: &str) -> bool {
    let folded = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let sentence = folded(sentence);
    evidence.passes().any(|(_, of_pass)| match &of_pass.banner {
        Banner::Found { facts, .. } => {
            facts.controls.iter().any(|it| folded(&it.label) == sentence)
        }
        Banner::Absent | Banner::Doubtful { .. } => false,
    })
}

/// How many controls had to be pressed.
pub(super) fn clicks(choice: &ChoiceFacts) -> usize {
    choice.steps().len()
}

#[cfg(test)]
mod cases;

#[cfg(test)]
mod tests {
    use super::names_optional;

    #[test]
    fn what_a_bar_that_only_informs_says() {
        for text in [
            "We only use essential cookies, to remember your basket. Read more Hide",
            "Cookies: this site sets one cookie, so that you stay signed in. OK",
            "Dim ond cwcis hanfodol sydd ar y wefan hon. Cuddio",
        ] {
            assert!(!names_optional(text), "{text}");
        }
        for text in [
            "We only use essential cookies unless you agree to more. Yes",
            "We use essential cookies and cookies for statistics. Fine",
            "We only use essential cookies. We also use optional ones. Fine",
            "Rydym yn defnyddio cwcis i wella'r wefan. Iawn",
            "Diese Seite verwendet Werbung. OK",
        ] {
            assert!(names_optional(text), "{text}");
        }
    }
}
