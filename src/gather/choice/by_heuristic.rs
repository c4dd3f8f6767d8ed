//! Choosing by what buttons say, on the first layer or behind it.

use std::time::Duration;

use url::Url;

use super::{
    detect,
    detected::DetectedBanner,
    driver::{Attempt, ChoiceDriver, ChoiceMade, ChoiceRequest, Ended},
    frames,
};
use crate::{
    consent::{
        Control, Layer, Meaning, Words,
        settings::{Refusal, Sheet},
    },
    gather::{
        links::{self, Deed},
        visit::visitor::Visitor,
    },
    model::{Pass, Pressed, site},
    recording::{BannerRecording, Interaction, VisitKind},
};

/// How long what a press opens may take to show.
const OPEN: Duration = Duration::from_millis(2500);

/// How long the scripts of a page may take to show its form.
const LATE_FORM: Duration = Duration::from_millis(900);

/// Layers beyond these are no offer.
const DEEPEST: u8 = 4;

impl ChoiceDriver<'_, '_> {
    /// By what the banner's controls say.
    pub(super) async fn by_heuristic(&mut self, found: DetectedBanner) -> Attempt {
        // What was found a while ago may have been drawn again, or another way may have opened what
        // lies behind it.
        let words = &self.visitor.scan.words;
        let now = detect::find_banner(&self.visitor.tab, words, Layer::First).await.ok().flatten();
        let tried = match (now, self.facts.choice) {
            (Some(now), Pass::Accept) => self.accept(now).await,
            (Some(now), _) => self.refuse(now).await,
            (None, choice) => {
                let layer = detect::find_banner(&self.visitor.tab, words, Layer::Deeper)
                    .await
                    .ok()
                    .flatten();
                match (layer, choice) {
                    (Some(layer), Pass::Accept) => self.accept(layer).await,
                    (Some(layer), _) => self.refuse_in(layer, 2).await,
                    (None, _) => {
                        let label = found.labels().join(", ");
                        let why = format!("it went away before it could be operated: {label}");
                        return Attempt::Failed { step: "find the banner again".to_owned(), why };
                    }
                }
            }
        };
        self.answer_what_follows(tried).await
    }

    /// Goes on choosing where another banner stands behind the one that was answered, such as "Are you sure?".
    pub(super) async fn answer_what_follows(&mut self, mut tried: Attempt) -> Attempt {
        for _ in 0..2 {
            if !matches!(tried, Attempt::Failed { .. }) || self.facts.pressed.is_empty() {
                break;
            }
            let next =
                detect::find_banner(&self.visitor.tab, &self.visitor.scan.words, Layer::First)
                    .await;
            let Some(next) = next.ok().flatten().filter(|it| self.is_new(it)) else { break };
            tried = match self.facts.choice {
                Pass::Accept => self.accept(next).await,
                _ => self.refuse(next).await,
            };
        }
        tried
    }

    /// Whether nothing of what it offers was pressed yet.
    fn is_new(&self, found: &DetectedBanner) -> bool {
        let offer = &found.offer;
        let wanted = match self.facts.choice {
            Pass::Accept => offer.accept.or(offer.acknowledge),
            _ => offer.reject.or_else(|| offer.settings.first().copied()),
        };
        let label = wanted.map(|at| found.label(at));
        self.facts.pressed.iter().all(|pressed| Some(pressed.label.as_str()) != label)
    }

    async fn accept(&mut self, found: DetectedBanner) -> Attempt {
        let offer = found.offer.clone();
        if let Some(control) = offer.accept.or(offer.acknowledge) {
            return self.decide_by_one(&found, control, Meaning::Accept).await;
        }
        for &control in &offer.settings {
            if found.control(control).is_some_and(|it| it.leads.is_some()) {
                continue;
            }
            let labels = found.labels();
            if let Err(why) = self.press(&found, control, 1).await {
                let step = format!("press `{}`", found.label(control));
                return Attempt::Failed { step, why };
            }
            let words = &self.visitor.scan.words;
            if let Some(layer) =
                detect::wait_for_layer(&self.visitor.tab, words, &labels, OPEN).await
            {
                self.note_layer(&layer, 2, &Sheet::default()).await;
                if let Some(accept) = layer.offer.accept {
                    return self.decide(&layer, accept, Layer::Deeper, 2).await;
                }
            }
        }
        if let Some(save) = offer.save.filter(|_| offer.has_answers) {
            let step = format!("answer and press `{}`", found.label(save));
            let why = "it can only be accepted by answering what it asks".to_owned();
            return Attempt::Failed { step, why };
        }
        nothing(&self.visitor.scan.words, &found, "accept")
    }

