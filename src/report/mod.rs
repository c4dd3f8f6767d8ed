//! Turns verdicts into documents. A format is a name and a function; it decides nothing.

pub mod build;
mod consent_columns;
mod escape;
mod format;
mod headline;
mod html;
mod json;
mod log_commands;
pub mod model;
mod phrases;
#[cfg(test)]
mod recorded_tests;
mod remediation;
pub mod schema;
mod terminal;
#[cfg(test)]
mod testing;
mod text_layout;

#[cfg(test)]
pub(crate) use format::FAILING;
pub use format::{Entry, Format, Place, Style};
pub use model::Report;

/// Every format, in the order the command line lists them.
pub static FORMATS: &[Format] = &[terminal::FORMAT, json::FORMAT, html::FORMAT];

/// Text of a site, or of anything else, made safe to be shown on a terminal.
pub fn terminal_safe(text: &str) -> String {
    escape::Terminal(text).to_string()
}

/// A document in HTML or Markdown, in which nothing is taken for a command by a pipeline that reads it in its log.
pub fn markup_safe(document: &str) -> String {
    log_commands::broken(document, |c| format!("&#{};", u32::from(c)))
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

    use super::{FORMATS, Format, Report, testing};

    fn written(name: &str, reports: &[Report]) -> String {
        testing::written(super::format(name).unwrap(), reports)
    }

    fn for_people() -> impl Iterator<Item = &'static Format> {
        FORMATS.iter().filter(|format| format.name != "json")
    }

    #[test]
    fn text_of_strangers_is_made_safe_for_each_place() {
        let shown = super::terminal_safe("a\u{1b}[31mb");
        assert!(shown.starts_with('a') && shown.ends_with('b') && !shown.contains('\u{1b}'));
        assert_eq!(super::terminal_safe("plain"), "plain");
        assert_eq!(super::json_safe("{\"a\":\"\u{202e}\"}"), "{\"a\":\"\\u202e\"}");
        let document = super::markup_safe("one\n::error::two");
        assert!(document.starts_with("one\n&#58;") && document.ends_with("two"), "{document}");
    }

    #[test]
    fn formats_have_names_of_their_own() {
        let names: BTreeSet<_> = FORMATS.iter().map(|format| format.name).collect();
        assert_eq!(names.len(), FORMATS.len());
        assert!(super::format("pdf").is_none());
    }

    #[test]
    fn no_format_lets_the_site_speak_for_itself() {
        for report in [testing::hostile(), testing::hostile_names()] {
            for format in FORMATS {
                let text = written(format.name, std::slice::from_ref(&report));
                for bad in ['\x1b', '\u{9b}', '\u{202e}', '\u{200b}', '\u{7f}', '\u{2028}'] {
                    assert!(!text.contains(bad), "{} lets {bad:?} through", format.name);
                }
            }
        }
    }

    /// A test about hostile text shows nothing if there is none.
    #[test]
    fn hostile_reports_are_hostile() {
        let texts = serde_json::to_string(&testing::hostile()).unwrap().matches("7*7").count();
        assert!(texts > 500, "{texts} texts were spoilt");
        let names = testing::hostile_names();
        let all: String = names.cookies.iter().map(|it| it.name.as_str()).collect();
        assert!(all.contains('<') && all.contains('`'), "{all:?}");
        let keys: String = names.storage.iter().map(|it| it.key.as_str()).collect();
        assert!(keys.contains('\u{202e}') && keys.contains('\x1b'), "{keys:?}");
    }

    #[test]
    fn the_same_report_is_the_same_bytes_in_every_format() {
        for format in FORMATS {
            let reports = [testing::flagship(), testing::unreachable()];
            let again = [testing::flagship(), testing::unreachable()];
            assert_eq!(written(format.name, &reports), written(format.name, &again));
        }
    }

    /// The tool reports evidence; it gives no legal opinion.
    #[test]
    fn no_format_pronounces_on_the_law() {
        for report in [testing::flagship(), testing::clean(), testing::unreachable()] {
            for format in for_people() {
                let text = written(format.name, std::slice::from_ref(&report)).to_lowercase();
                for word in ["compliant", "illegal", "unlawful", "all clear"] {
                    assert!(!text.contains(word), "{} says {word}", format.name);
                }
            }
        }
    }

    #[test]
    fn what_was_not_observed_does_not_read_as_clean() {
        for format in for_people() {
            let text = written(format.name, &[testing::unreachable()]);
            assert!(text.contains("Nothing was observed"), "{text}");
            for word in ["No findings", "No cookies", "none was seen"] {
                assert!(!text.contains(word), "{} says {word}: {text}", format.name);
            }
        }
    }

    #[test]
    fn a_failed_pass_is_reported_beside_the_result() {
        let text = written("terminal", &[testing::failed()]);
        let (head, _) = text.split_once("Could not be decided").unwrap();
        assert!(head.contains("failed"), "{head}");
    }

    /// A document that is written part by part is the document that is written at once, and whole after each part.
    #[test]
    fn a_document_can_be_written_part_by_part() {
        use super::{Entry, Place, Style};

        let reports = [testing::clean(), testing::unreachable(), testing::hostile_names()];
        for format in FORMATS {
            let targets = reports.len();
            let (mut entries, mut parts) = (Vec::new(), String::new());
            for (before, report) in reports.iter().enumerate() {
                entries.push(Entry::new(report));
                parts += &format.part(report, Place { before, targets }, Style::PLAIN).unwrap();
                let so_far = format.head(&entries, targets).unwrap()
                    + &parts
                    + format.tail(Place { before: before + 1, targets });
                match format.name {
                    "json" => {
                        let list: Vec<Report> = serde_json::from_str(&so_far).unwrap();
                        assert_eq!(list.len(), before + 1);
                    }
                    "html" => assert!(so_far.ends_with("</html>\n")),
                    _ => (),
                }
                if entries.len() == targets {
                    assert_eq!(so_far, written(format.name, &reports), "{}", format.name);
                }
            }
        }
    }

    /// Set `UPDATE_REPORTS=1` and run the test again to write the files again.
    #[test]
    fn sample_reports_are_written_as_they_were() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reports");
        for (name, reports) in [
            ("support-site", vec![testing::flagship()]),
            ("nothing-found", vec![testing::clean()]),
            ("unreachable", vec![testing::unreachable()]),
            ("failed-choice", vec![testing::failed()]),
            ("hostile", vec![testing::hostile_names()]),
            ("several", vec![testing::hostile_names(), testing::clean(), testing::unreachable()]),
        ] {
            for format in FORMATS {
                let path = dir.join(format!("{name}.{}", format.extension));
                let text = written(format.name, &reports);
                if std::env::var_os("UPDATE_REPORTS").is_some() {
                    fs::write(&path, &text).unwrap();
                }
                assert!(
                    fs::read_to_string(&path).unwrap_or_default() == text,
                    "{} differs; look at the change, and if it is meant write it again with \
                     `UPDATE_REPORTS=1 cargo test --lib report::`",
                    path.display()
                );
            }
        }
    }
}
