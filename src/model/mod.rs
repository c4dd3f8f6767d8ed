//! The words every stage shares. Nothing here reads a file, a clock or a socket.

mod behaviour;
mod case;
mod choice;
mod consent;
mod cookie;
mod evidence;
mod law;
mod notice;
mod pattern;
pub mod set_cookie;
pub mod site;

pub use behaviour::{Disclosure, ObservedScript, SharedIdentifier, Technique, Told};
pub use case::{
    Banner, Case, Choice, NoticeState, PassEvidence, Slice, Undecided, Visit, VisitStatus,
};
pub use choice::{
    BannerFacts, ChoiceFacts, ConsentSignal, ControlFacts, OptionFacts, Pressed, SecondLook,
};
pub use consent::{Consent, Pass, Proof, Via};
pub use cookie::{CookieKey, Lifetime, ObservedCookie, SameSite, SetBy, SetKind, Sighting};
pub use evidence::{
    Alias, Basis, Category, Classification, Confidence, ObservedHost, ObservedStorage, Party,
    SourceId, StorageKey, StorageKind,
};
pub use law::{Condition, Exemption, Law, Profile, Sign};
pub use notice::{
    CategoryBasis, Claim, Declaration, DeclaredLifetime, Link, LinkKind, Notice, NoticeFound,
    NoticeProblem, NoticeProblemKind, NoticeSetting, Translation, WrittenLifetime,
};
pub use pattern::NamePattern;
