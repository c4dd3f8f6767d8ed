//! What the columns of a table hold, by their titles or, where there are none, by what is in them.

use std::sync::LazyLock;

use regex::Regex;

use super::lifetime::lifetime;
use super::names::is_surely_name;
use super::text::fold;
use crate::model::WrittenLifetime;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Name,
    Provider,
    Domain,
    Purpose,
    Lifetime,
    Category,
    /// A word for a group of cookies, beside a column with their names: `Cookie | Name | Purpose`.
    Label,
}

/// What the columns of a table hold; `None` for those that hold something else.
pub(super) type Columns = Vec<Option<Column>>;

/// A title longer than this is a cell.
const MAX_TITLE: usize = 70;

/// Reads a row of titles. `None` if it is no row of titles of a table of cookies.
pub(super) fn of_titles(titles: &[&str]) -> Option<Columns> {
    let mut columns: Columns = titles.iter().map(|title| of_title(title)).collect();
    settle_names(titles, &mut columns);
    let mut others = 0;
    for at in 0..columns.len() {
        // The first column of a kind holds it; "Purpose" and "More information" are both purposes.
        if columns[at].is_some() && columns[..at].contains(&columns[at]) {
            columns[at] = None;
        }
        others += usize::from(columns[at].is_some_and(|column| column != Column::Name));
    }
    let alone = titles.iter().filter(|title| !title.is_empty()).count() == 1;
    let says_cookie = titles.iter().any(|title| speaks_of_cookies(title));
    (columns.contains(&Some(Column::Name)) && (others > 0 || (alone && says_cookie)))
        .then_some(columns)
}

/// Of several columns that could hold the names, the most explicit one does.
fn settle_names(titles: &[&str], columns: &mut Columns) {
    let names: Vec<usize> =
        (0..columns.len()).filter(|&at| columns[at] == Some(Column::Name)).collect();
    if names.len() < 2 {
        return;
    }
    let explicit = |at: &&usize| {
        static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(names?|enwau?|enw'r)\b"));
        NAME.is_match(&fold(titles[**at]))
    };
    let chosen = names.iter().find(explicit).copied().unwrap_or(names[0]);
    for at in names {
        if at != chosen {
            columns[at] = Some(Column::Label);
        }
    }
}

pub(super) fn speaks_of_cookies(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || c == '/').any(super::category::is_cookie_word)
        || fold(text).contains("cookie")
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours")
}

/// What a column under this title holds.
pub(super) fn of_title(title: &str) -> Option<Column> {
    if title.chars().count() > MAX_TITLE {
        return None;
    }
    let title = fold(title);
    let title = title.trim_matches(|c: char| !(c.is_alphanumeric() || c == ')'));
    TITLES.iter().find(|(_, words)| words.is_match(title)).map(|(column, _)| *column)
}

/// Words of titles in the order in which they decide: "cookie type" is a category, "how long does
/// the cookie last" a lifetime, and what is left of titles with "cookie" is the name.
static TITLES: LazyLock<Vec<(Column, Regex)>> = LazyLock::new(|| {
    [
        (
            Column::Lifetime,
            r"\b(expir\w*|duration|durations|lifetime|life ?span|life|retention|retained|how long|lasts?|length|valid|validity|persistence|max[- ]?age|ttl|storage period|time ?frame|period|stored for|kept for|when (it|they|does)|ends?|lifecycle)\b|\b(i ben|cyfnod|hyd|parhad|para|parhau|bywyd|oes|dyddiad dod|am ba hyd|pa mor hir)\b|^(time|amser)$",
        ),
        (
            Column::Category,
            r"\b(categor\w*|type|types|classification|class|group|kind|math|mathau|categorïau|dosbarth|grŵp|strictly necessary\??|essential\??)\b",
        ),
        (
            Column::Domain,
            r"\b(domains?|host ?name|hosts?|parth|parthau|url)\b|^(web ?site|site|gwefan)$",
        ),
        (
            Column::Purpose,
            r"\b(purposes?|descriptions?|describe|what (is it|it is|it's|it does|does|they|this|we|the|are)|what|why|used? for|uses?|usage|details?|functions?|reasons?|information|info|content|contents|explanation|about|does|comments?|notes?|data stored|data collected|role)\b|\b(pwrpas|diben|dibenion|disgrifiad|cynnwys|rheswm|gwybodaeth|manylion|defnydd|swyddogaeth|beth|pam|esboniad)\b",
        ),
        (
            Column::Name,
            r"\b(names?|enw|enwau|enw'r)\b.{0,30}\b(cookies?|cwcis?|gwcis?)|\b(cookies?|cwcis?|gwcis?)\b.{0,10}\b(names?|enw|enwau|ids?|keys?|titles?)\b|^(names?|enw|enwau)$",
        ),
        (
            Column::Provider,
            r"\b(providers?|vendors?|suppliers?|owners?|compan(y|ies)|services?|set by|placed by|source|sources|third[- ]part(y|ies)|part(y|ies)|partners?|organisations?|controllers?|administered|issuer|who|platform|tool|application|system)\b|\b(darparwyr?|gwasanaeth|gwasanaethau|cyflenwr|cwmni|ffynhonnell|trydydd parti|gosodir gan|pwy|perchennog)\b",
        ),
        (
            Column::Name,
            r"^(cookies?|cwcis?|(the|our|y|yr) (cookies?|cwcis?)|cookies? ?\(?s?\)?|cookies? (used|set|we use|in use|reference)|identifiers?|keys?|storage key|items?|cookie/.*|.*/cookies?|technolog(y|ies)|tracker|trackers?|local storage|session storage)$|\b(cookies?|cwcis?)\b.{0,20}\b(used|set)\b|\b(names?|enw)\b",
        ),
    ]
    .map(|(column, words)| (column, pattern(words)))
    .into()
});

