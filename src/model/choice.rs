//! What was found out about a banner, and about a choice that was made with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Pass, Proof, Via};

/// What was found out about a banner beyond what its first layer offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct BannerFacts {
    /// The language that its part of the page is marked with, such as `cy`.
    pub language: Option<String>,
    /// When it was first seen, in milliseconds from the start of the pass.
    pub visible_at: u64,
    /// The address of the frame it is in, if it is not in the page itself.
    pub frame: Option<String>,
    /// Whether it lies over the page instead of in its flow.
    pub over: bool,
    /// Whether it keeps the page's content out of reach: of nine points spread over the window, the
    /// page's own content can be hit at none, or the page cannot be scrolled.
    pub walled: bool,
    /// How much of the page's own content can be pressed nowhere because the banner, or a lock on scrolling, keeps it out of
    /// reach: percent, as far as texts were looked at. `null` if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered: Option<u8>,
    /// The design it follows, where the markup says so: `govuk` or `nhs`.
    pub pattern: Option<String>,
    /// Everything that can be pressed and means something, layer by layer as far as it was opened.
    pub controls: Vec<ControlFacts>,
    /// Every purpose or cookie that can be switched on or off, as it stood before it was touched.
    pub options: Vec<OptionFacts>,
    /// Everything else that can be pressed, layer by layer as far as it was opened: what it does is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_understood: Vec<UnknownControl>,
}

/// Something that can be pressed and whose text says nothing that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UnknownControl {
    /// What it says; empty for an icon without a name.
    pub label: String,
    /// As of [`ControlFacts::kind`].
    pub kind: String,
    /// The role that its markup gives it, if it gives one.
    pub role: Option<String>,
    /// Where pressing it leads.
    pub leads_to: LeadsTo,
    /// The address of the page that it leads to, if it is a link to one.
    pub address: Option<String>,
    /// As of [`ControlFacts::layer`].
    pub layer: u8,
}

impl UnknownControl {
    /// Whether it may make a choice for all that is known. A link to a policy or to another site makes none.
    pub const fn may_choose(&self) -> bool {
        matches!(self.leads_to, LeadsTo::Here | LeadsTo::Page)
    }
}

/// Where pressing a control leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LeadsTo {
    /// To no other page: what it does happens where it is.
    #[default]
    Here,
    /// To another page of the site.
    Page,
    /// To a page that its text or its address calls a notice or a policy.
    Policy,
    /// To another site.
    OtherSite,
}

/// A button or link of a banner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ControlFacts {
    /// What it says.
    pub label: String,
    /// What pressing it would say: `accept`, `reject`, `acknowledge`, `settings`, `save` or
    /// `withdraw`; `null` if its words are not known.
    pub meaning: Option<String>,
    /// `button`, `link`, `submit`, or `other` for an element that only behaves like a button.
    pub kind: String,
    /// 1 for what is there at once, 2 for what the settings of the first show, and so on.
    pub layer: u8,
    /// Width and height on the screen, in CSS pixels.
    pub size: (u32, u32),
    /// Size of its letters, in CSS pixels.
    pub font_px: f64,
    /// Weight of its letters, 400 being usual and 700 bold.
    pub weight: u32,
    /// Colour of its letters, as the browser computes it.
    pub color: String,
    /// Colour behind them, as far as it is known.
    pub background: String,
    /// Contrast of the two as WCAG 2.2 defines it, 1 to 21.
    pub contrast: Option<f64>,
}

/// A box, switch or radio button of a banner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OptionFacts {
    /// What it says.
    pub label: String,
    /// `checkbox`, `radio` or `switch`.
    pub kind: String,
    /// Whether it agreed before it was touched: it was on, or, if it says no, not ticked.
    pub checked: bool,
    /// Whether the visitor cannot change it.
    pub fixed: bool,
    /// Whether ticking it refuses, as with "Opt out of measurement".
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub says_no: bool,
    /// As of [`ControlFacts::layer`].
    pub layer: u8,
}

