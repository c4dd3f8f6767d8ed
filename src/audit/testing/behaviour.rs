use super::{read_category, value};
use crate::model::{
    Channel, CookieKey, Disclosure, DisclosureKind, Host, ObservedScript, ScriptUrl,
    SharedIdentifier, Sighting, Technique, TechniqueCall, site,
};

pub(super) fn add_script(scripts: &mut Vec<ObservedScript>, words: &[&str], seen: Sighting) {
    let [_, url, did, ..] = words[..] else { panic!("cannot read {words:?}") };
    let host = site::host_of(url).unwrap();
    let techniques = did
        .split(',')
        .map(|it| (technique(it), TechniqueCall { line: 7, detail: String::new() }))
        .collect();
    scripts.push(ObservedScript {
        url: ScriptUrl::new(url),
        party: site::party(&host, "shop.test"),
        host: Host::new(&host),
        chain: Vec::new(),
        techniques,
        sends_to: value(words, "to").iter().map(|it| Host::new(it)).collect(),
        sends_along: value(words, "along").iter().map(|it| Host::new(it)).collect(),
        sends_through: value(words, "through").iter().map(|it| Host::new(it)).collect(),
        owner: site::of_host(&host),
        keys_in_fields: words.contains(&"in-fields"),
        sends_keys: words.contains(&"sends-keys"),
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
        "scroll" => Technique::Scroll,
        "keys" => Technique::Keys,
        "fields" => Technique::Fields,
        _ => panic!("unknown technique `{word}`"),
    }
}

pub(super) fn disclosure(words: &[&str], seen: Sighting) -> Disclosure {
    let [_, host, category, ..] = words[..] else { panic!("cannot read {words:?}") };
    let sorts = [
        ("address", DisclosureKind::Address),
        ("words", DisclosureKind::Words),
        ("event", DisclosureKind::Event),
    ];
    let found = sorts.iter().find_map(|(key, kind)| Some((*kind, value(words, key)?)));
    let (kind, text) = found.unwrap();
    Disclosure {
        host: Host::new(host),
        category: read_category(category),
        organisation: value(words, "org"),
        kind,
        subject: text.contains("rape").then(|| "rape".to_owned()),
        text,
        channel: channel(words),
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
        cookie: CookieKey {
            name: name.to_owned(),
            domain: domain.trim_start_matches('.').to_owned(),
            path: "/".to_owned(),
            partition: None,
            host_only: !domain.starts_with('.'),
        },
        channel: channel(words),
        example: format!("https://{host}/x"),
        host: Host::new(&host),
        script: None,
        seen: vec![seen],
    }
}

/// `as=dl` is a parameter of the address, `as=Referer` the header.
fn channel(words: &[&str]) -> Channel {
    match value(words, "as").unwrap() {
        header if header == "Referer" => Channel::Referrer,
        name => Channel::Query(name),
    }
}
