//! HTML into the few shapes a notice is made of: headings, runs of text, lists and tables.
//!
//! We read the tokens and build no tree. A tree by the HTML standard can be far larger than its
//! source (every open `<b id=…>` is opened again in each `<p>`), and notices are written by strangers;
//! here the work per token is bounded. What notices need of the tree builder's repairs is done by
//! hand: cells, rows and list items that are not closed, headings closed by another's end tag.

use std::cell::RefCell;

use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states,
};

use super::text::run_together;

/// A page as far as a notice reader cares.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Of the `title` element.
    pub(super) title: String,
    /// Of the `lang` attribute of the root.
    pub(super) lang: Option<String>,
    /// In document order.
    pub(super) blocks: Vec<Block>,
    /// In document order.
    pub(super) links: Vec<Anchor>,
    /// All visible text, white space run together.
    pub(super) text: String,
}

/// A link of the page.
#[derive(Debug)]
pub(super) struct Anchor {
    pub(super) href: String,
    pub(super) lang: Option<String>,
    pub(super) text: String,
}

/// Something that stands on its own on the page.
#[derive(Debug)]
pub(super) enum Block {
    /// `h1` to `h6`.
    Heading { level: u8, text: String },
    /// A paragraph, label, button, or any other run of text.
    Text(Text),
    /// A list item, its text only.
    Item(Text),
    /// The term of a definition list.
    Term(String),
    /// What a definition list says of the term before.
    Detail(String),
    /// A table, by markup or by ARIA roles.
    Table(Table),
}

/// A run of text.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) text: String,
    /// All of it is bold, or it is the legend or summary of what follows: a heading in all but name.
    pub(super) bold: bool,
    /// It belongs to the frame of the page: navigation, footer, cookie banner.
    pub(super) frame: bool,
}

/// A table as written, spans not yet resolved.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A cell as written.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    /// The text; line breaks and ends of blocks are `\n`.
    pub(super) raw: String,
    /// Whether it is a `th`.
    pub(super) header: bool,
    /// The text of the element it begins with, which may only repeat the column's title.
    pub(super) lead: String,
    /// The column's title as an attribute repeats it (`data-label` and its like).
    pub(super) label: Option<String>,
    /// What stands in `code`, `kbd` or `samp`.
    pub(super) code: Vec<String>,
    pub(super) colspan: usize,
    pub(super) rowspan: usize,
}

/// How far a span may reach: wide enough for any real table, small enough for hostile ones.
const MAX_SPAN: usize = 64;
/// Tables inside tables beyond this depth are read as plain text.
const MAX_TABLES: usize = 16;
/// How many open elements an end tag may close at most.
const MAX_CLOSE: usize = 256;
/// Attributes that repeat a column's title for narrow screens.
const LABELS: [&str; 5] = ["data-label", "data-title", "data-th", "data-header", "aria-label"];

/// Reads a page. Anything is a page.
pub(super) fn parse(source: &str) -> Page {
    let tokenizer = Tokenizer::new(Sink(RefCell::new(Reader::default())), TokenizerOpts::default());
    let input = BufferQueue::default();
    // In pieces, since the tokenizer takes one tendril for one buffer of at most 4 GB.
    input.push_back(source.into());
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.0.into_inner().finish()
}

