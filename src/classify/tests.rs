use std::{collections::BTreeSet, time::Instant};

use super::facts::{CookieFact, Rest};
use super::*;
use crate::model::{Confidence, NamePattern, SourceId};
use Category::{Essential, Functional, Marketing, Performance, Unknown};

fn knowledge() -> Knowledge {
    Knowledge::embedded()
}

fn cookie(name: &str, domain: &str) -> Classification {
    knowledge().cookie(name, domain, None, &[])
}

const SITE: &str = "www.gwent.police.uk";

/// Names that any scan of a British public body meets.
const WELL_KNOWN: &[(&str, &str, Category)] = &[
    ("PHPSESSID", SITE, Essential),
    ("JSESSIONID", SITE, Essential),
    ("ASP.NET_SessionId", SITE, Essential),
    ("ASPSESSIONIDCQTRBCBA", SITE, Essential),
    ("__RequestVerificationToken", SITE, Essential),
    ("__RequestVerificationToken_L3N0YWdl0", SITE, Essential),
    (".AspNetCore.Antiforgery.cdV5uW_Ejgc", SITE, Essential),
    (".AspNetCore.Session", SITE, Essential),
    ("csrftoken", SITE, Essential),
    ("XSRF-TOKEN", SITE, Essential),
    ("laravel_session", SITE, Essential),
    ("connect.sid", SITE, Essential),
    ("SESS9b724300a4629e938c8521f4cf9c1980", SITE, Essential),
    ("SSESS9b724300a4629e938c8521f4cf9c1980", SITE, Essential),
    ("UMB_SESSION", SITE, Essential),
    ("UMB-XSRF-TOKEN", SITE, Essential),
    ("AWSALB", SITE, Essential),
    ("AWSALBCORS", SITE, Essential),
    ("ARRAffinity", SITE, Essential),
    ("ARRAffinitySameSite", SITE, Essential),
    ("BIGipServerpool_www", SITE, Essential),
    ("TS01d4b5f9", SITE, Essential),
    ("TS01d4b5f9_77", SITE, Essential),
    ("__cf_bm", SITE, Essential),
    ("cf_clearance", SITE, Essential),
    ("incap_ses_1234_567890", SITE, Essential),
    ("visid_incap_567890", SITE, Essential),
    ("nlbi_567890", SITE, Essential),
    ("cookies_policy", SITE, Essential),
    ("cookies_preferences_set", SITE, Essential),
    ("seen_cookie_message", SITE, Essential),
    ("CookieControl", SITE, Essential),
    ("OptanonConsent", SITE, Essential),
    ("OptanonAlertBoxClosed", SITE, Essential),
    ("CookieConsent", SITE, Essential),
    ("cc_cookie", SITE, Essential),
    ("klaro", SITE, Essential),
    ("tarteaucitron", SITE, Essential),
    ("eu-consent", SITE, Essential),
    ("cookieconsent_status", SITE, Essential),
    ("hasConsent", SITE, Essential),
    ("cookie-agreed", SITE, Essential),
    ("cookie-agreed-version", SITE, Essential),
    ("cmplz_banner-status", SITE, Essential),
    ("wcn_session", "osjct.tal.net", Essential),
    ("Crsf-token", "osjct.tal.net", Essential),
    ("idservice_session", "me.tal.net", Essential),
    ("Recite.Persist", SITE, Functional),
    ("website#lang", SITE, Functional),
    ("has_js", SITE, Functional),
    ("_GRECAPTCHA", "www.google.com", Functional),
    ("lidc", "linkedin.com", Functional),
    ("_ga", SITE, Performance),
    ("_ga_4F54BBY2EY", SITE, Performance),
    ("_gid", SITE, Performance),
    ("_gat", SITE, Performance),
    ("_gat_gtag_UA_366198_1", SITE, Performance),
    ("__utma", SITE, Performance),
    ("_pk_id.1.1fff", SITE, Performance),
    ("_pk_ses.1.1fff", SITE, Performance),
    ("_hjSessionUser_123456", SITE, Performance),
    ("_hjAbsoluteSessionInProgress", SITE, Performance),
    ("_clck", SITE, Performance),
    ("_clsk", SITE, Performance),
    ("nmstat", SITE, Performance),
    ("ai_user", SITE, Performance),
    ("ai_session", SITE, Performance),
    ("SC_ANALYTICS_GLOBAL_COOKIE", SITE, Performance),
    ("ajs_anonymous_id", SITE, Performance),
    ("AMP_0f6ee5a1b2", SITE, Performance),
    ("ph_phc_abc_posthog", SITE, Performance),
    ("_sp_id.1fff", SITE, Performance),
    ("_dd_s", SITE, Performance),
    ("vuid", "vimeo.com", Performance),
    ("JSESSIONID", "bam.nr-data.net", Performance),
    ("_gcl_au", SITE, Marketing),
    ("NID", "google.com", Marketing),
    ("NID", "google.co.uk", Marketing),
    ("1P_JAR", ".google.com", Marketing),
    ("IDE", "doubleclick.net", Marketing),
    ("test_cookie", "doubleclick.net", Marketing),
    ("YSC", "youtube.com", Marketing),
    ("VISITOR_INFO1_LIVE", "youtube.com", Marketing),
    ("_fbp", SITE, Marketing),
    ("fr", "facebook.com", Marketing),
    ("bcookie", "linkedin.com", Marketing),
    ("li_sugr", "linkedin.com", Marketing),
    ("_ttp", "tiktok.com", Marketing),
    ("personalization_id", "twitter.com", Marketing),
    ("MUID", "bing.com", Marketing),
    ("_uetsid", SITE, Marketing),
    ("_uetvid", SITE, Marketing),
    ("_mkto_trk", SITE, Marketing),
    ("hubspotutk", SITE, Marketing),
    ("visitor_id456123", SITE, Marketing),
    // Only the Open Cookie Database has these.
    ("uuid2", "adnxs.com", Marketing),
    ("_ym_uid", SITE, Performance),
    ("__insp_uid", SITE, Performance),
    ("KRTBCOOKIE_22", "ads.pubmatic.com", Marketing),
    ("_shopify_y", "shop.example.org", Performance),
];

