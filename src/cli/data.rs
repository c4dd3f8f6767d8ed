use std::fmt::Write as _;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{
    Failure,
    args::{DataArgs, DataCommand, TextOrJson, UpdateArgs},
    lists, print,
};
use crate::{
    classify::{self, ListAbout, Source},
    exit::Exit,
    report::{json_safe, terminal_safe},
};

/// Data older than this, in days, is told to be old: vendors add and rename cookies all the time.
const OLD: i32 = 365;

/// The same of filter lists, which change every day.
const OLD_LIST: i32 = 14;

#[derive(Serialize)]
struct Status {
    name: String,
    version: String,
    date: String,
    licence: String,
    /// SHA-256 of what is held of it, in hexadecimal.
    sha256: Option<String>,
    /// Bytes that are held of it.
    bytes: Option<usize>,
    age_days: Option<i32>,
    old: bool,
    /// Where the user had it taken from; `None` of what is part of the program.
    from: Option<String>,
}

/// `crumbcheck data`.
pub(super) fn data(args: &DataArgs) -> Result<Exit, Failure> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let shown: Vec<Status> = match &args.command {
        None | Some(DataCommand::Status) => {
            let held = classify::data_sources().into_iter().map(|it| of_source(&it, today));
            held.chain(lists::kept()?.into_iter().map(|it| of_list(it, today))).collect()
        }
        Some(DataCommand::Update(args)) => update(args, today)?,
    };
    let text = match args.format {
        TextOrJson::Json => {
            let json = serde_json::to_string_pretty(&shown)
                .map_err(|error| Failure::new(Exit::Failed, &error, ""))?;
            json_safe(&json) + "\n"
        }
        TextOrJson::Terminal => for_people(&shown),
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// `crumbcheck data update`.
fn update(args: &UpdateArgs, today: Date) -> Result<Vec<Status>, Failure> {
    let (network, credentials) = (args.network.meant(), args.network.credentials());
    let today_text = today.to_string();
    let taken = lists::update(&args.list, &network, &credentials, args.timeout, &today_text)?;
    Ok(taken.into_iter().map(|it| of_list(it, today)).collect())
}

fn of_source(source: &Source, today: Date) -> Status {
    let held = classify::held(source.name);
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

fn of_list(list: ListAbout, today: Date) -> Status {
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
            None => "of an unknown day".to_owned(),
        };
        // A list says of itself what its authors like.
        let safe = terminal_safe;
        let _ = writeln!(text, "{} {}", safe(&it.name), safe(&it.version));
        let _ = writeln!(text, "  of {}, {age}; licence {}", it.date, safe(&it.licence));
        let place = match &it.from {
            None => "in the program".to_owned(),
            Some(from) => format!("kept, from {}", safe(from)),
        };
        if let (Some(bytes), Some(sha256)) = (it.bytes, &it.sha256) {
            let _ = writeln!(text, "  {} KiB {place}, SHA-256 {sha256}", bytes.div_ceil(1024));
        }
        match (it.old, &it.from) {
            (false, _) => {}
            (true, None) => {
                let _ = writeln!(text, "  old: a newer version of crumbcheck may know more");
            }
            (true, Some(_)) => {
                let _ = writeln!(text, "  old: `crumbcheck data update` fetches it anew");
            }
        }
    }
    text
}
