//! A banner that was found: what it offers, how it looks, and where to press it.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::frames::{self, Frame};
use crate::{
    consent::{
        self, Control, Meaning, Offer, Words,
        settings::{self, Sheet, ToggleKind},
    },
    gather::{cdp::connection::CdpError, tab::page::Tab},
    model::{BannerFacts, ControlFacts, LeadsTo, OptionFacts, UnknownControl},
    recording::BannerRecording,
};

/// A banner that was understood, and its controls.
#[derive(Clone, Debug)]
pub(in crate::gather) struct DetectedBanner {
    pub(super) frames: Vec<Frame>,
    pub(super) frame: usize,
    pub(super) controls: Vec<Control>,
    pub(super) offer: Offer,
}

/// Where to press something, in its frame.
#[derive(Debug, Deserialize)]
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

/// An element that a recipe or autoconsent picked, as the finder describes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PickedElement {
    pub(super) text: String,
    pub(super) kind: String,
    pub(super) shown: bool,
    /// The address of another page that it leads to, if it does.
    pub(super) leads: Option<String>,
}

impl DetectedBanner {
    /// What a control says.
    pub(super) fn label(&self, control: usize) -> &str {
        self.controls.get(control).map_or("", |control| &control.text)
    }

    pub(super) fn control(&self, control: usize) -> Option<&Control> {
        self.controls.get(control)
    }

    /// The frame that it is in.
    pub(super) fn frame(&self) -> Option<&Frame> {
        self.frames.get(self.frame)
    }

    /// The site of the frame that it is in, if that is not the page's own.
    pub(super) fn frame_url(&self) -> Option<&str> {
        (self.frame > 0).then(|| self.frame().map(|frame| frame.url.as_str())).flatten()
    }

    /// The control that says and means the same as `control` of `other`, if there is one.
    pub(super) fn same(&self, other: &Self, control: usize) -> Option<usize> {
        let label = other.label(control);
        let offer = &self.offer;
        offer
            .buttons
            .iter()
            .chain(&offer.unknown)
            .copied()
            .chain(
                [offer.reject, offer.accept, offer.acknowledge, offer.save].into_iter().flatten(),
            )
            .find(|&at| self.label(at) == label)
    }

    /// Whether it asks for the same choice in the same words.
    pub(super) fn asks_like(&self, other: &Self) -> bool {
        let labels = |it: &Self| {
            [it.offer.accept, it.offer.reject, it.offer.acknowledge, it.offer.save]
                .map(|at| at.map(|at| it.label(at).to_owned()))
        };
        labels(self) == labels(other)
    }

    /// Whether it still asks for a choice, and does not only confirm that one was made.
    pub(super) fn asks(&self) -> bool {
        let folded = |&at: &usize| self.control(at).is_some_and(|it| it.folded);
        let offer = &self.offer;
        offer.accept.is_some()
            || offer.reject.is_some()
            || (offer.over && offer.has_answers && offer.save.is_some())
            || offer.settings.iter().any(folded)
    }

    pub(super) fn recording(&self, facts: BannerFacts) -> BannerRecording {
        let label = |control: Option<usize>| control.map(|it| self.label(it).to_owned());
        BannerRecording::Found {
            text: self.offer.text.clone(),
            buttons: self.offer.buttons.iter().map(|&it| self.label(it).to_owned()).collect(),
            accept: label(self.offer.accept.or(self.offer.acknowledge)),
            reject: label(self.offer.reject),
            settings: label(self.offer.settings.first().copied()),
            facts: Box::new(facts),
        }
    }

    /// What else can be seen of it as it is.
    pub(super) async fn facts(&self, tab: &Tab, words: &Words, visible_at: u64) -> BannerFacts {
        let mut facts = BannerFacts {
            language: self.offer.language.clone(),
            visible_at,
            frame: self.frame_url().map(|url| tab.log.redactor().url(url)),
            over: self.offer.over,
            walled: false,
            covered: None,
            pattern: self.offer.pattern.clone(),
            controls: self.control_facts(tab, words, 1).await,
            options: Vec::new(),
            not_understood: self.unknown_controls(tab, words, 1),
        };
        if let Some(&first) = self.offer.buttons.first() {
            let walled = self.ask(tab, "walled", &[first.into()]).await;
            facts.walled = self.frame == 0 && walled.is_ok_and(|it| it == true);
            let page = self.frames.first();
            if let Some(page) = page
                && let Ok(covered) = page.ask(tab, "finder.covered()").await
            {
                facts.covered = covered.as_u64().and_then(|it| u8::try_from(it).ok());
            }
        }
        facts
    }