    /// Refuses, on whichever layer that is offered.
    pub(super) async fn refuse(&mut self, found: DetectedBanner) -> Attempt {
        if let Some(save) = self.ends_rows(&found) {
            let sheet = self.sheet(&found, save).await;
            self.note_layer(&found, 1, &sheet).await;
            return self.refuse_rows(&found, save, sheet, 1).await;
        }
        if let Some(control) = found.offer.reject {
            return self.decide_by_one(&found, control, Meaning::Reject).await;
        }
        let mut failure = None;
        // Some have their boxes and the button that saves them on the first layer.
        if let Some(save) = found.offer.save {
            let sheet = self.sheet(&found, save).await;
            if !sheet.toggles.is_empty() {
                self.note_layer(&found, 1, &sheet).await;
                match self.switch_off_and_save(&found, save, sheet, 1).await {
                    Attempt::Failed { step, why } => failure = Some(Attempt::Failed { step, why }),
                    done => return done,
                }
            }
        }
        for control in found.offer.settings.clone().into_iter().take(3) {
            let Some(link) = found.control(control).cloned() else { continue };
            let tried = match &link.leads {
                // A link in a frame shows its page in that frame.
                Some(_) if link.stays && found.frame_url().is_some() => {
                    self.refuse_behind(&found, control, 1).await
                }
                Some(url) if link.stays => self.refuse_elsewhere(url, 2).await,
                // Another site's pages are not this banner's layers.
                Some(_) => continue,
                None => self.refuse_behind(&found, control, 1).await,
            };
            match tried {
                Attempt::Unavailable { .. } => (),
                Attempt::Failed { step, why } => failure = Some(Attempt::Failed { step, why }),
                done => return done,
            }
        }
        if let Some(tried) = self.try_the_other(&found, 1).await {
            return tried;
        }
        failure.unwrap_or_else(|| nothing(&self.visitor.scan.words, &found, "refuse"))
    }

    /// Opens a deeper layer and refuses there.
    async fn refuse_behind(
        &mut self,
        found: &DetectedBanner,
        control: usize,
        depth: u8,
    ) -> Attempt {
        let label = found.label(control).to_owned();
        let step = format!("open `{label}`");
        let before = found.labels();
        let document = self.visitor.tab.state.document().request;
        let windows = frames::windows(&self.visitor.tab).await;
        // Its handler may be bound late, as any button's may.
        for attempt in 0..2 {
            let pressed = match attempt {
                0 => self.press(found, control, depth).await,
                _ => match self.again(found, control, layer_of(depth)).await {
                    Some((again, at)) => self.press(&again, at, depth).await,
                    None => break,
                },
            };
            if let Err(why) = pressed {
                return Attempt::Failed { step, why };
            }
            let words = &self.visitor.scan.words;
            if let Some(layer) =
                detect::wait_for_layer(&self.visitor.tab, words, &before, OPEN).await
            {
                return self.refuse_in(layer, depth + 1).await;
            }
            if self.visitor.tab.state.document().request != document {
                // It led to a page of its own, which has no words of a layer but may have a form.
                return self.refuse_on_this_page(depth + 1).await;
            }
            let opened = frames::windows(&self.visitor.tab).await;
            if let Some(url) = opened.into_iter().find(|it| !windows.contains(it)) {
                return self.refuse_in_window(&url, depth + 1).await;
            }
        }
        Attempt::Failed { step, why: "nothing new showed that could be understood".to_owned() }
    }

    /// Refuses on the page that a press has opened in a window of its own.
    async fn refuse_in_window(&mut self, url: &str, depth: u8) -> Attempt {
        let is_own = Url::parse(url).ok().as_ref().and_then(site::of_url)
            == site::of_url(&self.visitor.scan.target);
        if !is_own {
            let why = "it opened a window of another site".to_owned();
            return Attempt::Failed { step: format!("refuse on {url}"), why };
        }
        Box::pin(self.refuse_elsewhere(url, depth)).await
    }

