//! Warnings and errors on standard error, without what a terminal would obey.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::library::{printable, printable_lines};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// One error. Nothing can be done where standard error itself cannot be written.
pub(crate) fn print_error(message: &str) {
    let _ = writeln!(anstream::stderr(), "{ERROR}error:{ERROR:#} {}", printable_lines(message));
}

/// Warnings, one a line.
pub(crate) fn print_warnings<'a>(warnings: impl IntoIterator<Item = &'a String>) {
    let mut stderr = anstream::stderr().lock();
    for warning in warnings {
        let _ = writeln!(stderr, "{WARNING}warning:{WARNING:#} {}", printable(warning));
    }
}

/// A remark that is neither result nor warning.
pub(crate) fn print_remark(remark: &str) {
    let _ = writeln!(anstream::stderr(), "{}", printable_lines(remark));
}
