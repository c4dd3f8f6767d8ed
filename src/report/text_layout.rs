//! Writes wrapped text for a terminal. All text goes through here, and nothing leaves it bare.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use anstyle::Style as Look;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthStr as _;

use super::{Style, escape::Terminal};

/// The narrowest and widest text that a person reads with ease.
const WIDTHS: (usize, usize) = (40, 110);

/// A page of text that is written from top to bottom.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    colour: bool,
    width: usize,
}

impl<'a> Page<'a> {
    pub(super) fn new(out: &'a mut dyn Write, style: Style) -> Self {
        Self { out, colour: style.colour, width: style.width.clamp(WIDTHS.0, WIDTHS.1) }
    }

    /// An empty line.
    pub(super) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A paragraph.
    pub(super) fn text(&mut self, indent: usize, text: &str, look: Look) -> io::Result<()> {
        self.entry(indent, "", 0, Look::new(), text, look)
    }

    /// A label with a text beside it; the lines of the text stand under each other.
    pub(super) fn entry(
        &mut self,
        indent: usize,
        label: &str,
        label_width: usize,
        label_look: Look,
        text: &str,
        look: Look,
    ) -> io::Result<()> {
        let hang = indent + label_width;
        let (label, text) = (Terminal(label).to_string(), Terminal(text).to_string());
        for (n, line) in wrap(&text, self.width.saturating_sub(hang).max(10)).iter().enumerate() {
            let lead = if n == 0 { label.as_str() } else { "" };
            write!(self.out, "{:indent$}", "")?;
            self.put(lead, label_look)?;
            write!(self.out, "{:1$}", "", label_width.saturating_sub(lead.width()))?;
            self.put(line, look)?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn put(&mut self, text: &str, look: Look) -> io::Result<()> {
        if self.colour && !text.is_empty() && look != Look::new() {
            write!(self.out, "{look}{text}{look:#}")
        } else {
            self.out.write_all(text.as_bytes())
        }
    }
}

/// Lines of at most `width` columns. A word longer than that is broken: left to the terminal, its rest could pose as a
/// line of ours. There is always at least one line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = Options::new(width)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    textwrap::wrap(&text, options).into_iter().map(Cow::into_owned).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap("one two  three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghijk lm", 4), ["abcd", "efgh", "ijk", "lm"]);
        assert_eq!(wrap("abcd efgh", 4), ["abcd", "efgh"]);
        assert_eq!(wrap("", 4), [""]);
    }

    /// A character of East Asian scripts, and most emoji, take two columns.
    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(wrap("通知を読む", 4), ["通知", "を読", "む"]);
        assert_eq!(wrap("a🍪 b🍪", 4), ["a🍪", "b🍪"]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_nothing_is_lost(text in "[a-c通🍪 ]{0,80}", width in 2_usize..20) {
            let lines = wrap(&text, width);
            for line in &lines {
                prop_assert!(line.width() <= width, "{line:?}");
            }
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }

    #[test]
    fn colour_goes_round_the_text_and_only_if_asked_for() {
        for (colour, expected) in [(true, "\x1b[1mhi\x1b[0m\n"), (false, "hi\n")] {
            let mut out = Vec::new();
            Page::new(&mut out, Style { colour, width: 80 })
                .text(0, "hi", Look::new().bold())
                .unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn site_text_cannot_start_a_line_or_a_sequence() {
        let mut out = Vec::new();
        Page::new(&mut out, Style { colour: true, width: 80 })
            .text(2, "a\nb\x1b[31m", Look::new())
            .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "  a\\u{a}b\\u{1b}[31m\n");
    }
}
