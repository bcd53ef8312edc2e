//! Warnings and errors on standard error, without what a terminal would obey.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::library::{printable, printable_lines};
use crate::output::text::filled;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// One error. Nothing can be done where standard error itself cannot be written.
pub(crate) fn print_error(message: &str) {
    let _ = writeln!(anstream::stderr(), "{ERROR}error:{ERROR:#} {}", printable_lines(message));
}

/// Warnings, each beginning a line.
pub(crate) fn print_warnings<'a>(warnings: impl IntoIterator<Item = &'a String>) {
    let mut stderr = anstream::stderr().lock();
    for warning in warnings {
        let text = filled(&printable(warning), "warning: ", "  ");
        let text = text.strip_prefix("warning:").unwrap_or(&text);
        let _ = write!(stderr, "{WARNING}warning:{WARNING:#}{text}");
    }
}

/// A remark that is neither result nor warning.
pub(crate) fn print_remark(remark: &str) {
    let _ = writeln!(anstream::stderr(), "{}", printable_lines(remark));
}
