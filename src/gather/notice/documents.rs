//! Notices that are published as documents: PDF, Word (DOCX), `OpenDocument` text (ODT) and Markdown.
//! Each is turned into HTML or text, which is then read like any page.

pub(in crate::gather) mod cmp;
mod content;
mod error;
mod escape;
mod layout;
mod office;
mod pdf;
mod reader;

pub use content::{content, is_document};
pub use error::DocumentError;
pub use reader::limit_this_process;
