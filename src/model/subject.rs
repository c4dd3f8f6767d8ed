//! What a finding is about: typed, so that reports, remedies, fingerprints and later scans can join on it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CookieKey, DisclosureKind, Host, Pass, ScriptUrl, StorageKey};

/// What a finding is about. Written down as `{kind, id}`, with its parts beside them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "Written", try_from = "Written")]
pub enum Subject {
    /// A cookie.
    Cookie(CookieKey),
    /// A storage item.
    Storage(StorageKey),
    /// A host.
    Host(Host),
    /// A script, or a page with scripts written into it.
    Script(ScriptUrl),
    /// What a host received about a visit.
    Disclosure {
        /// Who received it.
        to: Host,
        /// What sort of thing.
        kind: DisclosureKind,
    },
    /// The identifier in a cookie that a host of another site received.
    SharedId {
        /// The cookie.
        cookie: CookieKey,
        /// Who received it.
        to: Host,
    },
    /// A declaration of the notice, as it is written there.
    Declaration(String),
    /// A claim of the notice, in its words.
    Claim(String),
    /// The banner of a site.
    Banner(String),
    /// A choice that the banner offers, by the pass that makes it.
    Choice(Pass),
    /// An option of the banner, by its label.
    BannerOption(String),
    /// What a consent interface says after a choice.
    ConsentSignal {
        /// The interface.
        source: String,
        /// The pass that made the choice.
        after: Pass,
    },
    /// The notice, by its address.
    Notice(String),
    /// A page, by its address.
    Page(String),
    /// The site as a whole.
    Site(String),
}

/// The sorts of thing that reports tell apart.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// A cookie.
    Cookie,
    /// A storage item.
    Storage,
    /// A host.
    Host,
    /// A declaration of the notice.
    Declaration,
    /// A claim of the notice.
    Claim,
    /// The banner.
    Banner,
    /// The notice.
    Notice,
    /// A page.
    Page,
    /// The site as a whole.
    Site,
}

/// The variants of [`Subject`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectType {
    /// A cookie.
    Cookie,
    /// A storage item.
    Storage,
    /// A host.
    Host,
    /// A script.
    Script,
    /// What a host received about a visit.
    Disclosure,
    /// A cookie's identifier that a host received.
    SharedId,
    /// A declaration of the notice.
    Declaration,
    /// A claim of the notice.
    Claim,
    /// The banner.
    Banner,
    /// A choice that the banner offers.
    Choice,
    /// An option of the banner.
    BannerOption,
    /// What a consent interface says.
    ConsentSignal,
    /// The notice.
    Notice,
    /// A page.
    Page,
    /// The site as a whole.
    Site,
}

impl Subject {
    /// What reports call this sort of thing.
    pub const fn kind(&self) -> SubjectKind {
        match self {
            Self::Cookie(_) | Self::SharedId { .. } => SubjectKind::Cookie,
            Self::Storage(_) => SubjectKind::Storage,
            Self::Host(_) | Self::Script(_) | Self::Disclosure { .. } => SubjectKind::Host,
            Self::Declaration(_) => SubjectKind::Declaration,
            Self::Claim(_) => SubjectKind::Claim,
            Self::Banner(_) | Self::Choice(_) | Self::BannerOption(_) => SubjectKind::Banner,
            Self::Notice(_) => SubjectKind::Notice,
            Self::Page(_) => SubjectKind::Page,
            Self::Site(_) | Self::ConsentSignal { .. } => SubjectKind::Site,
        }
    }

    /// Which variant it is.
    pub const fn variant(&self) -> SubjectType {
        match self {
            Self::Cookie(_) => SubjectType::Cookie,
            Self::Storage(_) => SubjectType::Storage,
            Self::Host(_) => SubjectType::Host,
            Self::Script(_) => SubjectType::Script,
            Self::Disclosure { .. } => SubjectType::Disclosure,
            Self::SharedId { .. } => SubjectType::SharedId,
            Self::Declaration(_) => SubjectType::Declaration,
            Self::Claim(_) => SubjectType::Claim,
            Self::Banner(_) => SubjectType::Banner,
            Self::Choice(_) => SubjectType::Choice,
            Self::BannerOption(_) => SubjectType::BannerOption,
            Self::ConsentSignal { .. } => SubjectType::ConsentSignal,
            Self::Notice(_) => SubjectType::Notice,
            Self::Page(_) => SubjectType::Page,
            Self::Site(_) => SubjectType::Site,
        }
    }

    /// The host that it is about, if it is about one.
    pub const fn host(&self) -> Option<&Host> {
        match self {
            Self::Host(host)
            | Self::Disclosure { to: host, .. }
            | Self::SharedId { to: host, .. } => Some(host),
            _ => None,
        }
    }
}

/// How it is printed, and its `id` in reports.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie(key) => write!(f, "{key}"),
            Self::Storage(key) => write!(f, "{key}"),
            Self::Host(host) => write!(f, "{host}"),
            Self::Script(url) => write!(f, "{url}"),
            Self::Disclosure { to, kind } => write!(f, "{to}: {kind}"),
            Self::SharedId { cookie, to } => write!(f, "{cookie} to {to}"),
            Self::Choice(pass) => write!(f, "{pass}"),
            Self::ConsentSignal { source, after } => write!(f, "{source} after {after}"),
            Self::Declaration(text)
            | Self::Claim(text)
            | Self::Banner(text)
            | Self::BannerOption(text)
            | Self::Notice(text)
            | Self::Page(text)
            | Self::Site(text) => f.write_str(text),
        }
    }
}

