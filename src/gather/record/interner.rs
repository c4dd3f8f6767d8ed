//! Keeps each text and stack once: a page of thousands of requests repeats most of them.

use std::{collections::HashSet, sync::Arc};

use crate::recording::{CallFrame, EventKind};

/// Every text and stack of a log.
#[derive(Debug, Default)]
pub(super) struct Interner {
    texts: HashSet<Arc<str>>,
    stacks: HashSet<Arc<[CallFrame]>>,
}

impl Interner {
    pub(super) fn text(&mut self, text: &mut Arc<str>) {
        if let Some(known) = self.texts.get(text) {
            *text = Arc::clone(known);
        } else {
            self.texts.insert(Arc::clone(text));
        }
    }

    fn stack(&mut self, stack: &mut Arc<[CallFrame]>) {
        if let Some(known) = self.stacks.get(stack) {
            *stack = Arc::clone(known);
        } else {
            self.stacks.insert(Arc::clone(stack));
        }
    }

    /// Shares what an event has in common with earlier ones.
    pub(super) fn event(&mut self, kind: &mut EventKind) {
        match kind {
            EventKind::Request {
                id,
                url,
                method,
                kind,
                document,
                initiated_by,
                initiators,
                redirected_from,
                referrer,
                body: _,
            } => {
                let texts = [id, url, method, kind, document, initiated_by];
                for text in texts.into_iter().chain(redirected_from).chain(referrer) {
                    self.text(text);
                }
                self.stack(initiators);
            }
            EventKind::RequestCookies { id, host, .. } => {
                self.text(id);
                self.text(host);
            }
            EventKind::Response { id, url, mime, remote, .. } => {
                for text in [id, url, mime].into_iter().chain(remote) {
                    self.text(text);
                }
            }
            EventKind::Failed { id, error } => {
                self.text(id);
                self.text(error);
            }
            EventKind::WebSocket { url, initiators, .. }
            | EventKind::WebTransport { url, initiators, .. } => {
                self.text(url);
                self.stack(initiators);
            }
            // These have nothing that is shared.
            EventKind::SetCookie { .. }
            | EventKind::ScriptCookie { .. }
            | EventKind::StorageSet { .. }
            | EventKind::Call { .. }
            | EventKind::Target { .. }
            | EventKind::PopupRefused { .. }
            | EventKind::Dialog { .. }
            | EventKind::Download { .. }
            | EventKind::Crashed => (),
        }
    }
}
