//! Turns verdicts into documents. A format is a name and a function; it decides nothing.

use std::io::{self, Write};

pub mod build;
mod escape;
mod html;
mod html_banner;
mod html_notice;
mod html_view;
mod json;
pub mod model;
mod remediation;
#[cfg(test)]
mod sample;
pub mod schema;
mod seen;
mod terminal;
mod words;
mod wrap;

pub use model::Report;

/// A way to write reports down.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Of the files it writes, without a dot.
    pub extension: &'static str,
    /// Writes the reports of one scan, one for each target, in the order given.
    pub write: fn(&[Report], &mut dyn Write, Style) -> io::Result<()>,
}

/// What the writer of a report may assume of where it ends up. Only the terminal format asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether colours may be used.
    pub colour: bool,
    /// Columns to wrap at.
    pub width: usize,
}

impl Style {
    /// For files and pipes.
    pub const PLAIN: Self = Self { colour: false, width: 100 };
}

/// Every format, in the order the command line lists them.
pub static FORMATS: &[Format] = &[terminal::FORMAT, json::FORMAT, html::FORMAT];

/// Text of a site, or of anything else, made safe to be shown on a terminal.
pub fn terminal_safe(text: &str) -> String {
    escape::Terminal(text).to_string()
}

/// JSON with every character that a terminal would obey rather than show written as `\uXXXX`.
pub fn json_safe(json: &str) -> String {
    json::shown(json)
}

/// The format called `name`.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::{FORMATS, Report, Style, sample};

    fn written(name: &str, reports: &[Report]) -> String {
        let mut out = Vec::new();
        (super::format(name).unwrap().write)(reports, &mut out, Style::PLAIN).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn formats_have_names_of_their_own() {
        let names: BTreeSet<_> = FORMATS.iter().map(|format| format.name).collect();
        assert_eq!(names.len(), FORMATS.len());
        assert!(super::format("pdf").is_none());
    }

    #[test]
    fn no_format_lets_the_site_speak_for_itself() {
        for format in FORMATS {
            let text = written(format.name, &[sample::hostile()]);
            for bad in ['\x1b', '\u{9b}', '\u{202e}', '\u{200b}', '\u{7f}', '\u{2028}'] {
                assert!(!text.contains(bad), "{} lets {bad:?} through", format.name);
            }
        }
    }

    #[test]
    fn the_same_report_is_the_same_bytes_in_every_format() {
        for format in FORMATS {
            let reports = [sample::report(), sample::unreachable()];
            assert_eq!(written(format.name, &reports), written(format.name, &reports));
        }
    }

    /// The tool says what was held and where it looked; it gives no legal opinion.
    #[test]
    fn no_format_pronounces_on_the_law() {
        for report in [sample::report(), sample::clean(), sample::unreachable()] {
            for format in ["terminal", "html"] {
                let text = written(format, std::slice::from_ref(&report)).to_lowercase();
                for word in ["compliant", "illegal", "unlawful", "all clear"] {
                    assert!(!text.contains(word), "{format} says {word}");
                }
            }
        }
    }

    #[test]
    fn what_was_not_observed_does_not_read_as_clean() {
        for format in ["terminal", "html"] {
            let text = written(format, &[sample::unreachable()]);
            assert!(text.contains("Nothing was observed"), "{text}");
            for word in ["Nothing was found", "No findings", "No cookie was seen"] {
                assert!(!text.contains(word), "{format} says {word}: {text}");
            }
        }
    }

    #[test]
    fn a_failed_pass_is_said_where_the_result_is_said() {
        let text = written("terminal", &[sample::report()]);
        let head = text.split("What to mend").next().unwrap();
        assert!(head.contains("failed"), "{head}");
    }

    /// Set `UPDATE_REPORTS=1` and run the test again to write the files anew.
    #[test]
    fn sample_reports_are_written_as_they_were() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reports");
        for (name, reports) in [
            ("support-site", vec![sample::report()]),
            ("nothing-found", vec![sample::clean()]),
            ("unreachable", vec![sample::unreachable()]),
            ("hostile", vec![sample::hostile()]),
            ("several", vec![sample::report(), sample::clean(), sample::unreachable()]),
        ] {
            for format in FORMATS {
                let path = dir.join(format!("{name}.{}", format.extension));
                let text = written(format.name, &reports);
                if std::env::var_os("UPDATE_REPORTS").is_some() {
                    fs::write(&path, &text).unwrap();
                }
                assert!(
                    fs::read_to_string(&path).unwrap_or_default() == text,
                    "{} differs; look at the change, and if it is meant write it anew with \
                     `UPDATE_REPORTS=1 cargo test --lib report::`",
                    path.display()
                );
            }
        }
    }
}
