use regex::Regex;
use serde::Deserialize;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// What pressing a control would say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Yes to everything.
    Accept,
    /// No to everything optional.
    Reject,
    /// Seen, and nothing decided.
    Acknowledge,
    /// Let me choose.
    Settings,
    /// Store the choices as they stand.
    Save,
    /// Take back what was agreed to.
    Withdraw,
}

impl Meaning {
    /// The name used in recordings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Acknowledge => "acknowledge",
            Self::Settings => "settings",
            Self::Save => "save",
            Self::Withdraw => "withdraw",
        }
    }
}

/// What banners say, in every language that we have a list of.
#[derive(Clone, Debug)]
pub struct Words {
    mentions: String,
    accept: Regex,
    reject: Regex,
    acknowledge: Regex,
    settings: Regex,
    save: Regex,
    withdraw: Regex,
    notice: Regex,
    option_no: Regex,
    option_yes: Regex,
    acts: Regex,
    pays: Regex,
    policy: Regex,
    elsewhere: Regex,
    needed: Regex,
    optional: Regex,
    opts_out: Regex,
    inverts: Regex,
    opens: Regex,
    agrees: Regex,
    invites: Regex,
    protects: Regex,
    back: Regex,
    reject_begins: Regex,
    accept_begins: Regex,
    unsure: Regex,
    about: Regex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mentions: Vec<String>,
    accept: Vec<String>,
    reject: Vec<String>,
    acknowledge: Vec<String>,
    settings: Vec<String>,
    save: Vec<String>,
    withdraw: Vec<String>,
    notice: Vec<String>,
    option_no: Vec<String>,
    option_yes: Vec<String>,
    acts: Vec<String>,
    pays: Vec<String>,
    policy: Vec<String>,
    elsewhere: Vec<String>,
    needed: Vec<String>,
    optional: Vec<String>,
    opts_out: Vec<String>,
    inverts: Vec<String>,
    opens: Vec<String>,
    agrees: Vec<String>,
    invites: Vec<String>,
    protects: Vec<String>,
    back: Vec<String>,
    reject_begins: Vec<String>,
    accept_begins: Vec<String>,
    unsure: Vec<String>,
}

/// The word lists, by language.
const FILES: &[(&str, &str)] = &[
    ("en", include_str!("words/en.toml")),
    ("cy", include_str!("words/cy.toml")),
    ("de", include_str!("words/de.toml")),
    ("es", include_str!("words/es.toml")),
    ("fr", include_str!("words/fr.toml")),
    ("it", include_str!("words/it.toml")),
    ("nl", include_str!("words/nl.toml")),
    ("pl", include_str!("words/pl.toml")),
    ("pt", include_str!("words/pt.toml")),
];

impl Words {
    /// What banners say in every language that there is a list of.
    ///
    /// # Panics
    /// Never: a test reads the embedded files.
    pub fn all() -> Self {
        let texts: Vec<&str> = FILES.iter().map(|(_, text)| *text).collect();
        #[allow(clippy::expect_used, reason = "the files are embedded and read by a test")]
        parse(&texts).expect("the embedded word lists are valid")
    }

    /// What a control that says `text` means, if it is one of a banner's.
    ///
    /// Refusing is asked first: where a label could be both, it is never taken for agreement.
    pub fn meaning(&self, text: &str) -> Option<Meaning> {
        let texts = variants(text);
        [
            (&self.reject, Meaning::Reject),
            (&self.save, Meaning::Save),
            (&self.withdraw, Meaning::Withdraw),
            (&self.accept, Meaning::Accept),
            (&self.acknowledge, Meaning::Acknowledge),
            (&self.settings, Meaning::Settings),
            (&self.invites, Meaning::Settings),
        ]
        .into_iter()
        .find(|(words, _)| texts.iter().any(|text| words.is_match(text)))
        .map(|(_, meaning)| meaning)
        .filter(|meaning| *meaning != Meaning::Reject || !self.asks_for_money(text))
        .or_else(|| self.meaning_of_a_sentence(&texts))
    }

