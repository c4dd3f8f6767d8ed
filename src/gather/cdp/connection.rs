//! One flat connection to the browser over its debugging pipe. Commands are the generated types of
//! `headless_chrome`; answers and events are untyped JSON, because a field that Chromium renames
//! must not make us lose the event that carries it.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    mem::take,
    os::fd::OwnedFd,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use headless_chrome::protocol::cdp::{Page::Navigate, types::Method};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::unix::pipe,
    sync::{mpsc, oneshot, watch},
};

use super::framing::MessageSplitter;

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

/// How many events may wait to be handled; with more, the pipe is not read.
const MOST_WAITING: usize = 4096;

/// One moment by two clocks of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// By the clock that only goes forward.
    pub(crate) instant: Instant,
    /// By the clock on the wall, which pages see too.
    pub(crate) wall: SystemTime,
}

impl Moment {
    /// The present one. A thread may be interrupted between reading one clock and the other: of several tries the
    /// quickest counts.
    pub(crate) fn now() -> Self {
        let read = || {
            let (instant, wall) = (Instant::now(), SystemTime::now());
            (instant.elapsed(), Self { instant, wall })
        };
        let (mut apart, mut moment) = read();
        for _ in 0..4 {
            if apart < Duration::from_micros(50) {
                break;
            }
            let again = read();
            if again.0 < apart {
                (apart, moment) = again;
            }
        }
        moment
    }
}

/// Something that happened, as the browser reports it.
#[derive(Debug)]
pub(crate) struct CdpEvent {
    /// Session it belongs to; empty for the browser itself.
    pub(crate) session: String,
    /// When it was read from the pipe. Whoever handles it may come to it much later.
    pub(crate) read: Moment,
    /// Its name.
    pub(crate) method: String,
    /// Its parameters.
    pub(crate) params: Value,
}

/// A session that leaves a command unanswered for so long is unresponsive.
const UNRESPONSIVE: Duration = Duration::from_secs(2);

/// The limit of commands to an unresponsive session. Each would cost its whole limit otherwise, and a scan sends
/// dozens.
const BRIEFLY: Duration = Duration::from_millis(500);

/// Reads the answer to one command and hands it to whoever waits.
struct Responder(Box<Respond>);

type Respond = dyn FnOnce(Result<&RawValue, CdpError>) + Send;

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Responder")
    }
}

/// A message of the browser, as far as all are alike.
#[derive(Deserialize)]
struct Message<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "sessionId")]
    session: Option<Cow<'a, str>>,
    error: Option<Fault>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Fault {
    message: String,
}

/// Pending commands and unresponsive sessions.
#[derive(Debug, Default)]
struct Pending {
    /// Name and responder of each command without an answer.
    commands: HashMap<u64, (&'static str, Responder)>,
    /// Unresponsive sessions with the command they left unanswered. One ends when a command of that name is
    /// answered: others may be answered by the browser in place of the page.
    unresponsive: HashMap<String, &'static str>,
}

/// Returns when that is true, if ever.
async fn becomes_true(mut it: watch::Receiver<bool>) {
    if it.wait_for(|it| *it).await.is_err() {
        // Nobody is left to say so.
        std::future::pending::<()>().await;
    }
}

/// The connection. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Cdp {
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    /// `None` once the browser is gone.
    pending: Arc<Mutex<Option<Pending>>>,
    next: Arc<AtomicU64>,
    closed: watch::Receiver<bool>,
    /// Becomes true when whoever uses this clone is to stop: to it, the browser is gone then.
    stopped: watch::Receiver<bool>,
    unreadable: Arc<AtomicU64>,
}

