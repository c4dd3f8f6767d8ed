//! One flat connection to the browser over its debugging pipe. Commands are the generated types of
//! `headless_chrome`; answers and events are untyped JSON, because a field that Chromium renames
//! must not make us lose the event that carries it.

use std::{
    collections::HashMap,
    mem::take,
    os::fd::OwnedFd,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use headless_chrome::protocol::cdp::{Page::Navigate, types::Method};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::unix::pipe,
    sync::{mpsc, oneshot, watch},
};

use super::messages::Messages;

/// Why a command has no result.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum CdpError {
    /// The browser is gone.
    #[error("{0}: the browser is gone")]
    Closed(&'static str),
    /// The browser, or the page, did not answer in time.
    #[error("{0}: no answer within {1:?}")]
    TimedOut(&'static str, Duration),
    /// The browser answered with an error.
    #[error("{0}: {1}")]
    Refused(&'static str, String),
}

/// Something the browser told us unasked.
#[derive(Debug)]
pub(crate) struct CdpEvent {
    /// Session it belongs to; empty for the browser itself.
    pub(crate) session: String,
    /// Its name.
    pub(crate) method: String,
    /// What it says.
    pub(crate) params: Value,
}

/// A page that leaves a question unanswered for so long does not answer questions.
const TELLING: Duration = Duration::from_secs(2);

/// How long a page that left a question unanswered may take over the next. Each question that it is asked
/// would cost its whole limit otherwise, and a scan asks dozens.
const ONCE_MORE: Duration = Duration::from_millis(250);

type Answer = Result<Value, CdpError>;

/// Who waits for answers, and who lets us wait.
#[derive(Debug, Default)]
struct Asked {
    /// Name and asker of each command that was not answered yet; nobody may wait any more.
    pending: HashMap<u64, (&'static str, oneshot::Sender<Answer>)>,
    /// Sessions that left a command unanswered, until they answer one of its name: others may be answered by the
    /// browser in place of the page.
    mute: HashMap<String, &'static str>,
}

/// The connection. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Cdp {
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    /// `None` once the browser is gone.
    asked: Arc<Mutex<Option<Asked>>>,
    next: Arc<AtomicU64>,
    closed: watch::Receiver<bool>,
    unreadable: Arc<AtomicU64>,
}

impl Cdp {
    /// Speaks over `from` and `to`, the ends of the pipes that Chromium has as descriptors 4 and 3.
    pub(crate) fn connect(
        from: OwnedFd,
        to: OwnedFd,
    ) -> std::io::Result<(Self, mpsc::UnboundedReceiver<CdpEvent>)> {
        let mut from = pipe::Receiver::from_owned_fd(from)?;
        let mut to = pipe::Sender::from_owned_fd(to)?;
        let (outgoing, mut queue) = mpsc::unbounded_channel::<Vec<u8>>();
        let (events, incoming) = mpsc::unbounded_channel();
        let (gone, closed) = watch::channel(false);
        let cdp = Self {
            outgoing,
            asked: Arc::new(Mutex::new(Some(Asked::default()))),
            next: Arc::new(AtomicU64::new(1)),
            closed,
            unreadable: Arc::default(),
        };
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if to.write_all(&message).await.is_err() {
                    break;
                }
            }
        });
        let reader = cdp.clone();
        tokio::spawn(async move {
            let mut messages = Messages::new();
            let mut read = vec![0; 1 << 16];
            while let Ok(length @ 1..) = from.read(&mut read).await {
                messages.take(&read[..length], |message| reader.receive(message, &events));
                reader.unreadable.fetch_add(take(&mut messages.missed), Ordering::Relaxed);
            }
            reader.fail_all();
            let _ = gone.send(true);
        });
        Ok((cdp, incoming))
    }

    /// Sends a command at once; the future waits for its answer, `limit` at most. A session that owes an answer is
    /// given [`ONCE_MORE`] at most, until it gives one or goes to another page.
    pub(crate) fn send<C: Method + Serialize>(
        &self,
        session: &str,
        command: &C,
        limit: Duration,
    ) -> impl Future<Output = Answer> + Send + use<C> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        let session = session.to_owned();
        let mut limit = limit;
        let known = match self.lock().as_mut() {
            Some(asked) => {
                asked.pending.insert(id, (C::NAME, answer));
                if C::NAME == Navigate::NAME {
                    // The browser answers, and another page will.
                    asked.mute.remove(&session);
                } else if asked.mute.contains_key(&session) {
                    limit = limit.min(ONCE_MORE);
                }
                true
            }
            None => false,
        };
        let sent = known && self.outgoing.send(encode(id, &session, command)).is_ok();
        let asked = Arc::clone(&self.asked);
        async move {
            if !sent {
                return Err(CdpError::Closed(C::NAME));
            }
            match tokio::time::timeout(limit, answered).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(CdpError::Closed(C::NAME)),
                Err(_) => {
                    // A page that takes long to load may answer well.
                    if limit >= TELLING && C::NAME != Navigate::NAME {
                        let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
                        if let Some(asked) = asked.as_mut() {
                            asked.mute.insert(session, C::NAME);
                        }
                    }
                    Err(CdpError::TimedOut(C::NAME, limit))
                }
            }
        }
    }

    /// Sends a command whose answer nobody waits for.
    pub(crate) fn fire<C: Method + Serialize>(&self, session: &str, command: &C) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let _ = self.outgoing.send(encode(id, session, command));
    }

    /// Whether the browser is gone.
    pub(crate) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Returns when the browser is gone.
    pub(crate) async fn closed(&self) {
        let mut closed = self.closed.clone();
        // An error means that the reader is gone, which comes to the same.
        let _ = closed.wait_for(|gone| *gone).await;
    }

    /// How many messages were not JSON, or too long.
    pub(crate) fn unreadable(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    fn receive(&self, message: &[u8], events: &mpsc::UnboundedSender<CdpEvent>) {
        // Pages can put lone surrogates into messages; the rest of the message still counts.
        let text = String::from_utf8_lossy(message);
        let Ok(mut message) = serde_json::from_str::<Value>(&text) else {
            self.unreadable.fetch_add(1, Ordering::Relaxed);
            return;
        };
        if let Some(id) = message["id"].as_u64() {
            let session = message["sessionId"].as_str().unwrap_or_default();
            let waiting = self.lock().as_mut().and_then(|asked| {
                let waiting = asked.pending.remove(&id)?;
                // Late as it may be, it is an answer.
                if asked.mute.get(session) == Some(&waiting.0) {
                    asked.mute.remove(session);
                }
                Some(waiting)
            });
            if let Some((name, waiting)) = waiting {
                let answer = match message["error"]["message"].as_str() {
                    Some(error) => Err(CdpError::Refused(name, error.to_owned())),
                    None => Ok(message["result"].take()),
                };
                let _ = waiting.send(answer);
            }
        } else if let Some(method) = message["method"].as_str().map(str::to_owned) {
            let session = message["sessionId"].as_str().unwrap_or_default().to_owned();
            let _ = events.send(CdpEvent { session, method, params: message["params"].take() });
        }
    }

    fn fail_all(&self) {
        let asked = self.lock().take().unwrap_or_default();
        for (name, waiting) in asked.pending.into_values() {
            let _ = waiting.send(Err(CdpError::Closed(name)));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Asked>> {
        // A panic elsewhere cannot leave the table half-written.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn encode<C: Method + Serialize>(id: u64, session: &str, command: &C) -> Vec<u8> {
    // Commands without parameters serialise as null, which Chromium does not take.
    let params = match serde_json::to_value(command) {
        Ok(Value::Object(params)) => Value::Object(params),
        _ => json!({}),
    };
    let mut message = json!({ "id": id, "method": C::NAME, "params": params });
    if !session.is_empty() {
        message["sessionId"] = json!(session);
    }
    let mut bytes = message.to_string().into_bytes();
    bytes.push(0);
    bytes
}
