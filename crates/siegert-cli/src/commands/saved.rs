//! Reports that were saved as JSON: read again, with the network that they are of.

use std::io::Read;
use std::path::Path;

use siegert::{Provenance, Saved};

use crate::failure::Failure;
use crate::library::{Network, Theory, TheoryOptions};
use siegert::files::open_to_read;

/// The most that is read of a report but the rows of a sweep.
const MAX_BYTES: u64 = 1 << 30;

/// Whether a name is that of a saved report.
pub(super) fn is_saved(file: &str) -> bool {
    let ending = Path::new(file).extension().and_then(std::ffi::OsStr::to_str);
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// Reads a report; `None` for the rows of a sweep, which can be too many to be read at once.
#[cfg(feature = "pictures")]
pub(super) fn report_or_rows(path: &Path) -> Result<Option<Saved>, Failure> {
    use std::io::Seek;

    let mut file = open_to_read(path)?;
    let kind = Saved::kind(std::io::BufReader::with_capacity(1 << 16, &mut file));
    if !matches!(kind.as_deref(), Ok("sweep") | Err(_)) {
        file.rewind().map_err(|error| unreadable(path, &error))?;
        return read(path, file).map(Some);
    }
    Ok(None)
}

/// Reads a report.
pub(super) fn report(path: &Path) -> Result<Saved, Failure> {
    read(path, open_to_read(path)?)
}

fn read(path: &Path, file: impl Read) -> Result<Saved, Failure> {
    let mut text = Vec::new();
    let length = file.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(|error| unreadable(path, &error))?;
    if length as u64 > MAX_BYTES {
        return Err(Failure::Input(format!("{} is longer than {} MiB", path.display(), MAX_BYTES >> 20)));
    }
    Saved::read(&text).map_err(|error| Failure::Input(format!("{}: {error}", path.display())))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Work(format!("{} cannot be read: {error}", path.display()))
}

/// The network that a report is of.
pub(super) fn network(path: &Path, provenance: &Provenance) -> Result<Network, Failure> {
    let network = provenance.network()?;
    network.ok_or_else(|| {
        let path = path.display();
        Failure::Input(format!("{path}: the report has no network file, from which the curves could be drawn"))
    })
}

/// The theory of that network, as the report was made with it.
pub(super) fn theory(network: &Network, provenance: &Provenance) -> Result<Theory<'static>, Failure> {
    let options = TheoryOptions { filter: provenance.synaptic_filter.unwrap_or_default(), input: provenance.input };
    Ok(Theory::new(network, &options)?.into_owned())
}
