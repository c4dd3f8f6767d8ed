//! Where the text of a PDF stands on its pages: cells beside one another are a table, whatever the order of the text.

use std::fmt::Write as _;

use pdf_extract::{Document, MediaBox, OutputDev, OutputError, Transform, output_doc};

use super::escape::escaped;

/// More pieces of text than a notice has are not laid out.
const MOST_PIECES: usize = 200_000;

/// The HTML of a PDF that holds tables; `None` if it holds none, or cannot be laid out.
pub(super) fn html(bytes: &[u8]) -> Option<String> {
    let document = Document::load_mem(bytes).ok()?;
    if document.is_encrypted() {
        return None;
    }
    let mut collector = Collector::default();
    output_doc(&document, &mut collector).ok()?;
    let (mut out, mut tables) = (String::new(), 0);
    for page in collector.pages {
        tables += write_page(&mut out, &lines(page));
    }
    (tables > 0).then_some(out)
}

/// Text in one line with no wide gap in it.
#[derive(Clone, Debug)]
struct Piece {
    from: f64,
    to: f64,
    /// Grows upwards.
    height: f64,
    size: f64,
    text: String,
}

#[derive(Default)]
struct Collector {
    pages: Vec<Vec<Piece>>,
    pieces: usize,
}

impl OutputDev for Collector {
    fn begin_page(
        &mut self,
        _number: u32,
        _media: &MediaBox,
        _art: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.pages.push(Vec::new());
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        place: &Transform,
        width: f64,
        _spacing: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        let size = font_size * (place.m11 * place.m22 - place.m12 * place.m21).abs().sqrt();
        let (from, height) = (place.m31, place.m32);
        let Some(page) = self.pages.last_mut() else { return Ok(()) };
        if !size.is_finite() || !from.is_finite() || !height.is_finite() {
            return Ok(());
        }
        let to = from + width * size;
        if let Some(last) = page.last_mut()
            && (last.height - height).abs() < 0.3 * size
            && (-0.5 * size..0.9 * size).contains(&(from - last.to))
        {
            if from - last.to > 0.15 * size && !last.text.ends_with(' ') {
                last.text.push(' ');
            }
            last.text.push_str(text);
            last.to = to;
            return Ok(());
        }
        self.pieces += 1;
        if self.pieces <= MOST_PIECES {
            page.push(Piece { from, to, height, size, text: text.to_owned() });
        }
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// The pieces line by line from the top, each line from the left.
fn lines(mut page: Vec<Piece>) -> Vec<Vec<Piece>> {
    page.retain(|it| !it.text.trim().is_empty());
    page.sort_by(|one, other| other.height.total_cmp(&one.height));
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    for piece in page {
        match lines.last_mut() {
            Some(line) if (line[0].height - piece.height).abs() < 0.4 * piece.size => {
                line.push(piece);
            }
            _ => lines.push(vec![piece]),
        }
    }
    for line in &mut lines {
        line.sort_by(|one, other| one.from.total_cmp(&other.from));
    }
    lines
}

/// From where to where a column reaches.
type Reach = (f64, f64);

/// The columns of a table, if a line may be its titles: short texts with room between them.
fn titles(line: &[Piece]) -> Option<Vec<Reach>> {
    let short = |it: &Piece| it.text.split_whitespace().count() <= 6;
    let apart = line.windows(2).all(|pair| pair[1].from - pair[0].to > pair[0].size);
    (line.len() >= 2 && line.iter().all(short) && apart)
        .then(|| line.iter().map(|it| (it.from, it.to)).collect())
}

/// How many lines the table takes that begins with the first of `lines`, and its columns. Titles may stand in the middle
/// of their columns; lines with a text in every column say how far these reach.
fn table(lines: &[Vec<Piece>]) -> Option<(usize, Vec<Reach>)> {
    let first = lines.first()?;
    let mut columns = titles(first)?;
    let size = first[0].size;
    let mut taken = 1;
    for pair in lines.windows(2) {
        let line = &pair[1];
        let alike = line.iter().all(|it| (it.size - size).abs() < 0.2 * size);
        if !alike || pair[0][0].height - line[0].height > 5.0 * size || line.len() > columns.len() {
            break;
        }
        if line.len() == columns.len() {
            let wider: Vec<Reach> = columns
                .iter()
                .zip(line)
                .map(|(of, it)| (of.0.min(it.from), of.1.max(it.to)))
                .collect();
            if wider.windows(2).any(|it| it[0].1 > it[1].0) {
                break;
            }
            columns = wider;
        } else if line.iter().any(|it| columns.iter().filter(|of| overlap(it, of)).count() > 1) {
            break;
        }
        taken += 1;
    }
    let least = least_gap(&lines[..taken]);
    // What stands alone below the first column, and apart, is text after the table.
    let after = (1..taken).find(|&at| {
        let places: Vec<usize> = lines[at].iter().map(|it| column(it, &columns)).collect();
        let alone = places == [0] && lines[at - 1][0].height - lines[at][0].height > 1.25 * least;
        alone || places.windows(2).any(|it| it[0] == it[1])
    });
    let taken = after.unwrap_or(taken);
    // Two texts beside one another are no table yet.
    let wide = lines[..taken].iter().filter(|it| it.len() > 1).count();
    (wide > 1).then_some((taken, columns))
}

fn overlap(piece: &Piece, column: &Reach) -> bool {
    piece.from < column.1 && piece.to > column.0
}

/// The column that a piece stands in, or else next to.
fn column(piece: &Piece, columns: &[Reach]) -> usize {
    let away = |it: &Reach| {
        if overlap(piece, it) { 0.0 } else { (it.0 - piece.to).max(piece.from - it.1) }
    };
    let nearest =
        columns.iter().enumerate().min_by(|one, other| away(one.1).total_cmp(&away(other.1)));
    nearest.map_or(0, |it| it.0)
}

fn least_gap(lines: &[Vec<Piece>]) -> f64 {
    lines.windows(2).map(|it| it[0][0].height - it[1][0].height).fold(f64::INFINITY, f64::min)
}

/// Writes a page, and says how many tables it holds.
fn write_page(out: &mut String, lines: &[Vec<Piece>]) -> usize {
    let (mut tables, mut next) = (0, 0);
    let mut sizes: Vec<f64> = lines.iter().flatten().map(|it| it.size).collect();
    sizes.sort_by(f64::total_cmp);
    let usual = sizes.get(sizes.len() / 2).copied().unwrap_or_default();
    let mut paragraph = String::new();
    let mut above: Option<(f64, f64)> = None;
    while let Some(line) = lines.get(next) {
        let found = table(&lines[next..]);
        if let Some((taken, columns)) = found {
            end_paragraph(out, &mut paragraph);
            write_table(out, &lines[next..next + taken], &columns);
            tables += 1;
            next += taken;
            above = None;
            continue;
        }
        let (height, size) = (line[0].height, line[0].size);
        let text: Vec<&str> = line.iter().map(|it| it.text.trim()).collect();
        let text = text.join(" ");
        // A wide gap, or letters of another size, begin something new.
        if above
            .is_none_or(|(before, of)| before - height > 1.6 * of || (of - size).abs() > 0.1 * of)
        {
            end_paragraph(out, &mut paragraph);
        }
        if size > 1.12 * usual && text.chars().count() <= 120 {
            let _ = write!(out, "<h2>{}</h2>", escaped(&text));
        } else {
            paragraph.push_str(&text);
            paragraph.push(' ');
        }
        above = Some((height, size));
        next += 1;
    }
    end_paragraph(out, &mut paragraph);
    tables
}

fn end_paragraph(out: &mut String, paragraph: &mut String) {
    if !paragraph.trim().is_empty() {
        let _ = write!(out, "<p>{}</p>", escaped(paragraph.trim()));
    }
    paragraph.clear();
}

/// Writes the lines of a table as rows. Lines of one row stand closer to one another than rows do; where all stand
/// alike, a line with a text in its first column begins a row.
fn write_table(out: &mut String, lines: &[Vec<Piece>], columns: &[Reach]) {
    let gaps: Vec<f64> = lines.windows(2).map(|it| it[0][0].height - it[1][0].height).collect();
    let least = least_gap(lines);
    let most = gaps.iter().copied().fold(0.0, f64::max);
    let close = most > 1.25 * least && least < 1.7 * lines[0][0].size;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let begins = number == 0
            || if close {
                gaps[number - 1] > 1.25 * least
            } else {
                line.len() > 1 && column(&line[0], columns) == 0
            };
        if begins {
            rows.push(vec![String::new(); columns.len()]);
        }
        let Some(row) = rows.last_mut() else { continue };
        for piece in line {
            let Some(cell) = row.get_mut(column(piece, columns)) else { continue };
            // A name that is broken at an underscore goes on without a blank.
            if !cell.is_empty() && !cell.ends_with('_') {
                cell.push(' ');
            }
            cell.push_str(piece.text.trim());
        }
    }
    out.push_str("<table>");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<td>{}</td>", escaped(&cell));
        }
        out.push_str("</tr>");
    }
    out.push_str("</table>");
}