    /// How each control looks.
    pub(super) async fn control_facts(
        &self,
        tab: &Tab,
        words: &Words,
        layer: u8,
    ) -> Vec<ControlFacts> {
        let unknown = self.unknown_that_may_choose(words);
        let mut all: Vec<usize> = self.offer.buttons.iter().copied().chain(unknown).collect();
        all.sort_unstable();
        let mut facts = Vec::new();
        for control in all.into_iter().take(20) {
            let looks = self.ask(tab, "looks", &[control.into()]).await.unwrap_or_default();
            let mut fact: ControlFacts = serde_json::from_value(looks).unwrap_or_default();
            fact.label = self.label(control).to_owned();
            let meaning = self.control(control).and_then(|it| it.meaning(words));
            fact.meaning = meaning.map(|it| it.name().to_owned());
            fact.kind = self.control(control).map_or(String::new(), |it| it.kind.clone());
            fact.layer = layer;
            facts.push(fact);
        }
        facts
    }

    /// What can be pressed, may make a choice and was not understood.
    pub(super) fn not_understood(&self, words: &Words) -> impl Iterator<Item = &Control> {
        self.unknown_that_may_choose(words).filter_map(|at| self.control(at))
    }

    /// The same by their places.
    pub(super) fn unknown_that_may_choose(&self, words: &Words) -> impl Iterator<Item = usize> {
        let leads = |it: &Control| consent::leads_to(words, it);
        self.offer.unknown.iter().copied().filter(move |&at| {
            self.control(at).is_some_and(|it| matches!(leads(it), LeadsTo::Here | LeadsTo::Page))
        })
    }

    /// What can be pressed and was not understood, with where it leads.
    pub(super) fn unknown_controls(
        &self,
        tab: &Tab,
        words: &Words,
        layer: u8,
    ) -> Vec<UnknownControl> {
        let opened = |it: &Control| layer > 1 && it.opens;
        let controls = self.offer.unknown.iter().filter_map(|&at| self.control(at));
        let controls = controls.filter(|it| !opened(it)).take(MOST_UNKNOWN);
        controls.map(|it| unknown_control(tab, words, it, layer)).collect()
    }

    /// What stands in the page's foot or floats over it, leads to no other page, and was not understood.
    pub(super) fn unknown_outside(&self, tab: &Tab, words: &Words) -> Vec<UnknownControl> {
        // A plain link to this very page, such as to the start page from it, only loads it again.
        let outside =
            |it: &&Control| (it.foot || it.over) && it.operable && it.leads.is_none() && !it.here;
        let relevant = |it: &&Control| !words.is_elsewhere(&it.text) && !words.is_act(&it.text);
        self.controls
            .iter()
            .filter(outside)
            .filter(|it| !it.disabled && !it.typed && it.meaning(words).is_none())
            .filter(relevant)
            .map(|it| unknown_control(tab, words, it, 1))
            .collect()
    }

    /// The settings that are stored together by `control`.
    pub(super) async fn sheet(
        &self,
        tab: &Tab,
        words: &Words,
        control: usize,
    ) -> Result<Sheet, CdpError> {
        if let Some(frame) = self.frame() {
            frame.load_sheet_reader(tab).await?;
        }
        let refuse = self.repeated(words, Meaning::Reject);
        let agree = self.repeated(words, Meaning::Accept);
        let rows = serde_json::json!([refuse, agree]);
        answer(self.ask(tab, "sheet", &[control.into(), rows]).await?)
    }

    /// Whether every purpose has a button of its own that refuses it.
    pub(super) fn refuses_row_by_row(&self, words: &Words) -> bool {
        let repeated = self.repeated(words, Meaning::Reject);
        self.offer.reject.is_some_and(|it| repeated.contains(self.label(it)))
    }

    /// What several of its buttons say that mean the same.
    fn repeated(&self, words: &Words, meaning: Meaning) -> BTreeSet<&str> {
        let mut once = BTreeSet::new();
        let labels = self.offer.buttons.iter().map(|&at| self.label(at));
        labels
            .filter(|it| words.meaning(it) == Some(meaning))
            .filter(|it| !once.insert(*it))
            .collect::<BTreeSet<&str>>()
    }

    /// Where in the window to press a control.
    pub(super) async fn aim(&self, tab: &Tab, control: usize) -> Result<(f64, f64), String> {
        self.point(tab, "aim", control, self.label(control)).await
    }

    /// Where in the window to press an answer of the settings.
    pub(super) async fn aim_toggle(
        &self,
        tab: &Tab,
        toggle: usize,
        label: &str,
    ) -> Result<(f64, f64), String> {
        self.point(tab, "aimToggle", toggle, label).await
    }

    /// Where in the window to press a part of the settings.
    pub(super) async fn aim_part(
        &self,
        tab: &Tab,
        part: usize,
        label: &str,
    ) -> Result<(f64, f64), String> {
        self.point(tab, "aimPart", part, label).await
    }

