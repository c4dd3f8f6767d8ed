//! Each checker of claims, with what contradicts it, what does not, and what leaves it untested.

use super::{Standing, judge_all, providers::is_called};
use crate::{audit::testing, model::Confidence};

/// How the first claim of a case stands, and why.
#[track_caller]
fn stands(case: &str) -> (Standing, String, Confidence) {
    let (evidence, _) = testing::parse(case);
    let notice = evidence.notice().unwrap();
    let judged = judge_all(&evidence, notice).remove(0);
    assert_eq!(judged.lacks, judged.lacks && judged.standing == Standing::NotTestable);
    let standing = judged.standing;
    assert!(standing == Standing::Contradicted || judged.seen.is_empty(), "{case}");
    (standing, judged.evidence, judged.confidence)
}

/// A case in which all three visitors see the same.
fn all(seen: &str, claim: &str) -> String {
    let seen = seen.replace(';', "\n");
    format!("none\n{seen}\nreject\n{seen}\naccept\n{seen}\nnotice\n claim {claim}")
}

/// One in which things are seen before a choice, after refusal and after consent.
fn phases(before: &str, refused: &str, granted: &str, claim: &str) -> String {
    format!(
        "none\n{before}\nreject\n --- refused\n{refused}\naccept\n --- granted\n{granted}\nnotice\n claim {claim}"
    )
}

#[track_caller]
fn contradicted(case: &str, evidence: &str) {
    let (standing, said, _) = stands(case);
    assert_eq!((standing, said.as_str()), (Standing::Contradicted, evidence), "{case}");
}

#[track_caller]
fn held(case: &str) {
    assert_eq!(stands(case).0, Standing::Held, "{case}: {}", stands(case).1);
}

#[track_caller]
fn untested(case: &str, why: &str) {
    let (standing, said, _) = stands(case);
    assert_eq!((standing, said.as_str()), (Standing::NotTestable, why), "{case}");
}

const NO_MARKETING: &str = "no-category We_use_no_marketing. categories=marketing";

#[test]
fn no_category_is_contradicted_by_each_sort_of_thing_and_by_no_other() {
    for (seen, evidence) in [
        ("_fbp shop.test marketing", "seen in the passes: marketing cookie _fbp"),
        (
            "local:ad https://shop.test marketing",
            "seen in the passes: marketing local storage item ad",
        ),
        ("host ads.test marketing", "seen in the passes: marketing host ads.test"),
    ] {
        contradicted(&all(seen, NO_MARKETING), evidence);
    }
    for seen in [
        "",
        "_ga shop.test performance",
        "sid shop.test essential",
        "host stats.test performance",
        "host ads.shop.test marketing",
        "_fbp shop.test marketing blocked=InvalidDomain",
        "_fbp shop.test marketing probe",
    ] {
        held(&all(seen, NO_MARKETING));
    }
    // Fonts and maps are no cookies.
    held(&all("host fonts.test functional", "no-category None. categories=functional"));
    let performance = "no-category None. categories=performance";
    contradicted(
        &all("host stats.test performance", performance),
        "seen in the passes: performance host stats.test",
    );
}

#[test]
fn a_guess_contradicts_nobody() {
    let why = "no source knows what these are for: cookie ad_x";
    for guess in [
        "ad_x shop.test marketing sure=low basis=scorer",
        "ad_x shop.test marketing sure=low",
        "ad_x shop.test unknown",
    ] {
        untested(&all(guess, NO_MARKETING), why);
    }
    let functional = "no-category None. categories=functional";
    untested(&all("ad_x shop.test functional sure=low basis=scorer", functional), why);
    // What is likely contradicts as likely.
    let (standing, _, confidence) =
        stands(&all("ad_x shop.test marketing sure=medium", NO_MARKETING));
    assert_eq!((standing, confidence), (Standing::Contradicted, Confidence::Medium));
    let both = "ad_x shop.test marketing sure=medium;_fbp shop.test marketing";
    assert_eq!(stands(&all(both, NO_MARKETING)).2, Confidence::High);
}

