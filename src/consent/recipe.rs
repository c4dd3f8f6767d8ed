//! Recipes: how to operate one banner, written down step by step.
//!
//! ```toml
//! name = "Example banner"
//! source = "https://docs.example.com/"   # where the markup is documented
//! detect = "#example-banner"             # visible when the banner asks
//! stores = ["example_consent"]           # cookies or storage keys that hold the choice
//! accept = [{ click = "#example-accept" }]
//! reject = [{ click = "#example-more" }, { uncheck = ".example-switch" }, { click = "#example-save" }]
//! withdraw = [{ click = "#example-icon" }, { wait = "#example-panel" }, { click = "#example-revoke" }]
//! frame = "consent.example.com"          # part of the address of the frame it is in, if it is in one
//! ```
//!
//! Selectors are CSS and look into shadow roots, closed ones too. Whatever a recipe says, a visitor
//! who refuses never presses something that reads like agreement.

use serde::Deserialize;

use crate::model::Pass;

/// How to operate one banner.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What the banner is called.
    pub name: String,
    /// Where its markup is documented.
    #[serde(default)]
    pub source: String,
    /// Selector of what is visible when the banner asks.
    pub detect: String,
    /// Cookies or storage keys that hold the choice. If there are any, one of them must change.
    #[serde(default)]
    pub stores: Vec<String>,
    /// Part of the address of the frame that it is in.
    #[serde(default)]
    pub frame: Option<String>,
    /// Steps to accept everything.
    #[serde(default)]
    pub accept: Vec<Step>,
    /// Steps to refuse everything.
    #[serde(default)]
    pub reject: Vec<Step>,
    /// Steps to take consent back, from any page.
    #[serde(default)]
    pub withdraw: Vec<Step>,
}

/// One step; exactly one thing is to be done in each.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Press what the selector finds first.
    Click(String),
    /// Wait until it finds something visible.
    Wait(String),
    /// Switch on everything it finds.
    Check(String),
    /// Switch off everything it finds.
    Uncheck(String),
}

/// Why a text is not a recipe.
#[derive(Debug, thiserror::Error)]
#[error("{name} is not a recipe")]
pub struct RecipeError {
    /// The file it came from.
    name: String,
    /// Why, with the line.
    source: Box<toml::de::Error>,
}

/// The recipes that come with the program.
const FILES: &[(&str, &str)] = &[
    ("civic-cookie-control", include_str!("recipes/civic-cookie-control.toml")),
    ("nhs", include_str!("recipes/nhs.toml")),
];

impl Recipe {
    /// The recipes that come with the program.
    ///
    /// # Panics
    /// Never: a test reads the embedded files.
    pub fn all() -> Vec<Self> {
        #[allow(clippy::expect_used, reason = "the files are embedded and read by a test")]
        FILES.iter().map(|(_, text)| toml::from_str(text).expect("a valid recipe")).collect()
    }

    /// Reads one.
    ///
    /// # Errors
    /// If the text is not a recipe.
    pub fn parse(name: &str, text: &str) -> Result<Self, RecipeError> {
        toml::from_str(text)
            .map_err(|source| RecipeError { name: name.to_owned(), source: Box::new(source) })
    }

    /// The steps to a choice; none if the recipe does not know it.
    pub fn steps(&self, choice: Pass) -> &[Step] {
        match choice {
            Pass::Accept => &self.accept,
            Pass::Reject => &self.reject,
            Pass::Withdraw => &self.withdraw,
            Pass::None => &[],
        }
    }
}

impl Step {
    /// As recordings name it.
    pub fn describe(&self) -> String {
        match self {
            Self::Click(selector) => format!("press `{selector}`"),
            Self::Wait(selector) => format!("wait for `{selector}`"),
            Self::Check(selector) => format!("switch on `{selector}`"),
            Self::Uncheck(selector) => format!("switch off `{selector}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_parses_and_knows_how_to_refuse() {
        assert_eq!(Recipe::all().len(), FILES.len());
        for (recipe, (file, _)) in Recipe::all().iter().zip(FILES) {
            assert!(!recipe.reject.is_empty() && !recipe.accept.is_empty(), "{file}");
            assert!(recipe.source.starts_with("https://"), "{file}");
            let selector = scraper::Selector::parse(&recipe.detect);
            assert!(selector.is_ok(), "{file}: {}", recipe.detect);
        }
    }

    #[test]
    fn a_mistake_is_reported_with_its_file() {
        let error = Recipe::parse("mine.toml", "name = 1").unwrap_err();
        assert_eq!(error.to_string(), "mine.toml is not a recipe");
    }

    #[test]
    fn a_step_does_one_thing() {
        let two: Result<Step, _> = toml::from_str("click = \"a\"\nwait = \"b\"");
        assert!(two.is_err());
        let one: Step = toml::from_str("uncheck = \".switch\"").unwrap();
        assert_eq!(one, Step::Uncheck(".switch".to_owned()));
    }
}
