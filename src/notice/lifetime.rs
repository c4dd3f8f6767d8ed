//! What a notice writes about how long a cookie lives.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::{DeclaredLifetime, WrittenLifetime};

use super::{
    numbers,
    text::{regex, run_together},
};

/// More than a hundred years is a mistake of the notice, not a lifetime.
const ABSURD: u64 = 100 * YEAR;
const DAY: u64 = 86_400;
const YEAR: u64 = 365 * DAY;

/// Number words, with the mutations that Welsh puts on them.
const NUMBERS: &str = "half an?|a few|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|\
fifteen|eighteen|twenty-four|twenty|thirty|forty-eight|forty|sixty|ninety|\
hanner|un|dau|ddau|dwy|ddwy|tri|dri|thri|tair|dair|thair|pedwar|bedwar|phedwar|pedair|bedair|pump?|bump?|\
chwech|chwe|saith|wyth|naw|deg|ddeg|deng|deuddeg|deuddeng|ugain|deg ar hugain|\
eine[mnr]?|ein|zwei|drei|vier|fünf|sechs|zwölf|une?|deux|trois|quatre|cinq|douze|treize|una?|dos|tres|seis|doce|trece|\
uno|due|tre|sei|dodici|tredici|een|één|twee|drie|zes|twaalf|jeden|jedna|dwa|dwie|trzy|sześć|dwanaście|uma?|dois|duas|três|doze|treze";

const UNITS: &str = "milliseconds?|msecs?|ms|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|nights?|fortnights?|weeks?|wks?|months?|mths?|\
quarters?|years?|yrs?|decades?|s|h|d|w|y|eiliad(?:au)?|munud(?:au)?|funud(?:au)?|awr|oriau|\
diwrnod(?:au)?|ddiwrnod(?:au)?|niwrnod|dydd|dyddiau|ddyddiau|wythnos(?:au)?|[pb]ythefnos(?:au)?|phythefnos|mis(?:oedd)?|fis(?:oedd)?|\
blwyddyn|flwyddyn|mlynedd|flynedd|blynedd|flynyddoedd|blynyddoedd|mlwydd oed|oed|\
sekunden?|minuten?|stunden?|tag(?:e|en)?|wochen?|monat(?:e|en|s)?|jahr(?:e|en|s)?|secondes?|heures?|jours?|semaines?|mois|années?|ans?|\
segundos?|minutos?|horas?|días?|dias?|semanas?|mes(?:es)?|años?|second[oi]|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]|\
seconden|minuut|uur|uren|dag(?:en)?|week|weken|maand(?:en)?|jaar|jaren|sekund[ay]?|minut[ay]?|godzin[ay]?|dzień|dni|tydzień|tygodni[ea]?|\
miesiąc[ea]?|miesięcy|rok|lata?|mês|anos?";

