//! What is seen around a cookie or storage item that nobody knows: what its name is weighed with.

use super::Reader;
use crate::model::{Consent, Party, Pass, SetBy, Sighting, site};

/// The host of another site that has to do with it: that keeps it, or else that wrote it; empty if none has.
pub(super) fn host(reader: &Reader<'_>, owner: &str, set_by: &SetBy) -> String {
    let third = |host: &String| site::party(host, &reader.site) == Party::Third;
    let writer = || set_by.url.as_deref().and_then(site::host_of).filter(third);
    Some(owner.to_owned()).filter(third).or_else(writer).unwrap_or_default()
}

/// Whether what loaded the script that wrote it is for counting or advertising, a tag manager included.
pub(super) fn loaded_by_tracker(reader: &Reader<'_>, set_by: &SetBy) -> bool {
    set_by.chain.iter().any(|url| reader.classifier.request(url).category.tracks())
}

/// Whether it was seen where the visitor had agreed, and nowhere else although it was looked for elsewhere.
pub(super) fn only_after_agreeing(reader: &Reader<'_>, seen: &[Sighting]) -> bool {
    let looked = |pass: Pass| {
        reader.recording.passes.iter().any(|it| it.pass == pass && !it.checkpoints.is_empty())
    };
    seen.iter().any(|it| it.consent == Consent::Granted)
        && seen.iter().all(|it| matches!(it.consent, Consent::Granted | Consent::Withdrawn))
        && looked(Pass::None)
        && looked(Pass::Reject)
}

/// How many characters a value has, as it is in the recording; `None` of what no digest says it of.
pub(super) fn length(reader: &Reader<'_>, value: &str) -> Option<usize> {
    if value.is_empty() || reader.recording.vantage.values_kept {
        return Some(value.chars().count());
    }
    let (length, _) = value.strip_prefix('~')?.split_once(':')?;
    length.parse().ok()
}
