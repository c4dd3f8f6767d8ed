//! Finds, starts and ends Chromium. It has a throw-away profile and speaks over a pipe, so it ends
//! with us even if we are killed.

use std::{
    env, fs,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use command_fds::{CommandFdExt as _, FdMapping};
use headless_chrome::{browser::default_executable, protocol::cdp::Browser as Control};
use rustix::process::{Pid, Signal, geteuid, kill_process_group, test_kill_process};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

use super::{
    cdp::{Cdp, CdpEvent},
    error::GatherError,
};

/// How a profile of ours is called, so that one left behind can be told from everything else.
const PREFIX: &str = "crumbcheck-profile-";

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
    // One process for all frames of a page, so that what a frame does as it goes is still told.
    "--disable-site-isolation-trials",
    // The first two would drop the beacons of a page that is left.
    "--disable-features=RenderDocument,BackForwardCache,Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider",
];

/// Third-party cookies as most visitors' browsers have them; Debian's Chromium, and every fresh
/// browser context, blocks them otherwise.
const PREFERENCES: &str = r#"{"profile":{"cookie_controls_mode":0,"block_third_party_cookies":false},"signin":{"allowed":false},"credentials_enable_service":false}"#;

/// A running browser. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Browser {
    child: Child,
    group: Option<Pid>,
    profile: Option<TempDir>,
    /// Whether it is the windowless build.
    pub(super) headless_shell: bool,
    said: Arc<Mutex<String>>,
    executable: PathBuf,
}

/// A browser, the connection to it, and what it tells.
pub(super) type Started = (Browser, Cdp, mpsc::UnboundedReceiver<CdpEvent>);

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
pub(super) async fn version(path: &Path) -> Result<String, GatherError> {
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
    pub(super) fn launch(path: &Path, flags: &[String]) -> Result<Started, GatherError> {
        let failed = |source| GatherError::Launch { path: path.to_owned(), source };
        let profile = profile()?;
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
    pub(super) fn ended(&self) -> GatherError {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        GatherError::Startup {
            path: self.executable.clone(),
            said: last.chars().take(300).collect(),
        }
    }

    /// Ends every process of the browser at once; the connection to it closes by that.
    pub(super) fn kill(&self) {
        if let Some(group) = self.group {
            // An error means that there is nothing left to end.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Ends the browser in an orderly way.
    pub(super) async fn close(mut self, cdp: &Cdp) {
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
        let path = profile.keep();
        // Processes that are being ended may still write for a moment.
        for _ in 0..50 {
            let _ = self.child.try_wait();
            if fs::remove_dir_all(&path).is_ok() || !path.exists() {
                return;
            }
            pause(Duration::from_millis(20));
        }
    }
}

/// Waits in a destructor, where nothing can be awaited.
fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// A fresh profile, seeded, with our process id in it.
fn profile() -> Result<TempDir, GatherError> {
    let place = env::temp_dir();
    let failed = |source| GatherError::Profile { path: place.clone(), source };
    sweep(&place);
    let profile = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&place).map_err(failed)?;
    let defaults = profile.path().join("Default");
    fs::create_dir_all(&defaults).map_err(failed)?;
    fs::write(defaults.join("Preferences"), PREFERENCES).map_err(failed)?;
    fs::write(profile.path().join("owner"), std::process::id().to_string()).map_err(failed)?;
    Ok(profile)
}

/// Removes profiles whose owners were killed before they could.
fn sweep(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let owner = fs::read_to_string(entry.path().join("owner"))
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .and_then(Pid::from_raw);
        // A profile without an owner is one that is being made.
        if owner.is_some_and(|owner| test_kill_process(owner).is_err()) {
            let _ = fs::remove_dir_all(entry.path());
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_owners_profile_is_swept_and_a_live_ones_is_not() {
        let place = tempfile::tempdir().unwrap();
        let make = |name: &str, owner: &str| {
            let dir = place.path().join(format!("{PREFIX}{name}"));
            fs::create_dir(&dir).unwrap();
            fs::write(dir.join("owner"), owner).unwrap();
            dir
        };
        let live = make("live", &std::process::id().to_string());
        // The largest process id Linux can give is below this one.
        let dead = make("dead", "4194400");
        let other = place.path().join("somebody-elses");
        fs::create_dir(&other).unwrap();
        sweep(place.path());
        assert!(live.exists() && other.exists() && !dead.exists());
    }
}
