//! Tables into rows of what they say about cookies.

use super::columns::{self, Column, Columns};
use super::html::{Cell, Table};
use super::lifetime;
use super::names;
use super::text::{bare, fold, run_together};

/// One or several cookies as one row of a table tells of them. Nothing is interpreted yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Names as written.
    pub(super) names: Vec<String>,
    pub(super) provider: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) category: Option<String>,
    /// A word for the group, from a column beside the names or from the heading inside the table.
    pub(super) label: Option<String>,
    /// The group's heading inside the table.
    pub(super) group: Option<String>,
    /// The lines of the cell.
    pub(super) purpose: Option<Vec<String>>,
    /// The lines of the cell.
    pub(super) lifetime: Option<Vec<String>>,
    /// Whether the name cell held characters that are not seen.
    pub(super) hidden: bool,
}

/// What a table turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It tells of cookies.
    Cookies {
        rows: Vec<Row>,
        /// Whether its titles speak of cookies or lifetimes, so that it is no table of something else.
        certain: bool,
    },
    /// It seems to hold names of cookies, but which column says what is not clear.
    NotUnderstood,
    /// It is about something else.
    Other,
}

/// How many columns a table may have; more are cut off.
const MAX_COLUMNS: usize = 40;
/// How many cells a table may have once spans are filled in.
const MAX_CELLS: usize = 400_000;

/// A cell with its place in the grid settled.
#[derive(Clone, Debug, Default)]
struct Slot<'a> {
    cell: Option<&'a Cell>,
    /// It reaches here from a cell to the left: a row of one such cell is a heading.
    spanned: bool,
    lines: Vec<String>,
    text: String,
}

/// Reads a table.
pub(super) fn read(table: &Table) -> Reading {
    let grid = grid(table);
    if grid.is_empty() {
        return Reading::Other;
    }
    if let Some(rows) = turned(&grid) {
        return Reading::Cookies { rows, certain: true };
    }
    let Some(first) = grid.iter().take(4).position(|row| titles(row).is_some()) else {
        return without_titles(&grid);
    };
    let mut columns = titles(&grid[first]).unwrap_or_default();
    let mut heads: Vec<String> = grid[first].iter().map(|slot| slot.text.clone()).collect();
    let certain = columns.contains(&Some(Column::Lifetime))
        || heads.iter().any(|head| columns::speaks_of_cookies(head));
    let mut rows = Vec::new();
    // A title over the titles may be the first group's heading.
    let mut group = grid[..first].iter().rev().find_map(|row| group_heading(row, &columns));
    for slots in &grid[first + 1..] {
        let texts = slots.iter().map(|slot| slot.text.as_str());
        if texts.clone().all(str::is_empty)
            || texts.clone().zip(&heads).all(|(text, head)| bare(text) == bare(head))
        {
            continue;
        }
        if let Some(heading) = group_heading(slots, &columns) {
            group = Some(heading);
            continue;
        }
        // Titles again, perhaps in another order.
        if let Some(again) = titles(slots).filter(|_| all_titles(slots)) {
            columns = again;
            heads = slots.iter().map(|slot| slot.text.clone()).collect();
            continue;
        }
        rows.extend(row(slots, &columns, &heads, group.as_deref()));
    }
    Reading::Cookies { rows, certain }
}

/// Fills in spans. Cells that span rows repeat in each.
fn grid(table: &Table) -> Vec<Vec<Slot<'_>>> {
    let mut grid: Vec<Vec<Slot<'_>>> = Vec::with_capacity(table.rows.len());
    // For each column, the cell that still reaches down and for how many rows.
    let mut down: Vec<(usize, Slot<'_>)> = Vec::new();
    let mut cells = 0;
    for row in &table.rows {
        let mut slots: Vec<Slot<'_>> = Vec::with_capacity(row.len());
        let mut reaching: Vec<(usize, usize, Slot<'_>)> = Vec::new();
        for cell in row {
            from_above(&mut down, &mut slots);
            let lines = lines(&cell.raw);
            let text = lines.join(" ");
            for step in 0..cell.colspan {
                if slots.len() >= MAX_COLUMNS {
                    break;
                }
                let slot = Slot {
                    cell: Some(cell),
                    spanned: step > 0,
                    lines: lines.clone(),
                    text: text.clone(),
                };
                if cell.rowspan > 1 {
                    reaching.push((slots.len(), cell.rowspan - 1, slot.clone()));
                }
                slots.push(slot);
            }
        }
        from_above(&mut down, &mut slots);
        for (at, rows, slot) in reaching {
            if down.len() <= at {
                down.resize(at + 1, (0, Slot::default()));
            }
            down[at] = (rows, slot);
        }
        if row.is_empty() {
            continue;
        }
        cells += slots.len();
        if cells > MAX_CELLS {
            break;
        }
        grid.push(slots);
    }
    without_repeated_titles(&mut grid);
    grid
}

/// Adds the cells that reach down into this row at the place it has come to.
fn from_above<'a>(down: &mut [(usize, Slot<'a>)], slots: &mut Vec<Slot<'a>>) {
    while let Some((left, slot)) = down.get_mut(slots.len()).filter(|(left, _)| *left > 0) {
        *left -= 1;
        slots.push(slot.clone());
    }
}