#[test]
fn a_condition_and_a_turned_sentence_are_no_plain_claims() {
    let claim = "no-category None_unless_you_agree. categories=performance";
    let ga = "_ga shop.test performance";
    held(&phases("", "", ga, claim));
    contradicted(&phases(ga, "", "", claim), "seen before any choice: performance cookie _ga");
    let only = "only-categories Only_essential_ones_until_you_agree. categories=essential";
    held(&phases("sid shop.test essential", "", ga, only));
    contradicted(&phases("", ga, "", only), "seen after refusing: performance cookie _ga");
    untested(
        &all(ga, "no-category It_would_be_wrong_to_say_none. categories=performance"),
        "its wording may turn what it says into the opposite",
    );
}

#[test]
fn only_some_categories() {
    let claim = "only-categories Only_essential. categories=essential";
    held(&all("sid shop.test essential", claim));
    contradicted(
        &all("sid shop.test essential;lang shop.test functional", claim),
        "seen in the passes: functional cookie lang",
    );
    untested(&all("x shop.test unknown", claim), "no source knows what these are for: cookie x");
    let two = "only-categories Only_these. categories=essential,performance";
    held(&all("sid shop.test essential;_ga shop.test performance", two));
}

#[test]
fn what_needs_consent_counts_before_a_choice_and_after_refusal() {
    let claim = "consent-required Only_if_you_agree. categories=performance";
    let ga = "_ga shop.test performance";
    held(&phases("", "", ga, claim));
    contradicted(&phases(ga, "", ga, claim), "seen before any choice: performance cookie _ga");
    contradicted(&phases("", ga, ga, claim), "seen after refusing: performance cookie _ga");
    held(&phases("_fbp shop.test marketing", "", ga, claim));
    untested(
        "none\nreject failed\naccept\nnotice\n claim consent-required Only_if. categories=performance",
        "the reject pass is incomplete: the button was stuck",
    );
    untested(
        "none\n gap it_broke\nreject\n --- refused\naccept\nnotice\n claim consent-required Only_if. categories=performance",
        "the no-choice pass is incomplete: it_broke",
    );
}

#[test]
fn what_is_blocked_on_refusal_counts_from_the_refusal_on() {
    let claim = "blocked-on-refusal Refuse_and_it_is_blocked. categories=marketing";
    let fbp = "_fbp shop.test marketing";
    held(&phases(fbp, "", fbp, claim));
    contradicted(&phases("", fbp, "", claim), "seen after refusing: marketing cookie _fbp");
    held(&phases("", "_ga shop.test performance", "", claim));
    untested(
        &format!("none\nreject unavailable\naccept\nnotice\n claim {claim}"),
        "the button was not there",
    );
}

#[test]
fn what_waits_for_consent_is_everything_that_needs_it() {
    let claim = "consent-before-set Nothing_before.";
    held(&phases("sid shop.test essential", "_ga shop.test performance", "", claim));
    for (seen, evidence) in [
        ("_ga shop.test performance", "seen before any choice: performance cookie _ga"),
        ("lang shop.test functional", "seen before any choice: functional cookie lang"),
    ] {
        contradicted(&phases(seen, "", "", claim), evidence);
    }
    untested(
        &phases("x shop.test unknown", "", "", claim),
        "no source knows what these are for: cookie x",
    );
}

#[test]
fn session_cookies_end_with_the_browser() {
    let claim = "all-session All_end_with_the_browser.";
    held(&all("sid shop.test essential life=session;x ads.test unknown life=1y", claim));
    contradicted(
        &all("sid shop.test essential life=90d", claim),
        "seen in the passes: the cookie sid lives on after the browser is closed",
    );
    untested("none\nnotice\n claim all-session All.", "the reject pass was not run");
}

#[test]
fn secure_cookies_travel_encrypted() {
    let claim = "secure-transport Encrypted_only.";
    held(&all("sid shop.test essential;x ads.test unknown plain", claim));
    contradicted(
        &all("sid shop.test essential plain", claim),
        "seen in the passes: the cookie sid may travel unencrypted",
    );
}

