//! A notice's declarations, found by name in a time that does not grow with their number: a notice can have ten thousand.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    declaration_match::{self, How, Match},
    name_words::{NameWord, name_words},
};
use crate::{
    model::{Declaration, NamePattern, Notice},
    notice::generalise,
};

/// A pattern with fewer letters of its own says nothing: `*` would declare whatever comes.
const LETTERS: usize = 2;

/// A name or pattern of a declaration.
#[derive(Debug)]
struct Entry {
    /// The place of its declaration.
    declaration: usize,
    /// `None` if it is a plain name.
    pattern: Option<NamePattern>,
    how: How,
    letters: usize,
}

/// Where the declarations of a notice stand, by what they stand for. Made once for an audit.
#[derive(Debug, Default)]
pub(super) struct DeclarationIndex {
    entries: Vec<Entry>,
    /// Places in `entries` by the whole name or pattern.
    exact: HashMap<String, Vec<usize>>,
    /// Places of patterns by what they have before their first gap.
    open: HashMap<String, Vec<usize>>,
    /// The lengths of these beginnings.
    lengths: BTreeSet<usize>,
    /// What stands in the text.
    words: Vec<NameWord>,
}

impl DeclarationIndex {
    /// Of this notice.
    pub(super) fn new(notice: &Notice) -> Self {
        let mut it = Self { words: name_words(notice), ..Self::default() };
        for (declaration, row) in notice.declarations.iter().enumerate() {
            for pattern in &row.patterns {
                it.add(declaration, pattern);
            }
        }
        it
    }

    fn add(&mut self, declaration: usize, pattern: &str) {
        self.exact.entry(pattern.to_owned()).or_default().push(self.entries.len());
        self.entries.push(Entry {
            declaration,
            pattern: None,
            how: How::Exact,
            letters: pattern.len(),
        });
        let own = |pattern: &str| pattern.bytes().filter(|&byte| byte != b'*').count();
        if own(pattern) < LETTERS {
            return;
        }
        let (open, how) = if pattern.contains('*') {
            (pattern.to_owned(), How::Pattern)
        } else {
            match generalise(pattern) {
                Some(general) if own(&general) >= LETTERS => (general, How::Instance),
                _ => return,
            }
        };
        let start = open.split('*').next().unwrap_or_default();
        self.lengths.insert(start.len());
        self.open.entry(start.to_owned()).or_default().push(self.entries.len());
        let letters = own(&open);
        let pattern = Some(NamePattern::new(open));
        self.entries.push(Entry { declaration, pattern, how, letters });
    }

    /// Everything that stands for `name`.
    fn hits<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b Entry> {
        let exact = self.exact.get(name).into_iter().flatten();
        let starts = self.lengths.iter().filter_map(|&length| name.get(..length));
        let open = starts.filter_map(|start| self.open.get(start)).flatten();
        let entries = exact.chain(open).map(|&at| &self.entries[at]);
        entries.filter(|it| it.pattern.as_ref().is_none_or(|pattern| pattern.matches(name)))
    }
}

/// The declarations of a notice by what they stand for.
#[derive(Clone, Debug)]
pub struct Declarations<'a> {
    notice: &'a Notice,
    index: Arc<DeclarationIndex>,
}

impl<'a> Declarations<'a> {
    /// Of this notice.
    pub fn new(notice: &'a Notice) -> Self {
        Self::with(notice, Arc::new(DeclarationIndex::new(notice)))
    }

    /// The same with an index that was made before.
    pub(super) const fn with(notice: &'a Notice, index: Arc<DeclarationIndex>) -> Self {
        Self { notice, index }
    }

