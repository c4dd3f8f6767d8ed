//! Takes consent back through the site's own control: one on the page, such as a link in the footer
//! or an icon that floats, or what the cookies page holds.

use std::time::Duration;

use url::Url;

use super::{
    by_heuristic, detect,
    detected::{DetectedBanner, MOST_UNKNOWN},
    driver::{Attempt, ChoiceDriver, ChoiceMade, ChoiceRequest},
};
use crate::{
    consent::{Layer, Meaning},
    gather::{links, progress::PassStep, visit::visitor::Visitor},
    model::{Pass, UnknownControl, Via, VisitStatus},
    recording::{BannerRecording, Interaction, Moment, VisitKind},
};

/// How long what a control opens may take to show.
const OPEN: Duration = Duration::from_millis(2500);

/// Controls and pages that are tried before the site counts as one without.
const MOST: usize = 4;

/// Withdraws what was accepted before, and proves it.
pub(super) async fn withdraw(
    visitor: &mut Visitor<'_>,
    request: ChoiceRequest,
    pages: &[Url],
    banner: &mut BannerRecording,
) -> ChoiceMade {
    let mut driver = ChoiceDriver::new(visitor, request);
    let interaction = driver.withdraw(pages).await;
    driver.conclude(banner, interaction)
}

impl ChoiceDriver<'_, '_> {
    async fn withdraw(&mut self, pages: &[Url]) -> Interaction {
        self.visitor.say(PassStep::SeekingWithdrawal);
        self.facts.visible_ms = Some(self.visitor.tab.log.now());
        self.before = Some(self.visitor.read_storage(self.visit).await);
        if self.visitor.scan.settings.consent_by.contains(&Via::Recipe) {
            self.facts.via = Via::Recipe;
            match self.by_recipe(Pass::Withdraw).await {
                None => (),
                Some(Attempt::Failed { step, why }) => return self.fail(&step, &why).await,
                Some(done) => return self.verify(done, None).await,
            }
        }
        self.facts.via = Via::Heuristic;
        let mut failure = None;
        match self.on_this_page().await {
            None | Some(Attempt::Unavailable { .. }) => (),
            Some(Attempt::Failed { step, why }) => failure = Some((step, why)),
            Some(done) => return self.verify(done, None).await,
        }
        for url in pages.iter().take(MOST) {
            let (visit, outcome) = self.visitor.open(VisitKind::Page, url.as_str()).await;
            if outcome.status != VisitStatus::Ok {
                continue;
            }
            self.visit = visit;
            self.visitor.checkpoint(visit, Moment::Page).await;
            self.facts.visible_ms = Some(self.visitor.tab.log.now());
            let tried = match self.refuse_on_this_page(1).await {
                Attempt::Unavailable { .. } => self.on_this_page().await,
                tried => Some(tried),
            };
            match tried {
                None | Some(Attempt::Unavailable { .. }) => (),
                Some(Attempt::Failed { step, why }) => failure = Some((step, why)),
                Some(done) => return self.verify(done, None).await,
            }
        }
        self.facts.via = Via::None;
        let pressed: Vec<&str> = self.facts.pressed.iter().map(|it| it.label.as_str()).collect();
        let tried = |it: &UnknownControl| !it.label.is_empty() && pressed.contains(&&*it.label);
        self.facts.not_understood = self.outside.iter().filter(|it| !tried(it)).cloned().collect();
        if let Some((step, why)) = failure {
            return self.fail(&step, &why).await;
        }
        let words = &self.visitor.scan.words;
        let relevant =
            |it: &&UnknownControl| it.label.is_empty() || words.is_about_consent(&it.label);
        if let Some(unknown) = self.facts.not_understood.iter().find(relevant) {
            let why = match unknown.label.as_str() {
                "" => "what a control without a text does is not known".to_owned(),
                label => format!("what `{label}` does is not known"),
            };
            return self.fail("find a control that takes consent back", &why).await;
        }
        self.picture("failed", "the page, without a way to withdraw").await;
        Interaction::Unavailable {
            why: "no control on the page, and none on its cookies pages, takes consent back"
                .to_owned(),
        }
    }

