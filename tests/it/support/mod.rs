//! Scans fixture sites with the real program and says where its answers are not the expected ones.

#![allow(dead_code, reason = "each test file uses its part of what they share")]

pub(crate) mod banners;
mod check;
pub(crate) mod dialogs;
pub(crate) mod stage;
mod truth;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

#[allow(unused_imports, reason = "as above")]
pub(crate) use check::mismatches;
use crumbcheck::{
    demo::{Hit, Site, SiteServer},
    recording::{self, Recording},
};
use serde_json::Value;
#[allow(unused_imports, reason = "as above")]
pub(crate) use truth::differences;

/// Longest a scan of a fixture site may take, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(240);

/// Where a scan writes its recording, unless it is told otherwise.
const RECORD: &str = "scan.json";

/// Who has the machine: the name of a group of tests, and how many of its tests are at work.
static BUSY: Mutex<(&str, usize)> = Mutex::new(("", 0));
static FREE: Condvar = Condvar::new();

/// The machine, for the tests of one group; see [`turn`].
#[derive(Debug)]
pub(crate) struct Turn;

/// Waits until no test of another group has a browser at work. What is measured in one group must not depend on the
/// browsers of another.
pub(crate) fn turn(group: &'static str) -> Turn {
    let mut busy = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
    while busy.1 > 0 && busy.0 != group {
        busy = FREE.wait(busy).unwrap_or_else(PoisonError::into_inner);
    }
    *busy = (group, busy.1 + 1);
    Turn
}

impl Drop for Turn {
    fn drop(&mut self) {
        BUSY.lock().unwrap_or_else(PoisonError::into_inner).1 -= 1;
        FREE.notify_all();
    }
}

/// What came of one run of the program.
#[derive(Debug)]
pub(crate) struct Run {
    /// What it exited with; `None` if it was killed, by us or otherwise.
    pub(crate) code: Option<i32>,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it said beside that.
    pub(crate) stderr: String,
    /// What it printed, read as JSON, if it is.
    pub(crate) json: Option<Value>,
    /// What the site's server was asked for meanwhile.
    pub(crate) hits: Vec<Hit>,
    /// What it recorded, if it was told to and did.
    pub(crate) recording: Option<Recording>,
    /// What it left in the folder for temporary files.
    pub(crate) left_behind: Vec<String>,
}

/// Every site under `fixtures/sites`, by name.
pub(crate) fn all_sites() -> Vec<Site> {
    let mut names: Vec<_> = fs::read_dir(fixtures().join("sites"))
        .expect("fixtures/sites")
        .map(|entry| entry.expect("readable entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("plain name"))
        .collect();
    names.sort();
    names.iter().map(|name| site(name)).collect()
}

/// The site in the folder `name` under `fixtures/sites`.
pub(crate) fn site(name: &str) -> Site {
    fixture(&format!("sites/{name}"))
}

/// The site in the folder `path` under `fixtures`.
pub(crate) fn fixture(path: &str) -> Site {
    let loaded = Site::from_dir(&fixtures().join(path), &fixtures().join("hosts"));
    loaded.unwrap_or_else(|why| {
        let cause = std::error::Error::source(&why).map(ToString::to_string).unwrap_or_default();
        panic!("{why}: {cause}")
    })
}

/// Scans a site, with further arguments, and returns its JSON report among other things.
pub(crate) fn scan(site: &Site, args: &[&str]) -> Run {
    let server = SiteServer::start(site.clone()).expect("a free port on the loopback interface");
    let mut all = vec!["scan".to_owned(), site.start.to_string()];
    all.extend(["--connect-to".to_owned(), server.connect_to()]);
    all.extend(["--dns-server".to_owned(), server.name_server().to_string()]);
    all.extend(["--insecure", "--no-progress", "--report", "json"].map(str::to_owned));
    for page in &site.pages {
        let page = site.start.join(page).expect("checked when the site was read");
        all.extend(["--page".to_owned(), page.to_string()]);
    }
    let told = |name: &str| args.contains(&name) || site.args.iter().any(|it| it == name);
    if !told("--record") {
        all.extend(["--record", RECORD].map(str::to_owned));
    }
    all.extend(site.args.iter().cloned());
    all.extend(args.iter().map(|&arg| arg.to_owned()));
    let mut run = crumbcheck(&all);
    run.hits = server.log();
    run
}

/// Runs the program with `args`, away from this source tree.
pub(crate) fn crumbcheck(args: &[String]) -> Run {
    let home = tempfile::tempdir().expect("a temporary folder");
    let temporary = home.path().join("tmp");
    fs::create_dir(&temporary).expect("a new folder");
    // Files and not pipes: a full pipe nobody reads would stop the program.
    let (out, err) = (home.path().join("stdout"), home.path().join("stderr"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_crumbcheck"))
        .args(args)
        .current_dir(home.path())
        .env("HOME", home.path())
        .env("TMPDIR", &temporary)
        .env("NO_COLOR", "1")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_STATE_HOME")
        .stdin(Stdio::null())
        .stdout(File::create(&out).expect("a new file"))
        .stderr(File::create(&err).expect("a new file"))
        .spawn()
        .expect("the program starts");

    let started = Instant::now();
    let status = loop {
        match child.try_wait().expect("a child to wait for") {
            Some(status) => break status,
            None if started.elapsed() > PATIENCE => {
                child.kill().expect("a child to kill");
                break child.wait().expect("a child to wait for");
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    let stdout = read(&out);
    Run {
        code: status.code(),
        json: serde_json::from_str(&stdout).ok(),
        stdout,
        stderr: read(&err),
        hits: Vec::new(),
        recording: fs::read(home.path().join(RECORD)).ok().map(|bytes| read_recording(&bytes)),
        left_behind: names(&temporary),
    }
}

/// Every text file of a site, with its path.
pub(crate) fn texts(site: &Site) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    go(&mut texts, &fixtures().join("sites").join(&site.name));
    return texts;

    fn go(texts: &mut Vec<(String, String)>, dir: &Path) {
        for entry in fs::read_dir(dir).expect("a readable folder") {
            let path = entry.expect("readable entry").path();
            if path.is_dir() {
                go(texts, &path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                texts.push((path.display().to_string(), text));
            }
        }
    }
}

fn read_recording(bytes: &[u8]) -> Recording {
    recording::read(bytes).unwrap_or_else(|why| panic!("the recording cannot be read: {why}"))
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).expect("the file made above")).into_owned()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .expect("the folder made above")
        .map(|entry| entry.expect("readable entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Every file under `path`, or `path` itself if it is one.
pub(crate) fn files_under(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut below: Vec<PathBuf> = fs::read_dir(path)
        .unwrap_or_else(|why| panic!("{}: {why}", path.display()))
        .map(|entry| entry.expect("readable entry").path())
        .collect();
    below.sort();
    below.iter().flat_map(|path| files_under(path)).collect()
}
