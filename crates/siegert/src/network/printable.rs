//! Characters that do something to the place where they are shown, and their spelling for people.
//!
//! A network's texts may hold any character. A terminal obeys control characters, XML and HTML forbid them, and a change of the
//! direction of writing shows a text as another one: where people read, these are written as in a TOML file, `\u001b`.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character does nothing but stand in its line.
///
/// Others are control characters, line and paragraph separators, marks of the direction of writing or of the order of bytes, and the
/// code points that are no characters.
pub fn is_printable(character: char) -> bool {
    match character {
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => false,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' => false,
        _ => !character.is_control() && u32::from(character) & 0xfffe != 0xfffe,
    }
}

/// The text with such characters, ends of lines among them, as escapes: the same text if it has none.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, is_printable)
}

/// As [`printable`], of a text of several lines: their ends stay.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| character == '\n' || is_printable(character))
}

fn escaped(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(|character| !stays(character)) else { return Cow::Borrowed(text) };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for character in text[first..].chars() {
        match character {
            character if stays(character) => shown.push(character),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            character => push_escape(&mut shown, character),
        }
    }
    Cow::Owned(shown)
}

/// `\u001b` or `\U0001fffe`, as TOML and Python have it.
pub(crate) fn push_escape(text: &mut String, character: char) {
    let code = u32::from(character);
    let _ = if code < 0x1_0000 { write!(text, "\\u{code:04x}") } else { write!(text, "\\U{code:08x}") };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_shown_as_an_escape() {
        assert_eq!(printable("a\u{1b}[2Jb\u{7}\u{7f}\u{9b}c"), "a\\u001b[2Jb\\u0007\\u007f\\u009bc");
        assert_eq!(
            printable("\u{202e}evil\u{2028}\u{feff}\u{1ffff}\n\t\r"),
            "\\u202eevil\\u2028\\ufeff\\U0001ffff\\n\\t\\r"
        );
        assert_eq!(printable_lines("one\ntwo\r\n\u{1b}"), "one\ntwo\\r\n\\u001b");
    }

    #[test]
    fn letters_of_all_writings_stay() {
        let text = "E → I, \u{e9}l\u{e8}ve, Ω̂, 神経, שלום, 🧠👩‍🔬, \"quoted\" \\ @x@ <b>&amp;";
        assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
    }
}
