use std::collections::BTreeMap;

use super::events::Meaning;
use crate::{
    model::{SetBy, SetKind},
    recording::{CallFrame, PassRecording},
};

/// What loaded each script of a pass.
pub(super) struct Initiators<'a> {
    /// By the document that asked, and address: a page and a frame may load the same script, each by itself.
    exact: BTreeMap<(&'a str, &'a str), &'a [CallFrame]>,
    /// By address alone.
    any: BTreeMap<&'a str, &'a [CallFrame]>,
}

impl<'a> Initiators<'a> {
    /// From the requests of a pass; the first request for an address that says who made it counts, as the
    /// browser's own question whether a request is allowed (CORS preflight) does not.
    pub(super) fn new(pass: &'a PassRecording) -> Self {
        let mut initiators = Self { exact: BTreeMap::new(), any: BTreeMap::new() };
        for event in &pass.events {
            if let Some(it) = Meaning::contact(&event.kind) {
                initiators.add(it.document, it.url, it.initiators);
            }
        }
        initiators
    }

    fn add(&mut self, document: &'a str, url: &'a str, initiators: &'a [CallFrame]) {
        let exact = self.exact.entry((document, url)).or_default();
        let any = self.any.entry(url).or_default();
        for known in [exact, any] {
            if known.is_empty() {
                *known = initiators;
            }
        }
    }

    /// The calls that led to the load of `url` by `document`, or by any if it did not load it.
    fn calls(&self, document: &str, url: &str) -> &'a [CallFrame] {
        let exact = self.exact.get(&(document, url)).copied().unwrap_or_default();
        if exact.is_empty() { self.any.get(url).copied().unwrap_or_default() } else { exact }
    }

    /// Who wrote something by script: the innermost call, and what loaded it.
    pub(super) fn by_script(&self, stack: &[CallFrame], frame: &str) -> SetBy {
        let script = stack
            .iter()
            .map(|call| call.url.as_str())
            .find(|url| url.contains(':') && !url.starts_with("about:"));
        let script = script.unwrap_or(frame);
        SetBy {
            kind: SetKind::Script,
            url: Some(script.to_owned()),
            chain: self.chain(frame, script),
        }
    }

    /// Who wrote something by a response.
    pub(super) fn by_response(&self, url: &str) -> SetBy {
        SetBy { kind: SetKind::Http, url: Some(url.to_owned()), chain: self.chain("", url) }
    }

    /// The script that a server sent and that `url` goes back to: itself, unless it was made in the page.
    pub(super) fn served<'b>(&self, url: &'b str) -> &'b str
    where
        'a: 'b,
    {
        let mut at = url;
        // Scripts can make one another, but each makes the next.
        for _ in 0..16 {
            if !at.starts_with("blob:") && !at.starts_with("data:") {
                break;
            }
            let calls = self.calls("", at);
            let maker = calls.iter().map(|call| call.url.as_str());
            match maker.into_iter().find(|it| *it != at && !it.is_empty()) {
                Some(maker) => at = maker,
                None => break,
            }
        }
        at
    }

    /// What loaded `url` in `document`, outermost first.
    fn chain(&self, document: &str, url: &str) -> Vec<String> {
        let mut chain: Vec<String> = Vec::new();
        let mut at = url;
        // Scripts can load one another in a circle.
        while chain.len() < 16 {
            let calls = self.calls(document, at);
            let Some(parent) = calls.iter().map(|call| call.url.as_str()).find(|it| {
                *it != at && *it != url && !it.is_empty() && chain.iter().all(|known| known != it)
            }) else {
                break;
            };
            chain.push(parent.to_owned());
            at = parent;
        }
        chain.reverse();
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_goes_from_the_page_to_the_script() {
        let call =
            |url: &str| vec![CallFrame { url: url.to_owned(), line: 1, function: String::new() }];
        let (manager, tag) = (call("https://a.test/"), call("https://gtm.test/"));
        let framed = call("https://frame.test/");
        let mut initiators = Initiators { exact: BTreeMap::new(), any: BTreeMap::new() };
        initiators.add("https://a.test/", "https://a.test/", &[]);
        initiators.add("https://a.test/", "https://gtm.test/", &manager);
        initiators.add("https://a.test/", "https://tag.test/", &tag);
        initiators.add("https://frame.test/", "https://frame.test/", &manager);
        initiators.add("https://frame.test/", "https://tag.test/", &framed);
        let set_by = initiators.by_script(&call("https://tag.test/"), "https://a.test/");
        assert_eq!(set_by.url.as_deref(), Some("https://tag.test/"));
        assert_eq!(set_by.chain, ["https://a.test/", "https://gtm.test/"]);
        // A frame that loads the same tag by itself owes it to nobody else.
        let set_by = initiators.by_script(&call("https://tag.test/"), "https://frame.test/");
        assert_eq!(set_by.chain, ["https://a.test/", "https://frame.test/"]);
    }
}
