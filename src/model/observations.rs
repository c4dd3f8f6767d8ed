use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    BannerFacts, Category, ChoiceFacts, Consent, Disclosure, Notice, NoticeSetting, ObservedCookie,
    ObservedHost, ObservedScript, ObservedStorage, OnlyHere, Override, Pass, Proof, SecondLook,
    SecondVisitor, SharedIdentifier, Sighting, Via, site,
};

/// Everything that was observed of one site: what happened in each pass, and what its notice declares. It
/// holds nothing that the user decides; that is the policy it is judged by.
///
/// Evidence is reached only through accessors that say when some of it is missing, so a rule can
/// hand an absence on with `?` but cannot mistake it for a clean result.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Registrable domain of the target.
    pub site: String,
    parts: EvidenceParts,
}

/// What [`Evidence`] is made of. `interpret` and the notation of rule tests build it, whole and once.
#[derive(Clone, Debug)]
pub(crate) struct EvidenceParts {
    pub(crate) passes: BTreeMap<Pass, PassEvidence>,
    pub(crate) cookies: Vec<ObservedCookie>,
    pub(crate) storage: Vec<ObservedStorage>,
    pub(crate) hosts: Vec<ObservedHost>,
    pub(crate) scripts: Vec<ObservedScript>,
    pub(crate) disclosures: Vec<Disclosure>,
    pub(crate) shared: Vec<SharedIdentifier>,
    /// Addresses of the documents that pages show in frames.
    pub(crate) frames: BTreeSet<String>,
    /// Why it is not known what scripts did, if it is not.
    pub(crate) unwatched: Option<String>,
    pub(crate) notice: NoticeState,
    pub(crate) notice_setting: NoticeSetting,
}

/// How one pass went. What was seen in it hangs on the items themselves.
#[derive(Clone, Debug)]
pub struct PassEvidence {
    /// What became of the banner.
    pub choice: Choice,
    /// What was seen of the banner before it was touched.
    pub banner: Banner,
    /// Pages in the order they were opened.
    pub visits: Vec<Visit>,
    /// What could not be observed. Empty in a complete pass.
    pub gaps: Vec<Gap>,
    /// The choices that were made or tried, in order.
    pub choices: Vec<ChoiceFacts>,
    /// What a second visitor saw who looked less like a program, if one was sent.
    pub second_look: Option<SecondLook>,
    /// What visitors were given whose browser does not name this program.
    pub second_visitor: Option<SecondVisitor>,
}

/// Something that a pass could not observe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What went wrong.
    pub why: String,
    /// The one page that it concerns, as its place in [`PassEvidence::visits`]; `None` if it concerns the pass.
    pub visit: Option<usize>,
}

impl PassEvidence {
    /// How many of its pages were observed: those that no gap concerns.
    pub fn coverage(&self) -> Coverage {
        let page = |at: usize| self.visits.get(at).map(|visit| visit.url.as_str());
        let pages: BTreeSet<&str> = self.visits.iter().map(|visit| visit.url.as_str()).collect();
        let missed: BTreeSet<&str> = self.gaps.iter().filter_map(|gap| page(gap.visit?)).collect();
        Coverage { observed: pages.len() - missed.len(), pages: pages.len() }
    }
}

/// How many pages of a pass were observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Those that were.
    pub observed: usize,
    /// All that the pass opened.
    pub pages: usize,
}

/// What became of the banner in a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This pass leaves the banner alone.
    NotAsked,
    /// The choice was made, and proved.
    Made {
        /// By what means.
        via: Via,
        /// How many clicks it took.
        clicks: u32,
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
    },
}

/// What was seen of a consent banner.
#[derive(Clone, Debug, PartialEq)]
pub enum Banner {
    /// It was found and understood.
    Found {
        /// Its text, shortened.
        text: String,
        /// Whether its first layer offers a way to accept.
        accept: bool,
        /// Whether its first layer offers a way to refuse.
        reject: bool,
        /// What else was found out about it.
        facts: Box<BannerFacts>,
    },
    /// Nothing on the page looks like one.
    Absent,
    /// Something may be one, but could not be understood.
    Doubtful {
        /// What it was.
        why: String,
    },
}

/// One page that was opened in a pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Visit {
    /// Address after redirects.
    pub url: String,
    /// How it went.
    pub status: VisitStatus,
    /// Status of the final response, if there was one.
    pub http_status: Option<u16>,
    /// Milliseconds from the start of the navigation until nothing more happened.
    pub settled_ms: u64,
    /// What to know about it, such as that its network never became idle.
    pub problem: Option<String>,
    /// What the visitor did on it without a purpose, as people do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gestures: Vec<Gesture>,
}

