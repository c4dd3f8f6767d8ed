use std::fmt::Write as _;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{
    Failure,
    args::{DataArgs, DataCommand, TextOrJson, UpdateArgs},
    credentials, json, lists, print,
};
use crate::{
    classify::{self, ListAbout, Source},
    exit::Exit,
    report::terminal_safe,
};

/// Data older than this, in days, is marked as old: vendors add and rename cookies all the time.
const OLD: i32 = 365;

/// Filter lists change every day, so they are old sooner.
const OLD_LIST: i32 = 14;

#[derive(Serialize)]
struct Status {
    name: String,
    version: String,
    date: String,
    licence: String,
    /// SHA-256 of the data that is built in or saved, in hexadecimal.
    sha256: Option<String>,
    /// Its size in bytes.
    bytes: Option<usize>,
    age_days: Option<i32>,
    old: bool,
    /// Where a saved list was copied from; `None` for data that is built in.
    from: Option<String>,
}

/// `crumbcheck data`.
pub(super) fn data(args: &DataArgs) -> Result<Exit, Failure> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let shown: Vec<Status> = match &args.command {
        None | Some(DataCommand::Status) => {
            let built_in = classify::data_sources().into_iter().map(|it| source_status(&it, today));
            built_in.chain(lists::saved()?.into_iter().map(|it| list_status(it, today))).collect()
        }
        Some(DataCommand::Update(args)) => update(args, today)?,
    };
    let text = match args.format {
        TextOrJson::Json => json(&shown)?,
        TextOrJson::Terminal => for_people(&shown),
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// `crumbcheck data update`.
fn update(args: &UpdateArgs, today: Date) -> Result<Vec<Status>, Failure> {
    let network = args.network.to_network();
    let credentials = credentials::credentials(&args.network)?;
    let day = today.to_string();
    let saved = lists::update(&args.list, &network, &credentials, args.timeout, &day)?;
    Ok(saved.into_iter().map(|it| list_status(it, today)).collect())
}

fn source_status(source: &Source, today: Date) -> Status {
    let held = classify::embedded_data(source.name);
    let age_days = age(source.date, today);
    Status {
        name: source.name.to_owned(),
        version: source.version.to_owned(),
        date: source.date.to_owned(),
        licence: source.licence.to_owned(),
        sha256: held.as_ref().map(|it| it.sha256.clone()),
        bytes: held.map(|it| it.bytes),
        age_days,
        old: age_days.is_none_or(|it| it > OLD),
        from: None,
    }
}

fn list_status(list: ListAbout, today: Date) -> Status {
    let age_days = age(&list.date, today);
    Status {
        version: list.version().to_owned(),
        licence: list.licence().to_owned(),
        name: list.name,
        date: list.date,
        sha256: Some(list.sha256),
        bytes: Some(list.bytes),
        age_days,
        old: age_days.is_none_or(|it| it > OLD_LIST),
        from: Some(list.from),
    }
}

fn age(date: &str, today: Date) -> Option<i32> {
    Some(date.parse::<Date>().ok()?.until(today).ok()?.get_days())
}

fn for_people(shown: &[Status]) -> String {
    let mut text = String::new();
    for it in shown {
        let age = match it.age_days {
            Some(0) => "today".to_owned(),
            Some(1) => "1 day old".to_owned(),
            Some(days) => format!("{days} days old"),
            None => "of unknown age".to_owned(),
        };
        // A list says of itself what its authors like.
        let safe = terminal_safe;
        let _ = writeln!(text, "{} {}", safe(&it.name), safe(&it.version));
        let _ = writeln!(text, "  dated {}, {age}; licence {}", it.date, safe(&it.licence));
        let place = match &it.from {
            None => "built in".to_owned(),
            Some(from) => format!("saved from {}", safe(from)),
        };
        if let (Some(bytes), Some(sha256)) = (it.bytes, &it.sha256) {
            let _ = writeln!(text, "  {} KiB {place}, SHA-256 {sha256}", bytes.div_ceil(1024));
        }
        match (it.old, &it.from) {
            (false, _) => {}
            (true, None) => {
                let _ = writeln!(text, "  old: a newer version of crumbcheck may have newer data");
            }
            (true, Some(_)) => {
                let _ = writeln!(text, "  old: fetch it again with `crumbcheck data update`");
            }
        }
    }
    text
}
