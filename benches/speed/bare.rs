//! A bare client of the browser: it opens contexts side by side, navigates, waits for `load`, and dwells. It records
//! nothing, so it is the least that a scan can take.

use std::{
    io::{self, Read as _, Write as _},
    os::fd::OwnedFd,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

use command_fds::{CommandFdExt as _, FdMapping};
use serde_json::{Value, json};

use crate::usage::{Usage, Watcher};

/// Longest that anything may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A page to open, and how long to watch it after it has loaded.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    pub(crate) url: String,
    pub(crate) dwell: Duration,
}

struct Client {
    to: std::io::PipeWriter,
    from: Receiver<Value>,
    next: u64,
    /// Sessions whose page has loaded since it was last sent somewhere.
    loaded: Vec<String>,
}

/// Opens the pages of every context in order, the contexts side by side, and says what the browser used.
pub(crate) fn run(browser: &Path, flags: &[String], contexts: &[Vec<Stop>]) -> io::Result<Usage> {
    let started = Instant::now();
    let profile = tempfile::tempdir()?;
    let (mut child, mut client) = launch(browser, flags, profile.path())?;
    let mut watcher = Watcher::new(child.id());
    let mut sessions = Vec::new();
    for _ in contexts {
        let context = client.ask("", "Target.createBrowserContext", &json!({}))?;
        let page = json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let page = client.ask("", "Target.createTarget", &page)?;
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        let session = client.ask("", "Target.attachToTarget", &attach)?;
        let session = session["sessionId"].as_str().unwrap_or_default().to_owned();
        client.ask(&session, "Page.enable", &json!({}))?;
        sessions.push(session);
    }
    // For each context: the stop it is at, and when it may go on, once its page has loaded.
    let mut places: Vec<(usize, Option<Instant>)> = vec![(0, None); contexts.len()];
    client.loaded.clear();
    for (session, stops) in sessions.iter().zip(contexts) {
        client.go(session, &stops[0].url)?;
    }
    while places.iter().zip(contexts).any(|((at, _), stops)| *at < stops.len()) {
        client.hear(Duration::from_millis(20))?;
        watcher.look();
        for ((session, stops), (at, ends)) in sessions.iter().zip(contexts).zip(&mut places) {
            let Some(stop) = stops.get(*at) else { continue };
            if ends.is_none()
                && let Some(place) = client.loaded.iter().position(|it| it == session)
            {
                client.loaded.remove(place);
                *ends = Some(Instant::now() + stop.dwell);
            }
            if ends.is_some_and(|it| it <= Instant::now()) {
                (*at, *ends) = (*at + 1, None);
                if let Some(stop) = stops.get(*at) {
                    client.go(session, &stop.url)?;
                }
            }
        }
        if started.elapsed() > PATIENCE {
            return Err(io::Error::other("a page did not load"));
        }
    }
    watcher.look();
    client.tell("", "Browser.close", &json!({}))?;
    child.wait()?;
    let mut usage = watcher.usage(started);
    // All of it is the browser's: the client is this process.
    usage.others_cpu += usage.own_cpu;
    usage.others_peak += usage.own_peak;
    (usage.own_cpu, usage.own_peak) = (0.0, 0.0);
    Ok(usage)
}

fn launch(browser: &Path, flags: &[String], profile: &Path) -> io::Result<(Child, Client)> {
    let (reads, to) = io::pipe()?;
    let (mut answers, writes) = io::pipe()?;
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--remote-debugging-pipe", "--no-first-run"])
        .args(flags)
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("about:blank")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .fd_mappings(vec![
            FdMapping { parent_fd: OwnedFd::from(reads), child_fd: 3 },
            FdMapping { parent_fd: OwnedFd::from(writes), child_fd: 4 },
        ])
        .map_err(io::Error::other)?;
    let child = command.spawn()?;
    drop(command);
    let (told, from) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = Vec::new();
        let mut chunk = vec![0; 1 << 16];
        while let Ok(length @ 1..) = answers.read(&mut chunk) {
            buffer.extend_from_slice(&chunk[..length]);
            while let Some(end) = buffer.iter().position(|&byte| byte == 0) {
                let message: Vec<u8> = buffer.drain(..=end).collect();
                if let Ok(message) = serde_json::from_slice(&message[..end])
                    && told.send(message).is_err()
                {
                    return;
                }
            }
        }
    });
    Ok((child, Client { to, from, next: 0, loaded: Vec::new() }))
}

impl Client {
    fn tell(&mut self, session: &str, method: &str, params: &Value) -> io::Result<u64> {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": params });
        if !session.is_empty() {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes)?;
        Ok(self.next)
    }

    fn ask(&mut self, session: &str, method: &str, params: &Value) -> io::Result<Value> {
        let id = self.tell(session, method, params)?;
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(answer) = self.hear(Duration::from_millis(200))?
                && answer["id"] == id
            {
                return Ok(answer["result"].clone());
            }
        }
        Err(io::Error::other(format!("{method} was not answered")))
    }

    fn go(&mut self, session: &str, url: &str) -> io::Result<()> {
        self.loaded.retain(|it| it != session);
        self.tell(session, "Page.navigate", &json!({ "url": url })).map(drop)
    }

    fn hear(&mut self, limit: Duration) -> io::Result<Option<Value>> {
        match self.from.recv_timeout(limit) {
            Ok(message) => {
                if message["method"] == "Page.loadEventFired" {
                    let session = message["sessionId"].as_str().unwrap_or_default();
                    self.loaded.push(session.to_owned());
                }
                Ok(Some(message))
            }
            Err(mpsc::RecvTimeoutError::Timeout) => Ok(None),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                Err(io::Error::other("the browser went away"))
            }
        }
    }
}
