//! With what eyes a site was looked at.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The browser and the settings that decide what a site shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vantage {
    /// Product and version, as the browser says.
    pub browser: String,
    /// Whether it is the windowless build, which makes no requests of its own.
    pub headless_shell: bool,
    /// What it called itself towards sites.
    pub user_agent: String,
    /// What pages saw in `navigator.webdriver`; `null` if no page could be asked.
    pub webdriver: Option<bool>,
    /// Whether third-party cookies stick, as the preflight proved before the scan.
    pub third_party_cookies: ThirdPartyCookies,
    /// Language asked for, such as `en-GB`.
    pub locale: String,
    /// The size of the window.
    pub viewport: Viewport,
    /// How long one page may take, in milliseconds.
    pub timeout_ms: u64,
    /// How long a page is watched after it has loaded, in milliseconds, unless it is proved to be done before.
    pub settle_ms: u64,
    /// How long what a page does later is waited for at most, in milliseconds. Recordings of older versions do not say
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience_ms: Option<u64>,
    /// Whether certificates were left unchecked.
    pub insecure: bool,
    /// Whether values were kept as they were.
    pub values_kept: bool,
}

/// Whether the browser keeps the cookies of third parties. In JSON `allowed`, `blocked`, or `unknown: ` and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ThirdPartyCookies {
    /// It does, as most visitors' browsers do.
    Allowed,
    /// It refuses them.
    Blocked,
    /// It could not be found out.
    Unknown {
        /// Why not.
        why: String,
    },
    /// Nobody said.
    #[default]
    Unsaid,
}

impl fmt::Display for ThirdPartyCookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed => f.write_str("allowed"),
            Self::Blocked => f.write_str("blocked"),
            Self::Unknown { why } if why.is_empty() => f.write_str("unknown"),
            Self::Unknown { why } => write!(f, "unknown: {why}"),
            Self::Unsaid => Ok(()),
        }
    }
}

impl From<String> for ThirdPartyCookies {
    fn from(text: String) -> Self {
        match text.as_str() {
            "allowed" => Self::Allowed,
            "blocked" => Self::Blocked,
            "" => Self::Unsaid,
            other => {
                let why = other.strip_prefix("unknown").unwrap_or(other);
                Self::Unknown { why: why.trim_start_matches([':', ' ']).to_owned() }
            }
        }
    }
}

impl From<ThirdPartyCookies> for String {
    fn from(it: ThirdPartyCookies) -> Self {
        it.to_string()
    }
}

/// The size of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Viewport {
    /// 1366 by 900.
    #[default]
    Desktop,
    /// 390 by 844, as a phone.
    Mobile,
}

impl Viewport {
    /// As recordings and reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn third_party_cookies_read_and_write_as_format_1_has_them() {
        for text in
            ["allowed", "blocked", "unknown: the preflight did not end in time", "unknown", ""]
        {
            let json = serde_json::to_string(text).unwrap();
            let read: ThirdPartyCookies = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
        }
    }
}
