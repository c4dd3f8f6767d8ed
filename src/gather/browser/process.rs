//! Finds, starts and ends Chromium. It has a throw-away profile and speaks over a pipe, so it ends
//! with us even if we are killed.

use std::{
    env,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use command_fds::{CommandFdExt as _, FdMapping};
use headless_chrome::{browser::default_executable, protocol::cdp::Browser as Control};
use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use tokio::{
    io::{AsyncReadExt as _, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

use super::profile::Profile;
use crate::gather::{
    cdp::connection::{Cdp, CdpEvent},
    error::GatherError,
    settings::DISABLED_FEATURES,
};

/// Debian's name on the PATH, a shell script that stays in between, so that ending it would leave
/// the browser running; and where the browser itself is.
const WRAPPED: (&str, &str) =
    ("chromium-headless-shell", "/usr/lib/chromium/chromium-headless-shell");

/// Names to look for on the PATH, best first.
const NAMES: [&str; 6] = [
    "chrome-headless-shell",
    "headless_shell",
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
];

/// Flags of every launch. They keep the browser from talking to anyone of its own accord.
const FLAGS: [&str; 22] = [
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-client-side-phishing-detection",
    "--disable-domain-reliability",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-dev-shm-usage",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
    "--mute-audio",
    // Consent libraries hide their banner from a browser that says it is driven.
    "--disable-blink-features=AutomationControlled",
    // One process for all frames of a page, so that what a frame does as it goes is still reported.
    "--disable-site-isolation-trials",
    DISABLED_FEATURES,
];

/// A running browser. It ends when this is dropped.
#[derive(Debug)]
pub(in crate::gather) struct Browser {
    child: Child,
    group: Option<Pid>,
    profile: Option<Profile>,
    /// Whether it is the windowless build.
    pub(in crate::gather) headless_shell: bool,
    said: Arc<Mutex<String>>,
    executable: PathBuf,
}

/// A browser, the connection to it, and its events.
pub(in crate::gather) type Started = (Browser, Cdp, mpsc::Receiver<CdpEvent>);

/// The executable to use: the one the user named, or the best that is installed.
///
/// # Errors
/// If there is none.
pub fn find(named: Option<&Path>) -> Result<PathBuf, GatherError> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let search = env::var_os("PATH").unwrap_or_default();
    let found = NAMES
        .iter()
        .flat_map(|name| env::split_paths(&search).map(move |dir| dir.join(name)))
        .find(|path| path.is_file())
        .or_else(|| default_executable().ok())
        .ok_or(GatherError::NoBrowser)?;
    let (script, behind_it) = WRAPPED;
    if found.ends_with(script) && Path::new(behind_it).is_file() {
        return Ok(behind_it.into());
    }
    Ok(found)
}

/// The version that `path` says it is, such as `156.0.8078.79`.
pub(in crate::gather) async fn version(path: &Path) -> Result<String, GatherError> {
    let launch = |source| GatherError::Launch { path: path.to_owned(), source };
    let mut command = Command::new(path);
    command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(20), command.output())
        .await
        .map_err(|elapsed| launch(elapsed.into()))?
        .map_err(launch)?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'))
        .map(str::to_owned)
        .ok_or_else(|| GatherError::Startup {
            path: path.to_owned(),
            said: "asked for its version, it named none".to_owned(),
        })
}

impl Browser {
    /// Starts the browser and connects to it.
    pub(in crate::gather) fn launch(path: &Path, flags: &[String]) -> Result<Started, GatherError> {
        let failed = |source| GatherError::Launch { path: path.to_owned(), source };
        let profile = Profile::create()?;
        let (browser_reads, ours_to_write) = std::io::pipe().map_err(failed)?;
        let (answers, browser_writes) = std::io::pipe().map_err(failed)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let headless_shell = name.contains("headless");

        let mut command = Command::new(path);
        if !headless_shell {
            command.arg("--headless");
        }
        if geteuid().is_root() {
            // Chromium does not start its sandbox for root.
            command.arg("--no-sandbox");
        }
        command
            .args(FLAGS)
            .args(flags)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .fd_mappings(vec![
                FdMapping { parent_fd: OwnedFd::from(browser_reads), child_fd: 3 },
                FdMapping { parent_fd: OwnedFd::from(browser_writes), child_fd: 4 },
            ])
            .map_err(|_| failed(std::io::ErrorKind::AlreadyExists.into()))?;
        let mut child = command.spawn().map_err(failed)?;
        // The command holds the browser's ends of the pipes; while it lives we would not see it go.
        drop(command);
        let said = listen(&mut child);
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let browser = Self {
            child,
            group,
            profile: Some(profile),
            headless_shell,
            said,
            executable: path.to_owned(),
        };
        let (cdp, events) =
            Cdp::connect(OwnedFd::from(answers), OwnedFd::from(ours_to_write)).map_err(failed)?;
        Ok((browser, cdp, events))
    }

    /// Why it ended, in its own words.
    pub(in crate::gather) fn ended(&self) -> GatherError {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        GatherError::Startup {
            path: self.executable.clone(),
            said: last.chars().take(300).collect(),
        }
    }

    /// Ends every process of the browser at once; the connection to it closes by that.
    pub(in crate::gather) fn kill(&self) {
        if let Some(group) = self.group {
            // An error means that there is nothing left to end.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Ends the browser in an orderly way.
    pub(in crate::gather) async fn close(mut self, cdp: &Cdp) {
        let limit = Duration::from_secs(3);
        // Whether or not it obeys, dropping it ends it.
        let _ = cdp.send("", &Control::Close(None), limit).await;
        let _ = tokio::time::timeout(limit, self.child.wait()).await;
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
    }
}

impl Drop for Browser {
    /// Ends every process of the browser and removes the profile, on every path.
    fn drop(&mut self) {
        self.kill();
        let _ = self.child.start_kill();
        let Some(profile) = self.profile.take() else { return };
        // Processes that are being ended may still write for a moment.
        profile.remove(|| {
            let _ = self.child.try_wait();
        });
    }
}

/// Keeps the last of what the browser says on its standard error.
fn listen(child: &mut Child) -> Arc<Mutex<String>> {
    const KEPT: usize = 4096;
    let said = Arc::new(Mutex::new(String::new()));
    if let Some(errors) = child.stderr.take() {
        let said = Arc::clone(&said);
        tokio::spawn(async move {
            let mut errors = BufReader::new(errors);
            let mut chunk = [0; 1024];
            while let Ok(length @ 1..) = errors.read(&mut chunk).await {
                let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                said.push_str(&String::from_utf8_lossy(&chunk[..length]));
                if said.len() > KEPT {
                    let cut = said.len() - KEPT;
                    let cut = (cut..said.len()).find(|&at| said.is_char_boundary(at)).unwrap_or(0);
                    said.drain(..cut);
                }
            }
        });
    }
    said
}
