//! Word and `OpenDocument` text as HTML: headings, paragraphs, items, tables and links. How they are
//! built is said in ECMA-376, part 1 (`WordprocessingML`), and in OASIS `OpenDocument` 1.3, part 3.

use std::fmt::Write as _;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::escape::escaped;

/// The HTML of `word/document.xml`, with the styles of `word/styles.xml`.
pub(super) fn docx(xml: &str, styles: &str) -> Result<String, String> {
    let styles = heading_styles(styles);
    let mut page = Page::default();
    let (mut heading, mut item, mut in_text, mut bold) = (None, false, false, false);
    // Depth in text that was deleted or moved away.
    let mut gone = 0_usize;
    // Text that is formatted as hidden.
    let mut unseen = false;
    let mut tables: Vec<Table> = Vec::new();
    walk(xml, |step| match step {
        Step::Open(name, tag) => match name {
            "del" | "moveFrom" => gone += 1,
            "p" => {
                page.begin();
                (heading, item) = (None, false);
            }
            "pStyle" => {
                let style = attribute(tag, "val").unwrap_or_default();
                let defined = styles.iter().find(|(id, _)| *id == style).map(|it| it.1);
                heading = defined.or_else(|| heading_level(&style));
            }
            "outlineLvl" => {
                let level = attribute(tag, "val").and_then(|it| it.parse::<u8>().ok());
                heading = level.filter(|it| *it < 6).map(|it| it + 1).or(heading);
            }
            "numPr" => item = true,
            "r" => (bold, unseen) = (false, false),
            "vanish" => unseen = attribute(tag, "val").is_none_or(|it| it != "false" && it != "0"),
            "b" => bold = attribute(tag, "val").is_none_or(|it| it != "false" && it != "0"),
            "t" if gone == 0 => {
                in_text = true;
                if bold {
                    page.line.push_str("<b>");
                }
            }
            "tab" => page.line.push(' '),
            "br" | "cr" => page.line.push_str("<br>"),
            "tbl" => tables.push(Table::default()),
            "tr" => tables.iter_mut().last().into_iter().for_each(|it| it.rows.push(Vec::new())),
            "tc" => {
                let from = page.out.len();
                if let Some(row) = tables.last_mut().and_then(|it| it.rows.last_mut()) {
                    row.push(Cell { from, span: 1, ..Cell::default() });
                }
            }
            "gridSpan" => {
                let span = attribute(tag, "val").and_then(|it| it.parse::<u16>().ok());
                if let Some(cell) = Table::open_cell(&mut tables) {
                    cell.span = span.unwrap_or(1).clamp(1, 100);
                }
            }
            "vMerge" => {
                let goes_on = attribute(tag, "val").is_none_or(|it| it != "restart");
                if let Some(cell) = Table::open_cell(&mut tables) {
                    cell.merged = goes_on;
                }
            }
            _ => (),
        },
        Step::Close(name) => match name {
            "del" | "moveFrom" => gone = gone.saturating_sub(1),
            "t" => {
                if in_text && bold {
                    page.line.push_str("</b>");
                }
                in_text = false;
            }
            "p" => page.end(heading, item),
            "tc" => {
                if let Some(cell) = Table::open_cell(&mut tables) {
                    cell.html = page.out.split_off(cell.from.min(page.out.len()));
                }
            }
            "tbl" => {
                if let Some(table) = tables.pop() {
                    page.out.push_str(&table.html());
                }
            }
            _ => (),
        },
        Step::Text(text) => {
            if in_text && gone == 0 && !unseen {
                page.text(text);
            }
        }
    })?;
    // What was begun when the file broke off.
    for table in tables {
        page.out.push_str(&table.html());
    }
    Ok(page.out)
}

/// A table of Word, whose cells say that they go on the one above.
#[derive(Default)]
struct Table {
    rows: Vec<Vec<Cell>>,
}

#[derive(Default)]
struct Cell {
    from: usize,
    html: String,
    span: u16,
    merged: bool,
}

