//! A choice under way: what is pressed, and what every way of choosing has in common.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use url::Url;

use super::{autoconsent::AutoconsentSession, detect, detected::DetectedBanner};
use crate::{
    consent::{Layer, Meaning},
    gather::{
        links::{self, Deed},
        tab::input::PressTimes,
        visit::visitor::Visitor,
    },
    model::{ChoiceFacts, ControlFacts, OptionFacts, Pass, Pressed, UnknownControl, Via},
    recording::{BannerRecording, Checkpoint, Interaction, Picture},
};

/// How long a banner is waited for after a press, the first time and the times after it. Handlers
/// may be bound after a banner is shown; the same button is pressed again, never another.
const PATIENCE: [Duration; 4] = [
    Duration::from_millis(800),
    Duration::from_millis(900),
    Duration::from_millis(1200),
    Duration::from_secs(2),
];

/// What is due later than this after a press is not waited for.
const LONGEST: Duration = Duration::from_secs(5);

/// A press after which nothing at all happened for this long had no handler yet, and is repeated.
const UNHEARD: Duration = Duration::from_millis(450);

/// A control is pressed no more often than this, and not again after the time that [`PATIENCE`] adds up to.
const MOST_PRESSES: usize = 8;

/// As many switches are shown in pictures before they are pressed.
const MOST_PICTURES: usize = 4;

/// What is to be chosen, and by what means.
#[derive(Clone, Debug)]
pub(in crate::gather) struct ChoiceRequest {
    /// To accept, to reject or to withdraw.
    pub(in crate::gather) choice: Pass,
    /// The index of the page that is open.
    pub(in crate::gather) visit: usize,
    /// The banner that was found, if one was.
    pub(in crate::gather) banner: Option<DetectedBanner>,
    /// Autoconsent, where it runs.
    pub(in crate::gather) autoconsent: Option<AutoconsentSession>,
    /// A second page on which the choice must hold too, if there is one that may be opened.
    pub(in crate::gather) second_page: Option<Url>,
    /// Whether the choice is only a step on the way to another, so that its effects need not be watched.
    pub(in crate::gather) is_step: bool,
}

/// A choice that was made or tried.
#[derive(Debug)]
pub(in crate::gather) struct ChoiceMade {
    /// What became of it.
    pub(in crate::gather) interaction: Interaction,
    /// What was done.
    pub(in crate::gather) facts: ChoiceFacts,
    /// What the page looked like.
    pub(in crate::gather) pictures: Vec<Picture>,
}

/// A choice under way.
#[derive(Debug)]
pub(super) struct ChoiceDriver<'a, 'b> {
    pub(super) visitor: &'a mut Visitor<'b>,
    pub(super) request: ChoiceRequest,
    /// The index of the page that is open now.
    pub(super) visit: usize,
    pub(super) facts: ChoiceFacts,
    pub(super) pictures: Vec<Picture>,
    /// What was stored before anything was pressed, and a moment earlier: what changes by itself
    /// proves nothing.
    pub(super) before: Option<Checkpoint>,
    pub(super) earlier: Option<Checkpoint>,
    /// What was seen of deeper layers.
    pub(super) controls: Vec<ControlFacts>,
    pub(super) options: Vec<OptionFacts>,
    pub(super) not_understood: Vec<UnknownControl>,
    /// Controls outside a banner that may take consent back for all that is known.
    pub(super) outside: Vec<UnknownControl>,
    /// What was not understood of settings that were saved: with any of it, only the record of the choice can prove it.
    pub(super) doubts: Vec<String>,
    /// How many answers those settings had; none if nothing was saved.
    pub(super) answers: usize,
    /// One of these names must be stored, where a recipe says so.
    pub(super) needs: Vec<String>,
    /// What labels mean that say it only beside their neighbours.
    pub(super) pairs: BTreeMap<String, Meaning>,
    /// Address of the frame that the banner is in; what its site stores counts too.
    pub(super) frame_url: Option<String>,
}

