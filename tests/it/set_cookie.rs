//! Random `Set-Cookie` lines, as the installed browser keeps them and as `model::set_cookie` says it does: a scan of the
//! real program records the cookie jar, and there must be no difference.
//!
//! 600 lines are tried; `CRUMBCHECK_COOKIES=10000 cargo test --test it set_cookie::` tries more (`make cookies`), and
//! `CRUMBCHECK_SEED` other ones.

#![allow(clippy::print_stdout, reason = "the test prints how many lines it tried")]

use std::{collections::BTreeMap, env, fmt::Write as _};

use crumbcheck::{
    demo::Site,
    model::{
        SameSite,
        set_cookie::{LONGEST_LIFETIME, Origin, SetCookie},
    },
    recording::JarCookie,
};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde_json::json;

use crate::support;

/// Lines that one site sends and writes: a browser keeps no more than 180 cookies of a site.
const HEADERS: usize = 120;
const SCRIPTED: usize = 30;

/// How much a lifetime may differ: the browser starts, and the jar is read a little later.
const TOLERANCE: i64 = 180;

#[test]
fn the_cookie_jar_of_the_browser_is_as_the_parser_says() {
    let number = |name: &str, otherwise: u64| {
        env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(otherwise)
    };
    let _turn = support::turn("set_cookie");
    let wanted = usize::try_from(number("CRUMBCHECK_COOKIES", 600)).expect("a number of lines");
    let mut dice = Dice(number("CRUMBCHECK_SEED", 20_261_130));
    let (mut tried, mut kept, mut differences) = (0, 0, Vec::new());
    for place in 0.. {
        if tried >= wanted {
            break;
        }
        let trial = Trial::new(place, &mut dice);
        tried += trial.headers.len() + trial.scripted.len();
        kept += trial.run(&mut differences);
    }
    println!("{tried} lines, {kept} cookies kept, {} differences", differences.len());
    assert!(kept * 4 > tried, "hardly any of the {tried} lines set a cookie: {kept}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// One site with its lines.
struct Trial {
    host: String,
    /// Of the response to the start page.
    headers: Vec<String>,
    /// Written by a script of a second page.
    scripted: Vec<String>,
}

type Key = (String, String, String, bool);

/// What is compared of a cookie.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    value: String,
    /// Seconds as long as the browser keeps it; `None` if until it is closed.
    lifetime: Option<i64>,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
    /// The line it came from.
    line: String,
}

impl Trial {
    fn new(place: usize, dice: &mut Dice) -> Self {
        const HOSTS: [&str; 6] = [
            "www.shop{}.example",
            "shop{}.co.uk",
            "a.b.shop{}.test",
            "www.force{}.police.uk",
            "x{}.github.io",
            "council{}.gov.uk",
        ];
        let host = HOSTS[place % HOSTS.len()].replace("{}", &place.to_string());
        let headers = (0..HEADERS).map(|at| dice.line(&format!("h{at}"), &host, false)).collect();
        let scripted = (0..SCRIPTED).map(|at| dice.line(&format!("s{at}"), &host, true)).collect();
        Self { host, headers, scripted }
    }

    fn site(&self) -> Site {
        let start = format!("https://{}/", self.host);
        let headers: Vec<String> =
            self.headers.iter().map(|line| format!("set-cookie: {line}")).collect();
        let site = json!({
            "start": start, "pages": ["/scripted"],
            "route": [{ "host": self.host, "path": "/", "headers": headers }],
        });
        let mut script = String::from("<!doctype html><title>Scripted</title><script>");
        for line in &self.scripted {
            let text = serde_json::to_string(line).expect("a text");
            let _ = write!(script, "document.cookie={};", text.replace('<', "\\u003c"));
        }
        script.push_str("</script>");
        let file = |path: &str| format!("{}/{path}", self.host);
        let own = vec![
            ("site.toml".to_owned(), toml::to_string(&site).expect("a table").into_bytes()),
            (file("index.html"), b"<!doctype html><title>Start</title><p>Nothing here.".to_vec()),
            (file("scripted.html"), script.into_bytes()),
        ];
        let shared = vec![("routes.toml".to_owned(), b"route = []".to_vec())];
        Site::from_files("set-cookie", own, shared).expect("a site")
    }

    /// Scans the site, and says how many cookies were kept and which were kept otherwise than expected.
    fn run(&self, differences: &mut Vec<String>) -> usize {
        let expected = self.expected(Timestamp::now().as_second());
        let run = support::scan(
            &self.site(),
            &["--passes", "none", "--keep-values", "--settle", "300ms"],
        );
        let recording = run.recording.unwrap_or_else(|| panic!("no recording: {}", run.stderr));
        let last = recording.passes.first().and_then(|pass| pass.checkpoints.last());
        let jar: BTreeMap<Key, &JarCookie> = last
            .expect("a checkpoint")
            .jar
            .iter()
            .map(|it| {
                ((it.name.clone(), it.domain.clone(), it.path.clone(), it.partition.is_some()), it)
            })
            .collect();
        for (key, ours) in &expected {
            match jar.get(key) {
                None => differences.push(format!("{key:?} is not in the jar: {:?}", ours.line)),
                Some(theirs) if !ours.is_like(theirs) => {
                    differences.push(format!("{key:?} differs: {ours:?} and {theirs:?}"));
                }
                Some(_) => (),
            }
        }
        for key in jar.keys().filter(|key| !expected.contains_key(*key)) {
            let mut lines = self.headers.iter().chain(&self.scripted);
            let line = lines.find(|it| SetCookie::parse(it).name == key.0);
            differences.push(format!("{key:?} is in the jar only: {line:?} at {}", self.host));
        }
        jar.len()
    }

    /// The jar after all lines, in their order.
    fn expected(&self, now: i64) -> BTreeMap<Key, Kept> {
        let mut jar: BTreeMap<Key, Kept> = BTreeMap::new();
        let from = |path: &str, by_script| {
            Origin::new(&format!("https://{}{path}", self.host), by_script).expect("a host")
        };
        let (response, script) = (from("/", false), from("/scripted", true));
        let headers = self.headers.iter().map(|line| (line, &response, false));
        let scripted = self.scripted.iter().map(|line| (line, &script, true));
        for (line, origin, by_script) in headers.chain(scripted) {
            let cookie = SetCookie::parse(line);
            let Ok(scope) = cookie.scope(origin) else { continue };
            let dot = if scope.host_only { "" } else { "." };
            let key = (
                cookie.name.clone(),
                format!("{dot}{}", scope.domain),
                scope.path,
                cookie.partitioned,
            );
            // A script cannot replace what scripts cannot see.
            if by_script && jar.get(&key).is_some_and(|it| it.http_only) {
                continue;
            }
            let lifetime = cookie.lifetime(now);
            if lifetime.is_some_and(|it| it <= 0) {
                jar.remove(&key);
                continue;
            }
            let kept = Kept {
                value: cookie.value.clone(),
                lifetime: lifetime.map(|it| it.min(LONGEST_LIFETIME)),
                secure: cookie.secure,
                http_only: cookie.http_only,
                same_site: cookie.same_site,
                line: line.clone(),
            };
            jar.insert(key, kept);
        }
        jar
    }
}

impl Kept {
    fn is_like(&self, theirs: &JarCookie) -> bool {
        let same_site = match theirs.same_site.as_deref() {
            Some("Strict") => SameSite::Strict,
            Some("Lax") => SameSite::Lax,
            Some("None") => SameSite::None,
            _ => SameSite::Unset,
        };
        let lifetime = match (self.lifetime, theirs.expires_in) {
            (Some(ours), Some(theirs)) => ours.abs_diff(theirs) <= TOLERANCE.unsigned_abs(),
            (ours, theirs) => ours == theirs,
        };
        lifetime
            && self.value == theirs.value
            && (self.secure, self.http_only, self.same_site)
                == (theirs.secure, theirs.http_only, same_site)
    }
}

/// Random numbers from a seed: splitmix64, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((it ^ (it >> 31)) % u64::try_from(end).expect("a small number"))
            .expect("a small number")
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn space(&mut self) -> &'static str {
        self.one(&["", "", "", " ", "  ", "\t", " \t"])
    }

    /// A whole line for a cookie of about that name. Scripts can write what no header can have.
    fn line(&mut self, name: &str, host: &str, by_script: bool) -> String {
        let mut attributes: Vec<String> = Vec::new();
        for _ in 0..self.below(6) {
            let attribute = self.attribute(host, by_script);
            attributes.push(self.in_any_case(attribute));
        }
        let partitioned = attributes.iter().any(|it| it.to_lowercase().contains("partitioned"));
        // The cookies of one partition must not have more than 10 KiB together.
        let value = self.value(by_script, !partitioned);
        let name = self.name(name, by_script);
        let first = match self.below(30) {
            0 => value,
            1 => format!("={value}"),
            2 => format!("{name}="),
            3 => self.one(&["", "=", ";", "= =", "==v", "=x=y"]).to_owned(),
            _ => format!("{name}{}={}{value}", self.space(), self.space()),
        };
        let mut line = format!("{}{first}{}", self.space(), self.space());
        for attribute in attributes {
            let _ = write!(line, ";{}{attribute}{}", self.space(), self.space());
        }
        // Servers do not send white space around a header's value.
        if by_script { line } else { line.trim_matches([' ', '\t']).to_owned() }
    }

    fn name(&mut self, plain: &str, by_script: bool) -> String {
        match self.below(20) {
            0 | 1 => {
                let prefix = self.one(&[
                    "__Host-",
                    "__host-",
                    "__HOST-",
                    "__Secure-",
                    "__secure-",
                    "__Http-",
                    "__http-",
                    "__Host-Http-",
                    "__host-http-",
                    "__Hos",
                    "__Secure",
                ]);
                format!("{prefix}{plain}")
            }
            2 => format!("{plain} x"),
            3 => format!("é{plain}ŵ"),
            4 => format!("{plain}{}", "y".repeat(4080 + self.below(17))),
            5 => format!(
                "{plain}{}",
                self.one(&["\"", "(", ")", "@", "[", "{", ",", "/", "<", "?", "\\", "\t", "\tx"])
            ),
            6 if by_script => {
                format!("{plain}{}", self.one(&["\u{1}", "\u{7f}", "\u{b}z", "\u{1f}"]))
            }
            7 => format!("{}{plain}", self.one(&["path", "secure", "domain"])),
            _ => plain.to_owned(),
        }
    }

    fn value(&mut self, by_script: bool, may_be_long: bool) -> String {
        match self.below(20) {
            0 => String::new(),
            1 => "\"q u\"".to_owned(),
            2 => "a=b".to_owned(),
            3 if may_be_long => "x".repeat(4080 + self.below(20)),
            4 => "é€".to_owned(),
            5 => "a,b c".to_owned(),
            6 => self.one(&["__Host-x=1", "__Secure-x", "__http-z", "v\tz"]).to_owned(),
            7 if by_script => self.one(&["v\u{1}", "v\u{7f}z", "v\u{b}"]).to_owned(),
            _ => "v".to_owned(),
        }
    }

    fn attribute(&mut self, host: &str, by_script: bool) -> String {
        let equals = self.one(&["=", "=", "=", " = "]);
        match self.below(20) {
            0..=3 => format!("Expires{equals}{}", self.date()),
            4..=5 => format!("Max-Age{equals}{}", self.max_age()),
            6..=8 => format!("Domain{equals}{}", self.domain(host)),
            9..=11 => format!("Path{equals}{}", self.path()),
            12..=13 => self
                .one(&["Secure", "Secure", "Secure", "Secure=no", "xSecure", "Secure x"])
                .to_owned(),
            14 => self.one(&["HttpOnly", "HttpOnly=0"]).to_owned(),
            15..=17 => {
                format!(
                    "SameSite{equals}{}",
                    self.one(&["None", "None", "Lax", "Strict", "", "bogus", "None,Lax"])
                )
            }
            18 => self.one(&["Partitioned", "Secure; Partitioned", "Partitioned=0"]).to_owned(),
            _ if by_script && self.chance(20) => {
                self.one(&["Foo=b\u{1}r", "Foo\u{7f}", "Foo=\u{b}"]).to_owned()
            }
            _ => self
                .one(&[
                    "Priority=High",
                    "",
                    " ",
                    "=",
                    "=x",
                    "Foo=bar",
                    "Foo=é",
                    "Foo=a\tb",
                    "Foo\tx=1",
                    "Max-Age",
                    "Expires",
                    "Domain",
                    "Path",
                    "SameSite",
                ])
                .to_owned(),
        }
    }

    fn max_age(&mut self) -> &'static str {
        self.one(&[
            "0",
            "-1",
            "-0",
            "3600",
            "+3600",
            "003600",
            "86400",
            "31536000",
            "34560000",
            "34560001",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999999",
            "3600.5",
            "3600s",
            "36 00",
            "soon",
            "",
            "-",
            "--1",
            "0x3600",
            "1e4",
            "\"3600\"",
        ])
    }

    fn domain(&mut self, host: &str) -> String {
        let above = host.split_once('.').map_or(host, |it| it.1);
        let site = crumbcheck::model::site::of_host(host);
        match self.below(22) {
            0..=2 => host.to_owned(),
            3 => format!(".{host}"),
            4 => format!("..{host}"),
            5..=6 => above.to_owned(),
            7 => format!(".{above}"),
            8 => site,
            9 => format!(".{}", site.to_uppercase()),
            10 => host.to_uppercase(),
            11 => format!("{host}."),
            12 => format!("x.{host}"),
            13 => format!("{host}x"),
            14 => format!("*.{above}"),
            15 => format!("{host}:443"),
            16 => format!("https://{host}"),
            17 => site.rsplit_once('.').map_or(String::new(), |it| it.1.to_owned()),
            _ => self
                .one(&[
                    "",
                    ".",
                    "other.example",
                    "127.0.0.1",
                    "localhost",
                    "bücher.example",
                    "%77ww.shop.example",
                    "\"x\"",
                ])
                .to_owned(),
        }
    }

    fn path(&mut self) -> String {
        match self.below(9) {
            0..=3 => "/".to_owned(),
            4 => format!("/{}", "p".repeat(1021 + self.below(5))),
            _ => self
                .one(&[
                    "/sub",
                    "/sub/",
                    "sub",
                    "",
                    "/a b",
                    "/%41",
                    "/é",
                    "//",
                    "/sub/../x",
                    "*",
                    "/a?b",
                    "/a#b",
                    "\"/\"",
                ])
                .to_owned(),
        }
    }

    /// A date in one of many forms, an hour at least from now.
    fn date(&mut self) -> String {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let hours = [-24 * 800, -2, 2, 24 * 30, 24 * 365, 24 * 399, 24 * 402, 24 * 4000];
        let hours = hours[self.below(hours.len())];
        let time = (Timestamp::now() + hours.hours()).to_zoned(TimeZone::UTC);
        let day = match self.below(10) {
            0 => ["0", "00", "1", "28", "29", "30", "31", "32", "99"][self.below(9)].to_owned(),
            1 => format!("{:03}", time.day()),
            2 => format!("{}{}", time.day(), self.one(&["st", "x"])),
            3 => time.day().to_string(),
            _ => format!("{:02}", time.day()),
        };
        let month = MONTHS[usize::try_from(time.month() - 1).expect("a month")];
        let month = match self.below(10) {
            0 => month.to_lowercase(),
            1 => month.to_uppercase(),
            2 => format!("{month}uary"),
            3 => self.one(&["Foo", "xJan", "11"]).to_owned(),
            _ => month.to_owned(),
        };
        let year = match self.below(10) {
            0 => [
                "0", "68", "69", "70", "99", "100", "1600", "1601", "1969", "1970", "2100", "9999",
                "30827", "99999", "123456",
            ][self.below(15)]
            .to_owned(),
            1 => format!("{:02}", time.year() % 100),
            2 => format!("{:05}", time.year()),
            3 => format!("{}{}", self.one(&["x", ""]), time.year()),
            _ => time.year().to_string(),
        };
        let clock = match self.below(12) {
            0 => self
                .one(&[
                    "24:00:00",
                    "23:59:60",
                    "00:60:00",
                    "7:8:9",
                    "99:99:99",
                    "12:34",
                    "12:34:56:00",
                    "12:34: 56",
                ])
                .to_owned(),
            1 => time.strftime("%H:%M:%SZ").to_string(),
            2 => time.strftime("0%H:%M:0%S").to_string(),
            3 => time.strftime("%H:%M:%S.5").to_string(),
            _ => time.strftime("%H:%M:%S").to_string(),
        };
        let zone = self.one(&[
            " GMT",
            " GMT",
            " UTC",
            "",
            " +0000",
            " GMT+0000 (Coordinated Universal Time)",
            " EST",
        ]);
        let weekday = self.one(&["Thu, ", "Thu ", "Thursday, ", "", "99 "]);
        match self.below(14) {
            0..=4 => format!("{weekday}{day} {month} {year} {clock}{zone}"),
            5 => format!("{weekday}{day}-{month}-{year} {clock}{zone}"),
            6 => format!("{weekday}{month} {day} {clock} {year}{zone}"),
            7 => format!("{year}-{month}-{day}T{clock}{zone}"),
            8 => format!("{clock} {day} {month} {year}"),
            9 => format!("{month}/{day}/{year} {clock}"),
            10 => format!("\"{day} {month} {year} {clock}\""),
            11 => format!("{day}é{month} {year} {clock}"),
            12 => format!("{day} {month} {year} {clock} {clock} {day} {month} 1999"),
            _ => self.one(&["0", "-1", "", "never", "1796040000"]).to_owned(),
        }
    }

    /// The name of an attribute in any case.
    fn in_any_case(&mut self, attribute: String) -> String {
        if self.chance(60) {
            return attribute;
        }
        let (name, value) =
            attribute.split_once('=').map_or((&*attribute, None), |it| (it.0, Some(it.1)));
        let change =
            |it: char, upper| if upper { it.to_ascii_uppercase() } else { it.to_ascii_lowercase() };
        let mut text: String = name.chars().map(|it| change(it, self.chance(50))).collect();
        if let Some(value) = value {
            text.push('=');
            text.push_str(value);
        }
        text
    }
}
