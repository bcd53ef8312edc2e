//! The transfer function of a neuron at given inputs, row by row.

mod evaluate;
mod inputs;
mod neuron;
mod points;

use std::io::{self, Write};

use serde::Deserialize;

use super::json;
use super::table::Table;
use crate::Provenance;
pub use evaluate::{Evaluator, Remarks};
pub use inputs::{Input, Inputs, Points};
pub use neuron::TransferNeuron;
pub use points::PointsError;

/// A transfer function at many inputs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct TransferReport {
    /// Where it comes from.
    pub provenance: Provenance,
    /// The inputs with rate and CV, a row each.
    pub points: Table,
}

impl TransferReport {
    /// Writes all that stands before the first point.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn write_start(out: &mut impl Write, provenance: &Provenance) -> io::Result<()> {
        json::write_start(out, &[("provenance", json::compact(provenance)?)], "points")
    }

    /// Writes all of it as the command does while it computes.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        Self::write_start(out, &self.provenance)?;
        json::write_rows(out, &self.points, true)?;
        json::write_end(out)
    }
}
