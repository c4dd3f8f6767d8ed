//! Puts a report together from what was recorded, what it means, and what the rules say of it.

use std::{collections::BTreeSet, fmt::Write as _};

use sha2::{Digest as _, Sha256};

use super::model::{
    BannerReport, BasisReport, ClaimReport, CookieReport, DataSource, Declared, HostReport,
    LawReport, NoticeReport, OutcomeName, PassOutcome, PassReport, PictureReport, ProblemReport,
    Report, SCHEMA, Scan, StorageReport, Tool, VerdictReport,
};
use crate::{
    audit::{
        self, Finding, Outcome, Policy, Verdict, claims,
        declaration_match::{self, Declarations},
    },
    classify::{self, Knowledge},
    interpret::final_url,
    model::{
        Alias, Banner, BannerFacts, Choice, Evidence, Law, Notice, NoticeState, ObservedCookie,
        ObservedHost, ObservedStorage, Pass, PassEvidence, Via, VisitStatus, site,
    },
    recording::{EventKind, PassRecording, Recording},
};

/// The report on one target.
pub fn report(
    recording: &Recording,
    evidence: &Evidence,
    policy: &Policy,
    verdicts: &[Verdict],
    exit_code: u8,
) -> Report {
    let evidence = &*evidence.overridden(&policy.overrides);
    let notice = evidence.notice().ok();
    let declarations = notice.map(Declarations::new);
    let declarations = declarations.as_ref();
    let mut cookies = Vec::new();
    let mut storage = Vec::new();
    let mut hosts = Vec::new();
    // The verdicts say what evidence is missing; here everything that was seen is listed.
    let _ = evidence.everywhere(|seen| {
        cookies = seen.cookies_and_attempts().map(|(it, _)| cookie(it, declarations)).collect();
        storage = seen.storage_and_probes().map(|(it, _)| storage_item(it, declarations)).collect();
        hosts = seen.hosts().map(|(it, _)| host(it, notice)).collect();
    });
    let mut findings: Vec<Finding> = verdicts
        .iter()
        .flat_map(|verdict| match &verdict.outcome {
            Outcome::Violated { findings, .. } => findings.as_slice(),
            _ => &[],
        })
        .cloned()
        .collect();
    // Rules come in their order and their findings in theirs; the sort is stable.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool {
            name: "crumbcheck".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data: data(),
        },
        scan: scan(recording, evidence, &policy.law),
        pictures: recording
            .passes
            .iter()
            .flat_map(|pass| pass.pictures.iter().map(|it| (pass.pass, it)))
            .map(|(pass, it)| PictureReport {
                pass,
                at: it.at,
                caption: it.caption.clone(),
                jpeg: it.jpeg.clone(),
            })
            .collect(),
        passes: recording.passes.iter().filter_map(|it| pass(evidence, it.pass)).collect(),
        cookies,
        storage,
        hosts,
        notice: match evidence.notice_state() {
            NoticeState::Read(notice) => Some(notice_report(evidence, notice)),
            _ => None,
        },
        verdicts: verdicts.iter().map(verdict).collect(),
        remedies: audit::remedies(&findings),
        findings,
        problems: problems(recording, evidence),
        exit_code,
    }
}

fn data() -> Vec<DataSource> {
    classify::data_sources()
        .into_iter()
        .map(|it| DataSource {
            source: it.name.to_owned(),
            version: it.version.to_owned(),
            date: it.date.to_owned(),
            licence: it.licence.to_owned(),
        })
        .collect()
}

/// The user's filter lists, as sources beside those that are part of the program.
pub fn lists(knowledge: &Knowledge) -> impl Iterator<Item = DataSource> {
    knowledge.lists().iter().map(|list| {
        let about = list.about();
        DataSource {
            source: format!("filter list {}", about.name),
            version: about.version().to_owned(),
            date: about.date.clone(),
            licence: about.licence().to_owned(),
        }
    })
}

fn scan(recording: &Recording, evidence: &Evidence, judged_by: &Law) -> Scan {
    let vantage = &recording.vantage;
    let id = Sha256::digest(format!(
        "{}\n{}\n{}",
        recording.target.url, recording.started, recording.duration_ms
    ));
    let id = id[..8].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    Scan {
        id,
        started: recording.started.clone(),
        duration_ms: recording.duration_ms,
        target: recording.target.url.clone(),
        final_url: final_url(recording).map_or(recording.target.url.clone(), |url| url.to_string()),
        site: evidence.site.clone(),
        profile: judged_by.profile().name.clone(),
        law: law(judged_by),
        browser: vantage.browser.clone(),
        user_agent: vantage.user_agent.clone(),
        webdriver: vantage.webdriver,
        third_party_cookies: vantage.third_party_cookies.to_string(),
        visits: 1,
    }
}