/// Guesses the columns of a table without titles from what its cells look like. `None` unless one
/// column plainly holds names of cookies.
pub(super) fn of_content(rows: &[Vec<&str>]) -> Option<Columns> {
    const ENOUGH: usize = 50;
    let rows = &rows[..rows.len().min(ENOUGH)];
    let width = rows.iter().map(Vec::len).max()?;
    if width < 2 {
        return None;
    }
    let column = |at: usize| rows.iter().filter_map(move |row| row.get(at).copied());
    let most = |at: usize, test: &dyn Fn(&str) -> bool| {
        let filled = column(at).filter(|cell| !cell.is_empty()).count();
        filled > 0 && column(at).filter(|cell| test(cell)).count() * 10 >= filled * 6
    };
    let is_lifetime = |cell: &str| {
        cell.len() < 200
            && !matches!(lifetime(cell).kind, WrittenLifetime::Unreadable | WrittenLifetime::Absent)
    };
    let is_names = |cell: &str| {
        cell.split([' ', ',']).filter(|word| !word.is_empty()).all(is_surely_name)
            && !cell.is_empty()
    };
    let names = (0..width).find(|&at| most(at, &is_names))?;
    let mut columns: Columns = vec![None; width];
    columns[names] = Some(Column::Name);
    let is_short = |cell: &str| is_lifetime(cell) && cell.split(' ').count() <= 12;
    if let Some(at) = (0..width).rev().find(|&at| at != names && most(at, &is_short)) {
        columns[at] = Some(Column::Lifetime);
    }
    let length = |at: usize| column(at).map(str::len).sum::<usize>();
    if let Some(at) = (0..width).filter(|&at| columns[at].is_none()).max_by_key(|&at| length(at)) {
        columns[at] = Some(Column::Purpose);
    }
    Some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Column::{Category, Domain, Label, Lifetime, Name, Provider, Purpose};

    #[test]
    fn titles_in_both_languages() {
        for (title, column) in [
            ("Name", Some(Name)),
            ("Cookie", Some(Name)),
            ("Cookie name", Some(Name)),
            ("Enw’r cwci", Some(Name)),
            ("Purpose", Some(Purpose)),
            ("What it does", Some(Purpose)),
            ("What the cookie is used for", Some(Purpose)),
            ("Typical content", Some(Purpose)),
            ("Diben", Some(Purpose)),
            ("Expires", Some(Lifetime)),
            ("How long the cookie lasts", Some(Lifetime)),
            ("Cookie duration", Some(Lifetime)),
            ("Yn dod i ben", Some(Lifetime)),
            ("Daw i ben ar", Some(Lifetime)),
            ("Type", Some(Category)),
            ("Cookie type", Some(Category)),
            ("Domain", Some(Domain)),
            ("Provider", Some(Provider)),
            ("Set by", Some(Provider)),
            ("Postcode", None),
            ("", None),
        ] {
            assert_eq!(of_title(title), column, "{title}");
        }
    }

    #[test]
    fn the_explicit_column_holds_the_names() {
        assert_eq!(
            of_titles(&["Cookie", "Name", "Purpose"]),
            Some(vec![Some(Label), Some(Name), Some(Purpose)])
        );
        assert_eq!(
            of_titles(&["Service", "Cookie name(s)", "Purpose", "More information"]),
            Some(vec![Some(Provider), Some(Name), Some(Purpose), None])
        );
    }

    #[test]
    fn tables_of_other_things_have_no_columns_of_ours() {
        assert_eq!(of_titles(&["Day", "Opening hours"]), None);
        assert_eq!(of_titles(&["Data", "Purpose", "Retention period"]), None);
        assert_eq!(of_titles(&["Name", "Telephone"]), None);
    }

    #[test]
    fn content_shows_what_titles_do_not_say() {
        let rows = [
            vec!["_ga", "Counts visitors to the site", "2 years"],
            vec!["app_sid", "Keeps you signed in", "When you close your browser"],
        ];
        assert_eq!(of_content(&rows), Some(vec![Some(Name), Some(Purpose), Some(Lifetime)]));
        assert_eq!(of_content(&[vec!["Monday", "9 to 5"]]), None);
    }
}
