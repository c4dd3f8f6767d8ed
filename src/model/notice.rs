use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Category, NamePattern};

/// A published cookie notice as it was read: `crumbcheck/notice/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// Always [`Notice::SCHEMA`].
    pub schema: String,
    /// The file name or address it was read from.
    pub source: String,
    /// Main language of the text as a two-letter code.
    pub language: String,
    /// Whether the page says what the site stores, tracks or shares.
    pub is_notice: bool,
    /// One for each cookie or other stored item the notice names, in document order.
    pub declarations: Vec<Declaration>,
    /// What is declared in the page where no visitor can see it. It declares nothing: no rule counts it as said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<Declaration>,
    /// What it says beyond its declarations, in document order.
    pub claims: Vec<Claim>,
    /// Where it leads.
    pub links: Vec<Link>,
    /// `YYYY-MM` of the latest review or update it gives.
    pub reviewed: Option<String>,
    /// Anything doubtful in the notice or in the reading of it.
    pub problems: Vec<NoticeProblem>,
    /// Further pages of the site that belong to it and were read with it.
    #[serde(skip)]
    pub also: Vec<String>,
    /// Names that it gives as no longer used, and declares nowhere: what still has them is not declared.
    #[serde(skip)]
    pub retired: Vec<String>,
    /// The whole visible text, white space run together: a name that no declaration carries may
    /// still stand here.
    #[serde(skip)]
    pub text: String,
}

impl Notice {
    /// The name and number of the format.
    pub const SCHEMA: &'static str = "crumbcheck/notice/1";
}

/// How a notice was come by, and what belongs to it beyond its own page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoticeSetting {
    /// How it was found.
    pub found: NoticeFound,
    /// The same notice in other languages, as far as the notice or the site links to them.
    pub translations: Vec<Translation>,
    /// Year and month in which it was read.
    pub looked: Option<(i16, i8)>,
}

/// How a notice was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum NoticeFound {
    /// By a link of the start page that speaks of cookies or privacy.
    #[default]
    Link,
    /// The user named it.
    Given,
    /// No link of the start page leads there; the address was tried because many sites use it, or
    /// the site's map lists it.
    Guess {
        /// What led there, in words.
        how: String,
    },
}

/// A notice in another language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Translation {
    /// It was read.
    Read(Box<Notice>),
    /// It is linked to and could not be read.
    Unreadable {
        /// Its address.
        url: String,
        /// What went wrong.
        why: String,
    },
}

/// One cookie, or other stored item, that a notice names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Declaration {
    /// The name as the notice writes it, typing errors kept.
    pub as_written: String,
    /// What the name stands for, as globs in which `*` is any run of characters.
    pub patterns: Vec<String>,
    /// Who sets it, as written.
    pub provider: Option<String>,
    /// The host or domain as written.
    pub domain: Option<String>,
    /// The purpose as written.
    pub purpose: Option<String>,
    /// What the notice says it is for.
    pub category: Option<Category>,
    /// What says so; set if and only if `category` is.
    pub category_basis: Option<CategoryBasis>,
    /// The nearest heading above it, or the caption of its table.
    pub section: Option<String>,
    /// How long it lives, as the notice says.
    pub lifetime: DeclaredLifetime,
}

impl Declaration {
    /// Whether `name` is one of the names it stands for.
    pub fn covers(&self, name: &str) -> bool {
        self.patterns.iter().any(|pattern| NamePattern::new(pattern.as_str()).matches(name))
    }
}

/// What in the notice gives a declaration its category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CategoryBasis {
    /// A cell or the sentence about this cookie.
    Stated,
    /// The heading, caption or introduction over it.
    Section,
    /// The purpose alone.
    Inferred,
}

/// A lifetime as a notice declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeclaredLifetime {
    /// What sort of statement it is.
    pub kind: WrittenLifetime,
    /// The words.
    pub as_written: Option<String>,
    /// The length, or the shorter end of a range; a month is 30 days, a year 365.
    pub seconds: Option<u64>,
    /// The longer end of a range.
    pub max_seconds: Option<u64>,
    /// Whether the time starts again on activity.
    pub sliding: bool,
}

impl DeclaredLifetime {
    /// Nothing is said.
    pub const fn absent() -> Self {
        Self {
            kind: WrittenLifetime::Absent,
            as_written: None,
            seconds: None,
            max_seconds: None,
            sliding: false,
        }
    }
}

