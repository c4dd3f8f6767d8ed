use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::lists::{self, ListSource};
use crate::{
    audit::Severity,
    classify::Override,
    draft::Language,
    gather::{Credentials, Network, Route},
    model::{Category, NamePattern, Pass, Via},
    report,
};

/// Holds a web site to its cookie notice: what it stores and whom it tells before a choice, after
/// refusing and after accepting, against what it publishes.
#[derive(Debug, Parser)]
#[command(
    name = "crumbcheck",
    version,
    after_help = "Exit codes: 0 nothing found and everything decided · 1 findings · 2 wrong usage, nothing was scanned · \
                  3 the scan did not complete and says nothing about the site · 4 nothing found, but something could not be decided · 130 interrupted"
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan sites with a real browser and report what does not match
    Scan(Box<ScanArgs>),
    /// Judge recordings again, without a browser
    Audit(AuditArgs),
    /// Read a published cookie notice and print what it declares
    Notice(Box<NoticeArgs>),
    /// List the rules, or print the manual of one
    Rules(RulesArgs),
    /// Say what cookies are for, and who says so
    Classify(ClassifyArgs),
    /// Say what data the program holds, how old it is and under which licence
    Data(DataArgs),
    /// Serve an invented victim-services site on this machine and scan it
    Demo(Box<DemoArgs>),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    /// Addresses to start at
    #[arg(required = true, value_name = "URL", value_parser = target)]
    pub(super) targets: Vec<url::Url>,
    #[command(flatten)]
    pub(super) what: WhatArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) browser: BrowserArgs,
    #[command(flatten)]
    pub(super) network: NetworkArgs,
    /// Flags for the browser, as they are
    #[arg(last = true, value_name = "CHROME-FLAGS", help_heading = "Browser")]
    pub(super) chrome_flags: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What to look at")]
pub(super) struct WhatArgs {
    /// The cookie notice, as an address or a file; without it, it is found by the site's links
    #[arg(long, value_name = "URL|FILE")]
    pub(super) notice: Option<String>,
    /// Further pages to open in every pass, as addresses or paths, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', alias = "page")]
    pub(super) pages: Vec<String>,
    /// What a visitor does, each in a browser of its own: none, reject, accept, withdraw
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "none,reject,accept,withdraw"
    )]
    pub(super) passes: Vec<Pass>,
    /// By what means a banner may be operated, tried in this order: recipe, autoconsent, heuristic
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "recipe,autoconsent,heuristic"
    )]
    pub(super) consent_by: Vec<Via>,
    /// A recipe for a banner of your own, as a TOML file; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(super) recipe: Vec<PathBuf>,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Report")]
pub(super) struct OutputArgs {
    /// Write a report: terminal, json or html, to standard output or to a file; may be repeated
    #[arg(long, value_name = "FORMAT[=PATH]", value_parser = destination, default_value = "terminal")]
    pub(super) report: Vec<Destination>,
    /// Exit with 1 on findings of this level or above: informational, low, medium, high, or never
    #[arg(long, value_name = "LEVEL", value_parser = fail_on, default_value = "low")]
    pub(super) fail_on: Threshold,
    /// Exit with 0, not 4, if nothing was found but something could not be decided
    #[arg(long)]
    pub(super) allow_open: bool,
    /// What a cookie or storage item is for, in your own words against all sources; may be repeated
    #[arg(long, value_name = "NAME[@DOMAIN]=CATEGORY", value_parser = category)]
    pub(super) category: Vec<Override>,
    /// After how many months without a review a notice counts as old
    #[arg(long, value_name = "MONTHS", default_value_t = crate::interpret::REVIEW_MONTHS)]
    pub(super) review_months: u16,
    #[command(flatten)]
    pub(super) standard: StandardArgs,
    /// Keep everything that was seen in a file that `crumbcheck audit` reads
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    /// Keep values as they are and not only their digests; they may be personal data
    #[arg(long)]
    pub(super) keep_values: bool,
    /// Do not show what is being done
    #[arg(long)]
    pub(super) no_progress: bool,
}

