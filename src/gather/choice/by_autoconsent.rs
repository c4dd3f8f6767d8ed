//! Choosing by autoconsent.

use std::time::{Duration, Instant};

use super::{
    autoconsent::{AutoconsentSession, Press},
    detected::{self, PickedElement},
    driver::{Attempt, ChoiceDriver},
    frames,
};
use crate::{
    consent::{Meaning, settings::Refusal as Refused},
    model::Pass,
};

/// How long after a banner was seen autoconsent may take to find it too, in milliseconds.
const FIND: u64 = 700;

/// How long a look of it may take at least, in milliseconds.
const LOOK: u64 = 100;

/// How long it may think about its first press, and about each one after.
const FIRST: Duration = Duration::from_millis(900);
const NEXT: Duration = Duration::from_secs(2);

/// How long it may take to operate it.
const OPERATE: Duration = Duration::from_secs(6);

impl ChoiceDriver<'_, '_> {
    /// By autoconsent, if it knows the banner.
    pub(super) async fn by_autoconsent(&mut self) -> Option<Attempt> {
        let session = self.request.autoconsent.clone()?;
        let until = self.facts.visible_ms.unwrap_or_default() + FIND;
        let left = until.saturating_sub(self.visitor.tab.log.now()).max(LOOK);
        let popup = session.find(Duration::from_millis(left)).await?;
        let refuse = self.facts.choice == Pass::Reject;
        self.facts.cmp = Some(popup.cmp.clone());
        let step = format!("operate {} as autoconsent knows it", popup.cmp);
        session.choose(&popup, refuse);
        let begun = Instant::now();
        let mut said = None;
        let mut unreached = None;
        while said.is_none() && begun.elapsed() < OPERATE {
            let limit = if self.facts.pressed.is_empty() { FIRST } else { NEXT };
            match session.next(limit).await {
                None => break,
                Some(Err(ended)) => said = Some(ended.succeeded),
                Some(Ok(press)) => match self.press_for_it(&session, &press).await {
                    Ok(()) => (),
                    // What it may not press ends it; what it cannot reach may have been optional.
                    Err(Refusal::Forbidden(why)) => {
                        session.stop();
                        return Some(Attempt::Failed { step, why });
                    }
                    Err(Refusal::Unreached(why)) => unreached = Some(why),
                },
            }
        }
        session.stop();
        if self.facts.pressed.is_empty() {
            let why = unreached.unwrap_or_else(|| "it pressed nothing".to_owned());
            return Some(Attempt::Failed { step, why });
        }
        if self.gone(None, Duration::from_millis(1500)).await {
            return Some(Attempt::Gone);
        }
        let why = match said {
            Some(true) => "it says that it worked, but the banner stayed",
            Some(false) => "it could not operate the banner",
            None => "it did not come to an end",
        };
        Some(Attempt::Failed { step, why: why.to_owned() })
    }

    /// Makes a click that autoconsent asks for.
    async fn press_for_it(
        &mut self,
        session: &AutoconsentSession,
        press: &Press,
    ) -> Result<(), Refusal> {
        let tab = &self.visitor.tab;
        let element = press.evaluate(tab, "finder.describe(0)").await.unwrap_or_default();
        let element: PickedElement = serde_json::from_value(element).unwrap_or_default();
        if self.forbidden(&element.text) {
            let why = format!("it wanted to press `{}`, which reads like agreement", element.text);
            return Err(Refusal::Forbidden(why));
        }
        // Whatever it says, what its address does counts.
        self.only_chooses(&element.text, element.leads.as_deref()).map_err(Refusal::Forbidden)?;
        if !element.shown {
            return Err(Refusal::Unreached(format!("`{}` cannot be seen", element.text)));
        }
        let (doubts, answers) = self.doubts_of_a_press(press, &element).await?;
        let tab = &self.visitor.tab;
        let frames = frames::visible_frames(tab).await.unwrap_or_default();
        let frame = press.frame(session).and_then(|id| frames::position(&frames, &id));
        let Some(frame) = frame else {
            return Err(Refusal::Unreached("its frame is gone".to_owned()));
        };
        let aim = press.evaluate(tab, "finder.aim(0)").await.unwrap_or_default();
        let point = detected::point_of(tab, &frames, frame, aim, &element.text).await;
        let point = point.map_err(Refusal::Unreached)?;
        self.press_at(point, &element.text, &element.kind, 1).await.map_err(Refusal::Unreached)?;
        (self.doubts, self.answers) = (doubts, answers);
        Ok(())
    }

    /// What would not be understood of the settings if this press saved them, and how many answers they have. A save of
    /// what may be on is not made.
    async fn doubts_of_a_press(
        &self,
        press: &Press,
        element: &PickedElement,
    ) -> Result<(Vec<String>, usize), Refusal> {
        let words = &self.visitor.scan.words;
        let kept = (self.doubts.clone(), self.answers);
        if self.facts.choice == Pass::Accept || element.kind == "option" {
            return Ok(kept);
        }
        let said = |meaning| move |label: &str| words.meaning(label) == Some(meaning);
        let rejects = said(Meaning::Reject);
        if rejects(&element.text) || self.facts.pressed.iter().any(|it| rejects(&it.label)) {
            return Ok((Vec::new(), 0));
        }
        let saves = said(Meaning::Save)(&element.text);
        let sheet = press.sheet(&self.visitor.tab).await.unwrap_or_default();
        let open = Refused::judge_as_it_stands(words, &sheet);
        match open.first() {
            Some(why) if saves => {
                let label = &element.text;
                let why = format!("it wanted to press `{label}`, which may agree: {why}");
                Err(Refusal::Forbidden(why))
            }
            _ if saves && sheet.toggles.is_empty() => {
                Ok((vec!["nothing in it could be recognised as a switch".to_owned()], 1))
            }
            _ if sheet.toggles.is_empty() => Ok(kept),
            _ => Ok((open, sheet.toggles.len())),
        }
    }
}

/// Why a click that autoconsent asked for was not made.
enum Refusal {
    Forbidden(String),
    Unreached(String),
}
