//! What is wrong with a network file: every mistake with its place in the text and advice, in one error.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use super::problem::Problem;

/// The most mistakes that are described one by one; further ones are only counted.
pub const MAX_DIAGNOSTICS: usize = 50;

/// A network file that cannot be used, and why.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NetworkFileError {
    /// The file's name as the user gave it.
    pub source_name: String,
    /// The text that the places of the diagnostics refer to; empty if it could not be read.
    pub text: Arc<str>,
    /// The mistakes, in the order of the text; at most [`MAX_DIAGNOSTICS`].
    pub diagnostics: Vec<Diagnostic>,
    /// Number of further mistakes that are not described.
    pub omitted: usize,
}

/// Who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The file or an option says something wrong.
    User,
    /// The file cannot be read: permissions, a failing disk.
    World,
}

impl NetworkFileError {
    /// An error about the file as a whole, before there is a text.
    pub(super) fn about_file(source_name: &str, problem: Problem) -> Self {
        let diagnostics = vec![Diagnostic::new(problem, Origin::Whole)];
        Self { source_name: source_name.to_string(), text: "".into(), diagnostics, omitted: 0 }
    }

    /// Whether the user can mend this by changing the input.
    pub fn fault(&self) -> Fault {
        match self.diagnostics.iter().any(|d| matches!(d.problem, Problem::CannotRead { .. })) {
            true => Fault::World,
            false => Fault::User,
        }
    }

    /// The first mistake, on one line.
    pub fn in_short(&self) -> String {
        let Some(first) = self.diagnostics.first() else { return "the network is wrong".to_string() };
        let place =
            first.span().map(|span| format!("line {}: ", self.line_and_column(span.start).0)).unwrap_or_default();
        let more = match self.diagnostics.len() + self.omitted - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        format!("{place}{}{more}", first.message())
    }

    /// Line and column, both from 1 and the column in characters, of a byte of the text.
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        line_and_column(&self.text, offset)
    }
}

pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let (ends, line_start) = line_ends(text.as_bytes(), before.len());
    let column = before[line_start..].trim_start_matches('\u{feff}').chars().count() + 1;
    (ends + 1, column)
}

/// The number of lines that end before `offset`, and where the next begins. Lines end with a line feed, a carriage return (on old
/// Macs), or both (on Windows).
pub(super) fn line_ends(text: &[u8], offset: usize) -> (usize, usize) {
    let ends = |at: &usize| text[*at] == b'\n' || text[*at] == b'\r' && text.get(at + 1) != Some(&b'\n');
    let count = (0..offset).filter(ends).count();
    let last = (0..offset).rfind(ends);
    (count, last.map_or(0, |last| last + 1))
}

impl fmt::Display for NetworkFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            match &diagnostic.origin {
                Origin::File(span) => {
                    let (line, column) = self.line_and_column(span.start);
                    write!(f, "{}:{line}:{column}: {}", self.source_name, diagnostic.problem)?;
                }
                Origin::Override { name, .. } => write!(f, "--set {name}: {}", diagnostic.problem)?,
                Origin::Whole => write!(f, "{}: {}", self.source_name, diagnostic.problem)?,
            }
            if let Some(help) = &diagnostic.help {
                write!(f, "\n  help: {help}")?;
            }
        }
        if self.omitted > 0 {
            write!(f, "\n... and {} more", self.omitted)?;
        }
        Ok(())
    }
}

impl std::error::Error for NetworkFileError {}

/// One mistake, its place and what to do about it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What is wrong.
    pub problem: Problem,
    /// Where it is wrong.
    pub origin: Origin,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(super) fn new(problem: Problem, origin: Origin) -> Self {
        let help = problem.help();
        Self { problem, origin, help }
    }

    /// What is wrong, as a sentence.
    pub fn message(&self) -> String {
        self.problem.to_string()
    }

    /// A few words to write under the underlined place.
    pub fn label(&self) -> &'static str {
        self.problem.label()
    }

    /// What to do.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The bytes of the file to underline.
    pub fn span(&self) -> Option<Range<usize>> {
        match &self.origin {
            Origin::File(span) => Some(span.clone()),
            _ => None,
        }
    }
}

/// Where a mistake is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// At these bytes of the file.
    File(Range<usize>),
    /// In one of the overrides of the options (`--set NAME=VALUE`).
    Override {
        /// Which one, from 0.
        index: usize,
        /// Its NAME.
        name: String,
        /// The bytes of its VALUE; none if the name is at fault.
        span: Option<Range<usize>>,
    },
    /// The file, or the request, as a whole.
    Whole,
}