    /// Refuses on a deeper layer that is open.
    pub(super) async fn refuse_in(&mut self, layer: DetectedBanner, depth: u8) -> Attempt {
        let anchor = layer.offer.save.or(layer.offer.reject).or(layer.offer.accept);
        let sheet = match anchor {
            Some(anchor) => self.sheet(&layer, anchor).await,
            None => Sheet::default(),
        };
        self.note_layer(&layer, depth, &sheet).await;
        if let Some(save) = self.ends_rows(&layer) {
            return self.refuse_rows(&layer, save, sheet, depth).await;
        }
        let refuses = layer
            .offer
            .reject
            .or_else(|| layer.offer.withdraw.filter(|_| self.facts.choice == Pass::Withdraw));
        if let Some(control) = refuses {
            let tried = self.decide(&layer, control, Layer::Deeper, depth).await;
            // It may only have switched everything off, and wait for what saves.
            let saves = layer.offer.save.filter(|_| matches!(tried, Attempt::Failed { .. }));
            return match saves {
                Some(save) => {
                    self.save_what_was_refused(&layer, save, depth).await.unwrap_or(tried)
                }
                None => tried,
            };
        }
        if let Some(save) = layer.offer.save {
            return self.switch_off_and_save(&layer, save, sheet, depth).await;
        }
        let known: Vec<String> = self.facts.pressed.iter().map(|it| it.label.clone()).collect();
        if depth < DEEPEST {
            for &control in &layer.offer.settings {
                let leads = layer.control(control).is_some_and(|it| it.leads.is_some());
                if !leads && !known.iter().any(|label| label == layer.label(control)) {
                    return Box::pin(self.refuse_behind(&layer, control, depth)).await;
                }
            }
        }
        if let Some(tried) = Box::pin(self.try_the_other(&layer, depth)).await {
            return tried;
        }
        nothing(&self.visitor.scan.words, &layer, "refuse")
    }

    /// Presses the one control beside the one that agrees whose words are not known, if it cannot agree. Only what the site
    /// then stores proves that it refused.
    async fn try_the_other(&mut self, found: &DetectedBanner, depth: u8) -> Option<Attempt> {
        let words = &self.visitor.scan.words;
        found.offer.accept?;
        let mut unknown = found.unknown_that_may_choose(words);
        let (control, only) = (unknown.next()?, unknown.next().is_none());
        let label = found.label(control).to_owned();
        let is_plain = found.control(control).is_some_and(|it| it.leads.is_none() && !it.typed);
        if !only || !is_plain || label.is_empty() || words.may_agree(&label) {
            return None;
        }
        let step = format!("press `{label}`");
        let doubt = format!("what `{label}` does is not known");
        let (before, document) = (found.labels(), self.visitor.tab.state.document().request);
        if let Err(why) = self.press(found, control, depth).await {
            return Some(Attempt::Failed { step, why });
        }
        let words = &self.visitor.scan.words;
        let layer = detect::wait_for_layer(&self.visitor.tab, words, &before, OPEN).await;
        if let Some(layer) = layer.filter(|_| depth < DEEPEST) {
            return Some(self.refuse_in(layer, depth + 1).await);
        }
        if self.visitor.tab.state.document().request != document {
            return Some(self.refuse_on_this_page(depth + 1).await);
        }
        if self.gone(Some(found), OPEN).await {
            (self.doubts, self.answers) = (vec![doubt], 1);
            return Some(Attempt::Gone);
        }
        Some(Attempt::Failed { step, why: doubt })
    }

    /// Opens a page of the site that a banner's link leads to, and refuses there.
    pub(super) async fn refuse_elsewhere(&mut self, url: &str, depth: u8) -> Attempt {
        let words = &self.visitor.scan.words;
        let deed = Url::parse(url).ok().and_then(|url| links::deed_of_address(words, &url));
        if deed == Some(Deed::Acts) {
            let why = "its address reads like an action other than choosing".to_owned();
            return Attempt::Failed { step: format!("open {url}"), why };
        }
        let (visit, outcome) = self.visitor.open(VisitKind::Page, url).await;
        self.visit = visit;
        if outcome.status != crate::model::VisitStatus::Ok {
            let why = outcome.problem.unwrap_or_else(|| "it could not be opened".to_owned());
            return Attempt::Failed { step: format!("open {url}"), why };
        }
        self.refuse_on_this_page(depth).await
    }

