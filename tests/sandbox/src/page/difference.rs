//! Two texts side by side, with what differs marked.

use std::borrow::Cow;

use maud::{Markup, html};

use crate::escape::escape;

/// Stretches longer than this are shown shortened: a body may be 4 MiB.
const SHOWN_CHARACTERS: usize = 1600;

/// A stretch that is the same in both texts, or differs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stretch<'a> {
    Same(&'a str),
    Different(&'a str, &'a str),
}

/// Compares line by line if the number of lines is the same, else as a whole.
pub(super) fn compare<'a>(expected: &'a str, signed: &'a str) -> Vec<Stretch<'a>> {
    let mut stretches = Vec::new();
    let lines = |text: &'a str| -> Vec<&'a str> { text.split_inclusive('\n').collect() };
    let (expected_lines, signed_lines) = (lines(expected), lines(signed));
    if expected_lines.len() == signed_lines.len() {
        for (expected, signed) in expected_lines.into_iter().zip(signed_lines) {
            compare_stretch(expected, signed, &mut stretches);
        }
    } else {
        compare_stretch(expected, signed, &mut stretches);
    }
    stretches
}

/// What the two have in common at the start and at the end, and the rest between.
fn compare_stretch<'a>(expected: &'a str, signed: &'a str, stretches: &mut Vec<Stretch<'a>>) {
    let start: usize = expected
        .chars()
        .zip(signed.chars())
        .take_while(|(one, other)| one == other)
        .map(|(character, _)| character.len_utf8())
        .sum();
    let (common_start, expected) = expected.split_at(start);
    let signed = &signed[start..];
    let end: usize = expected
        .chars()
        .rev()
        .zip(signed.chars().rev())
        .take_while(|(one, other)| one == other)
        .map(|(character, _)| character.len_utf8())
        .sum();
    let (expected, common_end) = expected.split_at(expected.len() - end);
    let signed = &signed[..signed.len() - end];

    if !common_start.is_empty() {
        stretches.push(Stretch::Same(common_start));
    }
    if expected != signed {
        stretches.push(Stretch::Different(expected, signed));
    }
    if !common_end.is_empty() {
        stretches.push(Stretch::Same(common_end));
    }
}

/// The expected text, with what the other lacks or has otherwise marked.
pub(super) fn expected_side(stretches: &[Stretch]) -> Markup {
    html! {
        @for stretch in stretches {
            @match stretch {
                Stretch::Same(text) => (visible(text)),
                Stretch::Different(expected, _) => ins { (visible(expected)) },
            }
        }
    }
}

/// The text that was signed, with what should not be there marked.
pub(super) fn signed_side(stretches: &[Stretch]) -> Markup {
    html! {
        @for stretch in stretches {
            @match stretch {
                Stretch::Same(text) => (visible(text)),
                Stretch::Different(_, signed) => del { (visible(signed)) },
            }
        }
    }
}

/// The differences in words, for readers who do not see the marks.
pub(super) fn in_words(stretches: &[Stretch]) -> Markup {
    let word = |text: &str| match text {
        "" => html! { "nothing" },
        text => html! { code { (shortened(&escape(text.as_bytes()), SHOWN_CHARACTERS)) } },
    };
    html! {
        ul.differences {
            @for stretch in stretches {
                @if let Stretch::Different(expected, signed) = stretch {
                    li { "expected " (word(expected)) ", signed " (word(signed)) }
                }
            }
        }
    }
}

/// Text with its line ends visible. The signs come from the style sheet, so that copying
/// gives the text itself.
pub(super) fn visible(text: &str) -> Markup {
    let text = shortened(text, SHOWN_CHARACTERS);
    html! {
        @for line in text.split_inclusive('\n') {
            @let line_end = line.ends_with('\n');
            @let line = line.strip_suffix('\n').unwrap_or(line);
            @let carriage_return = line.ends_with('\r');
            (escape_controls(line.strip_suffix('\r').unwrap_or(line)))
            @if carriage_return { span.cr {} "\r" }
            @if line_end { span.lf {} "\n" }
        }
    }
}

/// Control characters as their escapes; a backslash stays one.
fn escape_controls(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// At most so many characters of a text, from its start and its end.
pub(super) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= most {
        return text.into();
    }
    let start: String = text.chars().take(most / 2).collect();
    let end: String = text.chars().skip(count - most / 2).collect();
    format!("{start} … {} characters more … {end}", count - most / 2 * 2).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Stretch::{Different, Same};

    #[test]
    fn a_missing_newline_is_the_only_difference() {
        assert_eq!(
            compare("a\n{}\n/v1", "a\n{}/v1"),
            [Same("a\n{}"), Different("\n", ""), Same("/v1")]
        );
    }

    #[test]
    fn lines_are_compared_one_by_one() {
        assert_eq!(
            compare("a\nb GMT\nc", "a\nb +0000\nc"),
            [
                Same("a\n"),
                Same("b "),
                Different("GMT", "+0000"),
                Same("\n"),
                Same("c")
            ]
        );
        let carriage_returns = compare("a\nb\nc", "a\r\nb\r\nc");
        let differences = carriage_returns
            .iter()
            .filter(|stretch| **stretch == Different("", "\r"));
        assert_eq!(differences.count(), 2);
    }

    #[test]
    fn equal_and_empty_texts_differ_in_nothing() {
        assert_eq!(compare("", ""), []);
        assert_eq!(compare("ş", "ş"), [Same("ş")]);
        assert_eq!(compare("ş", "ğ"), [Different("ş", "ğ")]);
        assert_eq!(compare("ab", ""), [Different("ab", "")]);
        assert_eq!(compare("aa", "aaa"), [Same("aa"), Different("", "a")]);
    }

    #[test]
    fn text_is_escaped_and_long_text_shortened() {
        let shown = visible("<b>\r\n\x1b").into_string();
        assert_eq!(
            shown,
            "&lt;b&gt;<span class=\"cr\"></span>\r<span class=\"lf\"></span>\n\\u{1b}"
        );
        let long = visible(&"ş".repeat(1_000_000)).into_string();
        assert!(long.contains("998400 characters more"));
        assert!(long.chars().count() < 2 * SHOWN_CHARACTERS);
    }
}
