//! What the columns of a table hold.

use crate::model::WrittenLifetime;

use super::{
    category,
    grid::{Grid, Row},
    headings::SERVICE,
    lifetime::lifetime,
    names,
    text::looks_like_host,
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
    if whole(NAME_TITLES) || has("called|known as|enw'r|enw y") && !has("purpose|why|who") {
        return Some(Role::Name);
    }
    // "Beth yw ei enw": what its name is, and not whose or what for.
    let else_too = has(
        "purpose|descri|function|pwrpas|diben|disgrif|provider|supplier|compan|vendor|service|host|domain|owner|site|darparw|cwmni|gwasanaeth|gwefan|parth|product|file",
    );
    if word("name|names|enw|enwau|henw") && !else_too {
        return Some(Role::Name);
    }
    if has(
        "expir|lasts|kept for|stored for|stays for|retained for|active for|set for|dirwyn i ben|darfod|yn para|cedwir|lifetime|life time|lifespan|life span|duration|retention|how long|dod i ben|daw i ben|hyd y|parhad|para|max-age|max age|storage period|validity|persist|when it|ablauf|laufzeit|speicherdauer|gültigkeit|durée|caducidad|vencimiento|validez|durata|scadenza|bewaartermijn|vervaltermijn|looptijd|wygas|ważno|duração|validade",
    ) || word(
        "ttl|period|length|oes|hyd|cyfnod|ends|dyddiad|timeout|life|time|amser|faint|until|tan|age|wiped|deleted|removed|cleared|dauer|duur|okres|czas",
    ) {
        return Some(Role::Lifetime);
    }
    if has("domain|parth|subgroup") || word("host|hosts") {
        return Some(Role::Domain);
    }
    if has("categor|kategori|catégor|classification|dosbarth")
        || word("type|types|math|group|groups|class|kind|grŵp|dosbarth")
    {
        return Some(Role::Category);
    }
    if has(
        "provider|set by|used by|placed by|belongs to|gosodir gan|defnyddir gan|supplier|compan|vendor|third part|darparw|trydydd parti|who sets|issued by|anbieter|fournisseur|éditeur|proveedor|fornitore|aanbieder|dostawca|fornecedor",
    ) || word("service|source|owner|party|gwasanaeth|origin|website|wefan|platform|who|pwy|whom")
    {
        return Some(Role::Provider);
    }
    if has(
        "purpose|descri|function|information|pwrpas|diben|disgrif|explan|content|cynnwys|gwybodaeth|does|comment|zweck|beschreibung|finalité|finalidad|propósito|scopo|beschrijving|finalidade",
    ) || word(
        "what|use|used|uses|why|reason|job|task|role|needed|angen|gwaith|tasg|detail|details|rheswm|beth|pam|about|notes|defnydd|doel|cel|opis|objectif",
    ) {
        return Some(Role::Purpose);
    }
    let of_cookies = words.len() <= 3 && word("cookie|cookies|cwci|cwcis");
    (of_cookies || word("name|names|enw|enwau|nom|nombre|nome|naam|nazwa")).then_some(Role::Name)
}

/// Titles that are about names though they say something else too.
const NAME_TITLES: &str = "name|names|cookie|cookies|enw|enwau|cwci|cwcis|enw'r cwci|enw cwci|key|cookie(s|cookie id|cookie title|\
nom|nombre|nome|naam|nazwa|cookie set|cookies set|cookies used|item|title|teitl|cookie identifier|our cookies";

/// The roles that the titles of the columns give them, if a row is a row of titles; whether one of plain
/// cells may be is up to the caller.
pub(super) fn titles(grid: &Grid, row: &Row, plain_cells: bool) -> Option<Vec<Role>> {
    let filled: Vec<usize> = distinct(row);
    let all_headers = row.in_head || filled.iter().all(|&it| grid.cells[it].is_header);
    let wordy = |it: &usize| grid.cells[*it].text().split_whitespace().count() > 6;
    if !all_headers && (!plain_cells || filled.iter().any(wordy)) {
        return None;
    }
    let found: Vec<Option<Role>> =
        row.cells.iter().map(|cell| cell.and_then(|it| role(&grid.cells[it].text()))).collect();
    let known = found.iter().flatten().count();
    // What stands in the head of a table is titles, known or not.
    let head =
        row.in_head && !filled.iter().any(|&it| names::looks_like_name(&grid.cells[it].text()));
    let enough =
        if all_headers { known >= 1 || head } else { known >= 2 && known * 2 >= filled.len() };
    // A title over several columns says little of each: their cells decide.
    let shared = |at: usize| {
        let cell = row.cells[at];
        cell.is_some()
            && (at > 0 && row.cells[at - 1] == cell || row.cells.get(at + 1) == Some(&cell))
    };
    let role = |(at, it): (usize, Option<Role>)| {
        it.filter(|it| *it == Role::Name || !shared(at)).unwrap_or(Role::Other)
    };
    let roles = found.into_iter().enumerate().map(role).collect();
    (enough && filled.len() >= 2).then_some(roles)
}

