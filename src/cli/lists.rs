//! Filter lists in the user's cache: downloaded on demand, never part of the program. Beside each list is a small file
//! that says where and when it was downloaded, and its digest.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use url::Url;

use super::{Failure, args::ListSource, runtime};
use crate::{
    classify::{self, FilterList, ListAbout, MOST_BYTES},
    exit::Exit,
    gather::{Credentials, Fetcher, Network, SiteSecrets},
    model::site,
};

const HELP: &str = "save one with `crumbcheck data update --list NAME=URL-OR-FILE`";

/// Downloads or copies every list, and saves them if all of them are lists; if anything fails, the lists that were
/// saved before stay.
pub(super) fn update(
    sources: &[ListSource],
    network: &Network,
    credentials: &Credentials,
    timeout: Duration,
    today: &str,
) -> Result<Vec<ListAbout>, Failure> {
    let folder = folder()?;
    let sites: BTreeSet<_> = sources.iter().filter_map(|it| site_of(&it.from)).collect();
    if sites.len() > 1 && !credentials.is_empty() {
        // They are meant for one of them, and we cannot know which.
        return Err(Failure::usage(
            "`--header` and `--basic-auth` go to one site, and the lists are on several",
            "update the lists of each site by a command of its own",
        ));
    }
    let mut read = Vec::new();
    for ListSource { name, from } in sources {
        let (from, bytes) = read_list(from, network, credentials, timeout)?;
        let about = classify::about_list(name, &from, today, &bytes).map_err(|why| {
            Failure::usage(
                format!("{from}: {why}; nothing was changed"),
                "give a list in the syntax of Adblock Plus, such as EasyPrivacy",
            )
        })?;
        read.push((about, bytes));
    }
    for (about, bytes) in &read {
        save(&folder, about, bytes).map_err(|error| Failure {
            exit: Exit::Failed,
            message: format!("cannot write to {}: {error}", folder.display()),
            help: "make room, or set XDG_CACHE_HOME to a folder that can be written".to_owned(),
        })?;
    }
    Ok(read.into_iter().map(|(about, _)| about).collect())
}

/// The site that a list is downloaded from; `None` for a file.
fn site_of(from: &str) -> Option<String> {
    Url::parse(from).ok().and_then(|url| site::of_url(&url))
}

fn read_list(
    from: &str,
    network: &Network,
    credentials: &Credentials,
    timeout: Duration,
) -> Result<(String, Vec<u8>), Failure> {
    if from.starts_with("https://") {
        return fetch(from, network, credentials, timeout);
    }
    if from.contains("://") {
        // Over http, anybody on the way could change a list that findings depend on.
        return Err(Failure::usage(
            format!("{from}: lists are downloaded over https or copied from a file"),
            "give an address that begins with https://",
        ));
    }
    let unreadable = |error: io::Error| {
        Failure::usage(format!("the list {from} could not be read: {error}"), "check its path")
    };
    let path = fs::canonicalize(from).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    fs::File::open(&path)
        .map_err(unreadable)?
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    Ok((path.display().to_string(), bytes))
}

fn fetch(
    from: &str,
    network: &Network,
    credentials: &Credentials,
    timeout: Duration,
) -> Result<(String, Vec<u8>), Failure> {
    const AGAIN: &str = "try again later; the list that was saved before is still there";
    let url = Url::parse(from)
        .map_err(|error| Failure::usage(format!("not an address: {error}"), "check `--list`"))?;
    let user_agent = concat!("crumbcheck/", env!("CARGO_PKG_VERSION"));
    let (url, secrets) = SiteSecrets::bind(&url, credentials.clone());
    // The address is shown and kept beside the list.
    let from = url.as_str();
    let fetcher = Fetcher::new(&url, network.clone(), user_agent);
    let work = async {
        let (fetcher, _) = fetcher.with_secrets(secrets, timeout).await;
        // One byte more than is allowed shows that the list is too long.
        fetcher.fetch_at_most(&url, timeout, MOST_BYTES + 1).await
    };
    let answer = runtime::runtime()?
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

/// The folder of saved lists (<https://specifications.freedesktop.org/basedir-spec/latest/>).
fn folder() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let cache = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .ok_or_else(|| {
            Failure::usage(
                "there is no folder for filter lists",
                "set XDG_CACHE_HOME to a folder that you can write to",
            )
        })?;
    Ok(cache.join("crumbcheck").join("lists"))
}

/// Each file is written under a temporary name first, so that a half-written one never takes its place; if only one of
/// the two arrives, [`load`] sees that they do not belong together.
fn save(folder: &Path, about: &ListAbout, bytes: &[u8]) -> io::Result<()> {
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

/// What is known about every saved list, in order of their names.
pub(super) fn saved() -> Result<Vec<ListAbout>, Failure> {
    // Without a folder there are no lists; the built-in data can be listed all the same.
    let Ok(folder) = folder() else { return Ok(Vec::new()) };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(damaged(&folder, &error)),
    };
    let mut saved = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| damaged(&folder, &error))?.path();
        if path.extension().is_some_and(|it| it == "json") {
            let text = fs::read(&path).map_err(|error| damaged(&path, &error))?;
            let about: ListAbout =
                serde_json::from_slice(&text).map_err(|error| damaged(&path, &error))?;
            if path.file_stem().is_none_or(|it| it != about.name.as_str()) {
                return Err(damaged(&path, "it describes a list of another name"));
            }
            saved.push(about);
        }
    }
    saved.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(saved)
}

/// Every saved list, ready for look-ups.
pub(super) fn load() -> Result<Vec<FilterList>, Failure> {
    let about = saved()?;
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
                return Err(damaged(&path, "its digest is not that of the download"));
            }
            let text = String::from_utf8(bytes).map_err(|error| damaged(&path, &error))?;
            Ok(FilterList::new(about, text))
        })
        .collect()
}

fn damaged(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::usage(
        format!("the saved list {} cannot be used: {why}", path.display()),
        "download it again with `crumbcheck data update --list NAME=URL-OR-FILE`, or remove it",
    )
}
