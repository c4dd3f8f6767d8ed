//! A `Set-Cookie` line as browsers read it: RFC 6265bis, and what Chromium does where it differs.
//!
//! Reading a line never fails: what a browser refuses was still an attempt, and [`SetCookie::scope`] says why it is
//! refused. Nothing here asks a clock; the caller says when the line arrived.
//!
//! Chromium differs in that the last attribute of a name counts even if its value is not valid, a tab within a name or
//! value counts as a control character, a cookie without a name must not have `=` in its value, a date with a number
//! that letters follow (`21st`, `14:00:00Z`) is no date, and fields of a time may have leading zeros (`014:00:00`).
//! `tests/set_cookie.rs` compares all this with the cookie jar of the installed browser. Three things are not modelled:
//! the `Date` header, by which Chromium corrects `Expires` where the server's clock is wrong; octets that are no UTF-8;
//! and the number of cookies that a site may keep.

use std::fmt;

use url::{Host, Url};

use super::{SameSite, site};

/// Longest that Chromium keeps a cookie, in seconds: 400 days.
pub const LONGEST_LIFETIME: i64 = 400 * 86_400;

/// Most octets of a name and its value together.
const NAME_AND_VALUE: usize = 4096;
/// Most octets of the value of an attribute; a longer one is ignored.
const ATTRIBUTE: usize = 1024;

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// Its name, which may be empty.
    pub name: String,
    /// Its value, with quotation marks if it has some.
    pub value: String,
    /// The `Secure` attribute.
    pub secure: bool,
    /// The `HttpOnly` attribute.
    pub http_only: bool,
    /// The `SameSite` attribute, as far as its value is one of the three.
    pub same_site: SameSite,
    /// The `Partitioned` attribute.
    pub partitioned: bool,
    /// The last `Path` attribute.
    path: Option<String>,
    /// The last `Domain` attribute.
    domain: Option<String>,
    /// The last `Max-Age` attribute, if it is a number.
    max_age: Option<i64>,
    /// The last `Expires` attribute in seconds since 1970, if it is a date.
    expires: Option<i64>,
    /// Whether it has a control character, which is why browsers refuse the whole line.
    has_control: bool,
}

/// From where a line was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Lower case; IPv6 addresses in brackets.
    host: String,
    path: String,
    is_address: bool,
    is_encrypted: bool,
    is_trustworthy: bool,
    by_script: bool,
}

/// Where a cookie is kept and sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Domain in lower case, without a leading dot.
    pub domain: String,
    /// Whether it is for this very host only.
    pub host_only: bool,
    /// Path prefix.
    pub path: String,
}

/// Why a browser refuses a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// Neither a name nor a value.
    Empty,
    /// A control character.
    ControlCharacter,
    /// Name and value are longer than 4096 octets.
    TooLarge,
    /// No name, and a value that would be sent as a name and a value.
    Nameless,
    /// `Domain` is not the host or above it, or is shared by many sites.
    Domain,
    /// `Secure` over an unencrypted connection.
    Secure,
    /// `SameSite=None` without `Secure`.
    SameSiteNone,
    /// `Partitioned` without `Secure`.
    Partitioned,
    /// The name has a prefix such as `__Host-` whose conditions are not met.
    Prefix,
    /// `HttpOnly` from a script.
    HttpOnly,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it has neither a name nor a value",
            Self::ControlCharacter => "it contains a control character",
            Self::TooLarge => "its name and value are longer than 4096 bytes",
            Self::Nameless => "it has no name, and its value contains `=`",
            Self::Domain => "its Domain is not one that this host may set",
            Self::Secure => "it is Secure, but the connection is not encrypted",
            Self::SameSiteNone => "it has SameSite=None without Secure",
            Self::Partitioned => "it is Partitioned without Secure",
            Self::Prefix => "it does not meet the conditions of its name's prefix",
            Self::HttpOnly => "it is HttpOnly, but a script set it",
        })
    }
}

impl Origin {
    /// The response from `url`, or a script in the document at `url`; `None` if it has no host.
    pub fn new(url: &str, by_script: bool) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let host = url.host_str()?.to_ascii_lowercase();
        let is_encrypted = matches!(url.scheme(), "https" | "wss");
        let loopback = match url.host()? {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        Some(Self {
            host,
            path: url.path().to_owned(),
            is_address: !matches!(url.host()?, Host::Domain(_)),
            is_encrypted,
            is_trustworthy: is_encrypted || loopback,
            by_script,
        })
    }
}

