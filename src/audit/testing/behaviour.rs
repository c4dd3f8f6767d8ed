use super::{read_category, value};
use crate::model::{Disclosure, ObservedScript, SharedIdentifier, Sighting, Technique, Told, site};

pub(super) fn add_script(scripts: &mut Vec<ObservedScript>, words: &[&str], seen: Sighting) {
    let [_, url, did, ..] = words[..] else { panic!("cannot read {words:?}") };
    let host = site::host_of(url).unwrap();
    let techniques = did.split(',').map(|it| (technique(it), "line 7".to_owned())).collect();
    scripts.push(ObservedScript {
        url: url.to_owned(),
        party: site::party(&host, "shop.test"),
        host,
        chain: Vec::new(),
        techniques,
        sends_to: value(words, "to").into_iter().collect(),
        recorder: words.contains(&"recorder"),
        seen: vec![seen],
    });
}

fn technique(word: &str) -> Technique {
    match word {
        "canvas" => Technique::Canvas,
        "fonts" => Technique::Fonts,
        "webgl" => Technique::Webgl,
        "audio" => Technique::Audio,
        "webrtc" => Technique::Webrtc,
        "client-hints" => Technique::ClientHints,
        "hardware" => Technique::Hardware,
        "page-changes" => Technique::PageChanges,
        "pointer" => Technique::Pointer,
        "keys" => Technique::Keys,
        "fields" => Technique::Fields,
        _ => panic!("unknown technique `{word}`"),
    }
}

pub(super) fn disclosure(words: &[&str], seen: Sighting) -> Disclosure {
    let [_, host, category, ..] = words[..] else { panic!("cannot read {words:?}") };
    let sorts = [("address", Told::Address), ("words", Told::Words), ("event", Told::Event)];
    let found = sorts.iter().find_map(|(key, told)| Some((*told, value(words, key)?)));
    let (told, text) = found.unwrap();
    Disclosure {
        host: host.to_owned(),
        category: read_category(category),
        organisation: value(words, "org"),
        told,
        subject: text.contains("rape").then(|| "rape".to_owned()),
        text,
        by_way_of: format!("the parameter `{}`", value(words, "as").unwrap()),
        example: format!("https://{host}/x"),
        script: None,
        chain: Vec::new(),
        seen: vec![seen],
    }
}

pub(super) fn identifier(words: &[&str], seen: Sighting) -> SharedIdentifier {
    let [_, name, domain, ..] = words[..] else { panic!("cannot read {words:?}") };
    let host = value(words, "to").unwrap();
    SharedIdentifier {
        cookie: format!("{name}@{domain}"),
        name: name.to_owned(),
        domain: domain.trim_start_matches('.').to_owned(),
        by_way_of: format!("the parameter `{}`", value(words, "as").unwrap()),
        example: format!("https://{host}/x"),
        host,
        script: None,
        seen: vec![seen],
    }
}