/// By what a site is judged.
#[derive(Clone, Debug, Args)]
pub(super) struct StandardArgs {
    /// The law to judge by: uk or eu
    #[arg(long, value_name = "NAME", default_value = "uk")]
    pub(super) profile: String,
    /// What the site relies on in place of consent, such as performance=statistical or
    /// functional=appearance; held against what is seen, and never enough by itself; may be repeated
    #[arg(long, value_name = "CATEGORY=EXEMPTION")]
    pub(super) basis: Vec<String>,
    /// Ask the filter lists that `crumbcheck data update` has kept, of hosts that nobody else knows
    #[arg(long)]
    pub(super) filter_lists: bool,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Browser")]
pub(super) struct BrowserArgs {
    /// Longest time that one page may take to arrive
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s")]
    pub(super) timeout: Duration,
    /// Shortest time that a page is watched after it has arrived
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "4s")]
    pub(super) settle: Duration,
    /// The executable of Chrome or Chromium
    #[arg(long, value_name = "PATH")]
    pub(super) chrome: Option<PathBuf>,
    /// What the browser calls itself
    #[arg(long, value_name = "TEXT")]
    pub(super) user_agent: Option<String>,
    /// Language to ask for
    #[arg(long, value_name = "TAG", default_value = "en-GB", value_parser = locale)]
    pub(super) locale: String,
    /// Size of the window
    #[arg(long, value_enum, default_value_t = ViewportArg::Desktop)]
    pub(super) viewport: ViewportArg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ViewportArg {
    Desktop,
    Mobile,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct NetworkArgs {
    /// Address of a host, as curl takes it; `*` or nothing is any host; may be repeated
    #[arg(long, value_name = "HOST:PORT:ADDR", value_parser = Route::resolve)]
    pub(super) resolve: Vec<Route>,
    /// Connect to another host and port, as curl takes it; may be repeated
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2", value_parser = Route::connect_to)]
    pub(super) connect_to: Vec<Route>,
    /// Do not check certificates; for staging sites only
    #[arg(long)]
    pub(super) insecure: bool,
    /// Header for every request to the target's own site; may be repeated
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    pub(super) header: Vec<(String, String)>,
    /// Name and password for the target's own site
    #[arg(long, value_name = "NAME:PASSWORD", value_parser = basic_auth)]
    pub(super) basic_auth: Option<(String, String)>,
    /// Proxy for every request, such as <http://proxy.example:3128>
    #[arg(long, value_name = "URL", conflicts_with_all = ["resolve", "connect_to"])]
    pub(super) proxy: Option<url::Url>,
    /// Name server to ask what names of the site's own hosts lead to, instead of the machine's
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = name_server)]
    pub(super) dns_server: Option<SocketAddr>,
}

/// An IP address, with the port of name servers (RFC 1035, section 4.2) where there is none.
fn name_server(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .or_else(|_| text.trim_matches(['[', ']']).parse().map(|ip| SocketAddr::new(ip, 53)))
        .map_err(|_| format!("`{text}` is not an IP address such as 192.0.2.53 or 192.0.2.53:5353"))
}

impl NetworkArgs {
    pub(super) fn meant(&self) -> Network {
        Network {
            routes: self.connect_to.iter().chain(&self.resolve).cloned().collect(),
            insecure: self.insecure,
            // A trailing slash is part of the address but not of what browsers take as a proxy.
            proxy: self.proxy.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
            dns_server: self.dns_server,
        }
    }

