//! Which parts of a page no visitor can see, as far as its markup and its own style sheets decide that. What folds
//! away and can be opened (details, tabs, accordions, dialogs) is seen.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ego_tree::{NodeId, NodeRef, iter::Edge};
use regex::Regex;
use scraper::{Html, Node, node::Element};

use super::{
    dom::{is_unseen, visible_text},
    names,
    style::{self, Colour, Declared, Sheet},
    text::regex,
};

/// The outermost elements that no visitor can see.
#[derive(Debug, Default)]
pub(super) struct Hidden(HashSet<NodeId>);

impl Hidden {
    pub(super) fn has(&self, node: NodeRef<'_, Node>) -> bool {
        self.0.contains(&node.id())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What an element passes on to what is in it.
#[derive(Clone, Copy)]
struct Context {
    color: Option<[u8; 3]>,
    /// What lies behind; `None` if that cannot be told.
    back: Option<[u8; 3]>,
    /// It lies in something that a visitor opens.
    opened: bool,
}

/// Finds what cannot be seen.
pub(super) fn hidden(html: &Html) -> Hidden {
    let sheet = Sheet::of(html);
    let mut found = Hidden::default();
    let hides = html.tree.root().descendants().any(|it| {
        it.value()
            .as_element()
            .is_some_and(|it| it.attr("hidden").is_some() || it.attr("style").is_some())
    });
    if !hides && sheet.is_empty() {
        return found;
    }
    let openers = Openers::of(html);
    let white = Some([255; 3]);
    let mut contexts = vec![Context { color: None, back: white, opened: false }];
    // Depth inside of what is hidden.
    let mut below = 0_usize;
    for edge in html.tree.root().traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        let Node::Element(element) = node.value() else { continue };
        if below > 0 {
            below = if opens { below + 1 } else { below - 1 };
            continue;
        }
        if !opens {
            contexts.pop();
            continue;
        }
        let Some(&context) = contexts.last() else { continue };
        let declared = sheet.declared(node.id(), element);
        let mut next = within(&declared, context);
        let covered = is_covered(element, &declared, context)
            || has_own_text(node) && declared.color != Colour::Inherited && is_like_its_back(&next);
        if covered && !is_label(node, element, &declared) && !is_unseen(element.name()) {
            if openers.open(node, element, &found) {
                next.opened = true;
            } else {
                found.0.insert(node.id());
                below = 1;
                continue;
            }
        }
        contexts.push(next);
    }
    found
}

fn within(declared: &Declared, context: Context) -> Context {
    Context {
        color: declared.color.over(context.color),
        back: declared.back.over(context.back),
        opened: context.opened,
    }
}

fn is_like_its_back(context: &Context) -> bool {
    match (context.color, context.back) {
        (Some(one), Some(other)) => one.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= 12),
        _ => false,
    }
}

fn has_own_text(node: NodeRef<'_, Node>) -> bool {
    !visible_text(node).is_empty()
}

fn is_covered(element: &Element, declared: &Declared, context: Context) -> bool {
    let attribute = element.attr("hidden").is_some() && declared.shows != Some(true);
    let inside = declared.hides_what_is_inside && !context.opened;
    attribute || declared.shows == Some(false) || inside
}

/// Words for screen readers, and the titles of columns, are no part of their own.
fn is_label(node: NodeRef<'_, Node>, element: &Element, declared: &Declared) -> bool {
    if matches!(element.name(), "thead" | "th" | "caption" | "html" | "body") {
        return true;
    }
    let small = declared.shows != Some(false) && element.attr("hidden").is_none();
    let text = visible_text(node);
    small
        && !text.split(' ').any(names::is_surely_a_name)
        && !matches!(element.name(), "td" | "li" | "dt" | "tr" | "table")
        && text.chars().count() <= 60
        && !node.descendants().any(|it| {
            it.value().as_element().is_some_and(|it| matches!(it.name(), "td" | "li" | "dt" | "tr"))
        })
}

/// What opens parts of the page.
struct Openers<'a> {
    /// Controls by the id of what they open.
    by_id: HashMap<&'a str, Vec<NodeRef<'a, Node>>>,
    /// Controls that open the settings of cookies.
    settings: Vec<NodeRef<'a, Node>>,
}

/// Attributes that name what a control opens.
const OPENS: &[&str] = &[
    "aria-controls",
    "aria-owns",
    "data-target",
    "data-bs-target",
    "data-open",
    "data-modal",
    "data-toggle",
    "data-tab",
    "popovertarget",
    "commandfor",
    "for",
];

