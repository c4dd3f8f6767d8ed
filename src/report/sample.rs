//! Reports to test formats with: a support site with the usual troubles, one without, one that did
//! not answer, and one whose every text is hostile. All names are made up.

mod banner;
mod findings;

use banner::{banner, choice};
use findings::{findings, verdict, verdicts};

use super::{
    build,
    model::{
        ClaimReport, CookieReport, DataSource, Declared, HostReport, NoticeReport, OutcomeName,
        PassOutcome, PassReport, ProblemReport, Report, SCHEMA, Scan, StorageReport, Tool,
    },
};
use crate::model::{
    Basis, Category, CategoryBasis, Confidence, Consent, Declaration, DeclaredLifetime, Law,
    Lifetime, Link, LinkKind, Notice, NoticeProblem, NoticeProblemKind, Party, Pass, Proof,
    SameSite, SetBy, SetKind, Sighting, SourceId, StorageKind, Via, Visit, VisitStatus,
    WrittenLifetime,
};

const SITE: &str = "harbour-support.example";
const HOME: &str = "https://www.harbour-support.example/";
const HELP: &str = "https://www.harbour-support.example/get-help";
const COOKIES: &str = "https://www.harbour-support.example/cookies";
const GTM: &str = "https://www.googletagmanager.com/gtm.js?id=GTM-K4T9QX";
const ANALYTICS: &str = "https://www.google-analytics.com/analytics.js";
const PIXEL: &str = "https://connect.facebook.net/en_US/fbevents.js";
const YEAR: i64 = 365 * 86_400;

/// A site for people in need whose tags run whatever they choose.
pub(super) fn report() -> Report {
    Report {
        schema: SCHEMA.to_owned(),
        tool: tool(),
        scan: Scan {
            law: build::law(&Law::read("uk", &["performance=statistical"]).unwrap()),
            ..scan(HOME, 41_200)
        },
        passes: vec![
            PassReport {
                pages: vec![
                    ok(HOME),
                    Visit { problem: Some("never came to rest".to_owned()), ..ok(HELP) },
                    ok(COOKIES),
                ],
                ..pass(Pass::None)
            },
            PassReport {
                via: Via::Heuristic,
                clicks: 2,
                cmp: Some("Civic Cookie Control".to_owned()),
                proof: vec![Proof::BannerGone, Proof::ConsentStored, Proof::PersistsAfterReload],
                banner: Some(banner("Cookies on this site", "Accept all", "Reject all")),
                choice: Some(choice(Pass::Reject, "Reject all")),
                pages: vec![ok(HOME), ok(HELP)],
                ..pass(Pass::Reject)
            },
            PassReport {
                outcome: PassOutcome::Failed,
                why: Some("the accept button is covered by another element".to_owned()),
                pages: vec![
                    ok(HOME),
                    Visit {
                        status: VisitStatus::Timeout,
                        http_status: None,
                        settled_ms: 30_000,
                        problem: Some("no answer within 30 s".to_owned()),
                        url: HELP.to_owned(),
                    },
                ],
                ..pass(Pass::Accept)
            },
        ],
        cookies: cookies(),
        storage: storage(),
        hosts: hosts(),
        notice: Some(notice()),
        verdicts: verdicts(),
        findings: findings(),
        pictures: Vec::new(),
        problems: vec![
            ProblemReport {
                place: "pass accept".to_owned(),
                message: "the accept button is covered by another element".to_owned(),
            },
            ProblemReport {
                place: "notice".to_owned(),
                message: "table 2 has no header row and was not read".to_owned(),
            },
        ],
        exit_code: 1,
    }
}