/// What share of a column's cells are of some sort.
struct Shares {
    names: f64,
    tokens: f64,
    lifetimes: f64,
    categories: f64,
    providers: f64,
    prose: f64,
    /// Different texts among the cells.
    different: usize,
}

fn shares(grid: &Grid, rows: &[&Row], column: usize) -> Shares {
    let mut cells: Vec<usize> = rows
        .iter()
        .take(60)
        // A cell that is one with its neighbours heads a group.
        .filter(|row| distinct(row).len() > 1 || row.cells.len() == 1)
        .filter_map(|row| row.cells.get(column).copied().flatten())
        .filter(|&it| !grid.cells[it].lines.is_empty())
        .collect();
    cells.dedup();
    let texts: Vec<String> = cells.iter().map(|&it| grid.cells[it].text()).collect();
    let share = |test: &dyn Fn(usize, &str) -> bool| {
        let hits = cells.iter().zip(&texts).filter(|(cell, text)| test(**cell, text)).count();
        ratio(hits, cells.len())
    };
    let words = |text: &str| text.split_whitespace().count();
    let few = |text: &str, most: usize| words(text) <= most;
    let lasts = |text: &str| {
        text.len() < 120
            && !matches!(
                lifetime(text).kind,
                WrittenLifetime::Unreadable | WrittenLifetime::Absent | WrittenLifetime::Event
            )
    };
    let names = |cell: usize, text: &str| {
        (few(text, 6) || grid.cells[cell].lines.len() > 1 && few(text, 30))
            && names::split(&grid.cells[cell].lines)
                .iter()
                .any(|it| it.split_whitespace().any(names::looks_like_name))
            && !lasts(text)
    };
    let mut different: Vec<&String> = texts.iter().collect();
    different.sort();
    different.dedup();
    Shares {
        names: share(&names),
        tokens: share(&|_, text| names::is_token(text)),
        lifetimes: share(&|_, text| lasts(text)),
        categories: share(&|_, text| few(text, 5) && category::named(text).is_some()),
        providers: share(&|_, text| {
            few(text, 6) && (SERVICE.is_match(text) || text.split_whitespace().any(looks_like_host))
        }),
        prose: share(&|_, text| {
            // "Counts visitors" says something, "Severnside Fire" names somebody.
            let small = |it: &str| it.starts_with(char::is_lowercase);
            words(text) >= 3 || words(text) == 2 && text.split_whitespace().skip(1).any(small)
        }),
        different: different.len(),
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |it: usize| f64::from(u32::try_from(it).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

/// The roles of all columns, by what all their cells hold and what their titles say; `None` if no column
/// holds names. A title that we do not know, or that misleads, does not hide a column.
pub(super) fn settle(grid: &Grid, rows: &[&Row], titled: Option<&[Role]>) -> Option<Vec<Role>> {
    let width = rows.iter().map(|it| it.cells.len()).max()?.max(titled.map_or(0, <[Role]>::len));
    let shares: Vec<Shares> = (0..width).map(|it| shares(grid, rows, it)).collect();
    let given = |column: usize| titled.and_then(|it| it.get(column).copied());
    let mut roles = vec![Role::Other; width];
    // The first column with the highest score above a bar.
    let best = |roles: &[Role], bar: f64, score: &dyn Fn(usize) -> f64| {
        let mut found: Option<(usize, f64)> = None;
        for column in (0..width).filter(|&it| roles[it] == Role::Other) {
            let score = score(column);
            if score >= bar && found.is_none_or(|(_, best)| score > best + 0.05) {
                found = Some((column, score));
            }
        }
        found.map(|(column, _)| column)
    };
    let titled_names = titled.is_some_and(|it| it.contains(&Role::Name));
    let name = best(&roles, 0.5, &|column| {
        let it = &shares[column];
        match given(column) {
            // Plain words under a title for names are names, whatever hosts stand beside them.
            Some(Role::Name) => it.names + 0.45 + 0.6 * it.tokens,
            Some(Role::Purpose | Role::Lifetime | Role::Domain)
                if titled_names || it.names < 0.5 =>
            {
                0.0
            }
            // A provider is repeated from row to row, a name is not.
            Some(Role::Provider) if it.different < rows.len().min(60) => 0.0,
            _ => it.names,
        }
    })
    .or_else(|| (0..width).find(|&it| given(it) == Some(Role::Name)))
    .or_else(|| words_as_names(&shares, titled, rows.len()))?;
    roles[name] = Role::Name;
    let of = |column: usize, role: Role| f64::from(u8::from(given(column) == Some(role)));
    let unknown = |column: usize| titled.is_none() || matches!(given(column), Some(Role::Other));
    let lasts = best(&roles, 0.6, &|column| {
        let free = if unknown(column) || given(column) == Some(Role::Lifetime) { 1.0 } else { 0.0 };
        of(column, Role::Lifetime) * 0.6 + free * shares[column].lifetimes
    });
    if let Some(column) = lasts {
        roles[column] = Role::Lifetime;
    }
    let category = best(&roles, 0.1, &|column| {
        let it = &shares[column];
        let free = if unknown(column) && it.categories >= 0.8 { it.categories } else { 0.0 };
        of(column, Role::Category) * (0.2 + it.categories) + free
    });
    if let Some(column) = category {
        roles[column] = Role::Category;
    }
    let purpose = best(&roles, 0.5, &|column| {
        let free = if unknown(column) { 0.5 } else { 0.0 };
        of(column, Role::Purpose) * (0.8 + shares[column].prose) + free * shares[column].prose
    });
    if let Some(column) = purpose {
        roles[column] = Role::Purpose;
    }
    for column in 0..width {
        if roles[column] != Role::Other {
            continue;
        }
        if let Some(role @ (Role::Provider | Role::Domain)) = given(column) {
            roles[column] = role;
        } else if unknown(column) && shares[column].providers >= 0.8 {
            roles[column] = Role::Provider;
        }
    }
    Some(roles)
}

/// The first column of single words, all different, beside one of lifetimes and one of prose: names that look like
/// words, under a title that we do not know.
fn words_as_names(shares: &[Shares], titled: Option<&[Role]>, rows: usize) -> Option<usize> {
    let some = |test: &dyn Fn(&Shares) -> bool| shares.iter().any(test);
    let stored = some(&|it| it.lifetimes >= 0.6) && some(&|it| it.prose >= 0.5);
    let free = |column: usize| {
        titled.and_then(|it| it.get(column)).is_none_or(|it| matches!(it, Role::Other))
    };
    shares.iter().enumerate().position(|(column, it)| {
        stored
            && it.tokens >= 1.0
            && it.different == rows.min(60)
            && it.lifetimes < 0.3
            && it.categories < 0.3
            && free(column)
    })
}

/// Whether a column of names is there that no title promised.
pub(super) fn holds_names(grid: &Grid, rows: &[&Row]) -> bool {
    let width = rows.iter().map(|it| it.cells.len()).max().unwrap_or(0);
    (0..width).any(|it| shares(grid, rows, it).names >= 0.5)
}

/// Whether a column of words is there that stand for cookies by what stands beside them.
pub(super) fn holds_words_as_names(grid: &Grid, rows: &[&Row], titled: Option<&[Role]>) -> bool {
    let width = rows.iter().map(|it| it.cells.len()).max().unwrap_or(0);
    let shares: Vec<Shares> = (0..width).map(|it| shares(grid, rows, it)).collect();
    words_as_names(&shares, titled, rows.len()).is_some()
}

/// The different cells of a row that hold something, in order.
fn distinct(row: &Row) -> Vec<usize> {
    let mut cells: Vec<usize> = row.cells.iter().copied().flatten().collect();
    cells.dedup();
    cells
}