#[test]
fn well_known_names() {
    let knowledge = knowledge();
    for &(name, domain, category) in WELL_KNOWN {
        let class = knowledge.cookie(name, domain, None, &[]);
        assert_eq!(class.category, category, "{name} at {domain}: {}", class.basis.entry);
        assert!(!class.basis.entry.is_empty() && class.basis.source != SourceId::None, "{name}");
        assert!(class.organisation.is_some(), "{name}");
    }
}

/// Each of these was called essential, or somebody's, by a tool that matched the start of a name.
#[test]
fn names_that_only_look_known() {
    let knowledge = knowledge();
    for name in [
        "session_replay_uid",
        "author_tracking_id",
        "bagel_track",
        "tokenised_visitor_profile",
        "consentless_ad_id",
        "_shibsession_x",
        "_session_id",
        "SESSION_TRACKING",
        "SESSfollow",
        "TS01_visitor",
        "captured_visit",
        "tpl_visitor",
        "CTR_seen",
        "_gathering",
        "_ga_visitor-profile",
        "sid_tracker",
        "visitor_identity",
        "partner-tag",
        "data-track",
        "store_noticeboard",
        "userlanguage",
        "token",
        "m",
        "PHPSESSID2",
        "cookies_accepted",
        "external_referer",
        "partner-id",
        "_landing_page",
        "klaro_ads",
        "",
        "\u{1f36a}",
        "*",
    ] {
        let class = knowledge.cookie(name, SITE, None, &[]);
        assert_eq!(class.category, Unknown, "{name}: {}", class.basis.entry);
        assert_eq!(class.basis.source, SourceId::None, "{name}");
        assert_eq!(class.organisation, None, "{name}");
        let class = knowledge.storage(name, "https://www.gwent.police.uk", None, &[]);
        assert_eq!(class.category, Unknown, "{name}: {}", class.basis.entry);
    }
}

#[test]
fn an_override_beats_every_source_and_gives_its_reason() {
    let over = |pattern: &str, domain: Option<&str>, category| Override {
        pattern: NamePattern::new(pattern),
        domain: domain.map(str::to_owned),
        category,
        reason: "we measured it".to_owned(),
    };
    let knowledge = Knowledge::embedded().with_overrides(vec![
        over("_ga", Some(".Shop.Example.org"), Essential),
        over("_g*", None, Functional),
    ]);
    let class = knowledge.cookie("_ga", "www.shop.example.org", None, &[]);
    assert_eq!(class.category, Essential);
    assert_eq!(class.basis.source, SourceId::Config);
    assert_eq!(class.basis.entry, "override `_ga` at .Shop.Example.org: we measured it");
    assert_eq!(knowledge.cookie("_ga", "notshop.example.org", None, &[]).category, Functional);
    assert_eq!(knowledge.storage("_gx", "https://a.test", None, &[]).category, Functional);
}

