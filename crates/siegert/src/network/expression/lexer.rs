//! The tokens of an expression.

use std::num::ParseFloatError;
use std::ops::Range;

use super::{Fault, Problem};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'t> {
    Number(f64),
    Name(&'t str),
    Symbol(char),
    End,
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    position: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, position: 0 }
    }

    /// The next token and its bytes.
    pub(super) fn next(&mut self) -> Result<(Token<'t>, Range<usize>), Fault> {
        let rest = &self.text[self.position..];
        let trimmed = rest.trim_start();
        let start = self.position + (rest.len() - trimmed.len());
        let Some(first) = trimmed.chars().next() else {
            self.position = self.text.len();
            return Ok((Token::End, self.text.len()..self.text.len()));
        };
        let (token, length) = if first.is_ascii_digit() || starts_with_point_and_digit(trimmed) {
            number(trimmed).map_err(|(problem, length)| (problem, start..start + length))?
        } else if is_name_start(first) {
            let length = trimmed.find(|c| !is_name_part(c)).unwrap_or(trimmed.len());
            (Token::Name(&trimmed[..length]), length)
        } else if "+-*/^(),".contains(first) {
            (Token::Symbol(first), 1)
        } else {
            return Err((stray(first), start..start + first.len_utf8()));
        };
        self.position = start + length;
        Ok((token, start..self.position))
    }
}

fn stray(found: char) -> Problem {
    let advice = match found {
        '\u{2212}' | '\u{2013}' => Some("write the minus sign as -"),
        '\u{b7}' | '\u{d7}' => Some("write * for a product"),
        '\u{f7}' | ':' => Some("write / for a quotient"),
        '%' => Some("write percentages as fractions: 0.1"),
        '=' => Some("an expression has no =; name quantities in [parameters]"),
        '[' | ']' | '{' | '}' => Some("use round parentheses"),
        '\u{b0}' | '\u{221a}' => Some("write sqrt(...)"),
        _ => None,
    };
    Problem::ExpressionSyntax {
        expected: "a number, a name or an operator",
        found: format!("\"{}\"", found.escape_debug()),
        advice: advice.map(str::to_string),
    }
}

fn starts_with_point_and_digit(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next() == Some(b'.') && bytes.next().is_some_and(|byte| byte.is_ascii_digit())
}

pub(crate) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

pub(crate) fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A number whose digits may be set apart by underscores.
pub(crate) fn without_underscores(written: &str) -> Result<f64, ParseFloatError> {
    if written.contains('_') { written.replace('_', "").parse() } else { written.parse() }
}

/// The number at the start of `text`, as in TOML: "1", "1.5", "1e-3", "10_000".
#[expect(clippy::expect_used, reason = "digits, a point and an exponent are a number")]
fn number(text: &str) -> Result<(Token<'static>, usize), (Problem, usize)> {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        let between =
            |at: usize| at > 0 && bytes[at - 1].is_ascii_digit() && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        while at < bytes.len() && (bytes[at].is_ascii_digit() || bytes[at] == b'_' && between(at)) {
            at += 1;
        }
        at
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent_end = digits(end + 1 + sign);
        if exponent_end > end + 1 + sign {
            end = exponent_end;
        }
    }
    let written = &text[..end];
    let value = without_underscores(written).expect("a number");
    let mantissa = written.split(['e', 'E']).next().unwrap_or(written);
    if value.is_infinite() {
        return Err((Problem::Overflow, end));
    }
    if value == 0.0 && mantissa.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        return Err((Problem::Underflow, end));
    }
    Ok((Token::Number(value), end))
}
