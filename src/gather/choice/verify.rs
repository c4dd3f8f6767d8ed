//! Proves a choice: nothing asks any more, it was stored, and both still hold after a reload and on
//! a second page. "The click did not fail" is no proof.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use url::Url;

use super::{
    consent_apis, detect,
    detected::DetectedBanner,
    driver::{Attempt, ChoiceDriver},
};
use crate::{
    consent::{self, Layer},
    gather::progress::PassStep,
    model::{Pass, Proof, StoredChoice, VisitStatus, site},
    recording::{
        Checkpoint, IdleResult, Interaction, JarCookie, Moment, ProblemKind, StorageItem, VisitKind,
    },
};

/// Something that is stored: what it is, in words, and the digest of its value, which is empty for what was removed.
type StoredItem = (String, String);

/// How long storing a choice may take.
const STORE: Duration = Duration::from_millis(2500);

impl ChoiceDriver<'_, '_> {
    /// Compares what was tried with what changed.
    pub(super) async fn verify(
        &mut self,
        tried: Attempt,
        found: Option<&DetectedBanner>,
    ) -> Interaction {
        let gone = match tried {
            Attempt::Gone => true,
            Attempt::Sent => false,
            Attempt::Unavailable { why } => return Interaction::Unavailable { why },
            Attempt::Failed { step, why } => return self.fail(&step, &why).await,
        };
        if let Some(autoconsent) = &self.request.autoconsent {
            autoconsent.retire();
        }
        let label = self.facts.pressed.last().map_or(String::new(), |it| it.label.clone());
        let step = format!("press `{label}`");
        let stored = self.await_stored().await;
        if !stored.is_empty() {
            self.facts.chosen_ms = Some(self.visitor.tab.log.now());
        }

        self.visitor.say(PassStep::WatchingChoice);
        // What accepting does is watched in the pass that only accepts.
        let brief = self.request.is_step;
        let rest = if brief {
            self.visitor.settle_briefly().await
        } else {
            self.visitor.watch_choice().await
        };
        if rest == IdleResult::Failed {
            let died = if self.visitor.tab.cdp().is_closed() {
                ProblemKind::BrowserGone
            } else {
                ProblemKind::RendererCrashed
            };
            self.visitor.gap(died, "the page died after the choice".to_owned());
        }
        self.picture("after", &format!("the page after `{label}` was pressed")).await;
        self.visitor.checkpoint(self.visit, Moment::Chosen).await;
        if self.facts.choice == self.visitor.pass {
            self.visitor.has_chosen();
        }
        let stored = match (stored.is_empty(), self.visitor.last_checkpoint()) {
            (true, Some(after)) => self.changes(after),
            _ => stored,
        };
        self.facts.stored = stored.iter().map(|(name, _)| name.clone()).collect();
        if !stored.is_empty() {
            self.facts.chosen_ms.get_or_insert(self.visitor.tab.log.now());
        }
        let asks = self.reload(found).await;
        // Someone who has taken consent back may be asked again: that is how many sites forget it.
        let asks = match asks {
            Ok(true) if self.facts.choice == Pass::Withdraw => {
                self.facts.asked_again = None;
                Ok(false)
            }
            asks => asks,
        };
        let kept = self.kept(&stored);
        let second = match (&asks, kept) {
            (Ok(false), true) if self.facts.choice != Pass::Withdraw && !brief => {
                self.second_page(found).await
            }
            _ => Ok(false),
        };
        self.facts.signals = consent_apis::read_signals(&self.visitor.tab).await;
        let records = self.read_records(&stored).await;
        self.facts.record = merged(&records);
        self.facts.doubts.clone_from(&self.doubts);
        let open_question = match self.facts.choice {
            Pass::Reject | Pass::Withdraw if self.answers > 0 => self.open_question(&records),
            _ => None,
        };

        // A form in the text of a page has no banner to go; the start page then has none to show.
        let gone = gone || asks == Ok(false);
        let mut proof = Vec::new();
        proof.extend(gone.then_some(Proof::BannerGone));
        proof.extend((!stored.is_empty()).then_some(Proof::ConsentStored));
        let persists = asks == Ok(false) && kept && second == Ok(false);
        proof.extend(persists.then_some(Proof::PersistsAfterReload));
        self.facts.proof.clone_from(&proof);
        let why = match (gone, stored.is_empty(), asks, second) {
            (false, _, Ok(true), _) => format!("`{label}` was pressed, and the banner stayed"),
            (_, true, ..) => {
                format!("`{label}` was pressed and the banner went, but nothing was stored")
            }
            (_, _, Err(why), _) | (_, _, _, Err(why)) => why,
            (_, _, Ok(true), _) => {
                format!("`{label}` was pressed, but after a reload the banner asked again")
            }
            (_, _, _, Ok(true)) => {
                format!("`{label}` was pressed, but on a second page the banner asked again")
            }
            _ if !kept => "what was stored by the choice was gone after a reload".to_owned(),
            _ if open_question.is_some() => open_question.unwrap_or_default(),
            _ => {
                self.facts.proved_ms = Some(self.visitor.tab.log.now());
                let steps = self.facts.steps().into_iter().map(str::to_owned).collect();
                let at = self.facts.at.unwrap_or_default();
                return Interaction::Done { at, via: self.facts.via, steps, proof };
            }
        };
        self.fail(&step, &why).await
    }

