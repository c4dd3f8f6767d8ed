//! The words of a draft, in English and Welsh.

use std::{collections::BTreeSet, fmt, str::FromStr, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::model::{Category, StorageKind};

/// A language that drafts are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Welsh.
    #[serde(rename = "cy")]
    Welsh,
}

/// What a draft says in one language.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) introduction: [&'static str; 2],
    pub(super) name: &'static str,
    pub(super) purpose: &'static str,
    pub(super) expires: &'static str,
    pub(super) set_by: &'static str,
    pub(super) purpose_needed: &'static str,
    pub(super) expiry_needed: &'static str,
    pub(super) this_site: &'static str,
    pub(super) tab_closed: &'static str,
    pub(super) until_cleared: &'static str,
    pub(super) only_if_agreed: &'static str,
    pub(super) set_anyway: &'static str,
    pub(super) always_on: &'static str,
    pub(super) change: &'static str,
    pub(super) change_by: &'static str,
    pub(super) change_somehow: &'static str,
    pub(super) clear: &'static str,
    pub(super) services: &'static str,
    pub(super) services_introduction: &'static str,
    pub(super) run_by: &'static str,
    pub(super) reviewed: &'static str,
    pub(super) lacks: &'static str,
    browser_closed: &'static str,
    or: &'static str,
    to: &'static str,
    /// In the order essential, functional, performance, marketing, unknown.
    headings: [&'static str; 5],
    /// In the order local, session, IndexedDB, cache.
    storage: [&'static str; 5],
    months: [&'static str; 12],
}

const ENGLISH: Words = Words {
    title: "Cookies",
    introduction: [
        "Cookies are small files that a site asks your browser to keep. Browsers can keep things for a site in other ways too; we list these as well. Someone else who uses the same device may be able to find them.",
        "These are the cookies that we use, what they are for, how long they last and who sets them.",
    ],
    name: "Name",
    purpose: "Purpose",
    expires: "Expires",
    set_by: "Set by",
    purpose_needed: "[purpose needed]",
    expiry_needed: "[how long it lasts is needed]",
    this_site: "This site",
    tab_closed: "When you close the tab",
    until_cleared: "Until it is cleared",
    only_if_agreed: "These are only set if you accept them.",
    set_anyway: "Some of these are set before you make a choice, or although you refused.",
    always_on: "Without these the site would not work, so we do not ask first.",
    change: "Changing your choice",
    change_by: "You can change your choice at any time. On any page of this site, choose",
    change_somehow: "[say how visitors change their choice, such as by \"Cookie settings\" at the foot of every page]",
    clear: "You can also delete what is stored in the settings of your browser.",
    services: "Other organisations",
    services_introduction: "While you use this site your browser also gets things from these organisations. They learn your IP address and which page you were on.",
    run_by: "run by",
    reviewed: "Last updated",
    lacks: "This draft may lack something",
    browser_closed: "When you close your browser",
    or: "or",
    to: "to",
    headings: [
        "Essential cookies",
        "Functional cookies",
        "Analytics cookies",
        "Marketing cookies",
        "Cookies whose use has to be found out",
    ],
    storage: ["local storage", "session storage", "database", "cache", "file"],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};

const WELSH: Words = Words {
    title: "Cwcis",
    introduction: [
        "Ffeiliau bach yw cwcis y mae gwefan yn gofyn i'ch porwr eu cadw. Gall porwyr gadw pethau ar gyfer gwefan mewn ffyrdd eraill hefyd; rydym yn rhestru'r rhain yn ogystal. Efallai y bydd rhywun arall sy'n defnyddio'r un ddyfais yn gallu dod o hyd iddynt.",
        "Dyma'r cwcis rydym yn eu defnyddio, beth yw eu diben, am ba mor hir y maent yn para a phwy sy'n eu gosod.",
    ],
    name: "Enw",
    purpose: "Pwrpas",
    expires: "Dod i ben",
    set_by: "Darparwr",
    purpose_needed: "[angen nodi'r pwrpas]",
    expiry_needed: "[angen nodi pryd y daw i ben]",
    this_site: "Y wefan hon",
    tab_closed: "Pan fyddwch yn cau'r tab",
    until_cleared: "Dim dyddiad: nes iddo gael ei glirio",
    only_if_agreed: "Dim ond os byddwch yn eu derbyn y caiff y rhain eu gosod.",
    set_anyway: "Caiff rhai o'r rhain eu gosod cyn i chi ddewis, neu er i chi wrthod.",
    always_on: "Ni fyddai'r wefan yn gweithio heb y rhain, felly nid ydym yn gofyn yn gyntaf.",
    change: "Newid eich dewis",
    change_by: "Gallwch newid eich dewis unrhyw bryd. Ar unrhyw dudalen o'r wefan hon, dewiswch",
    change_somehow: "[dywedwch sut mae ymwelwyr yn newid eu dewis, er enghraifft drwy \"Gosodiadau cwcis\" ar waelod pob tudalen]",
    clear: "Gallwch hefyd ddileu'r hyn sydd wedi'i storio yng ngosodiadau eich porwr.",
    services: "Sefydliadau eraill",
    services_introduction: "Wrth i chi ddefnyddio'r wefan hon mae eich porwr hefyd yn nôl pethau gan y sefydliadau hyn. Maent yn dysgu eich cyfeiriad IP a pha dudalen yr oeddech arni.",
    run_by: "a redir gan",
    reviewed: "Diweddarwyd ddiwethaf",
    lacks: "Efallai bod rhywbeth ar goll o'r drafft hwn",
    browser_closed: "Pan fyddwch yn cau eich porwr",
    or: "neu",
    to: "i",
    headings: [
        "Cwcis hanfodol",
        "Cwcis swyddogaethol",
        "Cwcis dadansoddi",
        "Cwcis marchnata",
        "Cwcis y mae angen canfod eu defnydd",
    ],
    storage: ["storfa leol", "storfa sesiwn", "cronfa ddata", "storfa dros dro", "ffeil"],
    months: [
        "Ionawr",
        "Chwefror",
        "Mawrth",
        "Ebrill",
        "Mai",
        "Mehefin",
        "Gorffennaf",
        "Awst",
        "Medi",
        "Hydref",
        "Tachwedd",
        "Rhagfyr",
    ],
};

impl Words {
    pub(super) const fn heading(&self, category: Category) -> &'static str {
        self.headings[match category {
            Category::Essential => 0,
            Category::Functional => 1,
            Category::Performance => 2,
            Category::Marketing => 3,
            Category::Unknown => 4,
        }]
    }

    pub(super) const fn storage(&self, kind: StorageKind) -> &'static str {
        self.storage[match kind {
            StorageKind::Local => 0,
            StorageKind::Session => 1,
            StorageKind::Indexeddb => 2,
            StorageKind::Cache => 3,
            StorageKind::Opfs => 4,
        }]
    }
}

