//! Makes a pass's choice the way a visitor does, and proves it.
//!
//! Three ways, in this order: a recipe that was written for the banner, autoconsent, and our own
//! reading of roles, words and places. Every press is made with a real pointer on an element that
//! was found by hit-testing, and a visitor who refuses never presses what reads like agreement.

mod autoconsent;
mod engines;
mod frames;
mod layers;
mod look;
mod prove;
mod signals;
mod withdraw;

use std::time::Duration;

use serde_json::Value;
use url::Url;

pub(super) use self::{
    autoconsent::{Bridge, Heard, WORLD, script},
    layers::peek,
    look::{Found, look, wait},
    withdraw::withdraw,
};
use crate::{
    consent::{Layer, Meaning},
    gather::{links, progress::PassStep, scan::pass::Run},
    model::{ChoiceFacts, ControlFacts, OptionFacts, Pass, Pressed, Via},
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

/// A press after which nothing at all happened for this long was not heard, and is made again.
const UNHEARD: Duration = Duration::from_millis(450);

/// A control is pressed no more often than this, and not again after the time that [`PATIENCE`] adds up to.
const MOST_PRESSES: usize = 8;

/// How autoconsent is told of a world of a frame.
pub(super) fn world(session: &str, told: &Value) -> Option<Heard> {
    let world = told["id"].as_u64()?;
    let frame = told["auxData"]["frameId"].as_str()?.to_owned();
    let own = told["auxData"]["isDefault"] == true;
    let name = (!own).then(|| told["name"].as_str().unwrap_or_default().to_owned());
    Some(Heard::World(session.to_owned(), world, frame, name))
}

/// A choice under way.
struct Chooser<'a, 'b> {
    run: &'a mut Run<'b>,
    visit: usize,
    facts: ChoiceFacts,
    /// What was stored before anything was pressed, and a moment earlier: what changes by itself
    /// proves nothing.
    before: Option<Checkpoint>,
    earlier: Option<Checkpoint>,
    /// What was seen of deeper layers.
    controls: Vec<ControlFacts>,
    options: Vec<OptionFacts>,
    /// Names of which one must be stored, where a recipe says so.
    needs: Vec<String>,
    /// Address of the frame that the banner is in; what its site stores counts too.
    frame_url: Option<String>,
}

/// What trying to choose in one way came to.
#[derive(Debug)]
enum Tried {
    /// The banner went.
    Gone,
    /// The choice was sent by a page's own form or control, with no banner to go.
    Sent,
    /// The site offers no such choice.
    Unavailable(String),
    /// It could not be operated; the step that failed, and why.
    Failed(String, String),
}

/// Makes `choice` and proves it. What is learnt of the banner on the way goes into its recording.
pub(super) async fn choose(
    run: &mut Run<'_>,
    visit: usize,
    banner: &mut BannerRecording,
    found: Option<Found>,
    choice: Pass,
) -> Interaction {
    let mut chooser = Chooser::new(run, visit, choice);
    let interaction = chooser.make(banner, found).await;
    chooser.conclude(banner);
    interaction
}

impl<'a, 'b> Chooser<'a, 'b> {
    fn new(run: &'a mut Run<'b>, visit: usize, choice: Pass) -> Self {
        let earlier = run.last_checkpoint().cloned();
        Self {
            run,
            visit,
            facts: ChoiceFacts {
                choice,
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
            },
            before: None,
            earlier,
            controls: Vec::new(),
            options: Vec::new(),
            needs: Vec::new(),
            frame_url: None,
        }
    }

    fn conclude(self, banner: &mut BannerRecording) {
        // What a settings page shows after accepting is the visitor's own choice, not the site's.
        if let BannerRecording::Found { facts, .. } = banner
            && self.facts.choice != Pass::Withdraw
        {
            facts.controls.extend(self.controls);
            facts.options.extend(self.options);
        }
        self.run.choices.push(self.facts);
    }

    async fn make(&mut self, banner: &BannerRecording, found: Option<Found>) -> Interaction {
        let choice = self.facts.choice;
        if let BannerRecording::Found { facts, .. } = banner {
            self.facts.visible_ms = Some(facts.visible_at);
        }
        self.run.say(PassStep::Choosing(choice));
        self.frame_url = found.as_ref().and_then(Found::frame_url).map(str::to_owned);
        self.picture("banner", "the page before anything was pressed").await;
        self.before = Some(self.run.stock(self.visit).await);
        let mut last = None;
        for via in self.run.scan.settings.consent_by.clone() {
            self.facts.via = via;
            self.needs.clear();
            let tried = match (via, &found) {
                (Via::Recipe, _) => self.by_recipe(choice).await,
                (Via::Autoconsent, _) => self.by_autoconsent(found.as_ref()).await,
                (Via::Heuristic, Some(found)) => Some(self.by_heuristic(found.clone()).await),
                (Via::Heuristic | Via::None, _) => None,
            };
            match tried {
                // Nothing to go by in this way.
                None => (),
                Some(Tried::Failed(step, why)) => {
                    last = Some(Tried::Failed(step, why));
                    // What was pressed may have done something all the same: if nothing asks any
                    // more, another way would choose twice.
                    if !self.facts.pressed.is_empty() && !self.still_asks(found.as_ref()).await {
                        break;
                    }
                }
                Some(done) => return self.prove(done, found.as_ref()).await,
            }
        }
        self.facts.via = Via::None;
        match last {
            Some(Tried::Failed(step, why)) => self.fail(&step, &why).await,
            _ => self.without_a_way(banner, found.is_some()).await,
        }
    }

    /// What to say where no way had anything to go by.
    async fn without_a_way(&mut self, banner: &BannerRecording, found: bool) -> Interaction {
        match banner {
            BannerRecording::Absent => {
                Interaction::Unavailable { why: "the site shows no banner".to_owned() }
            }
            BannerRecording::Doubtful { why } => {
                let why = why.clone();
                self.fail("find the banner", &why).await
            }
            _ if found => {
                self.fail("operate the banner", "no allowed way to choose knows this banner").await
            }
            _ => self.fail("find the banner", "the banner could not be searched for").await,
        }
    }

    async fn fail(&mut self, step: &str, why: &str) -> Interaction {
        self.picture("failed", "the page when the choice could not be made").await;
        Interaction::Failed {
            why: why.to_owned(),
            step: step.to_owned(),
            pressed_at: self.facts.pressed.first().map(|it| it.at),
        }
    }

    /// Whether a press would read like agreement in a run that refuses.
    fn forbidden(&self, label: &str) -> bool {
        let refuses = matches!(self.facts.choice, Pass::Reject | Pass::Withdraw);
        refuses && self.run.scan.words.meaning(label) == Some(Meaning::Accept)
    }

    /// Refuses a control that would do more than choose, such as end the visit or close an account.
    fn only_chooses(&self, found: &Found, control: usize) -> Result<(), String> {
        let (words, label) = (&self.run.scan.words, found.label(control));
        let leads = found.control(control).and_then(|it| it.leads.as_deref());
        let address = leads.and_then(|it| Url::parse(it).ok());
        let acts = match address {
            Some(url) => links::deed(words, label, &url) == Some(links::Deed::Acts),
            None => words.is_act(label),
        };
        if acts {
            return Err(format!("`{label}` does more than choose and was not pressed"));
        }
        Ok(())
    }

    /// Presses a control of what was found last in its frame.
    async fn press(&mut self, found: &Found, control: usize, layer: u8) -> Result<(), String> {
        let label = found.label(control).to_owned();
        if self.forbidden(&label) {
            return Err(format!("`{label}` reads like agreement and was not pressed"));
        }
        self.only_chooses(found, control)?;
        let point = found.aim(self.run.page, control).await?;
        let kind = found.control(control).map_or(String::new(), |it| it.kind.clone());
        self.press_at(point, &label, &kind, layer).await
    }

    /// Gives a control the focus and presses Enter; for pages that do not hear a pointer.
    async fn press_by_key(
        &mut self,
        found: &Found,
        control: usize,
        layer: u8,
    ) -> Result<(), String> {
        let label = found.label(control).to_owned();
        if self.forbidden(&label) {
            return Err(format!("`{label}` reads like agreement and was not pressed"));
        }
        self.only_chooses(found, control)?;
        // Only what could be pressed by pointer too.
        found.aim(self.run.page, control).await?;
        if !found.focus(self.run.page, control).await {
            return Err(format!("`{label}` does not take the focus"));
        }
        let kind = found.control(control).map_or(String::new(), |it| it.kind.clone());
        let at = self.run.page.log.now();
        self.run.page.enter().await.map_err(|error| error.to_string())?;
        self.note_press(at, &label, &kind, layer);
        Ok(())
    }

    /// Presses at a point where `label` was hit.
    async fn press_at(
        &mut self,
        (x, y): (f64, f64),
        label: &str,
        kind: &str,
        layer: u8,
    ) -> Result<(), String> {
        let first = self.facts.pressed.iter().all(|it| it.label != label);
        if first && let Ok(jpeg) = self.run.page.picture_around(x, y).await {
            let (name, caption) =
                ("pressed".to_owned(), format!("`{label}`, which is pressed next"));
            let at = self.run.page.log.now();
            self.run.pictures.push(Picture { name, caption, at, jpeg });
        }
        let at = self.run.page.log.now();
        self.run.page.press(x, y).await.map_err(|error| error.to_string())?;
        self.note_press(at, label, kind, layer);
        Ok(())
    }

    fn note_press(&mut self, at: u64, label: &str, kind: &str, layer: u8) {
        let meaning = self.run.scan.words.meaning(label).map(|it| it.name().to_owned());
        self.facts.pressed.push(Pressed {
            at,
            label: label.to_owned(),
            meaning,
            kind: kind.to_owned(),
            layer,
        });
        // Hiding the thanks afterwards decides nothing.
        let closes = self.run.scan.words.meaning(label) == Some(Meaning::Acknowledge);
        if !(closes && self.facts.at.is_some()) {
            self.facts.at = Some(at);
        }
    }

    /// Presses the same control until nothing asks any more, or for too long.
    async fn press_until_gone(
        &mut self,
        found: &Found,
        control: usize,
        layer: Layer,
        depth: u8,
    ) -> Result<bool, String> {
        let mut now = (found.clone(), control);
        let begun = std::time::Instant::now();
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
                // An app may have drawn it anew meanwhile: once more, the one that is there now.
                let Some(again) = self.again(found, control, layer).await else {
                    return if self.facts.pressed.is_empty() { Err(why) } else { Ok(true) };
                };
                self.press(&again.0, again.1, depth).await?;
            }
            if self.gone(Some(&now.0), patience).await {
                return Ok(true);
            }
            match self.again(found, control, layer).await {
                Some(again) => now = again,
                None => return Ok(self.gone(None, Duration::from_millis(300)).await),
            }
        }
        Ok(false)
    }

    /// The same control as it is now.
    async fn again(&self, found: &Found, control: usize, layer: Layer) -> Option<(Found, usize)> {
        let now = look::find(self.run.page, &self.run.scan.words, layer).await.ok().flatten()?;
        let at = now.same(found, control)?;
        Some((now, at))
    }

    /// Waits until nothing asks any more and what was pressed can no longer be hit.
    async fn gone(&self, pressed: Option<&Found>, limit: Duration) -> bool {
        let begun = std::time::Instant::now();
        loop {
            let still = match pressed {
                Some(found) => found.hittable(self.run.page).await,
                None => false,
            };
            // While the page loads again there is nothing to ask; that is no proof of anything.
            let found = look::find(self.run.page, &self.run.scan.words, Layer::First).await;
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
            let unheard = pressed.is_some()
                && waited >= UNHEARD
                && self.run.page.log.quiet_for(Duration::ZERO) >= waited;
            if waited >= limit || unheard {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }

    /// Whether the banner that was found first is still there.
    async fn still_asks(&self, found: Option<&Found>) -> bool {
        let now = look::find(self.run.page, &self.run.scan.words, Layer::First).await;
        match (now.ok().flatten(), found) {
            (Some(now), Some(found)) => now.asks_like(found),
            (now, None) => now.is_some(),
            (None, _) => false,
        }
    }

    async fn picture(&mut self, name: &str, caption: &str) {
        let at = self.run.page.log.now();
        // A page that hangs has no picture; that is told by what else of it fails.
        if let Ok(jpeg) = self.run.page.picture().await {
            let (name, caption) = (name.to_owned(), caption.to_owned());
            self.run.pictures.push(Picture { name, caption, at, jpeg });
        }
    }
}