/// What people do on a page without wanting anything from it; many sites load their tags only then.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Gesture {
    /// The pointer was moved.
    Pointer,
    /// The wheel was turned, and back.
    Wheel,
    /// A finger was drawn over the page.
    Touch,
    /// The Shift key was pressed.
    Key,
}

/// How opening a page went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VisitStatus {
    /// The page was observed.
    Ok,
    /// The server answered with an error status.
    HttpError,
    /// There was no answer, or the page died.
    Failed,
    /// The answer did not end in time.
    Timeout,
    /// The answer was not a web page, or an empty one.
    NotHtml,
    /// The server wanted proof of a human visitor.
    Challenge,
}

/// What is known of the published notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeState {
    /// It was found and read.
    Read(Box<Notice>),
    /// The site was looked through and links to none.
    Missing {
        /// Where we looked.
        why: String,
    },
    /// There may be one, but it could not be read.
    Unreadable {
        /// Its address.
        url: String,
        /// What went wrong.
        why: String,
        /// Whether others may be able to read it: no server refused it, and we lack the means.
        by_us: bool,
    },
    /// We were not able to look.
    NotSought {
        /// What went wrong.
        why: String,
    },
}

/// Why a rule could not be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// A pass that the rule looks at was not run.
    NotRun(Pass),
    /// A pass that the rule looks at did not complete.
    Incomplete {
        /// Which.
        pass: Pass,
        /// What went wrong.
        why: String,
        /// How much was observed all the same, if only some pages were not.
        coverage: Option<Coverage>,
    },
    /// There is no notice to compare with.
    NoNotice(String),
    /// The evidence is there, but what it means is not known.
    Unclear(String),
    /// The question does not arise for this site.
    NotApplicable(String),
}

/// A part of the evidence: what was seen in some passes while the visitor's choice stood at some
/// value.
#[derive(Clone, Copy, Debug)]
pub struct Observations<'a> {
    evidence: &'a Evidence,
    includes: fn(&Sighting) -> bool,
}

impl Evidence {
    /// The evidence about `site`, a registrable domain.
    pub(crate) const fn new(site: String, parts: EvidenceParts) -> Self {
        Self { site, parts }
    }

    /// The same evidence beside another notice.
    #[cfg(test)]
    pub(crate) fn with_notice(mut self, notice: NoticeState) -> Self {
        self.parts.notice = notice;
        self
    }