    /// Where the notice declares the cookie or storage item `name` kept at `domain`; of several places
    /// the most specific one, and the first among equals.
    ///
    /// Notices give domains seldom and loosely, so one that names another site only makes a declaration
    /// give way to one that does not.
    pub fn declared(&self, name: &str, domain: &str) -> Option<Match<'a>> {
        let ranked = self.index.hits(name).map(|entry| {
            let row = &self.notice.declarations[entry.declaration];
            let rank = declaration_match::rank(row, domain, entry.how, entry.letters);
            // The order of the notice decides ties.
            ((rank, entry.declaration), entry.how, row)
        });
        if let Some((_, how, row)) = ranked.min_by_key(|(rank, ..)| *rank) {
            return Some(Match { how, declaration: Some(row), as_written: &row.as_written });
        }
        declaration_match::mentioned(self.notice, name)
    }

    /// Whether a declaration stands for `name`, whatever the text says.
    pub(super) fn has(&self, name: &str) -> bool {
        self.index.hits(name).next().is_some()
    }

    /// Whether the notice declares `name`, if only under one that differs slightly, or speaks of it.
    pub(super) fn knows(&self, name: &str, domain: &str, seen: &[String]) -> bool {
        self.declared(name, domain).is_some() || self.mistyped(name, seen).is_some()
    }

    /// A word of the text that stands for `name`, though it is not known to declare anything: what `name` is may be said
    /// where the notice was not understood.
    pub(super) fn not_understood(&self, name: &str) -> Option<&str> {
        let mut words = self.index.words.iter();
        words.find(|it| it.pattern.matches(name)).map(|it| it.written.as_str())
    }

    /// The declaration that was probably meant for `name` and is mistyped, if no other declares it.
    ///
    /// It differs in letter case, in underscores at its start or in its separators; in one letter too many,
    /// too few or, in a long name, another; or in two that changed places. Short names are not guessed at,
    /// and a declaration that some name in `seen` fits is taken at its word.
    pub(super) fn mistyped(&self, name: &str, seen: &[String]) -> Option<&'a Declaration> {
        if self.has(name) {
            return None;
        }
        self.notice.declarations.iter().find(|declaration| {
            declaration.patterns.iter().any(|pattern| declaration_match::slip(pattern, name))
                && seen.iter().all(|it| declaration_match::covers(declaration, it).is_none())
        })
    }

    /// For each declaration that stands for some of `names`, or was meant for one, the names.
    pub(super) fn named<'n>(&self, names: &'n [String]) -> BTreeMap<usize, Vec<&'n str>> {
        let mut found: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for name in names {
            for entry in self.index.hits(name) {
                let of = found.entry(entry.declaration).or_default();
                if of.last() != Some(&name.as_str()) {
                    of.push(name);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::testing::notice;

    #[track_caller]
    fn matched(declarations: &str, name: &str, domain: &str) -> Option<(How, String)> {
        let notice = notice(declarations);
        let found = Declarations::new(&notice).declared(name, domain);
        found.map(|it| (it.how, it.as_written.to_owned()))
    }

    #[test]
    fn the_most_specific_declaration_wins() {
        let text = "declare _ga*\ndeclare _ga\ndeclare _ga_*";
        for (name, how, written) in [
            ("_ga", How::Exact, "_ga"),
            ("_ga_AB12", How::Pattern, "_ga_*"),
            ("_gab", How::Pattern, "_ga*"),
        ] {
            assert_eq!(matched(text, name, "shop.test"), Some((how, written.to_owned())), "{name}");
        }
        assert_eq!(matched(text, "_gid", "shop.test"), None);
        assert_eq!(matched(text, "_GA", "shop.test"), None);
    }

    #[test]
    fn a_pattern_may_begin_with_its_gap() {
        let text = "declare *_session\ndeclare a*_session";
        assert_eq!(matched(text, "my_session", "shop.test").unwrap().1, "*_session");
        assert_eq!(matched(text, "ab_session", "shop.test").unwrap().1, "a*_session");
        assert_eq!(matched(text, "session", "shop.test"), None);
    }

    #[test]
    fn another_visitors_instance_is_the_same_cookie() {
        let text = "declare _ga_Z2RHWQ33HY";
        let found = matched(text, "_ga_PK75TN8S2W", "shop.test");
        assert_eq!(found, Some((How::Instance, "_ga_Z2RHWQ33HY".to_owned())));
        assert_eq!(matched(text, "_gid", "shop.test"), None);
    }

    #[test]
    fn a_bare_star_declares_nothing() {
        assert_eq!(matched("declare *", "_fbp", "shop.test"), None);
        assert_eq!(matched("declare _*", "_fbp", "shop.test"), None);
    }

    #[test]
    fn a_domain_of_another_site_gives_way_and_no_more() {
        let both = "declare id domain=video.test\ndeclare id* domain=shop.test";
        assert_eq!(matched(both, "id", "www.shop.test").unwrap().1, "id*");
        assert_eq!(matched(both, "id", "www.video.test").unwrap().1, "id");
        let only = "declare id domain=https://www.video.test/";
        assert_eq!(matched(only, "id", "www.shop.test").unwrap().1, "id");
    }

    #[test]
    fn a_name_in_the_text_is_mentioned_as_a_whole_word() {
        let text = "text We set _fbp. Also a.sig, my_id-2 and Token; the session ends when you go.";
        for (name, there) in [
            ("_fbp", true),
            ("_fb", false),
            ("fbp", false),
            ("a.sig", true),
            ("a", false),
            ("sig", false),
            ("my_id", false),
            ("session", false),
            ("Token", false),
            ("", false),
            ("; the ", false),
        ] {
            assert_eq!(matched(text, name, "shop.test").is_some(), there, "{name}");
        }
        for text in
            ["text the session cookie", "text the cookie 'session' is", "text cookie: session"]
        {
            assert_eq!(matched(text, "session", "shop.test").unwrap().0, How::Mentioned, "{text}");
        }
    }

    #[test]
    fn a_declaration_that_fits_something_is_taken_at_its_word() {
        let notice = notice("declare tokens_id\ndeclare sid");
        let meant = |name: &str, seen: &[&str]| {
            let seen: Vec<String> = seen.iter().map(|it| (*it).to_owned()).collect();
            Declarations::new(&notice).mistyped(name, &seen).map(|it| it.as_written.clone())
        };
        assert_eq!(meant("token_id", &["token_id"]).as_deref(), Some("tokens_id"));
        assert_eq!(meant("token_id", &["token_id", "tokens_id"]), None);
        assert_eq!(meant("sid", &[]), None);
    }
}
