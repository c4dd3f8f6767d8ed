//! Keeps pages that nest without end from the HTML parser, whose time grows with the square of the depth.

use std::sync::LazyLock;

use regex::Regex;

use super::text::regex;

/// No page made for readers nests this deep.
const DEEPEST: usize = 1_000;

/// The part of a page before its tags nest deeper than a page for readers would.
pub(super) fn shallow(content: &str) -> &str {
    static TAG: LazyLock<Regex> = LazyLock::new(|| regex(r"<(/?)([A-Za-z][A-Za-z0-9-]*)"));
    let (mut depth, mut from) = (0_usize, 0);
    while let Some(found) = TAG.captures_at(content, from) {
        let (Some(whole), Some(name)) = (found.get(0), found.get(2)) else { break };
        from = whole.end();
        let name = name.as_str().to_ascii_lowercase();
        if found.get(1).is_some_and(|it| !it.is_empty()) {
            depth = depth.saturating_sub(usize::from(nests(&name)));
            continue;
        }
        if matches!(name.as_str(), "script" | "style") {
            // What looks like tags in here is none.
            from = content[from..].find("</").map_or(content.len(), |it| from + it);
            while !content[from..].is_empty() && !closes(&content[from..], &name) {
                from = content[from + 2..].find("</").map_or(content.len(), |it| from + 2 + it);
            }
            continue;
        }
        depth += usize::from(nests(&name));
        if depth > DEEPEST {
            return &content[..whole.start()];
        }
    }
    content
}

fn closes(rest: &str, name: &str) -> bool {
    rest.get(2..2 + name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name))
}

/// Not those that have no end tag, or whose end tag may be left out.
fn nests(name: &str) -> bool {
    !matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
            | "param"
            | "p"
            | "li"
            | "dt"
            | "dd"
            | "tr"
            | "td"
            | "th"
            | "thead"
            | "tbody"
            | "tfoot"
            | "colgroup"
            | "option"
            | "optgroup"
            | "html"
            | "head"
            | "body"
            | "rt"
            | "rp"
            | "path"
            | "circle"
            | "rect"
            | "use"
            | "line"
            | "polygon"
    )
}
