//! Declarations outside tables. Structure goes before words: a heading, a term of a definition list, an item
//! or a bold beginning that is nothing but names opens declarations, and what stands below or beside it, as
//! labelled lines or as free text, is about them.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::{CategoryBasis, Declaration, DeclaredLifetime, WrittenLifetime};

use super::{
    category,
    columns::{self, Role},
    declare::{declare, infer, own_part, settle, under_role},
    headings::Headings,
    lifetime::{in_prose, in_text, lifetime, respectively},
    name_lines::{
        Named, bracket_after, bracketed_names, is_plain_token, is_product, is_sure, label,
        labelled, labelled_or_first, names_and_rest, only_names, timed_names, titled_names,
        without_category,
    },
    names,
    page::{Block, Paragraph, TERM},
    prose, retired,
    text::regex,
};

/// What opened the declarations that details are about, and so what closes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Opened {
    #[default]
    Nothing,
    /// A heading: until the next one.
    Heading,
    /// An item: until one that stands no deeper.
    Item(usize),
    /// A line or label: until the next name, for a few paragraphs.
    Line,
    /// A sentence: for sentences that go on about "it".
    Sentence,
}

/// Remembers which names the blocks that follow are about.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Words that may be names; only details below them show that they are.
    pending: Vec<String>,
    /// Where the declarations that are open begin.
    open: Option<usize>,
    opened: Opened,
    /// A label says that they are names.
    named: bool,
    /// Paragraphs of free text since they were opened.
    texts: usize,
    /// What a label on a line of its own says that the next block is.
    label: Option<Role>,
    /// The item that holds this label and must hold what it is about too.
    label_item: Option<usize>,
    /// What the heading over a list says that its items are.
    role: Option<Role>,
    /// Declarations that a sentence made in passing.
    in_passing: Vec<usize>,
    /// Text below a word that may be a name, until something shows that it is.
    held: String,
    /// What is pending is written in capitals: only a lifetime or a label below shows that it is a name.
    capitals: bool,
    /// The items that are read now all begin with one word before a sign, and one of them is a name.
    pub(super) alike: bool,
    /// What the paragraph sets as code.
    codes: Vec<String>,
    /// Declarations of what is no longer used.
    retired: Vec<usize>,
}

impl Reader {
    /// Reads a heading, paragraph or item.
    pub(super) fn block(
        &mut self,
        block: &Block,
        context: &Headings,
        declarations: &mut Vec<Declaration>,
    ) {
        match block {
            Block::Heading { level, text } => self.heading(*level, text, context, declarations),
            Block::Text(paragraph) => self.paragraph(paragraph, context, declarations),
            Block::Table(_) => self.close(),
            Block::FormEnd => (),
        }
    }

    /// Drops what sentences said in passing of cookies that are declared elsewhere, once all is read.
    ///
    /// Returns the names of what the page says is no longer used.
    pub(super) fn finish(self, declarations: &mut Vec<Declaration>) -> Vec<String> {
        settle(&self.in_passing, &self.retired, declarations)
    }

    /// Takes note that what was declared from a place on is no longer used.
    pub(super) fn retire(&mut self, declared: std::ops::Range<usize>) {
        self.retired.extend(declared);
    }

    /// Declares what the cells of a table that is none of cookies say in passing.
    pub(super) fn cells(
        &mut self,
        text: &str,
        context: &Headings,
        declarations: &mut Vec<Declaration>,
    ) {
        self.sentences(text, context, declarations);
    }

    fn close(&mut self) {
        self.pending.clear();
        self.open = None;
        self.opened = Opened::Nothing;
        self.texts = 0;
        self.label = None;
        self.role = None;
        self.named = false;
        self.capitals = false;
        self.held.clear();
    }

    /// Declares names, each with its lifetime.
    fn timed(
        &mut self,
        named: Vec<Named>,
        rest: Option<&str>,
        it: &Paragraph,
        context: &Headings,
        out: &mut Vec<Declaration>,
    ) {
        self.close();
        self.open = Some(out.len());
        self.opened = if it.is_item() { Opened::Item(it.depth) } else { Opened::Sentence };
        for (name, life) in named {
            let mut declaration = declare(&name, rest, context);
            if let Some(life) = life {
                declaration.lifetime = life;
            }
            out.push(declaration);
        }
    }

