//! Text out of a PDF.

use std::{
    panic,
    sync::{Once, mpsc},
    thread,
    time::Duration,
};

use super::DocumentError;

/// How long a PDF may take. Some files send the library round in circles.
const LONGEST: Duration = Duration::from_secs(20);
/// By this name the thread is known to be one whose panics are answers.
const THREAD: &str = "crumbcheck-pdf";

/// The text of a PDF, line by line.
///
/// The library panics on files it does not expect, so it works in a thread of its own; what happens there
/// comes back as an error.
pub(super) fn text(bytes: &[u8]) -> Result<String, DocumentError> {
    quiet();
    let (tell, hear) = mpsc::channel();
    let bytes = bytes.to_vec();
    thread::Builder::new()
        .name(THREAD.to_owned())
        .spawn(move || {
            let read = pdf_extract::extract_text_from_mem(&bytes);
            // Nobody listens any more if it took too long.
            let _ = tell.send(read.map_err(|error| error.to_string()));
        })
        .map_err(|error| DocumentError::Pdf(error.to_string()))?;
    let text = match hear.recv_timeout(LONGEST) {
        Ok(read) => read.map_err(DocumentError::Pdf)?,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            return Err(DocumentError::Pdf(format!("it took more than {} s", LONGEST.as_secs())));
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            return Err(DocumentError::Pdf("it is not built as PDFs are".to_owned()));
        }
    };
    if text.trim().is_empty() { Err(DocumentError::NoText) } else { Ok(text) }
}

/// Keeps panics in our thread off the terminal; all others are told as ever.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                usual(info);
            }
        }));
    });
}
