//! Which file of a source tree names items of which other file, and which of them do so in a circle.
//!
//! Only shipped code counts: what is there for tests alone is never reached from the root.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use syn::{
    Attribute, Item, Macro, UseTree,
    visit::{self, Visit},
};

/// Every file that another file names items of, by that other file.
pub(crate) type Imports = BTreeMap<String, BTreeSet<String>>;

/// What the files of a crate import of each other. `sources` are its files by path; `root` is its `lib.rs`.
///
/// An item counts for the file that defines it, whatever re-exports it on the way, and a module that is imported as
/// a name counts for the items that are named through it.
pub(crate) fn imports(sources: &BTreeMap<String, String>, root: &str) -> Imports {
    let mut tree = Tree { sources, modules: Vec::new() };
    tree.read(root, None);
    let mut imports = Imports::new();
    for (at, module) in tree.modules.iter().enumerate() {
        let used = imports.entry(module.file.clone()).or_default();
        for path in module.names.values().chain(&module.globs).chain(&module.paths) {
            if let Some(Found::Item(to)) = tree.resolve(at, path, 0)
                && tree.modules[to].file != module.file
            {
                used.insert(tree.modules[to].file.clone());
            }
        }
    }
    imports
}

/// Sets of files that import each other in a circle, largest first.
pub(crate) fn circles(imports: &Imports) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|file| (file.as_str(), reachable(imports, file))).collect();
    let mut circles: Vec<BTreeSet<String>> = Vec::new();
    for (file, others) in &reached {
        let circle: BTreeSet<String> = others
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|it| it.contains(file)))
            .map(|it| (*it).to_owned())
            .collect();
        if circle.len() > 1 && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

/// Every file that `from` leads to, by imports of imports.
fn reachable<'a>(imports: &'a Imports, from: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&str> = imports.get(from).into_iter().flatten().map(String::as_str).collect();
    while let Some(file) = next.pop() {
        if seen.insert(file) {
            next.extend(imports.get(file).into_iter().flatten().map(String::as_str));
        }
    }
    seen
}

struct Tree<'a> {
    sources: &'a BTreeMap<String, String>,
    modules: Vec<Module>,
}

/// A module, in a file of its own or in that of its parent. Modules are known by their place in the tree.
#[derive(Default)]
struct Module {
    file: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// What it defines.
    items: BTreeSet<String>,
    /// What it imports, by the name that this has here.
    names: BTreeMap<String, Path>,
    /// What it imports everything of.
    globs: Vec<Path>,
    /// Every other path in its code.
    paths: BTreeSet<Path>,
}

type Path = Vec<String>;

/// What a path leads to.
enum Found {
    Module(usize),
    /// An item of this module.
    Item(usize),
}

