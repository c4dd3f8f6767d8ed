//! Which data the program holds, and how old it is.

use std::sync::OnceLock;

/// A source of facts that is part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Its name.
    pub name: &'static str,
    /// Version of the package it came from.
    pub version: &'static str,
    /// Day of the data, `YYYY-MM-DD`.
    pub date: &'static str,
    /// SPDX identifier of its licence.
    pub licence: &'static str,
}

/// Our own facts, `data/*.toml`. The day is the last on which a row was changed.
const FACTS: Source = Source {
    name: "crumbcheck facts",
    version: env!("CARGO_PKG_VERSION"),
    date: "2026-11-25",
    licence: "MIT OR Apache-2.0",
};

/// Every source, sorted by name without regard to case.
pub fn data_sources() -> Vec<Source> {
    all().to_vec()
}

/// Day of the data of the source of that name.
pub(super) fn date_of(name: &str) -> &'static str {
    find(name).map_or("undated", |source| source.date)
}

/// Version of the source of that name.
pub(super) fn version_of(name: &str) -> &'static str {
    find(name).map_or("unversioned", |source| source.version)
}

fn find(name: &str) -> Option<&'static Source> {
    all().iter().find(|source| source.name == name)
}

fn all() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let text = include_str!(concat!(env!("OUT_DIR"), "/data-sources.tsv"));
        let mut sources: Vec<Source> = text.lines().filter_map(read).chain([FACTS]).collect();
        sources.sort_by_key(|source| source.name.to_ascii_lowercase());
        sources
    })
}

fn read(line: &'static str) -> Option<Source> {
    let mut fields = line.split('\t');
    Some(Source {
        name: fields.next()?,
        version: fields.next()?,
        date: fields.next()?,
        licence: fields.next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_says_what_and_when() {
        let sources = data_sources();
        let names: Vec<&str> = sources.iter().map(|source| source.name).collect();
        assert_eq!(
            names,
            ["autoconsent", "crumbcheck facts", "Open Cookie Database", "third-party-web"]
        );
        for source in sources {
            assert!(source.date.parse::<jiff::civil::Date>().is_ok(), "{source:?}");
            assert!(source.version.split('.').count() == 3, "{source:?}");
            assert!(!source.licence.is_empty(), "{source:?}");
        }
    }
}