    pub(super) fn credentials(&self) -> Credentials {
        Credentials::new(self.header.clone(), self.basic_auth.clone())
    }
}

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// Files that `crumbcheck scan --record` wrote; `-` is standard input
    #[arg(required = true, value_name = "RECORDING")]
    pub(super) recordings: Vec<PathBuf>,
    /// Write a report: terminal, json or html, to standard output or to a file; may be repeated
    #[arg(long, value_name = "FORMAT[=PATH]", value_parser = destination, default_value = "terminal")]
    pub(super) report: Vec<Destination>,
    /// Exit with 1 on findings of this level or above: informational, low, medium, high, or never
    #[arg(long, value_name = "LEVEL", value_parser = fail_on, default_value = "low")]
    pub(super) fail_on: Threshold,
    /// Exit with 0, not 4, if nothing was found but something could not be decided
    #[arg(long)]
    pub(super) allow_open: bool,
    /// What a cookie or storage item is for, in your own words against all sources; may be repeated
    #[arg(long, value_name = "NAME[@DOMAIN]=CATEGORY", value_parser = category)]
    pub(super) category: Vec<Override>,
    /// After how many months without a review a notice counts as old
    #[arg(long, value_name = "MONTHS", default_value_t = crate::interpret::REVIEW_MONTHS)]
    pub(super) review_months: u16,
    #[command(flatten)]
    pub(super) standard: StandardArgs,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct NoticeArgs {
    #[command(subcommand)]
    pub(super) command: Option<NoticeCommand>,
    #[command(flatten)]
    pub(super) read: ReadNoticeArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum NoticeCommand {
    /// Write the notice that would be true of what a scan saw
    Draft(DraftArgs),
    /// Print the edits that lead from the published notice to one that is true
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
pub(super) struct ReadNoticeArgs {
    /// Address or file of the notice (HTML, PDF, DOCX, ODT, Markdown or text); nothing on the page is
    /// run or followed
    #[arg(value_name = "URL|FILE", required = true)]
    pub(super) source: Option<String>,
    /// For people, or as crumbcheck/notice/1
    #[arg(long, value_enum, default_value_t = TextOrJson::Terminal)]
    pub(super) format: TextOrJson,
    /// Longest time that the page may take to arrive
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s")]
    pub(super) timeout: Duration,
    #[command(flatten)]
    pub(super) network: NetworkArgs,
}

#[derive(Debug, Args)]
pub(super) struct DraftArgs {
    /// A file that `crumbcheck scan --record` wrote; `-` is standard input
    #[arg(value_name = "RECORDING")]
    pub(super) recording: PathBuf,
    /// A page to put into the site's own, Markdown, or JSON
    #[arg(long, value_enum, default_value_t = DraftFormat::Html)]
    pub(super) format: DraftFormat,
    /// The language of the draft: en or cy
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub(super) language: Language,
    /// What a cookie or storage item is for, in your own words against all sources; may be repeated
    #[arg(long, value_name = "NAME[@DOMAIN]=CATEGORY", value_parser = category)]
    pub(super) category: Vec<Override>,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A file that `crumbcheck scan --record` wrote; `-` is standard input
    #[arg(value_name = "RECORDING")]
    pub(super) recording: PathBuf,
    /// For people, or as JSON
    #[arg(long, value_enum, default_value_t = TextOrJson::Terminal)]
    pub(super) format: TextOrJson,
    /// The language of rows to add: en or cy
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub(super) language: Language,
    /// What a cookie or storage item is for, in your own words against all sources; may be repeated
    #[arg(long, value_name = "NAME[@DOMAIN]=CATEGORY", value_parser = category)]
    pub(super) category: Vec<Override>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DraftFormat {
    Html,
    Markdown,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TextOrJson {
    Terminal,
    Json,
}

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// The rule whose manual to print
    #[arg(value_name = "ID")]
    pub(super) id: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ClassifyArgs {
    /// Names, hosts, addresses or whole Set-Cookie lines; `-` reads one a line from standard input
    #[arg(
        required_unless_present = "list_unknown",
        value_name = "NAME[@DOMAIN]|HOST|URL|SET-COOKIE"
    )]
    pub(super) queries: Vec<String>,
    /// The host, or address, of what sets the cookies that are asked about
    #[arg(long, value_name = "HOST")]
    pub(super) set_by: Option<String>,
    /// How long the cookies that are asked about live
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(super) lifetime: Option<Duration>,
    /// What a cookie or storage item is for, in your own words against all sources; may be repeated
    #[arg(long, value_name = "NAME[@DOMAIN]=CATEGORY", value_parser = category)]
    pub(super) category: Vec<Override>,
    /// List what nobody knows in a recording instead: each deserves a fact
    #[arg(long, value_name = "RECORDING", conflicts_with_all = ["queries", "set_by", "lifetime"])]
    pub(super) list_unknown: Option<PathBuf>,
    /// For people, or as JSON
    #[arg(long, value_enum, default_value_t = TextOrJson::Terminal)]
    pub(super) format: TextOrJson,
}

#[derive(Debug, Args)]
pub(super) struct DataArgs {
    #[command(subcommand)]
    pub(super) command: Option<DataCommand>,
    /// For people, or as JSON
    #[arg(long, value_enum, global = true, default_value_t = TextOrJson::Terminal)]
    pub(super) format: TextOrJson,
}

#[derive(Debug, Subcommand)]
pub(super) enum DataCommand {
    /// Names, versions, days, licences and digests; this is also what happens without a command
    Status,
    /// Put filter lists in the syntax of Adblock Plus where `--filter-lists` finds them
    Update(Box<UpdateArgs>),
}

#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    /// A list to keep, and the https address or the file to take it from; may be repeated
    #[arg(long, value_name = "NAME=URL-OR-FILE", required = true, value_parser = lists::source)]
    pub(super) list: Vec<ListSource>,
    /// Longest time that one list may take to arrive
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "2m")]
    pub(super) timeout: Duration,
    #[command(flatten)]
    pub(super) network: NetworkArgs,
}

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Leave the site up afterwards, to look at it
    #[arg(long)]
    pub(super) keep: bool,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) browser: BrowserArgs,
    /// Flags for the browser, as they are
    #[arg(last = true, value_name = "CHROME-FLAGS", help_heading = "Browser")]
    pub(super) chrome_flags: Vec<String>,
}

