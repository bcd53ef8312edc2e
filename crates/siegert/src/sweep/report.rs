//! A sweep as JSON: what is known of it, and its rows.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::Sweep;
use crate::Provenance;
use crate::axis::Axis;
use crate::report::{Table, json};

/// The rows of a sweep, and what they are of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct SweepReport {
    /// What they are of.
    #[serde(flatten)]
    pub header: SweepHeader,
    /// One row a state, or one that says why there is none.
    pub rows: Table,
}

/// What the rows of a sweep are of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SweepHeader {
    /// The network's name.
    pub network: String,
    /// The varied parameters, the last one fastest.
    pub over: Vec<OverAxis>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// A varied parameter, and the column of its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OverAxis {
    /// The parameter and its values.
    #[serde(flatten)]
    pub axis: Axis,
    /// The name of the column.
    pub column: String,
}

impl SweepHeader {
    /// Of a sweep.
    pub fn new(sweep: &Sweep) -> Self {
        let over = |axis: &Axis| OverAxis { axis: axis.clone(), column: axis.column() };
        let network = sweep.family().own();
        SweepHeader {
            network: network.name.clone(),
            over: sweep.axes().iter().map(over).collect(),
            provenance: Provenance::new("sweep", network).of_theory(sweep.options),
        }
    }

    /// Writes all that stands before the first row.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn write_start(&self, out: &mut impl Write) -> io::Result<()> {
        let entries = [
            ("network", json::compact(&self.network)?),
            ("over", json::listed(&self.over)?),
            ("provenance", json::compact(&self.provenance)?),
        ];
        json::write_start(out, &entries, "rows")
    }
}

impl SweepReport {
    /// Writes all of it as the command does while it computes.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        self.header.write_start(out)?;
        json::write_rows(out, &self.rows, true)?;
        json::write_end(out)
    }
}
