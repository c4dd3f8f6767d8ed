//! One file per rule. To add a rule, write the file and name it twice below.

mod banner_hidden_from_automation;
mod behaves_differently_for_scanners;
mod bilingual_mismatch;
mod category_mismatch;
mod cloaked_tracker;
mod contradicted_claim;
mod cookie_after_reject;
mod cookie_after_withdrawal;
mod cookie_before_consent;
mod cookie_wall;
mod fingerprinting;
mod forgotten_choice;
mod form_field_capture;
mod harder_reject;
mod hidden_declaration;
mod identifier_sync;
mod ignored_consent_signal;
mod insecure_cookie;
mod lifetime_mismatch;
mod link_out_only;
mod missing_banner;
mod missing_lifetime;
mod missing_notice;
mod missing_purpose;
mod missing_reject_option;
mod missing_withdrawal_control;
mod misspelt_declaration;
mod notice_hard_to_find;
mod overlong_lifetime;
mod party_mismatch;
mod preselected_purpose;
mod self_contradicting_notice;
mod session_replay;
mod stale_declaration;
mod stale_notice;
mod storage_after_reject;
mod storage_after_withdrawal;
mod storage_before_consent;
mod tracker_after_reject;
mod tracker_after_withdrawal;
mod tracker_before_consent;
mod unclassified_cookie;
mod undeclared_cookie;
mod undeclared_storage;
mod undeclared_third_party;
mod unreadable_notice;
mod vague_pattern;
mod visit_disclosed_to_third_party;

use super::Rule;

/// Every rule, in the order reports list them.
pub static ALL: &[&Rule] = &[
    &cookie_before_consent::RULE,
    &storage_before_consent::RULE,
    &tracker_before_consent::RULE,
    &cookie_after_reject::RULE,
    &storage_after_reject::RULE,
    &tracker_after_reject::RULE,
    &cookie_after_withdrawal::RULE,
    &storage_after_withdrawal::RULE,
    &tracker_after_withdrawal::RULE,
    &ignored_consent_signal::RULE,
    &visit_disclosed_to_third_party::RULE,
    &session_replay::RULE,
    &form_field_capture::RULE,
    &cloaked_tracker::RULE,
    &identifier_sync::RULE,
    &fingerprinting::RULE,
    &missing_banner::RULE,
    &missing_reject_option::RULE,
    &harder_reject::RULE,
    &cookie_wall::RULE,
    &preselected_purpose::RULE,
    &forgotten_choice::RULE,
    &missing_withdrawal_control::RULE,
    &banner_hidden_from_automation::RULE,
    &behaves_differently_for_scanners::RULE,
    &missing_notice::RULE,
    &unreadable_notice::RULE,
    &notice_hard_to_find::RULE,
    &link_out_only::RULE,
    &contradicted_claim::RULE,
    &self_contradicting_notice::RULE,
    &undeclared_cookie::RULE,
    &undeclared_storage::RULE,
    &undeclared_third_party::RULE,
    &misspelt_declaration::RULE,
    &category_mismatch::RULE,
    &lifetime_mismatch::RULE,
    &party_mismatch::RULE,
    &stale_declaration::RULE,
    &missing_lifetime::RULE,
    &missing_purpose::RULE,
    &vague_pattern::RULE,
    &hidden_declaration::RULE,
    &bilingual_mismatch::RULE,
    &stale_notice::RULE,
    &unclassified_cookie::RULE,
    &insecure_cookie::RULE,
    &overlong_lifetime::RULE,
];

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::ALL;

    /// A rule's file name is its id, and no file is left out of [`ALL`].
    #[test]
    fn every_file_is_registered() {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/audit/rules");
        let files: BTreeSet<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| Some(name.strip_suffix(".rs")?.replace('_', "-")))
            .filter(|name| name != "mod")
            .collect();
        let ids: BTreeSet<String> = ALL.iter().map(|rule| rule.id.to_owned()).collect();
        assert_eq!(files, ids);
        assert_eq!(ALL.len(), ids.len());
    }

    #[test]
    fn every_rule_has_a_manual() {
        for rule in ALL {
            let manual = rule.manual();
            assert!(manual.starts_with(&format!("# `{}`\n", rule.id)), "{}", rule.id);
            for heading in
                ["## What it finds", "## Why it matters", "## How to fix it", "## References"]
            {
                assert!(manual.contains(heading), "{}: {heading}", rule.id);
            }
            // We say what was seen. Judging the site is for people.
            let lower = manual.to_lowercase();
            for word in ["compliant", "illegal", "unlawful"] {
                assert!(!lower.contains(word), "{}: {word}", rule.id);
            }
        }
    }
}