impl Language {
    /// As a two-letter code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Welsh => "cy",
        }
    }

    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Welsh => &WELSH,
        }
    }

    /// `2026-11` as "November 2026".
    pub(super) fn month(self, reviewed: &str) -> Option<String> {
        let (year, month) = reviewed.split_once('-')?;
        let month = month.parse::<usize>().ok()?.checked_sub(1)?;
        Some(format!("{} {year}", self.words().months.get(month)?))
    }

    /// What our facts say in English, in this language; `None` if it has not been translated.
    pub(super) fn purpose(self, english: &str) -> Option<String> {
        match self {
            Self::English => Some(english.to_owned()),
            Self::Welsh => PURPOSES
                .iter()
                .find(|it| it.en == english)
                .map(|it| it.cy.clone())
                .or_else(|| recognises(english)),
        }
    }

    /// Lengths as a notice writes them; `None` among them is the session.
    pub(super) fn lengths(self, lengths: &BTreeSet<Option<u64>>) -> Option<String> {
        let words = self.words();
        let closes = lengths.contains(&None);
        let mut figures = lengths.iter().copied().flatten();
        let shortest = figures.next();
        let longest = figures.next_back();
        let length = match (shortest, longest) {
            (Some(shortest), Some(longest)) => {
                let (from, to) = (self.length(shortest), self.length(longest));
                if from == to { from } else { format!("{from} {} {to}", words.to) }
            }
            (Some(only), None) => self.length(only),
            (None, _) => return closes.then(|| words.browser_closed.to_owned()),
        };
        let close = words.browser_closed;
        Some(if closes {
            let mut letters = close.chars();
            let first = letters.next().map(|it| it.to_lowercase().to_string()).unwrap_or_default();
            format!("{length}, {} {first}{}", words.or, letters.as_str())
        } else {
            length
        })
    }

    /// A length in the largest unit in which it is a whole number, roughly.
    fn length(self, seconds: u64) -> String {
        const DAY: u64 = 86_400;
        let (number, unit) = match seconds {
            0..120 => (seconds, Unit::Second),
            120..7200 => ((seconds + 30) / 60, Unit::Minute),
            7200..DAY => ((seconds + 1800) / 3600, Unit::Hour),
            _ => match (seconds + DAY / 2) / DAY {
                days if days.is_multiple_of(365) => (days / 365, Unit::Year),
                days => (days, Unit::Day),
            },
        };
        match self {
            Self::English => {
                let unit = match unit {
                    Unit::Second => "second",
                    Unit::Minute => "minute",
                    Unit::Hour => "hour",
                    Unit::Day => "day",
                    Unit::Year => "year",
                };
                if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
            }
            // Welsh counts in the singular; years change their beginning with the number.
            Self::Welsh => {
                let unit = match (unit, number) {
                    (Unit::Second, _) => "eiliad",
                    (Unit::Minute, _) => "munud",
                    (Unit::Hour, _) => "awr",
                    (Unit::Day, 2) => "ddiwrnod",
                    (Unit::Day, _) => "diwrnod",
                    (Unit::Year, 1) => "flwyddyn",
                    (Unit::Year, 2) => "flynedd",
                    (Unit::Year, 3 | 4 | 6) => "blynedd",
                    (Unit::Year, _) => "mlynedd",
                };
                format!("{number} {unit}")
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Year,
}

#[derive(Deserialize)]
struct Purpose {
    en: String,
    cy: String,
}

static PURPOSES: LazyLock<Vec<Purpose>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        purpose: Vec<Purpose>,
    }
    #[allow(clippy::expect_used, reason = "the file is embedded and read by a test")]
    toml::from_str::<File>(include_str!("purposes-cy.toml"))
        .expect("the embedded translations are valid")
        .purpose
});

