//! Headers and passwords that the user gave for the target's own site, and the requests they may go with.

use std::fmt;

use base64::Engine as _;
use url::Url;

use crate::model::site;

/// Headers and a password as the user gave them. They can only be turned into [`SiteSecrets`], so that nothing
/// can send them without a target to check against.
#[derive(Clone, Default)]
pub struct Credentials {
    headers: Vec<(String, String)>,
    basic_auth: Option<(String, String)>,
}

/// Headers that let their holder into the target's site. They are built once, from the target of a command; the
/// browser and the fetcher can add them to requests that go to that target's site and to no others.
#[derive(Clone, Default)]
pub struct SiteSecrets {
    site: Option<String>,
    /// Whether the target itself was given as `http://`, so that the user accepted clear text.
    allows_clear_text: bool,
    headers: Vec<(String, String)>,
}

impl Credentials {
    /// Headers by name and value, and a name with its password.
    pub const fn new(headers: Vec<(String, String)>, basic_auth: Option<(String, String)>) -> Self {
        Self { headers, basic_auth }
    }

    /// Whether the user gave none.
    pub const fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.basic_auth.is_none()
    }
}

impl SiteSecrets {
    /// Binds `credentials` to the site and the scheme of `target`.
    pub fn new(target: &Url, credentials: Credentials) -> Self {
        let Credentials { mut headers, basic_auth } = credentials;
        if let Some((name, password)) = basic_auth {
            let encoded =
                base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
            headers.push(("Authorization".to_owned(), format!("Basic {encoded}")));
        }
        Self { site: site::of_url(target), allows_clear_text: target.scheme() == "http", headers }
    }

    /// The headers that a request to `url` may carry: none unless it goes to the target's site, encrypted if the
    /// target is.
    pub(super) fn headers_for(&self, url: &Url) -> &[(String, String)] {
        let scheme = match url.scheme() {
            "https" => true,
            "http" => self.allows_clear_text,
            _ => false,
        };
        let is_own = self.site.is_some() && site::of_url(url) == self.site;
        if scheme && is_own { &self.headers } else { &[] }
    }

    /// Address patterns for the browser that match every request the headers go with. They match others too, since
    /// the browser's `*` also spans slashes (`https://other.test/?from=https://www.own.test/`): ask
    /// [`Self::headers_for`] about each request. Empty if there is nothing to send.
    pub(super) fn patterns(&self) -> Vec<String> {
        let Some(site) = self.site.as_ref().filter(|_| !self.headers.is_empty()) else {
            return Vec::new();
        };
        let schemes: &[&str] = if self.allows_clear_text { &["https", "http"] } else { &["https"] };
        let hosts = [site.clone(), format!("*.{site}"), format!("{site}:*"), format!("*.{site}:*")];
        let pattern = |scheme: &&str| hosts.clone().map(|host| format!("{scheme}://{host}/*"));
        schemes.iter().flat_map(pattern).collect()
    }
}

/// Shows how many there are and never what they are: debug output ends in logs.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.headers.len() + usize::from(self.basic_auth.is_some());
        write!(f, "Credentials({count} withheld)")
    }
}

impl fmt::Debug for SiteSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let site = self.site.as_deref().unwrap_or_default();
        write!(f, "SiteSecrets({site}, {} withheld)", self.headers.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(target: &str) -> SiteSecrets {
        let headers = vec![("X-Staging".to_owned(), "open-sesame".to_owned())];
        let credentials = Credentials::new(headers, Some(("u".to_owned(), "p".to_owned())));
        SiteSecrets::new(&Url::parse(target).unwrap(), credentials)
    }

    fn sends(secrets: &SiteSecrets, url: &str) -> bool {
        let headers = secrets.headers_for(&Url::parse(url).unwrap());
        assert!(headers.is_empty() || headers.len() == 2, "{headers:?}");
        !headers.is_empty()
    }

    #[test]
    fn an_encrypted_target_sends_to_its_own_site_and_only_encrypted() {
        let it = secrets("https://www.force.police.uk/");
        for own in ["https://www.force.police.uk/a", "https://assets.force.police.uk:8443/"] {
            assert!(sends(&it, own), "{own}");
        }
        for other in [
            "http://www.force.police.uk/",
            "https://www.other.police.uk/",
            "https://evilforce.police.uk/",
            "https://127.0.0.1/",
            "https://localhost/",
            "https://cdn.cookielaw.org/?from=https://www.force.police.uk/",
            "https://www.force.police.uk@other.test/",
            "ftp://www.force.police.uk/",
            "wss://www.force.police.uk/",
            "data:text/html,www.force.police.uk",
        ] {
            assert!(!sends(&it, other), "{other}");
        }
        let authorization = &it.headers_for(&Url::parse("https://force.police.uk/").unwrap())[1];
        assert_eq!(*authorization, ("Authorization".to_owned(), "Basic dTpw".to_owned()));
    }

    #[test]
    fn a_target_in_clear_text_sends_to_its_own_site_either_way() {
        let it = secrets("http://staging.own.test:8080/");
        for own in ["http://staging.own.test:8080/", "http://own.test/", "https://www.own.test/"] {
            assert!(sends(&it, own), "{own}");
        }
        assert!(!sends(&it, "http://other.test/"));
    }

    #[test]
    fn an_address_is_a_site_of_its_own() {
        let it = secrets("https://127.0.0.1:8443/");
        assert!(sends(&it, "https://127.0.0.1/") && !sends(&it, "https://127.0.0.2/"));
        let it = secrets("https://[::1]:8443/");
        assert!(sends(&it, "https://[::1]/") && !sends(&it, "https://[::2]/"));
    }

    #[test]
    fn nothing_to_send_intercepts_nothing() {
        let target = Url::parse("https://own.test/").unwrap();
        assert!(SiteSecrets::new(&target, Credentials::default()).patterns().is_empty());
        assert!(SiteSecrets::default().patterns().is_empty());
        assert!(secrets("https://own.test/").patterns().iter().all(|it| it.starts_with("https:")));
    }

    #[test]
    fn debug_output_withholds_them() {
        let credentials =
            Credentials::new(Vec::new(), Some(("ann".to_owned(), "hunter2".to_owned())));
        let target = Url::parse("https://own.test/").unwrap();
        let text = format!("{credentials:?} {:?}", SiteSecrets::new(&target, credentials.clone()));
        assert!(!text.contains("hunter2") && !text.contains("ann") && text.contains("withheld"));
    }
}
