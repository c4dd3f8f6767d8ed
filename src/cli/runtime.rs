use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use super::Failure;
use crate::exit::Exit;

/// What runs everything that waits: browsers, servers, signals.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| {
        Failure::new(Exit::Failed, &error, "the machine may be out of threads or file descriptors")
    })
}

/// Becomes true when the user, or the system, wants us to stop. A second signal ends the program at once: the
/// browser ends with it, and the next scan removes the profile that is left.
pub(super) fn stop_signal(runtime: &Runtime) -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    runtime.spawn(async move {
        interrupted().await;
        let _ = stop.send(true);
        interrupted().await;
        #[allow(clippy::exit, reason = "the user asked twice and does not want to wait")]
        std::process::exit(Exit::Interrupted.code().into());
    });
    stopped
}

/// Returns when the user, or the system, wants us to stop.
pub(super) async fn interrupted() {
    let received = |kind| async move {
        match signal(kind) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = received(SignalKind::interrupt()) => (),
        () = received(SignalKind::terminate()) => (),
        // The terminal it was started from is gone.
        () = received(SignalKind::hangup()) => (),
    }
}
