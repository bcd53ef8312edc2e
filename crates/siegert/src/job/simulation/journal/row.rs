//! The rows of journals: what they are, and their bytes.

use crate::simulation::RecordedValue;

/// Bytes of the longest row.
pub(super) const MOST_BYTES: usize = 20;

/// A row of a journal; its numbers are little-endian.
pub(in crate::job::simulation) trait Row: Sized {
    /// What a journal of such rows begins with; behind it stands whether a checkpoint needs it.
    const MAGIC: [u8; 8];
    /// Bytes of a row.
    const BYTES: usize;
    /// What the rows are, and the option that names their file.
    const WHAT: &'static str;
    const OPTION: &'static str;

    /// Appends the bytes of the row.
    fn write(&self, bytes: &mut Vec<u8>);

    /// The row that has these bytes.
    fn read(bytes: &[u8]) -> Self;
}

/// A spike: its time in ticks of a step, and the neuron counted through all populations.
pub(in crate::job::simulation) type Spike = (u64, u32);

impl Row for Spike {
    const MAGIC: [u8; 8] = *b"SIEGSPK2";
    const BYTES: usize = 12;
    const WHAT: &'static str = "spikes";
    const OPTION: &'static str = "--spikes PATH";

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.0.to_le_bytes());
        bytes.extend_from_slice(&self.1.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        (u64::from_le_bytes(part(bytes, 0)), u32::from_le_bytes(part(bytes, 8)))
    }
}

impl Row for RecordedValue {
    const MAGIC: [u8; 8] = *b"SIEGREC1";
    const BYTES: usize = 20;
    const WHAT: &'static str = "recorded values";
    const OPTION: &'static str = "to=PATH";

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.step.to_le_bytes());
        bytes.extend_from_slice(&self.index.to_le_bytes());
        bytes.extend_from_slice(&self.value.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let (step, index) = (u64::from_le_bytes(part(bytes, 0)), u32::from_le_bytes(part(bytes, 8)));
        RecordedValue { step, index, value: f64::from_le_bytes(part(bytes, 12)) }
    }
}

/// The bytes of a number in a row.
fn part<const BYTES: usize>(row: &[u8], at: usize) -> [u8; BYTES] {
    let mut part = [0; BYTES];
    part.copy_from_slice(&row[at..at + BYTES]);
    part
}
