//! Settings of banners at random, for the real browser: kind of switch, hidden or not, default, layers, and what is stored.

use crumbcheck::demo::Site;
use serde_json::json;

use super::fixtures;

/// A dialog, and whether everything in it can be understood.
pub(crate) struct Dialog {
    pub(crate) site: Site,
    pub(crate) is_clear: bool,
}

/// The cookie that a dialog sets when it is saved with anything on.
pub(crate) const AGREED: &str = "larkhill_agreed";

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % most
    }
}

/// As many dialogs.
pub(crate) fn dialogs(count: usize) -> Vec<Dialog> {
    const CLEAR: [&str; 8] =
        ["box", "hidden-box", "switch", "pressed", "opt-out", "answers", "list", "steps"];
    const UNCLEAR: [&str; 4] = ["inverted", "slider", "plain", "mute"];
    let folder = fixtures().join("banners/second-layer");
    let like = Site::from_dir(&folder, &fixtures().join("hosts")).expect("a fixture");
    let mut dice = Dice(1848);
    let names = ["Counting", "Videos", "Maps", "Adverts", "Chat", "Opinions"];
    (0..count)
        .map(|at| {
            let is_clear = at % 2 == 0;
            let parts: Vec<_> = (0..dice.below(3))
                .map(|part| {
                    let hows = ["folds", "details", "words", "unknown"];
                    let how = hows[dice.below(if is_clear { 3 } else { 4 })];
                    let label = match how {
                        "words" => ["Show details", "Our partners"][part],
                        "unknown" => ["Odds and ends", "The rest"][part],
                        _ => ["Group one", "Group two"][part],
                    };
                    json!({ "label": label, "how": if how == "unknown" { "words" } else { how } })
                })
                .collect();
            // Buttons that allow and deny stand in every row, or in none.
            let by_row = dice.below(6) == 0;
            let purposes: Vec<_> = (0..=dice.below(4))
                .map(|it| {
                    let kind = match dice.below(3) {
                        0 if !is_clear => UNCLEAR[dice.below(UNCLEAR.len())],
                        _ if by_row => "row",
                        _ => CLEAR[dice.below(CLEAR.len())],
                    };
                    json!({
                        "name": names[it], "kind": kind, "on": dice.below(3) > 0,
                        "part": dice.below(parts.len() + 1), "below": dice.below(4) == 0,
                    })
                })
                .collect();
            let stores = ["signs", "words"][dice.below(2)];
            let plan = json!({
                "purposes": purposes, "parts": parts, "lazy": dice.below(2) == 0,
                "stores": stores,
            });
            // One row alone looks like a button for everything, and where it has to be scrolled to it may not be reached.
            let is_clear = is_clear && !(by_row && purposes.len() == 1);
            let script = format!("const plan = {plan};\n{}", include_str!("dialogs.js"));
            let mut site =
                like.clone().with_file("www.larkhill.example", "/banner.js", script.into_bytes());
            site.name = format!("dialog {at}: {plan}");
            Dialog { site, is_clear }
        })
        .collect()
}
