//! Names of cookies as notices write them, and the names they stand for.

use std::sync::LazyLock;

use regex::Regex;

use super::text::{is_hidden, run_together};

/// Browsers refuse names longer than 4096 bytes (RFC 6265bis section 5.6); no notice writes half that.
const MAX_NAME: usize = 512;
/// How many names one cell may hold.
const MAX_NAMES: usize = 200;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours")
}

/// What a name in a notice stands for, as globs in which `*` is any run of characters.
///
/// Placeholders become `*`, white space and hidden characters are dropped, a shorthand such as
/// `__utma/b/c` is spelt out. Empty if nothing is left.
pub fn patterns(as_written: &str) -> Vec<String> {
    let head: String = as_written.chars().take(MAX_NAME).collect();
    let name = without_remarks(&run_together(&visible(&head)));
    if let Some(spelt_out) = shorthand(&name) {
        return spelt_out.iter().map(|name| glob(name)).collect();
    }
    let glob = glob(&name);
    // A lone `*` would declare every cookie there is.
    if glob.chars().all(|c| c == '*') { Vec::new() } else { vec![glob] }
}

/// The names in a cell, each as written. `lines` are its lines, `code` what stands in `code` elements.
pub(super) fn split(lines: &[String], code: &[String]) -> Vec<String> {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| run_together(&visible(line)))
        .filter(|line| !line.is_empty())
        .collect();
    let marked = marked(&lines, code);
    if !marked.is_empty() {
        return marked;
    }
    let mut out = Vec::new();
    if let [line] = &lines[..] {
        names_of_line(line, true, &mut out);
        return out;
    }
    for line in &lines {
        names_of_line(line, false, &mut out);
        if out.len() >= MAX_NAMES {
            out.truncate(MAX_NAMES);
            break;
        }
    }
    if out.is_empty() && !lines.is_empty() {
        // No line is clearly a name: perhaps one name that the layout broke.
        names_of_line(&lines.join(" "), true, &mut out);
    }
    out
}

/// Whether a text is one word that could be nothing but a name: no English or Welsh word is written
/// with an underscore, a placeholder, a digit among letters or a capital after a small letter.
pub(super) fn is_surely_name(text: &str) -> bool {
    if text.is_empty() || text.len() > MAX_NAME || text.contains(char::is_whitespace) {
        return false;
    }
    let text = text.trim_end_matches([',', ';', ':']);
    if text.contains("://") || text.starts_with("www.") || text.contains('@') || is_vendor(text) {
        return false;
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters == 0 || !text.chars().all(is_name_character) {
        return false;
    }
    let inner_capital =
        text.chars().zip(text.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    let digit_among_letters = text.chars().any(|c| c.is_ascii_digit());
    let shouted = letters >= 3 && !text.chars().any(char::is_lowercase);
    text.contains(['_', '*', '#', '[', '{', '<', '%'])
        || inner_capital
        || (digit_among_letters && letters >= 2)
        || shouted
        || (text.contains(['.', '-']) && !text.contains("--") && text.len() > 4 && is_dotted(text))
}

/// `cookie-agreed`, `koa.sid`: small letters joined by dots or hyphens.
fn is_dotted(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['.', '-']).collect();
    parts.len() > 1
        && parts.iter().all(|part| part.len() > 1)
        && !matches!(
            text,
            "third-party" | "first-party" | "e-mail" | "opt-out" | "opt-in" | "sign-in"
        )
        && !["com", "uk", "org", "net", "io", "cymru", "wales"]
            .contains(parts.last().unwrap_or(&""))
}

/// Whether a text is one word that may be a name where a name is expected.
pub(super) fn may_be_name(text: &str) -> bool {
    let text = run_together(&visible(text));
    !text.is_empty()
        && text.len() <= MAX_NAME
        && !text.contains(char::is_whitespace)
        && text.chars().any(char::is_alphanumeric)
        && !text.contains("://")
        && text.chars().all(is_name_character)
        && !is_none(&text)
}

/// A cell that says there is no cookie.
pub(super) fn is_none(text: &str) -> bool {
    static NONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(none|nil|no|n/?a|not applicable|dim( un)?|dim cwcis?|tbc|[-–—.\s]*|(there are )?(none|no)( \w+)? cookies?\b.*|none (set|used|at present|currently).*|nid oes .*)[.]?$",
        )
    });
    NONE.is_match(text.trim())
}