/// What pressing a control that decides came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Nothing asks any more.
    Gone,
    /// The choice was stored, and the page that came of it asks again.
    Forgotten,
    /// The banner stayed.
    Stayed,
}

/// What trying to choose in one way came to.
#[derive(Debug)]
pub(super) enum Attempt {
    /// The banner went.
    Gone,
    /// The choice was sent by a page's own form or control, with no banner to go.
    Sent,
    /// The site offers no such choice.
    Unavailable { why: String },
    /// It could not be operated.
    Failed { step: String, why: String },
}

impl<'a, 'b> ChoiceDriver<'a, 'b> {
    pub(super) fn new(visitor: &'a mut Visitor<'b>, request: ChoiceRequest) -> Self {
        let earlier = visitor.last_checkpoint().cloned();
        Self {
            visit: request.visit,
            facts: ChoiceFacts {
                choice: request.choice,
                via: Via::None,
                cmp: None,
                pressed: Vec::new(),
                at: None,
                visible_ms: None,
                chosen_ms: None,
                proved_ms: None,
                proof: Vec::new(),
                stored: Vec::new(),
                asked_again: None,
                signals: Vec::new(),
                not_understood: Vec::new(),
                doubts: Vec::new(),
                record: None,
            },
            visitor,
            request,
            pictures: Vec::new(),
            before: None,
            earlier,
            controls: Vec::new(),
            options: Vec::new(),
            not_understood: Vec::new(),
            outside: Vec::new(),
            doubts: Vec::new(),
            answers: 0,
            needs: Vec::new(),
            pairs: BTreeMap::new(),
            frame_url: None,
        }
    }

    fn meaning(&self, label: &str) -> Option<Meaning> {
        let known = self.visitor.scan.words.meaning(label);
        known.or_else(|| self.pairs.get(label).copied())
    }

    /// Adds what was learnt of the banner to its recording.
    pub(super) fn conclude(
        self,
        banner: &mut BannerRecording,
        interaction: Interaction,
    ) -> ChoiceMade {
        // What a settings page shows after accepting is the visitor's own choice, not the site's.
        if let BannerRecording::Found { facts, .. } = banner
            && self.facts.choice != Pass::Withdraw
        {
            facts.controls.extend(self.controls);
            facts.options.extend(self.options);
            facts.not_understood.extend(self.not_understood);
        }
        ChoiceMade { interaction, facts: self.facts, pictures: self.pictures }
    }

    pub(super) async fn fail(&mut self, step: &str, why: &str) -> Interaction {
        self.picture("failed", "the page when the choice could not be made").await;
        Interaction::Failed {
            why: why.to_owned(),
            step: step.to_owned(),
            pressed_at: self.facts.pressed.first().map(|it| it.at),
        }
    }

    /// Whether a press would read like agreement in a run that refuses.
    pub(super) fn forbidden(&self, label: &str) -> bool {
        let refuses = matches!(self.facts.choice, Pass::Reject | Pass::Withdraw);
        refuses && self.meaning(label) == Some(Meaning::Accept)
    }

    /// Refuses a control that would do more than choose, such as end the visit or close an account.
    pub(super) fn only_chooses(&self, label: &str, leads: Option<&str>) -> Result<(), String> {
        let words = &self.visitor.scan.words;
        let acts = match leads.and_then(|it| Url::parse(it).ok()) {
            Some(url) => links::deed(words, label, &url) == Some(Deed::Acts),
            None => words.does_more_than_choose(label),
        };
        if acts {
            return Err(format!("`{label}` does more than choose and was not pressed"));
        }
        Ok(())
    }

