//! Where the text of a network comes from: a file, of bounded size, or the networks that are bundled.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use super::bundled;
use super::error::{Diagnostic, NetworkFileError, Origin, Problem, line_ends};
use super::reader::parse;
use super::spelling::nearest;
use super::{Network, ReadOptions};

/// The largest network file, in MiB.
pub const MAX_FILE_MIB: u64 = 16;

/// Reads a network file, or the bundled network of that name.
///
/// What contains a path separator or ends in `.toml` is a path; anything else is a path if such a file exists.
///
/// # Errors
///
/// As [`load`]; a name that is neither is answered with the names that are bundled.
pub fn open(file_or_name: &str, options: &ReadOptions) -> Result<Network, NetworkFileError> {
    let (text, source_name) = read_text(file_or_name)?;
    parse(&text, &source_name, options)
}

/// The text that [`open`] reads, and what messages call it.
///
/// # Errors
///
/// A file that cannot be read, is larger than [`MAX_FILE_MIB`] or is not UTF-8; a name that is neither file nor bundled.
pub fn read_text(file_or_name: &str) -> Result<(String, String), NetworkFileError> {
    let looks_like_path = file_or_name.contains(['/', std::path::MAIN_SEPARATOR]) || file_or_name.ends_with(".toml");
    if looks_like_path || Path::new(file_or_name).is_file() {
        return text_of(Path::new(file_or_name));
    }
    if let Some(network) = bundled::find(file_or_name) {
        return Ok((network.text.to_string(), network.name.to_string()));
    }
    if Path::new(file_or_name).exists() {
        return text_of(Path::new(file_or_name));
    }
    let (suggestion, bundled) = bundled_names(file_or_name);
    let problem = Problem::UnknownModel { name: file_or_name.to_string(), suggestion, bundled };
    Err(NetworkFileError::about_file(file_or_name, problem))
}

/// Reads a network file.
///
/// # Errors
///
/// A file that cannot be read, is larger than [`MAX_FILE_MIB`] or is not UTF-8, and every mistake in its text.
pub fn load(path: &Path, options: &ReadOptions) -> Result<Network, NetworkFileError> {
    let (text, source_name) = text_of(path)?;
    parse(&text, &source_name, options)
}

fn text_of(path: &Path) -> Result<(String, String), NetworkFileError> {
    let source_name = path.display().to_string();
    let bytes = read_bounded(path).map_err(|problem| NetworkFileError::about_file(&source_name, problem))?;
    Ok((text_of_bytes(bytes, &source_name)?, source_name))
}

/// The text that the bytes of a file are.
///
/// # Errors
///
/// Bytes that are not UTF-8, with the place of the first.
pub fn text_of_bytes(bytes: Vec<u8>, source_name: &str) -> Result<String, NetworkFileError> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        not_utf8(source_name, &error.into_bytes(), offset)
    })
}

fn bundled_names(wanted: &str) -> (Option<String>, String) {
    let names: Vec<&str> = bundled::all().iter().map(|network| network.name).collect();
    (nearest(wanted, names.iter().copied()).map(str::to_string), names.join(", "))
}

/// The text of a table beside a network file, or in words what is wrong with it.
pub(super) fn read_table(path: &Path) -> Result<String, String> {
    // a pipe or a device may have no end
    if std::fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        return Err("is no regular file".to_string());
    }
    let bytes = read_bounded(path).map_err(|problem| match problem {
        Problem::NotFound { .. } => "does not exist".to_string(),
        Problem::IsDirectory { .. } => "is a directory".to_string(),
        Problem::CannotRead { reason, .. } => format!("cannot be read: {reason}"),
        _ => format!("is larger than {MAX_FILE_MIB} MiB, the most that it may have"),
    })?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_string())
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, Problem> {
    let name = path.display().to_string();
    let cannot_read = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let (suggestion, bundled) = bundled_names(&stem);
            Problem::NotFound { path: name.clone(), suggestion, bundled }
        }
        ErrorKind::IsADirectory => Problem::IsDirectory { path: name.clone() },
        _ => Problem::CannotRead { path: name.clone(), reason: error.to_string() },
    };
    let limit = MAX_FILE_MIB << 20;
    let mut file = File::open(path).map_err(cannot_read)?;
    let metadata = file.metadata().map_err(cannot_read)?;
    if metadata.is_dir() {
        return Err(Problem::IsDirectory { path: name });
    }
    if metadata.len() > limit {
        return Err(Problem::TooLarge { limit_mib: MAX_FILE_MIB });
    }
    let mut bytes = Vec::new();
    // One byte more than is allowed: devices and pipes do not know their length.
    file.by_ref().take(limit + 1).read_to_end(&mut bytes).map_err(cannot_read)?;
    if bytes.len() as u64 > limit {
        return Err(Problem::TooLarge { limit_mib: MAX_FILE_MIB });
    }
    Ok(bytes)
}

/// The error for the first byte that is not UTF-8, underlined in a text in which such bytes are replaced.
fn not_utf8(source_name: &str, bytes: &[u8], offset: usize) -> NetworkFileError {
    let (ends, line_start) = line_ends(bytes, offset);
    let problem = Problem::NotUtf8 { offset, line: ends + 1, column: offset - line_start + 1, byte: bytes[offset] };
    let text: Arc<str> = String::from_utf8_lossy(bytes).into();
    let end = offset + char::REPLACEMENT_CHARACTER.len_utf8();
    let diagnostics = vec![Diagnostic::new(problem, Origin::File(offset..end))];
    NetworkFileError { source_name: source_name.to_string(), text, diagnostics, omitted: 0 }
}
