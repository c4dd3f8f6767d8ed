//! Browsers that scans share. One is started when a scan first needs one like it, and ends when no scan is left.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use headless_chrome::protocol::cdp::Browser as Control;
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    gather::{
        browser::{preflight, process::Browser},
        cdp::connection::Cdp,
        error::GatherError,
        record::recorder::{Hub, Setup},
    },
    recording::ThirdPartyCookies,
};

/// The browsers of several scans. Clones share them.
#[derive(Clone, Debug)]
pub struct Browsers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Held while one is started, so that scans which need one like it wait for it.
    open: tokio::sync::Mutex<Vec<Arc<OpenBrowser>>>,
    /// Scans that may still need one.
    scans: AtomicUsize,
    closing: Mutex<Vec<JoinHandle<()>>>,
}

/// How a browser is started, and what its pages are set up with.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) path: PathBuf,
    /// All that its pages are set up with follows from these.
    pub(super) flags: Vec<String>,
    pub(super) setup: Setup,
}

/// A browser that runs, or ran.
#[derive(Debug)]
pub(super) struct OpenBrowser {
    path: PathBuf,
    flags: Vec<String>,
    /// Whether it is for one scan alone.
    is_alone: bool,
    /// Scans that use it.
    users: AtomicUsize,
    process: Mutex<Option<Browser>>,
    pub(super) cdp: Cdp,
    pub(super) hub: Arc<Hub>,
    /// What it says it is.
    pub(super) product: String,
    /// Whether it is the build without windows.
    pub(super) headless_shell: bool,
    third_party_cookies: watch::Receiver<Option<ThirdPartyCookies>>,
}

impl Browsers {
    /// For so many scans.
    pub fn for_scans(scans: usize) -> Self {
        Self(Arc::new(Inner {
            open: tokio::sync::Mutex::default(),
            scans: AtomicUsize::new(scans),
            closing: Mutex::default(),
        }))
    }

    /// A browser that was launched so; with others in it, unless it is to be used `alone`. Whoever gets it gives it back
    /// by [`OpenBrowser::give_back`].
    pub(super) async fn get(
        &self,
        launch: &Launch,
        alone: bool,
    ) -> Result<Arc<OpenBrowser>, GatherError> {
        let mut open = self.0.open.lock().await;
        let found = open.iter().find(|it| {
            let is_like_it = it.path == launch.path && it.flags == launch.flags;
            is_like_it && !alone && !it.is_alone && !it.cdp.is_closed()
        });
        if let Some(found) = found {
            found.users.fetch_add(1, Ordering::SeqCst);
            return Ok(Arc::clone(found));
        }
        let started = Arc::new(OpenBrowser::start(launch, alone).await?);
        open.push(Arc::clone(&started));
        Ok(started)
    }

    /// A scan needs no browser any more. After the last they end, while whoever scanned does what is left to do.
    pub(super) async fn end_scan(&self) {
        let before = self.0.scans.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |scans| {
            Some(scans.saturating_sub(1))
        });
        if before.is_ok_and(|before| before <= 1) {
            self.end_all().await;
        }
    }

    /// Ends all of them and waits until they have.
    pub async fn close(&self) {
        self.end_all().await;
        let closing = std::mem::take(&mut *lock(&self.0.closing));
        for closed in closing {
            // A panic while one ends changes nothing of what was seen.
            let _ = closed.await;
        }
    }

    async fn end_all(&self) {
        for open in self.0.open.lock().await.drain(..) {
            let Some(process) = lock(&open.process).take() else { continue };
            let closed = tokio::spawn(async move { process.close(&open.cdp).await });
            lock(&self.0.closing).push(closed);
        }
    }
}

impl OpenBrowser {
    async fn start(launch: &Launch, is_alone: bool) -> Result<Self, GatherError> {
        let (browser, cdp, events) = Browser::launch(&launch.path, &launch.flags)?;
        let version = cdp.send("", &Control::GetVersion(None), Duration::from_secs(30)).await;
        let product = match version {
            Ok(answer) => answer["product"].as_str().unwrap_or_default().to_owned(),
            Err(_) => return Err(browser.ended()),
        };
        let hub = Hub::start(cdp.clone(), events, launch.setup.clone()).await;
        let (hub, mut others) = hub.map_err(|_| browser.ended())?;
        // Beside the first pages of the scan, which do not depend on it.
        let (answer, third_party_cookies) = watch::channel(None);
        let asked = cdp.clone();
        tokio::spawn(async move {
            let known = preflight::third_party_cookies(&asked, &mut others).await;
            // Nobody may want to know any more.
            let _ = answer.send(Some(known));
        });
        Ok(Self {
            path: launch.path.clone(),
            flags: launch.flags.clone(),
            is_alone,
            users: AtomicUsize::new(1),
            headless_shell: browser.headless_shell,
            hub,
            process: Mutex::new(Some(browser)),
            cdp,
            product,
            third_party_cookies,
        })
    }

    /// Whether a third party's cookie sticks in it.
    pub(super) async fn third_party_cookies(&self) -> ThirdPartyCookies {
        let mut answer = self.third_party_cookies.clone();
        let known = answer.wait_for(Option::is_some).await.ok().and_then(|it| it.clone());
        known.unwrap_or_else(|| ThirdPartyCookies::Unknown {
            why: "the preflight did not end".to_owned(),
        })
    }

    /// A scan needs it no more. `ended`: it was told to stop, so that after the last one nothing need be left in good order.
    pub(super) fn give_back(&self, ended: bool) {
        if self.users.fetch_sub(1, Ordering::SeqCst) == 1 && ended {
            self.kill();
        }
    }

    /// Ends it at once if no other scan uses it; otherwise it goes on for the others.
    pub(super) fn kill_if_unshared(&self) {
        if self.users.load(Ordering::SeqCst) <= 1 {
            self.kill();
        }
    }

    fn kill(&self) {
        if let Some(process) = &*lock(&self.process) {
            process.kill();
        }
    }
}

fn lock<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A panic elsewhere cannot leave either half-written.
    it.lock().unwrap_or_else(PoisonError::into_inner)
}
