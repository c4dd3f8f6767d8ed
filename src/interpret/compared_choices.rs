//! What a refusal is worth beside an acceptance of the same site. Proofs say that something was chosen and kept; whether it
//! was a refusal is known from what was pressed, or from what was stored by it and by accepting.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    classify::Knowledge,
    model::{ChoiceFacts, Pass, Proof, StoredChoice, Via},
    recording::{Checkpoint, Interaction, Moment, PassRecording, Recording},
};

/// The recording with what its choices are worth once they are compared; `None` where that changes nothing.
pub(super) fn compare(recording: &Recording, knowledge: &Knowledge) -> Option<Recording> {
    let changed: Vec<(usize, Interaction)> = recording
        .passes
        .iter()
        .enumerate()
        .filter_map(|(at, pass)| Some((at, reconsidered(recording, pass, knowledge)?)))
        .collect();
    if changed.is_empty() {
        return None;
    }
    let mut compared = recording.clone();
    for (at, interaction) in changed {
        compared.passes[at].interaction = interaction;
    }
    Some(compared)
}

/// What became of the refusal of a pass, if the comparison shows that it is something else than the pass itself could see.
fn reconsidered(
    recording: &Recording,
    pass: &PassRecording,
    knowledge: &Knowledge,
) -> Option<Interaction> {
    let refusal = choice_of(pass, pass.pass)?;
    let reject_or_withdraw = matches!(pass.pass, Pass::Reject | Pass::Withdraw);
    match &pass.interaction {
        Interaction::Done { .. } if pass.pass == Pass::Reject && !is_understood(refusal) => {
            let why = same_as_accepting(recording, pass, refusal, knowledge)?;
            let pressed_at = refusal.pressed.first().map(|it| it.at);
            Some(Interaction::Failed {
                why,
                step: "compare what was stored".to_owned(),
                pressed_at,
            })
        }
        Interaction::Failed { .. } if reject_or_withdraw && is_doubted_alone(refusal) => {
            let accepted = accepted_record(recording, pass)?;
            denies_what_was_granted(refusal.record.as_ref()?, accepted).then(|| Interaction::Done {
                at: refusal.at.unwrap_or_default(),
                via: refusal.via,
                steps: refusal.steps().into_iter().map(str::to_owned).collect(),
                proof: refusal.proof.clone(),
            })
        }
        _ => None,
    }
}

fn choice_of(pass: &PassRecording, choice: Pass) -> Option<&ChoiceFacts> {
    pass.choices.iter().find(|it| it.choice == choice)
}

/// Whether what was pressed is known to refuse: its words say so, or the settings that it saved were understood in full.
fn is_understood(refusal: &ChoiceFacts) -> bool {
    let decided = refusal.pressed.iter().rev().find(|it| Some(it.at) == refusal.at);
    match decided.and_then(|it| it.meaning.as_deref()) {
        Some("reject" | "withdraw") => true,
        Some("save") => refusal.doubts.is_empty() && refusal.via != Via::Recipe,
        _ => false,
    }
}

/// Whether a choice was stored and held, and all that is missing is to know what it was.
fn is_doubted_alone(refusal: &ChoiceFacts) -> bool {
    !refusal.doubts.is_empty() && is_kept(refusal)
}

fn is_kept(choice: &ChoiceFacts) -> bool {
    [Proof::BannerGone, Proof::ConsentStored, Proof::PersistsAfterReload]
        .iter()
        .all(|it| choice.proof.contains(it))
}

/// The acceptance that a refusal is compared with: the accept pass's, or the one that the same visitor takes back.
fn acceptance<'a>(
    recording: &'a Recording,
    pass: &'a PassRecording,
) -> Option<(&'a PassRecording, &'a ChoiceFacts)> {
    let own = (pass.pass == Pass::Withdraw).then_some(pass);
    let accept = recording.passes.iter().find(|it| it.pass == Pass::Accept);
    [own, accept]
        .into_iter()
        .flatten()
        .filter_map(|it| Some((it, choice_of(it, Pass::Accept)?)))
        .find(|(_, choice)| is_kept(choice))
}

fn accepted_record<'a>(
    recording: &'a Recording,
    pass: &'a PassRecording,
) -> Option<&'a StoredChoice> {
    // Of a visitor who accepts on the way to withdrawing, the record is read by the accept pass just as well.
    acceptance(recording, pass)?.1.record.as_ref()
}

/// Whether a record says no to everything that the record of an acceptance says yes to, and yes to nothing.
fn denies_what_was_granted(refused: &StoredChoice, accepted: &StoredChoice) -> bool {
    let denied = |it: &String| refused.denied.contains(it);
    !accepted.granted.is_empty()
        && refused.granted.is_empty()
        && (refused.denies_all || accepted.granted.iter().all(denied))
}

