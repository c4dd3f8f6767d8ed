//! Lengths in every unit and language, and what a text says of an end in passing.

use super::*;

/// The seconds of a text that gives one length.
#[track_caller]
fn seconds(text: &str) -> u64 {
    let read = lifetime(text);
    assert_eq!(read.kind, WrittenLifetime::Duration, "{text}");
    read.seconds.unwrap()
}

#[test]
fn every_unit_has_its_length() {
    const HOUR: u64 = 3600;
    for (text, expected) in [
        ("400 ms", 0),
        ("5000 milliseconds", 5),
        ("5000 msecs", 5),
        ("5 s", 5),
        ("5 secs", 5),
        ("5 Sekunden", 5),
        ("5 segundos", 5),
        ("5 eiliad", 5),
        ("5 mins", 300),
        ("5 munud", 300),
        ("5 h", 5 * HOUR),
        ("5 hrs", 5 * HOUR),
        ("5 awr", 5 * HOUR),
        ("5 Stunden", 5 * HOUR),
        ("5 heures", 5 * HOUR),
        ("5 horas", 5 * HOUR),
        ("5 ore", 5 * HOUR),
        ("5 uur", 5 * HOUR),
        ("5 godzin", 5 * HOUR),
        ("5 d", 5 * DAY),
        ("5 nights", 5 * DAY),
        ("5 diwrnod", 5 * DAY),
        ("5 Tage", 5 * DAY),
        ("5 jours", 5 * DAY),
        ("5 días", 5 * DAY),
        ("5 giorni", 5 * DAY),
        ("5 dagen", 5 * DAY),
        ("5 dni", 5 * DAY),
        ("5 w", 35 * DAY),
        ("5 wks", 35 * DAY),
        ("5 weken", 35 * DAY),
        ("5 wythnos", 35 * DAY),
        ("5 Wochen", 35 * DAY),
        ("5 semaines", 35 * DAY),
        ("5 semanas", 35 * DAY),
        ("5 settimane", 35 * DAY),
        ("5 tygodnie", 35 * DAY),
        ("5 mths", 150 * DAY),
        ("5 mis", 150 * DAY),
        ("5 Monate", 150 * DAY),
        ("5 maanden", 150 * DAY),
        ("5 meses", 150 * DAY),
        ("2 quarters", 182 * DAY),
        ("2 y", 2 * YEAR),
        ("2 yrs", 2 * YEAR),
        ("2 flynedd", 2 * YEAR),
        ("2 lata", 2 * YEAR),
        ("2 decades", 20 * YEAR),
        ("an hour", HOUR),
        ("hourly", HOUR),
        ("for the day", DAY),
        ("weekly", 7 * DAY),
        ("monthly", 30 * DAY),
        ("hyd at flwyddyn", YEAR),
        ("ar ôl wythnos", 7 * DAY),
        ("half an hour", 1800),
        ("half a day", DAY / 2),
        ("hanner awr", 1800),
        ("1.5 hours", 5400),
        ("100 years", 100 * YEAR),
    ] {
        assert_eq!(seconds(text), expected, "{text}");
    }
}

#[test]
fn numbers_are_read_in_every_language_of_notices() {
    for (count, words) in [
        (
            1,
            &[
                "einen Tag",
                "ein Tag",
                "une année",
                "una semana",
                "uno",
                "een dag",
                "één dag",
                "uma semana",
            ][..],
        ),
        (
            2,
            &[
                "zwei Tage",
                "deux jours",
                "dos días",
                "due giorni",
                "twee dagen",
                "dwa dni",
                "dois dias",
                "duas semanas",
            ],
        ),
        (
            3,
            &[
                "drei Tage",
                "trois jours",
                "tres días",
                "tre giorni",
                "drie dagen",
                "trzy dni",
                "três dias",
            ],
        ),
        (4, &["vier Tage", "quatre jours"]),
        (5, &["fünf Tage", "cinq jours"]),
        (6, &["sechs Tage", "seis días", "sei giorni", "zes dagen", "sześć dni"]),
        (
            12,
            &[
                "zwölf Tage",
                "douze jours",
                "doce días",
                "dodici giorni",
                "twaalf dagen",
                "dwanaście dni",
                "doze dias",
            ],
        ),
        (13, &["treize jours", "trece días", "tredici giorni", "treze dias"]),
    ] {
        for text in words.iter().filter(|it| it.contains(' ')) {
            let unit = if text.contains("semana") {
                7
            } else if text.contains("année") {
                365
            } else {
                1
            };
            assert_eq!(seconds(text), count * unit * DAY, "{text}");
        }
    }
    for (text, days) in [
        ("un mis ar ddeg", 11),
        ("un mis ar bymtheg", 16),
        ("un mis ar hugain", 21),
        ("un mis ar ddeugain", 41),
    ] {
        assert_eq!(seconds(text), days * 30 * DAY, "{text}");
    }
}

