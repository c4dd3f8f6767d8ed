use std::{collections::BTreeMap, fmt};

use super::{Category, Party, Sighting};

/// What a script did that leaves nothing behind: what it read, and what it listens to.
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
    /// Is told every change of the page, text included.
    PageChanges,
    /// Listens to the pointer or to scrolling.
    Pointer,
    /// Listens to keys.
    Keys,
    /// Listens to what is typed or chosen in fields.
    Fields,
}

impl Technique {
    /// Whether it tells one browser from another well enough to know it again.
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
            Self::PageChanges => "is told every change of the page",
            Self::Pointer => "follows the pointer",
            Self::Keys => "listens to keys",
            Self::Fields => "listens to what is typed in fields",
        }
    }
}

/// A script and what it did, over all passes.
#[derive(Clone, Debug)]
pub struct ObservedScript {
    /// Its address; that of the page if it stands in it.
    pub url: String,
    /// The host it came from.
    pub host: String,
    /// Whose it is, relative to the target.
    pub party: Party,
    /// What loaded it, outermost first.
    pub chain: Vec<String>,
    /// What it did, each with the first place in it, as `line 12` or with what it asked for.
    pub techniques: BTreeMap<Technique, String>,
    /// Hosts that it sent something to by its own requests, sorted.
    pub sends_to: Vec<String>,
    /// Whether whoever is at its host is known to record visits.
    pub recorder: bool,
    /// Where it did so, in order.
    pub seen: Vec<Sighting>,
}

/// What of a visit was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// Words of the page: its title, or what a button says.
    Words,
    /// The address of the page, path included.
    Address,
    /// What the visitor did, as the receiver's own protocol names it.
    Event,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Words => "words of the page",
            Self::Address => "the address of the page",
            Self::Event => "what the visitor did",
        })
    }
}

/// Something about a visit that another site was told, over all passes.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// Who was told.
    pub host: String,
    /// What that host is for.
    pub category: Category,
    /// Who runs it, if that is known.
    pub organisation: Option<String>,
    /// What sort of thing.
    pub told: Told,
    /// What, such as the path of the page.
    pub text: String,
    /// The word in it that names what the page is about, if one does.
    pub subject: Option<String>,
    /// By what means, such as "the parameter `dl`".
    pub by_way_of: String,
    /// The request, identifiers digested.
    pub example: String,
    /// The script that sent it, if one did, with its line.
    pub script: Option<String>,
    /// What loaded that script, outermost first.
    pub chain: Vec<String>,
    /// Where it was seen, in order.
    pub seen: Vec<Sighting>,
}

/// An identifier that is kept in a cookie and was sent to another site than the cookie's, known by its digest.
#[derive(Clone, Debug)]
pub struct SharedIdentifier {
    /// The cookie, as reports print it.
    pub cookie: String,
    /// Its name.
    pub name: String,
    /// Domain that keeps it.
    pub domain: String,
    /// Host that was sent it.
    pub host: String,
    /// By what means, such as "the parameter `fbp`".
    pub by_way_of: String,
    /// The request, identifiers digested.
    pub example: String,
    /// The script that sent it, if one did.
    pub script: Option<String>,
    /// Where it was seen, in order.
    pub seen: Vec<Sighting>,
}