/// A site where nothing was found in three whole passes.
pub(super) fn clean() -> Report {
    let whole = |pass_: Pass| PassReport {
        via: if pass_ == Pass::None { Via::None } else { Via::Recipe },
        clicks: u32::from(pass_ != Pass::None),
        proof: match pass_ {
            Pass::None => Vec::new(),
            _ => vec![Proof::BannerGone, Proof::PersistsAfterReload],
        },
        banner: None,
        choice: None,
        earlier_choices: Vec::new(),
        pages: vec![ok(HOME), ok(COOKIES)],
        ..pass(pass_)
    };
    let full = report();
    Report {
        passes: Pass::BASIC.map(whole).to_vec(),
        cookies: full.cookies.into_iter().filter(|it| it.name == "cookie_choice").collect(),
        storage: Vec::new(),
        hosts: full.hosts.into_iter().filter(|it| it.party == Party::First).take(1).collect(),
        notice: full.notice.map(|mut notice| {
            notice.declarations.truncate(1);
            notice.claims.clear();
            notice
        }),
        verdicts: vec![
            verdict("cookie-before-consent", OutcomeName::Satisfied, None),
            verdict("undeclared-cookie", OutcomeName::Satisfied, None),
            verdict(
                "weak-quick-exit",
                OutcomeName::NotApplicable,
                Some("the site has no quick-exit control"),
            ),
        ],
        findings: Vec::new(),
        pictures: Vec::new(),
        problems: Vec::new(),
        exit_code: 0,
        ..full
    }
}

/// A site that could not be reached.
pub(super) fn unreachable() -> Report {
    let failed = |pass_: Pass| PassReport {
        outcome: PassOutcome::Failed,
        why: Some("the host name does not resolve".to_owned()),
        banner: None,
        choice: None,
        earlier_choices: Vec::new(),
        pages: vec![Visit {
            status: VisitStatus::Failed,
            http_status: None,
            settled_ms: 0,
            problem: Some("ERR_NAME_NOT_RESOLVED".to_owned()),
            url: HOME.to_owned(),
        }],
        ..pass(pass_)
    };
    let why = Some("the none pass is incomplete: the host name does not resolve");
    Report {
        scan: scan("https://harbour-support.example/", 300),
        passes: Pass::BASIC.map(failed).to_vec(),
        cookies: Vec::new(),
        storage: Vec::new(),
        hosts: Vec::new(),
        notice: None,
        verdicts: vec![
            verdict("cookie-before-consent", OutcomeName::Open, why),
            verdict("undeclared-cookie", OutcomeName::Open, why),
        ],
        findings: Vec::new(),
        pictures: Vec::new(),
        problems: vec![ProblemReport {
            place: "pass none".to_owned(),
            message: "the host name does not resolve".to_owned(),
        }],
        exit_code: 3,
        ..report()
    }
}

/// The first report with text that tries to get out of whatever it is put in, in every place that
/// a site or its notice can write to.
pub(super) fn hostile() -> Report {
    const EVIL: &str = "\u{1b}[2J\u{9b}1m</code><script>alert(1)</script>\" onclick='x' \
                        {{ 7*7 }}\u{202e}gpj.\u{200b}\u{7f}\u{2028}\nhttp://evil.example/";
    fn spoil(value: &mut serde_json::Value, key: &str) {
        const OURS: &[&str] =
            &["schema", "rule", "fingerprint", "started", "licence", "severity", "id"];
        match value {
            serde_json::Value::String(text) if text.contains(' ') || text.contains("://") => {
                text.push_str(EVIL);
            }
            serde_json::Value::String(text)
                if matches!(key, "name" | "key" | "as_written" | "host" | "organisation") =>
            {
                text.push_str(EVIL);
            }
            serde_json::Value::Array(list) => list.iter_mut().for_each(|it| spoil(it, key)),
            serde_json::Value::Object(map) => map
                .iter_mut()
                .filter(|(key, _)| !OURS.contains(&key.as_str()))
                .for_each(|(key, it)| spoil(it, key)),
            _ => (),
        }
    }
    let mut value = serde_json::to_value(report()).unwrap();
    spoil(&mut value, "");
    let mut report: Report = serde_json::from_value(value).unwrap();
    for finding in &mut report.findings {
        finding.subject.id.push_str(EVIL);
    }
    report
}