fn lines(raw: &str) -> Vec<String> {
    raw.split('\n').map(run_together).filter(|line| !line.is_empty()).collect()
}

/// Drops column titles that cells repeat for narrow screens, and gives a table that has only such
/// titles a row of them.
fn without_repeated_titles<'a>(grid: &mut Vec<Vec<Slot<'a>>>) {
    let heads: Vec<String> = match grid.iter().take(4).find(|row| titles(row).is_some()) {
        Some(row) => row.iter().map(|slot| bare(&slot.text)).collect(),
        None => match labels(grid) {
            Some(head) => {
                let heads = head.iter().map(|slot| bare(&slot.text)).collect();
                grid.insert(0, head);
                heads
            }
            None => return,
        },
    };
    for slot in grid.iter_mut().skip(1).flat_map(|row| row.iter_mut().zip(&heads)) {
        let (slot, head) = slot;
        let Some(cell) = slot.cell else { continue };
        let lead = &cell.lead;
        if head.is_empty() || bare(lead) != *head || slot.text.len() <= lead.len() {
            continue;
        }
        if let Some(rest) = slot.text.strip_prefix(lead.as_str()) {
            slot.text = rest.trim_start_matches([':', ' ', '-', '–']).to_owned();
            if let Some(first) = slot.lines.first_mut()
                && let Some(rest) = first.strip_prefix(lead.as_str())
            {
                *first = rest.trim_start_matches([':', ' ', '-', '–']).to_owned();
            }
            slot.lines.retain(|line| !line.is_empty());
        }
    }
}

/// Titles from the cells' attributes, where no row has them.
fn labels<'a>(grid: &[Vec<Slot<'a>>]) -> Option<Vec<Slot<'a>>> {
    let row: Vec<Slot<'a>> = grid
        .first()?
        .iter()
        .map(|slot| {
            let text = slot.cell.and_then(|cell| cell.label.clone()).unwrap_or_default();
            Slot { cell: None, spanned: false, lines: vec![text.clone()], text }
        })
        .collect();
    titles(&row).map(|_| row)
}

