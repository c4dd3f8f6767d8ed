//! Refusing in the settings of a banner: everything in them is opened, everything optional switched off, and the result saved.

use std::time::{Duration, Instant};

use super::{
    detected::DetectedBanner,
    driver::{Attempt, ChoiceDriver},
};
use crate::{
    consent::{
        Layer,
        settings::{Action, Refusal, Sheet, ToggleKind},
    },
    gather::tab::input::PressTimes,
};

/// How long it may take: two hundred switches are pressed one by one.
const OPERATE: Duration = Duration::from_secs(90);

/// How long what a part opens may take to show.
const UNFOLD: Duration = Duration::from_millis(260);

/// A slider with more steps than this is left where it is.
const MOST_STEPS: usize = 110;

impl ChoiceDriver<'_, '_> {
    /// Switches everything off and saves, if nothing is on that is not understood.
    pub(super) async fn switch_off_and_save(
        &mut self,
        layer: &DetectedBanner,
        save: usize,
        sheet: Sheet,
        depth: u8,
    ) -> Attempt {
        self.go_on_and_save(layer, save, sheet, depth, Refusal::default()).await
    }

    /// The same where a part of it was done before.
    pub(super) async fn go_on_and_save(
        &mut self,
        layer: &DetectedBanner,
        save: usize,
        sheet: Sheet,
        depth: u8,
        mut refusal: Refusal,
    ) -> Attempt {
        let step = format!("switch everything off and press `{}`", layer.label(save));
        let is_untouched = refusal.count() == 0;
        let switched = self.switch_off(layer, save, sheet, depth, &mut refusal).await;
        // More of them may have come to light than were there at first, each as it stood before it was touched.
        if is_untouched {
            let first = Sheet { toggles: refusal.first_seen(), ..Sheet::default() };
            let options = DetectedBanner::option_facts(&self.visitor.scan.words, &first, depth);
            self.options.retain(|it| it.layer != depth);
            self.options.extend(options);
        }
        if let Err(why) = switched {
            return Attempt::Failed { step, why };
        }
        self.doubts = refusal.doubts().to_vec();
        self.answers = refusal.count();
        let on = if depth > 1 { Layer::Deeper } else { Layer::First };
        self.decide(layer, save, on, depth).await
    }