/// Why a refusal may have been an agreement: it stored, or was followed by, just what accepting is.
fn same_as_accepting(
    recording: &Recording,
    pass: &PassRecording,
    refusal: &ChoiceFacts,
    knowledge: &Knowledge,
) -> Option<String> {
    let (accept, acceptance) = acceptance(recording, pass)?;
    let label = refusal.pressed.last().map_or("", |it| it.label.as_str());
    let doubt = refusal.doubts.first().cloned();
    let doubt = doubt.unwrap_or_else(|| format!("what `{label}` does is not known by its words"));
    if let Some(granted) = refusal.record.as_ref().and_then(|it| it.granted.first()) {
        return Some(format!("{doubt}, and the site stored a yes to `{granted}`"));
    }
    let (ours, theirs) = (values(pass, refusal)?, values(accept, acceptance)?);
    if !ours.is_empty() && ours == theirs {
        let names: Vec<&str> = refusal.stored.iter().map(String::as_str).take(3).collect();
        let names = names.join(", ");
        return Some(format!("{doubt}, and the site stored the same as after accepting: {names}"));
    }
    let after = |pass: &PassRecording, choice: &ChoiceFacts| {
        let since = choice.at.unwrap_or_default();
        let late = pass.checkpoints.iter().filter(|it| it.at >= since);
        late.flat_map(|it| what_tracks(it, knowledge)).collect::<BTreeSet<String>>()
    };
    let (refused, accepted) = (after(pass, refusal), after(accept, acceptance));
    (!accepted.is_empty() && accepted.is_subset(&refused)).then(|| {
        let names: Vec<String> = accepted.into_iter().take(3).collect();
        let names = names.join(", ");
        format!("{doubt}, and the site then kept all that it keeps after accepting: {names}")
    })
}

/// What a choice stored, each with its value, once it had settled. `None` where that was not looked at.
fn values<'a>(
    pass: &'a PassRecording,
    choice: &'a ChoiceFacts,
) -> Option<BTreeMap<String, &'a str>> {
    let checkpoint = pass.checkpoints.iter().find(|it| it.name == Moment::Chosen)?;
    let cookies = checkpoint
        .jar
        .iter()
        .map(|it| (format!("cookie {} {} {}", it.name, it.domain, it.path), it.value.as_str()));
    let items = checkpoint
        .storage
        .iter()
        .map(|it| (format!("{} {} {}", it.store.name(), it.key, it.origin), it.value.as_str()));
    Some(cookies.chain(items).filter(|(name, _)| choice.stored.contains(name)).collect())
}

