//! Pieces of Python source: numbers that read back to the last bit, strings, dictionaries, tables, and templates.

use std::fmt::Write;

/// The shortest text that reads back as the same number.
pub(super) fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { format!("float(\"{value}\")") }
}

/// A time or a product as a person would write it: without what rounding added in the last digits.
pub(super) fn tidy(value: f64) -> f64 {
    format!("{value:.13e}").parse().unwrap_or(value)
}

/// A string literal.
pub(super) fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            character if character.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Keys, and values that are already source.
pub(super) type Entries = Vec<(&'static str, String)>;

/// A dictionary on one line.
pub(super) fn dict(entries: &Entries) -> String {
    let entries: Vec<String> = entries.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
    format!("{{{}}}", entries.join(", "))
}

/// `NAME = [`, a row a line, `]`.
pub(super) fn list(name: &str, rows: impl IntoIterator<Item = String>) -> String {
    rows.into_iter().fold(format!("{name} = [\n"), |text, row| text + "    " + &row + ",\n") + "]\n"
}

/// Fills a template: a line that is `@name@` alone gives way to the text (or to nothing), as does `@name@` inside a line.
pub(super) fn fill(template: &str, parts: &[(&str, String)]) -> String {
    let mut filled = String::new();
    for line in template.lines() {
        let alone =
            parts.iter().find(|(name, _)| line.strip_prefix('@').and_then(|line| line.strip_suffix('@')) == Some(name));
        match alone {
            Some((_, text)) => filled.push_str(text),
            None => {
                let inside =
                    parts.iter().fold(line.to_string(), |line, (name, text)| line.replace(&format!("@{name}@"), text));
                filled.push_str(&inside);
                filled.push('\n');
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_to_the_last_bit() {
        for value in [0.1, 1.0 / 3.0, -87.808_203_7, 1e-300, 20.0, 1e22] {
            assert_eq!(number(value).parse(), Ok(value));
        }
        assert_eq!((number(20.0), number(f64::INFINITY)), ("20.0".to_string(), "float(\"inf\")".to_string()));
        assert_eq!(number(tidy(3.0 * 0.1)), "0.3");
    }

    #[test]
    fn strings_cannot_end_early() {
        assert_eq!(string("a\"b\\c\n"), r#""a\"b\\c\u000a""#);
    }

    #[test]
    fn a_placeholder_that_is_empty_leaves_no_line() {
        let filled = fill(
            "a\n@none@\n@some@\nb @word@\n",
            &[("none", String::new()), ("some", "x\n".into()), ("word", "y".into())],
        );
        assert_eq!(filled, "a\nx\nb y\n");
    }
}
