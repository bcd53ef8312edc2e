//! Pieces of Python source: numbers that read back to the last bit, strings, dictionaries, tables, and templates.

use crate::network::{is_printable, push_escape};

/// The shortest text that reads back as the same number.
pub(super) fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { format!("float(\"{value}\")") }
}

/// A string literal: whatever the text holds, it is one line of characters that can be seen, and reads back as the same text.
pub(super) fn string(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// The text between quotation marks, single or triple.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            character if is_printable(character) => escaped.push(character),
            character => push_escape(&mut escaped, character),
        }
    }
    escaped
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
///
/// The template is read once. What is filled in is not looked at again: a text may hold `@name@` itself.
pub(super) fn fill(template: &str, parts: &[(&str, String)]) -> String {
    let text_of = |name: &str| parts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
    let mut filled = String::new();
    for line in template.lines() {
        let alone = line.strip_prefix('@').and_then(|line| line.strip_suffix('@')).and_then(text_of);
        if let Some(text) = alone {
            filled.push_str(text);
            continue;
        }
        let mut rest = line;
        while let Some((before, name, after)) = placeholder(rest) {
            filled.push_str(before);
            match text_of(name) {
                Some(text) => filled.push_str(text),
                None => unreachable!("the template has no text for @{name}@"),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled.push('\n');
    }
    filled
}

/// What is before the first `@name@` of a line of a template, the name, and what is behind it.
fn placeholder(line: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = line.split_once('@')?;
    let (name, after) = rest.split_once('@')?;
    Some((before, name, after))
}

/// Those functions of libraries that `script` calls, or that those call, each library under its opening comment.
pub(super) fn functions_called(libraries: &[&str], script: &str) -> String {
    let parts: Vec<String> = libraries.iter().filter_map(|library| functions_of(library, script)).collect();
    // Two empty lines around functions, of which the template has one.
    if parts.is_empty() { String::new() } else { format!("\n{}\n\n\n", parts.join("\n\n\n")) }
}

fn functions_of(library: &str, script: &str) -> Option<String> {
    let (comment, functions) = match library.split_once('\n') {
        Some((comment, functions)) if comment.starts_with('#') => (format!("{comment}\n"), functions),
        _ => (String::new(), library),
    };
    let mut wanted: Vec<&str> = Vec::new();
    // Backward, since a function calls those before it.
    for function in functions.trim_end().split("\n\n\n").collect::<Vec<_>>().into_iter().rev() {
        let name = function.trim_start_matches("def ").split('(').next().unwrap_or_default();
        if calls(script, name) || wanted.iter().any(|other| calls(other, name)) {
            wanted.push(function);
        }
    }
    wanted.reverse();
    (!wanted.is_empty()).then(|| comment + &wanted.join("\n\n\n"))
}

/// Whether the text names a function, not only as a part of a longer name or with `nest.random.` before it.
fn calls(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(place, _)| {
        let before = text[..place].chars().next_back();
        let after = text[place + name.len()..].chars().next();
        let part = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_alphanumeric() || "_.\"".contains(c));
        !part(before) && !part(after)
    })
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
    }

    #[test]
    fn strings_cannot_end_early() {
        assert_eq!(string("a\"b\\c\n"), r#""a\"b\\c\u000a""#);
        assert_eq!(string("\u{202e}\u{0}\u{1ffff}"), r#""\u202e\u0000\U0001ffff""#);
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        let parts = [("a", "@b@@a@".to_string()), ("b", "B".to_string())];
        assert_eq!(fill("x @a@ @b@ y\n@a@\n@b@\n", &parts), "x @b@@a@ B y\n@b@@a@B");
    }

    #[test]
    fn only_functions_that_are_called_are_written() {
        let library =
            "# Laws.\ndef one(x):\n    return x\n\n\ndef two(x):\n    return one(x)\n\n\ndef three(x):\n    return x\n";
        let both = "\n# Laws.\ndef one(x):\n    return x\n\n\ndef two(x):\n    return one(x)\n\n\n";
        assert_eq!(functions_called(&[library], "two(1)"), both);
        assert_eq!(functions_called(&[library], "three(1)"), "\n# Laws.\ndef three(x):\n    return x\n\n\n");
        assert_eq!(functions_called(&[library], "nest.one(1), \"two\", threefold(1)"), "");
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