/// The characters of a name: those of RFC 6265's token, and those that placeholders and loose
/// practice add.
fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-.^_`|~[]{}<>:…@/=()".contains(c)
}

/// Services that are written like names of cookies.
fn is_vendor(word: &str) -> bool {
    const VENDORS: [&str; 26] = [
        "YouTube",
        "HotJar",
        "LinkedIn",
        "TikTok",
        "PayPal",
        "WordPress",
        "SmartSurvey",
        "SurveyMonkey",
        "GovMetric",
        "CloudFlare",
        "DoubleClick",
        "AddThis",
        "ShareThis",
        "BrowseAloud",
        "ReciteMe",
        "AdRoll",
        "OneTrust",
        "CookieBot",
        "JavaScript",
        "GitHub",
        "HubSpot",
        "SoundCloud",
        "WhatsApp",
        "NHS",
        "HMRC",
        "BBC",
    ];
    VENDORS.iter().any(|vendor| vendor.eq_ignore_ascii_case(word))
}

fn visible(text: &str) -> String {
    text.chars().filter(|&c| !is_hidden(c)).collect()
}

/// Whether a text holds characters that are not seen; soft hyphens only guide line breaks.
pub(super) fn holds_hidden(text: &str) -> bool {
    text.chars().any(|c| is_hidden(c) && c != '\u{ad}')
}

/// Names in `code` elements, if these are all that the cell holds.
fn marked(lines: &[String], code: &[String]) -> Vec<String> {
    let code: Vec<String> =
        code.iter().map(|it| run_together(&visible(it))).filter(|it| !it.is_empty()).collect();
    if code.len() < 2 {
        return Vec::new();
    }
    let mut rest = lines.join(" ");
    for name in &code {
        // Cut from the front only, so that `_ga` does not take a piece of `_gat`.
        let Some(at) = rest.find(name.as_str()) else { return Vec::new() };
        let between = &rest[..at];
        if !is_separator(between) {
            return Vec::new();
        }
        rest.replace_range(..at + name.len(), "");
    }
    let mut out = Vec::new();
    for name in &code {
        names_of_line(name, true, &mut out);
    }
    out
}

fn is_separator(text: &str) -> bool {
    let text = text.trim().trim_matches([',', ';', '/', '|', '&', '•', '·', '+', '(', ')']).trim();
    matches!(text, "" | "and" | "or" | "a" | "ac" | "neu")
}

/// Adds the names of one line. `alone`: the line is the whole cell, so that any one word is a name.
fn names_of_line(line: &str, alone: bool, out: &mut Vec<String>) {
    let line = line.trim_start_matches(['•', '·', '–', '—']).trim();
    let line = unquoted(line);
    if is_none(line) {
        return;
    }
    if shorthand(line).is_some() {
        out.push(line.to_owned());
        return;
    }
    let parts = parts(line);
    if parts.len() > 1 && parts.iter().all(|part| is_one_name(part, true)) {
        out.extend(parts.iter().map(|part| unquoted(part).to_owned()));
        return;
    }
    if is_one_name(line, alone) {
        out.push(line.to_owned());
        return;
    }
    let tokens: Vec<&str> = line.split(' ').map(unquoted).collect();
    // `_ga _gid _gat`: complete names with nothing but spaces between.
    if tokens.len() > 1 && tokens.iter().all(|token| is_complete(token)) {
        out.extend(tokens.iter().map(|token| (*token).to_owned()));
        return;
    }
    // Some words and a name: `Google Analytics: _ga`, `_ga - visitor id`.
    let surely: Vec<&str> = parts_of_prose(line);
    for name in surely {
        if !out.iter().any(|known| known == name) {
            out.push(name.to_owned());
        }
    }
}

/// The words in a phrase that can only be names.
pub(super) fn parts_of_prose(line: &str) -> Vec<&str> {
    line.split([' ', ',', ';', '(', ')'])
        .map(|word| unquoted(word.trim_matches([':', '.', '-', '–'])))
        .filter(|word| word.contains('_') && is_complete(word))
        .collect()
}

/// A name without placeholder or gap that can only be a name.
fn is_complete(token: &str) -> bool {
    is_surely_name(token)
        && token.chars().any(char::is_alphanumeric)
        && !token.starts_with(['[', '{', '<', '(', '*', '#'])
        && token.trim_end_matches('_').len() > 1
        && !token.ends_with('_')
}

/// Whether a text is one name, gaps and remarks allowed.
fn is_one_name(text: &str, lenient: bool) -> bool {
    let name = without_remarks(unquoted(text));
    if name.is_empty() || is_none(&name) {
        return false;
    }
    if !name.contains(' ') {
        return name.chars().all(is_name_character)
            && name.chars().any(char::is_alphanumeric)
            && (is_surely_name(&name) || (lenient && !is_sentence_word(&name)));
    }
    // With gaps: `__ utma`, `AMP_TOKEN [x2]`, `_ga_ <container id>`, `cookie #`.
    let star = glob(&name);
    let closed = PLACEHOLDER.replace_all(&name, "*");
    let words: Vec<&str> = closed.split(' ').filter(|word| *word != "*").collect();
    let real: Vec<&str> =
        words.iter().copied().filter(|word| word.chars().any(char::is_alphanumeric)).collect();
    let is_broken = match real[..] {
        [_] => true,
        // A name that the layout broke behind an underscore.
        [first, _] => first.ends_with('_'),
        _ => false,
    };
    star.len() <= MAX_NAME
        && star.chars().all(is_name_character)
        && star.contains(['_', '*'])
        && is_broken
}

