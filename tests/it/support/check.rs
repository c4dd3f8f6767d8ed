//! Holds a report against the expectations of its site, and against what the server saw.

use std::collections::BTreeSet;

use crumbcheck::{
    demo::{ClaimExpectation, CookieExpectation, Expect, Hit, HostExpectation, PassExpectation},
    model::NamePattern,
    report::model::{CookieReport, HostReport, OutcomeName, PassReport, Report},
};
use serde::Serialize;

use super::{Run, truth};

/// Hosts that full Chromium calls on its own account, whatever page is open; no page asked for
/// them, so they belong in no report.
const BROWSERS_OWN: &[&str] = &[
    "accounts.google.com",
    "android.clients.google.com",
    "clients2.google.com",
    "content-autofill.googleapis.com",
    "mtalk.google.com",
    "optimizationguide-pa.googleapis.com",
    "safebrowsing.googleapis.com",
    "update.googleapis.com",
];

/// Everything that is not as expected, each with what was seen instead. Empty if all is well.
pub(crate) fn mismatches(expect: &Expect, run: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    let exit = run.code.and_then(|code| u8::try_from(code).ok());
    if !expect.exit.is_empty() && !exit.is_some_and(|code| expect.exit.contains(&code)) {
        wrong.push(format!("exit code {:?}, not one of {:?}", run.code, expect.exit));
    }
    for left in &run.left_behind {
        wrong.push(format!("{left} was left in the folder for temporary files"));
    }
    check_requests(expect, &run.hits, &mut wrong);
    if let Some(recording) = &run.recording {
        wrong.extend(truth::differences(recording, &run.hits, BROWSERS_OWN));
    }
    match run.json.clone().map(serde_json::from_value::<Report>) {
        Some(Ok(report)) => {
            check_report(expect, &report, &mut wrong);
            check_truth(&report, &run.hits, &mut wrong);
            if exit.is_some_and(|code| code != report.exit_code) {
                wrong.push(format!("the report gives {} as exit code", report.exit_code));
            }
        }
        Some(Err(why)) => wrong.push(format!("the report is not of its own format: {why}")),
        None if expect.exit.contains(&3) && exit == Some(3) => {}
        None => {
            let start: String = run.stdout.chars().take(200).collect();
            wrong.push(format!("no report was printed, but {start:?}"));
        }
    }
    if !wrong.is_empty() && !run.stderr.trim().is_empty() {
        wrong.push(format!("on stderr: {}", run.stderr.trim()));
    }
    wrong
}

fn check_requests(expect: &Expect, hits: &[Hit], wrong: &mut Vec<String>) {
    let asked: BTreeSet<String> =
        hits.iter().map(|hit| format!("{}{}", hit.host, hit.path)).collect();
    for wanted in &expect.requested {
        let pattern = NamePattern::new(wanted.as_str());
        if !asked.iter().any(|address| pattern.matches(address)) {
            wrong.push(format!("{wanted} was never asked for; asked for: {}", list(&asked)));
        }
    }
    for unwanted in &expect.never_requested {
        let pattern = NamePattern::new(unwanted.as_str());
        for address in asked.iter().filter(|address| pattern.matches(address)) {
            wrong.push(format!("{address} was asked for"));
        }
    }
}

fn check_report(expect: &Expect, report: &Report, wrong: &mut Vec<String>) {
    check_findings(expect, report, wrong);
    for (rules, outcome) in [
        (&expect.open, OutcomeName::Open),
        (&expect.satisfied, OutcomeName::Satisfied),
        (&expect.not_applicable, OutcomeName::NotApplicable),
    ] {
        for rule in rules {
            match report.verdicts.iter().find(|verdict| verdict.rule == *rule) {
                Some(verdict) if verdict.outcome == outcome => {}
                Some(verdict) => wrong.push(format!(
                    "{rule} is {}, not {} ({})",
                    word(&verdict.outcome),
                    word(&outcome),
                    verdict.why.as_deref().unwrap_or("no reason given"),
                )),
                None => wrong.push(format!("no verdict for {rule}")),
            }
        }
    }
    for cookie in &expect.cookie {
        check_cookie(cookie, &report.cookies, wrong);
    }
    for host in &expect.host {
        check_host(host, &report.hosts, wrong);
    }
    for claim in &expect.claim {
        check_claim(claim, report, wrong);
    }
    for pass in &expect.pass {
        check_pass(pass, &report.passes, wrong);
    }
}

