//! Filter lists in the user's cache: fetched on demand, never part of the program. Beside each list is a
//! small file that says where it came from, when, and what its bytes are.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use url::Url;

use super::{Failure, scan};
use crate::{
    classify::{self, FilterList, ListAbout, MOST_BYTES},
    exit::Exit,
    gather::{Credentials, Fetcher, Network, SiteSecrets},
    model::site,
};

const HELP: &str = "lists are put there by `crumbcheck data update --list NAME=URL-OR-FILE`";

/// What to keep under which name, as the command line has it.
#[derive(Clone, Debug)]
pub(super) struct ListSource {
    name: String,
    from: String,
}

impl ListSource {
    /// The site that the list is fetched from; `None` for a file.
    fn site(&self) -> Option<String> {
        Url::parse(&self.from).ok().and_then(|url| site::of_url(&url))
    }
}

/// `NAME=URL-OR-FILE`; the name becomes that of a file.
pub(super) fn source(text: &str) -> Result<ListSource, String> {
    const HOW: &str = "write it as `easyprivacy=https://…` or `easyprivacy=FILE`, with a name of a-z, 0-9 and `-`";
    let (name, from) = text.split_once('=').ok_or(HOW)?;
    let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    if !(1..=40).contains(&name.len()) || !name.bytes().all(plain) || from.is_empty() {
        return Err(HOW.to_owned());
    }
    Ok(ListSource { name: name.to_owned(), from: from.to_owned() })
}

/// Takes every list from where it is, and keeps them if all of them are lists; what was kept before stays
/// where anything fails.
pub(super) fn update(
    sources: &[ListSource],
    network: &Network,
    credentials: &Credentials,
    timeout: Duration,
    today: &str,
) -> Result<Vec<ListAbout>, Failure> {
    let folder = folder()?;
    let sites: BTreeSet<_> = sources.iter().filter_map(ListSource::site).collect();
    if sites.len() > 1 && !credentials.is_empty() {
        // They are meant for one of them, and we cannot know which.
        return Err(Failure::usage(
            "`--header` and `--basic-auth` go to one site, and the lists are on several",
            "update the lists of each site by a command of its own",
        ));
    }
    let mut taken = Vec::new();
    for ListSource { name, from } in sources {
        let (from, bytes) = take(from, network, credentials, timeout)?;
        let about = classify::about_list(name, &from, today, &bytes).map_err(|why| {
            Failure::usage(
                format!("{from}: {why}; nothing was changed"),
                "give a list in the syntax of Adblock Plus, such as EasyPrivacy",
            )
        })?;
        taken.push((about, bytes));
    }
    for (about, bytes) in &taken {
        keep(&folder, about, bytes).map_err(|error| Failure {
            exit: Exit::Failed,
            message: format!("cannot write to {}: {error}", folder.display()),
            help: "make room, or set XDG_CACHE_HOME to a folder that can be written".to_owned(),
        })?;
    }
    Ok(taken.into_iter().map(|(about, _)| about).collect())
}

fn take(
    from: &str,
    network: &Network,
    credentials: &Credentials,
    timeout: Duration,
) -> Result<(String, Vec<u8>), Failure> {
    if from.starts_with("https://") {
        return fetch(from, network, credentials, timeout);
    }
    if from.contains("://") {
        // What decides on findings is not taken from whoever is on the way.
        return Err(Failure::usage(
            format!("{from}: lists are fetched over https, or taken from a file"),
            "give an address that begins with https://",
        ));
    }
    let read = |error: io::Error| {
        Failure::usage(format!("the list {from} could not be read: {error}"), "check its path")
    };
    let path = fs::canonicalize(from).map_err(read)?;
    let mut bytes = Vec::new();
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    fs::File::open(&path).map_err(read)?.take(most).read_to_end(&mut bytes).map_err(read)?;
    Ok((path.display().to_string(), bytes))
}