/// Words that are alone in a cell and yet name no cookie.
fn is_sentence_word(word: &str) -> bool {
    word.ends_with('.') && word.len() > 1 && word.chars().all(|c| c.is_alphabetic() || c == '.')
}

/// Cuts a line at what separates names, outside of brackets.
fn parts(line: &str) -> Vec<String> {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\s+(?:and|or|a|ac|neu|&|\+)\s+|\s*[,;|•·]\s*(?:and\s+|or\s+|ac?\s+)?|\s+/\s+|\s*/\s*",
        )
    });
    let mut depth = 0_usize;
    let mut inside = vec![false; line.len() + 1];
    for (at, c) in line.char_indices() {
        match c {
            '[' | '{' | '(' | '<' => depth += 1,
            ']' | '}' | ')' | '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        inside[at] = depth > 0;
    }
    let mut out = Vec::new();
    let mut from = 0;
    for found in WORDS.find_iter(line) {
        if inside[found.start()] {
            continue;
        }
        out.push(line[from..found.start()].trim().to_owned());
        from = found.end();
    }
    out.push(line[from..].trim().to_owned());
    out.retain(|part| !part.is_empty());
    out
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '“', '”', '‘', '’', '`', '\'', '«', '»', ',', ';']).trim()
}

/// Without what a notice adds behind a name: a repeat count, a remark in brackets.
fn without_remarks(name: &str) -> String {
    static COUNT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\s*(?:[\[(]\s*[x×]\s*\d+\s*[\])]|\s[x×]\s?\d+|[\[(]\s*\d+\s*[x×]\s*[\])])$")
    });
    // "(plus several further characters)" stands for more of the name.
    static MORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\s*\((?:[^()]*\b(?:plus|followed|further|random|characters?|suffix|id|unique|numbers?|digits|rhif|ynghyd|ac yna|nodau)\b[^()]*)\)|\s+(?:plus|followed by)\s.*$",
        )
    });
    static REMARK: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s+\([^()]*\)$|\s+[-–—:]\s.*$"));
    let name = unquoted(name);
    let name = COUNT.replace(name, "");
    let name = MORE.replace_all(&name, "*");
    let name = REMARK.replace(&name, "");
    unquoted(&name).to_owned()
}

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\[[^\[\]]*\]|\{+[^{}]*\}+|<[^<>]*>|#+|x{4,}|X{4,}|n{4,}|N{4,}|…+|\.{3,}|%[A-Za-z]+%|\([^()]*\)",
    )
});

