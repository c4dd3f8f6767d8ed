//! Cookies that are not what their names say: an essential name on what another site's script keeps.

use super::context::Context;
use crate::{
    classify::Knowledge,
    model::{Category, Classification, CookieKey, Party, SetBy, SetKind, site},
};

/// What is said of a cookie whose name says that it is essential, and which does what nothing essential does: nothing, if
/// another site's script wrote it that counts or advertises, or that nobody knows, and the cookie is kept for `long` or
/// `shared` with another site; or if another site that nobody knows keeps it for long; or if its value is sent to somebody
/// who may follow visitors by it. Consent managers and others who serve visitors write essential cookies.
pub(super) fn doubt(
    reader: &Context<'_>,
    key: &CookieKey,
    (class, set_by): (&Classification, &SetBy),
    (long, shared): (bool, bool),
) -> Option<Classification> {
    if class.category != Category::Essential || reader.record.was_stored(key) {
        return None;
    }
    let but = if let Some(host) = doubtful_writer(reader, key, (class, set_by), long || shared) {
        format!("a script of {host} wrote it")
    } else if site::party(&key.domain, &reader.site) == Party::Third
        && reader.knowledge.host(&key.domain).category == Category::Unknown
        && (long || shared)
    {
        format!("{} keeps it, whose purpose no source knows", key.domain)
    } else if shared {
        "it goes further than the site".to_owned()
    } else {
        return None;
    };
    let mut doubt = Classification::unknown("it");
    let kept = if long { ", it is kept for more than 30 days" } else { "" };
    let sent = if shared { ", its value is sent to another site" } else { "" };
    doubt.basis.entry =
        format!("its name says essential ({}), but {but}{kept}{sent}", class.basis.entry);
    Some(doubt)
}

/// The host of another site whose script wrote the cookie, if it is not one that writes essential cookies.
fn doubtful_writer(
    reader: &Context<'_>,
    key: &CookieKey,
    (class, set_by): (&Classification, &SetBy),
    lasting: bool,
) -> Option<String> {
    let url = set_by.url.as_deref().filter(|_| set_by.kind == SetKind::Script)?;
    let host = site::host_of(url)?;
    let own = site::party(&host, &reader.site) == Party::First
        || site::of_host(&host) == site::of_host(&key.domain);
    (!own && is_doubtful(reader.knowledge, url, class, lasting)).then_some(host)
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
