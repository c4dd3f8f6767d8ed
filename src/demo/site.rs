//! A site as a folder: one folder per host, and a `site.toml` that says what files cannot.
//!
//! ```toml
//! start = "https://www.shop.example/"
//! pages = ["/", "/basket"]
//!
//! [[route]]                       # the first that fits decides
//! host = "www.shop.example"       # `*` is any run of characters
//! path = "/"                      # here too
//! headers = ["set-cookie: sid=1"] # added to what the file of that name is served with
//!
//! [[route]]
//! host = "ads.example"
//! path = "/sync"
//! redirect = "https://tracker.example/sync"
//!
//! [alias]                         # CNAMEs
//! "stats.shop.example" = "shop.tracker.example"
//!
//! [expect]
//! exit = 1
//! findings = ["undeclared-cookie sid@www.shop.example"]
//!
//! [[module]]                      # a file of an npm package that `npm ci` has installed
//! host = "www.shop.example"
//! path = "/lib/banner.js"
//! package = "banner-library"
//! file = "dist/banner.js"
//! ```
//!
//! `like = "other"` takes over the files and modules of the folder beside it; its own go first.
//!
//! A path without a route is served from the file of that name, from that name with `.html`, or
//! from the `index.html` in it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use hyper::{
    StatusCode,
    header::{HeaderName, HeaderValue},
};
use serde::Deserialize;
use url::Url;

use super::Expect;
use crate::model::NamePattern;

/// The file beside the hosts of a site.
const SITE_FILE: &str = "site.toml";

/// The file beside the hosts that all sites share.
const ROUTES_FILE: &str = "routes.toml";

/// Some hosts with their pages, and what a scan of them must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Name of its folder.
    pub name: String,
    /// Where a visit begins.
    pub start: Url,
    /// Pages that a scan opens too, as paths or addresses.
    pub pages: Vec<String>,
    /// More options for a scan of it.
    pub args: Vec<String>,
    /// What a scan of it must find.
    pub expect: Expect,
    /// CNAMEs, by host.
    pub(super) aliases: BTreeMap<String, String>,
    routes: Vec<Route>,
    /// Contents by host and path.
    files: BTreeMap<(String, String), Vec<u8>>,
}

/// What is special about some addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Host, without port; `*` is any run of characters.
    pub host: String,
    hosts: NamePattern,
    path: NamePattern,
    /// Status, unless the one that the answer implies will do.
    pub status: Option<StatusCode>,
    /// Headers on top of the usual ones; a name may come more than once.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How long to think before answering.
    pub delay: Duration,
    /// What to answer with.
    pub answer: Answer,
    /// Where to stop in the middle of an answer.
    pub hang: Option<Hang>,
}

/// What a route answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Whatever file the path asks for.
    Files,
    /// This text.
    Text(String),
    /// This file of the same host.
    File(String),
    /// A redirect to this address, relative or not.
    Redirect(String),
    /// A redirect to itself, for ever.
    Loop,
    /// A WebSocket that sends back what it gets.
    Echo,
}

/// Where an answer stops without ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hang {
    /// Before the first byte.
    Before,
    /// After the headers.
    AfterHeaders,
    /// In the middle of the body.
    InBody,
}

/// Why a folder is not a site.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A file could not be read.
    #[error("could not read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{file} of the site {site} is not valid")]
    Parse {
        /// Name of the site.
        site: String,
        /// Name of the file.
        file: &'static str,
        /// Why, with the line.
        source: Box<toml::de::Error>,
    },
    /// A file says something that cannot be meant.
    #[error("the site {site} makes no sense: {why}")]
    Nonsense {
        /// Name of the site.
        site: String,
        /// What.
        why: String,
    },
}

/// `site.toml` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSite {
    start: Option<Url>,
    /// Name of a folder beside it whose files and modules it takes over.
    like: Option<String>,
    #[serde(default)]
    module: Vec<RawModule>,
    #[serde(default)]
    pages: Vec<String>,
    #[serde(default)]
    args: Vec<String>,
    /// CNAMEs, by host.
    #[serde(default)]
    alias: BTreeMap<String, String>,
    #[serde(default)]
    route: Vec<RawRoute>,
    #[serde(default)]
    expect: Expect,
}

/// A file of an npm package.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModule {
    host: String,
    path: String,
    package: String,
    file: String,
}

/// `routes.toml` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRoutes {
    route: Vec<RawRoute>,
}

