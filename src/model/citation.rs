use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Basis, Category, CodePlace, SetBy, SetKind, SourceId};

/// What a finding rests on: where something was seen, or who says so. Printed as one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Citation {
    /// The response or script that wrote something; or that it was found and no write seen.
    SetBy {
        /// Who wrote it.
        by: SetBy,
    },
    /// A request that was recorded.
    Request {
        /// Its address, identifiers digested.
        url: String,
        /// What it did, in words that the address follows.
        what: String,
    },
    /// Something that a script did.
    Script {
        /// Where in the script.
        place: CodePlace,
        /// What it did there.
        what: String,
        /// What it asked for, where that says more; may be empty.
        detail: String,
    },
    /// The script that sent something.
    SentBy {
        /// Where in the script.
        place: CodePlace,
    },
    /// What loaded a script, outermost first.
    LoadedThrough {
        /// Addresses.
        chain: Vec<String>,
    },
    /// A row of the notice.
    NoticeRow {
        /// The name it declares, as it is written.
        name: String,
        /// The row as one line.
        text: String,
    },
    /// The notice.
    Notice {
        /// Its address.
        url: String,
    },
    /// A source that says what something is for.
    Source {
        /// What it says.
        category: Category,
        /// Which source, and where in it.
        basis: Basis,
    },
    /// Anything else.
    Text {
        /// In one line.
        text: String,
    },
}

impl From<String> for Citation {
    fn from(text: String) -> Self {
        Self::Text { text }
    }
}

impl From<&str> for Citation {
    fn from(text: &str) -> Self {
        Self::Text { text: text.to_owned() }
    }
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetBy { by } => {
                match (by.kind, &by.url) {
                    (SetKind::Http, Some(url)) => write!(f, "set by the response from {url}")?,
                    (SetKind::Script, Some(url)) => write!(f, "set by the script {url}")?,
                    _ => return f.write_str("found in the browser; nobody was seen setting it"),
                }
                match by.chain.as_slice() {
                    [] => Ok(()),
                    chain => write!(f, ", loaded through {}", chain.join(" → ")),
                }
            }
            Self::Request { url, what } => write!(f, "{what} {url}"),
            Self::Script { place: CodePlace { script, line }, what, detail } => {
                write!(f, "{script} {what}")?;
                if let Some(line) = line {
                    write!(f, ": line {line}")?;
                }
                if detail.is_empty() { Ok(()) } else { write!(f, ": {detail}") }
            }
            Self::SentBy { place } => write!(f, "sent by {place}"),
            Self::LoadedThrough { chain } => write!(f, "loaded through {}", chain.join(" → ")),
            Self::NoticeRow { text, .. } | Self::Text { text } => f.write_str(text),
            Self::Notice { url } => write!(f, "the notice is {url}"),
            Self::Source { basis, .. } if basis.source == SourceId::None => {
                f.write_str(&basis.entry)
            }
            Self::Source { category, basis } => {
                write!(f, "{} says {category}: {}", basis.source, basis.entry)
            }
        }
    }
}
