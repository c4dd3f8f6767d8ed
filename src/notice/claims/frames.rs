//! Reads a sentence into frames: for each of its clauses, which classes of words stand in it, where, and
//! whether a negation governs them.

use crate::model::Category;

use super::{
    super::{category, language},
    lexicon::{self, Token, is, tokens},
    relations,
};

/// A class of words at a place.
#[derive(Clone, Copy, Debug)]
struct Hit {
    class: usize,
    at: usize,
    /// How many words it takes.
    length: usize,
}

/// A sentence as it was understood.
#[derive(Debug)]
pub(super) struct Frame {
    hits: Vec<Hit>,
    /// For each word whether a negation governs it.
    pub(super) negated: Vec<bool>,
    /// The clause of each word.
    clause: Vec<usize>,
    /// Categories of cookies that it names, and where.
    pub(super) categories: Vec<(Category, usize)>,
    /// Providers that it names, as written, and where.
    pub(super) providers: Vec<(String, usize)>,
    pub(super) question: bool,
    pub(super) words: usize,
    virtuals: Vec<(&'static str, usize)>,
}

/// Reads a sentence. `names` finds the providers in it.
pub(super) fn read(sentence: &str, names: &[(String, usize)]) -> Frame {
    let tokens = tokens(sentence);
    let (english, welsh) = language::counts(sentence);
    let mut hits = hits(&tokens, welsh > english || english == 0);
    let clause = clauses(&tokens);
    // "Ni ddefnyddir ond …": nothing but.
    if let Some(at) = tokens.iter().position(|it| it.text == "ond" && !it.comma)
        && tokens[..at].iter().any(|it| matches!(it.text.as_str(), "ni" | "nid" | "nad"))
        && let Some(class) = lexicon::class("only")
    {
        hits.push(Hit { class, at, length: 1 });
    }
    let negated = negations(&tokens, &hits, &clause);
    let place = |byte: usize| tokens.iter().position(|it| it.start >= byte).unwrap_or(0);
    let providers: Vec<(String, usize)> =
        names.iter().map(|(name, at)| (name.clone(), place(*at))).collect();
    // What is inside the name of a provider is no word of the sentence: Google *Analytics*.
    let inside = |at: usize| {
        names.iter().any(|(name, from)| {
            tokens.get(at).is_some_and(|it| it.start > *from && it.start < from + name.len())
        })
    };
    hits.retain(|it| !inside(it.at) || it.length > 1);
    // "Ni ddefnyddir cwcis heb eich caniatâd": what is not done without consent is done with it.
    hits.retain(|it| {
        let without = ["always_on", "without_asking"].iter().any(|name| is(it.class, name))
            && matches!(tokens[it.at].text.as_str(), "without" | "heb");
        !(without && it.at > 0 && negated[it.at - 1])
    });
    // "They stay switched off" says what they are; nobody refuses.
    hits.retain(|it| !is(it.class, "refuse") || !is_state(&tokens, it.at));
    // "bob amser" is no "every": the words of an idiom say nothing by themselves.
    let idioms: Vec<(usize, usize)> = hits
        .iter()
        .filter(|it| is(it.class, "idiom"))
        .map(|it| (it.at, it.at + it.length))
        .collect();
    hits.retain(|it| {
        it.length > 1 || !idioms.iter().any(|(from, to)| (*from..*to).contains(&it.at))
    });
    let mut categories: Vec<(Category, usize)> = category::placed(sentence)
        .into_iter()
        .map(|(category, byte)| (category, place(byte)))
        .filter(|(_, at)| !inside(*at))
        .collect();
    categories.dedup_by_key(|it| it.0);
    let mut frame = Frame {
        hits,
        negated,
        clause,
        categories,
        providers,
        question: sentence.trim_end().ends_with('?') || sentence.starts_with("A ydych"),
        words: tokens.len(),
        virtuals: Vec::new(),
    };
    frame.virtuals = relations::found(&frame, &tokens);
    frame
}

/// Whether "switched off" and the like say what something is, and not what can be done.
fn is_state(tokens: &[Token], at: usize) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
    let off = matches!(word(at), "switched" | "turned" | "disabled" | "off" | "blocked");
    let stays = at > 0
        && matches!(
            word(at - 1),
            "are" | "is" | "stay" | "stays" | "remain" | "remains" | "kept" | "start" | "left"
        );
    let kept_so = at > 1
        && matches!(word(at - 1), "be" | "been")
        && !matches!(word(at - 2), "can" | "may" | "could" | "to" | "not");
    off && (stays || kept_so)
}

