//! All that the rows of a sweep depend on, and in words how two of them differ.

use serde::{Deserialize, Serialize};

use crate::axis::Axis;
use crate::files::VouchedFor;
use crate::neuron::lif::SynapticFilter;
use crate::provenance::{InputTheory, Provenance};
use crate::sweep::Sweep;

/// The record of an unfinished sweep, `PATH.progress`: what it is a sweep of, and how far its rows can be trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) sweep: SweepIdentity,
    /// Points of the grid.
    pub(super) points: u64,
    /// Points whose rows are in `PATH.partial`.
    pub(super) done: u64,
    /// The bytes of `PATH.partial` that hold them; what is behind is of an unfinished piece.
    #[serde(flatten)]
    pub(super) vouched: VouchedFor,
}

/// All that the rows depend on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SweepIdentity {
    siegert: String,
    /// A hash of the network file's text.
    network_file: Option<String>,
    set: Vec<String>,
    case: Option<String>,
    synaptic_filter: SynapticFilter,
    #[serde(default)]
    input: InputTheory,
    over: Vec<Axis>,
    columns: Vec<String>,
}

impl SweepIdentity {
    /// Of a sweep.
    pub(super) fn new(sweep: &Sweep) -> Self {
        let provenance = Provenance::new("sweep", sweep.family().own());
        SweepIdentity {
            siegert: provenance.siegert,
            network_file: provenance.network_sha256,
            set: provenance.set,
            case: provenance.case,
            synaptic_filter: sweep.options().filter,
            input: sweep.options().input,
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
            (self.synaptic_filter == other.synaptic_filter, "--filter"),
            (self.input == other.input, "--input"),
            (self.over == other.over, "--over"),
            // the columns follow from the axes too
            (self.columns == other.columns || self.over != other.over, "--quantity"),
        ];
        all.into_iter().filter(|(same, _)| !same).map(|(_, what)| what).collect()
    }
}