#[test]
fn first_party_cookies_are_the_sites_own() {
    let claim = "first-party-only Only_ours.";
    held(&all("sid shop.test essential;y www.shop.test unknown;host ads.test marketing", claim));
    contradicted(
        &all("x ads.test unknown", claim),
        "seen in the passes: the cookie x of ads.test is another site's",
    );
}

#[test]
fn a_whole_list_has_every_cookie() {
    let claim =
        "exhaustive All_are_listed.\n declare sid\n declare csrf-token\n text _fbp is ours.";
    held(&all("sid shop.test essential;_fbp shop.test marketing", claim));
    contradicted(
        &all("sid shop.test essential;_ga shop.test performance", claim),
        "seen in the passes: the cookie _ga is not in the notice",
    );
    // A slip of the pen is reported as one.
    held(&all("crsf-token shop.test essential", claim));
    held(&all("_ga shop.test performance blocked=InvalidPrefix", claim));
    held(&all("_ga shop.test performance probe", claim));
}

#[test]
fn a_service_that_sets_nothing() {
    let claim = "service-sets-nothing Maps_set_none. provider=Google_Maps";
    held(&all("_ga shop.test performance org=Google_Analytics", claim));
    contradicted(
        &all("NID google.com marketing org=Google_Maps", claim),
        "seen in the passes: the cookie NID of google.com is of Google Maps",
    );
    untested(&all("", "service-sets-nothing None."), "the notice names no service");
}

#[test]
fn nothing_is_shared_with_third_parties() {
    let claim = "no-third-party-disclosure Never_shared.";
    held(&all("host www.shop.test essential;host fonts.test functional", claim));
    contradicted(
        &all("host stats.test performance", claim),
        "seen in the passes: a request to stats.test",
    );
    contradicted(
        &all("host stats.test performance;shared _ga .shop.test to=stats.test as=cid", claim),
        "seen in the passes: the identifier in _ga sent to stats.test, a request to stats.test",
    );
    for unsure in ["host x.test unknown", "host x.test performance sure=low"] {
        untested(&all(unsure, claim), "no source knows what these are for: host x.test");
    }
    let cdn = "host cdn.test functional;shared sid .shop.test to=cdn.test as=s";
    held(&all(cdn, claim));
}

#[test]
fn addresses_are_not_shared() {
    let claim = "ip-not-shared Your_address_stays_here.";
    held(&all("host www.shop.test unknown", claim));
    for host in ["fonts.test functional", "stats.test performance"] {
        let name = host.split(' ').next().unwrap();
        contradicted(
            &all(&format!("host {host}"), claim),
            &format!("seen in the passes: a request to {name}"),
        );
    }
    untested(&all("host x.test unknown", claim), "no source knows what these are for: host x.test");
}

#[test]
fn a_service_that_is_named_is_met_or_not() {
    let claim = "named-service We_use_Hotjar. provider=Hotjar";
    for seen in
        ["host static.hotjar.com performance org=Hotjar", "_hjid shop.test performance org=Hotjar"]
    {
        held(&all(seen, claim));
    }
    for seen in ["host static.hotjar.shop.test unknown", "_ga shop.test performance org=Google"] {
        untested(
            &all(seen, claim),
            "none of the service's hosts or cookies was seen on the pages visited",
        );
    }
}

#[test]
fn a_choice_that_is_promised_is_made_or_not() {
    let refuse = |reject: &str, claim: &str| {
        format!("none\n banner accept\nreject {reject}\naccept\nnotice\n claim {claim}")
    };
    let claim = "refusal-possible You_may_refuse.";
    held(&refuse("", claim));
    contradicted(&refuse("unavailable\n banner accept", claim), "the button was not there");
    untested(&refuse("failed", claim), "the button was stuck");
    untested(
        &refuse("unavailable\n banner accept\n unknown Later", claim),
        "what `Later` of the banner does was not understood",
    );
    untested(
        &format!(
            "none\n banner absent\nreject unavailable\n banner absent\naccept unavailable\n banner absent\nnotice\n claim {claim}"
        ),
        "no banner was seen that could offer it",
    );
    untested(
        &format!(
            "none\n banner accept\nreject unavailable\n banner absent\naccept\nnotice\n claim {claim}"
        ),
        "it found no banner, and the no-choice pass found one",
    );
    untested("none\naccept\nnotice\n claim refusal-possible You.", "the reject pass was not run");
}

