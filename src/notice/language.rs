//! The main language of a text, by the small words that no language can do without.

/// English words that are not Welsh ones too.
const ENGLISH: &[&str] = &[
    "the", "and", "of", "to", "is", "are", "you", "your", "we", "our", "this", "that", "for", "it",
    "on", "with", "when", "how", "use", "used", "be", "not", "can", "will", "if",
];
/// Welsh words that are not English ones too; the unmutated and the mutated.
const WELSH: &[&str] = &[
    "yr",
    "y",
    "yn",
    "mae",
    "ac",
    "i'r",
    "eich",
    "ein",
    "chi",
    "rydym",
    "ydych",
    "hyn",
    "hwn",
    "ar",
    "gyfer",
    "gan",
    "o'r",
    "ddefnyddio",
    "defnyddio",
    "wefan",
    "cwcis",
    "gwcis",
    "sut",
    "pan",
    "os",
    "neu",
    "nid",
    "byddwn",
    "gallwch",
    "wedi",
    "ei",
];

/// Small words of the other languages that banners are read in; none of them is in the lists above.
const OTHERS: &[(&str, &[&str])] = &[
    (
        "de",
        &[
            "der", "und", "wir", "sie", "ist", "nicht", "werden", "wird", "für", "auf", "mit",
            "dem", "oder", "diese", "ihre", "ihren",
        ],
    ),
    (
        "fr",
        &[
            "les", "des", "vous", "nous", "est", "sont", "pour", "votre", "vos", "notre", "dans",
            "sur", "ces", "cette", "aux", "pas",
        ],
    ),
    (
        "es",
        &[
            "los",
            "las",
            "el",
            "usted",
            "nuestro",
            "nuestra",
            "estas",
            "puede",
            "utilizamos",
            "esta",
            "más",
            "también",
            "su",
            "sitio",
        ],
    ),
    (
        "it",
        &[
            "il", "gli", "di", "della", "sono", "nostro", "questo", "questa", "utilizza", "più",
            "anche", "vostro", "dei", "sito", "può",
        ],
    ),
    (
        "nl",
        &[
            "het", "een", "van", "wij", "uw", "onze", "niet", "voor", "zijn", "worden", "deze",
            "dit", "ook", "wordt", "u",
        ],
    ),
    (
        "pl",
        &[
            "się", "jest", "na", "są", "nie", "przez", "oraz", "które", "lub", "naszej", "strony",
            "dla", "używamy",
        ],
    ),
    (
        "pt",
        &[
            "os",
            "nosso",
            "nossa",
            "você",
            "são",
            "uma",
            "não",
            "utilizamos",
            "este",
            "estes",
            "seu",
            "sua",
            "também",
            "ao",
            "pelo",
        ],
    ),
];

/// The language among [`OTHERS`] whose small words a text has most of, and how many.
fn other(text: &str) -> (&'static str, usize) {
    let words: Vec<String> = text
        .split_whitespace()
        .take(20_000)
        .map(|it| it.trim_matches(|it: char| !it.is_alphanumeric()).to_lowercase())
        .collect();
    let count = |list: &[&str]| words.iter().filter(|it| list.contains(&it.as_str())).count();
    let counted = OTHERS.iter().map(|(language, list)| (*language, count(list)));
    counted.max_by_key(|(_, count)| *count).unwrap_or(("en", 0))
}

/// How many of the small words of each language a text holds.
pub(super) fn counts(text: &str) -> (usize, usize) {
    let (mut english, mut welsh) = (0, 0);
    for word in text.split_whitespace().take(20_000) {
        let word =
            word.trim_matches(|it: char| !it.is_alphanumeric()).to_lowercase().replace('’', "'");
        english += usize::from(ENGLISH.contains(&word.as_str()));
        welsh += usize::from(WELSH.contains(&word.as_str()));
    }
    (english, welsh)
}

/// The main language; the first of two that share the page about equally.
pub(super) fn of(text: &str) -> &'static str {
    let (english, welsh) = counts(text);
    let (language, count) = other(text);
    // A page needs a good deal of another language to be in it: names and quotations are not enough.
    if count >= 8 && count > 2 * english.max(welsh) {
        return language;
    }
    let close = english.min(welsh) * 10 >= english.max(welsh) * 8;
    if close && english + welsh > 0 {
        // Cut where a word begins, about a fifth of the way in.
        let words: Vec<&str> = text.split_whitespace().take(20_000).collect();
        let (english, welsh) = counts(&words[..words.len().div_ceil(5)].join(" "));
        return if welsh > english { "cy" } else { "en" };
    }
    if welsh > english { "cy" } else { "en" }
}
