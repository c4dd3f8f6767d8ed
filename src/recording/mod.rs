//! The versioned file between `gather` and everything after it. It holds what was seen and no
//! judgement; values are digested before they get here.

mod call;
mod event;
mod file;
mod problem;
pub mod redact;
mod vantage;
mod watch;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use call::Call;
pub use event::{
    CallFrame, CookieApi, CookieStatus, Event, EventKind, JarCookie, SentCookie, StorageItem,
};
pub use file::{ReadError, read, write};
pub use problem::{Problem, ProblemKind};
pub use vantage::{ThirdPartyCookies, Vantage, Viewport};
pub use watch::{Outstanding, OutstandingKind, Watch, WatchEnd};

use crate::model::{
    Banner, BannerFacts, ChoiceFacts, Gesture, NoticeFound, Pass, Proof, SecondLook, SecondVisitor,
    Via, VisitStatus,
};

/// The format this version writes. Raised whenever an older reader would misread a newer file.
pub const FORMAT: u32 = 1;

/// Everything a scan saw, exactly as it saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// [`FORMAT`] of the version that wrote it.
    pub format: u32,
    /// Name and version of the program that wrote it, such as `crumbcheck 0.1.0`.
    pub tool: String,
    /// What was to be scanned.
    pub target: Target,
    /// With what eyes it was looked at.
    pub vantage: Vantage,
    /// When the scan began, RFC 3339 in UTC.
    pub started: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// In the order they were asked for.
    pub passes: Vec<PassRecording>,
    /// The site's published notice, as far as it was found.
    pub notice: NoticeRecording,
    /// Requests that were made outside the browser, for the notice; none of them is the site's doing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fetches: Vec<Fetch>,
    /// What the names of the site's own hosts lead to, those of pages left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<NameLookup>,
    /// What went wrong outside any single pass.
    pub problems: Vec<Problem>,
}

impl Recording {
    /// Whether it says nothing about the site: no pass saw the start page, or the browser ended
    /// before the scan did.
    pub fn observed_nothing(&self) -> bool {
        let saw_it = |visit: &VisitRecording| {
            visit.kind == VisitKind::Start && visit.status == VisitStatus::Ok
        };
        !self.passes.iter().flat_map(|pass| &pass.visits).any(saw_it)
            || self.problems.iter().any(|problem| problem.kind.ends_scan())
    }
}

/// A request that was made outside the browser; every redirect of a chain is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// Address.
    pub url: String,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
}

/// What the name of a host leads to in the name system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameLookup {
    /// The host.
    pub host: String,
    /// The names that it is an alias of, each of the next (`CNAME`, RFC 1034 section 3.6.2).
    pub aliases: Vec<String>,
    /// Why it is not known, if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What was to be scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The address to start at.
    pub url: String,
    /// Further pages, as given.
    pub pages: Vec<String>,
    /// The notice's address or file, if the user named it.
    pub notice: Option<String>,
}

/// What happened during one pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassRecording {
    /// Which.
    pub pass: Pass,
    /// When it began, RFC 3339 in UTC with milliseconds; times of the pass count from here. Recordings of older
    /// versions do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// The banner before it was touched.
    pub banner: BannerRecording,
    /// What became of it.
    pub interaction: Interaction,
    /// The choices that were made or tried, in order. The withdraw pass makes two.
    #[serde(default)]
    pub choices: Vec<ChoiceFacts>,
    /// What a second visitor saw who looked less like a program, where the first saw no banner.
    #[serde(default)]
    pub second_look: Option<SecondLook>,
    /// What visitors were given whose browser does not name this program, and this one was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_visitor: Option<SecondVisitor>,
    /// What happened during those visits; no rule takes it for what the visitor of this pass did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub second_look_events: Vec<Event>,
    /// What the page looked like at moments that matter to the choice.
    #[serde(default)]
    pub pictures: Vec<Picture>,
    /// Pages in the order they were opened; events and checkpoints name them by their place here.
    pub visits: Vec<VisitRecording>,
    /// In the order the browser reported them.
    pub events: Vec<Event>,
    /// What was in the browser at certain moments.
    pub checkpoints: Vec<Checkpoint>,
    /// What could not be observed, or was cut short.
    pub problems: Vec<Problem>,
}

/// What the page looked like at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// `banner`, `pressed`, `after` or `failed`.
    pub name: String,
    /// What it shows, in a few words.
    pub caption: String,
    /// When it was taken, in milliseconds from the start of the pass.
    pub at: u64,
    /// A JPEG in base64.
    pub jpeg: String,
}

