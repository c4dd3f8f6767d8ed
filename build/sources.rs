//! Which packages the data comes from, and whether the installed ones are the pinned ones.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::Deserialize;

use crate::{Result, autoconsent, line, open_cookie_database, third_party_web};

/// A package of data and what is made of it.
pub(crate) struct Pinned {
    /// Its name on npm.
    package: &'static str,
    /// Its installed `package.json`, which tells its version.
    pub(crate) manifest: &'static str,
    /// The one file of it that is read.
    pub(crate) data: &'static str,
    /// File written to `OUT_DIR`.
    pub(crate) output: &'static str,
    /// Keeps what is used.
    pub(crate) project: fn(&str) -> Result<String>,
}

pub(crate) static PINNED: &[Pinned] = &[
    Pinned {
        package: "@slashgear/gdpr-cookie-scanner",
        manifest: "node_modules/@slashgear/gdpr-cookie-scanner/package.json",
        data: "node_modules/@slashgear/gdpr-cookie-scanner/dist/data/open-cookie-database.json",
        output: "open-cookie-database.tsv",
        project: open_cookie_database::project,
    },
    Pinned {
        package: "third-party-web",
        manifest: "node_modules/third-party-web/package.json",
        data: "node_modules/third-party-web/dist/entities-nostats.json",
        output: "third-party-web.tsv",
        project: third_party_web::project,
    },
    Pinned {
        package: "@duckduckgo/autoconsent",
        manifest: "node_modules/@duckduckgo/autoconsent/package.json",
        data: "node_modules/@duckduckgo/autoconsent/dist/autoconsent.playwright.js",
        output: "autoconsent.js",
        project: autoconsent::bundle,
    },
    Pinned {
        package: "@duckduckgo/autoconsent",
        manifest: "node_modules/@duckduckgo/autoconsent/package.json",
        data: "node_modules/@duckduckgo/autoconsent/rules/rules.json",
        output: "autoconsent-rules.json",
        project: autoconsent::rules,
    },
];

/// What is wrong if a file of a package cannot be read, and the cure.
pub(crate) fn missing(path: &str, why: &io::Error) -> String {
    format!(
        "the data crumbcheck embeds is not installed: cannot read {path} ({why}); \
         run `npm ci --ignore-scripts` (or `./setup.sh scan`) beside Cargo.toml and build again"
    )
}

#[derive(Deserialize)]
struct Root {
    dependencies: BTreeMap<String, String>,
    #[serde(rename = "dataSources")]
    sources: Vec<Source>,
}

/// A row of `dataSources` in our `package.json`. The packages do not say how old their data is, so
/// whoever changes a version there has to look the day up, or the build fails.
#[derive(Deserialize)]
struct Source {
    name: String,
    package: String,
    version: String,
    date: String,
    licence: String,
}

#[derive(Deserialize)]
struct Installed {
    version: String,
}

/// The sources as lines of name, version, day and licence.
pub(crate) fn read(root: &Path) -> Result<String> {
    let text = fs::read_to_string(root.join("package.json"))
        .map_err(|why| format!("cannot read package.json: {why}"))?;
    let ours: Root =
        serde_json::from_str(&text).map_err(|why| format!("package.json is wrong: {why}"))?;
    let mut lines = String::new();
    for pinned in PINNED {
        let package = pinned.package;
        let source = ours.sources.iter().find(|source| source.package == package);
        let source = source
            .ok_or_else(|| format!("package.json has no row for {package} in dataSources"))?;
        let text = fs::read_to_string(root.join(pinned.manifest))
            .map_err(|why| missing(pinned.manifest, &why))?;
        let installed: Installed = serde_json::from_str(&text)
            .map_err(|why| format!("{} is wrong: {why}", pinned.manifest))?;
        if ours.dependencies.get(package) != Some(&source.version) {
            return Err(format!(
                "package.json pins another version of {package} than its row in dataSources \
                 ({}): look up the day of the new data and change both",
                source.version
            ));
        }
        if installed.version != source.version {
            return Err(format!(
                "{package} {} is installed and package.json pins {}; \
                 run `npm ci --ignore-scripts` (or `./setup.sh scan`) and build again",
                installed.version, source.version
            ));
        }
        let told = line(&[&source.name, &source.version, &source.date, &source.licence]);
        if !lines.contains(&told) {
            lines += &told;
        }
    }
    Ok(lines)
}