impl Table {
    fn open_cell(tables: &mut [Self]) -> Option<&mut Cell> {
        tables.last_mut()?.rows.last_mut()?.last_mut()
    }

    fn html(&self) -> String {
        let column = |row: &[Cell], at: usize| -> u32 {
            row[..at].iter().map(|it| u32::from(it.span)).sum()
        };
        let mut out = "<table>".to_owned();
        for (number, row) in self.rows.iter().enumerate() {
            out.push_str("<tr>");
            for (at, cell) in row.iter().enumerate().filter(|(_, it)| !it.merged || number == 0) {
                let start = column(row, at);
                let goes_on = |below: &&Vec<Cell>| {
                    below.iter().enumerate().any(|(at, it)| it.merged && column(below, at) == start)
                };
                let deep = 1 + self.rows[number + 1..].iter().take_while(goes_on).count();
                let _ = write!(out, "<td colspan={} rowspan={deep}>{}</td>", cell.span, cell.html);
            }
            out.push_str("</tr>");
        }
        out + "</table>"
    }
}

/// The styles that make a paragraph a heading, by what they are called, their outline level or the style that
/// they build on, each with its level.
fn heading_styles(xml: &str) -> Vec<(String, u8)> {
    let mut found: Vec<(String, Option<u8>, Option<String>)> = Vec::new();
    let read = walk(xml, |step| {
        let Step::Open(name, tag) = step else { return };
        let value = || attribute(tag, "val").unwrap_or_default();
        match (name, found.last_mut()) {
            ("style", _) => {
                found.push((attribute(tag, "styleId").unwrap_or_default(), None, None));
            }
            ("name", Some(style)) => style.1 = heading_level(&value()).or(style.1),
            ("outlineLvl", Some(style)) => {
                let level = value().parse::<u8>().ok().filter(|it| *it < 6);
                style.1 = level.map(|it| it + 1).or(style.1);
            }
            ("basedOn", Some(style)) => style.2 = Some(value()),
            _ => (),
        }
    });
    if read.is_err() {
        return Vec::new();
    }
    let level = |id: &str| {
        let mut id = id.to_owned();
        // Styles build on one another in short chains.
        for _ in 0..10 {
            let (_, level, base) = found.iter().find(|it| it.0 == id)?;
            if level.is_some() {
                return *level;
            }
            id.clone_from(base.as_ref()?);
        }
        None
    };
    found.iter().filter_map(|it| Some((it.0.clone(), level(&it.0)?))).collect()
}

/// The HTML of the `content.xml` of an `OpenDocument` text.
pub(super) fn odt(xml: &str, _styles: &str) -> Result<String, String> {
    let mut page = Page::default();
    let (mut heading, mut items, mut in_text) = (None, 0_usize, 0_usize);
    // Depth in comments, notes and text that was deleted.
    let mut aside = 0_usize;
    walk(xml, |step| match step {
        Step::Open("annotation" | "tracked-changes" | "note", _) => aside += 1,
        Step::Close("annotation" | "tracked-changes" | "note") => {
            aside = aside.saturating_sub(1);
        }
        _ if aside > 0 => (),
        Step::Open(name, tag) => match name {
            "h" => {
                page.begin();
                in_text += 1;
                let level = attribute(tag, "outline-level").and_then(|it| it.parse::<u8>().ok());
                heading = Some(level.unwrap_or(1).clamp(1, 6));
            }
            "p" => {
                page.begin();
                in_text += 1;
                heading = None;
            }
            "list-item" => items += 1,
            "s" | "tab" => page.line.push(' '),
            "line-break" => page.line.push_str("<br>"),
            "a" => {
                let href = attribute(tag, "href").unwrap_or_default();
                let _ = write!(page.line, "<a href=\"{}\">", escaped(&href));
            }
            "table" => page.out.push_str("<table>"),
            "table-row" => page.out.push_str("<tr>"),
            "table-header-rows" => page.out.push_str("<thead>"),
            "table-cell" => {
                page.out.push_str("<td>");
                let number = |name| attribute(tag, name).and_then(|it| it.parse::<u16>().ok());
                page.span(number("number-columns-spanned").unwrap_or(1));
                page.rows(number("number-rows-spanned").unwrap_or(1));
            }
            _ => (),
        },
        Step::Close(name) => match name {
            "h" | "p" => {
                in_text = in_text.saturating_sub(1);
                page.end(heading, items > 0);
            }
            "a" => page.line.push_str("</a>"),
            "list-item" => items = items.saturating_sub(1),
            "table" => page.out.push_str("</table>"),
            "table-row" => page.out.push_str("</tr>"),
            "table-header-rows" => page.out.push_str("</thead>"),
            "table-cell" => page.out.push_str("</td>"),
            _ => (),
        },
        Step::Text(text) => {
            if in_text > 0 {
                page.text(text);
            }
        }
    })?;
    Ok(page.out)
}

