//! What single texts are taken for, and what recipes and links lead to.

use std::sync::LazyLock;

use super::*;
use crate::{
    consent::{Control, Layer, Recipe, Scope, leads_to, offer},
    model::{LeadsTo, Pass},
};

static WORDS: LazyLock<Words> = LazyLock::new(Words::all);

#[test]
fn texts_about_consent_and_links_to_the_notice_are_known() {
    for (text, about, notice) in [
        ("We use cookies", true, false),
        ("Cookie policy", true, true),
        ("Privacy notice", false, true),
        ("Weather", false, false),
    ] {
        assert_eq!(WORDS.is_about_consent(text), about, "{text}");
        assert_eq!(WORDS.is_notice_link(text), notice, "{text}");
    }
    let mentions = Regex::new(WORDS.mentions()).unwrap();
    assert!(mentions.is_match("we set cookies here") && !mentions.is_match("we set the table"));
}

#[test]
fn a_recipe_has_the_steps_to_each_choice() {
    let text = r#"
        name = "Bar"
        source = "https://bar.test/"
        detect = ".bar"
        accept = [{ click = ".yes" }]
        reject = [{ click = ".more" }, { wait = ".sheet" }, { uncheck = ".on" }, { check = ".off" }]
        withdraw = [{ click = ".back" }]
    "#;
    let recipe = Recipe::parse("bar.toml", text).unwrap();
    let steps = |choice| -> Vec<String> {
        recipe.steps(choice).iter().map(crate::consent::Step::describe).collect()
    };
    assert_eq!(steps(Pass::None), [""; 0]);
    assert_eq!(steps(Pass::Accept), ["press `.yes`"]);
    assert_eq!(
        steps(Pass::Reject),
        ["press `.more`", "wait for `.sheet`", "switch off `.on`", "switch on `.off`"]
    );
    assert_eq!(steps(Pass::Withdraw), ["press `.back`"]);
}

#[test]
fn a_control_leads_to_a_policy_a_page_or_nowhere() {
    let control = |text: &str, leads: Option<&str>| Control {
        text: text.to_owned(),
        stays: true,
        leads: leads.map(str::to_owned),
        ..Control::default()
    };
    let to = |control: &Control| leads_to(&WORDS, control);
    assert_eq!(to(&control("Accept", None)), LeadsTo::Here);
    assert_eq!(to(&Control { here: true, ..control("Cookie policy", None) }), LeadsTo::Policy);
    assert_eq!(to(&Control { here: true, ..control("Weather", None) }), LeadsTo::Page);
    let page = Some("https://shop.test/weather");
    assert_eq!(to(&control("Cookie policy", page)), LeadsTo::Policy);
    assert_eq!(to(&control("Privacy notice", page)), LeadsTo::Policy);
    assert_eq!(to(&control("Weather", page)), LeadsTo::Page);
    let policy = Some("https://shop.test/our/cookie-policy");
    assert_eq!(to(&control("Weather", policy)), LeadsTo::Policy);
    // What decides is no policy, wherever it leads; settings may be one.
    assert_eq!(to(&control("Accept all cookies", policy)), LeadsTo::Page);
    assert_eq!(to(&control("Cookie settings", policy)), LeadsTo::Policy);
    let elsewhere = Control { stays: false, ..control("Weather", Some("https://x.test/")) };
    assert_eq!(to(&elsewhere), LeadsTo::OtherSite);
}

#[test]
fn of_several_parts_the_one_in_front_that_refuses_is_the_banner() {
    let texts = ["Accept all", "Reject all", "Save choices", "Withdraw consent", "Cookie settings"];
    let mut controls: Vec<Control> = texts
        .iter()
        .map(|it| Control { text: (*it).to_owned(), stays: true, ..Control::default() })
        .collect();
    let scope =
        |over, controls: &[usize]| Scope { over, controls: controls.to_vec(), ..Scope::default() };
    let found = |controls: &[Control], scopes: &[Scope], layer| {
        offer(&WORDS, controls, scopes, layer).map(|it| it.buttons)
    };
    let first = [scope(false, &[0, 1]), scope(true, &[0]), scope(true, &[0, 1])];
    assert_eq!(found(&controls, &first, Layer::First), Some(vec![0, 1]));
    assert_eq!(found(&controls, &first[..2], Layer::First), Some(vec![0]));
    let deeper = [scope(true, &[0]), scope(false, &[1]), scope(false, &[2, 3])];
    assert_eq!(found(&controls, &deeper, Layer::Deeper), Some(vec![1]));
    assert_eq!(found(&controls, &deeper[..1], Layer::Deeper), Some(vec![0]));
    assert_eq!(
        found(&controls, &[scope(true, &[0]), scope(false, &[2])], Layer::Deeper),
        Some(vec![2])
    );
    // What only takes consent back refuses where it lies over the page.
    assert_eq!(
        found(&controls, &[scope(true, &[0]), scope(true, &[3])], Layer::Deeper),
        Some(vec![3])
    );
    assert_eq!(
        found(&controls, &[scope(true, &[0]), scope(false, &[3])], Layer::Deeper),
        Some(vec![0])
    );
    // Settings alone are a banner only where it is folded up over the page.
    assert_eq!(found(&controls, &[scope(true, &[4])], Layer::First), None);
    controls[4].folded = true;
    assert_eq!(found(&controls, &[scope(true, &[4])], Layer::First), Some(vec![4]));
    assert_eq!(found(&controls, &[scope(false, &[4])], Layer::First), None);
}
