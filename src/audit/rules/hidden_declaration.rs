//! # `hidden-declaration`
//!
//! ## What it finds
//! Things that the page of the notice declares where no visitor can see it: in parts that are never shown, in letters of the
//! colour behind them or of no size; or so many patterns of two or three letters that they would cover whatever comes; or a
//! list that a consent manager loads on a site that shows no banner.
//!
//! ## Why it matters
//! Nobody is informed by what nobody can see. Such rows count as not written: what they name is undeclared.
//!
//! ## How to fix it
//! Show the rows in the notice, or take them out. What a visitor can unfold, such as a `<details>` or a tab, is shown.
//!
//! ## When it stays open
//! If there is no notice to read.
//!
//! ## References
//! - Privacy and Electronic Communications Regulations 2003 (PECR), Schedule A1, paragraph 2: clear and
//!   comprehensive information
//! - UK GDPR, article 12(1): easily accessible

use url::Url;

use crate::{
    audit::{
        Findings, Policy, Rule, Severity,
        declaration_match::{self, Declarations},
        phrases,
    },
    model::{
        Banner, Confidence, Declaration, Evidence, NoticeEdit, NoticeProblemKind, Pass, Subject,
        Undecided, site,
    },
};

pub(super) static RULE: Rule = Rule {
    id: "hidden-declaration",
    severity: Severity::Medium,
    summary: "notice declares what no visitor can see",
    tags: &["pecr-a1-2", "gdpr-12"],
    needs: &Pass::BASIC,
    notice_edit: Some(NoticeEdit::Revise),
    source: include_str!("hidden_declaration.rs"),
    check,
};

/// More rows than this nobody reads in a report.
const MOST: usize = 20;

fn check(evidence: &Evidence, _: &Policy, findings: &mut Findings<'_>) -> Result<(), Undecided> {
    let notice = evidence.notice()?;
    let subject = || Subject::Notice(notice.source.clone());
    let shown = Declarations::new(notice);
    // What is shown elsewhere too, such as in a table for small screens, is declared.
    let is_hidden = |it: &&Declaration| !it.patterns.iter().all(|pattern| shown.has(pattern));
    let hidden: Vec<&Declaration> = notice.hidden.iter().filter(is_hidden).collect();
    if !hidden.is_empty() {
        let mut seen = Vec::new();
        // What was not observed makes no difference to what is hidden.
        let _ = evidence.everywhere(|slice| seen = declaration_match::names_seen(slice));
        let used = hidden.iter().any(|it| {
            seen.iter()
                .any(|name| declaration_match::covers(it, name).is_some() && !shown.has(name))
        });
        let names: Vec<&str> = hidden.iter().map(|it| it.as_written.as_str()).collect();
        let message = format!(
            "the notice declares {} where no visitor can see {}: {}",
            if hidden.len() == 1 {
                "one thing".to_owned()
            } else {
                format!("{} things", hidden.len())
            },
            if hidden.len() == 1 { "it" } else { "them" },
            phrases::list(&names, 5)
        );
        let finding = findings
            .draft(subject(), message)
            .severity(if used { Severity::Medium } else { Severity::Low })
            .cite(phrases::notice_citation(notice))
            .advice("Show these rows in the notice, or take them out");
        let cited = hidden.iter().take(MOST).fold(finding, |it, row| it.cite(phrases::row(row)));
        findings.report(cited);
        return Ok(());
    }
    if let Some(flood) =
        notice.problems.iter().find(|it| it.kind == NoticeProblemKind::TooManyPatterns)
    {
        findings.report(
            findings
                .draft(subject(), "the notice has so many short patterns that they declare nothing")
                .cite(flood.message.clone())
                .advice("Declare each cookie by its name, or by a pattern of its own"),
        );
        return Ok(());
    }
    if let Some(list) = unseen_list(evidence, &notice.also) {
        findings.report(
            findings
                .draft(
                    subject(),
                    format!(
                        "part of what is declared is only in a list at {list}, which no page shows"
                    ),
                )
                .severity(Severity::Low)
                .confidence(Confidence::Medium)
                .cite("no banner was seen that would show it".to_owned())
                .advice("Put the list into the notice, or show the banner whose settings have it"),
        );
    }
    Ok(())
}

/// The address of data that belongs to the notice and that only a banner would show, where no pass saw one.
fn unseen_list<'a>(evidence: &Evidence, also: &'a [String]) -> Option<&'a str> {
    let absent = evidence.passes().all(|(_, it)| it.banner == Banner::Absent);
    let is_data = |url: &&String| {
        Url::parse(url).is_ok_and(|url| {
            let path = url.path();
            let end = path.rsplit('.').next().unwrap_or_default();
            let other = site::of_url(&url).is_some_and(|it| it != evidence.site);
            other && (matches!(end, "json" | "js") || path.contains("/api/"))
        })
    };
    also.iter().find(is_data).filter(|_| absent).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::testing::check;

    #[test]
    fn rows_that_no_visitor_can_see_are_one_finding() {
        let seen = "none\n _ga shop.test performance\nreject\naccept\nnotice\n declare sid\n";
        check(
            &RULE,
            &format!("{seen} hide _ga\n hide _gid"),
            "violated\nmedium https://shop.test/cookies: the notice declares 2 things where no visitor can see them: _ga, _gid",
        );
        check(
            &RULE,
            &format!("{seen} hide _fbp"),
            "violated\nlow https://shop.test/cookies: the notice declares one thing where no visitor can see it: _fbp",
        );
        // Shown elsewhere.
        check(&RULE, &format!("{seen} hide sid"), "satisfied");
        check(&RULE, seen, "satisfied");
    }

    #[test]
    fn a_flood_of_patterns_is_one_finding() {
        check(
            &RULE,
            "none\nreject\naccept\nnotice\n declare sid\n problem patterns",
            "violated\nmedium https://shop.test/cookies: the notice has so many short patterns that they declare nothing",
        );
    }

    #[test]
    fn a_list_that_only_a_banner_would_show() {
        let case = |banner: &str| {
            format!(
                "none\n banner {banner}\nnotice\n declare sid\n also https://consent.cookiebot.com/a/cc.js"
            )
        };
        check(
            &RULE,
            &case("absent"),
            "violated\nlow https://shop.test/cookies: part of what is declared is only in a list at https://consent.cookiebot.com/a/cc.js, which no page shows",
        );
        check(&RULE, &case("accept"), "satisfied");
        check(
            &RULE,
            "none\n banner absent\nnotice\n declare sid\n also https://shop.test/b",
            "satisfied",
        );
    }

    #[test]
    fn without_a_notice_it_is_open() {
        check(&RULE, "none", "open: nobody looked for a notice");
    }
}
