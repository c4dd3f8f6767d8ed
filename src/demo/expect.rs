//! What a scan of a fixture site must say, as its `site.toml` puts it.

use serde::{Deserialize, Deserializer};

use crate::{
    model::{Category, Consent, Party, Pass, Proof, SetKind, Via},
    report::model::PassOutcome,
};

/// What a scan of the site must say. What is not mentioned is not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// What the process exits with; of several codes any one will do.
    #[serde(deserialize_with = "one_or_more")]
    pub exit: Vec<u8>,
    /// Findings that must be there: `rule` or `rule subject-id`, in which `*` is any run of
    /// characters.
    pub findings: Vec<String>,
    /// Findings that must not be there, written the same way.
    pub absent: Vec<String>,
    /// Whether `findings` is the whole list of those of severity low and above.
    pub exact_findings: bool,
    /// Rules that must be open.
    pub open: Vec<String>,
    /// Rules that must be satisfied.
    pub satisfied: Vec<String>,
    /// Rules whose question must not arise.
    pub not_applicable: Vec<String>,
    /// Addresses, as `host/path`, that the server must have been asked for; `*` as above.
    pub requested: Vec<String>,
    /// Addresses that the server must never have been asked for.
    pub never_requested: Vec<String>,
    /// Cookies that must be in the report.
    pub cookie: Vec<CookieExpectation>,
    /// Hosts that must be in the report.
    pub host: Vec<HostExpectation>,
    /// How passes must have gone.
    pub pass: Vec<PassExpectation>,
    /// Claims of the notice that must be in the report.
    pub claim: Vec<ClaimExpectation>,
    /// What is true of the banner, whatever a scan makes of it.
    pub banner: Option<BannerExpectation>,
}

/// What is true of a banner.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BannerExpectation {
    /// Whether there is one that a visitor sees.
    pub detected: bool,
    /// What becomes of a visitor who wants to accept everything.
    pub accept: PassOutcome,
    /// What becomes of one who wants to refuse everything.
    pub reject: PassOutcome,
    /// What becomes of one who wants to take back what was accepted.
    pub withdraw: PassOutcome,
    /// The library that draws it, with its version, if one does.
    pub library: Option<String>,
    /// By what means its choices are made, where that must not change unnoticed.
    pub via: Option<Via>,
}

/// A cookie that must be in the report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CookieExpectation {
    /// Its name; `*` is any run of characters.
    pub name: String,
    /// Its domain as reports print it: with a leading dot unless it goes to one host only.
    pub domain: Option<String>,
    /// What it is for.
    pub category: Option<Category>,
    /// Whose it is.
    pub party: Option<Party>,
    /// By what means it was written.
    pub set_by: Option<SetKind>,
    /// Whether it is confined to visits of one site.
    pub partitioned: Option<bool>,
    /// Exactly the passes it was seen in.
    pub passes: Option<Vec<Pass>>,
    /// Exactly the states of consent it was seen under.
    pub consents: Option<Vec<Consent>>,
    /// Whether the notice declares it.
    pub declared: Option<bool>,
}

/// A host that must be in the report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostExpectation {
    /// Its name.
    pub host: String,
    /// What it is for.
    pub category: Option<Category>,
    /// Whose it is.
    pub party: Option<Party>,
    /// Exactly the passes it was contacted in.
    pub passes: Option<Vec<Pass>>,
    /// Exactly the states of consent it was contacted under.
    pub consents: Option<Vec<Consent>>,
    /// Whether the notice names it or who runs it.
    pub declared: Option<bool>,
}

/// How a pass must have gone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassExpectation {
    /// Which.
    pub pass: Pass,
    /// Whether it did what it was to do.
    pub outcome: Option<PassOutcome>,
    /// By what means the choice was made.
    pub via: Option<Via>,
    /// What must at least have shown that it was made.
    #[serde(default)]
    pub proof: Vec<Proof>,
}

/// A claim of the notice that must be in the report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimExpectation {
    /// What sort of claim.
    pub kind: String,
    /// Its words; `*` is any run of characters.
    pub quote: String,
    /// What the evidence says of it.
    pub verdict: String,
    /// The evidence; `*` is any run of characters.
    pub evidence: Option<String>,
}

fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Raw {
        One(u8),
        More(Vec<u8>),
    }
    Ok(match Raw::deserialize(deserializer)? {
        Raw::One(code) => vec![code],
        Raw::More(codes) => codes,
    })
}
