//! What a cookie in a jar is called everywhere else, and how long digested values were.

use crate::{model::CookieKey, recording::JarCookie};

/// The key of a cookie in a jar.
pub(super) fn jar_key(held: &JarCookie) -> CookieKey {
    CookieKey {
        name: held.name.clone(),
        domain: held.domain.trim_start_matches('.').to_ascii_lowercase(),
        path: held.path.clone(),
        partition: held.partition.clone(),
        host_only: !held.domain.starts_with('.'),
    }
}

/// How many characters a value has, in a recording whose values were `kept` or not; `None` of what no digest says it of.
pub(super) fn length(kept: bool, value: &str) -> Option<usize> {
    if value.is_empty() || kept {
        return Some(value.chars().count());
    }
    let (length, _) = value.strip_prefix('~')?.split_once(':')?;
    length.parse().ok()
}
