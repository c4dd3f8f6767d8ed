//! What the buttons of consent banners mean. What is known about banners is data; nothing here
//! touches a page.

mod pairs;
mod recipe;
mod record;
pub mod settings;
mod words;

use serde::Deserialize;
use url::Url;

use crate::model::LeadsTo;

pub use pairs::pair_up;
pub use recipe::{Recipe, RecipeError, Step};
pub use record::{read_record, refuses};
pub use words::{Meaning, Words};

/// Something on a page that can be pressed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Control {
    /// What it says.
    pub text: String,
    /// `button`, `link`, `submit`, or `other` for what only behaves like a button.
    pub kind: String,
    /// The role that its markup gives it.
    pub role: Option<String>,
    /// Whether it cannot be pressed as things stand, such as a button that waits for an answer.
    pub disabled: bool,
    /// Whether it opens or shuts a part of the page, such as a tab.
    pub opens: bool,
    /// The address that its form is sent to, if it sends one.
    pub posts: Option<String>,
    /// Whether pressing it stays on the page, or on the site.
    pub stays: bool,
    /// The address of another page that it leads to, if it does.
    pub leads: Option<String>,
    /// Whether it is a link to the very page it is on.
    pub here: bool,
    /// Whether it is the head of something folded up.
    pub folded: bool,
    /// Whether it lies over the page.
    pub over: bool,
    /// Whether it stands in the page's foot.
    pub foot: bool,
    /// Whether a visitor would take it for something to press.
    pub operable: bool,
    /// Whether it belongs to a form into which a visitor types: such a form is never sent.
    pub typed: bool,
    /// Whether it shows that it is pressed or not, as the answer to a question does.
    pub answers: bool,
    /// Whether it is chosen already, such as the tab that is open.
    pub selected: bool,
    /// What it means beside its neighbour, where its words alone do not say it.
    #[serde(skip)]
    pub means: Option<Meaning>,
}

impl Control {
    /// What pressing it would say, if it is a banner's. A tab shows a part of it and says nothing.
    pub fn meaning(&self, words: &Words) -> Option<Meaning> {
        if self.is_tab() {
            return None;
        }
        self.means.or_else(|| words.meaning(&self.text))
    }

    fn is_tab(&self) -> bool {
        self.role.as_deref() == Some("tab")
    }
}

/// A part of the page that may be a banner.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// Its text, shortened.
    pub text: String,
    /// Whether it lies over the page.
    pub over: bool,
    /// The controls in it, by their place in the list that was asked about.
    pub controls: Vec<usize>,
    /// What else can be pressed in it, whose words are not known.
    pub others: Vec<usize>,
    /// How many boxes, switches and answers are in it.
    pub answers: usize,
    /// The language it is marked with.
    pub language: Option<String>,
    /// The design its markup follows, such as `govuk`.
    pub pattern: Option<String>,
}

/// What one layer of a page's banner offers. Controls are named by their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The scope's text.
    pub text: String,
    /// Whether it lies over the page.
    pub over: bool,
    /// The language it is marked with.
    pub language: Option<String>,
    /// The design its markup follows, such as `govuk`.
    pub pattern: Option<String>,
    /// Every control with a meaning, in document order.
    pub buttons: Vec<usize>,
    /// Controls whose words are not known.
    pub unknown: Vec<usize>,
    /// Controls that ask for money.
    pub paid: Vec<usize>,
    /// To accept everything.
    pub accept: Option<usize>,
    /// To refuse everything.
    pub reject: Option<usize>,
    /// To make the banner go away.
    pub acknowledge: Option<usize>,
    /// To choose in detail, best first: what stays on the page goes before links to others.
    pub settings: Vec<usize>,
    /// To store the choices as they stand.
    pub save: Option<usize>,
    /// Whether it has questions to answer before they are stored.
    pub has_answers: bool,
    /// To take back what was agreed to.
    pub withdraw: Option<usize>,
}

/// Which part of a banner is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// What a visitor who comes to the page sees.
    First,
    /// What the settings of a banner, or the site's own control, have opened.
    Deeper,
}

/// The banner among `scopes`, if one of them is one: it speaks of cookies and has a button that
/// accepts, refuses, or says that one has understood. A deeper layer may also only save choices.
pub fn offer(words: &Words, controls: &[Control], scopes: &[Scope], layer: Layer) -> Option<Offer> {
    let mut offers: Vec<Offer> = scopes
        .iter()
        .map(|scope| read(words, controls, scope))
        .filter(|offer| {
            // "Continue" or "close" somewhere in the text says nothing; over the page it does.
            offer.accept.is_some()
                || offer.reject.is_some()
                || (offer.over && offer.acknowledge.is_some())
                // Some ask by boxes or answers, and have nothing but a button that stores them.
                || (offer.over && offer.has_answers && offer.save.is_some())
                || (layer == Layer::Deeper && (offer.save.is_some() || offer.withdraw.is_some()))
                // A banner that is folded up shows nothing else.
                || (offer.over && offer.settings.iter().any(|&at| controls[at].folded))
        })
        .collect();
    offers.sort_by_key(|offer| {
        let choices = u8::from(offer.accept.is_some()) + u8::from(offer.reject.is_some());
        let refuses = offer.reject.is_some()
            || offer.save.is_some()
            || (offer.over && offer.withdraw.is_some());
        match layer {
            // One that lies over the page is in front; among equals the one with more to choose.
            Layer::First => (!offer.over, false, std::cmp::Reverse(choices)),
            Layer::Deeper => (!refuses, !offer.over, std::cmp::Reverse(choices)),
        }
    });
    offers.into_iter().next()
}