/// A route as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRoute {
    host: String,
    path: String,
    status: Option<u16>,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    delay_ms: u64,
    body: Option<String>,
    file: Option<String>,
    redirect: Option<String>,
    #[serde(default, rename = "loop")]
    endless: bool,
    #[serde(default)]
    websocket: bool,
    hang: Option<RawHang>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawHang {
    Whether(bool),
    At(HangPoint),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum HangPoint {
    Headers,
    Body,
}

impl Site {
    /// Reads the site in `dir`; what it has no file or route for comes from the hosts in `shared`.
    pub fn from_dir(dir: &Path, shared: &Path) -> Result<Self, SiteError> {
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        let mut own = read_all(dir)?;
        let mut shared = read_all(shared)?;
        take_over(&name, dir, &mut own, &mut shared)?;
        Self::from_files(&name, own, shared)
    }

    /// The same site with `script` at the head of every page, before any other.
    #[must_use]
    pub fn with_script(mut self, script: &str) -> Self {
        let tag = format!("<script>{script}</script>");
        for ((_, path), content) in &mut self.files {
            if Path::new(path).extension().is_some_and(|it| it == "html") {
                let text = String::from_utf8_lossy(content);
                *content = match text.split_once("<head>") {
                    Some((before, after)) => format!("{before}<head>{tag}{after}").into_bytes(),
                    None => format!("{tag}{text}").into_bytes(),
                };
            }
        }
        self
    }

    /// The content of the file at `path` of `host`, if there is one.
    pub fn content(&self, host: &str, path: &str) -> Option<&[u8]> {
        self.files.get(&(host.to_owned(), path.to_owned())).map(Vec::as_slice)
    }

    /// The same site with another file at `path` of `host`.
    #[must_use]
    pub fn with_file(mut self, host: &str, path: &str, content: Vec<u8>) -> Self {
        self.files.insert((host.to_owned(), path.to_owned()), content);
        self
    }

    /// Makes a site of files, each with its path from the folder, parted by `/`.
    pub fn from_files(
        name: &str,
        own: Vec<(String, Vec<u8>)>,
        shared: Vec<(String, Vec<u8>)>,
    ) -> Result<Self, SiteError> {
        let mut own: BTreeMap<_, _> = own.into_iter().collect();
        let mut shared: BTreeMap<_, _> = shared.into_iter().collect();
        let raw: RawSite = parse(name, SITE_FILE, own.remove(SITE_FILE))?;
        let common: RawRoutes = parse(name, ROUTES_FILE, shared.remove(ROUTES_FILE))?;
        let nonsense = |why| SiteError::Nonsense { site: name.to_owned(), why };

        let mut files = BTreeMap::new();
        // What the site has itself comes last and so replaces what is shared.
        for (path, content) in shared.into_iter().chain(own) {
            let Some((host, path)) = path.split_once('/') else {
                return Err(nonsense(format!("{path} is in no host's folder")));
            };
            files.insert((host.to_owned(), format!("/{path}")), content);
        }
        let routes = raw
            .route
            .into_iter()
            .chain(common.route)
            .map(|route| Route::new(route, &files))
            .collect::<Result<_, _>>()
            .map_err(nonsense)?;
        let start = raw.start.ok_or_else(|| nonsense("it has no `start`".to_owned()))?;
        let site = Self {
            name: name.to_owned(),
            start,
            pages: raw.pages,
            args: raw.args,
            expect: raw.expect,
            aliases: raw.alias,
            routes,
            files,
        };
        site.check_pages().map_err(nonsense)?;
        Ok(site)
    }

    /// Every host that has a page of its own or a route, in order.
    pub fn hosts(&self) -> Vec<&str> {
        let mut hosts: Vec<&str> = self
            .files
            .keys()
            .map(|(host, _)| host.as_str())
            .chain(self.routes.iter().map(|route| route.host.as_str()))
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }

    /// What is special about an address, if anything is.
    pub(super) fn route(&self, host: &str, path: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.hosts.matches(host) && route.path.matches(path))
    }

    /// The file that is served for a path, with its name.
    pub(super) fn file(&self, host: &str, path: &str) -> Option<(&str, &[u8])> {
        let folder = path.trim_end_matches('/');
        [path.to_owned(), format!("{folder}.html"), format!("{folder}/index.html")]
            .into_iter()
            .find_map(|path| self.files.get_key_value(&(host.to_owned(), path)))
            .map(|((_, path), content)| (path.as_str(), content.as_slice()))
    }

    /// A misspelt page would make a test pass by looking at an error page.
    fn check_pages(&self) -> Result<(), String> {
        for page in &self.pages {
            let url = self.start.join(page).map_err(|why| format!("the page {page}: {why}"))?;
            let host = url.host_str().unwrap_or_default();
            let made = self.route(host, url.path()).is_some_and(Route::needs_no_file);
            if !made && self.file(host, url.path()).is_none() {
                return Err(format!("there is nothing at the page {page}"));
            }
        }
        Ok(())
    }
}