impl SetCookie {
    /// Reads a header's value as the debugging protocol gives it, where each octet is a character of windows-1252.
    /// The cookie jar, which the protocol gives as UTF-8, has other names otherwise.
    pub fn from_header(line: &str) -> Self {
        let octets: Option<Vec<u8>> = line.chars().map(windows_1252).collect();
        match octets.map(String::from_utf8) {
            Some(Ok(text)) => Self::parse(&text),
            // It was UTF-8 already, or never was.
            _ => Self::parse(line),
        }
    }

    /// Reads a line, without the `Set-Cookie:` before it.
    pub fn parse(line: &str) -> Self {
        let mut parts = line.split(';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let mut cookie = Self {
            name: trim(name).to_owned(),
            value: trim(value).to_owned(),
            secure: false,
            http_only: false,
            same_site: SameSite::Unset,
            partitioned: false,
            path: None,
            domain: None,
            max_age: None,
            expires: None,
            has_control: line.chars().any(|it| it != '\t' && it.is_ascii_control()),
        };
        // A tab is white space around a name or a value, and a control character within one.
        cookie.has_control |= cookie.name.contains('\t') || cookie.value.contains('\t');
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            cookie.has_control |= trim(name).contains('\t') || trim(value).contains('\t');
            cookie.read_attribute(trim(name), trim(value));
        }
        cookie
    }

    fn read_attribute(&mut self, name: &str, value: &str) {
        if value.len() > ATTRIBUTE {
            return;
        }
        match name.to_ascii_lowercase().as_str() {
            "secure" => self.secure = true,
            "httponly" => self.http_only = true,
            "partitioned" => self.partitioned = true,
            "path" => self.path = Some(value.to_owned()),
            "domain" => self.domain = Some(value.to_owned()),
            "max-age" => self.max_age = max_age(value),
            "expires" => self.expires = date(value),
            "samesite" => {
                self.same_site = match value.to_ascii_lowercase().as_str() {
                    "strict" => SameSite::Strict,
                    "lax" => SameSite::Lax,
                    "none" => SameSite::None,
                    _ => SameSite::Unset,
                }
            }
            _ => (),
        }
    }

    /// How many seconds the cookie was asked to live from `now`, in seconds since 1970; `None` if until the browser
    /// is closed. Nothing or less is how a cookie is deleted.
    pub fn lifetime(&self, now: i64) -> Option<i64> {
        self.max_age.or_else(|| Some(self.expires?.saturating_sub(now)))
    }

    /// The `Path` attribute, if it is one.
    pub fn asked_path(&self) -> Option<&str> {
        self.path.as_deref().filter(|it| it.starts_with('/'))
    }

    /// The `Domain` attribute without a leading dot and in lower case, if it says anything.
    pub fn asked_domain(&self) -> Option<String> {
        let domain = self.domain.as_deref()?;
        let domain = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
        Some(domain).filter(|it| !it.is_empty())
    }

    /// The path of the cookie: as asked for, or that of the folder of what set it.
    pub fn path(&self, origin: &Origin) -> String {
        self.asked_path().unwrap_or_else(|| default_path(&origin.path)).to_owned()
    }

    /// Where a browser keeps the cookie.
    ///
    /// # Errors
    /// If it refuses it.
    pub fn scope(&self, origin: &Origin) -> Result<Scope, Refusal> {
        if self.has_control {
            return Err(Refusal::ControlCharacter);
        }
        if self.name.is_empty() && self.value.is_empty() {
            return Err(Refusal::Empty);
        }
        if self.name.len() + self.value.len() > NAME_AND_VALUE {
            return Err(Refusal::TooLarge);
        }
        // It would be sent as if it had a name.
        if self.name.is_empty() && self.value.contains('=') {
            return Err(Refusal::Nameless);
        }
        let (domain, host_only) = self.domain_at(origin).ok_or(Refusal::Domain)?;
        if self.secure && !origin.is_trustworthy {
            return Err(Refusal::Secure);
        }
        if self.same_site == SameSite::None && !self.secure {
            return Err(Refusal::SameSiteNone);
        }
        if self.partitioned && !(self.secure && origin.is_encrypted) {
            return Err(Refusal::Partitioned);
        }
        if self.http_only && origin.by_script {
            return Err(Refusal::HttpOnly);
        }
        if !self.keeps_prefix(origin) {
            return Err(Refusal::Prefix);
        }
        Ok(Scope { domain, host_only, path: self.path(origin) })
    }

    /// The domain and whether it is for the very host only; `None` if `Domain` is not the host's to set.
    fn domain_at(&self, origin: &Origin) -> Option<(String, bool)> {
        let host = &origin.host;
        let asked = match self.domain.as_deref() {
            None | Some("") => return Some((host.clone(), true)),
            Some(asked) => asked,
        };
        if !asked.is_ascii() || asked.contains('%') {
            return None;
        }
        let asked = asked.strip_prefix('.').unwrap_or(asked).to_ascii_lowercase();
        // An address, a name without dots and what many sites share are for the very host only.
        if origin.is_address || site::is_public_suffix(host) || !host.contains('.') {
            return (asked == *host).then_some((asked, true));
        }
        let is_above =
            host.strip_suffix(&asked).is_some_and(|it| it.is_empty() || it.ends_with('.'));
        let allowed = is_above
            && site::of_host(&asked) == site::of_host(host)
            && !site::is_public_suffix(&asked);
        allowed.then_some((asked, false))
    }

    /// Whether the conditions are met that the prefix of its name promises.
    fn keeps_prefix(&self, origin: &Origin) -> bool {
        let has = |text: &str, prefix: &str| {
            text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        // A cookie without a name is sent as its value alone, which must not look like a name with a prefix.
        if self.name.is_empty() {
            return !PREFIXES.iter().any(|prefix| has(&self.value, prefix.text));
        }
        let Some(prefix) = PREFIXES.iter().find(|prefix| has(&self.name, prefix.text)) else {
            return true;
        };
        let host_ok = || {
            let domain = self.domain.as_deref().unwrap_or_default();
            let own = domain.is_empty()
                || (origin.is_address && domain.eq_ignore_ascii_case(&origin.host));
            own && self.path.as_deref() == Some("/")
        };
        self.secure
            && origin.is_encrypted
            && (!prefix.http || (self.http_only && !origin.by_script))
            && (!prefix.host || host_ok())
    }
}