    async fn point(
        &self,
        tab: &Tab,
        method: &str,
        at: usize,
        label: &str,
    ) -> Result<(f64, f64), String> {
        let aim = self.ask(tab, method, &[at.into()]).await.map_err(|error| error.to_string())?;
        point_of(tab, &self.frames, self.frame, aim, label).await
    }

    /// Gives a control the focus; says whether it took it.
    pub(super) async fn focus(&self, tab: &Tab, control: usize) -> bool {
        self.ask(tab, "focus", &[control.into()]).await.is_ok_and(|it| it == true)
    }

    /// Whether the control that was pressed last can still be hit where it was.
    pub(super) async fn hittable(&self, tab: &Tab) -> bool {
        self.ask(tab, "hittable", &[]).await.is_ok_and(|it| it == true)
    }

    pub(super) async fn ask(
        &self,
        tab: &Tab,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, CdpError> {
        match self.frame() {
            Some(frame) => frame.ask(tab, &call(method, arguments)).await,
            None => Err(CdpError::Refused("Page.getFrameTree", "the frame is gone".to_owned())),
        }
    }
}

/// A point of the window, from what the finder says of an element; or why it cannot be pressed.
pub(super) async fn point_of(
    tab: &Tab,
    frames: &[Frame],
    frame: usize,
    aim: Value,
    label: &str,
) -> Result<(f64, f64), String> {
    let aim: Aim = answer(aim).map_err(|error| error.to_string())?;
    if aim.gone {
        return Err(format!("`{label}` went away before it could be pressed"));
    }
    if !aim.ours {
        let by = aim.by.unwrap_or_else(|| "nothing that can be pressed".to_owned());
        return Err(format!("`{label}` cannot be reached: {by} lies over it"));
    }
    let point = frames::window_point(tab, frames, frame, (aim.x, aim.y)).await;
    match point.map_err(|error| error.to_string())? {
        Some(point) => Ok(point),
        None => Err(format!("`{label}` cannot be reached: something lies over its frame")),
    }
}

impl DetectedBanner {
    /// Whether it has settings that open where it is.
    pub(in crate::gather) fn has_settings(&self) -> bool {
        let is_here = |&at: &usize| self.control(at).is_some_and(|it| it.leads.is_none());
        self.offer.settings.iter().any(is_here)
    }

    /// Every control of its frame, by place.
    pub(super) fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// What the options look like to a report.
    pub(super) fn option_facts(words: &Words, sheet: &Sheet, layer: u8) -> Vec<OptionFacts> {
        let facts = sheet.toggles.iter().filter_map(|option| {
            let says_no = settings::says_no(words, option) == Some(true);
            let label = match option.legend.as_str() {
                "" => option.label.clone(),
                legend if option.kind == ToggleKind::Radio => format!("{legend}: {}", option.label),
                _ => option.label.clone(),
            };
            // Of what only looks like a switch it is not known whether it is on.
            let checked = match option.kind {
                ToggleKind::Plain => None,
                ToggleKind::Select => settings::is_granted_by_list(words, option),
                _ => option.on,
            }?;
            let says_no = says_no && option.kind != ToggleKind::Radio;
            Some(OptionFacts {
                label,
                kind: option.kind.name().to_owned(),
                checked: checked != says_no,
                fixed: option.fixed,
                says_no,
                layer,
            })
        });
        facts.collect()
    }
}

/// As many controls that were not understood are recorded of one layer.
pub(super) const MOST_UNKNOWN: usize = 30;

/// A control that was not understood, as recordings keep it.
pub(super) fn unknown_control(
    tab: &Tab,
    words: &Words,
    control: &Control,
    layer: u8,
) -> UnknownControl {
    UnknownControl {
        label: control.text.clone(),
        kind: control.kind.clone(),
        role: control.role.clone(),
        leads_to: consent::leads_to(words, control),
        address: control.leads.as_ref().map(|url| tab.log.redactor().url(url)),
        layer,
    }
}

impl DetectedBanner {
    /// What its controls say; two layers differ in this.
    pub(super) fn labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = self
            .offer
            .buttons
            .iter()
            .chain(&self.offer.unknown)
            .map(|&at| self.label(at).to_owned())
            .collect();
        labels.insert(0, format!("{} {}", self.frame, self.offer.over));
        labels
    }
}

pub(super) fn call(method: &str, arguments: &[Value]) -> String {
    let arguments: Vec<String> = arguments.iter().map(Value::to_string).collect();
    format!("finder.{method}({})", arguments.join(", "))
}

pub(super) fn answer<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, CdpError> {
    serde_json::from_value(value)
        .map_err(|error| CdpError::Refused("Runtime.evaluate", error.to_string()))
}