fn hits(tokens: &[Token], welsh: bool) -> Vec<Hit> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        for entry in lexicon::entries(&tokens[at].text) {
            if entry.welsh && !welsh {
                continue;
            }
            let length = entry.words.len();
            let Some(here) = tokens.get(at..at + length) else { continue };
            let last = length - 1;
            let fits = entry.words.iter().zip(here).enumerate().all(|(number, (forms, token))| {
                let open = entry.any_ending && number == last;
                let same = |word: &String| {
                    if open { token.text.starts_with(word.as_str()) } else { token.text == *word }
                };
                forms.iter().any(same)
            });
            if fits && !found.iter().any(|it: &Hit| it.class == entry.class && it.at == at) {
                found.push(Hit { class: entry.class, at, length });
            }
        }
    }
    found
}

/// The number of the clause of each word.
fn clauses(tokens: &[Token]) -> Vec<usize> {
    let mut number = 0;
    let subject = |it: &Token| {
        matches!(it.text.as_str(), "we" | "they" | "you" | "it" | "this" | "these" | "cookies")
    };
    tokens
        .iter()
        .enumerate()
        .map(|(at, it)| {
            let next = tokens.get(at + 1);
            let breaks = it.parted
                || matches!(it.text.as_str(), "but" | "however" | "although" | "though" | "while" | "whereas" | "ond")
                    && (it.text != "ond" || it.comma)
                    // "all but the essential ones"
                    && !(it.text == "but" && at > 0 && matches!(tokens[at - 1].text.as_str(), "all" | "nothing" | "none" | "anything" | "one" | "everything" | "nobody"))
                || matches!(it.text.as_str(), "and" | "so" | "which" | "who")
                    && (it.comma || it.text == "and")
                    && next.is_some_and(subject)
                    && at > 2;
            // "…, and consent can be withdrawn"
            let anew = it.text == "and"
                && it.comma
                && tokens[at + 1..].iter().take(3).any(|it| {
                    matches!(it.text.as_str(), "can" | "may" | "is" | "are" | "will" | "must")
                });
            // "…, and none from others", "…, none of which …"
            let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
            let none = it.comma
                && (it.text == "and" && matches!(word(at + 1), "none" | "nothing" | "no" | "never")
                    || it.text == "none" && word(at + 1) == "of");
            if (breaks || anew || none) && at > 0 {
                number += 1;
            }
            number
        })
        .collect()
}

/// Words that negate what follows them in their clause.
const NEGATORS: &[&str] = &[
    "not",
    "never",
    "no",
    "none",
    "nothing",
    "nobody",
    "neither",
    "nor",
    "without",
    "impossible",
    "nid",
    "nad",
    "heb",
    "byth",
    "dyw",
    "does",
    "peidio",
    "beidio",
    "dim",
    "nac",
    "cookieless",
    "ddim",
    "stopped",
    "ceased",
    "unable",
    "free",
];
/// Words at which the reach of a negation ends.
const STOPS: &[&str] =
    &["unless", "until", "except", "apart", "because", "if", "oni", "heblaw", "before", "ond"];

/// "Nothing stops Google from …": who is not kept from something may do it, so that neither word denies.
fn is_undone(
    tokens: &[Token],
    clause: &[usize],
    forbids: &dyn Fn(usize) -> bool,
    at: usize,
) -> bool {
    let none = |it: usize| {
        matches!(
            tokens[it].text.as_str(),
            "nothing" | "not" | "no" | "never" | "nobody" | "nid" | "ni" | "nad" | "dim"
        )
    };
    let near = |from: usize, to: usize| from < to && to - from <= 3 && clause[from] == clause[to];
    let keeps = |it: usize| {
        let from = || tokens[it..].iter().take(4).any(|it| it.text == "from");
        forbids(it) || tokens[it].text == "keeps" && from()
    };
    none(at) && (at + 1..tokens.len()).any(|it| near(at, it) && keeps(it))
        || keeps(at) && (0..at).any(|it| near(it, at) && none(it))
}

/// Whether the first word of the sentence says that something holds in some case only.
fn opens_with_condition(tokens: &[Token]) -> bool {
    tokens.first().is_some_and(|it| {
        matches!(
            it.text.as_str(),
            "if" | "unless"
                | "when"
                | "should"
                | "once"
                | "until"
                | "before"
                | "os"
                | "pan"
                | "oni"
                | "nes"
                | "hyd"
                | "cyn"
        )
    })
}

