//! What labels mean, in every language there is a list of.

use super::*;

#[test]
fn every_file_parses() {
    for (language, text) in FILES {
        assert!(parse(&[text]).is_ok(), "{language}: {:?}", parse(&[text]).err());
    }
}

/// Labels of buttons, and what they mean.
const LABELS: &[(&str, Option<Meaning>)] = &[
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
    ("Accept everything", Some(Meaning::Accept)),
    ("Refuse everything", Some(Meaning::Reject)),
    ("Save level", Some(Meaning::Save)),
    ("Cadw fy newisiadau", Some(Meaning::Save)),
    ("Ydy, mae hynny’n iawn", Some(Meaning::Accept)),
    ("Dim ond y cwcis angenrheidiol", Some(Meaning::Reject)),
    ("Dim cwcis, diolch", Some(Meaning::Reject)),
    ("Cuddio’r neges hon", Some(Meaning::Acknowledge)),
    ("Newid fy newisiadau cwcis", Some(Meaning::Settings)),
    ("Ydw, defnyddiwch gwcis hanfodol", None),
    ("I’m OK with analytics cookies", Some(Meaning::Accept)),
    ("I'm not OK with analytics cookies", None),
    ("Block all cookies", Some(Meaning::Reject)),
    ("Object to all", Some(Meaning::Reject)),
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
    ("Save & exit", Some(Meaning::Save)),
    ("Save and close", Some(Meaning::Save)),
    ("Cadw a chau", Some(Meaning::Save)),
    ("Cadw a gadael", Some(Meaning::Save)),
    ("Speichern und beenden", Some(Meaning::Save)),
    ("Enregistrer et quitter", Some(Meaning::Save)),
    ("Opslaan en sluiten", Some(Meaning::Save)),
    ("Accept and read for free", Some(Meaning::Accept)),
    ("Accept and continue with advertising", Some(Meaning::Accept)),
    ("Agree and subscribe", None),
    ("Accept and continue shopping for shoes", None),
    ("Make your choice", Some(Meaning::Settings)),
    ("Exit", None),
    ("Accessibility", None),
    ("Book a place", None),
    ("Leave this site", None),
    ("Report", None),
    ("", None),
];

#[test]
fn labels_mean_what_visitors_read() {
    let words = Words::all();
    for (text, meaning) in LABELS {
        assert_eq!(words.meaning(text), *meaning, "{text}");
    }
}

#[test]
fn saving_and_leaving_the_settings_ends_no_visit() {
    let words = Words::all();
    for label in [
        "Save and exit",
        "Save & Exit",
        "Cadw a gadael",
        "Salva ed esci",
        "Guardar y salir",
        "Zapisz i wyjdź",
        "Guardar e sair",
        "Enregistrer et quitter",
    ] {
        assert_eq!(words.meaning(label), Some(Meaning::Save), "{label}");
        assert!(!words.does_more_than_choose(label), "{label}");
    }
    for label in ["Exit", "Exit this page", "Save and sign out", "Salir"] {
        assert!(words.does_more_than_choose(label), "{label}");
    }
    // As the text of a link it may still leave the site.
    assert!(words.is_act("Save and exit"));
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
            open.extend(choices.iter().map(|choice| format!("{}{choice}{rest}", &text[..start])));
        }
    }
    done.iter().map(|label| plain(label)).collect()
}
