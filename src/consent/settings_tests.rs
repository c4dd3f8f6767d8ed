//! Settings dialogs at random, through what decides: a save is never held to be a refusal unless it is one.

use super::*;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % most
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// What a purpose is asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Box,
    Switch,
    OptOut,
    /// A box under "Tick what you do not want", whose label says nothing of it.
    Inverted,
    Answers,
    /// Two answers under a question that turns them round.
    InvertedAnswers,
    /// Answers, but none that says no.
    NoNo,
    List,
    /// A slider whose steps have names.
    Slider,
    /// One whose steps have none.
    MuteSlider,
    /// One that says how much is protected.
    Shield,
    /// A thing with a class, and what it starts with.
    Plain,
    /// The same with nothing that says its state.
    PlainMute,
}

const KINDS: [Asked; 13] = [
    Asked::Box,
    Asked::Switch,
    Asked::OptOut,
    Asked::Inverted,
    Asked::Answers,
    Asked::InvertedAnswers,
    Asked::NoNo,
    Asked::List,
    Asked::Slider,
    Asked::MuteSlider,
    Asked::Shield,
    Asked::Plain,
    Asked::PlainMute,
];

/// Those that can be understood in full.
const CLEAR: [Asked; 6] =
    [Asked::Box, Asked::Switch, Asked::OptOut, Asked::Answers, Asked::List, Asked::Slider];

#[derive(Clone, Debug)]
struct Purpose {
    name: String,
    asked: Asked,
    granted: bool,
    fixed: bool,
    /// The part that it is in; 0 is always open.
    part: usize,
    /// Whether it is seen only once the part has been scrolled.
    below: bool,
    /// Whether the site puts it back.
    stubborn: bool,
}

#[derive(Clone, Debug)]
struct Dialog {
    purposes: Vec<Purpose>,
    /// What opens each further part, and whether its markup says so.
    parts: Vec<(String, bool)>,
    open: usize,
    scrolled: bool,
    /// Whether what is not open is not in the page at all.
    lazy: bool,
    /// Whether saving waits for an answer to every question.
    waits: bool,
    touched: BTreeSet<usize>,
}

impl Dialog {
    fn roll(dice: &mut Dice, kinds: &[Asked], is_clear: bool) -> Self {
        let parts: Vec<(String, bool)> = (0..dice.below(4))
            .map(|at| match dice.below(if is_clear { 2 } else { 4 }) {
                0 => (format!("Tab {at}"), true),
                1 => (dice.of(&["Partners", "Show details", "Vendors (120)"]).to_owned(), false),
                2 => (dice.of(&["Nuts and bolts", "Small print", ""]).to_owned(), false),
                _ => (format!("Group {at}"), true),
            })
            .collect();
        let purposes = (0..=dice.below(7))
            .map(|at| Purpose {
                name: format!("{} {at}", dice.of(&["Measurement", "Advertising", "Videos"])),
                asked: kinds[dice.below(kinds.len())],
                granted: dice.below(2) == 0,
                fixed: !is_clear && dice.one_in(9),
                part: dice.below(parts.len() + 1),
                below: dice.one_in(4),
                stubborn: !is_clear && dice.one_in(15),
            })
            .collect();
        let (lazy, waits) = (dice.one_in(2), !is_clear && dice.one_in(5));
        let touched = BTreeSet::new();
        Self { purposes, parts, open: 0, scrolled: false, lazy, waits, touched }
    }

    fn is_shown(&self, purpose: &Purpose) -> bool {
        (purpose.part == 0 || purpose.part == self.open) && (!purpose.below || self.scrolled)
    }