    /// The same evidence with cookies and storage items filed as the user says. Of several overrides for one
    /// thing the first counts.
    #[must_use]
    pub fn overridden(&self, overrides: &[Override]) -> Cow<'_, Self> {
        if overrides.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut evidence = self.clone();
        let said = |name: &str, host: &str| {
            overrides.iter().find(|it| it.covers(name, host)).map(Override::classification)
        };
        for cookie in &mut evidence.parts.cookies {
            if let Some(class) = said(&cookie.key.name, &cookie.key.domain) {
                cookie.class = class;
            }
        }
        for item in &mut evidence.parts.storage {
            let host = site::host_of(&item.key.origin).unwrap_or_default();
            if let Some(class) = said(&item.key.key, &host) {
                item.class = class;
            }
        }
        Cow::Owned(evidence)
    }

    /// How the notice was come by, and what belongs to it.
    pub const fn notice_setting(&self) -> &NoticeSetting {
        &self.parts.notice_setting
    }

    /// The site's notice, or why there is none to compare with.
    pub fn notice(&self) -> Result<&Notice, Undecided> {
        match &self.parts.notice {
            NoticeState::Read(notice) if notice.is_notice => Ok(notice),
            NoticeState::Read(notice) => Err(Undecided::NoNotice(format!(
                "the page at {} does not read like a cookie notice",
                notice.source
            ))),
            NoticeState::Missing { .. } => {
                Err(Undecided::NoNotice("no cookie notice was found".to_owned()))
            }
            NoticeState::Unreadable { url, why, .. } => {
                Err(Undecided::NoNotice(format!("the notice at {url} could not be read: {why}")))
            }
            NoticeState::NotSought { why } => Err(Undecided::NoNotice(why.clone())),
        }
    }

    /// What is known of the notice, for rules about the notice itself.
    pub const fn notice_state(&self) -> &NoticeState {
        &self.parts.notice
    }

    /// Addresses of the documents that pages show in frames.
    pub fn frames(&self) -> impl Iterator<Item = &str> {
        self.parts.frames.iter().map(String::as_str)
    }

    /// Every pass that was run, with how it went.
    pub fn passes(&self) -> impl Iterator<Item = (Pass, &PassEvidence)> {
        self.parts.passes.iter().map(|(pass, evidence)| (*pass, evidence))
    }

    /// How `pass` went, or that it was not run. Rules want [`Self::before_choice`] and its
    /// companions; this is for rules about the banner, and for reports.
    pub fn pass(&self, pass: Pass) -> Result<&PassEvidence, Undecided> {
        self.parts.passes.get(&pass).ok_or(Undecided::NotRun(pass))
    }

    /// Visits what was seen before any choice, in whichever pass; then says whether the pass that
    /// makes no choice was complete.
    pub fn before_choice(&self, visit: impl FnOnce(Observations<'_>)) -> Result<(), Undecided> {
        visit(Observations { evidence: self, includes: |seen| seen.consent == Consent::Unset });
        self.complete(Pass::None)?;
        self.is_what_others_are_given()
    }

    /// Visits what was seen after the visitor refused, if the refusal was proved; then says whether
    /// the reject pass was complete.
    pub fn after_refusal(&self, visit: impl FnOnce(Observations<'_>)) -> Result<(), Undecided> {
        // What follows a click that did nothing did not happen after a refusal.
        self.choice_made(Pass::Reject)?;
        visit(Observations {
            evidence: self,
            includes: |seen| seen.pass == Pass::Reject && seen.consent == Consent::Refused,
        });
        self.complete(Pass::Reject)
    }

    /// Visits what was seen after the visitor took consent back, if that was proved; then says
    /// whether the withdraw pass was complete.
    pub fn after_withdrawal(&self, visit: impl FnOnce(Observations<'_>)) -> Result<(), Undecided> {
        self.choice_made(Pass::Withdraw)?;
        visit(Observations {
            evidence: self,
            includes: |seen| seen.pass == Pass::Withdraw && seen.consent == Consent::Withdrawn,
        });
        self.complete(Pass::Withdraw)
    }

    /// Visits everything that was seen; then says whether the passes that leave the banner alone,
    /// refuse and accept were complete. Withdrawing shows the site nothing that accepting does not.
    pub fn everywhere(&self, visit: impl FnOnce(Observations<'_>)) -> Result<(), Undecided> {
        visit(Observations { evidence: self, includes: |_| true });
        for pass in Pass::BASIC {
            self.complete(pass)?;
        }
        self.is_what_others_are_given()
    }

    /// The same as [`Self::everywhere`] for what scripts did and what was disclosed: then says whether that was watched.
    pub fn behaviour(&self, visit: impl FnOnce(Observations<'_>)) -> Result<(), Undecided> {
        self.everywhere(visit)?;
        match &self.parts.unwatched {
            Some(why) => Err(Undecided::Unclear(why.clone())),
            None => Ok(()),
        }
    }

    /// What only visitors were given before a choice whose browser does not name this program, less what any pass was
    /// given before its choice.
    pub fn only_others_are_given(&self) -> Vec<&OnlyHere> {
        let before =
            Observations { evidence: self, includes: |seen| seen.consent == Consent::Unset };
        let mut seen = BTreeSet::new();
        let cookies = before.cookies_and_attempts();
        seen.extend(cookies.map(|(it, _)| (it.key.name.clone(), it.key.domain.clone())));
        let items = before.storage_and_probes();
        seen.extend(items.map(|(it, _)| (it.key.key.clone(), it.key.origin.clone())));
        seen.extend(before.hosts().map(|(it, _)| (String::new(), it.host.to_string())));
        let second = self.pass(Pass::None).ok().and_then(|it| it.second_visitor.as_ref());
        let given = second.into_iter().flat_map(|it| &it.only_here);
        given.filter(|it| !seen.contains(&(it.name.clone(), it.place.clone()))).collect()
    }

    /// Whether visitors with another browser are given the same before a choice, as far as it may need consent: if not,
    /// they see another site than the scan did.
    fn is_what_others_are_given(&self) -> Result<(), Undecided> {
        let only_others = self.only_others_are_given();
        match only_others.iter().find(|it| it.category != Some(Category::Essential)) {
            None => Ok(()),
            Some(kept) => Err(Undecided::Unclear(format!(
                "visitors whose browser does not name this program are given {kept}, and the scan was not"
            ))),
        }
    }

    /// Whether everything that `pass` was to look at was observed. Where the site offers no choice
    /// the visit is still whole: it is what such a visitor gets. Where a banner may have been missed it is not.
    pub fn complete(&self, pass: Pass) -> Result<(), Undecided> {
        let evidence = self.pass(pass)?;
        match &evidence.choice {
            Choice::Failed { why } => return Err(Undecided::incomplete(pass, why)),
            Choice::Unavailable { .. } => self.banner_was_sought(pass, evidence)?,
            Choice::NotAsked | Choice::Made { .. } => (),
        }
        let of_pass = evidence.gaps.iter().find(|gap| gap.visit.is_none());
        match of_pass.or(evidence.gaps.first()) {
            None => Ok(()),
            Some(gap) => Err(Undecided::Incomplete {
                pass,
                why: gap.why.clone(),
                coverage: gap.visit.map(|_| evidence.coverage()),
            }),
        }
    }

    /// That a choice which a pass did not find is not there for all that is known: no banner was missed, and everything
    /// that may make the choice was understood.
    pub fn banner_was_sought(&self, pass: Pass, evidence: &PassEvidence) -> Result<(), Undecided> {
        let missed = self.missed_banner(evidence).or_else(|| evidence.not_understood(self));
        missed.map_or(Ok(()), |why| Err(Undecided::incomplete(pass, why)))
    }

    fn choice_made(&self, pass: Pass) -> Result<(), Undecided> {
        let evidence = self.pass(pass)?;
        match &evidence.choice {
            Choice::Made { .. } => Ok(()),
            Choice::Unavailable { why } => {
                self.banner_was_sought(pass, evidence)?;
                Err(Undecided::NotApplicable(why.clone()))
            }
            Choice::Failed { why } => Err(Undecided::incomplete(pass, why)),
            Choice::NotAsked => Err(Undecided::incomplete(pass, "no choice was made")),
        }
    }
}

impl<'a> Observations<'a> {
    /// Cookies of this part, each with where it was seen. Those that only tried out what the browser does, and those that
    /// no browser stores, are left out.
    pub fn cookies(self) -> impl Iterator<Item = (&'a ObservedCookie, Vec<&'a Sighting>)> {
        self.cookies_and_attempts().filter(|(it, _)| !it.probe && it.is_kept_somewhere())
    }

    /// The same with those that are left out there.
    pub fn cookies_and_attempts(
        self,
    ) -> impl Iterator<Item = (&'a ObservedCookie, Vec<&'a Sighting>)> {
        self.evidence.parts.cookies.iter().filter_map(move |it| Some((it, self.pick(&it.seen)?)))
    }

    /// Storage items of this part, each with where it was seen. Those that only tried out what the browser does are left
    /// out.
    pub fn storage(self) -> impl Iterator<Item = (&'a ObservedStorage, Vec<&'a Sighting>)> {
        self.storage_and_probes().filter(|(it, _)| !it.probe)
    }

    /// The same with those that only tried out what the browser does.
    pub fn storage_and_probes(
        self,
    ) -> impl Iterator<Item = (&'a ObservedStorage, Vec<&'a Sighting>)> {
        self.evidence.parts.storage.iter().filter_map(move |it| Some((it, self.pick(&it.seen)?)))
    }

    /// Hosts of this part, each with where it was contacted.
    pub fn hosts(self) -> impl Iterator<Item = (&'a ObservedHost, Vec<&'a Sighting>)> {
        self.evidence.parts.hosts.iter().filter_map(move |it| Some((it, self.pick(&it.seen)?)))
    }

    /// Scripts of this part, each with where it did what it did.
    pub fn scripts(self) -> impl Iterator<Item = (&'a ObservedScript, Vec<&'a Sighting>)> {
        self.evidence.parts.scripts.iter().filter_map(move |it| Some((it, self.pick(&it.seen)?)))
    }

    /// What other sites received in this part, each with where.
    pub fn disclosures(self) -> impl Iterator<Item = (&'a Disclosure, Vec<&'a Sighting>)> {
        self.evidence
            .parts
            .disclosures
            .iter()
            .filter_map(move |it| Some((it, self.pick(&it.seen)?)))
    }

    /// Identifiers of cookies that went to other sites in this part, each with where.
    pub fn shared(self) -> impl Iterator<Item = (&'a SharedIdentifier, Vec<&'a Sighting>)> {
        self.evidence.parts.shared.iter().filter_map(move |it| Some((it, self.pick(&it.seen)?)))
    }

    fn pick(self, seen: &'a [Sighting]) -> Option<Vec<&'a Sighting>> {
        let picked: Vec<_> = seen.iter().filter(|it| (self.includes)(it)).collect();
        (!picked.is_empty()).then_some(picked)
    }
}

impl Undecided {
    /// A pass did not complete.
    pub fn incomplete(pass: Pass, why: impl Into<String>) -> Self {
        Self::Incomplete { pass, why: why.into(), coverage: None }
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRun(pass) => write!(f, "the {} pass was not run", pass.title()),
            Self::Incomplete { pass, why, coverage: None } => {
                write!(f, "the {} pass is incomplete: {why}", pass.title())
            }
            Self::Incomplete { pass, why, coverage: Some(Coverage { observed, pages }) } => {
                write!(f, "the {} pass observed {observed} of {pages} pages: {why}", pass.title())
            }
            Self::NoNotice(why) | Self::Unclear(why) | Self::NotApplicable(why) => f.write_str(why),
        }
    }
}
