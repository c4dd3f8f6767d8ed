//! What the buttons of consent banners mean. What is known about banners is data; nothing here
//! touches a page.

mod words;

use serde::Deserialize;
pub use words::{Meaning, Words};

/// Something on a page that can be pressed.
#[derive(Clone, Debug, Deserialize)]
pub struct Control {
    /// What it says.
    pub text: String,
    /// `button`, `link` or `submit`.
    pub kind: String,
    /// Whether pressing it stays on the page, or on the site.
    pub stays: bool,
    /// Whether it belongs to a form into which a visitor types: such a form is never sent.
    pub typed: bool,
}

/// A part of the page that may be a banner.
#[derive(Clone, Debug, Deserialize)]
pub struct Scope {
    /// Its text, shortened.
    pub text: String,
    /// Whether it lies over the page.
    pub over: bool,
    /// The controls in it, by their place in the list that was asked about.
    pub controls: Vec<usize>,
}

/// What a page's banner offers on its first layer. Controls are named by their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The scope's text.
    pub text: String,
    /// Every control with a meaning, in document order.
    pub buttons: Vec<usize>,
    /// To accept everything.
    pub accept: Option<usize>,
    /// To refuse everything.
    pub reject: Option<usize>,
    /// To make the banner go away.
    pub acknowledge: Option<usize>,
    /// To choose in detail.
    pub settings: Option<usize>,
}

/// The banner among `scopes`, if one of them is one: it speaks of cookies and has a button that
/// accepts, refuses, or says that one has understood.
pub fn offer(words: &Words, controls: &[Control], scopes: &[Scope]) -> Option<Offer> {
    let mut offers: Vec<(bool, Offer)> = scopes
        .iter()
        .map(|scope| (scope.over, read(words, controls, scope)))
        .filter(|(over, offer)| {
            // "Continue" or "close" somewhere in the text says nothing; over the page it does.
            offer.accept.is_some()
                || offer.reject.is_some()
                || (*over && offer.acknowledge.is_some())
        })
        .collect();
    // One that lies over the page is in front; among equals the one with more to choose.
    offers.sort_by_key(|(over, offer)| {
        (
            !over,
            std::cmp::Reverse(u8::from(offer.accept.is_some()) + u8::from(offer.reject.is_some())),
        )
    });
    offers.into_iter().next().map(|(_, offer)| offer)
}

fn read(words: &Words, controls: &[Control], scope: &Scope) -> Offer {
    let usable = |meaning: Meaning| {
        scope.controls.iter().copied().find(|&at| {
            controls
                .get(at)
                .is_some_and(|it| it.stays && !it.typed && words.meaning(&it.text) == Some(meaning))
        })
    };
    Offer {
        text: scope.text.clone(),
        buttons: scope.controls.clone(),
        accept: usable(Meaning::Accept),
        reject: usable(Meaning::Reject),
        acknowledge: usable(Meaning::Acknowledge),
        settings: scope.controls.iter().copied().find(|&at| {
            controls.get(at).is_some_and(|it| words.meaning(&it.text) == Some(Meaning::Settings))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn controls(texts: &[&str]) -> Vec<Control> {
        texts
            .iter()
            .map(|text| Control {
                text: (*text).to_owned(),
                kind: "button".to_owned(),
                stays: true,
                typed: false,
            })
            .collect()
    }

    fn scope(over: bool, controls: &[usize]) -> Scope {
        Scope { text: "Cookies on this site".to_owned(), over, controls: controls.to_vec() }
    }

    #[test]
    fn a_banner_is_read_by_what_its_buttons_say() {
        let words = Words::all();
        let controls =
            controls(&["Accept additional cookies", "Reject additional cookies", "View cookies"]);
        let offer = offer(&words, &controls, &[scope(false, &[0, 1, 2])]).unwrap();
        assert_eq!((offer.accept, offer.reject, offer.settings), (Some(0), Some(1), Some(2)));
    }

    #[test]
    fn a_form_into_which_one_types_is_never_sent() {
        let words = Words::all();
        let mut controls = controls(&["Yes", "No"]);
        for control in &mut controls {
            control.typed = true;
        }
        assert_eq!(offer(&words, &controls, &[scope(false, &[0, 1])]), None);
    }

    #[test]
    fn a_link_that_leaves_the_site_is_no_choice() {
        let words = Words::all();
        let mut controls = controls(&["Accept", "Reject"]);
        controls[1].stays = false;
        let offer = offer(&words, &controls, &[scope(true, &[0, 1])]).unwrap();
        assert_eq!((offer.accept, offer.reject), (Some(0), None));
    }

    #[test]
    fn continuing_in_the_text_is_no_banner() {
        let words = Words::all();
        let controls = controls(&["Continue"]);
        assert_eq!(offer(&words, &controls, &[scope(false, &[0])]), None);
        assert!(offer(&words, &controls, &[scope(true, &[0])]).is_some());
    }
}
