//! Relations between the words of a sentence that patterns use like classes: conditions, who a clause is about, what is
//! counted, what a list is of.

use super::{super::headings::SERVICE, frames::Frame, lexicon::Token};
use crate::model::Category;

/// Classes that are made of others, in this order and at this distance.
pub(super) const NAMES: &[&str] = &[
    "if_agreed",
    "if_refused",
    "if_done",
    "question",
    "counted",
    "year",
    "signin_first",
    "negation_set",
    "link_first",
    "do_not",
    "do_use",
    "long",
    "short",
    "service",
    "all_cookies",
    "asked_first",
    "consentable",
    "essential_named",
    "bare_session",
    "list_of_else",
    "own_host",
    "decliner",
    "has_chosen",
    "only_we",
    "linked_to_you",
    "settings_of_else",
    "save_control",
];

/// The relations of a sentence, each with its place.
pub(super) fn found(frame: &Frame, tokens: &[Token]) -> Vec<(&'static str, usize)> {
    let mut found = Vec::new();
    // A word of one class, then one of another within some words, whatever governs them.
    let pair = |first: &str, then: &str, within: usize| -> Option<usize> {
        frame
            .places(first)
            .find(|from| frame.places(then).any(|to| to > *from && to - from <= within))
    };
    let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
    let with = (0..tokens.len()).find(|&at| {
        matches!(word(at), "with" | "gyda" | "without" | "heb")
            && frame.places("agree").any(|to| to > at && to - at <= 3)
    });
    let agreed =
        pair("if", "agree", 12).or_else(|| pair("before", "agree", 9)).or(with).or_else(|| {
            // "they stay off until you switch them on", "say yes and …"
            pair("ask", "agree", 6).filter(|at| !frame.negated[*at])
        });
    // "if permission is withheld"
    let withheld =
        frame.places("agree").any(|at| frame.places("refuse").any(|it| it > at && it - at <= 2));
    let agreed = agreed.filter(|_| !withheld).or_else(|| who_agrees(frame, tokens));
    let agreed = agreed.filter(|_| !frame.any("presume") && !frame.any("byusing"));
    found.extend(agreed.map(|at| ("if_agreed", at)));
    let either = |to: usize| {
        // "whether you accept or refuse" is no refusal.
        frame.places("agree").any(|at| {
            let (from, until) = (at.min(to), at.max(to));
            until - from <= 3
                && (from..until).any(|it| matches!(word(it), "or" | "neu" | "and" | "a"))
        })
    };
    // "If you reject", "when you press Reject".
    let refused = pair("if", "refuse", 9)
        .filter(|from| !frame.places("refuse").any(|to| to > *from && either(to)))
        .or_else(|| {
            frame.places("refuse").find(|&at| {
                at == 0
                    || at == 1
                        && matches!(
                            word(0),
                            "bydd" | "saying" | "choose" | "select" | "by" | "your"
                        )
            })
        })
        .or_else(|| {
            pair("if", "agree", 9).filter(|from| {
                frame.places("agree").any(|at| at > *from && at - from <= 9 && frame.negated[at])
            })
        });
    // "Visitors who refuse", "anyone declining": a condition as well.
    let who = |class: &str| -> Option<usize> {
        frame.places("people_who").find(|&from| {
            let that = (from + 1..=from + 2).find(|&it| {
                matches!(word(it), "who" | "that" | "sy" | "sydd" | "a" | "nad" | "na")
                    || word(it).ends_with("ing")
            });
            that.is_some_and(|that| frame.places(class).any(|to| to >= that && to - that <= 4))
        })
    };
    let declining =
        who("refuse").filter(|from| !frame.places("refuse").any(|to| to > *from && either(to)));
    found.extend(declining.map(|at| ("decliner", at)));
    found.extend(refused.or(declining).map(|at| ("if_refused", at)));
    found.extend(pair("if", "signin", 9).or_else(|| who("signin")).map(|at| ("if_done", at)));
    if let Some((_, at)) = frame.providers.iter().find(|it| SERVICE.is_match(&it.0)) {
        found.push(("service", *at));
    }
    found.extend(pair("whole", "cookie", 4).map(|at| ("all_cookies", at)));
    if tokens.len() > 38 {
        found.push(("long", 0));
    }
    more_virtuals(frame, tokens, &mut found);
    related(frame, tokens, &mut found);
    if tokens.len() <= 9 {
        // Stands in every clause.
        found.extend((0..tokens.len()).map(|at| ("short", at)));
    }
    if frame.question {
        found.push(("question", 0));
    }
    // "four kinds of cookie", "5 cookies"
    let counted = frame.places("number").find(|&at| {
        let next =
            |class: &str, within: usize| frame.places(class).any(|to| to > at && to - at <= within);
        next("cookie", 2) && (word(at) != "one" || word(at + 1) == "cookie")
            || next("sort", 3) && frame.any("cookie")
            || matches!(word(at), "single") && next("cookie", 2)
    });
    found.extend(
        counted
            .filter(|at| word(*at) != "un" || word(at + 1) != "cwci" || frame.any("only"))
            .map(|at| ("counted", at)),
    );
    forms(frame, tokens, &mut found);
    found
}

