//! What the consent APIs of a page say has been agreed to.

use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;

use crate::{
    gather::{cdp::commands, tab::page::Tab},
    model::ConsentSignal,
};

/// How long the jar may take to be read.
const LIMIT: Duration = Duration::from_secs(4);

/// Asks each interface that the page has, in the page's own world; each is documented by its maker:
/// IAB TCF v2 (`__tcfapi`), IAB GPP (`__gpp`), Google consent mode (`dataLayer`), `OneTrust`,
/// Cookiebot, Civic Cookie Control, Klaro and vanilla-cookieconsent.
const ASK: &str = include_str!("consent_apis.js");

/// What the page's interfaces say; what cannot be asked says nothing.
pub(super) async fn read_signals(tab: &Tab) -> Vec<ConsentSignal> {
    #[derive(Deserialize)]
    struct Said {
        source: String,
        #[serde(default)]
        granted: Vec<String>,
        #[serde(default)]
        denied: Vec<String>,
        #[serde(default)]
        text: Option<String>,
    }

    let Ok(said) = tab.evaluate_in_page(ASK.trim_end()).await else { return Vec::new() };
    let said: Vec<Said> = serde_json::from_value(said).unwrap_or_default();
    said.into_iter()
        .filter_map(|said| {
            let decoded = match (said.source.as_str(), &said.text) {
                ("tcf", Some(text)) => decode_tcf(text),
                ("gpp", Some(text)) => decode_gpp(text),
                _ => None,
            };
            let (granted, denied) = decoded.unwrap_or((said.granted, said.denied));
            let mut signal = ConsentSignal { source: said.source, granted, denied };
            for list in [&mut signal.granted, &mut signal.denied] {
                list.retain(|it| it.len() <= 80);
                list.sort();
                list.dedup();
                list.truncate(60);
            }
            (!signal.granted.is_empty() || !signal.denied.is_empty()).then_some(signal)
        })
        .collect()
}

/// What is stored under these names now, in the jar and in the page's own storage. It is read and forgotten: no value gets into a
/// recording.
pub(super) async fn read_records(tab: &Tab, names: &BTreeSet<String>) -> Vec<(String, String)> {
    if names.is_empty() {
        return Vec::new();
    }
    let mut records = Vec::new();
    if let Ok(jar) = tab.cdp().send("", &commands::jar(&tab.context), LIMIT).await {
        for cookie in jar["cookies"].as_array().into_iter().flatten() {
            if let (Some(name), Some(value)) = (cookie["name"].as_str(), cookie["value"].as_str()) {
                records.push((name.to_owned(), value.to_owned()));
            }
        }
    }
    let ask = "[localStorage, sessionStorage].flatMap((it) => Object.entries(it)).filter(([, value]) => value.length < 20000).slice(0, 500)";
    let stored = tab.evaluate(ask).await.unwrap_or_default();
    records.extend(serde_json::from_value::<Vec<(String, String)>>(stored).unwrap_or_default());
    records.retain(|(name, _)| names.contains(name));
    records
}

/// Purposes of the IAB TCF v2 that are granted and denied, from a TC string.
fn decode_tcf(text: &str) -> Option<(Vec<String>, Vec<String>)> {
    let section: iab_gpp::sections::tcfeuv2::TcfEuV2 = text.parse().ok()?;
    Some(purposes(|id| section.core.purpose_consents.contains(&id)))
}

/// The same from a GPP string, from its section for Europe or those for the United States.
fn decode_gpp(text: &str) -> Option<(Vec<String>, Vec<String>)> {
    use iab_gpp::sections::Section;
    let string: iab_gpp::v1::GPPString = text.parse().ok()?;
    let (mut granted, mut denied) = (Vec::new(), Vec::new());
    for section in string.decode_all_sections().into_iter().flatten() {
        if let Section::TcfEuV2(section) = &section {
            let (yes, no) = purposes(|id| section.core.purpose_consents.contains(&id));
            granted.extend(yes);
            denied.extend(no);
            continue;
        }
        let section = serde_json::to_value(&section).unwrap_or_default();
        us_choices(&section, &mut granted, &mut denied);
    }
    (!granted.is_empty() || !denied.is_empty()).then_some((granted, denied))
}

/// The eleven purposes of TCF 2.2, policy version 4 and later.
fn purposes(granted: impl Fn(u16) -> bool) -> (Vec<String>, Vec<String>) {
    let named = |id: &u16| format!("purpose {id}");
    let (yes, no): (Vec<u16>, Vec<u16>) = (1..=11).partition(|&id| granted(id));
    (yes.iter().map(named).collect(), no.iter().map(named).collect())
}

/// What a section for the United States says of selling, sharing and advertising.
fn us_choices(section: &serde_json::Value, granted: &mut Vec<String>, denied: &mut Vec<String>) {
    let Some(fields) = section.as_object() else { return };
    for (name, value) in fields {
        match value.as_str() {
            Some("OptedOut") => denied.push(name.trim_end_matches("_opt_out").to_owned()),
            Some("DidNotOptOut") => granted.push(name.trim_end_matches("_opt_out").to_owned()),
            _ => us_choices(value, granted, denied),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the IAB's TCF specification, and one that consents to nothing.
    #[test]
    fn strings_are_decoded_into_purposes() {
        let (granted, denied) = decode_tcf("COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA").unwrap();
        assert_eq!(granted.len() + denied.len(), 11);
        assert!(!granted.is_empty(), "{granted:?}");
        let (granted, _) = decode_tcf("CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA").unwrap();
        assert!(granted.is_empty(), "{granted:?}");
        let (granted, denied) =
            decode_gpp("DBABM~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA").unwrap();
        assert_eq!((granted.len(), denied.len()), (0, 11));
        let (_, denied) = decode_gpp("DBABVg~BVVVVVVg.YA").unwrap();
        assert!(denied.contains(&"sale".to_owned()), "{denied:?}");
        assert_eq!(decode_tcf("nonsense"), None);
    }
}
