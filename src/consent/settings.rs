//! What to do in the settings of a banner to refuse everything, and whether that was understood.
//!
//! A save counts as a refusal only if every optional purpose was seen off. Here it is decided, from what the page shows, what
//! to switch, what to open, and when to save; nothing here touches a page.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Meaning, Words};

/// What kind of thing answers a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToggleKind {
    /// A box that is ticked.
    #[default]
    Checkbox,
    /// A switch with a role.
    Switch,
    /// One answer of several.
    Radio,
    /// A list to choose from.
    Select,
    /// A slider or the like, with steps in between.
    Range,
    /// Something that only looks like a switch.
    Plain,
}

impl ToggleKind {
    /// The name used in recordings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checkbox => "checkbox",
            Self::Switch | Self::Plain => "switch",
            Self::Radio => "radio",
            Self::Select => "select",
            Self::Range => "range",
        }
    }
}

/// Something that answers a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Toggle {
    /// What it says.
    pub label: String,
    /// What holds it together with others, such as the name that radio buttons share.
    pub group: String,
    /// The title of that.
    pub legend: String,
    /// The text of its row.
    pub about: String,
    /// What it is.
    pub kind: ToggleKind,
    /// Whether it is on; unknown for what only looks like a switch and says nothing of its state.
    pub on: Option<bool>,
    /// Whether the visitor cannot change it.
    pub fixed: bool,
    /// Whether a visitor sees it as things stand.
    pub shown: bool,
    /// What a list holds.
    pub choices: Vec<String>,
    /// Which of that is chosen.
    pub chosen: Option<usize>,
    /// What it says of its state, such as the name of a slider's step.
    pub state: String,
}

/// Something in the settings that is neither an answer nor the button that saves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Part {
    /// What it says.
    pub label: String,
    /// Whether its markup says that it opens a part, such as a tab.
    pub opens: bool,
    /// Whether it is a tab, which chooses nothing whatever it is called.
    pub tab: bool,
    /// Whether that is open, if its markup says so.
    pub open: Option<bool>,
    /// Whether pressing it leads to another page.
    pub leads: bool,
    /// Whether it belongs to a form into which a visitor types.
    pub typed: bool,
}

/// The settings as they are now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Sheet {
    /// Everything that answers a question, seen or not.
    pub toggles: Vec<Toggle>,
    /// Everything else that can be pressed.
    pub parts: Vec<Part>,
    /// The text around the answers.
    pub prose: String,
    /// Whether a part of it can still be scrolled.
    pub scrolls: bool,
    /// Frames in it, whose content is not among the answers.
    pub frames: usize,
    /// Whether what saves cannot be pressed.
    pub save_disabled: bool,
    /// Whether what saves can still be seen, or a layer over it is what this sheet shows.
    pub save_shown: bool,
    /// Whether it is a layer that lies over the settings, such as a list of partners, and has to be left again.
    pub covers: bool,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Press a box, switch or answer, by its place.
    Press(usize),
    /// Choose from a list: its place, and which entry.
    Choose(usize, usize),
    /// Move a slider to its lowest step, by its place.
    Lower(usize),
    /// Open a part, by its place.
    Open(usize),
    /// Leave a layer that lies over the settings by one of its parts, by its place.
    Leave(usize),
    /// Scroll on.
    Scroll,
    /// Everything is as it is to be: save.
    Save,
    /// Saving might agree to something.
    GiveUp(String),
}

/// What an answer is to be for a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Off,
    On,
    Choice(usize),
    /// Nothing is to be done with it.
    Leave,
    /// It is on and cannot be changed.
    Stuck,
    /// What it says or does is not known.
    Unclear,
}

/// What identifies an answer from look to look.
type Key = (ToggleKind, String, String, String, usize);

/// How often the same answer is pressed before it counts as one that cannot be changed.
const MOST_TRIES: u8 = 3;

/// Parts beyond these are not opened.
const MOST_PARTS: usize = 60;

/// Layers over the settings are left no more often than this.
const MOST_LEFT: usize = 12;

/// How often the settings are scrolled on.
const MOST_SCROLLS: usize = 80;

