//! What the command line names and the program has to read: recordings, notices, recipes.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use url::Url;

use super::{Failure, print, runtime, settings};
use crate::{
    consent::Recipe,
    exit::Exit,
    gather::{NoticeSource, documents},
    recording::{self, Recording},
};

/// The recording in a file, or on standard input if the file is called `-`.
pub(super) fn recording(path: &Path) -> Result<Recording, Failure> {
    let recording = if path.as_os_str() == "-" {
        recording::read(io::stdin().lock())
    } else {
        File::open(path).map_err(recording::ReadError::from).and_then(recording::read)
    };
    recording.map_err(|error| {
        let failure = Failure::new(Exit::Usage, &error, error.help());
        Failure { message: format!("{} {}", path.display(), failure.message), ..failure }
    })
}

/// The text of the notice in a file.
pub(super) fn notice_file(path: &str) -> Result<String, Failure> {
    const HELP: &str = "give an HTML, PDF, DOCX, ODT, Markdown or text file, or an address that begins with https://";
    let bytes = fs::read(path).map_err(|error| {
        Failure::usage(format!("the notice {path} could not be read: {error}"), HELP)
    })?;
    let reader = settings::document_reader();
    runtime::runtime()?.block_on(reader.read(path, bytes)).map_err(|error| {
        Failure::usage(format!("the notice {path} could not be read: {error}"), HELP)
    })
}

/// Reads a document from standard input with limits on memory and time, and prints its text: the other half of
/// [`DocumentReader::Process`]. Why it could not be read is printed too, and the exit code says which it is.
pub(super) fn document(name: &str) -> Result<Exit, Failure> {
    let failed = |error: io::Error| Failure::new(Exit::Failed, &error, "");
    documents::limit_this_process().map_err(failed)?;
    // The reason that is printed says what a panic means.
    std::panic::set_hook(Box::new(|_| ()));
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
    match documents::content(name, &bytes) {
        Ok(text) => print(text.as_bytes()).map(|()| Exit::Clean),
        Err(error) => print(error.to_string().as_bytes()).map(|()| Exit::Failed),
    }
}

/// What `--notice` names.
pub(super) fn notice_source(text: &str) -> Result<NoticeSource, Failure> {
    if text.starts_with("http://") || text.starts_with("https://") {
        let url = Url::parse(text).map_err(|error| {
            Failure::usage(format!("{text} is not an address: {error}"), "check `--notice`")
        })?;
        return Ok(NoticeSource::Url(url));
    }
    let content = notice_file(text)?;
    let name = Path::new(text).file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(NoticeSource::File { name, content })
}

/// A recipe of the user's own.
pub(super) fn recipe(path: &Path) -> Result<Recipe, Failure> {
    let help = "`--recipe` takes a TOML file; the README describes what is in it";
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("could not read {}: {error}", path.display()), help)
    })?;
    Recipe::parse(&path.display().to_string(), &text)
        .map_err(|error| Failure::new(Exit::Usage, &error, help))
}