/// The sorts of lifetime that notices give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WrittenLifetime {
    /// Ends with the browser or the session.
    Session,
    /// One length of time.
    Duration,
    /// A length of time or the end of the session.
    SessionOrDuration,
    /// From one length to another.
    Range,
    /// No end.
    Persistent,
    /// At once.
    Instant,
    /// Ends on something without a figure.
    Event,
    /// Nothing is said.
    Absent,
    /// Something is said that no rule reads.
    Unreadable,
}

/// Something a notice states about the site, beyond single cookies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// What it says.
    pub kind: ClaimKind,
    /// Categories it is about, where the kind has them.
    pub categories: Vec<Category>,
    /// The provider it names, where the kind has one.
    pub provider: Option<String>,
    /// Literal text of the page, white space run together.
    pub quote: String,
}

/// The kinds of claim, a closed list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimKind {
    /// It sets none of these categories.
    NoCategory,
    /// All its cookies are of these categories.
    OnlyCategories,
    /// It says that it uses a category of cookies, and names none of them.
    UsesCategory,
    /// A category is set only after consent, or a form or banner asks for it.
    ConsentRequired,
    /// Refusing stops these categories.
    BlockedOnRefusal,
    /// Nothing, or nothing that needs consent, is set before a choice.
    ConsentBeforeSet,
    /// Essential cookies are set without asking, or cannot be turned off.
    EssentialWithoutConsent,
    /// All its cookies, or all of a section, end with the browser session.
    AllSession,
    /// The list of cookies is complete.
    Exhaustive,
    /// The list of cookies is open.
    NonExhaustive,
    /// How many cookies, or kinds of cookie, there are.
    Count,
    /// No personal data is collected, or held in a cookie.
    NoPersonalData,
    /// Cookies or data identify nobody.
    NotIdentifying,
    /// A provider may not use or share the data.
    ProviderDoesNotShare,
    /// A provider may share the data.
    ProviderMayShare,
    /// Cookies are sent to the site's own servers only.
    FirstPartyOnly,
    /// Cookies travel encrypted.
    SecureTransport,
    /// Values are random, or hold nothing else.
    RandomValue,
    /// The site uses a named third-party service.
    NamedService,
    /// A named service stores nothing.
    ServiceSetsNothing,
    /// Third parties may set cookies that are not listed.
    ThirdPartySetsMore,
    /// Another page or notice has (more of) the cookie facts.
    LinkOut,
    /// Using the site counts as agreeing.
    ImpliedConsent,
    /// A choice can be changed or taken back.
    WithdrawalPossible,
    /// Cookies can be refused, or chosen among.
    RefusalPossible,
    /// There is a settings page, form, button or banner.
    ControlPresent,
    /// A link leads to a provider's opt-out.
    OptOutLink,
    /// What is collected goes to nobody else.
    NoThirdPartyDisclosure,
    /// The IP address is neither stored nor given to others.
    IpNotShared,
    /// IP addresses are shortened or anonymised.
    IpMasked,
    /// A provider's consent mode is used.
    ConsentMode,
    /// When the notice was reviewed or updated.
    ReviewDate,
    /// The notice exists in another language.
    Bilingual,
    /// A cookie is set only on a condition other than consent.
    ConditionalSet,
}

impl ClaimKind {
    /// All of them, in the order of the format's description.
    pub const ALL: &[Self] = &[
        Self::NoCategory,
        Self::OnlyCategories,
        Self::UsesCategory,
        Self::ConsentRequired,
        Self::BlockedOnRefusal,
        Self::ConsentBeforeSet,
        Self::EssentialWithoutConsent,
        Self::AllSession,
        Self::Exhaustive,
        Self::NonExhaustive,
        Self::Count,
        Self::NoPersonalData,
        Self::NotIdentifying,
        Self::ProviderDoesNotShare,
        Self::ProviderMayShare,
        Self::FirstPartyOnly,
        Self::SecureTransport,
        Self::RandomValue,
        Self::NamedService,
        Self::ServiceSetsNothing,
        Self::ThirdPartySetsMore,
        Self::LinkOut,
        Self::ImpliedConsent,
        Self::WithdrawalPossible,
        Self::RefusalPossible,
        Self::ControlPresent,
        Self::OptOutLink,
        Self::NoThirdPartyDisclosure,
        Self::IpNotShared,
        Self::IpMasked,
        Self::ConsentMode,
        Self::ReviewDate,
        Self::Bilingual,
        Self::ConditionalSet,
    ];