    fn opens(
        &mut self,
        names: Vec<String>,
        by: Opened,
        context: &Headings,
        out: &mut Vec<Declaration>,
    ) {
        self.close();
        self.opened = by;
        if names.iter().all(|it| is_sure(it)) {
            self.open = Some(out.len());
            out.extend(names.iter().map(|name| declare(name, None, context)));
        } else {
            self.pending = names;
        }
    }

    fn heading(&mut self, level: u8, text: &str, context: &Headings, out: &mut Vec<Declaration>) {
        let whole = !text.trim_end_matches(':').contains(':');
        if let Some(role) =
            label(text).filter(|_| whole && (level > 3 || text.split(' ').count() <= 2))
        {
            self.role = Some(role);
            let below =
                self.is_open() && !matches!(self.opened, Opened::Item(_) | Opened::Sentence);
            if role == Role::Name || below {
                self.label = Some(role);
                return;
            }
        }
        let term = level == TERM;
        let (text, stated) = without_category(text);
        let (mut names, life) = only_names(text);
        // An abbreviation heads what it stands for more often than it is a name.
        let said = labelled(text).is_some_and(|it| it.0 == Role::Name);
        if let [name] = names.as_slice()
            && name.chars().all(char::is_uppercase)
            && !term
            && !said
            && life.is_none()
            && stated.is_none()
        {
            self.close();
            self.pending = std::mem::take(&mut names);
            self.opened = Opened::Heading;
            self.capitals = true;
            self.role = columns::role(text);
            return;
        }
        // `Cookie: x` says that it is one.
        if !names.is_empty() && (term || said || names.iter().all(|it| names::looks_like_name(it)))
        {
            self.opens(names, Opened::Heading, context, out);
            if let (Some(life), Some(from)) = (life, self.open) {
                out[from..].iter_mut().for_each(|it| it.lifetime = life.clone());
            }
            if let Some(stated) = stated {
                let from = self.commit(context, out);
                for declaration in out.iter_mut().skip(from) {
                    declaration.category = Some(stated);
                    declaration.category_basis = Some(CategoryBasis::Stated);
                }
            }
            return;
        }
        self.close();
        if let [name] = names.as_slice()
            && *name == text
            && context.is_about_cookies()
            && category::named(text).is_none()
        {
            // A plain word may be a name; only labelled lines below it show that.
            self.pending = names;
            self.opened = Opened::Line;
            self.texts = 1;
        }
        self.role = columns::role(text);
        self.sentences(text, context, out);
    }

    fn is_open(&self) -> bool {
        self.open.is_some() || !self.pending.is_empty()
    }

    fn paragraph(&mut self, it: &Paragraph, context: &Headings, out: &mut Vec<Declaration>) {
        self.codes.clone_from(&it.codes);
        let bare = it.text.trim_start_matches(['-', '*', '•', '·', ' ']);
        let lead = context.is_about_cookies() || names::is_surely_a_name(bare);
        if let Some(named) = timed_names(bare).filter(|_| lead && it.lines.is_empty()) {
            self.timed(named, None, it, context, out);
            return;
        }
        let mut lines = it.lines.clone();
        if lines.is_empty() && it.text.len() < 600 {
            // `Name: x | Expires: y` on one line.
            lines = it.text.split([';', '|']).map(|it| it.trim().to_owned()).collect();
            lines.retain(|it| !it.is_empty());
        }
        let labels = lines.iter().filter(|it| labelled(it).is_some()).count();
        if labels >= 2 || labels == 1 && self.is_open() && !it.lines.is_empty() {
            for line in &lines {
                let line =
                    Paragraph { text: line.clone(), depth: it.depth, ..Paragraph::default() };
                self.line(&line, context, out);
            }
        } else {
            self.line(it, context, out);
        }
    }