impl Route {
    fn new(raw: RawRoute, files: &BTreeMap<(String, String), Vec<u8>>) -> Result<Self, String> {
        let at = format!("the route {}{}", raw.host, raw.path);
        if raw.host.is_empty() || !(raw.path.starts_with('/') || raw.path == "*") {
            return Err(format!("{at} needs a host and a path that starts with a slash"));
        }
        let mut answers = [
            raw.body.map(Answer::Text),
            raw.file.map(|name| Answer::File(format!("/{name}"))),
            raw.redirect.map(Answer::Redirect),
            raw.endless.then_some(Answer::Loop),
            raw.websocket.then_some(Answer::Echo),
        ]
        .into_iter()
        .flatten();
        let answer = answers.next().unwrap_or(Answer::Files);
        if answers.next().is_some() {
            return Err(format!("{at} has more than one answer"));
        }
        if let Answer::File(name) = &answer
            && !files.contains_key(&(raw.host.clone(), name.clone()))
        {
            return Err(format!("{at} names the file {name}, which is not there"));
        }
        let status = raw
            .status
            .map(StatusCode::from_u16)
            .transpose()
            .map_err(|why| format!("{at}: {why}"))?;
        let headers = raw
            .headers
            .iter()
            .map(|line| header(line).ok_or_else(|| format!("{at} has a bad header: {line}")))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            hosts: NamePattern::new(raw.host.as_str()),
            host: raw.host,
            path: NamePattern::new(raw.path),
            status,
            headers,
            delay: Duration::from_millis(raw.delay_ms),
            answer,
            hang: raw.hang.and_then(|hang| match hang {
                RawHang::Whether(hangs) => hangs.then_some(Hang::Before),
                RawHang::At(HangPoint::Headers) => Some(Hang::AfterHeaders),
                RawHang::At(HangPoint::Body) => Some(Hang::InBody),
            }),
        })
    }

    /// Whether the route answers where there is no file.
    fn needs_no_file(&self) -> bool {
        self.answer != Answer::Files || self.status.is_some() || self.hang == Some(Hang::Before)
    }
}

/// A header line as written in a route.
fn header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    // Bytes and not characters: sites send whatever they like in a header.
    Some((name.trim().parse().ok()?, HeaderValue::from_bytes(value.trim().as_bytes()).ok()?))
}

fn parse<T: for<'de> Deserialize<'de>>(
    site: &str,
    file: &'static str,
    content: Option<Vec<u8>>,
) -> Result<T, SiteError> {
    let nonsense = |why: String| SiteError::Nonsense { site: site.to_owned(), why };
    let content = content.ok_or_else(|| nonsense(format!("there is no {file}")))?;
    let text = String::from_utf8(content).map_err(|why| nonsense(format!("{file}: {why}")))?;
    toml::from_str(&text).map_err(|source| SiteError::Parse {
        site: site.to_owned(),
        file,
        source: Box::new(source),
    })
}

/// Adds the files of packages that a site names, and what the folder that it is like has. What is
/// nearer goes before what is farther.
fn take_over(
    name: &str,
    dir: &Path,
    own: &mut Vec<(String, Vec<u8>)>,
    shared: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), SiteError> {
    let text = |files: &[(String, Vec<u8>)]| {
        files.iter().find(|(path, _)| path == SITE_FILE).map(|(_, text)| text.clone())
    };
    let raw: RawSite = parse(name, SITE_FILE, text(own))?;
    own.extend(modules(name, &raw)?);
    if let Some(like) = &raw.like {
        let mut files = read_all(&dir.with_file_name(like))?;
        let theirs: RawSite = parse(like, SITE_FILE, text(&files))?;
        files.retain(|(path, _)| path != SITE_FILE);
        files.extend(modules(like, &theirs)?);
        shared.extend(files);
    }
    Ok(())
}

