//! Settings as they stand, one at a time: what is done with them, and what is said of what cannot be done.

use std::sync::LazyLock;

use super::*;

/// Reading the word lists takes longer than all that is done with them.
static WORDS: LazyLock<Words> = LazyLock::new(Words::all);

fn toggle(label: &str, kind: ToggleKind, on: bool) -> Toggle {
    Toggle { label: label.to_owned(), kind, on: Some(on), shown: true, ..Toggle::default() }
}

fn switch(label: &str, on: bool) -> Toggle {
    toggle(label, ToggleKind::Switch, on)
}

/// One answer to a question.
fn answer(question: &str, label: &str, on: bool) -> Toggle {
    Toggle {
        group: question.to_owned(),
        legend: question.to_owned(),
        ..toggle(label, ToggleKind::Radio, on)
    }
}

fn list(label: &str, choices: &[&str], chosen: usize) -> Toggle {
    Toggle {
        on: None,
        choices: choices.iter().map(|it| (*it).to_owned()).collect(),
        chosen: Some(chosen),
        ..toggle(label, ToggleKind::Select, false)
    }
}

fn part(label: &str) -> Part {
    Part { label: label.to_owned(), ..Part::default() }
}

fn sheet(toggles: Vec<Toggle>) -> Sheet {
    Sheet { toggles, save_shown: true, ..Sheet::default() }
}

/// What is done first.
fn first(sheet: &Sheet) -> Action {
    Refusal::default().next(&WORDS, sheet)
}

/// Why nothing is done.
#[track_caller]
fn given_up(sheet: &Sheet) -> String {
    match first(sheet) {
        Action::GiveUp(why) => why,
        other => panic!("{other:?}"),
    }
}

/// What is in doubt after a save.
#[track_caller]
fn doubts(sheet: &Sheet) -> Vec<String> {
    let mut refusal = Refusal::default();
    assert_eq!(refusal.next(&WORDS, sheet), Action::Save);
    refusal.doubts().to_vec()
}

#[test]
fn kinds_have_the_names_of_recordings() {
    let kinds = [
        ToggleKind::Checkbox,
        ToggleKind::Switch,
        ToggleKind::Radio,
        ToggleKind::Select,
        ToggleKind::Range,
        ToggleKind::Plain,
    ];
    let names = kinds.map(ToggleKind::name);
    assert_eq!(names, ["checkbox", "switch", "radio", "select", "range", "switch"]);
}

#[test]
fn what_keeps_settings_from_being_a_refusal_is_said() {
    let fixed = |it: Toggle| Toggle { fixed: true, ..it };
    let hidden = |it: Toggle| Toggle { shown: false, ..it };
    let unnamed = |it: Toggle| Toggle { label: String::new(), legend: "Videos".to_owned(), ..it };
    for (toggles, why) in [
        (vec![], "nothing in it could be recognised as a switch"),
        (vec![fixed(switch("Analytics", true))], "`Analytics` is on and cannot be changed"),
        (vec![fixed(unnamed(switch("", true)))], "`Videos` is on and cannot be changed"),
        (
            vec![hidden(switch("Analytics", true))],
            "`Analytics` is not off, and it could not be made visible",
        ),
        (
            vec![answer("Videos", "A lot", true), answer("Videos", "A little", false)],
            "a question with several answers, `A little` among them, has none that says no",
        ),
        (
            vec![list("Videos", &["A lot", "A little"], 0)],
            "the list `Videos` has no entry that says no",
        ),
        (
            vec![Toggle { on: None, ..toggle("Videos", ToggleKind::Plain, false) }],
            "whether `Videos` says yes or no is not known",
        ),
        (
            vec![fixed(answer("Videos", "No", false)), fixed(answer("Videos", "Yes", true))],
            "`No` is on and cannot be changed",
        ),
    ] {
        assert_eq!(given_up(&sheet(toggles.clone())), why, "{toggles:?}");
    }
    let disabled = Sheet { save_disabled: true, ..sheet(vec![switch("Analytics", false)]) };
    assert_eq!(given_up(&disabled), "what saves the choices cannot be pressed");
}

#[test]
fn what_refuses_already_is_saved_as_it_is() {
    let fixed = |it: Toggle| Toggle { fixed: true, ..it };
    for toggles in [
        vec![switch("Analytics", false)],
        vec![fixed(switch("Analytics", false))],
        vec![fixed(switch("Opt out of measurement", true))],
        vec![fixed(Toggle {
            about: "Strictly necessary cookies".to_owned(),
            ..switch("Always on", true)
        })],
        vec![fixed(Toggle { legend: "Essential".to_owned(), ..switch("Always on", true) })],
        vec![answer("Videos", "No", true), answer("Videos", "Yes", false)],
        vec![fixed(answer("Videos", "No", true)), fixed(answer("Videos", "Yes", false))],
        vec![
            answer("Needed", "Strictly necessary", false),
            answer("Needed", "Essential cookies", false),
        ],
        vec![list("Videos", &["Yes, allow them", "No"], 1)],
        vec![list("Strictly necessary", &["A lot", "A little"], 0)],
    ] {
        assert_eq!(doubts(&sheet(toggles.clone())), [""; 0], "{toggles:?}");
    }
}

