use super::Severity;
use crate::model::{Law, Override};

/// What the user decides about a judgement, apart from what was seen: the same evidence under another policy is
/// another judgement of the same site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The law, and on what the site says it relies under it.
    pub law: Law,
    /// After how many months without a review a notice counts as old.
    pub review_months: u16,
    /// What cookies and storage items are for, against every source; of several for one thing the first counts.
    pub overrides: Vec<Override>,
    /// Which findings make a caller's job fail.
    pub threshold: Threshold,
}

/// The law of the United Kingdom, consent as the only basis, and every finding of low severity or above counts.
impl Default for Policy {
    fn default() -> Self {
        Self {
            law: Law::default(),
            review_months: Self::REVIEW_MONTHS,
            overrides: Vec::new(),
            threshold: Threshold { fail_on: Some(Severity::Low), allow_open: false },
        }
    }
}

impl Policy {
    /// After how many months without a review a notice counts as old, unless the user says otherwise.
    pub const REVIEW_MONTHS: u16 = 12;
}

/// What makes a caller's job fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Findings from this severity up; `None` for none at all.
    pub fail_on: Option<Severity>,
    /// Whether what could not be decided is let pass.
    pub allow_open: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audit::{Outcome, audit, testing},
        model::{Category, NamePattern},
    };

    fn over(name: &str, domain: Option<&str>, category: Category) -> Override {
        Override {
            pattern: NamePattern::new(name),
            domain: domain.map(str::to_owned),
            category,
            reason: "we measured it".to_owned(),
        }
    }

    /// What the rule says of a marketing cookie and a functional storage item under these overrides.
    fn judged(id: &str, overrides: Vec<Override>) -> Outcome {
        let (evidence, policy) = testing::parse(
            "none\n _fbp shop.test marketing\n local:_fbp https://shop.test functional",
        );
        let policy = Policy { overrides, ..policy };
        let verdicts = audit(&evidence, &policy);
        verdicts.into_iter().find(|it| it.rule.id == id).unwrap().outcome
    }

    #[test]
    fn an_override_decides_against_what_was_seen_and_is_cited() {
        use Category::{Essential, Marketing};
        for id in ["cookie-before-consent", "storage-before-consent"] {
            assert!(matches!(judged(id, Vec::new()), Outcome::Violated { .. }), "{id}");
            let elsewhere = vec![over("_fbp", Some("other.test"), Essential)];
            assert!(matches!(judged(id, elsewhere), Outcome::Violated { .. }), "{id}");
            let here =
                vec![over("_f*", Some("shop.test"), Essential), over("_fbp", None, Marketing)];
            assert!(matches!(judged(id, here), Outcome::Satisfied), "{id}");
            let worse = judged(id, vec![over("_fbp", None, Marketing)]);
            let Outcome::Violated { findings, .. } = worse else { panic!("{id}: {worse:?}") };
            let cited = "config says marketing: override `_fbp`: we measured it";
            assert!(findings[0].citations.iter().any(|it| it == cited), "{:?}", findings[0]);
        }
    }
}
