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
mod third_party;
pub use third_party::third_party_named;
pub enum Declared<'a> {
    By(&'a crate::model::Declaration),
    Instance(&'a crate::model::Declaration),
    Mentioned,
}
pub fn declared<'a>(notice: &'a Notice, name: &str) -> Option<Declared<'a>> {
    if let Some(d) = notice.declarations.iter().find(|d| d.covers(name)) {
        return Some(Declared::By(d));
    }
    notice.text.contains(name).then_some(Declared::Mentioned)
}