static LENGTH: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:\b(?P<from>\d[\d,]*(?:\.\d+)?|{NUMBERS})\s*(?:-|–|—|to\b|or\b|and\b|neu\b|i\b|hyd at\b|bis\b|tot\b|até\b|à\b)\s*)?(?:\b|_)(?:(?P<number>\d[\d,]*(?:\.\d+)?)[\s-]*|(?P<word>{NUMBERS})[\s-]+)(?:(?:calendar|full|further|more|consecutive)\s+)?(?P<unit>{UNITS})\b(?P<teen>\s+ar\s+(?:ddeg|bymtheg|hugain|ddeugain|10|15|20|40))?"
    ))
});
static WELSH_UNIT_ALONE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:am |hyd at |ar ôl )?(blwyddyn|flwyddyn|mis|fis|[pb]ythefnos|wythnos|diwrnod|ddiwrnod|awr|munud|funud|eiliad)$",
    )
});
static ENGLISH_ADVERB: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(?:for )?(?:the )?(hour|day|fortnight|week|month|year)(?:ly)?$"));
static SESSION: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bsession|\bsesiwn|\bsesiynau|clos\w*[^.;]{0,40}brows|brows\w*[^.;]{0,30}(?:clos|shut|exit|quit|ends?\b)|(?:shut|exit|quit|leav)\w*[^.;]{0,30}(?:brows|site|website)|\b(?:cau|gau|gaeir|chau|chaewch|caewch|gaewch|caeir)\b[^.;]{0,40}p(?:orwr)|clos\w*[^.;]{0,20}\b(?:tab|window)\b|\b(?:tab|window)\b[^.;]{0,15}\bclos|porwr[^.;]{0,30}\b(?:cau|gau|chau|gaeir)\b|\bgadael y(?:'r)? (?:wefan|safle)|(?:length|end|duration|rest) of (?:your|the|this|each) visit|end of visit|(?:sign|log)(?:s|ged|ging|ned|ning)?[ -]?(?:out|off)|allgofnodi|diwedd (?:eich |yr? )?ymweliad|\bsitzung|\bsesión|\bsesion\b|\bsessie|\bsesj|\bsessão|schlie(?:ß|ss)\w*[^.;]{0,40}browser|browser[^.;]{0,40}(?:schlie(?:ß|ss)|geschlossen|sluit|gesloten)|(?:fermeture|ferme[rz]?)[^.;]{0,40}navigateur|navigateur[^.;]{0,30}ferm|(?:cerrar|cierr[ea]|fechar|feche)[^.;]{0,40}navegador|navegador[^.;]{0,30}(?:cierr|cerr|fech)|(?:chiu)\w*[^.;]{0,40}browser|sluit\w*[^.;]{0,40}browser|zamkni\w*[^.;]{0,40}przegl|przegl\w*[^.;]{0,40}zamkn|on (?:close|exit)\b|\bbrows(?:er|ing)\b$",
    )
});
/// Sessions of something else than the browser end on an event.
static OTHER_SESSION: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:web ?chat|chat|survey|video|call|booking) session"));
/// `30 minutes after the session`: the figure alone counts.
static COUNTED_FROM_SESSION: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:after|from|since|following|per) (?:the |your |last |current |each )*(?:end |start )?(?:of )?(?:the |your |a )?(?:last )?(?:browser |browsing )?session",
    )
});
static PERSISTENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bpersist(?:ent|ently|ant)?$|\bpersistent\b|\bno (?:set )?(?:expir\w*|end|limit)|\bnever\b|permanent|(?:does|do|will) not expire|(?:doesn't|don't|won't) expire|indefinite|for ?ever|unlimited|until (?:it is |they are |you )?(?:manually )?(?:deleted?|cleared?|removed?)|\bbyth\b|\bparhaol\b|\bparhaus\b|unbegrenzt|dauerhaft|illimité|sin caducidad|permanente|persistente|onbeperkt|bezterminow|ilimitad|dim dyddiad|nid yw'n dod i ben|ddim yn dod i ben",
    )
});
static INSTANT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\binstant|\bimmediate|straight ?away|a few seconds|few seconds|\bsofort\b|immédiat|inmediat|immediat|imediat|onmiddellijk|natychmiast|ar unwaith|yn syth|ychydig eiliadau",
    )
});
static EVENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"midnight|hanner nos|variable|\bvar(?:y|ies|ied|ious)\b|depend|dibynnu|amryw|\buntil\b|\bunless\b|\bwhen\b|\bonce\b|\bend of\b|\bafter\b|\bpan\b|\bpryd\b|\bnes\b|\bhyd nes\b|diwedd|\bupon\b|\bas long as\b|for the (?:duration|life|length)",
    )
});
static SLIDING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\brolling\b|\bsliding\b|\breset|\brenew|\brefresh|\bextended|restart|re-?starts?|starts? again|(?:from|since|after) (?:the |your |you |each |user's )?(?:last|latest|most recent) |from set/update|set/update|every time you|each time you|ailosod|adnewyddu|(?:ers|ar ôl) (?:eich|yr|y) (?:\w+ )?(?:ymweliad|gweithgaredd) diwethaf|treigl",
    )
});

