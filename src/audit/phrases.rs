//! How rules speak of what they found. Names and addresses are a stranger's: they are shortened here
//! and escaped by each report.

use std::fmt::Write as _;

use url::Url;

use super::declaration_match::{How, Match};
use crate::model::{
    Category, Citation, Classification, Declaration, Evidence, Lifetime, Notice, ObservedCookie,
    ObservedStorage, Party, Pass, SetBy, SetKind, Sighting, SightingKind, StorageKind, Undecided,
    site,
};

/// `text`, or the beginning of it if it is long.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 120;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The name of a cookie or storage item, or what a sentence says of one that has none.
pub(super) fn name(name: &str) -> String {
    if name.is_empty() { "the one without a name".to_owned() } else { short(name) }
}

/// "marketing ", or nothing if the category is not known.
pub(super) fn category_prefix(category: Category) -> String {
    match category {
        Category::Unknown => String::new(),
        known => format!("{known} "),
    }
}

/// "cookie _fbp", with the domain if it is another site's.
pub(super) fn cookie(cookie: &ObservedCookie) -> String {
    let name = match cookie.key.name.as_str() {
        "" => "without a name".to_owned(),
        name => short(name),
    };
    match cookie.party {
        Party::First => format!("cookie {name}"),
        Party::Third => format!("cookie {name} of {}", cookie.key.domain),
    }
}

/// "local storage item seen", with the origin if it is another site's.
pub(super) fn item(item: &ObservedStorage) -> String {
    let kind = match item.key.kind {
        StorageKind::Local => "local storage item",
        StorageKind::Session => "session storage item",
        StorageKind::Indexeddb => "IndexedDB database",
        StorageKind::Cache => "browser cache",
        StorageKind::Opfs => "file in the browser",
    };
    let name = short(&item.key.key);
    match item.party {
        Party::First => format!("{kind} {name}"),
        Party::Third => format!("{kind} {name} of {}", item.key.origin),
    }
}

/// " on /report" if it was seen on one page only and that is not the home page.
pub(super) fn page_suffix(at: &[&Sighting]) -> String {
    only_page(at).map(|it| format!(" on {it}")).unwrap_or_default()
}

/// Path of the page on which something was seen, if that was one only and not the home page.
pub(super) fn only_page(at: &[&Sighting]) -> Option<String> {
    // Where it was written says more than where it was still there.
    let set: Vec<_> = at.iter().filter(|it| it.kind == SightingKind::Set).copied().collect();
    let at = if set.is_empty() { at } else { &set };
    let first = at.first()?;
    let path = Url::parse(&first.page).ok()?.path().to_owned();
    let only = at.iter().all(|it| it.page == first.page) && path != "/";
    only.then(|| short(&path))
}

/// " by a script from tag.test" if another site than the owner's wrote it.
pub(super) fn setter_suffix(set_by: &SetBy, owner: &str) -> String {
    let Some(host) = set_by.url.as_deref().and_then(site::host_of) else { return String::new() };
    let what = match set_by.kind {
        SetKind::Http => "a response",
        SetKind::Script => "a script",
        SetKind::Unknown => return String::new(),
    };
    if site::of_host(&host) == site::of_host(owner) {
        String::new()
    } else {
        format!(" by {what} from {host}")
    }
}

/// Who wrote something, as a citation.
pub(super) fn setter_citation(set_by: &SetBy) -> Citation {
    Citation::SetBy { by: set_by.clone() }
}

/// Who says what something is for, as a citation.
pub(super) fn basis_citation(class: &Classification) -> Citation {
    Citation::Source { category: class.category, basis: class.basis.clone() }
}

/// The notice, as a citation.
pub(super) fn notice_citation(notice: &Notice) -> Citation {
    Citation::Notice { url: notice.source.clone() }
}

/// A recorded request, as a citation; `what` it did is followed by its address.
pub(super) fn request_citation(what: impl Into<String>, url: &str) -> Citation {
    Citation::Request { url: url.to_owned(), what: what.into() }
}