fn tool() -> Tool {
    let data = |source: &str, version: &str, date: &str, licence: &str| DataSource {
        source: source.to_owned(),
        version: version.to_owned(),
        date: date.to_owned(),
        licence: licence.to_owned(),
    };
    Tool {
        name: "crumbcheck".to_owned(),
        version: "0.1.0".to_owned(),
        data: vec![
            data("open-cookie-database", "2.3.0", "2026-01-21", "Apache-2.0"),
            data("third-party-web", "0.27.0", "2025-11-03", "MIT"),
        ],
    }
}

fn scan(target: &str, duration_ms: u64) -> Scan {
    Scan {
        id: "5d3f1c0a9be24471".to_owned(),
        started: "2026-03-02T09:14:07Z".to_owned(),
        duration_ms,
        target: "https://harbour-support.example/".to_owned(),
        final_url: target.to_owned(),
        site: SITE.to_owned(),
        profile: "uk".to_owned(),
        law: build::law(&Law::default()),
        browser: "Chromium 143.0.7499.40".to_owned(),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/143.0.0.0 Safari/537.36"
            .to_owned(),
        webdriver: Some(false),
        third_party_cookies: "allowed".to_owned(),
        visits: 1,
    }
}

fn pass(pass: Pass) -> PassReport {
    PassReport {
        pass,
        outcome: PassOutcome::Done,
        via: Via::None,
        cmp: None,
        clicks: 0,
        proof: Vec::new(),
        why: None,
        banner: None,
        choice: None,
        earlier_choices: Vec::new(),
        pages: Vec::new(),
    }
}

fn ok(url: &str) -> Visit {
    Visit {
        url: url.to_owned(),
        status: VisitStatus::Ok,
        http_status: Some(200),
        settled_ms: 2_140,
        problem: None,
    }
}

fn seen(list: &[(Pass, Consent, &str)]) -> Vec<Sighting> {
    list.iter()
        .map(|&(pass, consent, page)| Sighting {
            pass,
            consent,
            page: page.to_owned(),
            at_end: true,
        })
        .collect()
}

fn basis(source: SourceId, entry: &str, confidence: Confidence) -> Basis {
    Basis { source, entry: entry.to_owned(), confidence }
}

fn script(url: &str, chain: &[&str]) -> SetBy {
    SetBy {
        kind: SetKind::Script,
        url: Some(url.to_owned()),
        chain: chain.iter().map(|&it| it.to_owned()).collect(),
    }
}

fn response(url: &str) -> SetBy {
    SetBy { kind: SetKind::Http, url: Some(url.to_owned()), chain: Vec::new() }
}

fn cookie(name: &str, domain: &str, category: Category, set_by: SetBy) -> CookieReport {
    CookieReport {
        name: name.to_owned(),
        domain: domain.to_owned(),
        path: "/".to_owned(),
        partition: None,
        host_only: !domain.starts_with('.'),
        party: if domain.ends_with(SITE) { Party::First } else { Party::Third },
        category,
        basis: basis(SourceId::OpenCookieDatabase, name, Confidence::High),
        set_by,
        lifetime: Lifetime { session: true, seconds: None, requested_seconds: None },
        secure: true,
        http_only: false,
        same_site: SameSite::Lax,
        seen: Vec::new(),
        sent_to: vec!["www.harbour-support.example".to_owned()],
        blocked: None,
        declared: None,
        value: None,
    }
}

fn lasting(asked: i64) -> Lifetime {
    Lifetime {
        session: false,
        seconds: Some(asked.min(400 * 86_400)),
        requested_seconds: Some(asked),
    }
}