    /// By a control of the page that is open, if it has one.
    async fn on_this_page(&mut self) -> Option<Attempt> {
        let words = &self.visitor.scan.words;
        // Some controls come out only when the pointer is near the edge.
        self.visitor.tab.sweep().await;
        let frames = detect::all_controls(&self.visitor.tab).await.ok()?;
        for found in &frames {
            let unknown = found.unknown_outside(&self.visitor.tab, words);
            for control in unknown {
                if !self.outside.contains(&control) {
                    self.outside.push(control);
                }
            }
        }
        self.outside.truncate(MOST_UNKNOWN);
        let mut last = None;
        for found in frames {
            for control in self.taking_back(&found) {
                let label = found.label(control).to_owned();
                let step = format!("press `{label}`");
                // Pages change under our hands: the control as it is now.
                let Some((found, control)) = self.same_outside(&found, control).await else {
                    continue;
                };
                let takes_back = self.visitor.scan.words.meaning(&label) == Some(Meaning::Withdraw);
                if let Err(why) = self.press(&found, control, 1).await {
                    last = Some(Attempt::Failed { step, why });
                    continue;
                }
                let tried = self.behind_control(&step, takes_back).await;
                match self.answer_what_follows(tried).await {
                    Attempt::Failed { step, why } => last = Some(Attempt::Failed { step, why }),
                    Attempt::Unavailable { .. } => (),
                    done => return Some(done),
                }
            }
        }
        last
    }

    /// The controls that may take back consent to cookies, best first. Those that lead elsewhere and do not speak of
    /// cookies come last, and those about something else that people consent to are none.
    fn taking_back(&self, found: &DetectedBanner) -> Vec<usize> {
        let words = &self.visitor.scan.words;
        let leads = |at: usize| {
            let address = found.control(at)?.leads.as_deref()?;
            Url::parse(address).ok()
        };
        let mut controls = by_heuristic::withdrawing(words, found.controls());
        controls.retain(|&at| {
            let takes_back = words.meaning(found.label(at)) == Some(Meaning::Withdraw);
            !(takes_back && links::is_other_matter(found.label(at), leads(at).as_ref()))
        });
        controls
            .sort_by_key(|&at| leads(at).is_some() && !links::is_about_cookies(found.label(at)));
        controls.truncate(MOST);
        controls
    }

    /// What a control opened: the banner again, a layer of it, or nothing because it did the work.
    async fn behind_control(&mut self, step: &str, takes_back: bool) -> Attempt {
        let words = &self.visitor.scan.words;
        let opened = detect::wait_for_layer(&self.visitor.tab, words, &[], OPEN).await;
        match opened {
            Some(layer) if layer.offer.reject.is_some() || layer.offer.save.is_some() => {
                self.refuse_in(layer, 2).await
            }
            // A layer with nothing but what takes consent back; the control that was pressed is none.
            Some(layer) if layer.offer.withdraw.is_some() && !layer.asks() => {
                let pressed = self.facts.pressed.last().map(|it| it.label.as_str());
                let label = layer.offer.withdraw.map(|at| layer.label(at));
                if label != pressed {
                    return self.refuse_in(layer, 2).await;
                }
                if takes_back {
                    return Attempt::Sent;
                }
                let why = "nothing showed that could be understood".to_owned();
                Attempt::Failed { step: step.to_owned(), why }
            }
            Some(layer) => {
                let first = detect::find_banner(&self.visitor.tab, words, Layer::First)
                    .await
                    .ok()
                    .flatten();
                self.refuse(first.unwrap_or(layer)).await
            }
            None if takes_back => Attempt::Sent,
            None => Attempt::Failed {
                step: step.to_owned(),
                why: "nothing showed that could be understood".to_owned(),
            },
        }
    }

    /// The control that says the same now.
    async fn same_outside(
        &self,
        found: &DetectedBanner,
        control: usize,
    ) -> Option<(DetectedBanner, usize)> {
        let now = detect::all_controls(&self.visitor.tab).await.ok()?;
        let label = found.label(control);
        now.into_iter().find_map(|frame| {
            let at = frame.controls().iter().position(|it| it.text == label)?;
            Some((frame, at))
        })
    }
}
