//! For programs: `crumbcheck/report/1`, one object for one target and a list for several.

use std::{fmt::Write as _, io};

use super::{
    escape::deceives,
    format::{Format, Place, Style},
    log_commands,
    model::Report,
};

pub(super) const FORMAT: Format = Format {
    name: "json",
    extension: "json",
    head_lists_parts: false,
    head: |_, targets| Ok(if targets == 1 { "" } else { "[" }.to_owned()),
    part,
    tail,
};

fn part(report: &Report, place: Place, _: Style) -> io::Result<String> {
    if place.targets == 1 {
        return Ok(shown(&serde_json::to_string_pretty(report)?));
    }
    let list = shown(&serde_json::to_string_pretty(&[report])?);
    // Of a list of one, what stands between the brackets is an element as it is indented in any list.
    let element = list.trim_start_matches('[').trim_end_matches("\n]");
    Ok(if place.before == 0 { element.to_owned() } else { format!(",{element}") })
}

const fn tail(place: Place) -> &'static str {
    match place {
        Place { targets: 1, .. } => "\n",
        Place { before: 0, .. } => "]\n",
        _ => "\n]\n",
    }
}

/// The same JSON with every character that a terminal or an editor would obey rather than show
/// written as `\uXXXX`. Outside its strings JSON has none but line ends, so this changes no meaning.
pub(super) fn shown(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    // Outside its strings JSON has no two colons and no two signs side by side either.
    let commands = log_commands::starts(json);
    for (at, c) in json.char_indices() {
        if (c != '\n' && deceives(c)) || commands.binary_search(&at).is_ok() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{super::testing, *};

    fn written(reports: &[Report]) -> String {
        testing::written(&FORMAT, reports)
    }

    #[test]
    fn one_target_is_an_object_and_several_are_a_list() {
        let report = Report { pictures: Vec::new(), ..testing::flagship() };
        let one: Report = serde_json::from_str(&written(std::slice::from_ref(&report))).unwrap();
        assert_eq!(one, report);
        let two: Vec<Report> = serde_json::from_str(&written(&[report.clone(), report])).unwrap();
        assert_eq!(two.len(), 2);
        // The list is written as a whole list would be.
        let list = serde_json::to_string_pretty(&two).unwrap();
        assert_eq!(shown(&list) + "\n", written(&two));
        assert_eq!(written(&[]), "[]\n");
    }

    #[test]
    fn the_same_report_is_the_same_bytes() {
        let text = written(&[testing::flagship()]);
        assert_eq!(text, written(&[testing::flagship()]));
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn hidden_characters_are_written_as_escapes_and_read_back_the_same() {
        let report = Report { pictures: Vec::new(), ..testing::hostile() };
        let text = written(std::slice::from_ref(&report));
        assert!(!text.chars().any(|c| c != '\n' && deceives(c)));
        assert!(text.contains("\\u202e"), "{text}");
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    }
}
