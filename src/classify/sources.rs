//! Which data is part of the program, and how old it is.

use std::{fmt::Write as _, sync::OnceLock};

use sha2::{Digest as _, Sha256};

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
    date: "2026-11-30",
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

/// Digest and size of the data that the program embeds from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedData {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: usize,
}

/// Digest and size of the data from the source of that name; `None` if it is no data of this module.
pub fn embedded_data(name: &str) -> Option<EmbeddedData> {
    let texts: &[&str] = match name {
        "crumbcheck facts" => &[
            include_str!("data/cookies-1.toml"),
            include_str!("data/cookies-2.toml"),
            include_str!("data/cookies-3.toml"),
            include_str!("data/cookies-4.toml"),
            include_str!("data/shapes.toml"),
            include_str!("data/conditions.toml"),
            include_str!("data/hosts-1.toml"),
            include_str!("data/hosts-2.toml"),
            include_str!("data/lists.toml"),
            include_str!("data/tokens.toml"),
            include_str!("data/protocols.toml"),
        ],
        "Open Cookie Database" => {
            &[include_str!(concat!(env!("OUT_DIR"), "/open-cookie-database.tsv"))]
        }
        "third-party-web" => &[include_str!(concat!(env!("OUT_DIR"), "/third-party-web.tsv"))],
        _ => return None,
    };
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text);
    }
    let sha256 = digest.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    Some(EmbeddedData { sha256, bytes: texts.iter().map(|text| text.len()).sum() })
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
    fn the_data_is_less_than_a_megabyte() {
        let held: Vec<EmbeddedData> =
            data_sources().iter().filter_map(|it| embedded_data(it.name)).collect();
        assert_eq!(held.len(), 3);
        let bytes: usize = held.iter().map(|it| it.bytes).sum();
        assert!(bytes < 1_000_000, "{bytes}");
        assert!(held.iter().all(|it| it.sha256.len() == 64 && it.bytes > 1000));
    }

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