#[test]
fn lengths_that_belong_together_are_one() {
    for (text, from, to) in [
        ("1 year and 6 months", 545, None),
        ("1 year, 6 months", 545, None),
        ("1 year 6 months", 545, None),
        ("1 year, 1 month and 1 day", 396, None),
        ("1 flwyddyn a 6 mis", 545, None),
        // The smaller unit comes second, and with nothing else between.
        ("6 months and 1 year", 180, Some(365)),
        ("1 year, or 6 months", 180, Some(365)),
        ("6 months and 6 months", 180, None),
        // The same in other words is the same.
        ("1 year (366 days)", 365, None),
        ("1 year (370 days)", 365, None),
        ("1 year (13 months)", 365, Some(390)),
        ("1 to 2 years", 365, Some(730)),
        ("one or two years", 365, Some(730)),
    ] {
        let read = lifetime(text);
        let days = |it: Option<u64>| it.map(|it| it / DAY);
        assert_eq!((days(read.seconds), days(read.max_seconds)), (Some(from), to), "{text}");
    }
}

#[test]
fn what_cannot_be_a_length_is_unreadable() {
    for text in ["101 years", "2000 years", "1 to 200 years", "31/12 days"] {
        assert_eq!(lifetime(text).kind, WrittenLifetime::Unreadable, "{text}");
        assert!(is_absurd(text), "{text}");
    }
    for text in ["100 years", "1 year", "banana", ""] {
        assert!(!is_absurd(text), "{text}");
    }
}

#[test]
fn sessions_events_and_ends_are_told_apart() {
    use WrittenLifetime::{
        Absent, Duration, Event, Instant, Persistent, Session, SessionOrDuration, Unreadable,
    };
    for (text, kind) in [
        ("Session", Session),
        ("until you close the tab", Session),
        ("Chat session", Event),
        ("end of the survey session", Event),
        ("session, permanent", Unreadable),
        ("30 minutes after the end of the session", Duration),
        ("session or 30 minutes", SessionOrDuration),
        ("when you log out, at most 1 day", SessionOrDuration),
        ("Straight away", Instant),
        ("permanently", Persistent),
        ("until deleted", Persistent),
        ("until you log in again", Event),
        ("N/A", Absent),
        ("not stated", Absent),
        ("–", Absent),
        ("blue", Unreadable),
    ] {
        assert_eq!(lifetime(text).kind, kind, "{text}");
    }
    // Only what has a length can start again.
    for (text, sliding) in
        [("1 hour, rolling", true), ("1 hour", false), ("session, renewed", false)]
    {
        assert_eq!(lifetime(text).sliding, sliding, "{text}");
    }
}

#[test]
fn a_sentence_that_speaks_of_an_end_gives_a_lifetime() {
    for (text, kind) in [
        ("It counts visits. It expires after 2 years.", Some(WrittenLifetime::Duration)),
        ("It is kept for between 1 and 2 years.", Some(WrittenLifetime::Range)),
        ("It is deleted when you close your browser.", Some(WrittenLifetime::Session)),
        (
            "It lasts until you close your browser or for 2 hours.",
            Some(WrittenLifetime::SessionOrDuration),
        ),
        ("It never expires.", Some(WrittenLifetime::Persistent)),
        ("Persists for ever.", Some(WrittenLifetime::Persistent)),
        // Words that stand in many purposes say nothing of an end.
        ("It remains part of the session.", None),
        ("It is set for permanent staff.", None),
        ("It counts visits over 2 years.", None),
        ("It expires at some time.", None),
        ("It is removed immediately.", None),
        ("", None),
    ] {
        assert_eq!(in_prose(text).map(|it| it.kind), kind, "{text}");
    }
    let first = in_prose("It expires after 1 day. The other expires after 2 days.").unwrap();
    assert_eq!(first.seconds, Some(DAY));
}

#[test]
fn a_text_about_a_cookie_may_begin_with_its_lifetime() {
    for (text, seconds) in [
        ("Ninety days. Counts visits.", Some(90 * DAY)),
        ("2 years – counts visits", Some(2 * YEAR)),
        ("For up to 2 years; counts", Some(2 * YEAR)),
        ("Counts visits. It expires after 1 day.", Some(DAY)),
        ("Counts what people did over 2 years", None),
        ("Blue. Counts visits.", None),
    ] {
        assert_eq!(in_text(text).and_then(|it| it.seconds), seconds, "{text}");
    }
    assert_eq!(in_text("Session. Keeps your basket.").unwrap().kind, WrittenLifetime::Session);
    assert_eq!(in_text("Until midnight. Counts.").map(|it| it.kind), None);
}

#[test]
fn lengths_are_given_in_order_where_the_text_says_so() {
    let read = |text: &str| -> Vec<u64> {
        respectively(text).into_iter().map(|it| it.seconds.unwrap_or_default()).collect()
    };
    assert_eq!(read("2 years, 24 hours and 1 minute respectively"), [2 * YEAR, DAY, 60]);
    assert_eq!(read("1 day a 2 fis yn y drefn honno"), [DAY, 60 * DAY]);
    assert_eq!(read("2 years, 24 hours and 1 minute"), [0; 0]);
}
