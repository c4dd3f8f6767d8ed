//! The text of a document, by what it is.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::{error::DocumentError, office, pdf};

/// What a document is unpacked to at most, in bytes: a small file may hold a very large one.
const LONGEST: u64 = 32 * 1024 * 1024;

/// Whether the bytes are those of a document, by how they begin.
pub fn is_document(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-") || bytes.starts_with(b"PK\x03\x04")
}

/// The HTML or text of a notice, in whatever format it was published. `name` is its address or file name.
///
/// How a file begins says what it is; its name only distinguishes Markdown from other text. A document of a stranger's may
/// take any time and all memory: [`DocumentReader`](crate::gather::DocumentReader) reads it with limits.
///
/// # Errors
/// If it is no text and no document that can be read.
pub fn content(name: &str, bytes: &[u8]) -> Result<String, DocumentError> {
    if bytes.starts_with(b"%PDF-") {
        return pdf::text(bytes);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return unpacked(bytes);
    }
    if bytes.contains(&0) {
        // Old editors write text two bytes to a letter, and say so at the start.
        return utf16(bytes).ok_or(DocumentError::Unknown);
    }
    let text = decoded(bytes);
    let path = name.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    if [".md", ".markdown"].iter().any(|it| path.ends_with(it)) {
        return Ok(markdown(&text));
    }
    Ok(text)
}

fn unpacked(bytes: &[u8]) -> Result<String, DocumentError> {
    let failed = |kind| {
        move |error: zip::result::ZipError| DocumentError::Archive { kind, why: error.to_string() }
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(failed("document"))?;
    for (part, kind, read) in [
        ("word/document.xml", "DOCX", office::docx as fn(&str, &str) -> Result<String, String>),
        ("content.xml", "ODT", office::odt),
    ] {
        let part = match archive.by_name(part) {
            Ok(part) => part,
            Err(zip::result::ZipError::FileNotFound) => continue,
            Err(error) => return Err(failed(kind)(error)),
        };
        let xml = unzipped(part).map_err(|why| DocumentError::Archive { kind, why })?;
        let styles = match archive.by_name("word/styles.xml") {
            Ok(styles) if kind == "DOCX" => unzipped(styles).unwrap_or_default(),
            _ => String::new(),
        };
        let page = read(&xml, &styles).map_err(|why| DocumentError::Text { kind, why })?;
        if page.is_empty() {
            let why = "it holds none, or breaks off before it".to_owned();
            return Err(DocumentError::Text { kind, why });
        }
        return Ok(page);
    }
    Err(DocumentError::Unknown)
}

/// Text in UTF-8, or else in the western encoding of old pages (windows-1252, which browsers also take for
/// ISO 8859-1).
fn decoded(bytes: &[u8]) -> String {
    /// What stands for 0x80 to 0x9f.
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(2_048)]).to_ascii_lowercase();
    let declared = ["windows-1252", "iso-8859-1", "iso-8859-15", "latin1", "cp1252"];
    let western = start.contains("charset") && declared.iter().any(|it| start.contains(it));
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // A few broken bytes in UTF-8 are not another encoding.
        Err(_) if !western && mostly_utf8(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Err(_) => bytes
            .iter()
            .map(|&it| match it {
                0x80..=0x9f => HIGH[usize::from(it - 0x80)],
                _ => char::from(it),
            })
            .collect(),
    }
}

/// Whether more characters beyond ASCII are well-formed UTF-8 than are not.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let broken = text.chars().filter(|&it| it == '\u{fffd}').count();
    let whole = text.chars().filter(|&it| !it.is_ascii() && it != '\u{fffd}').count();
    whole > broken
}

/// A part of an archive as text, as far as it may be unpacked.
fn unzipped(part: impl std::io::Read) -> Result<String, String> {
    let mut xml = Vec::new();
    part.take(LONGEST).read_to_end(&mut xml).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&xml).into_owned())
}

fn utf16(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 2]) -> u16 = match bytes.first_chunk::<2>()? {
        [0xff, 0xfe] => u16::from_le_bytes,
        [0xfe, 0xff] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|it| read([it[0], it[1]])).collect();
    String::from_utf16(&units).ok()
}

fn markdown(text: &str) -> String {
    use pulldown_cmark::{Options, Parser, html};

    let options = Options::ENABLE_TABLES | Options::ENABLE_DEFINITION_LIST;
    // A page that is marked as Markdown and is HTML goes through as it is.
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, Parser::new_ext(text, options));
    page
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::notice::read;

    fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[track_caller]
    fn declared(name: &str, bytes: &[u8]) -> Vec<String> {
        let notice = read(name, &content(name, bytes).unwrap());
        let told = |it: crate::model::Declaration| {
            let lasts = it.lifetime.as_written.unwrap_or_default();
            format!("{} | {} | {lasts}", it.patterns.join(" "), it.purpose.unwrap_or_default())
        };
        notice.declarations.into_iter().map(told).collect()
    }

    const TABLE: [&str; 2] =
        ["sid | Keeps you signed in | 2 hours", "_pk_id.* | Counts visits & visitors | 13 months"];

    #[test]
    fn markdown_tables() {
        let text = "# Cookies\n\nWe use two.\n\n| Name | Purpose | Expires |\n|---|---|---|\n| `sid` | Keeps you signed in | 2 hours |\n| `_pk_id.#` | Counts visits & visitors | 13 months |\n";
        assert_eq!(declared("cookies.md", text.as_bytes()), TABLE);
    }

    #[test]
    fn word_tables() {
        let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
        let row = |cells: [&str; 3]| format!("<w:tr>{}</w:tr>", cells.map(cell).concat());
        let xml = format!(
            "<?xml version=\"1.0\"?><w:document><w:body><w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>Coo</w:t></w:r><w:r><w:t>kies</w:t></w:r></w:p><w:tbl>{}{}{}</w:tbl></w:body></w:document>",
            row(["Name", "Purpose", "Expires"]),
            row(["sid", "Keeps you signed in", "2 hours"]),
            row(["_pk_id.#", "Counts visits &amp; visitors", "13 months"]),
        );
        assert_eq!(declared("cookies.docx", &packed(&[("word/document.xml", &xml)])), TABLE);
    }

    #[test]
    fn opendocument_tables() {
        let cell =
            |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
        let row = |cells: [&str; 3]| {
            format!("<table:table-row>{}</table:table-row>", cells.map(cell).concat())
        };
        let xml = format!(
            "<office:document-content><office:body><office:text><text:h text:outline-level=\"1\">Cookies</text:h><table:table>{}{}{}</table:table></office:text></office:body></office:document-content>",
            row(["Name", "Purpose", "Expires"]),
            row(["sid", "Keeps you<text:s/>signed in", "2 hours"]),
            row(["_pk_id.#", "Counts visits &amp; visitors", "13 months"]),
        );
        assert_eq!(declared("cookies.odt", &packed(&[("content.xml", &xml)])), TABLE);
    }

    #[test]
    fn files_that_are_none_are_errors() {
        for bytes in [
            &b"%PDF-1.7\nnot one"[..],
            b"PK\x03\x04 and no more",
            b"\0\x01\x02",
            &packed(&[("other.txt", "hello")]),
            &packed(&[("word/document.xml", "<w:p><w:t>open")]),
        ] {
            let read = content("x", bytes);
            // Text that breaks off is read as far as it goes.
            assert!(read.as_ref().map_or(true, |it| it.contains("open")), "{read:?}");
        }
    }

    #[test]
    fn text_of_two_bytes_a_letter() {
        let text: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("Cwcis ŵ".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(content("x", &text).unwrap(), "Cwcis ŵ");
    }
}
