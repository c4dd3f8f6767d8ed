use std::{io, path::PathBuf, time::Duration};

/// Why a scan could not be carried out.
///
/// A pass that only partly worked is not an error: it is a recording with problems in it.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// No browser to drive.
    #[error("no Chrome or Chromium found")]
    NoBrowser,
    /// The browser exists but does not start.
    #[error("could not start {}", path.display())]
    Launch {
        /// The executable.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The browser started and ended at once.
    #[error("{} ended before it was ready: {said}", path.display())]
    Startup {
        /// The executable.
        path: PathBuf,
        /// The last it said.
        said: String,
    },
    /// The browser went away.
    #[error("the browser went away during the scan")]
    BrowserGone,
    /// The user did not want to wait.
    #[error("the scan was broken off")]
    BrokenOff,
    /// The scan took longer than it may.
    #[error("the scan took longer than {} s and was ended", .0.as_secs())]
    OutOfTime(Duration),
    /// The start page could not be observed in any pass.
    #[error("{url}: {why}")]
    NotObserved {
        /// The address that was opened.
        url: String,
        /// What happened.
        why: String,
        /// What the user can do about it.
        help: &'static str,
    },
    /// The throw-away profile could not be written.
    #[error("could not make a temporary profile in {}", path.display())]
    Profile {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The connection for fetching pages outside the browser could not be set up.
    #[error("could not set up the connection")]
    Client(#[source] reqwest::Error),
    /// A public site led to an address inside a network.
    #[error("{url} leads to {address}, which is inside a network and was not contacted")]
    PrivateAddress {
        /// The address that was asked for.
        url: String,
        /// Where it leads.
        address: std::net::IpAddr,
    },
    /// A page could not be fetched outside the browser.
    #[error("{url}: {why}")]
    Fetch {
        /// Its address.
        url: String,
        /// What happened.
        why: String,
    },
}

impl GatherError {
    /// Whether it fails again however often one tries, because what the user named is not there or is no browser.
    pub fn is_mistake(&self) -> bool {
        match self {
            Self::NoBrowser => true,
            Self::Launch { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::NotFound
                    | io::ErrorKind::PermissionDenied
                    | io::ErrorKind::NotADirectory
                    | io::ErrorKind::IsADirectory
            ),
            _ => false,
        }
    }

    /// What the user can do about it, as printed after `help:`.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoBrowser => {
                "install Chromium (Debian: `apt-get install chromium`), or name its executable with `--chrome PATH`"
            }
            Self::Launch { .. } => "check that `--chrome` names an executable Chrome or Chromium",
            Self::Startup { .. } => {
                "run it by hand to see why; in a container it may need more shared memory, or flags given after `--`"
            }
            Self::BrowserGone => {
                "scan again; if it happens again, look whether the machine ran out of memory"
            }
            Self::BrokenOff => {
                "what was seen until then is in the report and the recording, and says nothing about the rest"
            }
            Self::OutOfTime(_) => {
                "what was seen until then is in the report and the recording; give more time with `--max-time`"
            }
            Self::NotObserved { help, .. } => help,
            Self::Profile { .. } => "make room, or set TMPDIR to a directory that can be written",
            Self::Client(_) => "check `--proxy` and `--header`",
            Self::PrivateAddress { .. } => {
                "give `--allow-private` if the site may name such addresses"
            }
            Self::Fetch { .. } => "check the address, or save the page and give the file instead",
        }
    }
}
