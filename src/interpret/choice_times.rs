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
