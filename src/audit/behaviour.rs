//! What the rules about what scripts do have in common.

use super::{Finding, Findings, Severity, SubjectKind, wording};
use crate::model::{Consent, ObservedScript, Sighting, Technique};

/// How much it matters by what the visitor had chosen: what was agreed to is only worth knowing.
pub(super) fn severity(at: &[&Sighting], unasked: Severity) -> Severity {
    let agreed = at.iter().all(|it| it.consent == Consent::Granted);
    if agreed { Severity::Informational } else { unasked }
}

/// " before any choice", " after refusing", or nothing if it was agreed to.
pub(super) fn moment(at: &[&Sighting]) -> &'static str {
    let any = |consent| at.iter().any(|it| it.consent == consent);
    if any(Consent::Refused) {
        " although the visitor refused"
    } else if any(Consent::Unset) {
        " before any choice"
    } else if any(Consent::Withdrawn) {
        " after consent was taken back"
    } else {
        ""
    }
}

/// What a script did of some kinds, in words.
pub(super) fn deeds(script: &ObservedScript, of: impl Fn(Technique) -> bool) -> Vec<&'static str> {
    script.techniques.keys().filter(|it| of(**it)).map(|it| it.words()).collect()
}

/// A finding about a script that does `what`: where it was seen, the calls, and what loaded it.
pub(super) fn finding(
    findings: &Findings,
    (script, at): (&ObservedScript, &[&Sighting]),
    what: &str,
    unasked: Severity,
    of: impl Fn(Technique) -> bool,
) -> Finding {
    let name = wording::short(&script.url);
    let message = format!("the script {name} {what}{}{}", moment(at), wording::place(at));
    let mut finding = findings
        .draft(SubjectKind::Host, script.url.clone(), message)
        .severity(severity(at, unasked))
        .seen(at);
    for (technique, place) in script.techniques.iter().filter(|it| of(*it.0)) {
        finding = finding.cite(format!("{} {}: {place}", script.url, technique.words()));
    }
    if !script.chain.is_empty() {
        finding = finding.cite(format!("loaded through {}", script.chain.join(" → ")));
    }
    finding
}
