//! Notices that unpack to more than they seem, and notices that take long to read.

use rand::{RngExt as _, rngs::StdRng};

/// A notice at random: the name of its file, and its content.
pub(crate) fn any(rng: &mut StdRng, notice: &str) -> (&'static str, Vec<u8>) {
    let bytes = rng.random_range(1..80) << 20;
    match rng.random_range(0..12) {
        0 => ("policy.docx", packed("word/document.xml", &filler("w:t", bytes))),
        1 => ("policy.docx", packed("word/document.xml", &entities())),
        2 => ("policy.odt", packed("content.xml", &filler("text:p", bytes))),
        3 => ("policy.odt", packed("content.xml", &entities())),
        4 => ("policy.pdf", circular_pdf()),
        5 => ("policy.pdf", unpacking_pdf(bytes)),
        6 => ("policy.md", "[".repeat(rng.random_range(1..100_000)).into_bytes()),
        7 => {
            let depth = rng.random_range(1..10_000);
            ("policy.md", format!("{} cookie", "> ".repeat(depth)).into_bytes())
        }
        8 => {
            let names: Vec<String> =
                (0..rng.random_range(1..60)).map(|n| format!(" n_{n}_x,")).collect();
            let names = names.concat();
            ("cookies.html", table(notice, rng.random_range(1..1500), &names))
        }
        9 => {
            let depth = rng.random_range(1..2000);
            let tables = "<table><tr><td>".repeat(depth);
            ("cookies.html", [notice, &tables, "_ga"].concat().into_bytes())
        }
        10 => {
            let words = "cookies for advertising, unless ".repeat(rng.random_range(1..20_000));
            ("cookies.html", [notice, "<p>We do not use ", &words].concat().into_bytes())
        }
        _ => {
            let parts =
                "<h2>Analytics cookies</h2><p>_ga, _gid</p>".repeat(rng.random_range(1..8000));
            ("cookies.html", [notice, &parts].concat().into_bytes())
        }
    }
}

/// A notice with a table of so many rows, whose names end with `more`.
pub(crate) fn table(notice: &str, rows: usize, more: &str) -> Vec<u8> {
    let mut page = [notice, "<table><tr><th>Cookie<th>Purpose<th>Expires"].concat();
    for row in 0..rows {
        page.push_str(&format!("<tr><td>name{row}{more}<td>Counts visits<td>1 year"));
    }
    page.into_bytes()
}

/// So many bytes of the same, in an element of that name.
pub(crate) fn filler(element: &str, bytes: usize) -> Vec<u8> {
    let mut text = format!("<?xml version='1.0'?><x><{element}>We use cookies.").into_bytes();
    text.resize(bytes, b'a');
    text.extend_from_slice(format!("</{element}></x>").as_bytes());
    text
}

/// Entities that hold each other ten times over.
pub(crate) fn entities() -> Vec<u8> {
    let mut text = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e0 'cookie'>".to_owned();
    for n in 1..12 {
        text.push_str(&format!("<!ENTITY e{n} '{}'>", format!("&e{};", n - 1).repeat(10)));
    }
    text.push_str("]><x><w:p><w:t>&e11;</w:t></w:p></x>");
    text.into_bytes()
}

pub(crate) fn packed(name: &str, content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file(name, options).expect("an entry");
    archive.write_all(content).expect("an entry's content");
    archive.finish().expect("an archive").into_inner()
}

pub(crate) fn circular_pdf() -> Vec<u8> {
    pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [2 0 R 2 0 R 3 0 R] /Count 3 /Parent 2 0 R >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        b"<< /Length 12 >>\nstream\nBT (a) Tj ET\nendstream",
    ])
}

/// A document whose only page unpacks to so many bytes.
pub(crate) fn unpacking_pdf(bytes: usize) -> Vec<u8> {
    let mut text = b"BT (We use cookies. ".to_vec();
    text.resize(bytes, b'a');
    text.extend_from_slice(b") Tj ET");
    let content = zlib(&text);
    let mut stream =
        format!("<< /Length {} /Filter /FlateDecode >>\nstream\n", content.len()).into_bytes();
    stream.extend_from_slice(&content);
    stream.extend_from_slice(b"\nendstream");
    pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        &stream,
    ])
}

fn pdf(objects: &[&[u8]]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.extend_from_slice(format!("{} 0 obj\n", at + 1).as_bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let start = pdf.len();
    let size = objects.len() + 1;
    pdf.extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
    for place in places {
        pdf.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
    }
    let end = format!("trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    pdf.extend_from_slice(end.as_bytes());
    pdf
}

/// The text as PDF compresses it (RFC 1950): an archive's entry has the same between its header and its end.
fn zlib(text: &[u8]) -> Vec<u8> {
    let archive = packed("x", text);
    let word = |at: usize| usize::from(archive[at]) | usize::from(archive[at + 1]) << 8;
    let begin = 30 + word(26) + word(28);
    let end = archive.windows(4).rposition(|it| it == b"PK\x01\x02").expect("a list of entries");
    let (mut one, mut two) = (1_u32, 0_u32);
    for byte in text {
        one = (one + u32::from(*byte)) % 65521;
        two = (two + one) % 65521;
    }
    let sum = (two << 16 | one).to_be_bytes();
    [&[0x78, 0x9c], &archive[begin..end], &sum].concat()
}