    /// Why a save of settings is no proof of a refusal, if it is none: they were not understood in full, and what the site
    /// stored does not say that it is one either; or it says the opposite.
    fn open_question(&self, records: &[StoredChoice]) -> Option<String> {
        if let Some(first) = records.iter().flat_map(|it| &it.granted).next() {
            return Some(format!(
                "the settings were saved, and the site stored a yes to `{first}`"
            ));
        }
        let doubt = self.doubts.first()?;
        let by_interface = self.facts.signals.iter().any(|it| {
            // Consent mode may be denied from the start and never be asked again.
            it.source != "google-consent-mode" && it.granted.is_empty() && !it.denied.is_empty()
        });
        if by_interface || records.iter().any(|it| consent::refuses(it, self.answers)) {
            return None;
        }
        Some(format!("the settings were saved, and whether that refuses is not known: {doubt}"))
    }

    /// What the items that the choice stored say, as far as they can be read.
    async fn read_records(&self, stored: &BTreeSet<StoredItem>) -> Vec<StoredChoice> {
        let names = self.stored_names(stored);
        let records = consent_apis::read_records(&self.visitor.tab, &names).await;
        let words = &self.visitor.scan.words;
        let read = |(name, value): &(String, String)| consent::read_record(words, name, value);
        records.iter().filter_map(read).collect()
    }

    /// The names of what was stored, as the page knows them.
    fn stored_names(&self, stored: &BTreeSet<StoredItem>) -> BTreeSet<String> {
        let labels: BTreeSet<&str> = stored.iter().map(|(label, _)| label.as_str()).collect();
        let Some(last) = self.visitor.last_checkpoint() else { return BTreeSet::new() };
        let cookies = last.jar.iter().map(|it| (cookie_label(it), &it.name));
        let items = last.storage.iter().map(|it| (storage_label(it), &it.key));
        cookies
            .chain(items)
            .filter(|(label, _)| labels.contains(label.as_str()))
            .map(|(_, name)| name.clone())
            .collect()
    }

    /// What the choice changed, as soon as it has.
    pub(super) async fn await_stored(&mut self) -> BTreeSet<StoredItem> {
        let begun = Instant::now();
        loop {
            // A page that is done stores nothing any more.
            let is_done = self.visitor.tab.is_done_for(STORE).await;
            let now = self.visitor.read_storage(self.visit).await;
            let changes = self.changes(&now);
            if !changes.is_empty() || is_done || begun.elapsed() > STORE {
                return changes;
            }
            tokio::time::sleep(Duration::from_millis(120)).await;
        }
    }

    /// What is new, different or gone, apart from what changes without anybody pressing anything.
    pub(super) fn changes(&self, after: &Checkpoint) -> BTreeSet<StoredItem> {
        let Some(before) = &self.before else { return BTreeSet::new() };
        let (old, new) = (self.items(before), self.items(after));
        let restless: BTreeSet<String> = self.earlier.as_ref().map_or_else(BTreeSet::new, |it| {
            let earlier = self.items(it);
            earlier.symmetric_difference(&old).map(|(name, _)| name.clone()).collect()
        });
        let mut changes: BTreeSet<StoredItem> =
            new.difference(&old).filter(|(name, _)| !restless.contains(name)).cloned().collect();
        if self.facts.choice == Pass::Withdraw {
            let names: BTreeSet<&String> = new.iter().map(|(name, _)| name).collect();
            let removed = old.iter().filter(|(name, _)| !names.contains(name));
            changes.extend(removed.map(|(name, _)| (name.clone(), String::new())));
        }
        // A recipe knows where the choice is kept; nothing else proves it then.
        if !self.needs.is_empty() {
            changes.retain(|(name, _)| self.needs.iter().any(|it| name.contains(it.as_str())));
        }
        changes
    }