/// The names of what is kept at a moment and measures or follows people, as far as a source knows it.
fn what_tracks(checkpoint: &Checkpoint, knowledge: &Knowledge) -> Vec<String> {
    let cookies = checkpoint.jar.iter().filter(|it| {
        knowledge.cookie(&it.name, it.domain.trim_start_matches('.'), None, &[]).category.tracks()
    });
    let items = checkpoint
        .storage
        .iter()
        .filter(|it| knowledge.storage(&it.key, &it.origin, None, &[]).category.tracks());
    let names = cookies.map(|it| it.name.clone());
    names.chain(items.map(|it| it.key.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What a choice pressed, stored and how it went: the word on the last press, its meaning, what was not understood, what
    /// its record says, and what was in the jar afterwards.
    struct Made<'a> {
        meaning: Option<&'a str>,
        doubts: &'a [&'a str],
        record: Value,
        jar: &'a [(&'a str, &'a str)],
        done: bool,
    }

    const ACCEPTED: Made<'_> = Made {
        meaning: Some("accept"),
        doubts: &[],
        record: Value::Null,
        jar: &[("choice", "yes"), ("_ga", "1")],
        done: true,
    };

    const REFUSED: Made<'_> = Made {
        meaning: None,
        doubts: &[],
        record: Value::Null,
        jar: &[("choice", "no")],
        done: true,
    };

    fn jar(held: &[(&str, &str)]) -> Value {
        held.iter()
            .map(|(name, value)| {
                json!({ "name": name, "domain": "www.shop.test", "path": "/", "value": value,
                    "expires_in": null, "secure": true, "http_only": false, "same_site": null, "partition": null })
            })
            .collect()
    }

    fn pass(name: &str, made: &Made<'_>) -> Value {
        let proof = json!(["banner-gone", "consent-stored", "persists-after-reload"]);
        let stored: Vec<String> =
            made.jar.iter().map(|(name, _)| format!("cookie {name} www.shop.test /")).collect();
        let press = json!({ "at": 500, "label": "Leave it", "meaning": made.meaning, "kind": "button", "layer": 1 });
        let choice = json!({ "choice": name, "via": "heuristic", "cmp": null, "pressed": [press], "at": 500,
            "visible_ms": null, "chosen_ms": null, "proved_ms": null, "proof": proof, "stored": stored,
            "asked_again": null, "signals": [], "doubts": made.doubts, "record": made.record });
        let interaction = if made.done {
            json!({ "state": "done", "at": 500, "via": "heuristic", "steps": [], "proof": proof })
        } else {
            json!({ "state": "failed", "why": "whether that refuses is not known", "step": "", "pressed_at": 500 })
        };
        json!({ "pass": name, "banner": { "state": "absent" }, "interaction": interaction, "choices": [choice],
            "visits": [], "events": [], "problems": [],
            "checkpoints": [{ "at": 600, "visit": 0, "name": "chosen", "jar": jar(made.jar), "storage": [] }] })
    }

    /// How the refusal went once it was compared; empty if it was made.
    fn refusal(refused: &Made<'_>, accepted: &Made<'_>) -> String {
        let before = json!({ "pass": "none", "banner": { "state": "absent" }, "interaction": { "state": "none" },
            "visits": [], "events": [], "problems": [],
            "checkpoints": [{ "at": 600, "visit": 0, "name": "settled", "jar": jar(&[("PHPSESSID", "1")]), "storage": [] }] });
        let recording: Recording = serde_json::from_value(json!({
            "format": 1, "tool": "crumbcheck test", "started": "2026-11-01T12:00:00Z", "duration_ms": 1,
            "target": { "url": "https://www.shop.test/", "pages": [], "notice": null },
            "vantage": { "browser": "", "headless_shell": true, "user_agent": "", "webdriver": false,
                "third_party_cookies": "allowed", "locale": "en-GB", "viewport": "desktop",
                "timeout_ms": 1, "settle_ms": 1, "insecure": false, "values_kept": false },
            "passes": [before, pass("reject", refused), pass("accept", accepted)],
            "notice": { "candidates": [], "page": null, "problem": null }, "problems": [],
        }))
        .unwrap();
        let compared = compare(&recording, &Knowledge::embedded()).unwrap_or(recording);
        match &compared.passes[1].interaction {
            Interaction::Failed { why, .. } => why.clone(),
            _ => String::new(),
        }
    }

    #[test]
    fn a_refusal_that_differs_from_accepting_stands() {
        assert_eq!(refusal(&REFUSED, &ACCEPTED), "");
        // Nothing but the choice is kept either way.
        let accepted = Made { jar: &[("choice", "yes")], ..ACCEPTED };
        assert_eq!(refusal(&REFUSED, &accepted), "");
    }

    #[test]
    fn one_that_stores_what_accepting_stores_is_open_unless_its_words_are_known() {
        let same = Made { jar: &[("choice", "1")], ..REFUSED };
        let accepted = Made { jar: &[("choice", "1")], ..ACCEPTED };
        let why = refusal(&same, &accepted);
        assert!(why.starts_with("what `Leave it` does is not known by its words, and"), "{why}");
        let known = Made { meaning: Some("reject"), ..same };
        assert_eq!(refusal(&known, &accepted), "");
        let saved = Made { meaning: Some("save"), ..known };
        assert_eq!(refusal(&saved, &accepted), "");
        let doubted = Made { doubts: &["`Odds and ends` is not known"], ..saved };
        let why = refusal(&doubted, &accepted);
        assert!(why.starts_with("`Odds and ends` is not known, and"), "{why}");
    }

    #[test]
    fn one_after_which_all_is_kept_that_accepting_keeps_is_open() {
        let followed = Made { jar: &[("choice", "no"), ("_ga", "2")], ..REFUSED };
        let accepted = Made { jar: &[("choice", "yes"), ("_ga", "1")], ..ACCEPTED };
        let why = refusal(&followed, &accepted);
        assert!(why.contains("_ga"), "{why}");
        let partly = Made { jar: &[("choice", "yes"), ("_ga", "1"), ("_fbp", "1")], ..ACCEPTED };
        assert_eq!(refusal(&followed, &partly), "");
    }

    #[test]
    fn a_record_that_denies_what_accepting_grants_proves_it() {
        let says = |granted: &[&str], denied: &[&str]| json!({ "granted": granted, "denied": denied, "denies_all": false });
        let unproved =
            || Made { meaning: Some("save"), doubts: &["two parts"], done: false, ..REFUSED };
        let accepted = Made { record: says(&["analytics"], &[]), ..ACCEPTED };
        let refused = Made { record: says(&[], &["analytics"]), ..unproved() };
        assert_eq!(refusal(&refused, &accepted), "");
        for record in [says(&["ads"], &["analytics"]), says(&[], &["ads"]), Value::Null] {
            let refused = Made { record, ..unproved() };
            assert_ne!(refusal(&refused, &accepted), "");
        }
        // A record of accepting that says nothing is no measure.
        assert_ne!(refusal(&refused, &ACCEPTED), "");
    }

    #[test]
    fn a_record_that_grants_is_no_refusal_of_what_was_not_understood() {
        let record = json!({ "granted": ["analytics"], "denied": [], "denies_all": false });
        let refused = Made { record, ..REFUSED };
        assert!(refusal(&refused, &ACCEPTED).contains("a yes to `analytics`"));
    }
}