#[test]
fn consent_that_can_be_withdrawn() {
    for kind in ["withdrawal-possible", "control-present"] {
        let case =
            |withdraw: &str| format!("none\nwithdraw {withdraw}\nnotice\n claim {kind} Any_time.");
        held(&case(""));
        contradicted(
            &case("unavailable\n choice accept proof\n choice withdraw"),
            "the button was not there",
        );
        untested(
            &case("unavailable\n choice accept proof\n choice withdraw unknown=Look_again"),
            "what `Look again` on the page does was not understood",
        );
        // Who never agreed has nothing to take back.
        untested(&case("unavailable\n choice withdraw"), "the button was not there");
        untested(&case("failed"), "the button was stuck");
    }
}

#[test]
fn what_providers_do_shows_only_where_they_advertise() {
    let claim = "provider-does-not-share Google_may_not. provider=Google";
    contradicted(
        &all("host ad.doubleclick.net marketing org=Google_Ads", claim),
        "seen in the passes: a request to ad.doubleclick.net, which serves advertising",
    );
    for seen in [
        "host www.google-analytics.com performance org=Google_Analytics",
        "host www.facebook.com marketing org=Meta",
        "host ad.doubleclick.net marketing org=Google_Ads sure=low",
    ] {
        untested(&all(seen, claim), "it is about what others do with data, which no visit shows");
    }
    untested(&all("", "provider-does-not-share None."), "the notice does not say who");
}

#[test]
fn what_allows_or_is_about_wording_is_not_tested() {
    for kind in [
        "provider-may-share",
        "ip-masked",
        "random-value",
        "opt-out-link",
        "review-date",
        "link-out",
    ] {
        let case = all("_fbp shop.test marketing", &format!("{kind} It_says_so. provider=Google"));
        assert_eq!(stands(&case).0, Standing::NotTestable, "{kind}");
    }
}

#[test]
fn essential_cookies_need_no_answer() {
    let claim = "essential-without-consent Always_set.";
    let (standing, evidence, _) = stands(&all("sid shop.test essential", claim));
    assert_eq!(
        (standing, evidence.as_str()),
        (Standing::Held, "set before any choice: cookie sid")
    );
    untested(
        &phases("_ga shop.test performance", "", "sid shop.test essential", claim),
        "nothing essential was set before a choice",
    );
}

#[test]
fn consent_mode_is_met_or_not() {
    let claim = "consent-mode We_use_it.";
    let told = "choice accept proof;signal google-consent-mode granted=analytics_storage";
    held(&format!("none\nreject\naccept\n {}\nnotice\n claim {claim}", told.replace(';', "\n ")));
    untested(&all("", claim), "no signal of it was seen after a choice");
}

#[test]
fn other_languages_are_read_or_not() {
    let case =
        |more: &str| format!("none\nreject\naccept\nnotice\n claim bilingual In_Welsh_too.{more}");
    held(&case("\n translation cy declare _ga"));
    untested(&case("\n translation unreadable"), "https://shop.test/cy: the server answers 500");
    untested(&case(""), "no link of the notice leads to it in another language");
}

#[test]
fn a_provider_is_recognised_by_organisation_and_site_and_by_nothing_else() {
    for (provider, organisation, site, is) in [
        ("Google", Some("Google Analytics"), "google-analytics.com", true),
        ("Google Analytics", Some("Google"), "gstatic.com", false),
        ("Google Analytics", Some("Google reCAPTCHA"), "google.com", false),
        ("Hotjar Ltd", Some("Hotjar"), "hotjar.com", true),
        ("YouTube", None, "youtube.com", true),
        ("Analytics", None, "shop.test", false),
        ("X", Some("X"), "x.com", false),
        ("Meta", Some("Metabase"), "metabase.com", false),
    ] {
        assert_eq!(is_called(provider, organisation, site), is, "{provider}, {organisation:?}");
    }
}