/// Reads the words of a lifetime cell, in English, Welsh, German, Spanish, French, Italian, Dutch, Polish
/// or Portuguese.
///
/// A month is 30 days and a year 365, as the notice format has it.
pub fn lifetime(text: &str) -> DeclaredLifetime {
    let written = run_together(text);
    if written.is_empty() {
        return DeclaredLifetime::absent();
    }
    let told = |kind, seconds, max_seconds, sliding| DeclaredLifetime {
        kind,
        as_written: Some(written.clone()),
        seconds,
        max_seconds,
        sliding,
    };
    // A cell longer than this is prose; what matters stands at its start.
    let plain: String =
        written.to_lowercase().replace(['’', '‘', '‛', '`'], "'").chars().take(600).collect();
    if !plain.chars().any(char::is_alphanumeric)
        || matches!(plain.as_str(), "n/a" | "na" | "not stated")
    {
        return told(WrittenLifetime::Absent, None, None, false);
    }
    let plain = numbers::in_figures(&plain);
    let lengths = match lengths(&plain) {
        Ok(lengths) => lengths,
        Err(Absurd) => return told(WrittenLifetime::Unreadable, None, None, false),
    };
    let event = OTHER_SESSION.is_match(&plain);
    let mut session = !event && SESSION.is_match(&plain);
    if !lengths.is_empty() && COUNTED_FROM_SESSION.is_match(&plain) {
        session = false;
    }
    let sliding = !lengths.is_empty() && SLIDING.is_match(&plain);
    let (Some(&shortest), Some(&longest)) = (lengths.iter().min(), lengths.iter().max()) else {
        let kind = match () {
            () if session && PERSISTENT.is_match(&plain) => WrittenLifetime::Unreadable,
            () if session => WrittenLifetime::Session,
            () if INSTANT.is_match(&plain) => WrittenLifetime::Instant,
            () if event => WrittenLifetime::Event,
            () if PERSISTENT.is_match(&plain) => WrittenLifetime::Persistent,
            () if EVENT.is_match(&plain) => WrittenLifetime::Event,
            () => WrittenLifetime::Unreadable,
        };
        let seconds = (kind == WrittenLifetime::Instant).then_some(0);
        return told(kind, seconds, None, false);
    };
    if session {
        return told(WrittenLifetime::SessionOrDuration, Some(shortest), None, sliding);
    }
    if shortest == longest {
        return told(WrittenLifetime::Duration, Some(shortest), None, sliding);
    }
    told(WrittenLifetime::Range, Some(shortest), Some(longest), sliding)
}

/// Whether the words of a lifetime name a length that nothing can have.
pub(super) fn is_absurd(text: &str) -> bool {
    lengths(&numbers::in_figures(&text.to_lowercase())).is_err()
}

/// Whether what comes after `before` is only the end of a number that was not understood.
fn is_a_tail(before: &str) -> bool {
    static TAIL: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?:\d[/.,:]|\p{L}-|\b(?:hundred|thousand|million|dozen|score|mil|cant|gant)(?: and| a| ac)? )$",
        )
    });
    TAIL.is_match(before)
}

