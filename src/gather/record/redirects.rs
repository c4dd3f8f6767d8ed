//! What is known of the redirects of each request. The browser reports their cookies apart from their addresses, and
//! in any order.

use std::{collections::HashMap, mem};

/// Redirect chains by request, until each has reported everything.
#[derive(Debug, Default)]
pub(super) struct RedirectChains {
    chains: HashMap<String, Chain>,
    /// Events that wait for the address of their redirect.
    waiting: Vec<Waiting>,
}

/// An event that belongs to one redirect of a request.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// Index of the event in its log.
    pub(super) event: usize,
    request: String,
    redirect: usize,
}

#[derive(Debug, Default)]
struct Chain {
    /// The address of each redirect, in order, as far as they are known.
    urls: Vec<String>,
    /// When the headers of each arrived, in microseconds of the log, as far as that is known.
    answered: Vec<Option<u64>>,
    /// How many have reported the cookies that they sent.
    sent: usize,
    /// How many have reported the cookies that they received.
    received: usize,
    /// Events of cookies that were received, with their redirect.
    set: Vec<(usize, usize)>,
}

impl RedirectChains {
    /// A redirect of a request, or the request itself, goes to `url`.
    pub(super) fn announce(&mut self, request: &str, url: &str) {
        self.chains.entry(request.to_owned()).or_default().urls.push(url.to_owned());
    }

    /// The redirect whose sent cookies are reported now.
    pub(super) fn next_sent(&mut self, request: &str) -> usize {
        let chain = self.chains.entry(request.to_owned()).or_default();
        chain.sent += 1;
        chain.sent - 1
    }

    /// The redirect whose received cookies are reported now.
    pub(super) fn next_received(&mut self, request: &str) -> usize {
        let chain = self.chains.entry(request.to_owned()).or_default();
        chain.received += 1;
        chain.received - 1
    }

    /// The address of a redirect; if it is not known yet the event waits for it.
    pub(super) fn url_for(
        &mut self,
        event: usize,
        request: &str,
        redirect: usize,
    ) -> Option<String> {
        let url = self.chains.get(request).and_then(|it| it.urls.get(redirect)).cloned();
        if url.is_none() {
            self.waiting.push(Waiting { event, request: request.to_owned(), redirect });
        }
        url
    }

    /// Events of cookies that arrived with the headers that have now been reported.
    pub(super) fn answered(&mut self, request: &str, at: Option<u64>) -> Vec<usize> {
        let chain = self.chains.entry(request.to_owned()).or_default();
        chain.answered.push(at);
        let redirect = chain.answered.len() - 1;
        chain.set.iter().filter(|it| it.1 == redirect).map(|it| it.0).collect()
    }

    /// When the headers that set a cookie arrived, if that has been reported; if not, [`Self::answered`] returns the event later.
    pub(super) fn time_for(&mut self, event: usize, request: &str, redirect: usize) -> Option<u64> {
        let chain = self.chains.entry(request.to_owned()).or_default();
        if let Some(at) = chain.answered.get(redirect) {
            return *at;
        }
        chain.set.push((event, redirect));
        None
    }

    /// A request has ended: returns the events whose addresses are known now, and forgets the chain if everything of
    /// it was reported.
    pub(super) fn end(&mut self, request: &str) -> Vec<(usize, String)> {
        let is_complete = self
            .chains
            .get(request)
            .is_some_and(|it| it.sent == it.urls.len() && it.received == it.urls.len());
        if !is_complete {
            return Vec::new();
        }
        let mut known = Vec::new();
        for waiting in mem::take(&mut self.waiting) {
            let chain = self.chains.get(request).filter(|_| waiting.request == request);
            match chain.and_then(|it| it.urls.get(waiting.redirect)) {
                Some(url) => known.push((waiting.event, url.clone())),
                None => self.waiting.push(waiting),
            }
        }
        self.chains.remove(request);
        known
    }

    /// Returns the addresses of all events that still wait, as far as they are known, and forgets everything.
    pub(super) fn close(&mut self) -> Vec<(usize, String)> {
        let chains = mem::take(&mut self.chains);
        mem::take(&mut self.waiting)
            .into_iter()
            .filter_map(|waiting| {
                // What has no redirect of its own belongs to the last that was announced.
                let urls = &chains.get(&waiting.request)?.urls;
                let url = urls.get(waiting.redirect).or_else(|| urls.last())?;
                Some((waiting.event, url.clone()))
            })
            .collect()
    }
}