fn fetch(
    from: &str,
    network: &Network,
    credentials: &Credentials,
    timeout: Duration,
) -> Result<(String, Vec<u8>), Failure> {
    const AGAIN: &str = "try again later; the list that was kept before is still there";
    let url = Url::parse(from).map_err(|error| {
        Failure::usage(format!("{from} is no address: {error}"), "check `--list`")
    })?;
    let user_agent = concat!("crumbcheck/", env!("CARGO_PKG_VERSION"));
    let secrets = SiteSecrets::new(&url, credentials.clone());
    let fetcher = Fetcher::new(network.clone(), secrets, user_agent);
    // One byte more than is allowed shows that there are too many.
    let work = fetcher.fetch_at_most(&url, timeout, MOST_BYTES + 1);
    let answer = scan::runtime()?
        .block_on(work)
        .map_err(|error| Failure::new(Exit::Failed, &error, AGAIN))?;
    if !(200..300).contains(&answer.status) {
        return Err(Failure {
            exit: Exit::Failed,
            message: format!("{from}: the server answers {}", answer.status),
            help: AGAIN.to_owned(),
        });
    }
    Ok((from.to_owned(), answer.bytes))
}

/// Where lists are kept (<https://specifications.freedesktop.org/basedir-spec/latest/>).
fn folder() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let cache = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .ok_or_else(|| {
            Failure::usage(
                "there is no folder for lists",
                "set XDG_CACHE_HOME to a folder of yours",
            )
        })?;
    Ok(cache.join("crumbcheck").join("lists"))
}

/// Each file is written beside its place first, so that a half-written one never takes it; should only
/// one of the two arrive, [`load`] sees that they do not belong together.
fn keep(folder: &Path, about: &ListAbout, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let write = |extension: &str, bytes: &[u8]| -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(folder.join(format!("{}.{extension}", about.name)))?;
        Ok(())
    };
    write("txt", bytes)?;
    write("json", &serde_json::to_vec_pretty(about)?)
}

/// What is said of every list that is kept, in order of their names.
pub(super) fn kept() -> Result<Vec<ListAbout>, Failure> {
    // Without a folder there are no lists, and what the program holds can be told all the same.
    let Ok(folder) = folder() else { return Ok(Vec::new()) };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(damaged(&folder, &error)),
    };
    let mut kept = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| damaged(&folder, &error))?.path();
        if path.extension().is_some_and(|it| it == "json") {
            let text = fs::read(&path).map_err(|error| damaged(&path, &error))?;
            let about: ListAbout =
                serde_json::from_slice(&text).map_err(|error| damaged(&path, &error))?;
            if path.file_stem().is_none_or(|it| it != about.name.as_str()) {
                return Err(damaged(&path, "it is about a list of another name"));
            }
            kept.push(about);
        }
    }
    kept.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(kept)
}

/// Every list that is kept, ready to be asked.
pub(super) fn load() -> Result<Vec<FilterList>, Failure> {
    let about = kept()?;
    let folder = folder()?;
    if about.is_empty() {
        return Err(Failure::usage(
            format!("there are no filter lists in {}", folder.display()),
            HELP,
        ));
    }
    about
        .into_iter()
        .map(|about| {
            let path = folder.join(format!("{}.txt", about.name));
            let bytes = fs::read(&path).map_err(|error| damaged(&path, &error))?;
            if classify::sha256(&bytes) != about.sha256 {
                return Err(damaged(&path, "it is not what was fetched"));
            }
            let text = String::from_utf8(bytes).map_err(|error| damaged(&path, &error))?;
            Ok(FilterList::new(about, text))
        })
        .collect()
}

fn damaged(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::usage(
        format!("the list kept in {} cannot be used: {why}", path.display()),
        "fetch it anew with `crumbcheck data update --list NAME=URL-OR-FILE`, or remove it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_list_is_a_plain_file_name() {
        assert!(source("easy-privacy2=/a/b.txt").is_ok());
        for text in ["easyprivacy", "=a", "a=", "../up=a", "a/b=c", "A=b", "a b=c"] {
            assert!(source(text).is_err(), "{text}");
        }
        assert_eq!(source("a=https://x.test/?q=1").unwrap().from, "https://x.test/?q=1");
    }
}