/// What was seen of a banner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum BannerRecording {
    /// Nobody looked, because the page never got that far.
    NotSought,
    /// Nothing on the page looks like one.
    Absent,
    /// It was found and understood.
    Found {
        /// Its text, shortened.
        text: String,
        /// What its buttons say, in document order.
        buttons: Vec<String>,
        /// The button that accepts, if the first layer has one.
        accept: Option<String>,
        /// The button that refuses, if the first layer has one.
        reject: Option<String>,
        /// The button or link that leads to choices, if there is one.
        settings: Option<String>,
        /// What else was found out about it.
        #[serde(default)]
        facts: Box<BannerFacts>,
    },
    /// Something may be one, but could not be understood.
    Doubtful {
        /// What it was.
        why: String,
    },
}

impl BannerRecording {
    /// The same in the words of the model; `NotSought` is a doubt.
    pub fn meant(&self) -> Banner {
        match self {
            Self::NotSought => {
                Banner::Doubtful { why: "the page could not be searched".to_owned() }
            }
            Self::Absent => Banner::Absent,
            Self::Found { text, accept, reject, facts, .. } => Banner::Found {
                text: text.clone(),
                accept: accept.is_some(),
                reject: reject.is_some(),
                facts: facts.clone(),
            },
            Self::Doubtful { why } => Banner::Doubtful { why: why.clone() },
        }
    }
}

/// How far we got with the banner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Interaction {
    /// This pass leaves the banner alone.
    None,
    /// The choice was made, and proved.
    Done {
        /// When it was made, in milliseconds from the start of the pass.
        at: u64,
        /// By what means.
        via: Via,
        /// What was pressed, in order.
        steps: Vec<String>,
        /// What showed that it was made.
        proof: Vec<Proof>,
    },
    /// The site offers no such choice: evidence against the site.
    Unavailable {
        /// What was missing.
        why: String,
    },
    /// We could not operate it: no evidence.
    Failed {
        /// What went wrong.
        why: String,
        /// The step that failed.
        step: String,
        /// When something was pressed all the same, in milliseconds from the start of the pass.
        pressed_at: Option<u64>,
    },
}

/// One page that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitRecording {
    /// Why it was opened.
    pub kind: VisitKind,
    /// The address that was to be opened.
    pub asked: String,
    /// The address after redirects.
    pub url: String,
    /// How it went.
    pub status: VisitStatus,
    /// Status of the final response, if there was one.
    pub http_status: Option<u16>,
    /// When it began, in milliseconds from the start of the pass.
    pub at: u64,
    /// Milliseconds until nothing more happened.
    pub settled_ms: u64,
    /// What ended the waiting.
    pub stopped: IdleResult,
    /// The title of the page, shortened.
    pub title: String,
    /// What to know about it.
    pub problem: Option<String>,
    /// Index in `visits` of the visit that replaced this one, if its page crashed and was retried with success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retried_as: Option<usize>,
    /// What the visitor did on it without a purpose, as people do. Recordings of older versions do not say it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gestures: Vec<Gesture>,
    /// Milliseconds until it was there, with everything that it embeds if that came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loaded_ms: Option<u64>,
    /// How it was watched: once after it arrived, and once more after each choice. Recordings of older versions do
    /// not say it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watches: Vec<Watch>,
}

impl VisitRecording {
    /// What to know about it: its problem, or else what was not waited for.
    pub fn note(&self) -> Option<String> {
        let late = || self.watches.iter().rev().find_map(Watch::not_waited_for);
        self.problem.clone().or_else(late)
    }
}

/// Why a page is no longer waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdleResult {
    /// Nothing more happened.
    Quiet,
    /// It kept doing new things until the limit.
    Limit,
    /// It died, or never arrived.
    Failed,
}

/// Why a page was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VisitKind {
    /// The address of the target.
    Start,
    /// The start page again, after the choice.
    Reload,
    /// The published notice.
    Notice,
    /// A further page.
    Page,
}

/// What was in the browser at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Milliseconds from the start of the pass.
    pub at: u64,
    /// Place in `visits` of the page that was open.
    pub visit: usize,
    /// Which moment.
    pub name: Moment,
    /// The whole cookie jar of the pass, in order of domain, path and name.
    pub jar: Vec<JarCookie>,
    /// Every storage item of every frame, in order.
    pub storage: Vec<StorageItem>,
}

/// The moments at which the jar and storage are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// The start page is idle, and nothing was pressed.
    Settled,
    /// While a choice is made. Recordings hold none of these.
    Choosing,
    /// What the choice changed has settled.
    Chosen,
    /// The start page was opened again after the choice.
    Reloaded,
    /// A further page is idle.
    Page,
    /// The notice is idle.
    Notice,
    /// The site was left for an empty page: only the jar can be read.
    #[serde(alias = "end")]
    Left,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Settled => "settled",
            Self::Choosing => "choosing",
            Self::Chosen => "chosen",
            Self::Reloaded => "reloaded",
            Self::Page => "page",
            Self::Notice => "notice",
            Self::Left => "left",
        })
    }
}

