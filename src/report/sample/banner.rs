//! A banner and a choice for sample reports.

use crate::{
    model::{
        BannerFacts, ChoiceFacts, ConsentSignal, ControlFacts, OptionFacts, Pass, Pressed, Proof,
        Via,
    },
    report::model::BannerReport,
};

/// A banner with two buttons and a box behind its settings.
pub(super) fn banner(text: &str, accept: &str, reject: &str) -> BannerReport {
    let control = |label: &str, meaning: &str, contrast: f64| ControlFacts {
        label: label.to_owned(),
        meaning: Some(meaning.to_owned()),
        kind: "button".to_owned(),
        layer: 1,
        size: (120, 40),
        font_px: 16.0,
        weight: 400,
        color: "rgb(255, 255, 255)".to_owned(),
        background: "rgb(29, 79, 145)".to_owned(),
        contrast: Some(contrast),
    };
    BannerReport {
        text: text.to_owned(),
        accept: true,
        reject: true,
        facts: BannerFacts {
            language: Some("en".to_owned()),
            visible_at: 310,
            over: true,
            controls: vec![control(accept, "accept", 8.1), control(reject, "reject", 4.6)],
            options: vec![OptionFacts {
                label: "Analytics".to_owned(),
                kind: "checkbox".to_owned(),
                checked: true,
                fixed: false,
                layer: 2,
            }],
            ..BannerFacts::default()
        },
    }
}

/// A choice made by pressing one button.
pub(super) fn choice(choice: Pass, label: &str) -> ChoiceFacts {
    ChoiceFacts {
        choice,
        via: Via::Heuristic,
        cmp: None,
        pressed: vec![Pressed {
            at: 812,
            label: label.to_owned(),
            meaning: Some("reject".to_owned()),
            kind: "button".to_owned(),
            layer: 1,
        }],
        at: Some(812),
        visible_ms: Some(310),
        chosen_ms: Some(1004),
        proved_ms: Some(9120),
        proof: vec![Proof::BannerGone, Proof::ConsentStored, Proof::PersistsAfterReload],
        stored: vec!["cookie cookies_policy www.example.org /".to_owned()],
        asked_again: None,
        signals: vec![ConsentSignal {
            source: "google-consent-mode".to_owned(),
            granted: Vec::new(),
            denied: vec!["ad_storage".to_owned()],
        }],
    }
}