/// A refusal under way in the settings of a banner.
#[derive(Clone, Debug, Default)]
pub struct Refusal {
    tries: BTreeMap<Key, u8>,
    /// What was seen of every answer last: what keeps it from being a refusal, if something does.
    last: BTreeMap<Key, Option<String>>,
    /// What each answer was when it was seen first, and whether it is on now.
    first: BTreeMap<Key, (Toggle, Option<bool>)>,
    opened: BTreeSet<(String, usize)>,
    scrolled: usize,
    left: usize,
    /// What was not understood of layers that were left again.
    doubts_of_layers: Vec<String>,
    doubts: Vec<String>,
}

impl Refusal {
    /// A refusal whose first answer was given by a button that says `label`.
    pub fn with_answer(label: &str) -> Self {
        let key = (ToggleKind::Radio, String::new(), String::new(), label.to_owned(), 0);
        Self { last: BTreeMap::from([(key, None)]), ..Self::default() }
    }

    /// What to do next.
    pub fn next(&mut self, words: &Words, sheet: &Sheet) -> Action {
        if let Some(action) = self.next_answer(words, sheet) {
            return action;
        }
        // What is open is seen to its end before something else is opened in its place.
        if sheet.scrolls && self.scrolled < MOST_SCROLLS {
            self.scrolled += 1;
            return Action::Scroll;
        }
        if let Some(at) = self.next_part(words, sheet) {
            return Action::Open(at);
        }
        if sheet.covers {
            return self.leave(words, sheet);
        }
        self.conclude(words, sheet)
    }

    /// Goes back from a layer in which nothing is left to do.
    fn leave(&mut self, words: &Words, sheet: &Sheet) -> Action {
        let back = |part: &Part| !part.leads && !part.typed && words.goes_back(&part.label);
        let ends = |part: &Part| {
            let meaning = words.meaning(&part.label);
            matches!(meaning, Some(Meaning::Acknowledge | Meaning::Save)) && !part.leads
        };
        let way = sheet.parts.iter().position(back).or_else(|| sheet.parts.iter().position(ends));
        self.left += 1;
        let Some(way) = way.filter(|_| self.left <= MOST_LEFT) else {
            return Action::GiveUp("a layer over the settings could not be left".to_owned());
        };
        for doubt in doubts(words, sheet) {
            if !self.doubts_of_layers.contains(&doubt) {
                self.doubts_of_layers.push(doubt);
            }
        }
        Action::Leave(way)
    }

    /// The next answer to be given among those that are shown, if one is not yet as it is to be.
    pub fn next_answer(&mut self, words: &Words, sheet: &Sheet) -> Option<Action> {
        let keys = keys(sheet);
        let wanted: Vec<Wanted> =
            (0..sheet.toggles.len()).map(|at| wanted(words, sheet, at)).collect();
        for (at, key) in keys.iter().enumerate() {
            let toggle = &sheet.toggles[at];
            self.last.insert(key.clone(), obstacle(toggle, &wanted[at]));
            self.first.entry(key.clone()).or_insert_with(|| (toggle.clone(), None)).1 = toggle.on;
        }
        // The answers of a group are one question: what is wrong with one of them is said once.
        for (at, toggle) in sheet.toggles.iter().enumerate() {
            if !toggle.shown || toggle.fixed || is_as_wanted(toggle, &wanted[at]) {
                continue;
            }
            let action = match wanted[at] {
                Wanted::Off if toggle.kind == ToggleKind::Range => Action::Lower(at),
                Wanted::Off | Wanted::On => Action::Press(at),
                Wanted::Choice(entry) => Action::Choose(at, entry),
                Wanted::Leave | Wanted::Stuck | Wanted::Unclear => continue,
            };
            let tries = self.tries.entry(keys[at].clone()).or_default();
            if *tries < MOST_TRIES {
                *tries += 1;
                return Some(action);
            }
        }
        None
    }