    /// The name used in the notice format and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoCategory => "no-category",
            Self::OnlyCategories => "only-categories",
            Self::UsesCategory => "uses-category",
            Self::ConsentRequired => "consent-required",
            Self::BlockedOnRefusal => "blocked-on-refusal",
            Self::ConsentBeforeSet => "consent-before-set",
            Self::EssentialWithoutConsent => "essential-without-consent",
            Self::AllSession => "all-session",
            Self::Exhaustive => "exhaustive",
            Self::NonExhaustive => "non-exhaustive",
            Self::Count => "count",
            Self::NoPersonalData => "no-personal-data",
            Self::NotIdentifying => "not-identifying",
            Self::ProviderDoesNotShare => "provider-does-not-share",
            Self::ProviderMayShare => "provider-may-share",
            Self::FirstPartyOnly => "first-party-only",
            Self::SecureTransport => "secure-transport",
            Self::RandomValue => "random-value",
            Self::NamedService => "named-service",
            Self::ServiceSetsNothing => "service-sets-nothing",
            Self::ThirdPartySetsMore => "third-party-sets-more",
            Self::LinkOut => "link-out",
            Self::ImpliedConsent => "implied-consent",
            Self::WithdrawalPossible => "withdrawal-possible",
            Self::RefusalPossible => "refusal-possible",
            Self::ControlPresent => "control-present",
            Self::OptOutLink => "opt-out-link",
            Self::NoThirdPartyDisclosure => "no-third-party-disclosure",
            Self::IpNotShared => "ip-not-shared",
            Self::IpMasked => "ip-masked",
            Self::ConsentMode => "consent-mode",
            Self::ReviewDate => "review-date",
            Self::Bilingual => "bilingual",
            Self::ConditionalSet => "conditional-set",
        }
    }

    /// Whether a claim of this kind names categories.
    pub const fn has_categories(self) -> bool {
        matches!(
            self,
            Self::NoCategory
                | Self::OnlyCategories
                | Self::UsesCategory
                | Self::ConsentRequired
                | Self::BlockedOnRefusal
        )
    }

    /// Whether a claim of this kind is about one provider.
    pub const fn has_provider(self) -> bool {
        matches!(
            self,
            Self::ProviderDoesNotShare
                | Self::ProviderMayShare
                | Self::NamedService
                | Self::ServiceSetsNothing
                | Self::ThirdPartySetsMore
                | Self::OptOutLink
                | Self::IpMasked
        )
    }
}

impl fmt::Display for ClaimKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A link that a reader of the notice could follow for more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// What it leads to.
    pub kind: LinkKind,
    /// As in the page.
    pub url: String,
}

/// What a link in a notice leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// Someone else's notice.
    ThirdPartyNotice,
    /// A provider's opt-out.
    OptOut,
    /// The site's cookie settings.
    Settings,
    /// The same notice in another language.
    Translation,
}

/// Something doubtful in a notice, or in our reading of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeProblem {
    /// What sort of doubt.
    pub kind: NoticeProblemKind,
    /// What and where.
    pub message: String,
}

/// The sorts of doubt about a notice.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeProblemKind {
    /// A name that looks mistyped.
    NameSuspicious,
    /// The same name twice.
    DuplicateName,
    /// A lifetime that no rule reads.
    LifetimeUnreadable,
    /// More than a hundred years.
    LifetimeAbsurd,
    /// A cookie without a purpose.
    PurposeMissing,
    /// Cookies are spoken of but none is named.
    CookiesNotNamed,
    /// A table that may list cookies but could not be read.
    TableNotUnderstood,
    /// A name held invisible characters.
    HiddenCharacter,
    /// Two languages in one text.
    MixedLanguage,
    /// The page was too long to be read whole.
    InputTruncated,
    /// Words that look like names of cookies and that no declaration has.
    NamesNotUnderstood,
    /// So many patterns for short beginnings that together they would cover nearly any name.
    TooManyPatterns,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_claims_are_named_alike_everywhere() {
        for kind in ClaimKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(serde_json::from_value::<ClaimKind>(kind.name().into()).unwrap(), *kind);
        }
        assert!(serde_json::from_value::<ClaimKind>("no-such-kind".into()).is_err());
    }
}
