//! Digests in place of values: the recording must not become a store of personal data.
//!
//! A digest is `~LENGTH:HEX`. It is salted with a number that is drawn for each recording and kept
//! nowhere, so two equal values of one scan have equal digests, and no list of guesses finds a value.

use std::fmt::{self, Write as _};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

/// How values are written into one recording.
#[derive(Clone)]
pub enum Redactor {
    /// As digests.
    Digest {
        /// The number that makes this recording's digests its own.
        salt: [u8; 16],
    },
    /// As they are, because the user asked for it.
    Keep,
}

/// The salt must not get into a log.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digest { .. } => "Redactor::Digest",
            Self::Keep => "Redactor::Keep",
        })
    }
}

impl Redactor {
    /// A value as it goes into the recording.
    pub fn value(&self, value: &str) -> String {
        match self {
            Self::Keep => value.to_owned(),
            Self::Digest { .. } if value.is_empty() => String::new(),
            Self::Digest { salt } => {
                let digest = Sha256::new().chain_update(salt).chain_update(value).finalize();
                let mut text = format!("~{}:", value.chars().count());
                for byte in &digest[..8] {
                    let _ = write!(text, "{byte:02x}");
                }
                text
            }
        }
    }

    /// Parts of a value that could identify a browser: all of it, what follows each separator, and what is between
    /// two, as far as it is long enough and has a digit.
    pub fn parts(&self, value: &str) -> Vec<String> {
        /// Shorter ones are as likely a version or a day.
        const LEAST: usize = 8;
        const MOST: usize = 12;
        let separator = |c: char| ".|&=:~!*-_%".contains(c);
        // A time in seconds or milliseconds, of 2017 to 2033, is the same for everybody at that time.
        let is_time = |part: &str| {
            let digits = part.bytes().all(|it| it.is_ascii_digit());
            digits && matches!(part.len(), 10 | 13) && ("15".."20").contains(&&part[..2])
        };
        let long = |part: &&str| {
            part.len() >= LEAST && part.contains(|c: char| c.is_ascii_digit()) && !is_time(part)
        };
        let ends = value.match_indices(separator).map(|(at, mark)| &value[at + mark.len()..]);
        let mut parts: Vec<&str> = Vec::new();
        for part in [value].into_iter().chain(ends).chain(value.split(separator)).filter(long) {
            if !parts.contains(&part) && parts.len() < MOST {
                parts.push(part);
            }
        }
        parts.into_iter().map(|part| self.value(part)).collect()
    }

    /// The same for a storage item, which is often JSON: parts of all of it, and of each text and number in it.
    pub fn item_parts(&self, value: &str) -> Vec<String> {
        /// Longer values are state of a program, or content.
        const LONGEST: usize = 4096;
        const MOST: usize = 24;
        if value.len() > LONGEST {
            return Vec::new();
        }
        let marks = |c: char| "\"',;{}[]()\\".contains(c) || c.is_whitespace();
        let mut parts = self.parts(value);
        for piece in value.split(marks).filter(|piece| piece.len() < value.len()) {
            for part in self.parts(piece) {
                if parts.len() < MOST && !parts.contains(&part) {
                    parts.push(part);
                }
            }
        }
        parts
    }

    /// A `Set-Cookie` header or an assignment to `document.cookie`, value digested, attributes kept.
    pub fn header(&self, header: &str) -> String {
        let (pair, attributes) = match header.split_once(';') {
            Some((pair, attributes)) => (pair, Some(attributes)),
            None => (header, None),
        };
        // A pair without `=` is a nameless cookie (RFC 6265bis section 5.6): all of it is value.
        let mut text = match pair.split_once('=') {
            Some((name, value)) => format!("{}={}", name.trim(), self.value(value.trim())),
            None => format!("={}", self.value(pair.trim())),
        };
        if let Some(attributes) = attributes {
            text.push(';');
            text.push_str(attributes);
        }
        text
    }

    /// An address: the scheme, host and path stay, and so do words and addresses in the query, as
    /// they disclose to a third party where the visitor was; whatever may identify a person
    /// there, and the fragment, is digested.
    pub fn url(&self, text: &str) -> String {
        self.url_at(text, 0)
    }