    /// A part that was not opened yet.
    fn next_part(&mut self, words: &Words, sheet: &Sheet) -> Option<usize> {
        if self.opened.len() >= MOST_PARTS {
            return None;
        }
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, part) in sheet.parts.iter().enumerate() {
            let count = seen.entry(&part.label).or_default();
            let key = (part.label.clone(), *count);
            *count += 1;
            if is_opener(words, part) && part.open != Some(true) && self.opened.insert(key) {
                return Some(at);
            }
        }
        None
    }

    /// Whether what can be done has made it a refusal.
    fn conclude(&mut self, words: &Words, sheet: &Sheet) -> Action {
        if let Some(why) = self.last.values().flatten().next() {
            return Action::GiveUp(why.clone());
        }
        if self.last.is_empty() {
            return Action::GiveUp("nothing in it could be recognised as a switch".to_owned());
        }
        if sheet.save_disabled {
            return Action::GiveUp("what saves the choices cannot be pressed".to_owned());
        }
        self.doubts.clone_from(&self.doubts_of_layers);
        self.doubts.extend(doubts(words, sheet));
        if self.opened.len() >= MOST_PARTS || self.scrolled >= MOST_SCROLLS {
            self.doubts.push("there is more to open than was opened".to_owned());
        }
        if sheet.toggles.iter().any(|it| is_guessed_answer(words, sheet, it)) {
            self.doubts
                .push("an answer was taken for a no because the other one says yes".to_owned());
        }
        if let Some(slider) = sheet.toggles.iter().find(|it| is_unnamed_step(words, it)) {
            let label = &slider.label;
            self.doubts.push(format!("what the lowest step of `{label}` allows is not known"));
        }
        let guessed = self.last.keys().find(|(kind, ..)| *kind == ToggleKind::Plain);
        if let Some((.., label, _)) = guessed {
            self.doubts
                .push(format!("`{label}` has no role, so whether it is off can only be guessed"));
        }
        Action::Save
    }

    /// What was not understood when everything was done: with any of it a save proves no refusal by itself.
    pub fn doubts(&self) -> &[String] {
        &self.doubts
    }

    /// How many different answers there were.
    pub fn count(&self) -> usize {
        self.last.len()
    }

    /// Every answer as it was before it was touched. What only looks like a switch is one if pressing it has switched it off.
    pub fn first_seen(&self) -> Vec<Toggle> {
        let seen = self.first.values().map(|(first, now)| {
            let is_switch =
                first.kind == ToggleKind::Plain && (first.on, *now) == (Some(true), Some(false));
            let kind = if is_switch { ToggleKind::Switch } else { first.kind };
            Toggle { kind, ..first.clone() }
        });
        seen.collect()
    }

    /// What keeps a save of the settings as they stand from being a refusal, where others have operated them.
    pub fn judge_as_it_stands(words: &Words, sheet: &Sheet) -> Vec<String> {
        let mut seen = Self::default();
        seen.next_answer(words, sheet);
        seen.last.values().flatten().cloned().collect()
    }
}

/// What of the settings is not understood although everything was done that can be.
fn doubts(words: &Words, sheet: &Sheet) -> Vec<String> {
    let mut doubts: Vec<String> = sheet
        .parts
        .iter()
        .filter(|part| !part.leads && !part.typed && !is_opener(words, part))
        .filter(|part| words.meaning(&part.label).is_none() && !words.is_elsewhere(&part.label))
        .filter(|part| !words.goes_back(&part.label))
        .filter(|part| !words.names_a_policy(&part.label) && !words.asks_for_money(&part.label))
        .map(|part| match part.label.as_str() {
            "" => "what a button without a text does is not known".to_owned(),
            label => format!("what `{label}` does is not known"),
        })
        .collect();
    if sheet.frames > 0 {
        doubts.push("a frame in it was not searched".to_owned());
    }
    doubts.dedup();
    doubts
}

/// Whether something opens a part and does nothing else.
fn is_opener(words: &Words, part: &Part) -> bool {
    let decides = matches!(
        words.meaning(&part.label),
        Some(
            Meaning::Accept
                | Meaning::Reject
                | Meaning::Save
                | Meaning::Withdraw
                | Meaning::Acknowledge
        )
    );
    if part.tab {
        return !part.leads && !part.typed && !words.is_act(&part.label);
    }
    let opens = (part.opens && !words.is_elsewhere(&part.label))
        || words.opens_more(&part.label)
        || words.meaning(&part.label) == Some(Meaning::Settings);
    opens
        && !decides
        && !part.leads
        && !part.typed
        && !words.is_act(&part.label)
        && !words.asks_for_money(&part.label)
}

fn keys(sheet: &Sheet) -> Vec<Key> {
    let mut seen: BTreeMap<(ToggleKind, String, String, String), usize> = BTreeMap::new();
    sheet
        .toggles
        .iter()
        .map(|it| {
            // A title may read differently while its part is folded up.
            let legend = if it.group.is_empty() { it.legend.clone() } else { String::new() };
            let key = (it.kind, it.group.clone(), legend, name(&it.label));
            let count = seen.entry(key.clone()).or_default();
            *count += 1;
            (key.0, key.1, key.2, key.3, *count)
        })
        .collect()
}

