//! No rule may be satisfied by evidence that was taken away: random cases, damaged, and every rule
//! asked before and after.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{Outcome, Rule, rules, testing::Case};

/// A case in the notation of [`super::testing`], in pieces that can be damaged.
#[derive(Clone, Debug)]
struct Plan {
    things: Vec<String>,
    passes: Vec<(&'static str, PassPlan)>,
    notice: Vec<String>,
    /// By what it is judged, as one line.
    law: &'static str,
}

#[derive(Clone, Debug)]
struct PassPlan {
    choice: &'static str,
    banner: &'static str,
    gap: bool,
    /// Whether a second page was observed.
    page: bool,
    /// What was found out about the banner and the choice.
    facts: Vec<&'static str>,
    /// Places in [`Plan::things`].
    before: Vec<usize>,
    after: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    Remove(usize),
    Fail(usize),
    Gap(usize),
    /// One page of a pass was not observed.
    Page(usize),
}

impl Plan {
    fn damaged(&self, damage: Damage) -> Option<Self> {
        let mut plan = self.clone();
        match damage {
            Damage::Remove(at) => {
                if at >= plan.passes.len() {
                    return None;
                }
                plan.passes.remove(at);
            }
            Damage::Fail(at) => {
                let (name, pass) = plan.passes.get_mut(at)?;
                // The pass that makes no choice cannot fail at one.
                if *name == "none" {
                    return None;
                }
                pass.choice = "failed";
            }
            // What was not observed was not seen either.
            Damage::Gap(at) => {
                let pass = &mut plan.passes.get_mut(at)?.1;
                pass.gap = true;
                pass.after.clear();
            }
            Damage::Page(at) => {
                let pass = &mut plan.passes.get_mut(at)?.1;
                pass.page = false;
                pass.before.clear();
                pass.after.clear();
            }
        }
        Some(plan)
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.law);
        for (name, pass) in &self.passes {
            text.push_str(format!("{name} {}", pass.choice).trim_end());
            text.push_str("\nbanner ");
            text.push_str(pass.banner);
            text.push('\n');
            for fact in &pass.facts {
                let of_banner =
                    ["control", "option", "walled"].iter().any(|it| fact.starts_with(it));
                // A choice that was not made has no proof, and no banner has no facts.
                let bare = pass.choice == "failed" && fact.contains("choice");
                if (of_banner && matches!(pass.banner, "absent" | "doubtful")) || bare {
                    continue;
                }
                text.push_str(&fact.replace("PASS", name));
                text.push('\n');
            }
            text.push_str(if pass.page { "visit /b\n" } else { "visit /b failed\n" });
            if pass.gap {
                text.push_str("gap a page did not answer\n");
            }
            let named = |places: &[usize]| -> Vec<String> {
                places.iter().map(|&at| self.things[at].clone()).collect()
            };
            let mut lines = named(&pass.before);
            // Without a proved choice everything happened before one.
            match (*name, pass.choice) {
                ("reject", "" | "one-click") => lines.push("--- refused".to_owned()),
                ("accept", "" | "one-click") => lines.push("--- granted".to_owned()),
                ("withdraw", "" | "one-click") => lines.push("--- withdrawn".to_owned()),
                _ => {}
            }
            lines.extend(named(&pass.after));
            for line in lines {
                text.push_str(&line);
                text.push('\n');
            }
        }
        for line in &self.notice {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

/// One line for each of a few things. What a thing is for does not change from pass to pass.
fn things() -> impl Strategy<Value = Vec<String>> {
    const WHAT: [&str; 9] = [
        "_ga shop.test",
        "_fbp .shop.test",
        "sid shop.test",
        "uid ads.test",
        "local:seen https://shop.test",
        "session:_ga https://ads.test",
        "host ads.test",
        "host www.youtube.com",
        "host cdn.shop.test",
    ];
    let category = select(vec!["essential", "functional", "performance", "marketing", "unknown"]);
    let life = select(vec![
        "",
        " life=session",
        " life=90d",
        " life=2y",
        " kept=400d",
        " plain http=https://shop.test/",
    ]);
    let basis = select(vec!["", " basis=notice", " sure=low"]);
    vec((category, life, basis), WHAT.len()).prop_map(|rest| {
        let lines = WHAT.iter().zip(rest);
        lines.map(|(what, (it, life, basis))| format!("{what} {it}{life}{basis}")).collect()
    })
}

/// Facts about banners and choices, one line each; a choice comes before its signals.
const FACTS: &[&str] = &[
    "control Accept meaning=accept size=120x40 font=16 contrast=7",
    "control Reject meaning=reject size=120x40 font=12 contrast=7",
    "control Cookie_settings meaning=settings",
    "option Analytics checked layer=2",
    "option Analytics layer=2",
    "walled covered=100",
    "second-look banner",
    "second-look none",
    "script https://ads.test/a.js canvas,audio,page-changes,pointer,keys in-fields to=ads.test",
    "disclosed ads.test marketing address=/report as=dl",
    "shared _ga .shop.test to=ads.test as=cid",
    "host stats.shop.test performance alias=ads.test",
    "host img.shop.test essential alias=?",
    "choice accept proof pressed=Accept",
    "choice PASS proof pressed=More,Reject\nsignal tcf granted=purpose_1",
    "choice PASS proof pressed=Reject\nsignal tcf denied=purpose_1",
    "choice PASS pressed=Reject asked-again=https://shop.test/b",
];

fn pass(choices: Vec<&'static str>) -> impl Strategy<Value = PassPlan> {
    let banner = select(vec!["accept reject", "accept", "absent", "doubtful", "reject"]);
    let some = || vec(0..9_usize, 0..4);
    let facts = prop::sample::subsequence(FACTS.to_vec(), 0..4);
    let page = prop::bool::weighted(0.9);
    (select(choices), banner, prop::bool::weighted(0.2), page, facts, some(), some()).prop_map(
        |(choice, banner, gap, page, facts, before, after)| PassPlan {
            choice,
            banner,
            gap,
            page,
            facts,
            before,
            after,
        },
    )
}

fn declaration() -> impl Strategy<Value = String> {
    let name = select(vec!["_ga", "_fbp", "sid", "uid", "seen", "old", "_f*", "_ga_*", "_fpb"]);
    let category = select(vec!["", " category=essential", " category=marketing"]);
    let life = select(vec!["", " life=session", " life=1y", " life=2y", " life=unreadable"]);
    let purpose = select(vec!["", " purpose=Counts_visits"]);
    let section =
        select(vec!["", "", " section=First-party_cookies", " section=Third_party_cookies"]);
    (name, category, life, purpose, section).prop_map(|(name, category, life, purpose, section)| {
        format!("declare {name}{category}{life}{purpose}{section}")
    })
}

/// Claims of a notice, one line each.
const CLAIMS: &[&str] = &[
    "claim no-category None. categories=marketing",
    "claim only-categories Only_these. categories=essential",
    "claim blocked-on-refusal Blocked. categories=marketing",
    "claim all-session All_end.",
    "claim refusal-possible Refuse.",
    "claim withdrawal-possible Withdraw.",
];

/// Laws, and what a site may declare to rely on.
const LAWS: &[&str] = &[
    "law uk",
    "law uk",
    "law eu",
    "law uk performance=statistical",
    "law uk performance=statistical functional=appearance",
];

/// What else may be known of a notice, one line each.
const AROUND: &[&str] = &[
    "reviewed 2020-01",
    "looked 2026-11",
    "looked 2020-06",
    "found guess",
    "found given",
    "link https://vendor.test/cookies",
    "hide _gid",
    "translation cy declare _ga",
    "translation cy declare _ga\ntranslation cy declare _fbp",
    "translation unreadable",
];

fn notice() -> impl Strategy<Value = Vec<String>> {
    let states = vec!["notice missing", "notice unreadable", "notice not-sought", "notice other"];
    let read =
        (vec(declaration(), 0..5), select(vec!["", "text We use YouTube.", "problem truncated"]))
            .prop_map(|(mut lines, more)| {
                lines.insert(0, "notice".to_owned());
                lines.extend((!more.is_empty()).then(|| more.to_owned()));
                lines
            });
    let claims = prop::sample::subsequence(CLAIMS.to_vec(), 0..3);
    let around = prop::sample::subsequence(AROUND.to_vec(), 0..4);
    let read = (read, claims, around).prop_map(|(mut lines, claims, around)| {
        lines.extend(claims.into_iter().chain(around).map(str::to_owned));
        lines
    });
    prop_oneof![4 => read, 1 => select(states).prop_map(|it| vec![it.to_owned()])]
}

fn plan() -> impl Strategy<Value = Plan> {
    let choices = || vec!["", "", "", "one-click", "failed", "unavailable"];
    let passes = (
        option::weighted(0.95, pass(vec![""])),
        option::weighted(0.95, pass(choices())),
        option::weighted(0.95, pass(choices())),
        option::weighted(0.95, pass(choices())),
    );
    let laws = select(LAWS);
    let parts = (things(), passes, notice(), laws);
    parts.prop_map(|(things, (none, reject, accept, withdraw), notice, law)| {
        let passes =
            [("none", none), ("reject", reject), ("accept", accept), ("withdraw", withdraw)];
        let passes = passes.into_iter().filter_map(|(name, it)| Some((name, it?))).collect();
        Plan { things, passes, notice, law }
    })
}

/// Whether a pass was damaged that the rule does not need. The pass that makes no choice answers by itself what
/// happens before one: what another pass saw before its click is more evidence, and missed only where a site does
/// different things on different visits. What withdrawing alone showed is missed only by the rules about
/// withdrawing.
fn is_not_needed(rule: &Rule, plan: &Plan, damage: Damage) -> bool {
    let at = match damage {
        Damage::Remove(at) | Damage::Gap(at) | Damage::Page(at) => at,
        // A choice that failed is a fact of its own, whoever needs the pass.
        Damage::Fail(_) => return false,
    };
    rule.needs.iter().all(|pass| pass.name() != plan.passes[at].0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn less_evidence_never_clears_anyone(plan in plan()) {
        let whole = Case::new(&plan.text());
        let places = 0..plan.passes.len();
        let damages = places.flat_map(|at| {
            [Damage::Remove(at), Damage::Fail(at), Damage::Gap(at), Damage::Page(at)]
        });
        for damage in damages {
            let Some(damaged) = plan.damaged(damage) else { continue };
            let damaged = Case::new(&damaged.text());
            for rule in rules::ALL {
                let before = whole.judge(rule);
                let after = damaged.judge(rule);
                let accused = matches!(before, Outcome::Violated { .. } | Outcome::Open(_));
                if is_not_needed(rule, &plan, damage) {
                    continue;
                }
                prop_assert!(
                    !(accused && matches!(after, Outcome::Satisfied)),
                    "{}: {before:?} became satisfied by {damage:?}\n{}",
                    rule.id,
                    plan.text()
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_declared_basis_never_clears_anyone(plan in plan()) {
        let bare = Case::new(&Plan { law: "law uk", ..plan.clone() }.text());
        let relying = Case::new(&plan.text());
        for rule in rules::ALL {
            let before = bare.judge(rule);
            let after = relying.judge(rule);
            let accused = matches!(before, Outcome::Violated { .. } | Outcome::Open(_));
            let still = matches!(after, Outcome::Violated { .. } | Outcome::Open(_));
            prop_assert!(
                !accused || still,
                "{}: {before:?} became {after:?}\n{}",
                rule.id,
                plan.text()
            );
        }
    }
}

/// The property means little if its cases are all alike.
#[test]
fn the_cases_are_of_every_kind() {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..2000 {
        let case = Case::new(&plan().new_tree(&mut runner).unwrap().current().text());
        for rule in rules::ALL {
            seen.insert((
                rule.id,
                match case.judge(rule) {
                    Outcome::Satisfied => 's',
                    Outcome::Violated { .. } => 'v',
                    Outcome::Open(_) => 'o',
                    Outcome::NotApplicable(_) => 'n',
                },
            ));
        }
    }
    for rule in rules::ALL {
        for outcome in ['s', 'v', 'o'] {
            assert!(seen.contains(&(rule.id, outcome)), "{} is never {outcome}", rule.id);
        }
    }
}