    fn url_at(&self, text: &str, depth: u8) -> String {
        if matches!(self, Self::Keep) {
            return text.to_owned();
        }
        let Ok(mut url) = Url::parse(text) else { return self.opaque(text) };
        if url.cannot_be_a_base() {
            return self.opaque(text);
        }
        if !url.username().is_empty() || url.password().is_some() {
            let _ = url.set_username("");
            let _ = url.set_password(None);
        }
        if url.query().is_some() {
            let pairs: Vec<(String, String)> = url
                .query_pairs()
                .map(|(name, value)| {
                    let kept = is_tag_number(&url, &name, &value);
                    let value = if kept {
                        value.into_owned()
                    } else if names_a_secret(&name) && !value.is_empty() {
                        self.value(&value)
                    } else {
                        self.parameter(&value, depth)
                    };
                    (self.word(&name), value)
                })
                .collect();
            url.query_pairs_mut().clear().extend_pairs(pairs);
        }
        if let Some(fragment) = url.fragment().map(str::to_owned) {
            url.set_fragment(Some(&self.word(&fragment)));
        }
        url.to_string()
    }

    fn parameter(&self, value: &str, depth: u8) -> String {
        let is_address = value.starts_with("https://") || value.starts_with("http://");
        if is_address && depth < 3 { self.url_at(value, depth + 1) } else { self.word(value) }
    }

    /// What a request carried, as the pairs of a query: of a form its fields, of JSON its leaves. Values are kept
    /// or digested as in an address; `None` if it is neither.
    pub fn body(&self, text: &str) -> Option<String> {
        /// More pairs than this no report could use.
        const MOST: usize = 60;
        let pairs = match serde_json::from_str(text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => leaves(&value, MOST),
            // One event a line, as Google Analytics sends them, or one form.
            _ if text.contains('=') && !text.contains(['<', '{', '\0']) => text
                .lines()
                .flat_map(|line| url::form_urlencoded::parse(line.as_bytes()).into_owned())
                .take(MOST)
                .collect(),
            _ => return None,
        };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            query.append_pair(&self.word(&name), &self.parameter(&value, 0));
        }
        Some(query.finish()).filter(|it| !it.is_empty())
    }

    /// `data:` and `blob:` addresses are content, not places; which is which still shows.
    fn opaque(&self, text: &str) -> String {
        let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
        if matches!(scheme, "about" | "chrome-error") || text.is_empty() {
            return text.to_owned();
        }
        if scheme == "blob" {
            let mut parts = text.splitn(4, '/');
            let origin: String = parts.by_ref().take(3).collect::<Vec<_>>().join("/");
            return format!("{origin}/{}", self.value(parts.next().unwrap_or_default()));
        }
        let (head, content) = text.split_once(',').unwrap_or((scheme, ""));
        format!("{},{}", head.chars().take(60).collect::<String>(), self.value(content))
    }

    /// Kept if it can be nothing but words, a short number or a path, or is the number of a tag.
    fn word(&self, text: &str) -> String {
        if is_tag(text) {
            return text.to_owned();
        }
        let plain = |c: char| c.is_alphabetic() || " -_./|:,&'()".contains(c);
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let words = text.chars().all(|c| plain(c) || c.is_ascii_digit()) && digits <= 4;
        // A long run without a break is more likely a token than a word, and so is a shorter one
        // that mixes letters and digits.
        let token = |run: &str| {
            let mixed =
                run.contains(char::is_alphabetic) && run.contains(|c: char| c.is_ascii_digit());
            run.len() > if mixed { 8 } else { 24 }
        };
        let tokens = text.split(|c: char| !c.is_alphanumeric()).any(token);
        if words && !tokens && text.len() <= 200 { text.to_owned() } else { self.value(text) }
    }
}

/// Whether a text is the number of a tag as Google writes them, which is the same for every visitor: people search their
/// site for it.
fn is_tag(text: &str) -> bool {
    let Some((kind, number)) = text.split_once('-') else { return false };
    let capitals = |it: &str| it.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|c| c.is_ascii_digit());
    match kind {
        "G" | "GTM" | "GT" => (5..=12).contains(&number.len()) && capitals(number),
        "AW" | "DC" => number.len() <= 12 && digits(number),
        "UA" => number.split_once('-').is_some_and(|(account, property)| {
            account.len() <= 12 && property.len() <= 4 && digits(account) && digits(property)
        }),
        _ => false,
    }
}

