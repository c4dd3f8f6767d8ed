//! What `--report json` holds: `crumbcheck/report/1`. The JSON Schema is generated from these types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    audit::{Finding, RemedyGroup},
    model::{
        BannerFacts, Basis, Category, ChoiceFacts, Declaration, Lifetime, Link, NoticeProblem,
        Party, Pass, Proof, SameSite, SetBy, Sighting, StorageKind, Via, Visit,
    },
};

/// The name and number of the format.
pub const SCHEMA: &str = "crumbcheck/report/1";

/// Everything a report says. Formats read it and nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// What made the report.
    pub tool: Tool,
    /// What was scanned, when and with what eyes.
    pub scan: Scan,
    /// In the order they were asked for.
    pub passes: Vec<PassReport>,
    /// Every cookie that was seen, in order of domain, name, path and partition.
    pub cookies: Vec<CookieReport>,
    /// Every storage item that was seen, in order of origin, kind and key.
    pub storage: Vec<StorageReport>,
    /// Every host that was contacted, first party first, then in order.
    pub hosts: Vec<HostReport>,
    /// The notice as it was read; `null` if none was.
    pub notice: Option<NoticeReport>,
    /// One for each rule.
    pub verdicts: Vec<VerdictReport>,
    /// Worst first; in the order of the rules and subjects within one severity.
    pub findings: Vec<Finding>,
    /// The findings by the change that fixes them, most severe first; those that are waived are left out.
    #[serde(default)]
    pub remedies: Vec<RemedyGroup>,
    /// What pages looked like; for formats that show it, and not part of the JSON.
    #[serde(skip)]
    pub pictures: Vec<PictureReport>,
    /// What could not be done or observed.
    pub problems: Vec<ProblemReport>,
    /// What the process exits with for this target alone.
    pub exit_code: u8,
}

/// What made a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `crumbcheck`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The data it judged by.
    pub data: Vec<DataSource>,
}

/// One source of facts: embedded, or a filter list that the user keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataSource {
    /// Its name.
    pub source: String,
    /// Version of the package it came from.
    pub version: String,
    /// Day of the data, `YYYY-MM-DD`; of a list, the day on which it was taken from where it is.
    pub date: String,
    /// SPDX identifier of its licence; of a list, what its header says.
    pub licence: String,
}

/// What was scanned, when and with what eyes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    /// The same for the same recording.
    pub id: String,
    /// RFC 3339 in UTC.
    pub started: String,
    /// How long it took.
    pub duration_ms: u64,
    /// The address that was given.
    pub target: String,
    /// The address after redirects; that of the target if no page answered.
    pub final_url: String,
    /// Registrable domain.
    pub site: String,
    /// The law it is judged by: `uk` or `eu`.
    pub profile: String,
    /// What that law is, and what the site says it relies on under it.
    #[serde(default)]
    pub law: LawReport,
    /// Product and version.
    pub browser: String,
    /// What it called itself towards sites.
    pub user_agent: String,
    /// What pages saw in `navigator.webdriver`.
    pub webdriver: Option<bool>,
    /// `allowed`, `blocked` or `unknown`.
    pub third_party_cookies: String,
    /// How often each pass was run.
    pub visits: u32,
}

/// The law that a site was judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LawReport {
    /// Where it stands.
    pub title: String,
    /// Since when it has been in force, `YYYY-MM-DD`.
    pub in_force: String,
    /// Day on which we wrote down what it says, `YYYY-MM-DD`.
    pub written: String,
    /// Where it can be read.
    pub source: String,
    /// What the site is said to rely on in place of consent, one for a category. A declaration alone
    /// makes no verdict.
    pub bases: Vec<BasisReport>,
}

/// What a site is said to rely on for things of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BasisReport {
    /// The category.
    pub category: Category,
    /// What it relies on, by the name that `--basis` takes.
    pub exemption: String,
    /// Where that stands.
    pub paragraph: String,
}

/// How one pass went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PassReport {
    /// Which.
    pub pass: Pass,
    /// Whether it did what it was to do.
    pub outcome: PassOutcome,
    /// By what means the choice was made.
    pub via: Via,
    /// The consent platform, if it was recognised.
    pub cmp: Option<String>,
    /// How many clicks the choice took.
    pub clicks: u32,
    /// What showed that it was made.
    pub proof: Vec<Proof>,
    /// Why not, if not.
    pub why: Option<String>,
    /// What was seen of the banner; `null` if none was found or understood.
    #[serde(default)]
    pub banner: Option<BannerReport>,
    /// The choice that the pass is about; `null` if none was tried.
    #[serde(default)]
    pub choice: Option<ChoiceFacts>,
    /// The choices that came before it: the withdraw pass accepts first.
    #[serde(default)]
    pub earlier_choices: Vec<ChoiceFacts>,
    /// Pages in the order they were opened.
    pub pages: Vec<Visit>,
}

/// What a page looked like at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureReport {
    /// The pass it was taken in.
    pub pass: Pass,
    /// When, in milliseconds from the start of the pass.
    pub at: u64,
    /// What it shows, in a few words.
    pub caption: String,
    /// A JPEG in base64.
    pub jpeg: String,
}

