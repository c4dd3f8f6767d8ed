//! Declarations out of tables.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::{
    Category, CategoryBasis, Declaration, DeclaredLifetime, NoticeProblem, NoticeProblemKind,
    WrittenLifetime,
};

use super::{
    category,
    columns::{self, Role},
    grid::{Cell, Grid, Row},
    headings::{COOKIE, Headings},
    lifetime::{is_absurd, lifetime},
    matching::stands_in,
    names,
    text::{regex, run_together},
};

/// Reads a table into `declarations`; what cannot be read is said in `problems`.
pub(super) fn read(
    grid: &Grid,
    context: &Headings,
    declarations: &mut Vec<Declaration>,
    problems: &mut Vec<NoticeProblem>,
) {
    if let Some(upright) = upright(grid) {
        return read(&upright, context, declarations, problems);
    }
    let mut reader =
        Reader { grid, context, group: None, last_name: None, from: declarations.len() };
    let mut roles: Option<Vec<Role>> = None;
    let mut titled: Vec<String> = Vec::new();
    let mut rows: Vec<&Row> = Vec::new();
    let mut heard_of_cookies =
        context.is_about_cookies() || grid.caption.as_deref().is_some_and(|it| COOKIE.is_match(it));
    // First what the columns are, by their titles or else by what they hold.
    for (at, row) in grid.rows.iter().enumerate() {
        match columns::titles(grid, row, at < 3 && roles.is_none()) {
            Some(found) if roles.is_none() => {
                titled = texts(grid, row);
                heard_of_cookies |= titled.iter().any(|it| COOKIE.is_match(it));
                roles = Some(found);
            }
            Some(_) => {}
            None if texts(grid, row) == titled => {}
            None => rows.push(row),
        }
    }
    let named = roles.as_ref().is_some_and(|it| it.contains(&Role::Name));
    let roles = match roles {
        // A list of people or of documents has names too.
        Some(roles) if named && (heard_of_cookies || holds_names(grid, &rows, &roles)) => {
            Some(roles)
        }
        Some(_) if named => None,
        Some(roles) => columns::guess(grid, &rows, Some(&roles)),
        None => columns::guess(grid, &rows, None).filter(|_| heard_of_cookies || rows.len() > 1),
    };
    let Some(mut roles) = roles else {
        if heard_of_cookies
            && !grid.holds_tables
            && rows.len() > 1
            && titled.iter().any(|it| COOKIE.is_match(it))
        {
            problems.push(reader.not_understood("no column of it holds names"));
        }
        return;
    };
    for row in &grid.rows {
        let same = !titled.is_empty() && texts(grid, row) == titled;
        if same {
            continue;
        }
        if let Some(again) = columns::titles(grid, row, false) {
            if again.contains(&Role::Name) {
                roles = again;
                titled = texts(grid, row);
            }
            continue;
        }
        reader.row(row, &roles, &titled, declarations, problems);
    }
    if declarations.len() == reader.from
        && heard_of_cookies
        && !grid.holds_tables
        && !rows.is_empty()
        && !Reader::says_none(grid, &rows)
    {
        problems.push(reader.not_understood("its names do not read as names of cookies"));
    }
}

/// Whether a table that nobody calls one of cookies has their names, and says more of them.
fn holds_names(grid: &Grid, rows: &[&Row], roles: &[Role]) -> bool {
    let more = roles.iter().any(|it| matches!(it, Role::Purpose | Role::Lifetime));
    more && columns::guess(grid, rows, Some(roles)).is_some()
}

fn texts(grid: &Grid, row: &Row) -> Vec<String> {
    row.cells.iter().map(|it| it.map_or(String::new(), |it| grid.cells[it].text())).collect()
}