    /// Presses a control of what was found last in its frame.
    pub(super) async fn press(
        &mut self,
        found: &DetectedBanner,
        control: usize,
        layer: u8,
    ) -> Result<(), String> {
        let label = found.label(control).to_owned();
        if let Some(meaning) = found.control(control).and_then(|it| it.means) {
            self.pairs.insert(label.clone(), meaning);
        }
        if self.forbidden(&label) {
            return Err(format!("`{label}` reads like agreement and was not pressed"));
        }
        self.only_chooses(&label, found.control(control).and_then(|it| it.leads.as_deref()))?;
        let point = found.aim(&self.visitor.tab, control).await?;
        let kind = found.control(control).map_or(String::new(), |it| it.kind.clone());
        self.press_at(point, &label, &kind, layer).await
    }

    /// Gives a control the focus and presses Enter; for pages that do not hear a pointer.
    async fn press_by_key(
        &mut self,
        found: &DetectedBanner,
        control: usize,
        layer: u8,
    ) -> Result<(), String> {
        let label = found.label(control).to_owned();
        if self.forbidden(&label) {
            return Err(format!("`{label}` reads like agreement and was not pressed"));
        }
        self.only_chooses(&label, found.control(control).and_then(|it| it.leads.as_deref()))?;
        // Only what could be pressed by pointer too.
        found.aim(&self.visitor.tab, control).await?;
        if !found.focus(&self.visitor.tab, control).await {
            return Err(format!("`{label}` does not take the focus"));
        }
        let kind = found.control(control).map_or(String::new(), |it| it.kind.clone());
        let times = self.visitor.tab.enter().await.map_err(|error| error.to_string())?;
        self.note_press(times, &label, &kind, layer);
        Ok(())
    }

    /// Presses at a point where `label` was hit.
    pub(super) async fn press_at(
        &mut self,
        (x, y): (f64, f64),
        label: &str,
        kind: &str,
        layer: u8,
    ) -> Result<(), String> {
        // A switch does what it is labelled with only once it is saved.
        if kind != "option" && self.visitor.scan.words.does_more_than_choose(label) {
            return Err(format!("`{label}` does more than choose and was not pressed"));
        }
        // Of hundreds of switches the first few are enough to see.
        let options = self.facts.pressed.iter().filter(|it| it.kind == kind).count();
        let first = self.facts.pressed.iter().all(|it| it.label != label)
            && (kind != "option" || options < MOST_PICTURES);
        if first && let Ok(jpeg) = self.visitor.tab.picture_around(x, y).await {
            let (name, caption) =
                ("pressed".to_owned(), format!("`{label}`, which is pressed next"));
            let at = self.visitor.tab.log.now();
            self.pictures.push(Picture { name, caption, at, jpeg });
        }
        let times = self.visitor.tab.press(x, y).await.map_err(|error| error.to_string())?;
        self.note_press(times, label, kind, layer);
        Ok(())
    }

    pub(super) fn note_press(&mut self, times: PressTimes, label: &str, kind: &str, layer: u8) {
        // Who accepts has agreed from the moment the button goes down; who refuses has refused once it was clicked.
        // What happens between the two is never held to be after a refusal, nor before consent.
        let at = match self.facts.choice {
            Pass::Accept => times.began,
            _ => times.clicked,
        };
        let at = self.visitor.tab.log.boundary(at);
        // A part that is only opened, such as a tab, says nothing whatever it is called.
        let meaning = self.meaning(label).filter(|_| kind != "part");
        let closes = meaning == Some(Meaning::Acknowledge);
        let meaning = meaning.map(|it| it.name().to_owned());
        self.facts.pressed.push(Pressed {
            at,
            label: label.to_owned(),
            meaning,
            kind: kind.to_owned(),
            layer,
        });
        // Hiding the thanks afterwards decides nothing.
        if !(closes && self.facts.at.is_some()) {
            self.facts.at = Some(at);
        }
    }