fn cookies() -> Vec<CookieReport> {
    use Consent::{Refused, Unset};
    use Pass::{Accept, None, Reject};
    let domain = ".harbour-support.example";
    let always = [
        (None, Unset, HOME),
        (None, Unset, HELP),
        (Reject, Unset, HOME),
        (Reject, Refused, HELP),
        (Accept, Unset, HOME),
    ];
    vec![
        CookieReport {
            seen: seen(&[(None, Unset, HOME)]),
            blocked: Some("third-party cookies are refused by this site's own header".to_owned()),
            same_site: SameSite::None,
            lifetime: lasting(90 * 86_400),
            ..cookie(
                "fr",
                ".facebook.com",
                Category::Marketing,
                response("https://www.facebook.com/tr/"),
            )
        },
        CookieReport {
            seen: seen(&always[1..2]),
            same_site: SameSite::None,
            http_only: true,
            lifetime: lasting(183 * 86_400),
            declared: Some(Declared { as_written: "NID".to_owned() }),
            ..cookie(
                "NID",
                ".google.com",
                Category::Functional,
                response("https://maps.google.com/maps/api/js"),
            )
        },
        CookieReport {
            seen: seen(&always),
            lifetime: lasting(90 * 86_400),
            ..cookie("_fbp", domain, Category::Marketing, script(PIXEL, &[GTM]))
        },
        CookieReport {
            seen: seen(&always),
            lifetime: lasting(2 * YEAR),
            ..cookie("_ga", domain, Category::Performance, script(ANALYTICS, &[GTM]))
        },
        CookieReport {
            seen: seen(&always[..3]),
            lifetime: lasting(86_400),
            ..cookie("_gid", domain, Category::Performance, script(ANALYTICS, &[GTM]))
        },
        CookieReport {
            seen: seen(&always),
            secure: false,
            http_only: true,
            same_site: SameSite::Unset,
            ..cookie(
                "PHPSESSID",
                "www.harbour-support.example",
                Category::Essential,
                response(HOME),
            )
        },
        CookieReport {
            seen: seen(&always[3..4]),
            lifetime: lasting(YEAR),
            declared: Some(Declared { as_written: "cookie_choice".to_owned() }),
            basis: basis(SourceId::Notice, "cookie_choice: remembers your choice", Confidence::Low),
            ..cookie(
                "cookie_choice",
                "www.harbour-support.example",
                Category::Essential,
                script("https://www.harbour-support.example/js/consent.js", &[]),
            )
        },
        CookieReport {
            seen: seen(&always[..1]),
            basis: basis(SourceId::None, "no source knows vt_seg", Confidence::Low),
            ..cookie("vt_seg", "www.harbour-support.example", Category::Unknown, SetBy::unknown())
        },
    ]
}

fn storage() -> Vec<StorageReport> {
    use Consent::Unset;
    let item = |kind, key: &str, category, set_by| StorageReport {
        origin: "https://www.harbour-support.example".to_owned(),
        kind,
        key: key.to_owned(),
        party: Party::First,
        category,
        basis: basis(SourceId::Facts, key, Confidence::Medium),
        set_by,
        seen: seen(&[(Pass::None, Unset, HOME), (Pass::Reject, Unset, HOME)]),
        declared: None,
    };
    vec![
        item(StorageKind::Local, "_fbee_events", Category::Marketing, script(PIXEL, &[GTM])),
        item(
            StorageKind::Session,
            "quick-exit-ready",
            Category::Essential,
            script("https://www.harbour-support.example/js/exit.js", &[]),
        ),
    ]
}

