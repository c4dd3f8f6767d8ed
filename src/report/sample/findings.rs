//! What the rules said of the support site.

use std::cmp::Reverse;

use super::{ANALYTICS, COOKIES, GTM, HELP, HOME, PIXEL};
use crate::{
    audit::{
        Finding,
        Severity::{self, High, Informational, Low, Medium},
    },
    model::{
        self, Confidence, CookieKey, NoticeEdit, Pass, Remedy, ScriptUrl, Subject,
        SubjectKind::{self, Banner, Claim, Cookie, Declaration, Host, Notice},
    },
    report::model::{OutcomeName, VerdictReport},
};

/// All findings, in the order of a report.
pub(super) fn findings() -> Vec<Finding> {
    let mut all = before_consent();
    all.extend(beside_the_notice());
    all.extend(others());
    all.sort_by_key(|finding| Reverse(finding.severity));
    all
}

fn before_consent() -> Vec<Finding> {
    let cookies = [
        ("_fbp", "marketing", PIXEL),
        ("_ga", "performance", ANALYTICS),
        ("_gid", "performance", ANALYTICS),
    ]
    .map(|(name, what, tag)| {
        finding(
            "cookie-before-consent",
            High,
            (Cookie, &format!("{name}@.harbour-support.example")),
            &format!("the {what} cookie {name} is set before any choice"),
            &format!("Set {name} only after the visitor has agreed"),
        )
        .cite(format!("set by the script {tag}, loaded through {GTM}"))
        .cite(format!("open-cookie-database says {what}: {name}"))
    });
    let hosts = ["connect.facebook.net", "www.facebook.com"].map(|host| {
        finding(
            "tracker-before-consent",
            High,
            (Host, host),
            &format!("Meta's marketing host {host} is contacted before any choice"),
            &format!("Contact {host} only after the visitor has agreed"),
        )
        .cite(format!("third-party-web says marketing: {host}"))
    });
    let waived = Finding {
        waived: Some("until the map is replaced, 2026-06-30".to_owned()),
        ..finding(
            "cookie-before-consent",
            Medium,
            (Cookie, "NID@.google.com"),
            "the functional cookie NID is set before any choice",
            "Load the map only when the visitor asks for it",
        )
    };
    cookies.into_iter().chain(hosts).chain([waived]).collect()
}

fn beside_the_notice() -> Vec<Finding> {
    let about =
        |finding| Finding { passes: Vec::new(), pages: vec![COOKIES.to_owned()], ..finding };
    let mut all: Vec<_> = [
        "_fbp@.harbour-support.example",
        "_ga@.harbour-support.example",
        "_gid@.harbour-support.example",
        "PHPSESSID@www.harbour-support.example",
    ]
    .map(|id| {
        let name = id.split('@').next().unwrap();
        finding(
            "undeclared-cookie",
            Medium,
            (Cookie, id),
            &format!("the notice does not name the cookie {name}"),
            &format!("Name {name} in the notice with its purpose and lifetime"),
        )
        .cite(format!("{COOKIES} names cookie_choice, NID and JSESSIONID"))
    })
    .into();
    all.push(
        about(finding(
            "contradicted-claim",
            High,
            (Claim, "We do not use advertising cookies."),
            "the notice says \u{201c}We do not use advertising cookies.\u{201d}, but _fbp is one",
            "Take the sentence out, or take the advertising cookies out",
        ))
        .cite("open-cookie-database says marketing: _fbp"),
    );
    all.push(
        about(finding(
            "stale-declaration",
            Low,
            (Declaration, "JSESSIONID"),
            "the notice names JSESSIONID, which was not seen in the passes that completed",
            "Take JSESSIONID out of the notice if the site no longer sets it",
        ))
        .confidence(Confidence::Low),
    );
    all.push(about(finding(
        "stale-notice",
        Informational,
        (Notice, COOKIES),
        "the notice was last reviewed in 2023-05",
        "Review the notice and say when",
    )));
    all
}

