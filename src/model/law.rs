//! The law that a site is judged by, as data (`law/*.toml`), and what the site says it relies on.

use std::sync::OnceLock;

use serde::Deserialize;

use super::{Category, Classification};

/// One law on storing and reading things on visitors' devices.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What `--profile` calls it.
    pub name: String,
    /// Where it stands, in short.
    pub title: String,
    /// Where it stands, in full.
    pub law: String,
    /// Since when it has been in force, `YYYY-MM-DD`.
    pub in_force: String,
    /// Where it can be read.
    pub source: String,
    /// How those who watch over it read it.
    pub also: Vec<String>,
    /// Day on which this was written, `YYYY-MM-DD`: what changed since is not in it.
    pub written: String,
    /// What allows storing and reading, consent first.
    pub exemptions: Vec<Exemption>,
}

/// Something that allows storing and reading.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// What `--basis` calls it.
    pub name: String,
    /// Where it stands in the law of its profile.
    pub paragraph: String,
    /// What it is for.
    pub covers: String,
    /// For which categories a site may declare that it relies on it as a whole.
    pub categories: Vec<Category>,
    /// What has to hold, each in plain words that follow "that".
    pub conditions: Vec<Condition>,
}

/// A condition of an [`Exemption`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What has to hold.
    pub text: String,
    /// What a scan sees of it; `None` if only a person can find out.
    pub sign: Option<Sign>,
}

/// What a scan can see of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// The notice declares the thing.
    Notice,
    /// The thing is gone after the visitor refused, or took consent back.
    Objection,
}

/// What a site is judged by: a law, and on what the site says it relies under it.
///
/// What a site declares is its own word. It says which questions to ask, and answers none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Law {
    profile: &'static Profile,
    bases: Vec<(Category, &'static Exemption)>,
}

const CONSENT: &str = "consent";

impl Law {
    /// The law called `profile`, and the site's declared bases, each as `CATEGORY=EXEMPTION`.
    ///
    /// # Errors
    /// If there is no such law, or a basis is none that the law has for such things; one line that
    /// says what would be accepted.
    pub fn read<T: AsRef<str>>(profile: &str, declared: &[T]) -> Result<Self, String> {
        let profile = profiles().iter().find(|it| it.name == profile).ok_or_else(|| {
            format!("unknown profile `{profile}`; the profiles are {}", and(names()))
        })?;
        let mut law = Self { profile, bases: Vec::new() };
        for basis in declared {
            let (category, exemption) = profile.basis(basis.as_ref())?;
            if law.bases.iter().any(|(known, it)| *known == category && *it != exemption) {
                return Err(format!("two bases are declared for {category}; accepted is one"));
            }
            if law.bases.iter().all(|(known, _)| *known != category) {
                law.bases.push((category, exemption));
            }
        }
        law.bases.sort_by_key(|(category, _)| *category);
        Ok(law)
    }

    /// The law.
    pub const fn profile(&self) -> &'static Profile {
        self.profile
    }

    /// What the site declares to rely on, one for a category at most, in their order.
    pub fn bases(&self) -> &[(Category, &'static Exemption)] {
        &self.bases
    }

    /// What the site declares to rely on for things of this sort in place of consent. Whether it may
    /// is another question.
    pub fn declared(&self, class: &Classification) -> Option<&'static Exemption> {
        let (_, exemption) = self.bases.iter().find(|(category, _)| *category == class.category)?;
        (exemption.name != CONSENT).then_some(*exemption)
    }
}

/// The law of the United Kingdom, and nothing declared.
impl Default for Law {
    fn default() -> Self {
        Self { profile: &profiles()[0], bases: Vec::new() }
    }
}

impl Profile {
    fn basis(&self, text: &str) -> Result<(Category, &Exemption), String> {
        let (name, wanted) = text.split_once('=').ok_or_else(|| {
            format!("`{text}` is no basis; write it as `CATEGORY=EXEMPTION`, with {}", self.offer())
        })?;
        let category =
            [Category::Essential, Category::Functional, Category::Performance, Category::Marketing]
                .into_iter()
                .find(|it| it.name() == name)
                .ok_or_else(|| {
                    format!(
                        "unknown category `{name}`; under the profile {} accepted are {}",
                        self.name,
                        self.offer()
                    )
                })?;
        let known = self.exemptions.iter().find(|it| it.name == wanted);
        if let Some(exemption) = known.filter(|it| it.categories.contains(&category)) {
            return Ok((category, exemption));
        }
        let one_by_one = match known {
            Some(it) if it.categories.is_empty() => {
                "; what is exempt by itself is said by `--category NAME=essential`"
            }
            _ => "",
        };
        Err(format!(
            "under the profile {} a site cannot rely on `{wanted}` for {category}; accepted are {}{one_by_one}",
            self.name,
            self.offer()
        ))
    }

    /// Every basis that would be accepted, as one writes it.
    fn offer(&self) -> String {
        let all = self.exemptions.iter().flat_map(|exemption| {
            exemption.categories.iter().map(|it| format!("{it}={}", exemption.name))
        });
        and(all)
    }
}

