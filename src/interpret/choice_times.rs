//! From when on a pass is evidence of what happens after a choice.

use crate::{
    model::{ChoiceFacts, Consent, Pass},
    recording::{Interaction, PassRecording},
};

/// The moments at which the visitor of a pass made choices, each with the consent that holds from then on.
pub(super) struct ChoiceTimes(Vec<(u64, Consent)>);

impl ChoiceTimes {
    /// From the choices that the pass recorded.
    pub(super) fn new(pass: &PassRecording) -> Self {
        let mut times: Vec<(u64, Consent)> =
            pass.choices.iter().filter_map(|it| moment(pass, it)).collect();
        if pass.choices.is_empty() {
            times.extend(without_choices(pass));
        }
        times.sort_by_key(|(at, _)| *at);
        Self(times)
    }

    /// What the visitor had chosen at a moment of the pass.
    pub(super) fn consent_at(&self, at: u64) -> Consent {
        let made = self.0.iter().rev().find(|(chosen, _)| *chosen <= at);
        made.map_or(Consent::Unset, |(_, consent)| *consent)
    }
}

/// When a choice was made, and the consent that holds from then on. If it was not proved, what follows it is evidence of
/// no choice; but from the first press on it is no longer what a visitor gets who has pressed nothing.
fn moment(pass: &PassRecording, choice: &ChoiceFacts) -> Option<(u64, Consent)> {
    let first = choice.pressed.first().map(|it| it.at);
    let is_proved = if choice.choice == pass.pass {
        matches!(pass.interaction, Interaction::Done { .. })
    } else {
        !choice.proof.is_empty()
    };
    if is_proved {
        choice.at.or(first).map(|at| (at, consent(choice.choice)))
    } else {
        first.or(choice.at).map(|at| (at, Consent::Unknown))
    }
}

const fn consent(choice: Pass) -> Consent {
    match choice {
        Pass::None => Consent::Unset,
        Pass::Reject => Consent::Refused,
        Pass::Accept => Consent::Granted,
        Pass::Withdraw => Consent::Withdrawn,
    }
}

/// The same for recordings of versions that kept no choices: they made one at most.
fn without_choices(pass: &PassRecording) -> Option<(u64, Consent)> {
    let at = match &pass.interaction {
        Interaction::Done { at, .. } => *at,
        Interaction::Failed { pressed_at, .. } => return Some(((*pressed_at)?, Consent::Unknown)),
        Interaction::None | Interaction::Unavailable { .. } => return None,
    };
    // Those versions withdrew nothing: what was pressed in such a pass was to accept.
    let choice = if pass.pass == Pass::Withdraw { Pass::Accept } else { pass.pass };
    Some((at, consent(choice)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn choice(choice: &str, pressed: &[u64], at: Option<u64>, proved: bool) -> Value {
        let pressed: Vec<Value> = pressed
            .iter()
            .map(|at| {
                json!({ "at": at, "label": "", "meaning": null, "kind": "button", "layer": 1 })
            })
            .collect();
        json!({ "choice": choice, "via": "heuristic", "cmp": null, "pressed": pressed, "at": at,
            "visible_ms": null, "chosen_ms": null, "proved_ms": null, "proof": if proved { &["banner-gone"][..] } else { &[] }, "stored": [],
            "asked_again": null, "signals": [] })
    }

    fn consents(pass: &str, interaction: &Value, choices: &[Value]) -> [Consent; 4] {
        let pass: PassRecording = serde_json::from_value(json!({
            "pass": pass, "banner": { "state": "absent" }, "interaction": interaction,
            "choices": choices, "visits": [], "events": [], "checkpoints": [], "problems": [],
        }))
        .unwrap();
        let times = ChoiceTimes::new(&pass);
        [5, 15, 25, 35].map(|at| times.consent_at(at))
    }

    #[test]
    fn a_choice_counts_from_the_press_that_made_it() {
        use Consent::{Granted, Refused, Unknown, Unset, Withdrawn};
        let done =
            json!({ "state": "done", "at": 20, "via": "heuristic", "steps": [], "proof": [] });
        let failed = json!({ "state": "failed", "why": "", "step": "", "pressed_at": 10 });
        let refused = [choice("reject", &[10, 20], Some(20), true)];
        assert_eq!(consents("reject", &done, &refused), [Unset, Unset, Refused, Refused]);
        // What was not proved is no refusal; but it is no longer before a choice either.
        assert_eq!(consents("reject", &failed, &refused), [Unset, Unknown, Unknown, Unknown]);
        assert_eq!(consents("reject", &failed, &[]), [Unset, Unknown, Unknown, Unknown]);
        let accept = |proved| choice("accept", &[10], Some(10), proved);
        let withdrawn = || choice("withdraw", &[30], Some(30), true);
        // Consent that was not proved cannot be taken back.
        let unproved = [accept(false)];
        assert_eq!(consents("withdraw", &failed, &unproved), [Unset, Unknown, Unknown, Unknown]);
        let both = [accept(true), withdrawn()];
        assert_eq!(consents("withdraw", &done, &both), [Unset, Granted, Granted, Withdrawn]);
        // Recordings of older versions have no choices.
        assert_eq!(consents("reject", &done, &[]), [Unset, Unset, Refused, Refused]);
        assert_eq!(consents("none", &json!({ "state": "none" }), &[]), [Unset; 4]);
    }
}