fn hosts() -> Vec<HostReport> {
    use Consent::{Refused, Unset};
    let host = |host: &str, category, kinds: &[&str], initiator: &str| {
        let third = !host.ends_with(SITE);
        HostReport {
            host: host.to_owned(),
            site: host
                .rsplitn(3, '.')
                .take(2)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect::<Vec<_>>()
                .join("."),
            organisation: None,
            party: if third { Party::Third } else { Party::First },
            category,
            basis: basis(SourceId::ThirdPartyWeb, host, Confidence::High),
            requests: 4,
            kinds: kinds.iter().map(|&it| it.to_owned()).collect(),
            cloaked_as: None,
            initiators: vec![initiator.to_owned()],
            seen: seen(&[
                (Pass::None, Unset, HOME),
                (Pass::None, Unset, HELP),
                (Pass::Reject, Unset, HOME),
                (Pass::Reject, Refused, HELP),
                (Pass::Accept, Unset, HOME),
            ]),
            declared: None,
        }
    };
    let tracked = |mut report: HostReport, who: &str| {
        report.organisation = Some(who.to_owned());
        report
    };
    vec![
        host(
            "www.harbour-support.example",
            Category::Essential,
            &["document", "image", "script"],
            HOME,
        ),
        tracked(host("connect.facebook.net", Category::Marketing, &["script"], GTM), "Meta"),
        HostReport {
            declared: Some(Declared { as_written: "Google Maps".to_owned() }),
            ..tracked(host("maps.google.com", Category::Functional, &["script"], HELP), "Google")
        },
        tracked(host("www.facebook.com", Category::Marketing, &["image"], PIXEL), "Meta"),
        tracked(
            host("www.google-analytics.com", Category::Performance, &["beacon", "script"], GTM),
            "Google",
        ),
        tracked(host("www.googletagmanager.com", Category::Marketing, &["script"], HOME), "Google"),
    ]
}

fn declaration(name: &str, purpose: &str, category: Category, life: (&str, i64)) -> Declaration {
    Declaration {
        as_written: name.to_owned(),
        patterns: vec![name.to_owned()],
        provider: None,
        domain: None,
        purpose: Some(purpose.to_owned()),
        category: Some(category),
        category_basis: Some(CategoryBasis::Section),
        section: Some("Cookies we use".to_owned()),
        lifetime: DeclaredLifetime {
            kind: WrittenLifetime::Duration,
            as_written: Some(life.0.to_owned()),
            seconds: u64::try_from(life.1).ok(),
            max_seconds: None,
            sliding: false,
        },
    }
}

fn notice() -> NoticeReport {
    let claim = |kind: &str, categories, quote: &str, verdict: &str, evidence: &str| ClaimReport {
        kind: kind.to_owned(),
        categories,
        provider: None,
        quote: quote.to_owned(),
        verdict: verdict.to_owned(),
        evidence: evidence.to_owned(),
    };
    NoticeReport {
        schema: Notice::SCHEMA.to_owned(),
        source: COOKIES.to_owned(),
        language: "en".to_owned(),
        is_notice: true,
        declarations: vec![
            declaration(
                "cookie_choice",
                "Remembers whether you accepted cookies",
                Category::Essential,
                ("1 year", YEAR),
            ),
            Declaration {
                provider: Some("Google Maps".to_owned()),
                ..declaration(
                    "NID",
                    "Shows you a map",
                    Category::Functional,
                    ("6 months", 180 * 86_400),
                )
            },
            declaration(
                "JSESSIONID",
                "Keeps your place in a form",
                Category::Essential,
                ("when you close your browser", 0),
            ),
        ],
        claims: vec![
            claim(
                "no-category",
                vec![Category::Marketing],
                "We do not use advertising cookies.",
                "contradicted",
                "_fbp@.harbour-support.example is marketing (open-cookie-database)",
            ),
            claim(
                "prior-consent",
                vec![],
                "We will not set any other cookies until you agree.",
                "contradicted",
                "4 cookies that need consent were set before any choice",
            ),
            claim(
                "retention",
                vec![],
                "We delete our statistics after 26 months.",
                "not-testable",
                "what happens on a server cannot be seen from a browser",
            ),
        ],
        links: vec![Link {
            kind: LinkKind::ThirdPartyNotice,
            url: "https://policies.google.com/privacy".to_owned(),
        }],
        reviewed: Some("2023-05".to_owned()),
        problems: vec![NoticeProblem {
            kind: NoticeProblemKind::TableNotUnderstood,
            message: "table 2 has no header row and was not read".to_owned(),
        }],
    }
}
