//! Looks for the page's banner, in every frame, and describes it.

use std::time::{Duration, Instant};

use serde_json::Value;
use url::Url;

use super::{
    detected::{DetectedBanner, answer, call},
    doubt,
    frames::{self, Frame},
};
use crate::{
    consent::{self, Control, Layer, Meaning, Offer, Scope, Words},
    gather::{cdp::connection::CdpError, tab::page::Tab},
    model::site,
    recording::BannerRecording,
};

/// What the settings of a banner speak of that do not say "cookies" again.
const PURPOSES: &str = "analytics|marketing|advertising|purposes?|partners?|vendors?|privacy|preferences|categories|dadansoddi|finalit|zweck|finalidad|finalità|doeleinden|cele|finalidade";

/// What banners speak of that do not speak of cookies.
const PERSONAL: &str = "privacy|personal (?:data|information)|services we|data protection|preifatrwydd|datenschutz|donnees personnelles|données personnelles|datos personales|dati personali|persoonsgegevens|dane osobowe|dados pessoais";

/// Answers to any question at all.
const PLAIN: &[&str] = &[
    "yes", "no", "ie", "ydw", "na", "nac", "oui", "non", "ja", "nein", "si", "sí", "nee", "tak",
    "nie", "sim", "nao", "não", "ok",
];

/// How long after a page has arrived its banner may come.
pub(in crate::gather) const LATE: Duration = Duration::from_millis(6500);

/// What is on the page now.
pub(in crate::gather) async fn detect_banner(
    tab: &Tab,
    words: &Words,
) -> Result<(BannerRecording, Option<DetectedBanner>), CdpError> {
    let seen_at = tab.log.now();
    if let Some(found) = find_banner(tab, words, Layer::First).await? {
        let facts = found.facts(tab, words, seen_at).await;
        return Ok((found.recording(facts), Some(found)));
    }
    Ok(match doubt::possible_banner(tab).await? {
        Some(why) => (BannerRecording::Doubtful { why }, None),
        None => (BannerRecording::Absent, None),
    })
}

/// The banner, or a deeper layer of it, if one is there that was understood.
pub(super) async fn find_banner(
    tab: &Tab,
    words: &Words,
    layer: Layer,
) -> Result<Option<DetectedBanner>, CdpError> {
    let frames = frames::visible_frames(tab).await?;
    let mut best: Option<DetectedBanner> = None;
    for at in 0..frames.len() {
        let found = match find_in(tab, words, &frames, at, layer).await {
            Ok(found) => found,
            // A frame may go away while it is looked at; the page itself must answer.
            Err(_) if at > 0 => continue,
            Err(error) => return Err(error),
        };
        let Some(found) = found else { continue };
        let rank = |it: &DetectedBanner| {
            let choices = u8::from(it.offer.accept.is_some()) + u8::from(it.offer.reject.is_some());
            (it.offer.over, choices)
        };
        if best.as_ref().is_none_or(|best| rank(&found) > rank(best)) {
            best = Some(found);
        }
    }
    Ok(best)
}

async fn find_in(
    tab: &Tab,
    words: &Words,
    frames: &[Frame],
    at: usize,
    layer: Layer,
) -> Result<Option<DetectedBanner>, CdpError> {
    let frame = &frames[at];
    frame.load_finder(tab).await?;
    let mut controls = list_controls(tab, frame).await?;
    consent::pair_up(words, &mut controls);
    for control in &mut controls {
        // What only invites to choose shows nothing of the choice, like the head of something folded up.
        let is_button = control.leads.is_none() && !control.here && !control.typed;
        control.folded |= is_button && control.over && words.invites_to_choose(&control.text);
    }
    let meanings: Vec<Option<Meaning>> = controls
        .iter()
        .map(|control| control.meaning(words))
        .zip(&controls)
        // A button that waits for an answer saves all the same; any other that cannot be pressed offers nothing.
        .map(|(meaning, it)| meaning.filter(|is| !it.disabled || *is == Meaning::Save))
        .collect();
    let decides = |at: usize| match meanings[at] {
        Some(Meaning::Settings) => controls[at].folded,
        None => false,
        // What withdraws, on a page that is no banner, is found by who looks for it.
        Some(Meaning::Withdraw) => layer == Layer::Deeper && controls[at].over,
        Some(Meaning::Save) => layer == Layer::Deeper || controls[at].over,
        Some(_) => true,
    };
    if !(0..controls.len()).any(decides) {
        return Ok(None);
    }
    let telling: Vec<Value> =
        (0..controls.len()).filter(|&at| meanings[at].is_some()).map(Value::from).collect();
    let mentions = match layer {
        Layer::First => words.mentions().to_owned(),
        Layer::Deeper => format!("{}|{PURPOSES}", words.mentions()),
    };
    let telling = Value::from(telling);
    let scopes = async |mentions: &str| -> Result<Vec<Scope>, CdpError> {
        let loose = (layer == Layer::Deeper).into();
        let ask = call("scopes", &[telling.clone(), mentions.into(), loose]);
        let mut scopes: Vec<Scope> = answer(frame.ask(tab, &ask).await?)?;
        for scope in &mut scopes {
            scope.over |= frame.over;
        }
        Ok(scopes)
    };
    let mut offer = consent::offer(words, &controls, &scopes(&mentions).await?, layer);
    if offer.is_none() && layer == Layer::First {
        // Some ask for consent without a word of cookies. What lies over the page, speaks of personal
        // data and can be accepted and refused in so many words is one of them; yes and no are not
        // enough, or every newsletter would be.
        offer = consent::offer(words, &controls, &scopes(PERSONAL).await?, layer);
        offer = offer.filter(|it| {
            let plain = |at: Option<usize>| {
                at.is_none_or(|at| {
                    let first = controls[at].text.split_whitespace().next().unwrap_or_default();
                    let first = first.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase();
                    PLAIN.contains(&first.as_str())
                })
            };
            it.over && !plain(it.accept) && !plain(it.reject)
        });
    }
    if offer.is_none() && layer == Layer::First {
        // Or of visits that are counted: what lies over the page and is answered by yes or no to the same.
        let is_pair = |at: Option<usize>| at.is_some_and(|at| controls[at].means.is_some());
        offer = consent::offer(words, &controls, &scopes(doubt::TRACKS).await?, layer);
        offer = offer.filter(|it| it.over && is_pair(it.accept) && is_pair(it.reject));
    }
    Ok(offer.map(|offer| DetectedBanner { frames: frames.to_vec(), frame: at, controls, offer }))
}

