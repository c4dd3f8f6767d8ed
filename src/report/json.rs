//! For programs: `crumbcheck/report/1`, one object for one target and a list for several.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::{Format, Report, Style, escape::deceives};

pub(super) const FORMAT: Format = Format { name: "json", extension: "json", write };

fn write(reports: &[Report], out: &mut dyn Write, _: Style) -> io::Result<()> {
    let text = match reports {
        [report] => serde_json::to_string_pretty(report)?,
        reports => serde_json::to_string_pretty(reports)?,
    };
    writeln!(out, "{}", shown(&text))
}

/// The same JSON with every character that a terminal or an editor would obey rather than show
/// written as `\uXXXX`. Outside its strings JSON has none but line ends, so this changes no meaning.
pub(super) fn shown(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && deceives(c) {
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
    use super::{super::sample, *};

    fn written(reports: &[Report]) -> String {
        let mut out = Vec::new();
        write(reports, &mut out, Style::PLAIN).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_target_is_an_object_and_several_are_a_list() {
        let report = sample::report();
        let one: Report = serde_json::from_str(&written(std::slice::from_ref(&report))).unwrap();
        assert_eq!(one, report);
        let two: Vec<Report> = serde_json::from_str(&written(&[report.clone(), report])).unwrap();
        assert_eq!(two.len(), 2);
        assert_eq!(written(&[]), "[]\n");
    }

    #[test]
    fn the_same_report_is_the_same_bytes() {
        let text = written(&[sample::report()]);
        assert_eq!(text, written(&[sample::report()]));
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn hidden_characters_are_written_as_escapes_and_read_back_the_same() {
        let report = sample::hostile();
        let text = written(std::slice::from_ref(&report));
        assert!(!text.chars().any(|c| c != '\n' && deceives(c)));
        assert!(text.contains("\\u202e"), "{text}");
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    }
}
