//! Text out of a PDF.

use std::panic;

use super::{error::DocumentError, layout};

/// The text of a PDF, line by line. The library panics on files that it does not expect, and takes as long and as much
/// memory as the file makes it: [`DocumentReader`](crate::gather::DocumentReader) sets the limits.
pub(super) fn text(bytes: &[u8]) -> Result<String, DocumentError> {
    let text = panic::catch_unwind(|| pdf_extract::extract_text_from_mem(bytes))
        .map_err(|_| DocumentError::Pdf("it is not built as PDFs are".to_owned()))?
        .map_err(|error| DocumentError::Pdf(error.to_string()))?;
    if text.trim().is_empty() {
        return Err(DocumentError::NoText);
    }
    // What stands beside one another comes out in any order; tables are read by their places.
    let laid_out = panic::catch_unwind(|| layout::html(bytes)).ok().flatten();
    // Two letters that are set as one sign.
    let text = laid_out.unwrap_or(text).replace('ﬁ', "fi").replace('ﬂ', "fl").replace('ﬀ', "ff");
    Ok(text)
}