/// For each word whether a negation governs it.
fn negations(tokens: &[Token], hits: &[Hit], clause: &[usize]) -> Vec<bool> {
    let mut negated = vec![false; tokens.len()];
    // A negation inside a longer wording is a part of it: "whether or not", "say no", "not essential".
    let own = |at: usize| {
        hits.iter().any(|it| {
            it.length > 1
                && (it.at..it.at + it.length).contains(&at)
                && !is(it.class, "not")
                // "nad yw'n hanfodol" denies no more than what it says of them.
                && (it.at < at || it.length >= 3 || !is(it.class, "optional"))
                && (["refuse", "optional", "list_open", "always_on", "only", "need", "unencrypted"])
                    .iter()
                    .any(|name| is(it.class, name))
        })
    };
    // The word after the comma at which a condition that opens the sentence ends.
    let condition = tokens.iter().position(|it| it.comma).filter(|_| opens_with_condition(tokens));
    let forbids = |at: usize| hits.iter().any(|it| it.at == at && is(it.class, "forbid"));
    for at in 0..tokens.len() {
        let text = tokens[at].text.as_str();
        let word = |at: usize| tokens.get(at).map_or("", |it| it.text.as_str());
        let welsh_ni = text == "ni"
            && (at == 0
                || clause[at - 1] != clause[at]
                || matches!(word(at - 1), "a" | "ac" | "ag" | "felly" | "nac")
                || tokens[at].comma)
            && !matches!(word(at + 1), "yn" | "sy" | "n" | "all" if word(at + 1) == "yn" || word(at + 1) == "sy");
        // "os na fyddwch yn cytuno"
        let os_na = text == "na" && at > 0 && matches!(word(at - 1), "os" | "pe");
        let denies = (NEGATORS.contains(&text) || welsh_ni || os_na) && !own(at) || forbids(at);
        // `does` negates in Welsh only ("does dim"); "not only" says more and not less.
        let only = text == "not" && word(at + 1) == "only";
        // "free of cookies", and not "feel free".
        let free = text == "free" && !matches!(word(at + 1), "of" | "from");
        let more = text == "nothing" && matches!(word(at + 1), "else" | "more");
        if !denies
            || only
            || more
            || free
            || text == "does" && word(at + 1) != "dim"
            || is_undone(tokens, clause, &forbids, at)
        {
            continue;
        }
        // "We need no consent to set them": what is not needed is the consent, and not what it is for.
        let need = (at + 1..tokens.len().min(at + 5))
            .find(|&it| hits.iter().any(|hit| hit.at == it && is(hit.class, "need")));
        let purpose = need.and_then(|need| {
            (need + 1..tokens.len())
                .find(|&it| matches!(word(it), "to" | "i" | "for" | "in" | "er" | "ar" | "before"))
                .filter(|&it| clause[it] == clause[at])
        });
        // "Ni ddefnyddir ond …" is "only".
        let welsh_only = (welsh_ni || matches!(text, "nid" | "nad"))
            && (at..tokens.len())
                .take_while(|&it| clause[it] == clause[at])
                .any(|it| word(it) == "ond" && !tokens[it].comma);
        if welsh_only {
            continue;
        }
        // `ddim` and `dim` stand after the verb that they negate.
        let mut from = at;
        if matches!(text, "ddim" | "dim") || text == "none" || text == "nothing" || text == "nobody"
        {
            while from > 0 && clause[from - 1] == clause[at] && !STOPS.contains(&word(from - 1)) {
                from -= 1;
            }
        }
        for (place, negated) in negated.iter_mut().enumerate().skip(from) {
            // "If you do not object, we set them": a condition denies nothing of what depends on it.
            let stop = place > at
                && (STOPS.contains(&word(place))
                    || condition == Some(place)
                    || purpose.is_some_and(|it| place >= it));
            if clause[place] != clause[at] || stop {
                break;
            }
            *negated = true;
        }
        // "Cookies for advertising are not used": the subject is denied with its verb.
        if matches!(text, "not" | "never") || text == "no" && word(at + 1) == "longer" {
            let be = at > 0
                && matches!(word(at - 1), "are" | "is" | "be" | "was" | "were" | "has" | "have");
            let mut before = at;
            while be
                && before > 0
                && clause[before - 1] == clause[at]
                && !STOPS.contains(&word(before - 1))
                // "cookies that are not necessary"
                && !matches!(word(before - 1), "that" | "which" | "who")
            {
                before -= 1;
                negated[before] = true;
            }
        }
    }
    negated
}

/// How a term of a pattern wants its words: under a negation, free of one, or either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Polarity {
    Either,
    Affirmed,
    Negated,
}

impl Frame {
    /// Places of a class, in the clauses that `clause` allows.
    pub(super) fn places<'a>(&'a self, class: &'a str) -> Box<dyn Iterator<Item = usize> + 'a> {
        match class {
            "category" => Box::new(self.categories.iter().map(|it| it.1)),
            "provider" => Box::new(self.providers.iter().map(|it| it.1)),
            "negation" => Box::new((0..self.words).filter(|&it| self.negated[it])),
            _ if relations::NAMES.contains(&class) => {
                Box::new(self.virtuals.iter().filter(move |it| it.0 == class).map(|it| it.1))
            }
            _ => Box::new(self.hits.iter().filter(move |it| is(it.class, class)).map(|it| it.at)),
        }
    }

