//! What the columns of a table hold.

use crate::model::WrittenLifetime;

use super::{
    grid::{Grid, Row},
    lifetime::lifetime,
    names,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Name,
    Purpose,
    Lifetime,
    Provider,
    Domain,
    Category,
    Other,
}

/// The role that a column's title gives it.
pub(super) fn role(title: &str) -> Option<Role> {
    let title = title.to_lowercase().replace('’', "'");
    let title = title.trim_matches(|it: char| !it.is_alphanumeric());
    if title.is_empty()
        || title.chars().count() > 60
        || title.contains('_')
        || (!title.contains(' ') && title.contains('-') && !title.contains("max-age"))
    {
        return None;
    }
    // A part of a title, a whole word of it, or all of it.
    let has = |list: &str| list.split('|').any(|it| title.contains(it));
    let words: Vec<&str> = title.split(|it: char| !it.is_alphanumeric() && it != '\'').collect();
    let word = |list: &str| list.split('|').any(|it| words.contains(&it));
    let whole = |list: &str| list.split('|').any(|it| it == title);
    if whole(NAME_TITLES) {
        return Some(Role::Name);
    }
    if has(
        "expir|lifetime|life time|lifespan|life span|duration|retention|how long|dod i ben|daw i ben|hyd y|parhad|para|max-age|max age|storage period|validity|persist|when it|ablauf|laufzeit|speicherdauer|gültigkeit|durée|caducidad|vencimiento|validez|durata|scadenza|bewaartermijn|vervaltermijn|looptijd|wygas|ważno|duração|validade",
    ) || word("ttl|period|length|oes|hyd|cyfnod|ends|dyddiad|timeout|dauer|duur|okres|czas")
    {
        return Some(Role::Lifetime);
    }
    if has("domain|parth|subgroup") || word("host|hosts") {
        return Some(Role::Domain);
    }
    if has("categor|kategori|catégor|classification|dosbarth") || word("type|types|math") {
        return Some(Role::Category);
    }
    if has(
        "provider|set by|supplier|compan|vendor|third part|darparw|trydydd parti|who sets|issued by|anbieter|fournisseur|éditeur|proveedor|fornitore|aanbieder|dostawca|fornecedor",
    ) || word("service|source|owner|party|gwasanaeth|origin|website|wefan|platform")
    {
        return Some(Role::Provider);
    }
    if has(
        "purpose|descri|function|information|pwrpas|diben|disgrif|explan|content|cynnwys|gwybodaeth|does|comment|zweck|beschreibung|finalité|finalidad|propósito|scopo|beschrijving|finalidade",
    ) || word(
        "what|use|used|uses|why|reason|detail|details|rheswm|beth|pam|about|notes|defnydd|doel|cel|opis|objectif",
    ) {
        return Some(Role::Purpose);
    }
    let of_cookies = words.len() <= 3 && word("cookie|cookies|cwci|cwcis");
    (of_cookies || word("name|names|enw|enwau|nom|nombre|nome|naam|nazwa")).then_some(Role::Name)
}

/// Titles that are about names though they say something else too.
const NAME_TITLES: &str = "name|names|cookie|cookies|enw|enwau|cwci|cwcis|enw'r cwci|enw cwci|key|cookie(s|cookie id|cookie title|\
nom|nombre|nome|naam|nazwa|cookie set|cookies set|cookies used|item|title|teitl|cookie identifier|our cookies";

/// The roles of the columns if a row is a row of titles; whether one of plain cells may be is
/// up to the caller.
pub(super) fn titles(grid: &Grid, row: &Row, plain_cells: bool) -> Option<Vec<Role>> {
    let filled: Vec<usize> = distinct(row);
    let all_headers = row.in_head || filled.iter().all(|&it| grid.cells[it].is_header);
    let wordy = |it: &usize| grid.cells[*it].text().split_whitespace().count() > 6;
    if !all_headers && (!plain_cells || filled.iter().any(wordy)) {
        return None;
    }
    let mut known = 0;
    let mut roles: Vec<Role> = Vec::new();
    for cell in &row.cells {
        let found = cell.and_then(|it| role(&grid.cells[it].text()));
        known += usize::from(found.is_some());
        let found = found.unwrap_or(Role::Other);
        // The first of two alike is the one.
        let taken = found != Role::Other && found != Role::Provider && roles.contains(&found);
        roles.push(if taken { Role::Other } else { found });
    }
    let enough = if all_headers { known >= 1 } else { known >= 2 && known * 2 >= filled.len() };
    (enough && filled.len() >= 2).then_some(roles)
}

/// Roles by what stands in the columns, for tables without titles or without one for the names.
pub(super) fn guess(grid: &Grid, rows: &[&Row], given: Option<&[Role]>) -> Option<Vec<Role>> {
    let width = rows.iter().map(|it| it.cells.len()).max()?;
    let sample: Vec<&&Row> = rows.iter().take(60).collect();
    let share = |column: usize, test: &dyn Fn(&str) -> bool| {
        let texts = sample
            .iter()
            .filter_map(|row| row.cells.get(column).copied().flatten())
            .map(|it| grid.cells[it].text());
        let texts: Vec<String> = texts.filter(|it| !it.is_empty()).collect();
        let hits = texts.iter().filter(|it| test(it)).count();
        if texts.is_empty() {
            0.0
        } else {
            f64::from(u32::try_from(hits).unwrap_or(u32::MAX))
                / f64::from(u32::try_from(texts.len()).unwrap_or(u32::MAX))
        }
    };
    let name = |text: &str| {
        text.split_whitespace().count() <= 6
            && text.split_whitespace().next().is_some_and(names::looks_like_name)
    };
    let taken = |column: usize| {
        given.is_some_and(|it| {
            it.get(column).is_some_and(|it| {
                !matches!(it, Role::Other | Role::Name | Role::Category | Role::Provider)
            })
        })
    };
    let names_in = (0..width).find(|&it| !taken(it) && share(it, &name) >= 0.5)?;
    let mut roles = given.map_or_else(|| vec![Role::Other; width], <[Role]>::to_vec);
    roles.resize(width, Role::Other);
    roles[names_in] = Role::Name;
    if given.is_some() {
        return Some(roles);
    }
    let lasts = |text: &str| {
        text.len() < 80
            && !matches!(
                lifetime(text).kind,
                WrittenLifetime::Unreadable | WrittenLifetime::Absent | WrittenLifetime::Event
            )
    };
    if let Some(column) = (0..width).rev().find(|&it| it != names_in && share(it, &lasts) >= 0.5) {
        roles[column] = Role::Lifetime;
    }
    let prose = |text: &str| text.split_whitespace().count() >= 3;
    if let Some(column) =
        (0..width).find(|&it| roles[it] == Role::Other && share(it, &prose) >= 0.5)
    {
        roles[column] = Role::Purpose;
    }
    Some(roles)
}

/// The different cells of a row that hold something, in order.
fn distinct(row: &Row) -> Vec<usize> {
    let mut cells: Vec<usize> = row.cells.iter().copied().flatten().collect();
    cells.dedup();
    cells
}
