//! The words every stage shares. Nothing here reads a file, a clock or a socket.

mod behaviour;
mod choice;
mod citation;
mod consent;
mod cookie;
mod declared_words;
mod evidence;
mod host;
mod law;
mod missed_banner;
mod notice;
mod observations;
mod overrides;
mod pattern;
mod remedy;
mod second_visitor;
pub mod set_cookie;
pub mod site;
mod subject;

pub use behaviour::{
    Channel, Disclosure, DisclosureKind, ObservedScript, SharedIdentifier, Technique,
    TechniqueCall, records,
};
pub use choice::{
    BannerFacts, ChoiceFacts, ConsentSignal, ControlFacts, LeadsTo, OptionFacts, Pressed,
    SecondLook, StoredChoice, UnknownControl,
};
pub use citation::Citation;
pub use consent::{Consent, Pass, Proof, Via};
pub use cookie::{
    CookieKey, Lifetime, ObservedCookie, SameSite, SetBy, SetKind, Sighting, SightingKind,
};
pub use evidence::{
    Alias, Basis, Category, Classification, Confidence, ObservedHost, ObservedStorage, Party,
    SourceId, StorageKey, StorageKind,
};
pub use host::{CodePlace, Host, ScriptUrl};
pub use law::{Condition, Exemption, Law, Profile, Sign};
pub use notice::{
    CategoryBasis, Claim, ClaimKind, Declaration, DeclaredLifetime, Link, LinkKind, Notice,
    NoticeFound, NoticeProblem, NoticeProblemKind, NoticeSetting, Translation, WrittenLifetime,
};
pub(crate) use observations::EvidenceParts;
pub use observations::{
    Banner, Choice, Coverage, Evidence, Gap, Gesture, NoticeState, Observations, PassEvidence,
    Undecided, Visit, VisitStatus,
};
pub use overrides::Override;
pub use pattern::NamePattern;
pub use remedy::{NoticeEdit, Remedy};
pub use second_visitor::{OnlyHere, OnlyHereKind, SecondVisitor};
pub use subject::{Subject, SubjectKind, SubjectType};
