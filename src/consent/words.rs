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
mod tests {
    use super::*;

    #[test]
    fn every_file_parses() {
        for (language, text) in FILES {
            assert!(parse(&[text]).is_ok(), "{language}: {:?}", parse(&[text]).err());
        }
    }

    #[test]
    fn labels_mean_what_visitors_read() {
        let words = Words::all();
        for (text, meaning) in [
            ("Accept all", Some(Meaning::Accept)),
            ("  Accept  additional\ncookies ", Some(Meaning::Accept)),
            ("Yes", Some(Meaning::Accept)),
            ("I’m OK with cookies", Some(Meaning::Accept)),
            ("Allow all cookies", Some(Meaning::Accept)),
            ("Reject additional cookies", Some(Meaning::Reject)),
            ("Reject All", Some(Meaning::Reject)),
            ("I disagree", Some(Meaning::Reject)),
            ("Continue without accepting →", Some(Meaning::Reject)),
            ("Use necessary cookies only", Some(Meaning::Reject)),
            ("Accept only essential cookies", Some(Meaning::Reject)),
            ("No, thanks", Some(Meaning::Reject)),
            ("OK", Some(Meaning::Acknowledge)),
            ("Got it!", Some(Meaning::Acknowledge)),
            ("Cookie settings", Some(Meaning::Settings)),
            ("Manage preferences", Some(Meaning::Settings)),
            ("View cookies", Some(Meaning::Settings)),
            ("Derbyn cwcis ychwanegol", Some(Meaning::Accept)),
            ("Gwrthod cwcis ychwanegol", Some(Meaning::Reject)),
            ("Gweld cwcis", Some(Meaning::Settings)),
            ("Defnyddio cwcis hanfodol yn unig", Some(Meaning::Reject)),
            ("Gwrthodwyd eich cais", None),
            ("Accept a friend request from another visitor", None),
            ("Accept selected", Some(Meaning::Save)),
            ("Save my cookie settings", Some(Meaning::Save)),
            ("Confirm My Choices", Some(Meaning::Save)),
            ("Allow selection", Some(Meaning::Save)),
            ("Withdraw consent", Some(Meaning::Withdraw)),
            ("Tynnu caniatâd yn ôl", Some(Meaning::Withdraw)),
            ("Cadw gosodiadau cwcis", Some(Meaning::Save)),
            ("Do not use analytics cookies", Some(Meaning::Reject)),
            ("✓ OK, accept all", Some(Meaning::Accept)),
            ("✗ Deny all cookies", Some(Meaning::Reject)),
            ("Personalize", Some(Meaning::Settings)),
            ("Tout accepter", Some(Meaning::Accept)),
            ("Continuer sans accepter", Some(Meaning::Reject)),
            ("Paramétrer les cookies", Some(Meaning::Settings)),
            ("Enregistrer mes préférences", Some(Meaning::Save)),
            ("Alle akzeptieren", Some(Meaning::Accept)),
            ("Nur notwendige Cookies", Some(Meaning::Reject)),
            ("Auswahl speichern", Some(Meaning::Save)),
            ("Einwilligung widerrufen", Some(Meaning::Withdraw)),
            ("Aceptar todas las cookies", Some(Meaning::Accept)),
            ("Rechazar todo", Some(Meaning::Reject)),
            ("Accetta tutti", Some(Meaning::Accept)),
            ("Continua senza accettare", Some(Meaning::Reject)),
            ("Alles weigeren", Some(Meaning::Reject)),
            ("Akceptuj wszystkie", Some(Meaning::Accept)),
            ("Odrzuć wszystkie", Some(Meaning::Reject)),
            ("Aceitar todos os cookies", Some(Meaning::Accept)),
            ("Rejeitar tudo", Some(Meaning::Reject)),
            ("Não, obrigado", Some(Meaning::Reject)),
            ("I agree to cookies", Some(Meaning::Accept)),
            ("I do not agree to cookies", Some(Meaning::Reject)),
            ("Yes, that is fine", Some(Meaning::Accept)),
            ("That’s fine by me", Some(Meaning::Accept)),
            ("I’d rather not", Some(Meaning::Reject)),
            ("Got it, allow all", Some(Meaning::Accept)),
            ("Open cookie preferences", Some(Meaning::Settings)),
            ("Carry on with the bare minimum", Some(Meaning::Reject)),
            ("Reject all cookies that are not needed to show this site", Some(Meaning::Reject)),
            ("Yes, I accept that you use cookies to count visits", Some(Meaning::Accept)),
            ("Accept only the cookies that are needed", None),
            ("Reject and subscribe", None),
            ("Reject all and pay £2 a month", None),
            ("Withdraw your agreement to cookies", Some(Meaning::Withdraw)),
            ("Accept the terms of the competition", None),
            ("Report a crime", None),
            ("Nothing to accept here", None),
            ("No account yet?", None),
            ("Delete my account", None),
            ("Exit", None),
            ("Accessibility", None),
            ("Book a place", None),
            ("Leave this site", None),
            ("Report", None),
            ("", None),
        ] {
            assert_eq!(words.meaning(text), meaning, "{text}");
        }
    }

