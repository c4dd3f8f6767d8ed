//! Takes consent back through the site's own control: one on the page, such as a link in the footer
//! or an icon that floats, or what the cookies page holds.

use std::time::Duration;

use url::Url;

use super::{Chooser, Found, Tried, layers, look};
use crate::{
    consent::{Layer, Meaning},
    gather::{progress::PassStep, scan::pass::Run},
    model::{Pass, Via, VisitStatus},
    recording::{BannerRecording, Interaction, Moment, VisitKind},
};

/// How long what a control opens may take to show.
const OPEN: Duration = Duration::from_millis(2500);

/// Controls and pages that are tried before the site counts as one without.
const MOST: usize = 4;

/// Withdraws what was accepted before, and proves it.
pub(in crate::gather) async fn withdraw(
    run: &mut Run<'_>,
    visit: usize,
    pages: &[Url],
    banner: &mut BannerRecording,
) -> Interaction {
    let mut chooser = Chooser::new(run, visit, Pass::Withdraw);
    let interaction = chooser.withdraw(pages).await;
    chooser.conclude(banner);
    interaction
}

impl Chooser<'_, '_> {
    async fn withdraw(&mut self, pages: &[Url]) -> Interaction {
        self.run.say(PassStep::SeekingWithdrawal);
        self.facts.visible_ms = Some(self.run.page.log.now());
        self.before = Some(self.run.stock(self.visit).await);
        if self.run.scan.settings.consent_by.contains(&Via::Recipe) {
            self.facts.via = Via::Recipe;
            match self.by_recipe(Pass::Withdraw).await {
                None => (),
                Some(Tried::Failed(step, why)) => return self.fail(&step, &why).await,
                Some(done) => return self.prove_withdrawal(done).await,
            }
        }
        self.facts.via = Via::Heuristic;
        let mut failure = None;
        match self.on_this_page().await {
            None | Some(Tried::Unavailable(_)) => (),
            Some(Tried::Failed(step, why)) => failure = Some((step, why)),
            Some(done) => return self.prove_withdrawal(done).await,
        }
        for url in pages.iter().take(MOST) {
            let (visit, judged) = self.run.open(VisitKind::Page, url.as_str()).await;
            if judged.status != VisitStatus::Ok {
                continue;
            }
            self.visit = visit;
            self.run.checkpoint(visit, Moment::Page).await;
            self.facts.visible_ms = Some(self.run.page.log.now());
            let tried = match self.refuse_on_this_page(1).await {
                Tried::Unavailable(_) => self.on_this_page().await,
                tried => Some(tried),
            };
            match tried {
                None | Some(Tried::Unavailable(_)) => (),
                Some(Tried::Failed(step, why)) => failure = Some((step, why)),
                Some(done) => return self.prove_withdrawal(done).await,
            }
        }
        self.facts.via = Via::None;
        if let Some((step, why)) = failure {
            return self.fail(&step, &why).await;
        }
        self.picture("failed", "the page, without a way to withdraw").await;
        Interaction::Unavailable {
            why: "no control on the page, and none on its cookies pages, takes consent back"
                .to_owned(),
        }
    }

    /// By a control of the page that is open, if it has one.
    async fn on_this_page(&mut self) -> Option<Tried> {
        let words = &self.run.scan.words;
        // Some controls come out only when the pointer is near the edge.
        self.run.page.sweep().await;
        let frames = look::everything(self.run.page).await.ok()?;
        let mut last = None;
        for found in frames {
            for control in layers::withdrawing(words, found.controls()).into_iter().take(MOST) {
                let label = found.label(control).to_owned();
                let step = format!("press `{label}`");
                // Pages change under our hands: the control as it is now.
                let Some((found, control)) = self.same_outside(&found, control).await else {
                    continue;
                };
                let takes_back = self.run.scan.words.meaning(&label) == Some(Meaning::Withdraw);
                if let Err(why) = self.press(&found, control, 1).await {
                    last = Some(Tried::Failed(step, why));
                    continue;
                }
                match self.behind_control(&step, takes_back).await {
                    Tried::Failed(step, why) => last = Some(Tried::Failed(step, why)),
                    Tried::Unavailable(_) => (),
                    done => return Some(done),
                }
            }
        }
        last
    }

    /// What a control opened: the banner again, a layer of it, or nothing because it did the work.
    async fn behind_control(&mut self, step: &str, takes_back: bool) -> Tried {
        let words = &self.run.scan.words;
        let opened = look::wait_deeper(self.run.page, words, &[], OPEN).await;
        match opened {
            Some(layer) if layer.offer.reject.is_some() || layer.offer.save.is_some() => {
                self.refuse_in(layer, 2).await
            }
            Some(layer) => {
                let first = look::find(self.run.page, words, Layer::First).await.ok().flatten();
                self.refuse(first.unwrap_or(layer)).await
            }
            None if takes_back => Tried::Sent,
            None => {
                Tried::Failed(step.to_owned(), "nothing showed that could be understood".to_owned())
            }
        }
    }

    /// The control that says the same now.
    async fn same_outside(&self, found: &Found, control: usize) -> Option<(Found, usize)> {
        let now = look::everything(self.run.page).await.ok()?;
        let label = found.label(control);
        now.into_iter().find_map(|frame| {
            let at = frame.controls().iter().position(|it| it.text == label)?;
            Some((frame, at))
        })
    }

    /// Proves a withdrawal. That the banner asks again is right after one, and no fault.
    async fn prove_withdrawal(&mut self, tried: Tried) -> Interaction {
        self.prove(tried, None).await
    }
}
