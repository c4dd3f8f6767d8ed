//! As much of style sheets as decides whether a part of a page can be seen.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use ego_tree::NodeId;
use regex::Regex;
use scraper::{Html, Selector, node::Element};

use super::text::regex;

/// More rules than these are not applied: a notice needs few, and each is held against every element.
const MOST_RULES: usize = 150;
/// Style sheets are read so far.
const LONGEST: usize = 512 * 1024;

/// What the style of an element declares about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Declared {
    /// What `display` says.
    pub(super) shows: Option<bool>,
    /// Its size, place, opacity or visibility hide what is inside.
    pub(super) hides_what_is_inside: bool,
    /// The colour of its text.
    pub(super) color: Colour,
    /// What lies behind.
    pub(super) back: Colour,
}

/// A colour that a style sets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Colour {
    /// It sets none.
    #[default]
    Inherited,
    /// One that cannot be told: a picture, a variable.
    Unknown,
    /// Red, green and blue.
    Known([u8; 3]),
}

impl Colour {
    /// The colour in numbers, given what is inherited.
    pub(super) fn over(self, inherited: Option<[u8; 3]>) -> Option<[u8; 3]> {
        match self {
            Self::Inherited => inherited,
            Self::Unknown => None,
            Self::Known(it) => Some(it),
        }
    }

    pub(super) fn written(value: &str) -> Self {
        color(value).map_or(Self::Unknown, Self::Known)
    }
}

/// Properties that decide what can be seen.
const DECIDE: &[&str] = &[
    "display",
    "visibility",
    "opacity",
    "content-visibility",
    "font-size",
    "text-indent",
    "width",
    "height",
    "max-width",
    "max-height",
    "overflow",
    "overflow-x",
    "overflow-y",
    "position",
    "left",
    "right",
    "top",
    "margin-left",
    "clip",
    "clip-path",
    "transform",
    "color",
    "-webkit-text-fill-color",
    "background",
    "background-color",
    "background-image",
];

/// A property with its value, and how much it weighs against others.
type Weighted = (u32, String, String);

/// The style sheets in a page, by the elements that they are about.
#[derive(Default)]
pub(super) struct Sheet {
    by_element: HashMap<NodeId, Vec<Weighted>>,
}

impl Sheet {
    /// The `<style>` elements of a page, held against its elements.
    pub(super) fn of(html: &Html) -> Self {
        let mut sheet = Self::default();
        let Ok(styles) = Selector::parse("style") else { return sheet };
        let mut rules = 0;
        for element in html.select(&styles) {
            if element.attr("media").is_some_and(|it| !it.contains("screen") && it != "all") {
                continue;
            }
            let text: String = element.text().collect();
            for (selectors, body) in parts(&text) {
                let declared = properties(&body);
                if declared.is_empty() {
                    continue;
                }
                for selector in selectors.split(',').map(str::trim) {
                    if rules >= MOST_RULES {
                        return sheet;
                    }
                    sheet.add(html, selector, &declared, &mut rules);
                }
            }
        }
        sheet
    }

