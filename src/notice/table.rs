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
    lifetime::{in_prose, is_absurd, lifetime},
    matching::stands_in,
    names, retired,
    text::{regex, run_together},
};

/// Reads a table into `declarations`; what cannot be read is said in `problems`. Returns the names of what a row says
/// is no longer used.
pub(super) fn read(
    grid: &Grid,
    context: &Headings,
    declarations: &mut Vec<Declaration>,
    problems: &mut Vec<NoticeProblem>,
) -> Vec<String> {
    if let Some(turned) = turned(grid) {
        return read(&turned, context, declarations, problems);
    }
    if let Some(upright) = upright(grid) {
        return read(&upright, context, declarations, problems);
    }
    let mut reader = Reader {
        grid,
        context,
        group: None,
        last_name: None,
        from: declarations.len(),
        gone: Vec::new(),
    };
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
    let told = roles
        .as_ref()
        .is_some_and(|it| it.iter().any(|it| matches!(it, Role::Purpose | Role::Lifetime)));
    let readable = columns::holds_names(grid, &rows)
        || heard_of_cookies && columns::holds_words_as_names(grid, &rows, roles.as_deref());
    let roles = match &roles {
        // A list of people or of documents has names too.
        Some(_) if named && !heard_of_cookies && !(told && readable) => None,
        Some(titled) if named || readable => columns::settle(grid, &rows, Some(titled)),
        None if readable && (heard_of_cookies || rows.len() > 1) => {
            columns::settle(grid, &rows, None)
        }
        _ => None,
    };
    let Some(mut roles) = roles else {
        if heard_of_cookies
            && !grid.holds_tables
            && rows.len() > 1
            && titled.iter().any(|it| COOKIE.is_match(it))
        {
            problems.push(reader.not_understood("no column of it holds names"));
        }
        return Vec::new();
    };
    for row in &grid.rows {
        let same = !titled.is_empty() && texts(grid, row) == titled;
        if same {
            continue;
        }
        if let Some(again) = columns::titles(grid, row, false) {
            if again.contains(&Role::Name) {
                roles = columns::settle(grid, &rows, Some(&again)).unwrap_or(again);
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
        && reader.gone.is_empty()
    {
        problems.push(reader.not_understood("its names do not read as names of cookies"));
    }
    reader.gone
}

fn texts(grid: &Grid, row: &Row) -> Vec<String> {
    row.cells.iter().map(|it| it.map_or(String::new(), |it| grid.cells[it].text())).collect()
}

/// A table whose columns are cookies, with their names as titles, set upright.
fn turned(grid: &Grid) -> Option<Grid> {
    let first = grid.rows.first()?;
    let width = first.cells.len();
    let is_name = |row: &Row, at: usize| {
        row.cells.get(at).copied().flatten().is_some_and(|it| {
            let text = grid.cells[it].text();
            !text.contains(' ') && names::looks_like_name(&text)
        })
    };
    // The first column may hold what the rows are about.
    let from = usize::from(!is_name(first, 0));
    let names = (from..width).filter(|&it| is_name(first, it)).count();
    let others = grid.rows[1..].iter().any(|row| (0..width).any(|it| is_name(row, it)));
    if names < 2 || names < width - from || others || grid.rows.len() < 2 || grid.rows.len() > 12 {
        return None;
    }
    let mut turned = Grid { caption: grid.caption.clone(), ..Grid::default() };
    for column in 0..width {
        let mut cells = Vec::new();
        for row in &grid.rows {
            let lines = row
                .cells
                .get(column)
                .copied()
                .flatten()
                .map_or_else(Vec::new, |it| grid.cells[it].lines.clone());
            turned.cells.push(Cell { lines, is_header: from == 1 && column == 0, lead: None });
            cells.push(Some(turned.cells.len() - 1));
        }
        turned.rows.push(Row { cells, in_head: from == 1 && column == 0 });
    }
    // Without labels down the side nothing is a title.
    if from == 1 && columns::titles(&turned, &turned.rows[0], true).is_none() {
        turned.rows.remove(0);
    }
    Some(turned)
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
    // Beside `Cookie Name`, `Name` is what the service is called.
    let says_cookie = |text: &str| {
        COOKIE.is_match(text) && columns::role(text) == Some(Role::Name) && text.contains(' ')
    };
    let of_cookie = pairs.iter().any(|(title, _)| says_cookie(&grid.cells[*title].text()));
    let role = |cell: usize| {
        let text = grid.cells[cell].text();
        match columns::role(&text) {
            Some(Role::Name) if of_cookie && !says_cookie(&text) => Some(Role::Provider),
            role => role,
        }
    };
    let pairs = if of_cookie { name_first(&pairs, &role) } else { pairs };
    let &(first_title, first_value) = pairs.first()?;
    let text = |cell: usize| grid.cells[cell].text();
    let named = role(first_title) == Some(Role::Name);
    if role(first_value).is_some() && !names::looks_like_name(&text(first_value)) || pairs.len() < 2
    {
        return None;
    }
    let known = pairs.iter().filter(|(title, _)| role(*title).is_some()).count();
    let labels = pairs.iter().all(|(title, _)| {
        text(*title).split(' ').count() <= 5 && !names::looks_like_name(&text(*title))
    });
    let by_labels = named && known >= 2 && known * 2 >= pairs.len();
    // Labels that we do not know, beside values that read like those of one cookie.
    let first_name = || {
        let value = text(first_value);
        !value.contains(' ') && names::looks_like_name(&value)
    };
    let lasts = || {
        pairs.iter().skip(1).any(|(_, value)| {
            let it = text(*value);
            it.len() < 60
                && matches!(
                    lifetime(&it).kind,
                    WrittenLifetime::Duration
                        | WrittenLifetime::Session
                        | WrittenLifetime::SessionOrDuration
                        | WrittenLifetime::Persistent
                )
        })
    };
    let headed = || pairs.iter().all(|(title, _)| grid.cells[*title].is_header);
    let by_values = || {
        let free = named || role(first_title).is_none();
        let others = known >= 2 || headed() && pairs.len() >= 3;
        free && first_name() && others && lasts()
    };
    if !labels || !by_labels && !by_values() {
        return None;
    }
    let mut titles: Vec<String> = Vec::new();
    for (title, _) in &pairs {
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

/// The pairs with that of the name before the others of its group; so each group begins with its name.
fn name_first(
    pairs: &[(usize, usize)],
    role: &dyn Fn(usize) -> Option<Role>,
) -> Vec<(usize, usize)> {
    let names = pairs.iter().filter(|it| role(it.0) == Some(Role::Name)).count();
    if names != 1 {
        return pairs.to_vec();
    }
    let mut sorted = pairs.to_vec();
    sorted.sort_by_key(|it| role(it.0) != Some(Role::Name));
    sorted
}

struct Reader<'a> {
    grid: &'a Grid,
    context: &'a Headings,
    /// The label of a group of rows inside the table.
    group: Option<String>,
    last_name: Option<usize>,
    from: usize,
    /// The names of rows that say that they are of the past.
    gone: Vec<String>,
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
        let others = row.cells.iter().flatten().filter(|it| **it != name_cell);
        let grouped = self.group.as_deref().is_some_and(retired::leads)
            || self.grid.caption.as_deref().is_some_and(retired::leads);
        if grouped || others.map(|&it| self.grid.cells[it].text()).any(|it| retired::cell(&it)) {
            self.gone.extend(names.iter().flat_map(|it| names::patterns(it)));
            return;
        }
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
            if life.kind == WrittenLifetime::Absent && life.as_written.is_none() {
                let mut others = row.cells.iter().flatten().filter(|it| **it != name_cell);
                let said = others.find_map(|&it| in_passing(&self.grid.cells[it].text()));
                life = said.or_else(|| self.context.lifetime()).unwrap_or(life);
            }
            report(name, &life, purpose.is_some() || !roles.contains(&Role::Purpose), problems);
            let (category, category_basis) = self.category(
                stated.as_deref(),
                purpose.as_deref(),
                name,
                text(Role::Provider).as_deref(),
            );
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
        provider: Option<&str>,
    ) -> (Option<Category>, Option<CategoryBasis>) {
        if let Some(category) = stated.and_then(category::in_column) {
            return (Some(category), Some(CategoryBasis::Stated));
        }
        if let Some(category) = purpose.and_then(category::stated) {
            return (Some(category), Some(CategoryBasis::Stated));
        }
        let over = [self.group.as_deref(), self.grid.caption.as_deref()];
        if let Some(category) = self.context.category(&over) {
            return (Some(category), Some(CategoryBasis::Section));
        }
        let inferred = purpose.and_then(|purpose| {
            category::inferred_with(purpose, name, self.context.section().as_deref())
        });
        // A service that is called after what it does.
        let inferred = inferred.or_else(|| {
            provider.filter(|_| purpose.is_none_or(|it| it.len() < 12)).and_then(category::named)
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

/// The lifetime that a cell says in passing: in a sentence, or at its end ("counts visits, 2 years").
fn in_passing(text: &str) -> Option<DeclaredLifetime> {
    in_prose(text).or_else(|| {
        let (_, tail) = text.rsplit_once(", ").or_else(|| text.rsplit_once(" – "))?;
        let life = lifetime(tail);
        let whole = tail.split(' ').count() <= 3;
        (whole && matches!(life.kind, WrittenLifetime::Duration | WrittenLifetime::Session))
            .then_some(life)
    })
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
    // One length for each name, in their order.
    let lengths: Vec<&str> = PART.split(&joined).filter(|it| !it.trim().is_empty()).collect();
    let clear = |it: &&&str| {
        !matches!(lifetime(it).kind, WrittenLifetime::Unreadable | WrittenLifetime::Absent)
    };
    if lengths.len() == names.len() && lengths.iter().filter(clear).count() == names.len() {
        return run_together(lengths[at]);
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

#[cfg(test)]
mod cases;