    /// A label that both lists take would be pressed to agree by someone who refuses, or the other
    /// way round. Every label of either list's tests and every literal in the lists is tried.
    #[test]
    fn no_label_both_accepts_and_refuses() {
        let words = Words::all();
        for (_, text) in FILES {
            let file: File = toml::from_str(text).unwrap();
            for pattern in file.accept.iter().chain(&file.reject).chain(&file.save) {
                for label in samples(pattern) {
                    let meanings = [&words.accept, &words.reject, &words.save];
                    let count = meanings.iter().filter(|it| it.is_match(&label)).count();
                    assert!(count < 2, "{label}");
                }
            }
        }
    }

    #[test]
    fn answers_to_questions_say_yes_or_no() {
        let words = Words::all();
        for (text, yes, no) in [
            ("Yes", true, false),
            ("No", false, true),
            ("Use cookies to measure my website use", true, false),
            ("Do not use cookies to measure my website use", false, true),
            ("Ydw", true, false),
            ("Nac ydw", false, true),
            ("Off", false, true),
            ("Norwich", false, false),
        ] {
            assert_eq!((words.is_choice_yes(text), words.is_choice_no(text)), (yes, no), "{text}");
        }
    }

    #[test]
    fn boxes_that_refuse_and_texts_that_turn_boxes_round_are_known() {
        let words = Words::all();
        for (text, opts_out) in [
            ("Opt out of measurement", true),
            ("I do not want advertising", true),
            ("Don’t share my data", true),
            ("Measurement", false),
            ("Notices about offers", false),
            ("Off", false),
        ] {
            assert_eq!(words.opts_out(text), opts_out, "{text}");
        }
        for (text, inverts) in [
            ("Tick the boxes to opt out", true),
            ("Please select what we should not use.", true),
            ("Untick what you do not need", false),
            ("You can choose not to allow some cookies. Click on a heading.", false),
            ("Choose what we may use.", false),
            ("If you do not allow these cookies we will not know when you were here.", false),
        ] {
            assert_eq!(words.inverts(text), inverts, "{text}");
        }
        for (text, agrees) in [
            ("Leave me uncounted", false),
            ("Sounds great", true),
            ("Let’s go", true),
            ("Off you go without", false),
        ] {
            assert_eq!(words.may_agree(text), agrees, "{text}");
        }
    }

    /// Labels that a pattern takes: every alternative once, every optional part left out and put in.
    fn samples(pattern: &str) -> Vec<String> {
        let mut done = Vec::new();
        let mut open = vec![pattern.replace("(?:", "(").replace("'?", "'")];
        while let Some(text) = open.pop() {
            let Some(end) = text.find(')') else {
                done.push(text.replace('?', ""));
                continue;
            };
            let start = text[..end].rfind('(').unwrap();
            let rest = &text[end + 1..];
            let (optional, rest) = match rest.strip_prefix('?') {
                Some(rest) => (true, rest),
                None => (false, rest),
            };
            let mut choices: Vec<&str> = text[start + 1..end].split('|').collect();
            if optional {
                choices.push("");
            }
            if open.len() + done.len() < 20_000 {
                open.extend(
                    choices.iter().map(|choice| format!("{}{choice}{rest}", &text[..start])),
                );
            }
        }
        done.iter().map(|label| plain(label)).collect()
    }
}