    /// Does what `refusal` asks for until only saving is left; or says why that might agree to something.
    async fn switch_off(
        &mut self,
        layer: &DetectedBanner,
        save: usize,
        mut sheet: Sheet,
        depth: u8,
        refusal: &mut Refusal,
    ) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            // What one press changes is seen at once; all of it is read again when nothing is left to press.
            while let Some(action) = refusal.next_answer(&self.visitor.scan.words, &sheet) {
                if begun.elapsed() > OPERATE {
                    return Err("switching everything off took too long".to_owned());
                }
                if !self.answer(layer, &mut sheet, &action, depth).await? {
                    break;
                }
            }
            sheet = self.read_again(layer, save).await?;
            match refusal.next(&self.visitor.scan.words, &sheet) {
                Action::Save => return Ok(()),
                Action::GiveUp(why) => return Err(why),
                Action::Scroll => {
                    let _ = layer.ask(&self.visitor.tab, "scrollOn", &[]).await;
                }
                Action::Open(part) | Action::Leave(part) => {
                    let label = sheet.parts[part].label.clone();
                    if !sheet.parts[part].tab && self.forbidden(&label) {
                        return Err(format!("`{label}` reads like agreement and was not pressed"));
                    }
                    // What cannot be reached as things stand is not opened; what it hides is known by what stays on.
                    if let Ok(point) = layer.aim_part(&self.visitor.tab, part, &label).await {
                        self.press_at(point, &label, "part", depth).await?;
                        tokio::time::sleep(UNFOLD).await;
                    }
                }
                action @ (Action::Press(_) | Action::Choose(..) | Action::Lower(_)) => {
                    self.answer(layer, &mut sheet, &action, depth).await?;
                }
            }
            if begun.elapsed() > OPERATE {
                return Err("switching everything off took too long".to_owned());
            }
            sheet = self.read_again(layer, save).await?;
        }
    }

    async fn read_again(&self, layer: &DetectedBanner, save: usize) -> Result<Sheet, String> {
        let sheet = layer.sheet(&self.visitor.tab, &self.visitor.scan.words, save).await;
        let sheet = sheet.map_err(|error| format!("the settings went away: {error}"))?;
        if sheet.save_shown {
            return Ok(sheet);
        }
        Err(format!("`{}` went away while the settings were looked through", layer.label(save)))
    }

    /// Gives one answer; says whether the others are still where they were.
    async fn answer(
        &mut self,
        layer: &DetectedBanner,
        sheet: &mut Sheet,
        action: &Action,
        depth: u8,
    ) -> Result<bool, String> {
        let (Action::Press(at) | Action::Choose(at, _) | Action::Lower(at)) = *action else {
            return Ok(false);
        };
        let label = sheet.toggles[at].label.clone();
        if let Action::Choose(_, entry) = *action {
            self.choose_entry(layer, sheet, at, entry, depth).await?;
            return Ok(false);
        }
        if matches!(action, Action::Lower(_)) {
            self.lower(layer, sheet, at, depth).await?;
            return Ok(false);
        }
        // One that cannot be reached now may be later; it counts as tried.
        let Ok(point) = layer.aim_toggle(&self.visitor.tab, at, &label).await else {
            return Ok(false);
        };
        let before = sheet.toggles[at].on;
        self.press_at(point, &label, "option", depth).await?;
        let mut now = before;
        for _ in 0..6 {
            let is = layer.ask(&self.visitor.tab, "isOn", &[at.into()]).await;
            now = match is {
                Ok(is) if !is.is_null() => is.as_bool(),
                _ => return Ok(false),
            };
            if now != before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        sheet.toggles[at].on = now;
        // Answers to one question change together.
        Ok(now != before && sheet.toggles[at].kind != ToggleKind::Radio)
    }

    /// Moves a slider to its lowest step by its arrow keys.
    async fn lower(
        &mut self,
        layer: &DetectedBanner,
        sheet: &Sheet,
        at: usize,
        depth: u8,
    ) -> Result<(), String> {
        let focused = layer.ask(&self.visitor.tab, "focusToggle", &[at.into()]).await;
        if focused.is_ok_and(|it| it != true) {
            return Ok(());
        }
        let now = Instant::now();
        let times = PressTimes { began: now, clicked: now };
        self.note_press(times, &sheet.toggles[at].label, "option", depth);
        for _ in 0..MOST_STEPS {
            let is_on = layer.ask(&self.visitor.tab, "isOn", &[at.into()]).await;
            if !is_on.is_ok_and(|it| it == true) {
                break;
            }
            self.visitor.tab.arrow(true).await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Chooses an entry of a list by its arrow keys, as a visitor without a mouse does.
    async fn choose_entry(
        &mut self,
        layer: &DetectedBanner,
        sheet: &Sheet,
        at: usize,
        entry: usize,
        depth: u8,
    ) -> Result<(), String> {
        let focused = layer.ask(&self.visitor.tab, "focusToggle", &[at.into()]).await;
        if focused.is_ok_and(|it| it != true) {
            return Ok(());
        }
        let chosen = sheet.toggles[at].chosen.unwrap_or_default();
        let now = Instant::now();
        let times = PressTimes { began: now, clicked: now };
        self.note_press(times, &sheet.toggles[at].label, "option", depth);
        for _ in 0..chosen.abs_diff(entry).min(40) {
            let arrow = self.visitor.tab.arrow(entry > chosen).await;
            arrow.map_err(|error| error.to_string())?;
        }
        tokio::time::sleep(Duration::from_millis(80)).await;
        Ok(())
    }
}
