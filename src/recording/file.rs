use std::io::{self, Read, Write};

use serde::Deserialize;

use super::{FORMAT, Recording};

/// Why a recording could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file itself.
    #[error("could not be read")]
    Io(#[from] io::Error),
    /// Not JSON, or not a recording.
    #[error("is not a crumbcheck recording")]
    Malformed(#[source] serde_json::Error),
    /// Written by a later version.
    #[error("was written in format {found}; this version reads up to {FORMAT}")]
    Newer {
        /// The format it names.
        found: u32,
    },
}

impl ReadError {
    /// What the user can do about it, as printed after `help:`.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Io(_) => "check the path and its permissions; `-` reads standard input",
            Self::Malformed(_) => "give the file that `crumbcheck scan --record FILE` wrote",
            Self::Newer { .. } => "use the crumbcheck version that wrote it, or a later one",
        }
    }
}

/// Reads a recording.
///
/// # Errors
/// If the source cannot be read, is no recording, or one of a later format.
pub fn read(mut from: impl Read) -> Result<Recording, ReadError> {
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }

    let mut text = Vec::new();
    from.read_to_end(&mut text)?;
    // The format first: a newer file may not have today's shape at all.
    let head: Head = serde_json::from_slice(&text).map_err(ReadError::Malformed)?;
    if head.format > FORMAT {
        return Err(ReadError::Newer { found: head.format });
    }
    let mut recording: Recording = serde_json::from_slice(&text).map_err(ReadError::Malformed)?;
    let of_passes = recording.passes.iter_mut().flat_map(|pass| &mut pass.problems);
    for problem in of_passes.chain(&mut recording.problems) {
        problem.infer_kind();
    }
    Ok(recording)
}

/// Writes a recording.
///
/// # Errors
/// If the destination cannot be written.
pub fn write(recording: &Recording, mut to: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut to, recording)?;
    to.write_all(b"\n")?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::{ReadError, read};

    #[test]
    fn a_newer_format_is_named_as_such() {
        let error = read(&br#"{"format": 99, "passes": "quite another shape"}"#[..]).unwrap_err();
        assert!(matches!(error, ReadError::Newer { found: 99 }), "{error}");
    }

    #[test]
    fn anything_else_is_malformed() {
        for text in ["", "not json", "[]", r#"{"format": 1}"#] {
            assert!(matches!(read(text.as_bytes()), Err(ReadError::Malformed(_))), "{text}");
        }
    }
}
