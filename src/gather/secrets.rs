//! Headers and passwords that the user gave for the target's own site, and the requests they may go with.

use std::{fmt, sync::LazyLock};

use base64::Engine as _;
use regex::Regex;
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
    /// Whether the target was given as `http://` and does not lead to https, so that there is no other way.
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
    /// Binds `credentials` to the site and the scheme of `target`, and cuts the name and password that the address
    /// itself may hold: they become basic auth unless the user gave another. Nothing after this sees them.
    pub fn bind(target: &Url, credentials: Credentials) -> (Url, Self) {
        let (target, login) = split_login(target);
        let Credentials { mut headers, basic_auth } = credentials;
        if let Some((name, password)) = basic_auth.or(login) {
            let encoded =
                base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
            headers.push(("Authorization".to_owned(), format!("Basic {encoded}")));
        }
        let allows_clear_text = target.scheme() == "http";
        let secrets = Self { site: site::of_url(&target), allows_clear_text, headers };
        (target, secrets)
    }

    /// The same for a target that leads to https of its own site: they are sent encrypted only.
    pub(super) fn only_encrypted(self) -> Self {
        Self { allows_clear_text: false, ..self }
    }

    /// Whether there is something that would be sent in clear text.
    pub(super) const fn would_go_in_clear_text(&self) -> bool {
        self.allows_clear_text && !self.headers.is_empty()
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

/// Addresses of https that a page sends its visitors to at once, by `refresh` or by a script.
pub(super) fn moves_to_https(page: &str) -> Vec<String> {
    static REFRESH: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)<meta\b[^>]*\brefresh\b[^>]*>").ok());
    static ADDRESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?i)\burl\s*=\s*['"]?(https:[^"'\s>]*)"#).ok());
    static SCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"location(?:\.href|\.protocol)?\s*(?:=|\.(?:replace|assign)\()\s*["'`](https:[^"'`\s]*)"#,
        )
        .ok()
    });
    let (Some(refresh), Some(address), Some(script)) =
        (REFRESH.as_ref(), ADDRESS.as_ref(), SCRIPT.as_ref())
    else {
        return Vec::new();
    };
    let tags = refresh.find_iter(page).filter_map(|tag| address.captures(tag.as_str()));
    tags.chain(script.captures_iter(page)).map(|it| it[1].to_owned()).collect()
}

/// The address without the name and password that it may hold, to be shown and written down.
pub fn without_login(url: &Url) -> Url {
    split_login(url).0
}

/// The address without its name and password, and the two.
fn split_login(url: &Url) -> (Url, Option<(String, String)>) {
    if url.username().is_empty() && url.password().is_none() {
        return (url.clone(), None);
    }
    let login =
        (percent_decoded(url.username()), percent_decoded(url.password().unwrap_or_default()));
    let mut clean = url.clone();
    // Neither fails for an address that had them.
    let _ = clean.set_username("");
    let _ = clean.set_password(None);
    (clean, Some(login))
}

/// A part of an address as it was before it was put there (RFC 3986, section 2.1).
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        match digits.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(decoded) if byte == b'%' => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
        SiteSecrets::bind(&Url::parse(target).unwrap(), credentials).1
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
    fn a_target_in_clear_text_that_leads_to_https_sends_encrypted_only() {
        let it = secrets("http://own.test/");
        assert!(it.would_go_in_clear_text());
        let it = it.only_encrypted();
        assert!(!sends(&it, "http://own.test/") && sends(&it, "https://own.test/"));
        assert!(it.patterns().iter().all(|it| it.starts_with("https:")));
        assert!(!secrets("https://own.test/").would_go_in_clear_text());
    }

    #[test]
    fn a_page_that_moves_its_visitors_to_https_is_known() {
        for (page, address) in [
            (
                r#"<meta http-equiv="refresh" content="0; url=https://own.test/a">"#,
                "https://own.test/a",
            ),
            (
                r#"<META content="0;URL='https://own.test/'" http-equiv=Refresh>"#,
                "https://own.test/",
            ),
            ("<script>location.replace('https://' + location.host)</script>", "https://"),
            (
                "<script>if (location.protocol != 'https:') location.protocol = 'https:'</script>",
                "https:",
            ),
            ("window.location.href = \"https:\" + location.href.slice(5)", "https:"),
        ] {
            assert_eq!(moves_to_https(page), [address], "{page}");
        }
        for page in [
            "<script>s.src = (document.location.protocol == 'https:' ? 'https://ssl' : 'http://www')</script>",
            r#"<meta name="x" content="url=https://own.test/"><a href="https://own.test/">refresh</a>"#,
            "<meta http-equiv=refresh content='30'>",
        ] {
            assert!(moves_to_https(page).is_empty(), "{page}");
        }
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
        assert!(SiteSecrets::bind(&target, Credentials::default()).1.patterns().is_empty());
        assert!(SiteSecrets::default().patterns().is_empty());
        assert!(secrets("https://own.test/").patterns().iter().all(|it| it.starts_with("https:")));
    }

    #[test]
    fn a_login_in_the_address_becomes_basic_auth_and_is_cut() {
        let target = Url::parse("https://ann%40b:p%C3%A4ss%3a@own.test/a?b#c").unwrap();
        let (clean, secrets) = SiteSecrets::bind(&target, Credentials::default());
        assert_eq!(clean.as_str(), "https://own.test/a?b#c");
        // "ann@b:päss:"
        let expected = ("Authorization".to_owned(), "Basic YW5uQGI6cMOkc3M6".to_owned());
        assert_eq!(secrets.headers_for(&clean), [expected]);
        let given = Credentials::new(Vec::new(), Some(("u".to_owned(), "p".to_owned())));
        let (_, secrets) = SiteSecrets::bind(&target, given);
        assert_eq!(secrets.headers_for(&clean)[0].1, "Basic dTpw");
        assert_eq!(percent_decoded("100%"), "100%");
    }

    #[test]
    fn debug_output_withholds_them() {
        let credentials =
            Credentials::new(Vec::new(), Some(("ann".to_owned(), "hunter2".to_owned())));
        let target = Url::parse("https://own.test/").unwrap();
        let text =
            format!("{credentials:?} {:?}", SiteSecrets::bind(&target, credentials.clone()).1);
        assert!(!text.contains("hunter2") && !text.contains("ann") && text.contains("withheld"));
    }
}