impl Tree<'_> {
    fn read(&mut self, file: &str, parent: Option<usize>) -> usize {
        let text = self.sources.get(file).unwrap_or_else(|| panic!("no file {file}"));
        let parsed = syn::parse_file(text).unwrap_or_else(|why| panic!("{file}: {why}"));
        self.module(file, parent, parsed.items)
    }

    fn module(&mut self, file: &str, parent: Option<usize>, items: Vec<Item>) -> usize {
        let at = self.modules.len();
        self.modules.push(Module { file: file.to_owned(), parent, ..Module::default() });
        for item in items {
            if !shipped(&item) {
                continue;
            }
            if let Item::Mod(child) = item {
                let name = child.ident.to_string();
                let read = match child.content {
                    Some((_, items)) => self.module(file, Some(at), items),
                    None => self.read(&self.file_of(file, &name), Some(at)),
                };
                self.modules[at].children.insert(name, read);
                continue;
            }
            self.modules[at].add(&item);
        }
        at
    }

    /// Where the module `name` of `file` is.
    fn file_of(&self, file: &str, name: &str) -> String {
        let stem = file.trim_end_matches(".rs");
        let folder = match stem.rsplit_once('/') {
            Some((folder, "mod" | "lib" | "main")) => folder,
            _ => stem,
        };
        let [one, other] = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")];
        if self.sources.contains_key(&one) { one } else { other }
    }

    /// What `path` means in the module at `at`; `None` if it leads out of the crate.
    fn resolve(&self, mut at: usize, path: &[String], depth: usize) -> Option<Found> {
        // Re-exports that lead to each other.
        if depth > 32 {
            return None;
        }
        for (n, name) in path.iter().enumerate() {
            let module = &self.modules[at];
            let rest = &path[n + 1..];
            at = match name.as_str() {
                "crate" => 0,
                "self" => at,
                "super" => module.parent?,
                name if module.children.contains_key(name) => module.children[name],
                name if module.items.contains(name) => return Some(Found::Item(at)),
                name => {
                    if let Some(import) = module.names.get(name)
                        // `use name::…` does not speak of itself.
                        && import.first().map(String::as_str) != Some(name)
                    {
                        return self.resolve(at, &[import, rest].concat(), depth + 1);
                    }
                    let from_here = &path[n..];
                    return module.globs.iter().find_map(|glob| {
                        match self.resolve(at, glob, depth + 1)? {
                            Found::Module(of) if of != at => self.resolve(of, from_here, depth + 1),
                            _ => None,
                        }
                    });
                }
            };
        }
        Some(Found::Module(at))
    }
}

impl Module {
    fn add(&mut self, item: &Item) {
        if let Item::Use(import) = item {
            self.import(&import.tree, &mut Vec::new());
            return;
        }
        let name = match item {
            Item::Const(it) => Some(&it.ident),
            Item::Enum(it) => Some(&it.ident),
            Item::Fn(it) => Some(&it.sig.ident),
            Item::Static(it) => Some(&it.ident),
            Item::Struct(it) => Some(&it.ident),
            Item::Trait(it) => Some(&it.ident),
            Item::Type(it) => Some(&it.ident),
            Item::Macro(it) => it.ident.as_ref(),
            _ => None,
        };
        self.items.extend(name.map(ToString::to_string));
        let mut inside = Inside { module: self };
        inside.visit_item(item);
    }

    fn import(&mut self, tree: &UseTree, path: &mut Path) {
        match tree {
            UseTree::Path(it) => {
                path.push(it.ident.to_string());
                self.import(&it.tree, path);
                path.pop();
            }
            UseTree::Group(it) => it.items.iter().for_each(|it| self.import(it, path)),
            UseTree::Glob(_) => self.globs.push(path.clone()),
            UseTree::Name(it) if it.ident == "self" => {
                self.names.extend(path.last().cloned().map(|name| (name, path.clone())));
            }
            UseTree::Name(it) => self.name(it.ident.to_string(), it.ident.to_string(), path),
            UseTree::Rename(it) => self.name(it.rename.to_string(), it.ident.to_string(), path),
        }
    }

    fn name(&mut self, here: String, there: String, path: &[String]) {
        let mut path = path.to_vec();
        path.extend((there != "self").then_some(there));
        self.names.insert(here, path);
    }
}

/// Collects the paths in an item.
struct Inside<'a> {
    module: &'a mut Module,
}

impl<'ast> Visit<'ast> for Inside<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.module.paths.insert(path.segments.iter().map(|it| it.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        // In a function. Its names may hide others, which the project does not do.
        self.module.import(&import.tree, &mut Vec::new());
    }

    fn visit_macro(&mut self, it: &'ast Macro) {
        let path = Regex::new(r"\w+(?:\s*::\s*\w+)*").expect("a valid pattern");
        for found in path.find_iter(&it.tokens.to_string()) {
            let path = found.as_str().split("::").map(|it| it.trim().to_owned()).collect();
            self.module.paths.insert(path);
        }
    }
}