    /// The sheet as a page would show it, and which purpose and answer each toggle belongs to.
    #[allow(clippy::too_many_lines, reason = "a picture of markup, kind by kind")]
    fn sheet(&self) -> (Sheet, Vec<(usize, usize)>) {
        let (mut toggles, mut places) = (Vec::new(), Vec::new());
        for (at, purpose) in self.purposes.iter().enumerate() {
            let shown = self.is_shown(purpose);
            if !shown && self.lazy {
                continue;
            }
            let (name, granted) = (&purpose.name, purpose.granted);
            let mut push = |answer: usize, toggle: Toggle| {
                toggles.push(Toggle { shown, fixed: purpose.fixed, ..toggle });
                places.push((at, answer));
            };
            let labelled = |label: &str, kind, on| Toggle {
                label: label.to_owned(),
                kind,
                on: Some(on),
                ..Toggle::default()
            };
            let answers = |legend: &str, labels: [&str; 2], first: bool| {
                [(labels[0], first), (labels[1], !first)].map(|(label, on)| Toggle {
                    group: format!("question {at}"),
                    legend: legend.to_owned(),
                    on: Some(on && self.touched_or_set(at)),
                    ..labelled(label, ToggleKind::Radio, on)
                })
            };
            match purpose.asked {
                Asked::Box | Asked::Inverted => {
                    push(
                        0,
                        labelled(
                            name,
                            ToggleKind::Checkbox,
                            granted != (purpose.asked == Asked::Inverted),
                        ),
                    );
                }
                Asked::Switch => push(0, labelled(name, ToggleKind::Switch, granted)),
                Asked::OptOut => {
                    push(
                        0,
                        labelled(&format!("Opt out of {name}"), ToggleKind::Checkbox, !granted),
                    );
                }
                Asked::Answers => {
                    for (answer, it) in
                        answers(name, ["Yes", "No"], granted).into_iter().enumerate()
                    {
                        push(answer, it);
                    }
                }
                Asked::InvertedAnswers => {
                    let legend = format!("Do not use {name}");
                    for (answer, it) in
                        answers(&legend, ["Yes", "No"], !granted).into_iter().enumerate()
                    {
                        push(1 - answer, it);
                    }
                }
                Asked::NoNo => {
                    for (answer, it) in
                        answers(name, ["A lot", "A little"], granted).into_iter().enumerate()
                    {
                        push(answer, it);
                    }
                }
                Asked::List => push(
                    0,
                    Toggle {
                        choices: vec!["Allow it".to_owned(), "Do not allow it".to_owned()],
                        chosen: Some(usize::from(!granted)),
                        on: None,
                        ..labelled(name, ToggleKind::Select, granted)
                    },
                ),
                Asked::Slider => {
                    let state = if granted { "Everything" } else { "Off" }.to_owned();
                    push(0, Toggle { state, ..labelled(name, ToggleKind::Range, granted) });
                }
                Asked::MuteSlider => push(0, labelled(name, ToggleKind::Range, granted)),
                Asked::Shield => {
                    push(0, labelled(&format!("Privacy: {name}"), ToggleKind::Range, !granted));
                }
                Asked::Plain => push(0, labelled(name, ToggleKind::Plain, granted)),
                Asked::PlainMute => {
                    push(0, Toggle { on: None, ..labelled(name, ToggleKind::Plain, granted) });
                }
            }
        }
        let parts = self.parts.iter().enumerate().map(|(at, (label, opens))| Part {
            label: label.clone(),
            opens: *opens,
            open: opens.then_some(self.open == at + 1),
            ..Part::default()
        });
        let inverted = self.purposes.iter().any(|it| it.asked == Asked::Inverted);
        let prose = if inverted {
            "Tick whatever you do not want us to use."
        } else {
            "Choose what we may use."
        };
        let sheet = Sheet {
            toggles,
            parts: parts.collect(),
            prose: prose.to_owned(),
            scrolls: !self.scrolled && self.purposes.iter().any(|it| it.below),
            frames: 0,
            save_disabled: self.waits && self.touched.len() < self.purposes.len(),
            save_shown: true,
            covers: false,
        };
        (sheet, places)
    }

    /// Of half the questions with answers none is given yet.
    fn touched_or_set(&self, at: usize) -> bool {
        at.is_multiple_of(2) || self.touched.contains(&at)
    }

    fn press(&mut self, (at, answer): (usize, usize)) {
        self.touched.insert(at);
        let purpose = &mut self.purposes[at];
        if purpose.stubborn {
            return;
        }
        purpose.granted = match purpose.asked {
            Asked::Answers | Asked::InvertedAnswers | Asked::NoNo => answer == 0,
            _ => !purpose.granted,
        };
    }

    /// Whether what would be stored refuses everything.
    fn refuses(&self) -> bool {
        self.purposes.iter().all(|it| !it.granted)
    }