#[test]
fn a_session_with_a_tracker_is_not_essential() {
    let class = cookie("PHPSESSID", "track.doubleclick.net");
    assert_eq!(class.category, Marketing, "{}", class.basis.entry);
    let class = cookie("__cf_bm", "px.ads.linkedin.com");
    assert_eq!(class.category, Marketing, "{}", class.basis.entry);
    let by = "https://static.hotjar.com/c/hotjar-1.js";
    let class = knowledge().cookie("PHPSESSID", SITE, Some(by), &[]);
    assert_eq!(class.category, Performance, "{}", class.basis.entry);
    assert!(
        class.basis.entry.starts_with(
            "`PHPSESSID` is a name of PHP, but here it belongs to a host that tracks: "
        )
    );
}

#[test]
fn a_consent_record_stays_one_whoever_loaded_the_banner() {
    let by = "https://www.googletagmanager.com/gtm.js?id=GTM-1";
    for name in ["OptanonConsent", "cookies_policy"] {
        let class = knowledge().cookie(name, SITE, Some(by), &[]);
        assert_eq!(class.category, Essential, "{name}: {}", class.basis.entry);
    }
    let session = knowledge().cookie("csrftoken", SITE, Some(by), &[]);
    assert_eq!(session.category, Essential, "a tag manager is not a tracker by itself");
}

#[test]
fn the_setter_speaks_only_if_it_has_something_to_say() {
    let of = |by: &str| knowledge().cookie("zz_unheard_of", SITE, Some(by), &[]);
    let class = of("https://www.clarity.ms/tag/abc");
    assert_eq!(
        (class.category, class.basis.source),
        (Performance, SourceId::SetterScript),
        "{}",
        class.basis.entry
    );
    assert_eq!(class.basis.confidence, Confidence::Medium);
    assert_eq!(class.organisation.as_deref(), Some("Microsoft Clarity"));
    assert_eq!(of("https://connect.facebook.net/en_US/fbevents.js").category, Marketing);
    let tagged = of("https://www.googletagmanager.com/gtm.js?id=GTM-1");
    assert_eq!((tagged.category, tagged.basis.confidence), (Performance, Confidence::Low));
    for silent in [
        "https://www.gwent.police.uk/app.js",
        "https://static.gwent.police.uk/app.js",
        "https://cdn.jsdelivr.net/npm/js-cookie@3/dist/js.cookie.min.js",
        "https://code.jquery.com/jquery.js",
        "https://consent.cookiebot.com/uc.js",
        "https://unheard-of.example/x.js",
        "blob:https://www.gwent.police.uk/1",
        "not an address",
    ] {
        let class = of(silent);
        assert_eq!(class.category, Unknown, "{silent}: {}", class.basis.entry);
    }
}

#[test]
fn the_chain_speaks_for_scripts_of_others_only() {
    let chain = vec![
        "https://www.googletagmanager.com/gtm.js".to_owned(),
        "https://static.hotjar.com/c/hotjar-1.js".to_owned(),
        "https://cdn.jsdelivr.net/npm/loader.js".to_owned(),
    ];
    let of = |by| knowledge().cookie("zz_unheard_of", SITE, Some(by), &chain);
    let class = of("https://cdn.jsdelivr.net/npm/x.js");
    assert_eq!((class.category, class.basis.confidence), (Performance, Confidence::Low));
    assert!(class.basis.entry.contains("hotjar"), "{}", class.basis.entry);
    assert_eq!(of("https://www.gwent.police.uk/app.js").category, Unknown);
    let tagged = &chain[..1];
    let class = knowledge().cookie("zz", SITE, Some("https://cdn.jsdelivr.net/x.js"), tagged);
    assert_eq!(class.category, Unknown, "a tag manager loads what its user chose");
}

#[test]
fn a_third_party_cookie_takes_after_its_host() {
    let class = cookie("zz_unheard_of", ".casalemedia.com");
    assert_eq!((class.category, class.basis.source), (Marketing, SourceId::ThirdPartyWeb));
    assert_eq!(cookie("zz_unheard_of", "vimeo.com").category, Functional);
    // Whole sites live there; a cookie of one says nothing.
    assert_eq!(cookie("zz_unheard_of", "force.tal.net").category, Unknown);
    assert_eq!(cookie("zz_unheard_of", "www.metoffice.gov.uk").category, Unknown);
}