    /// Refuses by a form or by buttons that a page holds in its text.
    pub(super) async fn refuse_on_this_page(&mut self, depth: u8) -> Attempt {
        let words = &self.visitor.scan.words;
        // A page's controls do not change like a banner's; one look, and one more for late scripts.
        let mut layer = None;
        for _ in 0..3 {
            let is_done = self.visitor.tab.is_done_for(LATE_FORM).await;
            layer =
                detect::find_banner(&self.visitor.tab, words, Layer::Deeper).await.ok().flatten();
            if layer.as_ref().is_some_and(|it| it.offer.save.is_some() || it.offer.reject.is_some())
            {
                break;
            }
            if is_done {
                break;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let Some(layer) = layer else {
            return Attempt::Unavailable {
                why: "the page that is linked offers no way to refuse".to_owned(),
            };
        };
        // A form on the page wins over the banner, which may have no way to refuse.
        match self.refuse_in(layer, depth).await {
            Attempt::Gone => Attempt::Sent,
            other => other,
        }
    }

    /// Presses a control of the first layer that decides; if nothing comes of it, others that mean the same.
    async fn decide_by_one(
        &mut self,
        found: &DetectedBanner,
        control: usize,
        meaning: Meaning,
    ) -> Attempt {
        let words = &self.visitor.scan.words;
        let mut labels = vec![found.label(control).to_owned()];
        let is_other = |&&at: &&usize| {
            let control = found.control(at);
            control.is_some_and(|it| {
                it.meaning(words) == Some(meaning) && it.stays && !it.typed && it.leads.is_none()
            })
        };
        let others: Vec<usize> = found.offer.buttons.iter().filter(is_other).copied().collect();
        let mut tried = self.decide(found, control, Layer::First, 1).await;
        for other in others {
            let label = found.label(other).to_owned();
            if !matches!(tried, Attempt::Failed { .. }) || labels.len() > 2 {
                break;
            }
            if labels.contains(&label) || !self.still_asks(Some(found)).await {
                continue;
            }
            labels.push(label);
            if let Some((now, at)) = self.again(found, other, Layer::First).await {
                tried = self.decide(&now, at, Layer::First, 1).await;
            }
        }
        tried
    }

    /// Presses what decides, and says whether the banner went.
    pub(super) async fn decide(
        &mut self,
        found: &DetectedBanner,
        control: usize,
        layer: Layer,
        depth: u8,
    ) -> Attempt {
        let label = found.label(control).to_owned();
        let step = format!("press `{label}`");
        // A control in the text of a page, such as one that saves a form, stays where it is.
        let on_page = layer == Layer::Deeper && !found.offer.over;
        if on_page {
            return match self.press(found, control, depth).await {
                Ok(()) => Attempt::Sent,
                Err(why) => Attempt::Failed { step, why },
            };
        }
        match self.press_until_gone(found, control, layer, depth).await {
            Ok(Ended::Gone) => Attempt::Gone,
            Ok(Ended::Forgotten) => Attempt::Sent,
            Ok(Ended::Stayed) => {
                let why = format!("`{label}` was pressed, and the banner stayed");
                Attempt::Failed { step, why }
            }
            Err(why) => Attempt::Failed { step, why },
        }
    }

    /// The settings that a control stores; none if they could not be read.
    async fn sheet(&self, found: &DetectedBanner, control: usize) -> Sheet {
        let words = &self.visitor.scan.words;
        found.sheet(&self.visitor.tab, words, control).await.unwrap_or_default()
    }

    /// What to press when every purpose has a button of its own and all of them have refused.
    fn ends_rows(&self, found: &DetectedBanner) -> Option<usize> {
        let is_by_row = found.refuses_row_by_row(&self.visitor.scan.words);
        found.offer.save.or(found.offer.acknowledge).filter(|_| is_by_row)
    }

    /// Saves settings in which a button that refuses was pressed, and did not end them.
    async fn save_what_was_refused(
        &mut self,
        layer: &DetectedBanner,
        save: usize,
        depth: u8,
    ) -> Option<Attempt> {
        let (now, save) = self.again(layer, save, Layer::Deeper).await?;
        let sheet = self.sheet(&now, save).await;
        // A button that could not be pressed has answered nothing.
        let refuses = |it: &&Pressed| {
            let meanings = [Meaning::Reject, Meaning::Withdraw];
            meanings.iter().any(|meaning| it.meaning.as_deref() == Some(meaning.name()))
        };
        let answer = self.facts.pressed.last().filter(refuses);
        let refusal = answer.map_or_else(Refusal::default, |it| Refusal::with_answer(&it.label));
        match self.go_on_and_save(&now, save, sheet, depth, refusal).await {
            Attempt::Failed { .. } => None,
            done => Some(done),
        }
    }

    /// Refuses in every row of settings, and ends them.
    async fn refuse_rows(
        &mut self,
        found: &DetectedBanner,
        end: usize,
        sheet: Sheet,
        depth: u8,
    ) -> Attempt {
        let tried = self.switch_off_and_save(found, end, sheet, depth).await;
        let refuses = Some(Meaning::Reject.name());
        let last = self.facts.pressed.last().and_then(|it| it.meaning.as_deref());
        // What stands in every row may all the same have refused everything.
        let is_over = matches!(tried, Attempt::Failed { .. }) && last == refuses;
        if is_over && self.gone(None, Duration::from_millis(300)).await {
            (self.doubts, self.answers) = (Vec::new(), 0);
            return Attempt::Gone;
        }
        tried
    }

    /// Keeps what a deeper layer looks like.
    async fn note_layer(&mut self, layer: &DetectedBanner, depth: u8, sheet: &Sheet) {
        let words = &self.visitor.scan.words;
        self.controls.extend(layer.control_facts(&self.visitor.tab, words, depth).await);
        self.options.extend(DetectedBanner::option_facts(words, sheet, depth));
        self.not_understood.extend(layer.unknown_controls(&self.visitor.tab, words, depth));
        self.picture("layer", &format!("layer {depth} of the banner")).await;
    }
}

/// There is no control for what is wanted. Only if everything was understood is that the site's doing.
fn nothing(words: &Words, found: &DetectedBanner, what: &str) -> Attempt {
    let unknown: Vec<String> = found
        .not_understood(words)
        .map(|it| match it.text.as_str() {
            "" => "a button without a text".to_owned(),
            text => format!("`{text}`"),
        })
        .take(3)
        .collect();
    if !unknown.is_empty() {
        return Attempt::Failed {
            step: format!("find the button to {what}"),
            why: format!("what {} does is not known", unknown.join(", ")),
        };
    }
    let why = match found.offer.paid.first() {
        Some(&paid) if what == "refuse" => {
            let label = found.label(paid);
            format!("the banner offers no way to refuse but `{label}`, which asks for money")
        }
        _ => format!("the banner offers no way to {what}"),
    };
    Attempt::Unavailable { why }
}

/// Opens the settings of a banner to see what is there, and chooses nothing.
pub(super) async fn peek(
    visitor: &mut Visitor<'_>,
    request: ChoiceRequest,
    banner: &mut BannerRecording,
) -> Option<ChoiceMade> {
    let found = request.banner.clone()?;
    let leads = |&at: &usize| found.control(at).is_some_and(|it| it.leads.is_some());
    let control = found.offer.settings.iter().copied().find(|at| !leads(at))?;
    let mut driver = ChoiceDriver::new(visitor, request);
    let before = found.labels();
    // Handlers may be bound late, as those of any button.
    for _ in 0..2 {
        if driver.press(&found, control, 1).await.is_err() {
            break;
        }
        let words = &driver.visitor.scan.words;
        let layer = detect::wait_for_layer(&driver.visitor.tab, words, &before, OPEN).await;
        if let Some(layer) = layer {
            let anchor = layer.offer.save.or(layer.offer.reject).or(layer.offer.accept);
            let sheet = match anchor {
                Some(anchor) => driver.sheet(&layer, anchor).await,
                None => Sheet::default(),
            };
            driver.note_layer(&layer, 2, &sheet).await;
            break;
        }
    }
    Some(driver.conclude(banner, Interaction::None))
}

const fn layer_of(depth: u8) -> Layer {
    if depth > 1 { Layer::Deeper } else { Layer::First }
}

/// Controls that may take consent back, best first.
pub(super) fn withdrawing(words: &Words, controls: &[Control]) -> Vec<usize> {
    let mut found: Vec<(u8, usize)> = controls
        .iter()
        .enumerate()
        .filter(|(_, it)| it.stays && !it.typed && !it.here)
        .filter_map(|(at, it)| {
            let is_here = it.leads.is_none() && it.operable && !it.disabled;
            let rank = match words.meaning(&it.text) {
                Some(Meaning::Withdraw) => 0,
                Some(Meaning::Settings) if it.leads.is_none() => 1,
                Some(Meaning::Reject) if is_here && words.is_about_consent(&it.text) => 2,
                // In words that are not known: it speaks of cookies or of consent and stays where it is.
                None if is_here && words.is_about_consent(&it.text) => 3,
                _ => return None,
            };
            Some((rank, at))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, at)| at).collect()
}