    /// Operates it as the decisions say; says whether it was saved, and whether that was understood in full.
    fn operate(&mut self, words: &Words) -> (bool, bool) {
        let mut refusal = Refusal::default();
        for _ in 0..600 {
            let (sheet, places) = self.sheet();
            match refusal.next(words, &sheet) {
                Action::Press(at) => {
                    assert!(sheet.toggles[at].shown && !sheet.toggles[at].fixed);
                    self.press(places[at]);
                }
                Action::Choose(at, entry) => {
                    let purpose = &mut self.purposes[places[at].0];
                    purpose.granted = if purpose.stubborn { purpose.granted } else { entry == 0 };
                    self.touched.insert(places[at].0);
                }
                Action::Lower(at) => {
                    let purpose = &mut self.purposes[places[at].0];
                    purpose.granted = match purpose.asked {
                        _ if purpose.stubborn => purpose.granted,
                        kind => kind == Asked::Shield,
                    };
                    self.touched.insert(places[at].0);
                }
                Action::Open(part) => self.open = part + 1,
                Action::Scroll => self.scrolled = true,
                Action::Leave(_) => panic!("nothing lies over it"),
                Action::Save => return (true, refusal.doubts().is_empty()),
                Action::GiveUp(why) => {
                    assert!(!why.is_empty());
                    return (false, false);
                }
            }
        }
        panic!("it does not come to an end: {self:?}");
    }
}

#[test]
fn no_settings_count_as_refused_unless_they_are() {
    let (words, mut dice) = (Words::all(), Dice(20_261_130));
    let (mut saved, mut proved) = (0, 0);
    for round in 0..4000 {
        let before = Dialog::roll(&mut dice, &KINDS, false);
        let mut dialog = before.clone();
        let (is_saved, is_understood) = dialog.operate(&words);
        saved += usize::from(is_saved);
        proved += usize::from(is_understood);
        assert!(!is_understood || dialog.refuses(), "round {round}: {before:#?}");
    }
    // A test that proves nothing would hold too.
    assert!(saved > 300 && proved > 200, "{saved} saved and {proved} proved");
}

#[test]
fn settings_that_can_be_understood_are_refused_and_that_is_known() {
    let (words, mut dice) = (Words::all(), Dice(7));
    for round in 0..2000 {
        let before = Dialog::roll(&mut dice, &CLEAR, true);
        let mut dialog = before.clone();
        let done = dialog.operate(&words);
        assert_eq!((done, dialog.refuses()), ((true, true), true), "round {round}: {before:#?}");
    }
}

fn toggle(label: &str, kind: ToggleKind, on: bool) -> Toggle {
    Toggle { label: label.to_owned(), kind, on: Some(on), shown: true, ..Toggle::default() }
}

fn sheet(toggles: Vec<Toggle>) -> Sheet {
    Sheet { toggles, save_shown: true, ..Sheet::default() }
}

#[test]
fn boxes_that_say_no_are_ticked_and_needed_ones_are_left() {
    let words = Words::all();
    for (label, on, action) in [
        ("Opt out of measurement cookies", false, Action::Press(0)),
        ("Do not use my data for advertising", false, Action::Press(0)),
        ("Don\u{2019}t let partners profile me", false, Action::Press(0)),
        ("Object to legitimate interest", true, Action::Save),
        ("Only necessary cookies", false, Action::Press(0)),
        ("Statistik ablehnen", false, Action::Press(0)),
        ("Refuser la publicit\u{e9}", false, Action::Press(0)),
        ("Analytics", true, Action::Press(0)),
        ("Strictly necessary", true, Action::Save),
        ("Non-essential cookies", true, Action::Press(0)),
    ] {
        let sheet = sheet(vec![toggle(label, ToggleKind::Checkbox, on)]);
        assert_eq!(Refusal::default().next(&words, &sheet), action, "{label}");
    }
}

#[test]
fn what_is_on_for_good_is_no_refusal_unless_it_is_needed() {
    let words = Words::all();
    let fixed = |label: &str| {
        let fixed = Toggle { fixed: true, ..toggle(label, ToggleKind::Switch, true) };
        Refusal::default().next(&words, &sheet(vec![fixed]))
    };
    assert_eq!(fixed("Essential cookies"), Action::Save);
    assert!(matches!(fixed("Advertising (always active)"), Action::GiveUp(_)));
}

#[test]
fn a_button_that_is_not_understood_leaves_a_doubt_and_a_link_to_a_policy_none() {
    let words = Words::all();
    let with = |label: &str| {
        let mut refusal = Refusal::default();
        let mut sheet = sheet(vec![toggle("Analytics", ToggleKind::Switch, false)]);
        sheet.parts = vec![Part { label: label.to_owned(), ..Part::default() }];
        assert_eq!(refusal.next(&words, &sheet), Action::Save, "{label}");
        refusal.doubts().len()
    };
    assert_eq!(with("Our friends"), 1);
    assert_eq!(with(""), 1);
    assert_eq!(with("Privacy policy"), 0);
    assert_eq!(with("Accept all cookies"), 0);
}

