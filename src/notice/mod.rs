//! Temporary, until the real one is merged.
#![allow(missing_docs)]
use crate::model::Notice;
use url::Url;
pub struct PageLink {
    pub text: String,
    pub href: String,
}
#[derive(Clone, Debug)]
pub struct Candidate {
    pub url: Url,
    pub text: String,
}
pub fn find(base: &Url, links: &[PageLink]) -> Vec<Candidate> {
    links
        .iter()
        .filter(|l| l.text.to_lowercase().contains("cookie"))
        .filter_map(|l| Some(Candidate { url: base.join(&l.href).ok()?, text: l.text.clone() }))
        .collect()
}
pub fn read(source: &str, content: &str) -> Notice {
    Notice {
        schema: Notice::SCHEMA.into(),
        source: source.into(),
        language: "en".into(),
        is_notice: content.contains("ookie"),
        declarations: vec![],
        claims: vec![],
        links: vec![],
        reviewed: None,
        problems: vec![],
        text: content.into(),
    }
}