/// Everything that can be pressed in a frame. A link, and a form that is sent, stay on the site if their addresses do.
async fn list_controls(tab: &Tab, frame: &Frame) -> Result<Vec<Control>, CdpError> {
    let mut controls: Vec<Control> = answer(frame.ask(tab, "finder.list()").await?)?;
    let site_of = |url: &str| Url::parse(url).ok().as_ref().and_then(site::of_url);
    let own = site_of(&frame.url);
    for control in &mut controls {
        let is_own = |url: &String| own.is_none() || site_of(url) == own;
        control.stays &= control.leads.as_ref().is_none_or(is_own);
        control.typed |= !control.posts.as_ref().is_none_or(is_own);
    }
    Ok(controls)
}

/// Everything that can be pressed in any frame, with the frame it is in; for controls that stand
/// outside a banner.
pub(super) async fn all_controls(tab: &Tab) -> Result<Vec<DetectedBanner>, CdpError> {
    let frames = frames::visible_frames(tab).await?;
    let mut all = Vec::new();
    for at in 0..frames.len() {
        let Ok(()) = frames[at].load_finder(tab).await else { continue };
        let Ok(controls) = list_controls(tab, &frames[at]).await else { continue };
        all.push(DetectedBanner {
            frames: frames.clone(),
            frame: at,
            controls,
            offer: Offer::default(),
        });
    }
    Ok(all)
}

/// Waits until a banner is there and stays the same for two looks, `limit` at most.
pub(in crate::gather) async fn wait_for_banner(
    tab: &Tab,
    words: &Words,
    limit: Duration,
) -> Result<(BannerRecording, Option<DetectedBanner>), CdpError> {
    let begun = Instant::now();
    let mut last: Option<(DetectedBanner, u64)> = None;
    while begun.elapsed() < limit {
        // A page that is done brings no banner any more. Asked first: what comes meanwhile is found.
        let is_done = tab.is_done_for(limit.saturating_sub(begun.elapsed())).await;
        let now = tab.log.now();
        match find_banner(tab, words, Layer::First).await? {
            Some(found) => {
                // Its handlers may be bound after it is shown: once more, a moment later.
                let since = match &last {
                    Some((before, since)) if before.asks_like(&found) => *since,
                    _ => {
                        last = Some((found, now));
                        tokio::time::sleep(Duration::from_millis(60)).await;
                        continue;
                    }
                };
                let facts = found.facts(tab, words, since).await;
                return Ok((found.recording(facts), Some(found)));
            }
            None if is_done => break,
            None => last = None,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    detect_banner(tab, words).await
}

/// Waits until something that is not what `before` was is there to refuse, accept or save by.
pub(super) async fn wait_for_layer(
    tab: &Tab,
    words: &Words,
    before: &[String],
    limit: Duration,
) -> Option<DetectedBanner> {
    let begun = Instant::now();
    let mut last: Option<Vec<String>> = None;
    while begun.elapsed() < limit {
        let is_done = tab.is_done_for(limit.saturating_sub(begun.elapsed())).await;
        let found = find_banner(tab, words, Layer::Deeper).await.ok().flatten();
        if let Some(found) = found {
            let labels = found.labels();
            if labels != before {
                if last.as_ref() == Some(&labels) {
                    return Some(found);
                }
                last = Some(labels);
            } else if is_done {
                break;
            }
        } else if is_done {
            break;
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    None
}
