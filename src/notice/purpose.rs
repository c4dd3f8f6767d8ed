//! What a cookie is for, by the words of its purpose: verbs and what they act on, in English and Welsh.

use std::sync::LazyLock;

use regex::Regex;

use super::{category::plain, text::regex};
use crate::model::Category;

pub(super) static FOR_ADVERTISING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\badvert|\bretarget|\bmarketing\b|\bad (?:delivery|campaign|click)|\bads\b|hysbyseb|marchnata",
    )
});
pub(super) static FOR_COUNTING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bcount(?:s|ed|ing|er)?\b|\bmeasur|\bstatistic|analytics|\bhow (?:many|often|much|people|you|users|visitors|our)\b|which (?:of (?:our|the) )?pages|(?:most|least) (?:popular|visited|used)|pages (?:are|is) popular|number of (?:visit|people|user|time)|visited (?:before|the site|our)|distinguish (?:unique )?(?:users|visitors)|identif(?:y|ies) (?:unique )?(?:users|visitors)|(?:throttle|limit)[^.]{0,20}request|request rate|rate (?:at which|of) (?:page|requests)|cyfradd|track[^.]{0,30}(?:visit|usage|behaviour|page)|page ?views|\banalys\w+ (?:\w+ ){0,3}(?:traffic|use|usage|visits)|\btells? (?:one|each|different) \w+ (?:from|apart)|\btells? \w+ apart|\bdistinguish\w* (?:one|between (?:visitors|users|readers|people))|\b(?:visits?|visitors?|usage|traffic) (?:are|is) (?:counted|measured|recorded)|\brecognis\w+ (?:returning|new|repeat) visitors|\bvisitor (?:numbers|count)|\bcyfrif\b|\bgyfrif\b|\bmesur\b|\bfesur\b|faint o bobl|ystadeg|ddadansodd|dadansodd|adnabod ymwel|gwahaniaethu rhwng (?:ymwel|defnydd)|defnydd o'r wefan|olrhain ymwel|dilyn y tudalennau|nifer yr? ymwel|ymweld (?:o|â'r safle)'?r? ?blaen|wedi ymweld",
    )
});

/// Verbs by which a page remembers something.
const REMEMBERS: &str = r"rememb|recall|sav(?:e|es|ed|ing)\b|stor(?:e|es|ed|ing)\b|record|keep|kept|hold|know|not(?:e|es|ing)\b|log(?:s|ged)?\b|retain|restor|register|show|indicat|determin|check|detect|tell|let|used (?:to|when)|set (?:when|if|once)|whether|if you|so that|stops?\b|avoid|hid(?:e|es|ing)\b";
/// What a visitor sets, sees once or has chosen.
const CHOSEN: &str = r"choice|choos|chose|prefer|consent|setting|language|welsh\b|english\b|banner|message|alert|dismiss|seen|shown|been read|accept|agree|notice|closed|hid(?:e|den)\b|collapsed|minimi[sz]|complet|survey|poll\b|voted|font|text size|size of|colour|contrast|theme|dark mode|layout|sorted|sort order|filter|zoom|map\b|region|postcode|volume|mute|playback|caption|subtitle|playback speed|landing page|cookie policy|pop ?up|pop-up|answer|selection|selected|opted|pick(?:ed|s)?\b|user ?name|full site|mobile (?:site|version)|bookmark|favourite|last (?:viewed|used)|recently|tab (?:you|was|is)|units|display";
const REMEMBERS_CY: &str = r"cofio|gofio|chofio|storio|cadw|gadw|chadw|dangos|gwybod|gwelodd|gweld|weld|welwyd|gwyb|cofnodi|gofnodi|nodi|dweud|arbed|galw i gof|penderfynu|osgoi";
const CHOSEN_CY: &str = r"dewis|ddewis|gosodiad|iaith|neges|derbyn|caniatâ|caniatad|cydsyni|arolwg|faner|baner|cwcis|cytuno|testun|ffont|lliw|cyferbyniad|thema|trefn|hidl|ardal|cod post|map\b|gau\b|cau\b|caewyd|cuddi|gymraeg|saesneg|maint|enw defnyddiwr|golwg|sain";

static FOR_MEMORY: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"\b(?:{REMEMBERS})\w*[^.]*(?:{CHOSEN})|preferred language|\blanguage (?:selected|preference|choice|you)|cookie (?:consent|preference|settings)|\b(?:{REMEMBERS_CY})\w*[^.]*(?:{CHOSEN_CY})|caniatâd (?:cwci|gwci)"
    ))
});
/// A few words that name nothing but a setting: "text size", "lliwiau'r dudalen".
static SETTING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?:text|font|letter) size|size of (?:the )?(?:text|font|letters)|\bcontrast\b|\bcolours?\b|\bcolou?r scheme|\btheme\b|\blayout\b|\blanguage\b|\bzoom\b|\bmaint (?:y |yr |eich )?(?:testun|ffont|llythrennau|ysgrifen)|\blliw(?:iau)?\b|\bcyferbyniad|\biaith\b|\bthema\b|map a welsoch|(?:last|chosen|selected) (?:map|view|tab|region|area)",
    )
});
/// What no site could do without, whatever else the purpose speaks of.
static FOR_SERVING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bbaskets?\b|\bshopping\b|\bcheck-?out\b|\bwhile you pay|\bbasged|\bload[ -]?balanc|balanc\w+ (?:the )?load|(?:spread|distribut|split|shar)\w* (?:out )?(?:the )?(?:load|work|traffic|requests)|want to (?:order|buy)\b|\borders? (?:you|form)|same server|\bcsrf|forger|cydbwyso|rhannu'r llwyth|\bfraud|\btwyll",
    )
});
static FOR_WORKING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bsession|\bsign(?:ed|s|ing)?[ -]?(?:in|on)\b|\blog(?:ged|s|ging)?[ -]?(?:in|on)\b|\blogin|\bsecur|\bload[ -]?balanc|\bcsrf|cross[- ]site|forgery|authentic|\bfraud|\bfirewall|\bsame server|\bddos|\bbots?\b|malicious|\battacks?\b|protects? (?:the |our |this )?(?:site|website|form|service)|progress|keeps? (?:your |the )?(?:place|form|answers)|your (?:answers|application|details|information)|between pages|from page to page|\bbooking\b|\bpayment|\bsesiwn|mewngofnodi|\bdiogel|\bddiogel|\bymosod|\btaliad|\bcynnydd|eich lle\b|o dudalen i dudalen|symud ymlaen|locked|gwybodaeth (?:rydych|a roddwch)",
    )
});

/// The category that a purpose lets us infer where the notice says nothing; `None` in doubt.
pub(super) fn inferred(purpose: &str) -> Option<Category> {
    let text = plain(purpose);
    if FOR_ADVERTISING.is_match(&text) {
        return (!FOR_COUNTING.is_match(&text)).then_some(Category::Marketing);
    }
    if FOR_SERVING.is_match(&text) && !FOR_COUNTING.is_match(&text) {
        return Some(Category::Essential);
    }
    // Pop-ups about surveys are remembered, whoever counts the answers.
    let setting = text.split(' ').count() <= 7 && SETTING.is_match(&text);
    let memory = setting || FOR_MEMORY.is_match(&text);
    match (FOR_COUNTING.is_match(&text), memory, FOR_WORKING.is_match(&text)) {
        (true, _, _) => Some(Category::Performance),
        (false, true, _) => Some(Category::Functional),
        (false, false, true) => Some(Category::Essential),
        _ => None,
    }
}