/// Whether a parameter holds the number of an advertiser's tag: by site, beginning of the path and name, as the makers
/// document them.
fn is_tag_number(url: &Url, name: &str, value: &str) -> bool {
    const TAGS: &[(&str, &str, &str)] = &[
        ("analytics.tiktok.com", "/", "sdkid"),
        ("bat.bing.com", "/", "ti"),
        ("ct.pinterest.com", "/", "tid"),
        ("px.ads.linkedin.com", "/", "pid"),
        ("tr.snapchat.com", "/", "pid"),
        ("www.clarity.ms", "/", "id"),
        ("www.facebook.com", "/tr", "id"),
    ];
    let host = url.host_str().unwrap_or_default();
    let plain = value.len() <= 24 && value.bytes().all(|c| c.is_ascii_alphanumeric());
    plain
        && TAGS
            .iter()
            .any(|(of, path, tag)| *of == host && *tag == name && url.path().starts_with(path))
}

/// The texts and numbers of a JSON value, each with the way to it.
fn leaves(value: &Value, most: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), value)];
    while let Some((way, value)) = open.pop() {
        if found.len() >= most || open.len() > 10_000 {
            break;
        }
        let under =
            |name: &str| if way.is_empty() { name.to_owned() } else { format!("{way}.{name}") };
        match value {
            Value::Object(fields) => {
                open.extend(fields.iter().rev().map(|(name, value)| (under(name), value)));
            }
            Value::Array(items) => open.extend(items.iter().rev().map(|it| (way.clone(), it))),
            Value::String(text) => found.push((way, text.clone())),
            Value::Number(number) => found.push((way, number.to_string())),
            Value::Bool(_) | Value::Null => (),
        }
    }
    found
}