    /// What a label means that is a whole sentence: it begins with a word that decides, and speaks of cookies or of all of them.
    fn meaning_of_a_sentence(&self, texts: &[String]) -> Option<Meaning> {
        let text = texts.iter().find(|it| it.split(' ').count() > 3)?;
        let about = self.about.is_match(text) || self.optional.is_match(text);
        if !about || self.asks_for_money(text) || self.is_act(text) {
            return None;
        }
        let begins = |words: &Regex| texts.iter().any(|text| words.is_match(text));
        if begins(&self.reject_begins) && !self.accept.is_match(text) {
            return Some(Meaning::Reject);
        }
        (begins(&self.accept_begins) && !self.unsure.is_match(text)).then_some(Meaning::Accept)
    }

    /// Whether a control with that text may agree to something for all that is known.
    pub fn may_agree(&self, text: &str) -> bool {
        variants(text).iter().any(|text| self.agrees.is_match(text))
    }

    /// Whether a text speaks of cookies or of consent.
    pub fn is_about_consent(&self, text: &str) -> bool {
        self.about.is_match(&plain(text))
    }

    /// Whether a link that says `text` leads to the published notice.
    pub fn is_notice_link(&self, text: &str) -> bool {
        self.notice.is_match(&plain(text))
    }

    /// Whether an answer to a question about cookies says no.
    pub fn is_choice_no(&self, text: &str) -> bool {
        variants(text).iter().any(|text| self.option_no.is_match(text))
    }

    /// Whether such an answer says yes.
    pub fn is_choice_yes(&self, text: &str) -> bool {
        variants(text).iter().any(|text| self.option_yes.is_match(text))
    }

    /// Whether following a link that says `text` does something other than show a page: it ends the visit or the session,
    /// changes an account, or buys.
    pub fn is_act(&self, text: &str) -> bool {
        self.acts.is_match(&plain(text))
    }

    /// Whether pressing a button of a banner that says `text` does more than choose. "Save and exit" leaves the settings,
    /// not the site; a link that says so may still do anything.
    pub fn does_more_than_choose(&self, text: &str) -> bool {
        self.is_act(text) && !self.save.is_match(&plain(text))
    }

    /// Whether a button invites visitors to choose and chooses nothing itself. Unlike "Cookie settings", it does not stay
    /// once they have chosen.
    pub fn invites_to_choose(&self, text: &str) -> bool {
        self.invites.is_match(&plain(text))
    }

    /// Whether what a control says asks for money, such as a subscription.
    pub fn asks_for_money(&self, text: &str) -> bool {
        let text = plain(text);
        let price = text.chars().any(|c| matches!(c, '€' | '£' | '$'))
            && text.chars().any(|c| c.is_ascii_digit());
        price || self.pays.is_match(&text)
    }

    /// Whether the text or the path of a link names a notice, a policy or the like.
    pub fn names_a_policy(&self, text: &str) -> bool {
        self.policy.is_match(&plain(text))
    }

    /// Whether what a control says has nothing to do with consent, such as "Back to top" or "Share".
    pub fn is_elsewhere(&self, text: &str) -> bool {
        self.elsewhere.is_match(&plain(text))
    }

    /// Whether a text is about what cannot be refused, such as strictly necessary cookies, and about nothing optional.
    pub fn is_needed(&self, text: &str) -> bool {
        let text = plain(text);
        self.needed.is_match(&text) && !self.optional.is_match(&text)
    }

    /// Whether a text names something optional, such as a purpose.
    pub fn is_optional(&self, text: &str) -> bool {
        self.optional.is_match(&plain(text))
    }

    /// Whether ticking a box with that label refuses, as "Opt out of measurement" does.
    pub fn opts_out(&self, text: &str) -> bool {
        variants(text).iter().any(|text| self.opts_out.is_match(text))
    }

    /// Whether a text asks visitors to tick what they do not want.
    pub fn inverts(&self, text: &str) -> bool {
        variants(text).iter().any(|text| self.inverts.is_match(text))
    }

    /// Whether a text speaks of how much is protected or blocked, so that less of it allows more.
    pub fn protects(&self, text: &str) -> bool {
        self.protects.is_match(&plain(text))
    }

    /// Whether a control with that text only goes back to what was shown before.
    pub fn goes_back(&self, text: &str) -> bool {
        self.back.is_match(&plain(text))
    }

