use std::collections::BTreeMap;

use crate::{
    model::{SetBy, SetKind},
    recording::{CallFrame, EventKind, PassRecording},
};

/// What loaded each script of a pass.
pub(super) struct Loaders<'a>(BTreeMap<&'a str, &'a [CallFrame]>);

impl<'a> Loaders<'a> {
    /// From the requests of a pass; the first request for an address counts.
    pub(super) fn of(pass: &'a PassRecording) -> Self {
        let mut loaders = BTreeMap::new();
        for event in &pass.events {
            if let EventKind::Request { url, initiators, .. } = &event.kind {
                loaders.entry(url.as_str()).or_insert(initiators.as_slice());
            }
        }
        Self(loaders)
    }

    /// Who wrote something by script: the innermost call, and what loaded it.
    pub(super) fn by_script(&self, stack: &[CallFrame], frame: &str) -> SetBy {
        let script = stack.iter().map(|call| call.url.as_str()).find(|url| url.contains(':'));
        let script = script.unwrap_or(frame);
        SetBy { kind: SetKind::Script, url: Some(script.to_owned()), chain: self.chain(script) }
    }

    /// Who wrote something by a response.
    pub(super) fn by_response(&self, url: &str) -> SetBy {
        SetBy { kind: SetKind::Http, url: Some(url.to_owned()), chain: self.chain(url) }
    }

    /// What loaded `url`, outermost first.
    fn chain(&self, url: &str) -> Vec<String> {
        let mut chain: Vec<String> = Vec::new();
        let mut at = url;
        // Scripts can load one another in a circle.
        while chain.len() < 16 {
            let calls = self.0.get(at).copied().unwrap_or_default();
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
        let (page, manager, tag) = (Vec::new(), call("https://a.test/"), call("https://gtm.test/"));
        let loaders = Loaders(BTreeMap::from([
            ("https://a.test/", page.as_slice()),
            ("https://gtm.test/", manager.as_slice()),
            ("https://tag.test/", tag.as_slice()),
        ]));
        let set_by = loaders.by_script(&call("https://tag.test/"), "https://a.test/");
        assert_eq!(set_by.url.as_deref(), Some("https://tag.test/"));
        assert_eq!(set_by.chain, ["https://a.test/", "https://gtm.test/"]);
    }
}