    /// Whether something that the choice changed is still as it left it, or at least still there.
    fn kept(&self, stored: &BTreeSet<StoredItem>) -> bool {
        self.visitor.last_checkpoint().is_some_and(|last| {
            let now = self.items(last);
            stored.iter().any(|(name, value)| match value.as_str() {
                "" => !now.iter().any(|(there, _)| there == name),
                _ => now.iter().any(|(there, _)| there == name),
            })
        })
    }

    /// What the target's own site, and that of the banner's frame, have stored, by name and with
    /// its value's digest.
    fn items(&self, checkpoint: &Checkpoint) -> BTreeSet<StoredItem> {
        let own = site::of_url(&self.visitor.scan.target).unwrap_or_default();
        let frame = self.frame_url.as_deref().and_then(|url| Url::parse(url).ok());
        let frame = frame.as_ref().and_then(site::of_url).unwrap_or_else(|| own.clone());
        let ours = |site: &str| site == own || site == frame;
        let cookies = checkpoint
            .jar
            .iter()
            .filter(|it| ours(&site::of_host(&it.domain)))
            .map(|it| (cookie_label(it), it.value.clone()));
        let storage = checkpoint
            .storage
            .iter()
            .filter(|it| site::host_of(&it.origin).is_some_and(|host| ours(&site::of_host(&host))))
            .map(|it| (storage_label(it), it.value.clone()));
        cookies.chain(storage).collect()
    }

    /// Opens the start page again; says whether the banner asks again.
    async fn reload(&mut self, found: Option<&DetectedBanner>) -> Result<bool, String> {
        self.visitor.say(PassStep::ReopeningStart);
        let url = self.visitor.scan.target.to_string();
        self.ask_page_again(VisitKind::Reload, &url, Moment::Reloaded, found).await
    }

    /// Opens a second page; says whether the banner asks again there. Without a second page it does not.
    async fn second_page(&mut self, found: Option<&DetectedBanner>) -> Result<bool, String> {
        let Some(url) = self.request.second_page.clone() else { return Ok(false) };
        self.visitor.say(PassStep::OpeningPage { path: url.path().to_owned() });
        self.ask_page_again(VisitKind::Page, url.as_str(), Moment::Page, found).await
    }

    async fn ask_page_again(
        &mut self,
        kind: VisitKind,
        url: &str,
        moment: Moment,
        found: Option<&DetectedBanner>,
    ) -> Result<bool, String> {
        let (visit, outcome) = if self.request.is_step {
            self.visitor.open_briefly(kind, url).await
        } else {
            self.visitor.open(kind, url).await
        };
        self.visit = visit;
        let asks = match outcome.status {
            VisitStatus::Ok => {
                detect::find_banner(&self.visitor.tab, &self.visitor.scan.words, Layer::First)
                    .await
                    .map(|now| match (now, found) {
                        (Some(now), Some(before)) => {
                            now.asks() && (kind == VisitKind::Reload || now.asks_like(before))
                        }
                        (Some(now), None) => now.asks(),
                        (None, _) => false,
                    })
                    .map_err(|error| {
                        format!("after the choice {url} could not be searched: {error}")
                    })
            }
            // A page that is not there cannot ask; the start page must be.
            _ if kind == VisitKind::Page => Ok(false),
            _ => Err("the start page could not be opened again".to_owned()),
        };
        self.visitor.checkpoint(visit, moment).await;
        if asks == Ok(true) && !self.facts.stored.is_empty() {
            self.facts.asked_again = Some(self.visitor.tab.log.redactor().url(url));
        }
        asks
    }
}

/// What several records say together, short enough to keep.
fn merged(records: &[StoredChoice]) -> Option<StoredChoice> {
    let short = |all: Vec<&String>| {
        let names: BTreeSet<String> =
            all.into_iter().filter(|it| it.len() <= 80).cloned().collect();
        names.into_iter().take(60).collect()
    };
    (!records.is_empty()).then(|| StoredChoice {
        granted: short(records.iter().flat_map(|it| &it.granted).collect()),
        denied: short(records.iter().flat_map(|it| &it.denied).collect()),
        denies_all: records.iter().any(|it| it.denies_all),
    })
}

fn cookie_label(cookie: &JarCookie) -> String {
    format!("cookie {} {} {}", cookie.name, cookie.domain, cookie.path)
}

fn storage_label(item: &StorageItem) -> String {
    format!("{} {} {}", item.store.name(), item.key, item.origin)
}