/// What a text says in passing of how long something lives: in a sentence that speaks of an end.
pub(super) fn in_prose(text: &str) -> Option<DeclaredLifetime> {
    static SENTENCE: LazyLock<Regex> = LazyLock::new(|| regex(r"[.!?](?:\s+|$)|\n"));
    static ENDS: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)\bexpir\w*|\b(?:is|are|be|gets?|been) (?:automatically |then )?(?:deleted|removed|erased|cleared|destroyed|discarded)\b|\b(?:last(?:s|ed|ing)?|persists?|persistent|remains?|stays?|lives?|exists?|valid|retained|retention|lifetime|lifespan|duration)\b|\b(?:kept|stored|saved|held|set|active|remembered) (?:\w+ ){0,4}(?:for|until)\b|\bfor (?:up to |a period of )?(?:\d|an?\b|one|two|three|six|twelve)|\bends? when\b|\b(?:goes|gone|go|disappears?|vanish\w*|wiped|forgotten|ends?|dropped) (?:when|once|after|as soon as|at the end)\b|\buntil you (?:close|clear|delete)|\b[dn]od i ben|\b[dn]d?aw i ben|\bddod i ben|\bdiflan\w*|\bddiflan\w*|\bdarf\w+|\bddarf\w+|\bcedwir|\bchedwir|\baros\b|\b[dp]h?(?:ara|arhau|arhaus|arhaol)\b|\bbara\b|\bd?dileu\b|\bei dileu|\bdarfod|\bgadw am|\bcadw am|\bstorio am|\bhyd nes",
        )
    });
    let mut best: Option<DeclaredLifetime> = None;
    // When the browser is closed something ends, whatever the verb.
    let speaks = |it: &&str| ENDS.is_match(it) || BROWSER_CLOSES.is_match(it);
    for sentence in SENTENCE.split(text).filter(speaks) {
        let found = lifetime(sentence);
        let clear = match found.kind {
            WrittenLifetime::Duration
            | WrittenLifetime::SessionOrDuration
            | WrittenLifetime::Range => true,
            WrittenLifetime::Session => CLOSES.is_match(sentence),
            WrittenLifetime::Persistent => STAYS.is_match(sentence),
            _ => false,
        };
        if clear && best.is_none() {
            best = Some(found);
        }
    }
    best
}

/// What a text about one cookie says of its lifetime: in a sentence that speaks of an end, or in one that is nothing
/// else ("Ninety days. Counts visits.").
pub(super) fn in_text(text: &str) -> Option<DeclaredLifetime> {
    let clear = |it: &DeclaredLifetime| {
        matches!(
            it.kind,
            WrittenLifetime::Session
                | WrittenLifetime::Duration
                | WrittenLifetime::SessionOrDuration
                | WrittenLifetime::Range
                | WrittenLifetime::Persistent
        )
    };
    in_prose(text).or_else(|| {
        let first = text.split(['.', ';', '–']).next().unwrap_or_default().trim();
        let short = first.split_whitespace().count() <= 5;
        Some(first).filter(|_| short).map(lifetime).filter(clear)
    })
}

/// The lengths that a sentence gives to several cookies in their order: "2 years, 24 hours and 1 minute respectively".
pub(super) fn respectively(text: &str) -> Vec<DeclaredLifetime> {
    static SAYS: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?i)\brespectively\b|yn y drefn honno|in that order"));
    static PART: LazyLock<Regex> = LazyLock::new(|| regex(r"\s*[,;]\s*|\s+(?:and|a|ac)\s+"));
    if !SAYS.is_match(text) {
        return Vec::new();
    }
    let parts = PART.split(text).map(lifetime);
    parts
        .filter(|it| !matches!(it.kind, WrittenLifetime::Unreadable | WrittenLifetime::Absent))
        .collect()
}

