//! Where reports and recordings go. Each is written as soon as its scan has ended.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, IsTerminal as _, Read as _, Seek as _, SeekFrom, Write},
    ops::Range,
    os::unix::fs::{FileTypeExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;
use url::Url;

use super::{Failure, print};
use crate::{
    exit::Exit,
    recording::{self, Recording},
    report::{Entry, Format, Place, Report, Style},
};

const HELP: &str = "give a path in a directory that exists and can be written";

/// Where a report goes.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub(super) format: &'static Format,
    /// `None` is standard output.
    pub(super) path: Option<PathBuf>,
}

/// The documents that the user wants, written report by report.
pub(super) struct Documents {
    open: Vec<Document>,
    targets: usize,
    written: usize,
}

struct Document {
    format: &'static Format,
    to: Output,
    /// A folder that gets a file for each report, and the names that are taken in it.
    folder: Option<(PathBuf, BTreeSet<String>)>,
    /// One for each report so far.
    entries: Vec<Entry>,
    /// Reports that could not be written yet, as text.
    pending: String,
}

enum Output {
    /// Standard output, a device or a pipe: what has been written stays written.
    Stream {
        /// `None` is standard output.
        path: Option<PathBuf>,
        /// Stays open: whoever reads a pipe takes its end for the end of the document.
        file: Option<fs::File>,
        /// Whether the head has been written.
        begun: bool,
    },
    /// A file, which is replaced by a longer one with each report, so that it is a whole document at any time.
    File {
        path: PathBuf,
        /// The file that is there now, and where in it the parts are.
        parts: Option<(fs::File, Range<u64>)>,
    },
}

impl Documents {
    /// Documents on `targets` targets.
    pub(super) fn new(destinations: &[Destination], targets: usize) -> Self {
        let document = |it: &Destination| Document {
            format: it.format,
            folder: it.path.clone().filter(|it| is_folder(it)).map(|it| (it, BTreeSet::new())),
            to: match &it.path {
                // A device or a pipe, such as /dev/stderr, is written to and not replaced.
                Some(path) if !path.exists() || path.is_file() => {
                    Output::File { path: path.clone(), parts: None }
                }
                path => Output::Stream { path: path.clone(), file: None, begun: false },
            },
            entries: Vec::new(),
            pending: String::new(),
        };
        Self { open: destinations.iter().map(document).collect(), targets, written: 0 }
    }

    /// Adds a report to every document; returns what went wrong with any of them. What could not be written is
    /// tried again with the next report.
    pub(super) fn add(&mut self, report: &Report) -> Vec<Failure> {
        let place = Place { before: self.written, targets: self.targets };
        self.written += 1;
        self.open.iter_mut().filter_map(|it| it.add(report, place).err()).collect()
    }

    /// Ends every document.
    pub(super) fn finish(self) -> Vec<Failure> {
        let place = Place { before: self.written, targets: self.targets };
        self.open.into_iter().filter_map(|it| it.finish(place).err()).collect()
    }
}

/// Writes every document that is a file or a folder once more, with the reports in this order.
pub(super) fn rewrite_files(
    destinations: &[Destination],
    targets: usize,
    reports: &[&Report],
) -> Vec<Failure> {
    let is_file = |path: &PathBuf| path.is_file() || is_folder(path);
    let files: Vec<Destination> =
        destinations.iter().filter(|it| it.path.as_ref().is_some_and(is_file)).cloned().collect();
    let mut documents = Documents::new(&files, targets);
    let mut failures: Vec<Failure> = reports.iter().flat_map(|it| documents.add(it)).collect();
    failures.extend(documents.finish());
    failures
}

impl Document {
    fn add(&mut self, report: &Report, place: Place) -> Result<(), Failure> {
        if self.folder.is_some() {
            return self.add_to_folder(report);
        }
        let style = match &self.to {
            Output::Stream { path: None, .. } => style(),
            _ => Style::PLAIN,
        };
        let part = self.format.part(report, place, style).map_err(|it| self.cannot_write(&it))?;
        self.pending.push_str(&part);
        self.entries.push(Entry::new(report));
        let written = Place { before: place.before + 1, ..place };
        match &self.to {
            Output::File { .. } => self.replace_file(written),
            // What comes first is not known yet.
            Output::Stream { .. } if self.format.head_lists_parts => Ok(()),
            Output::Stream { .. } => self.stream(written, ""),
        }
    }

