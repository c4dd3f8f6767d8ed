use super::{Basis, Category, Classification, Confidence, NamePattern, SourceId, site};

/// What the user says of a cookie or storage item, against every other source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Names it is about.
    pub pattern: NamePattern,
    /// Host it has to be kept at, itself or under it; any host if `None`.
    pub domain: Option<String>,
    /// What it is for.
    pub category: Category,
    /// Why the user knows better; shown wherever the category is.
    pub reason: String,
}

impl Override {
    /// Whether it is about the thing called `name` that is kept at `host`.
    pub fn covers(&self, name: &str, host: &str) -> bool {
        let clean = |host: &str| host.trim_matches('.').to_ascii_lowercase();
        self.pattern.matches(name)
            && self
                .domain
                .as_deref()
                .is_none_or(|domain| site::is_within(&clean(host), &clean(domain)))
    }

    /// What it says.
    pub fn classification(&self) -> Classification {
        let at = self.domain.as_ref().map(|domain| format!(" at {domain}")).unwrap_or_default();
        Classification {
            category: self.category,
            basis: Basis {
                source: SourceId::Config,
                entry: format!("override `{}`{at}: {}", self.pattern.as_str(), self.reason),
                confidence: Confidence::High,
            },
            organisation: None,
            consent_only: false,
            or: None,
        }
    }
}