/// The site's published notice, as far as it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecording {
    /// Links that may lead to it, best first.
    pub candidates: Vec<NoticeLink>,
    /// Its text as it was published, if it could be had.
    pub page: Option<NoticePage>,
    /// Why it could not, if it could not.
    pub problem: Option<NoticeFailure>,
    /// How it was found.
    #[serde(default)]
    pub found: NoticeFound,
    /// Further pages of the site that declare something: the settings page, the privacy notice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<NoticePage>,
    /// The notice in other languages, as far as the notice links to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub translations: Vec<NoticeTranslation>,
}

/// A link that may lead to the notice; recordings write it as `TEXT -> ADDRESS`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct NoticeLink {
    /// The text of the link.
    pub text: String,
    /// Its address.
    pub url: String,
}

impl From<String> for NoticeLink {
    fn from(written: String) -> Self {
        match written.rsplit_once(" -> ") {
            Some((text, url)) => Self { text: text.to_owned(), url: url.to_owned() },
            None => Self { text: String::new(), url: written },
        }
    }
}

impl From<NoticeLink> for String {
    fn from(link: NoticeLink) -> Self {
        format!("{} -> {}", link.text, link.url)
    }
}

/// The notice in another language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NoticeTranslation {
    /// It could be had.
    Page(NoticePage),
    /// It could not.
    Unreadable {
        /// Its address.
        url: String,
        /// What it is.
        why: String,
    },
}

/// The notice as it was published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePage {
    /// Where it was read.
    pub url: String,
    /// What a visitor can read, as HTML after the page's scripts ran, or text. What folds away and can be opened is in
    /// it, and so is what the page's frames show. A page that was fetched without a browser is as it was served.
    pub content: String,
    /// What was in the page and no visitor can see, as HTML.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unseen: String,
}

/// Why there is no notice page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NoticeFailure {
    /// The start page was looked through and links to none.
    NotLinked {
        /// Where we looked.
        why: String,
    },
    /// The address that should hold it answers that there is nothing.
    Gone {
        /// The address.
        url: String,
        /// The answer.
        why: String,
    },
    /// It is there, but not as something we read.
    Unreadable {
        /// The address.
        url: String,
        /// What it is.
        why: String,
    },
    /// We did not get to look.
    NotSought {
        /// Why.
        why: String,
    },
}

impl NoticeFailure {
    /// What happened, in words.
    pub fn why(&self) -> &str {
        match self {
            Self::NotLinked { why }
            | Self::Gone { why, .. }
            | Self::Unreadable { why, .. }
            | Self::NotSought { why } => why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A recording whose start page was seen.
    fn seen() -> Recording {
        let visit = serde_json::json!({ "kind": "start", "asked": "https://a.test/", "url": "https://a.test/",
            "status": "ok", "http_status": 200, "at": 0, "settled_ms": 9, "stopped": "quiet", "title": "",
            "problem": null });
        serde_json::from_value(serde_json::json!({
            "format": 1, "tool": "crumbcheck test", "started": "2026-11-01T12:00:00Z", "duration_ms": 1,
            "target": { "url": "https://a.test/", "pages": [], "notice": null },
            "vantage": { "browser": "", "headless_shell": true, "user_agent": "", "webdriver": false,
                "third_party_cookies": "allowed", "locale": "en-GB", "viewport": "desktop",
                "timeout_ms": 1, "settle_ms": 1, "insecure": false, "values_kept": false },
            "passes": [{ "pass": "none", "banner": { "state": "absent" }, "interaction": { "state": "none" },
                "visits": [visit], "events": [], "problems": [],
                "checkpoints": [{ "at": 9, "visit": 0, "name": "end", "jar": [], "storage": [] }] }],
            "notice": { "candidates": [], "page": null, "problem": null }, "problems": [],
        }))
        .unwrap()
    }

    #[test]
    fn whether_a_scan_ended_early_does_not_depend_on_the_sentence() {
        let mut recording = seen();
        assert!(!recording.observed_nothing());
        let message = "a sentence that a later version may write";
        recording.problems.push(Problem::gap("elsewhere", ProblemKind::MessagesLost, message));
        assert!(!recording.observed_nothing());
        recording.problems.push(Problem::gap("elsewhere", ProblemKind::Interrupted, message));
        assert!(recording.observed_nothing());
    }

    #[test]
    fn what_format_1_wrote_reads_and_writes_the_same() {
        let recording = seen();
        assert_eq!(recording.passes[0].checkpoints[0].name, Moment::Left);
        let text = serde_json::to_string(&recording).unwrap();
        for added in ["\"kind\":\"other\"", "retried_as", "\"visit\":null"] {
            assert!(!text.contains(added), "{added} in {text}");
        }
        assert_eq!(serde_json::from_str::<Recording>(&text).unwrap(), recording);
    }
}
