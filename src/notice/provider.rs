//! Services that notices name as setting cookies.

use super::text::run_together;

/// Names of services that public bodies' notices mention, longer ones before those they begin with.
/// Only for telling who sets a cookie; nothing is concluded from a service not being here.
const SERVICES: [&str; 62] = [
    "Google Analytics 4",
    "Google Analytics",
    "Google Tag Manager",
    "Google Ads",
    "Google Maps",
    "Google reCAPTCHA",
    "Google Translate",
    "reCAPTCHA",
    "Universal Analytics",
    "DoubleClick",
    "Google",
    "Adobe Analytics",
    "Adobe Target",
    "Adobe",
    "Microsoft Clarity",
    "Microsoft Application Insights",
    "Application Insights",
    "Azure",
    "Microsoft",
    "Clarity",
    "Hotjar",
    "Matomo",
    "Piwik",
    "Siteimprove",
    "YouTube",
    "Vimeo",
    "Facebook",
    "Instagram",
    "Twitter",
    "LinkedIn",
    "TikTok",
    "Snapchat",
    "Pinterest",
    "Reddit",
    "Meta",
    "Cloudflare",
    "Imperva Incapsula",
    "Incapsula",
    "Imperva",
    "New Relic",
    "Dynatrace",
    "VWO",
    "Visual Website Optimizer",
    "Optimizely",
    "Qualtrics",
    "SmartSurvey",
    "SurveyMonkey",
    "GovMetric",
    "Recite Me",
    "ReciteMe",
    "Browsealoud",
    "AddThis",
    "ShareThis",
    "Cookiebot",
    "OneTrust",
    "Civic UK",
    "Umbraco",
    "Drupal",
    "WordPress",
    "Stripe",
    "HubSpot",
    "Zendesk",
];

/// The first service named in a text, as the text writes it.
pub(super) fn named_in(text: &str) -> Option<String> {
    let head: String = text.chars().take(400).collect();
    let folded = head.to_ascii_lowercase();
    let mut best: Option<(usize, usize)> = None;
    for service in SERVICES {
        let wanted = service.to_ascii_lowercase();
        let mut from = 0;
        while let Some(found) = folded[from..].find(&wanted) {
            let at = from + found;
            let end = at + wanted.len();
            let stands_alone = !folded[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                && !folded[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            // The first one; of two that begin at the same place, the longer one, which comes first.
            if stands_alone && best.is_none_or(|(first, _)| at < first) {
                best = Some((at, end));
            }
            from = end;
        }
    }
    best.map(|(at, end)| run_together(&head[at..end]))
}

/// The service that a sentence says sets cookies: "Google Analytics sets the following cookies:".
pub(super) fn sets_cookies(sentence: &str) -> Option<String> {
    let folded = sentence.to_lowercase();
    const VERBS: [&str; 11] = [
        "sets",
        "set by",
        " uses",
        "stores",
        "place",
        "saves",
        "will save",
        "using",
        "gosod",
        "osodir",
        "defnyddio",
    ];
    VERBS.iter().any(|verb| folded.contains(verb)).then(|| named_in(sentence)).flatten()
}

/// The service that a purpose says sets or uses the cookie: "Used by …", "This … cookie".
pub(super) fn in_purpose(purpose: &str) -> Option<String> {
    let folded = purpose.to_lowercase();
    const SAYS: [&str; 9] = [
        "used by",
        "set by",
        "cookie is set by",
        "cookie",
        "associated with",
        "placed by",
        "defnyddir gan",
        "gosodir gan",
        "provided by",
    ];
    SAYS.iter().any(|says| folded.contains(says)).then(|| named_in(purpose)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_longest_name_counts() {
        assert_eq!(
            named_in("Measuring use (Google Analytics)").as_deref(),
            Some("Google Analytics")
        );
        assert_eq!(named_in("cookies of HotJar").as_deref(), Some("HotJar"));
        assert_eq!(named_in("metadata of ours"), None);
        assert_eq!(named_in("Video by Vimeo and YouTube").as_deref(), Some("Vimeo"));
    }

    #[test]
    fn a_sentence_must_say_that_it_sets_cookies() {
        assert_eq!(
            sets_cookies("Google Analytics sets the following cookies:").as_deref(),
            Some("Google Analytics")
        );
        assert_eq!(sets_cookies("Nobody likes Facebook."), None);
    }
}