/// Where pressing a control leads.
pub fn leads_to(words: &Words, control: &Control) -> LeadsTo {
    let names = |text: &str| words.names_a_policy(text) || words.is_notice_link(text);
    let Some(address) = &control.leads else {
        return match (control.here, names(&control.text)) {
            (true, true) => LeadsTo::Policy,
            (true, false) => LeadsTo::Page,
            (false, _) => LeadsTo::Here,
        };
    };
    let path = Url::parse(address).map_or(String::new(), |url| url.path().to_owned());
    let segments = path.replace(['-', '_', '.', '+'], " ");
    let decides = control.meaning(words).is_some_and(|it| it != Meaning::Settings);
    if !decides && (names(&control.text) || segments.split('/').any(names)) {
        LeadsTo::Policy
    } else if control.stays {
        LeadsTo::Page
    } else {
        LeadsTo::OtherSite
    }
}

fn read(words: &Words, controls: &[Control], scope: &Scope) -> Offer {
    let all = |meaning: Meaning| {
        scope.controls.iter().copied().filter(move |&at| {
            controls.get(at).is_some_and(|it| it.meaning(words) == Some(meaning))
        })
    };
    let label = |at: usize| controls.get(at).map(|it| it.text.as_str());
    // A label that stands in every row of a list is about that row; one that stands alone is about everything.
    let is_alone =
        |&at: &usize| scope.controls.iter().filter(|&&other| label(other) == label(at)).count() < 2;
    // Where something saves, a button that shows whether it is pressed only answers one question, unless it says "all".
    let saves = all(Meaning::Save).next().is_some();
    let decides = |&at: &usize| {
        !saves || controls.get(at).is_some_and(|it| !it.answers || is_about_all(&it.text))
    };
    let usable = |meaning: Meaning| {
        let may = |&at: &usize| controls.get(at).is_some_and(|it| it.stays && !it.typed);
        let is_here = |&at: &usize| controls.get(at).is_some_and(|it| it.leads.is_none());
        let mut found: Vec<usize> = all(meaning).filter(may).filter(decides).collect();
        found.sort_by_key(|at| (!is_alone(at), !is_here(at)));
        found.first().copied()
    };
    let mut settings: Vec<usize> =
        all(Meaning::Settings).filter(|&at| controls.get(at).is_some_and(|it| !it.here)).collect();
    settings.sort_by_key(|&at| controls.get(at).is_some_and(|it| it.leads.is_some()));
    let is_tab = |&at: &usize| controls.get(at).is_some_and(Control::is_tab);
    settings
        .extend(scope.others.iter().copied().filter(|at| is_tab(at) && !controls[*at].selected));
    let says_price =
        |&at: &usize| controls.get(at).is_some_and(|it| words.asks_for_money(&it.text));
    let relevant = |&at: &usize| controls.get(at).is_some_and(|it| !words.is_elsewhere(&it.text));
    let others = scope.others.iter().copied().filter(relevant).filter(|at| !is_tab(at));
    let (paid, unknown) = others.partition(says_price);
    Offer {
        text: scope.text.clone(),
        over: scope.over,
        language: scope.language.clone(),
        pattern: scope.pattern.clone(),
        buttons: scope.controls.clone(),
        unknown,
        paid,
        accept: usable(Meaning::Accept),
        reject: usable(Meaning::Reject),
        acknowledge: usable(Meaning::Acknowledge),
        settings,
        save: usable(Meaning::Save),
        has_answers: scope.answers > 0,
        withdraw: usable(Meaning::Withdraw),
    }
}