fn others() -> Vec<Finding> {
    vec![
        Finding {
            passes: vec![Pass::Reject],
            pages: vec![HELP.to_owned()],
            ..finding(
                "cookie-after-reject",
                High,
                (Cookie, "_ga@.harbour-support.example"),
                "the performance cookie _ga is written after the visitor refused",
                "Do not load the analytics tag once the visitor has refused",
            )
        },
        Finding {
            pages: vec![HELP.to_owned()],
            ..finding(
                "visit-disclosed-to-third-party",
                High,
                (Host, "www.facebook.com"),
                "Meta is told that the visitor read /get-help",
                "Take the pixel off pages that tell what help someone needs",
            )
            .cite(
                "https://www.facebook.com/tr/?id=~15:9f3c51d20a7be846&ev=PageView\
                 &dl=https%3A%2F%2Fwww.harbour-support.example%2Fget-help",
            )
        },
        finding(
            "harder-reject",
            Medium,
            (Banner, "banner"),
            "refusing takes 2 clicks and accepting 1",
            "Put a button that refuses beside the one that accepts, in the same style",
        ),
        finding(
            "insecure-cookie",
            Medium,
            (Cookie, "PHPSESSID@www.harbour-support.example"),
            "the session cookie PHPSESSID is sent over plain HTTP too",
            "Set PHPSESSID with Secure and SameSite=Lax",
        )
        .cite(format!("set by the response from {HOME}")),
    ]
}

fn finding(
    rule: &str,
    severity: Severity,
    (kind, id): (SubjectKind, &str),
    message: &str,
    advice: &str,
) -> Finding {
    // FNV-1a: any number that differs will do here.
    let mut fingerprint = 0xcbf2_9ce4_8422_2325_u64;
    for byte in rule.bytes().chain(id.bytes()) {
        fingerprint = (fingerprint ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    Finding {
        rule: rule.to_owned(),
        severity,
        confidence: Confidence::High,
        remedy: remedy(rule),
        settled_by: None,
        subject: subject(kind, id),
        passes: vec![Pass::None, Pass::Reject],
        pages: vec![HOME.to_owned(), HELP.to_owned()],
        message: message.to_owned(),
        advice: advice.to_owned(),
        citations: Vec::new(),
        cited: Vec::new(),
        fingerprint: format!("{fingerprint:016x}"),
        waived: None,
    }
}

/// What pages loaded the pixel for is fixed by its script; what the notice has wrong, in the notice.
fn remedy(rule: &str) -> Remedy {
    match rule {
        "stale-declaration" | "contradicted-claim" | "stale-notice" | "undeclared-cookie" => {
            Remedy::EditNotice { edit: NoticeEdit::Revise }
        }
        "insecure-cookie" => Remedy::Server,
        "harder-reject" => Remedy::FixBanner,
        _ => Remedy::GateScript { script: ScriptUrl::new(PIXEL) },
    }
}

fn subject(kind: SubjectKind, id: &str) -> Subject {
    let text = id.to_owned();
    match kind {
        Cookie => {
            let (name, domain) = id.split_once('@').unwrap();
            Subject::Cookie(CookieKey {
                name: name.to_owned(),
                domain: domain.trim_start_matches('.').to_owned(),
                path: "/".to_owned(),
                partition: None,
                host_only: !domain.starts_with('.'),
            })
        }
        Host => Subject::Host(model::Host::new(id)),
        Declaration => Subject::Declaration(text),
        Claim => Subject::Claim(text),
        Banner => Subject::Banner(text),
        Notice => Subject::Notice(text),
        _ => Subject::Site(text),
    }
}

/// One verdict.
pub(super) fn verdict(rule: &str, outcome: OutcomeName, why: Option<&str>) -> VerdictReport {
    VerdictReport { rule: rule.to_owned(), outcome, why: why.map(str::to_owned) }
}

/// All verdicts, in the order of the rules.
pub(super) fn verdicts() -> Vec<VerdictReport> {
    use OutcomeName::{NotApplicable, Open, Satisfied, Violated};
    let accept =
        Some("the accept pass is incomplete: the accept button is covered by another element");
    vec![
        verdict("cookie-before-consent", Violated, None),
        verdict("tracker-before-consent", Violated, None),
        verdict("cookie-after-reject", Violated, None),
        verdict("missing-reject-option", Satisfied, None),
        verdict("harder-reject", Violated, None),
        verdict("forgotten-choice", Satisfied, None),
        verdict("cookie-wall", Satisfied, None),
        verdict("undeclared-cookie", Violated, accept),
        verdict("undeclared-third-party", Violated, accept),
        verdict("stale-declaration", Violated, accept),
        verdict("lifetime-mismatch", Open, accept),
        verdict("contradicted-claim", Violated, None),
        verdict("stale-notice", Violated, None),
        verdict("visit-disclosed-to-third-party", Violated, None),
        verdict("insecure-cookie", Violated, None),
        verdict(
            "unclassified-cookie",
            Open,
            Some("no source knows what this cookie is for: vt_seg"),
        ),
        verdict("cookie-after-withdrawal", Open, Some("the withdraw pass was not run")),
        verdict("bilingual-mismatch", NotApplicable, Some("the notice is in one language")),
    ]
}