impl<'a> Openers<'a> {
    fn of(html: &'a Html) -> Self {
        static SETTINGS: LazyLock<Regex> = LazyLock::new(|| {
            regex(
                r"(?i)\b(?:cookies?|consent|privacy|[cg]wcis?)\b.{0,20}\b(?:settings|preferences|choices|list|details|options)\b|\b(?:manage|change|customi[sz]e|more options|preferences|gosodiadau|dewisiadau|rheoli)\b",
            )
        });
        let mut openers = Self { by_id: HashMap::new(), settings: Vec::new() };
        for node in html.tree.root().descendants() {
            let Some(element) = node.value().as_element() else { continue };
            for name in OPENS {
                for id in element.attr(name).unwrap_or_default().split_whitespace() {
                    openers.by_id.entry(id.trim_start_matches('#')).or_default().push(node);
                }
            }
            let link = element.name() == "a";
            if let Some(id) =
                element.attr("href").filter(|_| link).and_then(|it| it.strip_prefix('#'))
            {
                openers.by_id.entry(id).or_default().push(node);
            }
            let control = link || element.name() == "button";
            if control && openers.settings.len() < 20 && SETTINGS.is_match(&visible_text(node)) {
                openers.settings.push(node);
            }
        }
        openers
    }

    /// Whether a visitor can open an element that is folded away.
    fn open(&self, node: NodeRef<'_, Node>, element: &Element, hidden: &Hidden) -> bool {
        let attribute = |name: &str| element.attr(name).unwrap_or_default();
        if attribute("hidden").eq_ignore_ascii_case("until-found") {
            return true;
        }
        let operable = |control: &NodeRef<'_, Node>| {
            // Neither in what it opens nor in what is hidden for good.
            control.id() != node.id()
                && !control.ancestors().any(|it| it.id() == node.id())
                && !hidden.has(*control)
                && !control.ancestors().any(|it| hidden.has(it))
        };
        let by_id = |id: &str| self.by_id.get(id).is_some_and(|it| it.iter().any(operable));
        let id = attribute("id");
        if !id.is_empty() && by_id(id) || attribute("role") == "tabpanel" {
            return true;
        }
        let dialog = element.name() == "dialog"
            || matches!(attribute("role"), "dialog" | "alertdialog")
            || element.attr("aria-modal").is_some();
        if dialog && self.settings.iter().any(operable) {
            return true;
        }
        let before = node.prev_siblings().find(|it| it.value().is_element());
        before.is_some_and(is_head_of_fold)
    }
}

/// Whether an element looks like the title of a fold: short, and it takes a press.
fn is_head_of_fold(node: NodeRef<'_, Node>) -> bool {
    let takes_a_press = |element: &Element| {
        matches!(element.name(), "button" | "summary")
            || element.name() == "input"
                && element.attr("type").is_some_and(|it| matches!(it, "checkbox" | "radio"))
            || element.attr("role").is_some_and(|it| matches!(it, "button" | "tab"))
            || element.attr("aria-expanded").is_some()
            || element.attr("onclick").is_some()
            || element.attr("class").is_some_and(|it| {
                it.contains("accordion") || it.contains("toggle") || it.contains("collapsible")
            })
    };
    node.descendants().take(40).any(|it| it.value().as_element().is_some_and(takes_a_press))
        && visible_text(node).chars().count() <= 200
}

impl Declared {
    /// What a browser makes of these properties together.
    pub(super) fn settle(mut self, properties: &HashMap<&str, &str>) -> Self {
        let value = |name: &str| properties.get(name).copied();
        let number = |name: &str| value(name).and_then(style::length);
        self.shows = match value("display") {
            Some("none") => Some(false),
            Some(_) => Some(true),
            None => None,
        };
        let clips = ["overflow", "overflow-x", "overflow-y"]
            .iter()
            .any(|it| value(it).is_some_and(|it| it.contains("hidden") || it.contains("clip")));
        let small = |name: &str| number(name).is_some_and(|it| it <= 1.0);
        let apart = value("position").is_some_and(|it| matches!(it, "absolute" | "fixed"));
        let off = ["left", "top", "margin-left", "right"].iter().any(|it| {
            number(it).is_some_and(|it| it <= -500.0) && (apart || it.starts_with("margin"))
        });
        self.hides_what_is_inside = value("visibility")
            .is_some_and(|it| matches!(it, "hidden" | "collapse"))
            || value("opacity").and_then(|it| it.parse::<f64>().ok()).is_some_and(|it| it < 0.05)
            || value("content-visibility") == Some("hidden")
            || number("font-size").is_some_and(|it| it < 2.0)
            || number("text-indent").is_some_and(|it| it <= -500.0)
            || clips && ["width", "height", "max-height", "max-width"].iter().any(|it| small(it))
            || apart && value("clip").is_some_and(style::is_clipped_away)
            || value("clip-path")
                .is_some_and(|it| it.starts_with("inset(50%") || it.starts_with("inset(100%"))
            || value("transform").is_some_and(|it| it.replace(' ', "").contains("scale(0)"))
            || off;
        let color = value("-webkit-text-fill-color").or_else(|| value("color"));
        self.color = match color {
            Some("transparent") => Colour::Known([255; 3]),
            Some("inherit" | "initial" | "unset") | None => Colour::Inherited,
            Some(it) => Colour::written(it),
        };
        // A picture may lie behind.
        let image = value("background-image").is_some_and(|it| it != "none");
        self.back = match value("background-color").or_else(|| value("background")) {
            _ if image => Colour::Unknown,
            Some("transparent" | "none" | "inherit" | "initial" | "unset") | None => {
                Colour::Inherited
            }
            Some(it) => Colour::written(it),
        };
        self
    }
}
