//! Tables that lost their shape when a page was copied as text: cells parted by tabs, wide gaps or bars,
//! one cell on each line, or all of a row run into one another.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    category,
    columns::{self, Role},
    grid::{Cell, Grid, Row},
    lifetime::lifetime,
    names,
    text::{regex, run_together},
};
use crate::model::WrittenLifetime;

/// A way in which a table can stand in text: its table at the start of the lines, and how many of them it takes.
type Shape = fn(&[&str]) -> Option<(Grid, usize)>;

/// All of them, the surest first.
static SHAPES: &[Shape] = &[parted, glued, spaced, stacked, untitled];

/// The table that begins at the first of `lines`, and how many lines it takes.
pub(super) fn read(lines: &[&str]) -> Option<(Grid, usize)> {
    SHAPES.iter().find_map(|shape| shape(lines))
}

/// Cells of a line that are parted by tabs, by two or more blanks, or by bars.
fn cells(line: &str) -> Vec<String> {
    static GAP: LazyLock<Regex> = LazyLock::new(|| regex(r"\t+| {2,}|\s*\|\s*"));
    let line = line.trim().trim_matches('|');
    GAP.split(line).map(run_together).collect()
}

/// Whether titles are those of a table of cookies: a name, and something about it.
fn are_titles(titles: &[String]) -> bool {
    let roles: Vec<Option<Role>> = titles.iter().map(|it| columns::role(it)).collect();
    (2..=8).contains(&titles.len())
        && titles.iter().all(|it| it.split(' ').count() <= 6)
        && roles.contains(&Some(Role::Name))
        && roles.iter().flatten().any(|it| matches!(it, Role::Purpose | Role::Lifetime))
        && roles.iter().flatten().count() * 2 > titles.len()
}

fn parted(lines: &[&str]) -> Option<(Grid, usize)> {
    let titles = cells(lines.first()?);
    if !are_titles(&titles) {
        return None;
    }
    let mut table = Table::new(&titles);
    let mut taken = 1;
    for line in &lines[1..] {
        let row = cells(line);
        let rule = line.chars().all(|it| "|-:+= \t".contains(it));
        if rule {
            taken += 1;
            continue;
        }
        if row.len() != titles.len() {
            break;
        }
        table.row(&row);
        taken += 1;
    }
    table.finish(taken)
}

/// Rows that begin with a name and hold a lifetime, parted by gaps, without titles.
fn untitled(lines: &[&str]) -> Option<(Grid, usize)> {
    let is_row = |row: &[String]| {
        (2..=6).contains(&row.len())
            && names::looks_like_name(&row[0])
            && row[1..].iter().any(|it| {
                it.len() < 60
                    && matches!(
                        lifetime(it).kind,
                        WrittenLifetime::Duration
                            | WrittenLifetime::Session
                            | WrittenLifetime::SessionOrDuration
                    )
            })
    };
    let first = cells(lines.first()?);
    let second = cells(lines.get(1)?);
    if !is_row(&first) || second.len() != first.len() {
        return None;
    }
    let mut table = Table { grid: Grid::default(), width: first.len(), rows: 0 };
    let mut taken = 0;
    for line in lines {
        let row = cells(line);
        // A word may be a name among names.
        if row.len() != first.len() || !names::is_token(&row[0]) {
            break;
        }
        table.row(&row);
        taken += 1;
    }
    table.finish(taken).filter(|(grid, _)| grid.rows.len() > 1)
}

