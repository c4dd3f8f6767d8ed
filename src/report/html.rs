//! For a browser: one file that loads nothing and runs nothing, to be read on paper and on a
//! telephone too.
//!
//! Every text goes through [`Markup`]; addresses are shown, never linked, because a report is
//! read by people who must not visit a tracker by a slip of the hand.

mod banner;
mod index;
mod notice;
mod view;

use std::io;

use minijinja::{
    AutoEscape, Environment, UndefinedBehavior, Value, context, syntax::SyntaxConfig, value::Serde,
};

use self::view::Target;
use super::{
    escape::Markup,
    format::{Entry, Format, Place, Style},
    model::Report,
};

pub(super) const FORMAT: Format =
    Format { name: "html", extension: "html", head_lists_parts: true, head, part, tail: |_| TAIL };

const HEAD: &str = include_str!("html/head.html.jinja");
const PART: &str = include_str!("html/target.html.jinja");
const TAIL: &str = include_str!("html/tail.html");
const CSS: &str = include_str!("html/report.css");

fn head(entries: &[Entry], targets: usize) -> io::Result<String> {
    let title = match entries {
        [entry] if targets == 1 => format!("Cookie report: {}", entry.site),
        // Scans that have not ended yet, or never will.
        entries if entries.len() < targets => {
            format!("Cookie report: {} of {targets} targets", entries.len())
        }
        entries => format!("Cookie report: {} targets", entries.len()),
    };
    let targets: Vec<_> = entries
        .iter()
        .enumerate()
        .map(|(n, it)| {
            let (site, address, headline) = (&it.site, &it.address, &it.headline);
            context! { id => id(n), site, address, headline }
        })
        .collect();
    let css = Value::from_safe_string(CSS.to_owned());
    render(HEAD, context! { title, css, targets })
}

fn part(report: &Report, place: Place, _: Style) -> io::Result<String> {
    let target = Target::new(&id(place.before), report);
    // Headings of a target start one level further down if there are several.
    let top = if place.targets == 1 { 2 } else { 3 };
    render(PART, context! { t => Value::from(Serde(&target)), top })
}

/// What the `n`th target is called in links.
fn id(n: usize) -> String {
    format!("t{}", n + 1)
}