/// Where a report goes.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub(super) format: &'static report::Format,
    /// `None` is standard output.
    pub(super) path: Option<PathBuf>,
}

/// From which level findings count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Threshold(
    /// `None` is never.
    pub(super) Option<Severity>,
);

fn target(text: &str) -> Result<url::Url, String> {
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = url::Url::parse(&text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" if url.host().is_some() => Ok(url),
        scheme => Err(format!("sites are scanned over http and https, not {scheme}")),
    }
}

fn destination(text: &str) -> Result<Destination, String> {
    let (name, path) = match text.split_once('=') {
        Some((_, "")) => return Err(format!("`{text}` names no file")),
        Some((name, path)) => (name, Some(PathBuf::from(path))),
        None => (text, None),
    };
    let format = report::format(name).ok_or_else(|| {
        let names: Vec<&str> = report::FORMATS.iter().map(|format| format.name).collect();
        format!("unknown format `{name}`; the formats are {}", names.join(", "))
    })?;
    Ok(Destination { format, path })
}

fn fail_on(text: &str) -> Result<Threshold, String> {
    match text {
        "never" => Ok(Threshold(None)),
        text => text.parse().map(|level| Threshold(Some(level))),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write it as `4s`, `500ms` or `2m`"))?;
    match time {
        Duration::ZERO => Err("it must be longer than nothing".to_owned()),
        time if time > Duration::from_secs(3600) => Err("an hour is the most".to_owned()),
        time => Ok(time),
    }
}

fn locale(text: &str) -> Result<String, String> {
    let fits = text.split('-').all(|part| {
        (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
    });
    if fits { Ok(text.to_owned()) } else { Err("write it as `en-GB` or `cy`".to_owned()) }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as `Name: value`")?;
    let (name, value) = (name.trim(), value.trim());
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Err(format!("`{name}` is not the name of a header"));
    }
    if value.chars().any(char::is_control) {
        return Err("the value holds a control character".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

fn basic_auth(text: &str) -> Result<(String, String), String> {
    let (name, password) = text.split_once(':').ok_or("write it as `name:password`")?;
    Ok((name.to_owned(), password.to_owned()))
}

fn category(text: &str) -> Result<Override, String> {
    const HOW: &str = "write it as `name=essential` or `name@domain=performance`";
    let (item, category) = text.rsplit_once('=').ok_or(HOW)?;
    let (name, domain) = match item.rsplit_once('@') {
        Some((name, domain)) => (name, Some(domain.to_owned())),
        None => (item, None),
    };
    if name.is_empty() {
        return Err(HOW.to_owned());
    }
    let category = [
        Category::Essential,
        Category::Functional,
        Category::Performance,
        Category::Marketing,
    ]
    .into_iter()
    .find(|it| it.name() == category)
    .ok_or_else(|| {
        format!("unknown category `{category}`; the categories are essential, functional, performance and marketing")
    })?;
    Ok(Override {
        pattern: NamePattern::new(name),
        domain,
        category,
        reason: "given on the command line".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_target_without_a_scheme_is_meant_to_be_secure() {
        assert_eq!(target("www.force.police.uk").unwrap().as_str(), "https://www.force.police.uk/");
        assert!(target("ftp://a.test").is_err() && target("https://").is_err());
    }

    #[test]
    fn a_category_is_for_a_name_or_a_name_at_a_domain() {
        let it = category("sid_*@a.test=essential").unwrap();
        assert!(it.pattern.matches("sid_1") && it.domain.as_deref() == Some("a.test"));
        assert!(category("sid=harmless").is_err() && category("sid").is_err());
    }
}
