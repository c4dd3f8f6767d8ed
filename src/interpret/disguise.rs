//! Cookies that are not what their names say: an essential name on what another site's script keeps.

use super::context::Context;
use crate::{
    classify::Knowledge,
    model::{Category, Classification, CookieKey, Party, SetBy, SetKind, site},
};

/// What is said of a cookie whose name says that it is essential, and that another site's script wrote: nothing, if that
/// script counts or advertises, or if nobody knows the script and the cookie is kept for `long` or `shared` with another
/// site. Consent managers and others who serve visitors write essential cookies.
pub(super) fn doubt(
    reader: &Context<'_>,
    key: &CookieKey,
    (class, set_by): (&Classification, &SetBy),
    (long, shared): (bool, bool),
) -> Option<Classification> {
    if class.category != Category::Essential
        || set_by.kind != SetKind::Script
        || reader.record.was_stored(key)
    {
        return None;
    }
    let url = set_by.url.as_deref()?;
    let host = site::host_of(url)?;
    let own = site::party(&host, &reader.site) == Party::First
        || site::of_host(&host) == site::of_host(&key.domain);
    if own || !is_doubtful(reader.knowledge, url, class, long || shared) {
        return None;
    }
    let mut doubt = Classification::unknown("it");
    let kept = if long { ", it is kept for more than 30 days" } else { "" };
    let sent = if shared { ", its value is sent to another site" } else { "" };
    doubt.basis.entry = format!(
        "its name says essential ({}), but a script of {host} wrote it{kept}{sent}",
        class.basis.entry
    );
    Some(doubt)
}

fn is_doubtful(knowledge: &Knowledge, url: &str, class: &Classification, lasting: bool) -> bool {
    let writer = knowledge.request(url);
    let same = writer.organisation.is_some() && writer.organisation == class.organisation;
    match writer.category {
        _ if same => false,
        Category::Essential | Category::Functional => false,
        Category::Unknown => lasting,
        Category::Performance | Category::Marketing => true,
    }
}