fn render(template: &str, context: Value) -> io::Result<String> {
    environment()
        .and_then(|env| env.render_named_str("report.html", template, context))
        .map_err(io::Error::other)
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    env.set_syntax(syntax.build()?);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    // The escaping of the library lets invisible and turning characters through.
    env.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => Ok(write!(out, "{}", Markup(text))?),
        _ => minijinja::escape_formatter(out, state, value),
    });
    Ok(env)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use scraper::{ElementRef, Html, Selector};

    use super::{super::testing, *};

    fn written(reports: &[Report]) -> String {
        testing::written(&FORMAT, reports)
    }

    fn all(reports: &[Report]) -> [Html; 2] {
        let several = [testing::flagship(), testing::hostile(), testing::unreachable()];
        [written(reports), written(&several)].map(|text| Html::parse_document(&text))
    }

    fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
        html.select(&Selector::parse(selector).unwrap()).collect()
    }

    #[test]
    fn it_loads_nothing_and_runs_nothing() {
        for report in [testing::flagship(), testing::hostile(), testing::unreachable()] {
            let text = written(std::slice::from_ref(&report));
            for bad in ["<script", "@import", "url(", "<link", "<iframe", "<form"] {
                assert!(!text.contains(bad), "{bad}");
            }
            let html = Html::parse_document(&text);
            for element in select(&html, "*") {
                for (name, value) in element.value().attrs() {
                    assert!(!name.starts_with("on"), "{name}");
                    if name == "src" {
                        assert!(value.starts_with("data:image/jpeg;base64,"), "{name}={value}");
                    }
                    if matches!(name, "href" | "action" | "background" | "poster") {
                        assert!(value.starts_with('#'), "{name}={value}");
                    }
                }
            }
        }
    }

    #[test]
    fn its_policy_lets_the_browser_load_nothing() {
        let html = Html::parse_document(&written(&[testing::flagship()]));
        let policy = select(&html, "meta[http-equiv=Content-Security-Policy]");
        let policy = policy[0].attr("content").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; img-src data:; style-src 'unsafe-inline'"),
            "{policy}"
        );
    }

    #[test]
    fn hostile_text_adds_no_element() {
        let count = |report: Report| {
            let html = Html::parse_document(&written(&[report]));
            let mut names: Vec<_> =
                select(&html, "*").iter().map(|it| it.value().name().to_owned()).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        assert_eq!(count(testing::hostile()), count(testing::flagship()));
        // The template language of the report is not run on text either.
        let text = written(&[testing::hostile()]);
        assert!(text.contains("{{ 7*7 }}") && !text.contains("49\\u{202e}"));
        assert_eq!(count(testing::hostile_names()).iter().find(|it| *it == "script"), None);
    }

    #[test]
    fn one_main_heading_and_no_level_left_out() {
        for html in all(&[testing::flagship()]) {
            assert_eq!(select(&html, "h1").len(), 1);
            let mut last = 0;
            for heading in select(&html, "h1, h2, h3, h4, h5, h6") {
                let level: u32 = heading.value().name()[1..].parse().unwrap();
                assert!(level <= last + 1, "h{level} after h{last}");
                last = level;
            }
        }
    }

    #[test]
    fn ids_are_unique_and_every_link_leads_to_one() {
        for html in all(&[testing::flagship()]) {
            let ids: Vec<_> = select(&html, "[id]").iter().filter_map(|it| it.attr("id")).collect();
            let unique: BTreeSet<_> = ids.iter().collect();
            assert_eq!(unique.len(), ids.len());
            for link in select(&html, "[href], [aria-labelledby]") {
                let to = link.attr("href").or(link.attr("aria-labelledby")).unwrap();
                assert!(ids.contains(&to.trim_start_matches('#')), "{to}");
            }
        }
    }

    #[test]
    fn tables_can_be_read_without_seeing_them() {
        for html in all(&[testing::flagship()]) {
            let tables = select(&html, "table");
            assert!(!tables.is_empty());
            assert_eq!(select(&html, "table > caption").len(), tables.len());
            assert!(select(&html, "th:not([scope])").is_empty());
            // A part that scrolls can be reached and scrolled by keyboard, and has a name.
            let named = "[role=region][tabindex='0'][aria-labelledby] > table";
            assert_eq!(select(&html, named).len(), tables.len());
        }
    }

    #[test]
    fn every_finding_is_there_with_its_fingerprint() {
        let report = testing::flagship();
        let text = written(std::slice::from_ref(&report));
        for finding in &report.findings {
            assert_eq!(text.matches(&finding.fingerprint).count(), 1, "{}", finding.rule);
        }
    }

    #[test]
    fn several_targets_have_a_list_of_contents() {
        let html = Html::parse_document(&written(&[testing::flagship(), testing::clean()]));
        let links = select(&html, "nav a[href='#t1'], nav a[href='#t2']");
        assert_eq!(links.len(), 2);
    }

    #[test]
    fn no_targets_do_not_read_as_clean() {
        assert!(written(&[]).contains("Nothing was observed"));
    }

    /// WCAG 2.2, success criterion 1.4.3: text has a contrast of at least 4.5 to 1.
    #[test]
    fn colours_have_contrast() {
        let (light, dark) = CSS.split_once("prefers-color-scheme: dark").unwrap();
        for scheme in [light, dark] {
            for paper in ["paper", "panel"] {
                for ink in ["ink", "faint", "link", "high", "medium", "low", "informational"] {
                    let ratio = contrast(colour(scheme, ink), colour(scheme, paper));
                    assert!(ratio >= 4.5, "{ink} on {paper}: {ratio:.2}");
                }
            }
        }

        fn colour(css: &str, name: &str) -> [f64; 3] {
            let hex = css.split_once(&format!("--{name}: #")).unwrap().1;
            [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()))
        }

        // WCAG 2.2, "relative luminance" and "contrast ratio".
        fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
            let luminance = |rgb: [f64; 3]| {
                let [r, g, b] = rgb.map(|it| {
                    let it = it / 255.0;
                    if it <= 0.04045 { it / 12.92 } else { ((it + 0.055) / 1.055).powf(2.4) }
                });
                0.2126 * r + 0.7152 * g + 0.0722 * b
            };
            let (a, b) = (luminance(a), luminance(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        }
    }
}