    /// Whether words of one of the classes stand in a clause, with this polarity.
    pub(super) fn has(
        &self,
        classes: &[String],
        polarity: Polarity,
        clause: Option<usize>,
    ) -> bool {
        classes.iter().any(|class| {
            self.places(class).any(|at| {
                let here = clause.is_none_or(|it| self.clause.get(at) == Some(&it));
                let negated = self.negated.get(at).copied().unwrap_or(false);
                here && match polarity {
                    Polarity::Either => true,
                    Polarity::Affirmed => !negated,
                    Polarity::Negated => negated,
                }
            })
        })
    }

    /// Whether words of a class stand anywhere.
    pub(super) fn any(&self, class: &str) -> bool {
        self.places(class).next().is_some()
    }

    /// How many clauses there are.
    pub(super) fn clauses(&self) -> usize {
        self.clause.last().map_or(0, |it| it + 1)
    }

    /// Whether a category is named without, or under, a negation.
    pub(super) fn category_negated(&self, at: usize) -> bool {
        self.negated.get(at).copied().unwrap_or(false)
    }
}

impl Frame {
    /// Whether it says that there are no cookies at all.
    pub(super) fn uses_no_cookies(&self) -> bool {
        // "We do not use cookies to …" denies what follows and not the cookies.
        let ends = |last: usize| {
            let next = last + 1;
            next == self.words
                || ["here", "device", "by", "site", "we"]
                    .iter()
                    .any(|it| self.places(it).any(|it| it == next))
        };
        let set = |at: usize| {
            let near = |to: usize| {
                // "sets no cookies"
                let denied = self.negated[at] || to > 0 && self.negated[to - 1] && to > at;
                let after = to > at && to - at <= 3 && ends(to) && denied;
                // "No cookies are stored on your device."
                let before = to < at && at - to <= 3 && ends(at) && self.negated[at];
                self.negated[to] && (after || before)
            };
            self.places("cookie").any(near)
        };
        let denied = self.places("use").chain(self.places("set")).any(set);
        denied
            && self.words <= 14
            && (self.any("we") || self.any("site"))
            && self.categories.is_empty()
            && self.providers.is_empty()
            && ![
                "other",
                "control",
                "bannerish",
                "third",
                "if",
                "before",
                "personal",
                "browser",
                "you",
                "optional",
                "only",
                "read",
                "persistent",
                "session",
                "not_listed",
            ]
            .iter()
            .any(|it| match *it {
                "optional" => self.any("additional"),
                // "on your device" speaks of nobody.
                "you" => self.any("you") && !self.any("device"),
                // "by this site" is no condition.
                "if" => self.places("if").count() > self.places("by").count(),
                it => self.any(it),
            })
    }

    /// Whether a name that we do not know is said to be a service: "we use X", "provided by X".
    pub(super) fn is_introduced(&self, at: usize) -> bool {
        let before =
            |class: &str, within: usize| self.places(class).any(|it| it < at && at - it <= within);
        // "when you use X" names the site itself.
        let yours = self.places("you").any(|it| it < at && at - it <= 3);
        before("introduces", 2)
            && !yours
            && (self.any("we") || self.any("cookie") || self.any("site"))
    }

    /// Whether the provider named at a place is one that the site uses, or that does something here.
    pub(super) fn is_used(&self, at: usize) -> bool {
        let near = |class: &str, before: usize, after: usize| {
            self.places(class).any(|it| it + before >= at && it <= at + after)
        };
        near("use", 9, 6) || near("set", 8, 6) || near("collect", 8, 6) || near("serves", 8, 6)
    }
}

/// Whether a class of words exists; for tests of patterns.
pub(super) fn is_class(name: &str) -> bool {
    matches!(name, "category" | "provider" | "negation")
        || relations::NAMES.contains(&name)
        || lexicon::class(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negations_reach_as_far_as_they_do() {
        for (sentence, class, negated) in [
            ("We do not set cookies.", "set", true),
            ("We do not track you, but we store cookies.", "set", false),
            ("No cookies are stored.", "set", true),
            ("Cookies are never stored unless you agree.", "agree", false),
            ("Ni osodir cwcis.", "set", true),
            ("Gosodir cwcis gennym ni.", "set", false),
            ("Nid ydym yn gosod cwcis.", "set", true),
            ("Not only do we set cookies.", "set", false),
            ("Whether or not you agree, they are set.", "set", false),
            ("Google is prohibited from sharing data.", "share", true),
        ] {
            let frame = read(sentence, &[]);
            let class = vec![class.to_owned()];
            assert_eq!(frame.has(&class, Polarity::Negated, None), negated, "{sentence}");
        }
    }

    #[test]
    fn welsh_words_are_known_in_their_mutations() {
        for sentence in ["cwcis", "gwcis", "chwcis", "nghwcis"] {
            assert!(read(sentence, &[]).any("cookie"), "{sentence}");
        }
    }
}