    fn line(&mut self, it: &Paragraph, context: &Headings, out: &mut Vec<Declaration>) {
        let bare = it.text.trim_start_matches(['-', '*', '•', '·', ' ']);
        let item = self.label_item.take();
        if item.is_some_and(|item| item != it.item) {
            self.label = None;
        }
        if let Some(role) = self.label.take() {
            if role == Role::Name {
                let (names, _) = only_names(bare);
                if !names.is_empty() {
                    self.opens(names, Opened::Line, context, out);
                    self.named = true;
                    if it.is_item() {
                        self.role = Some(Role::Name);
                    }
                    return;
                }
            } else if self.is_open() && !(it.is_item() && self.names_one(bare, out)) {
                self.detail(role, bare, context, out);
                return;
            }
        }
        if self.item_label(it, bare, context) || self.titled(it, bare, context, out) {
            return;
        }
        if !it.is_item() {
            self.role = columns::role(bare);
        } else if let Some(role) = self.role
            && under_role(role, bare, context, out)
        {
            return;
        }
        if let Some((role, value)) = labelled_or_first(bare, it.first.as_deref()) {
            if role == Role::Name {
                let (names, life) = only_names(value);
                if !names.is_empty() {
                    let by = if it.is_item() { Opened::Item(it.depth) } else { Opened::Line };
                    self.opens(names, by, context, out);
                    self.named = true;
                    self.all_last(life.as_ref(), out);
                    return;
                }
            } else if self.is_open() {
                self.detail(role, value, context, out);
                return;
            }
        }
        let led = it.lead.is_some() && context.is_about_cookies();
        let listed = it.is_item() && (self.alike || led || context.leads_to_cookies());
        let alike = it.is_item() && self.alike;
        if let Some((names, life, rest)) = names_and_rest(bare, it.lead.as_deref(), listed, alike)
            // Text has no items; there a line that begins with a name is one.
            && (it.is_item() || it.lead.is_some() || context.is_about_cookies() && bare.chars().count() < 400)
        {
            self.close();
            self.open = Some(out.len());
            self.opened = if it.is_item() { Opened::Item(it.depth) } else { Opened::Line };
            for name in &names {
                let mut declaration = declare(name, Some(rest), context);
                if let Some(life) = &life {
                    declaration.lifetime = life.clone();
                }
                out.push(declaration);
            }
            return;
        }
        let (alone, life) = only_names(bare);
        let short = bare.chars().count() < 120 && bare.split_whitespace().count() <= 8;
        let title = !it.is_item() && label(bare).is_some();
        if !alone.is_empty() && short && !title && !bare.ends_with('.') {
            let by = if it.is_item() { Opened::Item(it.depth) } else { Opened::Line };
            let sure = alone.iter().all(|it| is_sure(it)) && context.is_about_cookies();
            let may =
                context.is_about_cookies() || alone.iter().all(|it| names::looks_like_name(it));
            // A short item below a name is about it.
            let below =
                self.is_open() && matches!(self.opened, Opened::Item(depth) if it.depth > depth);
            // A word for a category heads what follows.
            let category = alone.len() == 1 && category::named(&alone[0]).is_some() && !sure;
            if may && (sure || !below) && !category {
                if sure {
                    self.opens(alone, by, context, out);
                    self.all_last(life.as_ref(), out);
                } else {
                    self.close();
                    self.opened = by;
                    self.pending = alone;
                }
                return;
            }
        }
        if self.goes_on(it) {
            self.free_text(bare, context, out);
            return;
        }
        if !matches!(self.opened, Opened::Heading) {
            // What the items below are still holds.
            let role = self.role;
            self.close();
            self.role = role;
        }
        let role = self.role;
        self.sentences(bare, context, out);
        self.role = role;
    }

    /// Gives a lifetime to all that is open.
    fn all_last(&self, life: Option<&DeclaredLifetime>, out: &mut [Declaration]) {
        if let (Some(life), Some(from)) = (life, self.open) {
            out[from..].iter_mut().for_each(|it| it.lifetime = life.clone());
        }
    }

