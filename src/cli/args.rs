use std::{net::SocketAddr, num::NonZeroUsize, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::{
    credentials::{Login, basic_auth, header, proxy},
    output::Destination,
    secret_value::Secret,
};
use crate::{
    audit::{Policy, Severity},
    classify::Override,
    draft::Language,
    gather::{Network, Route},
    model::{Category, NamePattern, Pass, Via},
    report,
};

/// Compares what a website does before consent, after refusing and after accepting with what its cookie
/// notice says.
#[derive(Debug, Parser)]
#[command(
    name = "crumbcheck",
    version,
    after_help = "Exit codes: 0 no findings, and every rule was decided · 1 findings · 2 wrong usage, nothing was scanned · \
                  3 the scan did not complete and says nothing about the site · 4 no findings, but some rules could not be decided · 130 interrupted"
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan sites with a real browser
    Scan(Box<ScanArgs>),
    /// Judge stored recordings again, without a browser
    Audit(AuditArgs),
    /// Read a published cookie notice and print what it declares
    Notice(Box<NoticeArgs>),
    /// List the rules, or print the manual of one rule
    Rules(RulesArgs),
    /// Say what cookies and hosts are for, and which source says so
    Classify(ClassifyArgs),
    /// List the data sources with their versions, ages and licences, or update filter lists
    Data(DataArgs),
    /// Serve an invented victim-services site on this machine and scan it
    Demo(Box<DemoArgs>),
    /// Print the text of the document on standard input; the program calls itself by this
    #[command(hide = true)]
    ReadDocument {
        /// Its address or file name
        name: String,
    },
    /// Print shell completions
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    /// Addresses of the sites to scan
    #[arg(required = true, value_name = "URL", value_parser = Secret(target))]
    pub(super) targets: Vec<url::Url>,
    /// How many sites are scanned at a time; by default as many as the machine has cores
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) target: TargetArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) browser: BrowserArgs,
    #[command(flatten)]
    pub(super) network: NetworkArgs,
    /// Flags passed to the browser unchanged
    #[arg(last = true, value_name = "CHROME-FLAGS", help_heading = "Browser")]
    pub(super) chrome_flags: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Scan")]
pub(super) struct TargetArgs {
    /// Address or file of the cookie notice; by default it is found through the site's links
    #[arg(long, value_name = "URL|FILE")]
    pub(super) notice: Option<String>,
    /// More pages to open in every pass, as addresses or paths, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', alias = "page")]
    pub(super) pages: Vec<String>,
    /// Passes to run, each in a browser context of its own: none (no choice), reject, accept, withdraw
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "none,reject,accept,withdraw"
    )]
    pub(super) passes: Vec<Pass>,
    /// Ways to operate a banner, tried in this order: recipe, autoconsent, heuristic
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "recipe,autoconsent,heuristic"
    )]
    pub(super) consent_by: Vec<Via>,
    /// TOML file with a recipe for your own banner; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(super) recipe: Vec<PathBuf>,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Report")]
pub(super) struct OutputArgs {
    /// Report format (terminal, json or html), and the file to write it to, or a folder (`json=reports/`) for a file for
    /// each target; may be repeated
    #[arg(long, value_name = "FORMAT[=PATH]", value_parser = destination, default_value = "terminal")]
    pub(super) report: Vec<Destination>,
    #[command(flatten)]
    pub(super) exit: ExitArgs,
    #[command(flatten)]
    pub(super) judge: JudgeArgs,
    /// Save everything the scan saw to a file that `crumbcheck audit` reads
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    /// Record values unredacted, not only their digests; they may be personal data
    #[arg(long)]
    pub(super) keep_values: bool,
    /// Do not show progress
    #[arg(long)]
    pub(super) no_progress: bool,
}

/// Which findings make the program fail.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ExitArgs {
    /// Lowest severity that makes the program exit with 1: informational, low, medium, high, or never
    #[arg(long, value_name = "LEVEL", value_parser = fail_on, default_value = "low")]
    pub(super) fail_on: FailOn,
    /// Exit with 0, not 4, if there are no findings but some rules could not be decided
    #[arg(long)]
    pub(super) allow_open: bool,
}