#[test]
fn a_slider_goes_to_its_lowest_step_unless_that_allows_more() {
    let words = Words::all();
    let at = |label: &str, on: bool, state: &str| {
        let slider = Toggle { state: state.to_owned(), ..toggle(label, ToggleKind::Range, on) };
        let mut refusal = Refusal::default();
        let action = refusal.next(&words, &sheet(vec![slider]));
        (action, refusal.doubts().len())
    };
    assert_eq!(at("How much may we store?", true, "Everything"), (Action::Lower(0), 0));
    assert_eq!(at("How much may we store?", false, "Only necessary"), (Action::Save, 0));
    assert_eq!(at("How much may we store?", false, ""), (Action::Save, 1));
    for (label, state) in [("Level of privacy", ""), ("How much may we store?", "All cookies")] {
        assert!(matches!(at(label, false, state), (Action::GiveUp(_), _)), "{label}");
    }
}

#[test]
fn what_was_on_before_it_was_touched_is_kept() {
    let words = Words::all();
    let icon = |on| Toggle { kind: ToggleKind::Plain, ..toggle("Counting", ToggleKind::Plain, on) };
    let mut refusal = Refusal::default();
    refusal.next_answer(&words, &sheet(vec![icon(true), toggle("Maps", ToggleKind::Switch, true)]));
    assert_eq!(refusal.first_seen()[1].kind, ToggleKind::Plain);
    refusal
        .next_answer(&words, &sheet(vec![icon(false), toggle("Maps", ToggleKind::Switch, false)]));
    let seen: Vec<_> =
        refusal.first_seen().into_iter().map(|it| (it.label, it.kind, it.on)).collect();
    let was_on = |label: &str| (label.to_owned(), ToggleKind::Switch, Some(true));
    assert_eq!(seen, [was_on("Maps"), was_on("Counting")]);
}

#[test]
fn a_layer_over_the_settings_is_left_when_everything_in_it_is_off() {
    let words = Words::all();
    let part = |label: &str| Part { label: label.to_owned(), ..Part::default() };
    let layer = |on: bool, parts: &[&str]| Sheet {
        covers: true,
        parts: parts.iter().map(|it| part(it)).collect(),
        ..sheet(vec![toggle("Adwise", ToggleKind::Switch, on)])
    };
    let mut refusal = Refusal::default();
    assert_eq!(refusal.next(&words, &layer(true, &["Back"])), Action::Press(0));
    assert_eq!(refusal.next(&words, &layer(false, &["Agree to all", "Back"])), Action::Leave(1));
    let own = sheet(vec![toggle("Counting", ToggleKind::Switch, false)]);
    assert_eq!(refusal.next(&words, &own), Action::Save);
    assert_eq!((refusal.doubts(), refusal.count()), (&[][..], 2));
    // What was not understood in it is not forgotten.
    let mut refusal = Refusal::default();
    assert_eq!(refusal.next(&words, &layer(false, &["Odds", "Save and close"])), Action::Leave(1));
    assert_eq!(refusal.next(&words, &own), Action::Save);
    assert_eq!(refusal.doubts().len(), 1);
    // What cannot be switched off in it keeps the settings from being saved.
    let mut refusal = Refusal::default();
    for _ in 0..4 {
        refusal.next(&words, &layer(true, &["Back"]));
    }
    assert!(matches!(refusal.next(&words, &own), Action::GiveUp(_)));
    assert!(matches!(
        Refusal::default().next(&words, &layer(false, &["Agree to all"])),
        Action::GiveUp(_)
    ));
}

#[test]
fn a_question_that_a_button_has_answered_is_one_of_those_that_are_saved() {
    let words = Words::all();
    let nothing = sheet(Vec::new());
    assert!(matches!(Refusal::default().next(&words, &nothing), Action::GiveUp(_)));
    let mut refusal = Refusal::with_answer("Deny");
    assert_eq!(refusal.next(&words, &nothing), Action::Save);
    assert_eq!((refusal.doubts(), refusal.count()), (&[][..], 1));
    let on = sheet(vec![Toggle { fixed: true, ..toggle("Adverts", ToggleKind::Switch, true) }]);
    assert!(matches!(Refusal::with_answer("Deny").next(&words, &on), Action::GiveUp(_)));
}
