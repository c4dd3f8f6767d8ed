//! Which language a text is in, by its commonest words.

use super::text::words;

/// Commonest words that the others do not share. One-letter words are left out on purpose: names of
/// cookies, figures and initials are full of them.
const LANGUAGES: [(&str, &[&str]); 8] = [
    (
        "en",
        &[
            "the", "and", "of", "to", "is", "you", "your", "we", "our", "this", "that", "for",
            "are", "with", "when", "how", "they", "it", "be", "not", "or", "these", "which", "use",
            "used", "cookies", "website", "on", "about", "have", "can", "if", "from", "by",
        ],
    ),
    (
        "cy",
        &[
            "yn",
            "yr",
            "ar",
            "chi",
            "eich",
            "mae",
            "ein",
            "sydd",
            "sy'n",
            "neu",
            "gan",
            "wedi",
            "hyn",
            "hon",
            "rydym",
            "rydych",
            "pan",
            "bod",
            "ac",
            "am",
            "fel",
            "ei",
            "cwcis",
            "gwcis",
            "wefan",
            "gwefan",
            "nid",
            "ydych",
            "gallwch",
            "defnyddio",
            "byddwn",
            "cael",
            "sut",
            "fyddwch",
        ],
    ),
    (
        "fr",
        &[
            "les", "des", "vous", "nous", "est", "et", "dans", "pour", "sur", "votre", "une",
            "sont", "avec",
        ],
    ),
    (
        "de",
        &[
            "und", "der", "die", "das", "ist", "sie", "wir", "nicht", "auf", "für", "mit",
            "werden", "eine",
        ],
    ),
    (
        "es",
        &[
            "los", "las", "que", "para", "una", "por", "con", "su", "del", "nuestro", "usted",
            "esta",
        ],
    ),
    (
        "pl",
        &[
            "nie", "się", "jest", "oraz", "na", "przez", "które", "lub", "są", "dla", "strony",
            "pliki",
        ],
    ),
    ("it", &["gli", "che", "il", "per", "della", "sono", "nostro", "questo", "dei", "con", "sito"]),
    (
        "nl",
        &["het", "een", "van", "voor", "wij", "zijn", "deze", "niet", "worden", "onze", "wordt"],
    ),
];

/// Hits for each of [`LANGUAGES`].
type Score = [usize; LANGUAGES.len()];

fn score(text: &str) -> Score {
    let mut score = Score::default();
    for word in words(text) {
        for (hits, (_, common)) in score.iter_mut().zip(LANGUAGES) {
            *hits += usize::from(common.contains(&word.as_str()));
        }
    }
    score
}

/// Index of the highest score, the first of equals; `None` if there is no hit.
fn best(score: &Score) -> Option<usize> {
    let most = *score.iter().max()?;
    (most > 0).then(|| score.iter().position(|&hits| hits == most))?
}

/// The main language of the runs of text, and a run in another language if there is one.
///
/// `declared` is what the markup says, used only where the words say nothing.
pub(super) fn of<'a>(runs: &[&'a str], declared: Option<&str>) -> (String, Option<&'a str>) {
    let scores: Vec<Score> = runs.iter().map(|run| score(run)).collect();
    let mut total = Score::default();
    for score in &scores {
        for (sum, hits) in total.iter_mut().zip(score) {
            *sum += hits;
        }
    }
    let Some(mut main) = best(&total) else {
        let declared = declared.and_then(|tag| tag.split(['-', '_']).next()).unwrap_or_default();
        let declared = declared.trim().to_ascii_lowercase();
        let is_code = declared.len() == 2 && declared.chars().all(|c| c.is_ascii_lowercase());
        return (if is_code { declared } else { "en".to_owned() }, None);
    };
    // Two that share the page about equally: the first one.
    let rival = (0..LANGUAGES.len()).find(|&at| at != main && total[at] * 10 >= total[main] * 8);
    if rival.is_some()
        && let Some(first) = scores.iter().find_map(|score| {
            best(score).filter(|&at| score[at] >= 3 && (at == main || Some(at) == rival))
        })
    {
        main = first;
    }
    let foreign = scores.iter().position(|score| {
        best(score).is_some_and(|at| at != main && score[at] >= 3 && score[main] == 0)
    });
    (LANGUAGES[main].0.to_owned(), foreign.map(|at| runs[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_of_the_words_wins_over_the_markup() {
        let welsh = ["Rydym yn defnyddio cwcis ar ein gwefan pan fyddwch chi yn ymweld."];
        assert_eq!(of(&welsh, Some("en")).0, "cy");
        assert_eq!(of(&["We use cookies on this website when you visit."], Some("cy")).0, "en");
    }

    #[test]
    fn markup_decides_where_words_do_not() {
        assert_eq!(of(&["_ga"], Some("cy-GB")).0, "cy");
        assert_eq!(of(&["_ga"], None).0, "en");
    }

    #[test]
    fn the_first_of_two_equal_languages_is_the_main_one() {
        let english = "These are the cookies that we use on this website for you.";
        let welsh = "Dyma ein cwcis yr ydym yn eu defnyddio ar eich gwefan chi hyn.";
        assert_eq!(of(&[welsh, english], None).0, "cy");
        assert_eq!(of(&[english, welsh], None), ("en".to_owned(), Some(welsh)));
    }
}
