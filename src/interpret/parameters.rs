//! What a request says in its address and its body.

use url::Url;

use crate::model::Channel;

/// Names and values of a query, and of what was sent along.
pub(super) fn parameters(url: &str, body: Option<&str>) -> Vec<(Channel, String)> {
    let mut found = Vec::new();
    if let Ok(url) = Url::parse(url) {
        let pairs = url.query_pairs().into_owned();
        found.extend(pairs.map(|(name, value)| (Channel::Query(name), value)));
    }
    let pairs = url::form_urlencoded::parse(body.unwrap_or_default().as_bytes()).into_owned();
    found.extend(pairs.map(|(name, value)| (Channel::Body(name), value)));
    found
}
