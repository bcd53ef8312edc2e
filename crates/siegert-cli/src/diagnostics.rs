//! Mistakes of a network file, drawn with their places underlined, all in one go.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SourceSpan};

use crate::library::{Diagnostic, NetworkFileError, Origin, is_printable, printable, printable_lines};

/// Lines longer than this are not drawn: a file on a single line would fill the screen.
const MAX_LINE: usize = 500;

/// Writes every mistake to standard error. `overrides` are the arguments of `--set`, as typed.
pub(crate) fn report(error: &NetworkFileError, overrides: &[(String, String)]) -> io::Result<()> {
    let mut stderr = anstream::stderr().lock();
    let handler = GraphicalReportHandler::new_themed(theme()).with_width(100);
    for diagnostic in &error.diagnostics {
        let mut drawn = String::new();
        match handler.render_report(&mut drawn, &report_of(error, diagnostic, overrides)) {
            Ok(()) => writeln!(stderr, "{}", drawn.trim_start_matches('\n').trim_end())?,
            Err(_) => {
                let message = format!("{}: {}", error.source_name, diagnostic.message());
                writeln!(stderr, "error: {}", printable_lines(&message))?;
            }
        }
        writeln!(stderr)?;
    }
    let count = error.diagnostics.len() + error.omitted;
    let (mistakes, name) = (if count == 1 { "mistake" } else { "mistakes" }, printable(&error.source_name));
    match error.omitted {
        0 => writeln!(stderr, "error: {name}: {count} {mistakes}"),
        omitted => writeln!(stderr, "error: {name}: {count} {mistakes}, of which the last {omitted} are not shown"),
    }
}

/// Lines and arrows of Unicode on a terminal, plain letters elsewhere; colour is stripped by `anstream` where unwanted.
fn theme() -> GraphicalTheme {
    if io::stderr().is_terminal() { GraphicalTheme::unicode() } else { GraphicalTheme::none() }
}

fn report_of(error: &NetworkFileError, diagnostic: &Diagnostic, overrides: &[(String, String)]) -> Report {
    let (source, span) = match &diagnostic.origin {
        Origin::File(span) => (Some((error.source_name.clone(), Arc::clone(&error.text))), span.clone()),
        Origin::Override { index, span, .. } => match overrides.get(*index) {
            Some((name, value)) => {
                let argument = format!("--set {name}={value}");
                let (name_at, value_at) = ("--set ".len(), "--set ".len() + name.len() + 1);
                let span = match span {
                    Some(span) => value_at + span.start..value_at + span.end,
                    None => name_at..name_at + name.len(),
                };
                (Some(("the command line".to_string(), argument.into())), span)
            }
            None => (None, 0..0),
        },
        Origin::Whole => (None, 0..0),
    };
    let source = source.filter(|(_, text)| line_around(text, span.start).len() <= MAX_LINE);
    let message = match &source {
        Some(_) => diagnostic.message(),
        None => format!("{}: {}", error.source_name, diagnostic.message()),
    };
    Report {
        message: printable_lines(&message).into_owned(),
        help: diagnostic.help().map(|help| printable_lines(help).into_owned()),
        label: LabeledSpan::new(Some(diagnostic.label().to_string()), span.start, span.len()),
        source: source.map(|(name, text)| Source { name: printable(&name).into_owned(), text: without_commands(text) }),
    }
}

/// The text with marks for what a terminal would obey or not show; no byte moves, so that places stay.
fn without_commands(text: Arc<str>) -> Arc<str> {
    let stays = |(at, character): (usize, char)| match character {
        '\n' | '\t' => true,
        '\r' => text[at + 1..].starts_with('\n'),
        '\u{feff}' => at == 0,
        character => is_printable(character),
    };
    if text.char_indices().all(stays) {
        return Arc::clone(&text);
    }
    let mark = |(at, character)| match character {
        character if stays((at, character)) => character,
        character => ['?', '¿', char::REPLACEMENT_CHARACTER, '🛇'][character.len_utf8() - 1],
    };
    text.char_indices().map(mark).collect::<String>().into()
}

fn line_around(text: &str, offset: usize) -> &str {
    let offset = text.floor_char_boundary(offset);
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    &text[start..end]
}

/// One mistake in the form that `miette` draws.
#[derive(Debug)]
struct Report {
    message: String,
    help: Option<String>,
    label: LabeledSpan,
    source: Option<Source>,
}

/// A text with its name; borrowed by every mistake, copied by none.
#[derive(Debug)]
struct Source {
    name: String,
    text: Arc<str>,
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let inner = self.text.read_span(span, before, after)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line(),
            inner.column(),
            inner.line_count(),
        )))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.source
            .as_ref()
            .map(|_| Box::new(std::iter::once(self.label.clone())) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}
