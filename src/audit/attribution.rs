//! Whose doing things are: which script, or which host, has to be gated so that they stop; and where the notice declares
//! them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::declarations::{DeclarationIndex, Declarations};
use crate::model::{
    Category, Classification, Evidence, Host, Notice, Party, Remedy, ScriptUrl, SetBy, SetKind,
    site,
};

/// What the code at an address is part of, for whoever has to change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CodeHome {
    /// The HTML of one of the site's own pages or frames.
    Page,
    /// A document of another site that the pages show in a frame.
    Frame(Host),
    /// A script.
    Script,
}

/// What the evidence has on who loads and writes what. Made once for an audit: a page can keep thousands of items.
#[derive(Debug, Default)]
pub(crate) struct Attribution {
    site: String,
    /// Addresses of the pages that were opened, bare.
    pages: BTreeSet<String>,
    /// Addresses of the documents in frames, bare.
    frames: BTreeSet<String>,
    /// Scripts that wrote or requested something, bare, by the host that serves them.
    scripts: BTreeMap<String, BTreeSet<String>>,
    /// What requested something from each host: pages left out, bare.
    initiators: BTreeMap<Host, BTreeSet<String>>,
    /// Addresses with query, by bare address: the query may say whose script it is.
    loaded: BTreeMap<String, BTreeSet<String>>,
    /// Where the site's notice declares what.
    declarations: Arc<DeclarationIndex>,
}

impl Attribution {
    /// From everything that was seen, whatever is missing.
    pub(crate) fn new(evidence: &Evidence) -> Self {
        let mut it = Self { site: evidence.site.clone(), ..Self::default() };
        if let Ok(notice) = evidence.notice() {
            it.declarations = Arc::new(DeclarationIndex::new(notice));
        }
        for (_, pass) in evidence.passes() {
            it.pages.extend(pass.visits.iter().map(|visit| bare(&visit.url)));
        }
        it.frames.extend(evidence.frames().map(bare));
        // What is missing is for the rules to say; here everything that is there is used.
        let _ = evidence.everywhere(|seen| {
            for (cookie, _) in seen.cookies() {
                it.add_setter(&cookie.set_by);
            }
            for (item, _) in seen.storage() {
                it.add_setter(&item.set_by);
            }
            for (host, _) in seen.hosts() {
                let mut initiators = BTreeSet::new();
                for url in &host.initiators {
                    it.add_script(url);
                    initiators.extend(Some(bare(url)).filter(|url| !it.pages.contains(url)));
                }
                it.initiators.insert(host.host.clone(), initiators);
            }
        });
        it
    }

    /// The declarations of the site's notice, which is `notice`.
    pub(crate) fn declarations<'a>(&self, notice: &'a Notice) -> Declarations<'a> {
        Declarations::with(notice, Arc::clone(&self.declarations))
    }

    fn add_setter(&mut self, set_by: &SetBy) {
        if let Some(url) = &set_by.url {
            match set_by.kind {
                SetKind::Script => self.add_script(url),
                SetKind::Http | SetKind::Unknown => {
                    self.loaded.entry(bare(url)).or_default().insert(url.clone());
                }
            }
        }
    }

    fn add_script(&mut self, url: &str) {
        self.loaded.entry(bare(url)).or_default().insert(url.to_owned());
        if self.pages.contains(&bare(url)) {
            return;
        }
        if let Some(host) = site::host_of(url) {
            self.scripts.entry(host).or_default().insert(bare(url));
        }
    }

    /// What has to be gated so that something that `set_by` wrote is no longer written; `None` if the visitor
    /// needs it, or if that is not known.
    pub(crate) fn gate_of_setter(&self, class: &Classification, set_by: &SetBy) -> Option<Remedy> {
        // Nobody fixes the session cookie of a form by taking the form's script away.
        if class.category == Category::Essential {
            return None;
        }
        let url = set_by.url.as_deref()?;
        match set_by.kind {
            SetKind::Script => Some(self.gate_of_script(url)),
            SetKind::Http => {
                let host = site::host_of(url)?;
                let third = site::party(&host, &self.site) == Party::Third;
                third.then(|| self.gate_of_host(&Host::new(&host)))
            }
            SetKind::Unknown => None,
        }
    }

    /// What has to be gated so that the script at `url` does not run.
    pub(crate) fn gate_of_script(&self, url: &str) -> Remedy {
        self.gate(bare(url))
    }

    /// What the code at `url` is part of.
    pub(crate) fn home(&self, url: &str) -> CodeHome {
        let bare = bare(url);
        if self.pages.contains(&bare) {
            return CodeHome::Page;
        }
        let host = site::host_of(url).filter(|_| self.frames.contains(&bare));
        match host {
            Some(host) if site::party(&host, &self.site) == Party::First => CodeHome::Page,
            Some(host) => CodeHome::Frame(Host::new(&host)),
            None => CodeHome::Script,
        }
    }

    /// Whether the pages show documents of a host in frames.
    pub(crate) fn is_framed(&self, host: &Host) -> bool {
        self.frames.iter().any(|url| site::host_of(url).as_deref() == Some(host.as_str()))
    }

    /// What has to be gated so that a host is not contacted: the one script that it serves, or the one that
    /// requests something from it, or else what the pages load from it.
    pub(crate) fn gate_of_host(&self, host: &Host) -> Remedy {
        let only = |scripts: Option<&BTreeSet<String>>| {
            let scripts = scripts.filter(|it| it.len() == 1)?;
            scripts.first().cloned()
        };
        only(self.scripts.get(host.as_str()))
            .or_else(|| only(self.initiators.get(host)))
            .map_or_else(|| Remedy::GateHost { host: host.clone() }, |script| self.gate(script))
    }

    fn gate(&self, bare: String) -> Remedy {
        match self.home(&bare) {
            CodeHome::Page => return Remedy::GateInline,
            CodeHome::Frame(host) => return Remedy::GateHost { host },
            CodeHome::Script => (),
        }
        let loaded = self.loaded.get(&bare).filter(|it| it.len() == 1);
        let url = loaded.and_then(|it| it.first()).cloned().unwrap_or(bare);
        Remedy::GateScript { script: ScriptUrl::new(url) }
    }
}

fn bare(url: &str) -> String {
    ScriptUrl::new(url).bare().to_owned()
}
