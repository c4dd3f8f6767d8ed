//! The banner and the choices that were made with it, as the HTML template wants them.

use serde::Serialize;

use crate::{
    model::{BannerFacts, ChoiceFacts, Pass},
    report::{
        model::{PassReport, PictureReport, Report},
        phrases::{self, plural},
    },
};

/// The banner of one target, and every choice.
#[derive(Debug, Serialize)]
pub(super) struct BannerView {
    text: Option<String>,
    facts: Vec<(&'static str, String)>,
    controls: Vec<ControlView>,
    options: Vec<OptionView>,
    choices: Vec<ChoiceView>,
}

#[derive(Debug, Serialize)]
struct ControlView {
    label: String,
    meaning: String,
    kind: String,
    layer: u8,
    size: String,
    letters: String,
    contrast: String,
}

#[derive(Debug, Serialize)]
struct OptionView {
    label: String,
    kind: String,
    layer: u8,
    state: &'static str,
}

#[derive(Debug, Serialize)]
struct ChoiceView {
    title: String,
    how: String,
    steps: Vec<String>,
    times: String,
    stored: Vec<String>,
    signals: Vec<String>,
    pictures: Vec<PictureView>,
}

#[derive(Debug, Serialize)]
struct PictureView {
    caption: String,
    jpeg: String,
}

impl BannerView {
    /// What a report says of the banner; `None` if nobody looked for one.
    pub(super) fn new(report: &Report) -> Option<Self> {
        // The pass that looked deepest knows most.
        let banner = report
            .passes
            .iter()
            .filter_map(|pass| pass.banner.as_ref())
            .max_by_key(|it| it.facts.controls.len() + it.facts.options.len());
        let choices: Vec<ChoiceView> = report
            .passes
            .iter()
            .flat_map(|pass| {
                let own = pass.choice.iter().map(move |choice| (pass, choice));
                pass.earlier_choices.iter().map(move |choice| (pass, choice)).chain(own)
            })
            .map(|(pass, choice)| choice_view(report, pass, choice))
            .collect();
        if banner.is_none() && choices.is_empty() {
            return None;
        }
        let facts = banner.map(|it| &it.facts);
        Some(Self {
            text: banner.map(|it| it.text.clone()),
            facts: facts.map_or_else(Vec::new, facts_of),
            controls: facts.map_or_else(Vec::new, controls_of),
            options: facts.map_or_else(Vec::new, options_of),
            choices,
        })
    }
}

fn facts_of(facts: &BannerFacts) -> Vec<(&'static str, String)> {
    let mut list = vec![
        ("Language", facts.language.clone().unwrap_or_else(|| "not marked".to_owned())),
        ("Place", if facts.over { "over the page" } else { "in the flow of the page" }.to_owned()),
        (
            "Page behind it",
            if facts.walled { "out of reach until one answers" } else { "can be read" }.to_owned(),
        ),
    ];
    if let Some(frame) = &facts.frame {
        list.push(("Frame", frame.clone()));
    }
    if let Some(pattern) = &facts.pattern {
        list.push(("Follows the design of", pattern.clone()));
    }
    list
}

fn controls_of(facts: &BannerFacts) -> Vec<ControlView> {
    facts
        .controls
        .iter()
        .map(|it| ControlView {
            label: it.label.clone(),
            meaning: it.meaning.clone().unwrap_or_else(|| "not known".to_owned()),
            kind: it.kind.clone(),
            layer: it.layer,
            size: format!("{} × {} px", it.size.0, it.size.1),
            letters: format!("{:.0} px", it.font_px),
            contrast: it.contrast.map_or("not known".to_owned(), |it| format!("{it}:1")),
        })
        .collect()
}

fn options_of(facts: &BannerFacts) -> Vec<OptionView> {
    facts
        .options
        .iter()
        .map(|it| OptionView {
            label: it.label.clone(),
            kind: it.kind.clone(),
            layer: it.layer,
            state: match (it.checked, it.fixed) {
                (true, true) => "on, cannot be changed",
                (true, false) => "on before it was touched",
                (false, true) => "off, cannot be changed",
                (false, false) => "off",
            },
        })
        .collect()
}

fn choice_view(report: &Report, pass: &PassReport, choice: &ChoiceFacts) -> ChoiceView {
    let what = match choice.choice {
        Pass::None => "Opening the settings",
        Pass::Reject => "Refusing",
        Pass::Accept => "Accepting",
        Pass::Withdraw => "Withdrawing",
    };
    let own = choice.choice == pass.pass;
    let since = |at: Option<u64>| Some(at?.saturating_sub(choice.visible_ms?));
    let mut times = Vec::new();
    times.extend(
        since(choice.chosen_ms).map(|ms| format!("stored {ms} ms after the banner was seen")),
    );
    times.extend(since(choice.proved_ms).map(|ms| format!("verified after {ms} ms")));
    // A picture belongs to the first choice that was not over when it was taken.
    let begun = choice.visible_ms.unwrap_or_default();
    let over = if own {
        u64::MAX
    } else {
        pass.choice.as_ref().and_then(|it| it.visible_ms).unwrap_or(u64::MAX)
    };
    let pictures = report
        .pictures
        .iter()
        .filter(|it| it.pass == pass.pass && (own || it.at < over) && (it.at >= begun || !own))
        .filter(|it| is_base64(&it.jpeg))
        .map(|PictureReport { caption, jpeg, .. }| PictureView {
            caption: caption.clone(),
            jpeg: jpeg.clone(),
        })
        .collect();
    ChoiceView {
        title: format!("{what} (pass {})", pass.pass),
        how: if own { phrases::choice(pass) } else { String::new() },
        steps: choice
            .pressed
            .iter()
            .map(|it| format!("{} (layer {}, {})", it.label, it.layer, it.kind))
            .collect(),
        times: if times.is_empty() { String::new() } else { times.join(", ") },
        stored: choice.stored.clone(),
        signals: choice
            .signals
            .iter()
            .map(|it| {
                format!(
                    "{}: {} granted, {} denied",
                    it.source,
                    plural(it.granted.len(), "purpose"),
                    it.denied.len()
                )
            })
            .collect(),
        pictures,
    }
}

/// Whether a text can stand in a `data:` address as it is.
fn is_base64(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"+/=".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::is_base64;

    #[test]
    fn a_picture_is_base64_and_nothing_else() {
        assert!(is_base64("/9j/4AAQSkZJRg=="));
        assert!(!is_base64("/9j\" onerror=\"x"));
        assert!(!is_base64(""));
    }
}