/// "Recognises a visitor for HubSpot.": half of all purposes are of this kind.
fn recognises(english: &str) -> Option<String> {
    for (en, cy) in [
        ("Recognises a browser for ", "Yn adnabod porwr ar gyfer "),
        ("Recognises a visitor for ", "Yn adnabod ymwelydd ar gyfer "),
        ("Links a visit to an advertisement on ", "Yn cysylltu ymweliad â hysbyseb ar "),
    ] {
        if let Some(receiver) = english.strip_prefix(en) {
            // What follows has to be a name: common words would need translating.
            if receiver.starts_with(char::is_uppercase) && !receiver.contains(" advertisements") {
                return Some(format!("{cy}{receiver}"));
            }
        }
    }
    None
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "en" => Ok(Self::English),
            "cy" => Ok(Self::Welsh),
            other => Err(format!("drafts are written in en or cy, not in `{other}`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::WrittenLifetime, notice};

    #[test]
    fn lengths_are_read_back_as_they_were() {
        const DAY: u64 = 86_400;
        for language in [Language::English, Language::Welsh] {
            for seconds in
                [1, 90, 600, 1800, 7200, DAY, 2 * DAY, 90 * DAY, 365 * DAY, 730 * DAY, 1825 * DAY]
            {
                let words = language.lengths(&BTreeSet::from([Some(seconds)])).unwrap();
                let read = notice::lifetime(&words);
                assert_eq!(
                    (read.kind, read.seconds),
                    (WrittenLifetime::Duration, Some(seconds)),
                    "{words}"
                );
                let words = language.lengths(&BTreeSet::from([None, Some(seconds)])).unwrap();
                let read = notice::lifetime(&words);
                assert_eq!(
                    (read.kind, read.seconds),
                    (WrittenLifetime::SessionOrDuration, Some(seconds)),
                    "{words}"
                );
            }
            let words = language.lengths(&BTreeSet::from([None])).unwrap();
            assert_eq!(notice::lifetime(&words).kind, WrittenLifetime::Session, "{words}");
            let words = language.lengths(&BTreeSet::from([Some(DAY), Some(730 * DAY)])).unwrap();
            let read = notice::lifetime(&words);
            assert_eq!(
                (read.seconds, read.max_seconds),
                (Some(DAY), Some(730 * DAY)),
                "{words}: {read:?}"
            );
        }
        assert_eq!(Language::English.lengths(&BTreeSet::new()), None);
    }

    #[test]
    fn purposes_in_welsh_are_those_of_our_facts() {
        assert!(PURPOSES.len() > 20);
        assert_eq!(
            Language::Welsh.purpose("Recognises a visitor for HubSpot.").as_deref(),
            Some("Yn adnabod ymwelydd ar gyfer HubSpot.")
        );
        assert_eq!(Language::Welsh.purpose("Does what nobody has translated."), None);
    }
}
