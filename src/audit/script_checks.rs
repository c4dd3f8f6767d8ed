//! What the rules about what scripts do have in common.

use super::{Finding, Findings, Severity, attribution::CodeHome, phrases};
use crate::model::{
    Citation, CodePlace, Consent, Host, ObservedScript, Remedy, Sighting, Subject, Technique,
};

/// How much it matters by what the visitor had chosen: after consent it is only informational.
pub(super) fn severity(at: &[&Sighting], unasked: Severity) -> Severity {
    if may_have_agreed(at) { Severity::Informational } else { unasked }
}

/// Whether something was seen only after consent, or where it is not known what the visitor had chosen.
pub(super) fn may_have_agreed(at: &[&Sighting]) -> bool {
    at.iter().all(|it| matches!(it.consent, Consent::Granted | Consent::Unknown))
}

/// Whether something was seen only after consent, so that it is gated as it should be.
pub(super) fn is_gated(at: &[&Sighting]) -> bool {
    at.iter().all(|it| it.consent == Consent::Granted)
}

/// " before any choice", " after refusal", or nothing after consent.
pub(super) fn consent_suffix(at: &[&Sighting]) -> &'static str {
    let any = |consent| at.iter().any(|it| it.consent == consent);
    if any(Consent::Refused) {
        " after refusal"
    } else if any(Consent::Unset) {
        " before any choice"
    } else if any(Consent::Withdrawn) {
        " after withdrawal"
    } else {
        ""
    }
}

/// What a script did of some kinds, in words.
pub(super) fn actions(
    script: &ObservedScript,
    of: impl Fn(Technique) -> bool,
) -> Vec<&'static str> {
    script.techniques.keys().filter(|it| of(**it)).map(|it| it.words()).collect()
}

/// What has to be gated so that something is no longer sent: the script that sent it, or what contacts the host.
pub(super) fn sender(findings: &Findings<'_>, script: Option<&CodePlace>, host: &Host) -> Remedy {
    match script {
        Some(place) => findings.attribution.gate_of_script(place.script.as_str()),
        None => findings.attribution.gate_of_host(host),
    }
}

/// The script that sent something, as a citation.
pub(super) fn sent_by(place: &CodePlace) -> Citation {
    Citation::SentBy { place: place.clone() }
}

/// A finding about a script that does `what`: where it was seen, the calls, and what loaded it.
pub(super) fn finding(
    findings: &Findings<'_>,
    (script, at): (&ObservedScript, &[&Sighting]),
    what: &str,
    unasked: Severity,
    of: impl Fn(Technique) -> bool,
) -> Finding {
    let name = phrases::short(script.url.as_str());
    // The address of a page or a frame is that of no script.
    let written = match findings.attribution.home(script.url.as_str()) {
        CodeHome::Script => "",
        CodeHome::Page | CodeHome::Frame(_) => "written into ",
    };
    let message = format!(
        "the script {written}{name} {what}{}{}",
        consent_suffix(at),
        phrases::page_suffix(at)
    );
    let mut finding = findings
        .draft(Subject::Script(script.url.clone()), message)
        .severity(severity(at, unasked))
        .seen(at);
    for (technique, call) in script.techniques.iter().filter(|it| of(*it.0)) {
        let line = Some(call.line).filter(|it| *it > 0);
        finding = finding.cite(Citation::Script {
            place: CodePlace { script: script.url.clone(), line },
            what: technique.words().to_owned(),
            detail: call.detail.clone(),
        });
    }
    if !script.chain.is_empty() {
        finding = finding.cite(Citation::LoadedThrough { chain: script.chain.clone() });
    }
    finding
}