/// A session is only meant where something closes: the word stands in many purposes.
static CLOSES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)clos\w*[^.;]{0,40}(?:brows|tab\b|window)|brows\w*[^.;]{0,30}(?:clos|shut|exit|quit)|(?:shut|exit|quit|leav)\w*[^.;]{0,30}(?:brows|site)|end of (?:the |your |each |a )?(?:browser |browsing )?(?:session|visit)|session ends|(?:for|during) (?:the|this|your) (?:duration of (?:the|your) )?(?:session|visit)|(?:sign|log)\w* ?(?:out|off)|\b[cg]h?a(?:u|uwch|uir|ewch|eir)\b[^.;]{0,40}[pb]h?orwr|(?:tab|window)\b[^.;]{0,15}\bclos|porwr[^.;]{0,30}\b[cg]h?au\b|diwedd (?:y|eich|yr) (?:sesiwn|ymweliad)|(?:expires?|lasts?)\W+(?:at )?(?:end of )?session",
    )
});
static BROWSER_CLOSES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:when|once|until|after|as soon as|by the time)\b[^.;]{0,20}\b(?:clos|shut|exit|quit)\w*[^.;]{0,20}\bbrows|\b(?:when|once|until|as soon as)\b[^.;]{0,20}\bbrows\w*[^.;]{0,20}\b(?:clos|shut|exit|quit)|\b(?:pan|nes|wedi|unwaith|hyd nes|tan)\b[^.;]{0,25}\b[cg]h?a(?:u|uwch|uir|ewch|eir|eodd)\b[^.;]{0,20}[pb]h?orwr|\b(?:pan|nes|wedi)\b[^.;]{0,15}[pb]h?orwr[^.;]{0,20}\b[cg]h?a(?:u|eir|uir|ewyd)\b",
    )
});
static STAYS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)never expire|not expire|no expiry|\bpersists?\b|until (?:it is |they are |you )?(?:manually )?(?:delet|clear|remov)|indefinite|byth yn dod i ben|ddim yn dod i ben",
    )
});

struct Absurd;

/// The different lengths that a text names; the same one in other words (`1 year (365 days)`) counts once.
fn lengths(plain: &str) -> Result<Vec<u64>, Absurd> {
    let mut found: Vec<u64> = Vec::new();
    // End and unit of the length before, to join `1 year and 6 months`.
    let mut before: Option<(usize, f64)> = None;
    for captures in LENGTH.captures_iter(plain) {
        let (Some(whole), Some(unit)) = (captures.get(0), captures.name("unit")) else { continue };
        let unit = unit_seconds(unit.as_str());
        let number = captures.name("number").or(captures.name("word")).map_or("", |it| it.as_str());
        let Some(mut count) = number_value(number) else { continue };
        let figure = captures.name("from").or(captures.name("number")).or(captures.name("word"));
        if figure.is_some_and(|it| is_a_tail(&plain[..it.start()])) {
            return Err(Absurd);
        }
        if let Some(teen) = captures.name("teen") {
            let over = teen.as_str().rsplit(' ').next().unwrap_or_default();
            count += match over {
                "ddeg" | "10" => 10.0,
                "bymtheg" | "15" => 15.0,
                "ddeugain" | "40" => 40.0,
                _ => 20.0,
            };
        }
        let seconds = whole_seconds(count * unit)?;
        if let Some(from) = captures.name("from").and_then(|it| number_value(it.as_str())) {
            found.push(whole_seconds(from * unit)?);
        } else if let Some((end, larger)) = before {
            let between = plain[end..whole.start()].trim_matches([' ', ',']);
            if unit < larger
                && matches!(between, "" | "and" | "a" | "ac")
                && let Some(last) = found.last_mut()
            {
                *last = last.saturating_add(seconds);
                before = Some((whole.end(), unit));
                continue;
            }
        }
        before = Some((whole.end(), unit));
        found.push(seconds);
    }
    if found.is_empty() {
        let alone = plain.trim_matches(|it: char| !it.is_alphanumeric());
        let unit = WELSH_UNIT_ALONE.captures(alone).or_else(|| ENGLISH_ADVERB.captures(alone));
        if let Some(unit) = unit.and_then(|it| it.get(1)) {
            found.push(whole_seconds(unit_seconds(unit.as_str()))?);
        }
    }
    // A bracket that says the same again, rounded, is no second length.
    let mut distinct: Vec<u64> = Vec::new();
    for seconds in found {
        if !distinct.iter().any(|&it| it.abs_diff(seconds) <= it.max(seconds) / 50) {
            distinct.push(seconds);
        }
    }
    if distinct.iter().any(|&it| it > ABSURD) { Err(Absurd) } else { Ok(distinct) }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be within what is not absurd, and never negative"
)]
fn whole_seconds(seconds: f64) -> Result<u64, Absurd> {
    // 3.2e9 is a little more than ABSURD.
    if seconds.is_finite() && (0.0..3.2e9).contains(&seconds) {
        Ok(seconds.round() as u64)
    } else {
        Err(Absurd)
    }
}