    /// `Cookie`, and below it in the same item the name.
    fn item_label(&mut self, it: &Paragraph, bare: &str, context: &Headings) -> bool {
        let whole = bare.split(' ').count() <= 3 && !bare.contains(':');
        if it.item == 0 || !whole || it.lead.is_some() || it.first.is_some() {
            return false;
        }
        let Some(role) = label(bare) else { return false };
        let may =
            self.open.is_some() || self.named || role == Role::Name && context.is_about_cookies();
        if may {
            self.label = Some(role);
            self.label_item = Some(it.item);
        }
        may
    }

    /// `Analytics cookies: x, y and z`, or `Signing in (x, one day)`.
    fn titled(
        &mut self,
        it: &Paragraph,
        bare: &str,
        context: &Headings,
        out: &mut Vec<Declaration>,
    ) -> bool {
        if let Some((title, named)) =
            bracketed_names(bare).filter(|_| it.is_item() || context.is_about_cookies())
        {
            self.timed(named, Some(title), it, context, out);
            return true;
        }
        let Some((title, found)) = titled_names(bare).filter(|_| !it.is_item()) else {
            return false;
        };
        self.close();
        self.open = Some(out.len());
        self.opened = Opened::Line;
        for (name, life) in found {
            let mut declaration = declare(&name, None, context);
            if let Some(life) = life {
                declaration.lifetime = life;
            }
            if let Some(category) = category::named(title) {
                declaration.category = Some(category);
                declaration.category_basis = Some(CategoryBasis::Section);
            }
            out.push(declaration);
        }
        true
    }

    /// Whether an item says the name of one of the open declarations.
    fn names_one(&self, text: &str, out: &[Declaration]) -> bool {
        let from = self.open.unwrap_or(out.len());
        out[from..].len() > 1 && out[from..].iter().any(|it| text.contains(&it.as_written))
    }

    /// Whether a block of free text is about what is open.
    fn goes_on(&self, it: &Paragraph) -> bool {
        static IT: LazyLock<Regex> = LazyLock::new(|| {
            regex(
                r"(?i)^\W*(?:it|this|these|they|the cookie|this cookie|the data|expires|expiry|mae|bydd|byddant|maent|caiff|cedwir)\b",
            )
        });
        if !self.is_open() {
            return false;
        }
        match self.opened {
            Opened::Nothing => false,
            Opened::Heading => self.texts < 6,
            Opened::Item(depth) => it.depth > depth,
            Opened::Line => self.texts < 3 && (self.open.is_some() || self.texts == 0),
            // "Mae'r cwci x …" names another.
            Opened::Sentence => {
                self.texts < 2
                    && IT.is_match(&it.text)
                    && it.text.len() < 300
                    && prose::names(&it.text, true, &self.codes).is_empty()
            }
        }
    }

    /// Text below a name: its lifetime if it is nothing else, or what it is for, and perhaps how long.
    fn free_text(&mut self, text: &str, context: &Headings, out: &mut Vec<Declaration>) {
        self.texts += 1;
        let each = respectively(text);
        if let Some(from) = self.open
            && !each.is_empty()
            && out.len() - from == each.len()
        {
            for (declaration, life) in out[from..].iter_mut().zip(each) {
                declaration.lifetime = life;
            }
            return;
        }
        let whole = lifetime(text);
        let short = text.split_whitespace().count() <= 6;
        let clear = matches!(
            whole.kind,
            WrittenLifetime::Session
                | WrittenLifetime::Duration
                | WrittenLifetime::SessionOrDuration
                | WrittenLifetime::Range
                | WrittenLifetime::Persistent
        );
        let life = if short && clear { Some(whole) } else { in_text(text) };
        if self.open.is_none() {
            // Only what is said of a cookie shows that a plain word was its name.
            let term = self.opened == Opened::Heading || matches!(self.opened, Opened::Item(_));
            let purpose = !self.capitals && category::inferred(text).is_some();
            let cookie = life.is_some() || purpose;
            let plain = self
                .pending
                .iter()
                .all(|it| is_plain_token(it) && (life.is_some() || self.named || !is_product(it)));
            if !(term && (cookie || self.named) && plain && context.is_about_cookies())
                || context.leads_elsewhere()
            {
                if self.pending.iter().all(|it| names::looks_like_name(it))
                    && self.held.is_empty()
                    && context.is_about_cookies()
                {
                    // Labels below may show it yet.
                    text.clone_into(&mut self.held);
                    self.sentences_only(text, context, out);
                    return;
                }
                self.pending.clear();
                self.sentences(text, context, out);
                return;
            }
        }
        let from = self.commit(context, out);
        for declaration in out.iter_mut().skip(from) {
            if let Some(life) = &life
                && declaration.lifetime.kind == WrittenLifetime::Absent
            {
                declaration.lifetime = life.clone();
            }
            // "Shows adverts. Lasts for a year." says what for as well.
            if short && clear && !text.trim_end_matches('.').contains(". ") {
                continue;
            }
            let purpose = match declaration.purpose.take() {
                Some(said) if said.len() < 2_000 => format!("{said} {text}"),
                Some(said) => said,
                None => text.to_owned(),
            };
            infer(declaration, &purpose);
            declaration.purpose = Some(purpose);
        }
    }

