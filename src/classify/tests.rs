use std::collections::BTreeSet;

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

/// A suite of which a site may use either part makes no category wrong; what is advertising alone does.
#[test]
fn products_that_serve_two_purposes_name_both() {
    let knowledge = Knowledge::embedded();
    let or = |name: &str, host: &str| {
        let class = knowledge.cookie(name, host, None, &[]);
        (class.category, class.or)
    };
    for (name, host, category, other) in [
        ("AMCV_0A1B%40AdobeOrg", "shop.test", Category::Marketing, Some(Category::Performance)),
        ("s_ecid", "shop.test", Category::Marketing, Some(Category::Performance)),
        ("hubspotutk", "shop.test", Category::Marketing, Some(Category::Performance)),
        ("__hstc", "shop.test", Category::Performance, Some(Category::Marketing)),
        ("MUID", "clarity.ms", Category::Marketing, Some(Category::Performance)),
        ("NID", "google.com", Category::Marketing, Some(Category::Functional)),
        ("_ga", "shop.test", Category::Performance, None),
        ("_fbp", "shop.test", Category::Marketing, None),
        ("demdex", "demdex.net", Category::Marketing, None),
    ] {
        assert_eq!(or(name, host), (category, other), "{name}");
    }
}

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

/// People ask about a name without knowing where it is kept.
#[test]
fn a_name_without_a_host_is_taken_for_the_best_known_one_and_never_for_essential() {
    for (name, category) in [
        ("NID", Marketing),
        ("fr", Marketing),
        ("uuid2", Marketing),
        ("session", Unknown),
        ("token", Unknown),
    ] {
        let class = cookie(name, "");
        assert_eq!(class.category, category, "{name}: {}", class.basis.entry);
        assert_eq!(class.basis.confidence, Confidence::Low, "{name}");
    }
    assert_eq!(cookie("fr", SITE).category, Unknown, "a host that is given counts");
}

/// Rows about all government hosts know the platform and not the site: a tracker's session there stays a tracker's.
#[test]
fn sessions_of_government_services_are_known_by_name_and_host() {
    let knowledge = knowledge();
    let of = |name: &str, host: &str, by: Option<&str>| {
        let class = knowledge.cookie(name, host, by, &[]);
        (class.category, class.basis.entry)
    };
    for (name, host, category) in [
        ("session", "apply.service.gov.uk", Essential),
        ("_apply_for_a_thing_session", "apply.service.gov.uk", Essential),
        ("SESSION", "services.nhsbsa.nhs.uk", Essential),
        ("mdtp", "www.tax.service.gov.uk", Essential),
        ("lng", "access.financial-support.dwp.gov.uk", Functional),
        ("session", "www.shop.test", Unknown),
        ("_apply_for_a_thing_session", "www.shop.test", Unknown),
        ("_gd_session", "apply.service.gov.uk", Marketing),
        ("_parsely_session", "apply.service.gov.uk", Performance),
    ] {
        let (said, entry) = of(name, host, None);
        assert_eq!(said, category, "{name} at {host}: {entry}");
    }
    let by = Some("https://static.hotjar.com/c/hotjar-1.js");
    let (said, entry) = of("session", "apply.service.gov.uk", by);
    assert_eq!(said, Performance, "{entry}");
}

#[test]
fn consent_platforms_are_not_what_their_owners_are() {
    let knowledge = knowledge();
    for host in [
        "cmp.inmobi.com",
        "cdn.privacy-mgmt.com",
        "sourcepoint.mgr.consensu.org",
        "js.hs-banner.com",
    ] {
        let class = knowledge.host(host);
        assert_eq!(class.category, Functional, "{host}: {}", class.basis.entry);
        // What such a host sets may be the record of a choice, or anything.
        assert_eq!(knowledge.cookie("zz_unheard_of", host, None, &[]).category, Unknown, "{host}");
    }
    assert_eq!(knowledge.host("ads.inmobi.com").category, Marketing);
}

#[test]
fn hosts_are_found_however_they_are_written() {
    let knowledge = knowledge();
    for host in [
        "www.google-analytics.com",
        "WWW.Google-Analytics.COM",
        "www.google-analytics.com:443",
        "https://www.google-analytics.com/collect?v=1",
        "//www.google-analytics.com/analytics.js",
        " www.google-analytics.com. ",
    ] {
        assert_eq!(knowledge.host(host).category, Performance, "{host}");
        assert_eq!(host_in(host).as_deref(), Some("www.google-analytics.com"), "{host}");
    }
    for text in ["PHPSESSID", "_ga", "a b", "", "https://", "localhost", "x.unheardof", "::1"] {
        assert_eq!(host_in(text), None, "{text}");
    }
    assert_eq!(knowledge.cookie("_gat2_form", "WWW.Shop.test:8443", None, &[]).category, Unknown);
}

/// A name alone proves nothing, and what is known goes before it.
#[test]
fn the_shape_of_a_name_comes_last_and_excuses_nothing() {
    let of = |name: &str, host: &str, by: Option<&str>| knowledge().cookie(name, host, by, &[]);
    for name in
        ["seen_cookie_message_v2", "my_cookie_consent", "site_lang", "text_size", "dismissed_alert"]
    {
        let class = of(name, SITE, None);
        assert_eq!(
            (class.category, class.basis.source, class.basis.confidence),
            (Functional, SourceId::NameShape, Confidence::Low),
            "{name}: {}",
            class.basis.entry
        );
        assert!(class.is_open(), "{name} accuses nobody");
        let by = Some("https://connect.facebook.net/en_US/fbevents.js");
        assert_eq!(of(name, SITE, by).category, Marketing, "{name} written by a tracker");
    }
    for name in ["_gat2_form", "JSESSIONID_analytics", "consent_uid", "lang_tracker"] {
        let class = of(name, SITE, None);
        assert_eq!(class.category, Unknown, "{name}: {}", class.basis.entry);
    }
    assert!(!of("_ga", SITE, None).is_open() && !of("Recite.Persist", SITE, None).is_open());
}
