use super::*;
use crate::notice::html;

fn claims(html: &str) -> Vec<Claim> {
    read(&html::read(html).0, &[])
}

/// Kinds with their categories and provider, as one line.
fn told(html: &str) -> Vec<String> {
    claims(html)
        .into_iter()
        .map(|it| {
            let categories: Vec<&str> = it.categories.iter().map(|it| it.name()).collect();
            let mut line = format!("{} {}", it.kind, categories.join(","));
            if let Some(provider) = &it.provider {
                line = format!("{} by {provider}", line.trim_end());
            }
            line.trim_end().to_owned()
        })
        .collect()
}

#[test]
fn sentences_make_claims() {
    let mut wrong = Vec::new();
    for (sentence, claim) in [
        ("We do not collect any personal information.", "no-personal-data"),
        ("No personal data is held in them.", "no-personal-data"),
        ("They can’t be used to identify you.", "not-identifying"),
        ("All figures are anonymous.", "not-identifying"),
        (
            "We don’t let Google use or share our figures or data.",
            "provider-does-not-share by Google",
        ),
        ("Google may share this information.", "provider-may-share by Google"),
        (
            "We never pass it on, and do not share it with third parties.",
            "no-third-party-disclosure",
        ),
        ("Plausible does not use cookies.", "service-sets-nothing by Plausible"),
        ("Videos from YouTube may set cookies of their own.", "third-party-sets-more by YouTube"),
        ("We use Matomo to count visits.", "named-service by Matomo"),
        ("We use the Hotjar service to see what is hard to find.", "named-service by Hotjar"),
        ("You can opt out of Google Analytics.", "opt-out-link by Google Analytics"),
        ("The table below lists the cookies we set.", "exhaustive"),
        ("The cookies on this site may include:", "non-exhaustive"),
        ("We use two types of cookie.", "count"),
        ("We do not need your consent for these.", "essential-without-consent"),
        ("They are always on.", "essential-without-consent"),
        ("By using this site you agree to our cookies.", "implied-consent"),
        ("You will see a banner before we set any cookie.", "consent-before-set"),
        ("Can we use analytics cookies?", "consent-required performance"),
        ("If you refuse, marketing cookies are blocked.", "blocked-on-refusal marketing"),
        ("All of them expire when you close your browser.", "all-session"),
        ("IP addresses are anonymised first.", "ip-masked"),
        ("It holds a randomly generated number.", "random-value"),
        ("Your answer is passed on through Consent Mode.", "consent-mode"),
        ("You can change your mind at any time.", "withdrawal-possible"),
        ("You can choose which cookies we may set.", "refusal-possible"),
        ("Last updated: 3 May 2026", "review-date"),
        ("This notice is also available in Welsh.", "bilingual"),
        ("If you take the survey, we set a cookie so as not to ask again.", "conditional-set"),
        ("We only use essential cookies.", "only-categories essential"),
        ("We do not use marketing cookies.", "no-category marketing"),
        ("Nid ydym yn casglu eich gwybodaeth bersonol.", "no-personal-data"),
        ("Ni ellir eu defnyddio i'ch adnabod.", "not-identifying"),
        (
            "Rydym yn defnyddio Google Analytics i gyfrif ymweliadau.",
            "named-service by Google Analytics",
        ),
        ("Nid ydym yn caniatáu i Google rannu'r data.", "provider-does-not-share by Google"),
        ("Drwy ddefnyddio'r wefan hon rydych yn cytuno.", "implied-consent"),
        ("Byddwch yn gweld neges cyn i ni osod cwci.", "consent-before-set"),
        ("Gallwch newid eich meddwl unrhyw bryd.", "withdrawal-possible"),
    ] {
        let found = told(&format!("<p>{sentence}</p>"));
        if !found.iter().any(|it| it == claim) {
            wrong.push(format!("{sentence}: {claim} is not in {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_claim_makes_none() {
    for sentence in [
        "Cookies are small files that sites put on your device.",
        "You can find out how to delete cookies in the help of your browser.",
        "We take your privacy seriously.",
        "Call us on any day of the week.",
    ] {
        assert_eq!(told(&format!("<p>{sentence}</p>")), Vec::<String>::new(), "{sentence}");
    }
}

#[test]
fn a_claim_is_said_once_and_quotes_its_own_sentence() {
    let page = "<p>Hello. We do not use marketing cookies. Thank you.</p><p>We don't use marketing cookies.</p>";
    let found = claims(page);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].quote, "We do not use marketing cookies.");
}

#[test]
fn buttons_and_labels_are_controls() {
    assert_eq!(told("<div><button>Save cookie settings</button></div>"), ["control-present"]);
}

#[test]
fn a_category_that_is_named_and_declares_nothing_is_used() {
    assert_eq!(
        told("<h2>Cookies that measure website use</h2><p>Hello.</p>"),
        ["uses-category performance"]
    );
}

#[test]
fn relations_decide_who_does_what() {
    let mut wrong = Vec::new();
    for (sentence, claim) in [
        // Who a condition is about.
        ("Anyone who declines gets no advertising cookies.", "blocked-on-refusal marketing"),
        (
            "Analytics cookies are not set for people who press Reject.",
            "blocked-on-refusal performance",
        ),
        (
            "Statistics cookies are loaded for visitors who accept them.",
            "consent-required performance",
        ),
        // What a denial reaches.
        ("We need no permission to set strictly necessary cookies.", "essential-without-consent"),
        ("Nid oes angen eich cydsyniad i osod cwcis hanfodol.", "essential-without-consent"),
        (
            "Nothing prevents Google from sharing this information with others.",
            "provider-may-share by Google",
        ),
        (
            "Google is barred from using our figures for itself.",
            "provider-does-not-share by Google",
        ),
        ("Ni osodwn gwcis hysbysebu heb eich cydsyniad.", "consent-required marketing"),
        // What is a state and what is an act.
        ("All non-essential cookies are switched off by default.", "consent-before-set"),
        ("Mae pob cwci dewisol wedi'i ddiffodd o'r cychwyn.", "consent-before-set"),
        // Only we.
        ("Only our own staff see this information.", "no-third-party-disclosure"),
        ("Dim ond y bwrdd sy'n gweld y ffigurau.", "no-third-party-disclosure"),
        // A mutation inside a phrase.
        ("Ni throsglwyddir eich data i gwmnïau allanol.", "no-third-party-disclosure"),
    ] {
        let found = told(&format!("<p>{sentence}</p>"));
        if found != [claim] {
            wrong.push(format!("{sentence}: {found:?} and not {claim}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_known_or_is_of_others_is_no_claim() {
    for sentence in [
        "We do not know which marketing cookies our partners set.",
        "The settings of the heating can be changed at any time.",
        "The choices of previous meetings can be changed by the chair.",
        "You may choose which leaflets you would like to be sent.",
        "Most shops say that they never sell your details.",
        "A random number is hard to guess.",
        "Once given, your consent cannot be changed.",
        "Anfonir y cwci heb ei amgryptio.",
    ] {
        assert_eq!(told(&format!("<p>{sentence}</p>")), Vec::<String>::new(), "{sentence}");
    }
}
