//! The journal of an unfinished sweep: what it is a sweep of, and how far its rows are to be trusted.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::arguments::SweepArguments;
use crate::library::{Axis, Sweep};

/// What `PATH.progress` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Journal {
    pub(super) sweep: Fingerprint,
    /// Points of the grid.
    pub(super) points: u64,
    /// Points whose rows are in `PATH.partial`.
    pub(super) done: u64,
    /// Bytes of `PATH.partial` that hold them; what is behind is of an unfinished piece.
    pub(super) bytes: u64,
    /// CRC-32 of these bytes.
    pub(super) crc32: u32,
}

/// The most that is read of a journal: many parameters and columns fit in.
const MAX_BYTES: u64 = 64 << 20;

/// All that the rows depend on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    siegert: String,
    /// A hash of the network file's text.
    network_file: String,
    set: Vec<(String, String)>,
    case: Option<String>,
    synaptic_filter: String,
    over: Vec<Axis>,
    columns: Vec<String>,
}

impl Fingerprint {
    pub(super) fn new(text: &str, sweep: &Sweep, arguments: &SweepArguments) -> Self {
        Fingerprint {
            siegert: env!("CARGO_PKG_VERSION").to_string(),
            network_file: format!("{:016x}", hash(text.as_bytes())),
            set: arguments.network.set.clone(),
            case: arguments.network.case.clone(),
            synaptic_filter: format!("{:?}", arguments.theory.synaptic_filter).to_lowercase(),
            over: sweep.axes().to_vec(),
            columns: sweep.columns().iter().map(|column| column.name.clone()).collect(),
        }
    }

    /// What of `other` is not as here, in words.
    pub(super) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let all = [
            (self.siegert == other.siegert, "the version of siegert"),
            (self.network_file == other.network_file, "the network file"),
            (self.set == other.set, "--set"),
            (self.case == other.case, "--case"),
            (self.synaptic_filter == other.synaptic_filter, "--synaptic-filter"),
            (self.over == other.over, "--over"),
            // the columns follow from the axes too
            (self.columns == other.columns || self.over != other.over, "--quantity"),
        ];
        all.into_iter().filter(|(same, _)| !same).map(|(_, what)| what).collect()
    }
}

/// FNV-1a of 64 bits (Fowler, Noll and Vo 1991): the same in every version of every compiler.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Journal {
    /// Reads a journal; `Ok(None)` if there is none.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => return Err(io::Error::other("it is no regular file")),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
        File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
        serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from)
    }

    /// Writes the journal at `path` by way of `beside`, so that at any moment there is one that is whole.
    pub(super) fn write(&self, path: &Path, beside: &Path) -> io::Result<()> {
        let mut file = File::create(beside)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_data()?;
        fs::rename(beside, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_its_authors() {
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