/// Titles on lines of their own, then the cells in the same order.
fn stacked(lines: &[&str]) -> Option<(Grid, usize)> {
    let filled: Vec<(usize, String)> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| (at, run_together(line)))
        .filter(|(_, line)| !line.is_empty())
        .take(4_000)
        .collect();
    // The longest run of titles that is one.
    let is_title = |line: &str| {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        columns::role(line).is_some()
            && words.len() <= 5
            && !line.ends_with('.')
            && !category::is_about_category(line)
            && !are_titles(&words)
    };
    let known = filled.iter().take(6).take_while(|(_, line)| is_title(line)).count();
    let width = (2..=known).rev().find(|&width| {
        let titles: Vec<String> = filled[..width].iter().map(|(_, it)| it.clone()).collect();
        are_titles(&titles)
    })?;
    let titles: Vec<String> = filled[..width].iter().map(|(_, it)| it.clone()).collect();
    let name = titles.iter().position(|it| columns::role(it) == Some(Role::Name))?;
    let mut table = Table::new(&titles);
    let mut taken = filled[width - 1].0 + 1;
    for row in filled[width..].chunks_exact(width) {
        let first = row[name].1.split([' ', ',']).next().unwrap_or_default();
        if !names::looks_like_name(first) {
            break;
        }
        let texts: Vec<String> = row.iter().map(|(_, it)| it.clone()).collect();
        table.row(&texts);
        taken = row[width - 1].0 + 1;
    }
    table.finish(taken)
}

/// `CookieNamePurpose`, then `Google Analytics_utma, _gatThese count visitors.`
fn glued(lines: &[&str]) -> Option<(Grid, usize)> {
    static TITLES: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^(?:Cookie [Nn]ame|Cookie|Name|Purpose|Description|What it does|Expires|Expiry|Expiration|Duration|Lifetime|More [Ii]nformation|Enw'r [Cc]wci|Cwci|Enw|Pwrpas|Disgrifiad|Dod i ben|Hyd){2,}$",
        )
    });
    let head = lines.first()?.trim();
    if !TITLES.is_match(head)
        || columns::role(head) == Some(Role::Name) && !head.contains("Purpose")
    {
        return None;
    }
    let lasts = ["Expires", "Expiry", "Expiration", "Duration", "Lifetime", "Dod i ben", "Hyd"];
    let lasts = lasts.iter().any(|it| head.ends_with(it));
    let titles: Vec<String> =
        ["Name", "Purpose", "Expires"].iter().map(|it| (*it).to_owned()).collect();
    // Two columns speak of the cookie: what it is called, and its name.
    let labelled = ["CookieName", "CookieCookie", "CwciEnw"].iter().any(|it| head.starts_with(it));
    let mut table = Table::new(&titles);
    let mut taken = 1;
    for line in &lines[1..] {
        let line = run_together(line);
        if line.is_empty() {
            taken += 1;
            continue;
        }
        let Some((label, names, rest)) = apart(&line, labelled) else { break };
        let (purpose, time) = if lasts { off_the_end(&rest) } else { (rest.clone(), None) };
        let time = time.or_else(|| in_passing(&purpose)).unwrap_or_default();
        if !label.is_empty() {
            table.label(&label);
        }
        table.row(&[names, purpose, time]);
        taken += 1;
    }
    table.finish(taken)
}

/// `Name Purpose Expires`, then rows that begin with a name; a row may go on in the next line. So a PDF
/// comes out.
fn spaced(lines: &[&str]) -> Option<(Grid, usize)> {
    static TITLES: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^(?:(?:Cookie [Nn]ames?|Names?(?: of (?:the )?cookies?)?|Cookies?|Enw(?:'r [Cc]wci)?|Cwci)) (?:Purpose|Description|What it (?:does|is for)|What for|Pwrpas|Disgrifiad)(?: (?P<time>Expires|Expiry|Expiration|Duration|Lifetime|How long(?: it lasts)?|Dod i ben|Hyd))?$",
        )
    });
    let head = run_together(lines.first()?);
    let lasts = TITLES.captures(&head)?.name("time").is_some();
    let titles: Vec<String> =
        ["Name", "Purpose", "Expires"].iter().map(|it| (*it).to_owned()).collect();
    let mut table = Table::new(&titles);
    let mut row: Option<(String, String)> = None;
    let mut taken = 1;
    let mut end = |row: &mut Option<(String, String)>| {
        if let Some((name, text)) = row.take() {
            let (purpose, time) = if lasts { off_the_end(&text) } else { (text.clone(), None) };
            let time = time.or_else(|| in_passing(&purpose)).unwrap_or_default();
            table.row(&[name, purpose, time]);
        }
    };
    for (at, line) in lines.iter().enumerate().skip(1) {
        let line = run_together(line);
        if line.is_empty() || TITLES.is_match(&line) {
            continue;
        }
        let (first, rest) = line.split_once(' ').unwrap_or((line.as_str(), ""));
        if names::looks_like_name(first) {
            end(&mut row);
            row = Some((first.to_owned(), rest.to_owned()));
        } else {
            // A row that has its time is whole.
            let open = row.as_mut().filter(|(_, text)| !lasts || off_the_end(text).1.is_none());
            let Some((_, text)) = open.filter(|(_, text)| text.len() < 600) else { break };
            text.push(' ');
            text.push_str(&line);
        }
        taken = at + 1;
    }
    end(&mut row);
    table.finish(taken)
}

