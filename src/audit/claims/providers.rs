//! Whether what was seen belongs to the provider that a claim names.

use crate::model::{ObservedCookie, ObservedHost, Party, site};

/// Whether a host is run by the provider that a notice names.
pub(super) fn host_is_run_by(provider: &str, host: &ObservedHost) -> bool {
    is_called(provider, host.class.organisation.as_deref(), &host.site)
}

/// Whether a cookie is the provider's that a notice names.
pub(super) fn cookie_is_run_by(provider: &str, cookie: &ObservedCookie) -> bool {
    // A cookie on the site's own domain says nothing of the site's own name.
    let domain = match cookie.party {
        Party::Third => site::of_host(&cookie.key.domain),
        Party::First => String::new(),
    };
    is_called(provider, cookie.class.organisation.as_deref(), &domain)
}

/// Whether a notice's `provider` is the organisation, or the name of the site before its first dot.
///
/// "Google" alone is all of Google; "Google Analytics" is not reCAPTCHA, nor Google as such.
pub(super) fn is_called(provider: &str, organisation: Option<&str>, site: &str) -> bool {
    const LEGAL: &[&str] = &["inc", "llc", "ltd", "limited", "plc", "gmbh", "corporation", "the"];
    let words = |text: &str| -> Vec<String> {
        let text = text.to_lowercase();
        let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
        words.filter(|it| !LEGAL.contains(it)).map(str::to_owned).collect()
    };
    let provider = words(provider);
    if provider.concat().len() < 3 {
        return false;
    }
    let organisation = words(organisation.unwrap_or_default());
    let label = site.split('.').next().unwrap_or_default().to_lowercase();
    provider.iter().all(|it| organisation.contains(it)) || provider.concat() == label
}
