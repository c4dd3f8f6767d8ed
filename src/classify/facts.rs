//! Our own facts about cookies and storage items, from `data/cookies-1.toml` to `data/cookies-4.toml`.

use serde::Deserialize;

use super::pattern_index::PatternIndex;
use crate::model::{Basis, Category, Classification, Confidence, SourceId, site};

/// The rows, sorted by name, in four files because people read each of them.
pub(super) const TEXTS: [&str; 4] = [
    include_str!("data/cookies-1.toml"),
    include_str!("data/cookies-2.toml"),
    include_str!("data/cookies-3.toml"),
    include_str!("data/cookies-4.toml"),
];

/// A row of one of these files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CookieFact {
    pub(super) name: String,
    pub(super) rest: Option<Rest>,
    pub(super) domain: Option<String>,
    pub(super) category: Category,
    /// What it may be instead, where one product serves both.
    pub(super) or: Option<Category>,
    pub(super) why: Why,
    /// Where it is necessary, if not wherever it is kept.
    pub(super) only: Option<Only>,
    #[serde(default = "high")]
    pub(super) confidence: Confidence,
    pub(super) by: String,
    pub(super) purpose: String,
    /// How long it usually lives: a length of time, or `until the browser is closed`.
    pub(super) lifetime: Option<String>,
    pub(super) source: String,
    pub(super) written: String,
}

/// What visitors must be doing for something to be necessary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Only {
    /// Paying or donating: who only reads has asked for no payment to be kept safe.
    Payments,
}

/// What a star at the end of a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Rest {
    /// Six or more hexadecimal digits; `_` and `-` may part them.
    Hex,
    /// Decimal digits.
    Digits,
    /// ASCII letters and digits.
    Word,
    /// Anything that starts with a capital letter.
    Capital,
}

/// What something is kept for, in the sense of PECR Schedule A1 and of WP194.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Why {
    /// Paragraph 4: for what the visitor asked for.
    StrictlyNecessary,
    /// Paragraph 3: to carry a message over a network, such as balancing its load.
    Communication,
    /// To remember what the visitor chose about cookies; a case of paragraph 4.
    ConsentRecord,
    /// Paragraph 5: to count, in order to improve the service.
    Statistical,
    /// Paragraph 6: to show the site as the visitor prefers.
    Appearance,
    /// Paragraph 2: for nothing that is exempt.
    Consent,
}

impl Why {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::StrictlyNecessary => "strictly necessary",
            Self::Communication => "communication",
            Self::ConsentRecord => "consent record",
            Self::Statistical => "statistical",
            Self::Appearance => "appearance",
            Self::Consent => "needs consent",
        }
    }
}

impl Rest {
    fn allows(self, rest: &str) -> bool {
        match self {
            Self::Hex => {
                let digits = rest.split(['_', '-']).next().unwrap_or_default();
                let hex = |char: char| char.is_ascii_hexdigit() || matches!(char, '_' | '-');
                digits.len() >= 6 && rest.chars().all(hex)
            }
            Self::Digits => !rest.is_empty() && rest.chars().all(|char| char.is_ascii_digit()),
            Self::Word => !rest.is_empty() && rest.chars().all(|char| char.is_ascii_alphanumeric()),
            Self::Capital => rest.starts_with(|char: char| char.is_ascii_uppercase()),
        }
    }
}

impl CookieFact {
    /// The row as reports cite it, so that a person can look it up.
    pub(super) fn entry(&self) -> String {
        let at = self.domain.as_ref().map(|domain| format!(" at {domain}")).unwrap_or_default();
        let only = if self.only.is_some() { " where visitors pay" } else { "" };
        let usual = self.lifetime.as_ref().map(|it| format!("; usually {it}")).unwrap_or_default();
        format!(
            "facts on cookies, `{}`{at} ({}; {}{only}{usual}): {} <{}>, written {}",
            self.name,
            self.by,
            self.why.name(),
            self.purpose,
            self.source,
            self.written
        )
    }