/// What stands before the names of a line, the names, and what follows them.
fn apart(line: &str, labelled: bool) -> Option<(String, String, String)> {
    // A sentence that begins where a name ends.
    static TAIL: LazyLock<Regex> = LazyLock::new(|| regex(r"[A-Z][a-z']*$"));
    let words: Vec<&str> = line.split(' ').collect();
    for (at, word) in words.iter().enumerate().take(if labelled { 12 } else { 1 }) {
        for start in starts(word, labelled) {
            let (label, from) = word.split_at(start);
            let mut names = Vec::new();
            let mut rest = None;
            for (next, word) in
                std::iter::once(from).chain(words[at + 1..].iter().copied()).enumerate()
            {
                let ends = !word.ends_with([',', '/']) && word != "and";
                let bare = word.trim_end_matches(',');
                if word == "and" {
                    continue;
                }
                if let Some(tail) = TAIL.find(bare).filter(|it| ends && it.start() > 1) {
                    let name = &bare[..tail.start()];
                    if names::looks_like_name(name) {
                        names.push(name.to_owned());
                        let mut text = vec![tail.as_str()];
                        text.extend(words.iter().skip(at + next + 1));
                        rest = Some(text.join(" "));
                        break;
                    }
                }
                if ends || !names::looks_like_name(bare) {
                    break;
                }
                names.push(bare.to_owned());
            }
            if let Some(rest) = rest.filter(|it| it.split(' ').count() >= 3) {
                let mut before: Vec<&str> = words[..at].to_vec();
                before.extend(Some(label).filter(|it| !it.is_empty()));
                return Some((before.join(" "), names.join(", "), rest));
            }
        }
    }
    None
}

/// Where in a word a name may begin: after a label at an underscore or where a capital follows a small
/// letter, else at its start.
fn starts(word: &str, labelled: bool) -> Vec<usize> {
    let mut found = Vec::new();
    let mut before = ' ';
    for (at, it) in word.char_indices() {
        if labelled
            && at > 0
            && (it == '_' && before != '_' || it.is_uppercase() && before.is_lowercase())
        {
            found.push(at);
        }
        before = it;
    }
    found.push(0);
    found
}

/// The time at the end of a row, taken off.
fn off_the_end(text: &str) -> (String, Option<String>) {
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)(?:(?:up to |a )?\d+ ?(?:seconds?|minutes?|mins?|hours?|days?|weeks?|months?|years?|munud|awr|diwrnod|mis|flynedd)|(?:end of )?session|persistent|when you close your browser|pan fyddwch yn cau eich porwr)\.?$",
        )
    });
    match TIME.find(text) {
        Some(found) => (text[..found.start()].trim().to_owned(), Some(found.as_str().to_owned())),
        None => (text.to_owned(), None),
    }
}

/// The sentence of a purpose that clearly says how long.
fn in_passing(purpose: &str) -> Option<String> {
    static CLOSES: LazyLock<Regex> = LazyLock::new(|| {
        regex(r"(?i)clos\w*[^.;]{0,40}brows|brows\w*[^.;]{0,30}clos|cau[^.;]{0,40}porwr")
    });
    let sentences = purpose.split_inclusive(". ");
    let clear = |it: &&str| {
        let kind = lifetime(it).kind;
        matches!(
            kind,
            WrittenLifetime::Duration | WrittenLifetime::SessionOrDuration | WrittenLifetime::Range
        ) || CLOSES.is_match(it)
    };
    sentences.filter(clear).map(|it| it.trim().to_owned()).next()
}