impl ExitArgs {
    /// For commands whose exit code says nothing about the site.
    pub(super) const NEVER: Self = Self { fail_on: FailOn(None), allow_open: true };
}

/// How a recording is judged.
#[derive(Clone, Debug, Args)]
pub(super) struct JudgeArgs {
    /// Category of a cookie or storage item; overrides every other source; may be repeated
    #[arg(long, value_name = "NAME[@DOMAIN]=CATEGORY", value_parser = category)]
    pub(super) category: Vec<Override>,
    /// Months without a review after which a notice counts as old
    #[arg(long, value_name = "MONTHS", default_value_t = Policy::REVIEW_MONTHS)]
    pub(super) review_months: u16,
    /// Law to judge by: uk or eu
    #[arg(long, value_name = "NAME", default_value = "uk")]
    pub(super) profile: String,
    /// Legal basis other than consent that the site relies on, such as performance=statistical or
    /// functional=appearance; leaves rules open for a manual check, never satisfies them; may be repeated
    #[arg(long, value_name = "CATEGORY=EXEMPTION")]
    pub(super) basis: Vec<String>,
    /// Also look up unknown hosts in the filter lists saved by `crumbcheck data update`
    #[arg(long)]
    pub(super) filter_lists: bool,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Browser")]
pub(super) struct BrowserArgs {
    /// How long a page may take to load
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s")]
    pub(super) timeout: Duration,
    /// How long a page is watched at least after it has loaded; by default until it is done, or 4s if that cannot be known
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) settle: Option<Duration>,
    /// How long what a page does later is waited for at most on the start page, and two fifths of it elsewhere
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "15s")]
    pub(super) patience: Duration,
    /// How long the whole scan of a target may take; what was seen until then is kept
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30m")]
    pub(super) max_time: Duration,
    /// Path of the Chrome or Chromium executable
    #[arg(long, value_name = "PATH")]
    pub(super) chrome: Option<PathBuf>,
    /// User agent that the browser sends
    #[arg(long, value_name = "TEXT")]
    pub(super) user_agent: Option<String>,
    /// Language that the browser asks for
    #[arg(long, value_name = "TAG", default_value = "en-GB", value_parser = locale)]
    pub(super) locale: String,
    /// Window size
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
    /// Use this address for a host, with curl's syntax; `*` means any host; may be repeated
    #[arg(long, value_name = "HOST:PORT:ADDR", value_parser = Route::resolve)]
    pub(super) resolve: Vec<Route>,
    /// Connect to another host and port instead, with curl's syntax; may be repeated
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2", value_parser = Route::connect_to)]
    pub(super) connect_to: Vec<Route>,
    /// Do not check certificates; only for staging sites
    #[arg(long)]
    pub(super) insecure: bool,
    /// Header to send to the target's own site; may be repeated
    #[arg(long, value_name = "NAME: VALUE", value_parser = Secret(header))]
    pub(super) header: Vec<(String, String)>,
    /// File with such headers, one on a line, so that they stand in no list of processes; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(super) header_file: Vec<PathBuf>,
    /// Name and password to send to the target's own site, or @FILE that holds them
    #[arg(long, value_name = "NAME:PASSWORD|@FILE", value_parser = Secret(basic_auth))]
    pub(super) basic_auth: Option<Login>,
    /// Environment variable that holds the name and password, as NAME:PASSWORD
    #[arg(long, value_name = "VARIABLE", conflicts_with = "basic_auth")]
    pub(super) basic_auth_env: Option<String>,
    /// Proxy for every request, such as <http://proxy.example:3128>; it resolves names, so private addresses behind names are
    /// not refused
    #[arg(long, value_name = "URL", value_parser = Secret(proxy), conflicts_with_all = ["resolve", "connect_to"])]
    pub(super) proxy: Option<url::Url>,
    /// Contact addresses inside a network (loopback, private, link-local) too if a public site names them
    #[arg(long)]
    pub(super) allow_private: bool,
    /// DNS server for resolving CNAMEs of the site's own hosts; by default the system's
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
    /// The connection that these options describe.
    pub(super) fn to_network(&self) -> Network {
        Network {
            routes: self.connect_to.iter().chain(&self.resolve).cloned().collect(),
            insecure: self.insecure,
            allow_private: self.allow_private,
            // Browsers take a proxy without the trailing slash that an address has.
            proxy: self.proxy.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
            dns_server: self.dns_server,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// Files that `crumbcheck scan --record` wrote; `-` is standard input
    #[arg(required = true, value_name = "RECORDING")]
    pub(super) recordings: Vec<PathBuf>,
    /// Report format (terminal, json or html), and the file to write it to; may be repeated
    #[arg(long, value_name = "FORMAT[=PATH]", value_parser = destination, default_value = "terminal")]
    pub(super) report: Vec<Destination>,
    #[command(flatten)]
    pub(super) exit: ExitArgs,
    #[command(flatten)]
    pub(super) judge: JudgeArgs,
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
    /// Write a notice that matches what a scan saw
    Draft(DraftArgs),
    /// Print the edits that make the published notice match what a scan saw
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
pub(super) struct ReadNoticeArgs {
    /// Address or file of the notice (HTML, PDF, DOCX, ODT, Markdown or text); an address is opened in a browser
    #[arg(value_name = "URL|FILE", required = true)]
    pub(super) source: Option<String>,
    /// Output format; json is crumbcheck/notice/1
    #[arg(long, value_enum, default_value_t = TextOrJson::Terminal)]
    pub(super) format: TextOrJson,
    /// How long the page may take to load
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s")]
    pub(super) timeout: Duration,
    /// Path of the Chrome or Chromium executable
    #[arg(long, value_name = "PATH")]
    pub(super) chrome: Option<PathBuf>,
    #[command(flatten)]
    pub(super) network: NetworkArgs,
}

#[derive(Debug, Args)]
pub(super) struct DraftArgs {
    /// A file that `crumbcheck scan --record` wrote; `-` is standard input
    #[arg(value_name = "RECORDING")]
    pub(super) recording: PathBuf,
    /// Output format; html is a page to paste into the site's own
    #[arg(long, value_enum, default_value_t = DraftFormat::Html)]
    pub(super) format: DraftFormat,
    /// Language of the draft: en or cy
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub(super) language: Language,
    #[command(flatten)]
    pub(super) judge: JudgeArgs,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A file that `crumbcheck scan --record` wrote; `-` is standard input
    #[arg(value_name = "RECORDING")]
    pub(super) recording: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t = TextOrJson::Terminal)]
    pub(super) format: TextOrJson,
    /// Language of the rows to add: en or cy
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub(super) language: Language,
    #[command(flatten)]
    pub(super) judge: JudgeArgs,
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
    /// Names, hosts, addresses or whole Set-Cookie lines; `-` reads one per line from standard input
    #[arg(
        required_unless_present = "list_unknown",
        value_name = "NAME[@DOMAIN]|HOST|URL|SET-COOKIE"
    )]
    pub(super) queries: Vec<String>,
    /// Host, or address, of the script or response that sets the cookies
    #[arg(long, value_name = "HOST")]
    pub(super) set_by: Option<String>,
    /// Lifetime of the cookies
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(super) lifetime: Option<Duration>,
    /// Category of a cookie or storage item; overrides every other source; may be repeated
    #[arg(long, value_name = "NAME[@DOMAIN]=CATEGORY", value_parser = category)]
    pub(super) category: Vec<Override>,
    /// List the items of a recording that no source knows
    #[arg(long, value_name = "RECORDING", conflicts_with_all = ["queries", "set_by", "lifetime"])]
    pub(super) list_unknown: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = TextOrJson::Terminal)]
    pub(super) format: TextOrJson,
}

