//! Readers of the browser's events, one file per sort. Each takes the event's parameters as they came and keeps what
//! it understands; a field that is missing leaves a gap, not an error.

pub(in crate::gather) mod cookies;
pub(super) mod documents;
pub(in crate::gather) mod requests;
pub(in crate::gather) mod scripts;
pub(in crate::gather) mod storage;

use serde_json::Value;

use crate::recording::{CallFrame, redact::Redactor};

/// A text field; empty if it is missing.
pub(in crate::gather) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The calls on a stack as the browser gives them, asynchronous parents included.
pub(super) fn call_frames(stack: &Value, redactor: &Redactor) -> Vec<CallFrame> {
    let mut frames = Vec::new();
    let mut part = stack;
    // A page cannot make this loop: the browser keeps 32 levels.
    while !part.is_null() && frames.len() < 64 {
        for frame in part["callFrames"].as_array().into_iter().flatten() {
            frames.push(CallFrame {
                url: redactor.url(frame["url"].as_str().unwrap_or_default()),
                line: frame["lineNumber"].as_u64().map_or(0, |line| line + 1),
                function: text(&frame["functionName"]),
            });
        }
        part = &part["parent"];
    }
    frames
}
