//! Script worlds beside those of the pages: what runs in them is data here, and what happens in them goes to whoever
//! opened the context.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc;

/// A script that runs in a world of its own in every document of a context.
#[derive(Clone, Debug)]
pub(in crate::gather) struct WorldScript {
    /// The name of the world.
    pub(in crate::gather) world: &'static str,
    /// The function by which the script reports. It exists in that world alone.
    pub(in crate::gather) binding: String,
    /// Its source.
    pub(in crate::gather) source: Arc<str>,
    /// Who receives what happens in the worlds of the context.
    pub(in crate::gather) events: mpsc::Sender<WorldEvent>,
}

/// What happened to a world of a frame.
#[derive(Debug)]
pub(in crate::gather) enum WorldEvent {
    /// It came into being.
    Created {
        session: String,
        world: u64,
        frame: String,
        /// `None` is the page's own world.
        name: Option<String>,
    },
    /// It is gone.
    Destroyed { session: String, world: u64 },
    /// All worlds of a session are gone.
    Cleared { session: String },
    /// Its script called the binding.
    BindingCalled { session: String, world: u64, payload: String },
}

impl WorldEvent {
    /// Reads `Runtime.executionContextCreated`.
    pub(super) fn created(session: &str, context: &Value) -> Option<Self> {
        let is_own = context["auxData"]["isDefault"] == true;
        Some(Self::Created {
            session: session.to_owned(),
            world: context["id"].as_u64()?,
            frame: context["auxData"]["frameId"].as_str()?.to_owned(),
            name: (!is_own).then(|| context["name"].as_str().unwrap_or_default().to_owned()),
        })
    }
}
