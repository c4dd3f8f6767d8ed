//! Projects the pinned npm packages of data onto what crumbcheck uses, into `OUT_DIR`.
//!
//! It reads `node_modules` and nothing else: no network, no npm. See `build/` for each source.

#[path = "build/sources.rs"]
mod sources;

#[path = "build/autoconsent.rs"]
mod autoconsent;

#[path = "build/open_cookie_database.rs"]
mod open_cookie_database;

#[path = "build/third_party_web.rs"]
mod third_party_web;

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What every step gives: its output, or one sentence that says what is wrong.
type Result<T> = std::result::Result<T, String>;

fn main() -> io::Result<()> {
    let directory = |name| env::var_os(name).map(PathBuf::from).unwrap_or_default();
    let mut cargo = io::stdout();
    for path in ["build.rs", "build", "package.json"]
        .into_iter()
        .chain(sources::PINNED.iter().flat_map(|pinned| [pinned.manifest, pinned.data]))
    {
        writeln!(cargo, "cargo::rerun-if-changed={path}")?;
    }
    match project(&directory("CARGO_MANIFEST_DIR"), &directory("OUT_DIR")) {
        Ok(()) => Ok(()),
        // One message, however many files are missing: the cure is the same.
        Err(why) => writeln!(cargo, "cargo::error={why}"),
    }
}

fn project(root: &Path, out: &Path) -> Result<()> {
    let sources = sources::read(root)?;
    write(out, "data-sources.tsv", &sources)?;
    for pinned in sources::PINNED {
        let path = root.join(pinned.data);
        let text = fs::read_to_string(&path).map_err(|why| sources::missing(pinned.data, &why))?;
        let projected = (pinned.project)(&text)
            .map_err(|why| format!("{} is not in the form this build knows: {why}", pinned.data))?;
        write(out, pinned.output, &projected)?;
    }
    Ok(())
}

fn write(out: &Path, name: &str, text: &str) -> Result<()> {
    fs::write(out.join(name), text).map_err(|why| format!("cannot write {name}: {why}"))
}

/// One line of tab-separated fields. White space and what cannot be seen would break the line or
/// keep a name from matching, so each run of it becomes one space.
fn line(fields: &[&str]) -> String {
    let clean = |field: &&str| {
        field
            .replace(['\u{ad}', '\u{200b}', '\u{feff}'], "")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    fields.iter().map(clean).collect::<Vec<_>>().join("\t") + "\n"
}
