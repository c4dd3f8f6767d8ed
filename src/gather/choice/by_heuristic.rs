//! Choosing by what buttons say, on the first layer or behind it.

use std::time::Duration;

use url::Url;

use super::{
    detect::{self, DetectedBanner, Toggle},
    driver::{Attempt, ChoiceDriver, ChoiceMade, ChoiceRequest},
};
use crate::{
    consent::{Control, Layer, Meaning, Words},
    gather::{
        links::{self, Deed},
        visit::visitor::Visitor,
    },
    model::Pass,
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
        let mut tried = match (now, self.facts.choice) {
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
        // Behind one banner there may be another.
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
            return self.decide(&found, control, Layer::First, 1).await;
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
                self.note_layer(&layer, 2, &[]).await;
                if let Some(accept) = layer.offer.accept {
                    return self.decide(&layer, accept, Layer::Deeper, 2).await;
                }
            }
        }
        nothing(&found, "accept")
    }

    /// Refuses, on whichever layer that is offered.
    pub(super) async fn refuse(&mut self, found: DetectedBanner) -> Attempt {
        if let Some(control) = found.offer.reject {
            return self.decide(&found, control, Layer::First, 1).await;
        }
        let mut failure = None;
        for control in found.offer.settings.clone().into_iter().take(3) {
            let Some(link) = found.control(control).cloned() else { continue };
            let tried = match &link.leads {
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
        failure.unwrap_or_else(|| nothing(&found, "refuse"))
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
        }
        Attempt::Failed { step, why: "nothing new showed that could be understood".to_owned() }
    }

    /// Refuses on a deeper layer that is open.
    pub(super) async fn refuse_in(&mut self, layer: DetectedBanner, depth: u8) -> Attempt {
        let anchor = layer.offer.save.or(layer.offer.reject).or(layer.offer.accept);
        let options = match anchor {
            Some(anchor) => layer.options(&self.visitor.tab, anchor).await,
            None => Vec::new(),
        };
        self.note_layer(&layer, depth, &options).await;
        if let Some(control) = layer.offer.reject {
            return self.decide(&layer, control, Layer::Deeper, depth).await;
        }
        if let Some(save) = layer.offer.save {
            return self.switch_off_and_save(&layer, save, &options, depth).await;
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
        nothing(&layer, "refuse")
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

    async fn switch_off_and_save(
        &mut self,
        layer: &DetectedBanner,
        save: usize,
        options: &[Toggle],
        depth: u8,
    ) -> Attempt {
        let step = format!("switch everything off and press `{}`", layer.label(save));
        for (at, option) in options.iter().enumerate() {
            let wanted = match option.kind.as_str() {
                "radio" => is_no(&self.visitor.scan.words, options, at).then_some(true),
                _ => Some(false),
            };
            let Some(wanted) = wanted else { continue };
            if option.fixed || layer.checked(&self.visitor.tab, at).await == Some(wanted) {
                continue;
            }
            for _ in 0..2 {
                let point = layer.aim_option(&self.visitor.tab, at, &option.label).await;
                let pressed = match point {
                    Ok(point) => self.press_at(point, &option.label, "option", depth).await,
                    Err(why) => Err(why),
                };
                if let Err(why) = pressed {
                    return Attempt::Failed { step, why };
                }
                tokio::time::sleep(Duration::from_millis(60)).await;
                if layer.checked(&self.visitor.tab, at).await == Some(wanted) {
                    break;
                }
            }
            if layer.checked(&self.visitor.tab, at).await == Some(!wanted) {
                let why = format!("`{}` could not be switched", option.label);
                return Attempt::Failed { step, why };
            }
        }
        let unanswered = options.iter().enumerate().any(|(at, option)| {
            option.kind == "radio"
                && !option.fixed
                && !options.iter().enumerate().any(|(other, it)| {
                    it.group == option.group
                        && (is_no(&self.visitor.scan.words, options, other) || it.fixed)
                })
                && at == options.iter().position(|it| it.group == option.group).unwrap_or(at)
        });
        if unanswered {
            let why = "a question with several answers has none that says no".to_owned();
            return Attempt::Failed { step, why };
        }
        self.decide(layer, save, Layer::Deeper, depth).await
    }

    /// Presses what decides, and says whether the banner went.
    async fn decide(
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
            Ok(true) => Attempt::Gone,
            Ok(false) => {
                let why = format!("`{label}` was pressed, and the banner stayed");
                Attempt::Failed { step, why }
            }
            Err(why) => Attempt::Failed { step, why },
        }
    }

    /// Keeps what a deeper layer looks like.
    async fn note_layer(&mut self, layer: &DetectedBanner, depth: u8, options: &[Toggle]) {
        let words = &self.visitor.scan.words;
        self.controls.extend(layer.control_facts(&self.visitor.tab, words, depth).await);
        self.options.extend(DetectedBanner::option_facts(options, depth));
        self.picture("layer", &format!("layer {depth} of the banner")).await;
    }
}

/// There is no control for what is wanted. Only if everything was understood is that the site's
/// doing.
fn nothing(found: &DetectedBanner, what: &str) -> Attempt {
    let unknown: Vec<&str> =
        found.offer.unknown.iter().map(|&at| found.label(at)).take(3).collect();
    if unknown.is_empty() {
        return Attempt::Unavailable { why: format!("the banner offers no way to {what}") };
    }
    Attempt::Failed {
        step: format!("find the button to {what}"),
        why: format!("what `{}` does is not known", unknown.join("`, `")),
    }
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
            let options = match anchor {
                Some(anchor) => layer.options(&driver.visitor.tab, anchor).await,
                None => Vec::new(),
            };
            driver.note_layer(&layer, 2, &options).await;
            break;
        }
    }
    Some(driver.conclude(banner, Interaction::None))
}

/// Whether an option is the one of its group that says no.
fn is_no(words: &Words, options: &[Toggle], at: usize) -> bool {
    let no = |it: &Toggle| words.is_choice_no(&it.label) && !words.is_choice_yes(&it.label);
    let Some(option) = options.get(at) else { return false };
    if no(option) {
        return true;
    }
    // Of two answers, the one beside a plain yes.
    let group: Vec<&Toggle> = options.iter().filter(|it| it.group == option.group).collect();
    group.len() == 2
        && !words.is_choice_yes(&option.label)
        && !group.iter().any(|it| no(it))
        && group.iter().any(|it| words.is_choice_yes(&it.label))
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
            let rank = match words.meaning(&it.text) {
                Some(Meaning::Withdraw) => 0,
                Some(Meaning::Settings) if it.leads.is_none() => 1,
                _ => return None,
            };
            Some((rank, at))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, at)| at).collect()
}