/// Every law there is, that of the United Kingdom first.
fn profiles() -> &'static [Profile] {
    static PROFILES: OnceLock<Vec<Profile>> = OnceLock::new();
    PROFILES.get_or_init(|| {
        [include_str!("law/uk.toml"), include_str!("law/eu.toml")]
            .map(|text| {
                toml::from_str(text)
                    .expect("profiles are part of the program and read by its tests")
            })
            .into()
    })
}

fn names() -> impl Iterator<Item = String> {
    profiles().iter().map(|it| it.name.clone())
}

/// "a, b and c".
fn and(list: impl Iterator<Item = String>) -> String {
    let mut list: Vec<String> = list.collect();
    let end = list.pop().unwrap_or_default();
    if list.is_empty() { end } else { format!("{} and {end}", list.join(", ")) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_profile_is_whole() {
        let names: Vec<&str> = profiles().iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["uk", "eu"]);
        for profile in profiles() {
            for day in [&profile.in_force, &profile.written] {
                assert!(day.parse::<jiff::civil::Date>().is_ok(), "{}: {day}", profile.name);
            }
            assert!(profile.in_force < profile.written, "{}", profile.name);
            assert!(profile.source.starts_with("https://"), "{}", profile.name);
            assert_eq!(profile.exemptions[0].name, CONSENT, "{}", profile.name);
            let once: BTreeSet<&str> =
                profile.exemptions.iter().map(|it| it.name.as_str()).collect();
            assert_eq!(once.len(), profile.exemptions.len(), "{}", profile.name);
            for exemption in &profile.exemptions {
                let bare = exemption.conditions.is_empty();
                assert_eq!(bare, exemption.name == CONSENT, "{}", exemption.name);
                // What can be relied on for a whole category must leave something to ask.
                let open = exemption.conditions.iter().any(|it| it.sign.is_none());
                assert!(bare || open, "{}", exemption.name);
            }
        }
    }

    #[test]
    fn nothing_but_consent_is_offered_for_marketing_and_nothing_for_essential() {
        for exemption in profiles().iter().flat_map(|it| &it.exemptions) {
            let marketing = exemption.categories.contains(&Category::Marketing);
            assert_eq!(marketing, exemption.name == CONSENT, "{}", exemption.name);
            for category in [Category::Essential, Category::Unknown] {
                assert!(!exemption.categories.contains(&category), "{}", exemption.name);
            }
        }
    }

    #[track_caller]
    fn refused(profile: &str, declared: &[&str], why: &str) {
        assert_eq!(Law::read(profile, declared).unwrap_err(), why);
    }

    const UK: &str = "functional=consent, performance=consent, marketing=consent, \
                      performance=statistical and functional=appearance";
    const EU: &str = "functional=consent, performance=consent and marketing=consent";

    #[test]
    fn a_basis_that_the_law_does_not_have_is_refused_with_what_it_has() {
        for (profile, basis, wanted, category, offer) in [
            ("eu", "performance=statistical", "statistical", "performance", EU),
            ("eu", "functional=appearance", "appearance", "functional", EU),
            ("uk", "marketing=statistical", "statistical", "marketing", UK),
            ("uk", "marketing=appearance", "appearance", "marketing", UK),
            ("uk", "functional=statistical", "statistical", "functional", UK),
            ("uk", "performance=appearance", "appearance", "performance", UK),
            ("uk", "essential=statistical", "statistical", "essential", UK),
            ("uk", "performance=because", "because", "performance", UK),
            ("uk", "performance=", "", "performance", UK),
        ] {
            let why = format!(
                "under the profile {profile} a site cannot rely on `{wanted}` for {category}; accepted are {offer}"
            );
            refused(profile, &[basis], &why);
        }
        for name in ["strictly-necessary", "transmission"] {
            let why = format!(
                "under the profile uk a site cannot rely on `{name}` for marketing; accepted are {UK}; \
                 what is exempt by itself is said by `--category NAME=essential`"
            );
            refused("uk", &[&format!("marketing={name}")], &why);
        }
    }

    #[test]
    fn nonsense_is_refused_with_how_to_write_it() {
        refused(
            "uk",
            &["statistical"],
            &format!("`statistical` is no basis; write it as `CATEGORY=EXEMPTION`, with {UK}"),
        );
        refused(
            "eu",
            &["cookies=consent"],
            &format!("unknown category `cookies`; under the profile eu accepted are {EU}"),
        );
        refused("us", &[], "unknown profile `us`; the profiles are uk and eu");
        refused(
            "uk",
            &["performance=statistical", "performance=consent"],
            "two bases are declared for performance; accepted is one",
        );
    }

    #[test]
    fn what_is_declared_is_for_its_category_alone() {
        let law = Law::read("uk", &["performance=statistical", "functional=consent"]).unwrap();
        let of = |category| {
            let class = Classification { category, ..Classification::unknown("it") };
            law.declared(&class).map(|it| it.name.as_str())
        };
        assert_eq!(of(Category::Performance), Some("statistical"));
        for category in [Category::Functional, Category::Marketing, Category::Unknown] {
            assert_eq!(of(category), None);
        }
        let bases: Vec<Category> = law.bases().iter().map(|it| it.0).collect();
        assert_eq!(bases, [Category::Functional, Category::Performance]);
        assert_eq!(Law::read("uk", &[""; 0]).unwrap(), Law::default());
    }
}