/// Whether a parameter of that name lets its holder in, so that even a plain word in it is none to be kept.
fn names_a_secret(name: &str) -> bool {
    const WHOLE: &[&str] = &["key", "sig", "pass", "pwd", "sid", "code"];
    const PARTS: &[&str] = &[
        "token",
        "secret",
        "passw",
        "apikey",
        "api_key",
        "api-key",
        "auth",
        "credential",
        "signature",
        "jwt",
    ];
    let name = name.to_ascii_lowercase();
    WHOLE.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    #[test]
    fn what_a_parameter_for_a_secret_holds_is_digested_whatever_it_looks_like() {
        let redactor = Redactor::Digest { salt: [7; 16] };
        for name in ["token", "preview_token", "key", "Signature", "x-auth", "password"] {
            let url = redactor.url(&format!("https://a.test/?{name}=open-sesame&page=two"));
            assert!(!url.contains("sesame") && url.contains("page=two"), "{url}");
        }
        assert_eq!(redactor.url("https://a.test/?keyword=bins"), "https://a.test/?keyword=bins");
    }

    const DIGEST: Redactor = Redactor::Digest { salt: [7; 16] };

    #[test]
    fn parts_of_a_value_are_what_others_are_sent() {
        let keep = Redactor::Keep;
        assert_eq!(
            keep.parts("GA1.1.1234567890.1690000000"),
            [
                "GA1.1.1234567890.1690000000",
                "1.1234567890.1690000000",
                "1234567890.1690000000",
                "1234567890"
            ]
        );
        // When it was written is not who it was written for.
        assert_eq!(
            keep.parts("fb.1.1690000000123.9876543210"),
            [
                "fb.1.1690000000123.9876543210",
                "1.1690000000123.9876543210",
                "1690000000123.9876543210",
                "9876543210"
            ]
        );
        assert_eq!(keep.parts("accepted"), Vec::<String>::new());
        assert!(DIGEST.parts("0a1b2c3d4e5f")[0].starts_with("~12:"));
    }

    #[test]
    fn parts_of_an_item_are_found_in_json() {
        let keep = Redactor::Keep;
        let parts = keep
            .item_parts(r#"{"id":"0f8fad5b-d9cd-469f-a165-70867728950e","seen":1690000000123}"#);
        assert!(parts.contains(&"0f8fad5b-d9cd-469f-a165-70867728950e".to_owned()), "{parts:?}");
        assert!(!parts.contains(&"1690000000123".to_owned()), "{parts:?}");
        assert_eq!(keep.item_parts("\"a1b2c3d4e5\"")[1], "a1b2c3d4e5");
        assert_eq!(keep.item_parts(&"a1b2c3d4 ".repeat(1000)), Vec::<String>::new());
    }

    #[test]
    fn a_body_keeps_its_words() {
        let body = |text: &str| DIGEST.body(text);
        let kept = body(r#"{"event":"Contact","page":{"url":"https://a.test/report","id":"a1b2c3d4e5f6a7b8"},"n":[1,2]}"#).unwrap();
        assert!(kept.contains("event=Contact"), "{kept}");
        assert!(kept.contains("page.url=https%3A%2F%2Fa.test%2Freport"), "{kept}");
        assert!(!kept.contains("a1b2c3d4e5f6a7b8"), "{kept}");
        let kept = body("en=click&dl=https%3A%2F%2Fa.test%2Freport\nen=scroll").unwrap();
        assert!(kept.contains("en=click&dl=https%3A%2F%2Fa.test%2Freport&en=scroll"), "{kept}");
        assert_eq!(body("seen"), None);
        assert_eq!(body("{}"), None);
    }

    #[test]
    fn equal_values_have_equal_digests_and_no_value_shows() {
        let digest = DIGEST.value("GA1.1.123456789.1690000000");
        assert_eq!(digest, DIGEST.value("GA1.1.123456789.1690000000"));
        assert_ne!(digest, Redactor::Digest { salt: [8; 16] }.value("GA1.1.123456789.1690000000"));
        assert!(digest.starts_with("~26:") && !digest.contains("123456789"), "{digest}");
    }

    #[test]
    fn attributes_of_a_cookie_stay() {
        let header = DIGEST.header("sid=secret=secret; Path=/; Max-Age=60; SameSite=Lax");
        assert!(header.starts_with("sid=~13:"), "{header}");
        assert!(header.ends_with("; Path=/; Max-Age=60; SameSite=Lax"), "{header}");
        assert!(!DIGEST.header("nameless").contains("nameless"));
    }

    #[test]
    fn addresses_keep_what_names_the_page_and_lose_what_names_the_visitor() {
        let url = DIGEST.url(
            "https://me:pw@www.facebook.com/tr?id=1234567890123456&ev=PageView&dl=https%3A%2F%2Fwww.force.police.uk%2Freport-rape%3Fmail%3Djane%40example.org&fbp=fb.1.1690.99",
        );
        assert!(url.contains("ev=PageView") && url.contains("report-rape"), "{url}");
        for hidden in ["jane", "fb.1.1690", "me:pw"] {
            assert!(!url.contains(hidden), "{hidden} in {url}");
        }
    }

    #[test]
    fn numbers_of_tags_stay_readable() {
        for kept in [
            "https://www.facebook.com/tr?id=1234567890123456",
            "https://bat.bing.com/action/0?ti=97012345",
            "https://www.google-analytics.com/g/collect?tid=G-AB12CD34EF",
            "https://a.test/collect?tid=UA-12345678-1",
            "https://www.googletagmanager.com/gtm.js?id=GTM-AB12CD3",
            "https://a.test/?conversion=AW-1234567890",
        ] {
            assert_eq!(DIGEST.url(kept), kept);
        }
        for hidden in [
            "https://a.test/?id=1234567890123456",
            "https://www.facebook.com/profile?id=1234567890123456",
            "https://www.facebook.com/tr?uid=1234567890123456",
            "https://a.test/?tid=G-ab12cd34ef56",
            "https://a.test/?tid=G-AB12CD34EF56GH78IJ",
            "https://a.test/?tid=UA-12345678-jane12345",
        ] {
            assert_ne!(DIGEST.url(hidden), hidden);
        }
        assert!(DIGEST.body("tid=G-AB12CD34EF&v=2").unwrap().contains("tid=G-AB12CD34EF"));
    }

    #[test]
    fn a_run_of_letters_and_digits_is_no_word() {
        let url = DIGEST.url("https://a.test/?uid=supersecretvalue123&page=about-2&go=step12");
        assert!(!url.contains("supersecret"), "{url}");
        assert!(url.ends_with("&page=about-2&go=step12"), "{url}");
    }

    #[test]
    fn content_in_addresses_does_not_stay() {
        let (data, blob) = ("data:text/html,<h1>Jane</h1>", "blob:https://a.test/0b1c");
        assert!(DIGEST.url(data).starts_with("data:text/html,~13:"), "{}", DIGEST.url(data));
        assert!(DIGEST.url(blob).starts_with("blob:https://a.test/~4:"), "{}", DIGEST.url(blob));
        assert_ne!(DIGEST.url(blob), DIGEST.url("blob:https://a.test/0b1d"));
        assert_eq!(DIGEST.url("about:blank"), "about:blank");
    }

    #[test]
    fn kept_values_are_untouched() {
        assert_eq!(
            Redactor::Keep.url("https://a.test/?u=jane@example.org"),
            "https://a.test/?u=jane@example.org"
        );
        assert_eq!(Redactor::Keep.header("a=b; Path=/"), "a=b; Path=/");
    }
}
