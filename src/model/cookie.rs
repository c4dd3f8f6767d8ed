use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Classification, Consent, Party, Pass};

/// What makes a cookie one and the same in the jar: RFC 6265bis section 5.7 (name, domain,
/// host-only, path) and the partition key of CHIPS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct CookieKey {
    /// Case-sensitive name.
    pub name: String,
    /// Domain the cookie is sent to, lower case, without a leading dot.
    pub domain: String,
    /// Path prefix the cookie is sent to.
    pub path: String,
    /// Top-level site whose visit the cookie is confined to.
    pub partition: Option<String>,
    /// Whether it goes to this very host and not to hosts under it.
    pub host_only: bool,
}

impl fmt::Display for CookieKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@", self.name)?;
        if !self.host_only {
            f.write_str(".")?;
        }
        f.write_str(&self.domain)?;
        if self.path != "/" {
            f.write_str(&self.path)?;
        }
        if let Some(partition) = &self.partition {
            write!(f, " (partition {partition})")?;
        }
        Ok(())
    }
}

/// By what means something was written.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SetKind {
    /// By a response header.
    Http,
    /// By a script.
    Script,
    /// It was found in the browser and nobody was seen writing it.
    Unknown,
}

/// Who wrote something, as far as the browser could tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetBy {
    /// By what means.
    pub kind: SetKind,
    /// The response or script that wrote it; `null` if nobody was seen.
    pub url: Option<String>,
    /// What loaded that script, outermost first, the script itself left out.
    pub chain: Vec<String>,
}

impl SetBy {
    /// Found, but nobody was seen writing it.
    pub const fn unknown() -> Self {
        Self { kind: SetKind::Unknown, url: None, chain: Vec::new() }
    }
}

/// The `SameSite` attribute (RFC 6265bis section 5.6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SameSite {
    /// `Strict`.
    Strict,
    /// `Lax`.
    Lax,
    /// `None`.
    None,
    /// The attribute was not given; browsers treat it as `Lax`.
    Unset,
}

/// How long a cookie was asked to live, and how long the browser lets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lifetime {
    /// Whether it ends with the browser session.
    pub session: bool,
    /// Seconds the browser keeps it (Chrome caps at 400 days); `null` for a session cookie.
    pub seconds: Option<i64>,
    /// Seconds the site asked for, before any cap; `null` for a session cookie or if unknown.
    pub requested_seconds: Option<i64>,
}

/// One place and time at which something was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Sighting {
    /// The pass.
    pub pass: Pass,
    /// What the visitor had chosen by then.
    pub consent: Consent,
    /// Address of the page that was open.
    pub page: String,
    /// Whether it was still in the browser when the pass ended.
    pub at_end: bool,
    /// What was seen.
    #[serde(default)]
    pub kind: SightingKind,
}

/// What was seen of something in one place. In this order each says more than the one before.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SightingKind {
    /// It was still there: it had been seen in the pass before.
    Held,
    /// It was still there, and a request carried it.
    Sent,
    /// It was written or used; or it was found for the first time in the pass.
    #[default]
    Set,
}

/// A cookie as it was observed, over all passes.
#[derive(Clone, Debug)]
pub struct ObservedCookie {
    /// What makes it one and the same.
    pub key: CookieKey,
    /// Whose it is, relative to the target.
    pub party: Party,
    /// What it is for and who says so.
    pub class: Classification,
    /// Who wrote it first.
    pub set_by: SetBy,
    /// How long it lives; from the first write that could be read.
    pub lifetime: Lifetime,
    /// The `Secure` attribute.
    pub secure: bool,
    /// The `HttpOnly` attribute.
    pub http_only: bool,
    /// The `SameSite` attribute.
    pub same_site: SameSite,
    /// Where it was written, found or sent, in order.
    pub seen: Vec<Sighting>,
    /// Hosts it was sent to, sorted.
    pub sent_to: Vec<String>,
    /// Why the browser refused to store it, if it never did: an attempt is evidence too.
    pub blocked: Option<String>,
    /// Whether it only tried out what the browser does: the script that wrote it removed it again, no checkpoint holds
    /// it and no request carried it.
    pub probe: bool,
    /// The value, only if the recording was made with `--keep-values`.
    pub value: Option<String>,
}

/// Reasons of `Network.SetCookieBlockedReason` that are a setting of this browser's and not of the cookie's making:
/// another visitor's browser may store it.
const OUR_BROWSER_ONLY: &[&str] =
    &["UserPreferences", "ThirdPartyPhaseout", "ThirdPartyBlockedInFirstPartySet"];

impl ObservedCookie {
    /// Whether some visitor's browser stores it. Others refuse it for what it is: its name's prefix, a foreign domain,
    /// `SameSite=None` or `Partitioned` without `Secure`, its size.
    pub fn is_kept_somewhere(&self) -> bool {
        let ours = |why: &String| OUR_BROWSER_ONLY.iter().any(|it| why.contains(it));
        self.blocked.as_ref().is_none_or(ours)
    }
}

#[cfg(test)]
mod tests {
    use super::CookieKey;

    #[test]
    fn a_key_reads_as_people_write_it() {
        let mut key = CookieKey {
            name: "_ga".to_owned(),
            domain: "shop.test".to_owned(),
            path: "/".to_owned(),
            partition: None,
            host_only: false,
        };
        assert_eq!(key.to_string(), "_ga@.shop.test");
        key.host_only = true;
        key.path = "/a".to_owned();
        key.partition = Some("https://top.test".to_owned());
        assert_eq!(key.to_string(), "_ga@shop.test/a (partition https://top.test)");
    }
}