fn check_findings(expect: &Expect, report: &Report, wrong: &mut Vec<String>) {
    let found: Vec<(String, &_)> = report
        .findings
        .iter()
        .map(|finding| (format!("{} {}", finding.rule, finding.subject), finding))
        .collect();
    let names: BTreeSet<String> = found.iter().map(|(name, _)| name.clone()).collect();
    for wanted in &expect.findings {
        if !names.iter().any(|name| is_about(wanted, name)) {
            let rule = wanted.split(' ').next().unwrap_or_default();
            let others = names.iter().filter(|name| is_about(rule, name)).cloned().collect();
            wrong.push(format!("no finding {wanted}; of that rule there are: {}", list(&others)));
        }
    }
    for unwanted in &expect.absent {
        for (name, finding) in found.iter().filter(|(name, _)| is_about(unwanted, name)) {
            wrong.push(format!("finding {name}: {}", finding.message));
        }
    }
    if expect.exact_findings {
        let low = crumbcheck::audit::Severity::Low;
        for (name, finding) in found.iter().filter(|(_, finding)| finding.severity >= low) {
            if !expect.findings.iter().any(|wanted| is_about(wanted, name)) {
                wrong.push(format!("further finding {name}: {}", finding.message));
            }
        }
    }
}

/// Whether a finding, written as rule and subject, is one that `wanted` speaks of.
fn is_about(wanted: &str, name: &str) -> bool {
    match wanted.split_once(' ') {
        Some(_) => NamePattern::new(wanted).matches(name),
        None => name.split(' ').next() == Some(wanted),
    }
}

fn check_cookie(wanted: &CookieExpectation, seen: &[CookieReport], wrong: &mut Vec<String>) {
    let pattern = NamePattern::new(wanted.name.as_str());
    let candidates: Vec<&CookieReport> = seen
        .iter()
        .filter(|cookie| pattern.matches(&cookie.name))
        .filter(|cookie| wanted.domain.as_ref().is_none_or(|domain| cookie.domain == *domain))
        .filter(|cookie| {
            wanted.partitioned.is_none_or(|partitioned| cookie.partition.is_some() == partitioned)
        })
        .collect();
    if candidates.is_empty() {
        let others = seen.iter().map(|it| format!("{} of {}", it.name, it.domain)).collect();
        let domain = wanted.domain.as_deref().unwrap_or("any domain");
        wrong.push(format!("no cookie {} of {domain}; there are: {}", wanted.name, list(&others)));
    }
    for cookie in candidates {
        let what = format!("cookie {} of {}", cookie.name, cookie.domain);
        let mut is = |field, wanted, seen: String| compare(&what, field, wanted, &seen, wrong);
        is("category", wanted.category.as_ref().map(word), word(&cookie.category));
        is("party", wanted.party.as_ref().map(word), word(&cookie.party));
        is("set_by", wanted.set_by.as_ref().map(word), word(&cookie.set_by.kind));
        is("declared", wanted.declared.map(yes_or_no), yes_or_no(cookie.declared.is_some()));
        is("passes", words(wanted.passes.as_deref()), every(cookie.seen.iter().map(|it| it.pass)));
        is(
            "consents",
            words(wanted.consents.as_deref()),
            every(cookie.seen.iter().map(|it| it.consent)),
        );
    }
}

fn check_host(wanted: &HostExpectation, seen: &[HostReport], wrong: &mut Vec<String>) {
    let Some(host) = seen.iter().find(|host| host.host == wanted.host) else {
        let others = seen.iter().map(|it| it.host.clone()).collect();
        wrong.push(format!("no host {}; there are: {}", wanted.host, list(&others)));
        return;
    };
    let what = format!("host {}", host.host);
    let mut is = |field, wanted, seen: String| compare(&what, field, wanted, &seen, wrong);
    is("category", wanted.category.as_ref().map(word), word(&host.category));
    is("party", wanted.party.as_ref().map(word), word(&host.party));
    is("declared", wanted.declared.map(yes_or_no), yes_or_no(host.declared.is_some()));
    is("passes", words(wanted.passes.as_deref()), every(host.seen.iter().map(|it| it.pass)));
    is("consents", words(wanted.consents.as_deref()), every(host.seen.iter().map(|it| it.consent)));
}