#[test]
fn each_sort_of_answer_is_given_the_one_that_says_no() {
    for (toggles, action) in [
        (vec![switch("Analytics", true)], Action::Press(0)),
        (vec![switch("Analytics", false), switch("Marketing", true)], Action::Press(1)),
        (vec![answer("Videos", "Yes", true), answer("Videos", "No", false)], Action::Press(1)),
        (vec![list("Videos", &["Yes", "No"], 0)], Action::Choose(0, 1)),
        (vec![toggle("Opt out of measurement", ToggleKind::Checkbox, false)], Action::Press(0)),
        // Two questions with the same words are two, each with an answer of its own.
        (
            vec![
                answer("One", "No", true),
                answer("One", "Yes", false),
                answer("Two", "No", false),
                answer("Two", "Yes", true),
            ],
            Action::Press(2),
        ),
    ] {
        assert_eq!(first(&sheet(toggles.clone())), action, "{toggles:?}");
    }
}

#[test]
fn what_does_not_stay_switched_is_pressed_three_times_and_given_up() {
    let (words, mut refusal) = (&*WORDS, Refusal::default());
    let stubborn = sheet(vec![switch("Analytics", true)]);
    let done: Vec<Action> = (0..4).map(|_| refusal.next(words, &stubborn)).collect();
    let why = "`Analytics` could not be switched".to_owned();
    assert_eq!(done, [Action::Press(0), Action::Press(0), Action::Press(0), Action::GiveUp(why)]);
}

#[test]
fn a_switch_that_says_its_state_is_the_same_switch_in_both() {
    let (words, mut refusal) = (&*WORDS, Refusal::default());
    assert_eq!(refusal.next(words, &sheet(vec![switch("Analytics: On", true)])), Action::Press(0));
    assert_eq!(refusal.next(words, &sheet(vec![switch("Analytics: (off)", false)])), Action::Save);
    assert_eq!(refusal.count(), 1);
    // What says nothing but its state is called by that, and two of a name are two.
    let two = sheet(vec![switch("Off", false), switch("Off", false)]);
    let mut refusal = Refusal::default();
    assert_eq!(refusal.next(words, &two), Action::Save);
    assert_eq!(refusal.count(), 2);
}

#[test]
fn answers_that_were_only_guessed_leave_a_doubt() {
    let beside = sheet(vec![answer("Videos", "Yes", false), answer("Videos", "Perhaps", true)]);
    assert_eq!(doubts(&beside), ["an answer was taken for a no because the other one says yes"]);
    let plain = sheet(vec![toggle("Videos", ToggleKind::Plain, false)]);
    assert_eq!(doubts(&plain), ["`Videos` has no role, so whether it is off can only be guessed"]);
    let clear = sheet(vec![answer("Videos", "Yes", false), answer("Videos", "No", true)]);
    assert_eq!(doubts(&clear), [""; 0]);
    // Beside one of three answers nothing is guessed.
    let three = ["Yes", "Perhaps", "Now and then"].map(|it| answer("Videos", it, it == "Yes"));
    assert!(given_up(&sheet(three.to_vec())).contains("has none that says no"));
}

#[test]
fn parts_that_are_not_understood_leave_a_doubt_and_the_others_none() {
    let with = |part: Part| {
        doubts(&Sheet { parts: vec![part], ..sheet(vec![switch("Analytics", false)]) })
    };
    assert_eq!(with(part("Our friends")), ["what `Our friends` does is not known"]);
    assert_eq!(with(part("")), ["what a button without a text does is not known"]);
    for part in [
        part("Save choices"),
        part("Back to top"),
        part("Terms of use"),
        part("Subscribe for £3 a month"),
        Part { leads: true, ..part("Our friends") },
        Part { typed: true, ..part("Our friends") },
        Part { opens: true, open: Some(true), ..part("Our friends") },
    ] {
        assert_eq!(with(part.clone()), [""; 0], "{part:?}");
    }
    let framed = Sheet { frames: 1, ..sheet(vec![switch("Analytics", false)]) };
    assert_eq!(doubts(&framed), ["a frame in it was not searched"]);
}

#[test]
fn what_opens_more_is_opened_once_and_nothing_else_is() {
    let opener = |label: &str| Part { opens: true, ..part(label) };
    let with = |parts: Vec<Part>| Sheet { parts, ..sheet(vec![switch("Analytics", false)]) };
    for (part, action) in [
        (opener("Our friends"), Action::Open(0)),
        (part("Show details"), Action::Open(0)),
        (part("Cookie settings"), Action::Open(0)),
        (Part { open: Some(false), ..opener("Our friends") }, Action::Open(0)),
        (Part { open: Some(true), ..opener("Our friends") }, Action::Save),
        (Part { leads: true, ..opener("Our friends") }, Action::Save),
        (Part { typed: true, ..opener("Our friends") }, Action::Save),
        (opener("Accept all"), Action::Save),
        (opener("Reject all"), Action::Save),
        (opener("Save choices"), Action::Save),
        (opener("Withdraw consent"), Action::Save),
        (opener("Got it"), Action::Save),
        (opener("Back to top"), Action::Save),
        (opener("Log out"), Action::Save),
        (opener("Subscribe for £3 a month"), Action::Save),
    ] {
        assert_eq!(first(&with(vec![part.clone()])), action, "{part:?}");
    }
    let (words, mut refusal) = (&*WORDS, Refusal::default());
    let two = with(vec![opener("Partners"), opener("Partners")]);
    let done: Vec<Action> = (0..3).map(|_| refusal.next(words, &two)).collect();
    assert_eq!(done, [Action::Open(0), Action::Open(1), Action::Save]);
}