/// What an answer is called apart from words that follow its state.
fn name(label: &str) -> String {
    let state = [
        "on", "off", "enabled", "disabled", "active", "inactive", "allowed", "blocked", "yes", "no",
    ];
    let words: Vec<&str> = label.split_whitespace().collect();
    let kept: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| {
            !state.contains(&word.to_lowercase().trim_matches(|c: char| !c.is_alphabetic()))
        })
        .collect();
    if kept.is_empty() { words.join(" ") } else { kept.join(" ") }
}

/// Whether an answer is what a refusal wants it to be.
fn is_as_wanted(toggle: &Toggle, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Off => toggle.on == Some(false),
        Wanted::On => toggle.on == Some(true),
        Wanted::Choice(entry) => toggle.chosen == Some(*entry),
        Wanted::Leave => true,
        Wanted::Stuck | Wanted::Unclear => false,
    }
}

/// Why saving might agree to something because of one answer.
fn obstacle(toggle: &Toggle, wanted: &Wanted) -> Option<String> {
    if is_as_wanted(toggle, wanted) {
        return None;
    }
    let label = if toggle.label.is_empty() { &toggle.legend } else { &toggle.label };
    Some(match wanted {
        Wanted::Stuck => format!("`{label}` is on and cannot be changed"),
        Wanted::Unclear => match toggle.kind {
            ToggleKind::Radio => format!(
                "a question with several answers, `{label}` among them, has none that says no"
            ),
            ToggleKind::Select => format!("the list `{label}` has no entry that says no"),
            _ => format!("whether `{label}` says yes or no is not known"),
        },
        _ if !toggle.shown => format!("`{label}` is not off, and it could not be made visible"),
        _ => format!("`{label}` could not be switched"),
    })
}

/// What one answer is to be.
fn wanted(words: &Words, sheet: &Sheet, at: usize) -> Wanted {
    let toggle = &sheet.toggles[at];
    let needed = is_needed(words, toggle);
    if toggle.kind == ToggleKind::Radio {
        return wanted_answer(words, sheet, at);
    }
    // "Tick what we may not use": of such a box it is not known which way it goes.
    let no = says_no(words, toggle).filter(|says_no| *says_no || !words.inverts(&sheet.prose));
    if toggle.fixed {
        // What cannot be changed and refuses already goes on refusing. Of a slider only the name of its step says so.
        let refuses = match toggle.kind {
            ToggleKind::Range => says_step_refuses(words, &toggle.state),
            _ => no.is_some() && toggle.on == no,
        };
        return if needed || refuses { Wanted::Leave } else { Wanted::Stuck };
    }
    match toggle.kind {
        _ if needed => Wanted::Leave,
        ToggleKind::Select => wanted_entry(words, toggle),
        ToggleKind::Radio => Wanted::Unclear,
        ToggleKind::Range => wanted_step(words, sheet, toggle),
        ToggleKind::Plain if toggle.on.is_none() => Wanted::Unclear,
        ToggleKind::Checkbox | ToggleKind::Switch | ToggleKind::Plain => match no {
            Some(true) => Wanted::On,
            Some(false) => Wanted::Off,
            None => Wanted::Unclear,
        },
    }
}

/// Whether a box says no when it is ticked; `None` if that is not clear.
pub fn says_no(words: &Words, toggle: &Toggle) -> Option<bool> {
    let label = toggle.label.as_str();
    let refuses = words.opts_out(label) || words.meaning(label) == Some(Meaning::Reject);
    match (refuses, words.opts_out(&toggle.legend)) {
        (true, false) => Some(true),
        (false, false) => Some(false),
        (_, true) => None,
    }
}

/// Whether a box, switch or list is about what cannot be refused.
fn is_needed(words: &Words, toggle: &Toggle) -> bool {
    if words.is_elsewhere(&toggle.label) {
        return true;
    }
    let text = |text: &str| words.is_needed(text);
    let named = words.meaning(&toggle.label).is_none() && text(&toggle.label);
    // A row speaks of a fixed switch that says only "always on".
    named || (toggle.fixed && (text(&toggle.legend) || text(&toggle.about)))
}

/// The radio buttons that answer the same question as one.
fn question<'a>(sheet: &'a Sheet, toggle: &Toggle) -> Vec<&'a Toggle> {
    let same = |it: &&Toggle| {
        let together = !toggle.group.is_empty() || it.legend == toggle.legend;
        it.kind == ToggleKind::Radio && it.group == toggle.group && together
    };
    sheet.toggles.iter().filter(same).collect()
}

