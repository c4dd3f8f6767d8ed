use std::fmt::Write as _;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{
    Failure,
    args::{DataArgs, DataCommand, TextOrJson},
    print,
};
use crate::{
    classify::{self, Source},
    exit::Exit,
};

/// Data older than this, in days, is told to be old: vendors add and rename cookies all the time.
const OLD: i32 = 365;

#[derive(Serialize)]
struct Status {
    name: &'static str,
    version: &'static str,
    date: &'static str,
    licence: &'static str,
    /// SHA-256 of what the program holds of it, in hexadecimal.
    sha256: Option<String>,
    /// Bytes that the program holds of it.
    bytes: Option<usize>,
    age_days: Option<i32>,
    old: bool,
}

/// `crumbcheck data`.
pub(super) fn data(args: &DataArgs) -> Result<Exit, Failure> {
    match args.command {
        None | Some(DataCommand::Status) => status_of_all(args.format),
    }
}

fn status_of_all(format: TextOrJson) -> Result<Exit, Failure> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let sources: Vec<Status> =
        classify::data_sources().into_iter().map(|source| status(&source, today)).collect();
    let text = match format {
        TextOrJson::Json => {
            serde_json::to_string_pretty(&sources)
                .map_err(|error| Failure::new(Exit::Failed, &error, ""))?
                + "\n"
        }
        TextOrJson::Terminal => for_people(&sources),
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn status(source: &Source, today: Date) -> Status {
    let held = classify::held(source.name);
    let age = source.date.parse::<Date>().ok().and_then(|it| it.until(today).ok());
    let age = age.map(|it| it.get_days());
    Status {
        name: source.name,
        version: source.version,
        date: source.date,
        licence: source.licence,
        sha256: held.as_ref().map(|it| it.sha256.clone()),
        bytes: held.map(|it| it.bytes),
        age_days: age,
        old: age.is_none_or(|it| it > OLD),
    }
}

fn for_people(sources: &[Status]) -> String {
    let mut text = String::new();
    for it in sources {
        let age = match it.age_days {
            Some(0) => "today".to_owned(),
            Some(1) => "1 day old".to_owned(),
            Some(days) => format!("{days} days old"),
            None => "of an unknown day".to_owned(),
        };
        let _ = writeln!(text, "{} {}", it.name, it.version);
        let _ = writeln!(text, "  of {}, {age}; licence {}", it.date, it.licence);
        if let (Some(bytes), Some(sha256)) = (it.bytes, &it.sha256) {
            let _ =
                writeln!(text, "  {} KiB in the program, SHA-256 {sha256}", bytes.div_ceil(1024));
        }
        if it.old {
            let _ = writeln!(text, "  old: a newer version of crumbcheck may know more");
        }
    }
    text
}