#[test]
fn hosts_that_other_lists_get_wrong() {
    let knowledge = knowledge();
    for (host, category) in [
        ("www.clarity.ms", Performance),
        ("m.clarity.ms", Performance),
        ("siteimproveanalytics.com", Performance),
        ("6054634.global.siteimproveanalytics.io", Performance),
        ("js-agent.newrelic.com", Performance),
        ("bam.eu01.nr-data.net", Performance),
        ("static.cloudflareinsights.com", Performance),
        ("analytics.silktide.com", Performance),
        ("dc.services.visualstudio.com", Performance),
        ("az416426.vo.msecnd.net", Performance),
        ("az999999.vo.msecnd.net", Functional),
        ("www.googletagmanager.com", Performance),
        ("region1.google-analytics.com", Performance),
        ("stats.g.doubleclick.net", Performance),
        ("consent.cookiebot.com", Functional),
        ("cc.cdn.civiccomputing.com", Functional),
        ("cdn.cookielaw.org", Functional),
        ("api.reciteme.com", Functional),
        ("www.browsealoud.com", Functional),
        ("plus.browsealoud.com", Functional),
        ("speech.speechstream.net", Functional),
        ("cdn.userway.org", Functional),
        ("analytics.tiktok.com", Marketing),
        ("connect.facebook.net", Marketing),
        ("px.ads.linkedin.com", Marketing),
        ("snap.licdn.com", Marketing),
        ("googleads.g.doubleclick.net", Marketing),
        ("bat.bing.com", Marketing),
        ("www.youtube.com", Marketing),
        ("www.youtube-nocookie.com", Functional),
        ("js.hcaptcha.com", Functional),
        ("challenges.cloudflare.com", Functional),
        ("api.os.uk", Functional),
        ("maps.googleapis.com", Functional),
        ("FONTS.googleapis.com.", Functional),
        ("cdn.jsdelivr.net", Functional),
        ("public.govdelivery.com", Functional),
        ("www.criteo.com", Marketing),
        ("unheard-of.example", Unknown),
        ("com", Unknown),
        ("", Unknown),
        ("127.0.0.1", Unknown),
    ] {
        let class = knowledge.host(host);
        assert_eq!(class.category, category, "{host}: {}", class.basis.entry);
        assert_eq!(class.basis.source == SourceId::None, category == Unknown, "{host}");
    }
}

#[test]
fn a_request_is_judged_by_its_path_first() {
    let knowledge = knowledge();
    for (url, category) in [
        ("https://www.facebook.com/tr/?id=1&ev=PageView", Marketing),
        ("https://www.google.com/recaptcha/api.js", Functional),
        ("https://www.gstatic.com/recaptcha/releases/x/recaptcha__en.js", Functional),
        ("https://www.google.com/pagead/1p-user-list/1", Marketing),
        ("https://www.google.com/ccm/collect", Marketing),
        ("https://www.google.co.uk/maps/embed?pb=1", Functional),
        ("https://www.googletagmanager.com/gtag/js?id=G-1", Performance),
        ("https://unheard-of.example/a", Unknown),
        ("data:text/plain,hello", Unknown),
        ("not an address", Unknown),
    ] {
        let class = knowledge.request(url);
        assert_eq!(class.category, category, "{url}: {}", class.basis.entry);
    }
    let known = knowledge.request("https://bat.bing.com/action/0?ti=1");
    assert_eq!(known, knowledge.host("bat.bing.com"));
}

#[test]
fn no_host_is_essential() {
    for fact in knowledge().tables.hosts.rows() {
        assert_ne!(fact.category, Essential, "{}", fact.host);
    }
}

#[test]
fn host_rows_are_sorted_unique_and_complete() {
    let knowledge = knowledge();
    let rows = knowledge.tables.hosts.rows();
    assert!(rows.len() >= 60);
    for pair in rows.windows(2) {
        assert!(pair[0].host < pair[1].host, "{} and {}", pair[0].host, pair[1].host);
    }
    for row in rows {
        let host = row.host.strip_prefix("*.").unwrap_or(&row.host);
        assert!(!host.contains('*') && host.contains('.'), "{}", row.host);
        assert_eq!(row.host, row.host.trim_end_matches('/'));
        let (host, _) = host.split_once('/').unwrap_or((host, ""));
        assert_eq!(host, host.to_ascii_lowercase(), "hosts are compared in lower case");
        assert!(row.category != Unknown, "{}", row.host);
        assert!(is_sentence(&row.does) && !row.by.is_empty(), "{}", row.host);
        assert!(is_source(&row.source) && is_month(&row.written), "{}", row.host);
    }
}