/// One choice that a pass made or tried to make. The withdraw pass makes two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChoiceFacts {
    /// What was to be said: to accept, to reject, or to withdraw.
    pub choice: Pass,
    /// By what means.
    pub via: Via,
    /// The name that a consent platform's recipe gives the banner.
    pub cmp: Option<String>,
    /// What was pressed, in order, whether or not it helped.
    pub pressed: Vec<Pressed>,
    /// When the press that decided was made, in milliseconds from the start of the pass.
    pub at: Option<u64>,
    /// When the banner, or the control to withdraw by, was first seen: milliseconds from the start
    /// of the pass.
    pub visible_ms: Option<u64>,
    /// When the banner was gone and the choice stored, in milliseconds from the start of the pass.
    pub chosen_ms: Option<u64>,
    /// When the choice had also held after a reload and on a second page, in milliseconds from the start of the pass.
    pub proved_ms: Option<u64>,
    /// What showed that it was made.
    pub proof: Vec<Proof>,
    /// Names of what the choice stored or changed, such as `cookie cookies_policy`.
    pub stored: Vec<String>,
    /// The address where the banner asked again although the choice had been stored.
    pub asked_again: Option<String>,
    /// What the site's consent interfaces said afterwards.
    pub signals: Vec<ConsentSignal>,
    /// Controls outside a banner that may make the choice and were not understood: for a withdrawal, what the page's foot
    /// and what floats over it hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_understood: Vec<UnknownControl>,
    /// What was not understood of the settings that were saved, or of what was pressed: with any of it, only what the site
    /// stored says what was chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
    /// What the site stored of the choice, where that could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<StoredChoice>,
}

/// What a site stored of a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StoredChoice {
    /// Optional purposes that it says are granted, as it names them.
    pub granted: Vec<String>,
    /// Optional purposes that it says are denied.
    pub denied: Vec<String>,
    /// Whether it says no to everything in one word.
    pub denies_all: bool,
}

impl ChoiceFacts {
    /// What a visitor has to press to choose, in order: the same control pressed again because its
    /// handler was late counts once, and hiding the thanks afterwards does not count.
    pub fn steps(&self) -> Vec<&str> {
        let decided = self.pressed.iter().rposition(|it| self.at == Some(it.at));
        let until = decided.map_or(self.pressed.len(), |at| at + 1);
        let mut steps: Vec<(&str, u8)> =
            self.pressed[..until].iter().map(|it| (it.label.as_str(), it.layer)).collect();
        steps.dedup();
        steps.into_iter().map(|(label, _)| label).collect()
    }
}

/// Something that was pressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pressed {
    /// When, in milliseconds from the start of the pass.
    pub at: u64,
    /// What it said.
    pub label: String,
    /// As of [`ControlFacts::meaning`].
    pub meaning: Option<String>,
    /// As of [`ControlFacts::kind`], or `option` for a box, switch or radio button.
    pub kind: String,
    /// As of [`ControlFacts::layer`].
    pub layer: u8,
}

/// What a consent interface of the page says has been agreed to. The interfaces: IAB TCF v2
/// (`__tcfapi`), IAB GPP (`__gpp`), Google consent mode (`dataLayer`), and those of platforms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsentSignal {
    /// `tcf`, `gpp`, `google-consent-mode`, `onetrust`, `cookiebot`, `civic` or another platform's.
    pub source: String,
    /// Optional purposes that it says are granted, as it names them.
    pub granted: Vec<String>,
    /// Optional purposes that it says are denied.
    pub denied: Vec<String>,
}

/// The site seen once more by a visitor whose browser gives no sign of automation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondLook {
    /// What the browser called itself.
    pub user_agent: String,
    /// The text of the banner that was there, if one was.
    pub banner: Option<String>,
    /// Why nothing could be seen, if so.
    pub problem: Option<String>,
}
