//! # `undeclared-storage`
//!
//! ## What it finds
//! Something that the site, itself or through others, keeps in the browser's storage (local
//! storage, session storage, databases, caches) and that its cookie notice does not mention.
//!
//! ## Why it matters
//! The duty to inform covers everything stored on the visitor's device, whatever the technique.
//! Most notices speak of cookies only.
//!
//! ## How to fix it
//! Add the item to the notice, with its purpose and that it stays until the visitor clears it, or
//! stop writing it.
//!
//! ## When it stays open
//! Without a notice that could be read there is nothing to compare with, and while a pass is
//! incomplete items may have gone unseen.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), regulation 6(1); Schedule A1,
//!   paragraph 2 (clear and comprehensive information), 5 and 6 (clear information)
//! - ICO guidance on the use of storage and access technologies, 29 April 2026

use crate::{
    audit::{Findings, Policy, Rule, Severity, declaration_match, phrases, undeclared},
    model::{Evidence, NoticeEdit, Pass, StorageKind, Subject, Undecided, site},
};

pub(super) static RULE: Rule = Rule {
    id: "undeclared-storage",
    severity: Severity::Medium,
    summary: "browser storage missing from the cookie notice",
    tags: &["pecr-6", "pecr-a1-2", "gdpr-13"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::AddRow),
    source: include_str!("undeclared_storage.rs"),
    check,
};

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    undeclared::read_whole(notice)?;
    let declarations = findings.attribution.declarations(notice);
    let mut unsure = Vec::new();
    evidence.everywhere(|seen| {
        let names = declaration_match::names_seen(seen);
        for (item, at) in seen.storage() {
            let (name, category) = (&item.key.key, item.class.category);
            let owner = site::host_of(&item.key.origin).unwrap_or_default();
            if declarations.knows(name, &owner, &names) {
                continue;
            }
            if let Some(word) = declarations.not_understood(name) {
                unsure.push(undeclared::as_written(name, word));
                continue;
            }
            let message = format!(
                "the {}{} is written{}{} but is not in the notice",
                phrases::category_prefix(category),
                phrases::item(item),
                phrases::page_suffix(&at),
                phrases::setter_suffix(&item.set_by, &owner)
            );
            let lifetime = match item.key.kind {
                StorageKind::Session => "until the tab is closed",
                StorageKind::Local
                | StorageKind::Indexeddb
                | StorageKind::Cache
                | StorageKind::Opfs => "until the visitor clears it",
            };
            findings.report(
                findings
                    .draft(Subject::Storage(item.key.clone()), message)
                    .severity(undeclared::severity(&item.class))
                    .settled_by(findings.attribution.gate_of_setter(&item.class, &item.set_by))
                    .seen(&at)
                    .cite(phrases::setter_citation(&item.set_by))
                    .cite(phrases::basis_citation(&item.class))
                    .cite(phrases::notice_citation(notice))
                    .advice(undeclared::add_row(notice, name, category, Some(lifetime))),
            );
        }
    })?;
    undeclared::none_unsure(&unsure)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::{check, says};

    #[test]
    fn a_declaration_counts_for_storage_too() {
        check(
            &RULE,
            "
            none
              local:_hjid   https://shop.test performance
              local:theme   https://shop.test functional
              session:v     https://video.test unknown
            reject
            accept
            notice
              declare theme
            ",
            "
            violated
            high local:_hjid@https://shop.test: the performance local storage item _hjid is written but is not in the notice
            medium session:v@https://video.test: the session storage item v of https://video.test is written but is not in the notice
            ",
        );
        check(
            &RULE,
            "none\n local:theme https://shop.test functional\nreject\naccept\nnotice\n declare th*",
            "satisfied",
        );
    }

    #[test]
    fn partial_evidence_never_satisfies() {
        check(&RULE, "none\nreject\nnotice", "open: the accept pass was not run");
        check(
            &RULE,
            "none\nreject\naccept failed\nnotice",
            "open: the accept pass is incomplete: the button was stuck",
        );
        check(&RULE, "none\nreject\naccept\nnotice missing", "open: no cookie notice was found");
    }

    #[test]
    fn says_how_long_it_stays() {
        for (item, words) in
            [("local:x1", "until the visitor clears it"), ("session:x1", "until the tab is closed")]
        {
            says(
                &RULE,
                &format!("none\n {item} https://shop.test essential\nreject\naccept\nnotice"),
                &format!(
                    "Add a row for x1 to the notice with its purpose and how long it lasts ({words})"
                ),
            );
        }
    }
}