struct Sink(RefCell<Reader>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => reader.text(&text),
            Token::TagToken(tag) => match tag.kind {
                TagKind::StartTag => {
                    let raw = raw_text(&tag.name);
                    reader.start(&tag);
                    if let Some(kind) = raw {
                        return TokenSinkResult::RawData(kind);
                    }
                }
                TagKind::EndTag => reader.end(&tag.name),
            },
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Elements in whose content a `<` begins no tag.
fn raw_text(name: &str) -> Option<states::RawKind> {
    match name {
        "script" => Some(states::RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(states::RawKind::Rawtext),
        "textarea" | "title" => Some(states::RawKind::Rcdata),
        _ => None,
    }
}

/// What an open element means to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Inline,
    Bold,
    Code,
    Link,
    Block,
    Aside,
    Heading(u8),
    Item,
    Term,
    Detail,
    List,
    Table,
    Section,
    Row,
    Cell,
    Caption,
}

#[derive(Debug)]
struct Open {
    name: String,
    kind: Kind,
    frame: bool,
}

/// A table being read.
#[derive(Debug, Default)]
struct Frame {
    table: Table,
    cell: Option<Cell>,
    /// How many elements were open when the first text of the cell came.
    lead_at: Option<usize>,
    /// What stands in its cells, in case it only lays out the page.
    inner: Vec<Block>,
    lays_out: bool,
}

#[derive(Debug, Default)]
struct Reader {
    page: Page,
    open: Vec<Open>,
    frames: Vec<Frame>,
    /// The element whose content is not shown, and how often it is open.
    skip: Option<(String, usize)>,
    in_title: bool,
    buffer: String,
    /// Whether all text in the buffer so far was bold.
    all_bold: bool,
    /// How many of the open elements are bold, code, or frame.
    bold: usize,
    code: usize,
    frame: usize,
    link: Option<usize>,
}

impl Reader {
    fn finish(mut self) -> Page {
        self.close_to(0);
        self.flush();
        self.page.title = run_together(&self.page.title);
        for link in &mut self.page.links {
            link.text = run_together(&link.text);
        }
        self.page
    }

    fn text(&mut self, text: &str) {
        if self.in_title {
            self.page.title.push_str(text);
            return;
        }
        if self.skip.is_some() {
            return;
        }
        let blank = text.trim().is_empty();
        if !blank {
            let first = self.buffer.trim().is_empty();
            self.all_bold = self.bold > 0 && (first || self.all_bold);
        }
        self.buffer.push_str(text);
        if let Some(at) = self.link {
            self.page.links[at].text.push_str(text);
        }
        let depth = self.open.len();
        if let Some(frame) = self.frames.last_mut()
            && let Some(cell) = &mut frame.cell
        {
            if self.code > 0
                && let Some(code) = cell.code.last_mut()
            {
                code.push_str(text);
            }
            match frame.lead_at {
                None if !blank => {
                    frame.lead_at = Some(depth);
                    cell.lead.push_str(text);
                }
                // `usize::MAX` marks a lead that is complete.
                Some(at) if at != usize::MAX => cell.lead.push_str(text),
                _ => {}
            }
        }
    }

    /// Ends the run of text that is being gathered.
    fn flush(&mut self) {
        if self.buffer.trim().is_empty() {
            self.buffer.clear();
            return;
        }
        let raw = std::mem::take(&mut self.buffer);
        let text = run_together(&raw);
        if !self.page.text.is_empty() {
            self.page.text.push(' ');
        }
        self.page.text.push_str(&text);
        let kinds = self.open.iter().rev().take(MAX_CLOSE).map(|open| open.kind);
        let mut role = Kind::Block;
        for kind in kinds {
            match kind {
                Kind::Heading(_)
                | Kind::Aside
                | Kind::Item
                | Kind::Term
                | Kind::Detail
                | Kind::Caption => {
                    role = kind;
                    break;
                }
                Kind::Cell | Kind::Table => break,
                _ => {}
            }
        }
        if role == Kind::Caption {
            if let Some(frame) = self.frames.last_mut() {
                frame.table.caption.push_str(&text);
                frame.table.caption.push(' ');
            }
            return;
        }
        if let Some(cell) = self.frames.last_mut().and_then(|frame| frame.cell.as_mut()) {
            cell.raw.push_str(&raw.replace('\n', " ").replace('\u{1e}', "\n"));
            cell.raw.push('\n');
        }
        let run = Text { text, bold: self.all_bold || role == Kind::Aside, frame: self.frame > 0 };
        let block = match role {
            Kind::Heading(level) => Block::Heading { level, text: heading(&run.text) },
            Kind::Item => Block::Item(run),
            Kind::Term => Block::Term(run.text),
            Kind::Detail => Block::Detail(run.text),
            _ => Block::Text(run),
        };
        match self.frames.last_mut() {
            Some(frame) => frame.inner.push(block),
            None => self.page.blocks.push(block),
        }
    }

    fn start(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        if let Some((skipped, depth)) = &mut self.skip {
            if skipped == name {
                *depth += 1;
            }
            return;
        }
        match name {
            "title" => {
                // Only the first one is the page's; others belong to drawings.
                if self.page.title.is_empty() {
                    self.in_title = true;
                } else {
                    self.skip = Some((name.to_owned(), 1));
                }
                return;
            }
            "script" | "style" | "template" | "noscript" | "iframe" | "object" | "svg" | "math"
            | "textarea" | "select" | "noembed" | "noframes" | "canvas" => {
                if !(tag.self_closing && name == "svg") {
                    self.skip = Some((name.to_owned(), 1));
                }
                return;
            }
            "html" => {
                self.page.lang = attribute(tag, "lang").or_else(|| attribute(tag, "xml:lang"));
                return;
            }
            "br" => return self.line_break(),
            "input" => return self.input(tag),
            "hr" => return self.flush(),
            "wbr" | "img" | "meta" | "link" | "base" | "area" | "col" | "embed" | "source"
            | "track" | "param" => return,
            _ => {}
        }
        let kind = self.kind(tag);
        self.imply_ends(kind, name);
        if !matches!(kind, Kind::Inline | Kind::Bold | Kind::Code | Kind::Link) {
            self.flush();
        }
        let frame = is_frame(tag, name);
        match kind {
            Kind::Bold => self.bold += 1,
            Kind::Code => {
                self.code += 1;
                if self.code == 1
                    && let Some(cell) = self.frames.last_mut().and_then(|it| it.cell.as_mut())
                {
                    cell.code.push(String::new());
                }
            }
            Kind::Link => {
                if let Some(href) = attribute(tag, "href") {
                    let lang = attribute(tag, "hreflang").or_else(|| attribute(tag, "lang"));
                    self.link = Some(self.page.links.len());
                    self.page.links.push(Anchor { href, lang, text: String::new() });
                }
            }
            Kind::Table => self.frames.push(Frame::default()),
            Kind::Row => {
                if let Some(table) = self.frames.last_mut() {
                    table.table.rows.push(Vec::new());
                }
            }
            Kind::Cell => {
                if let Some(table) = self.frames.last_mut() {
                    table.lead_at = None;
                    table.cell = Some(cell(tag, name));
                }
            }
            _ => {}
        }
        self.frame += usize::from(frame);
        self.open.push(Open { name: name.to_owned(), kind, frame });
    }

    /// What the element means here. Parts of tables mean nothing outside of one.
    fn kind(&self, tag: &Tag) -> Kind {
        let name: &str = &tag.name;
        let in_table = !self.frames.is_empty();
        let may_nest = self.frames.len() < MAX_TABLES;
        let role = if name == "div" || name == "span" || name == "ul" || name == "li" {
            attribute(tag, "role").unwrap_or_default()
        } else {
            String::new()
        };
        match (name, role.as_str()) {
            ("table", _) | (_, "table" | "grid") if may_nest => Kind::Table,
            ("tr", _) | (_, "row") if in_table => Kind::Row,
            ("td" | "th", _) | (_, "cell" | "gridcell" | "columnheader" | "rowheader")
                if in_table =>
            {
                Kind::Cell
            }
            ("caption", _) if in_table => Kind::Caption,
            ("thead" | "tbody" | "tfoot", _) if in_table => Kind::Section,
            ("h1", _) => Kind::Heading(1),
            ("h2", _) => Kind::Heading(2),
            ("h3", _) => Kind::Heading(3),
            ("h4", _) => Kind::Heading(4),
            ("h5", _) => Kind::Heading(5),
            ("h6", _) => Kind::Heading(6),
            ("legend" | "summary", _) => Kind::Aside,
            ("li", _) => Kind::Item,
            ("dt", _) => Kind::Term,
            ("dd", _) => Kind::Detail,
            ("ul" | "ol" | "dl", _) => Kind::List,
            ("b" | "strong", _) => Kind::Bold,
            ("code" | "kbd" | "samp" | "tt", _) => Kind::Code,
            ("a", _) => Kind::Link,
            (
                "abbr" | "acronym" | "bdi" | "bdo" | "big" | "cite" | "data" | "del" | "dfn" | "em"
                | "font" | "i" | "ins" | "mark" | "nobr" | "q" | "s" | "small" | "span" | "strike"
                | "sub" | "sup" | "time" | "u" | "var",
                _,
            ) => Kind::Inline,
            _ => Kind::Block,
        }
    }

    /// Closes what the standard lets authors leave open before such an element.
    fn imply_ends(&mut self, kind: Kind, name: &str) {
        let closes = |open: &Open| match kind {
            Kind::Item => open.kind == Kind::Item,
            Kind::Term | Kind::Detail => matches!(open.kind, Kind::Term | Kind::Detail),
            Kind::Cell => matches!(open.kind, Kind::Cell | Kind::Caption),
            Kind::Row => matches!(open.kind, Kind::Cell | Kind::Row | Kind::Caption),
            Kind::Section | Kind::Caption => {
                matches!(open.kind, Kind::Cell | Kind::Row | Kind::Section | Kind::Caption)
            }
            Kind::Heading(_) => matches!(open.kind, Kind::Heading(_)),
            _ => false,
        };
        let stops = |open: &Open| {
            open.kind == Kind::Table
                || (open.kind == Kind::List
                    && matches!(kind, Kind::Item | Kind::Term | Kind::Detail))
                || (open.kind == Kind::Cell
                    && matches!(kind, Kind::Item | Kind::Term | Kind::Detail))
        };
        let mut close = None;
        for (at, open) in self.open.iter().enumerate().rev().take(MAX_CLOSE) {
            if stops(open) {
                break;
            }
            if closes(open) {
                close = Some(at);
            }
        }
        if let Some(at) = close {
            self.close_to(at);
        }
        let ends_paragraph = !matches!(kind, Kind::Inline | Kind::Bold | Kind::Code | Kind::Link);
        if ends_paragraph && self.open.last().is_some_and(|open| open.name == "p") {
            self.close_to(self.open.len() - 1);
        }
        // Links do not nest: a new one means the last was not closed.
        if name == "a"
            && let Some(at) =
                self.open.iter().rev().take(8).position(|open| open.kind == Kind::Link)
        {
            self.close_to(self.open.len() - 1 - at);
        }
    }

    fn end(&mut self, name: &str) {
        if name == "title" && self.in_title {
            self.in_title = false;
            return;
        }
        if let Some((skipped, depth)) = &mut self.skip {
            if skipped == name {
                *depth -= 1;
                if *depth == 0 {
                    self.skip = None;
                }
            }
            return;
        }
        if name == "br" {
            return self.line_break();
        }
        let is_heading = |name: &str| matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
        for (at, open) in self.open.iter().enumerate().rev().take(MAX_CLOSE) {
            // The end tag of any heading closes whichever heading is open.
            if open.name == name || (is_heading(name) && is_heading(&open.name)) {
                return self.close_to(at);
            }
            if open.kind == Kind::Table || (open.kind == Kind::Cell && !is_table_part(name)) {
                return;
            }
        }
    }

    /// Closes open elements until `depth` are left.
    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(kind) = self.open.last().map(|open| open.kind) else { return };
            if !matches!(kind, Kind::Inline | Kind::Bold | Kind::Code | Kind::Link) {
                // While the element is still open, so that its text knows what it belongs to.
                self.flush();
            }
            let Some(closed) = self.open.pop() else { return };
            self.frame -= usize::from(closed.frame);
            let depth = self.open.len();
            if let Some(frame) = self.frames.last_mut()
                && frame.lead_at.is_some_and(|at| at != usize::MAX && depth < at)
            {
                frame.lead_at = Some(usize::MAX);
            }
            match kind {
                Kind::Bold => self.bold -= 1,
                Kind::Code => self.code -= 1,
                Kind::Link => self.link = None,
                Kind::Cell => self.close_cell(),
                Kind::Table => self.close_table(),
                _ => {}
            }
        }
    }

    fn close_cell(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(mut cell) = frame.cell.take() else { return };
        cell.lead = run_together(&cell.lead);
        if frame.table.rows.is_empty() {
            frame.table.rows.push(Vec::new());
        }
        if let Some(row) = frame.table.rows.last_mut() {
            row.push(cell);
        }
    }

    fn close_table(&mut self) {
        let Some(mut frame) = self.frames.pop() else { return };
        frame.table.caption = run_together(&frame.table.caption);
        let target = match self.frames.last_mut() {
            Some(outer) => {
                outer.lays_out = true;
                &mut outer.inner
            }
            None => &mut self.page.blocks,
        };
        target.push(Block::Table(frame.table));
        // A table with tables in it lays out the page: what its cells hold are blocks like others.
        if frame.lays_out {
            target.append(&mut frame.inner);
        }
    }

    fn line_break(&mut self) {
        // A bold first line of a paragraph is a heading in all but name.
        let is_title = self.frames.is_empty()
            && self.all_bold
            && !self.buffer.trim().is_empty()
            && self.open.last().is_some_and(|open| open.kind != Kind::Bold);
        if is_title {
            self.flush();
        } else {
            // Kept apart from line ends in the source, which mean nothing.
            self.buffer.push('\u{1e}');
        }
    }

    /// A button made of an `input` shows its value.
    fn input(&mut self, tag: &Tag) {
        let kind = attribute(tag, "type").unwrap_or_default().to_ascii_lowercase();
        if matches!(kind.as_str(), "submit" | "button" | "reset")
            && let Some(value) = attribute(tag, "value")
        {
            self.flush();
            self.text(&value);
            self.flush();
        }
    }
}