/// What a number is that [`numbers::in_figures`] leaves as it is.
fn number_value(text: &str) -> Option<f64> {
    if text.starts_with(|it: char| it.is_ascii_digit()) {
        return text.replace(',', "").parse().ok();
    }
    Some(match text {
        "half a" | "half an" | "hanner" => 0.5,
        "a" | "an" | "one" | "un" | "ein" | "eine" | "einem" | "einen" | "einer" | "une"
        | "una" | "uno" | "een" | "één" | "jeden" | "jedna" | "um" | "uma" => 1.0,
        "two" | "dau" | "ddau" | "dwy" | "ddwy" | "zwei" | "deux" | "dos" | "due" | "twee"
        | "dwa" | "dwie" | "dois" | "duas" => 2.0,
        "three" | "tri" | "dri" | "thri" | "tair" | "dair" | "thair" | "drei" | "trois"
        | "tres" | "tre" | "drie" | "trzy" | "três" => 3.0,
        "four" | "pedwar" | "bedwar" | "phedwar" | "pedair" | "bedair" | "vier" | "quatre" => 4.0,
        "five" | "pump" | "pum" | "bump" | "bum" | "fünf" | "cinq" => 5.0,
        "six" | "chwech" | "chwe" | "sechs" | "seis" | "sei" | "zes" | "sześć" => 6.0,
        "twelve" | "deuddeg" | "deuddeng" | "zwölf" | "douze" | "doce" | "dodici" | "twaalf"
        | "dwanaście" | "doze" => 12.0,
        "thirteen" | "treize" | "trece" | "tredici" | "treze" => 13.0,
        _ => return None,
    })
}

#[allow(clippy::cast_precision_loss, reason = "a year in seconds is exact in a double")]
fn unit_seconds(unit: &str) -> f64 {
    let starts = |stems: &[&str]| stems.iter().any(|stem| unit.starts_with(stem));
    let (day, year) = (DAY as f64, YEAR as f64);
    match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "h" => 3600.0,
        "d" => day,
        "w" => 7.0 * day,
        "y" => year,
        _ if starts(&["milli", "msec"]) => 0.001,
        _ if starts(&["sec", "sek", "seg", "eiliad"]) => 1.0,
        _ if starts(&["min", "munud", "funud"]) => 60.0,
        _ if starts(&[
            "mis", "fis", "month", "mth", "monat", "mois", "mes", "maand", "miesi", "mês",
        ]) =>
        {
            30.0 * day
        }
        _ if starts(&[
            "hour", "hr", "awr", "oriau", "stund", "heure", "hora", "ora", "ore", "uur", "uren",
            "godzin",
        ]) =>
        {
            3600.0
        }
        _ if starts(&[
            "day", "night", "diwrnod", "ddiwrnod", "niwrnod", "dydd", "ddydd", "tag", "jour",
            "día", "dia", "giorn", "dag", "dni", "dzie",
        ]) =>
        {
            day
        }
        _ if starts(&[
            "week", "weken", "wk", "wythnos", "woche", "semain", "seman", "settiman", "tydz",
            "tygod",
        ]) =>
        {
            7.0 * day
        }
        _ if starts(&["fortnight", "pythefnos", "bythefnos", "phythefnos"]) => 14.0 * day,
        _ if starts(&["quarter"]) => 91.0 * day,
        _ if starts(&["decade"]) => 10.0 * year,
        _ => year,
    }
}

#[cfg(test)]
mod tests;