/// The law a case was judged by; the sample reports show it too.
pub(super) fn law(law: &Law) -> LawReport {
    let profile = law.profile();
    LawReport {
        title: profile.title.clone(),
        in_force: profile.in_force.clone(),
        written: profile.written.clone(),
        source: profile.source.clone(),
        bases: law
            .bases()
            .iter()
            .map(|(category, exemption)| BasisReport {
                category: *category,
                exemption: exemption.name.clone(),
                paragraph: exemption.paragraph.clone(),
            })
            .collect(),
    }
}

fn pass(evidence: &Evidence, pass: Pass) -> Option<PassReport> {
    let evidence = evidence.pass(pass).ok()?;
    let observed = evidence.visits.first().is_some_and(|visit| visit.status == VisitStatus::Ok);
    let (outcome, why) = match &evidence.choice {
        Choice::NotAsked | Choice::Made { .. } if !observed => (PassOutcome::Failed, gap(evidence)),
        Choice::NotAsked | Choice::Made { .. } => (PassOutcome::Done, gap(evidence)),
        Choice::Unavailable { why } => (PassOutcome::Unavailable, Some(why.clone())),
        Choice::Failed { why } => (PassOutcome::Failed, Some(why.clone())),
    };
    let (via, clicks, proof) = match &evidence.choice {
        Choice::Made { via, clicks, proof } => (*via, *clicks, proof.clone()),
        _ => (Via::None, 0, Vec::new()),
    };
    Some(PassReport {
        pass,
        outcome,
        via,
        cmp: evidence.choices.last().and_then(|it| it.cmp.clone()),
        clicks,
        proof,
        why,
        banner: match &evidence.banner {
            Banner::Found { text, accept, reject, facts } => Some(BannerReport {
                text: text.clone(),
                accept: *accept,
                reject: *reject,
                facts: BannerFacts::clone(facts),
            }),
            Banner::Absent | Banner::Doubtful { .. } => None,
        },
        choice: evidence.choices.iter().find(|it| it.choice == pass && pass != Pass::None).cloned(),
        earlier_choices: evidence.choices.iter().filter(|it| it.choice != pass).cloned().collect(),
        pages: evidence.visits.clone(),
    })
}

/// What of a pass could not be observed, first what concerns more than one page.
fn gap(evidence: &PassEvidence) -> Option<String> {
    let of_pass = evidence.gaps.iter().find(|gap| gap.visit.is_none());
    of_pass.or(evidence.gaps.first()).map(|gap| gap.why.clone())
}

fn cookie(it: &ObservedCookie, declarations: Option<&Declarations<'_>>) -> CookieReport {
    let key = &it.key;
    CookieReport {
        name: key.name.clone(),
        domain: if key.host_only { key.domain.clone() } else { format!(".{}", key.domain) },
        path: key.path.clone(),
        partition: key.partition.clone(),
        host_only: key.host_only,
        party: it.party,
        category: it.class.category,
        basis: it.class.basis.clone(),
        set_by: it.set_by.clone(),
        lifetime: it.lifetime,
        secure: it.secure,
        http_only: it.http_only,
        same_site: it.same_site,
        seen: it.seen.clone(),
        sent_to: it.sent_to.clone(),
        blocked: it.blocked.clone(),
        declared: declared(declarations, &key.name, &key.domain),
        value: it.value.clone(),
    }
}

fn storage_item(it: &ObservedStorage, declarations: Option<&Declarations<'_>>) -> StorageReport {
    StorageReport {
        origin: it.key.origin.clone(),
        kind: it.key.kind,
        key: it.key.key.clone(),
        party: it.party,
        category: it.class.category,
        basis: it.class.basis.clone(),
        set_by: it.set_by.clone(),
        seen: it.seen.clone(),
        declared: declared(
            declarations,
            &it.key.key,
            &site::host_of(&it.key.origin).unwrap_or_default(),
        ),
    }
}

