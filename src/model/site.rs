//! Sites and parties, by the public suffix list (<https://publicsuffix.org>).

use url::{Host, Url};

use super::Party;

/// The registrable domain (eTLD+1) of `host`; the host itself where it has none, as for an IP
/// address, `localhost`, or a public suffix such as `www.police.uk`'s parent.
pub fn of_host(host: &str) -> String {
    let host = host.trim_start_matches('.').trim_end_matches('.').to_ascii_lowercase();
    if host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[') {
        return host;
    }
    psl::domain_str(&host).map_or(host.clone(), str::to_owned)
}

/// The registrable domain of the host of `url`, if it has one.
pub fn of_url(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(domain) => Some(of_host(domain)),
        address => Some(address.to_string()),
    }
}

/// Host of an address given as text, lower case; `None` for `data:` and the like.
pub fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_ascii_lowercase)
}

/// Whether a host belongs to the site `site` (a registrable domain).
pub fn party(host: &str, site: &str) -> Party {
    if of_host(host) == site { Party::First } else { Party::Third }
}

/// Whether a host is a domain or under it; `google.*` is google under any public suffix.
pub fn is_within(host: &str, domain: &str) -> bool {
    if let Some(label) = domain.strip_suffix(".*") {
        let registrable = of_host(host);
        return registrable.split_once('.').is_some_and(|(first, _)| first == label);
    }
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a text is the name of a host under a known public suffix, and not some other name with dots.
pub fn looks_like_host(text: &str) -> bool {
    let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || ".-".contains(it);
    text.contains('.')
        && text.chars().all(plain)
        && psl::suffix(text.as_bytes()).is_some_and(|it| it.is_known())
        && psl::domain_str(text).is_some()
}

/// Whether a browser refuses cookies for this domain because everyone can register under it.
pub fn is_public_suffix(domain: &str) -> bool {
    let domain = domain.trim_start_matches('.');
    psl::suffix_str(domain) == Some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts of the list on which the audience depends: each force and trust is a site of its own.
    #[test]
    fn uk_public_bodies_are_sites_of_their_own() {
        for (host, site) in [
            ("www.gwent.police.uk", "gwent.police.uk"),
            ("www.police.uk", "www.police.uk"),
            ("www.gov.uk", "www.gov.uk"),
            ("assets.publishing.service.gov.uk", "publishing.service.gov.uk"),
            ("www.trust.nhs.uk", "trust.nhs.uk"),
            ("www.cardiff.gov.uk", "cardiff.gov.uk"),
            ("WWW.Example.Co.Uk.", "example.co.uk"),
            ("127.0.0.1", "127.0.0.1"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(of_host(host), site, "{host}");
        }
        assert!(is_public_suffix("police.uk"));
        assert!(!is_public_suffix("gwent.police.uk"));
    }

    #[test]
    fn party_is_by_site_not_by_host() {
        assert_eq!(party("stats.gwent.police.uk", "gwent.police.uk"), Party::First);
        assert_eq!(party("www.dyfed-powys.police.uk", "gwent.police.uk"), Party::Third);
    }
}
