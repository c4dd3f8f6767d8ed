//! Cookie banners and hidden parts of a page, whose words are not the notice's.

use std::sync::LazyLock;

use ego_tree::NodeRef;
use regex::Regex;
use scraper::{Node, node::Element};

use super::{names, text::regex};

/// How banners are called in markup.
static CALLED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)cookie[_-]?(?:banner|bar|message|popup|pop-up|modal|overlay|prompt|consent|law|alert)|(?:consent|gdpr|privacy)[_-]?(?:banner|bar|popup|modal|overlay|dialog)|cookiebanner|cookieconsent|cookiescript_injected|cybotcookiebotdialog|onetrust-(?:banner|consent|pc)|cmplz-cookiebanner|cky-consent|iubenda-cs|usercentrics-root|borlabs-cookie-box|ccc-(?:module|notify)|truste-consent|didomi-(?:notice|popup)|qc-cmp|osano-cm|termly-(?:consent|banner)",
    )
});

/// The most words that a banner has; what is longer is a notice.
const MOST_WORDS: usize = 300;

/// Whether an element is a cookie banner or cannot be seen.
pub(super) fn is_banner(node: NodeRef<'_, Node>) -> bool {
    let Node::Element(element) = node.value() else { return false };
    if !matches!(element.name(), "div" | "section" | "aside" | "dialog" | "form" | "header" | "p") {
        return false;
    }
    let called = [element.attr("id"), element.attr("class"), element.attr("data-module")];
    let named = called.into_iter().flatten().any(|it| CALLED.is_match(it));
    let asks = named || element.name() == "dialog" || is_dialog(element);
    asks && is_small_and_asks(node)
}

fn is_dialog(element: &Element) -> bool {
    element.attr("role").is_some_and(|it| matches!(it, "dialog" | "alertdialog"))
}

/// A place that names cookies lists them, whatever it is called.
fn names_cookies(text: &str) -> bool {
    let bare = |it: &str| names::is_surely_a_name(it.trim_matches([',', ';', '.', ':', '(', ')']));
    text.split_whitespace().any(bare)
}

/// A banner has something to press and neither the page's title nor a table.
fn is_small_and_asks(node: NodeRef<'_, Node>) -> bool {
    let (mut words, mut presses, mut named) = (0, false, 0);
    for below in node.descendants() {
        match below.value() {
            Node::Text(text) => {
                words += text.split_whitespace().count();
                named += usize::from(names_cookies(text));
            }
            Node::Element(it) => match it.name() {
                "h1" | "table" | "main" | "article" | "dl" => return false,
                "button" | "input" => presses = true,
                "a" if it.attr("role") == Some("button") => presses = true,
                _ => (),
            },
            _ => (),
        }
        if words > MOST_WORDS || named > 1 {
            return false;
        }
    }
    presses
}
