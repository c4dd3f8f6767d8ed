//! Two buttons that answer the same question in the same words: "Yes, count my visit" and "No, don't count my visit".

use std::collections::BTreeSet;

use super::{Control, Meaning, Words};

/// How far apart the two may stand in a list of controls.
const NEAR: usize = 3;

/// Words that turn a sentence round, in the languages of the lists, and those that only go with them.
const TURNS: &[&str] = &[
    "do", "not", "don't", "dont", "please", "never", "peidiwch", "peidio", "â", "ddim", "nicht",
    "kein", "keine", "bitte", "ne", "pas", "n", "non", "no", "niet", "geen", "nie", "não", "nao",
];

/// Gives both of such a pair their meaning, where their words alone have none.
pub fn pair_up(words: &Words, controls: &mut [Control]) {
    let sides: Vec<Option<(bool, BTreeSet<String>)>> =
        controls.iter().map(|it| side(words, it)).collect();
    for at in 0..controls.len() {
        for other in at + 1..controls.len().min(at + 1 + NEAR) {
            let (Some((yes, one)), Some((also_yes, rest))) = (&sides[at], &sides[other]) else {
                continue;
            };
            if yes != also_yes && one == rest && !one.is_empty() {
                for place in [at, other] {
                    let is_yes = sides[place].as_ref().is_some_and(|(yes, _)| *yes);
                    let meaning = if is_yes { Meaning::Accept } else { Meaning::Reject };
                    controls[place].means = Some(meaning);
                }
            }
        }
    }
}

/// Whether a control says yes or no, and what to. What leads away or is typed into answers nothing.
fn side(words: &Words, control: &Control) -> Option<(bool, BTreeSet<String>)> {
    let text = &control.text;
    if words.meaning(text).is_some() || words.is_act(text) || words.asks_for_money(text) {
        return None;
    }
    if !control.stays || control.typed || control.leads.is_some() {
        return None;
    }
    let (yes, no) = (words.is_choice_yes(text), words.is_choice_no(text));
    let lower = text.to_lowercase().replace('\u{2019}', "'");
    let mut all =
        lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|it| !it.is_empty());
    all.next()?;
    let rest = all.filter(|it| !TURNS.contains(it)).map(str::to_owned).collect();
    (yes != no).then_some((yes, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meanings(labels: &[&str]) -> Vec<Option<Meaning>> {
        let mut controls: Vec<Control> = labels
            .iter()
            .map(|text| Control { text: (*text).to_owned(), stays: true, ..Control::default() })
            .collect();
        pair_up(&Words::all(), &mut controls);
        controls.iter().map(|it| it.means).collect()
    }

    #[test]
    fn yes_and_no_to_the_same_are_a_pair() {
        let pair = [Some(Meaning::Accept), Some(Meaning::Reject)];
        assert_eq!(meanings(&["Yes, note my visit", "No, don\u{2019}t note my visit"]), pair);
        assert_eq!(meanings(&["Ja, mitz\u{e4}hlen", "Nein, nicht mitz\u{e4}hlen"]), pair);
    }

    #[test]
    fn answers_to_different_things_are_none() {
        for labels in [
            ["Yes, sign me up", "No, show me the offers"],
            ["Yes, note my visit", "Yes, note my visit"],
            ["Yes, log out now", "No, don't log out now"],
            ["Note my visit", "Leave me alone"],
        ] {
            assert_eq!(meanings(&labels), [None, None], "{labels:?}");
        }
    }
}
