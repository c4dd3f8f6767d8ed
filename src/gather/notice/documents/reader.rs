//! Reads documents in a process of their own, with limits on memory and time: a PDF of a few kilobytes can unpack to
//! gigabytes, and some send the library round in circles.

use std::{
    io,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
};

use super::{
    content::{content, is_document},
    error::DocumentError,
};
use crate::gather::{notice::off_the_runtime, settings::DocumentReader};

/// Address space of the process that reads a document, in bytes.
const MOST_MEMORY: u64 = 1 << 30;
/// Seconds of computing that it may use.
const MOST_SECONDS: u64 = 20;
/// Longest it may take altogether, on a machine that does other things too.
const LONGEST: Duration = Duration::from_secs(40);
/// Longest text that is taken from it.
const MOST_TEXT: u64 = 32 << 20;

impl DocumentReader {
    /// The HTML or text of a notice, as [`content`] has it. Text and pages are read in this process in any case.
    ///
    /// # Errors
    /// If it is no text and no document that can be read within the limits.
    pub async fn read(&self, name: &str, bytes: Vec<u8>) -> Result<String, DocumentError> {
        match self {
            Self::Process { program } if is_document(&bytes) => {
                by_process(program, name, bytes).await
            }
            _ => {
                let name = name.to_owned();
                off_the_runtime(move || content(&name, &bytes)).await
            }
        }
    }
}

/// Limits what this process may use to what a document may take.
///
/// # Errors
/// If the system does not let it.
pub fn limit_this_process() -> io::Result<()> {
    let limit =
        |resource, most| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    limit(Resource::As, MOST_MEMORY)?;
    limit(Resource::Cpu, MOST_SECONDS)?;
    // What it leaves behind if it dies would be the stranger's document.
    limit(Resource::Core, 0)?;
    // It writes to standard output, which is a pipe, and to no file.
    limit(Resource::Fsize, 0)?;
    Ok(())
}

async fn by_process(program: &Path, name: &str, bytes: Vec<u8>) -> Result<String, DocumentError> {
    let failed = |error: io::Error| {
        DocumentError::Reader(format!("the process that reads documents failed: {error}"))
    };
    let mut child = Command::new(program)
        .arg("read-document")
        .arg("--")
        .arg(name)
        // It needs nothing of ours.
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let (Some(mut input), Some(output)) = (input, output) else {
        return Err(failed(io::Error::other("it has no pipes")));
    };
    let write = async move {
        // If it died meanwhile, its exit code says why.
        let _ = input.write_all(&bytes).await;
    };
    let read = async move {
        let mut text = Vec::new();
        output.take(MOST_TEXT).read_to_end(&mut text).await.map(|_| text)
    };
    let work = async {
        let ((), text) = tokio::join!(write, read);
        // A process with more to say is stopped by the pipe that nobody reads any more.
        Ok((text?, child.wait().await?))
    };
    let ended = tokio::time::timeout(LONGEST, work).await;
    let (text, status) = match ended {
        Ok(ended) => ended.map_err(failed)?,
        Err(_) => return Err(DocumentError::Reader(too_long())),
    };
    let text = String::from_utf8_lossy(&text).into_owned();
    if status.success() { Ok(text) } else { Err(DocumentError::Reader(why(status, text))) }
}

fn too_long() -> String {
    format!("reading the document took more than {MOST_SECONDS} s")
}

/// Why there is no text: the process says so itself unless a limit ended it.
fn why(status: ExitStatus, said: String) -> String {
    const ABORTED: i32 = rustix::process::Signal::ABORT.as_raw();
    const KILLED: i32 = rustix::process::Signal::KILL.as_raw();
    const OUT_OF_TIME: i32 = rustix::process::Signal::XCPU.as_raw();
    match status.signal() {
        Some(KILLED | OUT_OF_TIME) => too_long(),
        // An allocation that fails ends the process, and so does a stack that is full.
        Some(ABORTED) => {
            format!("reading the document takes more than {} MiB of memory", MOST_MEMORY >> 20)
        }
        _ if said.is_empty() => format!("the process that reads documents ended with {status}"),
        _ => said,
    }
}