/// A name with its placeholders made `*` and its white space dropped.
fn glob(name: &str) -> String {
    let starred = PLACEHOLDER.replace_all(name, "*");
    merge_stars(&starred.replace(char::is_whitespace, ""))
}

fn merge_stars(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if !(c == '*' && out.ends_with('*')) {
            out.push(c);
        }
    }
    out
}

/// `__utma/b/c`: the last character of the first, exchanged for each of the others.
fn shorthand(name: &str) -> Option<Vec<String>> {
    let separator = if name.contains('/') { '/' } else { ',' };
    let mut parts = name.split(separator).map(str::trim);
    let first = parts.next()?;
    let others: Vec<&str> = parts.collect();
    let one = |part: &str| part.chars().count() == 1 && part.chars().all(char::is_alphanumeric);
    if others.is_empty()
        || first.chars().count() < 4
        || first.contains(' ')
        || !first.chars().all(is_name_character)
        || !others.iter().all(|part| one(part))
    {
        return None;
    }
    let (cut, _) = first.char_indices().next_back()?;
    let stem = &first[..cut];
    let spelt_out = others.iter().map(|part| format!("{stem}{part}"));
    Some(std::iter::once(first.to_owned()).chain(spelt_out).collect())
}

/// The general form of a name that holds the mark of one instance: an account, a session, a hash.
///
/// `_ga_Z2RHWQ33HY` becomes `_ga_*`. `None` if no part looks like such a mark, or if too little of
/// the name would be left to tell it from others.
pub fn generalise(name: &str) -> Option<String> {
    static MARKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        [
            // Google: property ids of Universal Analytics, and of Tag Manager and Ads.
            (r"UA[-_]\d{4,}[-_]\d+", "*"),
            (r"(^|[_.-])(?:GTM|AW|DC|G)-[A-Z0-9]{5,}$", "${1}*"),
            // Google Analytics 4 and Google Ads put the id after these stems.
            (r"^(_ga|_gac|_gac_gb|_gcl_[a-z]+|_gat_gtag)_([A-Z0-9]{6,})$", "${1}_*"),
            // Matomo: site number and a hash of the domain, as in `_pk_id.3.1fff`.
            (r"^(_pk_\w+|_mtm_\w+)\.\d+(?:\.[0-9a-f]{4})?$", "$1.*"),
            // Visual Website Optimizer: campaign and goal numbers.
            (r"^(_vis_opt_exp_)\d+(_goal_)\d+$", "${1}*${2}*"),
            (r"^(_vis_opt_exp_)\d+(_\w+)$", "${1}*$2"),
            // Imperva: site and session numbers.
            (r"^(visid_incap_|incap_ses_|nlbi_|incap_wrt_)[\d_]+$", "$1*"),
            // Classic ASP and ASP.NET Core.
            (r"^ASPSESSIONID[A-Z]{8}$", "ASPSESSIONID*"),
            (r"^(\.AspNetCore\.\w+\.)[\w-]{8,}$", "$1*"),
            (r"^(wp-settings-(?:time-)?|wordpress_test_cookie_)\d+$", "$1*"),
            // Anywhere: universally unique ids, long hexadecimal hashes, long numbers.
            (r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", "*"),
        ]
        .map(|(mark, general)| (pattern(mark), general))
        .into()
    });
    if name.len() > MAX_NAME {
        return None;
    }
    let mut general = name.to_owned();
    for (mark, form) in MARKS.iter() {
        general = mark.replace_all(&general, *form).into_owned();
    }
    let general = merge_stars(&general_segments(&general));
    let stem = general.split('*').map(str::len).max().unwrap_or(0);
    let spells =
        general.split('*').any(|part| part.chars().filter(|c| c.is_alphanumeric()).count() >= 2);
    (general != name && stem >= 3 && spells).then_some(general)
}