    pub(super) fn classification(&self) -> Classification {
        Classification {
            category: self.category,
            basis: Basis {
                source: SourceId::Facts,
                entry: self.entry(),
                confidence: self.confidence,
            },
            organisation: Some(self.by.clone()),
            consent_only: self.why == Why::Consent,
            or: self.or,
        }
    }

    /// What it says of a name of which nobody said where it is kept.
    pub(super) fn classification_without_host(&self) -> Classification {
        let mut class = self.classification();
        class.basis.confidence = Confidence::Low;
        class.basis.entry = format!("if it is kept where the row says: {}", class.basis.entry);
        class
    }

    /// Whether it is about what one site sets, and so knows who is there. Whole sites of others are under a public suffix
    /// such as `gov.uk`.
    pub(super) fn is_for_one_site(&self) -> bool {
        self.domain.as_deref().is_some_and(|domain| !site::is_public_suffix(domain))
    }

    /// Whether the row is about a name kept at a host, given that its pattern covers the name.
    pub(super) fn holds(&self, name: &str, host: &str) -> bool {
        let stem = self.name.trim_end_matches('*');
        let rest = name.strip_prefix(stem).unwrap_or_default();
        self.rest.is_none_or(|class| class.allows(rest))
            && self.domain.as_deref().is_none_or(|domain| is_within(host, domain))
    }
}

/// Whether a host is a domain or under it; `google.*` is google under any public suffix.
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    if let Some(label) = domain.strip_suffix(".*") {
        let registrable = site::of_host(host);
        return registrable.split_once('.').is_some_and(|(first, _)| first == label);
    }
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The rows and how to find them.
#[derive(Debug)]
pub(super) struct CookieFacts {
    rows: Vec<CookieFact>,
    names: PatternIndex,
}

impl CookieFacts {
    /// The rows that are part of the program.
    pub(super) fn embedded() -> Self {
        Self::parse(&TEXTS).expect("the rows are part of the program and read by its tests")
    }

    /// The rows of `texts`, in their order.
    pub(super) fn parse(texts: &[&str]) -> Result<Self, toml::de::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            cookies: Vec<CookieFact>,
        }
        let mut rows = Vec::new();
        for text in texts {
            rows.extend(toml::from_str::<File>(text)?.cookies);
        }
        let names = PatternIndex::new(rows.iter().map(|row| row.name.as_str()));
        Ok(Self { rows, names })
    }

    /// Every row, in the order of the files.
    #[cfg(test)]
    pub(super) fn rows(&self) -> &[CookieFact] {
        &self.rows
    }

    /// The row for a name kept at a host: one for the domain before one for any, the very name before a
    /// pattern.
    pub(super) fn find(&self, name: &str, host: &str) -> Option<&CookieFact> {
        let rows = self.names.exact(name).iter().copied().chain(self.names.wild(name));
        let mut rows = rows.map(|row| &self.rows[row]).filter(|row| row.holds(name, host));
        let first = rows.next()?;
        Some(if first.domain.is_some() {
            first
        } else {
            rows.find(|row| row.domain.is_some() && row.name == first.name).unwrap_or(first)
        })
    }

    /// The row for a name of which nobody said where it is kept, although the row is about one domain. No such name is
    /// essential: at another host it may be anything.
    pub(super) fn find_without_host(&self, name: &str) -> Option<&CookieFact> {
        let mut rows = self.names.exact(name).iter().map(|&row| &self.rows[row]);
        let first = rows.next().filter(|row| row.category != Category::Essential)?;
        rows.all(|row| row.category == first.category).then_some(first)
    }

    /// The rows of one maker, in the order of the files.
    pub(super) fn by_maker(&self, by: &str) -> impl Iterator<Item = &CookieFact> {
        self.rows.iter().filter(move |row| row.by == by)
    }

    /// Whether we say what the star of this very pattern stands for: other sources must not apply the pattern to
    /// names that the star does not stand for.
    pub(super) fn limits(&self, pattern: &str) -> bool {
        self.names.pattern(pattern).any(|row| self.rows[row].rest.is_some())
    }
}

pub(super) const fn high() -> Confidence {
    Confidence::High
}
