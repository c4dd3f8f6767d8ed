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
        let mut times: Vec<(u64, Consent)> = pass
            .choices
            .iter()
            .filter_map(|it| Some((moment(pass, it)?, consent(it.choice))))
            .collect();
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

/// When a choice was made. If the pass could not prove its choice, nothing is evidence of what follows it; but from the
/// first press on it is no longer what a visitor gets who has pressed nothing.
fn moment(pass: &PassRecording, choice: &ChoiceFacts) -> Option<u64> {
    let first = choice.pressed.first().map(|it| it.at);
    let is_proved =
        choice.choice != pass.pass || matches!(pass.interaction, Interaction::Done { .. });
    if is_proved { choice.at.or(first) } else { first }
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
        Interaction::Failed { pressed_at, .. } => (*pressed_at)?,
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

    fn choice(choice: &str, pressed: &[u64], at: Option<u64>) -> Value {
        let pressed: Vec<Value> = pressed
            .iter()
            .map(|at| {
                json!({ "at": at, "label": "", "meaning": null, "kind": "button", "layer": 1 })
            })
            .collect();
        json!({ "choice": choice, "via": "heuristic", "cmp": null, "pressed": pressed, "at": at,
            "visible_ms": null, "chosen_ms": null, "proved_ms": null, "proof": [], "stored": [],
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
        use Consent::{Granted, Refused, Unset, Withdrawn};
        let done =
            json!({ "state": "done", "at": 20, "via": "heuristic", "steps": [], "proof": [] });
        let failed = json!({ "state": "failed", "why": "", "step": "", "pressed_at": 10 });
        let refused = [choice("reject", &[10, 20], Some(20))];
        assert_eq!(consents("reject", &done, &refused), [Unset, Unset, Refused, Refused]);
        // What was not proved is no refusal; but it is no longer before a choice either.
        assert_eq!(consents("reject", &failed, &refused), [Unset, Refused, Refused, Refused]);
        let both = [choice("accept", &[10], Some(10)), choice("withdraw", &[30], Some(30))];
        assert_eq!(consents("withdraw", &done, &both), [Unset, Granted, Granted, Withdrawn]);
        // Recordings of older versions have no choices.
        assert_eq!(consents("reject", &done, &[]), [Unset, Unset, Refused, Refused]);
        assert_eq!(consents("none", &json!({ "state": "none" }), &[]), [Unset; 4]);
    }
}
