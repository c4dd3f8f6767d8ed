use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Category, CodePlace, CookieKey, Host, Party, ScriptUrl, Sighting};

/// What a script did without storing anything: what it read, and what it listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Technique {
    /// Drew something and read the pixels back.
    Canvas,
    /// Measured text in many fonts.
    Fonts,
    /// Asked which graphics hardware there is.
    Webgl,
    /// Rendered sound that nobody hears.
    Audio,
    /// Opened a connection that shows addresses.
    Webrtc,
    /// Asked for the details of browser and device (`getHighEntropyValues`).
    ClientHints,
    /// Asked for processors, memory or plugins.
    Hardware,
    /// Observes every change of the page, text included.
    PageChanges,
    /// Listens to where the pointer moves.
    Pointer,
    /// Listens to scrolling.
    Scroll,
    /// Listens to keys.
    Keys,
    /// Listens to what is typed or chosen in fields.
    Fields,
}

impl Technique {
    /// Whether it identifies a browser well enough for fingerprinting.
    pub const fn identifies(self) -> bool {
        matches!(self, Self::Canvas | Self::Fonts | Self::Webgl | Self::Audio | Self::Webrtc)
    }

    /// In words, after "the script".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Canvas => "reads back a drawing",
            Self::Fonts => "measures many fonts",
            Self::Webgl => "asks for the graphics hardware",
            Self::Audio => "renders silent sound",
            Self::Webrtc => "opens a WebRTC connection",
            Self::ClientHints => "asks for details of browser and device",
            Self::Hardware => "asks for processors, memory or plugins",
            Self::PageChanges => "observes every change of the page",
            Self::Pointer => "follows the pointer",
            Self::Scroll => "follows scrolling",
            Self::Keys => "listens to keys",
            Self::Fields => "listens to what is typed in fields",
        }
    }
}

/// A script and what it did, over all passes.
#[derive(Clone, Debug)]
pub struct ObservedScript {
    /// Its address; that of the page if it is written into it.
    pub url: ScriptUrl,
    /// The host it came from.
    pub host: Host,
    /// Whose it is, relative to the target.
    pub party: Party,
    /// What loaded it, outermost first.
    pub chain: Vec<String>,
    /// What it did, each with the first call that did it.
    pub techniques: BTreeMap<Technique, TechniqueCall>,
    /// Hosts that it sent something to by its own requests, sorted.
    pub sends_to: Vec<Host>,
    /// Further hosts that other scripts of its owner sent something to, sorted.
    pub sends_along: Vec<Host>,
    /// Hosts of other sites that the scripts which called it sent something to, sorted.
    pub sends_through: Vec<Host>,
    /// Who is behind it: the organisation, or the site, of its host.
    pub owner: String,
    /// Whether it listens to keys in a field, and not only to those of the page.
    pub keys_in_fields: bool,
    /// Whether the name of a key that was pressed was sent on by it or by another script of its organisation.
    pub sends_keys: bool,
    /// Whether whoever is at its host is known to record visits.
    pub recorder: bool,
    /// Where it did so, in order.
    pub seen: Vec<Sighting>,
}

impl ObservedScript {
    /// Whether it reads enough to recognise a browser by.
    pub fn fingerprints(&self) -> bool {
        self.techniques.keys().filter(|it| it.identifies()).count() >= 2
    }

    /// Whether it takes down what changes on the page and what the visitor does there.
    pub fn records(&self) -> bool {
        records(|technique| self.techniques.contains_key(&technique))
    }
}

/// Whether what scripts do together takes down a visit: every change of the page, where the pointer moves, and what is
/// scrolled or typed. What counts clicks observes less.
pub fn records(does: impl Fn(Technique) -> bool) -> bool {
    let follows = [Technique::Scroll, Technique::Fields, Technique::Keys].into_iter().any(&does);
    does(Technique::PageChanges) && does(Technique::Pointer) && follows
}

/// A call of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TechniqueCall {
    /// Its line, counted from 1; 0 if that is not known.
    pub line: u64,
    /// What was asked for, where that says more; empty if not.
    pub detail: String,
}

/// What sort of thing about a visit was sent to another site.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DisclosureKind {
    /// Words of the page: its title, or what a button says.
    Words,
    /// The address of the page, path included.
    Address,
    /// What the visitor did, in the receiver's own protocol.
    Event,
}

impl fmt::Display for DisclosureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Words => "words of the page",
            Self::Address => "the address of the page",
            Self::Event => "what the visitor did",
        })
    }
}

/// In which part of a request something was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// In the `Referer` header.
    Referrer,
    /// In a parameter of the address, by its name.
    Query(String),
    /// In a field of the body, by its name.
    Body(String),
}

impl Channel {
    /// The name of the parameter or field.
    pub fn name(&self) -> &str {
        match self {
            Self::Referrer => "",
            Self::Query(name) | Self::Body(name) => name,
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Referrer => f.write_str("the Referer header"),
            Self::Query(name) => write!(f, "the parameter `{name}`"),
            Self::Body(name) => write!(f, "the field `{name}`"),
        }
    }
}

/// Something about a visit that another site received, over all passes.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// Who received it.
    pub host: Host,
    /// What that host is for.
    pub category: Category,
    /// Who runs it, if that is known.
    pub organisation: Option<String>,
    /// What sort of thing.
    pub kind: DisclosureKind,
    /// What, such as the path of the page.
    pub text: String,
    /// The word in it that names what the page is about, if one does.
    pub subject: Option<String>,
    /// In which part of the request.
    pub channel: Channel,
    /// The request, identifiers digested.
    pub example: String,
    /// The script that sent it, if one did.
    pub script: Option<CodePlace>,
    /// What loaded that script, outermost first.
    pub chain: Vec<String>,
    /// Where it was seen, in order.
    pub seen: Vec<Sighting>,
}

/// An identifier that is kept in a cookie and was sent to another site than the cookie's, known by its digest.
#[derive(Clone, Debug)]
pub struct SharedIdentifier {
    /// The cookie.
    pub cookie: CookieKey,
    /// The host that received it.
    pub host: Host,
    /// In which part of the request.
    pub channel: Channel,
    /// The request, identifiers digested.
    pub example: String,
    /// The script that sent it, if one did.
    pub script: Option<CodePlace>,
    /// Where it was seen, in order.
    pub seen: Vec<Sighting>,
}