/// The files of npm packages that a site serves as its own.
fn modules(name: &str, site: &RawSite) -> Result<Vec<(String, Vec<u8>)>, SiteError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules");
    let read = |module: &RawModule| {
        let path = root.join(&module.package).join(&module.file);
        let content = fs::read(&path).map_err(|why| SiteError::Nonsense {
            site: name.to_owned(),
            why: format!(
                "{} of the package {} cannot be read ({why}); run `npm ci`",
                module.file, module.package
            ),
        })?;
        Ok((format!("{}{}", module.host, module.path), content))
    };
    site.module.iter().map(read).collect()
}

/// Every file under `dir`, with its path from there.
fn read_all(dir: &Path) -> Result<Vec<(String, Vec<u8>)>, SiteError> {
    let mut files = Vec::new();
    go(&mut files, dir, "").map_err(|(path, source)| SiteError::Read { path, source })?;
    return Ok(files);

    fn go(
        files: &mut Vec<(String, Vec<u8>)>,
        dir: &Path,
        prefix: &str,
    ) -> Result<(), (PathBuf, io::Error)> {
        let at_dir = |why| (dir.to_owned(), why);
        for entry in fs::read_dir(dir).map_err(at_dir)? {
            let entry = entry.map_err(at_dir)?;
            let path = entry.path();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if path.is_dir() {
                go(files, &path, &format!("{name}/"))?;
            } else {
                files.push((name, fs::read(&path).map_err(|why| (path, why))?));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(toml: &str) -> Result<Site, String> {
        let own = vec![
            (SITE_FILE.to_owned(), toml.as_bytes().to_vec()),
            ("www.shop.example/index.html".to_owned(), b"home".to_vec()),
            ("www.shop.example/about.html".to_owned(), b"about".to_vec()),
            ("ads.example/tag.js".to_owned(), b"own".to_vec()),
        ];
        let shared = vec![
            (ROUTES_FILE.to_owned(), b"route = []".to_vec()),
            ("ads.example/tag.js".to_owned(), b"shared".to_vec()),
            ("ads.example/pixel.gif".to_owned(), b"gif".to_vec()),
        ];
        Site::from_files("shop", own, shared).map_err(|why| match &why {
            SiteError::Parse { source, .. } => format!("{why}: {source}"),
            _ => why.to_string(),
        })
    }

    const START: &str = "start = 'https://www.shop.example/'\n";

    #[test]
    fn paths_find_their_files() {
        let site = site(START).unwrap();
        for (path, content) in
            [("/", "home"), ("/index.html", "home"), ("/about", "about"), ("/about/", "about")]
        {
            let (_, served) = site.file("www.shop.example", path).unwrap();
            assert_eq!(served, content.as_bytes(), "{path}");
        }
        assert_eq!(site.file("www.shop.example", "/other"), None);
        assert_eq!(site.file("elsewhere.example", "/"), None);
    }

    #[test]
    fn own_files_replace_shared_ones() {
        let site = site(START).unwrap();
        assert_eq!(site.file("ads.example", "/tag.js").unwrap().1, b"own");
        assert_eq!(site.file("ads.example", "/pixel.gif").unwrap().1, b"gif");
    }

    #[test]
    fn mistakes_are_errors() {
        let route = "[[route]]\nhost = 'www.shop.example'\npath = '/x'\n";
        for (toml, expected) in [
            (format!("{START}starts = 1"), "unknown field `starts`"),
            (format!("{START}[expect]\nexist = 1"), "unknown field `exist`"),
            (format!("{START}{route}hang = 'somewhere'"), "hang"),
            (format!("{START}{route}headers = ['no colon']"), "bad header: no colon"),
            (format!("{START}{route}body = ''\nloop = true"), "more than one answer"),
            (format!("{START}{route}file = 'gone'"), "/gone, which is not there"),
            (format!("{START}{route}status = 99"), "invalid status code"),
            (format!("{START}[[route]]\nhost = 'a'\npath = 'b'"), "starts with a slash"),
            (format!("{START}pages = ['/abuot']"), "nothing at the page /abuot"),
            (format!("{START}pages = ['/x']\n{route}"), "nothing at the page /x"),
            ("start = 'www.shop.example'".to_owned(), "start"),
        ] {
            let error = site(&toml).unwrap_err();
            assert!(error.contains(expected), "{toml}\n{error}");
        }
    }
}
