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
    /// What was scanned, when, and with which browser.
    pub scan: Scan,
    /// In the order in which they ran.
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
    /// Most severe first; within one severity, in the order of rules and subjects.
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
    /// The data sources that it used.
    pub data: Vec<DataSource>,
}

/// One source of facts: embedded, or a filter list that the user saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataSource {
    /// Its name.
    pub source: String,
    /// Version of the package it came from.
    pub version: String,
    /// Day of the data, `YYYY-MM-DD`; for a list, the day on which it was saved.
    pub date: String,
    /// SPDX identifier of its licence; for a list, what its header says.
    pub licence: String,
}

/// What was scanned, when, and with which browser.
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
    /// The law that it is judged by: `uk` or `eu`.
    pub profile: String,
    /// That law, and the legal bases that the user declared for the site.
    #[serde(default)]
    pub law: LawReport,
    /// Product and version.
    pub browser: String,
    /// The user agent that it sent.
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
    /// Its title.
    pub title: String,
    /// The day from which it applies, `YYYY-MM-DD`.
    pub in_force: String,
    /// The day on which its rules were written into crumbcheck, `YYYY-MM-DD`.
    pub written: String,
    /// Its address.
    pub source: String,
    /// The legal bases other than consent that the user declared for the site, one per category. A declared basis
    /// satisfies no rule.
    pub bases: Vec<BasisReport>,
}

/// The legal basis that the user declared for a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BasisReport {
    /// The category.
    pub category: Category,
    /// The basis, by the name that `--basis` takes.
    pub exemption: String,
    /// The paragraph of the law.
    pub paragraph: String,
}

/// One pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PassReport {
    /// Which.
    pub pass: Pass,
    /// Its outcome.
    pub outcome: PassOutcome,
    /// The method by which the choice was made.
    pub via: Via,
    /// The consent platform, if it was recognised.
    pub cmp: Option<String>,
    /// How many clicks the choice took.
    pub clicks: u32,
    /// How it was verified.
    pub proof: Vec<Proof>,
    /// Why it was not made, if it was not.
    pub why: Option<String>,
    /// The banner; `null` if none was found or understood.
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

/// A banner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BannerReport {
    /// Its text, shortened.
    pub text: String,
    /// Whether its first layer offers a way to accept.
    pub accept: bool,
    /// Whether its first layer offers a way to refuse.
    pub reject: bool,
    /// Other facts about it.
    #[serde(flatten)]
    pub facts: BannerFacts,
}

/// The outcome of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PassOutcome {
    /// The choice was made and verified, or there was none to make.
    Done,
    /// The site offers no such choice.
    Unavailable,
    /// The banner could not be operated, or the page could not be observed.
    Failed,
}

/// The declaration that covers an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Declared {
    /// As the notice writes it.
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
    /// First or third party.
    pub party: Party,
    /// What it is for.
    pub category: Category,
    /// The source that says so.
    pub basis: Basis,
    /// The script or response that set it first.
    pub set_by: SetBy,
    /// Its lifetime.
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
    /// The declaration that covers it.
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
    /// The kind of storage.
    pub kind: StorageKind,
    /// Its key, or the name of the database or cache.
    pub key: String,
    /// First or third party.
    pub party: Party,
    /// What it is for.
    pub category: Category,
    /// The source that says so.
    pub basis: Basis,
    /// The script or response that set it first.
    pub set_by: SetBy,
    /// One entry per pass, consent and page.
    pub seen: Vec<Sighting>,
    /// The declaration that covers it.
    pub declared: Option<Declared>,
}

/// A host that was contacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostReport {
    /// Host name.
    pub host: String,
    /// Its registrable domain.
    pub site: String,
    /// The organisation that runs it, if a source says so.
    pub organisation: Option<String>,
    /// First or third party.
    pub party: Party,
    /// What it is for.
    pub category: Category,
    /// The source that says so.
    pub basis: Basis,
    /// How many requests went to it.
    pub requests: u32,
    /// The kinds of resource that were requested.
    pub kinds: Vec<String>,
    /// The tracker's host that a first-party name is a CNAME for, if it is one.
    pub cloaked_as: Option<String>,
    /// Scripts or pages that caused the requests.
    pub initiators: Vec<String>,
    /// One entry per pass, consent and page.
    pub seen: Vec<Sighting>,
    /// Where the notice names it or its organisation.
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
    /// Whether it reads like a cookie notice.
    pub is_notice: bool,
    /// The items that it declares.
    pub declarations: Vec<Declaration>,
    /// The claims that it makes.
    pub claims: Vec<ClaimReport>,
    /// The addresses that it links to.
    pub links: Vec<Link>,
    /// `YYYY-MM` of its latest review.
    pub reviewed: Option<String>,
    /// What could not be understood in it.
    pub problems: Vec<NoticeProblem>,
}

/// A claim, compared with the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimReport {
    /// What sort of claim.
    pub kind: String,
    /// Categories it is about.
    pub categories: Vec<Category>,
    /// The provider it names.
    pub provider: Option<String>,
    /// The sentence.
    pub quote: String,
    /// `held`, `contradicted`, `not-testable` or `self-contradicted`.
    pub verdict: String,
    /// The evidence.
    pub evidence: String,
}

/// The verdict of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerdictReport {
    /// The rule.
    pub rule: String,
    /// The outcome.
    pub outcome: OutcomeName,
    /// Why it is open or not applicable; for a violated rule, which evidence was missing.
    pub why: Option<String>,
}

/// The four outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeName {
    /// The evidence is complete, and shows no violation.
    Satisfied,
    /// There is at least one finding.
    Violated,
    /// It could not be decided.
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
