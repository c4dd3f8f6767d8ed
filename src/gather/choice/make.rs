//! Makes a choice by whichever allowed way knows the banner, and proves it.

use super::{
    by_heuristic, detect,
    detected::DetectedBanner,
    driver::{Attempt, ChoiceDriver, ChoiceMade, ChoiceRequest},
    withdraw,
};
use crate::{
    consent::Layer,
    gather::{progress::PassStep, visit::visitor::Visitor},
    model::Via,
    recording::{BannerRecording, Interaction},
};
use url::Url;

/// Makes the choice and proves it. What is learnt of the banner on the way goes into its recording.
pub(in crate::gather) async fn choose(
    visitor: &mut Visitor<'_>,
    request: ChoiceRequest,
    banner: &mut BannerRecording,
) -> ChoiceMade {
    let mut driver = ChoiceDriver::new(visitor, request);
    let interaction = driver.make(banner).await;
    driver.conclude(banner, interaction)
}

/// Withdraws what was accepted before, by the page that is open or by one of `pages`, and proves it.
pub(in crate::gather) async fn withdraw(
    visitor: &mut Visitor<'_>,
    request: ChoiceRequest,
    pages: &[Url],
    banner: &mut BannerRecording,
) -> ChoiceMade {
    withdraw::withdraw(visitor, request, pages, banner).await
}

/// Opens the settings of a banner to see what is there, and chooses nothing. `None` if it has no settings to open.
pub(in crate::gather) async fn peek(
    visitor: &mut Visitor<'_>,
    request: ChoiceRequest,
    banner: &mut BannerRecording,
) -> Option<ChoiceMade> {
    by_heuristic::peek(visitor, request, banner).await
}

impl ChoiceDriver<'_, '_> {
    async fn make(&mut self, banner: &BannerRecording) -> Interaction {
        let choice = self.facts.choice;
        let found = self.request.banner.clone();
        if let BannerRecording::Found { facts, .. } = banner {
            self.facts.visible_ms = Some(facts.visible_at);
        }
        self.visitor.say(PassStep::Choosing(choice));
        self.frame_url = found.as_ref().and_then(DetectedBanner::frame_url).map(str::to_owned);
        self.picture("banner", "the page before anything was pressed").await;
        self.before = Some(self.visitor.read_storage(self.visit).await);
        if let Some(autoconsent) = &self.request.autoconsent {
            autoconsent.look_meanwhile();
        }
        let mut last = None;
        for via in self.visitor.scan.settings.consent_by.clone() {
            self.facts.via = via;
            self.needs.clear();
            let tried = match (via, &found) {
                (Via::Recipe, _) => self.by_recipe(choice).await,
                (Via::Autoconsent, _) => self.by_autoconsent().await,
                (Via::Heuristic, Some(found)) => Some(self.by_heuristic(found.clone()).await),
                (Via::Heuristic | Via::None, _) => None,
            };
            match tried {
                // This way does not know the banner.
                None => (),
                Some(Attempt::Failed { step, why }) => {
                    last = Some((step, why));
                    // What was pressed may have done something all the same: if nothing asks any
                    // more, another way would choose twice.
                    let asks = self.still_asks(found.as_ref()).await || self.is_layer_open().await;
                    if !self.facts.pressed.is_empty() && !asks {
                        break;
                    }
                }
                Some(done) => return self.verify(done, found.as_ref()).await,
            }
        }
        self.facts.via = Via::None;
        match last {
            Some((step, why)) => self.fail(&step, &why).await,
            None => self.without_a_way(banner, found.is_some()).await,
        }
    }

    /// Whether the settings of the banner are open, such as where one way of choosing has got no further.
    async fn is_layer_open(&self) -> bool {
        let (tab, words) = (&self.visitor.tab, &self.visitor.scan.words);
        let layer = detect::find_banner(tab, words, Layer::Deeper).await.ok().flatten();
        layer.is_some_and(|it| {
            it.offer.over && (it.offer.reject.is_some() || it.offer.save.is_some())
        })
    }

    /// What to say where no way knew the banner.
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
}