/// A grid that is being built row by row.
struct Table {
    grid: Grid,
    width: usize,
    rows: usize,
}

impl Table {
    fn new(titles: &[String]) -> Self {
        let mut table = Self { grid: Grid::default(), width: titles.len(), rows: 0 };
        let cells = titles.iter().map(|it| Some(table.cell(it, true))).collect();
        table.grid.rows.push(Row { cells, in_head: true });
        table
    }

    fn cell(&mut self, text: &str, is_header: bool) -> usize {
        let lines = if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
        self.grid.cells.push(Cell { lines, is_header, lead: None });
        self.grid.cells.len() - 1
    }

    fn row(&mut self, texts: &[String]) {
        let cells = texts.iter().map(|it| Some(self.cell(it, false))).collect();
        self.grid.rows.push(Row { cells, in_head: false });
        self.rows += 1;
    }

    /// A row that heads those after it.
    fn label(&mut self, text: &str) {
        let cell = self.cell(text, false);
        self.grid.rows.push(Row { cells: vec![Some(cell); self.width], in_head: false });
    }

    fn finish(self, taken: usize) -> Option<(Grid, usize)> {
        (self.rows > 0).then_some((self.grid, taken))
    }
}

#[cfg(test)]
mod tests {
    use crate::notice::read;

    fn declared(text: &str) -> Vec<String> {
        let page = format!(
            "Cookies\n\nWe use cookies and list them here.\n\n{text}\n\nThank you for reading.\n"
        );
        read("x", &page)
            .declarations
            .into_iter()
            .map(|it| {
                format!(
                    "{} | {} | {}",
                    it.patterns.join(" "),
                    it.purpose.unwrap_or_default(),
                    it.lifetime.as_written.unwrap_or_default()
                )
            })
            .collect()
    }

    #[test]
    fn cells_parted_by_gaps() {
        for table in [
            "Name\tPurpose\tExpires\nsid\tKeeps you signed in\tSession\n_ga\tCounts visits\t2 years",
            "Name   Purpose              Expires\nsid    Keeps you signed in  Session\n_ga    Counts visits        2 years",
            "| Name | Purpose | Expires |\n|---|---|---|\n| sid | Keeps you signed in | Session |\n| _ga | Counts visits | 2 years |",
        ] {
            assert_eq!(
                declared(table),
                ["sid | Keeps you signed in | Session", "_ga | Counts visits | 2 years"],
                "{table}"
            );
        }
    }

    #[test]
    fn one_cell_a_line() {
        assert_eq!(
            declared(
                "Name\nPurpose\nExpires\n\n_sid_a\nKeeps you signed in\nSession\n\n_ga\nCounts visits\n2 years"
            ),
            ["_sid_a | Keeps you signed in | Session", "_ga | Counts visits | 2 years"]
        );
    }

    #[test]
    fn rows_run_together() {
        assert_eq!(
            declared(
                "CookieNamePurpose\nOur session cookiePHP_SESSIDKeeps your visit together. It goes when the browser is closed.\nMatomo_pk_id, _pk_sesThese count how many people visit."
            ),
            [
                "PHP_SESSID | Keeps your visit together. It goes when the browser is closed. | It goes when the browser is closed.",
                "_pk_id | These count how many people visit. | ",
                "_pk_ses | These count how many people visit. | ",
            ]
        );
        assert_eq!(
            declared("NamePurposeExpires\n_gidCounts the visits of a day24 hours"),
            ["_gid | Counts the visits of a day | 24 hours"]
        );
    }

    #[test]
    fn cells_parted_by_single_blanks() {
        assert_eq!(
            declared(
                "Name Purpose Expires\n\n_sid_a Keeps you signed in Session\n\n_ga Counts visits\nand visitors 2 years\nThis is all."
            ),
            [
                "_sid_a | Keeps you signed in | Session",
                "_ga | Counts visits and visitors | 2 years"
            ]
        );
    }

    #[test]
    fn prose_is_no_table() {
        assert_eq!(
            declared("Name and address are kept for 6 years.\nPurpose: to write to you."),
            Vec::<String>::new()
        );
    }
}
