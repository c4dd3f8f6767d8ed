//! Choosing by a recipe.

use std::time::{Duration, Instant};

use super::{
    detected::{self, PickedElement},
    driver::{Attempt, ChoiceDriver},
    frames,
};
use crate::{
    consent::{Recipe, Step},
    model::Pass,
};

/// How long a step of a recipe may take.
const STEP: Duration = Duration::from_secs(3);

impl ChoiceDriver<'_, '_> {
    /// By a recipe, if one fits what is on the page.
    pub(super) async fn by_recipe(&mut self, choice: Pass) -> Option<Attempt> {
        let recipes = self.visitor.scan.recipes.clone();
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

    async fn follow(&mut self, recipe: &Recipe, choice: Pass) -> Attempt {
        for step in recipe.steps(choice) {
            if let Err(why) = self.step(recipe, step).await {
                return Attempt::Failed {
                    step: format!("{}: {}", recipe.name, step.describe()),
                    why,
                };
            }
        }
        if self.gone(None, STEP).await {
            return Attempt::Gone;
        }
        Attempt::Failed {
            step: format!("follow the recipe {}", recipe.name),
            why: "the banner stayed".to_owned(),
        }
    }

    async fn step(&mut self, recipe: &Recipe, step: &Step) -> Result<(), String> {
        let begun = Instant::now();
        let (Step::Click(selector)
        | Step::Wait(selector)
        | Step::Check(selector)
        | Step::Uncheck(selector)) = step;
        let (frames, frame, elements) = loop {
            let is_done = self.visitor.tab.is_done_for(STEP).await;
            if let Some(found) = self.pick(recipe, selector).await {
                break found;
            }
            if is_done || begun.elapsed() > STEP {
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
        let Some(within) = frames.get(frame) else { return Err("its frame is gone".to_owned()) };
        let count = if wanted.is_some() { elements.len() } else { 1 };
        for (at, element) in elements.iter().enumerate().take(count) {
            let method = if wanted.is_some() { "aimOption" } else { "aim" };
            if let Some(wanted) = wanted {
                let is = within.ask(&self.visitor.tab, &format!("finder.checked({at})")).await;
                if is.is_ok_and(|is| is == wanted) {
                    continue;
                }
            }
            if self.forbidden(&element.text) {
                return Err(format!("`{}` reads like agreement and was not pressed", element.text));
            }
            self.only_chooses(&element.text, element.leads.as_deref())?;
            let aim = within.ask(&self.visitor.tab, &format!("finder.{method}({at})")).await;
            let aim = aim.map_err(|error| error.to_string())?;
            let point =
                detected::point_of(&self.visitor.tab, &frames, frame, aim, &element.text).await?;
            self.press_at(point, &element.text, &element.kind, 1).await?;
        }
        Ok(())
    }

    /// What a selector finds, with the frame it is in.
    async fn pick(
        &self,
        recipe: &Recipe,
        selector: &str,
    ) -> Option<(Vec<frames::Frame>, usize, Vec<PickedElement>)> {
        let tab = &self.visitor.tab;
        let all = frames::visible_frames(tab).await.ok()?;
        for at in 0..all.len() {
            let fits = recipe.frame.as_deref().is_none_or(|part| all[at].url.contains(part));
            if !fits || all[at].load_finder(tab).await.is_err() {
                continue;
            }
            let selector = serde_json::Value::from(selector);
            let picked = all[at].ask(tab, &format!("finder.pick({selector})")).await.ok()?;
            let picked: Vec<PickedElement> = serde_json::from_value(picked).unwrap_or_default();
            if !picked.is_empty() {
                return Some((all, at, picked));
            }
        }
        None
    }
}