/// The answer that says no, and whether its own words do.
fn answer_no<'a>(words: &Words, group: &[&'a Toggle]) -> Option<(&'a Toggle, bool)> {
    let no = |it: &Toggle| {
        let rejects = words.meaning(&it.label) == Some(Meaning::Reject);
        (words.is_choice_no(&it.label) || rejects || words.is_needed(&it.label))
            && !words.is_choice_yes(&it.label)
    };
    if let Some(answer) = group.iter().find(|it| no(it)) {
        return Some((answer, true));
    }
    // Of two answers, the one beside a plain yes.
    let beside = group.iter().find(|it| !words.is_choice_yes(&it.label))?;
    let yes = group.iter().any(|it| words.is_choice_yes(&it.label));
    (group.len() == 2 && yes).then_some((beside, false))
}

fn is_guessed_answer(words: &Words, sheet: &Sheet, toggle: &Toggle) -> bool {
    toggle.kind == ToggleKind::Radio
        && answer_no(words, &question(sheet, toggle)).is_some_and(|(_, sure)| !sure)
}

fn wanted_answer(words: &Words, sheet: &Sheet, at: usize) -> Wanted {
    let toggle = &sheet.toggles[at];
    let group = question(sheet, toggle);
    if group.iter().all(|it| is_needed(words, it)) {
        return Wanted::Leave;
    }
    // "Do you want to opt out?": its plain "no" agrees.
    let inverted = words.opts_out(&toggle.legend) || words.inverts(&toggle.legend);
    let Some((answer, _)) = answer_no(words, &group) else { return Wanted::Unclear };
    if inverted && answer.label.split_whitespace().count() < 3 {
        return Wanted::Unclear;
    }
    match std::ptr::eq(answer, toggle) {
        true if toggle.fixed && toggle.on != Some(true) => Wanted::Stuck,
        true => Wanted::On,
        false => Wanted::Leave,
    }
}

fn wanted_entry(words: &Words, toggle: &Toggle) -> Wanted {
    if words.opts_out(&toggle.legend) || words.opts_out(&toggle.label) {
        return Wanted::Unclear;
    }
    let no = |text: &String| {
        let rejects = words.meaning(text) == Some(Meaning::Reject) || words.is_needed(text);
        (words.is_choice_no(text) || rejects) && !words.is_choice_yes(text)
    };
    toggle.choices.iter().position(no).map_or(Wanted::Unclear, Wanted::Choice)
}

/// A slider is moved to its lowest step, unless it says how much is protected, or agrees even there.
fn wanted_step(words: &Words, sheet: &Sheet, toggle: &Toggle) -> Wanted {
    let texts = [&toggle.label, &toggle.legend, &toggle.about];
    let is_turned_round = texts.iter().any(|it| words.protects(it) || words.opts_out(it))
        || words.inverts(&sheet.prose);
    let agrees = !says_step_refuses(words, &toggle.state)
        && (words.may_agree(&toggle.state) || words.is_optional(&toggle.state));
    match toggle.on {
        None => Wanted::Unclear,
        _ if is_turned_round => Wanted::Unclear,
        Some(false) if agrees => Wanted::Unclear,
        Some(_) => Wanted::Off,
    }
}

/// Whether the name of a slider's step says that nothing optional is allowed.
fn says_step_refuses(words: &Words, state: &str) -> bool {
    let rejects = words.meaning(state) == Some(Meaning::Reject);
    (words.is_choice_no(state) || rejects || words.is_needed(state)) && !words.is_choice_yes(state)
}

fn is_unnamed_step(words: &Words, toggle: &Toggle) -> bool {
    toggle.kind == ToggleKind::Range
        && !toggle.fixed
        && !is_needed(words, toggle)
        && !says_step_refuses(words, &toggle.state)
}

/// Whether the entry that is chosen in a list agrees; `None` if the list has none that says no.
pub fn is_granted_by_list(words: &Words, toggle: &Toggle) -> Option<bool> {
    match wanted_entry(words, toggle) {
        Wanted::Choice(entry) => Some(toggle.chosen? != entry),
        _ => None,
    }
}

#[cfg(test)]
#[path = "settings_case_tests.rs"]
mod case_tests;
#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
