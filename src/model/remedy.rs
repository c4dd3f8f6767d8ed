use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Host, ScriptUrl};

/// Where a finding is fixed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Remedy {
    /// Remove a script, or run it only after consent.
    GateScript {
        /// The script.
        script: ScriptUrl,
    },
    /// The same for a script that is written into the page.
    GateInline,
    /// Remove what the pages load from a host, or load it only after consent.
    GateHost {
        /// The host.
        host: Host,
    },
    /// Change the published notice.
    EditNotice {
        /// How.
        edit: NoticeEdit,
    },
    /// Change the consent banner, or the controls by which a choice is changed.
    FixBanner,
    /// Change what the site's own server sends, or where its name points.
    Server,
    /// Find out more; the finding's advice says what.
    Investigate,
}

impl Remedy {
    /// Whether something has to be removed, or to wait for consent.
    pub const fn is_gate(&self) -> bool {
        matches!(self, Self::GateScript { .. } | Self::GateInline | Self::GateHost { .. })
    }
}

/// How a notice has to be changed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeEdit {
    /// Declare something in it.
    AddRow,
    /// Change a row, or a sentence.
    ChangeRow,
    /// Take a row out.
    RemoveRow,
    /// Change the notice as a whole.
    Revise,
    /// Publish one.
    Publish,
}