    /// Writes the report to a file of its own, as the only one of a document.
    fn add_to_folder(&mut self, report: &Report) -> Result<(), Failure> {
        let Some((folder, taken)) = &mut self.folder else { return Ok(()) };
        let host = Url::parse(&report.scan.target).ok();
        let host = host
            .and_then(|it| it.host_str().map(|it| it.trim_matches(['[', ']']).replace(':', "-")));
        let host = host.unwrap_or_else(|| "report".to_owned());
        let names = (1..).map(|n| if n == 1 { host.clone() } else { format!("{host}-{n}") });
        let name = names.into_iter().find(|it| !taken.contains(it)).unwrap_or_default();
        taken.insert(name.clone());
        let path = folder.join(format!("{name}.{}", self.format.extension));
        let (one, all) = (Place { before: 0, targets: 1 }, Place { before: 1, targets: 1 });
        let written = (|| {
            fs::create_dir_all(&*folder)?;
            let mut text = self.format.head(&[Entry::new(report)], 1)?;
            text.push_str(&self.format.part(report, one, Style::PLAIN)?);
            text.push_str(self.format.tail(all));
            to_file(&path, |out| out.write_all(text.as_bytes()))
        })();
        written.map(drop).map_err(|error| cannot_write(&path, &error))
    }

    fn finish(mut self, place: Place) -> Result<(), Failure> {
        match &self.to {
            _ if self.entries.is_empty() => Ok(()),
            Output::File { .. } if self.pending.is_empty() => Ok(()),
            Output::File { .. } => self.replace_file(place),
            Output::Stream { .. } => self.stream(place, self.format.tail(place)),
        }
    }

    /// Writes what is pending, and `tail`, to a stream.
    fn stream(&mut self, place: Place, tail: &str) -> Result<(), Failure> {
        let head = self.head(place)?;
        let Output::Stream { path, file, begun } = &mut self.to else { return Ok(()) };
        let mut text = if *begun { String::new() } else { head };
        text.push_str(&std::mem::take(&mut self.pending));
        text.push_str(tail);
        *begun = true;
        let Some(path) = path else { return print(text.as_bytes()) };
        let written = (|| {
            if file.is_none() {
                *file = Some(fs::OpenOptions::new().append(true).open(&*path)?);
            }
            file.as_mut().map_or(Ok(()), |file| file.write_all(text.as_bytes()))
        })();
        written.map_err(|error| cannot_write(path, &error))
    }

    /// Writes a new file with the parts of the old one and what is pending.
    fn replace_file(&mut self, place: Place) -> Result<(), Failure> {
        let head = self.head(place)?;
        let Output::File { path, parts } = &mut self.to else { return Ok(()) };
        let mut range = 0..0;
        let written = to_file(path, |out| {
            out.write_all(head.as_bytes())?;
            range.start = out.stream_position()?;
            if let Some((file, old)) = parts {
                file.seek(SeekFrom::Start(old.start))?;
                io::copy(&mut file.take(old.end - old.start), out)?;
            }
            out.write_all(self.pending.as_bytes())?;
            range.end = out.stream_position()?;
            out.write_all(self.format.tail(place).as_bytes())
        });
        let file = written.map_err(|error| cannot_write(path, &error))?;
        *parts = Some((file, range));
        self.pending.clear();
        Ok(())
    }

    fn head(&self, place: Place) -> Result<String, Failure> {
        self.format.head(&self.entries, place.targets).map_err(|error| self.cannot_write(&error))
    }

    fn cannot_write(&self, error: &io::Error) -> Failure {
        match &self.to {
            Output::Stream { path: Some(path), .. } | Output::File { path, .. } => {
                cannot_write(path, error)
            }
            Output::Stream { path: None, .. } => Failure {
                exit: Exit::Failed,
                message: format!("cannot write the {} report: {error}", self.format.name),
                help: "write it to a file, as in `--report html=report.html`".to_owned(),
            },
        }
    }
}

/// Whether a path names a folder: by the slash at its end, or because there is one.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

