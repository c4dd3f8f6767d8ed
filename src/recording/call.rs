//! What scripts call to recognise a browser or to follow what its user does.

use serde::{Deserialize, Serialize};

/// A call of an interface that is watched. In JSON two texts: `api`, and what of it in `detail`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub enum Call {
    /// From here on the frame is watched.
    Watching,
    /// The frame is no longer watched, because too much happened in it.
    WatchingEnded,
    /// Pixels of a drawing were read back.
    Canvas,
    /// Text was measured in a font, which is named.
    Fonts(String),
    /// A parameter or an extension of the graphics hardware was read; its number or name.
    Webgl(String),
    /// Sound was rendered that nobody hears.
    Audio,
    /// A connection was opened that shows addresses.
    Webrtc,
    /// Details of browser and device were read; which.
    ClientHints(String),
    /// Processors, memory or plugins were read; which.
    Hardware(String),
    /// A script receives every change of the page.
    PageChanges {
        /// Whether it receives changed text too, and not only which elements come and go.
        text: bool,
    },
    /// A script listens to an event.
    Listens {
        /// The event, such as `keydown`.
        event: String,
        /// `window`, `document` or the name of an element.
        on: String,
    },
    /// A call that another version of the program knows.
    Other {
        /// Of what interface.
        api: String,
        /// What of it.
        detail: String,
    },
}

/// A call as files have it.
#[derive(Serialize, Deserialize)]
struct Written {
    api: String,
    detail: String,
}

impl Call {
    /// Reads the two texts.
    pub fn from_texts(api: String, detail: String) -> Self {
        match api.as_str() {
            "watching" if detail == "full" => Self::WatchingEnded,
            "watching" => Self::Watching,
            "canvas" => Self::Canvas,
            "fonts" => Self::Fonts(detail),
            "webgl" => Self::Webgl(detail),
            "audio" => Self::Audio,
            "webrtc" => Self::Webrtc,
            "client-hints" => Self::ClientHints(detail),
            "hardware" => Self::Hardware(detail),
            "page-changes" => Self::PageChanges { text: detail == "text" },
            "listens" => {
                let (event, on) = detail.split_once(' ').unwrap_or((&detail, ""));
                Self::Listens { event: event.to_owned(), on: on.to_owned() }
            }
            _ => Self::Other { api, detail },
        }
    }

    /// What of the interface was called, in one text; empty if there is nothing to add.
    pub fn detail(&self) -> String {
        match self {
            Self::Watching | Self::Canvas | Self::Audio | Self::Webrtc => String::new(),
            Self::WatchingEnded => "full".to_owned(),
            Self::Fonts(detail)
            | Self::Webgl(detail)
            | Self::ClientHints(detail)
            | Self::Hardware(detail)
            | Self::Other { detail, .. } => detail.clone(),
            Self::PageChanges { text } => if *text { "text" } else { "nodes" }.to_owned(),
            Self::Listens { event, on } if on.is_empty() => event.clone(),
            Self::Listens { event, on } => format!("{event} {on}"),
        }
    }
}

impl From<Written> for Call {
    fn from(it: Written) -> Self {
        Self::from_texts(it.api, it.detail)
    }
}

impl From<Call> for Written {
    fn from(call: Call) -> Self {
        let api = match &call {
            Call::Watching | Call::WatchingEnded => "watching",
            Call::Canvas => "canvas",
            Call::Fonts(_) => "fonts",
            Call::Webgl(_) => "webgl",
            Call::Audio => "audio",
            Call::Webrtc => "webrtc",
            Call::ClientHints(_) => "client-hints",
            Call::Hardware(_) => "hardware",
            Call::PageChanges { .. } => "page-changes",
            Call::Listens { .. } => "listens",
            Call::Other { api, .. } => api,
        };
        Self { api: api.to_owned(), detail: call.detail() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_read_and_write_as_format_1_has_them() {
        for (api, detail) in [
            ("watching", ""),
            ("watching", "full"),
            ("canvas", ""),
            ("fonts", "16px Arial"),
            ("webgl", "37445"),
            ("client-hints", "model,platform"),
            ("hardware", "cores"),
            ("page-changes", "text"),
            ("page-changes", "nodes"),
            ("listens", "keydown window"),
            ("listens", "input"),
            ("of-a-later-version", "x"),
        ] {
            let written = Written::from(Call::from_texts(api.to_owned(), detail.to_owned()));
            assert_eq!((written.api.as_str(), written.detail.as_str()), (api, detail));
        }
    }
}