    /// Declares what was pending, and says where what is open begins.
    fn commit(&mut self, context: &Headings, out: &mut Vec<Declaration>) -> usize {
        let pending = std::mem::take(&mut self.pending);
        *self.open.get_or_insert_with(|| {
            let from = out.len();
            let held = Some(self.held.as_str()).filter(|it| !it.is_empty());
            out.extend(pending.iter().map(|name| declare(name, held, context)));
            from
        })
    }

    fn detail(&mut self, role: Role, value: &str, context: &Headings, out: &mut Vec<Declaration>) {
        let from = self.commit(context, out);
        for declaration in out.iter_mut().skip(from) {
            match role {
                Role::Lifetime => declaration.lifetime = lifetime(value),
                Role::Purpose => {
                    declaration.purpose = Some(value.to_owned());
                    infer(declaration, value);
                }
                Role::Provider => declaration.provider = Some(value.to_owned()),
                Role::Domain => declaration.domain = Some(value.to_owned()),
                Role::Category => {
                    if let Some(stated) = category::named(value) {
                        declaration.category = Some(stated);
                        declaration.category_basis = Some(CategoryBasis::Stated);
                    }
                }
                Role::Name | Role::Other => {}
            }
        }
    }

    /// As [`Reader::sentences`], keeping what is pending where nothing is named.
    fn sentences_only(&mut self, text: &str, context: &Headings, out: &mut Vec<Declaration>) {
        if !prose::names(text, context.is_about_cookies(), &self.codes).is_empty() {
            self.sentences(text, context, out);
        }
    }

    /// Cookies that sentences name: "we use a cookie called x to keep your place".
    fn sentences(&mut self, text: &str, context: &Headings, out: &mut Vec<Declaration>) {
        let found = prose::names(text, context.is_about_cookies(), &self.codes);
        if found.is_empty() {
            return;
        }
        self.close();
        self.open = Some(out.len());
        self.opened = Opened::Sentence;
        let only = found.len() == 1;
        let names: Vec<String> = found.iter().map(|it| it.name.clone()).collect();
        for named in found {
            let mut declaration = declare(&named.name, Some(&named.sentence), context);
            if let Some(stated) = category::stated(&named.sentence)
                .or_else(|| only.then(|| category::stated(&named.rest)).flatten())
            {
                declaration.category = Some(stated);
                declaration.category_basis = Some(CategoryBasis::Stated);
            }
            // What follows is still about it, up to the next name.
            let of = if only { &named.rest } else { &named.about };
            if let Some(life) = bracket_after(&named.sentence, &named.name) {
                declaration.lifetime = life;
            } else if let Some(life) = own_part(&named.sentence, &named.name, &names) {
                declaration.lifetime = life;
            } else if declaration.lifetime.kind == WrittenLifetime::Absent
                && let Some(life) = in_prose(of)
            {
                declaration.lifetime = life;
            }
            let next = named.rest.get(named.sentence.len()..).unwrap_or_default();
            let next = next.split_inclusive(". ").next().unwrap_or_default();
            if retired::says(&named.sentence, &named.name) || retired::goes_on(next) {
                self.retire(out.len()..out.len() + 1);
            }
            self.in_passing.push(out.len());
            out.push(declaration);
        }
    }
}