/// What a prefix of a name demands besides `Secure`.
struct Prefix {
    text: &'static str,
    /// The very host and the path `/`.
    host: bool,
    /// `HttpOnly`, and no script.
    http: bool,
}

/// The longest first.
const PREFIXES: &[Prefix] = &[
    Prefix { text: "__Host-Http-", host: true, http: true },
    Prefix { text: "__Host-", host: true, http: false },
    Prefix { text: "__Secure-", host: false, http: false },
    Prefix { text: "__Http-", host: false, http: true },
];

/// Without the white space that the grammar knows.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The octet that a character stands for in windows-1252, by which browsers read headers.
fn windows_1252(it: char) -> Option<u8> {
    /// What stands for the octets from 0x80 on, where it is not the character of the same number.
    const OTHERS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let place = OTHERS.iter().position(|other| *other == it).and_then(|it| u8::try_from(it).ok());
    match (place, u8::try_from(it)) {
        (Some(place), _) => Some(0x80 + place),
        (None, Ok(octet)) if !(0x80..=0x9f).contains(&octet) => Some(octet),
        (None, _) => None,
    }
}

/// The folder of a path: RFC 6265bis section 5.1.4.
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(end) => &path[..end],
    }
}

/// RFC 6265bis section 5.6.2: a number that does not fit is the closest that does.
fn max_age(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let end = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(end))
}

/// The date by the algorithm of RFC 6265bis section 5.1.1, in seconds since 1970. Time zones are no part of it.
fn date(text: &str) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let tokens = text.split(|it: char| is_delimiter(it)).filter(|it| !it.is_empty());
    for token in tokens {
        if time.is_none() {
            time = clock(token);
            if time.is_some() {
                continue;
            }
        }
        if !token.starts_with(|it: char| it.is_ascii_digit()) {
            month = month.or_else(|| month_named(token));
            continue;
        }
        if token.contains(':') {
            continue;
        }
        if day.is_none() && token.len() <= 2 {
            day = number(token, 2);
        } else if year.is_none() {
            year = number(token, 5);
        }
    }
    let (year, month, day) = (full_year(year?), month?, day?);
    let (hour, minute, second) = time?;
    if !(1..=days_of(year, month)).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(days_from_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

fn is_delimiter(it: char) -> bool {
    it == '\t'
        || (it.is_ascii() && !it.is_ascii_control() && !it.is_ascii_alphanumeric() && it != ':')
}

/// A token that is wholly `h:m:s`. The specification allows two digits for each; Chromium takes `08` and `008` alike.
fn clock(token: &str) -> Option<(i64, i64, i64)> {
    let mut fields = token.split(':').map(|it| number(it, 9));
    let clock = (fields.next()??, fields.next()??, fields.next()??);
    fields.next().is_none().then_some(clock)
}

/// A text that wholly consists of digits, and of no more than `longest`.
fn number(text: &str, longest: usize) -> Option<i64> {
    let is_number =
        (1..=longest).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

fn month_named(token: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = token.get(..3)?.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| *month == start)?;
    i64::try_from(place).ok().map(|place| place + 1)
}

const fn full_year(year: i64) -> i64 {
    match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    }
}

const fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar, in years that begin in March so that the leap day comes last.
const fn days_from_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, month) = (year.div_euclid(400), (month + 9) % 12);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests;