/// The notice's row as it is written, as a citation.
pub(super) fn row(declaration: &Declaration) -> Citation {
    Citation::NoticeRow { name: declaration.as_written.clone(), text: row_text(declaration) }
}

fn row_text(declaration: &Declaration) -> String {
    let cells = [&declaration.provider, &declaration.purpose, &declaration.lifetime.as_written];
    let cells: Vec<String> = cells.into_iter().flatten().map(|it| short(it)).collect();
    let mut row = format!("the notice says: {}", short(&declaration.as_written));
    if !cells.is_empty() {
        row.push_str(" | ");
        row.push_str(&cells.join(" | "));
    }
    if let Some(section) = &declaration.section {
        let _ = write!(row, " (under '{}')", short(section));
    }
    row
}

/// What the notice has on something, as a citation.
pub(super) fn match_citation(found: &Match<'_>) -> Citation {
    match (found.declaration, found.how) {
        (Some(declaration), How::Instance) => Citation::NoticeRow {
            name: declaration.as_written.clone(),
            text: format!("{}; the name is another visitor's instance", row_text(declaration)),
        },
        (Some(declaration), _) => row(declaration),
        (None, _) => format!("the notice mentions {} in its text", short(found.as_written)).into(),
    }
}

/// "90 days": the largest units in which the length is a whole number, roughly.
pub(super) fn duration(seconds: u64) -> String {
    const DAY: u64 = 86_400;
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => ((seconds + 30) / 60, "minute"),
        7200..DAY => ((seconds + 1800) / 3600, "hour"),
        _ => match (seconds + DAY / 2) / DAY {
            days if days.is_multiple_of(365) => (days / 365, "year"),
            days => (days, "day"),
        },
    };
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// How long a cookie lives, as a row of a notice would say it; `None` if that is not known.
pub(super) fn lifetime(lifetime: &Lifetime) -> Option<String> {
    if lifetime.session {
        return Some("until the browser is closed".to_owned());
    }
    let seconds = lifetime.requested_seconds.or(lifetime.seconds)?;
    u64::try_from(seconds).ok().map(duration)
}

/// Turns things of unknown purpose into an open question: not known to be bad is not good.
pub(super) fn none_unknown(what: &str, names: &[String]) -> Result<(), Undecided> {
    if names.is_empty() {
        return Ok(());
    }
    Err(Undecided::Unclear(format!(
        "no source knows the purpose of these {what}: {}",
        list(names, 5)
    )))
}

/// The first few of `names`, each once, and how many more there are.
pub(super) fn list<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let mut once: Vec<String> = Vec::new();
    for name in names.iter().map(|it| short(it.as_ref())) {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    let shown = once.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    match once.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// How many different pages were opened in the usual passes, in words.
pub(super) fn pages_opened(evidence: &Evidence) -> String {
    let passes = Pass::BASIC.into_iter().filter_map(|pass| evidence.pass(pass).ok());
    let mut pages: Vec<&str> =
        passes.flat_map(|it| it.visits.iter().map(|visit| visit.url.as_str())).collect();
    pages.sort_unstable();
    pages.dedup();
    match pages.len() {
        1 => "the one page".to_owned(),
        number => format!("the {number} pages"),
    }
}

#[cfg(test)]
mod cases;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (seconds, words) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (1800, "30 minutes"),
            (7200, "2 hours"),
            (86_400, "1 day"),
            (7_776_000 - 2, "90 days"),
            (31_536_000, "1 year"),
            (63_072_000, "2 years"),
            (34_560_000, "400 days"),
        ] {
            assert_eq!(duration(seconds), words);
        }
    }

    #[test]
    fn long_names_are_cut_between_letters() {
        assert_eq!(short("é"), "é");
        let long = short(&"é".repeat(1000));
        assert_eq!(long.chars().count(), 121);
    }

    #[test]
    fn lists_say_what_they_leave_out() {
        let names: Vec<String> = ["a", "b", "a", "c"].map(str::to_owned).to_vec();
        assert_eq!(list(&names, 2), "a, b and 1 more");
        assert_eq!(list(&names, 3), "a, b, c");
    }
}
