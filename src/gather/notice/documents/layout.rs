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
        tables += write_page(&mut out, lines(page));
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

/// Where the columns of a table begin, if a line may be its titles: short texts with room between them.
fn columns(line: &[Piece]) -> Option<Vec<f64>> {
    let short = |it: &Piece| it.text.split_whitespace().count() <= 6;
    let apart = line.windows(2).all(|pair| pair[1].from - pair[0].to > pair[0].size);
    (line.len() >= 2 && line.iter().all(short) && apart)
        .then(|| line.iter().map(|it| it.from).collect())
}

/// The column of a piece that stands in one column only.
fn column(piece: &Piece, starts: &[f64]) -> Option<usize> {
    let near = 0.5 * piece.size;
    let at = starts.iter().rposition(|it| *it <= piece.from + near)?;
    let next = starts.get(at + 1);
    (piece.from - starts[at] < 3.0 * piece.size && next.is_none_or(|it| piece.to < *it + near))
        .then_some(at)
}

/// Writes a page, and says how many tables it holds.
fn write_page(out: &mut String, lines: Vec<Vec<Piece>>) -> usize {
    let (mut tables, mut next) = (0, 0);
    let mut sizes: Vec<f64> = lines.iter().flatten().map(|it| it.size).collect();
    sizes.sort_by(f64::total_cmp);
    let usual = sizes.get(sizes.len() / 2).copied().unwrap_or_default();
    let mut paragraph = String::new();
    let mut above: Option<(f64, f64)> = None;
    while let Some(line) = lines.get(next) {
        let taken = columns(line).map_or(0, |starts| {
            let fits = |line: &&Vec<Piece>| {
                let places: Vec<Option<usize>> =
                    line.iter().map(|it| column(it, &starts)).collect();
                let mut apart = places.clone();
                apart.dedup();
                places.iter().all(Option::is_some) && apart.len() == places.len()
            };
            let taken = lines[next..].iter().take_while(fits).count();
            // Two lines beside one another are no table yet.
            let wide = lines[next..next + taken].iter().filter(|it| it.len() > 1).count();
            if wide < 2 {
                return 0;
            }
            end_paragraph(out, &mut paragraph);
            write_table(out, &lines[next..next + taken], &starts);
            taken
        });
        if taken > 0 {
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
fn write_table(out: &mut String, lines: &[Vec<Piece>], starts: &[f64]) {
    let gaps: Vec<f64> = lines.windows(2).map(|it| it[0][0].height - it[1][0].height).collect();
    let least = gaps.iter().copied().fold(f64::INFINITY, f64::min);
    let most = gaps.iter().copied().fold(0.0, f64::max);
    let close = most > 1.25 * least && least < 1.7 * lines[0][0].size;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let begins = number == 0
            || if close {
                gaps[number - 1] > 1.25 * least
            } else {
                line.len() > 1 && column(&line[0], starts) == Some(0)
            };
        if begins {
            rows.push(vec![String::new(); starts.len()]);
        }
        let Some(row) = rows.last_mut() else { continue };
        for piece in line {
            let Some(cell) = column(piece, starts).and_then(|it| row.get_mut(it)) else { continue };
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
