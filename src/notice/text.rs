//! Small helpers for text.

/// White space run together and trimmed. The separator that marks line breaks counts as space.
pub(super) fn run_together(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c == '\u{1e}').filter(|it| !it.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Lower case, curly apostrophes made straight, white space run together.
pub(super) fn fold(text: &str) -> String {
    run_together(&text.replace(['’', '‘', '`', '´'], "'").to_lowercase())
}

/// Words of a text in lower case, with inner apostrophes and hyphens kept.
pub(super) fn words(text: &str) -> Vec<String> {
    fold(text)
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '-'))
        .map(|word| word.trim_matches(['\'', '-']).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Sentences of a text: cut after `.`, `!`, `?` and `:` if white space follows.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = matches!(c, '.' | '!' | '?' | ':')
            && chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if ends {
            let to = at + c.len_utf8();
            out.push(text[from..to].trim());
            from = to;
        }
    }
    out.push(text[from..].trim());
    out.retain(|sentence| !sentence.is_empty());
    out
}

/// Characters that are not seen: controls, zero-width ones, direction marks, soft hyphens.
pub(super) fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
}

/// Lower case letters and digits only, to compare titles whatever their punctuation.
pub(super) fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A text cut to a length that a message can bear.
pub(super) fn excerpt(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}