#[test]
fn cookie_rows_are_sorted_unique_and_complete() {
    let facts = CookieFacts::embedded();
    let rows = facts.rows();
    assert!(rows.len() >= 120);
    fn key(row: &CookieFact) -> (&str, &str) {
        (row.name.as_str(), row.domain.as_deref().unwrap_or_default())
    }
    for pair in rows.windows(2) {
        assert!(key(&pair[0]) < key(&pair[1]), "{:?} and {:?}", key(&pair[0]), key(&pair[1]));
    }
    for row in rows {
        let name = &row.name;
        assert!(!name.is_empty() && !name.starts_with('*') && name.trim() == name, "`{name}`");
        assert_ne!(row.category, Unknown, "{name}");
        assert!(is_sentence(&row.purpose) && !row.by.is_empty(), "{name}");
        assert!(is_source(&row.source) && is_month(&row.written), "{name}");
        let lives = row.lifetime.as_deref();
        assert!(lives.is_none_or(is_length), "{name}: {lives:?}");
        assert_eq!(row.rest.is_some(), row.rest.is_some() && name.ends_with('*'), "{name}");
    }
}

/// "2 years", "1 day" or "until the browser is closed".
fn is_length(text: &str) -> bool {
    const UNITS: [&str; 6] = ["minute", "hour", "day", "week", "month", "year"];
    let is_one = |number: &str, unit: &str| {
        let one = unit.strip_suffix('s').unwrap_or(unit);
        UNITS.contains(&one) && (number == "1") == (unit == one) && number.parse::<u32>().is_ok()
    };
    text == "until the browser is closed"
        || text.split_once(' ').is_some_and(|(number, unit)| is_one(number, unit))
}

#[test]
fn a_category_agrees_with_why_a_thing_is_kept() {
    for row in CookieFacts::embedded().rows() {
        let expected: &[Category] = match row.why {
            Why::StrictlyNecessary | Why::Communication | Why::ConsentRecord => &[Essential],
            Why::Appearance => &[Functional],
            Why::Statistical => &[Performance],
            Why::Consent => &[Functional, Performance, Marketing],
        };
        assert!(expected.contains(&row.category), "{}: {:?}", row.name, row.why);
    }
}

/// A wildcard of ours must not do what the short ones of other lists do.
#[test]
fn a_pattern_of_ours_covers_only_what_it_means() {
    for row in CookieFacts::embedded().rows().iter().filter(|row| row.name.contains('*')) {
        let stem = row.name.split('*').next().unwrap_or_default();
        let parted = !stem.ends_with(|char: char| char.is_ascii_alphanumeric());
        let telling = pattern_index::literal(&row.name) >= 4 && (parted || stem.len() >= 8);
        assert!(row.rest.is_some() || telling, "{}", row.name);
    }
    for (rest, yes, no) in [
        (Rest::Hex, "9b7243", "9b72"),
        (Rest::Hex, "d4b5f9_77", "visitor"),
        (Rest::Digits, "123", "12a"),
        (Rest::Word, "4F54BBY2EY", "a-b"),
        (Rest::Capital, "Session", "session"),
    ] {
        let fact = |rest| CookieFact {
            name: "X*".to_owned(),
            rest: Some(rest),
            domain: None,
            category: Essential,
            why: Why::StrictlyNecessary,
            confidence: Confidence::High,
            by: String::new(),
            purpose: String::new(),
            lifetime: None,
            source: String::new(),
            written: String::new(),
        };
        assert!(fact(rest).holds(&format!("X{yes}"), SITE), "{rest:?} {yes}");
        assert!(!fact(rest).holds(&format!("X{no}"), SITE), "{rest:?} {no}");
        assert!(!fact(rest).holds("X", SITE), "{rest:?}");
    }
}