fn titles(row: &[Slot<'_>]) -> Option<Columns> {
    if row.iter().any(|slot| slot.spanned && !slot.text.is_empty()) {
        return None;
    }
    let texts: Vec<&str> = row.iter().map(|slot| slot.text.as_str()).collect();
    // A cookie may well be called "name", but then its row says more than titles do.
    if texts.iter().any(|text| text.chars().count() > 70) {
        return None;
    }
    columns::of_titles(&texts)
}

/// Whether every cell of a row is a title, so that it is titles again and no cookie.
fn all_titles(row: &[Slot<'_>]) -> bool {
    let filled = || row.iter().filter(|slot| !slot.text.is_empty());
    filled().count() > 1
        && (filled().all(|slot| slot.cell.is_some_and(|cell| cell.header))
            || filled().all(|slot| {
                columns::of_title(&slot.text).is_some() && slot.text.split(' ').count() <= 5
            }))
}

/// The text of a row that is a heading: one cell over the whole width, or one that alone is filled
/// and is no name.
fn group_heading(row: &[Slot<'_>], columns: &Columns) -> Option<String> {
    let mut filled = row.iter().filter(|slot| !slot.text.is_empty() && !slot.spanned);
    let only = filled.next()?;
    if filled.next().is_some() || columns.len() < 2 {
        return None;
    }
    let cell = only.cell?;
    let spans = cell.colspan > 1 && cell.colspan >= row.len().min(columns.len());
    let is_name = names::is_surely_name(&only.text);
    let is_heading = spans || (cell.header && !is_name) || (!is_name && only.text.contains(' '));
    is_heading.then(|| only.text.clone())
}

fn row(
    slots: &[Slot<'_>],
    columns: &Columns,
    heads: &[String],
    group: Option<&str>,
) -> Option<Row> {
    let find = |column: Column| {
        let at = columns.iter().position(|it| *it == Some(column))?;
        slots.get(at).map(|slot| (at, slot)).filter(|(_, slot)| !slot.text.is_empty())
    };
    let text = |column| find(column).map(|(_, slot)| slot.text.clone());
    let (_, name) = find(Column::Name)?;
    let code = name.cell.map(|cell| &cell.code[..]).unwrap_or_default();
    let names = names::split(&name.lines, code);
    if names.is_empty() {
        return None;
    }
    let lifetime = find(Column::Lifetime).map(|(at, slot)| {
        let unit = heads.get(at).and_then(|head| lifetime::unit_in(head));
        let is_figure = |line: &str| line.chars().all(|c| c.is_ascii_digit() || c == '.');
        let with_unit = |line: &String| match unit {
            Some(unit) if is_figure(line) => format!("{line} {unit}"),
            _ => line.clone(),
        };
        slot.lines.iter().map(with_unit).collect()
    });
    Some(Row {
        names,
        provider: text(Column::Provider),
        domain: text(Column::Domain),
        category: text(Column::Category),
        label: text(Column::Label),
        group: group.map(str::to_owned),
        purpose: find(Column::Purpose).map(|(_, slot)| slot.lines.clone()),
        lifetime,
        hidden: names::holds_hidden(&name.text),
    })
}

/// A table that has its titles in the first column, and one cookie in each of the others.
fn turned(grid: &[Vec<Slot<'_>>]) -> Option<Vec<Row>> {
    let width = grid.iter().map(Vec::len).max().unwrap_or_default();
    let keys: Vec<&str> =
        grid.iter().map(|row| row.first().map_or("", |slot| slot.text.as_str())).collect();
    let kinds: Vec<Option<Column>> = keys.iter().map(|key| columns::of_title(key)).collect();
    let known = kinds.iter().filter(|kind| kind.is_some()).count();
    let first_row_is_titles = titles(grid.first()?).is_some();
    if width < 2
        || first_row_is_titles
        || known * 10 < grid.len() * 7
        || kinds.first()? != &Some(Column::Name)
        || !kinds.iter().any(|kind| matches!(kind, Some(Column::Purpose | Column::Lifetime)))
    {
        return None;
    }
    let mut rows = Vec::new();
    for part in parts_from(&kinds, Column::Name) {
        let columns: Columns = kinds[part.clone()].to_vec();
        let heads: Vec<String> = keys[part.clone()].iter().map(|key| (*key).to_owned()).collect();
        for at in 1..width.min(MAX_COLUMNS) {
            let slots: Vec<Slot<'_>> = grid[part.clone()]
                .iter()
                .map(|row| row.get(at).filter(|slot| !slot.spanned).cloned().unwrap_or_default())
                .collect();
            rows.extend(row(&slots, &columns, &heads, None));
        }
    }
    (!rows.is_empty()).then_some(rows)
}

/// Stretches that each begin with `first`.
fn parts_from(kinds: &[Option<Column>], first: Column) -> Vec<std::ops::Range<usize>> {
    let starts: Vec<usize> = (0..kinds.len()).filter(|&at| kinds[at] == Some(first)).collect();
    let ends = starts.iter().skip(1).copied().chain([kinds.len()]);
    starts.iter().copied().zip(ends).map(|(from, to)| from..to).collect()
}

fn without_titles(grid: &[Vec<Slot<'_>>]) -> Reading {
    let texts: Vec<Vec<&str>> =
        grid.iter().map(|row| row.iter().map(|slot| slot.text.as_str()).collect()).collect();
    let has_titles = grid.first().is_some_and(|row| {
        row.len() > 1 && row.iter().all(|slot| slot.cell.is_some_and(|it| it.header))
    });
    let Some(columns) = columns::of_content(&texts).filter(|_| !has_titles) else {
        let holds_names = texts.iter().flatten().any(|text| {
            text.split(' ').any(|word| word.contains('_') && names::is_surely_name(word))
        });
        let says_cookie =
            grid.first().is_some_and(|row| row.iter().any(|it| fold(&it.text).contains("cookie")));
        return if holds_names || (says_cookie && grid.len() > 1) {
            Reading::NotUnderstood
        } else {
            Reading::Other
        };
    };
    let mut rows = Vec::new();
    let mut group = None;
    for slots in grid {
        match group_heading(slots, &columns) {
            Some(heading) => group = Some(heading),
            None => rows.extend(row(slots, &columns, &[], group.as_deref())),
        }
    }
    if rows.is_empty() { Reading::NotUnderstood } else { Reading::Cookies { rows, certain: false } }
}
