//! Choosing by a recipe and by autoconsent.

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::{Chooser, Found, Tried, autoconsent::Press, frames, look};
use crate::{
    consent::{Recipe, Step},
    model::Pass,
};

/// How long autoconsent may take to find a banner that we have found.
const FIND: Duration = Duration::from_millis(400);

/// How long it may think about its first press, and about each one after.
const FIRST: Duration = Duration::from_millis(900);
const NEXT: Duration = Duration::from_secs(2);

/// How long it may take to operate it.
const OPERATE: Duration = Duration::from_secs(6);

/// How long a step of a recipe may take.
const STEP: Duration = Duration::from_secs(3);

/// An element as the finder tells it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    text: String,
    kind: String,
    shown: bool,
}

impl Chooser<'_, '_> {
    /// By autoconsent, if it knows the banner.
    pub(super) async fn by_autoconsent(&mut self, found: Option<&Found>) -> Option<Tried> {
        let bridge = self.run.bridge.clone()?;
        let begun = Instant::now();
        let popup = loop {
            if let Some(popup) = bridge.popup() {
                break popup;
            }
            if begun.elapsed() >= FIND {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let refuse = self.facts.choice == Pass::Reject;
        self.facts.cmp = Some(popup.cmp.clone());
        let step = format!("operate {} as autoconsent knows it", popup.cmp);
        bridge.choose(&popup, refuse);
        let begun = Instant::now();
        let mut said = None;
        let mut unreached = None;
        while said.is_none() && begun.elapsed() < OPERATE {
            let limit = if self.facts.pressed.is_empty() { FIRST } else { NEXT };
            match bridge.next(limit).await {
                None => break,
                Some(Err(ended)) => said = Some(ended.said),
                Some(Ok(press)) => match self.press_for_it(&press).await {
                    Ok(()) => (),
                    // What it may not press ends it; what it cannot reach may have been optional.
                    Err(Refusal::Forbidden(why)) => {
                        bridge.stop();
                        return Some(Tried::Failed(step, why));
                    }
                    Err(Refusal::Unreached(why)) => unreached = Some(why),
                },
            }
        }
        bridge.stop();
        if self.facts.pressed.is_empty() {
            let why = unreached.unwrap_or_else(|| "it pressed nothing".to_owned());
            return Some(Tried::Failed(step, why));
        }
        if self.gone(None, Duration::from_millis(1500)).await {
            return Some(Tried::Gone);
        }
        let _ = found;
        let why = match said {
            Some(true) => "it says that it worked, but the banner stayed",
            Some(false) => "it could not operate the banner",
            None => "it did not come to an end",
        };
        Some(Tried::Failed(step, why.to_owned()))
    }

    /// Makes a click that autoconsent asks for.
    async fn press_for_it(&mut self, press: &Press) -> Result<(), Refusal> {
        let unreached = |why: &str| Refusal::Unreached(why.to_owned());
        let Some(bridge) = self.run.bridge.clone() else { return Err(unreached("it is gone")) };
        let page = self.run.page;
        let told = press.ask(page, "finder.tell(0)").await.unwrap_or_default();
        let told: Told = serde_json::from_value(told).unwrap_or_default();
        if self.forbidden(&told.text) {
            let why = format!("it wanted to press `{}`, which reads like agreement", told.text);
            return Err(Refusal::Forbidden(why));
        }
        if !told.shown {
            return Err(Refusal::Unreached(format!("`{}` cannot be seen", told.text)));
        }
        let frames = frames::all(page).await.unwrap_or_default();
        let frame = press.frame(&bridge).and_then(|id| frames::position(&frames, &id));
        let Some(frame) = frame else { return Err(unreached("its frame is gone")) };
        let aim = press.ask(page, "finder.aim(0)").await.unwrap_or_default();
        let point = look::aimed(page, &frames, frame, aim, &told.text).await;
        let point = point.map_err(Refusal::Unreached)?;
        self.press_at(point, &told.text, &told.kind, 1).await.map_err(Refusal::Unreached)
    }

    /// By a recipe, if one fits what is on the page.
    pub(super) async fn by_recipe(&mut self, choice: Pass) -> Option<Tried> {
        let recipes = self.run.scan.recipes.clone();
        for recipe in &recipes {
            if recipe.steps(choice).is_empty() {
                continue;
            }
            let asks = match choice {
                Pass::Withdraw => match recipe.steps(choice).first() {
                    Some(Step::Click(first) | Step::Wait(first)) => first.as_str(),
                    _ => recipe.detect.as_str(),
                },
                _ => recipe.detect.as_str(),
            };
            if self.pick(recipe, asks).await.is_some() {
                self.facts.cmp = Some(recipe.name.clone());
                self.needs.clone_from(&recipe.stores);
                return Some(self.follow(recipe, choice).await);
            }
        }
        None
    }

    async fn follow(&mut self, recipe: &Recipe, choice: Pass) -> Tried {
        for step in recipe.steps(choice) {
            if let Err(why) = self.step(recipe, step).await {
                return Tried::Failed(format!("{}: {}", recipe.name, step.describe()), why);
            }
        }
        if self.gone(None, STEP).await {
            return Tried::Gone;
        }
        Tried::Failed(format!("follow the recipe {}", recipe.name), "the banner stayed".to_owned())
    }

    async fn step(&mut self, recipe: &Recipe, step: &Step) -> Result<(), String> {
        let begun = Instant::now();
        let (Step::Click(selector)
        | Step::Wait(selector)
        | Step::Check(selector)
        | Step::Uncheck(selector)) = step;
        let (frames, frame, told) = loop {
            if let Some(found) = self.pick(recipe, selector).await {
                break found;
            }
            if begun.elapsed() > STEP {
                return Err(format!("nothing visible fits `{selector}`"));
            }
            tokio::time::sleep(Duration::from_millis(80)).await;
        };
        let wanted = match step {
            Step::Wait(_) => return Ok(()),
            Step::Click(_) => None,
            Step::Check(_) => Some(true),
            Step::Uncheck(_) => Some(false),
        };
        let page = self.run.page;
        let Some(of) = frames.get(frame) else { return Err("its frame is gone".to_owned()) };
        let count = if wanted.is_some() { told.len() } else { 1 };
        for (at, told) in told.iter().enumerate().take(count) {
            let method = if wanted.is_some() { "aimOption" } else { "aim" };
            if let Some(wanted) = wanted {
                let is = of.ask(page, &format!("finder.checked({at})")).await;
                if is.is_ok_and(|is| is == wanted) {
                    continue;
                }
            }
            if self.forbidden(&told.text) {
                return Err(format!("`{}` reads like agreement and was not pressed", told.text));
            }
            let aim = of.ask(page, &format!("finder.{method}({at})")).await;
            let aim = aim.map_err(|error| error.to_string())?;
            let point = look::aimed(page, &frames, frame, aim, &told.text).await?;
            self.press_at(point, &told.text, &told.kind, 1).await?;
        }
        Ok(())
    }

    /// What a selector finds, with the frame it is in.
    async fn pick(
        &self,
        recipe: &Recipe,
        selector: &str,
    ) -> Option<(Vec<frames::Frame>, usize, Vec<Told>)> {
        let page = self.run.page;
        let all = frames::all(page).await.ok()?;
        for at in 0..all.len() {
            let fits = recipe.frame.as_deref().is_none_or(|part| all[at].url.contains(part));
            if !fits || all[at].load_finder(page).await.is_err() {
                continue;
            }
            let selector = serde_json::Value::from(selector);
            let told = all[at].ask(page, &format!("finder.pick({selector})")).await.ok()?;
            let told: Vec<Told> = serde_json::from_value(told).unwrap_or_default();
            if !told.is_empty() {
                return Some((all, at, told));
            }
        }
        None
    }
}

/// Why a click that autoconsent asked for was not made.
enum Refusal {
    Forbidden(String),
    Unreached(String),
}
