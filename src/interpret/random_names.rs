//! Names with a random part: what keeps fifty such items keeps one, and every visitor gets others.

use std::collections::{BTreeMap, BTreeSet};

use crate::{model::Pass, notice::generalise};

/// So many names that differ in one part are one item, wherever they were seen.
const MANY: usize = 5;

/// Of names that are kept in one place, each with the passes that it was seen in, those that are one item with a random part
/// in its name: by name, the pattern. That holds if no visitor got the same name as another, or if there are many.
pub(super) fn patterns<'a>(
    names: impl IntoIterator<Item = (&'a str, BTreeSet<Pass>)>,
) -> BTreeMap<&'a str, String> {
    let mut alike: BTreeMap<String, Vec<(&str, BTreeSet<Pass>)>> = BTreeMap::new();
    for (name, passes) in names {
        if let Some(pattern) = generalise(name).or_else(|| random_end(name)) {
            alike.entry(pattern).or_default().push((name, passes));
        }
    }
    alike.retain(|_, names| {
        let passes: BTreeSet<Pass> = names.iter().flat_map(|(_, passes)| passes).copied().collect();
        let each_its_own = names.iter().all(|(_, passes)| passes.len() == 1);
        names.len() >= MANY || (passes.len() > 1 && each_its_own)
    });
    let pairs = alike.into_iter().flat_map(|(pattern, names)| {
        names.into_iter().map(move |(name, _)| (name, pattern.clone()))
    });
    pairs.collect()
}

/// The pattern of a name that ends in letters mixed with digits, which words do not.
fn random_end(name: &str) -> Option<String> {
    const LEAST: usize = 6;
    let at = name.rfind(['_', '-', '.', ':', '/', '='])? + 1;
    let (stem, end) = name.split_at(at);
    let digits = end.bytes().filter(u8::is_ascii_digit).count();
    let letters = end.bytes().filter(u8::is_ascii_alphabetic).count();
    let mixed = digits >= 2 && letters >= 2 && digits + letters == end.len();
    let has_stem = stem.bytes().filter(u8::is_ascii_alphabetic).count() >= 2;
    (mixed && end.len() >= LEAST && has_stem).then(|| format!("{stem}*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[(&str, &[Pass])]) -> Vec<String> {
        let names = names.iter().map(|(name, passes)| (*name, passes.iter().copied().collect()));
        patterns(names).into_iter().map(|(name, pattern)| format!("{name} {pattern}")).collect()
    }

    #[test]
    fn what_every_visitor_gets_another_of_is_one_item() {
        use Pass::{Accept, None, Reject};
        assert_eq!(
            found(&[("__lock_k3j9x2q8", &[None]), ("__lock_p0o9i8u7", &[Reject])]),
            ["__lock_k3j9x2q8 __lock_*", "__lock_p0o9i8u7 __lock_*"]
        );
        // Two properties of one service, the same for everybody.
        assert!(
            found(&[("_ga_AB12CD34EF", &[None, Accept]), ("_ga_GH56IJ78KL", &[None, Accept])])
                .is_empty()
        );
        // One visitor got two.
        assert!(found(&[("__lock_k3j9x2q8", &[None]), ("__lock_p0o9i8u7", &[None])]).is_empty());
        assert!(found(&[("theme", &[None]), ("themes", &[Reject])]).is_empty());
    }

    #[test]
    fn many_of_a_kind_are_one_item_wherever_they_are() {
        let names: Vec<String> = (100_000..100_006).map(|at| format!("view_{at}")).collect();
        let names: Vec<(&str, &[Pass])> =
            names.iter().map(|it| (it.as_str(), &[Pass::None, Pass::Reject][..])).collect();
        assert_eq!(found(&names).len(), 6);
        assert_eq!(found(&names[..5]).len(), 5);
        assert!(found(&names[..4]).is_empty());
    }

    #[test]
    fn a_random_end_mixes_letters_with_digits() {
        for (name, pattern) in [
            ("ab_a1b2c3", Some("ab_*")),
            ("ab.a1b2c3", Some("ab.*")),
            ("x-ab-1a2b3c", Some("x-ab-*")),
            ("ab_a1b2c", None),
            ("ab_abcde1", None),
            ("ab_12345a", None),
            ("ab_a1b2c3é", None),
            ("a_a1b2c3", None),
            ("a1_a1b2c3", None),
            ("aba1b2c3", None),
        ] {
            assert_eq!(random_end(name).as_deref(), pattern, "{name}");
        }
    }
}