#[test]
fn only_known_sources_are_named() {
    let knowledge = knowledge();
    let sources: BTreeSet<SourceId> = WELL_KNOWN
        .iter()
        .map(|&(name, domain, _)| knowledge.cookie(name, domain, None, &[]).basis.source)
        .collect();
    let known = [SourceId::Facts, SourceId::OpenCookieDatabase, SourceId::ThirdPartyWeb];
    assert!(sources.iter().all(|source| known.contains(source)), "{sources:?}");
}

/// Names and hosts are written by strangers.
#[test]
fn hostile_text_is_classified_without_falling_over() {
    let long = "a*".repeat(5_000);
    for text in [long.as_str(), "_ga_\u{0}", "__Host-\u{202e}", "é", "_hjé", "_gaté", "a.b..c"] {
        knowledge().cookie(text, text, Some(text), &[text.to_owned()]);
        knowledge().storage(text, text, Some(text), &[]);
        knowledge().host(text);
        knowledge().request(&format!("https://{text}/"));
    }
}

/// Every row that is not under consent says on what terms, in both languages.
#[test]
fn exempt_rows_have_conditions() {
    let facts = CookieFacts::embedded();
    let rows = conditions::load();
    for pair in rows.windows(2) {
        assert!(pair[0].by <= pair[1].by, "{} and {}", pair[0].by, pair[1].by);
    }
    for row in rows {
        assert!(row.text.ends_with('.') && row.cy.ends_with('.'), "{}", row.by);
        assert!(is_source(&row.source) && is_month(&row.written), "{}", row.by);
        assert!(facts.rows().iter().any(|fact| fact.by == row.by), "nobody is {}", row.by);
    }
    let exempt = facts
        .rows()
        .iter()
        .filter(|fact| !matches!(fact.why, facts::Why::Consent | facts::Why::ConsentRecord));
    for fact in exempt {
        let has = conditions::conditions(&fact.by).any(|it| it.why == fact.why);
        assert!(has, "{} of {}", fact.name, fact.by);
    }
    let of = conditions::conditions("Google Analytics").find(|it| it.ground() == "statistical");
    assert!(of.is_some_and(|it| it.text.contains("Google")));
}

#[test]
fn what_is_embedded_stays_small() {
    let sizes = [
        facts::TEXTS.iter().map(|it| it.len()).sum(),
        conditions::TEXT.len(),
        include_str!("data/hosts.toml").len(),
        include_str!(concat!(env!("OUT_DIR"), "/open-cookie-database.tsv")).len(),
        include_str!(concat!(env!("OUT_DIR"), "/third-party-web.tsv")).len(),
    ];
    assert!(sizes.iter().sum::<usize>() < 1_000_000, "{sizes:?}");
}

#[test]
fn ten_thousand_cookies_take_well_under_a_second() {
    let knowledge = knowledge();
    let chain = vec!["https://www.googletagmanager.com/gtm.js".to_owned()];
    let started = Instant::now();
    for number in 0..10_000 {
        let by = "https://cdn.jsdelivr.net/x.js";
        knowledge.cookie(&format!("_x{number}"), "www.example.org", Some(by), &chain);
    }
    let took = started.elapsed();
    assert!(took.as_secs() < 5, "{took:?}; a scan over every row would take minutes");
}

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && text.starts_with(char::is_uppercase)
}

fn is_source(text: &str) -> bool {
    text.starts_with("https://")
}

fn is_month(text: &str) -> bool {
    format!("{text}-01").parse::<jiff::civil::Date>().is_ok()
}

#[test]
fn what_our_facts_say_needs_consent_is_marked_and_an_override_takes_the_mark_away() {
    let knowledge = knowledge();
    let only = |name: &str| knowledge.cookie(name, "shop.test", None, &[]).consent_only;
    assert!(only("_ga") && only("_fbp"));
    assert!(
        !only("Dynamics365PortalAnalytics") && !only("KEYCLOAK_LOCALE") && !only("nobody-knows")
    );
    // Who records single visits counts nothing, and a host is no word on what it counts for.
    assert!(knowledge.host("static.hotjar.com").consent_only);
    assert!(!knowledge.host("www.google-analytics.com").consent_only);
    let said = Override {
        pattern: NamePattern::new("_ga"),
        domain: None,
        category: Category::Performance,
        reason: "given on the command line".to_owned(),
    };
    assert!(
        !Knowledge::embedded()
            .with_overrides(vec![said])
            .cookie("_ga", "shop.test", None, &[])
            .consent_only
    );
}