fn host(it: &ObservedHost, notice: Option<&Notice>) -> HostReport {
    HostReport {
        host: it.host.to_string(),
        site: it.site.clone(),
        organisation: it.class.organisation.clone(),
        party: it.party,
        category: it.class.category,
        basis: it.class.basis.clone(),
        requests: it.requests,
        kinds: it.kinds.clone(),
        cloaked_as: match &it.alias {
            Alias::Tracker { to, .. } => Some(to.clone()),
            Alias::None | Alias::Unknown(_) => None,
        },
        initiators: it.initiators.clone(),
        seen: it.seen.clone(),
        declared: notice
            .and_then(|notice| declaration_match::third_party_named(notice, it))
            .map(|as_written| Declared { as_written }),
    }
}

fn declared(declarations: Option<&Declarations<'_>>, name: &str, domain: &str) -> Option<Declared> {
    let as_written = declarations?.declared(name, domain)?.as_written.to_owned();
    Some(Declared { as_written })
}

fn notice_report(evidence: &Evidence, notice: &Notice) -> NoticeReport {
    NoticeReport {
        schema: notice.schema.clone(),
        source: notice.source.clone(),
        language: notice.language.clone(),
        is_notice: notice.is_notice,
        declarations: notice.declarations.clone(),
        claims: notice
            .claims
            .iter()
            .zip(claims::judge_all(evidence, notice))
            .map(|(claim, judged)| ClaimReport {
                kind: claim.kind.name().to_owned(),
                categories: claim.categories.clone(),
                provider: claim.provider.clone(),
                quote: claim.quote.clone(),
                verdict: judged.standing.name().to_owned(),
                evidence: judged.evidence,
            })
            .collect(),
        links: notice.links.clone(),
        reviewed: notice.reviewed.clone(),
        problems: notice.problems.clone(),
    }
}

fn verdict(verdict: &Verdict) -> VerdictReport {
    let (outcome, why) = match &verdict.outcome {
        Outcome::Satisfied => (OutcomeName::Satisfied, None),
        Outcome::Violated { incomplete, .. } => {
            (OutcomeName::Violated, incomplete.as_ref().map(ToString::to_string))
        }
        Outcome::Open(why) => (OutcomeName::Open, Some(why.to_string())),
        Outcome::NotApplicable(why) => (OutcomeName::NotApplicable, Some(why.clone())),
    };
    VerdictReport { rule: verdict.rule.id.to_owned(), outcome, why }
}

fn problems(recording: &Recording, evidence: &Evidence) -> Vec<ProblemReport> {
    let mut problems: Vec<ProblemReport> = recording
        .problems
        .iter()
        .chain(recording.passes.iter().flat_map(|pass| &pass.problems))
        .map(|it| ProblemReport { place: it.place.clone(), message: it.message.clone() })
        .collect();
    for pass in &recording.passes {
        for visit in &pass.visits {
            if let Some(problem) = &visit.problem {
                let place = format!("pass {}", pass.pass);
                problems
                    .push(ProblemReport { place, message: format!("{}: {problem}", visit.url) });
            }
        }
    }
    problems.extend(recording.passes.iter().flat_map(happenings));
    match evidence.notice_state() {
        NoticeState::Missing { why } | NoticeState::NotSought { why } => {
            problems.push(ProblemReport { place: "notice".to_owned(), message: why.clone() });
        }
        NoticeState::Unreadable { url, why, .. } => {
            let message = format!("{url}: {why}");
            problems.push(ProblemReport { place: "notice".to_owned(), message });
        }
        NoticeState::Read(notice) => {
            problems.extend(notice.problems.iter().map(|it| ProblemReport {
                place: "notice".to_owned(),
                message: it.message.clone(),
            }));
        }
    }
    problems.dedup();
    problems
}

/// What pages did that a visitor would have had to deal with, and how it was dealt with; once each.
fn happenings(pass: &PassRecording) -> Vec<ProblemReport> {
    let messages: BTreeSet<String> = pass
        .events
        .iter()
        .filter_map(|event| {
            let page = pass.visits.get(event.visit).map_or("", |visit| visit.url.as_str());
            match &event.kind {
                EventKind::Dialog { kind } => {
                    Some(format!("{page}: a dialog ({kind}) was dismissed"))
                }
                EventKind::Download { url } => {
                    Some(format!("{page}: a download of {url} was blocked"))
                }
                EventKind::PopupRefused { url } => {
                    Some(format!("{page}: a pop-up window for {url} was blocked"))
                }
                _ => None,
            }
        })
        .collect();
    let place = format!("pass {}", pass.pass);
    messages.into_iter().map(|message| ProblemReport { place: place.clone(), message }).collect()
}