#[test]
fn what_identifies_nobody_is_not_kept_and_sent_on() {
    let claim = "not-identifying They_identify_nobody.";
    contradicted(
        &all("uid ads.test marketing life=1y sent-to=ads.test", claim),
        "seen in the passes: the cookie uid of ads.test lives for 1 year and is sent to ads.test",
    );
    for seen in [
        "uid ads.test marketing life=session sent-to=ads.test",
        "uid ads.test marketing life=1y",
        "uid ads.test essential life=1y sent-to=ads.test",
        "uid ads.test marketing sure=low life=1y sent-to=ads.test",
        "_ga shop.test performance life=1y sent-to=www.shop.test",
    ] {
        untested(
            &all(seen, claim),
            "values are not kept, so that what they tell was not looked at",
        );
    }
}

#[test]
fn what_is_held_says_how_much_was_looked_at() {
    let (standing, evidence, confidence) = stands(&all("", NO_MARKETING));
    assert_eq!((standing, confidence), (Standing::Held, Confidence::High));
    assert_eq!(evidence, "nothing against it was seen on the one page opened, in 3 visits");
    let (_, evidence, _) =
        stands("none\n visit /a\nnotice\n claim consent-before-set Nothing_before.");
    assert_eq!(evidence, "nothing against it was seen on the 2 pages opened, in one visit");
}

#[test]
fn claims_of_one_kind_are_judged_each_by_its_own_words() {
    let (evidence, _) = testing::parse(
        "none\n _ga shop.test performance\nreject\naccept\nnotice\n claim no-category None. categories=marketing\n claim no-category None_at_all. categories=performance\n claim no-category Not_all. categories=performance\n claim no-category None_unless_you_agree. categories=performance",
    );
    let notice = evidence.notice().unwrap();
    let standings: Vec<Standing> =
        judge_all(&evidence, notice).into_iter().map(|it| it.standing).collect();
    assert_eq!(
        standings,
        [Standing::Held, Standing::Contradicted, Standing::NotTestable, Standing::Contradicted]
    );
    let names: Vec<&str> = standings.iter().map(|it| it.name()).collect();
    assert_eq!(names, ["held", "contradicted", "not-testable", "contradicted"]);
    assert_eq!(Standing::SelfContradicted.name(), "self-contradicted");
}

#[test]
fn the_worse_of_two_counts() {
    let claim = "consent-required Only_if_you_agree. categories=performance";
    // The refusal could not be tried, and what was seen before it contradicts the claim all the same.
    contradicted(
        &format!("none\n _ga shop.test performance\nreject failed\naccept\nnotice\n claim {claim}"),
        "seen before any choice: performance cookie _ga",
    );
    untested(
        &format!(
            "none\n x shop.test unknown\nreject\n --- refused\naccept\nnotice\n claim {claim}"
        ),
        "no source knows what these are for: cookie x",
    );
}

/// The markup of a banner often stands on the notice's page, too.
#[test]
fn the_label_of_a_button_of_the_banner_promises_nothing() {
    let case = |quote: &str| {
        format!(
            "none\n banner accept\n control Needed_cookies_only meaning=reject\nreject\naccept\n _ga shop.test performance\nnotice\n claim only-categories {quote} categories=essential"
        )
    };
    let standing = |quote: &str| {
        let case = testing::Case::new(&case(quote));
        let rule =
            crate::audit::rules::ALL.iter().find(|it| it.id == "contradicted-claim").unwrap();
        case.judge(rule)
    };
    assert!(matches!(standing("Needed_cookies_only"), crate::audit::Outcome::NotApplicable(_)));
    let promise = standing("We_use_needed_cookies_only.");
    assert!(!matches!(promise, crate::audit::Outcome::NotApplicable(_)), "{promise:?}");
}