impl Cdp {
    /// Speaks over `from` and `to`, the ends of the pipes that Chromium has as descriptors 4 and 3.
    pub(crate) fn connect(
        from: OwnedFd,
        to: OwnedFd,
    ) -> std::io::Result<(Self, mpsc::Receiver<CdpEvent>)> {
        let mut from = pipe::Receiver::from_owned_fd(from)?;
        let mut to = pipe::Sender::from_owned_fd(to)?;
        let (outgoing, mut queue) = mpsc::unbounded_channel::<Vec<u8>>();
        let (events, incoming) = mpsc::channel(MOST_WAITING);
        let (gone, closed) = watch::channel(false);
        let cdp = Self {
            outgoing,
            pending: Arc::new(Mutex::new(Some(Pending::default()))),
            next: Arc::new(AtomicU64::new(1)),
            closed,
            // Nobody can stop this one.
            stopped: watch::channel(false).1,
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
            let mut messages = MessageSplitter::new();
            let mut bytes = vec![0; 1 << 16];
            let mut batch = Vec::new();
            while let Ok(length @ 1..) = from.read(&mut bytes).await {
                let read = Moment::now();
                messages
                    .take(&bytes[..length], |message| batch.extend(reader.receive(message, read)));
                reader.unreadable.fetch_add(take(&mut messages.missed), Ordering::Relaxed);
                for event in batch.drain(..) {
                    // While the handler is behind, nothing more is read, and the browser waits. Nobody may listen.
                    let _ = events.send(event).await;
                }
            }
            reader.fail_all();
            let _ = gone.send(true);
        });
        Ok((cdp, incoming))
    }

    /// The same connection for somebody who is to stop when `stopped` becomes true: every command fails then as if the browser
    /// were gone, which others may go on using.
    pub(crate) fn until(&self, stopped: watch::Receiver<bool>) -> Self {
        Self { stopped, ..self.clone() }
    }

    /// Sends a command at once; the future waits for its answer, `limit` at most. An unresponsive session is given
    /// [`BRIEFLY`] at most, until it answers or goes to another page.
    pub(crate) fn send<C: Method + Serialize>(
        &self,
        session: &str,
        command: &C,
        limit: Duration,
    ) -> impl Future<Output = Result<Value, CdpError>> + Send + use<C> {
        self.read(session, command, limit)
    }

    /// The same, reading no more of the answer than `T` needs: most of a long one is never kept.
    pub(crate) fn read<C: Method + Serialize, T: DeserializeOwned + Send + 'static>(
        &self,
        session: &str,
        command: &C,
        limit: Duration,
    ) -> impl Future<Output = Result<T, CdpError>> + Send + use<C, T> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        let responder = Responder(Box::new(move |result| {
            let read = |result: &RawValue| {
                serde_json::from_str(result.get())
                    .map_err(|why| CdpError::Refused(C::NAME, why.to_string()))
            };
            // Nobody may wait any more.
            let _ = answer.send(result.and_then(read));
        }));
        let session = session.to_owned();
        let mut limit = limit;
        let known = match self.lock().as_mut() {
            Some(pending) => {
                pending.commands.insert(id, (C::NAME, responder));
                if C::NAME == Navigate::NAME {
                    // The browser answers, and another page will.
                    pending.unresponsive.remove(&session);
                } else if pending.unresponsive.contains_key(&session) {
                    limit = limit.min(BRIEFLY);
                }
                true
            }
            None => false,
        };
        let sent = known
            && !*self.stopped.borrow()
            && self.outgoing.send(encode(id, &session, command)).is_ok();
        let pending = Arc::clone(&self.pending);
        let stopped = self.stopped.clone();
        async move {
            if !sent {
                return Err(CdpError::Closed(C::NAME));
            }
            let answered = tokio::time::timeout(limit, answered);
            let answer = tokio::select! {
                answer = answered => answer,
                () = becomes_true(stopped) => return Err(CdpError::Closed(C::NAME)),
            };
            match answer {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(CdpError::Closed(C::NAME)),
                Err(_) => {
                    // A page that takes long to load may answer well, and the browser itself is no page.
                    if limit >= UNRESPONSIVE && C::NAME != Navigate::NAME && !session.is_empty() {
                        let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
                        if let Some(pending) = pending.as_mut() {
                            pending.unresponsive.insert(session, C::NAME);
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

    /// Whether the browser is gone, or to be used no more.
    pub(crate) fn is_closed(&self) -> bool {
        *self.closed.borrow() || *self.stopped.borrow()
    }

    /// Returns when the browser is gone, or to be used no more.
    pub(crate) async fn closed(&self) {
        let mut closed = self.closed.clone();
        tokio::select! {
            // An error means that the reader is gone, which comes to the same.
            _ = closed.wait_for(|gone| *gone) => (),
            () = becomes_true(self.stopped.clone()) => (),
        }
    }

    /// How many messages were not JSON, or too long.
    pub(crate) fn unreadable(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }

    /// Hands an answer to whoever waits for it; an event is returned.
    fn receive(&self, message: &[u8], read: Moment) -> Option<CdpEvent> {
        // Pages can put lone surrogates into messages; the rest of the message still counts.
        let text = String::from_utf8_lossy(message);
        let Ok(message) = serde_json::from_str::<Message<'_>>(&text) else {
            self.unreadable.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        let session = message.session.unwrap_or_default();
        if let Some(id) = message.id {
            let waiting = self.lock().as_mut().and_then(|pending| {
                let waiting = pending.commands.remove(&id)?;
                // Late as it may be, it is an answer.
                if pending.unresponsive.get(&*session) == Some(&waiting.0) {
                    pending.unresponsive.remove(&*session);
                }
                Some(waiting)
            });
            if let Some((name, Responder(respond))) = waiting {
                respond(match (message.error, message.result) {
                    (Some(error), _) => Err(CdpError::Refused(name, error.message)),
                    (None, Some(result)) => Ok(result),
                    (None, None) => Err(CdpError::Refused(name, "an empty answer".to_owned())),
                });
            }
            return None;
        }
        let method = message.method?.into_owned();
        let params = message.params.map_or(Ok(Value::Null), |it| serde_json::from_str(it.get()));
        let Ok(params) = params else {
            self.unreadable.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        Some(CdpEvent { session: session.into_owned(), read, method, params })
    }

    fn fail_all(&self) {
        let pending = self.lock().take().unwrap_or_default();
        for (name, Responder(respond)) in pending.commands.into_values() {
            respond(Err(CdpError::Closed(name)));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Pending>> {
        // A panic elsewhere cannot leave the table half-written.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use headless_chrome::protocol::cdp::{Page::Close, Runtime};

    use super::*;

    /// A connection, and the browser's ends of its pipes.
    fn connected() -> (Cdp, std::io::PipeReader, std::io::PipeWriter) {
        let (ours, browser_writes) = std::io::pipe().unwrap();
        let (browser_reads, to_browser) = std::io::pipe().unwrap();
        let (cdp, _) = Cdp::connect(ours.into(), to_browser.into()).unwrap();
        (cdp, browser_reads, browser_writes)
    }

    #[tokio::test]
    async fn an_unresponsive_session_gets_short_limits_until_it_answers() {
        let (cdp, _reads, mut writes) = connected();
        let enable = Runtime::Enable(None);
        let long = Duration::from_secs(60);
        assert!(cdp.send("s", &enable, UNRESPONSIVE).await.is_err());
        let brief = cdp.send("s", &enable, long).await;
        assert!(matches!(brief, Err(CdpError::TimedOut(_, BRIEFLY))), "{brief:?}");
        // What the browser answers in its place, and other sessions, change nothing.
        let close = cdp.send("s", &Close(None), long);
        writes.write_all(b"{\"id\":3,\"sessionId\":\"s\",\"result\":{}}\0").unwrap();
        assert!(close.await.is_ok());
        let brief = cdp.send("s", &enable, long).await;
        assert!(matches!(brief, Err(CdpError::TimedOut(_, BRIEFLY))), "{brief:?}");
        // The answer to the first question, late.
        writes.write_all(b"{\"id\":1,\"sessionId\":\"s\",\"result\":{}}\0").unwrap();
        writes.write_all(b"{\"id\":5,\"result\":{}}\0").unwrap();
        cdp.send("", &Close(None), long).await.unwrap();
        let patient = cdp.send("s", &enable, UNRESPONSIVE).await;
        assert!(matches!(patient, Err(CdpError::TimedOut(_, UNRESPONSIVE))), "{patient:?}");
    }

    /// Stamped when it is read, an event that is handled late still has its own time.
    #[tokio::test]
    async fn an_event_has_the_time_at_which_it_was_read_however_late_it_is_handled() {
        let (ours, mut browser_writes) = std::io::pipe().unwrap();
        let (_browser_reads, to_browser) = std::io::pipe().unwrap();
        let (cdp, mut events) = Cdp::connect(ours.into(), to_browser.into()).unwrap();
        browser_writes.write_all(b"{\"method\":\"A.b\",\"sessionId\":\"s\"}\0").unwrap();
        // A round trip, so that the event was read.
        let trip = cdp.send("s", &Runtime::Enable(None), Duration::from_secs(60));
        browser_writes.write_all(b"{\"id\":1,\"sessionId\":\"s\",\"result\":{}}\0").unwrap();
        trip.await.unwrap();
        let pressed = Instant::now();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let event = events.recv().await.unwrap();
        assert!(event.read.instant <= pressed, "what was read before the press came before it");
    }

    #[tokio::test]
    async fn when_the_browser_goes_every_command_fails_at_once() {
        let (cdp, mut reads, writes) = connected();
        let waiting = cdp.send("s", &Runtime::Enable(None), Duration::from_secs(60));
        let asked = tokio::task::spawn_blocking(move || {
            let mut message = [0; 64];
            let length = reads.read(&mut message).unwrap();
            String::from_utf8_lossy(&message[..length]).into_owned()
        });
        assert!(asked.await.unwrap().contains("Runtime.enable"));
        drop(writes);
        assert!(matches!(waiting.await, Err(CdpError::Closed("Runtime.enable"))));
        let later = cdp.send("s", &Runtime::Enable(None), Duration::from_secs(60)).await;
        assert!(matches!(later, Err(CdpError::Closed(_))), "{later:?}");
        assert!(cdp.is_closed());
    }
}
