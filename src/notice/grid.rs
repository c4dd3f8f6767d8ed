//! An HTML table as rows and columns, with its spans filled in.

use ego_tree::NodeRef;
use scraper::{Node, node::Element};

use super::{dom, visibility::Hidden};

/// More columns than this is no table for reading.
const MOST_COLUMNS: usize = 40;
/// Cells of a row may reach this far down.
const MOST_ROWSPAN: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) caption: Option<String>,
    pub(super) rows: Vec<Row>,
    pub(super) cells: Vec<Cell>,
    /// Another table stands inside: this one may be there for layout only.
    pub(super) holds_tables: bool,
}

#[derive(Debug, Default)]
pub(super) struct Row {
    /// For every column which cell covers it.
    pub(super) cells: Vec<Option<usize>>,
    pub(super) in_head: bool,
}

#[derive(Debug, Default)]
pub(super) struct Cell {
    pub(super) lines: Vec<String>,
    pub(super) is_header: bool,
    /// The text of an element that the cell begins with, which may repeat the column's title.
    pub(super) lead: Option<String>,
}

impl Cell {
    pub(super) fn text(&self) -> String {
        self.lines.join(" ")
    }
}

impl Grid {
    /// The text of a row, each cell once.
    pub(super) fn row_text(&self, row: &Row) -> String {
        let mut cells: Vec<usize> = row.cells.iter().copied().flatten().collect();
        cells.dedup();
        cells.into_iter().map(|it| self.cells[it].text()).collect::<Vec<_>>().join(". ")
    }
}

/// Whether an element is a table, or is announced as one.
pub(super) fn is_table(element: &Element) -> bool {
    element.name() == "table"
        || element.attr("role").is_some_and(|it| matches!(it, "table" | "grid" | "treegrid"))
}

/// What an element is in a table, by its name or its role.
fn part(element: &Element) -> &str {
    match element.attr("role") {
        Some("row") => "tr",
        Some("cell" | "gridcell") => "td",
        Some("columnheader" | "rowheader") => "th",
        Some("rowgroup") if element.name() != "thead" => "tbody",
        _ => element.name(),
    }
}

/// Reads a table; tables inside it are left to be read on their own.
pub(super) fn read(table: NodeRef<'_, Node>, depth: usize, hidden: &Hidden) -> Grid {
    // Tables this deep in tables are not searched for more: that would take forever on purpose.
    let mut grid = Grid { holds_tables: depth > 8, ..Grid::default() };
    let mut below: Vec<(usize, usize)> = Vec::new();
    let mut stack: Vec<(NodeRef<'_, Node>, bool)> =
        table.children().rev().map(|it| (it, false)).collect();
    while let Some((node, in_head)) = stack.pop() {
        let Node::Element(element) = node.value() else { continue };
        if hidden.has(node) {
            continue;
        }
        match part(element) {
            "caption" => {
                let caption = dom::visible_text(node);
                grid.caption = (!caption.is_empty()).then_some(caption);
            }
            "tr" => row(&mut grid, &mut below, node, in_head, hidden),
            "thead" => stack.extend(node.children().rev().map(|it| (it, true))),
            _ => stack.extend(node.children().rev().map(|it| (it, in_head))),
        }
    }
    grid
}

/// Adds one row. `below` holds, for every column, the cell that reaches down into it and for how many rows.
fn row(
    grid: &mut Grid,
    below: &mut Vec<(usize, usize)>,
    row: NodeRef<'_, Node>,
    in_head: bool,
    hidden: &Hidden,
) {
    let mut columns: Vec<Option<usize>> = Vec::new();
    let carry = |columns: &mut Vec<Option<usize>>, below: &mut Vec<(usize, usize)>| {
        while let Some((cell, left)) = below.get_mut(columns.len()).filter(|(_, left)| *left > 0) {
            *left -= 1;
            columns.push(Some(*cell));
        }
    };
    for node in row.children() {
        let Node::Element(element) = node.value() else { continue };
        let part = part(element);
        if !matches!(part, "td" | "th") {
            continue;
        }
        carry(&mut columns, below);
        grid.holds_tables = grid.holds_tables
            || node.descendants().any(|it| matches!(it.value(), Node::Element(it) if is_table(it)));
        // A cell that is hidden keeps its place.
        let lines = if hidden.has(node) {
            Vec::new()
        } else {
            dom::lines(node, &|it| hidden.has(it) || it.value().as_element().is_some_and(is_table))
        };
        let index = grid.cells.len();
        grid.cells.push(Cell { lines, is_header: part == "th", lead: lead(node) });
        let (wide, deep) =
            (span(element, "colspan", MOST_COLUMNS), span(element, "rowspan", MOST_ROWSPAN));
        for _ in 0..wide {
            if columns.len() >= MOST_COLUMNS {
                break;
            }
            let column = columns.len();
            if below.len() <= column {
                below.resize(column + 1, (0, 0));
            }
            // A wider cell than there is room for takes the place of what reached down.
            below[column] = (index, deep - 1);
            columns.push(Some(index));
        }
    }
    carry(&mut columns, below);
    if !columns.is_empty() {
        grid.rows.push(Row { cells: columns, in_head });
    }
}

fn lead(cell: NodeRef<'_, Node>) -> Option<String> {
    let first = cell
        .children()
        .find(|it| !matches!(it.value(), Node::Text(text) if text.trim().is_empty()))?;
    let element = first.value().as_element()?;
    if !matches!(element.name(), "span" | "strong" | "b" | "div" | "p" | "em")
        || first.next_sibling().is_none()
    {
        return None;
    }
    Some(dom::visible_text(first)).filter(|it| it.chars().count() <= 60)
}

fn span(element: &Element, name: &str, most: usize) -> usize {
    element.attr(name).and_then(|it| it.trim().parse().ok()).unwrap_or(1).clamp(1, most)
}
