//! What `crumbcheck notice` says to people: what the notice declares and claims, and what was not understood.

use std::fmt::Write as _;

use crate::{
    model::{CategoryBasis, Claim, ClaimKind, Declaration, Notice, WrittenLifetime},
    report::terminal_safe,
};

/// The columns of the text.
const WIDTH: usize = 100;

/// The notice as text.
pub(super) fn view(notice: &Notice) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", terminal_safe(&notice.source));
    if !notice.is_notice {
        let _ = writeln!(text, "This does not read like a cookie notice.");
        return text;
    }
    let reviewed = notice.reviewed.as_deref().unwrap_or("no date");
    let _ = writeln!(text, "Language {}, last reviewed: {reviewed}", notice.language);
    let _ = writeln!(text, "\n{} declarations:", notice.declarations.len());
    notice.declarations.iter().for_each(|it| declaration(&mut text, it));
    if !notice.hidden.is_empty() {
        let _ = writeln!(
            text,
            "\n{} more where no visitor can see them, so they declare nothing:",
            notice.hidden.len()
        );
        notice.hidden.iter().for_each(|it| declaration(&mut text, it));
    }
    if !notice.claims.is_empty() {
        let _ = writeln!(text, "\nIt claims:");
        for claim in &notice.claims {
            paragraph(&mut text, 2, &in_words(claim));
            paragraph(&mut text, 4, &format!("\"{}\"", claim.quote));
        }
    }
    if !notice.problems.is_empty() {
        let _ = writeln!(text, "\nUncertain:");
        notice.problems.iter().for_each(|it| paragraph(&mut text, 2, &it.message));
    }
    text
}

fn declaration(text: &mut String, it: &Declaration) {
    let category = match (it.category, it.category_basis) {
        (Some(category), Some(CategoryBasis::Stated)) => format!("{} (stated)", category.name()),
        (Some(category), Some(CategoryBasis::Section)) => {
            format!("{} (by its section)", category.name())
        }
        (Some(category), _) => format!("{} (inferred from its purpose)", category.name()),
        (None, _) => "no category stated".to_owned(),
    };
    let lifetime = match it.lifetime.kind {
        WrittenLifetime::Absent => "no lifetime stated",
        _ => it.lifetime.as_written.as_deref().unwrap_or_default(),
    };
    let mut facts = vec![category, lifetime.to_owned()];
    facts.extend(it.provider.as_ref().map(|it| format!("set by {it}")));
    facts.extend(it.domain.as_ref().map(|it| format!("at {it}")));
    paragraph(text, 2, &format!("{} – {}", it.as_written, facts.join(", ")));
    paragraph(text, 6, it.purpose.as_deref().unwrap_or("no purpose stated"));
}

/// Writes wrapped text; no line of a stranger's text stands bare or begins further left.
fn paragraph(out: &mut String, indent: usize, text: &str) {
    let mut line = String::new();
    let safe = terminal_safe(text);
    for word in safe.split_whitespace() {
        if !line.is_empty() && indent + line.chars().count() + word.chars().count() >= WIDTH {
            let _ = writeln!(out, "{:indent$}{line}", "");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(out, "{:indent$}{line}", "");
}

/// What a claim says, as a sentence.
fn in_words(claim: &Claim) -> String {
    let categories: Vec<&str> = claim.categories.iter().map(|it| it.name()).collect();
    let of = categories.join(" and ");
    let who = claim.provider.as_deref().unwrap_or("a third party");
    match claim.kind {
        ClaimKind::NoCategory => format!("It sets no {of} cookies."),
        ClaimKind::OnlyCategories => format!("It sets {of} cookies only."),
        ClaimKind::UsesCategory => format!("It uses {of} cookies."),
        ClaimKind::ConsentRequired => format!("It sets {of} cookies only after consent."),
        ClaimKind::BlockedOnRefusal => format!("Refusing stops {of} cookies."),
        ClaimKind::ConsentBeforeSet => {
            "Nothing that needs consent is set before a choice.".to_owned()
        }
        ClaimKind::EssentialWithoutConsent => {
            "Essential cookies are set without asking.".to_owned()
        }
        ClaimKind::AllSession => "Its cookies end with the browser session.".to_owned(),
        ClaimKind::Exhaustive => "Its list of cookies is complete.".to_owned(),
        ClaimKind::NonExhaustive => "There may be cookies that it does not list.".to_owned(),
        ClaimKind::Count => "It says how many cookies, or kinds of cookie, there are.".to_owned(),
        ClaimKind::NoPersonalData => "No personal data is collected or held.".to_owned(),
        ClaimKind::NotIdentifying => "Nobody is identified.".to_owned(),
        ClaimKind::ProviderDoesNotShare => {
            format!("{who} may not use or share the data for itself.")
        }
        ClaimKind::ProviderMayShare => format!("{who} may share or use the data."),
        ClaimKind::FirstPartyOnly => "Cookies are the site's own only.".to_owned(),
        ClaimKind::SecureTransport => "Cookies travel encrypted.".to_owned(),
        ClaimKind::RandomValue => "Values are random.".to_owned(),
        ClaimKind::NamedService => format!("It uses {who}."),
        ClaimKind::ServiceSetsNothing => format!("{who} stores nothing."),
        ClaimKind::ThirdPartySetsMore => format!("{who} may set cookies that are not listed."),
        ClaimKind::LinkOut => "Another page says more about cookies.".to_owned(),
        ClaimKind::ImpliedConsent => "Using the site counts as agreeing.".to_owned(),
        ClaimKind::WithdrawalPossible => "A choice can be changed or taken back.".to_owned(),
        ClaimKind::RefusalPossible => "Cookies can be refused or chosen among.".to_owned(),
        ClaimKind::ControlPresent => "There are settings, a form or a banner.".to_owned(),
        ClaimKind::OptOutLink => format!("Visitors can opt out of {who}."),
        ClaimKind::NoThirdPartyDisclosure => "What is collected goes to nobody else.".to_owned(),
        ClaimKind::IpNotShared => "IP addresses are neither stored nor given to others.".to_owned(),
        ClaimKind::IpMasked => "IP addresses are shortened or anonymised.".to_owned(),
        ClaimKind::ConsentMode => "A provider's consent mode is used.".to_owned(),
        ClaimKind::ReviewDate => "It says when it was reviewed.".to_owned(),
        ClaimKind::Bilingual => "It exists in another language too.".to_owned(),
        ClaimKind::ConditionalSet => "A cookie is set only on a condition.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice;

    #[test]
    fn people_read_who_sets_a_cookie_and_where_its_category_comes_from() {
        let page = "<title>Cookies</title><h1>Cookies</h1><p>We do not use marketing cookies.</p>\
                    <table><tr><th>Name</th><th>Set by</th><th>Purpose</th><th>Category</th></tr>\
                    <tr><td>a_b</td><td>Us</td><td>Keeps you signed in</td><td>Essential</td></tr>\
                    <tr hidden><td>c_d</td><td>Ads</td><td>Follows you</td><td>Marketing</td></tr></table>";
        let text = view(&notice::read("x", page));
        for part in
            ["a_b – essential (stated)", "set by Us", "It sets no marketing cookies.", "no visitor"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn text_is_wrapped_and_indented() {
        let mut out = String::new();
        paragraph(&mut out, 4, &"word ".repeat(60));
        assert!(out.lines().count() > 2);
        assert!(out.lines().all(|it| it.starts_with("    word") && it.chars().count() <= WIDTH));
    }
}