#[test]
fn what_is_open_is_scrolled_to_its_end_before_more_is_opened() {
    let (words, mut refusal) = (&*WORDS, Refusal::default());
    let parts = vec![Part { opens: true, ..part("Partners") }];
    let scrolls = Sheet { scrolls: true, parts, ..sheet(vec![switch("Analytics", false)]) };
    for turn in 0..MOST_SCROLLS {
        assert_eq!(refusal.next(words, &scrolls), Action::Scroll, "{turn}");
    }
    assert_eq!(refusal.next(words, &scrolls), Action::Open(0));
    assert_eq!(refusal.next(words, &scrolls), Action::Save);
    assert_eq!(refusal.doubts(), ["there is more to open than was opened"]);
}

#[test]
fn of_endless_parts_some_are_opened_and_the_rest_is_a_doubt() {
    let (words, mut refusal) = (&*WORDS, Refusal::default());
    let opener = |at: usize| Part { opens: true, ..part(&format!("Partner {at}")) };
    let many = Sheet {
        parts: (0..MOST_PARTS + 5).map(opener).collect(),
        ..sheet(vec![switch("Analytics", false)])
    };
    for at in 0..MOST_PARTS {
        assert_eq!(refusal.next(words, &many), Action::Open(at));
    }
    assert_eq!(refusal.next(words, &many), Action::Save);
    assert_eq!(refusal.doubts(), ["there is more to open than was opened"]);
}

#[test]
fn questions_that_are_turned_round_are_not_answered_by_a_plain_no() {
    let turned = |no: &str, question: &str| {
        first(&sheet(vec![answer(question, "Yes", true), answer(question, no, false)]))
    };
    assert_eq!(turned("No", "Measurement"), Action::Press(1));
    assert!(matches!(turned("No", "Do not use measurement"), Action::GiveUp(_)));
    // An answer that says it in full is clear under any question.
    assert_eq!(turned("No, do not allow it", "Do not use measurement"), Action::Press(1));
    let list = |label: &str| first(&sheet(vec![list(label, &["Yes", "No"], 0)]));
    assert_eq!(list("Measurement"), Action::Choose(0, 1));
    assert!(matches!(list("Opt out of measurement"), Action::GiveUp(_)));
    // Under "tick what we may not use" nobody knows which way a box goes, unless it says so itself.
    let boxed = |label: &str| {
        let box_ = toggle(label, ToggleKind::Checkbox, false);
        let prose = "Tick whatever you do not want us to use.".to_owned();
        first(&Sheet { prose, ..sheet(vec![box_]) })
    };
    assert!(matches!(boxed("Measurement"), Action::GiveUp(_)));
    assert_eq!(boxed("Opt out of measurement"), Action::Press(0));
}

#[test]
fn a_box_says_no_by_its_own_words() {
    let words = &*WORDS;
    let says = |label: &str, legend: &str| {
        let legend = legend.to_owned();
        says_no(words, &Toggle { legend, ..switch(label, false) })
    };
    assert_eq!(says("Measurement", ""), Some(false));
    assert_eq!(says("Opt out of measurement", ""), Some(true));
    assert_eq!(says("Reject all", ""), Some(true));
    assert_eq!(says("Measurement", "Opt out"), None);
    assert_eq!(says("Opt out of measurement", "Opt out"), None);
}

#[test]
fn an_entry_of_a_list_agrees_unless_it_is_the_one_that_says_no() {
    let words = &*WORDS;
    let granted =
        |choices: &[&str], chosen| is_granted_by_list(words, &list("Videos", choices, chosen));
    assert_eq!(granted(&["Yes", "No"], 0), Some(true));
    assert_eq!(granted(&["Yes", "No"], 1), Some(false));
    assert_eq!(granted(&["Essential cookies", "All cookies"], 0), Some(false));
    assert_eq!(granted(&["A lot", "A little"], 0), None);
    let unknown = Toggle { chosen: None, ..list("Videos", &["Yes", "No"], 0) };
    assert_eq!(is_granted_by_list(words, &unknown), None);
}

#[test]
fn settings_that_others_operated_are_judged_as_they_stand() {
    let words = &*WORDS;
    let judged = |toggles| Refusal::judge_as_it_stands(words, &sheet(toggles));
    assert_eq!(judged(vec![switch("Analytics", false)]), [""; 0]);
    assert_eq!(
        judged(vec![switch("Analytics", true), switch("Marketing", false)]),
        ["`Analytics` could not be switched"]
    );
}