#[derive(Default)]
struct Page {
    out: String,
    line: String,
}

impl Page {
    fn begin(&mut self) {
        self.line.clear();
    }

    fn text(&mut self, text: &str) {
        self.line.push_str(&escaped(text));
    }

    fn end(&mut self, heading: Option<u8>, item: bool) {
        let line = std::mem::take(&mut self.line);
        if line.trim().is_empty() {
            return;
        }
        let _ = match (heading, item) {
            (Some(level), _) => write!(self.out, "<h{level}>{line}</h{level}>"),
            (None, true) => write!(self.out, "<li>{line}</li>"),
            (None, false) => write!(self.out, "<p>{line}</p>"),
        };
    }

    /// Widens the cell that was just begun.
    fn span(&mut self, columns: u16) {
        self.with("colspan", columns);
    }

    /// Lengthens it.
    fn rows(&mut self, rows: u16) {
        self.with("rowspan", rows);
    }

    fn with(&mut self, attribute: &str, number: u16) {
        if number > 1 && self.out.ends_with('>') {
            self.out.pop();
            let _ = write!(self.out, " {attribute}={number}>");
        }
    }
}

enum Step<'a> {
    Open(&'a str, &'a BytesStart<'a>),
    Close(&'a str),
    Text(&'a str),
}

/// Goes through the elements by their local names. What comes after a mistake is lost, what came before
/// stands, unless nothing did.
fn walk(xml: &str, mut step: impl FnMut(Step<'_>)) -> Result<(), String> {
    let mut reader = Reader::from_str(xml);
    let mut any = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                step(Step::Open(tag.name().local_name().into_inner(), &tag));
            }
            Ok(Event::Empty(tag)) => {
                let name = tag.name().local_name().into_inner();
                step(Step::Open(name, &tag));
                step(Step::Close(name));
            }
            Ok(Event::End(tag)) => step(Step::Close(tag.name().local_name().into_inner())),
            Ok(Event::Text(text)) => {
                any = true;
                step(Step::Text(&text.xml10_content()));
            }
            Ok(Event::CData(text)) => step(Step::Text(&text)),
            Ok(Event::GeneralRef(entity)) => {
                let one = match &*entity {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => entity.resolve_char_ref().ok().flatten(),
                };
                if let Some(one) = one {
                    step(Step::Text(one.encode_utf8(&mut [0; 4])));
                }
            }
            Err(error) if !any => return Err(error.to_string()),
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => (),
        }
    }
}

/// An attribute by its local name.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    tag.attributes()
        .flatten()
        .find(|it| it.key.local_name().into_inner() == name)
        .map(|it| it.value.replace("&amp;", "&"))
}

/// `Heading1` and `Title` are headings in every language of Word; the names of styles are not translated
/// in the file.
fn heading_level(style: &str) -> Option<u8> {
    let style = style.to_ascii_lowercase();
    if style == "title" {
        return Some(1);
    }
    let level = style.strip_prefix("heading")?.trim().parse::<u8>().ok()?;
    Some(level.clamp(1, 6))
}