/// Those of the form of a sentence: a date, what it tells the reader to do.
fn forms(frame: &Frame, tokens: &[Token], found: &mut Vec<(&'static str, usize)>) {
    let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
    let year = tokens.iter().position(|it| {
        it.text.len() == 4
            && (it.text.starts_with("20") || it.text.starts_with("19"))
            && it.text.bytes().all(|it| it.is_ascii_digit())
    });
    found.extend(year.map(|at| ("year", at)));
    let link = frame.places("link").find(|&at| {
        at <= 1 || matches!(word(at - 1), "can" | "please" | "to" | "should" | "gallwch")
    });
    found.extend(link.map(|at| ("link_first", at)));
    if (word(0), word(1)) == ("do", "not") || matches!(word(0), "peidiwch" | "peidio") {
        found.push(("do_not", 0));
    }
    let told = ["use", "allow", "accept", "defnyddiwch", "derbyn"];
    if told.contains(&word(0)) || word(0) == "yes" && told.contains(&word(1)) {
        found.push(("do_use", 0));
    }
    found.extend(frame.places("signin").find(|&at| at <= 1).map(|at| ("signin_first", at)));
    let unset = frame.places("set").find(|&at| frame.negated[at]);
    found.extend(unset.map(|at| ("negation_set", at)));
}

/// "Visitors who accept": a condition.
fn who_agrees(frame: &Frame, tokens: &[Token]) -> Option<usize> {
    let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
    frame.places("people_who").find(|&from| {
        let that = (from + 1..=from + 2).find(|&it| matches!(word(it), "who" | "sy" | "sydd"));
        that.is_some_and(|that| {
            frame.places("agree").any(|to| to > that && to - that <= 4 && !frame.negated[to])
                && !frame.places("refuse").any(|to| to > that && to - that <= 6)
        })
    })
}

/// Those of two words that belong together.
fn related(frame: &Frame, tokens: &[Token], found: &mut Vec<(&'static str, usize)>) {
    let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
    // "what you have chosen" is done.
    let chosen = frame.places("choose").find(|&at| {
        (1..=2).any(|back| at >= back && matches!(word(at - back), "have" | "has" | "had" | "ve"))
    });
    found.extend(chosen.map(|at| ("has_chosen", at)));
    // "Only the council sees this": nobody else does.
    let only_we = frame.places("only").find(|&at| {
        let we = frame.places("we").find(|it| *it > at && *it - at <= 3);
        we.is_some_and(|we| {
            let sees = |from: usize, to: usize| {
                ["share", "read", "receives"]
                    .iter()
                    .any(|it| frame.places(it).any(|it| it > from && it < to))
            };
            !sees(at, we) && sees(we, we + 5) && !frame.negated[at]
        })
    });
    found.extend(only_we.map(|at| ("only_we", at)));
    // "link this information to you"
    let linked = frame.places("link_verb").find(|&at| {
        frame.places("to_person").any(|to| to > at && to - at <= 6) && at < frame.words
    });
    found.extend(linked.map(|at| ("linked_to_you", at)));
    // "Save my choices", "Cadw eich gosodiadau": what is written on a button.
    let acts = [
        "save",
        "confirm",
        "update",
        "submit",
        "store",
        "manage",
        "change",
        "review",
        "accept",
        "reject",
        "open",
        "cadw",
        "cadarnhau",
        "diweddaru",
        "rheoli",
        "newid",
        "derbyn",
        "gwrthod",
        "agor",
    ];
    let what = [
        "choices",
        "preferences",
        "settings",
        "consent",
        "dewisiadau",
        "newisiadau",
        "gosodiadau",
        "ngosodiadau",
        "caniatâd",
    ];
    let operates = ["accept", "reject", "manage", "derbyn", "gwrthod", "rheoli"].contains(&word(0));
    let button = tokens.len() <= 7
        && acts.contains(&word(0))
        && (1..tokens.len()).any(|it| {
            what.contains(&word(it)) || operates && matches!(word(it), "cookies" | "cwcis")
        });
    found.extend(button.then_some(("save_control", 0)));
    // "the settings of your hearing aid"
    let of_else = (0..tokens.len()).find(|&at| {
        matches!(word(at), "settings" | "choices" | "preferences" | "answer" | "decision")
            && matches!(word(at + 1), "of" | "on" | "about" | "for")
            && !frame.any("cookie")
            && !frame.any("optional")
    });
    found.extend(of_else.map(|at| ("settings_of_else", at)));
}

/// Those that speak of what is listed, asked and named, and of whose cookies they are.
fn more_virtuals(frame: &Frame, tokens: &[Token], found: &mut Vec<(&'static str, usize)>) {
    let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
    // "You choose before we set anything": who sets first and asks later does not wait.
    let asked_first = frame.places("before").find(|&at| {
        let asks = ["agree", "choose", "ask", "shown", "refuse"];
        asks.iter().any(|it| frame.places(it).any(|it| it < at && !frame.negated[it]))
            && ["set", "use"].iter().any(|it| frame.places(it).any(|it| it > at))
            && !["set", "use"].iter().any(|it| frame.places(it).any(|it| it < at))
    });
    found.extend(asked_first.map(|at| ("asked_first", at)));
    for (category, at) in &frame.categories {
        let essential = *category == Category::Essential;
        found.push((if essential { "essential_named" } else { "consentable" }, *at));
    }
    // "Session cookies end with the session" explains what they are.
    let all = ["whole", "only", "we", "our"].iter().any(|it| frame.any(it))
        || matches!(word(0), "these" | "they" | "all" | "this" | "it")
        || (0..tokens.len()).any(|it| matches!(word(it), "lawrlwytho" | "downloaded"));
    if let Some(at) = frame.places("session").next().filter(|_| !all) {
        found.push(("bare_session", at));
    }
    // "a list of pharmacies"
    let of_else = (0..tokens.len()).find(|&at| {
        let list = matches!(word(at), "list" | "table" | "rhestr" | "restr" | "tabl");
        let of = (at + 1..at + 4).find(|&it| list && matches!(word(it), "of" | "o"));
        of.is_some_and(|of| {
            let ours = ["what", "all", "everything", "them", "these", "those", "every", "r"];
            !ours.contains(&word(of + 1)) && !frame.any("cookie")
        })
    });
    found.extend(of_else.map(|at| ("list_of_else", at)));
    if let Some(at) = (0..tokens.len()).find(|&at| {
        matches!(word(at), "gov" | "org" | "co" | "nhs" | "ac" | "com" | "wales" | "cymru")
            && at > 1
    }) {
        found.push(("own_host", at));
    }
}
