//! Text from the scanned site, made safe for where it is going.
//!
//! Cookie names, addresses and notices are written by strangers. A format never prints one bare. What a pipeline would take
//! for a command in its log is broken in every format.

use std::fmt::{self, Write};

use super::log_commands;

/// For HTML, in text and in quoted attributes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Markup<'a>(pub(super) &'a str);

/// For a terminal: control characters are shown, not obeyed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal<'a>(pub(super) &'a str);

impl fmt::Display for Markup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commands = log_commands::starts(self.0);
        for (at, c) in self.0.char_indices() {
            match c {
                c if commands.binary_search(&at).is_ok() => write!(f, "&#{};", u32::from(c))?,
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // White space to a browser; it cannot end an element or a quoted attribute.
                '\t' | '\n' | '\r' => f.write_char(' ')?,
                c if deceives(c) => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commands = log_commands::starts(self.0);
        for (at, c) in self.0.char_indices() {
            if deceives(c) || commands.binary_search(&at).is_ok() {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// Whether a character does something other than show itself: controls, bidirectional controls
/// (Unicode Standard Annex 9, section 2, and Technical Report 36), and characters that take no
/// room, with which two different names look the same. A reader must see that they are there.
pub(super) const fn deceives(c: char) -> bool {
    c.is_ascii_control()
        || matches!(c,
            '\u{80}'..='\u{9f}'        // C1 controls; U+009B opens a terminal sequence like ESC [
            | '\u{ad}'                 // soft hyphen
            | '\u{34f}'                // combining grapheme joiner
            | '\u{61c}'                // Arabic letter mark
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
            | '\u{17b4}' | '\u{17b5}'  // Khmer inherent vowels
            | '\u{180b}'..='\u{180f}'  // Mongolian selectors and vowel separator
            | '\u{200b}'..='\u{200f}'  // zero-width characters, direction marks
            | '\u{2028}'..='\u{202e}'  // line and paragraph separators, embeddings, overrides
            | '\u{2060}'..='\u{206f}'  // word joiner, isolates, deprecated controls
            | '\u{fe00}'..='\u{fe0f}'  // variation selectors
            | '\u{feff}'               // byte order mark
            | '\u{fff9}'..='\u{fffb}'  // interlinear annotation
            | '\u{e0000}'..='\u{e0fff}') // tags and further selectors
}

#[cfg(test)]
mod tests {
    use super::{Markup, Terminal};

    #[test]
    fn a_cookie_name_cannot_break_out() {
        let name = "\x1b[2J\"><script>\u{9b}1m";
        assert_eq!(Markup(name).to_string(), "\\u{1b}[2J&quot;&gt;&lt;script&gt;\\u{9b}1m");
        assert_eq!(Terminal(name).to_string(), "\\u{1b}[2J\"><script>\\u{9b}1m");
    }

    #[test]
    fn hidden_and_turning_characters_are_shown() {
        let name = "_g\u{200b}a\u{202e}gpj.\u{e0041}\n";
        assert_eq!(Terminal(name).to_string(), "_g\\u{200b}a\\u{202e}gpj.\\u{e0041}\\u{a}");
        assert_eq!(Markup(name).to_string(), "_g\\u{200b}a\\u{202e}gpj.\\u{e0041} ");
    }

    #[test]
    fn commands_of_pipelines_are_broken() {
        let name = "::warning::x ##vso[a] ##[b]";
        assert_eq!(Terminal(name).to_string(), "\\u{3a}:warning::x \\u{23}#vso[a] \\u{23}#[b]");
        assert_eq!(Markup(name).to_string(), "&#58;:warning::x &#35;#vso[a] &#35;#[b]");
    }

    #[test]
    fn words_in_any_language_are_left_alone() {
        for text in ["Hysbysiad cwcis: gŵr, tŷ", "إشعار", "通知", "naïve – “quoted”"]
        {
            assert_eq!(Terminal(text).to_string(), text);
        }
    }
}