#[derive(Debug, Args)]
pub(super) struct DataArgs {
    #[command(subcommand)]
    pub(super) command: Option<DataCommand>,
    /// Output format
    #[arg(long, value_enum, global = true, default_value_t = TextOrJson::Terminal)]
    pub(super) format: TextOrJson,
}

#[derive(Debug, Subcommand)]
pub(super) enum DataCommand {
    /// List data sources with their versions, dates, licences and digests (the default)
    Status,
    /// Save filter lists in Adblock Plus syntax for use with `--filter-lists`
    Update(Box<UpdateArgs>),
}

#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    /// Name of a list, and the https address or the file to copy it from; may be repeated
    #[arg(long, value_name = "NAME=URL-OR-FILE", required = true, value_parser = list_source)]
    pub(super) list: Vec<ListSource>,
    /// How long one list may take to download
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "2m")]
    pub(super) timeout: Duration,
    #[command(flatten)]
    pub(super) network: NetworkArgs,
}

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Keep serving the site after the scan, so that you can open it
    #[arg(long)]
    pub(super) keep: bool,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) browser: BrowserArgs,
    /// Flags passed to the browser unchanged
    #[arg(last = true, value_name = "CHROME-FLAGS", help_heading = "Browser")]
    pub(super) chrome_flags: Vec<String>,
}

