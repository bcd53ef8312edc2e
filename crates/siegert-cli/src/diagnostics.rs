//! Mistakes of a network file, drawn with their places underlined, all in one go.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::ops::Range;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SourceSpan};

use crate::library::{Diagnostic, NetworkFileError, Origin, is_printable, printable, printable_lines};

/// Of lines longer than this (in bytes) a piece is drawn: a file on a single line would fill the screen.
const MAX_LINE: usize = 500;
/// What is drawn of them before the mistake, and from it on.
const BEFORE: usize = 30;
const FROM: usize = 60;

/// Writes every mistake to standard error. `overrides` are the arguments of `--set`, as typed.
pub(crate) fn report(error: &NetworkFileError, overrides: &[(String, String)]) -> io::Result<()> {
    let mut stderr = anstream::stderr().lock();
    let text = with_line_feeds(&error.text);
    let handler = GraphicalReportHandler::new_themed(theme()).with_width(100);
    for diagnostic in &error.diagnostics {
        let mut drawn = String::new();
        match handler.render_report(&mut drawn, &report_of((error, &text), diagnostic, overrides)) {
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

/// The text with line feeds where single carriage returns end its lines, which would be drawn as one; no byte moves.
fn with_line_feeds(text: &Arc<str>) -> Arc<str> {
    let pieces = text.split('\r').collect::<Vec<_>>();
    let single = |piece: &&str| !piece.starts_with('\n');
    if !pieces[1..].iter().any(single) {
        return Arc::clone(text);
    }
    let first = pieces[0].to_string();
    let text = pieces[1..].iter().fold(first, |text, piece| text + if single(piece) { "\n" } else { "\r" } + piece);
    text.into()
}

fn report_of(
    (error, text): (&NetworkFileError, &Arc<str>),
    diagnostic: &Diagnostic,
    overrides: &[(String, String)],
) -> Report {
    let (source, span) = match &diagnostic.origin {
        Origin::File(span) => (Some((error.source_name.clone(), Arc::clone(text))), span.clone()),
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
    let length = source.as_ref().map_or(0, |(_, text)| shown_length(text, &span));
    let message = match &source {
        Some(_) => diagnostic.message(),
        None => format!("{}: {}", error.source_name, diagnostic.message()),
    };
    Report {
        message: printable_lines(&message).into_owned(),
        help: diagnostic.help().map(|help| printable_lines(help).into_owned()),
        label: LabeledSpan::new(Some(diagnostic.label().to_string()), span.start, length),
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

/// Where the line is in which `offset` lies.
fn line_around(text: &str, offset: usize) -> Range<usize> {
    let offset = text.floor_char_boundary(offset);
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    start..text[offset..].find('\n').map_or(text.len(), |at| offset + at)
}

/// The bytes to underline: those of a piece where the line is long.
fn shown_length(text: &str, span: &Range<usize>) -> usize {
    let line = line_around(text, span.start);
    if line.len() <= MAX_LINE && span.len() <= MAX_LINE {
        return span.len();
    }
    let end = span.end.min(line.end).min(span.start + FROM);
    text.floor_char_boundary(end).saturating_sub(span.start)
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
        let line = line_around(&self.text, span.offset());
        let inner = self.text.read_span(span, before, after)?;
        if line.len() > MAX_LINE || inner.data().len() > MAX_LINE * (1 + before + after) {
            return Ok(self.piece(span, line, before));
        }
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

impl Source {
    /// A piece of a long line, or of one between long lines; all that is before it is left out unless there is to be a context.
    fn piece<'a>(
        &'a self,
        span: &SourceSpan,
        line: Range<usize>,
        before: usize,
    ) -> Box<dyn miette::SpanContents<'a> + 'a> {
        let at = span.offset();
        let context = if before > 0 { BEFORE } else { 0 };
        let start = self.text.floor_char_boundary(at.saturating_sub(context)).max(line.start);
        let end = self.text.ceil_char_boundary(at + FROM.max(span.len())).min(line.end).max(start);
        let number = self.text[..line.start].bytes().filter(|&byte| byte == b'\n').count();
        let column = self.text[line.start..start].chars().count();
        let data = &self.text.as_bytes()[start..end];
        let piece = (start, end - start).into();
        Box::new(miette::MietteSpanContents::new_named(self.name.clone(), data, piece, number, column, 1))
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
