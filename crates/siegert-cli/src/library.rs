//! The parts of the library that the command uses, in one place.

pub(crate) use siegert::Work;
pub(crate) use siegert::comparison::export::{ExportError, ExportTarget, script};
pub(crate) use siegert::network::{
    Diagnostic, Fault, Network, NetworkError, NetworkFileError, Origin, ReadOptions, bundled, is_printable,
    json_schema, open, parse, printable, printable_lines, read_text, text_of_bytes,
};
pub(crate) use siegert::neuron::lif::SynapticFilter;
pub(crate) use siegert::simulation::{Connectivity, Simulation, SimulationError, SimulationOptions, SpikeTimes};
pub(crate) use siegert::stationary::SolveError;
pub(crate) use siegert::stationary::balance::Sizes;
pub(crate) use siegert::sweep::{Axis, Range, Sweep, SweepError};
pub(crate) use siegert::theory::{InputTheory, Solution, Theory, TheoryOptions};
