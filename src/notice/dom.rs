//! What of a parsed document a reader sees.

use ego_tree::NodeRef;
use scraper::Node;

use super::text::run_together;

/// Elements whose text no visitor sees.
pub(super) fn is_unseen(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "template" | "noscript" | "head" | "svg" | "iframe" | "textarea"
    )
}

/// Elements that end a line. Everything else, `wbr` too, leaves no trace in the text.
pub(super) fn breaks(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "br"
            | "button"
            | "caption"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figure"
            | "figcaption"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "label"
            | "legend"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// The visible text below a node, in one line.
pub(super) fn visible_text(node: NodeRef<'_, Node>) -> String {
    lines(node, &|_| false).join(" ")
}

/// The visible text below a node, line by line, without the elements that `skip` names.
pub(super) fn lines(
    node: NodeRef<'_, Node>,
    skip: &dyn Fn(NodeRef<'_, Node>) -> bool,
) -> Vec<String> {
    enum Step<'a> {
        Enter(NodeRef<'a, Node>),
        Break,
    }
    let (mut lines, mut line) = (Vec::new(), String::new());
    let mut steps: Vec<Step<'_>> = node.children().rev().map(Step::Enter).collect();
    let mut end = |line: &mut String| {
        let text = run_together(line);
        line.clear();
        if !text.is_empty() {
            lines.push(text);
        }
    };
    while let Some(step) = steps.pop() {
        match step {
            Step::Break => end(&mut line),
            Step::Enter(node) => match node.value() {
                Node::Text(text) => line.push_str(text),
                Node::Element(element) if !is_unseen(element.name()) && !skip(node) => {
                    if breaks(element.name()) {
                        end(&mut line);
                        steps.push(Step::Break);
                    }
                    steps.extend(node.children().rev().map(Step::Enter));
                }
                _ => {}
            },
        }
    }
    end(&mut line);
    lines
}
