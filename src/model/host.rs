use std::{fmt, ops::Deref};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of a host, lower case and without port: neither an address nor the site it belongs to.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Host(String);

impl Host {
    /// The host called `name`.
    pub fn new(name: &str) -> Self {
        Self(name.to_ascii_lowercase())
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Host {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Host {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The address of a script, as it was loaded.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ScriptUrl(String);

impl ScriptUrl {
    /// The script at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address as it was loaded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without query and fragment, and without the line and column that stacks put behind it: two
    /// loads with the same one are the same script.
    pub fn bare(&self) -> &str {
        let url = self.0.as_str();
        let end = url.find(['?', '#']).unwrap_or(url.len());
        let mut url = &url[..end];
        for _ in 0..2 {
            match url.rsplit_once(':') {
                Some((rest, n)) if rest.contains("//") && rest.matches('/').count() > 2 => {
                    if n.is_empty() || !n.bytes().all(|byte| byte.is_ascii_digit()) {
                        break;
                    }
                    url = rest;
                }
                _ => break,
            }
        }
        url
    }
}

impl fmt::Display for ScriptUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A place in a script.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct CodePlace {
    /// The script, or the page that it is written into.
    pub script: ScriptUrl,
    /// The line, counted from 1, if that is known.
    pub line: Option<u64>,
}

impl fmt::Display for CodePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}", self.script),
            None => write!(f, "{}", self.script),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ScriptUrl;

    #[test]
    fn addresses_are_compared_without_query_line_and_column() {
        for (url, expected) in [
            ("https://a.test/x.js?id=1#f", "https://a.test/x.js"),
            ("https://a.test/x.js:12:345", "https://a.test/x.js"),
            ("https://a.test/x.js:12", "https://a.test/x.js"),
            ("https://a.test:8443", "https://a.test:8443"),
            ("https://a.test:8443/x.js", "https://a.test:8443/x.js"),
            ("https://a.test/a:b", "https://a.test/a:b"),
        ] {
            assert_eq!(ScriptUrl::new(url).bare(), expected);
        }
    }
}