/// What was seen of a banner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BannerReport {
    /// Its text, shortened.
    pub text: String,
    /// Whether its first layer offers a way to accept.
    pub accept: bool,
    /// Whether its first layer offers a way to refuse.
    pub reject: bool,
    /// What else was found out about it.
    #[serde(flatten)]
    pub facts: BannerFacts,
}

/// Whether a pass did what it was to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PassOutcome {
    /// It did.
    Done,
    /// The site offers no such choice.
    Unavailable,
    /// We were not able to.
    Failed,
}

/// How the notice declares an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Declared {
    /// The words of the notice.
    pub as_written: String,
}

/// A cookie that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CookieReport {
    /// Its name.
    pub name: String,
    /// Its domain, with a leading dot unless it goes to this host only.
    pub domain: String,
    /// Its path.
    pub path: String,
    /// Top-level site of its partition.
    pub partition: Option<String>,
    /// Whether it goes to this very host only.
    pub host_only: bool,
    /// Whose it is.
    pub party: Party,
    /// What it is for.
    pub category: Category,
    /// Who says so.
    pub basis: Basis,
    /// Who wrote it first.
    pub set_by: SetBy,
    /// How long it lives.
    pub lifetime: Lifetime,
    /// The `Secure` attribute.
    pub secure: bool,
    /// The `HttpOnly` attribute.
    pub http_only: bool,
    /// The `SameSite` attribute.
    pub same_site: SameSite,
    /// One entry per pass, consent and page.
    pub seen: Vec<Sighting>,
    /// Hosts it was sent to.
    pub sent_to: Vec<String>,
    /// Why the browser refused to store it, if it never did.
    pub blocked: Option<String>,
    /// How the notice declares it.
    pub declared: Option<Declared>,
    /// Its value; only in reports of recordings made with `--keep-values`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A storage item that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StorageReport {
    /// Origin that owns it.
    pub origin: String,
    /// Where it is kept.
    pub kind: StorageKind,
    /// Its key, or the name of the database or cache.
    pub key: String,
    /// Whose it is.
    pub party: Party,
    /// What it is for.
    pub category: Category,
    /// Who says so.
    pub basis: Basis,
    /// Who wrote it first.
    pub set_by: SetBy,
    /// One entry per pass, consent and page.
    pub seen: Vec<Sighting>,
    /// How the notice declares it.
    pub declared: Option<Declared>,
}

/// A host that was contacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostReport {
    /// Host name.
    pub host: String,
    /// Its registrable domain.
    pub site: String,
    /// Who runs it, if a source says so.
    pub organisation: Option<String>,
    /// Whose it is.
    pub party: Party,
    /// What it is for.
    pub category: Category,
    /// Who says so.
    pub basis: Basis,
    /// How many requests went to it.
    pub requests: u32,
    /// What was asked of it.
    pub kinds: Vec<String>,
    /// The tracker's host behind a first-party name, if it is one.
    pub cloaked_as: Option<String>,
    /// Scripts or pages that caused the requests.
    pub initiators: Vec<String>,
    /// One entry per pass, consent and page.
    pub seen: Vec<Sighting>,
    /// Where the notice names it or who runs it.
    pub declared: Option<Declared>,
}

/// The notice as it was read: `crumbcheck/notice/1`, each claim with a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeReport {
    /// `crumbcheck/notice/1`.
    pub schema: String,
    /// Its address or file.
    pub source: String,
    /// Two-letter code.
    pub language: String,
    /// Whether it tells visitors what the site stores.
    pub is_notice: bool,
    /// What it names.
    pub declarations: Vec<Declaration>,
    /// What it claims.
    pub claims: Vec<ClaimReport>,
    /// Where it leads.
    pub links: Vec<Link>,
    /// `YYYY-MM` of its latest review.
    pub reviewed: Option<String>,
    /// What is doubtful in it.
    pub problems: Vec<NoticeProblem>,
}

/// A claim, and what the evidence says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimReport {
    /// What sort of claim.
    pub kind: String,
    /// Categories it is about.
    pub categories: Vec<Category>,
    /// The provider it names.
    pub provider: Option<String>,
    /// The words.
    pub quote: String,
    /// `held`, `contradicted`, `not-testable` or `self-contradicted`.
    pub verdict: String,
    /// What says so.
    pub evidence: String,
}

/// A rule's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerdictReport {
    /// The rule.
    pub rule: String,
    /// Its answer.
    pub outcome: OutcomeName,
    /// Why it is open or not applicable; in a violated one, what evidence was missing for more.
    pub why: Option<String>,
}

/// The four answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeName {
    /// The evidence shows the rule is kept.
    Satisfied,
    /// The evidence shows it is not.
    Violated,
    /// It could not be told.
    Open,
    /// The question does not arise.
    NotApplicable,
}

/// Something that could not be done or observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProblemReport {
    /// Where, such as `pass reject`.
    #[serde(rename = "where")]
    pub place: String,
    /// What.
    pub message: String,
}