/// The lowest severity that makes the program fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FailOn(
    /// `None` is never.
    pub(super) Option<Severity>,
);

/// A filter list, and where to copy it from.
#[derive(Clone, Debug)]
pub(super) struct ListSource {
    /// What it is saved as: a plain file name.
    pub(super) name: String,
    /// An https address or a file.
    pub(super) from: String,
}

fn list_source(text: &str) -> Result<ListSource, String> {
    const HOW: &str = "write it as `easyprivacy=https://…` or `easyprivacy=FILE`, with a name of a-z, 0-9 and `-`";
    let (name, from) = text.split_once('=').ok_or(HOW)?;
    let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    if !(1..=40).contains(&name.len()) || !name.bytes().all(plain) || from.is_empty() {
        return Err(HOW.to_owned());
    }
    Ok(ListSource { name: name.to_owned(), from: from.to_owned() })
}

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

fn fail_on(text: &str) -> Result<FailOn, String> {
    match text {
        "never" => Ok(FailOn(None)),
        text => text.parse().map(|level| FailOn(Some(level))),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write it as `4s`, `500ms` or `2m`"))?;
    match time {
        Duration::ZERO => Err("it must be longer than 0".to_owned()),
        time if time > Duration::from_secs(3600) => Err("the longest is 1h".to_owned()),
        time => Ok(time),
    }
}

fn locale(text: &str) -> Result<String, String> {
    let fits = text.split('-').all(|part| {
        (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
    });
    if fits { Ok(text.to_owned()) } else { Err("write it as `en-GB` or `cy`".to_owned()) }
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
    fn a_target_without_a_scheme_gets_https() {
        assert_eq!(target("www.force.police.uk").unwrap().as_str(), "https://www.force.police.uk/");
        assert!(target("ftp://a.test").is_err() && target("https://").is_err());
    }

    #[test]
    fn a_category_is_for_a_name_or_a_name_at_a_domain() {
        let it = category("sid_*@a.test=essential").unwrap();
        assert!(it.pattern.matches("sid_1") && it.domain.as_deref() == Some("a.test"));
        assert!(category("sid=harmless").is_err() && category("sid").is_err());
    }

    #[test]
    fn a_name_of_a_list_is_a_plain_file_name() {
        assert!(list_source("easy-privacy2=/a/b.txt").is_ok());
        for text in ["easyprivacy", "=a", "a=", "../up=a", "a/b=c", "A=b", "a b=c"] {
            assert!(list_source(text).is_err(), "{text}");
        }
        assert_eq!(list_source("a=https://x.test/?q=1").unwrap().from, "https://x.test/?q=1");
    }
}