    fn add(
        &mut self,
        html: &Html,
        selector: &str,
        declared: &[(String, String, bool)],
        rules: &mut usize,
    ) {
        // What holds only while something is pointed at hides nothing, and a part that is made up has no words.
        if selector.contains(':') && !selector.contains(":not(") && !selector.contains(":nth") {
            return;
        }
        let Ok(found) = Selector::parse(selector) else { return };
        *rules += 1;
        let ids = weigh(selector, '#');
        let classes = weigh(selector, '.') + weigh(selector, '[') + weigh(selector, ':');
        for element in html.select(&found) {
            let list = self.by_element.entry(element.id()).or_default();
            for (name, value, important) in declared {
                let weight = ids * 100 + classes * 10 + 1 + u32::from(*important) * 100_000;
                list.push((weight, name.clone(), value.clone()));
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_element.is_empty()
    }

    /// What the sheets and the element's own style declare.
    pub(super) fn declared(&self, node: NodeId, element: &Element) -> Declared {
        let sheets = self.by_element.get(&node).map_or(&[][..], Vec::as_slice);
        let own = element.attr("style").unwrap_or_default();
        if sheets.is_empty() && own.is_empty() {
            return Declared::default();
        }
        let own = properties(own);
        let mut winning: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
        let own_weighted = own.iter().map(|(name, value, important)| {
            (10_000 + u32::from(*important) * 100_000, name, value)
        });
        let all = sheets.iter().map(|(weight, name, value)| (*weight, name, value));
        for (weight, name, value) in all.chain(own_weighted) {
            let held = winning.entry(name).or_insert((0, value));
            if weight >= held.0 {
                *held = (weight, value);
            }
        }
        let properties = winning.into_iter().map(|(name, (_, value))| (name, value)).collect();
        Declared::default().settle(&properties)
    }
}

fn weigh(selector: &str, sign: char) -> u32 {
    u32::try_from(selector.matches(sign).count()).unwrap_or(0).min(20)
}

/// The rules of a style sheet: selectors and what they declare; those for screens too.
fn parts(text: &str) -> Vec<(String, String)> {
    static COMMENT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?s)/\*.*?\*/"));
    let end =
        (0..=LONGEST.min(text.len())).rev().find(|&it| text.is_char_boundary(it)).unwrap_or(0);
    let text = COMMENT.replace_all(&text[..end], " ");
    let mut found = Vec::new();
    let mut head = String::new();
    let mut rest = text.as_ref();
    // Conditions that rules stand in, and whether they hold on a screen.
    let mut inside: Vec<bool> = Vec::new();
    while let Some(at) = rest.find(['{', '}', ';']) {
        head.push_str(&rest[..at]);
        let sign = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        match sign {
            b'{' => {
                let title = head.trim().to_owned();
                if title.starts_with('@') {
                    let lower = title.to_lowercase();
                    let holds = lower.starts_with("@layer")
                        || lower.starts_with("@supports")
                        || lower.starts_with("@media")
                            && !lower.contains("print")
                            && !lower.contains("width")
                            && !lower.contains("prefers");
                    inside.push(holds);
                } else {
                    let end = rest.find('}').unwrap_or(rest.len());
                    if inside.iter().all(|it| *it) {
                        found.push((title, rest[..end].to_owned()));
                    }
                    rest = rest.get(end + 1..).unwrap_or_default();
                }
            }
            b'}' => {
                inside.pop();
            }
            _ => {}
        }
        head.clear();
    }
    found
}

/// The properties of a rule that decide what can be seen, with whether they are important.
fn properties(text: &str) -> Vec<(String, String, bool)> {
    text.split(';')
        .filter_map(|it| it.split_once(':'))
        .filter_map(|(name, value)| {
            let name = name.trim().to_ascii_lowercase();
            if !DECIDE.contains(&name.as_str()) {
                return None;
            }
            let value = value.trim().to_ascii_lowercase();
            let important = value.ends_with("important");
            let value = value.split('!').next().unwrap_or_default().trim().to_owned();
            Some((name, value, important))
        })
        .collect()
}

/// A length in pixels, roughly; nothing for what depends on the page, as percentages do.
pub(super) fn length(value: &str) -> Option<f64> {
    let unit = value.trim_start_matches(|it: char| it.is_ascii_digit() || "+-.".contains(it));
    let number: f64 = value[..value.len() - unit.len()].parse().ok()?;
    let pixels = match unit.trim() {
        "px" => 1.0,
        "pt" => 1.33,
        "em" | "rem" => 16.0,
        "vw" | "vh" => 10.0,
        "" if number == 0.0 => 1.0,
        "%" if number == 0.0 || number <= -100.0 => 10.0,
        _ => return None,
    };
    Some(number * pixels)
}

/// `rect(0 0 0 0)`, `rect(1px, 1px, 1px, 1px)`.
pub(super) fn is_clipped_away(value: &str) -> bool {
    value.strip_prefix("rect(").and_then(|it| it.strip_suffix(')')).is_some_and(|it| {
        let sides = it.split([',', ' ']).filter(|it| !it.is_empty());
        sides.clone().count() == 4
            && sides.clone().all(|it| length(it).is_some_and(|it| (0.0..=1.0).contains(&it)))
    })
}

/// A colour, where it is written in numbers or is one of the plainest.
pub(super) fn color(value: &str) -> Option<[u8; 3]> {
    let value = value.trim();
    if let Some(digits) = value.strip_prefix('#') {
        let digits = digits.split(' ').next()?;
        if !digits.is_ascii() {
            return None;
        }
        let wide = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        let narrow = |at: usize| Some(u8::from_str_radix(digits.get(at..=at)?, 16).ok()? * 17);
        return match digits.len() {
            6 | 8 => Some([wide(0)?, wide(2)?, wide(4)?]),
            3 | 4 => Some([narrow(0)?, narrow(1)?, narrow(2)?]),
            _ => None,
        };
    }
    if let Some(inner) = value.strip_prefix("rgb(").or_else(|| value.strip_prefix("rgba(")) {
        let numbers: Vec<f64> = inner
            .trim_end_matches(')')
            .split([',', ' ', '/'])
            .filter(|it| !it.is_empty())
            .filter_map(|it| it.parse().ok())
            .collect();
        if numbers.get(3).is_some_and(|it| *it < 0.9) {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let byte = |at: usize| numbers.get(at).map(|it| it.clamp(0.0, 255.0) as u8);
        return Some([byte(0)?, byte(1)?, byte(2)?]);
    }
    match value {
        "white" => Some([255, 255, 255]),
        "black" => Some([0, 0, 0]),
        "snow" | "ivory" | "floralwhite" | "ghostwhite" => Some([254, 252, 250]),
        "whitesmoke" => Some([245, 245, 245]),
        "red" => Some([255, 0, 0]),
        "gray" | "grey" => Some([128, 128, 128]),
        "silver" => Some([192, 192, 192]),
        _ => None,
    }
}

#[cfg(test)]
mod cases;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_where_they_hold_on_a_screen() {
        let text = "/* x */ .a, .b { display: none } @media print { .c { display: none } } \
                    @media screen { .d { color: red; } } @import 'x'; .e { left: 0 }";
        let heads: Vec<String> = parts(text).into_iter().map(|it| it.0).collect();
        assert_eq!(heads, [".a, .b", ".d", ".e"]);
    }

    #[test]
    fn lengths_and_colours_are_read() {
        assert_eq!(length("-9999px"), Some(-9999.0));
        assert_eq!(length("0"), Some(0.0));
        assert_eq!(length("50%"), None);
        assert_eq!(color("#fff"), Some([255; 3]));
        assert_eq!(color("rgb(1, 2, 3)"), Some([1, 2, 3]));
        assert_eq!(color("rgba(1, 2, 3, 0.2)"), None);
        assert!(is_clipped_away("rect(0 0 0 0)") && !is_clipped_away("rect(0, 50px, 50px, 0)"));
    }
}
