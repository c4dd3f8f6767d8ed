//! Why a document could not be turned into text.

use thiserror::Error;

/// Why a document could not be turned into text.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// A PDF that cannot be read.
    #[error("the PDF could not be read: {0}")]
    Pdf(String),
    /// A PDF whose pages are pictures.
    #[error("the PDF holds no text; it may be a scan of a printed page")]
    NoText,
    /// A Word or `OpenDocument` file that cannot be unpacked.
    #[error("the {kind} file could not be unpacked: {why}")]
    Archive {
        /// What it is.
        kind: &'static str,
        /// What went wrong.
        why: String,
    },
    /// A Word or `OpenDocument` file whose text is not well-formed.
    #[error("the text of the {kind} file could not be read: {why}")]
    Text {
        /// What it is.
        kind: &'static str,
        /// What went wrong.
        why: String,
    },
    /// A document whose reader ended without its text.
    #[error("{0}")]
    Reader(String),
    /// Something else than text or a document that we know.
    #[error(
        "it is neither a page nor a document that can be read (PDF, DOCX, ODT, Markdown, text)"
    )]
    Unknown,
}
