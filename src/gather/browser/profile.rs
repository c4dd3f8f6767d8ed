//! The browser's throw-away profile. A lock on a file in it says that its owner lives, whatever process namespace
//! that is in; the lock goes when the owner does, however it ends.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::gather::error::GatherError;

/// How our profiles are called, so that one left behind is known from everything else.
const PREFIX: &str = "crumbcheck-profile-";

/// The file that the owner of a profile holds locked.
const LOCK: &str = "owner.lock";

/// A profile without a lock file may be one that is being made. After this time it is not.
const MAKING: Duration = Duration::from_secs(60);

/// Third-party cookies as most visitors' browsers have them; Debian's Chromium, and every fresh
/// browser context, blocks them otherwise.
const PREFERENCES: &str = r#"{"profile":{"cookie_controls_mode":0,"block_third_party_cookies":false},"signin":{"allowed":false},"credentials_enable_service":false}"#;

/// A profile and the lock on it.
#[derive(Debug)]
pub(super) struct Profile {
    path: PathBuf,
    _lock: File,
}

impl Profile {
    /// Makes a fresh profile in the folder for temporary files, and removes those whose owners are gone.
    pub(super) fn create() -> Result<Self, GatherError> {
        let place = env::temp_dir();
        let failed = |source| GatherError::Profile { path: place.clone(), source };
        sweep(&place);
        Self::create_in(&place).map_err(failed)
    }

    fn create_in(place: &Path) -> io::Result<Self> {
        let path = tempfile::Builder::new().prefix(PREFIX).tempdir_in(place)?.keep();
        // Under its own name there is never a lock file that nobody has locked yet.
        let making = path.join("owner.making");
        let lock = File::create(&making)?;
        lock.lock()?;
        fs::rename(making, path.join(LOCK))?;
        let profile = Self { path, _lock: lock };
        let defaults = profile.path.join("Default");
        fs::create_dir_all(&defaults)?;
        fs::write(defaults.join("Preferences"), PREFERENCES)?;
        Ok(profile)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it; `before_retry` is called before each attempt.
    pub(super) fn remove(self, mut before_retry: impl FnMut()) {
        for _ in 0..50 {
            before_retry();
            if fs::remove_dir_all(&self.path).is_ok() || !self.path.exists() {
                return;
            }
            // In a destructor nothing can be awaited.
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Removes profiles whose owners were killed before they could.
fn sweep(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_abandoned(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_abandoned(profile: &Path) -> bool {
    match OpenOptions::new().write(true).open(profile.join(LOCK)) {
        // The lock goes with its owner. Where locks do not work nothing is removed.
        Ok(lock) => lock.try_lock().is_ok(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let changed = fs::metadata(profile).and_then(|it| it.modified());
            let age = changed.ok().and_then(|it| SystemTime::now().duration_since(it).ok());
            age.is_some_and(|age| age > MAKING)
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_owners_profile_is_swept_and_a_live_ones_is_not() {
        let place = tempfile::tempdir().unwrap();
        let live = Profile::create_in(place.path()).unwrap();
        let dead = Profile::create_in(place.path()).unwrap();
        let dead_path = dead.path.clone();
        // The file closes as it does when a process ends, however it ends.
        drop(dead);
        let unfinished = place.path().join(format!("{PREFIX}unfinished"));
        let other = place.path().join("somebody-elses");
        fs::create_dir(&unfinished).unwrap();
        fs::create_dir(&other).unwrap();
        // In another process namespace the same number is somebody else, or nobody: it means nothing.
        fs::write(live.path.join("owner"), "4194400").unwrap();
        sweep(place.path());
        assert!(live.path.exists() && unfinished.exists() && other.exists());
        assert!(!dead_path.exists());
        let path = live.path.clone();
        live.remove(|| ());
        assert!(!path.exists());
    }
}
