use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One visit to the site in a fresh browser context, named by what is done with its banner.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Pass {
    /// The banner is left alone.
    None,
    /// Everything optional is refused.
    Reject,
    /// Everything is accepted.
    Accept,
    /// Everything is accepted, then taken back through the site's own control.
    Withdraw,
}

impl Pass {
    /// The passes a scan runs by default, in the order they are listed.
    pub const DEFAULT: [Self; 4] = [Self::None, Self::Reject, Self::Accept, Self::Withdraw];

    /// The passes that show what a site does and asks; withdrawing shows nothing more of that.
    pub const BASIC: [Self; 3] = [Self::None, Self::Reject, Self::Accept];

    /// The name used on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Reject => "reject",
            Self::Accept => "accept",
            Self::Withdraw => "withdraw",
        }
    }

    /// What sentences call it, before "pass".
    pub const fn title(self) -> &'static str {
        match self {
            Self::None => "no-choice",
            Self::Reject | Self::Accept | Self::Withdraw => self.name(),
        }
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Pass {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "reject" => Ok(Self::Reject),
            "accept" => Ok(Self::Accept),
            "withdraw" => Ok(Self::Withdraw),
            _ => Err(format!(
                "unknown pass `{text}`; the passes are none, reject, accept and withdraw"
            )),
        }
    }
}

/// What the visitor had chosen when something happened.
///
/// A cookie set in [`Pass::Accept`] before the click was set under [`Consent::Unset`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// No choice had been made.
    Unset,
    /// Optional storage had been refused.
    Refused,
    /// Optional storage had been agreed to.
    Granted,
    /// Agreement had been taken back.
    Withdrawn,
    /// Something was pressed, and what it chose was not proved: evidence of no choice, and not of none.
    Unknown,
}

impl Consent {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Refused => "refused",
            Self::Granted => "granted",
            Self::Withdrawn => "withdrawn",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// By what means a choice was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// No choice was made.
    None,
    /// A recipe written for this banner.
    Recipe,
    /// DuckDuckGo's autoconsent.
    Autoconsent,
    /// Our own finder: role, visible text, position.
    Heuristic,
}

impl Via {
    /// The ways that a scan tries by default, in this order.
    pub const DEFAULT: [Self; 3] = [Self::Recipe, Self::Autoconsent, Self::Heuristic];

    /// The name used on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Recipe => "recipe",
            Self::Autoconsent => "autoconsent",
            Self::Heuristic => "heuristic",
        }
    }
}

impl FromStr for Via {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::DEFAULT.into_iter().find(|via| via.name() == text).ok_or_else(|| {
            format!(
                "unknown way to choose `{text}`; the ways are recipe, autoconsent and heuristic"
            )
        })
    }
}

/// What showed that a choice was made. A click that did nothing shows none of these.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// The banner could no longer be hit at the place where it was.
    BannerGone,
    /// A cookie or storage item was written or changed by the click.
    ConsentStored,
    /// After a reload, and on a second page where there is one, the banner stayed away and what was
    /// stored was still there.
    PersistsAfterReload,
}
