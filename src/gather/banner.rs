//! Looks for the page's banner, and presses one of its buttons the way a visitor does.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use super::{cdp::CdpError, page::Page};
use crate::{
    consent::{self, Control, Meaning, Offer, Scope, Words},
    recording::BannerRecording,
};

/// Words of consent in the languages of Europe: enough to know that something asks, not what.
const MENTIONS: &str = "cookie|cwci|briwsion|consent|privacy|preifatrwydd|datenschutz|einwillig|confidentialit|vie privée|privacidad|galletas|riservatezza|privatezza|toestemming|prywatno|ciastecz|privacidade|samtyck|samtykke|evästeet";

/// Words for cookies alone, for parts of the page that nothing else marks as a banner.
const COOKIES: &str =
    "cookie|cwci|briwsion|galletas|ciastecz|evästeet|kapsel|informasjonskapsl|süti|piškot|biscotti";

/// Objects that consent platforms put into the page; each is documented by its maker.
const PLATFORMS: &str = "['__tcfapi','__gpp','OneTrust','OptanonWrapper','Cookiebot','CookieControl','Didomi','UC_UI','tarteaucitron','klaro','_iub','CookieYes','cookieyes','CookieFirst','truste','Osano','axeptioSDK','quantserve'].filter((name) => name in window)";

/// A banner that was understood, and its controls.
#[derive(Clone, Debug)]
pub(super) struct Found {
    controls: Vec<Control>,
    pub(super) offer: Offer,
}

impl Found {
    /// What a control says.
    pub(super) fn label(&self, control: usize) -> &str {
        self.controls.get(control).map_or("", |control| &control.text)
    }

    /// The control that says the same as `control` of `other`, if there is one.
    pub(super) fn same(&self, other: &Self, control: usize) -> Option<usize> {
        let offer = &self.offer;
        [offer.reject, offer.accept, offer.acknowledge]
            .into_iter()
            .flatten()
            .find(|&at| self.label(at) == other.label(control))
    }

    fn recording(&self) -> BannerRecording {
        let label = |control: Option<usize>| control.map(|it| self.label(it).to_owned());
        BannerRecording::Found {
            text: self.offer.text.clone(),
            buttons: self.offer.buttons.iter().map(|&it| self.label(it).to_owned()).collect(),
            accept: label(self.offer.accept.or(self.offer.acknowledge)),
            reject: label(self.offer.reject),
            settings: label(self.offer.settings),
            facts: Box::default(),
        }
    }
}

/// What is on the page now.
pub(super) async fn look(
    page: &Page,
    words: &Words,
) -> Result<(BannerRecording, Option<Found>), CdpError> {
    if let Some(found) = find(page, words).await? {
        return Ok((found.recording(), Some(found)));
    }
    let mut suspects: Vec<String> = answer(page.ask(&call("suspects", &[MENTIONS.into()])).await?)?;
    suspects.extend(answer::<Vec<String>>(page.ask(&call("inflow", &[COOKIES.into()])).await?)?);
    if let Some(suspect) = suspects.first() {
        let why =
            format!("something that may be a consent banner could not be understood: {suspect}");
        return Ok((BannerRecording::Doubtful { why }, None));
    }
    let platforms: Vec<String> = answer(page.ask_page(PLATFORMS).await?)?;
    if let Some(platform) = platforms.first() {
        let why = format!("the page runs a consent platform ({platform}) but shows no banner");
        return Ok((BannerRecording::Doubtful { why }, None));
    }
    Ok((BannerRecording::Absent, None))
}

/// The banner, if one is there that was understood.
async fn find(page: &Page, words: &Words) -> Result<Option<Found>, CdpError> {
    page.open_closed_roots().await?;
    let list = format!("{}; finder.list()", include_str!("finder.js").trim_end());
    let controls: Vec<Control> = answer(page.ask(&list).await?)?;
    let telling: Vec<Value> = (0..controls.len())
        .filter(|&at| words.meaning(&controls[at].text).is_some())
        .map(Value::from)
        .collect();
    let decides = |at: &Value| {
        let at = at.as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX);
        controls
            .get(at)
            .and_then(|control| words.meaning(&control.text))
            .is_some_and(|meaning| meaning != Meaning::Settings)
    };
    if !telling.iter().any(decides) {
        return Ok(None);
    }
    let ask = call("scopes", &[telling.into(), words.mentions().into()]);
    let scopes: Vec<Scope> = answer(page.ask(&ask).await?)?;
    let offer = consent::offer(words, &controls, &scopes);
    Ok(offer.map(|offer| Found { controls, offer }))
}

/// Waits until a banner is there and stays the same for two looks, `limit` at most.
pub(super) async fn wait(
    page: &Page,
    words: &Words,
    limit: Duration,
) -> Result<(BannerRecording, Option<Found>), CdpError> {
    let begun = Instant::now();
    let mut last: Option<Offer> = None;
    while begun.elapsed() < limit {
        let found = find(page, words).await?;
        if let Some(found) = found {
            // Its handlers may be bound after it is shown: once more, a moment later.
            if last.as_ref() == Some(&found.offer) {
                return Ok((found.recording(), Some(found)));
            }
            last = Some(found.offer);
        } else {
            last = None;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    look(page, words).await
}

/// Presses a control of a banner that was just found.
pub(super) async fn press(page: &Page, found: &Found, control: usize) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Aim {
        gone: bool,
        #[serde(default)]
        x: f64,
        #[serde(default)]
        y: f64,
        #[serde(default)]
        ours: bool,
        by: Option<String>,
    }

    let label = found.label(control);
    let aim = page.ask(&call("aim", &[control.into()])).await.map_err(|error| error.to_string())?;
    let aim: Aim = answer(aim).map_err(|error| error.to_string())?;
    if aim.gone {
        return Err(format!("`{label}` went away before it could be pressed"));
    }
    if !aim.ours {
        let by = aim.by.unwrap_or_else(|| "nothing that can be pressed".to_owned());
        return Err(format!("`{label}` cannot be reached: {by} lies over it"));
    }
    page.press(aim.x, aim.y).await.map_err(|error| error.to_string())
}

/// Waits until no banner that asks is there any more, `limit` at most; says whether that came.
pub(super) async fn gone(page: &Page, words: &Words, limit: Duration) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        // While the page loads again there is nothing to ask; that is no proof of anything.
        if matches!(find(page, words).await, Ok(None)) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

fn call(method: &str, arguments: &[Value]) -> String {
    let arguments: Vec<String> = arguments.iter().map(Value::to_string).collect();
    format!("finder.{method}({})", arguments.join(", "))
}

fn answer<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, CdpError> {
    serde_json::from_value(value)
        .map_err(|error| CdpError::Refused("Runtime.evaluate", error.to_string()))
}