/// Whether an item is there in what is shipped.
fn shipped(item: &Item) -> bool {
    let attributes: &[Attribute] = match item {
        Item::Mod(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Const(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        _ => &[],
    };
    !attributes.iter().any(|it| {
        it.path().is_ident("cfg")
            && it.meta.require_list().is_ok_and(|it| it.tokens.to_string() == "test")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Imports {
        let sources = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        imports(&sources.collect(), "src/lib.rs")
    }

    fn of<'a>(imports: &'a Imports, file: &str) -> Vec<&'a str> {
        imports[file].iter().map(String::as_str).collect()
    }

    #[test]
    fn an_item_counts_for_the_file_that_defines_it() {
        let imports = tree(&[
            ("src/lib.rs", "pub mod a; pub mod b;"),
            (
                "src/a/mod.rs",
                "mod deep; mod other; pub use deep::{Deep, renamed as short}; pub struct Here;",
            ),
            ("src/a/deep.rs", "pub struct Deep; pub fn renamed() {}"),
            ("src/a/other.rs", "use super::{Deep, Here}; use std::fmt;"),
            (
                "src/b.rs",
                "use crate::a::{self, short}; fn f() { a::short(); let _ = format!(\"{:?}\", crate::a::Here); }",
            ),
        ]);
        assert_eq!(of(&imports, "src/lib.rs"), [""; 0]);
        assert_eq!(of(&imports, "src/a/mod.rs"), ["src/a/deep.rs"]);
        assert_eq!(of(&imports, "src/a/deep.rs"), [""; 0]);
        assert_eq!(of(&imports, "src/a/other.rs"), ["src/a/deep.rs", "src/a/mod.rs"]);
        assert_eq!(of(&imports, "src/b.rs"), ["src/a/deep.rs", "src/a/mod.rs"]);
    }

    #[test]
    fn paths_globs_inline_modules_and_functions_count() {
        let imports = tree(&[
            ("src/lib.rs", "mod a; mod b; mod c; mod d;"),
            ("src/a.rs", "pub struct A; pub const ONE: u8 = 1;"),
            ("src/b.rs", "use crate::a::*; fn f(_: A) {}"),
            ("src/c.rs", "mod inner { fn f() { super::super::a::ONE; } }"),
            ("src/d.rs", "fn f() { use crate::c::g; g(); }"),
        ]);
        assert_eq!(of(&imports, "src/b.rs"), ["src/a.rs"]);
        assert_eq!(of(&imports, "src/c.rs"), ["src/a.rs"]);
        // What is named and not there is a mistake for the compiler, not for us.
        assert_eq!(of(&imports, "src/d.rs"), [""; 0]);
    }

    #[test]
    fn what_is_there_for_tests_does_not_count() {
        let imports = tree(&[
            ("src/lib.rs", "mod a; mod b; #[cfg(test)] mod testing;"),
            (
                "src/a.rs",
                "#[cfg(test)] mod tests { use crate::b::B; } #[cfg(test)] use crate::b::B;",
            ),
            ("src/b.rs", "pub struct B;"),
            ("src/testing.rs", "use crate::a;"),
        ]);
        assert_eq!(of(&imports, "src/a.rs"), [""; 0]);
        assert!(!imports.contains_key("src/testing.rs"));
    }

    #[test]
    fn a_circle_is_found_however_long_it_is() {
        let imports = tree(&[
            ("src/lib.rs", "mod a; mod b; mod c; mod d; mod e;"),
            ("src/a.rs", "use crate::b::B; pub struct A;"),
            ("src/b.rs", "use super::c; pub struct B(c::C);"),
            ("src/c.rs", "pub struct C(Option<Box<crate::a::A>>);"),
            ("src/d.rs", "use crate::a::A; use crate::e::E; pub struct D(A, E);"),
            ("src/e.rs", "use crate::d::D; pub struct E;"),
        ]);
        let circles = circles(&imports);
        let files: Vec<Vec<&str>> =
            circles.iter().map(|it| it.iter().map(String::as_str).collect()).collect();
        assert_eq!(files, [vec!["src/a.rs", "src/b.rs", "src/c.rs"], vec!["src/d.rs", "src/e.rs"]]);
    }
}