fn check_claim(wanted: &ClaimExpectation, report: &Report, wrong: &mut Vec<String>) {
    let claims = report.notice.iter().flat_map(|it| &it.claims);
    let matches = |pattern: &str, text: &str| NamePattern::new(pattern).matches(text);
    let of: Vec<_> =
        claims.filter(|it| it.kind == wanted.kind && matches(&wanted.quote, &it.quote)).collect();
    let evidence = wanted.evidence.as_deref().unwrap_or("*");
    if of.is_empty() {
        let kinds: BTreeSet<String> = report
            .notice
            .iter()
            .flat_map(|it| &it.claims)
            .map(|it| format!("{} \"{}\"", it.kind, it.quote))
            .collect();
        wrong.push(format!("no claim {} \"{}\", but {}", wanted.kind, wanted.quote, list(&kinds)));
    }
    for claim in of {
        if claim.verdict != wanted.verdict || !matches(evidence, &claim.evidence) {
            wrong.push(format!(
                "the claim {} \"{}\" is {} ({}), not {} ({evidence})",
                claim.kind, claim.quote, claim.verdict, claim.evidence, wanted.verdict
            ));
        }
    }
}

fn check_pass(wanted: &PassExpectation, seen: &[PassReport], wrong: &mut Vec<String>) {
    let Some(pass) = seen.iter().find(|pass| pass.pass == wanted.pass) else {
        wrong.push(format!("no pass {}", wanted.pass));
        return;
    };
    let why = pass.why.as_deref().unwrap_or("no reason given");
    let what = format!("pass {} ({why})", pass.pass);
    let mut is = |field, wanted, seen: String| compare(&what, field, wanted, &seen, wrong);
    is("outcome", wanted.outcome.as_ref().map(word), word(&pass.outcome));
    is("via", wanted.via.as_ref().map(word), word(&pass.via));
    for proof in wanted.proof.iter().filter(|proof| !pass.proof.contains(proof)) {
        let seen = every(pass.proof.iter().copied());
        wrong.push(format!("{what}: proof is {seen}, without {}", word(proof)));
    }
}

/// What the server knows to have happened must be in the report.
fn check_truth(report: &Report, hits: &[Hit], wrong: &mut Vec<String>) {
    let hosts: BTreeSet<&str> = report.hosts.iter().map(|host| host.host.as_str()).collect();
    let asked: BTreeSet<&str> = hits.iter().map(|hit| hit.host.as_str()).collect();
    // What only other visitors were given is told by a finding.
    let told = report.findings.iter().filter(|it| it.rule == "behaves-differently-for-scanners");
    let told: Vec<String> = told.map(|it| format!("{it:?}")).collect();
    let is_told = |host: &str| told.iter().any(|it| it.contains(host));
    let missing = asked.difference(&hosts).filter(|it| !BROWSERS_OWN.contains(it));
    for host in missing.filter(|host| !is_told(host)) {
        wrong.push(format!("{host} was contacted, and the report does not say so"));
    }
    let cookies: BTreeSet<&str> = report.cookies.iter().map(|it| it.name.as_str()).collect();
    let set: BTreeSet<&str> = hits
        .iter()
        .flat_map(|hit| &hit.set_cookie)
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    for name in set.difference(&cookies) {
        wrong.push(format!("the cookie {name} was set, and the report does not say so"));
    }
}

fn compare(what: &str, field: &str, wanted: Option<String>, seen: &str, wrong: &mut Vec<String>) {
    if let Some(wanted) = wanted
        && wanted != seen
    {
        wrong.push(format!("{what}: {field} is {seen}, not {wanted}"));
    }
}

/// The word that reports have for a value.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => format!("{other:?}"),
    }
}

fn words<T: Serialize + Ord + Copy>(values: Option<&[T]>) -> Option<String> {
    values.map(|values| every(values.iter().copied()))
}

/// Each value once, in order.
fn every<T: Serialize + Ord>(values: impl Iterator<Item = T>) -> String {
    let values: BTreeSet<T> = values.collect();
    list(&values.iter().map(word).collect())
}

fn list(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().cloned().collect::<Vec<_>>().join(", ")
}

fn yes_or_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}