/// Replaces segments that look random.
fn general_segments(name: &str) -> String {
    static SEGMENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z0-9]+"));
    static HASH: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9a-f]{16,}$|[0-9A-F]{16,}$"));
    SEGMENT
        .replace_all(name, |found: &regex::Captures<'_>| {
            let segment = &found[0];
            if is_random(segment) {
                return "*".to_owned();
            }
            // A hash right behind the stem: `SSESS9b72…`. All letters or all digits is no hash.
            match HASH.find(segment) {
                Some(hash)
                    if hash.as_str().chars().any(|c| c.is_ascii_digit())
                        && hash.as_str().chars().any(|c| c.is_ascii_alphabetic()) =>
                {
                    // What precedes a hash in the same letters cannot be told from it: `SESS` and `e`.
                    format!("{}*", &segment[..hash.start()])
                }
                _ => segment.to_owned(),
            }
        })
        .into_owned()
}

fn is_random(segment: &str) -> bool {
    let count = |test: fn(&char) -> bool| segment.chars().filter(test).count();
    let digits = count(char::is_ascii_digit);
    let upper = count(char::is_ascii_uppercase);
    let lower = count(char::is_ascii_lowercase);
    let length = segment.len();
    if digits == length {
        return length >= 4;
    }
    // An id in capitals and digits; in small letters and digits; in all of them.
    (length >= 8 && digits >= 2 && lower == 0 && upper >= 2)
        || (length >= 8 && digits >= 3 && upper == 0 && !segment.starts_with("base64"))
        || (length >= 16 && digits >= 2 && upper >= 3 && lower >= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_stars() {
        for (written, expected) in [
            ("_ga", "_ga"),
            ("ga_[random number]", "ga_*"),
            ("_vis_opt_exp_{CAMPAIGNID}_goal_{GOALID}", "_vis_opt_exp_*_goal_*"),
            ("_gat_<property id>", "_gat_*"),
            ("AMCV_#", "AMCV_*"),
            ("AMCVS_###AdobeOrg", "AMCVS_*AdobeOrg"),
            ("_gat_UA-xxxxxxxx-1", "_gat_UA-*-1"),
            ("_gat_UA-XXXXXXXX-X", "_gat_UA-*-X"),
            ("_hjSession_NNNNNN", "_hjSession_*"),
            ("SSESS…", "SSESS*"),
            ("wp-settings-...", "wp-settings-*"),
            ("SESS (plus several further characters)", "SESS*"),
            ("_ga_*", "_ga_*"),
            ("_ga_**", "_ga_*"),
            ("{{id}}_seen", "*_seen"),
            ("__ utma", "__utma"),
            ("_g\u{200b}a", "_ga"),
            ("\u{202e}sid\u{202c}", "sid"),
            ("_fbp [x2]", "_fbp"),
            ("_fbp (x2)", "_fbp"),
            ("_ga (Google Analytics)", "_ga"),
            ("“sid”", "sid"),
            ("_ga_Z2RHWQ33HY", "_ga_Z2RHWQ33HY"),
            ("Crsf-token", "Crsf-token"),
            ("xxx_nnn", "xxx_nnn"),
        ] {
            assert_eq!(patterns(written), [expected], "{written}");
        }
    }

    #[test]
    fn shorthand_is_spelt_out() {
        assert_eq!(patterns("__utma/b/c"), ["__utma", "__utmb", "__utmc"]);
        assert_eq!(patterns("__utma, b, z"), ["__utma", "__utmb", "__utmz"]);
    }

    #[test]
    fn a_name_that_says_nothing_is_none() {
        for written in ["", " ", "*", "[name]", "####", "\u{200b}"] {
            assert_eq!(patterns(written), Vec::<String>::new(), "{written}");
        }
    }

    /// Names in a cell; `|` is a line break.
    fn cell(text: &str) -> String {
        let lines: Vec<String> = text.split('|').map(str::to_owned).collect();
        split(&lines, &[]).join(" + ")
    }

    #[test]
    fn complete_names_are_split() {
        for (text, names) in [
            ("_ga", "_ga"),
            ("session", "session"),
            ("_ga and _gat", "_ga + _gat"),
            ("_ga, _gid & _gat", "_ga + _gid + _gat"),
            ("1P_JAR, NID and CONSENT", "1P_JAR + NID + CONSENT"),
            ("start/start.sig", "start + start.sig"),
            ("_ga _gid", "_ga + _gid"),
            ("_ga a _gid", "_ga + _gid"),
            ("_utma|_utmb|_utmz", "_utma + _utmb + _utmz"),
            ("__utma/b/c", "__utma/b/c"),
            ("__ utma", "__ utma"),
            ("_ga_ <container id>", "_ga_ <container id>"),
            ("_ga|Google", "_ga"),
            ("Google Analytics: _ga", "_ga"),
            ("None", ""),
            ("N/A", ""),
            ("Dim", ""),
            ("There are no cookies", ""),
            ("Google Analytics", ""),
            ("• sid", "sid"),
            ("_hj[a, b]_seen", "_hj[a, b]_seen"),
        ] {
            assert_eq!(cell(text), names, "{text}");
        }
    }

    #[test]
    fn code_elements_are_names() {
        let code = ["_ga_AB".to_owned(), "_ga_CD".to_owned()];
        assert_eq!(split(&["_ga_AB _ga_CD".to_owned()], &code), code);
        let code = ["sid".to_owned(), "lang".to_owned()];
        assert_eq!(split(&["sid lang".to_owned()], &code), code);
    }

    #[test]
    fn instances_are_made_general() {
        for (name, general) in [
            ("_ga_Z2RHWQ33HY", "_ga_*"),
            ("_gat_UA-12345-1", "_gat_*"),
            ("_dc_gtm_UA-1234567-12", "_dc_gtm_*"),
            ("_gac_gb_76JLPNZBCP", "_gac_gb_*"),
            ("SSESS9b7243f00ba45c1d9b7243f00ba45c1d", "SSESS*"),
            ("_hjSession_1234567", "_hjSession_*"),
            ("_pk_id.3.1fff", "_pk_id.*"),
            ("_pk_ses.12.ab0c", "_pk_ses.*"),
            ("visid_incap_2345678", "visid_incap_*"),
            ("_vis_opt_exp_12_goal_1", "_vis_opt_exp_*_goal_*"),
            ("_vis_opt_exp_12_combi", "_vis_opt_exp_*_combi"),
            ("ASPSESSIONIDCQTBRCDA", "ASPSESSIONID*"),
            ("AMCV_9E1005A551ED61CA0A490D45%40AdobeOrg", "AMCV_*%40AdobeOrg"),
            ("seen-123e4567-e89b-12d3-a456-426614174000", "seen-*"),
        ] {
            assert_eq!(generalise(name).as_deref(), Some(general), "{name}");
        }
    }

    #[test]
    fn plain_names_have_no_general_form() {
        for name in [
            "_ga",
            "_gid",
            "session",
            "PHPSESSID",
            "git-cookie-preferences-v1",
            "1P_JAR",
            "_vwo_uuid_v2",
            "ASP.NET_SessionId",
            "CONSENT",
            "__utma",
            // Too little would be left.
            "9b7243f00ba45c1d9b7243f00ba45c1d",
            "a_12345678",
            "",
        ] {
            assert_eq!(generalise(name), None, "{name}");
        }
    }
}
