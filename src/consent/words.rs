use regex::Regex;
use serde::Deserialize;

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
}

/// What banners say in one language.
#[derive(Clone, Debug)]
pub struct Words {
    mentions: String,
    accept: Regex,
    reject: Regex,
    acknowledge: Regex,
    settings: Regex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mentions: Vec<String>,
    accept: Vec<String>,
    reject: Vec<String>,
    acknowledge: Vec<String>,
    settings: Vec<String>,
}

/// The word lists, by language.
const FILES: &[(&str, &str)] = &[("en", include_str!("words/en.toml"))];

impl Words {
    /// What English banners say.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    pub fn english() -> Self {
        #[allow(clippy::expect_used, reason = "the file is embedded and read by a test")]
        parse(FILES[0].1).expect("the embedded word list is valid")
    }

    /// What a control that says `text` means, if it is one of a banner's.
    ///
    /// Refusing is asked first: where a label could be both, it is never taken for agreement.
    pub fn meaning(&self, text: &str) -> Option<Meaning> {
        let text = plain(text);
        [
            (&self.reject, Meaning::Reject),
            (&self.accept, Meaning::Accept),
            (&self.acknowledge, Meaning::Acknowledge),
            (&self.settings, Meaning::Settings),
        ]
        .into_iter()
        .find(|(words, _)| words.is_match(&text))
        .map(|(_, meaning)| meaning)
    }

    /// Words that make a text one about consent, as the source of a regular expression.
    pub fn mentions(&self) -> &str {
        &self.mentions
    }
}

fn parse(text: &str) -> Result<Words, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let whole = |patterns: &[String]| {
        Regex::new(&format!("^(?:{})$", patterns.join("|"))).map_err(|error| error.to_string())
    };
    Ok(Words {
        mentions: format!("\\b(?:{})\\b", file.mentions.join("|")),
        accept: whole(&file.accept)?,
        reject: whole(&file.reject)?,
        acknowledge: whole(&file.acknowledge)?,
        settings: whole(&file.settings)?,
    })
}

/// Lower case, typographic quotes made plain, white space run together, punctuation and signs at
/// both ends removed.
fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace(['’', '‘', '`'], "'");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_parses() {
        for (language, text) in FILES {
            assert!(parse(text).is_ok(), "{language}: {:?}", parse(text).err());
        }
    }

    #[test]
    fn labels_mean_what_visitors_read() {
        let words = Words::english();
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
            ("Accept a friend request from another visitor", None),
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
        let words = Words::english();
        for (_, text) in FILES {
            let file: File = toml::from_str(text).unwrap();
            for pattern in file.accept.iter().chain(&file.reject) {
                for label in samples(pattern) {
                    let both = words.accept.is_match(&label) && words.reject.is_match(&label);
                    assert!(!both, "{label}");
                }
            }
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