    /// Presses the same control until nothing asks any more, or for too long.
    pub(super) async fn press_until_gone(
        &mut self,
        found: &DetectedBanner,
        control: usize,
        layer: Layer,
        depth: u8,
    ) -> Result<Ended, String> {
        let mut now = (found.clone(), control);
        let begun = Instant::now();
        let document = self.visitor.tab.state.document().request;
        let longest: Duration = PATIENCE.iter().sum();
        for attempt in 0..MOST_PRESSES {
            if begun.elapsed() >= longest {
                break;
            }
            let patience = PATIENCE[attempt.min(PATIENCE.len() - 1)];
            // Some pages listen to keys alone.
            let pressed = match attempt {
                2 => self.press_by_key(&now.0, now.1, depth).await,
                _ => self.press(&now.0, now.1, depth).await,
            };
            if let Err(why) = pressed {
                // An app may have drawn it again meanwhile: press the one that is there now.
                let Some(again) = self.again(found, control, layer).await else {
                    return if self.facts.pressed.is_empty() { Err(why) } else { Ok(Ended::Gone) };
                };
                self.press(&again.0, again.1, depth).await?;
            }
            if self.gone(Some(&now.0), patience).await {
                return Ok(Ended::Gone);
            }
            // A form may have stored the choice and brought a page that does not know of it.
            let is_new = self.visitor.tab.state.document().request != document;
            if is_new && !self.await_stored().await.is_empty() {
                return Ok(Ended::Forgotten);
            }
            match self.again(found, control, layer).await {
                Some(again) => now = again,
                None if self.gone(None, Duration::from_millis(300)).await => {
                    return Ok(Ended::Gone);
                }
                None => break,
            }
        }
        Ok(Ended::Stayed)
    }

    /// The same control as it is now.
    pub(super) async fn again(
        &self,
        found: &DetectedBanner,
        control: usize,
        layer: Layer,
    ) -> Option<(DetectedBanner, usize)> {
        let now = detect::find_banner(&self.visitor.tab, &self.visitor.scan.words, layer)
            .await
            .ok()
            .flatten()?;
        let at = now.same(found, control)?;
        Some((now, at))
    }

    /// Waits until nothing asks any more and what was pressed can no longer be hit.
    pub(super) async fn gone(&self, pressed: Option<&DetectedBanner>, limit: Duration) -> bool {
        let begun = Instant::now();
        loop {
            let still = match pressed {
                Some(found) => found.hittable(&self.visitor.tab).await,
                None => false,
            };
            // While the page loads again there is nothing to ask; that is no proof of anything.
            let found =
                detect::find_banner(&self.visitor.tab, &self.visitor.scan.words, Layer::First)
                    .await;
            if let (false, Ok(found)) = (still, found) {
                match found {
                    Some(it) if it.asks() => {
                        // Another banner than the one that was answered does not go by waiting.
                        if pressed.is_some_and(|pressed| !it.asks_like(pressed)) {
                            return false;
                        }
                    }
                    _ => return true,
                }
            }
            let waited = begun.elapsed();
            let is_quiet =
                pressed.is_some() && self.visitor.tab.state.quiet_for(Duration::ZERO) >= waited;
            // What is done will not hear it later either.
            let unheard =
                is_quiet && (waited >= UNHEARD || self.visitor.tab.is_done_for(LONGEST).await);
            if waited >= limit || unheard {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }

    /// Whether the banner that was found first is still there.
    pub(super) async fn still_asks(&self, found: Option<&DetectedBanner>) -> bool {
        let now =
            detect::find_banner(&self.visitor.tab, &self.visitor.scan.words, Layer::First).await;
        match (now.ok().flatten(), found) {
            (Some(now), Some(found)) => now.asks_like(found),
            (now, None) => now.is_some(),
            (None, _) => false,
        }
    }

    pub(super) async fn picture(&mut self, name: &str, caption: &str) {
        let at = self.visitor.tab.log.now();
        // A page that hangs has no picture; its problem is reported elsewhere.
        if let Ok(jpeg) = self.visitor.tab.picture().await {
            let (name, caption) = (name.to_owned(), caption.to_owned());
            self.pictures.push(Picture { name, caption, at, jpeg });
        }
    }
}