/// Finds out before the work begins whether its result can be written.
pub(super) fn check(paths: &[&Path]) -> Result<(), Failure> {
    for path in paths {
        if is_folder(path) {
            fs::create_dir_all(path).map_err(|error| cannot_write(path, &error))?;
            NamedTempFile::new_in(path).map_err(|error| cannot_write(path, &error))?;
            continue;
        }
        if fs::metadata(path).is_ok_and(|it| it.file_type().is_fifo()) {
            // Whoever reads it would take this for its end.
            continue;
        }
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

/// Writes a recording.
pub(super) fn record(recording: &Recording, path: &Path) -> Result<(), Failure> {
    let written = if path.exists() && !path.is_file() {
        let opened = fs::OpenOptions::new().write(true).open(path);
        opened.and_then(|file| recording::write(recording, io::BufWriter::new(file)))
    } else {
        to_file(path, |out| recording::write(recording, out)).map(drop)
    };
    written.map_err(|error| cannot_write(path, &error))
}

/// Writes beside the file first, so that a half-written one never takes its place.
fn to_file(
    path: &Path,
    write: impl FnOnce(&mut io::BufWriter<NamedTempFile>) -> io::Result<()>,
) -> io::Result<fs::File> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files are for their owner alone; the user's umask decides who may read a report.
    let permissions = fs::Permissions::from_mode(0o666);
    let file = tempfile::Builder::new().permissions(permissions).tempfile_in(folder)?;
    let mut file = io::BufWriter::new(file);
    write(&mut file)?;
    file.flush()?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(file.persist(path)?)
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    use io::ErrorKind::{
        InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied,
        ReadOnlyFilesystem,
    };
    // A path that cannot be right stays wrong; a disk that is full may have room next time.
    let is_mistake = matches!(
        error.kind(),
        NotFound
            | PermissionDenied
            | NotADirectory
            | IsADirectory
            | ReadOnlyFilesystem
            | InvalidFilename
    );
    Failure {
        exit: if is_mistake { Exit::Usage } else { Exit::Failed },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{audit::Policy, classify::Knowledge, pipeline, report};

    fn stored(name: &str) -> Report {
        let path = format!("{}/fixtures/recordings/v1/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let recording = recording::read(fs::File::open(path).unwrap()).unwrap();
        pipeline::judge(&recording, &Knowledge::embedded(), &Policy::default())
    }

    fn destination(format: &'static Format, path: &Path) -> Destination {
        Destination { format, path: Some(path.to_owned()) }
    }

    #[test]
    fn a_folder_gets_a_file_for_each_report() {
        let reports = [stored("clean-bare"), stored("forbidden"), stored("clean-bare")];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reports/");
        let format = report::format("json").unwrap();
        check(&[&path]).unwrap();
        let mut documents = Documents::new(&[destination(format, &path)], reports.len());
        for report in &reports {
            assert!(documents.add(report).is_empty());
        }
        assert!(documents.finish().is_empty());
        let host = |at: usize| {
            Url::parse(&reports[at].scan.target).unwrap().host_str().unwrap().to_owned()
        };
        for (at, name) in [(0, host(0)), (1, host(1)), (2, format!("{}-2", host(0)))] {
            let text = fs::read_to_string(path.join(format!("{name}.json"))).unwrap();
            let read: Report = serde_json::from_str(&text).unwrap();
            assert_eq!(read.scan.target, reports[at].scan.target);
        }
    }

    #[test]
    fn the_umask_decides_who_may_read_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        to_file(&ours, |out| out.write_all(b"x")).unwrap();
        fs::write(&plain, "x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }

    #[test]
    fn a_file_is_a_whole_document_after_every_report() {
        let reports = [stored("clean-bare"), stored("forbidden"), stored("hostile-names")];
        let folder = tempfile::tempdir().unwrap();
        for format in report::FORMATS {
            let path = folder.path().join(format.name);
            let mut documents = Documents::new(&[destination(format, &path)], reports.len());
            for (n, report) in reports.iter().enumerate() {
                assert!(documents.add(report).is_empty());
                let text = fs::read_to_string(&path).unwrap();
                match format.name {
                    "json" => {
                        let so_far: Vec<Report> = serde_json::from_str(&text).unwrap();
                        assert_eq!(so_far.len(), n + 1);
                        assert_eq!(so_far[n].scan, report.scan);
                    }
                    "html" => assert!(text.ends_with("</html>\n"), "{text}"),
                    _ => assert!(text.contains(&report.scan.target)),
                }
            }
            assert!(documents.finish().is_empty());
            let mut whole = Vec::new();
            format.write(&reports, &mut whole, Style::PLAIN).unwrap();
            assert!(fs::read(&path).unwrap() == whole, "{}", format.name);
        }
    }

    #[test]
    fn what_could_not_be_written_is_written_with_the_next_report() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("away/reports.json");
        let json = report::format("json").unwrap();
        let mut documents = Documents::new(&[destination(json, &path)], 2);
        let failed = documents.add(&stored("clean-bare"));
        assert_eq!(failed.iter().map(|it| it.exit).collect::<Vec<_>>(), [Exit::Usage]);
        fs::create_dir(path.parent().unwrap()).unwrap();
        assert!(documents.add(&stored("forbidden")).is_empty());
        let reports: Vec<Report> =
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(reports.len(), 2);
    }

    #[test]
    fn a_report_that_cannot_be_made_is_an_error_wherever_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        for path in [None, Some(path)] {
            let destination = Destination { format: &report::FAILING, path };
            let mut documents = Documents::new(&[destination], 1);
            let mut failures = documents.add(&stored("clean-bare"));
            failures.extend(documents.finish());
            assert_eq!(failures.len(), 1, "{failures:?}");
            assert_eq!(failures[0].exit, Exit::Failed);
            assert!(failures[0].message.contains("no such template"), "{failures:?}");
        }
    }
}