fn is_table_part(name: &str) -> bool {
    matches!(
        name,
        "table"
            | "tr"
            | "td"
            | "th"
            | "tbody"
            | "thead"
            | "tfoot"
            | "caption"
            | "div"
            | "li"
            | "ul"
    )
}

fn attribute(tag: &Tag, name: &str) -> Option<String> {
    tag.attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map(|attribute| attribute.value.to_string())
}

fn cell(tag: &Tag, name: &str) -> Cell {
    let span = |which| {
        let span = attribute(tag, which).and_then(|value| value.trim().parse().ok());
        span.unwrap_or(1).clamp(1, MAX_SPAN)
    };
    Cell {
        header: name == "th" || attribute(tag, "role").as_deref() == Some("columnheader"),
        label: LABELS.iter().find_map(|label| attribute(tag, label)),
        colspan: span("colspan"),
        rowspan: span("rowspan"),
        ..Cell::default()
    }
}

/// Whether an element belongs to the frame of the page rather than to what it says.
fn is_frame(tag: &Tag, name: &str) -> bool {
    if matches!(name, "nav" | "footer" | "dialog") {
        return true;
    }
    if !matches!(name, "div" | "section" | "aside" | "form") {
        return false;
    }
    let role = attribute(tag, "role").unwrap_or_default();
    if matches!(role.as_str(), "dialog" | "alertdialog" | "navigation" | "contentinfo") {
        return true;
    }
    // Names that consent platforms and the GOV.UK and NHS design systems give their banners.
    let names = format!(
        "{} {}",
        attribute(tag, "id").unwrap_or_default(),
        attribute(tag, "class").unwrap_or_default()
    )
    .to_ascii_lowercase();
    const BANNERS: [&str; 16] = [
        "cookie-banner",
        "cookiebanner",
        "cookie-bar",
        "cookiebar",
        "cookie-consent",
        "cookieconsent",
        "cookie-notification",
        "cookie-message",
        "cookie-popup",
        "cookie-law-info-bar",
        "cookie_banner",
        "cookie_bar",
        "consent-banner",
        "onetrust-",
        "cybotcookiebot",
        "global-cookie-message",
    ];
    BANNERS.iter().any(|banner| names.contains(banner))
}

/// Headings often end in a link to themselves.
fn heading(text: &str) -> String {
    text.trim_end_matches(['#', '¶', '§', ' ']).to_owned()
}