    /// Whether a control with that text shows more of the same settings and does nothing else.
    pub fn opens_more(&self, text: &str) -> bool {
        self.opens.is_match(&plain(text))
    }

    /// Words that make a text one about consent, as the source of a regular expression.
    pub fn mentions(&self) -> &str {
        &self.mentions
    }
}

fn parse(texts: &[&str]) -> Result<Words, String> {
    let files: Vec<File> = texts
        .iter()
        .map(|text| toml::from_str(text).map_err(|error| error.to_string()))
        .collect::<Result<_, _>>()?;
    let all = |list: fn(&File) -> &Vec<String>| {
        files.iter().flat_map(list).cloned().collect::<Vec<_>>().join("|")
    };
    let whole = |list| {
        Regex::new(&format!("^(?:{})$", fold(&all(list)))).map_err(|error| error.to_string())
    };
    let part = |list| {
        let pattern = format!("(?:^|\\b)(?:{})(?:\\b|$)", fold(&all(list)));
        Regex::new(&pattern).map_err(|error| error.to_string())
    };
    let begins = |list| {
        Regex::new(&format!("^(?:{})\\b", fold(&all(list)))).map_err(|error| error.to_string())
    };
    Ok(Words {
        mentions: format!("\\b(?:{})\\b", all(|file| &file.mentions)),
        accept: whole(|file| &file.accept)?,
        reject: whole(|file| &file.reject)?,
        acknowledge: whole(|file| &file.acknowledge)?,
        settings: whole(|file| &file.settings)?,
        save: whole(|file| &file.save)?,
        withdraw: whole(|file| &file.withdraw)?,
        notice: whole(|file| &file.notice)?,
        option_no: whole(|file| &file.option_no)?,
        option_yes: whole(|file| &file.option_yes)?,
        acts: part(|file| &file.acts)?,
        pays: part(|file| &file.pays)?,
        policy: part(|file| &file.policy)?,
        elsewhere: whole(|file| &file.elsewhere)?,
        needed: part(|file| &file.needed)?,
        optional: part(|file| &file.optional)?,
        opts_out: whole(|file| &file.opts_out)?,
        inverts: part(|file| &file.inverts)?,
        opens: whole(|file| &file.opens)?,
        agrees: part(|file| &file.agrees)?,
        invites: whole(|file| &file.invites)?,
        protects: part(|file| &file.protects)?,
        back: whole(|file| &file.back)?,
        reject_begins: begins(|file| &file.reject_begins)?,
        accept_begins: begins(|file| &file.accept_begins)?,
        unsure: part(|file| &file.unsure)?,
        about: part(|file| &file.mentions)?,
    })
}

/// Lower case, typographic quotes made plain, white space run together, punctuation and signs at
/// both ends removed.
fn plain(text: &str) -> String {
    let text = fold(&text.to_lowercase().replace(['’', '‘', '`'], "'"));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// A text in plain letters, as it is and with its contractions written in full: "that's" says what "that is" does.
fn variants(text: &str) -> Vec<String> {
    const FULL: &[(&str, &str)] = &[
        ("can't", "can not"),
        ("won't", "will not"),
        ("n't", " not"),
        ("that's", "that is"),
        ("it's", "it is"),
        ("let's", "let us"),
        ("i'm", "i am"),
        ("'d", " would"),
        ("'ll", " will"),
        ("'re", " are"),
        ("'ve", " have"),
        ("cannot", "can not"),
    ];
    const SHORT: &[(&str, &str)] = &[
        ("do not", "don't"),
        ("that is", "that's"),
        ("i am", "i'm"),
        ("it is", "it's"),
        ("i would", "i'd"),
    ];
    let text = plain(text);
    let written = |pairs: &[(&str, &str)]| {
        pairs.iter().fold(text.clone(), |text, (from, to)| text.replace(from, to))
    };
    let (full, short) = (written(FULL), written(SHORT));
    let mut all = vec![text.clone()];
    all.extend([full, short].into_iter().filter(|it| *it != text));
    all
}

/// Letters without their accents: sites leave them out as often as not.
fn fold(text: &str) -> String {
    let plain = text.nfd().filter(|letter| !is_combining_mark(*letter));
    plain.collect::<String>().replace('ß', "ss").replace('ł', "l")
}

#[cfg(test)]
mod cases;

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