/// Whether a label speaks of everything that there is to choose, in the languages of the lists.
fn is_about_all(label: &str) -> bool {
    const ALL: &[&str] = &[
        "all",
        "everything",
        "pob",
        "popeth",
        "holl",
        "alle",
        "alles",
        "tout",
        "tous",
        "toutes",
        "todo",
        "todos",
        "todas",
        "tutti",
        "tutto",
        "tutte",
        "wszystkie",
        "wszystko",
        "tudo",
    ];
    label.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|word| ALL.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pressed_button_that_says_all_refuses_everything() {
        let mut controls = controls(&["Deny all", "Deny", "Allow", "Save"]);
        for control in &mut controls[..3] {
            control.answers = true;
        }
        let offer = first(&controls, &[scope(true, &[0, 1, 2, 3])]).unwrap();
        assert_eq!((offer.reject, offer.accept), (Some(0), None));
        assert!(!is_about_all("Allow maps") && is_about_all("Tout refuser"));
    }

    fn controls(texts: &[&str]) -> Vec<Control> {
        texts
            .iter()
            .map(|text| Control {
                text: (*text).to_owned(),
                kind: "button".to_owned(),
                stays: true,
                ..Control::default()
            })
            .collect()
    }

    fn scope(over: bool, controls: &[usize]) -> Scope {
        Scope {
            text: "Cookies on this site".to_owned(),
            over,
            controls: controls.to_vec(),
            ..Scope::default()
        }
    }

    fn first(controls: &[Control], scopes: &[Scope]) -> Option<Offer> {
        offer(&Words::all(), controls, scopes, Layer::First)
    }

    #[test]
    fn a_banner_is_read_by_what_its_buttons_say() {
        let controls =
            controls(&["Accept additional cookies", "Reject additional cookies", "View cookies"]);
        let offer = first(&controls, &[scope(false, &[0, 1, 2])]).unwrap();
        assert_eq!((offer.accept, offer.reject), (Some(0), Some(1)));
        assert_eq!(offer.settings, [2]);
    }

    #[test]
    fn a_form_into_which_one_types_is_never_sent() {
        let mut controls = controls(&["Yes", "No"]);
        for control in &mut controls {
            control.typed = true;
        }
        assert_eq!(first(&controls, &[scope(false, &[0, 1])]), None);
    }

    #[test]
    fn a_link_that_leaves_the_site_is_no_choice() {
        let mut controls = controls(&["Accept", "Reject"]);
        controls[1].stays = false;
        let offer = first(&controls, &[scope(true, &[0, 1])]).unwrap();
        assert_eq!((offer.accept, offer.reject), (Some(0), None));
    }

    #[test]
    fn continuing_in_the_text_is_no_banner() {
        let controls = controls(&["Continue"]);
        assert_eq!(first(&controls, &[scope(false, &[0])]), None);
        assert!(first(&controls, &[scope(true, &[0])]).is_some());
    }

    #[test]
    fn settings_on_the_page_go_before_links_to_another() {
        let mut controls = controls(&["Accept all", "Cookie policy", "Manage cookies"]);
        controls[1].leads = Some("https://www.shop.test/cookies".to_owned());
        let offer = first(&controls, &[scope(true, &[0, 1, 2])]).unwrap();
        assert_eq!(offer.settings, [2, 1]);
    }

    #[test]
    fn a_tab_chooses_nothing_and_is_opened_last() {
        let mut controls = controls(&["Consent", "Details", "Allow all", "Show more"]);
        for tab in &mut controls[..2] {
            tab.role = Some("tab".to_owned());
        }
        controls[0].selected = true;
        let scope = Scope { others: vec![0, 1], ..scope(true, &[2]) };
        let offer = first(&controls, &[scope]).unwrap();
        assert_eq!((offer.accept, offer.settings, offer.unknown), (Some(2), vec![1], vec![]));
    }

    #[test]
    fn an_answer_that_is_saved_later_refuses_nothing_yet() {
        let mut controls = controls(&["Allow", "Do not allow", "Save"]);
        controls[0].answers = true;
        controls[1].answers = true;
        let layer = |places: &[usize]| {
            offer(&Words::all(), &controls, &[scope(true, places)], Layer::Deeper).unwrap()
        };
        let with_save = layer(&[0, 1, 2]);
        assert_eq!((with_save.accept, with_save.reject, with_save.save), (None, None, Some(2)));
        assert_eq!(layer(&[0, 1]).reject, Some(1));
    }

    #[test]
    fn a_first_layer_of_answers_may_only_be_saved() {
        let controls = controls(&["Confirm"]);
        let with = |over, answers| {
            first(&controls, &[Scope { answers, ..scope(over, &[0]) }]).and_then(|it| it.save)
        };
        assert_eq!(with(true, 2), Some(0));
        assert_eq!(with(true, 0), None);
        assert_eq!(with(false, 2), None);
    }

    #[test]
    fn what_stands_in_every_row_is_not_about_everything() {
        let controls = controls(&["Allow", "Deny", "Allow", "Deny", "Accept all", "Deny all"]);
        let offer = first(&controls, &[scope(true, &[0, 1, 2, 3, 4, 5])]).unwrap();
        assert_eq!((offer.accept, offer.reject), (Some(4), Some(5)));
    }

    #[test]
    fn a_deeper_layer_may_only_save() {
        let controls = controls(&["Save my choices"]);
        let scopes = [scope(true, &[0])];
        assert_eq!(first(&controls, &scopes), None);
        let offer = offer(&Words::all(), &controls, &scopes, Layer::Deeper).unwrap();
        assert_eq!(offer.save, Some(0));
    }
}