/// A subject as reports write it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Subject")]
struct Written {
    /// What sort of thing.
    kind: SubjectKind,
    /// Which, as reports print it.
    id: String,
    /// What sort of thing, more closely; it says which of the parts below are there.
    #[serde(rename = "type")]
    variant: SubjectType,
    /// The cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cookie: Option<CookieKey>,
    /// The storage item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    storage: Option<StorageKey>,
    /// The host; of something that was sent, who received it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<Host>,
    /// What sort of thing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disclosed: Option<DisclosureKind>,
    /// The consent interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// The pass that made the choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pass: Option<Pass>,
}

impl From<Subject> for Written {
    fn from(subject: Subject) -> Self {
        let bare = Self {
            kind: subject.kind(),
            id: subject.to_string(),
            variant: subject.variant(),
            cookie: None,
            storage: None,
            host: subject.host().cloned(),
            disclosed: None,
            source: None,
            pass: None,
        };
        match subject {
            Subject::Cookie(key) | Subject::SharedId { cookie: key, .. } => {
                Self { cookie: Some(key), ..bare }
            }
            Subject::Storage(key) => Self { storage: Some(key), ..bare },
            Subject::Disclosure { kind, .. } => Self { disclosed: Some(kind), ..bare },
            Subject::Choice(pass) => Self { pass: Some(pass), ..bare },
            Subject::ConsentSignal { source, after } => {
                Self { source: Some(source), pass: Some(after), ..bare }
            }
            _ => bare,
        }
    }
}

impl TryFrom<Written> for Subject {
    type Error = String;

    fn try_from(it: Written) -> Result<Self, String> {
        let variant = it.variant;
        let lacks = |part: &str| format!("a subject of the type {variant:?} has no `{part}`");
        let host = || it.host.ok_or_else(|| lacks("host"));
        let pass = || it.pass.ok_or_else(|| lacks("pass"));
        Ok(match variant {
            SubjectType::Cookie => Self::Cookie(it.cookie.ok_or_else(|| lacks("cookie"))?),
            SubjectType::Storage => Self::Storage(it.storage.ok_or_else(|| lacks("storage"))?),
            SubjectType::Host => Self::Host(host()?),
            SubjectType::Script => Self::Script(ScriptUrl::new(it.id)),
            SubjectType::Disclosure => Self::Disclosure {
                to: host()?,
                kind: it.disclosed.ok_or_else(|| lacks("disclosed"))?,
            },
            SubjectType::SharedId => {
                Self::SharedId { to: host()?, cookie: it.cookie.ok_or_else(|| lacks("cookie"))? }
            }
            SubjectType::Declaration => Self::Declaration(it.id),
            SubjectType::Claim => Self::Claim(it.id),
            SubjectType::Banner => Self::Banner(it.id),
            SubjectType::Choice => Self::Choice(pass()?),
            SubjectType::BannerOption => Self::BannerOption(it.id),
            SubjectType::ConsentSignal => Self::ConsentSignal {
                after: pass()?,
                source: it.source.ok_or_else(|| lacks("source"))?,
            },
            SubjectType::Notice => Self::Notice(it.id),
            SubjectType::Page => Self::Page(it.id),
            SubjectType::Site => Self::Site(it.id),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::StorageKind;

    fn cookie() -> CookieKey {
        CookieKey {
            name: "_ga".to_owned(),
            domain: "shop.test".to_owned(),
            path: "/".to_owned(),
            partition: None,
            host_only: false,
        }
    }

    fn one_of_each() -> Vec<(&'static str, &'static str, Subject)> {
        let storage = StorageKey {
            origin: "https://shop.test".to_owned(),
            kind: StorageKind::Opfs,
            key: "seen".to_owned(),
        };
        let to = || Host::new("www.x.test");
        vec![
            ("cookie", "_ga@.shop.test", Subject::Cookie(cookie())),
            ("storage", "opfs:seen@https://shop.test", Subject::Storage(storage)),
            ("host", "www.x.test", Subject::Host(to())),
            ("host", "https://x.test/a.js", Subject::Script(ScriptUrl::new("https://x.test/a.js"))),
            (
                "host",
                "www.x.test: the address of the page",
                Subject::Disclosure { to: to(), kind: DisclosureKind::Address },
            ),
            (
                "cookie",
                "_ga@.shop.test to www.x.test",
                Subject::SharedId { cookie: cookie(), to: to() },
            ),
            ("declaration", "_ga*", Subject::Declaration("_ga*".to_owned())),
            ("claim", "None.", Subject::Claim("None.".to_owned())),
            ("banner", "shop.test", Subject::Banner("shop.test".to_owned())),
            ("banner", "reject", Subject::Choice(Pass::Reject)),
            ("banner", "Analytics", Subject::BannerOption("Analytics".to_owned())),
            (
                "site",
                "tcf after reject",
                Subject::ConsentSignal { source: "tcf".to_owned(), after: Pass::Reject },
            ),
            ("notice", "https://shop.test/c", Subject::Notice("https://shop.test/c".to_owned())),
            ("page", "https://shop.test/a", Subject::Page("https://shop.test/a".to_owned())),
            ("site", "shop.test", Subject::Site("shop.test".to_owned())),
        ]
    }

    #[test]
    fn every_subject_is_written_with_kind_and_id_and_read_back_the_same() {
        for (kind, id, subject) in one_of_each() {
            let written = serde_json::to_value(&subject).unwrap();
            assert_eq!((&written["kind"], &written["id"]), (&json!(kind), &json!(id)));
            assert_eq!(serde_json::from_value::<Subject>(written).unwrap(), subject);
        }
    }

    #[test]
    fn a_subject_without_its_parts_is_refused() {
        let written = json!({ "kind": "cookie", "id": "_ga@.shop.test", "type": "cookie" });
        assert!(serde_json::from_value::<Subject>(written).is_err());
    }
}
