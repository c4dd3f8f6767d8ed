//! What visitors were given whose browser does not name this program, with what it is for.

use crate::{
    classify::Knowledge,
    model::{Category, OnlyHere, OnlyHereKind, SecondVisitor},
};

/// The same with the category of each thing, as far as a source knows it.
pub(super) fn read(recorded: &SecondVisitor, knowledge: &Knowledge) -> SecondVisitor {
    let categorised = |it: &OnlyHere| {
        let known = match it.kind {
            OnlyHereKind::Cookie => knowledge.cookie(&it.name, &it.place, None, &[]),
            OnlyHereKind::Storage => knowledge.storage(&it.name, &it.place, None, &[]),
            OnlyHereKind::Host => knowledge.host(&it.place),
        };
        let category = (known.category != Category::Unknown).then_some(known.category);
        // Evidence has domains without the dot.
        let place = it.place.trim_start_matches('.').to_owned();
        OnlyHere { place, category, ..it.clone() }
    };
    SecondVisitor {
        only_here: recorded.only_here.iter().map(categorised).collect(),
        ..recorded.clone()
    }
}