/// A table with its titles down the first column, set upright: one row for each `Name`.
fn upright(grid: &Grid) -> Option<Grid> {
    let pairs: Vec<(usize, usize)> = grid
        .rows
        .iter()
        .map(|row| match row.cells[..] {
            [Some(title), Some(value)] if title != value => Some((title, value)),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let role = |cell: usize| columns::role(&grid.cells[cell].text());
    let &(first_title, first_value) = pairs.first()?;
    if role(first_title) != Some(Role::Name) || role(first_value).is_some() || pairs.len() < 2 {
        return None;
    }
    let mut titles: Vec<String> = Vec::new();
    for (title, _) in &pairs {
        role(*title)?;
        let title = grid.cells[*title].text();
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    let mut upright = Grid { caption: grid.caption.clone(), ..Grid::default() };
    let mut add = |lines: Vec<String>, is_header| {
        upright.cells.push(Cell { lines, is_header, lead: None });
        upright.cells.len() - 1
    };
    let mut rows: Vec<Vec<Option<usize>>> =
        vec![titles.iter().map(|it| Some(add(vec![it.clone()], true))).collect()];
    for (title, value) in pairs {
        let title_text = grid.cells[title].text();
        let column = titles.iter().position(|it| *it == title_text)?;
        if column == 0 {
            rows.push(vec![None; titles.len()]);
        }
        rows.last_mut()?[column] = Some(add(grid.cells[value].lines.clone(), false));
    }
    upright.rows =
        rows.into_iter().enumerate().map(|(at, cells)| Row { cells, in_head: at == 0 }).collect();
    Some(upright)
}

struct Reader<'a> {
    grid: &'a Grid,
    context: &'a Headings,
    /// The label of a group of rows inside the table.
    group: Option<String>,
    last_name: Option<usize>,
    from: usize,
}

impl Reader<'_> {
    fn row(
        &mut self,
        row: &Row,
        roles: &[Role],
        titles: &[String],
        declarations: &mut Vec<Declaration>,
        problems: &mut Vec<NoticeProblem>,
    ) {
        if let Some(label) = self.label(row) {
            self.group = Some(label);
            return;
        }
        let column = |wanted: Role| {
            let mut found = roles
                .iter()
                .zip(&row.cells)
                .enumerate()
                .filter(move |(_, (role, _))| **role == wanted);
            found.find_map(|(at, (_, cell))| cell.map(|cell| (at, cell)))
        };
        let Some((name_column, name_cell)) = column(Role::Name) else { return };
        // A name that reaches over several rows is declared once.
        if self.last_name == Some(name_cell) {
            return;
        }
        self.last_name = Some(name_cell);
        let lines = |at: usize, cell: usize| without_title(&self.grid.cells[cell], titles.get(at));
        let text = |role: Role| {
            column(role)
                .filter(|(_, cell)| *cell != name_cell)
                .map(|(at, cell)| lines(at, cell).join(" "))
                .filter(|it| it.chars().any(char::is_alphanumeric))
        };
        let lasts: Vec<String> =
            column(Role::Lifetime).map(|(at, cell)| lines(at, cell)).unwrap_or_default();
        let (purpose, stated) = (text(Role::Purpose), text(Role::Category));
        let names = names::split(&lines(name_column, name_cell));
        for (at, name) in names.iter().enumerate() {
            let patterns = names::patterns(name);
            if patterns.is_empty() {
                continue;
            }
            let mut life = lifetime(&own_lifetime(&lasts, &names, at));
            // A column `Type` may say `Session` where no other speaks of time.
            if let (WrittenLifetime::Absent, Some(kind)) = (life.kind, &stated) {
                let kind = lifetime(kind);
                if matches!(
                    kind.kind,
                    WrittenLifetime::Session
                        | WrittenLifetime::Persistent
                        | WrittenLifetime::Duration
                ) {
                    life = kind;
                }
            }
            report(name, &life, purpose.is_some() || !roles.contains(&Role::Purpose), problems);
            let (category, category_basis) =
                self.category(stated.as_deref(), purpose.as_deref(), name);
            declarations.push(Declaration {
                as_written: name.clone(),
                patterns,
                provider: text(Role::Provider).or_else(|| {
                    self.context.provider(self.grid.caption.as_deref(), self.group.as_deref())
                }),
                domain: text(Role::Domain),
                purpose: purpose.clone(),
                category,
                category_basis,
                section: self.context.section().or_else(|| self.grid.caption.clone()),
                lifetime: life,
            });
        }
    }

    /// A row that is one cell for all columns, or one filled cell that is no name, heads a group.
    fn label(&self, row: &Row) -> Option<String> {
        let mut cells: Vec<usize> = row.cells.iter().copied().flatten().collect();
        cells.dedup();
        let width = row.cells.len();
        let filled: Vec<usize> =
            cells.iter().copied().filter(|&it| !self.grid.cells[it].lines.is_empty()).collect();
        let &[only] = filled.as_slice() else { return None };
        let text = self.grid.cells[only].text();
        let spans = cells.len() == 1 && width > 1;
        let is_name = !text.contains(' ') && names::looks_like_name(&text);
        (spans || (width > 1 && !is_name && category::is_about_category(&text))).then_some(text)
    }

    fn category(
        &self,
        stated: Option<&str>,
        purpose: Option<&str>,
        name: &str,
    ) -> (Option<Category>, Option<CategoryBasis>) {
        if let Some(category) = stated.and_then(category::named) {
            return (Some(category), Some(CategoryBasis::Stated));
        }
        let over = [self.group.as_deref(), self.grid.caption.as_deref()];
        if let Some(category) = self.context.category(&over) {
            return (Some(category), Some(CategoryBasis::Section));
        }
        let inferred = purpose.and_then(|purpose| {
            category::inferred_with(purpose, name, self.context.section().as_deref())
        });
        (inferred, inferred.map(|_| CategoryBasis::Inferred))
    }

    fn says_none(grid: &Grid, rows: &[&Row]) -> bool {
        static NONE: LazyLock<Regex> = LazyLock::new(|| {
            regex(r"(?i)^\W*(?:none\b|no cookies|n/?a\b|nil\b|dim\b|-|not applicable)")
        });
        rows.iter().any(|row| {
            row.cells
                .first()
                .copied()
                .flatten()
                .is_some_and(|it| NONE.is_match(&grid.cells[it].text()))
        })
    }

    fn not_understood(&self, why: &str) -> NoticeProblem {
        let first = self.grid.rows.first().map(|row| {
            let texts = row.cells.iter().flatten().map(|&it| self.grid.cells[it].text());
            texts.collect::<Vec<_>>().join(" | ")
        });
        let first: String = first.unwrap_or_default().chars().take(120).collect();
        NoticeProblem {
            kind: NoticeProblemKind::TableNotUnderstood,
            message: format!("table \"{first}\": {why}"),
        }
    }
}

/// Says what is doubtful about one declaration.
fn report(
    name: &str,
    life: &DeclaredLifetime,
    has_purpose: bool,
    problems: &mut Vec<NoticeProblem>,
) {
    let mut say = |kind, message: String| problems.push(NoticeProblem { kind, message });
    if name.chars().any(names::is_hidden) {
        let shown: String = name.chars().filter(|&it| !names::is_hidden(it)).collect();
        say(
            NoticeProblemKind::HiddenCharacter,
            format!("the name `{shown}` holds characters that cannot be seen"),
        );
    }
    if let (WrittenLifetime::Unreadable, Some(words)) = (life.kind, &life.as_written) {
        let words: String = words.chars().take(120).collect();
        let kind = if is_absurd(&words) {
            NoticeProblemKind::LifetimeAbsurd
        } else {
            NoticeProblemKind::LifetimeUnreadable
        };
        say(kind, format!("lifetime of `{name}`: \"{words}\""));
    }
    if !has_purpose {
        say(NoticeProblemKind::PurposeMissing, format!("the notice gives no purpose for `{name}`"));
    }
}

/// The lifetime of one of several names in a cell: its own line, or the part that says its name, or all.
fn own_lifetime(lines: &[String], names: &[String], at: usize) -> String {
    static PART: LazyLock<Regex> = LazyLock::new(|| regex(r"\s*[,;\n]\s*|\s+and\s+|\s+ac?\s+"));
    let whole = lines.join(" ");
    if names.len() < 2 {
        return whole;
    }
    if lines.len() == names.len() {
        return without_name(&lines[at], &names[at]);
    }
    let joined = lines.join("\n");
    let parts: Vec<&str> = PART.split(&joined).collect();
    if parts.len() >= names.len() {
        let says = |part: &&&str| stands_in(part, &names[at]);
        if let Some(part) = parts.iter().find(says) {
            return without_name(part, &names[at]);
        }
    }
    whole
}

fn without_name(text: &str, name: &str) -> String {
    let rest = text.replacen(name, " ", 1);
    run_together(rest.trim_matches(|it: char| it.is_whitespace() || "():-–=".contains(it)))
}

/// The lines of a cell without the column's title, which some pages repeat in it for narrow screens.
fn without_title(cell: &Cell, title: Option<&String>) -> Vec<String> {
    let mut lines = cell.lines.clone();
    let Some(title) = title.map(|it| it.trim_end_matches(':')).filter(|it| !it.is_empty()) else {
        return lines;
    };
    let Some(first) = lines.first().cloned() else { return lines };
    let Some(rest) = first
        .get(..title.len())
        .filter(|it| it.eq_ignore_ascii_case(title))
        .and_then(|_| first.get(title.len()..))
    else {
        return lines;
    };
    let ends = rest.trim_start().starts_with(':')
        || (rest.starts_with(' ')
            && cell
                .lead
                .as_deref()
                .is_some_and(|it| it.trim_end_matches(':').eq_ignore_ascii_case(title)));
    let rest = rest.trim_start_matches([':', ' ']);
    if rest.is_empty() && lines.len() > 1 {
        lines.remove(0);
    } else if !rest.is_empty() && ends {
        rest.clone_into(&mut lines[0]);
    }
    lines
}
