use std::{
    env, fs,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
};

use super::{Failure, args::Destination, print};
use crate::{
    exit::Exit,
    recording::{self, Recording},
    report::{Report, Style},
};

const HELP: &str = "give a path in a directory that exists and can be written";

/// Finds out before the work begins whether its result can be written.
pub(super) fn check(paths: &[&Path]) -> Result<(), Failure> {
    for path in paths {
        let known = path.exists();
        let opened = fs::OpenOptions::new().append(true).create(true).open(path);
        opened.map_err(|error| cannot_write(path, &error))?;
        if !known {
            // It was only to see whether it can be made.
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}

/// Writes every report that was asked for; what fails is told after the rest is done.
pub(super) fn write(reports: &[Report], destinations: &[Destination]) -> Result<(), Failure> {
    let mut failure = None;
    for destination in destinations {
        let written = match &destination.path {
            None => {
                let mut bytes = Vec::new();
                // Writing into memory does not fail.
                let _ = (destination.format.write)(reports, &mut bytes, style());
                print(&bytes)
            }
            Some(path) => {
                to_file(path, |out| (destination.format.write)(reports, out, Style::PLAIN))
            }
        };
        failure = failure.or(written.err());
    }
    failure.map_or(Ok(()), Err)
}

/// Writes a recording.
pub(super) fn record(recording: &Recording, path: &Path) -> Result<(), Failure> {
    to_file(path, |out| recording::write(recording, out))
}

/// Writes beside the file first, so that a half-written one never takes its place.
fn to_file(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let place = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let done = (|| {
        if path.exists() && !path.is_file() {
            // A device or a pipe, such as /dev/stderr, is written to and not replaced.
            let mut file = fs::OpenOptions::new().write(true).open(path)?;
            return write(&mut file);
        }
        let mut file = io::BufWriter::new(tempfile::NamedTempFile::new_in(place)?);
        write(&mut file)?;
        file.flush()?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.persist(path)?;
        readable(path)
    })();
    done.map_err(|error: io::Error| cannot_write(path, &error))
}

/// Temporary files are for their owner alone; a report is not.
fn readable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure {
        exit: Exit::Failed,
        message: format!("cannot write {}: {error}", path.display()),
        help: HELP.to_owned(),
    }
}

/// Colours only for a terminal whose user has not asked for none (<https://no-color.org>).
fn style() -> Style {
    let terminal = io::stdout().is_terminal();
    let wanted = env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
        && env::var_os("TERM").is_none_or(|it| it != "dumb");
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
    Style { colour: terminal && wanted, width: width.clamp(40, 120) }
}
